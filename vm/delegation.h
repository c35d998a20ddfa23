/* EIP-7702: the code of an account may be a designator, 0xef0100 and an address, which stands for
 * the code of the account at that address. What executes code follows it, one step and no
 * further; what reads code sees the designator. */
#ifndef VM_DELEGATION_H
#define VM_DELEGATION_H
#include <string.h>

#include "vm/base/bytes.h"

#define VM_DELEGATION_SIZE 23

static inline void vm_delegation_encode(uint8_t out[VM_DELEGATION_SIZE], const address *delegate)
{
    memcpy(out, "\xef\x01\x00", 3);
    memcpy(out + 3, delegate->bytes, sizeof delegate->bytes);
}

/* False if the code is not a designator. */
static inline bool vm_delegation_decode(struct bytes code, address *delegate)
{
    if (code.size != VM_DELEGATION_SIZE || memcmp(code.data, "\xef\x01\x00", 3) != 0)
        return false;
    memcpy(delegate->bytes, code.data + 3, sizeof delegate->bytes);
    return true;
}
#endif
