#include "node/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rpc/write.h"

#define LOG_LINE_MAX 1024

static const char *const level_names[LOG_LEVEL_COUNT] = {"error", "warn", "info", "debug"};
static enum log_level level_shown = LOG_INFO;
static bool is_json;

bool log_level_parse(enum log_level *level, const char *name)
{
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_setup(enum log_level level, bool as_json)
{
    level_shown = level;
    is_json = as_json;
}

static void format_time(char *out, size_t size)
{
    struct timespec now;
    struct tm parts;
    char seconds[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(out, size, "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000));
}

/* One write a line, so that lines of several threads do not mix. */
static void write_line(const char *line, size_t size)
{
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* there is nowhere left to complain to */
}

static void write_json(const char *time, enum log_level level, const char *message)
{
    struct buffer line = {0};
    write_raw(&line, "{");
    write_key_text(&line, "time", time);
    write_key_text(&line, "level", level_names[level]);
    write_key_text(&line, "message", message);
    write_raw(&line, "}\n");
    write_line((const char *)line.data, line.size);
    buffer_cleanup(&line);
}

void log_write(enum log_level level, const char *format, ...)
{
    char message[LOG_LINE_MAX];
    char time[64];
    va_list arguments;

    if (level > level_shown)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    for (char *c = message; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    }
    format_time(time, sizeof time);
    if (is_json) {
        write_json(time, level, message);
        return;
    }
    char line[LOG_LINE_MAX + 128];
    int size = snprintf(line, sizeof line, "%s %s %s\n", time, level_names[level], message);
    write_line(line, (size_t)size);
}
