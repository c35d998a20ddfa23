#include "wallet/nearest.h"

#include <string.h>

#define LENGTH_MAX 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: rows of the table for the last two characters are kept. */
static size_t edits(const char *a, const char *b)
{
    size_t before[LENGTH_MAX + 1];
    size_t above[LENGTH_MAX + 1];
    size_t row[LENGTH_MAX + 1];
    size_t width = strlen(b);
    for (size_t j = 0; j <= width; j++)
        above[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        memcpy(before, above, sizeof before);
        memcpy(above, row, sizeof above);
    }
    return above[width];
}

const char *nearest(const char *wrong, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_edits = LENGTH_MAX;
    if (strlen(wrong) > LENGTH_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names[i]);
        if (length > LENGTH_MAX)
            continue;
        size_t distance = edits(wrong, names[i]);
        size_t limit = length / 3 > 1 ? length / 3 : 1;
        if (distance <= limit && distance < best_edits) {
            best = names[i];
            best_edits = distance;
        }
    }
    return best;
}
