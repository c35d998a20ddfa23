/* contract deploy, call, send. */
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/artifact.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/send.h"

static bool resolve(void *context, const char *text, address *account, struct error *error)
{
    return book_resolve(context, text, account, error);
}

/* Reads the arguments for `params` and appends their encoding. */
static bool append_arguments(struct wallet *wallet, const struct abi_param *params,
                             size_t params_count, const char *const *texts, size_t texts_count,
                             struct buffer *out, struct error *error)
{
    struct abi_reading reading = {&wallet->arena, resolve, wallet};
    struct abi_value *values = arena_array(&wallet->arena, params_count, sizeof *values);
    if (!abi_values_parse(params, params_count, texts, texts_count, &reading, values, error))
        return false;
    abi_encode(params, values, params_count, out);
    return true;
}

/* "2 USD": whole coins that go along, or nothing. */
static const char *along(struct wallet *wallet, const u256 *value_wei)
{
    char amount[AMOUNT_TEXT_SIZE];
    if (u256_is_zero(value_wei))
        return "";
    amount_format(amount, value_wei);
    return arena_format(&wallet->arena, " with %s coins", amount);
}

static bool build_deploy(struct wallet *wallet, const char *const *arguments, size_t count,
                         struct artifact *artifact, struct send_request *request,
                         struct error *error)
{
    struct buffer data = {0};
    if (!artifact_find(wallet, arguments[0], artifact, error))
        return false;
    if (options_has(&wallet->options, OPTION_ABI)) {
        if (!artifact_read_abi(wallet, &artifact->abi, error))
            return false;
        artifact->has_abi = true;
    }
    if (artifact->code.size == 0)
        return error_set(error, ERROR_INVALID,
                         "%s holds no code to deploy; expected a build artifact with bytecode (an "
                         "interface or abstract contract has none)",
                         arguments[0]);
    const struct abi_entry *constructor = abi_find_constructor(&artifact->abi);
    buffer_append_bytes(&data, artifact->code);
    bool ok = append_arguments(wallet, constructor != NULL ? constructor->inputs : NULL,
                               constructor != NULL ? constructor->inputs_count : 0, arguments + 1,
                               count - 1, &data, error);
    request->data = arena_copy(&wallet->arena, buffer_view(&data));
    buffer_cleanup(&data);
    if (!ok && constructor == NULL && count > 1 && artifact->has_abi)
        return error_set(error, ERROR_INVALID,
                         "the contract's constructor takes no arguments; %zu given", count - 1);
    if (!ok && constructor == NULL && count > 1)
        return error_prefix(error, "the constructor is not known; name it with --abi");
    return ok || error_prefix(error, "constructor");
}

COMMAND(contract_deploy)
{
    struct error error;
    struct artifact artifact;
    struct send_request request = {.is_create = true};
    if (!build_deploy(wallet, arguments, count, &artifact, &request, &error)
        || !send_value_option(wallet, &request.value_wei, &error))
        return wallet_fail_error(wallet, &error, NULL);
    request.abi = artifact.has_abi ? &artifact.abi : NULL;
    request.done = "deployed";
    request.meaning = arena_format(&wallet->arena, "put a contract of %zu bytes on the ledger%s",
                                   artifact.code.size, along(wallet, &request.value_wei));
    return send_transaction(wallet, &request);
}

/* A call to make: who, which function, its data. */
struct contract_call {
    address contract;
    const struct abi_entry *function;
    struct abi abi;
    bool has_abi;
    struct bytes data;
    u256 value_wei;
};

static bool find_function(struct wallet *wallet, const char *text, size_t arguments_count,
                          struct contract_call *call, struct error *error)
{
    call->has_abi = options_has(&wallet->options, OPTION_ABI);
    if (call->has_abi) {
        if (!artifact_read_abi(wallet, &call->abi, error))
            return false;
        call->function = abi_find_function(&call->abi, text, arguments_count, error);
        if (call->function != NULL || strchr(text, '(') == NULL)
            return call->function != NULL;
    }
    if (strchr(text, '(') == NULL)
        return error_set(error, ERROR_INVALID,
                         "what \"%.60s\" takes is not known; write it like "
                         "transfer(address,uint256), or name the interface with --abi FILE",
                         text);
    struct abi_entry *entry = arena_alloc(&wallet->arena, sizeof *entry);
    if (!abi_entry_parse(entry, text, &wallet->arena, error))
        return false;
    if (entry->kind != ABI_FUNCTION)
        return error_set(error, ERROR_INVALID, "\"%.60s\" is not a function", text);
    call->function = entry;
    return true;
}

static bool build_call(struct wallet *wallet, const char *const *arguments, size_t count,
                       struct contract_call *call, struct error *error)
{
    struct buffer data = {0};
    *call = (struct contract_call){0};
    if (!book_resolve(wallet, arguments[0], &call->contract, error)
        || !find_function(wallet, arguments[1], count - 2, call, error)
        || !send_value_option(wallet, &call->value_wei, error))
        return false;
    buffer_append(&data, call->function->hash.bytes, 4);
    bool ok = append_arguments(wallet, call->function->inputs, call->function->inputs_count,
                               arguments + 2, count - 2, &data, error);
    call->data = arena_copy(&wallet->arena, buffer_view(&data));
    buffer_cleanup(&data);
    return ok || error_prefix(error, "%.60s", call->function->signature);
}

