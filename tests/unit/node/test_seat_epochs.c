/* The seat's way over a seal, with a real loop, workers and store: it goes on in the next epoch with
 * what that decided, also after a restart, or says why it cannot. Block 0 of a real ledger has an
 * outbox to which the committee contract alone may post the next epoch; the realm's takes it from
 * everybody. */
#include "tests/unit/node/temporary.h"

#include <stdatomic.h>
#include <stdio.h>

#include "node/clock.h"
#include "node/log.h"
#include "node/seat.h"
#include "tests/unit/ledger/realm.h"

#define LIMIT_MS 20000
#define LOOK_MS  2

struct bench {
    struct realm realm;
    struct data_dir dir; /* its path alone */
    struct loop *loop;
    struct workers *workers;
    struct loop_watch *watch;
    struct loop_timer *limit, *look;
    struct seat *seat;
    struct rpc_ledger *ledger;                     /* pinned while the seat runs */
    struct epoch_record next;                      /* to be posted */
    _Atomic(uint64_t) height, first_height, epoch; /* the first of the epoch */
    uint64_t wanted_epoch;                         /* 0: that it stops */
};

static void on_results(void *arg)
{
    struct bench *bench = arg;
    workers_collect(bench->workers, 64);
}

static void on_too_late(void *arg)
{
    const struct bench *bench = arg;
    struct org_summary summary;
    seat_summary(bench->seat, &summary);
    cr_assert_fail("epoch %d, height %d: %s", (int)bench->epoch, (int)bench->height,
                   summary.stopped);
}

/* On the ledger's actor. */
static void on_head(void *context, struct rpc_ledger *face)
{
    struct bench *bench = context;
    struct ledger *ledger = seat_ledger(face->seat);
    const struct epoch_record *record = ledger_epoch_record(ledger);
    atomic_store(&bench->height, ledger_head(ledger)->number);
    atomic_store(&bench->first_height, record->first_height);
    atomic_store(&bench->epoch, record->epoch);
}

/* Two blocks of the epoch, or that it stopped. */
static bool is_reached(const struct bench *bench)
{
    if (bench->wanted_epoch == 0)
        return seat_is_stopped(bench->seat);
    return bench->epoch >= bench->wanted_epoch && bench->height > bench->first_height;
}

static void on_look(void *arg)
{
    struct bench *bench = arg;
    if (is_reached(bench))
        loop_stop(bench->loop);
    else
        loop_timer_set(bench->look, LOOK_MS);
}

static void wait_for_epoch(struct bench *bench, uint64_t epoch)
{
    bench->wanted_epoch = epoch;
    loop_timer_set(bench->limit, LIMIT_MS);
    loop_timer_set(bench->look, 0);
    loop_run(bench->loop);
    loop_timer_off(bench->limit);
}

static void wait_for_stop(struct bench *bench)
{
    wait_for_epoch(bench, 0);
}

/* ---- An organisation's folder, and its seat -------------------------------------------------- */

static void write_file(const struct bench *bench, const char *name, struct bytes content)
{
    char path[PATH_SIZE];
    struct error error;
    cr_assert(path_format(path, &error, "%s/ledgers/realm/%s", bench->dir.path, name));
    cr_assert(file_write(path, content, &error), "%s", error.text);
}

/* The realm's store with the files beside it that a founding writes; it is closed. */
static void make_organisation(struct bench *bench)
{
    char path[PATH_SIZE], id[67] = "0x";
    struct error error;
    struct buffer reveals = {0};
    realm_start(&bench->realm, 1, QUORUM_BFT);
    memcpy(bench->dir.path, bench->realm.folder, sizeof bench->realm.folder);
    cr_assert(path_format(path, &error, "%s/ledgers/realm", bench->dir.path));
    cr_assert(dir_make(path, &error), "%s", error.text);
    const hash256 *hash = ledger_id(bench->realm.ledger);
    for (unsigned i = 0; i < sizeof hash->bytes; i++)
        snprintf(id + 2 + 2 * i, 3, "%02x", hash->bytes[i]);
    reveal_chain_encode(bench->realm.members[0].reveals, &reveals);
    write_file(bench, "genesis.json", buffer_view(&bench->realm.document));
    write_file(bench, "id", bytes_of(id, 66));
    write_file(bench, "reveals", buffer_view(&reveals));
    buffer_cleanup(&reveals);
    ledger_close(bench->realm.ledger);
    bench->realm.ledger = NULL;
    cr_assert(path_format(path, &error, "%s/ledgers/realm/store", bench->dir.path));
    cr_assert_eq(rename(bench->realm.directory, path), 0);
    snprintf(bench->realm.directory, sizeof bench->realm.directory, "%.40s/ledgers/realm/store",
             bench->dir.path);
}

static void on_acquired(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct bench *bench = arg;
    cr_assert_not_null(ledger, "%s", error == NULL ? "" : error->text);
    bench->ledger = ledger;
    loop_stop(bench->loop);
}

