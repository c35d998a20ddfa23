/* Commands that read a line at a time from stdin. */
#ifndef LEDGER_LEVM_LINES_H
#define LEDGER_LEVM_LINES_H
#include "vm/base/error.h"

#define LINES_SIZE_MAX (16u << 20) /* bytes of one line */

/* Calls `on_line` with each line, its end cut off, until one returns false, with an error. Also
 * false for a line over LINES_SIZE_MAX, and when stdin cannot be read. A byte 0 ends its line. */
bool lines_each(bool (*on_line)(void *context, char *line, struct error *error), void *context,
                struct error *error) __attribute__((warn_unused_result));
#endif
