#include "node/invitation.h"

#include <assert.h>
#include <inttypes.h>

#include "vm/base/cursor.h"

#define MESSAGE_INVITATION 9 /* docs/formats.md, What is signed */

static hash256 digest(struct bytes signed_part)
{
    return node_digest(MESSAGE_INVITATION, bytes_of(NULL, 0), signed_part);
}

/* ---- base64url: 6 bits a character, the highest first -------------------------------------------- */

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put_base64(struct bytes bytes, struct buffer *out)
{
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        bits = (bits << 8 | bytes.data[i]) & 0xffff;
        for (count += 8; count >= 6; count -= 6)
            buffer_append_u8(out, (uint8_t)DIGITS[bits >> (count - 6) & 63]);
    }
    if (count > 0)
        buffer_append_u8(out, (uint8_t)DIGITS[bits << (6 - count) & 63]);
}

/* False at a character that is no digit, which *place names. */
static bool take_base64(struct bytes text, struct buffer *out, size_t *place)
{
    unsigned bits = 0, count = 0;
    for (*place = 0; *place < text.size; (*place)++) {
        const char *digit = memchr(DIGITS, text.data[*place], sizeof DIGITS - 1);
        if (digit == NULL)
            return false;
        bits = (bits << 6 | (unsigned)(digit - DIGITS)) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            buffer_append_u8(out, (uint8_t)(bits >> count));
        }
    }
    return true;
}

/* ---- Writing ------------------------------------------------------------------------------------- */

void invitation_format(const struct invitation *invitation, const struct secret_key *node_key,
                       struct buffer *out)
{
    const struct node_id inviting = node_id_of(node_key);
    struct buffer encoded = {0};
    signature signed_by;
    assert(invitation->addresses_count >= 1);
    assert(invitation->addresses_count <= INVITATION_ADDRESSES_MAX);
    assert(node_id_equal(&invitation->addresses[0].who, &inviting));
    buffer_append_u8(&encoded, INVITATION_VERSION);
    buffer_append_u32_be(&encoded, invitation->network);
    buffer_append(&encoded, invitation->ledger.bytes, sizeof invitation->ledger.bytes);
    buffer_append_u64_be(&encoded, invitation->expires_s);
    buffer_append(&encoded, invitation->ticket, sizeof invitation->ticket);
    buffer_append_u8(&encoded, (uint8_t)invitation->addresses_count);
    for (unsigned i = 0; i < invitation->addresses_count; i++) {
        const struct invitation_address *at = &invitation->addresses[i];
        buffer_append(&encoded, at->who.key, sizeof at->who.key);
        buffer_append_u8(&encoded, (uint8_t)strlen(at->endpoint));
        buffer_append_text(&encoded, at->endpoint);
    }
    const hash256 hash = digest(buffer_view(&encoded));
    secret_key_sign(node_key, &hash, &signed_by);
    buffer_append(&encoded, signed_by.bytes, sizeof signed_by.bytes);
    buffer_append_text(out, INVITATION_SCHEME);
    put_base64(buffer_view(&encoded), out);
    buffer_cleanup(&encoded);
}

