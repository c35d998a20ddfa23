#include <inttypes.h>
#include <stdlib.h>

#include "ledger/check.h"
#include "vm/crypto/keccak.h"

/* Earlier heights whose whole state is computed again, spread over the ledger's life. */
#define HEIGHTS_SAMPLED 6

/* ---- What there is: accounts and slots of today and of history ------------------------------ */

struct subjects {
    struct buffer addresses; /* 20 bytes each, sorted */
    struct buffer slots;     /* address and slot, 52 bytes each, sorted */
};

/* Appends the subject of every key of `kind`, once. */
static bool collect(struct check *check, enum key_kind kind, size_t size, struct buffer *out,
                    struct error *error)
{
    struct store_iterator *keys =
        store_iterator_new(check->view->ledger->store, check->view->moment->snapshot);
    const struct store_key first = key_of(kind);
    for (store_iterator_seek(keys, key_view(&first)); store_iterator_valid(keys);
         store_iterator_next(keys)) {
        const struct bytes key = store_iterator_key(keys);
        if (key.data[0] != kind)
            break;
        if (key.size < 1 + size) {
            check_found(check, "store: a key '%c' of %zu bytes is too short", kind, key.size);
            continue;
        }
        if (out->size < size || memcmp(out->data + out->size - size, key.data + 1, size) != 0)
            buffer_append(out, key.data + 1, size);
    }
    const bool ok = store_iterator_ok(keys, error);
    store_iterator_free(keys);
    return ok;
}

static int compare_addresses(const void *a, const void *b)
{
    return memcmp(a, b, 20);
}

static int compare_slots(const void *a, const void *b)
{
    return memcmp(a, b, 52);
}

static void sort_unique(struct buffer *items, size_t size,
                        int (*compare)(const void *a, const void *b))
{
    size_t kept = 0;
    if (items->size > 0)
        qsort(items->data, items->size / size, size, compare);
    for (size_t at = 0; at < items->size; at += size) {
        if (kept > 0 && memcmp(items->data + kept - size, items->data + at, size) == 0)
            continue;
        memmove(items->data + kept, items->data + at, size);
        kept += size;
    }
    items->size = kept;
}

static bool collect_subjects(struct check *check, struct subjects *subjects, struct error *error)
{
    const bool ok = collect(check, KEY_ACCOUNT, 20, &subjects->addresses, error)
                    && collect(check, KEY_ACCOUNT_BEFORE, 20, &subjects->addresses, error)
                    && collect(check, KEY_SLOT, 52, &subjects->slots, error)
                    && collect(check, KEY_SLOT_BEFORE, 52, &subjects->slots, error);
    sort_unique(&subjects->addresses, 20, compare_addresses);
    sort_unique(&subjects->slots, 52, compare_slots);
    return ok;
}

/* ---- The whole state at one height ----------------------------------------------------------- */

static u256 slot_key(const uint8_t *subject)
{
    return u256_load_be(subject + 20, 32);
}

/* All that exists, as changes from nothing; `slot_at` runs along subjects->slots. */
static struct state_changes whole_state(const struct subjects *subjects,
                                        const struct state_reader *reader, struct arena *arena)
{
    struct state_changes state = {0};
    const size_t addresses = subjects->addresses.size / 20;
    const uint8_t *slot = subjects->slots.data;
    const uint8_t *end = slot + subjects->slots.size;
    state.accounts = arena_array(arena, addresses, sizeof *state.accounts);
    for (size_t i = 0; i < addresses; i++) {
        struct account_change *change = &state.accounts[state.accounts_count];
        memcpy(change->address.bytes, subjects->addresses.data + 20 * i, 20);
        change->exists = reader->ops->account(reader->context, &change->address, &change->after);
        while (slot < end && memcmp(slot, change->address.bytes, 20) < 0)
            slot += 52;
        const uint8_t *first = slot;
        while (slot < end && memcmp(slot, change->address.bytes, 20) == 0)
            slot += 52;
        if (!change->exists)
            continue;
        change->slots = arena_array(arena, (size_t)(slot - first) / 52, sizeof *change->slots);
        for (; first < slot; first += 52) {
            const u256 key = slot_key(first);
            const u256 value = reader->ops->slot(reader->context, &change->address, &key);
            if (!u256_is_zero(&value))
                change->slots[change->slots_count++] =
                    (struct slot_change){.key = key, .after = value};
        }
        state.accounts_count++;
    }
    return state;
}

