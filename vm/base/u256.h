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

#define U256_ZERO ((u256){{0, 0, 0, 0}})
#define U256_ONE  ((u256){{1, 0, 0, 0}})

static inline u256 u256_from_u64(uint64_t value)
{
    return (u256){{value, 0, 0, 0}};
}

/* Big-endian bytes; `size` at most 32, shorter means leading zeros. */
u256 u256_load_be(const uint8_t *bytes, size_t size);
void u256_store_be(uint8_t out[32], const u256 *value);
u256 u256_from_hash(const hash256 *hash);
hash256 u256_to_hash(const u256 *value);
u256 u256_from_address(const address *account);
address u256_to_address(const u256 *value); /* the low 160 bits */

bool u256_is_zero(const u256 *value);
bool u256_equal(const u256 *a, const u256 *b);
int u256_compare(const u256 *a, const u256 *b); /* < 0, 0, > 0, unsigned */
bool u256_less(const u256 *a, const u256 *b);
bool u256_fits_u64(const u256 *value);
unsigned u256_bit_length(const u256 *value);  /* 0 for zero, at most 256 */
unsigned u256_byte_length(const u256 *value); /* 0 for zero, at most 32 */

u256 u256_add(const u256 *a, const u256 *b);
u256 u256_sub(const u256 *a, const u256 *b);
u256 u256_mul(const u256 *a, const u256 *b);
bool u256_add_overflows(const u256 *a, const u256 *b, u256 *out); /* out is the wrapped sum */
bool u256_sub_overflows(const u256 *a, const u256 *b, u256 *out);
bool u256_mul_overflows(const u256 *a, const u256 *b, u256 *out);
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
u256 u256_shl(const u256 *value, const u256 *bits);
u256 u256_shr(const u256 *value, const u256 *bits);
u256 u256_sar(const u256 *value, const u256 *bits);
u256 u256_signextend(const u256 *byte_index, const u256 *value);
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
#endif
