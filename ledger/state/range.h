/* State as of a block in the order of its keys: all accounts, or all storage slots, from a key on.
 *
 * The same reading as in stored.h, of many keys: two iterators walk side by side over what is there
 * now and over what was there before some block (store/keys.h). A step costs one move of each, and
 * a seek where a key changed often. Not for two threads at once. */
#ifndef LEDGER_STATE_RANGE_H
#define LEDGER_STATE_RANGE_H
#include "ledger/store/records.h"

#define RANGE_KEY_MAX 52 /* address 20, slot 32 */

enum state_range_kind {
    RANGE_ACCOUNTS, /* keys of 20 bytes: an address */
    RANGE_SLOTS,    /* keys of 52 bytes: an address and a slot */
};
struct state_range;

/* From `first` on, which may be shorter than a key: the first key that begins with it or stands
 * behind it. State after the block at `height`, which is at most the newest in `at`. */
struct state_range *state_range_new(struct store_at at, uint64_t height, enum state_range_kind kind,
                                    struct bytes first);
void state_range_free(struct state_range *range); /* accepts NULL */

/* What stands at one key: never an absent account nor a zero slot. */
struct state_entry {
    struct bytes key; /* until the next step */
    struct account account;
    u256 slot;
};
/* *found is false at the end. */
bool state_range_next(struct state_range *range, struct state_entry *entry, bool *found,
                      struct error *error) __attribute__((warn_unused_result));
#endif
