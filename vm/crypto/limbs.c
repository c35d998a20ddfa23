#include "vm/crypto/limbs.h"

#include <assert.h>
#if LIMBS_X86
#include <cpuid.h>
#endif
#include <gmp.h>
#include <string.h>

#if LIMBS_X86
bool limbs_has_adx;

/* By hand: clang 14 cannot ask the processor for ADX. */
__attribute__((constructor)) static void find_adx(void)
{
    unsigned eax, ebx = 0, ecx, edx;
    limbs_has_adx = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & bit_ADX) != 0
                    && (ebx & bit_BMI2) != 0;
}
#endif

void limbs_invert(uint64_t out[4], const uint64_t value[4], const uint64_t modulus[4])
{
    mpz_t number, prime;
    size_t count = 0;
    mpz_inits(number, prime, NULL);
    mpz_import(number, 4, -1, sizeof *value, 0, 0, value);
    mpz_import(prime, 4, -1, sizeof *modulus, 0, 0, modulus);
    const bool is_invertible = mpz_invert(number, number, prime) != 0;
    assert(is_invertible);
    memset(out, 0, 4 * sizeof *out);
    mpz_export(out, &count, -1, sizeof *out, 0, 0, number);
    assert(count <= 4);
    mpz_clears(number, prime, NULL);
}
