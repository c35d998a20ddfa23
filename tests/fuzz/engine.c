/* The engine on any schedule: the bytes choose the committee, this member's place in it, and what
 * it is told, in any order: votes, certificates, proposals and blocks that fit and that do not,
 * time, crashes and lost logs. Certificates stand for quorums that no rule binds, so more than any
 * committee of liars could say. What must hold all the same, by code of its own: this member never
 * contradicts itself in all its lives, sends nothing that is not in its log, says nothing in a view
 * that is final, commits a chain, accuses nobody of what it did itself, sends what decodes, and
 * keeps and asks a bounded amount. */
#include "node/consensus/simplex/state.h"
#include "tests/fuzz/target.h"
#include "vm/base/cursor.h"

#define BLOCKS_MAX  64
#define LOG_MAX     256
#define SAID_MAX    512
#define BUILDS_MAX  8
#define VIEW_MAX    (UINT64_MAX / 2) /* no quorum gets there by single steps */
#define ACTIONS_MAX 64               /* of one step, beside those for each view that is open */

struct logged {
    enum simplex_action_kind kind; /* CAST, PROPOSE, LOG, BOUND */
    uint64_t view;
    struct vote vote;
    struct proposal proposal;
    struct certificate certificate;
};

struct world {
    struct cursor in;
    struct simplex_config config;
    struct certificate final; /* of config.finalization, with the signatures below */
    signature signatures[COMMITTEE_SIZE_MAX];
    struct simplex *engine;
    struct simplex_queue out;
    uint64_t now_ms;
    bool is_audited;
    bool is_forgetful; /* its log is lost, and the new one has no bound on the disk */

    struct simplex_block blocks[BLOCKS_MAX];
    bool is_valid[BLOCKS_MAX];
    unsigned blocks_count;
    struct logged log[LOG_MAX];
    unsigned log_count, log_synced;
    struct simplex_action builds[BUILDS_MAX];
    unsigned builds_count;

    struct vote said[SAID_MAX]; /* every vote that left, in all lives */
    unsigned said_count;
    struct proposal proposed[SAID_MAX];
    unsigned proposed_count;
    struct simplex_block committed; /* the last */
};

static uint8_t byte(struct world *w)
{
    return cursor_u8(&w->in);
}

/* ---- What the world is made of -------------------------------------------------------------- */

/* Mostly near the engine's own view. */
static uint64_t draw_view(struct world *w)
{
    const uint8_t choice = byte(w);
    const uint64_t view = simplex_view(w->engine);
    switch (choice) {
    case 255: return UINT64_MAX;
    case 254: return 0;
    case 253: return simplex_final_view(w->engine);
    case 252: return view + 1000;
    default: break;
    }
    switch (choice % 8) {
    case 0: return view > 2 ? view - 2 : 0;
    case 1: return view - 1;
    case 2: return view + 1;
    case 3: return view + VIEWS_AHEAD;
    default: return view;
    }
}

static const struct simplex_block *draw_block(struct world *w)
{
    return &w->blocks[byte(w) % w->blocks_count];
}

static const struct simplex_block *make_block(struct world *w, const hash256 *parent, uint64_t view,
                                              uint8_t traits)
{
    uint64_t height = 1;
    for (unsigned i = 0; i < w->blocks_count; i++)
        if (hash256_equal(&w->blocks[i].hash, parent))
            height = w->blocks[i].height + 1;
    if (w->blocks_count == BLOCKS_MAX)
        return &w->blocks[BLOCKS_MAX - 1];
    struct simplex_block *block = &w->blocks[w->blocks_count];
    *block = (struct simplex_block){.parent = *parent, .view = view, .height = height};
    block->hash.bytes[0] = (uint8_t)w->blocks_count;
    block->hash.bytes[1] = 1;
    block->is_seal = traits % 16 == 0;
    w->is_valid[w->blocks_count++] = traits % 8 != 1;
    return block;
}

