/* Founding by several nodes in one go: the same block 0 on all of them, or nothing on any.
 *
 *   the founder's wallet                     each node
 *   session, label, terms ─────────────────► offer: makes its committee entry, keeps its reveals
 *                  ◄──────────────────────── entry
 *   document of all entries ───────────────► accept: founds it beside its place, and signs
 *                  ◄──────────────────────── acceptance
 *   all acceptances ───────────────────────► complete: the organisation is there
 *
 * No node has an organisation before all have signed, and who holds all signatures can complete it
 * on every node, however often it is interrupted: each step may be repeated and answers the same.
 * What was begun lies in ledgers/.joint-SESSION, and is removed when nothing happened there for
 * JOINT_KEEP_S; a node whose founding was completed elsewhere has to be told before that. What was
 * only offered binds nobody: when there are too many, those older than JOINT_OFFER_KEEP_S make room.
 * Whether an operator takes part at all is asked before offer (founding_desk.h). Design:
 * organisation.md, Founding. */
#ifndef NODE_JOINT_FOUNDING_H
#define NODE_JOINT_FOUNDING_H
#include "ledger/org/acceptance.h"
#include "node/founding.h"

#define JOINT_SESSIONS_MAX 16 /* under way at once */
#define JOINT_KEEP_S       (7 * 24 * 3600)
#define JOINT_OFFER_KEEP_S 3600

struct joint_session {
    uint8_t bytes[FOUNDING_SESSION_SIZE]; /* random; the wallet draws them */
};

/* What is offered for: an organisation of that label on those terms. */
struct joint_terms {
    const char *label;
    struct bytes document;
};

/* Is there anything of that session here? */
bool joint_is_under_way(const struct data_dir *dir, const struct joint_session *session);
/* This node's entry for a committee that is to be founded on these terms, found at `endpoint`
 * ("host:port"); `reveals` as in struct founding. ERROR_BUSY when too many are under way,
 * ERROR_EXISTS when the session offered another endpoint or for other terms. Half a second for the
 * reveals, so on a worker. */
bool joint_offer(const struct data_dir *dir, const struct joint_session *session,
                 const struct joint_terms *terms, const char *endpoint, uint64_t reveals,
                 uint64_t now_s, struct committee_entry *entry, struct error *error)
    __attribute__((warn_unused_result));
/* Founds what the document says beside its place and signs its block 0. ERROR_INVALID for a document
 * that breaks a rule, that is on other terms than those offered for, or whose committee does not
 * have the entry that was offered; ERROR_EXISTS when the label or chain id is taken, or the session
 * accepted another document before; ERROR_NOT_FOUND when nothing was offered. */
bool joint_accept(const struct data_dir *dir, const struct joint_session *session,
                  const char *label, struct bytes document, const uint64_t *taken,
                  size_t taken_count, signature *acceptance, struct error *error)
    __attribute__((warn_unused_result));
/* With the acceptances of all members, in index order, the organisation is there; true, too, if it
 * is already. ERROR_INVALID names the member whose acceptance does not hold; ERROR_EXISTS when the
 * label was taken since; ERROR_NOT_FOUND when this document was not accepted. */
bool joint_complete(const struct data_dir *dir, const struct joint_session *session,
                    const char *label, struct bytes document, const signature *acceptances,
                    size_t count, struct error *error) __attribute__((warn_unused_result));
/* ERROR_EXISTS when a founding that this node accepted, and that may be completed at any time, has
 * that label or that chain id (0: any). One of `founder` (may be NULL) with that label does not
 * count: who begins anew has given it up, and accepting the new one removes it. */
bool joint_check_free(const struct data_dir *dir, const char *label, uint64_t chain_id,
                      const address *founder, struct error *error)
    __attribute__((warn_unused_result));
/* Removes what nobody completed in time. */
bool joint_clean_up(const struct data_dir *dir, uint64_t now_s, struct error *error)
    __attribute__((warn_unused_result));
#endif
