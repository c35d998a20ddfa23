#include "vm/crypto/modexp.h"

#include <assert.h>
#include <gmp.h>

#include "vm/base/u256.h"

#define HEADER_SIZE 96
#define HEAD_SIZE   32 /* of the exponent, whose bits are priced one by one */

#define POWM_SIZE_MAX 2048 /* the longest modulus for mpz_powm() */

struct sizes {
    uint64_t base, exponent, modulus; /* UINT64_MAX: that or more */
};

/* `size` bytes from `offset`, as far as the input has them. */
static struct bytes part_of(struct bytes input, uint64_t offset, uint64_t size)
{
    if (offset >= input.size)
        return bytes_of(NULL, 0);
    uint64_t left = input.size - offset;
    return bytes_of(input.data + offset, (size_t)(size < left ? size : left));
}

/* A number of at most 32 bytes, those beyond the input's end being zero. */
static u256 number_at(struct bytes input, uint64_t offset, size_t size)
{
    uint8_t padded[32] = {0};
    struct bytes part = part_of(input, offset, size);
    if (part.size > 0)
        memcpy(padded, part.data, part.size);
    return u256_load_be(padded, size);
}

static uint64_t size_at(struct bytes input, uint64_t offset)
{
    u256 size = number_at(input, offset, 32);
    return u256_fits_u64(&size) ? size.limbs[0] : UINT64_MAX;
}

static struct sizes sizes_of(struct bytes input)
{
    return (struct sizes){size_at(input, 0), size_at(input, 32), size_at(input, 64)};
}

/* ---- Price ---- */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* EIP-2565: the exponent's bits after its first one; of a long exponent only the head is looked
 * at, and each further byte counts for `byte_weight`. At least 1. */
static uint64_t iteration_count(struct bytes input, const struct sizes *sizes, unsigned byte_weight)
{
    uint64_t head_size = sizes->exponent < HEAD_SIZE ? sizes->exponent : HEAD_SIZE;
    u256 head = number_at(input, HEADER_SIZE + sizes->base, (size_t)head_size);
    unsigned bits = u256_bit_length(&head);
    uint64_t count = (sizes->exponent - head_size) * byte_weight + (bits > 0 ? bits - 1 : 0);
    return larger(count, 1);
}

static bool is_beyond_price(const struct sizes *sizes)
{
    return larger(sizes->base, sizes->modulus) > MODEXP_OPERAND_SIZE_MAX
           || sizes->exponent > MODEXP_EXPONENT_SIZE_MAX;
}

static uint64_t price(uint64_t complexity, uint64_t iterations, unsigned divisor, uint64_t least)
{
    unsigned __int128 gas = (unsigned __int128)complexity * iterations / divisor;
    return gas > UINT64_MAX ? UINT64_MAX : larger((uint64_t)gas, least);
}

uint64_t modexp_gas_eip2565(struct bytes input)
{
    struct sizes sizes = sizes_of(input);
    uint64_t words = (larger(sizes.base, sizes.modulus) + 7) / 8;
    if (sizes.base == 0 && sizes.modulus == 0)
        return 200; /* an exponent of any size costs nothing then */
    if (is_beyond_price(&sizes))
        return UINT64_MAX;
    return price(words * words, iteration_count(input, &sizes, 8), 3, 200);
}

static bool is_within_eip7823(const struct sizes *sizes)
{
    return larger(larger(sizes->base, sizes->modulus), sizes->exponent) <= MODEXP_SIZE_MAX_OSAKA;
}

uint64_t modexp_gas_eip7883(struct bytes input)
{
    struct sizes sizes = sizes_of(input);
    if (!is_within_eip7823(&sizes))
        return 500; /* it fails, and takes all there is */
    uint64_t size = larger(sizes.base, sizes.modulus);
    uint64_t words = (size + 7) / 8;
    uint64_t complexity = size > 32 ? 2 * words * words : 16;
    return price(complexity, iteration_count(input, &sizes, 16), 1, 500);
}

/* ---- Run ---- */

static void import_bytes(mpz_t number, struct bytes bytes)
{
    mpz_import(number, bytes.size, 1, 1, 0, 0, bytes.data);
}

