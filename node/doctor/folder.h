/* The data directory as the doctor sees it: there, whose, closed to others, of a format that this
 * lnode knows, with keys that are keys. Nothing is made, mended or locked. */
#ifndef NODE_DOCTOR_FOLDER_H
#define NODE_DOCTOR_FOLDER_H
#include "node/doctor/report.h"

/* Root looks at another user's folder as that user, as the node does: so no file of it comes to
 * belong to root, and what that user may not do is found out. Ends root's powers in this process.
 * Fine if there is nothing to be done. */
bool folder_become_owner(const char *path, struct error *error) __attribute__((warn_unused_result));

/* True: its ledgers can be looked at. */
bool folder_examine(struct report *report, const char *path);
#endif
