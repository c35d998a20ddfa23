/* Block sync against peers that lose, stall, lie, shrink and vanish, with the codec it has in the
 * node. A block of the simulated chain is its height and some padding; its hash follows from that. */
#include "node/sync/blocks.h"

#include <criterion/criterion.h>

#include "vm/base/cursor.h"

#define PEERS          8
#define START          100000
#define SEAL_SPACING   700 /* blocks of an epoch */
#define PENDING_MAX    256
#define RANGE_SIZE_MAX 2097152 /* of blocks in an answer, where there are several */

enum habit {
    HONEST,
    SILENT,     /* never answers */
    FORGER,     /* blocks that are not of the chain */
    BOASTER,    /* says it has more than there is */
    STUBBORN,   /* says that what it has is not there */
    GENEROUS,   /* more blocks than were asked for */
    SHIFTER,    /* other heights than were asked for */
    STINGY,     /* one block at a time */
    SEAL_JUMPER /* ranges that go past a seal */
};

struct pending {
    uint64_t at;
    unsigned peer;
    uint64_t first;
    unsigned count;
};

struct bench {
    struct block_sync *sync;
    uint64_t now_ms, random, seed;
    uint64_t tip; /* of the chain */
    size_t block_size;
    enum habit habits[PEERS];
    bool is_up[PEERS];
    unsigned owes[PEERS], asked[PEERS], loss_percent;
    struct pending pending[PENDING_MAX];
    size_t pending_count;
    uint64_t imported, synced;
    unsigned faults, honest_faults, diverged;
    size_t held_most;
    bool holds_back_jobs; /* the test gives the verdicts itself */
    struct block_sync_action job;
};

static uint64_t draw(struct bench *bench)
{
    bench->random ^= bench->random << 13;
    bench->random ^= bench->random >> 7;
    bench->random ^= bench->random << 17;
    return bench->random;
}

static hash256 hash_at(uint64_t height)
{
    hash256 hash = {{0xb0}};
    for (unsigned i = 0; i < 8; i++)
        hash.bytes[8 + i] = (uint8_t)(height >> (8 * i));
    return hash;
}

static void bench_init(struct bench *bench, uint64_t height, uint64_t tip)
{
    const hash256 hash = hash_at(height);
    *bench = (struct bench){.now_ms = START, .random = 88172645463325252ULL};
    bench->tip = tip;
    bench->imported = height;
    bench->block_size = 16;
    bench->sync = block_sync_new(height, &hash);
}

static void connect(struct bench *bench, unsigned peer, enum habit habit)
{
    bench->is_up[peer] = true;
    bench->habits[peer] = habit;
    block_sync_on_peer(bench->sync, peer, 1,
                       habit == BOASTER ? bench->tip + (1ULL << 60) : bench->tip, bench->now_ms);
}

static void disconnect(struct bench *bench, unsigned peer)
{
    bench->is_up[peer] = false;
    bench->owes[peer] = 0;
    for (size_t i = bench->pending_count; i > 0; i--)
        if (bench->pending[i - 1].peer == peer)
            bench->pending[i - 1] = bench->pending[--bench->pending_count];
    block_sync_on_gone(bench->sync, peer);
}

static uint64_t epoch_of(uint64_t height)
{
    return (height - 1) / SEAL_SPACING;
}

static void put_block(struct buffer *out, uint64_t height, bool is_forged, size_t size)
{
    buffer_append_u64_be(out, is_forged ? height + (1ULL << 40) : height);
    memset(buffer_extend(out, size - 8), 0, size - 8);
}

