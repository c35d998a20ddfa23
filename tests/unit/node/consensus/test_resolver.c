/* What is asked of whom, in which order, and that nothing wanted is ever forgotten. */
#include "node/consensus/resolver.h"

#include <criterion/criterion.h>

#define D       100
#define TIMEOUT (3 * D)
#define OWN     0
#define START   5000 /* milliseconds; any */

#define NULLIFY_ONLY CERTIFICATE_KIND_BIT(MESSAGE_NULLIFY)

static struct resolver *connected(unsigned members)
{
    struct resolver *resolver = resolver_new(1, members, OWN, D);
    for (unsigned i = 0; i < members; i++)
        resolver_on_peer(resolver, i, true, START);
    return resolver;
}

static hash256 block_of(unsigned number)
{
    return (hash256){{0xb1, (uint8_t)(number >> 8), (uint8_t)number}};
}

static struct simplex_action block_want(unsigned number, uint64_t view, uint32_t first)
{
    return (struct simplex_action){
        .kind = SIMPLEX_WANT_BLOCK, .block = block_of(number), .view = view, .to = first};
}

static struct simplex_action certificate_want(uint64_t view, uint8_t kinds, uint32_t first)
{
    return (struct simplex_action){
        .kind = SIMPLEX_WANT_CERTIFICATE, .view = view, .kinds = kinds, .to = first};
}

static bool want_block(struct resolver *resolver, unsigned number, uint64_t view)
{
    const struct simplex_action want = block_want(number, view, SIMPLEX_ALL);
    return resolver_want(resolver, &want, START);
}

static bool want_certificate(struct resolver *resolver, uint64_t view, uint8_t kinds)
{
    const struct simplex_action want = certificate_want(view, kinds, SIMPLEX_ALL);
    return resolver_want(resolver, &want, START);
}

/* Whom the next request goes to; UINT32_MAX: there is none. */
static unsigned take(struct resolver *resolver, uint64_t now_ms)
{
    struct resolver_request request;
    return resolver_take(resolver, now_ms, &request) ? request.to : UINT32_MAX;
}

static unsigned take_all(struct resolver *resolver, uint64_t now_ms)
{
    unsigned count = 0;
    while (take(resolver, now_ms) != UINT32_MAX)
        count++;
    return count;
}

Test(resolver, asks_the_proposer_then_signers_then_everybody_else)
{
    struct resolver *resolver = connected(6);
    struct simplex_action want = block_want(1, 9, 3);
    want.signers[0] = 1U << 5 | 1U << 2;
    cr_assert(resolver_want(resolver, &want, START));
    unsigned order[5];
    for (unsigned i = 0; i < 5; i++) {
        order[i] = take(resolver, START + i * TIMEOUT);
        cr_expect_eq(take(resolver, START + i * TIMEOUT), UINT32_MAX, "one peer at a time");
        cr_expect_eq(resolver_next_ms(resolver), START + (i + 1) * TIMEOUT);
    }
    cr_expect_eq(order[0], 3);
    cr_expect((order[1] == 2 && order[2] == 5) || (order[1] == 5 && order[2] == 2));
    cr_expect((order[3] == 1 && order[4] == 4) || (order[3] == 4 && order[4] == 1));
    resolver_free(resolver);
}

Test(resolver, asks_for_what_was_wanted)
{
    struct resolver *resolver = connected(4);
    struct resolver_request request;
    want_certificate(resolver, 7, 5);
    cr_assert(resolver_take(resolver, START, &request));
    cr_expect_not(request.is_block);
    cr_expect_eq(request.certificate.epoch, 1);
    cr_expect_eq(request.certificate.view, 7);
    cr_expect_eq(request.certificate.kinds, 5);
    want_block(resolver, 3, 8);
    cr_assert(resolver_take(resolver, START, &request));
    cr_expect(request.is_block);
    const hash256 block = block_of(3);
    cr_expect(hash256_equal(&request.block, &block));
    resolver_free(resolver);
}

Test(resolver, wants_a_thing_once_and_learns_who_has_it)
{
    struct resolver *resolver = connected(5);
    struct simplex_action again = block_want(1, 9, SIMPLEX_ALL);
    again.signers[0] = 1U << 4;
    for (unsigned i = 0; i < 3; i++)
        cr_assert(want_block(resolver, 1, 8));
    cr_assert(resolver_want(resolver, &again, START));
    cr_expect_eq(take(resolver, START), 4, "who signed is known now");
    cr_expect_eq(take_all(resolver, START), 0);
    resolver_on_final(resolver, 8);
    cr_expect_eq(resolver_open_count(resolver), 1, "view 9 names it, too");
    resolver_on_final(resolver, 9);
    cr_expect_eq(resolver_open_count(resolver), 0);
    resolver_free(resolver);
}

