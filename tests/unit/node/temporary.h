/* A folder for one test, removed with all in it at the end. */
#ifndef TESTS_UNIT_NODE_TEMPORARY_H
#define TESTS_UNIT_NODE_TEMPORARY_H
#include <criterion/criterion.h>
#include <stdlib.h>

#include "node/files.h"

static inline char *temporary_folder(void)
{
    char *path = strdup("/tmp/leither-test-XXXXXX");
    cr_assert_not_null(mkdtemp(path));
    return path;
}

static inline void temporary_remove(char *path)
{
    struct error error;
    cr_assert(dir_remove(path, &error), "%s", error.text);
    free(path);
}
#endif