/* What a peer with that habit answers, as it stands on the wire; empty: nothing. */
static void make_answer(struct bench *bench, const struct pending *request, struct buffer *wire)
{
    const enum habit habit = bench->habits[request->peer];
    struct buffer blocks = {0};
    struct span_answer answer = {.first = request->first};
    if (habit == SHIFTER)
        answer.first += 1 + draw(bench) % 200;
    const bool is_made_up = habit == FORGER || habit == SHIFTER;
    unsigned most = habit == STINGY ? 1 : request->count;
    if (habit == GENEROUS && most < SYNC_BLOCKS_MAX)
        most++;
    for (uint64_t height = answer.first; habit != STUBBORN && answer.count < most; height++) {
        if ((height > bench->tip && !is_made_up)
            || (answer.count > 0 && blocks.size + bench->block_size > RANGE_SIZE_MAX))
            break;
        put_block(&blocks, height, habit == FORGER, bench->block_size);
        answer.count++;
        if (height % SEAL_SPACING == 0 && habit != SEAL_JUMPER)
            break;
    }
    answer.content = buffer_view(&blocks);
    const struct sync_message message = {.kind = SYNC_RANGE, .span = answer};
    sync_message_encode(&message, wire);
    buffer_cleanup(&blocks);
}

static void deliver(struct bench *bench, unsigned from, struct bytes wire)
{
    struct sync_message message;
    cr_assert(sync_message_decode(&message, wire), "seed %lu", bench->seed);
    block_sync_on_range(bench->sync, from, &message.span, wire, bench->now_ms);
}

static void answer(struct bench *bench, const struct pending *request)
{
    struct buffer wire = {0};
    if (bench->owes[request->peer] > 0)
        bench->owes[request->peer]--;
    if (!bench->is_up[request->peer] || bench->habits[request->peer] == SILENT
        || draw(bench) % 100 < bench->loss_percent)
        return;
    make_answer(bench, request, &wire);
    deliver(bench, request->peer, buffer_view(&wire));
    buffer_cleanup(&wire);
}

/* The ledger's side: whether these are the blocks, and the epoch's record is known. */
static enum range_verdict judge(struct bench *bench, const struct block_sync_action *job,
                                hash256 hashes[SYNC_BLOCKS_MAX])
{
    struct sync_message message;
    cr_assert(sync_message_decode(&message, job->answer));
    cr_assert_eq(message.span.first, job->first);
    cr_assert_eq(message.span.count, job->count);
    enum range_verdict verdict = RANGE_GOOD;
    if (epoch_of(job->first + job->count - 1) != epoch_of(bench->imported + 1))
        verdict = RANGE_EARLY;
    struct cursor in = cursor_over(message.span.content.data, message.span.content.size);
    for (unsigned i = 0; i < message.span.count; i++) {
        if (cursor_u64_be(&in) != job->first + i)
            verdict = RANGE_BAD;
        cursor_take(&in, bench->block_size - 8);
        hashes[i] = hash_at(job->first + i);
    }
    cr_assert(cursor_finished(&in));
    return verdict;
}

static void verify(struct bench *bench, const struct block_sync_action *job)
{
    hash256 hashes[SYNC_BLOCKS_MAX];
    const hash256 parent = hash_at(job->first - 1);
    const enum range_verdict verdict = judge(bench, job, hashes);
    block_sync_on_verified(bench->sync, job->range, verdict, &parent, hashes, bench->now_ms);
}

static void import(struct bench *bench, const struct block_sync_action *job)
{
    cr_assert_eq(job->first, bench->imported + 1, "seed %lu: in order", bench->seed);
    bench->imported = job->first + job->count - 1;
    cr_assert_leq(bench->imported, bench->tip, "seed %lu: nothing that is not final", bench->seed);
    block_sync_on_imported(bench->sync, job->range, IMPORT_DONE, bench->now_ms);
    cr_assert_eq(block_sync_height(bench->sync), bench->imported);
}

static void request(struct bench *bench, const struct block_sync_action *action)
{
    cr_assert(bench->is_up[action->peer], "seed %lu", bench->seed);
    cr_assert(action->count >= 1 && action->count <= SYNC_BLOCKS_MAX);
    cr_assert_leq(action->first, bench->imported + 1 + BLOCK_SYNC_AHEAD_MAX);
    bench->asked[action->peer]++;
    bench->owes[action->peer]++;
    if (bench->pending_count == PENDING_MAX)
        return;
    bench->pending[bench->pending_count++] = (struct pending){
        bench->now_ms + 10 + draw(bench) % 90, action->peer, action->first, action->count};
}

