/* A seat: one organisation's replica and ledger, working together on this node.
 *
 *   loop thread:  replica ── actions ─►  jobs  ──►  the ledger's actor (a worker)
 *                    ▲                                build, validate, sign, commit
 *                    └──────────── results ◄──────────┘
 *
 *   CLOSED ─ acquire ─► OPENING ─► OPEN ─ close ─► CLOSING ─► CLOSED
 *
 * With several members it has besides: a line to the others (switchboard.h), the vote log's thread
 * (vote_writer.h), block sync (sync/blocks.h), and the bodies of blocks that are not final; it passes
 * waiting transactions on until they are in a block. A disk that fails ends its part in agreement.
 *
 * Without a seat in the committee it follows: the same, but that it says and builds nothing, is heard
 * by the members as a guest, and hands its users' transactions to two of them. From the epoch on that
 * has this node in its committee it is a member, and the other way round. A committee of one has a
 * line for guests once other nodes have the ledger (organisation_is_shared()).
 *
 * The seat holds the timer; it is armed only while work is pending, so an idle ledger costs
 * nothing. When a commit fails, the store is damaged or the chain of reveals is used up, this
 * ledger makes no blocks and takes no transactions any more, says why and what to do (to senders,
 * and in seat_summary()), and stays readable; other ledgers go on.
 *
 * All functions are for the loop thread unless they say otherwise. */
#ifndef NODE_SEAT_H
#define NODE_SEAT_H
#include "node/actor.h"
#include "node/loop.h"
#include "node/organisation.h"
#include "rpc/host.h"

struct store_shared;
struct switchboard;
struct vote_writer;

/* What a member of a committee of several needs besides. */
struct seat_links {
    struct switchboard *switchboard;
    struct vote_writer *votes;
};

struct seat_environment {
    struct loop *loop;
    struct workers *workers;
    const struct secret_key *consensus;
    struct store_shared *shared; /* the stores' common cache */
    /* On the ledger's actor, when a block has become final. May be NULL. */
    void (*on_head)(void *context, struct rpc_ledger *ledger);
    void *context;
    /* On the loop, when a ledger is the first to need them. False: why it cannot have them. May be
     * NULL where all committees have one member. */
    bool (*link)(void *context, struct seat_links *links, struct error *error);
    void *link_context;
};

struct seat;

/* What rpc/ holds of a seat. */
struct rpc_ledger {
    struct seat *seat;
};

/* Takes `org`. May run on the node's actor. Free only after workers_stop(). */
struct seat *seat_new(const struct seat_environment *environment, struct organisation *org);
void seat_free(struct seat *seat); /* accepts NULL; closes what is still open */

/* Any thread. */
const struct organisation *seat_organisation(const struct seat *seat);
struct actor *seat_actor(struct seat *seat);
void seat_summary(const struct seat *seat, struct org_summary *summary);
bool seat_is_stopped(const struct seat *seat);
/* How its committee is doing, as far as this node sees. */
struct seat_standing {
    unsigned members, quorum; /* quorum 0: it was not opened yet */
    unsigned members_up;      /* that are connected, with this node itself if it is one */
    bool follows;             /* it has no seat in the committee */
    uint64_t view;            /* of the last final block */
    bool is_catching_up;
    uint64_t sync_target; /* while it does: the height that others say to have; and */
    uint64_t sync_rate;   /* blocks in 1,000 seconds, 0: not known (sync/progress.h) */
    char waits
        [ERROR_TEXT_SIZE]; /* why there may be no blocks although this node is fine; or empty */
};
void seat_standing(const struct seat *seat, struct seat_standing *standing);
/* Does not count as use of the ledger. */
void seat_figures(struct seat *seat, struct org_figures *figures);

/* The ledger; only while the caller holds a pin. Any thread. */
struct ledger *seat_ledger(struct seat *seat);

/* Opens the ledger if needed and pins it; `acquired` is called now or later. */
void seat_acquire(struct seat *seat, rpc_acquired_fn acquired, void *arg);
/* Any thread. Pins the ledger if it is open and is to stay so; else NULL. */
struct rpc_ledger *seat_acquire_open(struct seat *seat);
void seat_release(struct seat *seat); /* any thread */

bool seat_is_open(const struct seat *seat);
/* Open, not pinned, and with nothing to do. */
bool seat_is_idle(const struct seat *seat);
uint64_t seat_last_used_ms(const struct seat *seat);

/* Closes as soon as nothing of the seat's own is running and no pin is held; no block is begun
 * any more. `closed` (may be NULL) is called once, at once if it is closed; a later call
 * replaces it. Whoever acquires meanwhile opens it again afterwards. */
void seat_close(struct seat *seat, loop_fn closed, void *arg);

/* Others are to have the ledger (organisation_share() was called): a committee of one that is open
 * goes on with a line for guests. */
void seat_share(struct seat *seat);

/* On the ledger's actor, after transactions were admitted. */
void seat_wake(struct seat *seat);
#endif
