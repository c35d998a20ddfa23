/* What nodes send each other to catch up: one form a message, bounds before memory. */
#include "node/sync/message.h"

#include <criterion/criterion.h>

#include "ledger/chain/block.h"
#include "ledger/contracts/contracts.h"
#include "vm/base/hex.h"

#define SAMPLES 10

static hash256 filled(uint8_t byte)
{
    hash256 hash;
    memset(hash.bytes, byte, sizeof hash.bytes);
    return hash;
}

/* One of each kind: the vectors of docs/formats.md. */
static void sample_messages(struct sync_message out[SAMPLES])
{
    const struct span_request span = {.first = 7, .count = 3};
    const struct span_answer range = {7, 2, bytes_of_text("range")};
    const struct span_answer seals = {7, 2, bytes_of_text("chain")};
    const struct checkpoint_offer offer = {8192, filled(0xbb), filled(0xcc), 500, 3};
    const struct chunk_request request = {filled(0xcc), 2};
    const struct chunk_answer chunk = {filled(0xcc), 2, bytes_of_text("chunk")};
    const struct chunk_answer manifest = {filled(0xcc), 0, bytes_of_text("manifest")};
    out[0] = (struct sync_message){.kind = SYNC_GET_RANGE, .get_span = span};
    out[1] = (struct sync_message){.kind = SYNC_RANGE, .span = range};
    out[2] = (struct sync_message){.kind = SYNC_GET_SEALS, .get_span = span};
    out[3] = (struct sync_message){.kind = SYNC_SEALS, .span = seals};
    out[4] = (struct sync_message){.kind = SYNC_GET_CHECKPOINTS};
    out[5] = (struct sync_message){.kind = SYNC_CHECKPOINTS, .checkpoints = {{offer}, 1}};
    out[6] = (struct sync_message){.kind = SYNC_GET_MANIFEST, .get_chunk = {filled(0xcc), 0}};
    out[7] = (struct sync_message){.kind = SYNC_MANIFEST, .chunk = manifest};
    out[8] = (struct sync_message){.kind = SYNC_GET_CHUNK, .get_chunk = request};
    out[9] = (struct sync_message){.kind = SYNC_CHUNK, .chunk = chunk};
}

#define HASH_BB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HASH_CC "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
static const char *const vectors[SAMPLES] = {
    "10000000000000000703",
    "11000000000000000702"
    "72616e6765",
    "12000000000000000703",
    "13000000000000000702"
    "636861696e",
    "14",
    "15010000000000002000" HASH_BB HASH_CC "000001f400000003",
    "16" HASH_CC,
    "17" HASH_CC "6d616e6966657374",
    "18" HASH_CC "00000002",
    "19" HASH_CC "000000026368756e6b",
};

static bool is_accepted(const struct sync_message *message)
{
    struct buffer encoded = {0};
    struct sync_message decoded;
    sync_message_encode(message, &encoded);
    const bool ok = sync_message_decode(&decoded, buffer_view(&encoded));
    buffer_cleanup(&encoded);
    return ok;
}

Test(sync_message, is_encoded_as_documented_and_decodes_to_the_same)
{
    struct sync_message samples[SAMPLES], decoded;
    sample_messages(samples);
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct buffer encoded = {0}, again = {0}, hex = {0};
        sync_message_encode(&samples[i], &encoded);
        for (size_t j = 0; j < encoded.size; j++)
            buffer_append_format(&hex, "%02x", encoded.data[j]);
        cr_expect(bytes_equal(buffer_view(&hex), bytes_of_text(vectors[i])), "message %u: %.*s", i,
                  (int)hex.size, (const char *)hex.data);
        cr_assert(sync_message_decode(&decoded, buffer_view(&encoded)), "message %u", i);
        sync_message_encode(&decoded, &again);
        cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&again)), "message %u", i);
        buffer_cleanup(&encoded);
        buffer_cleanup(&again);
        buffer_cleanup(&hex);
    }
}

/* Of what ends in free bytes only those may be missing. */
Test(sync_message, decodes_at_no_smaller_length)
{
    const size_t free_bytes[SAMPLES] = {[1] = 4, [3] = 4, [7] = 8, [9] = 5};
    struct sync_message samples[SAMPLES], decoded;
    sample_messages(samples);
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct buffer encoded = {0};
        sync_message_encode(&samples[i], &encoded);
        for (size_t size = 0; size < encoded.size - free_bytes[i]; size++)
            cr_expect_not(sync_message_decode(&decoded, bytes_of(encoded.data, size)),
                          "message %u of %zu bytes", i, size);
        buffer_append_u8(&encoded, 0);
        cr_expect_eq(sync_message_decode(&decoded, buffer_view(&encoded)), free_bytes[i] > 0,
                     "message %u with a byte more", i);
        buffer_cleanup(&encoded);
    }
}

Test(sync_message, rejects_kinds_that_it_does_not_know)
{
    uint8_t bytes[64] = {0};
    struct sync_message decoded;
    for (unsigned kind = 0; kind < 256; kind++) {
        bytes[0] = (uint8_t)kind;
        if (kind < SYNC_GET_RANGE || kind > SYNC_CHUNK)
            for (size_t size = 1; size <= sizeof bytes; size++)
                cr_expect_not(sync_message_decode(&decoded, bytes_of(bytes, size)), "%u", kind);
    }
}

