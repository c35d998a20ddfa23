#include "node/join_message.h"

#include "ledger/org/genesis.h"
#include "node/invitation.h"
#include "vm/base/cursor.h"

static bool is_printable(uint8_t c)
{
    return c >= ' ' && c <= '~';
}

static void put_sentence(struct bytes text, struct buffer *out)
{
    struct buffer clean = {0};
    for (size_t i = 0; i < text.size && clean.size < JOIN_SENTENCE_MAX; i++)
        if (is_printable(text.data[i]))
            buffer_append_u8(&clean, text.data[i]);
    buffer_append_u16_be(out, (uint16_t)clean.size);
    buffer_append_bytes(out, buffer_view(&clean));
    buffer_cleanup(&clean);
}

void join_message_encode(const struct join_message *message, struct buffer *out)
{
    buffer_append_u8(out, (uint8_t)message->kind);
    switch (message->kind) {
    case JOIN_REQUEST:
        buffer_append_u16_be(out, (uint16_t)message->text.size);
        buffer_append_bytes(out, message->text);
        break;
    case JOIN_WELCOME: buffer_append_bytes(out, message->text); break;
    case JOIN_NOT_WELCOME: put_sentence(message->text, out); break;
    }
}

static bool is_sentence(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_printable(text.data[i]))
            return false;
    return text.size <= JOIN_SENTENCE_MAX;
}

bool join_message_decode(struct join_message *message, struct bytes encoded)
{
    struct cursor in = cursor_over(encoded.data, encoded.size);
    const uint8_t kind = cursor_u8(&in);
    *message = (struct join_message){.kind = (enum join_message_kind)kind};
    if (kind == JOIN_WELCOME) {
        message->text = cursor_take(&in, in.left);
        return !in.failed && message->text.size > 0 && message->text.size <= GENESIS_SIZE_MAX;
    }
    message->text = cursor_take(&in, cursor_u16_be(&in));
    if (!cursor_finished(&in) || message->text.size == 0)
        return false;
    return kind == JOIN_REQUEST ? message->text.size <= INVITATION_LINK_SIZE_MAX
                                : kind == JOIN_NOT_WELCOME && is_sentence(message->text);
}
