/* A connection to another node: TLS 1.3, the HELLO of both sides, then messages.
 *
 *   dial ─► TLS ─► HELLO ──────► open ◄═► messages ─► closed
 *   accept ► TLS ─► its HELLO, ours ▲
 *
 * A frame is its size u32, big-endian, and so many bytes. Before both HELLOs are good the only
 * frames are a HELLO, and in its place, from who does not like the other's, one byte that says why
 * (enum hello_verdict; nothing vouches for it, so it is for the operator's eyes). Afterwards each
 * frame is a message of 1 to `message_max` bytes; a larger size ends the connection before anything
 * is kept of it. Who may send less than that is passed over where it sends more: nothing is kept of such
 * a frame, either. One that does not read what it is sent, that is silent, or that needs too long to
 * say who it is, is closed. What ended it is told in one sentence.
 *
 * All of it happens on the loop thread. Callbacks come from the loop, never from within a call.
 * Design: consensus 5. */
#ifndef NODE_NET_CHANNEL_H
#define NODE_NET_CHANNEL_H
#include "node/net/hello.h"

#define CHANNEL_GREETING_MS 10000   /* TCP, TLS and HELLO together */
#define CHANNEL_SILENT_MS   90000   /* nothing came: STATUS comes every 20 s */
#define CHANNEL_STUCK_MS    30000   /* nothing could be sent */
#define CHANNEL_QUEUE_MAX   1048576 /* bytes that may wait besides one message of the largest size */

struct channel;
struct channels; /* what all connections of a node share */
struct event_base;
struct sockaddr;

struct channels_config {
    struct event_base *loop;
    const struct secret_key *node_key; /* borrowed */
    uint32_t network;
    uint32_t message_max;
    uint32_t greeting_ms, silent_ms, stuck_ms; /* 0: the values above */
};

struct channels *channels_new(const struct channels_config *config, struct error *error);
/* After all channels were freed. Accepts NULL. */
void channels_free(struct channels *channels);

/* Any may free its channel. */
struct channel_events {
    void (*on_open)(void *arg, struct channel *channel);
    void (*on_message)(void *arg, struct channel *channel, struct bytes message);
    /* The last one. ERROR_DENIED: one side refused the other; ERROR_INVALID: it broke the rules;
     * ERROR_IO: the network. */
    void (*on_closed)(void *arg, struct channel *channel, const struct error *why);
};

/* `arg` and `events` are borrowed. NULL: out of descriptors, or no such address. */
struct channel *channel_dial(struct channels *channels, const struct sockaddr *to,
                             const struct node_id *who, const struct channel_events *events,
                             void *arg, struct error *error);
/* Takes the socket, which is non-blocking. */
struct channel *channel_accept(struct channels *channels, int fd,
                               const struct channel_events *events, void *arg);
void channel_free(struct channel *channel); /* at any time; accepts NULL */

/* 1 to `message_max` bytes. False: it is not open, or so much waits for it that this does not fit
 * (CHANNEL_QUEUE_MAX), and then is about to be closed. */
bool channel_send(struct channel *channel, struct bytes message);
/* The most that the other one may send in a message from now on, up to `message_max`, as at first. */
void channel_limit(struct channel *channel, uint32_t size_max);
size_t channel_unsent(const struct channel *channel); /* bytes that it has not read yet */
/* It broke a rule, or is not wanted any more: on_closed() follows, with that reason. */
void channel_close(struct channel *channel, const char *why);
bool channel_is_open(const struct channel *channel);
/* Who is there, once it is open. */
const struct node_id *channel_peer(const struct channel *channel);
bool channel_was_dialled(const struct channel *channel);

/* Bytes of frames that passed. */
struct channel_traffic {
    uint64_t sent, received;
};
struct channel_traffic channel_traffic(const struct channel *channel);
#endif
