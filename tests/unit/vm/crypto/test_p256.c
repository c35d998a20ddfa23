#include "vm/crypto/p256.h"

#include <criterion/criterion.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "tests/unit/vm/crypto/seeded.h"
#include "vm/base/hex.h"

#define AT_DIGEST 0
#define AT_R      32
#define AT_S      64
#define AT_X      96
#define AT_Y      128

#define DIGEST "bb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023"
#define R      "2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
#define S      "4cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76"
#define X      "2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838"
#define Y      "c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e"
#define ORDER  "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define FIELD  "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define ZERO   "0000000000000000000000000000000000000000000000000000000000000000"

static bool verify(const char *digest, const char *r, const char *s, const char *x, const char *y)
{
    uint8_t check[P256_CHECK_SIZE];
    const char *const fields[] = {digest, r, s, x, y};
    for (size_t i = 0; i < 5; i++)
        cr_assert(hex_decode(check + 32 * i, 32, fields[i]));
    return p256_verify(check);
}

/* The first vector of EIP-7951, and what must not pass for it. */
Test(p256, known_answers)
{
    cr_expect(verify(DIGEST, R, S, X, Y));
    cr_expect(!verify(DIGEST, S, R, X, Y));
    cr_expect(!verify(ZERO, R, S, X, Y));
    cr_expect(!verify(DIGEST, ZERO, S, X, Y));
    cr_expect(!verify(DIGEST, R, ZERO, X, Y));
    cr_expect(!verify(DIGEST, ORDER, S, X, Y));
    cr_expect(!verify(DIGEST, R, ORDER, X, Y));
    cr_expect(!verify(DIGEST, FIELD, FIELD, X, Y));
    cr_expect(!verify(DIGEST, R, S, Y, X));
    cr_expect(!verify(DIGEST, R, S, ZERO, ZERO));
    cr_expect(!verify(DIGEST, R, S, FIELD, FIELD));
    cr_expect(!verify(DIGEST, R, S, X, FIELD));
}

/* ---- Signatures made for the purpose ---- */

static void store(uint8_t out[32], const BIGNUM *number)
{
    cr_assert_eq(BN_bn2binpad(number, out, 32), 32);
}

static void sign(uint8_t check[P256_CHECK_SIZE], EVP_PKEY *key)
{
    uint8_t der[100];
    size_t size = sizeof der;
    BIGNUM *x = NULL, *y = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    cr_assert(EVP_PKEY_sign_init(context) == 1
              && EVP_PKEY_sign(context, der, &size, check, 32) == 1);
    const uint8_t *next = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &next, (long)size);
    store(check + AT_R, ECDSA_SIG_get0_r(signature));
    store(check + AT_S, ECDSA_SIG_get0_s(signature));
    cr_assert(EVP_PKEY_get_bn_param(key, "qx", &x) && EVP_PKEY_get_bn_param(key, "qy", &y));
    store(check + AT_X, x);
    store(check + AT_Y, y);
    BN_free(x);
    BN_free(y);
    ECDSA_SIG_free(signature);
    EVP_PKEY_CTX_free(context);
}

/* What OpenSSL signs is good; with a single bit changed anywhere it is not. */
Test(p256, takes_signatures_and_nothing_near_them)
{
    struct seeded random = seeded_new();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    for (unsigned round = 0; round < 12; round++) {
        uint8_t check[P256_CHECK_SIZE];
        seeded_fill(&random, check, 32);
        if (round == 0)
            memset(check, 0xff, 32); /* above the order: reduced */
        sign(check, key);
        cr_expect(p256_verify(check));
        for (size_t byte = round; byte < sizeof check; byte += 16) {
            const uint8_t bit = (uint8_t)(1u << seeded_u64(&random) % 8);
            check[byte] ^= bit;
            cr_expect(!p256_verify(check), "byte %zu " SEED_FORMAT, byte, SEED_OF(random));
            check[byte] ^= bit;
        }
    }
    EVP_PKEY_free(key);
}

