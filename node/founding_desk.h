/* Where founders' wallets ask this node to found an organisation together with others: what
 * rpc/host.h calls joint_*, over joint_founding.h and the operator's policy.
 *
 * Who asks proves with a signature to be the founder that the terms name; a request with the
 * operator's token is the operator's own wish. All on the node's actor unless it says otherwise. */
#ifndef NODE_FOUNDING_DESK_H
#define NODE_FOUNDING_DESK_H
#include "node/founding_questions.h"
#include "node/shelf.h"

struct founding_desk;

/* `dir` and `shelf` must outlive it; `reveals` as in struct founding. */
struct founding_desk *founding_desk_new(const struct data_dir *dir, struct shelf *shelf,
                                        const struct config *config, uint64_t reveals);
void founding_desk_free(struct founding_desk *desk); /* accepts NULL */

/* ERROR_DENIED when the founder's signature does not hold, or the operator does not want it;
 * ERROR_INVALID for terms that break a rule, or when nobody said where this node is found. */
bool founding_desk_offer(struct founding_desk *desk, const struct joint_request *request,
                         uint64_t now_s, struct joint_offered *offered, struct error *error)
    __attribute__((warn_unused_result));
bool founding_desk_accept(struct founding_desk *desk, const struct joint_request *request,
                          signature *acceptance, struct error *error)
    __attribute__((warn_unused_result));
/* The organisation is on the shelf then, not open yet. */
bool founding_desk_complete(struct founding_desk *desk, const struct joint_request *request,
                            const signature *acceptances, size_t count, struct org_summary *summary,
                            struct error *error) __attribute__((warn_unused_result));

/* What `lnode accept` shows and says. */
void founding_desk_write(const struct founding_desk *desk, struct buffer *out);
bool founding_desk_answer(struct founding_desk *desk, const char *what, bool is_yes,
                          struct error *error) __attribute__((warn_unused_result));
/* "host:port" where others find this node; empty: only its operator knows. Any thread. */
const char *founding_desk_endpoint(const struct founding_desk *desk);
size_t founding_desk_waiting(const struct founding_desk *desk); /* any thread */
#endif
