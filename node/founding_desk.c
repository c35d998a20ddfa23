#include "node/founding_desk.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/codec/address_text.h"
#include "node/log.h"

#define AHEAD_MAX_S 600 /* of the founder's clock before ours */

struct founding_desk {
    const struct data_dir *dir;
    struct shelf *shelf;
    uint32_t network;
    char endpoint[COMMITTEE_ENDPOINT_MAX + 1];
    uint64_t reveals;
    struct founding_questions questions;
    atomic_size_t waiting; /* any thread */
};

/* Where other members find this node; empty when only its operator can know. */
static void own_endpoint(const struct config *config, char out[COMMITTEE_ENDPOINT_MAX + 1])
{
    const bool is_any =
        strcmp(config->peer_bind, "0.0.0.0") == 0 || strcmp(config->peer_bind, "::") == 0;
    const bool is_ipv6 = strchr(config->peer_bind, ':') != NULL;
    out[0] = '\0';
    if (config->peer_address[0] != '\0')
        memcpy(out, config->peer_address, sizeof config->peer_address);
    else if (!is_any && config->peer_port != 0)
        snprintf(out, COMMITTEE_ENDPOINT_MAX + 1, "%s%s%s:%" PRIu64, is_ipv6 ? "[" : "",
                 config->peer_bind, is_ipv6 ? "]" : "", config->peer_port);
}

struct founding_desk *founding_desk_new(const struct data_dir *dir, struct shelf *shelf,
                                        const struct config *config, uint64_t reveals)
{
    struct founding_desk *desk = memory_new_zeroed(1, sizeof *desk);
    struct founding_questions *questions = &desk->questions;
    desk->dir = dir;
    desk->shelf = shelf;
    desk->network = (uint32_t)config->peer_network;
    desk->reveals = reveals;
    own_endpoint(config, desk->endpoint);
    questions->policy = config->founding_policy;
    for (size_t i = 0; i < config->founding_allow.count; i++)
        questions->founders_count += address_parse(&questions->founders[questions->founders_count],
                                                   config->founding_allow.items[i])
                                     == ADDRESS_OK;
    return desk;
}

const char *founding_desk_endpoint(const struct founding_desk *desk)
{
    return desk->endpoint;
}

void founding_desk_free(struct founding_desk *desk)
{
    free(desk);
}

static void count_waiting(struct founding_desk *desk)
{
    atomic_store(&desk->waiting, questions_waiting(&desk->questions));
}

static struct joint_session session_of(const struct joint_request *request)
{
    struct joint_session session;
    memcpy(session.bytes, request->session, sizeof session.bytes);
    return session;
}

/* ---- Offer -------------------------------------------------------------------------------------- */

static bool check_founder(enum founding_step step, const struct joint_request *request,
                          const address *founder, struct error *error)
{
    const hash256 digest =
        founding_digest(step, request->session, request->label, request->document);
    char expected[ADDRESS_TEXT_SIZE];
    address signer;
    if (signature_is_low_s(&request->founder)
        && signature_recover_address(&request->founder, &digest, &signer)
        && address_equal(&signer, founder))
        return true;
    address_format(expected, founder);
    return error_set(error, ERROR_DENIED,
                     "this founding is not signed by the founder that its document names, %s",
                     expected);
}

/* The answer may take days. */
static bool check_clock(const struct genesis *genesis, uint64_t now_s, struct error *error)
{
    if (genesis->created > now_s + AHEAD_MAX_S)
        return error_set(error, ERROR_INVALID,
                         "the founder's clock is %" PRIu64 " s ahead of this node's; set the wrong "
                         "one, and begin anew",
                         genesis->created - now_s);
    return genesis->created + FOUNDING_QUESTION_KEEP_S > now_s
           || error_set(error, ERROR_INVALID,
                        "this founding was begun %" PRIu64 " days ago by this node's clock; begin "
                        "anew, or set the clock that is wrong",
                        (now_s - genesis->created) / (24 * 3600));
}

/* Sets offered->is_asked when the operator has to say something first. */
static bool ask_operator(struct founding_desk *desk, const struct joint_session *session,
                         const struct joint_terms *terms, const struct genesis *genesis,
                         uint64_t now_s, struct joint_offered *offered, struct error *error)
{
    enum founding_word word;
    const bool ok = questions_ask(&desk->questions, session, terms, genesis, now_s, &word, error);
    count_waiting(desk);
    if (!ok)
        return false;
    offered->is_asked = word == FOUNDING_NO_WORD;
    if (word != FOUNDING_NO)
        return true;
    return error_set(error, ERROR_DENIED,
                     desk->questions.policy == FOUNDING_LISTED
                         ? "this node founds nothing with founders who are not on its operator's "
                           "list"
                         : "this node's operator does not want to take part");
}