/* ---- Reading ------------------------------------------------------------------------------------- */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes trim(struct bytes text)
{
    while (text.size > 0 && is_space(text.data[0]))
        text = bytes_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

static bool take_address(struct cursor *in, struct invitation_address *at)
{
    struct endpoint parsed;
    struct error error;
    cursor_copy(in, at->who.key, sizeof at->who.key);
    const struct bytes text = cursor_take(in, cursor_u8(in));
    if (in->failed)
        return true; /* the end tells */
    if (text.size == 0 || memchr(text.data, 0, text.size) != NULL)
        return false;
    memcpy(at->endpoint, text.data, text.size);
    at->endpoint[text.size] = 0;
    return endpoint_parse(&parsed, at->endpoint, &error);
}

static bool refuse_changed(struct error *error)
{
    return error_set(error, ERROR_INVALID,
                     "the link was changed on its way: it is not as the node that invites signed "
                     "it; ask for it again");
}

static bool decode(struct invitation *invitation, struct bytes encoded, struct error *error)
{
    struct cursor in = cursor_over(encoded.data, encoded.size);
    signature signed_by;
    const uint8_t version = cursor_u8(&in);
    if (encoded.size > 0 && version > INVITATION_VERSION)
        return error_set(error, ERROR_VERSION,
                         "invitation version %u is not in this version (it knows %d): needs a "
                         "newer lnode",
                         version, INVITATION_VERSION);
    invitation->network = cursor_u32_be(&in);
    cursor_copy(&in, invitation->ledger.bytes, sizeof invitation->ledger.bytes);
    invitation->expires_s = cursor_u64_be(&in);
    cursor_copy(&in, invitation->ticket, sizeof invitation->ticket);
    invitation->addresses_count = cursor_u8(&in);
    if (!in.failed
        && (version != INVITATION_VERSION || invitation->addresses_count == 0
            || invitation->addresses_count > INVITATION_ADDRESSES_MAX))
        return refuse_changed(error);
    for (unsigned i = 0; i < invitation->addresses_count && !in.failed; i++)
        if (!take_address(&in, &invitation->addresses[i]))
            return refuse_changed(error);
    cursor_copy(&in, signed_by.bytes, sizeof signed_by.bytes);
    if (in.failed)
        return error_set(error, ERROR_INVALID,
                         "the link was cut: it ends before it is complete; copy all of it");
    const hash256 hash = digest(bytes_of(encoded.data, encoded.size - in.left - SIGNATURE_SIZE));
    return (in.left == 0 && node_id_signed(&invitation->addresses[0].who, &signed_by, &hash))
           || refuse_changed(error);
}

/* Unused bits of the last character are zero, and there are no more characters than bytes need. */
static bool is_canonical(struct bytes encoded, struct bytes text)
{
    struct buffer again = {0};
    put_base64(encoded, &again);
    const bool is_same = bytes_equal(buffer_view(&again), text);
    buffer_cleanup(&again);
    return is_same;
}

bool invitation_parse(struct invitation *invitation, struct bytes text, struct error *error)
{
    static const size_t scheme_size = sizeof INVITATION_SCHEME - 1;
    struct buffer encoded = {0};
    size_t place;
    *invitation = (struct invitation){0};
    text = trim(text);
    if (text.size < scheme_size || memcmp(text.data, INVITATION_SCHEME, scheme_size) != 0)
        return error_set(
            error, ERROR_INVALID,
            "this is no invitation: expected a link that begins with " INVITATION_SCHEME);
    if (text.size > INVITATION_LINK_SIZE_MAX)
        return error_set(error, ERROR_INVALID,
                         "the link has %zu characters, expected at most %zu: is something else "
                         "behind it?",
                         text.size, INVITATION_LINK_SIZE_MAX);
    text = bytes_of(text.data + scheme_size, text.size - scheme_size);
    bool ok = take_base64(text, &encoded, &place);
    if (!ok)
        error_set(error, ERROR_INVALID,
                  "character %zu of the link is none that invitations have (letters, digits, - "
                  "and _); copy it again",
                  scheme_size + place + 1);
    ok = ok && decode(invitation, buffer_view(&encoded), error)
         && (is_canonical(buffer_view(&encoded), text) || refuse_changed(error));
    buffer_cleanup(&encoded);
    return ok;
}

bool invitation_check(const struct invitation *invitation, uint32_t network, uint64_t now_s,
                      struct error *error)
{
    if (invitation->network != network)
        return error_set(error, ERROR_INVALID,
                         "the invitation is to network %" PRIu32 ", and this node is of network "
                         "%" PRIu32,
                         invitation->network, network);
    if (now_s < invitation->expires_s)
        return true;
    return error_set(error, ERROR_INVALID,
                     "the invitation expired %" PRIu64 " s ago; ask for another one",
                     now_s - invitation->expires_s);
}
