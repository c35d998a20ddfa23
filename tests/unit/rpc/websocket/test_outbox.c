#include "rpc/websocket/outbox.h"

#include "rpc/websocket/reader.h"
#include <criterion/criterion.h>
#include <stdlib.h>

static atomic_size_t account;

static struct outbox new_outbox(void)
{
    atomic_store(&account, 0);
    return (struct outbox){.account = &account};
}

static struct buffer text_of(const char *text)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, text);
    return buffer;
}

/* All that would be sent, taken `step` bytes at a time. */
static struct buffer drain(struct outbox *outbox, size_t step)
{
    struct buffer all = {0};
    while (outbox->count > 0) {
        struct outbox_pieces pieces;
        size_t left = step;
        outbox_gather(outbox, &pieces);
        cr_assert_gt(pieces.count, 0);
        for (int index = 0; index < pieces.count && left > 0; index++) {
            size_t part = pieces.pieces[index].iov_len < left ? pieces.pieces[index].iov_len : left;
            buffer_append(&all, pieces.pieces[index].iov_base, part);
            left -= part;
        }
        outbox_on_sent(outbox, step - left);
    }
    cr_expect_eq(outbox->size, 0);
    return all;
}

static void expect_bytes(const struct buffer *seen, const char *expected, size_t size)
{
    cr_expect(bytes_equal(buffer_view(seen), bytes_of(expected, size)), "%.*s", (int)seen->size,
              (const char *)seen->data);
}

Test(outbox, frames_leave_in_order_however_little_goes_at_a_time)
{
    static const char expected[] = "\x81\x01"
                                   "a"
                                   "\x89\x00"
                                   "\x8a\x02hi"
                                   "\x88\x05\x03\xf0why"
                                   "\x88\x00";
    for (size_t step = 1; step < 30; step++) {
        struct outbox outbox = new_outbox();
        struct buffer text = text_of("a");
        outbox_append_text(&outbox, &text);
        cr_expect_null(text.data);
        outbox_append_ping(&outbox);
        outbox_append_pong(&outbox, bytes_of_text("hi"));
        outbox_append_close(&outbox, WS_CODE_POLICY, "why");
        outbox_append_close(&outbox, WS_CODE_NONE, "");
        cr_expect_eq(outbox.size, sizeof expected - 1);
        struct buffer seen = drain(&outbox, step);
        expect_bytes(&seen, expected, sizeof expected - 1);
        buffer_cleanup(&seen);
        outbox_cleanup(&outbox);
        cr_expect_eq(atomic_load(&account), 0);
    }
}

Test(outbox, a_notification_shares_its_payload_and_names_its_subscription)
{
    static const char expected[] =
        "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"subscription\":"
        "\"0x000102030405060708090a0b0c0d0e0f\",\"result\":[1,2,3,4,5]}}";
    const uint8_t head[] = {0x81, 126, 0, sizeof expected - 1};
    struct outbox boxes[3] = {new_outbox(), new_outbox(), new_outbox()};
    struct payload *payload = payload_new(bytes_of_text("[1,2,3,4,5]"), &account);
    struct rpc_id id;
    for (uint8_t index = 0; index < sizeof id.bytes; index++)
        id.bytes[index] = index;
    for (size_t box = 0; box < 3; box++)
        outbox_append_notification(&boxes[box], &id, payload);
    payload_release(payload);
    for (size_t box = 0; box < 2; box++) {
        struct buffer seen = drain(&boxes[box], 1 + box * 60);
        cr_assert_eq(seen.size, sizeof head + sizeof expected - 1);
        cr_expect_arr_eq(seen.data, head, sizeof head);
        cr_expect_arr_eq(seen.data + sizeof head, expected, sizeof expected - 1);
        buffer_cleanup(&seen);
    }
    cr_expect_geq(atomic_load(&account), 11);
    for (size_t box = 0; box < 3; box++)
        outbox_cleanup(&boxes[box]);
    cr_expect_eq(atomic_load(&account), 0);
}

Test(outbox, long_texts_get_long_lengths)
{
    static const size_t sizes[] = {125, 126, 65535, 65536};
    static const size_t heads[] = {2, 4, 4, 10};
    for (size_t index = 0; index < 4; index++) {
        struct outbox outbox = new_outbox();
        struct buffer text = {0};
        memset(buffer_extend(&text, sizes[index]), 'x', sizes[index]);
        outbox_append_text(&outbox, &text);
        struct buffer seen = drain(&outbox, 4000);
        cr_expect_eq(seen.size, sizes[index] + heads[index]);
        cr_expect_eq(seen.data[heads[index] - 1], sizes[index] & 0xff);
        cr_expect_eq(seen.data[heads[index]], 'x');
        buffer_cleanup(&seen);
        outbox_cleanup(&outbox);
    }
}

/* Who is dropped gets the rest of the frame under way, and then the reason. */
Test(outbox, what_is_forgotten_leaves_the_frame_under_way_whole)
{
    struct outbox outbox = new_outbox();
    for (int count = 0; count < 40; count++) {
        struct buffer text = text_of("abc");
        outbox_append_text(&outbox, &text);
    }
    outbox_on_sent(&outbox, 7); /* one frame, and two bytes of the next */
    outbox_forget(&outbox);
    cr_expect_eq(outbox.size, 3);
    outbox_append_close(&outbox, WS_CODE_POLICY, "");
    struct buffer seen = drain(&outbox, 100);
    expect_bytes(&seen, "abc\x88\x02\x03\xf0", 7);
    buffer_cleanup(&seen);
    outbox_append_ping(&outbox);
    outbox_forget(&outbox);
    cr_expect_eq(outbox.count, 0);
    outbox_cleanup(&outbox);
    cr_expect_eq(atomic_load(&account), 0);
}
