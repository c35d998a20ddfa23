/* Block sync of a seat: what its machine asks for (sync/blocks.h), and answers to that of others. */
#include "node/seat_state.h"

#include <stdlib.h>

#include "node/clock.h"
#include "node/log.h"
#include "node/sync/exchange.h"

#define ANSWER_COST     64 /* of reading a range, in signatures: so many a second (allowance.h) */
#define IMPORT_AGAIN_MS 200

/* ---- Ranges that we ask for ---------------------------------------------------------------------- */

static void request(struct seat *seat, const struct block_sync_action *action)
{
    struct buffer bytes = {0};
    const struct sync_message message = {.kind = SYNC_GET_RANGE,
                                         .get_span = {action->first, action->count}};
    if (seat->line == NULL)
        return; /* who is not here is asked again */
    sync_message_encode(&message, &bytes);
    line_send(seat->line, action->peer, buffer_view(&bytes));
    buffer_cleanup(&bytes);
}

/* With a copy of the answer, which is the machine's. */
static struct seat_job *new_range_job(struct seat *seat, const struct block_sync_action *action)
{
    struct seat_job *job = seat_job_new(seat, BLOCK_VALIDATE);
    job->range = *action;
    buffer_append_bytes(&job->body, action->answer);
    job->range.answer = buffer_view(&job->body);
    return job;
}

static void verify_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    (void)machine;
    job->checked = memory_new_zeroed(1, sizeof *job->checked);
    job->ok = exchange_verify_range(job->seat->ledger, &job->range, &job->arena,
                                    &job->range_verdict, job->checked, &job->error);
}

/* Its last FINALIZATION leads the engine to what sync brings. */
static void on_verified(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};
    const uint64_t now_ms = clock_boot_ms();
    const bool ok = job->ok;
    job->ok = false; /* it is no step of a block */
    if (seat_job_is_back(job)) {
        if (!ok) {
            seat_stand_still(seat, &job->error);
        } else {
            block_sync_on_verified(seat->sync, job->range.range, job->range_verdict,
                                   &job->checked->parent, job->checked->hashes, now_ms);
            if (job->range_verdict == RANGE_GOOD
                && job->checked->finalization.epoch == seat->committee->record.epoch) {
                const struct message message = {.kind = PEER_CERTIFICATE,
                                                .certificate = job->checked->finalization};
                replica_on_message(seat->replica, REPLICA_FOLLOWERS, &message, now_ms, &queue);
            }
        }
        seat_carry_out(seat, &queue);
    }
    seat_job_free(job);
}

static void verify(struct seat *seat, const struct block_sync_action *action)
{
    actor_submit_own(seat->actor, verify_job, on_verified, new_range_job(seat, action));
}

static void import_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct ledger *ledger = job->seat->ledger;
    const uint64_t epoch = ledger_epoch_record(ledger)->epoch;
    const uint64_t height = ledger_head(ledger)->number;
    job->ok =
        exchange_import_range(ledger, machine, &job->range, &job->import_verdict, &job->error);
    seat_note_head(job, height, epoch);
}

static void on_imported(void *arg);

static void submit_import(struct seat *seat, struct seat_job *job)
{
    actor_submit_own(seat->actor, import_job, on_imported, job);
}

void seat_import_again(struct seat *seat)
{
    struct seat_job *job = seat->import_again;
    seat->import_again = NULL;
    seat->jobs++;
    submit_import(seat, job);
}

static void on_imported(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};
    const bool ok = job->ok;
    job->ok = false;
    if (job->has_moved) {
        seat_show_head(seat, job->head_number, job->head_time_s);
        tally_set(&seat->consensus_counts.view, job->head_view);
    }
    if (seat_job_is_back(job)) {
        if (!ok && job->error.code == ERROR_BUSY) { /* once blocks of the engine are final */
            seat->import_again = job;
            seat->import_again_ms = clock_boot_ms() + IMPORT_AGAIN_MS;
            job = NULL;
        } else if (!ok || job->import_verdict == IMPORT_DIVERGED) {
            seat_stand_still(seat, &job->error);
        } else if (seat_follow_head(seat, job, &queue)) {
            block_sync_on_imported(seat->sync, job->range.range, job->import_verdict,
                                   clock_boot_ms());
        }
        seat_carry_out(seat, &queue);
    }
    if (job != NULL)
        seat_job_free(job);
}

/* ---- What sync was wanted for ---------------------------------------------------------------------- */

static void facts_job(struct vm *machine, void *arg)
{
    struct seat_job *job = arg;
    struct block_facts facts;
    (void)machine;
    job->ok = ledger_block_facts(job->seat->ledger, &job->block, &facts, &job->error);
    if (job->ok)
        job->info = (struct simplex_block){facts.hash, facts.parent, facts.view, facts.height,
                                           facts.is_seal};
}

