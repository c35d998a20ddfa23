/* The replica's life in a seat: it is started on a ledger, told of work and time, and what it wants
 * is carried out. */
#include "node/seat_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "node/clock.h"
#include "node/consensus/round.h"
#include "node/log.h"
#include "node/replica/block_time.h"

#define EXECUTION_BUDGET_MS 1000

/* ---- What belongs to an epoch -------------------------------------------------------------------- */

struct committee *committee_use(struct committee *committee)
{
    if (committee != NULL)
        committee->uses++;
    return committee;
}

void committee_release(struct committee *committee)
{
    if (committee == NULL || --committee->uses > 0)
        return;
    arena_cleanup(&committee->arena);
    free(committee);
}

static struct body *find_body(struct seat *seat, const hash256 *hash)
{
    for (size_t i = 0; i < seat->bodies_count; i++)
        if (hash256_equal(&seat->bodies[i].hash, hash))
            return &seat->bodies[i];
    return NULL;
}

const struct body *seat_find_body(const struct seat *seat, const hash256 *hash)
{
    return find_body((struct seat *)seat, hash);
}

static void drop_body_at(struct seat *seat, size_t at)
{
    buffer_cleanup(&seat->bodies[at].container);
    seat->bodies[at] = seat->bodies[--seat->bodies_count];
}

void seat_drop_body(struct seat *seat, const hash256 *hash)
{
    struct body *body = find_body(seat, hash);
    if (body != NULL)
        drop_body_at(seat, (size_t)(body - seat->bodies));
}

void seat_drop_bodies(struct seat *seat, uint64_t height)
{
    for (size_t i = seat->bodies_count; i > 0; i--)
        if (seat->bodies[i - 1].height <= height)
            drop_body_at(seat, i - 1);
}

void seat_keep_body(struct seat *seat, const hash256 *hash, uint64_t height,
                    struct buffer *container)
{
    size_t lowest = 0;
    if (find_body(seat, hash) != NULL || container->size == 0)
        return;
    for (size_t i = 1; i < seat->bodies_count; i++)
        lowest = seat->bodies[i].height < seat->bodies[lowest].height ? i : lowest;
    if (seat->bodies_count == BODIES_MAX) /* more than the replica executes at a time */
        drop_body_at(seat, lowest);
    seat->bodies[seat->bodies_count++] =
        (struct body){.hash = *hash, .height = height, .container = *container};
    *container = (struct buffer){0};
}

/* ---- Ending -------------------------------------------------------------------------------------- */

void seat_end_blocks(struct seat *seat)
{
    replica_free(seat->replica);
    seat->replica = NULL;
    seat->life++;
    block_sync_free(seat->sync);
    seat->sync = NULL;
    seat_drop_bodies(seat, UINT64_MAX);
    if (seat->import_again != NULL)
        seat_job_free(seat->import_again);
    seat->import_again = NULL;
    seat->is_looking_for_work = seat->is_telling_synced = false;
    seat->tell_ms = UINT64_MAX;
    seat->progress = (struct sync_progress){0};
    atomic_store(&seat->is_catching_up, false);
    atomic_store(&seat->sync_target, 0);
    committee_release(seat->committee);
    seat->committee = NULL;
    if (seat->timer != NULL)
        loop_timer_off(seat->timer);
    seat->is_timer_armed = false;
}

void seat_hang_up(struct seat *seat)
{
    line_close(seat->line);
    seat->line = NULL;
    atomic_store(&seat->members_up, 0);
}

static void stand_still_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    ledger_stand_still(job->seat->ledger, job->error.text);
}

static void on_standing_still(void *arg)
{
    struct seat_job *job = arg;
    seat_job_is_back(job);
    seat_job_free(job);
}

static void admit_nothing(struct seat *seat, const struct error *error)
{
    struct seat_job *job = memory_new_zeroed(1, sizeof *job);
    *job = (struct seat_job){.seat = seat, .life = seat->life, .error = *error};
    seat->jobs++;
    actor_submit_own(seat->actor, stand_still_job, on_standing_still, job);
}

void seat_stand_still(struct seat *seat, const struct error *error)
{
    seat_note_stop(seat, error);
    seat_end_blocks(seat);
    seat_hang_up(seat);
    admit_nothing(seat, error);
}

