/* Settings: defaults, then the configuration file, then the environment, then flags; the later
 * wins. One table in config.c holds them all, so that `lnode --print-config` can show each value
 * and where it came from.
 *
 * The file is JSON, one object: {"rpc": {"port": 8546}, "log": {"level": "debug"}}. The
 * environment's names are LEITHER_RPC_PORT, LEITHER_LOG_LEVEL; flags are --rpc-port and
 * --log-level. Unknown keys, flags and values out of range are refused by name. */
#ifndef NODE_CONFIG_H
#define NODE_CONFIG_H
#include "ledger/chain/finality.h"
#include "node/files.h"
#include "node/log.h"

#define CONFIG_LIST_MAX 16
#define CONFIG_TEXT_MAX 1024

struct config_list {
    char text[CONFIG_TEXT_MAX]; /* the items, each ended by a zero */
    const char *items[CONFIG_LIST_MAX];
    size_t count;
};

/* Whom this node founds organisations with: founding_questions.h. */
enum founding_policy {
    FOUNDING_ASK,
    FOUNDING_LISTED,
    FOUNDING_ANYONE,
};

struct config {
    char data_dir[PATH_SIZE];
    char rpc_bind[64];
    uint64_t rpc_port;
    struct config_list rpc_hosts;
    struct config_list rpc_origins;
    char rpc_socket[PATH_SIZE]; /* empty: none */
    bool rpc_socket_for_group;
    uint64_t rpc_connections;
    uint64_t rpc_connections_per_address; /* 0: no bound of its own */
    uint64_t rpc_calls_per_second;        /* of one address; 0: no bound */
    uint64_t rpc_body_size;
    uint64_t rpc_batch;
    uint64_t rpc_answer_size;
    uint64_t rpc_gzip; /* 0: nothing is compressed */
    uint64_t rpc_transfer_timeout_s;
    uint64_t rpc_gas_cap;        /* gas of eth_call; 0: the default of rpc/server.h */
    uint64_t rpc_call_timeout_s; /* 0: the default of rpc/server.h */
    char peer_bind[64];
    uint64_t peer_port;
    bool peer_leaves_router;                       /* the router is not asked for the peer port */
    char peer_address[COMMITTEE_ENDPOINT_MAX + 1]; /* "host:port"; empty: peer_bind, peer_port */
    uint64_t peer_network;                         /* nodes of different networks do not talk */
    enum founding_policy founding_policy;
    struct config_list founding_allow; /* founders' addresses */
    uint64_t workers;                  /* 0: one per core */
    uint64_t ledgers_open;
    enum log_level log_level;
    bool log_json;
};

/* Where settings come from. */
struct config_sources {
    const char *file; /* named by the user: it must exist; NULL: the default place if it exists */
    const char *(*environment)(const char *name); /* getenv() */
    const char *const *flags;                     /* name and value in turn, names without "--" */
    size_t flags_count;                           /* names and values together */
};

/* Fills `config`. */
bool config_load(struct config *config, const struct config_sources *sources, struct error *error)
    __attribute__((warn_unused_result));
/* One line a setting: name, value, where it came from. */
bool config_describe(const struct config_sources *sources, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));
/* Is this the name of a setting's flag (without "--")? */
bool config_is_flag(const char *name);
/* Appends help lines for all flags. */
void config_help(struct buffer *out);
#endif
