#include "tests/sim/joiner.h"
#include "tests/sim/liars/liar.h"

#include <stdlib.h>

#include "node/replica/block_time.h"
#include "vm/crypto/keccak.h"

struct member *member_new(unsigned box)
{
    struct member *member = memory_new_zeroed(1, sizeof *member);
    (void)box;
    member->disk.log_is_whole = true;
    member->disk.epoch = 1;
    return member;
}

static void drop_commits(struct member *member)
{
    for (size_t i = 0; i < member->commits_count; i++)
        free(member->commits[i].certificate.signatures);
    free(member->commits);
    member->commits = NULL;
    member->commits_count = 0;
}

static void drop_copy(struct member *member)
{
    if (member->copy != NULL)
        disk_cleanup(member->copy);
    free(member->copy);
    member->copy = NULL;
}

void member_free(struct member *member)
{
    if (member == NULL)
        return;
    replica_free(member->replica);
    block_sync_free(member->sync);
    joiner_free(member->joiner);
    chain_close(member->chain);
    drop_commits(member);
    disk_cleanup(&member->disk);
    drop_copy(member);
    free(member);
}

static bool is_in_committee(const struct sim *sim, unsigned box)
{
    const struct committee *committee = sim->members[box]->committee;
    return committee_index(committee, sim->boxes[box].identity) < committee->of.members;
}

struct standing member_standing(const struct sim *sim, unsigned box)
{
    const struct member *member = sim->members[box];
    struct standing standing = {.is_up = member->is_up,
                                .is_joining = member->joiner != NULL,
                                .has_no_store = member->disk.has_no_store,
                                .log_is_whole = member->disk.log_is_whole,
                                .store_is_old = member->disk.store_is_old,
                                .silent_until = member->silent_until,
                                .epoch = member->disk.epoch,
                                .final_height = member->disk.final.height,
                                .writes = member->disk.writes,
                                .final_view = member->disk.final_view};
    if (!member->is_up)
        return standing;
    const struct simplex *engine = replica_engine(member->replica);
    standing.is_member = is_in_committee(sim, box);
    standing.is_audited = replica_is_audited(member->replica);
    standing.epoch = replica_epoch(member->replica);
    standing.view = simplex_view(engine);
    standing.agreed_height = simplex_final_height(engine);
    standing.next_ms = simplex_next_ms(engine);
    return standing;
}

unsigned member_peer(const struct sim *sim, const struct member *member, unsigned box)
{
    const unsigned index = committee_index(member->committee, sim->boxes[box].identity);
    return index < member->committee->of.members ? index : REPLICA_FOLLOWERS + box;
}

struct simplex_config member_engine_config(const struct sim *sim, unsigned box)
{
    const struct disk *disk = &sim->members[box]->disk;
    const struct committee *committee = sim_committee(sim, disk->epoch);
    return (struct simplex_config){
        .epoch = disk->epoch,
        .thresholds = committee->of,
        .own_index = committee_index(committee, sim->boxes[box].identity),
        .seal_mix_hash = committee->mix_hash,
        .pulse_ms = 200,
        .execution_ms = 50,
        .final_view = disk->final_view,
        .final_height = disk->final.height,
        .final_block = disk->final.hash,
        .finalization = disk->has_certificate ? &disk->certificate : NULL,
        .final_ms = sim->now};
}

/* ---- Life ----------------------------------------------------------------------------------- */

/* The view whose certificates the log has lost; 0: none. The rules hold without them. */
static uint64_t lost_certificates(const struct sim *sim, const struct member *member)
{
    uint64_t highest = 0;
    if (!sim->loses_certificates || member->committee->of.members == 1)
        return 0; /* who is alone has nobody to get them from */
    for (size_t i = 0; i < member->disk.records_count; i++) {
        const struct vote_record *record = &member->disk.records[i].record;
        if (record->kind == VOTE_RECORD_CERTIFICATE && record->epoch == member->disk.epoch
            && record->view > highest)
            highest = record->view;
    }
    return highest;
}

/* Of blocks that are not final those are here that the log has; nothing of them is executed. */
static void reload(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    const uint64_t lost = lost_certificates(sim, member);
    for (size_t i = 0; i < sim->blocks_count; i++) {
        struct sim_block *block = &sim->blocks[i];
        if (block->info.height > member->disk.final.height || (block->executed & BIT(box)) == 0) {
            block->executed &= ~BIT(box);
            block->has &= ~BIT(box);
        }
    }
    for (size_t i = 0; i < member->disk.records_count; i++) {
        const struct vote_record *record = &member->disk.records[i].record;
        if (record->epoch != member->disk.epoch || !is_in_committee(sim, box)
            || (record->kind == VOTE_RECORD_CERTIFICATE && record->view == lost))
            continue;
        if (!replica_on_record(member->replica, record))
            sim_fail(sim, "a record of its own is refused", box, record->view);
        if (record->kind == VOTE_RECORD_BLOCK)
            sim_block_of(sim, &record->block)->has |= BIT(box);
        if (record->kind == VOTE_RECORD_BOUND && record->view > member->silent_until)
            member->silent_until = record->view;
    }
}

