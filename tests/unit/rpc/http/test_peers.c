#include "rpc/http/peers.h"

#include <criterion/criterion.h>

static struct rpc_limits limits;
static struct peers *peers;

static void start(void)
{
    limits = rpc_limits_default();
    limits.connections_max = 4;
    limits.connections_per_address_max = 2;
    limits.calls_per_second_max = 10;
    peers = peers_new(&limits);
}

static void stop(void)
{
    peers_free(peers);
}

TestSuite(peers, .init = start, .fini = stop);

static struct in6_addr address_number(unsigned number)
{
    struct in6_addr out = {.s6_addr = {[10] = 0xff, [11] = 0xff, [12] = 10}};
    out.s6_addr[14] = (uint8_t)(number >> 8);
    out.s6_addr[15] = (uint8_t)number;
    return out;
}

static enum peers_verdict enter(unsigned number, struct peer **peer)
{
    struct in6_addr address_in = address_number(number);
    return peers_enter(peers, &address_in, 0, peer);
}

Test(peers, connections_are_counted_by_address_and_together)
{
    struct peer *peer[5], *none;
    cr_expect_eq(enter(1, &peer[0]), PEERS_WELCOME);
    cr_expect_eq(enter(1, &peer[1]), PEERS_WELCOME);
    cr_expect_eq(peer[0], peer[1]);
    cr_expect_eq(enter(1, &none), PEERS_ADDRESS_FULL);
    cr_expect_eq(enter(2, &peer[2]), PEERS_WELCOME);
    cr_expect_eq(enter(3, &peer[3]), PEERS_WELCOME);
    cr_expect_eq(enter(4, &none), PEERS_FULL);
    struct in6_addr fourth = address_number(4);
    cr_expect_eq(peers_enter(peers, &fourth, 1, &peer[4]), PEERS_WELCOME);
    cr_expect_eq(peers_enter(peers, &fourth, 1, &none), PEERS_FULL);
    for (size_t index = 0; index < 5; index++)
        peers_leave(peers, peer[index]);
    cr_expect_eq(enter(1, &none), PEERS_WELCOME);
}

Test(peers, the_unix_socket_has_no_bound_of_its_own)
{
    struct peer *local;
    for (int count = 0; count < 4; count++)
        cr_expect_eq(peers_enter(peers, NULL, 0, &local), PEERS_WELCOME);
    cr_expect_eq(peers_enter(peers, NULL, 0, &local), PEERS_FULL);
    for (int count = 0; count < 1000; count++)
        cr_expect_eq(peers_charge(peers, local, 100, 5000), 0);
}

/* A second's worth at once, then as many a second as are paid for. */
Test(peers, calls_are_paid_for_over_time)
{
    struct peer *peer, *other;
    enter(1, &peer);
    enter(2, &other);
    for (int count = 0; count < 10; count++)
        cr_expect_eq(peers_charge(peers, peer, 1, 5000), 0, "%d", count);
    cr_expect_gt(peers_charge(peers, peer, 1, 5000), 0);
    cr_expect_eq(peers_charge(peers, other, 1, 5000), 0);
    cr_expect_gt(peers_charge(peers, peer, 1, 5000), 0); /* a refusal costs nothing */
    cr_expect_eq(peers_charge(peers, peer, 1, 5100), 0);
    cr_expect_gt(peers_charge(peers, peer, 1, 5100), 0);

    unsigned let_in = 0;
    for (uint64_t now = 6000; now < 16000; now += 7)
        let_in += peers_charge(peers, peer, 1, now) == 0;
    cr_expect(let_in >= 100 && let_in <= 110, "%u", let_in);
}

Test(peers, a_batch_may_go_beyond_and_is_waited_for)
{
    struct peer *peer;
    enter(1, &peer);
    cr_expect_eq(peers_charge(peers, peer, 50, 5000), 0);
    uint64_t wait_ms = peers_charge(peers, peer, 1, 5000);
    cr_expect(wait_ms > 3900 && wait_ms <= 4001, "%lu", (unsigned long)wait_ms);
    cr_expect_gt(peers_charge(peers, peer, 1, 5000 + wait_ms - 100), 0);
    cr_expect_eq(peers_charge(peers, peer, 1, 5000 + wait_ms), 0);
}

/* What an address owes is not forgotten by hanging up. */
Test(peers, an_address_that_comes_again_still_owes)
{
    struct peer *peer;
    enter(1, &peer);
    peers_charge(peers, peer, 100, 5000);
    peers_leave(peers, peer);
    enter(1, &peer);
    cr_expect_gt(peers_charge(peers, peer, 1, 5000), 0);
}

/* However many addresses come, the table stays as long as it is, and whoever is connected stays. */
Test(peers, the_oldest_of_those_who_left_make_room)
{
    struct peer *stays, *peer, *last = NULL;
    enter(1, &stays);
    for (unsigned number = 2; number < 10000; number++) {
        cr_assert_eq(enter(number, &peer), PEERS_WELCOME);
        peers_charge(peers, peer, 100, 5000);
        if (number == 9999)
            last = peer;
        peers_leave(peers, peer);
    }
    enter(1, &peer);
    cr_expect_eq(peer, stays);
    enter(9999, &peer);
    cr_expect_eq(peer, last);
    cr_expect_gt(peers_charge(peers, peer, 1, 5000), 0);
    enter(2, &peer); /* forgotten */
    cr_expect_eq(peers_charge(peers, peer, 1, 5000), 0);
}
