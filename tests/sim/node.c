#include "tests/sim/sim.h"

static void do_action(struct sim *sim, unsigned index, const struct simplex_action *action)
{
    struct node *node = &sim->nodes[index];
    struct event *event;
    switch (action->kind) {
    case SIMPLEX_CAST:
        sim_append_log(node, (struct logged){.vote = action->vote, .block = action->block});
        event = sim_post(sim, 1 + sim_draw(sim) % 30, ON_LOGGED, index);
        event->vote = action->vote;
        event->view = node->log_count;
        break;
    case SIMPLEX_PROPOSE:
        sim_append_log(node, (struct logged){.is_proposal = true,
                                             .proposal = action->message.proposal,
                                             .block = action->message.proposal.block});
        event = sim_post(sim, 1 + sim_draw(sim) % 30, ON_PROPOSAL_LOGGED, index);
        event->proposal = action->message.proposal;
        event->view = node->log_count;
        break;
    case SIMPLEX_BUILD:
        event = sim_post(sim, 1 + sim_draw(sim) % 40, ON_BUILT, index);
        event->block = action->block;
        event->view = action->view;
        break;
    case SIMPLEX_SEND: {
        struct message message = action->message;
        if (message.kind == PEER_VOTE && message.vote.signer == index && !node->is_liar)
            sim_check_sent(sim, index, &message.vote);
        if (message.kind == PEER_PROPOSAL) {
            sim_show(sim, &message.proposal);
            if (!node->is_liar)
                sim_check_proposed(sim, index, &message.proposal);
            const struct sim_block *block = sim_block_of(sim, &message.proposal.block);
            if (block != NULL && block->info.view == message.proposal.view) {
                message.proposal.form = PROPOSAL_WHOLE_BLOCK;
                message.proposal.body = bytes_of_text("body");
            }
        }
        sim_send_message(sim, index, action->to, &message);
        break;
    }
    case SIMPLEX_WANT_BLOCK:
    case SIMPLEX_WANT_CERTIFICATE:
        if (!resolver_want(node->resolver, action, sim->now))
            sim_fail(sim, "the resolver refused a request", index, action->view);
        break;
    case SIMPLEX_COMMIT: {
        struct sim_block *block = sim_block_of(sim, &action->block);
        sim_check_final(sim, index, &action->block);
        if (block->info.height != node->final.height + 1)
            sim_fail(sim, "committed out of order", index, block->info.height);
        node->final = block->info;
        if (action->message.kind == PEER_CERTIFICATE)
            sim_store_final(node, &action->message.certificate);
        break;
    }
    case SIMPLEX_SYNC: sim_post(sim, 3000, ON_SYNCED, index)->block = action->block; break;
    case SIMPLEX_ACCUSE:
        sim->accused++;
        if (!sim->nodes[action->evidence.signer].is_liar)
            sim_fail(sim, "an honest member was accused", action->evidence.signer,
                     action->evidence.view);
        break;
    case SIMPLEX_HALT: sim_fail(sim, "halted", index, 0); break;
    case SIMPLEX_LOG: {
        resolver_on_certificate(node->resolver, SIMPLEX_ALL, action->message.certificate.kind,
                                action->message.certificate.view, sim->now);
        struct logged logged = {.is_certificate = true, .certificate = action->message.certificate};
        const size_t size =
            logged.certificate.signatures_count * sizeof *logged.certificate.signatures;
        logged.certificate.signatures = memory_new(size);
        memcpy(logged.certificate.signatures, action->message.certificate.signatures, size);
        sim_append_log(node, logged);
        break;
    }
    case SIMPLEX_BOUND:
        node->bound = action->view;
        sim_append_log(node, (struct logged){.is_bound = true, .view = action->view});
        sim_post(sim, 1 + sim_draw(sim) % 30, ON_BOUND_LOGGED, index)->view = node->log_count;
        break;
    case SIMPLEX_SEALED: break;
    }
}

static void resolve(struct sim *sim, unsigned index)
{
    struct resolver *resolver = sim->nodes[index].resolver;
    struct resolver_request request;
    resolver_on_final(resolver, simplex_final_view(sim->nodes[index].engine));
    while (resolver_take(resolver, sim->now, &request)) {
        struct message message = {.kind = PEER_GET_CERTIFICATE,
                                  .get_certificate = request.certificate};
        if (request.is_block)
            message = (struct message){.kind = PEER_GET_BLOCK, .get_block = request.block};
        sim_send_message(sim, index, request.to, &message);
    }
}

