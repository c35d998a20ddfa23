#include "node/consensus/vote_log.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/node/consensus/committee.h"
#include "tests/unit/node/temporary.h"
#include "vm/base/crc32c.h"

#define RECORDS 5

static const hash256 log_id = {{0x77, 1, 2, 3}};
static const hash256 ledgers[2] = {{{0xa1}}, {{0xb2}}};

/* One of each kind, of two ledgers and two epochs. */
static struct vote_record sample(unsigned i)
{
    struct vote_record record = {.kind = VOTE_RECORD_VOTE,
                                 .ledger = ledgers[i == 3],
                                 .epoch = i == 4 ? 2 : 1,
                                 .view = 10 + i};
    if (i == 3) {
        record.kind = VOTE_RECORD_BOUND;
    } else if (i % 3 == 0) {
        record.vote = MESSAGE_NOTARIZE;
        record.proposal = block_named(i);
    } else if (i % 3 == 1) {
        record.kind = i == 1 ? VOTE_RECORD_PROPOSAL : VOTE_RECORD_BLOCK;
        record.parent_view = i == 1 ? 9 : 0;
        record.block = block_named(i);
        record.body = bytes_of_text(i == 1 ? "" : "a block in its stored form");
    } else {
        record.kind = VOTE_RECORD_CERTIFICATE;
        record.body = bytes_of_text("a certificate");
    }
    return record;
}

static bool same(const struct vote_record *a, const struct vote_record *b)
{
    return a->kind == b->kind && hash256_equal(&a->ledger, &b->ledger) && a->epoch == b->epoch
           && a->view == b->view && a->vote == b->vote && a->parent_view == b->parent_view
           && hash256_equal(&a->proposal, &b->proposal) && hash256_equal(&a->block, &b->block)
           && bytes_equal(a->body, b->body);
}

/* ---- Records as bytes ----------------------------------------------------------------------- */

/* RFC 3720 B.4: 32 bytes of zero, and 0 to 31; and in two parts. */
Test(vote_record, has_the_checksum_of_the_rfc)
{
    uint8_t zeros[32] = {0}, rising[32];
    for (uint8_t i = 0; i < 32; i++)
        rising[i] = i;
    cr_expect_eq(crc32c(0, bytes_of(zeros, 32)), 0x8a9136aa);
    cr_expect_eq(crc32c(0, bytes_of(rising, 32)), 0x46dd794e);
    cr_expect_eq(crc32c(crc32c(0, bytes_of(rising, 7)), bytes_of(rising + 7, 25)), 0x46dd794e);
}

/* A log of RECORDS records, synced after each of the first `groups`; ends[i] is where i ends. */
static struct vote_log_identity write_sample(struct buffer *out, unsigned groups,
                                             size_t ends[RECORDS])
{
    const struct vote_log_identity identity = {log_id, 3};
    vote_log_header_encode(&identity, out);
    for (unsigned i = 0; i < RECORDS; i++) {
        const struct vote_record record = sample(i);
        vote_record_encode(&record, &identity, i, i < groups ? i : groups, out);
        ends[i] = out->size;
    }
    return identity;
}

/* Reads until the end; every record found must be the sample's. */
static enum vote_record_verdict read_all(const struct vote_log_identity *identity,
                                         struct bytes file, unsigned *found)
{
    struct vote_record_reader reader = vote_record_reader_over(identity, file);
    struct vote_record record;
    enum vote_record_verdict verdict;
    for (*found = 0; (verdict = vote_record_read(&reader, &record)) == VOTE_RECORD_FOUND;
         (*found)++) {
        const struct vote_record expected = sample(*found);
        cr_assert_lt(*found, RECORDS);
        cr_assert(same(&record, &expected), "record %u is another", *found);
    }
    return verdict;
}

Test(vote_record, reads_what_was_written_and_stops_at_room_that_is_set_aside)
{
    struct buffer file = {0};
    size_t ends[RECORDS];
    unsigned found;
    struct vote_log_identity read, identity = write_sample(&file, RECORDS, ends);
    uint8_t version;

    cr_assert(vote_log_header_decode(&read, buffer_view(&file), &version));
    cr_expect(hash256_equal(&read.id, &identity.id));
    cr_expect_eq(read.generation, 3);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_END);
    cr_expect_eq(found, RECORDS);
    memset(buffer_extend(&file, 1000), 0, 1000);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_END);
    cr_expect_eq(found, RECORDS);
    buffer_cleanup(&file);
}