static struct certificate make_certificate(struct world *w, enum consensus_message kind,
                                           uint64_t view)
{
    struct certificate certificate = {.kind = kind, .epoch = 1, .view = view};
    const struct thresholds *of = &w->config.thresholds;
    const unsigned first = byte(w) % (of->members - of->quorum + 1);
    for (unsigned i = first; i < first + of->quorum; i++)
        certificate.bitmap[i / 8] |= (uint8_t)(1U << (i % 8));
    certificate.signatures = w->signatures;
    certificate.signatures_count = of->quorum;
    if (kind != MESSAGE_NULLIFY) {
        certificate.parent_view = view > 0 && byte(w) % 4 > 0 ? view - 1 : draw_view(w);
        certificate.block_hash = draw_block(w)->hash;
    }
    return certificate;
}

static enum consensus_message draw_kind(struct world *w)
{
    return (enum consensus_message)(MESSAGE_NOTARIZE + byte(w) % VOTE_KINDS);
}

/* ---- What must hold ------------------------------------------------------------------------- */

static bool contradicts(const struct vote *a, const struct vote *b)
{
    if (a->view != b->view)
        return false;
    if (a->kind == b->kind)
        return !hash256_equal(&a->proposal, &b->proposal);
    return (a->kind == MESSAGE_NULLIFY && b->kind == MESSAGE_FINALIZE)
           || (a->kind == MESSAGE_FINALIZE && b->kind == MESSAGE_NULLIFY);
}

static bool same_vote(const struct vote *a, const struct vote *b)
{
    return a->kind == b->kind && a->view == b->view && hash256_equal(&a->proposal, &b->proposal);
}

/* A promise that may be logged: nothing in the log, synced or not, is against it. */
static void check_cast(const struct world *w, const struct vote *vote, uint64_t final_view)
{
    must(vote->signer == w->config.own_index, "a vote in another's name");
    must(vote->epoch == 1, "a vote of another epoch");
    must(vote->view > final_view, "a vote in a view that is final");
    must(w->is_audited, "a vote before the audit was over");
    for (unsigned i = 0; i < w->log_count; i++)
        must(w->log[i].kind != SIMPLEX_CAST || !contradicts(&w->log[i].vote, vote),
             "a vote against one in the log");
}

static void check_sent_vote(struct world *w, const struct vote *vote, uint64_t final_view)
{
    bool is_logged = false;
    must(vote->view > final_view, "a vote left for a view that is final");
    for (unsigned i = 0; i < w->log_synced; i++)
        is_logged |= w->log[i].kind == SIMPLEX_CAST && same_vote(&w->log[i].vote, vote);
    must(is_logged, "a vote left that the log has not synced");
    for (unsigned i = 0; i < w->said_count; i++) {
        must(!contradicts(&w->said[i], vote), "two votes of one view");
        if (same_vote(&w->said[i], vote))
            return;
    }
    if (w->said_count < SAID_MAX)
        w->said[w->said_count++] = *vote;
}

static void check_sent_proposal(struct world *w, const struct proposal *proposal)
{
    const unsigned leader = simplex_leader_of(w->engine, proposal->view);
    must(leader == w->config.own_index, "a proposal of a view that another leads");
    for (unsigned i = 0; i < w->proposed_count; i++)
        if (w->proposed[i].view == proposal->view) {
            must(w->proposed[i].parent_view == proposal->parent_view
                     && hash256_equal(&w->proposed[i].block, &proposal->block),
                 "two proposals of one view");
            return;
        }
    if (w->proposed_count < SAID_MAX)
        w->proposed[w->proposed_count++] = *proposal;
}

static void check_decodes(const struct message *message, unsigned members)
{
    struct buffer bytes = {0}, again = {0};
    struct arena arena = {0};
    struct message decoded;
    message_encode(message, &bytes);
    must(message_decode(&decoded, buffer_view(&bytes), members, &arena),
         "what was sent does not decode");
    message_encode(&decoded, &again);
    must(bytes_equal(buffer_view(&bytes), buffer_view(&again)), "it decodes to something else");
    buffer_cleanup(&bytes);
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}

