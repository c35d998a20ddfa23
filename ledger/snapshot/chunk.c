#include "ledger/snapshot/chunk.h"

#include <assert.h>
#include <inttypes.h>

#include "ledger/codec/rlp.h"

#define ACCOUNT_SIZE_MIN 25 /* list, address, nonce, balance, code */
#define SLOT_SIZE_MIN    3  /* list, slot, value */
#define ADDRESS_SIZE     32 /* of a group of slots: address, and two lists of up to 256 KB */

/* ---- Encoding ------------------------------------------------------------------------------ */

static size_t string_size(struct bytes string)
{
    if (string.size == 1 && string.data[0] < 0x80)
        return 1;
    return string.size
           + (string.size < 56      ? 1
              : string.size < 256   ? 2
              : string.size < 65536 ? 3
                                    : 4);
}

static size_t number_size(const u256 *number)
{
    const size_t size = u256_byte_length(number);
    return size == 0 || (size == 1 && number->limbs[0] < 0x80) ? 1 : 1 + size;
}

size_t snapshot_account_size(const struct snapshot_account *account)
{
    const u256 nonce = u256_from_u64(account->nonce);
    return 4 + 1 + sizeof account->address + number_size(&nonce) + number_size(&account->balance)
           + string_size(account->code);
}

size_t snapshot_slot_size(const struct snapshot_slot *slot, bool is_first_of_address)
{
    /* At most 66 bytes in a list: its header may have two. */
    return 2 + number_size(&slot->key) + number_size(&slot->value)
           + (is_first_of_address ? ADDRESS_SIZE : 0);
}

static void put_accounts(const struct chunk *chunk, struct buffer *out)
{
    for (size_t i = 0; i < chunk->count; i++) {
        const struct snapshot_account *account = &chunk->accounts[i];
        const size_t fields = rlp_open_list(out);
        rlp_put_address(out, &account->address);
        rlp_put_u64(out, account->nonce);
        rlp_put_u256(out, &account->balance);
        rlp_put_string(out, account->code);
        rlp_close_list(out, fields);
    }
}

/* The slots of one address from `first` on; returns how many. */
static size_t put_group(const struct chunk *chunk, size_t first, struct buffer *out)
{
    const struct snapshot_slot *slots = chunk->slots + first;
    const size_t left = chunk->count - first;
    size_t count = 0;
    const size_t group = rlp_open_list(out);
    rlp_put_address(out, &slots->address);
    const size_t pairs = rlp_open_list(out);
    for (; count < left && address_equal(&slots[count].address, &slots->address); count++) {
        const size_t pair = rlp_open_list(out);
        rlp_put_u256(out, &slots[count].key);
        rlp_put_u256(out, &slots[count].value);
        rlp_close_list(out, pair);
    }
    rlp_close_list(out, pairs);
    rlp_close_list(out, group);
    return count;
}

void chunk_encode(const struct chunk *chunk, struct buffer *out)
{
    const size_t list = rlp_open_list(out);
    rlp_put_u64(out, SNAPSHOT_VERSION);
    rlp_put_u64(out, chunk->kind);
    if (chunk->kind == SNAPSHOT_BASE) {
        rlp_put_string(out, chunk->piece);
    } else {
        const size_t items = rlp_open_list(out);
        if (chunk->kind == SNAPSHOT_ACCOUNTS)
            put_accounts(chunk, out);
        else
            for (size_t i = 0; i < chunk->count;)
                i += put_group(chunk, i, out);
        rlp_close_list(out, items);
    }
    rlp_close_list(out, list);
}

/* ---- Decoding ------------------------------------------------------------------------------ */

static int compare(const address *a, const address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static bool wrong(const struct chunk *chunk, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID, "chunk of %s: item %zu %s",
                     snapshot_kind_name(chunk->kind), chunk->count, what);
}

static bool read_accounts(struct rlp_reader *items, struct chunk *chunk, struct arena *arena,
                          struct error *error)
{
    chunk->accounts = arena_array(arena, items->left / ACCOUNT_SIZE_MIN, sizeof *chunk->accounts);
    while (rlp_has_more(items)) {
        struct snapshot_account account = {0};
        struct rlp_reader fields = rlp_list(items);
        rlp_fixed(&fields, account.address.bytes, sizeof account.address.bytes);
        account.nonce = rlp_u64(&fields);
        account.balance = rlp_u256(&fields);
        account.code = rlp_string(&fields);
        rlp_leave(items, &fields);
        if (items->verdict != RLP_OK)
            return wrong(chunk, "is not [address, nonce, balance, code]", error);
        if (chunk->count > 0
            && compare(&account.address, &chunk->accounts[chunk->count - 1].address) <= 0)
            return wrong(chunk, "does not follow the account before", error);
        chunk->accounts[chunk->count++] = account;
    }
    return true;
}

