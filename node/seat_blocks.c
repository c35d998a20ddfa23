#include "node/seat_state.h"

#include <inttypes.h>
#include <stdlib.h>

#include "node/clock.h"
#include "node/log.h"

#define EXECUTION_BUDGET_MS 1000 /* no further transaction is begun after it */

/* ---- Jobs of the engine, on the ledger's actor ----------------------------------------------- */

struct seat_job {
    struct seat *seat;
    uint64_t began_ns; /* of a step to a block; else 0 */
    struct action action;
    struct error error;
    bool ok;
    bool is_valid;
    hash256 block;
    signature signature;
    enum work_kind work;
    uint64_t head_number;
    uint64_t head_time_s;
    uint64_t head_gas_used;
};

static enum work_kind find_work(struct ledger *ledger)
{
    const struct ledger_head *head = ledger_head(ledger);
    pool_expire(ledger_pool(ledger), clock_wall_ms());
    if (!ledger_has_work(ledger, &head->hash))
        return WORK_NONE;
    return ledger_has_includable(ledger, &head->hash) ? WORK_TRANSACTIONS : WORK_EMPTY_BLOCK;
}

/* Of which the engine is told next: with the job that asks, which ends before a transaction can
 * come in between. */
enum work_kind seat_look_for_work(struct seat *seat, struct ledger *ledger)
{
    enum work_kind work = find_work(ledger);
    atomic_store(&seat->known_work, (int)work);
    return work;
}

static void build_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    const struct committee_entry *own =
        &ledger_epoch_record(seat->ledger)->committee[seat->own_index];
    struct reveal_progress progress;
    struct build_request request = {
        .parent = job->action.parent,
        .view = job->action.view,
        .now_ms = clock_wall_ms(),
        .beneficiary = own->payout,
        .execution_budget_ms = EXECUTION_BUDGET_MS,
    };

    atomic_store(&seat->known_work, WORK_NONE); /* what comes from now on waits for the next */
    if (!ledger_reveal_progress(seat->ledger, &request.parent, seat->own_index, &progress)) {
        error_set(&job->error, ERROR_NOT_FOUND, "the block to build on is not in the ledger");
        return;
    }
    if (!reveal_chain_at(seat->reveals, progress.used, &request.reveal, &job->error)) {
        char why[ERROR_TEXT_SIZE];
        memcpy(why, job->error.text, sizeof why);
        error_set(&job->error, ERROR_UNSUPPORTED,
                  "%.200s (lwallet org create); this one stays "
                  "readable",
                  why);
        return;
    }
    job->ok = ledger_build(seat->ledger, machine, &request, &job->block, &job->error);
    if (!job->ok)
        job->work = seat_look_for_work(seat, seat->ledger);
}

static void validate_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct ledger *ledger = job->seat->ledger;
    struct arena arena = {0};
    enum block_verdict verdict = BLOCK_OK;
    struct bytes container = ledger_container(ledger, &job->action.block, &arena);

    if (container.data == NULL)
        error_set(&job->error, ERROR_NOT_FOUND, "the proposed block is not in the ledger");
    else
        job->ok = ledger_validate(ledger, machine, container, &verdict, &job->block, &job->error);
    job->is_valid = job->ok && verdict == BLOCK_OK;
    arena_cleanup(&arena);
}

static void sign_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    secret_key_sign(job->seat->environment.consensus, &job->action.digest, &job->signature);
    job->ok = true;
}

static void commit_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct ledger *ledger = job->seat->ledger;

    (void)machine;
    job->ok = ledger_commit(ledger, &job->action.block, &job->action.finalization, &job->error);
    if (!job->ok)
        return;
    const struct ledger_head *head = ledger_head(ledger);
    job->head_number = head->number;
    job->head_time_s = head->header.timestamp;
    job->head_gas_used = head->header.gas_used;
    job->work = seat_look_for_work(job->seat, ledger);
    if (job->seat->environment.on_head != NULL)
        job->seat->environment.on_head(job->seat->environment.context, &job->seat->face);
}

static void stand_still_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    ledger_stand_still(job->seat->ledger, job->error.text);
}

/* ---- Driving the engine, on the loop thread ---------------------------------------------------- */

static void carry_out(struct seat *seat, struct action_queue *queue);

