/* What whoever was invited says, byte by byte. */
#include "node/join_message.h"

#include <criterion/criterion.h>

#include "ledger/org/genesis.h"
#include "node/invitation.h"
#include "vm/base/hex.h"

static struct buffer encode(enum join_message_kind kind, struct bytes text)
{
    struct buffer out = {0};
    const struct join_message message = {.kind = kind, .text = text};
    join_message_encode(&message, &out);
    return out;
}

static void expect_hex(enum join_message_kind kind, const char *text, const char *hex)
{
    struct buffer digits = {0}, encoded = encode(kind, bytes_of_text(text));
    struct join_message message;
    hex_append(&digits, buffer_view(&encoded));
    cr_expect(bytes_equal(buffer_view(&digits), bytes_of_text(hex)), "%.*s", (int)digits.size,
              (const char *)digits.data);
    cr_assert(join_message_decode(&message, buffer_view(&encoded)));
    cr_expect_eq(message.kind, kind);
    cr_expect(bytes_equal(message.text, bytes_of_text(text)));
    buffer_cleanup(&digits);
    buffer_cleanup(&encoded);
}

Test(join_message, is_written_as_documented)
{
    expect_hex(JOIN_REQUEST, "leither:AA", "0x30000a6c6569746865723a4141");
    expect_hex(JOIN_WELCOME, "{}", "0x317b7d");
    expect_hex(JOIN_NOT_WELCOME, "no", "0x3200026e6f");
}

/* It ends up in a terminal. */
Test(join_message, says_nothing_that_a_terminal_obeys)
{
    struct join_message message;
    struct buffer encoded = encode(JOIN_NOT_WELCOME, bytes_of_text("a\x1b[2Jb\n"));
    cr_assert(join_message_decode(&message, buffer_view(&encoded)));
    cr_expect(bytes_equal(message.text, bytes_of_text("a[2Jb")));
    buffer_cleanup(&encoded);
    cr_expect_not(join_message_decode(&message, bytes_of("2\0\3a\x1b\x62", 6)));
}

Test(join_message, takes_nothing_else)
{
    static const char *const wrong[] = {"0x",         "0x30",       "0x300000",
                                        "0x31",       "0x320000",   "0x3000026161ff",
                                        "0x30000361", "0x330001aa", "0x2f000161"};
    struct join_message message;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buffer encoded = {0};
        cr_assert(hex_decode_append(&encoded, wrong[i], strlen(wrong[i])));
        cr_expect_not(join_message_decode(&message, buffer_view(&encoded)), "%s", wrong[i]);
        buffer_cleanup(&encoded);
    }
}

Test(join_message, has_bounds)
{
    struct buffer text = {0};
    struct join_message message;
    for (size_t i = 0; i <= GENESIS_SIZE_MAX; i++)
        buffer_append_u8(&text, 'a');
    struct buffer encoded = encode(JOIN_WELCOME, buffer_view(&text));
    cr_expect_not(join_message_decode(&message, buffer_view(&encoded)));
    encoded.size--;
    cr_expect(join_message_decode(&message, buffer_view(&encoded)));
    buffer_cleanup(&encoded);
    encoded = encode(JOIN_REQUEST, bytes_of(text.data, INVITATION_LINK_SIZE_MAX + 1));
    cr_expect_not(join_message_decode(&message, buffer_view(&encoded)));
    buffer_cleanup(&encoded);
    encoded = encode(JOIN_NOT_WELCOME, buffer_view(&text)); /* cut to what may be */
    cr_assert(join_message_decode(&message, buffer_view(&encoded)));
    cr_expect_eq(message.text.size, JOIN_SENTENCE_MAX);
    buffer_cleanup(&encoded);
    buffer_cleanup(&text);
}
