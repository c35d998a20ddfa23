/* Nodes that follow a ledger without a seat: by what its committee tells its guests, over real
 * connections; and the ways into the committee and out of it. */
#include "node/consensus/message.h"
#include "node/pool_message.h"
#include "node/seat_state.h"
#include "tests/unit/node/village.h"

#include <criterion/criterion.h>

#define PATIENCE_MS 60000

static struct village village;

static void stop(void)
{
    village_cleanup(&village);
}

TestSuite(seat_guests, .fini = stop, .timeout = 240);

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

static struct seat_standing standing_of(unsigned node)
{
    struct seat_standing standing;
    seat_standing(village.nodes[node].seat, &standing);
    return standing;
}

static void share_and_up(unsigned node)
{
    struct error error;
    struct organisation *org = organisation_load(&village.nodes[node].dir, "village", &error);
    cr_assert_not_null(org, "%s", error.text);
    cr_assert(organisation_share(org, &error), "%s", error.text);
    organisation_free(org);
    village_up(&village, node);
}

/* A committee of the first so many; the others follow, once somebody shared the ledger. */
static void start_few(unsigned members, unsigned nodes, enum quorum_mode mode)
{
    village_start_few(&village, members, mode, 0);
    for (unsigned i = 0; i < nodes; i++)
        share_and_up(i);
}

/* A block is in the store a moment before the engine knows it. */
static bool follower_waits_for_nothing(struct village *at)
{
    (void)at;
    return standing_of(3).waits[0] == '\0';
}

/* What a follower takes becomes final at all, and what members take is known to the follower at
 * once: no status has to come first. */
Test(seat_guests, follow_and_hand_on)
{
    start_few(3, 4, QUORUM_BFT);
    for (unsigned i = 0; i < 8; i++) {
        village_send(&village, i % 2 == 0 ? 3 : i % 3, 4);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
    }
    village_wait(&village, follower_waits_for_nothing, PATIENCE_MS);
    const struct seat_standing standing = standing_of(3);
    cr_expect(standing.follows);
    cr_expect_eq(standing.members_up, 3);
    cr_expect_not(standing_of(0).follows);
    cr_expect_eq(standing_of(0).members_up, 3);
    village_check_chains(&village);
}

/* A member reads nothing of what a follower says of agreement, but which epoch it is in: what nobody
 * writes is no fault there, and is one in what it does read. */
