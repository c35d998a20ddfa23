/* A committee in virtual time: engines, vote logs and audits of whole nodes over a network that
 * loses, delays, reorders, repeats and cuts; crashes, lost logs, and members that lie. After each
 * step the invariants are checked by code of their own. A run is its seed: sim SEED [RUNS]. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/consensus/audit.h"
#include "node/consensus/simplex.h"
#include "vm/crypto/keccak.h"

#define NODES_MAX   10
#define HEIGHTS_MAX 4096
#define QUIET_MS    400000  /* faults stop here */
#define END_MS      1000000 /* five more blocks are final by then */
#define IDLE_MS     400000  /* after the last work everybody sleeps by then */

enum event_kind {
    ON_MESSAGE,
    ON_LOGGED,
    ON_PROPOSAL_LOGGED,
    ON_BOUND_LOGGED,
    ON_EXECUTED,
    ON_BUILT,
    ON_TIME,
    ON_CRASH,
    ON_RESTART,
    ON_AUDIT,
    ON_WORK,
    ON_SYNCED,
    ON_STATUS,
    ON_NETWORK
};

struct event {
    uint64_t at, number;
    enum event_kind kind;
    unsigned node, from;
    uint64_t life; /* of the node; an event of an earlier life is nothing */
    struct buffer bytes;
    struct vote vote;
    struct proposal proposal;
    hash256 block;
    uint64_t view;
};

struct sim_block {
    struct simplex_block info;
    bool has[NODES_MAX], running[NODES_MAX], executed[NODES_MAX];
};

struct logged {
    bool is_proposal, is_synced, is_certificate, is_bound;
    uint64_t view;
    struct certificate certificate;
    struct vote vote;
    struct proposal proposal;
};

struct node {
    struct simplex *engine;
    struct audit audit;
    bool is_up, is_liar, is_audited;
    bool log_is_whole; /* the store names this log */
    uint64_t life, timer_at;
    uint64_t bound; /* the end of its silence after a loss */
    struct logged *log;
    size_t log_count;
    /* the store */
    uint64_t final_view;
    struct simplex_block final;
    struct certificate final_certificate;
    bool has_final_certificate;
    hash256 nonce;
};

/* What a member ever said of a view, in all its lives. */
struct said {
    bool has[3], has_proposal;
    hash256 what[3], proposal;
};

struct shown {
    hash256 digest;
    uint64_t view, parent_view;
};

struct sim {
    uint64_t random, now, numbers;
    struct event **heap;
    size_t heap_count, heap_capacity;
    unsigned n;
    struct thresholds of;
    struct node nodes[NODES_MAX];
    struct sim_block *blocks;
    size_t blocks_count;
    hash256 finals[HEIGHTS_MAX];
    bool has_final[HEIGHTS_MAX];
    uint64_t highest;
    unsigned side[NODES_MAX]; /* who hears whom */
    unsigned drop, repeat, delay_most, crash, lose_log;
    uint64_t seed;
    uint64_t trace;
    bool has_work;
    bool is_ending;          /* the last work is done */
    bool loses_certificates; /* of the highest view, though they stand before the votes after it */
    struct shown *shown;     /* every proposal that was ever sent */
    size_t shown_count;
    struct said *said[NODES_MAX]; /* by view */
    uint64_t said_count[NODES_MAX];
    uint64_t messages, crashes, losses, accused, evidence_wrong;
};

static uint64_t draw(struct sim *sim)
{
    sim->random ^= sim->random << 13;
    sim->random ^= sim->random >> 7;
    sim->random ^= sim->random << 17;
    return sim->random;
}
static bool chance(struct sim *sim, unsigned percent)
{
    return draw(sim) % 100 < percent;
}

static void fail(struct sim *sim, const char *what, unsigned node, uint64_t number)
{
    printf("BROKEN seed=%" PRIu64 " now=%" PRIu64 " node=%u number=%" PRIu64 ": %s\n", sim->seed,
           sim->now, node, number, what);
    exit(1);
}

/* ---- Events -------------------------------------------------------------------------------- */

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static struct event *post(struct sim *sim, uint64_t after, enum event_kind kind, unsigned node)
{
    struct event *event = memory_new_zeroed(1, sizeof *event);
    *event = (struct event){.at = sim->now + after,
                            .number = sim->numbers++,
                            .kind = kind,
                            .node = node,
                            .life = sim->nodes[node].life};
    if (sim->heap_count == sim->heap_capacity) {
        sim->heap_capacity = sim->heap_capacity == 0 ? 64 : 2 * sim->heap_capacity;
        sim->heap = memory_resize(sim->heap, sim->heap_capacity * sizeof *sim->heap);
    }
    size_t at = sim->heap_count++;
    while (at > 0 && before(event, sim->heap[(at - 1) / 2])) {
        sim->heap[at] = sim->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    return sim->heap[at] = event;
}

static struct event *take(struct sim *sim)
{
    struct event *first = sim->heap[0], *last = sim->heap[--sim->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sim->heap_count)
            break;
        if (child + 1 < sim->heap_count && before(sim->heap[child + 1], sim->heap[child]))
            child++;
        if (!before(sim->heap[child], last))
            break;
        sim->heap[at] = sim->heap[child];
        at = child;
    }
    sim->heap[at] = last;
    return first;
}

