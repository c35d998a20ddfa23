#include "vm/precompiles_bls12.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <pthread.h>

#include "tests/unit/vm/crypto/bls12_random.h"
#include "tests/unit/vm/world.h"
#include "vm/base/hex.h"
#include "vm/crypto/digest.h"
#include "vm/precompiles.h"

/* The constant polynomial 2: commitment 2 G1, value 2 anywhere, proof infinity. */
#define TWO_G1                                                                                     \
    "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf" \
    "0f4e"

static void point_evaluation_input(struct buffer *input)
{
    buffer_clear(input);
    uint8_t *bytes = buffer_extend(input, 192);
    struct buffer commitment = {0};
    cr_assert(hex_decode_append(&commitment, "0x" TWO_G1, 2 + 96));
    memset(bytes, 0, 192);
    memcpy(bytes + 96, commitment.data, 48);
    hash256 hash = sha256(buffer_view(&commitment));
    memcpy(bytes, hash.bytes, sizeof hash.bytes);
    bytes[0] = 1;
    bytes[63] = 77;
    bytes[95] = 2;
    bytes[144] = 0xc0;
    buffer_cleanup(&commitment);
}

Test(precompiles_bls12, point_evaluation_answers_with_constants)
{
    struct buffer input = {0}, output = {0}, text = {0};
    point_evaluation_input(&input);
    cr_assert_eq(point_evaluation_gas(buffer_view(&input)), 50000);
    cr_assert(point_evaluation_run(buffer_view(&input), &output));
    hex_append(&text, buffer_view(&output));
    buffer_append_u8(&text, 0);
    cr_expect_str_eq((char *)text.data,
                     "0x0000000000000000000000000000000000000000000000000000000000001000"
                     "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    buffer_cleanup(&input);
    buffer_cleanup(&output);
    buffer_cleanup(&text);
}

/* Every byte matters: changed, the call fails, but for z, where every value is 2. */
Test(precompiles_bls12, point_evaluation_fails_for_any_other_input)
{
    struct buffer input = {0}, output = {0};
    for (size_t i = 0; i < 192; i += i == 0 || i == 95 || i == 143 ? 1 : 5) {
        point_evaluation_input(&input);
        input.data[i] ^= 1;
        bool is_z = i >= 33 && i < 64; /* byte 32 makes it no less than the order, or not */
        if (i != 32)
            cr_expect_eq(point_evaluation_run(buffer_view(&input), &output), is_z, "byte %zu", i);
    }
    point_evaluation_input(&input);
    buffer_clear(&output);
    for (size_t size = 0; size < 192; size++)
        cr_expect(!point_evaluation_run(bytes_of(input.data, size), &output), "%zu", size);
    buffer_append_u8(&input, 0);
    cr_expect(!point_evaluation_run(buffer_view(&input), &output));
    cr_expect_eq(output.size, 0, "a failed call has no output");
    buffer_cleanup(&input);
    buffer_cleanup(&output);
}

Test(precompiles_bls12, the_machine_calls_point_evaluation)
{
    struct world *world = memory_new(sizeof *world);
    struct buffer input = {0};
    world_init(world);
    point_evaluation_input(&input);
    struct vm_message message = {.kind = VM_CALL,
                                 .gas = 50001,
                                 .sender = world_address(WORLD_SENDER),
                                 .recipient = world_address(10),
                                 .code_address = world_address(10),
                                 .input = buffer_view(&input)};
    struct vm_host host = world_host(world);
    struct vm_result result = vm_execute(world->vm, &world->environment, &host, &message, NULL);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.gas_left, 1);
    cr_expect_eq(result.output.size, 64);
    message.gas = 49999;
    result = vm_execute(world->vm, &world->environment, &host, &message, NULL);
    cr_expect_eq(result.status, VM_OUT_OF_GAS);
    message.gas = 50001;
    input.data[95] = 3;
    result = vm_execute(world->vm, &world->environment, &host, &message, NULL);
    cr_expect_eq(result.status, VM_PRECOMPILE_FAILURE);
    cr_expect_eq(result.gas_left, 0);
    buffer_cleanup(&input);
    world_cleanup(world);
    free(world);
}

