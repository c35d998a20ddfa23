#include "node/replica/state.h"

static bool is_of_before(const struct replica *replica, uint64_t epoch)
{
    return replica->before != NULL && epoch == replica->epoch_before;
}

/* Who still speaks in the epoch before gets its seal's FINALIZATION. */
static void answer_from_before(struct replica *replica, unsigned member, uint64_t view,
                               uint64_t now_ms)
{
    simplex_help(replica->before, member, view, now_ms, &replica->queue);
}

static bool look_at_vote(struct replica *replica, const struct vote *vote, uint64_t now_ms)
{
    if (is_of_before(replica, vote->epoch))
        answer_from_before(replica, vote->signer, vote->view, now_ms);
    else if (vote->epoch == replica->config.engine.epoch)
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
    switch (message->kind) {
    case PEER_VOTE: is_wanted = look_at_vote(replica, &message->vote, now_ms); break;
    case PEER_CERTIFICATE:
        is_wanted = simplex_wants_certificate(replica->engine, &message->certificate);
        break;
    case PEER_PROPOSAL: is_wanted = look_at_proposal(replica, &message->proposal); break;
    case PEER_STATUS:
        is_wanted = message->status.signer == from
                    && (message->status.epoch == replica->config.engine.epoch
                        || is_of_before(replica, message->status.epoch));
        break;
    case PEER_GET_CERTIFICATE:
    case PEER_GET_BLOCK: is_wanted = true; break;
    case PEER_BLOCK: is_wanted = is_wanted_block(replica, &message->block.block); break;
    }
    replica_carry_on(replica, now_ms, out);
    return is_wanted;
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
    simplex_on_proposal(replica->engine, proposal, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
    replica->offered = NULL;
}

/* Votes of before are answered by members that have them, and ours are shown to whoever asks. */
static void on_status(struct replica *replica, unsigned from, const struct status *status,
                      uint64_t now_ms, struct replica_queue *out)
{
    if (is_of_before(replica, status->epoch)) {
        answer_from_before(replica, from, status->view, now_ms);
        return;
    }
    if (!hash256_is_zero(&status->question)) {
        replica_send_status(replica, from, NULL, &status->question, out);
        const struct simplex *engine = replica->engine;
        /* What led us here goes with it: without it the answer does not count. */
        const struct certificate_request entry = {replica->config.engine.epoch,
                                                  simplex_view(engine) - 1, CERTIFICATE_KINDS_ALL};
        simplex_on_certificate_request(replica->engine, from, &entry, &replica->queue);
    }
    if (!replica->is_audited)
        audit_on_status(&replica->audit, status);
    simplex_on_status(replica->engine, status, now_ms, &replica->queue);
}

static void on_certificate_request(struct replica *replica, unsigned from,
                                   const struct certificate_request *request)
{
    struct simplex *engine =
        is_of_before(replica, request->epoch) ? replica->before : replica->engine;
    simplex_on_certificate_request(engine, from, request, &replica->queue);
}

void replica_on_message(struct replica *replica, unsigned from, const struct message *message,
                        uint64_t now_ms, struct replica_queue *out)
{
    switch (message->kind) {
    case PEER_VOTE:
        simplex_on_vote(replica->engine, &message->vote, now_ms, &replica->queue);
        break;
    case PEER_CERTIFICATE:
        simplex_on_certificate(replica->engine, &message->certificate, now_ms, &replica->queue);
        resolver_on_certificate(replica->resolver, from, message->certificate.kind,
                                message->certificate.view, now_ms);
        break;
    case PEER_PROPOSAL: on_proposal(replica, from, &message->proposal, now_ms, out); break;
    case PEER_STATUS: on_status(replica, from, &message->status, now_ms, out); break;
    case PEER_GET_CERTIFICATE:
        on_certificate_request(replica, from, &message->get_certificate);
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
