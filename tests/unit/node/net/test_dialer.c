/* Whom a node dials while others are there, away, or come and go; in virtual time. */
#include <criterion/criterion.h>

#include "node/net/dialer.h"

#define MINUTE_MS 60000

static struct node_id node(unsigned number)
{
    return (struct node_id){{2, (uint8_t)(number >> 8), (uint8_t)number}};
}

static struct endpoint at(uint16_t port)
{
    return (struct endpoint){"box.example", port};
}

static void want(struct dialer *dialer, unsigned number, uint64_t now_ms)
{
    const struct node_id who = node(number);
    const struct endpoint there = at((uint16_t)(1000 + number));
    dialer_want(dialer, &who, &there, 1, now_ms);
}

static bool takes(struct dialer *dialer, uint64_t now_ms, uint16_t *port)
{
    struct dial dial = {.to.port = 0};
    const bool any = dialer_take(dialer, now_ms, &dial);
    *port = dial.to.port;
    return any;
}

Test(dialer, dials_whoever_is_wanted_at_once_and_only_once)
{
    struct dialer *dialer = dialer_new(7);
    struct dial dial;
    const struct node_id who = node(1);
    cr_expect_eq(dialer_next_ms(dialer), UINT64_MAX);
    want(dialer, 1, 500);
    cr_expect_eq(dialer_next_ms(dialer), 500);
    cr_assert(dialer_take(dialer, 500, &dial));
    cr_expect(node_id_equal(&dial.who, &who));
    cr_expect_eq(dial.to.port, 1001);
    cr_expect_not(dialer_take(dialer, 500, &dial));
    want(dialer, 1, 600); /* again */
    cr_expect_not(dialer_take(dialer, 600, &dial));
    dialer_on_connected(dialer, &who, 700);
    cr_expect_eq(dialer_next_ms(dialer), UINT64_MAX);
    dialer_free(dialer);
}

Test(dialer, waits_longer_and_longer_for_who_is_away_but_never_over_a_minute_and_a_quarter)
{
    struct dialer *dialer = dialer_new(7);
    const struct node_id who = node(1);
    uint64_t now_ms = 0, expected = 1000;
    uint16_t port;
    want(dialer, 1, now_ms);
    for (unsigned i = 0; i < 20; i++) {
        cr_assert(takes(dialer, now_ms, &port));
        dialer_on_failed(dialer, &who, now_ms);
        const uint64_t wait = dialer_next_ms(dialer) - now_ms;
        cr_expect_geq(wait, expected * 3 / 4, "%u", i);
        cr_expect_leq(wait, expected * 5 / 4, "%u", i);
        now_ms += wait;
        expected = expected > MINUTE_MS / 2 ? MINUTE_MS : 2 * expected;
    }
    dialer_free(dialer);
}

/* Node 1 has two endpoints; the first failed, the second is dialled since 10 ms. */
static struct dialer *dialer_at_second_endpoint(void)
{
    struct dialer *dialer = dialer_new(7);
    const struct node_id who = node(1);
    const struct endpoint both[] = {at(1), at(2)};
    uint16_t port;
    dialer_want(dialer, &who, both, 2, 0);
    cr_assert(takes(dialer, 0, &port));
    cr_expect_eq(port, 1);
    dialer_on_failed(dialer, &who, 10);
    cr_assert(takes(dialer, 10, &port));
    cr_expect_eq(port, 2);
    return dialer;
}

Test(dialer, tries_every_endpoint_before_it_waits)
{
    struct dialer *dialer = dialer_at_second_endpoint();
    const struct node_id who = node(1);
    uint16_t port;
    dialer_on_failed(dialer, &who, 20);
    cr_expect_not(takes(dialer, 20, &port));
    cr_assert(takes(dialer, dialer_next_ms(dialer), &port));
    cr_expect_eq(port, 1);
    dialer_free(dialer);
}

Test(dialer, tries_a_new_endpoint_at_once)
{
    struct dialer *dialer = dialer_new(7);
    const struct node_id who = node(1);
    const struct endpoint moved = at(9);
    uint16_t port;
    want(dialer, 1, 0);
    cr_assert(takes(dialer, 0, &port));
    dialer_on_failed(dialer, &who, 0);
    dialer_want(dialer, &who, &moved, 1, 1);
    cr_assert(takes(dialer, 1, &port));
    cr_expect_eq(port, 9);
    want(dialer, 1, 2); /* it moves back while it is dialled */
    dialer_on_failed(dialer, &who, 3);
    cr_assert(takes(dialer, 3, &port));
    cr_expect_eq(port, 1001);
    dialer_free(dialer);
}

Test(dialer, goes_back_first_to_where_it_was_connected)
{
    struct dialer *dialer = dialer_at_second_endpoint();
    const struct node_id who = node(1);
    uint16_t port;
    dialer_on_connected(dialer, &who, 10);
    dialer_on_lost(dialer, &who, MINUTE_MS);
    cr_expect_leq(dialer_next_ms(dialer), MINUTE_MS + 1250);
    cr_assert(takes(dialer, MINUTE_MS + 1250, &port));
    cr_expect_eq(port, 2);
    dialer_free(dialer);
}

