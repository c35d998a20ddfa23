/* Making blocks final: alone, through a descendant, and once more in a later view. */
#include <criterion/criterion.h>

#include "ledger/inside.h"
#include "tests/unit/ledger/sample.h"

static struct sample sample;

static void start(void)
{
    sample_start(&sample);
}

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(commit, .init = start, .fini = stop, .timeout = 120);

/* On `parent`, with one transfer of 1 wei from account 0 to account 1. */
static hash256 build_on(const hash256 *parent)
{
    const struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 1);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    const struct build_request request = sample_request(&sample, parent);
    struct error error;
    hash256 hash;
    cr_assert(ledger_build(sample.ledger, sample.vm, &request, &hash, &error), "%s", error.text);
    return hash;
}

/* `count` blocks, each on the one before; the last one's hash. */
static hash256 build_chain(unsigned count, hash256 *hashes)
{
    hash256 tip = ledger_head(sample.ledger)->hash;
    for (unsigned i = 0; i < count; i++) {
        tip = build_on(&tip);
        hashes[i] = tip;
    }
    return tip;
}

static void expect_received(uint64_t height, uint64_t wei)
{
    const struct account account = sample_account_at(&sample, height, &sample.accounts[1]);
    const u256 more = u256_from_u64(wei);
    const u256 expected = u256_add(&sample.coins[1].amount_wei, &more);
    cr_expect(u256_equal(&account.balance, &expected), "at %d", (int)height);
}

