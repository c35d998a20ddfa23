/* The chain of seals from peers that lie, stall and vanish. A link of the simulated chain is the
 * epoch of the record that it leads to. */
#include "node/sync/seals.h"

#include <criterion/criterion.h>

#include "vm/base/cursor.h"

#define PEERS  6
#define START  100000
#define NOBODY UINT32_MAX

enum habit { HONEST, SILENT, FORGER, DENIER, SHIFTER, HALVER, HABITS };

struct bench {
    struct seals_sync *sync;
    uint64_t now_ms, random, seed;
    uint64_t newest;
    unsigned agree;
    enum habit habits[PEERS];
    bool is_up[PEERS];
    unsigned pending; /* whom a request is under way to; NOBODY: none */
    struct seals_action request;
    unsigned asked[PEERS], faults, honest_faults, done;
    uint64_t done_at;
};

static uint64_t draw(struct bench *bench)
{
    bench->random ^= bench->random << 13;
    bench->random ^= bench->random >> 7;
    bench->random ^= bench->random << 17;
    return bench->random;
}

static void bench_init(struct bench *bench, uint64_t newest, unsigned agree)
{
    *bench = (struct bench){.now_ms = START, .random = 88172645463325252ULL, .pending = NOBODY};
    bench->newest = newest;
    bench->agree = agree;
    bench->sync = seals_sync_new(1, agree);
}

static void connect(struct bench *bench, unsigned peer, enum habit habit)
{
    bench->is_up[peer] = true;
    bench->habits[peer] = habit;
    seals_sync_on_peer(bench->sync, peer);
}

static void disconnect(struct bench *bench, unsigned peer)
{
    bench->is_up[peer] = false;
    if (bench->pending == peer)
        bench->pending = NOBODY;
    seals_sync_on_gone(bench->sync, peer);
}

static void tell(struct bench *bench, unsigned from, uint64_t first, unsigned count)
{
    const enum habit habit = bench->habits[from];
    struct buffer links = {0}, wire = {0};
    struct span_answer answer = {.first = habit == SHIFTER ? first + 1 : first};
    const unsigned forged = (unsigned)(draw(bench) % (count + 1));
    if (habit == HALVER)
        count = (count + 1) / 2;
    for (; habit != DENIER && answer.count < count
           && (answer.first + answer.count < bench->newest || habit == FORGER);
         answer.count++) {
        const bool is_forged = habit == FORGER && answer.count >= forged;
        buffer_append_u64_be(&links, answer.first + 1 + answer.count + is_forged);
    }
    answer.content = buffer_view(&links);
    struct sync_message message = {.kind = SYNC_SEALS, .span = answer};
    sync_message_encode(&message, &wire);
    cr_assert(sync_message_decode(&message, buffer_view(&wire)));
    seals_sync_on_seals(bench->sync, from, &message.span, buffer_view(&wire), bench->now_ms);
    buffer_cleanup(&wire);
    buffer_cleanup(&links);
}

static void verify(struct bench *bench, const struct seals_action *job)
{
    struct sync_message message;
    cr_assert(sync_message_decode(&message, job->answer));
    cr_assert_eq(message.span.first, job->first);
    cr_assert_eq(message.span.first, seals_sync_epoch(bench->sync));
    struct cursor in = cursor_over(message.span.content.data, message.span.content.size);
    unsigned good = 0;
    while (good < message.span.count && cursor_u64_be(&in) == job->first + 1 + good
           && job->first + 1 + good <= bench->newest)
        good++;
    seals_sync_on_verified(bench->sync, job->first + good, good < message.span.count, bench->agree);
}

