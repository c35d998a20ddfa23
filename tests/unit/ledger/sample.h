/* A small organisation for tests: a committee of one whose keys are known, a temporary folder,
 * accounts with coin, and blocks certified as the engine would. */
#ifndef TESTS_UNIT_LEDGER_SAMPLE_H
#define TESTS_UNIT_LEDGER_SAMPLE_H
#include "ledger/ledger.h"
#include "vm/crypto/secret_key.h"

#define SAMPLE_ACCOUNTS 8
#define SAMPLE_REVEALS  4096
#define SAMPLE_TIME_MS  1800000000000ULL

struct sample {
    char folder[64];    /* temporary; holds `directory` */
    char directory[96]; /* the ledger's */
    struct secret_key consensus;
    struct secret_key keys[SAMPLE_ACCOUNTS];
    address accounts[SAMPLE_ACCOUNTS];
    uint64_t nonces[SAMPLE_ACCOUNTS];
    struct committee_entry member;
    struct genesis_coin coins[SAMPLE_ACCOUNTS];
    struct genesis genesis;
    struct reveal_chain *reveals;
    struct buffer document;
    struct ledger *ledger;
    struct vm *vm;
    struct arena arena; /* of transactions */
    uint64_t now_ms;
    uint64_t view;
    uint64_t checkpoint_every; /* 0: as everywhere */
};

/* Prepares keys and genesis (free fees, 1000 coins each); found() and open() come next. */
void sample_init(struct sample *sample);
void sample_found(struct sample *sample);
void sample_open(struct sample *sample);
void sample_close(struct sample *sample);
/* All three. */
void sample_start(struct sample *sample);
void sample_cleanup(struct sample *sample); /* removes the folder */

/* A signed transfer of `value_wei`; the nonce is the sender's next and moves on. */
struct transaction sample_transfer(struct sample *sample, unsigned from, const address *to,
                                   uint64_t value_wei);
/* Any transaction: chain id, signature and hash are filled in; the nonce is the caller's. */
struct transaction sample_sign(struct sample *sample, unsigned from, struct transaction tx);
enum pool_verdict sample_submit(struct sample *sample, const struct transaction *tx);

struct build_request sample_request(struct sample *sample, const hash256 *parent);
/* Builds on the head; the block is not committed. */
hash256 sample_build(struct sample *sample);
/* Its FINALIZATION in the view built last, signed; memory from the sample's arena. */
struct certificate sample_certify(struct sample *sample, const hash256 *block);
void sample_commit(struct sample *sample, const hash256 *block);
/* Builds and commits; returns the new height. */
uint64_t sample_block(struct sample *sample);

struct account sample_account_at(struct sample *sample, uint64_t height, const address *account);
#endif
