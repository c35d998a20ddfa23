/* Snapshot sync from members that lie, stall and move on. Checkpoint c of the simulated ledger is
 * at height 100 c; one chunk of ten changes from one to the next. */
#include "node/sync/checkpoint.h"

#include <criterion/criterion.h>

#include "tests/unit/node/sync/bunch.h"

enum habit {
    HONEST = BUNCH_HONEST,
    SILENT,
    FORGER,  /* other bytes than it offered */
    DENIER,  /* offers, and then it is not there */
    STALLER, /* offers, and nothing more comes */
    FANTAST, /* offers a checkpoint that there is not */
    HABITS
};

static struct bench {
    struct checkpoint_sync *sync;
    unsigned newest; /* checkpoint that members serve, and the one before */
    uint32_t chunks; /* of each */
    unsigned chunks_asked[BUNCH_PEERS], fetched;
    unsigned rebuilt, done;
    bool rebuilds_badly;
    struct checkpoint_offer taken;
} bench;

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

static struct checkpoint_offer offer_of(unsigned checkpoint)
{
    return (struct checkpoint_offer){.height = 100 * checkpoint,
                                     .block = {{0xbb, (uint8_t)checkpoint}},
                                     .manifest = manifest_of(checkpoint),
                                     .manifest_size = 90 * bench.chunks,
                                     .chunks = bench.chunks};
}

/* ---- The peers ------------------------------------------------------------------------------- */

static void on_peer(unsigned peer)
{
    checkpoint_sync_on_peer(bench.sync, peer, true);
}

/* Connected, but no member. */
static void connect_follower(unsigned peer)
{
    bunch.is_up[peer] = true;
    checkpoint_sync_on_peer(bench.sync, peer, false);
}

static void on_gone(unsigned peer)
{
    checkpoint_sync_on_gone(bench.sync, peer);
}

static void tell_offers(unsigned peer)
{
    struct checkpoint_offers offers = {.count = 2};
    offers.offers[0] = offer_of(bench.newest - 1);
    offers.offers[1] = offer_of(bench.newest);
    if (bunch.habits[peer] == FANTAST) {
        offers.offers[1].height += 1000;
        offers.offers[1].manifest.bytes[0] = 0xff;
    }
    checkpoint_sync_on_offers(bench.sync, peer, &offers, bunch.now_ms);
}

static bool has(unsigned peer, const struct checkpoint_offer *offer)
{
    const unsigned checkpoint = (unsigned)(offer->height / 100);
    return bunch.habits[peer] != DENIER
           && (checkpoint == bench.newest || checkpoint == bench.newest - 1);
}

static void tell_manifest(unsigned peer, const struct checkpoint_offer *offer)
{
    hash256 hash = offer->manifest, *chunks;
    hash.bytes[1] ^= bunch.habits[peer] == FORGER;
    const enum checkpoint_verdict verdict = checkpoint_sync_on_manifest(
        bench.sync, peer, &offer->manifest, has(peer, offer) ? &hash : NULL, bunch.now_ms);
    if (verdict != CHECKPOINT_TAKE)
        return;
    cr_assert(hash256_equal(&hash, &offer->manifest), "seed %lu", bunch.seed);
    chunks = memory_new(bench.chunks * sizeof *chunks);
    for (uint32_t i = 0; i < bench.chunks; i++)
        chunks[i] = chunk_of((unsigned)(offer->height / 100), i);
    checkpoint_sync_on_entries(bench.sync, chunks, bench.chunks, bunch.now_ms);
    free(chunks);
}

static void tell_chunk(unsigned peer, const struct checkpoint_offer *offer, uint32_t index)
{
    const struct chunk_answer answer = {.manifest = offer->manifest, .index = index};
    hash256 hash = chunk_of((unsigned)(offer->height / 100), index);
    hash.bytes[9] ^= bunch.habits[peer] == FORGER;
    const enum checkpoint_verdict verdict = checkpoint_sync_on_chunk(
        bench.sync, peer, &answer, has(peer, offer) ? &hash : NULL, bunch.now_ms);
    bench.fetched += verdict == CHECKPOINT_TAKE;
}

