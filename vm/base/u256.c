#include "vm/base/u256.h"

#include <assert.h>

#include "vm/base/hex.h"

/* __int128 is an extension that gcc and clang have on every 64-bit target. */
__extension__ typedef unsigned __int128 u128;

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

static uint64_t load_limb_be(const uint8_t *bytes)
{
    uint64_t limb;
    memcpy(&limb, bytes, sizeof limb);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    limb = __builtin_bswap64(limb);
#endif
    return limb;
}

static void store_limb_be(uint8_t *out, uint64_t limb)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    limb = __builtin_bswap64(limb);
#endif
    memcpy(out, &limb, sizeof limb);
}

u256 u256_load_be(const uint8_t *bytes, size_t size)
{
    assert(size <= 32);
    uint8_t padded[32] = {0};
    if (size > 0)
        memcpy(padded + 32 - size, bytes, size);
    return (u256){{load_limb_be(padded + 24), load_limb_be(padded + 16), load_limb_be(padded + 8),
                   load_limb_be(padded)}};
}

void u256_store_be(uint8_t out[32], const u256 *value)
{
    u256 copy = *value; /* `out` may be where the value lies */
    for (size_t limb = 0; limb < LIMBS; limb++)
        store_limb_be(out + 8 * limb, copy.limbs[LIMBS - 1 - limb]);
}

u256 u256_from_hash(const hash256 *hash)
{
    return u256_load_be(hash->bytes, sizeof hash->bytes);
}

hash256 u256_to_hash(const u256 *value)
{
    hash256 hash;
    u256_store_be(hash.bytes, value);
    return hash;
}

u256 u256_from_address(const address *account)
{
    return u256_load_be(account->bytes, sizeof account->bytes);
}

address u256_to_address(const u256 *value)
{
    uint8_t bytes[32];
    address account;
    u256_store_be(bytes, value);
    memcpy(account.bytes, bytes + 12, sizeof account.bytes);
    return account;
}

/* ---- Comparing ---- */

bool u256_is_zero(const u256 *value)
{
    return (value->limbs[0] | value->limbs[1] | value->limbs[2] | value->limbs[3]) == 0;
}

bool u256_equal(const u256 *a, const u256 *b)
{
    return ((a->limbs[0] ^ b->limbs[0]) | (a->limbs[1] ^ b->limbs[1]) | (a->limbs[2] ^ b->limbs[2])
            | (a->limbs[3] ^ b->limbs[3]))
           == 0;
}

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

