#include "tests/sim/world.h"

#include <stdlib.h>

#include "ledger/chain/leader.h"
#include "vm/crypto/keccak.h"

#define DRAWS_MAX 50

const struct committee *sim_committee(const struct sim *sim, uint64_t epoch)
{
    return epoch > EPOCHS_MAX ? NULL : sim->committees[epoch];
}

unsigned committee_index(const struct committee *committee, unsigned identity)
{
    unsigned index = 0;
    while (index < committee->of.members && committee->identities[index] != identity)
        index++;
    return index;
}

uint64_t sim_boxes_of_index(const struct sim *sim, const struct committee *committee,
                            unsigned index)
{
    uint64_t boxes = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].identity == committee->identities[index])
            boxes |= BIT(i);
    return boxes;
}

uint64_t sim_boxes_of(const struct sim *sim, const struct committee *committee)
{
    uint64_t boxes = 0;
    for (unsigned i = 0; i < committee->of.members; i++)
        boxes |= sim_boxes_of_index(sim, committee, i);
    return boxes;
}

bool sim_is_faulty(const struct sim *sim, unsigned identity)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].identity == identity)
            return sim->boxes[i].liar != NULL || sim->boxes[i].is_twin;
    return false;
}

unsigned sim_liars_in(const struct sim *sim, const struct committee *committee)
{
    unsigned count = 0;
    for (unsigned i = 0; i < committee->of.members; i++)
        count += sim_is_faulty(sim, committee->identities[i]);
    return count;
}

struct committee *committee_new(uint64_t epoch, enum quorum_mode mode, const unsigned identities[],
                                unsigned count, const hash256 *mix_hash)
{
    struct committee *committee = memory_new_zeroed(1, sizeof *committee);
    committee->epoch = epoch;
    committee->mode = mode;
    committee->of = thresholds_of(count, quorum_size(mode, count));
    committee->mix_hash = *mix_hash;
    for (unsigned i = 0; i < count; i++) {
        committee->identities[i] = identities[i];
        committee->leaders[i] = leader_of_view(mix_hash, count, i);
    }
    return committee;
}

static unsigned honest_links(const struct sim *sim, const struct committee *committee,
                             unsigned identity)
{
    unsigned linked = 0;
    for (unsigned i = 0; i < committee->of.members; i++) {
        const unsigned other = committee->identities[i];
        linked +=
            other != identity && !sim_is_faulty(sim, other) && sim_is_linked(sim, identity, other);
    }
    return linked;
}

bool committee_is_fit(const struct sim *sim, const struct committee *committee)
{
    const struct thresholds *of = &committee->of;
    if (sim_liars_in(sim, committee) > (committee->mode == QUORUM_CRASH ? 0 : of->liars_live))
        return false;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const bool is_member = committee_index(committee, i) < of->members;
        if (honest_links(sim, committee, i) < (is_member ? of->audit : 1))
            return false;
    }
    return true;
}

static struct committee *draw_one(struct sim *sim, const struct committee *current)
{
    unsigned identities[BOXES_MAX], count = 0;
    const unsigned changes = current->of.down_max > 0 ? current->of.down_max : 1;
    uint64_t members = sim_boxes_of(sim, current);
    for (unsigned i = 0; i < changes; i++) {
        const unsigned box = (unsigned)(sim_draw(sim) % sim->boxes_count);
        if (members != BIT(box))
            members ^= BIT(box); /* who is in leaves, who is out joins */
    }
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if ((members & BIT(i)) != 0)
            identities[count++] = sim->boxes[i].identity;
    for (unsigned i = count; i > 1; i--) { /* indexes mean nothing from epoch to epoch */
        const unsigned other = (unsigned)(sim_draw(sim) % i), kept = identities[i - 1];
        identities[i - 1] = identities[other];
        identities[other] = kept;
    }
    const enum quorum_mode mode =
        sim_chance(sim, 20) ? (enum quorum_mode)(sim_draw(sim) % 3) : current->mode;
    const uint64_t random = sim_draw(sim);
    const hash256 mix_hash = keccak256(&random, sizeof random);
    return committee_new(current->epoch + 1, mode, identities, count, &mix_hash);
}

struct committee *sim_draw_committee(struct sim *sim, const struct committee *current)
{
    for (unsigned i = 0; i < DRAWS_MAX; i++) {
        struct committee *drawn = draw_one(sim, current);
        if (committee_is_fit(sim, drawn))
            return drawn;
        free(drawn);
    }
    return committee_new(current->epoch + 1, current->mode, current->identities,
                         current->of.members, &current->mix_hash);
}

/* What stands in a signature: a hash of who signs what. */
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

void sim_sign_vote(const struct sim *sim, unsigned box, struct vote *vote)
{
    put_tag(&vote->signature, vote_tag(sim->boxes[box].identity, vote));
}

void sim_sign_proposal(const struct sim *sim, unsigned box, struct proposal *proposal)
{
    put_tag(&proposal->signature, proposal_tag(sim->boxes[box].identity, proposal));
}

void sim_sign_status(const struct sim *sim, unsigned box, struct status *status)
{
    put_tag(&status->signature, status_tag(sim->boxes[box].identity, status));
}

bool sim_vote_is_signed(const struct committee *committee, const struct vote *vote)
{
    return vote->signer < committee->of.members
           && has_tag(&vote->signature, vote_tag(committee->identities[vote->signer], vote));
}

bool sim_certificate_is_signed(const struct committee *committee,
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

bool sim_proposal_is_signed(const struct committee *committee, const struct proposal *proposal)
{
    const unsigned leader = committee->leaders[proposal->view % committee->of.members];
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        if (!sim_certificate_is_signed(committee, &proposal->certificates[i]))
            return false;
    return has_tag(&proposal->signature, proposal_tag(committee->identities[leader], proposal));
}

bool sim_status_is_signed(const struct committee *committee, const struct status *status)
{
    if (status->signer >= committee->of.members
        || !has_tag(&status->signature, status_tag(committee->identities[status->signer], status)))
        return false;
    for (unsigned i = 0; i < status->votes_count; i++)
        if (!sim_vote_is_signed(committee, &status->votes[i]))
            return false;
    return true;
}
