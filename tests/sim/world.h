/* The world around a committee: virtual time, network, faults, liars, and what is checked.
 *
 *   run.c ── draws the world of a seed, takes events in order, asks for progress and sleep
 *   events.c · random numbers, events      network.c · links, cuts, loss, delay, speed
 *   faults.c · crashes, cuts, spells of work, changes of committee
 *   committee.c · epochs, who is in them   blocks.c · blocks, who has and executed them
 *   delivery.c · codec and signatures on the way in     liars/ · who lies, and how
 *   newcomers.c · who joins without the past
 *   clocks.c · wall clocks, right, wrong and not set   queues.c · queues that are full
 *   invariants.c · what must hold, by code of its own   watch.c · the same for the eye
 *
 * It knows members by `member.h` only. A box is a machine with a member on it; its identity is the
 * key it signs with, which two boxes share only in twins.c. A set of boxes is a bit mask. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H
#include "node/consensus/simplex.h"

#define BOXES_MAX   40
#define EPOCHS_MAX  32
#define HEIGHTS_MAX 4096
#define QUIET_MS    400000 /* faults stop here, or earlier after enough views */
#define IDLE_MS     400000 /* after the last work everybody sleeps by then */
#define FINAL_LAST  5      /* blocks that must become final after the faults */
#define DUE_MAX     4      /* 2q - n, where more lie than is safe */
#define LIARS_MAX   6      /* there */

enum event_kind {
    /* of the world */
    ON_MESSAGE,
    ON_SIDES,
    ON_SWIZZLE,
    ON_CRASH,
    ON_RESTART,
    ON_WORK,
    ON_CHANGE,
    ON_TRANSACTIONS,
    ON_CLOCK,
    ON_SCENARIO,
    /* of a member, and of the life it has when they are posted */
    ON_LOGGED,
    ON_PROPOSAL_LOGGED,
    ON_ADOPTED,
    ON_READ,
    ON_EXECUTED,
    ON_BUILT,
    ON_COMMITTED,
    ON_SYNCED,
    ON_PEER,
    ON_JOIN,
    ON_TIME,
};

/* Bytes on their way to several boxes. */
struct packet {
    unsigned uses;
    bool was_checked, is_signed; /* by the first who got it */
    struct buffer bytes;
};

struct event {
    uint64_t at, number;
    enum event_kind kind;
    unsigned box, from;
    uint64_t life;       /* of `box`; of a message, its sender's */
    unsigned connection; /* of a message: the one it is under way on */
    uint64_t epoch;
    struct packet *packet;
    uint64_t view;
    hash256 block;
    bool time_is_right; /* of ON_EXECUTED: whatever the clock says */
    struct vote vote;
    struct proposal proposal;
};

/* Who agrees in an epoch. */
struct committee {
    uint64_t epoch;
    enum quorum_mode mode;
    struct thresholds of;
    unsigned identities[BOXES_MAX]; /* by index */
    unsigned leaders[BOXES_MAX];    /* indexes, by view modulo members */
    hash256 mix_hash;
};

struct sim_block {
    struct simplex_block info;
    uint64_t epoch;
    uint64_t time_ms; /* since 1970 */
    unsigned size;    /* bytes on the wire */
    bool is_invalid;
    struct committee *next; /* of a seal: whom it names */
    uint64_t has, executed; /* boxes */
};

/* Of a member when it was last looked at. */
struct seen {
    uint64_t life, epoch, stored, agreed; /* final heights */
};

struct box {
    unsigned identity;
    const struct liar *liar; /* NULL: honest */
    bool is_twin;            /* honest code with a key that is used twice */
    unsigned slowness;       /* of its processor: 1, or up to 20 */
    unsigned sync_most_ms;   /* of its disk */
    bool is_copied;          /* all of its disk may be put back as it was, and it does not notice */
    uint64_t life;
    uint64_t uplink_free_ms;
    unsigned queue_most_ms; /* what waits longer ends the connection to whom it is for; 0: never */
    uint64_t not_linked;    /* boxes it never hears: a partial mesh */
    uint64_t not_reached;   /* boxes that do not hear it now */
    unsigned side;          /* who hears whom in a partition */
    struct seen seen;
    /* the wall clock; virtual time is the right one */
    bool has_no_battery;    /* its clock is not set after a start */
    bool clock_is_unset;    /* 1970 */
    int64_t clock_skew_ms;  /* else */
    bool was_unset;         /* ever */
    uint64_t ahead_most_ms; /* the most that it ever was */
};

