/* Where chunks begin and end, against the same rule written as a recursion over the bits. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/snapshot/cut.h"

#define ITEMS_MAX 3000

struct sized {
    uint8_t key[SNAPSHOT_KEY_SIZE_MAX];
    size_t size;
};
static struct sized items[ITEMS_MAX];

static bool bit_of(const struct sized *item, unsigned bit)
{
    return item->key[bit / 8] >> (7 - bit % 8) & 1;
}

/* "A subtree whose items together are no larger than a chunk is one; else its halves." */
static void cut_tree(enum snapshot_kind kind, size_t first, size_t end, unsigned bits,
                     size_t size_max, struct buffer *ranges)
{
    size_t size = 0, middle = first;
    if (first == end)
        return;
    for (size_t i = first; i < end; i++)
        size += items[i].size;
    if (size <= size_max || end - first == 1) {
        const struct snapshot_range range = snapshot_range_of(kind, items[first].key, bits);
        buffer_append(ranges, &range, sizeof range);
        return;
    }
    while (middle < end && !bit_of(&items[middle], bits))
        middle++;
    cut_tree(kind, first, middle, bits + 1, size_max, ranges);
    cut_tree(kind, middle, end, bits + 1, size_max, ranges);
}

static void cut_stream(enum snapshot_kind kind, size_t count, size_t size_max,
                       struct buffer *ranges)
{
    struct cutter cutter;
    cutter_init(&cutter, kind, size_max);
    for (size_t i = 0; i < count; i++)
        cutter_add(&cutter, items[i].key, items[i].size, ranges);
    cutter_end(&cutter, ranges);
    cutter_cleanup(&cutter);
}

static int compare(const void *left, const void *right)
{
    const struct sized *a = left, *b = right;
    return memcmp(a->key, b->key, sizeof a->key);
}

/* Keys that share long beginnings as often as not. */
static size_t draw_items(unsigned *seed, size_t key_size)
{
    const size_t drawn = (size_t)rand_r(seed) % ITEMS_MAX;
    const int shape = rand_r(seed) % 3;
    memset(items, 0, sizeof items);
    for (size_t i = 0; i < drawn; i++) {
        const size_t from = shape == 0 ? 0 : (size_t)rand_r(seed) % key_size;
        for (size_t byte = from; byte < key_size; byte++)
            items[i].key[byte] = (uint8_t)(shape == 2 ? rand_r(seed) % 2 : rand_r(seed) >> 7);
        items[i].size = (size_t)(1 + rand_r(seed) % (rand_r(seed) % 50 == 0 ? 3000 : 60));
    }
    if (drawn > 0)
        qsort(items, drawn, sizeof *items, compare);
    size_t count = 0;
    for (size_t i = 0; i < drawn; i++)
        if (count == 0 || compare(&items[count - 1], &items[i]) != 0)
            items[count++] = items[i];
    return count;
}

Test(cut, is_the_tree_of_bits)
{
    const char *given = getenv("SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20261123;
    for (unsigned round = 0; round < 300; round++) {
        const unsigned start = seed;
        const enum snapshot_kind kind = round % 2 == 0 ? SNAPSHOT_ACCOUNTS : SNAPSHOT_SLOTS;
        const size_t count = draw_items(&seed, snapshot_key_size(kind));
        const size_t size_max = (size_t)(1 + rand_r(&seed) % 4000);
        struct buffer expected = {0}, ranges = {0};
        cut_tree(kind, 0, count, 0, size_max, &expected);
        cut_stream(kind, count, size_max, &ranges);
        cr_assert(bytes_equal(buffer_view(&expected), buffer_view(&ranges)),
                  "SEED=%u: %zu items, %zu bytes: %zu ranges, expected %zu", start, count, size_max,
                  ranges.size / sizeof(struct snapshot_range),
                  expected.size / sizeof(struct snapshot_range));
        buffer_cleanup(&expected);
        buffer_cleanup(&ranges);
    }
}

Test(cut, makes_nothing_of_nothing)
{
    struct buffer ranges = {0};
    cut_stream(SNAPSHOT_ACCOUNTS, 0, 100, &ranges);
    cr_expect(ranges.size == 0);
    buffer_cleanup(&ranges);
}

/* One more item in one place moves no border in another. */
Test(cut, leaves_other_chunks_as_they_are)
{
    unsigned seed = 7;
    size_t same = 0, count = 0;
    struct buffer before = {0}, after = {0};
    while (count < 1000)
        count = draw_items(&seed, sizeof(address));
    cut_stream(SNAPSHOT_ACCOUNTS, count, 1000, &before);
    items[count / 2].size += 900;
    cut_stream(SNAPSHOT_ACCOUNTS, count, 1000, &after);
    const struct snapshot_range *old = (void *)before.data, *new = (void *)after.data;
    for (size_t i = 0; i < after.size / sizeof *new; i++)
        for (size_t j = 0; j < before.size / sizeof *old; j++)
            same += memcmp(&new[i], &old[j], sizeof *new) == 0;
    cr_expect(same + 2 >= before.size / sizeof *old, "%zu of %zu", same, before.size / sizeof *old);
    buffer_cleanup(&before);
    buffer_cleanup(&after);
}