static json_t *call_object(struct wallet *wallet, const struct contract_call *call)
{
    struct error ignored;
    struct book_entry sender;
    char text[ADDRESS_TEXT_SIZE];
    char value[U256_HEX_SIZE];
    struct buffer data = {0};
    hex_append(&data, call->data);
    address_format(text, &call->contract);
    json_t *object = json_object();
    json_object_set_new(object, "to", json_string(text));
    json_object_set_new(object, "data", json_stringn((const char *)data.data, data.size));
    buffer_cleanup(&data);
    if (!u256_is_zero(&call->value_wei)) {
        u256_format_quantity(value, &call->value_wei);
        json_object_set_new(object, "value", json_string(value));
    }
    if (book_acting_account(wallet, &sender, &ignored)) {
        address_format(text, &sender.account);
        json_object_set_new(object, "from", json_string(text));
    }
    return object;
}

/* One value a line, named if it has a name; the only one stands alone. */
static void show_value(struct wallet *wallet, const struct abi_param *param,
                       const struct abi_value *value, bool is_only)
{
    struct buffer line = {0};
    if (!is_only && *param->name != '\0') {
        text_format_safe(bytes_of_text(param->name), &line);
        buffer_append_text(&line, ": ");
    }
    abi_value_format(&param->type, value, &line);
    wallet_say(wallet, "%.*s", (int)line.size, line.size == 0 ? "" : (const char *)line.data);
    buffer_cleanup(&line);
}

/* Without known outputs the bytes themselves are the answer. */
static enum wallet_exit show_result(struct wallet *wallet, const struct abi_entry *function,
                                    const char *hex)
{
    struct error error;
    struct buffer data = {0};
    if (!hex_decode_append(&data, hex, strlen(hex)) && strcmp(hex, "0x") != 0) {
        buffer_cleanup(&data);
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL, "the node's answer is not hex");
    }
    size_t count = function->outputs_count;
    struct abi_value *values = arena_array(&wallet->arena, count, sizeof *values);
    json_t *list = json_array();
    bool ok =
        abi_decode(function->outputs, count, buffer_view(&data), values, &wallet->arena, &error);
    bool is_empty = data.size == 0;
    for (size_t i = 0; i < count && ok; i++) {
        show_value(wallet, &function->outputs[i], &values[i], count == 1);
        json_array_append_new(list, abi_value_json(&function->outputs[i].type, &values[i]));
    }
    buffer_cleanup(&data);
    wallet_put(wallet, "result", list);
    wallet_put_text(wallet, "data", hex);
    if (!ok && is_empty)
        return wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet org show",
                           "the address answered nothing: there is no contract with this function "
                           "on this ledger");
    if (!ok)
        return wallet_fail(wallet, WALLET_REFUSED, NULL,
                           "the answer does not fit the signature's outputs: %s", error.text);
    if (count == 0)
        wallet_say(wallet, "%s", hex);
    return WALLET_OK;
}

COMMAND(contract_call)
{
    struct error error;
    struct contract_call call;
    const char *at = "latest";
    const char *wanted = wallet->options.values[OPTION_AT];
    json_t *result;
    if (!build_call(wallet, arguments, count, &call, &error)
        || (wanted != NULL && !chain_block_argument(wallet, wanted, &at, &error)))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code =
        chain_call_abi(wallet, "eth_call", json_pack("[o, s]", call_object(wallet, &call), at),
                       call.has_abi ? &call.abi : NULL, &result);
    if (code != WALLET_OK)
        return code;
    const char *hex = json_string_value(result);
    code = hex != NULL ? show_result(wallet, call.function, hex)
                       : wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                                     "the node's answer to eth_call is no text");
    json_decref(result);
    return code;
}

/* A plain account takes any data and does nothing: surely not what was meant. */
static enum wallet_exit check_contract(struct wallet *wallet, const address *contract)
{
    char text[ADDRESS_TEXT_SIZE];
    json_t *code;
    address_format(text, contract);
    enum wallet_exit outcome =
        chain_call(wallet, "eth_getCode", json_pack("[s, s]", text, "pending"), &code);
    if (outcome == WALLET_OK && json_is_string(code) && strcmp(json_string_value(code), "0x") == 0)
        outcome = wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet org list",
                              "there is no contract at %s on this ledger; nothing was sent",
                              book_describe(wallet, contract));
    json_decref(code);
    return outcome;
}

COMMAND(contract_send)
{
    struct error error;
    struct contract_call call;
    struct buffer words = {0};
    if (!build_call(wallet, arguments, count, &call, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (call.function->is_view)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet contract call",
                           "%s only reads: there is nothing to send", call.function->signature);
    enum wallet_exit found = check_contract(wallet, &call.contract);
    if (found != WALLET_OK)
        return found;
    buffer_append_text(&words, call.function->name);
    buffer_append_u8(&words, '(');
    for (size_t i = 2; i < count; i++)
        buffer_append_format(&words, "%s%s", i > 2 ? ", " : "", arguments[i]);
    buffer_append_u8(&words, ')');
    const char *what = arena_text(&wallet->arena, buffer_view(&words));
    buffer_cleanup(&words);
    const char *who = book_describe(wallet, &call.contract);
    struct send_request request = {
        .to = call.contract,
        .value_wei = call.value_wei,
        .data = call.data,
        .abi = call.has_abi ? &call.abi : NULL,
        .done = arena_format(&wallet->arena, "done: %s at %s", what, who),
        .meaning = arena_format(&wallet->arena, "have %s do %s%s", who, what,
                                along(wallet, &call.value_wei)),
    };
    return send_transaction(wallet, &request);
}
