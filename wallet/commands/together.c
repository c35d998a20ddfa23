/* org create with --node: several nodes found one organisation, all or none.
 *
 *   offers (each operator may have to say yes) -> document -> acceptances -> completion
 *
 * Nothing is founded before every node has signed the same block 0; from then on this wallet holds
 * what completes it on each of them. What was reached is in a file (together.h), so the same command
 * goes on. */
#include "wallet/commands/org.h"

#include "ledger/codec/abi_text.h"
#include "ledger/codec/rlp.h"
#include "rpc/client.h"
#include "vm/base/hex.h"
#include "wallet/chain.h"
#include "wallet/config.h"
#include "wallet/quorum.h"
#include "wallet/send.h"
#include "wallet/together.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define CALL_TIMEOUT_MS  30000
#define POLL_MS          1000
#define METHOD_NOT_FOUND (-32601)

enum standing { UNASKED, ASKED, OFFERED, ACCEPTED, FOUNDED, REFUSED, UNREACHED };

/* One run of the command. */
struct effort {
    struct wallet *wallet;
    const struct founding *founding;
    struct together record;
    struct rpc_client *clients[OPTION_NODES_MAX];
    enum standing standing[OPTION_NODES_MAX];
    const char *said[OPTION_NODES_MAX]; /* by or about one that refused or was not reached */
    struct verified_ledger ledger;      /* once there is a document */
    struct secret_key key;              /* the founder's, while it is needed */
};

/* ---- Asking one node -------------------------------------------------------------------------- */

static void refuse(struct effort *effort, size_t node, const char *why)
{
    effort->standing[node] = REFUSED;
    effort->said[node] = why;
}

/* NULL after noting why. */
static json_t *ask(struct effort *effort, size_t node, const char *method, json_t *params)
{
    struct rpc_failure failure;
    struct buffer safe = {0};
    json_t *result = rpc_client_call(effort->clients[node], method, params, &failure);
    if (result == NULL) {
        text_format_safe(bytes_of_text(failure.text), &safe);
        effort->standing[node] = failure.is_remote ? REFUSED : UNREACHED;
        effort->said[node] = failure.is_remote && failure.code == METHOD_NOT_FOUND
                                 ? arena_format(&effort->wallet->arena,
                                                "it knows no %s: is it a Leither node?", method)
                                 : arena_text(&effort->wallet->arena, buffer_view(&safe));
    }
    buffer_cleanup(&safe);
    buffer_cleanup(&failure.data);
    return result;
}

/* The parameters that every step begins with; takes the last one's reference. */
static json_t *params_of(const struct effort *effort, struct bytes document, json_t *last)
{
    const struct together *record = &effort->record;
    return json_pack("[o, s, o, o]", chain_bytes(bytes_of(record->session, sizeof record->session)),
                     record->label, chain_bytes(document), last);
}

static json_t *signed_params(const struct effort *effort, enum founding_step step,
                             struct bytes document)
{
    const struct together *record = &effort->record;
    const hash256 digest = founding_digest(step, record->session, record->label, document);
    signature by_founder;
    secret_key_sign(&effort->key, &digest, &by_founder);
    return params_of(effort, document, chain_bytes(bytes_of(by_founder.bytes, SIGNATURE_SIZE)));
}

static bool read_offer(struct wallet *wallet, const json_t *answer, struct together_node *node)
{
    struct bytes encoded;
    uint64_t network;
    if (!verify_bytes(wallet, json_object_get(answer, "entry"), &encoded)
        || !chain_read_u64(answer, "network", &network) || network > UINT32_MAX)
        return false;
    struct rlp_reader in = rlp_reader_over(encoded);
    node->network = (uint32_t)network;
    node->has_entry = committee_entry_decode(&node->entry, &in) && rlp_finished(&in);
    return node->has_entry;
}

static void offer(struct effort *effort, size_t index)
{
    json_t *answer = ask(effort, index, "org_foundOffer",
                         signed_params(effort, FOUNDING_OFFER, effort->record.terms));
    const char *state = json_string_value(json_object_get(answer, "state"));
    if (answer == NULL)
        return;
    if (state != NULL && strcmp(state, "asked") == 0)
        effort->standing[index] = ASKED;
    else if (read_offer(effort->wallet, answer, &effort->record.nodes[index]))
        effort->standing[index] = OFFERED;
    else
        refuse(effort, index, "its answer is no offer");
    json_decref(answer);
}

