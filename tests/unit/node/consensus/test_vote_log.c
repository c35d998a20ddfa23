#include "node/consensus/vote_log.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/node/consensus/log_bench.h"
#include "tests/unit/node/temporary.h"
#include "vm/base/crc32c.h"

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

/* A log of LOG_BENCH_RECORDS records, synced after each of the first `groups`; ends[i] is where i ends. */
static struct vote_log_identity write_sample(struct buffer *out, unsigned groups,
                                             size_t ends[LOG_BENCH_RECORDS])
{
    const struct vote_log_identity identity = {log_bench_id, 3};
    vote_log_header_encode(&identity, out);
    for (unsigned i = 0; i < LOG_BENCH_RECORDS; i++) {
        const struct vote_record record = sample_record(i);
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
        const struct vote_record expected = sample_record(*found);
        cr_assert_lt(*found, LOG_BENCH_RECORDS);
        cr_assert(same_record(&record, &expected), "record %u is another", *found);
    }
    return verdict;
}

Test(vote_record, reads_what_was_written_and_stops_at_room_that_is_set_aside)
{
    struct buffer file = {0};
    size_t ends[LOG_BENCH_RECORDS];
    unsigned found;
    struct vote_log_identity read, identity = write_sample(&file, LOG_BENCH_RECORDS, ends);
    uint8_t version;

    cr_assert(vote_log_header_decode(&read, buffer_view(&file), &version));
    cr_expect(hash256_equal(&read.id, &identity.id));
    cr_expect_eq(read.generation, 3);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_END);
    cr_expect_eq(found, LOG_BENCH_RECORDS);
    memset(buffer_extend(&file, 1000), 0, 1000);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_END);
    cr_expect_eq(found, LOG_BENCH_RECORDS);
    buffer_cleanup(&file);
}