/* Carries out what is to be done now. */
static void work(struct bench *bench)
{
    struct block_sync_action action;
    while (block_sync_take(bench->sync, bench->now_ms, &action)) {
        switch (action.kind) {
        case BLOCK_SYNC_REQUEST: request(bench, &action); break;
        case BLOCK_SYNC_VERIFY:
        case BLOCK_SYNC_IMPORT:
            bench->job = action;
            if (!bench->holds_back_jobs && action.kind == BLOCK_SYNC_VERIFY)
                verify(bench, &action);
            else if (!bench->holds_back_jobs)
                import(bench, &action);
            break;
        case BLOCK_SYNC_FAULT:
            bench->faults++;
            bench->honest_faults += bench->habits[action.peer] == HONEST;
            break;
        case BLOCK_SYNC_SYNCED: {
            const hash256 hash = hash_at(action.first);
            cr_expect(hash256_equal(&action.hash, &hash));
            bench->synced = action.first;
            break;
        }
        case BLOCK_SYNC_DIVERGED: bench->diverged++; break;
        }
    }
    const size_t held = block_sync_held_bytes(bench->sync);
    bench->held_most = held > bench->held_most ? held : bench->held_most;
    cr_assert_leq(held, BLOCK_SYNC_HELD_MAX + SYNC_MESSAGE_SIZE_MAX, "seed %lu", bench->seed);
    cr_assert_gt(block_sync_next_ms(bench->sync), bench->now_ms, "seed %lu spins", bench->seed);
}

/* To the next answer or timer; false if there is none. */
static bool step(struct bench *bench)
{
    uint64_t next = block_sync_next_ms(bench->sync);
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
        answer(bench, &taken);
    }
    work(bench);
    return true;
}

static void run(struct bench *bench, uint64_t most_ms)
{
    const uint64_t end = bench->now_ms + most_ms;
    work(bench);
    while (bench->now_ms < end && bench->imported < bench->tip && step(bench))
        continue;
}

static void want(struct bench *bench, uint64_t height)
{
    const hash256 hash = hash_at(height);
    block_sync_on_target(bench->sync, &hash, bench->now_ms);
}

/* Delivers an answer of `from` to a request for `count` blocks from `first` on. */
static void tell(struct bench *bench, unsigned from, uint64_t first, unsigned count)
{
    struct buffer wire = {0};
    const struct pending asked = {0, from, first, count};
    make_answer(bench, &asked, &wire);
    deliver(bench, from, buffer_view(&wire));
    buffer_cleanup(&wire);
}

static unsigned total_asked(const struct bench *bench)
{
    unsigned total = 0;
    for (unsigned i = 0; i < PEERS; i++)
        total += bench->asked[i];
    return total;
}

/* ---- what it is for ---- */

Test(block_sync, fetches_one_missing_block)
{
    struct bench bench;
    bench_init(&bench, 9, 10);
    connect(&bench, 2, HONEST);
    want(&bench, 10);
    work(&bench);
    cr_expect_eq(total_asked(&bench), 0, "it may come by the engine's own way");
    run(&bench, 60000);
    cr_expect_eq(bench.imported, 10);
    cr_expect_eq(bench.synced, 10);
    cr_expect_eq(total_asked(&bench), 1);
    cr_expect_not(block_sync_is_running(bench.sync));
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    block_sync_free(bench.sync);
}

Test(block_sync, asks_nothing_when_the_block_comes_by_the_engines_own_way)
{
    struct bench bench;
    bench_init(&bench, 9, 10);
    connect(&bench, 2, HONEST);
    want(&bench, 10);
    work(&bench);
    const hash256 hash = hash_at(10);
    block_sync_on_head(bench.sync, 10, &hash);
    work(&bench);
    cr_expect_eq(bench.synced, 10);
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    cr_expect_eq(total_asked(&bench), 0);
    block_sync_free(bench.sync);
}

