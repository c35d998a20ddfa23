#include "node/sync/message.h"

#include <assert.h>

#include "vm/base/cursor.h"

static void put_hash(struct buffer *out, const hash256 *hash)
{
    buffer_append(out, hash->bytes, sizeof hash->bytes);
}

static void put_span(const struct span_answer *span, struct buffer *out)
{
    buffer_append_u64_be(out, span->first);
    buffer_append_u8(out, (uint8_t)span->count);
    buffer_append_bytes(out, span->content);
}

static void put_checkpoints(const struct checkpoint_offers *offers, struct buffer *out)
{
    assert(offers->count <= CHECKPOINTS_MAX);
    buffer_append_u8(out, (uint8_t)offers->count);
    for (unsigned i = 0; i < offers->count; i++) {
        const struct checkpoint_offer *offer = &offers->offers[i];
        buffer_append_u64_be(out, offer->height);
        put_hash(out, &offer->block);
        put_hash(out, &offer->manifest);
        buffer_append_u32_be(out, offer->manifest_size);
        buffer_append_u32_be(out, offer->chunks);
    }
}

void sync_message_encode(const struct sync_message *message, struct buffer *out)
{
    buffer_append_u8(out, (uint8_t)message->kind);
    switch (message->kind) {
    case SYNC_GET_RANGE:
    case SYNC_GET_SEALS:
        buffer_append_u64_be(out, message->get_span.first);
        buffer_append_u8(out, (uint8_t)message->get_span.count);
        break;
    case SYNC_RANGE:
    case SYNC_SEALS: put_span(&message->span, out); break;
    case SYNC_GET_CHECKPOINTS: break;
    case SYNC_CHECKPOINTS: put_checkpoints(&message->checkpoints, out); break;
    case SYNC_GET_MANIFEST: put_hash(out, &message->get_chunk.manifest); break;
    case SYNC_MANIFEST:
        put_hash(out, &message->chunk.manifest);
        buffer_append_bytes(out, message->chunk.content);
        break;
    case SYNC_GET_CHUNK:
        put_hash(out, &message->get_chunk.manifest);
        buffer_append_u32_be(out, message->get_chunk.index);
        break;
    case SYNC_CHUNK:
        put_hash(out, &message->chunk.manifest);
        buffer_append_u32_be(out, message->chunk.index);
        buffer_append_bytes(out, message->chunk.content);
        break;
    }
}

/* The last of a span has a number, too. */
static bool span_is_sound(uint64_t first, unsigned count, unsigned count_max)
{
    return count <= count_max && (count == 0 || first <= UINT64_MAX - (count - 1));
}

static bool decode_span_request(struct span_request *request, struct cursor in, unsigned count_max)
{
    request->first = cursor_u64_be(&in);
    request->count = cursor_u8(&in);
    return cursor_finished(&in) && request->count > 0
           && span_is_sound(request->first, request->count, count_max);
}

static bool decode_span(struct span_answer *span, struct cursor in, unsigned count_max,
                        size_t size_max)
{
    span->first = cursor_u64_be(&in);
    span->count = cursor_u8(&in);
    span->content = cursor_take(&in, in.left);
    return cursor_finished(&in) && span_is_sound(span->first, span->count, count_max)
           && span->content.size <= size_max && (span->count == 0) == (span->content.size == 0);
}

static bool decode_checkpoints(struct checkpoint_offers *offers, struct cursor in)
{
    offers->count = cursor_u8(&in);
    if (offers->count > CHECKPOINTS_MAX)
        return false;
    for (unsigned i = 0; i < offers->count; i++) {
        struct checkpoint_offer *offer = &offers->offers[i];
        offer->height = cursor_u64_be(&in);
        cursor_copy(&in, offer->block.bytes, sizeof offer->block.bytes);
        cursor_copy(&in, offer->manifest.bytes, sizeof offer->manifest.bytes);
        offer->manifest_size = cursor_u32_be(&in);
        offer->chunks = cursor_u32_be(&in);
        if (offer->chunks == 0 || offer->chunks > CHECKPOINT_CHUNKS_MAX || offer->manifest_size == 0
            || offer->manifest_size > MANIFEST_SIZE_MAX
            || (i > 0 && offer->height <= offers->offers[i - 1].height))
            return false;
    }
    return cursor_finished(&in);
}

static bool decode_chunk_request(struct chunk_request *request, struct cursor in, bool has_index)
{
    cursor_copy(&in, request->manifest.bytes, sizeof request->manifest.bytes);
    request->index = has_index ? cursor_u32_be(&in) : 0;
    return cursor_finished(&in) && request->index < CHECKPOINT_CHUNKS_MAX;
}

static bool decode_chunk(struct chunk_answer *answer, struct cursor in, bool has_index,
                         size_t content_max)
{
    cursor_copy(&in, answer->manifest.bytes, sizeof answer->manifest.bytes);
    answer->index = has_index ? cursor_u32_be(&in) : 0;
    answer->content = cursor_take(&in, in.left);
    return cursor_finished(&in) && answer->index < CHECKPOINT_CHUNKS_MAX
           && answer->content.size <= content_max;
}

bool sync_message_decode(struct sync_message *message, struct bytes encoded)
{
    if (encoded.size == 0 || encoded.size > SYNC_MESSAGE_SIZE_MAX)
        return false;
    const struct cursor in = cursor_over(encoded.data + 1, encoded.size - 1);
    *message = (struct sync_message){.kind = (enum sync_message_kind)encoded.data[0]};
    switch (message->kind) {
    case SYNC_GET_RANGE: return decode_span_request(&message->get_span, in, SYNC_BLOCKS_MAX);
    case SYNC_GET_SEALS: return decode_span_request(&message->get_span, in, SYNC_LINKS_MAX);
    case SYNC_RANGE: return decode_span(&message->span, in, SYNC_BLOCKS_MAX, SYNC_MESSAGE_SIZE_MAX);
    case SYNC_SEALS: return decode_span(&message->span, in, SYNC_LINKS_MAX, SYNC_LINKS_SIZE_MAX);
    case SYNC_GET_CHECKPOINTS: return in.left == 0;
    case SYNC_CHECKPOINTS: return decode_checkpoints(&message->checkpoints, in);
    case SYNC_GET_MANIFEST: return decode_chunk_request(&message->get_chunk, in, false);
    case SYNC_GET_CHUNK: return decode_chunk_request(&message->get_chunk, in, true);
    case SYNC_MANIFEST: return decode_chunk(&message->chunk, in, false, MANIFEST_SIZE_MAX);
    case SYNC_CHUNK: return decode_chunk(&message->chunk, in, true, CHUNK_SIZE_MAX);
    }
    return false;
}
