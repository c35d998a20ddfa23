#include "ledger/state/entries.h"

#include <assert.h>
#include <stdlib.h>

void entries_init(struct entries *entries, const struct state_reader *reader)
{
    *entries = (struct entries){.reader = reader, .seed = index_random_seed()};
}

static uint32_t chunks_for(uint32_t count)
{
    return (count + ENTRY_CHUNK - 1) / ENTRY_CHUNK;
}

void entries_cleanup(struct entries *entries)
{
    for (uint32_t i = 0; i < chunks_for(entries->accounts_count); i++)
        free(entries->account_chunks[i]);
    for (uint32_t i = 0; i < chunks_for(entries->slots_count); i++)
        free(entries->slot_chunks[i]);
    free(entries->account_chunks);
    free(entries->slot_chunks);
    index_cleanup(&entries->account_index);
    index_cleanup(&entries->slot_index);
}

/* A list of chunks doubles at the powers of two, where it is full. */
static bool is_power_of_two(uint32_t count)
{
    return (count & (count - 1)) == 0;
}

static uint32_t add_account(struct entries *entries)
{
    uint32_t number = entries->accounts_count++;
    uint32_t chunk = number / ENTRY_CHUNK;
    assert(number < ENTRY_NONE - 1);
    if (number % ENTRY_CHUNK == 0) {
        if (is_power_of_two(chunk))
            entries->account_chunks =
                memory_resize(entries->account_chunks, 2 * ((size_t)chunk + 1) * sizeof(void *));
        entries->account_chunks[chunk] = memory_new(ENTRY_CHUNK * sizeof **entries->account_chunks);
    }
    return number;
}

static uint32_t add_slot(struct entries *entries)
{
    uint32_t number = entries->slots_count++;
    uint32_t chunk = number / ENTRY_CHUNK;
    assert(number < ENTRY_NONE - 1);
    if (number % ENTRY_CHUNK == 0) {
        if (is_power_of_two(chunk))
            entries->slot_chunks =
                memory_resize(entries->slot_chunks, 2 * ((size_t)chunk + 1) * sizeof(void *));
        entries->slot_chunks[chunk] = memory_new(ENTRY_CHUNK * sizeof **entries->slot_chunks);
    }
    return number;
}

static void read_account(struct entries *entries, struct account_entry *entry, const address *at)
{
    *entry = (struct account_entry){.address = *at, .first_slot = ENTRY_NONE};
    const struct state_reader *reader = entries->reader;
    entry->existed = reader->ops->account(reader->context, at, &entry->base);
    if (!entry->existed)
        entry->base = EMPTY_ACCOUNT;
    entry->exists = entry->existed;
    entry->nonce = entry->base.nonce;
    entry->balance = entry->base.balance;
    entry->code_hash = entry->base.code_hash;
}

static uint32_t find_account(struct entries *entries, const address *at)
{
    uint32_t hash = index_hash_address(entries->seed, at);
    uint32_t number;
    for (size_t probe = 0; index_next(&entries->account_index, hash, &probe, &number);)
        if (address_equal(&entries_account(entries, number)->address, at))
            return number;
    number = add_account(entries);
    read_account(entries, entries_account(entries, number), at);
    index_insert(&entries->account_index, hash, number);
    return number;
}

uint32_t entries_find_account(struct entries *entries, const address *at)
{
    uint32_t *recent = &entries->recent_accounts[at->bytes[19] % ENTRIES_RECENT];
    if (*recent == 0 || !address_equal(&entries_account(entries, *recent - 1)->address, at))
        *recent = find_account(entries, at) + 1;
    return *recent - 1;
}

static u256 read_slot(struct entries *entries, const struct account_entry *account, const u256 *key)
{
    const struct state_reader *reader = entries->reader;
    bool has_storage = account->existed
                       && !hash256_equal(&account->base.storage_root, &EMPTY_ACCOUNT.storage_root);
    return has_storage ? reader->ops->slot(reader->context, &account->address, key) : U256_ZERO;
}

static uint32_t find_slot(struct entries *entries, uint32_t account, const u256 *key)
{
    uint32_t hash = index_hash_slot(entries->seed, account, key);
    uint32_t number;
    for (size_t probe = 0; index_next(&entries->slot_index, hash, &probe, &number);) {
        const struct slot_entry *slot = entries_slot(entries, number);
        if (slot->account == account && u256_equal(&slot->key, key))
            return number;
    }
    struct account_entry *owner = entries_account(entries, account);
    number = add_slot(entries);
    struct slot_entry *slot = entries_slot(entries, number);
    *slot =
        (struct slot_entry){.key = *key, .account = account, .next_of_account = owner->first_slot};
    slot->base = read_slot(entries, owner, key);
    slot->current = owner->is_wiped ? U256_ZERO : slot->base;
    owner->first_slot = number;
    index_insert(&entries->slot_index, hash, number);
    return number;
}

uint32_t entries_find_slot(struct entries *entries, uint32_t account, const u256 *key)
{
    uint32_t *recent = &entries->recent_slots[(key->limbs[0] + account) % ENTRIES_RECENT];
    const struct slot_entry *slot = *recent == 0 ? NULL : entries_slot(entries, *recent - 1);
    if (slot == NULL || slot->account != account || !u256_equal(&slot->key, key))
        *recent = find_slot(entries, account, key) + 1;
    return *recent - 1;
}