/* Below, a coordinate is the 96 digits of its 48 bytes; the padding is added here. */
static void append_coordinates(struct buffer *out, const char *digits)
{
    char text[2 + 96 + 1] = "0x";
    for (; *digits != 0; digits += 96) {
        static const uint8_t padding[16];
        memcpy(text + 2, digits, 96);
        buffer_append(out, padding, sizeof padding);
        cr_assert(hex_decode_append(out, text, 98), "%s", text);
    }
}

static void append_scalar(struct buffer *out, const u256 *scalar)
{
    u256_store_be(buffer_extend(out, 32), scalar);
}

static struct buffer of_coordinates(const char *digits)
{
    struct buffer out = {0};
    append_coordinates(&out, digits);
    return out;
}

typedef bool run_function(struct bytes, struct buffer *);

/* Runs, and releases the buffers. */
static void expect(run_function *run, struct buffer input, struct buffer expected, const char *what)
{
    struct buffer output = {0};
    cr_expect(run(buffer_view(&input), &output), "%s", what);
    cr_expect(bytes_equal(buffer_view(&output), buffer_view(&expected)), "%s: another output",
              what);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
    buffer_cleanup(&expected);
}

static void expect_failure(run_function *run, struct buffer input, const char *what)
{
    struct buffer output = {0};
    cr_expect(!run(buffer_view(&input), &output), "%s", what);
    cr_expect_eq(output.size, 0);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
}

#define ZERO                                           \
    "000000000000000000000000000000000000000000000000" \
    "000000000000000000000000000000000000000000000000"
#define TWO                                            \
    "000000000000000000000000000000000000000000000000" \
    "000000000000000000000000000000000000000000000002"
#define MODULUS                                        \
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf" \
    "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
/* EIP-2537's generators and their multiples by another implementation, noble-curves. */
#define G1                                             \
    "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905" \
    "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb" \
    "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6" \
    "00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"
#define G1_TWICE                                       \
    "0572cbea904d67468808c8eb50a9450c9721db3091280125" \
    "43902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e" \
    "166a9d8cabc673a322fda673779d8e3822ba3ecb8670e461" \
    "f73bb9021d5fd76a4c56d9d4cd16bd1bba86881979749d28"
#define G1_THRICE                                      \
    "09ece308f9d1f0131765212deca99697b112d61f9be9a5f1" \
    "f3780a51335b3ff981747a0b2ca2179b96d2c0c9024e5224" \
    "032b80d3a6f5b09f8a84623389c5f80ca69a0cddabc3097f" \
    "9d9c27310fd43be6e745256c634af45ca3473b0590ae30d1"
/* SCALAR_A times the generator and SCALAR_B times twice the generator. */
#define G1_SUM                                         \
    "0078cff3068968db9e614a015b0661fdd80008112af51bb1" \
    "6f3af61f0eecb9e497342757e44d370d221492e1bf09ed59" \
    "161f49e6f2898c99987ffcd7455a7581258a1a3b038b6b85" \
    "6c8bf9e63e609c153a468554b6d17f5c5d5df474559c21d0"
#define G2                                             \
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02" \
    "b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8" \
    "13e02b6052719f607dacd3a088274f65596bd0d09920b61a" \
    "b5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e" \
    "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a7" \
    "6d429a695160d12c923ac9cc3baca289e193548608b82801" \
    "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af" \
    "267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be"
#define G2_TWICE                                       \
    "1638533957d540a9d2370f17cc7ed5863bc0b995b8825e0e" \
    "e1ea1e1e4d00dbae81f14b0bf3611b78c952aacab827a053" \
    "0a4edef9c1ed7f729f520e47730a124fd70662a904ba1074" \
    "728114d1031e1572c6c886f6b57ec72a6178288c47c33577" \
    "0468fb440d82b0630aeb8dca2b5256789a66da69bf91009c" \
    "bfe6bd221e47aa8ae88dece9764bf3bd999d95d71e4c9899" \
    "0f6d4552fa65dd2638b361543f887136a43253d9c66c4116" \
    "97003f7a13c308f5422e1aa0a59c8967acdefd8b6e36ccf3"
