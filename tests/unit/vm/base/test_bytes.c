#include "vm/base/bytes.h"

#include <criterion/criterion.h>

Test(bytes, an_empty_buffer_grows_by_appending)
{
    struct buffer out = {0};
    buffer_append_text(&out, "ab");
    buffer_append_u16_be(&out, 0x0102);
    buffer_append_format(&out, "%d", 42);
    cr_expect(bytes_equal(buffer_view(&out), bytes_of("ab\x01\x02"
                                                      "42",
                                                      6)));
    buffer_cleanup(&out);
    cr_expect_eq(out.size, 0);
}
