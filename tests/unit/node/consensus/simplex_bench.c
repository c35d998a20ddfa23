#include "tests/unit/node/consensus/simplex_bench.h"

#include <criterion/criterion.h>

#include "ledger/chain/leader.h"

unsigned bench_leader(const struct bench *bench, uint64_t view)
{
    return leader_of_view(&bench->config.seal_mix_hash, bench->config.thresholds.members, view);
}

hash256 block_hash(unsigned number)
{
    return (hash256){{0xb0, (uint8_t)(number >> 8), (uint8_t)number}};
}

hash256 digest_of(uint64_t view, uint64_t parent_view, unsigned block)
{
    const hash256 hash = block_hash(block);
    return proposal_digest(1, view, parent_view, &hash);
}

void bench_init(struct bench *bench, unsigned members, uint64_t leads_view)
{
    *bench = (struct bench){.now_ms = 1000000};
    bench->config = (struct simplex_config){
        .epoch = 1,
        .thresholds = thresholds_of(members, quorum_size(QUORUM_BFT, members)),
        .seal_mix_hash = {{0x11}},
        .execution_ms = 50,
        .final_block = block_hash(0),
        .final_ms = bench->now_ms - 1000,
    };
    bench->config.own_index = bench_leader(bench, leads_view);
    bench->engine = simplex_new(&bench->config);
}

void bench_start(struct bench *bench, unsigned members, uint64_t leads_view)
{
    bench_init(bench, members, leads_view);
    bench_begin(bench);
    bench_clear(bench);
}

void bench_begin(struct bench *bench)
{
    tell_start(bench);
    tell_audited(bench, 0);
}

void bench_restart(struct bench *bench)
{
    struct certificate final = {0};
    const struct certificate *finalization = simplex_finalization(bench->engine);
    if (finalization != NULL) {
        final = *finalization;
        final.signatures = bench->signatures;
        bench->config.finalization = &final;
        bench->config.final_view = final.view;
        bench->config.final_block = final.block_hash;
        bench->config.final_height = simplex_final_height(bench->engine);
    }
    simplex_free(bench->engine);
    bench_clear(bench);
    bench->config.final_ms = bench->now_ms;
    bench->engine = simplex_new(&bench->config);
}

void bench_end(struct bench *bench)
{
    simplex_free(bench->engine);
    simplex_queue_cleanup(&bench->out);
}

unsigned bench_other(const struct bench *bench, unsigned i)
{
    return i < bench->config.own_index ? i : i + 1;
}

void tell_start(struct bench *bench)
{
    simplex_on_start(bench->engine, bench->now_ms, &bench->out);
}

void tell_audited(struct bench *bench, uint64_t bound)
{
    simplex_on_audited(bench->engine, bound, bench->now_ms, &bench->out);
}

void tell_vote(struct bench *bench, unsigned signer, enum consensus_message kind, uint64_t view,
               const hash256 *proposal)
{
    struct vote vote = {.kind = kind, .epoch = 1, .view = view, .signer = (uint16_t)signer};
    vote.signature.bytes[0] = (uint8_t)(signer + 1);
    if (proposal != NULL)
        vote.proposal = *proposal;
    simplex_on_vote(bench->engine, &vote, bench->now_ms, &bench->out);
}

void tell_votes(struct bench *bench, unsigned count, enum consensus_message kind, uint64_t view,
                const hash256 *proposal)
{
    for (unsigned i = 0; i < count; i++)
        tell_vote(bench, bench_other(bench, i), kind, view, proposal);
}

void tell_nullifies(struct bench *bench, unsigned count, uint64_t view)
{
    tell_votes(bench, count, MESSAGE_NULLIFY, view, NULL);
}

