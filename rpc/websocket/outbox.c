#include "rpc/websocket/outbox.h"

#include "rpc/websocket/reader.h"
#include "vm/base/hex.h"
#include <assert.h>
#include <stdlib.h>

#define RING_FIRST    4  /* frames */
#define ENTRY_CHARGE  64 /* bytes that a frame takes beside its payload */
#define FRAME_IS_LAST 0x80

#define BEFORE_ID \
    "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"subscription\":\"0x"
#define AFTER_ID "\",\"result\":"
static const char TAIL[] = "}}";

#define NOTIFICATION_HEAD_SIZE \
    (sizeof BEFORE_ID - 1 + 2 * sizeof(struct rpc_id) + sizeof AFTER_ID - 1)
static_assert(NOTIFICATION_HEAD_SIZE + 10 <= OUTBOX_HEAD_MAX,
              "a frame's head and a notification's");

struct outgoing {
    struct payload *shared; /* of a notification; else NULL */
    struct buffer own;
    struct rpc_id id;
    uint8_t opcode;
};

/* ---- Sizes ------------------------------------------------------------------------------- */

static size_t content_size(const struct outgoing *frame)
{
    if (frame->shared == NULL)
        return frame->own.size;
    return NOTIFICATION_HEAD_SIZE + payload_view(frame->shared).size + sizeof TAIL - 1;
}

/* RFC 6455, 5.2; a server does not mask. */
static size_t head_size(size_t content)
{
    return content < 126 ? 2 : content < 65536 ? 4 : 10;
}

static size_t frame_size(const struct outgoing *frame)
{
    size_t content = content_size(frame);
    return head_size(content) + content;
}

/* What it holds by itself: shared bytes are on the payloads' own account. */
static size_t charge_of(const struct outgoing *frame)
{
    return ENTRY_CHARGE + frame->own.size;
}

/* ---- The ring ---------------------------------------------------------------------------- */

static struct outgoing *frame_at(const struct outbox *outbox, size_t index)
{
    return &outbox->frames[(outbox->first + index) % outbox->capacity];
}

static void grow(struct outbox *outbox)
{
    size_t capacity = outbox->capacity == 0 ? RING_FIRST : 2 * outbox->capacity;
    struct outgoing *frames = memory_new_zeroed(capacity, sizeof *frames);
    for (size_t index = 0; index < outbox->count; index++)
        frames[index] = *frame_at(outbox, index);
    free(outbox->frames);
    outbox->frames = frames;
    outbox->first = 0;
    outbox->capacity = capacity;
}

static void append(struct outbox *outbox, const struct outgoing *frame)
{
    if (outbox->count == outbox->capacity)
        grow(outbox);
    *frame_at(outbox, outbox->count++) = *frame;
    outbox->size += frame_size(frame);
    atomic_fetch_add(outbox->account, charge_of(frame));
}

static void drop(struct outbox *outbox, struct outgoing *frame)
{
    atomic_fetch_sub(outbox->account, charge_of(frame));
    payload_release(frame->shared);
    buffer_cleanup(&frame->own);
    *frame = (struct outgoing){0};
}

static void drop_first(struct outbox *outbox)
{
    drop(outbox, frame_at(outbox, 0));
    outbox->first = (outbox->first + 1) % outbox->capacity;
    outbox->count--;
    outbox->sent = 0;
    if (outbox->count > 0 || outbox->capacity == RING_FIRST)
        return;
    free(outbox->frames);
    outbox->frames = NULL;
    outbox->first = outbox->capacity = 0;
}

void outbox_cleanup(struct outbox *outbox)
{
    while (outbox->count > 0)
        drop_first(outbox);
    free(outbox->frames);
    *outbox = (struct outbox){.account = outbox->account};
}

void outbox_forget(struct outbox *outbox)
{
    size_t kept = outbox->sent > 0 ? 1 : 0;
    while (outbox->count > kept) {
        struct outgoing *frame = frame_at(outbox, outbox->count - 1);
        outbox->size -= frame_size(frame);
        drop(outbox, frame);
        outbox->count--;
    }
}

/* ---- Frames ------------------------------------------------------------------------------ */

