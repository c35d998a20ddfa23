/* One state test: a pre-state, a block's environment, and transactions to choose from. */
#ifndef LEDGER_LEVM_STATE_CASE_H
#define LEDGER_LEVM_STATE_CASE_H
#include "ledger/chain/execute.h"
#include "ledger/levm/json.h"
#include "ledger/state/memory.h"

struct state_case {
    struct arena arena;
    struct memory_state *pre;
    struct block_environment environment; /* its fork and blob price are chosen per post entry */
    uint64_t excess_blob_gas;
    const json_t *transaction;   /* borrowed from the document */
    const json_t *blob_schedule; /* the same; may be NULL */
};

bool state_case_read(struct state_case *test, const json_t *fields, struct error *error)
    __attribute__((warn_unused_result));
void state_case_cleanup(struct state_case *test);

/* The block's environment under this fork. */
bool state_case_environment(const struct state_case *test, enum vm_fork fork,
                            struct block_environment *environment, struct error *error)
    __attribute__((warn_unused_result));

/* The transaction that `indexes` of a post entry chooses, in the case's arena, its sender
 * known. A blob transaction has only its type. Where the entry has the signed bytes too and no
 * chain would take them, *verdict says why, and nothing else is read. */
bool state_case_transaction(struct state_case *test, const json_t *post, struct transaction *tx,
                            enum transaction_verdict *verdict, struct error *error)
    __attribute__((warn_unused_result));
#endif
