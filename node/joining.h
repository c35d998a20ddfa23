/* Joining a ledger by an invitation: from the link to a seat that follows.
 *
 *   link ─► the nodes it names are dialled ─► JOIN ─► WELCOME with the founding document
 *        ─► checked against the hash in the link ─► folder ─► the seat opens and follows
 *
 * One at a time; on the loop thread, but for what reads the link and what writes the folder. Nothing
 * is left behind by one that fails. Design: organisation.md, Founding. */
#ifndef NODE_JOINING_H
#define NODE_JOINING_H
#include "node/invitation.h"
#include "node/shelf.h"
#include "node/switchboard.h"

#define JOINING_PATIENCE_MS 20000

struct joining;

struct joining_environment {
    struct loop *loop;
    struct shelf *shelf;
    struct actor *administration;
    uint32_t network;
    bool (*link)(void *context, struct seat_links *links, struct error *error);
    void *context;
};

struct joining_wish {
    struct invitation invitation;
    char link[INVITATION_LINK_SIZE_MAX + 1]; /* without white space around it */
    char label[LABEL_MAX + 1];               /* empty: made of the organisation's name */
};
/* Any thread: reads the link. ERROR_INVALID says what is wrong with it, or that it has expired. */
bool joining_read(struct joining_wish *wish, const char *link, const char *label, uint32_t network,
                  uint64_t now_s, struct error *error) __attribute__((warn_unused_result));

/* Called once, from the loop; `summary` is of the ledger that is here now, NULL: see `error`. */
typedef void joined_fn(void *arg, const struct org_summary *summary, const struct error *error);

struct joining *joining_new(const struct joining_environment *environment);
/* After workers_stop(), and before switchboard_close(). Accepts NULL. */
void joining_free(struct joining *joining);
/* ERROR_EXISTS when the ledger is here, ERROR_BUSY while another one joins. */
void joining_start(struct joining *joining, const struct joining_wish *wish, joined_fn *joined,
                   void *arg);
#endif
