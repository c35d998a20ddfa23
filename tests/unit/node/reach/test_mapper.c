#include "node/reach/mapper.h"

#include <criterion/criterion.h>

#include "node/reach/natpmp.h"

/* A mapper, virtual time, and the router as the test plays it. */
struct bench {
    struct mapper mapper;
    struct mapper_step step;
    uint64_t now_ms;
    unsigned sent, changes;
    uint8_t last[PCP_MAP_BYTES]; /* what was sent last */
    size_t last_size;
};

static const uint8_t client[4] = {192, 168, 1, 10}, outside[4] = {198, 51, 100, 7};
static const uint8_t nonce[PCP_NONCE_BYTES] = {7, 7, 7};

static void note(struct bench *bench)
{
    bench->changes += bench->step.has_changed;
    if (bench->step.size == 0)
        return;
    bench->sent++;
    bench->last_size = bench->step.size;
    memcpy(bench->last, bench->step.datagram, bench->step.size);
}

static struct bench bench_new(void)
{
    struct bench bench = {.now_ms = 5000};
    mapper_start(&bench.mapper, 30800, client, nonce, bench.now_ms, &bench.step);
    note(&bench);
    return bench;
}

static void hear(struct bench *bench, const void *bytes, size_t size)
{
    mapper_on_datagram(&bench->mapper, bytes_of(bytes, size), bench->now_ms, &bench->step);
    note(bench);
}

/* To the mapper's next moment. */
static void wait(struct bench *bench)
{
    bench->now_ms = bench->mapper.next_ms;
    mapper_on_time(&bench->mapper, bench->now_ms, &bench->step);
    note(bench);
}

static bool is_pcp(const struct bench *bench, uint32_t lifetime_s, uint16_t external_port)
{
    struct pcp_map wish = {
        .internal_port = 30800, .external_port = external_port, .lifetime_s = lifetime_s};
    uint8_t expected[PCP_MAP_BYTES];
    memcpy(wish.client, client, sizeof client);
    memcpy(wish.nonce, nonce, sizeof nonce);
    pcp_ask_map(expected, &wish);
    return bench->last_size == sizeof expected
           && memcmp(bench->last, expected, sizeof expected) == 0;
}

static bool is_natpmp(const struct bench *bench, uint32_t lifetime_s, uint16_t external_port)
{
    uint8_t expected[NATPMP_MAP_BYTES];
    natpmp_ask_map(expected, 30800, external_port, lifetime_s);
    return bench->last_size == sizeof expected
           && memcmp(bench->last, expected, sizeof expected) == 0;
}

/* An answer to `wish`. */
static void hear_pcp_of(struct bench *bench, struct pcp_map wish, uint8_t result, uint16_t port,
                        uint32_t lifetime_s)
{
    uint8_t reply[PCP_MAP_BYTES];
    wish.lifetime_s = lifetime_s;
    wish.external_port = port;
    pcp_ask_map(reply, &wish);
    reply[1] = 0x81;
    reply[3] = result;
    memset(reply + 8, 0, 16);
    memcpy(reply + 56, outside, 4);
    hear(bench, reply, sizeof reply);
}

static void hear_pcp(struct bench *bench, uint8_t result, uint16_t port, uint32_t lifetime_s)
{
    hear_pcp_of(bench, bench->mapper.wish, result, port, lifetime_s);
}

static void hear_natpmp_address(struct bench *bench)
{
    uint8_t reply[12] = {0, 128, 0, 0, 0, 0, 0, 9};
    memcpy(reply + 8, outside, 4);
    hear(bench, reply, sizeof reply);
}

static void hear_natpmp_map(struct bench *bench, uint16_t internal, uint16_t port, uint16_t life_s)
{
    const uint8_t reply[16] = {0,
                               130,
                               0,
                               0,
                               0,
                               0,
                               0,
                               9,
                               (uint8_t)(internal >> 8),
                               (uint8_t)internal,
                               (uint8_t)(port >> 8),
                               (uint8_t)port,
                               0,
                               0,
                               (uint8_t)(life_s >> 8),
                               (uint8_t)life_s};
    hear(bench, reply, sizeof reply);
}

