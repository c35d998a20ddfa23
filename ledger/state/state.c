#include "ledger/state/state.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/state/entries.h"
#include "vm/crypto/keccak.h"

/* What a journal entry puts back when it is undone. */
enum undo_kind {
    UNDO_TOUCH, /* account: touched_in, exists */
    UNDO_BALANCE,
    UNDO_NONCE,
    UNDO_CODE,
    UNDO_CREATED,
    UNDO_DESTRUCTED,
    UNDO_WARM_ACCOUNT,
    UNDO_SLOT,
    UNDO_WARM_SLOT,
    UNDO_TRANSIENT,
    UNDO_REFUND,
    UNDO_LOG,
    UNDO_DESTROYED,
};

struct undo {
    enum undo_kind kind;
    uint32_t number; /* of the account, slot or transient value */
    union {
        u256 value;
        uint64_t nonce;
        int64_t refund;
        struct {
            bool existed;
        } touch;
        struct {
            hash256 hash;
            struct bytes bytes;
            bool is_known;
        } code;
    } old;
};

struct transient { /* EIP-1153 */
    uint32_t account;
    u256 key;
    u256 value;
};

struct state {
    struct entries entries;
    uint32_t transaction; /* number of the one running, from 1 */
    struct arena codes;   /* set in this state, as long as it lives */

    struct undo *journal;
    size_t journal_size, journal_capacity;
    uint32_t *touched; /* accounts touched in this transaction; may repeat after reverts */
    size_t touched_size, touched_capacity;
    struct log *logs;
    size_t logs_size, logs_capacity;
    struct arena log_data;
    struct index transient_index;
    struct transient *transients;
    size_t transients_size, transients_capacity;

    int64_t refund;
    u256 destroyed_wei;
    state_block_hash_fn block_hash;
    void *block_hash_context;
};

/* Makes room for one more element of a growing array. */
static void *make_room(void *array, size_t size, size_t *capacity, size_t element_size)
{
    if (size < *capacity)
        return array;
    *capacity = *capacity == 0 ? 64 : 2 * *capacity;
    return memory_resize(array, *capacity * element_size);
}

struct state *state_new(const struct state_reader *reader)
{
    struct state *state = memory_new_zeroed(1, sizeof *state);
    entries_init(&state->entries, reader);
    state->transaction = 1;
    return state;
}

void state_free(struct state *state)
{
    if (state == NULL)
        return;
    entries_cleanup(&state->entries);
    arena_cleanup(&state->codes);
    arena_cleanup(&state->log_data);
    index_cleanup(&state->transient_index);
    free(state->journal);
    free(state->touched);
    free(state->logs);
    free(state->transients);
    free(state);
}

void state_set_block_hashes(struct state *state, state_block_hash_fn block_hash, void *context)
{
    state->block_hash = block_hash;
    state->block_hash_context = context;
}

static struct account_entry *account_of(struct state *state, uint32_t number)
{
    return entries_account(&state->entries, number);
}

static struct account_entry *find(struct state *state, const address *account, uint32_t *number)
{
    *number = entries_find_account(&state->entries, account);
    return account_of(state, *number);
}

static struct undo *add_undo(struct state *state, enum undo_kind kind, uint32_t number)
{
    state->journal = make_room(state->journal, state->journal_size, &state->journal_capacity,
                               sizeof *state->journal);
    struct undo *undo = &state->journal[state->journal_size++];
    undo->kind = kind;
    undo->number = number;
    return undo;
}

/* EIP-161: whatever is touched exists until the transaction's end, and ends there if empty. */
static void touch(struct state *state, uint32_t number)
{
    struct account_entry *account = account_of(state, number);
    if (account->touched_in == state->transaction && account->exists)
        return;
    add_undo(state, UNDO_TOUCH, number)->old.touch.existed = account->exists;
    account->touched_in = state->transaction;
    account->exists = true;
    state->touched = make_room(state->touched, state->touched_size, &state->touched_capacity,
                               sizeof *state->touched);
    state->touched[state->touched_size++] = number;
}

static void set_balance(struct state *state, uint32_t number, const u256 *balance)
{
    struct account_entry *account = account_of(state, number);
    touch(state, number);
    add_undo(state, UNDO_BALANCE, number)->old.value = account->balance;
    account->balance = *balance;
}