bool seat_is_fatal(enum error_code code)
{
    return code == ERROR_IO || code == ERROR_CORRUPT || code == ERROR_DISK_FULL
           || code == ERROR_UNSUPPORTED || code == ERROR_VERSION;
}

/* R5: what the others certified does not execute here. It goes on serving, and votes no more. */
static void halt(struct seat *seat, const hash256 *block)
{
    struct error why;
    error_set(&why, ERROR_CORRUPT,
              "block 0x%02x%02x%02x%02x... is certified by the committee and invalid here: this "
              "node's disk or memory is damaged, or the others are wrong; run lnode check, and "
              "compare versions with the other members",
              block->bytes[0], block->bytes[1], block->bytes[2], block->bytes[3]);
    seat_note_stop(seat, &why);
    admit_nothing(seat, &why);
}

/* ---- Work and time --------------------------------------------------------------------------------- */

static void work_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct reveal_progress progress;
    (void)machine;
    job->ok = ledger_reveal_progress(seat->ledger, &job->block, seat->own_index, &progress);
    if (!job->ok)
        return; /* it is not executed here yet */
    seat->tip = job->block;
    seat_look_for_work(seat, seat->ledger);
}

static void on_work_found(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};
    const bool ok = job->ok;
    job->ok = false; /* it is no step of a block */
    if (seat_job_is_back(job)) {
        seat->is_looking_for_work = false;
        seat->worked_on = job->block; /* without an answer nobody asks again before the tip moves */
        if (ok) {
            seat_tell_work(seat, clock_boot_ms(), &queue);
            if (atomic_load(&seat->known_work) == WORK_TRANSACTIONS)
                seat_tell_later(seat, false);
        }
        seat_carry_out(seat, &queue);
    }
    seat_job_free(job);
}

