#include "vm/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef error_set
#undef error_set_errno
#undef error_prefix

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return false;
}

static enum error_code code_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT: return ERROR_DISK_FULL;
    case ENOENT: return ERROR_NOT_FOUND;
    case EEXIST: return ERROR_EXISTS;
    case EACCES:
    case EPERM: return ERROR_DENIED;
    default: return ERROR_IO;
    }
}

bool error_set_errno(struct error *error, const char *format, ...)
{
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    error->code = code_of_errno(number);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    size_t length = strlen(error->text);
    snprintf(error->text + length, sizeof error->text - length, ": %s", strerror(number));
    return false;
}

bool error_prefix(struct error *error, const char *format, ...)
{
    char rest[ERROR_TEXT_SIZE];
    memcpy(rest, error->text, sizeof rest);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    size_t length = strlen(error->text);
    snprintf(error->text + length, sizeof error->text - length, ": %s", rest);
    return false;
}
