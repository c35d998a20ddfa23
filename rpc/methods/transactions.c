/* Transactions and receipts, by hash or by place in a block. */
#include "rpc/methods/methods.h"

#include "rpc/methods/show.h"
#include "rpc/scope.h"

/* Where a final transaction stands; *is_known false if there is none of that hash. */
static bool find(struct call *call, uint64_t *height, uint64_t *index, bool *is_known)
{
    struct ledger_view *view = call_view(call);
    struct error error = {0};
    if (view == NULL)
        return false;
    *is_known = view_find_transaction(view, &call->arguments[0].hash, height, index, &error);
    if (*is_known || error.code == ERROR_NOT_FOUND)
        return true;
    call_fail_with(call, &error);
    return false;
}

static enum call_outcome find_waiting(struct call *call)
{
    const struct transaction *tx = pool_find(ledger_pool(call->ledger), &call->arguments[0].hash);
    if (tx != NULL) {
        show_transaction(call->out, tx, NULL, 0);
        return CALL_ANSWERED;
    }
    /* It may have been committed between the look into the view and now. */
    uint64_t height, index;
    bool is_known;
    const struct block *block;
    scope_refresh(call->scope);
    if (!find(call, &height, &index, &is_known))
        return CALL_FAILED;
    if (!is_known) {
        write_raw(call->out, "null");
        return CALL_ANSWERED;
    }
    if (!call_block(call, height, &block, NULL))
        return CALL_FAILED;
    show_transaction(call->out, &block->transactions[index], block, index);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_transaction_by_hash(struct call *call)
{
    uint64_t height, index;
    bool is_known;
    const struct block *block;
    if (!find(call, &height, &index, &is_known))
        return CALL_FAILED;
    if (!is_known)
        return call_continue(call, RPC_ON_LEDGER, find_waiting);
    if (!call_block(call, height, &block, NULL))
        return CALL_FAILED;
    show_transaction(call->out, &block->transactions[index], block, index);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_transaction_receipt(struct call *call)
{
    uint64_t height, index;
    bool is_known;
    const struct block *block;
    const struct receipt *receipts;
    if (!find(call, &height, &index, &is_known))
        return CALL_FAILED;
    if (!is_known) {
        write_raw(call->out, "null");
        return CALL_ANSWERED;
    }
    if (!call_block(call, height, &block, &receipts))
        return CALL_FAILED;
    show_receipt(call->out, block, receipts, index, show_first_log(receipts, index));
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_transaction_in_block(struct call *call)
{
    struct block_ref ref = call->arguments[0].block;
    if (call->method->params[0].kind == PARAM_HASH)
        ref = (struct block_ref){.tag = BLOCK_AT_HASH, .hash = call->arguments[0].hash};
    uint64_t height, index = call->arguments[1].number;
    bool is_known;
    const struct block *block;
    if (!call_height_or_null(call, &ref, &height, &is_known))
        return CALL_FAILED;
    if (is_known && !call_block(call, height, &block, NULL))
        return CALL_FAILED;
    if (!is_known || ref.tag == BLOCK_PENDING || index >= block->transactions_count)
        write_raw(call->out, "null");
    else
        show_transaction(call->out, &block->transactions[index], block, index);
    return CALL_ANSWERED;
}
