#include "rpc/trace/options.h"

#include "rpc/arguments.h"

static const struct {
    const char *name;
    enum trace_kind kind;
} TRACERS[] = {
    {"", TRACE_STEPS},
    {"callTracer", TRACE_CALLS},
    {"prestateTracer", TRACE_PRESTATE},
    {"4byteTracer", TRACE_SELECTORS},
    {"noopTracer", TRACE_NOTHING},
};

/* Go's time.ParseDuration: numbers with units behind each other, "1m30s", "1.5s", "300ms". */
static const struct {
    const char *name;
    double ms;
} UNITS[] = {
    {"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
};

static bool refuse(struct call *call, const char *where, const char *member, const json_t *value,
                   const char *expected)
{
    call_fail(call, RPC_INVALID_PARAMS, "%s.%s: found %s; expected %s", where, member,
              argument_shown(call, value), expected);
    return false;
}

static bool read_flag(struct call *call, const char *where, const json_t *json, const char *member,
                      bool *flag)
{
    const json_t *value = json_object_get(json, member);
    if (value == NULL || json_is_null(value))
        return true;
    *flag = json_is_true(value);
    return json_is_boolean(value) || refuse(call, where, member, value, "true or false");
}

/* Digits with at most one point; advances *at. */
static bool parse_number(const char **at, double *number)
{
    double scale = 1;
    bool has_digit = false, has_point = false;
    *number = 0;
    for (;; ++*at) {
        char digit = **at;
        if (digit == '.' && !has_point) {
            has_point = true;
        } else if (digit >= '0' && digit <= '9') {
            has_digit = true;
            scale = has_point ? scale / 10 : scale;
            *number = has_point ? *number + scale * (digit - '0') : 10 * *number + (digit - '0');
        } else {
            return has_digit;
        }
    }
}

/* The unit in letters that stands here; advances *at. */
static bool parse_unit(const char **at, double *ms)
{
    size_t size = strspn(*at, "nusmh");
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++)
        if (strlen(UNITS[i].name) == size && memcmp(UNITS[i].name, *at, size) == 0) {
            *at += size;
            *ms = UNITS[i].ms;
            return true;
        }
    return false;
}

static bool parse_duration(const char *text, uint64_t *ms)
{
    double sum = 0, number, unit_ms;
    const char *at = text;
    do {
        if (!parse_number(&at, &number) || !parse_unit(&at, &unit_ms))
            return false;
        sum += number * unit_ms;
    } while (*at != '\0');
    *ms = sum < 9e15 ? (uint64_t)sum : (uint64_t)9e15;
    return true;
}

static bool read_timeout(struct call *call, const char *where, const json_t *json,
                         struct trace_options *options)
{
    const json_t *value = json_object_get(json, "timeout");
    if (value == NULL || json_is_null(value))
        return true;
    options->has_timeout = true;
    return (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value)
            && parse_duration(json_string_value(value), &options->timeout_ms))
           || refuse(call, where, "timeout", value, "a duration such as \"5s\" or \"300ms\"");
}

/* A JSON number, or a 0x quantity. */
static bool read_number(struct call *call, const char *where, const json_t *json,
                        const char *member, uint64_t *out, bool *is_given)
{
    const json_t *value = json_object_get(json, member);
    if (value == NULL || json_is_null(value))
        return true;
    *is_given = true;
    if (!json_is_number(value))
        return argument_quantity(call, arena_format(call->arena, "%s.%s", where, member), value,
                                 out);
    double number = json_number_value(value);
    if (number < 0 || number > 9007199254740991.0 || number != (double)(uint64_t)number)
        return refuse(call, where, member, value, "a whole number from 0 to 2^53 - 1");
    *out = (uint64_t)number;
    return true;
}

static bool read_kind(struct call *call, const char *where, const json_t *json,
                      struct trace_options *options)
{
    const json_t *value = json_object_get(json, "tracer");
    if (value == NULL || json_is_null(value))
        return true;
    for (size_t i = 0; json_is_string(value) && i < sizeof TRACERS / sizeof *TRACERS; i++)
        if (strcmp(json_string_value(value), TRACERS[i].name) == 0) {
            options->kind = TRACERS[i].kind;
            return true;
        }
    return refuse(call, where, "tracer", value,
                  "callTracer, prestateTracer, 4byteTracer, noopTracer or none for the struct "
                  "logger; tracers written in JavaScript are not run here");
}

static bool read_tracer_config(struct call *call, const char *where, const json_t *json,
                               struct trace_options *options)
{
    const json_t *config = json_object_get(json, "tracerConfig");
    const char *inside = arena_format(call->arena, "%s.tracerConfig", where);
    if (config == NULL || json_is_null(config) || options->kind == TRACE_STEPS)
        return true;
    if (!json_is_object(config))
        return refuse(call, where, "tracerConfig", config, "an object");
    if (options->kind == TRACE_CALLS)
        return read_flag(call, inside, config, "onlyTopCall", &options->only_top_call)
               && read_flag(call, inside, config, "withLog", &options->with_log);
    if (options->kind == TRACE_PRESTATE)
        return read_flag(call, inside, config, "diffMode", &options->diff_mode)
               && read_flag(call, inside, config, "disableCode", &options->disable_code)
               && read_flag(call, inside, config, "disableStorage", &options->disable_storage)
               && read_flag(call, inside, config, "includeEmpty", &options->include_empty);
    return true;
}

/* "ignored when a named tracer is set" (execution-apis, TraceConfig). */
static bool read_steps_config(struct call *call, const char *where, const json_t *json,
                              struct trace_options *options)
{
    bool has_limit = false;
    return options->kind != TRACE_STEPS
           || (read_flag(call, where, json, "enableMemory", &options->enable_memory)
               && read_flag(call, where, json, "disableStack", &options->disable_stack)
               && read_flag(call, where, json, "disableStorage", &options->disable_storage)
               && read_flag(call, where, json, "enableReturnData", &options->enable_return_data)
               && read_number(call, where, json, "limit", &options->steps_max, &has_limit));
}

/* geth's chain rules for one call. */
static bool has_no_rules(struct call *call, const char *where, const json_t *json)
{
    const json_t *value = json_object_get(json, "overrides");
    return value == NULL || json_is_null(value)
           || refuse(call, where, "overrides", value,
                     "none: a trace runs under the rules of its block");
}

bool trace_options_read(struct call *call, const char *where, const json_t *json,
                        struct trace_options *options)
{
    *options = (struct trace_options){0};
    return json == NULL
           || (read_kind(call, where, json, options) && has_no_rules(call, where, json)
               && read_timeout(call, where, json, options)
               && read_number(call, where, json, "txIndex", &options->index, &options->has_index)
               && read_steps_config(call, where, json, options)
               && read_tracer_config(call, where, json, options));
}
