#include "vm/precompiles_bls12.h"

#include <stdlib.h>

#include "vm/crypto/bls12_kzg.h"
#include "vm/crypto/bls12_map.h"
#include "vm/crypto/bls12_pairing.h"
#include "vm/crypto/digest.h"

uint64_t point_evaluation_gas(struct bytes input)
{
    (void)input;
    return 50000; /* EIP-4844, POINT_EVALUATION_PRECOMPILE_GAS */
}

/* The output is a constant: the number of field elements in a blob, 4096, and the order. */
bool point_evaluation_run(struct bytes input, struct buffer *output)
{
    if (input.size != 192)
        return false;
    const uint8_t *z = input.data + 32, *y = z + 32, *commitment = y + 32, *proof = commitment + 48;
    hash256 versioned = sha256(bytes_of(commitment, 48));
    versioned.bytes[0] = 0x01; /* VERSIONED_HASH_VERSION_KZG */
    if (memcmp(versioned.bytes, input.data, sizeof versioned.bytes) != 0
        || !bls12_kzg_verify(commitment, z, y, proof))
        return false;
    u256 elements = u256_from_u64(4096);
    u256_store_be(buffer_extend(output, 32), &elements);
    u256_store_be(buffer_extend(output, 32), &BLS12_ORDER);
    return true;
}

#define FP_SIZE       64
#define G1_SIZE       (2 * FP_SIZE)
#define G2_SIZE       (4 * FP_SIZE)
#define SCALAR_SIZE   32
#define G1_TERM_SIZE  (G1_SIZE + SCALAR_SIZE)
#define G2_TERM_SIZE  (G2_SIZE + SCALAR_SIZE)
#define PAIR_SIZE     (G1_SIZE + G2_SIZE)
#define PADDING_SIZE  (FP_SIZE - BLS12_FP_SIZE_BYTES)
#define DISCOUNTS_MAX 128

/* EIP-2537: what a sum of so many multiples costs, in thousandths of as many single ones; the last
 * is for all longer sums too. */
static const uint16_t G1_DISCOUNTS[DISCOUNTS_MAX] = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665,
    661,  658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615,
    613,  611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585,
    584,  582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563,
    562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545,
    544,  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529,
    528,  528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519};
static const uint16_t G2_DISCOUNTS[DISCOUNTS_MAX] = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699,
    693,  688,  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629,
    627,  624,  622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592,
    590,  589,  587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567,
    566,  565,  563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548,
    547,  546,  545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533,
    532,  532,  531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524};

/* Inputs are as long as memory, so the product fits easily. */
static uint64_t msm_gas(size_t count, uint64_t single, const uint16_t discounts[DISCOUNTS_MAX])
{
    if (count == 0)
        return 0; /* fails all the same */
    return count * single * discounts[(count < DISCOUNTS_MAX ? count : DISCOUNTS_MAX) - 1] / 1000;
}

static bool read_fp(bls12_fp *out, const uint8_t *bytes)
{
    static const uint8_t padding[PADDING_SIZE];
    return memcmp(bytes, padding, sizeof padding) == 0
           && bls12_fp_load_be(out, bytes + PADDING_SIZE);
}

static bool read_fp2(bls12_fp2 *out, const uint8_t *bytes)
{
    return read_fp(&out->c0, bytes) && read_fp(&out->c1, bytes + FP_SIZE);
}

/* On the curve or infinity. */
static bool read_g1(bls12_g1_affine *out, const uint8_t *bytes)
{
    if (!read_fp(&out->x, bytes) || !read_fp(&out->y, bytes + FP_SIZE))
        return false;
    out->infinity = bls12_fp_is_zero(&out->x) && bls12_fp_is_zero(&out->y);
    return bls12_g1_is_on_curve(out);
}

static bool read_g2(bls12_g2_affine *out, const uint8_t *bytes)
{
    if (!read_fp2(&out->x, bytes) || !read_fp2(&out->y, bytes + G2_SIZE / 2))
        return false;
    out->infinity = bls12_fp2_is_zero(&out->x) && bls12_fp2_is_zero(&out->y);
    return bls12_g2_is_on_curve(out);
}

static void write_fp(struct buffer *output, const bls12_fp *a)
{
    uint8_t *bytes = buffer_extend(output, FP_SIZE);
    memset(bytes, 0, PADDING_SIZE);
    bls12_fp_store_be(bytes + PADDING_SIZE, a);
}

static void write_fp2(struct buffer *output, const bls12_fp2 *a)
{
    write_fp(output, &a->c0);
    write_fp(output, &a->c1);
}

/* The affine form of infinity has zeros for coordinates, as EIP-2537 wants it. */
static void write_g1(struct buffer *output, const bls12_g1 *point)
{
    bls12_g1_affine affine;
    bls12_g1_to_affine(&affine, point);
    write_fp(output, &affine.x);
    write_fp(output, &affine.y);
}

static void write_g2(struct buffer *output, const bls12_g2 *point)
{
    bls12_g2_affine affine;
    bls12_g2_to_affine(&affine, point);
    write_fp2(output, &affine.x);
    write_fp2(output, &affine.y);
}

uint64_t bls12_g1_add_gas(struct bytes input)
{
    (void)input;
    return 375;
}