#define G2_THRICE                                      \
    "122915c824a0857e2ee414a3dccb23ae691ae54329781315" \
    "a0c75df1c04d6d7a50a030fc866f09d516020ef82324afae" \
    "09380275bbc8e5dcea7dc4dd7e0550ff2ac480905396eda5" \
    "5062650f8d251c96eb480673937cc6d9d6a44aaa56ca66dc" \
    "0b21da7955969e61010c7a1abc1a6f0136961d1e3b20b1a7" \
    "326ac738fef5c721479dfd948b52fdf2455e44813ecfd892" \
    "08f239ba329b3967fe48d718a36cfe5f62a7e42e0bf1c1ed" \
    "714150a166bfbd6bcf6b3b58b975b9edea56d53f23a0e849"
#define G2_SUM                                         \
    "100ca9fbb00c53086796de6be0297672e5b91aba9eb25e75" \
    "38ba16fd1e0809f94d4ca678a92e8306cb781438fba539a4" \
    "199fd79e5ad3479fc936537b0874a1e0a0b3c31ce9e5d0ed" \
    "054e33e066ecd8b11586207f0700c82e9ae8ce9a55951e90" \
    "0a318da533ffcb4ebcb3f5f41299e28872f3108433d701c0" \
    "85e8dce4cefe739da69cfcd81feb936e6d3669a2ebfafc3c" \
    "0a5768883ca0ffe97add9d85cdb47769f228ecd7af27ad97" \
    "d1015f544786e86d4e2dbe5b54d689acbdcb8bf783ed76d4"
static const u256 SCALAR_A = {
    {0x0123456789abcdef, 0x0123456789abcdef, 0x0123456789abcdef, 0x0123456789abcdef}};
static const u256 SCALAR_B = {
    {0x0fedcba987654321, 0x0fedcba987654321, 0x0fedcba987654321, 0x6fedcba987654321}};

/* The point with the other y; in coordinates of either curve. */
static struct buffer negated(const char *digits)
{
    struct buffer out = of_coordinates(digits);
    for (size_t at = out.size / 2; at < out.size; at += 64) {
        bls12_fp y;
        cr_assert(bls12_fp_load_be(&y, out.data + at + 16));
        bls12_fp_neg(&y, &y);
        bls12_fp_store_be(out.data + at + 16, &y);
    }
    return out;
}

Test(precompiles_bls12, additions)
{
    expect(bls12_g1_add_run, of_coordinates(G1 G1_TWICE), of_coordinates(G1_THRICE), "1 + 2");
    expect(bls12_g1_add_run, of_coordinates(G1 G1), of_coordinates(G1_TWICE), "1 + 1");
    expect(bls12_g1_add_run, of_coordinates(G1 ZERO ZERO), of_coordinates(G1), "1 + 0");
    expect(bls12_g1_add_run, of_coordinates(ZERO ZERO G1), of_coordinates(G1), "0 + 1");
    expect(bls12_g1_add_run, of_coordinates(ZERO ZERO ZERO ZERO), of_coordinates(ZERO ZERO), "0");
    expect(bls12_g2_add_run, of_coordinates(G2 G2_TWICE), of_coordinates(G2_THRICE), "1 + 2");
    expect(bls12_g2_add_run, of_coordinates(G2 G2), of_coordinates(G2_TWICE), "1 + 1");
    expect(bls12_g2_add_run, of_coordinates(G2 ZERO ZERO ZERO ZERO), of_coordinates(G2), "1 + 0");
    expect(bls12_g2_add_run, of_coordinates(ZERO ZERO ZERO ZERO G2), of_coordinates(G2), "0 + 1");
    struct buffer input = negated(G1);
    append_coordinates(&input, G1);
    expect(bls12_g1_add_run, input, of_coordinates(ZERO ZERO), "-1 + 1");
    input = negated(G2);
    append_coordinates(&input, G2);
    expect(bls12_g2_add_run, input, of_coordinates(ZERO ZERO ZERO ZERO), "-1 + 1");
    /* (0, 2) has order 3: outside the subgroup, which addition does not ask about */
    input = negated(ZERO TWO);
    expect(bls12_g1_add_run, of_coordinates(ZERO TWO ZERO TWO), input, "(0, 2) twice");
}

