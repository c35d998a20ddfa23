#include "node/consensus/audit.h"

#include <assert.h>

static_assert(MESSAGE_FINALIZE - MESSAGE_NOTARIZE + 1 == STATUS_VOTES_MAX, "one of each kind");

void audit_init(struct audit *audit, const struct thresholds *thresholds, unsigned own_index,
                const hash256 *nonce, bool log_is_whole, uint64_t final_view)
{
    assert(own_index < thresholds->members);
    assert(!hash256_is_zero(nonce));
    *audit = (struct audit){.thresholds = *thresholds,
                            .own_index = own_index,
                            .nonce = *nonce,
                            .is_amnesiac = !log_is_whole,
                            .known_view = final_view};
}

static struct promised *promised_of(struct audit *audit, enum consensus_message kind)
{
    assert(kind >= MESSAGE_NOTARIZE);
    assert(kind <= MESSAGE_FINALIZE);
    return &audit->promised[kind - MESSAGE_NOTARIZE];
}

void audit_on_record(struct audit *audit, enum consensus_message kind, uint64_t view,
                     const hash256 *proposal)
{
    struct promised *promised = promised_of(audit, kind);
    if (view > promised->view)
        *promised = (struct promised){view, *proposal};
}

void audit_on_bound(struct audit *audit, uint64_t view)
{
    if (view > audit->known_view)
        audit->known_view = view;
}

/* A vote of ours above everything the log has of its kind, or another one in the same view. */
static bool is_forgotten(struct audit *audit, const struct vote *vote)
{
    const struct promised *promised = promised_of(audit, vote->kind);
    return vote->view > audit->known_view
           && (vote->view > promised->view
               || (vote->view == promised->view
                   && !hash256_equal(&vote->proposal, &promised->proposal)));
}

void audit_on_status(struct audit *audit, const struct status *status)
{
    for (unsigned i = 0; i < status->votes_count; i++)
        if (status->votes[i].signer == audit->own_index && is_forgotten(audit, &status->votes[i]))
            audit->is_amnesiac = true;
    if (status->signer == audit->own_index || status->is_amnesiac
        || !hash256_equal(&status->answered, &audit->nonce))
        return;
    assert(status->signer < audit->thresholds.members);
    if (status->view > audit->views[status->signer])
        audit->views[status->signer] = status->view;
    if (status->highest_voted_view > audit->voted[status->signer])
        audit->voted[status->signer] = status->highest_voted_view;
}

void audit_on_confirmed(struct audit *audit)
{
    assert(audit->thresholds.members == 1);
    audit->is_confirmed = true;
}

bool audit_is_over(const struct audit *audit, uint64_t certified, uint64_t *silent_until)
{
    const struct thresholds *of = &audit->thresholds;
    unsigned answers = 0;
    uint64_t highest = 0;
    for (unsigned i = 0; i < of->members; i++) {
        const uint64_t view = audit->views[i];
        if (view == 0 || view - 1 > certified
            || (audit->voted[i] > view && audit->voted[i] - view > of->members))
            continue;
        answers++;
        highest = view > highest ? view : highest;
        highest = audit->voted[i] > highest ? audit->voted[i] : highest;
    }
    *silent_until = 0;
    if (!audit->is_amnesiac)
        return answers >= of->audit;
    if (of->members == 1)
        return audit->is_confirmed; /* the operator's word: nothing is signed twice */
    *silent_until = highest + 1;
    return answers >= of->remember;
}

bool audit_is_epoch_new(uint64_t silent_until, uint64_t seal_view)
{
    return silent_until > 0 && seal_view >= silent_until;
}
