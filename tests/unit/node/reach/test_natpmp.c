#include "node/reach/natpmp.h"

#include <criterion/criterion.h>

Test(reach_natpmp, asks_as_the_rfc_draws_it)
{
    static const uint8_t map[] = {0, 2, 0, 0, 0x78, 0x50, 0x78, 0x51, 0, 0, 0x04, 0xb0};
    uint8_t where[NATPMP_ADDRESS_BYTES] = {9, 9}, asked[NATPMP_MAP_BYTES];
    natpmp_ask_address(where);
    cr_expect(where[0] == 0 && where[1] == 0);
    natpmp_ask_map(asked, 30800, 30801, 1200);
    cr_expect_arr_eq(asked, map, sizeof map);
}

Test(reach_natpmp, reads_an_address_and_a_mapping)
{
    static const uint8_t where[] = {0, 128, 0, 0, 0, 0, 1, 0, 198, 51, 100, 7};
    static const uint8_t map[] = {0,    130,  0,    0,    0, 0, 1,    2,
                                  0x78, 0x50, 0x9c, 0x40, 0, 0, 0x1c, 0x20};
    struct natpmp_reply reply;
    cr_assert(natpmp_decode(&reply, bytes_of(where, sizeof where)));
    cr_expect(reply.kind == NATPMP_ADDRESS && reply.epoch_s == 256);
    cr_expect_arr_eq(reply.address, where + 8, 4);
    cr_assert(natpmp_decode(&reply, bytes_of(map, sizeof map)));
    cr_expect(reply.kind == NATPMP_MAP_TCP && reply.epoch_s == 258);
    cr_expect(reply.internal_port == 30800 && reply.external_port == 40000
              && reply.lifetime_s == 7200);
}

/* RFC 6886, 3.5: a refusal may be cut behind the epoch, or whole with nothing in it that counts. */
Test(reach_natpmp, takes_a_refusal_of_any_length_it_may_have)
{
    uint8_t bytes[17] = {0, 130, 0, 2, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct natpmp_reply reply;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        cr_expect_eq(natpmp_decode(&reply, bytes_of(bytes, size)), size >= 8 && size <= 16, "%zu",
                     size);
        if (size >= 8 && size <= 16)
            cr_expect(reply.result == NATPMP_NOT_ALLOWED && reply.external_port == 0);
    }
}

Test(reach_natpmp, takes_nothing_of_another_length_version_or_kind)
{
    static const uint8_t good[] = {0, 130, 0, 0, 0, 0, 0, 2, 0, 7, 0, 7, 0, 0, 0, 9, 0};
    uint8_t bytes[16];
    struct natpmp_reply reply;
    for (size_t size = 0; size <= sizeof good; size++)
        cr_expect_eq(natpmp_decode(&reply, bytes_of(good, size)), size == 16, "%zu", size);
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        memcpy(bytes, good, sizeof bytes);
        bytes[1] = (uint8_t)opcode;
        cr_expect_eq(natpmp_decode(&reply, bytes_of(bytes, 16)), opcode == 130, "%u", opcode);
    }
    bytes[1] = 130;
    bytes[0] = 2;
    cr_expect_not(natpmp_decode(&reply, bytes_of(bytes, 16)));
}