/* What a member ever said in a view, in all its lives. */
struct said {
    bool has[3], has_proposal;
    hash256 what[3], proposal;
};

struct said_book {
    struct said *views;
    uint64_t count;
};

struct shown {
    hash256 digest, block;
    uint64_t view, parent_view;
};

struct link {
    uint8_t from, to;
};

/* Between two boxes: how many there were before, and until when there is none. */
struct connection {
    unsigned number;
    uint64_t ended_until;
};

struct swizzle {
    struct link links[96];
    unsigned count, next;
    bool is_restoring;
};

/* What happened, for the summary. */
struct figures {
    uint64_t runs, real, members, finals, views, epochs, messages;
    uint64_t lost, repeated, late; /* messages */
    uint64_t crashes, lost_logs, cuts, lies, bad_blocks, failed_builds, accused;
    uint64_t failed_writes, damaged_stores, old_disks;
    /* where more lie than is safe: members by E1 to E4 and view, runs with two final blocks of a
     * height, and those by 2q - n and how many culprits were proven */
    uint64_t proofs[4], splits, named[DUE_MAX + 1][LIARS_MAX + 1];
    uint64_t clocks, put_off;      /* settings of wrong clocks, blocks of the future */
    uint64_t joined;               /* stores that were rebuilt from a checkpoint */
    uint64_t full_queues, refused; /* connections that ended, transactions for full pools */
};

struct watch;
struct member;
struct chains;

struct sim {
    uint64_t seed, random, now, numbers, trace;
    struct event **heap;
    size_t heap_count, heap_capacity;

    unsigned boxes_count;
    struct box boxes[BOXES_MAX];
    struct connection connections[BOXES_MAX][BOXES_MAX]; /* by the lower number, the higher */
    struct member *members[BOXES_MAX];
    struct committee *committees[EPOCHS_MAX + 1]; /* by epoch, as far as any is final */
    uint64_t epoch;                               /* the highest that anybody entered */
    uint64_t highest_view;                        /* of that epoch */
    uint64_t views_before;                        /* of the epochs before */
    uint64_t views_most;                          /* then the faults end */

    struct sim_block *blocks;
    size_t blocks_count, blocks_capacity;
    uint32_t *block_places; /* by hash; 0: none, else index + 1 */
    size_t block_places_count;
    hash256 finals[HEIGHTS_MAX];
    uint64_t highest; /* final height */

    unsigned drop, repeat, delay_most, crash, lose_log, fail_build;
    uint64_t bytes_per_second; /* of each uplink; 0: no limit */
    bool has_sides, has_work, is_quiet, is_ending, loses_certificates, makes_big_blocks;
    struct swizzle swizzle;
    uint64_t change_epoch; /* the epoch that is to be sealed; 0: none */
    uint64_t posts;        /* changes of the committee that came as transactions */
    bool has_changes;
    unsigned fail_write;               /* per thousand writes */
    unsigned damage_store, copy_disks; /* per hundred crashes */
    bool (*may_pass)(struct sim *sim, unsigned from, unsigned to, const struct message *message);
    void (*on_scenario)(struct sim *sim, uint64_t step);
    /* An honest member heard it, and its signatures are good. */
    void (*on_heard)(struct sim *sim, const struct message *message);
    /* Where it may happen: an honest member holds a final block beside another one's. */
    void (*on_split)(struct sim *sim, const struct sim_block *block);
    void *scenario;

    struct shown *shown; /* every proposal that was ever sent */
    size_t shown_count;
    struct said_book said[BOXES_MAX][EPOCHS_MAX + 1];
    struct said_book certified[EPOCHS_MAX + 1]; /* by a quorum */
    struct chains *chains;                      /* real ledgers; NULL: blocks are hashes */
    uint64_t mined;                             /* transactions in final blocks */
    struct figures figures;
    struct watch *watch; /* NULL: nobody looks */
};

#define BIT(box) (1ULL << (box))
#define NOBODY   UINT32_MAX /* sim_note(): of no member */

/* ---- events.c ---- */

uint64_t sim_draw(struct sim *sim); /* 64 random bits of the seed */
bool sim_chance(struct sim *sim, unsigned percent);
/* Prints what broke, and ends the process. */
void sim_fail(struct sim *sim, const char *what, unsigned box, uint64_t number)
    __attribute__((noreturn));
