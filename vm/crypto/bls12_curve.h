/* BLS12-381's two curves: y^2 = x^3 + 4 over bls12_fp, and y^2 = x^3 + 4 (1 + u) over bls12_fp2.
 *
 * On each the group that pairings are about, G1 and G2, is the subgroup of prime order r; a point
 * of the curve need not be in it. Sums work for all points of the curve, multiples by bls12_*_msm()
 * for those of the subgroup only. The functions' bodies are the same for both curves: they are
 * in bls12_curve.inc and bls12_msm.inc, which bls12_g1.c and bls12_g2.c include. Outputs may be
 * the same object as inputs. */
#ifndef VM_CRYPTO_BLS12_CURVE_H
#define VM_CRYPTO_BLS12_CURVE_H
#include <stddef.h>

#include "vm/base/u256.h"
#include "vm/crypto/bls12_fp2.h"

#define BLS12_X 0xd201000000010000u /* the curve family's parameter is minus this */

extern const u256 BLS12_ORDER; /* r */

/* `_affine` are coordinates, meaningless where `infinity`; the other is Jacobian: (x / z^2,
 * y / z^3), infinity where z is zero.
 *
 * mul_by_x: times BLS12_X. clear_cofactor: the point of the subgroup that RFC 9380 has for a point
 * of the curve. msm: the sum of scalars[i] * points[i], for points of the subgroup and any numbers;
 * it takes memory for the time of the call, at most ten kilobytes a point and 600 besides. */
#define BLS12_DECLARE_CURVE(name, field)                                                     \
    typedef struct {                                                                         \
        field x, y;                                                                          \
        bool infinity;                                                                       \
    } name##_affine;                                                                         \
    typedef struct {                                                                         \
        field x, y, z;                                                                       \
    } name;                                                                                  \
    extern const name##_affine name##_GENERATOR; /* of the subgroup, EIP-2537's H1 and H2 */ \
    void name##_from_affine(name *out, const name##_affine *a);                              \
    void name##_to_affine(name##_affine *out, const name *a);                                \
    bool name##_is_infinity(const name *a);                                                  \
    bool name##_equal(const name *a, const name *b);                                         \
    bool name##_is_on_curve(const name##_affine *a);                                         \
    bool name##_is_in_subgroup(const name##_affine *a); /* `a` is on the curve */            \
    void name##_neg(name *out, const name *a);                                               \
    void name##_double(name *out, const name *a);                                            \
    void name##_add(name *out, const name *a, const name *b);                                \
    void name##_add_affine(name *out, const name *a, const name##_affine *b);                \
    void name##_mul_by_x(name *out, const name *a);                                          \
    void name##_clear_cofactor(name *out, const name *a);                                    \
    void name##_msm(name *out, const name##_affine *points, const u256 *scalars, size_t count)

BLS12_DECLARE_CURVE(bls12_g1, bls12_fp);
BLS12_DECLARE_CURVE(bls12_g2, bls12_fp2);
#endif