/* ---- Network ------------------------------------------------------------------------------- */

static void send_bytes(struct sim *sim, unsigned from, unsigned to, struct bytes bytes)
{
    const bool is_quiet = sim->now >= QUIET_MS;
    if (from == to || (!is_quiet && (sim->side[from] & sim->side[to]) == 0))
        return;
    const unsigned copies = !is_quiet && chance(sim, sim->repeat) ? 2 : 1;
    for (unsigned i = 0; i < copies; i++) {
        if (!is_quiet && chance(sim, sim->drop))
            continue;
        uint64_t delay = 5 + draw(sim) % 60;
        if (!is_quiet && chance(sim, 10))
            delay += draw(sim) % sim->delay_most;
        struct event *event = post(sim, delay, ON_MESSAGE, to);
        event->from = from;
        buffer_append_bytes(&event->bytes, bytes);
        sim->messages++;
    }
}

static void send_message(struct sim *sim, unsigned from, uint32_t to, const struct message *message)
{
    struct buffer bytes = {0};
    message_encode(message, &bytes);
    for (unsigned i = 0; i < sim->n; i++)
        if (to == SIMPLEX_ALL || to == i)
            send_bytes(sim, from, i, buffer_view(&bytes));
    buffer_cleanup(&bytes);
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static struct sim_block *block_of(struct sim *sim, const hash256 *hash)
{
    for (size_t i = sim->blocks_count; i > 0; i--)
        if (hash256_equal(&sim->blocks[i - 1].info.hash, hash))
            return &sim->blocks[i - 1];
    return NULL;
}

static struct sim_block *make_block(struct sim *sim, const struct simplex_block *parent,
                                    uint64_t view)
{
    sim->blocks = memory_resize(sim->blocks, (sim->blocks_count + 1) * sizeof *sim->blocks);
    struct sim_block *block = &sim->blocks[sim->blocks_count++];
    *block = (struct sim_block){0};
    const uint64_t content[2] = {draw(sim), sim->blocks_count};
    block->info = (struct simplex_block){.hash = keccak256(content, sizeof content),
                                         .parent = parent->hash,
                                         .view = view,
                                         .height = parent->height + 1};
    return block;
}

static void try_execute(struct sim *sim, unsigned node)
{
    for (size_t i = sim->blocks_count > 256 ? sim->blocks_count - 256 : 0; i < sim->blocks_count;
         i++) {
        struct sim_block *block = &sim->blocks[i];
        if (!block->has[node] || block->running[node] || block->executed[node])
            continue;
        const struct sim_block *parent = block_of(sim, &block->info.parent);
        if (parent != NULL && !parent->executed[node])
            continue;
        block->running[node] = true;
        post(sim, 1 + draw(sim) % 40, ON_EXECUTED, node)->block = block->info.hash;
    }
}

/* ---- Invariants ---------------------------------------------------------------------------- */

static void check_final(struct sim *sim, unsigned node, const hash256 *hash)
{
    const struct sim_block *block = block_of(sim, hash);
    if (block == NULL)
        fail(sim, "a block that nobody made is final", node, 0);
    const uint64_t height = block->info.height;
    if (height >= HEIGHTS_MAX)
        return;
    if (sim->has_final[height] && !hash256_equal(&sim->finals[height], hash))
        fail(sim, "two final blocks at one height", node, height);
    if (height > 1 && sim->has_final[height - 1]
        && !hash256_equal(&sim->finals[height - 1], &block->info.parent))
        fail(sim, "a final block's parent is not final", node, height);
    sim->finals[height] = *hash;
    sim->has_final[height] = true;
    if (height > sim->highest)
        sim->highest = height;
}

static struct said *said_of(struct sim *sim, unsigned node, uint64_t view)
{
    if (view >= sim->said_count[node]) {
        const uint64_t count = 2 * view + 64;
        sim->said[node] = memory_resize(sim->said[node], count * sizeof *sim->said[node]);
        memset(sim->said[node] + sim->said_count[node], 0,
               (count - sim->said_count[node]) * sizeof *sim->said[node]);
        sim->said_count[node] = count;
    }
    return &sim->said[node][view];
}

static bool is_in_log(const struct node *node, const struct vote *vote)
{
    for (size_t i = node->log_count; i > 0; i--) {
        const struct logged *logged = &node->log[i - 1];
        if (!logged->is_proposal && !logged->is_certificate && !logged->is_bound
            && logged->is_synced && logged->vote.kind == vote->kind
            && logged->vote.view == vote->view)
            return true;
    }
    return false;
}

/* R1, counted out: every view that the proposal skips was nullified by a quorum, liars counted. */
static void check_skipped(struct sim *sim, unsigned node, const struct vote *vote)
{
    size_t at = sim->shown_count;
    while (at > 0 && !hash256_equal(&sim->shown[at - 1].digest, &vote->proposal))
        at--;
    if (at == 0)
        fail(sim, "a vote for a proposal that nobody made", node, vote->view);
    for (uint64_t view = sim->shown[at - 1].parent_view + 1; view < vote->view; view++) {
        unsigned count = 0;
        for (unsigned i = 0; i < sim->n; i++)
            count += sim->nodes[i].is_liar || said_of(sim, i, view)->has[1];
        if (count < sim->of.quorum)
            fail(sim, "a notarize vote over a view that was not nullified (R1)", node, view);
    }
}

static void show(struct sim *sim, const struct proposal *proposal)
{
    const struct shown shown = {proposal_digest_of(proposal), proposal->view,
                                proposal->parent_view};
    for (size_t i = sim->shown_count; i > 0 && i + 64 > sim->shown_count; i--)
        if (hash256_equal(&sim->shown[i - 1].digest, &shown.digest))
            return;
    sim->shown = memory_resize(sim->shown, (sim->shown_count + 1) * sizeof *sim->shown);
    sim->shown[sim->shown_count++] = shown;
}

/* No honest member contradicts itself over its whole life, and what it sends it logged. */
static void check_sent(struct sim *sim, unsigned node, const struct vote *vote)
{
    struct said *said = said_of(sim, node, vote->view);
    const unsigned kind = (unsigned)vote->kind - MESSAGE_NOTARIZE;
    if (!is_in_log(&sim->nodes[node], vote))
        fail(sim, "a vote was sent that is not in the log", node, vote->view);
    if (vote->view <= sim->nodes[node].final_view)
        fail(sim, "a vote was sent in a view that is final (R0)", node, vote->view);
    if (!said->has[kind] && vote->kind == MESSAGE_NOTARIZE)
        check_skipped(sim, node, vote);
    if (said->has[kind] && !hash256_equal(&said->what[kind], &vote->proposal))
        fail(sim, "two different votes of one kind in one view (E1, E2)", node, vote->view);
    said->has[kind] = true;
    said->what[kind] = vote->proposal;
    if (said->has[1] && said->has[2])
        fail(sim, "a view both nullified and finalized by one member (E3)", node, vote->view);
}

static void check_proposed(struct sim *sim, unsigned node, const struct proposal *proposal)
{
    struct said *said = said_of(sim, node, proposal->view);
    const hash256 digest = proposal_digest_of(proposal);
    if (said->has_proposal && !hash256_equal(&said->proposal, &digest))
        fail(sim, "two proposals of one view (E4)", node, proposal->view);
    said->has_proposal = true;
    said->proposal = digest;
}

/* ---- A node -------------------------------------------------------------------------------- */

static void fake_sign(struct vote *vote)
{
    vote->signature.bytes[0] = (uint8_t)(vote->signer + 1);
    vote->signature.bytes[1] = (uint8_t)vote->kind;
    memcpy(vote->signature.bytes + 2, vote->proposal.bytes, 16);
}

static void carry_out(struct sim *sim, unsigned node, struct simplex_queue *queue);

static void ask_audit(struct sim *sim, unsigned index)
{
    struct node *node = &sim->nodes[index];
    struct status status = {0};
    simplex_fill_status(node->engine, SIMPLEX_ALL - 1 < sim->n ? 0 : index, &status);
    status.votes_count = 0;
    status.question = node->nonce;
    struct message message = {.kind = PEER_STATUS, .status = status};
    send_message(sim, index, SIMPLEX_ALL, &message);
    post(sim, 2000, ON_AUDIT, index);
}

static void try_end_audit(struct sim *sim, unsigned index, struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    uint64_t silent_until;
    if (node->is_audited
        || !audit_is_over(&node->audit, simplex_view(node->engine) - 1, &silent_until))
        return;
    node->is_audited = true;
    simplex_on_audited(node->engine, silent_until, sim->now, queue);
}

/* The log is one file: what stands before a synced record is synced. */
static void sync_log_to(struct node *node, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        node->log[i].is_synced = true;
}

static void append_log(struct node *node, struct logged logged)
{
    node->log = memory_resize(node->log, (node->log_count + 1) * sizeof *node->log);
    node->log[node->log_count++] = logged;
}

static void store_final(struct node *node, const struct certificate *finalization)
{
    if (node->has_final_certificate)
        free(node->final_certificate.signatures);
    node->final_certificate = *finalization;
    const size_t size = finalization->signatures_count * sizeof *finalization->signatures;
    node->final_certificate.signatures = memory_new(size);
    memcpy(node->final_certificate.signatures, finalization->signatures, size);
    node->has_final_certificate = true;
    node->final_view = finalization->view;
}

static void do_action(struct sim *sim, unsigned index, const struct simplex_action *action)
{
    struct node *node = &sim->nodes[index];
    struct event *event;
    switch (action->kind) {
    case SIMPLEX_CAST:
        append_log(node, (struct logged){.vote = action->vote});
        event = post(sim, 1 + draw(sim) % 30, ON_LOGGED, index);
        event->vote = action->vote;
        event->view = node->log_count;
        break;
    case SIMPLEX_PROPOSE:
        append_log(node,
                   (struct logged){.is_proposal = true, .proposal = action->message.proposal});
        event = post(sim, 1 + draw(sim) % 30, ON_PROPOSAL_LOGGED, index);
        event->proposal = action->message.proposal;
        event->view = node->log_count;
        break;
    case SIMPLEX_BUILD:
        event = post(sim, 1 + draw(sim) % 40, ON_BUILT, index);
        event->block = action->block;
        event->view = action->view;
        break;
    case SIMPLEX_SEND: {
        struct message message = action->message;
        if (message.kind == PEER_VOTE && message.vote.signer == index && !node->is_liar)
            check_sent(sim, index, &message.vote);
        if (message.kind == PEER_PROPOSAL) {
            show(sim, &message.proposal);
            if (!node->is_liar)
                check_proposed(sim, index, &message.proposal);
            const struct sim_block *block = block_of(sim, &message.proposal.block);
            if (block != NULL && block->info.view == message.proposal.view) {
                message.proposal.form = PROPOSAL_WHOLE_BLOCK;
                message.proposal.body = bytes_of_text("body");
            }
        }
        send_message(sim, index, action->to, &message);
        break;
    }
    case SIMPLEX_WANT_BLOCK: {
        struct message message = {.kind = PEER_GET_BLOCK, .get_block = action->block};
        send_message(sim, index, SIMPLEX_ALL, &message);
        break;
    }
    case SIMPLEX_COMMIT: {
        struct sim_block *block = block_of(sim, &action->block);
        check_final(sim, index, &action->block);
        if (block->info.height != node->final.height + 1)
            fail(sim, "committed out of order", index, block->info.height);
        node->final = block->info;
        if (action->message.kind == PEER_CERTIFICATE)
            store_final(node, &action->message.certificate);
        break;
    }
    case SIMPLEX_SYNC: post(sim, 3000, ON_SYNCED, index)->block = action->block; break;
    case SIMPLEX_ACCUSE:
        sim->accused++;
        if (!sim->nodes[action->evidence.signer].is_liar)
            fail(sim, "an honest member was accused", action->evidence.signer,
                 action->evidence.view);
        break;
    case SIMPLEX_HALT: fail(sim, "halted", index, 0); break;
    case SIMPLEX_LOG: {
        struct logged logged = {.is_certificate = true, .certificate = action->message.certificate};
        const size_t size =
            logged.certificate.signatures_count * sizeof *logged.certificate.signatures;
        logged.certificate.signatures = memory_new(size);
        memcpy(logged.certificate.signatures, action->message.certificate.signatures, size);
        append_log(node, logged);
        break;
    }
    case SIMPLEX_BOUND:
        node->bound = action->view;
        append_log(node, (struct logged){.is_bound = true, .view = action->view});
        post(sim, 1 + draw(sim) % 30, ON_BOUND_LOGGED, index)->view = node->log_count;
        break;
    case SIMPLEX_SEALED: break;
    }
}

/* A liar votes for whatever it sees, every kind at once, to some. */
static void lie(struct sim *sim, unsigned index, const struct proposal *proposal)
{
    const hash256 digest = proposal_digest_of(proposal);
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        struct message message = {.kind = PEER_VOTE};
        message.vote = (struct vote){.kind = (enum consensus_message)kind,
                                     .epoch = 1,
                                     .view = proposal->view,
                                     .signer = (uint16_t)index};
        if (kind != MESSAGE_NULLIFY)
            message.vote.proposal = digest;
        fake_sign(&message.vote);
        for (unsigned to = 0; to < sim->n; to++)
            if (chance(sim, 60))
                send_message(sim, index, to, &message);
    }
}

