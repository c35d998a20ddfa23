#include "vm/opcodes.h"

const struct vm_opcode_traits VM_OPCODE_TRAITS[256] = {
#define X(number, name, gas, in, out, immediate, fork) \
    [number] = {#name, gas, in, out, immediate, VM_FORK_##fork},
    VM_OPCODES(X)
#undef X
};
