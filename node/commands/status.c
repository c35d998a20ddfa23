#include "node/commands/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "node/control.h"
#include "node/sync/progress.h"
#include "rpc/client.h"

#define RPC_PATIENCE_MS 3000

static const char *const status_flags[] = {"json", NULL};
static const char *const headlines[] = {"OK", "DEGRADED", "STALLED"};

/* What is wrong, and the next command; empty when all is well. */
struct finding {
    enum exit_code code;
    char text[ERROR_TEXT_SIZE];
};

static void find(struct finding *finding, enum exit_code code, const char *text)
{
    if (code <= finding->code)
        return;
    finding->code = code;
    snprintf(finding->text, sizeof finding->text, "%s", text);
}

static const char *text_of(const json_t *org, const char *key)
{
    const char *text = json_string_value(json_object_get(org, key));
    return text == NULL ? "" : text;
}

/* This node is fine; the first ledger that waits for others says for whom. */
static void judge_waiting(const json_t *orgs, struct finding *finding)
{
    char text[ERROR_TEXT_SIZE];
    size_t waiting = 0, count = json_array_size(orgs);
    for (size_t i = count; i > 0; i--) {
        const json_t *org = json_array_get(orgs, i - 1);
        if (text_of(org, "waits")[0] == '\0')
            continue;
        waiting++;
        snprintf(text, sizeof text, "%.64s: %.300s", text_of(org, "label"), text_of(org, "waits"));
    }
    if (waiting > 0)
        find(finding, waiting == count ? EXIT_STALLED : EXIT_DEGRADED, text);
}

/* STALLED when no ledger goes on, DEGRADED when some do not. */
static void judge_ledgers(const json_t *status, struct finding *finding)
{
    const json_t *orgs = json_object_get(status, "orgs");
    const char *problem = json_string_value(json_object_get(status, "problem"));
    size_t stopped = 0, count = json_array_size(orgs);

    for (size_t i = 0; i < count; i++) {
        const char *why = json_string_value(json_object_get(json_array_get(orgs, i), "stopped"));
        stopped += why != NULL && why[0] != '\0';
    }
    if (problem != NULL && problem[0] != '\0')
        find(finding, count > 0 && stopped == count ? EXIT_STALLED : EXIT_DEGRADED, problem);
    judge_waiting(orgs, finding);
}

/* The control socket answered, but do the doors? */
static void judge_rpc(const char *url, struct finding *finding)
{
    struct rpc_failure failure = {0};
    struct error error = {0};
    char text[ERROR_TEXT_SIZE];
    struct rpc_client *client = rpc_client_new(url, NULL, RPC_PATIENCE_MS, &error);
    json_t *answer =
        client == NULL ? NULL : rpc_client_call(client, "web3_clientVersion", NULL, &failure);

    if (answer == NULL) {
        snprintf(text, sizeof text, "%s does not answer: %.200s; restart lnode", url,
                 client == NULL ? error.text : failure.text);
        find(finding, EXIT_DEGRADED, text);
    }
    buffer_cleanup(&failure.data);
    json_decref(answer);
    rpc_client_free(client);
}

/* How far it is, and how long it will take. */
static void print_progress(const json_t *org)
{
    const json_int_t height = json_integer_value(json_object_get(org, "height"));
    const json_int_t target = json_integer_value(json_object_get(org, "syncTarget"));
    const json_int_t rate = json_integer_value(json_object_get(org, "blocksPer1000Seconds"));
    char text[SYNC_PROGRESS_TEXT_SIZE];
    if (target <= height)
        return;
    sync_progress_format((uint64_t)height, (uint64_t)target, (uint64_t)rate, text);
    printf("        %s\n", text);
}