/* commonware#4386: a member that notarized and one that nullified refused each other's parent,
 * since the notarization that came passed for an answer. */
Test(resolver, a_notarization_does_not_end_the_search_for_a_nullification)
{
    struct resolver *resolver = connected(4);
    want_certificate(resolver, 7, NULLIFY_ONLY);
    const unsigned first = take(resolver, START);
    resolver_on_certificate(resolver, first, MESSAGE_NOTARIZE, 7, START + 10);
    const unsigned second = take(resolver, START + 10);
    cr_assert_neq(second, UINT32_MAX, "the next peer is asked at once");
    cr_expect_neq(second, first);
    resolver_on_certificate(resolver, first, MESSAGE_NOTARIZE, 7, START + 11);
    cr_expect_eq(take(resolver, START + 11), UINT32_MAX, "the first was not asked any more");
    resolver_on_certificate(resolver, 3, MESSAGE_NULLIFY, 6, START + 12);
    cr_expect_eq(resolver_open_count(resolver), 1, "another view");
    resolver_on_certificate(resolver, SIMPLEX_ALL, MESSAGE_NULLIFY, 7, START + 12);
    cr_expect_eq(resolver_open_count(resolver), 0, "also one that was made here ends it");
    cr_expect_eq(resolver_next_ms(resolver), UINT64_MAX);
    resolver_free(resolver);
}

Test(resolver, other_kinds_of_one_view_are_another_request)
{
    struct resolver *resolver = connected(4);
    want_certificate(resolver, 7, NULLIFY_ONLY);
    want_certificate(resolver, 7, CERTIFICATE_KIND_BIT(MESSAGE_NOTARIZE));
    cr_expect_eq(take_all(resolver, START), 2);
    resolver_on_certificate(resolver, 9, MESSAGE_NOTARIZE, 7, START);
    cr_expect_eq(resolver_open_count(resolver), 1);
    resolver_free(resolver);
}

Test(resolver, a_finalization_ends_all_requests_for_certificates_up_to_its_view)
{
    struct resolver *resolver = connected(4);
    for (uint64_t view = 5; view <= 9; view++)
        want_certificate(resolver, view, NULLIFY_ONLY);
    want_block(resolver, 1, 5);
    take_all(resolver, START);
    resolver_on_certificate(resolver, 2, MESSAGE_FINALIZE, 8, START);
    cr_expect_eq(resolver_open_count(resolver), 2, "view 9, and the block: it may not be here");
    resolver_on_final(resolver, 8);
    cr_expect_eq(resolver_open_count(resolver), 1);
    resolver_free(resolver);
}

Test(resolver, a_wrong_block_is_asked_for_elsewhere_at_once)
{
    struct resolver *resolver = connected(4);
    const hash256 block = block_of(1), other = block_of(2);
    want_block(resolver, 1, 5);
    const unsigned first = take(resolver, START);
    resolver_on_bad_block(resolver, first, &other, START);
    resolver_on_bad_block(resolver, first == 1 ? 2 : 1, &block, START);
    cr_expect_eq(take(resolver, START), UINT32_MAX, "neither of them was asked for that");
    resolver_on_bad_block(resolver, first, &block, START);
    const unsigned second = take(resolver, START);
    cr_assert_neq(second, UINT32_MAX);
    cr_expect_neq(second, first);
    resolver_on_block(resolver, &block);
    cr_expect_eq(resolver_open_count(resolver) + resolver_waiting_count(resolver), 0);
    resolver_free(resolver);
}

Test(resolver, skips_peers_that_are_down_and_takes_them_back)
{
    struct resolver *resolver = resolver_new(1, 3, OWN, D);
    want_block(resolver, 1, 5);
    cr_expect_eq(take(resolver, START), UINT32_MAX);
    cr_expect_eq(resolver_next_ms(resolver), UINT64_MAX, "no timer while nobody is there");
    resolver_on_peer(resolver, 1, true, START);
    resolver_on_peer(resolver, 1, true, START);
    cr_expect_eq(take(resolver, START), 1);
    resolver_on_peer(resolver, 2, true, START + 1);
    resolver_on_peer(resolver, 1, false, START + 1);
    cr_expect_eq(take(resolver, START + 1), 2, "asked of the next at once");
    resolver_on_peer(resolver, 2, false, START + 2);
    cr_expect_eq(take(resolver, START + 60000), UINT32_MAX);
    cr_expect_eq(resolver_next_ms(resolver), UINT64_MAX);
    resolver_on_peer(resolver, 1, true, START + 60000);
    cr_expect_eq(take(resolver, START + 60000), 1, "it may have it now");
    resolver_on_peer(resolver, 77, true, START);
    resolver_free(resolver);
}

