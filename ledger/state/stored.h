/* State as the store holds it: now, or after an earlier block (time travel).
 *
 * Now is one get. Earlier is one seek for the lowest change above the height asked for, and one
 * get when there was none (store/keys.h). Not for two threads at once. */
#ifndef LEDGER_STATE_STORED_H
#define LEDGER_STATE_STORED_H
#include "ledger/state/reader.h"
#include "ledger/store/records.h"

#define STORED_STATE_NOW UINT64_MAX

struct stored_state;

/* State after the block at `height`, or STORED_STATE_NOW. */
struct stored_state *stored_state_new(struct store_at at, uint64_t height);
void stored_state_free(struct stored_state *state);             /* accepts NULL */
uint64_t stored_state_height(const struct stored_state *state); /* as it was given */
struct state_reader stored_state_reader(struct stored_state *state);

/* Forgets codes handed out and a failure: for the writer, between two blocks. */
void stored_state_reset(struct stored_state *state);
#endif