void member_meet_all(struct sim *sim, unsigned box, struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].identity != sim->boxes[box].identity && sim->members[i]->is_up
            && sim_is_connected(sim, box, i)) {
            replica_on_peer(member->replica, member_peer(sim, member, i), true, sim->now, queue);
            member_link(sim, box, i, sim->boxes[i].life, true);
        }
}

/* The others notice, each in its time. */
static void tell_others(struct sim *sim, unsigned box, uint64_t within_ms)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].identity != sim->boxes[box].identity && sim_is_linked(sim, box, i)) {
            struct event *event = sim_post(sim, 10 + sim_draw(sim) % within_ms, ON_PEER, i);
            event->from = box;
        }
}

static void open_chain(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    if (sim->chains == NULL)
        return;
    member->chain = chain_open(sim->chains, box);
    const struct ledger_head *head = ledger_head(chain_ledger(member->chain));
    if (member->disk.final.height == 0)
        sim->finals[0] = member->disk.final.hash = head->hash;
    if (!hash256_equal(&head->hash, &member->disk.final.hash)
        || head->view != member->disk.final_view)
        sim_fail(sim, "the store came back with another head", box, head->number);
    body_on_open(sim, box);
    member->sync = block_sync_new(head->number, &head->hash);
    member->sync_at = member->rejoin_at = 0;
    memset(member->links, 0, sizeof member->links);
}

void member_start(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    if (member->disk.has_no_store) {
        joiner_start(sim, box);
        return;
    }
    const uint64_t random = sim_draw(sim);
    open_chain(sim, box);
    disk_prune(&member->disk);
    const struct replica_config config = {
        .engine = member_engine_config(sim, box),
        .log_is_whole = member->disk.log_is_whole,
        .nonce = keccak256(&random, sizeof random),
        .earliest_height = sim->chains != NULL ? chain_earliest(member->chain) : 0};
    member->is_up = true;
    member->is_syncing = member->is_sealed = false;
    member->has_news = true;
    member->timer_at = member->commit_at = member->silent_until = 0;
    member->final_view = member->disk.final_view;
    member->committee = sim_committee(sim, config.engine.epoch);
    member->replica = replica_new(&config);
    reload(sim, box);
    sim_note(sim, box, "is up");
    replica_on_clock(member->replica, wall_clock_is_set(sim_wall_ms(sim, box)), sim->now, &queue);
    replica_on_start(member->replica, sim->now, &queue);
    if (is_in_committee(sim, box) && member->chain == NULL)
        replica_on_work(member->replica, sim->has_work ? WORK_TRANSACTIONS : WORK_NONE, sim->now,
                        &queue);
    member_meet_all(sim, box, &queue);
    member_carry_out(sim, box, &queue);
    tell_others(sim, box, 100);
}

void member_stop(struct sim *sim, unsigned box, bool loses_log)
{
    struct member *member = sim->members[box];
    member->is_up = false;
    replica_free(member->replica);
    member->replica = NULL;
    block_sync_free(member->sync);
    member->sync = NULL;
    joiner_free(member->joiner);
    member->joiner = NULL;
    chain_close(member->chain);
    member->chain = NULL;
    drop_commits(member);
    disk_tear(&member->disk, sim);
    if (loses_log)
        disk_lose_log(&member->disk);
    tell_others(sim, box,
                sim_chance(sim, 50) ? 100 : 15000); /* a clean end of connections, or not */
}

void member_be_new(struct sim *sim, unsigned box)
{
    sim->members[box]->disk.has_no_store = true;
}

void member_lose_store(struct sim *sim, unsigned box, bool joins)
{
    struct member *member = sim->members[box];
    const uint64_t random = sim_draw(sim);
    if (sim->chains != NULL) {
        chains_damage_store(sim->chains, box, random, sim->finals, member->disk.final.height);
        chains_lose_store(sim->chains, box);
    }
    disk_lose_store(&member->disk);
    member->disk.has_no_store = joins;
}

void member_copy_disk(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    if (sim->chains != NULL)
        chains_copy_store(sim->chains, box);
    drop_copy(member);
    member->copy = disk_copy_all(&member->disk);
}

bool member_has_copy(const struct sim *sim, unsigned box)
{
    return sim->members[box]->copy != NULL;
}