Test(block_sync, fetches_a_hundred_thousand_blocks_from_two_peers)
{
    struct bench bench;
    bench_init(&bench, 0, 100000);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    run(&bench, 10000000);
    cr_expect_eq(bench.imported, 100000);
    cr_expect_lt(bench.now_ms - START, 60000, "many at once: %lu", bench.now_ms - START);
    cr_expect_gt(bench.asked[0], 300);
    cr_expect_gt(bench.asked[1], 300);
    cr_expect_eq(bench.faults, 0);
    block_sync_free(bench.sync);
}

Test(block_sync, has_at_most_16_ranges_under_way_and_8_at_a_peer)
{
    struct bench bench;
    bench_init(&bench, 0, 100000);
    for (unsigned i = 0; i < 4; i++) {
        connect(&bench, i, HONEST);
        work(&bench);
        cr_expect_eq(total_asked(&bench), i == 0 ? 8 : 16, "%u peers", i + 1);
    }
    for (unsigned i = 0; i < 4; i++)
        cr_expect_leq(bench.asked[i], BLOCK_SYNC_PEER_OPEN_MAX);
    block_sync_free(bench.sync);
}

Test(block_sync, asks_only_who_has_the_range)
{
    struct bench bench;
    bench_init(&bench, 100, 5000);
    bench.is_up[0] = bench.is_up[1] = bench.is_up[2] = true;
    block_sync_on_peer(bench.sync, 0, 102, 5000, START);
    block_sync_on_peer(bench.sync, 1, 1, 100, START);
    work(&bench);
    cr_expect_eq(total_asked(&bench), 0, "nobody has block 101");
    cr_expect(block_sync_needs_checkpoint(bench.sync));
    block_sync_on_peer(bench.sync, 2, 101, 150, START);
    cr_expect_not(block_sync_needs_checkpoint(bench.sync));
    run(&bench, 1000);
    cr_expect_eq(bench.asked[1], 0);
    cr_expect_geq(bench.imported, 150);
    block_sync_free(bench.sync);
}

Test(block_sync, a_target_of_which_nobody_says_that_he_has_it_is_asked_for)
{
    struct bench bench;
    bench_init(&bench, 9, 9);
    connect(&bench, 3, HONEST);
    bench.tip = 11; /* and no STATUS since */
    want(&bench, 11);
    run(&bench, 60000);
    cr_expect_eq(bench.synced, 11);
    block_sync_free(bench.sync);
}

Test(block_sync, tells_of_a_target_in_the_middle_of_a_range)
{
    struct bench bench;
    bench_init(&bench, 0, 500);
    connect(&bench, 0, HONEST);
    want(&bench, 333);
    run(&bench, 60000);
    cr_expect_eq(bench.imported, 500);
    cr_expect_eq(bench.synced, 333);
    want(&bench, 333);
    bench.synced = 0;
    work(&bench);
    cr_expect_eq(bench.synced, 333, "once more for who asks once more");
    want(&bench, 500);
    work(&bench);
    cr_expect_eq(bench.synced, 500, "the head itself");
    block_sync_free(bench.sync);
}

Test(block_sync, does_nothing_for_a_target_that_is_no_more)
{
    struct bench bench;
    bench_init(&bench, 9, 20);
    connect(&bench, 0, HONEST);
    want(&bench, 20);
    block_sync_on_target(bench.sync, NULL, START);
    work(&bench);
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    cr_expect_eq(total_asked(&bench), 0);
    block_sync_free(bench.sync);
}

Test(block_sync, goes_on_above_a_head_that_others_moved)
{
    struct bench bench;
    bench_init(&bench, 0, 1000);
    connect(&bench, 0, HONEST);
    work(&bench);
    const hash256 hash = hash_at(200);
    bench.imported = 200;
    block_sync_on_head(bench.sync, 200, &hash);
    run(&bench, 60000);
    cr_expect_eq(bench.imported, 1000);
    block_sync_free(bench.sync);
}

/* ---- who lies, stalls or vanishes ---- */