static void work(struct bench *bench)
{
    struct seals_action action;
    while (seals_sync_take(bench->sync, bench->now_ms, &action)) {
        switch (action.kind) {
        case SEALS_REQUEST:
            cr_assert(bench->is_up[action.peer]);
            cr_assert(action.count >= 1 && action.count <= SYNC_LINKS_MAX);
            bench->asked[action.peer]++;
            bench->pending = action.peer;
            bench->request = action;
            break;
        case SEALS_VERIFY: verify(bench, &action); break;
        case SEALS_FAULT:
            bench->faults++;
            bench->honest_faults += bench->habits[action.peer] == HONEST;
            break;
        case SEALS_DONE:
            bench->done++;
            bench->done_at = action.first;
            break;
        }
    }
    cr_assert_gt(seals_sync_next_ms(bench->sync), bench->now_ms, "seed %lu spins", bench->seed);
}

static bool step(struct bench *bench)
{
    const unsigned peer = bench->pending;
    if (peer != NOBODY && bench->habits[peer] != SILENT) {
        bench->pending = NOBODY;
        bench->now_ms += 30;
        tell(bench, peer, bench->request.first, bench->request.count);
    } else if (seals_sync_next_ms(bench->sync) == UINT64_MAX) {
        return false;
    } else {
        bench->now_ms = seals_sync_next_ms(bench->sync);
    }
    work(bench);
    return true;
}

static void run(struct bench *bench)
{
    work(bench);
    for (unsigned i = 0; i < 10000 && bench->done == 0 && step(bench); i++)
        continue;
}

Test(seals_sync, comes_to_the_newest_record)
{
    struct bench bench;
    bench_init(&bench, 1000, 1);
    connect(&bench, 0, HONEST);
    run(&bench);
    cr_expect_eq(bench.done_at, 1000);
    cr_expect_eq(bench.asked[0], (999 + SYNC_LINKS_MAX - 1) / SYNC_LINKS_MAX + 1);
    cr_expect_eq(seals_sync_next_ms(bench.sync), UINT64_MAX);
    seals_sync_free(bench.sync);
}

Test(seals_sync, is_done_at_once_where_there_was_one_epoch)
{
    struct bench bench;
    bench_init(&bench, 1, 1);
    connect(&bench, 3, HONEST);
    run(&bench);
    cr_expect_eq(bench.done_at, 1);
    seals_sync_free(bench.sync);
}

Test(seals_sync, keeps_the_good_links_in_front_of_a_bad_one)
{
    struct bench bench;
    bench_init(&bench, 100, 1);
    connect(&bench, 0, HONEST);
    work(&bench);
    tell(&bench, 0, 1, 10);
    struct seals_action action;
    cr_assert(seals_sync_take(bench.sync, START, &action));
    cr_assert_eq(action.kind, SEALS_VERIFY);
    seals_sync_on_verified(bench.sync, 8, true, 1);
    cr_expect_eq(seals_sync_epoch(bench.sync), 8);
    cr_assert(seals_sync_take(bench.sync, START, &action));
    cr_expect_eq(action.kind, SEALS_FAULT);
    cr_expect_not(seals_sync_take(bench.sync, START, &action), "nobody else is there");
    connect(&bench, 1, HONEST);
    run(&bench);
    cr_expect_eq(bench.done_at, 100);
    seals_sync_free(bench.sync);
}

/* One that says "no more" does not end the chain while another has more, or while too few say it. */
Test(seals_sync, ends_only_where_enough_say_so_and_nobody_has_more)
{
    struct bench bench;
    bench_init(&bench, 50, 2);
    connect(&bench, 0, DENIER);
    run(&bench);
    cr_expect_eq(bench.done, 0, "one may lie");
    cr_expect_eq(seals_sync_next_ms(bench.sync), UINT64_MAX, "nobody else to ask");
    connect(&bench, 1, HONEST);
    run(&bench);
    cr_expect_eq(bench.done_at, 50, "the liar and one that is honest");
    seals_sync_free(bench.sync);
}

