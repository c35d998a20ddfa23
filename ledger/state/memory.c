#include "ledger/state/memory.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "ledger/state/index.h"

/* Entries are never removed, only emptied. */
struct memory_account {
    address address;
    bool exists;
    struct account account;
};

struct memory_slot {
    uint32_t account;
    u256 key;
    u256 value;
};

struct memory_code {
    hash256 hash;
    struct bytes code;
};

struct memory_node {
    hash256 owner;
    uint8_t path[TRIE_PATH_MAX];
    uint8_t path_size;
    struct buffer encoded; /* empty: there is none */
};

struct memory_state {
    uint64_t seed;
    hash256 root;
    struct arena codes_arena;
    struct index accounts_index, slots_index, codes_index, nodes_index;
    struct memory_account *accounts;
    struct memory_slot *slots;
    struct memory_code *codes;
    struct memory_node *nodes;
    size_t accounts_capacity, slots_capacity, codes_capacity, nodes_capacity;
};

struct memory_state *memory_state_new(void)
{
    struct memory_state *memory = memory_new_zeroed(1, sizeof *memory);
    memory->seed = index_random_seed();
    memory->root = EMPTY_TRIE_ROOT;
    return memory;
}

void memory_state_free(struct memory_state *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < memory->nodes_index.count; i++)
        buffer_cleanup(&memory->nodes[i].encoded);
    index_cleanup(&memory->accounts_index);
    index_cleanup(&memory->slots_index);
    index_cleanup(&memory->codes_index);
    index_cleanup(&memory->nodes_index);
    arena_cleanup(&memory->codes_arena);
    free(memory->accounts);
    free(memory->slots);
    free(memory->codes);
    free(memory->nodes);
    free(memory);
}

/* Numbers the next entry of an index and makes room for it. */
static uint32_t add_entry(struct index *index, uint32_t hash, void **entries, size_t *capacity,
                          size_t entry_size)
{
    uint32_t number = (uint32_t)index->count;
    if (number == *capacity) {
        *capacity = *capacity == 0 ? 16 : 2 * *capacity;
        *entries = memory_resize(*entries, *capacity * entry_size);
    }
    memset((uint8_t *)*entries + number * entry_size, 0, entry_size);
    index_insert(index, hash, number);
    return number;
}

static struct memory_account *find_account(struct memory_state *memory, const address *at,
                                           bool create)
{
    uint32_t hash = index_hash_address(memory->seed, at);
    uint32_t number;
    for (size_t probe = 0; index_next(&memory->accounts_index, hash, &probe, &number);)
        if (address_equal(&memory->accounts[number].address, at))
            return &memory->accounts[number];
    if (!create)
        return NULL;
    number = add_entry(&memory->accounts_index, hash, (void **)&memory->accounts,
                       &memory->accounts_capacity, sizeof *memory->accounts);
    memory->accounts[number].address = *at;
    return &memory->accounts[number];
}

static struct memory_slot *find_slot(struct memory_state *memory, uint32_t account, const u256 *key,
                                     bool create)
{
    uint32_t hash = index_hash_slot(memory->seed, account, key);
    uint32_t number;
    for (size_t probe = 0; index_next(&memory->slots_index, hash, &probe, &number);)
        if (memory->slots[number].account == account && u256_equal(&memory->slots[number].key, key))
            return &memory->slots[number];
    if (!create)
        return NULL;
    number = add_entry(&memory->slots_index, hash, (void **)&memory->slots, &memory->slots_capacity,
                       sizeof *memory->slots);
    memory->slots[number] = (struct memory_slot){.account = account, .key = *key};
    return &memory->slots[number];
}