/* A lying leader shows one half another block than the other half. */
static void equivocate(struct sim *sim, unsigned index, struct proposal proposal)
{
    const struct sim_block *first = block_of(sim, &proposal.block);
    const struct sim_block *parent = first == NULL ? NULL : block_of(sim, &first->info.parent);
    const struct simplex_block origin = {.height = 0};
    struct message message = {.kind = PEER_PROPOSAL};
    if (first == NULL || first->info.view != proposal.view)
        return;
    const struct simplex_block parent_info = parent == NULL ? origin : parent->info;
    if (parent == NULL)
        return;
    const struct sim_block *grand = block_of(sim, &parent_info.parent);
    const bool skips = grand != NULL && chance(sim, 50); /* the parent, and a view, are left out */
    const struct simplex_block under = skips ? grand->info : parent_info;
    if (skips)
        proposal.parent_view = under.view;
    struct sim_block *other = make_block(sim, &under, proposal.view);
    for (unsigned i = 0; i < sim->n; i++)
        other->has[i] = false;
    other->has[index] = true;
    proposal.block = other->info.hash;
    proposal.signature.bytes[0]++;
    proposal.form = PROPOSAL_WHOLE_BLOCK;
    proposal.body = bytes_of_text("body");
    message.proposal = proposal;
    show(sim, &proposal);
    for (unsigned to = 0; to < sim->n; to++)
        if (chance(sim, 50))
            send_message(sim, index, to, &message);
    lie(sim, index, &proposal);
}

