/* What chain.c and snapshots.c both know: the real ledgers of a run, and the store of a box. */
#ifndef TESTS_SIM_CHAIN_INSIDE_H
#define TESTS_SIM_CHAIN_INSIDE_H
#include "ledger/snapshot/shelf.h"
#include "tests/sim/chain.h"
#include "tests/sim/world.h"

#define IDENTITIES_MAX 40
#define ACCOUNTS       8
#define CHUNK_SIZE     1024 /* so small that a simulated state has many */

struct identity {
    struct secret_key key;
    struct reveal_chain *reveals;
    struct committee_entry entry;
};

struct known_epoch {
    struct epoch_record record;
    struct signing_domain domain;
};

struct chains {
    char folder[64];
    struct identity identities[IDENTITIES_MAX];
    unsigned identities_count;
    struct committee_entry first[IDENTITIES_MAX];
    struct secret_key accounts[ACCOUNTS], poster;
    uint64_t poster_nonce;
    struct genesis_coin coins[ACCOUNTS + 1];
    uint64_t nonces[ACCOUNTS + 1]; /* the highest that any store has */
    struct genesis genesis;
    struct buffer document;
    struct header block_0;
    struct store_shared *shared;
    struct pool_limits pool;
    uint64_t checkpoint_every; /* 0: as everywhere */
    struct vm *vm;
    struct arena arena;
    uint64_t chain_id;
    struct known_epoch *epochs[EPOCHS_MAX + 2]; /* by number; in the arena */
    struct transaction **transactions;
    size_t transactions_count, transfers;
};

struct chain {
    struct chains *chains;
    struct ledger *ledger;
    struct snapshot_shelf *shelf; /* what it offers to who joins */
    char directory[96];
};

/* Where the store of the box is, or what stands beside it under that suffix. */
void chains_directory(const struct chains *chains, unsigned box, const char *suffix,
                      char directory[96]);
#endif