static struct memory_code *find_code(struct memory_state *memory, const hash256 *hash, bool create)
{
    uint32_t index_hash = index_hash_bytes(memory->seed, hash->bytes, sizeof hash->bytes);
    uint32_t number;
    for (size_t probe = 0; index_next(&memory->codes_index, index_hash, &probe, &number);)
        if (hash256_equal(&memory->codes[number].hash, hash))
            return &memory->codes[number];
    if (!create)
        return NULL;
    number = add_entry(&memory->codes_index, index_hash, (void **)&memory->codes,
                       &memory->codes_capacity, sizeof *memory->codes);
    memory->codes[number].hash = *hash;
    return &memory->codes[number];
}

static struct memory_node *find_node(struct memory_state *memory, const hash256 *owner,
                                     const uint8_t *path, size_t path_size, bool create)
{
    uint32_t hash = index_hash_bytes(memory->seed, owner->bytes, sizeof owner->bytes)
                    ^ index_hash_bytes(memory->seed, path, path_size);
    uint32_t number;
    for (size_t probe = 0; index_next(&memory->nodes_index, hash, &probe, &number);) {
        struct memory_node *node = &memory->nodes[number];
        if (node->path_size == path_size && memcmp(node->path, path, path_size) == 0
            && hash256_equal(&node->owner, owner))
            return node;
    }
    if (!create)
        return NULL;
    number = add_entry(&memory->nodes_index, hash, (void **)&memory->nodes, &memory->nodes_capacity,
                       sizeof *memory->nodes);
    struct memory_node *node = &memory->nodes[number];
    node->owner = *owner;
    memcpy(node->path, path, path_size);
    node->path_size = (uint8_t)path_size;
    return node;
}

static bool read_account(void *context, const address *at, struct account *out)
{
    const struct memory_account *account = find_account(context, at, false);
    bool exists = account != NULL && account->exists;
    *out = exists ? account->account : EMPTY_ACCOUNT;
    return exists;
}

static u256 read_slot(void *context, const address *at, const u256 *key)
{
    struct memory_state *memory = context;
    const struct memory_account *account = find_account(memory, at, false);
    if (account == NULL)
        return U256_ZERO;
    const struct memory_slot *slot =
        find_slot(memory, (uint32_t)(account - memory->accounts), key, false);
    return slot == NULL ? U256_ZERO : slot->value;
}

static struct bytes read_code(void *context, const hash256 *code_hash)
{
    const struct memory_code *code = find_code(context, code_hash, false);
    return code == NULL ? bytes_of(NULL, 0) : code->code;
}

static bool reader_failed(void *context, struct error *error)
{
    (void)context; /* memory does not fail */
    (void)error;
    return false;
}

struct state_reader memory_state_reader(struct memory_state *memory)
{
    static const struct state_reader_ops ops = {read_account, read_slot, read_code, reader_failed};
    return (struct state_reader){&ops, memory};
}

static bool read_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                      struct buffer *out)
{
    const struct memory_node *node = find_node(context, owner, path, path_size, false);
    if (node == NULL || node->encoded.size == 0)
        return false;
    buffer_append_bytes(out, buffer_view(&node->encoded));
    return true;
}

struct trie_source memory_state_source(struct memory_state *memory)
{
    return (struct trie_source){read_node, memory};
}

hash256 memory_state_root(const struct memory_state *memory)
{
    return memory->root;
}

static int compare_accounts(const void *a, const void *b)
{
    const struct memory_account *const *left = a, *const *right = b;
    return memcmp((*left)->address.bytes, (*right)->address.bytes, sizeof(*left)->address.bytes);
}

/* By account's number, then by key. */
static int compare_slots(const void *a, const void *b)
{
    const struct memory_slot *const *left = a, *const *right = b;
    if ((*left)->account != (*right)->account)
        return (*left)->account < (*right)->account ? -1 : 1;
    return u256_compare(&(*left)->key, &(*right)->key);
}

/* The slots that are not zero, sorted; the caller frees the array. */
static const struct memory_slot **sorted_slots(const struct memory_state *memory, size_t *count)
{
    size_t all = memory->slots_index.count;
    const struct memory_slot **slots = memory_new_zeroed(all + 1, sizeof(struct memory_slot *));
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (!u256_is_zero(&memory->slots[i].value))
            slots[(*count)++] = &memory->slots[i];
    qsort(slots, *count, sizeof(struct memory_slot *), compare_slots);
    return slots;
}

