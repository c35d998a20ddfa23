/* Small files of the data directory: whole, private, durable.
 *
 * A file is written beside its place, synced and renamed, so it is there whole or as it was.
 * Folders are made 0700 and files 0600. */
#ifndef NODE_FILES_H
#define NODE_FILES_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define PATH_SIZE 4096

/* Formats a path; false with ERROR_INVALID when it is longer than PATH_SIZE allows. */
bool path_format(char out[PATH_SIZE], struct error *error, const char *format, ...)
    __attribute__((warn_unused_result, format(printf, 3, 4)));

/* Makes the folder and those above it (0700); fine if it is there. */
bool dir_make(const char *path, struct error *error) __attribute__((warn_unused_result));
/* Removes the folder with all in it; fine if it is not there. Follows no link. */
bool dir_remove(const char *path, struct error *error);
bool dir_is_empty(const char *path); /* also when it does not exist */
/* Hands the path of each entry whose name begins with `prefix` to `visit` until it fails. */
bool dir_visit(const char *path, const char *prefix,
               bool (*visit)(void *context, const char *entry, struct error *error), void *context,
               struct error *error) __attribute__((warn_unused_result));
/* Makes renames and new names in the folder durable. */
bool dir_sync(const char *path, struct error *error) __attribute__((warn_unused_result));
/* The same for the folder that holds `path`. */
bool dir_sync_of(const char *path, struct error *error) __attribute__((warn_unused_result));

bool file_exists(const char *path);
/* Appends the content; ERROR_INVALID when it is larger than `size_max`. */
bool file_read(const char *path, size_t size_max, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));
bool file_write(const char *path, struct bytes content, struct error *error)
    __attribute__((warn_unused_result));
/* ERROR_DENIED, with what to do, unless the file is ours and closed to group and others. */
bool file_check_private(const char *path, struct error *error) __attribute__((warn_unused_result));
#endif
