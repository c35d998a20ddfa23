/* Printable ASCII, what heads and plain calls consist of. */
#ifndef RPC_ASCII_H
#define RPC_ASCII_H
#include "vm/base/bytes.h"

/* How many bytes the text begins with that are 0x20 to 0x7e. */
size_t ascii_printable_size(struct bytes text);
#endif
