#include "rpc/methods/simulation.h"

#include "ledger/chain/system_calls.h"
#include "rpc/scope.h"
#include "vm/crypto/keccak.h"
#include "vm/opcodes.h"
#include "vm/tracer.h"
#include <inttypes.h>
#include <string.h>

/* execution-apis, eth_simulateV1, errors. */
#define NONCE_TOO_LOW      (-38010)
#define NONCE_TOO_HIGH     (-38011)
#define FEE_TOO_LOW        (-38012)
#define GAS_TOO_LOW        (-38013)
#define NO_FUNDS           (-38014)
#define BLOCK_GAS_EXCEEDED (-38015)
#define NUMBER_NOT_RISING  (-38020)
#define TIME_FALLS         (-38021)
#define SENDER_HAS_CODE    (-38024)
#define INITCODE_TOO_LARGE (-38025)
#define TOO_MANY_BLOCKS    (-38026)

#define LOG_TEXT_SIZE 400 /* of a log in the answer, at least and without its data */

const address SIMULATION_COIN_ADDRESS = {{0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
                                          0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
                                          0xee, 0xee, 0xee, 0xee, 0xee, 0xee}};

static bool is_over(void *context)
{
    const struct simulation *simulation = context;
    return scope_now_ms() >= simulation->deadline_ms || call_is_abandoned(simulation->call);
}

static bool fail_late(const struct simulation *simulation)
{
    call_fail(simulation->call, RPC_SERVER_ERROR, "execution aborted (timeout = %" PRIu64 "ms)",
              simulation->call->limits->call_timeout_ms);
    return false;
}

/* ---- The chain of blocks ----------------------------------------------------------------- */

/* Numbers and times of all blocks, with empty ones where numbers leave a gap. */
static bool lay_out(struct simulation *simulation)
{
    struct call *call = simulation->call;
    struct simulated_block *asked = simulation->blocks;
    struct simulated_block *all = arena_array(call->arena, SIMULATED_BLOCKS_MAX, sizeof *all);
    uint64_t number = simulation->parent.number, time = simulation->parent.timestamp;
    size_t count = 0;
    for (size_t index = 0; index < simulation->blocks_count; index++) {
        const uint64_t wanted =
            asked[index].overrides.has_number ? asked[index].overrides.number : number + 1;
        if (wanted <= number) {
            call_fail(call, NUMBER_NOT_RISING,
                      "block numbers must be in order: %" PRIu64 " is not above %" PRIu64, wanted,
                      number);
            return false;
        }
        if (wanted - simulation->parent.number > SIMULATED_BLOCKS_MAX) {
            call_fail(call, TOO_MANY_BLOCKS, "too many blocks: at most %d above block %" PRIu64,
                      SIMULATED_BLOCKS_MAX, simulation->parent.number);
            return false;
        }
        while (++number <= wanted) {
            struct simulated_block *block = &all[count++];
            if (number == wanted)
                *block = asked[index];
            if (!block->overrides.has_time)
                block->overrides.time = time + 1;
            block->overrides.number = number;
            if (block->overrides.time < time) {
                call_fail(call, TIME_FALLS,
                          "block timestamps must be in order: %" PRIu64 " is below %" PRIu64,
                          block->overrides.time, time);
                return false;
            }
            time = block->overrides.time;
        }
        number = wanted;
    }
    simulation->blocks = all;
    simulation->blocks_count = count;
    return true;
}

static hash256 block_hash(void *context, uint64_t number)
{
    const struct simulation *simulation = context;
    for (size_t index = 0; index < simulation->done; index++)
        if (simulation->blocks[index].block.header.number == number)
            return simulation->blocks[index].block.hash;
    struct view_block_hashes hashes = simulation->hashes;
    hashes.height = simulation->blocks[simulation->done].overrides.number;
    return number <= simulation->base ? view_block_hash(&hashes, number) : (hash256){{0}};
}

