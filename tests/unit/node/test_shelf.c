/* Founding, opening, naming and closing of ledgers, with a real loop, workers and stores. */
#include "tests/unit/node/temporary.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/stat.h>

#include "node/clock.h"
#include "node/log.h"
#include "node/shelf.h"

#define SHORT_CHAIN 64 /* reveals: founding in tests takes no half second */

struct bench {
    char *folder;
    struct data_dir dir;
    struct loop *loop;
    struct workers *workers;
    struct loop_watch *watch;
    struct loop_timer *limit;
    struct shelf *shelf;
    /* of the last acquisition */
    struct rpc_ledger *ledger;
    bool is_done;
    struct error error;
};

/* What is waited for may have come before the loop runs. */
static void wait_done(struct bench *bench)
{
    if (!bench->is_done)
        loop_run(bench->loop);
    bench->is_done = false;
}

static void on_results(void *arg)
{
    struct bench *bench = arg;
    workers_collect(bench->workers, 64);
}

static void on_too_late(void *arg)
{
    (void)arg;
    cr_assert_fail("the loop waited too long");
}

static void open_shelf(struct bench *bench, size_t open_max)
{
    struct seat_environment environment = {
        .loop = bench->loop, .workers = bench->workers, .consensus = &bench->dir.keys.consensus};
    bench->shelf = shelf_new(&bench->dir, &environment, open_max, &bench->error);
    cr_assert_not_null(bench->shelf, "%s", bench->error.text);
}

static void set_up(struct bench *bench, size_t open_max)
{
    memset(bench, 0, sizeof *bench);
    bench->folder = temporary_folder();
    cr_assert(data_dir_open(&bench->dir, bench->folder, DATA_DIR_RUN, &bench->error), "%s",
              bench->error.text);
    bench->loop = loop_new(&bench->error);
    bench->workers = workers_start(2, 64, &bench->error);
    bench->watch = loop_watch_new(bench->loop, workers_fd(bench->workers), on_results, bench);
    bench->limit = loop_timer_new(bench->loop, on_too_late, bench);
    loop_timer_set(bench->limit, 20000);
    log_setup(LOG_ERROR, false);
    open_shelf(bench, open_max);
}

static void on_closed(void *arg)
{
    struct bench *bench = arg;
    bench->is_done = true;
    loop_stop(bench->loop);
}

static void tear_down(struct bench *bench)
{
    shelf_stop(bench->shelf, on_closed, bench);
    wait_done(bench);
    workers_stop(bench->workers);
    shelf_free(bench->shelf);
    loop_watch_free(bench->watch);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    data_dir_close(&bench->dir);
    temporary_remove(bench->folder);
}

static bool found_with(struct bench *bench, const char *label, uint64_t chain_id, uint64_t reveals,
                       uint64_t pulse_ms)
{
    struct org_request request = {
        .chain_id_fixed = chain_id, .symbol = "TST", .pulse_ms = pulse_ms};
    struct genesis_coin coins[1];
    struct founding founding;
    struct org_summary summary;

    snprintf(request.label, sizeof request.label, "%s", label);
    request.founder.bytes[0] = 1;
    request.grant_wei = u256_from_u64(1000);
    bool ok =
        founding_from_request(&founding, &request, clock_wall_ms() / 1000, coins, &bench->error);
    founding.reveals = reveals;
    return ok && shelf_found(bench->shelf, &founding, false, &summary, &bench->error);
}

static bool found_org(struct bench *bench, const char *label, uint64_t chain_id)
{
    return found_with(bench, label, chain_id, SHORT_CHAIN, 0);
}

static void on_acquired(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct bench *bench = arg;
    bench->ledger = ledger;
    if (error != NULL)
        bench->error = *error;
    bench->is_done = true;
    loop_stop(bench->loop);
}

static struct rpc_ledger *acquire(struct bench *bench, const char *name)
{
    bench->ledger = NULL;
    shelf_acquire(bench->shelf, name, on_acquired, bench);
    wait_done(bench);
    return bench->ledger;
}

