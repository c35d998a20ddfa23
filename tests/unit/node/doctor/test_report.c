#include "node/doctor/report.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static void expect_text(const struct report *report,
                        void (*format)(const struct report *, struct buffer *),
                        const char *expected)
{
    struct buffer text = {0};
    format(report, &text);
    buffer_append_u8(&text, 0);
    cr_expect_str_eq((const char *)text.data, expected);
    buffer_cleanup(&text);
}

Test(doctor_report, begins_with_the_result_and_what_is_to_be_done)
{
    struct report report = {0};
    expect_text(&report, report_format, "nothing is wrong\n");
    report_add(&report, FINDING_GOOD, "node", "it runs");
    report_add(&report, FINDING_NOTE, "network", "no IPv6");
    report_next(report_add(&report, FINDING_TODO, "disk", "%d left", 3), "df -h %s", "/data");
    expect_text(&report, report_format,
                "1 thing to do\n"
                "TO DO  disk     3 left\n"
                "                next: df -h /data\n"
                "note   network  no IPv6\n"
                "good   node     it runs\n");
    report_cleanup(&report);
}

Test(doctor_report, is_json_for_programs)
{
    struct report report = {0};
    expect_text(&report, report_format_json, "{\"ok\":true,\"todo\":0,\"findings\":[]}\n");
    report_next(report_add(&report, FINDING_TODO, "disk", "a \"b\""), "df");
    report_add(&report, FINDING_GOOD, "node", "fine");
    expect_text(&report, report_format_json,
                "{\"ok\":false,\"todo\":1,\"findings\":["
                "{\"level\":\"todo\",\"area\":\"disk\",\"text\":\"a \\\"b\\\"\",\"next\":\"df\"},"
                "{\"level\":\"good\",\"area\":\"node\",\"text\":\"fine\",\"next\":null}]}\n");
    report_cleanup(&report);
}

/* What stands in a file or a label may be written by anybody: a terminal gets no control codes. */
Test(doctor_report, keeps_a_finding_on_its_line)
{
    struct report report = {0};
    report_next(report_add(&report, FINDING_NOTE, "x", "a\nb\033[2J%s", "\x7f"), "c\rd");
    cr_expect_str_eq(report.findings[0].text, "a b [2J ");
    cr_expect_str_eq(report.findings[0].next, "c d");
    report_cleanup(&report);
}

Test(doctor_report, quotes_what_a_shell_would_take_apart)
{
    static const char *const cases[][2] = {
        {"/srv/leither", "/srv/leither"}, {"", "''"},         {"a b", "'a b'"},
        {"it's", "'it'\\''s'"},           {"$(x)", "'$(x)'"}, {"~", "'~'"},
    };
    char quoted[QUOTE_SIZE], *longest = memory_new(8192);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_str_eq(report_quote(quoted, cases[i][0]), cases[i][1]);
    memset(longest, '\'', 8191);
    longest[8191] = '\0';
    cr_expect(strlen(report_quote(quoted, longest)) < QUOTE_SIZE);
    free(longest);
}
