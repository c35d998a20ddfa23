#include "ledger/chain/header.h"

#include <criterion/criterion.h>

#include "vm/crypto/keccak.h"

static struct header sample_header(void)
{
    struct header header = {.ommers_hash = EMPTY_OMMERS_HASH,
                            .transactions_root = EMPTY_TRIE_ROOT,
                            .number = 7,
                            .gas_limit = 30000000,
                            .timestamp = 1700000000,
                            .base_fee = {{7, 0, 0, 0}},
                            .requests_hash = {{9}}};
    struct extra_data extra = {.view = 0x1234567890, .milliseconds = 999};
    extra_data_encode(&extra, &header);
    return header;
}

Test(header, the_named_hashes_are_what_their_names_say)
{
    hash256 hash = keccak256("", 0);
    cr_expect(hash256_equal(&hash, &EMPTY_CODE_HASH));
    hash = keccak256("\xc0", 1);
    cr_expect(hash256_equal(&hash, &EMPTY_OMMERS_HASH));
    hash = keccak256("\x80", 1);
    cr_expect(hash256_equal(&hash, &EMPTY_TRIE_ROOT));
}

Test(header, comes_back_with_20_fields_in_cancun_and_21_in_prague)
{
    struct header header = sample_header();
    static const enum vm_fork forks[] = {VM_FORK_CANCUN, VM_FORK_PRAGUE};
    static const int fields[] = {20, 21};
    for (int i = 0; i < 2; i++) {
        struct buffer out = {0};
        struct buffer again = {0};
        struct header back;
        header_encode(&header, forks[i], &out);
        struct rlp_reader in = rlp_reader_over(buffer_view(&out));
        cr_assert(header_decode(&back, forks[i], &in));
        header_encode(&back, forks[i], &again);
        cr_expect(bytes_equal(buffer_view(&out), buffer_view(&again)));
        in = rlp_reader_over(buffer_view(&out));
        cr_expect_not(header_decode(&back, forks[1 - i], &in));
        in = rlp_reader_over(buffer_view(&out));
        struct rlp_reader list = rlp_list(&in);
        int count = 0;
        for (; rlp_has_more(&list); count++)
            rlp_item(&list);
        cr_expect_eq(count, fields[i]);
        buffer_cleanup(&out);
        buffer_cleanup(&again);
    }
}

Test(header, extra_data_over_32_bytes_is_refused)
{
    struct header header = sample_header();
    struct buffer out = {0};
    struct header back;
    header_encode(&header, VM_FORK_CANCUN, &out);
    uint8_t *extra = memmem(out.data, out.size, header.extra_data, 32);
    cr_assert_not_null(extra);
    extra[-1] = 0xa1; /* one byte more, taken from the field behind */
    struct rlp_reader in = rlp_reader_over(buffer_view(&out));
    cr_expect_not(header_decode(&back, VM_FORK_CANCUN, &in));
    buffer_cleanup(&out);
}

Test(header, time_has_milliseconds_from_extra_data)
{
    struct header header = sample_header();
    struct extra_data extra;
    cr_expect_eq(header_time_ms(&header), 1700000000999);
    cr_assert(extra_data_decode(&extra, &header));
    cr_expect_eq(extra.view, 0x1234567890);
    header.extra_data[6] = 0xff; /* 65,000 milliseconds and more */
    cr_expect_not(extra_data_decode(&extra, &header));
    header.number = 0;
    cr_expect_eq(header_time_ms(&header), 1700000000000);
}