/* The first of the sorted slots that belongs to `account` or a later one. */
static size_t first_slot(const struct memory_slot **slots, size_t count, uint32_t account)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (slots[middle]->account < account)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static void list_slots(const struct memory_slot **slots, size_t count, uint32_t account,
                       struct arena *arena, struct memory_entry *entry)
{
    size_t first = first_slot(slots, count, account);
    size_t end = first_slot(slots, count, account + 1);
    struct memory_entry_slot *list = arena_array(arena, end - first, sizeof *list);
    for (size_t i = first; i < end; i++)
        list[i - first] = (struct memory_entry_slot){slots[i]->key, slots[i]->value};
    entry->slots = list;
    entry->slots_count = end - first;
}

size_t memory_state_list(const struct memory_state *memory, struct arena *arena,
                         const struct memory_entry **entries)
{
    size_t all = memory->accounts_index.count, count = 0, slots_count;
    const struct memory_slot **slots = sorted_slots(memory, &slots_count);
    const struct memory_account **accounts =
        memory_new_zeroed(all + 1, sizeof(struct memory_account *));
    for (size_t i = 0; i < all; i++)
        if (memory->accounts[i].exists)
            accounts[count++] = &memory->accounts[i];
    qsort(accounts, count, sizeof(struct memory_account *), compare_accounts);
    struct memory_entry *list = arena_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i].address = accounts[i]->address;
        list[i].account = accounts[i]->account;
        list[i].code = read_code((void *)memory, &accounts[i]->account.code_hash);
        list_slots(slots, slots_count, (uint32_t)(accounts[i] - memory->accounts), arena, &list[i]);
    }
    free(slots);
    free(accounts);
    *entries = list;
    return count;
}

bool memory_state_root_after(struct memory_state *memory, struct state_changes *changes,
                             hash256 *root, struct error *error)
{
    struct arena arena = {0};
    struct trie_changes nodes = {0};
    struct trie_source source = memory_state_source(memory);
    *root = memory->root;
    bool ok = state_root_update(&source, root, changes, &arena, &nodes, error);
    arena_cleanup(&arena);
    return ok;
}

static void apply_account(struct memory_state *memory, const struct account_change *change)
{
    struct memory_account *account = find_account(memory, &change->address, true);
    uint32_t number = (uint32_t)(account - memory->accounts);
    account->exists = change->exists;
    account->account = change->after;
    for (size_t i = 0; i < change->slots_count; i++)
        find_slot(memory, number, &change->slots[i].key, true)->value = change->slots[i].after;
}

static void apply_node(struct memory_state *memory, const struct trie_node_change *change)
{
    struct memory_node *node =
        find_node(memory, &change->owner, change->path, change->path_size, true);
    buffer_clear(&node->encoded);
    buffer_append_bytes(&node->encoded, change->encoded);
}

bool memory_state_apply(struct memory_state *memory, struct state_changes *changes,
                        struct error *error)
{
    struct arena arena = {0};
    struct trie_changes nodes = {0};
    struct trie_source source = memory_state_source(memory);
    bool ok = state_root_update(&source, &memory->root, changes, &arena, &nodes, error);
    for (size_t i = 0; ok && i < nodes.count; i++)
        apply_node(memory, &nodes.nodes[i]);
    for (size_t i = 0; ok && i < changes->accounts_count; i++)
        apply_account(memory, &changes->accounts[i]);
    for (size_t i = 0; ok && i < changes->codes_count; i++) {
        struct memory_code *code = find_code(memory, &changes->codes[i].hash, true);
        if (code->code.size == 0)
            code->code = arena_copy(&memory->codes_arena, changes->codes[i].code);
    }
    arena_cleanup(&arena);
    return ok;
}
