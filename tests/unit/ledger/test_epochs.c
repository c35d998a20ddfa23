/* Epochs: a seal decides the next committee, and everything that follows stands under it. */
#include <criterion/criterion.h>

#include "ledger/chain/seal.h"
#include "ledger/export.h"
#include "ledger/inside.h"
#include "tests/unit/ledger/realm.h"

static struct realm realm;

static void start(void)
{
    realm_start(&realm, 3, QUORUM_BFT);
}

static void stop(void)
{
    realm_cleanup(&realm);
}

TestSuite(epochs, .init = start, .fini = stop, .timeout = 120);

static void expect_sound(struct ledger *ledger)
{
    struct buffer report = {0};
    struct error error;
    cr_expect(ledger_check(ledger, realm.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

static void expect_proof(uint64_t height, unsigned headers)
{
    struct error error;
    struct finality_proof proof;
    const struct epoch_record *record;
    struct signing_domain domain;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_finality_proof(view, height, &realm.arena, &proof, &error), "%s", error.text);
    cr_assert(view_epoch(view, height, &record, &domain, &error), "%s", error.text);
    cr_expect_eq(proof.headers_count, headers);
    cr_expect_eq(finality_proof_check(&proof, &domain, record), FINALITY_OK);
    ledger_view_close(view);
}

/* The record follows from the seal, the next block names it, and its committee leads from view 1. */
Test(epochs, a_seal_brings_the_next_committee)
{
    const unsigned next[] = {4, 1, 3, 5};
    realm_block(&realm);
    const hash256 before = epoch_record_hash(ledger_epoch_record(realm.ledger));
    const hash256 seal = realm_seal(&realm, next, 4, QUORUM_CRASH);
    const struct epoch_record *record = ledger_epoch_record(realm.ledger);
    const struct ledger_head *head = ledger_head(realm.ledger);
    cr_expect_eq(record->epoch, 2);
    cr_expect_eq(record->first_height, 3);
    cr_expect(hash256_equal(&record->previous, &before));
    cr_expect(hash256_equal(&record->seal, &seal));
    cr_expect_eq(record->mode, QUORUM_CRASH);
    cr_expect_eq(record->quorum, 3);
    cr_expect_eq(record->committee_size, 4);
    cr_expect(u256_equal(&record->supply.issued, &realm.coin.amount_wei));
    cr_expect_eq(head->number, 2);
    cr_expect_eq(head->view, 0);
    cr_expect(hash256_equal(&head->header.parent_beacon_block_root, &before));

    realm_block(&realm);
    const hash256 hash = epoch_record_hash(record);
    cr_expect_eq(head->number, 3);
    cr_expect_eq(head->view, 1);
    cr_expect(hash256_equal(&head->header.parent_beacon_block_root, &hash));
    for (uint64_t height = 1; height <= 3; height++)
        expect_proof(height, 1);
    expect_sound(realm.ledger);
    realm_reopen(&realm);
    cr_expect_eq(ledger_epoch_record(realm.ledger)->epoch, 2);
    cr_expect_eq(ledger_head(realm.ledger)->view, 1);
    realm_block(&realm);
    expect_sound(realm.ledger);
}

/* Closed right after the seal, it opens in the next epoch. */
Test(epochs, a_ledger_opens_at_a_seal)
{
    const unsigned next[] = {0, 5};
    realm_seal(&realm, next, 2, QUORUM_ALL);
    realm_reopen(&realm);
    cr_expect_eq(ledger_epoch_record(realm.ledger)->committee_size, 2);
    cr_expect_eq(ledger_head(realm.ledger)->view, 0);
    expect_sound(realm.ledger);
    realm_block(&realm);
    expect_sound(realm.ledger);
}

/* Who stays goes on in the chain of reveals, also when at another place; used links are public. */
Test(epochs, who_stays_goes_on_with_the_same_chain)
{
    const unsigned next[] = {3, 2, 1};
    for (unsigned i = 0; i < 6; i++)
        realm_block(&realm);
    struct reveal_progress before[3], after;
    const hash256 parent = ledger_head(realm.ledger)->hash;
    for (unsigned i = 0; i < 3; i++)
        cr_assert(ledger_reveal_progress(realm.ledger, &parent, i, &before[i]));
    const hash256 seal = realm_seal(&realm, next, 3, QUORUM_BFT);
    cr_assert(ledger_reveal_progress(realm.ledger, &seal, 0, &after));
    cr_expect_eq(after.used, 0);
    for (unsigned i = 1; i < 3; i++) {
        cr_assert(ledger_reveal_progress(realm.ledger, &seal, i, &after));
        cr_expect_geq(after.used, before[next[i]].used);
        cr_expect_gt(after.used, 0);
    }
    for (unsigned i = 0; i < 6; i++)
        realm_block(&realm);
    expect_sound(realm.ledger);
}

/* Nothing stands on a seal before it is final: not in its epoch, not yet in the next. */
Test(epochs, nothing_stands_on_a_seal_in_its_epoch)
{
    const unsigned members[] = {0, 1};
    const struct epoch_record next = realm_next(&realm, members, 2, QUORUM_BFT);
    realm_post(&realm, &next);
    const hash256 seal = realm_build(&realm, &ledger_head(realm.ledger)->hash);
    const struct build_request request = realm_request(&realm, &seal);
    struct error error;
    hash256 hash;
    cr_expect(!ledger_build(realm.ledger, realm.vm, &request, &hash, &error));
    cr_expect_eq(error.code, ERROR_INVALID, "%s", error.text);

    /* A block after the seal, as the next epoch makes it and as one of the old epoch would be. */
    struct realm copy;
    realm_start_copy(&copy, &realm);
    realm_post(&copy, &next);
    const hash256 same = realm_build(&copy, &ledger_head(copy.ledger)->hash);
    cr_assert(hash256_equal(&same, &seal));
    realm_commit(&copy, &seal);
    const hash256 child = realm_build(&copy, &seal);
    struct bytes container = ledger_container(copy.ledger, &child, &copy.arena);
    enum block_verdict verdict;
    cr_assert(ledger_validate(realm.ledger, realm.vm, container, &verdict, &hash, &error));
    cr_expect_eq(verdict, BLOCK_UNKNOWN_PARENT);

    struct block block;
    struct buffer old = {0};
    cr_assert_eq(block_container_decode(&block, VM_FORK_PRAGUE, container, &copy.arena), BLOCK_OK);
    block.header.parent_beacon_block_root = epoch_record_hash(ledger_epoch_record(realm.ledger));
    block_container_encode(&block, VM_FORK_PRAGUE, &old);
    cr_assert(ledger_validate(realm.ledger, realm.vm, buffer_view(&old), &verdict, &hash, &error));
    cr_expect_eq(verdict, BLOCK_BAD_EPOCH_RECORD);

    realm.view--;
    realm_commit(&realm, &seal);
    cr_assert(ledger_validate(realm.ledger, realm.vm, container, &verdict, &hash, &error));
    cr_expect_eq(verdict, BLOCK_OK, "%s", block_verdict_text(verdict));
    cr_assert(ledger_validate(realm.ledger, realm.vm, buffer_view(&old), &verdict, &hash, &error));
    cr_expect_eq(verdict, BLOCK_BAD_EPOCH_RECORD);
    buffer_cleanup(&old);
    realm_cleanup(&copy);
}

/* A chain of four committees, followed block by block by somebody else. */
Test(epochs, a_follower_crosses_seals)
{
    static const struct {
        unsigned members[4], count;
    } epochs[] = {{{0, 1, 2, 3}, 4}, {{5}, 1}, {{3, 4, 5}, 3}};
    struct realm copy;
    struct error error;
    realm_start_copy(&copy, &realm);
    for (size_t i = 0; i < 3; i++) {
        realm_block(&realm);
        realm_seal(&realm, epochs[i].members, epochs[i].count, QUORUM_BFT);
        realm_block(&realm);
    }
    const hash256 first = realm_build(&realm, &ledger_head(realm.ledger)->hash);
    const hash256 second = realm_build(&realm, &first);
    realm_commit(&realm, &second);
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    for (uint64_t height = 1; height <= view_head(view); height++) {
        struct certificate finalization;
        struct header header;
        hash256 hash, found;
        bool has_own;
        enum block_verdict verdict;
        cr_assert(view_header(view, height, &header, &hash, &error));
        const struct bytes container = ledger_container(realm.ledger, &hash, &realm.arena);
        cr_assert(ledger_validate(copy.ledger, copy.vm, container, &verdict, &found, &error));
        cr_assert_eq(verdict, BLOCK_OK, "%s", block_verdict_text(verdict));
        cr_assert(view_finalization(view, height, &realm.arena, &finalization, &has_own, &error));
        if (!has_own)
            continue;
        const struct signing_domain domain = ledger_signing_domain(copy.ledger);
        cr_assert_eq(certificate_check(&finalization, &domain, ledger_epoch_record(copy.ledger)),
                     FINALITY_OK);
        cr_assert(ledger_commit(copy.ledger, &hash, &finalization, &error), "%s", error.text);
    }
    ledger_view_close(view);
    cr_expect(hash256_equal(&ledger_head(copy.ledger)->hash, &ledger_head(realm.ledger)->hash));
    cr_expect_eq(ledger_epoch_record(copy.ledger)->epoch, 4);
    expect_sound(copy.ledger);
    expect_sound(realm.ledger);
    realm_cleanup(&copy);
}

/* A view shows each height's committee, and stays in the epoch it was opened in. */
Test(epochs, views_know_the_epoch_of_each_height)
{
    const unsigned second[] = {1, 2}, third[] = {4};
    const struct epoch_record *record;
    struct signing_domain domain;
    struct error error;
    struct ledger_view *early = ledger_view_open(realm.ledger, &error);
    realm_block(&realm);
    realm_seal(&realm, second, 2, QUORUM_BFT); /* 2 */
    realm_block(&realm);
    realm_seal(&realm, third, 1, QUORUM_BFT); /* 4 */
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    static const unsigned sizes[] = {3, 3, 3, 2, 2, 1};
    for (uint64_t height = 0; height <= 5; height++) {
        cr_assert(view_epoch(view, height, &record, &domain, &error), "%s", error.text);
        cr_expect_eq(record->committee_size, sizes[height], "at %d", (int)height);
        cr_expect_eq(domain.epoch, record->epoch);
    }
    cr_expect(!view_epoch(view, 6, &record, &domain, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_assert(view_epoch(early, 1, &record, &domain, &error));
    cr_expect_eq(record->committee_size, 3);
    cr_expect(!view_epoch(early, 2, &record, &domain, &error));
    struct block_environment environment;
    cr_assert(view_environment_pending(view, realm.now_ms, &environment, &error));
    cr_expect(address_equal(&environment.beneficiary, &realm.members[4].entry.payout));
    ledger_view_close(view);
    ledger_view_close(early);
}

static struct block_facts facts_of(const hash256 *hash)
{
    struct block_facts facts;
    struct error error;
    cr_assert(ledger_block_facts(realm.ledger, hash, &facts, &error), "%s", error.text);
    return facts;
}

static struct block_facts facts_inside(struct ledger *ledger, const hash256 *hash,
                                       enum block_verdict expected)
{
    struct block_facts facts;
    const struct bytes container = ledger_container(realm.ledger, hash, &realm.arena);
    cr_expect_eq(ledger_container_facts(ledger, container, &facts), expected);
    cr_expect(hash256_equal(&facts.hash, hash));
    return facts;
}

Test(epochs, facts_of_a_block_are_the_same_everywhere)
{
    const unsigned members[] = {3};
    struct realm copy;
    realm_start_copy(&copy, &realm);
    const hash256 first = realm_build(&realm, ledger_id(realm.ledger));
    cr_expect(!facts_of(&first).is_seal);
    cr_expect_eq(facts_of(&first).epoch, 1);
    cr_expect_eq(facts_of(&first).view, 1);
    const struct epoch_record next = realm_next(&realm, members, 1, QUORUM_BFT);
    realm_post(&realm, &next);
    const hash256 seal = realm_build(&realm, &first);
    const struct block_facts above = facts_of(&seal);
    const struct block_facts inside = facts_inside(copy.ledger, &seal, BLOCK_OK);
    realm_commit(&realm, &seal);
    const struct block_facts stored = facts_of(&seal);
    const struct block_facts *all[] = {&above, &inside, &stored};
    for (unsigned i = 0; i < 3; i++) {
        cr_expect(all[i]->is_seal, "%u", i);
        cr_expect_eq(all[i]->height, 2);
        cr_expect_eq(all[i]->epoch, 1);
        cr_expect_eq(all[i]->view, 2);
        cr_expect_eq(all[i]->time_ms, header_time_ms(&ledger_head(realm.ledger)->header));
        cr_expect(hash256_equal(&all[i]->parent, &first));
    }
    cr_expect(!facts_of(&first).is_seal);
    const hash256 third = realm_block(&realm);
    cr_expect_eq(facts_of(&third).epoch, 2);
    cr_expect_eq(facts_of(&third).view, 1);
    cr_expect(!facts_of(&third).is_seal);
    facts_inside(copy.ledger, &third, BLOCK_BAD_EPOCH_RECORD);
    const struct block_facts zero = facts_of(ledger_id(realm.ledger));
    cr_expect(zero.epoch == 0 && zero.view == 0 && !zero.is_seal);
    const hash256 unknown = {{1}};
    struct block_facts facts;
    struct error error;
    cr_expect(!ledger_block_facts(realm.ledger, &unknown, &facts, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    realm_cleanup(&copy);
}

/* Once the epoch is over, one more FINALIZATION of its seal changes nothing; in the next epoch
 * the seal may be proposed again, which moves the view and leaves what settled it. */
Test(epochs, a_seal_may_be_finalized_again)
{
    const unsigned next[] = {0, 1};
    realm_block(&realm);
    const hash256 parent = ledger_head(realm.ledger)->hash;
    const struct epoch_record record = realm_next(&realm, next, 2, QUORUM_BFT);
    realm_post(&realm, &record);
    const hash256 seal = realm_build(&realm, &parent);
    const struct certificate late = realm_certify(&realm, &seal, realm.view + 3);
    struct error error;
    realm_commit(&realm, &seal);
    cr_expect(ledger_commit(realm.ledger, &seal, &late, &error), "%s", error.text);
    cr_expect_eq(ledger_head(realm.ledger)->view, 0);
    realm.view = 4;
    realm_commit(&realm, &seal);
    cr_expect_eq(ledger_head(realm.ledger)->view, 4);
    realm_reopen(&realm);
    cr_expect_eq(ledger_head(realm.ledger)->view, 4);
    expect_proof(2, 1);
    expect_sound(realm.ledger);
    realm_block(&realm);
    cr_expect_eq(ledger_head(realm.ledger)->view, 5);
    expect_sound(realm.ledger);
}

/* Parameters and fork hold from the epoch's first block on. */
Test(epochs, parameters_and_fork_change_with_the_epoch)
{
    const unsigned members[] = {0, 1, 2};
    struct epoch_record next = realm_next(&realm, members, 3, QUORUM_BFT);
    next.fork = VM_FORK_OSAKA;
    next.parameters.gas_limit = 20000000;
    next.parameters.tail = 2;
    realm_block(&realm);
    realm_post(&realm, &next);
    realm_block(&realm);
    cr_expect_eq(ledger_head(realm.ledger)->header.gas_limit, realm.genesis.parameters.gas_limit);
    realm_block(&realm);
    cr_expect_eq(ledger_head(realm.ledger)->header.gas_limit, 20000000);
    struct error error;
    struct block_environment environment;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_environment(view, 2, &environment, &error));
    cr_expect_eq(environment.fork, VM_FORK_PRAGUE);
    cr_assert(view_environment(view, 3, &environment, &error));
    cr_expect_eq(environment.fork, VM_FORK_OSAKA);
    uint64_t replayable;
    cr_assert(export_replayable(view, &replayable, &error));
    cr_expect_eq(replayable, 2);
    ledger_view_close(view);
    expect_sound(realm.ledger);
}

/* What decides nothing makes no seal and stops nobody. */
Test(epochs, malformed_content_decides_nothing)
{
    const unsigned members[] = {0};
    const struct epoch_record next = realm_next(&realm, members, 1, QUORUM_BFT);
    struct buffer entries = {0}, twice = {0};
    seal_encode(&next, &entries);
    struct rlp_reader in = rlp_reader_over(buffer_view(&entries));
    struct rlp_reader list = rlp_list(&in);
    const struct bytes plan = rlp_string(&list);
    const size_t open = rlp_open_list(&twice);
    rlp_put_string(&twice, plan);
    rlp_close_list(&twice, open);
    realm_post_entries(&realm, buffer_view(&twice)); /* without its members */
    realm_block(&realm);
    cr_expect_eq(ledger_epoch_record(realm.ledger)->epoch, 1);
    realm_post(&realm, &next); /* two in one block */
    realm_post(&realm, &next);
    realm_block(&realm);
    cr_expect_eq(ledger_epoch_record(realm.ledger)->epoch, 1);
    realm_seal(&realm, members, 1, QUORUM_BFT);
    realm_block(&realm);
    expect_sound(realm.ledger);
    buffer_cleanup(&twice);
    buffer_cleanup(&entries);
}

/* The program stops before what it does not know. */
Test(epochs, an_unknown_protocol_version_needs_a_newer_program)
{
    const unsigned members[] = {0, 1, 2};
    struct epoch_record next = realm_next(&realm, members, 3, QUORUM_BFT);
    next.protocol_version = PROTOCOL_VERSION + 1;
    realm_post(&realm, &next);
    const struct build_request request = realm_request(&realm, &ledger_head(realm.ledger)->hash);
    struct error error;
    hash256 hash;
    cr_expect(!ledger_build(realm.ledger, realm.vm, &request, &hash, &error));
    cr_expect_eq(error.code, ERROR_VERSION, "%s", error.text);
    cr_expect(strstr(error.text, "needs a newer lnode") != NULL);
}

/* Between the batch that holds a seal and the switch to its epoch a reader may come: what the store
 * says counts. */
Test(epochs, a_view_opened_while_a_seal_is_committed_is_of_the_next_epoch)
{
    const unsigned next[] = {4};
    realm_seal(&realm, next, 1, QUORUM_BFT);
    struct error error;
    struct epoch *entered = realm.ledger->epoch;
    realm.ledger->epoch =
        epoch_load(realm.ledger, (struct store_at){realm.ledger->store, NULL}, 1, &error);
    cr_assert_not_null(realm.ledger->epoch);
    ledger_forget_moment(realm.ledger);
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert_not_null(view, "%s", error.text);
    const struct epoch_record *record;
    struct signing_domain domain;
    cr_assert(view_epoch(view, view_head(view) + 1, &record, &domain, &error));
    cr_expect_eq(record->epoch, 2);
    cr_assert(view_epoch(view, view_head(view), &record, &domain, &error));
    cr_expect_eq(record->epoch, 1);
    ledger_view_close(view);
    epoch_release(realm.ledger->epoch);
    realm.ledger->epoch = entered;
}

/* The block to come is one of the next epoch. */
Test(epochs, a_preview_on_a_seal_is_of_the_next_epoch)
{
    const unsigned next[] = {4};
    realm_seal(&realm, next, 1, QUORUM_BFT);
    struct error error;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    struct preview *preview =
        preview_new(view, realm.vm, NULL, 0, realm.now_ms + 1000, NULL, NULL, &error);
    cr_assert_not_null(preview, "%s", error.text);
    const struct header *header = &preview_block(preview)->header;
    const hash256 record = epoch_record_hash(ledger_epoch_record(realm.ledger));
    cr_expect(hash256_equal(&header->parent_beacon_block_root, &record));
    cr_expect(address_equal(&header->beneficiary, &realm.members[4].entry.payout));
    preview_free(preview);
    ledger_view_close(view);
}

/* Damage of a record, and a head in another epoch than its block's, is found. */
Test(epochs, damage_of_records_is_found)
{
    const unsigned next[] = {0, 1};
    realm_block(&realm);
    realm_seal(&realm, next, 2, QUORUM_BFT);
    realm_block(&realm);
    struct error error;
    struct buffer report = {0};
    struct epoch_record record;
    cr_assert(record_load_epoch((struct store_at){realm.ledger->store, NULL}, 2, &record,
                                &realm.arena, &error));
    record.supply.burnt = u256_from_u64(1);
    struct store_batch *batch = store_batch_new();
    record_put_epoch(batch, &record);
    cr_assert(store_write(realm.ledger->store, batch, &error));
    store_batch_free(batch);
    cr_expect(
        ledger_check(realm.ledger, NULL, &report, &error)); /* the open epoch is the old one */
    ledger_close(realm.ledger);
    const struct ledger_options options = {.pool = pool_limits_default()};
    cr_expect_null(ledger_open(realm.directory, &options, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT, "%s", error.text);
    realm.ledger = NULL;
    buffer_cleanup(&report);
}