static void start_job(struct seat *seat, const struct action *action, work_fn run,
                      work_done_fn done)
{
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);
    job->seat = seat;
    job->action = *action;
    job->began_ns = clock_work_ns();
    if (action->kind == ACTION_BUILD)
        seat->build_began_ns = job->began_ns;
    seat->jobs++;
    actor_submit_own(seat->actor, run, done, job);
}

static void count_step(struct seat *seat, const struct seat_job *job)
{
    static const enum block_step steps[] = {
        [ACTION_BUILD] = BLOCK_BUILD,
        [ACTION_VALIDATE] = BLOCK_VALIDATE,
        [ACTION_SIGN] = BLOCK_SIGN,
        [ACTION_COMMIT] = BLOCK_COMMIT,
    };
    if (job->began_ns != 0 && job->ok)
        histogram_add(&seat->consensus_counts.steps[steps[job->action.kind]],
                      clock_work_ns() - job->began_ns);
}

/* False if the seat stopped or closes meanwhile; the job is freed by the caller. */
static bool job_came_back(struct seat_job *job)
{
    struct seat *seat = job->seat;
    seat->jobs--;
    count_step(seat, job);
    if (seat->is_close_wanted) {
        seat_finish_close(seat);
        return false;
    }
    return seat->engine != NULL;
}

static void on_standing_still(void *arg)
{
    struct seat_job *job = arg;
    job_came_back(job);
    free(job);
}

void seat_end_blocks(struct seat *seat)
{
    engine_free(seat->engine);
    seat->engine = NULL;
    if (seat->timer != NULL)
        loop_timer_off(seat->timer);
    seat->is_timer_armed = false;
}

/* No further blocks, and no transactions; reading goes on. */
static void stand_still(struct seat *seat, const struct error *error)
{
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);

    seat_note_stop(seat, error);
    seat_end_blocks(seat);
    *job = (struct seat_job){.seat = seat, .error = *error};
    seat->jobs++;
    actor_submit_own(seat->actor, stand_still_job, on_standing_still, job);
}

static bool is_fatal(enum error_code code)
{
    return code == ERROR_IO || code == ERROR_CORRUPT || code == ERROR_DISK_FULL
           || code == ERROR_UNSUPPORTED || code == ERROR_VERSION;
}

static void on_built(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct action_queue queue = {.count = 0};
    uint64_t now_ms = clock_boot_ms();

    if (job_came_back(job)) {
        if (job->ok) {
            seat->built = job->block;
            engine_on_built(seat->engine, job->action.view, &job->block, now_ms, &queue);
        } else if (is_fatal(job->error.code)) {
            stand_still(seat, &job->error);
        } else {
            log_write(LOG_WARN, "seat: built nothing org=%s reason=\"%s\"", seat->org->label,
                      job->error.text);
            tally_add(&seat->consensus_counts.builds_failed, 1);
            engine_on_build_failed(seat->engine, job->action.view, now_ms, &queue);
            if (job->work != WORK_NONE)
                engine_on_work(seat->engine, job->work, now_ms, &queue);
        }
        carry_out(seat, &queue);
    }
    free(job);
}

static void on_validated(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct action_queue queue = {.count = 0};

    if (job_came_back(job)) {
        if (!job->is_valid)
            atomic_store(&seat->known_work, WORK_NONE); /* the engine starts afresh */
        if (!job->ok)
            stand_still(seat, &job->error);
        else
            engine_on_validated(seat->engine, &job->action.block, job->is_valid, clock_boot_ms(),
                                &queue);
        carry_out(seat, &queue);
    }
    free(job);
}

static void on_signed(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct action_queue queue = {.count = 0};

    if (job_came_back(job)) {
        engine_on_signed(seat->engine, job->action.vote, job->action.view, &job->signature,
                         clock_boot_ms(), &queue);
        carry_out(seat, &queue);
    }
    free(job);
}

static void count_block(struct seat *seat, uint64_t view)
{
    struct consensus_counts *counts = &seat->consensus_counts;
    tally_add(&counts->views_skipped, view - tally_read(&counts->view) - 1);
    tally_set(&counts->view, view);
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
    stand_still(seat, &stopped);
}

