#include "vm/precompiles_bls12.h"

#include "vm/crypto/bls12_kzg.h"
#include "vm/crypto/digest.h"

uint64_t point_evaluation_gas(struct bytes input)
{
    (void)input;
    return 50000; /* EIP-4844, POINT_EVALUATION_PRECOMPILE_GAS */
}

/* versioned hash 32 | z 32 | y 32 | commitment 48 | proof 48. The output is a constant: the number
 * of field elements in a blob, 4096, and the group's order. */
bool point_evaluation_run(struct bytes input, struct buffer *output)
{
    if (input.size != 192)
        return false;
    const uint8_t *z = input.data + 32, *y = z + 32, *commitment = y + 32, *proof = commitment + 48;
    hash256 versioned = sha256(bytes_of(commitment, 48));
    versioned.bytes[0] = 0x01; /* VERSIONED_HASH_VERSION_KZG */
    if (memcmp(versioned.bytes, input.data, sizeof versioned.bytes) != 0
        || !bls12_kzg_verify(commitment, z, y, proof))
        return false;
    u256 elements = u256_from_u64(4096);
    u256_store_be(buffer_extend(output, 32), &elements);
    u256_store_be(buffer_extend(output, 32), &BLS12_ORDER);
    return true;
}