bool u256_fits_u64(const u256 *value)
{
    return (value->limbs[1] | value->limbs[2] | value->limbs[3]) == 0;
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
static void multiply_full(uint64_t product[2 * LIMBS], const u256 *a, const u256 *b)
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

u256 u256_mul(const u256 *a, const u256 *b)
{
    const uint64_t *x = a->limbs, *y = b->limbs;
    u128 p00 = (u128)x[0] * y[0];
    u128 p01 = (u128)x[0] * y[1];
    u128 p10 = (u128)x[1] * y[0];
    u128 p02 = (u128)x[0] * y[2];
    u128 p11 = (u128)x[1] * y[1];
    u128 p20 = (u128)x[2] * y[0];

    u128 column1 = (u128)high(p00) + low(p01) + low(p10);
    u128 column2 = (u128)high(column1) + high(p01) + high(p10) + low(p02) + low(p11) + low(p20);
    uint64_t column3 = high(column2) + high(p02) + high(p11) + high(p20) + x[0] * y[3] + x[1] * y[2]
                       + x[2] * y[1] + x[3] * y[0];
    return (u256){{low(p00), low(column1), low(column2), column3}};
}

bool u256_mul_overflows(const u256 *a, const u256 *b, u256 *out)
{
    uint64_t product[2 * LIMBS];
    multiply_full(product, a, b);
    memcpy(out->limbs, product, sizeof out->limbs);
    return (product[4] | product[5] | product[6] | product[7]) != 0;
}

/* ---- Division ----
 *
 * Knuth's algorithm D (The Art of Computer Programming 2, 4.3.1) with the quotient digits
 * guessed by a precomputed reciprocal: N. Moeller and T. Granlund, "Improved division by
 * invariant integers", IEEE Transactions on Computers 60 (2011), algorithms 2, 4, 5 and 6. */

/* floor((2^128 - 1) / divisor) - 2^64, for a divisor with its top bit set. */
static uint64_t reciprocal_of_1(uint64_t divisor)
{
    return low(join(~divisor, UINT64_MAX) / divisor);
}

/* The same for a divisor of two limbs, floor((2^192 - 1) / divisor) - 2^64. */
static uint64_t reciprocal_of_2(u128 divisor)
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
static uint64_t subtract_multiple(uint64_t *numerator, const uint64_t *divisor, size_t count,
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

static uint64_t add_back(uint64_t *numerator, const uint64_t *divisor, size_t count)
{
    uint64_t carry = 0;
    for (size_t limb = 0; limb < count; limb++)
        numerator[limb] = add_carry(numerator[limb], divisor[limb], &carry);
    return carry;
}

/* One digit of the quotient. `window` is divisor_count + 1 limbs of the running remainder. */
static uint64_t divide_digit(uint64_t *window, const uint64_t *divisor, size_t divisor_count,
                             uint64_t reciprocal)
{
    u128 head = join(divisor[divisor_count - 1], divisor[divisor_count - 2]);
    u128 top = join(window[divisor_count], window[divisor_count - 1]);
    if (top == head) { /* the guess would overflow; the digit is the largest there is, exactly */
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
    window[divisor_count] = 0;
    if (guessed_too_high) {
        digit--;
        (void)add_back(window, divisor, divisor_count);
    }
    return digit;
}

static size_t significant_limbs(const uint64_t *limbs, size_t count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return count;
}

static void shift_limbs_left(uint64_t *out, const uint64_t *limbs, size_t count, unsigned bits)
{
    for (size_t limb = count; limb-- > 0;) {
        uint64_t below = limb > 0 ? limbs[limb - 1] : 0;
        out[limb] = bits > 0 ? limbs[limb] << bits | below >> (64 - bits) : limbs[limb];
    }
}

/* Divides 8 limbs or fewer by a divisor that is not zero. `quotient` (may be NULL) receives
 * `count` limbs. */
static void divide(uint64_t *quotient, u256 *remainder, const uint64_t *numerator, size_t count,
                   const u256 *divisor)
{
    uint64_t window[2 * LIMBS + 1];
    uint64_t scaled[LIMBS];
    size_t divisor_count = significant_limbs(divisor->limbs, LIMBS);
    size_t used = significant_limbs(numerator, count);

    if (quotient != NULL)
        memset(quotient, 0, count * sizeof *quotient);
    *remainder = U256_ZERO;
    if (used < divisor_count) {
        memcpy(remainder->limbs, numerator, used * sizeof *numerator);
        return;
    }

    unsigned shift = (unsigned)__builtin_clzll(divisor->limbs[divisor_count - 1]);
    shift_limbs_left(scaled, divisor->limbs, divisor_count, shift);
    shift_limbs_left(window, numerator, used, shift);
    window[used] = shift > 0 ? numerator[used - 1] >> (64 - shift) : 0;

    if (divisor_count == 1) {
        uint64_t reciprocal = reciprocal_of_1(scaled[0]);
        uint64_t rest = window[used];
        for (size_t limb = used; limb-- > 0;) {
            uint64_t digit = divide_2_by_1(join(rest, window[limb]), scaled[0], reciprocal, &rest);
            if (quotient != NULL)
                quotient[limb] = digit;
        }
        remainder->limbs[0] = rest >> shift;
        return;
    }

    uint64_t reciprocal =
        reciprocal_of_2(join(scaled[divisor_count - 1], scaled[divisor_count - 2]));
    for (size_t limb = used - divisor_count + 1; limb-- > 0;) {
        uint64_t digit = divide_digit(window + limb, scaled, divisor_count, reciprocal);
        if (quotient != NULL)
            quotient[limb] = digit;
    }
    for (size_t limb = 0; limb < divisor_count; limb++) {
        uint64_t above = limb + 1 < divisor_count ? window[limb + 1] : 0;
        remainder->limbs[limb] =
            shift > 0 ? window[limb] >> shift | above << (64 - shift) : window[limb];
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
    u256 remainder;
    divide(NULL, &remainder, a->limbs, LIMBS, b);
    return remainder;
}

static bool is_negative(const u256 *value)
{
    return value->limbs[LIMBS - 1] >> 63 != 0;
}

static u256 negate(const u256 *value)
{
    u256 zero = U256_ZERO;
    return u256_sub(&zero, value);
}

static u256 magnitude(const u256 *value)
{
    return is_negative(value) ? negate(value) : *value;
}

u256 u256_sdiv(const u256 *a, const u256 *b)
{
    u256 numerator = magnitude(a), denominator = magnitude(b);
    u256 quotient = u256_div(&numerator, &denominator);
    return is_negative(a) != is_negative(b) ? negate(&quotient) : quotient;
}

u256 u256_smod(const u256 *a, const u256 *b)
{
    u256 numerator = magnitude(a), denominator = magnitude(b);
    u256 remainder = u256_mod(&numerator, &denominator);
    return is_negative(a) ? negate(&remainder) : remainder;
}

u256 u256_addmod(const u256 *a, const u256 *b, const u256 *modulus)
{
    if (u256_is_zero(modulus))
        return U256_ZERO;
    u256 sum, reduced;
    uint64_t wide[LIMBS + 1];
    wide[LIMBS] = u256_add_overflows(a, b, &sum);
    if (u256_less(a, modulus) && u256_less(b, modulus)) {
        bool is_below = u256_sub_overflows(&sum, modulus, &reduced) && wide[LIMBS] == 0;
        return is_below ? sum : reduced;
    }
    memcpy(wide, sum.limbs, sizeof sum.limbs);
    divide(NULL, &reduced, wide, LIMBS + 1, modulus);
    return reduced;
}

u256 u256_mulmod(const u256 *a, const u256 *b, const u256 *modulus)
{
    if (u256_is_zero(modulus))
        return U256_ZERO;
    uint64_t product[2 * LIMBS];
    u256 remainder;
    multiply_full(product, a, b);
    divide(NULL, &remainder, product, 2 * LIMBS, modulus);
    return remainder;
}

u256 u256_exp(const u256 *base, const u256 *exponent)
{
    u256 result = U256_ONE;
    for (unsigned bit = u256_bit_length(exponent); bit-- > 0;) {
        result = u256_mul(&result, &result);
        if (exponent->limbs[bit / 64] >> (bit % 64) & 1)
            result = u256_mul(&result, base);
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

static bool is_shift_beyond(const u256 *bits)
{
    return !u256_fits_u64(bits) || bits->limbs[0] >= 256;
}

/* The 64 bits of `value` that start `bits` from the bottom of limb `index`; limbs outside the
 * number read as `fill`. */
static uint64_t limb_at(const u256 *value, size_t index, uint64_t fill)
{
    return index < LIMBS ? value->limbs[index] : fill;
}

u256 u256_shl(const u256 *value, const u256 *bits)
{
    if (is_shift_beyond(bits))
        return U256_ZERO;
    size_t limbs = bits->limbs[0] / 64;
    unsigned rest = bits->limbs[0] % 64;
    u256 result = U256_ZERO;
    for (size_t limb = limbs; limb < LIMBS; limb++) {
        uint64_t below = limb > limbs ? value->limbs[limb - limbs - 1] : 0;
        result.limbs[limb] = value->limbs[limb - limbs] << rest;
        if (rest > 0)
            result.limbs[limb] |= below >> (64 - rest);
    }
    return result;
}

static u256 shift_right(const u256 *value, uint64_t bits, uint64_t fill)
{
    size_t limbs = bits / 64;
    unsigned rest = bits % 64;
    u256 result;
    for (size_t limb = 0; limb < LIMBS; limb++) {
        result.limbs[limb] = limb_at(value, limb + limbs, fill) >> rest;
        if (rest > 0)
            result.limbs[limb] |= limb_at(value, limb + limbs + 1, fill) << (64 - rest);
    }
    return result;
}

u256 u256_shr(const u256 *value, const u256 *bits)
{
    return is_shift_beyond(bits) ? U256_ZERO : shift_right(value, bits->limbs[0], 0);
}

u256 u256_sar(const u256 *value, const u256 *bits)
{
    uint64_t fill = is_negative(value) ? UINT64_MAX : 0;
    if (is_shift_beyond(bits))
        return (u256){{fill, fill, fill, fill}};
    return shift_right(value, bits->limbs[0], fill);
}

u256 u256_signextend(const u256 *byte_index, const u256 *value)
{
    if (!u256_fits_u64(byte_index) || byte_index->limbs[0] >= 31)
        return *value;
    u256 unused_bits = u256_from_u64(248 - 8 * byte_index->limbs[0]);
    u256 shifted = u256_shl(value, &unused_bits);
    return u256_sar(&shifted, &unused_bits);
}

bool u256_signed_less(const u256 *a, const u256 *b)
{
    if (is_negative(a) != is_negative(b))
        return is_negative(a);
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
