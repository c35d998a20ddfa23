/* Block sync against peers that lose, stall, lie, shrink and vanish, with the codec it has in the
 * node. A block of the simulated chain is its height and some padding; its hash follows from that. */
#include "node/sync/blocks.h"

#include <criterion/criterion.h>

#include "tests/unit/node/sync/bunch.h"
#include "vm/base/cursor.h"

#define SEAL_SPACING   700     /* blocks of an epoch */
#define RANGE_SIZE_MAX 2097152 /* of blocks in an answer, where there are several */

enum habit {
    HONEST = BUNCH_HONEST,
    SILENT,      /* never answers */
    FORGER,      /* blocks that are not of the chain */
    BOASTER,     /* says it has more than there is */
    STUBBORN,    /* says that what it has is not there */
    GENEROUS,    /* more blocks than were asked for */
    SHIFTER,     /* other heights than were asked for */
    STINGY,      /* one block at a time */
    SEAL_JUMPER, /* ranges that go past a seal */
    HABITS
};

static struct bench {
    struct block_sync *sync;
    uint64_t tip; /* of the chain */
    size_t block_size;
    unsigned loss_percent;
    uint64_t imported, synced;
    unsigned diverged;
    size_t held_most;
    bool holds_back_jobs; /* the test gives the verdicts itself */
    struct block_sync_action job;
} bench;

static hash256 hash_at(uint64_t height)
{
    hash256 hash = {{0xb0}};
    for (unsigned i = 0; i < 8; i++)
        hash.bytes[8 + i] = (uint8_t)(height >> (8 * i));
    return hash;
}

static uint64_t epoch_of(uint64_t height)
{
    return (height - 1) / SEAL_SPACING;
}

/* ---- The peers ------------------------------------------------------------------------------- */

/* It is connected and says that it has these blocks. */
static void claim(unsigned peer, uint64_t earliest, uint64_t final)
{
    bunch.is_up[peer] = true;
    block_sync_on_peer(bench.sync, peer, earliest, final, bunch.now_ms);
}

static void on_peer(unsigned peer)
{
    claim(peer, 1, bunch.habits[peer] == BOASTER ? bench.tip + (1ULL << 60) : bench.tip);
}

static void on_gone(unsigned peer)
{
    block_sync_on_gone(bench.sync, peer);
}

static void put_block(struct buffer *out, uint64_t height, bool is_forged, size_t size)
{
    buffer_append_u64_be(out, is_forged ? height + (1ULL << 40) : height);
    memset(buffer_extend(out, size - 8), 0, size - 8);
}

/* What a peer with that habit has to say, from answer->first on. */
static void fill_answer(enum habit habit, unsigned asked, struct span_answer *answer,
                        struct buffer *blocks)
{
    const bool is_made_up = habit == FORGER || habit == SHIFTER;
    unsigned most = habit == STINGY ? 1 : asked;
    if (habit == GENEROUS && most < SYNC_BLOCKS_MAX)
        most++;
    for (uint64_t height = answer->first; habit != STUBBORN && answer->count < most; height++) {
        if ((height > bench.tip && !is_made_up)
            || (answer->count > 0 && blocks->size + bench.block_size > RANGE_SIZE_MAX))
            break;
        put_block(blocks, height, habit == FORGER, bench.block_size);
        answer->count++;
        if (height % SEAL_SPACING == 0 && habit != SEAL_JUMPER)
            break;
    }
    answer->content = buffer_view(blocks);
}

/* An answer of `from` to a request for `count` blocks from `first` on comes. */
static void tell(unsigned from, uint64_t first, unsigned count)
{
    const enum habit habit = (enum habit)bunch.habits[from];
    struct buffer blocks = {0}, wire = {0};
    struct sync_message message = {.kind = SYNC_RANGE, .span = {.first = first}};
    if (habit == SHIFTER)
        message.span.first += 1 + bunch_draw() % 200;
    fill_answer(habit, count, &message.span, &blocks);
    sync_message_encode(&message, &wire);
    cr_assert(sync_message_decode(&message, buffer_view(&wire)), "seed %lu", bunch.seed);
    block_sync_on_range(bench.sync, from, &message.span, buffer_view(&wire), bunch.now_ms);
    buffer_cleanup(&wire);
    buffer_cleanup(&blocks);
}

