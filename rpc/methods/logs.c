/* eth_getLogs: which logs match, within bounds on blocks looked at and logs found. */
#include "rpc/methods/methods.h"

#include "rpc/methods/log_query.h"
#include "rpc/methods/show.h"
#include "rpc/scope.h"
#include <inttypes.h>

/* ---- The range --------------------------------------------------------------------------- */

/* A range that ends beyond the head ends at the head: clients ask ahead of time. */
static bool resolve_end(struct call *call, const struct block_ref *ref, uint64_t *height)
{
    bool is_known;
    if (!call_height_or_null(call, ref, height, &is_known))
        return false;
    if (is_known || ref->tag == BLOCK_AT_NUMBER)
        return true;
    call_fail(call, RPC_SERVER_ERROR, "unknown block");
    return false;
}

bool log_query_resolve(struct call *call, struct log_query *query)
{
    struct log_filter *filter = &query->filter;
    if (query->has_hash) {
        struct block_ref ref = {.tag = BLOCK_AT_HASH, .hash = query->block_hash};
        if (!resolve_end(call, &ref, &filter->from))
            return false;
        filter->to = filter->from;
        return true;
    }
    if (!resolve_end(call, &query->from, &filter->from)
        || !resolve_end(call, &query->to, &filter->to))
        return false;
    if (filter->from > filter->to) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "invalid block range params: from %" PRIu64 " is above to %" PRIu64, filter->from,
                  filter->to);
        return false;
    }
    uint64_t head = view_head(call->scope->view);
    filter->to = filter->to < head ? filter->to : head;
    if (filter->from <= filter->to && filter->to - filter->from >= call->limits->logs_span_max) {
        call_fail(call, RPC_LIMIT_EXCEEDED,
                  "block range too large: %" PRIu64 " blocks; at most %" PRIu64 " at a time",
                  filter->to - filter->from + 1, call->limits->logs_span_max);
        return false;
    }
    return true;
}

/* ---- The search -------------------------------------------------------------------------- */

struct search {
    struct call *call;
    size_t start; /* of the answer */
    size_t found;
    uint64_t deadline_ms;
    bool is_over;      /* a bound was met, and the call has failed */
    bool may_stop;     /* instead of failing, at the end of a block */
    bool has_stopped;  /* that is what it did: before the block at `height` */
    bool has_block;    /* one with matches */
    uint64_t height;   /* the block looked at */
    size_t block_size; /* of the answer before it */
};

/* A bound is met: what was found in this block is taken back if the rest may come later. */
static void meet_bound(struct search *search)
{
    struct call *call = search->call;
    if (search->may_stop && search->block_size > search->start + 1) {
        call->out->size = search->block_size;
        search->has_stopped = true;
        return;
    }
    search->is_over = true;
    if (search->found == call->limits->logs_max)
        call_fail(call, RPC_LIMIT_EXCEEDED,
                  "query returned more than %zu results; narrow the filter or the block range",
                  call->limits->logs_max);
    else
        call_fail(call, RPC_RESPONSE_TOO_LARGE,
                  "response too large: at most %zu bytes; narrow the filter or the block range",
                  call->limits->response_size_max);
}

static bool on_found(void *context, const struct found_log *found)
{
    struct search *search = context;
    struct call *call = search->call;
    if (!search->has_block || found->height != search->height) {
        search->has_block = true;
        search->height = found->height;
        search->block_size = call->out->size;
    }
    if (search->found == call->limits->logs_max
        || call->out->size > call->limits->response_size_max) {
        meet_bound(search);
        return false;
    }
    search->found++;
    show_found_log(call->out, found);
    return true;
}

/* A filter may match the bloom of every block and no log: time is the bound then. */
static bool is_out_of_time(void *context)
{
    struct search *search = context;
    struct call *call = search->call;
    if (scope_now_ms() < search->deadline_ms && !call_is_abandoned(call))
        return false;
    call_fail(call, RPC_TIMEOUT,
              "the search took longer than %" PRIu64 " ms; narrow the block range",
              call->limits->call_timeout_ms);
    search->is_over = true;
    return true;
}

static enum call_outcome answer(struct search *search, const struct log_filter *wanted)
{
    struct call *call = search->call;
    struct log_filter filter = *wanted;
    struct error error = {0};
    filter.is_over = is_out_of_time;
    search->deadline_ms = call_begin_long(call);
    search->start = call->out->size;
    write_raw(call->out, "[");
    if (filter.from <= filter.to
        && !view_find_logs(call->scope->view, &filter, on_found, search, &error))
        return call_fail_with(call, &error);
    if (search->is_over)
        return CALL_FAILED;
    write_raw(call->out, "]");
    return CALL_ANSWERED;
}

enum call_outcome logs_answer(struct call *call, const struct log_filter *filter)
{
    struct search search = {.call = call};
    return answer(&search, filter);
}

enum call_outcome logs_answer_part(struct call *call, const struct log_filter *filter,
                                   uint64_t *next)
{
    struct search search = {.call = call, .may_stop = true};
    enum call_outcome outcome = answer(&search, filter);
    *next = search.has_stopped ? search.height : filter->to + 1;
    return outcome;
}

enum call_outcome method_eth_get_logs(struct call *call)
{
    struct log_query query;
    if (!log_query_read(call, "params[0]", call->arguments[0].json, &query)
        || !log_query_resolve(call, &query))
        return CALL_FAILED;
    return logs_answer(call, &query.filter);
}
