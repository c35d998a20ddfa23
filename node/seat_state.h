/* What a seat consists of; for the files of the seat only: seat.c opens, lends and closes the
 * ledger, seat_blocks.c makes its blocks. */
#ifndef NODE_SEAT_STATE_H
#define NODE_SEAT_STATE_H
#include <stdatomic.h>

#include "node/replica/replica.h"
#include "node/seat.h"

enum seat_state { SEAT_CLOSED, SEAT_OPENING, SEAT_OPEN, SEAT_CLOSING };

/* Why the ledger stands still. Notes stay until the seat is freed, so that any thread may read
 * the newest. */
struct stop_note {
    struct stop_note *older;
    char text[ERROR_TEXT_SIZE];
};

struct seat {
    struct rpc_ledger face;
    struct seat_environment environment;
    struct organisation *org;
    struct actor *actor;

    /* any thread */
    _Atomic(uint64_t) height;
    _Atomic(uint64_t) block_time;
    _Atomic(struct stop_note *) stopped; /* NULL: it goes on */
    atomic_int wake_work;                /* enum work_kind; not NONE while `wake` is under way */
    atomic_int known_work;               /* the engine knows of as much, or will: see seat_wake() */
    atomic_long pins; /* at least 0 while the state is SEAT_OPEN, else PINS_SHUT */
    atomic_bool is_close_wanted;
    _Atomic(uint64_t) last_used_ms;
    struct ledger_counts ledger_counts;       /* written on the actor */
    struct consensus_counts consensus_counts; /* written on the loop thread */

    hash256 tip; /* on the actor: the newest block built here, or the head at the start */

    /* loop thread */
    enum seat_state state;
    struct ledger *ledger; /* handed to the actor's jobs */
    struct reveal_chain *reveals;
    unsigned own_index;      /* in the committee */
    struct replica *replica; /* NULL when the ledger is stopped */
    struct loop_timer *timer;
    bool is_timer_armed;
    uint64_t build_began_ns;
    struct waiter *waiters;
    size_t waiters_count;
    size_t jobs; /* own ones under way */
    struct work wake;
    loop_fn closed;
    void *closed_arg;
    struct stop_note *notes;
    unsigned notes_count;
};

/* ---- seat.c */

/* Remembers why the ledger stands still. */
void seat_note_stop(struct seat *seat, const struct error *error);
/* Shows to other threads how far the ledger is. */
void seat_show_head(struct seat *seat, uint64_t height, uint64_t time_s);
/* A seal was committed: goes on in the epoch after it, if this node has a seat there. The replica
 * of the epoch before is gone. */
void seat_begin_epoch(struct seat *seat);
/* Goes on with closing, if that is wanted, once nothing of the seat's own runs and no pin is
 * held. */
void seat_finish_close(struct seat *seat);

/* ---- seat_blocks.c */

/* What the engine has to know of an opened ledger. */
struct seat_head {
    hash256 hash;
    uint64_t number;
    uint64_t view;
    uint64_t time_s;
    uint64_t time_ms;
    enum work_kind work;
};

/* On the ledger's actor. Of what it returns the engine is to be told. */
enum work_kind seat_look_for_work(struct seat *seat, struct ledger *ledger);
/* Begins making blocks on `head`. */
void seat_start_blocks(struct seat *seat, const struct seat_head *head);
/* No further blocks. Jobs under way come back. */
void seat_end_blocks(struct seat *seat);
/* The loop's part of seat_wake(). */
void seat_on_wake(void *arg);
#endif
