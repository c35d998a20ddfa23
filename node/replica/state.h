/* What the parts of the replica share; private to this folder.
 *
 *   replica.c   life, time, the engine's results      blocks.c    from a hash to a verdict
 *   messages.c  what comes from peers                 actions.c   the engine's wishes, carried on */
#ifndef NODE_REPLICA_STATE_H
#define NODE_REPLICA_STATE_H
#include "node/replica/replica.h"

/* Blocks above the final one: wanted, or here, of which so many are executed. A chain above the
 * final block is at most SIMPLEX_DEPTH_MAX long; the rest are blocks of views that failed. */
#define BLOCKS_MAX   256
#define EXECUTED_MAX 24
#define STATUS_MS    20000 /* consensus 2.16; a quarter more or less, drawn */
#define AUDIT_ASK_MS 2000
#define NOT_YET_MS   1000
#define NEVER        UINT64_MAX

enum held_state {
    HELD_WANTED,  /* the resolver asks for it */
    HELD_READING, /* its body is here */
    HELD_READ,    /* it waits for its parent */
    HELD_EXECUTING,
    HELD_VALID,
    HELD_INVALID,
};

struct held_block {
    enum held_state state;
    struct simplex_block info; /* the hash always, the rest from HELD_READ on */
    struct buffer body;        /* from HELD_READING to HELD_EXECUTING */
    unsigned from;             /* who sent it; `members`: the log */
    /* as the engine wanted it */
    uint64_t view;
    uint32_t to;
    uint8_t signers[(COMMITTEE_SIZE_MAX + 7) / 8];
    bool is_logged;
    bool was_sent;     /* with this member's own proposal */
    uint64_t again_ms; /* not executed before (R6); 0: at once */
};

struct replica {
    struct replica_config config;
    struct simplex *engine;
    struct resolver *resolver;
    struct audit audit;
    bool is_started, is_audited;
    uint64_t bound;          /* of the silence, in a new log that is not adopted yet; 0: none */
    bool has_no_clock;       /* the wall clock was never set */
    uint64_t committed_view; /* of the last REPLICA_COMMIT */
    bool is_up[COMMITTEE_SIZE_MAX];
    struct held_block *blocks[BLOCKS_MAX];
    size_t blocks_count;
    /* A body that came with the proposal that is being told to the engine. */
    const hash256 *offered;
    struct bytes offered_body;
    unsigned offered_by;
    uint64_t status_ms, audit_ms; /* when the next is sent */
    hash256 delay_question;       /* of the last STATUS to all: how long their answers take */
    uint64_t delay_asked_ms;
    /* when each member, and the followers, were last told of another epoch */
    uint64_t helped_ms[COMMITTEE_SIZE_MAX + 1];
    uint64_t random;
    struct simplex_queue queue; /* the engine's, empty between two calls */
};

/* ---- actions.c ---- */

struct replica_action *replica_append(struct replica_queue *out, enum replica_action_kind kind);
/* Carries on what the engine wants after something was told to it: to the driver, or to the
 * replica's own parts, until nothing is left. */
void replica_carry_on(struct replica *replica, uint64_t now_ms, struct replica_queue *out);
/* To a member, or to all others that are connected. */
void replica_send_status(struct replica *replica, unsigned to, const hash256 *question,
                         const hash256 *answered, struct replica_queue *out);

/* ---- blocks.c ---- */

/* NULL when it is not held. */
struct held_block *replica_find_block(const struct replica *replica, const hash256 *hash);
/* It was built here. */
void replica_hold_built(struct replica *replica, const struct simplex_block *info);
/* The log has it. */
void replica_hold_logged(struct replica *replica, const struct vote_record *record);
/* All that the log had is to be read. */
void replica_read_logged(struct replica *replica, struct replica_queue *out);
/* The engine wants it: from the proposal at hand, or from others. */
void replica_want_block(struct replica *replica, const struct simplex_action *want, uint64_t now_ms,
                        struct replica_queue *out);
/* A body came for a block that is wanted; one that is not is dropped. */
void replica_take_body(struct replica *replica, const hash256 *hash, struct bytes body,
                       unsigned from, struct replica_queue *out);
/* Executes what is read and stands on a valid block. */
void replica_execute_ready(struct replica *replica, uint64_t now_ms, struct replica_queue *out);
/* What is final, or no view above the final one names any more; and of blocks that failed so many
 * that there is room to execute. */
void replica_drop_blocks(struct replica *replica, struct replica_queue *out);
uint64_t replica_blocks_next_ms(const struct replica *replica);
void replica_free_blocks(struct replica *replica);

/* ---- replica.c ---- */

bool replica_is_member(const struct replica *replica);
/* Tells the engine when it may vote. */
void replica_try_end_audit(struct replica *replica, uint64_t now_ms);
#endif
