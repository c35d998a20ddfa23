#include "node/sync/exchange.h"
#include "tests/sim/joiner.h"

#define REJOIN_MS 30000 /* so long it must have been behind */

/* ---- What the store has, told to the rest of the member --------------------------------------- */

/* Blocks that came by sync and are final: each is checked, and the disk has them. */
static void follow_ledger(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    const struct ledger *ledger = chain_ledger(member->chain);
    const struct ledger_head *head = ledger_head(ledger);
    struct sim_block *block = sim_block_of(sim, &head->hash);
    const uint64_t above = member->disk.final.height;
    struct arena arena = {0};
    if (head->number <= above)
        return;
    for (struct sim_block *one = block; one != NULL && one->info.height > above;
         one = sim_block_of(sim, &one->info.parent)) {
        one->has |= BIT(box);
        one->executed |= BIT(box);
    }
    if (block != NULL && block->info.is_seal)
        body_learn_committee(sim, box, block);
    chain_fill_shelf(member->chain);
    member_check_chain(sim, box, &head->hash, above);
    const struct certificate finalization = chain_finalization(member->chain, head->number, &arena);
    disk_commit(&member->disk, &block->info, &finalization);
    arena_cleanup(&arena);
    block_sync_on_head(member->sync, head->number, &head->hash);
    member->is_sealed = member->disk.epoch > member->committee->epoch;
    sim_note(sim, box, "has caught up to block %u", (unsigned)head->number);
}

/* ---- Blocks that nobody has any more ---------------------------------------------------------- */

/* A block is final that is not here, and all who are ahead began after the next one. */
static bool is_left_behind(const struct member *member)
{
    return block_sync_needs_checkpoint(member->sync)
           && simplex_pending_final(replica_engine(member->replica)) != NULL;
}

static void plan_to_rejoin(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    if (member->rejoin_at != 0 || !is_left_behind(member))
        return;
    member->rejoin_at = sim->now + REJOIN_MS;
    sim_post(sim, REJOIN_MS, ON_JOIN, box);
}

void member_look_behind(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    if (member->rejoin_at != sim->now)
        return; /* a timer of the time when it joined */
    member->rejoin_at = 0;
    if (!is_left_behind(member))
        return;
    sim_note(sim, box, "lacks blocks that nobody has any more");
    sim_stop(sim, box, false, 1000);
    chains_set_store_aside(sim->chains, box);
    member->disk.has_no_store = member->disk.is_aside = true;
}

/* ---- Driving the machine ---------------------------------------------------------------------- */

static void request(struct sim *sim, unsigned box, const struct block_sync_action *action)
{
    struct buffer bytes = {0};
    const struct sync_message message = {.kind = SYNC_GET_RANGE,
                                         .get_span = {action->first, action->count}};
    sync_message_encode(&message, &bytes);
    sim_send_bytes(sim, box, BIT(action->peer), buffer_view(&bytes));
    buffer_cleanup(&bytes);
}

static void verify(struct sim *sim, unsigned box, const struct block_sync_action *action,
                   struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    struct arena arena = {0};
    struct error error;
    enum range_verdict verdict;
    static struct checked_range range;
    if (!exchange_verify_range(chain_ledger(member->chain), action, &arena, &verdict, &range,
                               &error))
        sim_fail(sim, "a range could not be checked", box, action->first);
    block_sync_on_verified(member->sync, action->range, verdict, &range.parent, range.hashes,
                           sim->now);
    if (verdict == RANGE_GOOD && range.finalization.epoch == member->committee->epoch) {
        const struct message message = {.kind = PEER_CERTIFICATE,
                                        .certificate = range.finalization};
        replica_on_message(member->replica, REPLICA_FOLLOWERS + box, &message, sim->now, queue);
    }
    arena_cleanup(&arena);
}

static void import(struct sim *sim, unsigned box, const struct block_sync_action *action)
{
    struct member *member = sim->members[box];
    enum import_verdict verdict;
    struct error error;
    while (member->commits_count > 0)
        member_store_commit(sim, box);
    if (!exchange_import_range(chain_ledger(member->chain), chain_machine(member->chain), action,
                               &verdict, &error))
        sim_fail(sim, "a range could not be imported", box, action->first);
    block_sync_on_imported(member->sync, action->range, verdict, sim->now);
    follow_ledger(sim, box);
}

void member_catch_up(struct sim *sim, unsigned box, struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    struct block_sync_action action;
    if (member->sync == NULL)
        return;
    block_sync_on_target(member->sync, simplex_pending_final(replica_engine(member->replica)),
                         sim->now);
    while (block_sync_take(member->sync, sim->now, &action))
        switch (action.kind) {
        case BLOCK_SYNC_REQUEST: request(sim, box, &action); break;
        case BLOCK_SYNC_VERIFY: verify(sim, box, &action, queue); break;
        case BLOCK_SYNC_IMPORT: import(sim, box, &action); break;
        case BLOCK_SYNC_FAULT:
            if (sim->boxes[action.peer].liar == NULL)
                sim_fail(sim, "an honest member is taken for a liar in sync", action.peer,
                         action.first);
            break;
        case BLOCK_SYNC_SYNCED: {
            const struct sim_block *block = sim_block_of(sim, &action.hash);
            const struct simplex_block info = block->info;
            if (!member->is_sealed || info.is_seal)
                replica_on_synced(member->replica, &info, sim->now, queue);
            break;
        }
        case BLOCK_SYNC_DIVERGED: sim_fail(sim, "sync diverged", box, action.first);
        }
    plan_to_rejoin(sim, box);
    const uint64_t next = block_sync_next_ms(member->sync);
    if (next != UINT64_MAX && (member->sync_at == 0 || next < member->sync_at)) {
        member->sync_at = next;
        sim_post(sim, next > sim->now ? next - sim->now : 0, ON_SYNCED, box);
    }
}

/* ---- Whom it can ask ---------------------------------------------------------------------------- */

void member_link(struct sim *sim, unsigned box, unsigned other, uint64_t life, bool is_up)
{
    struct member *member = sim->members[box];
    struct sync_link *link = &member->links[other];
    if (member->sync == NULL || (is_up && link->is_up && link->life >= life))
        return;
    block_sync_on_gone(member->sync, other);
    *link = (struct sync_link){.is_up = is_up, .life = life};
    if (is_up) /* what it has is not known yet */
        block_sync_on_peer(member->sync, other, 0, 0, sim->now);
}

/* A connection keeps the order in which a node's STATUSes were made (seat_promises.c); the network
 * here does not, so one that was overtaken is passed over. */
void member_hear_status(struct sim *sim, const struct event *event, const struct status *status)
{
    struct member *member = sim->members[event->box];
    struct sync_link *link = &member->links[event->from];
    if (member->sync == NULL || event->life < link->life || event->number < link->number)
        return;
    member_link(sim, event->box, event->from, event->life, true);
    link->number = event->number;
    block_sync_on_peer(member->sync, event->from, status->earliest_height, status->final_height,
                       sim->now);
}

/* ---- Messages --------------------------------------------------------------------------------- */

void member_on_sync_message(struct sim *sim, unsigned box, unsigned from, struct bytes bytes)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    struct sync_message message;
    if (member->joiner != NULL) {
        joiner_on_message(sim, box, from, bytes);
        return;
    }
    if (sync_message_decode(&message, bytes)) {
        if (message.kind == SYNC_RANGE)
            block_sync_on_range(member->sync, from, &message.span, bytes, sim->now);
        else
            member_answer(sim, box, from, &message);
    }
    member_carry_out(sim, box, &queue);
}