static void carry_out(struct sim *sim, unsigned index, struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    for (size_t i = 0; i < queue->count; i++)
        do_action(sim, index, &queue->actions[i]);
    if (simplex_final_view(node->engine) > node->final_view)
        store_final(node, simplex_finalization(node->engine));
    try_execute(sim, index);
    const uint64_t next = simplex_next_ms(node->engine);
    if (next != UINT64_MAX && (node->timer_at == 0 || next < node->timer_at)) {
        node->timer_at = next;
        post(sim, next > sim->now ? next - sim->now : 0, ON_TIME, index);
    }
    simplex_queue_cleanup(queue);
}

/* As vote_log_on_final(): nobody votes at or below the final view again. */
static void drop_old_records(struct node *node)
{
    size_t kept = 0;
    for (size_t i = 0; i < node->log_count; i++) {
        const struct logged *logged = &node->log[i];
        const uint64_t view = logged->is_bound         ? logged->view
                              : logged->is_certificate ? logged->certificate.view
                              : logged->is_proposal    ? logged->proposal.view
                                                       : logged->vote.view;
        if (view > node->final_view)
            node->log[kept++] = *logged;
        else if (logged->is_certificate)
            free(logged->certificate.signatures);
    }
    node->log_count = kept;
}

/* The view whose certificates the log has lost; 0: none. The rules hold without them. */
static uint64_t lost_certificates(const struct sim *sim, const struct node *node)
{
    uint64_t highest = 0;
    if (!sim->loses_certificates)
        return 0;
    for (size_t i = 0; i < node->log_count; i++)
        if (node->log[i].is_certificate && node->log[i].certificate.view > highest)
            highest = node->log[i].certificate.view;
    return highest;
}