void member_put_back(struct sim *sim, unsigned box, bool unnoticed)
{
    struct member *member = sim->members[box];
    struct disk *copy = disk_copy_all(member->copy);
    if (sim->chains != NULL)
        chains_put_back_store(sim->chains, box);
    disk_cleanup(&member->disk);
    member->disk = *copy;
    free(copy);
    for (struct sim_block *one = sim_block_of(sim, &member->disk.final.hash); one != NULL;
         one = sim_block_of(sim, &one->info.parent)) {
        one->has |= BIT(box); /* again, if its store began anew meanwhile */
        one->executed |= BIT(box);
    }
    if (unnoticed)
        return;
    disk_lose_log(&member->disk);
    member->disk.store_is_old = true;
    member->disk.adopted_until = 0;
}

/* ---- What happens --------------------------------------------------------------------------- */

void member_on_work(struct sim *sim, unsigned box, bool is_waiting)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    if (!is_in_committee(sim, box) || member->chain != NULL)
        return; /* whoever follows passes its transactions on */
    replica_on_work(member->replica, is_waiting ? WORK_TRANSACTIONS : WORK_NONE, sim->now, &queue);
    member_carry_out(sim, box, &queue);
}

void member_on_transaction(struct sim *sim, unsigned box, const struct transaction *tx)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    const enum pool_verdict verdict = chain_submit(member->chain, tx, sim_wall_ms(sim, box));
    sim->figures.refused += verdict == POOL_FULL || verdict == POOL_SENDER_FULL;
    if (verdict == POOL_OK)
        member->has_news = true;
    member_carry_out(sim, box, &queue);
}

void member_on_clock(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    if (!member->is_up)
        return;
    replica_on_clock(member->replica, wall_clock_is_set(sim_wall_ms(sim, box)), sim->now, &queue);
    member_carry_out(sim, box, &queue);
}

bool member_wants(struct sim *sim, unsigned box, unsigned from, const struct message *message)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    const bool is_wanted =
        replica_look(member->replica, member_peer(sim, member, from), message, sim->now, &queue);
    member_carry_out(sim, box, &queue);
    return is_wanted;
}

void member_on_message(struct sim *sim, unsigned box, unsigned from, const struct message *message)
{
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    replica_on_message(member->replica, member_peer(sim, member, from), message, sim->now, &queue);
    member_carry_out(sim, box, &queue);
}

static bool crashes_now(struct sim *sim, unsigned percent)
{
    return sim->crash > 0 && !sim->is_quiet && sim_chance(sim, percent);
}

/* The process ends with it: nothing that was not promised yet leaves. */
static bool fails_to_sync(struct sim *sim, unsigned box)
{
    bool is_full;
    if (!sim_write_fails(sim, &is_full))
        return false;
    if (is_full)
        disk_drop_unsynced(&sim->members[box]->disk);
    sim_stop_for_disk(sim, box, is_full);
    return true;
}

static bool fails_to_commit(struct sim *sim, unsigned box)
{
    bool is_full;
    if (!sim_write_fails(sim, &is_full) || !member_fail_commit(sim, box, is_full))
        return false;
    sim_stop_for_disk(sim, box, is_full);
    return true;
}

static void on_logged(struct sim *sim, struct event *event)
{
    struct member *member = sim->members[event->box];
    struct replica_queue queue = {0};
    if (fails_to_sync(sim, event->box))
        return;
    disk_sync(&member->disk, event->view);
    sim_sign_vote(sim, event->box, &event->vote);
    replica_on_cast(member->replica, &event->vote, sim->now, &queue);
    member_carry_out(sim, event->box, &queue);
    if (sim->loses_certificates && event->vote.kind == MESSAGE_FINALIZE && crashes_now(sim, 40))
        sim_crash(sim, event->box);
}

static void on_proposal_logged(struct sim *sim, struct event *event)
{
    struct member *member = sim->members[event->box];
    struct replica_queue queue = {0};
    if (fails_to_sync(sim, event->box))
        return;
    disk_sync(&member->disk, event->view);
    sim_sign_proposal(sim, event->box, &event->proposal);
    sim_note(sim, event->box, "leads view %u and proposes", (unsigned)event->proposal.view);
    replica_on_proposed(member->replica, &event->proposal, sim->now, &queue);
    member_carry_out(sim, event->box, &queue);
    if (crashes_now(sim, 5)) /* between PROP and its own vote */
        sim_crash(sim, event->box);
}

static void on_built(struct sim *sim, const struct event *event, struct replica_queue *queue)
{
    struct member *member = sim->members[event->box];
    struct simplex_block info;
    enum unbuilt why;
    if (body_build(sim, event->box, &event->block, event->view, &info, &why)) {
        replica_on_built(member->replica, &info, sim->now, queue);
        return;
    }
    sim->figures.failed_builds += why != UNBUILT_NOTHING_NEW;
    replica_on_build_failed(member->replica, event->view, why, sim->now, queue);
}

