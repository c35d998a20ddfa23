/* What founders' wallets ask of a node: who may, and that nothing is offered or signed for others. */
#include "node/founding_desk.h"

#include <stdio.h>

#include "node/log.h"
#include "tests/unit/node/temporary.h"

#define NOW         1790000000
#define SHORT_CHAIN 64

static struct table {
    char *folder;
    struct data_dir dir;
    struct shelf *shelf;
    struct config config;
    struct founding_desk *desk;
    struct secret_key founder;
    struct buffer terms, document;
    struct joint_offered offered;
    struct error error;
} table;

static void open_desk(void)
{
    founding_desk_free(table.desk);
    table.desk = founding_desk_new(&table.dir, table.shelf, &table.config, SHORT_CHAIN);
}

static void start(void)
{
    table = (struct table){.founder = {{[31] = 9}}};
    log_setup(LOG_ERROR, false);
    table.folder = temporary_folder();
    cr_assert(data_dir_open(&table.dir, table.folder, DATA_DIR_RUN, &table.error), "%s",
              table.error.text);
    table.shelf = shelf_new(&table.dir, &(struct seat_environment){0}, 8, &table.error);
    cr_assert_not_null(table.shelf, "%s", table.error.text);
    table.config.founding_policy = FOUNDING_ANYONE;
    table.config.peer_network = 5;
    table.config.peer_port = 30800;
    snprintf(table.config.peer_bind, sizeof table.config.peer_bind, "192.0.2.7");
    open_desk();
}

static void stop(void)
{
    founding_desk_free(table.desk);
    shelf_free(table.shelf);
    buffer_cleanup(&table.terms);
    buffer_cleanup(&table.document);
    data_dir_close(&table.dir);
    temporary_remove(table.folder);
}

TestSuite(founding_desk, .init = start, .fini = stop, .timeout = 60);

static struct genesis choices(uint64_t created)
{
    struct genesis genesis = genesis_defaults();
    snprintf(genesis.name, sizeof genesis.name, "Acme");
    snprintf(genesis.symbol, sizeof genesis.symbol, "ACM");
    genesis.founder = secret_key_address(&table.founder);
    genesis.created = created;
    return genesis;
}

static void write_terms(uint64_t created)
{
    const struct genesis genesis = choices(created);
    buffer_clear(&table.terms);
    genesis_format_terms(&genesis, &table.terms);
}

static struct joint_request request_of(enum founding_step step, const char *label,
                                       struct bytes document)
{
    struct joint_request request = {.session = {0xab}, .document = document};
    snprintf(request.label, sizeof request.label, "%s", label);
    const hash256 digest = founding_digest(step, request.session, label, document);
    secret_key_sign(&table.founder, &digest, &request.founder);
    return request;
}

static bool offer(const struct joint_request *request)
{
    return founding_desk_offer(table.desk, request, NOW, &table.offered, &table.error);
}

static bool offer_as_founder(void)
{
    write_terms(NOW);
    const struct joint_request request =
        request_of(FOUNDING_OFFER, "acme", buffer_view(&table.terms));
    return offer(&request);
}

static void expect_error(bool ok, enum error_code code, const char *word)
{
    cr_expect_not(ok, "%s", word);
    cr_expect_eq(table.error.code, code, "%s", table.error.text);
    cr_expect_not_null(strstr(table.error.text, word), "%s, expected \"%s\"", table.error.text,
                       word);
}

Test(founding_desk, offers_where_it_is_found)
{
    cr_assert(offer_as_founder(), "%s", table.error.text);
    cr_expect_not(table.offered.is_asked);
    cr_expect_str_eq(table.offered.entry.endpoint, "192.0.2.7:30800");
    cr_expect_eq(table.offered.network, 5);
    snprintf(table.config.peer_address, sizeof table.config.peer_address, "box.example:1");
    open_desk();
    expect_error(offer_as_founder(), ERROR_EXISTS, "was offered 192.0.2.7:30800");
}

/* With 0.0.0.0 or any free port nobody could dial it. */
Test(founding_desk, offers_nothing_when_nobody_knows_where_it_is_found)
{
    static const char *const any[] = {"0.0.0.0", "::"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(table.config.peer_bind, sizeof table.config.peer_bind, "%s", any[i]);
        open_desk();
        expect_error(offer_as_founder(), ERROR_INVALID, "--peer-address");
    }
    snprintf(table.config.peer_bind, sizeof table.config.peer_bind, "::1");
    table.config.peer_port = 0;
    open_desk();
    expect_error(offer_as_founder(), ERROR_INVALID, "--peer-address");
    table.config.peer_port = 7;
    open_desk();
    cr_assert(offer_as_founder(), "%s", table.error.text);
    cr_expect_str_eq(table.offered.entry.endpoint, "[::1]:7");
}

