/* Transactions that wait, among four members over real connections. */
#include "tests/unit/node/village.h"

#include <criterion/criterion.h>

#define PATIENCE_MS 60000

static struct village village;

static void stop(void)
{
    village_cleanup(&village);
}

TestSuite(seat_pool, .fini = stop, .timeout = 240);

static uint64_t queued_at(const struct village *at, unsigned number)
{
    struct org_figures figures;
    seat_figures(at->nodes[number].seat, &figures);
    return tally_read(&figures.ledger->pool.queued);
}

static bool one_waits_at_all(struct village *at)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (queued_at(at, i) != 1)
            return false;
    return true;
}

static bool all_have_mined_one(struct village *at)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (village_mined(at, i) != 1)
            return false;
    return true;
}

static void note_hash(void *context, const struct transaction *tx, bool is_ready)
{
    hash256 *hash = context;
    (void)is_ready;
    *hash = tx->hash;
}

static void evict_job(struct vm *machine, void *arg)
{
    struct pool *pool = ledger_pool(seat_ledger(arg));
    hash256 hash;
    (void)machine;
    pool_visit(pool, note_hash, &hash);
    pool_drop(pool, &hash, POOL_EVICTED);
}

/* One that waits above a gap had to go at one member; the others have it still and name it, so it
 * comes back there once there is room. */
Test(seat_pool, takes_back_what_was_evicted)
{
    village_start(&village, QUORUM_BFT, 0);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        village_up(&village, i);
    village.transfers = VILLAGE_ACCOUNTS; /* the nonce after each account's next */
    village_send(&village, 0, 1);
    village_wait(&village, one_waits_at_all, PATIENCE_MS);
    actor_submit_own(seat_actor(village.nodes[1].seat), evict_job, NULL, village.nodes[1].seat);
    while (queued_at(&village, 1) != 0)
        village_run(&village, 5);
    village.transfers = 1; /* the second account's first */
    village_send(&village, 0, 1);
    village_wait(&village, all_have_mined_one, PATIENCE_MS);
    village_wait(&village, one_waits_at_all, PATIENCE_MS);
}
