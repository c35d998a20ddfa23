/* The content of a seal: read exactly as written, or not at all. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "ledger/chain/seal.h"
#include "ledger/org/genesis.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"

static struct arena arena;

static void stop(void)
{
    arena_cleanup(&arena);
}

TestSuite(seal, .fini = stop);

static struct epoch_record record_of(unsigned size)
{
    struct epoch_record record = {.epoch = 3,
                                  .fork = VM_FORK_PRAGUE,
                                  .mode = QUORUM_CRASH,
                                  .quorum = quorum_size(QUORUM_CRASH, size),
                                  .parameters = genesis_defaults().parameters,
                                  .committee_size = size};
    record.committee = arena_array(&arena, size, sizeof *record.committee);
    for (unsigned i = 0; i < size; i++) {
        struct committee_entry *entry = &record.committee[i];
        entry->consensus.bytes[0] = entry->payout.bytes[1] = entry->node_key[1] = (uint8_t)(i + 1);
        entry->node_key[0] = 2;
        entry->weight = i + 1;
        entry->reveal_commitment.bytes[0] = (uint8_t)(i + 1);
        snprintf(entry->endpoint, sizeof entry->endpoint, "box%u.example:30800", i);
    }
    return record;
}

static struct bytes encoded(const struct epoch_record *next)
{
    struct buffer data = {0};
    seal_encode(next, &data);
    const struct bytes copy = arena_copy(&arena, buffer_view(&data));
    buffer_cleanup(&data);
    return copy;
}

static enum seal_verdict verdict_on(const struct epoch_record *next)
{
    const struct epoch_record record = record_of(4);
    struct epoch_record read;
    return seal_read(encoded(next), &record, &arena, &read);
}

/* Also a full committee with the longest endpoints fits what an outbox drains at once. */
Test(seal, is_read_as_it_was_written)
{
    for (unsigned size = 1; size <= COMMITTEE_SIZE_MAX; size += 11) {
        const struct epoch_record record = record_of(4);
        struct epoch_record next = record_of(size), read;
        for (unsigned i = 0; i < size; i++)
            memset(next.committee[i].endpoint, 'x', COMMITTEE_ENDPOINT_MAX);
        const struct bytes data = encoded(&next);
        cr_assert_eq(seal_read(data, &record, &arena, &read), SEAL_READ);
        cr_expect_eq(read.quorum, size / 2 + 1);
        const struct bytes again = encoded(&read);
        cr_expect(bytes_equal(again, data));
        struct rlp_reader in = rlp_reader_over(data);
        struct rlp_reader entries = rlp_list(&in);
        unsigned count = 0;
        for (; rlp_has_more(&entries); count++)
            cr_expect_leq(rlp_string(&entries).size, SEAL_ENTRY_SIZE_MAX);
        cr_expect_leq(count, 64);
    }
}

Test(seal, is_written_as_documented)
{
    struct buffer record = {0}, text = {0};
    struct epoch_record next;
    cr_assert(
        hex_decode_append(&record, "0x" VECTOR_EPOCH_RECORD, strlen(VECTOR_EPOCH_RECORD) + 2));
    cr_assert(epoch_record_decode(&next, buffer_view(&record), &arena));
    buffer_cleanup(&record);
    next.fork = VM_FORK_PRAGUE;
    const struct bytes data = encoded(&next);
    hex_append(&text, data);
    buffer_append_u8(&text, 0);
    cr_expect_str_eq((const char *)text.data + 2, VECTOR_SEAL);
    buffer_cleanup(&text);
}

/* Wherever it is cut, padded or changed, it decides nothing or something else, and never fails. */
Test(seal, nothing_else_is_read)
{
    const struct epoch_record record = record_of(4), next = record_of(2);
    const struct bytes data = encoded(&next);
    uint8_t *bytes = arena_alloc(&arena, data.size + 1);
    struct epoch_record read;
    memcpy(bytes, data.data, data.size);
    for (size_t size = 0; size <= data.size + 1; size++)
        cr_expect_eq(seal_read(bytes_of(bytes, size), &record, &arena, &read),
                     size == data.size ? SEAL_READ : SEAL_NONE, "%zu", size);
    for (size_t at = 0; at < data.size; at++) {
        bytes[at] ^= 1;
        if (seal_read(bytes_of(bytes, data.size), &record, &arena, &read) == SEAL_READ)
            cr_expect(bytes_equal(encoded(&read), bytes_of(bytes, data.size)), "%zu", at);
        bytes[at] ^= 1;
    }
}

Test(seal, values_out_of_range_decide_nothing)
{
    struct epoch_record next = record_of(2);
    next.parameters.gas_limit = GENESIS_GAS_LIMIT_MAX + 1;
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(2);
    next.parameters.block_size_max = 1;
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(2);
    next.committee[1].payout = next.committee[0].payout;
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(2);
    next.committee[1].consensus = next.committee[0].consensus;
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(2);
    next.fork = VM_FORK_CANCUN; /* below that in force */
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(2);
    next.mode = (enum quorum_mode)(QUORUM_ALL + 1);
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(0);
    cr_expect_eq(verdict_on(&next), SEAL_NONE);
    next = record_of(2);
    cr_expect_eq(verdict_on(&next), SEAL_READ);
}

Test(seal, what_is_newer_than_the_program_is_a_seal_all_the_same)
{
    struct epoch_record next = record_of(2);
    next.fork = VM_FORK_COUNT;
    cr_expect_eq(verdict_on(&next), SEAL_UNSUPPORTED);
    next = record_of(2);
    next.protocol_version = PROTOCOL_VERSION + 1;
    cr_expect_eq(verdict_on(&next), SEAL_UNSUPPORTED);
}

Test(seal, the_record_follows_from_the_seal)
{
    const struct epoch_record record = record_of(4);
    struct epoch_record next = record_of(2);
    const struct header seal = {.number = 77};
    const hash256 hash = {{9}}, previous = epoch_record_hash(&record);
    const struct supply supply = {.issued = u256_from_u64(5), .burnt = u256_from_u64(6)};
    seal_complete(&next, &record, &seal, &hash, &supply);
    cr_expect_eq(next.epoch, 4);
    cr_expect_eq(next.first_height, 78);
    cr_expect(hash256_equal(&next.previous, &previous));
    cr_expect(hash256_equal(&next.seal, &hash));
    cr_expect(u256_equal(&next.supply.burnt, &supply.burnt));
}