static void start(struct bench *bench)
{
    struct error error;
    bench->loop = loop_new(&error);
    bench->workers = workers_start(2, 64, &error);
    bench->watch = loop_watch_new(bench->loop, workers_fd(bench->workers), on_results, bench);
    bench->limit = loop_timer_new(bench->loop, on_too_late, bench);
    bench->look = loop_timer_new(bench->loop, on_look, bench);
    const struct seat_environment environment = {.loop = bench->loop,
                                                 .workers = bench->workers,
                                                 .consensus = &bench->realm.members[0].key,
                                                 .on_head = on_head,
                                                 .context = bench};
    struct organisation *org = organisation_load(&bench->dir, "realm", &error);
    cr_assert_not_null(org, "%s", error.text);
    bench->seat = seat_new(&environment, org);
    loop_timer_set(bench->limit, LIMIT_MS);
    seat_acquire(bench->seat, on_acquired, bench);
    loop_run(bench->loop);
    loop_timer_off(bench->limit);
}

static void on_closed(void *arg)
{
    struct bench *bench = arg;
    loop_stop(bench->loop);
}

static void stop(struct bench *bench)
{
    bench->realm.ledger = NULL;
    seat_release(bench->seat);
    loop_timer_set(bench->limit, LIMIT_MS);
    seat_close(bench->seat, on_closed, bench);
    loop_run(bench->loop);
    workers_stop(bench->workers);
    seat_free(bench->seat);
    loop_watch_free(bench->watch);
    loop_timer_free(bench->limit);
    loop_timer_free(bench->look);
    loop_free(bench->loop);
}

static void set_up(struct bench *bench)
{
    *bench = (struct bench){.wanted_epoch = 0};
    log_setup(LOG_ERROR, false);
    make_organisation(bench);
    start(bench);
}

/* ---- Posting --------------------------------------------------------------------------------- */

static void post_job(struct vm *machine, void *arg)
{
    struct bench *bench = arg;
    (void)machine;
    bench->realm.now_ms = clock_wall_ms();
    realm_post(&bench->realm, &bench->next);
    seat_wake(bench->seat);
}

/* The record of the epoch in force, to be changed and posted; nothing runs on the actor meanwhile
 * that changes it. */
static struct epoch_record *next_record(struct bench *bench, const unsigned *members,
                                        unsigned count, enum quorum_mode mode)
{
    bench->realm.ledger = seat_ledger(bench->seat);
    bench->next = realm_next(&bench->realm, members, count, mode);
    return &bench->next;
}

static void post(struct bench *bench)
{
    actor_submit_own(seat_actor(bench->seat), post_job, NULL, bench);
}

/* Each block up to there has a certificate of its epoch's committee, in that epoch's domain. */
static void expect_finality(struct bench *bench, uint64_t heights, uint64_t epoch)
{
    struct error error;
    struct finality_proof proof;
    struct signing_domain domain;
    const struct epoch_record *record = NULL;
    struct ledger_view *view = ledger_view_open(seat_ledger(bench->seat), &error);
    for (uint64_t height = 1; height <= heights; height++) {
        cr_assert(view_finality_proof(view, height, &bench->realm.arena, &proof, &error), "%s",
                  error.text);
        cr_assert(view_epoch(view, height, &record, &domain, &error), "%s", error.text);
        cr_expect_eq(finality_proof_check(&proof, &domain, record), FINALITY_OK, "block %d",
                     (int)height);
    }
    cr_expect_eq(record->epoch, epoch);
    ledger_view_close(view);
}

TestSuite(seat_epochs, .timeout = 120);

/* The pulse of the first epoch is a second. In the next there is none, so that the tail after the
 * seal comes at once; after a restart another seal is made in it, and the epoch after goes on. */
Test(seat_epochs, goes_on_in_the_next_epoch_and_after_a_restart)
{
    static struct bench bench;
    const unsigned itself[] = {0};
    set_up(&bench);
    next_record(&bench, itself, 1, QUORUM_ALL)->parameters.pulse_ms = 0;
    post(&bench);
    wait_for_epoch(&bench, 2);
    cr_expect_not(seat_is_stopped(bench.seat));
    expect_finality(&bench, bench.height, 2);
    stop(&bench);

    start(&bench);
    cr_expect_eq(next_record(&bench, itself, 1, QUORUM_BFT)->parameters.pulse_ms, 0);
    post(&bench);
    wait_for_epoch(&bench, 3);
    cr_expect_not(seat_is_stopped(bench.seat));
    expect_finality(&bench, bench.height, 3);
    stop(&bench);
    realm_cleanup(&bench.realm);
}

/* Without a seat in the next committee, or beside others, a node that talks to nobody says why it goes
 * on no more, also after a restart; the ledger stays readable. */
Test(seat_epochs, says_why_it_cannot_go_on_after_a_seal)
{
    static const struct {
        unsigned members[2], count;
        const char *why;
    } rows[] = {{{1}, 1, "the committee has 1 member, and this node talks to no others"},
                {{0, 1}, 2, "the committee has 2 members, and this node talks to no others"}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct bench bench;
        struct org_summary summary;
        set_up(&bench);
        next_record(&bench, rows[i].members, rows[i].count, QUORUM_BFT);
        post(&bench);
        for (unsigned life = 0; life < 2; life++) {
            wait_for_stop(&bench);
            seat_summary(bench.seat, &summary);
            cr_expect(strstr(summary.stopped, rows[i].why) != NULL, "%s", summary.stopped);
            expect_finality(&bench, 1, 1);
            cr_expect_eq(ledger_epoch_record(seat_ledger(bench.seat))->epoch, 2);
            stop(&bench);
            if (life == 0)
                start(&bench);
        }
        realm_cleanup(&bench.realm);
    }
}
