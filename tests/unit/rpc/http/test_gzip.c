#include "rpc/http/gzip.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <zlib.h>

Test(gzip, is_accepted_by_name_or_star_unless_its_weight_is_zero)
{
    static const struct {
        const char *header;
        bool is_accepted;
    } cases[] = {
        {"", false},
        {"gzip", true},
        {"GZip", true},
        {"x-gzip", true},
        {"br, gzip, deflate", true},
        {"br,gzip;q=0.5", true},
        {"gzip ; q=0.001", true},
        {"gzip;q=0", false},
        {"gzip;q=0.000, *", false},
        {"*, gzip;Q=0", false},
        {"*", true},
        {"*;q=0", false},
        {"identity", false},
        {"gzipped", false},
        {"deflate, br", false},
        {",,  ,gzip", true},
        {"gzip;", true},
        {";q=1", false},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        cr_expect_eq(gzip_is_accepted(cases[index].header), cases[index].is_accepted, "\"%s\"",
                     cases[index].header);
}

Test(gzip, what_is_packed_unpacks_to_the_same_bytes)
{
    struct buffer body = {0};
    for (int line = 0; line < 20000; line++)
        buffer_append_format(&body, "{\"number\":\"0x%x\"},", line);
    size_t size = body.size;
    uint8_t *before = malloc(size), *after = malloc(size + 1);
    memcpy(before, body.data, size);
    cr_assert(gzip_compress(&body));
    cr_expect_lt(body.size, size / 4);

    z_stream stream = {.next_in = body.data, .avail_in = (uInt)body.size};
    cr_assert_eq(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_out = after;
    stream.avail_out = (uInt)size + 1;
    cr_expect_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    cr_expect_eq(stream.total_out, size);
    cr_expect_eq(memcmp(before, after, size), 0);
    inflateEnd(&stream);
    buffer_cleanup(&body);
    free(before);
    free(after);
}

Test(gzip, what_does_not_shrink_stays_as_it_is)
{
    struct buffer body = {0};
    uint32_t state = 1;
    for (int index = 0; index < 9000; index++) {
        state = state * 1664525 + 1013904223;
        buffer_append_u8(&body, (uint8_t)(state >> 24));
    }
    cr_expect_not(gzip_compress(&body));
    cr_expect_eq(body.size, 9000);
    buffer_cleanup(&body);
}