static void start_node(struct sim *sim, unsigned index)
{
    struct node *node = &sim->nodes[index];
    struct simplex_queue queue = {0};
    struct simplex_config config = {.epoch = 1,
                                    .thresholds = sim->of,
                                    .own_index = index,
                                    .pulse_ms = 200,
                                    .execution_ms = 50,
                                    .final_view = node->final_view,
                                    .final_height = node->final.height,
                                    .final_block = node->final.hash,
                                    .now_ms = sim->now};
    if (node->has_final_certificate)
        config.finalization = &node->final_certificate;
    drop_old_records(node);
    const uint64_t lost = lost_certificates(sim, node);
    node->is_up = true;
    node->is_audited = false;
    node->timer_at = 0;
    node->engine = simplex_new(&config);
    const uint64_t random = draw(sim);
    node->nonce = keccak256(&random, sizeof random);
    audit_init(&node->audit, &sim->of, index, &node->nonce, node->log_is_whole, node->final_view);
    for (size_t i = 0; i < node->log_count; i++) {
        const struct logged *logged = &node->log[i];
        if (logged->is_certificate && logged->certificate.view == lost)
            continue;
        if (logged->is_certificate) {
            simplex_on_logged_certificate(node->engine, &logged->certificate);
            continue;
        }
        if (logged->is_bound) {
            simplex_on_logged_bound(node->engine, logged->view);
            continue;
        }
        if (logged->is_proposal) {
            simplex_on_logged_proposal(node->engine, logged->proposal.view,
                                       logged->proposal.parent_view, &logged->proposal.block);
            continue;
        }
        simplex_on_logged_vote(node->engine, logged->vote.kind, logged->vote.view,
                               &logged->vote.proposal);
        audit_on_record(&node->audit, logged->vote.kind, logged->vote.view, &logged->vote.proposal);
    }
    for (size_t i = 0; i < sim->blocks_count; i++) {
        struct sim_block *block = &sim->blocks[i];
        const bool is_stored = block->info.height <= node->final.height && block->executed[index];
        bool is_own = false;
        for (size_t j = 0; j < node->log_count; j++)
            is_own = is_own
                     || (node->log[j].is_proposal && !node->log[j].is_certificate
                         && hash256_equal(&node->log[j].proposal.block, &block->info.hash));
        block->running[index] = false;
        block->executed[index] = is_stored;
        block->has[index] = is_stored || (is_own && block->has[index]);
        if (block->has[index] && !is_stored)
            simplex_on_block(node->engine, &block->info, sim->now, &queue);
    }
    simplex_on_start(node->engine, sim->now, &queue);
    simplex_on_work(node->engine, sim->has_work, sim->now, &queue);
    post(sim, 1000 + draw(sim) % 20000, ON_STATUS, index);
    try_end_audit(sim, index, &queue);
    carry_out(sim, index, &queue);
    ask_audit(sim, index);
}

/* With more than n - q members silent in one view it can never end: the bound on lost logs. */
static bool may_lose_log(const struct sim *sim, unsigned index)
{
    unsigned silent = 0;
    uint64_t view = 0;
    for (unsigned i = 0; i < sim->n; i++)
        if (sim->nodes[i].is_up && simplex_view(sim->nodes[i].engine) > view)
            view = simplex_view(sim->nodes[i].engine);
    for (unsigned i = 0; i < sim->n; i++)
        silent += i != index && (!sim->nodes[i].log_is_whole || sim->nodes[i].bound >= view);
    return silent < sim->of.down_max;
}

