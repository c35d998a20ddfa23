#include "vm/crypto/p256.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static EC_GROUP *curve; /* const once made, and shared */
static pthread_once_t made = PTHREAD_ONCE_INIT;

/* What fails here for any input is out of memory or a broken library: an answer would split a
 * ledger, so it ends the process. */
static void must(bool is_good)
{
    if (is_good)
        return;
    fprintf(stderr, "OpenSSL cannot compute on P-256: out of memory, or without this curve\n");
    abort();
}

static void make_curve(void)
{
    curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    must(curve != NULL);
}

struct numbers {
    BIGNUM *digest, *r, *s, *x, *y; /* from the input */
    BIGNUM *u1, *u2;
};

static void read_numbers(struct numbers *numbers, const uint8_t check[P256_CHECK_SIZE],
                         BN_CTX *context)
{
    BIGNUM **const fields[] = {&numbers->digest, &numbers->r, &numbers->s, &numbers->x,
                               &numbers->y};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        *fields[i] = BN_CTX_get(context);
        must(*fields[i] != NULL && BN_bin2bn(check + 32 * i, 32, *fields[i]) != NULL);
    }
    numbers->u1 = BN_CTX_get(context);
    numbers->u2 = BN_CTX_get(context);
    must(numbers->u2 != NULL); /* BN_CTX_get() goes on failing once it has failed */
}

static bool are_in_range(const struct numbers *numbers)
{
    const BIGNUM *order = EC_GROUP_get0_order(curve), *field = EC_GROUP_get0_field(curve);
    return !BN_is_zero(numbers->r) && BN_cmp(numbers->r, order) < 0 && !BN_is_zero(numbers->s)
           && BN_cmp(numbers->s, order) < 0 && BN_cmp(numbers->x, field) < 0
           && BN_cmp(numbers->y, field) < 0;
}

/* FIPS 186-5, 6.4.2: the x of (digest G + r key) / s is r, modulo the order. */
static bool is_signed(struct numbers *numbers, EC_POINT *key, BN_CTX *context)
{
    const BIGNUM *order = EC_GROUP_get0_order(curve);
    if (!EC_POINT_set_affine_coordinates(curve, key, numbers->x, numbers->y, context)) {
        ERR_clear_error();
        return false; /* not on the curve */
    }
    must(BN_mod_inverse(numbers->s, numbers->s, order, context) != NULL
         && BN_mod_mul(numbers->u1, numbers->digest, numbers->s, order, context)
         && BN_mod_mul(numbers->u2, numbers->r, numbers->s, order, context)
         && EC_POINT_mul(curve, key, numbers->u1, key, numbers->u2, context));
    if (EC_POINT_is_at_infinity(curve, key))
        return false;
    must(EC_POINT_get_affine_coordinates(curve, key, numbers->x, NULL, context)
         && BN_nnmod(numbers->x, numbers->x, order, context));
    return BN_cmp(numbers->x, numbers->r) == 0;
}

bool p256_verify(const uint8_t check[P256_CHECK_SIZE])
{
    struct numbers numbers;
    pthread_once(&made, make_curve);
    BN_CTX *context = BN_CTX_new();
    EC_POINT *key = EC_POINT_new(curve);
    must(context != NULL && key != NULL);
    BN_CTX_start(context);
    read_numbers(&numbers, check, context);
    bool is_good = are_in_range(&numbers) && is_signed(&numbers, key, context);
    BN_CTX_end(context);
    BN_CTX_free(context);
    EC_POINT_free(key);
    return is_good;
}
