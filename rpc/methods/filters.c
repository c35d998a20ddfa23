/* Filters: made, polled and removed. What they are is in rpc/subscriptions/filters.h. */
#include "rpc/subscriptions/filters.h"

#include "rpc/methods/log_query.h"
#include "rpc/methods/methods.h"
#include "rpc/scope.h"
#include "rpc/subscriptions/hub.h"

static enum call_outcome add(struct call *call, enum filter_kind kind, struct criteria *criteria)
{
    struct ledger_view *view = call_view(call);
    struct rpc_id id;
    if (view == NULL) {
        criteria_release(criteria);
        return CALL_FAILED;
    }
    if (!filters_add(call->scope->filters, call->pinned, kind, criteria, view_head(view) + 1,
                     scope_now_ms(), &id))
        return call_fail(call, RPC_LIMIT_EXCEEDED,
                         "too many filters: this node keeps at most %zu; remove some with "
                         "eth_uninstallFilter, or use eth_getLogs",
                         call->limits->filters_max);
    rpc_id_write(call->out, &id);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_new_block_filter(struct call *call)
{
    return add(call, FILTER_BLOCKS, NULL);
}

enum call_outcome method_eth_new_pending_transaction_filter(struct call *call)
{
    return add(call, FILTER_PENDING, NULL);
}

/* A range without a number at an end is open there: `latest` moves. */
enum call_outcome method_eth_new_filter(struct call *call)
{
    struct log_query query;
    if (!log_query_read(call, "params[0]", call->arguments[0].json, &query))
        return CALL_FAILED;
    if (query.has_hash)
        return call_fail(call, RPC_INVALID_PARAMS,
                         "params[0].blockHash: a filter is for blocks to come; use eth_getLogs");
    if (query.from.tag == BLOCK_AT_HASH || query.to.tag == BLOCK_AT_HASH)
        return call_fail(call, RPC_INVALID_PARAMS,
                         "params[0]: a range is given by numbers and tags");
    bool is_from_head = query.from.tag == BLOCK_LATEST || query.from.tag == BLOCK_PENDING;
    query.filter.from = is_from_head                        ? UINT64_MAX
                        : query.from.tag == BLOCK_AT_NUMBER ? query.from.number
                                                            : 0;
    query.filter.to = query.to.tag == BLOCK_AT_NUMBER  ? query.to.number
                      : query.to.tag == BLOCK_EARLIEST ? 0
                                                       : UINT64_MAX;
    if (!is_from_head && query.filter.from > query.filter.to)
        return call_fail(call, RPC_INVALID_PARAMS, "invalid block range params");
    struct criteria *criteria = criteria_new(&query.filter, hub_criteria_account(call->scope->hub),
                                             call->limits->criteria_size_max);
    if (criteria == NULL)
        return call_fail(
            call, RPC_LIMIT_EXCEEDED,
            "this node keeps no more addresses and topics for subscriptions and filters");
    return add(call, FILTER_LOGS, criteria);
}

/* ---- Polling ----------------------------------------------------------------------------- */

static enum call_outcome not_found(struct call *call)
{
    return call_fail(call, RPC_SERVER_ERROR, "filter not found");
}

static bool read_id(const struct call *call, struct rpc_id *id)
{
    return rpc_id_parse(id, call->arguments[0].name);
}

enum call_outcome method_eth_uninstall_filter(struct call *call)
{
    struct rpc_id id;
    write_bool(call->out,
               read_id(call, &id)
                   && filters_remove(call->scope->filters, call->pinned, &id, scope_now_ms()));
    return CALL_ANSWERED;
}

static enum call_outcome answer_pending(struct call *call, const struct rpc_id *id)
{
    struct buffer hashes = {0};
    if (!filters_take_pending(call->scope->filters, call->pinned, id, &hashes))
        return not_found(call);
    write_raw(call->out, "[");
    for (size_t at = 0; at < hashes.size; at += sizeof(hash256)) {
        write_separator(call->out);
        write_data(call->out, bytes_of(hashes.data + at, sizeof(hash256)));
    }
    write_raw(call->out, "]");
    buffer_cleanup(&hashes);
    return CALL_ANSWERED;
}

/* As many as an answer may hold; the rest comes with the next poll. */
static enum call_outcome answer_blocks(struct call *call, uint64_t *next)
{
    struct ledger_view *view = call->scope->view;
    struct error error = {0};
    write_raw(call->out, "[");
    for (size_t count = 0; *next <= view_head(view) && count < call->limits->logs_max; count++) {
        struct header header;
        hash256 hash;
        if (!view_header(view, *next, &header, &hash, &error))
            return call_fail_with(call, &error);
        write_separator(call->out);
        write_hash(call->out, &hash);
        ++*next;
    }
    write_raw(call->out, "]");
    return CALL_ANSWERED;
}

/* New logs, of blocks within the filter's own range. */
static enum call_outcome answer_logs(struct call *call, const struct criteria *criteria,
                                     uint64_t *next)
{
    struct log_filter filter = *criteria_filter(criteria);
    uint64_t head = view_head(call->scope->view), last = *next + call->limits->logs_span_max - 1;
    bool is_from_head = filter.from == UINT64_MAX;
    uint64_t all_to = last < head ? last : head;
    filter.from = is_from_head || filter.from < *next ? *next : filter.from;
    filter.to = filter.to < all_to ? filter.to : all_to;
    enum call_outcome outcome = logs_answer_part(call, &filter, next);
    if (*next == filter.to + 1) /* nothing was left: beyond its range there is nothing to see */
        *next = all_to + 1;
    return outcome;
}

static enum call_outcome answer_changes(struct call *call, const struct rpc_id *id,
                                        const struct filter_look *look)
{
    enum call_outcome outcome = CALL_FAILED;
    uint64_t next = look->next;
    if (look->kind == FILTER_PENDING)
        return answer_pending(call, id);
    scope_refresh(call->scope); /* calls before it in a batch may have waited for a block */
    if (call_view(call) == NULL)
        return CALL_FAILED;
    if (look->kind == FILTER_BLOCKS)
        outcome = answer_blocks(call, &next);
    else
        outcome = answer_logs(call, look->criteria, &next);
    if (outcome == CALL_ANSWERED)
        filters_advance(call->scope->filters, call->pinned, id, next);
    return outcome;
}

enum call_outcome method_eth_get_filter_changes(struct call *call)
{
    struct rpc_id id;
    struct filter_look look;
    if (!read_id(call, &id)
        || !filters_look(call->scope->filters, call->pinned, &id, scope_now_ms(), &look))
        return not_found(call);
    enum call_outcome outcome = answer_changes(call, &id, &look);
    criteria_release(look.criteria);
    return outcome;
}

/* All that match in its range, as eth_getLogs would answer now. */
static enum call_outcome answer_all(struct call *call, const struct criteria *criteria)
{
    const struct log_filter *filter = criteria_filter(criteria);
    bool is_from_head = filter->from == UINT64_MAX, is_to_head = filter->to == UINT64_MAX;
    struct log_query query = {
        .filter = *filter,
        .from = {.tag = is_from_head ? BLOCK_LATEST : BLOCK_AT_NUMBER, .number = filter->from},
        .to = {.tag = is_to_head ? BLOCK_LATEST : BLOCK_AT_NUMBER, .number = filter->to},
    };
    return log_query_resolve(call, &query) ? logs_answer(call, &query.filter) : CALL_FAILED;
}

enum call_outcome method_eth_get_filter_logs(struct call *call)
{
    struct rpc_id id;
    struct filter_look look;
    if (!read_id(call, &id)
        || !filters_look(call->scope->filters, call->pinned, &id, scope_now_ms(), &look))
        return not_found(call);
    enum call_outcome outcome =
        look.kind == FILTER_LOGS ? answer_all(call, look.criteria) : not_found(call);
    criteria_release(look.criteria);
    return outcome;
}