Test(shelf, names_ledgers_by_label_id_and_default)
{
    struct bench bench;
    char id[67];
    struct arena arena = {0};
    size_t count;

    set_up(&bench, 8);
    cr_assert_null(acquire(&bench, NULL));
    cr_expect_eq(bench.error.code, ERROR_NOT_FOUND);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    cr_assert(found_org(&bench, "two", 1002), "%s", bench.error.text);

    struct rpc_ledger *first = acquire(&bench, NULL);
    cr_assert_not_null(first, "%s", bench.error.text);
    cr_expect_str_eq(seat_organisation(first->seat)->label, "one");
    cr_expect_eq(ledger_chain_id(seat_ledger(first->seat)), 1001);
    shelf_release(bench.shelf, first->seat);

    struct org_summary *orgs = shelf_summaries(bench.shelf, &arena, &count);
    cr_assert_eq(count, 2);
    cr_expect(orgs[0].is_default && !orgs[1].is_default);
    cr_expect_str_eq(orgs[1].label, "two");
    snprintf(id, sizeof id, "0x");
    for (unsigned i = 0; i < 32; i++)
        snprintf(id + 2 + 2 * i, 3, "%02x", orgs[1].id.bytes[i]);
    struct rpc_ledger *second = acquire(&bench, id);
    cr_assert_not_null(second, "%s", bench.error.text);
    cr_expect_str_eq(seat_organisation(second->seat)->label, "two");
    shelf_release(bench.shelf, second->seat);
    cr_expect_null(acquire(&bench, "three"));
    cr_expect(strstr(bench.error.text, "\"three\"") != NULL, "%s", bench.error.text);
    arena_cleanup(&arena);
    tear_down(&bench);
}

/* What was killed while it was founded, and what nobody completed in time. */
Test(shelf, removes_what_foundings_left_when_it_opens)
{
    static const struct {
        const char *name;
        bool is_old, is_kept;
    } rows[] = {{".new-one", false, false},
                {".joint-ab", true, false},
                {".joint-cd", false, true},
                {".other", true, true}};
    const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct bench bench;
    char path[PATH_SIZE];

    set_up(&bench, 8);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert(path_format(path, &bench.error, "%s/ledgers/%s", bench.folder, rows[i].name));
        cr_assert(dir_make(path, &bench.error), "%s", bench.error.text);
        cr_assert(!rows[i].is_old || utimensat(AT_FDCWD, path, long_ago, 0) == 0);
    }
    shelf_free(bench.shelf);
    open_shelf(&bench, 8);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert(path_format(path, &bench.error, "%s/ledgers/%s", bench.folder, rows[i].name));
        cr_expect_eq(file_exists(path), rows[i].is_kept, "%s", rows[i].name);
    }
    cr_expect_eq(shelf_count(bench.shelf), 0);
    tear_down(&bench);
}

/* As foundings with others and joining leave them. */
Test(shelf, takes_up_a_folder_that_was_put_in_its_place)
{
    struct bench bench;
    struct org_request request = {.label = "late", .name = "Late", .symbol = "LTE"};
    struct genesis_coin coins[1];
    struct founding founding;
    struct org_summary summary;

    set_up(&bench, 8);
    request.founder.bytes[0] = 1;
    cr_assert(founding_from_request(&founding, &request, 1790000000, coins, &bench.error));
    founding.reveals = SHORT_CHAIN;
    cr_expect_not(shelf_take_up(bench.shelf, "late", &summary, &bench.error));
    cr_assert(founding_write(&bench.dir, &founding, NULL, 0, &bench.error), "%s", bench.error.text);
    cr_assert_null(acquire(&bench, "late"));
    for (unsigned i = 0; i < 2; i++) { /* a second time it is there already */
        cr_assert(shelf_take_up(bench.shelf, "late", &summary, &bench.error), "%s",
                  bench.error.text);
        cr_expect_str_eq(summary.name, "Late");
        cr_expect(summary.is_default);
        cr_expect_eq(shelf_count(bench.shelf), 1);
    }
    struct rpc_ledger *ledger = acquire(&bench, NULL);
    cr_assert_not_null(ledger, "%s", bench.error.text);
    shelf_release(bench.shelf, ledger->seat);
    tear_down(&bench);
}

