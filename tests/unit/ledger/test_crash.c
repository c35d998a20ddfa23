/* Cuts at any moment: the folder copied while blocks are committed, or its log torn, opens to a
 * consistent head; what newer programs wrote, and damage, is named. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/inside.h"
#include "ledger/store/folder.h"
#include "tests/unit/ledger/realm.h"
#include "tests/unit/ledger/sample.h"

static struct sample sample;

static void start(void)
{
    sample_start(&sample);
}

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(crash, .init = start, .fini = stop, .timeout = 120);

/* Copies what of the file there is now, at most `size_max` bytes. */
static size_t copy_file(const char *from, const char *to, size_t size_max)
{
    static uint8_t bytes[4 << 20];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t size = 0;
    if (in != NULL && out != NULL) {
        size = fread(bytes, 1, size_max < sizeof bytes ? size_max : sizeof bytes, in);
        fwrite(bytes, 1, size, out);
    }
    if (in != NULL)
        fclose(in);
    if (out != NULL)
        fclose(out);
    return size;
}

static void copy_folder(const char *from, const char *to)
{
    DIR *folder = opendir(from);
    cr_assert(folder != NULL);
    mkdir(to, 0700);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char *source = folder_path(from, entry->d_name), *target = folder_path(to, entry->d_name);
        struct stat status;
        if (entry->d_name[0] != '.' && lstat(source, &status) == 0) {
            if (S_ISDIR(status.st_mode))
                copy_folder(source, target);
            else
                copy_file(source, target, SIZE_MAX);
        }
        free(source);
        free(target);
    }
    closedir(folder);
}

/* Opens the copy, walks all of it, and returns its height; *epoch is the next block's. */
static uint64_t check_copy_in(const char *directory, uint64_t *epoch)
{
    const struct ledger_options options = {.pool = pool_limits_default()};
    struct error error;
    struct buffer report = {0};
    struct vm *vm = vm_new();
    struct ledger *ledger = ledger_open(directory, &options, &error);
    cr_assert(ledger != NULL, "%s", error.text);
    const uint64_t height = ledger_head(ledger)->number;
    *epoch = ledger_epoch_record(ledger)->epoch;
    const bool ok = ledger_check(ledger, vm, &report, &error);
    buffer_append_u8(&report, 0);
    cr_expect(ok, "%s", (const char *)report.data);
    buffer_cleanup(&report);
    ledger_close(ledger);
    vm_free(vm);
    return height;
}

static uint64_t check_copy(const char *directory)
{
    uint64_t epoch;
    return check_copy_in(directory, &epoch);
}

/* The path of LevelDB's newest log, and its name; how many bytes it has. */
static size_t newest_log(const char *directory, char path[256], char name[64])
{
    char *store = folder_path(directory, LEDGER_STORE_FOLDER);
    DIR *folder = opendir(store);
    struct stat status;
    name[0] = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (strstr(entry->d_name, ".log") != NULL && strcmp(entry->d_name, name) > 0)
            snprintf(name, 64, "%.60s", entry->d_name);
    closedir(folder);
    cr_assert(name[0] != 0);
    snprintf(path, 256, "%s/%s", store, name);
    cr_assert(stat(path, &status) == 0);
    free(store);
    return (size_t)status.st_size;
}

static void one_block(void)
{
    for (unsigned i = 0; i < SAMPLE_ACCOUNTS; i++) {
        struct transaction tx = sample_transfer(&sample, i, &sample.accounts[(i + 1) % 8], 3);
        cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    }
    sample_block(&sample);
}

/* A process killed between two blocks leaves exactly the files it has: a copy stands for them. */
Test(crash, leaves_every_committed_block)
{
    char copy[128];
    for (unsigned round = 0; round < 12; round++) {
        one_block();
        snprintf(copy, sizeof copy, "%s/copy%u", sample.folder, round);
        copy_folder(sample.directory, copy);
        cr_expect(check_copy(copy) == ledger_head(sample.ledger)->number);
    }
}

/* LevelDB's newest log cut at any byte: the head is one that was committed, and all fits it. */
Test(crash, survives_a_log_torn_anywhere)
{
    char copy[160], log[64], source[256], target[256];
    for (unsigned round = 0; round < 4; round++)
        one_block();
    const size_t size = newest_log(sample.directory, source, log);
    uint64_t highest = 0;
    unsigned seed = 4242;
    for (unsigned round = 0; round < 25; round++) {
        const size_t cut = round == 0 ? size : (size_t)rand_r(&seed) % size;
        snprintf(copy, sizeof copy, "%s/torn%u", sample.folder, round);
        copy_folder(sample.directory, copy);
        snprintf(target, sizeof target, "%s/%s/%s", copy, LEDGER_STORE_FOLDER, log);
        copy_file(source, target, cut);
        const uint64_t height = check_copy(copy);
        cr_expect(height <= 4, "seed 4242, cut at %zu", cut);
        highest = height > highest ? height : highest;
    }
    cr_expect(highest == 4);
}

