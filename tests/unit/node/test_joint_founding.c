/* Three nodes found one ledger, or none of them does, however often a step is repeated. */
#include "node/joint_founding.h"

#include <stdio.h>
#include <sys/stat.h>

#include "ledger/ledger.h"
#include "tests/unit/node/temporary.h"

#define NODES       3
#define SHORT_CHAIN 64
#define LABEL       "acme"

static struct table {
    char *folders[NODES];
    struct data_dir dirs[NODES];
    struct joint_session session;
    struct committee_entry entries[NODES];
    struct genesis genesis;
    struct buffer terms, document;
    signature acceptances[NODES];
    uint64_t now_s;
    struct error error;
} table;

/* As the founder's wallet would. */
static void write_terms(void)
{
    buffer_clear(&table.terms);
    genesis_format_terms(&table.genesis, &table.terms);
}

static void choose_terms(void)
{
    table.genesis = genesis_defaults();
    snprintf(table.genesis.name, sizeof table.genesis.name, "Acme");
    snprintf(table.genesis.symbol, sizeof table.genesis.symbol, "ACM");
    table.genesis.founder.bytes[0] = 1;
    table.genesis.created = 1790000000;
    write_terms();
}

static void start(void)
{
    table = (struct table){.session = {{0xab, [15] = 0xcd}}};
    for (unsigned i = 0; i < NODES; i++) {
        table.folders[i] = temporary_folder();
        cr_assert(data_dir_open(&table.dirs[i], table.folders[i], DATA_DIR_RUN, &table.error), "%s",
                  table.error.text);
    }
    choose_terms();
}

static void stop(void)
{
    buffer_cleanup(&table.terms);
    buffer_cleanup(&table.document);
    for (unsigned i = 0; i < NODES; i++) {
        data_dir_close(&table.dirs[i]);
        temporary_remove(table.folders[i]);
    }
}

TestSuite(joint_founding, .init = start, .fini = stop, .timeout = 60);

/* ---- Steps ----------------------------------------------------------------------------------- */

static bool offer_at(unsigned node, const char *label, const char *endpoint,
                     struct committee_entry *entry)
{
    const struct joint_terms terms = {label, buffer_view(&table.terms)};
    return joint_offer(&table.dirs[node], &table.session, &terms, endpoint, SHORT_CHAIN,
                       table.now_s, entry, &table.error);
}

static bool offer(unsigned node, struct committee_entry *entry)
{
    char endpoint[32];
    snprintf(endpoint, sizeof endpoint, "box%u.example:30800", node);
    return offer_at(node, LABEL, endpoint, entry);
}

static void write_document(void)
{
    table.genesis.committee = table.entries;
    table.genesis.committee_size = NODES;
    buffer_clear(&table.document);
    genesis_format(&table.genesis, &table.document);
}

static void offer_all(void)
{
    for (unsigned i = 0; i < NODES; i++)
        cr_assert(offer(i, &table.entries[i]), "%s", table.error.text);
    write_document();
}

static bool accept_as(unsigned node, const char *label, const uint64_t *taken, size_t taken_count)
{
    return joint_accept(&table.dirs[node], &table.session, label, buffer_view(&table.document),
                        taken, taken_count, &table.acceptances[node], &table.error);
}

static void accept_all(void)
{
    offer_all();
    for (unsigned i = 0; i < NODES; i++)
        cr_assert(accept_as(i, LABEL, NULL, 0), "%s", table.error.text);
}

static bool complete(unsigned node, size_t count)
{
    return joint_complete(&table.dirs[node], &table.session, LABEL, buffer_view(&table.document),
                          table.acceptances, count, &table.error);
}

static void expect_error(bool ok, enum error_code code, const char *word)
{
    cr_expect_not(ok, "%s", word);
    cr_expect_eq(table.error.code, code, "%s", table.error.text);
    cr_expect_not_null(strstr(table.error.text, word), "%s, expected \"%s\"", table.error.text,
                       word);
}

