/* What a seat consists of; for the files of the seat only: seat.c opens, lends and closes the
 * ledger.
 *
 *   seat_member.c    the replica's life: start, work, time, its actions as they are carried out
 *   seat_blocks.c    jobs on the ledger: build, read, execute, commit
 *   seat_promises.c  what is logged and signed before it leaves
 *   seat_talk.c      what comes from other members, and goes to them
 *   seat_sync.c      block sync, and answers to that of others
 *   seat_pool.c      transactions passed on among members
 *   seat_welcome.c   whoever comes with an invitation */
#ifndef NODE_SEAT_STATE_H
#define NODE_SEAT_STATE_H
#include <stdatomic.h>

#include "node/departures.h"
#include "node/pool_message.h"
#include "node/replica/replica.h"
#include "node/seat.h"
#include "node/switchboard.h"
#include "node/sync/blocks.h"
#include "node/sync/progress.h"
#include "node/vote_writer.h"

enum seat_state { SEAT_CLOSED, SEAT_OPENING, SEAT_OPEN, SEAT_CLOSING };

/* Why the ledger stands still. Notes stay until the seat is freed, so that any thread may read
 * the newest. */
struct stop_note {
    struct stop_note *older;
    char text[ERROR_TEXT_SIZE];
};

/* Of one epoch; never changes, so jobs on any thread read it. Counted on the loop thread. */
struct committee {
    unsigned uses;
    struct arena arena; /* of the record */
    struct epoch_record record;
    struct signing_domain domain;
    hash256 seal_mix_hash; /* draws the leaders */
};

/* A block above the final one, as it is sent and stored. */
struct body {
    hash256 hash;
    uint64_t height;
    struct buffer container;
};
#define BODIES_MAX 64 /* executed blocks of the replica, and a few under way */

struct seat {
    struct rpc_ledger face;
    struct seat_environment environment;
    struct organisation *org;
    struct actor *actor;

    /* any thread */
    _Atomic(uint64_t) height;
    _Atomic(uint64_t) block_time;
    _Atomic(struct stop_note *) stopped; /* NULL: it goes on */
    atomic_bool is_waking;               /* `wake` is under way */
    atomic_int known_work; /* enum work_kind, found last: the engine knows of it, or will */
    atomic_long pins;      /* at least 0 while the state is SEAT_OPEN, else PINS_SHUT */
    atomic_bool is_close_wanted;
    _Atomic(uint64_t) last_used_ms;
    _Atomic(uint64_t) sync_target, sync_rate; /* as in sync/progress.h; 0 while it does not */
    struct ledger_counts ledger_counts;       /* written on the actor */
    struct consensus_counts consensus_counts; /* written on the loop thread */
    atomic_uint members, quorum, members_up;  /* of the committee; itself among them */
    atomic_bool is_catching_up, is_audited;
    atomic_bool passes_on; /* the committee has others */
    atomic_bool follows;   /* it has no seat in the committee */

    /* on the actor */
    hash256 tip; /* on which work is looked for: the engine's, or what is to be its next */
    struct buffer admitted; /* those from users, encoded one behind the other, to be passed on */
    uint32_t admitted_sizes[POOL_MESSAGE_COUNT_MAX];
    unsigned admitted_count;
    bool takes_from_member; /* the transactions that are being admitted came from another member */

    /* loop thread */
    enum seat_state state;
    struct ledger *ledger; /* handed to the actor's jobs */
    struct reveal_chain *reveals;
    unsigned own_index; /* in the committee; its size: it follows */
    bool is_timer_armed;
    bool is_alone;           /* the committee is this node */
    struct replica *replica; /* NULL when the ledger is stopped */
    uint64_t life;           /* of the replica: what a job for an earlier one brings is dropped */
    struct loop_timer *timer;
    uint64_t build_began_ns;
    hash256 built; /* here, last */
    struct waiter *waiters;
    size_t waiters_count;
    size_t jobs; /* own ones under way */
    struct work wake;
    loop_fn closed;
    void *closed_arg;
    struct stop_note *notes;
    unsigned notes_count;

    /* loop thread; with other nodes */
    struct seat_links links;
    struct committee *committee; /* NULL: no other node has this ledger */
    struct line *line;
    struct block_sync *sync; /* NULL: there is no other member */
    struct sync_progress progress;
    struct body bodies[BODIES_MAX];
    size_t bodies_count;
    hash256 worked_on; /* the tip on which work was last looked for, to tell the engine */
    bool is_looking_for_work, is_telling_synced;
    bool clock_was_set;
    struct departures statuses;    /* being signed */
    struct seat_job *import_again; /* there was no room for its blocks */
    uint64_t import_again_ms;
    uint64_t tell_ms, tell_wait_ms; /* when waiting transactions are named to the others again */
};

static inline bool seat_is_alone(const struct seat *seat)
{
    return seat->is_alone;
}

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

/* ---- seat_member.c */

/* What the engine has to know of an opened ledger. */
struct seat_head {
    hash256 hash;
    uint64_t number;
    uint64_t view;
    uint64_t time_s;
    uint64_t time_ms;
    /* with other nodes */
    struct committee *committee; /* taken over; NULL: nobody else has this ledger */
    bool has_finalization;
    struct certificate finalization; /* its signatures are to be freed */
    uint64_t earliest;
};

/* Begins making blocks on `head`. */
void seat_start_blocks(struct seat *seat, const struct seat_head *head);
/* No further blocks. Jobs under way come back. */
void seat_end_blocks(struct seat *seat);
/* Nobody is talked to any more, either. */
void seat_hang_up(struct seat *seat);
/* No further blocks, and no transactions; reading goes on. */
void seat_stand_still(struct seat *seat, const struct error *error);
/* Nothing that a disk, or this program, may be at fault for is a reason to go on. */
bool seat_is_fatal(enum error_code code);
/* Does what the replica wants, and empties the queue. */
void seat_carry_out(struct seat *seat, struct replica_queue *queue);
/* The loop's part of seat_wake(). */
void seat_on_wake(void *arg);