static void answer(const struct bunch_request *request)
{
    if (bunch.habits[request->peer] != SILENT && bunch_draw() % 100 >= bench.loss_percent)
        tell(request->peer, request->blocks.first, request->blocks.count);
}

/* ---- What the machine wants done ------------------------------------------------------------- */

static void request(const struct block_sync_action *action)
{
    cr_assert(action->count >= 1 && action->count <= SYNC_BLOCKS_MAX);
    cr_assert_leq(action->first, bench.imported + 1 + BLOCK_SYNC_AHEAD_MAX);
    bunch_ask((struct bunch_request){.peer = action->peer, .blocks = *action});
}

/* The ledger's side: whether these are the blocks, and the epoch's record is known. */
static enum range_verdict judge(const struct block_sync_action *job,
                                hash256 hashes[SYNC_BLOCKS_MAX])
{
    struct sync_message message;
    cr_assert(sync_message_decode(&message, job->answer));
    cr_assert_eq(message.span.first, job->first);
    cr_assert_eq(message.span.count, job->count);
    enum range_verdict verdict = RANGE_GOOD;
    if (epoch_of(job->first + job->count - 1) != epoch_of(bench.imported + 1))
        verdict = RANGE_EARLY;
    struct cursor in = cursor_over(message.span.content.data, message.span.content.size);
    for (unsigned i = 0; i < message.span.count; i++) {
        if (cursor_u64_be(&in) != job->first + i)
            verdict = RANGE_BAD;
        cursor_take(&in, bench.block_size - 8);
        hashes[i] = hash_at(job->first + i);
    }
    cr_assert(cursor_finished(&in));
    return verdict;
}

static void verify(const struct block_sync_action *job)
{
    hash256 hashes[SYNC_BLOCKS_MAX];
    const hash256 parent = hash_at(job->first - 1);
    const enum range_verdict verdict = judge(job, hashes);
    block_sync_on_verified(bench.sync, job->range, verdict, &parent, hashes, bunch.now_ms);
}

static void import(const struct block_sync_action *job)
{
    cr_assert_eq(job->first, bench.imported + 1, "seed %lu: in order", bunch.seed);
    bench.imported = job->first + job->count - 1;
    cr_assert_leq(bench.imported, bench.tip, "seed %lu: nothing that is not final", bunch.seed);
    block_sync_on_imported(bench.sync, job->range, IMPORT_DONE, bunch.now_ms);
    cr_assert_eq(block_sync_height(bench.sync), bench.imported);
}

static void carry_out(const struct block_sync_action *action)
{
    switch (action->kind) {
    case BLOCK_SYNC_REQUEST: request(action); break;
    case BLOCK_SYNC_VERIFY:
    case BLOCK_SYNC_IMPORT:
        bench.job = *action;
        if (!bench.holds_back_jobs && action->kind == BLOCK_SYNC_VERIFY)
            verify(action);
        else if (!bench.holds_back_jobs)
            import(action);
        break;
    case BLOCK_SYNC_FAULT: bunch_blame(action->peer); break;
    case BLOCK_SYNC_SYNCED: {
        const hash256 hash = hash_at(action->first);
        cr_expect(hash256_equal(&action->hash, &hash));
        bench.synced = action->first;
        break;
    }
    case BLOCK_SYNC_DIVERGED: bench.diverged++; break;
    }
}

static void work(void)
{
    struct block_sync_action action;
    while (block_sync_take(bench.sync, bunch.now_ms, &action))
        carry_out(&action);
    const size_t held = block_sync_held_bytes(bench.sync);
    bench.held_most = held > bench.held_most ? held : bench.held_most;
    cr_assert_leq(held, BLOCK_SYNC_HELD_MAX + SYNC_MESSAGE_SIZE_MAX, "seed %lu", bunch.seed);
}

