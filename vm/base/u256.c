#include "vm/base/u256.h"

#include <assert.h>

#include "vm/base/hex.h"

typedef u256_limb_pair u128;

#define LIMBS 4

static inline uint64_t low(u128 value)
{
    return (uint64_t)value;
}

static inline uint64_t high(u128 value)
{
    return (uint64_t)(value >> 64);
}

static inline u128 join(uint64_t high_limb, uint64_t low_limb)
{
    return (u128)high_limb << 64 | low_limb;
}

/* ---- Bytes ---- */

u256 u256_load_be(const uint8_t *bytes, size_t size)
{
    assert(size <= 32);
    uint8_t padded[32] = {0};
    if (size > 0)
        memcpy(padded + 32 - size, bytes, size);
    return (u256){{u256_limb_load_be(padded + 24), u256_limb_load_be(padded + 16),
                   u256_limb_load_be(padded + 8), u256_limb_load_be(padded)}};
}

void u256_store_be(uint8_t out[32], const u256 *value)
{
    u256 copy = *value; /* `out` may be where the value lies */
    for (size_t limb = 0; limb < LIMBS; limb++)
        u256_limb_store_be(out + 8 * limb, copy.limbs[LIMBS - 1 - limb]);
}

/* ---- Comparing ---- */

int u256_compare(const u256 *a, const u256 *b)
{
    for (size_t limb = LIMBS; limb-- > 0;)
        if (a->limbs[limb] != b->limbs[limb])
            return a->limbs[limb] < b->limbs[limb] ? -1 : 1;
    return 0;
}

bool u256_less(const u256 *a, const u256 *b)
{
    u256 difference;
    return u256_sub_overflows(a, b, &difference);
}

unsigned u256_bit_length(const u256 *value)
{
    for (unsigned limb = LIMBS; limb-- > 0;)
        if (value->limbs[limb] != 0)
            return 64 * limb + 64 - (unsigned)__builtin_clzll(value->limbs[limb]);
    return 0;
}

unsigned u256_byte_length(const u256 *value)
{
    return (u256_bit_length(value) + 7) / 8;
}

/* ---- Sums and products ---- */

/* Adds b and the carry to a; the carry out is 0 or 1. */
static inline uint64_t add_carry(uint64_t a, uint64_t b, uint64_t *carry)
{
    uint64_t partial, sum;
    uint64_t first = __builtin_add_overflow(a, b, &partial);
    uint64_t second = __builtin_add_overflow(partial, *carry, &sum);
    *carry = first | second;
    return sum;
}

static inline uint64_t sub_borrow(uint64_t a, uint64_t b, uint64_t *borrow)
{
    uint64_t partial, difference;
    uint64_t first = __builtin_sub_overflow(a, b, &partial);
    uint64_t second = __builtin_sub_overflow(partial, *borrow, &difference);
    *borrow = first | second;
    return difference;
}

bool u256_add_overflows(const u256 *a, const u256 *b, u256 *out)
{
    uint64_t carry = 0;
    u256 sum;
    for (size_t limb = 0; limb < LIMBS; limb++)
        sum.limbs[limb] = add_carry(a->limbs[limb], b->limbs[limb], &carry);
    *out = sum;
    return carry != 0;
}

bool u256_sub_overflows(const u256 *a, const u256 *b, u256 *out)
{
    uint64_t borrow = 0;
    u256 difference;
    for (size_t limb = 0; limb < LIMBS; limb++)
        difference.limbs[limb] = sub_borrow(a->limbs[limb], b->limbs[limb], &borrow);
    *out = difference;
    return borrow != 0;
}

u256 u256_add(const u256 *a, const u256 *b)
{
    u256 sum;
    (void)u256_add_overflows(a, b, &sum);
    return sum;
}

u256 u256_sub(const u256 *a, const u256 *b)
{
    u256 difference;
    (void)u256_sub_overflows(a, b, &difference);
    return difference;
}

/* limbs[0..8) = a * b */
static inline void multiply_full(uint64_t product[2 * LIMBS], const u256 *a, const u256 *b)
{
    memset(product, 0, 2 * LIMBS * sizeof *product);
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < LIMBS; j++) {
            /* (2^64-1)^2 + 2 * (2^64-1) is 2^128-1: no overflow. */
            u128 term = (u128)a->limbs[i] * b->limbs[j] + product[i + j] + carry;
            product[i + j] = low(term);
            carry = high(term);
        }
        product[i + LIMBS] = carry;
    }
}

