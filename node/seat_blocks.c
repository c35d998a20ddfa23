#include "node/seat_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "node/clock.h"
#include "node/consensus/round.h"
#include "node/log.h"

#define EXECUTION_BUDGET_MS 1000 /* no further transaction is begun after it */

/* ---- Jobs of the replica, on the ledger's actor ----------------------------------------------- */

struct seat_job {
    struct seat *seat;
    uint64_t began_ns;
    enum block_step step;
    struct error error;
    bool ok;
    uint64_t view;
    hash256 block; /* build: the parent; commit: the block */
    struct vote vote;
    struct proposal proposal;
    struct certificate finalization; /* its signatures are the job's */
    struct simplex_block built;
    enum work_kind work; /* build: what is left to do on top of it */
    uint64_t head_number;
    uint64_t head_time_s;
    uint64_t head_gas_used;
    bool is_seal; /* commit: the next epoch has begun */
};

static enum work_kind find_work(struct seat *seat, struct ledger *ledger)
{
    pool_expire(ledger_pool(ledger), clock_wall_ms());
    if (!ledger_has_work(ledger, &seat->tip))
        return WORK_NONE;
    return ledger_has_includable(ledger, &seat->tip) ? WORK_TRANSACTIONS : WORK_EMPTY_BLOCK;
}

/* Of which the engine is told next: with the job that asks, which ends before a transaction can
 * come in between. */
enum work_kind seat_look_for_work(struct seat *seat, struct ledger *ledger)
{
    enum work_kind work = find_work(seat, ledger);
    atomic_store(&seat->known_work, (int)work);
    return work;
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
    job->built =
        (struct simplex_block){facts.hash, facts.parent, facts.view, facts.height, facts.is_seal};
    seat->tip = hash;
    return true;
}

static void build_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;

    atomic_store(&seat->known_work, WORK_NONE); /* what comes from now on waits for the next */
    /* What the engine was told of may be in the parent or have expired. */
    if (ledger_has_work(seat->ledger, &job->block))
        job->ok = build(job, machine);
    job->work = seat_look_for_work(seat, seat->ledger);
}

static void sign_vote_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    const struct signing_domain domain = ledger_signing_domain(job->seat->ledger);
    const hash256 digest =
        vote_digest(&domain, job->vote.kind, job->vote.view, &job->vote.proposal);
    (void)machine;
    secret_key_sign(job->seat->environment.consensus, &digest, &job->vote.signature);
    job->ok = true;
}

static void sign_proposal_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    const struct signing_domain domain = ledger_signing_domain(job->seat->ledger);
    const hash256 proposal = proposal_digest_of(&job->proposal);
    const hash256 digest = vote_digest(&domain, MESSAGE_PROPOSAL, job->proposal.view, &proposal);
    (void)machine;
    secret_key_sign(job->seat->environment.consensus, &digest, &job->proposal.signature);
    job->ok = true;
}

static void commit_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct ledger *ledger = job->seat->ledger;

    const uint64_t epoch = ledger_epoch_record(ledger)->epoch;
    (void)machine;
    job->ok = ledger_commit(ledger, &job->block, &job->finalization, &job->error);
    if (!job->ok)
        return;
    const struct ledger_head *head = ledger_head(ledger);
    job->is_seal = ledger_epoch_record(ledger)->epoch != epoch;
    job->head_number = head->number;
    job->head_time_s = head->header.timestamp;
    job->head_gas_used = head->header.gas_used;
    if (job->seat->environment.on_head != NULL)
        job->seat->environment.on_head(job->seat->environment.context, &job->seat->face);
}

static void stand_still_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    ledger_stand_still(job->seat->ledger, job->error.text);
}

/* ---- Driving the replica, on the loop thread ---------------------------------------------------- */

static void carry_out(struct seat *seat, struct replica_queue *queue);

static struct seat_job *new_job(struct seat *seat, enum block_step step)
{
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);
    job->seat = seat;
    job->step = step;
    job->began_ns = clock_work_ns();
    seat->jobs++;
    return job;
}

static void free_job(struct seat_job *job)
{
    free(job->finalization.signatures);
    free(job);
}

