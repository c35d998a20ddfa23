#include "tests/unit/node/consensus/committee.h"

#include <assert.h>

#include "vm/crypto/keccak.h"

hash256 block_named(uint64_t number)
{
    return keccak256(&number, sizeof number);
}

void committee_init(struct committee *committee, unsigned size)
{
    const hash256 genesis = block_named(0);

    memset(committee, 0, sizeof *committee);
    for (unsigned i = 0; i < size; i++) {
        const uint8_t secret[32] = {[30] = 1, [31] = (uint8_t)i};
        const bool is_key = secret_key_load(&committee->keys[i], secret);
        assert(is_key);
        committee->entries[i] = (struct committee_entry){
            .consensus = secret_key_address(&committee->keys[i]), .weight = 1};
    }
    committee->record = (struct epoch_record){.epoch = 1,
                                              .seal = genesis,
                                              .mode = QUORUM_BFT,
                                              .quorum = quorum_size(QUORUM_BFT, size),
                                              .committee = committee->entries,
                                              .committee_size = size};
    committee->domain = signing_domain_of(1337, &genesis, &committee->record);
}

void committee_sign_status(const struct committee *committee, struct status *status)
{
    const hash256 digest = status_digest(status, &committee->domain);
    secret_key_sign(&committee->keys[status->signer], &digest, &status->signature);
}

struct vote committee_vote(const struct committee *committee, unsigned signer,
                           enum consensus_message kind, uint64_t view, const hash256 *proposal)
{
    struct vote vote = {
        .kind = kind, .epoch = committee->record.epoch, .view = view, .signer = (uint16_t)signer};
    if (kind != MESSAGE_NULLIFY)
        vote.proposal = *proposal;
    const hash256 digest = vote_digest(&committee->domain, kind, view, &vote.proposal);
    secret_key_sign(&committee->keys[signer], &digest, &vote.signature);
    return vote;
}

struct certificate committee_certificate(const struct committee *committee, unsigned first,
                                         enum consensus_message kind, uint64_t view,
                                         uint64_t parent_view, const hash256 *block,
                                         struct arena *arena)
{
    struct certificate certificate = {.kind = kind, .epoch = committee->record.epoch, .view = view};
    if (kind != MESSAGE_NULLIFY) {
        certificate.parent_view = parent_view;
        certificate.block_hash = *block;
    }
    const hash256 proposal =
        proposal_digest(certificate.epoch, view, certificate.parent_view, &certificate.block_hash);
    certificate.signatures_count = committee->record.quorum;
    certificate.signatures =
        arena_array(arena, certificate.signatures_count, sizeof *certificate.signatures);
    for (unsigned i = 0; i < certificate.signatures_count; i++) {
        const unsigned signer = first + i;
        certificate.bitmap[signer / 8] |= (uint8_t)(1U << (signer % 8));
        certificate.signatures[i] =
            committee_vote(committee, signer, kind, view, &proposal).signature;
    }
    return certificate;
}

struct proposal committee_proposal(const struct committee *committee, unsigned leader,
                                   uint64_t view, uint64_t parent_view, const hash256 *block)
{
    struct proposal proposal = {.epoch = committee->record.epoch,
                                .view = view,
                                .parent_view = parent_view,
                                .block = *block};
    const hash256 identity = proposal_digest_of(&proposal);
    const hash256 digest = vote_digest(&committee->domain, MESSAGE_PROPOSAL, view, &identity);
    secret_key_sign(&committee->keys[leader], &digest, &proposal.signature);
    return proposal;
}
