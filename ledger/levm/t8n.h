/* The parts of `levm t8n`: what it reads, and the JSON it writes, as go-ethereum's tool has them. */
#ifndef LEDGER_LEVM_T8N_H
#define LEDGER_LEVM_T8N_H
#include <jansson.h>

#include "ledger/levm/transition.h"

/* Exit codes, go-ethereum's; 0 is done. */
enum t8n_exit {
    T8N_DONE = 0,
    T8N_EVM = 2,          /* the transition failed */
    T8N_CONFIG = 3,       /* options, fork, or an environment that the fork does not allow */
    T8N_MISSING_HASH = 4, /* BLOCKHASH of a block that 'blockHashes' does not have */
    T8N_JSON = 10,
    T8N_IO = 11,
    T8N_RLP = 12,
};

/* Where the three inputs are: a file, or "stdin": then they are members of one object there. */
struct t8n_sources {
    const char *alloc, *env, *txs;
};

/* The inputs of one transition. `fork` and `chain_id` are set before. */
struct t8n_input {
    struct transition transition;
    bool has_withdrawals;
    uint64_t excess_blob_gas;
    struct arena arena;
};

/* Fills all but fork, chain id and reward. Free with t8n_input_cleanup(), also on failure. */
enum t8n_exit t8n_read(struct t8n_input *input, const struct t8n_sources *sources,
                       struct error *error);
void t8n_input_cleanup(struct t8n_input *input);

/* The parts of t8n_read(), for documents at hand; `state` must be new. */
enum t8n_exit t8n_read_alloc(struct t8n_input *input, const json_t *alloc, struct error *error);
enum t8n_exit t8n_read_env(struct t8n_input *input, const json_t *env, struct error *error);
enum t8n_exit t8n_read_txs(struct t8n_input *input, const json_t *txs, struct error *error);
/* 0x-hex of the RLP list that a block has. */
enum t8n_exit t8n_read_rlp(struct t8n_input *input, const json_t *text, struct error *error);

/* {"stateRoot", "txRoot", .., "receipts": [..], "rejected"?: [..], ..} */
json_t *t8n_result(const struct t8n_input *input, const struct transition_result *result);
/* "0x..": the RLP list of the transactions that ran. */
json_t *t8n_body(const struct transition_result *result);
#endif
