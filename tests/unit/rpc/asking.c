#include "tests/unit/rpc/asking.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

struct fake_host fake;
struct rpc_limits limits;

void asking_start(void)
{
    fake_host_start(&fake, NULL);
    limits = rpc_limits_default();
}

void asking_stop(void)
{
    fake_host_stop(&fake);
}

static json_t *ask_as(bool is_operator, const char *method, const char *params)
{
    char *request = NULL;
    cr_assert(asprintf(&request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
                       method, params)
              > 0);
    char *text = fake_ask(&fake, &limits, is_operator, request);
    json_t *answer = json_loads(text, 0, NULL);
    cr_assert(answer != NULL, "%s: no JSON: %s", request, text);
    free(text);
    free(request);
    return answer;
}

json_t *ask(const char *method, const char *params)
{
    return ask_as(true, method, params);
}

json_t *ask_for(const char *method, const char *params, const char *member)
{
    json_t *answer = ask_as(false, method, params);
    json_t *found = json_incref(json_object_get(answer, member));
    if (found == NULL) {
        char *text = json_dumps(answer, JSON_COMPACT);
        cr_assert_fail("%s %s: no %s in %.2000s", method, params, member, text);
    }
    json_decref(answer);
    return found;
}

void expect_result(const char *method, const char *params, const char *expected)
{
    json_t *answer = ask(method, params);
    char *text = json_dumps(json_object_get(answer, "result"), JSON_ENCODE_ANY | JSON_COMPACT);
    cr_expect(text != NULL && strcmp(text, expected) == 0, "%s %s: %s, expected %s", method, params,
              text != NULL ? text : "an error", expected);
    free(text);
    json_decref(answer);
}

void expect_error(const char *method, const char *params, int code, const char *words)
{
    json_t *answer = ask(method, params), *error = json_object_get(answer, "error");
    const char *message = json_string_value(json_object_get(error, "message"));
    cr_expect(json_integer_value(json_object_get(error, "code")) == code && message != NULL
                  && strstr(message, words) != NULL,
              "%s %s: %d %s, expected %d ...%s", method, params,
              (int)json_integer_value(json_object_get(error, "code")),
              message != NULL ? message : "none", code, words);
    json_decref(answer);
}

const char *text_at(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text != NULL ? text : "(none)";
}
