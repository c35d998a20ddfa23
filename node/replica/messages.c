#include "node/replica/state.h"

#define HELP_EVERY_MS 500

uint64_t replica_epoch_of(const struct message *message)
{
    switch (message->kind) {
    case PEER_PROPOSAL: return message->proposal.epoch;
    case PEER_VOTE: return message->vote.epoch;
    case PEER_CERTIFICATE: return message->certificate.epoch;
    case PEER_STATUS: return message->status.epoch;
    case PEER_GET_CERTIFICATE: return message->get_certificate.epoch;
    case PEER_GET_BLOCK:
    case PEER_BLOCK: return 0;
    }
    return 0;
}

/* It speaks of an epoch that is over here: it gets the proof of that. Or of one that has not begun
 * here: it is asked for the proof. Each peer twice a second at most, followers together. */
static void on_other_epoch(struct replica *replica, unsigned from, uint64_t epoch, uint64_t now_ms,
                           struct replica_queue *out)
{
    const uint64_t own = replica->config.engine.epoch;
    uint64_t *last_ms = &replica->helped_ms[from < COMMITTEE_SIZE_MAX ? from : COMMITTEE_SIZE_MAX];
    if (epoch == 0 || epoch == own || now_ms < *last_ms + HELP_EVERY_MS)
        return;
    *last_ms = now_ms;
    if (epoch < own) {
        struct replica_action *serve = replica_append(out, REPLICA_SERVE_SEAL);
        serve->to = from;
        serve->epoch = epoch;
        return;
    }
    struct replica_action *ask = replica_append(out, REPLICA_SEND);
    ask->to = from;
    ask->message = (struct message){
        .kind = PEER_GET_CERTIFICATE,
        .get_certificate = {own, simplex_final_view(replica->engine) + 1, CERTIFICATE_KINDS_ALL}};
}

static bool look_at_vote(struct replica *replica, const struct vote *vote, uint64_t now_ms)
{
    if (vote->epoch == replica->config.engine.epoch)
        simplex_help(replica->engine, vote->signer, vote->view, now_ms, &replica->queue);
    return simplex_wants_vote(replica->engine, vote);
}

/* Its certificates are worth a look of their own, whatever the proposal is worth. */
static bool look_at_proposal(const struct replica *replica, const struct proposal *proposal)
{
    bool is_wanted = simplex_wants_proposal(replica->engine, proposal);
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        is_wanted =
            is_wanted || simplex_wants_certificate(replica->engine, &proposal->certificates[i]);
    return is_wanted;
}

static bool is_wanted_block(struct replica *replica, const hash256 *hash)
{
    const struct held_block *block = replica_find_block(replica, hash);
    return block != NULL && block->state == HELD_WANTED;
}

bool replica_look(struct replica *replica, unsigned from, const struct message *message,
                  uint64_t now_ms, struct replica_queue *out)
{
    bool is_wanted = false;
    on_other_epoch(replica, from, replica_epoch_of(message), now_ms, out);
    switch (message->kind) {
    case PEER_VOTE: is_wanted = look_at_vote(replica, &message->vote, now_ms); break;
    case PEER_CERTIFICATE:
        is_wanted = simplex_wants_certificate(replica->engine, &message->certificate);
        break;
    case PEER_PROPOSAL: is_wanted = look_at_proposal(replica, &message->proposal); break;
    case PEER_STATUS:
        is_wanted =
            message->status.signer == from && message->status.epoch == replica->config.engine.epoch;
        break;
    case PEER_GET_CERTIFICATE:
        is_wanted = message->get_certificate.epoch == replica->config.engine.epoch;
        break;
    case PEER_GET_BLOCK: is_wanted = true; break;
    case PEER_BLOCK: is_wanted = is_wanted_block(replica, &message->block.block); break;
    }
    replica_carry_on(replica, now_ms, out);
    return is_wanted;
}

/* The driver knows who has no link to the signer. */
static void relay(unsigned from, unsigned signer, const struct message *message,
                  struct replica_queue *out)
{
    struct replica_action *relay = replica_append(out, REPLICA_RELAY);
    relay->to = from;
    relay->signer = signer;
    relay->message = *message;
}

static void on_proposal(struct replica *replica, unsigned from, const struct proposal *proposal,
                        uint64_t now_ms, struct replica_queue *out)
{
    if (proposal->form == PROPOSAL_WHOLE_BLOCK) {
        replica->offered = &proposal->block;
        replica->offered_body = proposal->body;
        replica->offered_by = from;
        replica_take_body(replica, &proposal->block, proposal->body, from, out);
    }
    if (simplex_on_proposal(replica->engine, proposal, now_ms, &replica->queue)) {
        const struct message message = {.kind = PEER_PROPOSAL, .proposal = *proposal};
        relay(from, simplex_leader(replica->engine, proposal->view), &message, out);
    }
    replica_carry_on(replica, now_ms, out);
    replica->offered = NULL;
}

static void on_status(struct replica *replica, unsigned from, const struct status *status,
                      uint64_t now_ms, struct replica_queue *out)
{
    if (!hash256_is_zero(&status->question)) {
        replica_send_status(replica, from, NULL, &status->question, out);
        const struct simplex *engine = replica->engine;
        /* What led us here goes with it to whoever is behind: without it the answer does not
         * count. */
        const struct certificate_request entry = {replica->config.engine.epoch,
                                                  simplex_view(engine) - 1, CERTIFICATE_KINDS_ALL};
        if (status->view < simplex_view(engine))
            simplex_on_certificate_request(replica->engine, from, &entry, &replica->queue);
    }
    if (!hash256_is_zero(&replica->delay_question)
        && hash256_equal(&status->answered, &replica->delay_question)) {
        simplex_on_delay(replica->engine, status->signer, now_ms - replica->delay_asked_ms);
        resolver_set_delay(replica->resolver, simplex_delay_ms(replica->engine));
    }
    if (!replica->is_audited)
        audit_on_status(&replica->audit, status);
    simplex_on_status(replica->engine, status, now_ms, &replica->queue);
}

void replica_on_message(struct replica *replica, unsigned from, const struct message *message,
                        uint64_t now_ms, struct replica_queue *out)
{
    switch (message->kind) {
    case PEER_VOTE:
        if (simplex_on_vote(replica->engine, &message->vote, now_ms, &replica->queue))
            relay(from, message->vote.signer, message, out);
        break;
    case PEER_CERTIFICATE:
        simplex_on_certificate(replica->engine, &message->certificate, now_ms, &replica->queue);
        resolver_on_certificate(replica->resolver, from, message->certificate.kind,
                                message->certificate.view, now_ms);
        break;
    case PEER_PROPOSAL: on_proposal(replica, from, &message->proposal, now_ms, out); break;
    case PEER_STATUS: on_status(replica, from, &message->status, now_ms, out); break;
    case PEER_GET_CERTIFICATE:
        simplex_on_certificate_request(replica->engine, from, &message->get_certificate,
                                       &replica->queue);
        break;
    case PEER_GET_BLOCK: {
        struct replica_action *serve = replica_append(out, REPLICA_SERVE);
        serve->to = from;
        serve->block = message->get_block;
        break;
    }
    case PEER_BLOCK:
        replica_take_body(replica, &message->block.block, message->block.body, from, out);
        break;
    }
    replica_carry_on(replica, now_ms, out);
}
