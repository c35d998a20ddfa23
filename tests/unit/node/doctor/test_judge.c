#include "node/doctor/judge.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define NOW_MS    1800000000000
#define MEGABYTES 1000000ULL

/* The only finding, which must be of that level and contain those words. */
static void expect_one(struct report *report, enum finding_level level, const char *words)
{
    cr_assert_eq(report->count, 1, "%zu findings", report->count);
    cr_expect_eq(report->findings[0].level, level, "%d: %s", report->findings[0].level,
                 report->findings[0].text);
    cr_expect(strstr(report->findings[0].text, words) != NULL, "%s: %s", words,
              report->findings[0].text);
    cr_expect(level != FINDING_TODO || report->findings[0].next[0] != '\0', "%s: no next command",
              report->findings[0].text);
    report_cleanup(report);
}

Test(doctor_judge, wants_a_gigabyte_and_a_tenth_of_the_disk)
{
    static const struct {
        uint64_t free_bytes, size_bytes;
        enum finding_level level;
        const char *words;
    } cases[] = {
        {0, 1 << 20, FINDING_TODO, "only 0 B are free"},
        {999 * MEGABYTES, 1000 * MEGABYTES, FINDING_TODO, "only 999 MB are free in /data"},
        {1000 * MEGABYTES, 4000 * MEGABYTES, FINDING_GOOD, "1.00 GB are free"},
        {1000 * MEGABYTES, 20000 * MEGABYTES, FINDING_NOTE, "less than a tenth"},
        {UINT64_MAX, UINT64_MAX, FINDING_GOOD, "18 EB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report report = {0};
        struct disk_room room = {cases[i].free_bytes, cases[i].size_bytes, UINT64_MAX};
        judge_disk_room(&report, "/data", &room);
        expect_one(&report, cases[i].level, cases[i].words);
    }
}

Test(doctor_judge, says_when_no_more_files_can_be_made)
{
    struct report report = {0};
    struct disk_room room = {MEGABYTES * MEGABYTES, MEGABYTES * MEGABYTES, 999};
    judge_disk_room(&report, "/my data", &room);
    cr_assert_eq(report.count, 2);
    cr_expect_eq(report.findings[1].level, FINDING_TODO);
    cr_expect_str_eq(report.findings[1].next, "df -i '/my data'");
    report_cleanup(&report);
}

Test(doctor_judge, counts_what_a_block_waits_for_the_disk)
{
    static const struct {
        uint64_t median_us;
        enum finding_level level;
        const char *words;
    } cases[] = {
        {100, FINDING_GOOD, "0.10 ms"},        {50000, FINDING_GOOD, "50 ms"},
        {50001, FINDING_NOTE, "memory card"},  {333000, FINDING_NOTE, "333 ms"},
        {333001, FINDING_TODO, "three times"}, {4200000, FINDING_TODO, "4.2 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report report = {0};
        struct disk_sync sync = {cases[i].median_us, 2 * cases[i].median_us};
        judge_disk_sync(&report, &sync);
        expect_one(&report, cases[i].level, cases[i].words);
    }
}

Test(doctor_judge, tells_an_unset_clock_from_one_that_nobody_keeps)
{
    struct report report = {0};
    judge_clock(&report, 86400000, CLOCK_KEPT);
    expect_one(&report, FINDING_TODO, "never set");
    judge_clock(&report, NOW_MS, CLOCK_LEFT_ALONE);
    expect_one(&report, FINDING_NOTE, "keeps it");
    judge_clock(&report, NOW_MS, CLOCK_KEPT);
    expect_one(&report, FINDING_GOOD, "kept right");
    judge_clock(&report, NOW_MS, CLOCK_CARE_UNKNOWN);
    expect_one(&report, FINDING_GOOD, "is set");
}

/* R6 lets a block be ten seconds ahead. */
Test(doctor_judge, finds_a_clock_that_is_behind_the_last_block)
{
    struct report report = {0};
    judge_block_time(&report, "acme", NOW_MS / 1000 + 10, NOW_MS);
    judge_block_time(&report, "acme", 0, NOW_MS);
    cr_expect_eq(report.count, 0);
    judge_block_time(&report, "acme", NOW_MS / 1000 + 11, NOW_MS);
    expect_one(&report, FINDING_TODO, "11 seconds behind the last block of acme");
    judge_block_time(&report, "acme", NOW_MS / 1000 + 7200, NOW_MS);
    expect_one(&report, FINDING_TODO, "2 hours behind");
    judge_block_time(&report, "acme", UINT64_MAX, NOW_MS);
    expect_one(&report, FINDING_TODO, "days behind");
}

Test(doctor_judge, counts_descriptors_and_memory)
{
    struct report report = {0};
    judge_descriptors(&report, 1024, 1024);
    expect_one(&report, FINDING_GOOD, "1024");
    judge_descriptors(&report, 1023, 1024);
    expect_one(&report, FINDING_TODO, "only 1023");
    judge_memory(&report, 64 * MEGABYTES, UINT64_MAX, 0);
    expect_one(&report, FINDING_GOOD, "64 MB are available");
    judge_memory(&report, 64 * MEGABYTES - 1, 128 * MEGABYTES, 12 * MEGABYTES);
    expect_one(&report, FINDING_TODO, "within a limit of 128 MB; lnode holds 12 MB");
}

Test(doctor_judge, tells_how_this_machine_can_be_reached)
{
    static const struct {
        enum address_kind kind;
        const char *words;
    } cases[] = {
        {ADDRESS_PUBLIC, "no router translates"},
        {ADDRESS_SHARED, "no port mapping helps"},
        {ADDRESS_PRIVATE, "behind a router"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report report = {0};
        struct network_facts facts = {0};
        facts.count[cases[i].kind] = 1;
        snprintf(facts.example[cases[i].kind], ADDRESS_TEXT_SIZE, "here");
        judge_network(&report, &facts);
        cr_assert_eq(report.count, 2);
        cr_expect(strstr(report.findings[0].text, cases[i].words) != NULL, "%s",
                  report.findings[0].text);
        cr_expect_str_eq(report.findings[1].text, "there is no public IPv6 address");
        report_cleanup(&report);
    }
    struct report report = {0};
    struct network_facts none = {.count[ADDRESS_LINK] = 2};
    judge_network(&report, &none);
    expect_one(&report, FINDING_NOTE, "has no network");
}

Test(doctor_judge, tells_what_the_router_makes_of_requests)
{
    static const struct {
        struct router_facts facts;
        enum finding_level level;
        const char *words;
    } cases[] = {
        {{ROUTER_TOLD, {192, 168, 1, 1}, {8, 8, 4, 4}}, FINDING_GOOD, "outside it is 8.8.4.4"},
        {{ROUTER_TOLD, {192, 168, 1, 1}, {10, 0, 0, 2}}, FINDING_NOTE, "behind another one"},
        {{ROUTER_TOLD, {192, 168, 1, 1}, {100, 64, 0, 2}}, FINDING_NOTE, "behind another one"},
        {{ROUTER_TOLD, {192, 168, 1, 1}, {0, 0, 0, 0}}, FINDING_NOTE, "no public address"},
        {{ROUTER_SPEAKS_PCP, {192, 168, 1, 1}, {0}}, FINDING_GOOD, "192.168.1.1 opens ports"},
        {{ROUTER_REFUSED, {192, 168, 1, 1}, {0}}, FINDING_NOTE, "does not allow it"},
        {{ROUTER_SILENT, {192, 168, 1, 1}, {0}}, FINDING_NOTE, "does not answer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report report = {0};
        judge_router(&report, &cases[i].facts);
        expect_one(&report, cases[i].level, cases[i].words);
    }
}