static void answer(const struct bunch_request *request)
{
    const struct checkpoint_action *asked = &request->part;
    const unsigned habit = bunch.habits[request->peer];
    if (habit == SILENT || (habit == STALLER && asked->kind != CHECKPOINT_ASK_OFFERS))
        return;
    switch (asked->kind) {
    case CHECKPOINT_ASK_OFFERS: tell_offers(request->peer); break;
    case CHECKPOINT_ASK_MANIFEST: tell_manifest(request->peer, &asked->offer); break;
    case CHECKPOINT_ASK_CHUNK: tell_chunk(request->peer, &asked->offer, asked->index); break;
    default: break;
    }
}

/* ---- What the machine wants done ------------------------------------------------------------- */

static void rebuild(void)
{
    const bool is_good = !bench.rebuilds_badly;
    bench.rebuilt++;
    bench.rebuilds_badly = false;
    checkpoint_sync_on_rebuilt(bench.sync, is_good, bunch.now_ms);
}

static void work(void)
{
    struct checkpoint_action action;
    while (checkpoint_sync_take(bench.sync, bunch.now_ms, &action)) {
        switch (action.kind) {
        case CHECKPOINT_ASK_OFFERS:
        case CHECKPOINT_ASK_MANIFEST:
        case CHECKPOINT_ASK_CHUNK:
            bunch_ask((struct bunch_request){.peer = action.peer, .part = action});
            bench.chunks_asked[action.peer] += action.kind == CHECKPOINT_ASK_CHUNK;
            if (action.kind == CHECKPOINT_ASK_MANIFEST)
                bench.taken = action.offer;
            break;
        case CHECKPOINT_FAULT: bunch_blame(action.peer); break;
        case CHECKPOINT_REBUILD:
            bench.taken = action.offer;
            rebuild();
            break;
        case CHECKPOINT_DONE: bench.done++; break;
        }
    }
}

static uint64_t next_ms(void)
{
    return checkpoint_sync_next_ms(bench.sync);
}

static bool is_over(void)
{
    return bench.done > 0;
}

/* ---- What the tests say ---------------------------------------------------------------------- */

static void stop(void)
{
    checkpoint_sync_free(bench.sync);
}

TestSuite(checkpoint_sync, .fini = stop);

static void start_seed(uint64_t seed, uint64_t height_least, unsigned agree)
{
    static const struct bunch_machine machine = {on_peer, on_gone, answer, work, next_ms, is_over};
    stop();
    bunch_start(&machine, seed);
    bench = (struct bench){.newest = 20, .chunks = 10};
    bench.sync = checkpoint_sync_new(height_least, agree, bunch.now_ms);
}

/* Checkpoint 20, of so many chunks, is the newest; it is taken if `agree` members offer it. */
static void start(uint32_t chunks, unsigned agree)
{
    start_seed(0, 0, agree);
    bench.chunks = chunks;
}

/* The first `count` peers, all honest members. */
static void connect_members(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bunch_connect(i, HONEST);
}

/* Peer 0, which is alone, offers checkpoint 20, and is asked for its manifest. */
static void come_to_manifest(void)
{
    bunch_connect(0, HONEST);
    bunch_work();
    tell_offers(0);
    bunch_work();
}

/* Until so many chunks are here. */
static void run_to(unsigned fetched)
{
    bunch_work();
    while (bench.fetched < fetched && bunch_step())
        continue;
}

/* How many chunks are asked of that peer. */
static unsigned chunks_open(unsigned peer)
{
    unsigned count = 0;
    for (size_t i = 0; i < bunch.open_count; i++)
        count += bunch.open[i].part.kind == CHECKPOINT_ASK_CHUNK && bunch.open[i].peer == peer;
    return count;
}

