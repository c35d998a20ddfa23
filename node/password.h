/* Passwords of the command line: from a private file, or asked for without echo. */
#ifndef NODE_PASSWORD_H
#define NODE_PASSWORD_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

/* `file` NULL: asks on the terminal, twice if `is_new`. Release with password_cleanup(). */
bool password_read(const char *file, bool is_new, struct buffer *password, struct error *error)
    __attribute__((warn_unused_result));
void password_cleanup(struct buffer *password);
#endif
