/* Checking a block from elsewhere: its parts against the header, the header against its parent
 * and the epoch, then execution. The first thing wrong, in the order of enum block_verdict. */
#ifndef LEDGER_CHAIN_VALIDATE_H
#define LEDGER_CHAIN_VALIDATE_H
#include "ledger/chain/candidate.h"

/* Names the sender of a transaction that was recovered before; false if unknown. */
struct sender_cache {
    bool (*sender)(void *context, const struct transaction *tx, address *sender);
    void *context;
};

/* candidate->container and candidate->block (decoded from it, in the candidate's arena) are
 * given; the rest is filled in. False when the world failed, with no verdict. */
bool block_validate(const struct chain_rules *rules, const struct tip *parent,
                    const struct ground *ground, const struct sender_cache *senders,
                    struct candidate *candidate, enum block_verdict *verdict, struct error *error)
    __attribute__((warn_unused_result));
#endif
