#include "rpc/server.h"

#include "rpc/call.h"
#include "rpc/dispatch.h"
#include "rpc/http/front.h"
#include "rpc/pages/pages.h"
#include <assert.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#define JSON_TYPE "application/json"

struct rpc_server {
    struct rpc_host host;
    struct rpc_limits limits;
    struct http_guard guard;
    char *admin_token; /* NULL: nothing may use it */
    struct front *front;
    struct buffer page_headers; /* a text */
    struct event *stop_event;
    size_t works; /* requests that have not come back */
    bool is_stopping;
    void (*stopped)(void *arg);
    void *stopped_arg;
};

/* One request on its way. */
struct work {
    struct rpc_server *server;
    struct front_call *call;
    struct exchange *exchange;   /* NULL for a health check */
    struct rpc_ledger *pinned;   /* of the endpoint */
    struct rpc_ledger *acquired; /* asked for by a call */
    struct buffer body;          /* until there is an exchange; then the health answer */
    enum rpc_place here;
    struct exchange_next next;
    int status;
};

struct rpc_limits rpc_limits_default(void)
{
    return (struct rpc_limits){
        .body_size_max = 5u << 20,
        .batch_max = 1000,
        .response_size_max = 10u << 20,
        .connections_max = 2048,
        .connections_per_address_max = 2048,
        .logs_span_max = 10000,
        .logs_max = 10000,
        .call_gas_max = 50000000,
        .call_timeout_ms = 5000,
        .header_timeout_ms = 5000,
        .idle_timeout_ms = 120000,
    };
}

/* ---- Ending a request -------------------------------------------------------------------- */

static void release(struct rpc_server *server, struct rpc_ledger **ledger)
{
    if (*ledger != NULL)
        server->host.ops->release(server->host.context, *ledger);
    *ledger = NULL;
}

static void end_work(struct work *work)
{
    struct rpc_server *server = work->server;
    exchange_free(work->exchange); /* before the ledgers its view reads go */
    release(server, &work->acquired);
    release(server, &work->pinned);
    buffer_cleanup(&work->body);
    free(work);
    server->works--;
    if (server->is_stopping && server->works == 0)
        event_active(server->stop_event, EV_TIMEOUT, 1);
}

static void answer_error(struct work *work, int status, int code, const char *text)
{
    struct buffer answer = {0};
    dispatch_write_error(&answer, code, text);
    front_answer(work->call, status, JSON_TYPE, NULL, &answer);
    end_work(work);
}

static void answer_busy(struct work *work)
{
    answer_error(work, 503, RPC_LIMIT_EXCEEDED,
                 "the node is busy: its queue is full; try again in a moment");
}

static void answer_exchange(struct work *work)
{
    struct buffer answer = exchange_take_answer(work->exchange);
    if (answer.size > 0) {
        front_answer(work->call, 200, JSON_TYPE, NULL, &answer);
    } else {
        buffer_cleanup(&answer); /* notifications only */
        front_answer(work->call, 204, NULL, NULL, &answer);
    }
    end_work(work);
}

/* ---- From place to place ----------------------------------------------------------------- */

static void run_at(struct work *work, enum rpc_place place);

static void on_acquired_extra(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct work *work = arg;
    work->acquired = ledger;
    exchange_acquired(work->exchange, ledger, error);
    run_at(work, RPC_ANY_WORKER);
}

/* Back on the loop: done, held up, or refused by a full queue. */
static void on_back(void *arg)
{
    struct work *work = arg;
    struct rpc_server *server = work->server;
    switch (work->next.step) {
    case EXCHANGE_DONE: answer_exchange(work); break;
    case EXCHANGE_RUN: answer_busy(work); break;
    case EXCHANGE_ACQUIRE:
        release(server, &work->acquired);
        server->host.ops->acquire(server->host.context, work->next.org, on_acquired_extra, work);
        break;
    }
}

/* Once handed on or posted, the work may be elsewhere already: it is not touched again. */
static void run_job(struct vm *machine, void *arg)
{
    struct work *work = arg;
    const struct rpc_host *host = &work->server->host;
    work->next = exchange_run(work->exchange, work->here, machine);
    if (work->next.step == EXCHANGE_RUN) {
        work->here = work->next.place;
        if (host->ops->run(host->context, work->here, work->pinned, run_job, work))
            return;
    }
    host->ops->post(host->context, on_back, work);
}

static void run_at(struct work *work, enum rpc_place place)
{
    const struct rpc_host *host = &work->server->host;
    work->here = place;
    if (!host->ops->run(host->context, place, work->pinned, run_job, work))
        answer_busy(work);
}

static void on_acquired(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct work *work = arg;
    struct rpc_server *server = work->server;
    assert(ledger != NULL || error != NULL); /* host.h */
    /* Without any organisation, or with a damaged one behind it, `/` still lists and founds. */
    bool is_node_alone = error != NULL && error->code != ERROR_BUSY
                         && front_call_destination(work->call)->org[0] == '\0';
    if (ledger == NULL && !is_node_alone) {
        bool is_unknown = error->code == ERROR_NOT_FOUND;
        answer_error(work, is_unknown ? 404 : 503, is_unknown ? RPC_NOT_FOUND : RPC_SERVER_ERROR,
                     error->text);
        return;
    }
    work->pinned = ledger;
    const char *credentials = front_call_request(work->call)->fields[HTTP_FIELD_AUTHORIZATION];
    size_t token_size = server->admin_token != NULL ? strlen(server->admin_token) : 0;
    bool is_authorized = token_size > 0 && strncmp(credentials, "Bearer ", 7) == 0
                         && strlen(credentials) == 7 + token_size
                         && CRYPTO_memcmp(credentials + 7, server->admin_token, token_size) == 0;
    work->exchange =
        exchange_new(&server->host, &server->limits, ledger, &work->body, is_authorized);
    if (ledger == NULL)
        exchange_set_unavailable(work->exchange, error);
    run_at(work, RPC_ANY_WORKER);
}

