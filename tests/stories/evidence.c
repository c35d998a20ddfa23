/* A committee of four for the story `evidence`: three honest members run the engine, the fourth
 * signs with its real key whatever it likes. Everything goes over the wire format and is checked as
 * a node checks it. Prints JSON: the committee, and for each contradiction the two signed statements
 * and the proof that the honest members' engines made of them. */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/leader.h"
#include "node/consensus/message.h"
#include "node/consensus/simplex.h"
#include "tests/unit/node/consensus/committee.h"
#include "vm/base/hex.h"

#define MEMBERS 4
#define VIEW    1

static struct committee committee;
static const hash256 seal_mix_hash = {{0x11}};
static unsigned leader;

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "evidence_committee: %s\n", what);
    exit(1);
}

static void print_hex(const char *name, const uint8_t *bytes, size_t size, const char *after)
{
    char text[2 * EVIDENCE_SIZE_BYTES + 1] = {0};
    expect(size <= EVIDENCE_SIZE_BYTES, "too long to print");
    hex_encode(text, bytes, size);
    printf("\"%s\":\"0x%s\"%s", name, text, after);
}

/* ---- An honest member ----------------------------------------------------------------------- */

struct member {
    struct simplex *engine;
    struct simplex_queue out;
};

static void member_init(struct member *member, unsigned index)
{
    const struct simplex_config config = {.epoch = 1,
                                          .thresholds = thresholds_of(MEMBERS, 3),
                                          .own_index = index,
                                          .seal_mix_hash = seal_mix_hash,
                                          .final_block = committee.record.seal};
    *member = (struct member){.engine = simplex_new(&config)};
    simplex_on_start(member->engine, 1000, &member->out);
    simplex_on_audited(member->engine, 0, 1000, &member->out);
}

static void member_cleanup(struct member *member)
{
    simplex_free(member->engine);
    simplex_queue_cleanup(&member->out);
}

/* As it comes from a peer: bytes, decoded, its signature checked, then told. */
static void receive(struct member *member, struct bytes wire)
{
    struct arena arena = {0};
    struct message message;
    expect(message_decode(&message, wire, MEMBERS, &arena), "a message does not decode");
    if (message.kind == PEER_VOTE) {
        expect(vote_check(&message.vote, &committee.domain, &committee.record) == VOTE_OK,
               "a vote is not its signer's");
        simplex_on_vote(member->engine, &message.vote, 1000, &member->out);
    } else {
        expect(proposal_check(&message.proposal, &committee.domain, &committee.record, leader)
                   == PROPOSAL_OK,
               "a proposal is not its leader's");
        simplex_on_proposal(member->engine, &message.proposal, 1000, &member->out);
    }
    arena_cleanup(&arena);
}

static const struct evidence *accusation_of(const struct member *member)
{
    for (size_t i = 0; i < member->out.count; i++)
        if (member->out.actions[i].kind == SIMPLEX_ACCUSE)
            return &member->out.actions[i].evidence;
    return NULL;
}

/* ---- What is said --------------------------------------------------------------------------- */

static struct message statement(unsigned signer, enum consensus_message kind, unsigned block)
{
    struct message message;
    const hash256 hash = block_named(block), digest = proposal_digest(1, VIEW, 0, &hash);
    if (kind == MESSAGE_PROPOSAL) {
        message = (struct message){.kind = PEER_PROPOSAL};
        message.proposal = committee_proposal(&committee, signer, VIEW, 0, &hash);
    } else {
        message = (struct message){.kind = PEER_VOTE};
        message.vote = committee_vote(&committee, signer, kind, VIEW, &digest);
    }
    return message;
}

