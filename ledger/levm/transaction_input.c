#include "ledger/levm/transaction_input.h"

#include "vm/base/hex.h"

#define LEGACY_V_PLAIN    27 /* the yellow paper, appendix F */
#define LEGACY_V_CHAIN_ID 35 /* EIP-155 */

static bool has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

static bool read_access_entry(const json_t *fields, struct access_entry *entry, struct arena *arena,
                              struct error *error)
{
    json_t *keys;
    if (!json_is_object(fields))
        return error_set(error, ERROR_INVALID, "the access list has an entry that is no object");
    if (!input_address(fields, "address", &entry->account, error)
        || !input_array(fields, "storageKeys", &keys, error))
        return false;
    entry->keys = arena_array(arena, json_array_size(keys), sizeof *entry->keys);
    entry->keys_count = json_array_size(keys);
    for (size_t i = 0; i < entry->keys_count; i++) {
        u256 key;
        if (!value_u256(json_array_get(keys, i), "storageKeys", &key, error))
            return false;
        entry->keys[i] = u256_to_hash(&key);
    }
    return true;
}

bool transaction_input_access_list(const json_t *list, struct transaction *tx, struct arena *arena,
                                   struct error *error)
{
    if (json_is_null(list))
        return true;
    if (!json_is_array(list))
        return error_set(error, ERROR_INVALID, "the access list is not an array");
    tx->access_list_count = json_array_size(list);
    tx->access_list = arena_array(arena, tx->access_list_count, sizeof *tx->access_list);
    for (size_t i = 0; i < tx->access_list_count; i++)
        if (!read_access_entry(json_array_get(list, i), &tx->access_list[i], arena, error))
            return false;
    return true;
}

static bool read_authorization(const json_t *fields, struct authorization *authorization,
                               struct error *error)
{
    uint64_t y_parity;
    if (!json_is_object(fields))
        return error_set(error, ERROR_INVALID,
                         "'authorizationList' has an entry that is no object");
    if (!input_u256(fields, "chainId", &authorization->chain_id, error)
        || !input_address(fields, "address", &authorization->delegate, error)
        || !input_u64(fields, "nonce", &authorization->nonce, error)
        || !input_u64(fields, has(fields, "yParity") ? "yParity" : "v", &y_parity, error)
        || !input_u256(fields, "r", &authorization->r, error)
        || !input_u256(fields, "s", &authorization->s, error))
        return false;
    if (y_parity > UINT8_MAX)
        return error_set(error, ERROR_INVALID, "'yParity' is over 255");
    authorization->y_parity = (uint8_t)y_parity;
    return true;
}

bool transaction_input_authorizations(const json_t *fields, struct transaction *tx,
                                      struct arena *arena, struct error *error)
{
    json_t *list;
    if (!input_array(fields, "authorizationList", &list, error))
        return false;
    tx->authorizations_count = json_array_size(list);
    tx->authorizations = arena_array(arena, tx->authorizations_count, sizeof *tx->authorizations);
    for (size_t i = 0; i < tx->authorizations_count; i++)
        if (!read_authorization(json_array_get(list, i), &tx->authorizations[i], error))
            return false;
    return true;
}

enum transaction_type transaction_input_type(const json_t *fields)
{
    if (has(fields, "authorizationList"))
        return TRANSACTION_SET_CODE;
    if (has(fields, "blobVersionedHashes") || has(fields, "maxFeePerBlobGas"))
        return TRANSACTION_BLOB;
    if (has(fields, "maxFeePerGas"))
        return TRANSACTION_DYNAMIC_FEE;
    return has(fields, "accessLists") || has(fields, "accessList") ? TRANSACTION_ACCESS_LIST
                                                                   : TRANSACTION_LEGACY;
}

bool transaction_input_fees(const json_t *fields, struct transaction *tx, struct error *error)
{
    if (tx->type >= TRANSACTION_DYNAMIC_FEE)
        return input_u256(fields, "maxFeePerGas", &tx->max_fee, error)
               && input_u256(fields, "maxPriorityFeePerGas", &tx->max_priority, error);
    if (!input_u256(fields, "gasPrice", &tx->max_fee, error))
        return false;
    tx->max_priority = tx->max_fee;
    return true;
}

bool transaction_input_to(const json_t *fields, struct transaction *tx, struct error *error)
{
    const char *to = json_string_value(json_object_get(fields, "to"));
    tx->is_create = to == NULL || to[0] == '\0' || strcmp(to, "0x") == 0;
    return tx->is_create || input_address(fields, "to", &tx->to, error);
}

/* The type that is named, else the one that its members are of. */
static bool read_type(const json_t *fields, struct transaction *tx, struct error *error)
{
    uint64_t number;
    tx->type = transaction_input_type(fields);
    if (!has(fields, "type"))
        return true;
    if (!input_u64(fields, "type", &number, error))
        return false;
    tx->type = (enum transaction_type)number;
    return number <= TRANSACTION_SET_CODE
           || error_set(error, ERROR_INVALID, "'type' is over 4: no such transaction");
}

/* What every type has. Some writers say gasLimit and data, as state tests do. */
static bool read_common(const json_t *fields, struct transaction *tx, struct arena *arena,
                        struct error *error)
{
    const char *data_name = has(fields, "input") ? "input" : "data";
    const json_t *data = json_object_get(fields, data_name);
    if (data == NULL)
        return error_set(error, ERROR_INVALID, "'input' is missing");
    return input_u64(fields, "nonce", &tx->nonce, error)
           && input_u64(fields, has(fields, "gas") ? "gas" : "gasLimit", &tx->gas_limit, error)
           && input_u256(fields, "value", &tx->value, error)
           && value_bytes(data, data_name, arena, &tx->data, error)
           && transaction_input_to(fields, tx, error);
}

