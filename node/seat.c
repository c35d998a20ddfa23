#include "node/seat.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/clock.h"
#include "node/consensus/engine.h"
#include "node/log.h"

#define SEAT_QUEUE_MAX      8192 /* jobs of RPC that wait for one ledger */
#define SEAT_WAITERS_MAX    4096
#define EXECUTION_BUDGET_MS 1000 /* no further transaction is begun after it */
#define STOP_NOTES_MAX      16

enum seat_state { SEAT_CLOSED, SEAT_OPENING, SEAT_OPEN, SEAT_CLOSING };

struct waiter {
    struct waiter *next;
    rpc_acquired_fn acquired;
    void *arg;
};

/* Why the ledger stands still. Notes stay until the seat is freed, so that any thread may read
 * the newest. */
struct stop_note {
    struct stop_note *older;
    char text[ERROR_TEXT_SIZE];
};

#define PINS_SHUT LONG_MIN /* nobody may pin */

struct seat {
    struct rpc_ledger face;
    struct seat_environment environment;
    struct organisation *org;
    struct actor *actor;

    /* any thread */
    _Atomic(uint64_t) height;
    _Atomic(uint64_t) block_time;
    _Atomic(struct stop_note *) stopped; /* NULL: it goes on */
    atomic_int wake_work;                /* enum work_kind; not NONE while `wake` is under way */
    atomic_int known_work;               /* the engine knows of as much, or will: see seat_wake() */
    atomic_long pins; /* at least 0 while the state is SEAT_OPEN, else PINS_SHUT */
    atomic_bool is_close_wanted;
    _Atomic(uint64_t) last_used_ms;
    struct ledger_counts ledger_counts;       /* written on the actor */
    struct consensus_counts consensus_counts; /* written on the loop thread */

    /* loop thread */
    enum seat_state state;
    struct ledger *ledger; /* handed to the actor's jobs */
    struct reveal_chain *reveals;
    unsigned own_index;    /* in the committee */
    struct engine *engine; /* NULL when the ledger is stopped */
    struct loop_timer *timer;
    bool is_timer_armed;
    hash256 built; /* the last block built here: executed, so valid */
    uint64_t build_began_ns;
    struct waiter *waiters;
    size_t waiters_count;
    size_t jobs; /* own ones under way */
    struct work wake;
    loop_fn closed;
    void *closed_arg;
    struct stop_note *notes;
    unsigned notes_count;
};

static void on_wake(void *arg);
static void on_timer(void *arg);

struct seat *seat_new(const struct seat_environment *environment, struct organisation *org)
{
    struct seat *seat = memory_new_zeroed(1, sizeof *seat);
    seat->face.seat = seat;
    seat->environment = *environment;
    seat->org = org;
    seat->actor = actor_new(environment->workers, SEAT_QUEUE_MAX);
    seat->wake = (struct work){.done = on_wake, .arg = seat, .is_borrowed = true};
    atomic_init(&seat->block_time, org->genesis.created);
    atomic_init(&seat->pins, PINS_SHUT);
    return seat;
}

void seat_free(struct seat *seat)
{
    if (seat == NULL)
        return;
    loop_timer_free(seat->timer);
    engine_free(seat->engine);
    reveal_chain_free(seat->reveals);
    ledger_close(seat->ledger);
    while (seat->waiters != NULL) {
        struct waiter *waiter = seat->waiters;
        seat->waiters = waiter->next;
        free(waiter);
    }
    while (seat->notes != NULL) {
        struct stop_note *note = seat->notes;
        seat->notes = note->older;
        free(note);
    }
    actor_free(seat->actor);
    organisation_free(seat->org);
    free(seat);
}

/* ---- Any thread -------------------------------------------------------------------------- */

const struct organisation *seat_organisation(const struct seat *seat)
{
    return seat->org;
}

struct actor *seat_actor(struct seat *seat)
{
    return seat->actor;
}

struct ledger *seat_ledger(struct seat *seat)
{
    return seat->ledger;
}

bool seat_is_stopped(const struct seat *seat)
{
    return atomic_load(&seat->stopped) != NULL;
}

void seat_summary(const struct seat *seat, struct org_summary *summary)
{
    const struct genesis *genesis = &seat->org->genesis;
    const struct stop_note *stopped = atomic_load(&seat->stopped);

    *summary = (struct org_summary){
        .id = seat->org->id,
        .chain_id = seat->org->chain_id,
        .founder = genesis->founder,
        .transparency = genesis->transparency,
        .height = atomic_load(&seat->height),
        .block_time = atomic_load(&seat->block_time),
    };
    memcpy(summary->label, seat->org->label, sizeof summary->label);
    memcpy(summary->name, genesis->name, sizeof summary->name);
    memcpy(summary->symbol, genesis->symbol, sizeof summary->symbol);
    if (stopped != NULL)
        memcpy(summary->stopped, stopped->text, sizeof summary->stopped);
}

