/* Bytes that many connections send: written once, shared by all, gone with the last of them.
 *
 * `account` counts the bytes of all payloads that are alive, so that whoever hands them out can
 * see how much slow readers hold. */
#ifndef RPC_WEBSOCKET_PAYLOAD_H
#define RPC_WEBSOCKET_PAYLOAD_H
#include "vm/base/bytes.h"
#include <stdatomic.h>

struct payload;

/* A copy, for its first holder. */
struct payload *payload_new(struct bytes bytes, atomic_size_t *account);
/* Any thread. */
struct payload *payload_share(struct payload *payload); /* returns it, for one holder more */
void payload_release(struct payload *payload);          /* accepts NULL */
struct bytes payload_view(const struct payload *payload);
#endif
