/* The JSON-RPC envelope as it stands in the request's bytes.
 *
 * jansson does not give back a number as it was written (0.1, 1e2, -0), and one number it
 * cannot hold fails a whole document. So a small scanner first cuts a batch into its items and
 * finds each item's id as a raw slice; then each item is read by itself, in its plain form by
 * rpc/plain.h, else by jansson. The scanner only follows strings and brackets, with a bound on
 * depth; what is inside an item is judged by those two. */
#ifndef RPC_ENVELOPE_H
#define RPC_ENVELOPE_H
#include "vm/base/arena.h"
#include "vm/base/bytes.h"
#include <stdbool.h>

#define ENVELOPE_DEPTH_MAX  32
#define ENVELOPE_VALUES_MAX 100000 /* a value of two bytes takes over a hundred in memory */

enum envelope_verdict {
    ENVELOPE_OK,
    ENVELOPE_EMPTY,  /* no text at all */
    ENVELOPE_BROKEN, /* brackets or strings do not close, or text follows the value */
    ENVELOPE_TOO_DEEP,
    ENVELOPE_TOO_MANY,        /* more items than allowed */
    ENVELOPE_TOO_MANY_VALUES, /* in all items together */
};

struct envelope {
    bool is_batch;
    struct bytes *items; /* raw slices, in `arena`; a single request is one item */
    size_t count;
};

enum envelope_verdict envelope_split(struct envelope *envelope, struct bytes body, size_t items_max,
                                     struct arena *arena);

/* The raw slice of the member "id" of an item that is an object; empty if there is none. Only
 * a string, a number or null is returned: nothing else may be echoed. */
struct bytes envelope_id(struct bytes item);
#endif
