#include "ledger/pool/table.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/state/index.h"

#define CAPACITY_MIN 64

uint64_t table_draw_multiplier(void)
{
    return index_random_seed() | 1;
}

size_t table_home(uint64_t multiplier, const void *key, size_t places)
{
    uint64_t word;
    assert(places >= 2 && (places & (places - 1)) == 0);
    memcpy(&word, key, sizeof word);
    return (size_t)((word * multiplier) >> (64 - __builtin_ctzll(places)));
}

void table_init(struct table *table, size_t key_size)
{
    assert(key_size >= 8);
    *table = (struct table){.key_size = key_size, .multiplier = table_draw_multiplier()};
}

void table_cleanup(struct table *table)
{
    free(table->places);
    *table = (struct table){0};
}

static size_t home_of(const struct table *table, const void *key)
{
    return table_home(table->multiplier, key, table->capacity);
}

/* The place of `key`, or the free one where it belongs. */
static size_t place_of(const struct table *table, const void *key)
{
    size_t place = home_of(table, key);
    while (table->places[place] != NULL && memcmp(table->places[place], key, table->key_size) != 0)
        place = (place + 1) & (table->capacity - 1);
    return place;
}

void *table_find(const struct table *table, const void *key)
{
    return table->count == 0 ? NULL : table->places[place_of(table, key)];
}

static void grow(struct table *table)
{
    const struct table old = *table;
    table->capacity = old.capacity == 0 ? CAPACITY_MIN : 2 * old.capacity;
    table->places = memory_new_zeroed(table->capacity, sizeof *table->places);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.places[i] != NULL)
            table->places[place_of(table, old.places[i])] = old.places[i];
    free(old.places);
}

void table_insert(struct table *table, void *item)
{
    if (2 * (table->count + 1) > table->capacity)
        grow(table);
    const size_t place = place_of(table, item);
    assert(table->places[place] == NULL);
    table->places[place] = item;
    table->count++;
}

void table_remove(struct table *table, const void *key)
{
    assert(table->count > 0);
    size_t hole = place_of(table, key);
    assert(table->places[hole] != NULL);
    table->places[hole] = NULL;
    table->count--;
    /* Moves up what probed past the hole, until the run of taken places ends. */
    for (size_t next = (hole + 1) & (table->capacity - 1); table->places[next] != NULL;
         next = (next + 1) & (table->capacity - 1)) {
        const size_t home = home_of(table, table->places[next]);
        const size_t from_home = (next - home) & (table->capacity - 1);
        const size_t from_hole = (next - hole) & (table->capacity - 1);
        if (from_home >= from_hole) {
            table->places[hole] = table->places[next];
            table->places[next] = NULL;
            hole = next;
        }
    }
}
