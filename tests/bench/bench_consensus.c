/* What agreement costs a member, by size of the committee: signing and checking, the engine's own
 * steps in a whole committee over a network in memory that loses nothing, and the memory of an idle
 * ledger. Beside it, in the same process, what libsecp256k1 needs to recover one signer. Times are
 * processor times, the least of all turns; a line of JSON a committee.
 *
 *   bench_consensus [TURNS [BLOCKS]] */
#include <inttypes.h>
#include <malloc.h>
#include <secp256k1_recovery.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "node/consensus/round.h"
#include "node/consensus/simplex.h"
#include "node/replica/replica.h"
#include "tests/unit/node/consensus/committee.h"

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC,
                  &now); /* a call of the process's own clock is as long as a step */
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_consensus: %s\n", what);
    exit(1);
}

static size_t memory_used(void)
{
    return mallinfo2().uordblks;
}

/* ---- Signatures ----------------------------------------------------------------------------- */

struct signing {
    double yardstick_us, sign_us, check_us, certificate_us, make_us;
};

static void keep_least(double *least, double us)
{
    if (*least == 0 || us < *least)
        *least = us;
}

static void time_yardstick(const struct committee *committee, struct signing *out)
{
    static secp256k1_context *context;
    if (context == NULL)
        context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    const struct vote vote = committee_vote(committee, 0, MESSAGE_NULLIFY, 7, NULL);
    const hash256 digest =
        vote_digest(&committee->domain, MESSAGE_NULLIFY, vote.view, &vote.proposal);
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey key;
    const double began = now_us();
    for (unsigned i = 0; i < 20; i++)
        expect(secp256k1_ecdsa_recoverable_signature_parse_compact(
                   context, &parsed, vote.signature.bytes, vote.signature.bytes[64])
                   && secp256k1_ecdsa_recover(context, &key, &parsed, digest.bytes),
               "libsecp256k1 recovers nothing");
    keep_least(&out->yardstick_us, (now_us() - began) / 20);
}

static void time_votes(const struct committee *committee, struct signing *out)
{
    const unsigned n = committee->record.committee_size;
    const hash256 proposal = block_named(9);
    uint8_t wire[COMMITTEE_SIZE_MAX][VOTE_SIZE_BYTES];
    double began = now_us();
    for (unsigned i = 0; i < n; i++) {
        const struct vote vote = committee_vote(committee, i, MESSAGE_NOTARIZE, 7, &proposal);
        vote_encode(&vote, wire[i]);
    }
    keep_least(&out->sign_us, (now_us() - began) / n);
    began = now_us();
    for (unsigned i = 0; i < n; i++) {
        struct vote vote;
        expect(vote_decode(&vote, wire[i], sizeof wire[i], n)
                   && vote_check(&vote, &committee->domain, &committee->record) == VOTE_OK,
               "a vote is refused");
    }
    keep_least(&out->check_us, (now_us() - began) / n);
}

static void time_certificates(const struct committee *committee, struct signing *out)
{
    const unsigned n = committee->record.committee_size;
    const hash256 block = block_named(9), proposal = proposal_digest(1, 7, 6, &block);
    struct arena arena = {0};
    struct buffer wire = {0};
    struct round *round = round_new(7);
    for (unsigned i = 0; i < n; i++) {
        const struct vote vote = committee_vote(committee, i, MESSAGE_NOTARIZE, 7, &proposal);
        round_put_vote(round, &vote, n);
    }
    double began = now_us();
    struct certificate made =
        round_make_certificate(round, MESSAGE_NOTARIZE, &proposal, n, committee->record.quorum);
    keep_least(&out->make_us, now_us() - began);
    made.parent_view = 6;
    made.block_hash = block;
    certificate_encode(&made, &wire);
    began = now_us();
    struct certificate read;
    expect(certificate_decode(&read, buffer_view(&wire), &arena)
               && certificate_check(&read, &committee->domain, &committee->record) == FINALITY_OK,
           "a certificate is refused");
    keep_least(&out->certificate_us, now_us() - began);
    free(made.signatures);
    round_free(round);
    buffer_cleanup(&wire);
    arena_cleanup(&arena);
}