static void fill_header(const struct simulation *simulation,
                        const struct simulated_block *simulated, const hash256 *beacon_root,
                        struct header *header)
{
    const struct block_overrides *overrides = &simulated->overrides;
    const struct header *parent = &simulation->parent;
    const enum vm_fork fork = ledger_genesis(simulation->call->ledger)->fork;
    *header = (struct header){
        .parent_hash = header_hash(parent, fork),
        .ommers_hash = EMPTY_OMMERS_HASH,
        .beneficiary = overrides->has_beneficiary ? overrides->beneficiary : parent->beneficiary,
        .number = overrides->number,
        .gas_limit = overrides->has_gas_limit ? overrides->gas_limit : parent->gas_limit,
        .timestamp = overrides->time,
        .mix_hash = overrides->prev_randao,
        .parent_beacon_block_root = *beacon_root,
    };
    if (overrides->has_base_fee)
        header->base_fee = overrides->base_fee;
    else if (simulation->validates)
        header->base_fee = ledger_base_fee_after(simulation->call->ledger, parent);
}

/* ---- One call ---------------------------------------------------------------------------- */

static bool fail_with_verdict(struct call *call, const char *where,
                              enum transaction_verdict verdict)
{
    int code = RPC_SERVER_ERROR;
    switch (verdict) {
    case TRANSACTION_NONCE_TOO_LOW: code = NONCE_TOO_LOW; break;
    case TRANSACTION_NONCE_TOO_HIGH:
    case TRANSACTION_NONCE_MAX: code = NONCE_TOO_HIGH; break;
    case TRANSACTION_FEE_BELOW_BASE: code = FEE_TOO_LOW; break;
    case TRANSACTION_GAS_BELOW_INTRINSIC:
    case TRANSACTION_GAS_BELOW_FLOOR: code = GAS_TOO_LOW; break;
    case TRANSACTION_INSUFFICIENT_FUNDS: code = NO_FUNDS; break;
    case TRANSACTION_GAS_OVER_BLOCK: code = BLOCK_GAS_EXCEEDED; break;
    case TRANSACTION_SENDER_HAS_CODE: code = SENDER_HAS_CODE; break;
    case TRANSACTION_INITCODE_TOO_LARGE: code = INITCODE_TOO_LARGE; break;
    default: break;
    }
    call_fail(call, code, "%s: %s", where, transaction_verdict_text(verdict));
    return false;
}

/* ERC-20's Transfer(address,address,uint256), for each movement of coin. */
struct transfers {
    struct vm_host host;
    u256 topic;
};

static void on_enter(void *context, const struct vm_enter *enter)
{
    struct transfers *transfers = context;
    if (u256_is_zero(&enter->value) || enter->opcode == VM_OP_DELEGATECALL)
        return;
    uint8_t value[32];
    const u256 topics[] = {transfers->topic, u256_from_address(&enter->sender),
                           u256_from_address(&enter->recipient)};
    u256_store_be(value, &enter->value);
    transfers->host.ops->log(transfers->host.context, &SIMULATION_COIN_ADDRESS, topics, 3,
                             bytes_of(value, sizeof value));
}

/* Nonce and gas where none were named, and the form the transaction is hashed in. */
static bool complete(struct simulation *simulation, const struct execution *execution,
                     const char *where, struct simulated_call *call)
{
    struct transaction *tx = &call->object.tx;
    const uint64_t room = execution->environment.gas_limit - execution->gas_used;
    if (!call->object.has_nonce)
        tx->nonce = state_account(simulation->state, &tx->sender).nonce;
    if (!call->object.has_gas)
        tx->gas_limit = simulation->validates && execution->environment.fork >= VM_FORK_OSAKA
                                && room > TRANSACTION_GAS_CAP
                            ? TRANSACTION_GAS_CAP
                            : room;
    if (tx->gas_limit > room) {
        call_fail(simulation->call, BLOCK_GAS_EXCEEDED,
                  "%s: block gas limit reached: %" PRIu64 " asked for, %" PRIu64 " left", where,
                  tx->gas_limit, room);
        return false;
    }
    if (tx->gas_limit > simulation->gas_left)
        tx->gas_limit = simulation->gas_left; /* the node's bound for the whole request */
    struct buffer encoded = {0};
    transaction_encode(tx, &encoded);
    tx->encoded = arena_copy(simulation->call->arena, buffer_view(&encoded));
    tx->hash = keccak256(encoded.data, encoded.size);
    buffer_cleanup(&encoded);
    return true;
}

