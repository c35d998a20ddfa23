#include "ledger/levm/lines.h"

#include <stdio.h>

#include "vm/base/bytes.h"

/* One line without its end, and a zero behind it; false at the end of the input. */
static bool read_line(struct buffer *line, size_t number, bool *failed, struct error *error)
{
    int c;
    buffer_clear(line);
    while ((c = getc_unlocked(stdin)) != EOF && c != '\n') {
        if (line->size == LINES_SIZE_MAX) {
            *failed = true;
            return error_set(error, ERROR_INVALID, "stdin: line %zu is over %u MiB", number,
                             LINES_SIZE_MAX >> 20);
        }
        buffer_append_u8(line, (uint8_t)c);
    }
    *failed = ferror(stdin) != 0;
    if (*failed)
        return error_set_errno(error, "stdin");
    if (c == EOF && line->size == 0)
        return false;
    if (line->size > 0 && line->data[line->size - 1] == '\r')
        line->size--;
    buffer_append_u8(line, 0);
    return true;
}

bool lines_each(bool (*on_line)(void *context, char *line, struct error *error), void *context,
                struct error *error)
{
    struct buffer line = {0};
    bool failed = false;
    for (size_t number = 1; !failed && read_line(&line, number, &failed, error); number++)
        failed = !on_line(context, (char *)line.data, error);
    buffer_cleanup(&line);
    return !failed;
}
