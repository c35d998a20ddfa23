/* What a member's engine is told of work, step by step: the loop turns only when the test says so. */
#include "tests/unit/node/village.h"

#include <criterion/criterion.h>
#include <unistd.h>

#include "node/seat_state.h"

#define PATIENCE_MS 60000

static struct village village;

static void stop(void)
{
    village_cleanup(&village);
}

TestSuite(seat_work, .fini = stop, .timeout = 240);

static void look_for_work(struct seat *seat)
{
    struct replica_queue queue = {0};
    seat_carry_out(seat, &queue);
}

static bool all_have_begun(struct village *at)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (at->nodes[i].seat != NULL && at->nodes[i].seat->replica == NULL)
            return false;
    return true;
}

/* Where the ledger has no answer, as on a final block below its head while sync brings more, it is
 * asked once and not again and again. */
Test(seat_work, is_looked_for_once_where_there_is_no_answer)
{
    village_start(&village, QUORUM_BFT, 0);
    village_up(&village, 0);
    village_wait(&village, all_have_begun, PATIENCE_MS);
    village_run(&village, 100);
    struct seat *seat = village.nodes[0].seat;
    seat->own_index = VILLAGE_NODES; /* of whom the ledger knows nothing */
    seat->worked_on = (hash256){0};
    look_for_work(seat);
    cr_assert(seat->is_looking_for_work);
    for (unsigned i = 0; i < 20; i++) {
        village_run(&village, 10);
        cr_expect_not(seat->is_looking_for_work);
    }
}

static bool all_are_connected(struct village *at)
{
    struct seat_standing standing;
    for (unsigned i = 0; i < VILLAGE_NODES; i++) {
        seat_standing(at->nodes[i].seat, &standing);
        if (standing.members_up != VILLAGE_NODES || standing.waits[0] != '\0')
            return false;
    }
    return true;
}

static void note_hash(void *context, const struct transaction *tx, bool is_ready)
{
    hash256 *hash = context;
    (void)is_ready;
    *hash = tx->hash;
}

static void drop_job(struct vm *machine, void *arg)
{
    struct pool *pool = ledger_pool(seat_ledger(arg));
    hash256 hash;
    (void)machine;
    pool_visit(pool, note_hash, &hash);
    pool_drop(pool, &hash, POOL_EXPIRED);
}

static void note_end_job(struct vm *machine, void *arg)
{
    (void)machine;
    atomic_store((atomic_bool *)arg, true);
}

/* What the actor was given before is done, and the loop has heard of nothing. */
static void let_actor_work(struct seat *seat)
{
    atomic_bool is_done = false;
    actor_submit_own(seat_actor(seat), note_end_job, NULL, &is_done);
    while (!atomic_load(&is_done))
        usleep(1000);
}

static bool is_built(struct village *at)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (at->nodes[i].seat != NULL && at->nodes[i].seat->bodies_count > 0)
            return true;
    return false;
}

/* A leader alone builds a block with all that waits; nobody is there to certify it, so all of it
 * waits still. */
Test(seat_work, is_not_done_by_a_block_that_is_not_certified)
{
    village_start(&village, QUORUM_BFT, 0);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        village_up(&village, i);
    village_wait(&village, all_are_connected, PATIENCE_MS);
    const struct simplex *engine = replica_engine(village.nodes[0].seat->replica);
    const unsigned leader = simplex_leader(engine, simplex_view(engine));
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (i != leader)
            village_down(&village, i);
    village_send(&village, leader, 4);
    village_wait(&village, is_built, PATIENCE_MS);
    cr_expect_eq(atomic_load(&village.nodes[leader].seat->known_work), WORK_TRANSACTIONS);
}

/* A transaction wakes the loop and is gone when the job looks that is asked on a new tip; another
 * comes after that, for which nobody wakes the loop again. The job's answer must not hide it: nobody
 * would ever tell of it. */
Test(seat_work, is_told_as_it_was_found_last)
{
    village_start(&village, QUORUM_BFT, 0);
    village_up(&village, 0);
    village_wait(&village, all_have_begun, PATIENCE_MS);
    village_run(&village, 100);
    struct seat *seat = village.nodes[0].seat;
    cr_assert_not(seat->is_looking_for_work);
    village_send(&village, 0, 1);
    actor_submit_own(seat_actor(seat), drop_job, NULL, seat);
    seat->worked_on = (hash256){0};
    look_for_work(seat);
    cr_assert(seat->is_looking_for_work);
    village_send(&village, 0, 1);
    let_actor_work(seat);
    village_run(&village, 100);
    cr_expect_not(seat->is_looking_for_work);
    cr_expect_neq(simplex_next_ms(replica_engine(seat->replica)), UINT64_MAX);
}

/* An opened ledger takes transactions at once, while its member still reads the vote log and talks
 * to nobody. */
Test(seat_work, may_come_between_opening_and_beginning)
{
    village_start(&village, QUORUM_BFT, 0);
    village_up(&village, 0);
    struct seat *seat = village.nodes[0].seat;
    village_send(&village, 0, 1);
    let_actor_work(seat);
    village_wait(&village, all_have_begun, PATIENCE_MS);
    cr_expect_neq(simplex_next_ms(replica_engine(seat->replica)), UINT64_MAX);
    cr_expect_neq(seat->tell_ms, UINT64_MAX);
}