/* An answer that does not hold is one for another founding, or from another node than offered. */
static void accept(struct effort *effort, size_t index)
{
    struct together_node *node = &effort->record.nodes[index];
    const struct verified_ledger *ledger = &effort->ledger;
    json_t *answer = ask(effort, index, "org_foundAccept",
                         signed_params(effort, FOUNDING_ACCEPT, effort->record.document));
    const char *text = json_string_value(answer);
    const hash256 digest = acceptance_digest(&ledger->genesis, ledger->chain_id, &ledger->id);
    address signer;
    if (answer == NULL)
        return;
    node->has_acceptance =
        text != NULL && hex_decode_fixed(node->acceptance.bytes, SIGNATURE_SIZE, text, strlen(text))
        && signature_is_low_s(&node->acceptance)
        && signature_recover_address(&node->acceptance, &digest, &signer)
        && address_equal(&signer, &node->entry.consensus);
    if (node->has_acceptance)
        effort->standing[index] = ACCEPTED;
    else
        refuse(effort, index,
               "what it signed is not this founding, or it is not the node that "
               "made the offer");
    json_decref(answer);
}

static void complete(struct effort *effort, size_t index)
{
    struct together *record = &effort->record;
    struct buffer acceptances = {0};
    hash256 id;
    for (size_t i = 0; i < record->nodes_count; i++)
        buffer_append(&acceptances, record->nodes[i].acceptance.bytes, SIGNATURE_SIZE);
    json_t *answer =
        ask(effort, index, "org_foundComplete",
            params_of(effort, record->document, chain_bytes(buffer_view(&acceptances))));
    const char *text = json_string_value(json_object_get(answer, "id"));
    buffer_cleanup(&acceptances);
    if (answer == NULL)
        return;
    record->nodes[index].is_founded = text != NULL
                                      && hex_decode_fixed(id.bytes, 32, text, strlen(text))
                                      && hash256_equal(&id, &effort->ledger.id);
    if (record->nodes[index].is_founded)
        effort->standing[index] = FOUNDED;
    else
        refuse(effort, index, "it shows another ledger than the one it signed");
    json_decref(answer);
}

/* ---- What came of it --------------------------------------------------------------------------- */

static size_t count_of(const struct effort *effort, enum standing standing)
{
    size_t count = 0;
    for (size_t i = 0; i < effort->record.nodes_count; i++)
        count += effort->standing[i] == standing;
    return count;
}

static const char *words_of(const struct effort *effort, size_t node)
{
    struct arena *arena = &effort->wallet->arena;
    const char *endpoint = effort->record.nodes[node].entry.endpoint;
    switch (effort->standing[node]) {
    case UNASKED: return "was not asked";
    case ASKED:
        return arena_format(arena, "its operator has not answered yet: lnode accept %s",
                            effort->record.label);
    case OFFERED: return arena_format(arena, "would take part, at %s", endpoint);
    case ACCEPTED: return arena_format(arena, "has signed, at %s", endpoint);
    case FOUNDED: return arena_format(arena, "has it, at %s", endpoint);
    case REFUSED: return arena_format(arena, "refused: %s", effort->said[node]);
    case UNREACHED: return arena_format(arena, "not reached: %s", effort->said[node]);
    }
    return "";
}

static void say_nodes(const struct effort *effort)
{
    static const char *const names[] = {"unasked", "asked",   "offered",  "accepted",
                                        "founded", "refused", "unreached"};
    json_t *list = json_array();
    wallet_say(effort->wallet, "  nodes");
    for (size_t i = 0; i < effort->record.nodes_count; i++) {
        const struct together_node *node = &effort->record.nodes[i];
        wallet_say(effort->wallet, "    %-28s %s", node->url, words_of(effort, i));
        json_t *object =
            json_pack("{s:s, s:s}", "url", node->url, "state", names[effort->standing[i]]);
        if (node->has_entry)
            json_object_set_new(object, "endpoint", json_string(node->entry.endpoint));
        if (effort->said[i] != NULL)
            json_object_set_new(object, "said", json_string(effort->said[i]));
        json_array_append_new(list, object);
    }
    wallet_put(effort->wallet, "nodes", list);
}

