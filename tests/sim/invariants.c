#include "tests/sim/sim.h"

void sim_check_final(struct sim *sim, unsigned node, const hash256 *hash)
{
    const struct sim_block *block = sim_block_of(sim, hash);
    if (block == NULL)
        sim_fail(sim, "a block that nobody made is final", node, 0);
    const uint64_t height = block->info.height;
    if (height >= HEIGHTS_MAX)
        return;
    if (sim->has_final[height] && !hash256_equal(&sim->finals[height], hash))
        sim_fail(sim, "two final blocks at one height", node, height);
    if (height > 1 && sim->has_final[height - 1]
        && !hash256_equal(&sim->finals[height - 1], &block->info.parent))
        sim_fail(sim, "a final block's parent is not final", node, height);
    sim->finals[height] = *hash;
    sim->has_final[height] = true;
    if (height > sim->highest)
        sim->highest = height;
}

static struct said *said_of(struct sim *sim, unsigned node, uint64_t view)
{
    if (view >= sim->said_count[node]) {
        const uint64_t count = 2 * view + 64;
        sim->said[node] = memory_resize(sim->said[node], count * sizeof *sim->said[node]);
        memset(sim->said[node] + sim->said_count[node], 0,
               (count - sim->said_count[node]) * sizeof *sim->said[node]);
        sim->said_count[node] = count;
    }
    return &sim->said[node][view];
}

static bool is_in_log(const struct node *node, const struct vote *vote)
{
    for (size_t i = node->log_count; i > 0; i--) {
        const struct logged *logged = &node->log[i - 1];
        if (!logged->is_proposal && !logged->is_certificate && !logged->is_bound
            && logged->is_synced && logged->vote.kind == vote->kind
            && logged->vote.view == vote->view)
            return true;
    }
    return false;
}

/* R1, counted out: every view that the proposal skips was nullified by a quorum, liars counted. */
static void check_skipped(struct sim *sim, unsigned node, const struct vote *vote)
{
    size_t at = sim->shown_count;
    while (at > 0 && !hash256_equal(&sim->shown[at - 1].digest, &vote->proposal))
        at--;
    if (at == 0)
        sim_fail(sim, "a vote for a proposal that nobody made", node, vote->view);
    for (uint64_t view = sim->shown[at - 1].parent_view + 1; view < vote->view; view++) {
        unsigned count = 0;
        for (unsigned i = 0; i < sim->n; i++)
            count += sim->nodes[i].is_liar || said_of(sim, i, view)->has[1];
        if (count < sim->of.quorum)
            sim_fail(sim, "a notarize vote over a view that was not nullified (R1)", node, view);
    }
}

void sim_show(struct sim *sim, const struct proposal *proposal)
{
    const struct shown shown = {proposal_digest_of(proposal), proposal->view,
                                proposal->parent_view};
    for (size_t i = sim->shown_count; i > 0 && i + 64 > sim->shown_count; i--)
        if (hash256_equal(&sim->shown[i - 1].digest, &shown.digest))
            return;
    sim->shown = memory_resize(sim->shown, (sim->shown_count + 1) * sizeof *sim->shown);
    sim->shown[sim->shown_count++] = shown;
}

void sim_check_sent(struct sim *sim, unsigned node, const struct vote *vote)
{
    struct said *said = said_of(sim, node, vote->view);
    const unsigned kind = (unsigned)vote->kind - MESSAGE_NOTARIZE;
    if (!is_in_log(&sim->nodes[node], vote))
        sim_fail(sim, "a vote was sent that is not in the log", node, vote->view);
    if (vote->view <= sim->nodes[node].final_view)
        sim_fail(sim, "a vote was sent in a view that is final (R0)", node, vote->view);
    if (!said->has[kind] && vote->kind == MESSAGE_NOTARIZE)
        check_skipped(sim, node, vote);
    if (said->has[kind] && !hash256_equal(&said->what[kind], &vote->proposal))
        sim_fail(sim, "two different votes of one kind in one view (E1, E2)", node, vote->view);
    said->has[kind] = true;
    said->what[kind] = vote->proposal;
    if (said->has[1] && said->has[2])
        sim_fail(sim, "a view both nullified and finalized by one member (E3)", node, vote->view);
}

void sim_check_proposed(struct sim *sim, unsigned node, const struct proposal *proposal)
{
    struct said *said = said_of(sim, node, proposal->view);
    const hash256 digest = proposal_digest_of(proposal);
    if (said->has_proposal && !hash256_equal(&said->proposal, &digest))
        sim_fail(sim, "two proposals of one view (E4)", node, proposal->view);
    said->has_proposal = true;
    said->proposal = digest;
}

void sim_check_idle(struct sim *sim)
{
    for (unsigned i = 0; i < sim->n; i++) {
        const struct simplex *engine = sim->nodes[i].engine;
        if (!sim->nodes[i].is_up)
            sim_fail(sim, "a member is still down", i, 0);
        if (simplex_final_height(engine) != sim->highest)
            sim_fail(sim, "a member sleeps without the last final block", i,
                     simplex_final_height(engine));
        if (simplex_next_ms(engine) != UINT64_MAX)
            sim_fail(sim, "a member does not sleep without work", i, simplex_view(engine));
        if (resolver_next_ms(sim->nodes[i].resolver) != UINT64_MAX)
            sim_fail(sim, "a member still asks without work", i, simplex_view(engine));
    }
}