Test(resolver, asks_again_ever_more_slowly_when_nobody_answers)
{
    struct resolver *resolver = connected(2);
    uint64_t now_ms = START, last_ms = START, longest_ms = 0;
    unsigned asked = 0;
    want_certificate(resolver, 5, NULLIFY_ONLY);
    for (; now_ms < START + 120000; now_ms = resolver_next_ms(resolver)) {
        if (take(resolver, now_ms) == UINT32_MAX)
            continue;
        cr_expect_geq(now_ms - last_ms, longest_ms, "asked %u times", asked);
        longest_ms = now_ms - last_ms;
        last_ms = now_ms;
        asked++;
    }
    cr_expect_geq(asked, 10, "never given up: %u", asked);
    cr_expect_leq(asked, 20, "%u", asked);
    cr_expect_eq(longest_ms, 10000 + TIMEOUT);
    resolver_free(resolver);
}

Test(resolver, has_at_most_32_in_flight_and_two_blocks_at_a_peer)
{
    struct resolver *resolver = connected(4);
    for (uint64_t view = 1; view <= 100; view++)
        want_certificate(resolver, view, NULLIFY_ONLY);
    cr_expect_eq(take_all(resolver, START), RESOLVER_OPEN_MAX);
    cr_expect_eq(resolver_waiting_count(resolver), 100 - RESOLVER_OPEN_MAX);
    resolver_on_certificate(resolver, 1, MESSAGE_NULLIFY, 1, START);
    cr_expect_eq(take_all(resolver, START), 1);
    resolver_free(resolver);

    resolver = connected(4);
    for (unsigned i = 0; i < 20; i++)
        want_block(resolver, i, 5);
    cr_expect_eq(take_all(resolver, START), 3 * RESOLVER_BLOCKS_MAX);
    const hash256 block = block_of(0);
    resolver_on_block(resolver, &block);
    cr_expect_eq(take_all(resolver, START), 1);
    resolver_free(resolver);
}

Test(resolver, what_nobody_can_answer_keeps_nothing_waiting)
{
    struct resolver *resolver = connected(3);
    struct resolver_request request;
    bool came[101] = {false};
    for (uint64_t view = 1; view <= 100; view++)
        want_certificate(resolver, view, NULLIFY_ONLY);
    for (uint64_t now_ms = START; now_ms < START + 3000; now_ms = resolver_next_ms(resolver))
        while (resolver_take(resolver, now_ms, &request))
            if (request.certificate.view > 50) { /* nobody has the first fifty */
                came[request.certificate.view] = true;
                resolver_on_certificate(resolver, request.to, MESSAGE_NULLIFY,
                                        request.certificate.view, now_ms);
            }
    for (unsigned view = 51; view <= 100; view++)
        cr_expect(came[view], "view %u", view);
    cr_expect_eq(resolver_open_count(resolver) + resolver_waiting_count(resolver), 50);
    resolver_free(resolver);
}

/* ava-labs#542: work was forgotten when a queue was full. */
Test(resolver, a_full_queue_never_loses_requested_work)
{
    struct resolver *resolver = connected(3);
    struct resolver_request request;
    uint64_t answered = 0;
    for (uint64_t view = 1; view <= RESOLVER_REQUESTS_MAX; view++)
        cr_assert(want_certificate(resolver, view, NULLIFY_ONLY));
    cr_expect_not(want_certificate(resolver, 9999, NULLIFY_ONLY), "refused, and the caller knows");
    cr_expect(want_certificate(resolver, 1, NULLIFY_ONLY), "wanted already");
    while (resolver_take(resolver, START, &request)) {
        answered++;
        resolver_on_certificate(resolver, request.to, MESSAGE_NULLIFY, request.certificate.view,
                                START);
        if (answered == 1)
            cr_expect(want_certificate(resolver, 9999, NULLIFY_ONLY), "there is room now");
    }
    cr_expect_eq(answered, RESOLVER_REQUESTS_MAX + 1);
    resolver_free(resolver);
}

