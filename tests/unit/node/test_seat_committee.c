/* A ledger of four members over real connections, with real keys, disks and clocks: what one takes
 * becomes final at all; what is down comes back; with two of four down it pauses. */
#include "tests/unit/node/village.h"

#include <criterion/criterion.h>

#define PATIENCE_MS 60000

static struct village village;

static void stop(void)
{
    village_cleanup(&village);
}

TestSuite(seat_committee, .fini = stop, .timeout = 240);

static bool all_are_connected(struct village *at)
{
    struct seat_standing standing;
    unsigned up = 0;
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        up += at->nodes[i].seat != NULL;
    for (unsigned i = 0; i < VILLAGE_NODES; i++) {
        if (at->nodes[i].seat == NULL)
            continue;
        seat_standing(at->nodes[i].seat, &standing);
        if (standing.members_up != up || standing.waits[0] != '\0')
            return false;
    }
    return true;
}

static void start_all(enum quorum_mode mode, uint64_t pulse_ms)
{
    village_start(&village, mode, pulse_ms);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        village_up(&village, i);
    village_wait(&village, all_are_connected, PATIENCE_MS);
}

static void send_and_wait(unsigned node, unsigned count)
{
    village_send(&village, node, count);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
}

Test(seat_committee, makes_what_one_takes_final_at_all)
{
    start_all(QUORUM_BFT, 50);
    for (unsigned i = 0; i < 12; i++) {
        village_send(&village, i % VILLAGE_NODES, 8);
        village_run(&village, 20);
    }
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}

/* With one of four down the others go on, and it catches up when it comes back: from a few blocks by
 * the engine, from many by block sync. */
Test(seat_committee, goes_on_without_one_that_catches_up_later)
{
    start_all(QUORUM_BFT, 0);
    send_and_wait(0, 8);
    village_down(&village, 2);
    for (unsigned i = 0; i < 60; i++)
        send_and_wait(i % 2, 4);
    village_up(&village, 2);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_wait(&village, all_are_connected, PATIENCE_MS);
    send_and_wait(2, 4);
    village_check_chains(&village);
}

static bool was_connected, has_said_how_far;

/* Its connections do not end before, and it says how far it is. */
static bool all_is_final_over_one_connection(struct village *at)
{
    struct seat_standing standing;
    struct org_summary summary;
    seat_standing(at->nodes[2].seat, &standing);
    seat_summary(at->nodes[2].seat, &summary);
    has_said_how_far |= standing.is_catching_up && standing.sync_target > summary.height
                        && strstr(standing.waits, "catches up") != NULL;
    cr_assert(!was_connected || standing.members_up == VILLAGE_NODES);
    was_connected = standing.members_up == VILLAGE_NODES;
    return village_all_is_final(at);
}

static void catch_up(void)
{
    was_connected = has_said_how_far = false;
    village_up(&village, 2);
    village_wait(&village, all_is_final_over_one_connection, PATIENCE_MS);
    village_wait(&village, all_are_connected, PATIENCE_MS);
}

/* Blocks, and what catching up asks for, may be larger than what else may wait for a node. */
Test(seat_committee, catches_up_by_large_blocks)
{
    start_all(QUORUM_BFT, 0);
    village_down(&village, 2);
    for (unsigned i = 0; i < 3; i++) { /* one by one */
        village_send_large(&village, 0, 16, 100000);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
    }
    catch_up();
    village_down(&village, 2);
    for (unsigned i = 0; i < 34; i++) { /* by ranges */
        village_send_large(&village, 1, 4, 100000);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
    }
    catch_up();
    cr_expect(has_said_how_far);
    village_check_chains(&village);
}

static bool first_knows_its_committee(struct village *at)
{
    struct seat_standing standing;
    seat_standing(at->nodes[0].seat, &standing);
    return standing.quorum > 0;
}

/* Before anybody else is there it is there itself. */
Test(seat_committee, counts_itself_among_those_that_are_up)
{
    struct seat_standing standing;
    village_start(&village, QUORUM_BFT, 0);
    village_up(&village, 0);
    village_wait(&village, first_knows_its_committee, PATIENCE_MS);
    seat_standing(village.nodes[0].seat, &standing);
    cr_expect_eq(standing.members_up, 1);
    cr_expect(strstr(standing.waits, "1 of 4 members reachable, 3 needed") != NULL, "%s",
              standing.waits);
}

