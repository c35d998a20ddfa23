/* The organisation that `lnode run --found` founds at the first start: an open ledger with free
 * fees, the founder's genesis coin and the rules of --fork, else the newest. If the node has an organisation of that label already,
 * nothing is founded. */
#ifndef NODE_FIRST_ORG_H
#define NODE_FIRST_ORG_H
#include "node/arguments.h"
#include "node/shelf.h"

/* The names of its flags, for arguments_allow(), ended by NULL. */
extern const char *const first_org_flags[];

bool first_org_parse(struct org_request *request, bool *is_wanted,
                     const struct arguments *arguments, struct error *error)
    __attribute__((warn_unused_result));
bool first_org_prepare(struct shelf *shelf, const struct org_request *request, uint64_t now_s,
                       struct error *error) __attribute__((warn_unused_result));
#endif
