/* Sets and fates by hash: what is in them, and that nobody makes them slow by what it puts in or asks
 * for. Time is this process's own, so that others' work does not count. */
#include "ledger/pool/table.h"

#include <criterion/criterion.h>
#include <time.h>

#include "ledger/pool/fates.h"
#include "vm/base/arena.h"

#define ITEMS    16384
#define LIMIT_MS 200 /* of a few without a list to look through, or a run of taken places */

TestSuite(pool_table, .timeout = 60);

static double cpu_ms(void)
{
    return (double)clock() * 1000 / CLOCKS_PER_SEC;
}

/* Different in the highest bits of the first word alone: with any fixed multiplication of which the
 * middle is taken all would belong in one place. */
static hash256 chosen(uint64_t number)
{
    const uint64_t word = number << 48;
    hash256 hash = {{0}};
    memcpy(hash.bytes, &word, sizeof word);
    return hash;
}

static hash256 spread(uint64_t number)
{
    const uint64_t word = number * 0xd1342543de82ef95 + 1;
    hash256 hash = {{0}};
    memcpy(hash.bytes, &word, sizeof word);
    return hash;
}

Test(pool_table, finds_what_is_in_it_whatever_was_taken_out)
{
    struct arena arena = {0};
    struct table table;
    hash256 *keys = arena_array(&arena, ITEMS, sizeof *keys);
    table_init(&table, sizeof *keys);
    for (unsigned i = 0; i < ITEMS; i++) {
        keys[i] = spread(i);
        table_insert(&table, &keys[i]);
    }
    for (unsigned i = 0; i < ITEMS; i += 3)
        table_remove(&table, &keys[i]);
    for (unsigned i = 0; i < ITEMS; i++)
        cr_expect(table_find(&table, &keys[i]) == (i % 3 == 0 ? NULL : &keys[i]), "%u", i);
    table_cleanup(&table);
    arena_cleanup(&arena);
}

Test(pool_table, is_not_slow_with_keys_that_somebody_chose)
{
    struct arena arena = {0};
    struct table table;
    hash256 *keys = arena_array(&arena, ITEMS, sizeof *keys);
    table_init(&table, sizeof *keys);
    const double begin_ms = cpu_ms();
    for (unsigned i = 0; i < ITEMS; i++) {
        keys[i] = chosen(i);
        table_insert(&table, &keys[i]);
    }
    cr_expect_lt(cpu_ms() - begin_ms, LIMIT_MS);
    table_cleanup(&table);
    arena_cleanup(&arena);
}

Test(pool_table, remembers_the_newest_fates)
{
    struct fates fates;
    fates_init(&fates);
    const hash256 first = spread(0);
    cr_expect_eq(fates_find(&fates, &first), POOL_UNKNOWN);
    for (unsigned i = 0; i < 3 * FATES_MAX; i++) {
        const hash256 hash = spread(i);
        fates_add(&fates, &hash, i % 2 == 0 ? POOL_MINED : POOL_EVICTED);
    }
    for (unsigned i = 0; i < 3 * FATES_MAX; i++) {
        const hash256 hash = spread(i);
        const enum pool_fate expected = i < 2 * FATES_MAX ? POOL_UNKNOWN
                                        : i % 2 == 0      ? POOL_MINED
                                                          : POOL_EVICTED;
        cr_expect_eq(fates_find(&fates, &hash), expected, "%u", i);
    }
    fates_cleanup(&fates);
}

/* Evicted, sent again and mined: its older fate leaves the ring first, and takes nothing with it. */
Test(pool_table, tells_the_newest_fate_of_one_that_left_twice)
{
    struct fates fates;
    fates_init(&fates);
    const hash256 hash = spread(7);
    fates_add(&fates, &hash, POOL_EVICTED);
    fates_add(&fates, &hash, POOL_MINED);
    cr_expect_eq(fates_find(&fates, &hash), POOL_MINED);
    for (unsigned i = 0; i < FATES_MAX - 1; i++) {
        const hash256 other = spread(1000 + i);
        fates_add(&fates, &other, POOL_EXPIRED);
    }
    cr_expect_eq(fates_find(&fates, &hash), POOL_MINED);
    const hash256 last = spread(1);
    fates_add(&fates, &last, POOL_EXPIRED);
    cr_expect_eq(fates_find(&fates, &hash), POOL_UNKNOWN);
    fates_cleanup(&fates);
}

/* A member may ask for a thousand unknown ones in each message. */
Test(pool_table, knows_at_once_that_it_does_not_know)
{
    struct fates fates;
    fates_init(&fates);
    for (unsigned i = 0; i < FATES_MAX; i++) {
        const hash256 hash = spread(i);
        fates_add(&fates, &hash, POOL_MINED);
    }
    const double begin_ms = cpu_ms();
    for (unsigned i = 0; i < ITEMS; i++) {
        const hash256 unknown = chosen(i);
        cr_expect_eq(fates_find(&fates, &unknown), POOL_UNKNOWN);
    }
    cr_expect_lt(cpu_ms() - begin_ms, LIMIT_MS);
    fates_cleanup(&fates);
}
