#include "ledger/levm/block_hash.h"

#include <inttypes.h>
#include <stdio.h>

#include "vm/crypto/keccak.h"

#define BLOCK_HASHES_KNOWN 256 /* the yellow paper's BLOCKHASH */

hash256 block_hash_of_digits(void *context, uint64_t number)
{
    uint64_t own_number = *(const uint64_t *)context;
    char digits[21];
    if (number >= own_number || own_number - number > BLOCK_HASHES_KNOWN)
        return (hash256){{0}};
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    return keccak256(digits, (size_t)size);
}