/* The first that stands so, for the message. */
static size_t first_of(const struct effort *effort, enum standing standing)
{
    size_t i = 0;
    while (effort->standing[i] != standing)
        i++;
    return i;
}

static enum wallet_exit save(struct effort *effort)
{
    struct error error;
    return together_save(effort->wallet, &effort->record, &error)
               ? WALLET_OK
               : wallet_fail_error(effort->wallet, &error, NULL);
}

/* No node has it, and none can get it any more. */
static enum wallet_exit give_up(struct effort *effort, const char *format, const char *why)
{
    struct error error;
    char message[sizeof effort->wallet->message];
    snprintf(message, sizeof message, format, why);
    say_nodes(effort);
    if (!together_forget(effort->wallet, effort->record.label, &error))
        return wallet_fail_error(effort->wallet, &error, NULL);
    return wallet_fail(effort->wallet, WALLET_REFUSED, NULL, "nothing was founded: %s", message);
}

/* A step before all have signed came to nothing, or has to wait; else WALLET_OK. */
static enum wallet_exit judge(struct effort *effort)
{
    struct wallet *wallet = effort->wallet;
    if (count_of(effort, REFUSED) > 0) {
        const size_t node = first_of(effort, REFUSED);
        return give_up(effort, "%s",
                       arena_format(&wallet->arena, "%s refused: %s",
                                    effort->record.nodes[node].url, effort->said[node]));
    }
    const size_t unreached = count_of(effort, UNREACHED), asked = count_of(effort, ASKED);
    if (unreached + asked == 0)
        return WALLET_OK;
    say_nodes(effort);
    if (unreached > 0)
        return wallet_fail(wallet, WALLET_UNREACHABLE, "the same command, once it answers",
                           "nothing was founded yet: %s was not reached: %s",
                           effort->record.nodes[first_of(effort, UNREACHED)].url,
                           effort->said[first_of(effort, UNREACHED)]);
    return wallet_fail(wallet, WALLET_NOT_FINAL,
                       "the same command, once they said yes with lnode accept",
                       "nothing was founded yet: %zu of %zu operators have not answered", asked,
                       effort->record.nodes_count);
}

/* ---- Step by step ------------------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* An offer is asked for again in each run, so that a node that forgot it makes another. */
static enum wallet_exit collect_offers(struct effort *effort, uint64_t timeout_ms)
{
    const uint64_t deadline = now_ms() + timeout_ms;
    struct wallet *wallet = effort->wallet;
    for (size_t i = 0; i < effort->record.nodes_count; i++)
        offer(effort, i);
    if (count_of(effort, ASKED) > 0 && isatty(STDERR_FILENO) && !wallet_is_json(wallet))
        fprintf(stderr, "waiting for %zu operators to say: lnode accept %s\n",
                count_of(effort, ASKED), effort->record.label);
    while (count_of(effort, ASKED) > 0 && count_of(effort, REFUSED) == 0 && now_ms() < deadline) {
        nanosleep(
            &(struct timespec){.tv_nsec = POLL_MS % 1000 * 1000000L, .tv_sec = POLL_MS / 1000},
            NULL);
        for (size_t i = 0; i < effort->record.nodes_count; i++)
            if (effort->standing[i] == ASKED)
                offer(effort, i);
    }
    return judge(effort);
}

static bool is_loopback(const char *endpoint)
{
    return strncmp(endpoint, "127.", 4) == 0 || strncmp(endpoint, "localhost:", 10) == 0
           || strncmp(endpoint, "[::1]:", 6) == 0;
}

