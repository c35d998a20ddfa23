#include "rpc/methods/log_query.h"

#include "rpc/arguments.h"

struct reading {
    struct call *call;
    const char *where;
    struct log_query *query;
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
static bool read_accounts(struct reading *reading, const json_t *value)
{
    struct call *call = reading->call;
    const char *where = arena_format(call->arena, "%s.address", reading->where);
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    if (too_many(call, where, value, LOG_FILTER_ALTERNATIVES_MAX))
        return false;
    address *accounts = arena_array(call->arena, count, sizeof *accounts);
    for (size_t index = 0; index < count; index++)
        if (!argument_address(call, where,
                              json_is_array(value) ? json_array_get(value, index) : value,
                              &accounts[index]))
            return false;
    reading->query->filter.accounts = accounts;
    reading->query->filter.accounts_count = count;
    return true;
}

/* A position: null for any, one topic, or a list of alternatives (an empty one is any). */
static bool read_topic(struct reading *reading, const json_t *value, size_t position)
{
    struct call *call = reading->call;
    const char *where = arena_format(call->arena, "%s.topics[%zu]", reading->where, position);
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
    reading->query->filter.topics[position].any_of = topics;
    reading->query->filter.topics[position].count = count;
    return true;
}

static bool read_topics(struct reading *reading, const json_t *value)
{
    struct call *call = reading->call;
    const char *where = arena_format(call->arena, "%s.topics", reading->where);
    if (!json_is_array(value)) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected a list", where,
                  argument_shown(call, value));
        return false;
    }
    if (too_many(call, where, value, LOG_TOPICS_MAX))
        return false;
    reading->query->filter.topics_count = json_array_size(value);
    for (size_t position = 0; position < reading->query->filter.topics_count; position++)
        if (!read_topic(reading, json_array_get(value, position), position))
            return false;
    return true;
}

static bool read_member(struct reading *reading, const char *key, const json_t *value)
{
    struct call *call = reading->call;
    const char *where = arena_format(call->arena, "%s.%.40s", reading->where, key);
    if (json_is_null(value))
        return true;
    if (strcmp(key, "fromBlock") == 0 || strcmp(key, "toBlock") == 0) {
        reading->query->has_range = true;
        return argument_block(call, where, value,
                              key[0] == 'f' ? &reading->query->from : &reading->query->to);
    }
    if (strcmp(key, "blockHash") == 0) {
        reading->query->has_hash = true;
        return argument_hash(call, where, value, &reading->query->block_hash);
    }
    if (strcmp(key, "address") == 0)
        return read_accounts(reading, value);
    if (strcmp(key, "topics") == 0)
        return read_topics(reading, value);
    call_fail(call, RPC_INVALID_PARAMS,
              "%s: not understood; expected fromBlock, toBlock, blockHash, address, topics", where);
    return false;
}

bool log_query_read(struct call *call, const char *where, const json_t *json,
                    struct log_query *query)
{
    struct reading reading = {call, where, query};
    const char *key;
    json_t *value;
    *query = (struct log_query){.from.tag = BLOCK_LATEST, .to.tag = BLOCK_LATEST};
    json_object_foreach((json_t *)json, key,
                        value) if (!read_member(&reading, key, value)) return false;
    if (!query->has_hash || !query->has_range)
        return true;
    call_fail(call, RPC_INVALID_PARAMS,
              "%s: cannot specify both blockHash and "
              "fromBlock/toBlock, choose one or the other",
              where);
    return false;
}
