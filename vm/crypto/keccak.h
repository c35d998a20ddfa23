/* Keccak-256 as Ethereum uses it: the Keccak submission's padding (0x01), not SHA-3's.
 * Source: The Keccak reference, version 3.0; Ethereum yellow paper, section 3. */
#ifndef VM_CRYPTO_KECCAK_H
#define VM_CRYPTO_KECCAK_H
#include "vm/base/bytes.h"

hash256 keccak256(const void *data, size_t size);

/* For input in pieces: init, update any number of times, finish once. */
struct keccak {
    uint64_t lanes[25];
    size_t used_bytes; /* of the 136-byte block being filled */
};
void keccak_init(struct keccak *keccak);
void keccak_update(struct keccak *keccak, const void *data, size_t size);
hash256 keccak_finish(struct keccak *keccak);
#endif
