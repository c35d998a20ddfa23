/* Methods that clients probe and this node does not serve, with what to use in their place. */
#ifndef RPC_METHODS_UNSERVED_H
#define RPC_METHODS_UNSERVED_H
#include "vm/base/bytes.h"

/* A sentence such as "sign in your wallet and use eth_sendRawTransaction"; NULL for a name that is
 * not known here. */
const char *unserved_advice(struct bytes name);
#endif
