/* What things cost beyond an opcode's base gas (vm/opcodes.h), with the rule each comes from. */
#ifndef VM_GAS_H
#define VM_GAS_H
#include <stdint.h>

#define GAS_WARM_ACCESS        100  /* EIP-2929 */
#define GAS_COLD_ACCOUNT       2600 /* EIP-2929 */
#define GAS_COLD_SLOT          2100 /* EIP-2929 */
#define GAS_COLD_ACCOUNT_EXTRA (GAS_COLD_ACCOUNT - GAS_WARM_ACCESS)
#define GAS_COLD_SLOT_EXTRA    (GAS_COLD_SLOT - GAS_WARM_ACCESS)

#define GAS_SSTORE_SENTRY       2300  /* EIP-2200: at or below this SSTORE fails */
#define GAS_SSTORE_SET          20000 /* EIP-2200: zero to non-zero */
#define GAS_SSTORE_RESET        2900  /* EIP-2929: 5000 - GAS_COLD_SLOT */
#define GAS_SSTORE_CLEAR_REFUND 4800  /* EIP-3529 */

#define GAS_CALL_VALUE       9000
#define GAS_CALL_STIPEND     2300
#define GAS_NEW_ACCOUNT      25000 /* EIP-161 */
#define GAS_RETAINED_DIVISOR 64    /* EIP-150: a caller keeps one 64th */

#define GAS_INITCODE_WORD 2   /* EIP-3860 */
#define GAS_CODE_BYTE     200 /* code deposit */
#define GAS_KECCAK_WORD   6
#define GAS_COPY_WORD     3
#define GAS_EXP_BYTE      50 /* EIP-160 */
#define GAS_LOG_BYTE      8
#define GAS_MEMORY_WORD   3
#define GAS_MEMORY_SQUARE 512 /* words squared over this */

#define CODE_SIZE_MAX     24576               /* EIP-170 */
#define INITCODE_SIZE_MAX (2 * CODE_SIZE_MAX) /* EIP-3860 */
#define CODE_FORBIDDEN    0xef                /* EIP-3541: the first byte of no new code */
#define CALL_DEPTH_MAX    1024
#define STACK_WORDS_MAX   1024
#define BLOCK_HASHES      256

static inline uint64_t gas_words(uint64_t size_bytes)
{
    return size_bytes / 32 + (size_bytes % 32 != 0);
}
#endif
