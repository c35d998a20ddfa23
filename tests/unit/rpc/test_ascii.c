#include "rpc/ascii.h"

#include <criterion/criterion.h>

/* Whatever the place and the length: bytes are looked at sixteen at a time, or one by one. */
Test(ascii, printable_text_ends_at_the_first_other_byte)
{
    uint8_t text[70];
    for (size_t size = 0; size <= sizeof text; size++) {
        memset(text, 'a', sizeof text);
        cr_expect_eq(ascii_printable_size(bytes_of(text, size)), size);
        for (size_t place = 0; place < size; place++) {
            text[place] = 0x1f;
            cr_expect_eq(ascii_printable_size(bytes_of(text, size)), place);
            text[place] = 'a';
        }
    }
}

Test(ascii, every_byte_is_told_apart)
{
    for (size_t place = 0; place < 20; place++) {
        uint8_t text[20];
        memset(text, ' ', sizeof text);
        for (unsigned byte = 0; byte < 256; byte++) {
            const bool is_printable = byte >= 0x20 && byte <= 0x7e;
            text[place] = (uint8_t)byte;
            cr_expect_eq(ascii_printable_size(bytes_of(text, sizeof text)),
                         is_printable ? sizeof text : place, "byte %u", byte);
        }
    }
}
