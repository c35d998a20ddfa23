/* The schema of one ledger's store: every key and value, and nobody else knows them.
 *
 *   key                               value                                         version
 *   'F'                               format: version u16                              (1)
 *   'G'                               genesis document, canonical JSON                 none
 *   'E' epoch u64                     epoch record, RLP (docs/formats.md)          its own
 *   'L' epoch u64                     link of the chain of seals that proves that record    1
 *   'H'                               head: the newest block and what follows from it    2
 *   'h' height u64                    hash 32, supply, header RLP                        1
 *   'b' height u64                    transactions, ommers, withdrawals, extras          1
 *   'q' height u64                    senders, 20 bytes each                             1
 *   'r' height u64                    receipts without their blooms                      1
 *   'c' height u64                    FINALIZATION; none: a descendant's settles it too   2
 *   'i' block hash 32                 height u64                                         1
 *   't' transaction hash 32           height u64, index u32                              1
 *   'j' address 20, ~height u64, ~index u32    what it has to do with that transaction: roles u8  1
 *   'J'                               up to which height there are such entries: u64     1
 *   'a' address 20                    account now: RLP                                   1
 *   'A' address 20, height u64        account before that block; empty: absent           1
 *   's' address 20, slot 32           value now, without leading zeros                   1
 *   'S' address 20, slot 32, height   value before that block; empty: zero               1
 *   'k' code hash 32                  code                                               1
 *   'n' path                          node of the account trie, RLP                      1
 *   'N' address hash 32, path         node of that account's storage trie, RLP           1
 *   'P' height u64                    counters after a checkpoint (ledger/snapshot/)     1
 *   'O'                               first height with state and body: u64; none: 0     1
 *   'V'                               which vote log has what this node said: promises.h  1
 *   'U' height u64                    which slices that block's trie diff has            1
 *   'U' height u64, slice u8          what it overwrote in the tries (trie/reverse.h)    1
 *
 * Numbers are big-endian. A path is hex-prefixed: one byte 0x10 | first nibble (odd length) or
 * 0x00 (even), then two nibbles a byte. Every value but 'F', 'G' and 'E' starts with its version.
 *
 * Time travel: the value at height h is the one "before" the lowest changed height above h, else
 * the one now. Keys of one account or slot lie in order of height, so that is one seek. */
#ifndef LEDGER_STORE_KEYS_H
#define LEDGER_STORE_KEYS_H
#include "vm/base/bytes.h"
#include "vm/base/u256.h"

/* Format 1 had a pair of certificates at every height. An older program would take a height
 * without one for damage, so opening raises the format. */
#define STORE_FORMAT               2
#define RECORD_VERSION             1 /* of every versioned value above but two */
#define HEAD_RECORD_VERSION        2 /* version 1, without an epoch, is read too */
#define CERTIFICATE_RECORD_VERSION 2 /* version 1, a pair, is read too */

enum key_kind {
    KEY_FORMAT = 'F',
    KEY_GENESIS = 'G',
    KEY_EPOCH = 'E',
    KEY_LINK = 'L',
    KEY_HEAD = 'H',
    KEY_HEADER = 'h',
    KEY_BODY = 'b',
    KEY_SENDERS = 'q',
    KEY_RECEIPTS = 'r',
    KEY_CERTIFICATE = 'c',
    KEY_BLOCK_HASH = 'i',
    KEY_TRANSACTION = 't',
    KEY_HISTORY = 'j',
    KEY_HISTORY_HEIGHT = 'J',
    KEY_ACCOUNT = 'a',
    KEY_ACCOUNT_BEFORE = 'A',
    KEY_SLOT = 's',
    KEY_SLOT_BEFORE = 'S',
    KEY_CODE = 'k',
    KEY_ACCOUNT_NODE = 'n',
    KEY_STORAGE_NODE = 'N',
    KEY_CHECKPOINT = 'P',
    KEY_EARLIEST = 'O',
    KEY_PAST = 'U',
    KEY_PROMISES = 'V',
};

#define STORE_KEY_MAX 72
struct store_key {
    uint8_t bytes[STORE_KEY_MAX];
    size_t size;
};

static inline struct bytes key_view(const struct store_key *key)
{
    return bytes_of(key->bytes, key->size);
}

struct store_key key_of(enum key_kind kind);                        /* 'F' 'G' 'H' 'O' 'V' */
struct store_key key_numbered(enum key_kind kind, uint64_t number); /* 'E' 'h' 'b' 'P' ... */
struct store_key key_past_slice(uint64_t height, uint8_t slice);
struct store_key key_hashed(enum key_kind kind, const hash256 *hash);
struct store_key key_account(const address *account);
struct store_key key_account_before(const address *account, uint64_t height);
struct store_key key_slot(const address *account, const u256 *slot);
struct store_key key_slot_before(const address *account, const u256 *slot, uint64_t height);
/* In order of age, the newest first. */
struct store_key key_history(const address *account, uint64_t height, uint32_t index);
/* `owner` is zero for the account trie; `path` is nibbles, one a byte. */
struct store_key key_node(const hash256 *owner, const uint8_t *path, size_t path_size);

/* Does `key` differ from `other` only in its last 8 bytes, the height? */
bool key_same_subject(struct bytes key, struct bytes other);
#endif