static uint64_t next_ms(void)
{
    return block_sync_next_ms(bench.sync);
}

static bool is_over(void)
{
    return bench.imported >= bench.tip;
}

/* ---- What the tests say ---------------------------------------------------------------------- */

static void stop(void)
{
    block_sync_free(bench.sync);
}

TestSuite(block_sync, .fini = stop);

static void start_seed(uint64_t seed, uint64_t height, uint64_t tip)
{
    static const struct bunch_machine machine = {on_peer, on_gone, answer, work, next_ms, is_over};
    const hash256 hash = hash_at(height);
    stop();
    bunch_start(&machine, seed);
    bench = (struct bench){.tip = tip, .imported = height, .block_size = 16};
    bench.sync = block_sync_new(height, &hash);
}

/* The head is at `height` and the chain's tip at `tip`; nobody is connected. */
static void start(uint64_t height, uint64_t tip)
{
    start_seed(0, height, tip);
}

static void want(uint64_t height)
{
    const hash256 hash = hash_at(height);
    block_sync_on_target(bench.sync, &hash, bunch.now_ms);
}

/* The head is moved by others than this machine. */
static void move_head(uint64_t height)
{
    const hash256 hash = hash_at(height);
    bench.imported = height;
    block_sync_on_head(bench.sync, height, &hash);
}

/* An honest peer is asked for all there is, and answers. */
static void ask_and_tell(uint64_t first, unsigned count)
{
    bunch_connect(0, HONEST);
    bunch_work();
    tell(0, first, count);
}

/* Gives the verdicts on what came; the job is to import what is good, and not done. */
static struct block_sync_action come_to_import(void)
{
    struct block_sync_action action = {0};
    while (block_sync_take(bench.sync, bunch.now_ms, &action) && action.kind != BLOCK_SYNC_IMPORT)
        if (action.kind == BLOCK_SYNC_VERIFY)
            verify(&action);
    cr_assert_eq(action.kind, BLOCK_SYNC_IMPORT);
    return action;
}

static unsigned total_asked(void)
{
    unsigned total = 0;
    for (unsigned i = 0; i < BUNCH_PEERS; i++)
        total += bunch.asked[i];
    return total;
}

/* ---- what it is for ---- */

Test(block_sync, fetches_one_missing_block)
{
    start(9, 10);
    bunch_connect(2, HONEST);
    want(10);
    bunch_work();
    cr_expect_eq(total_asked(), 0, "it may come by the engine's own way");
    bunch_run(60000);
    cr_expect_eq(bench.imported, 10);
    cr_expect_eq(bench.synced, 10);
    cr_expect_eq(total_asked(), 1);
    cr_expect_not(block_sync_is_running(bench.sync));
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
}

Test(block_sync, asks_nothing_when_the_block_comes_by_the_engines_own_way)
{
    start(9, 10);
    bunch_connect(2, HONEST);
    want(10);
    bunch_work();
    move_head(10);
    bunch_work();
    cr_expect_eq(bench.synced, 10);
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    cr_expect_eq(total_asked(), 0);
}

Test(block_sync, fetches_a_hundred_thousand_blocks_from_two_peers)
{
    start(0, 100000);
    bunch_connect(0, HONEST);
    bunch_connect(1, HONEST);
    bunch_run(10000000);
    cr_expect_eq(bench.imported, 100000);
    cr_expect_lt(bunch.now_ms - BUNCH_START_MS, 60000, "many at once: %lu",
                 bunch.now_ms - BUNCH_START_MS);
    cr_expect_gt(bunch.asked[0], 300);
    cr_expect_gt(bunch.asked[1], 300);
    cr_expect_eq(bunch.faults, 0);
}

