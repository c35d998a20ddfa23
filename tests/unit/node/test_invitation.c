#include "node/invitation.h"

#include <criterion/criterion.h>

#include <stdio.h>

/* docs/formats.md */
#define LINK                                                                           \
    "leither:AQAAAAdVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVQAAAAECAwQFqgAAAAAAAAAA" \
    "AAAAAAAAuwICeb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5gRYm94LmV4YW1wbGU6MzA4MDAC" \
    "xgR_lEHtfW0wRUBulcB82Fx3jkuM7zynq6wJuVxwnuUTWzIwMDE6ZGI4OjoxXTozMDgwMHsK-5R_8HtW" \
    "Ku_NIlgi2EKw_YxFWl3HTLmarpaiGyp4NJa-S_v22FINBLtnvilp71SN92NhFykPiLQNT7im5RwB"

static const struct secret_key inviting = {{[31] = 1}}, other = {{[31] = 2}};

static struct invitation sample(void)
{
    struct invitation invitation = {.network = 7,
                                    .expires_s = 0x0102030405,
                                    .ticket = {0xaa, [15] = 0xbb},
                                    .addresses_count = 2};
    memset(invitation.ledger.bytes, 0x55, sizeof invitation.ledger.bytes);
    invitation.addresses[0].who = node_id_of(&inviting);
    strcpy(invitation.addresses[0].endpoint, "box.example:30800");
    invitation.addresses[1].who = node_id_of(&other);
    strcpy(invitation.addresses[1].endpoint, "[2001:db8::1]:30800");
    return invitation;
}

static void format(const struct invitation *invitation, struct buffer *link)
{
    buffer_clear(link);
    invitation_format(invitation, &inviting, link);
}

static void expect_refused(struct bytes text, enum error_code code, const char *word)
{
    struct invitation invitation;
    struct error error = {0};
    cr_expect_not(invitation_parse(&invitation, text, &error), "%s", word);
    cr_expect_eq(error.code, code, "%s", error.text);
    cr_expect_not_null(strstr(error.text, word), "%s, expected \"%s\"", error.text, word);
}

Test(invitation, is_made_of_the_published_characters)
{
    const struct invitation invitation = sample();
    struct buffer link = {0};
    format(&invitation, &link);
    buffer_append_u8(&link, 0);
    cr_expect_str_eq((const char *)link.data, LINK);
    buffer_cleanup(&link);
}

Test(invitation, says_which_ledger_where_and_until_when)
{
    const struct invitation expected = sample();
    struct invitation invitation;
    struct error error;
    cr_assert(invitation_parse(&invitation, bytes_of_text(" \n" LINK "\r\n"), &error), "%s",
              error.text);
    cr_expect_eq(invitation.network, 7);
    cr_expect(hash256_equal(&invitation.ledger, &expected.ledger));
    cr_expect_eq(invitation.expires_s, 0x0102030405);
    cr_expect_arr_eq(invitation.ticket, expected.ticket, sizeof expected.ticket);
    cr_expect_eq(invitation.addresses_count, 2);
    for (unsigned i = 0; i < 2; i++) {
        cr_expect(node_id_equal(&invitation.addresses[i].who, &expected.addresses[i].who));
        cr_expect_str_eq(invitation.addresses[i].endpoint, expected.addresses[i].endpoint);
    }
}

/* The longest there can be comes back whole. */
Test(invitation, may_have_three_long_addresses)
{
    struct invitation long_one = sample(), invitation;
    struct buffer link = {0};
    struct error error;
    long_one.addresses_count = INVITATION_ADDRESSES_MAX;
    for (unsigned i = 0; i < INVITATION_ADDRESSES_MAX; i++) {
        char *at = long_one.addresses[i].endpoint;
        long_one.addresses[i].who = node_id_of(&inviting);
        memset(at, 'x', ENDPOINT_SIZE - 1);
        for (unsigned k = 50; k < 240; k += 50)
            at[k] = '.';
        memcpy(at + ENDPOINT_SIZE - 7, ":30800", 7);
    }
    format(&long_one, &link);
    cr_expect_eq(link.size, INVITATION_LINK_SIZE_MAX);
    cr_expect(invitation_parse(&invitation, buffer_view(&link), &error), "%s", error.text);
    cr_expect_str_eq(invitation.addresses[2].endpoint, long_one.addresses[2].endpoint);
    buffer_append_u8(&link, 'A');
    expect_refused(buffer_view(&link), ERROR_INVALID, "at most");
    buffer_cleanup(&link);
}

Test(invitation, that_is_none_is_named)
{
    expect_refused(bytes_of_text(""), ERROR_INVALID, "begins with leither:");
    expect_refused(bytes_of_text("https://example.org/"), ERROR_INVALID, "begins with leither:");
    expect_refused(bytes_of_text("leither:ab c"), ERROR_INVALID, "character 11");
    expect_refused(bytes_of_text("leither:"), ERROR_INVALID, "was cut");
    expect_refused(bytes_of_text("leither:Ag"), ERROR_VERSION, "newer lnode");
}

/* Wherever it is cut, that is what it says. */
Test(invitation, that_was_cut_is_named)
{
    for (size_t size = sizeof INVITATION_SCHEME - 1; size < sizeof LINK - 1; size++)
        expect_refused(bytes_of(LINK, size), ERROR_INVALID, "was cut");
}

/* Any other digit anywhere makes another link, which nobody signed. */
Test(invitation, that_was_changed_is_refused)
{
    struct buffer link = {0};
    struct invitation invitation;
    struct error error;
    buffer_append_text(&link, LINK);
    for (size_t i = sizeof INVITATION_SCHEME - 1; i < link.size; i++) {
        const uint8_t before = link.data[i];
        for (const char *digit = "AQgw_-9"; *digit != 0; digit++) {
            link.data[i] = (uint8_t)*digit;
            cr_expect(link.data[i] == before
                          || !invitation_parse(&invitation, buffer_view(&link), &error),
                      "%zu", i);
        }
        link.data[i] = before;
    }
    buffer_append_text(&link, "AAAA");
    expect_refused(buffer_view(&link), ERROR_INVALID, "was changed");
    buffer_cleanup(&link);
}

/* Another node's key may stand in it, but the first address's node signs. */
Test(invitation, is_signed_by_the_node_that_invites)
{
    struct invitation swapped = sample();
    struct buffer link = {0};
    swapped.addresses[0].who = node_id_of(&other);
    invitation_format(&swapped, &other, &link);
    struct invitation invitation;
    struct error error;
    cr_expect(invitation_parse(&invitation, buffer_view(&link), &error), "%s", error.text);
    cr_expect(node_id_equal(&invitation.addresses[0].who, &swapped.addresses[0].who));
    buffer_cleanup(&link);
}

Test(invitation, expires_and_is_of_one_network)
{
    const struct invitation invitation = sample();
    struct error error;
    cr_expect(invitation_check(&invitation, 7, 0, &error));
    cr_expect(invitation_check(&invitation, 7, invitation.expires_s - 1, &error));
    cr_expect_not(invitation_check(&invitation, 7, invitation.expires_s, &error));
    cr_expect_not(invitation_check(&invitation, 7, invitation.expires_s + 60, &error));
    cr_expect_not_null(strstr(error.text, "expired 60 s ago"), "%s", error.text);
    cr_expect_not(invitation_check(&invitation, 8, 0, &error));
    cr_expect_not_null(strstr(error.text, "network 7"), "%s", error.text);
}
