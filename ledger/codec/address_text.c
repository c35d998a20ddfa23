#include "ledger/codec/address_text.h"

#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

#include <ctype.h>

#define DIGITS 40

/* EIP-55: a letter is a capital when the hash of the lower-case digits has a nibble of 8 or
 * more at its place. */
void address_format(char out[ADDRESS_TEXT_SIZE], const address *account)
{
    out[0] = '0';
    out[1] = 'x';
    hex_encode(out + 2, account->bytes, sizeof account->bytes);
    hash256 hash = keccak256(out + 2, DIGITS);
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned nibble = (hash.bytes[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf;
        if (nibble >= 8)
            out[2 + i] = (char)toupper((unsigned char)out[2 + i]);
    }
    out[2 + DIGITS] = '\0';
}

enum address_verdict address_parse(address *out, const char *text)
{
    if (!hex_decode_fixed(out->bytes, sizeof out->bytes, text, strlen(text)))
        return ADDRESS_BAD_FORM;
    bool has_upper = false;
    bool has_lower = false;
    for (const char *digit = text + 2; *digit != '\0'; digit++) {
        has_upper |= isupper((unsigned char)*digit) != 0;
        has_lower |= islower((unsigned char)*digit) != 0;
    }
    if (!has_upper || !has_lower)
        return ADDRESS_OK;
    char expected[ADDRESS_TEXT_SIZE];
    address_format(expected, out);
    return strcmp(expected, text) == 0 ? ADDRESS_OK : ADDRESS_BAD_CHECKSUM;
}
