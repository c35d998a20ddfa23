/* A genesis file in geth's form, as `levm run --prestate` takes it: accounts, chain id, the fork
 * its times have reached, and the fields of the block. */
#ifndef LEDGER_LEVM_GENESIS_FILE_H
#define LEDGER_LEVM_GENESIS_FILE_H
#include "ledger/levm/call.h"

/* Into a call as call_init() left it. A gas limit that is not zero becomes the gas, too. */
bool genesis_file_read(const char *path, struct call *call, struct error *error)
    __attribute__((warn_unused_result));
#endif
