#include "vm/crypto/bn254.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/vm/crypto/seeded.h"
#include "vm/base/hex.h"
#include "vm/crypto/bn254_pairing.h"

/* The generators (EIPs 196 and 197); of the twist's, imaginary parts stand first. */
#define ONE_WORD     "0000000000000000000000000000000000000000000000000000000000000001"
#define TWO_WORD     "0000000000000000000000000000000000000000000000000000000000000002"
#define ZERO_WORD    "0000000000000000000000000000000000000000000000000000000000000000"
#define P_WORD       "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47"
#define ONE_PLUS_P   "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd48"
#define G1_HEX       ONE_WORD TWO_WORD
#define INFINITY_HEX ZERO_WORD ZERO_WORD
#define G2_HEX                                                         \
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2" \
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed" \
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b" \
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"

static struct buffer bytes_of_hex(const char *hex)
{
    struct buffer bytes = {0};
    size_t size = strlen(hex) / 2;
    cr_assert(hex_decode(buffer_extend(&bytes, size), size, hex), "%s", hex);
    return bytes;
}

typedef bool operation(struct bytes input, struct buffer *output);

static void expect(operation *run, const char *input_hex, const char *output_hex)
{
    struct buffer input = bytes_of_hex(input_hex), expected = bytes_of_hex(output_hex);
    struct buffer output = {0};
    cr_expect(run(buffer_view(&input), &output), "%s", input_hex);
    cr_expect(bytes_equal(buffer_view(&output), buffer_view(&expected)), "%s", input_hex);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
    buffer_cleanup(&expected);
}

static void refuse(operation *run, const char *input_hex)
{
    struct buffer input = bytes_of_hex(input_hex), output = {0};
    cr_expect(!run(buffer_view(&input), &output), "%s", input_hex);
    cr_expect_eq(output.size, 0);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
}

/* ---- Addition and multiplication ---- */

static bn_g1 generator(void)
{
    bn_g1 point;
    struct buffer bytes = bytes_of_hex(G1_HEX);
    cr_assert(bn_g1_decode(&point, bytes.data));
    buffer_cleanup(&bytes);
    return point;
}

static bool same(const bn_g1 *a, const bn_g1 *b)
{
    return bn_fp_equal(&a->x, &b->x) && bn_fp_equal(&a->y, &b->y);
}

static bn_g1 opposite(bn_g1 point)
{
    bn_fp_neg(&point.y, &point.y);
    return point;
}

/* By additions alone, which share no formula with bn_g1_mul(). */
static bn_g1 slow_multiple(const bn_g1 *point, const u256 *scalar)
{
    bn_g1 sum = {0};
    for (unsigned bit = 256; bit-- > 0;) {
        bn_g1_add(&sum, &sum, &sum);
        if (scalar->limbs[bit / 64] >> (bit % 64) & 1)
            bn_g1_add(&sum, &sum, point);
    }
    return sum;
}

#define TWICE_G1                                                       \
    "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3" \
    "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4"
#define MINUS_G1 \
    ONE_WORD     \
    "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45"

Test(bn254, adds_known_points)
{
    expect(bn254_add, G1_HEX G1_HEX, TWICE_G1);
    expect(bn254_add, G1_HEX MINUS_G1, INFINITY_HEX);
    expect(bn254_add, G1_HEX INFINITY_HEX, G1_HEX);
    expect(bn254_add, INFINITY_HEX G1_HEX, G1_HEX);
    expect(bn254_add, INFINITY_HEX INFINITY_HEX, INFINITY_HEX);
    expect(bn254_add, "", INFINITY_HEX);             /* missing bytes are zero */
    expect(bn254_add, G1_HEX "00", G1_HEX);          /* likewise */
    expect(bn254_add, G1_HEX G1_HEX "ff", TWICE_G1); /* more bytes are cut */
    expect(bn254_multiply, G1_HEX TWO_WORD, TWICE_G1);
    expect(bn254_multiply, G1_HEX TWO_WORD "ff", TWICE_G1);
    expect(bn254_multiply, G1_HEX, INFINITY_HEX);
    expect(bn254_multiply, "", INFINITY_HEX);
    expect(bn254_multiply, INFINITY_HEX P_WORD, INFINITY_HEX);
}

/* Coordinates of p or more stand for nothing, even where their remainder would do. */
Test(bn254, refuses_what_is_no_point)
{
    refuse(bn254_add, ONE_WORD ONE_WORD G1_HEX);
    refuse(bn254_add, G1_HEX ONE_WORD ONE_WORD);
    refuse(bn254_add, ONE_PLUS_P TWO_WORD);
    refuse(bn254_add, P_WORD P_WORD);
    refuse(bn254_add, ZERO_WORD P_WORD);
    refuse(bn254_add, ZERO_WORD ONE_WORD);
    refuse(bn254_multiply, ONE_WORD ONE_WORD TWO_WORD);
    refuse(bn254_multiply, ONE_PLUS_P TWO_WORD TWO_WORD);
    refuse(bn254_multiply, ONE_WORD "01");
}

