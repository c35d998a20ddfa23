/* Well-formed UTF-8 (Unicode 15, table 3-7). */
#ifndef RPC_UTF8_H
#define RPC_UTF8_H
#include "vm/base/bytes.h"

/* Size of the well-formed sequence that starts at `at`, of which `left` (at least 1) bytes are
 * there; 0 if none does. */
size_t utf8_size(const uint8_t *at, size_t left);
bool utf8_is_valid(struct bytes text);
#endif