/* ---- Pages ------------------------------------------------------------------------------- */

static void on_health_back(void *arg)
{
    struct work *work = arg;
    front_answer(work->call, work->status, JSON_TYPE, NULL, &work->body);
    end_work(work);
}

static void health_job(struct vm *machine, void *arg)
{
    struct work *work = arg;
    const struct rpc_host *host = &work->server->host;
    (void)machine;
    work->status = pages_write_health(host, &work->body);
    host->ops->post(host->context, on_health_back, work);
}

static void answer_page(struct rpc_server *server, struct front_call *call)
{
    struct buffer body = {0};
    buffer_append_bytes(&body, pages_status());
    front_answer(call, 200, "text/html; charset=utf-8", (const char *)server->page_headers.data,
                 &body);
}

static void answer_preflight(struct front_call *call)
{
    struct buffer none = {0};
    front_answer(call, 204, NULL,
                 "Access-Control-Allow-Methods: POST, GET, OPTIONS\r\n"
                 "Access-Control-Allow-Headers: content-type, authorization\r\n"
                 "Access-Control-Max-Age: 600\r\n",
                 &none);
}

/* ---- Requests ---------------------------------------------------------------------------- */

static struct work *start_work(struct rpc_server *server, struct front_call *call)
{
    struct work *work = memory_new_zeroed(1, sizeof *work);
    work->server = server;
    work->call = call;
    front_call_set_context(call, work);
    server->works++;
    return work;
}

static void start_rpc(struct rpc_server *server, struct front_call *call)
{
    struct work *work = start_work(server, call);
    const char *org = front_call_destination(call)->org;
    work->body = front_call_take_body(call);
    server->host.ops->acquire(server->host.context, org[0] != '\0' ? org : NULL, on_acquired, work);
}

static void start_health(struct rpc_server *server, struct front_call *call)
{
    struct work *work = start_work(server, call);
    if (!server->host.ops->run(server->host.context, RPC_ANY_WORKER, NULL, health_job, work))
        answer_busy(work);
}

static void on_request(void *context, struct front_call *call)
{
    struct rpc_server *server = context;
    switch (front_call_destination(call)->route) {
    case HTTP_ROUTE_RPC: start_rpc(server, call); break;
    case HTTP_ROUTE_HEALTH: start_health(server, call); break;
    case HTTP_ROUTE_PAGE: answer_page(server, call); break;
    case HTTP_ROUTE_PREFLIGHT: answer_preflight(call); break;
    }
}

static void on_gone(void *context, struct front_call *call)
{
    struct work *work = front_call_context(call);
    (void)context;
    if (work != NULL && work->exchange != NULL)
        exchange_abandon(work->exchange);
}

/* ---- Life -------------------------------------------------------------------------------- */

static void on_stopped(evutil_socket_t fd, short what, void *arg)
{
    struct rpc_server *server = arg;
    (void)fd;
    (void)what;
    server->stopped(server->stopped_arg);
}

static bool is_loopback(const char *bind)
{
    return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0;
}

struct rpc_server *rpc_server_start(struct event_base *loop, const struct rpc_host *host,
                                    const struct rpc_settings *settings, struct error *error)
{
    struct rpc_server *server = memory_new_zeroed(1, sizeof *server);
    server->host = *host;
    server->limits = settings->limits;
    if (settings->admin_token != NULL)
        server->admin_token = memcpy(memory_new(strlen(settings->admin_token) + 1),
                                     settings->admin_token, strlen(settings->admin_token) + 1);
    server->stop_event = event_new(loop, -1, 0, on_stopped, server);
    pages_write_status_headers(&server->page_headers);
    buffer_append_u8(&server->page_headers, 0);
    struct front_config config = {
        .bind = settings->bind,
        .port = settings->port,
        .limits = &server->limits,
        .guard = &server->guard,
        .on_request = on_request,
        .on_gone = on_gone,
        .context = server,
    };
    bool ok =
        is_loopback(settings->bind)
        || error_set(error, ERROR_UNSUPPORTED,
                     "RPC address %s: this version serves RPC on loopback only, since any "
                     "other address needs TLS; use 127.0.0.1, with a tunnel or a TLS proxy in "
                     "front",
                     settings->bind);
    ok = ok
         && http_guard_init(&server->guard, settings->bind, settings->hosts_allowed,
                            settings->hosts_allowed_count, settings->origins_allowed,
                            settings->origins_allowed_count, error);
    server->front = ok ? front_start(loop, &config, error) : NULL;
    if (server->front != NULL)
        return server;
    rpc_server_free(server);
    return NULL;
}

uint16_t rpc_server_port(const struct rpc_server *server)
{
    return front_port(server->front);
}

void rpc_server_stop(struct rpc_server *server, void (*stopped)(void *arg), void *arg)
{
    server->is_stopping = true;
    server->stopped = stopped;
    server->stopped_arg = arg;
    front_stop(server->front);
    if (server->works == 0)
        event_active(server->stop_event, EV_TIMEOUT, 1);
}

void rpc_server_free(struct rpc_server *server)
{
    if (server == NULL)
        return;
    front_free(server->front);
    event_free(server->stop_event);
    http_guard_cleanup(&server->guard);
    buffer_cleanup(&server->page_headers);
    if (server->admin_token != NULL)
        OPENSSL_cleanse(server->admin_token, strlen(server->admin_token));
    free(server->admin_token);
    free(server);
}