/* A height that is claimed without a proof moves nothing, and costs a request now and then. */
Test(block_sync, believes_no_claim)
{
    struct bench bench;
    bench_init(&bench, 10, 10);
    connect(&bench, 0, BOASTER);
    bench.habits[0] = BOASTER;
    run(&bench, 1000);
    const uint64_t end = bench.now_ms + 3600000;
    while (bench.now_ms < end && step(&bench))
        continue;
    cr_expect_eq(bench.imported, 10);
    cr_expect_leq(total_asked(&bench), 200, "an hour: %u", total_asked(&bench));
    block_sync_free(bench.sync);
}

/* CVE-2025-24371. */
Test(block_sync, drops_a_peer_that_lowers_its_claim)
{
    struct bench bench;
    bench_init(&bench, 0, 1000);
    connect(&bench, 0, SILENT);
    work(&bench);
    cr_expect_gt(bench.asked[0], 0);
    block_sync_on_peer(bench.sync, 0, 1, 999, bench.now_ms);
    connect(&bench, 1, HONEST);
    work(&bench);
    cr_expect_eq(bench.faults, 1);
    cr_expect_gt(bench.asked[1], 0, "what it owed is asked of another");
    const unsigned before = bench.asked[0];
    run(&bench, 60000);
    cr_expect_eq(bench.asked[0], before);
    cr_expect_eq(bench.imported, 1000);
    disconnect(&bench, 0);
    block_sync_on_peer(bench.sync, 0, 1, 10, bench.now_ms);
    work(&bench);
    cr_expect_eq(bench.faults, 1, "anew connected it may say anything");
    block_sync_free(bench.sync);
}

Test(block_sync, asks_another_peer_when_one_stalls)
{
    struct bench bench;
    bench_init(&bench, 0, 100);
    connect(&bench, 0, SILENT);
    work(&bench);
    cr_expect_eq(bench.asked[0], 1);
    connect(&bench, 1, HONEST);
    work(&bench);
    cr_expect_eq(bench.asked[1], 0);
    bench.now_ms += SYNC_STALL_MS - 1;
    work(&bench);
    cr_expect_eq(bench.asked[1], 0);
    bench.now_ms += 1;
    work(&bench);
    cr_expect_gt(bench.asked[1], 0);
    run(&bench, 60000);
    cr_expect_eq(bench.imported, 100);
    cr_expect_eq(bench.faults, 0, "slow is no fault");
    block_sync_free(bench.sync);
}

/* Eight answers are owed, and one pause follows: the next request comes after it, and is smaller. */
Test(block_sync, a_stall_is_one_strike_whatever_was_owed)
{
    struct bench bench;
    bench_init(&bench, 0, 100000);
    connect(&bench, 0, SILENT);
    work(&bench);
    cr_assert_eq(bench.asked[0], BLOCK_SYNC_PEER_OPEN_MAX);
    bench.now_ms += SYNC_STALL_MS;
    bench.pending_count = 0;
    work(&bench);
    cr_expect_eq(bench.asked[0], BLOCK_SYNC_PEER_OPEN_MAX);
    bench.now_ms += SYNC_PAUSE_MS;
    work(&bench);
    cr_expect_eq(bench.asked[0], BLOCK_SYNC_PEER_OPEN_MAX + 1, "one, until it answers");
    cr_assert_eq(bench.pending_count, 1);
    cr_expect_eq(bench.pending[0].first, 1);
    cr_expect_eq(bench.pending[0].count, SYNC_BLOCKS_MAX / 2, "the way may be slow");
    block_sync_free(bench.sync);
}

Test(block_sync, who_connects_with_the_number_of_another_is_asked_and_not_blamed)
{
    struct bench bench;
    bench_init(&bench, 0, 50);
    bench.holds_back_jobs = true;
    connect(&bench, 0, FORGER);
    work(&bench);
    tell(&bench, 0, 1, 50);
    work(&bench);
    cr_assert_eq(bench.job.kind, BLOCK_SYNC_VERIFY);
    disconnect(&bench, 0);
    connect(&bench, 0, HONEST);
    bench.holds_back_jobs = false;
    verify(&bench, &bench.job);
    work(&bench);
    cr_expect_eq(bench.faults, 0);
    cr_expect_eq(bench.asked[0], 2, "at once");
    run(&bench, 1000);
    cr_expect_eq(bench.imported, 50);
    block_sync_free(bench.sync);
}