static void wait_job(struct vm *machine, void *arg)
{
    (void)machine;
    cr_assert_eq(sem_wait(arg), 0);
}

static void stop_loop(void *arg)
{
    struct bench *bench = arg;
    loop_stop(bench->loop);
}

/* Opening may take long: it executes nothing, but a store from before the history was kept gets
 * its index then. The loop does not wait for it. */
Test(shelf, opens_a_ledger_on_a_worker)
{
    struct bench bench;
    sem_t gate;

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    struct loop_timer *soon = loop_timer_new(bench.loop, stop_loop, &bench);
    sem_init(&gate, 0, 0);
    for (unsigned i = 0; i < workers_count(bench.workers); i++)
        cr_assert(workers_submit(bench.workers, wait_job, NULL, &gate));
    shelf_acquire(bench.shelf, "one", on_acquired, &bench);
    loop_timer_set(soon, 50);
    loop_run(bench.loop);
    cr_expect_not(bench.is_done, "it was opened with every worker busy");

    for (unsigned i = 0; i < workers_count(bench.workers); i++)
        sem_post(&gate);
    wait_done(&bench);
    cr_assert_not_null(bench.ledger, "%s", bench.error.text);
    shelf_release(bench.shelf, bench.ledger->seat);
    loop_timer_free(soon);
    sem_destroy(&gate);
    tear_down(&bench);
}

Test(shelf, refuses_a_taken_label_and_a_taken_chain_id_and_leaves_nothing)
{
    struct bench bench;
    struct arena arena = {0};
    char **labels;
    size_t count;

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    cr_expect_not(found_org(&bench, "one", 1002));
    cr_expect_eq(bench.error.code, ERROR_EXISTS);
    cr_expect_not(found_org(&bench, "two", 1001));
    cr_expect_eq(bench.error.code, ERROR_EXISTS);
    cr_expect(strstr(bench.error.text, "1001") != NULL, "%s", bench.error.text);
    cr_expect_not(found_org(&bench, "Bad Label", 1003));
    cr_expect_not(found_org(&bench, "../x", 1003));
    cr_assert(organisation_labels(&bench.dir, &arena, &labels, &count, &bench.error));
    cr_expect_eq(count, 1);
    arena_cleanup(&arena);
    tear_down(&bench);
}

Test(shelf, keeps_no_more_open_than_its_bound)
{
    struct bench bench;

    set_up(&bench, 2);
    for (unsigned i = 0; i < 5; i++) {
        char label[8];
        snprintf(label, sizeof label, "org%u", i);
        cr_assert(found_org(&bench, label, 2000 + i), "%s", bench.error.text);
    }
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 5; i++) {
            char label[8];
            snprintf(label, sizeof label, "org%u", i);
            struct rpc_ledger *ledger = acquire(&bench, label);
            cr_assert_not_null(ledger, "%s", bench.error.text);
            cr_expect_eq(ledger_chain_id(seat_ledger(ledger->seat)), 2000 + i);
            shelf_release(bench.shelf, ledger->seat);
        }
    }
    tear_down(&bench);
}

