#include "rpc/methods/overrides.h"

#include "rpc/arguments.h"
#include "vm/base/hex.h"
#include <string.h>

#define WITHDRAWALS_MAX 1024

/* ---- State ------------------------------------------------------------------------------- */

static bool expect_object(struct call *call, const char *where, const json_t *json,
                          const char *expected)
{
    if (json_is_object(json))
        return true;
    call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected %s", where,
              argument_shown(call, json), expected);
    return false;
}

static bool read_slots(struct call *call, const char *where, const json_t *json,
                       struct account_override *override)
{
    const char *key;
    json_t *member;
    size_t count = 0;
    if (!expect_object(call, where, json, "an object of storage slots and values"))
        return false;
    override->slots = arena_array(call->arena, json_object_size(json), sizeof *override->slots);
    json_object_foreach((json_t *)json, key, member)
    {
        struct slot_override *slot = &override->slots[count++];
        const char *at = arena_format(call->arena, "%s[%.70s]", where, key);
        hash256 word, value;
        if (!hex_decode_fixed(word.bytes, sizeof word.bytes, key, strlen(key))) {
            call_fail(call, RPC_INVALID_PARAMS, "%s: the slot is not 0x and 64 hexadecimal digits",
                      at);
            return false;
        }
        if (!argument_hash(call, at, member, &value))
            return false;
        slot->key = u256_from_hash(&word);
        slot->value = u256_from_hash(&value);
    }
    override->slots_count = count;
    return true;
}

/* A precompile has no code to replace: the machine would run it all the same. */
static bool check_code(struct call *call, const char *where, const address *account)
{
    if (!vm_is_precompile(ledger_genesis(call->ledger)->fork, account))
        return true;
    call_fail(call, RPC_INVALID_PARAMS, "%s: a precompile's code cannot be replaced here", where);
    return false;
}

static bool read_account_member(struct call *call, const char *where, const char *key,
                                const json_t *value, struct account_override *override)
{
    if (json_is_null(value))
        return true;
    if (strcmp(key, "nonce") == 0) {
        override->has_nonce = true;
        return argument_quantity(call, where, value, &override->nonce);
    }
    if (strcmp(key, "balance") == 0) {
        override->has_balance = true;
        return argument_u256(call, where, value, &override->balance);
    }
    if (strcmp(key, "code") == 0) {
        override->has_code = true;
        return argument_data(call, where, value, &override->code)
               && check_code(call, where, &override->account);
    }
    if (strcmp(key, "state") == 0) {
        override->has_state = true;
        return read_slots(call, where, value, override);
    }
    if (strcmp(key, "stateDiff") == 0)
        return read_slots(call, where, value, override);
    if (strcmp(key, "movePrecompileToAddress") == 0)
        call_fail(call, RPC_INVALID_PARAMS, "%s: precompiles cannot be moved here", where);
    else
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s: not understood; expected nonce, balance, code, state or stateDiff", where);
    return false;
}

static bool read_account(struct call *call, const char *where, const json_t *json,
                         struct account_override *override)
{
    const char *key;
    json_t *member;
    if (!expect_object(call, where, json, "an object of nonce, balance, code, state, stateDiff"))
        return false;
    const json_t *state = json_object_get(json, "state"),
                 *diff = json_object_get(json, "stateDiff");
    if (state != NULL && diff != NULL && !json_is_null(state) && !json_is_null(diff)) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: both state and stateDiff are given; expected one",
                  where);
        return false;
    }
    json_object_foreach(
        (json_t *)json, key,
        member) if (!read_account_member(call, arena_format(call->arena, "%s.%.40s", where, key),
                                         key, member, override)) return false;
    return true;
}

bool state_overrides_read(struct call *call, const char *where, const json_t *json,
                          struct state_overrides *overrides)
{
    const char *key;
    json_t *member;
    *overrides = (struct state_overrides){0};
    if (json == NULL || json_is_null(json))
        return true;
    if (!expect_object(call, where, json, "an object of accounts"))
        return false;
    overrides->accounts =
        arena_array(call->arena, json_object_size(json), sizeof *overrides->accounts);
    json_object_foreach((json_t *)json, key, member)
    {
        struct account_override *override = &overrides->accounts[overrides->count++];
        const char *at = arena_format(call->arena, "%s[%.50s]", where, key);
        if (!hex_decode_fixed(override->account.bytes, sizeof override->account.bytes, key,
                              strlen(key))) {
            call_fail(call, RPC_INVALID_PARAMS,
                      "%s: the account is not 0x and 40 hexadecimal digits", at);
            return false;
        }
        if (!read_account(call, at, member, override))
            return false;
    }
    return true;
}

static void set_balance(struct state *state, const address *account, const u256 *balance)
{
    const u256 now = state_account(state, account).balance;
    state_sub_balance(state, account, &now);
    state_add_balance(state, account, balance);
}

void state_overrides_apply(const struct state_overrides *overrides, struct state *state)
{
    if (overrides->count == 0)
        return;
    state_begin_transaction(state);
    for (size_t index = 0; index < overrides->count; index++) {
        const struct account_override *override = &overrides->accounts[index];
        if (override->has_nonce)
            state_set_nonce(state, &override->account, override->nonce);
        if (override->has_code)
            state_set_code(state, &override->account, override->code);
        if (override->has_balance)
            set_balance(state, &override->account, &override->balance);
        if (override->has_state)
            state_forget_storage(state, &override->account);
        for (size_t slot = 0; slot < override->slots_count; slot++)
            state_set_slot(state, &override->account, &override->slots[slot].key,
                           &override->slots[slot].value);
    }
    state_end_transaction(state);
}

