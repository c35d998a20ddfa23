/* The one libsecp256k1 context of the process, for secret_key.c only.
 *
 * Made on first use by any thread, randomised against side channels, const afterwards. */
#ifndef VM_CRYPTO_CURVE_CONTEXT_H
#define VM_CRYPTO_CURVE_CONTEXT_H
#include <secp256k1.h>

const secp256k1_context *curve_context(void);
#endif
