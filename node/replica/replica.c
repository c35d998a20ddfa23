#include "node/replica/state.h"

#include <stdlib.h>

static struct resolver *new_resolver(const struct replica *replica, uint64_t now_ms)
{
    const struct simplex_config *engine = &replica->config.engine;
    struct resolver *resolver = resolver_new(engine->epoch, engine->thresholds.members,
                                             engine->own_index, simplex_delay_ms(replica->engine));
    for (unsigned i = 0; i < engine->thresholds.members; i++)
        if (replica->is_up[i])
            resolver_on_peer(resolver, i, true, now_ms);
    return resolver;
}

bool replica_is_member(const struct replica *replica)
{
    return replica->config.engine.own_index < replica->config.engine.thresholds.members;
}

static void start_epoch(struct replica *replica, bool log_is_whole)
{
    struct simplex_config *engine = &replica->config.engine;
    memcpy(&engine->timer_seed, replica->config.ledger.bytes, sizeof engine->timer_seed);
    replica->engine = simplex_new(engine);
    replica->resolver = new_resolver(replica, engine->final_ms);
    if (replica_is_member(replica))
        audit_init(&replica->audit, &engine->thresholds, engine->own_index, &replica->config.nonce,
                   log_is_whole, engine->final_view);
    replica->committed_view = engine->final_view;
    replica->bound = 0;
    replica->is_audited = !replica_is_member(replica); /* a follower promises nothing */
    engine->finalization = NULL;
}

struct replica *replica_new(const struct replica_config *config)
{
    struct replica *replica = memory_new_zeroed(1, sizeof *replica);
    replica->config = *config;
    replica->status_ms = replica->audit_ms = NEVER;
    memcpy(&replica->random, config->nonce.bytes, sizeof replica->random);
    start_epoch(replica, config->log_is_whole);
    return replica;
}

void replica_free(struct replica *replica)
{
    if (replica == NULL)
        return;
    simplex_free(replica->engine);
    resolver_free(replica->resolver);
    replica_free_blocks(replica);
    simplex_queue_cleanup(&replica->queue);
    free(replica);
}

/* ---- Start ---------------------------------------------------------------------------------- */

static bool on_logged_certificate(struct replica *replica, struct bytes encoded)
{
    struct certificate certificate;
    struct arena arena = {0};
    const struct simplex_config *engine = &replica->config.engine;
    const bool is_sound = certificate_decode(&certificate, encoded, &arena)
                          && certificate.epoch == engine->epoch
                          && certificate.signatures_count == engine->thresholds.quorum
                          && certificate_signers_end(&certificate) <= engine->thresholds.members;
    if (is_sound)
        simplex_on_logged_certificate(replica->engine, &certificate);
    arena_cleanup(&arena);
    return is_sound;
}

bool replica_on_record(struct replica *replica, const struct vote_record *record)
{
    if (!hash256_equal(&record->ledger, &replica->config.ledger)
        || record->epoch != replica->config.engine.epoch || !replica_is_member(replica))
        return false;
    switch (record->kind) {
    case VOTE_RECORD_VOTE:
        simplex_on_logged_vote(replica->engine, record->vote, record->view, &record->proposal);
        audit_on_record(&replica->audit, record->vote, record->view, &record->proposal);
        return true;
    case VOTE_RECORD_PROPOSAL:
        simplex_on_logged_proposal(replica->engine, record->view, record->parent_view,
                                   &record->block);
        return true;
    case VOTE_RECORD_CERTIFICATE: return on_logged_certificate(replica, record->body);
    case VOTE_RECORD_BOUND:
        simplex_on_logged_bound(replica->engine, record->view);
        audit_on_bound(&replica->audit, record->view);
        return true;
    case VOTE_RECORD_BLOCK: replica_hold_logged(replica, record); return true;
    }
    return false;
}

static uint64_t next_status_ms(struct replica *replica, uint64_t now_ms)
{
    replica->random ^= replica->random << 13;
    replica->random ^= replica->random >> 7;
    replica->random ^= replica->random << 17;
    return now_ms + STATUS_MS * 3 / 4 + replica->random % (STATUS_MS / 2);
}

static void ask_audit(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    replica->audit_ms = NEVER;
    if (replica->is_audited)
        return;
    for (unsigned i = 0; i < replica->config.engine.thresholds.members; i++)
        if (replica->is_up[i])
            replica_send_status(replica, i, &replica->config.nonce, NULL, out);
    replica->audit_ms = now_ms + AUDIT_ASK_MS;
}

void replica_try_end_audit(struct replica *replica, uint64_t now_ms)
{
    uint64_t silent_until;
    if (!replica->is_started || replica->is_audited
        || !audit_is_over(&replica->audit, simplex_view(replica->engine) - 1, &silent_until))
        return;
    replica->is_audited = true;
    replica->audit_ms = NEVER;
    simplex_on_audited(replica->engine, silent_until, now_ms, &replica->queue);
}

/* An engine that was told of its log begins. */
static void start(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    replica->is_started = true;
    simplex_on_clock(replica->engine, !replica->has_no_clock, now_ms, &replica->queue);
    simplex_on_start(replica->engine, now_ms, &replica->queue);
    if (!replica_is_member(replica))
        simplex_on_audited(replica->engine, 0, now_ms, &replica->queue);
    replica_read_logged(replica, out);
    replica_carry_on(replica, now_ms, out);
    ask_audit(replica, now_ms, out);
    if (replica->config.engine.thresholds.members > 1 || !replica_is_member(replica))
        replica->status_ms = next_status_ms(replica, now_ms);
}