Test(founding_desk, hears_only_the_founder_of_the_terms)
{
    write_terms(NOW);
    const struct bytes terms = buffer_view(&table.terms);
    struct joint_request request = request_of(FOUNDING_ACCEPT, "acme", terms);
    expect_error(offer(&request), ERROR_DENIED, "not signed by the founder");
    request = request_of(FOUNDING_OFFER, "acme", terms);
    snprintf(request.label, sizeof request.label, "guild");
    expect_error(offer(&request), ERROR_DENIED, "not signed by the founder");
    request = request_of(FOUNDING_OFFER, "acme", terms);
    request.session[1] = 1;
    expect_error(offer(&request), ERROR_DENIED, "not signed by the founder");
    request = request_of(FOUNDING_OFFER, "acme", bytes_of_text("{}"));
    expect_error(offer(&request), ERROR_INVALID, "genesis");
    request = request_of(FOUNDING_OFFER, "No label", terms);
    expect_error(offer(&request), ERROR_INVALID, "no label");
    cr_expect_not(joint_is_under_way(&table.dir, &(struct joint_session){{0xab}}));
}

Test(founding_desk, names_a_wrong_clock)
{
    static const struct {
        uint64_t created;
        const char *word;
    } rows[] = {{NOW + 601, "601 s ahead"}, {NOW - 8 * 24 * 3600, "begun 8 days ago"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_terms(rows[i].created);
        const struct joint_request request =
            request_of(FOUNDING_OFFER, "acme", buffer_view(&table.terms));
        expect_error(offer(&request), ERROR_INVALID, rows[i].word);
    }
}

Test(founding_desk, asks_its_operator_unless_it_is_the_operators_wish)
{
    table.config.founding_policy = FOUNDING_ASK;
    open_desk();
    cr_assert(offer_as_founder(), "%s", table.error.text);
    cr_expect(table.offered.is_asked);
    cr_expect_eq(founding_desk_waiting(table.desk), 1);
    cr_expect(founding_desk_answer(table.desk, "acme", false, &table.error));
    expect_error(offer_as_founder(), ERROR_DENIED, "does not want");
    struct joint_request request = request_of(FOUNDING_OFFER, "acme", buffer_view(&table.terms));
    request.is_operators = true;
    cr_assert(offer(&request), "%s", table.error.text);
    cr_expect_not(table.offered.is_asked);
    cr_expect_eq(founding_desk_waiting(table.desk), 0);
    open_desk(); /* what was offered is not asked again after a restart */
    cr_assert(offer_as_founder(), "%s", table.error.text);
    cr_expect_not(table.offered.is_asked);
}

Test(founding_desk, founds_with_listed_founders_only)
{
    char founder[43];
    const address account = secret_key_address(&table.founder);
    table.config.founding_policy = FOUNDING_LISTED;
    open_desk();
    expect_error(offer_as_founder(), ERROR_DENIED, "on its operator's list");
    snprintf(founder, sizeof founder, "0x");
    for (unsigned i = 0; i < 20; i++)
        snprintf(founder + 2 + 2 * i, 3, "%02x", account.bytes[i]);
    table.config.founding_allow.items[0] = founder;
    table.config.founding_allow.count = 1;
    open_desk();
    cr_expect(offer_as_founder(), "%s", table.error.text);
}

Test(founding_desk, signs_only_documents_that_the_founder_signed)
{
    struct genesis genesis = choices(NOW);
    signature acceptance;
    cr_assert(offer_as_founder(), "%s", table.error.text);
    genesis.committee = &table.offered.entry;
    genesis.committee_size = 1;
    genesis_format(&genesis, &table.document);
    const struct bytes document = buffer_view(&table.document);
    struct joint_request request = request_of(FOUNDING_OFFER, "acme", document);
    expect_error(founding_desk_accept(table.desk, &request, &acceptance, &table.error),
                 ERROR_DENIED, "not signed by the founder");
    request = request_of(FOUNDING_ACCEPT, "acme", document);
    cr_expect(founding_desk_accept(table.desk, &request, &acceptance, &table.error), "%s",
              table.error.text);
    request = request_of(FOUNDING_ACCEPT, "acme", buffer_view(&table.terms));
    expect_error(founding_desk_accept(table.desk, &request, &acceptance, &table.error),
                 ERROR_INVALID, "committee's size is 0");
}