/* ---- Block ------------------------------------------------------------------------------- */

static bool read_withdrawal(struct call *call, const char *where, const json_t *json,
                            struct withdrawal *withdrawal)
{
    const struct {
        const char *name;
        uint64_t *number;
    } members[] = {{"index", &withdrawal->index},
                   {"validatorIndex", &withdrawal->validator_index},
                   {"amount", &withdrawal->amount_gwei}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!argument_quantity(call, arena_format(call->arena, "%s.%s", where, members[i].name),
                               json_object_get(json, members[i].name), members[i].number))
            return false;
    return argument_address(call, arena_format(call->arena, "%s.address", where),
                            json_object_get(json, "address"), &withdrawal->address);
}

static bool read_withdrawals(struct call *call, const char *where, const json_t *json,
                             struct block_overrides *overrides)
{
    const size_t count = json_array_size(json);
    if (!json_is_array(json) || count > WITHDRAWALS_MAX) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "%s: found %s; expected a list of at most %d withdrawals", where,
                  argument_shown(call, json), WITHDRAWALS_MAX);
        return false;
    }
    overrides->withdrawals = arena_array(call->arena, count, sizeof *overrides->withdrawals);
    overrides->withdrawals_count = count;
    for (size_t index = 0; index < count; index++)
        if (!read_withdrawal(call, arena_format(call->arena, "%s[%zu]", where, index),
                             json_array_get(json, index), &overrides->withdrawals[index]))
            return false;
    return true;
}

static bool read_prev_randao(struct call *call, const char *where, const json_t *value,
                             struct block_overrides *overrides)
{
    u256 number;
    overrides->has_prev_randao = true;
    if (!argument_slot(call, where, value, &number))
        return false;
    overrides->prev_randao = u256_to_hash(&number);
    return true;
}

static bool read_block_member(struct call *call, const char *where, const char *key,
                              const json_t *value, bool takes_withdrawals,
                              struct block_overrides *overrides)
{
    uint64_t ignored;
    if (json_is_null(value))
        return true;
    if (strcmp(key, "number") == 0) {
        overrides->has_number = true;
        return argument_quantity(call, where, value, &overrides->number);
    }
    if (strcmp(key, "time") == 0) {
        overrides->has_time = true;
        return argument_quantity(call, where, value, &overrides->time);
    }
    if (strcmp(key, "gasLimit") == 0) {
        overrides->has_gas_limit = true;
        return argument_quantity(call, where, value, &overrides->gas_limit);
    }
    if (strcmp(key, "feeRecipient") == 0) {
        overrides->has_beneficiary = true;
        return argument_address(call, where, value, &overrides->beneficiary);
    }
    if (strcmp(key, "prevRandao") == 0)
        return read_prev_randao(call, where, value, overrides);
    if (strcmp(key, "baseFeePerGas") == 0) {
        overrides->has_base_fee = true;
        return argument_u256(call, where, value, &overrides->base_fee);
    }
    if (strcmp(key, "blobBaseFee") == 0) {
        overrides->has_blob_base_fee = true;
        return argument_u256(call, where, value, &overrides->blob_base_fee);
    }
    if (strcmp(key, "difficulty") == 0) /* always 0 since the merge; geth reads and ignores it */
        return argument_quantity(call, where, value, &ignored);
    if (strcmp(key, "withdrawals") == 0 && takes_withdrawals)
        return read_withdrawals(call, where, value, overrides);
    call_fail(call, RPC_INVALID_PARAMS,
              "%s: not understood; expected number, time, gasLimit, feeRecipient, prevRandao, "
              "baseFeePerGas, blobBaseFee%s",
              where, takes_withdrawals ? " or withdrawals" : "");
    return false;
}

bool block_overrides_read(struct call *call, const char *where, const json_t *json,
                          bool takes_withdrawals, struct block_overrides *overrides)
{
    const char *key;
    json_t *member;
    *overrides = (struct block_overrides){0};
    if (json == NULL || json_is_null(json))
        return true;
    if (!expect_object(call, where, json, "an object of block fields"))
        return false;
    json_object_foreach(
        (json_t *)json, key,
        member) if (!read_block_member(call, arena_format(call->arena, "%s.%.40s", where, key), key,
                                       member, takes_withdrawals, overrides)) return false;
    return true;
}

void block_overrides_apply(const struct block_overrides *overrides,
                           struct block_environment *environment)
{
    if (overrides->has_number)
        environment->number = overrides->number;
    if (overrides->has_time)
        environment->timestamp = overrides->time;
    if (overrides->has_gas_limit)
        environment->gas_limit = overrides->gas_limit;
    if (overrides->has_beneficiary)
        environment->beneficiary = overrides->beneficiary;
    if (overrides->has_prev_randao)
        environment->prev_randao = overrides->prev_randao;
    if (overrides->has_base_fee)
        environment->base_fee = overrides->base_fee;
    if (overrides->has_blob_base_fee)
        environment->blob_base_fee = overrides->blob_base_fee;
}
