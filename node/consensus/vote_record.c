#include "node/consensus/vote_record.h"

#include <assert.h>

#include "vm/base/crc32c.h"
#include "vm/base/cursor.h"

#define RECORD_HEAD_SIZE (4 + 4 + 8 + 8 + 1) /* before the body */
#define RECORD_BODY_MIN  (32 + 8 + 8)

static const char MAGIC[4] = {'L', 'V', 'O', 'T'};

static_assert(VOTE_RECORD_HEADER_SIZE == sizeof MAGIC + 1 + 32 + 8 + 4, "layout in vote_record.h");

/* ---- Header --------------------------------------------------------------------------------- */

void vote_log_header_encode(const struct vote_log_identity *identity, struct buffer *out)
{
    const size_t start = out->size;
    buffer_append(out, MAGIC, sizeof MAGIC);
    buffer_append_u8(out, VOTE_RECORD_VERSION);
    buffer_append(out, identity->id.bytes, sizeof identity->id.bytes);
    buffer_append_u64_be(out, identity->generation);
    buffer_append_u32_be(out, crc32c(0, bytes_of(out->data + start, out->size - start)));
}

bool vote_log_header_decode(struct vote_log_identity *identity, struct bytes file, uint8_t *version)
{
    struct cursor in = cursor_over(file.data, file.size);
    const struct bytes magic = cursor_take(&in, sizeof MAGIC);
    *version = cursor_u8(&in);
    cursor_copy(&in, identity->id.bytes, sizeof identity->id.bytes);
    identity->generation = cursor_u64_be(&in);
    const uint32_t crc = cursor_u32_be(&in);
    if (in.failed || memcmp(magic.data, MAGIC, sizeof MAGIC) != 0) {
        *version = 0;
        return false;
    }
    return *version == VOTE_RECORD_VERSION
           && crc == crc32c(0, bytes_of(file.data, VOTE_RECORD_HEADER_SIZE - 4));
}

/* ---- Records -------------------------------------------------------------------------------- */

/* Covers all of the record but the CRC itself, and whose record it is. */
static uint32_t record_crc(const struct vote_log_identity *identity, const uint8_t *record,
                           size_t size)
{
    uint8_t generation[8];
    for (unsigned i = 0; i < 8; i++)
        generation[i] = (uint8_t)(identity->generation >> (8 * (7 - i)));
    uint32_t crc = crc32c(0, bytes_of(identity->id.bytes, sizeof identity->id.bytes));
    crc = crc32c(crc, bytes_of(generation, sizeof generation));
    crc = crc32c(crc, bytes_of(record, 4));
    return crc32c(crc, bytes_of(record + 8, size - 8));
}

static void store_u32_be(uint8_t out[4], uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)value;
}

static void put_body(const struct vote_record *record, struct buffer *out)
{
    buffer_append(out, record->ledger.bytes, sizeof record->ledger.bytes);
    buffer_append_u64_be(out, record->epoch);
    buffer_append_u64_be(out, record->view);
    switch (record->kind) {
    case VOTE_RECORD_VOTE:
        buffer_append_u8(out, (uint8_t)record->vote);
        buffer_append(out, record->proposal.bytes, sizeof record->proposal.bytes);
        break;
    case VOTE_RECORD_PROPOSAL:
        buffer_append_u64_be(out, record->parent_view);
        buffer_append(out, record->block.bytes, sizeof record->block.bytes);
        break;
    case VOTE_RECORD_CERTIFICATE: buffer_append_bytes(out, record->body); break;
    case VOTE_RECORD_BOUND: break;
    case VOTE_RECORD_BLOCK:
        buffer_append(out, record->block.bytes, sizeof record->block.bytes);
        buffer_append_bytes(out, record->body);
        break;
    }
}

void vote_record_encode(const struct vote_record *record, const struct vote_log_identity *identity,
                        uint64_t sequence, uint64_t synced, struct buffer *out)
{
    const size_t start = out->size;
    assert(synced <= sequence);
    buffer_extend(out, 8); /* size and CRC, below */
    buffer_append_u64_be(out, sequence);
    buffer_append_u64_be(out, synced);
    buffer_append_u8(out, (uint8_t)record->kind);
    put_body(record, out);
    const size_t size = out->size - start;
    assert(size - RECORD_HEAD_SIZE <= VOTE_RECORD_BODY_MAX);
    store_u32_be(out->data + start, (uint32_t)(size - RECORD_HEAD_SIZE));
    store_u32_be(out->data + start + 4, record_crc(identity, out->data + start, size));
}