struct bytes entries_code(struct entries *entries, struct account_entry *account)
{
    const struct state_reader *reader = entries->reader;
    if (hash256_equal(&account->code_hash, &EMPTY_ACCOUNT.code_hash))
        return bytes_of(NULL, 0);
    if (!account->is_code_known) {
        account->code = reader->ops->code(reader->context, &account->code_hash);
        account->is_code_known = true;
    }
    return account->code;
}

bool account_entry_is_empty(const struct account_entry *account)
{
    return account->nonce == 0 && u256_is_zero(&account->balance)
           && hash256_equal(&account->code_hash, &EMPTY_ACCOUNT.code_hash);
}

static int compare_slots(const void *left, const void *right)
{
    return u256_compare(&((const struct slot_change *)left)->key,
                        &((const struct slot_change *)right)->key);
}

static void collect_slots(const struct entries *entries, const struct account_entry *account,
                          struct account_change *change, struct arena *arena)
{
    size_t count = 0;
    for (uint32_t i = account->first_slot; i != ENTRY_NONE;) {
        const struct slot_entry *slot = entries_slot(entries, i);
        count += !u256_equal(&slot->base, &slot->current);
        i = slot->next_of_account;
    }
    change->slots = arena_array(arena, count, sizeof *change->slots);
    for (uint32_t i = account->first_slot; i != ENTRY_NONE;) {
        const struct slot_entry *slot = entries_slot(entries, i);
        if (!u256_equal(&slot->base, &slot->current))
            change->slots[change->slots_count++] =
                (struct slot_change){slot->key, slot->base, slot->current};
        i = slot->next_of_account;
    }
    qsort(change->slots, count, sizeof *change->slots, compare_slots);
}

/* True if the account differs from the reader's; fills `change`. */
static bool collect_account(const struct entries *entries, const struct account_entry *account,
                            struct account_change *change, struct arena *arena)
{
    *change = (struct account_change){.address = account->address,
                                      .existed = account->existed,
                                      .exists = account->exists,
                                      .before = account->base};
    if (!account->existed && !account->exists)
        return false;
    change->after = EMPTY_ACCOUNT;
    if (account->exists) {
        change->after.nonce = account->nonce;
        change->after.balance = account->balance;
        change->after.code_hash = account->code_hash;
        change->after.storage_root = account->base.storage_root;
    }
    if (account->first_slot != ENTRY_NONE)
        collect_slots(entries, account, change, arena);
    return account->existed != account->exists || change->slots_count > 0
           || change->before.nonce != change->after.nonce
           || !u256_equal(&change->before.balance, &change->after.balance)
           || !hash256_equal(&change->before.code_hash, &change->after.code_hash);
}

static int compare_accounts(const void *left, const void *right)
{
    return memcmp(((const struct account_change *)left)->address.bytes,
                  ((const struct account_change *)right)->address.bytes, sizeof(address));
}

static int compare_codes(const void *left, const void *right)
{
    return memcmp(((const struct code_change *)left)->hash.bytes,
                  ((const struct code_change *)right)->hash.bytes, sizeof(hash256));
}

static bool has_new_code(const struct account_entry *account)
{
    return account->exists && account->is_code_known
           && !hash256_equal(&account->code_hash, &account->base.code_hash)
           && !hash256_equal(&account->code_hash, &EMPTY_ACCOUNT.code_hash);
}

static void collect_codes(const struct entries *entries, struct state_changes *changes,
                          struct arena *arena)
{
    size_t count = 0;
    for (uint32_t i = 0; i < entries->accounts_count; i++)
        count += has_new_code(entries_account(entries, i));
    changes->codes = arena_array(arena, count, sizeof *changes->codes);
    count = 0;
    for (uint32_t i = 0; i < entries->accounts_count; i++) {
        const struct account_entry *account = entries_account(entries, i);
        if (has_new_code(account))
            changes->codes[count++] = (struct code_change){account->code_hash, account->code};
    }
    qsort(changes->codes, count, sizeof *changes->codes, compare_codes);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || compare_codes(&changes->codes[i], &changes->codes[i - 1]) != 0)
            changes->codes[changes->codes_count++] = changes->codes[i];
    for (size_t i = 0; i < changes->codes_count; i++)
        changes->codes[i].code = arena_copy(arena, changes->codes[i].code);
}

struct state_changes entries_changes(const struct entries *entries, struct arena *arena)
{
    struct state_changes changes = {0};
    changes.accounts = arena_array(arena, entries->accounts_count, sizeof *changes.accounts);
    for (uint32_t i = 0; i < entries->accounts_count; i++) {
        struct account_change *change = &changes.accounts[changes.accounts_count];
        if (collect_account(entries, entries_account(entries, i), change, arena))
            changes.accounts_count++;
    }
    qsort(changes.accounts, changes.accounts_count, sizeof *changes.accounts, compare_accounts);
    collect_codes(entries, &changes, arena);
    return changes;
}