/* Blocks that one FINALIZATION settles are there all or none, and with a seal its epoch. */
Test(crash, a_torn_log_has_all_that_was_settled_or_nothing)
{
    static struct realm realm;
    const unsigned members[] = {3, 4};
    char copy[160], log[64], source[256], target[256];
    unsigned seed = 4243, whole = 0;
    realm_start(&realm, 3, QUORUM_BFT);
    hash256 tip = realm_block(&realm);
    const struct epoch_record next = realm_next(&realm, members, 2, QUORUM_BFT);
    tip = realm_build(&realm, &tip);
    tip = realm_build(&realm, &tip);
    realm_post(&realm, &next);
    tip = realm_build(&realm, &tip);
    realm_commit(&realm, &tip);
    const size_t size = newest_log(realm.directory, source, log);
    for (unsigned round = 0; round < 40; round++) {
        const size_t cut = round == 0 ? size : (size_t)rand_r(&seed) % size;
        uint64_t epoch;
        snprintf(copy, sizeof copy, "%s/torn%u", realm.folder, round);
        copy_folder(realm.directory, copy);
        snprintf(target, sizeof target, "%s/%s/%s", copy, LEDGER_STORE_FOLDER, log);
        copy_file(source, target, cut);
        const uint64_t height = check_copy_in(copy, &epoch);
        cr_expect(height <= 1 || height == 4, "seed 4243, cut at %zu: %d", cut, (int)height);
        cr_expect_eq(epoch, height == 4 ? 2 : 1, "seed 4243, cut at %zu", cut);
        whole += height == 4;
    }
    cr_expect(whole >= 1 && whole < 40);
    realm_cleanup(&realm);
}

static void overwrite(enum key_kind kind, const void *value, size_t size)
{
    struct error error;
    const struct store_key key = key_of(kind);
    struct store_batch *batch = store_batch_new();
    store_batch_put(batch, key_view(&key), bytes_of(value, size));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
}

static struct error open_error(void)
{
    const struct ledger_options options = {.pool = pool_limits_default()};
    struct error error = {0};
    sample_close(&sample);
    cr_expect(ledger_open(sample.directory, &options, &error) == NULL);
    return error;
}

Test(crash, names_a_newer_format)
{
    overwrite(KEY_FORMAT, "\0\3", 2);
    const struct error error = open_error();
    cr_expect(error.code == ERROR_VERSION, "%s", error.text);
    cr_expect(strstr(error.text, "needs a newer lnode") != NULL, "%s", error.text);
}

Test(crash, names_a_newer_record)
{
    overwrite(KEY_HEAD, "\3", 1);
    cr_expect(open_error().code == ERROR_VERSION);
}

Test(crash, names_a_damaged_head)
{
    overwrite(KEY_HEAD, "\1\xc0", 2);
    cr_expect(open_error().code == ERROR_CORRUPT);
}

Test(crash, names_a_missing_folder)
{
    const struct ledger_options options = {.pool = pool_limits_default()};
    struct error error = {0};
    cr_expect(ledger_open("/tmp/leither-nothing-here", &options, &error) == NULL);
    cr_expect(error.code == ERROR_NOT_FOUND, "%s", error.text);
}

/* A disk that takes no more: nothing is admitted or half done, the ledger stands still until it
 * is opened again, and then goes on from the same head. */
Test(crash, stands_still_when_writing_fails)
{
    for (unsigned round = 0; round < 3; round++)
        one_block();
    struct transaction late = sample_transfer(&sample, 0, &sample.accounts[1], 9);
    sample_close(&sample); /* so that the pool's journal has no room set aside */
    sample_open(&sample);
    sample.view = 3;
    const hash256 first = sample_build(&sample);
    const struct certificate finalization = sample_certify(&sample, &first);

    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit none = {.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
    const struct rlimit all = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    struct error error = {0};
    cr_assert(setrlimit(RLIMIT_FSIZE, &none) == 0);
    const enum pool_verdict verdict = sample_submit(&sample, &late);
    const bool committed = ledger_commit(sample.ledger, &first, &finalization, &error);
    cr_assert(setrlimit(RLIMIT_FSIZE, &all) == 0);
    cr_expect(verdict == POOL_JOURNAL_FAILED);
    cr_expect(!committed && error.text[0] != 0);
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 0);
    cr_expect(ledger_head(sample.ledger)->number == 3);
    /* There is room again, but LevelDB's log is not to be trusted before it is opened again. */
    cr_expect(!ledger_commit(sample.ledger, &first, &finalization, &error));
    sample_close(&sample);
    cr_expect(check_copy(sample.directory) == 3);
    sample_open(&sample);
    cr_expect(sample_submit(&sample, &late) == POOL_OK);
    sample.view = 3;
    sample_block(&sample);
    cr_expect(ledger_head(sample.ledger)->number == 4);
}

/* A contract without its code must not run as if it had none. */
Test(crash, builds_nothing_over_a_missing_code)
{
    struct error error = {0};
    hash256 block;
    struct arena arena = {0};
    const struct state_changes state = genesis_state(&sample.genesis, &arena);
    struct store_batch *batch = store_batch_new();
    for (size_t i = 0; i < state.codes_count; i++) {
        const struct store_key key = key_hashed(KEY_CODE, &state.codes[i].hash);
        store_batch_delete(batch, key_view(&key));
    }
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    arena_cleanup(&arena);

    const struct build_request request = sample_request(&sample, &ledger_head(sample.ledger)->hash);
    cr_expect(!ledger_build(sample.ledger, sample.vm, &request, &block, &error));
    cr_expect(error.code == ERROR_CORRUPT, "%s", error.text);
}

Test(crash, one_damaged_account_refuses_nobody_else)
{
    struct error error = {0};
    const struct store_key key = key_account(&sample.accounts[0]);
    struct store_batch *batch = store_batch_new();
    store_batch_put(batch, key_view(&key), bytes_of("\1\xc0", 2));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);

    const struct transaction lost = sample_transfer(&sample, 0, &sample.accounts[2], 1);
    const struct transaction other = sample_transfer(&sample, 1, &sample.accounts[2], 1);
    cr_expect(sample_submit(&sample, &lost) == POOL_REFUSED);
    cr_expect(sample_submit(&sample, &other) == POOL_OK);
}
