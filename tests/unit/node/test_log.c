/* Lines of the log. */
#include "node/log.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

/* What `message` becomes on standard error. */
static void written(const char *message, char line[2048])
{
    int ends[2];
    const int before = dup(STDERR_FILENO);
    cr_assert(before >= 0 && pipe(ends) == 0);
    cr_assert(dup2(ends[1], STDERR_FILENO) >= 0);
    log_write(LOG_ERROR, "%s", message);
    cr_assert(dup2(before, STDERR_FILENO) >= 0);
    close(ends[1]);
    const ssize_t size = read(ends[0], line, 2047);
    line[size > 0 ? size : 0] = '\0';
    close(ends[0]);
    close(before);
}

/* An error that names a file must not get lost because of the file's name. */
Test(log, is_json_whatever_bytes_a_message_has)
{
    char line[2048];
    log_setup(LOG_INFO, true);
    written("a \"path\" of \xff\xc3 bytes\nand lines", line);
    cr_assert(line[0] != '\0' && line[strlen(line) - 1] == '\n');
    json_t *json = json_loads(line, 0, NULL);
    cr_assert_not_null(json, "%s", line);
    const char *message = json_string_value(json_object_get(json, "message"));
    cr_assert_not_null(message);
    cr_expect(strstr(message, "a \"path\" of ") == message, "%s", message);
    cr_expect(strstr(message, "bytes and lines") != NULL, "%s", message);
    cr_expect_str_eq(json_string_value(json_object_get(json, "level")), "error");
    json_decref(json);
}