/* Bytes of the proof with one bit changed that a member would still accept; 0 is what should be. */
static unsigned forgeries_accepted(const uint8_t proof[EVIDENCE_SIZE_BYTES])
{
    unsigned accepted = 0;
    for (unsigned bit = 0; bit < 8 * EVIDENCE_SIZE_BYTES; bit++) {
        uint8_t forged[EVIDENCE_SIZE_BYTES];
        struct evidence evidence;
        memcpy(forged, proof, sizeof forged);
        forged[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        accepted +=
            evidence_decode(&evidence, bytes_of(forged, sizeof forged), MEMBERS)
            && evidence_check(&evidence, &committee.domain, &committee.record) == EVIDENCE_OK;
    }
    return accepted;
}

static void print_case(const char *name, unsigned signer, const struct message said[2],
                       const char *after)
{
    struct member members[MEMBERS];
    uint8_t proof[EVIDENCE_SIZE_BYTES] = {0};
    unsigned accusers = 0;
    printf("{\"name\":\"%s\",\"signer\":%u,\"view\":%u,\"statements\":[", name, signer, VIEW);
    for (unsigned i = 0; i < 2; i++) {
        struct buffer wire = {0};
        message_encode(&said[i], &wire);
        printf("{");
        print_hex("wire", wire.data, wire.size, i == 0 ? "}," : "}");
        buffer_cleanup(&wire);
    }
    for (unsigned index = 0; index < MEMBERS; index++) {
        if (index == signer)
            continue;
        member_init(&members[index], index);
        for (unsigned i = 0; i < 2; i++) { /* not everybody hears them in the same order */
            struct buffer wire = {0};
            message_encode(&said[(i + index) % 2], &wire);
            receive(&members[index], buffer_view(&wire));
            buffer_cleanup(&wire);
        }
        const struct evidence *found = accusation_of(&members[index]);
        if (found != NULL) {
            uint8_t encoded[EVIDENCE_SIZE_BYTES];
            evidence_encode(found, encoded);
            expect(found->signer == signer, "somebody else is accused");
            expect(accusers == 0 || memcmp(encoded, proof, sizeof proof) == 0,
                   "two members have two proofs of one thing");
            memcpy(proof, encoded, sizeof proof);
            accusers++;
        }
        member_cleanup(&members[index]);
    }
    printf("],\"accusers\":%u,", accusers);
    if (accusers > 0)
        printf("\"forgeriesAccepted\":%u,", forgeries_accepted(proof));
    print_hex("proof", proof, accusers > 0 ? sizeof proof : 0, "}");
    printf("%s", after);
}

static void print_committee(void)
{
    printf("\"committee\":{\"chainId\":%u,\"epoch\":1,\"leader\":%u,", 1337, leader);
    print_hex("genesis", committee.domain.genesis_hash.bytes, 32, ",");
    print_hex("hash", committee.domain.committee.bytes, 32, ",\"members\":[");
    for (unsigned i = 0; i < MEMBERS; i++) {
        char text[41] = {0};
        hex_encode(text, committee.entries[i].consensus.bytes, 20);
        printf("\"0x%s\"%s", text, i + 1 < MEMBERS ? "," : "]}");
    }
}

int main(void)
{
    committee_init(&committee, MEMBERS);
    leader = leader_of_view(&seal_mix_hash, MEMBERS, VIEW);
    const unsigned other = (leader + 1) % MEMBERS;
    printf("{");
    print_committee();
    printf(",\"cases\":[");
    print_case("two notarize votes", other,
               (struct message[2]){statement(other, MESSAGE_NOTARIZE, 1),
                                   statement(other, MESSAGE_NOTARIZE, 2)},
               ",");
    print_case("two proposals", leader,
               (struct message[2]){statement(leader, MESSAGE_PROPOSAL, 1),
                                   statement(leader, MESSAGE_PROPOSAL, 2)},
               ",");
    print_case("two finalize votes", other,
               (struct message[2]){statement(other, MESSAGE_FINALIZE, 1),
                                   statement(other, MESSAGE_FINALIZE, 2)},
               ",");
    print_case("a nullify and a finalize vote", other,
               (struct message[2]){statement(other, MESSAGE_NULLIFY, 1),
                                   statement(other, MESSAGE_FINALIZE, 1)},
               ",");
    print_case("a notarize and a nullify vote", other,
               (struct message[2]){statement(other, MESSAGE_NOTARIZE, 1),
                                   statement(other, MESSAGE_NULLIFY, 1)},
               ",");
    print_case("one notarize vote, twice", other,
               (struct message[2]){statement(other, MESSAGE_NOTARIZE, 1),
                                   statement(other, MESSAGE_NOTARIZE, 1)},
               "]}\n");
    return 0;
}
