/* What every fuzz target is: one function over any bytes. What a decoder accepts must encode to
 * the same bytes; anything else ends the program. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H
#include "vm/base/arena.h"
#include "vm/base/bytes.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* One of several formats, by the first byte: decodes `input` and encodes what that is; false if it
 * is none. */
typedef bool again_from_fn(uint8_t kind, struct bytes input, struct buffer *again,
                           struct arena *arena);
static inline void must_encode_again(const uint8_t *data, size_t size, again_from_fn *again_from)
{
    struct arena arena = {0};
    struct buffer again = {0};
    if (size > 0) {
        struct bytes input = bytes_of(data + 1, size - 1);
        if (again_from(data[0], input, &again, &arena))
            must(bytes_equal(buffer_view(&again), input), "what was decoded encodes differently");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}
#endif