static void keep_outcome(struct simulation *simulation, const struct transaction_outcome *outcome,
                         struct simulated_call *call)
{
    struct arena *arena = simulation->call->arena;
    size_t count;
    const struct log *logs = state_logs(simulation->state, &count);
    call->status = outcome->status;
    call->gas_used = outcome->gas_used;
    call->output = arena_copy(arena, outcome->output);
    call->logs_count = count;
    call->logs = arena_array(arena, count, sizeof *call->logs);
    for (size_t index = 0; index < count; index++) {
        call->logs[index] = logs[index];
        call->logs[index].data = arena_copy(arena, logs[index].data);
        simulation->answer_size += LOG_TEXT_SIZE + 2 * logs[index].data.size;
    }
    simulation->answer_size += 2 * outcome->output.size;
}

/* What is kept is bounded by what may be told. */
static bool fits_answer(const struct simulation *simulation, const char *where)
{
    const size_t most = simulation->call->limits->response_size_max;
    if (simulation->answer_size <= most)
        return true;
    call_fail(simulation->call, RPC_RESPONSE_TOO_LARGE,
              "%s: response too large: at most %zu bytes; ask for less at a time", where, most);
    return false;
}

static bool run_call(struct simulation *simulation, struct execution *execution, const char *where,
                     struct simulated_call *call)
{
    static const char transfer[] = "Transfer(address,address,uint256)";
    const hash256 topic = keccak256(transfer, sizeof transfer - 1);
    struct transfers transfers = {state_host(simulation->state), u256_from_hash(&topic)};
    struct vm_tracer tracer = {.context = &transfers, .on_enter = on_enter};
    struct transaction_outcome outcome;
    if (!complete(simulation, execution, where, call))
        return false;
    execution->tracer = simulation->traces_transfers ? &tracer : NULL;
    const enum transaction_verdict verdict =
        simulation->validates ? execute_transaction(execution, &call->object.tx, NULL, &outcome)
                              : execute_call(execution, &call->object.tx, &outcome);
    execution->tracer = NULL;
    if (verdict != TRANSACTION_OK)
        return fail_with_verdict(simulation->call, where, verdict);
    if (outcome.status == VM_CANCELLED)
        return fail_late(simulation);
    if (!simulation->validates)
        execution->gas_used += outcome.gas_used;
    simulation->gas_left -= outcome.gas_used;
    keep_outcome(simulation, &outcome, call);
    return fits_answer(simulation, where);
}

/* ---- One block --------------------------------------------------------------------------- */

/* What the block's receipts would be: without the traced transfers. */
static struct receipt *make_receipts(const struct simulated_block *simulated, struct arena *arena)
{
    struct receipt *receipts = arena_array(arena, simulated->calls_count, sizeof *receipts);
    uint64_t gas_used = 0;
    for (size_t index = 0; index < simulated->calls_count; index++) {
        const struct simulated_call *call = &simulated->calls[index];
        struct receipt *receipt = &receipts[index];
        gas_used += call->gas_used;
        *receipt = (struct receipt){.type = call->object.tx.type,
                                    .is_success = call->status == VM_SUCCESS,
                                    .cumulative_gas_used = gas_used};
        receipt->logs = arena_array(arena, call->logs_count, sizeof *receipt->logs);
        for (size_t log = 0; log < call->logs_count; log++)
            if (!address_equal(&call->logs[log].account, &SIMULATION_COIN_ADDRESS))
                receipt->logs[receipt->logs_count++] = call->logs[log];
        receipt_compute_bloom(receipt);
    }
    return receipts;
}

/* Zero where the tries of the base are not known any more. */
static bool compute_state_root(struct simulation *simulation, hash256 *root)
{
    struct arena arena = {0};
    struct error error = {0};
    struct state_changes changes = state_changes(simulation->state, &arena);
    *root = (hash256){{0}};
    bool ok = view_root_after(simulation->call->scope->view, simulation->base, &changes, is_over,
                              simulation, &arena, root, &error);
    arena_cleanup(&arena);
    if (ok || error.code == ERROR_NOT_FOUND)
        return true;
    if (error.code == ERROR_BUSY)
        return fail_late(simulation);
    call_fail_with(simulation->call, &error);
    return false;
}