static void hear_natpmp_refusal(struct bench *bench, uint8_t opcode, uint8_t result)
{
    const uint8_t reply[8] = {0, opcode, 0, result};
    hear(bench, reply, sizeof reply);
}

static void expect_granted(const struct bench *bench, enum mapping_method method, uint16_t port)
{
    cr_expect_eq(bench->mapper.state, MAPPER_HOLDING);
    cr_expect_eq(bench->mapper.mapping.state, MAPPING_GRANTED);
    cr_expect_eq(bench->mapper.mapping.method, method);
    cr_expect_eq(bench->mapper.mapping.port, port);
    cr_expect_arr_eq(bench->mapper.mapping.address, outside, 4);
}

static void expect_none(const struct bench *bench, enum mapping_reason reason)
{
    cr_expect_eq(bench->mapper.state, MAPPER_RESTING);
    cr_expect_eq(bench->mapper.mapping.state, MAPPING_NONE);
    cr_expect_eq(bench->mapper.mapping.reason, reason, "%d", bench->mapper.mapping.reason);
}

Test(reach_mapper, gets_a_port_by_pcp_and_keeps_the_lease)
{
    struct bench bench = bench_new();
    cr_expect(is_pcp(&bench, MAPPER_LEASE_S, 30800));
    hear_pcp(&bench, 0, 40000, 100);
    expect_granted(&bench, MAPPING_BY_PCP, 40000);
    cr_expect_eq(bench.mapper.next_ms, bench.now_ms + 50000);
    wait(&bench);
    cr_expect(is_pcp(&bench, MAPPER_LEASE_S, 40000), "the port that it has");
    hear_pcp(&bench, 0, 40000, 1200);
    expect_granted(&bench, MAPPING_BY_PCP, 40000);
    cr_expect_eq(bench.changes, 1, "a lease that was renewed is no news");
    cr_expect_eq(bench.mapper.next_ms, bench.now_ms + 600000);
}

Test(reach_mapper, renews_at_bounded_times_whatever_lease_it_gets)
{
    static const uint32_t leases[] = {1, 2, 3, 1200, 7200, 86400, UINT32_MAX};
    for (size_t i = 0; i < sizeof leases / sizeof leases[0]; i++) {
        struct bench bench = bench_new();
        hear_pcp(&bench, 0, 1, leases[i]);
        const uint64_t wait_ms = bench.mapper.next_ms - bench.now_ms;
        cr_expect(wait_ms >= 1000 && wait_ms <= MAPPER_RENEW_MS, "%u: %lu", leases[i], wait_ms);
        cr_expect(bench.mapper.lease_ms <= bench.now_ms + 86400000);
    }
}

Test(reach_mapper, asks_by_natpmp_a_router_that_knows_no_pcp)
{
    static const uint8_t opcodes[] = {128, 129, 0x81};
    for (size_t i = 0; i < sizeof opcodes; i++) {
        struct bench bench = bench_new();
        hear_natpmp_refusal(&bench, opcodes[i], NATPMP_BAD_VERSION);
        cr_expect_eq(bench.last_size, NATPMP_ADDRESS_BYTES);
        hear_natpmp_address(&bench);
        cr_expect(is_natpmp(&bench, MAPPER_LEASE_S, 30800));
        hear_natpmp_map(&bench, 30800, 30800, 1200);
        expect_granted(&bench, MAPPING_BY_NATPMP, 30800);
        cr_expect_eq(bench.changes, 1);
        wait(&bench);
        cr_expect_eq(bench.last_size, NATPMP_ADDRESS_BYTES, "the address may have changed");
    }
}

