#include "node/consensus/simplex/state.h"

#include <stdlib.h>

void simplex_queue_cleanup(struct simplex_queue *queue)
{
    free(queue->actions);
    arena_cleanup(&queue->memory);
    *queue = (struct simplex_queue){0};
}

void simplex_queue_clear(struct simplex_queue *queue)
{
    queue->count = 0;
    arena_reset(&queue->memory);
}

struct simplex_action *simplex_append(struct simplex_queue *out, enum simplex_action_kind kind)
{
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 16 : 2 * out->capacity;
        out->actions = memory_resize(out->actions, out->capacity * sizeof *out->actions);
    }
    out->actions[out->count] = (struct simplex_action){.kind = kind};
    return &out->actions[out->count++];
}

void simplex_put_certificate(struct simplex_action *action, const struct certificate *certificate,
                             struct simplex_queue *out)
{
    action->message.kind = PEER_CERTIFICATE;
    action->message.certificate = *certificate;
    action->message.certificate.signatures =
        arena_array(&out->memory, certificate->signatures_count, sizeof *certificate->signatures);
    memcpy(action->message.certificate.signatures, certificate->signatures,
           certificate->signatures_count * sizeof *certificate->signatures);
}

void simplex_send_certificate(const struct certificate *certificate, uint32_t to,
                              struct simplex_queue *out)
{
    struct simplex_action *send = simplex_append(out, SIMPLEX_SEND);
    send->to = to;
    simplex_put_certificate(send, certificate, out);
}

void simplex_send_vote(const struct vote *vote, uint32_t to, struct simplex_queue *out)
{
    struct simplex_action *send = simplex_append(out, SIMPLEX_SEND);
    send->to = to;
    send->message.kind = PEER_VOTE;
    send->message.vote = *vote;
}

void simplex_send_request(const struct simplex *s, uint64_t view, uint32_t to,
                          struct simplex_queue *out)
{
    struct simplex_action *send = simplex_append(out, SIMPLEX_SEND);
    send->to = to;
    send->message.kind = PEER_GET_CERTIFICATE;
    send->message.get_certificate =
        (struct certificate_request){s->config.epoch, view, CERTIFICATE_KINDS_ALL};
}

void simplex_want_certificate(struct simplex *s, uint64_t view, uint8_t kinds, uint32_t first,
                              uint64_t now_ms, struct simplex_queue *out)
{
    struct round *round = simplex_need_round(s, view);
    if (round->wanted_kinds == kinds && now_ms < round->wanted_ms + RETRY_LEAST)
        return;
    round->wanted_kinds = kinds;
    round->wanted_ms = now_ms;
    struct simplex_action *want = simplex_append(out, SIMPLEX_WANT_CERTIFICATE);
    want->to = first;
    want->view = view;
    want->kinds = kinds;
    for (unsigned member = 0; member < s->config.thresholds.members; member++)
        for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++)
            if (round_has_vote(round, (enum consensus_message)kind, member))
                want->signers[member / 8] |= (uint8_t)(1U << (member % 8));
}
