/* Nodes in one local network find each other without anybody's help: what is said there and when, as
 * a pure machine. Only nodes that somebody wants are heard, so nobody can fill our memory or our list
 * of peers from there; who they are the connection proves, not this.
 *
 *   version u8 | kind u8 | network u32 | ask:  8 random bytes of the asker
 *                                      | tell: a node record (record.h)
 *
 * big-endian. Whoever is asked tells all, never the asker alone, and at most once in
 * NEARBY_TELL_PAUSE_MS: so nobody is flooded in another's name. A look asks three times, since such
 * datagrams get lost; then there is silence, and no timer. Format and test vectors: docs/formats.md. */
#ifndef NODE_NET_NEARBY_H
#define NODE_NET_NEARBY_H
#include "node/net/record.h"

#define NEARBY_VERSION       1
#define NEARBY_SIZE_MAX      (1 + 1 + 4 + RECORD_SIZE_MAX)
#define NEARBY_ASKER_SIZE    8
#define NEARBY_TELL_PAUSE_MS 10000
#define NEARBY_LOOK_PAUSE_MS 60000
#define NEARBY_CHECKS_MAX    16  /* signatures at once, and then */
#define NEARBY_CHECK_MS      500 /* one each so often */

struct nearby_config {
    uint32_t network;
    struct node_id us;
    uint8_t asker[NEARBY_ASKER_SIZE]; /* random: our own questions come back to us */
    bool (*is_wanted)(void *arg, const struct node_id *who);
    void *arg;
};

struct nearby {
    struct nearby_config config;
    uint8_t record[RECORD_SIZE_MAX];
    size_t record_size; /* 0: we are not to be found */
    uint64_t tell_ms;   /* when to tell; UINT64_MAX: nobody wants to know */
    uint64_t quiet_ms;  /* not before */
    uint64_t look_ms;   /* when the last look began */
    unsigned asks_left; /* of it */
    uint64_t ask_ms;    /* when to ask; UINT64_MAX: not */
    unsigned checks;    /* that may be made now */
    uint64_t checks_ms; /* since when */
};

void nearby_init(struct nearby *nearby, const struct nearby_config *config, uint64_t now_ms);
/* Our own record, encoded, whenever it has changed: it is told. */
void nearby_set_record(struct nearby *nearby, struct bytes record, uint64_t now_ms);
/* Somebody is wanted and not there: asks, unless that began less than NEARBY_LOOK_PAUSE_MS ago. */
void nearby_look(struct nearby *nearby, uint64_t now_ms);
/* True: a node that is wanted said where it is; its signature is good. */
bool nearby_on_datagram(struct nearby *nearby, struct bytes datagram, uint64_t now_ms,
                        struct node_record *found);
/* When to call nearby_on_time() again; UINT64_MAX: when something happens. */
uint64_t nearby_next_ms(const struct nearby *nearby);
/* One datagram that is due; returns its size, 0: none is. Call until then. */
size_t nearby_on_time(struct nearby *nearby, uint64_t now_ms, uint8_t out[NEARBY_SIZE_MAX]);
#endif
