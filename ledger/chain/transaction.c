#include "ledger/chain/transaction.h"

#include <assert.h>

#include "vm/crypto/keccak.h"

#define GAS_TRANSACTION       21000 /* yellow paper, appendix G */
#define GAS_CREATE            32000 /* EIP-2 */
#define GAS_DATA_ZERO         4     /* yellow paper, appendix G */
#define GAS_DATA_NONZERO      16    /* EIP-2028 */
#define GAS_ACCESS_ADDRESS    2400  /* EIP-2930 */
#define GAS_ACCESS_KEY        1900  /* EIP-2930 */
#define GAS_INITCODE_WORD     2     /* EIP-3860 */
#define GAS_AUTHORIZATION     25000 /* EIP-7702: PER_EMPTY_ACCOUNT_COST */
#define GAS_FLOOR_TOKEN       10    /* EIP-7623: TOTAL_COST_FLOOR_PER_TOKEN */
#define TOKENS_NONZERO        4     /* EIP-7623: a byte that is not zero */
#define LEGACY_V_MIN          27    /* yellow paper, appendix F */
#define LEGACY_V_CHAIN_ID_MIN 35    /* EIP-155 */
#define ACCESS_ENTRY_SIZE_MIN 23    /* a list of an address and an empty list, encoded */
#define ACCESS_KEY_SIZE       33    /* a hash, encoded */

const char *transaction_verdict_text(enum transaction_verdict verdict)
{
    switch (verdict) {
    case TRANSACTION_OK: return "ok";
    case TRANSACTION_BAD_RLP: return "transaction is not canonical RLP of its type";
    case TRANSACTION_EMPTY: return "typed transaction too short";
    case TRANSACTION_TYPE_BLOB: return "transaction type not supported: blob (type 3)";
    case TRANSACTION_TYPE_UNKNOWN: return "transaction type not supported";
    case TRANSACTION_BAD_TO: return "recipient is neither empty nor 20 bytes";
    case TRANSACTION_BAD_V: return "invalid transaction v, r, s values: v is out of range";
    case TRANSACTION_BAD_SIGNATURE: return "invalid transaction v, r, s values";
    case TRANSACTION_HIGH_S:
        return "invalid transaction v, r, s values: s is over half the group order";
    case TRANSACTION_NO_CHAIN_ID:
        return "only replay-protected (EIP-155) transactions allowed over RPC";
    case TRANSACTION_WRONG_CHAIN_ID: return "invalid chain id for signer";
    case TRANSACTION_TIP_ABOVE_FEE: return "max priority fee per gas higher than max fee per gas";
    case TRANSACTION_NONCE_MAX: return "nonce has max value";
    case TRANSACTION_INITCODE_TOO_LARGE: return "max initcode size exceeded";
    case TRANSACTION_NO_AUTHORIZATIONS: return "EIP-7702 transaction with empty auth list";
    case TRANSACTION_SET_CODE_CREATES:
        return "EIP-7702 transaction cannot be used to create contract";
    case TRANSACTION_GAS_OVER_CAP: return "transaction gas limit too high";
    case TRANSACTION_GAS_BELOW_INTRINSIC: return "intrinsic gas too low";
    case TRANSACTION_GAS_BELOW_FLOOR: return "insufficient gas for floor data gas cost";
    case TRANSACTION_GAS_OVERFLOW:
        return "insufficient funds for gas * price + value: the sum exceeds 256 bits";
    case TRANSACTION_GAS_OVER_BLOCK: return "gas limit reached";
    case TRANSACTION_FEE_BELOW_BASE: return "max fee per gas less than block base fee";
    case TRANSACTION_NONCE_TOO_LOW: return "nonce too low";
    case TRANSACTION_NONCE_TOO_HIGH: return "nonce too high";
    case TRANSACTION_INSUFFICIENT_FUNDS: return "insufficient funds for gas * price + value";
    case TRANSACTION_SENDER_HAS_CODE: return "sender not an eoa";
    case TRANSACTION_TOO_LARGE: return "oversized data";
    case TRANSACTION_VERDICT_COUNT: break;
    }
    return "unknown transaction verdict";
}

/* Reads the recipient: empty for a creation, else 20 bytes. */
static bool read_to(struct rlp_reader *in, struct transaction *tx)
{
    struct bytes to = rlp_string(in);
    if (in->verdict != RLP_OK)
        return true; /* reported as bad RLP */
    tx->is_create = to.size == 0;
    if (to.size == sizeof tx->to.bytes)
        memcpy(tx->to.bytes, to.data, to.size);
    return tx->is_create || to.size == sizeof tx->to.bytes;
}

