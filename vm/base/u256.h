/* 256-bit unsigned integers: four 64-bit limbs, least significant first, no heap.
 *
 * Arithmetic wraps modulo 2^256 on purpose, as the EVM's does; where a wrap would be a fault
 * the caller uses the *_overflows forms. Big-endian exists only at the edge: load and store. */
#ifndef VM_BASE_U256_H
#define VM_BASE_U256_H
#include "vm/base/bytes.h"

typedef struct {
    uint64_t limbs[4];
} u256;

/* __int128 is an extension that gcc and clang have on every 64-bit target. */
__extension__ typedef unsigned __int128 u256_limb_pair;

#define U256_ZERO ((u256){{0, 0, 0, 0}})
#define U256_ONE  ((u256){{1, 0, 0, 0}})

static inline u256 u256_from_u64(uint64_t value)
{
    return (u256){{value, 0, 0, 0}};
}

/* A limb from or to eight big-endian bytes, wherever they lie. */
static inline uint64_t u256_limb_load_be(const uint8_t *bytes)
{
    uint64_t limb;
    memcpy(&limb, bytes, sizeof limb);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    limb = __builtin_bswap64(limb);
#endif
    return limb;
}

static inline void u256_limb_store_be(uint8_t *out, uint64_t limb)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    limb = __builtin_bswap64(limb);
#endif
    memcpy(out, &limb, sizeof limb);
}

/* Big-endian bytes; `size` at most 32, shorter means leading zeros. */
u256 u256_load_be(const uint8_t *bytes, size_t size);
void u256_store_be(uint8_t out[32], const u256 *value);

static inline u256 u256_from_address(const address *account)
{
    const uint8_t *bytes = account->bytes;
    return (u256){{u256_limb_load_be(bytes + 12), u256_limb_load_be(bytes + 4),
                   u256_limb_load_be(bytes) >> 32, 0}};
}

static inline u256 u256_from_hash(const hash256 *hash)
{
    const uint8_t *bytes = hash->bytes;
    return (u256){{u256_limb_load_be(bytes + 24), u256_limb_load_be(bytes + 16),
                   u256_limb_load_be(bytes + 8), u256_limb_load_be(bytes)}};
}

static inline hash256 u256_to_hash(const u256 *value)
{
    hash256 hash;
    for (size_t limb = 0; limb < 4; limb++)
        u256_limb_store_be(hash.bytes + 8 * limb, value->limbs[3 - limb]);
    return hash;
}

/* The low 160 bits. */
static inline address u256_to_address(const u256 *value)
{
    address account;
    uint32_t top = (uint32_t)value->limbs[2];
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    top = __builtin_bswap32(top);
#endif
    memcpy(account.bytes, &top, sizeof top);
    u256_limb_store_be(account.bytes + 4, value->limbs[1]);
    u256_limb_store_be(account.bytes + 12, value->limbs[0]);
    return account;
}

static inline bool u256_is_zero(const u256 *value)
{
    return (value->limbs[0] | value->limbs[1] | value->limbs[2] | value->limbs[3]) == 0;
}

static inline bool u256_fits_u64(const u256 *value)
{
    return (value->limbs[1] | value->limbs[2] | value->limbs[3]) == 0;
}

static inline bool u256_equal(const u256 *a, const u256 *b)
{
    return ((a->limbs[0] ^ b->limbs[0]) | (a->limbs[1] ^ b->limbs[1]) | (a->limbs[2] ^ b->limbs[2])
            | (a->limbs[3] ^ b->limbs[3]))
           == 0;
}

int u256_compare(const u256 *a, const u256 *b); /* < 0, 0, > 0, unsigned */
bool u256_less(const u256 *a, const u256 *b);
unsigned u256_bit_length(const u256 *value);  /* 0 for zero, at most 256 */
unsigned u256_byte_length(const u256 *value); /* 0 for zero, at most 32 */

u256 u256_add(const u256 *a, const u256 *b);
u256 u256_sub(const u256 *a, const u256 *b);
bool u256_add_overflows(const u256 *a, const u256 *b, u256 *out); /* out is the wrapped sum */
bool u256_sub_overflows(const u256 *a, const u256 *b, u256 *out);
bool u256_mul_overflows(const u256 *a, const u256 *b, u256 *out);
u256 u256_mul_high(const u256 *a, const u256 *b); /* a b / 2^256, rounded down */
/* Division and remainder by zero are zero, as in the EVM. */
u256 u256_div(const u256 *a, const u256 *b);
u256 u256_mod(const u256 *a, const u256 *b);
u256 u256_sdiv(const u256 *a, const u256 *b);
u256 u256_smod(const u256 *a, const u256 *b);
u256 u256_addmod(const u256 *a, const u256 *b, const u256 *modulus);
u256 u256_mulmod(const u256 *a, const u256 *b, const u256 *modulus);
u256 u256_exp(const u256 *base, const u256 *exponent);