bool u256_mul_overflows(const u256 *a, const u256 *b, u256 *out)
{
    uint64_t product[2 * LIMBS];
    multiply_full(product, a, b);
    memcpy(out->limbs, product, sizeof out->limbs);
    return (product[4] | product[5] | product[6] | product[7]) != 0;
}

u256 u256_mul_high(const u256 *a, const u256 *b)
{
    uint64_t product[2 * LIMBS];
    u256 high;
    multiply_full(product, a, b);
    memcpy(high.limbs, product + LIMBS, sizeof high.limbs);
    return high;
}

/* ---- Division ----
 *
 * Knuth's algorithm D (The Art of Computer Programming 2, 4.3.1) with the quotient digits
 * guessed by a precomputed reciprocal: N. Moeller and T. Granlund, "Improved division by
 * invariant integers", IEEE Transactions on Computers 60 (2011), algorithms 2, 4, 5 and 6. */

/* floor((2^128 - 1) / divisor) - 2^64, for a divisor with its top bit set. */
static inline uint64_t reciprocal_of_1(uint64_t divisor)
{
#if defined(__x86_64__)
    uint64_t quotient = UINT64_MAX, rest = ~divisor; /* below the divisor: the quotient fits */
    __asm__("divq %2" : "+a"(quotient), "+d"(rest) : "r"(divisor) : "cc");
    return quotient;
#else
    return low(join(~divisor, UINT64_MAX) / divisor);
#endif
}

/* The same for a divisor of two limbs, floor((2^192 - 1) / divisor) - 2^64. */
static inline uint64_t reciprocal_of_2(u128 divisor)
{
    uint64_t reciprocal = reciprocal_of_1(high(divisor));
    uint64_t p = high(divisor) * reciprocal + low(divisor);
    if (p < low(divisor)) {
        reciprocal--;
        if (p >= high(divisor)) {
            reciprocal--;
            p -= high(divisor);
        }
        p -= high(divisor);
    }
    u128 t = (u128)reciprocal * low(divisor);
    p += high(t);
    if (p < high(t)) {
        reciprocal--;
        if (join(p, low(t)) >= divisor)
            reciprocal--;
    }
    return reciprocal;
}

/* Quotient of two limbs by one; numerator's high limb is below the divisor. */
static inline uint64_t divide_2_by_1(u128 numerator, uint64_t divisor, uint64_t reciprocal,
                                     uint64_t *remainder)
{
    u128 guess = (u128)reciprocal * high(numerator) + numerator;
    uint64_t quotient = high(guess) + 1;
    uint64_t rest = low(numerator) - quotient * divisor;
    if (rest > low(guess)) {
        quotient--;
        rest += divisor;
    }
    if (rest >= divisor) {
        quotient++;
        rest -= divisor;
    }
    *remainder = rest;
    return quotient;
}

/* Quotient of three limbs by two; the two high limbs are below the divisor. */
static inline uint64_t divide_3_by_2(u128 top, uint64_t bottom, u128 divisor, uint64_t reciprocal,
                                     u128 *remainder)
{
    u128 guess = (u128)reciprocal * high(top) + top;
    uint64_t quotient = high(guess);
    u128 rest =
        join(low(top) - quotient * high(divisor), bottom) - (u128)low(divisor) * quotient - divisor;
    quotient++;
    if (high(rest) >= low(guess)) {
        quotient--;
        rest += divisor;
    }
    if (rest >= divisor) {
        quotient++;
        rest -= divisor;
    }
    *remainder = rest;
    return quotient;
}

/* numerator[0..count) -= divisor[0..count) * factor; returns what is still to be subtracted
 * from the limb above. */
static inline uint64_t subtract_multiple(uint64_t *numerator, const uint64_t *divisor, size_t count,
                                         uint64_t factor)
{
    uint64_t borrow = 0;
    for (size_t limb = 0; limb < count; limb++) {
        u128 term = (u128)divisor[limb] * factor + borrow;
        borrow = high(term) + (numerator[limb] < low(term));
        numerator[limb] -= low(term);
    }
    return borrow;
}

static inline void add_back(uint64_t *numerator, const uint64_t *divisor, size_t count)
{
    uint64_t carry = 0;
    for (size_t limb = 0; limb < count; limb++)
        numerator[limb] = add_carry(numerator[limb], divisor[limb], &carry);
}

