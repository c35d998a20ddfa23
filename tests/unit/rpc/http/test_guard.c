#include "rpc/http/guard.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct http_guard guard_for_tests(void)
{
    static const char *const hosts[] = {"Box.Home:8545", "10.0.0.9"};
    static const char *const origins[] = {"https://app.example"};
    struct http_guard guard;
    struct error error;
    cr_assert(http_guard_init(&guard, "127.0.0.1", hosts, 2, origins, 1, &error));
    return guard;
}

static void set(struct http_request *request, enum http_field field, const char *value)
{
    request->has_field[field] = value != NULL;
    snprintf(request->fields[field], HTTP_FIELD_MAX + 1, "%s", value != NULL ? value : "");
}

static int judge(const struct http_guard *guard, enum http_verb verb, const char *target,
                 const char *host, const char *origin, const char *type,
                 struct http_destination *destination)
{
    static struct http_request request;
    struct http_refusal refusal = {0};
    memset(&request, 0, sizeof request);
    request.verb = verb;
    snprintf(request.target, sizeof request.target, "%s", target);
    set(&request, HTTP_FIELD_HOST, host);
    set(&request, HTTP_FIELD_ORIGIN, origin);
    set(&request, HTTP_FIELD_CONTENT_TYPE, type);
    bool ok = http_guard_judge(guard, &request, destination, &refusal);
    cr_expect_eq(ok, refusal.status == 0);
    cr_expect_eq(ok, refusal.text[0] == '\0');
    return refusal.status;
}

#define JSON "application/json"

Test(guard, only_known_hosts_are_answered)
{
    static const struct {
        const char *host;
        int status;
    } cases[] = {
        {"localhost", 0},
        {"LocalHost:1", 0},
        {"127.0.0.1:8545", 0},
        {"127.200.3.4", 0},
        {"[::1]:8545", 0},
        {"[::1]", 0},
        {"box.home", 0},
        {"BOX.HOME:99", 0},
        {"10.0.0.9", 0},
        {NULL, 400},
        {"", 400},
        {"evil.example", 421},
        {"localhost.evil", 421},
        {"127.0.0.1.evil", 421},
        {"127.0.0.256", 421},
        {"127.0.0", 421},
        {"10.0.0.8", 421},
        {"[::2]", 421},
        {"evil@localhost", 421},
        {"0.0.0.0", 421},
        {"2130706433", 421},
    };
    struct http_guard guard = guard_for_tests();
    struct http_destination destination;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        cr_expect_eq(
            judge(&guard, HTTP_VERB_POST, "/", cases[index].host, NULL, JSON, &destination),
            cases[index].status, "%s", cases[index].host);
    http_guard_cleanup(&guard);
}

Test(guard, only_known_origins_are_answered)
{
    static const struct {
        const char *origin;
        int status;
        bool is_shown;
    } cases[] = {
        {"http://localhost:8545", 0, false},
        {"https://app.example", 0, true},
        {"chrome-extension://abc", 0, true},
        {"moz-extension://1-2", 0, true},
        {"http://localhost:3000", 403, false},
        {"https://localhost:8545", 403, false},
        {"http://app.example", 403, false},
        {"https://app.example.evil", 403, false},
        {"https://evil.example", 403, false},
        {"null", 403, false},
        {"", 403, false},
    };
    struct http_guard guard = guard_for_tests();
    struct http_destination destination;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        cr_expect_eq(judge(&guard, HTTP_VERB_POST, "/", "localhost:8545", cases[index].origin, JSON,
                           &destination),
                     cases[index].status, "%s", cases[index].origin);
        cr_expect_eq(destination.shows_origin, cases[index].is_shown, "%s", cases[index].origin);
    }
    http_guard_cleanup(&guard);
}

