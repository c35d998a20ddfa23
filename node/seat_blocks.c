#include "node/seat_state.h"

#include <inttypes.h>
#include <stdlib.h>

#include "node/clock.h"
#include "node/consensus/round.h"
#include "node/log.h"
#include "node/replica/block_time.h"
#include "node/sync/exchange.h"

#define EXECUTION_BUDGET_MS 1000 /* no further transaction is begun after it */

/* ---- Jobs ------------------------------------------------------------------------------------- */

struct seat_job *seat_job_new(struct seat *seat, enum block_step step)
{
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);
    job->seat = seat;
    job->life = seat->life;
    job->step = step;
    job->began_ns = clock_work_ns();
    seat->jobs++;
    return job;
}

void seat_job_free(struct seat_job *job)
{
    free(job->finalization.signatures);
    free(job->checked);
    buffer_cleanup(&job->body);
    arena_cleanup(&job->arena);
    free(job);
}

bool seat_job_is_back(struct seat_job *job)
{
    struct seat *seat = job->seat;
    seat->jobs--;
    if (job->ok)
        histogram_add(&seat->consensus_counts.steps[job->step], clock_work_ns() - job->began_ns);
    if (seat->is_close_wanted) {
        seat_finish_close(seat);
        return false;
    }
    return seat->replica != NULL && job->life == seat->life;
}

/* A job that must not be forgotten when its replica is gone, and has nothing more to do then. */
static void finish(struct seat_job *job,
                   void (*then)(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue))
{
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};
    if (seat_job_is_back(job)) {
        if (!job->ok && seat_is_fatal(job->error.code))
            seat_stand_still(seat, &job->error);
        else
            then(job, clock_boot_ms(), &queue);
        seat_carry_out(seat, &queue);
    }
    seat_job_free(job);
}

static struct simplex_block info_of(const struct block_facts *facts)
{
    return (struct simplex_block){facts->hash, facts->parent, facts->view, facts->height,
                                  facts->is_seal};
}

/* ---- Work ------------------------------------------------------------------------------------- */

static enum work_kind find_work(struct seat *seat, struct ledger *ledger)
{
    pool_expire(ledger_pool(ledger), clock_wall_ms());
    if (atomic_load(&seat->follows))
        return WORK_NONE; /* it builds nothing */
    if (!ledger_has_work(ledger, &seat->tip))
        return WORK_NONE;
    return ledger_has_includable(ledger, &seat->tip) ? WORK_TRANSACTIONS : WORK_EMPTY_BLOCK;
}

enum work_kind seat_look_for_work(struct seat *seat, struct ledger *ledger)
{
    enum work_kind work = find_work(seat, ledger);
    atomic_store(&seat->known_work, (int)work);
    return work;
}

void seat_tell_work(struct seat *seat, uint64_t now_ms, struct replica_queue *queue)
{
    replica_on_work(seat->replica, (enum work_kind)atomic_load(&seat->known_work), now_ms, queue);
}

/* ---- Building --------------------------------------------------------------------------------- */

static void copy_container(struct seat_job *job, const hash256 *hash)
{
    struct arena arena = {0};
    buffer_append_bytes(&job->body, ledger_container(job->seat->ledger, hash, &arena));
    arena_cleanup(&arena);
}

static bool build(struct seat_job *job, struct vm *machine)
{
    struct seat *seat = job->seat;
    const struct committee_entry *own =
        &ledger_epoch_record(seat->ledger)->committee[seat->own_index];
    struct reveal_progress progress;
    struct build_request request = {
        .parent = job->block,
        .view = job->view,
        .now_ms = clock_wall_ms(),
        .beneficiary = own->payout,
        .execution_budget_ms = EXECUTION_BUDGET_MS,
    };
    struct block_facts facts;
    hash256 hash;

    if (!ledger_reveal_progress(seat->ledger, &request.parent, seat->own_index, &progress))
        return error_set(&job->error, ERROR_NOT_FOUND,
                         "the block to build on is not in the ledger");
    if (!reveal_chain_at(seat->reveals, progress.used, &request.reveal, &job->error)) {
        char why[ERROR_TEXT_SIZE];
        memcpy(why, job->error.text, sizeof why);
        return error_set(&job->error, ERROR_UNSUPPORTED,
                         "%.200s (lwallet org create); this one stays readable", why);
    }
    if (!ledger_build(seat->ledger, machine, &request, &hash, &job->error)
        || !ledger_block_facts(seat->ledger, &hash, &facts, &job->error))
        return false;
    job->info = info_of(&facts);
    if (atomic_load(&seat->passes_on))
        copy_container(job, &hash);
    return true;
}

