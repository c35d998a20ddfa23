/* What members say to each other: looked at on the loop, checked by workers, told to the replica; and
 * what guests ask. */
#include "node/seat_state.h"

#include <stdlib.h>

#include "node/clock.h"
#include "node/consensus/round.h"
#include "node/join_message.h"
#include "node/pool_message.h"
#include "node/sync/message.h"

#define BLOCK_COST       32 /* of reading one, in signatures: so many a second (allowance.h) */
#define CERTIFICATE_COST 1

/* ---- To others --------------------------------------------------------------------------------- */

void seat_send(struct seat *seat, uint32_t to, const struct message *message)
{
    struct buffer encoded = {0};
    if (seat->line == NULL)
        return;
    message_encode(message, &encoded);
    line_send(seat->line, to == SIMPLEX_ALL ? LINE_ALL : to, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

/* With its block, unless that is final by now; who has no room for it asks for it later. */
void seat_send_proposal(struct seat *seat, const struct replica_action *action)
{
    struct message message = action->message;
    const struct body *body = action->has_body ? seat_find_body(seat, &action->block) : NULL;
    struct buffer bare = {0}, whole = {0};
    if (body == NULL || seat->line == NULL) {
        seat_send(seat, action->to, &message);
        return;
    }
    message_encode(&message, &bare);
    message.proposal.form = PROPOSAL_WHOLE_BLOCK;
    message.proposal.body = buffer_view(&body->container);
    message_encode(&message, &whole);
    for (unsigned member = 0; member < seat->committee->record.committee_size; member++)
        if (action->to == SIMPLEX_ALL || action->to == member)
            line_send(seat->line, member,
                      buffer_view(line_has_room(seat->line, member, whole.size) ? &whole : &bare));
    buffer_cleanup(&bare);
    buffer_cleanup(&whole);
}

void seat_serve(struct seat *seat, const struct replica_action *action)
{
    const struct body *body = seat_find_body(seat, &action->block);
    if (body == NULL) {
        seat_serve_stored(seat, action->to, &action->block);
        return;
    }
    const struct message answer = {.kind = PEER_BLOCK,
                                   .block = {action->block, buffer_view(&body->container)}};
    seat_send(seat, action->to, &answer);
}

void seat_tell_guests(struct seat *seat, const struct certificate *finalization)
{
    const struct message news = {.kind = PEER_CERTIFICATE, .certificate = *finalization};
    struct buffer encoded = {0};
    if (seat->line == NULL || !line_has_guests(seat->line))
        return;
    message_encode(&news, &encoded);
    line_offer(seat->line, LINE_ALL_GUESTS, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

/* ---- Checking ------------------------------------------------------------------------------------ */

/* A message whose signatures a worker checks. */
struct checking {
    struct seat *seat;
    uint64_t life;
    unsigned from;
    struct line_check check;
    struct committee *committee;
    unsigned leader;                                   /* PROPOSAL */
    bool wants_certificate[PROPOSAL_CERTIFICATES_MAX]; /* the others are known, or of no use */
    struct buffer encoded;
    struct arena arena; /* of the message */
    struct message message;
    bool is_good;
};

static void checking_free(struct checking *checking)
{
    committee_release(checking->committee);
    buffer_cleanup(&checking->encoded);
    arena_cleanup(&checking->arena);
    free(checking);
}

/* What is wanted of its certificates is checked, and nothing else of them is kept. */
static bool check_proposal(struct checking *checking)
{
    struct proposal *proposal = &checking->message.proposal;
    const struct committee *committee = checking->committee;
    unsigned kept = 0;
    for (unsigned i = 0; i < proposal->certificates_count; i++) {
        if (!checking->wants_certificate[i])
            continue;
        if (certificate_check(&proposal->certificates[i], &committee->domain, &committee->record)
            != FINALITY_OK)
            return false;
        proposal->certificates[kept++] = proposal->certificates[i];
    }
    proposal->certificates_count = kept;
    return proposal_check(proposal, &committee->domain, &committee->record, checking->leader)
           == PROPOSAL_OK;
}

static void check_job(struct vm *machine, void *arg)
{
    struct checking *checking = arg;
    const struct signing_domain *domain = &checking->committee->domain;
    const struct epoch_record *record = &checking->committee->record;
    struct message *message = &checking->message;
    (void)machine;
    if (!message_decode(message, buffer_view(&checking->encoded), record->committee_size,
                        &checking->arena))
        return; /* it did before */
    switch (message->kind) {
    case PEER_PROPOSAL: checking->is_good = check_proposal(checking); break;
    case PEER_VOTE:
        checking->is_good = vote_check(&message->vote, domain, record) == VOTE_OK;
        break;
    case PEER_CERTIFICATE:
        checking->is_good = certificate_check(&message->certificate, domain, record) == FINALITY_OK;
        break;
    case PEER_STATUS:
        checking->is_good = status_check(&message->status, domain, record) == STATUS_OK;
        break;
    case PEER_GET_CERTIFICATE:
    case PEER_GET_BLOCK:
    case PEER_BLOCK: checking->is_good = true; break;
    }
}

static void on_checked(void *arg)
{
    struct checking *checking = arg;
    struct seat *seat = checking->seat;
    struct replica_queue queue = {0};
    seat->jobs--;
    if (seat->is_close_wanted) {
        seat_finish_close(seat);
    } else if (checking->is_good && seat->replica != NULL && checking->life == seat->life) {
        replica_on_message(seat->replica, checking->from, &checking->message, clock_boot_ms(),
                           &queue);
        seat_carry_out(seat, &queue);
    }
    line_end_check(seat->links.switchboard, &checking->check,
                   checking->is_good ? NULL : "a signature that is not its signer's");
    checking_free(checking);
}

/* How many signatures, and which certificates of a proposal. */
static unsigned cost_of(const struct seat *seat, const struct message *message,
                        bool wants_certificate[PROPOSAL_CERTIFICATES_MAX])
{
    const struct simplex *engine = replica_engine(seat->replica);
    unsigned cost = 1;
    switch ((int)message->kind) {
    case PEER_CERTIFICATE: return message->certificate.signatures_count;
    case PEER_STATUS: return 1 + message->status.votes_count;
    case PEER_PROPOSAL:
        for (unsigned i = 0; i < message->proposal.certificates_count; i++) {
            const struct certificate *certificate = &message->proposal.certificates[i];
            wants_certificate[i] = simplex_wants_certificate(engine, certificate);
            cost += wants_certificate[i] ? certificate->signatures_count : 0;
        }
        return cost;
    }
    return cost;
}

bool seat_submit_check(struct seat *seat, struct line_check *check, work_fn run, loop_fn done,
                       void *arg)
{
    if (workers_submit(seat->environment.workers, run, done, arg)) {
        seat->jobs++;
        return true;
    }
    line_end_check(seat->links.switchboard, check, NULL);
    return false;
}

static enum heard start_check(struct seat *seat, unsigned from, const struct message *message,
                              struct bytes encoded)
{
    struct checking *checking = memory_new_zeroed(1, sizeof *checking);
    const unsigned cost = cost_of(seat, message, checking->wants_certificate);
    checking->seat = seat;
    checking->life = seat->life;
    checking->from = from;
    checking->committee = committee_use(seat->committee);
    if (message->kind == PEER_PROPOSAL)
        checking->leader = simplex_leader(replica_engine(seat->replica), message->proposal.view);
    const bool may_begin = line_begin_check(seat->line, from, cost,
                                            message->kind == PEER_CERTIFICATE, &checking->check);
    if (may_begin)
        buffer_append_bytes(&checking->encoded, encoded);
    if (may_begin && seat_submit_check(seat, &checking->check, check_job, on_checked, checking))
        return HEARD;
    checking_free(checking);
    return HEARD_LATER;
}

/* What is answered without a check costs something, too. */
static unsigned cost_of_looking(unsigned from, enum peer_message kind)
{
    if (kind == PEER_GET_BLOCK)
        return BLOCK_COST;
    if (kind == PEER_GET_CERTIFICATE)
        return CERTIFICATE_COST;
    return from >= LINE_GUESTS;
}

/* False: not now. */
static bool may_ask(struct seat *seat, unsigned from, enum peer_message kind)
{
    struct line_check check;
    const unsigned cost = cost_of_looking(from, kind);
    if (cost == 0)
        return true;
    if (!line_begin_check(seat->line, from, cost, false, &check))
        return false;
    line_end_check(seat->links.switchboard, &check, NULL);
    return true;
}

/* ---- From others --------------------------------------------------------------------------------- */

static bool has_signature(enum peer_message kind)
{
    return kind != PEER_GET_CERTIFICATE && kind != PEER_GET_BLOCK && kind != PEER_BLOCK;
}

/* Whoever has no seat here asks, or says in its STATUS which epoch it is in: it may have had a seat
 * once, or be ahead. Nothing else of it is even read. */
static bool is_heard(unsigned from, uint8_t kind)
{
    return from < LINE_GUESTS || kind == PEER_STATUS || kind == PEER_GET_CERTIFICATE
           || kind == PEER_GET_BLOCK;
}

/* What a newer program may say; a fault is only what claims to be of a form that we know. */
static bool may_be_newer(struct bytes encoded)
{
    const bool has_version = encoded.data[0] <= PEER_STATUS;
    return encoded.data[0] > PEER_BLOCK || encoded.data[0] == 0
           || (has_version && encoded.size > 1 && encoded.data[1] != 1);
}

/* Bounds are those of the committee that it speaks of, which is known if the epoch is ours. */
static bool decode(const struct seat *seat, struct bytes encoded, struct message *message,
                   struct arena *arena)
{
    const struct epoch_record *record = &seat->committee->record;
    return message_decode(message, encoded, COMMITTEE_SIZE_MAX, arena)
           && (replica_epoch_of(message) != record->epoch
               || message_decode(message, encoded, record->committee_size, arena));
}

static enum heard on_consensus_message(struct seat *seat, unsigned from, struct bytes encoded)
{
    struct arena arena = {0};
    struct message message;
    struct replica_queue queue = {0};
    const uint64_t now_ms = clock_boot_ms();
    enum heard heard = HEARD;
    if (!is_heard(from, encoded.data[0]))
        return HEARD;
    if (!decode(seat, encoded, &message, &arena)) {
        arena_cleanup(&arena);
        if (!may_be_newer(encoded))
            line_fault(seat->line, from, "a message that no member writes");
        return HEARD;
    }
    if (!may_ask(seat, from, message.kind)) {
        arena_cleanup(&arena);
        return HEARD_LATER;
    }
    if (message.kind == PEER_STATUS && from < LINE_GUESTS && seat->sync != NULL)
        block_sync_on_peer(seat->sync, from, message.status.earliest_height,
                           message.status.final_height, now_ms);
    const bool is_wanted = replica_look(seat->replica, from, &message, now_ms, &queue);
    if (is_wanted && has_signature(message.kind))
        heard = start_check(seat, from, &message, encoded);
    else if (is_wanted)
        replica_on_message(seat->replica, from, &message, now_ms, &queue);
    seat_carry_out(seat, &queue);
    arena_cleanup(&arena);
    return heard;
}

static enum heard on_message(void *arg, unsigned member, struct bytes message)
{
    struct seat *seat = arg;
    if (seat->replica == NULL || seat->committee == NULL || seat->is_close_wanted)
        return HEARD;
    if (message.data[0] >= JOIN_REQUEST)
        return seat_on_join_message(seat, member, message);
    if (message.data[0] >= POOL_TRANSACTIONS)
        return seat_on_pool_message(seat, member, message);
    if (message.data[0] >= SYNC_GET_RANGE)
        return seat_on_sync_message(seat, member, message);
    return on_consensus_message(seat, member, message);
}

/* ---- Who is there ---------------------------------------------------------------------------------- */

static void count_members(struct seat *seat)
{
    if (seat->line != NULL)
        atomic_store(&seat->members_up, line_up_count(seat->line) + !atomic_load(&seat->follows));
}

static void on_peer(struct seat *seat, unsigned member, bool is_up)
{
    struct replica_queue queue = {0};
    const uint64_t now_ms = clock_boot_ms();
    count_members(seat);
    if (seat->replica == NULL || seat->committee == NULL || seat->is_close_wanted)
        return;
    if (member < LINE_GUESTS && seat->sync != NULL) {
        block_sync_on_gone(seat->sync, member);
        if (is_up) {
            block_sync_on_peer(seat->sync, member, 0, 0, now_ms); /* what it has is not known yet */
            seat_tell_later(seat, true);
        }
    }
    replica_on_peer(seat->replica, member, is_up, now_ms, &queue);
    seat_carry_out(seat, &queue);
}

static void on_up(void *arg, unsigned member)
{
    on_peer(arg, member, true);
}

static void on_down(void *arg, unsigned member)
{
    on_peer(arg, member, false);
}

static const struct line_events line_events = {on_up, on_down, on_message};

/* Whoever has no endpoint in its entry may be known by the one in an invitation. */
static struct committee_entry *with_endpoints(const struct organisation *org,
                                              const struct epoch_record *record)
{
    struct committee_entry *members = memory_new(record->committee_size * sizeof *members);
    for (unsigned i = 0; i < record->committee_size; i++) {
        const char *known = organisation_endpoint_of(org, record->committee[i].node_key);
        members[i] = record->committee[i];
        if (members[i].endpoint[0] == '\0' && known != NULL)
            memcpy(members[i].endpoint, known, strlen(known) + 1);
    }
    return members;
}

void seat_meet(struct seat *seat, const struct epoch_record *record)
{
    struct committee_entry *members = with_endpoints(seat->org, record);
    if (seat->line == NULL)
        seat->line = line_open(seat->links.switchboard, &seat->org->id, &line_events, seat);
    line_take_guests(seat->line, !atomic_load(&seat->follows));
    line_set_committee(seat->line, members, record->committee_size);
    free(members);
    count_members(seat);
}

void seat_greet(struct seat *seat)
{
    for (unsigned i = 0; seat->replica != NULL && i < seat->committee->record.committee_size; i++)
        if (line_is_up(seat->line, i))
            on_peer(seat, i, true);
    for (unsigned i = LINE_GUESTS; seat->replica != NULL && i < LINE_GUESTS + LINE_GUESTS_MAX; i++)
        if (line_is_up(seat->line, i))
            on_peer(seat, i, true);
}
