#include "node/consensus/message.h"

#include <assert.h>

#include "vm/base/cursor.h"

void message_encode(const struct message *message, struct buffer *out)
{
    buffer_append_u8(out, (uint8_t)message->kind);
    switch (message->kind) {
    case PEER_PROPOSAL: proposal_encode(&message->proposal, out); break;
    case PEER_VOTE: vote_encode(&message->vote, buffer_extend(out, VOTE_SIZE_BYTES)); break;
    case PEER_CERTIFICATE: certificate_encode(&message->certificate, out); break;
    case PEER_STATUS: status_encode(&message->status, out); break;
    case PEER_GET_CERTIFICATE:
        buffer_append_u64_be(out, message->get_certificate.epoch);
        buffer_append_u64_be(out, message->get_certificate.view);
        buffer_append_u8(out, message->get_certificate.kinds);
        break;
    case PEER_GET_BLOCK: buffer_append(out, message->get_block.bytes, sizeof(hash256)); break;
    case PEER_BLOCK:
        buffer_append(out, message->block.block.bytes, sizeof(hash256));
        buffer_append_bytes(out, message->block.body);
        break;
    }
}

static bool decode_certificate_request(struct certificate_request *request, struct bytes body)
{
    struct cursor in = cursor_over(body.data, body.size);
    request->epoch = cursor_u64_be(&in);
    request->view = cursor_u64_be(&in);
    request->kinds = cursor_u8(&in);
    return cursor_finished(&in) && request->kinds > 0 && request->kinds <= CERTIFICATE_KINDS_ALL;
}

static bool decode_block_request(hash256 *block, struct bytes body)
{
    struct cursor in = cursor_over(body.data, body.size);
    cursor_copy(&in, block->bytes, sizeof block->bytes);
    return cursor_finished(&in);
}

static bool decode_block(struct block_answer *answer, struct bytes body)
{
    struct cursor in = cursor_over(body.data, body.size);
    cursor_copy(&in, answer->block.bytes, sizeof answer->block.bytes);
    answer->body = cursor_take(&in, in.left);
    return cursor_finished(&in) && answer->body.size > 0;
}

bool message_decode(struct message *message, struct bytes encoded, unsigned committee_size,
                    struct arena *arena)
{
    if (encoded.size == 0)
        return false;
    const struct bytes body = bytes_of(encoded.data + 1, encoded.size - 1);
    *message = (struct message){.kind = (enum peer_message)encoded.data[0]};
    switch (message->kind) {
    case PEER_PROPOSAL: return proposal_decode(&message->proposal, body, committee_size, arena);
    case PEER_VOTE: return vote_decode(&message->vote, body.data, body.size, committee_size);
    case PEER_CERTIFICATE:
        return certificate_decode(&message->certificate, body, arena)
               && certificate_signers_end(&message->certificate) <= committee_size;
    case PEER_STATUS: return status_decode(&message->status, body, committee_size);
    case PEER_GET_CERTIFICATE: return decode_certificate_request(&message->get_certificate, body);
    case PEER_GET_BLOCK: return decode_block_request(&message->get_block, body);
    case PEER_BLOCK: return decode_block(&message->block, body);
    }
    return false;
}
