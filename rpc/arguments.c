#include "rpc/arguments.h"

#include "vm/base/hex.h"
#include <assert.h>

#define SHOWN_MAX 48 /* characters of a caller's text that are quoted back */

static const char *const KIND_SCHEMAS[PARAM_KIND_COUNT] = {
    [PARAM_ADDRESS] = "{\"$ref\":\"#/components/schemas/address\"}",
    [PARAM_HASH] = "{\"$ref\":\"#/components/schemas/hash32\"}",
    [PARAM_BLOCK] = "{\"$ref\":\"#/components/schemas/BlockNumberOrTagOrHash\"}",
    [PARAM_HEIGHT] = "{\"$ref\":\"#/components/schemas/BlockNumberOrTag\"}",
    [PARAM_QUANTITY] = "{\"$ref\":\"#/components/schemas/uint\"}",
    [PARAM_COUNT] = "{\"oneOf\":[{\"$ref\":\"#/components/schemas/uint\"},{\"type\":\"integer\"}]}",
    [PARAM_SLOT] = "{\"$ref\":\"#/components/schemas/bytesMax32\"}",
    [PARAM_SLOTS] = ("{\"type\":\"array\",\"maxItems\":1024,\"items\":{\"$ref\":"
                     "\"#/components/schemas/bytesMax32\"}}"),
    [PARAM_DATA] = "{\"$ref\":\"#/components/schemas/bytes\"}",
    [PARAM_BOOL] = "{\"type\":\"boolean\"}",
    [PARAM_NAME] = "{\"type\":\"string\"}",
    [PARAM_TRANSACTION] = "{\"$ref\":\"#/components/schemas/GenericTransaction\"}",
    [PARAM_FILTER] = "{\"$ref\":\"#/components/schemas/Filter\"}",
    [PARAM_PERCENTILES] = ("{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":0,"
                           "\"maximum\":100}}"),
    [PARAM_ORG] = "{\"$ref\":\"#/components/schemas/OrganisationRequest\"}",
    [PARAM_TRACE] = "{\"$ref\":\"#/components/schemas/TraceConfig\"}",
    [PARAM_STATE_OVERRIDES] = "{\"$ref\":\"#/components/schemas/StateOverrides\"}",
    [PARAM_SIMULATION] = "{\"$ref\":\"#/components/schemas/EthSimulatePayload\"}",
    [PARAM_BLOCK_OVERRIDES] = "{\"$ref\":\"#/components/schemas/BlockOverrides\"}",
    [PARAM_SUBSCRIPTION] = ("{\"type\":\"string\",\"enum\":[\"newHeads\",\"logs\","
                            "\"newPendingTransactions\",\"syncing\"]}"),
    [PARAM_SUBSCRIPTION_OPTIONS] =
        "{\"oneOf\":[{\"$ref\":\"#/components/schemas/Filter\"},{\"type\":\"boolean\"}]}",
    [PARAM_ID] = "{\"$ref\":\"#/components/schemas/uint\"}",
};

const char *param_kind_schema(enum param_kind kind)
{
    return KIND_SCHEMAS[kind];
}

static const char *quoted(struct call *call, const char *text, size_t size)
{
    bool is_long = size > SHOWN_MAX;
    char *copy = arena_text(call->arena, bytes_of(text, is_long ? SHOWN_MAX : size));
    for (char *at = copy; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20)
            *at = '?';
    return arena_format(call->arena, "\"%s%s\"", copy, is_long ? "..." : "");
}

const char *argument_shown(struct call *call, const json_t *value)
{
    if (value == NULL)
        return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return quoted(call, json_string_value(value), json_string_length(value));
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    case JSON_NULL: return "null";
    }
    return "nothing";
}

/* `where: what "0xzz" is wrong; expected ...`; kinds without a short value of their own stand in
 * parentheses. */
static bool refuse(struct call *call, const char *where, const json_t *value, const char *what,
                   const char *wrong, const char *expected)
{
    const bool is_kind = json_is_number(value) || json_is_array(value) || json_is_object(value);
    call_fail(call, RPC_INVALID_PARAMS,
              is_kind ? "%s: %s (%s) %s; expected %s" : "%s: %s %s %s; expected %s", where, what,
              argument_shown(call, value), wrong, expected);
    return false;
}

