/* What goes wrong with the files of a real ledger's store: a log that takes nothing more, a bit that
 * is not what was written, a folder of some time ago. All is done to real files, below the store. */
#ifndef TESTS_SIM_STORE_FILES_H
#define TESTS_SIM_STORE_FILES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The log of an open store, which ends elsewhere from here on: on a full device, or in a pipe,
 * which cannot be synced. */
struct broken_log {
    char path[160];
    size_t size; /* of the file when it broke */
    int pipe;    /* what is written; -1: the device is full */
};
void store_break_log(const char *directory, bool is_full, struct broken_log *broken);
/* After a write that failed: of what was written a part from the front reached the file, `random`
 * says how much. True if all of it did. */
bool store_leave_some(struct broken_log *broken, uint64_t random);

/* Turns over a bit of one of the files of a store. */
void store_flip_bit(const char *directory, uint64_t random);

/* A folder with all in it, over what is there. */
void store_copy(const char *from, const char *to);
#endif
