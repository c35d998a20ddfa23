#include "tests/sim/liars/liar.h"
#include "tests/sim/member_state.h"

#include <stdlib.h>

#define SYNC_MS 3000 /* a stand-in for block sync takes so long */

void member_say(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    const struct liar *liar = sim->boxes[box].liar;
    if (liar != NULL && liar->says != NULL)
        liar->says(sim, box, to & ~BIT(box), message);
    else
        sim_send(sim, box, to, message);
}

static uint64_t boxes_of_peer(const struct sim *sim, const struct member *member, uint32_t peer)
{
    if (peer == SIMPLEX_ALL)
        return ~0ULL;
    return peer >= REPLICA_FOLLOWERS ? BIT(peer - REPLICA_FOLLOWERS)
                                     : sim_boxes_of_index(sim, member->committee, peer);
}

/* ---- The vote log --------------------------------------------------------------------------- */

static uint64_t log_time(struct sim *sim, unsigned box)
{
    return 1 + sim_draw(sim) % sim->boxes[box].sync_most_ms;
}

/* What was appended last is on the disk a while later. */
static struct event *sync_later(struct sim *sim, unsigned box, enum event_kind kind)
{
    struct event *event = sim_post(sim, log_time(sim, box), kind, box);
    event->view = sim->members[box]->disk.records_count;
    event->epoch = sim->members[box]->committee->epoch;
    return event;
}

static void check_certificate(struct sim *sim, unsigned box, const struct vote_record *record)
{
    struct arena arena = {0};
    struct certificate certificate;
    if (!certificate_decode(&certificate, record->body, &arena))
        sim_fail(sim, "a certificate is logged that does not decode", box, record->view);
    sim_check_certificate(sim, box, &certificate);
    arena_cleanup(&arena);
}

static void log_record(struct sim *sim, unsigned box, const struct vote_record *record)
{
    struct member *member = sim->members[box];
    if (record->kind == VOTE_RECORD_BOUND) {
        member->silent_until = record->view;
        sim_note(sim, box, "forgot its votes; silent up to view %u", (unsigned)record->view);
    }
    if (record->kind == VOTE_RECORD_CERTIFICATE)
        check_certificate(sim, box, record);
    disk_append(&member->disk, record);
}

static void log_block(struct sim *sim, unsigned box, const struct replica_action *action)
{
    struct member *member = sim->members[box];
    struct arena arena = {0};
    const struct vote_record record = {.kind = VOTE_RECORD_BLOCK,
                                       .epoch = member->committee->epoch,
                                       .view = action->view,
                                       .block = action->block,
                                       .body = body_of(sim, box, &action->block, &arena)};
    const struct sim_block *block = sim_block_of(sim, &action->block);
    if ((block->executed & BIT(box)) == 0)
        sim_fail(sim, "a block is logged that was not executed", box, action->view);
    disk_append(&member->disk, &record);
    arena_cleanup(&arena);
}

/* ---- The ledger ----------------------------------------------------------------------------- */

static void with_body(struct event *event, const struct replica_action *action)
{
    event->block = action->block;
    event->packet = memory_new_zeroed(1, sizeof *event->packet);
    event->packet->uses = 1;
    buffer_append_bytes(&event->packet->bytes, action->body);
}

static void execute(struct sim *sim, unsigned box, const struct replica_action *action)
{
    const struct sim_block *block = sim_block_of(sim, &action->block);
    const struct sim_block *parent = sim_block_of(sim, &block->info.parent);
    if ((block->executed & BIT(box)) != 0
        && block->info.height > sim->members[box]->disk.final.height)
        sim_fail(sim, "a block is executed twice", box, block->info.height);
    if (parent != NULL && (parent->executed & BIT(box)) == 0)
        sim_fail(sim, "a block is executed before its parent", box, block->info.height);
    const uint64_t time = (1 + sim_draw(sim) % 40) * sim->boxes[box].slowness;
    struct event *event = sim_post(sim, time, ON_EXECUTED, box);
    with_body(event, action);
    event->epoch = sim->members[box]->committee->epoch;
    event->time_is_right = action->time_is_right;
}

void member_check_chain(struct sim *sim, unsigned box, const hash256 *hash, uint64_t above)
{
    hash256 chain[HEIGHTS_MAX];
    size_t count = 0;
    const struct sim_block *block = sim_block_of(sim, hash);
    for (; block != NULL && block->info.height > above && count < HEIGHTS_MAX;
         block = sim_block_of(sim, &block->info.parent)) {
        if ((block->executed & BIT(box)) == 0)
            sim_fail(sim, "committed without having executed it", box, block->info.height);
        chain[count++] = block->info.hash;
    }
    while (count > 0)
        sim_check_final(sim, box, &chain[--count]);
}

