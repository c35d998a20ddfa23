/* One replica; the test is its driver, its disk and all the other members. Blocks are numbers. */
#ifndef TESTS_UNIT_NODE_REPLICA_REPLICA_BENCH_H
#define TESTS_UNIT_NODE_REPLICA_REPLICA_BENCH_H
#include <criterion/criterion.h>

#include "ledger/chain/leader.h"
#include "node/replica/replica.h"

#define MEMBERS 4

static const hash256 ledger = {{0xaa}};

struct bench {
    struct replica_config config;
    struct replica *replica;
    struct replica_queue out;
    uint64_t now_ms;
    signature signatures[MEMBERS];
};

static inline hash256 block_hash(unsigned number)
{
    return (hash256){{0xb0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static inline unsigned leader_of(const struct bench *bench, uint64_t view)
{
    return leader_of_view(&bench->config.engine.seal_mix_hash, MEMBERS, view);
}

/* A member that does not lead the first views. */
static inline struct bench make(bool log_is_whole)
{
    struct bench bench = {.now_ms = 1000000};
    bench.config = (struct replica_config){
        .ledger = ledger,
        .engine = {.epoch = 1,
                   .thresholds = thresholds_of(MEMBERS, quorum_size(QUORUM_BFT, MEMBERS)),
                   .seal_mix_hash = {{0x11}},
                   .pulse_ms = 1000,
                   .execution_ms = 50,
                   .final_block = block_hash(0),
                   .final_ms = 1000000 - 1000},
        .log_is_whole = log_is_whole,
        .nonce = {{0x42, 7}},
    };
    bench.config.engine.own_index = leader_of(&bench, 4);
    bench.replica = replica_new(&bench.config);
    return bench;
}

/* The same in another seat, of a committee of so many. */
static inline void take_seat(struct bench *bench, unsigned members, unsigned own_index)
{
    replica_free(bench->replica);
    bench->config.engine.thresholds = thresholds_of(members, quorum_size(QUORUM_BFT, members));
    bench->config.engine.own_index = own_index;
    bench->replica = replica_new(&bench->config);
}

static inline unsigned other(const struct bench *bench, unsigned i)
{
    return i < bench->config.engine.own_index ? i : i + 1;
}

static inline void finish(struct bench *bench)
{
    replica_free(bench->replica);
    replica_queue_cleanup(&bench->out);
}

static inline void clear(struct bench *bench)
{
    replica_queue_clear(&bench->out);
}

static inline const struct replica_action *find(const struct bench *bench,
                                                enum replica_action_kind kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == kind)
            return &bench->out.actions[i];
    return NULL;
}

static inline unsigned count(const struct bench *bench, enum replica_action_kind kind)
{
    unsigned found = 0;
    for (size_t i = 0; i < bench->out.count; i++)
        found += bench->out.actions[i].kind == kind;
    return found;
}

static inline const struct replica_action *find_message(const struct bench *bench,
                                                        enum peer_message kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == REPLICA_SEND
            && bench->out.actions[i].message.kind == kind)
            return &bench->out.actions[i];
    return NULL;
}

static inline const struct vote *find_cast(const struct bench *bench, enum consensus_message kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == REPLICA_CAST && bench->out.actions[i].vote.kind == kind)
            return &bench->out.actions[i].vote;
    return NULL;
}

static inline void tell(struct bench *bench, unsigned from, const struct message *message)
{
    replica_on_message(bench->replica, from, message, bench->now_ms, &bench->out);
}

/* Whether the message is worth verifying. */
static inline bool looks(struct bench *bench, unsigned from, const struct message *message)
{
    return replica_look(bench->replica, from, message, bench->now_ms, &bench->out);
}

static inline void pass(struct bench *bench, uint64_t ms)
{
    bench->now_ms += ms;
    replica_on_time(bench->replica, bench->now_ms, &bench->out);
}

/* STATUS of a member that stands in view 1, answering that question. */
static inline void tell_answer(struct bench *bench, unsigned member, const hash256 *question)
{
    struct message message = {.kind = PEER_STATUS};
    message.status = (struct status){.epoch = bench->config.engine.epoch,
                                     .signer = (uint16_t)member,
                                     .view = 1,
                                     .final_hash = block_hash(0),
                                     .answered = *question};
    tell(bench, member, &message);
}