static size_t organisations_of(unsigned node)
{
    struct arena arena = {0};
    char **labels;
    size_t count;
    cr_assert(organisation_labels(&table.dirs[node], &arena, &labels, &count, &table.error));
    arena_cleanup(&arena);
    return count;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

/* The same block 0 everywhere, and each node has the reveals of its own entry. */
Test(joint_founding, of_three_is_one_ledger_on_each)
{
    accept_all();
    for (unsigned i = 0; i < NODES; i++)
        cr_expect_eq(organisations_of(i), 0, "before all have signed");
    hash256 id;
    for (unsigned i = 0; i < NODES; i++) {
        cr_assert(complete(i, NODES), "%s", table.error.text);
        struct organisation *org = organisation_load(&table.dirs[i], LABEL, &table.error);
        cr_assert_not_null(org, "%s", table.error.text);
        struct reveal_chain *chain = organisation_reveals(org, &table.entries[i], &table.error);
        cr_expect_not_null(chain, "%s", table.error.text);
        reveal_chain_free(chain);
        if (i > 0)
            cr_expect(hash256_equal(&org->id, &id));
        id = org->id;
        char store[PATH_SIZE];
        const struct ledger_options options = {.pool = pool_limits_default()};
        cr_assert(path_format(store, &table.error, "%s/store", org->folder));
        struct ledger *ledger = ledger_open(store, &options, &table.error);
        cr_assert_not_null(ledger, "%s", table.error.text);
        cr_expect_eq(ledger_epoch_record(ledger)->committee_size, NODES);
        cr_expect(hash256_equal(ledger_id(ledger), &id));
        ledger_close(ledger);
        organisation_free(org);
    }
}

Test(joint_founding, answers_the_same_again)
{
    struct committee_entry again;
    accept_all();
    for (unsigned i = 0; i < NODES; i++) {
        const signature before = table.acceptances[i];
        cr_expect(accept_as(i, LABEL, NULL, 0), "%s", table.error.text);
        cr_expect_arr_eq(table.acceptances[i].bytes, before.bytes, SIGNATURE_SIZE);
        cr_expect(offer(i, &again));
        cr_expect(hash256_equal(&again.reveal_salt, &table.entries[i].reveal_salt));
        cr_expect_str_eq(again.endpoint, table.entries[i].endpoint);
    }
    cr_expect(complete(0, NODES));
    cr_expect(complete(0, NODES), "%s", table.error.text);
    cr_expect_eq(organisations_of(0), 1);
    cr_expect_eq(organisations_of(1), 0);
    cr_expect(complete(1, NODES));
}

/* Another session has other reveals: no two ledgers share a chain. */
Test(joint_founding, begins_each_session_anew)
{
    struct committee_entry first, second;
    cr_assert(offer(0, &first));
    table.session.bytes[3] ^= 1;
    cr_assert(offer(0, &second));
    cr_expect_not(hash256_equal(&first.reveal_salt, &second.reveal_salt));
    cr_expect_not(hash256_equal(&first.reveal_commitment, &second.reveal_commitment));
    cr_expect(address_equal(&first.consensus, &second.consensus));
}

Test(joint_founding, needs_everybodys_signature)
{
    accept_all();
    expect_error(complete(0, NODES - 1), ERROR_INVALID, "2 acceptances, expected 3");
    const signature right = table.acceptances[2];
    table.acceptances[2] = table.acceptances[1];
    expect_error(complete(0, NODES), ERROR_INVALID, "committee[2]");
    table.acceptances[2] = right;
    table.acceptances[2].bytes[7] ^= 1;
    expect_error(complete(0, NODES), ERROR_INVALID, "committee[2]");
    cr_expect_eq(organisations_of(0), 0);
    table.acceptances[2] = right;
    cr_expect(complete(0, NODES));
}

/* Whoever writes the document cannot change what a node offered. */
Test(joint_founding, accepts_only_the_own_entry_as_offered)
{
    offer_all();
    table.entries[1].weight = 2;
    write_document();
    expect_error(accept_as(1, LABEL, NULL, 0), ERROR_INVALID, "entry that this node offered");
    table.entries[1].weight = 1;
    table.genesis.committee_size = 1;
    buffer_clear(&table.document);
    genesis_format(&table.genesis, &table.document);
    expect_error(accept_as(1, LABEL, NULL, 0), ERROR_INVALID, "entry that this node offered");
    cr_expect(accept_as(0, LABEL, NULL, 0), "%s", table.error.text);
    buffer_append_u8(&table.document, ' ');
    expect_error(accept_as(0, LABEL, NULL, 0), ERROR_INVALID, "canonical");
}

Test(joint_founding, refuses_what_does_not_fit_this_node)
{
    offer_all();
    const hash256 hash = genesis_document_hash(buffer_view(&table.document));
    const uint64_t taken = genesis_chain_id(&table.genesis, &hash);
    expect_error(accept_as(0, LABEL, &taken, 1), ERROR_EXISTS, "chain id");
    expect_error(accept_as(0, "Acme", NULL, 0), ERROR_INVALID, "no label");
    char place[PATH_SIZE];
    cr_assert(path_format(place, &table.error, "%s/ledgers/" LABEL, table.folders[0]));
    cr_assert(dir_make(place, &table.error));
    expect_error(accept_as(0, LABEL, NULL, 0), ERROR_EXISTS, "another label");
    cr_expect(accept_as(1, LABEL, NULL, 0), "%s", table.error.text);
    table.genesis.committee_size = 2; /* with its own entry still, but other members */
    buffer_clear(&table.document);
    genesis_format(&table.genesis, &table.document);
    expect_error(accept_as(1, LABEL, NULL, 0), ERROR_EXISTS, "accepted another");
}

/* What the operator was asked is what is signed. */
Test(joint_founding, accepts_only_the_terms_it_offered_for)
{
    struct committee_entry again;
    offer_all();
    expect_error(accept_as(0, "acme-two", NULL, 0), ERROR_INVALID, "on the terms");
    table.genesis.created++;
    write_document();
    expect_error(accept_as(0, LABEL, NULL, 0), ERROR_INVALID, "on the terms");
    table.genesis.created--;
    table.genesis.founder.bytes[1] ^= 1;
    write_document();
    expect_error(accept_as(0, LABEL, NULL, 0), ERROR_INVALID, "on the terms");
    expect_error(offer_at(0, "acme-two", "box0.example:30800", &again), ERROR_EXISTS,
                 "other terms");
    buffer_append_u8(&table.terms, ' ');
    expect_error(offer(0, &again), ERROR_EXISTS, "other terms");
    table.genesis.founder.bytes[1] ^= 1;
    write_document();
    cr_expect(accept_as(0, LABEL, NULL, 0), "%s", table.error.text);
}

/* Between acceptance and completion nobody else gets label or chain id, or the completion would
 * find its place taken on this node only. */
Test(joint_founding, keeps_the_place_of_what_was_accepted)
{
    accept_all();
    cr_expect(joint_check_free(&table.dirs[0], "other", 7, NULL, &table.error), "%s",
              table.error.text);
    expect_error(joint_check_free(&table.dirs[0], LABEL, 7, NULL, &table.error), ERROR_EXISTS,
                 "accepted to found acme");
    const hash256 hash = genesis_document_hash(buffer_view(&table.document));
    const uint64_t chain_id = genesis_chain_id(&table.genesis, &hash);
    expect_error(joint_check_free(&table.dirs[0], "other", chain_id, NULL, &table.error),
                 ERROR_EXISTS, "chain id");
    table.session.bytes[0] ^= 1;
    table.genesis.founder.bytes[1] = 7;
    write_terms();
    offer_all();
    expect_error(accept_as(0, LABEL, NULL, 0), ERROR_EXISTS, "accepted to found acme");
    cr_assert(joint_clean_up(&table.dirs[0], UINT64_MAX, &table.error));
    cr_expect(joint_check_free(&table.dirs[0], LABEL, chain_id, NULL, &table.error));
}

/* What cannot be read may have any label and chain id: the operator is told what to do about it. */
Test(joint_founding, names_the_accepted_folder_that_cannot_be_read)
{
    char path[PATH_SIZE];
    accept_all();
    cr_assert(path_format(path, &table.error,
                          "%s/ledgers/.joint-ab0000000000000000000000000000cd/genesis.json",
                          table.folders[0]));
    cr_assert(file_write(path, bytes_of_text("{"), &table.error), "%s", table.error.text);
    expect_error(joint_check_free(&table.dirs[0], "other", 7, NULL, &table.error), ERROR_INVALID,
                 "ledgers/.joint-ab0000000000000000000000000000cd");
    cr_expect_not_null(strstr(table.error.text, "remove it if that founding is given up"), "%s",
                       table.error.text);
}

/* A founder whose first try came to nothing, since some other node could not accept. */
Test(joint_founding, lets_the_same_founder_begin_anew)
{
    accept_all();
    const struct joint_session first = table.session;
    table.session.bytes[0] ^= 1;
    offer_all();
    cr_expect(accept_as(0, LABEL, NULL, 0), "%s", table.error.text);
    cr_expect_not(joint_is_under_way(&table.dirs[0], &first));
    cr_expect(joint_is_under_way(&table.dirs[1], &first));
}

Test(joint_founding, says_what_is_under_way)
{
    cr_expect_not(joint_is_under_way(&table.dirs[0], &table.session));
    offer_all();
    cr_expect(joint_is_under_way(&table.dirs[0], &table.session));
    table.session.bytes[0] ^= 1;
    cr_expect_not(joint_is_under_way(&table.dirs[0], &table.session));
}

Test(joint_founding, follows_its_order)
{
    struct committee_entry entry;
    offer_all();
    table.session.bytes[0] ^= 1;
    expect_error(accept_as(0, LABEL, NULL, 0), ERROR_NOT_FOUND, "offered nothing");
    table.session.bytes[0] ^= 1;
    for (unsigned i = 0; i < NODES; i++)
        cr_assert(accept_as(i, LABEL, NULL, 0));
    table.session.bytes[0] ^= 1;
    expect_error(complete(0, NODES), ERROR_NOT_FOUND, "accepted nothing");
    table.session.bytes[0] ^= 1;
    expect_error(offer_at(0, LABEL, "elsewhere.example:1", &entry), ERROR_EXISTS,
                 "was offered box0.example:30800");
    expect_error(offer_at(0, LABEL, "nowhere", &entry), ERROR_INVALID, "nowhere");
    expect_error(offer_at(0, "No label", "box0.example:30800", &entry), ERROR_INVALID, "no label");
}

/* A label that was given away between acceptance and completion. */
Test(joint_founding, takes_no_organisations_place)
{
    char place[PATH_SIZE];
    accept_all();
    cr_assert(path_format(place, &table.error, "%s/ledgers/" LABEL, table.folders[0]));
    cr_assert(dir_make(place, &table.error));
    cr_assert(path_format(place, &table.error, "%s/ledgers/" LABEL "/id", table.folders[0]));
    cr_assert(file_write(place, bytes_of_text("0x12\n"), &table.error));
    expect_error(complete(0, NODES), ERROR_EXISTS, "another organisation " LABEL);
    cr_expect(complete(1, NODES));
}

Test(joint_founding, keeps_a_bounded_number_for_a_bounded_time)
{
    struct committee_entry entry;
    for (unsigned i = 0; i < JOINT_SESSIONS_MAX; i++) {
        table.session.bytes[1] = (uint8_t)i;
        cr_assert(offer(0, &entry), "%u: %s", i, table.error.text);
    }
    table.session.bytes[1] = JOINT_SESSIONS_MAX;
    expect_error(offer(0, &entry), ERROR_BUSY, "under way");
    char path[PATH_SIZE];
    struct stat status;
    cr_assert(path_format(path, &table.error, "%s/ledgers", table.folders[0]));
    cr_assert_eq(stat(path, &status), 0);
    const uint64_t now_s = (uint64_t)status.st_mtime;
    table.now_s = now_s + JOINT_OFFER_KEEP_S - 60;
    expect_error(offer(0, &entry), ERROR_BUSY, "under way");
    cr_assert(joint_clean_up(&table.dirs[0], now_s + JOINT_KEEP_S - 60, &table.error));
    expect_error(offer(0, &entry), ERROR_BUSY, "under way");
    table.now_s = now_s + JOINT_OFFER_KEEP_S + 60;
    cr_expect(offer(0, &entry), "%s", table.error.text);
    cr_assert(joint_clean_up(&table.dirs[0], now_s + JOINT_KEEP_S + 60, &table.error));
    cr_expect_not(joint_is_under_way(&table.dirs[0], &table.session));
    cr_expect_eq(organisations_of(0), 0);
}

/* An acceptance may be all that a completion elsewhere waits for. */
Test(joint_founding, keeps_what_was_accepted_longer)
{
    char path[PATH_SIZE];
    struct stat status;
    accept_all();
    cr_assert(path_format(path, &table.error, "%s/ledgers", table.folders[0]));
    cr_assert_eq(stat(path, &status), 0);
    const uint64_t now_s = (uint64_t)status.st_mtime;
    cr_assert(joint_clean_up(&table.dirs[0], now_s + JOINT_KEEP_S - 60, &table.error));
    cr_expect(complete(0, NODES), "%s", table.error.text);
    cr_assert(joint_clean_up(&table.dirs[1], now_s + JOINT_KEEP_S + 60, &table.error));
    expect_error(complete(1, NODES), ERROR_NOT_FOUND, "accepted nothing");
}

/* What was cut off while it was written is written again. */
Test(joint_founding, begins_again_where_it_was_cut_off)
{
    char path[PATH_SIZE];
    struct error ignored;
    offer_all();
    cr_assert(accept_as(0, LABEL, NULL, 0));
    cr_assert(path_format(path, &table.error,
                          "%s/ledgers/.joint-ab0000000000000000000000000000cd/label",
                          table.folders[0]));
    cr_assert_eq(remove(path), 0); /* the last file of an acceptance */
    expect_error(complete(0, 0), ERROR_INVALID, "0 acceptances");
    for (unsigned i = 0; i < NODES; i++)
        cr_assert(accept_as(i, LABEL, NULL, 0), "%s", table.error.text);
    cr_expect(complete(0, NODES), "%s", table.error.text);
    struct organisation *org = organisation_load(&table.dirs[0], LABEL, &ignored);
    cr_expect_not_null(org);
    organisation_free(org);
}