static void read_access_entry(struct rlp_reader *in, struct access_entry *entry,
                              struct arena *arena)
{
    struct rlp_reader fields = rlp_list(in);
    rlp_fixed(&fields, entry->account.bytes, sizeof entry->account.bytes);
    struct rlp_reader keys = rlp_list(&fields);
    entry->keys = arena_array(arena, keys.left / ACCESS_KEY_SIZE, sizeof *entry->keys);
    while (rlp_has_more(&keys)) {
        hash256 key;
        rlp_fixed(&keys, key.bytes, sizeof key.bytes);
        if (keys.verdict == RLP_OK)
            entry->keys[entry->keys_count++] = key;
    }
    rlp_leave(&fields, &keys);
    rlp_leave(in, &fields);
}

/* Every array is bounded by the size of the bytes it is read from. */
static void read_access_list(struct rlp_reader *in, struct transaction *tx, struct arena *arena)
{
    struct rlp_reader entries = rlp_list(in);
    tx->access_list =
        arena_array(arena, entries.left / ACCESS_ENTRY_SIZE_MIN, sizeof *tx->access_list);
    while (rlp_has_more(&entries)) {
        struct access_entry entry = {0};
        read_access_entry(&entries, &entry, arena);
        if (entries.verdict == RLP_OK)
            tx->access_list[tx->access_list_count++] = entry;
    }
    rlp_leave(in, &entries);
}

static void read_authorizations(struct rlp_reader *in, struct transaction *tx, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    tx->authorizations =
        arena_array(arena, list.left / AUTHORIZATION_SIZE_MIN, sizeof *tx->authorizations);
    while (rlp_has_more(&list)) {
        struct authorization authorization = authorization_read(&list);
        if (list.verdict == RLP_OK)
            tx->authorizations[tx->authorizations_count++] = authorization;
    }
    rlp_leave(in, &list);
}

/* EIP-155: v = 27 + parity, or 35 + 2 * chain id + parity. False if it is neither. */
static bool parse_legacy_v(struct transaction *tx, const u256 *v)
{
    if (u256_fits_u64(v) && (v->limbs[0] == LEGACY_V_MIN || v->limbs[0] == LEGACY_V_MIN + 1)) {
        tx->y_parity = (uint8_t)(v->limbs[0] - LEGACY_V_MIN);
        return true;
    }
    u256 offset = u256_from_u64(LEGACY_V_CHAIN_ID_MIN);
    u256 rest;
    if (u256_sub_overflows(v, &offset, &rest))
        return false;
    tx->y_parity = (uint8_t)(rest.limbs[0] & 1);
    u256 one_bit = U256_ONE;
    u256 chain_id = u256_shr(&rest, &one_bit);
    if (!u256_fits_u64(&chain_id))
        return false;
    tx->has_chain_id = true;
    tx->chain_id = chain_id.limbs[0];
    return true;
}

static u256 legacy_v(const struct transaction *tx)
{
    if (!tx->has_chain_id)
        return u256_from_u64((uint64_t)LEGACY_V_MIN + tx->y_parity);
    u256 chain_id = u256_from_u64(tx->chain_id);
    u256 offset = u256_from_u64((uint64_t)LEGACY_V_CHAIN_ID_MIN + tx->y_parity);
    u256 v = u256_add(&chain_id, &chain_id);
    return u256_add(&v, &offset);
}

static enum transaction_verdict read_legacy(struct transaction *tx, struct rlp_reader *in)
{
    struct rlp_reader fields = rlp_list(in);
    tx->nonce = rlp_u64(&fields);
    tx->max_fee = rlp_u256(&fields);
    tx->max_priority = tx->max_fee;
    tx->gas_limit = rlp_u64(&fields);
    bool is_to_ok = read_to(&fields, tx);
    tx->value = rlp_u256(&fields);
    tx->data = rlp_string(&fields);
    u256 v = rlp_u256(&fields);
    tx->r = rlp_u256(&fields);
    tx->s = rlp_u256(&fields);
    rlp_leave(in, &fields);
    if (!rlp_finished(in))
        return is_to_ok ? TRANSACTION_BAD_RLP : TRANSACTION_BAD_TO;
    if (!is_to_ok)
        return TRANSACTION_BAD_TO;
    return parse_legacy_v(tx, &v) ? TRANSACTION_OK : TRANSACTION_BAD_V;
}