Test(bn254, multiplies_as_repeated_additions_do)
{
    struct seeded random = seeded_new();
    bn_g1 point = generator();
    for (unsigned round = 0; round < 40; round++) {
        u256 scalar = seeded_word(&random), bits = u256_from_u64(seeded_u64(&random) % 256);
        if (round % 2 == 1)
            scalar = u256_shr(&scalar, &bits);
        bn_g1 expected = slow_multiple(&point, &scalar), got;
        bn_g1_mul(&got, &point, &scalar);
        cr_assert(same(&got, &expected), SEED_FORMAT " round %u", SEED_OF(random), round);
        point = bn_g1_is_infinity(&got) ? point : got;
    }
}

/* Scalars around 0, the order and its multiples, and lambda, by which the halves are split. */
Test(bn254, multiplies_by_scalars_at_the_edges)
{
    static const u256 lambda = {{UINT64_C(0x8b17ea66b99c90dd), UINT64_C(0x5bfc41088d8daaa7),
                                 UINT64_C(0xb3c4d79d41a91758), 0}};
    const u256 all_ones = u256_not(&U256_ZERO);
    const bn_g1 point = generator();
    const u256 twice = u256_add(&BN_ORDER, &BN_ORDER), lambda2 = u256_add(&lambda, &lambda);
    const u256 middles[] = {U256_ZERO, BN_ORDER, twice, lambda, lambda2, all_ones};
    for (size_t i = 0; i < sizeof middles / sizeof *middles; i++) {
        for (uint64_t step = 0; step < 9; step++) {
            const u256 offset = u256_from_u64(step), four = u256_from_u64(4);
            u256 scalar = u256_add(&middles[i], &offset);
            scalar = u256_sub(&scalar, &four);
            bn_g1 expected = slow_multiple(&point, &scalar), got;
            bn_g1_mul(&got, &point, &scalar);
            cr_assert(same(&got, &expected), "middle %zu step %d", i, (int)step - 4);
        }
    }
    bn_g1 none;
    bn_g1_mul(&none, &point, &BN_ORDER);
    cr_expect(bn_g1_is_infinity(&none));
}

/* ---- Pairing ---- */

static bn_g2 twist_generator(void)
{
    bn_g2 point;
    struct buffer bytes = bytes_of_hex(G2_HEX);
    cr_assert(bn_g2_decode(&point, bytes.data));
    buffer_cleanup(&bytes);
    return point;
}

static void twist_add(bn_g2 *out, const bn_g2 *a, const bn_g2 *b)
{
    bn_fp2 slope, run, square;
    bn_g2 sum;
    if (bn_g2_is_infinity(a) || bn_g2_is_infinity(b)) {
        *out = bn_g2_is_infinity(a) ? *b : *a;
        return;
    }
    if (bn_fp2_equal(&a->x, &b->x)) {
        bn_fp2_add(&run, &a->y, &b->y);
        if (bn_fp2_is_zero(&run)) {
            *out = (bn_g2){0};
            return;
        }
        bn_fp2_square(&square, &a->x);
        bn_fp2_add(&slope, &square, &square);
        bn_fp2_add(&slope, &slope, &square);
    } else {
        bn_fp2_sub(&slope, &b->y, &a->y);
        bn_fp2_sub(&run, &b->x, &a->x);
    }
    bn_fp2_invert(&run, &run);
    bn_fp2_mul(&slope, &slope, &run);
    bn_fp2_square(&sum.x, &slope);
    bn_fp2_sub(&sum.x, &sum.x, &a->x);
    bn_fp2_sub(&sum.x, &sum.x, &b->x);
    bn_fp2_sub(&sum.y, &a->x, &sum.x);
    bn_fp2_mul(&sum.y, &sum.y, &slope);
    bn_fp2_sub(&sum.y, &sum.y, &a->y);
    *out = sum;
}

static bn_g2 twist_multiple(const bn_g2 *point, const u256 *scalar)
{
    bn_g2 sum = {0};
    for (unsigned bit = 256; bit-- > 0;) {
        twist_add(&sum, &sum, &sum);
        if (scalar->limbs[bit / 64] >> (bit % 64) & 1)
            twist_add(&sum, &sum, point);
    }
    return sum;
}

static void append_pair(struct buffer *input, const bn_g1 *point, const bn_g2 *twist_point)
{
    uint8_t bytes[BN254_PAIR_SIZE];
    bn_g1_encode(bytes, point);
    bn_fp_encode(bytes + 64, &twist_point->x.b);
    bn_fp_encode(bytes + 96, &twist_point->x.a);
    bn_fp_encode(bytes + 128, &twist_point->y.b);
    bn_fp_encode(bytes + 160, &twist_point->y.a);
    buffer_append(input, bytes, sizeof bytes);
}