Test(seat_guests, say_nothing_of_agreement)
{
    static const uint8_t unread[] = {PEER_PROPOSAL, PEER_VOTE, PEER_CERTIFICATE, PEER_BLOCK};
    start_few(1, 2, QUORUM_BFT);
    village_send(&village, 1, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    for (unsigned i = 0; i < sizeof unread; i++) {
        const uint8_t message[] = {unread[i], 1, 0};
        line_send(village.nodes[1].seat->line, 0, bytes_of(message, sizeof message));
    }
    village_run(&village, 300);
    cr_expect_eq(standing_of(1).members_up, 1);
    const uint8_t status[] = {PEER_STATUS, 1, 0};
    line_send(village.nodes[1].seat->line, 0, bytes_of(status, sizeof status));
    village_run(&village, 300);
    cr_expect_eq(standing_of(1).members_up, 0);
}

/* What a follower says of transactions is not taken apart before it may cost something. */
Test(seat_guests, pay_before_they_are_read)
{
    static const uint8_t broken[] = {POOL_TRANSACTIONS, 0, 1, 0, 0, 0, 0};
    struct line_check check;
    start_few(1, 2, QUORUM_BFT);
    village_send(&village, 1, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    cr_assert(line_begin_check(village.nodes[0].seat->line, LINE_GUESTS, 1, false, &check));
    line_send(village.nodes[1].seat->line, 0, bytes_of(broken, sizeof broken));
    village_run(&village, 300);
    cr_expect_eq(standing_of(1).members_up, 1);
    line_end_check(village.nodes[0].switchboard, &check, NULL);
    village_run(&village, 300);
    cr_expect_eq(standing_of(1).members_up, 0);
}

/* Whoever comes late gets many blocks by ranges, and few one by one. */
Test(seat_guests, catch_up)
{
    start_few(3, 3, QUORUM_BFT);
    for (unsigned i = 0; i < 50; i++) {
        village_send(&village, i % 3, 2);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
    }
    village_up(&village, 3);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_down(&village, 3);
    village_send(&village, 0, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_up(&village, 3);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}

/* One member alone serves followers, too, and goes on when they are gone. */
Test(seat_guests, follow_a_committee_of_one)
{
    start_few(1, 3, QUORUM_BFT);
    for (unsigned i = 0; i < 6; i++) {
        village_send(&village, i % 3, 4);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
    }
    village_down(&village, 1);
    village_down(&village, 2);
    village_send(&village, 0, 40);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_up(&village, 1);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    cr_expect_eq(standing_of(1).members, 1);
    village_down(&village, 0);
    village_run(&village, 300);
    const struct seat_standing standing = standing_of(1);
    cr_expect(strstr(standing.waits, "follows, and none of the 1 members") != NULL, "%s",
              standing.waits);
    village_send(&village, 1, 4);
    village_up(&village, 0);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}

/* One member alone promises nothing to others: it needs no vote log for its blocks. */
Test(seat_guests, committee_of_one_needs_no_vote_log)
{
    village_start_few(&village, 1, QUORUM_BFT, 0);
    village_block_log(&village, 0);
    share_and_up(0);
    for (unsigned i = 0; i < 2; i++) {
        village_send(&village, 0, 4);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
        village_down(&village, 0);
        village_up(&village, 0);
    }
    village_check_chains(&village);
}

static unsigned newcomer;

static bool newcomer_is_ready(struct village *at)
{
    return village_is_ready(at, 0, newcomer);
}

static void let_in(unsigned node, enum quorum_mode mode)
{
    newcomer = node;
    village_say_ready(&village, 0, node);
    village_wait(&village, newcomer_is_ready, PATIENCE_MS);
    village_let_in(&village, 0, node, mode);
}

/* 1, 2, 3, 4: who follows is a member from the epoch on that has it, without a restart, and the ledger
 * needs it then. */
Test(seat_guests, become_members)
{
    start_few(1, 4, QUORUM_BFT);
    village_send(&village, 2, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    for (unsigned i = 1; i < VILLAGE_NODES; i++) {
        let_in(i, i == 2 ? QUORUM_CRASH : QUORUM_BFT);
        wait_for_epoch(1 + i);
        village_send(&village, i, 4);
        village_send(&village, 0, 4);
        village_wait(&village, village_all_is_final, PATIENCE_MS);
        cr_expect_not(standing_of(i).follows);
        cr_expect_eq(standing_of(0).members, i + 1);
    }
    village_down(&village, 0);
    village_send(&village, 3, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}

/* 2, 1, 2: who was removed goes on as a follower of the one that is left, and comes back. */
Test(seat_guests, leave_and_come_back)
{
    start_few(2, 3, QUORUM_BFT);
    village_send(&village, 1, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_change(&village, 0, 1, QUORUM_BFT);
    wait_for_epoch(2);
    village_send(&village, 1, 4);
    village_send(&village, 2, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    cr_expect(standing_of(1).follows);
    let_in(1, QUORUM_BFT);
    wait_for_epoch(3);
    village_send(&village, 1, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    cr_expect_not(standing_of(1).follows);
    village_check_chains(&village);
}

/* A follower that was away over two seals finds the way by the members that it knows. */
Test(seat_guests, follow_over_seals)
{
    start_few(3, 4, QUORUM_BFT);
    village_send(&village, 3, 4);
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_down(&village, 3);
    village_change(&village, 0, VILLAGE_NODES, QUORUM_CRASH);
    wait_for_epoch(2);
    village_change(&village, 1, 2, QUORUM_BFT);
    wait_for_epoch(3);
    village_up(&village, 3);
    wait_for_epoch(3);
    village_send(&village, 3, 4);
    village_send(&village, 2, 4); /* which follows, too */
    village_wait(&village, village_all_is_final, PATIENCE_MS);
    village_check_chains(&village);
}