static void expect_sound(void)
{
    struct buffer report = {0};
    struct error error;
    cr_expect(ledger_check(sample.ledger, sample.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

/* The proof of the block at `height` holds, over `headers` headers. */
static void expect_proof(uint64_t height, unsigned headers)
{
    struct error error;
    struct finality_proof proof, decoded;
    struct buffer encoded = {0};
    const enum vm_fork fork = sample.genesis.fork;
    const struct signing_domain domain = ledger_signing_domain(sample.ledger);
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(view_finality_proof(view, height, &sample.arena, &proof, &error), "%s", error.text);
    cr_expect(proof.headers_count == headers, "%u headers", proof.headers_count);
    cr_expect(proof.headers[0].number == height);
    finality_proof_encode(&proof, fork, &encoded);
    cr_assert(finality_proof_decode(&decoded, fork, buffer_view(&encoded), &sample.arena));
    cr_expect(finality_proof_check(&decoded, &domain, ledger_epoch_record(sample.ledger))
              == FINALITY_OK);
    buffer_cleanup(&encoded);
    ledger_view_close(view);
}

static void expect_own_certificate(uint64_t height, bool expected)
{
    struct error error;
    struct certificate certificate;
    bool has_own;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(view_finalization(view, height, &sample.arena, &certificate, &has_own, &error));
    cr_expect(has_own == expected, "at %d", (int)height);
    ledger_view_close(view);
}

static void reopen(void)
{
    sample_close(&sample);
    sample_open(&sample);
}

/* Three blocks on each other and a fourth, then the third is finalized: all three are final, the
 * sibling of the second is gone, the fourth still stands and can follow. */
Test(commit, makes_ancestors_final_too)
{
    hash256 hashes[3];
    const hash256 third = build_chain(3, hashes);
    const uint64_t view_of_third = sample.view;
    const struct build_request request = sample_request(&sample, &hashes[0]);
    struct error error;
    hash256 sibling;
    cr_assert(ledger_build(sample.ledger, sample.vm, &request, &sibling, &error));
    const hash256 fourth = build_on(&third);
    const uint64_t view_of_fourth = sample.view;

    sample.view = view_of_third;
    sample_commit(&sample, &third);
    cr_expect(ledger_head(sample.ledger)->number == 3);
    cr_expect(ledger_head(sample.ledger)->view == view_of_third);
    cr_expect(ledger_container(sample.ledger, &sibling, &sample.arena).size == 0);
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 1);
    for (uint64_t height = 0; height <= 3; height++)
        expect_received(height, height);
    expect_own_certificate(1, false);
    expect_own_certificate(2, false);
    expect_own_certificate(3, true);
    expect_proof(1, 3);
    expect_proof(2, 2);
    expect_proof(3, 1);
    expect_sound();

    sample.view = view_of_fourth;
    sample_commit(&sample, &fourth);
    expect_received(4, 4);
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 0);
    reopen();
    cr_expect(ledger_head(sample.ledger)->number == 4);
    expect_received(2, 2);
    expect_proof(1, 3);
    expect_sound();
    sample_block(&sample);
}

/* Each block's changes are proved against its own root, also those that had no certificate. */
Test(commit, keeps_the_tries_of_each_block)
{
    hash256 hashes[3];
    const hash256 third = build_chain(3, hashes);
    sample_commit(&sample, &third);
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    for (uint64_t height = 0; height <= 3; height++) {
        struct account_proof proof;
        cr_assert(view_prove(view, height, &sample.accounts[0], NULL, 0, NULL, NULL, &sample.arena,
                             &proof, &error),
                  "%s", error.text);
        cr_expect(proof.account.nonce == height);
    }
    ledger_view_close(view);
}

/* As deep as the tree above the head may be: the first block's proof has 16 headers. */
Test(commit, settles_the_deepest_chain_at_once)
{
    hash256 hashes[OVERLAY_DEPTH_MAX];
    const hash256 tip = build_chain(OVERLAY_DEPTH_MAX, hashes);
    struct build_request request = sample_request(&sample, &tip);
    struct error error;
    hash256 more;
    cr_expect(!ledger_build(sample.ledger, sample.vm, &request, &more, &error));
    cr_expect(error.code == ERROR_BUSY);
    sample_commit(&sample, &tip);
    cr_expect(ledger_head(sample.ledger)->number == OVERLAY_DEPTH_MAX);
    expect_proof(1, FINALITY_PROOF_HEADERS_MAX);
    expect_proof(OVERLAY_DEPTH_MAX, 1);
    expect_sound();
    sample_block(&sample);
    expect_proof(1, FINALITY_PROOF_HEADERS_MAX);
    expect_sound();
}

/* The tree above the head has room for so many; dropping one makes room for another. */
Test(commit, siblings_fill_the_tree)
{
    hash256 hashes[OVERLAYS_MAX];
    struct error error;
    const hash256 head = ledger_head(sample.ledger)->hash;
    for (unsigned i = 0; i < OVERLAYS_MAX; i++)
        hashes[i] = sample_build(&sample);
    const struct build_request request = sample_request(&sample, &head);
    hash256 more;
    cr_expect(!ledger_build(sample.ledger, sample.vm, &request, &more, &error));
    cr_expect(error.code == ERROR_BUSY, "%s", error.text);
    cr_assert(ledger_drop(sample.ledger, &hashes[1]));
    cr_assert(ledger_build(sample.ledger, sample.vm, &request, &more, &error), "%s", error.text);
    sample_commit(&sample, &more);
    expect_sound();
}

/* Large blocks fill it earlier, by the memory they take. */
Test(commit, large_blocks_fill_the_tree)
{
    static const uint8_t zeros[120000];
    sample_cleanup(&sample);
    sample_init(&sample);
    sample.genesis.parameters.block_size_max = 8388608;
    sample.genesis.parameters.gas_limit = 200000000;
    sample_found(&sample);
    sample_open(&sample);
    for (unsigned i = 0; i < 8 * SAMPLE_ACCOUNTS; i++) {
        const unsigned from = i % SAMPLE_ACCOUNTS;
        const struct transaction tx =
            sample_sign(&sample, from,
                        (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                             .nonce = sample.nonces[from]++,
                                             .gas_limit = 2000000,
                                             .to = sample.accounts[0],
                                             .data = bytes_of(zeros, sizeof zeros)});
        cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    }
    struct error error = {0};
    unsigned built = 0;
    const hash256 head = ledger_head(sample.ledger)->hash;
    for (bool ok = true; ok && built < OVERLAYS_MAX; built += ok) {
        const struct build_request request = sample_request(&sample, &head);
        hash256 hash;
        ok = ledger_build(sample.ledger, sample.vm, &request, &hash, &error);
    }
    cr_expect(error.code == ERROR_BUSY && strstr(error.text, "too large") != NULL, "%s",
              error.text);
    cr_expect(built >= 4 && built <= OVERLAYS_BLOCKS_MIN + 1, "%u", built);
}

/* The head, proposed and finalized again: the view moves on, also across a restart, and with it
 * the certificate; an earlier one changes nothing. */
Test(commit, moves_the_view_when_the_head_is_finalized_again)
{
    sample_block(&sample);
    const hash256 head = ledger_head(sample.ledger)->hash;
    const uint64_t first_view = sample.view;
    sample.view += 5;
    sample_commit(&sample, &head);
    cr_expect(ledger_head(sample.ledger)->number == 1);
    cr_expect(ledger_head(sample.ledger)->view == first_view + 5);
    sample.view = first_view;
    sample_commit(&sample, &head);
    cr_expect(ledger_head(sample.ledger)->view == first_view + 5);
    reopen();
    cr_expect(ledger_head(sample.ledger)->view == first_view + 5);
    expect_proof(1, 1);
    expect_sound();
    cr_expect(sample_block(&sample) == 2);
}

/* Block 0 is final by itself; proposing it again moves the view only. */
Test(commit, moves_the_view_of_block_0)
{
    sample.view = 9;
    sample_commit(&sample, ledger_id(sample.ledger));
    reopen();
    cr_expect(ledger_head(sample.ledger)->view == 9);
    struct error error;
    struct certificate certificate;
    bool has_own;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_expect(!view_finalization(view, 0, &sample.arena, &certificate, &has_own, &error));
    cr_expect(error.code == ERROR_NOT_FOUND);
    ledger_view_close(view);
    expect_sound();
    cr_expect(sample_block(&sample) == 1);
}

static void expect_refused(const hash256 *hash, const struct certificate *certificate,
                           enum error_code code)
{
    struct error error = {0};
    cr_expect(!ledger_commit(sample.ledger, hash, certificate, &error));
    cr_expect(error.code == code, "%s", error.text);
    cr_expect(ledger_head(sample.ledger)->number == 1);
}

Test(commit, refuses_what_settles_nothing)
{
    sample_block(&sample);
    const hash256 hash = sample_build(&sample), unknown = {{1}};
    const struct certificate good = sample_certify(&sample, &hash);
    struct certificate bad = good;
    bad.kind = MESSAGE_NOTARIZE;
    expect_refused(&hash, &bad, ERROR_INVALID);
    bad = good;
    bad.epoch++;
    expect_refused(&hash, &bad, ERROR_INVALID);
    bad = good;
    bad.block_hash.bytes[0] ^= 1;
    expect_refused(&hash, &bad, ERROR_INVALID);
    bad = good;
    bad.view = ledger_head(sample.ledger)->view;
    expect_refused(&hash, &bad, ERROR_INVALID);
    bad = sample_certify(&sample, &unknown);
    expect_refused(&unknown, &bad, ERROR_NOT_FOUND);
    struct error error;
    cr_expect(ledger_commit(sample.ledger, &hash, &good, &error), "%s", error.text);
    expect_sound();
}

/* A head without a certificate, and a run of blocks longer than a proof, are damage. */
Test(commit, damage_of_certificates_is_found)
{
    for (unsigned i = 0; i < FINALITY_PROOF_HEADERS_MAX + 1; i++)
        sample_block(&sample);
    for (uint64_t height = FINALITY_PROOF_HEADERS_MAX + 1; height > 0; height--) {
        const struct store_key key = key_numbered(KEY_CERTIFICATE, height);
        struct store_batch *batch = store_batch_new();
        struct buffer report = {0};
        struct error error;
        store_batch_delete(batch, key_view(&key));
        cr_assert(ledger_write(sample.ledger, batch, &error));
        cr_expect(!ledger_check(sample.ledger, NULL, &report, &error));
        buffer_append_u8(&report, 0);
        const char *text = (const char *)report.data;
        cr_expect(strstr(text, "head: has no FINALIZATION") != NULL, "%s", text);
        cr_expect((strstr(text, "any of the 15 blocks before") != NULL) == (height <= 2), "%s",
                  text);
        buffer_cleanup(&report);
        store_batch_free(batch);
    }
    struct error error;
    struct finality_proof proof;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_expect(!view_finality_proof(view, 1, &sample.arena, &proof, &error));
    cr_expect(error.code == ERROR_CORRUPT, "%s", error.text);
    ledger_view_close(view);
}

Test(commit, lets_go_of_a_block_that_failed_and_takes_it_again)
{
    hash256 hashes[2], hash;
    build_chain(2, hashes);
    struct arena arena = {0};
    struct error error;
    enum block_verdict verdict;
    const struct bytes container = ledger_container(sample.ledger, &hashes[1], &arena);
    cr_expect_not(ledger_drop(sample.ledger, &hashes[0]), "another stands on it");
    cr_expect(ledger_drop(sample.ledger, &hashes[1]));
    cr_expect_not(ledger_drop(sample.ledger, &hashes[1]), "it is gone");
    cr_expect_null(ledger_container(sample.ledger, &hashes[1], &arena).data);
    cr_assert(ledger_validate(sample.ledger, sample.vm, container, &verdict, &hash, &error));
    cr_expect_eq(verdict, BLOCK_OK);
    sample_commit(&sample, &hashes[1]);
    expect_received(2, 2);
    arena_cleanup(&arena);
}
