/* Stands in for the ledger's state.c, which it includes to see the struct. */
#include "ledger/state/state.c"

#include "tests/gas_cut/state_marks.h"

/* One number to another, so that sums of results tell sets apart. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
    uint64_t word = 0;
    hash = mix(hash, size);
    for (const uint8_t *next = bytes; size > 0;) {
        size_t step = size < sizeof word ? size : sizeof word;
        word = 0;
        memcpy(&word, next, step);
        hash = mix(hash, word);
        next += step;
        size -= step;
    }
    return hash;
}

static uint64_t mix_word(uint64_t hash, const u256 *word)
{
    for (size_t limb = 0; limb < 4; limb++)
        hash = mix(hash, word->limbs[limb]);
    return hash;
}

enum mark { MARK_ACCOUNT = 1, MARK_SLOT, MARK_TRANSIENT, MARK_LOG, MARK_VALUE };

static uint64_t account_marks(const struct state *state, const struct account_entry *account)
{
    bool is_warm = account->is_always_warm || account->warm_in == state->transaction;
    bool is_created = account->created_in == state->transaction;
    bool is_destructed = account->destructed_in == state->transaction;
    if (!is_warm && !is_created && !is_destructed)
        return 0;
    uint64_t hash = mix_bytes(MARK_ACCOUNT, account->address.bytes, sizeof account->address.bytes);
    return mix(hash, is_warm | is_created << 1 | is_destructed << 2);
}

static uint64_t slot_place(const struct state *state, uint64_t kind, uint32_t account,
                           const u256 *key)
{
    const address *owner = &entries_account(&state->entries, account)->address;
    return mix_word(mix_bytes(kind, owner->bytes, sizeof owner->bytes), key);
}

static uint64_t log_marks(const struct log *log, size_t index)
{
    uint64_t hash = mix_bytes(mix(MARK_LOG, index), log->account.bytes, sizeof log->account.bytes);
    for (size_t i = 0; i < log->topics_count; i++)
        hash = mix_bytes(hash, log->topics[i].bytes, sizeof log->topics[i].bytes);
    return mix_bytes(hash, log->data.data, log->data.size);
}

uint64_t state_marks(const struct state *state)
{
    uint64_t sum = mix(1, (uint64_t)state->refund);
    for (uint32_t i = 0; i < state->entries.accounts_count; i++)
        sum += account_marks(state, entries_account(&state->entries, i));
    for (uint32_t i = 0; i < state->entries.slots_count; i++) {
        const struct slot_entry *slot = entries_slot(&state->entries, i);
        if (slot->warm_in == state->transaction)
            sum += slot_place(state, MARK_SLOT, slot->account, &slot->key);
    }
    for (size_t i = 0; i < state->transients_size; i++) {
        const struct transient *transient = &state->transients[i];
        if (!u256_is_zero(&transient->value))
            sum += mix_word(slot_place(state, MARK_TRANSIENT, transient->account, &transient->key),
                            &transient->value);
    }
    for (size_t i = 0; i < state->logs_size; i++)
        sum += log_marks(&state->logs[i], i);
    return sum;
}

static uint64_t account_values(const struct state *state, const struct account_entry *account)
{
    bool is_touched = account->touched_in == state->transaction;
    if (account->exists == account->existed && !is_touched && account->nonce == account->base.nonce
        && u256_equal(&account->balance, &account->base.balance)
        && hash256_equal(&account->code_hash, &account->base.code_hash))
        return 0;
    uint64_t hash = mix_bytes(MARK_VALUE, account->address.bytes, sizeof account->address.bytes);
    hash = mix(hash, account->exists | is_touched << 1 | account->is_wiped << 2);
    hash = mix_word(mix(hash, account->nonce), &account->balance);
    hash = mix_bytes(hash, account->code_hash.bytes, sizeof account->code_hash.bytes);
    if (hash256_equal(&account->code_hash, &account->base.code_hash))
        return hash; /* whether its code was looked up makes no difference */
    return mix_bytes(hash, account->code.data, account->code.size);
}

static uint64_t slot_values(const struct state *state, const struct slot_entry *slot)
{
    bool is_written = slot->written_in == state->transaction;
    const u256 *original = is_written ? &slot->original : &slot->current;
    if (u256_equal(&slot->current, &slot->base) && u256_equal(original, &slot->base))
        return 0;
    uint64_t hash = slot_place(state, MARK_VALUE, slot->account, &slot->key);
    return mix_word(mix_word(hash, &slot->current), original);
}

uint64_t state_fingerprint(const struct state *state)
{
    uint64_t sum = state_marks(state) + mix(2, state->journal_size);
    sum += mix_word(3, &state->destroyed_wei);
    for (uint32_t i = 0; i < state->entries.accounts_count; i++)
        sum += account_values(state, entries_account(&state->entries, i));
    for (uint32_t i = 0; i < state->entries.slots_count; i++)
        sum += slot_values(state, entries_slot(&state->entries, i));
    return sum;
}

bool state_existed(struct state *state, const address *account)
{
    uint32_t number;
    return find(state, account, &number)->existed;
}
