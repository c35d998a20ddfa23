/* Snapshot sync from members that lie, stall and move on. Checkpoint c of the simulated ledger is
 * at height 100 c; one chunk of ten changes from one to the next. */
#include "node/sync/checkpoint.h"

#include <criterion/criterion.h>

#define PEERS       7
#define START       100000
#define PENDING_MAX 64

enum habit {
    HONEST,
    SILENT,
    FORGER,  /* other bytes than it offered */
    DENIER,  /* offers, and then it is not there */
    STALLER, /* offers, and nothing more comes */
    FANTAST, /* offers a checkpoint that there is not */
    HABITS
};

struct pending {
    uint64_t at;
    struct checkpoint_action action;
};

struct bench {
    struct checkpoint_sync *sync;
    uint64_t now_ms, random, seed;
    unsigned newest; /* checkpoint that members serve, and the one before */
    uint32_t chunks;
    enum habit habits[PEERS];
    bool is_up[PEERS];
    struct pending pending[PENDING_MAX];
    size_t pending_count;
    unsigned asked[PEERS], owes[PEERS], faults, honest_faults;
    unsigned fetched; /* chunks that were stored */
    unsigned rebuilt, done;
    bool rebuilds_badly;
    struct checkpoint_offer taken;
};

static uint64_t draw(struct bench *bench)
{
    bench->random ^= bench->random << 13;
    bench->random ^= bench->random >> 7;
    bench->random ^= bench->random << 17;
    return bench->random;
}

static hash256 manifest_of(unsigned checkpoint)
{
    return (hash256){{0xaa, (uint8_t)(checkpoint >> 8), (uint8_t)checkpoint}};
}

static hash256 chunk_of(unsigned checkpoint, uint32_t index)
{
    const unsigned version = (checkpoint + index) / 10;
    return (hash256){{0xcc, (uint8_t)(version >> 8), (uint8_t)version, (uint8_t)(index >> 16),
                      (uint8_t)(index >> 8), (uint8_t)index}};
}

static struct checkpoint_offer offer_of(const struct bench *bench, unsigned checkpoint)
{
    return (struct checkpoint_offer){.height = 100 * checkpoint,
                                     .block = {{0xbb, (uint8_t)checkpoint}},
                                     .manifest = manifest_of(checkpoint),
                                     .manifest_size = 90 * bench->chunks,
                                     .chunks = bench->chunks};
}

static void bench_init(struct bench *bench, uint32_t chunks, unsigned agree)
{
    *bench = (struct bench){.now_ms = START, .random = 88172645463325252ULL};
    bench->newest = 20;
    bench->chunks = chunks;
    bench->sync = checkpoint_sync_new(0, agree, START);
}

static void connect(struct bench *bench, unsigned peer, enum habit habit)
{
    bench->is_up[peer] = true;
    bench->habits[peer] = habit;
    checkpoint_sync_on_peer(bench->sync, peer, true);
}

static void disconnect(struct bench *bench, unsigned peer)
{
    bench->is_up[peer] = false;
    bench->owes[peer] = 0;
    for (size_t i = bench->pending_count; i > 0; i--)
        if (bench->pending[i - 1].action.peer == peer)
            bench->pending[i - 1] = bench->pending[--bench->pending_count];
    checkpoint_sync_on_gone(bench->sync, peer);
}

static void tell_offers(struct bench *bench, unsigned peer)
{
    struct checkpoint_offers offers = {.count = 2};
    offers.offers[0] = offer_of(bench, bench->newest - 1);
    offers.offers[1] = offer_of(bench, bench->newest);
    if (bench->habits[peer] == FANTAST) {
        offers.offers[1].height += 1000;
        offers.offers[1].manifest.bytes[0] = 0xff;
    }
    checkpoint_sync_on_offers(bench->sync, peer, &offers, bench->now_ms);
}

static bool has(const struct bench *bench, unsigned peer, const struct checkpoint_offer *offer)
{
    const unsigned checkpoint = (unsigned)(offer->height / 100);
    return bench->habits[peer] != DENIER
           && (checkpoint == bench->newest || checkpoint == bench->newest - 1);
}

