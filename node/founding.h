/* Founding an organisation whose committee is this node alone.
 *
 * The founder decides; the node adds its committee entry: consensus key, node key, the operator
 * account for payouts, a fresh salt and the end of the chain of reveals made from it. The
 * folder is written beside its place and renamed, so it appears whole or not at all. */
#ifndef NODE_FOUNDING_H
#define NODE_FOUNDING_H
#include "node/invitation.h"
#include "node/organisation.h"
#include "rpc/host.h"

struct founding {
    struct genesis genesis; /* without committee */
    char label[LABEL_MAX + 1];
    uint64_t reveals; /* length of the chain; 0: REVEAL_LENGTH */
};

/* What an org_create asks for; `coins` is storage that must outlive the founding. */
bool founding_from_request(struct founding *founding, const struct org_request *request,
                           uint64_t now_s, struct genesis_coin *coins, struct error *error)
    __attribute__((warn_unused_result));

/* Writes the folder; takes half a second for the reveals, so on a worker. ERROR_EXISTS when the
 * label is taken, ERROR_INVALID naming what breaks a rule. `taken` are the chain ids that this
 * node's other ledgers have. */
bool founding_write(const struct data_dir *dir, const struct founding *founding,
                    const uint64_t *taken, size_t taken_count, struct error *error)
    __attribute__((warn_unused_result));
/* Its parts, for joint_founding.h: this node's committee entry, without an endpoint, and its chain,
 * to be freed with reveal_chain_free(); the chain into a folder; the ledger with its document and
 * id into it. */
bool founding_make_entry(const struct data_dir *dir, uint64_t reveals,
                         struct committee_entry *entry, struct reveal_chain **chain,
                         struct error *error) __attribute__((warn_unused_result));
bool founding_put_reveals(const char *folder, const struct reveal_chain *chain, struct error *error)
    __attribute__((warn_unused_result));
bool founding_put_ledger(const char *folder, struct bytes document, struct error *error)
    __attribute__((warn_unused_result));
/* A ledger that this node was invited to. */
struct invited {
    char label[LABEL_MAX + 1];
    uint64_t chain_id;
};
/* What the document says, under that label; an empty one: made of the organisation's name.
 * ERROR_INVALID for another document than the invitation names. */
bool founding_check_invited(const struct invitation *invitation, struct bytes document,
                            const char *label, struct invited *invited, struct error *error)
    __attribute__((warn_unused_result));
/* Its folder, without reveals, since this node has no seat there. ERROR_EXISTS when the label is
 * taken. */
bool founding_write_invited(const struct data_dir *dir, const struct invited *invited,
                            const struct invitation *invitation, struct bytes document,
                            struct error *error) __attribute__((warn_unused_result));
/* Removes what a killed founding left. */
bool founding_clean_up(const struct data_dir *dir, struct error *error)
    __attribute__((warn_unused_result));
#endif
