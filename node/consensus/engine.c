#include "node/consensus/engine.h"

#include <assert.h>
#include <stdlib.h>

#define EMPTY_BLOCK_WAIT_MS  10   /* consensus 2.5: at pulse 0, for a block without transactions */
#define BUILD_PAUSE_MS       1000 /* after a failed build, doubled with each further one */
#define BUILD_PAUSE_DOUBLING 6

/* Where the one block under way stands. */
enum phase {
    PHASE_IDLE,       /* nothing to do, or waiting for the slot */
    PHASE_BUILDING,   /* ACTION_BUILD is out */
    PHASE_VALIDATING, /* ACTION_VALIDATE is out */
    PHASE_NOTARIZING, /* our notarize vote is being signed */
    PHASE_FINALIZING, /* our finalize vote is being signed */
    PHASE_COMMITTING, /* ACTION_COMMIT is out */
    PHASE_COUNT,
};

static const bool moves[PHASE_COUNT][PHASE_COUNT] = {
    [PHASE_IDLE] = {[PHASE_BUILDING] = true},
    [PHASE_BUILDING] = {[PHASE_VALIDATING] = true, [PHASE_IDLE] = true},
    [PHASE_VALIDATING] = {[PHASE_NOTARIZING] = true, [PHASE_IDLE] = true},
    [PHASE_NOTARIZING] = {[PHASE_FINALIZING] = true},
    [PHASE_FINALIZING] = {[PHASE_COMMITTING] = true},
    [PHASE_COMMITTING] = {[PHASE_IDLE] = true},
};

/* The last vote of one kind that we asked to be signed. */
struct cast_vote {
    uint64_t view;
    hash256 proposal;
};

struct engine {
    struct signing_domain domain;
    unsigned own_index;
    uint64_t pulse_ms;

    hash256 head;
    uint64_t head_view;    /* F.view: no vote of any kind at or below it */
    uint64_t head_time_ms; /* our notarization of the head */

    uint64_t view;
    enum phase phase;
    enum work_kind work;
    unsigned build_failures; /* in a row */
    uint64_t pause_until_ms;

    hash256 block; /* under way, from PHASE_VALIDATING on */
    hash256 proposal;
    uint64_t notarized_ms;
    struct cast_vote cast[MESSAGE_FINALIZE + 1]; /* by kind */
    signature notarize_signature;
    signature finalize_signature;
};

struct engine *engine_new(const struct engine_config *config, struct error *error)
{
    const struct epoch_record *record = config->record;
    struct engine *engine;

    if (record->committee_size != 1) {
        error_set(error, ERROR_UNSUPPORTED,
                  "the committee has %u members, and committees of more than one are not in this "
                  "version",
                  record->committee_size);
        return NULL;
    }
    if (config->own_index >= record->committee_size) {
        error_set(error, ERROR_INVALID, "member %u is not in a committee of %u", config->own_index,
                  record->committee_size);
        return NULL;
    }
    engine = memory_new_zeroed(1, sizeof *engine);
    engine->domain = config->domain;
    engine->own_index = config->own_index;
    engine->pulse_ms = record->parameters.pulse_ms;
    engine->head = config->head;
    engine->head_view = config->head_view;
    engine->head_time_ms = config->head_time_ms;
    engine->view = config->head_view + 1; /* R4: highest certified view + 1 */
    return engine;
}

void engine_free(struct engine *engine)
{
    free(engine);
}

static struct action *append(struct action_queue *out, enum action_kind kind)
{
    assert(out->count < ACTION_QUEUE_MAX);
    struct action *action = &out->actions[out->count++];
    *action = (struct action){.kind = kind};
    return action;
}

static void move(struct engine *engine, enum phase next)
{
    assert(moves[engine->phase][next]);
    assert(engine->view > engine->head_view);
    engine->phase = next;
}

/* 2.5: slot = parent's local notarization + pulse; at pulse 0 no wait for a block with
 * transactions. */
static uint64_t slot_ms(const struct engine *engine)
{
    uint64_t wait = engine->pulse_ms;
    if (wait == 0 && engine->work == WORK_EMPTY_BLOCK)
        wait = EMPTY_BLOCK_WAIT_MS;
    uint64_t slot = engine->head_time_ms + wait;
    return slot > engine->pause_until_ms ? slot : engine->pause_until_ms;
}

static void try_propose(struct engine *engine, uint64_t now_ms, struct action_queue *out)
{
    if (engine->phase != PHASE_IDLE || engine->work == WORK_NONE)
        return;
    uint64_t slot = slot_ms(engine);
    if (now_ms < slot) {
        append(out, ACTION_TIMER)->at_ms = slot;
        return;
    }
    move(engine, PHASE_BUILDING); /* R7: before anything asynchronous */
    struct action *build = append(out, ACTION_BUILD);
    build->view = engine->view;
    build->parent = engine->head;
}

void engine_on_work(struct engine *engine, enum work_kind work, uint64_t now_ms,
                    struct action_queue *out)
{
    if (engine->phase != PHASE_IDLE)
        return;
    if (work > engine->work)
        engine->work = work;
    try_propose(engine, now_ms, out);
}