/* Two entries that cannot be of one committee: why, or NULL. */
static const char *clash(struct arena *arena, const struct together_node *one,
                         const struct together_node *other)
{
    const struct committee_entry *a = &one->entry, *b = &other->entry;
    if (address_equal(&a->consensus, &b->consensus)
        || memcmp(a->node_key, b->node_key, sizeof a->node_key) == 0)
        return arena_format(arena, "%s and %s are the same node", one->url, other->url);
    if (one->network != other->network)
        return arena_format(arena,
                            "%s is in network %" PRIu32 " and %s in %" PRIu32
                            ", and nodes of different networks do not talk (--peer-network)",
                            one->url, one->network, other->url, other->network);
    if (strcmp(a->endpoint, b->endpoint) == 0)
        return arena_format(arena,
                            "%s and %s both say that others reach them at %s; their operators "
                            "set --peer-bind, --peer-port and --peer-address",
                            one->url, other->url, a->endpoint);
    if (is_loopback(a->endpoint) != is_loopback(b->endpoint))
        return arena_format(arena,
                            "%s says that others reach it at %s, which is only its own machine; "
                            "its operator sets --peer-bind and --peer-address",
                            is_loopback(a->endpoint) ? one->url : other->url,
                            is_loopback(a->endpoint) ? a->endpoint : b->endpoint);
    return NULL;
}

/* The document of the terms and all entries. */
static enum wallet_exit write_document(struct effort *effort)
{
    struct together *record = &effort->record;
    struct arena *arena = &effort->wallet->arena;
    struct committee_entry *committee = arena_array(arena, record->nodes_count, sizeof *committee);
    struct buffer document = {0};
    struct genesis genesis;
    struct error error;
    for (size_t i = 0; i < record->nodes_count; i++) {
        committee[i] = record->nodes[i].entry;
        for (size_t j = 0; j < i; j++) {
            const char *why = clash(arena, &record->nodes[j], &record->nodes[i]);
            if (why != NULL)
                return give_up(effort, "%s", why);
        }
    }
    if (!genesis_parse_terms(&genesis, record->terms, arena, &error))
        return wallet_fail_error(effort->wallet, &error, NULL);
    genesis.committee = committee;
    genesis.committee_size = (unsigned)record->nodes_count;
    if (!genesis_check(&genesis, &error))
        return give_up(effort, "%s", error.text);
    genesis_format(&genesis, &document);
    record->document = arena_copy(arena, buffer_view(&document));
    buffer_cleanup(&document);
    return save(effort);
}

static enum wallet_exit collect_acceptances(struct effort *effort)
{
    for (size_t i = 0; i < effort->record.nodes_count; i++) {
        effort->standing[i] = ACCEPTED;
        if (!effort->record.nodes[i].has_acceptance)
            accept(effort, i);
    }
    const enum wallet_exit code = save(effort);
    return code == WALLET_OK ? judge(effort) : code;
}

static enum wallet_exit seal(struct effort *effort)
{
    struct error error;
    uint64_t timeout_ms;
    struct wallet *wallet = effort->wallet;
    if (!send_timeout_option(wallet, &timeout_ms, &error)
        || !book_unlock(wallet, &effort->founding->founder, &effort->key, &error))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code = WALLET_OK;
    if (effort->record.document.size == 0)
        code = collect_offers(effort, timeout_ms);
    if (code == WALLET_OK && effort->record.document.size == 0)
        code = write_document(effort);
    if (code == WALLET_OK
        && !verify_charter(wallet, effort->record.document, &effort->ledger, &error))
        code = wallet_fail_error(wallet, &error, NULL);
    if (code == WALLET_OK)
        code = collect_acceptances(effort);
    secret_key_cleanup(&effort->key);
    return code;
}

/* The node that this wallet works with afterwards: the one in the settings if it has it. */
static const char *home_of(struct effort *effort)
{
    const char *home = NULL;
    const char *set = founding_endpoint(effort->wallet, "");
    for (size_t i = effort->record.nodes_count; i > 0; i--) {
        const char *url = effort->record.nodes[i - 1].url;
        if (effort->standing[i - 1] != FOUNDED)
            continue;
        if (strcmp(founding_endpoint_at(effort->wallet, url, ""), set) == 0)
            return url;
        home = url;
    }
    return home;
}