static bool read_group(struct rlp_reader *items, struct chunk *chunk, struct error *error)
{
    struct snapshot_slot slot = {0};
    struct rlp_reader group = rlp_list(items);
    rlp_fixed(&group, slot.address.bytes, sizeof slot.address.bytes);
    struct rlp_reader pairs = rlp_list(&group);
    if (chunk->count > 0 && compare(&slot.address, &chunk->slots[chunk->count - 1].address) <= 0)
        return wrong(chunk, "does not follow the address before", error);
    if (group.verdict != RLP_OK || !rlp_has_more(&pairs))
        return wrong(chunk, "is not [address, slots]", error);
    for (const size_t first = chunk->count; rlp_has_more(&pairs); chunk->count++) {
        struct rlp_reader pair = rlp_list(&pairs);
        slot.key = rlp_u256(&pair);
        slot.value = rlp_u256(&pair);
        rlp_leave(&pairs, &pair);
        if (pairs.verdict != RLP_OK)
            return wrong(chunk, "is not [slot, value]", error);
        if (chunk->count > first && !u256_less(&chunk->slots[chunk->count - 1].key, &slot.key))
            return wrong(chunk, "does not follow the slot before", error);
        if (u256_is_zero(&slot.value))
            return wrong(chunk, "is zero, which is never stored", error);
        chunk->slots[chunk->count] = slot;
    }
    rlp_leave(&group, &pairs);
    rlp_leave(items, &group);
    return items->verdict == RLP_OK || wrong(chunk, "is followed by something else", error);
}

static bool read_items(struct rlp_reader *in, struct chunk *chunk, struct arena *arena,
                       struct error *error)
{
    struct rlp_reader items = rlp_list(in);
    if (chunk->kind == SNAPSHOT_ACCOUNTS) {
        if (!read_accounts(&items, chunk, arena, error))
            return false;
    } else {
        chunk->slots = arena_array(arena, items.left / SLOT_SIZE_MIN, sizeof *chunk->slots);
        while (rlp_has_more(&items))
            if (!read_group(&items, chunk, error))
                return false;
    }
    rlp_leave(in, &items);
    return in->verdict != RLP_OK || chunk->count > 0
           || error_set(error, ERROR_INVALID, "chunk of %s: empty",
                        snapshot_kind_name(chunk->kind));
}

bool chunk_decode(struct chunk *chunk, struct bytes encoded, struct arena *arena,
                  struct error *error)
{
    *chunk = (struct chunk){0};
    if (encoded.size > SNAPSHOT_CHUNK_SIZE_MAX)
        return error_set(error, ERROR_INVALID, "chunk: %zu bytes, expected at most %d",
                         encoded.size, SNAPSHOT_CHUNK_SIZE_MAX);
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader fields = rlp_list(&in);
    const uint64_t version = rlp_u64(&fields), kind = rlp_u64(&fields);
    if (fields.verdict == RLP_OK && version > SNAPSHOT_VERSION)
        return error_set(error, ERROR_VERSION,
                         "chunk: version %" PRIu64 ", expected %d: needs a newer lnode", version,
                         SNAPSHOT_VERSION);
    if (fields.verdict != RLP_OK || version != SNAPSHOT_VERSION || kind >= SNAPSHOT_KIND_COUNT)
        return error_set(error, ERROR_INVALID, "chunk: no version and kind in front");
    chunk->kind = (enum snapshot_kind)kind;
    if (chunk->kind == SNAPSHOT_BASE)
        chunk->piece = rlp_string(&fields);
    else if (!read_items(&fields, chunk, arena, error))
        return false;
    rlp_leave(&in, &fields);
    if (!rlp_finished(&in))
        return error_set(error, ERROR_INVALID, "chunk of %s: malformed (%s)",
                         snapshot_kind_name(chunk->kind), rlp_verdict_text(in.verdict));
    return chunk->kind != SNAPSHOT_BASE || chunk->piece.size > 0
           || error_set(error, ERROR_INVALID, "chunk of base: empty");
}

bool chunk_is_in(const struct chunk *chunk, const struct snapshot_range *range, struct error *error)
{
    if (chunk->kind != range->kind)
        return error_set(error, ERROR_INVALID, "chunk of %s where the manifest says %s",
                         snapshot_kind_name(chunk->kind), snapshot_kind_name(range->kind));
    for (size_t i = 0; i < chunk->count; i++) {
        uint8_t key[SNAPSHOT_KEY_SIZE_MAX] = {0};
        if (chunk->kind == SNAPSHOT_ACCOUNTS) {
            memcpy(key, chunk->accounts[i].address.bytes, sizeof(address));
        } else {
            memcpy(key, chunk->slots[i].address.bytes, sizeof(address));
            u256_store_be(key + sizeof(address), &chunk->slots[i].key);
        }
        if (!snapshot_range_holds(range, key))
            return error_set(error, ERROR_INVALID,
                             "chunk of %s: item %zu is outside the range of its manifest",
                             snapshot_kind_name(chunk->kind), i);
    }
    return true;
}