static void add_to_balance(struct state *state, uint32_t number, const u256 *amount)
{
    touch(state, number);
    if (u256_is_zero(amount))
        return;
    /* Wraps as Ethereum's clients do; only a made-up pre-state holds that much. */
    u256 sum = u256_add(&account_of(state, number)->balance, amount);
    set_balance(state, number, &sum);
}

static void sub_from_balance(struct state *state, uint32_t number, const u256 *amount)
{
    touch(state, number);
    if (u256_is_zero(amount))
        return;
    u256 rest;
    bool overflows = u256_sub_overflows(&account_of(state, number)->balance, amount, &rest);
    assert(!overflows); /* the caller has checked */
    set_balance(state, number, &rest);
}

static void add_to_destroyed(struct state *state, const u256 *amount)
{
    state->destroyed_wei = u256_add(&state->destroyed_wei, amount);
}

/* ---- the transaction's frame ---- */

void state_begin_transaction(struct state *state)
{
    assert(state->transaction < UINT32_MAX);
    state->transaction++;
    state->journal_size = 0;
    state->touched_size = 0;
    state->logs_size = 0;
    state->transients_size = 0;
    state->refund = 0;
    index_clear(&state->transient_index);
    arena_reset(&state->log_data);
}

static void delete_account(struct state *state, struct account_entry *account)
{
    add_to_destroyed(state, &account->balance);
    account->exists = false;
    account->is_wiped = true;
    account->nonce = 0;
    account->balance = U256_ZERO;
    account->code_hash = EMPTY_ACCOUNT.code_hash;
    account->is_code_known = false;
    for (uint32_t i = account->first_slot; i != ENTRY_NONE;) {
        struct slot_entry *slot = entries_slot(&state->entries, i);
        slot->current = U256_ZERO;
        i = slot->next_of_account;
    }
}

void state_end_transaction(struct state *state)
{
    for (size_t i = 0; i < state->touched_size; i++) {
        struct account_entry *account = account_of(state, state->touched[i]);
        if (account->touched_in != state->transaction || !account->exists)
            continue;
        if (account->destructed_in == state->transaction || account_entry_is_empty(account))
            delete_account(state, account);
    }
    state->touched_size = 0;
    state->journal_size = 0; /* nothing before this can be undone */
}

int64_t state_refund(const struct state *state)
{
    return state->refund;
}

const struct log *state_logs(const struct state *state, size_t *count)
{
    *count = state->logs_size;
    return state->logs;
}

u256 state_destroyed(const struct state *state)
{
    return state->destroyed_wei;
}

/* ---- for whoever runs transactions ---- */

struct account state_account(struct state *state, const address *account)
{
    uint32_t number;
    const struct account_entry *entry = find(state, account, &number);
    return (struct account){entry->nonce, entry->balance, entry->base.storage_root,
                            entry->code_hash};
}

struct bytes state_code(struct state *state, const address *account)
{
    uint32_t number;
    return entries_code(&state->entries, find(state, account, &number));
}

static struct slot_entry *find_slot(struct state *state, const address *account, const u256 *key,
                                    uint32_t *number)
{
    uint32_t owner = entries_find_account(&state->entries, account);
    *number = entries_find_slot(&state->entries, owner, key);
    return entries_slot(&state->entries, *number);
}

u256 state_slot(struct state *state, const address *account, const u256 *key)
{
    uint32_t number;
    return find_slot(state, account, key, &number)->current;
}

void state_add_balance(struct state *state, const address *account, const u256 *amount)
{
    add_to_balance(state, entries_find_account(&state->entries, account), amount);
}

void state_sub_balance(struct state *state, const address *account, const u256 *amount)
{
    sub_from_balance(state, entries_find_account(&state->entries, account), amount);
}

void state_set_nonce(struct state *state, const address *account, uint64_t nonce)
{
    uint32_t number;
    struct account_entry *entry = find(state, account, &number);
    touch(state, number);
    add_undo(state, UNDO_NONCE, number)->old.nonce = entry->nonce;
    entry->nonce = nonce;
}

