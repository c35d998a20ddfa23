/* The chain of seals from peers that lie, stall and vanish. A link of the simulated chain is the
 * epoch of the record that it leads to, and its totals: 0, or somebody invented them. */
#include "node/sync/seals.h"

#include <criterion/criterion.h>

#include "tests/unit/node/sync/bunch.h"
#include "vm/base/cursor.h"

enum habit {
    HONEST = BUNCH_HONEST,
    SILENT,
    FORGER,   /* links that lead elsewhere, from some place on */
    DENIER,   /* says that there is no more */
    SHIFTER,  /* from another epoch on */
    HALVER,   /* half of what was asked for, but two */
    INVENTOR, /* other totals in the last link, each time */
    STUBBORN, /* the same, and always the same */
    HABITS
};

static struct bench {
    struct seals_sync *sync;
    uint64_t newest;
    struct seals_progress progress;
    struct seals_action request; /* the last one */
    unsigned done;
    uint64_t done_at;
} bench;

/* ---- The peers ------------------------------------------------------------------------------- */

static void on_peer(unsigned peer)
{
    seals_sync_on_peer(bench.sync, peer);
}

static void on_gone(unsigned peer)
{
    seals_sync_on_gone(bench.sync, peer);
}

static uint64_t totals_of(enum habit habit)
{
    switch (habit) {
    case INVENTOR: return bunch_draw() | 2;
    case STUBBORN: return 1;
    default: return 0;
    }
}

static void tell(unsigned from, uint64_t first, unsigned count)
{
    const enum habit habit = (enum habit)bunch.habits[from];
    struct buffer links = {0}, wire = {0};
    struct span_answer answer = {.first = habit == SHIFTER ? first + 1 : first};
    const unsigned forged = (unsigned)(bunch_draw() % (count + 1));
    if (habit == HALVER && count > 2)
        count = (count + 1) / 2;
    for (; habit != DENIER && answer.count < count
           && (answer.first + answer.count < bench.newest || habit == FORGER);
         answer.count++) {
        const bool is_forged = habit == FORGER && answer.count >= forged;
        const uint64_t epoch = answer.first + 1 + answer.count + is_forged;
        const bool is_last = answer.count + 1 == count || epoch == bench.newest;
        buffer_append_u64_be(&links, epoch);
        buffer_append_u64_be(&links, is_last ? totals_of(habit) : 0);
    }
    answer.content = buffer_view(&links);
    struct sync_message message = {.kind = SYNC_SEALS, .span = answer};
    sync_message_encode(&message, &wire);
    cr_assert(sync_message_decode(&message, buffer_view(&wire)));
    seals_sync_on_seals(bench.sync, from, &message.span, buffer_view(&wire), bunch.now_ms);
    buffer_cleanup(&wire);
    buffer_cleanup(&links);
}

static void answer(const struct bunch_request *request)
{
    if (bunch.habits[request->peer] != SILENT)
        tell(request->peer, request->links.first, request->links.count);
}

/* ---- What the machine wants done ------------------------------------------------------------- */

static hash256 record_of(uint64_t epoch, uint64_t totals)
{
    hash256 record = {0};
    memcpy(record.bytes, &epoch, sizeof epoch);
    memcpy(record.bytes + sizeof epoch, &totals, sizeof totals);
    return record;
}

/* So many links behind the confirmed record are good, and the last of them has these totals. */
static void come_to(unsigned good, uint64_t totals)
{
    struct seals_progress *progress = &bench.progress;
    if (good == 0)
        return;
    progress->confirmed += good - 1;
    progress->epoch = progress->confirmed + 1;
    progress->record = record_of(progress->epoch, totals);
}