Test(shelf, goes_on_without_a_damaged_organisation_and_says_so)
{
    struct bench bench;
    char path[PATH_SIZE], problem[ERROR_TEXT_SIZE];

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "good", 1001) && found_org(&bench, "hurt", 1002));
    cr_expect(shelf_status(bench.shelf, problem), "%s", problem);
    shelf_free(bench.shelf);
    cr_assert(path_format(path, &bench.error, "%s/ledgers/hurt/genesis.json", bench.folder));
    cr_assert(file_write(path, bytes_of_text("{}"), &bench.error));
    open_shelf(&bench, 8);
    cr_expect_eq(shelf_count(bench.shelf), 1);
    cr_expect_not(shelf_status(bench.shelf, problem));
    cr_expect(strstr(problem, "hurt") != NULL, "%s", problem);
    struct rpc_ledger *ledger = acquire(&bench, "good");
    cr_assert_not_null(ledger, "%s", bench.error.text);
    shelf_release(bench.shelf, ledger->seat);
    tear_down(&bench);
}

/* The document in the folder is the one that block 0 was made of, or the ledger is not opened. */
Test(shelf, notices_a_changed_founding_document)
{
    struct bench bench;
    char path[PATH_SIZE], problem[ERROR_TEXT_SIZE];
    struct buffer text = {0};

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    shelf_free(bench.shelf);
    cr_assert(path_format(path, &bench.error, "%s/ledgers/one/genesis.json", bench.folder));
    cr_assert(file_read(path, GENESIS_SIZE_MAX, &text, &bench.error), "%s", bench.error.text);
    buffer_append_u8(&text, 0);
    char *symbol = strstr((char *)text.data, "\"symbol\":\"");
    cr_assert_not_null(symbol);
    symbol[strlen("\"symbol\":\"")] = 'Z';
    cr_assert(file_write(path, bytes_of(text.data, text.size - 1), &bench.error));
    open_shelf(&bench, 8);
    cr_expect_null(acquire(&bench, "one"));
    cr_expect(bench.error.code == ERROR_CORRUPT, "%s", bench.error.text);
    cr_expect_not(shelf_status(bench.shelf, problem));
    cr_expect(strstr(problem, "one") != NULL, "%s", problem);
    buffer_cleanup(&text);
    tear_down(&bench);
}

/* Without the secret reveals no block can be made, but the ledger stays readable. */
Test(shelf, shows_why_a_ledger_without_its_reveals_stands_still)
{
    struct bench bench;
    char path[PATH_SIZE], problem[ERROR_TEXT_SIZE];

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    cr_assert(path_format(path, &bench.error, "%s/ledgers/one/reveals", bench.folder));
    cr_assert(file_write(path, bytes_of_text("nonsense"), &bench.error));
    struct rpc_ledger *ledger = acquire(&bench, "one");
    cr_assert_not_null(ledger, "%s", bench.error.text);
    cr_expect(seat_is_stopped(ledger->seat));
    cr_expect_not(shelf_status(bench.shelf, problem));
    cr_expect(strstr(problem, "reveals") != NULL, "%s", problem);
    shelf_release(bench.shelf, ledger->seat);
    tear_down(&bench);
}

/* A transfer of nothing by a guest: fees are free. */
static void submit_at(struct bench *bench, uint64_t time_ms)
{
    const uint8_t secret[32] = {[31] = 9};
    struct secret_key key;
    struct arena arena = {0};
    struct transaction tx = {.type = 2, .has_chain_id = true, .chain_id = 1001, .gas_limit = 21000};

    tx.to.bytes[0] = 2;
    cr_assert(secret_key_load(&key, secret));
    transaction_sign(&tx, &key, &arena);
    cr_assert_eq(ledger_submit(seat_ledger(bench->ledger->seat), &tx, time_ms, &bench->error),
                 POOL_OK, "%s", bench->error.text);
    arena_cleanup(&arena);
}

static void submit_job(struct vm *machine, void *arg)
{
    struct bench *bench = arg;
    (void)machine;
    submit_at(bench, clock_wall_ms());
    seat_wake(bench->ledger->seat);
}

static void look_again(void *arg)
{
    struct bench *bench = arg;
    if (seat_is_stopped(bench->ledger->seat))
        loop_stop(bench->loop);
    else
        loop_timer_set(bench->limit, 5);
}