/* Two of four down: nothing becomes final, nothing is lost, and whoever asks is told why. */
Test(seat_committee, pauses_without_a_quorum_and_resumes)
{
    struct seat_standing standing;
    start_all(QUORUM_BFT, 0);
    send_and_wait(0, 4);
    village_down(&village, 1);
    village_down(&village, 3);
    const uint64_t before = village_mined(&village, 0);
    village_send(&village, 0, 4);
    village_run(&village, 3000);
    cr_expect_eq(village_mined(&village, 0), before);
    cr_expect_eq(village_mined(&village, 2), before);
    seat_standing(village.nodes[0].seat, &standing);
    cr_expect(strstr(standing.waits, "2 of 4 members reachable, 3 needed") != NULL, "%s",
              standing.waits);
    village_up(&village, 3);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_up(&village, 1);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}

/* All lose their power at once: nobody forgets what it said, and they go on. */
Test(seat_committee, survives_all_being_down)
{
    start_all(QUORUM_BFT, 0);
    for (unsigned round = 0; round < 3; round++) {
        village_send(&village, round, 12);
        village_run(&village, 30); /* somewhere between two votes */
        for (unsigned i = 0; i < VILLAGE_NODES; i++)
            village_down(&village, i);
        for (unsigned i = 0; i < VILLAGE_NODES; i++)
            village_up(&village, i);
    }
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}

/* Whoever lost its vote log votes again once the others remember enough, and the committee can do
 * without another one afterwards. */
Test(seat_committee, waits_out_a_lost_vote_log)
{
    start_all(QUORUM_BFT, 0);
    send_and_wait(0, 8);
    village_down(&village, 1);
    village_lose_log(&village, 1);
    village_up(&village, 1);
    village_wait(&village, all_are_connected, PATIENCE_MS);
    for (unsigned i = 0; i < 6; i++)
        send_and_wait(0, 4);
    village_down(&village, 3);
    send_and_wait(0, 4);
    village_check_chains(&village);
}

/* ---- Epochs ------------------------------------------------------------------------------------ */

static uint64_t wanted_epoch;

static bool epoch_is_reached(struct village *at)
{
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        if (at->nodes[i].seat != NULL && at->nodes[i].epoch < wanted_epoch)
            return false;
    return village_all_is_final(at);
}

static void wait_for_epoch(uint64_t epoch)
{
    wanted_epoch = epoch;
    village_wait(&village, epoch_is_reached, PATIENCE_MS);
}

/* Over a seal all go on with what it decided; who was away over two of them follows by block sync, or
 * by the engine; and the store names the vote log in each epoch, so that a restart finds nothing
 * forgotten. */
Test(seat_committee, goes_from_epoch_to_epoch)
{
    struct seat_standing standing;
    start_all(QUORUM_BFT, 0);
    village_change(&village, 0, VILLAGE_NODES, QUORUM_CRASH);
    village_send(&village, 1, 8);
    wait_for_epoch(2);
    village_down(&village, 2);
    village_change(&village, 1, VILLAGE_NODES, QUORUM_ALL);
    wait_for_epoch(3); /* which needs all four */
    village_send(&village, 0, 4);
    village_up(&village, 2);
    wait_for_epoch(3);
    village_change(&village, 3, VILLAGE_NODES, QUORUM_BFT);
    wait_for_epoch(4);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        village_down(&village, i);
    for (unsigned i = 0; i < VILLAGE_NODES; i++)
        village_up(&village, i);
    send_and_wait(3, 8);
    seat_standing(village.nodes[1].seat, &standing);
    cr_expect_eq(standing.quorum, 3);
    village_check_chains(&village);
}

/* The others go on without it, each with another index than before; it follows, and takes transactions
 * for them. */
Test(seat_committee, lets_a_member_go)
{
    struct seat_standing standing;
    start_all(QUORUM_BFT, 0);
    village_change(&village, 1, 0, QUORUM_CRASH);
    wait_for_epoch(2);
    village_send(&village, 0, 8);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    seat_standing(village.nodes[0].seat, &standing);
    cr_expect(standing.follows);
    cr_expect_eq(standing.members, 3);
    village_down(&village, 0);
    send_and_wait(1, 8);
    village_down(&village, 2);
    send_and_wait(1, 8);
    seat_standing(village.nodes[1].seat, &standing);
    cr_expect_eq(standing.members, 3);
    cr_expect_eq(standing.members_up, 2);
    cr_expect_eq(standing.quorum, 2);
    village_check_chains(&village);
}
