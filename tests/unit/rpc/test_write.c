#include "rpc/write.h"

#include <criterion/criterion.h>

static void expect(struct buffer *out, const char *text)
{
    cr_expect(bytes_equal(buffer_view(out), bytes_of_text(text)), "%.*s is not %s", (int)out->size,
              (const char *)out->data, text);
    buffer_clear(out);
}

Test(write, quantities_have_no_leading_zeros)
{
    struct buffer out = {0};
    write_quantity(&out, 0);
    expect(&out, "\"0x0\"");
    write_quantity(&out, 0xf);
    expect(&out, "\"0xf\"");
    write_quantity(&out, 0x10);
    expect(&out, "\"0x10\"");
    write_quantity(&out, UINT64_MAX);
    expect(&out, "\"0xffffffffffffffff\"");
    write_decimal(&out, UINT64_MAX);
    expect(&out, "18446744073709551615");
    write_decimal(&out, 0);
    expect(&out, "0");
    buffer_cleanup(&out);
}

Test(write, strings_are_always_json)
{
    struct buffer out = {0};
    write_text(&out, "a\"b\\c\n<é€\xf0\x9f\x98\x80>");
    expect(&out, "\"a\\\"b\\\\c\\u000a\\u003cé€\xf0\x9f\x98\x80\\u003e\"");
    write_string(&out, bytes_of("\xc0\x80\xed\xa0\x80\xff\xe2\x82", 8));
    expect(&out, "\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\"");
    buffer_cleanup(&out);
}

Test(write, commas_stand_between_members_only)
{
    struct buffer out = {0};
    write_raw(&out, "{");
    write_key_quantity(&out, "a", 1);
    write_key_raw(&out, "b", "[");
    write_separator(&out);
    write_bool(&out, true);
    write_separator(&out);
    write_bool(&out, false);
    write_raw(&out, "]");
    write_key_text(&out, "c", "");
    write_raw(&out, "}");
    expect(&out, "{\"a\":\"0x1\",\"b\":[true,false],\"c\":\"\"}");
    buffer_cleanup(&out);
}
