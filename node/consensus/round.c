#include "node/consensus/round.h"

#include <assert.h>
#include <stdlib.h>

struct round *round_new(uint64_t view)
{
    struct round *round = memory_new_zeroed(1, sizeof *round);
    round->view = view;
    return round;
}

void round_free(struct round *round, unsigned members)
{
    (void)members;
    if (round == NULL)
        return;
    for (unsigned kind = 0; kind < VOTE_KINDS; kind++) {
        free(round->tallies[kind].votes);
        free(round->tallies[kind].has);
        if (round->has_certificate[kind])
            free(round->certificates[kind].signatures);
    }
    free(round);
}

const struct vote *round_vote(const struct round *round, enum consensus_message kind,
                              unsigned signer)
{
    const struct tally *tally = &round->tallies[KIND_INDEX(kind)];
    return tally->votes != NULL && tally->has[signer] ? &tally->votes[signer] : NULL;
}

void round_put_vote(struct round *round, const struct vote *vote, unsigned members)
{
    struct tally *tally = &round->tallies[KIND_INDEX(vote->kind)];
    if (tally->votes == NULL) {
        tally->votes = memory_new_zeroed(members, sizeof *tally->votes);
        tally->has = memory_new_zeroed(members, sizeof *tally->has);
    }
    assert(!tally->has[vote->signer]);
    tally->votes[vote->signer] = *vote;
    tally->has[vote->signer] = true;
}

unsigned round_count(const struct round *round, enum consensus_message kind,
                     const hash256 *proposal, unsigned members)
{
    unsigned count = 0;
    for (unsigned i = 0; i < members; i++) {
        const struct vote *vote = round_vote(round, kind, i);
        count += vote != NULL && (proposal == NULL || hash256_equal(&vote->proposal, proposal));
    }
    return count;
}

struct certificate round_make_certificate(const struct round *round, enum consensus_message kind,
                                          const hash256 *proposal, unsigned members,
                                          unsigned quorum)
{
    struct certificate certificate = {.kind = kind, .view = round->view};
    certificate.signatures = memory_new(quorum * sizeof *certificate.signatures);
    for (unsigned i = 0; i < members && certificate.signatures_count < quorum; i++) {
        const struct vote *vote = round_vote(round, kind, i);
        if (vote == NULL || !hash256_equal(&vote->proposal, proposal))
            continue;
        certificate.bitmap[i / 8] |= (uint8_t)(1U << (i % 8));
        certificate.signatures[certificate.signatures_count++] = vote->signature;
        certificate.epoch = vote->epoch;
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

struct certificate certificate_copy(const struct certificate *certificate)
{
    struct certificate copy = *certificate;
    copy.signatures = memory_new(copy.signatures_count * sizeof *copy.signatures);
    memcpy(copy.signatures, certificate->signatures,
           copy.signatures_count * sizeof *copy.signatures);
    return copy;
}
