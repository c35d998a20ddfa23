#include "rpc/websocket/reader.h"

#include "rpc/utf8.h"
#include <stdlib.h>
#include <wslay/wslay.h>

const bool WS_IS_SERVED = true;

void ws_reader_init(struct ws_reader *reader, size_t message_max)
{
    *reader = (struct ws_reader){.message_max = message_max};
}

static void forget_frames(struct ws_reader *reader)
{
    if (reader->frames != NULL)
        wslay_frame_context_free(reader->frames);
    reader->frames = NULL;
}

void ws_reader_cleanup(struct ws_reader *reader)
{
    forget_frames(reader);
    buffer_cleanup(&reader->message);
}

bool ws_reader_has_ahead(const struct ws_reader *reader)
{
    return reader->ahead > 0 && !reader->is_dry;
}

static enum ws_event bad(struct ws_reader *reader, uint16_t code, const char *why)
{
    reader->code = code;
    reader->why = why;
    return WS_BAD;
}

/* ---- Frames ------------------------------------------------------------------------------ */

static ssize_t on_recv(uint8_t *out, size_t size, int flags, void *context)
{
    struct ws_reader *reader = context;
    ssize_t count = reader->pull(reader->context, out, size);
    (void)flags;
    reader->is_dry = count <= 0;
    reader->has_ended = count < 0;
    reader->ahead += count > 0 ? (size_t)count : 0;
    return count > 0 ? count : -1;
}

static void make_frames(struct ws_reader *reader)
{
    const struct wslay_frame_callbacks callbacks = {.recv_callback = on_recv};
    if (reader->frames != NULL)
        return;
    if (wslay_frame_context_init(&reader->frames, &callbacks, reader) != 0)
        abort(); /* out of memory */
    reader->ahead = 0;
}

static bool is_control(uint8_t opcode)
{
    return wslay_is_ctrl_frame(opcode);
}

/* RFC 6455, 5.2: two bytes, a longer length if need be, the mask. */
static size_t head_size(uint64_t payload)
{
    return 2 + (payload < 126 ? 0 : payload < 65536 ? 2 : 8) + 4;
}

/* The head of a frame; what is not WS_MORE ends the connection. */
static enum ws_event begin_frame(struct ws_reader *reader, const struct wslay_frame_iocb *frame)
{
    if (!frame->mask)
        return bad(reader, WS_CODE_PROTOCOL_ERROR, "a client's frames must be masked");
    if (frame->rsv != WSLAY_RSV_NONE)
        return bad(reader, WS_CODE_PROTOCOL_ERROR, "no extension was agreed: reserved bits set");
    switch (frame->opcode) {
    case WS_OP_CONTINUATION:
        if (!reader->is_in_message)
            return bad(reader, WS_CODE_PROTOCOL_ERROR, "there is no message to continue");
        break;
    case WS_OP_TEXT:
    case WS_OP_BINARY:
        if (reader->is_in_message)
            return bad(reader, WS_CODE_PROTOCOL_ERROR, "the message before is not complete");
        break;
    case WS_OP_CLOSE:
    case WS_OP_PING:
    case WS_OP_PONG: reader->control_size = 0; break;
    default: return bad(reader, WS_CODE_PROTOCOL_ERROR, "unknown opcode");
    }
    if (!is_control(frame->opcode)
        && frame->payload_length > reader->message_max - reader->message.size)
        return bad(reader, WS_CODE_TOO_BIG, "the message is too long");
    reader->opcode = frame->opcode;
    reader->is_final = frame->fin;
    reader->is_in_frame = true;
    reader->frame_left = frame->payload_length;
    reader->ahead -= head_size(frame->payload_length);
    return WS_MORE;
}

static void take_piece(struct ws_reader *reader, const struct wslay_frame_iocb *frame)
{
    size_t size = frame->data_length;
    reader->ahead -= size;
    reader->frame_left -= size;
    if (!is_control(reader->opcode)) {
        buffer_append(&reader->message, frame->data, size);
    } else if (size > 0) { /* wslay refuses control frames beyond their bound */
        memcpy(reader->control + reader->control_size, frame->data, size);
        reader->control_size = (uint8_t)(reader->control_size + size);
    }
}

/* ---- What frames mean -------------------------------------------------------------------- */

/* RFC 6455, 7.4: what an endpoint may put into a close frame. */
static bool is_close_code(uint16_t code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006)
           || (code >= 3000 && code <= 4999);
}

static enum ws_event end_close(struct ws_reader *reader)
{
    const uint8_t *control = reader->control;
    reader->code = WS_CODE_NONE;
    if (reader->control_size == 0)
        return WS_CLOSE;
    if (reader->control_size == 1)
        return bad(reader, WS_CODE_PROTOCOL_ERROR, "a close code has two bytes");
    reader->code = (uint16_t)(control[0] << 8 | control[1]);
    if (!is_close_code(reader->code))
        return bad(reader, WS_CODE_PROTOCOL_ERROR, "this close code may not be sent");
    if (!utf8_is_valid(bytes_of(control + 2, reader->control_size - 2u)))
        return bad(reader, WS_CODE_BAD_TEXT, "the close reason is not UTF-8");
    return WS_CLOSE;
}

static enum ws_event end_frame(struct ws_reader *reader)
{
    reader->is_in_frame = false;
    switch (reader->opcode) {
    case WS_OP_CLOSE: return end_close(reader);
    case WS_OP_PING: return WS_PING;
    case WS_OP_PONG: return WS_PONG;
    default: break;
    }
    reader->is_in_message = !reader->is_final;
    if (reader->is_in_message)
        return WS_MORE;
    if (!utf8_is_valid(buffer_view(&reader->message)))
        return bad(reader, WS_CODE_BAD_TEXT, "the message is not UTF-8");
    return WS_MESSAGE;
}

/* One piece of a frame, or WS_MORE when there is none now. */
static enum ws_event read_piece(struct ws_reader *reader)
{
    struct wslay_frame_iocb frame = {0};
    ssize_t got = wslay_frame_recv(reader->frames, &frame);
    if (got == WSLAY_ERR_WANT_READ)
        return reader->has_ended ? WS_ENDED : WS_MORE;
    if (got < 0)
        return bad(reader, WS_CODE_PROTOCOL_ERROR, "bad frame: its length is not allowed");
    enum ws_event event = reader->is_in_frame ? WS_MORE : begin_frame(reader, &frame);
    if (event != WS_MORE)
        return event;
    take_piece(reader, &frame);
    return reader->frame_left > 0 ? WS_MORE : end_frame(reader);
}

enum ws_event ws_reader_next(struct ws_reader *reader, ws_pull_fn pull, void *context)
{
    enum ws_event event = WS_MORE;
    reader->pull = pull;
    reader->context = context;
    reader->is_dry = reader->has_ended = false;
    make_frames(reader);
    while (event == WS_MORE && !reader->is_dry)
        event = read_piece(reader);
    if (!reader->is_in_frame && reader->ahead == 0)
        forget_frames(reader);
    return event;
}
