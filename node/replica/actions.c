#include "node/replica/state.h"

#include <stdlib.h>

void replica_queue_clear(struct replica_queue *queue)
{
    queue->count = 0;
    arena_reset(&queue->memory);
}

void replica_queue_cleanup(struct replica_queue *queue)
{
    free(queue->actions);
    arena_cleanup(&queue->memory);
    *queue = (struct replica_queue){0};
}

struct replica_action *replica_append(struct replica_queue *out, enum replica_action_kind kind)
{
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 16 : 2 * out->capacity;
        out->actions = memory_resize(out->actions, out->capacity * sizeof *out->actions);
    }
    out->actions[out->count] = (struct replica_action){.kind = kind};
    return &out->actions[out->count++];
}

static struct certificate copy_into(struct replica_queue *out, const struct certificate *original)
{
    struct certificate copy = *original;
    const size_t count = original->signatures_count;
    copy.signatures = arena_array(&out->memory, count, sizeof *copy.signatures);
    memcpy(copy.signatures, original->signatures, count * sizeof *copy.signatures);
    return copy;
}

static struct vote_record record_of(const struct replica *replica, enum vote_record_kind kind,
                                    uint64_t view)
{
    return (struct vote_record){.kind = kind,
                                .ledger = replica->config.ledger,
                                .epoch = replica->config.engine.epoch,
                                .view = view};
}

/* ---- What is promised ----------------------------------------------------------------------- */

/* The body of what is proposed or notarized, unless the log has it. A block that is valid here and
 * not held is the final one, which the store has. */
static void log_block(struct replica *replica, const hash256 *hash, uint64_t view,
                      struct replica_queue *out)
{
    struct held_block *block = replica_find_block(replica, hash);
    if (block == NULL || block->is_logged)
        return;
    block->is_logged = true;
    struct replica_action *log = replica_append(out, REPLICA_LOG_BLOCK);
    log->block = *hash;
    log->view = view;
}

static void cast(struct replica *replica, const struct simplex_action *action,
                 struct replica_queue *out)
{
    if (action->vote.kind == MESSAGE_NOTARIZE)
        log_block(replica, &action->block, action->view, out);
    struct replica_action *cast = replica_append(out, REPLICA_CAST);
    cast->view = action->view;
    cast->vote = action->vote;
    cast->record = record_of(replica, VOTE_RECORD_VOTE, action->view);
    cast->record.vote = action->vote.kind;
    cast->record.proposal = action->vote.proposal;
}

static void propose(struct replica *replica, const struct simplex_action *action,
                    struct replica_queue *out)
{
    const struct proposal *proposal = &action->message.proposal;
    log_block(replica, &proposal->block, proposal->view, out);
    struct replica_action *propose = replica_append(out, REPLICA_PROPOSE);
    propose->view = proposal->view;
    propose->proposal = *proposal;
    propose->record = record_of(replica, VOTE_RECORD_PROPOSAL, proposal->view);
    propose->record.parent_view = proposal->parent_view;
    propose->record.block = proposal->block;
}

static void log_certificate(struct replica *replica, const struct simplex_action *action,
                            uint64_t now_ms, struct replica_queue *out)
{
    const struct certificate *certificate = &action->message.certificate;
    struct buffer encoded = {0};
    certificate_encode(certificate, &encoded);
    struct replica_action *log = replica_append(out, REPLICA_LOG);
    log->record = record_of(replica, VOTE_RECORD_CERTIFICATE, certificate->view);
    log->record.body = arena_copy(&out->memory, buffer_view(&encoded));
    buffer_cleanup(&encoded);
    resolver_on_certificate(replica->resolver, SIMPLEX_ALL, certificate->kind, certificate->view,
                            now_ms);
}

static void log_bound(struct replica *replica, uint64_t view, struct replica_queue *out)
{
    replica_append(out, REPLICA_LOG)->record = record_of(replica, VOTE_RECORD_BOUND, view);
    replica->bound = view;
}

/* Once the new log holds the end of the silence, and the certificates that the old one had. */
static void adopt_log(struct replica *replica, struct replica_queue *out)
{
    if (replica->bound == 0 || simplex_is_recovering(replica->engine))
        return;
    replica_append(out, REPLICA_ADOPT_LOG)->view = replica->bound;
    replica->config.log_is_whole = true;
    replica->bound = 0;
}

/* ---- What leaves the node ------------------------------------------------------------------- */

/* The parent itself again is everywhere. What is said once more names the block only: who was not
 * here the first time asks for it. */
static bool is_body_due(const struct held_block *block, uint64_t view)
{
    return block != NULL && block->info.view == view && !block->was_sent;
}

static void send(struct replica *replica, const struct simplex_action *action,
                 struct replica_queue *out)
{
    struct replica_action *send = replica_append(out, REPLICA_SEND);
    send->to = action->to;
    send->message = action->message;
    if (action->message.kind == PEER_CERTIFICATE) {
        const struct certificate copy = copy_into(out, &action->message.certificate);
        out->actions[out->count - 1].message.certificate = copy;
    }
    if (action->message.kind == PEER_PROPOSAL) {
        struct held_block *block = replica_find_block(replica, &action->message.proposal.block);
        send->block = action->message.proposal.block;
        send->has_body = is_body_due(block, action->message.proposal.view);
        if (send->has_body)
            block->was_sent = true;
    }
}

