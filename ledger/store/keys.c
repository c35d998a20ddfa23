#include "ledger/store/keys.h"

#include <assert.h>

static void put(struct store_key *key, const void *bytes, size_t size)
{
    assert(key->size + size <= sizeof key->bytes);
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

static void put_u64_be(struct store_key *key, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 7; i >= 0; i--, value >>= 8)
        bytes[i] = (uint8_t)value;
    put(key, bytes, sizeof bytes);
}

static void put_slot(struct store_key *key, const u256 *slot)
{
    uint8_t bytes[32];
    u256_store_be(bytes, slot);
    put(key, bytes, sizeof bytes);
}

struct store_key key_of(enum key_kind kind)
{
    return (struct store_key){.bytes = {(uint8_t)kind}, .size = 1};
}

struct store_key key_numbered(enum key_kind kind, uint64_t number)
{
    struct store_key key = key_of(kind);
    put_u64_be(&key, number);
    return key;
}

struct store_key key_past_slice(uint64_t height, uint8_t slice)
{
    struct store_key key = key_numbered(KEY_PAST, height);
    put(&key, &slice, 1);
    return key;
}

struct store_key key_hashed(enum key_kind kind, const hash256 *hash)
{
    struct store_key key = key_of(kind);
    put(&key, hash->bytes, sizeof hash->bytes);
    return key;
}

struct store_key key_account(const address *account)
{
    struct store_key key = key_of(KEY_ACCOUNT);
    put(&key, account->bytes, sizeof account->bytes);
    return key;
}

struct store_key key_account_before(const address *account, uint64_t height)
{
    struct store_key key = key_of(KEY_ACCOUNT_BEFORE);
    put(&key, account->bytes, sizeof account->bytes);
    put_u64_be(&key, height);
    return key;
}

struct store_key key_slot(const address *account, const u256 *slot)
{
    struct store_key key = key_of(KEY_SLOT);
    put(&key, account->bytes, sizeof account->bytes);
    put_slot(&key, slot);
    return key;
}

struct store_key key_slot_before(const address *account, const u256 *slot, uint64_t height)
{
    struct store_key key = key_of(KEY_SLOT_BEFORE);
    put(&key, account->bytes, sizeof account->bytes);
    put_slot(&key, slot);
    put_u64_be(&key, height);
    return key;
}

struct store_key key_history(const address *account, uint64_t height, uint32_t index)
{
    struct store_key key = key_of(KEY_HISTORY);
    put(&key, account->bytes, sizeof account->bytes);
    put_u64_be(&key, ~height);
    index = ~index;
    const uint8_t bytes[4] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16), (uint8_t)(index >> 8),
                              (uint8_t)index};
    put(&key, bytes, sizeof bytes);
    return key;
}

struct store_key key_node(const hash256 *owner, const uint8_t *path, size_t path_size)
{
    const bool is_storage = !hash256_is_zero(owner);
    struct store_key key = key_of(is_storage ? KEY_STORAGE_NODE : KEY_ACCOUNT_NODE);
    if (is_storage)
        put(&key, owner->bytes, sizeof owner->bytes);
    const size_t odd = path_size % 2;
    const uint8_t first = odd ? (uint8_t)(0x10 | path[0]) : 0;
    put(&key, &first, 1);
    for (size_t i = odd; i < path_size; i += 2) {
        const uint8_t pair = (uint8_t)(path[i] << 4 | path[i + 1]);
        put(&key, &pair, 1);
    }
    return key;
}

bool key_same_subject(struct bytes key, struct bytes other)
{
    return key.size == other.size && key.size > 8
           && memcmp(key.data, other.data, key.size - 8) == 0;
}
