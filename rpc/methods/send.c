/* eth_sendRawTransaction: decoded, checked and recovered on a worker, admitted on the ledger's
 * actor. All transactions of a batch share both steps. eth_sendRawTransactionSync (EIP-7966) then
 * looks for the receipt from time to time. */
#include "rpc/methods/methods.h"

#include "rpc/methods/show.h"
#include "rpc/scope.h"
#include "rpc/subscriptions/filters.h"
#include "rpc/subscriptions/hub.h"
#include <inttypes.h>

#define WAIT_MS     2000 /* beside the ledger's pulse; EIP-7966 recommends it */
#define WAIT_MS_MAX 20000

/* What is on its way to a block. */
struct sending {
    struct transaction tx;
    uint64_t until_ms; /* when it is no longer waited for; on scope_now_ms() */
    uint64_t wait_ms;
};

/* False after call_fail(). */
static bool admit(struct call *call, const struct transaction *tx)
{
    struct error detail = {0};
    uint64_t now_ms = call->host->ops->now_ms(call->host->context);
    enum pool_verdict verdict = ledger_submit(call->ledger, tx, now_ms, &detail);
    if (verdict != POOL_OK) {
        call_fail(call, verdict == POOL_JOURNAL_FAILED ? RPC_INTERNAL_ERROR : RPC_SERVER_ERROR,
                  "%s", detail.text[0] != '\0' ? detail.text : pool_verdict_text(verdict));
        return false;
    }
    call->scope->has_submitted = true;
    if (call->scope->hub != NULL)
        hub_on_admitted(call->scope->hub, call->pinned, tx);
    if (call->scope->filters != NULL)
        filters_on_admitted(call->scope->filters, call->pinned, &tx->hash, scope_now_ms());
    return true;
}

static enum call_outcome submit(struct call *call)
{
    const struct sending *sending = call->state;
    if (!admit(call, &sending->tx))
        return CALL_FAILED;
    write_hash(call->out, &sending->tx.hash);
    return CALL_ANSWERED;
}

/* The sentence for what a transaction itself tells to be wrong, in geth's words. */
static enum call_outcome refuse(struct call *call, const struct transaction *tx,
                                enum transaction_verdict verdict, enum rlp_verdict rlp)
{
    const char *text = transaction_verdict_text(verdict);
    uint64_t gas = 0;
    switch (verdict) {
    case TRANSACTION_BAD_RLP:
        return call_fail(call, RPC_SERVER_ERROR, "%s: %s", text, rlp_verdict_text(rlp));
    case TRANSACTION_WRONG_CHAIN_ID:
        return call_fail(call, RPC_SERVER_ERROR, "%s: have %" PRIu64 " want %" PRIu64, text,
                         tx->chain_id, ledger_chain_id(call->ledger));
    case TRANSACTION_GAS_BELOW_INTRINSIC:
        transaction_intrinsic_gas(tx, ledger_genesis(call->ledger)->fork, &gas);
        return call_fail(call, RPC_SERVER_ERROR, "%s: gas %" PRIu64 ", minimum needed %" PRIu64,
                         text, tx->gas_limit, gas);
    case TRANSACTION_GAS_BELOW_FLOOR:
        gas = transaction_floor_gas(tx, ledger_genesis(call->ledger)->fork);
        return call_fail(call, RPC_SERVER_ERROR, "%s: gas %" PRIu64 ", minimum needed %" PRIu64,
                         text, tx->gas_limit, gas);
    case TRANSACTION_GAS_OVER_CAP:
        return call_fail(call, RPC_SERVER_ERROR, "%s (cap: %d, tx: %" PRIu64 ")", text,
                         TRANSACTION_GAS_CAP, tx->gas_limit);
    default: /* the verdict's own words say it all */
        return call_fail(call, RPC_SERVER_ERROR, "%s", text);
    }
}

