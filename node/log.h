/* Structured log lines on standard error, one line each, from any thread.
 *
 *   2026-11-22T16:03:12.345Z info seat: committed org=acme height=5 transactions=2
 *   {"time":"...","level":"info","message":"seat: committed org=acme height=5"}
 *
 * Past tense, key=value, units in the names. `debug` is whatever a stranger can cause at will. */
#ifndef NODE_LOG_H
#define NODE_LOG_H
#include <stdbool.h>

enum log_level {
    LOG_ERROR, /* somebody must act */
    LOG_WARN,  /* unusual, handled */
    LOG_INFO,  /* the life of the node */
    LOG_DEBUG,
    LOG_LEVEL_COUNT,
};
bool log_level_parse(enum log_level *level, const char *name);

/* What is written from now on; the start is LOG_INFO as text. Before threads start. */
void log_setup(enum log_level level, bool as_json);
/* Control characters in the message become spaces, so that a line stays a line. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif
