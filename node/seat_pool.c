/* Transactions that wait are passed on among the members until they are in a block: at once by who
 * took them from a user, and by name, ever more seldom, by everybody who has them still
 * (pool_message.h). Whoever only votes hears of work by that, too. */
#include "node/seat_state.h"

#include <stdlib.h>

#include "node/clock.h"
#include "node/pool_message.h"

#define TELL_FIRST_MS  2000
#define TELL_MOST_MS   60000
#define HASHES_A_CHECK 32 /* looking up so many costs as much as one signature */
#define NOT_WRITTEN    "a message that no member writes"

/* ---- From a user, to all ------------------------------------------------------------------------- */

struct passing {
    struct seat *seat;
    struct work message;
    struct buffer encoded;
};

/* Whoever follows burdens two members with it; the others get it from them. */
static void tell_others(struct seat *seat, struct bytes message)
{
    if (atomic_load(&seat->follows))
        line_hand_on(seat->line, message);
    else
        line_offer(seat->line, LINE_ALL, message);
}

static void on_passing(void *arg)
{
    struct passing *passing = arg;
    struct seat *seat = passing->seat;
    if (seat->line != NULL) /* who has no room for it is told by name later */
        tell_others(seat, buffer_view(&passing->encoded));
    buffer_cleanup(&passing->encoded);
    free(passing);
}

/* On the actor. */
void seat_pass_on(struct seat *seat)
{
    struct bytes each[POOL_MESSAGE_COUNT_MAX];
    const uint8_t *next = seat->admitted.data;
    const struct pool_message message = {
        .kind = POOL_TRANSACTIONS, .count = seat->admitted_count, .transactions = each};
    if (seat->admitted_count == 0)
        return;
    for (unsigned i = 0; i < seat->admitted_count; i++) {
        each[i] = bytes_of(next, seat->admitted_sizes[i]);
        next += seat->admitted_sizes[i];
    }
    struct passing *passing = memory_new_zeroed(1, sizeof *passing);
    passing->seat = seat;
    passing->message = (struct work){.done = on_passing, .arg = passing, .is_borrowed = true};
    pool_message_encode(&message, &passing->encoded);
    buffer_cleanup(&seat->admitted);
    seat->admitted = (struct buffer){0};
    seat->admitted_count = 0;
    workers_post(seat->environment.workers, &passing->message);
}

void seat_on_admitted(void *context, const struct transaction *tx)
{
    struct seat *seat = context;
    if (!atomic_load(&seat->passes_on) || seat->takes_from_member)
        return;
    const size_t size = 3 + 4 * ((size_t)seat->admitted_count + 1) + seat->admitted.size;
    if (seat->admitted_count == POOL_MESSAGE_COUNT_MAX
        || size + tx->encoded.size > POOL_MESSAGE_SIZE_MAX)
        seat_pass_on(seat);
    buffer_append_bytes(&seat->admitted, tx->encoded);
    seat->admitted_sizes[seat->admitted_count++] = (uint32_t)tx->encoded.size;
}

/* ---- From a member -------------------------------------------------------------------------------- */

/* A message about transactions, looked at by a worker or the actor. */
struct pool_job {
    struct seat *seat;
    uint64_t life;
    unsigned from;
    struct line_check check;
    struct line_answer place; /* WANT */
    struct buffer encoded;
    struct arena arena;
    struct pool_message message;
    struct transaction *transactions; /* those of the message, their senders recovered */
    const char *fault;
    struct buffer answer; /* empty: there is none */
};

static struct pool_job *pool_job_new(struct seat *seat, unsigned from)
{
    struct pool_job *job = memory_new_zeroed(1, sizeof *job);
    *job = (struct pool_job){.seat = seat, .life = seat->life, .from = from};
    return job;
}

static void pool_job_free(struct pool_job *job)
{
    buffer_cleanup(&job->encoded);
    buffer_cleanup(&job->answer);
    arena_cleanup(&job->arena);
    free(job);
}

/* What is named to all is named again. */
static void say(struct seat *seat, unsigned to, struct bytes message)
{
    if (to == LINE_ALL)
        tell_others(seat, message);
    else
        line_send(seat->line, to, message);
}

