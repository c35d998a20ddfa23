#include "node/first_org.h"

#include <ctype.h>
#include <stdio.h>

#include "vm/base/hex.h"

#define GRANT_COINS "1000" /* organisation.md, Founding */

const char *const first_org_flags[] = {"found", "founder", "symbol", "grant", "fork", NULL};

static bool parse_grant(struct org_request *request, const char *text, struct error *error)
{
    const u256 coin = u256_from_u64(1000000000000000000ULL); /* 18 decimals */
    u256 coins;

    if (text == NULL)
        text = GRANT_COINS;
    if (!u256_parse_decimal(&coins, text, strlen(text))
        || u256_mul_overflows(&coins, &coin, &request->grant_wei))
        return error_set(error, ERROR_INVALID, "--grant %.60s: expected a number of whole coins",
                         text);
    return true;
}

static bool parse_symbol(struct org_request *request, const char *text, struct error *error)
{
    if (text == NULL) { /* from the label: its first letters, in capitals */
        size_t size = 0;
        for (const char *c = request->label; *c != '\0' && size < 5; c++) {
            if (*c != '-')
                request->symbol[size++] = (char)toupper((unsigned char)*c);
        }
        return true;
    }
    if (strlen(text) > GENESIS_SYMBOL_MAX)
        return error_set(error, ERROR_INVALID, "--symbol %.60s: expected at most %d characters",
                         text, GENESIS_SYMBOL_MAX);
    memcpy(request->symbol, text, strlen(text) + 1);
    return true;
}

bool first_org_parse(struct org_request *request, bool *is_wanted,
                     const struct arguments *arguments, struct error *error)
{
    const char *label = arguments_flag(arguments, "found");
    const char *founder = arguments_flag(arguments, "founder");

    *request = (struct org_request){.transparency = TRANSPARENCY_OPEN, .fees = FEES_FREE};
    *is_wanted = label != NULL;
    if (label == NULL)
        return arguments->flags_count == (arguments_flag(arguments, "config") != NULL ? 1U : 0U)
               || error_set(error, ERROR_INVALID,
                            "--founder, --symbol, --grant and --fork need --found");
    if (!label_check(label, error))
        return error_prefix(error, "--found");
    memcpy(request->label, label, strlen(label) + 1);
    if (founder == NULL
        || !hex_decode_fixed(request->founder.bytes, sizeof request->founder.bytes, founder,
                             strlen(founder)))
        return error_set(error, ERROR_INVALID,
                         "--found needs --founder, the founder's address: 0x and 40 hex digits");
    return parse_symbol(request, arguments_flag(arguments, "symbol"), error)
           && parse_grant(request, arguments_flag(arguments, "grant"), error)
           && arguments_fork(arguments, &request->fork, &request->has_fork, error);
}

bool first_org_prepare(struct shelf *shelf, const struct org_request *request, uint64_t now_s,
                       struct error *error)
{
    struct founding founding;
    struct genesis_coin coins[1];
    struct org_summary summary;

    if (shelf_find(shelf, request->label) != NULL)
        return true;
    return founding_from_request(&founding, request, now_s, coins, error)
           && shelf_found(shelf, &founding, false, &summary, error);
}
