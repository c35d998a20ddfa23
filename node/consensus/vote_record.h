/* Records of the vote log as bytes: what a member promised, in order.
 *
 *   header = "LVOT" | version u8 | log id 32 | generation u64 | CRC-32C u32
 *   record = size u32 | CRC-32C u32 | sequence u64 | synced u64 | kind u8 | body
 *   body   = ledger 32 | epoch u64 | view u64 | what the kind says:
 *     1 VOTE         message type u8 | P 32 (zero in a NULLIFY)
 *     2 PROPOSAL     parent view u64 | block hash 32
 *     3 CERTIFICATE  certificate
 *     4 BOUND        nothing: no vote in views up to `view`, whatever this log has (audit.h)
 *     5 BLOCK        block hash 32 | the block as it is stored
 *
 * A block stands in front of the first own proposal or NOTARIZE that names it: with q notarize votes
 * at least q members have it on their disks, so that no power cut leaves a notarized block that
 * nobody can show, which could be neither skipped nor built upon.
 *
 * big-endian; size is the body's. The first record of a generation has sequence 0; `synced` is how
 * many records of it were on the disk before this one was written. A record's CRC covers log id and
 * generation, too, so what another log or an earlier generation left behind is no record. `synced`
 * tells a torn tail from damage: power may take any of the records written since the last sync, but
 * none before it. Formats: docs/formats.md; design: consensus 2.9. */
#ifndef NODE_CONSENSUS_VOTE_RECORD_H
#define NODE_CONSENSUS_VOTE_RECORD_H
#include "ledger/chain/finality.h"

#define VOTE_RECORD_VERSION     1
#define VOTE_RECORD_HEADER_SIZE 49
#define VOTE_RECORD_BODY_MAX    (16U << 20) /* a block has at most 10 MB (consensus 2.16) */

enum vote_record_kind {
    VOTE_RECORD_VOTE = 1,
    VOTE_RECORD_PROPOSAL = 2,
    VOTE_RECORD_CERTIFICATE = 3,
    VOTE_RECORD_BOUND = 4,
    VOTE_RECORD_BLOCK = 5,
};

struct vote_record {
    enum vote_record_kind kind;
    hash256 ledger; /* block 0's hash */
    uint64_t epoch;
    uint64_t view;
    enum consensus_message vote; /* VOTE */
    hash256 proposal;            /* VOTE: P */
    uint64_t parent_view;        /* PROPOSAL */
    hash256 block;               /* PROPOSAL, BLOCK */
    struct bytes body;           /* BLOCK: as stored; CERTIFICATE: encoded; borrowed, not empty */
};

struct vote_log_identity {
    hash256 id; /* random, repeated in every ledger's store */
    uint64_t generation;
};

void vote_log_header_encode(const struct vote_log_identity *identity, struct buffer *out);
/* False when the first bytes are no whole header of this version; `version` is then that of the
 * vote log they begin, or 0 if they begin none. */
bool vote_log_header_decode(struct vote_log_identity *identity, struct bytes file,
                            uint8_t *version);

void vote_record_encode(const struct vote_record *record, const struct vote_log_identity *identity,
                        uint64_t sequence, uint64_t synced, struct buffer *out);

/* One whole record of this log and generation, whatever its sequence; it borrows from `bytes`. */
bool vote_record_decode(struct vote_record *record, const struct vote_log_identity *identity,
                        struct bytes bytes);

struct vote_record_reader {
    struct vote_log_identity identity;
    struct bytes file;
    size_t at;         /* of the next record */
    uint64_t sequence; /* of the next record */
};

enum vote_record_verdict {
    VOTE_RECORD_FOUND,
    VOTE_RECORD_END,     /* nothing more, or zero bytes only */
    VOTE_RECORD_TORN,    /* what follows was never synced: as good as not written */
    VOTE_RECORD_DAMAGED, /* a record that was synced is gone: the log forgot something */
};
/* `file` with a header that vote_log_header_decode() accepted. */
struct vote_record_reader vote_record_reader_over(const struct vote_log_identity *identity,
                                                  struct bytes file);
/* `record` borrows from the file. After anything but FOUND there is nothing more to read. */
enum vote_record_verdict vote_record_read(struct vote_record_reader *reader,
                                          struct vote_record *record);
#endif
