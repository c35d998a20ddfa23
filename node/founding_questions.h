/* Whether this node takes part in foundings that others ask for: the operator's policy, and the
 * questions that wait for the operator's word.
 *
 *   policy    a founder who is on the list    any other
 *   ask       yes                             the operator is asked
 *   listed    yes                             no
 *   anyone    yes                             yes
 *
 * Questions lie in memory only: after a restart one is asked again when the wallet comes back. A
 * founder's newer question of the same label takes the place of the older. Pure. */
#ifndef NODE_FOUNDING_QUESTIONS_H
#define NODE_FOUNDING_QUESTIONS_H
#include "node/config.h"
#include "node/joint_founding.h"

#define FOUNDING_QUESTIONS_MAX   16
#define FOUNDING_QUESTION_KEEP_S (7 * 24 * 3600)
#define FOUNDING_FOUNDERS_MAX    CONFIG_LIST_MAX

enum founding_word {
    FOUNDING_NO_WORD, /* the operator has not answered yet */
    FOUNDING_YES,
    FOUNDING_NO,
};

struct founding_question {
    struct joint_session session;
    char label[LABEL_MAX + 1];
    hash256 terms;          /* hash of the terms' document */
    struct genesis genesis; /* of the terms, without lists */
    u256 grant_wei;         /* all genesis coin together */
    uint64_t asked_s;
    enum founding_word word;
};

/* Zero but for policy and list is a beginning. */
struct founding_questions {
    enum founding_policy policy;
    address founders[FOUNDING_FOUNDERS_MAX];
    size_t founders_count;
    struct founding_question list[FOUNDING_QUESTIONS_MAX]; /* in the order they were asked */
    size_t count;
};

/* What is to become of an offer on these terms; remembers the question where the operator has to be
 * asked. ERROR_EXISTS when the session was asked for with other terms, ERROR_BUSY when too many wait
 * for the operator. */
bool questions_ask(struct founding_questions *questions, const struct joint_session *session,
                   const struct joint_terms *terms, const struct genesis *genesis, uint64_t now_s,
                   enum founding_word *word, struct error *error)
    __attribute__((warn_unused_result));
/* What was offered is no question any more. */
void questions_forget(struct founding_questions *questions, const struct joint_session *session);
/* The operator's word about the question that `what` names, a label or the first digits of a
 * session; NULL and ERROR_NOT_FOUND, or ERROR_INVALID where several have that name. Borrowed until
 * the next call. */
const struct founding_question *questions_answer(struct founding_questions *questions,
                                                 const char *what, bool is_yes,
                                                 struct error *error);
size_t questions_waiting(const struct founding_questions *questions); /* without a word yet */
/* All of them as a JSON list. */
void questions_write(const struct founding_questions *questions, struct buffer *out);
#endif
