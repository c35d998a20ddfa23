#include "tests/sim/chain.h"
#include "tests/sim/member.h"

#include <stdlib.h>

static void check_epoch_begins(struct sim *sim, unsigned box, const struct sim_block *seal)
{
    const uint64_t next = seal->epoch + 1;
    if (sim->chains != NULL && seal->next == NULL)
        return; /* known when the first store has it */
    if (next > EPOCHS_MAX || seal->next == NULL)
        sim_fail(sim, "a seal without a committee", box, seal->epoch);
    sim->committees[next] = seal->next;
}

/* Another block of its height is final, or of its parent's. */
static bool is_split(const struct sim *sim, const struct sim_block *block)
{
    const uint64_t height = block->info.height;
    return (height <= sim->highest && !hash256_equal(&sim->finals[height], &block->info.hash))
           || !hash256_equal(&sim->finals[height - 1], &block->info.parent);
}

void sim_check_final(struct sim *sim, unsigned box, const hash256 *hash)
{
    const struct sim_block *block = sim_block_of(sim, hash);
    if (block == NULL)
        sim_fail(sim, "a block that nobody made is final", box, 0);
    const uint64_t height = block->info.height;
    if (block->is_invalid)
        sim_fail(sim, "a block that does not execute is final", box, height);
    if (height == 0 || height >= HEIGHTS_MAX)
        sim_fail(sim, "more blocks than a run has", box, height);
    if (sim->on_split != NULL && sim_is_faulty(sim, sim->boxes[box].identity))
        return; /* what liars hold to be final is nobody's loss */
    if (sim->on_split != NULL && is_split(sim, block)) {
        sim->on_split(sim, block);
        return;
    }
    if (height <= sim->highest && !hash256_equal(&sim->finals[height], hash))
        sim_fail(sim, "two final blocks at one height", box, height);
    if (!hash256_equal(&sim->finals[height - 1], &block->info.parent))
        sim_fail(sim, "a final block's parent is not final", box, height);
    if (height <= sim->highest)
        return;
    sim_check_final_time(sim, box, block);
    sim->finals[height] = *hash;
    sim->highest = height;
    sim->figures.finals++;
    sim_note(sim, NOBODY, "block %u is final%s", (unsigned)height,
             block->info.is_seal ? ": the epoch is sealed" : "");
    if (block->info.is_seal)
        check_epoch_begins(sim, box, block);
}

static struct said *view_of(struct said_book *book, uint64_t view)
{
    if (view >= book->count) {
        const uint64_t count = 2 * view + 64;
        book->views = memory_resize(book->views, count * sizeof *book->views);
        memset(book->views + book->count, 0, (count - book->count) * sizeof *book->views);
        book->count = count;
    }
    return &book->views[view];
}

static struct said *said_of(struct sim *sim, unsigned box, uint64_t epoch, uint64_t view)
{
    return view_of(&sim->said[box][epoch], view);
}

void sim_check_certificate(struct sim *sim, unsigned box, const struct certificate *certificate)
{
    const unsigned kind = (unsigned)certificate->kind - MESSAGE_NOTARIZE;
    struct said *said = view_of(&sim->certified[certificate->epoch], certificate->view);
    hash256 what = {{0}};
    if (sim->on_split != NULL || sim_is_faulty(sim, sim->boxes[box].identity))
        return;
    if (certificate->kind != MESSAGE_NULLIFY)
        what = proposal_digest(certificate->epoch, certificate->view, certificate->parent_view,
                               &certificate->block_hash);
    if (said->has[kind] && !hash256_equal(&said->what[kind], &what))
        sim_fail(sim, "two certificates of one view name different proposals", box,
                 certificate->view);
    said->has[kind] = true;
    said->what[kind] = what;
    if (said->has[1] && said->has[2])
        sim_fail(sim, "a view is both nullified and final", box, certificate->view);
    if (said->has[0] && said->has[2] && !hash256_equal(&said->what[0], &said->what[2]))
        sim_fail(sim, "another proposal is final than was notarized", box, certificate->view);
}

void sim_check_standing(struct sim *sim, unsigned box, const struct standing *standing)
{
    struct seen *seen = &sim->boxes[box].seen;
    const uint64_t life = sim->boxes[box].life;
    if (seen->life == life
        && (standing->epoch < seen->epoch || standing->final_height < seen->stored
            || standing->agreed_height < seen->agreed))
        sim_fail(sim, "what was final is final no more", box, seen->agreed);
    *seen = (struct seen){life, standing->epoch, standing->final_height, standing->agreed_height};
}

const struct said *sim_said(const struct sim *sim, unsigned box, uint64_t epoch, uint64_t view)
{
    const struct said_book *book = &sim->said[box][epoch];
    return view < book->count ? &book->views[view] : NULL;
}

static const struct shown *shown_of(const struct sim *sim, const hash256 *digest)
{
    for (size_t i = sim->shown_count; i > 0; i--)
        if (hash256_equal(&sim->shown[i - 1].digest, digest))
            return &sim->shown[i - 1];
    return NULL;
}

