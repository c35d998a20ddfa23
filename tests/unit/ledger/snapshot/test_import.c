/* The joining side: a ledger made of chunks goes on as any other, and nothing that lies becomes
 * one. */
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
#include "ledger/snapshot/base.h"
#include "ledger/snapshot/chunk.h"
#include "ledger/store/folder.h"
#include "tests/unit/ledger/snapshot/busy.h"

static struct busy busy;
static struct parcel parcel; /* of block 30 */
static struct arena arena;
static struct snapshot_ground ground;
static char directory[128];

static void start(void)
{
    busy_start(&busy, 4711);
    busy_go_on(&busy, 47);
    parcel_make(&parcel, busy.sample.ledger, 30, BUSY_CHUNK_SIZE);
    ground = busy_ground(&busy, 30, &arena);
    snprintf(directory, sizeof directory, "%s/joined", busy.sample.folder);
}

static void stop(void)
{
    parcel_cleanup(&parcel);
    arena_cleanup(&arena);
    busy_cleanup(&busy);
}

TestSuite(import, .init = start, .fini = stop, .timeout = 300);

static struct snapshot_import *open_import(const struct parcel *from)
{
    struct error error;
    struct snapshot_import *import =
        snapshot_import_open(directory, &ground, buffer_view(&from->encoded), &error);
    cr_assert(import != NULL, "%s", error.text);
    return import;
}

static void add(struct snapshot_import *import, const struct parcel *from, size_t number)
{
    enum snapshot_verdict verdict;
    struct error error;
    cr_assert(snapshot_import_add(import, number, from->chunks[number], &verdict, &error), "%s",
              error.text);
    cr_assert(verdict == SNAPSHOT_OK, "%s", error.text);
}

/* In any order, some twice. */
static void add_all(struct snapshot_import *import, const struct parcel *from)
{
    const size_t count = from->manifest.entries_count;
    for (size_t i = 0; i < count; i++)
        add(import, from, i * 7919 % count);
    for (size_t i = 0; i < count; i++)
        add(import, from, i);
    cr_assert(snapshot_import_missing(import) == 0);
}

static void import_all(const struct parcel *from)
{
    struct error error;
    struct snapshot_import *import = open_import(from);
    add_all(import, from);
    cr_assert(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
}

static struct ledger *open_joined(void)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = BUSY_EVERY};
    struct ledger *ledger = ledger_open(directory, &options, &error);
    cr_assert(ledger != NULL, "%s", error.text);
    return ledger;
}