void outbox_append_text(struct outbox *outbox, struct buffer *text)
{
    const struct outgoing frame = {.own = *text, .opcode = WS_OP_TEXT};
    *text = (struct buffer){0};
    append(outbox, &frame);
}

void outbox_append_notification(struct outbox *outbox, const struct rpc_id *id,
                                struct payload *payload)
{
    const struct outgoing frame = {
        .shared = payload_share(payload), .id = *id, .opcode = WS_OP_TEXT};
    append(outbox, &frame);
}

static void append_control(struct outbox *outbox, uint8_t opcode, struct bytes content)
{
    struct outgoing frame = {.opcode = opcode};
    assert(content.size <= WS_CONTROL_MAX);
    buffer_append_bytes(&frame.own, content);
    append(outbox, &frame);
}

void outbox_append_ping(struct outbox *outbox)
{
    append_control(outbox, WS_OP_PING, (struct bytes){0});
}

void outbox_append_pong(struct outbox *outbox, struct bytes content)
{
    append_control(outbox, WS_OP_PONG, content);
}

void outbox_append_close(struct outbox *outbox, uint16_t code, const char *why)
{
    uint8_t content[WS_CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t size = strnlen(why, sizeof content - 2);
    memcpy(content + 2, why, size);
    append_control(outbox, WS_OP_CLOSE, bytes_of(content, code == WS_CODE_NONE ? 0 : size + 2));
}

/* ---- Sending ----------------------------------------------------------------------------- */

static char *write_frame_head(char *at, uint8_t opcode, size_t content)
{
    size_t more = head_size(content) - 2;
    *at++ = (char)(FRAME_IS_LAST | opcode);
    *at++ = (char)(more == 0 ? content : more == 2 ? 126 : 127);
    while (more > 0)
        *at++ = (char)(content >> 8 * --more & 0xff);
    return at;
}

static char *write_text(char *at, const char *text, size_t size)
{
    memcpy(at, text, size);
    return at + size;
}

static void add_piece(struct outbox_pieces *out, const void *data, size_t size)
{
    if (size > 0)
        out->pieces[out->count++] = (struct iovec){(void *)(uintptr_t)data, size};
}

static void add_frame(struct outbox_pieces *out, const struct outgoing *frame, char *head)
{
    char *at = write_frame_head(head, frame->opcode, content_size(frame));
    if (frame->shared == NULL) {
        add_piece(out, head, (size_t)(at - head));
        add_piece(out, frame->own.data, frame->own.size);
        return;
    }
    struct bytes payload = payload_view(frame->shared);
    at = write_text(at, BEFORE_ID, sizeof BEFORE_ID - 1);
    hex_encode(at, frame->id.bytes, sizeof frame->id.bytes);
    at = write_text(at + 2 * sizeof frame->id, AFTER_ID, sizeof AFTER_ID - 1);
    add_piece(out, head, (size_t)(at - head));
    add_piece(out, payload.data, payload.size);
    add_piece(out, TAIL, sizeof TAIL - 1);
}

static void skip(struct outbox_pieces *out, size_t size)
{
    int first = 0;
    while (size > 0 && size >= out->pieces[first].iov_len)
        size -= out->pieces[first++].iov_len;
    out->count -= first;
    memmove(out->pieces, out->pieces + first, (size_t)out->count * sizeof *out->pieces);
    if (size > 0) {
        out->pieces[0].iov_base = (char *)out->pieces[0].iov_base + size;
        out->pieces[0].iov_len -= size;
    }
}

void outbox_gather(const struct outbox *outbox, struct outbox_pieces *pieces)
{
    pieces->count = 0;
    for (size_t index = 0; index < outbox->count && index < OUTBOX_FRAMES_AT_ONCE; index++)
        add_frame(pieces, frame_at(outbox, index), pieces->heads[index]);
    skip(pieces, outbox->sent);
}

void outbox_on_sent(struct outbox *outbox, size_t size)
{
    outbox->size -= size;
    outbox->sent += size;
    while (outbox->count > 0 && outbox->sent >= frame_size(frame_at(outbox, 0))) {
        size_t rest = outbox->sent - frame_size(frame_at(outbox, 0));
        drop_first(outbox);
        outbox->sent = rest;
    }
}