void state_set_code(struct state *state, const address *account, struct bytes code)
{
    uint32_t number;
    struct account_entry *entry = find(state, account, &number);
    touch(state, number);
    struct undo *undo = add_undo(state, UNDO_CODE, number);
    undo->old.code.hash = entry->code_hash;
    undo->old.code.bytes = entry->code;
    undo->old.code.is_known = entry->is_code_known;
    entry->code_hash = keccak256(code.data, code.size);
    entry->code = arena_copy(&state->codes, code);
    entry->is_code_known = true;
}

void state_set_slot(struct state *state, const address *account, const u256 *key, const u256 *value)
{
    uint32_t number;
    struct slot_entry *slot = find_slot(state, account, key, &number);
    touch(state, slot->account);
    if (slot->written_in != state->transaction) {
        slot->written_in = state->transaction;
        slot->original = slot->current;
    }
    add_undo(state, UNDO_SLOT, number)->old.value = slot->current;
    slot->current = *value;
}

void state_forget_storage(struct state *state, const address *account)
{
    uint32_t number;
    struct account_entry *entry = find(state, account, &number);
    entry->base.storage_root = EMPTY_ACCOUNT.storage_root;
    for (uint32_t i = entry->first_slot; i != ENTRY_NONE;) {
        struct slot_entry *slot = entries_slot(&state->entries, i);
        slot->base = slot->original = slot->current = U256_ZERO;
        i = slot->next_of_account;
    }
}

void state_create_account(struct state *state, const address *account)
{
    uint32_t number;
    find(state, account, &number)->exists = true;
}

static bool warm_account(struct state *state, uint32_t number)
{
    struct account_entry *account = account_of(state, number);
    if (account->is_always_warm || account->warm_in == state->transaction)
        return true;
    account->warm_in = state->transaction;
    add_undo(state, UNDO_WARM_ACCOUNT, number);
    return false;
}

bool state_warm_account(struct state *state, const address *account)
{
    return warm_account(state, entries_find_account(&state->entries, account));
}

void state_warm_always(struct state *state, const address *account)
{
    uint32_t number;
    find(state, account, &number)->is_always_warm = true;
}

static bool warm_slot(struct state *state, uint32_t number)
{
    struct slot_entry *slot = entries_slot(&state->entries, number);
    if (slot->warm_in == state->transaction)
        return true;
    slot->warm_in = state->transaction;
    add_undo(state, UNDO_WARM_SLOT, number);
    return false;
}

bool state_warm_slot(struct state *state, const address *account, const u256 *key)
{
    uint32_t number;
    find_slot(state, account, key, &number);
    return warm_slot(state, number);
}

struct state_changes state_changes(const struct state *state, struct arena *arena)
{
    return entries_changes(&state->entries, arena);
}

bool state_failed(const struct state *state, struct error *error)
{
    const struct state_reader *reader = state->entries.reader;
    return reader->ops->failed(reader->context, error);
}

/* ---- the machine's host ---- */

static bool host_is_empty(void *host, const address *account)
{
    uint32_t number;
    return account_entry_is_empty(find(host, account, &number));
}

static u256 host_balance(void *host, const address *account)
{
    uint32_t number;
    return find(host, account, &number)->balance;
}

static uint64_t host_nonce(void *host, const address *account)
{
    uint32_t number;
    return find(host, account, &number)->nonce;
}

static void host_set_nonce(void *host, const address *account, uint64_t nonce)
{
    state_set_nonce(host, account, nonce);
}

/* EIP-1052 with EIP-161: an empty account does not exist, so its code has no hash. */
static hash256 host_code_hash(void *host, const address *account)
{
    uint32_t number;
    const struct account_entry *entry = find(host, account, &number);
    return account_entry_is_empty(entry) ? (hash256){{0}} : entry->code_hash;
}

static struct vm_code host_code(void *host, const address *account)
{
    struct state *state = host;
    uint32_t number;
    struct account_entry *entry = find(state, account, &number);
    const struct bytes code = entries_code(&state->entries, entry);
    /* A reader that failed gives no code. The run over it is thrown away, but the machine's cache
     * of analyses is not: nothing empty may enter it under the hash of a contract. */
    return (struct vm_code){code, code.size > 0 ? entry->code_hash : EMPTY_ACCOUNT.code_hash};
}

static uint64_t host_code_size(void *host, const address *account)
{
    return host_code(host, account).bytes.size;
}

static void host_set_code(void *host, const address *account, struct bytes code)
{
    state_set_code(host, account, code);
}

