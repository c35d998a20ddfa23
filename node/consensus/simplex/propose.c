#include "node/consensus/simplex/state.h"

#include <assert.h>

#include "node/consensus/rule.h"

bool simplex_wants_proposal(const struct simplex *s, const struct proposal *proposal)
{
    if (proposal->epoch != s->config.epoch || s->is_sealed || proposal->view <= s->final_view)
        return false;
    const struct round *round = simplex_find_round(s, proposal->view);
    if (round == NULL || !round->has_proposal)
        return true; /* its certificates may lead us to its view, however far that is */
    const hash256 digest = proposal_digest_of(proposal);
    const unsigned leader = simplex_leader_of(s, proposal->view);
    return !hash256_equal(&round->digest, &digest) && !round_is_accused(round, leader);
}

bool simplex_on_proposal(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct evidence evidence;
    const uint64_t view = proposal->view;
    if (proposal->epoch != s->config.epoch || s->is_sealed)
        return false;
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        simplex_on_certificate(s, &proposal->certificates[i], now_ms, out);
    if (s->is_sealed || view <= s->final_view || view > s->view + 1)
        return false;
    struct round *round = simplex_need_round(s, view);
    if (round->has_proposal) {
        const unsigned leader = simplex_leader_of(s, view);
        if (!round_is_accused(round, leader)
            && evidence_of_proposals(&evidence, &round->proposal, proposal, (uint16_t)leader)) {
            round_accuse(round, leader);
            simplex_append(out, SIMPLEX_ACCUSE)->evidence = evidence;
        }
        if (RULE_R1_ONCE)
            return false;
    }
    round->has_proposal = true;
    round->proposal = *proposal;
    round->proposal.body = (struct bytes){0};
    round->proposal.form = PROPOSAL_WITHOUT_BLOCK;
    round->proposal.certificates = NULL;
    round->proposal.certificates_count = 0;
    round->digest = proposal_digest_of(proposal);
    const hash256 digest = round->digest;
    simplex_try_certificate(s, round, MESSAGE_NOTARIZE, &digest, now_ms, out);
    if (view > s->final_view && !s->is_sealed)
        simplex_try_certificate(s, simplex_need_round(s, view), MESSAGE_FINALIZE, &digest, now_ms,
                                out);
    if (view > s->final_view && !s->is_sealed)
        simplex_consider(s, simplex_need_round(s, view), now_ms, out);
    return true;
}

/* The parent that a proposal of the current view may take: the highest certified view whose block
 * is valid here and above which all was nullified. False, and what is missing down to there is
 * asked for. */
static bool find_parent(struct simplex *s, uint64_t *parent_view, hash256 *parent, uint64_t now_ms,
                        struct simplex_queue *out)
{
    unsigned missing = 0;
    for (uint64_t view = s->view - 1; view > s->final_view && missing < WANTS_AT_ONCE; view--) {
        const struct round *round = simplex_find_round(s, view);
        const struct certificate *certified = round == NULL ? NULL : round_block_certificate(round);
        if (certified != NULL && simplex_verdict_of(s, &certified->block_hash) == VERDICT_VALID) {
            *parent_view = view;
            *parent = certified->block_hash;
            return missing == 0;
        }
        if (simplex_certificate_of(s, view, MESSAGE_NULLIFY) == NULL) {
            simplex_want_certificate(s, view,
                                     certified == NULL ? CERTIFICATE_KINDS_ALL
                                                       : CERTIFICATE_KIND_BIT(MESSAGE_NULLIFY),
                                     SIMPLEX_ALL, now_ms, out);
            missing++;
        }
    }
    *parent_view = s->final_view;
    *parent = s->final.hash;
    return missing == 0;
}

/* The parent's certificate and what the views between need; borrowed. */
static unsigned justify(const struct simplex *s, uint64_t parent_view, uint64_t view,
                        struct certificate out[PROPOSAL_CERTIFICATES_MAX])
{
    unsigned count = 0;
    if (parent_view > s->final_view)
        out[count++] = *round_block_certificate(simplex_find_round(s, parent_view));
    else if (s->has_final_certificate)
        out[count++] = s->final_certificate;
    for (uint64_t v = parent_view + 1; v < view && count < PROPOSAL_CERTIFICATES_MAX; v++)
        out[count++] = *simplex_certificate_of(s, v, MESSAGE_NULLIFY);
    return count;
}

void simplex_propose(struct simplex *s, struct round *round, uint64_t parent_view,
                     const hash256 *block, struct simplex_queue *out)
{
    round->own_proposal = OWN_PROPOSAL_MADE;
    struct simplex_action *action = simplex_append(out, SIMPLEX_PROPOSE);
    action->view = round->view;
    action->message.kind = PEER_PROPOSAL;
    action->message.proposal = (struct proposal){
        .epoch = s->config.epoch, .view = round->view, .parent_view = parent_view, .block = *block};
}

static bool must_repropose(struct simplex *s, const struct round *round, uint64_t parent_view,
                           const hash256 *parent)
{
    if (!RULE_REPROPOSE)
        return false;
    const struct simplex_block *info = simplex_info_of(s, parent);
    return info->is_seal || info->height >= s->final.height + SIMPLEX_DEPTH_MAX
           || (round->lacks_room && parent_view > s->final_view) || s->work == WORK_NONE;
}