static void crash_node(struct sim *sim, unsigned index)
{
    struct node *node = &sim->nodes[index];
    if (!node->is_up)
        return;
    sim->crashes++;
    node->is_up = false;
    node->life++;
    simplex_free(node->engine);
    node->engine = NULL;
    size_t kept = 0; /* synced, and a random part of the rest */
    while (kept < node->log_count && (node->log[kept].is_synced || chance(sim, 50)))
        kept++;
    for (size_t i = kept; i < node->log_count; i++)
        free(node->log[i].certificate.signatures);
    node->log_count = kept;
    for (size_t i = 0; i < kept; i++)
        node->log[i].is_synced = true;
    if (chance(sim, sim->lose_log) && may_lose_log(sim, index)) {
        sim->losses++;
        for (size_t i = 0; i < node->log_count; i++)
            free(node->log[i].certificate.signatures);
        node->log_count = 0;
        node->log_is_whole = false;
    }
    post(sim, chance(sim, 30) ? 20 + draw(sim) % 200 : 500 + draw(sim) % 20000, ON_RESTART, index);
}

static void on_status(struct sim *sim, unsigned index, unsigned from, const struct status *status,
                      struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    if (!hash256_is_zero(&status->question)) {
        struct message message = {.kind = PEER_STATUS};
        simplex_fill_status(node->engine, from, &message.status);
        message.status.answered = status->question;
        message.status.is_amnesiac = node->audit.is_amnesiac && !node->is_audited;
        send_message(sim, index, from, &message);
        const struct certificate_request request = {1, message.status.entry_view, 7};
        simplex_on_certificate_request(node->engine, from, &request, queue);
    }
    simplex_on_status(node->engine, status, sim->now, queue);
    if (hash256_is_zero(&status->answered))
        return;
    audit_on_status(&node->audit, status);
    try_end_audit(sim, index, queue);
}

static void on_message(struct sim *sim, struct event *event)
{
    const unsigned index = event->node;
    struct node *node = &sim->nodes[index];
    struct arena arena = {0};
    struct message message;
    struct simplex_queue queue = {0};
    if (!message_decode(&message, buffer_view(&event->bytes), sim->n, &arena))
        fail(sim, "a message does not decode", event->from,
             event->bytes.data[0] * 1000 + event->bytes.size);
    switch (message.kind) {
    case PEER_PROPOSAL: {
        struct sim_block *block = block_of(sim, &message.proposal.block);
        if (message.proposal.body.size > 0 && block != NULL && !block->has[index]) {
            block->has[index] = true;
            simplex_on_block(node->engine, &block->info, sim->now, &queue);
        }
        simplex_on_proposal(node->engine, &message.proposal, sim->now, &queue);
        if (node->is_liar)
            lie(sim, index, &message.proposal);
        break;
    }
    case PEER_VOTE: simplex_on_vote(node->engine, &message.vote, sim->now, &queue); break;
    case PEER_CERTIFICATE:
        simplex_on_certificate(node->engine, &message.certificate, sim->now, &queue);
        try_end_audit(sim, index, &queue);
        break;
    case PEER_STATUS: on_status(sim, index, event->from, &message.status, &queue); break;
    case PEER_GET_CERTIFICATE:
        simplex_on_certificate_request(node->engine, event->from, &message.get_certificate, &queue);
        break;
    case PEER_GET_BLOCK: {
        const struct sim_block *block = block_of(sim, &message.get_block);
        if (block != NULL && block->has[index]) {
            struct message answer = {.kind = PEER_BLOCK,
                                     .block = {message.get_block, bytes_of_text("body")}};
            send_message(sim, index, event->from, &answer);
        }
        break;
    }
    case PEER_BLOCK: {
        struct sim_block *block = block_of(sim, &message.block.block);
        if (!block->has[index]) {
            block->has[index] = true;
            simplex_on_block(node->engine, &block->info, sim->now, &queue);
        }
        break;
    }
    }
    arena_cleanup(&arena);
    carry_out(sim, index, &queue);
}

/* What block sync will do: every block up to a certified one comes, is executed and stored. */
static void on_synced(struct sim *sim, unsigned index, const hash256 *hash,
                      struct simplex_queue *queue)
{
    struct node *node = &sim->nodes[index];
    struct sim_block *block = block_of(sim, hash);
    if (block == NULL || block->info.height <= node->final.height)
        return;
    const struct simplex_block target = block->info;
    const uint64_t view = simplex_final_view(node->engine);
    simplex_on_synced(node->engine, &target, sim->now, queue);
    if (simplex_final_view(node->engine) == view)
        return;
    for (; block != NULL && block->info.height > node->final.height;
         block = block_of(sim, &block->info.parent)) {
        block->has[index] = block->executed[index] = true;
        check_final(sim, index, &block->info.hash);
    }
    node->final = target;
    store_final(node, simplex_finalization(node->engine));
}