static void verify(const struct seals_action *job)
{
    struct sync_message message;
    cr_assert(sync_message_decode(&message, job->answer));
    cr_assert_eq(message.span.first, job->first);
    cr_assert_eq(message.span.first, bench.progress.confirmed);
    struct cursor in = cursor_over(message.span.content.data, message.span.content.size);
    unsigned good = 0;
    uint64_t totals = 0; /* of the record before */
    while (good < message.span.count && totals == 0 && cursor_u64_be(&in) == job->first + 1 + good
           && job->first + 1 + good <= bench.newest) {
        totals = cursor_u64_be(&in);
        good++;
    }
    come_to(good, totals);
    seals_sync_on_verified(bench.sync, &bench.progress, good < message.span.count);
}

static void work(void)
{
    struct seals_action action;
    while (seals_sync_take(bench.sync, bunch.now_ms, &action)) {
        switch (action.kind) {
        case SEALS_REQUEST:
            cr_assert(action.count >= 2 && action.count <= SYNC_LINKS_MAX);
            bunch_ask((struct bunch_request){.peer = action.peer, .links = action});
            bench.request = action;
            break;
        case SEALS_VERIFY: verify(&action); break;
        case SEALS_FAULT: bunch_blame(action.peer); break;
        case SEALS_DONE:
            bench.done++;
            bench.done_at = action.first;
            break;
        }
    }
}

static uint64_t next_ms(void)
{
    return seals_sync_next_ms(bench.sync);
}

static bool is_over(void)
{
    return bench.done > 0;
}

/* ---- What the tests say ---------------------------------------------------------------------- */

static void stop(void)
{
    seals_sync_free(bench.sync);
}

TestSuite(seals_sync, .fini = stop);

static void start_seed(uint64_t seed, unsigned agree)
{
    static const struct bunch_machine machine = {on_peer, on_gone, answer, work, next_ms, is_over};
    stop();
    bunch_start(&machine, seed);
    bench = (struct bench){.progress = {1, 1, record_of(1, 0), agree}};
    bench.sync = seals_sync_new(&bench.progress);
}

/* From record 1 on; the record of `newest` is the last when `agree` peers say so. */
static void start(uint64_t newest, unsigned agree)
{
    start_seed(0, agree);
    bench.newest = newest;
}

/* An honest peer was asked, and the verdict on the `count` links that it sent is wanted. */
static void come_to_verdict(unsigned count)
{
    struct seals_action action;
    bunch_connect(0, HONEST);
    bunch_work();
    tell(0, 1, count);
    cr_assert(seals_sync_take(bench.sync, bunch.now_ms, &action));
    cr_assert_eq(action.kind, SEALS_VERIFY);
}

Test(seals_sync, comes_to_the_newest_record)
{
    start(1000, 1);
    bunch_connect(0, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 1000);
    cr_expect_eq(bunch.asked[0], (999 + SYNC_LINKS_MAX - 1) / SYNC_LINKS_MAX + 1);
    cr_expect_eq(seals_sync_next_ms(bench.sync), UINT64_MAX);
}

Test(seals_sync, is_done_at_once_where_there_was_one_epoch)
{
    start(1, 1);
    bunch_connect(3, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 1);
}

Test(seals_sync, keeps_the_good_links_in_front_of_a_bad_one)
{
    start(100, 1);
    come_to_verdict(10);
    come_to(7, 0);
    seals_sync_on_verified(bench.sync, &bench.progress, true);
    cr_expect_eq(seals_sync_epoch(bench.sync), 8);
    struct seals_action action;
    cr_assert(seals_sync_take(bench.sync, BUNCH_START_MS, &action));
    cr_expect_eq(action.kind, SEALS_FAULT);
    cr_expect_not(seals_sync_take(bench.sync, BUNCH_START_MS, &action), "nobody else is there");
    bunch_connect(1, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 100);
}

/* One that says "no more" does not end the chain while another has more, or while too few say it. */
Test(seals_sync, ends_only_where_enough_say_so_and_nobody_has_more)
{
    start(50, 2);
    bunch_connect(0, DENIER);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done, 0, "one may lie");
    cr_expect_eq(seals_sync_next_ms(bench.sync), UINT64_MAX, "nobody else to ask");
    bunch_connect(1, HONEST);
    bunch_run(2000);
    cr_expect_eq(bench.done, 0, "the liar came to nothing");
    bunch_connect(2, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 50);
}

