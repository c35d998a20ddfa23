#include "node/sync/message.h"
#include "tests/sim/member_state.h"

enum lie { TRUTH, SILENCE, NOTHING_HERE, LESS, WRONG_BYTES, LIES };

/* An answer without content: that is not here. */
static void deny(const struct sync_message *request, struct buffer *out)
{
    struct sync_message answer = {.kind = request->kind + 1};
    if (request->kind == SYNC_GET_RANGE || request->kind == SYNC_GET_SEALS)
        answer.span.first = request->get_span.first;
    if (request->kind == SYNC_GET_MANIFEST || request->kind == SYNC_GET_CHUNK)
        answer.chunk =
            (struct chunk_answer){request->get_chunk.manifest, request->get_chunk.index, {0}};
    sync_message_encode(&answer, out);
}

static void lie(struct sim *sim, struct chain *chain, struct sync_message request, enum lie kind,
                struct buffer *out)
{
    sim->figures.lies += kind != TRUTH;
    if (kind == SILENCE)
        return;
    if (kind == NOTHING_HERE) {
        deny(&request, out);
        return;
    }
    const bool is_span = request.kind == SYNC_GET_RANGE || request.kind == SYNC_GET_SEALS;
    if (kind == LESS && is_span)
        request.get_span.count = 1; /* a shortened chain */
    chain_answer(chain, &request, out);
    if (kind == WRONG_BYTES || (kind == LESS && !is_span)) {
        const size_t at = 1 + sim_draw(sim) % (out->size - 1);
        out->data[at] ^= (uint8_t)(1 + sim_draw(sim) % 255);
    }
}

static bool is_request(enum sync_message_kind kind)
{
    return kind == SYNC_GET_RANGE || kind == SYNC_GET_SEALS || kind == SYNC_GET_CHECKPOINTS
           || kind == SYNC_GET_MANIFEST || kind == SYNC_GET_CHUNK;
}

void member_answer(struct sim *sim, unsigned box, unsigned from, const struct sync_message *request)
{
    const bool lies = sim->boxes[box].liar != NULL;
    struct buffer bytes = {0};
    if (!is_request(request->kind))
        return;
    lie(sim, sim->members[box]->chain, *request, lies ? (enum lie)(sim_draw(sim) % LIES) : TRUTH,
        &bytes);
    if (bytes.size > 0)
        sim_send_bytes(sim, box, BIT(from), buffer_view(&bytes));
    buffer_cleanup(&bytes);
}