static struct certificate make_certificate(struct bench *bench, enum consensus_message kind,
                                           uint64_t view, uint64_t parent_view, unsigned block)
{
    struct certificate certificate = {.kind = kind, .epoch = 1, .view = view};
    if (kind != MESSAGE_NULLIFY) {
        certificate.parent_view = parent_view;
        certificate.block_hash = block_hash(block);
    }
    certificate.signatures = bench->signatures;
    certificate.signatures_count = bench->config.thresholds.quorum;
    for (unsigned i = 0; i < bench->config.thresholds.quorum; i++)
        certificate.bitmap[i / 8] |= (uint8_t)(1U << (i % 8));
    return certificate;
}

void tell_certificate(struct bench *bench, enum consensus_message kind, uint64_t view,
                      uint64_t parent_view, unsigned block)
{
    const struct certificate certificate = make_certificate(bench, kind, view, parent_view, block);
    simplex_on_certificate(bench->engine, &certificate, bench->now_ms, &bench->out);
}

void tell_logged_certificate(struct bench *bench, enum consensus_message kind, uint64_t view,
                             uint64_t parent_view, unsigned block)
{
    const struct certificate certificate = make_certificate(bench, kind, view, parent_view, block);
    simplex_on_logged_certificate(bench->engine, &certificate);
}

void tell_proposal(struct bench *bench, uint64_t view, uint64_t parent_view, unsigned block)
{
    const struct proposal proposal = {
        .epoch = 1, .view = view, .parent_view = parent_view, .block = block_hash(block)};
    simplex_on_proposal(bench->engine, &proposal, bench->now_ms, &bench->out);
}

void tell_header(struct bench *bench, unsigned number, unsigned parent, uint64_t view,
                 uint64_t height, bool is_seal)
{
    const struct simplex_block block = {block_hash(number), block_hash(parent), view, height,
                                        is_seal};
    simplex_on_block(bench->engine, &block, bench->now_ms, &bench->out);
}

void tell_executed(struct bench *bench, unsigned number, bool is_valid)
{
    const hash256 hash = block_hash(number);
    simplex_on_executed(bench->engine, &hash, is_valid, bench->now_ms, &bench->out);
}

void tell_block(struct bench *bench, unsigned number, unsigned parent, uint64_t view)
{
    tell_header(bench, number, parent, view, number, false);
    tell_executed(bench, number, true);
}

void tell_seal(struct bench *bench, unsigned number, unsigned parent, uint64_t view)
{
    tell_header(bench, number, parent, view, 1, true);
    tell_executed(bench, number, true);
}

void tell_sibling(struct bench *bench, unsigned number, unsigned parent, uint64_t view)
{
    tell_header(bench, number, parent, view, 1, false);
    tell_executed(bench, number, true);
}

void tell_notarized(struct bench *bench, unsigned number)
{
    tell_block(bench, number, number - 1, number);
    tell_certificate(bench, MESSAGE_NOTARIZE, number, number - 1, number);
}

void tell_final(struct bench *bench, unsigned number)
{
    tell_block(bench, number, number - 1, number);
    tell_certificate(bench, MESSAGE_FINALIZE, number, number - 1, number);
}

void tell_final_seal(struct bench *bench)
{
    tell_seal(bench, 1, 0, 1);
    tell_certificate(bench, MESSAGE_FINALIZE, 1, 0, 1);
}

static struct simplex_block block_of(unsigned number, unsigned parent, uint64_t view)
{
    return (struct simplex_block){block_hash(number), block_hash(parent), view, number, false};
}

void tell_built(struct bench *bench, unsigned number, unsigned parent, uint64_t view)
{
    const struct simplex_block block = block_of(number, parent, view);
    simplex_on_built(bench->engine, &block, bench->now_ms, &bench->out);
}

void tell_synced(struct bench *bench, unsigned number, unsigned parent, uint64_t view)
{
    const struct simplex_block block = block_of(number, parent, view);
    simplex_on_synced(bench->engine, &block, bench->now_ms, &bench->out);
}

void tell_work(struct bench *bench, enum work_kind work)
{
    simplex_on_work(bench->engine, work, bench->now_ms, &bench->out);
}

void tell_status(struct bench *bench, const struct status *status)
{
    simplex_on_status(bench->engine, status, bench->now_ms, &bench->out);
}

