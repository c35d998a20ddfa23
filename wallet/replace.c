#include "wallet/replace.h"

#include "ledger/codec/address_text.h"
#include "vm/base/hex.h"
#include "wallet/chain.h"

#include <inttypes.h>

/* geth's rule, and the pool's: a tenth more, rounded up. False if that is beyond all bounds. */
static bool raise_fee(u256 *fee, const u256 *old)
{
    u256 ten = u256_from_u64(10);
    u256 nine = u256_from_u64(9);
    u256 step, least;
    if (u256_add_overflows(old, &nine, &step))
        return false;
    step = u256_div(&step, &ten);
    if (u256_add_overflows(old, &step, &least))
        return false;
    if (u256_less(fee, &least))
        *fee = least;
    return true;
}

static enum wallet_exit check_waiting(struct wallet *wallet, const char *hash, const json_t *old,
                                      const address *sender)
{
    uint64_t block;
    address from;
    const char *text = json_string_value(json_object_get(old, "from"));
    if (!json_is_object(old))
        return wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet org list",
                           "no transaction %s waits on this ledger", hash);
    if (chain_read_u64(old, "blockNumber", &block))
        return wallet_fail(
            wallet, WALLET_REFUSED, arena_format(&wallet->arena, "lwallet receipt %s", hash),
            "transaction %s is final in block %" PRIu64 ": too late to replace it", hash, block);
    if (text == NULL || address_parse(&from, text) == ADDRESS_BAD_FORM
        || !address_equal(&from, sender))
        return wallet_fail(wallet, WALLET_REFUSED, "the same with --account NAME",
                           "transaction %s is not by the account that acts", hash);
    return WALLET_OK;
}

static enum wallet_exit take_place(struct wallet *wallet, const json_t *old, struct transaction *tx)
{
    u256 fee, tip;
    bool is_legacy = !chain_read_quantity(old, "maxFeePerGas", &fee);
    bool ok = chain_read_u64(old, "nonce", &tx->nonce)
              && (!is_legacy || chain_read_quantity(old, "gasPrice", &fee));
    if (is_legacy)
        tip = fee;
    else
        ok = ok && chain_read_quantity(old, "maxPriorityFeePerGas", &tip);
    ok = ok && raise_fee(&tx->max_fee, &fee) && raise_fee(&tx->max_priority, &tip);
    if (!ok)
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node's transaction lacks its number or fees");
    if (u256_less(&tx->max_fee, &tx->max_priority))
        tx->max_fee = tx->max_priority;
    return WALLET_OK;
}

enum wallet_exit replace_waiting(struct wallet *wallet, const char *hash, struct transaction *tx)
{
    hash256 read;
    json_t *old;
    if (!hex_decode_fixed(read.bytes, sizeof read.bytes, hash, strlen(hash)))
        return wallet_fail(wallet, WALLET_USAGE, NULL,
                           "--replace \"%.80s\": expected a transaction hash, 0x and 64 hex digits",
                           hash);
    enum wallet_exit code =
        chain_call(wallet, "eth_getTransactionByHash", json_pack("[s]", hash), &old);
    if (code == WALLET_OK)
        code = check_waiting(wallet, hash, old, &tx->sender);
    if (code == WALLET_OK)
        code = take_place(wallet, old, tx);
    json_decref(old);
    return code;
}
