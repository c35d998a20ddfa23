#include "rpc/methods/call_object.h"

#include "rpc/arguments.h"
#include <inttypes.h>

#define ACCESS_ENTRIES_MAX 10000
#define AUTHORIZATIONS_MAX 1000 /* each takes a signature's recovery */

struct reading {
    struct call *call;
    const char *where; /* "params[0]" */
    struct call_object *object;
    struct bytes data, input;
    bool has_data, has_input, has_gas_price, has_max_fee, has_priority, has_authorizations;
};

static bool read_keys(struct call *call, const char *where, const json_t *list,
                      struct access_entry *entry)
{
    if (!json_is_array(list)) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected a list of storage keys", where,
                  argument_shown(call, list));
        return false;
    }
    entry->keys_count = json_array_size(list);
    entry->keys = arena_array(call->arena, entry->keys_count, sizeof *entry->keys);
    for (size_t index = 0; index < entry->keys_count; index++)
        if (!argument_hash(call, where, json_array_get(list, index), &entry->keys[index]))
            return false;
    return true;
}

static bool read_access_list(struct call *call, const char *object, const json_t *list,
                             struct transaction *tx)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > ACCESS_ENTRIES_MAX) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s.accessList: found %s; expected a list of at most %d entries", object,
                  argument_shown(call, list), ACCESS_ENTRIES_MAX);
        return false;
    }
    tx->access_list = arena_array(call->arena, count, sizeof *tx->access_list);
    tx->access_list_count = count;
    for (size_t index = 0; index < count; index++) {
        const json_t *entry = json_array_get(list, index);
        const char *where = arena_format(call->arena, "%s.accessList[%zu]", object, index);
        if (!argument_address(call, arena_format(call->arena, "%s.address", where),
                              json_object_get(entry, "address"), &tx->access_list[index].account)
            || !read_keys(call, arena_format(call->arena, "%s.storageKeys", where),
                          json_object_get(entry, "storageKeys"), &tx->access_list[index]))
            return false;
    }
    return true;
}

static bool read_authorization(struct call *call, const char *where, const json_t *json,
                               struct authorization *authorization)
{
    uint64_t y_parity;
    struct {
        const char *name;
        u256 *number;
    } const members[] = {
        {"chainId", &authorization->chain_id}, {"r", &authorization->r}, {"s", &authorization->s}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!argument_u256(call, arena_format(call->arena, "%s.%s", where, members[i].name),
                           json_object_get(json, members[i].name), members[i].number))
            return false;
    if (!argument_address(call, arena_format(call->arena, "%s.address", where),
                          json_object_get(json, "address"), &authorization->delegate)
        || !argument_quantity(call, arena_format(call->arena, "%s.nonce", where),
                              json_object_get(json, "nonce"), &authorization->nonce)
        || !argument_quantity(call, arena_format(call->arena, "%s.yParity", where),
                              json_object_get(json, "yParity"), &y_parity))
        return false;
    if (y_parity > UINT8_MAX) {
        call_fail(call, RPC_INVALID_PARAMS, "%s.yParity: found %" PRIu64 "; expected at most 255",
                  where, y_parity);
        return false;
    }
    authorization->y_parity = (uint8_t)y_parity;
    authorization_recover(authorization);
    return true;
}

static bool read_authorizations(struct call *call, const char *object, const json_t *list,
                                struct transaction *tx)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > AUTHORIZATIONS_MAX) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s.authorizationList: found %s; expected a list of at most %d authorizations",
                  object, argument_shown(call, list), AUTHORIZATIONS_MAX);
        return false;
    }
    tx->authorizations = arena_array(call->arena, count, sizeof *tx->authorizations);
    tx->authorizations_count = count;
    for (size_t index = 0; index < count; index++)
        if (!read_authorization(
                call, arena_format(call->arena, "%s.authorizationList[%zu]", object, index),
                json_array_get(list, index), &tx->authorizations[index]))
            return false;
    return true;
}

static bool check_chain_id(struct call *call, const char *where, const json_t *value)
{
    uint64_t chain_id;
    if (!argument_quantity(call, where, value, &chain_id))
        return false;
    if (chain_id == ledger_chain_id(call->ledger))
        return true;
    call_fail(call, RPC_INVALID_PARAMS, "%s: have %" PRIu64 " want %" PRIu64, where, chain_id,
              ledger_chain_id(call->ledger));
    return false;
}

/* "type" only has to be one we know; the fee members say what kind it is. */
static bool check_type(struct call *call, const char *where, const json_t *value)
{
    uint64_t type;
    if (!argument_quantity(call, where, value, &type))
        return false;
    if (type <= TRANSACTION_DYNAMIC_FEE || type == TRANSACTION_SET_CODE)
        return true;
    call_fail(call, RPC_INVALID_PARAMS,
              "%s: transaction type %" PRIu64 " is not supported; "
              "expected 0x0, 0x1, 0x2 or 0x4",
              where, type);
    return false;
}