Test(block_sync, takes_an_answer_that_comes_late)
{
    struct bench bench;
    bench_init(&bench, 0, 40);
    connect(&bench, 0, SILENT);
    work(&bench);
    bench.now_ms += SYNC_STALL_MS;
    work(&bench);
    bench.habits[0] = HONEST;
    tell(&bench, 0, 1, 40);
    work(&bench);
    cr_expect_eq(bench.imported, 40);
    block_sync_free(bench.sync);
}

Test(block_sync, ignores_what_nobody_asked_for)
{
    struct bench bench;
    bench_init(&bench, 0, 1000);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    tell(&bench, 0, 1, 10);
    work(&bench);
    cr_expect_eq(bench.imported, 0);
    tell(&bench, 0, 5, 3);
    tell(&bench, 1, 900, 3);
    bench.habits[5] = HONEST;
    tell(&bench, 5, 1, 10);
    cr_expect_eq(block_sync_held_bytes(bench.sync), 0);
    cr_expect_eq(bench.faults, 0);
    block_sync_free(bench.sync);
}

static void expect_fault_and_progress(enum habit habit)
{
    struct bench bench;
    bench_init(&bench, 0, 2000);
    connect(&bench, 0, habit);
    connect(&bench, 1, HONEST);
    run(&bench, 600000);
    cr_expect_eq(bench.imported, 2000, "habit %d", habit);
    cr_expect_eq(bench.faults, 1, "habit %d", habit);
    cr_expect_eq(bench.honest_faults, 0, "habit %d", habit);
    block_sync_free(bench.sync);
}

Test(block_sync, drops_a_peer_that_forges_blocks)
{
    expect_fault_and_progress(FORGER);
}

Test(block_sync, drops_a_peer_that_goes_past_a_seal)
{
    expect_fault_and_progress(SEAL_JUMPER);
}

static void expect_progress(enum habit habit)
{
    struct bench bench;
    bench_init(&bench, 0, 2000);
    connect(&bench, 0, habit);
    connect(&bench, 1, HONEST);
    run(&bench, 3600000);
    cr_expect_eq(bench.imported, 2000, "habit %d", habit);
    block_sync_free(bench.sync);
}

Test(block_sync, goes_on_beside_a_peer_that_denies_what_it_has)
{
    expect_progress(STUBBORN);
}

/* It may answer an earlier request, which asked for more: no fault, and of no use. */
Test(block_sync, does_not_take_more_than_was_asked_for)
{
    struct bench bench;
    bench_init(&bench, 0, 100);
    connect(&bench, 0, GENEROUS);
    work(&bench);
    bench.tip = 200;
    tell(&bench, 0, 1, 100);
    work(&bench);
    cr_expect_eq(bench.imported, 0);
    cr_expect_eq(block_sync_held_bytes(bench.sync), 0);
    bench.habits[0] = HONEST;
    tell(&bench, 0, 1, 100);
    work(&bench);
    cr_expect_eq(bench.imported, 100);
    cr_expect_eq(bench.faults, 0);
    block_sync_free(bench.sync);
}

Test(block_sync, goes_on_beside_a_peer_that_sends_other_heights)
{
    expect_progress(SHIFTER);
}

Test(block_sync, goes_on_beside_a_peer_that_sends_one_block_at_a_time)
{
    expect_progress(STINGY);
}

/* ---- verdicts ---- */

Test(block_sync, judges_a_range_of_a_later_epoch_when_its_turn_comes)
{
    struct bench bench;
    bench_init(&bench, 0, 3 * SEAL_SPACING);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    run(&bench, 600000);
    cr_expect_eq(bench.imported, 3 * SEAL_SPACING);
    cr_expect_eq(bench.faults, 0);
    block_sync_free(bench.sync);
}