static bool no_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                    struct buffer *out)
{
    (void)context, (void)owner, (void)path, (void)path_size, (void)out;
    return false;
}

static void check_supply(struct check *check, uint64_t height, const struct state_changes *state,
                         const struct supply *supply)
{
    u256 sum = U256_ZERO;
    for (size_t i = 0; i < state->accounts_count; i++)
        sum = u256_add(&sum, &state->accounts[i].after.balance);
    /* ledger.md: "outstanding = issued + re-issued - burnt - retired - destroyed". */
    u256 outstanding = u256_add(&supply->issued, &supply->reissued);
    outstanding = u256_sub(&outstanding, &supply->burnt);
    outstanding = u256_sub(&outstanding, &supply->retired);
    outstanding = u256_sub(&outstanding, &supply->destroyed);
    if (!u256_equal(&sum, &outstanding))
        check_found(check, "block %" PRIu64 ": balances do not add up to the supply counters",
                    height);
}

/* Nodes as computed from the flat state against those stored; at the head only. */
static bool check_nodes(struct check *check, const struct trie_changes *nodes, struct error *error)
{
    struct buffer stored = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < nodes->count; i++) {
        const struct trie_node_change *node = &nodes->nodes[i];
        const struct store_key key = key_node(&node->owner, node->path, node->path_size);
        bool found = false;
        buffer_clear(&stored);
        ok = store_get(check->view->ledger->store, check->view->moment->snapshot, key_view(&key),
                       &stored, &found, error);
        if (ok
            && (!found || stored.size != node->encoded.size + 1
                || memcmp(stored.data + 1, node->encoded.data, node->encoded.size) != 0))
            check_found(check, "trie: a node at depth %u is missing or differs", node->path_size);
    }
    buffer_cleanup(&stored);
    return ok;
}

static bool count_keys(struct check *check, enum key_kind kind, size_t *count, struct error *error)
{
    struct store_iterator *keys =
        store_iterator_new(check->view->ledger->store, check->view->moment->snapshot);
    const struct store_key first = key_of(kind);
    for (store_iterator_seek(keys, key_view(&first));
         store_iterator_valid(keys) && store_iterator_key(keys).data[0] == kind;
         store_iterator_next(keys))
        (*count)++;
    const bool ok = store_iterator_ok(keys, error);
    store_iterator_free(keys);
    return ok;
}

static bool check_node_count(struct check *check, size_t expected, struct error *error)
{
    size_t count = 0;
    if (!count_keys(check, KEY_ACCOUNT_NODE, &count, error)
        || !count_keys(check, KEY_STORAGE_NODE, &count, error))
        return false;
    if (count != expected)
        check_found(check, "trie: %zu nodes are stored, expected %zu", count, expected);
    return true;
}

static bool check_at(struct check *check, const struct subjects *subjects, uint64_t height,
                     struct error *error)
{
    const bool is_head = height == check->view->moment->head.height;
    const struct trie_source nothing = {no_node, NULL};
    struct header header;
    hash256 hash, root = EMPTY_TRIE_ROOT;
    struct supply supply;
    struct state_reader reader;
    struct trie_changes nodes = {0};
    arena_reset(&check->arena);
    if (!view_header(check->view, height, &header, &hash, error)
        || !view_supply(check->view, height, &supply, error)
        || !view_state_at(check->view, height, &check->arena, &reader, error))
        return false;
    struct state_changes state = whole_state(subjects, &reader, &check->arena);
    if (reader.ops->failed(reader.context, error))
        return false;

