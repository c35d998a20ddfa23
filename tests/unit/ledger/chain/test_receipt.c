#include "ledger/chain/receipt.h"

#include <criterion/criterion.h>

static struct receipt sample_receipt(struct arena *arena)
{
    struct receipt receipt = {.type = TRANSACTION_DYNAMIC_FEE,
                              .is_success = true,
                              .cumulative_gas_used = 54321,
                              .logs_count = 3};
    receipt.logs = arena_array(arena, 3, sizeof *receipt.logs);
    for (size_t i = 0; i < 3; i++) {
        receipt.logs[i].account.bytes[19] = (uint8_t)(i + 1);
        receipt.logs[i].topics_count = 2 * i;
        receipt.logs[i].topics[1].bytes[0] = 0xee;
        receipt.logs[i].data = bytes_of("0123456789", 5 * i);
    }
    receipt_compute_bloom(&receipt);
    return receipt;
}

Test(receipt, comes_back_as_it_was)
{
    struct arena arena = {0};
    struct receipt receipt = sample_receipt(&arena);
    for (int type = 0; type <= 2; type++) {
        struct buffer out = {0};
        struct buffer again = {0};
        struct receipt back;
        receipt.type = (enum transaction_type)type;
        receipt_encode(&receipt, &out);
        cr_assert(receipt_decode(&back, buffer_view(&out), &arena));
        cr_expect_eq(back.logs_count, 3);
        cr_expect_eq(back.logs[2].topics_count, 4);
        receipt_encode(&back, &again);
        cr_expect(bytes_equal(buffer_view(&out), buffer_view(&again)));
        for (size_t size = 0; size < out.size; size++)
            cr_expect_not(receipt_decode(&back, bytes_of(out.data, size), &arena));
        buffer_cleanup(&out);
        buffer_cleanup(&again);
    }
    arena_cleanup(&arena);
}

Test(receipt, a_log_with_five_topics_is_refused)
{
    struct arena arena = {0};
    struct buffer out = {0};
    uint8_t bloom[BLOOM_SIZE] = {0};
    hash256 topic = {{1}};
    size_t fields = rlp_open_list(&out);
    rlp_put_u64(&out, 1);
    rlp_put_u64(&out, 21000);
    rlp_put_string(&out, bytes_of(bloom, sizeof bloom));
    size_t logs = rlp_open_list(&out);
    size_t log = rlp_open_list(&out);
    rlp_put_address(&out, &(address){{1}});
    size_t topics = rlp_open_list(&out);
    for (int i = 0; i < 5; i++)
        rlp_put_hash(&out, &topic);
    rlp_close_list(&out, topics);
    rlp_put_string(&out, bytes_of(NULL, 0));
    rlp_close_list(&out, log);
    rlp_close_list(&out, logs);
    rlp_close_list(&out, fields);
    struct receipt back;
    cr_expect_not(receipt_decode(&back, buffer_view(&out), &arena));
    buffer_cleanup(&out);
    arena_cleanup(&arena);
}

Test(receipt, bloom_holds_what_was_logged_and_little_else)
{
    struct arena arena = {0};
    struct receipt receipt = sample_receipt(&arena);
    cr_expect(bloom_may_contain(receipt.bloom, bytes_of(receipt.logs[0].account.bytes, 20)));
    cr_expect(bloom_may_contain(receipt.bloom, bytes_of(receipt.logs[1].topics[1].bytes, 32)));
    size_t others = 0;
    for (uint32_t i = 0; i < 1000; i++)
        others += bloom_may_contain(receipt.bloom, bytes_of(&i, sizeof i));
    cr_expect_leq(others, 2);
    arena_cleanup(&arena);
}

/* Of an account of zeros: hash 5380c7b7.., so bits 0x380, 0x7b7 and the third pair's. */
Test(receipt, bloom_bits_stand_where_the_yellow_paper_says)
{
    uint8_t bloom[BLOOM_SIZE] = {0};
    uint8_t zeros[20] = {0};
    bloom_add(bloom, bytes_of(zeros, sizeof zeros));
    size_t set = 0;
    for (size_t i = 0; i < 8 * BLOOM_SIZE; i++)
        set += bloom[i / 8] >> i % 8 & 1;
    cr_expect_leq(set, 3);
    cr_expect(bloom[BLOOM_SIZE - 1 - 0x380 / 8] & 1 << 0x380 % 8);
    cr_expect(bloom[BLOOM_SIZE - 1 - 0x7b7 / 8] & 1 << 0x7b7 % 8);
}
