/* Building a block: fixed header fields, transactions in the order their source gives them, as
 * many as gas, bytes and time allow, then the results of execution. */
#ifndef LEDGER_CHAIN_BUILD_H
#define LEDGER_CHAIN_BUILD_H
#include "ledger/chain/candidate.h"

struct build_request {
    hash256 parent; /* head or a valid overlay */
    uint64_t view;
    uint64_t now_ms;     /* since 1970; the block's time is later of this and parent + 1 ms */
    address beneficiary; /* payout account of the view's leader */
    hash256 reveal;      /* the leader's next reveal */
    uint64_t execution_budget_ms; /* no further transaction is begun after it; 0: none */
};

/* Where transactions come from, best first; after next() exactly one of the others. */
struct build_source {
    /* The next one, sender recovered; NULL when there is none. Lives until the build ends. */
    const struct transaction *(*next)(void *context);
    void (*taken)(void *context);
    void (*skip_sender)(void *context); /* does not fit now, so nothing of its sender does */
    void (*dropped)(void *context, enum transaction_verdict verdict); /* will never be valid */
    void *context;
};

/* False with ERROR_INVALID when the request contradicts the rules, or when the world failed. */
bool block_build(const struct chain_rules *rules, const struct tip *parent,
                 const struct ground *ground, const struct build_request *request,
                 const struct build_source *source, struct candidate *candidate,
                 struct error *error) __attribute__((warn_unused_result));
/* The same where candidate->block.header has its fields but the results of execution: for a
 * preview, which nobody signs and whose reveal nobody knows. */
bool block_fill(const struct chain_rules *rules, const struct tip *parent,
                const struct ground *ground, uint64_t budget_ms, const struct build_source *source,
                struct candidate *candidate, struct error *error)
    __attribute__((warn_unused_result));
#endif