static enum transaction_verdict read_typed(struct transaction *tx, struct rlp_reader *in,
                                           struct arena *arena)
{
    struct rlp_reader fields = rlp_list(in);
    tx->has_chain_id = true;
    tx->chain_id = rlp_u64(&fields);
    tx->nonce = rlp_u64(&fields);
    tx->max_priority = rlp_u256(&fields); /* of type 1: the gas price, which is both */
    tx->max_fee = tx->type == TRANSACTION_ACCESS_LIST ? tx->max_priority : rlp_u256(&fields);
    tx->gas_limit = rlp_u64(&fields);
    bool is_to_ok = read_to(&fields, tx);
    tx->value = rlp_u256(&fields);
    tx->data = rlp_string(&fields);
    read_access_list(&fields, tx, arena);
    if (tx->type == TRANSACTION_SET_CODE)
        read_authorizations(&fields, tx, arena);
    uint64_t y_parity = rlp_u64(&fields);
    tx->r = rlp_u256(&fields);
    tx->s = rlp_u256(&fields);
    rlp_leave(in, &fields);
    if (!rlp_finished(in))
        return is_to_ok ? TRANSACTION_BAD_RLP : TRANSACTION_BAD_TO;
    if (!is_to_ok)
        return TRANSACTION_BAD_TO;
    if (y_parity > 1)
        return TRANSACTION_BAD_V;
    tx->y_parity = (uint8_t)y_parity;
    return TRANSACTION_OK;
}

static enum transaction_verdict read_by_type(struct transaction *tx, struct rlp_reader *in,
                                             struct arena *arena)
{
    if (in->left == 0)
        return TRANSACTION_EMPTY;
    if (rlp_is_list(in))
        return read_legacy(tx, in);

    uint8_t type = in->next[0];
    in->next++;
    in->left--;
    switch (type) {
    case TRANSACTION_ACCESS_LIST:
    case TRANSACTION_DYNAMIC_FEE:
    case TRANSACTION_SET_CODE: tx->type = type; return read_typed(tx, in, arena);
    case TRANSACTION_BLOB: return TRANSACTION_TYPE_BLOB;
    default: return TRANSACTION_TYPE_UNKNOWN;
    }
}

enum transaction_verdict transaction_decode(struct transaction *tx, struct bytes encoded,
                                            struct arena *arena, enum rlp_verdict *rlp)
{
    *tx = (struct transaction){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    enum transaction_verdict verdict = read_by_type(tx, &in, arena);
    if (rlp != NULL)
        *rlp = in.verdict;
    if (verdict != TRANSACTION_OK)
        return verdict;
    tx->hash = keccak256(encoded.data, encoded.size);
    tx->encoded = encoded;
    return TRANSACTION_OK;
}

static void put_access_list(const struct transaction *tx, struct buffer *out)
{
    size_t entries = rlp_open_list(out);
    for (size_t i = 0; i < tx->access_list_count; i++) {
        const struct access_entry *entry = &tx->access_list[i];
        size_t fields = rlp_open_list(out);
        rlp_put_address(out, &entry->account);
        size_t keys = rlp_open_list(out);
        for (size_t k = 0; k < entry->keys_count; k++)
            rlp_put_hash(out, &entry->keys[k]);
        rlp_close_list(out, keys);
        rlp_close_list(out, fields);
    }
    rlp_close_list(out, entries);
}

static void put_authorizations(const struct transaction *tx, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    for (size_t i = 0; i < tx->authorizations_count; i++)
        authorization_put(&tx->authorizations[i], out);
    rlp_close_list(out, list);
}

/* The fields that every type has in one order, from the gas limit to the data. */
static void put_call(const struct transaction *tx, struct buffer *out)
{
    rlp_put_u64(out, tx->gas_limit);
    if (tx->is_create)
        rlp_put_string(out, bytes_of(NULL, 0));
    else
        rlp_put_address(out, &tx->to);
    rlp_put_u256(out, &tx->value);
    rlp_put_string(out, tx->data);
}

static void put_legacy(const struct transaction *tx, bool is_signed, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, tx->nonce);
    rlp_put_u256(out, &tx->max_fee);
    put_call(tx, out);
    if (is_signed) {
        u256 v = legacy_v(tx);
        rlp_put_u256(out, &v);
        rlp_put_u256(out, &tx->r);
        rlp_put_u256(out, &tx->s);
    } else if (tx->has_chain_id) { /* EIP-155 signs (chain id, 0, 0) in their place */
        rlp_put_u64(out, tx->chain_id);
        rlp_put_u64(out, 0);
        rlp_put_u64(out, 0);
    }
    rlp_close_list(out, list);
}

