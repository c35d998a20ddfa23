/* What a member promises: in the log, on the disk and signed before it leaves (consensus 2.9). */
#include "node/seat_state.h"

#include <stdlib.h>

#include "node/clock.h"
#include "node/log.h"

/* A vote, a proposal or a STATUS on its way to its signature and, but for the last, to the disk. */
struct promise {
    struct seat *seat;
    uint64_t life;
    uint64_t began_ns;
    struct committee *committee; /* NULL: of one member, whose ledger has the domain */
    struct message message;
    uint32_t to; /* STATUS */
    struct departure departure;
    unsigned pending; /* of: signed, logged */
    struct vote_wait logged;
    struct work sign, is_signed;
};

static struct promise *promise_new(struct seat *seat, enum peer_message kind)
{
    struct promise *promise = memory_new_zeroed(1, sizeof *promise);
    promise->seat = seat;
    promise->life = seat->life;
    promise->began_ns = clock_work_ns();
    promise->committee = committee_use(seat->committee);
    promise->message.kind = kind;
    seat->jobs++;
    return promise;
}

/* ---- Signing ---------------------------------------------------------------------------------- */

static void sign_vote(const struct secret_key *key, const struct signing_domain *domain,
                      struct vote *vote)
{
    const hash256 digest = vote_digest(domain, vote->kind, vote->view, &vote->proposal);
    secret_key_sign(key, &digest, &vote->signature);
}

static void sign_proposal(const struct secret_key *key, const struct signing_domain *domain,
                          struct proposal *proposal)
{
    const hash256 what = proposal_digest_of(proposal);
    const hash256 digest = vote_digest(domain, MESSAGE_PROPOSAL, proposal->view, &what);
    secret_key_sign(key, &digest, &proposal->signature);
}

static void sign_job(struct vm *machine, void *arg)
{
    struct promise *promise = arg;
    const struct seat *seat = promise->seat;
    const struct secret_key *key = seat->environment.consensus;
    const struct signing_domain domain = promise->committee != NULL
                                             ? promise->committee->domain
                                             : ledger_signing_domain(seat->ledger);
    (void)machine;
    switch ((int)promise->message.kind) {
    case PEER_VOTE: sign_vote(key, &domain, &promise->message.vote); break;
    case PEER_PROPOSAL: sign_proposal(key, &domain, &promise->message.proposal); break;
    case PEER_STATUS: {
        const hash256 digest = status_digest(&promise->message.status, &domain);
        secret_key_sign(key, &digest, &promise->message.status.signature);
        break;
    }
    }
    workers_post(seat->environment.workers, &promise->is_signed);
}

/* ---- Signed and logged -------------------------------------------------------------------------- */

static void tell_replica(struct promise *promise, struct replica_queue *queue)
{
    struct seat *seat = promise->seat;
    const uint64_t now_ms = clock_boot_ms();
    switch ((int)promise->message.kind) {
    case PEER_VOTE: replica_on_cast(seat->replica, &promise->message.vote, now_ms, queue); break;
    case PEER_PROPOSAL:
        replica_on_proposed(seat->replica, &promise->message.proposal, now_ms, queue);
        break;
    }
}

static void free_promise(struct promise *promise)
{
    committee_release(promise->committee);
    free(promise);
}

/* A log that failed is everybody's: whatever this was for, nothing is promised any more. */
static void finish(struct promise *promise)
{
    struct seat *seat = promise->seat;
    struct replica_queue queue = {0};
    const bool has_failed = promise->logged.error.code != ERROR_NONE;
    seat->jobs--;
    if (!has_failed)
        histogram_add(&seat->consensus_counts.steps[BLOCK_SIGN],
                      clock_work_ns() - promise->began_ns);
    if (seat->is_close_wanted) {
        seat_finish_close(seat);
    } else if (seat->replica != NULL && promise->life == seat->life) {
        if (has_failed)
            seat_stand_still(seat, &promise->logged.error);
        else
            tell_replica(promise, &queue);
        seat_carry_out(seat, &queue);
    }
    free_promise(promise);
}

/* In order: who hears that less is final than it heard before takes the other for a liar. */
static void finish_status(struct promise *promise)
{
    struct seat *seat = promise->seat;
    struct promise *next;
    promise->departure.is_ready = true;
    seat->jobs--;
    histogram_add(&seat->consensus_counts.steps[BLOCK_SIGN], clock_work_ns() - promise->began_ns);
    while ((next = departures_take(&seat->statuses)) != NULL) {
        if (seat->replica != NULL && next->life == seat->life && !seat->is_close_wanted)
            seat_send(seat, next->to, &next->message);
        free_promise(next);
    }
    if (seat->is_close_wanted)
        seat_finish_close(seat);
}

static void on_part(void *arg)
{
    struct promise *promise = arg;
    if (--promise->pending > 0)
        return;
    if (promise->message.kind == PEER_STATUS)
        finish_status(promise);
    else
        finish(promise);
}

