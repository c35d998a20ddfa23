#include "ledger/chain/execute.h"

#include <assert.h>

#include "vm/delegation.h"

#define REFUND_QUOTIENT            5     /* EIP-3529 */
#define GAS_KNOWN_AUTHORITY_REFUND 12500 /* EIP-7702: PER_EMPTY_ACCOUNT_COST - PER_AUTH_BASE_COST */

struct vm_environment execution_vm_environment(const struct execution *execution)
{
    const struct block_environment *block = &execution->environment;
    return (struct vm_environment){
        .fork = block->fork,
        .chain_id = block->chain_id,
        .number = block->number,
        .timestamp = block->timestamp,
        .gas_limit = block->gas_limit,
        .coinbase = block->beneficiary,
        .prev_randao = block->prev_randao,
        .base_fee = block->base_fee,
        .blob_base_fee = block->blob_base_fee,
        .is_cancelled = execution->is_cancelled,
        .cancel_context = execution->cancel_context,
    };
}

/* What a transaction pays, once all checks have passed. */
struct terms {
    u256 price;
    u256 tip;
    uint64_t intrinsic_gas;
    uint64_t floor_gas; /* EIP-7623 */
    bool has_fees;
};

/* Verdicts that stand before any look at the state: what the signer's rules refuse. */
static bool is_signers(enum transaction_verdict verdict)
{
    return verdict == TRANSACTION_TYPE_BLOB || verdict == TRANSACTION_TYPE_UNKNOWN
           || verdict == TRANSACTION_NO_CHAIN_ID || verdict == TRANSACTION_WRONG_CHAIN_ID
           || verdict == TRANSACTION_TOO_LARGE;
}

/* EIP-3607 with EIP-7702's exception: whoever has code sends nothing, unless it delegates. */
static bool is_barred_by_code(const struct execution *execution, const address *sender,
                              const hash256 *code_hash)
{
    address delegate;
    if (hash256_equal(code_hash, &EMPTY_CODE_HASH))
        return false;
    return execution->environment.fork < VM_FORK_PRAGUE
           || !vm_delegation_decode(state_code(execution->state, sender), &delegate);
}

static enum transaction_verdict check_sender(const struct execution *execution,
                                             const struct transaction *tx,
                                             const struct account *sender)
{
    if (tx->nonce < sender->nonce)
        return TRANSACTION_NONCE_TOO_LOW;
    if (tx->nonce > sender->nonce)
        return TRANSACTION_NONCE_TOO_HIGH;
    if (tx->nonce == UINT64_MAX)
        return TRANSACTION_NONCE_MAX;
    if (!execution->takes_any_sender
        && is_barred_by_code(execution, &tx->sender, &sender->code_hash))
        return TRANSACTION_SENDER_HAS_CODE;
    return TRANSACTION_OK;
}

static enum transaction_verdict check_fees(const struct execution *execution,
                                           const struct transaction *tx,
                                           const struct account *sender, struct terms *terms)
{
    u256 cost;
    if (u256_less(&tx->max_fee, &tx->max_priority))
        return TRANSACTION_TIP_ABOVE_FEE;
    if (!transaction_effective_price(tx, &execution->environment.base_fee, &terms->price,
                                     &terms->tip))
        return TRANSACTION_FEE_BELOW_BASE;
    if (!transaction_cost_max(tx, &cost))
        return TRANSACTION_GAS_OVERFLOW;
    return u256_less(&sender->balance, &cost) ? TRANSACTION_INSUFFICIENT_FUNDS : TRANSACTION_OK;
}

/* In the order of geth's state transition: signer's rules, sender, fees, funds, the block's
 * gas, then intrinsic gas and init code. */
static enum transaction_verdict check_transaction(const struct execution *execution,
                                                  const struct transaction *tx, struct terms *terms)
{
    const struct block_environment *block = &execution->environment;
    enum transaction_verdict stateless =
        transaction_check(tx, block->fork, execution->chain_id_check);
    if (is_signers(stateless))
        return stateless;

    struct account sender = state_account(execution->state, &tx->sender);
    enum transaction_verdict verdict = check_sender(execution, tx, &sender);
    if (verdict == TRANSACTION_OK)
        verdict = check_fees(execution, tx, &sender, terms);
    if (verdict != TRANSACTION_OK)
        return verdict;
    assert(execution->gas_used <= block->gas_limit);
    if (tx->gas_limit > block->gas_limit - execution->gas_used)
        return TRANSACTION_GAS_OVER_BLOCK;
    if (stateless == TRANSACTION_OK)
        transaction_intrinsic_gas(tx, block->fork, &terms->intrinsic_gas);
    terms->floor_gas = transaction_floor_gas(tx, block->fork);
    terms->has_fees = true;
    return stateless;
}