static void say_founded(struct effort *effort, const char *home)
{
    struct wallet *wallet = effort->wallet;
    const struct founding *founding = effort->founding;
    const unsigned members = (unsigned)effort->record.nodes_count;
    const enum quorum_mode mode = effort->ledger.genesis.mode;
    const char *meaning = quorum_meaning(mode, members, &wallet->arena);
    const char *advice = quorum_advice(mode, members);
    const char *place = founding_endpoint_at(wallet, home, effort->record.label);
    char id[67] = "0x";
    hex_encode(id + 2, effort->ledger.id.bytes, 32);
    wallet_say(wallet, "founded %s with %u nodes, chain id %" PRIu64, founding->name, members,
               effort->ledger.chain_id);
    wallet_say(wallet, "  id            %s", id);
    wallet_say(wallet, "  genesis coin  %s %s to %s for \"%s\", published in the charter",
               founding->grant, founding->symbol, founding->founder.name, founding->reason);
    wallet_say(wallet, "  committee     mode %s, %u of %u decide: %s", quorum_mode_name(mode),
               quorum_size(mode, members), members, meaning);
    if (advice != NULL)
        wallet_say(wallet, "                %s", advice);
    wallet_say(wallet, "  address       %s", place);
    wallet_put_text(wallet, "id", id);
    wallet_put(wallet, "chainId", json_integer((json_int_t)effort->ledger.chain_id));
    wallet_put_text(wallet, "meaning", meaning);
    wallet_put_text(wallet, "address", place);
}

