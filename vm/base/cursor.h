/* Reading untrusted bytes.
 *
 * The first failure sticks: later reads return zero and move nothing, so a decoder is a
 * straight list of fields with one check, cursor_finished() or !failed, at its end. */
#ifndef VM_BASE_CURSOR_H
#define VM_BASE_CURSOR_H
#include "vm/base/bytes.h"

struct cursor {
    const uint8_t *next;
    size_t left;
    bool failed;
};

static inline struct cursor cursor_over(const uint8_t *bytes, size_t size)
{
    return (struct cursor){bytes, size, false};
}

/* Returns a borrowed view of the next `size` bytes, empty on failure. */
struct bytes cursor_take(struct cursor *in, size_t size);
void cursor_copy(struct cursor *in, void *out, size_t size); /* zeroes `out` on failure */
uint8_t cursor_u8(struct cursor *in);
uint16_t cursor_u16_be(struct cursor *in);
uint32_t cursor_u32_be(struct cursor *in);
uint64_t cursor_u64_be(struct cursor *in);

/* Nothing missing, nothing left over. */
static inline bool cursor_finished(const struct cursor *in)
{
    return !in->failed && in->left == 0;
}
#endif