static bool is_one(struct buffer *input)
{
    struct buffer output = {0};
    cr_assert(bn254_pairing(buffer_view(input), &output));
    cr_assert_eq(output.size, 32);
    cr_assert_leq(output.data[31], 1);
    bool answer = output.data[31] == 1;
    buffer_cleanup(&output);
    return answer;
}

Test(bn254, pairs_known_points)
{
    expect(bn254_pairing, "", ONE_WORD);
    expect(bn254_pairing, G1_HEX G2_HEX, ZERO_WORD);
    expect(bn254_pairing, G1_HEX G2_HEX MINUS_G1 G2_HEX, ONE_WORD);
    expect(bn254_pairing, G1_HEX G2_HEX G1_HEX G2_HEX, ZERO_WORD);
    expect(bn254_pairing, INFINITY_HEX G2_HEX, ONE_WORD);
    expect(bn254_pairing, G1_HEX INFINITY_HEX INFINITY_HEX, ONE_WORD);
    expect(bn254_pairing, INFINITY_HEX INFINITY_HEX INFINITY_HEX, ONE_WORD);
    expect(bn254_pairing, G1_HEX INFINITY_HEX INFINITY_HEX G1_HEX G2_HEX, ZERO_WORD);
    expect(bn254_pairing, G1_HEX G2_HEX INFINITY_HEX G2_HEX MINUS_G1 G2_HEX, ONE_WORD);
    refuse(bn254_pairing, "00");
    refuse(bn254_pairing, G1_HEX G2_HEX "00");
    refuse(bn254_pairing, ONE_WORD ONE_WORD G2_HEX);
    refuse(bn254_pairing, ONE_WORD ONE_WORD INFINITY_HEX INFINITY_HEX);
    refuse(bn254_pairing, G1_HEX P_WORD ZERO_WORD INFINITY_HEX);
    refuse(bn254_pairing, G1_HEX ONE_WORD ONE_WORD ONE_WORD ONE_WORD);
    refuse(bn254_pairing, INFINITY_HEX ONE_WORD ONE_WORD ONE_WORD ONE_WORD);
}

/* e(a P, b Q) e(c P, Q) is one for c = -a b, and for no other. */
Test(bn254, pairing_is_bilinear)
{
    struct seeded random = seeded_new();
    const bn_g1 p = generator();
    const bn_g2 q = twist_generator();
    for (unsigned round = 0; round < 6; round++) {
        const u256 a = seeded_word(&random), b = seeded_word(&random);
        const u256 ab = u256_mulmod(&a, &b, &BN_ORDER), other = u256_add(&ab, &U256_ONE);
        struct buffer input = {0};
        bn_g1 ap, abp;
        const bn_g2 bq = twist_multiple(&q, &b);
        bn_g1_mul(&ap, &p, &a);
        bn_g1_mul(&abp, &p, &ab);
        abp = opposite(abp);
        append_pair(&input, &ap, &bq);
        append_pair(&input, &abp, &q);
        cr_expect(is_one(&input), SEED_FORMAT, SEED_OF(random));
        buffer_clear(&input);
        bn_g1_mul(&abp, &p, &other);
        abp = opposite(abp);
        append_pair(&input, &ap, &bq);
        append_pair(&input, &abp, &q);
        cr_expect(!is_one(&input), SEED_FORMAT, SEED_OF(random));
        buffer_cleanup(&input);
    }
}

/* More pairs than are done at once, of which the last makes the product one. */
Test(bn254, pairs_any_number_of_points)
{
    const bn_g1 p = generator();
    const bn_g2 q = twist_generator();
    for (uint64_t count = BN_PAIRS_MAX - 2; count <= 2 * BN_PAIRS_MAX + 1; count += 3) {
        struct buffer input = {0};
        bn_g1 last;
        const u256 scalar = u256_from_u64(count);
        for (uint64_t i = 0; i < count; i++)
            append_pair(&input, &p, &q);
        cr_expect(!is_one(&input));
        bn_g1_mul(&last, &p, &scalar);
        last = opposite(last);
        append_pair(&input, &last, &q);
        cr_expect(is_one(&input), "%d pairs", (int)count + 1);
        buffer_cleanup(&input);
    }
}

/* Points of the twist: the first with x = k + u, what multiples of it are left in subgroups of other
 * orders (the cofactor is 10069 * 5864401 * a large prime), and one in G2 for comparison. */