/* A power cut leaves any prefix: whole records are kept, the rest is a torn tail. */
Test(vote_record, keeps_every_whole_record_of_every_truncation)
{
    struct buffer file = {0};
    size_t ends[RECORDS];
    unsigned found;
    const struct vote_log_identity identity = write_sample(&file, RECORDS, ends);

    for (size_t size = VOTE_RECORD_HEADER_SIZE; size <= file.size; size++) {
        unsigned whole = 0;
        while (whole < RECORDS && ends[whole] <= size)
            whole++;
        const bool at_end =
            size == VOTE_RECORD_HEADER_SIZE || (whole > 0 && ends[whole - 1] == size);
        const enum vote_record_verdict verdict =
            read_all(&identity, bytes_of(file.data, size), &found);
        cr_assert_eq(found, whole, "%zu bytes", size);
        if (at_end) {
            cr_assert_eq(verdict, VOTE_RECORD_END, "%zu bytes", size);
        } else {
            /* the first bytes of a size may be zero, as room set aside is */
            cr_assert(verdict == VOTE_RECORD_TORN || verdict == VOTE_RECORD_END, "%zu", size);
        }
    }
    buffer_cleanup(&file);
}

/* Every flipped bit of every record, each synced before the next was written: never a record that
 * was not written, and damage is seen unless it hit the last. */
Test(vote_record, notices_every_flipped_bit)
{
    struct buffer file = {0};
    size_t ends[RECORDS];
    unsigned found;
    const struct vote_log_identity identity = write_sample(&file, RECORDS, ends);

    for (size_t bit = 8 * VOTE_RECORD_HEADER_SIZE; bit < 8 * file.size; bit++) {
        unsigned hit = 0;
        while (ends[hit] <= bit / 8)
            hit++;
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        const enum vote_record_verdict verdict = read_all(&identity, buffer_view(&file), &found);
        cr_assert_eq(found, hit, "bit %zu", bit);
        cr_assert_eq(verdict, hit + 1 < RECORDS ? VOTE_RECORD_DAMAGED : VOTE_RECORD_TORN,
                     "bit %zu of record %u", bit, hit);
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    for (size_t bit = 0; bit < 8 * VOTE_RECORD_HEADER_SIZE; bit++) {
        struct vote_log_identity read;
        uint8_t version;
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        cr_assert_not(vote_log_header_decode(&read, buffer_view(&file), &version), "bit %zu", bit);
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    buffer_cleanup(&file);
}

/* Records of one group reach the disk in any order: one missing before the sync is no damage,
 * however whole those behind it are. */
Test(vote_record, tells_a_torn_group_from_damage)
{
    struct buffer file = {0};
    size_t ends[RECORDS];
    unsigned found;
    const struct vote_log_identity identity = write_sample(&file, 2, ends); /* 2, 3, 4: one group */

    memset(file.data + ends[1], 0, ends[2] - ends[1]);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_TORN);
    cr_expect_eq(found, 2);
    memset(file.data + ends[0], 0, ends[1] - ends[0]);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_DAMAGED);
    cr_expect_eq(found, 1);
    buffer_cleanup(&file);
}

Test(vote_record, of_another_log_or_generation_is_none)
{
    struct buffer file = {0};
    size_t ends[RECORDS];
    unsigned found;
    struct vote_log_identity identity = write_sample(&file, RECORDS, ends);

    identity.generation++;
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_TORN);
    cr_expect_eq(found, 0);
    identity.generation--;
    identity.id.bytes[31] ^= 1;
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_TORN);
    cr_expect_eq(found, 0);
    buffer_cleanup(&file);
}

/* ---- The file ------------------------------------------------------------------------------- */

struct bench {
    char *folder;
    char path[PATH_SIZE];
    struct vote_log *log;
    enum vote_log_found found;
    struct error error;
};

static void reopen(struct bench *bench)
{
    vote_log_close(bench->log);
    bench->log = vote_log_open(bench->path, &log_id, &bench->found, &bench->error);
}