/* Once for all transactions of the block. */
static void warm_precompiles(struct execution *execution)
{
    address precompile;
    for (size_t i = 0; vm_precompile_at(execution->environment.fork, i, &precompile); i++)
        state_warm_always(execution->state, &precompile);
    execution->is_warmed_up = true;
}

/* EIP-2929, EIP-2930, EIP-3651: what is warm before the first opcode. */
static void warm_up(struct execution *execution, const struct transaction *tx,
                    const address *recipient)
{
    struct state *state = execution->state;
    if (!execution->is_warmed_up)
        warm_precompiles(execution);
    state_warm_account(state, &tx->sender);
    state_warm_account(state, recipient);
    state_warm_account(state, &execution->environment.beneficiary);
    for (size_t i = 0; i < tx->access_list_count; i++) {
        const struct access_entry *entry = &tx->access_list[i];
        state_warm_account(state, &entry->account);
        for (size_t k = 0; k < entry->keys_count; k++) {
            u256 key = u256_from_hash(&entry->keys[k]);
            state_warm_slot(state, &entry->account, &key);
        }
    }
}

/* EIP-7702, "Behavior", for one authorization; its numbers are the steps'. What is set here
 * stays set when the transaction fails. */
static void set_delegation(struct execution *execution, const struct authorization *authorization)
{
    struct state *state = execution->state;
    struct vm_host host = state_host(state);
    const address *authority = &authorization->authority;
    uint8_t code[VM_DELEGATION_SIZE];
    address other;
    u256 chain_id = u256_from_u64(execution->environment.chain_id);
    if (!u256_is_zero(&authorization->chain_id)
        && !u256_equal(&authorization->chain_id, &chain_id)) /* 1 */
        return;
    if (authorization->nonce == UINT64_MAX || !authorization->has_authority) /* 2, 3 */
        return;
    state_warm_account(state, authority); /* 4 */
    struct bytes present = state_code(state, authority);
    if (present.size > 0 && !vm_delegation_decode(present, &other)) /* 5 */
        return;
    if (state_account(state, authority).nonce != authorization->nonce) /* 6 */
        return;
    if (!host.ops->is_empty(host.context, authority)) /* 7 */
        host.ops->add_refund(host.context, GAS_KNOWN_AUTHORITY_REFUND);
    vm_delegation_encode(code, &authorization->delegate); /* 8 */
    bool is_cleared = address_is_zero(&authorization->delegate);
    state_set_code(state, authority, bytes_of(code, is_cleared ? 0 : sizeof code));
    state_set_nonce(state, authority, authorization->nonce + 1); /* 9 */
}

static u256 fee_of(uint64_t gas, const u256 *price)
{
    u256 fee = u256_from_u64(gas);
    return u256_mul(&fee, price);
}

static struct vm_result run(struct execution *execution, const struct transaction *tx,
                            const struct terms *terms, struct transaction_outcome *outcome)
{
    struct vm_environment environment = execution_vm_environment(execution);
    struct vm_host host = state_host(execution->state);
    struct vm_message message = {.kind = tx->is_create ? VM_CREATE : VM_CALL,
                                 .gas = tx->gas_limit - terms->intrinsic_gas,
                                 .sender = tx->sender,
                                 .recipient = tx->is_create ? outcome->created : tx->to,
                                 .value = tx->value,
                                 .input = tx->data,
                                 .refund = state_refund(execution->state)};
    message.code_address = message.recipient;
    environment.origin = tx->sender;
    environment.gas_price = terms->price;
    if (!terms->has_fees)
        environment.base_fee = U256_ZERO; /* as geth's eth_call at price 0 */
    warm_up(execution, tx, &message.recipient);
    return vm_execute(execution->vm, &environment, &host, &message, execution->tracer);
}