static void give_work(struct sim *sim)
{
    const unsigned first = (unsigned)(draw(sim) % sim->n);
    for (unsigned i = 0; i < sim->n; i++) {
        struct simplex_queue queue = {0};
        const unsigned index = (first + i) % sim->n;
        if (!sim->nodes[index].is_up || (i > 0 && sim->has_work && chance(sim, 30)))
            continue;
        simplex_on_work(sim->nodes[index].engine, sim->has_work, sim->now, &queue);
        carry_out(sim, index, &queue);
    }
}

static void on_event(struct sim *sim, struct event *event)
{
    const unsigned index = event->node;
    struct node *node = &sim->nodes[index];
    struct simplex_queue queue = {0};
    switch (event->kind) {
    case ON_NETWORK:
        for (unsigned i = 0; i < sim->n; i++)
            sim->side[i] = chance(sim, 50) ? 3 : 1 + (unsigned)(draw(sim) % 2);
        if (sim->now < QUIET_MS)
            post(sim, 2000 + draw(sim) % 30000, ON_NETWORK, 0)->life = 0;
        return;
    case ON_CRASH:
        if (sim->now < QUIET_MS) {
            crash_node(sim, (unsigned)(draw(sim) % sim->n));
            post(sim, draw(sim) % (400000 / (1 + sim->crash)), ON_CRASH, 0);
        }
        return;
    case ON_WORK: /* spells of it; who hears of it first tells the others by its votes */
        sim->has_work = !sim->is_ending && (sim->now >= QUIET_MS || !sim->has_work);
        give_work(sim);
        if (sim->now < QUIET_MS)
            post(sim, 1000 + draw(sim) % 60000, ON_WORK, 0);
        return;
    case ON_RESTART:
        if (!node->is_up)
            start_node(sim, index);
        return;
    default: break;
    }
    if (!node->is_up || (event->kind != ON_MESSAGE && event->life != node->life))
        return;
    switch (event->kind) {
    case ON_MESSAGE: on_message(sim, event); return;
    case ON_LOGGED:
        sync_log_to(node, event->view);
        fake_sign(&event->vote);
        simplex_on_cast(node->engine, &event->vote, sim->now, &queue);
        if (sim->loses_certificates && sim->crash > 0 && sim->now < QUIET_MS
            && event->vote.kind == MESSAGE_FINALIZE && chance(sim, 40)) {
            carry_out(sim, index, &queue);
            crash_node(sim, index);
            return;
        }
        break;
    case ON_BOUND_LOGGED:
        sync_log_to(node, event->view);
        node->log_is_whole = true;
        break;
    case ON_PROPOSAL_LOGGED:
        sync_log_to(node, event->view);
        event->proposal.signature.bytes[0] = (uint8_t)(index + 1);
        simplex_on_proposed(node->engine, &event->proposal, sim->now, &queue);
        if (node->is_liar)
            equivocate(sim, index, event->proposal);
        if (sim->crash > 0 && sim->now < QUIET_MS && chance(sim, 5)) { /* between PROP and vote */
            carry_out(sim, index, &queue);
            crash_node(sim, index);
            return;
        }
        break;
    case ON_EXECUTED: {
        struct sim_block *block = block_of(sim, &event->block);
        block->running[index] = false;
        if (!block->executed[index]) {
            block->executed[index] = true;
            simplex_on_executed(node->engine, &event->block, true, sim->now, &queue);
        }
        break;
    }
    case ON_BUILT: {
        const struct sim_block *parent = block_of(sim, &event->block);
        const struct simplex_block origin = {0};
        const struct simplex_block info = parent == NULL ? origin : parent->info;
        if (!sim->has_work) {
            simplex_on_build_failed(node->engine, event->view, true, sim->now, &queue);
            break;
        }
        if (chance(sim, 5)) {
            simplex_on_build_failed(node->engine, event->view, false, sim->now, &queue);
            break;
        }
        struct sim_block *block = make_block(sim, &info, event->view);
        block->has[index] = block->executed[index] = true;
        simplex_on_built(node->engine, &block->info, sim->now, &queue);
        break;
    }
    case ON_TIME:
        node->timer_at = 0;
        simplex_on_time(node->engine, sim->now, &queue);
        break;
    case ON_AUDIT:
        if (!node->is_audited)
            ask_audit(sim, index);
        break;
    case ON_STATUS: {
        struct message message = {.kind = PEER_STATUS};
        for (unsigned i = 0; i < sim->n; i++) {
            simplex_fill_status(node->engine, i, &message.status);
            message.status.is_amnesiac = node->audit.is_amnesiac && !node->is_audited;
            send_message(sim, index, i, &message);
        }
        post(sim, 15000 + draw(sim) % 10000, ON_STATUS, index);
        break;
    }
    case ON_SYNCED: on_synced(sim, index, &event->block, &queue); break;
    default: break;
    }
    carry_out(sim, index, &queue);
}

/* Without work: all that was notarized is final everywhere, and nobody has a timer. */
static void check_idle(struct sim *sim)
{
    for (unsigned i = 0; i < sim->n; i++) {
        const struct simplex *engine = sim->nodes[i].engine;
        if (!sim->nodes[i].is_up)
            fail(sim, "a member is still down", i, 0);
        if (simplex_final_height(engine) != sim->highest)
            fail(sim, "a member sleeps without the last final block", i,
                 simplex_final_height(engine));
        if (simplex_next_ms(engine) != UINT64_MAX)
            fail(sim, "a member does not sleep without work", i, simplex_view(engine));
    }
}

