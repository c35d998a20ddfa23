#include "rpc/websocket/reader.h"

#include "tests/unit/rpc/websocket/frames.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_MAX 70000

/* Bytes that come in pieces of a size, then an end or a pause. */
struct source {
    struct bytes rest;
    size_t piece;
    bool ends;
};

static ssize_t pull(void *context, uint8_t *out, size_t size)
{
    struct source *source = context;
    size_t part = source->rest.size < source->piece ? source->rest.size : source->piece;
    part = part < size ? part : size;
    if (part == 0)
        return source->ends ? -1 : 0;
    memcpy(out, source->rest.data, part);
    source->rest = bytes_of(source->rest.data + part, source->rest.size - part);
    return (ssize_t)part;
}

/* What was read, as text: "M(text) P(ping) ..." up to what ends it. */
static void read_all(struct bytes bytes, size_t piece, struct buffer *seen)
{
    struct ws_reader reader;
    struct source source = {bytes, piece, true};
    ws_reader_init(&reader, MESSAGE_MAX);
    for (enum ws_event event = WS_MORE;
         event != WS_ENDED && event != WS_CLOSE && event != WS_BAD;) {
        event = ws_reader_next(&reader, pull, &source);
        switch (event) {
        case WS_MORE: break;
        case WS_ENDED: buffer_append_text(seen, "end"); break;
        case WS_MESSAGE:
            buffer_append_format(seen, "M%zu(%.*s) ", reader.message.size,
                                 (int)(reader.message.size < 20 ? reader.message.size : 20),
                                 (const char *)reader.message.data);
            buffer_clear(&reader.message);
            break;
        case WS_PING:
        case WS_PONG:
            buffer_append_format(seen, "%c(%.*s) ", event == WS_PING ? 'p' : 'q',
                                 reader.control_size, (const char *)reader.control);
            break;
        case WS_CLOSE: buffer_append_format(seen, "close %u", reader.code); break;
        case WS_BAD: buffer_append_format(seen, "bad %u: %s", reader.code, reader.why); break;
        }
    }
    ws_reader_cleanup(&reader);
    buffer_append_u8(seen, 0);
}

static void expect_seen(const struct buffer *bytes, const char *expected)
{
    static const size_t pieces[] = {1, 2, 3, 7, 4096, 100000};
    for (size_t index = 0; index < sizeof pieces / sizeof *pieces; index++) {
        struct buffer seen = {0};
        read_all(buffer_view(bytes), pieces[index], &seen);
        cr_expect_str_eq((const char *)seen.data, expected, "in pieces of %zu: %s, expected %s",
                         pieces[index], (const char *)seen.data, expected);
        buffer_cleanup(&seen);
    }
}

Test(ws_reader, messages_and_control_frames_come_in_order_however_they_are_cut)
{
    struct buffer bytes = {0};
    append_frame(&bytes, FINAL | OP_TEXT, "one");
    append_frame(&bytes, FINAL | OP_PING, "");
    append_frame(&bytes, OP_TEXT, "tw");
    append_frame(&bytes, FINAL | OP_PING, "between");
    append_frame(&bytes, OP_MORE, "");
    append_frame(&bytes, FINAL | OP_PONG, "x");
    append_frame(&bytes, FINAL | OP_MORE, "o");
    append_frame(&bytes, FINAL | OP_BINARY, "{}");
    append_frame(&bytes, FINAL | OP_TEXT, "");
    append_frame(&bytes, FINAL | OP_CLOSE, "\x03\xe8 bye");
    append_frame(&bytes, FINAL | OP_TEXT, "never read");
    expect_seen(&bytes, "M3(one) p() p(between) q(x) M3(two) M2({}) M0() close 1000");
    buffer_cleanup(&bytes);
}

Test(ws_reader, every_size_of_length_is_read)
{
    static const size_t sizes[] = {0, 125, 126, 65535, 65536, MESSAGE_MAX};
    static char text[MESSAGE_MAX];
    memset(text, 'a', sizeof text);
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        struct buffer bytes = {0};
        char expected[60];
        append_frame_with(&bytes, FINAL | OP_TEXT, true, bytes_of(text, sizes[index]));
        snprintf(expected, sizeof expected, "M%zu(%.*s) end", sizes[index],
                 (int)(sizes[index] < 20 ? sizes[index] : 20), text);
        expect_seen(&bytes, expected);
        buffer_cleanup(&bytes);
    }
}

