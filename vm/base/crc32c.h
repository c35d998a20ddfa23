/* CRC-32C (Castagnoli; RFC 3720 appendix B.4): finds damage in what this program wrote itself. */
#ifndef VM_BASE_CRC32C_H
#define VM_BASE_CRC32C_H
#include "vm/base/bytes.h"

/* Of `more` behind bytes whose checksum is `before`; 0 where nothing was before. */
uint32_t crc32c(uint32_t before, struct bytes more);
#endif
