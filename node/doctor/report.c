#include "node/doctor/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rpc/write.h"

static const char *const level_names[] = {"todo", "note", "good"};
static const char *const level_marks[] = {"TO DO", "note", "good"};

void report_cleanup(struct report *report)
{
    free(report->findings);
    *report = (struct report){0};
}

static void clean_text(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = ' ';
    }
}

struct finding *report_add(struct report *report, enum finding_level level, const char *area,
                           const char *format, ...)
{
    va_list arguments;

    if (report->count == report->capacity) {
        report->capacity = report->capacity == 0 ? 32 : 2 * report->capacity;
        report->findings =
            memory_resize(report->findings, report->capacity * sizeof *report->findings);
    }
    struct finding *finding = &report->findings[report->count++];
    *finding = (struct finding){.level = level};
    snprintf(finding->area, sizeof finding->area, "%s", area);
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    clean_text(finding->text);
    return finding;
}

void report_next(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->next, sizeof finding->next, format, arguments);
    va_end(arguments);
    clean_text(finding->next);
}

const char *report_quote(char out[QUOTE_SIZE], const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    size_t used = 0;

    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        snprintf(out, QUOTE_SIZE, "%s", word);
        return out;
    }
    out[used++] = '\'';
    for (; *word != '\0' && used + 6 < QUOTE_SIZE; word++) {
        if (*word == '\'') {
            memcpy(out + used, "'\\''", 4);
            used += 4;
        } else {
            out[used++] = *word;
        }
    }
    out[used++] = '\'';
    out[used] = '\0';
    return out;
}

size_t report_count(const struct report *report, enum finding_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        count += report->findings[i].level == level;
    return count;
}

static void format_level(const struct report *report, enum finding_level level, struct buffer *out)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        if (finding->level != level)
            continue;
        buffer_append_format(out, "%-6s %-8s %s\n", level_marks[level], finding->area,
                             finding->text);
        if (finding->next[0] != '\0')
            buffer_append_format(out, "%-15s next: %s\n", "", finding->next);
    }
}

void report_format(const struct report *report, struct buffer *out)
{
    size_t todo = report_count(report, FINDING_TODO);

    if (todo == 0)
        buffer_append_text(out, "nothing is wrong\n");
    else
        buffer_append_format(out, "%zu thing%s to do\n", todo, todo == 1 ? "" : "s");
    for (unsigned level = 0; level < FINDING_LEVEL_COUNT; level++)
        format_level(report, (enum finding_level)level, out);
}

void report_format_json(const struct report *report, struct buffer *out)
{
    size_t todo = report_count(report, FINDING_TODO);

    write_raw(out, "{");
    write_key_bool(out, "ok", todo == 0);
    write_key_decimal(out, "todo", todo);
    write_key_raw(out, "findings", "[");
    for (size_t i = 0; i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        write_separator(out);
        write_raw(out, "{");
        write_key_text(out, "level", level_names[finding->level]);
        write_key_text(out, "area", finding->area);
        write_key_text(out, "text", finding->text);
        if (finding->next[0] == '\0')
            write_key_raw(out, "next", "null");
        else
            write_key_text(out, "next", finding->next);
        write_raw(out, "}");
    }
    write_raw(out, "]}\n");
}