static void tell_manifest(struct bench *bench, unsigned peer, const struct checkpoint_offer *offer)
{
    hash256 hash = offer->manifest, *chunks;
    hash.bytes[1] ^= bench->habits[peer] == FORGER;
    const enum checkpoint_verdict verdict = checkpoint_sync_on_manifest(
        bench->sync, peer, &offer->manifest, has(bench, peer, offer) ? &hash : NULL, bench->now_ms);
    if (verdict != CHECKPOINT_TAKE)
        return;
    cr_assert(hash256_equal(&hash, &offer->manifest), "seed %lu", bench->seed);
    chunks = memory_new(bench->chunks * sizeof *chunks);
    for (uint32_t i = 0; i < bench->chunks; i++)
        chunks[i] = chunk_of((unsigned)(offer->height / 100), i);
    checkpoint_sync_on_entries(bench->sync, chunks, bench->chunks, bench->now_ms);
    free(chunks);
}

static void tell_chunk(struct bench *bench, unsigned peer, const struct checkpoint_offer *offer,
                       uint32_t index)
{
    const struct chunk_answer answer = {.manifest = offer->manifest, .index = index};
    hash256 hash = chunk_of((unsigned)(offer->height / 100), index);
    hash.bytes[9] ^= bench->habits[peer] == FORGER;
    const enum checkpoint_verdict verdict = checkpoint_sync_on_chunk(
        bench->sync, peer, &answer, has(bench, peer, offer) ? &hash : NULL, bench->now_ms);
    bench->fetched += verdict == CHECKPOINT_TAKE;
}

static void answer(struct bench *bench, const struct checkpoint_action *action)
{
    const unsigned peer = action->peer;
    bench->owes[peer] -= bench->owes[peer] > 0;
    if (!bench->is_up[peer] || bench->habits[peer] == SILENT)
        return;
    if (bench->habits[peer] == STALLER && action->kind != CHECKPOINT_ASK_OFFERS)
        return;
    switch (action->kind) {
    case CHECKPOINT_ASK_OFFERS: tell_offers(bench, peer); break;
    case CHECKPOINT_ASK_MANIFEST: tell_manifest(bench, peer, &action->offer); break;
    case CHECKPOINT_ASK_CHUNK: tell_chunk(bench, peer, &action->offer, action->index); break;
    default: break;
    }
}

static void work(struct bench *bench)
{
    struct checkpoint_action action;
    while (checkpoint_sync_take(bench->sync, bench->now_ms, &action)) {
        switch (action.kind) {
        case CHECKPOINT_ASK_OFFERS:
        case CHECKPOINT_ASK_MANIFEST:
        case CHECKPOINT_ASK_CHUNK:
            cr_assert(bench->is_up[action.peer], "seed %lu", bench->seed);
            bench->asked[action.peer] += action.kind == CHECKPOINT_ASK_CHUNK;
            if (action.kind == CHECKPOINT_ASK_MANIFEST)
                bench->taken = action.offer;
            if (bench->pending_count < PENDING_MAX)
                bench->pending[bench->pending_count++] =
                    (struct pending){bench->now_ms + 10 + draw(bench) % 90, action};
            break;
        case CHECKPOINT_FAULT:
            bench->faults++;
            bench->honest_faults += bench->habits[action.peer] == HONEST;
            break;
        case CHECKPOINT_REBUILD:
            bench->rebuilt++;
            bench->taken = action.offer;
            checkpoint_sync_on_rebuilt(bench->sync, !bench->rebuilds_badly, bench->now_ms);
            bench->rebuilds_badly = false;
            break;
        case CHECKPOINT_DONE: bench->done++; break;
        }
    }
    cr_assert_gt(checkpoint_sync_next_ms(bench->sync), bench->now_ms, "seed %lu spins",
                 bench->seed);
}

