/* Every opcode, one row each: the table makes the enum, the dispatch, the names, the code
 * analysis and the disassembler.
 *
 *   X(number, NAME, base gas, stack in, stack out, immediate bytes, first fork)
 *
 * Base gas is what the opcode costs whatever its operands: for those that touch an account or a
 * slot, the warm price (EIP-2929). The rest is charged where the opcode is carried out. An
 * opcode that reads below what it takes (DUP, SWAP) counts as taking and giving back.
 * Sources: the yellow paper's appendix H and the EIPs named in vm/gas.h. */
#ifndef VM_OPCODES_H
#define VM_OPCODES_H
#include "vm/vm.h"

#define VM_OPCODES_BUT_PUSH(X)                  \
    X(0x00, STOP, 0, 0, 0, 0, CANCUN)           \
    X(0x01, ADD, 3, 2, 1, 0, CANCUN)            \
    X(0x02, MUL, 5, 2, 1, 0, CANCUN)            \
    X(0x03, SUB, 3, 2, 1, 0, CANCUN)            \
    X(0x04, DIV, 5, 2, 1, 0, CANCUN)            \
    X(0x05, SDIV, 5, 2, 1, 0, CANCUN)           \
    X(0x06, MOD, 5, 2, 1, 0, CANCUN)            \
    X(0x07, SMOD, 5, 2, 1, 0, CANCUN)           \
    X(0x08, ADDMOD, 8, 3, 1, 0, CANCUN)         \
    X(0x09, MULMOD, 8, 3, 1, 0, CANCUN)         \
    X(0x0a, EXP, 10, 2, 1, 0, CANCUN)           \
    X(0x0b, SIGNEXTEND, 5, 2, 1, 0, CANCUN)     \
    X(0x10, LT, 3, 2, 1, 0, CANCUN)             \
    X(0x11, GT, 3, 2, 1, 0, CANCUN)             \
    X(0x12, SLT, 3, 2, 1, 0, CANCUN)            \
    X(0x13, SGT, 3, 2, 1, 0, CANCUN)            \
    X(0x14, EQ, 3, 2, 1, 0, CANCUN)             \
    X(0x15, ISZERO, 3, 1, 1, 0, CANCUN)         \
    X(0x16, AND, 3, 2, 1, 0, CANCUN)            \
    X(0x17, OR, 3, 2, 1, 0, CANCUN)             \
    X(0x18, XOR, 3, 2, 1, 0, CANCUN)            \
    X(0x19, NOT, 3, 1, 1, 0, CANCUN)            \
    X(0x1a, BYTE, 3, 2, 1, 0, CANCUN)           \
    X(0x1b, SHL, 3, 2, 1, 0, CANCUN)            \
    X(0x1c, SHR, 3, 2, 1, 0, CANCUN)            \
    X(0x1d, SAR, 3, 2, 1, 0, CANCUN)            \
    X(0x1e, CLZ, 5, 1, 1, 0, OSAKA)             \
    X(0x20, KECCAK256, 30, 2, 1, 0, CANCUN)     \
    X(0x30, ADDRESS, 2, 0, 1, 0, CANCUN)        \
    X(0x31, BALANCE, 100, 1, 1, 0, CANCUN)      \
    X(0x32, ORIGIN, 2, 0, 1, 0, CANCUN)         \
    X(0x33, CALLER, 2, 0, 1, 0, CANCUN)         \
    X(0x34, CALLVALUE, 2, 0, 1, 0, CANCUN)      \
    X(0x35, CALLDATALOAD, 3, 1, 1, 0, CANCUN)   \
    X(0x36, CALLDATASIZE, 2, 0, 1, 0, CANCUN)   \
    X(0x37, CALLDATACOPY, 3, 3, 0, 0, CANCUN)   \
    X(0x38, CODESIZE, 2, 0, 1, 0, CANCUN)       \
    X(0x39, CODECOPY, 3, 3, 0, 0, CANCUN)       \
    X(0x3a, GASPRICE, 2, 0, 1, 0, CANCUN)       \
    X(0x3b, EXTCODESIZE, 100, 1, 1, 0, CANCUN)  \
    X(0x3c, EXTCODECOPY, 100, 4, 0, 0, CANCUN)  \
    X(0x3d, RETURNDATASIZE, 2, 0, 1, 0, CANCUN) \
    X(0x3e, RETURNDATACOPY, 3, 3, 0, 0, CANCUN) \
    X(0x3f, EXTCODEHASH, 100, 1, 1, 0, CANCUN)  \
    X(0x40, BLOCKHASH, 20, 1, 1, 0, CANCUN)     \
    X(0x41, COINBASE, 2, 0, 1, 0, CANCUN)       \
    X(0x42, TIMESTAMP, 2, 0, 1, 0, CANCUN)      \
    X(0x43, NUMBER, 2, 0, 1, 0, CANCUN)         \
    X(0x44, PREVRANDAO, 2, 0, 1, 0, CANCUN)     \
    X(0x45, GASLIMIT, 2, 0, 1, 0, CANCUN)       \
    X(0x46, CHAINID, 2, 0, 1, 0, CANCUN)        \
    X(0x47, SELFBALANCE, 5, 0, 1, 0, CANCUN)    \
    X(0x48, BASEFEE, 2, 0, 1, 0, CANCUN)        \
    X(0x49, BLOBHASH, 3, 1, 1, 0, CANCUN)       \
    X(0x4a, BLOBBASEFEE, 2, 0, 1, 0, CANCUN)    \
    X(0x50, POP, 2, 1, 0, 0, CANCUN)            \
    X(0x51, MLOAD, 3, 1, 1, 0, CANCUN)          \
    X(0x52, MSTORE, 3, 2, 0, 0, CANCUN)         \
    X(0x53, MSTORE8, 3, 2, 0, 0, CANCUN)        \
    X(0x54, SLOAD, 100, 1, 1, 0, CANCUN)        \
    X(0x55, SSTORE, 0, 2, 0, 0, CANCUN)         \
    X(0x56, JUMP, 8, 1, 0, 0, CANCUN)           \
    X(0x57, JUMPI, 10, 2, 0, 0, CANCUN)         \
    X(0x58, PC, 2, 0, 1, 0, CANCUN)             \
    X(0x59, MSIZE, 2, 0, 1, 0, CANCUN)          \
    X(0x5a, GAS, 2, 0, 1, 0, CANCUN)            \
    X(0x5b, JUMPDEST, 1, 0, 0, 0, CANCUN)       \
    X(0x5c, TLOAD, 100, 1, 1, 0, CANCUN)        \
    X(0x5d, TSTORE, 100, 2, 0, 0, CANCUN)       \
    X(0x5e, MCOPY, 3, 3, 0, 0, CANCUN)          \
    X(0x5f, PUSH0, 2, 0, 1, 0, CANCUN)          \
    VM_OPCODES_DUP(X)                           \
    VM_OPCODES_SWAP(X)                          \
    X(0xa0, LOG0, 375, 2, 0, 0, CANCUN)         \
    X(0xa1, LOG1, 750, 3, 0, 0, CANCUN)         \
    X(0xa2, LOG2, 1125, 4, 0, 0, CANCUN)        \
    X(0xa3, LOG3, 1500, 5, 0, 0, CANCUN)        \
    X(0xa4, LOG4, 1875, 6, 0, 0, CANCUN)        \
    X(0xf0, CREATE, 32000, 3, 1, 0, CANCUN)     \
    X(0xf1, CALL, 100, 7, 1, 0, CANCUN)         \
    X(0xf2, CALLCODE, 100, 7, 1, 0, CANCUN)     \
    X(0xf3, RETURN, 0, 2, 0, 0, CANCUN)         \
    X(0xf4, DELEGATECALL, 100, 6, 1, 0, CANCUN) \
    X(0xf5, CREATE2, 32000, 4, 1, 0, CANCUN)    \
    X(0xfa, STATICCALL, 100, 6, 1, 0, CANCUN)   \
    X(0xfd, REVERT, 0, 2, 0, 0, CANCUN)         \
    X(0xfe, INVALID, 0, 0, 0, 0, CANCUN)        \
    X(0xff, SELFDESTRUCT, 5000, 1, 0, 0, CANCUN)