    hash256 *roots = arena_array(&check->arena, state.accounts_count, sizeof *roots);
    for (size_t i = 0; i < state.accounts_count; i++)
        roots[i] = state.accounts[i].after.storage_root;
    if (!state_root_update(&nothing, &root, &state, &check->arena, &nodes, error))
        return false;
    for (size_t i = 0; i < state.accounts_count; i++)
        if (!hash256_equal(&roots[i], &state.accounts[i].after.storage_root))
            check_found(check,
                        "block %" PRIu64 ": slots of an account do not give its storage "
                        "root",
                        height);
    if (!hash256_equal(&root, &header.state_root))
        check_found(check, "block %" PRIu64 ": accounts do not give the header's state root",
                    height);
    check_supply(check, height, &state, &supply);
    if (!is_head)
        return true;
    check->accounts = state.accounts_count;
    for (size_t i = 0; i < state.accounts_count; i++)
        check->slots += state.accounts[i].slots_count;
    return check_nodes(check, &nodes, error) && check_node_count(check, nodes.count, error);
}

/* Every code under its own hash, and every account's code there. */
static bool check_codes(struct check *check, const struct subjects *subjects, struct error *error)
{
    struct state_reader reader;
    struct arena arena = {0};
    bool ok = view_state_at(check->view, check->view->moment->head.height, &arena, &reader, error);
    for (size_t at = 0; ok && at < subjects->addresses.size; at += 20) {
        address account;
        struct account record;
        memcpy(account.bytes, subjects->addresses.data + at, 20);
        if (!reader.ops->account(reader.context, &account, &record)
            || hash256_equal(&record.code_hash, &EMPTY_CODE_HASH))
            continue;
        const struct bytes code = reader.ops->code(reader.context, &record.code_hash);
        const hash256 hash = keccak256(code.data, code.size);
        if (!hash256_equal(&hash, &record.code_hash))
            check_found(check, "code: that of a contract is missing or damaged");
        ok = !reader.ops->failed(reader.context, error);
    }
    arena_cleanup(&arena);
    return ok;
}

bool check_state(struct check *check, struct error *error)
{
    struct subjects subjects = {0};
    const uint64_t head = check->view->moment->head.height;
    const uint64_t earliest = check->view->ledger->earliest;
    bool ok = collect_subjects(check, &subjects, error) && check_codes(check, &subjects, error);
    for (uint64_t i = 0; ok && i < HEIGHTS_SAMPLED; i++) {
        const uint64_t height = earliest + (head - earliest) / HEIGHTS_SAMPLED * i;
        if (height < head && (i == 0 || height > earliest))
            ok = check_at(check, &subjects, height, error);
    }
    if (ok && head - earliest > HEIGHTS_SAMPLED)
        ok = check_at(check, &subjects, head - 1, error);
    ok = ok && check_at(check, &subjects, head, error);
    buffer_cleanup(&subjects.addresses);
    buffer_cleanup(&subjects.slots);
    return ok;
}

/* ---- Execution again ------------------------------------------------------------------------- */

/* Every value the execution left behind must be what the store shows at that height. */
static void compare_changes(struct check *check, uint64_t height,
                            const struct state_changes *changes, const struct state_reader *after)
{
    for (size_t i = 0; i < changes->accounts_count; i++) {
        const struct account_change *change = &changes->accounts[i];
        struct account stored;
        const bool exists = after->ops->account(after->context, &change->address, &stored);
        if (exists != change->exists
            || (exists
                && (stored.nonce != change->after.nonce
                    || !u256_equal(&stored.balance, &change->after.balance)
                    || !hash256_equal(&stored.code_hash, &change->after.code_hash))))
            check_found(check,
                        "block %" PRIu64 ": executed again, an account comes out "
                        "differently",
                        height);
        for (size_t j = 0; j < change->slots_count; j++) {
            const u256 slot =
                after->ops->slot(after->context, &change->address, &change->slots[j].key);
            if (!u256_equal(&slot, &change->slots[j].after))
                check_found(check,
                            "block %" PRIu64 ": executed again, a storage slot comes out "
                            "differently",
                            height);
        }
    }
}

