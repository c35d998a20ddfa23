#include "wallet/send.h"

#include "ledger/chain/transaction.h"
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "ledger/org/genesis.h"
#include "rpc/client.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/config.h"
#include "wallet/replace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WAIT_SECONDS     60
#define WAIT_SECONDS_MAX 86400
#define POLL_FIRST_MS    25
#define POLL_LAST_MS     500
#define LOGS_SHOWN_MAX   100
#define LOG_TOPICS       4
#define FEE_MAX_DEFAULT  "1" /* coins */

bool send_value_option(struct wallet *wallet, u256 *value_wei, struct error *error)
{
    const char *text = wallet->options.values[OPTION_VALUE];
    *value_wei = U256_ZERO;
    return text == NULL || amount_parse(value_wei, text, error) || error_prefix(error, "--value");
}

/* Filling in. */

static json_t *quantity_json(const u256 *value)
{
    char text[U256_HEX_SIZE];
    u256_format_quantity(text, value);
    return json_string(text);
}

static json_t *call_object(const struct send_request *request, const address *sender)
{
    json_t *call = json_object();
    json_object_set_new(call, "from", chain_bytes(bytes_of(sender->bytes, sizeof sender->bytes)));
    if (!request->is_create)
        json_object_set_new(call, "to",
                            chain_bytes(bytes_of(request->to.bytes, sizeof request->to.bytes)));
    if (request->data.size > 0)
        json_object_set_new(call, "data", chain_bytes(request->data));
    if (!u256_is_zero(&request->value_wei))
        json_object_set_new(call, "value", quantity_json(&request->value_wei));
    return call;
}

static enum wallet_exit read_count(struct wallet *wallet, const char *method, json_t *params,
                                   uint64_t *out)
{
    u256 value;
    enum wallet_exit code = chain_quantity(wallet, method, params, &value);
    if (code != WALLET_OK)
        return code;
    if (!u256_fits_u64(&value))
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node answered %s with a number over 64 bits", method);
    *out = value.limbs[0];
    return WALLET_OK;
}

static enum wallet_exit fill_gas(struct wallet *wallet, const struct send_request *request,
                                 const address *sender, uint64_t *gas)
{
    const char *text = wallet->options.values[OPTION_GAS];
    u256 value;
    json_t *result;
    if (text != NULL) {
        if (!u256_parse_decimal(&value, text, strlen(text)) || !u256_fits_u64(&value))
            return wallet_fail(wallet, WALLET_USAGE, NULL,
                               "--gas \"%.40s\" is no number; expected one like 100000", text);
        *gas = value.limbs[0];
        return WALLET_OK;
    }
    enum wallet_exit code =
        chain_call_abi(wallet, "eth_estimateGas", json_pack("[o]", call_object(request, sender)),
                       request->abi, &result);
    bool ok = code == WALLET_OK && json_is_string(result)
              && u256_parse_hex(&value, json_string_value(result), json_string_length(result))
              && u256_fits_u64(&value);
    json_decref(result);
    if (code == WALLET_OK && !ok)
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node's gas estimate is not a number");
    *gas = ok ? value.limbs[0] : 0;
    return code;
}

/* A signature is valid on the ledger with its chain id, wherever it was asked for: a node that
 * names another one than it did before gets none. The first time, the node is believed. */
static enum wallet_exit check_ledger(struct wallet *wallet, uint64_t chain_id)
{
    u256 wanted;
    uint64_t kept;
    const char *text = wallet->options.values[OPTION_CHAIN_ID];
    if (text != NULL
        && (!u256_parse_decimal(&wanted, text, strlen(text)) || !u256_fits_u64(&wanted)))
        return wallet_fail(wallet, WALLET_USAGE, NULL,
                           "--chain-id \"%.40s\" is no number; expected one like 77060", text);
    if (text != NULL && wanted.limbs[0] != chain_id)
        return wallet_fail(wallet, WALLET_REFUSED, "lwallet org show",
                           "this ledger has chain id %" PRIu64 ", not %" PRIu64
                           "; nothing was signed",
                           chain_id, wanted.limbs[0]);
    if (text == NULL && config_ledger(wallet, rpc_client_url(wallet->node), &kept)
        && kept != chain_id)
        return wallet_fail(
            wallet, WALLET_REFUSED,
            arena_format(&wallet->arena,
                         "the same with --chain-id %" PRIu64 ", if that is the ledger you mean",
                         chain_id),
            "the ledger at %s had chain id %" PRIu64 ", and the node now says %" PRIu64
            ": it is another ledger; nothing was signed",
            rpc_client_url(wallet->node), kept, chain_id);
    return WALLET_OK;
}

