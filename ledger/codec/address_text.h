/* Addresses as people see them: "0x" and 40 digits whose case is a checksum (EIP-55). */
#ifndef LEDGER_CODEC_ADDRESS_TEXT_H
#define LEDGER_CODEC_ADDRESS_TEXT_H
#include "vm/base/bytes.h"

#define ADDRESS_TEXT_SIZE 43 /* "0x", 40 digits, final zero */

enum address_verdict {
    ADDRESS_OK,
    ADDRESS_BAD_FORM,     /* not "0x" and 40 digits */
    ADDRESS_BAD_CHECKSUM, /* mixed case that is not EIP-55's: a digit is likely mistyped */
};

/* Digits all of one case carry no checksum and are accepted. */
enum address_verdict address_parse(address *out, const char *text);
void address_format(char out[ADDRESS_TEXT_SIZE], const address *account);
#endif
