#include "rpc/methods/org_request.h"

#include "rpc/arguments.h"
#include <ctype.h>

#define COIN_DECIMALS 18

static bool refuse(struct call *call, const char *key, const json_t *value, const char *expected)
{
    call_fail(call, RPC_INVALID_PARAMS, "params[0].%s: found %s; expected %s", key,
              argument_shown(call, value), expected);
    return false;
}

/* A text of 1 to `size_max` bytes (`out` has one more). */
static bool read_text(struct call *call, const char *key, const json_t *value, char *out,
                      size_t size_max)
{
    size_t size = json_is_string(value) ? json_string_length(value) : 0;
    if (size == 0 || size > size_max || memchr(json_string_value(value), '\0', size) != NULL)
        return refuse(call, key, value,
                      arena_format(call->arena, "a text of 1 to %zu bytes", size_max));
    memcpy(out, json_string_value(value), size);
    out[size] = '\0';
    return true;
}

/* A 0x quantity, or a whole JSON number. */
static bool read_number(struct call *call, const char *key, const json_t *value, uint64_t *out)
{
    double number = json_number_value(value);
    if (!json_is_number(value))
        return argument_quantity(call, arena_format(call->arena, "params[0].%s", key), value, out);
    if (number < 0 || number > 9007199254740991.0 || number != (double)(uint64_t)number)
        return refuse(call, key, value, "a whole number, or a 0x quantity");
    *out = (uint64_t)number;
    return true;
}

/* Whole coins as decimal text, at most 18 digits behind the point, into wei. */
static bool read_coins(struct call *call, const char *key, const json_t *value, u256 *wei)
{
    const char *expected = "whole coins as decimal text, such as \"1000\" or \"0.5\"";
    char digits[U256_DECIMAL_SIZE];
    size_t size = json_is_string(value) ? json_string_length(value) : 0, count = 0;
    const char *text = json_string_value(value);
    const char *point = size > 0 ? memchr(text, '.', size) : NULL;
    size_t whole = point != NULL ? (size_t)(point - text) : size;
    size_t fraction = point != NULL ? size - whole - 1 : 0;
    if (whole == 0 || fraction > COIN_DECIMALS || (point != NULL && fraction == 0)
        || whole + COIN_DECIMALS >= sizeof digits)
        return refuse(call, key, value, expected);
    for (size_t index = 0; index < size; index++)
        if (index != whole)
            digits[count++] = text[index];
    for (; fraction < COIN_DECIMALS; fraction++)
        digits[count++] = '0';
    return u256_parse_decimal(wei, digits, count) || refuse(call, key, value, expected);
}

static bool read_fees(struct call *call, const json_t *value, enum fee_mode *fees)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    *fees = strcmp(text, "market") == 0 ? FEES_MARKET : FEES_FREE;
    return *fees == FEES_MARKET || strcmp(text, "free") == 0
           || refuse(call, "fees", value, "\"free\" or \"market\"");
}

static bool read_transparency(struct call *call, const json_t *value, enum transparency_level *out)
{
    return (json_is_string(value) && transparency_parse(out, json_string_value(value)))
           || refuse(call, "transparency", value,
                     "\"open\", \"members\", \"parties\" or \"sealed\"");
}

static bool read_fork(struct call *call, const json_t *value, struct org_request *out)
{
    out->has_fork = json_is_string(value) && vm_fork_parse(&out->fork, json_string_value(value));
    return out->has_fork || refuse(call, "fork", value, "\"cancun\", \"prague\" or \"osaka\"");
}

static bool read_flag(struct call *call, const char *key, const json_t *value, bool *out)
{
    *out = json_is_true(value);
    return json_is_boolean(value) || refuse(call, key, value, "true or false");
}

static bool is_label(const char *text)
{
    if (!islower((unsigned char)text[0]) && !isdigit((unsigned char)text[0]))
        return false;
    for (; *text != '\0'; text++)
        if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && *text != '-')
            return false;
    return true;
}

