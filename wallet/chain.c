#include "wallet/chain.h"

#include "ledger/codec/abi_text.h"
#include "rpc/client.h"
#include "vm/base/hex.h"
#include "wallet/config.h"
#include "wallet/files.h"

#include <ctype.h>

#define CALL_TIMEOUT_MS  30000
#define METHOD_NOT_FOUND (-32601)
#define REVERTED         3
#define LABEL_SIZE_MAX   66 /* an id: 0x and 64 digits */

/* How a node words that an endpoint's organisation is not there. */
#define NO_ORGANISATION "has no organisation"

static const char *const START_NODE = "node/start.sh, or name a running node with --rpc URL";

bool chain_is_label(const char *label)
{
    size_t size = strlen(label);
    if (size == 0 || size > LABEL_SIZE_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)label[i]) && label[i] != '-')
            return false;
    return true;
}

bool chain_read_token(struct wallet *wallet, char text[CHAIN_TOKEN_SIZE_MAX + 1],
                      struct error *error)
{
    const char *path = config_get(wallet, SETTING_TOKEN_FILE, NULL);
    struct buffer content = {0};
    if (path == NULL)
        return error_set(error, ERROR_NOT_FOUND, "no admin token file is named");
    bool ok = files_read(path, CHAIN_TOKEN_SIZE_MAX, &content, error);
    if (ok) {
        size_t size = content.size;
        while (size > 0 && isspace(content.data[size - 1]))
            size--;
        if (size > 0)
            memcpy(text, content.data, size);
        text[size] = '\0';
        explicit_bzero(content.data, content.size);
    }
    buffer_cleanup(&content);
    return ok;
}

enum wallet_exit chain_open(struct wallet *wallet, enum chain_door door)
{
    struct error error;
    char token[CHAIN_TOKEN_SIZE_MAX + 1] = "";
    if (wallet->node != NULL)
        return WALLET_OK;
    const char *base = config_get(wallet, SETTING_RPC, NULL);
    const char *org = config_get(wallet, SETTING_ORG, NULL);
    size_t size = strlen(base);
    while (size > 0 && base[size - 1] == '/')
        size--;
    const char *url = arena_format(&wallet->arena, "%.*s/", (int)size, base);
    if (org != NULL && door == CHAIN_ORG && !chain_is_label(org))
        return wallet_fail(wallet, WALLET_USAGE, "lwallet org list",
                           "\"%.60s\" is no organisation's label; expected letters, digits and -",
                           org);
    if (org != NULL && door == CHAIN_ORG)
        url = arena_format(&wallet->arena, "%so/%s", url, org);
    if (door == CHAIN_ADMIN && !chain_read_token(wallet, token, &error))
        return wallet_fail(wallet, WALLET_LOCKED,
                           "--token-file FILE; the node keeps it as admin.token in its data "
                           "directory",
                           "the node's admin token is needed: %s", error.text);
    wallet->node = rpc_client_new(url, token[0] == '\0' ? NULL : token, CALL_TIMEOUT_MS, &error);
    explicit_bzero(token, sizeof token);
    if (wallet->node == NULL)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet config", "%s", error.text);
    return WALLET_OK;
}

/* A command that mends what the node refused, if one is known. */
static const char *next_for(const char *text)
{
    if (strcasestr(text, "insufficient funds") != NULL)
        return "lwallet balance";
    if (strstr(text, NO_ORGANISATION) != NULL)
        return "lwallet org list";
    return NULL;
}

static enum wallet_exit explain(struct wallet *wallet, const char *method, const struct abi *abi,
                                const struct rpc_failure *failure)
{
    struct buffer text = {0};
    enum wallet_exit code = WALLET_REFUSED;
    if (!failure->is_remote) {
        text_format_safe(bytes_of_text(failure->text), &text);
        code = wallet_fail(wallet, WALLET_UNREACHABLE, START_NODE, "%.*s", (int)text.size,
                           (const char *)text.data);
    } else if (failure->data.size > 0) {
        abi_revert_format(abi, buffer_view(&failure->data), &text);
        wallet_fail(wallet, code, NULL, "the contract refused: %.*s", (int)text.size,
                    (const char *)text.data);
        wallet_put(wallet, "revert", json_stringn((const char *)text.data, text.size));
    } else {
        text_format_safe(bytes_of_text(failure->text), &text);
        if (failure->code == REVERTED)
            wallet_fail(wallet, code, NULL, "the contract refused, without saying why");
        else if (failure->code == METHOD_NOT_FOUND)
            wallet_fail(wallet, code, NULL, "the node at %s knows no %s: is it a Leither node?",
                        rpc_client_url(wallet->node), method);
        else
            wallet_fail(wallet, code, next_for(failure->text), "the node refused: %.*s",
                        (int)text.size, (const char *)text.data);
        if (strstr(failure->text, NO_ORGANISATION) != NULL)
            code = WALLET_NOT_FOUND;
    }
    buffer_cleanup(&text);
    return code;
}

