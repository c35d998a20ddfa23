#include "node/consensus/simplex/state.h"

#include <assert.h>

/* E1 to E3, once a member and view. */
static void look_for_evidence(struct round *round, const struct vote *vote,
                              struct simplex_queue *out)
{
    struct evidence evidence;
    struct vote first;
    if (round_is_accused(round, vote->signer))
        return;
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        if (!round_vote(round, (enum consensus_message)kind, vote->signer, &first)
            || !evidence_of_votes(&evidence, &first, vote))
            continue;
        round_accuse(round, vote->signer);
        simplex_append(out, SIMPLEX_ACCUSE)->evidence = evidence;
        return;
    }
}

static void help(struct simplex *s, uint32_t member, uint64_t now_ms, struct simplex_queue *out)
{
    if (member == s->config.own_index || now_ms < s->helped_ms[member] + RETRY_LEAST / 2)
        return;
    s->helped_ms[member] = now_ms;
    const struct certificate *entry = simplex_entry_certificate(s);
    if (s->has_final_certificate)
        simplex_send_certificate(&s->final_certificate, member, out);
    if (entry != NULL && s->view - 1 != s->final_view)
        simplex_send_certificate(entry, member, out);
}

void simplex_help(struct simplex *s, unsigned member, uint64_t view, uint64_t now_ms,
                  struct simplex_queue *out)
{
    if (member < s->config.thresholds.members && (view < s->view || view <= s->final_view))
        help(s, member, now_ms, out);
}

bool simplex_wants_vote(const struct simplex *s, const struct vote *vote)
{
    if (vote->epoch != s->config.epoch || vote->signer >= s->config.thresholds.members
        || s->is_sealed || vote->view <= s->final_view || vote->view > s->view + VIEWS_AHEAD)
        return false;
    struct vote first;
    const struct round *round = simplex_find_round(s, vote->view);
    if (round == NULL || !round_vote(round, vote->kind, vote->signer, &first))
        return true;
    return !hash256_equal(&first.proposal, &vote->proposal)
           && !round_is_accused(round, vote->signer);
}

void simplex_on_status(struct simplex *s, const struct status *status, uint64_t now_ms,
                       struct simplex_queue *out)
{
    if (status->epoch != s->config.epoch || status->signer >= s->config.thresholds.members)
        return;
    if (status->view < s->view || status->final_view < s->final_view)
        help(s, status->signer, now_ms, out);
    if (status->view > s->view && !s->is_sealed)
        simplex_send_request(s, status->view - 1, status->signer, out);
    if (status->final_view > s->final_view && !s->is_sealed)
        simplex_send_request(s, status->final_view, status->signer, out);
}

/* False when that member's vote of the kind was here before. */
static bool receive_vote(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct round *round = simplex_need_round(s, vote->view);
    look_for_evidence(round, vote, out);
    if (round_has_vote(round, vote->kind, vote->signer))
        return false; /* the first stays */
    round_put_vote(round, vote, s->config.thresholds.members);
    if (vote->kind == MESSAGE_NULLIFY && vote->view == s->view) {
        simplex_arm(s, now_ms); /* somebody has work */
        if (simplex_must_nullify(s, round))
            simplex_try_nullify(s, now_ms, out);
    }
    simplex_try_certificate(s, round, vote->kind, &vote->proposal, now_ms, out);
    return true;
}

bool simplex_on_vote(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                     struct simplex_queue *out)
{
    if (vote->epoch != s->config.epoch || vote->signer >= s->config.thresholds.members)
        return false;
    simplex_help(s, vote->signer, vote->view, now_ms, out);
    if (s->is_sealed || vote->view <= s->final_view || vote->view > s->view + VIEWS_AHEAD)
        return false;
    return receive_vote(s, vote, now_ms, out);
}

void simplex_on_cast(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                     struct simplex_queue *out)
{
    if (simplex_is_past(s, vote->view) || s->is_sealed)
        return;
    struct round *round = simplex_need_round(s, vote->view);
    struct own_vote *own = &round->own[KIND_INDEX(vote->kind)];
    assert(own->is_cast);
    own->vote = *vote;
    own->is_sent = true;
    simplex_send_vote(vote, SIMPLEX_ALL, out);
    receive_vote(s, vote, now_ms, out);
}
