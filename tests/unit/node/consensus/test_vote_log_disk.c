/* A disk that fails. The calls of the C library that the vote log makes are replaced here for this
 * program: they do what they always do, until a test says which of them fails, and how. */
#undef _FORTIFY_SOURCE /* its headers have bodies of their own for some of these */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/node/consensus/log_bench.h"
#include "tests/unit/node/temporary.h"

static struct {
    unsigned calls;
    unsigned fails_at; /* the how many-th call fails; 0: none */
    int error;
    bool is_short;       /* writes and reads move one byte at most */
    bool is_interrupted; /* every other write or read is interrupted */
} disk;

static bool fails(void)
{
    if (++disk.calls != disk.fails_at)
        return false;
    errno = disk.error;
    return true;
}

static bool is_interrupted(void)
{
    static bool now;
    now = disk.is_interrupted && !now;
    errno = EINTR;
    return now;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
    if (fails() || is_interrupted())
        return -1;
    return syscall(SYS_pwrite64, file, bytes, disk.is_short && size > 1 ? size / 2 : size, at);
}

ssize_t pread(int file, void *out, size_t size, off_t at)
{
    if (fails() || is_interrupted())
        return -1;
    return syscall(SYS_pread64, file, out, disk.is_short && size > 1 ? size / 2 : size, at);
}

int fsync(int file)
{
    return fails() ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return fails() ? -1 : (int)syscall(SYS_fdatasync, file);
}

int posix_fallocate(int file, off_t at, off_t size)
{
    if (fails())
        return disk.error;
    return fallocate(file, 0, at, size) == 0 ? 0 : errno;
}

int rename(const char *from, const char *to)
{
    return fails() ? -1 : renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* ---- Whichever call fails ------------------------------------------------------------------- */

#define LARGE (3U << 20)

/* A block of the other ledger's: two of them make the file worth rewriting once they are final. */
static void append_large(struct log_bench *bench)
{
    struct buffer body = {0};
    memset(buffer_extend(&body, LARGE), 0xbb, LARGE);
    const struct vote_record record = {.kind = VOTE_RECORD_BLOCK,
                                       .ledger = log_bench_ledgers[1],
                                       .epoch = 7,
                                       .view = 1,
                                       .block = {{1}},
                                       .body = buffer_view(&body)};
    vote_log_append(bench->log, &record);
    buffer_cleanup(&body);
}

/* The views of ledger 0's records that were reported as synced so far, two digits each. */
static uint64_t promised_after(struct log_bench *bench, unsigned from, uint64_t promised)
{
    log_bench_append(bench, from, from + 1);
    if (vote_log_sync(bench->log, &bench->error))
        promised = promised * 100 + 10 + from;
    else if (bench->error.code == ERROR_DISK_FULL && vote_log_sync(bench->log, &bench->error))
        promised = promised * 100 + 10 + from; /* there is room again */
    return promised;
}

/* Opens, promises, is rewritten and promises again. Returns what was reported as synced. */
static uint64_t live(struct log_bench *bench)
{
    uint64_t promised = 0;
    log_bench_reopen(bench);
    if (bench->log == NULL)
        return 0;
    promised = promised_after(bench, 0, promised);
    append_large(bench);
    append_large(bench);
    vote_log_on_final(bench->log, &log_bench_ledgers[1], 7, 1);
    promised = promised_after(bench, 1, promised);
    return promised_after(bench, 2, promised);
}

/* Whether `shown` has all of `promised`, in order, before anything else. */
static bool has_all(uint64_t shown, uint64_t promised)
{
    while (shown > promised)
        shown /= 100;
    return shown == promised;
}

static void fail_each_call(int error)
{
    for (unsigned at = 1;; at++) {
        struct log_bench bench;
        log_bench_init(&bench);
        memset(&disk, 0, sizeof disk);
        disk.fails_at = at;
        disk.error = error;
        const uint64_t promised = live(&bench);
        const bool is_over = disk.calls < at;
        disk.fails_at = 0;
        log_bench_reopen(&bench);
        cr_assert_not_null(bench.log, "call %u: %s", at, bench.error.text);
        const uint64_t shown = log_bench_replayed(&bench, 0, 1);
        cr_assert(has_all(shown, promised), "call %u, error %d: %lu shown, %lu promised", at, error,
                  (unsigned long)shown, (unsigned long)promised);
        if (is_over)
            cr_expect_eq(promised, 101112, "nothing failed");
        log_bench_end(&bench);
        if (is_over) {
            cr_expect_gt(at, 8, "it makes, writes, syncs and replaces two files");
            return;
        }
    }
}

Test(vote_log_disk, whichever_call_fails_what_was_reported_as_synced_is_there)
{
    fail_each_call(EIO);
}

Test(vote_log_disk, on_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_room)
{
    fail_each_call(ENOSPC);
}

/* ---- Each by itself ------------------------------------------------------------------------- */

Test(vote_log_disk, reads_and_writes_in_parts_and_over_interruptions)
{
    struct log_bench bench;
    log_bench_init(&bench);
    disk.is_short = disk.is_interrupted = true;
    log_bench_append(&bench, 0, LOG_BENCH_RECORDS);
    log_bench_sync(&bench);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 101112);
    log_bench_reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 101112);
    memset(&disk, 0, sizeof disk);
    log_bench_end(&bench);
}

