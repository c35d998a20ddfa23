/* Chain of seals and range of blocks byte for byte. The vectors stand in docs/formats.md. */
#include <criterion/criterion.h>

#include "ledger/chain/range.h"
#include "ledger/chain/seal.h"
#include "ledger/chain/seal_chain.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"
#include "vm/crypto/secret_key.h"

#define FORK VM_FORK_PRAGUE

/* The sample's committee under Prague, and a seal in its epoch that decides the same again. */
static struct sealed {
    struct arena arena;
    struct epoch_record record;
    struct signing_domain domain;
    struct seal_link link;
} sealed;

static void sign(struct certificate *certificate)
{
    const struct secret_key key = {{[31] = 1}};
    const hash256 proposal = proposal_digest(1, 8, 7, &certificate->block_hash);
    const hash256 digest = vote_digest(&sealed.domain, MESSAGE_FINALIZE, 8, &proposal);
    certificate->signatures = arena_alloc(&sealed.arena, sizeof *certificate->signatures);
    secret_key_sign(&key, &digest, certificate->signatures);
}

static void start(void)
{
    struct buffer bytes = {0};
    const hash256 block_0 = {{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
                              0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
                              0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55}};
    sealed = (struct sealed){.link.supply.issued = u256_from_u64(1000)};
    cr_assert(hex_decode_append(&bytes, "0x" VECTOR_EPOCH_RECORD, strlen(VECTOR_EPOCH_RECORD) + 2));
    cr_assert(epoch_record_decode(&sealed.record, buffer_view(&bytes), &sealed.arena));
    sealed.record.fork = FORK;
    sealed.domain = signing_domain_of(1234, &block_0, &sealed.record);

    buffer_clear(&bytes);
    seal_encode(&sealed.record, &bytes);
    struct seal_link *link = &sealed.link;
    link->requests.data[REQUEST_CONSOLIDATIONS] = arena_copy(&sealed.arena, buffer_view(&bytes));
    struct header *seal = arena_alloc(&sealed.arena, sizeof *seal);
    *seal = (struct header){.number = 9,
                            .extra_data_size = 32,
                            .parent_beacon_block_root = epoch_record_hash(&sealed.record),
                            .requests_hash = requests_hash(&link->requests)};
    link->proof = (struct finality_proof){.headers = seal,
                                          .headers_count = 1,
                                          .finalization = {.kind = MESSAGE_FINALIZE,
                                                           .epoch = 1,
                                                           .view = 8,
                                                           .parent_view = 7,
                                                           .block_hash = header_hash(seal, FORK),
                                                           .bitmap = {1},
                                                           .signatures_count = 1}};
    sign(&link->proof.finalization);
    buffer_cleanup(&bytes);
}

static void stop(void)
{
    arena_cleanup(&sealed.arena);
}

TestSuite(seal_chain, .init = start, .fini = stop);

static void expect_hash(const char *what, struct bytes bytes, const char *expected)
{
    char text[65] = {0};
    const hash256 hash = keccak256(bytes.data, bytes.size);
    hex_encode(text, hash.bytes, sizeof hash.bytes);
    cr_expect_str_eq(text, expected, "%s: %s, %zu bytes", what, text, bytes.size);
}

static struct bytes chain_of(const struct seal_link *link)
{
    struct buffer out = {0};
    const size_t list = rlp_open_list(&out);
    rlp_put_u64(&out, SEAL_CHAIN_VERSION);
    rlp_put_u64(&out, 1);
    const size_t links = rlp_open_list(&out);
    seal_link_encode(link, FORK, &out);
    rlp_close_list(&out, links);
    rlp_close_list(&out, list);
    const struct bytes copy = arena_copy(&sealed.arena, buffer_view(&out));
    buffer_cleanup(&out);
    return copy;
}

Test(seal_chain, is_written_as_documented)
{
    const struct bytes encoded = chain_of(&sealed.link);
    struct seal_chain chain;
    expect_hash("chain", encoded, VECTOR_SEAL_CHAIN_HASH);
    seal_chain_init(&chain, 1234, &sealed.domain.genesis_hash, FORK, &sealed.record);
    cr_expect_eq(seal_chain_follow(&chain, encoded), FINALITY_OK);
    cr_expect_eq(chain.record.epoch, 2);
    cr_expect_eq(chain.record.first_height, 10);
    struct buffer record = {0};
    epoch_record_encode(&chain.record, &record);
    expect_hash("record 2", buffer_view(&record), VECTOR_SEAL_CHAIN_RECORD_HASH);
    buffer_cleanup(&record);
    seal_chain_cleanup(&chain);
}

/* A chain of more links than one may have is refused as soon as that is seen. */
Test(seal_chain, has_a_bound)
{
    struct buffer out = {0};
    struct seal_chain chain;
    const size_t list = rlp_open_list(&out);
    rlp_put_u64(&out, SEAL_CHAIN_VERSION);
    rlp_put_u64(&out, 1);
    const size_t links = rlp_open_list(&out);
    for (unsigned i = 0; i <= SEAL_CHAIN_LINKS_MAX; i++)
        rlp_put_u64(&out, 0);
    rlp_close_list(&out, links);
    rlp_close_list(&out, list);
    seal_chain_init(&chain, 1234, &sealed.domain.genesis_hash, FORK, &sealed.record);
    chain.record.epoch = 1000; /* so that all are passed over */
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&out)), FINALITY_BAD_ENCODING);
    seal_chain_cleanup(&chain);
    buffer_cleanup(&out);
}

Test(seal_chain, a_range_is_written_as_documented)
{
    struct block block = {.header = sealed.link.proof.headers[0], .requests = sealed.link.requests};
    struct buffer container = {0}, out = {0};
    block_container_encode(&block, FORK, &container);
    struct ranged_block only = {.container = buffer_view(&container)};
    struct block_range range = {.blocks = &only, .count = 1, .proof = sealed.link.proof}, read;
    block_range_encode(&range, FORK, &out);
    expect_hash("range", buffer_view(&out), VECTOR_RANGE_HASH);
    cr_assert(block_range_decode(&read, FORK, buffer_view(&out), &sealed.arena));
    const hash256 parent = {{0}};
    cr_expect_eq(block_range_check(&read, FORK, &parent, 8, &sealed.domain, &sealed.record),
                 FINALITY_OK);
    cr_expect_eq(read.blocks[0].height, 9);
    cr_expect_not_null(read.blocks[0].finalization);
    buffer_cleanup(&container);
    buffer_cleanup(&out);
}