void sim_carry_out(struct sim *sim, unsigned index, struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    for (size_t i = 0; i < queue->count; i++)
        do_action(sim, index, &queue->actions[i]);
    if (simplex_final_view(node->engine) > node->final_view)
        sim_store_final(node, simplex_finalization(node->engine));
    sim_try_execute(sim, index);
    resolve(sim, index);
    const uint64_t engine_next = simplex_next_ms(node->engine);
    const uint64_t resolver_next = resolver_next_ms(node->resolver);
    const uint64_t next = engine_next < resolver_next ? engine_next : resolver_next;
    if (next != UINT64_MAX && (node->timer_at == 0 || next < node->timer_at)) {
        node->timer_at = next;
        sim_post(sim, next > sim->now ? next - sim->now : 0, ON_TIME, index);
    }
    simplex_queue_cleanup(queue);
}

static void on_status(struct sim *sim, unsigned index, unsigned from, const struct status *status,
                      struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    if (!hash256_is_zero(&status->question)) {
        struct message message = {.kind = PEER_STATUS};
        simplex_fill_status(node->engine, from, &message.status);
        message.status.answered = status->question;
        message.status.is_amnesiac = node->audit.is_amnesiac && !node->is_audited;
        sim_send_message(sim, index, from, &message);
        const struct certificate_request request = {1, message.status.entry_view, 7};
        simplex_on_certificate_request(node->engine, from, &request, queue);
    }
    simplex_on_status(node->engine, status, sim->now, queue);
    if (hash256_is_zero(&status->answered))
        return;
    audit_on_status(&node->audit, status);
    sim_try_end_audit(sim, index, queue);
}

static void on_message(struct sim *sim, struct event *event)
{
    const unsigned index = event->node;
    struct node *node = &sim->nodes[index];
    struct arena arena = {0};
    struct message message;
    struct simplex_queue queue = {0};
    if (!message_decode(&message, buffer_view(&event->bytes), sim->n, &arena))
        sim_fail(sim, "a message does not decode", event->from,
                 event->bytes.data[0] * 1000 + event->bytes.size);
    switch (message.kind) {
    case PEER_PROPOSAL: {
        struct sim_block *block = sim_block_of(sim, &message.proposal.block);
        if (message.proposal.body.size > 0 && block != NULL && !block->has[index]) {
            block->has[index] = true;
            resolver_on_block(node->resolver, &block->info.hash);
            simplex_on_block(node->engine, &block->info, sim->now, &queue);
        }
        simplex_on_proposal(node->engine, &message.proposal, sim->now, &queue);
        if (node->is_liar)
            sim_lie(sim, index, &message.proposal);
        break;
    }
    case PEER_VOTE: simplex_on_vote(node->engine, &message.vote, sim->now, &queue); break;
    case PEER_CERTIFICATE:
        simplex_on_certificate(node->engine, &message.certificate, sim->now, &queue);
        resolver_on_certificate(node->resolver, event->from, message.certificate.kind,
                                message.certificate.view, sim->now);
        sim_try_end_audit(sim, index, &queue);
        break;
    case PEER_STATUS: on_status(sim, index, event->from, &message.status, &queue); break;
    case PEER_GET_CERTIFICATE:
        simplex_on_certificate_request(node->engine, event->from, &message.get_certificate, &queue);
        break;
    case PEER_GET_BLOCK: {
        const struct sim_block *block = sim_block_of(sim, &message.get_block);
        if (block != NULL && block->has[index]) {
            struct message answer = {.kind = PEER_BLOCK,
                                     .block = {message.get_block, bytes_of_text("body")}};
            sim_send_message(sim, index, event->from, &answer);
        }
        break;
    }
    case PEER_BLOCK: {
        struct sim_block *block = sim_block_of(sim, &message.block.block);
        if (!block->has[index]) {
            block->has[index] = true;
            resolver_on_block(node->resolver, &block->info.hash);
            simplex_on_block(node->engine, &block->info, sim->now, &queue);
        }
        break;
    }
    }
    arena_cleanup(&arena);
    sim_carry_out(sim, index, &queue);
}

/* What block sync will do: every block up to a certified one comes, is executed and stored. */
static void on_synced(struct sim *sim, unsigned index, const hash256 *hash,
                      struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    struct sim_block *block = sim_block_of(sim, hash);
    if (block == NULL || block->info.height <= node->final.height)
        return;
    const struct simplex_block target = block->info;
    const uint64_t view = simplex_final_view(node->engine);
    simplex_on_synced(node->engine, &target, sim->now, queue);
    if (simplex_final_view(node->engine) == view)
        return;
    for (; block != NULL && block->info.height > node->final.height;
         block = sim_block_of(sim, &block->info.parent)) {
        block->has[index] = block->executed[index] = true;
        sim_check_final(sim, index, &block->info.hash);
    }
    node->final = target;
    sim_store_final(node, simplex_finalization(node->engine));
}

void sim_give_work(struct sim *sim)
{
    const unsigned first = (unsigned)(sim_draw(sim) % sim->n);
    for (unsigned i = 0; i < sim->n; i++) {
        struct simplex_queue queue = {0};
        const unsigned index = (first + i) % sim->n;
        if (!sim->nodes[index].is_up || (i > 0 && sim->has_work && sim_chance(sim, 30)))
            continue;
        simplex_on_work(sim->nodes[index].engine, sim->has_work, sim->now, &queue);
        sim_carry_out(sim, index, &queue);
    }
}