void replica_on_start(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    start(replica, now_ms, out);
}

void replica_on_confirmed(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    audit_on_confirmed(&replica->audit);
    if (!replica->config.log_is_whole)
        replica_append(out, REPLICA_ADOPT_LOG);
    replica->config.log_is_whole = true;
    replica_carry_on(replica, now_ms, out);
}

void replica_on_epoch(struct replica *replica, const struct simplex_config *engine,
                      bool may_have_voted, uint64_t now_ms, struct replica_queue *out)
{
    simplex_free(replica->engine);
    resolver_free(replica->resolver);
    replica_free_blocks(replica);
    memset(replica->is_up, 0, sizeof replica->is_up); /* other members have other indices */
    memset(replica->helped_ms, 0, sizeof replica->helped_ms);
    replica->config.engine = *engine;
    replica->config.log_is_whole = !may_have_voted;
    start_epoch(replica, !may_have_voted);
    start(replica, now_ms, out);
}

/* ---- Peers and time ------------------------------------------------------------------------- */

void replica_on_peer(struct replica *replica, unsigned peer, bool is_up, uint64_t now_ms,
                     struct replica_queue *out)
{
    if (peer >= replica->config.engine.thresholds.members) {
        if (is_up && replica->is_started && replica_is_member(replica))
            replica_send_status(replica, peer, NULL, NULL, out);
        return;
    }
    if (replica->is_up[peer] == is_up)
        return;
    replica->is_up[peer] = is_up;
    resolver_on_peer(replica->resolver, peer, is_up, now_ms);
    if (is_up && replica->is_started)
        replica_send_status(replica, peer, replica->is_audited ? NULL : &replica->config.nonce,
                            NULL, out);
    replica_carry_on(replica, now_ms, out);
}

/* STATUS to all, with a question that is new each time. */
static void ask_delay(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    memcpy(replica->delay_question.bytes, &replica->random, sizeof replica->random);
    replica->delay_asked_ms = now_ms;
    for (unsigned i = 0; i < replica->config.engine.thresholds.members; i++)
        if (replica->is_up[i])
            replica_send_status(replica, i, &replica->delay_question, NULL, out);
}

uint64_t replica_next_ms(const struct replica *replica)
{
    const uint64_t all[] = {simplex_next_ms(replica->engine), resolver_next_ms(replica->resolver),
                            replica_blocks_next_ms(replica), replica->status_ms, replica->audit_ms};
    uint64_t next = NEVER;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        next = all[i] < next ? all[i] : next;
    return next;
}

void replica_on_time(struct replica *replica, uint64_t now_ms, struct replica_queue *out)
{
    simplex_on_time(replica->engine, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
    if (now_ms >= replica->audit_ms)
        ask_audit(replica, now_ms, out);
    if (now_ms >= replica->status_ms) {
        replica->status_ms = next_status_ms(replica, now_ms);
        ask_delay(replica, now_ms, out);
    }
}

/* ---- What was done -------------------------------------------------------------------------- */

void replica_on_cast(struct replica *replica, const struct vote *vote, uint64_t now_ms,
                     struct replica_queue *out)
{
    if (vote->epoch == replica->config.engine.epoch)
        simplex_on_cast(replica->engine, vote, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

void replica_on_proposed(struct replica *replica, const struct proposal *proposal, uint64_t now_ms,
                         struct replica_queue *out)
{
    if (proposal->epoch == replica->config.engine.epoch)
        simplex_on_proposed(replica->engine, proposal, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

void replica_on_work(struct replica *replica, enum work_kind work, uint64_t now_ms,
                     struct replica_queue *out)
{
    simplex_on_work(replica->engine, work, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

void replica_on_clock(struct replica *replica, bool is_set, uint64_t now_ms,
                      struct replica_queue *out)
{
    replica->has_no_clock = !is_set;
    if (!replica->is_started)
        return;
    simplex_on_clock(replica->engine, is_set, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

void replica_on_built(struct replica *replica, const struct simplex_block *block, uint64_t now_ms,
                      struct replica_queue *out)
{
    replica_hold_built(replica, block);
    simplex_on_built(replica->engine, block, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

void replica_on_build_failed(struct replica *replica, uint64_t view, enum unbuilt why,
                             uint64_t now_ms, struct replica_queue *out)
{
    simplex_on_build_failed(replica->engine, view, why, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

void replica_on_synced(struct replica *replica, const struct simplex_block *block, uint64_t now_ms,
                       struct replica_queue *out)
{
    simplex_on_synced(replica->engine, block, now_ms, &replica->queue);
    replica_carry_on(replica, now_ms, out);
}

/* ---- To look at ----------------------------------------------------------------------------- */

uint64_t replica_epoch(const struct replica *replica)
{
    return replica->config.engine.epoch;
}

bool replica_is_audited(const struct replica *replica)
{
    return replica->is_audited;
}

const struct simplex *replica_engine(const struct replica *replica)
{
    return replica->engine;
}
