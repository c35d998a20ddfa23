/* The engine of a committee of one, driven in virtual time by a caller that answers its actions. */
#include <criterion/criterion.h>

#include "node/consensus/engine.h"
#include "vm/crypto/keccak.h"
#include "vm/crypto/secret_key.h"

#define PULSE_MS 1000

struct bench {
    struct secret_key key;
    struct committee_entry entry;
    struct epoch_record record;
    struct signing_domain domain;
    struct engine *engine;
    uint64_t now_ms;
    uint64_t height;
    unsigned builds, commits;
    struct action_queue queue;
};

static hash256 block_at(uint64_t number)
{
    return keccak256(&number, sizeof number);
}

static void set_up(struct bench *bench, uint64_t pulse_ms)
{
    uint8_t secret[32] = {[31] = 7};
    hash256 genesis = block_at(0);
    struct error error;

    memset(bench, 0, sizeof *bench);
    cr_assert(secret_key_load(&bench->key, secret));
    bench->entry =
        (struct committee_entry){.consensus = secret_key_address(&bench->key), .weight = 1};
    bench->record = (struct epoch_record){.epoch = 1,
                                          .seal = genesis,
                                          .quorum = 1,
                                          .parameters = {.pulse_ms = pulse_ms},
                                          .committee = &bench->entry,
                                          .committee_size = 1};
    bench->domain = signing_domain_of(1337, &genesis, &bench->record);
    struct engine_config config = {
        .record = &bench->record, .domain = bench->domain, .head = genesis, .head_time_ms = 5000};
    bench->now_ms = 5000;
    bench->engine = engine_new(&config, &error);
    cr_assert_not_null(bench->engine, "%s", error.text);
}

static struct action only_action(struct bench *bench, enum action_kind kind)
{
    cr_assert_eq(bench->queue.count, 1, "%u actions", bench->queue.count);
    cr_assert_eq(bench->queue.actions[0].kind, kind, "kind %d", bench->queue.actions[0].kind);
    bench->queue.count = 0;
    return bench->queue.actions[0];
}

static void sign(struct bench *bench, const struct action *action)
{
    signature own;
    secret_key_sign(&bench->key, &action->digest, &own);
    engine_on_signed(bench->engine, action->vote, action->view, &own, bench->now_ms, &bench->queue);
}

/* Answers what is asked until nothing is; returns the time of the timer, or 0. */
static uint64_t answer_all(struct bench *bench, enum work_kind work_after_commit)
{
    uint64_t timer = 0;
    while (bench->queue.count > 0) {
        struct action action = bench->queue.actions[0];
        cr_assert_eq(bench->queue.count, 1);
        bench->queue.count = 0;
        hash256 block = block_at(bench->height + 1);
        switch (action.kind) {
        case ACTION_BUILD:
            bench->builds++;
            engine_on_built(bench->engine, action.view, &block, bench->now_ms, &bench->queue);
            break;
        case ACTION_VALIDATE:
            engine_on_validated(bench->engine, &action.block, true, bench->now_ms, &bench->queue);
            break;
        case ACTION_SIGN: sign(bench, &action); break;
        case ACTION_COMMIT:
            bench->commits++;
            bench->height++;
            cr_assert_eq(certificate_check(&action.notarization, &bench->domain, &bench->record),
                         FINALITY_OK);
            cr_assert_eq(certificate_check(&action.finalization, &bench->domain, &bench->record),
                         FINALITY_OK);
            engine_on_committed(bench->engine, &action.block, work_after_commit, bench->now_ms,
                                &bench->queue);
            break;
        case ACTION_TIMER: timer = action.at_ms; break;
        }
    }
    return timer;
}

Test(engine, asks_for_nothing_without_work)
{
    struct bench bench;
    set_up(&bench, PULSE_MS);
    engine_on_time(bench.engine, 1000000, &bench.queue);
    cr_expect_eq(bench.queue.count, 0);
    engine_free(bench.engine);
}

Test(engine, waits_a_pulse_after_its_parent)
{
    struct bench bench;
    set_up(&bench, PULSE_MS);
    engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
    struct action timer = only_action(&bench, ACTION_TIMER);
    cr_expect_eq(timer.at_ms, 5000 + PULSE_MS);
    engine_on_time(bench.engine, timer.at_ms, &bench.queue);
    struct action build = only_action(&bench, ACTION_BUILD);
    cr_expect_eq(build.view, 1);
    engine_free(bench.engine);
}

Test(engine, builds_at_once_at_pulse_0_but_pauses_before_an_empty_block)
{
    struct bench bench;
    set_up(&bench, 0);
    engine_on_work(bench.engine, WORK_EMPTY_BLOCK, bench.now_ms, &bench.queue);
    cr_expect_eq(only_action(&bench, ACTION_TIMER).at_ms, 5010);
    engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
    only_action(&bench, ACTION_BUILD);
    engine_free(bench.engine);
}

Test(engine, commits_a_block_with_two_good_certificates)
{
    struct bench bench;
    set_up(&bench, 0);
    engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
    cr_expect_eq(answer_all(&bench, WORK_NONE), 0, "an idle engine has no timer");
    cr_expect_eq(bench.commits, 1);
    engine_free(bench.engine);
}

