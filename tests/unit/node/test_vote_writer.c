/* The vote log's thread, with a real loop, pool and file. */
#include "tests/unit/node/temporary.h"

#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/log.h"
#include "node/loop.h"
#include "node/vote_writer.h"
#include "tests/unit/node/consensus/log_bench.h"

#define LIMIT_MS 20000

struct bench {
    char *folder;
    char path[PATH_SIZE];
    struct loop *loop;
    struct workers *workers;
    struct loop_watch *watch;
    struct loop_timer *limit;
    struct vote_writer *writer;
    unsigned wanted;
};

static void on_results(void *arg)
{
    struct bench *bench = arg;
    workers_collect(bench->workers, 64);
}

static void on_too_late(void *arg)
{
    (void)arg;
    cr_assert_fail("the vote log did not answer");
}

static void open_writer(struct bench *bench)
{
    struct error error;
    bench->writer = vote_writer_start(bench->path, bench->workers, &error);
    cr_assert_not_null(bench->writer, "%s", error.text);
}

static void set_up(struct bench *bench)
{
    struct error error;
    *bench = (struct bench){.folder = temporary_folder()};
    log_setup(LOG_ERROR, false);
    cr_assert(path_format(bench->path, &error, "%s/votes", bench->folder));
    bench->loop = loop_new(&error);
    bench->workers = workers_start(1, 16, &error);
    bench->watch = loop_watch_new(bench->loop, workers_fd(bench->workers), on_results, bench);
    bench->limit = loop_timer_new(bench->loop, on_too_late, bench);
    open_writer(bench);
}

static void tear_down(struct bench *bench)
{
    vote_writer_stop(bench->writer);
    workers_stop(bench->workers);
    loop_watch_free(bench->watch);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    temporary_remove(bench->folder);
}

static void on_done(void *arg)
{
    struct bench *bench = arg;
    if (--bench->wanted == 0)
        loop_stop(bench->loop);
}

static void run(struct bench *bench, unsigned wanted)
{
    bench->wanted = wanted;
    loop_timer_set(bench->limit, LIMIT_MS);
    loop_run(bench->loop);
    loop_timer_off(bench->limit);
}

static void append(struct bench *bench, unsigned number)
{
    const struct vote_record record = sample_record(number);
    cr_assert(vote_writer_append(bench->writer, &record));
}

static bool sync_all(struct bench *bench)
{
    struct vote_wait wait;
    vote_writer_wait(bench->writer, &wait, on_done, bench);
    run(bench, 1);
    return wait.ok;
}

/* How many records of a ledger's epoch it gives, each of which is its sample, in order. */
static size_t replay(struct bench *bench, unsigned ledger, uint64_t epoch)
{
    struct vote_replay replay = {.ledger = log_bench_ledgers[ledger], .epoch = epoch};
    vote_writer_replay(bench->writer, &replay, on_done, bench);
    run(bench, 1);
    cr_assert(replay.wait.ok, "%s", replay.wait.error.text);
    for (size_t i = 0; i < replay.count; i++) {
        const struct vote_record sample = sample_record((unsigned)replay.records[i].view - 10);
        cr_expect(same_record(&replay.records[i], &sample));
        cr_expect(i == 0 || replay.records[i - 1].view < replay.records[i].view);
    }
    arena_cleanup(&replay.memory);
    return replay.count;
}

/* What was waited for is there after a restart, each ledger's and epoch's by itself, until it is
 * final; the file keeps its id. */
Test(vote_writer, keeps_what_was_waited_for)
{
    struct bench bench;
    set_up(&bench);
    cr_expect(sync_all(&bench));
    const hash256 id = vote_writer_id(bench.writer);
    for (unsigned i = 0; i < LOG_BENCH_RECORDS; i++)
        append(&bench, i);
    cr_expect(sync_all(&bench));
    vote_writer_stop(bench.writer);

    open_writer(&bench);
    cr_expect(sync_all(&bench));
    const hash256 again = vote_writer_id(bench.writer);
    cr_expect(hash256_equal(&id, &again));
    cr_expect_eq(replay(&bench, 0, 1), 3);
    cr_expect_eq(replay(&bench, 0, 2), 1);
    cr_expect_eq(replay(&bench, 1, 1), 1);
    vote_writer_on_final(bench.writer, &log_bench_ledgers[0], 1, 11);
    cr_expect_eq(replay(&bench, 0, 1), 1);
    cr_expect_eq(replay(&bench, 1, 1), 1);
    tear_down(&bench);
}

