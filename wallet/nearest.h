/* The name that was probably meant. */
#ifndef WALLET_NEAREST_H
#define WALLET_NEAREST_H
#include <stddef.h>

/* The entry of `names` with the fewest edits to `wrong` (Levenshtein, neighbours swapped count
 * as one), or NULL if none is near: at most a third of its length, and at least one. */
const char *nearest(const char *wrong, const char *const *names, size_t count);
#endif
