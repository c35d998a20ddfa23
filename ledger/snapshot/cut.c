#include "ledger/snapshot/cut.h"

struct item {
    uint8_t key[SNAPSHOT_KEY_SIZE_MAX];
    size_t size_bytes;
};

void cutter_init(struct cutter *cutter, enum snapshot_kind kind, size_t size_max)
{
    *cutter = (struct cutter){.kind = kind, .size_max = size_max};
}

void cutter_cleanup(struct cutter *cutter)
{
    buffer_cleanup(&cutter->items);
}

static struct item *items_of(const struct cutter *cutter)
{
    return (struct item *)(void *)cutter->items.data;
}

static size_t count_of(const struct cutter *cutter)
{
    return cutter->items.size / sizeof(struct item);
}

static unsigned shared_bits(const struct cutter *cutter, const struct item *a, const struct item *b)
{
    return snapshot_shared_bits(a->key, b->key, snapshot_key_size(cutter->kind));
}

/* The first `count` items become the range of their first `bits` bits. Whatever holds both the last
 * of them and the item behind it also holds more than fits, so that item's range is longer than
 * what the two share. */
static void emit(struct cutter *cutter, size_t count, unsigned bits, struct buffer *ranges)
{
    const struct item *items = items_of(cutter);
    const struct snapshot_range range = snapshot_range_of(cutter->kind, items[0].key, bits);
    buffer_append(ranges, &range, sizeof range);
    const size_t left = count_of(cutter) - count;
    if (left > 0)
        cutter->bits_min = shared_bits(cutter, &items[count - 1], &items[count]) + 1;
    memmove(cutter->items.data, items + count, left * sizeof *items);
    cutter->items.size = left * sizeof *items;
    cutter->accepted = cutter->accepted_bytes = 0;
}

/* The accepted items and `next` are too much for one range: it must be longer than what the first
 * and `next` share. */
static void split(struct cutter *cutter, const struct item *next, struct buffer *ranges)
{
    const struct item *items = items_of(cutter);
    const unsigned shared = shared_bits(cutter, &items[0], next);
    size_t count = 1;
    while (count < cutter->accepted && shared_bits(cutter, &items[0], &items[count]) > shared)
        count++;
    emit(cutter, count, shared + 1, ranges);
}

/* Accepts one item after the other; a range that comes out makes it begin anew behind it. */
static void accept_all(struct cutter *cutter, struct buffer *ranges)
{
    while (cutter->accepted < count_of(cutter)) {
        const struct item *items = items_of(cutter), *next = &items[cutter->accepted];
        if (cutter->accepted > 0 && shared_bits(cutter, &items[0], next) < cutter->bits_min) {
            emit(cutter, cutter->accepted, cutter->bits_min, ranges);
        } else if (cutter->accepted > 0
                   && cutter->accepted_bytes + next->size_bytes > cutter->size_max) {
            split(cutter, next, ranges);
        } else {
            cutter->accepted++;
            cutter->accepted_bytes += next->size_bytes;
        }
    }
}

void cutter_add(struct cutter *cutter, const uint8_t *key, size_t size_bytes, struct buffer *ranges)
{
    struct item item = {.size_bytes = size_bytes};
    memcpy(item.key, key, snapshot_key_size(cutter->kind));
    buffer_append(&cutter->items, &item, sizeof item);
    accept_all(cutter, ranges);
}

void cutter_end(struct cutter *cutter, struct buffer *ranges)
{
    if (count_of(cutter) > 0)
        emit(cutter, count_of(cutter), cutter->bits_min, ranges);
}
