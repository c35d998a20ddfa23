/* The genesis document. */
#include "ledger/org/genesis.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/org/acceptance.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"
#include "vm/crypto/secret_key.h"

static struct arena arena;
static struct committee_entry member;
static struct genesis_coin coin;

static void stop(void)
{
    arena_cleanup(&arena);
}

TestSuite(genesis, .fini = stop);

static struct genesis sample_genesis(void)
{
    struct genesis genesis = genesis_defaults();
    snprintf(genesis.name, sizeof genesis.name, "%s", "Acme \"Works\"");
    snprintf(genesis.symbol, sizeof genesis.symbol, "%s", "ACM");
    memset(genesis.founder.bytes, 0x11, 20);
    genesis.created = 1790000000;
    memset(member.consensus.bytes, 0x22, 20);
    memset(member.node_key, 0x03, 33);
    memset(member.payout.bytes, 0x33, 20);
    member.weight = 1;
    snprintf(member.endpoint, sizeof member.endpoint, "%s", "box.example:30800");
    memset(member.reveal_salt.bytes, 0x44, 32);
    memset(member.reveal_commitment.bytes, 0x55, 32);
    genesis.committee = &member;
    genesis.committee_size = 1;
    memset(coin.to.bytes, 0x11, 20);
    snprintf(coin.reason, sizeof coin.reason, "%s", "founding work");
    u256_parse_decimal(&coin.amount_wei, "1000000000000000000000", 22);
    genesis.coins = &coin;
    genesis.coins_count = 1;
    return genesis;
}

static bool parses(const char *text, struct error *error)
{
    struct genesis genesis;
    return genesis_parse(&genesis, bytes_of_text(text), &arena, error);
}

/* The sample's document with `from` replaced by `to` once. */
static char *document_with(const char *from, const char *to)
{
    const struct genesis genesis = sample_genesis();
    struct buffer out = {0};
    genesis_format(&genesis, &out);
    char *text = arena_text(&arena, buffer_view(&out));
    buffer_cleanup(&out);
    if (from == NULL)
        return text;
    char *found = strstr(text, from);
    cr_assert(found != NULL, "%s", from);
    return arena_format(&arena, "%.*s%s%s", (int)(found - text), text, to, found + strlen(from));
}

static void expect_hex(const hash256 *hash, const char *expected)
{
    char digits[65] = {0};
    hex_encode(digits, hash->bytes, 32);
    cr_expect_str_eq(digits, expected, "%s, expected %s", digits, expected);
}

