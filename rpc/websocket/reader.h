/* Reading WebSocket frames as a server (RFC 6455): bytes in, one message or control frame out at
 * a time.
 *
 * libwslay reads single frames. Here is what stands above them: messages of several frames,
 * control frames between those, close codes, UTF-8, bounds, and what a client may not send
 * (frames without mask, reserved bits, unknown opcodes). No socket: bytes are pulled.
 *
 * Thousands of connections wait for a next message at any time: between frames nothing but the
 * struct itself is held. */
#ifndef RPC_WEBSOCKET_READER_H
#define RPC_WEBSOCKET_READER_H
#include "vm/base/bytes.h"
#include <sys/types.h>

#define WS_CONTROL_MAX 125 /* RFC 6455, 5.5 */

/* RFC 6455, 5.2 */
enum ws_opcode {
    WS_OP_CONTINUATION = 0x0,
    WS_OP_TEXT = 0x1,
    WS_OP_BINARY = 0x2,
    WS_OP_CLOSE = 0x8,
    WS_OP_PING = 0x9,
    WS_OP_PONG = 0xa,
};

/* RFC 6455, 7.4.1 */
#define WS_CODE_NORMAL         1000
#define WS_CODE_GOING_AWAY     1001
#define WS_CODE_PROTOCOL_ERROR 1002
#define WS_CODE_NONE           1005 /* never sent: a close frame without a code */
#define WS_CODE_BAD_TEXT       1007
#define WS_CODE_POLICY         1008
#define WS_CODE_TOO_BIG        1009
#define WS_CODE_INTERNAL       1011
#define WS_CODE_TRY_LATER      1013 /* IANA's registry */

struct wslay_frame_context;

/* Puts up to `size` bytes into `out` and returns how many; 0: none now; -1: there will be none. */
typedef ssize_t (*ws_pull_fn)(void *context, uint8_t *out, size_t size);

enum ws_event {
    WS_MORE,    /* all bytes were taken; more are needed */
    WS_ENDED,   /* no more will come */
    WS_MESSAGE, /* whole, in `message`; binary ones too: both are JSON to us */
    WS_PING,    /* to be answered by a pong of the same content: `control` */
    WS_PONG,
    WS_CLOSE, /* `code` is to be echoed, or WS_CODE_NONE; nothing more is to be read */
    WS_BAD,   /* close with `code` and `why`; nothing more is to be read */
};

struct ws_reader {
    struct wslay_frame_context *frames; /* NULL between frames */
    ws_pull_fn pull;                    /* while ws_reader_next() runs */
    void *context;
    size_t message_max;
    struct buffer message; /* of the frames read so far; the caller's to take or clear */
    uint8_t control[WS_CONTROL_MAX];
    uint8_t control_size;
    uint8_t opcode; /* of the frame under way */
    bool is_final;
    bool is_in_frame, is_in_message;
    bool is_dry, has_ended; /* what `pull` said last */
    size_t ahead;           /* bytes pulled that no frame has taken yet */
    uint64_t frame_left;    /* bytes of the frame under way */
    uint16_t code;
    const char *why;
};

/* False in a static build, which has no libwslay: handshakes are refused. */
extern const bool WS_IS_SERVED;

/* All zero but for the bound is a new reader. */
void ws_reader_init(struct ws_reader *reader, size_t message_max);
void ws_reader_cleanup(struct ws_reader *reader);
enum ws_event ws_reader_next(struct ws_reader *reader, ws_pull_fn pull, void *context);
/* Whether bytes were pulled that ws_reader_next() has yet to look at. */
bool ws_reader_has_ahead(const struct ws_reader *reader);
#endif
