#include "ledger/chain/requests.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

static hash256 hash_of(const char *hex)
{
    hash256 hash = {{0}};
    cr_assert(hex_decode(hash.bytes, sizeof hash.bytes, hex));
    return hash;
}

static bool is_read(struct bytes encoded, struct requests *requests)
{
    struct rlp_reader in = rlp_reader_over(encoded);
    requests_read(&in, requests);
    return rlp_finished(&in);
}

/* EIP-7685: the hash of no requests is sha256(""). */
Test(requests, none_have_the_hash_of_nothing_and_an_empty_list)
{
    const struct requests none = {0};
    const hash256 expected =
        hash_of("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const hash256 hash = requests_hash(&none);
    struct buffer out = {0};
    struct requests back;
    cr_expect(hash256_equal(&hash, &expected));
    requests_encode(&none, &out);
    cr_expect(bytes_equal(buffer_view(&out), bytes_of("\xc0", 1)));
    cr_expect(is_read(buffer_view(&out), &back));
    for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++)
        cr_expect_eq(back.data[type].size, 0);
    buffer_cleanup(&out);
}

/* sha256(sha256(00 61 62) ‖ sha256(02 63)), computed with sha256sum. */
Test(requests, are_hashed_by_type_without_the_empty_ones)
{
    struct requests requests = {0};
    requests.data[REQUEST_DEPOSITS] = bytes_of("ab", 2);
    requests.data[REQUEST_CONSOLIDATIONS] = bytes_of("c", 1);
    const hash256 expected =
        hash_of("06120a733924ee7b24cf5f68175045a29824206e084c6669faab6b2109e7bd92");
    const hash256 hash = requests_hash(&requests);
    cr_expect(hash256_equal(&hash, &expected));
}

Test(requests, come_back_from_their_list)
{
    struct requests requests = {0}, back;
    struct buffer out = {0};
    requests.data[REQUEST_DEPOSITS] = bytes_of("ab", 2);
    requests.data[REQUEST_CONSOLIDATIONS] = bytes_of("c", 1);
    requests_encode(&requests, &out);
    cr_expect(bytes_equal(buffer_view(&out), bytes_of("\xc7\x83\x00"
                                                      "ab\x82\x02"
                                                      "c",
                                                      8)));
    cr_assert(is_read(buffer_view(&out), &back));
    for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++)
        cr_expect(bytes_equal(back.data[type], requests.data[type]), "type %u", type);
    for (size_t size = 0; size < out.size; size++)
        cr_expect(!is_read(bytes_of(out.data, size), &back), "cut to %zu", size);
    buffer_cleanup(&out);
}

/* A list that our encoder would not write. */
Test(requests, refuse_what_hashes_alike_but_is_written_otherwise)
{
    static const struct {
        const char *why, *list;
        size_t size;
    } rows[] = {
        {"a type without data", "\xc1\x01", 2},
        {"a type without data, as a string of its own", "\xc2\x81\x81", 3},
        {"an empty item", "\xc1\x80", 2},
        {"an unknown type", "\xc3\x82\x03\x61", 4},
        {"one type twice", "\xc6\x82\x01\x61\x82\x01\x61", 7},
        {"falling types", "\xc6\x82\x02\x61\x82\x01\x61", 7},
        {"a list for a request", "\xc3\xc2\x01\x61", 4},
        {"no list", "\x82\x01\x61", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct requests back;
        cr_expect(!is_read(bytes_of(rows[i].list, rows[i].size), &back), "%s", rows[i].why);
    }
}