void engine_on_time(struct engine *engine, uint64_t now_ms, struct action_queue *out)
{
    try_propose(engine, now_ms, out);
}

void engine_on_built(struct engine *engine, uint64_t view, const hash256 *block, uint64_t now_ms,
                     struct action_queue *out)
{
    (void)now_ms;
    if (engine->phase != PHASE_BUILDING || view != engine->view)
        return;
    engine->block = *block;
    engine->proposal =
        proposal_digest(engine->domain.epoch, engine->view, engine->head_view, block);
    move(engine, PHASE_VALIDATING);
    struct action *validate = append(out, ACTION_VALIDATE);
    validate->view = engine->view;
    validate->parent = engine->head;
    validate->block = *block;
}

/* Nothing was voted for in this view, so it may be used again. */
static void give_up_block(struct engine *engine, uint64_t now_ms)
{
    unsigned doubling = engine->build_failures < BUILD_PAUSE_DOUBLING ? engine->build_failures
                                                                      : BUILD_PAUSE_DOUBLING;
    engine->build_failures++;
    engine->pause_until_ms = now_ms + ((uint64_t)BUILD_PAUSE_MS << doubling);
    engine->work = WORK_NONE; /* until it is told again */
    move(engine, PHASE_IDLE);
}

void engine_on_build_failed(struct engine *engine, uint64_t view, uint64_t now_ms,
                            struct action_queue *out)
{
    (void)out;
    if (engine->phase == PHASE_BUILDING && view == engine->view)
        give_up_block(engine, now_ms);
}

/* The only emitter of votes. */
static void vote(struct engine *engine, enum consensus_message kind, struct action_queue *out)
{
    struct cast_vote *cast = &engine->cast[kind];

    assert(engine->view > engine->head_view); /* R0 */
    assert(cast->view < engine->view || hash256_equal(&cast->proposal, &engine->proposal));
    *cast = (struct cast_vote){engine->view, engine->proposal};
    struct action *sign = append(out, ACTION_SIGN);
    sign->vote = kind;
    sign->view = engine->view;
    sign->block = engine->block;
    sign->digest = vote_digest(&engine->domain, kind, engine->view, &engine->proposal);
}

void engine_on_validated(struct engine *engine, const hash256 *block, bool is_valid,
                         uint64_t now_ms, struct action_queue *out)
{
    if (engine->phase != PHASE_VALIDATING || !hash256_equal(block, &engine->block))
        return;
    if (!is_valid) {
        give_up_block(engine, now_ms);
        return;
    }
    engine->build_failures = 0;
    /* With a quorum of one our vote is the notarization; the next slot counts from it. */
    engine->notarized_ms = now_ms;
    move(engine, PHASE_NOTARIZING);
    vote(engine, MESSAGE_NOTARIZE, out);
}

static struct certificate make_certificate(struct engine *engine, enum consensus_message kind,
                                           signature *own)
{
    struct certificate certificate = {
        .kind = kind,
        .epoch = engine->domain.epoch,
        .view = engine->view,
        .parent_view = engine->head_view,
        .block_hash = engine->block,
        .signatures = own,
        .signatures_count = 1,
    };
    certificate.bitmap[engine->own_index / 8] = (uint8_t)(1U << (engine->own_index % 8));
    return certificate;
}

void engine_on_signed(struct engine *engine, enum consensus_message kind, uint64_t view,
                      const signature *own, uint64_t now_ms, struct action_queue *out)
{
    (void)now_ms;
    if (view != engine->view)
        return;
    if (kind == MESSAGE_NOTARIZE && engine->phase == PHASE_NOTARIZING) {
        engine->notarize_signature = *own;
        move(engine, PHASE_FINALIZING); /* R3: holds the notarization, executed its block */
        vote(engine, MESSAGE_FINALIZE, out);
    } else if (kind == MESSAGE_FINALIZE && engine->phase == PHASE_FINALIZING) {
        engine->finalize_signature = *own;
        move(engine, PHASE_COMMITTING);
        struct action *commit = append(out, ACTION_COMMIT);
        commit->view = engine->view;
        commit->parent = engine->head;
        commit->block = engine->block;
        commit->notarization =
            make_certificate(engine, MESSAGE_NOTARIZE, &engine->notarize_signature);
        commit->finalization =
            make_certificate(engine, MESSAGE_FINALIZE, &engine->finalize_signature);
    }
}

void engine_on_committed(struct engine *engine, const hash256 *block, enum work_kind work,
                         uint64_t now_ms, struct action_queue *out)
{
    if (engine->phase != PHASE_COMMITTING || !hash256_equal(block, &engine->block))
        return;
    move(engine, PHASE_IDLE);
    engine->head = *block;
    engine->head_view = engine->view;
    engine->head_time_ms = engine->notarized_ms;
    engine->view++;
    engine->work = work;
    try_propose(engine, now_ms, out);
}
