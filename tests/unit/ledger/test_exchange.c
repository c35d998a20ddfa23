/* Catching up: ranges of blocks with their proof, and the chain of seals. */
#include <criterion/criterion.h>

#include "ledger/chain/seal.h"
#include "ledger/inside.h"
#include "tests/unit/ledger/realm.h"

static struct realm realm, copy;
static struct buffer bytes;

static void start(void)
{
    realm_start(&realm, 3, QUORUM_BFT);
    realm_start_copy(&copy, &realm);
}

static void stop(void)
{
    buffer_cleanup(&bytes);
    realm_cleanup(&copy);
    realm_cleanup(&realm);
}

TestSuite(exchange, .init = start, .fini = stop, .timeout = 240);

#define FORK VM_FORK_PRAGUE

/* `count` blocks that the last one's FINALIZATION settles. */
static void settle(unsigned count)
{
    hash256 tip = ledger_head(realm.ledger)->hash;
    for (unsigned i = 0; i < count; i++)
        tip = realm_build(&realm, &tip);
    realm_commit(&realm, &tip);
}

/* The range from a height on, into `bytes`; how many blocks it has. */
static unsigned read_part(uint64_t from, unsigned count_max)
{
    struct error error;
    unsigned count = 0;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    buffer_clear(&bytes);
    cr_assert(view_range(view, from, count_max, &bytes, &count, &error), "%s", error.text);
    ledger_view_close(view);
    return count;
}

static unsigned read_range(uint64_t from)
{
    return read_part(from, 1000);
}

static struct block_range decoded(void)
{
    struct block_range range;
    cr_assert(block_range_decode(&range, FORK, buffer_view(&bytes), &copy.arena));
    struct buffer again = {0};
    block_range_encode(&range, FORK, &again);
    cr_expect(bytes_equal(buffer_view(&again), buffer_view(&bytes)));
    buffer_cleanup(&again);
    return range;
}

/* Against what the copy has. */
static enum finality_verdict check(struct block_range *range)
{
    const struct signing_domain domain = ledger_signing_domain(copy.ledger);
    return block_range_check(range, FORK, &ledger_head(copy.ledger)->hash,
                             ledger_head(copy.ledger)->number, &domain,
                             ledger_epoch_record(copy.ledger));
}