Test(block_sync, has_at_most_16_ranges_under_way_and_8_at_a_peer)
{
    start(0, 100000);
    for (unsigned i = 0; i < 4; i++) {
        bunch_connect(i, HONEST);
        bunch_work();
        cr_expect_eq(total_asked(), i == 0 ? 8 : 16, "%u peers", i + 1);
    }
    for (unsigned i = 0; i < 4; i++)
        cr_expect_leq(bunch.asked[i], BLOCK_SYNC_PEER_OPEN_MAX);
}

Test(block_sync, asks_only_who_has_the_range)
{
    start(100, 5000);
    claim(0, 102, 5000);
    claim(1, 1, 100);
    bunch_work();
    cr_expect_eq(total_asked(), 0, "nobody has block 101");
    cr_expect(block_sync_needs_checkpoint(bench.sync));
    claim(2, 101, 150);
    cr_expect_not(block_sync_needs_checkpoint(bench.sync));
    bunch_run(1000);
    cr_expect_eq(bunch.asked[1], 0);
    cr_expect_geq(bench.imported, 150);
}

Test(block_sync, a_target_of_which_nobody_says_that_he_has_it_is_asked_for)
{
    start(9, 9);
    bunch_connect(3, HONEST);
    bench.tip = 11; /* and no STATUS since */
    want(11);
    bunch_run(60000);
    cr_expect_eq(bench.synced, 11);
}

Test(block_sync, tells_of_a_target_in_the_middle_of_a_range)
{
    start(0, 500);
    bunch_connect(0, HONEST);
    want(333);
    bunch_run(60000);
    cr_expect_eq(bench.imported, 500);
    cr_expect_eq(bench.synced, 333);
    want(333);
    bench.synced = 0;
    bunch_work();
    cr_expect_eq(bench.synced, 333, "once more for who asks once more");
    want(500);
    bunch_work();
    cr_expect_eq(bench.synced, 500, "the head itself");
}

Test(block_sync, does_nothing_for_a_target_that_is_no_more)
{
    start(9, 20);
    bunch_connect(0, HONEST);
    want(20);
    block_sync_on_target(bench.sync, NULL, BUNCH_START_MS);
    bunch_work();
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    cr_expect_eq(total_asked(), 0);
}

Test(block_sync, goes_on_above_a_head_that_others_moved)
{
    start(0, 1000);
    bunch_connect(0, HONEST);
    bunch_work();
    move_head(200);
    bunch_run(60000);
    cr_expect_eq(bench.imported, 1000);
}

/* ---- who lies, stalls or vanishes ---- */

/* A height that is claimed without a proof moves nothing, and costs a request now and then. */
Test(block_sync, believes_no_claim)
{
    start(10, 10);
    bunch_connect(0, BOASTER);
    bunch_pass(3600000);
    cr_expect_eq(bench.imported, 10);
    cr_expect_leq(total_asked(), 200, "an hour: %u", total_asked());
}

/* The block must exist, and who has it may not have said so yet: a follower has no STATUS. */
Test(block_sync, a_false_claim_hides_nobody_who_has_the_block)
{
    start(9, 9);
    bunch_connect(3, HONEST);
    bench.tip = 60;
    bunch_connect(0, STUBBORN);
    want(60);
    bunch_run(600000);
    cr_expect_eq(bench.synced, 60);
    cr_expect_eq(bunch.faults, 0);
}

/* CVE-2025-24371. */
Test(block_sync, drops_a_peer_that_lowers_its_claim)
{
    start(0, 1000);
    bunch_connect(0, SILENT);
    bunch_work();
    cr_expect_gt(bunch.asked[0], 0);
    claim(0, 1, 999);
    bunch_connect(1, HONEST);
    bunch_work();
    cr_expect_eq(bunch.faults, 1);
    cr_expect_gt(bunch.asked[1], 0, "what it owed is asked of another");
    const unsigned before = bunch.asked[0];
    bunch_run(60000);
    cr_expect_eq(bunch.asked[0], before);
    cr_expect_eq(bench.imported, 1000);
    bunch_disconnect(0);
    claim(0, 1, 10);
    bunch_work();
    cr_expect_eq(bunch.faults, 1, "anew connected it may say anything");
}