static void end_pool_job(struct pool_job *job)
{
    struct seat *seat = job->seat;
    seat->jobs--;
    if (seat->line != NULL && job->life == seat->life && job->answer.size > 0)
        say(seat, job->from, buffer_view(&job->answer));
    if (job->place.node != NULL)
        line_end_answer(seat->links.switchboard, &job->place);
    if (job->check.node != NULL)
        line_end_check(seat->links.switchboard, &job->check, job->fault);
    if (seat->is_close_wanted)
        seat_finish_close(seat);
    pool_job_free(job);
}

static void on_pool_job(void *arg)
{
    end_pool_job(arg);
}

/* What expired or was evicted here may come back: who names it has it still. What was replaced may
 * not: at no price at all the older one would replace the newer. */
static bool is_settled(const struct pool *pool, const hash256 *hash)
{
    switch (pool_fate(pool, hash)) {
    case POOL_READY:
    case POOL_QUEUED:
    case POOL_MINED:
    case POOL_REPLACED: return true;
    case POOL_UNKNOWN:
    case POOL_EXPIRED:
    case POOL_EVICTED:
    case POOL_FATE_COUNT: break;
    }
    return false;
}

/* On the actor. What is refused here was good when it left: mined meanwhile, replaced, or there is
 * no room; that is nobody's fault. */
static void admit_job(struct vm *machine, void *arg)
{
    struct pool_job *job = arg;
    struct seat *seat = job->seat;
    const uint64_t now_ms = clock_wall_ms();
    (void)machine;
    seat->takes_from_member = job->from < LINE_GUESTS; /* a guest's are passed on as a user's */
    for (unsigned i = 0; i < job->message.count; i++)
        if (!is_settled(ledger_pool(seat->ledger), &job->transactions[i].hash))
            ledger_submit(seat->ledger, &job->transactions[i], now_ms, NULL);
    seat->takes_from_member = false;
    seat_wake(seat);
}

static void recover_job(struct vm *machine, void *arg)
{
    struct pool_job *job = arg;
    const unsigned count = job->message.count;
    (void)machine;
    job->transactions = arena_array(&job->arena, count, sizeof *job->transactions);
    for (unsigned i = 0; i < count && job->fault == NULL; i++)
        if (transaction_decode(&job->transactions[i], job->message.transactions[i], &job->arena,
                               NULL)
                != TRANSACTION_OK
            || transaction_recover(&job->transactions[i]) != TRANSACTION_OK)
            job->fault = "a transaction that is none";
}

static void on_recovered(void *arg)
{
    struct pool_job *job = arg;
    struct seat *seat = job->seat;
    if (job->fault != NULL || seat->is_close_wanted || seat->replica == NULL
        || !actor_submit(seat->actor, admit_job, on_pool_job, job))
        end_pool_job(job); /* those that were good are named again */
}

/* On the actor: what of it is to be had. */
static void want_job(struct vm *machine, void *arg)
{
    struct pool_job *job = arg;
    struct pool_message want = {.kind = POOL_WANT, .hashes = job->message.hashes};
    (void)machine;
    for (unsigned i = 0; i < job->message.count; i++)
        if (!is_settled(ledger_pool(job->seat->ledger), &job->message.hashes[i]))
            want.hashes[want.count++] = job->message.hashes[i];
    if (want.count > 0)
        pool_message_encode(&want, &job->answer);
}

/* On the actor: as many as one message holds. */
static void give_job(struct vm *machine, void *arg)
{
    struct pool_job *job = arg;
    struct bytes each[POOL_MESSAGE_COUNT_MAX];
    struct pool_message give = {.kind = POOL_TRANSACTIONS, .transactions = each};
    size_t size = 3;
    (void)machine;
    for (unsigned i = 0; i < job->message.count; i++) {
        const struct transaction *tx =
            pool_find(ledger_pool(job->seat->ledger), &job->message.hashes[i]);
        if (tx == NULL || size + 4 + tx->encoded.size > POOL_MESSAGE_SIZE_MAX)
            continue;
        each[give.count++] = tx->encoded;
        size += 4 + tx->encoded.size;
    }
    if (give.count > 0)
        pool_message_encode(&give, &job->answer);
}

static bool submit(struct seat *seat, struct pool_job *job)
{
    switch (job->message.kind) {
    case POOL_TRANSACTIONS:
        return workers_submit(seat->environment.workers, recover_job, on_recovered, job);
    case POOL_HAVE: return actor_submit(seat->actor, want_job, on_pool_job, job);
    case POOL_WANT: return actor_submit(seat->actor, give_job, on_pool_job, job);
    }
    return false;
}

