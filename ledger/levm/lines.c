#include "ledger/levm/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lines_each(bool (*on_line)(void *context, char *line), void *context)
{
    char *line = NULL;
    size_t capacity = 0;
    bool ok = true;
    while (ok && getline(&line, &capacity, stdin) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        ok = on_line(context, line);
    }
    free(line);
    return ok;
}
