/* Whom this node founds with: the operator's policy, and the word that some questions wait for. */
#include "node/founding_questions.h"

#include <stdio.h>

#include <criterion/criterion.h>

#define NOW 1790000000

static struct founding_questions questions;
static struct error error;

static void start(void)
{
    questions = (struct founding_questions){.policy = FOUNDING_ASK, .founders = {{{7}}}};
    questions.founders_count = 1;
}

TestSuite(founding_questions, .init = start);

static struct joint_session session_of(uint8_t number)
{
    return (struct joint_session){{number, 0xcd}};
}

static enum founding_word ask(uint8_t session, const char *label, uint8_t founder,
                              const char *document, uint64_t now_s)
{
    const struct joint_session name = session_of(session);
    const struct joint_terms terms = {label, bytes_of_text(document)};
    struct genesis_coin coin = {.amount_wei = u256_from_u64(5)};
    struct genesis genesis = genesis_defaults();
    enum founding_word word = FOUNDING_NO;
    genesis.founder.bytes[0] = founder;
    genesis.coins = &coin;
    genesis.coins_count = 1;
    snprintf(genesis.name, sizeof genesis.name, "Acme");
    cr_expect(questions_ask(&questions, &name, &terms, &genesis, now_s, &word, &error), "%s",
              error.text);
    return word;
}

static bool is_refused(uint8_t session, const char *label, uint8_t founder, const char *document,
                       enum error_code code)
{
    const struct joint_session name = session_of(session);
    const struct joint_terms terms = {label, bytes_of_text(document)};
    struct genesis genesis = genesis_defaults();
    enum founding_word word;
    genesis.founder.bytes[0] = founder;
    return !questions_ask(&questions, &name, &terms, &genesis, NOW, &word, &error)
           && error.code == code;
}

Test(founding_questions, follow_the_policy)
{
    static const struct {
        enum founding_policy policy;
        uint8_t founder;
        enum founding_word word;
    } rows[] = {
        {FOUNDING_ASK, 7, FOUNDING_YES},    {FOUNDING_ASK, 8, FOUNDING_NO_WORD},
        {FOUNDING_LISTED, 7, FOUNDING_YES}, {FOUNDING_LISTED, 8, FOUNDING_NO},
        {FOUNDING_ANYONE, 7, FOUNDING_YES}, {FOUNDING_ANYONE, 8, FOUNDING_YES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        questions.policy = rows[i].policy;
        cr_expect_eq(ask(1, "acme", rows[i].founder, "{}", NOW), rows[i].word, "row %zu", i);
    }
    cr_expect_eq(questions.count, 1, "only who is asked about is kept");
}

Test(founding_questions, wait_for_the_operators_word)
{
    cr_expect_eq(ask(1, "acme", 1, "{}", NOW), FOUNDING_NO_WORD);
    cr_expect_eq(ask(2, "guild", 1, "{}", NOW), FOUNDING_NO_WORD);
    cr_expect_eq(questions_waiting(&questions), 2);
    cr_assert_not_null(questions_answer(&questions, "acme", true, &error), "%s", error.text);
    cr_assert_not_null(questions_answer(&questions, "02cd", false, &error), "%s", error.text);
    cr_expect_eq(questions_waiting(&questions), 0);
    cr_expect_eq(ask(1, "acme", 1, "{}", NOW), FOUNDING_YES);
    cr_expect_eq(ask(2, "guild", 1, "{}", NOW), FOUNDING_NO);
    cr_assert_not_null(questions_answer(&questions, "guild", true, &error), "changed the mind");
    cr_expect_eq(ask(2, "guild", 1, "{}", NOW), FOUNDING_YES);
    const struct joint_session second = session_of(2);
    questions_forget(&questions, &second);
    cr_expect_eq(ask(2, "guild", 1, "{}", NOW), FOUNDING_NO_WORD);
}

Test(founding_questions, are_named_without_doubt)
{
    ask(1, "acme", 1, "{}", NOW);
    ask(0x10, "acme", 2, "{}", NOW);
    cr_expect_null(questions_answer(&questions, "acme", true, &error));
    cr_expect_not_null(strstr(error.text, "several"), "%s", error.text);
    cr_expect_null(questions_answer(&questions, "guild", true, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect_null(questions_answer(&questions, "", true, &error));
    cr_assert_not_null(questions_answer(&questions, "10", true, &error), "%s", error.text);
    cr_expect_eq(ask(1, "acme", 1, "{}", NOW), FOUNDING_NO_WORD);
    cr_expect_eq(ask(0x10, "acme", 2, "{}", NOW), FOUNDING_YES);
}

/* What the operator said yes to is what is offered for. */
Test(founding_questions, cannot_change_their_terms)
{
    ask(1, "acme", 1, "{}", NOW);
    cr_assert_not_null(questions_answer(&questions, "acme", true, &error));
    cr_expect(is_refused(1, "acme", 1, "{ }", ERROR_EXISTS), "%s", error.text);
    cr_expect(is_refused(1, "guild", 1, "{}", ERROR_EXISTS), "%s", error.text);
    cr_expect_eq(ask(1, "acme", 1, "{}", NOW), FOUNDING_YES);
}

Test(founding_questions, are_bounded_in_number_and_time)
{
    char label[8];
    for (uint8_t i = 0; i < FOUNDING_QUESTIONS_MAX; i++) {
        snprintf(label, sizeof label, "org%u", i);
        cr_assert_eq(ask(i, label, 1, "{}", NOW + i), FOUNDING_NO_WORD);
    }
    cr_expect(is_refused(99, "more", 1, "{}", ERROR_BUSY), "%s", error.text);
    cr_expect_eq(ask(98, "org3", 1, "{}", NOW), FOUNDING_NO_WORD, "instead of the older one");
    cr_expect_eq(questions.count, FOUNDING_QUESTIONS_MAX);
    cr_assert_not_null(questions_answer(&questions, "org5", false, &error));
    cr_expect_eq(ask(97, "more", 1, "{}", NOW), FOUNDING_NO_WORD, "instead of an answered one");
    cr_expect(is_refused(99, "most", 1, "{}", ERROR_BUSY));
    cr_expect_eq(ask(99, "most", 1, "{}", NOW + FOUNDING_QUESTION_KEEP_S + 100), FOUNDING_NO_WORD);
    cr_expect_eq(questions.count, 1, "the others are of long ago");
}

Test(founding_questions, are_written_for_the_operator)
{
    struct buffer out = {0};
    ask(0xab, "acme", 1, "{}", NOW);
    questions_write(&questions, &out);
    buffer_append_u8(&out, '\0');
    cr_expect_str_eq((const char *)out.data,
                     "[{\"session\":\"0xabcd0000000000000000000000000000\",\"label\":\"acme\","
                     "\"name\":\"Acme\",\"symbol\":\"\",\"founder\":"
                     "\"0x0100000000000000000000000000000000000000\",\"grant\":\"0x5\",\"mode\":"
                     "\"bft\",\"transparency\":\"open\",\"fees\":\"free\",\"asked\":1790000000,"
                     "\"word\":\"waits\"}]");
    buffer_cleanup(&out);
}
