/* A port of this machine, forwarded by the router in front of it as far as that can be had: keeps the
 * helper process (port_helper.h) and hears what it says.
 *
 *   node ◄── messages of mapping.h ── helper ◄── datagrams ── router
 *
 * A helper that ends or talks nonsense is ended and started again after PORT_MAP_PAUSE_MS. All on the
 * loop thread. */
#ifndef NODE_REACH_PORT_MAP_H
#define NODE_REACH_PORT_MAP_H
#include "node/loop.h"
#include "node/reach/mapping.h"

#define PORT_MAP_PAUSE_MS 60000

struct port_map;

struct port_map_config {
    struct loop *loop;
    uint16_t port;       /* where this node listens */
    const char *router;  /* "address:port"; NULL: this machine's gateway */
    const char *program; /* NULL: this very program */
    uint64_t pause_ms;   /* 0: PORT_MAP_PAUSE_MS */
    void (*on_change)(void *arg, const struct mapping *mapping);
    void *arg;
};

/* Texts of `config` are borrowed for as long as it lives. NULL: no helper could be started. */
struct port_map *port_map_start(const struct port_map_config *config, struct error *error);
const struct mapping *port_map_now(const struct port_map *map);
/* The helper takes the mapping back by itself within a second, also when this process ends before
 * that. Not from on_change(). Accepts NULL. */
void port_map_stop(struct port_map *map);
#endif
