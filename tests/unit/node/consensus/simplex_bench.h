/* One member's engine, and a test that plays all the others. Signatures are whatever: the engine is
 * told verified things only. Member `own` leads the views that give `own` as their leader; with
 * bench_init(bench, n, v) it is the leader of view v. */
#ifndef TESTS_UNIT_NODE_CONSENSUS_SIMPLEX_BENCH_H
#define TESTS_UNIT_NODE_CONSENSUS_SIMPLEX_BENCH_H
#include "node/consensus/simplex.h"

#define LONG_MS 100000 /* every timer of a view is over */

struct bench {
    struct simplex_config config;
    struct simplex *engine;
    struct simplex_queue out;
    uint64_t now_ms;
    signature signatures[COMMITTEE_SIZE_MAX]; /* of every certificate */
};

/* Made, not started; mode bft. Block 0 is final. */
void bench_init(struct bench *bench, unsigned members, uint64_t leads_view);
/* The same and started, with nothing forgotten and nothing asked. */
void bench_start(struct bench *bench, unsigned members, uint64_t leads_view);
/* It starts, and its audit is over: nothing was forgotten. */
void bench_begin(struct bench *bench);
/* A crash; what is final stays. Not started. */
void bench_restart(struct bench *bench);
void bench_end(struct bench *bench);

/* The other members, without `own`: the i-th of them. */
unsigned bench_other(const struct bench *bench, unsigned i);
unsigned bench_leader(const struct bench *bench, uint64_t view);

/* A block by its number: its hash, and the digest of a proposal of it. */
hash256 block_hash(unsigned number);
hash256 digest_of(uint64_t view, uint64_t parent_view, unsigned block);

/* What the engine is told. It starts; its audit is over, and it may have forgotten votes up to
 * the view `bound`. */
void tell_start(struct bench *bench);
void tell_audited(struct bench *bench, uint64_t bound);
void tell_vote(struct bench *bench, unsigned signer, enum consensus_message kind, uint64_t view,
               const hash256 *proposal);
/* The same vote by `count` others; NULLIFY. */
void tell_votes(struct bench *bench, unsigned count, enum consensus_message kind, uint64_t view,
                const hash256 *proposal);
void tell_nullifies(struct bench *bench, unsigned count, uint64_t view);
void tell_certificate(struct bench *bench, enum consensus_message kind, uint64_t view,
                      uint64_t parent_view, unsigned block);
void tell_proposal(struct bench *bench, uint64_t view, uint64_t parent_view, unsigned block);
/* Its header came, and it was executed and is valid. Block n has height n unless told. */
void tell_block(struct bench *bench, unsigned number, unsigned parent, uint64_t view);
void tell_header(struct bench *bench, unsigned number, unsigned parent, uint64_t view,
                 uint64_t height, bool is_seal);
void tell_executed(struct bench *bench, unsigned number, bool is_valid);
/* The same of height 1: the epoch's seal; another block beside block 1. */
void tell_seal(struct bench *bench, unsigned number, unsigned parent, uint64_t view);
void tell_sibling(struct bench *bench, unsigned number, unsigned parent, uint64_t view);
/* Block n of view n, on the one before, is executed and notarized, or final. */
void tell_notarized(struct bench *bench, unsigned number);
void tell_final(struct bench *bench, unsigned number);
/* Block 1 of view 1 is executed, the epoch's seal, and final. */
void tell_final_seal(struct bench *bench);
/* What it asked to build or to sync. */
void tell_built(struct bench *bench, unsigned number, unsigned parent, uint64_t view);
void tell_synced(struct bench *bench, unsigned number, unsigned parent, uint64_t view);
void tell_work(struct bench *bench, enum work_kind work);
void tell_status(struct bench *bench, const struct status *status);
/* A GET_CERTIFICATE of `from`, kinds as in struct certificate_request. */
void tell_request(struct bench *bench, unsigned from, uint64_t view, uint8_t kinds);
/* All timers that are due until then. */
void tell_time(struct bench *bench, uint64_t after_ms);
void tell_logged_certificate(struct bench *bench, enum consensus_message kind, uint64_t view,
                             uint64_t parent_view, unsigned block);

/* What the engine wants done, since bench_clear(). */
void bench_clear(struct bench *bench);
unsigned count_actions(const struct bench *bench, enum simplex_action_kind kind);
const struct simplex_action *find_action(const struct bench *bench, enum simplex_action_kind kind);
/* The vote that the engine asked to log and sign; NULL if none. */
const struct vote *find_cast(const struct bench *bench, enum consensus_message kind, uint64_t view);
/* How many messages of the kind are sent. */
unsigned count_sent(const struct bench *bench, enum peer_message kind);
/* The certificate that is sent; NULL if none. */
const struct certificate *find_sent_certificate(const struct bench *bench,
                                                enum consensus_message kind, uint64_t view);
bool is_asked_for(const struct bench *bench, uint64_t view);
/* The log has synced and the key has signed all that was asked so far. */
void finish_casts(struct bench *bench);
/* The same of the proposal that it asked for. */
void finish_proposal(struct bench *bench);
/* Lets time pass until it gives up the current view; how long that took. */
uint64_t time_to_nullify_ms(struct bench *bench);
#endif
