/* RIPEMD-160 (H. Dobbertin, A. Bosselaers, B. Preneel, "RIPEMD-160: A Strengthened Version of
 * RIPEMD", 1996), for the precompile at 0x03. */
#ifndef VM_CRYPTO_RIPEMD160_H
#define VM_CRYPTO_RIPEMD160_H
#include "vm/base/bytes.h"

void ripemd160(uint8_t out[20], struct bytes data);
#endif