/* Decodes, checks and recovers; false after call_fail(). */
static bool read_transaction(struct call *call, struct sending *sending)
{
    struct transaction *tx = &sending->tx;
    enum rlp_verdict rlp = RLP_OK;
    enum transaction_verdict verdict =
        transaction_decode(tx, call->arguments[0].data, call->arena, &rlp);
    if (verdict == TRANSACTION_OK)
        verdict = transaction_check(tx, ledger_genesis(call->ledger)->fork,
                                    ledger_chain_id(call->ledger));
    if (verdict == TRANSACTION_OK)
        verdict = transaction_recover(tx);
    if (verdict != TRANSACTION_OK)
        refuse(call, tx, verdict, rlp);
    call->state = sending;
    return verdict == TRANSACTION_OK;
}

enum call_outcome method_eth_send_raw_transaction(struct call *call)
{
    struct sending *sending = arena_alloc(call->arena, sizeof *sending);
    return read_transaction(call, sending) ? call_continue(call, RPC_ON_LEDGER, submit)
                                           : CALL_FAILED;
}

/* ---- With its receipt -------------------------------------------------------------------- */

/* The hash goes along, so that the client can go on waiting by itself. */
static enum call_outcome fail_with_hash(struct call *call, int code, const char *text)
{
    const struct sending *sending = call->state;
    call->error_data = bytes_of(sending->tx.hash.bytes, sizeof sending->tx.hash.bytes);
    call->has_error_data = true;
    return call_fail(call, code, "%s", text);
}

static enum call_outcome fail_late(struct call *call)
{
    const struct sending *sending = call->state;
    return fail_with_hash(
        call, RPC_NOT_MINED_IN_TIME,
        call->scope->is_ending
            ? "the node stops; the transaction is in its pool and goes on when it is back"
            : arena_format(call->arena,
                           "the transaction was added to the pool but is in no block after %" PRIu64
                           " ms; ask for its receipt with eth_getTransactionReceipt",
                           sending->wait_ms));
}

static enum call_outcome await_block(struct call *call)
{
    const struct sending *sending = call->state;
    struct found_transaction found;
    struct found_receipt receipt;
    struct error error = {0};
    uint64_t height, index;
    scope_refresh(call->scope);
    struct ledger_view *view = call_view(call);
    if (view == NULL)
        return CALL_FAILED;
    if (!view_find_transaction(view, &sending->tx.hash, &height, &index, &error)) {
        if (error.code != ERROR_NOT_FOUND)
            return call_fail_with(call, &error);
        const bool is_over = scope_now_ms() >= sending->until_ms || call->scope->is_ending
                             || call_is_abandoned(call);
        return is_over ? fail_late(call) : call_wait(call, await_block);
    }
    if (!view_transaction(view, height, index, call->arena, &found, &error)
        || !view_receipt(view, height, index, call->arena, &receipt, &error))
        return call_fail_with(call, &error);
    const struct place place = {&found.header, &found.block_hash, index};
    show_receipt(call->out, &found.tx, &place, &receipt);
    return CALL_ANSWERED;
}

static void set_end(struct call *call, struct sending *sending)
{
    if (sending->wait_ms == 0)
        sending->wait_ms = WAIT_MS + ledger_epoch_record(call->ledger)->parameters.pulse_ms;
    sending->until_ms = scope_now_ms() + sending->wait_ms;
    if (sending->until_ms > call->scope->deadline_ms)
        sending->until_ms = call->scope->deadline_ms;
}

static enum call_outcome submit_and_wait(struct call *call)
{
    struct sending *sending = call->state;
    set_end(call, sending);
    if (!admit(call, &sending->tx))
        return CALL_FAILED;
    if (pool_fate(ledger_pool(call->ledger), &sending->tx.hash) == POOL_QUEUED)
        return fail_with_hash(call, RPC_NOT_READY,
                              "the transaction was added to the pool but waits for one with a "
                              "lower nonce; send that one");
    return call_wait(call, await_block);
}

/* EIP-7966: "If the timeout is invalid, the handler function MUST use the default". */
enum call_outcome method_eth_send_raw_transaction_sync(struct call *call)
{
    struct sending *sending = arena_alloc(call->arena, sizeof *sending);
    const struct argument *asked = &call->arguments[1];
    if (!read_transaction(call, sending))
        return CALL_FAILED;
    if (asked->is_given && asked->number <= WAIT_MS_MAX)
        sending->wait_ms = asked->number;
    return call_continue(call, RPC_ON_LEDGER, submit_and_wait);
}