static void import(const struct block_range *range)
{
    for (unsigned i = 0; i < range->count; i++) {
        struct error error;
        enum block_verdict verdict;
        cr_assert(ledger_import(copy.ledger, copy.vm, &range->blocks[i], &verdict, &error), "%s",
                  error.text);
        cr_assert_eq(verdict, BLOCK_OK, "%s", block_verdict_text(verdict));
    }
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

/* Over three epochs, with blocks that later ones settle; each range is of one epoch. */
Test(exchange, a_ledger_is_made_again_from_ranges)
{
    const unsigned second[] = {3, 1}, third[] = {5, 4, 3, 0};
    settle(1);
    settle(5);
    realm_seal(&realm, second, 2, QUORUM_BFT); /* 7 */
    settle(16);
    settle(3);
    realm_seal(&realm, third, 4, QUORUM_BFT); /* 27 */
    settle(2);
    unsigned ranges = 0;
    while (ledger_head(copy.ledger)->number < ledger_head(realm.ledger)->number) {
        read_range(ledger_head(copy.ledger)->number + 1);
        struct block_range range = decoded();
        cr_assert_eq(check(&range), FINALITY_OK);
        import(&range);
        ranges++;
    }
    cr_expect_eq(ranges, 3);
    cr_expect_eq(read_part(1, 5), 1); /* the second has no FINALIZATION before 6 */
    cr_expect_eq(read_part(2, 4), 4);
    cr_expect_eq(decoded().proof.headers_count, 2);
    cr_expect_eq(ledger_epoch_record(copy.ledger)->epoch, 3);
    cr_expect(realm_is_same(&copy, &realm));
}

/* Of many certificates only those that keep a proof's length are sent; 128 blocks at most. */
Test(exchange, a_range_has_few_certificates)
{
    for (unsigned i = 0; i < 140; i++)
        settle(1);
    cr_expect_eq(read_range(1), RANGE_BLOCKS_MAX);
    struct block_range range = decoded();
    cr_expect_leq(range.finalizations_count, 1 + RANGE_BLOCKS_MAX / FINALITY_PROOF_HEADERS_MAX);
    cr_assert_eq(check(&range), FINALITY_OK);
    import(&range);
    cr_expect_eq(ledger_head(copy.ledger)->number, RANGE_BLOCKS_MAX);
    cr_expect_eq(read_range(RANGE_BLOCKS_MAX + 1), 12);
    range = decoded();
    cr_assert_eq(check(&range), FINALITY_OK);
    import(&range);
    cr_expect(realm_is_same(&copy, &realm));
}

/* 2 MB of blocks; where none of these has a certificate, headers lead to the one that has. */
Test(exchange, a_range_ends_when_it_is_full)
{
    const struct bytes data = {arena_alloc(&realm.arena, 120000), 120000};
    hash256 tip = ledger_head(realm.ledger)->hash;
    for (unsigned i = 0; i < 13; i++) {
        for (unsigned j = 0; j < 2; j++) {
            struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                                     .has_chain_id = true,
                                     .chain_id = ledger_chain_id(realm.ledger),
                                     .nonce = realm.poster_nonce++,
                                     .gas_limit = 5000000,
                                     .data = data};
            struct error error = {0};
            transaction_sign(&tx, &realm.poster, &realm.arena);
            cr_assert_eq(ledger_submit(realm.ledger, &tx, realm.now_ms, &error), POOL_OK, "%s",
                         error.text);
        }
        tip = realm_build(&realm, &tip);
    }
    realm_commit(&realm, &tip);
    const unsigned count = read_range(1);
    cr_expect_eq(count, 8);
    struct block_range range = decoded();
    cr_expect_eq(range.proof.headers_count, 6);
    cr_assert_eq(check(&range), FINALITY_OK);
    import(&range);
    cr_expect_eq(ledger_head(copy.ledger)->number, 0); /* proved, and not committed yet */
    cr_expect_eq(read_range(count + 1), 5);
    struct block_range rest = decoded();
    const struct signing_domain domain = ledger_signing_domain(copy.ledger);
    cr_assert_eq(block_range_check(&rest, FORK, &range.blocks[count - 1].hash, count, &domain,
                                   ledger_epoch_record(copy.ledger)),
                 FINALITY_OK);
    import(&rest);
    cr_expect(realm_is_same(&copy, &realm));
}

/* What a liar may send instead. */
Test(exchange, a_range_is_believed_only_as_far_as_it_proves)
{
    const unsigned next[] = {0};
    for (unsigned i = 0; i < 20; i++)
        settle(1);
    read_range(1);
    struct block_range range = decoded();
    cr_assert_eq(check(&range), FINALITY_OK);
    struct block_range bad = range;
    bad.count--;
    cr_expect_eq(check(&bad), FINALITY_WRONG_BLOCK);
    bad = range;
    bad.blocks++;
    bad.count--;
    cr_expect_eq(check(&bad), FINALITY_BROKEN_CHAIN);
    bad = range;
    bad.finalizations_count = 0;
    cr_expect_eq(check(&bad), FINALITY_GAP);
    bad = range;
    bad.finalizations[0].kind = MESSAGE_NOTARIZE;
    cr_expect_eq(check(&bad), FINALITY_BAD_SIGNATURE);
    bad.finalizations[0].kind = MESSAGE_FINALIZE;
    bad.finalizations[0].view++;
    cr_expect_eq(check(&bad), FINALITY_BAD_SIGNATURE);
    bad.finalizations[0].view--;
    bad.finalizations[0].block_hash.bytes[0] ^= 1;
    cr_expect_neq(check(&bad), FINALITY_OK);
    bad.finalizations[0].block_hash.bytes[0] ^= 1;
    cr_assert_eq(check(&range), FINALITY_OK);
    realm_seal(&realm, next, 1, QUORUM_BFT);
    settle(1);
    read_range(22);
    range = decoded();
    const hash256 parent = ledger_head(realm.ledger)->header.parent_hash;
    const struct signing_domain domain = ledger_signing_domain(copy.ledger);
    cr_expect_eq(
        block_range_check(&range, FORK, &parent, 21, &domain, ledger_epoch_record(copy.ledger)),
        FINALITY_WRONG_RECORD);
    cr_expect_eq(
        block_range_check(&range, FORK, &parent, 20, &domain, ledger_epoch_record(copy.ledger)),
        FINALITY_BROKEN_CHAIN);
}