static void compare_execution(struct check *check, const struct block *block,
                              struct execution *execution, const struct state_reader *after)
{
    const uint64_t height = block->header.number;
    struct receipt *receipts =
        arena_array(&check->arena, block->transactions_count, sizeof *receipts);
    execution_begin_block(execution);
    for (size_t i = 0; i < block->transactions_count; i++) {
        struct transaction_outcome outcome;
        if (execute_transaction(execution, &block->transactions[i], &receipts[i], &outcome)
            != TRANSACTION_OK) {
            check_found(check, "block %" PRIu64 ": executed again, transaction %zu is refused",
                        height, i);
            return;
        }
    }
    execution_end_block(execution, block->withdrawals, block->withdrawals_count);
    struct requests requests;
    const enum requests_verdict verdict =
        execution_collect_requests(execution, receipts, block->transactions_count, NULL, &requests);
    const hash256 requests_root = requests_hash(&requests);
    if (verdict != REQUESTS_OK)
        check_found(check, "block %" PRIu64 ": executed again, %s", height,
                    requests_verdict_text(verdict));
    else if (execution->environment.fork >= VM_FORK_PRAGUE
             && !hash256_equal(&requests_root, &block->header.requests_hash))
        check_found(check, "block %" PRIu64 ": executed again, requests come out differently",
                    height);
    const hash256 root = candidate_receipts_root(receipts, block->transactions_count);
    if (!hash256_equal(&root, &block->header.receipts_root)
        || execution->gas_used != block->header.gas_used)
        check_found(check, "block %" PRIu64 ": executed again, receipts come out differently",
                    height);
    const struct state_changes changes = state_changes(execution->state, &check->arena);
    compare_changes(check, height, &changes, after);
}

/* The root of the account trie as the diffs since the block at `height` lead to it. */
static bool check_past_root(struct check *check, uint64_t height, struct error *error)
{
    static const hash256 account_trie = {{0}};
    const uint8_t *const root_path = (const uint8_t *)"";
    struct header header;
    struct buffer root = {0};
    hash256 hash;
    if (!view_header(check->view, height, &header, &hash, error))
        return check_note(check, error);
    struct past *past =
        past_new(view_at(check->view), height, check->view->moment->head.height, NULL, NULL, error);
    if (past == NULL)
        return error->code == ERROR_NOT_FOUND
               || check_note(check, error); /* from before they were kept */
    const struct trie_source source = past_source(past);
    const bool is_there = source.node(source.context, &account_trie, root_path, 0, &root);
    const hash256 found = keccak256(root.data, root.size);
    bool ok = true;
    if (past_failed(past, error))
        ok = check_note(check, error);
    else if (!is_there || !hash256_equal(&found, &header.state_root))
        check_found(check, "block %" PRIu64 ": the trie diffs since do not lead to its state root",
                    height);
    buffer_cleanup(&root);
    past_free(past);
    return ok;
}

bool check_past(struct check *check, struct error *error)
{
    const uint64_t head = check->view->moment->head.height;
    const uint64_t kept = head > PAST_BLOCKS ? head - PAST_BLOCKS : 0;
    const uint64_t earliest = check->view->ledger->earliest;
    for (uint64_t height = kept > earliest ? kept : earliest; height < head; height++)
        if (!check_past_root(check, height, error))
            return false;
    return true;
}

bool check_execution(struct check *check, const struct chain_rules *rules,
                     const struct block *block, struct error *error)
{
    const uint64_t height = block->header.number;
    struct stored_state *before = stored_state_new(view_at(check->view), height - 1);
    struct stored_state *after = stored_state_new(view_at(check->view), height);
    const struct state_reader reader = stored_state_reader(before);
    const struct state_reader reader_after = stored_state_reader(after);
    struct view_block_hashes hashes = {check->view, height};
    struct state *state = state_new(&reader);
    state_set_block_hashes(state, view_block_hash, &hashes);
    struct execution execution = {.vm = check->vm,
                                  .state = state,
                                  .arena = &check->arena,
                                  .environment = rules_environment(rules, &block->header)};
    compare_execution(check, block, &execution, &reader_after);
    const bool ok =
        !state_failed(state, error) && !reader_after.ops->failed(reader_after.context, error);
    state_free(state);
    stored_state_free(before);
    stored_state_free(after);
    return ok;
}