/* Who has no seat has no STATUS to sign: it asks for what may have come since. */
static void ask_as_follower(struct replica *replica, unsigned to, struct replica_queue *out)
{
    const struct simplex *engine = replica->engine;
    const uint64_t views[2] = {simplex_final_view(engine) + 1, simplex_view(engine)};
    for (unsigned i = 0; i < 2 && (i == 0 || views[1] != views[0]); i++) {
        struct replica_action *ask = replica_append(out, REPLICA_SEND);
        ask->to = to;
        ask->message = (struct message){
            .kind = PEER_GET_CERTIFICATE,
            .get_certificate = {replica->config.engine.epoch, views[i], CERTIFICATE_KINDS_ALL}};
    }
}

void replica_send_status(struct replica *replica, unsigned to, const hash256 *question,
                         const hash256 *answered, struct replica_queue *out)
{
    if (!replica_is_member(replica)) {
        ask_as_follower(replica, to, out);
        return;
    }
    struct replica_action *action = replica_append(out, REPLICA_STATUS);
    struct status *status = &action->status;
    action->to = to;
    simplex_fill_status(replica->engine, to, status);
    status->earliest_height = replica->config.earliest_height;
    status->protocol_lowest = replica->config.protocol_lowest;
    status->protocol_highest = replica->config.protocol_highest;
    status->is_amnesiac = replica->audit.is_amnesiac && !replica->is_audited;
    if (question != NULL)
        status->question = *question;
    if (answered != NULL)
        status->answered = *answered;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void commit(struct replica *replica, const struct simplex_action *action,
                   struct replica_queue *out)
{
    if (action->message.kind != PEER_CERTIFICATE)
        return; /* it becomes final with the one above it, which follows */
    const struct certificate copy = copy_into(out, &action->message.certificate);
    struct replica_action *commit = replica_append(out, REPLICA_COMMIT);
    commit->block = action->block;
    commit->view = action->view;
    commit->certificate = copy;
    replica->committed_view = action->view;
}

/* The final block is final once more, in a later view, or came by sync: no block is new. */
static void commit_view(struct replica *replica, struct replica_queue *out)
{
    const uint64_t view = simplex_final_view(replica->engine);
    if (view <= replica->committed_view)
        return;
    const struct certificate copy = copy_into(out, simplex_finalization(replica->engine));
    struct replica_action *commit = replica_append(out, REPLICA_COMMIT);
    commit->block = simplex_final_block(replica->engine);
    commit->view = view;
    commit->certificate = copy;
    replica->committed_view = view;
}

static void carry_on(struct replica *replica, const struct simplex_action *action, uint64_t now_ms,
                     struct replica_queue *out)
{
    switch (action->kind) {
    case SIMPLEX_CAST: cast(replica, action, out); break;
    case SIMPLEX_LOG: log_certificate(replica, action, now_ms, out); break;
    case SIMPLEX_BOUND: log_bound(replica, action->view, out); break;
    case SIMPLEX_PROPOSE: propose(replica, action, out); break;
    case SIMPLEX_SEND: send(replica, action, out); break;
    case SIMPLEX_WANT_BLOCK: replica_want_block(replica, action, now_ms, out); break;
    case SIMPLEX_WANT_CERTIFICATE: resolver_want(replica->resolver, action, now_ms); break;
    case SIMPLEX_COMMIT: commit(replica, action, out); break;
    case SIMPLEX_BUILD: {
        struct replica_action *build = replica_append(out, REPLICA_BUILD);
        build->view = action->view;
        build->block = action->block;
        break;
    }
    case SIMPLEX_ACCUSE: replica_append(out, REPLICA_ACCUSE)->evidence = action->evidence; break;
    case SIMPLEX_SYNC: replica_append(out, REPLICA_SYNC)->block = action->block; break;
    case SIMPLEX_HALT: replica_append(out, REPLICA_HALT)->block = action->block; break;
    case SIMPLEX_SEALED: replica_append(out, REPLICA_SEALED)->block = action->block; break;
    }
}

static void ask(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    struct resolver_request request;
    while (resolver_take(replica->resolver, now_ms, &request)) {
        struct replica_action *send = replica_append(out, REPLICA_SEND);
        send->to = request.to;
        if (request.is_block)
            send->message = (struct message){.kind = PEER_GET_BLOCK, .get_block = request.block};
        else
            send->message = (struct message){.kind = PEER_GET_CERTIFICATE,
                                             .get_certificate = request.certificate};
    }
}

void replica_carry_on(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    do {
        for (size_t i = 0; i < replica->queue.count; i++)
            carry_on(replica, &replica->queue.actions[i], now_ms, out);
        simplex_queue_clear(&replica->queue);
        replica_try_end_audit(replica, now_ms);
    } while (replica->queue.count > 0);
    adopt_log(replica, out);
    commit_view(replica, out);
    resolver_on_final(replica->resolver, simplex_final_view(replica->engine));
    replica_drop_blocks(replica, out);
    replica_execute_ready(replica, now_ms, out);
    ask(replica, now_ms, out);
}