static bool read_body(struct cursor *in, struct vote_record *record)
{
    cursor_copy(in, record->ledger.bytes, sizeof record->ledger.bytes);
    record->epoch = cursor_u64_be(in);
    record->view = cursor_u64_be(in);
    switch (record->kind) {
    case VOTE_RECORD_VOTE:
        record->vote = (enum consensus_message)cursor_u8(in);
        cursor_copy(in, record->proposal.bytes, sizeof record->proposal.bytes);
        return cursor_finished(in)
               && (record->vote == MESSAGE_NOTARIZE || record->vote == MESSAGE_FINALIZE
                   || (record->vote == MESSAGE_NULLIFY && hash256_is_zero(&record->proposal)));
    case VOTE_RECORD_PROPOSAL:
        record->parent_view = cursor_u64_be(in);
        cursor_copy(in, record->block.bytes, sizeof record->block.bytes);
        return cursor_finished(in);
    case VOTE_RECORD_CERTIFICATE:
        record->body = cursor_take(in, in->left);
        return cursor_finished(in) && record->body.size > 0;
    case VOTE_RECORD_BOUND: return cursor_finished(in);
    case VOTE_RECORD_BLOCK:
        cursor_copy(in, record->block.bytes, sizeof record->block.bytes);
        record->body = cursor_take(in, in->left);
        return cursor_finished(in) && record->body.size > 0;
    }
    return false;
}

struct place {
    uint64_t sequence;
    uint64_t synced;
    size_t size; /* of the whole record */
};

/* Whether a record that is whole begins the bytes. The sequence bound saves most of the checksums
 * when looking for one. */
static bool record_begins(struct bytes bytes, const struct vote_log_identity *identity,
                          uint64_t sequence_min, struct vote_record *record, struct place *place)
{
    *record = (struct vote_record){0};
    struct cursor in = cursor_over(bytes.data, bytes.size);
    const uint32_t size = cursor_u32_be(&in);
    const uint32_t crc = cursor_u32_be(&in);
    place->sequence = cursor_u64_be(&in);
    place->synced = cursor_u64_be(&in);
    record->kind = (enum vote_record_kind)cursor_u8(&in);
    if (in.failed || size < RECORD_BODY_MIN || size > in.left || size > VOTE_RECORD_BODY_MAX
        || place->sequence < sequence_min || place->synced > place->sequence)
        return false;
    place->size = RECORD_HEAD_SIZE + size;
    if (record_crc(identity, bytes.data, place->size) != crc)
        return false;
    in.left = size;
    return read_body(&in, record);
}

bool vote_record_decode(struct vote_record *record, const struct vote_log_identity *identity,
                        struct bytes bytes)
{
    struct place place;
    return record_begins(bytes, identity, 0, record, &place) && place.size == bytes.size;
}

static struct bytes rest_from(const struct vote_record_reader *reader, size_t at)
{
    return bytes_of(reader->file.data + at, reader->file.size - at);
}

static bool is_zero_from(struct bytes file, size_t at)
{
    while (at < file.size && file.data[at] == 0)
        at++;
    return at == file.size;
}

/* No record stands where one is expected. If one behind was written after that had been synced, it
 * is lost; else it never was on the disk for sure, and nobody was told of it. */
static enum vote_record_verdict what_follows(const struct vote_record_reader *reader)
{
    struct vote_record record;
    struct place place;

    if (is_zero_from(reader->file, reader->at))
        return VOTE_RECORD_END;
    for (size_t at = reader->at; at < reader->file.size; at++)
        if (record_begins(rest_from(reader, at), &reader->identity, reader->sequence, &record,
                          &place)
            && place.synced > reader->sequence)
            return VOTE_RECORD_DAMAGED;
    return VOTE_RECORD_TORN;
}

struct vote_record_reader vote_record_reader_over(const struct vote_log_identity *identity,
                                                  struct bytes file)
{
    return (struct vote_record_reader){*identity, file, VOTE_RECORD_HEADER_SIZE, 0};
}

enum vote_record_verdict vote_record_read(struct vote_record_reader *reader,
                                          struct vote_record *record)
{
    struct place place;
    if (!record_begins(rest_from(reader, reader->at), &reader->identity, reader->sequence, record,
                       &place)
        || place.sequence != reader->sequence)
        return what_follows(reader);
    reader->at += place.size;
    reader->sequence++;
    return VOTE_RECORD_FOUND;
}