/* In signatures. */
static unsigned cost_of(enum pool_message_kind kind, unsigned count)
{
    return kind == POOL_TRANSACTIONS ? count : 1 + count / HASHES_A_CHECK;
}

/* Its sender pays by the count alone before anything else of it is read or kept. */
enum heard seat_on_pool_message(struct seat *seat, unsigned from, struct bytes bytes)
{
    struct line_check check;
    if (bytes.data[0] > POOL_WANT)
        return HEARD; /* of a newer program */
    if (from >= LINE_GUESTS && bytes.data[0] == POOL_WANT)
        return HEARD; /* guests get what is in blocks */
    const unsigned count = pool_message_count(bytes);
    if (count == 0) {
        line_fault(seat->line, from, NOT_WRITTEN);
        return HEARD;
    }
    if (!line_begin_check(seat->line, from, cost_of(bytes.data[0], count), false, &check))
        return HEARD_LATER;
    struct pool_job *job = pool_job_new(seat, from);
    job->check = check;
    buffer_append_bytes(&job->encoded, bytes);
    const bool is_good =
        pool_message_decode(&job->message, buffer_view(&job->encoded), &job->arena);
    if (!is_good || !submit(seat, job)) {
        line_end_check(seat->links.switchboard, &check, is_good ? NULL : NOT_WRITTEN);
        pool_job_free(job);
        return is_good ? HEARD_LATER : HEARD;
    }
    if (job->message.kind == POOL_WANT)
        line_begin_answer(seat->line, from, &job->place);
    seat->jobs++;
    return HEARD;
}

/* ---- What still waits ------------------------------------------------------------------------------ */

struct naming {
    struct pool_job *job;
    unsigned passed_over;
    struct pool_message have;
};

static void name_one(void *context, const struct transaction *tx, bool is_ready)
{
    struct naming *naming = context;
    (void)is_ready;
    if (naming->passed_over > 0)
        naming->passed_over--;
    else if (naming->have.count < POOL_MESSAGE_COUNT_MAX)
        naming->have.hashes[naming->have.count++] = tx->hash;
}

/* Where there are more than one message names, others each time. */
static void name_job(struct vm *machine, void *arg)
{
    struct pool_job *job = arg;
    const struct pool *pool = ledger_pool(job->seat->ledger);
    const size_t count = pool_ready_count(pool) + pool_queued_count(pool);
    struct naming naming = {.job = job, .have = {.kind = POOL_HAVE}};
    (void)machine;
    naming.have.hashes =
        arena_array(&job->arena, POOL_MESSAGE_COUNT_MAX, sizeof *naming.have.hashes);
    if (count > POOL_MESSAGE_COUNT_MAX)
        naming.passed_over = (unsigned)(clock_work_ns() % (count - POOL_MESSAGE_COUNT_MAX + 1));
    pool_visit(pool, name_one, &naming);
    if (naming.have.count > 0)
        pool_message_encode(&naming.have, &job->answer);
}

static size_t waiting_count(const struct seat *seat)
{
    return tally_read(&seat->ledger_counts.pool.ready)
           + tally_read(&seat->ledger_counts.pool.queued);
}

void seat_tell_later(struct seat *seat, bool is_news)
{
    const uint64_t first_ms = clock_boot_ms() + TELL_FIRST_MS;
    if (seat->tell_ms != UINT64_MAX && !is_news)
        return;
    seat->tell_wait_ms = TELL_FIRST_MS;
    if (first_ms < seat->tell_ms)
        seat->tell_ms = first_ms;
}

void seat_tell_waiting(struct seat *seat)
{
    seat->tell_ms = UINT64_MAX;
    if (waiting_count(seat) == 0 || seat->line == NULL)
        return;
    seat->tell_wait_ms =
        2 * seat->tell_wait_ms < TELL_MOST_MS ? 2 * seat->tell_wait_ms : TELL_MOST_MS;
    seat->tell_ms = clock_boot_ms() + seat->tell_wait_ms;
    struct pool_job *job = pool_job_new(seat, LINE_ALL);
    if (actor_submit(seat->actor, name_job, on_pool_job, job))
        seat->jobs++;
    else
        pool_job_free(job);
}
