/* The object that names logs: for eth_getLogs, filters and subscriptions. */
#ifndef RPC_METHODS_LOG_QUERY_H
#define RPC_METHODS_LOG_QUERY_H
#include "rpc/call.h"

struct log_query {
    struct log_filter filter;  /* without heights; in the call's arena */
    struct block_ref from, to; /* latest unless given */
    bool has_range;            /* one of both was given */
    bool has_hash;             /* then of this block alone */
    hash256 block_hash;
};

/* `where` is like "params[0]". False after call_fail(). */
bool log_query_read(struct call *call, const char *where, const json_t *json,
                    struct log_query *query);
/* The heights it means now, into its filter: false after call_fail(), also when it spans more
 * blocks than allowed. */
bool log_query_resolve(struct call *call, struct log_query *query);

/* Answers with all logs of a filter's range, as a list. */
enum call_outcome logs_answer(struct call *call, const struct log_filter *filter);
/* The same, but what does not fit into one answer is left for the next: *next is the first height
 * that was left out. */
enum call_outcome logs_answer_part(struct call *call, const struct log_filter *filter,
                                   uint64_t *next);
#endif
