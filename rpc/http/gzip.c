#include "rpc/http/gzip.h"

#include <assert.h>
#include <ctype.h>
#include <strings.h>
#include <zlib.h>

#define LEVEL       1         /* a third of the default level's time, a tenth more bytes */
#define WINDOW_BITS (15 + 16) /* 32 KiB, in a gzip frame */
#define MEMORY      8         /* zlib's default */

/* One item, "name;q=0.5": whether it stands for gzip, and whether its weight is not zero. */
static bool is_gzip(const char *item, size_t size, bool *is_wanted)
{
    size_t name = 0;
    while (name < size && item[name] != ';' && item[name] != ' ' && item[name] != '\t')
        name++;
    if (!(name == 4 && strncasecmp(item, "gzip", 4) == 0)
        && !(name == 6 && strncasecmp(item, "x-gzip", 6) == 0) && !(name == 1 && item[0] == '*'))
        return false;
    *is_wanted = true;
    for (size_t at = name; at + 2 < size; at++)
        if (tolower((unsigned char)item[at]) == 'q' && item[at + 1] == '=') {
            *is_wanted = false;
            for (at += 2; at < size; at++)
                *is_wanted |= item[at] >= '1' && item[at] <= '9';
        }
    return true;
}

bool gzip_is_accepted(const char *accept_encoding)
{
    bool by_name = false, is_named = false, by_star = false;
    for (const char *item = accept_encoding; *item != '\0';) {
        size_t size;
        bool is_wanted;
        item += strspn(item, " \t,");
        size = strcspn(item, ",");
        if (is_gzip(item, size, &is_wanted)) {
            if (item[0] == '*') {
                by_star |= is_wanted;
            } else {
                is_named = true;
                by_name |= is_wanted;
            }
        }
        item += size;
    }
    return is_named ? by_name : by_star;
}

bool gzip_compress(struct buffer *body)
{
    z_stream stream = {.next_in = body->data, .avail_in = (uInt)body->size};
    struct buffer packed = {0};
    assert(body->size == (uInt)body->size); /* the bound of answers is far below */
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    buffer_reserve(&packed, body->size);
    stream.next_out = packed.data;
    stream.avail_out = (uInt)body->size;
    bool is_less = deflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out > 0;
    packed.size = body->size - stream.avail_out;
    deflateEnd(&stream);
    if (is_less) {
        buffer_cleanup(body);
        *body = packed;
    } else {
        buffer_cleanup(&packed);
    }
    return is_less;
}

uint32_t gzip_checksum(struct bytes bytes)
{
    return (uint32_t)crc32_z(0, bytes.data, bytes.size);
}