static void on_facts(void *arg)
{
    struct seat_job *job = arg;
    struct seat *seat = job->seat;
    struct replica_queue queue = {0};
    const bool ok = job->ok;
    job->ok = false;
    if (seat_job_is_back(job)) {
        seat->is_telling_synced = false;
        if (ok)
            replica_on_synced(seat->replica, &job->info, clock_boot_ms(), &queue);
        else
            seat_stand_still(seat, &job->error);
        seat_carry_out(seat, &queue);
    }
    seat_job_free(job);
}

/* Until the engine has heard of it, each step asks for it again. */
static void tell_synced(struct seat *seat, const struct block_sync_action *action)
{
    if (seat->is_telling_synced)
        return;
    seat->is_telling_synced = true;
    struct seat_job *job = seat_job_new(seat, BLOCK_VALIDATE);
    job->block = action->hash;
    actor_submit_own(seat->actor, facts_job, on_facts, job);
}

static void diverged(struct seat *seat, const struct block_sync_action *action)
{
    struct error why;
    error_set(&why, ERROR_CORRUPT,
              "the committee made another block %llu final than this node has; run lnode check, "
              "and compare with the other members",
              (unsigned long long)action->first);
    seat_stand_still(seat, &why);
}

void seat_catch_up(struct seat *seat, uint64_t now_ms)
{
    struct block_sync_action action;
    block_sync_on_target(seat->sync, simplex_pending_final(replica_engine(seat->replica)), now_ms);
    while (seat->replica != NULL && block_sync_take(seat->sync, now_ms, &action))
        switch (action.kind) {
        case BLOCK_SYNC_REQUEST: request(seat, &action); break;
        case BLOCK_SYNC_VERIFY: verify(seat, &action); break;
        case BLOCK_SYNC_IMPORT: submit_import(seat, new_range_job(seat, &action)); break;
        case BLOCK_SYNC_SYNCED: tell_synced(seat, &action); break;
        case BLOCK_SYNC_DIVERGED: diverged(seat, &action); break;
        case BLOCK_SYNC_FAULT:
            if (action.fault == SYNC_FAULT_BAD_CONTENT && seat->line != NULL)
                line_fault(seat->line, action.peer, "blocks that no proof covers");
            break;
        }
}

/* ---- Ranges that others ask for -------------------------------------------------------------------- */

struct answering {
    struct seat *seat;
    unsigned to;
    uint64_t life;
    struct line_check check;
    struct line_answer place;
    struct sync_message request;
    struct buffer answer;
    struct error error;
    bool ok;
};

static void answer_job(struct vm *machine, void *arg)
{
    struct answering *answering = arg;
    struct ledger_view *view = ledger_view_open(answering->seat->ledger, &answering->error);
    (void)machine;
    answering->ok =
        view != NULL
        && exchange_answer(view, &answering->request, &answering->answer, &answering->error);
    ledger_view_close(view);
}

static void free_answering(struct answering *answering)
{
    buffer_cleanup(&answering->answer);
    free(answering);
}

static void on_answered(void *arg)
{
    struct answering *answering = arg;
    struct seat *seat = answering->seat;
    seat->jobs--;
    if (seat->line != NULL && answering->ok && answering->life == seat->life)
        line_send(seat->line, answering->to, buffer_view(&answering->answer));
    else if (!answering->ok)
        log_write(LOG_WARN, "seat: could not answer org=%s reason=\"%s\"", seat->org->label,
                  answering->error.text);
    line_end_answer(seat->links.switchboard, &answering->place);
    line_end_check(seat->links.switchboard, &answering->check, NULL);
    if (seat->is_close_wanted)
        seat_finish_close(seat);
    free_answering(answering);
}

static enum heard answer(struct seat *seat, unsigned from, const struct sync_message *message)
{
    struct answering *answering = memory_new_zeroed(1, sizeof *answering);
    *answering =
        (struct answering){.seat = seat, .to = from, .life = seat->life, .request = *message};
    if (line_begin_check(seat->line, from, ANSWER_COST, false, &answering->check)
        && seat_submit_check(seat, &answering->check, answer_job, on_answered, answering)) {
        line_begin_answer(seat->line, from, &answering->place);
        return HEARD;
    }
    free(answering);
    return HEARD_LATER;
}

enum heard seat_on_sync_message(struct seat *seat, unsigned from, struct bytes bytes)
{
    struct sync_message message;
    struct replica_queue queue = {0};
    if (bytes.data[0] > SYNC_CHUNK)
        return HEARD; /* of a newer program */
    if (!sync_message_decode(&message, bytes)) {
        line_fault(seat->line, from, "a message that no member writes");
        return HEARD;
    }
    if (message.kind == SYNC_GET_RANGE || message.kind == SYNC_GET_SEALS)
        return answer(seat, from, &message);
    if (message.kind == SYNC_RANGE && from < LINE_GUESTS && seat->sync != NULL) {
        block_sync_on_range(seat->sync, from, &message.span, bytes, clock_boot_ms());
        seat_carry_out(seat, &queue);
    }
    return HEARD;
}
