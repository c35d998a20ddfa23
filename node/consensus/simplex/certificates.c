#include "node/consensus/simplex/state.h"

#include <stdlib.h>

void simplex_enter(struct simplex *s, uint64_t view, uint64_t now_ms, struct simplex_queue *out)
{
    s->view = view;
    s->timers = (struct simplex_timers){NEVER, NEVER, NEVER, NEVER};
    struct round *round = simplex_need_round(s, view);
    round->is_armed = false;
    const unsigned members = s->config.thresholds.members, leader = simplex_leader_of(s, view);
    const struct certificate *entry = simplex_entry_certificate(s);
    if (entry != NULL && leader != s->config.own_index)
        simplex_send_certificate(entry, leader, out);
    if (simplex_work_pending(s) || round_count(round, MESSAGE_NULLIFY, NULL, members) > 0)
        simplex_arm(s, now_ms);
    if (simplex_must_nullify(s, round)) /* votes that came early */
        simplex_try_nullify(s, now_ms, out);
    simplex_try_propose(s, now_ms, out);
    if (round->has_proposal)
        simplex_consider(s, round, now_ms, out);
}

void simplex_halt(struct simplex *s, const hash256 *block, struct simplex_queue *out)
{
    s->is_halted = true;
    simplex_append(out, SIMPLEX_HALT)->block = *block;
}

/* Of a view above the final one. Takes the certificate's memory. */
static void receive_certificate(struct simplex *s, struct certificate certificate, uint64_t now_ms,
                                struct simplex_queue *out)
{
    const uint64_t view = certificate.view;
    if (s->is_sealed || simplex_certificate_of(s, view, certificate.kind) != NULL) {
        free(certificate.signatures);
        return;
    }
    round_put_certificate(simplex_need_round(s, view), &certificate);
    struct simplex_action *log = simplex_append(out, SIMPLEX_LOG);
    log->view = view;
    simplex_put_certificate(log, &certificate, out);
    if (certificate.kind != MESSAGE_NULLIFY) {
        simplex_want_block(s, &certificate.block_hash, out);
        if (simplex_verdict_of(s, &certificate.block_hash) == VERDICT_INVALID)
            simplex_halt(s, &certificate.block_hash, out);
        if (view >= s->view)
            s->notarized_ms = now_ms;
    }
    if (certificate.kind == MESSAGE_NOTARIZE)
        simplex_try_finalize(s, simplex_find_round(s, view), now_ms, out);
    if (certificate.kind == MESSAGE_FINALIZE)
        simplex_set_final(s, &certificate, out);
    if (s->is_sealed)
        return;
    if (view >= s->view) {
        simplex_enter(s, view + 1, now_ms, out);
        return;
    }
    /* Ancestry may be complete now. */
    simplex_try_notarize(s, simplex_need_round(s, s->view), now_ms, out);
    simplex_try_propose(s, now_ms, out);
}

/* Which block was voted for, and on which parent view: as its proposal says or, after a restart, the
 * notarization of it, which binds the same. */
static bool find_voted(const struct simplex *s, const struct round *round, const hash256 *proposal,
                       struct certificate *out)
{
    const struct certificate *notarization = round_certificate(round, MESSAGE_NOTARIZE);
    if (round->has_proposal && hash256_equal(&round->digest, proposal)) {
        out->parent_view = round->proposal.parent_view;
        out->block_hash = round->proposal.block;
        return true;
    }
    if (notarization == NULL)
        return false;
    const hash256 digest = proposal_digest(s->config.epoch, round->view, notarization->parent_view,
                                           &notarization->block_hash);
    out->parent_view = notarization->parent_view;
    out->block_hash = notarization->block_hash;
    return hash256_equal(&digest, proposal);
}

void simplex_try_certificate(struct simplex *s, struct round *round, enum consensus_message kind,
                             const hash256 *proposal, uint64_t now_ms, struct simplex_queue *out)
{
    const struct thresholds *of = &s->config.thresholds;
    struct certificate voted = {0};
    if (round_certificate(round, kind) != NULL
        || round_count(round, kind, proposal, of->members) < of->quorum)
        return;
    if (kind != MESSAGE_NULLIFY && !find_voted(s, round, proposal, &voted)) {
        simplex_want_certificate(s, round->view, CERTIFICATE_KINDS_ALL, SIMPLEX_ALL, now_ms, out);
        return;
    }
    struct certificate certificate =
        round_make_certificate(round, kind, proposal, of->members, of->quorum);
    certificate.parent_view = voted.parent_view;
    certificate.block_hash = voted.block_hash;
    receive_certificate(s, certificate, now_ms, out);
}

bool simplex_wants_certificate(const struct simplex *s, const struct certificate *certificate)
{
    return certificate->epoch == s->config.epoch && !s->is_sealed
           && certificate->view > s->final_view
           && simplex_certificate_of(s, certificate->view, certificate->kind) == NULL;
}

void simplex_on_certificate(struct simplex *s, const struct certificate *certificate,
                            uint64_t now_ms, struct simplex_queue *out)
{
    if (certificate->epoch == s->config.epoch && !simplex_is_past(s, certificate->view))
        receive_certificate(s, certificate_copy(certificate), now_ms, out);
}

void simplex_on_certificate_request(struct simplex *s, uint32_t from,
                                    const struct certificate_request *request,
                                    struct simplex_queue *out)
{
    if (request->epoch != s->config.epoch)
        return;
    if (request->view <= s->final_view || s->is_sealed) { /* above a seal there is nothing */
        if (s->has_final_certificate)
            simplex_send_certificate(&s->final_certificate, from, out);
        return;
    }
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        const struct certificate *held =
            simplex_certificate_of(s, request->view, (enum consensus_message)kind);
        if (held != NULL && (request->kinds & CERTIFICATE_KIND_BIT(kind)) != 0)
            simplex_send_certificate(held, from, out);
    }
}
