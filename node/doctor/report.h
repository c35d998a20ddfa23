/* What `lnode doctor` found, in plain words, each with the next command to type.
 *
 * Findings are kept in the order they were made and shown by what is to be done about them. */
#ifndef NODE_DOCTOR_REPORT_H
#define NODE_DOCTOR_REPORT_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define NEXT_SIZE  6144 /* a path of any length, quoted, and words around it */
#define QUOTE_SIZE 5120

enum finding_level {
    FINDING_TODO, /* wrong: somebody has to do something */
    FINDING_NOTE, /* worth knowing; nothing has to be done */
    FINDING_GOOD,
    FINDING_LEVEL_COUNT,
};

struct finding {
    enum finding_level level;
    char area[16];
    char text[ERROR_TEXT_SIZE];
    char next[NEXT_SIZE]; /* a command; empty: none */
};

/* An empty report is all zero. */
struct report {
    struct finding *findings;
    size_t count, capacity;
};
void report_cleanup(struct report *report);

/* Adds a finding. Control characters, which may come from a disk or a peer, become spaces. The
 * pointer is good until the next one is added; report_next() says what to type. */
struct finding *report_add(struct report *report, enum finding_level level, const char *area,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));
void report_next(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A word of a command: in quotes where a shell would take it apart. Returns `out`. */
const char *report_quote(char out[QUOTE_SIZE], const char *word);

size_t report_count(const struct report *report, enum finding_level level);
/* The count of things to do on the first line, then what is to be done, worth knowing, good. */
void report_format(const struct report *report, struct buffer *out);
/* {"ok":true,"todo":0,"findings":[{"level","area","text","next"}]}; next is null without one. */
void report_format_json(const struct report *report, struct buffer *out);
#endif