static bool step(struct bench *bench)
{
    uint64_t next = checkpoint_sync_next_ms(bench->sync);
    size_t due = bench->pending_count;
    for (size_t i = 0; i < bench->pending_count; i++)
        if (bench->pending[i].at < next) {
            next = bench->pending[i].at;
            due = i;
        }
    if (next == UINT64_MAX)
        return false;
    bench->now_ms = next > bench->now_ms ? next : bench->now_ms;
    if (due < bench->pending_count) {
        const struct pending taken = bench->pending[due];
        bench->pending[due] = bench->pending[--bench->pending_count];
        answer(bench, &taken.action);
    }
    work(bench);
    return true;
}

static void run(struct bench *bench, uint64_t most_ms)
{
    const uint64_t end = bench->now_ms + most_ms;
    work(bench);
    while (bench->now_ms < end && bench->done == 0 && step(bench))
        continue;
}

/* Until so many chunks are here. */
static void run_to(struct bench *bench, unsigned fetched)
{
    work(bench);
    while (bench->fetched < fetched && step(bench))
        continue;
}

Test(checkpoint_sync, fetches_the_newest_checkpoint_from_all_members)
{
    struct bench bench;
    bench_init(&bench, 1000, 2);
    for (unsigned i = 0; i < 4; i++)
        connect(&bench, i, HONEST);
    run(&bench, 600000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.taken.height, 2000);
    cr_expect_eq(bench.fetched, 1000);
    for (unsigned i = 0; i < 4; i++)
        cr_expect_gt(bench.asked[i], 150, "member %u", i);
    cr_expect_eq(checkpoint_sync_next_ms(bench.sync), UINT64_MAX);
    uint32_t here, total;
    checkpoint_sync_progress(bench.sync, &here, &total);
    cr_expect_eq(here, 1000);
    cr_expect_eq(total, 1000);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, has_at_most_16_chunks_under_way_and_4_at_a_peer)
{
    struct bench bench;
    bench_init(&bench, 1000, 1);
    for (unsigned i = 0; i < 6; i++)
        connect(&bench, i, HONEST);
    run_to(&bench, 1);
    unsigned open = 0;
    for (size_t i = 0; i < bench.pending_count; i++)
        open += bench.pending[i].action.kind == CHECKPOINT_ASK_CHUNK;
    cr_expect_eq(open, CHECKPOINT_OPEN_MAX);
    for (unsigned peer = 0; peer < 6; peer++) {
        unsigned at_peer = 0;
        for (size_t i = 0; i < bench.pending_count; i++)
            at_peer += bench.pending[i].action.kind == CHECKPOINT_ASK_CHUNK
                       && bench.pending[i].action.peer == peer;
        cr_expect_leq(at_peer, CHECKPOINT_PEER_OPEN_MAX);
    }
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, takes_nothing_on_which_too_few_agree)
{
    struct bench bench;
    bench_init(&bench, 10, 2);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, FANTAST);
    bench.newest = 20;
    run(&bench, 100000);
    cr_expect_eq(bench.taken.height, 1900, "both offer that one");
    checkpoint_sync_free(bench.sync);

    bench_init(&bench, 10, 3);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    run(&bench, 100000);
    cr_expect_eq(bench.done, 0);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, counts_only_members_for_agreement)
{
    struct bench bench;
    bench_init(&bench, 10, 2);
    connect(&bench, 0, HONEST);
    bench.is_up[1] = bench.is_up[2] = true;
    checkpoint_sync_on_peer(bench.sync, 1, false);
    checkpoint_sync_on_peer(bench.sync, 2, false);
    run(&bench, 100000);
    cr_expect_eq(bench.done, 0);
    connect(&bench, 3, HONEST);
    run(&bench, 100000);
    cr_expect_eq(bench.done, 1);
    cr_expect_gt(bench.asked[1] + bench.asked[2], 0, "and anybody serves");
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, takes_none_below_the_least_height)
{
    struct bench bench;
    bench_init(&bench, 10, 1);
    checkpoint_sync_free(bench.sync);
    bench.sync = checkpoint_sync_new(2001, 1, START);
    connect(&bench, 0, HONEST);
    run(&bench, 200000);
    cr_expect_eq(bench.done, 0);
    bench.newest = 21;
    run(&bench, 200000);
    cr_expect_eq(bench.taken.height, 2100);
    cr_expect_eq(bench.done, 1);
    checkpoint_sync_free(bench.sync);
}

