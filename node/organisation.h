/* One organisation's folder in the data directory, and who it is.
 *
 *   ledgers/LABEL/genesis.json   the founding document, as its hash is in block 0
 *   ledgers/LABEL/id             0x and 64 digits: hash of block 0
 *   ledgers/LABEL/reveals        the chain of reveals, secret (ledger/chain/reveal.h)
 *   ledgers/LABEL/store/         the ledger (ledger/ledger.h)
 *   ledgers/LABEL/shared         there if other nodes have or had this ledger; empty
 *   ledgers/LABEL/addresses      of whoever joined: node key and endpoint a line, from its invitation
 *   ledgers/LABEL/tickets        invitations that were used (tickets.h)
 *
 * The first three never change after founding, so an organisation is known without opening its
 * store. A folder whose name starts with a dot is being founded. */
#ifndef NODE_ORGANISATION_H
#define NODE_ORGANISATION_H
#include "ledger/chain/reveal.h"
#include "ledger/org/genesis.h"
#include "node/data_dir.h"
#include "node/net/endpoint.h"
#include "node/net/hello.h"

/* Never changes; any thread. */
struct known_address {
    struct node_id who;
    char endpoint[ENDPOINT_SIZE];
};
#define KNOWN_ADDRESSES_MAX 3

struct organisation {
    char label[LABEL_MAX + 1];
    char folder[PATH_SIZE];
    struct bytes document;
    struct genesis genesis;
    hash256 id;
    uint64_t chain_id;
    struct known_address addresses[KNOWN_ADDRESSES_MAX];
    unsigned addresses_count;
    struct arena arena; /* holds the lists above */
};

/* [a-z0-9][a-z0-9-]*, at most LABEL_MAX; the error names the rule. */
bool label_check(const char *label, struct error *error) __attribute__((warn_unused_result));

/* Reads the folder; NULL with ERROR_CORRUPT or the reason why it could not be read. */
struct organisation *organisation_load(const struct data_dir *dir, const char *label,
                                       struct error *error);
void organisation_free(struct organisation *org); /* accepts NULL */

/* Our place in the committee of `record`; its size if we have none in it, and follow. */
unsigned organisation_own_index(const struct epoch_record *record,
                                const struct secret_key *consensus);
/* Whether other nodes have or had this ledger, so that also a committee of one is to be reached. */
bool organisation_is_shared(const struct organisation *org);
/* The endpoint of a node that the ledger names without one, or NULL. */
const char *organisation_endpoint_of(const struct organisation *org, const uint8_t node_key[33]);
/* From now on. */
bool organisation_share(const struct organisation *org, struct error *error)
    __attribute__((warn_unused_result));
/* The chain of reveals, checked against our committee entry. Free with reveal_chain_free(). */
struct reveal_chain *organisation_reveals(const struct organisation *org,
                                          const struct committee_entry *own, struct error *error);

/* Labels of all organisations in the data directory, sorted, in `arena`. */
bool organisation_labels(const struct data_dir *dir, struct arena *arena, char ***labels,
                         size_t *count, struct error *error) __attribute__((warn_unused_result));
#endif