Test(block_sync, asks_another_peer_when_one_stalls)
{
    start(0, 100);
    bunch_connect(0, SILENT);
    bunch_work();
    cr_expect_eq(bunch.asked[0], 1);
    bunch_connect(1, HONEST);
    bunch_work();
    cr_expect_eq(bunch.asked[1], 0);
    bunch.now_ms += SYNC_STALL_MS - 1;
    bunch_work();
    cr_expect_eq(bunch.asked[1], 0);
    bunch.now_ms += 1;
    bunch_work();
    cr_expect_gt(bunch.asked[1], 0);
    bunch_run(60000);
    cr_expect_eq(bench.imported, 100);
    cr_expect_eq(bunch.faults, 0, "slow is no fault");
}

/* Eight answers are owed, and one pause follows: the next request comes after it, and is smaller. */
Test(block_sync, a_stall_is_one_strike_whatever_was_owed)
{
    start(0, 100000);
    bunch_connect(0, SILENT);
    bunch_work();
    cr_assert_eq(bunch.asked[0], BLOCK_SYNC_PEER_OPEN_MAX);
    bunch.now_ms += SYNC_STALL_MS;
    bunch.open_count = 0;
    bunch_work();
    cr_expect_eq(bunch.asked[0], BLOCK_SYNC_PEER_OPEN_MAX);
    bunch.now_ms += SYNC_PAUSE_MS;
    bunch_work();
    cr_expect_eq(bunch.asked[0], BLOCK_SYNC_PEER_OPEN_MAX + 1, "one, until it answers");
    cr_assert_eq(bunch.open_count, 1);
    cr_expect_eq(bunch.open[0].blocks.first, 1);
    cr_expect_eq(bunch.open[0].blocks.count, SYNC_BLOCKS_MAX / 2, "the way may be slow");
}

Test(block_sync, who_connects_with_the_number_of_another_is_asked_and_not_blamed)
{
    start(0, 50);
    bench.holds_back_jobs = true;
    bunch_connect(0, FORGER);
    bunch_work();
    tell(0, 1, 50);
    bunch_work();
    cr_assert_eq(bench.job.kind, BLOCK_SYNC_VERIFY);
    bunch_disconnect(0);
    bunch_connect(0, HONEST);
    bench.holds_back_jobs = false;
    verify(&bench.job);
    bunch_work();
    cr_expect_eq(bunch.faults, 0);
    cr_expect_eq(bunch.asked[0], 2, "at once");
    bunch_run(1000);
    cr_expect_eq(bench.imported, 50);
}

Test(block_sync, takes_an_answer_that_comes_late)
{
    start(0, 40);
    bunch_connect(0, SILENT);
    bunch_work();
    bunch.now_ms += SYNC_STALL_MS;
    bunch_work();
    bunch.habits[0] = HONEST;
    tell(0, 1, 40);
    bunch_work();
    cr_expect_eq(bench.imported, 40);
}

Test(block_sync, ignores_what_nobody_asked_for)
{
    start(0, 1000);
    bunch_connect(0, HONEST);
    bunch_connect(1, HONEST);
    tell(0, 1, 10);
    bunch_work();
    cr_expect_eq(bench.imported, 0);
    tell(0, 5, 3);
    tell(1, 900, 3);
    bunch.habits[5] = HONEST;
    tell(5, 1, 10);
    cr_expect_eq(block_sync_held_bytes(bench.sync), 0);
    cr_expect_eq(bunch.faults, 0);
}

static void expect_progress_beside(enum habit habit)
{
    start(0, 2000);
    bunch_connect(0, habit);
    bunch_connect(1, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.imported, 2000, "habit %d", habit);
    cr_expect_eq(bunch.honest_faults, 0, "habit %d", habit);
}

