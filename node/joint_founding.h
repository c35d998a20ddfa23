/* Founding by several nodes in one go: the same block 0 on all of them, or nothing on any.
 *
 *   the founder's wallet                     each node
 *   session, label ────────────────────────► offer: makes its committee entry, keeps its reveals
 *                  ◄──────────────────────── entry
 *   document of all entries ───────────────► accept: founds it beside its place, and signs
 *                  ◄──────────────────────── acceptance
 *   all acceptances ───────────────────────► complete: the organisation is there
 *
 * No node has an organisation before all have signed, and who holds all signatures can complete it
 * on every node, however often it is interrupted: each step may be repeated and answers the same.
 * What was begun lies in ledgers/.joint-SESSION, and is removed when nothing happened there for
 * JOINT_KEEP_S; a node whose founding was completed elsewhere has to be told before that. Whether
 * an operator takes part at all is asked before offer. Design: organisation.md, Founding. */
#ifndef NODE_JOINT_FOUNDING_H
#define NODE_JOINT_FOUNDING_H
#include "node/founding.h"

#define JOINT_SESSION_SIZE 16 /* random bytes that the wallet draws */
#define JOINT_SESSIONS_MAX 16 /* under way at once */
#define JOINT_KEEP_S       (7 * 24 * 3600)

struct joint_session {
    uint8_t bytes[JOINT_SESSION_SIZE];
};

/* This node's entry for a committee that is to be founded, found at `endpoint` ("host:port");
 * `reveals` as in struct founding. ERROR_BUSY when too many are under way, ERROR_EXISTS when the
 * session offered another endpoint. Half a second for the reveals, so on a worker. */
bool joint_offer(const struct data_dir *dir, const struct joint_session *session,
                 const char *endpoint, uint64_t reveals, struct committee_entry *entry,
                 struct error *error) __attribute__((warn_unused_result));
/* Founds what the document says beside its place and signs its block 0. ERROR_INVALID for a document
 * that breaks a rule or whose committee does not have the entry that was offered; ERROR_EXISTS when
 * the label or chain id is taken, or the session accepted another document or label;
 * ERROR_NOT_FOUND when nothing was offered. */
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
/* Removes what nobody completed in time. */
bool joint_clean_up(const struct data_dir *dir, uint64_t now_s, struct error *error)
    __attribute__((warn_unused_result));
#endif
