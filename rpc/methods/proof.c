/* eth_getProof: an account and its slots with what proves them (EIP-1186), for the last blocks. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/scope.h"

#define SLOTS_MAX 1024 /* as geth */

static void write_nodes(struct buffer *out, const char *key, const struct trie_proof *proof)
{
    write_key_raw(out, key, "[");
    for (size_t index = 0; index < proof->nodes_count; index++) {
        write_separator(out);
        write_data(out, proof->nodes[index]);
    }
    write_raw(out, "]");
}

/* As it was asked for: a whole word comes back as a whole word, anything else as a quantity. */
static void write_slot_key(struct buffer *out, const json_t *asked, const u256 *key)
{
    const hash256 word = u256_to_hash(key);
    if (json_string_length(asked) == 66)
        write_key_hash(out, "key", &word);
    else
        write_key_u256(out, "key", key);
}

/* geth shows an absent account with hashes of zero. */
static void write_account(struct buffer *out, const address *at, const struct account_proof *proof)
{
    static const hash256 none = {{0}};
    const bool exists = proof->proof.value.size > 0;
    write_raw(out, "{");
    write_key_address(out, "address", at);
    write_nodes(out, "accountProof", &proof->proof);
    write_key_u256(out, "balance", &proof->account.balance);
    write_key_hash(out, "codeHash", exists ? &proof->account.code_hash : &none);
    write_key_quantity(out, "nonce", proof->account.nonce);
    write_key_hash(out, "storageHash", exists ? &proof->account.storage_root : &none);
}

static void write_slots(struct buffer *out, const json_t *asked, const u256 *keys,
                        const struct account_proof *proof)
{
    write_key_raw(out, "storageProof", "[");
    for (size_t index = 0; index < json_array_size(asked); index++) {
        write_separator(out);
        write_raw(out, "{");
        write_slot_key(out, json_array_get(asked, index), &keys[index]);
        write_key_u256(out, "value", &proof->slots[index].value);
        write_nodes(out, "proof", &proof->slots[index].proof);
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

struct proving {
    struct call *call;
    uint64_t deadline_ms;
};

static bool is_over(void *context)
{
    const struct proving *proving = context;
    return scope_now_ms() >= proving->deadline_ms || call_is_abandoned(proving->call);
}

static bool read_keys(struct call *call, const json_t *list, u256 **keys)
{
    const size_t count = json_array_size(list);
    if (count > SLOTS_MAX) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "params[1]: found %zu storage keys; expected at most %d", count, SLOTS_MAX);
        return false;
    }
    *keys = arena_array(call->arena, count, sizeof **keys);
    for (size_t index = 0; index < count; index++)
        if (!argument_slot(call, arena_format(call->arena, "params[1][%zu]", index),
                           json_array_get(list, index), &(*keys)[index]))
            return false;
    return true;
}

/* `pending` proves the head: what waits in the pool is in no trie yet. */
enum call_outcome method_eth_get_proof(struct call *call)
{
    struct block_ref ref = {.tag = BLOCK_LATEST};
    struct proving proving = {call, call_begin_long(call)};
    const json_t *asked = call->arguments[1].json;
    const address *account = &call->arguments[0].account;
    struct account_proof proof;
    struct error error = {0};
    uint64_t height;
    u256 *keys;
    if (call->arguments[2].is_given)
        ref = call->arguments[2].block;
    if (!read_keys(call, asked, &keys) || !call_height(call, &ref, &height))
        return CALL_FAILED;
    if (!view_prove(call->scope->view, height, account, keys, json_array_size(asked), is_over,
                    &proving, call->arena, &proof, &error))
        return call_fail_with(call, &error);
    write_account(call->out, account, &proof);
    write_slots(call->out, asked, keys, &proof);
    write_raw(call->out, "}");
    return CALL_ANSWERED;
}
