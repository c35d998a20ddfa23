/* How transactions are passed on: one form a message, bounds before memory. */
#include "node/pool_message.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

static struct arena arena;

static void stop(void)
{
    arena_cleanup(&arena);
}

TestSuite(pool_message, .fini = stop);

static hash256 filled(uint8_t byte)
{
    hash256 hash;
    memset(hash.bytes, byte, sizeof hash.bytes);
    return hash;
}

static bool decodes(struct bytes encoded, struct pool_message *message)
{
    struct buffer again = {0};
    if (!pool_message_decode(message, encoded, &arena))
        return false;
    pool_message_encode(message, &again);
    cr_expect(bytes_equal(buffer_view(&again), encoded));
    buffer_cleanup(&again);
    return true;
}

#define HASH_AA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_BB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* The vectors of docs/formats.md. */
Test(pool_message, has_the_documented_form)
{
    struct bytes transactions[] = {bytes_of_text("transaction"), bytes_of_text("two")};
    hash256 hashes[] = {filled(0xaa), filled(0xbb)};
    const struct {
        struct pool_message message;
        const char *hex;
    } rows[] = {
        {{.kind = POOL_TRANSACTIONS, .count = 2, .transactions = transactions},
         "0x2000020000000b7472616e73616374696f6e0000000374776f"},
        {{.kind = POOL_HAVE, .count = 2, .hashes = hashes}, "0x210002" HASH_AA HASH_BB},
        {{.kind = POOL_WANT, .count = 1, .hashes = hashes}, "0x220001" HASH_AA},
    };
    for (unsigned i = 0; i < 3; i++) {
        struct buffer encoded = {0}, expected = {0};
        struct pool_message decoded;
        pool_message_encode(&rows[i].message, &encoded);
        cr_assert(hex_decode_append(&expected, rows[i].hex, strlen(rows[i].hex)));
        cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&expected)), "%u", i);
        cr_assert(decodes(buffer_view(&encoded), &decoded));
        cr_expect_eq(decoded.count, rows[i].message.count);
        for (size_t size = 0; size < encoded.size; size++)
            cr_expect_not(decodes(bytes_of(encoded.data, size), &decoded), "%u cut", i);
        buffer_append_u8(&encoded, 0);
        cr_expect_not(decodes(buffer_view(&encoded), &decoded), "%u padded", i);
        buffer_cleanup(&encoded);
        buffer_cleanup(&expected);
    }
}

Test(pool_message, refuses_what_is_out_of_bounds)
{
    static const char *const rows[] = {
        "0x200000",           /* none */
        "0x210401",           /* too many */
        "0x2000010000000000", /* an empty one */
        "0x20000100020001",   /* a large one */
        "0x230001" HASH_AA,   /* no such kind */
        "0x20ffff0000000161",
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer encoded = {0};
        struct pool_message message;
        cr_assert(hex_decode_append(&encoded, rows[i], strlen(rows[i])));
        cr_expect_not(decodes(buffer_view(&encoded), &message), "%s", rows[i]);
        buffer_cleanup(&encoded);
    }
    struct buffer many = {0};
    struct pool_message message;
    buffer_append_u8(&many, POOL_TRANSACTIONS);
    buffer_append_u16_be(&many, 5);
    for (unsigned i = 0; i < 5; i++) {
        buffer_append_u32_be(&many, TRANSACTION_SIZE_MAX);
        memset(buffer_extend(&many, TRANSACTION_SIZE_MAX), 1, TRANSACTION_SIZE_MAX);
    }
    cr_expect_not(decodes(buffer_view(&many), &message));
    buffer_cleanup(&many);
}