static struct buffer two_terms(const char *first, const char *second)
{
    struct buffer input = of_coordinates(first);
    append_scalar(&input, &SCALAR_A);
    append_coordinates(&input, second);
    append_scalar(&input, &SCALAR_B);
    return input;
}

static struct buffer one_term(const char *point, const u256 *scalar)
{
    struct buffer input = of_coordinates(point);
    append_scalar(&input, scalar);
    return input;
}

Test(precompiles_bls12, sums_of_multiples)
{
    const u256 two = u256_from_u64(2), beyond = u256_add(&BLS12_ORDER, &two);
    expect(bls12_g1_msm_run, two_terms(G1, G1_TWICE), of_coordinates(G1_SUM), "two terms");
    expect(bls12_g2_msm_run, two_terms(G2, G2_TWICE), of_coordinates(G2_SUM), "two terms");
    expect(bls12_g1_msm_run, one_term(G1, &beyond), of_coordinates(G1_TWICE), "the order and 2");
    expect(bls12_g2_msm_run, one_term(G2, &beyond), of_coordinates(G2_TWICE), "the order and 2");
    expect(bls12_g1_msm_run, one_term(G1, &BLS12_ORDER), of_coordinates(ZERO ZERO), "the order");
    expect(bls12_g1_msm_run, one_term(ZERO ZERO, &two), of_coordinates(ZERO ZERO), "of infinity");
    expect(bls12_g2_msm_run, one_term(G2, &U256_ZERO), of_coordinates(ZERO ZERO ZERO ZERO), "0");
}

/* e(P, Q) e(-P, Q) = 1, as often as one likes: also beyond what one loop takes. */
Test(precompiles_bls12, pairing_checks)
{
    struct buffer minus = negated(G1), yes = {0}, no = {0};
    append_scalar(&yes, &U256_ONE);
    append_scalar(&no, &U256_ZERO);
    for (size_t pairs = 1; pairs <= 2 * BLS12_PAIRS_MAX + 2; pairs += pairs < 4 ? 1 : 7) {
        struct buffer input = {0}, output = {0};
        for (size_t i = 0; i < pairs; i++) {
            if (i % 2 == 0)
                append_coordinates(&input, G1);
            else
                buffer_append_bytes(&input, buffer_view(&minus));
            append_coordinates(&input, G2);
        }
        cr_assert_eq(bls12_pairing_check_gas(buffer_view(&input)), 37700 + 32600 * pairs);
        cr_assert(bls12_pairing_check_run(buffer_view(&input), &output));
        cr_expect(bytes_equal(buffer_view(&output), buffer_view(pairs % 2 == 0 ? &yes : &no)),
                  "%zu pairs", pairs);
        buffer_cleanup(&input);
        buffer_cleanup(&output);
    }
    struct buffer input = of_coordinates(G1 G2_TWICE); /* e(P, 2 Q) e(-2 P, Q) */
    buffer_cleanup(&minus);
    minus = negated(G1_TWICE);
    buffer_append_bytes(&input, buffer_view(&minus));
    append_coordinates(&input, G2);
    expect(bls12_pairing_check_run, input, yes, "2 and -2");
    yes = (struct buffer){0};
    append_scalar(&yes, &U256_ONE);
    expect(bls12_pairing_check_run, of_coordinates(ZERO ZERO G2), yes, "infinity on the left");
    yes = (struct buffer){0};
    append_scalar(&yes, &U256_ONE);
    expect(bls12_pairing_check_run, of_coordinates(G1 ZERO ZERO ZERO ZERO), yes, "on the right");
    buffer_cleanup(&minus);
    buffer_cleanup(&no);
}