static void check_commit(struct world *w, const hash256 *hash)
{
    for (unsigned i = 0; i < w->blocks_count; i++) {
        const struct simplex_block *block = &w->blocks[i];
        if (!hash256_equal(&block->hash, hash))
            continue;
        must(block->height == w->committed.height + 1, "committed out of order");
        must(hash256_equal(&block->parent, &w->committed.hash), "committed on another parent");
        must(w->is_valid[i], "committed what is invalid");
        w->committed = *block;
        return;
    }
    must(false, "committed a block that nobody made");
}

/* Nobody makes it keep what lies at or below F, or further ahead than two views. */
static void check_memory(const struct world *w)
{
    const struct simplex *s = w->engine;
    for (size_t i = 0; i < s->rounds_count; i++) {
        must(s->rounds[i]->view > s->final_view, "a final view is remembered");
        must(s->rounds[i]->view <= s->view + VIEWS_AHEAD, "a view far ahead is remembered");
        must(i == 0 || s->rounds[i]->view > s->rounds[i - 1]->view, "views are out of order");
    }
    must(s->view > s->final_view, "the view is final");
    must(s->blocks_count <= BLOCKS_MAX, "blocks that nobody made");
}

/* ---- What the engine asks for --------------------------------------------------------------- */

static void add_to_log(struct world *w, const struct simplex_action *action)
{
    if (w->log_count == LOG_MAX)
        return; /* a log that is full syncs nothing: the promise never leaves */
    struct logged *logged = &w->log[w->log_count++];
    *logged = (struct logged){.kind = action->kind, .view = action->view, .vote = action->vote};
    if (action->kind == SIMPLEX_PROPOSE)
        logged->proposal = action->message.proposal;
    if (action->kind == SIMPLEX_LOG) {
        logged->certificate = action->message.certificate;
        logged->certificate.signatures = w->signatures;
    }
}

static void do_action(struct world *w, const struct simplex_action *action, uint64_t final_view)
{
    switch (action->kind) {
    case SIMPLEX_CAST:
        check_cast(w, &action->vote, final_view);
        add_to_log(w, action);
        break;
    case SIMPLEX_PROPOSE:
    case SIMPLEX_LOG:
    case SIMPLEX_BOUND: add_to_log(w, action); break;
    case SIMPLEX_SEND:
        if (action->message.kind == PEER_VOTE)
            check_sent_vote(w, &action->message.vote, final_view);
        if (action->message.kind == PEER_PROPOSAL)
            check_sent_proposal(w, &action->message.proposal);
        check_decodes(&action->message, w->config.thresholds.members);
        break;
    case SIMPLEX_BUILD:
        if (w->builds_count < BUILDS_MAX)
            w->builds[w->builds_count++] = *action;
        break;
    case SIMPLEX_COMMIT: check_commit(w, &action->block); break;
    case SIMPLEX_ACCUSE:
        must(action->evidence.signer != w->config.own_index, "it accused itself");
        break;
    case SIMPLEX_WANT_BLOCK:
    case SIMPLEX_WANT_CERTIFICATE:
    case SIMPLEX_SYNC:
    case SIMPLEX_HALT:
    case SIMPLEX_SEALED: break;
    }
}

static void carry_out(struct world *w, uint64_t final_view)
{
    must(w->out.count <= ACTIONS_MAX + 16 * w->engine->rounds_count + 2 * w->engine->blocks_count,
         "one step asked for too much");
    for (size_t i = 0; i < w->out.count; i++)
        do_action(w, &w->out.actions[i], final_view);
    simplex_queue_clear(&w->out);
    check_memory(w);
}

/* ---- Lives ---------------------------------------------------------------------------------- */