static void host_transfer(void *host, const address *from, const address *to, const u256 *value)
{
    struct state *state = host;
    uint32_t to_number = entries_find_account(&state->entries, to);
    if (!u256_is_zero(value))
        sub_from_balance(state, entries_find_account(&state->entries, from), value);
    add_to_balance(state, to_number, value);
}

/* EIP-684: nonce or code; EIP-7610: storage, which only a ledger older than EIP-161 has. */
static bool host_has_collision(void *host, const address *account)
{
    uint32_t number;
    const struct account_entry *entry = find(host, account, &number);
    bool has_storage = entry->existed && !entry->is_wiped
                       && !hash256_equal(&entry->base.storage_root, &EMPTY_ACCOUNT.storage_root);
    return entry->nonce != 0 || has_storage
           || !hash256_equal(&entry->code_hash, &EMPTY_ACCOUNT.code_hash);
}

static void host_create_account(void *host, const address *account)
{
    struct state *state = host;
    uint32_t number;
    struct account_entry *entry = find(state, account, &number);
    touch(state, number);
    if (entry->created_in == state->transaction)
        return;
    entry->created_in = state->transaction;
    add_undo(state, UNDO_CREATED, number);
}

static void host_selfdestruct(void *host, const address *account, const address *beneficiary)
{
    struct state *state = host;
    uint32_t number;
    struct account_entry *entry = find(state, account, &number);
    uint32_t heir = entries_find_account(&state->entries, beneficiary);
    u256 balance = entry->balance;
    bool is_created_now = entry->created_in == state->transaction;
    sub_from_balance(state, number, &balance);
    add_to_balance(state, heir, &balance);
    if (!is_created_now)
        return;
    if (heir == number) { /* EIP-6780: what a new contract leaves to itself is burnt */
        add_undo(state, UNDO_DESTROYED, number)->old.value = state->destroyed_wei;
        add_to_destroyed(state, &balance);
        set_balance(state, number, &U256_ZERO);
    }
    if (entry->destructed_in != state->transaction) {
        entry->destructed_in = state->transaction;
        add_undo(state, UNDO_DESTRUCTED, number);
    }
}

static struct vm_slot host_load_slot(void *host, const address *account, const u256 *key)
{
    struct state *state = host;
    uint32_t number;
    const struct slot_entry *slot = find_slot(state, account, key, &number);
    bool is_written = slot->written_in == state->transaction;
    return (struct vm_slot){slot->current, is_written ? slot->original : slot->current,
                            warm_slot(state, number)};
}

static void host_store_slot(void *host, const address *account, const u256 *key, const u256 *value)
{
    state_set_slot(host, account, key, value);
}

static bool find_transient(const struct state *state, uint32_t account, const u256 *key,
                           uint32_t hash, uint32_t *number)
{
    for (size_t probe = 0; index_next(&state->transient_index, hash, &probe, number);) {
        const struct transient *transient = &state->transients[*number];
        if (transient->account == account && u256_equal(&transient->key, key))
            return true;
    }
    return false;
}

static u256 host_load_transient(void *host, const address *account, const u256 *key)
{
    struct state *state = host;
    uint32_t owner = entries_find_account(&state->entries, account);
    uint32_t hash = index_hash_slot(state->entries.seed, owner, key);
    uint32_t number;
    bool is_found = find_transient(state, owner, key, hash, &number);
    return is_found ? state->transients[number].value : U256_ZERO;
}

static void host_store_transient(void *host, const address *account, const u256 *key,
                                 const u256 *value)
{
    struct state *state = host;
    uint32_t owner = entries_find_account(&state->entries, account);
    uint32_t hash = index_hash_slot(state->entries.seed, owner, key);
    uint32_t number;
    if (!find_transient(state, owner, key, hash, &number)) {
        state->transients = make_room(state->transients, state->transients_size,
                                      &state->transients_capacity, sizeof *state->transients);
        number = (uint32_t)state->transients_size++;
        state->transients[number] = (struct transient){owner, *key, U256_ZERO};
        index_insert(&state->transient_index, hash, number);
    }
    add_undo(state, UNDO_TRANSIENT, number)->old.value = state->transients[number].value;
    state->transients[number].value = *value;
}

static bool host_access_account(void *host, const address *account)
{
    return state_warm_account(host, account);
}