/* Gives unused gas back and pays the beneficiary; the base fee's part is gone for good. */
static void settle(struct execution *execution, const struct transaction *tx,
                   const struct terms *terms, uint64_t gas_left,
                   struct transaction_outcome *outcome)
{
    struct state *state = execution->state;
    uint64_t used = tx->gas_limit - gas_left;
    int64_t refund = state_refund(state);
    assert(refund >= 0);
    uint64_t refund_max = used / REFUND_QUOTIENT;
    outcome->gas_used = used - ((uint64_t)refund < refund_max ? (uint64_t)refund : refund_max);
    if (outcome->gas_used < terms->floor_gas)
        outcome->gas_used = terms->floor_gas;
    if (!terms->has_fees)
        return;
    u256 unused = fee_of(tx->gas_limit - outcome->gas_used, &terms->price);
    state_add_balance(state, &tx->sender, &unused);
    u256 tip = fee_of(outcome->gas_used, &terms->tip);
    state_add_balance(state, &execution->environment.beneficiary, &tip);
    u256 burnt = fee_of(outcome->gas_used, &execution->environment.base_fee);
    execution->burnt_wei = u256_add(&execution->burnt_wei, &burnt);
}

static void fill_receipt(const struct execution *execution, const struct transaction *tx,
                         const struct transaction_outcome *outcome, struct receipt *receipt)
{
    size_t count;
    const struct log *logs = state_logs(execution->state, &count);
    *receipt = (struct receipt){.type = tx->type,
                                .is_success = outcome->status == VM_SUCCESS,
                                .cumulative_gas_used = execution->gas_used,
                                .logs_count = count};
    receipt->logs = arena_array(execution->arena, count, sizeof *receipt->logs);
    for (size_t i = 0; i < count; i++) {
        receipt->logs[i] = logs[i];
        receipt->logs[i].data = arena_copy(execution->arena, logs[i].data);
    }
    if (count > 0)
        receipt_compute_bloom(receipt);
}

/* Pays, runs, refunds: the part that a transaction and a call share. */
static void apply(struct execution *execution, const struct transaction *tx, uint64_t nonce,
                  const struct terms *terms, struct transaction_outcome *outcome)
{
    struct state *state = execution->state;
    *outcome = (struct transaction_outcome){.is_create = tx->is_create};
    if (tx->is_create)
        outcome->created = vm_create_address(&tx->sender, nonce);
    state_begin_transaction(state);
    if (terms->has_fees) {
        u256 paid = fee_of(tx->gas_limit, &terms->price);
        state_sub_balance(state, &tx->sender, &paid);
    }
    if (nonce < UINT64_MAX)
        state_set_nonce(state, &tx->sender, nonce + 1);
    for (size_t i = 0; i < tx->authorizations_count; i++)
        set_delegation(execution, &tx->authorizations[i]);
    struct vm_result result = run(execution, tx, terms, outcome);
    outcome->status = result.status;
    outcome->output = result.output;
    settle(execution, tx, terms, result.gas_left, outcome);
}

enum transaction_verdict execute_transaction(struct execution *execution,
                                             const struct transaction *tx, struct receipt *receipt,
                                             struct transaction_outcome *outcome)
{
    struct terms terms = {0};
    enum transaction_verdict verdict = check_transaction(execution, tx, &terms);
    if (verdict != TRANSACTION_OK)
        return verdict;
    apply(execution, tx, tx->nonce, &terms, outcome);
    execution->gas_used += outcome->gas_used;
    if (receipt != NULL)
        fill_receipt(execution, tx, outcome, receipt);
    state_end_transaction(execution->state);
    return TRANSACTION_OK;
}

enum transaction_verdict execute_call(struct execution *execution, const struct transaction *tx,
                                      struct transaction_outcome *outcome)
{
    struct terms terms = {.has_fees = !u256_is_zero(&tx->max_fee)};
    struct account sender = state_account(execution->state, &tx->sender);
    enum transaction_verdict type = transaction_check_type(tx, execution->environment.fork);
    if (type != TRANSACTION_OK)
        return type;
    if (terms.has_fees) {
        enum transaction_verdict verdict = check_fees(execution, tx, &sender, &terms);
        if (verdict != TRANSACTION_OK)
            return verdict;
    } else if (u256_less(&sender.balance, &tx->value)) {
        return TRANSACTION_INSUFFICIENT_FUNDS;
    }
    if (!transaction_intrinsic_gas(tx, execution->environment.fork, &terms.intrinsic_gas)
        || terms.intrinsic_gas > tx->gas_limit)
        return TRANSACTION_GAS_BELOW_INTRINSIC;
    terms.floor_gas = transaction_floor_gas(tx, execution->environment.fork);
    if (terms.floor_gas > tx->gas_limit)
        return TRANSACTION_GAS_BELOW_FLOOR;
    if (tx->is_create && tx->data.size > TRANSACTION_INITCODE_SIZE_MAX)
        return TRANSACTION_INITCODE_TOO_LARGE;
    apply(execution, tx, sender.nonce, &terms, outcome);
    state_end_transaction(execution->state);
    return TRANSACTION_OK;
}
