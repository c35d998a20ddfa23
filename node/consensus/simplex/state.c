#include "node/consensus/simplex/state.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/chain/leader.h"

#include "node/consensus/rule.h"

size_t simplex_round_place(const struct simplex *s, uint64_t view)
{
    size_t low = 0, high = s->rounds_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->rounds[middle]->view < view)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct round *simplex_find_round(const struct simplex *s, uint64_t view)
{
    const size_t at = simplex_round_place(s, view);
    return at < s->rounds_count && s->rounds[at]->view == view ? s->rounds[at] : NULL;
}

struct round *simplex_need_round(struct simplex *s, uint64_t view)
{
    const size_t at = simplex_round_place(s, view);
    if (at < s->rounds_count && s->rounds[at]->view == view)
        return s->rounds[at];
    if (s->rounds_count == s->rounds_capacity) {
        s->rounds_capacity = s->rounds_capacity == 0 ? 8 : 2 * s->rounds_capacity;
        s->rounds = memory_resize(s->rounds, s->rounds_capacity * sizeof *s->rounds);
    }
    memmove(&s->rounds[at + 1], &s->rounds[at], (s->rounds_count - at) * sizeof *s->rounds);
    s->rounds_count++;
    return s->rounds[at] = round_new(view);
}

const struct certificate *simplex_certificate_of(const struct simplex *s, uint64_t view,
                                                 enum consensus_message kind)
{
    const struct round *round = simplex_find_round(s, view);
    return round == NULL ? NULL : round_certificate(round, kind);
}

bool simplex_is_past(const struct simplex *s, uint64_t view)
{
    return view <= s->final_view && RULE_R0_NOTHING_FINAL;
}

unsigned simplex_leader_of(const struct simplex *s, uint64_t view)
{
    return s->leaders[view % s->config.thresholds.members];
}

bool simplex_is_member(const struct simplex *s)
{
    return s->config.own_index < s->config.thresholds.members;
}

bool simplex_is_alone(const struct simplex *s)
{
    return s->config.thresholds.members == 1;
}

const struct certificate *simplex_entry_certificate(const struct simplex *s)
{
    const uint64_t before = s->view - 1;
    if (before == s->final_view)
        return s->has_final_certificate ? &s->final_certificate : NULL;
    const struct round *round = simplex_find_round(s, before);
    const struct certificate *with_block = round_block_certificate(round);
    return with_block != NULL ? with_block : round_certificate(round, MESSAGE_NULLIFY);
}

/* The highest view with a certified block, F counting. */
static uint64_t tip_view(const struct simplex *s)
{
    for (size_t i = s->rounds_count; i > 0; i--)
        if (round_block_certificate(s->rounds[i - 1]) != NULL)
            return s->rounds[i - 1]->view;
    return s->final_view;
}

bool simplex_work_pending(const struct simplex *s)
{
    return !s->is_sealed && (s->work != WORK_NONE || tip_view(s) > s->final_view);
}

uint64_t simplex_ancestry_missing(const struct simplex *s, uint64_t parent_view, uint64_t from,
                                  uint64_t view)
{
    if (from <= parent_view && parent_view > s->final_view) {
        const struct round *parent = simplex_find_round(s, parent_view);
        if (parent == NULL || round_block_certificate(parent) == NULL)
            return parent_view;
    }
    for (uint64_t v = from > parent_view ? from : parent_view + 1;
         v < view && RULE_R1_SKIPPED_VIEWS; v++)
        if (simplex_certificate_of(s, v, MESSAGE_NULLIFY) == NULL)
            return v;
    return 0;
}

hash256 simplex_certified_block(const struct simplex *s, uint64_t view)
{
    if (view == s->final_view)
        return s->final.hash;
    return round_block_certificate(simplex_find_round(s, view))->block_hash;
}

struct simplex *simplex_new(const struct simplex_config *config)
{
    struct simplex *s = memory_new_zeroed(1, sizeof *s);
    assert(config->thresholds.members <= COMMITTEE_SIZE_MAX);
    s->config = *config;
    unsigned leaders[COMMITTEE_SIZE_MAX];
    leaders_of_epoch(&config->seal_mix_hash, config->thresholds.members, leaders);
    for (unsigned i = 0; i < config->thresholds.members; i++)
        s->leaders[i] = (uint8_t)leaders[i];
    s->delay_ms = DELAY_UNKNOWN_MS;
    s->final_view = config->final_view;
    s->final.hash = config->final_block;
    s->final.height = config->final_height;
    if (config->finalization != NULL) {
        s->final_certificate = certificate_copy(config->finalization);
        s->has_final_certificate = true;
    }
    s->config.finalization = NULL;
    s->view = config->final_view + 1;
    s->timers = (struct simplex_timers){NEVER, NEVER, NEVER, NEVER};
    s->notarized_ms = config->final_ms;
    s->silent_until = UINT64_MAX; /* until the startup audit is over */
    return s;
}

void simplex_free(struct simplex *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->rounds_count; i++)
        round_free(s->rounds[i]);
    if (s->has_final_certificate)
        free(s->final_certificate.signatures);
    if (s->has_pending_final)
        free(s->pending_final.signatures);
    free(s->rounds);
    free(s->blocks);
    free(s);
}

unsigned simplex_leader(const struct simplex *s, uint64_t view)
{
    return simplex_leader_of(s, view);
}

uint64_t simplex_view(const struct simplex *s)
{
    return s->view;
}

uint64_t simplex_final_view(const struct simplex *s)
{
    return s->final_view;
}

uint64_t simplex_final_height(const struct simplex *s)
{
    return s->final.height;
}

hash256 simplex_tip(const struct simplex *s)
{
    const uint64_t view = tip_view(s);
    return simplex_certified_block(s, view);
}

hash256 simplex_final_block(const struct simplex *s)
{
    return s->final.hash;
}

const hash256 *simplex_pending_final(const struct simplex *s)
{
    return s->has_pending_final ? &s->pending_final.block_hash : NULL;
}

const struct certificate *simplex_finalization(const struct simplex *s)
{
    return s->has_final_certificate ? &s->final_certificate : NULL;
}
