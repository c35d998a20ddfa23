/* The precompiles over BLS12-381. Their inputs: first any bytes, which must be refused without
 * output or answered in full; then points made of the bytes by the maps, about which sums, sums of
 * multiples and pairings must agree. */
#include "tests/fuzz/target.h"
#include "vm/precompiles_bls12.h"

typedef bool run_function(struct bytes, struct buffer *);

static const struct {
    run_function *run;
    size_t output_size;
} RUNS[] = {{point_evaluation_run, 64},    {bls12_g1_add_run, 128},
            {bls12_g1_msm_run, 128},       {bls12_g2_add_run, 256},
            {bls12_g2_msm_run, 256},       {bls12_pairing_check_run, 32},
            {bls12_map_fp_to_g1_run, 128}, {bls12_map_fp2_to_g2_run, 256}};

static void any_bytes(struct bytes input)
{
    for (size_t i = 0; i < sizeof RUNS / sizeof *RUNS; i++) {
        struct buffer output = {0};
        bool ok = RUNS[i].run(input, &output);
        must(output.size == (ok ? RUNS[i].output_size : 0), "an output of another size");
        buffer_cleanup(&output);
    }
}

/* `count` coordinates below the modulus from up to 48 bytes each, mapped to a point. */
static void append_point(struct buffer *out, struct bytes *from, size_t count, run_function *map)
{
    uint8_t coordinates[128] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t size = from->size < 48 ? from->size : 48;
        if (size > 0)
            memcpy(coordinates + 64 * i + 16, from->data, size);
        coordinates[64 * i + 16] &= 0x0f;
        *from = bytes_of(from->data + size, from->size - size);
    }
    must(map(bytes_of(coordinates, 64 * count), out), "a coordinate is refused");
}

static void append_scalar(struct buffer *out, struct bytes *from)
{
    uint8_t *scalar = buffer_extend(out, 32);
    size_t size = from->size < 32 ? from->size : 32;
    memset(scalar, 0, 32);
    if (size > 0)
        memcpy(scalar, from->data, size);
    *from = bytes_of(from->data + size, from->size - size);
}

static void append_one(struct buffer *out)
{
    static const uint8_t one[32] = {[31] = 1};
    buffer_append(out, one, sizeof one);
}

/* P + Q by addition and as a sum of multiples of one. */
static void sums_agree(struct bytes p, struct bytes q, run_function *add, run_function *msm)
{
    struct buffer input = {0}, sum = {0}, other = {0};
    buffer_append_bytes(&input, p);
    buffer_append_bytes(&input, q);
    must(add(buffer_view(&input), &sum), "mapped points are refused");
    buffer_clear(&input);
    buffer_append_bytes(&input, p);
    append_one(&input);
    buffer_append_bytes(&input, q);
    append_one(&input);
    must(msm(buffer_view(&input), &other), "mapped points are outside the subgroup");
    must(bytes_equal(buffer_view(&sum), buffer_view(&other)), "two sums of the same points");
    buffer_cleanup(&input);
    buffer_cleanup(&sum);
    buffer_cleanup(&other);
}

/* scalar * point, by the sum of multiples of one term. */
static struct buffer multiple(struct bytes point, struct bytes scalar, run_function *msm)
{
    struct buffer input = {0}, output = {0};
    buffer_append_bytes(&input, point);
    buffer_append_bytes(&input, scalar);
    must(msm(buffer_view(&input), &output), "a term is refused");
    buffer_cleanup(&input);
    return output;
}

/* The order less one: the negative of a point. */
static const uint8_t MINUS_ONE[32] = {
    0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
    0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00};

/* e(a P, Q) e(-P, a Q) = 1 */
static void pairing_is_bilinear(struct bytes p, struct bytes q, struct bytes a)
{
    struct buffer ap = multiple(p, a, bls12_g1_msm_run), aq = multiple(q, a, bls12_g2_msm_run);
    struct buffer minus = multiple(p, bytes_of(MINUS_ONE, 32), bls12_g1_msm_run);
    struct buffer output = {0};
    buffer_append_bytes(&ap, q);
    buffer_append_bytes(&ap, buffer_view(&minus));
    buffer_append_bytes(&ap, buffer_view(&aq));
    must(bls12_pairing_check_run(buffer_view(&ap), &output), "multiples are outside the subgroup");
    must(output.data[31] == 1, "the pairing is not bilinear");
    buffer_cleanup(&ap);
    buffer_cleanup(&aq);
    buffer_cleanup(&minus);
    buffer_cleanup(&output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes left = bytes_of(data, size);
    struct buffer p[2] = {{0}, {0}}, q[2] = {{0}, {0}}, scalar = {0};
    any_bytes(left);
    append_scalar(&scalar, &left);
    for (int i = 0; i < 2; i++) {
        append_point(&p[i], &left, 1, bls12_map_fp_to_g1_run);
        append_point(&q[i], &left, 2, bls12_map_fp2_to_g2_run);
    }
    sums_agree(buffer_view(&p[0]), buffer_view(&p[1]), bls12_g1_add_run, bls12_g1_msm_run);
    sums_agree(buffer_view(&q[0]), buffer_view(&q[1]), bls12_g2_add_run, bls12_g2_msm_run);
    pairing_is_bilinear(buffer_view(&p[0]), buffer_view(&q[1]), buffer_view(&scalar));
    for (int i = 0; i < 2; i++) {
        buffer_cleanup(&p[i]);
        buffer_cleanup(&q[i]);
    }
    buffer_cleanup(&scalar);
    return 0;
}