static void run(uint64_t seed)
{
    static const unsigned sizes[] = {1, 2, 3, 4, 4, 4, 4, 5, 7, 10};
    struct sim *sim = memory_new_zeroed(1, sizeof *sim);
    sim->seed = seed;
    sim->random = seed * 0x9e3779b97f4a7c15ULL + 1;
    for (unsigned i = 0; i < 10; i++)
        draw(sim);
    sim->n = sizes[draw(sim) % 10];
    sim->of = thresholds_of(sim->n, quorum_size(QUORUM_BFT, sim->n));
    sim->drop = (unsigned)(draw(sim) % 21);
    sim->repeat = (unsigned)(draw(sim) % 11);
    sim->delay_most = 1 + (unsigned)(draw(sim) % 2000);
    sim->crash = sim->n == 1 ? 0 : (unsigned)(draw(sim) % 30);
    sim->lose_log = (unsigned)(draw(sim) % 30);
    const unsigned liars = sim->n < 4 ? 0 : (unsigned)(draw(sim) % (sim->of.liars_live + 1));
    for (unsigned i = 0; i < sim->n; i++) {
        sim->side[i] = 3;
        sim->nodes[i].log_is_whole = true;
        sim->nodes[i].is_liar = i < liars;
    }
    if (liars > 0) /* a lost log and a liar are both more than the bound allows at once */
        sim->lose_log = 0;
    sim->loses_certificates = sim->lose_log == 0 && chance(sim, 30);
    if (chance(sim, 20)) /* so much that votes reach some and not others */
        sim->drop += 25;
    sim->has_work = true;
    for (unsigned i = 0; i < sim->n; i++)
        start_node(sim, i);
    if (chance(sim, 50))
        post(sim, 20000, ON_WORK, 0);
    post(sim, 5000, ON_NETWORK, 0);
    if (sim->crash > 0)
        post(sim, 7000, ON_CRASH, 0);
    const bool stops_at_once =
        chance(sim, 30); /* what the faults left must become final by itself */
    uint64_t at_quiet = 0, idle_at = UINT64_MAX - IDLE_MS;
    while (sim->heap_count > 0
           && sim->heap[0]->at < (sim->is_ending ? idle_at + IDLE_MS : END_MS)) {
        struct event *event = take(sim);
        if (sim->now < QUIET_MS && event->at >= QUIET_MS)
            at_quiet = sim->highest;
        sim->now = event->at;
        on_event(sim, event);
        sim->trace = sim->trace * 1099511628211ULL + event->at * 31 + event->kind * 7 + event->node;
        buffer_cleanup(&event->bytes);
        free(event);
        if (!sim->is_ending && sim->now > QUIET_MS
            && (stops_at_once || sim->highest >= at_quiet + 5)) {
            sim->is_ending = true;
            sim->has_work = false;
            idle_at = sim->now;
            give_work(sim);
        }
    }
    if (!sim->is_ending) {
        for (unsigned i = 0; i < sim->n; i++)
            if (sim->nodes[i].is_up)
                printf("node %u view %" PRIu64 " final %" PRIu64 "/%" PRIu64
                       " audited %d timer %" PRIu64 "\n",
                       i, simplex_view(sim->nodes[i].engine),
                       simplex_final_view(sim->nodes[i].engine),
                       simplex_final_height(sim->nodes[i].engine), sim->nodes[i].is_audited,
                       simplex_next_ms(sim->nodes[i].engine));
        fail(sim, "no five blocks after the faults stopped", sim->n, sim->highest);
    }
    check_idle(sim);
    printf("seed=%" PRIu64 " n=%u liars=%u final=%" PRIu64 " messages=%" PRIu64 " crashes=%" PRIu64
           " lost_logs=%" PRIu64 " accused=%" PRIu64 " trace=%016" PRIx64 "\n",
           seed, sim->n, liars, sim->highest, sim->messages, sim->crashes, sim->losses,
           sim->accused, sim->trace);
    while (sim->heap_count > 0) {
        struct event *event = take(sim);
        buffer_cleanup(&event->bytes);
        free(event);
    }
    for (unsigned i = 0; i < sim->n; i++) {
        simplex_free(sim->nodes[i].engine);
        for (size_t j = 0; j < sim->nodes[i].log_count; j++)
            free(sim->nodes[i].log[j].certificate.signatures);
        free(sim->nodes[i].log);
        if (sim->nodes[i].has_final_certificate)
            free(sim->nodes[i].final_certificate.signatures);
    }
    free(sim->shown);
    free(sim->heap);
    free(sim->blocks);
    for (unsigned i = 0; i < sim->n; i++)
        free(sim->said[i]);
    free(sim);
}

int main(int count, char **arguments)
{
    const uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    const uint64_t runs = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    for (uint64_t i = 0; i < runs; i++)
        run(seed + i);
    printf("%" PRIu64 " passed, 0 failed\n", runs);
    return 0;
}
