/* One method call on its way through its places, and the table row that describes a method.
 *
 * A method is a plain function: it reads the arguments that dispatch has checked against its
 * row, and either appends its result (JSON text) to `out`, or fails with a code and a sentence,
 * or asks to be continued elsewhere: on the ledger's actor, on the node's, or holding another
 * organisation's ledger. */
#ifndef RPC_CALL_H
#define RPC_CALL_H
#include "rpc/host.h"
#include "rpc/server.h"
#include "rpc/write.h"
#include <jansson.h>

/* JSON-RPC 2.0; -32005 from EIP-1474; 3 is what clients decode revert data from. */
#define RPC_PARSE_ERROR        (-32700)
#define RPC_INVALID_REQUEST    (-32600)
#define RPC_METHOD_NOT_FOUND   (-32601)
#define RPC_INVALID_PARAMS     (-32602)
#define RPC_INTERNAL_ERROR     (-32603)
#define RPC_SERVER_ERROR       (-32000)
#define RPC_NOT_FOUND          (-32001)
#define RPC_TIMEOUT            (-32002)
#define RPC_RESPONSE_TOO_LARGE (-32003)
#define RPC_LIMIT_EXCEEDED     (-32005)
#define RPC_DENIED             (-32006)
#define RPC_REVERTED           3
#define RPC_NOT_MINED_IN_TIME  4 /* EIP-7966 */
#define RPC_NOT_READY          5

/* ---- Arguments --------------------------------------------------------------------------- */

enum param_kind {
    PARAM_ADDRESS,
    PARAM_HASH,
    PARAM_BLOCK,    /* tag, number, or EIP-1898 object */
    PARAM_HEIGHT,   /* tag or number */
    PARAM_QUANTITY, /* up to 2^64 - 1 */
    PARAM_COUNT,    /* the same, also as a JSON number */
    PARAM_SLOT,     /* storage key: up to 32 bytes of hex */
    PARAM_SLOTS,    /* storage keys; checked by methods/proof.c */
    PARAM_DATA,
    PARAM_BOOL,
    PARAM_NAME,            /* label or id of an organisation */
    PARAM_TRANSACTION,     /* call object; checked by methods/call_object.h */
    PARAM_FILTER,          /* checked by methods/eth_logs.c */
    PARAM_PERCENTILES,     /* checked by methods/eth_fees.c */
    PARAM_ORG,             /* checked by methods/org.c */
    PARAM_STATE_OVERRIDES, /* these two: checked by methods/overrides.h */
    PARAM_BLOCK_OVERRIDES,
    PARAM_SIMULATION,           /* checked by methods/simulate.c */
    PARAM_TRACE,                /* checked by trace/options.h */
    PARAM_SUBSCRIPTION,         /* a name; checked by methods/subscribe.c */
    PARAM_SUBSCRIPTION_OPTIONS, /* checked by methods/subscribe.c */
    PARAM_ID,                   /* of a subscription or a filter */
    PARAM_KIND_COUNT,
};

enum block_tag {
    BLOCK_AT_NUMBER,
    BLOCK_AT_HASH,
    BLOCK_LATEST, /* also safe and finalized: all three are the last final block */
    BLOCK_EARLIEST,
    BLOCK_PENDING,
};

struct block_ref {
    enum block_tag tag;
    uint64_t number;
    hash256 hash;
    bool require_canonical; /* always true here: blocks that are not final are never shown */
};

struct argument {
    bool is_given;
    union {
        address account;
        hash256 hash;
        struct block_ref block;
        uint64_t number;
        u256 word;
        struct bytes data; /* decoded, in the call's arena */
        bool flag;
        const char *name;
        const json_t *json;
    };
};

#define ARGUMENTS_MAX 4

/* ---- Calls ------------------------------------------------------------------------------- */

enum call_outcome {
    CALL_ANSWERED,
    CALL_FAILED,
    CALL_MOVES, /* by call_continue(), call_acquire() or call_wait() */
};

struct call;
struct request_scope;
typedef enum call_outcome (*call_fn)(struct call *call);

struct call {
    const struct method *method;
    struct bytes id; /* raw slice of the request; empty for a notification */
    struct argument arguments[ARGUMENTS_MAX];
    const struct rpc_host *host;
    const struct rpc_limits *limits;
    struct request_scope *scope; /* what the calls of one request share: rpc/scope.h */
    struct ledger *ledger;
    struct rpc_ledger *pinned; /* of the endpoint, or the one acquired */
    struct vm *machine;        /* of this worker */
    struct arena *arena;       /* of this request */
    struct buffer *out;
    void *state; /* carried from one place to the next, in the arena */

    call_fn next; /* when it moves */
    enum rpc_place next_place;
    const char *next_org; /* not NULL: pin this organisation first */
    bool is_waiting;      /* by call_wait(), until it is let go */

    int error_code;         /* when it failed */
    const char *error_text; /* in the arena */
    struct bytes error_data;
    bool has_error_data;
};

/* Always returns CALL_FAILED. */
enum call_outcome call_fail(struct call *call, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A ledger's or the host's error as -32000; corruption and disk errors as -32603. */
enum call_outcome call_fail_with(struct call *call, const struct error *error);
/* Always return CALL_MOVES. */
enum call_outcome call_continue(struct call *call, enum rpc_place place, call_fn next);
/* The endpoint has no ledger: says why it cannot be opened or, on a node without organisations,
 * how to found one. Returns CALL_FAILED. */
enum call_outcome call_fail_without_ledger(struct call *call);
enum call_outcome call_acquire(struct call *call, const char *org, call_fn next);
/* Goes on at any worker some time later, when a block may have been made: soon if few wait. */
enum call_outcome call_wait(struct call *call, call_fn next);

/* ---- The table --------------------------------------------------------------------------- */

enum method_visibility {
    METHOD_PUBLIC,
    METHOD_TOKEN, /* needs Authorization: Bearer with the token of the node's token file */
};

struct method_param {
    const char *name;
    enum param_kind kind;
    bool is_required;
};

struct method {
    const char *name;
    const char *summary;
    struct method_param params[ARGUMENTS_MAX];
    size_t params_count;
    const char *result_name;
    const char *result_schema; /* JSON schema */
    enum method_visibility visibility;
    enum rpc_place place; /* where `run` starts */
    /* May start while earlier calls of the batch wait for another place: it reads nothing that
     * they change. */
    bool may_run_early;
    /* Also answers on a node that has no organisation yet. */
    bool needs_no_ledger;
    /* The tag `pending` shows what waits in the pool: rpc/pending.h. */
    bool shows_pending;
    call_fn run;
    const char *example_params; /* JSON list */
    const char *example_result; /* JSON */
};

/* Sorted by name; methods/table.c. */
extern const struct method METHODS[];
extern const size_t METHODS_COUNT;
const struct method *method_find(struct bytes name); /* NULL if there is none */
#endif