Test(checkpoint_sync, fetches_the_newest_checkpoint_from_all_members)
{
    start(1000, 2);
    connect_members(4);
    bunch_run(600000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.taken.height, 2000);
    cr_expect_eq(bench.fetched, 1000);
    for (unsigned i = 0; i < 4; i++)
        cr_expect_gt(bench.chunks_asked[i], 150, "member %u", i);
    cr_expect_eq(checkpoint_sync_next_ms(bench.sync), UINT64_MAX);
    uint32_t here, total;
    checkpoint_sync_progress(bench.sync, &here, &total);
    cr_expect_eq(here, 1000);
    cr_expect_eq(total, 1000);
}

Test(checkpoint_sync, has_at_most_16_chunks_under_way_and_4_at_a_peer)
{
    start(1000, 1);
    connect_members(6);
    run_to(1);
    unsigned open = 0;
    for (unsigned peer = 0; peer < 6; peer++) {
        cr_expect_leq(chunks_open(peer), CHECKPOINT_PEER_OPEN_MAX);
        open += chunks_open(peer);
    }
    cr_expect_eq(open, CHECKPOINT_OPEN_MAX);
}

Test(checkpoint_sync, takes_nothing_on_which_too_few_agree)
{
    start(10, 2);
    bunch_connect(0, HONEST);
    bunch_connect(1, FANTAST);
    bunch_run(100000);
    cr_expect_eq(bench.taken.height, 1900, "both offer that one");

    start(10, 3);
    connect_members(2);
    bunch_run(100000);
    cr_expect_eq(bench.done, 0);
}

Test(checkpoint_sync, counts_only_members_for_agreement)
{
    start(10, 2);
    bunch_connect(0, HONEST);
    connect_follower(1);
    connect_follower(2);
    bunch_run(100000);
    cr_expect_eq(bench.done, 0);
    bunch_connect(3, HONEST);
    bunch_run(100000);
    cr_expect_eq(bench.done, 1);
    cr_expect_gt(bench.chunks_asked[1] + bench.chunks_asked[2], 0, "and anybody serves");
}

Test(checkpoint_sync, takes_none_below_the_least_height)
{
    start_seed(0, 2001, 1);
    bunch_connect(0, HONEST);
    bunch_run(200000);
    cr_expect_eq(bench.done, 0);
    bench.newest = 21;
    bunch_run(200000);
    cr_expect_eq(bench.taken.height, 2100);
    cr_expect_eq(bench.done, 1);
}

static void expect_done_beside(enum habit habit, unsigned faults)
{
    start(200, 2);
    bunch_connect(0, habit);
    bunch_connect(1, HONEST);
    bunch_connect(2, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done, 1, "habit %d", habit);
    cr_expect_eq(bunch.faults, faults, "habit %d", habit);
    cr_expect_eq(bunch.honest_faults, 0, "habit %d", habit);
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
    start(10, 2);
    bunch_connect(0, FORGER);
    bunch_connect(1, FORGER);
    bunch_run(20000);
    cr_expect_eq(bunch.faults, 2);
    bunch_connect(2, HONEST);
    bunch_connect(3, HONEST);
    bunch_run(100000);
    cr_expect_eq(bench.done, 1);
}

/* celestia#5098: counts that do not fit, before anything of that size is made. */
Test(checkpoint_sync, refuses_a_manifest_of_another_count_than_was_offered)
{
    start(10, 1);
    come_to_manifest();
    const hash256 manifest = manifest_of(20);
    const hash256 chunks[11] = {{{1}}};
    cr_assert_eq(checkpoint_sync_on_manifest(bench.sync, 0, &manifest, &manifest, BUNCH_START_MS),
                 CHECKPOINT_TAKE);
    bunch_work();
    checkpoint_sync_on_entries(bench.sync, chunks, 11, BUNCH_START_MS);
    bunch_work();
    cr_expect_eq(bunch.faults, 1, "who offered it lied");
    uint32_t here, total;
    checkpoint_sync_progress(bench.sync, &here, &total);
    cr_expect_eq(total, 0);
}

