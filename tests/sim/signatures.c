#include "node/consensus/proposal.h"
#include "node/consensus/status.h"
#include "tests/sim/chain.h"
#include "tests/sim/world.h"

/* With real ledgers signatures are real, too; else they are stand-ins that only their owner makes. */
static const struct signing_domain *domain_of(const struct sim *sim, uint64_t epoch)
{
    return sim->chains == NULL ? NULL : chains_domain(sim->chains, epoch);
}

/* What stands in a stand-in: a hash of who signs what. */
static uint64_t tag_of(unsigned identity, unsigned type, uint64_t epoch, uint64_t view,
                       const hash256 *what)
{
    uint64_t words[4], tag = 0x9e3779b97f4a7c15ULL;
    memcpy(words, what->bytes, sizeof words);
    const uint64_t all[] = {identity + 1, type,     epoch,    view,
                            words[0],     words[1], words[2], words[3]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tag = (tag ^ all[i]) * 0xff51afd7ed558ccdULL;
        tag ^= tag >> 32;
    }
    return tag;
}

static void put_tag(signature *out, uint64_t tag)
{
    memset(out->bytes, 0, sizeof out->bytes);
    memcpy(out->bytes, &tag, sizeof tag);
}

static bool has_tag(const signature *in, uint64_t tag)
{
    return memcmp(in->bytes, &tag, sizeof tag) == 0;
}

static uint64_t vote_tag(unsigned identity, const struct vote *vote)
{
    return tag_of(identity, (unsigned)vote->kind, vote->epoch, vote->view, &vote->proposal);
}

static uint64_t proposal_tag(unsigned identity, const struct proposal *proposal)
{
    const hash256 digest = proposal_digest_of(proposal);
    return tag_of(identity, MESSAGE_PROPOSAL, proposal->epoch, proposal->view, &digest);
}

static uint64_t status_tag(unsigned identity, const struct status *status)
{
    return tag_of(identity, MESSAGE_STATUS, status->epoch,
                  status->view ^ status->highest_voted_view << 20 ^ status->final_view << 40,
                  &status->final_hash);
}

/* ---- What is said, by whom ------------------------------------------------------------------- */

void sim_sign_vote(const struct sim *sim, unsigned box, struct vote *vote)
{
    const struct signing_domain *domain = domain_of(sim, vote->epoch);
    if (domain != NULL) {
        const hash256 digest = vote_digest(domain, vote->kind, vote->view, &vote->proposal);
        chains_sign(sim->chains, sim->boxes[box].identity, &digest, &vote->signature);
        return;
    }
    put_tag(&vote->signature, vote_tag(sim->boxes[box].identity, vote));
}

void sim_sign_proposal(const struct sim *sim, unsigned box, struct proposal *proposal)
{
    const struct signing_domain *domain = domain_of(sim, proposal->epoch);
    if (domain != NULL) {
        const hash256 what = proposal_digest_of(proposal);
        const hash256 digest = vote_digest(domain, MESSAGE_PROPOSAL, proposal->view, &what);
        chains_sign(sim->chains, sim->boxes[box].identity, &digest, &proposal->signature);
        return;
    }
    put_tag(&proposal->signature, proposal_tag(sim->boxes[box].identity, proposal));
}

void sim_sign_status(const struct sim *sim, unsigned box, struct status *status)
{
    const struct signing_domain *domain = domain_of(sim, status->epoch);
    if (domain != NULL) {
        const hash256 digest = status_digest(status, domain);
        chains_sign(sim->chains, sim->boxes[box].identity, &digest, &status->signature);
        return;
    }
    put_tag(&status->signature, status_tag(sim->boxes[box].identity, status));
}

static bool vote_is_signed(const struct committee *committee, const struct vote *vote)
{
    return vote->signer < committee->of.members
           && has_tag(&vote->signature, vote_tag(committee->identities[vote->signer], vote));
}

static bool certificate_is_signed(const struct committee *committee,
                                  const struct certificate *certificate)
{
    struct vote vote = {
        .kind = certificate->kind, .epoch = certificate->epoch, .view = certificate->view};
    unsigned next = 0;
    if (certificate->signatures_count != committee->of.quorum
        || certificate_signers_end(certificate) > committee->of.members)
        return false;
    if (certificate->kind != MESSAGE_NULLIFY)
        vote.proposal = proposal_digest(certificate->epoch, certificate->view,
                                        certificate->parent_view, &certificate->block_hash);
    for (unsigned i = 0; i < committee->of.members; i++)
        if ((certificate->bitmap[i / 8] >> (i % 8) & 1) != 0
            && !has_tag(&certificate->signatures[next++],
                        vote_tag(committee->identities[i], &vote)))
            return false;
    return true;
}

static bool proposal_is_signed(const struct committee *committee, const struct proposal *proposal)
{
    const unsigned leader = committee->leaders[proposal->view % committee->of.members];
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        if (!certificate_is_signed(committee, &proposal->certificates[i]))
            return false;
    return has_tag(&proposal->signature, proposal_tag(committee->identities[leader], proposal));
}

static bool status_is_signed(const struct committee *committee, const struct status *status)
{
    if (status->signer >= committee->of.members
        || !has_tag(&status->signature, status_tag(committee->identities[status->signer], status)))
        return false;
    for (unsigned i = 0; i < status->votes_count; i++)
        if (!vote_is_signed(committee, &status->votes[i]))
            return false;
    return true;
}

static bool has_stand_in(const struct committee *committee, const struct message *message)
{
    switch (message->kind) {
    case PEER_PROPOSAL: return proposal_is_signed(committee, &message->proposal);
    case PEER_VOTE: return vote_is_signed(committee, &message->vote);
    case PEER_CERTIFICATE: return certificate_is_signed(committee, &message->certificate);
    case PEER_STATUS: return status_is_signed(committee, &message->status);
    case PEER_GET_CERTIFICATE:
    case PEER_GET_BLOCK:
    case PEER_BLOCK: return true;
    }
    return true;
}

/* As a worker of the node checks it. */
static bool has_signature(const struct committee *committee, const struct signing_domain *domain,
                          const struct epoch_record *record, const struct message *message)
{
    const struct proposal *proposal = &message->proposal;
    switch (message->kind) {
    case PEER_PROPOSAL:
        for (unsigned i = 0; i < proposal->certificates_count; i++)
            if (certificate_check(&proposal->certificates[i], domain, record) != FINALITY_OK)
                return false;
        return proposal_check(proposal, domain, record,
                              committee->leaders[proposal->view % committee->of.members])
               == PROPOSAL_OK;
    case PEER_VOTE: return vote_check(&message->vote, domain, record) == VOTE_OK;
    case PEER_CERTIFICATE:
        return certificate_check(&message->certificate, domain, record) == FINALITY_OK;
    case PEER_STATUS: return status_check(&message->status, domain, record) == STATUS_OK;
    case PEER_GET_CERTIFICATE:
    case PEER_GET_BLOCK:
    case PEER_BLOCK: return true;
    }
    return true;
}

bool sim_is_signed(const struct sim *sim, const struct committee *committee,
                   const struct message *message)
{
    const struct signing_domain *domain = domain_of(sim, committee->epoch);
    return domain == NULL ? has_stand_in(committee, message)
                          : has_signature(committee, domain,
                                          chains_record(sim->chains, committee->epoch), message);
}
