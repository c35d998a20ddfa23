/* The wish that a router forward one TCP port here, as a pure machine: it asks by PCP, then by
 * NAT-PMP, keeps the lease, and takes it back in the end.
 *
 *   start ─► PCP ─► NAT-PMP ─► resting ─┐      refused or no answer: the next
 *    ▲        └────────┴─► granted      │      granted: asked again after half of the lease,
 *    └──────────────────────┴───────────┘      at the latest after MAPPER_RENEW_MS
 *
 *   any ─► removing ─► gone
 *
 * It opens no socket and reads no clock. Datagrams go to and come from the router's port 5351.
 * Sources: RFC 6886, RFC 6887. */
#ifndef NODE_REACH_MAPPER_H
#define NODE_REACH_MAPPER_H
#include "node/reach/mapping.h"
#include "node/reach/pcp.h"

#define MAPPER_LEASE_S  1200 /* short, so that a router that forgot is asked again soon */
#define MAPPER_RENEW_MS 600000
#define MAPPER_REST_MS  600000 /* after a refusal */

enum mapper_state {
    MAPPER_PCP,
    MAPPER_NATPMP_ADDRESS,
    MAPPER_NATPMP_MAP,
    MAPPER_HOLDING, /* granted, and nothing to do until `next_ms` */
    MAPPER_RESTING, /* refused, and nothing to do until `next_ms` */
    MAPPER_REMOVING,
    MAPPER_GONE,
};

struct mapper {
    struct pcp_map wish; /* with nonce, own address and port */
    enum mapper_state state;
    struct mapping mapping; /* what is so now */
    enum mapping_reason worst;
    uint8_t natpmp_address[4];
    unsigned tries;    /* of the request under way */
    uint64_t next_ms;  /* when to call mapper_on_time() again */
    uint64_t lease_ms; /* when the mapping ends unless it is renewed */
};

/* What is to be done now. */
struct mapper_step {
    uint8_t datagram[PCP_MAP_BYTES];
    size_t size;      /* 0: nothing is to be sent */
    bool has_changed; /* mapper->mapping is news */
};

/* `client` is this machine's address towards the router, `nonce` random. */
void mapper_start(struct mapper *mapper, uint16_t port, const uint8_t client[4],
                  const uint8_t nonce[PCP_NONCE_BYTES], uint64_t now_ms, struct mapper_step *step);
/* From the router; anything that answers nothing we asked is passed over. */
void mapper_on_datagram(struct mapper *mapper, struct bytes datagram, uint64_t now_ms,
                        struct mapper_step *step);
/* The system says that nobody listens at the router's port. */
void mapper_on_refusal(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step);
/* At mapper->next_ms or later. */
void mapper_on_time(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step);
/* Takes the mapping back: MAPPER_GONE, at once or within some 700 ms. */
void mapper_stop(struct mapper *mapper, uint64_t now_ms, struct mapper_step *step);
#endif