/* Of one member's block the next is built on it. That of one among others may never be certified:
 * until it is the engine's tip, what is left to do is what is left on its parent. */
static void build_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;

    /* What the engine was told of may be in the parent or have expired. */
    if (ledger_has_work(seat->ledger, &job->block))
        job->ok = build(job, machine);
    seat->tip = job->ok && !atomic_load(&seat->passes_on) ? job->info.hash : job->block;
    seat_look_for_work(seat, seat->ledger);
}

static enum unbuilt why_unbuilt(enum error_code code)
{
    switch (code) {
    case ERROR_NONE: return UNBUILT_NOTHING_NEW;
    case ERROR_BUSY: return UNBUILT_NO_ROOM;
    default: return UNBUILT_FAILED;
    }
}

static void build_failed(struct seat *seat, const struct seat_job *job, uint64_t now_ms,
                         struct replica_queue *queue)
{
    const enum unbuilt why = why_unbuilt(job->error.code);
    if (why != UNBUILT_NOTHING_NEW) {
        log_write(LOG_WARN, "seat: built nothing org=%s reason=\"%s\"", seat->org->label,
                  job->error.text);
        tally_add(&seat->consensus_counts.builds_failed, 1);
    }
    replica_on_build_failed(seat->replica, job->view, why, now_ms, queue);
}

static void after_build(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue)
{
    struct seat *seat = job->seat;
    if (job->ok) {
        seat->built = job->info.hash;
        if (!seat_is_alone(seat))
            seat_keep_body(seat, &job->info.hash, job->info.height, &job->body);
        replica_on_built(seat->replica, &job->info, now_ms, queue);
    } else {
        build_failed(seat, job, now_ms, queue);
    }
    seat->worked_on = job->block;
    seat_tell_work(seat, now_ms, queue);
}

static void on_built(void *arg)
{
    finish(arg, after_build);
}

void seat_build(struct seat *seat, const struct replica_action *action)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_BUILD);
    job->view = action->view;
    job->block = action->block;
    seat->build_began_ns = job->began_ns;
    actor_submit_own(seat->actor, build_job, on_built, job);
}

/* ---- Blocks from elsewhere --------------------------------------------------------------------- */

static void read_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct block_facts facts;
    (void)machine;
    job->ok = ledger_container_facts(job->seat->ledger, buffer_view(&job->body), &facts) == BLOCK_OK
              && hash256_equal(&facts.hash, &job->block);
    if (job->ok)
        job->info = info_of(&facts);
}

static void after_read(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue)
{
    replica_on_read(job->seat->replica, &job->block, job->ok ? &job->info : NULL, now_ms, queue);
}

static void on_read(void *arg)
{
    finish(arg, after_read);
}

static struct seat_job *new_body_job(struct seat *seat, const struct replica_action *action)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_VALIDATE);
    job->block = action->block;
    job->time_is_right = action->time_is_right;
    buffer_append_bytes(&job->body, action->body);
    return job;
}

void seat_read(struct seat *seat, const struct replica_action *action)
{
    actor_submit_own(seat->actor, read_job, on_read, new_body_job(seat, action));
}

/* What concerns only this transfer or this moment is no verdict on the block. */
static enum replica_verdict verdict_of(enum block_verdict verdict)
{
    switch ((int)verdict) {
    case BLOCK_OK: return REPLICA_VALID;
    case BLOCK_UNKNOWN_PARENT: return REPLICA_NOT_YET; /* on a branch that is not final any more */
    case BLOCK_BAD_TRANSFER: return REPLICA_BAD_TRANSFER;
    default: return REPLICA_INVALID;
    }
}

static bool execute(struct seat_job *job, struct vm *machine)
{
    struct ledger *ledger = job->seat->ledger;
    const struct bytes container = buffer_view(&job->body);
    struct block_facts facts;
    struct error unknown;
    enum block_verdict verdict;
    hash256 hash;
    job->verdict = REPLICA_NOT_YET;
    if (ledger_block_facts(ledger, &job->block, &facts, &unknown)) {
        job->verdict = REPLICA_VALID; /* it came by sync, or was executed before */
        job->info = info_of(&facts);
        return true;
    }
    if (unknown.code != ERROR_NOT_FOUND) {
        job->error = unknown;
        return false;
    }
    job->verdict = REPLICA_BAD_TRANSFER;
    if (ledger_container_facts(ledger, container, &facts) != BLOCK_OK)
        return true;
    job->info = info_of(&facts);
    job->verdict = REPLICA_NOT_YET;
    if (!job->time_is_right && !block_time_fits(facts.time_ms, clock_wall_ms()))
        return true;
    if (!ledger_validate(ledger, machine, container, &verdict, &hash, &job->error))
        return job->error.code == ERROR_BUSY; /* for want of room */
    job->verdict = verdict_of(verdict);
    if (job->verdict == REPLICA_INVALID)
        (void)error_set(&job->error, ERROR_INVALID, "%s", block_verdict_text(verdict));
    return true;
}

