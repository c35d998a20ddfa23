/* The chain of seals: from a record one trusts to the newest, without any other block.
 *
 *   record e ──certifies──► seal of e ──requests──► record e + 1 ──certifies──► ...
 *
 *   link  = RLP [finality proof of the seal, requests of the seal, [issued, re-issued, burnt,
 *                retired, destroyed]]
 *   chain = RLP [version 1, epoch of the first link's record, [link, ...]]
 *
 * Committee, parameters and fork of the next record follow from requests that the certified
 * header commits to. The totals do not stand in a header: wrong ones make a record that no block of
 * the next epoch names. So the link behind a record confirms it, and the newest record's totals are
 * the claim of whoever sent its link, which another's may replace. Formats with test vectors:
 * docs/formats.md. Design: consensus 2.12, 3. */
#ifndef LEDGER_CHAIN_SEAL_CHAIN_H
#define LEDGER_CHAIN_SEAL_CHAIN_H
#include "ledger/chain/finality.h"
#include "ledger/chain/requests.h"

#define SEAL_CHAIN_VERSION   1
#define SEAL_CHAIN_LINKS_MAX 128
#define SEAL_CHAIN_SIZE_MAX  2097152 /* what one answer holds, or a single link */

struct seal_link {
    struct finality_proof proof; /* of the seal; one header */
    struct requests requests;
    struct supply supply; /* after it */
};
void seal_link_encode(const struct seal_link *link, enum vm_fork fork, struct buffer *out);
bool seal_link_decode(struct seal_link *link, enum vm_fork fork, struct bytes encoded,
                      struct arena *arena);
/* That the committee of `record` made the block of the link final, and that it is its epoch's seal:
 * then `next` is the record that follows, its committee in `arena`. */
enum finality_verdict seal_link_check(const struct seal_link *link,
                                      const struct epoch_record *record,
                                      const struct signing_domain *domain, struct arena *arena,
                                      struct epoch_record *next);

/* How far somebody has followed. The caller's storage; cleanup frees what it holds. */
struct seal_chain {
    uint64_t chain_id;
    hash256 genesis_hash; /* of block 0 */
    enum vm_fork fork;    /* of the genesis: the form of headers */
    struct epoch_record record;
    struct signing_domain domain;
    struct arena arena;  /* of the record */
    struct buffer links; /* that were followed, as they came, one behind the other */
    struct epoch_record
        confirmed; /* the record, or the one before: trusted, or named by its seal */
    struct arena confirmed_arena;
    size_t confirmed_size; /* of the links up to it */
};
/* From a record that is trusted: the first, as it follows from the genesis, or any whose hash came
 * from somewhere trusted. It is copied. */
void seal_chain_init(struct seal_chain *chain, uint64_t chain_id, const hash256 *genesis_hash,
                     enum vm_fork genesis_fork, const struct epoch_record *trusted);
void seal_chain_cleanup(struct seal_chain *chain);
/* Goes on by the links of an encoded chain that begins at or below the chain's epoch. Those that lead
 * to the confirmed record are passed over, the one behind it takes the place of the one that is
 * there. Stops at the first one that does not hold, and stays where it came to. */
enum finality_verdict seal_chain_follow(struct seal_chain *chain, struct bytes encoded);
/* The same up to the record of epoch `epoch_max`; links behind it are not looked at. */
enum finality_verdict seal_chain_follow_to(struct seal_chain *chain, struct bytes encoded,
                                           uint64_t epoch_max);
#endif
