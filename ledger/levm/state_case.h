/* One state test: a pre-state, a block's environment, and transactions to choose from. */
#ifndef LEDGER_LEVM_STATE_CASE_H
#define LEDGER_LEVM_STATE_CASE_H
#include "ledger/chain/execute.h"
#include "ledger/levm/json.h"
#include "ledger/state/memory.h"

struct state_case {
    struct arena arena;
    struct memory_state *pre;
    struct block_environment environment; /* its fork is chosen per post entry */
    const json_t *transaction;            /* borrowed from the document */
};

bool state_case_read(struct state_case *test, const json_t *fields, struct error *error)
    __attribute__((warn_unused_result));
void state_case_cleanup(struct state_case *test);

/* The transaction that `indexes` of a post entry chooses, in the case's arena, its sender
 * known. A blob or set-code transaction has only its type. */
bool state_case_transaction(struct state_case *test, const json_t *post, struct transaction *tx,
                            struct error *error) __attribute__((warn_unused_result));
#endif