static void expect_done_beside(enum habit habit, unsigned faults)
{
    struct bench bench;
    bench_init(&bench, 200, 2);
    connect(&bench, 0, habit);
    connect(&bench, 1, HONEST);
    connect(&bench, 2, HONEST);
    run(&bench, 3600000);
    cr_expect_eq(bench.done, 1, "habit %d", habit);
    cr_expect_eq(bench.faults, faults, "habit %d", habit);
    cr_expect_eq(bench.honest_faults, 0, "habit %d", habit);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, goes_on_beside_a_member_that_forges)
{
    expect_done_beside(FORGER, 1);
}

Test(checkpoint_sync, goes_on_beside_a_member_that_stalls)
{
    expect_done_beside(SILENT, 0);
    expect_done_beside(STALLER, 0);
}

Test(checkpoint_sync, goes_on_beside_a_member_that_has_not_what_it_offers)
{
    expect_done_beside(DENIER, 0);
}

Test(checkpoint_sync, asks_for_the_manifest_elsewhere_when_it_is_wrong)
{
    struct bench bench;
    bench_init(&bench, 10, 2);
    connect(&bench, 0, FORGER);
    connect(&bench, 1, FORGER);
    run(&bench, 20000);
    cr_expect_eq(bench.faults, 2);
    connect(&bench, 2, HONEST);
    connect(&bench, 3, HONEST);
    run(&bench, 100000);
    cr_expect_eq(bench.done, 1);
    checkpoint_sync_free(bench.sync);
}