/* One digit of the quotient. `window` is divisor_count + 1 limbs of the running remainder. */
static inline uint64_t divide_digit(uint64_t *window, const uint64_t *divisor, size_t divisor_count,
                                    uint64_t reciprocal)
{
    u128 head = join(divisor[divisor_count - 1], divisor[divisor_count - 2]);
    u128 top = join(window[divisor_count], window[divisor_count - 1]);
    if (__builtin_expect(top == head, 0)) { /* the guess would overflow; the largest, exactly */
        window[divisor_count] -= subtract_multiple(window, divisor, divisor_count, UINT64_MAX);
        return UINT64_MAX;
    }
    u128 rest;
    uint64_t digit = divide_3_by_2(top, window[divisor_count - 2], head, reciprocal, &rest);
    uint64_t borrow = subtract_multiple(window, divisor, divisor_count - 2, digit);
    bool guessed_too_high = rest < borrow;
    rest -= borrow;
    window[divisor_count - 2] = low(rest);
    window[divisor_count - 1] = high(rest);
    if (__builtin_expect(guessed_too_high, 0)) {
        digit--;
        add_back(window, divisor, divisor_count);
    }
    return digit;
}

static inline size_t significant_limbs(const uint64_t *limbs, size_t count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return count;
}

/* The two below are inlined with constant counts and come unrolled, so that the remainder stays in
 * registers. Digits that are zero, as all above a short numerator are, cost a comparison. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE void divide_by_1(uint64_t *quotient, uint64_t *window, size_t count, uint64_t divisor)
{
    uint64_t reciprocal = reciprocal_of_1(divisor);
    uint64_t rest = window[count];
#pragma GCC unroll 8
    for (size_t limb = count; limb-- > 0;)
        quotient[limb] = divide_2_by_1(join(rest, window[limb]), divisor, reciprocal, &rest);
    window[0] = rest;
}

ALWAYS_INLINE void divide_by(uint64_t *quotient, uint64_t *window, size_t count,
                             const uint64_t *divisor, size_t divisor_count)
{
    uint64_t reciprocal =
        reciprocal_of_2(join(divisor[divisor_count - 1], divisor[divisor_count - 2]));
#pragma GCC unroll 8
    for (size_t limb = count - divisor_count + 1; limb-- > 0;) {
        bool is_zero = window[limb + divisor_count] == 0
                       && window[limb + divisor_count - 1] < divisor[divisor_count - 1];
        quotient[limb] =
            is_zero ? 0 : divide_digit(window + limb, divisor, divisor_count, reciprocal);
    }
}

/* Divides `count` limbs (a constant: 4, 5 or 8) by a divisor that is not zero and has
 * `divisor_count` (one too: 1 to 4). `quotient` receives `count` limbs. */
ALWAYS_INLINE void divide_counted(uint64_t *quotient, u256 *remainder, const uint64_t *numerator,
                                  size_t count, const u256 *divisor, size_t divisor_count)
{
    uint64_t window[2 * LIMBS + 1];
    uint64_t scaled[LIMBS];
    unsigned shift = (unsigned)__builtin_clzll(divisor->limbs[divisor_count - 1]);
    scaled[0] = divisor->limbs[0] << shift;
#pragma GCC unroll 4
    for (size_t limb = 1; limb < divisor_count; limb++)
        scaled[limb] = u256_shifted_up(divisor->limbs[limb], divisor->limbs[limb - 1], shift);
    window[0] = numerator[0] << shift;
#pragma GCC unroll 8
    for (size_t limb = 1; limb < count; limb++)
        window[limb] = u256_shifted_up(numerator[limb], numerator[limb - 1], shift);
    window[count] = u256_shifted_up(0, numerator[count - 1], shift);

#pragma GCC unroll 8
    for (size_t limb = count - divisor_count + 1; limb < count; limb++)
        quotient[limb] = 0;
    if (divisor_count == 1)
        divide_by_1(quotient, window, count, scaled[0]);
    else
        divide_by(quotient, window, count, scaled, divisor_count);

    *remainder = U256_ZERO;
#pragma GCC unroll 4
    for (size_t limb = 0; limb < divisor_count; limb++) {
        uint64_t above = limb + 1 < divisor_count ? window[limb + 1] : 0;
        remainder->limbs[limb] = window[limb] >> shift | above << 1 << (63 - shift);
    }
}

