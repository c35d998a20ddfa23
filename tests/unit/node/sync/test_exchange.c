/* Two real ledgers, one of which catches up: the machines, the codec, the ledger's jobs. */
#include "node/sync/exchange.h"

#include <criterion/criterion.h>

#include "tests/unit/ledger/realm.h"

static struct realm realm, copy;
static struct block_sync *sync;
static uint64_t now_ms;
static unsigned faults, liar, imports; /* `liar` changes a byte of what it sends */
static size_t liar_at;

#define NO_LIAR UINT32_MAX

static void start(void)
{
    realm_start(&realm, 3, QUORUM_BFT);
    realm_start_copy(&copy, &realm);
    sync = block_sync_new(0, ledger_id(realm.ledger));
    now_ms = 1000;
    liar = NO_LIAR;
}

static void stop(void)
{
    block_sync_free(sync);
    realm_cleanup(&copy);
    realm_cleanup(&realm);
}

TestSuite(sync_exchange, .init = start, .fini = stop, .timeout = 240);

/* `count` blocks that the last one's FINALIZATION settles. */
static void settle(unsigned count)
{
    hash256 tip = ledger_head(realm.ledger)->hash;
    for (unsigned i = 0; i < count; i++)
        tip = realm_build(&realm, &tip);
    realm_commit(&realm, &tip);
}

static void answer_of(const struct sync_message *request, struct buffer *wire)
{
    struct error error;
    struct buffer sent = {0};
    struct sync_message received;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    sync_message_encode(request, &sent);
    cr_assert(sync_message_decode(&received, buffer_view(&sent)));
    cr_assert(exchange_answer(view, &received, wire, &error), "%s", error.text);
    ledger_view_close(view);
    buffer_cleanup(&sent);
}

static void serve(const struct block_sync_action *action)
{
    struct buffer wire = {0};
    struct sync_message message = {.kind = SYNC_GET_RANGE,
                                   .get_span = {action->first, action->count}};
    answer_of(&message, &wire);
    if (action->peer == liar)
        wire.data[wire.size > 11 ? 11 + liar_at % (wire.size - 11) : 0] ^= 1;
    if (sync_message_decode(&message, buffer_view(&wire)))
        block_sync_on_range(sync, action->peer, &message.span, buffer_view(&wire), now_ms);
    buffer_cleanup(&wire);
}

static void verify(const struct block_sync_action *action)
{
    struct arena arena = {0};
    struct error error;
    struct checked_range range;
    enum range_verdict verdict;
    cr_assert(exchange_verify_range(copy.ledger, action, &arena, &verdict, &range, &error), "%s",
              error.text);
    block_sync_on_verified(sync, action->range, verdict, &range.parent, range.hashes, now_ms);
    arena_cleanup(&arena);
}

static void import(const struct block_sync_action *action)
{
    struct error error = {0};
    enum import_verdict verdict;
    cr_assert(exchange_import_range(copy.ledger, copy.vm, action, &verdict, &error), "%s",
              error.text);
    cr_assert_neq(verdict, IMPORT_DIVERGED, "%s", error.text);
    block_sync_on_imported(sync, action->range, verdict, now_ms);
    imports++;
}

static void run(void)
{
    struct block_sync_action action, requests[BLOCK_SYNC_OPEN_MAX];
    while (block_sync_height(sync) < ledger_head(realm.ledger)->number && now_ms < 1000000) {
        unsigned count = 0;
        while (block_sync_take(sync, now_ms, &action)) {
            switch (action.kind) {
            case BLOCK_SYNC_REQUEST: requests[count++] = action; break;
            case BLOCK_SYNC_VERIFY: verify(&action); break;
            case BLOCK_SYNC_IMPORT: import(&action); break;
            case BLOCK_SYNC_FAULT:
                cr_expect_eq(action.peer, liar);
                faults++;
                break;
            case BLOCK_SYNC_SYNCED: break;
            case BLOCK_SYNC_DIVERGED: cr_assert_fail("diverged at %lu", action.first);
            }
        }
        while (count > 0) /* the highest first */
            serve(&requests[--count]);
        now_ms += 1000;
    }
}

static void connect(unsigned peers)
{
    for (unsigned peer = 0; peer < peers; peer++)
        block_sync_on_peer(sync, peer, 1, ledger_head(realm.ledger)->number, now_ms);
    block_sync_on_target(sync, &ledger_head(realm.ledger)->hash, now_ms);
    now_ms += BLOCK_SYNC_GRACE_MS;
}