static void set_up(struct bench *bench)
{
    *bench = (struct bench){.folder = temporary_folder()};
    cr_assert(path_format(bench->path, &bench->error, "%s/votes", bench->folder));
    reopen(bench);
    cr_assert_not_null(bench->log, "%s", bench->error.text);
}

static void tear_down(struct bench *bench)
{
    vote_log_close(bench->log);
    temporary_remove(bench->folder);
}

static void append_samples(struct bench *bench, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        const struct vote_record record = sample(i);
        vote_log_append(bench->log, &record);
    }
}

static void sync_log(struct bench *bench)
{
    cr_assert(vote_log_sync(bench->log, &bench->error), "%s", bench->error.text);
}

static void count_views(void *context, const struct vote_record *record)
{
    uint64_t *seen = context;
    const struct vote_record expected = sample((unsigned)record->view - 10);
    cr_assert(same(record, &expected), "view %lu", (unsigned long)record->view);
    *seen = *seen * 100 + record->view;
}

/* The views of the records shown, two digits each. */
static uint64_t replayed(struct bench *bench, unsigned ledger, uint64_t epoch)
{
    uint64_t seen = 0;
    cr_assert(
        vote_log_replay(bench->log, &ledgers[ledger], epoch, count_views, &seen, &bench->error),
        "%s", bench->error.text);
    return seen;
}

Test(vote_log, shows_each_ledger_and_epoch_its_own_records_in_order)
{
    struct bench bench;
    set_up(&bench);
    cr_expect_eq(bench.found, VOTE_LOG_MADE);
    append_samples(&bench, 0, RECORDS);
    for (unsigned round = 0; round < 3; round++) { /* queued, synced, opened again */
        cr_expect_eq(replayed(&bench, 0, 1), 101112);
        cr_expect_eq(replayed(&bench, 1, 1), 13);
        cr_expect_eq(replayed(&bench, 0, 2), 14, "records of another epoch are not shown");
        cr_expect_eq(replayed(&bench, 1, 2), 0);
        sync_log(&bench);
        if (round == 1)
            reopen(&bench);
    }
    cr_expect_eq(bench.found, VOTE_LOG_WHOLE);
    tear_down(&bench);
}

Test(vote_log, says_what_may_leave_the_node)
{
    struct bench bench;
    set_up(&bench);
    const struct vote_record record = sample(0);
    cr_expect_eq(vote_log_append(bench.log, &record), 1);
    cr_expect_eq(vote_log_append(bench.log, &record), 2);
    cr_expect_eq(vote_log_synced(bench.log), 0);
    sync_log(&bench);
    cr_expect_eq(vote_log_synced(bench.log), 2);
    tear_down(&bench);
}

Test(vote_log, forgets_only_what_was_never_synced)
{
    struct bench bench;
    set_up(&bench);
    append_samples(&bench, 0, 2);
    sync_log(&bench);
    append_samples(&bench, 2, RECORDS);
    reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(replayed(&bench, 0, 1), 1011);
    tear_down(&bench);
}

Test(vote_log, drops_what_is_final_and_keeps_its_id)
{
    struct bench bench;
    set_up(&bench);
    append_samples(&bench, 0, RECORDS);
    sync_log(&bench);
    vote_log_on_final(bench.log, &ledgers[0], 1, 11);
    cr_expect_eq(replayed(&bench, 0, 1), 12);
    cr_expect_eq(replayed(&bench, 1, 1), 13, "another ledger's view 13 stays");
    vote_log_on_final(bench.log, &ledgers[0], 2, 0);
    cr_expect_eq(replayed(&bench, 0, 1), 0, "an epoch that is over");
    cr_expect_eq(replayed(&bench, 0, 2), 14);
    vote_log_on_final(bench.log, &ledgers[1], UINT64_MAX, UINT64_MAX);
    cr_expect_eq(replayed(&bench, 1, 1), 0, "a ledger that was left");
    const hash256 id = vote_log_id(bench.log);
    reopen(&bench);
    const hash256 again = vote_log_id(bench.log);
    cr_expect(hash256_equal(&id, &again));
    tear_down(&bench);
}

