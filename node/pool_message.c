#include "node/pool_message.h"

#include <assert.h>

#include "vm/base/cursor.h"

static_assert(3 + 4 + TRANSACTION_SIZE_MAX <= POOL_MESSAGE_SIZE_MAX, "each transaction fits");
static_assert(3 + 32 * POOL_MESSAGE_COUNT_MAX <= POOL_MESSAGE_SIZE_MAX, "so many hashes do");

void pool_message_encode(const struct pool_message *message, struct buffer *out)
{
    assert(message->count > 0);
    assert(message->count <= POOL_MESSAGE_COUNT_MAX);
    buffer_append_u8(out, (uint8_t)message->kind);
    buffer_append_u16_be(out, (uint16_t)message->count);
    for (unsigned i = 0; i < message->count; i++) {
        if (message->kind == POOL_TRANSACTIONS) {
            buffer_append_u32_be(out, (uint32_t)message->transactions[i].size);
            buffer_append_bytes(out, message->transactions[i]);
        } else {
            buffer_append(out, message->hashes[i].bytes, sizeof message->hashes[i].bytes);
        }
    }
}

static bool read_transactions(struct pool_message *message, struct cursor *in, struct arena *arena)
{
    message->transactions = arena_array(arena, message->count, sizeof *message->transactions);
    for (unsigned i = 0; i < message->count; i++) {
        const uint32_t size = cursor_u32_be(in);
        if (size == 0 || size > TRANSACTION_SIZE_MAX)
            return false;
        message->transactions[i] = cursor_take(in, size);
    }
    return true;
}

static void read_hashes(struct pool_message *message, struct cursor *in, struct arena *arena)
{
    message->hashes = arena_array(arena, message->count, sizeof *message->hashes);
    for (unsigned i = 0; i < message->count; i++)
        cursor_copy(in, message->hashes[i].bytes, sizeof message->hashes[i].bytes);
}

unsigned pool_message_count(struct bytes encoded)
{
    struct cursor in = cursor_over(encoded.data, encoded.size);
    cursor_u8(&in);
    const unsigned count = cursor_u16_be(&in);
    return encoded.size <= POOL_MESSAGE_SIZE_MAX && count <= POOL_MESSAGE_COUNT_MAX ? count : 0;
}

bool pool_message_decode(struct pool_message *message, struct bytes encoded, struct arena *arena)
{
    struct cursor in = cursor_over(encoded.data, encoded.size);
    *message = (struct pool_message){.kind = (enum pool_message_kind)cursor_u8(&in)};
    message->count = pool_message_count(encoded);
    cursor_u16_be(&in);
    if (message->count == 0)
        return false;
    switch (message->kind) {
    case POOL_TRANSACTIONS:
        if (!read_transactions(message, &in, arena))
            return false;
        break;
    case POOL_HAVE:
    case POOL_WANT: read_hashes(message, &in, arena); break;
    default: return false;
    }
    return cursor_finished(&in);
}