/* Vectors of EIP-2537 (map_fp_to_G1_bls.json, map_fp2_to_G2_bls.json). */
Test(precompiles_bls12, maps)
{
    expect(bls12_map_fp_to_g1_run,
           of_coordinates("156c8a6a2c184569d69a76be144b5cdc5141d2d2ca4fe341"
                          "f011e25e3969c55ad9e9b9ce2eb833c81a908e5fa4ac5f03"),
           of_coordinates("184bb665c37ff561a89ec2122dd343f20e0f4cbcaec84e3c"
                          "3052ea81d1834e192c426074b02ed3dca4e7676ce4ce48ba"
                          "04407b8d35af4dacc809927071fc0405218f1401a6d15af7"
                          "75810e4e460064bcc9468beeba82fdc751be70476c888bf3"),
           "bls_g1map_");
    expect(bls12_map_fp_to_g1_run,
           of_coordinates("147e1ed29f06e4c5079b9d14fc89d2820d32419b990c1c7b"
                          "b7dbea2a36a045124b31ffbde7c99329c05c559af1c6cc82"),
           of_coordinates("009769f3ab59bfd551d53a5f846b9984c59b97d6842b20a2"
                          "c565baa167945e3d026a3755b6345df8ec7e6acb6868ae6d"
                          "1532c00cf61aa3d0ce3e5aa20c3b531a2abd2c770a790a26"
                          "13818303c6b830ffc0ecf6c357af3317b9575c567f11cd2c"),
           "bls_g1map_616263");
    expect(bls12_map_fp2_to_g2_run,
           of_coordinates("07355d25caf6e7f2f0cb2812ca0e513bd026ed09dda65b17"
                          "7500fa31714e09ea0ded3a078b526bed3307f804d4b93b04"
                          "02829ce3c021339ccb5caf3e187f6370e1e2a311dec9b753"
                          "63117063ab2015603ff52c3d3b98f19c2f65575e99e8b78c"),
           of_coordinates("00e7f4568a82b4b7dc1f14c6aaa055edf51502319c723c4d"
                          "c2688c7fe5944c213f510328082396515734b6612c4e7bb7"
                          "126b855e9e69b1f691f816e48ac6977664d24d99f8724868"
                          "a184186469ddfd4617367e94527d4b74fc86413483afb35b"
                          "0caead0fd7b6176c01436833c79d305c78be307da5f6af6c"
                          "133c47311def6ff1e0babf57a0fb5539fce7ee12407b0a42"
                          "1498aadcf7ae2b345243e281ae076df6de84455d766ab6fc"
                          "daad71fab60abb2e8b980a440043cd305db09d283c895e3d"),
           "bls_g2map_");
}

/* RFC 9380, J.9.1 and J.10.1, message "": the sum of two mapped elements. */
Test(precompiles_bls12, maps_add_up_to_rfc_9380s_hashes)
{
    struct buffer u0 = of_coordinates("0ba14bd907ad64a016293ee7c2d276b8eae71f25a4b941ee"
                                      "ce7b0d89f17f75cb3ae5438a614fb61d6835ad59f29c564f");
    struct buffer u1 = of_coordinates("019b9bd7979f12657976de2884c7cce192b82c177c80e0ec"
                                      "604436a7f538d231552f0d96d9f7babe5fa3b19b3ff25ac9");
    struct buffer points = {0};
    cr_assert(bls12_map_fp_to_g1_run(buffer_view(&u0), &points));
    cr_assert(bls12_map_fp_to_g1_run(buffer_view(&u1), &points));
    expect(bls12_g1_add_run, points,
           of_coordinates("052926add2207b76ca4fa57a8734416c8dc95e24501772c8"
                          "14278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1"
                          "08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6b"
                          "e0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265"),
           "J.9.1");
    buffer_clear(&u0);
    buffer_clear(&u1);
    points = (struct buffer){0};
    append_coordinates(&u0, "03dbc2cce174e91ba93cbb08f26b917f98194a2ea08d1cce"
                            "75b2b9cc9f21689d80bd79b594a613d0a68eb807dfdc1cf8"
                            "05a2acec64114845711a54199ea339abd125ba38253b70a9"
                            "2c876df10598bd1986b739cad67961eb94f7076511b3b39a");
    append_coordinates(&u1, "02f99798e8a5acdeed60d7e18e9120521ba1f47ec0909846"
                            "62846bc825de191b5b7641148c0dbc237726a334473eee94"
                            "145a81e418d4010cc027a68f14391b30074e89e60ee7a22f"
                            "87217b2f6eb0c4b94c9115b436e6fa4607e95a98de30a435");
    cr_assert(bls12_map_fp2_to_g2_run(buffer_view(&u0), &points));
    cr_assert(bls12_map_fp2_to_g2_run(buffer_view(&u1), &points));
    expect(bls12_g2_add_run, points,
           of_coordinates("0141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d"
                          "69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a"
                          "05cb8437535e20ecffaef7752baddf98034139c38452458b"
                          "aeefab379ba13dff5bf5dd71b72418717047f5b0f37da03d"
                          "0503921d7f6a12805e72940b963c0cf3471c7b2a524950ca"
                          "195d11062ee75ec076daf2d4bc358c4b190c0c98064fdd92"
                          "12424ac32561493f3fe3c260708a12b7c620e7be00099a97"
                          "4e259ddc7d1f6395c3c811cdd19f1e8dbf3e9ecfdcbab8d6"),
           "J.10.1");
    buffer_cleanup(&u0);
    buffer_cleanup(&u1);
}

