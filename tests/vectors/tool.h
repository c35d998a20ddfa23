/* Runs levm as a user would, and counts verdicts. */
#ifndef TESTS_VECTORS_TOOL_H
#define TESTS_VECTORS_TOOL_H
#include <jansson.h>

#include "vm/base/bytes.h"

/* Runs the program at arguments[0] with `in` as its input; true if it ended with exit code 0.
 * `out` gets its output and a final zero, which is not counted. */
bool tool_run(const char *const *arguments, struct bytes in, struct buffer *out);

/* The same with stderr in `errors`, which may be NULL (then it is ours); returns the exit code, or -1. */
int tool_run_all(const char *const *arguments, struct bytes in, struct buffer *out,
                 struct buffer *errors);

#define REASONS_MAX 32
struct tally {
    const char *category;
    size_t passed, failed, skipped;
    size_t reasons_count;
    struct {
        char text[120];
        size_t count;
    } reasons[REASONS_MAX]; /* of the skips */
};
void tally_pass(struct tally *tally);
void tally_fail(struct tally *tally, const char *name, const char *why);
void tally_skip(struct tally *tally, const char *reason);
void tally_print(const struct tally *tally);

/* What a category's tests are run with. */
struct vectors_runner {
    const char *levm;
    struct tally *tally;
};

/* Calls for each test of every .json file below a folder, in the order of their names. */
void vectors_each(const char *folder,
                  void (*on_test)(void *context, const char *name, const json_t *fields),
                  void *context);
#endif
