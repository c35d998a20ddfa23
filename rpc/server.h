/* The doors of the node: HTTP JSON-RPC, status page, health and metrics on one port.
 *
 * `/` serves the default organisation, `/o/<label or id>` any other. GET / is the status page,
 * GET /health the health check, GET /metrics Prometheus's text. Host and Origin are checked first, then method and content
 * type; only then is a body read, within its bound. */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H
#include "rpc/host.h"

struct event_base;
struct rpc_server;

struct rpc_limits {
    size_t body_size_max;
    size_t batch_max; /* items */
    /* Of a batch, or of requests that came together; then others get the worker. */
    uint32_t slice_ms;
    size_t response_size_max;
    size_t gzip_size_min; /* of an answer that is compressed for those who ask; 0: none is */
    size_t connections_max;
    size_t connections_per_address_max;
    uint64_t calls_per_second_max; /* of one address; 0: no bound */
    uint64_t logs_span_max;        /* blocks */
    size_t logs_max;               /* results */
    uint64_t call_gas_max;
    uint64_t call_timeout_ms;
    uint64_t header_timeout_ms;
    uint64_t idle_timeout_ms;
    uint64_t transfer_timeout_ms; /* for a whole body, and for reading a whole answer */
    size_t waiting_max;           /* bytes for one WebSocket client; a slower one is dropped */
    size_t calls_at_once_max;     /* of one WebSocket client; what it sends beyond waits */
    uint64_t silence_max_ms;      /* then a WebSocket client is pinged, and after as long dropped */
    size_t subscriptions_max;     /* of one WebSocket client */
    size_t filters_max;           /* of all clients together */
    uint64_t filter_lifetime_ms;  /* since it was asked last */
    size_t criteria_size_max; /* bytes of all addresses and topics in filters and subscriptions */
};
struct rpc_limits rpc_limits_default(void); /* on loopback; consensus.md, section 5, RPC */

struct rpc_settings {
    const char *bind;                 /* numeric address; "127.0.0.1" */
    uint16_t port;                    /* 0: any free one */
    const char *socket_path;          /* of a Unix socket beside the port; NULL: none */
    bool is_group_allowed;            /* the socket's mode: 0660; else 0600 */
    const char *const *hosts_allowed; /* beside localhost, loopback and the bound address */
    size_t hosts_allowed_count;
    const char *const *origins_allowed; /* for browsers on other origins; "*" is refused */
    size_t origins_allowed_count;
    const char *admin_token; /* what org_create and admin_* ask for: Authorization: Bearer */
    struct rpc_limits limits;
};

/* False in a static build. */
bool rpc_serves_websocket(void);

/* Listens and serves from now on; copies the settings. ERROR_BUSY when the port is taken,
 * with what to do. All on the loop thread. */
struct rpc_server *rpc_server_start(struct event_base *loop, const struct rpc_host *host,
                                    const struct rpc_settings *settings, struct error *error);
uint16_t rpc_server_port(const struct rpc_server *server);
/* Stops accepting and answers no new request; calls `stopped` on the loop once requests in
 * work have come back. */
void rpc_server_stop(struct rpc_server *server, void (*stopped)(void *arg), void *arg);
void rpc_server_free(struct rpc_server *server); /* after stopped; accepts NULL */
#endif