static const char *const outside[] = {
    /* any order */
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "2b76c179599bb92a963dac85546a005a777f7c13f6a7b75d5918b6b5808f5fde"
    "101f7278419308b95099eca02dcee0c5381f4d26d1d62313f057167f064101ce",
    /* order 10069 */
    "1f1939a35248c05963dc28c492bd5496d0ee07203ed62a4646610343b7f519d1"
    "163b1e6d53c2b9384d7a50f52db7a5f3089a85d87695f7b4f0dfb367204e3d74"
    "05b7ee9fa25c610b779f046afe61bc518aac03cdfed3a82e1851d413bf4e56e1"
    "20616720904c4e3ec2056718d1a8fd28cb3978424461aec3ed1ee4534b60ca11",
    /* order 5864401 */
    "2f42ffc4baed89b71b752e0be813e0a1a9ad5e93ee9f72528373e52e65a33896"
    "29e8610c8789308c1c0ca7ee0cc0e07fbf63903d0dba55b477fc0733c50f5bce"
    "0582249d607fe0231130699b772c7a729348e80c1aeb3733c3a989188cb4dfdf"
    "25554c4c7c5d2f90f95408d1c70fc38319b4949b62fac6145d3614cebb30be04",
    /* order 10069 r */
    "100ecf2677a84f8e85dc16262b8bb3bdadacd079ea925508adcfdbf2c509d845"
    "08112f84e74affe024958fc7046274553784eb39690af61098a1dc97ca7303f0"
    "03795bdb3aa5dc8c92b41eb4a5c864669a4e2bb5f1b48976668af72bf4f22553"
    "2ea5923cb250af1c4b46295aa8bd819e613f2a9dcb120d84084b78976c2fe558",
    /* the cofactor's order */
    "0df07790e16e5e7aa7001ab738c21f9084bf5c693085e47f942fa0aad2a83207"
    "26ef37aea86e322b6c5d69c5e85fa82af327f489db750f2b017bf7592324f244"
    "1ce612c9d3ff4338c62b348c64d533e732615683faea8e6e9ce648f03b04ffc2"
    "1e573608f009c378624806e5ce79142df1652823838b3ffd58fb15f9444d8157",
};
#define INSIDE                                                         \
    "0cc52155d015f5bfe14a977f613d2d1fc2dd71966abf025a3dea3444afb7eeed" \
    "27d409ede13256511fb71acc9b73965ec3ee0cf9768aa74bfdaa33a3d1af123c" \
    "0c4e19e7e4f2445558334ade78c9e7a25e33d14a264c6e7764ca0d7899a981df" \
    "190aaa70c451efd5ff89aa542eedd6c7e897ab8af6cddfa401f3441593f8ec08"

static void expect_outside(const char *g1_hex, const char *twist_hex)
{
    char hex[2 * BN254_PAIR_SIZE + 1];
    snprintf(hex, sizeof hex, "%s%s", g1_hex, twist_hex);
    refuse(bn254_pairing, hex);
}

Test(bn254, refuses_points_of_the_twist_that_are_not_in_g2)
{
    expect(bn254_pairing, G1_HEX INSIDE, ZERO_WORD);
    expect(bn254_pairing, G1_HEX INSIDE MINUS_G1 INSIDE, ONE_WORD);
    expect(bn254_pairing, INFINITY_HEX INSIDE, ONE_WORD);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        struct buffer bytes = bytes_of_hex(outside[i]);
        bn_g2 point;
        cr_assert(bn_g2_decode(&point, bytes.data), "%zu is on the twist", i);
        bn_g2 multiple = twist_multiple(&point, &BN_ORDER);
        cr_assert(!bn_g2_is_infinity(&multiple), "%zu is not in G2", i);
        expect_outside(G1_HEX, outside[i]);
        expect_outside(INFINITY_HEX, outside[i]);
        buffer_cleanup(&bytes);
    }
}

/* Multiples of a point outside G2 lie outside, unless the cofactor divides; of one inside, inside. */
Test(bn254, tells_g2_from_the_rest_of_the_twist)
{
    struct seeded random = seeded_new();
    struct buffer bytes = bytes_of_hex(outside[0]);
    bn_g2 out_point, in_point = twist_generator();
    cr_assert(bn_g2_decode(&out_point, bytes.data));
    for (unsigned round = 0; round < 5; round++) {
        bn_fp12 product;
        const bn_g1 p = generator();
        const u256 scalar = seeded_word(&random);
        bn_g2 point = twist_multiple(&out_point, &scalar);
        bn_g2 multiple = twist_multiple(&point, &BN_ORDER);
        bn_fp12_set_one(&product);
        cr_expect_eq(bn_pairing_multiply(&product, &p, &point, 1), bn_g2_is_infinity(&multiple),
                     SEED_FORMAT, SEED_OF(random));
        point = twist_multiple(&in_point, &scalar);
        cr_expect(bn_pairing_multiply(&product, &p, &point, 1), SEED_FORMAT, SEED_OF(random));
    }
    buffer_cleanup(&bytes);
}