struct committee *committee_use(struct committee *committee);
void committee_release(struct committee *committee); /* accepts NULL */

/* NULL: it is not above the final block, or was never here. */
const struct body *seat_find_body(const struct seat *seat, const hash256 *hash);
void seat_keep_body(struct seat *seat, const hash256 *hash, uint64_t height,
                    struct buffer *container); /* taken over */
void seat_drop_body(struct seat *seat, const hash256 *hash);
void seat_drop_bodies(struct seat *seat, uint64_t height); /* up to there */

/* ---- seat_blocks.c */

/* A job of the ledger's actor, or of any worker. */
struct seat_job {
    struct seat *seat;
    uint64_t life;
    uint64_t began_ns;
    enum block_step step;
    struct error error;
    bool ok;
    uint64_t view;
    hash256 block;      /* build: the parent; else the block */
    struct buffer body; /* built, or to be read or executed; an answer of sync */
    bool time_is_right;
    enum replica_verdict verdict;
    struct certificate finalization; /* its signatures are the job's */
    struct simplex_block info;       /* of what was built, read or found */
    uint32_t to;                     /* serve: whom */
    struct line_answer place;
    /* what the ledger has since */
    bool has_moved;
    uint64_t epoch; /* of the block that follows the head */
    hash256 head_hash;
    uint64_t head_number;
    uint64_t head_view;
    uint64_t head_time_s;
    uint64_t head_gas_used;
    bool is_seal; /* the next epoch has begun */
    /* sync */
    struct block_sync_action range;
    enum range_verdict range_verdict;
    enum import_verdict import_verdict;
    struct checked_range *checked;
    struct arena arena;
};

struct seat_job *seat_job_new(struct seat *seat, enum block_step step);
void seat_job_free(struct seat_job *job);
/* The job came back. False if the replica that it was for is gone, or the seat closes; then it may
 * be closed by now. */
bool seat_job_is_back(struct seat_job *job);
/* On the actor: what the head is now, and whether it moved since. */
void seat_note_head(struct seat_job *job, uint64_t height_before, uint64_t epoch_before);
/* On the loop: tells everybody who has to know of a head that moved. False if an epoch is over: the
 * replica is gone. */
bool seat_follow_head(struct seat *seat, const struct seat_job *job, struct replica_queue *queue);

/* On the ledger's actor. The engine is to be told: by the job that asks, or by a wake. */
enum work_kind seat_look_for_work(struct seat *seat, struct ledger *ledger);
/* On the loop: the newest that was found. What the job found that is back may be older than
 * transactions whose wake was heard before. */
void seat_tell_work(struct seat *seat, uint64_t now_ms, struct replica_queue *queue);
void seat_build(struct seat *seat, const struct replica_action *action);
void seat_read(struct seat *seat, const struct replica_action *action);
void seat_execute(struct seat *seat, const struct replica_action *action);
void seat_commit(struct seat *seat, const struct replica_action *action);
void seat_drop(struct seat *seat, const struct replica_action *action);
/* A body that is not in the seat's own: of a final block, from the store. */
void seat_serve_stored(struct seat *seat, uint32_t to, const hash256 *block);
void seat_serve_seal(struct seat *seat, uint32_t to, uint64_t epoch);

/* ---- seat_promises.c */

/* Each false when the seat stands still by now. */
bool seat_log(struct seat *seat, const struct vote_record *record);
bool seat_log_block(struct seat *seat, const struct replica_action *action);
bool seat_cast(struct seat *seat, const struct replica_action *action);
bool seat_propose(struct seat *seat, const struct replica_action *action);
void seat_adopt_log(struct seat *seat, const struct replica_action *action);
void seat_send_status(struct seat *seat, const struct replica_action *action);

/* ---- seat_talk.c */

/* From now on an index is one in that committee; there is no replica yet that might use it. */
void seat_meet(struct seat *seat, const struct epoch_record *record);
/* The replica has begun: it is told who is there. */
void seat_greet(struct seat *seat);
void seat_send(struct seat *seat, uint32_t to, const struct message *message);
void seat_send_proposal(struct seat *seat, const struct replica_action *action);
/* The job of any worker for which the check was begun, and which ends it. False: there is no room
 * for it, and the check has ended. */
bool seat_submit_check(struct seat *seat, struct line_check *check, work_fn run, loop_fn done,
                       void *arg);
void seat_serve(struct seat *seat, const struct replica_action *action);
/* A block is final: the guests hear of it. */
void seat_tell_guests(struct seat *seat, const struct certificate *finalization);

/* ---- seat_sync.c */

/* Does what the machine of node/sync asks for. */
void seat_catch_up(struct seat *seat, uint64_t now_ms);
enum heard seat_on_sync_message(struct seat *seat, unsigned from, struct bytes bytes);
/* At import_again_ms. */
void seat_import_again(struct seat *seat);

/* ---- seat_welcome.c */

enum heard seat_on_join_message(struct seat *seat, unsigned from, struct bytes bytes);

/* ---- seat_pool.c */

/* A ledger's on_admitted. */
void seat_on_admitted(void *seat, const struct transaction *tx);
/* On the actor, after transactions were admitted. */
void seat_pass_on(struct seat *seat);
enum heard seat_on_pool_message(struct seat *seat, unsigned from, struct bytes bytes);
/* Waiting transactions are named to the others after a while, if there are any. */
void seat_tell_later(struct seat *seat, bool is_news);
void seat_tell_waiting(struct seat *seat);
#endif