static bool finish_block(struct simulation *simulation, struct execution *execution,
                         struct simulated_block *simulated)
{
    struct call *call = simulation->call;
    struct block *block = &simulated->block;
    struct header *header = &block->header;
    struct receipt *receipts = make_receipts(simulated, call->arena);
    struct requests requests;
    block->withdrawals = simulated->overrides.withdrawals;
    block->withdrawals_count = simulated->overrides.withdrawals_count;
    execution_end_block(execution, block->withdrawals, block->withdrawals_count);
    const enum requests_verdict verdict =
        execution_collect_requests(execution, receipts, simulated->calls_count, NULL, &requests);
    if (verdict != REQUESTS_OK) {
        call_fail(call, RPC_SERVER_ERROR, "block %" PRIu64 ": %s", header->number,
                  requests_verdict_text(verdict));
        return false;
    }
    block->transactions_count = simulated->calls_count;
    block->transactions =
        arena_array(call->arena, simulated->calls_count, sizeof *block->transactions);
    for (size_t index = 0; index < simulated->calls_count; index++) {
        block->transactions[index] = simulated->calls[index].object.tx;
        for (size_t byte = 0; byte < BLOOM_SIZE; byte++)
            header->logs_bloom[byte] |= receipts[index].bloom[byte];
    }
    header->gas_used = execution->gas_used;
    if (execution->environment.fork >= VM_FORK_PRAGUE)
        header->requests_hash = requests_hash(&requests);
    header->transactions_root =
        block_transactions_root(block->transactions, block->transactions_count);
    header->withdrawals_root = block_withdrawals_root(block->withdrawals, block->withdrawals_count);
    header->receipts_root = candidate_receipts_root(receipts, simulated->calls_count);
    if (!compute_state_root(simulation, &header->state_root))
        return false;
    block->hash = header_hash(header, execution->environment.fork);
    return true;
}

static bool run_block(struct simulation *simulation, size_t index,
                      const struct block_environment *base)
{
    struct simulated_block *simulated = &simulation->blocks[index];
    struct block_environment environment = *base;
    struct header *header = &simulated->block.header;
    fill_header(simulation, simulated, &base->parent_beacon_block_root, header);
    block_overrides_apply(&simulated->overrides, &environment);
    environment.number = header->number;
    environment.timestamp = header->timestamp;
    environment.gas_limit = header->gas_limit;
    environment.beneficiary = header->beneficiary;
    environment.prev_randao = header->mix_hash;
    environment.base_fee = header->base_fee;
    environment.parent_hash = header->parent_hash;
    struct execution execution = {
        .vm = simulation->call->machine,
        .state = simulation->state,
        .arena = simulation->call->arena,
        .environment = environment,
        .takes_any_sender = true,
        .is_cancelled = is_over,
        .cancel_context = simulation,
    };
    state_overrides_apply(&simulated->state, simulation->state);
    execution_begin_block(&execution);
    for (size_t at = 0; at < simulated->calls_count; at++)
        if (!run_call(simulation, &execution,
                      arena_format(simulation->call->arena, "block %" PRIu64 ", call %zu",
                                   header->number, at),
                      &simulated->calls[at]))
            return false;
    if (!finish_block(simulation, &execution, simulated))
        return false;
    simulation->parent = *header;
    simulation->done++;
    return true;
}

static bool run_blocks(struct simulation *simulation, const struct block_environment *base)
{
    for (size_t index = 0; index < simulation->blocks_count; index++) {
        if (is_over(simulation))
            return fail_late(simulation);
        if (!run_block(simulation, index, base))
            return false;
    }
    return true;
}

bool simulation_run(struct simulation *simulation)
{
    struct call *call = simulation->call;
    struct ledger_view *view = call->scope->view;
    struct block_environment base, next;
    struct state_reader reader;
    struct error error = {0};
    hash256 hash;
    simulation->deadline_ms = call_begin_long(call);
    simulation->gas_left = call->limits->call_gas_max;
    simulation->hashes.view = view;
    if (!view_header(view, simulation->base, &simulation->parent, &hash, &error)
        || !view_environment(view, simulation->base, &base, &error)
        || !view_environment_pending(view, 0, &next, &error)
        || !view_state_at(view, simulation->base, call->arena, &reader, &error)) {
        call_fail_with(call, &error);
        return false;
    }
    if (!lay_out(simulation))
        return false;
    base.parent_beacon_block_root = next.parent_beacon_block_root; /* block 0 has none */
    simulation->state = state_new(&reader);
    state_set_block_hashes(simulation->state, block_hash, simulation);
    bool ok = run_blocks(simulation, &base);
    if (state_failed(simulation->state, &error)) {
        call_fail_with(call, &error);
        ok = false;
    }
    state_free(simulation->state);
    return ok;
}