static void put_typed(const struct transaction *tx, bool is_signed, struct buffer *out)
{
    buffer_append_u8(out, (uint8_t)tx->type);
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, tx->chain_id);
    rlp_put_u64(out, tx->nonce);
    if (tx->type != TRANSACTION_ACCESS_LIST)
        rlp_put_u256(out, &tx->max_priority);
    rlp_put_u256(out, &tx->max_fee);
    put_call(tx, out);
    put_access_list(tx, out);
    if (tx->type == TRANSACTION_SET_CODE)
        put_authorizations(tx, out);
    if (is_signed) {
        rlp_put_u64(out, tx->y_parity);
        rlp_put_u256(out, &tx->r);
        rlp_put_u256(out, &tx->s);
    }
    rlp_close_list(out, list);
}

static void put_transaction(const struct transaction *tx, bool is_signed, struct buffer *out)
{
    assert(tx->type <= TRANSACTION_DYNAMIC_FEE || tx->type == TRANSACTION_SET_CODE);
    if (tx->type == TRANSACTION_LEGACY)
        put_legacy(tx, is_signed, out);
    else
        put_typed(tx, is_signed, out);
}

void transaction_encode(const struct transaction *tx, struct buffer *out)
{
    put_transaction(tx, true, out);
}

static hash256 signing_hash(const struct transaction *tx)
{
    struct buffer unsigned_form = {0};
    put_transaction(tx, false, &unsigned_form);
    hash256 hash = keccak256(unsigned_form.data, unsigned_form.size);
    buffer_cleanup(&unsigned_form);
    return hash;
}

void transaction_recover_authorities(struct transaction *tx)
{
    for (size_t i = 0; i < tx->authorizations_count; i++)
        authorization_recover(&tx->authorizations[i]);
}

enum transaction_verdict transaction_recover(struct transaction *tx)
{
    signature sig;
    u256_store_be(sig.bytes, &tx->r);
    u256_store_be(sig.bytes + 32, &tx->s);
    sig.bytes[64] = tx->y_parity;
    if (u256_is_zero(&tx->r) || u256_is_zero(&tx->s))
        return TRANSACTION_BAD_SIGNATURE;
    if (!signature_is_low_s(&sig))
        return TRANSACTION_HIGH_S;
    hash256 digest = signing_hash(tx);
    if (!signature_recover_address(&sig, &digest, &tx->sender))
        return TRANSACTION_BAD_SIGNATURE;
    transaction_recover_authorities(tx);
    return TRANSACTION_OK;
}

void transaction_sign(struct transaction *tx, const struct secret_key *key, struct arena *arena)
{
    hash256 digest = signing_hash(tx);
    signature sig;
    secret_key_sign(key, &digest, &sig);
    tx->r = u256_load_be(sig.bytes, 32);
    tx->s = u256_load_be(sig.bytes + 32, 32);
    tx->y_parity = sig.bytes[64];
    tx->sender = secret_key_address(key);
    transaction_recover_authorities(tx);

    struct buffer out = {0};
    transaction_encode(tx, &out);
    tx->encoded = arena_copy(arena, buffer_view(&out));
    tx->hash = keccak256(out.data, out.size);
    buffer_cleanup(&out);
}

static size_t count_zeros(struct bytes data)
{
    size_t zeros = 0;
    for (size_t i = 0; i < data.size; i++)
        zeros += data.data[i] == 0;
    return zeros;
}

static bool add_product(uint64_t *sum, uint64_t count, uint64_t price)
{
    uint64_t product;
    return !__builtin_mul_overflow(count, price, &product)
           && !__builtin_add_overflow(*sum, product, sum);
}

bool transaction_intrinsic_gas(const struct transaction *tx, enum vm_fork fork, uint64_t *gas)
{
    assert(fork < VM_FORK_COUNT);
    size_t zeros = count_zeros(tx->data);
    *gas = GAS_TRANSACTION;
    bool fits = add_product(gas, zeros, GAS_DATA_ZERO)
                && add_product(gas, tx->data.size - zeros, GAS_DATA_NONZERO);
    if (tx->is_create)
        fits = fits && add_product(gas, 1, GAS_CREATE)
               && add_product(gas, (tx->data.size + 31) / 32, GAS_INITCODE_WORD);
    for (size_t i = 0; i < tx->access_list_count; i++)
        fits = fits && add_product(gas, 1, GAS_ACCESS_ADDRESS)
               && add_product(gas, tx->access_list[i].keys_count, GAS_ACCESS_KEY);
    return fits && add_product(gas, tx->authorizations_count, GAS_AUTHORIZATION);
}

