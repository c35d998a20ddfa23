#include "node/seat_state.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/admitted.h"
#include "node/clock.h"
#include "node/consensus/round.h"
#include "node/log.h"

#define SEAT_QUEUE_MAX   8192 /* jobs of RPC that wait for one ledger */
#define SEAT_WAITERS_MAX 4096
#define STOP_NOTES_MAX   16
#define PINS_SHUT        LONG_MIN /* nobody may pin */

struct waiter {
    struct waiter *next;
    rpc_acquired_fn acquired;
    void *arg;
};

struct seat *seat_new(const struct seat_environment *environment, struct organisation *org)
{
    struct seat *seat = memory_new_zeroed(1, sizeof *seat);
    seat->face.seat = seat;
    seat->environment = *environment;
    seat->org = org;
    seat->actor = actor_new(environment->workers, SEAT_QUEUE_MAX);
    seat->wake = (struct work){.done = seat_on_wake, .arg = seat, .is_borrowed = true};
    atomic_init(&seat->block_time, org->genesis.created);
    atomic_init(&seat->pins, PINS_SHUT);
    atomic_init(&seat->members, org->genesis.committee_size);
    seat->tell_ms = UINT64_MAX;
    return seat;
}

void seat_free(struct seat *seat)
{
    if (seat == NULL)
        return;
    seat_end_blocks(seat);
    seat_hang_up(seat);
    loop_timer_free(seat->timer);
    buffer_cleanup(&seat->admitted);
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

/* Why there may be no blocks although nothing is wrong with this node. */
static void say_what_it_waits_for(const struct seat *seat, struct seat_standing *standing)
{
    const unsigned up = standing->members_up, quorum = standing->quorum;
    if (standing->follows && up == 0)
        snprintf(standing->waits, sizeof standing->waits,
                 "follows, and none of the %u members is reachable: no news until one is (if this "
                 "node should be a member, put its key back into keys/consensus.key)",
                 standing->members);
    else if (!standing->follows && up < quorum)
        snprintf(standing->waits, sizeof standing->waits,
                 "%u of %u members reachable, %u needed: no blocks until %u more %s here", up,
                 standing->members, quorum, quorum - up, quorum - up == 1 ? "is" : "are");
    else if (!atomic_load(&seat->is_audited))
        snprintf(standing->waits, sizeof standing->waits,
                 "asks the other members what it said before, and does not vote until enough "
                 "have answered");
    else if (standing->is_catching_up)
        snprintf(standing->waits, sizeof standing->waits,
                 "catches up with the other members, at block %" PRIu64 " of %" PRIu64,
                 atomic_load(&seat->height), standing->sync_target);
}

void seat_standing(const struct seat *seat, struct seat_standing *standing)
{
    *standing = (struct seat_standing){
        .members = atomic_load(&seat->members),
        .quorum = atomic_load(&seat->quorum),
        .members_up = atomic_load(&seat->members_up),
        .follows = atomic_load(&seat->follows),
        .view = tally_read(&seat->consensus_counts.view),
        .is_catching_up = atomic_load(&seat->is_catching_up),
        .sync_target = atomic_load(&seat->sync_target),
        .sync_rate = atomic_load(&seat->sync_rate),
    };
    if ((standing->members > 1 || standing->follows) && !seat_is_stopped(seat)
        && standing->quorum > 0)
        say_what_it_waits_for(seat, standing);
}

void seat_show_head(struct seat *seat, uint64_t height, uint64_t time_s)
{
    atomic_store(&seat->block_time, time_s);
    atomic_store(&seat->height, height);
}

/* ---- Stopping and going on ----------------------------------------------------------------- */

void seat_note_stop(struct seat *seat, const struct error *error)
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

/* ---- Opening ------------------------------------------------------------------------------------ */

struct open_job {
    struct seat *seat;
    struct ledger *ledger;
    struct reveal_chain *reveals; /* NULL: it follows, or only reads */
    unsigned own_index;
    bool ok;                /* it takes part */
    struct error error;     /* why it could not be opened */
    struct error no_blocks; /* why it can be read only */
    struct seat_head head;
};

static bool load_seat_parts(struct open_job *job)
{
    const struct organisation *org = job->seat->org;
    const struct epoch_record *record = ledger_epoch_record(job->ledger);
    job->own_index = organisation_own_index(record, job->seat->environment.consensus);
    atomic_store(&job->seat->follows, job->own_index == record->committee_size);
    if (job->own_index == record->committee_size)
        return true;
    job->reveals = organisation_reveals(org, &record->committee[job->own_index], &job->no_blocks);
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

static void read_head(struct open_job *job)
{
    const struct ledger_head *head = ledger_head(job->ledger);
    const struct header *header = &head->header;
    job->head = (struct seat_head){
        .hash = head->hash,
        .number = head->number,
        .view = head->view,
        .time_s = header->timestamp,
        .time_ms = head->number == 0 ? header->timestamp * 1000 : header_time_ms(header),
    };
}

/* A copy that outlives the epoch: checks of what belongs to it may be under way then. */
static struct committee *copy_committee(const struct ledger *ledger)
{
    struct committee *committee = memory_new_zeroed(1, sizeof *committee);
    struct buffer encoded = {0};
    epoch_record_encode(ledger_epoch_record(ledger), &encoded);
    const bool is_whole =
        epoch_record_decode(&committee->record, buffer_view(&encoded), &committee->arena);
    assert(is_whole);
    buffer_cleanup(&encoded);
    committee->uses = 1;
    committee->domain = ledger_signing_domain(ledger);
    return committee;
}

/* What agreement with others takes: the committee, what draws its leaders, the head's FINALIZATION. */
static bool load_committee(struct open_job *job)
{
    struct seat_head *head = &job->head;
    struct committee *committee = copy_committee(job->ledger);
    struct ledger_view *view = ledger_view_open(job->ledger, &job->no_blocks);
    struct arena arena = {0};
    struct certificate finalization = {0};
    struct header seal;
    hash256 hash;
    head->committee = committee;
    bool ok =
        view != NULL
        && view_header(view, committee->record.first_height - 1, &seal, &hash, &job->no_blocks);
    if (ok) {
        committee->seal_mix_hash = seal.mix_hash;
        head->earliest = view_earliest(view);
    }
    if (ok && head->view > 0)
        ok = view_finalization(view, head->number, &arena, &finalization, &head->has_finalization,
                               &job->no_blocks);
    head->has_finalization =
        ok && head->has_finalization && finalization.epoch == committee->record.epoch;
    if (head->has_finalization)
        head->finalization = certificate_copy(&finalization);
    arena_cleanup(&arena);
    ledger_view_close(view);
    return ok;
}

static void drop_head(struct seat_head *head)
{
    committee_release(head->committee);
    free(head->finalization.signatures);
    *head = (struct seat_head){.number = head->number};
}

/* What is needed to make blocks in the epoch in force, or to follow, or why there is neither. */
static void prepare_blocks(struct open_job *job)
{
    read_head(job);
    job->seat->tip = job->head.hash;
    job->ok = load_seat_parts(job);
    const bool is_alone =
        ledger_epoch_record(job->ledger)->committee_size == 1 && job->reveals != NULL;
    if (job->ok && (!is_alone || organisation_is_shared(job->seat->org)))
        job->ok = load_committee(job);
    if (!job->ok) {
        reveal_chain_free(job->reveals);
        job->reveals = NULL;
    }
    if (job->ok)
        seat_look_for_work(job->seat, job->ledger);
    else
        ledger_stand_still(job->ledger, job->no_blocks.text);
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
    ledger_on_admitted(job->ledger, seat_on_admitted, seat);
    if (!check_identity(job)) {
        ledger_close(job->ledger);
        job->ledger = NULL;
        return;
    }
    prepare_blocks(job);
}

static void start_blocks(struct seat *seat, struct open_job *job)
{
    seat->reveals = job->reveals;
    seat->own_index = job->own_index;
    tally_set(&seat->consensus_counts.view, job->head.view);
    if (job->ok) {
        seat_start_blocks(seat, &job->head);
    } else {
        drop_head(&job->head);
        seat_hang_up(seat);
        seat_note_stop(seat, &job->no_blocks);
    }
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
        seat_note_stop(seat, &job->error);
        answer_waiters(seat, &job->error);
    } else {
        seat->state = SEAT_OPEN;
        seat->ledger = job->ledger;
        atomic_store(&seat->pins, 0);
        seat_show_head(seat, job->head.number, job->head.time_s);
        log_write(LOG_INFO, "seat: opened org=%s height=%" PRIu64 " chain_id=%" PRIu64,
                  seat->org->label, job->head.number, seat->org->chain_id);
        if (!seat->is_close_wanted) {
            start_blocks(seat, job);
        } else {
            drop_head(&job->head);
            reveal_chain_free(job->reveals);
        }
        answer_waiters(seat, NULL);
    }
    free(job);
    if (seat->is_close_wanted && seat->state == SEAT_CLOSED)
        report_closed(seat);
    else if (seat->is_close_wanted)
        seat_finish_close(seat);
}

static void epoch_job(struct vm *machine, void *arg)
{
    (void)machine;
    prepare_blocks(arg);
}

static void on_epoch_prepared(void *arg)
{
    struct open_job *job = arg;
    struct seat *seat = job->seat;

    seat->jobs--;
    if (seat->is_close_wanted) {
        drop_head(&job->head);
        reveal_chain_free(job->reveals);
        seat_finish_close(seat);
    } else {
        reveal_chain_free(seat->reveals);
        start_blocks(seat, job);
    }
    free(job);
}

void seat_begin_epoch(struct seat *seat)
{
    struct open_job *job = memory_new_zeroed(1, sizeof *job);
    job->seat = seat;
    job->ledger = seat->ledger;
    seat->jobs++;
    actor_submit_own(seat->actor, epoch_job, on_epoch_prepared, job);
}

void seat_share(struct seat *seat)
{
    if (seat->state != SEAT_OPEN || seat->is_close_wanted || seat->replica == NULL
        || seat->line != NULL)
        return; /* it opens with one */
    seat_end_blocks(seat);
    seat_begin_epoch(seat);
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
    seat_finish_close(arg);
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
        .committee_size = atomic_load(&seat->members),
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
           && seat->line == NULL && !seat->is_timer_armed && seat->waiters == NULL
           && !atomic_load(&seat->is_waking);
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

void seat_finish_close(struct seat *seat)
{
    long none = 0;
    if (!seat->is_close_wanted || seat->state != SEAT_OPEN || seat->jobs > 0
        || !atomic_compare_exchange_strong(&seat->pins, &none, PINS_SHUT))
        return;
    seat_end_blocks(seat);
    seat_hang_up(seat);
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
    seat_finish_close(seat);
}