/* False if the seat stopped or closes meanwhile; the job is freed by the caller. */
static bool job_came_back(struct seat_job *job)
{
    struct seat *seat = job->seat;
    seat->jobs--;
    if (job->ok)
        histogram_add(&seat->consensus_counts.steps[job->step], clock_work_ns() - job->began_ns);
    if (seat->is_close_wanted) {
        seat_finish_close(seat);
        return false;
    }
    return seat->replica != NULL;
}

static void on_standing_still(void *arg)
{
    struct seat_job *job = arg;
    job_came_back(job);
    free_job(job);
}

void seat_end_blocks(struct seat *seat)
{
    replica_free(seat->replica);
    seat->replica = NULL;
    if (seat->timer != NULL)
        loop_timer_off(seat->timer);
    seat->is_timer_armed = false;
}

/* No further blocks, and no transactions; reading goes on. */
static void stand_still(struct seat *seat, const struct error *error)
{
    seat_note_stop(seat, error);
    seat_end_blocks(seat);
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);
    *job = (struct seat_job){.seat = seat, .error = *error};
    seat->jobs++;
    actor_submit_own(seat->actor, stand_still_job, on_standing_still, job);
}

static bool is_fatal(enum error_code code)
{
    return code == ERROR_IO || code == ERROR_CORRUPT || code == ERROR_DISK_FULL
           || code == ERROR_UNSUPPORTED || code == ERROR_VERSION;
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

static void on_built(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};
    uint64_t now_ms = clock_boot_ms();

    if (job_came_back(job)) {
        if (!job->ok && is_fatal(job->error.code)) {
            stand_still(seat, &job->error);
        } else {
            if (job->ok)
                replica_on_built(seat->replica, &job->built, now_ms, &queue);
            else
                build_failed(seat, job, now_ms, &queue);
            replica_on_work(seat->replica, job->work, now_ms, &queue);
        }
        carry_out(seat, &queue);
    }
    free_job(job);
}

static void on_vote_signed(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};

    if (job_came_back(job)) {
        replica_on_cast(seat->replica, &job->vote, clock_boot_ms(), &queue);
        carry_out(seat, &queue);
    }
    free_job(job);
}

static void on_proposal_signed(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};

    if (job_came_back(job)) {
        replica_on_proposed(seat->replica, &job->proposal, clock_boot_ms(), &queue);
        carry_out(seat, &queue);
    }
    free_job(job);
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

    if (job->ok) {
        seat_show_head(seat, job->head_number, job->head_time_s);
        count_block(seat, job->view);
        log_write(LOG_DEBUG,
                  "seat: committed org=%s height=%" PRIu64 " view=%" PRIu64 " gas_used=%" PRIu64,
                  seat->org->label, job->head_number, job->view, job->head_gas_used);
    }
    if (job_came_back(job)) {
        if (!job->ok) {
            commit_failed(seat, job);
        } else if (job->is_seal) {
            seat_end_blocks(seat);
            seat_begin_epoch(seat);
        }
    }
    free_job(job);
}

static void start_build(struct seat *seat, const struct replica_action *action)
{
    struct seat_job *job = new_job(seat, BLOCK_BUILD);
    job->view = action->view;
    job->block = action->block;
    seat->build_began_ns = job->began_ns;
    actor_submit_own(seat->actor, build_job, on_built, job);
}

static void start_signing_vote(struct seat *seat, const struct vote *vote)
{
    struct seat_job *job = new_job(seat, BLOCK_SIGN);
    job->vote = *vote;
    actor_submit_own(seat->actor, sign_vote_job, on_vote_signed, job);
}

static void start_signing_proposal(struct seat *seat, const struct proposal *proposal)
{
    struct seat_job *job = new_job(seat, BLOCK_SIGN);
    job->proposal = *proposal;
    actor_submit_own(seat->actor, sign_proposal_job, on_proposal_signed, job);
}

static void start_commit(struct seat *seat, const struct replica_action *action)
{
    struct seat_job *job = new_job(seat, BLOCK_COMMIT);
    job->view = action->view;
    job->block = action->block;
    job->finalization = certificate_copy(&action->certificate);
    actor_submit_own(seat->actor, commit_job, on_committed, job);
}

static void arm_timer(struct seat *seat)
{
    const uint64_t now_ms = clock_boot_ms(), at_ms = replica_next_ms(seat->replica);
    seat->is_timer_armed = at_ms != UINT64_MAX;
    if (seat->is_timer_armed)
        loop_timer_set(seat->timer, at_ms > now_ms ? at_ms - now_ms : 0);
    else
        loop_timer_off(seat->timer);
}

