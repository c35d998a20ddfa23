/* A founding with several nodes as far as it has come, kept in a file until all of them have it: the
 * same command goes on with it, however it was interrupted.
 *
 *   foundings/LABEL.json   {"session": "0x...", "terms": "{...}", "document": "{...}", "nodes":
 *                          [{"url": "http://...", "entry": "0x...", "network": 1,
 *                            "acceptance": "0x...", "founded": true}]}
 *
 * The terms are the genesis document without committee; what is not known yet is left out. */
#ifndef WALLET_TOGETHER_H
#define WALLET_TOGETHER_H
#include "ledger/org/acceptance.h"
#include "wallet/wallet.h"

struct together_node {
    const char *url;
    bool has_entry, has_acceptance, is_founded;
    struct committee_entry entry;
    uint32_t network;
    signature acceptance;
};

/* Texts live in the wallet's arena. */
struct together {
    const char *label;
    uint8_t session[FOUNDING_SESSION_SIZE];
    struct bytes terms;
    struct bytes document; /* empty until every node has offered its entry */
    struct together_node nodes[OPTION_NODES_MAX];
    size_t nodes_count;
};

/* *found false: none of that label is under way. */
bool together_load(struct wallet *wallet, const char *label, struct together *together, bool *found,
                   struct error *error) __attribute__((warn_unused_result));
bool together_save(struct wallet *wallet, const struct together *together, struct error *error)
    __attribute__((warn_unused_result));
bool together_forget(struct wallet *wallet, const char *label, struct error *error)
    __attribute__((warn_unused_result));
const char *together_path(struct wallet *wallet, const char *label);
/* All have signed: from now on any node may have it, so it must not be forgotten. */
bool together_is_sealed(const struct together *together);
#endif
