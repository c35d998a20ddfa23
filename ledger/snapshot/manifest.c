#include "ledger/snapshot/manifest.h"

#include <inttypes.h>

#include "ledger/codec/rlp.h"
#include "vm/crypto/keccak.h"

#define ENTRY_SIZE_MIN 37 /* list, kind, bits, empty prefix, hash */

const char *snapshot_kind_name(enum snapshot_kind kind)
{
    switch (kind) {
    case SNAPSHOT_BASE: return "base";
    case SNAPSHOT_ACCOUNTS: return "accounts";
    case SNAPSHOT_SLOTS: return "slots";
    case SNAPSHOT_KIND_COUNT: break;
    }
    return "unknown";
}

size_t snapshot_key_size(enum snapshot_kind kind)
{
    switch (kind) {
    case SNAPSHOT_BASE: return sizeof(uint32_t);
    case SNAPSHOT_ACCOUNTS: return sizeof(address);
    case SNAPSHOT_SLOTS:
    case SNAPSHOT_KIND_COUNT: break;
    }
    return sizeof(address) + sizeof(hash256);
}

/* ---- Ranges -------------------------------------------------------------------------------- */

static size_t bytes_of_bits(unsigned bits)
{
    return (bits + 7) / 8;
}

/* The bits of the last byte of a prefix that count. */
static uint8_t last_byte_mask(unsigned bits)
{
    return (uint8_t)(0xff << (7 - (bits + 7) % 8));
}

struct snapshot_range snapshot_range_of(enum snapshot_kind kind, const uint8_t *key, unsigned bits)
{
    struct snapshot_range range = {.kind = kind, .bits = bits};
    const size_t size = bytes_of_bits(bits);
    if (size > 0) {
        memcpy(range.prefix, key, size);
        range.prefix[size - 1] &= last_byte_mask(bits);
    }
    return range;
}

unsigned snapshot_shared_bits(const uint8_t *a, const uint8_t *b, size_t size)
{
    size_t at = 0;
    while (at < size && a[at] == b[at])
        at++;
    if (at == size)
        return (unsigned)(8 * size);
    return (unsigned)(8 * at) + (unsigned)__builtin_clz((unsigned)(a[at] ^ b[at])) - 24;
}

bool snapshot_range_holds(const struct snapshot_range *range, const uint8_t *key)
{
    return snapshot_shared_bits(range->prefix, key, snapshot_key_size(range->kind)) >= range->bits;
}

/* ---- Codec --------------------------------------------------------------------------------- */

void manifest_encode(const struct manifest *manifest, struct buffer *out)
{
    const size_t list = rlp_open_list(out);
    rlp_put_u64(out, SNAPSHOT_VERSION);
    rlp_put_u64(out, manifest->height);
    rlp_put_hash(out, &manifest->block_hash);
    const size_t entries = rlp_open_list(out);
    for (size_t i = 0; i < manifest->entries_count; i++) {
        const struct snapshot_entry *entry = &manifest->entries[i];
        const size_t fields = rlp_open_list(out);
        rlp_put_u64(out, entry->range.kind);
        rlp_put_u64(out, entry->range.bits);
        rlp_put_string(out, bytes_of(entry->range.prefix, bytes_of_bits(entry->range.bits)));
        rlp_put_hash(out, &entry->hash);
        rlp_close_list(out, fields);
    }
    rlp_close_list(out, entries);
    rlp_close_list(out, list);
}

/* False with the reader failed or a range that snapshot_range_of() would not make. */
static bool read_entry(struct rlp_reader *in, struct snapshot_entry *entry)
{
    struct rlp_reader fields = rlp_list(in);
    const uint64_t kind = rlp_u64(&fields), bits = rlp_u64(&fields);
    const struct bytes prefix = rlp_string(&fields);
    rlp_fixed(&fields, entry->hash.bytes, sizeof entry->hash.bytes);
    rlp_leave(in, &fields);
    if (in->verdict != RLP_OK || kind >= SNAPSHOT_KIND_COUNT)
        return false;
    if (bits > 8 * snapshot_key_size((enum snapshot_kind)kind)
        || prefix.size != bytes_of_bits((unsigned)bits))
        return false;
    entry->range = snapshot_range_of((enum snapshot_kind)kind, prefix.data, (unsigned)bits);
    return prefix.size == 0 || memcmp(entry->range.prefix, prefix.data, prefix.size) == 0;
}