Test(sync_exchange, brings_a_ledger_through_three_epochs_to_the_same_head)
{
    const unsigned second[] = {3, 1}, third[] = {5, 4, 3, 0};
    for (unsigned i = 0; i < 70; i++)
        settle(1 + i % 3);
    realm_seal(&realm, second, 2, QUORUM_BFT);
    for (unsigned i = 0; i < 10; i++)
        settle(16);
    realm_seal(&realm, third, 4, QUORUM_BFT);
    settle(2);
    connect(2);
    run();
    cr_expect_eq(ledger_head(copy.ledger)->number, ledger_head(realm.ledger)->number);
    cr_expect_eq(ledger_epoch_record(copy.ledger)->epoch, 3);
    cr_expect_geq(imports, 4);
    cr_expect_eq(faults, 0);
    cr_expect(realm_is_same(&copy, &realm));
}

/* Wherever the byte is: an answer that is not the one is told, and the other peer's is taken. */
Test(sync_exchange, no_changed_byte_gets_in)
{
    for (unsigned i = 0; i < 6; i++)
        settle(2);
    liar = 0;
    for (unsigned i = 0; i < 60; i++) {
        realm_cleanup(&copy);
        realm_start_copy(&copy, &realm);
        block_sync_free(sync);
        sync = block_sync_new(0, ledger_id(realm.ledger));
        liar_at = i * 997;
        faults = 0;
        now_ms = 1000;
        block_sync_on_peer(sync, 0, 1, ledger_head(realm.ledger)->number, now_ms);
        block_sync_on_target(sync, &ledger_head(realm.ledger)->hash, now_ms);
        now_ms += BLOCK_SYNC_GRACE_MS;
        struct block_sync_action action;
        while (faults == 0 && block_sync_take(sync, now_ms, &action)) {
            if (action.kind == BLOCK_SYNC_REQUEST)
                serve(&action);
            else if (action.kind == BLOCK_SYNC_VERIFY)
                verify(&action);
            else if (action.kind == BLOCK_SYNC_IMPORT)
                import(&action);
            else
                faults += action.kind == BLOCK_SYNC_FAULT;
        }
        cr_expect_eq(faults, 1, "byte %zu", liar_at);
        cr_expect_lt(ledger_head(copy.ledger)->number, ledger_head(realm.ledger)->number);
    }
    liar = NO_LIAR;
    block_sync_free(sync);
    sync = block_sync_new(ledger_head(copy.ledger)->number, &ledger_head(copy.ledger)->hash);
    now_ms = 1000;
    connect(1);
    run();
    cr_expect(realm_is_same(&copy, &realm));
}

Test(sync_exchange, says_where_there_is_nothing)
{
    struct buffer wire = {0};
    struct sync_message message = {.kind = SYNC_GET_RANGE, .get_span = {5, 3}};
    settle(4);
    answer_of(&message, &wire);
    cr_assert(sync_message_decode(&message, buffer_view(&wire)));
    cr_expect_eq(message.kind, SYNC_RANGE);
    cr_expect_eq(message.span.first, 5);
    cr_expect_eq(message.span.count, 0);
    for (uint64_t epoch = 1; epoch <= 9; epoch += 8) {
        buffer_clear(&wire);
        message = (struct sync_message){.kind = SYNC_GET_SEALS, .get_span = {epoch, 3}};
        answer_of(&message, &wire);
        cr_assert(sync_message_decode(&message, buffer_view(&wire)));
        cr_expect_eq(message.kind, SYNC_SEALS);
        cr_expect_eq(message.span.count, 0, "epoch %lu", epoch);
    }
    buffer_cleanup(&wire);
}