/* Nobody shall wait for a block that does not come. */
static void submit_in_vain_job(struct vm *machine, void *arg)
{
    struct bench *bench = arg;
    const struct transaction tx = {.type = 2, .has_chain_id = true, .chain_id = 1001};
    (void)machine;
    cr_expect_eq(ledger_submit(seat_ledger(bench->ledger->seat), &tx, 1, &bench->error),
                 POOL_REFUSED);
}

/* Four reveals are four blocks: the transaction's and three of its tail. */
Test(shelf, stops_a_ledger_whose_reveals_are_used_up)
{
    struct bench bench;
    struct org_summary summary;
    struct error error;
    hash256 hash;
    struct header header;

    set_up(&bench, 8);
    cr_assert(found_with(&bench, "one", 1001, 4, 1), "%s", bench.error.text);
    struct rpc_ledger *ledger = acquire(&bench, "one");
    cr_assert_not_null(ledger, "%s", bench.error.text);
    cr_assert(actor_submit(seat_actor(ledger->seat), submit_job, NULL, &bench));
    loop_timer_free(bench.limit);
    bench.limit = loop_timer_new(bench.loop, look_again, &bench);
    loop_timer_set(bench.limit, 5);
    loop_run(bench.loop);

    seat_summary(ledger->seat, &summary);
    cr_expect_eq(summary.height, 4, "height %lu", (unsigned long)summary.height);
    cr_expect(strstr(summary.stopped, "found a new") != NULL, "%s", summary.stopped);
    cr_assert(actor_submit(seat_actor(ledger->seat), submit_in_vain_job, on_closed, &bench));
    loop_timer_off(bench.limit);
    bench.is_done = false;
    wait_done(&bench);
    cr_expect(strstr(bench.error.text, "stands still") != NULL, "%s", bench.error.text);
    struct ledger_view *view = ledger_view_open(seat_ledger(ledger->seat), &error);
    cr_assert_not_null(view, "a stopped ledger stays readable: %s", error.text);
    cr_expect(view_header(view, 4, &header, &hash, &error), "%s", error.text);
    ledger_view_close(view);
    shelf_release(bench.shelf, ledger->seat);
    tear_down(&bench);
}

/* Figures of blocks, also of a ledger that is not open; asking for them is no use of it. */
Test(shelf, counts_blocks_and_what_it_took_to_make_them)
{
    struct bench bench;
    struct arena arena = {0};
    struct distribution step = {0}, block = {0};
    size_t count;

    set_up(&bench, 8);
    cr_assert(found_with(&bench, "one", 1001, 4, 1), "%s", bench.error.text);
    cr_assert_not(shelf_figures(bench.shelf, &arena, &count)[0].is_open);
    cr_assert_eq(count, 1);
    struct rpc_ledger *ledger = acquire(&bench, "one");
    cr_assert_not_null(ledger, "%s", bench.error.text);
    cr_assert(actor_submit(seat_actor(ledger->seat), submit_job, NULL, &bench));
    loop_timer_free(bench.limit);
    bench.limit = loop_timer_new(bench.loop, look_again, &bench);
    loop_timer_set(bench.limit, 5);
    loop_run(bench.loop);
    shelf_release(bench.shelf, ledger->seat);

    const uint64_t last_used_ms = seat_last_used_ms(ledger->seat);
    while (clock_boot_ms() == last_used_ms) {
    }
    const struct org_figures *figures = shelf_figures(bench.shelf, &arena, &count);
    cr_expect_eq(seat_last_used_ms(ledger->seat), last_used_ms);
    cr_expect(figures->is_open);
    cr_expect_eq(figures->committee_size, 1);
    cr_expect_eq(figures->summary.height, 4);
    cr_expect_eq(tally_read(&figures->ledger->blocks), 4);
    cr_expect_eq(tally_read(&figures->ledger->transactions), 1);
    cr_expect_eq(tally_read(&figures->ledger->submitted[POOL_OK]), 1);
    cr_expect_eq(tally_read(&figures->consensus->view), 4);
    cr_expect_eq(tally_read(&figures->consensus->views_skipped), 0);
    distribution_add(&step, &figures->consensus->steps[BLOCK_SIGN]);
    distribution_add(&block, &figures->consensus->block);
    cr_expect_eq(step.count, 12, "a proposal and two votes a block");
    cr_expect_eq(block.count, 4);
    cr_expect(block.sum_ns > step.sum_ns);

    shelf_stop(bench.shelf, on_closed, &bench);
    bench.is_done = false;
    wait_done(&bench);
    figures = shelf_figures(bench.shelf, &arena, &count);
    cr_expect_not(figures->is_open);
    cr_expect_eq(tally_read(&figures->ledger->blocks), 4);
    arena_cleanup(&arena);
    loop_timer_off(bench.limit);
    tear_down(&bench);
}

