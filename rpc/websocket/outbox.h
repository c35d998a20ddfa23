/* What waits to be sent on one WebSocket connection, as frames in order. No socket here.
 *
 * An answer owns its bytes; a notification shares its payload with other connections and has
 * only the subscription's id of its own: the frame around both is written when it is sent. */
#ifndef RPC_WEBSOCKET_OUTBOX_H
#define RPC_WEBSOCKET_OUTBOX_H
#include "rpc/websocket/payload.h"
#include <sys/uio.h>

/* Names a subscription or a filter: random, 0x and 32 hexadecimal digits in JSON. */
struct rpc_id {
    uint8_t bytes[16];
};

struct outgoing;

/* An empty outbox is all zero, but for `account`: of bytes in all outboxes. */
struct outbox {
    struct outgoing *frames; /* a ring */
    size_t first, count, capacity;
    size_t sent; /* bytes of the first frame */
    size_t size; /* bytes of all frames, without those sent of the first */
    atomic_size_t *account;
};

void outbox_cleanup(struct outbox *outbox);

/* Takes the text's memory. */
void outbox_append_text(struct outbox *outbox, struct buffer *text);
/* {"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":ID,"result":PAYLOAD}}.
 * Shares the payload. */
void outbox_append_notification(struct outbox *outbox, const struct rpc_id *id,
                                struct payload *payload);
void outbox_append_ping(struct outbox *outbox);
void outbox_append_pong(struct outbox *outbox, struct bytes content); /* up to 125 bytes */
/* A close frame without code for WS_CODE_NONE; `why` is cut to what fits. */
void outbox_append_close(struct outbox *outbox, uint16_t code, const char *why);
/* Forgets all frames of which nothing was sent yet. */
void outbox_forget(struct outbox *outbox);

/* The next bytes to send, as pieces that stay valid until the outbox changes or another call. */
#define OUTBOX_FRAMES_AT_ONCE 16
#define OUTBOX_PIECES_MAX     (3 * OUTBOX_FRAMES_AT_ONCE)
#define OUTBOX_HEAD_MAX       128
struct outbox_pieces {
    struct iovec pieces[OUTBOX_PIECES_MAX];
    int count;
    char heads[OUTBOX_FRAMES_AT_ONCE][OUTBOX_HEAD_MAX];
};
void outbox_gather(const struct outbox *outbox, struct outbox_pieces *pieces);
void outbox_on_sent(struct outbox *outbox, size_t size);
#endif
