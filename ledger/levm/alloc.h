/* Pre-states as test files write them: {"0xaddr": {"nonce", "balance", "code", "storage"}}. */
#ifndef LEDGER_LEVM_ALLOC_H
#define LEDGER_LEVM_ALLOC_H
#include "ledger/levm/json.h"
#include "ledger/state/memory.h"

/* Puts every account of `alloc` into `memory`, which is empty before. Members that are left
 * out are zero; an empty account exists all the same. */
bool alloc_read(const json_t *alloc, struct memory_state *memory, struct error *error)
    __attribute__((warn_unused_result));
#endif