static void commit(struct sim *sim, unsigned box, const struct replica_action *action)
{
    struct member *member = sim->members[box];
    const struct sim_block *block = sim_block_of(sim, &action->block);
    const struct sim_block *before =
        member->commits_count == 0
            ? NULL
            : sim_block_of(sim, &member->commits[member->commits_count - 1].block);
    const uint64_t above = before == NULL ? member->disk.final.height : before->info.height;
    if (member->sync != NULL && block != NULL && block->info.height < member->disk.final.height
        && hash256_equal(&sim->finals[block->info.height], &action->block)) {
        member->final_view = action->certificate.view; /* the store has it by sync */
        return;
    }
    if (block == NULL ? above > 0 : block->info.height < above)
        sim_fail(sim, "committed out of order", box, above);
    member_check_chain(sim, box, &action->block, above);
    sim_check_certificate(sim, box, &action->certificate);
    member->final_view = action->certificate.view;
    member->commits =
        memory_resize(member->commits, (member->commits_count + 1) * sizeof *member->commits);
    member->commits[member->commits_count++] =
        (struct commit){action->block, disk_copy(&action->certificate)};
    const uint64_t done = sim->now + log_time(sim, box);
    member->commit_at = done > member->commit_at ? done : member->commit_at;
    sim_post(sim, member->commit_at - sim->now, ON_COMMITTED, box);
}

void member_store_commit(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    if (member->commits_count == 0)
        return;
    struct commit first = member->commits[0];
    const bool is_late = first.certificate.epoch != member->disk.epoch;
    memmove(member->commits, member->commits + 1, --member->commits_count * sizeof first);
    const struct sim_block *block = sim_block_of(sim, &first.block);
    const struct simplex_block info = block == NULL ? member->disk.final : block->info;
    if (!is_late) { /* else a seal once more, which ended its epoch */
        body_store(sim, box, &first.block, &first.certificate);
        disk_commit(&member->disk, &info, &first.certificate);
    }
    free(first.certificate.signatures);
}

bool member_fail_commit(struct sim *sim, unsigned box, bool is_full)
{
    struct member *member = sim->members[box];
    const struct commit *first = member->commits;
    if (member->commits_count == 0 || first->certificate.epoch != member->disk.epoch)
        return false;
    const struct sim_block *block = sim_block_of(sim, &first->block);
    const struct simplex_block info = block == NULL ? member->disk.final : block->info;
    const uint64_t random = sim_draw(sim);
    const bool is_there =
        member->chain != NULL
            ? chain_fail_commit(member->chain, &first->block, &first->certificate, is_full, random)
            : !is_full && random % 2 == 0;
    if (is_there) /* found when the store is opened again */
        disk_commit(&member->disk, &info, &first->certificate);
    return true;
}

/* To whatever the engine waits for by then. */
static void start_sync(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    if (!member->is_syncing)
        sim_post(sim, SYNC_MS, ON_SYNCED, box)->epoch = member->committee->epoch;
    member->is_syncing = true;
}

/* ---- What leaves ---------------------------------------------------------------------------- */

static void send(struct sim *sim, unsigned box, const struct replica_action *action)
{
    const struct member *member = sim->members[box];
    struct message message = action->message;
    struct arena arena = {0};
    if (message.kind == PEER_VOTE
        && member->committee->identities[message.vote.signer] == sim->boxes[box].identity)
        sim_check_sent(sim, box, &message.vote, disk_has_vote(&member->disk, &message.vote),
                       member->final_view);
    if (message.kind == PEER_PROPOSAL) {
        sim_check_proposed(sim, box, &message.proposal);
        if (action->has_body)
            message.proposal.body = body_of(sim, box, &action->block, &arena);
        if (message.proposal.body.size > 0)
            message.proposal.form = PROPOSAL_WHOLE_BLOCK;
    }
    member_say(sim, box, boxes_of_peer(sim, member, action->to), &message);
    arena_cleanup(&arena);
}

static void send_status(struct sim *sim, unsigned box, const struct replica_action *action)
{
    const struct member *member = sim->members[box];
    struct message message = {.kind = PEER_STATUS, .status = action->status};
    if (action->status.signer >= member->committee->of.members)
        return; /* a follower has no signature for it */
    sim_sign_status(sim, box, &message.status);
    member_say(sim, box, boxes_of_peer(sim, member, action->to), &message);
}

static void relay(struct sim *sim, unsigned box, const struct replica_action *action)
{
    const struct member *member = sim->members[box];
    const uint64_t signers = sim_boxes_of_index(sim, member->committee, action->signer);
    uint64_t to = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if ((sim->boxes[i].not_linked & signers) != 0)
            to |= BIT(i);
    struct message message = action->message;
    to &= ~boxes_of_peer(sim, member, action->to);
    if (to != 0)
        member_say(sim, box, to, &message);
}

static void serve(struct sim *sim, unsigned box, const struct replica_action *action)
{
    struct arena arena = {0};
    struct message answer = {.kind = PEER_BLOCK,
                             .block = {action->block, body_of(sim, box, &action->block, &arena)}};
    if (answer.block.body.size > 0)
        member_say(sim, box, boxes_of_peer(sim, sim->members[box], action->to), &answer);
    arena_cleanup(&arena);
}

