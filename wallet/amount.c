#include "wallet/amount.h"

#include <stdio.h>

#define DIGITS_MAX 78 /* of 2^256 - 1 */

static bool refuse(const char *text, const char *why, struct error *error)
{
    return error_set(error, ERROR_INVALID,
                     "\"%.80s\" is no amount: %s; expected whole coins like 5 or 0.25", text, why);
}

/* Written as one row of digits: those before the point and exactly 18 behind it. */
bool amount_parse(u256 *wei, const char *text, struct error *error)
{
    char digits[DIGITS_MAX + 1];
    size_t count = 0;
    size_t whole = strspn(text, "0123456789");
    bool has_point = text[whole] == '.';
    const char *fraction = text + whole + has_point;
    size_t decimals = strspn(fraction, "0123456789");
    if (whole == 0 || (has_point && decimals == 0) || fraction[decimals] != '\0')
        return refuse(text, "not digits with one point", error);
    if (decimals > AMOUNT_DECIMALS)
        return refuse(text, "more than 18 digits behind the point", error);
    if (whole > DIGITS_MAX - AMOUNT_DECIMALS)
        return refuse(text, "too large", error);
    memcpy(digits, text, whole);
    memcpy(digits + whole, fraction, decimals);
    count = whole + decimals;
    memset(digits + count, '0', AMOUNT_DECIMALS - decimals);
    count += AMOUNT_DECIMALS - decimals;
    if (!u256_parse_decimal(wei, digits, count))
        return refuse(text, "too large", error);
    return true;
}

void amount_format(char out[AMOUNT_TEXT_SIZE], const u256 *wei)
{
    char digits[U256_DECIMAL_SIZE];
    u256_format_decimal(digits, wei);
    size_t count = strlen(digits);
    size_t whole = count > AMOUNT_DECIMALS ? count - AMOUNT_DECIMALS : 0;
    size_t padding = whole > 0 ? 0 : AMOUNT_DECIMALS - count;
    int size = whole > 0
                   ? snprintf(out, AMOUNT_TEXT_SIZE, "%.*s.%s", (int)whole, digits, digits + whole)
                   : snprintf(out, AMOUNT_TEXT_SIZE, "0.%.*s%s", (int)padding, "000000000000000000",
                              digits);
    while (out[size - 1] == '0')
        out[--size] = '\0';
    if (out[size - 1] == '.')
        out[size - 1] = '\0';
}