/* Whatever byte is changed, nothing false is believed; a block's own parts are seen by validating.
 * And every other length is refused. */
Test(exchange, a_changed_range_is_refused)
{
    settle(1);
    settle(2);
    read_range(1);
    struct arena arena = {0};
    struct block_range range;
    const hash256 head = ledger_head(realm.ledger)->hash;
    for (size_t at = 0; at < bytes.size; at++) {
        bytes.data[at] ^= 0x41;
        if (block_range_decode(&range, FORK, buffer_view(&bytes), &arena)
            && check(&range) == FINALITY_OK)
            cr_expect(hash256_equal(&range.blocks[range.count - 1].hash, &head), "%zu", at);
        bytes.data[at] ^= 0x41;
        arena_reset(&arena);
    }
    for (size_t size = 0; size < bytes.size; size++)
        cr_expect(!block_range_decode(&range, FORK, bytes_of(bytes.data, size), &arena));
    buffer_append_u8(&bytes, 0);
    cr_expect(!block_range_decode(&range, FORK, buffer_view(&bytes), &arena));
    arena_cleanup(&arena);
}

/* Two stores settle the same blocks with FINALIZATIONs of different ones: the end of a range from
 * one of them is settled by a block that the range of the other has without its own. */
Test(exchange, what_settles_the_end_of_a_range_is_kept_until_its_block_comes)
{
    struct error error;
    enum block_verdict verdict;
    settle(3);
    read_range(1);
    struct block_range range = decoded();
    cr_assert(check(&range) == FINALITY_OK);
    const struct certificate last = range.proof.finalization;
    struct certificate later = last;
    later.view = last.view + 1;
    for (unsigned i = 0; i < range.count; i++)
        range.blocks[i].finalization = NULL;
    const unsigned before = range.count - 1;
    for (unsigned i = 0; i < before; i++)
        cr_assert(ledger_import(copy.ledger, copy.vm, &range.blocks[i], &verdict, &error));
    cr_expect_eq(ledger_head(copy.ledger)->number, 0);
    ledger_await(copy.ledger, &last);
    ledger_await(copy.ledger, &later); /* what settles sooner stays */
    cr_assert(ledger_import(copy.ledger, copy.vm, &range.blocks[before], &verdict, &error));
    cr_expect_eq(ledger_head(copy.ledger)->number, range.count);
    cr_expect_eq(ledger_head(copy.ledger)->view, last.view);
    cr_expect(realm_is_same(&copy, &realm));
}

