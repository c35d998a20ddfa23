/* Input files: a whole one in memory, or every .json file below a folder. */
#ifndef LEDGER_LEVM_FILES_H
#define LEDGER_LEVM_FILES_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define FILES_SIZE_MAX (256u << 20) /* bytes of one input */

/* Appends what the file holds; "-" is stdin. An error of the operating system's, or
 * ERROR_INVALID beyond FILES_SIZE_MAX. */
bool files_load(const char *path, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));

/* Calls for the file, or for every .json file below the folder in the order of their names,
 * until one call returns false. */
typedef bool (*files_fn)(void *context, const char *path, struct error *error);
bool files_each_json(const char *path, files_fn on_file, void *context, struct error *error)
    __attribute__((warn_unused_result));
#endif