Test(engine, goes_on_while_work_is_left_and_counts_views_from_1)
{
    struct bench bench;
    set_up(&bench, PULSE_MS);
    bench.now_ms = 10000;
    engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
    for (unsigned i = 1; i <= 20; i++) {
        uint64_t timer = answer_all(&bench, WORK_TRANSACTIONS);
        cr_assert_eq(bench.commits, i);
        cr_assert_eq(timer, bench.now_ms + PULSE_MS);
        bench.now_ms = timer;
        engine_on_time(bench.engine, bench.now_ms, &bench.queue);
        cr_assert_eq(bench.queue.actions[0].view, i + 1);
    }
    engine_free(bench.engine);
}

Test(engine, pauses_longer_after_each_failed_build)
{
    struct bench bench;
    set_up(&bench, 0);
    uint64_t expected = 1000;
    for (unsigned i = 0; i < 10; i++) {
        engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
        struct action build = only_action(&bench, ACTION_BUILD);
        cr_assert_eq(build.view, 1, "a view without a vote is used again");
        engine_on_build_failed(bench.engine, build.view, bench.now_ms, &bench.queue);
        cr_assert_eq(bench.queue.count, 0);
        engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
        uint64_t at_ms = only_action(&bench, ACTION_TIMER).at_ms;
        cr_assert_eq(at_ms, bench.now_ms + expected);
        bench.now_ms = at_ms;
        expected = expected < 64000 ? expected * 2 : expected;
    }
    engine_free(bench.engine);
}

Test(engine, never_votes_for_an_invalid_block)
{
    struct bench bench;
    set_up(&bench, 0);
    hash256 block = block_at(1);
    engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
    only_action(&bench, ACTION_BUILD);
    engine_on_built(bench.engine, 1, &block, bench.now_ms, &bench.queue);
    only_action(&bench, ACTION_VALIDATE);
    engine_on_validated(bench.engine, &block, false, bench.now_ms, &bench.queue);
    cr_expect_eq(bench.queue.count, 0);
    engine_free(bench.engine);
}

/* Late, repeated and foreign answers, in random order: no step asks for two different votes of
 * one kind in one view, or for a vote at or below the last final view. */
Test(engine, votes_once_a_view_whatever_it_is_told)
{
    struct bench bench;
    uint64_t random = 0x9e3779b97f4a7c15ULL; /* the seed; printed on failure */
    hash256 voted[2] = {{{0}}, {{0}}};
    uint64_t voted_view[2] = {0}, final_view = 0;
    struct action last[5];
    bool has[5] = {false};

    set_up(&bench, 0);
    for (unsigned step = 0; step < 200000; step++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        unsigned choice = (unsigned)(random >> 40) % 7;
        hash256 block = block_at((random >> 50) % 3 + bench.height + 1);
        bench.now_ms += (random >> 60);
        bench.queue.count = 0;
        if (choice == 0)
            engine_on_work(bench.engine, WORK_TRANSACTIONS, bench.now_ms, &bench.queue);
        else if (choice == 1)
            engine_on_time(bench.engine, bench.now_ms, &bench.queue);
        else if (choice == 2 && has[ACTION_BUILD])
            engine_on_built(bench.engine, last[ACTION_BUILD].view, &block, bench.now_ms,
                            &bench.queue);
        else if (choice == 3 && has[ACTION_BUILD] && step % 5 == 0)
            engine_on_build_failed(bench.engine, last[ACTION_BUILD].view, bench.now_ms,
                                   &bench.queue);
        else if (choice == 4 && has[ACTION_VALIDATE])
            engine_on_validated(bench.engine, &last[ACTION_VALIDATE].block, step % 11 != 0,
                                bench.now_ms, &bench.queue);
        else if (choice == 5 && has[ACTION_SIGN]) {
            signature own = {{1}};
            engine_on_signed(bench.engine, last[ACTION_SIGN].vote, last[ACTION_SIGN].view, &own,
                             bench.now_ms, &bench.queue);
        } else if (choice == 6 && has[ACTION_COMMIT]) {
            if (last[ACTION_COMMIT].view == final_view + 1 || final_view == 0)
                final_view = last[ACTION_COMMIT].view;
            engine_on_committed(bench.engine, &last[ACTION_COMMIT].block, WORK_TRANSACTIONS,
                                bench.now_ms, &bench.queue);
            bench.height = final_view;
        }
        for (unsigned i = 0; i < bench.queue.count; i++) {
            struct action *action = &bench.queue.actions[i];
            last[action->kind] = *action;
            has[action->kind] = true;
            if (action->kind != ACTION_SIGN)
                continue;
            unsigned kind = action->vote == MESSAGE_FINALIZE;
            cr_assert(action->view > voted_view[kind]
                          || (action->view == voted_view[kind]
                              && hash256_equal(&action->digest, &voted[kind])),
                      "step %u: second vote of kind %u in view %lu", step, kind,
                      (unsigned long)action->view);
            voted_view[kind] = action->view;
            voted[kind] = action->digest;
        }
    }
    cr_expect_gt(final_view, 100, "the walk went nowhere: view %lu", (unsigned long)final_view);
    engine_free(bench.engine);
}

Test(engine, refuses_a_larger_committee_by_name)
{
    struct bench bench;
    struct committee_entry two[2] = {0};
    struct error error;

    set_up(&bench, 0);
    bench.record.committee = two;
    bench.record.committee_size = 2;
    struct engine_config config = {.record = &bench.record, .domain = bench.domain};
    cr_expect_null(engine_new(&config, &error));
    cr_expect_eq(error.code, ERROR_UNSUPPORTED);
    cr_expect(strstr(error.text, "not in this version") != NULL, "%s", error.text);
    engine_free(bench.engine);
}