/* Blocks of others move the tip, and with it what is left to do. */
static void look_for_work(struct seat *seat)
{
    const hash256 tip = simplex_tip(replica_engine(seat->replica));
    const hash256 final = simplex_final_block(replica_engine(seat->replica));
    if (seat_is_alone(seat) || atomic_load(&seat->follows) || seat->is_looking_for_work
        || hash256_equal(&tip, &seat->worked_on)
        || (find_body(seat, &tip) == NULL && !hash256_equal(&tip, &final)))
        return;
    struct seat_job *job = seat_job_new(seat, BLOCK_BUILD);
    job->block = tip;
    seat->is_looking_for_work = true;
    actor_submit_own(seat->actor, work_job, on_work_found, job);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void arm_timer(struct seat *seat)
{
    const uint64_t now_ms = clock_boot_ms();
    uint64_t at_ms = replica_next_ms(seat->replica);
    at_ms = earlier(at_ms, seat->tell_ms);
    if (seat->sync != NULL)
        at_ms = earlier(at_ms, block_sync_next_ms(seat->sync));
    if (seat->import_again != NULL)
        at_ms = earlier(at_ms, seat->import_again_ms);
    seat->is_timer_armed = at_ms != UINT64_MAX;
    if (seat->is_timer_armed)
        loop_timer_set(seat->timer, at_ms > now_ms ? at_ms - now_ms : 0);
    else
        loop_timer_off(seat->timer);
}

/* R6: a member that does not know the time does not lead. */
static void tell_clock(struct seat *seat, struct replica_queue *queue)
{
    const bool is_set = wall_clock_is_set(clock_wall_ms());
    if (is_set == seat->clock_was_set)
        return;
    seat->clock_was_set = is_set;
    replica_on_clock(seat->replica, is_set, clock_boot_ms(), queue);
}

static void on_timer(void *arg)
{
    struct seat *seat = arg;
    struct replica_queue queue = {0};
    const uint64_t now_ms = clock_boot_ms();

    seat->is_timer_armed = false;
    if (seat->replica == NULL || seat->is_close_wanted)
        return;
    if (!seat_is_alone(seat)) {
        tell_clock(seat, &queue);
        if (now_ms >= seat->tell_ms)
            seat_tell_waiting(seat);
        if (seat->import_again != NULL && now_ms >= seat->import_again_ms)
            seat_import_again(seat);
    }
    if (now_ms >= replica_next_ms(seat->replica))
        replica_on_time(seat->replica, now_ms, &queue);
    seat_carry_out(seat, &queue);
}

/* Whether the loop is to hear of what came. A follower builds nothing: it hands on what waits. */
static bool has_news(struct seat *seat)
{
    struct pool *pool = ledger_pool(seat->ledger);
    if (!atomic_load(&seat->follows))
        return atomic_load(&seat->known_work) != WORK_TRANSACTIONS /* else its block has all */
               && seat_look_for_work(seat, seat->ledger) != WORK_NONE;
    pool_expire(pool, clock_wall_ms());
    return pool_ready_count(pool) > 0;
}

void seat_wake(struct seat *seat)
{
    if (atomic_load(&seat->passes_on))
        seat_pass_on(seat);
    if (has_news(seat) && !atomic_exchange(&seat->is_waking, true))
        workers_post(seat->environment.workers, &seat->wake);
}

void seat_on_wake(void *arg)
{
    struct seat *seat = arg;
    struct replica_queue queue = {0};

    atomic_store(&seat->is_waking, false); /* before it is read what is known: see seat_wake() */
    if (seat->replica == NULL || seat->is_close_wanted)
        return;
    seat_tell_work(seat, clock_boot_ms(), &queue);
    if (!seat_is_alone(seat))
        seat_tell_later(seat, true);
    seat_carry_out(seat, &queue);
}

/* ---- What the replica wants ------------------------------------------------------------------------ */

static void accuse(const struct seat *seat, const struct evidence *evidence)
{
    log_write(LOG_WARN,
              "seat: a member contradicts itself org=%s member=%u epoch=%" PRIu64 " view=%" PRIu64,
              seat->org->label, evidence->signer, evidence->epoch, evidence->view);
}

/* False when the seat stands still by now. */
static bool carry_out(struct seat *seat, const struct replica_action *action)
{
    switch (action->kind) {
    case REPLICA_BUILD: seat_build(seat, action); break;
    case REPLICA_COMMIT: seat_commit(seat, action); break;
    case REPLICA_CAST: return seat_cast(seat, action);
    case REPLICA_PROPOSE: return seat_propose(seat, action);
    case REPLICA_LOG: return seat_log(seat, &action->record);
    case REPLICA_LOG_BLOCK: return seat_log_block(seat, action);
    case REPLICA_ADOPT_LOG: seat_adopt_log(seat, action); break;
    case REPLICA_READ: seat_read(seat, action); break;
    case REPLICA_EXECUTE: seat_execute(seat, action); break;
    case REPLICA_DROP: seat_drop(seat, action); break;
    case REPLICA_SEND:
        if (action->message.kind == PEER_PROPOSAL)
            seat_send_proposal(seat, action);
        else
            seat_send(seat, action->to, &action->message);
        break;
    case REPLICA_STATUS: seat_send_status(seat, action); break;
    case REPLICA_SERVE: seat_serve(seat, action); break;
    case REPLICA_SERVE_SEAL: seat_serve_seal(seat, action->to, action->epoch); break;
    case REPLICA_ACCUSE: accuse(seat, &action->evidence); break;
    case REPLICA_HALT: halt(seat, &action->block); break;
    case REPLICA_RELAY: /* members are connected with each other, or not at all */
    case REPLICA_SYNC:  /* seat_catch_up() looks after it */
    case REPLICA_SEALED: /* when it is committed */ break;
    }
    return true;
}

/* For other threads. */
static void show_standing(struct seat *seat)
{
    const bool is_catching_up =
        seat->sync != NULL
        && (block_sync_is_running(seat->sync)
            || simplex_pending_final(replica_engine(seat->replica)) != NULL);
    if (!seat_is_alone(seat))
        sync_progress_on(&seat->progress, is_catching_up, block_sync_height(seat->sync),
                         block_sync_claimed(seat->sync), clock_boot_ms());
    atomic_store(&seat->sync_target, is_catching_up ? seat->progress.target : 0);
    atomic_store(&seat->sync_rate, sync_progress_rate(&seat->progress));
    atomic_store(&seat->is_catching_up, is_catching_up);
    atomic_store(&seat->is_audited, replica_is_audited(seat->replica));
}

void seat_carry_out(struct seat *seat, struct replica_queue *queue)
{
    bool goes_on = seat->replica != NULL;
    for (size_t i = 0; goes_on && i < queue->count; i++)
        goes_on = carry_out(seat, &queue->actions[i]);
    replica_queue_cleanup(queue);
    if (seat->replica != NULL && seat->sync != NULL)
        seat_catch_up(seat, clock_boot_ms());
    if (seat->replica != NULL)
        look_for_work(seat);
    if (seat->replica == NULL)
        return;
    show_standing(seat);
    arm_timer(seat);
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

/* Of the startup audit. */
static bool draw_nonce(hash256 *nonce, struct error *error)
{
    return getrandom(nonce->bytes, sizeof nonce->bytes, 0) == (ssize_t)sizeof nonce->bytes
           || error_set(error, ERROR_IO, "the system gives no random bytes: %s", strerror(errno));
}

/* A member's way to its first action. */
struct beginning {
    struct seat *seat;
    struct seat_head head;
    bool log_is_whole;
    hash256 log;
    struct vote_replay replay;
    struct error error;
};

static void free_beginning(struct beginning *beginning)
{
    arena_cleanup(&beginning->replay.memory);
    free(beginning->head.finalization.signatures);
    committee_release(beginning->head.committee);
    free(beginning);
}

static void begin(struct seat *seat, struct beginning *beginning, struct replica_queue *queue)
{
    const struct seat_head *head = &beginning->head;
    const struct epoch_record *record =
        head->committee != NULL ? &head->committee->record : ledger_epoch_record(seat->ledger);
    struct replica_config config = {
        .ledger = *ledger_id(seat->ledger),
        .engine = {.epoch = record->epoch,
                   .thresholds = thresholds_of(record->committee_size, record->quorum),
                   .own_index = seat->own_index,
                   .pulse_ms = record->parameters.pulse_ms,
                   .execution_ms = EXECUTION_BUDGET_MS,
                   .final_view = head->view,
                   .final_height = head->number,
                   .final_block = head->hash,
                   .finalization = head->has_finalization ? &head->finalization : NULL,
                   .final_ms = boot_time_of(head->time_ms)},
        .log_is_whole = beginning->log_is_whole,
        .earliest_height = head->earliest,
        .protocol_lowest = 0,
        .protocol_highest = PROTOCOL_VERSION,
    };
    struct error error;
    if (!draw_nonce(&config.nonce, &error)) {
        seat_stand_still(seat, &error);
        return;
    }
    if (head->committee != NULL)
        config.engine.seal_mix_hash = head->committee->seal_mix_hash;
    seat->replica = replica_new(&config);
    seat->life++;
    seat->worked_on = head->hash;
    seat->tell_ms = UINT64_MAX;
    atomic_store(&seat->members, record->committee_size);
    atomic_store(&seat->quorum, record->quorum);
    atomic_store(&seat->stopped, NULL);
    if (seat->timer == NULL)
        seat->timer = loop_timer_new(seat->environment.loop, on_timer, seat);
    for (size_t i = 0; i < beginning->replay.count; i++)
        if (!replica_on_record(seat->replica, &beginning->replay.records[i]))
            log_write(LOG_WARN, "seat: a record of the vote log was refused org=%s view=%" PRIu64,
                      seat->org->label, beginning->replay.records[i].view);
    if (head->committee != NULL)
        seat->committee = committee_use(head->committee);
    if (!seat->is_alone) {
        seat->sync = block_sync_new(head->number, &head->hash);
        seat->clock_was_set = wall_clock_is_set(clock_wall_ms());
        replica_on_clock(seat->replica, seat->clock_was_set, clock_boot_ms(), queue);
    }
    replica_on_start(seat->replica, clock_boot_ms(), queue);
    seat_tell_work(seat, clock_boot_ms(), queue); /* also what came since the head was looked at */
}

static void begin_alone(struct seat *seat, struct beginning *beginning)
{
    struct replica_queue queue = {0};
    committee_release(beginning->head.committee);
    beginning->head.committee = NULL;
    seat_hang_up(seat);
    beginning->log_is_whole = true; /* nothing was to be logged, so nothing can be forgotten */
    begin(seat, beginning, &queue);
    seat_carry_out(seat, &queue);
    free_beginning(beginning);
}

/* A member that is alone needs neither the others nor the vote log for its blocks. */
static void begin_without_others(struct beginning *beginning, const struct error *why)
{
    struct seat *seat = beginning->seat;
    if (seat->is_alone) {
        log_write(LOG_WARN, "seat: nobody can follow org=%s reason=\"%s\"", seat->org->label,
                  why->text);
        begin_alone(seat, beginning);
        return;
    }
    seat_stand_still(seat, why);
    free_beginning(beginning);
}

static void cannot_begin(struct beginning *beginning, const struct error *why)
{
    struct seat *seat = beginning->seat;
    seat->jobs--;
    if (!seat->is_close_wanted) {
        begin_without_others(beginning, why);
        return;
    }
    seat_finish_close(seat);
    free_beginning(beginning);
}

static void on_replayed(void *arg)
{
    struct beginning *beginning = arg;
    struct seat *seat = beginning->seat;
    struct replica_queue queue = {0};

    if (seat->is_close_wanted || !beginning->replay.wait.ok) {
        cannot_begin(beginning, &beginning->replay.wait.error);
        return;
    }
    seat->jobs--;
    seat_meet(seat, &beginning->head.committee->record);
    begin(seat, beginning, &queue);
    seat_carry_out(seat, &queue);
    seat_greet(seat);
    if (seat->replica != NULL && atomic_load(&seat->known_work) == WORK_TRANSACTIONS)
        seat_tell_later(seat, true);
    free_beginning(beginning);
}

/* On the actor: the store's word for the log, before anything is said. A member that is alone says
 * nothing outside its blocks, so it cannot have forgotten any of it. */
static void bind_log_job(struct vm *machine, void *arg)
{
    struct beginning *beginning = arg;
    struct ledger *ledger = beginning->seat->ledger;
    const struct promises *promises = ledger_promises(ledger);
    (void)machine;
    if (!organisation_share(beginning->seat->org, &beginning->error))
        return;
    ledger_use_log(ledger, &beginning->log);
    if (promises->state == PROMISES_NONE) {
        const struct promises first = {.state = PROMISES_LOGGED, .log = beginning->log};
        if (!ledger_set_promises(ledger, &first, &beginning->error))
            return;
    }
    beginning->log_is_whole =
        beginning->seat->is_alone
        || (promises->state == PROMISES_LOGGED && hash256_equal(&promises->log, &beginning->log));
}

static void on_log_bound(void *arg)
{
    struct beginning *beginning = arg;
    struct seat *seat = beginning->seat;
    if (seat->is_close_wanted || beginning->error.code != ERROR_NONE) {
        cannot_begin(beginning, &beginning->error);
        return;
    }
    if (!beginning->log_is_whole)
        log_write(LOG_WARN, "seat: the vote log is not the one that the store names org=%s",
                  seat->org->label);
    beginning->replay.ledger = seat->org->id;
    beginning->replay.epoch = beginning->head.committee->record.epoch;
    vote_writer_replay(seat->links.votes, &beginning->replay, on_replayed, beginning);
}

static void on_log_opened(void *arg)
{
    struct beginning *beginning = arg;
    struct seat *seat = beginning->seat;
    const struct vote_wait *opened = &beginning->replay.wait;
    if (seat->is_close_wanted || !opened->ok) {
        cannot_begin(beginning, &opened->error);
        return;
    }
    beginning->log = vote_writer_id(seat->links.votes);
    actor_submit_own(seat->actor, bind_log_job, on_log_bound, beginning);
}

static bool link_with_others(struct seat *seat, const struct seat_head *head, struct error *error)
{
    if (seat->environment.link == NULL)
        return error_set(error, ERROR_UNSUPPORTED,
                         "the committee has %u member%s, and this node talks to no others",
                         head->committee->record.committee_size,
                         head->committee->record.committee_size == 1 ? "" : "s");
    return seat->environment.link(seat->environment.link_context, &seat->links, error);
}

static void begin_with_others(struct seat *seat, struct beginning *beginning)
{
    struct error error;
    if (!link_with_others(seat, &beginning->head, &error)) {
        begin_without_others(beginning, &error);
        return;
    }
    seat->jobs++;
    vote_writer_wait(seat->links.votes, &beginning->replay.wait, on_log_opened, beginning);
}

void seat_start_blocks(struct seat *seat, const struct seat_head *head)
{
    struct beginning *beginning = memory_new_zeroed(1, sizeof *beginning);
    const unsigned members = head->committee == NULL ? 1 : head->committee->record.committee_size;
    beginning->seat = seat;
    beginning->head = *head;
    seat->is_alone = members == 1 && seat->own_index == 0;
    atomic_store(&seat->passes_on, !seat->is_alone);
    if (head->committee != NULL)
        begin_with_others(seat, beginning);
    else
        begin_alone(seat, beginning);
}