/* A committee of one has nobody to send to, to fetch from or to accuse, and its own blocks are
 * valid. Nothing that it says leaves the node before the block is committed, so it needs no vote
 * log. */
static void carry_out(struct seat *seat, struct replica_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        const struct replica_action *action = &queue->actions[i];
        switch (action->kind) {
        case REPLICA_BUILD: start_build(seat, action); break;
        case REPLICA_PROPOSE: start_signing_proposal(seat, &action->proposal); break;
        case REPLICA_CAST: start_signing_vote(seat, &action->vote); break;
        case REPLICA_COMMIT: start_commit(seat, action); break;
        case REPLICA_LOG:
        case REPLICA_LOG_BLOCK:
        case REPLICA_ADOPT_LOG:
        case REPLICA_READ:
        case REPLICA_EXECUTE:
        case REPLICA_DROP:
        case REPLICA_SYNC:
        case REPLICA_SEND:
        case REPLICA_STATUS:
        case REPLICA_RELAY:
        case REPLICA_SERVE:
        case REPLICA_SERVE_SEAL:
        case REPLICA_ACCUSE:
        case REPLICA_HALT: break;
        case REPLICA_SEALED: break; /* when it is committed */
        }
    }
    replica_queue_cleanup(queue);
    if (seat->replica != NULL)
        arm_timer(seat);
}

static void on_timer(void *arg)
{
    struct seat *seat = arg;
    struct replica_queue queue = {0};

    seat->is_timer_armed = false;
    if (seat->replica == NULL || seat->is_close_wanted)
        return;
    replica_on_time(seat->replica, clock_boot_ms(), &queue);
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
    struct replica_queue queue = {0};
    enum work_kind work = (enum work_kind)atomic_exchange(&seat->wake_work, WORK_NONE);

    if (seat->replica == NULL || seat->is_close_wanted)
        return;
    replica_on_work(seat->replica, work, clock_boot_ms(), &queue);
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

/* ERROR_UNSUPPORTED for a committee of more than one: members do not talk to each other yet. */
static bool may_make_blocks(const struct seat *seat, struct error *error)
{
    const struct epoch_record *record = ledger_epoch_record(seat->ledger);
    return record->committee_size == 1
           || error_set(error, ERROR_UNSUPPORTED,
                        "the committee has %u members, and committees of more than one are not in "
                        "this version",
                        record->committee_size);
}

/* Of the startup audit. */
static bool draw_nonce(hash256 *nonce, struct error *error)
{
    return getrandom(nonce->bytes, sizeof nonce->bytes, 0) == (ssize_t)sizeof nonce->bytes
           || error_set(error, ERROR_IO, "the system gives no random bytes: %s", strerror(errno));
}

void seat_start_blocks(struct seat *seat, const struct seat_head *head)
{
    const struct epoch_record *record = ledger_epoch_record(seat->ledger);
    struct replica_queue queue = {0};
    struct error error;
    const uint64_t now_ms = clock_boot_ms();

    hash256 nonce;
    if (!may_make_blocks(seat, &error) || !draw_nonce(&nonce, &error)) {
        stand_still(seat, &error);
        return;
    }
    const struct replica_config config = {
        .ledger = *ledger_id(seat->ledger),
        .engine = {.epoch = record->epoch,
                   .thresholds = thresholds_of(record->committee_size, record->quorum),
                   .own_index = seat->own_index,
                   .pulse_ms = record->parameters.pulse_ms,
                   .execution_ms = EXECUTION_BUDGET_MS,
                   .final_view = head->view,
                   .final_height = head->number,
                   .final_block = head->hash,
                   .final_ms = boot_time_of(head->time_ms)},
        .log_is_whole = true, /* nothing was to be logged, so nothing can be forgotten */
        .nonce = nonce,
    };
    seat->replica = replica_new(&config);
    atomic_store(&seat->stopped, NULL);
    if (seat->timer == NULL)
        seat->timer = loop_timer_new(seat->environment.loop, on_timer, seat);
    replica_on_start(seat->replica, now_ms, &queue);
    replica_on_work(seat->replica, head->work, now_ms, &queue);
    carry_out(seat, &queue);
}
