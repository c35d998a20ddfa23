/* The genesis document: what a founder decides, published as canonical JSON (keys sorted, no
 * white space). Its keccak256 is block 0's `extraData`; the hash of block 0 is the ledger's id;
 * the document as changed by votes is the charter. Formats: docs/formats.md. */
#ifndef LEDGER_ORG_GENESIS_H
#define LEDGER_ORG_GENESIS_H
#include "ledger/chain/finality.h"
#include "ledger/state/changes.h"
#include "ledger/trie/trie.h"
#include "vm/base/error.h"

#define GENESIS_SIZE_MAX     262144 /* bytes of the document */
#define GENESIS_NAME_MAX     64
#define GENESIS_SYMBOL_MAX   11 /* what wallets accept */
#define GENESIS_REASON_MAX   256
#define GENESIS_COINS_MAX    1024
#define GENESIS_CHAIN_ID_MAX 0x1fffffffffffffULL /* 2^53 - 1: exact in JavaScript */
#define PROTOCOL_VERSION     1                   /* the committee contract, from Prague on */

/* What a founder may choose as gas of a block. A transaction may take all of it (but for EIP-7825)
 * and pay for memory with it: at the most 72 MB in one frame, and 580 MB in all frames that call
 * each other, which each keep a 64th of their gas (EIP-150). */
#define GENESIS_GAS_LIMIT_MIN 1000000
#define GENESIS_GAS_LIMIT_MAX 10000000000

enum fee_mode {
    FEES_FREE,   /* base fee 0 in every block */
    FEES_MARKET, /* max(floor, EIP-1559) */
};

enum transparency_level {
    TRANSPARENCY_OPEN,
    TRANSPARENCY_MEMBERS, /* this and what follows: known by name, refused in this version */
    TRANSPARENCY_PARTIES,
    TRANSPARENCY_SEALED,
};

struct genesis_coin {
    address to;
    u256 amount_wei;
    char reason[GENESIS_REASON_MAX + 1];
};

struct genesis {
    char name[GENESIS_NAME_MAX + 1];
    char symbol[GENESIS_SYMBOL_MAX + 1];
    address founder;
    uint64_t created;        /* seconds since 1970; block 0's timestamp */
    uint64_t chain_id_fixed; /* 0: taken from the document's hash */
    enum vm_fork fork;
    uint64_t protocol_version;
    enum quorum_mode mode;
    struct consensus_parameters parameters;
    enum fee_mode fees;
    u256 base_fee_floor; /* wei per gas, with FEES_MARKET */
    enum transparency_level transparency;
    struct committee_entry *committee;
    unsigned committee_size;
    struct genesis_coin *coins;
    size_t coins_count;
};

/* Defaults of consensus 2.16 and organisation.md, all else zero. */
struct genesis genesis_defaults(void);
const char *transparency_name(enum transparency_level level);
bool transparency_parse(enum transparency_level *level, const char *name);

/* Strict: unknown or missing keys, other types, values out of range and any text that is not
 * the canonical form are ERROR_INVALID naming the key; a level or protocol version this version
 * does not run is ERROR_UNSUPPORTED ("not in this version"). Lists live in `arena`. */
bool genesis_parse(struct genesis *genesis, struct bytes document, struct arena *arena,
                   struct error *error) __attribute__((warn_unused_result));
/* The same for a document whose committee is empty: the terms on which nodes are asked to found an
 * organisation together. */
bool genesis_parse_terms(struct genesis *genesis, struct bytes document, struct arena *arena,
                         struct error *error) __attribute__((warn_unused_result));
/* The terms of a document with a committee. */
void genesis_format_terms(const struct genesis *genesis, struct buffer *out);
/* As genesis_parse() checks, for a document about to be written. */
bool genesis_check(const struct genesis *genesis, struct error *error)
    __attribute__((warn_unused_result));
/* The parts of it that also hold for every later epoch. */
bool genesis_check_parameters(const struct consensus_parameters *parameters, struct error *error)
    __attribute__((warn_unused_result));
bool genesis_check_committee(const struct committee_entry *entries, unsigned count,
                             struct error *error) __attribute__((warn_unused_result));
/* Appends the canonical JSON. */
void genesis_format(const struct genesis *genesis, struct buffer *out);

hash256 genesis_document_hash(struct bytes document);
/* chain_id_fixed, or the first 48 bits of the document's hash (never 0). */
uint64_t genesis_chain_id(const struct genesis *genesis, const hash256 *document_hash);

/* The state of block 0: genesis coin, the contracts of EIP-4788 and EIP-2935 with their standard
 * code and, from Prague, those of ledger/contracts: the two outboxes, and the committee contract
 * as its init code leaves it. Of a genesis that genesis_check() takes; in `arena`. */
struct state_changes genesis_state(const struct genesis *genesis, struct arena *arena);
/* Header of block 0 from document and state; `out` gets the trie nodes. */
bool genesis_header(const struct genesis *genesis, const hash256 *document_hash,
                    struct state_changes *state, struct arena *arena, struct trie_changes *out,
                    struct header *header, struct error *error) __attribute__((warn_unused_result));
/* Epoch record 1; `committee` is borrowed from the genesis. */
struct epoch_record genesis_epoch_record(const struct genesis *genesis, const hash256 *block_0);
#endif
