#include "node/founding_questions.h"

#include <stdio.h>

#include "rpc/write.h"
#include "vm/base/hex.h"

#define SESSION_DIGITS (2 * FOUNDING_SESSION_SIZE)

/* ---- Asking ------------------------------------------------------------------------------------ */

static bool is_listed(const struct founding_questions *questions, const address *founder)
{
    for (size_t i = 0; i < questions->founders_count; i++)
        if (address_equal(&questions->founders[i], founder))
            return true;
    return false;
}

static void drop(struct founding_questions *questions, size_t index)
{
    questions->count--;
    memmove(&questions->list[index], &questions->list[index + 1],
            (questions->count - index) * sizeof *questions->list);
}

static bool is_session(const struct founding_question *question,
                       const struct joint_session *session)
{
    return memcmp(question->session.bytes, session->bytes, sizeof session->bytes) == 0;
}

static struct founding_question *find(struct founding_questions *questions,
                                      const struct joint_session *session)
{
    for (size_t i = 0; i < questions->count; i++)
        if (is_session(&questions->list[i], session))
            return &questions->list[i];
    return NULL;
}

/* Those of long ago, and those that this one takes the place of; when all places are still taken,
 * the oldest that was answered. */
static void make_room(struct founding_questions *questions, const char *label,
                      const address *founder, uint64_t now_s)
{
    for (size_t i = questions->count; i > 0; i--) {
        const struct founding_question *question = &questions->list[i - 1];
        if (question->asked_s + FOUNDING_QUESTION_KEEP_S <= now_s
            || (strcmp(question->label, label) == 0
                && address_equal(&question->genesis.founder, founder)))
            drop(questions, i - 1);
    }
    for (size_t i = 0; i < questions->count && questions->count == FOUNDING_QUESTIONS_MAX; i++)
        if (questions->list[i].word != FOUNDING_NO_WORD)
            drop(questions, i);
}

static bool put(struct founding_questions *questions, const struct joint_session *session,
                const struct joint_terms *terms, const struct genesis *genesis, uint64_t now_s,
                struct error *error)
{
    make_room(questions, terms->label, &genesis->founder, now_s);
    if (questions->count == FOUNDING_QUESTIONS_MAX)
        return error_set(error, ERROR_BUSY,
                         "%d foundings wait for this node's operator; try again later",
                         FOUNDING_QUESTIONS_MAX);
    struct founding_question *question = &questions->list[questions->count++];
    *question = (struct founding_question){.session = *session,
                                           .terms = genesis_document_hash(terms->document),
                                           .genesis = *genesis,
                                           .asked_s = now_s};
    snprintf(question->label, sizeof question->label, "%s", terms->label);
    for (size_t i = 0; i < genesis->coins_count; i++)
        question->grant_wei = u256_add(&question->grant_wei, &genesis->coins[i].amount_wei);
    question->genesis.coins = NULL;
    question->genesis.coins_count = 0;
    question->genesis.committee = NULL;
    return true;
}

bool questions_ask(struct founding_questions *questions, const struct joint_session *session,
                   const struct joint_terms *terms, const struct genesis *genesis, uint64_t now_s,
                   enum founding_word *word, struct error *error)
{
    const hash256 hash = genesis_document_hash(terms->document);
    const struct founding_question *question = find(questions, session);
    *word = FOUNDING_YES;
    if (questions->policy == FOUNDING_ANYONE || is_listed(questions, &genesis->founder))
        return true;
    *word = FOUNDING_NO;
    if (questions->policy == FOUNDING_LISTED)
        return true;
    if (question == NULL) {
        *word = FOUNDING_NO_WORD;
        return put(questions, session, terms, genesis, now_s, error);
    }
    if (!hash256_equal(&question->terms, &hash) || strcmp(question->label, terms->label) != 0)
        return error_set(error, ERROR_EXISTS,
                         "this founding was asked for with other terms or another label; begin "
                         "anew");
    *word = question->word;
    return true;
}

void questions_forget(struct founding_questions *questions, const struct joint_session *session)
{
    const struct founding_question *question = find(questions, session);
    if (question != NULL)
        drop(questions, (size_t)(question - questions->list));
}

/* ---- The operator ------------------------------------------------------------------------------- */

static bool is_named(const struct founding_question *question, const char *what)
{
    char digits[SESSION_DIGITS + 1] = {0};
    const size_t size = strlen(what);
    hex_encode(digits, question->session.bytes, sizeof question->session.bytes);
    return strcmp(question->label, what) == 0
           || (size > 0 && size <= SESSION_DIGITS && memcmp(digits, what, size) == 0);
}

const struct founding_question *questions_answer(struct founding_questions *questions,
                                                 const char *what, bool is_yes, struct error *error)
{
    struct founding_question *found = NULL;
    for (size_t i = 0; i < questions->count; i++) {
        if (!is_named(&questions->list[i], what))
            continue;
        if (found != NULL) {
            error_set(error, ERROR_INVALID,
                      "\"%.64s\" names several foundings; say the session's first digits: lnode "
                      "accept lists them",
                      what);
            return NULL;
        }
        found = &questions->list[i];
    }
    if (found == NULL)
        error_set(error, ERROR_NOT_FOUND,
                  "nobody asked for a founding \"%.64s\"; lnode accept lists those that wait",
                  what);
    else
        found->word = is_yes ? FOUNDING_YES : FOUNDING_NO;
    return found;
}

size_t questions_waiting(const struct founding_questions *questions)
{
    size_t waiting = 0;
    for (size_t i = 0; i < questions->count; i++)
        waiting += questions->list[i].word == FOUNDING_NO_WORD;
    return waiting;
}

static void write_question(const struct founding_question *question, struct buffer *out)
{
    static const char *const words[] = {"waits", "accepted", "refused"};
    const struct genesis *genesis = &question->genesis;
    write_separator(out);
    write_raw(out, "{");
    write_key_data(out, "session", bytes_of(question->session.bytes, FOUNDING_SESSION_SIZE));
    write_key_text(out, "label", question->label);
    write_key_text(out, "name", genesis->name);
    write_key_text(out, "symbol", genesis->symbol);
    write_key_address(out, "founder", &genesis->founder);
    write_key_u256(out, "grant", &question->grant_wei);
    write_key_text(out, "mode", quorum_mode_name(genesis->mode));
    write_key_text(out, "transparency", transparency_name(genesis->transparency));
    write_key_text(out, "fees", genesis->fees == FEES_FREE ? "free" : "market");
    write_key_decimal(out, "asked", question->asked_s);
    write_key_text(out, "word", words[question->word]);
    write_raw(out, "}");
}

void questions_write(const struct founding_questions *questions, struct buffer *out)
{
    write_raw(out, "[");
    for (size_t i = 0; i < questions->count; i++)
        write_question(&questions->list[i], out);
    write_raw(out, "]");
}