enum wallet_exit chain_call_abi(struct wallet *wallet, const char *method, json_t *params,
                                const struct abi *abi, json_t **result)
{
    struct rpc_failure failure;
    enum wallet_exit code = chain_open(wallet, CHAIN_ORG);
    *result = NULL;
    if (code != WALLET_OK) {
        json_decref(params);
        return code;
    }
    *result = rpc_client_call(wallet->node, method, params, &failure);
    if (*result == NULL)
        code = explain(wallet, method, abi, &failure);
    buffer_cleanup(&failure.data);
    return code;
}

enum wallet_exit chain_call(struct wallet *wallet, const char *method, json_t *params,
                            json_t **result)
{
    return chain_call_abi(wallet, method, params, NULL, result);
}

json_t *chain_bytes(struct bytes bytes)
{
    struct buffer text = {0};
    hex_append(&text, bytes);
    json_t *json = json_stringn((const char *)text.data, text.size);
    buffer_cleanup(&text);
    return json;
}

static bool read_quantity(const json_t *value, u256 *out)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = u256_from_u64((uint64_t)json_integer_value(value));
        return true;
    }
    return json_is_string(value)
           && u256_parse_hex(out, json_string_value(value), json_string_length(value));
}

bool chain_read_quantity(const json_t *object, const char *name, u256 *out)
{
    return read_quantity(json_object_get(object, name), out);
}

bool chain_read_u64(const json_t *object, const char *name, uint64_t *out)
{
    u256 value;
    if (!chain_read_quantity(object, name, &value) || !u256_fits_u64(&value))
        return false;
    *out = value.limbs[0];
    return true;
}

enum wallet_exit chain_quantity(struct wallet *wallet, const char *method, json_t *params,
                                u256 *out)
{
    json_t *result;
    enum wallet_exit code = chain_call(wallet, method, params, &result);
    if (code == WALLET_OK && !read_quantity(result, out))
        code = wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node answered %s with something that is no number", method);
    json_decref(result);
    return code;
}

/* A symbol from a node is shown to people: letters, digits and little else. */
static bool is_symbol(const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++)
        if (!isgraph((unsigned char)text[i]))
            return false;
    return size >= 1 && size <= 11;
}

enum wallet_exit chain_symbol(struct wallet *wallet, const char **symbol)
{
    struct rpc_failure failure;
    enum wallet_exit code = chain_open(wallet, CHAIN_ORG);
    if (code != WALLET_OK)
        return code;
    if (wallet->symbol != NULL) {
        *symbol = wallet->symbol;
        return WALLET_OK;
    }
    json_t *org = rpc_client_call(wallet->node, "org_get", NULL, &failure);
    const char *text = json_string_value(json_object_get(org, "symbol"));
    *symbol = "ETH";
    if (org == NULL && !(failure.is_remote && failure.code == METHOD_NOT_FOUND))
        code = explain(wallet, "org_get", NULL, &failure);
    else if (org != NULL && (text == NULL || !is_symbol(text)))
        code = wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node's organisation has no usable symbol");
    else if (org != NULL)
        *symbol = arena_text(&wallet->arena, bytes_of_text(text));
    buffer_cleanup(&failure.data);
    json_decref(org);
    return code;
}

enum wallet_exit chain_fees(struct wallet *wallet, u256 *max_fee, u256 *tip)
{
    json_t *block;
    u256 base = U256_ZERO;
    enum wallet_exit code = chain_quantity(wallet, "eth_maxPriorityFeePerGas", NULL, tip);
    if (code == WALLET_OK)
        code = chain_call(wallet, "eth_getBlockByNumber", json_pack("[s, b]", "latest", 0), &block);
    if (code != WALLET_OK)
        return code;
    bool ok = chain_read_quantity(block, "baseFeePerGas", &base);
    u256 twice;
    ok = ok && !u256_add_overflows(&base, &base, &twice)
         && !u256_add_overflows(&twice, tip, max_fee);
    json_decref(block);
    if (!ok)
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL,
                           "the node's latest block names no usable base fee");
    return WALLET_OK;
}

bool chain_block_argument(struct wallet *wallet, const char *text, const char **argument,
                          struct error *error)
{
    static const char *const tags[] = {"latest", "pending", "earliest", "safe", "finalized"};
    char quantity[U256_HEX_SIZE];
    u256 number;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(text, tags[i]) == 0) {
            *argument = tags[i];
            return true;
        }
    }
    bool is_hex = strncmp(text, "0x", 2) == 0;
    size_t size = strlen(text);
    if (!(is_hex ? u256_parse_hex(&number, text, size) : u256_parse_decimal(&number, text, size))
        || !u256_fits_u64(&number))
        return error_set(error, ERROR_INVALID,
                         "\"%.40s\" is no block; expected a number like 17, or latest", text);
    u256_format_quantity(quantity, &number);
    *argument = arena_text(&wallet->arena, bytes_of_text(quantity));
    return true;
}
