/* Blocks whole: header, transactions, receipts, raw bytes. */
#include "rpc/methods/methods.h"

#include "rpc/methods/show.h"
#include "rpc/scope.h"

static struct block_ref block_argument(const struct call *call)
{
    struct block_ref latest = {.tag = BLOCK_LATEST};
    if (!call->arguments[0].is_given)
        return latest;
    if (call->method->params[0].kind != PARAM_HASH)
        return call->arguments[0].block;
    return (struct block_ref){.tag = BLOCK_AT_HASH, .hash = call->arguments[0].hash};
}

/* The block of the first argument, also the one to come; *block is NULL if there is none yet. */
static bool find_block(struct call *call, const struct block **block,
                       const struct receipt **receipts)
{
    struct block_ref ref = block_argument(call);
    uint64_t height;
    bool is_known;
    *block = NULL;
    if (ref.tag == BLOCK_PENDING && call->scope->preview != NULL && receipts == NULL) {
        *block = preview_block(call->scope->preview);
        return true;
    }
    if (!call_height_or_null(call, &ref, &height, &is_known))
        return false;
    return !is_known || call_block(call, height, block, receipts);
}

enum call_outcome method_eth_get_block(struct call *call)
{
    const struct block *block;
    if (!find_block(call, &block, NULL))
        return CALL_FAILED;
    if (block == NULL)
        write_raw(call->out, "null");
    else
        show_block(call->out, block, ledger_genesis(call->ledger)->fork,
                   call->arguments[1].is_given && call->arguments[1].flag);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_block_transaction_count(struct call *call)
{
    const struct block *block;
    if (!find_block(call, &block, NULL))
        return CALL_FAILED;
    if (block == NULL)
        write_raw(call->out, "null");
    else
        write_quantity(call->out, block->transactions_count);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_block_receipts(struct call *call)
{
    const struct block *block;
    const struct receipt *receipts;
    if (!find_block(call, &block, &receipts))
        return CALL_FAILED;
    if (block == NULL || block_argument(call).tag == BLOCK_PENDING) {
        write_raw(call->out, "null");
        return CALL_ANSWERED;
    }
    struct found_receipt found = {.gas_before = 0, .logs_before = 0};
    write_raw(call->out, "[");
    for (size_t index = 0; index < block->transactions_count; index++) {
        struct place place = {&block->header, &block->hash, index};
        found.receipt = receipts[index];
        show_receipt(call->out, &block->transactions[index], &place, &found);
        found.gas_before = receipts[index].cumulative_gas_used;
        found.logs_before += receipts[index].logs_count;
    }
    write_raw(call->out, "]");
    return CALL_ANSWERED;
}

/* There are no uncles: their number is 0 in every block there is, and no place holds one. */
enum call_outcome method_eth_get_uncle_count(struct call *call)
{
    struct block_ref ref = block_argument(call);
    uint64_t height;
    bool is_known;
    if (!call_height_or_null(call, &ref, &height, &is_known))
        return CALL_FAILED;
    if (is_known)
        write_quantity(call->out, 0);
    else
        write_raw(call->out, "null");
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_uncle(struct call *call)
{
    write_raw(call->out, "null");
    return CALL_ANSWERED;
}
