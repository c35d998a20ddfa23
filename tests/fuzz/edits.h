/* Edits to a message that was really signed, as the bytes ask for them: what is accepted after that
 * must say what was signed. */
#ifndef TESTS_FUZZ_EDITS_H
#define TESTS_FUZZ_EDITS_H
#include "vm/base/cursor.h"

/* Until the cursor is at its end: flips bits, cuts, inserts, or copies a range over another. */
static inline void edit(struct buffer *message, struct cursor *in)
{
    while (in->left > 0 && !in->failed) {
        const uint8_t what = cursor_u8(in);
        size_t at = cursor_u16_be(in), from = cursor_u16_be(in);
        const uint8_t value = cursor_u8(in);
        at = message->size > 0 ? at % message->size : 0;
        from = message->size > 0 ? from % message->size : 0;
        const size_t most = message->size - (at > from ? at : from);
        if (what < 128 && message->size > 0)
            message->data[at] ^= value;
        else if (what < 160)
            message->size = at;
        else if (what < 192)
            buffer_append_u8(message, value);
        else
            memmove(message->data + at, message->data + from, value < most ? value : most);
    }
}
#endif
