/* A vote, a STATUS and evidence that were really signed, and any edits: what is still accepted is
 * what was signed, byte for byte. So nobody votes in another's name, and nobody is framed. */
#include "node/consensus/evidence.h"
#include "node/consensus/status.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"
#include "tests/unit/node/consensus/committee.h"

#define MEMBERS 4

static struct committee committee;
static struct buffer vote_bytes, status_bytes, evidence_bytes;

static void make_bases(void)
{
    const hash256 one = block_named(1), two = block_named(2);
    struct evidence evidence;
    committee_init(&committee, MEMBERS);
    const struct vote a = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 5, &one);
    const struct vote b = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 5, &two);
    vote_encode(&a, buffer_extend(&vote_bytes, VOTE_SIZE_BYTES));
    must(evidence_of_votes(&evidence, &a, &b), "no contradiction");
    evidence_encode(&evidence, buffer_extend(&evidence_bytes, EVIDENCE_SIZE_BYTES));
    struct status status = {.epoch = 1,
                            .signer = 1,
                            .view = 6,
                            .highest_voted_view = 6,
                            .entry_kind = MESSAGE_NULLIFY,
                            .entry_view = 5,
                            .answered = one,
                            .protocol_lowest = 1,
                            .protocol_highest = 2,
                            .votes = {a},
                            .votes_count = 1};
    committee_sign_status(&committee, &status);
    status_encode(&status, &status_bytes);
}

static bool vote_passes(struct bytes encoded)
{
    struct vote vote;
    return vote_decode(&vote, encoded.data, encoded.size, MEMBERS)
           && vote_check(&vote, &committee.domain, &committee.record) == VOTE_OK;
}

static bool status_passes(struct bytes encoded)
{
    struct status status;
    return status_decode(&status, encoded, MEMBERS)
           && status_check(&status, &committee.domain, &committee.record) == STATUS_OK;
}

static bool evidence_passes(struct bytes encoded)
{
    struct evidence evidence;
    return evidence_decode(&evidence, encoded, MEMBERS)
           && evidence_check(&evidence, &committee.domain, &committee.record) == EVIDENCE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        struct buffer *base;
        bool (*passes)(struct bytes encoded);
    } kinds[] = {{&vote_bytes, vote_passes},
                 {&status_bytes, status_passes},
                 {&evidence_bytes, evidence_passes}};
    struct cursor in = cursor_over(data, size);
    struct buffer edited = {0};
    if (vote_bytes.size == 0)
        make_bases();
    const unsigned kind = cursor_u8(&in) % 3;
    const struct bytes base = buffer_view(kinds[kind].base);
    must(kinds[kind].passes(base), "what was signed is refused");
    buffer_append_bytes(&edited, base);
    edit(&edited, &in);
    must(!kinds[kind].passes(buffer_view(&edited)) || bytes_equal(buffer_view(&edited), base),
         "what nobody signed is accepted");
    buffer_cleanup(&edited);
    return 0;
}