static void take_config(struct world *w)
{
    static const unsigned sizes[] = {1, 2, 3, 4, 5, 7, 10, COMMITTEE_SIZE_MAX};
    const unsigned members = sizes[byte(w) % (sizeof sizes / sizeof *sizes)];
    w->config = (struct simplex_config){
        .epoch = 1,
        .thresholds = thresholds_of(
            members, quorum_size((enum quorum_mode)(byte(w) % (QUORUM_ALL + 1)), members)),
        .own_index = byte(w) % (members + 1),
        .pulse_ms = byte(w) % 2 * 1000U,
        .execution_ms = 50,
        .timer_seed = byte(w),
        .final_ms = w->now_ms,
    };
    w->config.seal_mix_hash.bytes[0] = byte(w);
    w->blocks[0].hash.bytes[1] = 1;
    w->blocks_count = 1;
    w->is_valid[0] = true;
    w->committed = w->blocks[0];
    w->config.final_block = w->blocks[0].hash;
}

static void replay(struct world *w)
{
    for (unsigned i = 0; i < w->log_count; i++) {
        const struct logged *logged = &w->log[i];
        const struct proposal *proposal = &logged->proposal;
        if (logged->kind == SIMPLEX_CAST)
            simplex_on_logged_vote(w->engine, logged->vote.kind, logged->vote.view,
                                   &logged->vote.proposal);
        else if (logged->kind == SIMPLEX_PROPOSE)
            simplex_on_logged_proposal(w->engine, proposal->view, proposal->parent_view,
                                       &proposal->block);
        else if (logged->kind == SIMPLEX_LOG)
            simplex_on_logged_certificate(w->engine, &logged->certificate);
        else
            simplex_on_logged_bound(w->engine, logged->view);
    }
}

static void start(struct world *w)
{
    w->is_audited = false;
    w->builds_count = 0;
    w->config.final_ms = w->now_ms;
    w->engine = simplex_new(&w->config);
    replay(w);
    simplex_on_start(w->engine, w->now_ms, &w->out);
    carry_out(w, simplex_final_view(w->engine));
}

/* What is final is stored; of the log all that was synced stays, and any prefix of the rest; or
 * nothing. */
static void crash(struct world *w, uint8_t kept)
{
    if (kept == UINT8_MAX) {
        w->log_count = w->log_synced = 0;
        w->is_forgetful = true;
    }
    const struct certificate *finalization = simplex_finalization(w->engine);
    if (finalization != NULL) {
        w->final = *finalization;
        w->final.signatures = w->signatures;
        w->config.finalization = &w->final;
        w->config.final_view = simplex_final_view(w->engine);
        w->config.final_height = simplex_final_height(w->engine);
        w->config.final_block = finalization->block_hash;
    }
    const bool is_sealed = w->engine->is_sealed;
    w->log_count = w->log_synced + kept % (w->log_count - w->log_synced + 1);
    w->log_synced = w->log_count;
    simplex_free(w->engine);
    simplex_queue_clear(&w->out);
    start(w);
    if (is_sealed)
        w->in.left = 0; /* the node starts the next epoch's engine instead */
}

/* After a loss the audit's answers lead to the last view in which this member said anything, or
 * higher, and silence ends one above at most (audit.h). */
static void end_audit(struct world *w)
{
    uint64_t highest = simplex_view(w->engine);
    if (w->is_audited)
        return;
    w->is_audited = true;
    if (!w->is_forgetful) {
        simplex_on_audited(w->engine, 0, w->now_ms, &w->out);
        return;
    }
    for (unsigned i = 0; i < w->said_count; i++)
        highest = w->said[i].view > highest ? w->said[i].view : highest;
    for (unsigned i = 0; i < w->proposed_count; i++)
        highest = w->proposed[i].view > highest ? w->proposed[i].view : highest;
    const struct certificate entry = make_certificate(w, MESSAGE_NULLIFY, highest - 1);
    simplex_on_certificate(w->engine, &entry, w->now_ms, &w->out);
    simplex_on_audited(w->engine, highest + byte(w) % 2, w->now_ms, &w->out);
}