/* Does `range` stand behind `before`, and have no key in common with it? The base has whole numbers
 * as keys, one after the other. */
static bool follows(const struct snapshot_range *before, const struct snapshot_range *range,
                    size_t index)
{
    if (range->kind == SNAPSHOT_BASE) {
        const uint8_t number[4] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16),
                                   (uint8_t)(index >> 8), (uint8_t)index};
        return (before == NULL || before->kind == SNAPSHOT_BASE) && range->bits == 32
               && memcmp(range->prefix, number, sizeof number) == 0;
    }
    if (before == NULL || before->kind > range->kind)
        return false;
    return before->kind < range->kind
           || (memcmp(before->prefix, range->prefix, sizeof range->prefix) < 0
               && !snapshot_range_holds(before, range->prefix));
}

static bool read_entries(struct rlp_reader *list, struct manifest *manifest, struct arena *arena,
                         struct error *error)
{
    const size_t count_max = list->left / ENTRY_SIZE_MIN < SNAPSHOT_CHUNKS_MAX
                                 ? list->left / ENTRY_SIZE_MIN
                                 : SNAPSHOT_CHUNKS_MAX;
    manifest->entries = arena_array(arena, count_max, sizeof *manifest->entries);
    manifest->entries_count = 0;
    while (rlp_has_more(list)) {
        const size_t index = manifest->entries_count;
        if (index == SNAPSHOT_CHUNKS_MAX)
            return error_set(error, ERROR_INVALID, "manifest: more than %d chunks",
                             SNAPSHOT_CHUNKS_MAX);
        if (index == count_max)
            return error_set(error, ERROR_INVALID, "manifest: entry %zu is cut", index);
        struct snapshot_entry *entry = &manifest->entries[manifest->entries_count++];
        if (!read_entry(list, entry))
            return error_set(error, ERROR_INVALID, "manifest: entry %zu is no range with a hash",
                             index);
        if (!follows(index == 0 ? NULL : &entry[-1].range, &entry->range, index))
            return error_set(error, ERROR_INVALID,
                             "manifest: the range of entry %zu, of %s, does not follow the one "
                             "before",
                             index, snapshot_kind_name(entry->range.kind));
    }
    return manifest->entries_count > 0
           || error_set(error, ERROR_INVALID, "manifest: no chunks, expected at least the base");
}

bool manifest_decode(struct manifest *manifest, struct bytes encoded, struct arena *arena,
                     struct error *error)
{
    if (encoded.size > SNAPSHOT_MANIFEST_SIZE_MAX)
        return error_set(error, ERROR_INVALID, "manifest: %zu bytes, expected at most %d",
                         encoded.size, SNAPSHOT_MANIFEST_SIZE_MAX);
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader fields = rlp_list(&in);
    const uint64_t version = rlp_u64(&fields);
    if (fields.verdict == RLP_OK && version > SNAPSHOT_VERSION)
        return error_set(error, ERROR_VERSION,
                         "manifest: version %" PRIu64 ", expected %d: needs a newer lnode", version,
                         SNAPSHOT_VERSION);
    manifest->height = rlp_u64(&fields);
    rlp_fixed(&fields, manifest->block_hash.bytes, sizeof manifest->block_hash.bytes);
    struct rlp_reader list = rlp_list(&fields);
    if (fields.verdict == RLP_OK && version == SNAPSHOT_VERSION
        && !read_entries(&list, manifest, arena, error))
        return false;
    rlp_leave(&fields, &list);
    rlp_leave(&in, &fields);
    if (rlp_finished(&in) && version == SNAPSHOT_VERSION)
        return true;
    return error_set(error, ERROR_INVALID, "manifest: malformed (%s)",
                     version == 0 ? "version 0" : rlp_verdict_text(in.verdict));
}

hash256 manifest_hash(const struct manifest *manifest)
{
    struct buffer encoded = {0};
    manifest_encode(manifest, &encoded);
    const hash256 hash = keccak256(encoded.data, encoded.size);
    buffer_cleanup(&encoded);
    return hash;
}
