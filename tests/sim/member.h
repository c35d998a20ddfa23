/* What the world asks of a member, whatever it is made of: the node's replica with a virtual vote log,
 * store and ledger (member.c). */
#ifndef TESTS_SIM_MEMBER_H
#define TESTS_SIM_MEMBER_H
#include "ledger/chain/transaction.h"
#include "tests/sim/world.h"

struct member *member_new(unsigned box);
void member_free(struct member *member);

/* The machine comes up with what its disk has. */
void member_start(struct sim *sim, unsigned box);
/* It stops between any two events. What was not synced is there in part or not at all; with
 * `loses_log` the vote log is gone, and the store is not. */
void member_stop(struct sim *sim, unsigned box, bool loses_log);
/* Of a member that is down: its store is damaged and moved aside, so that it comes back with block
 * 0, or the copy takes the store's place. Either way the store names another log than there is.
 * With `joins` (real ledgers) it has no store at all, and joins as a newcomer. With `unnoticed` the
 * copy takes the place of all of its disk, the log too. */
void member_lose_store(struct sim *sim, unsigned box, bool joins);
void member_put_back(struct sim *sim, unsigned box, bool unnoticed);
void member_copy_disk(struct sim *sim, unsigned box);
bool member_has_copy(const struct sim *sim, unsigned box);
/* Of a machine that never ran: it joins when it is started. */
void member_be_new(struct sim *sim, unsigned box);
/* Of its own making, and of its present life. */
void member_on_event(struct sim *sim, struct event *event);
/* Whether a message that decodes is worth its signatures being checked; who sent it may get what it
 * lacks. */
bool member_wants(struct sim *sim, unsigned box, unsigned from, const struct message *message);
/* One that is, and whose signatures are good. */
void member_on_message(struct sim *sim, unsigned box, unsigned from, const struct message *message);
/* What a STATUS says of blocks, whatever its epoch: it decides whom sync asks, nothing else. */
void member_hear_status(struct sim *sim, const struct event *event, const struct status *status);
/* A message of node/sync, with a real ledger. */
void member_on_sync_message(struct sim *sim, unsigned box, unsigned from, struct bytes bytes);
/* Its wall clock was set to another time. */
void member_on_clock(struct sim *sim, unsigned box);
/* Transactions wait, or wait no more. */
void member_on_work(struct sim *sim, unsigned box, bool is_waiting);

/* With a real ledger, for liars: chain_spoil() of a body; the other block is known as invalid. False:
 * only what stands beside the header is wrong. */
bool member_spoil(struct sim *sim, unsigned box, struct bytes *body, struct arena *arena,
                  hash256 *block);
/* With a real ledger: one comes to its pool, or comes again. */
void member_on_transaction(struct sim *sim, unsigned box, const struct transaction *tx);

/* Where it stands, as somebody sees who looks into the machine. */
struct standing {
    bool is_up, is_member, is_audited;
    bool is_joining;   /* it fetches a store, and is not up */
    bool has_no_store; /* it joins, or will when it is started */
    bool log_is_whole;
    bool store_is_old;     /* it may have voted in epochs that its store does not know yet */
    uint64_t silent_until; /* of its epoch */
    uint64_t epoch, view, final_view, final_height;
    uint64_t agreed_height; /* final, perhaps not in the store yet */
    uint64_t writes;        /* to its disk, ever */
    uint64_t next_ms;       /* of its timer; UINT64_MAX: it sleeps */
};
struct standing member_standing(const struct sim *sim, unsigned box);
#endif
