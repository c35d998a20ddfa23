/* Memory with one lifetime: a block, a transaction, a request, a test.
 *
 * Allocations are never freed one by one; arena_reset() makes the memory reusable (one block
 * is kept), arena_cleanup() gives all of it back. Secrets never go into an arena. */
#ifndef VM_BASE_ARENA_H
#define VM_BASE_ARENA_H
#include "vm/base/bytes.h"

struct arena_block;

/* An empty arena is all zero: `struct arena arena = {0};`. */
struct arena {
    struct arena_block *newest;
    size_t size_bytes; /* all that was handed out since the last reset */
};

void arena_cleanup(struct arena *arena);
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type; never NULL, also for size 0. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));
/* `count` elements of `size`; a product that overflows ends the process. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
struct bytes arena_copy(struct arena *arena, struct bytes bytes);
char *arena_text(struct arena *arena, struct bytes bytes); /* copy with a final zero */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#endif