/* A power cut leaves any prefix: whole records are kept, the rest is a torn tail. */
Test(vote_record, keeps_every_whole_record_of_every_truncation)
{
    struct buffer file = {0};
    size_t ends[LOG_BENCH_RECORDS];
    unsigned found;
    const struct vote_log_identity identity = write_sample(&file, LOG_BENCH_RECORDS, ends);

    for (size_t size = VOTE_RECORD_HEADER_SIZE; size <= file.size; size++) {
        unsigned whole = 0;
        while (whole < LOG_BENCH_RECORDS && ends[whole] <= size)
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
    size_t ends[LOG_BENCH_RECORDS];
    unsigned found;
    const struct vote_log_identity identity = write_sample(&file, LOG_BENCH_RECORDS, ends);

    for (size_t bit = 8 * VOTE_RECORD_HEADER_SIZE; bit < 8 * file.size; bit++) {
        unsigned hit = 0;
        while (ends[hit] <= bit / 8)
            hit++;
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        const enum vote_record_verdict verdict = read_all(&identity, buffer_view(&file), &found);
        cr_assert_eq(found, hit, "bit %zu", bit);
        cr_assert_eq(verdict, hit + 1 < LOG_BENCH_RECORDS ? VOTE_RECORD_DAMAGED : VOTE_RECORD_TORN,
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
    size_t ends[LOG_BENCH_RECORDS];
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
    size_t ends[LOG_BENCH_RECORDS];
    unsigned found;
    struct vote_log_identity identity = write_sample(&file, LOG_BENCH_RECORDS, ends);

    identity.generation++;
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_TORN);
    cr_expect_eq(found, 0);
    identity.generation--;
    identity.id.bytes[31] ^= 1;
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_TORN);
    cr_expect_eq(found, 0);
    buffer_cleanup(&file);
}

/* Whole and with the right checksum, but nothing that this program writes. */
Test(vote_record, of_no_known_form_is_none)
{
    const struct vote_log_identity identity = {log_bench_id, 3};
    struct vote_record shapes[] = {
        {.kind = VOTE_RECORD_VOTE, .vote = MESSAGE_PROPOSAL},
        {.kind = VOTE_RECORD_VOTE, .vote = MESSAGE_STATUS},
        {.kind = VOTE_RECORD_VOTE, .vote = MESSAGE_NULLIFY, .proposal = {{1}}},
        {.kind = VOTE_RECORD_CERTIFICATE},
        {.kind = VOTE_RECORD_BLOCK},
        {.kind = (enum vote_record_kind)0},
        {.kind = (enum vote_record_kind)(VOTE_RECORD_BLOCK + 1)},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct buffer bytes = {0};
        struct vote_record record;
        vote_record_encode(&shapes[i], &identity, 0, 0, &bytes);
        cr_expect_not(vote_record_decode(&record, &identity, buffer_view(&bytes)), "%zu", i);
        buffer_cleanup(&bytes);
    }
    for (unsigned i = 0; i < LOG_BENCH_RECORDS; i++) {
        struct buffer bytes = {0};
        struct vote_record record;
        const struct vote_record sample = sample_record(i);
        vote_record_encode(&sample, &identity, 0, 0, &bytes);
        cr_expect(vote_record_decode(&record, &identity, buffer_view(&bytes)), "%u", i);
        cr_expect_not(vote_record_decode(&record, &identity, bytes_of(bytes.data, bytes.size - 1)));
        buffer_append_u8(&bytes, 0);
        cr_expect_not(vote_record_decode(&record, &identity, buffer_view(&bytes)), "a byte more");
        buffer_cleanup(&bytes);
    }
}

/* A record of the right log that belongs further on: one in front of it is missing. */
Test(vote_record, out_of_its_place_is_none)
{
    const struct vote_log_identity identity = {log_bench_id, 3};
    const struct vote_record sample = sample_record(0);
    struct buffer file = {0};
    unsigned found;
    vote_log_header_encode(&identity, &file);
    vote_record_encode(&sample, &identity, 1, 0, &file);
    cr_expect_eq(read_all(&identity, buffer_view(&file), &found), VOTE_RECORD_TORN);
    cr_expect_eq(found, 0);
    buffer_cleanup(&file);
}

/* ---- The file ------------------------------------------------------------------------------- */

Test(vote_log, shows_each_ledger_and_epoch_its_own_records_in_order)
{
    struct log_bench bench;
    log_bench_init(&bench);
    cr_expect_eq(bench.found, VOTE_LOG_MADE);
    log_bench_append(&bench, 0, LOG_BENCH_RECORDS);
    for (unsigned round = 0; round < 3; round++) { /* queued, synced, opened again */
        cr_expect_eq(log_bench_replayed(&bench, 0, 1), 101112);
        cr_expect_eq(log_bench_replayed(&bench, 1, 1), 13);
        cr_expect_eq(log_bench_replayed(&bench, 0, 2), 14,
                     "records of another epoch are not shown");
        cr_expect_eq(log_bench_replayed(&bench, 1, 2), 0);
        log_bench_sync(&bench);
        if (round == 1)
            log_bench_reopen(&bench);
    }
    cr_expect_eq(bench.found, VOTE_LOG_WHOLE);
    log_bench_end(&bench);
}

Test(vote_log, says_what_may_leave_the_node)
{
    struct log_bench bench;
    log_bench_init(&bench);
    const struct vote_record record = sample_record(0);
    cr_expect_eq(vote_log_append(bench.log, &record), 1);
    cr_expect_eq(vote_log_append(bench.log, &record), 2);
    cr_expect_eq(vote_log_synced(bench.log), 0);
    log_bench_sync(&bench);
    cr_expect_eq(vote_log_synced(bench.log), 2);
    log_bench_end(&bench);
}

Test(vote_log, forgets_only_what_was_never_synced)
{
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, 2);
    log_bench_sync(&bench);
    log_bench_append(&bench, 2, LOG_BENCH_RECORDS);
    log_bench_reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 1011);
    log_bench_end(&bench);
}

Test(vote_log, drops_what_is_final_and_keeps_its_id)
{
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, LOG_BENCH_RECORDS);
    log_bench_sync(&bench);
    vote_log_on_final(bench.log, &log_bench_ledgers[0], 1, 11);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 12);
    cr_expect_eq(log_bench_replayed(&bench, 1, 1), 13, "another ledger's view 13 stays");
    vote_log_on_final(bench.log, &log_bench_ledgers[0], 2, 0);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 0, "an epoch that is over");
    cr_expect_eq(log_bench_replayed(&bench, 0, 2), 14);
    vote_log_on_final(bench.log, &log_bench_ledgers[1], UINT64_MAX, UINT64_MAX);
    cr_expect_eq(log_bench_replayed(&bench, 1, 1), 0, "a ledger that was left");
    const hash256 id = vote_log_id(bench.log);
    log_bench_reopen(&bench);
    const hash256 again = vote_log_id(bench.log);
    cr_expect(hash256_equal(&id, &again));
    log_bench_end(&bench);
}