#define VM_OPCODES(X) VM_OPCODES_BUT_PUSH(X) VM_OPCODES_PUSH(X)

#define VM_OPCODES_PUSH(X)               \
    X(0x60, PUSH1, 3, 0, 1, 1, CANCUN)   \
    X(0x61, PUSH2, 3, 0, 1, 2, CANCUN)   \
    X(0x62, PUSH3, 3, 0, 1, 3, CANCUN)   \
    X(0x63, PUSH4, 3, 0, 1, 4, CANCUN)   \
    X(0x64, PUSH5, 3, 0, 1, 5, CANCUN)   \
    X(0x65, PUSH6, 3, 0, 1, 6, CANCUN)   \
    X(0x66, PUSH7, 3, 0, 1, 7, CANCUN)   \
    X(0x67, PUSH8, 3, 0, 1, 8, CANCUN)   \
    X(0x68, PUSH9, 3, 0, 1, 9, CANCUN)   \
    X(0x69, PUSH10, 3, 0, 1, 10, CANCUN) \
    X(0x6a, PUSH11, 3, 0, 1, 11, CANCUN) \
    X(0x6b, PUSH12, 3, 0, 1, 12, CANCUN) \
    X(0x6c, PUSH13, 3, 0, 1, 13, CANCUN) \
    X(0x6d, PUSH14, 3, 0, 1, 14, CANCUN) \
    X(0x6e, PUSH15, 3, 0, 1, 15, CANCUN) \
    X(0x6f, PUSH16, 3, 0, 1, 16, CANCUN) \
    X(0x70, PUSH17, 3, 0, 1, 17, CANCUN) \
    X(0x71, PUSH18, 3, 0, 1, 18, CANCUN) \
    X(0x72, PUSH19, 3, 0, 1, 19, CANCUN) \
    X(0x73, PUSH20, 3, 0, 1, 20, CANCUN) \
    X(0x74, PUSH21, 3, 0, 1, 21, CANCUN) \
    X(0x75, PUSH22, 3, 0, 1, 22, CANCUN) \
    X(0x76, PUSH23, 3, 0, 1, 23, CANCUN) \
    X(0x77, PUSH24, 3, 0, 1, 24, CANCUN) \
    X(0x78, PUSH25, 3, 0, 1, 25, CANCUN) \
    X(0x79, PUSH26, 3, 0, 1, 26, CANCUN) \
    X(0x7a, PUSH27, 3, 0, 1, 27, CANCUN) \
    X(0x7b, PUSH28, 3, 0, 1, 28, CANCUN) \
    X(0x7c, PUSH29, 3, 0, 1, 29, CANCUN) \
    X(0x7d, PUSH30, 3, 0, 1, 30, CANCUN) \
    X(0x7e, PUSH31, 3, 0, 1, 31, CANCUN) \
    X(0x7f, PUSH32, 3, 0, 1, 32, CANCUN)