static void append_g2(struct buffer *out, const bls12_g2_affine *point)
{
    const bls12_fp *parts[] = {&point->x.c0, &point->x.c1, &point->y.c0, &point->y.c1};
    for (size_t i = 0; i < 4; i++) {
        uint8_t *bytes = buffer_extend(out, 64);
        memset(bytes, 0, 16);
        bls12_fp_store_be(bytes + 16, parts[i]);
    }
}

Test(precompiles_bls12, points_outside_the_subgroups_are_refused_but_by_additions)
{
    struct seeded random = seeded_new();
    expect_failure(bls12_g1_msm_run, one_term(ZERO TWO, &U256_ONE), "(0, 2)");
    expect_failure(bls12_g1_msm_run, one_term(ZERO TWO, &U256_ZERO), "(0, 2), even times 0");
    expect_failure(bls12_pairing_check_run, of_coordinates(ZERO TWO G2), "(0, 2)");
    bls12_g2_affine outside;
    do
        outside = random_bls12_g2_of_curve(&random);
    while (bls12_g2_is_in_subgroup(&outside));
    struct buffer input = {0}, output = {0};
    append_g2(&input, &outside);
    append_g2(&input, &outside);
    cr_expect(bls12_g2_add_run(buffer_view(&input), &output), SEED_FORMAT, SEED_OF(random));
    cr_expect_eq(output.size, 256);
    buffer_cleanup(&output);
    input.size = 256;
    append_scalar(&input, &U256_ONE);
    expect_failure(bls12_g2_msm_run, input, "G2");
    input = of_coordinates(G1);
    append_g2(&input, &outside);
    expect_failure(bls12_pairing_check_run, input, "on the right");
    input = of_coordinates(ZERO ZERO); /* also where the pair would not count */
    append_g2(&input, &outside);
    expect_failure(bls12_pairing_check_run, input, "beside infinity");
}

/* A valid input of each, from which the next test makes invalid ones. */
static const struct {
    run_function *run;
    const char *coordinates;
    size_t scalar_size;
    bool are_points;
} VALID[] = {{bls12_g1_add_run, G1 G1_TWICE, 0, true},    {bls12_g1_msm_run, G1, 32, true},
             {bls12_g2_add_run, G2 G2_TWICE, 0, true},    {bls12_g2_msm_run, G2, 32, true},
             {bls12_pairing_check_run, G1 G2, 0, true},   {bls12_map_fp_to_g1_run, TWO, 0, false},
             {bls12_map_fp2_to_g2_run, TWO TWO, 0, false}};

Test(precompiles_bls12, what_is_no_point_and_no_number_is_refused)
{
    for (size_t i = 0; i < sizeof VALID / sizeof *VALID; i++) {
        run_function *run = VALID[i].run;
        struct buffer input = of_coordinates(VALID[i].coordinates),
                      modulus = of_coordinates(MODULUS);
        size_t coordinates_size = input.size;
        struct buffer output = {0};
        memset(buffer_extend(&input, VALID[i].scalar_size), 5, VALID[i].scalar_size);
        cr_assert(run(buffer_view(&input), &output), "%zu", i);
        buffer_clear(&output);

        for (size_t size = 0; size < input.size; size++)
            cr_expect(!run(bytes_of(input.data, size), &output), "%zu: %zu bytes", i, size);
        buffer_append_u8(&input, 0);
        cr_expect(!run(buffer_view(&input), &output), "%zu: a byte too many", i);
        input.size--;
        for (size_t at = 0; at < coordinates_size; at++) {
            uint8_t was = input.data[at];
            if (at % 64 >= 16 && !VALID[i].are_points)
                continue;
            input.data[at] ^= 1; /* in the padding, or another number: off the curve */
            cr_expect(!run(buffer_view(&input), &output), "%zu: byte %zu", i, at);
            input.data[at] = was;
        }
        for (size_t at = 0; at < coordinates_size; at += 64) {
            uint8_t was[64];
            memcpy(was, input.data + at, 64);
            memcpy(input.data + at, modulus.data, 64);
            cr_expect(!run(buffer_view(&input), &output), "%zu: the modulus at %zu", i, at);
            memcpy(input.data + at, was, 64);
        }
        cr_expect_eq(output.size, 0);
        buffer_cleanup(&input);
        buffer_cleanup(&output);
        buffer_cleanup(&modulus);
    }
}

