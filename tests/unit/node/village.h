/* Four nodes of one ledger, all or some of them its committee, in one process: each with keys, a folder, a vote log and a port of its own,
 * as lnode has them; one loop and one pool of workers turn them all. */
#ifndef TESTS_UNIT_NODE_VILLAGE_H
#define TESTS_UNIT_NODE_VILLAGE_H
#include "node/seat.h"
#include "node/switchboard.h"
#include "node/vote_writer.h"

#define VILLAGE_NODES    4
#define VILLAGE_ACCOUNTS 4
#define VILLAGE_LIVES    64 /* of all nodes together */

struct village;

struct village_node {
    struct village *village;
    struct data_dir dir;
    struct switchboard *switchboard;
    struct vote_writer *votes;
    struct seat *seat;         /* NULL: it is down */
    struct rpc_ledger *ledger; /* pinned while it is up */
    uint16_t port;
    struct reveal_chain *reveals;
    _Atomic(uint64_t) height, epoch;
};

struct village {
    char *folder;
    struct genesis genesis;
    struct buffer document;
    struct committee_entry committee[VILLAGE_NODES];
    struct secret_key accounts[VILLAGE_ACCOUNTS];
    struct genesis_coin coins[VILLAGE_ACCOUNTS];
    uint64_t transfers; /* made so far, by all accounts in turn */
    struct secret_key founder;
    uint64_t changes; /* of the committee, asked for so far */
    struct village_node nodes[VILLAGE_NODES];
    struct seat *past[VILLAGE_LIVES]; /* closed; they live as long as the workers */
    unsigned past_count;
    struct loop *loop;
    struct workers *workers;
    struct loop_watch *watch;
    struct loop_timer *look;
};

/* All down, block 0 in their stores, and all in its committee. */
void village_start(struct village *village, enum quorum_mode mode, uint64_t pulse_ms);
/* The same with the first so many in the committee: the others follow. */
void village_start_few(struct village *village, unsigned members, enum quorum_mode mode,
                       uint64_t pulse_ms);
void village_cleanup(struct village *village);

void village_up(struct village *village, unsigned node);
/* Connections end, and what was not on the disk is lost. */
void village_down(struct village *village, unsigned node);
/* Of a node that is down. */
void village_lose_log(struct village *village, unsigned node);
/* Of a node that was never up: a folder is in the place of its vote log, which cannot be opened. */
void village_block_log(struct village *village, unsigned node);

/* The next so many transfers go to the pool of that node. */
void village_send(struct village *village, unsigned node, unsigned count);
/* The same with so much data in each. */
void village_send_large(struct village *village, unsigned node, unsigned count, size_t data_size);
/* The founder asks, by way of a node, that one of the committee leaves (VILLAGE_NODES: nobody), and for
 * that mode from then on. */
void village_change(struct village *village, unsigned node, unsigned leaving,
                    enum quorum_mode mode);
/* A node that follows says READY, by way of another one; and whether that is final there. */
void village_say_ready(struct village *village, unsigned node, unsigned newcomer);
bool village_is_ready(struct village *village, unsigned node, unsigned newcomer);
/* The founder asks that it joins. */
void village_let_in(struct village *village, unsigned node, unsigned newcomer,
                    enum quorum_mode mode);
/* How many of all are final at that node. */
uint64_t village_mined(struct village *village, unsigned node);

/* Turns the loop until it is true, or the test fails. */
typedef bool village_fn(struct village *village);
void village_wait(struct village *village, village_fn *is_reached, unsigned patience_ms);
/* Those that are up have all that was sent. */
village_fn village_all_is_final;
void village_run(struct village *village, unsigned ms);
/* Every block up to the lowest head of those that are up is the same, and its finality is proven. */
void village_check_chains(struct village *village);
#endif
