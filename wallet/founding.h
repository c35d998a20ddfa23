/* What a founder chooses: read from options, checked, shown, and turned into what nodes are asked. */
#ifndef WALLET_FOUNDING_H
#define WALLET_FOUNDING_H
#include "ledger/org/genesis.h"
#include "wallet/book.h"
#include "wallet/verify.h"

/* The founder's choices, as texts that were checked. */
struct founding {
    const char *name;
    const char *label;
    const char *symbol;
    const char *transparency;
    const char *grant;
    const char *reason;
    const char *fees;
    const char *base_fee; /* NULL: none */
    const char *fork;
    uint64_t chain_id; /* 0: from the genesis */
    enum quorum_mode mode;
    size_t nodes; /* in the committee */
    struct book_entry founder;
};

/* Reads the options of org create; asks for what only a person can choose. */
bool founding_read(struct wallet *wallet, const char *name, struct founding *founding,
                   struct error *error) __attribute__((warn_unused_result));
/* What org_create takes; NULL where a text is not UTF-8. */
json_t *founding_params(const struct founding *founding);
/* The same as a genesis whose committee is empty; `coin` is storage for its list. */
void founding_genesis(const struct founding *founding, uint64_t created, struct genesis_coin *coin,
                      struct genesis *genesis);
/* What organisation.md calls the table of defaults, as far as this version founds it. */
enum wallet_exit founding_show(struct wallet *wallet, const struct founding *founding);

/* The organisation's address on the node in the settings, or on another. */
const char *founding_endpoint(struct wallet *wallet, const char *label);
const char *founding_endpoint_at(struct wallet *wallet, const char *url, const char *label);
/* Remembers which ledger is new there; makes the new organisation, and the founder if nobody was
 * named, the default. */
bool founding_keep_default(struct wallet *wallet, const struct founding *founding,
                           const char *label, const struct verified_ledger *ledger,
                           struct error *error) __attribute__((warn_unused_result));
#endif
