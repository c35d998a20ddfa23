/* What the parts of the simulator share: a committee in virtual time, its network and its disks.
 * Engines, vote logs and audits of whole nodes run over a network that loses, delays, reorders,
 * repeats and cuts; members crash, lose their logs, and lie. After each step the invariants are
 * checked by code of their own. A run is its seed: sim SEED [RUNS]. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H
#include "node/consensus/audit.h"
#include "node/consensus/resolver.h"
#include "node/consensus/simplex.h"

#define NODES_MAX         10
#define RESOLVER_DELAY_MS 100 /* D, as the engine takes it */
#define HEIGHTS_MAX       4096
#define QUIET_MS          400000  /* faults stop here */
#define END_MS            1000000 /* five more blocks are final by then */
#define IDLE_MS           400000  /* after the last work everybody sleeps by then */

enum event_kind {
    ON_MESSAGE,
    ON_LOGGED,
    ON_PROPOSAL_LOGGED,
    ON_BOUND_LOGGED,
    ON_EXECUTED,
    ON_BUILT,
    ON_TIME,
    ON_CRASH,
    ON_RESTART,
    ON_AUDIT,
    ON_WORK,
    ON_SYNCED,
    ON_STATUS,
    ON_NETWORK
};

struct event {
    uint64_t at, number;
    enum event_kind kind;
    unsigned node, from;
    uint64_t life; /* of the node; an event of an earlier life is nothing */
    struct buffer bytes;
    struct vote vote;
    struct proposal proposal;
    hash256 block;
    uint64_t view;
};

struct sim_block {
    struct simplex_block info;
    bool has[NODES_MAX], running[NODES_MAX], executed[NODES_MAX];
};

struct logged {
    bool is_proposal, is_synced, is_certificate, is_bound;
    uint64_t view;
    struct certificate certificate;
    struct vote vote;
    struct proposal proposal;
    hash256 block; /* that stands in front of a proposal or a NOTARIZE */
};

struct node {
    struct simplex *engine;
    struct resolver *resolver;
    struct audit audit;
    bool is_up, is_liar, is_audited;
    bool log_is_whole; /* the store names this log */
    uint64_t life, timer_at;
    uint64_t bound; /* the end of its silence after a loss */
    struct logged *log;
    size_t log_count;
    /* the store */
    uint64_t final_view;
    struct simplex_block final;
    struct certificate final_certificate;
    bool has_final_certificate;
    hash256 nonce;
};

/* What a member ever said of a view, in all its lives. */
struct said {
    bool has[3], has_proposal;
    hash256 what[3], proposal;
};

struct shown {
    hash256 digest;
    uint64_t view, parent_view;
};

struct sim {
    uint64_t random, now, numbers;
    struct event **heap;
    size_t heap_count, heap_capacity;
    unsigned n;
    struct thresholds of;
    struct node nodes[NODES_MAX];
    struct sim_block *blocks;
    size_t blocks_count;
    hash256 finals[HEIGHTS_MAX];
    bool has_final[HEIGHTS_MAX];
    uint64_t highest;
    unsigned side[NODES_MAX]; /* who hears whom */
    unsigned drop, repeat, delay_most, crash, lose_log;
    uint64_t seed;
    uint64_t trace;
    bool has_work;
    bool is_ending;          /* the last work is done */
    bool loses_certificates; /* of the highest view, though they stand before the votes after it */
    struct shown *shown;     /* every proposal that was ever sent */
    size_t shown_count;
    struct said *said[NODES_MAX]; /* by view */
    uint64_t said_count[NODES_MAX];
    uint64_t messages, crashes, losses, accused;
};

/* ---- sim.c ---- */

/* 64 random bits of the seed. */
uint64_t sim_draw(struct sim *sim);
bool sim_chance(struct sim *sim, unsigned percent);
/* Prints what broke, and ends the program. */
void sim_fail(struct sim *sim, const char *what, unsigned node, uint64_t number);
/* An event `after` milliseconds from now. */
struct event *sim_post(struct sim *sim, uint64_t after, enum event_kind kind, unsigned node);

/* ---- network.c ---- */

/* To member `to`; SIMPLEX_ALL: to all others. The network may lose, repeat or delay it. */
void sim_send_message(struct sim *sim, unsigned from, uint32_t to, const struct message *message);

/* ---- blocks.c ---- */

/* NULL when nobody made it. */
struct sim_block *sim_block_of(struct sim *sim, const hash256 *hash);
/* Valid until the next one is made. */
struct sim_block *sim_make_block(struct sim *sim, const struct simplex_block *parent,
                                 uint64_t view);
/* Starts what the member has and whose parent it executed. */
void sim_try_execute(struct sim *sim, unsigned node);

/* ---- invariants.c ---- */

void sim_check_final(struct sim *sim, unsigned node, const hash256 *hash);
/* Somebody sent the proposal. */
void sim_show(struct sim *sim, const struct proposal *proposal);
/* No honest member contradicts itself over its whole life, and what it sends it logged. */
void sim_check_sent(struct sim *sim, unsigned node, const struct vote *vote);
void sim_check_proposed(struct sim *sim, unsigned node, const struct proposal *proposal);
/* Without work: all that was notarized is final everywhere, and nobody has a timer. */
void sim_check_idle(struct sim *sim);

/* ---- liars.c ---- */

void sim_fake_sign(struct vote *vote);
/* A liar votes for whatever it sees, every kind at once, to some. */
void sim_lie(struct sim *sim, unsigned index, const struct proposal *proposal);
/* A lying leader shows one half another block than the other half. */
void sim_equivocate(struct sim *sim, unsigned index, struct proposal proposal);

/* ---- life.c ---- */

void sim_ask_audit(struct sim *sim, unsigned index);
void sim_try_end_audit(struct sim *sim, unsigned index, struct simplex_queue *queue);
/* The log is one file: what stands before a synced record is synced. */
void sim_sync_log_to(struct node *node, uint64_t count);
void sim_append_log(struct node *node, struct logged logged);
void sim_store_final(struct node *node, const struct certificate *finalization);
void sim_start_node(struct sim *sim, unsigned index);
void sim_crash_node(struct sim *sim, unsigned index);

/* ---- node.c ---- */

void sim_carry_out(struct sim *sim, unsigned index, struct simplex_queue *queue);
void sim_give_work(struct sim *sim);
void sim_on_event(struct sim *sim, struct event *event);
#endif
