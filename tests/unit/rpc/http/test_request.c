#include "rpc/http/request.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define BODY_MAX 1000

static const char GOOD[] = "POST /o/acme HTTP/1.1\r\n"
                           "Host: localhost:8545\r\n"
                           "Content-Type: application/json\r\n"
                           "Content-Length: 5\r\n\r\n"
                           "hello";
static const char CHUNKED[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n";

/* Feeds `text` in pieces of `step` bytes; *used says how much of it one request took. */
static enum http_progress feed(struct http_reader *reader, const char *text, size_t size,
                               size_t step, size_t *used)
{
    *used = 0;
    for (;;) {
        size_t left = size - *used, piece = left < step ? left : step, taken;
        enum http_progress progress =
            http_reader_feed(reader, (const uint8_t *)text + *used, piece, &taken);
        *used += taken;
        if (progress == HTTP_COMPLETE || progress == HTTP_REFUSED)
            return progress;
        if (progress == HTTP_MORE && *used == size)
            return progress;
    }
}

Test(request, is_read_the_same_however_it_is_cut)
{
    for (size_t step = 1; step < sizeof GOOD; step++) {
        struct http_reader reader;
        size_t used;
        http_reader_init(&reader, BODY_MAX);
        cr_assert_eq(feed(&reader, GOOD, sizeof GOOD - 1, step, &used), HTTP_COMPLETE, "step %zu",
                     step);
        cr_expect_eq(used, sizeof GOOD - 1);
        cr_expect_eq(reader.request.verb, HTTP_VERB_POST);
        cr_expect_str_eq(reader.request.target, "/o/acme");
        cr_expect_str_eq(reader.request.fields[HTTP_FIELD_HOST], "localhost:8545");
        cr_expect_str_eq(reader.request.fields[HTTP_FIELD_CONTENT_TYPE], "application/json");
        cr_expect_eq(reader.request.body.size, 5);
        cr_expect(memcmp(reader.request.body.data, "hello", 5) == 0);
        cr_expect(reader.request.keeps_alive);
        http_reader_cleanup(&reader);
    }
}

Test(request, chunked_bodies_are_joined_however_they_are_cut)
{
    for (size_t step = 1; step < sizeof CHUNKED; step++) {
        struct http_reader reader;
        size_t used;
        http_reader_init(&reader, BODY_MAX);
        cr_assert_eq(feed(&reader, CHUNKED, sizeof CHUNKED - 1, step, &used), HTTP_COMPLETE,
                     "step %zu: %s", step, reader.refusal.text);
        cr_expect_eq(used, sizeof CHUNKED - 1, "step %zu", step);
        cr_expect_eq(reader.request.body.size, 5);
        cr_expect(memcmp(reader.request.body.data, "hello", 5) == 0);
        http_reader_cleanup(&reader);
    }
}

/* What is sent ahead stays for the next request, byte for byte. */
Test(request, pipelined_requests_are_taken_one_by_one)
{
    char text[4 * sizeof GOOD + sizeof CHUNKED];
    size_t size = (size_t)snprintf(text, sizeof text, "%s%s\r\n\r\n%s%s", GOOD, CHUNKED, GOOD,
                                   "GET / HTTP/1.0\r\n\r\n");
    for (size_t step = 1; step < size; step++) {
        struct http_reader reader;
        size_t at = 0, requests = 0, used;
        http_reader_init(&reader, BODY_MAX);
        while (at < size) {
            cr_assert_eq(feed(&reader, text + at, size - at, step, &used), HTTP_COMPLETE,
                         "step %zu request %zu: %s", step, requests, reader.refusal.text);
            at += used;
            requests++;
            cr_expect_eq(reader.request.body.size, requests < 4 ? 5 : 0);
            if (requests < 4)
                http_reader_next(&reader);
        }
        cr_expect_eq(requests, 4);
        cr_expect(!reader.request.keeps_alive);
        http_reader_cleanup(&reader);
    }
}

static const struct {
    const char *text;
    int status;
    const char *words; /* in the refusal */
} BAD[] = {
    {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "CR LF"},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400, "CR LF"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "CR LF"},
    {"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400, "CR LF"},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "colon"},
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "colon"},
    {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400, "colon"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n", 400, "colon"},
    {"GET / HTTP/1.1\r\nHost\r\n\r\n", 400, ""},
    {"GET / HTTP/1.1\r\n: a\r\n\r\n", 400, "colon"},
    {"GET / HTTP/1.1\r\nHo st: a\r\n\r\n", 400, "colon"},
    {"GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400, "0x01"},
    {"GET / HTTP/1.1\r\nHost: a\x80\r\n\r\n", 400, "0x80"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "twice"},
    {"GET / HTTP/1.1\r\nHost: a\r\nOrigin: b\r\nORIGIN: c\r\n\r\n", 400, "twice"},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, ""},
    {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, ""},
    {"GET / XTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
    {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, "HTTP/1.1"},
    {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
    {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET / HTTP/11\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET /\r\nHost: a\r\n\r\n", 400, "request line"},
    {"GET\r\nHost: a\r\n\r\n", 400, "request line"},
    {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
    {"\r\n\n", 400, "CR LF"},
    {"-\r---", 400, "CR LF"},
    {"\r\r\n", 400, "CR LF"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789abcdefghijklmnopqrstuv\x7f\r\n\r\n", 400, "0x7f"},
    {"\x16\x03\x01\x02\x01\x01\x01", 400, "0x16"}, /* a TLS greeting */
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
     ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", 400,
     ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2x\r\n\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n", 400, "whole number"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2 2\r\n\r\n", 400, "whole number"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n", 400, "whole number"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\n", 400, "whole number"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400, "whole number"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", 400,
     "whole number"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413, "1000"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "chunked"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501, "chunked"},
    {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501, "chunked"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", 400, ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", 400,
     "trailers"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n", 400,
     "bad chunk"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\rXab\r\n0\r\n\r\n", 400,
     "bad chunk"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\nab\r\n0\r\n\r\n",
     400, "bad chunk"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nab\r\n0\r\n\r\n", 400,
     "bad chunk"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rX", 400, "bad chunk"},
    {"POST / H\r\n\r\nP/1.1\r\nHost: a\r\n\r\n", 400, ""},
    {"POST / HXXP/1.1\r\nHost: a\r\n\r\n", 400, ""},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 501,
     "the only upgrade accepted is to websocket"},
    {"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 501,
     "the only upgrade"},
    {"GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 501,
     "the only upgrade"},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
     "Content-Length: 3\r\n\r\nabc",
     501, "the only upgrade"},
};

Test(request, what_is_malformed_is_refused_however_it_is_cut)
{
    for (size_t index = 0; index < sizeof BAD / sizeof *BAD; index++) {
        size_t size = strlen(BAD[index].text);
        for (size_t step = 1; step <= size; step++) {
            struct http_reader reader;
            size_t used;
            http_reader_init(&reader, BODY_MAX);
            cr_expect_eq(feed(&reader, BAD[index].text, size, step, &used), HTTP_REFUSED,
                         "case %zu step %zu", index, step);
            cr_expect_eq(reader.refusal.status, BAD[index].status, "case %zu step %zu: %d %s",
                         index, step, reader.refusal.status, reader.refusal.text);
            cr_expect(strstr(reader.refusal.text, BAD[index].words) != NULL, "case %zu: %s", index,
                      reader.refusal.text);
            http_reader_cleanup(&reader);
        }
    }
}

/* Reads `count` times `piece` after a request line. */
static int status_after(const char *start, const char *piece, size_t count)
{
    struct http_reader reader;
    size_t used;
    http_reader_init(&reader, BODY_MAX);
    enum http_progress progress = feed(&reader, start, strlen(start), 4096, &used);
    for (size_t index = 0; index < count && progress != HTTP_REFUSED; index++)
        progress = feed(&reader, piece, strlen(piece), 4096, &used);
    int status = reader.refusal.status;
    http_reader_cleanup(&reader);
    return status;
}

static int status_of(const char *before, size_t letters, const char *behind)
{
    char text[HTTP_TARGET_MAX + 100];
    char run[HTTP_TARGET_MAX + 2] = "";
    memset(run, 'a', letters);
    snprintf(text, sizeof text, "%s%s%s", before, run, behind);
    return status_after(text, "", 0);
}

static int status_of_target(size_t size)
{
    return status_of("GET /", size - 1, " HTTP/1.1\r\nHost: a\r\n\r\n");
}

static int status_of_host(size_t size)
{
    return status_of("GET / HTTP/1.1\r\nHost: ", size, "\r\n\r\n");
}

Test(request, heads_targets_fields_and_bodies_are_bounded)
{
    cr_expect_eq(status_after("GET / HTTP/1.1\r\n", "X: y\r\n", 100), 0);
    cr_expect_eq(status_after("GET / HTTP/1.1\r\n", "X: y\r\n", 5000), 431);
    cr_expect_eq(status_after("GET / HTTP/1.1\r\nX: ", "yyyyyyyy", 5000), 431);
    cr_expect_eq(status_after("GET /", "aaaaaaaa", 1000), 414);
    cr_expect_eq(status_after("GET / HTTP/1.1\r\nX: ", "yyyyyyyy", 1000), 0);
    cr_expect_eq(status_after("G", "EEEEEEEE", 1000), 414);
    cr_expect_eq(status_of_target(HTTP_TARGET_MAX), 0);
    cr_expect_eq(status_of_target(HTTP_TARGET_MAX + 1), 414);
    cr_expect_eq(status_of_host(HTTP_FIELD_MAX), 0);
    cr_expect_eq(status_of_host(HTTP_FIELD_MAX + 1), 431);
    cr_expect_eq(status_after("", "\r\n", 10), 0);
    cr_expect_eq(status_after("", "\r\n", 20000), 431);
    cr_expect_eq(status_after("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                              "8\r\naaaaaaaa\r\n", 125),
                 0);
    cr_expect_eq(status_after("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                              "8\r\naaaaaaaa\r\n", 126),
                 413);
}

static void read_whole(struct http_reader *reader, const char *text)
{
    size_t used;
    http_reader_init(reader, BODY_MAX);
    cr_assert_eq(feed(reader, text, strlen(text), 4096, &used), HTTP_COMPLETE, "%s: %s", text,
                 reader->refusal.text);
}

/* RFC 9110, 5.5 and 5.1. */
Test(request, blanks_around_a_value_and_the_case_of_a_name_do_not_matter)
{
    struct http_reader reader;
    read_whole(&reader, "POST / HTTP/1.1\r\nhOST: \t a b\t \r\nOrigin:x\r\nExpect: \r\n"
                        "content-LENGTH:\t2 \r\n\r\nok");
    cr_expect_str_eq(reader.request.fields[HTTP_FIELD_HOST], "a b");
    cr_expect_str_eq(reader.request.fields[HTTP_FIELD_ORIGIN], "x");
    cr_expect_str_eq(reader.request.fields[HTTP_FIELD_EXPECT], "");
    cr_expect(reader.request.has_field[HTTP_FIELD_EXPECT]);
    cr_expect_eq(reader.request.body.size, 2);
    http_reader_cleanup(&reader);
}

/* Only the guard knows which of them it wants. */
Test(request, any_word_is_a_method)
{
    static const struct {
        const char *text;
        enum http_verb verb;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", HTTP_VERB_GET},
        {"HEAD / HTTP/1.1\r\n\r\n", HTTP_VERB_HEAD},
        {"POST / HTTP/1.1\r\n\r\n", HTTP_VERB_POST},
        {"OPTIONS * HTTP/1.1\r\n\r\n", HTTP_VERB_OPTIONS},
        {"POSTS / HTTP/1.1\r\n\r\n", HTTP_VERB_OTHER},
        {"post / HTTP/1.1\r\n\r\n", HTTP_VERB_OTHER},
        {"FETCH / HTTP/1.1\r\n\r\n", HTTP_VERB_OTHER},
        {"CONNECT a:80 HTTP/1.1\r\n\r\n", HTTP_VERB_OTHER},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct http_reader reader;
        read_whole(&reader, cases[index].text);
        cr_expect_eq(reader.request.verb, cases[index].verb, "%s", cases[index].text);
        http_reader_cleanup(&reader);
    }
}

/* RFC 9112, 9.3 and 9110, 7.6.1. */
Test(request, connection_says_what_becomes_of_it)
{
    static const struct {
        const char *text;
        bool keeps_alive, is_upgrade;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", true, false},
        {"GET / HTTP/1.0\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\nConnection: x , CLOSE ,y\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\nConnection: a\r\nConnection: close\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\nConnection: closed\r\n\r\n", true, false},
        {"GET / HTTP/1.1\r\nConnection: ,,\r\n\r\n", true, false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n", true,
         true},
        {"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", true, false},
        {"GET / HTTP/1.1\r\nConnection: Upgrade\r\n\r\n", true, false},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct http_reader reader;
        read_whole(&reader, cases[index].text);
        cr_expect_eq(reader.request.keeps_alive, cases[index].keeps_alive, "case %zu", index);
        cr_expect_eq(reader.request.is_upgrade, cases[index].is_upgrade, "case %zu", index);
        http_reader_cleanup(&reader);
    }
}