/* Also when a flag named the node: what comes next names none. */
static enum wallet_exit work_with(struct effort *effort, const char *home)
{
    struct error error;
    struct wallet *wallet = effort->wallet;
    wallet->options.values[OPTION_RPC] = NULL;
    const bool is_set =
        strcmp(founding_endpoint(wallet, ""), founding_endpoint_at(wallet, home, "")) == 0;
    wallet->options.values[OPTION_RPC] = home;
    if (!is_set && !config_set(wallet, SETTING_RPC, home, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (!founding_keep_default(wallet, effort->founding, effort->record.label, &effort->ledger,
                               &error))
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet,
               "this wallet now works with %s; another: --org LABEL, or lwallet config set "
               "org LABEL",
               effort->record.label);
    wallet_put_text(wallet, "default", effort->record.label);
    return WALLET_OK;
}

/* Whoever has signed gets it; who is away now is told by the same command later. */
static enum wallet_exit complete_all(struct effort *effort)
{
    struct wallet *wallet = effort->wallet;
    struct together *record = &effort->record;
    struct error error;
    if (!verify_charter(wallet, record->document, &effort->ledger, &error))
        return wallet_fail_error(wallet, &error, NULL);
    for (size_t i = 0; i < record->nodes_count; i++) {
        effort->standing[i] = FOUNDED;
        if (!record->nodes[i].is_founded)
            complete(effort, i);
    }
    enum wallet_exit code = save(effort);
    const size_t founded = count_of(effort, FOUNDED);
    const char *home = home_of(effort);
    if (founded > 0)
        say_founded(effort, home);
    say_nodes(effort);
    if (code == WALLET_OK && founded > 0)
        code = work_with(effort, home);
    if (code != WALLET_OK)
        return code;
    if (founded < record->nodes_count)
        return wallet_fail(
            wallet, count_of(effort, REFUSED) > 0 ? WALLET_REFUSED : WALLET_UNREACHABLE,
            "the same command within 7 days: it tells the others",
            "all nodes have signed, but only %zu of %zu have it yet", founded, record->nodes_count);
    return together_forget(wallet, record->label, &error) ? WALLET_OK
                                                          : wallet_fail_error(wallet, &error, NULL);
}

/* ---- Beginning, or going on ---------------------------------------------------------------------- */

static void write_terms(struct effort *effort, uint64_t created, struct buffer *out)
{
    struct genesis_coin coin;
    struct genesis genesis;
    founding_genesis(effort->founding, created, &coin, &genesis);
    genesis_format_terms(&genesis, out);
}

/* Does the command say what was begun? */
static bool is_same(struct effort *effort, const struct together *begun)
{
    const struct options *options = &effort->wallet->options;
    struct buffer terms = {0};
    struct genesis genesis;
    struct error ignored;
    bool same = begun->nodes_count == options->nodes_count
                && genesis_parse_terms(&genesis, begun->terms, &effort->wallet->arena, &ignored);
    if (same)
        write_terms(effort, genesis.created, &terms);
    same = same && bytes_equal(buffer_view(&terms), begun->terms);
    for (size_t i = 0; same && i < options->nodes_count; i++)
        same = strcmp(begun->nodes[i].url, options->nodes[i]) == 0;
    buffer_cleanup(&terms);
    return same;
}

static enum wallet_exit begin(struct effort *effort)
{
    const struct options *options = &effort->wallet->options;
    struct together *record = &effort->record;
    struct buffer terms = {0};
    *record =
        (struct together){.label = effort->founding->label, .nodes_count = options->nodes_count};
    if (RAND_bytes(record->session, sizeof record->session) != 1)
        return wallet_fail(effort->wallet, WALLET_LOCAL, NULL, "the system gave no random bytes");
    write_terms(effort, (uint64_t)time(NULL), &terms);
    record->terms = arena_copy(&effort->wallet->arena, buffer_view(&terms));
    buffer_cleanup(&terms);
    for (size_t i = 0; i < options->nodes_count; i++)
        record->nodes[i].url = options->nodes[i];
    return save(effort);
}

static enum wallet_exit begin_or_go_on(struct effort *effort)
{
    struct wallet *wallet = effort->wallet;
    struct error error;
    bool found;
    if (!together_load(wallet, effort->founding->label, &effort->record, &found, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (!found)
        return begin(effort);
    if (is_same(effort, &effort->record))
        return WALLET_OK;
    if (!together_is_sealed(&effort->record))
        return begin(effort);
    return wallet_fail(
        wallet, WALLET_REFUSED,
        "the command it was begun with: the same choices, and the same nodes in the same order",
        "%s is being founded with other choices or other nodes, and all of them have signed; "
        "%s keeps what the others need to have it, too",
        effort->founding->label, together_path(wallet, effort->founding->label));
}

/* The operator's token goes to the operator's own node only: the one in the settings. */
static bool connect(struct effort *effort, struct error *error)
{
    struct wallet *wallet = effort->wallet;
    const char *own = founding_endpoint(wallet, "");
    char token[CHAIN_TOKEN_SIZE_MAX + 1];
    for (size_t i = 0; i < effort->record.nodes_count; i++) {
        const char *url = effort->record.nodes[i].url;
        struct error ignored;
        size_t size = strlen(url);
        while (size > 0 && url[size - 1] == '/')
            size--;
        token[0] = '\0';
        const bool is_own = strcmp(founding_endpoint_at(wallet, url, ""), own) == 0;
        if (is_own && !chain_read_token(wallet, token, &ignored))
            token[0] = '\0'; /* its operator is asked like any other */
        effort->clients[i] =
            rpc_client_new(arena_format(&wallet->arena, "%.*s/", (int)size, url),
                           token[0] == '\0' ? NULL : token, CALL_TIMEOUT_MS, error);
        explicit_bzero(token, sizeof token);
        if (effort->clients[i] == NULL)
            return error_prefix(error, "--node %.200s", url);
    }
    return true;
}

static bool check_nodes(struct wallet *wallet, struct error *error)
{
    const struct options *options = &wallet->options;
    for (size_t i = 0; i < options->nodes_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(founding_endpoint_at(wallet, options->nodes[i], ""),
                       founding_endpoint_at(wallet, options->nodes[j], ""))
                == 0)
                return error_set(error, ERROR_INVALID, "--node %.200s is given twice",
                                 options->nodes[i]);
    return true;
}

enum wallet_exit together_found(struct wallet *wallet, const struct founding *founding)
{
    struct effort *effort = arena_alloc(&wallet->arena, sizeof *effort);
    struct error error;
    *effort = (struct effort){.wallet = wallet, .founding = founding};
    if (!check_nodes(wallet, &error))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code = begin_or_go_on(effort);
    if (code == WALLET_OK && !connect(effort, &error))
        code = wallet_fail_error(wallet, &error, NULL);
    if (code == WALLET_OK && !together_is_sealed(&effort->record))
        code = seal(effort);
    if (code == WALLET_OK)
        code = complete_all(effort);
    for (size_t i = 0; i < effort->record.nodes_count; i++)
        rpc_client_free(effort->clients[i]);
    return code;
}