static void print_text(const json_t *status, const char *data_dir, const struct finding *finding)
{
    const json_t *orgs = json_object_get(status, "orgs");

    printf("%s%s%s\n", headlines[finding->code], finding->text[0] == '\0' ? "" : " ",
           finding->text);
    if (status == NULL)
        return;
    printf("version %s, up %" JSON_INTEGER_FORMAT " s, pid %" JSON_INTEGER_FORMAT "\n",
           json_string_value(json_object_get(status, "version")),
           json_integer_value(json_object_get(status, "uptimeMs")) / 1000,
           json_integer_value(json_object_get(status, "pid")));
    printf("rpc     %s\ndata    %s\n", json_string_value(json_object_get(status, "rpc")), data_dir);
    for (size_t i = 0; i < json_array_size(orgs); i++) {
        const json_t *org = json_array_get(orgs, i);
        const char *why = json_string_value(json_object_get(org, "stopped"));
        const json_int_t members = json_integer_value(json_object_get(org, "members"));
        printf("org     %s  chain id %" JSON_INTEGER_FORMAT "  block %" JSON_INTEGER_FORMAT
               "%s%s%s\n",
               json_string_value(json_object_get(org, "label")),
               json_integer_value(json_object_get(org, "chainId")),
               json_integer_value(json_object_get(org, "height")),
               json_is_true(json_object_get(org, "default")) ? "  default" : "",
               why == NULL || why[0] == '\0' ? "" : "  stopped: ", why == NULL ? "" : why);
        if (json_is_true(json_object_get(org, "follows")))
            printf("        follows, %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
                   " members reachable%s\n",
                   json_integer_value(json_object_get(org, "membersReachable")), members,
                   json_is_true(json_object_get(org, "catchingUp")) ? "  catching up" : "");
        else if (members > 1)
            printf("        %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
                   " members reachable, %" JSON_INTEGER_FORMAT " needed  view %" JSON_INTEGER_FORMAT
                   "%s\n",
                   json_integer_value(json_object_get(org, "membersReachable")), members,
                   json_integer_value(json_object_get(org, "quorum")),
                   json_integer_value(json_object_get(org, "view")),
                   json_is_true(json_object_get(org, "catchingUp")) ? "  catching up" : "");
        print_progress(org);
    }
    const json_int_t asked = json_integer_value(json_object_get(status, "foundingsAsked"));
    if (asked > 0)
        printf("asked   to found together with others, %" JSON_INTEGER_FORMAT
               " waiting for your word: lnode accept\n",
               asked);
    if (json_array_size(orgs) == 0)
        printf("no organisation yet; found one: lwallet org create LABEL\n");
}

static void print_json(json_t *status, const struct finding *finding)
{
    json_t *object = status == NULL ? json_object() : json_copy(status);
    json_object_set_new(object, "status", json_string(headlines[finding->code]));
    json_object_set_new(object, "cause", json_string(finding->text));
    char *text = json_dumps(object, JSON_INDENT(2));
    printf("%s\n", text == NULL ? "{}" : text);
    free(text);
    json_decref(object);
}

static json_t *ask(const char *data_dir, struct finding *finding)
{
    struct buffer answer = {0};
    struct error error;
    json_t *status = NULL;
    char text[ERROR_TEXT_SIZE];

    if (control_ask(data_dir, "status", &answer, &error))
        status = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    if (status == NULL) {
        snprintf(text, sizeof text, "%s %.200s; %s",
                 data_dir_is_held(data_dir) ? "lnode runs but does not answer in"
                                            : "no lnode runs in",
                 data_dir,
                 data_dir_is_held(data_dir) ? "look at its log, then restart it"
                                            : "start it: lnode run");
        find(finding, EXIT_STALLED, text);
    } else {
        judge_ledgers(status, finding);
        judge_rpc(json_string_value(json_object_get(status, "rpc")), finding);
    }
    buffer_cleanup(&answer);
    return status;
}

enum exit_code command_status(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    struct finding finding = {.code = EXIT_OK};
    struct error error;

    if (!arguments_allow(arguments, status_flags, 0, &error)
        || !arguments_config(arguments, config, &error)) {
        free(config);
        return fail_with(&error, EXIT_USAGE);
    }
    json_t *status = ask(config->data_dir, &finding);
    if (arguments_flag(arguments, "json") != NULL)
        print_json(status, &finding);
    else
        print_text(status, config->data_dir, &finding);
    json_decref(status);
    free(config);
    return finding.code;
}
