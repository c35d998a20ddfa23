/* What the calls of one request share: one view of the ledger, the block read last, and the
 * time all of it may take. */
#ifndef RPC_SCOPE_H
#define RPC_SCOPE_H
#include "rpc/call.h"

struct filters;
struct hub;
struct socket;
struct subscription;

struct request_scope {
    struct ledger_view *view; /* opened on first use */
    struct ledger *view_of;
    /* The block decoded last: a batch that asks for many receipts of one block reads it once.
     * Calls give back their memory when they end; what outlives them has its own. */
    struct arena block_memory, state_memory;
    bool has_block, has_receipts;
    uint64_t height;
    struct block *block;
    struct receipt *receipts;
    size_t receipts_count;
    bool has_state; /* the state read last */
    uint64_t state_height;
    struct state_reader state;
    struct preview *preview; /* the block to come, once a call asked for it: rpc/pending.h */
    bool has_submitted;      /* wake the ledger when this job ends */
    bool is_authorized;      /* the request carried the token */
    const struct error *unavailable;     /* why the endpoint's ledger is not here; else NULL */
    uint64_t deadline_ms;                /* for the whole request, on the clock of scope_now_ms() */
    bool is_ending;                      /* the node stops: nothing is waited for any more */
    bool (*is_gone)(const void *client); /* whether nobody waits any more; NULL: never */
    void (*takes_long)(const void *client); /* told before what may take long; may be NULL */
    const void *client;
    struct hub *hub;                    /* NULL where nobody can be told of anything */
    struct filters *filters;            /* likewise */
    struct socket *socket;              /* the connection, if it can be told; else NULL */
    struct subscription *subscriptions; /* made by these calls; they begin after the answer */
};

uint64_t scope_now_ms(void); /* monotonic */
void scope_cleanup(struct request_scope *scope);
/* For a call that may take long, and begins now: when it must have ended, on the same clock, by its
 * own limit and that of the whole request. */
uint64_t call_begin_long(const struct call *call);
bool call_is_abandoned(const struct call *call); /* nobody waits for the answer */
/* Forgets view and block, so that the next read sees the newest head. */
void scope_refresh(struct request_scope *scope);

/* A view that is there already, now the scope's, and such a view out of it. NULL: none of that
 * ledger. */
void scope_put_view(struct request_scope *scope, struct ledger *ledger, struct ledger_view *view);
struct ledger_view *scope_take_view(struct request_scope *scope, struct ledger *ledger);

/* The view of the call's ledger; NULL after call_fail_with(). */
struct ledger_view *call_view(struct call *call);
/* The block at a height with its receipts (if `receipts` is given), from the scope if it is
 * there. Valid until another block is asked for. False after call_fail_with(). */
bool call_block(struct call *call, uint64_t height, const struct block **block,
                const struct receipt **receipts);
/* What a block that follows now would run in; false after call_fail_with(). */
bool call_next_block(struct call *call, struct block_environment *next);
/* The height a reference means; false after call_fail() (geth's "header not found"). */
bool call_height(struct call *call, const struct block_ref *ref, uint64_t *height);
/* The same for methods that answer null for an unknown block: *is_known says it. */
bool call_height_or_null(struct call *call, const struct block_ref *ref, uint64_t *height,
                         bool *is_known);
/* State after the block that `ref` means (`pending`: after the head). */
bool call_state(struct call *call, const struct block_ref *ref, struct state_reader *reader);
/* After reading: false, with the call failed, if the disk did. */
bool call_state_is_good(struct call *call, const struct state_reader *reader);
#endif
