#include "vm/crypto/limbs.h"

#include <assert.h>
#include <gmp.h>
#include <string.h>

void limbs_invert(uint64_t out[4], const uint64_t value[4], const uint64_t modulus[4])
{
    mpz_t number, prime;
    size_t count = 0;
    mpz_inits(number, prime, NULL);
    mpz_import(number, 4, -1, sizeof *value, 0, 0, value);
    mpz_import(prime, 4, -1, sizeof *modulus, 0, 0, modulus);
    int is_invertible = mpz_invert(number, number, prime);
    assert(is_invertible);
    memset(out, 0, 4 * sizeof *out);
    mpz_export(out, &count, -1, sizeof *out, 0, 0, number);
    assert(count <= 4);
    mpz_clears(number, prime, NULL);
}
