/* Bytes: views that borrow, a buffer that grows, and the two fixed sizes everything uses.
 *
 * A `struct bytes` owns nothing. A `struct buffer` owns its memory and is released by
 * buffer_cleanup(); it grows by doubling, and running out of memory ends the process. */
#ifndef VM_BASE_BYTES_H
#define VM_BASE_BYTES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view; `data` may be NULL when `size` is 0. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

typedef struct {
    uint8_t bytes[32];
} hash256;

typedef struct {
    uint8_t bytes[20];
} address;

static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){(const uint8_t *)data, size};
}

static inline struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, strlen(text));
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool hash256_equal(const hash256 *a, const hash256 *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Called for every account a contract touches: three loads each, no call. */
static inline bool address_equal(const address *a, const address *b)
{
    uint64_t a_words[2], b_words[2];
    uint32_t a_rest, b_rest;
    memcpy(a_words, a->bytes, sizeof a_words);
    memcpy(b_words, b->bytes, sizeof b_words);
    memcpy(&a_rest, a->bytes + sizeof a_words, sizeof a_rest);
    memcpy(&b_rest, b->bytes + sizeof b_words, sizeof b_rest);
    return ((a_words[0] ^ b_words[0]) | (a_words[1] ^ b_words[1]) | (a_rest ^ b_rest)) == 0;
}

bool hash256_is_zero(const hash256 *hash);
bool address_is_zero(const address *account);

/* malloc, calloc and realloc that never return NULL: out of memory, a message on stderr and
 * the process ends (sizes from outside were bounded before). A size of 0 is allowed. */
void *memory_new(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_new_zeroed(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *memory, size_t size) __attribute__((returns_nonnull));

/* An empty buffer is all zero: `struct buffer out = {0};`. */
void buffer_cleanup(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);              /* size 0, memory kept */
void buffer_grow(struct buffer *buffer, size_t extra); /* room for that many more bytes */
void buffer_append_u16_be(struct buffer *buffer, uint16_t value);
void buffer_append_u32_be(struct buffer *buffer, uint32_t value);
void buffer_append_u64_be(struct buffer *buffer, uint64_t value);
/* printf into the buffer, without the final zero. */
void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline struct bytes buffer_view(const struct buffer *buffer)
{
    return bytes_of(buffer->data, buffer->size);
}

/* Text is written in small pieces of known size: where there is room, no call. */
static inline void buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (extra > buffer->capacity - buffer->size)
        buffer_grow(buffer, extra);
}

/* Appends `size` bytes of unspecified content and returns them for writing, never NULL. */
static inline uint8_t *buffer_extend(struct buffer *buffer, size_t size)
{
    buffer_reserve(buffer, size > 0 ? size : 1);
    uint8_t *start = buffer->data + buffer->size;
    buffer->size += size;
    return start;
}

static inline void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    uint8_t *start = buffer_extend(buffer, size);
    if (size > 0)
        memcpy(start, data, size);
}

static inline void buffer_append_bytes(struct buffer *buffer, struct bytes bytes)
{
    buffer_append(buffer, bytes.data, bytes.size);
}

static inline void buffer_append_u8(struct buffer *buffer, uint8_t value)
{
    *buffer_extend(buffer, 1) = value;
}

/* Without the final zero. */
static inline void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}
#endif