/* After a sync that failed nobody knows what the disk holds (fsync reports an error once). */
Test(vote_log_disk, a_failed_sync_is_never_tried_again)
{
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, 1);
    log_bench_sync(&bench);
    log_bench_append(&bench, 1, 2);
    memset(&disk, 0, sizeof disk);
    disk.fails_at = 2; /* it is written, but not synced */
    disk.error = EIO;
    cr_expect_not(vote_log_sync(bench.log, &bench.error));
    cr_expect_not(vote_log_sync(bench.log, &bench.error));
    cr_expect_eq(vote_log_synced(bench.log), 1);
    cr_expect_eq(disk.calls, 2, "nothing more was tried");
    memset(&disk, 0, sizeof disk);
    log_bench_end(&bench);
}

static void ignore(void *context, const struct vote_record *record)
{
    (void)context;
    (void)record;
}

static bool replays(struct log_bench *bench)
{
    return vote_log_replay(bench->log, &log_bench_ledgers[0], 1, ignore, NULL, &bench->error);
}

/* Somebody writes to the file, into the body of its first record, behind its back. */
static void spoil_record(const struct log_bench *bench)
{
    const uint8_t wrong = 0xff;
    const int file = open(bench->path, O_WRONLY);
    cr_assert_eq(pwrite(file, &wrong, 1, VOTE_RECORD_HEADER_SIZE + 60), 1);
    close(file);
}

/* Or the disk forgets. */
Test(vote_log_disk, a_record_that_changed_on_the_disk_is_not_shown)
{
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, 2);
    log_bench_sync(&bench);
    spoil_record(&bench);
    cr_expect_not(replays(&bench));
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    cr_assert_eq(truncate(bench.path, VOTE_RECORD_HEADER_SIZE + 60), 0);
    cr_expect_not(replays(&bench));
    cr_expect(strstr(bench.error.text, "ends at") != NULL, "%s", bench.error.text);
    disk.calls = 0;
    disk.fails_at = 1;
    disk.error = EIO;
    cr_expect_not(replays(&bench));
    cr_expect_eq(bench.error.code, ERROR_IO, "%s", bench.error.text);
    memset(&disk, 0, sizeof disk);
    log_bench_end(&bench);
}

/* A needed record that cannot be read back is a reason not to put a new file in its place. */
Test(vote_log_disk, is_not_rewritten_without_a_record_that_is_needed)
{
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, 1);
    log_bench_sync(&bench);
    spoil_record(&bench);
    append_large(&bench);
    append_large(&bench);
    vote_log_on_final(bench.log, &log_bench_ledgers[1], 7, 1);
    cr_expect_not(vote_log_sync(bench.log, &bench.error));
    cr_expect_eq(bench.error.code, ERROR_CORRUPT, "%s", bench.error.text);
    cr_expect_eq(vote_log_synced(bench.log), 1);
    log_bench_end(&bench);
}

Test(vote_log_disk, says_what_is_wrong_with_its_place)
{
    struct log_bench bench;
    struct error error;
    enum vote_log_found found;
    char path[2 * PATH_SIZE];
    log_bench_init(&bench);
    snprintf(path, sizeof path, "%s.new", bench.path);
    cr_assert_eq(mkdir(path, 0700), 0);
    log_bench_reopen(&bench);
    cr_expect_null(bench.log, "its new file cannot be made");
    cr_expect(strstr(bench.error.text, ".new") != NULL, "%s", bench.error.text);
    memset(path, 'x', sizeof path);
    path[PATH_SIZE + 10] = 0;
    cr_expect_null(vote_log_open(path, &log_bench_id, &found, &error), "too long");
    path[PATH_SIZE - 3] = 0;
    cr_expect_null(vote_log_open(path, &log_bench_id, &found, &error), "too long with .new");
    cr_expect_null(vote_log_open(bench.folder, &log_bench_id, &found, &error), "a folder");
    log_bench_end(&bench);
}