Test(exchange, there_is_no_range_beyond_the_head)
{
    struct error error;
    unsigned count;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_expect(!view_range(view, 0, 9, &bytes, &count, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect(!view_range(view, 1, 9, &bytes, &count, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    ledger_view_close(view);
}

/* ---- Seals ----------------------------------------------------------------------------------- */

static unsigned read_links(uint64_t first_epoch, unsigned links_max)
{
    struct error error;
    unsigned count = 0;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    buffer_clear(&bytes);
    cr_assert(view_seal_chain(view, first_epoch, links_max, &bytes, &count, &error), "%s",
              error.text);
    ledger_view_close(view);
    return count;
}

static unsigned read_chain(uint64_t first_epoch)
{
    return read_links(first_epoch, 1000);
}

static struct seal_chain chain_from(const struct epoch_record *record)
{
    struct seal_chain chain;
    seal_chain_init(&chain, ledger_chain_id(copy.ledger), ledger_id(copy.ledger), FORK, record);
    return chain;
}

static bool is_newest(const struct seal_chain *chain)
{
    const hash256 known = epoch_record_hash(&chain->record);
    const hash256 newest = epoch_record_hash(ledger_epoch_record(realm.ledger));
    return hash256_equal(&known, &newest);
}

static void three_seals(void)
{
    const unsigned second[] = {3, 1}, third[] = {5}, fourth[] = {0, 1, 2, 3};
    realm_block(&realm);
    realm_seal(&realm, second, 2, QUORUM_BFT);
    realm_seal(&realm, third, 1, QUORUM_ALL);
    realm_block(&realm);
    realm_seal(&realm, fourth, 4, QUORUM_CRASH);
}

/* From the genesis, from the middle, and again with links that are known. */
Test(exchange, seals_lead_to_the_newest_record)
{
    const struct epoch_record first = *ledger_epoch_record(copy.ledger);
    struct seal_chain chain = chain_from(&first);
    cr_expect_eq(read_chain(1), 0);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect(is_newest(&chain));
    three_seals();
    cr_expect_eq(read_chain(1), 3);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect(is_newest(&chain));
    cr_expect_eq(chain.record.epoch, 4);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect_eq(chain.record.epoch, 4);
    cr_expect_eq(read_links(1, 2), 2);

    const unsigned fifth[] = {4};
    realm_seal(&realm, fifth, 1, QUORUM_BFT);
    cr_expect_eq(read_chain(4), 1);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect(is_newest(&chain));

    struct seal_chain late = chain_from(&first);
    cr_expect_eq(seal_chain_follow(&late, buffer_view(&bytes)), FINALITY_WRONG_EPOCH);
    cr_expect_eq(late.record.epoch, 1);
    seal_chain_cleanup(&late);
    seal_chain_cleanup(&chain);
}

static struct seal_link first_link(struct arena *arena)
{
    struct seal_link link;
    struct rlp_reader in = rlp_reader_over(buffer_view(&bytes));
    struct rlp_reader list = rlp_list(&in);
    rlp_u64(&list);
    rlp_u64(&list);
    struct rlp_reader links = rlp_list(&list);
    cr_assert(seal_link_decode(&link, FORK, rlp_item(&links), arena));
    return link;
}

static enum finality_verdict verdict_on(const struct seal_link *link)
{
    struct epoch_record next;
    const struct signing_domain domain = ledger_signing_domain(copy.ledger);
    return seal_link_check(link, ledger_epoch_record(copy.ledger), &domain, &copy.arena, &next);
}

Test(exchange, a_link_is_believed_only_as_far_as_it_proves)
{
    three_seals();
    read_chain(1);
    const struct seal_link good = first_link(&copy.arena);
    cr_expect_eq(verdict_on(&good), FINALITY_OK);
    struct seal_link bad = good;
    bad.requests.data[REQUEST_WITHDRAWALS] = bytes_of("\xc1\x80", 2);
    cr_expect_eq(verdict_on(&bad), FINALITY_WRONG_REQUESTS);
    bad = good;
    bad.requests.data[REQUEST_CONSOLIDATIONS].size--;
    cr_expect_eq(verdict_on(&bad), FINALITY_WRONG_REQUESTS);
    bad = good;
    bad.proof.finalization.signatures[0].bytes[9] ^= 1;
    cr_expect_eq(verdict_on(&bad), FINALITY_BAD_SIGNATURE);
    bad.proof.finalization.signatures[0].bytes[9] ^= 1;
    bad.proof.headers_count = 2;
    cr_expect_eq(verdict_on(&bad), FINALITY_NO_SEAL);

    /* A block that is final and no seal. */
    struct error error;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    bad = (struct seal_link){.supply = good.supply};
    cr_assert(view_finality_proof(view, 1, &copy.arena, &bad.proof, &error));
    cr_expect_eq(verdict_on(&bad), FINALITY_NO_SEAL);
    ledger_view_close(view);
}

/* The totals are a claim, which the next block that is proved confirms. */
Test(exchange, wrong_totals_make_a_record_that_no_block_names)
{
    three_seals();
    read_chain(1);
    struct seal_link link = first_link(&copy.arena);
    link.supply.burnt = u256_from_u64(1);
    struct epoch_record next;
    const struct signing_domain domain = ledger_signing_domain(copy.ledger);
    cr_assert_eq(
        seal_link_check(&link, ledger_epoch_record(copy.ledger), &domain, &copy.arena, &next),
        FINALITY_OK);
    read_chain(2);
    struct seal_chain chain = chain_from(&next);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_WRONG_RECORD);
    seal_chain_cleanup(&chain);
}

/* What the first so many links lead to, with other totals in the last. */
static void invent_totals(unsigned links_max)
{
    cr_assert_eq(read_links(1, links_max), links_max);
    bytes.data[bytes.size - 1] ^= 1; /* destroyed: none, or one wei */
    if (bytes.data[bytes.size - 1] == 0x81)
        bytes.data[bytes.size - 1] = 1;
}

/* So another's link takes the place of one with invented totals, also with others behind it. */
Test(exchange, invented_totals_stay_only_until_somebody_else_answers)
{
    const struct epoch_record first = *ledger_epoch_record(copy.ledger);
    three_seals();
    struct seal_chain chain = chain_from(&first);
    invent_totals(3);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect_eq(chain.record.epoch, 4);
    cr_expect_eq(chain.confirmed.epoch, 3);
    cr_expect_not(is_newest(&chain));
    read_chain(3);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect(is_newest(&chain));
    seal_chain_cleanup(&chain);

    chain = chain_from(&first);
    invent_totals(2);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    read_chain(chain.confirmed.epoch);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect(is_newest(&chain));
    struct buffer links = {0};
    buffer_append_bytes(&links, buffer_view(&chain.links));
    read_chain(1);
    seal_chain_cleanup(&chain);
    chain = chain_from(&first);
    cr_expect_eq(seal_chain_follow(&chain, buffer_view(&bytes)), FINALITY_OK);
    cr_expect(bytes_equal(buffer_view(&links), buffer_view(&chain.links)), "nothing false is kept");
    seal_chain_cleanup(&chain);
    buffer_cleanup(&links);
}

/* Whatever byte is changed, the chain leads to the same record or stops before it. */
Test(exchange, a_changed_chain_leads_nowhere_else)
{
    three_seals();
    cr_expect_eq(read_chain(1), 3);
    const struct epoch_record *first = ledger_epoch_record(copy.ledger);
    for (size_t at = 0; at < bytes.size; at++) {
        struct seal_chain chain = chain_from(first);
        bytes.data[at] ^= 0x41;
        seal_chain_follow(&chain, buffer_view(&bytes));
        /* Only the totals after the last seal have nothing behind them. */
        cr_expect(chain.record.epoch < 4 || at + 12 > bytes.size, "%zu", at);
        bytes.data[at] ^= 0x41;
        seal_chain_cleanup(&chain);
    }
    for (size_t size = 0; size < bytes.size; size++) {
        struct seal_chain chain = chain_from(first);
        cr_expect_neq(seal_chain_follow(&chain, bytes_of(bytes.data, size)), FINALITY_OK);
        seal_chain_cleanup(&chain);
    }
}

Test(exchange, there_is_no_chain_of_epochs_to_come)
{
    struct error error;
    unsigned count;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_expect(!view_seal_chain(view, 0, 9, &bytes, &count, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect(!view_seal_chain(view, 2, 9, &bytes, &count, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    ledger_view_close(view);
}