/* An event `after` milliseconds from now. */
struct event *sim_post(struct sim *sim, uint64_t after, enum event_kind kind, unsigned box);
struct event *sim_take(struct sim *sim);
void sim_drop_event(struct event *event);

/* ---- run.c ---- */

/* A world without faults, liars or members yet. */
struct sim *sim_new(uint64_t seed);
/* The first epoch, of identities 0 to n - 1 on the boxes of the same numbers. */
void sim_found(struct sim *sim, unsigned n, enum quorum_mode mode, unsigned boxes_count);
void sim_free(struct sim *sim);
/* One event. */
void sim_step(struct sim *sim);
/* A whole run of a seed: fails, or adds to `figures`, and prints a line if it is to describe
 * itself. Returns the hash of all that happened. */
uint64_t sim_run(uint64_t seed, bool describes, struct watch *watch, struct figures *figures);
void figures_add(struct figures *sum, const struct figures *figures);
/* One line of what happened. */
void sim_describe(const struct sim *sim, char *out, size_t size);

/* ---- faults.c ---- */

/* Draws what will go wrong, and starts it. */
void sim_draw_faults(struct sim *sim);
void sim_on_fault(struct sim *sim, const struct event *event);
void sim_give_work(struct sim *sim);
/* It stops, may lose its log if the committee survives that, and comes back. */
void sim_crash(struct sim *sim, unsigned box);
/* It stops, is down for so long, and comes back. */
void sim_stop(struct sim *sim, unsigned box, bool loses_log, uint64_t down_ms);
/* Whether the committee survives that it forgets what it said. */
bool sim_may_forget(const struct sim *sim, unsigned box);
/* Whether those of the committee who may not know that they voted in it leave it live. */
bool sim_can_begin(const struct sim *sim, const struct committee *committee);
void sim_end_faults(struct sim *sim);

/* ---- broken_disks.c ---- */

/* Draws which disks fail how; a copied one takes the place of a liar. */
void sim_draw_broken_disks(struct sim *sim);
/* The store of a box that is down may be damaged, copied or put back. */
void sim_break_disk(struct sim *sim, unsigned box);
/* Whether a write to a disk fails now: because it is full, or with an error. */
bool sim_write_fails(struct sim *sim, bool *is_full);
/* The member whose write failed stops, and is started again when there is room. */
void sim_stop_for_disk(struct sim *sim, unsigned box, bool is_full);

/* ---- newcomers.c ---- */

/* Of real ledgers: how far checkpoints are apart, and which followers start late, without a store. */
void sim_draw_newcomers(struct sim *sim);
/* Whether a box that lost its store joins as a newcomer does, and not from block 0 on. */
bool sim_joins(struct sim *sim, unsigned box);
/* Whether enough of that committee serve everybody who has no store. */
bool sim_serves(const struct sim *sim, const struct committee *committee);

/* ---- clocks.c ---- */

/* What the box's clock on the wall shows, in milliseconds since 1970. */
uint64_t sim_wall_ms(const struct sim *sim, unsigned box);
/* In one run of five the clocks are wrong, jump, or are not set. */
void sim_draw_clocks(struct sim *sim);
void sim_on_clock(struct sim *sim, unsigned box);
/* The machine starts: without a battery it does not know the time. */
void sim_start_clock(struct sim *sim, unsigned box);
/* They are set right, but for as many members as may be down. */
void sim_set_clocks(struct sim *sim);
/* How far blocks that others took are ahead of the right time: so long the next may have to wait. */
uint64_t sim_ahead_ms(const struct sim *sim);
/* A block that became final, and one that a member votes for. */
void sim_check_final_time(struct sim *sim, unsigned box, const struct sim_block *block);
void sim_check_voted_time(struct sim *sim, unsigned box, const struct sim_block *block);

/* ---- queues.c ---- */

/* In one run of ten the queues for peers are short; in one of ten with real ledgers the pools. */
void sim_draw_queues(struct sim *sim);
/* Both sides see the other go, and come back a while later; what is under way is lost. */
void sim_end_connection(struct sim *sim, unsigned a, unsigned b);
unsigned sim_connection(const struct sim *sim, unsigned a, unsigned b); /* its number */
bool sim_is_connected(const struct sim *sim, unsigned a, unsigned b);

/* ---- network.c ---- */

