/* One writer commits blocks while readers open views: every view shows one block whole, its
 * balances add up, and it does not change while it is open. */
#include "tests/unit/ledger/sample.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Debian's LevelDB is not built for the sanitizer, which so cannot see the atomics by which its
 * memory tables are published; what we do with what it hands out is watched. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libleveldb.so\n";
}

#define READERS 4
#define BLOCKS  60

static struct sample sample;
static atomic_bool is_done;

static u256 sum_at(struct ledger_view *view, struct arena *arena)
{
    struct state_reader reader;
    struct error error;
    u256 sum = U256_ZERO;
    if (!view_state_at(view, view_head(view), arena, &reader, &error))
        abort();
    for (unsigned i = 0; i < SAMPLE_ACCOUNTS; i++) {
        struct account account;
        reader.ops->account(reader.context, &sample.accounts[i], &account);
        sum = u256_add(&sum, &account.balance);
    }
    return sum;
}

static void *read_views(void *arg)
{
    size_t *wrong = arg;
    while (!atomic_load(&is_done)) {
        struct arena arena = {0};
        struct error error;
        struct ledger_view *view = ledger_view_open(sample.ledger, &error);
        struct supply supply;
        struct block block;
        if (view == NULL || !view_supply(view, view_head(view), &supply, &error)
            || !view_block(view, view_head(view), &arena, &block, &error))
            abort();
        for (int round = 0; round < 3; round++) {
            const u256 sum = sum_at(view, &arena);
            *wrong += !u256_equal(&sum, &supply.issued);
        }
        ledger_view_close(view);
        arena_cleanup(&arena);
    }
    return NULL;
}

int main(void)
{
    pthread_t readers[READERS];
    size_t wrong[READERS] = {0}, all = 0;
    sample_start(&sample);
    for (unsigned i = 0; i < READERS; i++)
        if (pthread_create(&readers[i], NULL, read_views, &wrong[i]) != 0)
            abort();
    for (unsigned block = 0; block < BLOCKS; block++) {
        for (unsigned i = 0; i < SAMPLE_ACCOUNTS; i++) {
            struct transaction tx =
                sample_transfer(&sample, i, &sample.accounts[(i + block) % SAMPLE_ACCOUNTS], 5);
            if (sample_submit(&sample, &tx) != POOL_OK)
                abort();
        }
        sample_block(&sample);
    }
    atomic_store(&is_done, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
        all += wrong[i];
    }
    sample_cleanup(&sample);
    printf("ledger_views: %d blocks, %zu wrong sums\n", BLOCKS, all);
    return all == 0 ? 0 : 1;
}