/* ---- A committee in memory ------------------------------------------------------------------ */

enum event_kind { ON_MESSAGE, ON_CAST, ON_PROPOSED, ON_BUILT, ON_NOTHING, ON_BLOCK };

struct event {
    enum event_kind kind;
    unsigned to;
    uint32_t from;
    struct message message;     /* a certificate's signatures are `signatures` below */
    struct simplex_block block; /* ON_BUILT, ON_BLOCK; of ON_NOTHING the view */
};

struct network {
    unsigned n;
    struct simplex *engines[COMMITTEE_SIZE_MAX];
    struct simplex_queue out;
    signature signatures[COMMITTEE_SIZE_MAX];
    struct event *events; /* a ring */
    size_t first, count, capacity;
    struct simplex_block *blocks; /* by height */
    uint64_t made, made_max, final;
    uint64_t now_ms;
    double engine_us; /* within the engines */
    uint64_t steps, votes;
};

static struct event *post(struct network *net, enum event_kind kind, unsigned to)
{
    if (net->count == net->capacity) {
        struct event *larger = memory_new(2 * net->capacity * sizeof *larger);
        for (size_t i = 0; i < net->count; i++)
            larger[i] = net->events[(net->first + i) % net->capacity];
        free(net->events);
        net->events = larger;
        net->first = 0;
        net->capacity *= 2;
    }
    struct event *event = &net->events[(net->first + net->count++) % net->capacity];
    event->kind = kind;
    event->to = to;
    return event;
}

static void send_to(struct network *net, unsigned from, unsigned to, const struct message *message)
{
    struct event *event = post(net, ON_MESSAGE, to);
    event->from = from;
    event->message = *message;
    if (message->kind == PEER_CERTIFICATE)
        event->message.certificate.signatures = net->signatures;
}

static const struct simplex_block *block_of(const struct network *net, const hash256 *hash)
{
    for (uint64_t i = net->made + 1; i > 0; i--)
        if (hash256_equal(&net->blocks[i - 1].hash, hash))
            return &net->blocks[i - 1];
    return NULL;
}

static void build(struct network *net, unsigned index, const struct simplex_action *action)
{
    const struct simplex_block *parent = block_of(net, &action->block);
    if (net->made == net->made_max) {
        post(net, ON_NOTHING, index)->block.view = action->view;
        return;
    }
    struct simplex_block *block = &net->blocks[net->made + 1];
    *block = (struct simplex_block){.parent = parent->hash, .view = action->view};
    block->height = parent->height + 1;
    block->hash = block_named(++net->made);
    post(net, ON_BUILT, index)->block = *block;
}

static void do_action(struct network *net, unsigned index, const struct simplex_action *action)
{
    switch (action->kind) {
    case SIMPLEX_CAST: post(net, ON_CAST, index)->message.vote = action->vote; break;
    case SIMPLEX_PROPOSE:
        post(net, ON_PROPOSED, index)->message.proposal = action->message.proposal;
        break;
    case SIMPLEX_BUILD: build(net, index, action); break;
    case SIMPLEX_SEND:
        for (unsigned i = 0; i < net->n; i++)
            if (i != index && (action->to == SIMPLEX_ALL || action->to == i))
                send_to(net, index, i, &action->message);
        break;
    case SIMPLEX_WANT_BLOCK:
        post(net, ON_BLOCK, index)->block = *block_of(net, &action->block);
        break;
    case SIMPLEX_COMMIT: net->final += index == 0; break;
    case SIMPLEX_LOG:
    case SIMPLEX_WANT_CERTIFICATE: /* it comes by itself: nothing is lost */
    case SIMPLEX_BOUND: break;
    case SIMPLEX_SYNC:
    case SIMPLEX_ACCUSE:
    case SIMPLEX_HALT:
    case SIMPLEX_SEALED: expect(false, "the engine asks for what cannot be"); break;
    }
}

