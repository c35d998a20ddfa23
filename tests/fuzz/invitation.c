/* A link that a node really signed, and any edits: what is still accepted is that link, but for
 * white space around it; and any other text is refused with a reason. */
#include "node/invitation.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"

static const struct secret_key key = {{[31] = 1}};
static struct buffer good;

static void make_good(void)
{
    struct invitation invitation = {.network = 7, .expires_s = 1800000000, .addresses_count = 2};
    for (unsigned i = 0; i < 2; i++)
        invitation.addresses[i].who = node_id_of(&key);
    strcpy(invitation.addresses[0].endpoint, "box.example:30800");
    strcpy(invitation.addresses[1].endpoint, "[2001:db8::1]:30800");
    invitation_format(&invitation, &key, &good);
}

/* What is accepted is written again to the same characters. */
static void parse(struct bytes text)
{
    struct invitation invitation;
    struct error error = {0};
    struct buffer again = {0};
    if (!invitation_parse(&invitation, text, &error)) {
        must(error.text[0] != 0, "it is refused without a reason");
        return;
    }
    const struct node_id us = node_id_of(&key);
    must(node_id_equal(&invitation.addresses[0].who, &us), "nobody signed it");
    invitation_format(&invitation, &key, &again);
    must(memmem(text.data, text.size, again.data, again.size) != NULL, "it has another form");
    buffer_cleanup(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct buffer edited = {0};
    if (good.size == 0)
        make_good();
    if (cursor_u8(&in) % 2 == 0) {
        buffer_append_text(&edited, INVITATION_SCHEME);
        buffer_append_bytes(&edited, cursor_take(&in, in.left));
    } else {
        buffer_append_bytes(&edited, buffer_view(&good));
        edit(&edited, &in);
    }
    parse(buffer_view(&edited));
    buffer_cleanup(&edited);
    return 0;
}