/* The whole operand: its bytes beyond the input's end are zero. */
static void import_operand(mpz_t number, struct bytes input, uint64_t offset, uint64_t size)
{
    struct bytes there = part_of(input, offset, size);
    import_bytes(number, there);
    mpz_mul_2exp(number, number, 8 * (mp_bitcnt_t)(size - there.size));
}

/* Square and multiply. mpz_powm() is twice as quick, but keeps temporary numbers of up to 64 KiB
 * each on the native stack: with long moduli 240 KiB and more. One product or one division at a
 * time takes less, and less again where its result has a place of its own and the divisor fills
 * its words: so all is done modulo a multiple of the modulus until the end. */
static void raise_long(mpz_t power, const mpz_t exponent, const mpz_t modulus)
{
    mpz_t base, product, multiple;
    mpz_init_set(base, power);
    mpz_inits(product, multiple, NULL);
    mpz_mul_2exp(multiple, modulus, mpz_size(modulus) * GMP_NUMB_BITS - mpz_sizeinbase(modulus, 2));
    mpz_set_ui(power, 1);
    for (size_t bit = mpz_sizeinbase(exponent, 2); bit-- > 0;) {
        mpz_mul(product, power, power);
        mpz_mod(power, product, multiple);
        if (mpz_tstbit(exponent, bit)) {
            mpz_mul(product, power, base);
            mpz_mod(power, product, multiple);
        }
    }
    mpz_mod(product, power, modulus);
    mpz_swap(power, product);
    mpz_clears(base, product, multiple, NULL);
}

/* power = power ^ exponent mod modulus; `power` is less than the modulus. */
static void raise_to(mpz_t power, const mpz_t exponent, const mpz_t modulus)
{
    if (mpz_size(modulus) * sizeof(mp_limb_t) > POWM_SIZE_MAX)
        raise_long(power, exponent, modulus);
    else
        mpz_powm(power, power, exponent, modulus);
}

/* power = power ^ (256 ^ count) mod modulus, in steps so that no exponent of `count` bytes is
 * ever built. */
static void raise_by_zero_bytes(mpz_t power, uint64_t count, const mpz_t modulus)
{
    mpz_t step;
    mpz_init(step);
    while (count > 0) {
        uint64_t taken = count < 4096 ? count : 4096;
        mpz_set_ui(step, 1);
        mpz_mul_2exp(step, step, 8 * (mp_bitcnt_t)taken);
        raise_to(power, step, modulus);
        count -= taken;
    }
    mpz_clear(step);
}

/* Big-endian, with leading zeros up to `size`. */
static void export_number(uint8_t *out, size_t size, const mpz_t number)
{
    size_t written = (mpz_sizeinbase(number, 2) + 7) / 8; /* 1 for zero */
    assert(written <= size);
    memset(out, 0, size);
    mpz_export(out + size - written, NULL, 1, 1, 0, 0, number);
}

bool modexp_run(struct bytes input, struct buffer *output)
{
    struct sizes sizes = sizes_of(input);
    if (sizes.modulus == 0)
        return true;
    assert(!is_beyond_price(&sizes));
    uint64_t exponent_at = HEADER_SIZE + sizes.base;
    uint8_t *out = buffer_extend(output, (size_t)sizes.modulus);
    mpz_t base, exponent, modulus;
    mpz_inits(base, exponent, modulus, NULL);
    import_operand(modulus, input, exponent_at + sizes.exponent, sizes.modulus);
    if (mpz_sgn(modulus) == 0) { /* EIP-198: a modulus of zero gives zero */
        memset(out, 0, (size_t)sizes.modulus);
    } else {
        struct bytes there = part_of(input, exponent_at, sizes.exponent);
        import_operand(base, input, HEADER_SIZE, sizes.base);
        import_bytes(exponent, there);
        mpz_mod(base, base, modulus);
        raise_to(base, exponent, modulus);
        if (mpz_sgn(exponent) != 0)
            raise_by_zero_bytes(base, sizes.exponent - there.size, modulus);
        export_number(out, (size_t)sizes.modulus, base);
    }
    mpz_clears(base, exponent, modulus, NULL);
    return true;
}

bool modexp_run_eip7823(struct bytes input, struct buffer *output)
{
    struct sizes sizes = sizes_of(input);
    return is_within_eip7823(&sizes) && modexp_run(input, output);
}