static void on_committed(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct action_queue queue = {.count = 0};

    if (job->ok) {
        seat_show_head(seat, job->head_number, job->head_time_s);
        count_block(seat, job->action.view);
    }
    if (job_came_back(job)) {
        if (job->ok) {
            log_write(LOG_DEBUG,
                      "seat: committed org=%s height=%" PRIu64 " view=%" PRIu64
                      " gas_used=%" PRIu64,
                      seat->org->label, job->head_number, job->action.view, job->head_gas_used);
            engine_on_committed(seat->engine, &job->action.block, job->work, clock_boot_ms(),
                                &queue);
        } else {
            commit_failed(seat, job);
        }
        carry_out(seat, &queue);
    }
    free(job);
}

static void arm_timer(struct seat *seat, uint64_t at_ms)
{
    uint64_t now_ms = clock_boot_ms();
    loop_timer_set(seat->timer, at_ms > now_ms ? at_ms - now_ms : 0);
    seat->is_timer_armed = true;
}

static void validate(struct seat *seat, const struct action *action)
{
    struct action_queue queue = {.count = 0};

    /* Own blocks were executed when they were built. */
    if (!hash256_equal(&action->block, &seat->built)) {
        start_job(seat, action, validate_job, on_validated);
        return;
    }
    engine_on_validated(seat->engine, &action->block, true, clock_boot_ms(), &queue);
    carry_out(seat, &queue);
}

static void carry_out(struct seat *seat, struct action_queue *queue)
{
    for (unsigned i = 0; i < queue->count; i++) {
        const struct action *action = &queue->actions[i];
        switch (action->kind) {
        case ACTION_BUILD: start_job(seat, action, build_job, on_built); break;
        case ACTION_VALIDATE: validate(seat, action); break;
        case ACTION_SIGN: start_job(seat, action, sign_job, on_signed); break;
        case ACTION_COMMIT: start_job(seat, action, commit_job, on_committed); break;
        case ACTION_TIMER: arm_timer(seat, action->at_ms); break;
        }
    }
}

static void on_timer(void *arg)
{
    struct seat *seat = arg;
    struct action_queue queue = {.count = 0};

    seat->is_timer_armed = false;
    if (seat->engine == NULL || seat->is_close_wanted)
        return;
    engine_on_time(seat->engine, clock_boot_ms(), &queue);
    carry_out(seat, &queue);
}

void seat_wake(struct seat *seat)
{
    if (atomic_load(&seat->known_work) == WORK_TRANSACTIONS)
        return; /* the block that it waits for will have all */
    enum work_kind work = seat_look_for_work(seat, seat->ledger);
    if (work == WORK_NONE)
        return;
    if (atomic_exchange(&seat->wake_work, (int)work) == WORK_NONE)
        workers_post(seat->environment.workers, &seat->wake);
}

void seat_on_wake(void *arg)
{
    struct seat *seat = arg;
    struct action_queue queue = {.count = 0};
    enum work_kind work = (enum work_kind)atomic_exchange(&seat->wake_work, WORK_NONE);

    if (seat->engine == NULL || seat->is_close_wanted)
        return;
    engine_on_work(seat->engine, work, clock_boot_ms(), &queue);
    carry_out(seat, &queue);
}

/* ---- Beginning, on the loop thread ------------------------------------------------------------ */

/* When the head was made, on the engine's clock: never in the future, so that a wall clock set
 * back delays the next block by one pulse at most. */
static uint64_t boot_time_of(uint64_t wall_ms)
{
    uint64_t now_wall_ms = clock_wall_ms(), now_boot_ms = clock_boot_ms();
    uint64_t age_ms = now_wall_ms > wall_ms ? now_wall_ms - wall_ms : 0;
    return age_ms < now_boot_ms ? now_boot_ms - age_ms : 0;
}

void seat_start_blocks(struct seat *seat, const struct seat_head *head)
{
    struct action_queue queue = {.count = 0};
    struct error error;

    struct engine_config config = {
        .record = ledger_epoch_record(seat->ledger),
        .domain = ledger_signing_domain(seat->ledger),
        .own_index = seat->own_index,
        .head = head->hash,
        .head_view = head->view,
        .head_time_ms = boot_time_of(head->time_ms),
    };
    seat->engine = engine_new(&config, &error);
    if (seat->engine == NULL) {
        stand_still(seat, &error);
        return;
    }
    atomic_store(&seat->stopped, NULL);
    if (seat->timer == NULL)
        seat->timer = loop_timer_new(seat->environment.loop, on_timer, seat);
    engine_on_work(seat->engine, head->work, clock_boot_ms(), &queue);
    carry_out(seat, &queue);
}