/* Connected for a moment each time, it is no better than away. */
Test(dialer, waits_longer_and_longer_for_who_never_stays)
{
    struct dialer *dialer = dialer_new(7);
    const struct node_id who = node(1);
    uint64_t now_ms = 0;
    unsigned dials = 0;
    uint16_t port;
    want(dialer, 1, now_ms);
    for (; now_ms < 60 * MINUTE_MS; dials++) {
        cr_assert(takes(dialer, now_ms, &port));
        dialer_on_connected(dialer, &who, now_ms);
        dialer_on_lost(dialer, &who, now_ms + 10);
        now_ms = dialer_next_ms(dialer);
    }
    cr_expect_leq(dials, 90);
    dialer_free(dialer);
}

Test(dialer, is_content_with_a_connection_that_the_other_made)
{
    struct dialer *dialer = dialer_new(7);
    const struct node_id who = node(1);
    uint16_t port;
    want(dialer, 1, 0);
    dialer_on_connected(dialer, &who, 0);
    cr_expect_not(takes(dialer, MINUTE_MS, &port));
    dialer_on_failed(dialer, &who, MINUTE_MS); /* our own dial, which came second */
    cr_expect_eq(dialer_next_ms(dialer), UINT64_MAX);
    dialer_free(dialer);
}

/* A hundred that do not answer, and one that does. */
Test(dialer, keeps_few_dials_under_way_and_nobody_waiting)
{
    struct dialer *dialer = dialer_new(7);
    const struct node_id living = node(100);
    struct dial dials[DIALER_AT_ONCE];
    bool is_reached = false;
    for (unsigned i = 0; i <= 100; i++)
        want(dialer, i, i);
    for (uint64_t now_ms = 100; !is_reached; now_ms += 10000) { /* each takes ten seconds to fail */
        unsigned under_way = 0;
        struct dial more;
        cr_assert_leq(now_ms, 140000, "starved");
        while (under_way < DIALER_AT_ONCE && dialer_take(dialer, now_ms, &dials[under_way]))
            is_reached |= node_id_equal(&dials[under_way++].who, &living);
        cr_expect_not(dialer_take(dialer, now_ms, &more));
        for (unsigned i = 0; i < under_way; i++)
            dialer_on_failed(dialer, &dials[i].who, now_ms + 10000);
    }
    dialer_free(dialer);
}

Test(dialer, forgets_who_is_no_longer_wanted_whatever_it_is_doing)
{
    for (unsigned state = 0; state < 3; state++) {
        struct dialer *dialer = dialer_new(7);
        const struct node_id who = node(1);
        uint16_t port;
        want(dialer, 1, 0);
        if (state > 0)
            cr_assert(takes(dialer, 0, &port));
        if (state > 1)
            dialer_on_connected(dialer, &who, 0);
        dialer_forget(dialer, &who);
        dialer_forget(dialer, &who);
        dialer_on_failed(dialer, &who, 0);
        dialer_on_connected(dialer, &who, 0);
        dialer_on_lost(dialer, &who, 0);
        cr_expect_eq(dialer_next_ms(dialer), UINT64_MAX);
        for (unsigned i = 10; i < 10 + DIALER_AT_ONCE; i++) {
            want(dialer, i, 0);
            cr_expect(takes(dialer, 0, &port), "all places are free");
        }
        dialer_free(dialer);
    }
}

Test(dialer, dials_all_at_once_when_there_is_hope)
{
    struct dialer *dialer = dialer_new(7);
    uint16_t port;
    for (unsigned i = 0; i < 3; i++) {
        const struct node_id who = node(i);
        want(dialer, i, 0);
        cr_assert(takes(dialer, 0, &port));
        dialer_on_failed(dialer, &who, 0);
    }
    cr_expect_not(takes(dialer, 10, &port));
    dialer_on_hope(dialer, 10);
    for (unsigned i = 0; i < 3; i++)
        cr_expect(takes(dialer, 10, &port));
    dialer_free(dialer);
}

/* After a power cut all would dial in step. */
Test(dialer, spreads_the_waits_by_its_seed)
{
    uint64_t least = UINT64_MAX, most = 0;
    for (uint64_t seed = 0; seed < 64; seed++) {
        struct dialer *dialer = dialer_new(seed * 0x9e3779b97f4a7c15);
        const struct node_id who = node(1);
        uint16_t port;
        want(dialer, 1, 0);
        cr_assert(takes(dialer, 0, &port));
        dialer_on_failed(dialer, &who, 0);
        const uint64_t next = dialer_next_ms(dialer);
        least = next < least ? next : least;
        most = next > most ? next : most;
        dialer_free(dialer);
    }
    cr_expect_gt(most - least, 250);
}
