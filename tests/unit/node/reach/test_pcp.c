#include "node/reach/pcp.h"

#include <criterion/criterion.h>

static const struct pcp_map wish = {
    .nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
    .client = {192, 168, 1, 10},
    .internal_port = 30800,
    .external_port = 30801,
    .lifetime_s = 1200,
};

Test(reach_pcp, asks_as_the_rfc_draws_it)
{
    static const uint8_t expected[PCP_MAP_BYTES] = {
        2, 1, 0, 0, 0,    0,    0x04, 0xb0, /* version, opcode, lifetime */
        0, 0, 0, 0, 0,    0,    0,    0,    0, 0,  0xff, 0xff, 192, 168, 1, 10, /* client */
        1, 2, 3, 4, 5,    6,    7,    8,    9, 10, 11,   12,                    /* nonce */
        6, 0, 0, 0, 0x78, 0x50, 0x78, 0x51, /* TCP, the two ports */
        0, 0, 0, 0, 0,    0,    0,    0,    0, 0,  0xff, 0xff, 0,   0,   0, 0, /* any address */
    };
    uint8_t asked[PCP_MAP_BYTES];
    pcp_ask_map(asked, &wish);
    cr_expect_arr_eq(asked, expected, sizeof expected);
}

/* A router's reply to that wish. */
static void make_reply(uint8_t reply[PCP_BYTES_MAX + 4])
{
    static const uint8_t head[16] = {2, 0x81, 0, 0, 0, 0, 0x0e, 0x10, 0, 0, 1, 0};
    memset(reply, 0, PCP_BYTES_MAX + 4);
    pcp_ask_map(reply, &wish);
    memcpy(reply, head, sizeof head);
    memset(reply + 16, 0, 8);
    reply[42] = 0x9c;
    reply[43] = 0x40;
    memcpy(reply + 56, (const uint8_t[4]){198, 51, 100, 7}, 4);
}

Test(reach_pcp, reads_a_mapping)
{
    uint8_t bytes[PCP_BYTES_MAX + 4];
    struct pcp_reply reply;
    make_reply(bytes);
    cr_assert(pcp_decode(&reply, bytes_of(bytes, PCP_MAP_BYTES)));
    cr_expect(reply.result == PCP_GRANTED && reply.lifetime_s == 3600 && reply.epoch_s == 256);
    cr_expect(reply.internal_port == 30800 && reply.external_port == 40000);
    cr_expect_arr_eq(reply.nonce, wish.nonce, sizeof wish.nonce);
    cr_expect_arr_eq(reply.external, bytes + 56, 4);
}

/* RFC 6887, 7: a multiple of four, 1100 bytes at most; options may follow. */
Test(reach_pcp, takes_only_lengths_that_the_rfc_allows)
{
    uint8_t bytes[PCP_BYTES_MAX + 4];
    struct pcp_reply reply;
    make_reply(bytes);
    for (size_t size = 0; size <= sizeof bytes; size++)
        cr_expect_eq(pcp_decode(&reply, bytes_of(bytes, size)),
                     size >= PCP_MAP_BYTES && size <= PCP_BYTES_MAX && size % 4 == 0, "%zu", size);
}

Test(reach_pcp, takes_no_other_version_operation_protocol_or_family)
{
    static const struct {
        size_t at;
        uint8_t value;
        bool is_fine;
    } cases[] = {{0, 1, false},   {0, 3, false},    {1, 1, false},     {1, 0x82, false},
                 {36, 17, false}, {46, 1, false},   {55, 0xfe, false}, {2, 7, true},
                 {3, 8, true},    {23, 0xff, true}, {37, 1, true}};
    uint8_t bytes[PCP_BYTES_MAX + 4];
    struct pcp_reply reply;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_reply(bytes);
        bytes[cases[i].at] = cases[i].value;
        cr_expect_eq(pcp_decode(&reply, bytes_of(bytes, PCP_MAP_BYTES)), cases[i].is_fine, "%zu",
                     i);
    }
}
