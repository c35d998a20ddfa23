/* Admission: what the pool takes, checked against the rules and the head's state. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/admitted.h"
#include "ledger/inside.h"
#include "vm/delegation.h"

static enum pool_verdict refuse(enum pool_verdict verdict, struct error *detail, const char *text)
{
    if (detail != NULL)
        error_set(detail, ERROR_INVALID, "%s", text);
    return verdict;
}

/* The sentence for a transaction that breaks a rule by itself, in geth's words. */
static enum pool_verdict refuse_rule(const struct ledger *ledger, const struct transaction *tx,
                                     enum transaction_verdict verdict, struct error *detail)
{
    char text[ERROR_TEXT_SIZE];
    uint64_t gas = 0;
    switch ((int)verdict) {
    case TRANSACTION_NO_CHAIN_ID:
        return refuse(POOL_REFUSED, detail,
                      "only replay-protected (EIP-155) transactions allowed over RPC");
    case TRANSACTION_WRONG_CHAIN_ID:
        snprintf(text, sizeof text, "invalid chain id for signer: have %" PRIu64 " want %" PRIu64,
                 tx->chain_id, ledger->chain_id);
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_GAS_BELOW_INTRINSIC:
        if (!transaction_intrinsic_gas(tx, ledger->epoch->record.fork, &gas))
            break;
        snprintf(text, sizeof text,
                 "intrinsic gas too low: gas %" PRIu64 ", minimum needed %" PRIu64, tx->gas_limit,
                 gas);
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_GAS_BELOW_FLOOR:
        snprintf(text, sizeof text, "%s: gas %" PRIu64 ", minimum needed %" PRIu64,
                 transaction_verdict_text(verdict), tx->gas_limit,
                 transaction_floor_gas(tx, ledger->epoch->record.fork));
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_GAS_OVER_CAP:
        snprintf(text, sizeof text, "%s (cap: %d, tx: %" PRIu64 ")",
                 transaction_verdict_text(verdict), TRANSACTION_GAS_CAP, tx->gas_limit);
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_INITCODE_TOO_LARGE:
        snprintf(text, sizeof text, "max initcode size exceeded: code size %zu, limit %d",
                 tx->data.size, 2 * 24576 /* EIP-3860 */);
        return refuse(POOL_REFUSED, detail, text);
    }
    return refuse(POOL_REFUSED, detail, transaction_verdict_text(verdict));
}

/* What needs no account. */
static enum pool_verdict check_by_itself(const struct ledger *ledger, const struct transaction *tx,
                                         struct error *detail)
{
    char text[ERROR_TEXT_SIZE];
    const enum transaction_verdict verdict =
        tx->encoded.size > TRANSACTION_SIZE_MAX
            ? TRANSACTION_TOO_LARGE
            : transaction_check(tx, ledger->epoch->record.fork, ledger->chain_id);
    if (verdict != TRANSACTION_OK)
        return refuse_rule(ledger, tx, verdict, detail);
    if (tx->gas_limit > ledger->epoch->record.parameters.gas_limit) {
        snprintf(text, sizeof text,
                 "exceeds block gas limit: tx gas %" PRIu64 ", block gas limit %" PRIu64,
                 tx->gas_limit, ledger->epoch->record.parameters.gas_limit);
        return refuse(POOL_GAS_LIMIT, detail, text);
    }
    const u256 *floor = &ledger->genesis.base_fee_floor;
    if (u256_less(&tx->max_fee, floor)) {
        char least[U256_DECIMAL_SIZE], fee[U256_DECIMAL_SIZE];
        u256_format_decimal(least, floor);
        u256_format_decimal(fee, &tx->max_fee);
        snprintf(text, sizeof text,
                 "transaction underpriced: max fee per gas %s, this ledger's floor %s", fee, least);
        return refuse(POOL_UNDERPRICED, detail, text);
    }
    return POOL_OK;
}

/* The sender's account at the head, which may send if it has no code or delegates (EIP-3607,
 * EIP-7702). */
static enum pool_verdict read_sender(struct ledger *ledger, const address *sender,
                                     struct pool_account *out, struct error *detail)
{
    const struct state_reader reader = stored_state_reader(ledger->state);
    struct account account;
    struct error failure;
    address delegate;
    stored_state_reset(ledger->state); /* one bad record is not the next sender's fault */
    reader.ops->account(reader.context, sender, &account);
    const bool has_code = !hash256_equal(&account.code_hash, &EMPTY_CODE_HASH);
    const bool is_barred =
        has_code
        && !vm_delegation_decode(reader.ops->code(reader.context, &account.code_hash), &delegate);
    if (reader.ops->failed(reader.context, &failure))
        return refuse(POOL_REFUSED, detail, failure.text);
    if (is_barred)
        return refuse(POOL_SENDER_HAS_CODE, detail, pool_verdict_text(POOL_SENDER_HAS_CODE));
    *out = (struct pool_account){account.nonce, account.balance, has_code};
    return POOL_OK;
}

enum pool_verdict ledger_admit(struct ledger *ledger, const struct transaction *tx, uint64_t now_ms,
                               bool is_new, struct error *detail)
{
    if (ledger->stands_still[0] != '\0')
        return refuse(POOL_REFUSED, detail, ledger->stands_still);
    pool_expire(ledger->pool, now_ms);
    if (pool_find(ledger->pool, &tx->hash) != NULL)
        return refuse(POOL_ALREADY_KNOWN, detail, pool_verdict_text(POOL_ALREADY_KNOWN));
    enum pool_verdict verdict = check_by_itself(ledger, tx, detail);
    struct pool_account sender;
    if (verdict == POOL_OK && !pool_account_of(ledger->pool, &tx->sender, &sender))
        verdict = read_sender(ledger, &tx->sender, &sender, detail);
    if (verdict == POOL_OK && is_new)
        verdict = pool_check_delegation(ledger->pool, tx, &sender, detail);
    return verdict == POOL_OK ? pool_insert(ledger->pool, tx, &sender, now_ms, detail) : verdict;
}

enum pool_verdict ledger_submit(struct ledger *ledger, const struct transaction *tx,
                                uint64_t now_ms, struct error *detail)
{
    enum pool_verdict verdict = ledger_admit(ledger, tx, now_ms, true, detail);
    tally_add(&ledger->counts->submitted[verdict], 1);
    if (verdict == POOL_OK && ledger->on_admitted != NULL)
        ledger->on_admitted(ledger->on_admitted_context, tx);
    return verdict;
}

void ledger_on_admitted(struct ledger *ledger,
                        void (*on_admitted)(void *context, const struct transaction *tx),
                        void *context)
{
    ledger->on_admitted = on_admitted;
    ledger->on_admitted_context = context;
}

void ledger_stand_still(struct ledger *ledger, const char *why)
{
    snprintf(ledger->stands_still, sizeof ledger->stands_still, "this ledger stands still: %.340s",
             why);
}
