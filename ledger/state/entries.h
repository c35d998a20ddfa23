/* What a state has read so far, and what it is now: accounts and slots over a reader.
 *
 * Entries are numbered and never move or vanish while the state lives. Marks that belong to
 * one transaction are that transaction's number, so that a new transaction clears them all by
 * counting on. Nothing here is journaled: state.c undoes. */
#ifndef LEDGER_STATE_ENTRIES_H
#define LEDGER_STATE_ENTRIES_H
#include "ledger/state/changes.h"
#include "ledger/state/index.h"
#include "vm/base/arena.h"

#define ENTRY_NONE UINT32_MAX

struct account_entry {
    address address;
    bool existed;       /* in the reader */
    bool exists;        /* now */
    bool is_wiped;      /* deleted once: what the reader has of its storage is gone */
    bool is_code_known; /* `code` was looked up */
    bool is_always_warm;
    struct account base; /* the reader's */
    uint64_t nonce;
    u256 balance;
    hash256 code_hash;
    struct bytes code;
    uint32_t first_slot; /* list through slot_entry.next_of_account */
    /* numbers of transactions; 0: never */
    uint32_t touched_in;
    uint32_t warm_in;
    uint32_t created_in;
    uint32_t destructed_in;
};

struct slot_entry {
    u256 key;
    u256 base;     /* the reader's */
    u256 original; /* before transaction `written_in` */
    u256 current;
    uint32_t account;
    uint32_t next_of_account;
    uint32_t written_in;
    uint32_t warm_in;
};

/* Entries found lately, so that most of the machine's questions need no hashing: by a few bits of
 * the address or key the number + 1, or 0. Whoever chooses addresses that meet here gets what a
 * miss costs, no more. */
#define ENTRIES_RECENT 32

struct entries {
    const struct state_reader *reader;
    uint64_t seed;
    struct index account_index;
    struct index slot_index;
    struct account_entry **account_chunks;
    struct slot_entry **slot_chunks;
    uint32_t accounts_count;
    uint32_t slots_count;
    uint32_t recent_accounts[ENTRIES_RECENT];
    uint32_t recent_slots[ENTRIES_RECENT];
};

void entries_init(struct entries *entries, const struct state_reader *reader);
void entries_cleanup(struct entries *entries);

#define ENTRY_CHUNK 256
static inline struct account_entry *entries_account(const struct entries *entries, uint32_t number)
{
    return &entries->account_chunks[number / ENTRY_CHUNK][number % ENTRY_CHUNK];
}
static inline struct slot_entry *entries_slot(const struct entries *entries, uint32_t number)
{
    return &entries->slot_chunks[number / ENTRY_CHUNK][number % ENTRY_CHUNK];
}

/* The entry's number, read in from the reader the first time. */
uint32_t entries_find_account(struct entries *entries, const address *at);
uint32_t entries_find_slot(struct entries *entries, uint32_t account, const u256 *key);
/* Empty for an account without code. */
struct bytes entries_code(struct entries *entries, struct account_entry *account);

bool account_entry_is_empty(const struct account_entry *account); /* EIP-161 */

/* Everything that differs from the reader, sorted, in `arena`. */
struct state_changes entries_changes(const struct entries *entries, struct arena *arena);
#endif
