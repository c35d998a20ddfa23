/* Each ledger's state: from the running node's status, or from the stores of a stopped one. */
#ifndef NODE_DOCTOR_LEDGERS_H
#define NODE_DOCTOR_LEDGERS_H
#include "node/data_dir.h"
#include "node/doctor/report.h"
#include <jansson.h>

/* `status` is the answer of the control socket (control.h). `where` is what a command needs to find
 * this data folder: "" or " --data-dir FOLDER". */
void ledgers_examine_status(struct report *report, const json_t *status, const char *where,
                            uint64_t now_ms);
/* Opens and closes each store; `dir` is held by this process. */
void ledgers_examine_stores(struct report *report, const struct data_dir *dir, const char *where,
                            uint64_t now_ms);
#endif
