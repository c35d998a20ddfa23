#include "ledger/levm/alloc.h"

#include "ledger/state/state.h"
#include "vm/base/hex.h"

static bool read_storage(const json_t *storage, const address *at, struct state *state,
                         struct error *error)
{
    const char *text;
    json_t *value;
    if (!json_is_object(storage))
        return error_set(error, ERROR_INVALID, "'storage' is not an object");
    json_object_foreach((json_t *)storage, text, value)
    {
        u256 key;
        u256 content;
        if (!text_u256(text, "storage key", &key, error)
            || !value_u256(value, "storage value", &content, error))
            return false;
        state_set_slot(state, at, &key, &content);
    }
    return true;
}

static bool read_account(const json_t *fields, const address *at, struct state *state,
                         struct arena *arena, struct error *error)
{
    const json_t *nonce_text = json_object_get(fields, "nonce");
    const json_t *balance_text = json_object_get(fields, "balance");
    const json_t *code_text = json_object_get(fields, "code");
    const json_t *storage = json_object_get(fields, "storage");
    uint64_t nonce;
    u256 balance;
    struct bytes code;
    if (!json_is_object(fields))
        return error_set(error, ERROR_INVALID, "account is not an object");
    state_create_account(state, at);
    if (nonce_text != NULL) {
        if (!value_u64(nonce_text, "nonce", &nonce, error))
            return false;
        state_set_nonce(state, at, nonce);
    }
    if (balance_text != NULL) {
        if (!value_u256(balance_text, "balance", &balance, error))
            return false;
        state_add_balance(state, at, &balance);
    }
    if (code_text != NULL) {
        if (!value_bytes(code_text, "code", arena, &code, error))
            return false;
        state_set_code(state, at, code);
    }
    return storage == NULL || read_storage(storage, at, state, error);
}

/* With 0x, or without as genesis files may have it. */
static bool read_address(const char *text, address *at, struct error *error)
{
    if (strlen(text) == 2 * sizeof at->bytes && hex_decode(at->bytes, sizeof at->bytes, text))
        return true;
    return text_fixed(text, "account", at->bytes, sizeof at->bytes, error);
}

bool alloc_read(const json_t *alloc, struct memory_state *memory, struct error *error)
{
    struct arena arena = {0};
    struct state_reader reader = memory_state_reader(memory);
    struct state *state = state_new(&reader);
    const char *text;
    json_t *fields;
    bool ok = true;
    json_object_foreach((json_t *)alloc, text, fields)
    {
        address at;
        ok = read_address(text, &at, error);
        if (ok && !read_account(fields, &at, state, &arena, error))
            ok = error_prefix(error, "account %s", text);
        if (!ok)
            break;
    }
    struct state_changes changes = state_changes(state, &arena);
    ok = ok && memory_state_apply(memory, &changes, error);
    state_free(state);
    arena_cleanup(&arena);
    return ok;
}
