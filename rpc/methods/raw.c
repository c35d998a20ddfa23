/* Headers, transactions and receipts as the bytes that are hashed. */
#include "rpc/methods/methods.h"

#include "rpc/scope.h"

/* The block of the first argument; false after call_fail(). */
static bool find_block(struct call *call, const struct block **block,
                       const struct receipt **receipts)
{
    uint64_t height;
    bool is_known;
    if (!call_height_or_null(call, &call->arguments[0].block, &height, &is_known))
        return false;
    if (is_known)
        return call_block(call, height, block, receipts);
    call_fail(call, RPC_SERVER_ERROR, "block not found");
    return false;
}

static enum call_outcome answer_with(struct call *call, struct buffer *encoded)
{
    write_data(call->out, buffer_view(encoded));
    buffer_cleanup(encoded);
    return CALL_ANSWERED;
}

enum call_outcome method_debug_get_raw_block(struct call *call)
{
    const struct block *block;
    struct buffer encoded = {0};
    if (!find_block(call, &block, NULL))
        return CALL_FAILED;
    block_encode(block, ledger_genesis(call->ledger)->fork, &encoded);
    return answer_with(call, &encoded);
}

enum call_outcome method_debug_get_raw_header(struct call *call)
{
    const struct block *block;
    struct buffer encoded = {0};
    if (!find_block(call, &block, NULL))
        return CALL_FAILED;
    header_encode(&block->header, ledger_genesis(call->ledger)->fork, &encoded);
    return answer_with(call, &encoded);
}

enum call_outcome method_debug_get_raw_receipts(struct call *call)
{
    const struct block *block;
    const struct receipt *receipts;
    struct buffer encoded = {0};
    if (!find_block(call, &block, &receipts))
        return CALL_FAILED;
    write_raw(call->out, "[");
    for (size_t index = 0; index < block->transactions_count; index++) {
        buffer_clear(&encoded);
        receipt_encode(&receipts[index], &encoded);
        write_separator(call->out);
        write_data(call->out, buffer_view(&encoded));
    }
    write_raw(call->out, "]");
    buffer_cleanup(&encoded);
    return CALL_ANSWERED;
}

/* True, with the call answered or failed, if a block holds the transaction. */
static bool answer_final(struct call *call, enum call_outcome *outcome)
{
    struct ledger_view *view = call_view(call);
    struct found_transaction found;
    struct error error = {0};
    uint64_t height, index;
    *outcome = CALL_FAILED;
    if (view == NULL)
        return true;
    if (view_find_transaction(view, &call->arguments[0].hash, &height, &index, &error)
        && view_transaction(view, height, index, call->arena, &found, &error)) {
        write_data(call->out, found.tx.encoded);
        *outcome = CALL_ANSWERED;
        return true;
    }
    if (error.code == ERROR_NOT_FOUND)
        return false;
    call_fail_with(call, &error);
    return true;
}

/* On the actor. Unknown is no bytes, as geth answers. */
static enum call_outcome find_waiting(struct call *call)
{
    enum call_outcome outcome;
    const struct transaction *tx = pool_find(ledger_pool(call->ledger), &call->arguments[0].hash);
    if (tx == NULL) {
        scope_refresh(call->scope); /* it may have become final meanwhile */
        if (answer_final(call, &outcome))
            return outcome;
    }
    write_data(call->out, tx != NULL ? tx->encoded : bytes_of(NULL, 0));
    return CALL_ANSWERED;
}

enum call_outcome method_debug_get_raw_transaction(struct call *call)
{
    enum call_outcome outcome;
    return answer_final(call, &outcome) ? outcome
                                        : call_continue(call, RPC_ON_LEDGER, find_waiting);
}