static void expect_sound(struct ledger *ledger)
{
    struct buffer report = {0};
    struct error error;
    cr_expect(ledger_check(ledger, busy.sample.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

static void expect_same_snapshot(struct ledger *ledger, uint64_t height)
{
    struct parcel own, theirs;
    parcel_make(&own, busy.sample.ledger, height, BUSY_CHUNK_SIZE);
    parcel_make(&theirs, ledger, height, BUSY_CHUNK_SIZE);
    cr_expect(bytes_equal(buffer_view(&own.encoded), buffer_view(&theirs.encoded)));
    parcel_cleanup(&own);
    parcel_cleanup(&theirs);
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static bool is_draft_there(void)
{
    char draft[160];
    snprintf(draft, sizeof draft, "%s" SNAPSHOT_DRAFT_SUFFIX, directory);
    return is_there(draft);
}

Test(import, makes_a_ledger_that_goes_on)
{
    import_all(&parcel);
    cr_expect(!is_draft_there());
    struct ledger *joined = open_joined();
    cr_expect(ledger_head(joined)->number == 30);
    expect_sound(joined);
    expect_same_snapshot(joined, 30);
    busy_repeat(&busy, joined, 47);
    cr_expect(hash256_equal(&ledger_head(joined)->hash, &ledger_head(busy.sample.ledger)->hash));
    ledger_close(joined);
    joined = open_joined();
    expect_sound(joined);
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
    import_all(&parcel);
    struct ledger *joined = open_joined();
    busy_repeat(&busy, joined, 40);
    struct ledger_view *view = ledger_view_open(joined, &error);
    struct ledger_view *whole = ledger_view_open(busy.sample.ledger, &error);
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
        cr_expect(view_prove(view, height, &busy.sample.accounts[0], NULL, 0, NULL, NULL, &memory,
                             &proof, &error)
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
    ground.finalization = NULL;
    import_all(&parcel);
    struct ledger *joined = open_joined();
    struct extra_data extra;
    cr_assert(extra_data_decode(&extra, &ground.header));
    cr_expect(ledger_head(joined)->view == extra.view);
    expect_sound(joined);
    busy_repeat(&busy, joined, 47);
    expect_sound(joined);
    ledger_close(joined);
}

Test(import, refuses_every_chunk_that_is_not_the_one_named)
{
    struct snapshot_import *import = open_import(&parcel);
    const size_t count = parcel.manifest.entries_count;
    enum snapshot_verdict verdict;
    struct error error;
    for (size_t i = 0; i < count; i++) {
        struct buffer damaged = {0};
        buffer_append_bytes(&damaged, parcel.chunks[i]);
        damaged.data[i * 31 % damaged.size] ^= (uint8_t)(1 << i % 8);
        cr_assert(snapshot_import_add(import, i, buffer_view(&damaged), &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        damaged.size--;
        cr_assert(snapshot_import_add(import, i, buffer_view(&damaged), &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        cr_assert(snapshot_import_add(import, i, parcel.chunks[(i + 1) % count], &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        cr_assert(snapshot_import_add(import, i, (struct bytes){0}, &verdict, &error));
        cr_expect(verdict == SNAPSHOT_WRONG_HASH);
        buffer_cleanup(&damaged);
    }
    cr_assert(snapshot_import_add(import, count, parcel.chunks[0], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_UNKNOWN);
    cr_assert(snapshot_import_add(import, SIZE_MAX, parcel.chunks[0], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_UNKNOWN);
    cr_expect(snapshot_import_missing(import) == count);
    add_all(import, &parcel);
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
}

Test(import, waits_for_the_last_chunk)
{
    const size_t count = parcel.manifest.entries_count;
    struct error error;
    for (size_t left_out = 0; left_out < count; left_out += 5) {
        struct snapshot_import *import = open_import(&parcel);
        for (size_t i = 0; i < count; i++)
            if (i != left_out)
                add(import, &parcel, i);
        cr_expect(snapshot_import_missing(import) == 1);
        cr_expect(!snapshot_import_has(import, left_out));
        cr_expect(!snapshot_import_finish(import, NULL, NULL, &error));
        cr_expect(error.code == ERROR_INVALID && !is_there(directory), "%s", error.text);
        snapshot_import_close(import);
        snapshot_import_tidy(directory);
        cr_expect(!is_draft_there());
    }
}

/* Chunks stay when the process ends; one that the disk damaged, and what is none, goes. */
Test(import, goes_on_where_it_stopped)
{
    const size_t count = parcel.manifest.entries_count;
    char path[320];
    struct error error;
    struct snapshot_import *import = open_import(&parcel);
    for (size_t i = 0; i < count / 2; i++)
        add(import, &parcel, i);
    snapshot_import_close(import);

    char name[65] = {0};
    for (size_t byte = 0; byte < 32; byte++)
        snprintf(name + 2 * byte, 3, "%02x", parcel.manifest.entries[1].hash.bytes[byte]);
    snprintf(path, sizeof path, "%s" SNAPSHOT_DRAFT_SUFFIX "/chunks/%s", directory, name);
    cr_assert(truncate(path, 100) == 0);
    snprintf(path, sizeof path, "%s" SNAPSHOT_DRAFT_SUFFIX "/chunks/stray", directory);
    fclose(fopen(path, "w"));

    import = open_import(&parcel);
    cr_expect(snapshot_import_missing(import) == count - count / 2 + 1);
    cr_expect(!snapshot_import_has(import, 1) && snapshot_import_has(import, 0));
    cr_expect(!is_there(path));
    add_all(import, &parcel);
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = open_joined();
    expect_sound(joined);
    ledger_close(joined);
}

Test(import, keeps_chunks_for_a_later_checkpoint)
{
    struct parcel small, later;
    struct error error;
    parcel_make(&small, busy.sample.ledger, 30, 512);
    parcel_make(&later, busy.sample.ledger, 40, 512);
    struct snapshot_import *import = open_import(&small);
    add_all(import, &small);
    snapshot_import_close(import);
    ground = busy_ground(&busy, 40, &arena);
    import = open_import(&later);
    const size_t missing = snapshot_import_missing(import);
    cr_expect(missing > 0 && missing < later.manifest.entries_count, "%zu of %zu", missing,
              later.manifest.entries_count);
    add_all(import, &later);
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = open_joined();
    expect_sound(joined);
    busy_repeat(&busy, joined, 47);
    ledger_close(joined);
    parcel_cleanup(&small);
    parcel_cleanup(&later);
}

/* ---- Manifests that lie ------------------------------------------------------------------- */

/* Finishing fails with a word of what is wrong, and no ledger is there. */
static void expect_refused(const char *word)
{
    struct error error;
    parcel_sign(&parcel);
    struct snapshot_import *import = open_import(&parcel);
    add_all(import, &parcel);
    cr_expect(!snapshot_import_finish(import, NULL, NULL, &error), "%s", word);
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, word) != NULL, "%s: %s", word,
              error.text);
    cr_expect(!is_there(directory) && is_draft_there());
    snapshot_import_close(import);
}

static size_t first_of(enum snapshot_kind kind)
{
    size_t number = 0;
    while (parcel.manifest.entries[number].range.kind != kind)
        number++;
    return number;
}

static struct chunk decode(size_t number)
{
    struct chunk chunk;
    struct error error;
    cr_assert(chunk_decode(&chunk, parcel.chunks[number], &parcel.arena, &error), "%s", error.text);
    return chunk;
}

static void encode(size_t number, const struct chunk *chunk)
{
    struct buffer encoded = {0};
    chunk_encode(chunk, &encoded);
    parcel.chunks[number] = arena_copy(&parcel.arena, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

Test(import, refuses_another_balance)
{
    const size_t number = first_of(SNAPSHOT_ACCOUNTS);
    struct chunk chunk = decode(number);
    chunk.accounts[0].balance = u256_add(&chunk.accounts[0].balance, &U256_ONE);
    encode(number, &chunk);
    expect_refused("root");
}

Test(import, refuses_another_code)
{
    size_t number = first_of(SNAPSHOT_ACCOUNTS);
    for (;; number++) {
        struct chunk chunk = decode(number);
        cr_assert(chunk.kind == SNAPSHOT_ACCOUNTS);
        for (size_t i = 0; i < chunk.count; i++)
            if (chunk.accounts[i].code.size > 0) {
                chunk.accounts[i].code.size--;
                encode(number, &chunk);
                expect_refused("root");
                return;
            }
    }
}

Test(import, refuses_another_slot)
{
    const size_t number = first_of(SNAPSHOT_SLOTS);
    struct chunk chunk = decode(number);
    chunk.slots[0].value = u256_add(&chunk.slots[0].value, &U256_ONE);
    encode(number, &chunk);
    expect_refused("root");
}

Test(import, refuses_a_state_with_a_part_left_out)
{
    struct chunk chunk = decode(first_of(SNAPSHOT_SLOTS));
    chunk.count--;
    encode(first_of(SNAPSHOT_SLOTS), &chunk);
    expect_refused("root");
}

/* In the last chunk if its range holds the slot, else in one of its own. */
Test(import, refuses_slots_without_an_account)
{
    struct manifest *manifest = &parcel.manifest;
    const size_t last = manifest->entries_count - 1;
    struct chunk chunk = decode(last);
    uint8_t key[SNAPSHOT_KEY_SIZE_MAX];
    memset(key, 0xff, sizeof key);
    const bool is_own = !snapshot_range_holds(&manifest->entries[last].range, key);
    const size_t before = is_own ? 0 : chunk.count;
    struct snapshot_slot *slots = arena_array(&parcel.arena, before + 1, sizeof *slots);
    memcpy(slots, chunk.slots, before * sizeof *slots);
    slots[before].address = (address){{0}};
    memcpy(slots[before].address.bytes, key, sizeof(address));
    slots[before].key = u256_load_be(key + sizeof(address), 32);
    slots[before].value = U256_ONE;
    if (is_own) {
        struct snapshot_entry *entries = arena_array(&parcel.arena, last + 2, sizeof *entries);
        struct bytes *chunks = arena_array(&parcel.arena, last + 2, sizeof *chunks);
        memcpy(entries, manifest->entries, (last + 1) * sizeof *entries);
        memcpy(chunks, parcel.chunks, (last + 1) * sizeof *chunks);
        entries[last + 1].range = snapshot_range_of(SNAPSHOT_SLOTS, key, 8 * sizeof key);
        manifest->entries = entries;
        manifest->entries_count++;
        parcel.chunks = chunks;
    }
    encode(manifest->entries_count - 1,
           &(struct chunk){.kind = SNAPSHOT_SLOTS, .slots = slots, .count = before + 1});
    expect_refused("without an account");
}

/* The base, taken apart and put together again. */
static struct snapshot_base open_base(void)
{
    struct snapshot_base base;
    struct error error;
    struct buffer all = {0};
    for (size_t i = 0; parcel.manifest.entries[i].range.kind == SNAPSHOT_BASE; i++)
        buffer_append_bytes(&all, decode(i).piece);
    cr_assert(
        base_decode(&base, arena_copy(&parcel.arena, buffer_view(&all)), &parcel.arena, &error),
        "%s", error.text);
    buffer_cleanup(&all);
    return base;
}

static void expect_base_refused(const struct snapshot_base *base, const char *word)
{
    struct buffer encoded = {0};
    base_encode(base, &encoded);
    const struct bytes all = arena_copy(&parcel.arena, buffer_view(&encoded));
    const size_t pieces = first_of(SNAPSHOT_ACCOUNTS);
    for (size_t i = 0; i < pieces; i++) {
        const size_t each = all.size / pieces, first = i * each;
        encode(i, &(struct chunk){.kind = SNAPSHOT_BASE,
                                  .piece = bytes_of(all.data + first,
                                                    i + 1 < pieces ? each : all.size - first)});
    }
    buffer_cleanup(&encoded);
    expect_refused(word);
}

Test(import, refuses_other_counters)
{
    struct snapshot_base base = open_base();
    base.supply.issued = u256_add(&base.supply.issued, &U256_ONE);
    expect_base_refused(&base, "supply");
}

Test(import, refuses_another_reveal)
{
    struct snapshot_base base = open_base();
    base.reveals[0].last.bytes[5] ^= 1;
    expect_base_refused(&base, "reveal");
}

Test(import, refuses_reveals_of_another_committee)
{
    struct snapshot_base base = open_base();
    base.members++;
    expect_base_refused(&base, "members");
}

Test(import, refuses_fewer_headers)
{
    struct snapshot_base base = open_base();
    base.headers++;
    base.headers_count--;
    expect_base_refused(&base, "headers");
}

Test(import, refuses_headers_in_another_order)
{
    struct snapshot_base base = open_base();
    const struct bytes first = base.headers[3];
    base.headers[3] = base.headers[4];
    base.headers[4] = first;
    expect_base_refused(&base, "parent and child");
}

Test(import, refuses_another_block)
{
    struct snapshot_base base = open_base();
    struct error error;
    struct header header;
    hash256 hash;
    struct ledger_view *view = ledger_view_open(busy.sample.ledger, &error);
    cr_assert(view_header(view, 31, &header, &hash, &error));
    ledger_view_close(view);
    base.container = ledger_container(busy.sample.ledger, &hash, &parcel.arena);
    expect_base_refused(&base, "block");
}

Test(import, refuses_other_receipts)
{
    struct snapshot_base base = open_base();
    cr_assert(base.receipts_count > 0);
    base.receipts[0].is_success = !base.receipts[0].is_success;
    expect_base_refused(&base, "receipts");
}

Test(import, tells_a_chunk_that_is_none)
{
    struct error error;
    enum snapshot_verdict verdict;
    parcel.chunks[4] = bytes_of("nonsense", 8);
    parcel_sign(&parcel);
    struct snapshot_import *import = open_import(&parcel);
    cr_assert(snapshot_import_add(import, 4, parcel.chunks[4], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_BAD_CHUNK && strstr(error.text, "chunk 4") != NULL, "%s",
              error.text);
    snapshot_import_close(import);
}

Test(import, tells_a_chunk_in_the_wrong_place)
{
    struct error error;
    enum snapshot_verdict verdict;
    const size_t number = first_of(SNAPSHOT_SLOTS);
    const struct bytes chunk = parcel.chunks[number];
    parcel.chunks[number] = parcel.chunks[number + 1];
    parcel.chunks[number + 1] = chunk;
    parcel_sign(&parcel);
    struct snapshot_import *import = open_import(&parcel);
    cr_assert(snapshot_import_add(import, number, parcel.chunks[number], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_BAD_CHUNK && strstr(error.text, "range") != NULL, "%s",
              error.text);
    snapshot_import_close(import);
}

/* ---- Grounds that do not fit -------------------------------------------------------------- */

static void expect_no_import(const char *word)
{
    struct error error;
    cr_expect(snapshot_import_open(directory, &ground, buffer_view(&parcel.encoded), &error)
                  == NULL,
              "%s", word);
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, word) != NULL, "%s: %s", word,
              error.text);
    cr_expect(!is_draft_there());
}

Test(import, refuses_a_manifest_of_another_block)
{
    ground = busy_ground(&busy, 40, &arena);
    expect_no_import("another block");
}

Test(import, refuses_a_certificate_of_another_block)
{
    ground.finalization = busy_ground(&busy, 40, &arena).finalization;
    expect_no_import("FINALIZATION");
}

Test(import, refuses_a_header_of_another_epoch)
{
    ground.header.parent_beacon_block_root.bytes[0] ^= 1;
    expect_no_import("epoch 1");
}

Test(import, refuses_links_that_are_none)
{
    struct buffer links = {0};
    rlp_put_string(&links, bytes_of("link", 4));
    ground.links = buffer_view(&links);
    expect_no_import("link 1");
    buffer_clear(&links);
    memset(buffer_extend(&links, 300), 0, 300);
    ground.links = buffer_view(&links);
    expect_no_import("link 1");
    buffer_clear(&links);
    const size_t list = rlp_open_list(&links);
    memset(buffer_extend(&links, 300), 0, 300);
    rlp_close_list(&links, list);
    ground.links = buffer_view(&links);
    expect_no_import("link 1");
    links.size--;
    ground.links = buffer_view(&links);
    expect_no_import("link 1");
    buffer_cleanup(&links);
}

Test(import, refuses_a_place_that_is_taken)
{
    struct error error;
    cr_assert(mkdir(directory, 0700) == 0);
    cr_expect(snapshot_import_open(directory, &ground, buffer_view(&parcel.encoded), &error)
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
    struct snapshot_import *import = open_import(&parcel);
    add_all(import, &parcel);
    snapshot_import_close(import);
    bool is_done = false;
    unsigned step = 0;
    for (; !is_done; step += 3) {
        const pid_t child = fork();
        if (child == 0) {
            import = open_import(&parcel);
            steps_left = step;
            _exit(snapshot_import_finish(import, die, NULL, &error) ? 0 : 1);
        }
        int status;
        cr_assert(waitpid(child, &status, 0) == child);
        is_done = WIFEXITED(status);
        cr_assert(is_done ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
        cr_expect(is_there(directory) == is_done);
        if (!is_done) {
            import = open_import(&parcel);
            cr_expect(snapshot_import_missing(import) == 0, "step %u", step);
            snapshot_import_close(import);
        }
    }
    cr_expect(step > 30, "%u", step);
    struct ledger *joined = open_joined();
    expect_sound(joined);
    busy_repeat(&busy, joined, 47);
    ledger_close(joined);
}

Test(import, can_be_given_up_and_taken_up)
{
    struct error error;
    struct snapshot_import *import = open_import(&parcel);
    add_all(import, &parcel);
    for (unsigned step = 0; step < 20; step += 5) {
        steps_left = step;
        cr_expect(!snapshot_import_finish(import, give_up, NULL, &error));
        cr_expect(error.code == ERROR_BUSY && !is_there(directory), "%s", error.text);
    }
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = open_joined();
    expect_sound(joined);
    ledger_close(joined);
}

static void limit_files(rlim_t size)
{
    const struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
    cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* A disk that is full at whatever point: told, nothing is lost, and it goes on when there is room. */
Test(import, survives_a_disk_that_takes_no_more)
{
    static const rlim_t sizes[] = {1, 200, 1000, 5000, 20000, 60000};
    struct error error;
    enum snapshot_verdict verdict;
    signal(SIGXFSZ, SIG_IGN);
    struct snapshot_import *import = open_import(&parcel);
    limit_files(1);
    cr_expect(!snapshot_import_add(import, 0, parcel.chunks[0], &verdict, &error));
    limit_files(RLIM_INFINITY);
    cr_expect(!snapshot_import_has(import, 0));
    add_all(import, &parcel);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        limit_files(sizes[i]);
        const bool ok = snapshot_import_finish(import, NULL, NULL, &error);
        limit_files(RLIM_INFINITY);
        cr_assert(!ok, "%d bytes", (int)sizes[i]);
        cr_expect(error.code != ERROR_INVALID && !is_there(directory), "%s", error.text);
    }
    cr_expect(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = open_joined();
    expect_sound(joined);
    ledger_close(joined);
}