static bool read_label(struct call *call, const json_t *value, struct org_request *request)
{
    return read_text(call, "label", value, request->label, sizeof request->label - 1)
           && (is_label(request->label)
               || refuse(call, "label", value,
                         "lower-case letters, digits and \"-\", not \"-\" first"));
}

/* Nobody has the key of the address zero, nor could ever use the organisation's powers. */
static bool read_founder(struct call *call, const json_t *value, address *founder)
{
    const address nobody = {0};
    return argument_address(call, "params[0].founder", value, founder)
           && (!address_equal(founder, &nobody)
               || refuse(call, "founder", value, "an address that somebody has the key of"));
}

static bool read_member(struct call *call, const char *key, const json_t *value,
                        struct org_request *out)
{
    if (json_is_null(value))
        return true;
    if (strcmp(key, "label") == 0)
        return read_label(call, value, out);
    if (strcmp(key, "name") == 0)
        return read_text(call, key, value, out->name, GENESIS_NAME_MAX);
    if (strcmp(key, "symbol") == 0)
        return read_text(call, key, value, out->symbol, GENESIS_SYMBOL_MAX);
    if (strcmp(key, "founder") == 0)
        return read_founder(call, value, &out->founder);
    if (strcmp(key, "transparency") == 0)
        return read_transparency(call, value, &out->transparency);
    if (strcmp(key, "fees") == 0)
        return read_fees(call, value, &out->fees);
    if (strcmp(key, "baseFee") == 0)
        return argument_u256(call, "params[0].baseFee", value, &out->base_fee_floor);
    if (strcmp(key, "fork") == 0)
        return read_fork(call, value, out);
    if (strcmp(key, "chainId") == 0)
        return read_number(call, key, value, &out->chain_id_fixed);
    if (strcmp(key, "grant") == 0)
        return read_coins(call, key, value, &out->grant_wei);
    if (strcmp(key, "reason") == 0)
        return read_text(call, key, value, out->reason, GENESIS_REASON_MAX);
    if (strcmp(key, "pulse") == 0)
        return read_number(call, key, value, &out->pulse_ms);
    if (strcmp(key, "makeDefault") == 0)
        return read_flag(call, key, value, &out->make_default);
    call_fail(call, RPC_INVALID_PARAMS,
              "params[0].%.40s: not understood; expected label, name, symbol, founder, "
              "transparency, fees, baseFee, fork, chainId, grant, reason, pulse, makeDefault",
              key);
    return false;
}

/* "Acme Guild" becomes "acme-guild". */
static void label_from_name(struct org_request *request)
{
    size_t size = 0;
    for (const char *at = request->name; *at != '\0' && size < sizeof request->label - 1; at++) {
        if (isalnum((unsigned char)*at))
            request->label[size++] = (char)tolower((unsigned char)*at);
        else if (size > 0 && request->label[size - 1] != '-')
            request->label[size++] = '-';
    }
    while (size > 0 && request->label[size - 1] == '-')
        size--;
    request->label[size] = '\0';
}

bool org_request_read(struct call *call, const json_t *json, struct org_request *request)
{
    static const char *const required[] = {"name", "symbol", "founder", "transparency"};
    const char *key;
    json_t *value;
    *request = (struct org_request){0};
    json_object_foreach((json_t *)json, key,
                        value) if (!read_member(call, key, value, request)) return false;
    for (size_t index = 0; index < sizeof required / sizeof *required; index++) {
        value = json_object_get(json, required[index]);
        if (value == NULL || json_is_null(value))
            return refuse(call, required[index], NULL, "a value: it is required");
    }
    if (!u256_is_zero(&request->grant_wei) && request->reason[0] == '\0')
        return refuse(call, "reason", NULL,
                      "why the founder gets genesis coin: it is published in the charter");
    if (request->label[0] == '\0')
        label_from_name(request);
    if (!is_label(request->label))
        return refuse(call, "label", NULL, "a label: none can be made from this name");
    return true;
}