static bool keep_ledger(struct wallet *wallet, uint64_t chain_id, struct error *error)
{
    uint64_t kept;
    const char *url = rpc_client_url(wallet->node);
    return (config_ledger(wallet, url, &kept) && kept == chain_id)
           || config_keep_ledger(wallet, url, chain_id, error);
}

/* Before anything is signed: whether the account holds the value and (once it is known) the fee,
 * and whether the fee is one the user would expect. */
static enum wallet_exit check_funds(struct wallet *wallet, const struct book_entry *sender,
                                    const u256 *value, const u256 *fee)
{
    char from[ADDRESS_TEXT_SIZE], held[AMOUNT_TEXT_SIZE], sent[AMOUNT_TEXT_SIZE];
    char charged[AMOUNT_TEXT_SIZE];
    const char *symbol;
    u256 balance, needed;
    address_format(from, &sender->account);
    enum wallet_exit code =
        chain_quantity(wallet, "eth_getBalance", json_pack("[s, s]", from, "latest"), &balance);
    if (code != WALLET_OK
        || (!u256_add_overflows(value, fee, &needed) && !u256_less(&balance, &needed)))
        return code;
    code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    amount_format(held, &balance);
    amount_format(sent, value);
    amount_format(charged, fee);
    if (u256_less(&balance, value) || u256_is_zero(fee))
        return wallet_fail(wallet, WALLET_REFUSED, "lwallet balance",
                           "%s has only %s %s, not the %s %s to send; nothing was sent",
                           sender->name, held, symbol, sent, symbol);
    return wallet_fail(wallet, WALLET_REFUSED, "lwallet balance",
                       "%s has only %s %s, not %s %s and a fee of up to %s %s; nothing was sent",
                       sender->name, held, symbol, sent, symbol, charged, symbol);
}

/* Gas and its price come from the node: without a bound it could spend all there is on fees. */
static enum wallet_exit check_fee(struct wallet *wallet, const struct transaction *tx, u256 *fee)
{
    struct error error;
    u256 most;
    const char *symbol;
    char charged[AMOUNT_TEXT_SIZE], allowed[AMOUNT_TEXT_SIZE];
    const char *text = wallet->options.values[OPTION_MAX_FEE];
    u256 gas = u256_from_u64(tx->gas_limit);
    if (!amount_parse(&most, text != NULL ? text : FEE_MAX_DEFAULT, &error)) {
        (void)error_prefix(&error, "--max-fee");
        return wallet_fail_error(wallet, &error, NULL);
    }
    if (!u256_mul_overflows(&gas, &tx->max_fee, fee) && !u256_less(&most, fee))
        return WALLET_OK;
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    if (u256_mul_overflows(&gas, &tx->max_fee, fee))
        return wallet_fail(wallet, WALLET_REFUSED, NULL,
                           "the node asks for a fee larger than any account; nothing was sent");
    amount_format(charged, fee);
    amount_format(allowed, &most);
    return wallet_fail(wallet, WALLET_REFUSED,
                       arena_format(&wallet->arena, "the same with --max-fee %s", charged),
                       "the fee may be up to %s %s, more than the %s %s allowed; nothing was sent",
                       charged, symbol, allowed, symbol);
}

static enum wallet_exit fill(struct wallet *wallet, const struct send_request *request,
                             const struct book_entry *sender, struct transaction *tx)
{
    char from[ADDRESS_TEXT_SIZE];
    address_format(from, &sender->account);
    *tx = (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                               .has_chain_id = true,
                               .is_create = request->is_create,
                               .to = request->to,
                               .value = request->value_wei,
                               .data = request->data,
                               .sender = sender->account};
    u256 fee = U256_ZERO;
    enum wallet_exit code = read_count(wallet, "eth_chainId", NULL, &tx->chain_id);
    if (code == WALLET_OK)
        code = check_ledger(wallet, tx->chain_id);
    if (code == WALLET_OK && !u256_is_zero(&tx->value))
        code = check_funds(wallet, sender, &tx->value, &fee);
    if (code == WALLET_OK)
        code = read_count(wallet, "eth_getTransactionCount", json_pack("[s, s]", from, "pending"),
                          &tx->nonce);
    if (code == WALLET_OK)
        code = chain_fees(wallet, &tx->max_fee, &tx->max_priority);
    if (code == WALLET_OK && options_has(&wallet->options, OPTION_REPLACE))
        code = replace_waiting(wallet, wallet->options.values[OPTION_REPLACE], tx);
    if (code == WALLET_OK)
        code = fill_gas(wallet, request, &sender->account, &tx->gas_limit);
    if (code == WALLET_OK)
        code = check_fee(wallet, tx, &fee);
    if (code == WALLET_OK && !u256_is_zero(&fee))
        code = check_funds(wallet, sender, &tx->value, &fee);
    return code;
}

