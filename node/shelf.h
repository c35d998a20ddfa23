/* All ledgers of this node, by name.
 *
 * Every organisation in the data directory has a seat; the seats open on use, and beyond
 * `open_max` the least recently used idle one is closed. Names are labels (local) or ids (0x and
 * 64 digits, global). Organisations are only ever added while the process lives, so the list
 * is read by any thread without a lock: an array with an atomic count. */
#ifndef NODE_SHELF_H
#define NODE_SHELF_H
#include "node/founding.h"
#include "node/invitation.h"
#include "node/seat.h"

#define SHELF_ORGS_MAX 4096

struct shelf;

/* Reads all folders; one that cannot be read is logged and shown by shelf_status(), the others
 * go on. NULL if the data directory itself cannot be read. `dir` must outlive the shelf. */
struct shelf *shelf_new(const struct data_dir *dir, const struct seat_environment *environment,
                        size_t open_max, struct error *error);
void shelf_free(struct shelf *shelf); /* after workers_stop(); accepts NULL */

/* Loop thread: opens one after the other, the default one first, so that work left from before
 * goes on; `opened` (may be NULL) is called after the first, or at once if there is none. */
void shelf_start(struct shelf *shelf, loop_fn opened, void *arg);
/* Loop thread: closes all; then `closed`. Nothing may be acquired any more. */
void shelf_stop(struct shelf *shelf, loop_fn closed, void *arg);

/* Loop thread. NULL is the default organisation. */
void shelf_acquire(struct shelf *shelf, const char *name, rpc_acquired_fn acquired, void *arg);
/* Any thread. The same when that one is open now, else NULL. */
struct rpc_ledger *shelf_acquire_open(struct shelf *shelf, const char *name);
void shelf_release(struct shelf *shelf, struct seat *seat); /* any thread */

/* Any thread: all organisations, default first, in `arena`. */
struct org_summary *shelf_summaries(const struct shelf *shelf, struct arena *arena, size_t *count);
struct org_figures *shelf_figures(const struct shelf *shelf, struct arena *arena, size_t *count);
size_t shelf_count(const struct shelf *shelf);
/* Any thread: true when all is well; else `problem` says what is wrong and what to do. */
bool shelf_status(const struct shelf *shelf, char problem[ERROR_TEXT_SIZE]);

/* On the node's actor, or before the loop runs: founds an organisation and adds it. The first
 * one becomes the default. */
bool shelf_found(struct shelf *shelf, const struct founding *founding, bool make_default,
                 struct org_summary *summary, struct error *error)
    __attribute__((warn_unused_result));
/* On the node's actor: adds the organisation with that label, whose folder was put in its place since
 * the start; also true if it is on the shelf already. The first one becomes the default. */
bool shelf_take_up(struct shelf *shelf, const char *label, struct org_summary *summary,
                   struct error *error) __attribute__((warn_unused_result));
/* On the node's actor: chain ids of all organisations, in `arena`. */
uint64_t *shelf_chain_ids(const struct shelf *shelf, struct arena *arena, size_t *count);
/* On the node's actor: takes up a ledger that this node was invited to, which it follows then. An
 * empty label: one made of the organisation's name. ERROR_INVALID for another founding document than
 * the invitation names, ERROR_EXISTS when the label, the ledger or its chain id is here. */
bool shelf_join(struct shelf *shelf, const char *label, const struct invitation *invitation,
                struct bytes document, struct org_summary *summary, struct error *error)
    __attribute__((warn_unused_result));
/* Loop thread. Others are to have that ledger, which is open or opens. */
void shelf_share(struct shelf *shelf, const char *label);
/* How the committee of that organisation is doing, all zero where there is none. Any thread. */
struct seat_standing shelf_standing(const struct shelf *shelf, const char *label);
/* The organisation with that label, or NULL. Any thread. */
const struct organisation *shelf_find(const struct shelf *shelf, const char *label);
const struct organisation *shelf_find_id(const struct shelf *shelf, const hash256 *id);
#endif
