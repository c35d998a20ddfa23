/* What a ledger looks like after one block, as a list of chunks and their hashes.
 *
 *   manifest = RLP [version, height, block hash, [[kind, bits, prefix, chunk hash], ...]]
 *
 * A chunk holds all of one kind whose key begins with a prefix of so many bits:
 *
 *   SNAPSHOT_BASE      key = number of the piece u32: counters, headers and the block itself
 *   SNAPSHOT_ACCOUNTS  key = address 20
 *   SNAPSHOT_SLOTS     key = address 20, slot 32
 *
 * The same state gives the same bytes on every node. A prefix is as short as the size of a chunk
 * allows (cut.h), so a chunk whose keys did not change is the same in the next snapshot. */
#ifndef LEDGER_SNAPSHOT_MANIFEST_H
#define LEDGER_SNAPSHOT_MANIFEST_H
#include "vm/base/arena.h"
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define SNAPSHOT_VERSION           1
#define SNAPSHOT_CHUNK_SIZE_MAX    262144 /* bytes of an encoded chunk (consensus.md, section 3) */
#define SNAPSHOT_CHUNKS_MAX        65536
#define SNAPSHOT_KEY_SIZE_MAX      52
#define SNAPSHOT_MANIFEST_SIZE_MAX (SNAPSHOT_CHUNKS_MAX * 96) /* of its encoding */

enum snapshot_kind {
    SNAPSHOT_BASE,
    SNAPSHOT_ACCOUNTS,
    SNAPSHOT_SLOTS,
    SNAPSHOT_KIND_COUNT,
};
const char *snapshot_kind_name(enum snapshot_kind kind);
size_t snapshot_key_size(enum snapshot_kind kind); /* bytes of a whole key */

/* The keys of a kind that begin with the first `bits` bits of `prefix`; what follows them is zero.
 */
struct snapshot_range {
    enum snapshot_kind kind;
    unsigned bits;
    uint8_t prefix[SNAPSHOT_KEY_SIZE_MAX];
};
/* The range of `bits` bits in which `key`, a whole one, lies. */
struct snapshot_range snapshot_range_of(enum snapshot_kind kind, const uint8_t *key, unsigned bits);
bool snapshot_range_holds(const struct snapshot_range *range, const uint8_t *key);
/* How many leading bits two keys of `size` bytes share. */
unsigned snapshot_shared_bits(const uint8_t *a, const uint8_t *b, size_t size);

struct snapshot_entry {
    struct snapshot_range range;
    hash256 hash; /* keccak256 of the encoded chunk */
};

struct manifest {
    uint64_t height;
    hash256 block_hash;
    struct snapshot_entry *entries; /* by kind, prefix */
    size_t entries_count;           /* at least one: a snapshot has a base */
};

void manifest_encode(const struct manifest *manifest, struct buffer *out);
/* Takes exactly what manifest_encode() writes of a well-formed manifest: pieces of the base are
 * numbered from 0 without a gap, ranges stand in order and do not overlap. ERROR_INVALID names
 * what is wrong, ERROR_VERSION a newer one. Entries live in `arena`. */
bool manifest_decode(struct manifest *manifest, struct bytes encoded, struct arena *arena,
                     struct error *error) __attribute__((warn_unused_result));
/* keccak256 of the encoding: what members agree on. */
hash256 manifest_hash(const struct manifest *manifest);
#endif