uint64_t transaction_floor_gas(const struct transaction *tx, enum vm_fork fork)
{
    if (fork < VM_FORK_PRAGUE)
        return 0;
    size_t zeros = count_zeros(tx->data);
    uint64_t tokens = zeros + (uint64_t)TOKENS_NONZERO * (tx->data.size - zeros);
    return GAS_TRANSACTION + GAS_FLOOR_TOKEN * tokens;
}

static enum transaction_verdict check_chain(const struct transaction *tx, uint64_t chain_id)
{
    if (chain_id == 0)
        return TRANSACTION_OK;
    if (!tx->has_chain_id)
        return TRANSACTION_NO_CHAIN_ID;
    if (tx->chain_id != chain_id)
        return TRANSACTION_WRONG_CHAIN_ID;
    return tx->encoded.size > TRANSACTION_SIZE_MAX ? TRANSACTION_TOO_LARGE : TRANSACTION_OK;
}

enum transaction_verdict transaction_check_type(const struct transaction *tx, enum vm_fork fork)
{
    switch (tx->type) {
    case TRANSACTION_LEGACY:
    case TRANSACTION_ACCESS_LIST:
    case TRANSACTION_DYNAMIC_FEE: return TRANSACTION_OK;
    case TRANSACTION_BLOB: return TRANSACTION_TYPE_BLOB;
    case TRANSACTION_SET_CODE:
        if (fork < VM_FORK_PRAGUE)
            break;
        if (tx->is_create)
            return TRANSACTION_SET_CODE_CREATES;
        return tx->authorizations_count == 0 ? TRANSACTION_NO_AUTHORIZATIONS : TRANSACTION_OK;
    }
    return TRANSACTION_TYPE_UNKNOWN;
}

static enum transaction_verdict check_gas(const struct transaction *tx, enum vm_fork fork)
{
    uint64_t intrinsic;
    if (fork >= VM_FORK_OSAKA && tx->gas_limit > TRANSACTION_GAS_CAP)
        return TRANSACTION_GAS_OVER_CAP;
    if (!transaction_intrinsic_gas(tx, fork, &intrinsic) || intrinsic > tx->gas_limit)
        return TRANSACTION_GAS_BELOW_INTRINSIC;
    if (transaction_floor_gas(tx, fork) > tx->gas_limit)
        return TRANSACTION_GAS_BELOW_FLOOR;
    return TRANSACTION_OK;
}

enum transaction_verdict transaction_check(const struct transaction *tx, enum vm_fork fork,
                                           uint64_t chain_id)
{
    enum transaction_verdict verdict = transaction_check_type(tx, fork);
    if (verdict == TRANSACTION_OK)
        verdict = check_chain(tx, chain_id);
    if (verdict != TRANSACTION_OK)
        return verdict;
    if (tx->nonce == UINT64_MAX)
        return TRANSACTION_NONCE_MAX;
    if (u256_less(&tx->max_fee, &tx->max_priority))
        return TRANSACTION_TIP_ABOVE_FEE;
    u256 cost;
    if (!transaction_cost_max(tx, &cost))
        return TRANSACTION_GAS_OVERFLOW;
    verdict = check_gas(tx, fork);
    if (verdict != TRANSACTION_OK)
        return verdict;
    if (tx->is_create && tx->data.size > TRANSACTION_INITCODE_SIZE_MAX)
        return TRANSACTION_INITCODE_TOO_LARGE;
    return TRANSACTION_OK;
}

bool transaction_cost_max(const struct transaction *tx, u256 *cost_wei)
{
    u256 gas = u256_from_u64(tx->gas_limit);
    u256 fee;
    if (u256_mul_overflows(&gas, &tx->max_fee, &fee))
        return false;
    return !u256_add_overflows(&fee, &tx->value, cost_wei);
}

bool transaction_effective_price(const struct transaction *tx, const u256 *base_fee, u256 *price,
                                 u256 *tip)
{
    u256 room;
    if (u256_sub_overflows(&tx->max_fee, base_fee, &room))
        return false;
    *tip = u256_less(&tx->max_priority, &room) ? tx->max_priority : room;
    *price = u256_add(base_fee, tip);
    return true;
}
