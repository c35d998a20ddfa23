/* eth_getLogs: which logs match, within bounds on blocks looked at and logs found. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/methods/show.h"
#include "rpc/scope.h"
#include <inttypes.h>

static const char WHERE[] = "params[0]";

struct search {
    struct call *call;
    struct log_filter filter;
    struct block_ref from, to;
    bool has_range, has_hash;
    hash256 block_hash;
    size_t found;
    uint64_t deadline_ms;
    bool is_over; /* a bound was met, and the call has failed */
};

static bool too_many(struct call *call, const char *where, const json_t *list, size_t most)
{
    if (json_array_size(list) <= most)
        return false;
    call_fail(call, RPC_INVALID_PARAMS, "%s: %zu entries; expected at most %zu", where,
              json_array_size(list), most);
    return true;
}

/* One address or a list of them. */
static bool read_accounts(struct search *search, const json_t *value)
{
    struct call *call = search->call;
    const char *where = arena_format(call->arena, "%s.address", WHERE);
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    if (too_many(call, where, value, LOG_FILTER_ALTERNATIVES_MAX))
        return false;
    address *accounts = arena_array(call->arena, count, sizeof *accounts);
    for (size_t index = 0; index < count; index++)
        if (!argument_address(call, where,
                              json_is_array(value) ? json_array_get(value, index) : value,
                              &accounts[index]))
            return false;
    search->filter.accounts = accounts;
    search->filter.accounts_count = count;
    return true;
}

/* A position: null for any, one topic, or a list of alternatives (an empty one is any). */
static bool read_topic(struct search *search, const json_t *value, size_t position)
{
    struct call *call = search->call;
    const char *where = arena_format(call->arena, "%s.topics[%zu]", WHERE, position);
    if (json_is_null(value))
        return true;
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    if (too_many(call, where, value, LOG_FILTER_ALTERNATIVES_MAX))
        return false;
    hash256 *topics = arena_array(call->arena, count, sizeof *topics);
    for (size_t index = 0; index < count; index++) {
        const json_t *entry = json_is_array(value) ? json_array_get(value, index) : value;
        if (json_is_null(entry)) /* geth: null among alternatives means any */
            return true;
        if (!argument_hash(call, where, entry, &topics[index]))
            return false;
    }
    search->filter.topics[position].any_of = topics;
    search->filter.topics[position].count = count;
    return true;
}

static bool read_topics(struct search *search, const json_t *value)
{
    struct call *call = search->call;
    const char *where = arena_format(call->arena, "%s.topics", WHERE);
    if (!json_is_array(value)) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected a list", where,
                  argument_shown(call, value));
        return false;
    }
    if (too_many(call, where, value, LOG_TOPICS_MAX))
        return false;
    search->filter.topics_count = json_array_size(value);
    for (size_t position = 0; position < search->filter.topics_count; position++)
        if (!read_topic(search, json_array_get(value, position), position))
            return false;
    return true;
}

static bool read_member(struct search *search, const char *key, const json_t *value)
{
    struct call *call = search->call;
    const char *where = arena_format(call->arena, "%s.%.40s", WHERE, key);
    if (json_is_null(value))
        return true;
    if (strcmp(key, "fromBlock") == 0 || strcmp(key, "toBlock") == 0) {
        search->has_range = true;
        return argument_block(call, where, value, key[0] == 'f' ? &search->from : &search->to);
    }
    if (strcmp(key, "blockHash") == 0) {
        search->has_hash = true;
        return argument_hash(call, where, value, &search->block_hash);
    }
    if (strcmp(key, "address") == 0)
        return read_accounts(search, value);
    if (strcmp(key, "topics") == 0)
        return read_topics(search, value);
    call_fail(call, RPC_INVALID_PARAMS,
              "%s: not understood; expected fromBlock, toBlock, blockHash, address, topics", where);
    return false;
}

static bool read_filter(struct search *search)
{
    struct call *call = search->call;
    const char *key;
    json_t *value;
    search->from = search->to = (struct block_ref){.tag = BLOCK_LATEST};
    json_object_foreach((json_t *)call->arguments[0].json, key,
                        value) if (!read_member(search, key, value)) return false;
    if (search->has_hash && search->has_range) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s: cannot specify both blockHash and "
                  "fromBlock/toBlock, choose one or the other",
                  WHERE);
        return false;
    }
    return true;
}

/* A range that ends beyond the head ends at the head: clients ask ahead of time. */
static bool resolve_end(struct search *search, const struct block_ref *ref, uint64_t *height)
{
    bool is_known;
    if (!call_height_or_null(search->call, ref, height, &is_known))
        return false;
    if (is_known || ref->tag == BLOCK_AT_NUMBER)
        return true;
    call_fail(search->call, RPC_SERVER_ERROR, "unknown block");
    return false;
}

static bool resolve_range(struct search *search)
{
    struct call *call = search->call;
    struct log_filter *filter = &search->filter;
    if (search->has_hash) {
        struct block_ref ref = {.tag = BLOCK_AT_HASH, .hash = search->block_hash};
        if (!resolve_end(search, &ref, &filter->from))
            return false;
        filter->to = filter->from;
        return true;
    }
    if (!resolve_end(search, &search->from, &filter->from)
        || !resolve_end(search, &search->to, &filter->to))
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

static bool on_found(void *context, const struct found_log *found)
{
    struct search *search = context;
    struct call *call = search->call;
    if (search->found == call->limits->logs_max) {
        call_fail(call, RPC_LIMIT_EXCEEDED,
                  "query returned more than %zu results; narrow the filter or the block range",
                  call->limits->logs_max);
        search->is_over = true;
    } else if (call->out->size > call->limits->response_size_max) {
        call_fail(call, RPC_RESPONSE_TOO_LARGE,
                  "response too large: at most %zu bytes; narrow the filter or the block range",
                  call->limits->response_size_max);
        search->is_over = true;
    }
    if (search->is_over)
        return false;
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

enum call_outcome method_eth_get_logs(struct call *call)
{
    struct search search = {.call = call, .deadline_ms = call_deadline_ms(call)};
    search.filter.is_over = is_out_of_time;
    struct error error = {0};
    if (!read_filter(&search) || !resolve_range(&search))
        return CALL_FAILED;
    write_raw(call->out, "[");
    if (search.filter.from <= search.filter.to
        && !view_find_logs(call->scope->view, &search.filter, on_found, &search, &error))
        return call_fail_with(call, &error);
    if (search.is_over)
        return CALL_FAILED;
    write_raw(call->out, "]");
    return CALL_ANSWERED;
}