/* Showing what would be signed. */

static const char *fee_text(struct wallet *wallet, uint64_t gas, const u256 *price,
                            const char *symbol)
{
    char amount[AMOUNT_TEXT_SIZE];
    u256 wide = u256_from_u64(gas);
    u256 fee;
    if (u256_mul_overflows(&wide, price, &fee))
        return "more than any account holds";
    amount_format(amount, &fee);
    return arena_format(&wallet->arena, "%s %s", amount, symbol);
}

static enum wallet_exit show_dry_run(struct wallet *wallet, const struct send_request *request,
                                     const struct transaction *tx)
{
    const char *symbol;
    char value[AMOUNT_TEXT_SIZE];
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    const char *org = config_get(wallet, SETTING_ORG, NULL);
    const char *from = book_describe(wallet, &tx->sender);
    const char *to = tx->is_create ? "a new contract" : book_describe(wallet, &tx->to);
    const char *fee = fee_text(wallet, tx->gas_limit, &tx->max_fee, symbol);
    amount_format(value, &tx->value);
    wallet_say(wallet, "nothing was sent; this would be signed: %s", request->meaning);
    wallet_say(wallet, "  from     %s (transaction number %" PRIu64 ")", from, tx->nonce);
    wallet_say(wallet, "  to       %s", to);
    wallet_say(wallet, "  amount   %s %s", value, symbol);
    wallet_say(wallet, "  fee      at most %s (%" PRIu64 " gas)", fee, tx->gas_limit);
    if (tx->data.size > 0)
        wallet_say(wallet, "  data     %zu bytes", tx->data.size);
    wallet_say(wallet, "  ledger   %s, chain id %" PRIu64 " (valid on no other)",
               org != NULL ? org : "the node's default organisation", tx->chain_id);

    json_t *unsigned_tx = call_object(request, &tx->sender);
    u256 nonce = u256_from_u64(tx->nonce);
    u256 gas = u256_from_u64(tx->gas_limit);
    u256 chain_id = u256_from_u64(tx->chain_id);
    json_object_set_new(unsigned_tx, "type", json_string("0x2"));
    json_object_set_new(unsigned_tx, "nonce", quantity_json(&nonce));
    json_object_set_new(unsigned_tx, "gas", quantity_json(&gas));
    json_object_set_new(unsigned_tx, "chainId", quantity_json(&chain_id));
    json_object_set_new(unsigned_tx, "maxFeePerGas", quantity_json(&tx->max_fee));
    json_object_set_new(unsigned_tx, "maxPriorityFeePerGas", quantity_json(&tx->max_priority));
    wallet_put(wallet, "dryRun", json_true());
    wallet_put_text(wallet, "meaning", request->meaning);
    wallet_put(wallet, "transaction", unsigned_tx);
    return WALLET_OK;
}

/* Receipts. */

/* One event in words; an unknown one by its topics. */
static void show_log(struct wallet *wallet, const json_t *log, const struct abi *abi,
                     json_t *events)
{
    hash256 topics[LOG_TOPICS];
    struct error error;
    struct buffer data = {0};
    struct buffer line = {0};
    const json_t *list = json_object_get(log, "topics");
    const char *hex = json_string_value(json_object_get(log, "data"));
    size_t count = json_array_size(list);
    bool ok = count <= LOG_TOPICS && hex != NULL
              && (hex_decode_append(&data, hex, strlen(hex)) || strcmp(hex, "0x") == 0);
    for (size_t i = 0; i < count && ok; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        ok = text != NULL && hex_decode_fixed(topics[i].bytes, 32, text, strlen(text));
    }
    const struct abi_entry *event =
        ok && abi != NULL && count > 0 ? abi_find_event(abi, &topics[0], count - 1) : NULL;
    if (event != NULL) {
        bool is_hash[ABI_PARAMS_MAX];
        struct abi_value *values = arena_array(&wallet->arena, event->inputs_count, sizeof *values);
        if (abi_decode_event(event, topics, count, buffer_view(&data), values, is_hash,
                             &wallet->arena, &error))
            abi_values_format(event->name, event->inputs, values, is_hash, event->inputs_count,
                              &line);
    }
    if (line.size > 0) {
        wallet_say(wallet, "  event %.*s", (int)line.size, (const char *)line.data);
        json_array_append_new(events, json_stringn((const char *)line.data, line.size));
    }
    buffer_cleanup(&line);
    buffer_cleanup(&data);
}

