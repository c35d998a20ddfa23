/* What a block changed: the difference between its parent's state and its own, sorted, each
 * with its value before. Trie, flat store, history and overlay are all made from this. */
#ifndef LEDGER_STATE_CHANGES_H
#define LEDGER_STATE_CHANGES_H
#include "ledger/state/reader.h"

struct slot_change {
    u256 key;
    u256 before; /* zero: absent */
    u256 after;  /* zero: removed */
};

struct account_change {
    address address;
    bool existed; /* before */
    bool exists;  /* after */
    struct account before;
    struct account after;      /* storage_root is filled in by state_root_update() */
    struct slot_change *slots; /* sorted by key; only those that differ */
    size_t slots_count;
};

struct code_change {
    hash256 hash;
    struct bytes code;
};

/* Lives in the arena it was made in. */
struct state_changes {
    struct account_change *accounts; /* sorted by address; only those that differ */
    size_t accounts_count;
    struct code_change *codes; /* new codes, sorted by hash, without duplicates */
    size_t codes_count;
};
#endif
