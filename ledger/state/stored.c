#include "ledger/state/stored.h"

#include <stdlib.h>

#include "vm/base/arena.h"

struct stored_state {
    struct store_at at;
    uint64_t height;
    struct store_iterator *iterator; /* made on first use; only below the head */
    struct buffer value;             /* the last record read */
    bool has_account, exists;        /* the account read last, of a snapshot */
    address account_of;
    struct account account;
    struct arena codes;
    struct error failure;
};

struct stored_state *stored_state_new(struct store_at at, uint64_t height)
{
    struct stored_state *state = memory_new_zeroed(1, sizeof *state);
    state->at = at;
    state->height = height;
    return state;
}

uint64_t stored_state_height(const struct stored_state *state)
{
    return state->height;
}

void stored_state_free(struct stored_state *state)
{
    if (state == NULL)
        return;
    store_iterator_free(state->iterator);
    buffer_cleanup(&state->value);
    arena_cleanup(&state->codes);
    free(state);
}

void stored_state_reset(struct stored_state *state)
{
    arena_reset(&state->codes);
    state->failure = (struct error){0};
}

/* Looks for what `subject` was before its first change above our height; `now` is its key
 * today. Leaves the record in state->value; false if there is none, or the read failed. */
static bool read_record(struct stored_state *state, const struct store_key *now,
                        const struct store_key *above)
{
    buffer_clear(&state->value);
    if (state->failure.code != ERROR_NONE)
        return false;
    if (state->height != STORED_STATE_NOW) {
        if (state->iterator == NULL)
            state->iterator = store_iterator_new(state->at.store, state->at.snapshot);
        store_iterator_seek(state->iterator, key_view(above));
        if (store_iterator_valid(state->iterator)
            && key_same_subject(store_iterator_key(state->iterator), key_view(above))) {
            buffer_append_bytes(&state->value, store_iterator_value(state->iterator));
            return true;
        }
        if (!store_iterator_ok(state->iterator, &state->failure))
            return false;
    }
    bool found;
    return store_get(state->at.store, state->at.snapshot, key_view(now), &state->value, &found,
                     &state->failure)
           && found;
}

/* What a snapshot holds stays as it is, and who asks for a balance asks for nonce and code, too. */
static void load_account(struct stored_state *state, const address *account)
{
    const struct store_key now = key_account(account);
    const struct store_key above = key_account_before(account, state->height + 1);
    if (!read_record(state, &now, &above)
        || !record_decode_account(buffer_view(&state->value), &state->account, &state->exists,
                                  &state->failure)) {
        state->account = EMPTY_ACCOUNT;
        state->exists = false;
    }
    state->account_of = *account;
    state->has_account = state->at.snapshot != NULL && state->failure.code == ERROR_NONE;
}

static bool read_account(void *context, const address *account, struct account *out)
{
    struct stored_state *state = context;
    if (!state->has_account || !address_equal(&state->account_of, account))
        load_account(state, account);
    *out = state->account;
    return state->exists;
}

static u256 read_slot(void *context, const address *account, const u256 *key)
{
    struct stored_state *state = context;
    const struct store_key now = key_slot(account, key);
    const struct store_key above = key_slot_before(account, key, state->height + 1);
    u256 slot = U256_ZERO;
    if (!read_record(state, &now, &above)
        || !record_decode_slot(buffer_view(&state->value), &slot, &state->failure))
        return U256_ZERO;
    return slot;
}

/* Codes are kept for good under their hash, so no height matters. */
static struct bytes read_code(void *context, const hash256 *code_hash)
{
    struct stored_state *state = context;
    struct store_key key = key_hashed(KEY_CODE, code_hash);
    struct bytes code = {0};
    bool found;
    buffer_clear(&state->value);
    if (state->failure.code != ERROR_NONE
        || !store_get(state->at.store, state->at.snapshot, key_view(&key), &state->value, &found,
                      &state->failure))
        return (struct bytes){0};
    if (!found) /* only hashes that some account has are asked for */
        error_set(&state->failure, ERROR_CORRUPT,
                  "store: the code of a contract is missing; move the store aside and restore a "
                  "backup");
    if (!found
        || !record_plain(buffer_view(&state->value), "contract code", &code, &state->failure))
        return (struct bytes){0};
    return arena_copy(&state->codes, code);
}

static bool has_failed(void *context, struct error *error)
{
    struct stored_state *state = context;
    if (state->failure.code == ERROR_NONE)
        return false;
    *error = state->failure;
    return true;
}

static const struct state_reader_ops STORED_OPS = {
    .account = read_account, .slot = read_slot, .code = read_code, .failed = has_failed};

struct state_reader stored_state_reader(struct stored_state *state)
{
    return (struct state_reader){&STORED_OPS, state};
}
