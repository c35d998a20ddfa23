#include "vm/crypto/bn254.h"

#include "vm/crypto/bn254_pairing.h"

#define POINT_SIZE 64

static void copy_padded(uint8_t *out, size_t size, struct bytes input)
{
    size_t taken = input.size < size ? input.size : size;
    memset(out, 0, size);
    if (taken > 0)
        memcpy(out, input.data, taken);
}

static void append_point(struct buffer *output, const bn_g1 *point)
{
    bn_g1_encode(buffer_extend(output, POINT_SIZE), point);
}

bool bn254_add(struct bytes input, struct buffer *output)
{
    uint8_t padded[2 * POINT_SIZE];
    bn_g1 a, b;
    copy_padded(padded, sizeof padded, input);
    if (!bn_g1_decode(&a, padded) || !bn_g1_decode(&b, padded + POINT_SIZE))
        return false;
    bn_g1_add(&a, &a, &b);
    append_point(output, &a);
    return true;
}

bool bn254_multiply(struct bytes input, struct buffer *output)
{
    uint8_t padded[POINT_SIZE + 32];
    bn_g1 point;
    copy_padded(padded, sizeof padded, input);
    if (!bn_g1_decode(&point, padded))
        return false;
    u256 scalar = u256_load_be(padded + POINT_SIZE, 32);
    bn_g1_mul(&point, &point, &scalar);
    append_point(output, &point);
    return true;
}

/* At most BN_PAIRS_MAX pairs. */
static bool multiply_pairs(bn_fp12 *product, const uint8_t *bytes, size_t count)
{
    bn_g1 points[BN_PAIRS_MAX];
    bn_g2 twist_points[BN_PAIRS_MAX];
    for (size_t i = 0; i < count; i++, bytes += BN254_PAIR_SIZE)
        if (!bn_g1_decode(&points[i], bytes) || !bn_g2_decode(&twist_points[i], bytes + POINT_SIZE))
            return false;
    return bn_pairing_multiply(product, points, twist_points, count);
}

bool bn254_pairing(struct bytes input, struct buffer *output)
{
    bn_fp12 product;
    size_t left = input.size / BN254_PAIR_SIZE;
    const uint8_t *next = input.data;
    if (input.size % BN254_PAIR_SIZE != 0)
        return false;
    bn_fp12_set_one(&product);
    while (left > 0) {
        size_t count = left < BN_PAIRS_MAX ? left : BN_PAIRS_MAX;
        if (!multiply_pairs(&product, next, count))
            return false;
        next += count * BN254_PAIR_SIZE;
        left -= count;
    }
    bn_pairing_finish(&product);
    uint8_t *word = buffer_extend(output, 32);
    memset(word, 0, 32);
    word[31] = bn_fp12_is_one(&product);
    return true;
}
