#include "tests/sim/sim.h"

#include <stdlib.h>

#include "vm/crypto/keccak.h"

void sim_ask_audit(struct sim *sim, unsigned index)
{
    struct node *node = &sim->nodes[index];
    struct status status = {0};
    simplex_fill_status(node->engine, SIMPLEX_ALL - 1 < sim->n ? 0 : index, &status);
    status.votes_count = 0;
    status.question = node->nonce;
    struct message message = {.kind = PEER_STATUS, .status = status};
    sim_send_message(sim, index, SIMPLEX_ALL, &message);
    sim_post(sim, 2000, ON_AUDIT, index);
}

void sim_try_end_audit(struct sim *sim, unsigned index, struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    uint64_t silent_until;
    if (node->is_audited
        || !audit_is_over(&node->audit, simplex_view(node->engine) - 1, &silent_until))
        return;
    node->is_audited = true;
    simplex_on_audited(node->engine, silent_until, sim->now, queue);
}

void sim_sync_log_to(struct node *node, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        node->log[i].is_synced = true;
}

void sim_append_log(struct node *node, struct logged logged)
{
    node->log = memory_resize(node->log, (node->log_count + 1) * sizeof *node->log);
    node->log[node->log_count++] = logged;
}

void sim_store_final(struct node *node, const struct certificate *finalization)
{
    if (node->has_final_certificate)
        free(node->final_certificate.signatures);
    node->final_certificate = *finalization;
    const size_t size = finalization->signatures_count * sizeof *finalization->signatures;
    node->final_certificate.signatures = memory_new(size);
    memcpy(node->final_certificate.signatures, finalization->signatures, size);
    node->has_final_certificate = true;
    node->final_view = finalization->view;
}

/* As vote_log_on_final(): nobody votes at or below the final view again. */
static void drop_old_records(struct node *node)
{
    size_t kept = 0;
    for (size_t i = 0; i < node->log_count; i++) {
        const struct logged *logged = &node->log[i];
        const uint64_t view = logged->is_bound         ? logged->view
                              : logged->is_certificate ? logged->certificate.view
                              : logged->is_proposal    ? logged->proposal.view
                                                       : logged->vote.view;
        if (view > node->final_view)
            node->log[kept++] = *logged;
        else if (logged->is_certificate)
            free(logged->certificate.signatures);
    }
    node->log_count = kept;
}

/* The view whose certificates the log has lost; 0: none. The rules hold without them. */
static uint64_t lost_certificates(const struct sim *sim, const struct node *node)
{
    uint64_t highest = 0;
    if (!sim->loses_certificates)
        return 0;
    for (size_t i = 0; i < node->log_count; i++)
        if (node->log[i].is_certificate && node->log[i].certificate.view > highest)
            highest = node->log[i].certificate.view;
    return highest;
}

void sim_start_node(struct sim *sim, unsigned index)
{
    struct node *node = &sim->nodes[index];
    struct simplex_queue queue = {0};
    struct simplex_config config = {.epoch = 1,
                                    .thresholds = sim->of,
                                    .own_index = index,
                                    .pulse_ms = 200,
                                    .execution_ms = 50,
                                    .final_view = node->final_view,
                                    .final_height = node->final.height,
                                    .final_block = node->final.hash,
                                    .final_ms = sim->now};
    if (node->has_final_certificate)
        config.finalization = &node->final_certificate;
    drop_old_records(node);
    const uint64_t lost = lost_certificates(sim, node);
    node->is_up = true;
    node->is_audited = false;
    node->timer_at = 0;
    node->engine = simplex_new(&config);
    node->resolver = resolver_new(config.epoch, sim->n, index, RESOLVER_DELAY_MS);
    for (unsigned i = 0; i < sim->n; i++)
        resolver_on_peer(node->resolver, i, true, sim->now);
    const uint64_t random = sim_draw(sim);
    node->nonce = keccak256(&random, sizeof random);
    audit_init(&node->audit, &sim->of, index, &node->nonce, node->log_is_whole, node->final_view);
    for (size_t i = 0; i < node->log_count; i++) {
        const struct logged *logged = &node->log[i];
        if (logged->is_certificate && logged->certificate.view == lost)
            continue;
        if (logged->is_certificate) {
            simplex_on_logged_certificate(node->engine, &logged->certificate);
            continue;
        }
        if (logged->is_bound) {
            simplex_on_logged_bound(node->engine, logged->view);
            continue;
        }
        if (logged->is_proposal) {
            simplex_on_logged_proposal(node->engine, logged->proposal.view,
                                       logged->proposal.parent_view, &logged->proposal.block);
            continue;
        }
        simplex_on_logged_vote(node->engine, logged->vote.kind, logged->vote.view,
                               &logged->vote.proposal);
        audit_on_record(&node->audit, logged->vote.kind, logged->vote.view, &logged->vote.proposal);
    }
    for (size_t i = 0; i < sim->blocks_count; i++) {
        struct sim_block *block = &sim->blocks[i];
        const bool is_stored = block->info.height <= node->final.height && block->executed[index];
        bool is_logged = false;
        for (size_t j = 0; j < node->log_count; j++)
            is_logged = is_logged || hash256_equal(&node->log[j].block, &block->info.hash);
        block->running[index] = false;
        block->executed[index] = is_stored;
        block->has[index] = is_stored || (is_logged && block->has[index]);
        if (block->has[index] && !is_stored)
            simplex_on_block(node->engine, &block->info, sim->now, &queue);
    }
    simplex_on_start(node->engine, sim->now, &queue);
    simplex_on_work(node->engine, sim->has_work, sim->now, &queue);
    sim_post(sim, 1000 + sim_draw(sim) % 20000, ON_STATUS, index);
    sim_try_end_audit(sim, index, &queue);
    sim_carry_out(sim, index, &queue);
    sim_ask_audit(sim, index);
}

/* With more than n - q members silent in one view it can never end: the bound on lost logs. */
static bool may_lose_log(const struct sim *sim, unsigned index)
{
    unsigned silent = 0;
    uint64_t view = 0;
    for (unsigned i = 0; i < sim->n; i++)
        if (sim->nodes[i].is_up && simplex_view(sim->nodes[i].engine) > view)
            view = simplex_view(sim->nodes[i].engine);
    for (unsigned i = 0; i < sim->n; i++)
        silent += i != index && (!sim->nodes[i].log_is_whole || sim->nodes[i].bound >= view);
    return silent < sim->of.down_max;
}

void sim_crash_node(struct sim *sim, unsigned index)
{
    struct node *node = &sim->nodes[index];
    if (!node->is_up)
        return;
    sim->crashes++;
    node->is_up = false;
    node->life++;
    simplex_free(node->engine);
    resolver_free(node->resolver);
    node->engine = NULL;
    node->resolver = NULL;
    size_t kept = 0; /* synced, and a random part of the rest */
    while (kept < node->log_count && (node->log[kept].is_synced || sim_chance(sim, 50)))
        kept++;
    for (size_t i = kept; i < node->log_count; i++)
        free(node->log[i].certificate.signatures);
    node->log_count = kept;
    for (size_t i = 0; i < kept; i++)
        node->log[i].is_synced = true;
    if (sim_chance(sim, sim->lose_log) && may_lose_log(sim, index)) {
        sim->losses++;
        for (size_t i = 0; i < node->log_count; i++)
            free(node->log[i].certificate.signatures);
        node->log_count = 0;
        node->log_is_whole = false;
    }
    sim_post(sim, sim_chance(sim, 30) ? 20 + sim_draw(sim) % 200 : 500 + sim_draw(sim) % 20000,
             ON_RESTART, index);
}