/* To each box of `to`, but not itself. The network may lose, repeat or delay it. */
void sim_send(struct sim *sim, unsigned from, uint64_t to, const struct message *message);
void sim_send_bytes(struct sim *sim, unsigned from, uint64_t to, struct bytes bytes);
/* Whether a message can pass now. */
bool sim_passes(const struct sim *sim, unsigned from, unsigned to);
bool sim_is_linked(const struct sim *sim, unsigned a, unsigned b);

/* ---- delivery.c ---- */

/* Decodes, checks signatures, and hands over what is good. What is bad must come from a liar. */
void sim_deliver(struct sim *sim, const struct event *event);

/* ---- committee.c ---- */

const struct committee *sim_committee(const struct sim *sim, uint64_t epoch);
/* Index of the identity; members of the committee when it is none. */
unsigned committee_index(const struct committee *committee, unsigned identity);
/* Boxes of the committee. */
uint64_t sim_boxes_of(const struct sim *sim, const struct committee *committee);
uint64_t sim_boxes_of_index(const struct sim *sim, const struct committee *committee,
                            unsigned index);
unsigned sim_liars_in(const struct sim *sim, const struct committee *committee);
bool sim_is_faulty(const struct sim *sim, unsigned identity); /* a liar or a twin */
/* No more liars than it is safe and live with, and links enough to honest members for audits. */
bool committee_is_fit(const struct sim *sim, const struct committee *committee);
/* A committee of its first thresholds' members; `drawn` decides its leaders. */
struct committee *committee_new(uint64_t epoch, enum quorum_mode mode, const unsigned identities[],
                                unsigned count, const hash256 *mix_hash);
/* Whom the next seal names: some leave, some join, the mode may change. */
struct committee *sim_draw_committee(struct sim *sim, const struct committee *current);
/* ---- signatures.c ---- */

/* Only who has the identity can make them. */
void sim_sign_vote(const struct sim *sim, unsigned box, struct vote *vote);
void sim_sign_proposal(const struct sim *sim, unsigned box, struct proposal *proposal);
void sim_sign_status(const struct sim *sim, unsigned box, struct status *status);
/* Every signature that the message brings. */
bool sim_is_signed(const struct sim *sim, const struct committee *committee,
                   const struct message *message);

/* ---- blocks.c ---- */

/* NULL when nobody made it. Valid until the next block is made. */
struct sim_block *sim_block_of(struct sim *sim, const hash256 *hash);
struct sim_block *sim_make_block(struct sim *sim, const struct simplex_block *parent,
                                 uint64_t epoch, uint64_t view);
/* One that somebody made with a real ledger; the same again is the same. */
struct sim_block *sim_register_block(struct sim *sim, const struct simplex_block *info,
                                     uint64_t epoch);

/* ---- invariants.c ---- */

void sim_check_final(struct sim *sim, unsigned box, const hash256 *hash);
/* Somebody sent the proposal. */
void sim_show(struct sim *sim, const struct proposal *proposal);
/* No honest member contradicts itself over its whole life, and what it sends it logged. */
void sim_check_sent(struct sim *sim, unsigned box, const struct vote *vote, bool is_logged,
                    uint64_t final_view);
void sim_check_proposed(struct sim *sim, unsigned box, const struct proposal *proposal);
/* An honest member holds it: nothing that cannot stand beside it was ever certified. */
void sim_check_certificate(struct sim *sim, unsigned box, const struct certificate *certificate);
/* Nothing that was final goes back while the machine is up. */
struct standing;
void sim_check_standing(struct sim *sim, unsigned box, const struct standing *standing);
void sim_check_accused(struct sim *sim, uint64_t epoch, const struct evidence *evidence);
/* Without work: all that was notarized is final everywhere, and nobody has a timer. */
void sim_check_idle(struct sim *sim);
/* Nobody builds or writes anything while `sleep` lets time go by; not where somebody lies. */
void sim_check_sleep(struct sim *sim, void (*sleep)(struct sim *sim));
/* What the member said in the view; NULL: nothing. */
const struct said *sim_said(const struct sim *sim, unsigned box, uint64_t epoch, uint64_t view);

/* ---- watch.c ---- */

/* Something a person would want to see. */
void sim_note(struct sim *sim, unsigned box, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Virtual time goes on to `now`; draws what is due. */
void watch_until(struct watch *watch, struct sim *sim, uint64_t now);
#endif
