/* A block with all that executing it yielded, and the rules it stands under.
 *
 * Made by chain/build or chain/validate on top of a tip; becomes an overlay, and when final one
 * batch. Everything lives in the candidate's own arena. */
#ifndef LEDGER_CHAIN_CANDIDATE_H
#define LEDGER_CHAIN_CANDIDATE_H
#include "ledger/chain/execute.h"
#include "ledger/chain/finality.h"
#include "ledger/chain/reveal.h"
#include "ledger/chain/system_calls.h"
#include "ledger/org/genesis.h"
#include "ledger/trie/trie.h"

/* What a ledger's epoch fixes for its blocks. */
struct chain_rules {
    const struct genesis *genesis;
    uint64_t chain_id;
    const struct epoch_record *record;
    hash256 record_hash;
    hash256 seal_mix_hash; /* of the last block before the epoch: seeds the order of leaders */
};

/* A block to build on. After a seal, once it is final, `members` and `reveals` are those of the
 * next epoch. */
struct tip {
    struct header header;
    hash256 hash;
    struct supply supply;
    uint64_t tail_left;
    bool is_seal;     /* the last block of its epoch: views begin again after it */
    unsigned members; /* of the committee of the next block */
    struct reveal_progress reveals[COMMITTEE_SIZE_MAX];
};

/* What execution runs over: state and trie of the tip, and a worker's machine. */
struct ground {
    struct vm *vm;
    struct state_reader reader;
    struct trie_source nodes;
    state_block_hash_fn block_hash;
    void *block_hash_context;
    bool (*is_cancelled)(void *context); /* ends a run; may be NULL. For previews only */
    void *cancel_context;
};

struct candidate {
    struct arena arena;
    struct tip tip;            /* the block itself, as one to build on */
    struct epoch_record *next; /* the epoch that it brings; NULL: it is no seal */
    struct block block;
    struct bytes container;
    struct receipt *receipts; /* one a transaction */
    struct state_changes changes;
    struct trie_changes nodes;
};
void candidate_cleanup(struct candidate *candidate);

uint64_t tip_time_ms(const struct tip *tip); /* of its block, since 1970 */
/* What the view of a block on it is above: its header's, 0 for block 0 and a seal. */
uint64_t tip_view(const struct tip *tip);
/* The seal of the epoch of `record` is final: its tip becomes one for the `next` epoch. */
void tip_enter_epoch(struct tip *tip, const struct epoch_record *record,
                     const struct epoch_record *next);
/* The base fee of the block after `parent`: 0 in mode `free`; max(floor, EIP-1559) in `market`. */
u256 rules_base_fee(const struct genesis *genesis, const struct header *parent);
/* EIP-1559 alone. */
u256 market_base_fee(const struct header *parent);
unsigned rules_leader(const struct chain_rules *rules, uint64_t view);
/* The environment a header gives its transactions. */
struct block_environment rules_environment(const struct chain_rules *rules,
                                           const struct header *header);

/* One execution in progress. */
struct candidate_run {
    struct candidate *candidate;
    const struct chain_rules *rules;
    const struct tip *parent;
    const struct ground *ground;
    struct state *state;
    struct execution execution;
};
/* candidate->block.header must have its fields but the results of execution. */
void candidate_run_begin(struct candidate_run *run);
/* Ends the block and computes what execution yields: gas used, bloom, requests, receipts and
 * state root into *results; changes, nodes and the tip's counters into the candidate. False when
 * the world failed. */
struct execution_results {
    /* Anything but REQUESTS_OK: the block is invalid, and the rest is not filled in. */
    enum requests_verdict verdict;
    struct requests requests;
    hash256 requests_hash; /* from Prague on */
    uint64_t gas_used;
    uint8_t logs_bloom[BLOOM_SIZE];
    hash256 receipts_root;
    hash256 state_root;
};
bool candidate_run_finish(struct candidate_run *run, struct execution_results *results,
                          struct error *error) __attribute__((warn_unused_result));
/* The block is executed and has its hash: fills in the tip's, and what its requests say of the next
 * epoch. ERROR_VERSION when that needs a newer program. */
bool candidate_complete(struct candidate *candidate, const struct chain_rules *rules,
                        struct error *error) __attribute__((warn_unused_result));
/* The root of receipts in their consensus form. */
hash256 candidate_receipts_root(const struct receipt *receipts, size_t count);
void candidate_run_cleanup(struct candidate_run *run);
#endif