#define VM_OPCODES_DUP(X)                \
    X(0x80, DUP1, 3, 1, 2, 0, CANCUN)    \
    X(0x81, DUP2, 3, 2, 3, 0, CANCUN)    \
    X(0x82, DUP3, 3, 3, 4, 0, CANCUN)    \
    X(0x83, DUP4, 3, 4, 5, 0, CANCUN)    \
    X(0x84, DUP5, 3, 5, 6, 0, CANCUN)    \
    X(0x85, DUP6, 3, 6, 7, 0, CANCUN)    \
    X(0x86, DUP7, 3, 7, 8, 0, CANCUN)    \
    X(0x87, DUP8, 3, 8, 9, 0, CANCUN)    \
    X(0x88, DUP9, 3, 9, 10, 0, CANCUN)   \
    X(0x89, DUP10, 3, 10, 11, 0, CANCUN) \
    X(0x8a, DUP11, 3, 11, 12, 0, CANCUN) \
    X(0x8b, DUP12, 3, 12, 13, 0, CANCUN) \
    X(0x8c, DUP13, 3, 13, 14, 0, CANCUN) \
    X(0x8d, DUP14, 3, 14, 15, 0, CANCUN) \
    X(0x8e, DUP15, 3, 15, 16, 0, CANCUN) \
    X(0x8f, DUP16, 3, 16, 17, 0, CANCUN)

#define VM_OPCODES_SWAP(X)                \
    X(0x90, SWAP1, 3, 2, 2, 0, CANCUN)    \
    X(0x91, SWAP2, 3, 3, 3, 0, CANCUN)    \
    X(0x92, SWAP3, 3, 4, 4, 0, CANCUN)    \
    X(0x93, SWAP4, 3, 5, 5, 0, CANCUN)    \
    X(0x94, SWAP5, 3, 6, 6, 0, CANCUN)    \
    X(0x95, SWAP6, 3, 7, 7, 0, CANCUN)    \
    X(0x96, SWAP7, 3, 8, 8, 0, CANCUN)    \
    X(0x97, SWAP8, 3, 9, 9, 0, CANCUN)    \
    X(0x98, SWAP9, 3, 10, 10, 0, CANCUN)  \
    X(0x99, SWAP10, 3, 11, 11, 0, CANCUN) \
    X(0x9a, SWAP11, 3, 12, 12, 0, CANCUN) \
    X(0x9b, SWAP12, 3, 13, 13, 0, CANCUN) \
    X(0x9c, SWAP13, 3, 14, 14, 0, CANCUN) \
    X(0x9d, SWAP14, 3, 15, 15, 0, CANCUN) \
    X(0x9e, SWAP15, 3, 16, 16, 0, CANCUN) \
    X(0x9f, SWAP16, 3, 17, 17, 0, CANCUN)

enum vm_opcode {
#define X(number, name, gas, in, out, immediate, fork) VM_OP_##name = number,
    VM_OPCODES(X)
#undef X
};

/* A row of the table. Undefined numbers have no name. */
struct vm_opcode_traits {
    const char *name; /* "ADD"; NULL if undefined */
    uint16_t base_gas;
    uint8_t stack_in;
    uint8_t stack_out;
    uint8_t immediate_bytes;
    uint8_t first_fork; /* enum vm_fork */
};

extern const struct vm_opcode_traits VM_OPCODE_TRAITS[256];

static inline bool vm_opcode_is_defined(uint8_t opcode, enum vm_fork fork)
{
    const struct vm_opcode_traits *traits = &VM_OPCODE_TRAITS[opcode];
    return traits->name != NULL && (enum vm_fork)traits->first_fork <= fork;
}
#endif