static bool read_typed(const json_t *fields, struct transaction *tx, struct arena *arena,
                       struct error *error)
{
    if (!transaction_input_fees(fields, tx, error))
        return false;
    if (tx->type != TRANSACTION_LEGACY && has(fields, "chainId")
        && !input_u64(fields, "chainId", &tx->chain_id, error))
        return false;
    if (tx->type != TRANSACTION_LEGACY && has(fields, "accessList")
        && !transaction_input_access_list(json_object_get(fields, "accessList"), tx, arena, error))
        return false;
    return tx->type != TRANSACTION_SET_CODE
           || transaction_input_authorizations(fields, tx, arena, error);
}

static bool read_signature(const json_t *fields, struct transaction *tx, u256 *v,
                           struct error *error)
{
    const char *v_name = has(fields, "yParity") ? "yParity" : "v";
    *v = U256_ZERO;
    return (!has(fields, v_name) || input_u256(fields, v_name, v, error))
           && (!has(fields, "r") || input_u256(fields, "r", &tx->r, error))
           && (!has(fields, "s") || input_u256(fields, "s", &tx->s, error));
}

/* What v says of parity and chain; false if no signer writes such a v. */
static bool split_v(struct transaction *tx, const u256 *v)
{
    uint64_t value = v->limbs[0];
    if (!u256_fits_u64(v))
        return false;
    if (tx->type != TRANSACTION_LEGACY) {
        tx->y_parity = (uint8_t)(value & 1);
        return value <= 1;
    }
    tx->has_chain_id = value >= LEGACY_V_CHAIN_ID;
    tx->chain_id = tx->has_chain_id ? (value - LEGACY_V_CHAIN_ID) / 2 : 0;
    tx->y_parity = (uint8_t)((value - (tx->has_chain_id ? LEGACY_V_CHAIN_ID : LEGACY_V_PLAIN)) & 1);
    return tx->has_chain_id || value == LEGACY_V_PLAIN || value == LEGACY_V_PLAIN + 1;
}

/* As it would come over the wire: encoded, and read again by all the rules. */
static enum transaction_verdict take_signed(struct transaction *tx, const u256 *v,
                                            uint64_t chain_id, struct arena *arena)
{
    struct buffer out = {0};
    if (!split_v(tx, v))
        return TRANSACTION_BAD_V;
    transaction_encode(tx, &out);
    struct bytes encoded = arena_copy(arena, buffer_view(&out));
    buffer_cleanup(&out);
    return transaction_input_signed(tx, encoded, chain_id, arena, NULL);
}

static bool sign(const json_t *fields, struct transaction *tx, uint64_t chain_id,
                 struct arena *arena, struct error *error)
{
    struct secret_key key;
    hash256 secret;
    if (tx->type == TRANSACTION_LEGACY)
        tx->has_chain_id = !json_is_false(json_object_get(fields, "protected"));
    if (tx->type == TRANSACTION_LEGACY || tx->chain_id == 0)
        tx->chain_id = tx->has_chain_id ? chain_id : 0;
    if (tx->has_chain_id && tx->chain_id != chain_id)
        return error_set(error, ERROR_INVALID, "'chainId' is not that of --state.chainid");
    if (!input_hash(fields, "secretKey", &secret, error))
        return false;
    bool ok = secret_key_load(&key, secret.bytes);
    if (ok)
        transaction_sign(tx, &key, arena);
    secret_key_cleanup(&key);
    explicit_bzero(&secret, sizeof secret);
    return ok || error_set(error, ERROR_INVALID, "'secretKey' is not a key of secp256k1");
}

enum transaction_verdict transaction_input_signed(struct transaction *tx, struct bytes encoded,
                                                  uint64_t chain_id, struct arena *arena,
                                                  enum rlp_verdict *rlp)
{
    enum transaction_verdict verdict = transaction_decode(tx, encoded, arena, rlp);
    if (verdict == TRANSACTION_OK)
        verdict = transaction_recover(tx);
    if (verdict == TRANSACTION_OK && tx->has_chain_id && tx->chain_id != chain_id)
        verdict = TRANSACTION_WRONG_CHAIN_ID;
    return verdict;
}

bool transaction_input_read(const json_t *fields, uint64_t chain_id, struct transaction *tx,
                            enum transaction_verdict *verdict, struct arena *arena,
                            struct error *error)
{
    u256 v;
    *tx = (struct transaction){.has_chain_id = true};
    *verdict = TRANSACTION_OK;
    if (!json_is_object(fields))
        return error_set(error, ERROR_INVALID, "not an object");
    if (!read_type(fields, tx, error))
        return false;
    if (tx->type == TRANSACTION_BLOB) {
        *verdict = TRANSACTION_TYPE_BLOB;
        return true;
    }
    if (!read_common(fields, tx, arena, error) || !read_typed(fields, tx, arena, error)
        || !read_signature(fields, tx, &v, error))
        return false;
    bool is_signed = !u256_is_zero(&v) || !u256_is_zero(&tx->r) || !u256_is_zero(&tx->s);
    if (has(fields, "secretKey") && !is_signed)
        return sign(fields, tx, chain_id, arena, error);
    *verdict = take_signed(tx, &v, chain_id, arena);
    return true;
}
