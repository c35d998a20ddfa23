/* Hexadecimal text. Nothing here allocates; digits are written in lower case. */
#ifndef VM_BASE_HEX_H
#define VM_BASE_HEX_H
#include "vm/base/bytes.h"

/* The value of a digit of either case, or -1. */
int hex_digit(char digit);

/* Writes 2 * size digits, no prefix, no final zero. */
void hex_encode(char *out, const uint8_t *bytes, size_t size);
/* Appends "0x" and the digits. */
void hex_append(struct buffer *out, struct bytes bytes);

/* Reads exactly 2 * size digits, without prefix; false if any is no digit. */
bool hex_decode(uint8_t *out, size_t size, const char *digits);
/* Reads "0x" + exactly 2 * size digits (text_size characters in all). */
bool hex_decode_fixed(uint8_t *out, size_t size, const char *text, size_t text_size);
/* Appends what "0x" + an even count of digits says; on failure `out` is as it was. */
bool hex_decode_append(struct buffer *out, const char *text, size_t text_size);
#endif
