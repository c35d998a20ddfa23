#include "node/consensus/simplex/state.h"

#include <assert.h>

#include "node/consensus/rule.h"

bool simplex_may_speak(const struct simplex *s, uint64_t view)
{
    return s->is_started && !s->is_halted && !s->is_sealed && simplex_is_member(s)
           && view > s->silent_until && !simplex_is_past(s, view);
}

/* The only place where a vote is promised. */
static void cast(struct simplex *s, struct round *round, enum consensus_message kind,
                 const hash256 *proposal, uint64_t now_ms, struct simplex_queue *out)
{
    struct own_vote *own = &round->own[KIND_INDEX(kind)];
    if (!simplex_may_speak(s, round->view))
        return;
    if (RULE_R1_ONCE)
        assert(!own->is_cast);
    own->is_cast = true;
    own->vote = (struct vote){.kind = kind,
                              .epoch = s->config.epoch,
                              .view = round->view,
                              .signer = (uint16_t)s->config.own_index};
    if (proposal != NULL)
        own->vote.proposal = *proposal;
    struct simplex_action *action = simplex_append(out, SIMPLEX_CAST);
    action->view = round->view;
    action->vote = own->vote;
    if (kind == MESSAGE_NOTARIZE)
        action->block = round->proposal.block;
    simplex_arm(s, now_ms); /* an own vote is always resent */
}

bool simplex_has_cast(const struct round *round, enum consensus_message kind)
{
    return round->own[KIND_INDEX(kind)].is_cast;
}

void simplex_try_nullify(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    struct round *round = simplex_need_round(s, s->view);
    if ((simplex_has_cast(round, MESSAGE_FINALIZE) && RULE_R2_NOT_AFTER_FINALIZE)
        || simplex_has_cast(round, MESSAGE_NULLIFY))
        return;
    cast(s, round, MESSAGE_NULLIFY, NULL, now_ms, out);
}

void simplex_try_finalize(struct simplex *s, struct round *round, uint64_t now_ms,
                          struct simplex_queue *out)
{
    const struct certificate *notarization = round_certificate(round, MESSAGE_NOTARIZE);
    if (notarization == NULL || simplex_verdict_of(s, &notarization->block_hash) != VERDICT_VALID)
        return;
    const hash256 proposal = proposal_digest(s->config.epoch, round->view,
                                             notarization->parent_view, &notarization->block_hash);
    const struct own_vote *notarized = &round->own[KIND_INDEX(MESSAGE_NOTARIZE)];
    if ((simplex_has_cast(round, MESSAGE_NULLIFY) && RULE_R3_NOT_AFTER_NULLIFY)
        || simplex_has_cast(round, MESSAGE_FINALIZE)
        || (notarized->is_cast && !hash256_equal(&notarized->vote.proposal, &proposal)))
        return;
    cast(s, round, MESSAGE_FINALIZE, &proposal, now_ms, out);
}

/* Whether the proposed block may stand on the block certified at its parent view (R1). */
enum fit { FIT_GOOD, FIT_WAIT, FIT_BAD };
static enum fit block_fits(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                           struct simplex_queue *out)
{
    const hash256 parent = simplex_certified_block(s, proposal->parent_view);
    const struct simplex_block *parent_info = simplex_info_of(s, &parent);
    const struct simplex_block *info = simplex_info_of(s, &proposal->block);
    if (simplex_verdict_of(s, &parent) != VERDICT_VALID || info == NULL)
        return FIT_WAIT;
    if (hash256_equal(&proposal->block, &parent))
        return FIT_GOOD; /* a re-proposal: nothing to check beyond its certificate */
    if (parent_info->is_seal || !hash256_equal(&info->parent, &parent)
        || info->view != proposal->view)
        return FIT_BAD;
    if (parent_info->height >= s->final.height + SIMPLEX_DEPTH_MAX) {
        simplex_want_certificate(s, s->final_view + 1, CERTIFICATE_KIND_BIT(MESSAGE_FINALIZE),
                                 simplex_leader_of(s, proposal->view), now_ms, out);
        return FIT_WAIT; /* its final block may be newer than ours */
    }
    switch (simplex_verdict_of(s, &proposal->block)) {
    case VERDICT_VALID: return FIT_GOOD;
    case VERDICT_INVALID: return FIT_BAD;
    case VERDICT_UNKNOWN: return FIT_WAIT;
    }
    return FIT_WAIT;
}

/* The certificates that the proposal stands on and that are not here; false if none is missing. */
static bool want_ancestry(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                          struct simplex_queue *out)
{
    const uint64_t parent = proposal->parent_view;
    uint64_t missing = simplex_ancestry_missing(s, parent, parent, proposal->view);
    const bool any = missing != 0;
    for (unsigned i = 0; i < WANTS_AT_ONCE && missing != 0; i++) {
        const uint8_t kinds = missing == parent ? CERTIFICATE_KIND_BIT(MESSAGE_NOTARIZE)
                                                      | CERTIFICATE_KIND_BIT(MESSAGE_FINALIZE)
                                                : CERTIFICATE_KIND_BIT(MESSAGE_NULLIFY);
        simplex_want_certificate(s, missing, kinds, simplex_leader_of(s, proposal->view), now_ms,
                                 out);
        missing = simplex_ancestry_missing(s, parent, missing + 1, proposal->view);
    }
    return any;
}

void simplex_try_notarize(struct simplex *s, struct round *round, uint64_t now_ms,
                          struct simplex_queue *out)
{
    const struct proposal *proposal = &round->proposal;
    if (!round->has_proposal || round->view != s->view
        || (simplex_has_cast(round, MESSAGE_NOTARIZE) && RULE_R1_ONCE)
        || simplex_has_cast(round, MESSAGE_NULLIFY))
        return;
    if (proposal->parent_view >= proposal->view || proposal->parent_view < s->final_view) {
        simplex_try_nullify(s, now_ms, out);
        return;
    }
    if (want_ancestry(s, proposal, now_ms, out))
        return;
    switch (block_fits(s, proposal, now_ms, out)) {
    case FIT_GOOD: cast(s, round, MESSAGE_NOTARIZE, &round->digest, now_ms, out); break;
    case FIT_BAD: simplex_try_nullify(s, now_ms, out); break;
    case FIT_WAIT: break; /* the timers decide */
    }
}

bool simplex_must_nullify(const struct simplex *s, const struct round *round)
{
    const struct thresholds *of = &s->config.thresholds;
    return round_has_vote(round, MESSAGE_NULLIFY, simplex_leader_of(s, round->view))
           || round_count(round, MESSAGE_NULLIFY, NULL, of->members) >= of->amplify;
}

void simplex_consider(struct simplex *s, struct round *round, uint64_t now_ms,
                      struct simplex_queue *out)
{
    if (round->view == s->view) {
        simplex_arm(s, now_ms);
        s->timers.leader = NEVER;
    }
    simplex_want_block(s, &round->proposal.block, out);
    simplex_try_notarize(s, round, now_ms, out);
}