u256 u256_and(const u256 *a, const u256 *b);
u256 u256_or(const u256 *a, const u256 *b);
u256 u256_xor(const u256 *a, const u256 *b);
u256 u256_not(const u256 *a);
bool u256_signed_less(const u256 *a, const u256 *b);

/* Decimal digits, nothing else; false when empty, not a digit, or over 2^256 - 1. */
bool u256_parse_decimal(u256 *out, const char *text, size_t text_size);
/* "0x" and 1 to 64 digits of either case; leading zeros are accepted. */
bool u256_parse_hex(u256 *out, const char *text, size_t text_size);
#define U256_DECIMAL_SIZE 79 /* 78 digits and the final zero */
void u256_format_decimal(char out[U256_DECIMAL_SIZE], const u256 *value);
#define U256_HEX_SIZE 67 /* "0x", 64 digits, final zero */
/* An RPC quantity: "0x0", "0x1f", no leading zeros. */
void u256_format_quantity(char out[U256_HEX_SIZE], const u256 *value);

/* ---- What the machine's loop does without a call ---- */

static inline bool u256_is_negative(const u256 *value)
{
    return value->limbs[3] >> 63 != 0;
}

static inline u256 u256_mul(const u256 *a, const u256 *b)
{
    const uint64_t *x = a->limbs, *y = b->limbs;
    u256_limb_pair p00 = (u256_limb_pair)x[0] * y[0];
    u256_limb_pair p01 = (u256_limb_pair)x[0] * y[1];
    u256_limb_pair p10 = (u256_limb_pair)x[1] * y[0];
    u256_limb_pair p02 = (u256_limb_pair)x[0] * y[2];
    u256_limb_pair p11 = (u256_limb_pair)x[1] * y[1];
    u256_limb_pair p20 = (u256_limb_pair)x[2] * y[0];
    uint64_t p3 = x[0] * y[3] + x[1] * y[2] + x[2] * y[1] + x[3] * y[0];

    /* Carries beyond the upper pair of limbs are beyond the result too. */
    u256_limb_pair second = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
    u256_limb_pair upper = p02 + p11 + p20 + (p01 >> 64) + (p10 >> 64) + (second >> 64);
    return (u256){{(uint64_t)p00, (uint64_t)second, (uint64_t)upper, (uint64_t)(upper >> 64) + p3}};
}

static inline bool u256_is_shift_beyond(const u256 *bits)
{
    return !u256_fits_u64(bits) || bits->limbs[0] >= 256;
}

/* The upper limb of two shifted left as one number; `bits`, below 64, may be 0. */
static inline uint64_t u256_shifted_up(uint64_t above, uint64_t below, unsigned bits)
{
    return above << bits | below >> 1 >> (63 - bits);
}

/* Whole limbs by where we read, the rest by shifting pairs: no branch depends on the bits. */
static inline u256 u256_shl(const u256 *value, const u256 *bits)
{
    if (u256_is_shift_beyond(bits))
        return U256_ZERO;
    const uint64_t *limbs = value->limbs;
    uint64_t window[8] = {0, 0, 0, 0, limbs[0], limbs[1], limbs[2], limbs[3]};
    const uint64_t *from = window + 4 - bits->limbs[0] / 64;
    unsigned rest = bits->limbs[0] % 64;
    return (u256){{from[0] << rest, u256_shifted_up(from[1], from[0], rest),
                   u256_shifted_up(from[2], from[1], rest),
                   u256_shifted_up(from[3], from[2], rest)}};
}

/* By less than 256 bits; what comes in at the top is `fill`. */
static inline u256 u256_shift_right(const u256 *value, uint64_t bits, uint64_t fill)
{
    const uint64_t *limbs = value->limbs;
    uint64_t window[8] = {limbs[0], limbs[1], limbs[2], limbs[3], fill, fill, fill, fill};
    const uint64_t *from = window + bits / 64;
    unsigned rest = bits % 64;
    return (u256){{from[0] >> rest | from[1] << 1 << (63 - rest),
                   from[1] >> rest | from[2] << 1 << (63 - rest),
                   from[2] >> rest | from[3] << 1 << (63 - rest),
                   from[3] >> rest | from[4] << 1 << (63 - rest)}};
}

static inline u256 u256_shr(const u256 *value, const u256 *bits)
{
    return u256_is_shift_beyond(bits) ? U256_ZERO : u256_shift_right(value, bits->limbs[0], 0);
}

static inline u256 u256_sar(const u256 *value, const u256 *bits)
{
    uint64_t fill = u256_is_negative(value) ? UINT64_MAX : 0;
    return u256_shift_right(value, u256_is_shift_beyond(bits) ? 255 : bits->limbs[0], fill);
}

static inline u256 u256_signextend(const u256 *byte_index, const u256 *value)
{
    if (!u256_fits_u64(byte_index) || byte_index->limbs[0] >= 31)
        return *value;
    u256 unused_bits = u256_from_u64(248 - 8 * byte_index->limbs[0]);
    u256 shifted = u256_shl(value, &unused_bits);
    return u256_sar(&shifted, &unused_bits);
}
#endif