Test(resolver, a_committee_of_one_has_nobody_to_ask)
{
    struct resolver *resolver = connected(1);
    want_block(resolver, 1, 5);
    cr_expect_eq(take(resolver, START), UINT32_MAX);
    cr_expect_eq(resolver_next_ms(resolver), UINT64_MAX);
    resolver_free(resolver);
}

/* ---- peers that lose, lie, stall and vanish, one of them honest ---- */

struct bunch {
    uint64_t random, now_ms;
    unsigned members;
    struct resolver *resolver;
    bool is_up[8];
    struct resolver_request held[256]; /* under way to their answer */
    uint64_t at[256];
    size_t held_count;
};

static uint64_t draw(struct bunch *bunch)
{
    bunch->random ^= bunch->random << 13;
    bunch->random ^= bunch->random >> 7;
    bunch->random ^= bunch->random << 17;
    return bunch->random;
}

static void answer(struct bunch *bunch, const struct resolver_request *request)
{
    const bool is_honest = request->to == bunch->members - 1;
    if (!bunch->is_up[request->to] || draw(bunch) % 100 < 20)
        return; /* lost */
    const bool helps = is_honest || draw(bunch) % 4 == 0;
    if (request->is_block && helps)
        resolver_on_block(bunch->resolver, &request->block);
    else if (request->is_block)
        resolver_on_bad_block(bunch->resolver, request->to, &request->block, bunch->now_ms);
    else
        resolver_on_certificate(bunch->resolver, request->to,
                                helps ? MESSAGE_NULLIFY : MESSAGE_NOTARIZE,
                                request->certificate.view, bunch->now_ms);
}

static void run_bunch(uint64_t seed)
{
    struct bunch bunch = {.random = seed * 0x9e3779b97f4a7c15ULL + 1, .now_ms = START};
    bunch.members = 2 + (unsigned)(draw(&bunch) % 6);
    bunch.resolver = resolver_new(1, bunch.members, OWN, D);
    for (unsigned i = 0; i < 60; i++) {
        const struct simplex_action block =
            block_want(i, 5 + i % 7, (uint32_t)(draw(&bunch) % (bunch.members + 3)));
        struct simplex_action certificate = certificate_want(5 + i, NULLIFY_ONLY, SIMPLEX_ALL);
        certificate.signers[0] = (uint8_t)draw(&bunch);
        cr_assert(resolver_want(bunch.resolver, &block, bunch.now_ms));
        cr_assert(resolver_want(bunch.resolver, &certificate, bunch.now_ms));
    }
    for (unsigned step = 0; step < 100000; step++) {
        struct resolver_request request;
        for (unsigned i = 1; i < bunch.members; i++)
            if (draw(&bunch) % 100 < 5) {
                bunch.is_up[i] = draw(&bunch) % 3 > 0;
                resolver_on_peer(bunch.resolver, i, bunch.is_up[i], bunch.now_ms);
            }
        while (resolver_take(bunch.resolver, bunch.now_ms, &request)) {
            cr_assert(request.to != OWN && bunch.is_up[request.to], "seed %lu", seed);
            if (bunch.held_count == 256)
                continue; /* lost */
            bunch.held[bunch.held_count] = request;
            bunch.at[bunch.held_count++] = bunch.now_ms + draw(&bunch) % 600;
        }
        cr_assert_leq(resolver_open_count(bunch.resolver), RESOLVER_OPEN_MAX, "seed %lu", seed);
        cr_assert_gt(resolver_next_ms(bunch.resolver), bunch.now_ms, "seed %lu spins", seed);
        if (resolver_open_count(bunch.resolver) + resolver_waiting_count(bunch.resolver) == 0)
            break;
        bunch.now_ms += 10;
        for (size_t i = bunch.held_count; i > 0; i--)
            if (bunch.at[i - 1] <= bunch.now_ms) {
                const struct resolver_request due = bunch.held[i - 1];
                bunch.held[i - 1] = bunch.held[--bunch.held_count];
                bunch.at[i - 1] = bunch.at[bunch.held_count];
                answer(&bunch, &due);
            }
    }
    cr_expect_eq(resolver_open_count(bunch.resolver) + resolver_waiting_count(bunch.resolver), 0,
                 "seed %lu: everything came from one honest peer", seed);
    resolver_free(bunch.resolver);
}

Test(resolver, gets_all_it_wants_from_one_honest_peer_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 200; seed++)
        run_bunch(seed);
}
