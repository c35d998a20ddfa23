#include "rpc/dispatch.h"

#include "rpc/arguments.h"
#include "rpc/envelope.h"
#include "rpc/methods/unserved.h"
#include "rpc/metrics/counts.h"
#include "rpc/pending.h"
#include "rpc/plain.h"
#include "rpc/scope.h"
#include "rpc/subscriptions/hub.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_MS       1000000u
#define REQUEST_TIME_MS 30000 /* for all calls of one request together */
#define ID_SIZE_MAX     1024  /* what is echoed is bounded */

/* One item of the request. */
struct slot {
    struct call *call;  /* NULL until it is parsed, or when it is no valid request */
    struct arena arena; /* of the call, until it is done */
    json_t *json;       /* what the arguments borrow from */
    const json_t *params;
    bool is_parsed;
    bool is_done;
    bool has_acquired;  /* what it waited for has come */
    size_t start, size; /* its answer within `pieces` */
    uint64_t began_ns;  /* when it was read */
};

struct exchange {
    const struct rpc_host *host;
    const struct rpc_limits *limits;
    struct rpc_ledger *pinned;
    struct rpc_ledger *acquired;
    struct buffer body;
    struct arena arena;
    struct request_scope scope;
    uint64_t (*gate)(void *gate, size_t calls); /* NULL: all may run */
    void *gate_context;
    uint64_t wait_ms; /* said by the gate */
    uint64_t now_ns;  /* when the last call ended, or work on them began here */
    bool is_split;
    bool is_whole_error; /* `pieces` holds one error for all of it */
    struct envelope envelope;
    struct slot *slots;
    size_t parked;                      /* the first slot that is not done; up to `cursor` */
    size_t cursor;                      /* the first slot not begun */
    struct buffer pieces;               /* answers as they were given */
    struct buffer answer;               /* of the whole request */
    struct subscription *subscriptions; /* that it names; begun after it */
    struct rpc_counts *counts;          /* NULL: nothing is counted */
    struct ledger_view *view;           /* of `pinned`, once done */
};

struct exchange *exchange_new(const struct rpc_host *host, const struct rpc_limits *limits,
                              struct rpc_ledger *pinned, struct buffer *body, bool is_authorized)
{
    struct exchange *exchange = memory_new_zeroed(1, sizeof *exchange);
    exchange->host = host;
    exchange->limits = limits;
    exchange->pinned = pinned;
    exchange->body = *body;
    *body = (struct buffer){0};
    exchange->scope.is_authorized = is_authorized;
    return exchange;
}

void exchange_set_unavailable(struct exchange *exchange, const struct error *error)
{
    struct error *kept = arena_array(&exchange->arena, 1, sizeof *kept);
    *kept = *error;
    exchange->scope.unavailable = kept;
}

/* Gives back all but the answer. */
static void wind_up(struct exchange *exchange)
{
    for (size_t index = 0; exchange->slots != NULL && index < exchange->envelope.count; index++) {
        json_decref(exchange->slots[index].json);
        arena_cleanup(&exchange->slots[index].arena);
    }
    exchange->slots = NULL;
    scope_cleanup(&exchange->scope);
    buffer_cleanup(&exchange->body);
    buffer_cleanup(&exchange->pieces);
    arena_cleanup(&exchange->arena);
}

void exchange_free(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    wind_up(exchange);
    ledger_view_close(exchange->view);
    subscriptions_drop(&exchange->subscriptions);
    buffer_cleanup(&exchange->answer);
    free(exchange);
}

void exchange_set_client(struct exchange *exchange, bool (*is_gone)(const void *client),
                         void (*takes_long)(const void *client), const void *client)
{
    exchange->scope.is_gone = is_gone;
    exchange->scope.takes_long = takes_long;
    exchange->scope.client = client;
}

void exchange_set_gate(struct exchange *exchange, uint64_t (*wait_ms)(void *gate, size_t calls),
                       void *gate)
{
    exchange->gate = wait_ms;
    exchange->gate_context = gate;
}