/* ---- Stopping and going on ----------------------------------------------------------------- */

/* Remembers why the ledger stands still. */
static void note_stop(struct seat *seat, const struct error *error)
{
    const struct stop_note *current = atomic_load(&seat->stopped);
    if (current != NULL && strcmp(current->text, error->text) == 0)
        return;
    log_write(LOG_ERROR, "seat: stopped org=%s reason=\"%s\"", seat->org->label, error->text);
    if (seat->notes_count == STOP_NOTES_MAX) { /* the newest note stands for what follows */
        atomic_store(&seat->stopped, seat->notes);
        return;
    }
    struct stop_note *note = memory_new_zeroed(1, sizeof *note);
    memcpy(note->text, error->text, sizeof note->text);
    note->older = seat->notes;
    seat->notes = note;
    seat->notes_count++;
    atomic_store(&seat->stopped, note);
}

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
static enum work_kind look_for_work(struct seat *seat, struct ledger *ledger)
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
        job->work = look_for_work(seat, seat->ledger);
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
    job->ok = ledger_commit(ledger, &job->action.block, &job->action.notarization,
                            &job->action.finalization, &job->error);
    if (!job->ok)
        return;
    const struct ledger_head *head = ledger_head(ledger);
    job->head_number = head->number;
    job->head_time_s = head->header.timestamp;
    job->head_gas_used = head->header.gas_used;
    job->work = look_for_work(job->seat, ledger);
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
static void finish_close(struct seat *seat);

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
        finish_close(seat);
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

/* No further blocks, and no transactions; reading goes on. */
static void stop_engine(struct seat *seat, const struct error *error)
{
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);

    note_stop(seat, error);
    engine_free(seat->engine);
    seat->engine = NULL;
    if (seat->timer != NULL)
        loop_timer_off(seat->timer);
    seat->is_timer_armed = false;
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
            stop_engine(seat, &job->error);
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
            stop_engine(seat, &job->error);
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

static void show_head(struct seat *seat, uint64_t height, uint64_t time_s)
{
    atomic_store(&seat->block_time, time_s);
    atomic_store(&seat->height, height);
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
    stop_engine(seat, &stopped);
}

