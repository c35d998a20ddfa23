/* The state of block 0. */
#include <assert.h>

#include "ledger/chain/execute.h"
#include "ledger/chain/system_calls.h"
#include "ledger/contracts/contracts.h"
#include "ledger/org/committee.h"
#include "vm/base/hex.h"

/* No block pays for it: a committee of 100 takes some 20 million. */
#define INIT_GAS 1000000000

/* EIP-4788: the code of the contract at BEACON_ROOTS_ADDRESS. */
static const char BEACON_ROOTS_CODE[] =
    "0x3373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd5b5f358015604957"
    "62001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f"
    "359062001fff015500";
/* EIP-2935: the code of the contract at HISTORY_STORAGE_ADDRESS. */
static const char HISTORY_STORAGE_CODE[] =
    "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257"
    "611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

/* ---- What was before: nothing ------------------------------------------------------------------ */

static bool no_account(void *reader, const address *account, struct account *out)
{
    (void)reader, (void)account;
    *out = EMPTY_ACCOUNT;
    return false;
}

static u256 no_slot(void *reader, const address *account, const u256 *key)
{
    (void)reader, (void)account, (void)key;
    return U256_ZERO;
}

static struct bytes no_code(void *reader, const hash256 *code_hash)
{
    (void)reader, (void)code_hash;
    return bytes_of(NULL, 0);
}

static bool never_failed(void *reader, struct error *error)
{
    (void)reader, (void)error;
    return false;
}

static const struct state_reader_ops NOTHING = {no_account, no_slot, no_code, never_failed};

/* ---- Contracts --------------------------------------------------------------------------------- */

static void append_code(struct buffer *out, const char *code_hex)
{
    const bool is_hex = hex_decode_append(out, code_hex, strlen(code_hex));
    assert(is_hex);
    (void)is_hex;
}

static void place_contract(struct state *state, const address *account, const char *code_hex)
{
    struct buffer code = {0};
    append_code(&code, code_hex);
    state_set_nonce(state, account, 1); /* EIP-161 */
    state_set_code(state, account, buffer_view(&code));
    buffer_cleanup(&code);
}

/* By its init code, as the founder would deploy it. */
static void create_committee(struct state *state, const struct genesis *genesis)
{
    struct buffer code = {0};
    append_code(&code, COMMITTEE_INIT_CODE);
    committee_put_constructor(genesis, &code);
    struct vm *vm = vm_new();
    const struct vm_environment environment = {.fork = genesis->fork,
                                               .timestamp = genesis->created,
                                               .gas_limit = genesis->parameters.gas_limit,
                                               .base_fee = genesis->base_fee_floor,
                                               .blob_base_fee = U256_ONE,
                                               .origin = genesis->founder};
    const struct vm_host host = state_host(state);
    const struct vm_message message = {.kind = VM_CREATE,
                                       .gas = INIT_GAS,
                                       .sender = genesis->founder,
                                       .recipient = COMMITTEE_ADDRESS,
                                       .code_address = COMMITTEE_ADDRESS,
                                       .input = buffer_view(&code)};
    state_begin_transaction(state);
    const struct vm_result result = vm_execute(vm, &environment, &host, &message, NULL);
    assert(result.status == VM_SUCCESS); /* the constructor checks nothing: genesis_check() did */
    (void)result;
    state_end_transaction(state);
    vm_free(vm);
    buffer_cleanup(&code);
}

struct state_changes genesis_state(const struct genesis *genesis, struct arena *arena)
{
    const struct state_reader nothing = {&NOTHING, NULL};
    struct state *state = state_new(&nothing);
    place_contract(state, &BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE);
    place_contract(state, &HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE);
    if (genesis->fork >= VM_FORK_PRAGUE) {
        place_contract(state, &WITHDRAWALS_ADDRESS, PUBLIC_OUTBOX_CODE);
        place_contract(state, &CONSOLIDATIONS_ADDRESS, SEAL_OUTBOX_CODE);
        create_committee(state, genesis);
    }
    for (size_t i = 0; i < genesis->coins_count; i++)
        state_add_balance(state, &genesis->coins[i].to, &genesis->coins[i].amount_wei);
    struct state_changes changes = state_changes(state, arena);
    for (size_t i = 0; i < changes.codes_count; i++)
        changes.codes[i].code = arena_copy(arena, changes.codes[i].code);
    state_free(state);
    return changes;
}