static void serve_seal(struct sim *sim, unsigned box, const struct replica_action *action)
{
    const struct member *member = sim->members[box];
    if (action->epoch > EPOCHS_MAX || !member->disk.has_seal[action->epoch])
        return;
    struct message answer = {.kind = PEER_CERTIFICATE,
                             .certificate = member->disk.seals[action->epoch]};
    member_say(sim, box, boxes_of_peer(sim, member, action->to), &answer);
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void do_action(struct sim *sim, unsigned box, const struct replica_action *action)
{
    struct member *member = sim->members[box];
    struct event *event;
    switch (action->kind) {
    case REPLICA_LOG: log_record(sim, box, &action->record); break;
    case REPLICA_LOG_BLOCK: log_block(sim, box, action); break;
    case REPLICA_CAST:
        disk_append(&member->disk, &action->record);
        sync_later(sim, box, ON_LOGGED)->vote = action->vote;
        break;
    case REPLICA_PROPOSE:
        disk_append(&member->disk, &action->record);
        sync_later(sim, box, ON_PROPOSAL_LOGGED)->proposal = action->proposal;
        break;
    case REPLICA_ADOPT_LOG: sync_later(sim, box, ON_ADOPTED)->vote.view = action->view; break;
    case REPLICA_BUILD:
        event = sim_post(sim, (1 + sim_draw(sim) % 40) * sim->boxes[box].slowness, ON_BUILT, box);
        event->block = action->block;
        event->view = action->view;
        event->epoch = member->committee->epoch;
        break;
    case REPLICA_READ:
        event = sim_post(sim, sim_draw(sim) % 3, ON_READ, box);
        event->epoch = member->committee->epoch;
        with_body(event, action);
        break;
    case REPLICA_EXECUTE: execute(sim, box, action); break;
    case REPLICA_COMMIT: commit(sim, box, action); break;
    case REPLICA_DROP: body_drop(sim, box, &action->block); break;
    case REPLICA_SYNC:
        if (member->sync == NULL) /* else member_catch_up() looks after it */
            start_sync(sim, box);
        break;
    case REPLICA_SEND: send(sim, box, action); break;
    case REPLICA_STATUS: send_status(sim, box, action); break;
    case REPLICA_RELAY: relay(sim, box, action); break;
    case REPLICA_SERVE: serve(sim, box, action); break;
    case REPLICA_SERVE_SEAL: serve_seal(sim, box, action); break;
    case REPLICA_ACCUSE: sim_check_accused(sim, member->committee->epoch, &action->evidence); break;
    case REPLICA_HALT:
        if (!sim_is_faulty(sim, sim->boxes[box].identity))
            sim_fail(sim, "halted", box, 0);
        break;
    case REPLICA_SEALED: member->is_sealed = true; break;
    }
}

/* The next epoch begins once its seal is in the store. */
static void begin_epoch(struct sim *sim, unsigned box, struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    const struct simplex_config config = member_engine_config(sim, box);
    member->is_sealed = false;
    member->is_syncing = false;
    member->has_news = true; /* the new engine knows of no work yet */
    member->silent_until = member->final_view = 0;
    member->committee = sim_committee(sim, config.epoch);
    sim_note(sim, box, "begins epoch %u", (unsigned)config.epoch);
    replica_on_epoch(member->replica, &config, member->disk.store_is_old, sim->now, queue);
    if (committee_index(member->committee, sim->boxes[box].identity) < member->committee->of.members
        && member->chain == NULL)
        replica_on_work(member->replica, sim->has_work ? WORK_TRANSACTIONS : WORK_NONE, sim->now,
                        queue);
    member_meet_all(sim, box, queue);
}

/* With a real ledger: what waits on top of what the next block would stand on, if that changed. */
static void tell_work(struct sim *sim, unsigned box, struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    const hash256 tip = simplex_tip(replica_engine(member->replica));
    const struct sim_block *block = sim_block_of(sim, &tip);
    if (member->chain == NULL || member_peer(sim, member, box) >= REPLICA_FOLLOWERS
        || (hash256_equal(&tip, &member->worked_on) && !member->has_news)
        || (block != NULL && (block->executed & BIT(box)) == 0))
        return;
    member->worked_on = tip;
    member->has_news = false;
    replica_on_work(member->replica, chain_work(member->chain, &tip), sim->now, queue);
}

void member_carry_out(struct sim *sim, unsigned box, struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    for (size_t done = 0;; done++) {
        if (done == queue->count && member->is_sealed
            && member->disk.epoch > member->committee->epoch)
            begin_epoch(sim, box, queue);
        if (done == queue->count)
            member_catch_up(sim, box, queue);
        if (done == queue->count)
            tell_work(sim, box, queue);
        if (done == queue->count)
            break;
        do_action(sim, box, &queue->actions[done]);
    }
    replica_queue_cleanup(queue);
    const uint64_t next = replica_next_ms(member->replica);
    if (next != UINT64_MAX && (member->timer_at == 0 || next < member->timer_at)) {
        member->timer_at = next;
        sim_post(sim, next > sim->now ? next - sim->now : 0, ON_TIME, box);
    }
}