static void execute_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    job->ok = execute(job, machine);
}

static void after_execution(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue)
{
    struct seat *seat = job->seat;
    if (job->verdict == REPLICA_VALID)
        seat_keep_body(seat, &job->block, job->info.height, &job->body);
    if (job->verdict == REPLICA_INVALID)
        log_write(LOG_WARN, "seat: invalid block org=%s height=%" PRIu64 " reason=\"%s\"",
                  seat->org->label, job->info.height, job->error.text);
    replica_on_executed(seat->replica, &job->block, job->verdict, now_ms, queue);
}

static void on_executed(void *arg)
{
    finish(arg, after_execution);
}

void seat_execute(struct seat *seat, const struct replica_action *action)
{
    actor_submit_own(seat->actor, execute_job, on_executed, new_body_job(seat, action));
}

static void drop_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    ledger_drop(job->seat->ledger, &job->block); /* else another stands on it */
}

static void after_drop(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue)
{
    (void)job;
    (void)now_ms;
    (void)queue;
}

static void on_dropped(void *arg)
{
    finish(arg, after_drop);
}

void seat_drop(struct seat *seat, const struct replica_action *action)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_VALIDATE);
    job->block = action->block;
    seat_drop_body(seat, &action->block);
    actor_submit_own(seat->actor, drop_job, on_dropped, job);
}

/* ---- Finality ---------------------------------------------------------------------------------- */

void seat_note_head(struct seat_job *job, uint64_t height_before, uint64_t epoch_before)
{
    struct seat *seat = job->seat;
    const struct ledger_head *head = ledger_head(seat->ledger);
    job->has_moved = head->number > height_before;
    job->epoch = ledger_epoch_record(seat->ledger)->epoch;
    job->is_seal = job->epoch != epoch_before;
    job->head_hash = head->hash;
    job->head_number = head->number;
    job->head_view = head->view;
    job->head_time_s = head->header.timestamp;
    job->head_gas_used = head->header.gas_used;
    if (job->has_moved && seat->environment.on_head != NULL)
        seat->environment.on_head(seat->environment.context, &seat->face);
}

/* Below the head, by sync. */
static bool is_stored(struct ledger *ledger, const hash256 *block)
{
    struct block_facts facts;
    struct error ignored;
    return ledger_block_facts(ledger, block, &facts, &ignored)
           && facts.height < ledger_head(ledger)->number;
}

static void commit_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct ledger *ledger = job->seat->ledger;

    const uint64_t epoch = ledger_epoch_record(ledger)->epoch;
    const uint64_t height = ledger_head(ledger)->number;
    (void)machine;
    job->ok = is_stored(ledger, &job->block)
              || ledger_commit(ledger, &job->block, &job->finalization, &job->error);
    if (job->ok)
        seat_note_head(job, height, epoch);
}

static void count_block(struct seat *seat, const struct seat_job *job)
{
    struct consensus_counts *counts = &seat->consensus_counts;
    const uint64_t last = tally_read(&counts->view);
    if (job->view > last)
        tally_add(&counts->views_skipped, job->view - last - 1);
    tally_set(&counts->view, job->view);
    if (hash256_equal(&job->block, &seat->built))
        histogram_add(&counts->block, clock_work_ns() - seat->build_began_ns);
}

static void commit_failed(struct seat *seat, struct seat_job *job)
{
    struct error stopped;
    error_set(&stopped, job->error.code,
              "a block could not be committed: %.200s; %s, then restart lnode (lnode check shows "
              "whether the store is whole)",
              job->error.text,
              job->error.code == ERROR_DISK_FULL ? "free disk space" : "look at the disk");
    seat_stand_still(seat, &stopped);
}