/* When this member may propose: a block that is there already waits until it can have become final
 * by the votes under way. */
static uint64_t slot_of(const struct simplex *s, bool is_reproposal)
{
    const uint64_t slot = simplex_slot_ms(s);
    if (is_reproposal)
        return slot + 2 * s->delay_ms;
    return slot > s->build_pause_ms ? slot : s->build_pause_ms;
}

void simplex_try_propose(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    uint64_t parent_view;
    hash256 parent;
    if (simplex_leader_of(s, s->view) != s->config.own_index || !simplex_may_speak(s, s->view)
        || !simplex_work_pending(s) || s->has_no_clock)
        return;
    struct round *round = simplex_need_round(s, s->view);
    if ((round->own_proposal != OWN_PROPOSAL_NONE && RULE_R7_MARK)
        || simplex_has_cast(round, MESSAGE_NOTARIZE) || simplex_has_cast(round, MESSAGE_NULLIFY)
        || simplex_has_cast(round, MESSAGE_FINALIZE)
        || round->has_proposal /* ours, from a life or a machine that we do not remember */
        || !find_parent(s, &parent_view, &parent, now_ms, out))
        return;
    if (simplex_is_alone(s) && parent_view > s->final_view)
        return; /* the own finalize vote is under way: one block after the other is final sooner */
    const bool again = must_repropose(s, round, parent_view, &parent);
    const uint64_t slot = slot_of(s, again);
    if (now_ms < slot) {
        s->timers.slot = slot;
        return;
    }
    if (again) {
        simplex_propose(s, round, parent_view, &parent, out);
        return;
    }
    round->own_proposal = OWN_PROPOSAL_BUILDING;
    struct simplex_action *build = simplex_append(out, SIMPLEX_BUILD);
    build->view = s->view;
    build->block = parent;
    round->proposal.parent_view = parent_view; /* of what is built; has_proposal is false */
}

void simplex_on_clock(struct simplex *s, bool is_set, uint64_t now_ms, struct simplex_queue *out)
{
    s->has_no_clock = !is_set;
    simplex_try_propose(s, now_ms, out);
}

void simplex_on_built(struct simplex *s, const struct simplex_block *info, uint64_t now_ms,
                      struct simplex_queue *out)
{
    (void)now_ms;
    s->build_failures = 0;
    if (info->height > s->final.height) {
        struct known_block *block = simplex_need_block(s, &info->hash);
        block->info = *info;
        block->has_info = true;
        block->verdict = VERDICT_VALID;
    }
    struct round *round = simplex_find_round(s, info->view);
    if (round == NULL || info->view != s->view || !simplex_may_speak(s, s->view)
        || round->own_proposal != OWN_PROPOSAL_BUILDING || simplex_has_cast(round, MESSAGE_NULLIFY)
        || round->has_proposal)
        return;
    simplex_propose(s, round, round->proposal.parent_view, &info->hash, out);
}

void simplex_on_build_failed(struct simplex *s, uint64_t view, enum unbuilt why, uint64_t now_ms,
                             struct simplex_queue *out)
{
    struct round *round = simplex_find_round(s, view);
    if (round == NULL || view != s->view || round->own_proposal != OWN_PROPOSAL_BUILDING)
        return;
    if (why == UNBUILT_FAILED || (why == UNBUILT_NO_ROOM && round->lacks_room)) {
        s->build_pause_ms = now_ms + ((uint64_t)BUILD_PAUSE << s->build_failures);
        s->build_failures += s->build_failures < BUILD_DOUBLING;
        simplex_try_nullify(s, now_ms, out);
        return;
    }
    if (why == UNBUILT_NO_ROOM)
        round->lacks_room = true;
    else
        s->work = WORK_NONE;
    round->own_proposal = OWN_PROPOSAL_NONE; /* nothing was logged or left */
    if (simplex_work_pending(s))
        simplex_try_propose(s, now_ms, out);
    else
        simplex_disarm(s);
}

void simplex_send_proposal(struct simplex *s, const struct round *round, uint32_t to,
                           struct simplex_queue *out)
{
    struct certificate certificates[PROPOSAL_CERTIFICATES_MAX];
    const uint64_t parent_view = round->proposal.parent_view;
    if (simplex_ancestry_missing(s, parent_view, parent_view, round->view) != 0
        || round->proposal.parent_view < s->final_view)
        return;
    const unsigned count = justify(s, round->proposal.parent_view, round->view, certificates);
    for (unsigned i = 0; i < count; i++)
        simplex_send_certificate(&certificates[i], to, out);
    struct simplex_action *send = simplex_append(out, SIMPLEX_SEND);
    send->to = to;
    send->message.kind = PEER_PROPOSAL;
    send->message.proposal = round->proposal;
}

void simplex_on_proposed(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct round *round = simplex_find_round(s, proposal->view);
    if (round == NULL || proposal->view <= s->final_view || s->is_sealed)
        return;
    assert(round->own_proposal == OWN_PROPOSAL_MADE || !RULE_R7_MARK);
    round->own_proposal = OWN_PROPOSAL_SENT;
    simplex_on_proposal(s, proposal, now_ms, out);
    round = simplex_find_round(s, proposal->view);
    if (round != NULL)
        simplex_send_proposal(s, round, SIMPLEX_ALL, out);
}