Test(block_sync, drops_a_peer_that_forges_blocks)
{
    expect_progress_beside(FORGER);
    cr_expect_eq(bunch.faults, 1);
    cr_expect_leq(bunch.now_ms, BUNCH_START_MS + 600000);
}

Test(block_sync, drops_a_peer_that_goes_past_a_seal)
{
    expect_progress_beside(SEAL_JUMPER);
    cr_expect_eq(bunch.faults, 1);
    cr_expect_leq(bunch.now_ms, BUNCH_START_MS + 600000);
}

Test(block_sync, goes_on_beside_a_peer_that_denies_what_it_has)
{
    expect_progress_beside(STUBBORN);
}

/* It may answer an earlier request, which asked for more: no fault, and of no use. */
Test(block_sync, does_not_take_more_than_was_asked_for)
{
    start(0, 100);
    bunch_connect(0, GENEROUS);
    bunch_work();
    bench.tip = 200;
    tell(0, 1, 100);
    bunch_work();
    cr_expect_eq(bench.imported, 0);
    cr_expect_eq(block_sync_held_bytes(bench.sync), 0);
    bunch.habits[0] = HONEST;
    tell(0, 1, 100);
    bunch_work();
    cr_expect_eq(bench.imported, 100);
    cr_expect_eq(bunch.faults, 0);
}

Test(block_sync, goes_on_beside_a_peer_that_sends_other_heights)
{
    expect_progress_beside(SHIFTER);
}

Test(block_sync, goes_on_beside_a_peer_that_sends_one_block_at_a_time)
{
    expect_progress_beside(STINGY);
}

/* ---- verdicts ---- */

Test(block_sync, judges_a_range_of_a_later_epoch_when_its_turn_comes)
{
    start(0, 3 * SEAL_SPACING);
    bunch_connect(0, HONEST);
    bunch_connect(1, HONEST);
    bunch_run(600000);
    cr_expect_eq(bench.imported, 3 * SEAL_SPACING);
    cr_expect_eq(bunch.faults, 0);
}

/* The verdict "early" of a range that has become the next one in the meantime. */
Test(block_sync, nobody_is_blamed_for_a_verdict_that_was_overtaken)
{
    start(0, 200);
    bench.holds_back_jobs = true;
    ask_and_tell(129, 72);
    bunch_work();
    cr_assert_eq(bench.job.kind, BLOCK_SYNC_VERIFY);
    cr_assert_eq(bench.job.first, 129);
    move_head(128);
    block_sync_on_verified(bench.sync, bench.job.range, RANGE_EARLY, NULL, NULL, bunch.now_ms);
    bench.holds_back_jobs = false;
    bunch_run(60000);
    cr_expect_eq(bunch.faults, 0);
    cr_expect_eq(bench.imported, 200);
}

/* The head passed a seal while the range before it was judged. */
Test(block_sync, nobody_is_blamed_for_a_range_that_the_head_has_passed)
{
    start(0, 100);
    bench.holds_back_jobs = true;
    ask_and_tell(1, 100);
    bunch_work();
    move_head(100);
    block_sync_on_verified(bench.sync, bench.job.range, RANGE_EARLY, NULL, NULL, bunch.now_ms);
    bunch_work();
    cr_expect_eq(bunch.faults, 0);
    cr_expect_eq(block_sync_held_bytes(bench.sync), 0);
}

Test(block_sync, asks_elsewhere_for_parts_that_do_not_match_their_headers)
{
    start(0, 50);
    ask_and_tell(1, 50);
    bunch_connect(1, HONEST);
    const struct block_sync_action action = come_to_import();
    block_sync_on_imported(bench.sync, action.range, IMPORT_BAD, bunch.now_ms);
    bunch.open_count = 0;
    bunch_run(60000);
    cr_expect_eq(bunch.faults, 1);
    cr_expect_eq(bench.imported, 50);
    cr_expect_gt(bunch.asked[1], 0);
}

