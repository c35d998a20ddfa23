#include "ledger/levm/alloc_output.h"

#include "ledger/levm/json_output.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

static json_t *each_account(const struct memory_state *memory,
                            json_t *(*output)(const struct memory_entry *entry))
{
    struct arena arena = {0};
    const struct memory_entry *entries;
    json_t *accounts = json_object();
    size_t count = memory_state_list(memory, &arena, &entries);
    for (size_t i = 0; i < count; i++) {
        char at[OUTPUT_ADDRESS_SIZE];
        output_format(at, entries[i].address.bytes, sizeof entries[i].address.bytes);
        json_object_set_new(accounts, at, output(&entries[i]));
    }
    arena_cleanup(&arena);
    return accounts;
}

static json_t *account_output(const struct memory_entry *entry)
{
    json_t *fields = json_object();
    if (entry->code.size > 0)
        output_bytes(fields, "code", entry->code);
    if (entry->slots_count > 0) {
        json_t *storage = json_object();
        for (size_t i = 0; i < entry->slots_count; i++) {
            char text[OUTPUT_HASH_SIZE];
            hash256 key = u256_to_hash(&entry->slots[i].key);
            hash256 value = u256_to_hash(&entry->slots[i].value);
            output_format(text, key.bytes, sizeof key.bytes);
            output_hash(storage, text, &value);
        }
        json_object_set_new(fields, "storage", storage);
    }
    output_u256(fields, "balance", &entry->account.balance);
    if (entry->account.nonce > 0)
        output_u64(fields, "nonce", entry->account.nonce);
    return fields;
}

json_t *alloc_output(const struct memory_state *memory)
{
    return each_account(memory, account_output);
}

/* geth dumps a slot's value without 0x and without zeros in front. */
static void dump_slot(json_t *storage, const struct memory_entry_slot *slot)
{
    char key_text[OUTPUT_HASH_SIZE];
    uint8_t value[32];
    char digits[2 * sizeof value];
    hash256 key = u256_to_hash(&slot->key);
    unsigned size = u256_byte_length(&slot->value);
    u256_store_be(value, &slot->value);
    hex_encode(digits, value + sizeof value - size, size);
    output_format(key_text, key.bytes, sizeof key.bytes);
    json_object_set_new(storage, key_text, json_stringn(digits, 2 * size));
}

static json_t *account_dump(const struct memory_entry *entry)
{
    char decimal[U256_DECIMAL_SIZE];
    json_t *fields = json_object();
    hash256 key = keccak256(entry->address.bytes, sizeof entry->address.bytes);
    u256_format_decimal(decimal, &entry->account.balance);
    output_text(fields, "balance", decimal);
    json_object_set_new(fields, "nonce", json_integer((json_int_t)entry->account.nonce));
    output_hash(fields, "root", &entry->account.storage_root);
    output_hash(fields, "codeHash", &entry->account.code_hash);
    if (entry->code.size > 0)
        output_bytes(fields, "code", entry->code);
    if (entry->slots_count > 0) {
        json_t *storage = json_object();
        for (size_t i = 0; i < entry->slots_count; i++)
            dump_slot(storage, &entry->slots[i]);
        json_object_set_new(fields, "storage", storage);
    }
    output_address(fields, "address", &entry->address);
    output_hash(fields, "key", &key);
    return fields;
}

json_t *alloc_output_dump(const struct memory_state *memory)
{
    char digits[2 * sizeof(hash256)];
    hash256 root = memory_state_root(memory);
    json_t *document = json_object();
    hex_encode(digits, root.bytes, sizeof root.bytes);
    json_object_set_new(document, "root", json_stringn(digits, sizeof digits));
    json_object_set_new(document, "accounts", each_account(memory, account_dump));
    return document;
}
