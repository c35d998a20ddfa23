#include "node/doctor/ledgers.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/ledger.h"
#include "node/doctor/judge.h"
#include "node/organisation.h"

/* Ledgers that go on make one finding, whatever their count. */
static void say_how_many(struct report *report, size_t count, size_t good, const char *label,
                         uint64_t height)
{
    if (count == 0) {
        struct finding *finding =
            report_add(report, FINDING_NOTE, "ledgers", "there is no organisation yet");
        report_next(finding, "lwallet org create LABEL");
    } else if (good == 1) {
        report_add(report, FINDING_GOOD, "ledgers", "%.64s is well at block %" PRIu64, label,
                   height);
    } else if (good > 1) {
        report_add(report, FINDING_GOOD, "ledgers", "%zu ledgers are well", good);
    }
}

/* ---- Of a running node --------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static uint64_t number_of(const json_t *object, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(object, key));
    return number < 0 ? 0 : (uint64_t)number;
}

/* This node is fine: others of its committee are not there, or it is on its way. */
static void say_what_it_waits_for(struct report *report, const json_t *org)
{
    const bool lacks_members = number_of(org, "membersReachable") < number_of(org, "quorum");
    struct finding *finding =
        report_add(report, lacks_members ? FINDING_TODO : FINDING_NOTE, "ledgers",
                   "%.64s waits: %.280s", text_of(org, "label"), text_of(org, "waits"));
    if (lacks_members)
        report_next(finding, "lnode doctor, at each member that is missing");
}

void ledgers_examine_status(struct report *report, const json_t *status, const char *where,
                            uint64_t now_ms)
{
    const json_t *orgs = json_object_get(status, "orgs");
    size_t count = json_array_size(orgs), good = 0, stopped = 0;
    const json_t *last = NULL;

    for (size_t i = 0; i < count; i++) {
        const json_t *org = json_array_get(orgs, i);
        const char *label = text_of(org, "label"), *why = text_of(org, "stopped");
        judge_block_time(report, label, number_of(org, "blockTime"), now_ms);
        if (why[0] == '\0' && text_of(org, "waits")[0] != '\0') {
            say_what_it_waits_for(report, org);
            continue;
        }
        if (why[0] == '\0') {
            good++;
            last = org;
            continue;
        }
        stopped++;
        struct finding *finding =
            report_add(report, FINDING_TODO, "ledgers", "%.64s stands still: %.280s", label, why);
        report_next(finding, "stop lnode, then: lnode check --org %.64s%s", label, where);
    }
    if (stopped == 0 && text_of(status, "problem")[0] != '\0') {
        struct finding *finding =
            report_add(report, FINDING_TODO, "ledgers", "%s", text_of(status, "problem"));
        report_next(finding, "stop lnode, then: lnode check%s", where);
    }
    say_how_many(report, count, good, last == NULL ? "" : text_of(last, "label"),
                 last == NULL ? 0 : number_of(last, "height"));
}

/* ---- Of a stopped node --------------------------------------------------------------------- */

static bool examine_store(struct report *report, const struct data_dir *dir, const char *label,
                          uint64_t now_ms, uint64_t *height, struct error *error)
{
    struct ledger_options options = {.pool = pool_limits_default()};
    struct organisation *org = organisation_load(dir, label, error);
    struct ledger *ledger = NULL;
    char store[PATH_SIZE];
    bool ok = org != NULL && path_format(store, error, "%s/store", org->folder);

    if (ok) {
        ledger = ledger_open(store, &options, error);
        ok = ledger != NULL
             && (hash256_equal(ledger_id(ledger), &org->id)
                 || error_set(error, ERROR_CORRUPT, "the store belongs to another organisation"));
    }
    if (ledger != NULL) {
        *height = ledger_head(ledger)->number;
        judge_block_time(report, label, ledger_head(ledger)->header.timestamp, now_ms);
    }
    ledger_close(ledger);
    organisation_free(org);
    return ok;
}

static void say_not_well(struct report *report, const char *label, const char *where,
                         const struct error *error)
{
    struct finding *finding =
        report_add(report, FINDING_TODO, "ledgers", "%.64s: %.300s", label, error->text);
    switch (error->code) {
    case ERROR_DISK_FULL: report_next(finding, "df -h"); break;
    case ERROR_VERSION: break; /* the sentence says which lnode to start */
    default: report_next(finding, "lnode check --org %.64s%s", label, where); break;
    }
}

void ledgers_examine_stores(struct report *report, const struct data_dir *dir, const char *where,
                            uint64_t now_ms)
{
    struct arena arena = {0};
    struct error error;
    char **labels;
    const char *last = "";
    size_t count = 0, good = 0;
    uint64_t height = 0, last_height = 0;

    if (!organisation_labels(dir, &arena, &labels, &count, &error)) {
        report_add(report, FINDING_TODO, "ledgers", "%s", error.text);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!examine_store(report, dir, labels[i], now_ms, &height, &error)) {
            say_not_well(report, labels[i], where, &error);
            continue;
        }
        good++;
        last = labels[i];
        last_height = height;
    }
    say_how_many(report, count, good, last, last_height);
    arena_cleanup(&arena);
}
