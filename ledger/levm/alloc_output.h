/* A state as JSON. */
#ifndef LEDGER_LEVM_ALLOC_OUTPUT_H
#define LEDGER_LEVM_ALLOC_OUTPUT_H
#include <jansson.h>

#include "ledger/state/memory.h"

/* As alloc_read() takes it: {"0xaddr": {"code"?, "storage"?, "balance", "nonce"?}}. */
json_t *alloc_output(const struct memory_state *memory);
/* As geth's `evm run --dump` prints it: {"root", "accounts": {"0xaddr": {"balance", "nonce",
 * "root", "codeHash", "code"?, "storage"?, "address", "key"}}}. */
json_t *alloc_output_dump(const struct memory_state *memory);
#endif