/* Two wait for a ledger to open while the shelf is stopped already. */
struct late {
    struct bench *bench;
    struct rpc_ledger *ledger;
    uint64_t height;
    bool has_looked;
    bool was_closed_before;
};

static void look_job(struct vm *machine, void *arg)
{
    struct late *late = arg;
    (void)machine;
    late->height = ledger_head(seat_ledger(late->ledger->seat))->number;
}

static void on_looked(void *arg)
{
    struct late *late = arg;
    late->has_looked = true;
    shelf_release(late->bench->shelf, late->ledger->seat);
}

static void look(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct late *late = arg;
    cr_assert_null(error);
    late->ledger = ledger;
    cr_assert(actor_submit(seat_actor(ledger->seat), look_job, on_looked, late));
}

static void let_go(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct bench *bench = arg;
    cr_assert_null(error);
    shelf_release(bench->shelf, ledger->seat);
}

static void on_late_closed(void *arg)
{
    struct late *late = arg;
    late->was_closed_before = !late->has_looked;
    on_closed(late->bench);
}

/* One lets go at once: the other's ledger must stay until it is done with it. */
Test(shelf, closes_no_ledger_that_somebody_waited_for_and_still_holds)
{
    struct bench bench;
    struct late late = {.bench = &bench, .height = 77};

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    shelf_acquire(bench.shelf, "one", let_go, &bench);
    shelf_acquire(bench.shelf, "one", look, &late);
    shelf_acquire(bench.shelf, "one", let_go, &bench);
    shelf_stop(bench.shelf, on_late_closed, &late);
    wait_done(&bench);
    cr_expect(late.has_looked);
    cr_expect(!late.was_closed_before);
    cr_expect_eq(late.height, 0);
    tear_down(&bench);
}

static void submit_old_job(struct vm *machine, void *arg)
{
    (void)machine;
    submit_at(arg, clock_wall_ms() - pool_limits_default().lifetime_ms - 1000);
}

/* What expired while the node was off waits for nobody: it makes no block, not even an empty one. */
Test(shelf, makes_no_block_for_what_expired_while_it_was_closed)
{
    struct bench bench;
    struct org_summary summary;

    set_up(&bench, 8);
    cr_assert(found_org(&bench, "one", 1001), "%s", bench.error.text);
    struct rpc_ledger *ledger = acquire(&bench, "one");
    cr_assert_not_null(ledger, "%s", bench.error.text);
    cr_assert(actor_submit(seat_actor(ledger->seat), submit_old_job, on_closed, &bench));
    wait_done(&bench);
    shelf_release(bench.shelf, ledger->seat);
    shelf_stop(bench.shelf, on_closed, &bench);
    wait_done(&bench);
    workers_stop(bench.workers); /* an actor may be about to rest still */
    shelf_free(bench.shelf);
    loop_watch_free(bench.watch);

    bench.workers = workers_start(2, 64, &bench.error);
    bench.watch = loop_watch_new(bench.loop, workers_fd(bench.workers), on_results, &bench);
    open_shelf(&bench, 8);
    ledger = acquire(&bench, "one");
    cr_assert_not_null(ledger, "%s", bench.error.text);
    loop_timer_free(bench.limit);
    bench.limit = loop_timer_new(bench.loop, on_closed, &bench);
    loop_timer_set(bench.limit, 300);
    wait_done(&bench);
    seat_summary(ledger->seat, &summary);
    cr_expect_eq(summary.height, 0, "height %lu", (unsigned long)summary.height);
    shelf_release(bench.shelf, ledger->seat);
    tear_down(&bench);
}