static void host_add_refund(void *host, int64_t gas)
{
    struct state *state = host;
    add_undo(state, UNDO_REFUND, 0)->old.refund = state->refund;
    state->refund += gas;
}

static void host_log(void *host, const address *account, const u256 *topics, size_t topics_count,
                     struct bytes data)
{
    struct state *state = host;
    assert(topics_count <= LOG_TOPICS_MAX);
    state->logs =
        make_room(state->logs, state->logs_size, &state->logs_capacity, sizeof *state->logs);
    struct log *log = &state->logs[state->logs_size++];
    *log = (struct log){.account = *account, .topics_count = topics_count};
    for (size_t i = 0; i < topics_count; i++)
        log->topics[i] = u256_to_hash(&topics[i]);
    log->data = arena_copy(&state->log_data, data);
    add_undo(state, UNDO_LOG, 0);
}

static hash256 host_block_hash(void *host, uint64_t number)
{
    struct state *state = host;
    if (state->block_hash == NULL)
        return (hash256){{0}};
    return state->block_hash(state->block_hash_context, number);
}

static size_t host_snapshot(void *host)
{
    return ((struct state *)host)->journal_size;
}

static void undo_of_account(struct state *state, const struct undo *undo)
{
    struct account_entry *account = account_of(state, undo->number);
    switch (undo->kind) {
    case UNDO_TOUCH:
        account->touched_in = 0;
        account->exists = undo->old.touch.existed;
        break;
    case UNDO_BALANCE: account->balance = undo->old.value; break;
    case UNDO_NONCE: account->nonce = undo->old.nonce; break;
    case UNDO_CODE:
        account->code_hash = undo->old.code.hash;
        account->code = undo->old.code.bytes;
        account->is_code_known = undo->old.code.is_known;
        break;
    case UNDO_CREATED: account->created_in = 0; break;
    case UNDO_DESTRUCTED: account->destructed_in = 0; break;
    case UNDO_WARM_ACCOUNT: account->warm_in = 0; break;
    case UNDO_SLOT:
    case UNDO_WARM_SLOT:
    case UNDO_TRANSIENT:
    case UNDO_REFUND:
    case UNDO_LOG:
    case UNDO_DESTROYED: assert(!"not of an account"); break;
    }
}

static void undo_one(struct state *state, const struct undo *undo)
{
    switch (undo->kind) {
    case UNDO_SLOT: entries_slot(&state->entries, undo->number)->current = undo->old.value; break;
    case UNDO_WARM_SLOT: entries_slot(&state->entries, undo->number)->warm_in = 0; break;
    case UNDO_TRANSIENT: state->transients[undo->number].value = undo->old.value; break;
    case UNDO_REFUND: state->refund = undo->old.refund; break;
    case UNDO_LOG: state->logs_size--; break;
    case UNDO_DESTROYED: state->destroyed_wei = undo->old.value; break;
    case UNDO_TOUCH:
    case UNDO_BALANCE:
    case UNDO_NONCE:
    case UNDO_CODE:
    case UNDO_CREATED:
    case UNDO_DESTRUCTED:
    case UNDO_WARM_ACCOUNT: undo_of_account(state, undo); break;
    }
}

static void host_revert_to(void *host, size_t snapshot)
{
    struct state *state = host;
    assert(snapshot <= state->journal_size);
    while (state->journal_size > snapshot)
        undo_one(state, &state->journal[--state->journal_size]);
}

struct vm_host state_host(struct state *state)
{
    static const struct vm_host_ops ops = {
        .is_empty = host_is_empty,
        .balance = host_balance,
        .nonce = host_nonce,
        .set_nonce = host_set_nonce,
        .code_hash = host_code_hash,
        .code_size = host_code_size,
        .code = host_code,
        .set_code = host_set_code,
        .transfer = host_transfer,
        .has_collision = host_has_collision,
        .create_account = host_create_account,
        .selfdestruct = host_selfdestruct,
        .load_slot = host_load_slot,
        .store_slot = host_store_slot,
        .load_transient = host_load_transient,
        .store_transient = host_store_transient,
        .access_account = host_access_account,
        .add_refund = host_add_refund,
        .log = host_log,
        .block_hash = host_block_hash,
        .snapshot = host_snapshot,
        .revert_to = host_revert_to,
    };
    return (struct vm_host){&ops, state};
}
