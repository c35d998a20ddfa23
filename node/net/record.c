#include "node/net/record.h"

#include <string.h>

#include "vm/base/cursor.h"

#define MESSAGE_NODE_RECORD 7 /* docs/formats.md, What is signed */

static hash256 digest(struct bytes signed_part)
{
    return node_digest(MESSAGE_NODE_RECORD, bytes_of(NULL, 0), signed_part);
}

bool record_sign(struct node_record *record, const struct secret_key *key, struct buffer *out)
{
    struct buffer encoded = {0};
    record->who = node_id_of(key);
    buffer_append_u8(&encoded, RECORD_VERSION);
    buffer_append_u64_be(&encoded, record->sequence);
    buffer_append(&encoded, record->who.key, sizeof record->who.key);
    buffer_append_u8(&encoded, (uint8_t)record->endpoints_count);
    for (unsigned i = 0; i < record->endpoints_count; i++) {
        buffer_append_u8(&encoded, (uint8_t)strlen(record->endpoints[i]));
        buffer_append_text(&encoded, record->endpoints[i]);
    }
    const hash256 hash = digest(buffer_view(&encoded));
    secret_key_sign(key, &hash, &record->signature);
    buffer_append(&encoded, record->signature.bytes, sizeof record->signature.bytes);
    const bool fits = encoded.size <= RECORD_SIZE_MAX;
    if (fits)
        buffer_append_bytes(out, buffer_view(&encoded));
    buffer_cleanup(&encoded);
    return fits;
}

static bool take_endpoint(struct cursor *in, char out[ENDPOINT_SIZE])
{
    struct endpoint parsed;
    struct error error;
    const struct bytes text = cursor_take(in, cursor_u8(in));
    if (text.size == 0 || memchr(text.data, 0, text.size) != NULL)
        return false;
    memcpy(out, text.data, text.size);
    out[text.size] = 0;
    return endpoint_parse(&parsed, out, &error);
}

bool record_decode(struct node_record *record, struct bytes encoded)
{
    struct cursor in = cursor_over(encoded.data, encoded.size);
    const uint8_t version = cursor_u8(&in);
    if (encoded.size > RECORD_SIZE_MAX || version != RECORD_VERSION)
        return false;
    record->sequence = cursor_u64_be(&in);
    cursor_copy(&in, record->who.key, sizeof record->who.key);
    record->endpoints_count = cursor_u8(&in);
    if (record->endpoints_count > RECORD_ENDPOINTS_MAX)
        return false;
    for (unsigned i = 0; i < record->endpoints_count; i++)
        if (!take_endpoint(&in, record->endpoints[i]))
            return false;
    cursor_copy(&in, record->signature.bytes, sizeof record->signature.bytes);
    if (!cursor_finished(&in))
        return false;
    const hash256 hash = digest(bytes_of(encoded.data, encoded.size - SIGNATURE_SIZE));
    return node_id_signed(&record->who, &record->signature, &hash);
}
