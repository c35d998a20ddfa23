/* Folders that appear whole or not at all. */
#ifndef LEDGER_STORE_FOLDER_H
#define LEDGER_STORE_FOLDER_H
#include "vm/base/error.h"

/* Makes an empty folder beside `directory` (name + ".new"), over the rest of an earlier try; its
 * path in *draft, to be freed. ERROR_EXISTS if `directory` is there. */
bool folder_draft(const char *directory, char **draft, struct error *error)
    __attribute__((warn_unused_result));
/* Syncs the names in the draft and in the folders below it, and renames it to `directory`; the
 * files are synced already. */
bool folder_publish(const char *draft, const char *directory, struct error *error)
    __attribute__((warn_unused_result));
/* Removes a folder and all in it; one that is not there is fine. */
bool folder_remove(const char *directory, struct error *error) __attribute__((warn_unused_result));
/* "directory/name", to be freed. */
char *folder_path(const char *directory, const char *name);
#endif