static bool is_hex_text(const char *text, size_t size)
{
    if (size < 2 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
        return false;
    for (size_t at = 2; at < size; at++)
        if (hex_digit(text[at]) < 0)
            return false;
    return true;
}

static bool refuse_fixed(struct call *call, const char *where, const json_t *value,
                         const char *what, size_t size)
{
    const char *expected = arena_format(call->arena, "0x and %zu hexadecimal digits", 2 * size);
    if (!json_is_string(value))
        return refuse(call, where, value, what, "is not a string", expected);
    size_t text_size = json_string_length(value);
    if (!is_hex_text(json_string_value(value), text_size))
        return refuse(call, where, value, what, "is not hexadecimal", expected);
    return refuse(call, where, value, what,
                  arena_format(call->arena, "has %zu digits", text_size - 2), expected);
}

/* Exactly `size` bytes of hex. */
static bool read_fixed(struct call *call, const char *where, const json_t *value, const char *what,
                       uint8_t *out, size_t size)
{
    return hex_decode_fixed(out, size, json_string_value(value), json_string_length(value))
           || refuse_fixed(call, where, value, what, size);
}

bool argument_address(struct call *call, const char *where, const json_t *value, address *out)
{
    return read_fixed(call, where, value, "address", out->bytes, sizeof out->bytes);
}

bool argument_hash(struct call *call, const char *where, const json_t *value, hash256 *out)
{
    return read_fixed(call, where, value, "hash", out->bytes, sizeof out->bytes);
}

bool argument_u256(struct call *call, const char *where, const json_t *value, u256 *out)
{
    const char *expected = "a 0x quantity of at most 256 bits";
    if (!json_is_string(value))
        return refuse(call, where, value, "quantity", "is not a string", expected);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (!is_hex_text(text, size))
        return refuse(call, where, value, "quantity", "is not hexadecimal", expected);
    if (size == 2)
        return refuse(call, where, value, "quantity", "has no digits", expected);
    if (!u256_parse_hex(out, text, size))
        return refuse(call, where, value, "quantity", "is too large", expected);
    return true;
}

bool argument_quantity(struct call *call, const char *where, const json_t *value, uint64_t *out)
{
    u256 wide = {{0}};
    if (!argument_u256(call, where, value, &wide))
        return false;
    if (!u256_fits_u64(&wide))
        return refuse(call, where, value, "quantity", "is too large",
                      "a 0x quantity of at most 64 bits");
    *out = wide.limbs[0];
    return true;
}

bool argument_data(struct call *call, const char *where, const json_t *value, struct bytes *out)
{
    const char *expected = "0x and an even number of hexadecimal digits";
    if (!json_is_string(value))
        return refuse(call, where, value, "data", "is not a string", expected);
    const char *text = json_string_value(value);
    size_t text_size = json_string_length(value);
    if (text_size < 2 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
        return refuse(call, where, value, "data", "does not start with 0x", expected);
    if (text_size % 2 != 0)
        return refuse(call, where, value, "data", "has an odd number of digits", expected);
    size_t size = (text_size - 2) / 2;
    uint8_t *bytes = arena_alloc(call->arena, size);
    if (!hex_decode(bytes, size, text + 2))
        return refuse(call, where, value, "data", "is not hexadecimal", expected);
    *out = bytes_of(bytes, size);
    return true;
}

/* Storage keys come as quantities and as 32-byte data alike (geth accepts both). */
bool argument_slot(struct call *call, const char *where, const json_t *value, u256 *out)
{
    const char *expected = "0x and at most 64 hexadecimal digits";
    if (!json_is_string(value))
        return refuse(call, where, value, "storage slot", "is not a string", expected);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (!is_hex_text(text, size))
        return refuse(call, where, value, "storage slot", "is not hexadecimal", expected);
    *out = U256_ZERO;
    if (size > 2 && !u256_parse_hex(out, text, size))
        return refuse(call, where, value, "storage slot", "is too long", expected);
    return true;
}

/* ---- Blocks ------------------------------------------------------------------------------ */

static const char BLOCK_EXPECTED[] =
    "a tag (latest, safe, finalized, earliest, pending), a 0x quantity or a block object";

static bool parse_tag(const char *text, enum block_tag *tag)
{
    static const struct {
        const char *name;
        enum block_tag tag;
    } tags[] = {{"latest", BLOCK_LATEST},
                {"safe", BLOCK_LATEST},
                {"finalized", BLOCK_LATEST},
                {"earliest", BLOCK_EARLIEST},
                {"pending", BLOCK_PENDING}};
    for (size_t index = 0; index < sizeof tags / sizeof *tags; index++)
        if (strcmp(text, tags[index].name) == 0) {
            *tag = tags[index].tag;
            return true;
        }
    return false;
}

static bool read_height(struct call *call, const char *where, const json_t *value,
                        struct block_ref *out, const char *expected)
{
    if (!json_is_string(value))
        return refuse(call, where, value, "block", "is not a string", expected);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    u256 number;
    if (parse_tag(text, &out->tag))
        return true;
    if (!is_hex_text(text, size))
        return refuse(call, where, value, "block", "is not hexadecimal", expected);
    if (!u256_parse_hex(&number, text, size) || !u256_fits_u64(&number))
        return refuse(call, where, value, "block",
                      size == 2 ? "has no digits" : "is larger than any block number", expected);
    out->tag = BLOCK_AT_NUMBER;
    out->number = number.limbs[0];
    return true;
}

/* EIP-1898: {blockNumber} or {blockHash, requireCanonical}. */
static bool read_block_object(struct call *call, const char *where, const json_t *value,
                              struct block_ref *out)
{
    const char *key;
    json_t *member;
    const json_t *number = NULL, *hash = NULL;
    json_object_foreach((json_t *)value, key, member)
    {
        if (strcmp(key, "blockNumber") == 0)
            number = member;
        else if (strcmp(key, "blockHash") == 0)
            hash = member;
        else if (strcmp(key, "requireCanonical") == 0 && json_is_boolean(member))
            out->require_canonical = json_is_true(member);
        else
            return refuse(call, arena_format(call->arena, "%s.%.*s", where, SHOWN_MAX, key), member,
                          "member", "is not understood",
                          "blockNumber, or blockHash with requireCanonical (a boolean)");
    }
    if ((number == NULL) == (hash == NULL))
        return refuse(call, where, value, "block", "does not name one block",
                      "exactly one of blockNumber and blockHash");
    if (number != NULL)
        return read_height(call, arena_format(call->arena, "%s.blockNumber", where), number, out,
                           "a tag or a 0x quantity");
    out->tag = BLOCK_AT_HASH;
    return argument_hash(call, arena_format(call->arena, "%s.blockHash", where), hash, &out->hash);
}

bool argument_block(struct call *call, const char *where, const json_t *value,
                    struct block_ref *out)
{
    if (json_is_object(value))
        return read_block_object(call, where, value, out);
    if (json_is_string(value) && json_string_length(value) == 66) {
        out->tag = BLOCK_AT_HASH;
        return argument_hash(call, where, value, &out->hash);
    }
    return read_height(call, where, value, out, BLOCK_EXPECTED);
}

/* ---- A row's parameters ------------------------------------------------------------------ */

static bool read_count(struct call *call, const char *where, const json_t *value, uint64_t *out)
{
    if (!json_is_number(value))
        return argument_quantity(call, where, value, out);
    double number = json_number_value(value);
    if (number < 0 || number > 9007199254740991.0 || number != (double)(uint64_t)number)
        return refuse(call, where, value, "count", "is not a whole number from 0 to 2^53 - 1",
                      "a 0x quantity or such a number");
    *out = (uint64_t)number;
    return true;
}

static bool read_json(struct call *call, const char *where, const json_t *value, const char *what,
                      bool is_list, const json_t **out)
{
    if (is_list ? !json_is_array(value) : !json_is_object(value))
        return refuse(call, where, value, what, is_list ? "is not a list" : "is not an object",
                      is_list ? "a list" : "an object");
    *out = value;
    return true;
}

static bool read_one(struct call *call, const char *where, enum param_kind kind,
                     const json_t *value, struct argument *out)
{
    switch (kind) {
    case PARAM_ADDRESS: return argument_address(call, where, value, &out->account);
    case PARAM_HASH: return argument_hash(call, where, value, &out->hash);
    case PARAM_BLOCK: return argument_block(call, where, value, &out->block);
    case PARAM_HEIGHT:
        return read_height(call, where, value, &out->block, "a tag or a 0x quantity");
    case PARAM_QUANTITY: return argument_quantity(call, where, value, &out->number);
    case PARAM_COUNT: return read_count(call, where, value, &out->number);
    case PARAM_SLOT: return argument_slot(call, where, value, &out->word);
    case PARAM_SLOTS: return read_json(call, where, value, "storage keys", true, &out->json);
    case PARAM_DATA: return argument_data(call, where, value, &out->data);
    case PARAM_BOOL:
        out->flag = json_is_true(value);
        return json_is_boolean(value)
               || refuse(call, where, value, "flag", "is not a boolean", "true or false");
    case PARAM_NAME:
        out->name = json_string_value(value);
        return json_is_string(value)
               || refuse(call, where, value, "name", "is not a string",
                         "an organisation's label or id");
    case PARAM_TRANSACTION: return read_json(call, where, value, "transaction", false, &out->json);
    case PARAM_FILTER: return read_json(call, where, value, "filter", false, &out->json);
    case PARAM_ORG: return read_json(call, where, value, "organisation", false, &out->json);
    case PARAM_TRACE: return read_json(call, where, value, "trace config", false, &out->json);
    case PARAM_PERCENTILES: return read_json(call, where, value, "percentiles", true, &out->json);
    case PARAM_SIMULATION: return read_json(call, where, value, "simulation", false, &out->json);
    case PARAM_STATE_OVERRIDES:
    case PARAM_BLOCK_OVERRIDES:
        return read_json(call, where, value, "override set", false, &out->json);
    case PARAM_SUBSCRIPTION:
        out->name = json_string_value(value);
        return (json_is_string(value) && strlen(out->name) == json_string_length(value))
               || refuse(call, where, value, "subscription", "is not a name",
                         "newHeads, logs, newPendingTransactions or syncing");
    case PARAM_ID:
        out->name = json_string_value(value);
        return (json_is_string(value) && is_hex_text(out->name, json_string_length(value)))
               || refuse(call, where, value, "id", "is not hexadecimal", "the id as it was given");
    case PARAM_SUBSCRIPTION_OPTIONS: out->json = value; return true;
    case PARAM_KIND_COUNT: break;
    }
    return false;
}

/* By name for a method whose only parameter is an object; else a list. */
static bool find_param(struct call *call, const json_t *params, size_t index, const json_t **value)
{
    const struct method *method = call->method;
    *value = NULL;
    if (params == NULL || json_is_null(params))
        return true;
    if (json_is_object(params) && method->params_count == 1
        && method->params[0].kind == PARAM_ORG) {
        *value = params;
        return true;
    }
    if (json_is_array(params)) {
        *value = json_array_get(params, index);
        return true;
    }
    call_fail(call, RPC_INVALID_PARAMS, "params: found %s; expected a list of parameters",
              argument_shown(call, params));
    return false;
}

bool arguments_read(struct call *call, const json_t *params)
{
    static const char *const places[] = {"params[0]", "params[1]", "params[2]", "params[3]"};
    static_assert(sizeof places / sizeof *places == ARGUMENTS_MAX, "a name for each");
    const struct method *method = call->method;
    if (json_is_array(params) && json_array_size(params) > method->params_count) {
        call_fail(call, RPC_INVALID_PARAMS, "too many arguments: %zu given, %s takes at most %zu",
                  json_array_size(params), method->name, method->params_count);
        return false;
    }
    size_t count = method->params_count > 0 ? method->params_count : 1; /* judges `params` too */
    for (size_t index = 0; index < count; index++) {
        const struct method_param *param = &method->params[index];
        const json_t *value;
        if (!find_param(call, params, index, &value))
            return false;
        if (index >= method->params_count)
            return true;
        call->arguments[index] = (struct argument){0};
        if (value != NULL && (!json_is_null(value) || param->is_required)) {
            if (!read_one(call, places[index], param->kind, value, &call->arguments[index]))
                return false;
            call->arguments[index].is_given = true;
        } else if (param->is_required) {
            call_fail(call, RPC_INVALID_PARAMS, "missing value for required argument %zu: %s",
                      index, param->name);
            return false;
        }
    }
    return true;
}