bool seat_follow_head(struct seat *seat, const struct seat_job *job, struct replica_queue *queue)
{
    (void)queue;
    if (seat_is_alone(seat)) {
        if (!job->is_seal)
            return true;
    } else {
        vote_writer_on_final(seat->links.votes, &seat->org->id, job->epoch, job->head_view);
        seat_drop_bodies(seat, job->head_number);
        block_sync_on_head(seat->sync, job->head_number, &job->head_hash);
        if (!job->is_seal)
            return true;
    }
    seat_end_blocks(seat);
    seat_begin_epoch(seat);
    return false;
}

static void on_committed(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};

    if (job->ok && job->has_moved) {
        seat_show_head(seat, job->head_number, job->head_time_s);
        log_write(LOG_DEBUG,
                  "seat: committed org=%s height=%" PRIu64 " view=%" PRIu64 " gas_used=%" PRIu64,
                  seat->org->label, job->head_number, job->view, job->head_gas_used);
    }
    if (job->ok && job->has_moved && job->life == seat->life)
        count_block(seat, job);
    if (job->ok && job->has_moved)
        seat_tell_guests(seat, &job->finalization);
    if (seat_job_is_back(job)) {
        if (!job->ok)
            commit_failed(seat, job);
        else
            seat_follow_head(seat, job, &queue);
        seat_carry_out(seat, &queue);
    }
    seat_job_free(job);
}

void seat_commit(struct seat *seat, const struct replica_action *action)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_COMMIT);
    job->view = action->view;
    job->block = action->block;
    job->finalization = certificate_copy(&action->certificate);
    actor_submit_own(seat->actor, commit_job, on_committed, job);
}

/* ---- What others ask for ------------------------------------------------------------------------- */

static void stored_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    copy_container(job, &job->block);
    job->ok = job->body.size > 0;
}

static void after_stored(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue)
{
    const struct message answer = {.kind = PEER_BLOCK,
                                   .block = {job->block, buffer_view(&job->body)}};
    (void)now_ms;
    (void)queue;
    if (job->ok)
        seat_send(job->seat, job->to, &answer);
}

static void on_stored(void *arg)
{
    struct seat_job *job = arg;
    struct switchboard *switchboard = job->seat->links.switchboard;
    struct line_answer place = job->place;
    finish(job, after_stored);
    line_end_answer(switchboard, &place);
}

void seat_serve_stored(struct seat *seat, uint32_t to, const hash256 *block)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_VALIDATE);
    job->block = *block;
    job->to = to;
    /* Not in the engine's own lane: a full queue means that it is asked of somebody else. */
    if (actor_submit(seat->actor, stored_job, on_stored, job)) {
        line_begin_answer(seat->line, to, &job->place);
    } else {
        seat->jobs--;
        seat_job_free(job);
    }
}

/* The FINALIZATION of the last block of `epoch`. */
static bool find_seal(struct seat_job *job, struct certificate *found)
{
    struct ledger_view *view = ledger_view_open(job->seat->ledger, &job->error);
    bool has_own = false;
    if (view == NULL)
        return false;
    uint64_t low = 1, high = view_head(view) + 1;
    /* The first height of the epoch after it: heights are in order of epochs. */
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const struct epoch_record *record;
        struct signing_domain domain;
        if (!view_epoch(view, middle, &record, &domain, &job->error))
            break;
        if (record->epoch > job->epoch)
            high = middle;
        else
            low = middle + 1;
    }
    const bool ok = low > 1 && low <= view_head(view) + 1
                    && view_finalization(view, low - 1, &job->arena, found, &has_own, &job->error)
                    && has_own && found->epoch == job->epoch;
    ledger_view_close(view);
    return ok;
}

static void seal_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct certificate found;
    (void)machine;
    job->ok = find_seal(job, &found);
    if (job->ok)
        job->finalization = certificate_copy(&found);
    else
        job->error = (struct error){ERROR_NOT_FOUND, ""};
}

static void after_seal(struct seat_job *job, uint64_t now_ms, struct replica_queue *queue)
{
    const struct message answer = {.kind = PEER_CERTIFICATE, .certificate = job->finalization};
    (void)now_ms;
    (void)queue;
    if (job->ok)
        seat_send(job->seat, job->to, &answer);
}

static void on_seal(void *arg)
{
    finish(arg, after_seal);
}

void seat_serve_seal(struct seat *seat, uint32_t to, uint64_t epoch)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_VALIDATE);
    job->epoch = epoch;
    job->to = to;
    if (!workers_submit(seat->environment.workers, seal_job, on_seal, job)) {
        seat->jobs--;
        seat_job_free(job);
    }
}