static void sync_log(struct world *w)
{
    const unsigned from = w->log_synced;
    w->log_synced = w->log_count;
    const unsigned to = w->log_synced;
    for (unsigned i = from; i < to; i++) {
        const uint64_t final_view = simplex_final_view(w->engine);
        struct vote vote = w->log[i].vote;
        struct proposal proposal = w->log[i].proposal;
        vote.signature.bytes[0] = proposal.signature.bytes[0] = 1;
        if (w->log[i].kind == SIMPLEX_BOUND)
            w->is_forgetful = false;
        if (w->log[i].kind == SIMPLEX_CAST)
            simplex_on_cast(w->engine, &vote, w->now_ms, &w->out);
        if (w->log[i].kind == SIMPLEX_PROPOSE)
            simplex_on_proposed(w->engine, &proposal, w->now_ms, &w->out);
        carry_out(w, final_view);
    }
}

/* ---- What it is told ------------------------------------------------------------------------ */

static void tell_vote(struct world *w)
{
    struct vote vote = {.kind = draw_kind(w), .epoch = byte(w) % 16 > 0, .view = draw_view(w)};
    vote.signer = byte(w) % (w->config.thresholds.members + 1);
    if (vote.kind != MESSAGE_NULLIFY)
        vote.proposal = proposal_digest(1, vote.view, vote.view - 1, &draw_block(w)->hash);
    vote.signature.bytes[1] = 1;
    if (vote.signer == w->config.own_index) { /* only what it said itself comes back */
        if (w->said_count == 0)
            return;
        vote = w->said[byte(w) % w->said_count];
    }
    const bool is_wanted = simplex_wants_vote(w->engine, &vote);
    must(!simplex_on_vote(w->engine, &vote, w->now_ms, &w->out) || is_wanted,
         "a vote is taken that was not worth verifying");
}

static void tell_certificate(struct world *w)
{
    const enum consensus_message kind = draw_kind(w);
    const uint64_t view = draw_view(w);
    const struct certificate certificate = make_certificate(w, kind, view);
    if (view > 0 && view <= VIEW_MAX)
        simplex_on_certificate(w->engine, &certificate, w->now_ms, &w->out);
}

static void tell_proposal(struct world *w)
{
    struct certificate certificates[2];
    const uint64_t view = draw_view(w);
    struct proposal proposal = {
        .epoch = byte(w) % 16 > 0, .view = view, .parent_view = view - 1, .block = {{0}}};
    if (byte(w) % 4 == 0)
        proposal.parent_view = draw_view(w);
    const struct simplex_block *parent = draw_block(w);
    proposal.block =
        byte(w) % 2 == 0 ? parent->hash : make_block(w, &parent->hash, view, byte(w))->hash;
    for (unsigned i = byte(w) % 3; i > 0; i--) {
        const uint64_t at = draw_view(w);
        if (at == 0 || at > VIEW_MAX)
            continue;
        certificates[proposal.certificates_count++] = make_certificate(w, draw_kind(w), at);
    }
    proposal.certificates = certificates;
    const bool is_wanted = simplex_wants_proposal(w->engine, &proposal);
    if (simplex_leader_of(w->engine, view) != w->config.own_index)
        must(!simplex_on_proposal(w->engine, &proposal, w->now_ms, &w->out) || is_wanted,
             "a proposal is taken that was not worth verifying");
    if (byte(w) % 2 == 0)
        return;
    for (unsigned i = 0; i < w->blocks_count; i++) /* with its block, which is executed at once */
        if (hash256_equal(&w->blocks[i].hash, &proposal.block)) {
            simplex_on_block(w->engine, &w->blocks[i], w->now_ms, &w->out);
            simplex_on_executed(w->engine, &proposal.block, w->is_valid[i], w->now_ms, &w->out);
        }
}