struct crafted {
    EC_GROUP *group;
    BN_CTX *context;
    BIGNUM *digest, *r, *s, *x, *y;
    EC_POINT *key;
};

static void crafted_init(struct crafted *crafted)
{
    crafted->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    crafted->context = BN_CTX_new();
    crafted->key = EC_POINT_new(crafted->group);
    BIGNUM **const numbers[] = {&crafted->digest, &crafted->r, &crafted->s, &crafted->x,
                                &crafted->y};
    for (size_t i = 0; i < 5; i++)
        *numbers[i] = BN_new();
}

static void crafted_cleanup(struct crafted *crafted)
{
    BIGNUM *const numbers[] = {crafted->digest, crafted->r, crafted->s, crafted->x, crafted->y};
    for (size_t i = 0; i < 5; i++)
        BN_free(numbers[i]);
    EC_POINT_free(crafted->key);
    BN_CTX_free(crafted->context);
    EC_GROUP_free(crafted->group);
}

static bool crafted_verify(struct crafted *crafted)
{
    uint8_t check[P256_CHECK_SIZE];
    cr_assert(EC_POINT_get_affine_coordinates(crafted->group, crafted->key, crafted->x, crafted->y,
                                              crafted->context));
    store(check + AT_DIGEST, crafted->digest);
    store(check + AT_R, crafted->r);
    store(check + AT_S, crafted->s);
    store(check + AT_X, crafted->x);
    store(check + AT_Y, crafted->y);
    return p256_verify(check);
}

/* A point whose x is the order or more, for which r is x less the order: s R = e G + r Q gives
 * the key Q = (s R - e G) / r. */
Test(p256, reduces_the_points_x_by_the_order)
{
    struct crafted crafted;
    crafted_init(&crafted);
    const BIGNUM *order = EC_GROUP_get0_order(crafted.group);
    EC_POINT *point = EC_POINT_new(crafted.group);
    cr_assert(BN_copy(crafted.x, order) && BN_add_word(crafted.x, 1));
    while (
        !EC_POINT_set_compressed_coordinates(crafted.group, point, crafted.x, 0, crafted.context))
        cr_assert(BN_add_word(crafted.x, 1));
    BN_sub(crafted.r, crafted.x, order);
    BN_set_word(crafted.digest, 12345);
    BN_set_word(crafted.s, 6789);
    BIGNUM *inverse = BN_mod_inverse(NULL, crafted.r, order, crafted.context);
    BIGNUM *share = BN_new();
    cr_assert(BN_mod_mul(share, crafted.digest, inverse, order, crafted.context));
    BN_sub(share, order, share);
    cr_assert(BN_mod_mul(inverse, inverse, crafted.s, order, crafted.context));
    cr_assert(EC_POINT_mul(crafted.group, crafted.key, share, point, inverse, crafted.context));
    cr_expect(crafted_verify(&crafted));
    BN_add_word(crafted.r, 1);
    cr_expect(!crafted_verify(&crafted));
    BN_free(inverse);
    BN_free(share);
    EC_POINT_free(point);
    crafted_cleanup(&crafted);
}

/* e = -r d for the key d G: the sum is the point at infinity, which has no x. */
Test(p256, refuses_the_point_at_infinity)
{
    struct crafted crafted;
    crafted_init(&crafted);
    const BIGNUM *order = EC_GROUP_get0_order(crafted.group);
    BN_set_word(crafted.r, 1000);
    BN_set_word(crafted.s, 77);
    BN_set_word(crafted.x, 5); /* d */
    BN_set_word(crafted.digest, 5000);
    BN_sub(crafted.digest, order, crafted.digest);
    cr_assert(EC_POINT_mul(crafted.group, crafted.key, crafted.x, NULL, NULL, crafted.context));
    cr_expect(!crafted_verify(&crafted));
    crafted_cleanup(&crafted);
}
