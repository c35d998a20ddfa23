/* The joining side: a ledger made of chunks goes on as any other, whatever happens on the way. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/codec/rlp.h"
#include "ledger/inside.h"
#include "tests/unit/ledger/snapshot/joining.h"

TestSuite(import, .init = joining_start, .fini = joining_stop, .timeout = 300);

static void expect_same_snapshot(struct ledger *ledger, uint64_t height)
{
    struct parcel own, theirs;
    parcel_make(&own, joining.busy.sample.ledger, height, BUSY_CHUNK_SIZE);
    parcel_make(&theirs, ledger, height, BUSY_CHUNK_SIZE);
    cr_expect(bytes_equal(buffer_view(&own.encoded), buffer_view(&theirs.encoded)));
    parcel_cleanup(&own);
    parcel_cleanup(&theirs);
}

Test(import, makes_a_ledger_that_goes_on)
{
    joining_finish(&joining.parcel);
    cr_expect(!joining_is_draft_there());
    struct ledger *joined = joining_open();
    cr_expect(ledger_head(joined)->number == 30);
    joining_expect_sound(joined);
    expect_same_snapshot(joined, 30);
    busy_repeat(&joining.busy, joined, 47);
    cr_expect(
        hash256_equal(&ledger_head(joined)->hash, &ledger_head(joining.busy.sample.ledger)->hash));
    ledger_close(joined);
    joined = joining_open();
    joining_expect_sound(joined);
    expect_same_snapshot(joined, 30);
    expect_same_snapshot(joined, 40);
    ledger_close(joined);
}

/* Block hashes reach 256 back, across the beginning; proofs and histories begin with it. */
Test(import, knows_what_it_has_and_what_it_has_not)
{
    struct error error;
    struct header header;
    struct block block;
    struct receipt *receipts;
    struct supply supply;
    struct state_reader reader;
    struct arena memory = {0};
    struct account_proof proof;
    struct finality_proof finality;
    struct log_filter filter = {.from = 0, .to = 40};
    size_t count;
    hash256 hash, expected;
    joining_finish(&joining.parcel);
    struct ledger *joined = joining_open();
    busy_repeat(&joining.busy, joined, 40);
    struct ledger_view *view = ledger_view_open(joined, &error);
    struct ledger_view *whole = ledger_view_open(joining.busy.sample.ledger, &error);
    cr_expect(view_earliest(view) == 30 && view_earliest(whole) == 0);
    for (uint64_t height = 0; height <= 40; height++) {
        cr_expect(view_header(whole, height, &header, &expected, &error)
                  && view_header(view, height, &header, &hash, &error)
                  && hash256_equal(&hash, &expected));
        const bool is_kept = height >= 30;
        const bool is_known = is_kept || height == 0;
        cr_expect(view_block(view, height, &memory, &block, &error) == is_known);
        cr_expect(is_known || error.code == ERROR_NOT_FOUND, "%s", error.text);
        cr_expect(view_receipts(view, height, &memory, &receipts, &count, &error) == is_known);
        cr_expect(view_supply(view, height, &supply, &error) == is_known);
        cr_expect(view_state_at(view, height, &memory, &reader, &error) == is_kept);
        cr_expect(is_kept || error.code == ERROR_NOT_FOUND, "%s", error.text);
        cr_expect(view_prove(view, height, &joining.busy.sample.accounts[0], NULL, 0, NULL, NULL,
                             &memory, &proof, &error)
                  == is_kept);
        if (height > 0)
            cr_expect(is_kept == view_finality_proof(view, height, &memory, &finality, &error)
                      || height >= 15);
    }
    cr_expect(!view_find_logs(view, &filter, NULL, NULL, &error) && error.code == ERROR_NOT_FOUND);
    filter.from = 30;
    cr_expect(view_find_logs(view, &filter, NULL, NULL, &error), "%s", error.text);
    ledger_view_close(view);
    ledger_view_close(whole);
    arena_cleanup(&memory);
    ledger_close(joined);
}

/* A block that another's certificate made final: nobody knows its own. */
Test(import, needs_no_certificate_of_the_block_itself)
{
    joining.ground.finalization = NULL;
    joining_finish(&joining.parcel);
    struct ledger *joined = joining_open();
    struct extra_data extra;
    cr_assert(extra_data_decode(&extra, &joining.ground.header));
    cr_expect(ledger_head(joined)->view == extra.view);
    joining_expect_sound(joined);
    busy_repeat(&joining.busy, joined, 47);
    joining_expect_sound(joined);
    ledger_close(joined);
}