Test(sync_message, bounds_what_is_asked_for)
{
    struct sync_message range = {.kind = SYNC_GET_RANGE, .get_span = {1, SYNC_BLOCKS_MAX}};
    cr_expect(is_accepted(&range));
    range.get_span.count = SYNC_BLOCKS_MAX + 1;
    cr_expect_not(is_accepted(&range), "129 blocks");
    range.get_span.count = 0;
    cr_expect_not(is_accepted(&range), "nothing");
    range.get_span = (struct span_request){UINT64_MAX, 1};
    cr_expect(is_accepted(&range));
    range.get_span.count = 2;
    cr_expect_not(is_accepted(&range), "a block above the last height");
    struct sync_message seals = {.kind = SYNC_GET_SEALS, .get_span = {1, SYNC_LINKS_MAX}};
    cr_expect(is_accepted(&seals));
    seals.get_span.count++;
    cr_expect_not(is_accepted(&seals), "129 links");
    struct sync_message chunk = {.kind = SYNC_GET_CHUNK,
                                 .get_chunk = {filled(1), CHECKPOINT_CHUNKS_MAX - 1}};
    cr_expect(is_accepted(&chunk));
    chunk.get_chunk.index++;
    cr_expect_not(is_accepted(&chunk), "chunk 65536");
}

Test(sync_message, bounds_what_is_answered)
{
    uint8_t *content = memory_new_zeroed(SYNC_MESSAGE_SIZE_MAX, 1);
    struct sync_message range = {
        .kind = SYNC_RANGE,
        .span = {1, SYNC_BLOCKS_MAX,
                 bytes_of(content, BLOCK_RLP_SIZE_MAX + CONTAINER_OVERHEAD_MAX + 65000)}};
    cr_expect(is_accepted(&range), "a block of the largest size and its proof");
    range.span.count++;
    cr_expect_not(is_accepted(&range), "129 blocks");
    range.span.count = 0;
    cr_expect_not(is_accepted(&range), "a range of nothing");
    range.span.content.size = 0;
    cr_expect(is_accepted(&range), "nothing is here");
    range.span.count = 1;
    cr_expect_not(is_accepted(&range), "a block of no bytes");
    range.span.content.size = SYNC_MESSAGE_SIZE_MAX - 10;
    cr_expect(is_accepted(&range));
    range.span.content.size++;
    cr_expect_not(is_accepted(&range), "a message that is too large");
    range.span = (struct span_answer){UINT64_MAX, 2, bytes_of(content, 9)};
    cr_expect_not(is_accepted(&range), "a block above the last height");

    struct sync_message seals = {
        .kind = SYNC_SEALS, .span = {1, SYNC_LINKS_MAX, bytes_of(content, SYNC_LINKS_SIZE_MAX)}};
    cr_expect(is_accepted(&seals));
    seals.span.content.size++;
    cr_expect_not(is_accepted(&seals), "a chain that is too large");
    seals.span = (struct span_answer){.first = 1};
    cr_expect(is_accepted(&seals), "no more seals");

    struct sync_message chunk = {.kind = SYNC_CHUNK,
                                 .chunk = {filled(1), 0, bytes_of(content, CHUNK_SIZE_MAX)}};
    cr_expect(is_accepted(&chunk));
    chunk.chunk.content.size++;
    cr_expect_not(is_accepted(&chunk), "a chunk that is too large");
    chunk.chunk.content.size = 0;
    cr_expect(is_accepted(&chunk), "the chunk is not here");
    struct sync_message manifest = {.kind = SYNC_MANIFEST,
                                    .chunk = {filled(1), 0, bytes_of(content, MANIFEST_SIZE_MAX)}};
    cr_expect(is_accepted(&manifest));
    manifest.chunk.content.size++;
    cr_expect_not(is_accepted(&manifest), "a manifest that is too large");
    free(content);
}

/* celestia#5098: 25 chunks and no hashes. */
Test(sync_message, bounds_what_a_checkpoint_claims)
{
    struct sync_message message = {.kind = SYNC_CHECKPOINTS};
    for (unsigned i = 0; i < CHECKPOINTS_MAX; i++)
        message.checkpoints.offers[i] = (struct checkpoint_offer){
            i + 1, filled(1), filled(2), MANIFEST_SIZE_MAX, CHECKPOINT_CHUNKS_MAX};
    cr_expect(is_accepted(&message), "none is here");
    message.checkpoints.count = CHECKPOINTS_MAX;
    cr_expect(is_accepted(&message));
    struct checkpoint_offer *offer = &message.checkpoints.offers[3];
    offer->chunks = 0;
    cr_expect_not(is_accepted(&message), "no chunks");
    offer->chunks = CHECKPOINT_CHUNKS_MAX + 1;
    cr_expect_not(is_accepted(&message), "65537 chunks");
    offer->chunks = 1;
    offer->manifest_size = 0;
    cr_expect_not(is_accepted(&message), "an empty manifest");
    offer->manifest_size = MANIFEST_SIZE_MAX + 1;
    cr_expect_not(is_accepted(&message), "a manifest that is too large");
    offer->manifest_size = 1;
    cr_expect(is_accepted(&message));
    offer->height = 3;
    cr_expect_not(is_accepted(&message), "a height twice");

    const uint8_t nine[1 + 1] = {SYNC_CHECKPOINTS, CHECKPOINTS_MAX + 1};
    struct sync_message decoded;
    cr_expect_not(sync_message_decode(&decoded, bytes_of(nine, sizeof nine)));
}