/* R1, counted out: every view that the proposal skips was nullified by a quorum, liars counted. */
static void check_skipped(struct sim *sim, unsigned box, const struct vote *vote,
                          const struct shown *shown)
{
    const struct committee *committee = sim_committee(sim, vote->epoch);
    for (uint64_t view = shown->parent_view + 1; view < vote->view; view++) {
        unsigned count = 0;
        for (unsigned i = 0; i < committee->of.members; i++) {
            const uint64_t boxes = sim_boxes_of_index(sim, committee, i);
            const unsigned one = (unsigned)__builtin_ctzll(boxes);
            count += sim_is_faulty(sim, committee->identities[i])
                     || said_of(sim, one, vote->epoch, view)->has[1];
        }
        if (count < committee->of.quorum)
            sim_fail(sim, "a notarize vote over a view that was not nullified (R1)", box, view);
    }
}

static void check_notarized(struct sim *sim, unsigned box, const struct vote *vote)
{
    const struct shown *shown = shown_of(sim, &vote->proposal);
    if (shown == NULL)
        sim_fail(sim, "a vote for a proposal that nobody made", box, vote->view);
    const struct sim_block *block = sim_block_of(sim, &shown->block);
    if (!hash256_equal(&shown->block, &sim->finals[0]) && (block == NULL || block->is_invalid))
        sim_fail(sim, "a notarize vote for a block that does not execute", box, vote->view);
    if (block != NULL && block->info.view == vote->view)
        sim_check_voted_time(sim, box, block);
    check_skipped(sim, box, vote, shown);
}

void sim_show(struct sim *sim, const struct proposal *proposal)
{
    const struct shown shown = {proposal_digest_of(proposal), proposal->block, proposal->view,
                                proposal->parent_view};
    for (size_t i = sim->shown_count; i > 0 && i + 64 > sim->shown_count; i--)
        if (hash256_equal(&sim->shown[i - 1].digest, &shown.digest))
            return;
    if ((sim->shown_count & (sim->shown_count - 1)) == 0)
        sim->shown = memory_resize(sim->shown, (2 * sim->shown_count + 1) * sizeof *sim->shown);
    sim->shown[sim->shown_count++] = shown;
}

void sim_check_sent(struct sim *sim, unsigned box, const struct vote *vote, bool is_logged,
                    uint64_t final_view)
{
    const unsigned kind = (unsigned)vote->kind - MESSAGE_NOTARIZE;
    struct said *said = said_of(sim, box, vote->epoch, vote->view);
    if (sim_is_faulty(sim, sim->boxes[box].identity)) {
        said->has[kind] = true; /* for who looks */
        return;
    }
    if (!is_logged)
        sim_fail(sim, "a vote was sent that is not in the log", box, vote->view);
    if (vote->view <= final_view)
        sim_fail(sim, "a vote was sent in a view that is final (R0)", box, vote->view);
    if (!said->has[kind] && vote->kind == MESSAGE_NOTARIZE) {
        check_notarized(sim, box, vote);
        said = said_of(sim, box, vote->epoch, vote->view);
    }
    if (said->has[kind] && !hash256_equal(&said->what[kind], &vote->proposal))
        sim_fail(sim, "two different votes of one kind in one view (E1, E2)", box, vote->view);
    said->has[kind] = true;
    said->what[kind] = vote->proposal;
    if (said->has[1] && said->has[2])
        sim_fail(sim, "a view both nullified and finalized by one member (E3)", box, vote->view);
}

void sim_check_proposed(struct sim *sim, unsigned box, const struct proposal *proposal)
{
    struct said *said = said_of(sim, box, proposal->epoch, proposal->view);
    if (sim_is_faulty(sim, sim->boxes[box].identity)) {
        said->has_proposal = true;
        return;
    }
    const hash256 digest = proposal_digest_of(proposal);
    if (said->has_proposal && !hash256_equal(&said->proposal, &digest))
        sim_fail(sim, "two proposals of one view (E4)", box, proposal->view);
    said->has_proposal = true;
    said->proposal = digest;
}

void sim_check_accused(struct sim *sim, uint64_t epoch, const struct evidence *evidence)
{
    const struct committee *committee = sim_committee(sim, epoch);
    const unsigned identity = committee->identities[evidence->signer];
    sim->figures.accused++;
    if (!sim_is_faulty(sim, identity))
        sim_fail(sim, "an honest member was accused", identity, evidence->view);
}

void sim_check_idle(struct sim *sim)
{
    if (sim->chains != NULL && sim->mined != chains_count(sim->chains))
        sim_fail(sim, "a transaction is in no block", NOBODY, sim->mined);
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const struct standing standing = member_standing(sim, i);
        if (sim->boxes[i].liar != NULL)
            continue;
        if (!standing.is_up)
            sim_fail(sim, "a member is still down", i, 0);
        if (standing.final_height != sim->highest)
            sim_fail(sim, "a member sleeps without the last final block", i, standing.final_height);
        if (standing.next_ms != UINT64_MAX)
            sim_fail(sim, "a member does not sleep without work", i, standing.view);
    }
}

void sim_check_sleep(struct sim *sim, void (*sleep)(struct sim *sim))
{
    const size_t blocks = sim->blocks_count;
    uint64_t writes[BOXES_MAX];
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        if (sim->boxes[i].liar != NULL)
            return; /* whose votes wake the others */
        writes[i] = member_standing(sim, i).writes;
    }
    sleep(sim);
    if (sim->blocks_count != blocks)
        sim_fail(sim, "a block was built without work", NOBODY, sim->highest);
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (member_standing(sim, i).writes != writes[i])
            sim_fail(sim, "a member writes to its disk without work", i, writes[i]);
}