Test(precompiles_bls12, gas)
{
    struct bytes none = bytes_of(NULL, 0); /* only the size counts */
    cr_expect_eq(bls12_g1_add_gas(none), 375);
    cr_expect_eq(bls12_g2_add_gas(none), 600);
    cr_expect_eq(bls12_map_fp_to_g1_gas(none), 5500);
    cr_expect_eq(bls12_map_fp2_to_g2_gas(none), 23800);
    static const struct {
        size_t count;
        uint64_t g1, g2;
    } MSM[] = {{0, 0, 0},
               {1, 12000, 22500},
               {2, 22776, 45000},
               {3, 30528, 62302},
               {127, 792480, 1497330},
               {128, 797184, 1509120},
               {129, 803412, 1520910},
               {5000, 31140000, 58950000}};
    for (size_t i = 0; i < sizeof MSM / sizeof *MSM; i++) {
        none.size = MSM[i].count * 160;
        cr_expect_eq(bls12_g1_msm_gas(none), MSM[i].g1, "%zu", MSM[i].count);
        none.size = MSM[i].count * 288;
        cr_expect_eq(bls12_g2_msm_gas(none), MSM[i].g2, "%zu", MSM[i].count);
    }
}

/* The machine's table knows them from Prague on, and not in Cancun. */
Test(precompiles_bls12, are_contracts_from_prague_on)
{
    for (uint64_t number = 0x0b; number <= 0x11; number++) {
        address account = world_address(number);
        cr_expect(!vm_is_precompile(VM_FORK_CANCUN, &account));
        const struct vm_precompile *found = vm_precompile_find(VM_FORK_PRAGUE, &account);
        cr_assert(found != NULL && vm_is_precompile(VM_FORK_OSAKA, &account));
        cr_expect_eq(found->run, VALID[number - 0x0b].run);
    }
}

static void *largest_on_a_small_stack(void *result)
{
    struct buffer input = {0}, output = {0};
    const size_t pairs = 2 * BLS12_PAIRS_MAX, terms = 300;
    for (size_t i = 0; i < pairs; i++)
        append_coordinates(&input, G1 G2);
    bool ok = bls12_pairing_check_run(buffer_view(&input), &output);
    buffer_clear(&input);
    for (size_t i = 0; i < terms; i++) {
        append_coordinates(&input, G2);
        append_scalar(&input, &SCALAR_A);
    }
    ok = ok && bls12_g2_msm_run(buffer_view(&input), &output);
    point_evaluation_input(&input);
    ok = ok && point_evaluation_run(buffer_view(&input), &output);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
    *(bool *)result = ok;
    return NULL;
}

Test(precompiles_bls12, run_on_a_native_stack_of_64_kib)
{
    pthread_attr_t attributes;
    pthread_t thread;
    bool ok = false;
    size_t size = 65536;
#ifdef __SANITIZE_ADDRESS__
    size *= 4; /* its frames are larger */
#endif
    if (size < (size_t)PTHREAD_STACK_MIN) /* 128 KiB on arm64 */
        size = (size_t)PTHREAD_STACK_MIN;
    cr_assert_eq(pthread_attr_init(&attributes), 0);
    cr_assert_eq(pthread_attr_setstacksize(&attributes, size), 0);
    cr_assert_eq(pthread_create(&thread, &attributes, largest_on_a_small_stack, &ok), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_expect(ok);
    pthread_attr_destroy(&attributes);
}
