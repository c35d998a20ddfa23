/* Blocks as a backup holds them: with their certificates, some settled by a later one's. */
#include <criterion/criterion.h>

#include "ledger/inside.h"
#include "node/block_stream.h"
#include "tests/unit/ledger/realm.h"
#include "tests/unit/ledger/sample.h"
#include "vm/base/cursor.h"

static struct sample source, copy;

static void start(void)
{
    sample_start(&source);
    sample_start(&copy);
}

static void stop(void)
{
    sample_cleanup(&copy);
    sample_cleanup(&source);
}

TestSuite(block_stream, .init = start, .fini = stop, .timeout = 60);

static hash256 build_on(const hash256 *parent)
{
    const struct build_request request = sample_request(&source, parent);
    struct error error;
    hash256 hash;
    cr_assert(ledger_build(source.ledger, source.vm, &request, &hash, &error), "%s", error.text);
    return hash;
}

/* A block of its own certificate, then two of which the second settles both. */
static struct buffer three_blocks(void)
{
    struct buffer records = {0};
    struct error error;
    uint64_t next;
    sample_block(&source);
    const hash256 second = build_on(&ledger_head(source.ledger)->hash);
    const hash256 third = build_on(&second);
    sample_commit(&source, &third);
    cr_assert(block_stream_collect(source.ledger, 1, 64, 1 << 20, &records, &next, &error), "%s",
              error.text);
    cr_expect(next == 4);
    return records;
}

static struct bytes record_at(const struct buffer *records, unsigned index)
{
    size_t at = 0, size = 0;
    struct error error;
    for (unsigned i = 0; i <= index; i++) {
        at += size;
        const struct bytes rest = bytes_of(records->data + at, records->size - at);
        cr_assert(block_stream_record_size(rest, &size, &error) && size > 0);
    }
    return bytes_of(records->data + at, size);
}

static bool apply(struct bytes record, bool *is_final, struct error *error)
{
    *is_final = false;
    return block_stream_apply(copy.ledger, copy.vm, record, is_final, error);
}

Test(block_stream, brings_blocks_that_a_later_one_settles)
{
    struct buffer records = three_blocks();
    struct error error;
    bool is_final;
    cr_assert(apply(record_at(&records, 0), &is_final, &error), "%s", error.text);
    cr_expect(is_final);
    cr_assert(apply(record_at(&records, 1), &is_final, &error), "%s", error.text);
    cr_expect(!is_final);
    cr_expect(ledger_head(copy.ledger)->number == 1);
    cr_assert(apply(record_at(&records, 2), &is_final, &error), "%s", error.text);
    cr_expect(is_final);
    cr_expect(ledger_head(copy.ledger)->number == 3);
    cr_expect(hash256_equal(&ledger_head(copy.ledger)->hash, &ledger_head(source.ledger)->hash));
    cr_expect(ledger_head(copy.ledger)->view == ledger_head(source.ledger)->view);
    buffer_cleanup(&records);
}

/* Earlier versions wrote a NOTARIZATION between the two. */
Test(block_stream, passes_over_what_stands_in_the_middle)
{
    struct buffer records = three_blocks(), earlier = {0};
    struct error error;
    bool is_final;
    const struct bytes record = record_at(&records, 0);
    struct cursor in = cursor_over(record.data, record.size);
    const struct bytes container = cursor_take(&in, cursor_u32_be(&in));
    cr_expect(cursor_u32_be(&in) == 0);
    buffer_append_u32_be(&earlier, (uint32_t)container.size);
    buffer_append_bytes(&earlier, container);
    buffer_append_u32_be(&earlier, 3);
    buffer_append_text(&earlier, "old");
    buffer_append(&earlier, in.next, in.left);
    cr_expect(apply(buffer_view(&earlier), &is_final, &error), "%s", error.text);
    cr_expect(is_final);
    buffer_cleanup(&earlier);
    buffer_cleanup(&records);
}

static void expect_refused(struct bytes record, const char *why)
{
    struct error error;
    bool is_final;
    cr_assert(!apply(record, &is_final, &error));
    cr_expect(error.code == ERROR_CORRUPT && strstr(error.text, why) != NULL, "%s", error.text);
    cr_expect(ledger_head(copy.ledger)->number == 0);
}

Test(block_stream, refuses_what_is_damaged)
{
    struct buffer records = three_blocks();
    const struct bytes record = record_at(&records, 0);
    uint8_t *bytes = records.data;
    expect_refused(bytes_of(record.data, record.size - 1), "cut short");
    expect_refused(record_at(&records, 1), "not valid");
    bytes[record.size - 5] ^= 1; /* in the signature */
    expect_refused(record, "a signature is not by the member");
    bytes[record.size - 5] ^= 1;
    bytes[record.size - 120] ^= 1; /* in its epoch */
    expect_refused(record, "certificate");
    bytes[record.size - 120] ^= 1;
    bytes[400] ^= 1;
    expect_refused(record, "not valid");
    buffer_cleanup(&records);
}

/* A node that joined at a checkpoint has no blocks before it to hand out. */
Test(block_stream, says_where_a_ledger_begins_that_has_not_all)
{
    struct buffer records = {0};
    struct error error;
    uint64_t next;
    for (unsigned i = 0; i < 3; i++)
        sample_block(&source);
    source.ledger->earliest = 2;
    cr_expect(!block_stream_collect(source.ledger, 1, 64, 1 << 20, &records, &next, &error));
    cr_expect(error.code == ERROR_UNSUPPORTED && strstr(error.text, "joined at block 2") != NULL,
              "%s", error.text);
    cr_expect(block_stream_collect(source.ledger, 2, 64, 1 << 20, &records, &next, &error));
    cr_expect(next == 4);
    buffer_cleanup(&records);
}

/* Each block is judged by the committee of its epoch. */
Test(block_stream, crosses_seals)
{
    static struct realm from, to;
    const unsigned second[] = {4, 2}, third[] = {0};
    struct buffer records = {0};
    struct error error;
    uint64_t next;
    realm_start(&from, 3, QUORUM_BFT);
    realm_start_copy(&to, &from);
    realm_block(&from);
    realm_seal(&from, second, 2, QUORUM_BFT);
    realm_block(&from);
    realm_seal(&from, third, 1, QUORUM_BFT);
    cr_assert(block_stream_collect(from.ledger, 1, 64, 1 << 20, &records, &next, &error));
    for (unsigned i = 0; i < 4; i++) {
        bool is_final;
        cr_assert(block_stream_apply(to.ledger, to.vm, record_at(&records, i), &is_final, &error),
                  "%s", error.text);
        cr_expect(is_final);
    }
    cr_expect(hash256_equal(&ledger_head(to.ledger)->hash, &ledger_head(from.ledger)->hash));
    cr_expect_eq(ledger_epoch_record(to.ledger)->epoch, 3);
    buffer_cleanup(&records);
    realm_cleanup(&to);
    realm_cleanup(&from);
}
