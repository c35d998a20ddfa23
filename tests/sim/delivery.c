#include "node/replica/replica.h"
#include "node/sync/message.h"
#include "tests/sim/liars/liar.h"
#include "tests/sim/member.h"

/* Bounds are those of the committee that the message speaks of, which its first fields name. */
static bool decodes(const struct sim *sim, struct bytes bytes, struct message *message,
                    struct arena *arena)
{
    if (!message_decode(message, bytes, COMMITTEE_SIZE_MAX, arena))
        return false;
    const struct committee *committee = sim_committee(sim, replica_epoch_of(message));
    return committee == NULL || message_decode(message, bytes, committee->of.members, arena);
}

static bool is_good(const struct sim *sim, struct packet *packet, const struct message *message)
{
    const uint64_t epoch = replica_epoch_of(message);
    const struct committee *committee = sim_committee(sim, epoch);
    if (epoch == 0)
        return message->kind == PEER_GET_BLOCK || message->kind == PEER_BLOCK;
    if (!packet->was_checked) {
        packet->was_checked = true;
        packet->is_signed = committee != NULL && sim_is_signed(sim, committee, message);
    }
    return packet->is_signed;
}

/* Without certificates that its votes stand on, a member's STATUS claims too much. */
static bool may_be_refused(const struct sim *sim, unsigned from, struct bytes bytes)
{
    return sim->boxes[from].liar != NULL
           || (sim->loses_certificates && bytes.data[0] == PEER_STATUS);
}

void sim_deliver(struct sim *sim, const struct event *event)
{
    struct arena arena = {0};
    struct message message;
    if (event->connection != sim_connection(sim, event->from, event->box)) {
        sim->figures.lost++;
        return;
    }
    const struct standing standing = member_standing(sim, event->box);
    if (!standing.is_up && !standing.is_joining)
        return;
    const struct bytes bytes = buffer_view(&event->packet->bytes);
    if (sim->chains != NULL && bytes.data[0] >= SYNC_GET_RANGE) {
        member_on_sync_message(sim, event->box, event->from, bytes);
        return;
    }
    if (standing.is_joining)
        return;
    if (decodes(sim, bytes, &message, &arena)) {
        const struct liar *liar = sim->boxes[event->box].liar;
        if (message.kind == PEER_STATUS)
            member_hear_status(sim, event, &message.status);
        const bool is_wanted = member_wants(sim, event->box, event->from, &message);
        const bool is_fine = (is_wanted || liar != NULL) && is_good(sim, event->packet, &message);
        if (is_wanted && !is_fine && !may_be_refused(sim, event->from, bytes))
            sim_fail(sim, "an honest member's message is refused", event->from, bytes.data[0]);
        if (is_wanted && is_fine && sim->on_heard != NULL
            && !sim_is_faulty(sim, sim->boxes[event->box].identity))
            sim->on_heard(sim, &message);
        if (is_wanted && is_fine)
            member_on_message(sim, event->box, event->from, &message);
        if (is_fine && liar != NULL && liar->hears != NULL
            && member_standing(sim, event->box).is_up)
            liar->hears(sim, event->box, &message);
    } else if (!may_be_refused(sim, event->from, bytes)) {
        sim_fail(sim, "an honest member's message does not decode", event->from, bytes.data[0]);
    }
    arena_cleanup(&arena);
}