Test(reach_mapper, asks_a_silent_router_a_few_times_and_rests)
{
    struct bench bench = bench_new();
    const uint64_t began_ms = bench.now_ms;
    while (bench.mapper.state != MAPPER_RESTING)
        wait(&bench);
    expect_none(&bench, MAPPING_NO_ANSWER);
    cr_expect_eq(bench.sent, 2 + 6);
    cr_expect_eq(bench.now_ms - began_ms, 3000 + 6000 + 250 * 63);
    cr_expect_eq(bench.changes, 1);
    cr_expect_eq(bench.mapper.next_ms, bench.now_ms + MAPPER_REST_MS);
    wait(&bench);
    cr_expect(is_pcp(&bench, MAPPER_LEASE_S, 30800), "it tries again after the rest");
    cr_expect_eq(bench.changes, 1);
    hear_pcp(&bench, 0, 30800, 1200);
    expect_granted(&bench, MAPPING_BY_PCP, 30800);
}

Test(reach_mapper, tells_why_a_router_refuses)
{
    static const struct {
        uint8_t pcp, natpmp;
        enum mapping_reason reason;
    } cases[] = {
        {PCP_NOT_ALLOWED, NATPMP_NOT_ALLOWED, MAPPING_NOT_ALLOWED},
        {PCP_NO_NETWORK, NATPMP_NO_NETWORK, MAPPING_NO_NETWORK},
        {PCP_NO_ROOM, NATPMP_NO_ROOM, MAPPING_NO_ROOM},
        {PCP_QUOTA, NATPMP_NO_ROOM, MAPPING_NO_ROOM},
        {13, 5, MAPPING_REFUSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_new();
        hear_pcp(&bench, cases[i].pcp, 0, 30);
        hear_natpmp_refusal(&bench, 128, cases[i].natpmp);
        expect_none(&bench, cases[i].reason);

        bench = bench_new();
        hear_pcp(&bench, PCP_BAD_VERSION, 0, 30);
        hear_natpmp_address(&bench);
        hear_natpmp_refusal(&bench, 130, cases[i].natpmp);
        expect_none(&bench, cases[i].reason);
    }
}

Test(reach_mapper, takes_no_answer_that_answers_nothing)
{
    struct bench bench = bench_new();
    const struct mapper before = bench.mapper;
    hear(&bench, "", 0);
    hear(&bench, "nonsense that is long enough to be anything at all, by its length", 60);
    struct pcp_map other = before.wish;
    other.nonce[0] ^= 1;
    hear_pcp_of(&bench, other, 0, 40000, 1200);
    other = before.wish;
    other.internal_port++;
    hear_pcp_of(&bench, other, 0, 40000, 1200);
    cr_expect_eq(bench.mapper.state, before.state);
    cr_expect_eq(bench.mapper.next_ms, before.next_ms);
    cr_expect_eq(bench.sent, 1);

    hear_natpmp_refusal(&bench, 128, NATPMP_BAD_VERSION);
    hear_natpmp_map(&bench, 30800, 30800, 1200); /* before it was asked */
    cr_expect_eq(bench.mapper.state, MAPPER_NATPMP_ADDRESS);
    hear_natpmp_address(&bench);
    hear_natpmp_address(&bench);
    hear_natpmp_map(&bench, 30801, 30800, 1200); /* for another port */
    cr_expect_eq(bench.mapper.state, MAPPER_NATPMP_MAP);
    cr_expect_eq(bench.changes, 0);
}

Test(reach_mapper, takes_no_mapping_to_nowhere)
{
    struct bench bench = bench_new();
    hear_pcp(&bench, 0, 0, 1200);
    cr_expect_eq(bench.mapper.state, MAPPER_NATPMP_ADDRESS);
    hear_natpmp_address(&bench);
    hear_natpmp_map(&bench, 30800, 30800, 0);
    expect_none(&bench, MAPPING_REFUSED);

    bench = bench_new();
    hear_natpmp_refusal(&bench, 128, NATPMP_BAD_VERSION);
    hear(&bench, (const uint8_t[12]){0, 128}, 12); /* 0.0.0.0: its line is down */
    expect_none(&bench, MAPPING_NO_NETWORK);
}

Test(reach_mapper, rests_at_once_where_nobody_listens)
{
    struct bench bench = bench_new();
    mapper_on_refusal(&bench.mapper, bench.now_ms, &bench.step);
    note(&bench);
    expect_none(&bench, MAPPING_NO_ANSWER);
    mapper_on_refusal(&bench.mapper, bench.now_ms, &bench.step);
    expect_none(&bench, MAPPING_NO_ANSWER);
}

/* A router that is restarted says nothing for a while: the mapping counts until its lease ends. */
Test(reach_mapper, gives_a_mapping_up_only_when_its_lease_ends)
{
    struct bench bench = bench_new();
    hear_pcp(&bench, 0, 40000, 1200);
    const uint64_t lease_ms = bench.now_ms + 1200000;
    while (bench.now_ms < lease_ms) {
        expect_granted(&bench, MAPPING_BY_PCP, 40000);
        do
            wait(&bench);
        while (bench.mapper.state != MAPPER_HOLDING && bench.now_ms < lease_ms);
    }
    cr_expect_eq(bench.mapper.mapping.state, MAPPING_SEARCHING);
    cr_expect(bench.now_ms < lease_ms + 20000);
    while (bench.mapper.state != MAPPER_RESTING)
        wait(&bench);
    expect_none(&bench, MAPPING_NO_ANSWER);
    cr_expect_eq(bench.changes, 3);
}

Test(reach_mapper, says_when_the_router_moved)
{
    struct bench bench = bench_new();
    hear_pcp(&bench, 0, 40000, 1200);
    wait(&bench);
    hear_pcp(&bench, 0, 40001, 1200);
    expect_granted(&bench, MAPPING_BY_PCP, 40001);
    cr_expect_eq(bench.changes, 2);
}

Test(reach_mapper, takes_the_mapping_back)
{
    struct bench bench = bench_new();
    hear_pcp(&bench, 0, 40000, 1200);
    mapper_stop(&bench.mapper, bench.now_ms, &bench.step);
    note(&bench);
    cr_expect(is_pcp(&bench, 0, 0));
    hear_pcp(&bench, 0, 40000, 1200); /* a late answer to the wish */
    cr_expect_eq(bench.mapper.state, MAPPER_REMOVING);
    hear_pcp(&bench, 0, 0, 0);
    cr_expect_eq(bench.mapper.state, MAPPER_GONE);

    bench = bench_new();
    hear_natpmp_refusal(&bench, 128, NATPMP_BAD_VERSION);
    hear_natpmp_address(&bench);
    hear_natpmp_map(&bench, 30800, 30800, 1200);
    mapper_stop(&bench.mapper, bench.now_ms, &bench.step);
    note(&bench);
    cr_expect(is_natpmp(&bench, 0, 0));
    hear_natpmp_map(&bench, 30800, 0, 0);
    cr_expect_eq(bench.mapper.state, MAPPER_GONE);
}

Test(reach_mapper, goes_within_a_second_whatever_the_router_does)
{
    struct bench bench = bench_new();
    hear_pcp(&bench, 0, 40000, 1200);
    const uint64_t began_ms = bench.now_ms;
    mapper_stop(&bench.mapper, bench.now_ms, &bench.step);
    while (bench.mapper.state != MAPPER_GONE)
        wait(&bench);
    cr_expect(bench.now_ms - began_ms < 1000, "%lu ms", bench.now_ms - began_ms);

    bench = bench_new(); /* asked, and no answer yet: the router may have heard */
    mapper_stop(&bench.mapper, bench.now_ms, &bench.step);
    note(&bench);
    cr_expect(is_pcp(&bench, 0, 0));
    mapper_on_refusal(&bench.mapper, bench.now_ms, &bench.step);
    cr_expect_eq(bench.mapper.state, MAPPER_GONE);

    bench = bench_new(); /* nothing to take back */
    while (bench.mapper.state != MAPPER_RESTING)
        wait(&bench);
    mapper_stop(&bench.mapper, bench.now_ms, &bench.step);
    cr_expect(bench.mapper.state == MAPPER_GONE && bench.step.size == 0);
}