Test(ws_reader, what_a_client_may_not_send_ends_the_connection_with_its_code)
{
    static const struct {
        uint8_t first;
        bool is_masked;
        const char *content;
        size_t size;
        const char *expected;
    } cases[] = {
        {FINAL | OP_TEXT, false, "x", 1, "bad 1002: a client's frames must be masked"},
        {FINAL | OP_PING, false, "", 0, "bad 1002: a client's frames must be masked"},
        {FINAL | 0x40 | OP_TEXT, true, "x", 1,
         "bad 1002: no extension was agreed: reserved bits set"},
        {FINAL | 0x10 | OP_PING, true, "x", 1,
         "bad 1002: no extension was agreed: reserved bits set"},
        {FINAL | 0x3, true, "x", 1, "bad 1002: unknown opcode"},
        {FINAL | 0xb, true, "x", 1, "bad 1002: unknown opcode"},
        {FINAL | OP_MORE, true, "x", 1, "bad 1002: there is no message to continue"},
        {OP_PING, true, "x", 1, "bad 1002: bad frame: its length is not allowed"},
        {FINAL | OP_TEXT, true, "\xc0\xaf", 2, "bad 1007: the message is not UTF-8"},
        {FINAL | OP_TEXT, true, "\xed\xa0\x80", 3, "bad 1007: the message is not UTF-8"},
        {FINAL | OP_TEXT, true, "ab\xe2\x82", 4, "bad 1007: the message is not UTF-8"},
        {FINAL | OP_CLOSE, true, "\x03", 1, "bad 1002: a close code has two bytes"},
        {FINAL | OP_CLOSE, true, "\x03\xed", 2, "bad 1002: this close code may not be sent"},
        {FINAL | OP_CLOSE, true, "\x03\xe7", 2, "bad 1002: this close code may not be sent"},
        {FINAL | OP_CLOSE, true, "\x03\xe8\xff", 3, "bad 1007: the close reason is not UTF-8"},
        {FINAL | OP_CLOSE, true, "", 0, "close 1005"},
        {FINAL | OP_CLOSE, true, "\x0b\xb8", 2, "close 3000"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct buffer bytes = {0};
        append_frame_with(&bytes, cases[index].first, cases[index].is_masked,
                          bytes_of(cases[index].content, cases[index].size));
        expect_seen(&bytes, cases[index].expected);
        buffer_cleanup(&bytes);
    }
}

/* A message's bound counts all its frames, and is judged before the bytes have come. */
Test(ws_reader, a_message_too_long_is_refused_at_its_head)
{
    static char text[MESSAGE_MAX];
    static const uint8_t huge[] = {FINAL | OP_TEXT, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4, 'x'};
    struct buffer bytes = {0};
    memset(text, 'a', sizeof text);
    buffer_append(&bytes, huge, sizeof huge);
    expect_seen(&bytes, "bad 1009: the message is too long");
    buffer_clear(&bytes);
    append_frame_with(&bytes, OP_TEXT, true, bytes_of(text, sizeof text));
    append_frame(&bytes, FINAL | OP_MORE, "b");
    expect_seen(&bytes, "bad 1009: the message is too long");
    buffer_cleanup(&bytes);
}

Test(ws_reader, a_message_begun_twice_and_odd_lengths_are_refused)
{
    static const uint8_t long_form[] = {FINAL | OP_TEXT, 0xfe, 0, 5, 1, 2, 3, 4};
    static const uint8_t long_ping[] = {FINAL | OP_PING, 0xfe, 0, 200, 1, 2, 3, 4};
    struct buffer bytes = {0};
    append_frame(&bytes, OP_TEXT, "a");
    append_frame(&bytes, FINAL | OP_TEXT, "b");
    expect_seen(&bytes, "bad 1002: the message before is not complete");
    buffer_clear(&bytes);
    buffer_append(&bytes, long_form, sizeof long_form);
    expect_seen(&bytes, "bad 1002: bad frame: its length is not allowed");
    buffer_clear(&bytes);
    buffer_append(&bytes, long_ping, sizeof long_ping);
    expect_seen(&bytes, "bad 1002: bad frame: its length is not allowed");
    buffer_cleanup(&bytes);
}

/* Thousands wait: between frames nothing is held, also within a message of several. */
Test(ws_reader, between_frames_nothing_is_held)
{
    struct buffer bytes = {0};
    struct ws_reader reader;
    append_frame(&bytes, OP_TEXT, "a");
    append_frame(&bytes, FINAL | OP_MORE, "b");
    ws_reader_init(&reader, MESSAGE_MAX);
    struct source source = {buffer_view(&bytes), 3, false};
    source.rest.size = bytes.size / 2 - 1;
    cr_expect_eq(ws_reader_next(&reader, pull, &source), WS_MORE);
    cr_expect_not_null(reader.frames);
    source.rest.size = 1;
    cr_expect_eq(ws_reader_next(&reader, pull, &source), WS_MORE);
    cr_expect_null(reader.frames);
    source.rest.size = bytes.size / 2;
    cr_expect_eq(ws_reader_next(&reader, pull, &source), WS_MESSAGE);
    cr_expect_null(reader.frames);
    cr_expect_eq(reader.message.size, 2);
    ws_reader_cleanup(&reader);
    buffer_cleanup(&bytes);
}

Test(ws_reader, what_was_pulled_beyond_a_message_is_known)
{
    struct buffer bytes = {0};
    struct ws_reader reader;
    append_frame(&bytes, FINAL | OP_TEXT, "a");
    append_frame(&bytes, FINAL | OP_TEXT, "b");
    struct source source = {buffer_view(&bytes), 100, false};
    ws_reader_init(&reader, MESSAGE_MAX);
    cr_expect_eq(ws_reader_next(&reader, pull, &source), WS_MESSAGE);
    cr_expect(ws_reader_has_ahead(&reader));
    buffer_clear(&reader.message);
    cr_expect_eq(ws_reader_next(&reader, pull, &source), WS_MESSAGE);
    cr_expect_not(ws_reader_has_ahead(&reader));
    buffer_clear(&reader.message);
    cr_expect_eq(ws_reader_next(&reader, pull, &source), WS_MORE);
    ws_reader_cleanup(&reader);
    buffer_cleanup(&bytes);
}
