/* eth_sendRawTransaction: decoded, checked and recovered on a worker, admitted on the ledger's
 * actor. All transactions of a batch share both steps. */
#include "rpc/methods/methods.h"

#include "rpc/scope.h"
#include "rpc/subscriptions/filters.h"
#include "rpc/subscriptions/hub.h"
#include <inttypes.h>

static enum call_outcome submit(struct call *call)
{
    const struct transaction *tx = call->state;
    struct error detail = {0};
    uint64_t now_ms = call->host->ops->now_ms(call->host->context);
    enum pool_verdict verdict = ledger_submit(call->ledger, tx, now_ms, &detail);
    if (verdict != POOL_OK)
        return call_fail(call,
                         verdict == POOL_JOURNAL_FAILED ? RPC_INTERNAL_ERROR : RPC_SERVER_ERROR,
                         "%s", detail.text[0] != '\0' ? detail.text : pool_verdict_text(verdict));
    call->scope->has_submitted = true;
    if (call->scope->hub != NULL)
        hub_on_admitted(call->scope->hub, call->pinned, tx);
    if (call->scope->filters != NULL)
        filters_on_admitted(call->scope->filters, call->pinned, &tx->hash, scope_now_ms());
    write_hash(call->out, &tx->hash);
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

enum call_outcome method_eth_send_raw_transaction(struct call *call)
{
    struct transaction *tx = arena_alloc(call->arena, sizeof *tx);
    enum rlp_verdict rlp = RLP_OK;
    enum transaction_verdict verdict =
        transaction_decode(tx, call->arguments[0].data, call->arena, &rlp);
    if (verdict == TRANSACTION_OK)
        verdict = transaction_check(tx, ledger_genesis(call->ledger)->fork,
                                    ledger_chain_id(call->ledger));
    if (verdict == TRANSACTION_OK)
        verdict = transaction_recover(tx);
    if (verdict != TRANSACTION_OK)
        return refuse(call, tx, verdict, rlp);
    call->state = tx;
    return call_continue(call, RPC_ON_LEDGER, submit);
}