void sim_on_event(struct sim *sim, struct event *event)
{
    const unsigned index = event->node;
    struct node *node = &sim->nodes[index];
    struct simplex_queue queue = {0};
    switch (event->kind) {
    case ON_NETWORK:
        for (unsigned i = 0; i < sim->n; i++)
            sim->side[i] = sim_chance(sim, 50) ? 3 : 1 + (unsigned)(sim_draw(sim) % 2);
        if (sim->now < QUIET_MS)
            sim_post(sim, 2000 + sim_draw(sim) % 30000, ON_NETWORK, 0)->life = 0;
        return;
    case ON_CRASH:
        if (sim->now < QUIET_MS) {
            sim_crash_node(sim, (unsigned)(sim_draw(sim) % sim->n));
            sim_post(sim, sim_draw(sim) % (400000 / (1 + sim->crash)), ON_CRASH, 0);
        }
        return;
    case ON_WORK: /* spells of it; who hears of it first tells the others by its votes */
        sim->has_work = !sim->is_ending && (sim->now >= QUIET_MS || !sim->has_work);
        sim_give_work(sim);
        if (sim->now < QUIET_MS)
            sim_post(sim, 1000 + sim_draw(sim) % 60000, ON_WORK, 0);
        return;
    case ON_RESTART:
        if (!node->is_up)
            sim_start_node(sim, index);
        return;
    default: break;
    }
    if (!node->is_up || (event->kind != ON_MESSAGE && event->life != node->life))
        return;
    switch (event->kind) {
    case ON_MESSAGE: on_message(sim, event); return;
    case ON_LOGGED:
        sim_sync_log_to(node, event->view);
        sim_fake_sign(&event->vote);
        simplex_on_cast(node->engine, &event->vote, sim->now, &queue);
        if (sim->loses_certificates && sim->crash > 0 && sim->now < QUIET_MS
            && event->vote.kind == MESSAGE_FINALIZE && sim_chance(sim, 40)) {
            sim_carry_out(sim, index, &queue);
            sim_crash_node(sim, index);
            return;
        }
        break;
    case ON_BOUND_LOGGED:
        sim_sync_log_to(node, event->view);
        node->log_is_whole = true;
        break;
    case ON_PROPOSAL_LOGGED:
        sim_sync_log_to(node, event->view);
        event->proposal.signature.bytes[0] = (uint8_t)(index + 1);
        simplex_on_proposed(node->engine, &event->proposal, sim->now, &queue);
        if (node->is_liar)
            sim_equivocate(sim, index, event->proposal);
        if (sim->crash > 0 && sim->now < QUIET_MS
            && sim_chance(sim, 5)) { /* between PROP and vote */
            sim_carry_out(sim, index, &queue);
            sim_crash_node(sim, index);
            return;
        }
        break;
    case ON_EXECUTED: {
        struct sim_block *block = sim_block_of(sim, &event->block);
        block->running[index] = false;
        if (!block->executed[index]) {
            block->executed[index] = true;
            simplex_on_executed(node->engine, &event->block, true, sim->now, &queue);
        }
        break;
    }
    case ON_BUILT: {
        const struct sim_block *parent = sim_block_of(sim, &event->block);
        const struct simplex_block origin = {0};
        const struct simplex_block info = parent == NULL ? origin : parent->info;
        if (!sim->has_work) {
            simplex_on_build_failed(node->engine, event->view, true, sim->now, &queue);
            break;
        }
        if (sim_chance(sim, 5)) {
            simplex_on_build_failed(node->engine, event->view, false, sim->now, &queue);
            break;
        }
        struct sim_block *block = sim_make_block(sim, &info, event->view);
        block->has[index] = block->executed[index] = true;
        simplex_on_built(node->engine, &block->info, sim->now, &queue);
        break;
    }
    case ON_TIME:
        node->timer_at = 0;
        simplex_on_time(node->engine, sim->now, &queue);
        break;
    case ON_AUDIT:
        if (!node->is_audited)
            sim_ask_audit(sim, index);
        break;
    case ON_STATUS: {
        struct message message = {.kind = PEER_STATUS};
        for (unsigned i = 0; i < sim->n; i++) {
            simplex_fill_status(node->engine, i, &message.status);
            message.status.is_amnesiac = node->audit.is_amnesiac && !node->is_audited;
            sim_send_message(sim, index, i, &message);
        }
        sim_post(sim, 15000 + sim_draw(sim) % 10000, ON_STATUS, index);
        break;
    }
    case ON_SYNCED: on_synced(sim, index, &event->block, &queue); break;
    default: break;
    }
    sim_carry_out(sim, index, &queue);
}