static void on_committed(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct action_queue queue = {.count = 0};

    if (job->ok) {
        show_head(seat, job->head_number, job->head_time_s);
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
    enum work_kind work = look_for_work(seat, seat->ledger);
    if (work == WORK_NONE)
        return;
    if (atomic_exchange(&seat->wake_work, (int)work) == WORK_NONE)
        workers_post(seat->environment.workers, &seat->wake);
}

static void on_wake(void *arg)
{
    struct seat *seat = arg;
    struct action_queue queue = {.count = 0};
    enum work_kind work = (enum work_kind)atomic_exchange(&seat->wake_work, WORK_NONE);

    if (seat->engine == NULL || seat->is_close_wanted)
        return;
    engine_on_work(seat->engine, work, clock_boot_ms(), &queue);
    carry_out(seat, &queue);
}

/* ---- Opening ------------------------------------------------------------------------------------ */

struct open_job {
    struct seat *seat;
    struct ledger *ledger;
    struct reveal_chain *reveals;
    unsigned own_index;
    struct error error;     /* why it could not be opened */
    struct error no_blocks; /* why it can be read only */
    hash256 head;
    uint64_t head_number;
    uint64_t head_view;
    uint64_t head_time_s;
    uint64_t head_time_ms;
    enum work_kind work;
};

static bool load_seat_parts(struct open_job *job)
{
    const struct organisation *org = job->seat->org;
    if (!organisation_own_index(org, job->seat->environment.consensus, &job->own_index,
                                &job->no_blocks))
        return false;
    job->reveals =
        organisation_reveals(org, &org->genesis.committee[job->own_index], &job->no_blocks);
    return job->reveals != NULL;
}

static bool check_identity(struct open_job *job)
{
    const struct organisation *org = job->seat->org;
    struct bytes founding = ledger_genesis_document(job->ledger);
    if (hash256_equal(ledger_id(job->ledger), &org->id) && founding.size == org->document.size
        && memcmp(founding.data, org->document.data, founding.size) == 0)
        return true;
    return error_set(&job->error, ERROR_CORRUPT,
                     "the store in %.200s/store belongs to another organisation than the files "
                     "beside it; put the folder back from a backup",
                     org->folder);
}

static void open_job(struct vm *machine, void *arg)
{
    struct open_job *job = arg;
    struct seat *seat = job->seat;
    struct ledger_options options = {
        .shared = seat->environment.shared,
        .pool = pool_limits_default(),
        .counts = &seat->ledger_counts,
    };
    char store[PATH_SIZE];

    (void)machine;
    if (!path_format(store, &job->error, "%s/store", seat->org->folder))
        return;
    job->ledger = ledger_open(store, &options, &job->error);
    if (job->ledger == NULL)
        return;
    if (!check_identity(job)) {
        ledger_close(job->ledger);
        job->ledger = NULL;
        return;
    }
    const struct ledger_head *head = ledger_head(job->ledger);
    job->head = head->hash;
    job->head_number = head->number;
    job->head_view = head->view;
    job->head_time_s = head->header.timestamp;
    job->head_time_ms =
        head->number == 0 ? head->header.timestamp * 1000 : header_time_ms(&head->header);
    if (load_seat_parts(job))
        job->work = look_for_work(job->seat, job->ledger);
    else
        ledger_stand_still(job->ledger, job->no_blocks.text);
}

/* When the head was made, on the engine's clock: never in the future, so that a wall clock set
 * back delays the next block by one pulse at most. */
static uint64_t boot_time_of(uint64_t wall_ms)
{
    uint64_t now_wall_ms = clock_wall_ms(), now_boot_ms = clock_boot_ms();
    uint64_t age_ms = now_wall_ms > wall_ms ? now_wall_ms - wall_ms : 0;
    return age_ms < now_boot_ms ? now_boot_ms - age_ms : 0;
}

static void start_engine(struct seat *seat, struct open_job *job)
{
    struct action_queue queue = {.count = 0};
    struct error error;

    if (job->reveals == NULL) {
        note_stop(seat, &job->no_blocks);
        return;
    }
    struct engine_config config = {
        .record = ledger_epoch_record(seat->ledger),
        .domain = ledger_signing_domain(seat->ledger),
        .own_index = job->own_index,
        .head = job->head,
        .head_view = job->head_view,
        .head_time_ms = boot_time_of(job->head_time_ms),
    };
    seat->engine = engine_new(&config, &error);
    if (seat->engine == NULL) {
        stop_engine(seat, &error);
        return;
    }
    atomic_store(&seat->stopped, NULL);
    if (seat->timer == NULL)
        seat->timer = loop_timer_new(seat->environment.loop, on_timer, seat);
    engine_on_work(seat->engine, job->work, clock_boot_ms(), &queue);
    carry_out(seat, &queue);
}

static void answer_waiters(struct seat *seat, const struct error *error)
{
    struct waiter *waiter = seat->waiters;

    if (error == NULL) /* all at once: who lets go within its call must not close it for the next */
        atomic_fetch_add(&seat->pins, (long)seat->waiters_count);
    seat->waiters = NULL;
    seat->waiters_count = 0;
    while (waiter != NULL) {
        struct waiter *next = waiter->next;
        waiter->acquired(waiter->arg, error == NULL ? &seat->face : NULL, error);
        free(waiter);
        waiter = next;
    }
}

static void report_closed(struct seat *seat)
{
    loop_fn closed = seat->closed;

    seat->is_close_wanted = false;
    seat->closed = NULL;
    if (closed != NULL)
        closed(seat->closed_arg);
}

static void on_opened(void *arg)
{
    struct open_job *job = arg;
    struct seat *seat = job->seat;

    seat->jobs--;
    if (job->ledger == NULL) {
        seat->state = SEAT_CLOSED;
        note_stop(seat, &job->error);
        answer_waiters(seat, &job->error);
    } else {
        seat->state = SEAT_OPEN;
        seat->ledger = job->ledger;
        seat->reveals = job->reveals;
        seat->own_index = job->own_index;
        atomic_store(&seat->pins, 0);
        show_head(seat, job->head_number, job->head_time_s);
        tally_set(&seat->consensus_counts.view, job->head_view);
        log_write(LOG_INFO, "seat: opened org=%s height=%" PRIu64 " chain_id=%" PRIu64,
                  seat->org->label, job->head_number, seat->org->chain_id);
        if (!seat->is_close_wanted)
            start_engine(seat, job);
        answer_waiters(seat, NULL);
    }
    free(job);
    if (seat->is_close_wanted && seat->state == SEAT_CLOSED)
        report_closed(seat);
    else if (seat->is_close_wanted)
        finish_close(seat);
}

static void start_opening(struct seat *seat)
{
    struct open_job *job = memory_new_zeroed(1, sizeof *job);
    job->seat = seat;
    seat->state = SEAT_OPENING;
    seat->jobs++;
    actor_submit_own(seat->actor, open_job, on_opened, job);
}

static bool pin(struct seat *seat)
{
    long pins = atomic_load(&seat->pins);
    do {
        if (pins < 0 || atomic_load(&seat->is_close_wanted))
            return false;
    } while (!atomic_compare_exchange_weak(&seat->pins, &pins, pins + 1));
    return true;
}

static bool pin_open(struct seat *seat)
{
    if (!pin(seat))
        return false;
    atomic_store(&seat->last_used_ms, clock_boot_ms());
    return true;
}

struct rpc_ledger *seat_acquire_open(struct seat *seat)
{
    return pin_open(seat) ? &seat->face : NULL;
}

void seat_acquire(struct seat *seat, rpc_acquired_fn acquired, void *arg)
{
    if (pin_open(seat)) {
        acquired(arg, &seat->face, NULL);
        return;
    }
    atomic_store(&seat->last_used_ms, clock_boot_ms());
    if (seat->waiters_count == SEAT_WAITERS_MAX) {
        struct error busy;
        error_set(&busy, ERROR_BUSY, "too many requests wait for %s to open; try again",
                  seat->org->label);
        acquired(arg, NULL, &busy);
        return;
    }
    struct waiter *waiter = memory_new(sizeof *waiter);
    *waiter = (struct waiter){seat->waiters, acquired, arg};
    seat->waiters = waiter;
    seat->waiters_count++;
    if (seat->state == SEAT_CLOSED)
        start_opening(seat);
}

static void on_let_go(void *arg)
{
    finish_close(arg);
}

static void unpin(struct seat *seat)
{
    long before = atomic_fetch_sub(&seat->pins, 1);
    assert(before > 0);
    if (before > 1 || !atomic_load(&seat->is_close_wanted))
        return;
    struct work *message = memory_new(sizeof *message);
    *message = (struct work){.done = on_let_go, .arg = seat};
    workers_post(seat->environment.workers, message);
}

void seat_release(struct seat *seat)
{
    atomic_store(&seat->last_used_ms, clock_boot_ms());
    unpin(seat);
}

void seat_figures(struct seat *seat, struct org_figures *figures)
{
    const struct actor_figures jobs = actor_figures(seat->actor);
    *figures = (struct org_figures){
        .committee_size = (unsigned)seat->org->genesis.committee_size,
        .pool_max = pool_limits_default().transactions_max,
        .jobs_waiting = jobs.waiting,
        .jobs_max = jobs.waiting_max,
        .jobs_refused = jobs.refused,
        .ledger = &seat->ledger_counts,
        .consensus = &seat->consensus_counts,
    };
    seat_summary(seat, &figures->summary);
    figures->is_open = pin(seat);
    if (figures->is_open) {
        figures->store = ledger_store_figures(seat->ledger);
        unpin(seat);
    }
}

/* ---- Closing -------------------------------------------------------------------------------------- */

bool seat_is_open(const struct seat *seat)
{
    return seat->state != SEAT_CLOSED;
}

bool seat_is_idle(const struct seat *seat)
{
    return seat->state == SEAT_OPEN && atomic_load(&seat->pins) == 0 && seat->jobs == 0
           && !seat->is_timer_armed && seat->waiters == NULL
           && atomic_load(&seat->wake_work) == WORK_NONE;
}

uint64_t seat_last_used_ms(const struct seat *seat)
{
    return atomic_load(&seat->last_used_ms);
}

static void close_job(struct vm *machine, void *arg)
{
    struct seat *seat = arg;
    (void)machine;
    ledger_close(seat->ledger);
}

static void on_closed(void *arg)
{
    struct seat *seat = arg;

    seat->jobs--;
    seat->ledger = NULL;
    reveal_chain_free(seat->reveals);
    seat->reveals = NULL;
    seat->state = SEAT_CLOSED;
    log_write(LOG_DEBUG, "seat: closed org=%s", seat->org->label);
    report_closed(seat);
    if (seat->waiters != NULL && seat->state == SEAT_CLOSED)
        start_opening(seat); /* somebody asked while it was closing */
}

/* Goes on with closing, if that is wanted, once nothing of the seat's own runs and no pin is
 * held. */
static void finish_close(struct seat *seat)
{
    long none = 0;
    if (!seat->is_close_wanted || seat->state != SEAT_OPEN || seat->jobs > 0
        || !atomic_compare_exchange_strong(&seat->pins, &none, PINS_SHUT))
        return;
    if (seat->timer != NULL)
        loop_timer_off(seat->timer);
    seat->is_timer_armed = false;
    engine_free(seat->engine);
    seat->engine = NULL;
    seat->state = SEAT_CLOSING;
    seat->jobs++;
    actor_submit_own(seat->actor, close_job, on_closed, seat);
}

void seat_close(struct seat *seat, loop_fn closed, void *arg)
{
    if (seat->state == SEAT_CLOSED) {
        if (closed != NULL)
            closed(arg);
        return;
    }
    seat->is_close_wanted = true;
    seat->closed = closed;
    seat->closed_arg = arg;
    finish_close(seat);
}