Test(guard, the_host_is_judged_before_anything_else)
{
    struct http_guard guard = guard_for_tests();
    struct http_destination destination;
    cr_expect_eq(judge(&guard, HTTP_VERB_OTHER, "/nothing", "evil", "null", "x", &destination),
                 421);
    cr_expect_eq(judge(&guard, HTTP_VERB_OTHER, "/nothing", "localhost", "null", "x", &destination),
                 403);
    cr_expect_eq(judge(&guard, HTTP_VERB_OTHER, "/nothing", "localhost", NULL, "x", &destination),
                 404);
    cr_expect_eq(judge(&guard, HTTP_VERB_OTHER, "/", "localhost", NULL, "x", &destination), 405);
    cr_expect_eq(judge(&guard, HTTP_VERB_POST, "/", "localhost", NULL, "x", &destination), 415);
    http_guard_cleanup(&guard);
}

Test(guard, paths_and_methods_lead_to_their_routes)
{
    static const struct {
        enum http_verb verb;
        const char *target;
        const char *type;
        int status;
        enum http_route route;
        const char *org;
    } cases[] = {
        {HTTP_VERB_POST, "/", JSON, 0, HTTP_ROUTE_RPC, ""},
        {HTTP_VERB_POST, "/o/acme", "Application/JSON; charset=utf-8", 0, HTTP_ROUTE_RPC, "acme"},
        {HTTP_VERB_POST, "/", "text/plain", 415, 0, ""},
        {HTTP_VERB_POST, "/", "application/jsonp", 415, 0, ""},
        {HTTP_VERB_POST, "/", NULL, 415, 0, ""},
        {HTTP_VERB_POST, "/health", JSON, 405, 0, ""},
        {HTTP_VERB_GET, "/", NULL, 0, HTTP_ROUTE_PAGE, ""},
        {HTTP_VERB_GET, "/?a=b", NULL, 0, HTTP_ROUTE_PAGE, ""},
        {HTTP_VERB_HEAD, "/o/acme", NULL, 0, HTTP_ROUTE_PAGE, "acme"},
        {HTTP_VERB_GET, "/health", NULL, 0, HTTP_ROUTE_HEALTH, ""},
        {HTTP_VERB_GET, "/metrics", NULL, 0, HTTP_ROUTE_METRICS, ""},
        {HTTP_VERB_POST, "/metrics", JSON, 405, 0, ""},
        {HTTP_VERB_GET, "/metrics/", NULL, 404, 0, ""},
        {HTTP_VERB_GET, "/o/", NULL, 404, 0, ""},
        {HTTP_VERB_GET, "/o/a/b", NULL, 404, 0, ""},
        {HTTP_VERB_GET, "/o/..", NULL, 404, 0, ""},
        {HTTP_VERB_GET, "/healthy", NULL, 404, 0, ""},
        {HTTP_VERB_GET, "", NULL, 404, 0, ""},
        {HTTP_VERB_OPTIONS, "/", NULL, 405, 0, ""}, /* no origin: no preflight */
        {HTTP_VERB_OTHER, "/", JSON, 405, 0, ""},
    };
    struct http_guard guard = guard_for_tests();
    struct http_destination destination;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        int status = judge(&guard, cases[index].verb, cases[index].target, "localhost", NULL,
                           cases[index].type, &destination);
        cr_expect_eq(status, cases[index].status, "case %zu: %d", index, status);
        if (status == 0) {
            cr_expect_eq(destination.route, cases[index].route, "case %zu", index);
            cr_expect_str_eq(destination.org, cases[index].org);
        }
    }
    cr_expect_eq(judge(&guard, HTTP_VERB_OPTIONS, "/", "localhost", "https://app.example", NULL,
                       &destination),
                 0);
    cr_expect_eq(destination.route, HTTP_ROUTE_PREFLIGHT);
    http_guard_cleanup(&guard);
}

Test(guard, wildcards_and_non_origins_are_refused_at_start)
{
    static const char *const bad[] = {"*",        "https://*.example", "app.example",
                                      "https://", "https://a/b",       ""};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        struct http_guard guard;
        struct error error;
        cr_expect(!http_guard_init(&guard, "127.0.0.1", NULL, 0, &bad[index], 1, &error), "%s",
                  bad[index]);
        cr_expect_eq(error.code, ERROR_INVALID);
        http_guard_cleanup(&guard);
    }
    static const char *const any[] = {"*"};
    struct http_guard guard;
    struct error error;
    cr_expect(!http_guard_init(&guard, "127.0.0.1", any, 1, NULL, 0, &error));
    http_guard_cleanup(&guard);
}