ALWAYS_INLINE void divide(uint64_t *quotient, u256 *remainder, const uint64_t *numerator,
                          size_t count, const u256 *divisor)
{
    switch (significant_limbs(divisor->limbs, LIMBS)) {
    case 1: divide_counted(quotient, remainder, numerator, count, divisor, 1); break;
    case 2: divide_counted(quotient, remainder, numerator, count, divisor, 2); break;
    case 3: divide_counted(quotient, remainder, numerator, count, divisor, 3); break;
    default: divide_counted(quotient, remainder, numerator, count, divisor, 4); break;
    }
}

u256 u256_div(const u256 *a, const u256 *b)
{
    if (u256_fits_u64(a) && u256_fits_u64(b))
        return u256_from_u64(b->limbs[0] == 0 ? 0 : a->limbs[0] / b->limbs[0]);
    if (u256_is_zero(b))
        return U256_ZERO;
    u256 quotient, remainder;
    divide(quotient.limbs, &remainder, a->limbs, LIMBS, b);
    return quotient;
}

u256 u256_mod(const u256 *a, const u256 *b)
{
    if (u256_fits_u64(a) && u256_fits_u64(b))
        return u256_from_u64(b->limbs[0] == 0 ? 0 : a->limbs[0] % b->limbs[0]);
    if (u256_is_zero(b))
        return U256_ZERO;
    u256 quotient, remainder;
    divide(quotient.limbs, &remainder, a->limbs, LIMBS, b);
    return remainder;
}

static u256 negate(const u256 *value)
{
    u256 zero = U256_ZERO;
    return u256_sub(&zero, value);
}

static u256 magnitude(const u256 *value)
{
    return u256_is_negative(value) ? negate(value) : *value;
}

u256 u256_sdiv(const u256 *a, const u256 *b)
{
    u256 numerator = magnitude(a), denominator = magnitude(b);
    u256 quotient = u256_div(&numerator, &denominator);
    return u256_is_negative(a) != u256_is_negative(b) ? negate(&quotient) : quotient;
}

u256 u256_smod(const u256 *a, const u256 *b)
{
    u256 numerator = magnitude(a), denominator = magnitude(b);
    u256 remainder = u256_mod(&numerator, &denominator);
    return u256_is_negative(a) ? negate(&remainder) : remainder;
}

u256 u256_addmod(const u256 *a, const u256 *b, const u256 *modulus)
{
    if (u256_is_zero(modulus))
        return U256_ZERO;
    u256 sum, reduced;
    uint64_t wide[LIMBS + 1], quotient[LIMBS + 1];
    wide[LIMBS] = u256_add_overflows(a, b, &sum);
    if (u256_less(a, modulus) && u256_less(b, modulus)) {
        bool is_below = u256_sub_overflows(&sum, modulus, &reduced) && wide[LIMBS] == 0;
        return is_below ? sum : reduced;
    }
    memcpy(wide, sum.limbs, sizeof sum.limbs);
    divide(quotient, &reduced, wide, LIMBS + 1, modulus);
    return reduced;
}

u256 u256_mulmod(const u256 *a, const u256 *b, const u256 *modulus)
{
    if (u256_is_zero(modulus))
        return U256_ZERO;
    uint64_t product[2 * LIMBS], quotient[2 * LIMBS];
    u256 remainder;
    multiply_full(product, a, b);
    divide(quotient, &remainder, product, 2 * LIMBS, modulus);
    return remainder;
}

static inline u256 square(const u256 *value)
{
    const uint64_t *x = value->limbs;
    u128 p00 = (u128)x[0] * x[0];
    u128 p01 = (u128)x[0] * x[1];
    u128 p2 = ((u128)x[0] * x[2] << 1) + (u128)x[1] * x[1];
    uint64_t p3 = (x[0] * x[3] + x[1] * x[2]) << 1;
    u128 twice_p01_low = (u128)low(p01) << 1, twice_p01_high = (u128)high(p01) << 1;
    u128 column1 = twice_p01_low + high(p00);
    u128 upper = p2 + twice_p01_high + high(column1);
    return (u256){{low(p00), low(column1), low(upper), high(upper) + p3}};
}

#define EXP_WINDOW_BITS 4
#define EXP_SHORT_BITS  32 /* up to here the powers are not worth making */

