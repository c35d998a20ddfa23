#include "ledger/codec/rlp.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define READER(...)  \
    rlp_reader_over( \
        bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})))

Test(rlp, integers_come_back_at_every_width)
{
    for (unsigned bits = 0; bits <= 64; bits++) {
        uint64_t value = bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
        struct buffer out = {0};
        rlp_put_u64(&out, value);
        struct rlp_reader in = rlp_reader_over(buffer_view(&out));
        cr_expect_eq(rlp_u64(&in), value);
        cr_expect(rlp_finished(&in));
        buffer_cleanup(&out);
    }
}

Test(rlp, strings_come_back_at_the_edges_of_their_forms)
{
    static const size_t sizes[] = {0, 1, 2, 55, 56, 57, 255, 256, 65535, 65536};
    uint8_t *data = memory_new_zeroed(65536, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buffer out = {0};
        rlp_put_string(&out, bytes_of(data, sizes[i]));
        struct rlp_reader in = rlp_reader_over(buffer_view(&out));
        cr_expect(bytes_equal(rlp_string(&in), bytes_of(data, sizes[i])), "%zu", sizes[i]);
        cr_expect(rlp_finished(&in));
        buffer_cleanup(&out);
    }
    free(data);
}

Test(rlp, nested_lists_close_with_the_right_headers)
{
    struct buffer out = {0};
    size_t outer = rlp_open_list(&out);
    rlp_put_u64(&out, 1);
    size_t inner = rlp_open_list(&out);
    for (int i = 0; i < 60; i++)
        rlp_put_u64(&out, 2);
    rlp_close_list(&out, inner);
    rlp_close_list(&out, outer);

    struct rlp_reader in = rlp_reader_over(buffer_view(&out));
    struct rlp_reader list = rlp_list(&in);
    cr_expect_eq(rlp_u64(&list), 1);
    cr_expect(rlp_is_list(&list));
    struct rlp_reader twos = rlp_list(&list);
    int count = 0;
    for (; rlp_has_more(&twos); count++)
        cr_expect_eq(rlp_u64(&twos), 2);
    rlp_leave(&list, &twos);
    rlp_leave(&in, &list);
    cr_expect_eq(count, 60);
    cr_expect(rlp_finished(&in));
    buffer_cleanup(&out);
}

static enum rlp_verdict verdict_of_string(struct rlp_reader in)
{
    rlp_string(&in);
    rlp_finished(&in);
    return in.verdict;
}

static enum rlp_verdict verdict_of_u64(struct rlp_reader in)
{
    cr_expect_eq(rlp_u64(&in), 0);
    rlp_finished(&in);
    return in.verdict;
}

Test(rlp, every_malformed_form_has_its_verdict)
{
    cr_expect_eq(verdict_of_string(rlp_reader_over(bytes_of(NULL, 0))), RLP_TRUNCATED);
    cr_expect_eq(verdict_of_string(READER(0x82, 1)), RLP_TRUNCATED);
    cr_expect_eq(verdict_of_string(READER(0xb8)), RLP_TRUNCATED);
    cr_expect_eq(verdict_of_string(READER(0xb8, 56, 1)), RLP_TRUNCATED);
    cr_expect_eq(verdict_of_string(READER(0xbf, 255, 255, 255, 255, 255, 255, 255, 255)),
                 RLP_TRUNCATED);
    cr_expect_eq(verdict_of_string(READER(0x81, 0x80, 0)), RLP_TRAILING);
    cr_expect_eq(verdict_of_string(READER(0x81, 0x7f)), RLP_NOT_CANONICAL);
    cr_expect_eq(verdict_of_string(READER(0xb8, 1, 0x90)), RLP_NOT_CANONICAL);
    cr_expect_eq(verdict_of_string(READER(0xb9, 0, 56)), RLP_NOT_CANONICAL);
    cr_expect_eq(verdict_of_string(READER(0xc0)), RLP_WRONG_KIND);
    cr_expect_eq(verdict_of_u64(READER(0x00)), RLP_LEADING_ZERO);
    cr_expect_eq(verdict_of_u64(READER(0x82, 0, 1)), RLP_LEADING_ZERO);
    cr_expect_eq(verdict_of_u64(READER(0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9)), RLP_TOO_LARGE);
}

Test(rlp, the_first_failure_sticks_and_later_reads_are_zero)
{
    struct rlp_reader in = READER(0x81, 0x01, 0x05);
    uint8_t fixed[2] = {7, 7};
    cr_expect_eq(rlp_u64(&in), 0);
    rlp_fixed(&in, fixed, sizeof fixed);
    cr_expect_eq(fixed[0] + fixed[1], 0);
    cr_expect_eq(rlp_item(&in).size, 0);
    struct rlp_reader list = rlp_list(&in);
    cr_expect_not(rlp_has_more(&list));
    rlp_leave(&in, &list);
    cr_expect_eq(in.verdict, RLP_NOT_CANONICAL);
}

Test(rlp, a_list_not_read_to_its_end_is_trailing)
{
    struct rlp_reader in = READER(0xc2, 1, 2);
    struct rlp_reader list = rlp_list(&in);
    rlp_u64(&list);
    rlp_leave(&in, &list);
    cr_expect_eq(in.verdict, RLP_TRAILING);
}

Test(rlp, a_fixed_string_of_another_size_is_refused)
{
    struct rlp_reader in = READER(0x82, 1, 2);
    uint8_t out[3] = {9, 9, 9};
    rlp_fixed(&in, out, sizeof out);
    cr_expect_eq(in.verdict, RLP_WRONG_SIZE);
    cr_expect_eq(out[0], 0);
}

/* Walks anything; what it accepts, put back item by item, must be the same bytes. */
static bool copy_items(struct rlp_reader *in, struct buffer *out, int depth)
{
    while (depth < 40 && rlp_has_more(in)) {
        if (!rlp_is_list(in)) {
            struct bytes string = rlp_string(in);
            if (in->verdict == RLP_OK)
                rlp_put_string(out, string);
            continue;
        }
        struct rlp_reader list = rlp_list(in);
        size_t start = rlp_open_list(out);
        copy_items(&list, out, depth + 1);
        rlp_close_list(out, start);
        rlp_leave(in, &list);
    }
    return rlp_finished(in);
}

Test(rlp, whatever_is_accepted_encodes_to_the_same_bytes)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 20261122);
    printf("rlp seed %u\n", seed);
    srandom(seed);
    size_t accepted = 0;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[24];
        size_t size = (size_t)random() % sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(random() % 3 == 0 ? 0xc0 + random() % 8 : 0x78 + random() % 16);
        struct buffer out = {0};
        struct rlp_reader in = rlp_reader_over(bytes_of(bytes, size));
        if (copy_items(&in, &out, 0)) {
            accepted++;
            cr_assert(bytes_equal(buffer_view(&out), bytes_of(bytes, size)), "round %d", round);
        }
        buffer_cleanup(&out);
    }
    cr_expect_gt(accepted, 100);
}