static void carry_out(struct network *net, unsigned index, double began)
{
    net->engine_us += now_us() - began;
    net->steps++;
    for (size_t i = 0; i < net->out.count; i++)
        do_action(net, index, &net->out.actions[i]);
    simplex_queue_clear(&net->out);
}

static void tell(struct network *net, struct event *event)
{
    struct simplex *engine = net->engines[event->to];
    const struct message *message = &event->message;
    const double began = now_us();
    switch (event->kind) {
    case ON_CAST:
        event->message.vote.signature.bytes[0] = 1;
        simplex_on_cast(engine, &message->vote, net->now_ms, &net->out);
        break;
    case ON_PROPOSED:
        simplex_on_proposed(engine, &message->proposal, net->now_ms, &net->out);
        break;
    case ON_BUILT: simplex_on_built(engine, &event->block, net->now_ms, &net->out); break;
    case ON_NOTHING:
        simplex_on_build_failed(engine, event->block.view, UNBUILT_NOTHING_NEW, net->now_ms,
                                &net->out);
        break;
    case ON_BLOCK:
        simplex_on_block(engine, &event->block, net->now_ms, &net->out);
        simplex_on_executed(engine, &event->block.hash, true, net->now_ms, &net->out);
        break;
    case ON_MESSAGE:
        if (message->kind == PEER_VOTE) {
            net->votes++;
            simplex_on_vote(engine, &message->vote, net->now_ms, &net->out);
        } else if (message->kind == PEER_PROPOSAL) {
            simplex_on_proposal(engine, &message->proposal, net->now_ms, &net->out);
        } else if (message->kind == PEER_CERTIFICATE) {
            simplex_on_certificate(engine, &message->certificate, net->now_ms, &net->out);
        } else {
            expect(message->kind == PEER_GET_CERTIFICATE, "a message that nobody sends");
            simplex_on_certificate_request(engine, event->from, &message->get_certificate,
                                           &net->out);
        }
        break;
    }
    carry_out(net, event->to, began);
}

/* Everything under way, then the next timer; false when nobody has one. */
static bool run_on(struct network *net)
{
    uint64_t next = UINT64_MAX;
    while (net->count > 0) {
        struct event event = net->events[net->first];
        net->first = (net->first + 1) % net->capacity;
        net->count--;
        tell(net, &event);
    }
    for (unsigned i = 0; i < net->n; i++)
        next = simplex_next_ms(net->engines[i]) < next ? simplex_next_ms(net->engines[i]) : next;
    if (next == UINT64_MAX)
        return false;
    net->now_ms = next > net->now_ms ? next : net->now_ms;
    for (unsigned i = 0; i < net->n; i++)
        if (simplex_next_ms(net->engines[i]) <= net->now_ms) {
            const double began = now_us();
            simplex_on_time(net->engines[i], net->now_ms, &net->out);
            carry_out(net, i, began);
        }
    return true;
}

static void tell_work(struct network *net, enum work_kind work)
{
    for (unsigned i = 0; i < net->n; i++) {
        const double began = now_us();
        simplex_on_work(net->engines[i], work, net->now_ms, &net->out);
        carry_out(net, i, began);
    }
}

static struct simplex_config config_of(unsigned n, unsigned index)
{
    return (struct simplex_config){.epoch = 1,
                                   .thresholds = thresholds_of(n, quorum_size(QUORUM_BFT, n)),
                                   .own_index = index,
                                   .seal_mix_hash = {{0x11}},
                                   .execution_ms = 50,
                                   .final_block = block_named(0)};
}