/* Those who wait at once get their answers in order; what follows the last wait is shown by a replay,
 * and nobody waits for it. */
Test(vote_writer, answers_everybody)
{
    struct bench bench;
    struct vote_wait waits[3];
    set_up(&bench);
    for (unsigned i = 0; i < 3; i++) {
        append(&bench, i);
        vote_writer_wait(bench.writer, &waits[i], on_done, &bench);
    }
    run(&bench, 3);
    for (unsigned i = 0; i < 3; i++)
        cr_expect(waits[i].ok);
    append(&bench, 3);
    cr_expect_eq(replay(&bench, 1, 1), 1);
    tear_down(&bench);
}

/* A damaged file is kept beside, and the new one has another id. */
Test(vote_writer, moves_a_damaged_file_aside)
{
    struct bench bench;
    char pattern[PATH_SIZE];
    struct error error;
    glob_t found;
    set_up(&bench);
    cr_expect(sync_all(&bench));
    const hash256 id = vote_writer_id(bench.writer);
    vote_writer_stop(bench.writer);
    cr_assert(file_write(bench.path, bytes_of_text("this is no vote log"), &error));

    open_writer(&bench);
    cr_expect(sync_all(&bench));
    const hash256 other = vote_writer_id(bench.writer);
    cr_expect_not(hash256_equal(&id, &other));
    cr_assert(path_format(pattern, &error, "%s.damaged-*", bench.path));
    cr_expect_eq(glob(pattern, 0, NULL, &found), 0);
    cr_expect_eq(found.gl_pathc, 1);
    globfree(&found);
    append(&bench, 0);
    cr_expect(sync_all(&bench));
    tear_down(&bench);
}

/* The log is opened on the writer's thread: whoever waits is told why it could not be. */
Test(vote_writer, tells_those_who_wait_that_there_is_no_log)
{
    struct bench bench;
    struct vote_wait wait;
    struct vote_replay replay = {.ledger = log_bench_ledgers[0], .epoch = 1};
    struct error error;
    set_up(&bench);
    vote_writer_stop(bench.writer);
    cr_assert(path_format(bench.path, &error, "%s/nowhere/votes", bench.folder));
    open_writer(&bench);
    append(&bench, 0);
    vote_writer_wait(bench.writer, &wait, on_done, &bench);
    run(&bench, 1);
    cr_expect_not(wait.ok);
    cr_expect(strstr(wait.error.text, "nowhere/votes") != NULL, "%s", wait.error.text);
    vote_writer_replay(bench.writer, &replay, on_done, &bench);
    run(&bench, 1);
    cr_expect_not(replay.wait.ok);
    tear_down(&bench);
}

/* After a write that failed nothing is promised any more, whatever the disk does later. */
Test(vote_writer, promises_nothing_after_a_failure)
{
    struct bench bench;
    struct rlimit before, small;
    uint8_t body[16384] = {1};
    struct vote_record record = sample_record(4);
    set_up(&bench);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    record.body = bytes_of(body, sizeof body);
    cr_assert(vote_writer_append(bench.writer, &record));
    cr_expect_not(sync_all(&bench));
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);

    append(&bench, 0);
    struct vote_wait wait;
    vote_writer_wait(bench.writer, &wait, on_done, &bench);
    run(&bench, 1);
    cr_expect_not(wait.ok);
    cr_expect(strstr(wait.error.text, "restart lnode") != NULL, "%s", wait.error.text);
    tear_down(&bench);
}