static inline void answer_audit(struct bench *bench, unsigned member)
{
    tell_answer(bench, member, &bench->config.nonce);
}

static inline void connect_others(struct bench *bench)
{
    for (unsigned i = 0; i + 1 < MEMBERS; i++)
        replica_on_peer(bench->replica, other(bench, i), true, bench->now_ms, &bench->out);
}

/* It starts, connected to all, and its audit is over. */
static inline void begin(struct bench *bench)
{
    replica_on_start(bench->replica, bench->now_ms, &bench->out);
    connect_others(bench);
    answer_audit(bench, other(bench, 0));
    answer_audit(bench, other(bench, 1));
    cr_assert(replica_is_audited(bench->replica));
    clear(bench);
}

static inline struct bench start(void)
{
    struct bench bench = make(true);
    begin(&bench);
    return bench;
}

static inline struct message proposal_of(const struct bench *bench, uint64_t view,
                                         uint64_t parent_view, unsigned block, const char *body)
{
    struct message message = {.kind = PEER_PROPOSAL};
    message.proposal =
        (struct proposal){.epoch = bench->config.engine.epoch,
                          .view = view,
                          .parent_view = parent_view,
                          .block = block_hash(block),
                          .form = body == NULL ? PROPOSAL_WITHOUT_BLOCK : PROPOSAL_WHOLE_BLOCK,
                          .body = body == NULL ? (struct bytes){0} : bytes_of_text(body)};
    return message;
}

static inline void tell_proposal(struct bench *bench, uint64_t view, uint64_t parent_view,
                                 unsigned block, const char *body)
{
    const struct message message = proposal_of(bench, view, parent_view, block, body);
    tell(bench, leader_of(bench, view), &message);
}

static inline void tell_certificate(struct bench *bench, enum consensus_message kind, uint64_t view,
                                    uint64_t parent_view, unsigned block)
{
    struct message message = {.kind = PEER_CERTIFICATE};
    message.certificate = (struct certificate){.kind = kind,
                                               .epoch = bench->config.engine.epoch,
                                               .view = view,
                                               .bitmap = {0x07},
                                               .signatures = bench->signatures,
                                               .signatures_count = 3};
    if (kind != MESSAGE_NULLIFY) {
        message.certificate.parent_view = parent_view;
        message.certificate.block_hash = block_hash(block);
    }
    tell(bench, other(bench, 0), &message);
}

static inline struct message body_of(unsigned block)
{
    return (struct message){.kind = PEER_BLOCK,
                            .block = {block_hash(block), bytes_of_text("a block")}};
}

static inline void tell_body(struct bench *bench, unsigned from, unsigned block)
{
    const struct message message = body_of(block);
    tell(bench, from, &message);
}

/* A member's word that it gives up view 1. */
static inline struct message nullify_of(unsigned member)
{
    return (struct message){
        .kind = PEER_VOTE,
        .vote = {.kind = MESSAGE_NULLIFY, .epoch = 1, .view = 1, .signer = (uint16_t)member}};
}

static inline void tell_read(struct bench *bench, unsigned number, unsigned parent, uint64_t view,
                             uint64_t height)
{
    const struct simplex_block info = {block_hash(number), block_hash(parent), view, height, false};
    replica_on_read(bench->replica, &info.hash, &info, bench->now_ms, &bench->out);
}

static inline void tell_executed(struct bench *bench, unsigned number, enum replica_verdict verdict)
{
    const hash256 hash = block_hash(number);
    replica_on_executed(bench->replica, &hash, verdict, bench->now_ms, &bench->out);
}

/* A block of view `number` on the one before is proposed and read, and the ledger says this. */
static inline void propose(struct bench *bench, unsigned number, enum replica_verdict verdict)
{
    tell_proposal(bench, number, number - 1, number, "a block");
    tell_read(bench, number, number - 1, number, number);
    tell_executed(bench, number, verdict);
}

/* One that is valid is notarized by a quorum. */
static inline void notarize(struct bench *bench, unsigned number)
{
    propose(bench, number, REPLICA_VALID);
    tell_certificate(bench, MESSAGE_NOTARIZE, number, number - 1, number);
}

static inline bool names(const struct replica_action *action, unsigned block)
{
    const hash256 hash = block_hash(block);
    return action != NULL && hash256_equal(&action->block, &hash);
}
#endif