static void show_logs(struct wallet *wallet, const json_t *receipt, const struct abi *abi)
{
    const json_t *logs = json_object_get(receipt, "logs");
    size_t count = json_array_size(logs);
    json_t *events = json_array();
    for (size_t i = 0; i < count && i < LOGS_SHOWN_MAX; i++)
        show_log(wallet, json_array_get(logs, i), abi, events);
    size_t shown = json_array_size(events);
    if (shown < count)
        wallet_say(wallet, "  %zu event%s%s", count - shown, count - shown == 1 ? "" : "s",
                   shown > 0     ? " more"
                   : abi == NULL ? " (name them with --abi FILE)"
                                 : "");
    wallet_put(wallet, "events", events);
}

enum wallet_exit send_show_receipt(struct wallet *wallet, const json_t *receipt,
                                   const struct abi *abi, const char *done)
{
    const char *symbol;
    u256 price = U256_ZERO;
    uint64_t block = 0;
    uint64_t gas = 0;
    uint64_t status = 0;
    const char *hash = json_string_value(json_object_get(receipt, "transactionHash"));
    const char *created = json_string_value(json_object_get(receipt, "contractAddress"));
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    if (hash == NULL || !chain_read_u64(receipt, "blockNumber", &block)
        || !chain_read_u64(receipt, "gasUsed", &gas) || !chain_read_u64(receipt, "status", &status))
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL, "the node's receipt lacks fields");
    bool has_price = chain_read_quantity(receipt, "effectiveGasPrice", &price);
    const char *fee = has_price ? fee_text(wallet, gas, &price, symbol) : "unknown";
    address contract;
    bool is_created =
        status == 1 && created != NULL && address_parse(&contract, created) != ADDRESS_BAD_FORM;
    char text[ADDRESS_TEXT_SIZE];
    wallet_say(wallet, "%s", status == 1 ? done : "refused by the contract; only the fee was paid");
    if (is_created) {
        address_format(text, &contract);
        wallet_say(wallet, "  contract     %s", text);
        wallet_put_text(wallet, "contract", text);
    }
    wallet_say(wallet, "  transaction  %s", hash);
    wallet_say(wallet, "  block        %" PRIu64 ", final", block);
    wallet_say(wallet, "  fee          %s (%" PRIu64 " gas)", fee, gas);
    wallet_put_text(wallet, "hash", hash);
    wallet_put_text(wallet, "status", status == 1 ? "final" : "reverted");
    wallet_put(wallet, "block", json_integer((json_int_t)block));
    wallet_put(wallet, "gasUsed", json_integer((json_int_t)gas));
    wallet_put_text(wallet, "fee", fee);
    show_logs(wallet, receipt, abi);
    wallet_put(wallet, "receipt", json_deep_copy(receipt));
    if (status != 1)
        return wallet_fail(wallet, WALLET_REFUSED, NULL, "transaction %s was reverted", hash);
    return WALLET_OK;
}

/* Sending. */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool send_timeout_option(struct wallet *wallet, uint64_t *timeout_ms, struct error *error)
{
    const char *text = wallet->options.values[OPTION_TIMEOUT];
    u256 seconds = u256_from_u64(WAIT_SECONDS);
    if (text != NULL
        && (!u256_parse_decimal(&seconds, text, strlen(text)) || !u256_fits_u64(&seconds)
            || seconds.limbs[0] > WAIT_SECONDS_MAX))
        return error_set(error, ERROR_INVALID,
                         "--timeout \"%.40s\" is no number of seconds up to %d", text,
                         WAIT_SECONDS_MAX);
    *timeout_ms = seconds.limbs[0] * 1000;
    return true;
}

/* A receipt does not say why; the same call on the block's outcome usually does. */
static enum wallet_exit explain_revert(struct wallet *wallet, const struct send_request *request,
                                       const address *sender, const json_t *receipt)
{
    json_t *ignored;
    char message[sizeof wallet->message];
    const char *block = json_string_value(json_object_get(receipt, "blockNumber"));
    memcpy(message, wallet->message, sizeof message);
    enum wallet_exit code =
        chain_call_abi(wallet, "eth_call", json_pack("[o, s]", call_object(request, sender), block),
                       request->abi, &ignored);
    json_decref(ignored);
    if (code == WALLET_REFUSED) {
        char reason[sizeof wallet->message];
        memcpy(reason, wallet->message, sizeof reason);
        return wallet_fail(wallet, WALLET_REFUSED, NULL, "%.200s: %.800s", message, reason);
    }
    return wallet_fail(wallet, WALLET_REFUSED, NULL, "%s", message);
}

