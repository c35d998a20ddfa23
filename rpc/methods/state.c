/* Accounts at any block: balance, nonce, code, storage. */
#include "rpc/methods/methods.h"

#include "rpc/scope.h"

static struct block_ref block_argument(const struct call *call, size_t index)
{
    struct block_ref latest = {.tag = BLOCK_LATEST};
    return call->arguments[index].is_given ? call->arguments[index].block : latest;
}

/* The account and its reader as of the block argument at `index`. */
static bool read_account(struct call *call, size_t index, struct state_reader *reader,
                         struct account *account)
{
    struct block_ref ref = block_argument(call, index);
    if (!call_state(call, &ref, reader))
        return false;
    reader->ops->account(reader->context, &call->arguments[0].account, account);
    return call_state_is_good(call, reader);
}

enum call_outcome method_eth_get_balance(struct call *call)
{
    struct state_reader reader;
    struct account account;
    if (!read_account(call, 1, &reader, &account))
        return CALL_FAILED;
    write_u256(call->out, &account.balance);
    return CALL_ANSWERED;
}

/* On the actor: the pool and a view no older than it. */
static enum call_outcome count_pending(struct call *call)
{
    struct state_reader reader;
    struct account account;
    scope_refresh(call->scope);
    if (!read_account(call, 1, &reader, &account))
        return CALL_FAILED;
    write_quantity(call->out, pool_next_nonce(ledger_pool(call->ledger),
                                              &call->arguments[0].account, account.nonce));
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_transaction_count(struct call *call)
{
    struct state_reader reader;
    struct account account;
    if (block_argument(call, 1).tag == BLOCK_PENDING)
        return call_continue(call, RPC_ON_LEDGER, count_pending);
    if (!read_account(call, 1, &reader, &account))
        return CALL_FAILED;
    write_quantity(call->out, account.nonce);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_code(struct call *call)
{
    struct state_reader reader;
    struct account account;
    if (!read_account(call, 1, &reader, &account))
        return CALL_FAILED;
    struct bytes code = {0};
    if (!hash256_equal(&account.code_hash, &EMPTY_CODE_HASH)
        && !hash256_is_zero(&account.code_hash))
        code = reader.ops->code(reader.context, &account.code_hash);
    if (!call_state_is_good(call, &reader))
        return CALL_FAILED;
    write_data(call->out, code);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_get_storage_at(struct call *call)
{
    struct state_reader reader;
    struct block_ref ref = block_argument(call, 2);
    if (!call_state(call, &ref, &reader))
        return CALL_FAILED;
    u256 value =
        reader.ops->slot(reader.context, &call->arguments[0].account, &call->arguments[1].word);
    if (!call_state_is_good(call, &reader))
        return CALL_FAILED;
    hash256 word = u256_to_hash(&value);
    write_hash(call->out, &word);
    return CALL_ANSWERED;
}
