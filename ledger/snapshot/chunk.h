/* What a chunk of a snapshot holds, and its bytes.
 *
 *   base      RLP [version, 0, piece]                 pieces put together are the base, see base.h
 *   accounts  RLP [version, 1, [[address, nonce, balance, code], ...]]
 *   slots     RLP [version, 2, [[address, [[slot, value], ...]], ...]]
 *
 * In order of their keys, none twice; no slot is zero. Storage roots and code hashes are left out:
 * they follow from the rest. Code stands with its account, also where another has the same: a byte
 * of it costs as much gas as a byte of a slot (EIP-170: 200 a byte; EIP-2200: 20,000 a slot), so
 * sharing it would not bound a snapshot any better. */
#ifndef LEDGER_SNAPSHOT_CHUNK_H
#define LEDGER_SNAPSHOT_CHUNK_H
#include "ledger/snapshot/manifest.h"
#include "vm/base/u256.h"

struct snapshot_account {
    address address;
    uint64_t nonce;
    u256 balance;
    struct bytes code;
};
struct snapshot_slot {
    address address;
    u256 key;
    u256 value;
};

struct chunk {
    enum snapshot_kind kind;
    struct bytes piece;                /* SNAPSHOT_BASE; not empty */
    struct snapshot_account *accounts; /* SNAPSHOT_ACCOUNTS; at least one */
    struct snapshot_slot *slots;       /* SNAPSHOT_SLOTS; at least one */
    size_t count;                      /* of either */
};

/* What one account or slot adds to a chunk's size, at the most: a slot that is the first of its
 * address has its address with it. Together with CHUNK_OVERHEAD an upper bound of the encoding. */
size_t snapshot_account_size(const struct snapshot_account *account);
size_t snapshot_slot_size(const struct snapshot_slot *slot, bool is_first_of_address);
#define CHUNK_OVERHEAD 64 /* version, kind, lists, and an address that goes on from another chunk */

void chunk_encode(const struct chunk *chunk, struct buffer *out);
/* Takes exactly what chunk_encode() writes. Strings borrow from `encoded`, arrays live in `arena`:
 * at most some 30 times the encoding. ERROR_INVALID names what is wrong, ERROR_VERSION a newer
 * chunk. */
bool chunk_decode(struct chunk *chunk, struct bytes encoded, struct arena *arena,
                  struct error *error) __attribute__((warn_unused_result));
/* Are all its keys in the range? Of a piece of the base there is nothing to check but its kind. */
bool chunk_is_in(const struct chunk *chunk, const struct snapshot_range *range, struct error *error)
    __attribute__((warn_unused_result));
#endif