static bool check_terms(struct founding_desk *desk, const struct joint_request *request,
                        uint64_t now_s, struct joint_offered *offered, struct error *error)
{
    const struct joint_session session = session_of(request);
    const struct joint_terms terms = {request->label, request->document};
    struct arena arena = {0};
    struct genesis genesis;
    bool ok = genesis_parse_terms(&genesis, request->document, &arena, error)
              && check_founder(FOUNDING_OFFER, request, &genesis.founder, error);
    /* What was offered once is not asked again, also by a process that was started since. */
    if (ok && !joint_is_under_way(desk->dir, &session))
        ok = check_clock(&genesis, now_s, error)
             && joint_check_free(desk->dir, request->label, genesis.chain_id_fixed,
                                 &genesis.founder, error)
             && (request->is_operators
                 || ask_operator(desk, &session, &terms, &genesis, now_s, offered, error));
    arena_cleanup(&arena);
    return ok;
}

bool founding_desk_offer(struct founding_desk *desk, const struct joint_request *request,
                         uint64_t now_s, struct joint_offered *offered, struct error *error)
{
    const struct joint_session session = session_of(request);
    const struct joint_terms terms = {request->label, request->document};
    *offered = (struct joint_offered){.network = desk->network};
    if (desk->endpoint[0] == '\0')
        return error_set(error, ERROR_INVALID,
                         "this node does not know where other members reach it; its operator "
                         "starts it with --peer-address HOST:PORT");
    if (shelf_find(desk->shelf, request->label) != NULL)
        return error_set(error, ERROR_EXISTS,
                         "this node has an organisation %s; choose another label", request->label);
    if (!label_check(request->label, error) || !check_terms(desk, request, now_s, offered, error))
        return false;
    if (offered->is_asked)
        return true;
    if (!joint_clean_up(desk->dir, now_s, error)
        || !joint_offer(desk->dir, &session, &terms, desk->endpoint, desk->reveals, now_s,
                        &offered->entry, error))
        return false;
    questions_forget(&desk->questions, &session);
    count_waiting(desk);
    return true;
}

/* ---- Accept, complete ---------------------------------------------------------------------------- */

static bool check_signed_document(const struct joint_request *request, struct error *error)
{
    struct arena arena = {0};
    struct genesis genesis;
    const bool ok = genesis_parse(&genesis, request->document, &arena, error)
                    && check_founder(FOUNDING_ACCEPT, request, &genesis.founder, error);
    arena_cleanup(&arena);
    return ok;
}

bool founding_desk_accept(struct founding_desk *desk, const struct joint_request *request,
                          signature *acceptance, struct error *error)
{
    const struct joint_session session = session_of(request);
    struct arena arena = {0};
    size_t count;
    const uint64_t *taken = shelf_chain_ids(desk->shelf, &arena, &count);
    const bool ok = check_signed_document(request, error)
                    && joint_accept(desk->dir, &session, request->label, request->document, taken,
                                    count, acceptance, error);
    arena_cleanup(&arena);
    return ok;
}

bool founding_desk_complete(struct founding_desk *desk, const struct joint_request *request,
                            const signature *acceptances, size_t count, struct org_summary *summary,
                            struct error *error)
{
    const struct joint_session session = session_of(request);
    return joint_complete(desk->dir, &session, request->label, request->document, acceptances,
                          count, error)
           && shelf_take_up(desk->shelf, request->label, summary, error);
}

/* ---- The operator -------------------------------------------------------------------------------- */

void founding_desk_write(const struct founding_desk *desk, struct buffer *out)
{
    questions_write(&desk->questions, out);
}

bool founding_desk_answer(struct founding_desk *desk, const char *what, bool is_yes,
                          struct error *error)
{
    const struct founding_question *question =
        questions_answer(&desk->questions, what, is_yes, error);
    count_waiting(desk);
    if (question == NULL)
        return false;
    log_write(LOG_INFO, "founding: the operator said word=%s label=%s", is_yes ? "yes" : "no",
              question->label);
    return true;
}

size_t founding_desk_waiting(const struct founding_desk *desk)
{
    return atomic_load(&desk->waiting);
}