uint64_t exchange_wait_ms(const struct exchange *exchange)
{
    return exchange->wait_ms;
}

void exchange_set_hub(struct exchange *exchange, struct hub *hub, struct filters *filters,
                      struct socket *socket)
{
    exchange->scope.hub = hub;
    exchange->scope.filters = filters;
    exchange->scope.socket = socket;
}

struct subscription *exchange_take_subscriptions(struct exchange *exchange)
{
    struct subscription *made = exchange->subscriptions;
    exchange->subscriptions = NULL;
    return made;
}

void exchange_set_view(struct exchange *exchange, struct ledger_view *view)
{
    scope_put_view(&exchange->scope, exchange->host->ops->ledger(exchange->pinned), view);
}

struct ledger_view *exchange_take_view(struct exchange *exchange)
{
    struct ledger_view *view = exchange->view;
    exchange->view = NULL;
    return view;
}

void exchange_set_counts(struct exchange *exchange, struct rpc_counts *counts)
{
    exchange->counts = counts;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A call that is done, with the code of its error or 0; `method` may be NULL. */
static void count_call(struct exchange *exchange, const struct slot *slot,
                       const struct method *method, int code)
{
    exchange->now_ns = now_ns();
    if (exchange->counts != NULL)
        rpc_counts_call(exchange->counts, method,
                        method != NULL ? exchange->now_ns - slot->began_ns : 0, code);
}

/* ---- Writing answers --------------------------------------------------------------------- */

static void write_head(struct buffer *out, struct bytes id)
{
    write_raw(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    if (id.size > 0)
        buffer_append_bytes(out, id);
    else
        write_raw(out, "null");
}

static void write_error(struct buffer *out, struct bytes id, int code, const char *text,
                        const struct bytes *data)
{
    write_head(out, id);
    write_raw(out, ",\"error\":{");
    write_key(out, "code");
    buffer_append_format(out, "%d", code);
    write_key_text(out, "message", text);
    if (data != NULL)
        write_key_data(out, "data", *data);
    write_raw(out, "}}");
}

void dispatch_write_error(struct buffer *out, int code, const char *text)
{
    write_error(out, (struct bytes){0}, code, text, NULL);
}

static void fail_whole(struct exchange *exchange, int code, const char *text)
{
    buffer_clear(&exchange->pieces);
    count_call(exchange, NULL, NULL, code);
    dispatch_write_error(&exchange->pieces, code, text);
    exchange->is_whole_error = true;
}

static void slot_fail(struct exchange *exchange, struct slot *slot, int code, const char *text)
{
    count_call(exchange, slot, NULL, code);
    slot->start = exchange->pieces.size;
    write_error(&exchange->pieces, (struct bytes){0}, code, text, NULL);
    slot->size = exchange->pieces.size - slot->start;
    slot->is_done = true;
}

/* ---- Reading the request ----------------------------------------------------------------- */

static void make_call(struct exchange *exchange, struct slot *slot, const struct method *method,
                      struct bytes id)
{
    struct call *call = arena_alloc(&exchange->arena, sizeof *call);
    call->method = method;
    call->id = id;
    call->host = exchange->host;
    call->limits = exchange->limits;
    call->scope = &exchange->scope;
    call->arena = &slot->arena;
    call->out = &exchange->pieces;
    slot->call = call;
}

/* Most calls; the others, and unknown methods, go through jansson. */
static bool parse_plain(struct exchange *exchange, struct slot *slot, struct bytes item)
{
    struct plain_call plain;
    if (!plain_call_read(item, &plain))
        return false;
    const struct method *method = method_find(plain.method);
    if (method == NULL || plain.id.size > ID_SIZE_MAX) {
        json_decref(plain.params);
        return false;
    }
    slot->json = plain.params;
    slot->params = plain.params;
    make_call(exchange, slot, method, plain.id);
    return true;
}

/* A single call in its plain form needs no cutting. */
static bool split_plain(struct exchange *exchange)
{
    struct slot *slot = arena_array(&exchange->arena, 1, sizeof *slot);
    if (!parse_plain(exchange, slot, buffer_view(&exchange->body)))
        return false;
    slot->began_ns = exchange->now_ns;
    slot->is_parsed = true;
    exchange->slots = slot;
    exchange->envelope.count = 1;
    return true;
}

static void split(struct exchange *exchange)
{
    struct arena *arena = &exchange->arena;
    size_t batch_max = exchange->limits->batch_max, calls = 1;
    enum envelope_verdict verdict = ENVELOPE_OK;
    if (!split_plain(exchange))
        verdict =
            envelope_split(&exchange->envelope, buffer_view(&exchange->body), batch_max, arena);
    if (exchange->envelope.is_batch)
        scope_refresh(&exchange->scope); /* it takes longer, and goes from place to place */
    exchange->is_split = true;
    exchange->scope.deadline_ms = exchange->now_ns / NS_PER_MS + REQUEST_TIME_MS;
    /* What cannot be read has cost work as well. */
    if (verdict == ENVELOPE_OK && exchange->envelope.count > 0)
        calls = exchange->envelope.count;
    if (exchange->gate != NULL)
        exchange->wait_ms = exchange->gate(exchange->gate_context, calls);
    switch (verdict) {
    case ENVELOPE_OK:
        if (exchange->envelope.count == 0)
            fail_whole(exchange, RPC_INVALID_REQUEST, "empty batch: expected at least one call");
        if (exchange->slots == NULL)
            exchange->slots = arena_array(arena, exchange->envelope.count, sizeof *exchange->slots);
        return;
    case ENVELOPE_EMPTY:
        fail_whole(exchange, RPC_PARSE_ERROR, "parse error: the request body is empty");
        break;
    case ENVELOPE_BROKEN:
        fail_whole(exchange, RPC_PARSE_ERROR,
                   "parse error: the request body is not one JSON value");
        break;
    case ENVELOPE_TOO_DEEP:
        fail_whole(
            exchange, RPC_PARSE_ERROR,
            arena_format(arena, "parse error: nested deeper than %d levels", ENVELOPE_DEPTH_MAX));
        break;
    case ENVELOPE_TOO_MANY_VALUES:
        fail_whole(
            exchange, RPC_INVALID_REQUEST,
            arena_format(arena, "request too large: at most %d values", ENVELOPE_VALUES_MAX));
        break;
    case ENVELOPE_TOO_MANY:
        fail_whole(exchange, RPC_INVALID_REQUEST,
                   arena_format(arena, "batch too large: at most %zu calls", batch_max));
        break;
    }
    exchange->envelope.count = 0;
}

/* The id as it was written; through jansson if its key was written with escapes. */
static struct bytes read_id(struct exchange *exchange, struct bytes item, const json_t *json)
{
    struct bytes id = envelope_id(item);
    const json_t *member = json_object_get(json, "id");
    if (id.size > 0 || member == NULL || json_is_object(member) || json_is_array(member)
        || json_is_boolean(member))
        return id;
    char *text = json_dumps(member, JSON_ENCODE_ANY | JSON_COMPACT);
    id = arena_copy(&exchange->arena, bytes_of_text(text != NULL ? text : "null"));
    free(text);
    return id;
}

static const char *judge_request(struct exchange *exchange, const json_t *json, struct bytes id)
{
    const json_t *version = json_object_get(json, "jsonrpc");
    const json_t *params = json_object_get(json, "params");
    if (!json_is_object(json))
        return "invalid request: expected an object with jsonrpc, method, params and id";
    if (json_object_get(json, "id") != NULL && id.size == 0)
        return "invalid request: id must be a string, a number or null";
    if (id.size > ID_SIZE_MAX)
        return arena_format(&exchange->arena, "invalid request: id is longer than %d bytes",
                            ID_SIZE_MAX);
    if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0)
        return "invalid request: jsonrpc must be \"2.0\"";
    if (!json_is_string(json_object_get(json, "method")))
        return "invalid request: method must be a string";
    if (params != NULL && !json_is_array(params) && !json_is_object(params)
        && !json_is_null(params))
        return "invalid request: params must be a list or an object";
    return NULL;
}

/* Integers as reals: one beyond 64 bits is then an ordinary (wrong) parameter. */
static void parse(struct exchange *exchange, size_t index)
{
    struct slot *slot = &exchange->slots[index];
    struct bytes item = exchange->envelope.items[index];
    json_error_t why;
    slot->is_parsed = true;
    slot->began_ns = exchange->now_ns;
    if (exchange->envelope.is_batch && parse_plain(exchange, slot, item))
        return; /* the single one has been tried */
    slot->json = json_loadb(
        (const char *)item.data, item.size,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &why);
    if (slot->json == NULL) {
        const char *text =
            arena_format(&exchange->arena, "parse error: %s at byte %d", why.text, why.position);
        slot_fail(exchange, slot, RPC_PARSE_ERROR, text);
        return;
    }
    struct bytes id = read_id(exchange, item, slot->json);
    const char *wrong = judge_request(exchange, slot->json, id);
    if (wrong != NULL) {
        slot_fail(exchange, slot, RPC_INVALID_REQUEST, wrong);
        return;
    }
    const json_t *name = json_object_get(slot->json, "method");
    slot->params = json_object_get(slot->json, "params");
    make_call(exchange, slot,
              method_find(bytes_of(json_string_value(name), json_string_length(name))), id);
}

/* ---- Running calls ----------------------------------------------------------------------- */

/* Which ledger and machine it works with, here and now. */
static void place_call(struct exchange *exchange, struct slot *slot, struct vm *machine)
{
    struct call *call = slot->call;
    call->pinned = slot->has_acquired ? exchange->acquired : exchange->pinned;
    call->ledger = call->pinned != NULL ? exchange->host->ops->ledger(call->pinned) : NULL;
    call->machine = machine;
}

static void finish(struct exchange *exchange, struct slot *slot, size_t start,
                   enum call_outcome outcome)
{
    struct buffer *out = &exchange->pieces;
    struct call *call = slot->call;
    bool is_notification = call->id.size == 0;
    if (outcome == CALL_ANSWERED)
        write_raw(out, "}");
    if (outcome == CALL_FAILED || is_notification)
        out->size = start;
    if (outcome == CALL_FAILED && !is_notification)
        write_error(out, call->id, call->error_code, call->error_text,
                    call->has_error_data ? &call->error_data : NULL);
    bool has_data = outcome == CALL_ANSWERED || call->has_error_data;
    if (has_data && out->size > exchange->limits->response_size_max) {
        call_fail(call, RPC_RESPONSE_TOO_LARGE,
                  "response too large: at most %zu bytes; ask for less at a time",
                  exchange->limits->response_size_max);
        out->size = start;
        write_error(out, call->id, call->error_code, call->error_text, NULL);
        outcome = CALL_FAILED;
    }
    count_call(exchange, slot, call->method, outcome == CALL_FAILED ? call->error_code : 0);
    slot->start = start;
    slot->size = out->size - start;
    slot->is_done = true;
    if (slot->has_acquired)
        scope_refresh(call->scope);
    json_decref(slot->json);
    slot->json = NULL;
    arena_cleanup(&slot->arena);
}

static void run_slot(struct exchange *exchange, struct slot *slot, struct vm *machine, call_fn run)
{
    struct buffer *out = &exchange->pieces;
    size_t start = out->size;
    place_call(exchange, slot, machine);
    write_head(out, slot->call->id);
    write_raw(out, ",\"result\":");
    enum call_outcome outcome = run(slot->call);
    if (outcome == CALL_MOVES)
        out->size = start;
    else
        finish(exchange, slot, start, outcome);
}

/* Refuses what may not run at all; else the arguments are read. */
static bool may_run(struct exchange *exchange, struct slot *slot)
{
    struct call *call = slot->call;
    if (exchange->wait_ms > 0) {
        call_fail(call, RPC_LIMIT_EXCEEDED,
                  "too many calls from this address: at most %" PRIu64
                  " a second; try again in %" PRIu64 " ms",
                  exchange->limits->calls_per_second_max, exchange->wait_ms);
        return false;
    }
    if (call->method == NULL) {
        const json_t *name = json_object_get(slot->json, "method");
        const char *advice =
            unserved_advice(bytes_of(json_string_value(name), json_string_length(name)));
        call_fail(call, RPC_METHOD_NOT_FOUND,
                  "the method %s does not exist or is not available; %s",
                  argument_shown(call, name), advice != NULL ? advice : "rpc.discover lists them");
        return false;
    }
    if (call->method->visibility == METHOD_TOKEN && !exchange->scope.is_authorized) {
        call_fail(call, RPC_DENIED,
                  "%s needs the operator's token: send \"Authorization: Bearer TOKEN\" with the "
                  "content of admin.token from the node's data directory",
                  call->method->name);
        return false;
    }
    if (exchange->pinned == NULL && !call->method->needs_no_ledger) {
        call_fail_without_ledger(call);
        return false;
    }
    if (exchange->now_ns / NS_PER_MS >= exchange->scope.deadline_ms) {
        call_fail(call, RPC_TIMEOUT, "request timed out: its calls may take %d s together",
                  REQUEST_TIME_MS / 1000);
        return false;
    }
    return arguments_read(call, slot->params);
}

/* A single call has read nothing yet: over there it reads what is newest then. */
static void begin_elsewhere(struct exchange *exchange, struct slot *slot, enum rpc_place place,
                            call_fn run)
{
    if (!exchange->envelope.is_batch)
        scope_refresh(&exchange->scope);
    call_continue(slot->call, place, run);
}

static void start_slot(struct exchange *exchange, struct slot *slot, struct vm *machine)
{
    if (slot->is_done)
        return;
    if (!may_run(exchange, slot)) {
        finish(exchange, slot, exchange->pieces.size, CALL_FAILED);
    } else if (pending_is_asked_for(slot->call)) {
        begin_elsewhere(exchange, slot, RPC_ON_LEDGER, pending_collect);
    } else if (slot->call->method->place != RPC_ANY_WORKER) {
        begin_elsewhere(exchange, slot, slot->call->method->place, slot->call->method->run);
    } else {
        run_slot(exchange, slot, machine, slot->call->method->run);
    }
}

static bool is_ready(const struct slot *slot, enum rpc_place here)
{
    const struct call *call = slot->call;
    if (call->is_waiting)
        return false;
    return call->next_org != NULL ? slot->has_acquired && here == RPC_ANY_WORKER
                                  : call->next_place == here;
}

/* Those that wait for this place, in order, up to the first that waits for another. */
static void run_parked(struct exchange *exchange, enum rpc_place here, struct vm *machine)
{
    while (exchange->parked < exchange->cursor) {
        struct slot *slot = &exchange->slots[exchange->parked];
        if (!slot->is_done) {
            if (!is_ready(slot, here))
                return;
            call_fn next = slot->call->next;
            slot->call->next_org = NULL;
            run_slot(exchange, slot, machine, next);
            if (!slot->is_done)
                return;
        }
        exchange->parked++;
    }
}

static bool may_start(struct exchange *exchange, size_t index)
{
    struct slot *slot = &exchange->slots[index];
    if (!slot->is_parsed)
        parse(exchange, index);
    return exchange->parked == exchange->cursor || slot->is_done || slot->call->method == NULL
           || slot->call->method->may_run_early;
}

static void run_new(struct exchange *exchange, struct vm *machine)
{
    const uint64_t until_ns = exchange->now_ns + exchange->limits->slice_ms * NS_PER_MS;
    while (exchange->cursor < exchange->envelope.count && may_start(exchange, exchange->cursor)) {
        struct slot *slot = &exchange->slots[exchange->cursor];
        start_slot(exchange, slot, machine);
        if (exchange->parked == exchange->cursor && slot->is_done)
            exchange->parked++;
        exchange->cursor++;
        if (!slot->is_done)
            exchange->now_ns = now_ns();
        if (exchange->now_ns >= until_ns)
            return;
    }
}

static struct exchange_next where_next(const struct exchange *exchange)
{
    struct exchange_next next = {EXCHANGE_RUN, RPC_ANY_WORKER, NULL};
    if (exchange->parked < exchange->cursor) {
        const struct call *call = exchange->slots[exchange->parked].call;
        next.place = call->next_place;
        next.org = call->next_org;
        if (call->is_waiting)
            next.step = EXCHANGE_WAIT;
        else if (call->next_org != NULL)
            next.step = EXCHANGE_ACQUIRE;
    } else if (exchange->cursor == exchange->envelope.count) {
        next.step = EXCHANGE_DONE;
    }
    return next;
}

static void assemble(struct exchange *exchange)
{
    struct buffer *answer = &exchange->answer;
    if (exchange->is_whole_error || !exchange->envelope.is_batch) {
        *answer = exchange->pieces;
        exchange->pieces = (struct buffer){0};
        return;
    }
    buffer_reserve(answer, exchange->pieces.size + exchange->envelope.count + 2);
    for (size_t index = 0; index < exchange->envelope.count; index++) {
        const struct slot *slot = &exchange->slots[index];
        if (slot->size == 0)
            continue;
        buffer_append_u8(answer, answer->size == 0 ? '[' : ',');
        buffer_append(answer, exchange->pieces.data + slot->start, slot->size);
    }
    if (answer->size > 0)
        buffer_append_u8(answer, ']');
}

struct exchange_next exchange_run(struct exchange *exchange, enum rpc_place here,
                                  struct vm *machine)
{
    struct request_scope *scope = &exchange->scope;
    exchange->now_ns = now_ns();
    if (!exchange->is_split)
        split(exchange);
    /* A batch comes here many times, and a single call is over soon. */
    if (exchange->envelope.is_batch && scope->is_gone != NULL && scope->is_gone(scope->client)) {
        wind_up(exchange);
        return (struct exchange_next){EXCHANGE_DONE, RPC_ANY_WORKER, NULL};
    }
    run_parked(exchange, here, machine);
    if (here == RPC_ANY_WORKER)
        run_new(exchange, machine);
    if (scope->has_submitted) {
        assert(here == RPC_ON_LEDGER);
        scope->has_submitted = false;
        scope_refresh(scope);
        exchange->host->ops->wake(exchange->host->context, exchange->pinned);
    }
    struct exchange_next next = where_next(exchange);
    if (next.step == EXCHANGE_DONE) {
        assemble(exchange);
        exchange->subscriptions = scope->subscriptions;
        scope->subscriptions = NULL;
        if (exchange->pinned != NULL)
            exchange->view = scope_take_view(scope, exchange->host->ops->ledger(exchange->pinned));
        wind_up(exchange);
    }
    return next;
}

void exchange_waited(struct exchange *exchange, bool is_ending)
{
    exchange->slots[exchange->parked].call->is_waiting = false;
    exchange->scope.is_ending = is_ending;
}

void exchange_acquired(struct exchange *exchange, struct rpc_ledger *ledger,
                       const struct error *error)
{
    struct slot *slot = &exchange->slots[exchange->parked];
    exchange->acquired = ledger;
    slot->has_acquired = ledger != NULL;
    if (ledger == NULL) {
        call_fail_with(slot->call, error);
        finish(exchange, slot, exchange->pieces.size, CALL_FAILED);
    }
}

struct buffer exchange_take_answer(struct exchange *exchange)
{
    struct buffer answer = exchange->answer;
    exchange->answer = (struct buffer){0};
    return answer;
}
