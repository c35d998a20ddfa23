#include "tests/unit/ledger/snapshot/joining.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

struct joining joining;

void joining_start(void)
{
    busy_start(&joining.busy, 4711);
    busy_go_on(&joining.busy, 47);
    parcel_make(&joining.parcel, joining.busy.sample.ledger, 30, BUSY_CHUNK_SIZE);
    joining.ground = busy_ground(&joining.busy, 30, &joining.arena);
    snprintf(joining.directory, sizeof joining.directory, "%s/joined", joining.busy.sample.folder);
}

void joining_stop(void)
{
    parcel_cleanup(&joining.parcel);
    arena_cleanup(&joining.arena);
    busy_cleanup(&joining.busy);
}

struct snapshot_import *joining_import(const struct parcel *from)
{
    struct error error;
    struct snapshot_import *import = snapshot_import_open(joining.directory, &joining.ground,
                                                          buffer_view(&from->encoded), &error);
    cr_assert(import != NULL, "%s", error.text);
    return import;
}

void joining_add(struct snapshot_import *import, const struct parcel *from, size_t number)
{
    enum snapshot_verdict verdict;
    struct error error;
    cr_assert(snapshot_import_add(import, number, from->chunks[number], &verdict, &error), "%s",
              error.text);
    cr_assert(verdict == SNAPSHOT_OK, "%s", error.text);
}

void joining_add_all(struct snapshot_import *import, const struct parcel *from)
{
    const size_t count = from->manifest.entries_count;
    for (size_t i = 0; i < count; i++)
        joining_add(import, from, i * 7919 % count);
    for (size_t i = 0; i < count; i++)
        joining_add(import, from, i);
    cr_assert(snapshot_import_missing(import) == 0);
}

void joining_finish(const struct parcel *from)
{
    struct error error;
    struct snapshot_import *import = joining_import(from);
    joining_add_all(import, from);
    cr_assert(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
}

struct ledger *joining_open(void)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = BUSY_EVERY};
    struct ledger *ledger = ledger_open(joining.directory, &options, &error);
    cr_assert(ledger != NULL, "%s", error.text);
    return ledger;
}

void joining_expect_sound(struct ledger *ledger)
{
    struct buffer report = {0};
    struct error error;
    cr_expect(ledger_check(ledger, joining.busy.sample.vm, &report, &error), "%.*s",
              (int)report.size, (const char *)report.data);
    buffer_cleanup(&report);
}

bool joining_is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

bool joining_is_draft_there(void)
{
    char draft[160];
    snprintf(draft, sizeof draft, "%s" SNAPSHOT_DRAFT_SUFFIX, joining.directory);
    return joining_is_there(draft);
}
