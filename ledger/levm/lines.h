/* Commands that read a line at a time from stdin. */
#ifndef LEDGER_LEVM_LINES_H
#define LEDGER_LEVM_LINES_H
#include <stdbool.h>

/* Calls `on_line` with each line, its end cut off, until one returns false. */
bool lines_each(bool (*on_line)(void *context, char *line), void *context);
#endif