static void network_init(struct network *net, unsigned n, uint64_t blocks)
{
    *net = (struct network){.n = n, .capacity = 1024, .now_ms = 1000000};
    net->events = memory_new(net->capacity * sizeof *net->events);
    net->made_max = blocks;
    net->blocks = memory_new_zeroed(blocks + 1, sizeof *net->blocks);
    net->blocks[0].hash = block_named(0);
    for (unsigned i = 0; i < n; i++) {
        const struct simplex_config config = config_of(n, i);
        net->engines[i] = simplex_new(&config);
        simplex_on_start(net->engines[i], net->now_ms, &net->out);
        simplex_on_audited(net->engines[i], 0, net->now_ms, &net->out);
        carry_out(net, i, now_us());
    }
}

struct figures {
    unsigned n;
    struct signing signing;
    double block_us; /* an engine's, for each final block */
    double steps;    /* of an engine, for each final block */
    double step_us;
    size_t idle_bytes, fresh_bytes, replica_bytes;
};

static void run_network(struct figures *figures, uint64_t blocks)
{
    struct network net;
    network_init(&net, figures->n, blocks);
    net.engine_us = 0;
    net.steps = 0;
    tell_work(&net, WORK_TRANSACTIONS);
    while (net.made < blocks)
        expect(run_on(&net) || net.made == blocks, "it stands still");
    tell_work(&net, WORK_NONE);
    while (run_on(&net))
        ;
    expect(net.final == blocks, "not every block is final");
    const double members = (double)figures->n * (double)net.final;
    keep_least(&figures->block_us, net.engine_us / members);
    keep_least(&figures->step_us, net.engine_us / (double)net.steps);
    figures->steps = (double)net.steps / members;
    const size_t before = memory_used(); /* idle: nobody has a timer */
    simplex_free(net.engines[0]);
    figures->idle_bytes = before - memory_used();
    for (unsigned i = 1; i < figures->n; i++)
        simplex_free(net.engines[i]);
    simplex_queue_cleanup(&net.out);
    free(net.events);
    free(net.blocks);
}

/* A member that has just started: the engine alone, and with all that is around it. */
static void weigh(struct figures *figures)
{
    struct replica_queue out = {0};
    struct replica_config config = {
        .engine = config_of(figures->n, 0), .log_is_whole = true, .nonce = {{1}}};
    size_t before = memory_used();
    struct simplex *engine = simplex_new(&config.engine);
    figures->fresh_bytes = memory_used() - before;
    simplex_free(engine);
    struct replica *replica = replica_new(&config);
    replica_on_start(replica, 1000000, &out);
    replica_queue_cleanup(&out);
    before = memory_used();
    replica_free(replica);
    figures->replica_bytes = before - memory_used();
}

int main(int argc, char **argv)
{
    static const unsigned sizes[] = {1, 4, 20, 100};
    static struct committee committee;
    const unsigned turns = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 5;
    const uint64_t blocks = argc > 2 ? strtoull(argv[2], NULL, 10) : 20;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct figures figures = {.n = sizes[i]};
        committee_init(&committee, figures.n);
        for (unsigned turn = 0; turn < turns; turn++) {
            time_yardstick(&committee, &figures.signing);
            time_votes(&committee, &figures.signing);
            time_certificates(&committee, &figures.signing);
            run_network(&figures, blocks);
        }
        weigh(&figures);
        printf("{\"n\":%u,\"quorum\":%u,\"yardstick_us\":%.3f,\"sign_us\":%.3f,\"check_us\":%.3f,"
               "\"certificate_us\":%.3f,\"make_us\":%.3f,\"block_us\":%.3f,\"steps\":%.2f,"
               "\"step_us\":%.4f,\"idle_bytes\":%zu,\"fresh_bytes\":%zu,\"replica_bytes\":%zu}\n",
               figures.n, committee.record.quorum, figures.signing.yardstick_us,
               figures.signing.sign_us, figures.signing.check_us, figures.signing.certificate_us,
               figures.signing.make_us, figures.block_us, figures.steps, figures.step_us,
               figures.idle_bytes, figures.fresh_bytes, figures.replica_bytes);
    }
    return 0;
}
