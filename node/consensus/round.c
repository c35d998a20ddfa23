#include "node/consensus/round.h"

#include <assert.h>
#include <stdlib.h>

struct round *round_new(uint64_t view)
{
    struct round *round = memory_new_zeroed(1, sizeof *round);
    round->view = view;
    return round;
}

void round_free(struct round *round)
{
    if (round == NULL)
        return;
    for (unsigned kind = 0; kind < VOTE_KINDS; kind++) {
        free(round->tallies[kind].signatures);
        free(round->tallies[kind].proposals);
        if (round->has_certificate[kind])
            free(round->certificates[kind].signatures);
    }
    free(round);
}

bool round_has_vote(const struct round *round, enum consensus_message kind, unsigned signer)
{
    return round->tallies[KIND_INDEX(kind)].has[signer / 8] >> (signer % 8) & 1;
}

bool round_vote(const struct round *round, enum consensus_message kind, unsigned signer,
                struct vote *out)
{
    const struct tally *tally = &round->tallies[KIND_INDEX(kind)];
    if (!round_has_vote(round, kind, signer))
        return false;
    *out = (struct vote){.kind = kind,
                         .epoch = round->epoch,
                         .view = round->view,
                         .signer = (uint16_t)signer,
                         .signature = tally->signatures[signer]};
    if (kind != MESSAGE_NULLIFY)
        out->proposal = tally->proposals[signer];
    return true;
}

void round_put_vote(struct round *round, const struct vote *vote, unsigned members)
{
    struct tally *tally = &round->tallies[KIND_INDEX(vote->kind)];
    assert(!round_has_vote(round, vote->kind, vote->signer));
    round->epoch = vote->epoch;
    if (tally->signatures == NULL) {
        tally->signatures = memory_new_zeroed(members, sizeof *tally->signatures);
        if (vote->kind != MESSAGE_NULLIFY)
            tally->proposals = memory_new_zeroed(members, sizeof *tally->proposals);
    }
    tally->signatures[vote->signer] = vote->signature;
    if (vote->kind != MESSAGE_NULLIFY)
        tally->proposals[vote->signer] = vote->proposal;
    tally->has[vote->signer / 8] |= (uint8_t)(1U << (vote->signer % 8));
}

bool round_is_accused(const struct round *round, unsigned member)
{
    return round->accused[member / 8] >> (member % 8) & 1;
}

void round_accuse(struct round *round, unsigned member)
{
    round->accused[member / 8] |= (uint8_t)(1U << (member % 8));
}

/* NULL is any proposal; every NULLIFY is for the same. */
static bool is_for(const struct round *round, enum consensus_message kind, unsigned signer,
                   const hash256 *proposal)
{
    return round_has_vote(round, kind, signer)
           && (proposal == NULL || kind == MESSAGE_NULLIFY
               || hash256_equal(&round->tallies[KIND_INDEX(kind)].proposals[signer], proposal));
}

unsigned round_count(const struct round *round, enum consensus_message kind,
                     const hash256 *proposal, unsigned members)
{
    unsigned count = 0;
    for (unsigned i = 0; i < members; i++)
        count += is_for(round, kind, i, proposal);
    return count;
}

struct certificate round_make_certificate(const struct round *round, enum consensus_message kind,
                                          const hash256 *proposal, unsigned members,
                                          unsigned quorum)
{
    const struct tally *tally = &round->tallies[KIND_INDEX(kind)];
    struct certificate certificate = {.kind = kind, .epoch = round->epoch, .view = round->view};
    certificate.signatures = memory_new(quorum * sizeof *certificate.signatures);
    for (unsigned i = 0; i < members && certificate.signatures_count < quorum; i++) {
        if (!is_for(round, kind, i, proposal))
            continue;
        certificate.bitmap[i / 8] |= (uint8_t)(1U << (i % 8));
        certificate.signatures[certificate.signatures_count++] = tally->signatures[i];
    }
    assert(certificate.signatures_count == quorum);
    return certificate;
}

void round_put_certificate(struct round *round, const struct certificate *certificate)
{
    const unsigned kind = KIND_INDEX(certificate->kind);
    assert(!round->has_certificate[kind]);
    round->certificates[kind] = *certificate;
    round->has_certificate[kind] = true;
}

const struct certificate *round_certificate(const struct round *round, enum consensus_message kind)
{
    return round->has_certificate[KIND_INDEX(kind)] ? &round->certificates[KIND_INDEX(kind)] : NULL;
}

const struct certificate *round_block_certificate(const struct round *round)
{
    const struct certificate *notarization = round_certificate(round, MESSAGE_NOTARIZE);
    return notarization != NULL ? notarization : round_certificate(round, MESSAGE_FINALIZE);
}

bool round_certifies(const struct round *round, const hash256 *block)
{
    const struct certificate *certified = round_block_certificate(round);
    return certified != NULL && hash256_equal(&certified->block_hash, block);
}

bool round_names(const struct round *round, const hash256 *block)
{
    return (round->has_proposal && hash256_equal(&round->proposal.block, block))
           || round_certifies(round, block);
}

struct certificate certificate_copy(const struct certificate *certificate)
{
    struct certificate copy = *certificate;
    copy.signatures = memory_new(copy.signatures_count * sizeof *copy.signatures);
    memcpy(copy.signatures, certificate->signatures,
           copy.signatures_count * sizeof *copy.signatures);
    return copy;
}
