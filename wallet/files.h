/* The wallet's files: private, whole or absent. */
#ifndef WALLET_FILES_H
#define WALLET_FILES_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define FILES_PATH_MAX 4096

/* Makes a directory and its parents, mode 0700; fine if it exists. */
bool files_make_dir(const char *path, struct error *error) __attribute__((warn_unused_result));

/* Writes a new file of mode 0600 beside `path`, syncs it and renames it over `path`.
 * `may_replace` false: ERROR_EXISTS if there is one. */
bool files_write(const char *path, struct bytes content, bool may_replace, struct error *error)
    __attribute__((warn_unused_result));

/* Appends the whole file, at most `size_max` bytes of it. */
bool files_read(const char *path, size_t size_max, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));
/* The same for a file that the command line names: a missing one is ERROR_IO, since what was not
 * found is no account, contact or contract. */
bool files_read_named(const char *path, size_t size_max, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));
#endif