Test(seals_sync, asks_again_who_connects_after_the_end)
{
    struct bench bench;
    bench_init(&bench, 50, 1);
    connect(&bench, 0, DENIER);
    run(&bench);
    cr_expect_eq(bench.done_at, 1, "nobody else is there to say more");
    bench.done = 0;
    connect(&bench, 1, HONEST);
    run(&bench);
    cr_expect_eq(bench.done_at, 50);
    seals_sync_free(bench.sync);
}

Test(seals_sync, takes_no_answer_that_was_not_asked_for)
{
    struct bench bench;
    bench_init(&bench, 50, 1);
    connect(&bench, 0, HONEST);
    tell(&bench, 0, 1, 5);
    work(&bench);
    cr_expect_eq(seals_sync_epoch(bench.sync), 1);
    tell(&bench, 0, 2, 5);
    tell(&bench, 1, 1, 5);
    work(&bench);
    cr_expect_eq(seals_sync_epoch(bench.sync), 1);
    tell(&bench, 0, 1, 5);
    work(&bench);
    cr_expect_eq(seals_sync_epoch(bench.sync), 6);
    seals_sync_free(bench.sync);
}

Test(seals_sync, has_no_deadline_over_the_whole_chain)
{
    struct bench bench;
    bench_init(&bench, 300, 1);
    connect(&bench, 0, SILENT);
    work(&bench);
    for (unsigned i = 0; i < 50; i++) { /* each answer comes when it was given up */
        const struct seals_action request = bench.request;
        bench.now_ms += SYNC_STALL_MS;
        work(&bench);
        bench.habits[0] = HONEST;
        tell(&bench, 0, request.first, request.count);
        bench.habits[0] = SILENT;
        work(&bench);
    }
    cr_expect_eq(seals_sync_epoch(bench.sync), 300);
    cr_expect_eq(bench.faults, 0);
    seals_sync_free(bench.sync);
}

Test(seals_sync, a_peer_that_leaves_while_its_answer_is_judged_is_not_blamed)
{
    struct bench bench;
    bench_init(&bench, 50, 1);
    connect(&bench, 0, HONEST);
    work(&bench);
    tell(&bench, 0, 1, 5);
    struct seals_action action;
    cr_assert(seals_sync_take(bench.sync, START, &action));
    disconnect(&bench, 0);
    connect(&bench, 0, HONEST);
    seals_sync_on_verified(bench.sync, 3, true, 1);
    cr_expect_eq(seals_sync_epoch(bench.sync), 3);
    run(&bench);
    cr_expect_eq(bench.faults, 0, "the number is another's now");
    cr_expect_eq(bench.done_at, 50);
    seals_sync_free(bench.sync);
}

Test(seals_sync, comes_to_the_end_with_one_honest_peer_among_bad_ones)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct bench bench;
        bench_init(&bench, 0, 0);
        bench.seed = seed;
        bench.random ^= seed * 0x9e3779b97f4a7c15ULL;
        bench.newest = 1 + draw(&bench) % 400;
        const unsigned honest = (unsigned)(draw(&bench) % PEERS);
        for (unsigned i = 0; i < PEERS; i++)
            if (i == honest || draw(&bench) % 3 > 0)
                connect(&bench, i, i == honest ? HONEST : (enum habit)(draw(&bench) % HABITS));
        work(&bench);
        for (unsigned i = 0; i < 20000 && bench.done_at != bench.newest && step(&bench); i++) {
            const unsigned peer = (unsigned)(draw(&bench) % PEERS);
            if (peer == honest || draw(&bench) % 100 > 5)
                continue;
            if (bench.is_up[peer])
                disconnect(&bench, peer);
            else
                connect(&bench, peer, (enum habit)(draw(&bench) % HABITS));
            work(&bench);
        }
        cr_expect_eq(bench.done_at, bench.newest, "seed %lu: %lu of %lu", seed,
                     seals_sync_epoch(bench.sync), bench.newest);
        cr_expect_eq(bench.honest_faults, 0, "seed %lu", seed);
        seals_sync_free(bench.sync);
    }
}
