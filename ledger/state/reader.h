/* State as of one block, read-only: what the journal, the trie and RPC read through.
 *
 * Implemented by the flat store at the head, by history below it, by an overlay of a block not
 * yet final, and by tests in memory. A reader whose disk failed answers "absent" and says so
 * from then on in failed(); whoever ran something over it asks before trusting the result. */
#ifndef LEDGER_STATE_READER_H
#define LEDGER_STATE_READER_H
#include "vm/base/error.h"
#include "vm/base/u256.h"

struct account {
    uint64_t nonce;
    u256 balance; /* wei */
    hash256 storage_root;
    hash256 code_hash;
};

struct state_reader_ops {
    /* False if the account does not exist; then *out is an empty account. */
    bool (*account)(void *reader, const address *address, struct account *out);
    /* Zero if absent. */
    u256 (*slot)(void *reader, const address *address, const u256 *key);
    /* Lives as long as the reader; empty if unknown. */
    struct bytes (*code)(void *reader, const hash256 *code_hash);
    /* True once any read failed; fills the first reason. */
    bool (*failed)(void *reader, struct error *error);
};

struct state_reader {
    const struct state_reader_ops *ops;
    void *context;
};

/* No code, no storage, nothing: what an absent account reads as. */
extern const struct account EMPTY_ACCOUNT;
#endif
