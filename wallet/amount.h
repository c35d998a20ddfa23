/* Amounts of coin: whole coins with up to 18 decimals for people, wei for the ledger. */
#ifndef WALLET_AMOUNT_H
#define WALLET_AMOUNT_H
#include "vm/base/error.h"
#include "vm/base/u256.h"

#define AMOUNT_DECIMALS  18
#define AMOUNT_TEXT_SIZE 82 /* 78 digits, a point, a leading zero, final zero */

/* "5", "0.25", "1000.000000000000000001"; no sign, no exponent, no separators. */
bool amount_parse(u256 *wei, const char *text, struct error *error)
    __attribute__((warn_unused_result));
/* Exact, without trailing zeros: "5", "0.25". */
void amount_format(char out[AMOUNT_TEXT_SIZE], const u256 *wei);
#endif