/* The verdict "early" of a range that has become the next one in the meantime. */
Test(block_sync, nobody_is_blamed_for_a_verdict_that_was_overtaken)
{
    struct bench bench;
    bench_init(&bench, 0, 200);
    bench.holds_back_jobs = true;
    connect(&bench, 0, HONEST);
    work(&bench);
    tell(&bench, 0, 129, 72);
    work(&bench);
    cr_assert_eq(bench.job.kind, BLOCK_SYNC_VERIFY);
    cr_assert_eq(bench.job.first, 129);
    const hash256 hash = hash_at(128);
    bench.imported = 128;
    block_sync_on_head(bench.sync, 128, &hash);
    block_sync_on_verified(bench.sync, bench.job.range, RANGE_EARLY, NULL, NULL, bench.now_ms);
    bench.holds_back_jobs = false;
    run(&bench, 60000);
    cr_expect_eq(bench.faults, 0);
    cr_expect_eq(bench.imported, 200);
    block_sync_free(bench.sync);
}

/* The head passed a seal while the range before it was judged. */
Test(block_sync, nobody_is_blamed_for_a_range_that_the_head_has_passed)
{
    struct bench bench;
    bench_init(&bench, 0, 100);
    bench.holds_back_jobs = true;
    connect(&bench, 0, HONEST);
    work(&bench);
    tell(&bench, 0, 1, 100);
    work(&bench);
    const hash256 hash = hash_at(100);
    bench.imported = 100;
    block_sync_on_head(bench.sync, 100, &hash);
    block_sync_on_verified(bench.sync, bench.job.range, RANGE_EARLY, NULL, NULL, bench.now_ms);
    work(&bench);
    cr_expect_eq(bench.faults, 0);
    cr_expect_eq(block_sync_held_bytes(bench.sync), 0);
    block_sync_free(bench.sync);
}

Test(block_sync, asks_elsewhere_for_parts_that_do_not_match_their_headers)
{
    struct bench bench;
    bench_init(&bench, 0, 50);
    connect(&bench, 0, HONEST);
    work(&bench);
    connect(&bench, 1, HONEST);
    tell(&bench, 0, 1, 50);
    struct block_sync_action action;
    while (block_sync_take(bench.sync, bench.now_ms, &action) && action.kind != BLOCK_SYNC_IMPORT)
        if (action.kind == BLOCK_SYNC_VERIFY)
            verify(&bench, &action);
    block_sync_on_imported(bench.sync, action.range, IMPORT_BAD, bench.now_ms);
    bench.pending_count = 0;
    run(&bench, 60000);
    cr_expect_eq(bench.faults, 1);
    cr_expect_eq(bench.imported, 50);
    cr_expect_gt(bench.asked[1], 0);
    block_sync_free(bench.sync);
}

Test(block_sync, stands_still_when_a_final_block_is_invalid_here)
{
    struct bench bench;
    bench_init(&bench, 0, 50);
    connect(&bench, 0, HONEST);
    work(&bench);
    tell(&bench, 0, 1, 50);
    struct block_sync_action action;
    while (block_sync_take(bench.sync, bench.now_ms, &action) && action.kind != BLOCK_SYNC_IMPORT)
        verify(&bench, &action);
    block_sync_on_imported(bench.sync, action.range, IMPORT_DIVERGED, bench.now_ms);
    work(&bench);
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    cr_expect_eq(bench.faults, 0, "the peer is honest");
    block_sync_free(bench.sync);
}

Test(block_sync, alarms_when_what_is_final_does_not_stand_on_the_head)
{
    struct bench bench;
    bench_init(&bench, 0, 50);
    connect(&bench, 0, HONEST);
    work(&bench);
    tell(&bench, 0, 1, 50);
    struct block_sync_action action;
    hash256 hashes[SYNC_BLOCKS_MAX];
    cr_assert(block_sync_take(bench.sync, bench.now_ms, &action));
    judge(&bench, &action, hashes);
    const hash256 other = hash_at(77);
    block_sync_on_verified(bench.sync, action.range, RANGE_GOOD, &other, hashes, bench.now_ms);
    work(&bench);
    cr_expect_eq(bench.diverged, 1);
    cr_expect_eq(bench.imported, 0);
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    block_sync_free(bench.sync);
}

/* ---- memory ---- */

