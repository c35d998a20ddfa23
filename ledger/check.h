/* The parts of ledger_check(): blocks (check.c) and state (check_state.c). Internal. */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H
#include "ledger/inside.h"

struct check {
    struct ledger_view *view;
    struct vm *vm; /* NULL: blocks are not executed again */
    struct buffer *report;
    struct arena arena; /* of one block or one height */
    uint64_t findings;
    uint64_t transactions;
    uint64_t accounts;
    uint64_t slots;
    uint64_t history_entries; /* that the blocks seen so far ask for */
};

#define CHECK_FINDINGS_MAX 100 /* lines; further ones are only counted */

/* Damage found by reading becomes a finding; false for anything else (disk), which ends it. */
bool check_note(struct check *check, const struct error *error);
/* Adds a line to the report. */
void check_found(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* State, trie, codes and supply at the head, and state at some earlier heights. False when the
 * check itself could not go on. */
bool check_state(struct check *check, struct error *error) __attribute__((warn_unused_result));
/* The tries of the last blocks, as their diffs lead back to them. */
bool check_past(struct check *check, struct error *error) __attribute__((warn_unused_result));
/* Executes the block at `height` over the state before it: receipts and every changed value
 * must be what is stored. */
bool check_execution(struct check *check, const struct chain_rules *rules,
                     const struct block *block, struct error *error)
    __attribute__((warn_unused_result));
#endif