void tell_request(struct bench *bench, unsigned from, uint64_t view, uint8_t kinds)
{
    const struct certificate_request request = {1, view, kinds};
    simplex_on_certificate_request(bench->engine, from, &request, &bench->out);
}

void tell_time(struct bench *bench, uint64_t after_ms)
{
    const uint64_t end = bench->now_ms + after_ms;
    while (simplex_next_ms(bench->engine) <= end) {
        const uint64_t next = simplex_next_ms(bench->engine);
        bench->now_ms = next > bench->now_ms ? next : bench->now_ms;
        simplex_on_time(bench->engine, bench->now_ms, &bench->out);
    }
    bench->now_ms = end;
}

void bench_clear(struct bench *bench)
{
    simplex_queue_clear(&bench->out);
}

const struct simplex_action *find_action(const struct bench *bench, enum simplex_action_kind kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == kind)
            return &bench->out.actions[i];
    return NULL;
}

unsigned count_actions(const struct bench *bench, enum simplex_action_kind kind)
{
    unsigned count = 0;
    for (size_t i = 0; i < bench->out.count; i++)
        count += bench->out.actions[i].kind == kind;
    return count;
}

const struct vote *find_cast(const struct bench *bench, enum consensus_message kind, uint64_t view)
{
    for (size_t i = 0; i < bench->out.count; i++) {
        const struct simplex_action *action = &bench->out.actions[i];
        if (action->kind == SIMPLEX_CAST && action->vote.kind == kind && action->vote.view == view)
            return &action->vote;
    }
    return NULL;
}

unsigned count_sent(const struct bench *bench, enum peer_message kind)
{
    unsigned count = 0;
    for (size_t i = 0; i < bench->out.count; i++)
        count += bench->out.actions[i].kind == SIMPLEX_SEND
                 && bench->out.actions[i].message.kind == kind;
    return count;
}

const struct certificate *find_sent_certificate(const struct bench *bench,
                                                enum consensus_message kind, uint64_t view)
{
    for (size_t i = 0; i < bench->out.count; i++) {
        const struct simplex_action *action = &bench->out.actions[i];
        if (action->kind == SIMPLEX_SEND && action->message.kind == PEER_CERTIFICATE
            && action->message.certificate.kind == kind && action->message.certificate.view == view)
            return &action->message.certificate;
    }
    return NULL;
}

bool is_asked_for(const struct bench *bench, uint64_t view)
{
    for (size_t i = 0; i < bench->out.count; i++) {
        const struct simplex_action *action = &bench->out.actions[i];
        if (action->kind == SIMPLEX_WANT_CERTIFICATE && action->view == view)
            return true;
    }
    return false;
}

void finish_casts(struct bench *bench)
{
    for (size_t i = 0; i < bench->out.count; i++) {
        if (bench->out.actions[i].kind != SIMPLEX_CAST)
            continue;
        struct vote vote = bench->out.actions[i].vote;
        bench->out.actions[i].kind = SIMPLEX_SEND; /* done once */
        bench->out.actions[i].message.kind = PEER_STATUS;
        vote.signature.bytes[0] = (uint8_t)(vote.signer + 1);
        simplex_on_cast(bench->engine, &vote, bench->now_ms, &bench->out);
    }
}

void finish_proposal(struct bench *bench)
{
    const struct simplex_action *propose = find_action(bench, SIMPLEX_PROPOSE);
    cr_assert_not_null(propose);
    const struct proposal proposal = propose->message.proposal;
    simplex_on_proposed(bench->engine, &proposal, bench->now_ms, &bench->out);
}

uint64_t time_to_nullify_ms(struct bench *bench)
{
    const uint64_t began = bench->now_ms;
    while (find_cast(bench, MESSAGE_NULLIFY, simplex_view(bench->engine)) == NULL) {
        bench->now_ms = simplex_next_ms(bench->engine);
        simplex_on_time(bench->engine, bench->now_ms, &bench->out);
    }
    return bench->now_ms - began;
}