Test(block_sync, stands_still_when_a_final_block_is_invalid_here)
{
    start(0, 50);
    ask_and_tell(1, 50);
    const struct block_sync_action action = come_to_import();
    block_sync_on_imported(bench.sync, action.range, IMPORT_DIVERGED, bunch.now_ms);
    bunch_work();
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
    cr_expect_eq(bunch.faults, 0, "the peer is honest");
}

Test(block_sync, alarms_when_what_is_final_does_not_stand_on_the_head)
{
    start(0, 50);
    ask_and_tell(1, 50);
    struct block_sync_action action;
    hash256 hashes[SYNC_BLOCKS_MAX];
    cr_assert(block_sync_take(bench.sync, bunch.now_ms, &action));
    judge(&action, hashes);
    const hash256 other = hash_at(77);
    block_sync_on_verified(bench.sync, action.range, RANGE_GOOD, &other, hashes, bunch.now_ms);
    bunch_work();
    cr_expect_eq(bench.diverged, 1);
    cr_expect_eq(bench.imported, 0);
    cr_expect_eq(block_sync_next_ms(bench.sync), UINT64_MAX);
}

/* ---- memory ---- */

Test(block_sync, holds_a_bounded_number_of_bytes)
{
    start(0, 150);
    bench.block_size = 1900000; /* one a range */
    bunch_connect(0, HONEST);
    bunch_connect(1, HONEST);
    bunch_connect(2, SILENT); /* has the first for long */
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.imported, 150);
    cr_expect_gt(bench.held_most, 8000000, "%zu", bench.held_most);
}

/* Sixteen answers of 8 MB, the first of them last: what does not fit is asked for again. */
Test(block_sync, drops_what_does_not_fit_beside_what_waits)
{
    start(0, 3000);
    bunch_connect(0, HONEST);
    bunch_connect(1, HONEST);
    bench.holds_back_jobs = true;
    bunch_work();
    cr_assert_eq(bunch.open_count, 16);
    bench.block_size = 8388608;
    for (size_t i = 16; i > 1; i--) {
        const struct bunch_request *asked = &bunch.open[i - 1];
        tell(asked->peer, asked->blocks.first, 1);
        cr_assert_leq(block_sync_held_bytes(bench.sync), BLOCK_SYNC_HELD_MAX);
    }
    cr_expect_gt(block_sync_held_bytes(bench.sync), BLOCK_SYNC_HELD_MAX / 2);
    tell(bunch.open[0].peer, 1, 1);
    bunch.open_count = 0;
    bench.holds_back_jobs = false;
    bunch_work();
    cr_expect_eq(bench.imported, 1);
}

Test(block_sync, asks_who_has_nothing_only_now_and_then)
{
    start(9, 9);
    bunch_connect(3, STUBBORN);
    want(11);
    bunch_pass(60000);
    cr_expect_leq(total_asked(), 60, "a minute: %u", total_asked());
    cr_expect_geq(total_asked(), 20, "%u", total_asked());
}

Test(block_sync, holds_what_is_next_even_with_blocks_of_8_mb)
{
    start(0, 60);
    bench.block_size = 8388608;
    bunch_connect(0, HONEST);
    bunch_connect(1, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.imported, 60);
}

/* ---- everything at once ---- */

Test(block_sync, comes_to_the_tip_with_one_honest_peer_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 150; seed++) {
        start_seed(seed, 0, 0);
        bench.tip = 1 + bunch_draw() % 6000;
        bench.block_size = bunch_draw() % 4 == 0 ? 20000 : 16;
        bench.loss_percent = (unsigned)(bunch_draw() % 30);
        bunch_gather(HABITS);
        want(bench.tip);
        bunch_work();
        for (unsigned i = 0; i < 200000 && bench.synced != bench.tip && bunch_step(); i++)
            bunch_come_or_go(1, HABITS);
        cr_expect_eq(bench.imported, bench.tip, "seed %lu", seed);
        cr_expect_eq(bench.synced, bench.tip, "seed %lu", seed);
        cr_expect_eq(bunch.honest_faults, 0, "seed %lu", seed);
    }
}