/* celestia#5098: counts that do not fit, before anything of that size is made. */
Test(checkpoint_sync, refuses_a_manifest_of_another_count_than_was_offered)
{
    struct bench bench;
    bench_init(&bench, 10, 1);
    connect(&bench, 0, HONEST);
    work(&bench);
    tell_offers(&bench, 0);
    work(&bench);
    const hash256 manifest = manifest_of(20);
    const hash256 chunks[11] = {{{1}}};
    cr_assert_eq(checkpoint_sync_on_manifest(bench.sync, 0, &manifest, &manifest, START),
                 CHECKPOINT_TAKE);
    work(&bench);
    checkpoint_sync_on_entries(bench.sync, chunks, 11, START);
    work(&bench);
    cr_expect_eq(bench.faults, 1, "who offered it lied");
    uint32_t here, total;
    checkpoint_sync_progress(bench.sync, &here, &total);
    cr_expect_eq(total, 0);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, wants_only_what_it_asked_for_and_has_not)
{
    struct bench bench;
    bench_init(&bench, 10, 1);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    const struct checkpoint_offer offer = offer_of(&bench, 20);
    struct chunk_answer chunk = {.manifest = offer.manifest, .index = 3};
    cr_expect_not(checkpoint_sync_wants(bench.sync, 0, SYNC_CHUNK, &chunk), "nothing is chosen");
    run_to(&bench, 1);
    uint32_t stored = 0;
    for (uint32_t i = 0; i < 10; i++) {
        chunk.index = i;
        stored += !checkpoint_sync_wants(bench.sync, 0, SYNC_CHUNK, &chunk);
    }
    cr_expect_eq(stored, 1);
    chunk.index = 10;
    cr_expect_not(checkpoint_sync_wants(bench.sync, 0, SYNC_CHUNK, &chunk), "chunk 10 of 10");
    chunk.index = 9;
    cr_expect_not(checkpoint_sync_wants(bench.sync, 5, SYNC_CHUNK, &chunk), "a stranger");
    cr_expect_not(checkpoint_sync_wants(bench.sync, 1000, SYNC_CHUNK, &chunk));
    cr_expect_not(checkpoint_sync_wants(bench.sync, 0, SYNC_MANIFEST, &chunk), "it is here");
    chunk.manifest = manifest_of(19);
    cr_expect_not(checkpoint_sync_wants(bench.sync, 0, SYNC_CHUNK, &chunk), "another one");
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, overtaken_keeps_the_chunks_that_did_not_change)
{
    struct bench bench;
    bench_init(&bench, 500, 2);
    for (unsigned i = 0; i < 3; i++)
        connect(&bench, i, HONEST);
    run_to(&bench, 300);
    bench.newest = 25; /* nobody serves 20 any more */
    run(&bench, 600000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.taken.height, 2500);
    cr_expect_eq(bench.faults, 0);
    cr_expect_geq(bench.fetched, 500);
    cr_expect_leq(bench.fetched, 660, "%u: half of what was here changed", bench.fetched);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, fetches_nothing_that_was_stored_in_an_earlier_run)
{
    struct bench bench;
    bench_init(&bench, 100, 1);
    for (uint32_t i = 0; i < 90; i++) {
        const hash256 chunk = chunk_of(20, i);
        checkpoint_sync_on_stored(bench.sync, &chunk);
    }
    connect(&bench, 0, HONEST);
    run(&bench, 100000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.fetched, 10);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, does_not_take_again_what_led_to_another_state_root)
{
    struct bench bench;
    bench_init(&bench, 20, 1);
    bench.rebuilds_badly = true;
    connect(&bench, 0, FANTAST); /* offers 19, too */
    bench.habits[0] = HONEST;
    run(&bench, 10000);
    cr_expect_eq(bench.rebuilt, 1);
    cr_expect_eq(bench.done, 0);
    cr_expect_eq(bench.faults, 1);
    connect(&bench, 1, HONEST);
    run(&bench, 100000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.taken.height, 1900, "the one before it");
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, takes_a_chunk_that_comes_late)
{
    struct bench bench;
    bench_init(&bench, 1, 1);
    connect(&bench, 0, HONEST);
    work(&bench);
    tell_offers(&bench, 0);
    work(&bench);
    const struct checkpoint_offer offer = offer_of(&bench, 20);
    tell_manifest(&bench, 0, &offer);
    bench.habits[0] = SILENT;
    work(&bench);
    bench.now_ms += SYNC_STALL_MS;
    work(&bench);
    bench.habits[0] = HONEST;
    tell_chunk(&bench, 0, &offer, 0);
    work(&bench);
    cr_expect_eq(bench.done, 1);
    checkpoint_sync_free(bench.sync);
}

Test(checkpoint_sync, is_done_with_enough_honest_members_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct bench bench;
        bench_init(&bench, 1, 2);
        bench.seed = seed;
        bench.random ^= seed * 0x9e3779b97f4a7c15ULL;
        bench.chunks = 1 + (uint32_t)(draw(&bench) % 400);
        unsigned fantasts = 0; /* fewer than agree */
        for (unsigned i = 0; i < PEERS; i++) {
            enum habit habit = i < 2 ? HONEST : (enum habit)(draw(&bench) % HABITS);
            fantasts += habit == FANTAST;
            if (habit == FANTAST && fantasts > 1)
                habit = SILENT;
            connect(&bench, i, habit);
        }
        work(&bench);
        for (unsigned i = 0; i < 50000 && bench.done == 0 && step(&bench); i++) {
            bench.newest += draw(&bench) % 500 == 0;
            const unsigned peer = 2 + (unsigned)(draw(&bench) % (PEERS - 2));
            if (draw(&bench) % 100 > 2)
                continue;
            if (bench.is_up[peer])
                disconnect(&bench, peer);
            else
                connect(&bench, peer, bench.habits[peer]);
            work(&bench);
        }
        cr_expect_eq(bench.done, 1, "seed %lu", seed);
        cr_expect_eq(bench.honest_faults, 0, "seed %lu", seed);
        checkpoint_sync_free(bench.sync);
    }
}
