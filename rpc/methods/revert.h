/* What a failed run tells the caller: code 3 with the revert data, so that clients decode
 * custom errors, and the reason in words where it is one Solidity writes. */
#ifndef RPC_METHODS_REVERT_H
#define RPC_METHODS_REVERT_H
#include "rpc/call.h"

/* "execution reverted: REASON" with `output` as data. Always returns CALL_FAILED. */
enum call_outcome revert_fail(struct call *call, struct bytes output);
/* The reason in `arena`: of Error(string), Panic(uint256), or NULL. */
const char *revert_reason(struct bytes output, struct arena *arena);
#endif