static enum wallet_exit follow(struct wallet *wallet, const struct send_request *request,
                               const address *sender, const char *hash, uint64_t timeout_ms)
{
    uint64_t deadline = now_ms() + timeout_ms;
    bool is_watched = isatty(STDERR_FILENO) && !wallet_is_json(wallet);
    bool has_told = false;
    for (unsigned pause_ms = POLL_FIRST_MS;;
         pause_ms = pause_ms * 2 < POLL_LAST_MS ? pause_ms * 2 : POLL_LAST_MS) {
        json_t *receipt;
        enum wallet_exit code =
            chain_call(wallet, "eth_getTransactionReceipt", json_pack("[s]", hash), &receipt);
        if (code == WALLET_OK && json_is_object(receipt))
            code = send_show_receipt(wallet, receipt, request->abi, request->done);
        if (code == WALLET_REFUSED && json_is_object(receipt))
            code = explain_revert(wallet, request, sender, receipt);
        bool is_over = code != WALLET_OK || json_is_object(receipt);
        json_decref(receipt);
        if (is_over)
            return code;
        if (now_ms() >= deadline)
            return wallet_fail(wallet, WALLET_NOT_FINAL,
                               arena_format(&wallet->arena, "lwallet receipt %s", hash),
                               "transaction %s was sent, but is not final after %" PRIu64 " s",
                               hash, timeout_ms / 1000);
        if (is_watched && !has_told && pause_ms >= POLL_LAST_MS) {
            fprintf(stderr, "sent %s, waiting until it is final ...\n", hash);
            has_told = true;
        }
        nanosleep(&(struct timespec){.tv_nsec = (long)pause_ms * 1000000}, NULL);
    }
}

static enum wallet_exit send_signed(struct wallet *wallet, const struct send_request *request,
                                    const struct transaction *tx, uint64_t timeout_ms)
{
    json_t *result;
    char hash[67] = "0x";
    hex_encode(hash + 2, tx->hash.bytes, sizeof tx->hash.bytes);
    enum wallet_exit code = chain_call(wallet, "eth_sendRawTransaction",
                                       json_pack("[o]", chain_bytes(tx->encoded)), &result);
    json_decref(result);
    if (code != WALLET_OK)
        return code;
    wallet_put_text(wallet, "hash", hash);
    if (!options_has(&wallet->options, OPTION_NO_WAIT))
        return follow(wallet, request, &tx->sender, hash, timeout_ms);
    wallet_put_text(wallet, "status", "sent");
    wallet_say(wallet, "sent, not yet final: %s", request->meaning);
    wallet_say(wallet, "  transaction  %s", hash);
    return WALLET_OK;
}

/* What needs no state and no fork refuses: it is never signed. A later fork's own limits are the
 * node's to tell, which knows its ledger's. */
static enum wallet_exit check(struct wallet *wallet, const struct transaction *tx)
{
    enum transaction_verdict verdict = transaction_check(tx, VM_FORK_CANCUN, tx->chain_id);
    if (verdict == TRANSACTION_OK)
        return WALLET_OK;
    return wallet_fail(wallet, WALLET_REFUSED, NULL, "this transaction cannot be valid: %s",
                       transaction_verdict_text(verdict));
}

enum wallet_exit send_transaction(struct wallet *wallet, const struct send_request *request)
{
    struct error error;
    struct book_entry sender;
    struct transaction tx;
    struct secret_key key;
    uint64_t timeout_ms = 0;
    if (!send_timeout_option(wallet, &timeout_ms, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (!book_acting_account(wallet, &sender, &error))
        return wallet_fail_error(wallet, &error, "lwallet account list");
    enum wallet_exit code = fill(wallet, request, &sender, &tx);
    if (code == WALLET_OK)
        code = check(wallet, &tx);
    if (code != WALLET_OK)
        return code;
    if (options_has(&wallet->options, OPTION_DRY_RUN))
        return show_dry_run(wallet, request, &tx);
    if (!keep_ledger(wallet, tx.chain_id, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (!book_unlock(wallet, &sender, &key, &error))
        return wallet_fail(wallet, WALLET_LOCKED, NULL, "%s", error.text);
    transaction_sign(&tx, &key, &wallet->arena);
    secret_key_cleanup(&key);
    return send_signed(wallet, request, &tx, timeout_ms);
}
