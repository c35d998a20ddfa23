/* What settles a block: committee, epoch record, certificate, finality proof. Codec and check.
 *
 * A vote is a 65-byte recoverable signature over
 *   keccak256("ORG1" | message type u8 | chain id 32 | block-0 hash 32 | epoch u64
 *             | committee hash 32 | body)
 * A certificate is exactly q such votes of one kind for one proposal of one view, by signers in
 * increasing order. Its bytes differ between nodes and never enter a hash. The finality proof
 * of a block is the headers from it to the first certified descendant (at most 16) and that
 * block's FINALIZATION. Formats with test vectors: docs/formats.md. Design: consensus 2.2, 2.3,
 * 2.12. */
#ifndef LEDGER_CHAIN_FINALITY_H
#define LEDGER_CHAIN_FINALITY_H
#include "ledger/chain/header.h"
#include "vm/base/arena.h"
#include "vm/crypto/recover.h"

#define COMMITTEE_SIZE_MAX         100
#define COMMITTEE_ENTRY_VERSION    1
#define COMMITTEE_ENDPOINT_MAX     255
#define EPOCH_RECORD_VERSION       1
#define CERTIFICATE_VERSION        1
#define FINALITY_PROOF_VERSION     1
#define FINALITY_PROOF_HEADERS_MAX 16

/* One distinct type per signed message, also of those that come with later parts; 6 and 7 are
 * the HELLO's and the node record's (node/net), 8 is READY's (ledger/org/committee.h). */
enum consensus_message {
    MESSAGE_PROPOSAL = 1,
    MESSAGE_NOTARIZE = 2,
    MESSAGE_NULLIFY = 3,
    MESSAGE_FINALIZE = 4,
    MESSAGE_STATUS = 5,
};

enum quorum_mode {
    QUORUM_BFT,   /* floor(2n/3) + 1 */
    QUORUM_CRASH, /* floor(n/2) + 1 */
    QUORUM_ALL,   /* n */
};
const char *quorum_mode_name(enum quorum_mode mode);
bool quorum_mode_parse(enum quorum_mode *mode, const char *name);
unsigned quorum_size(enum quorum_mode mode, unsigned committee_size);

struct committee_entry {
    address consensus;    /* signs votes */
    uint8_t node_key[33]; /* compressed secp256k1 */
    address payout;
    uint64_t weight;
    char endpoint[COMMITTEE_ENDPOINT_MAX + 1]; /* "host:port", or empty */
    hash256 reveal_salt;
    hash256 reveal_commitment; /* the end of the reveal chain (ledger.md, mixHash) */
};

/* What the engine and block validity are parameterised by (consensus 2.16). */
struct consensus_parameters {
    uint64_t pulse_ms;
    uint64_t tail;
    uint64_t block_size_max; /* bytes of the block in geth's form */
    uint64_t gas_limit;
};

/* Coin totals in wei, counted by execution (ledger.md, Grants, supply). */
struct supply {
    u256 issued;
    u256 reissued;
    u256 burnt;
    u256 retired;
    u256 destroyed;
};

struct epoch_record {
    uint64_t epoch; /* 1 is the first */
    uint64_t protocol_version;
    enum vm_fork fork;
    uint64_t first_height;
    hash256 previous; /* hash of the record before; zero for record 1 */
    hash256 seal;     /* block-0 hash for record 1 */
    enum quorum_mode mode;
    unsigned quorum;
    struct consensus_parameters parameters;
    struct committee_entry *committee;
    unsigned committee_size;
    struct supply supply;
};

/* RLP [issued, re-issued, burnt, retired, destroyed]. */
void supply_encode(const struct supply *supply, struct buffer *out);
struct supply supply_read(struct rlp_reader *in); /* what is wrong shows in the reader */
void committee_entry_encode(const struct committee_entry *entry, struct buffer *out);
bool committee_entry_decode(struct committee_entry *entry, struct rlp_reader *in);
hash256 committee_hash(const struct committee_entry *entries, unsigned count);
void epoch_record_encode(const struct epoch_record *record, struct buffer *out);
bool epoch_record_decode(struct epoch_record *record, struct bytes encoded, struct arena *arena);
hash256 epoch_record_hash(const struct epoch_record *record);

/* What every signature of an epoch is bound to. */
struct signing_domain {
    uint64_t chain_id;
    hash256 genesis_hash; /* of block 0 */
    uint64_t epoch;
    hash256 committee;
};
struct signing_domain signing_domain_of(uint64_t chain_id, const hash256 *genesis_hash,
                                        const struct epoch_record *record);
hash256 signing_digest(const struct signing_domain *domain, enum consensus_message message,
                       struct bytes body);

/* P = keccak256(epoch | view | parent view | block hash), integers u64 big-endian. */
hash256 proposal_digest(uint64_t epoch, uint64_t view, uint64_t parent_view,
                        const hash256 *block_hash);
/* The digest a vote signs; `proposal` is ignored for MESSAGE_NULLIFY. */
hash256 vote_digest(const struct signing_domain *domain, enum consensus_message kind, uint64_t view,
                    const hash256 *proposal);

struct certificate {
    enum consensus_message kind; /* NOTARIZE, NULLIFY or FINALIZE */
    unsigned signatures_count;   /* one a set bit, in increasing order of signers */
    signature *signatures;
    uint64_t epoch;
    uint64_t view;
    uint64_t parent_view;
    hash256 block_hash;
    uint8_t bitmap[(COMMITTEE_SIZE_MAX + 7) / 8]; /* bit i % 8 of byte i / 8: signer i */
};
void certificate_encode(const struct certificate *certificate, struct buffer *out);
bool certificate_decode(struct certificate *certificate, struct bytes encoded, struct arena *arena);
/* One more than the highest signer's index; 0 without signers. */
unsigned certificate_signers_end(const struct certificate *certificate);

struct finality_proof {
    struct header *headers; /* from the block asked for to the certified one */
    unsigned headers_count;
    struct certificate finalization;
};
void finality_proof_encode(const struct finality_proof *proof, enum vm_fork fork,
                           struct buffer *out);
bool finality_proof_decode(struct finality_proof *proof, enum vm_fork fork, struct bytes encoded,
                           struct arena *arena);

enum finality_verdict {
    FINALITY_OK,
    FINALITY_BAD_ENCODING,
    FINALITY_WRONG_KIND,
    FINALITY_WRONG_EPOCH,
    FINALITY_WRONG_BLOCK,    /* the certificate names another block */
    FINALITY_BROKEN_CHAIN,   /* the headers are not parent and child */
    FINALITY_WRONG_RECORD,   /* a header names another epoch record */
    FINALITY_QUORUM_MISSED,  /* not exactly q signers */
    FINALITY_UNKNOWN_SIGNER, /* index beyond the committee */
    FINALITY_BAD_SIGNATURE,
    FINALITY_WRONG_REQUESTS, /* not those that the header commits to (seal_chain.h) */
    FINALITY_NO_SEAL,        /* the block does not end its epoch */
    FINALITY_UNSUPPORTED,    /* the next epoch needs a newer program */
    FINALITY_GAP,            /* no FINALIZATION for more blocks than a proof may have (range.h) */
};
const char *finality_verdict_text(enum finality_verdict verdict);

enum finality_verdict certificate_check(const struct certificate *certificate,
                                        const struct signing_domain *domain,
                                        const struct epoch_record *record);
/* That the first header of the proof is final in the epoch of `record`. */
enum finality_verdict finality_proof_check(const struct finality_proof *proof,
                                           const struct signing_domain *domain,
                                           const struct epoch_record *record);
#endif
