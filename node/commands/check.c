#include "node/commands/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/organisation.h"
#include "ledger/ledger.h"
#include "vm/vm.h"

static const char *const check_flags[] = {"org", NULL};

/* The files of our seat in the committee of now. */
static bool check_seat(const struct organisation *org, const struct data_dir *dir,
                       const struct epoch_record *record, struct error *error)
{
    const unsigned own = organisation_own_index(record, &dir->keys.consensus);
    if (own == record->committee_size) {
        printf("%s: this node has no seat in its committee, and follows it\n", org->label);
        return true;
    }
    struct reveal_chain *reveals = organisation_reveals(org, &record->committee[own], error);
    reveal_chain_free(reveals);
    return reveals != NULL;
}

static bool check_store(const struct organisation *org, const struct data_dir *dir,
                        struct vm *machine, struct error *error)
{
    struct ledger_options options = {.pool = pool_limits_default()};
    struct buffer report = {0};
    char store[PATH_SIZE];

    if (!path_format(store, error, "%s/store", org->folder))
        return false;
    struct ledger *ledger = ledger_open(store, &options, error);
    if (ledger == NULL)
        return false;
    bool ok = hash256_equal(ledger_id(ledger), &org->id)
              || error_set(error, ERROR_CORRUPT, "the store belongs to another organisation");
    ok = ok && check_seat(org, dir, ledger_epoch_record(ledger), error)
         && ledger_check(ledger, machine, &report, error);
    fwrite(report.data, 1, report.size, stdout);
    buffer_cleanup(&report);
    ledger_close(ledger);
    return ok;
}

/* Walks one organisation: its store, and the files beside it. */
static bool check_one(const struct data_dir *dir, const char *label, struct vm *machine)
{
    struct error error = {0};
    struct organisation *org = organisation_load(dir, label, &error);

    printf("%s\n", label);
    const bool ok = org != NULL && check_store(org, dir, machine, &error);
    if (ok)
        printf("%s: good; chain id %" PRIu64 "\n", label, org->chain_id);
    else
        printf("%s: NOT GOOD: %s\n", label,
               error.text[0] == '\0' ? "see the lines above" : error.text);
    organisation_free(org);
    return ok;
}

static enum exit_code check_all(const struct data_dir *dir, const char *only)
{
    struct arena arena = {0};
    struct error error;
    char **labels;
    size_t count, checked = 0, bad = 0;
    enum exit_code code = EXIT_OK;

    if (!organisation_labels(dir, &arena, &labels, &count, &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    } else {
        struct vm *machine = vm_new();
        for (size_t i = 0; i < count; i++) {
            if (only != NULL && strcmp(only, labels[i]) != 0)
                continue;
            checked++;
            bad += check_one(dir, labels[i], machine) ? 0 : 1;
        }
        vm_free(machine);
        printf("checked %zu, %zu not good\n", checked, bad);
        if (bad > 0 || (only != NULL && checked == 0))
            code = EXIT_DEGRADED;
    }
    arena_cleanup(&arena);
    return code;
}

enum exit_code command_check(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    struct data_dir *dir = memory_new(sizeof *dir);
    struct error error;
    enum exit_code code;

    if (!arguments_allow(arguments, check_flags, 0, &error)
        || !arguments_config(arguments, config, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (!data_dir_open(dir, config->data_dir, DATA_DIR_WORK, &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    } else {
        code = check_all(dir, arguments_flag(arguments, "org"));
        data_dir_close(dir);
    }
    free(dir);
    free(config);
    return code;
}