/* 200,000 votes of a ledger that goes on, 20 MB: the file stays small, what is needed stays. */
Test(vote_log, stays_small)
{
    struct log_bench bench;
    log_bench_init(&bench);
    const struct vote_record needed = sample_record(3);
    vote_log_append(bench.log, &needed);
    struct vote_record record = sample_record(0);
    uint64_t largest = 0;
    for (unsigned i = 0; i < 200000; i++) {
        record.view = 100 + i;
        vote_log_append(bench.log, &record);
        if (i % 1000 != 999)
            continue;
        log_bench_sync(&bench);
        vote_log_on_final(bench.log, &log_bench_ledgers[0], 1, record.view);
        if (vote_log_file_size(bench.log) > largest)
            largest = vote_log_file_size(bench.log);
    }
    cr_expect_lt(largest, 6U << 20, "%lu bytes", (unsigned long)largest);
    cr_expect_eq(log_bench_replayed(&bench, 1, 1), 13);
    log_bench_reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(log_bench_replayed(&bench, 1, 1), 13);
    log_bench_end(&bench);
}

/* Writes the file anew with one byte changed, or cut. */
static void change_file(const struct log_bench *bench, size_t at, size_t size)
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
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, 1);
    log_bench_sync(&bench);
    log_bench_append(&bench, 1, 2);
    log_bench_sync(&bench);
    change_file(&bench, VOTE_RECORD_HEADER_SIZE + 40, SIZE_MAX);
    log_bench_reopen(&bench);
    cr_assert_null(bench.log);
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    cr_expect(strstr(bench.error.text, "record 0") != NULL, "%s", bench.error.text);

    change_file(&bench, 6, SIZE_MAX);
    log_bench_reopen(&bench);
    cr_expect_null(bench.log, "the header");
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    change_file(&bench, SIZE_MAX, 0);
    log_bench_reopen(&bench);
    cr_expect_null(bench.log, "an empty file");
    cr_expect_eq(bench.error.code, ERROR_CORRUPT);
    log_bench_end(&bench);
}

Test(vote_log, of_a_newer_program_is_left_alone)
{
    struct log_bench bench;
    log_bench_init(&bench);
    change_file(&bench, 4, SIZE_MAX); /* version 1 becomes 17 */
    log_bench_reopen(&bench);
    cr_assert_null(bench.log);
    cr_expect_eq(bench.error.code, ERROR_VERSION, "%s", bench.error.text);
    log_bench_end(&bench);
}

/* What a torn tail leaves behind never comes back, whatever is written after it. */
Test(vote_log, goes_on_behind_a_torn_tail)
{
    struct log_bench bench;
    log_bench_init(&bench);
    log_bench_append(&bench, 0, 1);
    log_bench_sync(&bench);
    const uint64_t synced_size = vote_log_file_size(bench.log);
    log_bench_append(&bench, 1, 3);
    log_bench_sync(&bench);
    change_file(&bench, SIZE_MAX, synced_size + 30);
    log_bench_reopen(&bench);
    cr_assert_not_null(bench.log, "%s", bench.error.text);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 10);
    log_bench_append(&bench, 2, 3);
    log_bench_sync(&bench);
    log_bench_reopen(&bench);
    cr_expect_eq(log_bench_replayed(&bench, 0, 1), 1012);
    log_bench_end(&bench);
}

Test(vote_log, is_private)
{
    struct log_bench bench;
    struct stat status;
    log_bench_init(&bench);
    cr_assert_eq(stat(bench.path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    log_bench_end(&bench);
}

/* Its folder gone, the file cannot be replaced; it says so, and takes nothing more. */
Test(vote_log, says_when_the_disk_fails)
{
    struct log_bench bench;
    log_bench_init(&bench);
    temporary_remove(strdup(bench.folder));
    struct vote_record record = sample_record(0);
    for (unsigned i = 0; i < 60000; i++)
        vote_log_append(bench.log, &record);
    vote_log_on_final(bench.log, &log_bench_ledgers[0], 1, UINT64_MAX);
    cr_expect_not(vote_log_sync(bench.log, &bench.error), "5 MB that nobody needs: rewritten");
    cr_expect_eq(vote_log_synced(bench.log), 0);
    cr_expect_not(vote_log_sync(bench.log, &bench.error));
    cr_expect(strstr(bench.error.text, "opened again") != NULL, "%s", bench.error.text);
    vote_log_close(bench.log);
    free(bench.folder);
}
