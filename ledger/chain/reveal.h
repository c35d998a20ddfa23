/* The proposer's randomness: a hash chain, opened from its end.
 *
 *   c[0] = HMAC-SHA256(consensus secret, "reveal" | salt)     c[i + 1] = keccak256(c[i])
 *   c[n] is the commitment in the committee entry; the first block a member leads reveals
 *   c[n - 1], the next c[n - 2], ... down to c[0]; then the chain is used up.
 *
 * Every sqrt(n)-th link is kept as a checkpoint, so that any link costs at most sqrt(n) hashes
 * (1,024 for n = 2^20). The chain is a secret like the key it comes from: its encoded form goes
 * into a file of mode 0600, and memory is wiped. ledger.md, mixHash. */
#ifndef LEDGER_CHAIN_REVEAL_H
#define LEDGER_CHAIN_REVEAL_H
#include "vm/base/error.h"
#include "vm/crypto/secret_key.h"

#define REVEAL_LENGTH        1048576 /* 2^20 blocks led */
#define REVEAL_LENGTH_MAX    16777216
#define REVEAL_CHAIN_VERSION 1

struct reveal_chain; /* opaque; secret */

/* About `length` hashes: half a second for REVEAL_LENGTH. */
struct reveal_chain *reveal_chain_new(const struct secret_key *consensus, const hash256 *salt,
                                      uint64_t length);
void reveal_chain_free(struct reveal_chain *chain); /* wipes; accepts NULL */

hash256 reveal_chain_commitment(const struct reveal_chain *chain);
/* The reveal after `used` ones. ERROR_UNSUPPORTED when the chain is used up. */
bool reveal_chain_at(const struct reveal_chain *chain, uint64_t used, hash256 *reveal,
                     struct error *error) __attribute__((warn_unused_result));

/* The form kept on disk: version u8 | length u64 | salt 32 | commitment 32 | checkpoints 32 each
 * | keccak256 of all before. Wipe the buffer after use. */
void reveal_chain_encode(const struct reveal_chain *chain, struct buffer *out);
/* NULL with ERROR_VERSION or ERROR_CORRUPT. */
struct reveal_chain *reveal_chain_decode(struct bytes encoded, struct error *error);

/* How far a member's chain is open, on one block's ancestry. */
struct reveal_progress {
    hash256 last;  /* reveal, or the commitment before the first */
    uint64_t used; /* how many were revealed */
};
/* Is `reveal` the one due next? */
bool reveal_is_next(const struct reveal_progress *progress, const hash256 *reveal);
/* keccak256(parent's mixHash | reveal). */
hash256 reveal_mix(const hash256 *parent_mix_hash, const hash256 *reveal);
#endif
