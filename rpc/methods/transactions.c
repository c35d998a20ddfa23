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

static bool read_transaction(struct call *call, uint64_t height, uint64_t index,
                             struct found_transaction *found)
{
    struct error error = {0};
    if (view_transaction(call->scope->view, height, index, call->arena, found, &error))
        return true;
    call_fail_with(call, &error);
    return false;
}

static struct place place_of(const struct found_transaction *found)
{
    return (struct place){&found->header, &found->block_hash, found->index};
}

static enum call_outcome show_final(struct call *call, uint64_t height, uint64_t index)
{
    struct found_transaction found;
    if (!read_transaction(call, height, index, &found))
        return CALL_FAILED;
    struct place place = place_of(&found);
    show_transaction(call->out, &found.tx, &place);
    return CALL_ANSWERED;
}

static enum call_outcome find_waiting(struct call *call)
{
    const struct transaction *tx = pool_find(ledger_pool(call->ledger), &call->arguments[0].hash);
    if (tx != NULL) {
        show_transaction(call->out, tx, NULL);
        return CALL_ANSWERED;
    }
    /* It may have been committed between the look into the view and now. */
    uint64_t height, index;
    bool is_known;
    scope_refresh(call->scope);
    if (!find(call, &height, &index, &is_known))
        return CALL_FAILED;
    if (is_known)
        return show_final(call, height, index);
    write_raw(call->out, "null");
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_transaction_by_hash(struct call *call)
{
    uint64_t height, index;
    bool is_known;
    if (!find(call, &height, &index, &is_known))
        return CALL_FAILED;
    return is_known ? show_final(call, height, index)
                    : call_continue(call, RPC_ON_LEDGER, find_waiting);
}

enum call_outcome method_eth_get_transaction_receipt(struct call *call)
{
    uint64_t height, index;
    bool is_known;
    struct found_transaction found;
    struct found_receipt receipt;
    struct error error = {0};
    if (!find(call, &height, &index, &is_known))
        return CALL_FAILED;
    if (!is_known) {
        write_raw(call->out, "null");
        return CALL_ANSWERED;
    }
    if (!read_transaction(call, height, index, &found))
        return CALL_FAILED;
    if (!view_receipt(call->scope->view, height, index, call->arena, &receipt, &error))
        return call_fail_with(call, &error);
    struct place place = place_of(&found);
    show_receipt(call->out, &found.tx, &place, &receipt);
    return CALL_ANSWERED;
}

static enum call_outcome show_pending(struct call *call, uint64_t index)
{
    const struct block *block = preview_block(call->scope->preview);
    const struct place place = {&block->header, &block->hash, index};
    if (index < block->transactions_count)
        show_transaction(call->out, &block->transactions[index], &place);
    else
        write_raw(call->out, "null");
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_transaction_in_block(struct call *call)
{
    struct block_ref ref = call->arguments[0].block;
    if (call->method->params[0].kind == PARAM_HASH)
        ref = (struct block_ref){.tag = BLOCK_AT_HASH, .hash = call->arguments[0].hash};
    uint64_t height, index = call->arguments[1].number;
    bool is_known;
    struct found_transaction found;
    struct error error = {0};
    if (ref.tag == BLOCK_PENDING && call->scope->preview != NULL)
        return show_pending(call, index);
    if (!call_height_or_null(call, &ref, &height, &is_known))
        return CALL_FAILED;
    is_known = is_known && ref.tag != BLOCK_PENDING
               && view_transaction(call->scope->view, height, index, call->arena, &found, &error);
    if (!is_known && error.code != ERROR_NONE && error.code != ERROR_NOT_FOUND)
        return call_fail_with(call, &error);
    if (is_known) {
        struct place place = place_of(&found);
        show_transaction(call->out, &found.tx, &place);
    } else {
        write_raw(call->out, "null");
    }
    return CALL_ANSWERED;
}
