#include "tests/sim/proofs.h"

#include <stdlib.h>

#define VIEWS_AHEAD 4096 /* a liar may name any view */

/* Of a member in a view: the first vote of each kind, and what of E1 to E4 is proven. */
struct heard {
    bool has[3], is_proven[4];
    struct vote votes[3];
};

struct heard_view {
    struct heard members[BOXES_MAX];
    bool has_proposal;
    struct proposal proposal; /* without its block */
};

struct heard_epoch {
    struct heard_view **views;
    uint64_t count;
    uint64_t culprits;
};

struct proofs {
    struct heard_epoch epochs[EPOCHS_MAX + 1];
};

struct proofs *proofs_new(void)
{
    return memory_new_zeroed(1, sizeof(struct proofs));
}

void proofs_free(struct proofs *proofs)
{
    if (proofs == NULL)
        return;
    for (unsigned i = 0; i <= EPOCHS_MAX; i++) {
        for (uint64_t view = 0; view < proofs->epochs[i].count; view++)
            free(proofs->epochs[i].views[view]);
        free(proofs->epochs[i].views);
    }
    free(proofs);
}

/* NULL: so far ahead that nobody honest was there. */
static struct heard_view *view_of(struct proofs *proofs, uint64_t epoch, uint64_t view)
{
    struct heard_epoch *of = &proofs->epochs[epoch];
    if (view >= VIEWS_AHEAD)
        return NULL;
    if (view >= of->count) {
        const uint64_t count = 2 * view + 16;
        of->views = memory_resize(of->views, count * sizeof *of->views);
        memset(of->views + of->count, 0, (count - of->count) * sizeof *of->views);
        of->count = count;
    }
    if (of->views[view] == NULL)
        of->views[view] = memory_new_zeroed(1, sizeof *of->views[view]);
    return of->views[view];
}

/* Of each of its statements, by itself. */
static bool is_signed(const struct sim *sim, const struct evidence *evidence,
                      const struct statement *statement)
{
    const struct message vote = {.kind = PEER_VOTE,
                                 .vote = {.kind = statement->kind,
                                          .epoch = evidence->epoch,
                                          .view = evidence->view,
                                          .proposal = statement->proposal,
                                          .signer = evidence->signer,
                                          .signature = statement->signature}};
    return sim_is_signed(sim, sim_committee(sim, evidence->epoch), &vote);
}

/* By what stands first in the pair: E1 to E4 from 0 on. */
static unsigned number_of(const struct evidence *evidence)
{
    switch (evidence->first.kind) {
    case MESSAGE_NOTARIZE: return 0;
    case MESSAGE_FINALIZE: return 1;
    case MESSAGE_NULLIFY: return 2;
    case MESSAGE_PROPOSAL:
    case MESSAGE_STATUS: break;
    }
    return 3;
}

static void accuse(struct proofs *proofs, struct sim *sim, struct heard *heard,
                   const struct evidence *evidence)
{
    const struct committee *committee = sim_committee(sim, evidence->epoch);
    const unsigned number = number_of(evidence);
    uint8_t encoded[EVIDENCE_SIZE_BYTES];
    struct evidence decoded;
    if (heard->is_proven[number])
        return;
    heard->is_proven[number] = true;
    sim->figures.proofs[number]++;
    evidence_encode(evidence, encoded);
    if (!evidence_decode(&decoded, bytes_of(encoded, sizeof encoded), committee->of.members)
        || !is_signed(sim, &decoded, &decoded.first) || !is_signed(sim, &decoded, &decoded.second))
        sim_fail(sim, "evidence that proves nothing", evidence->signer, evidence->view);
    proofs->epochs[evidence->epoch].culprits |= BIT(evidence->signer);
    sim_check_accused(sim, evidence->epoch, &decoded);
}

static void on_vote(struct proofs *proofs, struct sim *sim, const struct vote *vote)
{
    const unsigned kind = (unsigned)vote->kind - MESSAGE_NOTARIZE;
    struct heard_view *view = view_of(proofs, vote->epoch, vote->view);
    struct evidence evidence;
    if (view == NULL)
        return;
    struct heard *heard = &view->members[vote->signer];
    for (unsigned i = 0; i < 3; i++)
        if (heard->has[i] && evidence_of_votes(&evidence, &heard->votes[i], vote))
            accuse(proofs, sim, heard, &evidence);
    if (!heard->has[kind])
        heard->votes[kind] = *vote;
    heard->has[kind] = true;
}

/* The votes that it is made of. */
static void on_certificate(struct proofs *proofs, struct sim *sim,
                           const struct certificate *certificate)
{
    const unsigned end = certificate_signers_end(certificate);
    struct vote vote = {
        .kind = certificate->kind, .epoch = certificate->epoch, .view = certificate->view};
    unsigned next = 0;
    if (certificate->kind != MESSAGE_NULLIFY)
        vote.proposal = proposal_digest(certificate->epoch, certificate->view,
                                        certificate->parent_view, &certificate->block_hash);
    for (unsigned i = 0; i < end; i++)
        if ((certificate->bitmap[i / 8] >> (i % 8) & 1) != 0) {
            vote.signer = (uint16_t)i;
            vote.signature = certificate->signatures[next++];
            on_vote(proofs, sim, &vote);
        }
}

static void on_proposal(struct proofs *proofs, struct sim *sim, const struct proposal *proposal)
{
    const struct committee *committee = sim_committee(sim, proposal->epoch);
    const unsigned leader = committee->leaders[proposal->view % committee->of.members];
    struct heard_view *view = view_of(proofs, proposal->epoch, proposal->view);
    struct evidence evidence;
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        on_certificate(proofs, sim, &proposal->certificates[i]);
    if (view == NULL)
        return;
    if (view->has_proposal
        && evidence_of_proposals(&evidence, &view->proposal, proposal, (uint16_t)leader))
        accuse(proofs, sim, &view->members[leader], &evidence);
    if (view->has_proposal)
        return;
    view->has_proposal = true;
    view->proposal = *proposal;
    view->proposal.body = (struct bytes){0};
    view->proposal.certificates = NULL;
    view->proposal.certificates_count = 0;
}

void proofs_on_message(struct proofs *proofs, struct sim *sim, const struct message *message)
{
    switch (message->kind) {
    case PEER_VOTE: on_vote(proofs, sim, &message->vote); break;
    case PEER_CERTIFICATE: on_certificate(proofs, sim, &message->certificate); break;
    case PEER_PROPOSAL: on_proposal(proofs, sim, &message->proposal); break;
    case PEER_STATUS:
    case PEER_GET_CERTIFICATE:
    case PEER_GET_BLOCK:
    case PEER_BLOCK: break;
    }
}

uint64_t proofs_culprits(const struct proofs *proofs, uint64_t epoch)
{
    return proofs->epochs[epoch].culprits;
}
