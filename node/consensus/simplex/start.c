#include "node/consensus/simplex/state.h"

#include "node/consensus/rule.h"

void simplex_on_logged_vote(struct simplex *s, enum consensus_message kind, uint64_t view,
                            const hash256 *proposal)
{
    if (view <= s->final_view)
        return;
    struct own_vote *own = &simplex_need_round(s, view)->own[KIND_INDEX(kind)];
    own->is_cast = true;
    own->vote = (struct vote){.kind = kind,
                              .epoch = s->config.epoch,
                              .view = view,
                              .proposal = *proposal,
                              .signer = (uint16_t)s->config.own_index};
}

void simplex_on_logged_proposal(struct simplex *s, uint64_t view, uint64_t parent_view,
                                const hash256 *block)
{
    if (view <= s->final_view || !RULE_R7_LOG)
        return;
    struct round *round = simplex_need_round(s, view);
    round->own_proposal = OWN_PROPOSAL_MADE;
    round->proposal = (struct proposal){
        .epoch = s->config.epoch, .view = view, .parent_view = parent_view, .block = *block};
}

void simplex_on_logged_certificate(struct simplex *s, const struct certificate *certificate)
{
    if (certificate->view <= s->final_view
        || simplex_certificate_of(s, certificate->view, certificate->kind) != NULL)
        return;
    const struct certificate copy = certificate_copy(certificate);
    round_put_certificate(simplex_need_round(s, copy.view), &copy);
    if (copy.view >= s->view)
        s->view = copy.view + 1;
}

void simplex_on_logged_bound(struct simplex *s, uint64_t view)
{
    s->bound = view > s->bound ? view : s->bound;
}

void simplex_on_start(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    const struct certificate *final = NULL;
    s->is_started = true;
    for (size_t i = 0; i < s->rounds_count; i++) {
        const struct certificate *certified = round_block_certificate(s->rounds[i]);
        if (certified != NULL)
            simplex_want_block(s, &certified->block_hash, out);
        if (round_certificate(s->rounds[i], MESSAGE_FINALIZE) != NULL)
            final = round_certificate(s->rounds[i], MESSAGE_FINALIZE);
    }
    if (final != NULL)
        simplex_set_final(s, final, out);
    simplex_enter(s, s->view, now_ms, out);
}

static bool is_certified(const struct simplex *s, uint64_t view)
{
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++)
        if (simplex_certificate_of(s, view, (enum consensus_message)kind) != NULL)
            return true;
    return false;
}

bool simplex_is_recovering(const struct simplex *s)
{
    for (uint64_t view = s->final_view + 1; view < s->lost_below; view++)
        if (!is_certified(s, view))
            return true;
    return false;
}

void simplex_want_lost(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    for (uint64_t view = s->final_view + 1; view < s->lost_below; view++)
        if (!is_certified(s, view))
            simplex_want_certificate(s, view, CERTIFICATE_KINDS_ALL, SIMPLEX_ALL, now_ms, out);
}

/* Own votes of before are signed again (deterministically: the same bytes), sent and counted; a
 * logged proposal of this view is sent as it was (R7). */
void simplex_on_audited(struct simplex *s, uint64_t silent_until, uint64_t now_ms,
                        struct simplex_queue *out)
{
    if (silent_until > 0) { /* before any vote: one file, in order */
        s->bound = silent_until > s->bound ? silent_until : s->bound;
        s->lost_below = s->view;
        simplex_append(out, SIMPLEX_BOUND)->view = s->bound;
        simplex_want_lost(s, now_ms, out);
    }
    s->silent_until = s->bound;
    for (size_t i = 0; i < s->rounds_count; i++) {
        struct round *round = s->rounds[i];
        for (unsigned kind = 0; kind < VOTE_KINDS; kind++) {
            if (!round->own[kind].is_cast)
                continue;
            struct simplex_action *action = simplex_append(out, SIMPLEX_CAST);
            action->view = round->view;
            action->vote = round->own[kind].vote;
        }
        if (round->own_proposal == OWN_PROPOSAL_MADE && round->view == s->view)
            simplex_propose(s, round, round->proposal.parent_view, &round->proposal.block, out);
        simplex_try_finalize(s, round, now_ms, out);
    }
    struct round *current = simplex_need_round(s, s->view);
    if (current->is_timed_out || simplex_must_nullify(s, current)) /* came while we were silent */
        simplex_try_nullify(s, now_ms, out);
    if (current->has_proposal)
        simplex_consider(s, current, now_ms, out);
    simplex_try_propose(s, now_ms, out);
}

void simplex_fill_status(const struct simplex *s, uint32_t member, struct status *status)
{
    const struct certificate *entry = simplex_entry_certificate(s);
    status->epoch = s->config.epoch;
    status->signer = (uint16_t)s->config.own_index;
    status->view = s->view;
    status->final_height = s->final.height;
    status->final_hash = s->final.hash;
    status->final_view = s->final_view;
    status->entry_kind = entry == NULL ? (enum consensus_message)0 : entry->kind;
    status->entry_view = s->view - 1;
    status->highest_voted_view = s->bound > s->final_view ? s->bound : s->final_view;
    status->votes_count = 0;
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        bool has_voted = false;
        for (size_t i = 0; i < s->rounds_count; i++) {
            const struct round *round = s->rounds[i];
            has_voted |= member < s->config.thresholds.members
                         && round_vote(round, (enum consensus_message)kind, member,
                                       &status->votes[status->votes_count]);
            if (round->own[KIND_INDEX(kind)].is_cast && round->view > status->highest_voted_view)
                status->highest_voted_view = round->view;
        }
        status->votes_count += has_voted;
    }
}
