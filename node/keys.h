/* The node's own keys, each in a file of mode 0600 in the folder `keys` of mode 0700.
 *
 *   consensus.key   signs proposals and votes, nothing else
 *   node.key        names this node to its peers
 *   operator.key    the operator's account: payouts go to it
 *
 * A file is 64 hex digits and a line end. They are made at the first start. Secrets stay in
 * this struct and are wiped by keys_cleanup(). */
#ifndef NODE_KEYS_H
#define NODE_KEYS_H
#include "vm/crypto/secret_key.h"

struct node_keys {
    struct secret_key consensus;
    struct secret_key node;
    struct secret_key operator_account;
};

/* Loads the keys in `folder`, making those that are missing if `may_make`. A file that is
 * unreadable, open to others or no key is an error that says what to do. */
bool keys_load(struct node_keys *keys, const char *folder, bool may_make, struct error *error)
    __attribute__((warn_unused_result));
void keys_cleanup(struct node_keys *keys);

/* SEC1, compressed. */
void keys_node_public(const struct node_keys *keys, uint8_t out[33]);
#endif