static void on_read(struct sim *sim, const struct event *event, struct replica_queue *queue)
{
    struct simplex_block info;
    const bool is_it =
        body_read(sim, event->box, &event->block, buffer_view(&event->packet->bytes), &info);
    replica_on_read(sim->members[event->box]->replica, &event->block, is_it ? &info : NULL,
                    sim->now, queue);
}

static void on_executed(struct sim *sim, const struct event *event, struct replica_queue *queue)
{
    const enum replica_verdict verdict = body_execute(
        sim, event->box, &event->block, buffer_view(&event->packet->bytes), event->time_is_right);
    replica_on_executed(sim->members[event->box]->replica, &event->block, verdict, sim->now, queue);
}

/* Where blocks are hashes: all up to a final one come, are executed and stored. */
static void on_synced(struct sim *sim, unsigned box, struct replica_queue *queue)
{
    struct member *member = sim->members[box];
    const hash256 *pending = simplex_pending_final(replica_engine(member->replica));
    const struct sim_block *block = pending == NULL ? NULL : sim_block_of(sim, pending);
    member->is_syncing = false;
    while (member->commits_count > 0)
        member_store_commit(sim, box);
    const uint64_t above = member->disk.final.height;
    if (block == NULL || block->info.height <= above || block->epoch != member->committee->epoch)
        return;
    const struct simplex_block target = block->info;
    struct sim_block *one = sim_block_of(sim, &target.hash);
    for (; one != NULL && one->info.height > above; one = sim_block_of(sim, &one->info.parent)) {
        one->has |= BIT(box);
        one->executed |= BIT(box);
    }
    sim_note(sim, box, "has caught up to block %u", (unsigned)target.height);
    replica_on_synced(member->replica, &target, sim->now, queue);
    const struct certificate *finalization = simplex_finalization(replica_engine(member->replica));
    member_check_chain(sim, box, &target.hash, above);
    disk_commit(&member->disk, &target, finalization); /* at once: what came by sync is stored */
    member->final_view = finalization->view;
}

static void on_adopted(struct sim *sim, const struct event *event)
{
    struct member *member = sim->members[event->box];
    if (fails_to_sync(sim, event->box))
        return;
    disk_sync(&member->disk, event->view);
    if (event->epoch != member->disk.epoch)
        return;
    member->disk.log_is_whole = true;
    member->disk.adopted_until = event->vote.view;
}

static void on_peer(struct sim *sim, const struct event *event, struct replica_queue *queue)
{
    struct member *member = sim->members[event->box];
    const bool is_up =
        sim->members[event->from]->is_up && sim_is_connected(sim, event->box, event->from);
    replica_on_peer(member->replica, member_peer(sim, member, event->from), is_up, sim->now, queue);
    member_link(sim, event->box, event->from, sim->boxes[event->from].life, is_up);
}

void member_on_event(struct sim *sim, struct event *event)
{
    const unsigned box = event->box;
    struct member *member = sim->members[box];
    struct replica_queue queue = {0};
    if (event->life != sim->boxes[box].life && event->kind != ON_PEER)
        return;
    if (member->joiner != NULL) {
        joiner_on_event(sim, event);
        return;
    }
    if (!member->is_up)
        return;
    const bool is_of_epoch = event->epoch == member->committee->epoch;
    switch (event->kind) {
    case ON_LOGGED: on_logged(sim, event); return;
    case ON_PROPOSAL_LOGGED: on_proposal_logged(sim, event); return;
    case ON_ADOPTED: on_adopted(sim, event); return;
    case ON_READ:
        if (is_of_epoch)
            on_read(sim, event, &queue);
        break;
    case ON_EXECUTED:
        if (is_of_epoch)
            on_executed(sim, event, &queue);
        break;
    case ON_BUILT:
        if (is_of_epoch)
            on_built(sim, event, &queue);
        break;
    case ON_COMMITTED:
        if (fails_to_commit(sim, box))
            return;
        member_store_commit(sim, box);
        break;
    case ON_SYNCED:
        member->sync_at = 0;
        if (member->sync == NULL && is_of_epoch)
            on_synced(sim, box, &queue);
        break;
    case ON_PEER: on_peer(sim, event, &queue); break;
    case ON_JOIN: member_look_behind(sim, box); return;
    case ON_TIME:
        if (member->timer_at != sim->now)
            return; /* an earlier one took its place */
        member->timer_at = 0;
        replica_on_time(member->replica, sim->now, &queue);
        break;
    default: return;
    }
    member_carry_out(sim, box, &queue);
}
