/* eth_subscribe and eth_unsubscribe: over a connection that can be told things. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/methods/log_query.h"
#include "rpc/scope.h"
#include "rpc/subscriptions/hub.h"
#include "rpc/subscriptions/id.h"

static const struct {
    const char *name;
    enum subscription_kind kind;
} KINDS[] = {{"newHeads", SUBSCRIPTION_HEADS},
             {"logs", SUBSCRIPTION_LOGS},
             {"newPendingTransactions", SUBSCRIPTION_PENDING},
             {"syncing", SUBSCRIPTION_SYNCING}};

/* geth's words and code for a name it does not know. */
static bool find_kind(struct call *call, enum subscription_kind *kind)
{
    const char *name = call->arguments[0].name;
    for (size_t index = 0; index < sizeof KINDS / sizeof *KINDS; index++)
        if (strcmp(name, KINDS[index].name) == 0) {
            *kind = KINDS[index].kind;
            return true;
        }
    call_fail(call, RPC_METHOD_NOT_FOUND,
              "no \"%.40s\" subscription in eth namespace; expected newHeads, logs, "
              "newPendingTransactions or syncing",
              name);
    return false;
}

static bool wrong_option(struct call *call, const char *expected)
{
    call_fail(call, RPC_INVALID_PARAMS, "params[1]: found %s; expected %s",
              argument_shown(call, call->arguments[1].json), expected);
    return false;
}

/* Blocks that are final stay final: only what becomes final from now on is told. */
static uint64_t height_of(const struct block_ref *ref, bool is_given, uint64_t otherwise)
{
    return is_given && ref->tag == BLOCK_AT_NUMBER ? ref->number : otherwise;
}

static bool read_criteria(struct call *call, struct criteria **criteria)
{
    struct hub *hub = call->scope->hub;
    const json_t *json = call->arguments[1].json;
    struct log_query query = {.has_range = false};
    if (json != NULL && !json_is_object(json))
        return wrong_option(call, "an object of address and topics");
    if (json != NULL && !log_query_read(call, "params[1]", json, &query))
        return false;
    if (query.has_hash) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "params[1].blockHash: a subscription is for blocks to come");
        return false;
    }
    query.filter.from = height_of(&query.from, query.has_range, 0);
    query.filter.to = height_of(&query.to, query.has_range, UINT64_MAX);
    *criteria =
        criteria_new(&query.filter, hub_criteria_account(hub), call->limits->criteria_size_max);
    if (*criteria == NULL)
        call_fail(call, RPC_LIMIT_EXCEEDED,
                  "this node keeps no more addresses and topics for subscriptions and filters");
    return *criteria != NULL;
}

static bool read_options(struct call *call, enum subscription_kind *kind,
                         struct criteria **criteria)
{
    const json_t *json = call->arguments[1].json;
    switch (*kind) {
    case SUBSCRIPTION_LOGS: return read_criteria(call, criteria);
    case SUBSCRIPTION_PENDING:
        if (json == NULL)
            return true;
        if (!json_is_boolean(json))
            return wrong_option(call, "true for whole transactions, or false");
        if (json_is_true(json))
            *kind = SUBSCRIPTION_PENDING_FULL;
        return true;
    default:
        /* geth lets an empty object pass. */
        return json == NULL || (json_is_object(json) && json_object_size(json) == 0)
               || wrong_option(call, "nothing");
    }
}

enum call_outcome method_eth_subscribe(struct call *call)
{
    struct request_scope *scope = call->scope;
    enum subscription_kind kind;
    struct criteria *criteria = NULL;
    struct rpc_id id;
    if (scope->socket == NULL) /* geth's words and code */
        return call_fail(call, RPC_METHOD_NOT_FOUND,
                         "notifications not supported; subscribe over WebSocket, or use "
                         "eth_newFilter and eth_getFilterChanges");
    if (!find_kind(call, &kind))
        return CALL_FAILED;
    if (hub_count(scope->hub, scope->socket, scope->subscriptions)
        >= call->limits->subscriptions_max)
        return call_fail(call, RPC_LIMIT_EXCEEDED,
                         "too many subscriptions: at most %zu on one connection",
                         call->limits->subscriptions_max);
    if (!read_options(call, &kind, &criteria))
        return CALL_FAILED;
    subscription_make(&scope->subscriptions, kind, call->pinned, criteria, &id);
    rpc_id_write(call->out, &id);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_unsubscribe(struct call *call)
{
    struct request_scope *scope = call->scope;
    struct rpc_id id;
    if (scope->socket == NULL || !rpc_id_parse(&id, call->arguments[0].name)
        || !hub_unsubscribe(scope->hub, scope->socket, &id))
        return call_fail(call, RPC_SERVER_ERROR, "subscription not found");
    write_bool(call->out, true);
    return CALL_ANSWERED;
}