bool bls12_g1_add_run(struct bytes input, struct buffer *output)
{
    bls12_g1_affine a, b;
    bls12_g1 sum;
    if (input.size != 2 * G1_SIZE || !read_g1(&a, input.data) || !read_g1(&b, input.data + G1_SIZE))
        return false;
    bls12_g1_from_affine(&sum, &a);
    bls12_g1_add_affine(&sum, &sum, &b);
    write_g1(output, &sum);
    return true;
}

uint64_t bls12_g1_msm_gas(struct bytes input)
{
    return msm_gas(input.size / G1_TERM_SIZE, 12000, G1_DISCOUNTS);
}

bool bls12_g1_msm_run(struct bytes input, struct buffer *output)
{
    size_t count = input.size / G1_TERM_SIZE;
    if (count == 0 || input.size % G1_TERM_SIZE != 0)
        return false;
    bls12_g1_affine *points = memory_new(count * sizeof *points);
    u256 *scalars = memory_new(count * sizeof *scalars);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        const uint8_t *term = input.data + i * G1_TERM_SIZE;
        ok = read_g1(&points[i], term) && bls12_g1_is_in_subgroup(&points[i]);
        scalars[i] = u256_load_be(term + G1_SIZE, SCALAR_SIZE);
    }
    if (ok) {
        bls12_g1 sum;
        bls12_g1_msm(&sum, points, scalars, count);
        write_g1(output, &sum);
    }
    free(points);
    free(scalars);
    return ok;
}

uint64_t bls12_g2_add_gas(struct bytes input)
{
    (void)input;
    return 600;
}

bool bls12_g2_add_run(struct bytes input, struct buffer *output)
{
    bls12_g2_affine a, b;
    bls12_g2 sum;
    if (input.size != 2 * G2_SIZE || !read_g2(&a, input.data) || !read_g2(&b, input.data + G2_SIZE))
        return false;
    bls12_g2_from_affine(&sum, &a);
    bls12_g2_add_affine(&sum, &sum, &b);
    write_g2(output, &sum);
    return true;
}

uint64_t bls12_g2_msm_gas(struct bytes input)
{
    return msm_gas(input.size / G2_TERM_SIZE, 22500, G2_DISCOUNTS);
}

bool bls12_g2_msm_run(struct bytes input, struct buffer *output)
{
    size_t count = input.size / G2_TERM_SIZE;
    if (count == 0 || input.size % G2_TERM_SIZE != 0)
        return false;
    bls12_g2_affine *points = memory_new(count * sizeof *points);
    u256 *scalars = memory_new(count * sizeof *scalars);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        const uint8_t *term = input.data + i * G2_TERM_SIZE;
        ok = read_g2(&points[i], term) && bls12_g2_is_in_subgroup(&points[i]);
        scalars[i] = u256_load_be(term + G2_SIZE, SCALAR_SIZE);
    }
    if (ok) {
        bls12_g2 sum;
        bls12_g2_msm(&sum, points, scalars, count);
        write_g2(output, &sum);
    }
    free(points);
    free(scalars);
    return ok;
}

uint64_t bls12_pairing_check_gas(struct bytes input)
{
    return 37700 + 32600 * (uint64_t)(input.size / PAIR_SIZE);
}

static bool read_pair(struct bls12_pair *out, const uint8_t *bytes)
{
    return read_g1(&out->p, bytes) && read_g2(&out->q, bytes + G1_SIZE)
           && bls12_g1_is_in_subgroup(&out->p) && bls12_g2_is_in_subgroup(&out->q);
}

bool bls12_pairing_check_run(struct bytes input, struct buffer *output)
{
    size_t count = input.size / PAIR_SIZE;
    if (count == 0 || input.size % PAIR_SIZE != 0)
        return false;
    bls12_fp12 product = BLS12_FP12_ONE;
    for (size_t done = 0; done < count;) {
        struct bls12_pair pairs[BLS12_PAIRS_MAX];
        size_t some = 0;
        for (; some < BLS12_PAIRS_MAX && done < count; some++, done++)
            if (!read_pair(&pairs[some], input.data + done * PAIR_SIZE))
                return false;
        bls12_pairing_multiply(&product, pairs, some);
    }
    u256 answer = u256_from_u64(bls12_pairing_is_one(&product));
    u256_store_be(buffer_extend(output, 32), &answer);
    return true;
}

uint64_t bls12_map_fp_to_g1_gas(struct bytes input)
{
    (void)input;
    return 5500;
}

bool bls12_map_fp_to_g1_run(struct bytes input, struct buffer *output)
{
    bls12_fp u;
    bls12_g1 point;
    if (input.size != FP_SIZE || !read_fp(&u, input.data))
        return false;
    bls12_map_to_g1(&point, &u);
    write_g1(output, &point);
    return true;
}

uint64_t bls12_map_fp2_to_g2_gas(struct bytes input)
{
    (void)input;
    return 23800;
}

bool bls12_map_fp2_to_g2_run(struct bytes input, struct buffer *output)
{
    bls12_fp2 u;
    bls12_g2 point;
    if (input.size != 2 * FP_SIZE || !read_fp2(&u, input.data))
        return false;
    bls12_map_to_g2(&point, &u);
    write_g2(output, &point);
    return true;
}
