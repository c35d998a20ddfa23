#include <criterion/criterion.h>

#include "node/net/endpoint.h"

static void expect_good(const char *text, const char *host, uint16_t port)
{
    struct endpoint endpoint;
    struct error error;
    cr_expect(endpoint_parse(&endpoint, text, &error), "%s", error.text);
    cr_expect_str_eq(endpoint.host, host);
    cr_expect_eq(endpoint.port, port);
}

static void expect_bad(const char *text, const char *reason)
{
    struct endpoint endpoint;
    struct error error;
    cr_expect_not(endpoint_parse(&endpoint, text, &error), "%s", text);
    cr_expect(strstr(error.text, reason) != NULL, "%s", error.text);
}

Test(endpoint, is_a_host_and_a_port)
{
    expect_good("box.example:30800", "box.example", 30800);
    expect_good("nas:1", "nas", 1);
    expect_good("my_box-2.fritz.box:65535", "my_box-2.fritz.box", 65535);
    expect_good("192.0.2.7:30800", "192.0.2.7", 30800);
    expect_good("[2001:db8::1]:30800", "2001:db8::1", 30800);
}

Test(endpoint, says_what_is_wrong_with_anything_else)
{
    char longest[ENDPOINT_SIZE + 8];
    expect_bad("", "no endpoint");
    expect_bad("box.example", "no endpoint");
    expect_bad("box:", "no port");
    expect_bad("box:0", "no port");
    expect_bad("box:65536", "no port");
    expect_bad("box:1e3", "no port");
    expect_bad("box:-1", "no port");
    expect_bad("box:080", "no port");
    expect_bad("box:999999", "no port");
    expect_bad(":30800", "no host");
    expect_bad(".example:1", "no host");
    expect_bad("box..example:1", "no host");
    expect_bad("box.:1", "no host");
    expect_bad("-box:1", "no host");
    expect_bad("a b:1", "no host");
    expect_bad("b\xc3\xb6x:1", "no host");
    expect_bad("2001:db8::1:30800", "no host");
    expect_bad("[2001:db8::1:30800", "no host");
    expect_bad("[192.0.2.7]:30800", "no host");
    expect_bad("192.0.2:30800", "no host");
    expect_bad("256.0.0.1:30800", "no host");
    memset(longest, 'a', sizeof longest);
    memcpy(longest + ENDPOINT_SIZE - 2, ":1", 3);
    expect_bad(longest, "at most 255 characters");
    memset(longest, 'a', 64);
    memcpy(longest + 64, ":1", 3);
    expect_bad(longest, "no host");
    memcpy(longest + 63, ":1", 3);
    longest[63 + 2] = 0;
    struct endpoint endpoint;
    struct error error;
    cr_expect(endpoint_parse(&endpoint, longest, &error));
}