/* The job passes over what the ledger has by now. */
Test(sync_exchange, imports_what_others_imported_in_the_meantime)
{
    struct buffer wire = {0};
    struct error error;
    enum import_verdict verdict;
    settle(1);
    settle(4);
    struct sync_message message = {.kind = SYNC_GET_RANGE, .get_span = {1, 5}};
    answer_of(&message, &wire);
    const struct block_sync_action job = {
        .kind = BLOCK_SYNC_IMPORT, .first = 1, .count = 5, .answer = buffer_view(&wire)};
    struct buffer first = {0};
    message.get_span.count = 1;
    message.kind = SYNC_GET_RANGE;
    message.get_span.first = 1;
    answer_of(&message, &first);
    const struct block_sync_action other = {
        .kind = BLOCK_SYNC_IMPORT, .first = 1, .count = 1, .answer = buffer_view(&first)};
    cr_assert(exchange_import_range(copy.ledger, copy.vm, &other, &verdict, &error));
    cr_assert_eq(ledger_head(copy.ledger)->number, 1);
    for (unsigned i = 0; i < 2; i++) {
        cr_assert(exchange_import_range(copy.ledger, copy.vm, &job, &verdict, &error), "%s",
                  error.text);
        cr_expect_eq(verdict, IMPORT_DONE);
    }
    cr_expect(realm_is_same(&copy, &realm));
    buffer_cleanup(&first);
    buffer_cleanup(&wire);
}

/* By the record of its own epoch, although the ledger is in the next one by now. */
Test(sync_exchange, judges_a_range_that_the_ledger_has_passed)
{
    const unsigned second[] = {3, 1};
    struct buffer wire = {0};
    struct arena arena = {0};
    struct error error;
    struct checked_range range;
    enum range_verdict verdict;
    settle(3);
    realm_seal(&realm, second, 2, QUORUM_BFT);
    settle(2);
    connect(1);
    run();
    cr_assert_eq(ledger_epoch_record(copy.ledger)->epoch, 2);
    struct sync_message message = {.kind = SYNC_GET_RANGE, .get_span = {2, 2}};
    answer_of(&message, &wire);
    const struct block_sync_action job = {
        .kind = BLOCK_SYNC_VERIFY, .first = 2, .count = 2, .answer = buffer_view(&wire)};
    cr_assert(exchange_verify_range(copy.ledger, &job, &arena, &verdict, &range, &error));
    cr_expect_eq(verdict, RANGE_GOOD);
    arena_cleanup(&arena);
    buffer_cleanup(&wire);
}

Test(sync_exchange, follows_the_seals_to_the_newest_record)
{
    const unsigned committees[4][3] = {{3, 1, 0}, {5, 4, 3}, {0, 1, 2}, {2, 4, 5}};
    for (unsigned i = 0; i < 4; i++) {
        settle(2);
        realm_seal(&realm, committees[i], 3, i % 2 == 0 ? QUORUM_BFT : QUORUM_ALL);
    }
    settle(1);
    struct seal_chain chain;
    seal_chain_init(&chain, ledger_chain_id(copy.ledger), ledger_id(copy.ledger),
                    ledger_genesis(copy.ledger)->fork, ledger_epoch_record(copy.ledger));
    const struct seals_progress trusted = exchange_seals_progress(&chain);
    struct seals_sync *seals = seals_sync_new(&trusted);
    seals_sync_on_peer(seals, 0);
    seals_sync_on_peer(seals, 1);
    struct seals_action action;
    uint64_t newest = 0;
    for (now_ms = 1000; newest == 0 && now_ms < 100000; now_ms += 1000)
        while (seals_sync_take(seals, now_ms, &action)) {
            struct buffer wire = {0};
            /* two links an answer, and a liar that says three */
            struct sync_message message = {.kind = SYNC_GET_SEALS, .get_span = {action.first, 2}};
            switch (action.kind) {
            case SEALS_REQUEST:
                answer_of(&message, &wire);
                if (action.peer == 1 && action.first == 1)
                    wire.data[9]++;
                cr_assert(sync_message_decode(&message, buffer_view(&wire)));
                seals_sync_on_seals(seals, action.peer, &message.span, buffer_view(&wire), now_ms);
                break;
            case SEALS_VERIFY: {
                const bool is_good = exchange_follow_seals(&chain, &action);
                const struct seals_progress progress = exchange_seals_progress(&chain);
                seals_sync_on_verified(seals, &progress, !is_good);
                break;
            }
            case SEALS_FAULT:
                cr_expect_eq(action.peer, 1);
                faults++;
                break;
            case SEALS_DONE: newest = action.first; break;
            }
            buffer_cleanup(&wire);
        }
    cr_expect_eq(newest, 5);
    cr_expect_eq(faults, 1);
    const hash256 followed = epoch_record_hash(&chain.record);
    const hash256 real = epoch_record_hash(ledger_epoch_record(realm.ledger));
    cr_expect(hash256_equal(&followed, &real));
    seals_sync_free(seals);
    seal_chain_cleanup(&chain);
}