/* What would change the result and cannot be done here. Any other member is left alone, as in geth:
 * web3.js sends chain, hardfork and networkId along. */
static bool check_other(struct call *call, const char *key, const char *where)
{
    static const char *const of_blobs[] = {"blobVersionedHashes", "maxFeePerBlobGas", "blobs",
                                           "commitments", "proofs"};
    for (size_t i = 0; i < sizeof of_blobs / sizeof *of_blobs; i++)
        if (strcmp(key, of_blobs[i]) == 0) {
            call_fail(call, RPC_INVALID_PARAMS,
                      "%s: blob transactions are not supported; expected none", where);
            return false;
        }
    return true;
}

static bool read_member(struct reading *in, const char *key, const json_t *value)
{
    struct call *call = in->call;
    struct transaction *tx = &in->object->tx;
    const char *where = arena_format(call->arena, "%s.%.40s", in->where, key);
    if (json_is_null(value))
        return true;
    if (strcmp(key, "from") == 0)
        return argument_address(call, where, value, &tx->sender);
    if (strcmp(key, "to") == 0) {
        tx->is_create = false;
        return argument_address(call, where, value, &tx->to);
    }
    if (strcmp(key, "gas") == 0) {
        in->object->has_gas = true;
        return argument_quantity(call, where, value, &tx->gas_limit);
    }
    if (strcmp(key, "gasPrice") == 0) {
        in->has_gas_price = true;
        return argument_u256(call, where, value, &tx->max_fee);
    }
    if (strcmp(key, "maxFeePerGas") == 0) {
        in->has_max_fee = true;
        return argument_u256(call, where, value, &tx->max_fee);
    }
    if (strcmp(key, "maxPriorityFeePerGas") == 0) {
        in->has_priority = true;
        return argument_u256(call, where, value, &tx->max_priority);
    }
    if (strcmp(key, "value") == 0)
        return argument_u256(call, where, value, &tx->value);
    if (strcmp(key, "nonce") == 0) {
        in->object->has_nonce = true;
        return argument_quantity(call, where, value, &tx->nonce);
    }
    if (strcmp(key, "data") == 0) {
        in->has_data = true;
        return argument_data(call, where, value, &in->data);
    }
    if (strcmp(key, "input") == 0) {
        in->has_input = true;
        return argument_data(call, where, value, &in->input);
    }
    if (strcmp(key, "accessList") == 0)
        return read_access_list(call, in->where, value, tx);
    if (strcmp(key, "authorizationList") == 0) {
        in->has_authorizations = true;
        return read_authorizations(call, in->where, value, tx);
    }
    if (strcmp(key, "chainId") == 0)
        return check_chain_id(call, where, value);
    if (strcmp(key, "type") == 0)
        return check_type(call, where, value);
    return check_other(call, key, where);
}

/* geth's rules and words. */
static bool settle(struct reading *in)
{
    struct call *call = in->call;
    struct transaction *tx = &in->object->tx;
    if (in->has_data && in->has_input && !bytes_equal(in->data, in->input)) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s: both \"data\" and \"input\" are set and not equal; please use \"input\" to "
                  "pass transaction call data",
                  in->where);
        return false;
    }
    if (in->has_gas_price && (in->has_max_fee || in->has_priority)) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s: both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
                  in->where);
        return false;
    }
    tx->data = in->has_input ? in->input : in->data;
    if (in->has_gas_price || !in->has_max_fee)
        tx->max_priority = in->has_gas_price || !in->has_priority ? tx->max_fee : tx->max_priority;
    if (in->has_max_fee && u256_less(&tx->max_fee, &tx->max_priority)) {
        call_fail(call, RPC_SERVER_ERROR,
                  "%s: max priority fee per gas higher than max fee per gas", in->where);
        return false;
    }
    if (!in->has_gas_price && !in->has_max_fee)
        tx->max_priority = U256_ZERO; /* no price named: nothing is charged */
    in->object->has_fee = !u256_is_zero(&tx->max_fee);
    tx->type = in->has_gas_price ? TRANSACTION_ACCESS_LIST : TRANSACTION_DYNAMIC_FEE;
    if (in->has_authorizations)
        tx->type = TRANSACTION_SET_CODE;
    return true;
}

bool call_object_read(struct call *call, const char *where, const json_t *json,
                      struct call_object *object)
{
    struct reading in = {.call = call, .where = where, .object = object};
    const char *key;
    json_t *value;
    *object = (struct call_object){.tx = {.is_create = true, .has_chain_id = true}};
    object->tx.chain_id = ledger_chain_id(call->ledger);
    json_object_foreach((json_t *)json, key, value) if (!read_member(&in, key, value)) return false;
    return settle(&in);
}
