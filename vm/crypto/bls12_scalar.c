#include "vm/crypto/bls12_scalar.h"

#include "vm/crypto/bls12_curve.h"

const u256 BLS12_ORDER = {
    {0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48}};

void bls12_scalar_digits(uint64_t digits[4], const u256 *scalar)
{
    u256 left = *scalar;
    while (!u256_less(&left, &BLS12_ORDER)) /* at most twice */
        left = u256_sub(&left, &BLS12_ORDER);
    for (int i = 0; i < 4; i++) {
        uint64_t remainder = 0;
        for (int limb = 3; limb >= 0; limb--) {
            unsigned __int128 value = (unsigned __int128)remainder << 64 | left.limbs[limb];
            left.limbs[limb] = (uint64_t)(value / BLS12_X);
            remainder = (uint64_t)(value % BLS12_X);
        }
        digits[i] = remainder;
    }
}