Test(block_sync, holds_a_bounded_number_of_bytes)
{
    struct bench bench;
    bench_init(&bench, 0, 150);
    bench.block_size = 1900000; /* one a range */
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    connect(&bench, 2, SILENT); /* has the first for long */
    run(&bench, 3600000);
    cr_expect_eq(bench.imported, 150);
    cr_expect_gt(bench.held_most, 8000000, "%zu", bench.held_most);
    block_sync_free(bench.sync);
}

/* Sixteen answers of 8 MB, the first of them last: what does not fit is asked for again. */
Test(block_sync, drops_what_does_not_fit_beside_what_waits)
{
    struct bench bench;
    bench_init(&bench, 0, 3000);
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    bench.holds_back_jobs = true;
    work(&bench);
    cr_assert_eq(bench.pending_count, 16);
    bench.block_size = 8388608;
    for (size_t i = 16; i > 1; i--) {
        const struct pending asked = bench.pending[i - 1];
        tell(&bench, asked.peer, asked.first, 1);
        cr_assert_leq(block_sync_held_bytes(bench.sync), BLOCK_SYNC_HELD_MAX);
    }
    cr_expect_gt(block_sync_held_bytes(bench.sync), BLOCK_SYNC_HELD_MAX / 2);
    tell(&bench, bench.pending[0].peer, 1, 1);
    bench.pending_count = 0;
    bench.holds_back_jobs = false;
    work(&bench);
    cr_expect_eq(bench.imported, 1);
    block_sync_free(bench.sync);
}

Test(block_sync, asks_who_has_nothing_only_now_and_then)
{
    struct bench bench;
    bench_init(&bench, 9, 9);
    connect(&bench, 3, STUBBORN);
    want(&bench, 11);
    work(&bench);
    while (bench.now_ms < START + 60000 && step(&bench))
        continue;
    cr_expect_leq(total_asked(&bench), 60, "a minute: %u", total_asked(&bench));
    cr_expect_geq(total_asked(&bench), 20, "%u", total_asked(&bench));
    block_sync_free(bench.sync);
}

Test(block_sync, holds_what_is_next_even_with_blocks_of_8_mb)
{
    struct bench bench;
    bench_init(&bench, 0, 60);
    bench.block_size = 8388608;
    connect(&bench, 0, HONEST);
    connect(&bench, 1, HONEST);
    run(&bench, 3600000);
    cr_expect_eq(bench.imported, 60);
    block_sync_free(bench.sync);
}

/* ---- everything at once ---- */

static void run_seed(uint64_t seed)
{
    struct bench bench;
    bench_init(&bench, 0, 0);
    bench.seed = seed;
    bench.random ^= seed * 0x9e3779b97f4a7c15ULL;
    bench.tip = 1 + draw(&bench) % 6000;
    bench.block_size = draw(&bench) % 4 == 0 ? 20000 : 16;
    bench.loss_percent = (unsigned)(draw(&bench) % 30);
    const unsigned honest = (unsigned)(draw(&bench) % PEERS);
    for (unsigned i = 0; i < PEERS; i++)
        if (i == honest || draw(&bench) % 3 > 0)
            connect(&bench, i, i == honest ? HONEST : (enum habit)(draw(&bench) % 9));
    want(&bench, bench.tip);
    for (unsigned i = 0; i < 200000 && bench.synced != bench.tip; i++) {
        work(&bench);
        if (!step(&bench))
            break;
        const unsigned peer = (unsigned)(draw(&bench) % PEERS);
        if (peer == honest || draw(&bench) % 100 > 0)
            continue;
        if (bench.is_up[peer])
            disconnect(&bench, peer);
        else
            connect(&bench, peer, (enum habit)(draw(&bench) % 9));
    }
    cr_expect_eq(bench.imported, bench.tip, "seed %lu", seed);
    cr_expect_eq(bench.synced, bench.tip, "seed %lu", seed);
    cr_expect_eq(bench.honest_faults, 0, "seed %lu", seed);
    block_sync_free(bench.sync);
}

Test(block_sync, comes_to_the_tip_with_one_honest_peer_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 150; seed++)
        run_seed(seed);
}
