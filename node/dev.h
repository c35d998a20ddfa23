/* `lnode --dev`: a throw-away ledger for harnesses, founded by flags.
 *
 * Open, gas allowances off, 8 MB blocks, 1 G gas, a block as soon as there is work and at most
 * one a pulse. Run again on the same data directory it continues that ledger; flags that
 * contradict its genesis are refused. */
#ifndef NODE_DEV_H
#define NODE_DEV_H
#include "node/arguments.h"
#include "node/shelf.h"

#define DEV_FUNDS_MAX 256

struct dev_options {
    char label[LABEL_MAX + 1];
    uint64_t chain_id;
    uint64_t pulse_ms;
    uint64_t gas_limit;
    uint64_t block_size;
    u256 base_fee;
    enum vm_fork fork;
    struct genesis_coin funds[DEV_FUNDS_MAX];
    size_t funds_count;
    /* which of them were said by flags, and so must agree with an existing ledger */
    bool has_chain_id, has_pulse, has_gas_limit, has_block_size, has_base_fee, has_fork;
};

/* The names of its flags, for arguments_allow(), ended by NULL. */
extern const char *const dev_flags[];

bool dev_options_parse(struct dev_options *options, const struct arguments *arguments,
                       struct error *error) __attribute__((warn_unused_result));
/* Founds the ledger, or checks that the one there agrees. */
bool dev_prepare(struct shelf *shelf, const struct dev_options *options, uint64_t now_s,
                 struct error *error) __attribute__((warn_unused_result));
#endif
