/* A whole state kept in memory, flat and as a trie: a reader, a source of nodes, and what
 * takes a block's changes. For levm, tests and benchmarks; ledgers have a store. */
#ifndef LEDGER_STATE_MEMORY_H
#define LEDGER_STATE_MEMORY_H
#include "ledger/trie/trie.h"

struct memory_state;

struct memory_state *memory_state_new(void);         /* empty */
void memory_state_free(struct memory_state *memory); /* accepts NULL */

/* Both borrow the state, and follow its changes. Code lives until memory_state_free(). */
struct state_reader memory_state_reader(struct memory_state *memory);
struct trie_source memory_state_source(struct memory_state *memory);
hash256 memory_state_root(const struct memory_state *memory);

/* All there is: accounts by address, their slots that are not zero by key. The list lives in
 * `arena`, code as long as the state. */
struct memory_entry {
    address address;
    struct account account;
    struct bytes code;
    const struct memory_entry_slot {
        u256 key;
        u256 value;
    } * slots;
    size_t slots_count;
};
size_t memory_state_list(const struct memory_state *memory, struct arena *arena,
                         const struct memory_entry **entries);

/* The root after `changes`, which stay undone; fills their storage roots. */
bool memory_state_root_after(struct memory_state *memory, struct state_changes *changes,
                             hash256 *root, struct error *error)
    __attribute__((warn_unused_result));
/* Makes `changes` part of the state. */
bool memory_state_apply(struct memory_state *memory, struct state_changes *changes,
                        struct error *error) __attribute__((warn_unused_result));
#endif
