#include "node/consensus/simplex/state.h"

#include "node/consensus/rule.h"

static uint64_t grown(const struct simplex *s, uint64_t timeout_ms)
{
    for (unsigned i = 0; i < s->timeouts && i < TIMEOUT_GROWTH; i++)
        timeout_ms += timeout_ms / 2;
    if (timeout_ms < TIMEOUT_LEAST)
        return TIMEOUT_LEAST;
    return timeout_ms > TIMEOUT_MOST ? TIMEOUT_MOST : timeout_ms;
}

/* Up to 5 % less or more, by member, view and timer: those of many ledgers on one device, and of the
 * members of one ledger, do not fire together. */
static uint64_t spread(const struct simplex *s, uint64_t timer, uint64_t timeout_ms)
{
    uint64_t mixed = s->config.timer_seed ^ s->config.own_index;
    if (s->config.timer_seed == 0)
        return timeout_ms;
    mixed = (mixed + 3 * s->view + timer) * 0x9e3779b97f4a7c15; /* splitmix64 */
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return timeout_ms - timeout_ms / 20 + (mixed ^ mixed >> 31) % (timeout_ms / 10 + 1);
}

uint64_t simplex_slot_ms(const struct simplex *s)
{
    if (s->config.pulse_ms == 0)
        return s->notarized_ms + (s->work == WORK_TRANSACTIONS ? 0 : EMPTY_WAIT_MS);
    return s->notarized_ms + s->config.pulse_ms;
}

void simplex_arm(struct simplex *s, uint64_t now_ms)
{
    struct round *round = simplex_need_round(s, s->view);
    if (round->is_armed)
        return;
    round->is_armed = true;
    if (simplex_is_alone(s) || !simplex_is_member(s))
        return; /* nobody to pass the view on to, or no vote to do it with */
    const uint64_t slot = simplex_slot_ms(s) > now_ms ? simplex_slot_ms(s) - now_ms : 0;
    const uint64_t wait = slot > 2 * s->delay_ms ? slot : 2 * s->delay_ms;
    const uint64_t leader = spread(s, 1, grown(s, wait + 2 * s->delay_ms + s->config.execution_ms));
    const uint64_t advance =
        leader + spread(s, 2, grown(s, 2 * s->delay_ms + s->config.execution_ms));
    s->timers.leader = now_ms + leader;
    s->timers.advance = now_ms + advance;
    s->timers.retry = now_ms + (advance / 2 > RETRY_LEAST ? advance / 2 : RETRY_LEAST);
}

void simplex_disarm(struct simplex *s)
{
    struct round *round = simplex_find_round(s, s->view);
    s->timers = (struct simplex_timers){NEVER, NEVER, NEVER, NEVER};
    if (round != NULL)
        round->is_armed = false;
}

/* Whether nobody said anything in the view: then its timers run for our own work only. */
static bool is_silent(const struct simplex *s)
{
    const struct round *round = simplex_find_round(s, s->view);
    if (round == NULL)
        return true;
    return !round->has_proposal && round->own_proposal == OWN_PROPOSAL_NONE
           && !simplex_has_cast(round, MESSAGE_NULLIFY)
           && round_count(round, MESSAGE_NULLIFY, NULL, s->config.thresholds.members) == 0;
}

void simplex_on_work(struct simplex *s, enum work_kind work, uint64_t now_ms,
                     struct simplex_queue *out)
{
    s->work = work;
    if (s->is_sealed || !s->is_started)
        return;
    if (work == WORK_NONE) {
        if (!simplex_work_pending(s) && is_silent(s))
            simplex_disarm(s);
        return;
    }
    simplex_arm(s, now_ms);
    simplex_try_propose(s, now_ms, out);
}

uint64_t simplex_next_ms(const struct simplex *s)
{
    const uint64_t all[] = {s->timers.slot, s->timers.leader, s->timers.advance, s->timers.retry};
    uint64_t next = NEVER;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        next = all[i] < next ? all[i] : next;
    return next;
}

static void time_out(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    struct round *round = simplex_need_round(s, s->view);
    if (!round->is_timed_out)
        s->timeouts++;
    round->is_timed_out = true;
    simplex_try_nullify(s, now_ms, out);
}

/* False: there is none. Stored bytes only. */
static bool resend_votes_of(const struct round *round, struct simplex_queue *out)
{
    bool has_any = false;
    for (unsigned kind = 0; kind < VOTE_KINDS; kind++) {
        if (!round->own[kind].is_sent)
            continue;
        has_any = true;
        simplex_send_vote(&round->own[kind].vote, SIMPLEX_ALL, out);
    }
    return has_any;
}

/* Own votes above F: each of them may be the one that a certificate lacks. Where many views failed
 * that is so for the newest at once and for the others in the end, so these take turns. */
static void resend_votes(struct simplex *s, struct simplex_queue *out)
{
    size_t older = s->rounds_count;
    for (unsigned views = 0; older > 0 && views < RESEND_VIEWS; older--)
        views += resend_votes_of(s->rounds[older - 1], out);
    size_t at = simplex_round_place(s, s->resent_view + 1);
    for (unsigned views = 0, looked = 0; looked < older && views < RESEND_VIEWS; looked++, at++) {
        at = at < older ? at : 0;
        views += resend_votes_of(s->rounds[at], out);
        s->resent_view = s->rounds[at]->view;
    }
}

/* To those who did not vote for it: who did has it. */
static void resend_proposal(struct simplex *s, const struct round *round, struct simplex_queue *out)
{
    for (unsigned member = 0; member < s->config.thresholds.members; member++)
        if (member != s->config.own_index && !round_has_vote(round, MESSAGE_NOTARIZE, member))
            simplex_send_proposal(s, round, member, out);
}

/* t_retry: what is of ours above F, and how others get to our view. */
static void resend(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    if (RULE_RESEND)
        resend_votes(s, out);
    simplex_want_lost(s, now_ms, out);
    struct round *round = simplex_need_round(s, s->view);
    if (round->own_proposal == OWN_PROPOSAL_SENT)
        resend_proposal(s, round, out);
    const struct certificate *entry = simplex_entry_certificate(s);
    if (entry != NULL)
        simplex_send_certificate(entry, SIMPLEX_ALL, out);
    for (size_t i = 0; i < s->blocks_count; i++)
        if (s->blocks[i].was_wanted && !s->blocks[i].has_info)
            simplex_append_want(s, &s->blocks[i].info.hash, out);
    simplex_try_notarize(s, round, now_ms, out); /* asks again for what is missing */
    simplex_try_propose(s, now_ms, out);
}

void simplex_on_time(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    const struct simplex_timers due = s->timers;
    if (now_ms >= due.slot) {
        s->timers.slot = NEVER;
        simplex_try_propose(s, now_ms, out);
    }
    if (now_ms >= due.leader || now_ms >= due.advance) {
        s->timers.leader = NEVER;
        if (now_ms >= due.advance)
            s->timers.advance = NEVER;
        time_out(s, now_ms, out);
    }
    if (now_ms >= due.retry) {
        const uint64_t wait = grown(s, 2 * s->delay_ms + s->config.execution_ms);
        s->timers.retry = now_ms + (wait > RETRY_LEAST ? wait : RETRY_LEAST);
        resend(s, now_ms, out);
    }
}