/* 200,000 votes of a ledger that goes on, 20 MB: the file stays small, what is needed stays. */
Test(vote_log, stays_small)
{
    struct bench bench;
    set_up(&bench);
    const struct vote_record needed = sample(3);
    vote_log_append(bench.log, &needed);
    struct vote_record record = sample(0);
    uint64_t largest = 0;
    for (unsigned i = 0; i < 200000; i++) {
        record.view = 100 + i;
        vote_log_append(bench.log, &record);
        if (i % 1000 != 999)
            continue;
        sync_log(&bench);
        vote_log_on_final(bench.log, &ledgers[0], 1, record.view);
        if (vote_log_file_size(bench.log) > largest)
            largest = vote_log_file_size(bench.log);
    }
    cr_expect_lt(largest, 6U << 20, "%lu bytes", (unsigned long)largest);
    cr_expect_eq(replayed(&bench, 1, 1), 13);
    reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(replayed(&bench, 1, 1), 13);
    tear_down(&bench);
}

/* Writes the file anew with one byte changed, or cut. */
static void change_file(const struct bench *bench, size_t at, size_t size)
{
    struct buffer content = {0};
    struct error error;
    cr_assert(file_read(bench->path, 1U << 30, &content, &error), "%s", error.text);
    if (at < content.size)
        content.data[at] ^= 0x10;
    if (size < content.size)
        content.size = size;
    cr_assert(file_write(bench->path, buffer_view(&content), &error), "%s", error.text);
    buffer_cleanup(&content);
}

Test(vote_log, is_refused_when_damaged)
{
    struct bench bench;
    set_up(&bench);
    append_samples(&bench, 0, 1);
    sync_log(&bench);
    append_samples(&bench, 1, 2);
    sync_log(&bench);
    change_file(&bench, VOTE_RECORD_HEADER_SIZE + 40, SIZE_MAX);
    reopen(&bench);
    cr_assert_null(bench.log);
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    cr_expect(strstr(bench.error.text, "record 0") != NULL, "%s", bench.error.text);

    change_file(&bench, 6, SIZE_MAX);
    reopen(&bench);
    cr_expect_null(bench.log, "the header");
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    change_file(&bench, SIZE_MAX, 0);
    reopen(&bench);
    cr_expect_null(bench.log, "an empty file");
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    tear_down(&bench);
}

Test(vote_log, of_a_newer_program_is_left_alone)
{
    struct bench bench;
    set_up(&bench);
    change_file(&bench, 4, SIZE_MAX); /* version 1 becomes 17 */
    reopen(&bench);
    cr_assert_null(bench.log);
    cr_expect_eq(bench.error.code, ERROR_VERSION, "%s", bench.error.text);
    tear_down(&bench);
}

/* What a torn tail leaves behind never comes back, whatever is written after it. */
Test(vote_log, goes_on_behind_a_torn_tail)
{
    struct bench bench;
    set_up(&bench);
    append_samples(&bench, 0, 1);
    sync_log(&bench);
    const uint64_t synced_size = vote_log_file_size(bench.log);
    append_samples(&bench, 1, 3);
    sync_log(&bench);
    change_file(&bench, SIZE_MAX, synced_size + 30);
    reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(replayed(&bench, 0, 1), 10);
    append_samples(&bench, 2, 3);
    sync_log(&bench);
    reopen(&bench);
    cr_expect_eq(replayed(&bench, 0, 1), 1012);
    tear_down(&bench);
}

Test(vote_log, is_private)
{
    struct bench bench;
    struct stat status;
    set_up(&bench);
    cr_assert_eq(stat(bench.path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    tear_down(&bench);
}

/* Its folder gone, the file cannot be replaced; it says so, and takes nothing more. */
Test(vote_log, says_when_the_disk_fails)
{
    struct bench bench;
    set_up(&bench);
    temporary_remove(strdup(bench.folder));
    struct vote_record record = sample(0);
    for (unsigned i = 0; i < 60000; i++)
        vote_log_append(bench.log, &record);
    vote_log_on_final(bench.log, &ledgers[0], 1, UINT64_MAX);
    cr_expect_not(vote_log_sync(bench.log, &bench.error), "5 MB that nobody needs: rewritten");
    cr_expect_eq(vote_log_synced(bench.log), 0);
    cr_expect_not(vote_log_sync(bench.log, &bench.error));
    cr_expect(strstr(bench.error.text, "opened again") != NULL, "%s", bench.error.text);
    vote_log_close(bench.log);
    free(bench.folder);
}