static void tell_status(struct world *w)
{
    struct message message = {.kind = PEER_STATUS};
    struct status status = {.epoch = byte(w) % 16 > 0,
                            .signer = byte(w) % (w->config.thresholds.members + 1),
                            .view = draw_view(w)};
    status.final_view = draw_view(w);
    if (status.view > 0)
        simplex_on_status(w->engine, &status, w->now_ms, &w->out);
    simplex_on_delay(w->engine, status.signer, (uint64_t)1 << byte(w) % 64);
    must(simplex_delay_ms(w->engine) >= DELAY_LEAST_MS
             && simplex_delay_ms(w->engine) <= DELAY_MOST_MS,
         "a delay out of bounds");
    simplex_fill_status(w->engine, status.signer, &message.status);
    if (w->config.own_index < w->config.thresholds.members)
        check_decodes(&message, w->config.thresholds.members);
}

static void tell_request(struct world *w)
{
    const struct certificate_request request = {byte(w) % 16 > 0, draw_view(w), 1 + byte(w) % 7};
    simplex_on_certificate_request(w->engine, byte(w) % w->config.thresholds.members, &request,
                                   &w->out);
}

static void tell_built(struct world *w)
{
    if (w->builds_count == 0)
        return;
    const struct simplex_action build = w->builds[--w->builds_count];
    const uint8_t outcome = byte(w);
    if (outcome % 4 == 0 || w->blocks_count == BLOCKS_MAX) {
        simplex_on_build_failed(w->engine, build.view, (enum unbuilt)(outcome / 4 % 3), w->now_ms,
                                &w->out);
        return;
    }
    const struct simplex_block *block = make_block(w, &build.block, build.view, outcome | 2);
    w->is_valid[w->blocks_count - 1] = true;
    simplex_on_built(w->engine, block, w->now_ms, &w->out);
}

static void tell_executed(struct world *w)
{
    const struct simplex_block *block = draw_block(w);
    simplex_on_executed(w->engine, &block->hash, w->is_valid[block - w->blocks], w->now_ms,
                        &w->out);
}

static void tell_synced(struct world *w)
{
    const struct simplex_block *block = draw_block(w);
    const uint64_t before = simplex_final_view(w->engine);
    simplex_on_synced(w->engine, block, w->now_ms, &w->out);
    if (simplex_final_view(w->engine) != before)
        w->committed = *block;
}

static void pass_time(struct world *w)
{
    const uint8_t step = byte(w);
    const uint64_t next = simplex_next_ms(w->engine);
    if (step < 128 && next != UINT64_MAX)
        w->now_ms = next > w->now_ms ? next : w->now_ms;
    else
        w->now_ms += (uint64_t)1 << (step % 20);
    simplex_on_time(w->engine, w->now_ms, &w->out);
}

static void step(struct world *w)
{
    const uint64_t final_view = simplex_final_view(w->engine);
    switch (byte(w) % 16) {
    case 0:
    case 1: tell_vote(w); break;
    case 2:
    case 3: tell_certificate(w); break;
    case 4: tell_proposal(w); break;
    case 5: simplex_on_block(w->engine, draw_block(w), w->now_ms, &w->out); break;
    case 6: tell_executed(w); break;
    case 7: tell_status(w); break;
    case 8: tell_request(w); break;
    case 9: tell_built(w); break;
    case 10: tell_synced(w); break;
    case 11: simplex_on_work(w->engine, (enum work_kind)(byte(w) % 3), w->now_ms, &w->out); break;
    case 12: pass_time(w); break;
    case 13: sync_log(w); break;
    case 14: end_audit(w); break;
    case 15: crash(w, byte(w)); break;
    }
    carry_out(w, final_view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    struct world *w = &world;
    *w = (struct world){.in = cursor_over(data, size), .now_ms = 1000000};
    take_config(w);
    start(w);
    if (byte(w) % 4 > 0)
        end_audit(w);
    while (w->in.left > 0)
        step(w);
    simplex_free(w->engine);
    simplex_queue_cleanup(&w->out);
    return 0;
}