/* Ledgers of every fork keep their block 0, and so their id, for good. */
Test(genesis, has_one_block_0_for_each_fork)
{
    static const struct {
        const char *fork, *document, *block_0;
        unsigned contracts;
    } rows[] = {
        {"\"cancun\"", VECTOR_GENESIS_HASH_CANCUN, VECTOR_BLOCK_0_HASH_CANCUN, 2},
        {"\"prague\"", VECTOR_GENESIS_HASH_PRAGUE, VECTOR_BLOCK_0_HASH_PRAGUE, 5},
        {"\"osaka\"", VECTOR_GENESIS_HASH, VECTOR_BLOCK_0_HASH, 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = document_with("\"osaka\"", rows[i].fork);
        const hash256 hash = genesis_document_hash(bytes_of_text(text));
        struct genesis genesis;
        struct header header;
        struct trie_changes nodes = {0};
        struct error error;
        cr_assert(genesis_parse(&genesis, bytes_of_text(text), &arena, &error), "%s", error.text);
        struct state_changes state = genesis_state(&genesis, &arena);
        cr_expect_eq(state.codes_count, rows[i].contracts, "%s", rows[i].fork);
        cr_assert(genesis_header(&genesis, &hash, &state, &arena, &nodes, &header, &error));
        const hash256 id = header_hash(&header, genesis.fork);
        expect_hex(&hash, rows[i].document);
        expect_hex(&id, rows[i].block_0);
    }
}

Test(genesis, is_written_as_documented)
{
    const char *text = document_with(NULL, NULL);
    cr_expect_str_eq(text, VECTOR_GENESIS, "%s", text);
    const hash256 hash = genesis_document_hash(bytes_of_text(text));
    expect_hex(&hash, VECTOR_GENESIS_HASH);
    struct genesis genesis;
    struct error error;
    cr_assert(genesis_parse(&genesis, bytes_of_text(text), &arena, &error), "%s", error.text);
    cr_expect_str_eq(genesis.name, "Acme \"Works\"");
    cr_expect(genesis_chain_id(&genesis, &hash) == strtoull(VECTOR_GENESIS_CHAIN_ID, NULL, 10));
}

/* In the domain of epoch 1; each member's, in index order. */
Test(genesis, is_accepted_as_documented)
{
    const struct secret_key keys[] = {{{[31] = 1}}, {{[31] = 2}}};
    struct committee_entry members[2];
    struct genesis genesis = sample_genesis();
    struct error error;
    hash256 block_0;
    signature signed_by[2];
    cr_assert(hex_decode_fixed(block_0.bytes, 32, "0x" VECTOR_BLOCK_0_HASH, 66));
    const uint64_t chain_id = strtoull(VECTOR_GENESIS_CHAIN_ID, NULL, 10);
    const hash256 documented = acceptance_digest(&genesis, chain_id, &block_0);
    expect_hex(&documented, VECTOR_ACCEPTANCE);
    for (unsigned i = 0; i < 2; i++) {
        members[i] = member;
        members[i].consensus = secret_key_address(&keys[i]);
    }
    genesis.committee = members;
    genesis.committee_size = 2;
    const hash256 digest = acceptance_digest(&genesis, chain_id, &block_0);
    for (unsigned i = 0; i < 2; i++)
        secret_key_sign(&keys[i], &digest, &signed_by[i]);
    cr_expect(acceptance_check(&genesis, chain_id, &block_0, signed_by, 2, &error));
    cr_expect_not(acceptance_check(&genesis, chain_id, &block_0, signed_by, 1, &error));
    cr_expect_not(acceptance_check(&genesis, chain_id + 1, &block_0, signed_by, 2, &error));
    cr_expect_not_null(strstr(error.text, "acceptance 0"), "%s", error.text);
    signed_by[1] = signed_by[0];
    cr_expect_not(acceptance_check(&genesis, chain_id, &block_0, signed_by, 2, &error));
    cr_expect_not_null(strstr(error.text, "committee[1]"), "%s", error.text);
}

/* What the founder signs: for an offer the terms, which are the document without its committee. */
Test(genesis, is_asked_for_as_documented)
{
    const uint8_t session[FOUNDING_SESSION_SIZE] = {0xab, [15] = 0xcd};
    const struct genesis genesis = sample_genesis();
    struct genesis again;
    struct error error;
    struct buffer terms = {0};
    genesis_format_terms(&genesis, &terms);
    const hash256 offer = founding_digest(FOUNDING_OFFER, session, "acme", buffer_view(&terms));
    expect_hex(&offer, VECTOR_FOUNDING_OFFER);
    const hash256 accept =
        founding_digest(FOUNDING_ACCEPT, session, "acme", bytes_of_text(VECTOR_GENESIS));
    expect_hex(&accept, VECTOR_FOUNDING_ACCEPT);
    cr_assert(genesis_parse_terms(&again, buffer_view(&terms), &arena, &error), "%s", error.text);
    cr_expect_eq(again.committee_size, 0);
    cr_expect_str_eq(again.name, genesis.name);
    cr_expect_not(genesis_parse(&again, buffer_view(&terms), &arena, &error));
    cr_expect_not(genesis_parse_terms(&again, bytes_of_text(VECTOR_GENESIS), &arena, &error));
    cr_expect_not_null(strstr(error.text, "expected none yet"), "%s", error.text);
    buffer_append_u8(&terms, ' ');
    cr_expect_not(genesis_parse_terms(&again, buffer_view(&terms), &arena, &error));
    cr_expect_not_null(strstr(error.text, "canonical"), "%s", error.text);
    buffer_cleanup(&terms);
}

/* What is refused, and the word of the reason that names it. */
Test(genesis, refuses_what_it_cannot_mean)
{
    static const struct {
        const char *from, *to, *word;
        enum error_code code;
    } rows[] = {
        {"\"open\"", "\"members\"", "not in this version", ERROR_UNSUPPORTED},
        {"\"open\"", "\"glass\"", "transparency", ERROR_INVALID},
        {"\"osaka\"", "\"berlin\"", "fork", ERROR_INVALID},
        {"\"osaka\"", "\"Osaka\"", "canonical", ERROR_INVALID},
        {"\"protocolVersion\":1", "\"protocolVersion\":2", "newer lnode", ERROR_UNSUPPORTED},
        {"\"protocolVersion\":1", "\"protocolVersion\":0", "anew", ERROR_UNSUPPORTED},
        {"\"version\":1}", "\"version\":2}", "newer lnode", ERROR_UNSUPPORTED},
        {"\"symbol\"", " \"symbol\"", "canonical", ERROR_INVALID},
        {"\"symbol\":\"ACM\"", "\"symbol\":\"A M\"", "symbol", ERROR_INVALID},
        {"\"symbol\":\"ACM\"", "\"symbol\":\"\"", "symbol", ERROR_INVALID},
        {"\"name\":", "\"nome\":", "nome", ERROR_INVALID},
        {"\"name\":", "\"extra\":1,\"name\":", "extra", ERROR_INVALID},
        {"\"created\":1790000000", "\"created\":-1", "created", ERROR_INVALID},
        {"\"created\":1790000000", "\"created\":\"1\"", "created", ERROR_INVALID},
        {"\"gasLimit\":60000000", "\"gasLimit\":1", "gasLimit", ERROR_INVALID},
        {"\"gasLimit\":60000000", "\"gasLimit\":10000000001",
         "gasLimit is 10000000001, expected 1000000 to 10000000000", ERROR_INVALID},
        {"\"blockSizeMax\":262144", "\"blockSizeMax\":99999999", "blockSizeMax", ERROR_INVALID},
        {"\"weight\":1", "\"weight\":0", "weight", ERROR_INVALID},
        {"\"amount\":\"1", "\"amount\":\"01", "canonical", ERROR_INVALID},
        {"\"amount\":\"1000000000000000000000\"", "\"amount\":\"0\"", "amount", ERROR_INVALID},
        {"\"amount\":\"1000000000000000000000\"", "\"amount\":1", "amount", ERROR_INVALID},
        {"\"baseFeeFloor\":\"0\"", "\"baseFeeFloor\":\"1\"", "baseFeeFloor", ERROR_INVALID},
        {"0x1111", "0x111g", "hex", ERROR_INVALID},
        {"\"fees\":\"free\"", "\"fees\":\"free\",\"fees\":\"free\"", "duplicate", ERROR_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = {0};
        cr_expect(!parses(document_with(rows[i].from, rows[i].to), &error), "%s", rows[i].to);
        cr_expect(error.code == rows[i].code, "%s: %s", rows[i].to, error.text);
        cr_expect(strstr(error.text, rows[i].word) != NULL, "%s: %s", rows[i].to, error.text);
    }
    struct error error;
    cr_expect(!parses("", &error));
    cr_expect(!parses("[]", &error));
    cr_expect(!parses("{}", &error));
}

/* Without the outboxes of Prague there is nothing that a committee contract could do. */
Test(genesis, of_cancun_may_be_of_protocol_version_0)
{
    char *text = document_with("\"osaka\"", "\"cancun\"");
    struct error error = {0};
    *(strstr(text, "\"protocolVersion\":1") + strlen("\"protocolVersion\":")) = '0';
    cr_expect(parses(text, &error), "%s", error.text);
}

Test(genesis, takes_as_much_gas_as_it_says)
{
    struct error error = {0};
    cr_expect(parses(document_with("\"gasLimit\":60000000", "\"gasLimit\":10000000000"), &error),
              "%s", error.text);
}

/* Any cut of the document is refused. */
Test(genesis, refuses_every_other_length)
{
    const char *text = document_with(NULL, NULL);
    struct genesis genesis;
    struct error error;
    for (size_t size = 0; size < strlen(text); size++)
        cr_expect(!genesis_parse(&genesis, bytes_of(text, size), &arena, &error), "%zu", size);
}