/* To the ledger "acme" of another node, with chain id 1001. */
static struct invitation invitation_of(struct bench *other, struct bytes *document)
{
    struct invitation invitation = {.addresses_count = 1};
    cr_assert(found_org(other, "acme", 1001), "%s", other->error.text);
    const struct organisation *org = shelf_find(other->shelf, "acme");
    invitation.ledger = org->id;
    invitation.addresses[0].who = node_id_of(&other->dir.keys.node);
    snprintf(invitation.addresses[0].endpoint, ENDPOINT_SIZE, "box.example:30800");
    *document = org->document;
    return invitation;
}

/* The folder names where the node that invited is found, and has no reveals. */
Test(shelf, takes_up_a_ledger_by_an_invitation)
{
    struct bench bench, other;
    struct bytes document;
    struct org_summary summary;
    char path[PATH_SIZE];
    set_up(&other, 8);
    set_up(&bench, 8);
    const struct invitation invitation = invitation_of(&other, &document);
    cr_assert(shelf_join(bench.shelf, "", &invitation, document, &summary, &bench.error), "%s",
              bench.error.text);
    cr_expect_str_eq(summary.label, "acme");
    cr_expect(summary.is_default);
    const struct organisation *org = shelf_find_id(bench.shelf, &invitation.ledger);
    cr_assert_not_null(org);
    cr_expect_str_eq(organisation_endpoint_of(org, invitation.addresses[0].who.key),
                     "box.example:30800");
    cr_expect_null(organisation_endpoint_of(org, (const uint8_t[33]){2}));
    cr_assert(path_format(path, &bench.error, "%s/reveals", org->folder));
    cr_expect_not(file_exists(path));
    cr_expect_not(shelf_join(bench.shelf, "b", &invitation, document, &summary, &bench.error));
    cr_expect_eq(bench.error.code, ERROR_EXISTS);
    cr_expect_eq(shelf_count(bench.shelf), 1);
    tear_down(&bench);
    tear_down(&other);
}

/* What another node sends is only taken when it leads to the hash in the link, and two ledgers with
 * one chain id are not kept. */
Test(shelf, takes_up_nothing_else_by_an_invitation)
{
    struct bench bench, other;
    struct bytes document;
    struct org_summary summary;
    char path[PATH_SIZE];
    set_up(&other, 8);
    set_up(&bench, 8);
    struct invitation invitation = invitation_of(&other, &document);
    cr_assert(found_org(&other, "liar", 1002), "%s", other.error.text);
    const struct bytes wrong[] = {shelf_find(other.shelf, "liar")->document, bytes_of_text("{}"),
                                  bytes_of(document.data, document.size - 1)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_not(shelf_join(bench.shelf, "", &invitation, wrong[i], &summary, &bench.error));
        cr_expect(strstr(bench.error.text, "another founding document") != NULL, "%s",
                  bench.error.text);
    }
    cr_assert(found_org(&bench, "mine", 1001), "%s", bench.error.text);
    cr_expect_not(shelf_join(bench.shelf, "", &invitation, document, &summary, &bench.error));
    cr_expect(strstr(bench.error.text, "mine has the chain id 1001") != NULL, "%s",
              bench.error.text);
    cr_assert(path_format(path, &bench.error, "%s/ledgers/acme", bench.dir.path));
    cr_expect_not(file_exists(path));
    cr_expect_eq(shelf_count(bench.shelf), 1);
    tear_down(&bench);
    tear_down(&other);
}
