/* Who is connected: one entry an address, with the number of its connections (HTTP and WebSocket)
 * and how much it may still ask.
 *
 * A call costs its address 1/rate of a second; an address may be as much as a second ahead of what
 * it has paid for, so it may ask for a second's worth at once. What a request costs is known when
 * its batch has been cut, so a batch may go beyond, and is paid for by the wait that follows.
 * The table is as long as the most connections there may be, and some more for addresses that are
 * gone but have not paid; the one that was here longest ago makes room. Those who come through the
 * Unix socket have no address: the file's mode says who they are, and only the bound of all
 * connections holds for them. All functions: any thread. */
#ifndef RPC_HTTP_PEERS_H
#define RPC_HTTP_PEERS_H
#include "rpc/server.h"
#include <netinet/in.h>

struct peer; /* an address with a connection */
struct peers;

enum peers_verdict {
    PEERS_WELCOME,
    PEERS_FULL,         /* all connections together are too many */
    PEERS_ADDRESS_FULL, /* those of this address are */
};

/* `limits` stay the caller's. */
struct peers *peers_new(const struct rpc_limits *limits);
void peers_free(struct peers *peers); /* accepts NULL */

/* A connection begins. `from` is NULL for the Unix socket. *out is left with peers_leave().
 * `beyond` so many connections more than the bound are let in. */
enum peers_verdict peers_enter(struct peers *peers, const struct in6_addr *from, size_t beyond,
                               struct peer **out);
void peers_leave(struct peers *peers, struct peer *peer);

/* 0: the calls are paid for and may run. Else nothing is charged, and so many milliseconds are to
 * be waited. `now_ms` never goes back. */
uint64_t peers_charge(struct peers *peers, struct peer *peer, size_t calls, uint64_t now_ms);
#endif
