#include "node/reach/mapping.h"

#include <criterion/criterion.h>

static const struct mapping granted = {.state = MAPPING_GRANTED,
                                       .method = MAPPING_BY_NATPMP,
                                       .address = {198, 51, 100, 7},
                                       .port = 30800,
                                       .lifetime_s = 1200};

Test(reach_mapping, comes_back_as_it_was_told)
{
    static const uint8_t expected[] = {1, 1, 2, 0, 198, 51, 100, 7, 0x78, 0x50, 0, 0, 0x04, 0xb0};
    const struct mapping others[] = {{.state = MAPPING_SEARCHING},
                                     {.state = MAPPING_NONE, .reason = MAPPING_NO_ROOM}};
    uint8_t message[MAPPING_BYTES];
    struct mapping heard;
    mapping_encode(&granted, message);
    cr_expect_arr_eq(message, expected, sizeof expected);
    cr_assert(mapping_decode(&heard, bytes_of(message, sizeof message)));
    cr_expect(mapping_equal(&heard, &granted) && heard.lifetime_s == 1200);
    for (size_t i = 0; i < 2; i++) {
        mapping_encode(&others[i], message);
        cr_assert(mapping_decode(&heard, bytes_of(message, sizeof message)));
        cr_expect(mapping_equal(&heard, &others[i]) && !mapping_equal(&heard, &granted));
    }
}

/* The helper talks to routers and may have been taken over: what it says must make sense. */
Test(reach_mapping, that_contradicts_itself_is_refused)
{
    static const uint8_t cases[][MAPPING_BYTES] = {
        {2, 1, 2, 0, 1, 1, 1, 1, 0, 7, 0, 0, 0, 9}, /* version */
        {1, 3, 2, 0, 1, 1, 1, 1, 0, 7, 0, 0, 0, 9}, /* state */
        {1, 1, 3, 0, 1, 1, 1, 1, 0, 7, 0, 0, 0, 9}, /* method */
        {1, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, /* reason */
        {1, 1, 0, 0, 1, 1, 1, 1, 0, 7, 0, 0, 0, 9}, /* granted by nothing */
        {1, 1, 1, 1, 1, 1, 1, 1, 0, 7, 0, 0, 0, 9}, /* granted, and why not */
        {1, 1, 1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9}, /* at no address */
        {1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 9}, /* at no port */
        {1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, /* none without a reason */
        {1, 2, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0}, /* none, at a port */
        {1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, /* searching, with a reason */
        {1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, /* searching, by a method */
    };
    uint8_t message[MAPPING_BYTES + 1] = {0};
    struct mapping heard;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_not(mapping_decode(&heard, bytes_of(cases[i], MAPPING_BYTES)), "%zu", i);
    mapping_encode(&granted, message);
    for (size_t size = 0; size <= sizeof message; size++)
        cr_expect_eq(mapping_decode(&heard, bytes_of(message, size)), size == MAPPING_BYTES);
}

Test(reach_mapping, has_words)
{
    char text[256];
    mapping_describe(&granted, text, sizeof text);
    cr_expect_str_eq(text, "port 30800 at 198.51.100.7 by NAT-PMP");
    for (unsigned reason = 1; reason < MAPPING_REASON_COUNT; reason++) {
        const struct mapping none = {.state = MAPPING_NONE, .reason = (enum mapping_reason)reason};
        mapping_describe(&none, text, sizeof text);
        cr_expect(strlen(text) > 20 && strlen(text) < sizeof text - 1, "%s", text);
    }
}
