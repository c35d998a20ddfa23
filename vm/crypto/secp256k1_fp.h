/* The field under the curve secp256k1 (SEC 2, section 2.4.1): integers modulo
 * p = 2^256 - 2^32 - 977.
 *
 * Any four limbs stand for a number: those from p up to 2^256 for the number less p, so that
 * sums and products need no comparison with p. Nothing here is for secrets: nothing is done in
 * constant time. Every `out` may be one of the inputs. */
#ifndef VM_CRYPTO_SECP256K1_FP_H
#define VM_CRYPTO_SECP256K1_FP_H
#include "vm/base/u256.h"
#include "vm/crypto/limbs.h"

typedef struct {
    uint64_t limbs[4];
} secp_fp;

#define SECP_FP_ONE ((secp_fp){{1, 0, 0, 0}})

extern const u256 SECP_FIELD; /* p */

/* 2^256 modulo p: what a carry out of the fourth limb is worth. */
#define SECP_FOLD UINT64_C(0x1000003d1)

void secp_fp_mul(secp_fp *out, const secp_fp *a, const secp_fp *b);
void secp_fp_square(secp_fp *out, const secp_fp *value);
void secp_fp_invert(secp_fp *out, const secp_fp *value); /* `value` is not zero */
/* False, and `out` is of no use, where `value` is no square. Which of the two is not said. */
bool secp_fp_sqrt(secp_fp *out, const secp_fp *value);
/* The number below p. */
u256 secp_fp_number(const secp_fp *value);

/* A carry is folded by adding its worth. That carries again only where both numbers are p or
 * above, and then leaves a first limb that the second fold cannot overflow. */
static inline void secp_fp_add(secp_fp *out, const secp_fp *a, const secp_fp *b)
{
    secp_fp sum;
    const uint64_t fold[4] = {-limbs_add(sum.limbs, a->limbs, b->limbs) & SECP_FOLD};
    if (__builtin_expect(limbs_add(sum.limbs, sum.limbs, fold) != 0, false))
        sum.limbs[0] += SECP_FOLD;
    *out = sum;
}

/* A difference borrows again only where `b` is above p and `a` below SECP_FOLD, and then leaves a
 * first limb that the second cannot take below 0. */
static inline void secp_fp_sub(secp_fp *out, const secp_fp *a, const secp_fp *b)
{
    secp_fp difference;
    const uint64_t fold[4] = {limbs_sub(difference.limbs, a->limbs, b->limbs) & SECP_FOLD};
    if (__builtin_expect(limbs_sub(difference.limbs, difference.limbs, fold) != 0, false))
        difference.limbs[0] -= SECP_FOLD;
    *out = difference;
}

static inline void secp_fp_neg(secp_fp *out, const secp_fp *value)
{
    secp_fp_sub(out, &(secp_fp){{0}}, value);
}

/* An odd number is made even by adding p, which may carry into a 257th bit. */
static inline void secp_fp_halve(secp_fp *out, const secp_fp *value)
{
    const uint64_t odd = -(value->limbs[0] & 1);
    const uint64_t less[4] = {SECP_FOLD & odd};
    secp_fp even;
    uint64_t above = ~limbs_sub(even.limbs, value->limbs, less) & odd;
    for (unsigned i = 4; i-- > 0;) {
        out->limbs[i] = even.limbs[i] >> 1 | above << 63;
        above = even.limbs[i];
    }
}

static inline bool secp_fp_is_zero(const secp_fp *value)
{
    const uint64_t *v = value->limbs;
    return (v[0] | v[1] | v[2] | v[3]) == 0
           || (v[0] == -SECP_FOLD && (v[1] & v[2] & v[3]) == UINT64_MAX);
}
#endif