static bool is_true(void)
{
    const hash256 record = record_of(bench.newest, 0);
    return hash256_equal(&bench.progress.record, &record);
}

/* Nothing behind the newest link confirms its totals: that several came to them does. */
Test(seals_sync, whoever_invents_the_newest_totals_is_outvoted)
{
    for (unsigned first = 0; first < 3; first++)
        for (enum habit liar = INVENTOR; liar <= STUBBORN; liar++) {
            start(50, 2);
            for (unsigned i = 0; i < 3; i++)
                bunch_connect(i, (int)(i == first ? liar : HONEST));
            bunch_run(BUNCH_EVER_MS);
            cr_expect_eq(bench.done_at, 50);
            cr_expect(is_true(), "liar %u", first);
            cr_expect_eq(bunch.honest_faults, 0);
        }
}

Test(seals_sync, invented_totals_end_where_the_chain_goes_on)
{
    start(20, 1);
    bunch_connect(0, STUBBORN);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 20);
    cr_expect_not(is_true(), "nobody else was there");
    bunch_disconnect(0);
    bench.newest = 30;
    bench.done = 0;
    bunch_connect(1, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 30);
    cr_expect(is_true());
    cr_expect_eq(bunch.faults, 0, "who is honest is believed");
}

Test(seals_sync, asks_again_who_connects_after_the_end)
{
    start(50, 1);
    bunch_connect(0, DENIER);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 1, "nobody else is there to say more");
    bench.done = 0;
    bunch_connect(1, HONEST);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bench.done_at, 50);
}

Test(seals_sync, takes_no_answer_that_was_not_asked_for)
{
    start(50, 1);
    bunch_connect(0, HONEST);
    tell(0, 1, 5);
    bunch_work();
    cr_expect_eq(seals_sync_epoch(bench.sync), 1);
    tell(0, 2, 5);
    tell(1, 1, 5);
    bunch_work();
    cr_expect_eq(seals_sync_epoch(bench.sync), 1);
    tell(0, 1, 5);
    bunch_work();
    cr_expect_eq(seals_sync_epoch(bench.sync), 6);
}

Test(seals_sync, has_no_deadline_over_the_whole_chain)
{
    start(300, 1);
    bunch_connect(0, SILENT);
    bunch_work();
    for (unsigned i = 0; i < 50; i++) { /* each answer comes when it was given up */
        const struct seals_action request = bench.request;
        bunch.now_ms += SYNC_STALL_MS;
        bunch_work();
        bunch.habits[0] = HONEST;
        tell(0, request.first, request.count);
        bunch.habits[0] = SILENT;
        bunch_work();
    }
    cr_expect_eq(seals_sync_epoch(bench.sync), 300);
    cr_expect_eq(bunch.faults, 0);
}

Test(seals_sync, a_peer_that_leaves_while_its_answer_is_judged_is_not_blamed)
{
    start(50, 1);
    come_to_verdict(5);
    bunch_disconnect(0);
    bunch_connect(0, HONEST);
    come_to(2, 0);
    seals_sync_on_verified(bench.sync, &bench.progress, true);
    cr_expect_eq(seals_sync_epoch(bench.sync), 3);
    bunch_run(BUNCH_EVER_MS);
    cr_expect_eq(bunch.faults, 0, "the number is another's now");
    cr_expect_eq(bench.done_at, 50);
}

Test(seals_sync, comes_to_the_end_with_one_honest_peer_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        start_seed(seed, 1);
        bench.newest = 1 + bunch_draw() % 400;
        bunch_gather(HABITS);
        bunch_work();
        for (unsigned i = 0; i < 20000 && bench.done_at != bench.newest && bunch_step(); i++)
            bunch_come_or_go(6, HABITS);
        cr_expect_eq(bench.done_at, bench.newest, "seed %lu: %lu of %lu", seed,
                     seals_sync_epoch(bench.sync), bench.newest);
        cr_expect_eq(bunch.honest_faults, 0, "seed %lu", seed);
    }
}