/* Signs while the disk works: the signature stays here until both are done. */
static void start(struct promise *promise, bool is_logged)
{
    struct seat *seat = promise->seat;
    promise->is_signed = (struct work){.done = on_part, .arg = promise, .is_borrowed = true};
    promise->sign = (struct work){.run = sign_job, .arg = promise, .is_borrowed = true};
    promise->pending = is_logged ? 2 : 1;
    if (is_logged)
        vote_writer_wait(seat->links.votes, &promise->logged, on_part, promise);
    if (promise->committee == NULL) /* its domain is the ledger's */
        actor_submit_own(seat->actor, sign_job, NULL, promise);
    else
        workers_submit_borrowed(seat->environment.workers, &promise->sign);
}

/* ---- Logging ------------------------------------------------------------------------------------- */

/* Whoever is alone says nothing before its block is committed, and needs no log. */
bool seat_log(struct seat *seat, const struct vote_record *record)
{
    struct error full;
    if (seat_is_alone(seat) || vote_writer_append(seat->links.votes, record))
        return true;
    error_set(&full, ERROR_BUSY,
              "the vote log does not keep up with what is to be written; look at the disk, then "
              "restart lnode");
    seat_stand_still(seat, &full);
    return false;
}

bool seat_log_block(struct seat *seat, const struct replica_action *action)
{
    const struct body *body = seat_find_body(seat, &action->block);
    if (seat_is_alone(seat) || body == NULL)
        return true; /* final by now: the store has it */
    const struct vote_record record = {.kind = VOTE_RECORD_BLOCK,
                                       .ledger = seat->org->id,
                                       .epoch = seat->committee->record.epoch,
                                       .view = action->view,
                                       .block = action->block,
                                       .body = buffer_view(&body->container)};
    return seat_log(seat, &record);
}

bool seat_cast(struct seat *seat, const struct replica_action *action)
{
    if (!seat_log(seat, &action->record))
        return false;
    struct promise *promise = promise_new(seat, PEER_VOTE);
    promise->message.vote = action->vote;
    start(promise, !seat_is_alone(seat));
    return true;
}

bool seat_propose(struct seat *seat, const struct replica_action *action)
{
    if (!seat_log(seat, &action->record))
        return false;
    struct promise *promise = promise_new(seat, PEER_PROPOSAL);
    promise->message.proposal = action->proposal;
    start(promise, !seat_is_alone(seat));
    return true;
}

void seat_send_status(struct seat *seat, const struct replica_action *action)
{
    if (seat->line == NULL)
        return;
    struct promise *promise = promise_new(seat, PEER_STATUS);
    promise->message.status = action->status;
    promise->to = action->to;
    departures_begin(&seat->statuses, &promise->departure, promise);
    start(promise, false);
}

/* ---- A new log ----------------------------------------------------------------------------------- */

/* Once the end of the silence is on the disk the store names the log. */
struct adoption {
    struct seat *seat;
    uint64_t life, epoch, view;
    hash256 log;
    struct vote_wait logged;
    struct error error;
    bool ok;
};

static void adopt_job(struct vm *machine, void *arg)
{
    struct adoption *adoption = arg;
    struct ledger *ledger = adoption->seat->ledger;
    struct promises promises = *ledger_promises(ledger);
    (void)machine;
    promises.state = PROMISES_LOGGED;
    promises.log = adoption->log;
    promises.silent_until = adoption->view;
    adoption->ok = ledger_epoch_record(ledger)->epoch != adoption->epoch
                   || ledger_set_promises(ledger, &promises, &adoption->error);
}

static void on_adopted(void *arg)
{
    struct adoption *adoption = arg;
    struct seat *seat = adoption->seat;
    seat->jobs--;
    if (seat->is_close_wanted)
        seat_finish_close(seat);
    else if (!adoption->ok && seat->replica != NULL && adoption->life == seat->life)
        seat_stand_still(seat, &adoption->error);
    else if (adoption->ok)
        log_write(LOG_INFO, "seat: adopted the vote log org=%s", seat->org->label);
    free(adoption);
}

static void on_bound_logged(void *arg)
{
    struct adoption *adoption = arg;
    if (adoption->logged.ok) {
        actor_submit_own(adoption->seat->actor, adopt_job, on_adopted, adoption);
        return;
    }
    adoption->error = adoption->logged.error;
    on_adopted(adoption);
}

void seat_adopt_log(struct seat *seat, const struct replica_action *action)
{
    if (seat_is_alone(seat))
        return;
    struct adoption *adoption = memory_new_zeroed(1, sizeof *adoption);
    *adoption = (struct adoption){.seat = seat,
                                  .life = seat->life,
                                  .epoch = seat->committee->record.epoch,
                                  .view = action->view,
                                  .log = vote_writer_id(seat->links.votes)};
    seat->jobs++;
    vote_writer_wait(seat->links.votes, &adoption->logged, on_bound_logged, adoption);
}