Test(import, refuses_every_chunk_that_is_not_the_one_named)
{
    struct snapshot_import *import = joining_import(&joining.parcel);
    const size_t count = joining.parcel.manifest.entries_count;
    enum snapshot_verdict verdict;
    struct error error;
    for (size_t i = 0; i < count; i++) {
        struct buffer damaged = {0};
        buffer_append_bytes(&damaged, joining.parcel.chunks[i]);
        damaged.data[i * 31 % damaged.size] ^= (uint8_t)(1 << i % 8);
        cr_assert(snapshot_import_add(import, i, buffer_view(&damaged), &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        damaged.size--;
        cr_assert(snapshot_import_add(import, i, buffer_view(&damaged), &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        cr_assert(snapshot_import_add(import, i, joining.parcel.chunks[(i + 1) % count], &verdict,
                                      &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        cr_assert(snapshot_import_add(import, i, (struct bytes){0}, &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        buffer_cleanup(&damaged);
    }
    cr_assert(snapshot_import_add(import, count, joining.parcel.chunks[0], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_UNKNOWN);
    cr_assert(snapshot_import_add(import, SIZE_MAX, joining.parcel.chunks[0], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_UNKNOWN);
    cr_expect(snapshot_import_missing(import) == count);
    joining_add_all(import, &joining.parcel);
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
}

Test(import, waits_for_the_last_chunk)
{
    const size_t count = joining.parcel.manifest.entries_count;
    struct error error;
    for (size_t left_out = 0; left_out < count; left_out += 5) {
        struct snapshot_import *import = joining_import(&joining.parcel);
        for (size_t i = 0; i < count; i++)
            if (i != left_out)
                joining_add(import, &joining.parcel, i);
        cr_expect(snapshot_import_missing(import) == 1);
        cr_expect(!snapshot_import_has(import, left_out));
        cr_expect(!snapshot_import_finish(import, NULL, NULL, &error));
        cr_expect(error.code == ERROR_INVALID && !joining_is_there(joining.directory), "%s",
                  error.text);
        snapshot_import_close(import);
        snapshot_import_tidy(joining.directory);
        cr_expect(!joining_is_draft_there());
    }
}

/* Chunks stay when the process ends; one that the disk damaged, and what is none, goes. */
Test(import, goes_on_where_it_stopped)
{
    const size_t count = joining.parcel.manifest.entries_count;
    char path[320];
    struct error error;
    struct snapshot_import *import = joining_import(&joining.parcel);
    for (size_t i = 0; i < count / 2; i++)
        joining_add(import, &joining.parcel, i);
    snapshot_import_close(import);

    char name[65] = {0};
    for (size_t byte = 0; byte < 32; byte++)
        snprintf(name + 2 * byte, 3, "%02x", joining.parcel.manifest.entries[1].hash.bytes[byte]);
    snprintf(path, sizeof path, "%s" SNAPSHOT_DRAFT_SUFFIX "/chunks/%s", joining.directory, name);
    cr_assert(truncate(path, 100) == 0);
    snprintf(path, sizeof path, "%s" SNAPSHOT_DRAFT_SUFFIX "/chunks/stray", joining.directory);
    fclose(fopen(path, "w"));

    import = joining_import(&joining.parcel);
    cr_expect(snapshot_import_missing(import) == count - count / 2 + 1);
    cr_expect(!snapshot_import_has(import, 1) && snapshot_import_has(import, 0));
    cr_expect(!joining_is_there(path));
    joining_add_all(import, &joining.parcel);
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = joining_open();
    joining_expect_sound(joined);
    ledger_close(joined);
}

Test(import, keeps_chunks_for_a_later_checkpoint)
{
    struct parcel small, later;
    struct error error;
    parcel_make(&small, joining.busy.sample.ledger, 30, 512);
    parcel_make(&later, joining.busy.sample.ledger, 40, 512);
    struct snapshot_import *import = joining_import(&small);
    joining_add_all(import, &small);
    snapshot_import_close(import);
    joining.ground = busy_ground(&joining.busy, 40, &joining.arena);
    import = joining_import(&later);
    const size_t missing = snapshot_import_missing(import);
    cr_expect(missing > 0 && missing < later.manifest.entries_count, "%zu of %zu", missing,
              later.manifest.entries_count);
    joining_add_all(import, &later);
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = joining_open();
    joining_expect_sound(joined);
    busy_repeat(&joining.busy, joined, 47);
    ledger_close(joined);
    parcel_cleanup(&small);
    parcel_cleanup(&later);
}

/* ---- Grounds that do not fit -------------------------------------------------------------- */

static void expect_no_import(const char *word)
{
    struct error error;
    cr_expect(snapshot_import_open(joining.directory, &joining.ground,
                                   buffer_view(&joining.parcel.encoded), &error)
                  == NULL,
              "%s", word);
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, word) != NULL, "%s: %s", word,
              error.text);
    cr_expect(!joining_is_draft_there());
}

Test(import, refuses_a_manifest_of_another_block)
{
    joining.ground = busy_ground(&joining.busy, 40, &joining.arena);
    expect_no_import("another block");
}

Test(import, refuses_a_certificate_of_another_block)
{
    joining.ground.finalization = busy_ground(&joining.busy, 40, &joining.arena).finalization;
    expect_no_import("FINALIZATION");
}

Test(import, refuses_a_header_of_another_epoch)
{
    joining.ground.header.parent_beacon_block_root.bytes[0] ^= 1;
    expect_no_import("epoch 1");
}

Test(import, refuses_links_that_are_none)
{
    struct buffer links = {0};
    rlp_put_string(&links, bytes_of("link", 4));
    joining.ground.links = buffer_view(&links);
    expect_no_import("link 1");
    buffer_clear(&links);
    memset(buffer_extend(&links, 300), 0, 300);
    joining.ground.links = buffer_view(&links);
    expect_no_import("link 1");
    buffer_clear(&links);
    const size_t list = rlp_open_list(&links);
    memset(buffer_extend(&links, 300), 0, 300);
    rlp_close_list(&links, list);
    joining.ground.links = buffer_view(&links);
    expect_no_import("link 1");
    links.size--;
    joining.ground.links = buffer_view(&links);
    expect_no_import("link 1");
    buffer_cleanup(&links);
}

Test(import, refuses_a_place_that_is_taken)
{
    struct error error;
    cr_assert(mkdir(joining.directory, 0700) == 0);
    cr_expect(snapshot_import_open(joining.directory, &joining.ground,
                                   buffer_view(&joining.parcel.encoded), &error)
              == NULL);
    cr_expect(error.code == ERROR_EXISTS, "%s", error.text);
}

/* ---- Crashes ------------------------------------------------------------------------------ */

static unsigned steps_left;

static bool die(void *context)
{
    (void)context;
    if (steps_left-- == 0)
        kill(getpid(), SIGKILL);
    return false;
}

static bool give_up(void *context)
{
    (void)context;
    return steps_left-- == 0;
}

/* Killed at one step after the other: no ledger, and the next attempt needs no chunk again. */
Test(import, survives_being_killed_at_any_step)
{
    struct error error;
    struct snapshot_import *import = joining_import(&joining.parcel);
    joining_add_all(import, &joining.parcel);
    snapshot_import_close(import);
    bool is_done = false;
    unsigned step = 0;
    for (; !is_done; step += 3) {
        const pid_t child = fork();
        if (child == 0) {
            import = joining_import(&joining.parcel);
            steps_left = step;
            _exit(snapshot_import_finish(import, die, NULL, &error) ? 0 : 1);
        }
        int status;
        cr_assert(waitpid(child, &status, 0) == child);
        is_done = WIFEXITED(status);
        cr_assert(is_done ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
        cr_expect(joining_is_there(joining.directory) == is_done);
        if (!is_done) {
            import = joining_import(&joining.parcel);
            cr_expect(snapshot_import_missing(import) == 0, "step %u", step);
            snapshot_import_close(import);
        }
    }
    cr_expect(step > 30, "%u", step);
    struct ledger *joined = joining_open();
    joining_expect_sound(joined);
    busy_repeat(&joining.busy, joined, 47);
    ledger_close(joined);
}

Test(import, can_be_given_up_and_taken_up)
{
    struct error error;
    struct snapshot_import *import = joining_import(&joining.parcel);
    joining_add_all(import, &joining.parcel);
    for (unsigned step = 0; step < 20; step += 5) {
        steps_left = step;
        cr_expect(!snapshot_import_finish(import, give_up, NULL, &error));
        cr_expect(error.code == ERROR_BUSY && !joining_is_there(joining.directory), "%s",
                  error.text);
    }
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = joining_open();
    joining_expect_sound(joined);
    ledger_close(joined);
}

static void limit_files(rlim_t size)
{
    const struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
    cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* A disk that is full at whatever point: told, nothing is lost, it goes on when there is room. */
Test(import, survives_a_disk_that_takes_no_more)
{
    static const rlim_t sizes[] = {1, 200, 1000, 5000, 20000, 60000};
    struct error error;
    enum snapshot_verdict verdict;
    signal(SIGXFSZ, SIG_IGN);
    struct snapshot_import *import = joining_import(&joining.parcel);
    limit_files(1);
    cr_expect(!snapshot_import_add(import, 0, joining.parcel.chunks[0], &verdict, &error));
    limit_files(RLIM_INFINITY);
    cr_expect(!snapshot_import_has(import, 0));
    joining_add_all(import, &joining.parcel);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        limit_files(sizes[i]);
        const bool ok = snapshot_import_finish(import, NULL, NULL, &error);
        limit_files(RLIM_INFINITY);
        cr_assert(!ok, "%d bytes", (int)sizes[i]);
        cr_expect(error.code != ERROR_INVALID && !joining_is_there(joining.directory), "%s",
                  error.text);
    }
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = joining_open();
    joining_expect_sound(joined);
    ledger_close(joined);
}