Test(checkpoint_sync, wants_only_what_it_asked_for_and_has_not)
{
    start(10, 1);
    connect_members(2);
    const struct checkpoint_offer offer = offer_of(20);
    struct chunk_answer chunk = {.manifest = offer.manifest, .index = 3};
    cr_expect_not(checkpoint_sync_wants(bench.sync, 0, SYNC_CHUNK, &chunk), "nothing is chosen");
    run_to(1);
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
}

Test(checkpoint_sync, overtaken_keeps_the_chunks_that_did_not_change)
{
    start(500, 2);
    connect_members(3);
    run_to(300);
    bench.newest = 25; /* nobody serves 20 any more */
    bunch_run(600000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.taken.height, 2500);
    cr_expect_eq(bunch.faults, 0);
    cr_expect_geq(bench.fetched, 500);
    cr_expect_leq(bench.fetched, 660, "%u: half of what was here changed", bench.fetched);
}

Test(checkpoint_sync, fetches_nothing_that_was_stored_in_an_earlier_run)
{
    start(100, 1);
    for (uint32_t i = 0; i < 90; i++) {
        const hash256 chunk = chunk_of(20, i);
        checkpoint_sync_on_stored(bench.sync, &chunk);
    }
    bunch_connect(0, HONEST);
    bunch_run(100000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.fetched, 10);
}

Test(checkpoint_sync, does_not_take_again_what_led_to_another_state_root)
{
    start(20, 1);
    bench.rebuilds_badly = true;
    bunch_connect(0, HONEST); /* offers 19, too */
    bunch_run(10000);
    cr_expect_eq(bench.rebuilt, 1);
    cr_expect_eq(bench.done, 0);
    cr_expect_eq(bunch.faults, 1);
    bunch_connect(1, HONEST);
    bunch_run(100000);
    cr_expect_eq(bench.done, 1);
    cr_expect_eq(bench.taken.height, 1900, "the one before it");
}

Test(checkpoint_sync, takes_a_chunk_that_comes_late)
{
    start(1, 1);
    come_to_manifest();
    const struct checkpoint_offer offer = offer_of(20);
    tell_manifest(0, &offer);
    bunch.habits[0] = SILENT;
    bunch_work();
    bunch.now_ms += SYNC_STALL_MS;
    bunch_work();
    bunch.habits[0] = HONEST;
    tell_chunk(0, &offer, 0);
    bunch_work();
    cr_expect_eq(bench.done, 1);
}

/* Two members that are honest and stay; of the others, fewer agree on what there is not. */
static void gather(void)
{
    unsigned fantasts = 0;
    bunch.stays[0] = bunch.stays[1] = true;
    connect_members(2);
    for (unsigned i = 2; i < BUNCH_PEERS; i++) {
        const enum habit habit = (enum habit)(bunch_draw() % HABITS);
        fantasts += habit == FANTAST;
        bunch_connect(i, habit == FANTAST && fantasts > 1 ? SILENT : habit);
    }
}

Test(checkpoint_sync, is_done_with_enough_honest_members_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        start_seed(seed, 0, 2);
        bench.chunks = 1 + (uint32_t)(bunch_draw() % 400);
        gather();
        bunch_work();
        for (unsigned i = 0; i < 50000 && bench.done == 0 && bunch_step(); i++) {
            bench.newest += bunch_draw() % 500 == 0;
            bunch_come_or_go(3, 0);
        }
        cr_expect_eq(bench.done, 1, "seed %lu", seed);
        cr_expect_eq(bunch.honest_faults, 0, "seed %lu", seed);
    }
}