/* From the exponent's top down: four squarings, then one product by a power that is at hand. */
u256 u256_exp(const u256 *base, const u256 *exponent)
{
    u256 powers[1 << EXP_WINDOW_BITS];
    unsigned bits = u256_bit_length(exponent);
    unsigned windows = (bits + EXP_WINDOW_BITS - 1) / EXP_WINDOW_BITS;
    u256 result = U256_ONE;
    if (bits <= EXP_SHORT_BITS) {
        for (unsigned bit = bits; bit-- > 0;) {
            result = square(&result);
            if (exponent->limbs[0] >> bit & 1)
                result = u256_mul(&result, base);
        }
        return result;
    }
    powers[0] = U256_ONE;
    for (size_t i = 1; i < sizeof powers / sizeof *powers; i++)
        powers[i] = u256_mul(&powers[i - 1], base);
    for (unsigned window = windows; window-- > 0;) {
        for (unsigned i = 0; i < EXP_WINDOW_BITS && window + 1 < windows; i++)
            result = square(&result);
        unsigned at = window * EXP_WINDOW_BITS;
        uint64_t digit = exponent->limbs[at / 64] >> (at % 64) & ((1 << EXP_WINDOW_BITS) - 1);
        result = u256_mul(&result, &powers[digit]);
    }
    return result;
}

/* ---- Bits ---- */

u256 u256_and(const u256 *a, const u256 *b)
{
    return (u256){{a->limbs[0] & b->limbs[0], a->limbs[1] & b->limbs[1], a->limbs[2] & b->limbs[2],
                   a->limbs[3] & b->limbs[3]}};
}

u256 u256_or(const u256 *a, const u256 *b)
{
    return (u256){{a->limbs[0] | b->limbs[0], a->limbs[1] | b->limbs[1], a->limbs[2] | b->limbs[2],
                   a->limbs[3] | b->limbs[3]}};
}

u256 u256_xor(const u256 *a, const u256 *b)
{
    return (u256){{a->limbs[0] ^ b->limbs[0], a->limbs[1] ^ b->limbs[1], a->limbs[2] ^ b->limbs[2],
                   a->limbs[3] ^ b->limbs[3]}};
}

u256 u256_not(const u256 *a)
{
    return (u256){{~a->limbs[0], ~a->limbs[1], ~a->limbs[2], ~a->limbs[3]}};
}

bool u256_signed_less(const u256 *a, const u256 *b)
{
    if (u256_is_negative(a) != u256_is_negative(b))
        return u256_is_negative(a);
    return u256_less(a, b);
}

/* ---- Text ---- */

bool u256_parse_decimal(u256 *out, const char *text, size_t text_size)
{
    u256 ten = u256_from_u64(10);
    u256 value = U256_ZERO;
    if (text_size == 0)
        return false;
    for (size_t index = 0; index < text_size; index++) {
        if (text[index] < '0' || text[index] > '9')
            return false;
        u256 digit = u256_from_u64((uint64_t)(text[index] - '0'));
        if (u256_mul_overflows(&value, &ten, &value) || u256_add_overflows(&value, &digit, &value))
            return false;
    }
    *out = value;
    return true;
}

bool u256_parse_hex(u256 *out, const char *text, size_t text_size)
{
    if (text_size < 3 || text_size > 66 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
        return false;
    u256 value = U256_ZERO;
    for (size_t index = 2; index < text_size; index++) {
        int digit = hex_digit(text[index]);
        if (digit < 0)
            return false;
        size_t position = text_size - 1 - index;
        value.limbs[position / 16] |= (uint64_t)digit << (position % 16 * 4);
    }
    *out = value;
    return true;
}

/* Divides in place and returns the remainder. */
static uint64_t divide_small(u256 *value, uint64_t divisor)
{
    u256 wide_divisor = u256_from_u64(divisor), remainder, quotient;
    divide(quotient.limbs, &remainder, value->limbs, LIMBS, &wide_divisor);
    *value = quotient;
    return remainder.limbs[0];
}

void u256_format_decimal(char out[U256_DECIMAL_SIZE], const u256 *value)
{
    char reversed[U256_DECIMAL_SIZE];
    size_t count = 0;
    u256 rest = *value;
    do {
        reversed[count++] = (char)('0' + divide_small(&rest, 10));
    } while (!u256_is_zero(&rest));
    for (size_t index = 0; index < count; index++)
        out[index] = reversed[count - 1 - index];
    out[count] = 0;
}

void u256_format_quantity(char out[U256_HEX_SIZE], const u256 *value)
{
    unsigned digits = (u256_bit_length(value) + 3) / 4;
    if (digits == 0)
        digits = 1;
    *out++ = '0';
    *out++ = 'x';
    for (unsigned position = digits; position-- > 0;)
        *out++ = "0123456789abcdef"[value->limbs[position / 16] >> (position % 16 * 4) & 15];
    *out = 0;
}
