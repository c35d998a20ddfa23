#include "rpc/server.h"

#include "rpc/call.h"
#include "rpc/dispatch.h"
#include "rpc/http/front.h"
#include "rpc/http/peers.h"
#include "rpc/metrics/scrape.h"
#include "rpc/metrics/text.h"
#include "rpc/pages/pages.h"
#include "rpc/subscriptions/filters.h"
#include "rpc/subscriptions/hub.h"
#include "rpc/turn.h"
#include "rpc/websocket/handshake.h"
#include "rpc/websocket/reader.h"
#include <assert.h>
#include <event2/event.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define JSON_TYPE     "application/json"
#define WAIT_MS_LEAST 10 /* between two looks for a block */
#define WAITS_PER_MS  10

struct rpc_server {
    struct rpc_host host;
    struct rpc_limits limits;
    struct http_guard guard;
    char *admin_token; /* NULL: nothing may use it */
    struct peers *peers;
    struct front *front;
    struct sockets *sockets;
    struct hub *hub;
    struct filters *filters;
    struct rpc_listener listener;
    struct rpc_counts *counts;
    struct buffer page_headers; /* a text */
    struct event_base *loop;
    struct event *stop_event;
    atomic_size_t works; /* requests under way */
    atomic_bool is_stopping;
    void (*stopped)(void *arg); /* NULL once called */
    void *stopped_arg;
};

/* One request on its way: of HTTP, or a WebSocket message. */
struct work {
    struct rpc_server *server;
    struct front_call *call; /* NULL: of `socket` */
    struct socket *socket;
    bool is_upgrade; /* to a WebSocket, once the organisation is known to be here */
    struct exchange *exchange;
    struct rpc_ledger *pinned;   /* of the endpoint */
    struct rpc_ledger *acquired; /* asked for by a call */
    const char *org;             /* to be acquired next; NULL: the default one */
    struct buffer body;          /* until there is an exchange */
    size_t message_size;         /* of `socket` */
    enum rpc_place here;
};

struct rpc_limits rpc_limits_default(void)
{
    return (struct rpc_limits){
        .body_size_max = 5u << 20,
        .batch_max = 1000,
        .slice_ms = 2,
        .response_size_max = 10u << 20,
        .gzip_size_min = 8192,
        .connections_max = 2048,
        .connections_per_address_max = 2048,
        .logs_span_max = 10000,
        .logs_max = 10000,
        .call_gas_max = 50000000,
        .call_timeout_ms = 5000,
        .header_timeout_ms = 5000,
        .idle_timeout_ms = 120000,
        .transfer_timeout_ms = 60000,
        .waiting_max = 16u << 20, /* two blocks full of logs */
        .calls_at_once_max = 8,
        .silence_max_ms = 30000,
        .subscriptions_max = 1000,
        .filters_max = 1000,
        .filter_lifetime_ms = 300000,
        .criteria_size_max = 64u << 20,
    };
}

/* ---- Ending a request -------------------------------------------------------------------- */

static void on_all_back(void *arg)
{
    struct rpc_server *server = arg;
    event_active(server->stop_event, EV_TIMEOUT, 1);
}

static void release(struct rpc_server *server, struct rpc_ledger **ledger)
{
    if (*ledger != NULL)
        server->host.ops->release(server->host.context, *ledger);
    *ledger = NULL;
}

static void end_one(struct rpc_server *server)
{
    if (atomic_fetch_sub(&server->works, 1) == 1 && atomic_load(&server->is_stopping))
        server->host.ops->post(server->host.context, on_all_back, server);
}

/* False, with nothing begun, once the server is stopping. */
static bool begin_one(struct rpc_server *server)
{
    atomic_fetch_add(&server->works, 1);
    if (!atomic_load(&server->is_stopping))
        return true;
    end_one(server);
    return false;
}

static void free_work(struct work *work)
{
    exchange_free(work->exchange); /* before the ledgers its view reads go */
    release(work->server, &work->acquired);
    release(work->server, &work->pinned);
    buffer_cleanup(&work->body);
    free(work);
}

static void end_work(struct work *work)
{
    struct rpc_server *server = work->server;
    free_work(work);
    end_one(server);
}

static void end_turn(void *context)
{
    struct rpc_server *server = context;
    if (turn_drop(&server->host))
        end_one(server);
}

/* What it pinned and read is left to the next request that came with it, as one that is under way. */
static void end_work_of_turn(struct work *work)
{
    end_turn(work->server); /* of another organisation */
    turn_keep(&work->server->host, work->org, work->pinned, exchange_take_view(work->exchange));
    work->pinned = NULL;
    free_work(work);
}

/* Seconds (RFC 9110, 10.2.3) to be waited. With a zero in front: ethers reads a plain number as
 * milliseconds and uses up its attempts at once; what it does not read it waits out by itself,
 * longer each time. viem reads the number. */
static const char *retry_after(char out[48], uint64_t wait_ms)
{
    snprintf(out, 48, "Retry-After: 0%" PRIu64 "\r\n", (wait_ms + 999) / 1000);
    return out;
}

/* The last that is seen of the call or the socket. True: within a turn, as front_answer(). */
static bool answer(struct work *work, int status, const char *headers, struct buffer *text)
{
    if (work->socket == NULL)
        return front_answer(work->call, status, status == 204 ? NULL : JSON_TYPE, headers, text);
    socket_answer(work->socket, text, work->message_size);
    return false;
}

static void answer_error(struct work *work, int status, int code, const char *text)
{
    struct buffer words = {0};
    dispatch_write_error(&words, code, text);
    answer(work, status, NULL, &words);
    end_work(work);
}

static void answer_busy(struct work *work)
{
    answer_error(work, 503, RPC_LIMIT_EXCEEDED,
                 "the node is busy: its queue is full; try again in a moment");
}

static void answer_exchange(struct work *work)
{
    struct buffer text = exchange_take_answer(work->exchange);
    struct subscription *made = exchange_take_subscriptions(work->exchange);
    uint64_t wait_ms = exchange_wait_ms(work->exchange);
    struct socket_ref ref = {NULL, 0};
    char header[48];
    bool is_in_turn;
    if (work->socket != NULL)
        ref = socket_refer(work->socket);
    if (wait_ms > 0)
        is_in_turn = answer(work, 429, retry_after(header, wait_ms), &text);
    else /* 204: notifications only */
        is_in_turn = answer(work, text.size > 0 ? 200 : 204, NULL, &text);
    if (made != NULL)
        hub_begin(work->server->hub, ref, &made); /* the client knows their ids by now */
    if (is_in_turn && work->pinned != NULL)
        end_work_of_turn(work);
    else
        end_work(work);
}

/* ---- From place to place ----------------------------------------------------------------- */

static void run_job(struct vm *machine, void *arg);

/* Once it runs elsewhere the work may be gone already: it is not touched again. */
static void run_at(struct work *work, enum rpc_place place)
{
    const struct rpc_host *host = &work->server->host;
    work->here = place;
    if (!host->ops->run(host->context, place, work->pinned, run_job, work))
        answer_busy(work);
}

static void on_acquired_extra(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct work *work = arg;
    work->acquired = ledger;
    exchange_acquired(work->exchange, ledger, error);
    run_at(work, RPC_ANY_WORKER);
}

static void acquire_extra(void *arg)
{
    struct work *work = arg;
    struct rpc_server *server = work->server;
    release(server, &work->acquired);
    server->host.ops->acquire(server->host.context, work->org, on_acquired_extra, work);
}

static void on_waited(evutil_socket_t fd, short what, void *arg)
{
    struct work *work = arg;
    (void)fd;
    (void)what;
    exchange_waited(work->exchange, atomic_load(&work->server->is_stopping));
    run_at(work, RPC_ANY_WORKER);
}

/* The more requests are under way the longer each waits, so that looking for blocks never takes
 * more than a bounded share of the machine. */
static void start_waiting(void *arg)
{
    struct work *work = arg;
    struct rpc_server *server = work->server;
    const long wait_ms = WAIT_MS_LEAST + (long)(atomic_load(&server->works) / WAITS_PER_MS);
    const struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
    if (event_base_once(server->loop, -1, EV_TIMEOUT, on_waited, work, &wait) != 0)
        answer_busy(work);
}

/* Before it takes longer, or goes to another thread. */
static void let_others_answer(const void *arg)
{
    const struct work *work = arg;
    if (work->call != NULL)
        front_flush(work->call);
}

static void run_job(struct vm *machine, void *arg)
{
    struct work *work = arg;
    const struct rpc_host *host = &work->server->host;
    struct exchange_next next = exchange_run(work->exchange, work->here, machine);
    if (next.step != EXCHANGE_DONE)
        let_others_answer(work);
    switch (next.step) {
    case EXCHANGE_DONE: answer_exchange(work); break;
    case EXCHANGE_RUN: run_at(work, next.place); break;
    case EXCHANGE_WAIT: host->ops->post(host->context, start_waiting, work); break;
    case EXCHANGE_ACQUIRE:
        work->org = next.org;
        host->ops->post(host->context, acquire_extra, work);
        break;
    }
}

static bool client_is_gone(const void *arg)
{
    const struct work *work = arg;
    return work->socket != NULL ? socket_is_gone(work->socket) : front_call_is_gone(work->call);
}

/* The operator's token, with the request or with the handshake. */
static bool is_authorized(const struct rpc_server *server, const struct http_request *request)
{
    const char *credentials = request->fields[HTTP_FIELD_AUTHORIZATION];
    size_t token_size = server->admin_token != NULL ? strlen(server->admin_token) : 0;
    return token_size > 0 && strncmp(credentials, "Bearer ", 7) == 0
           && strlen(credentials) == 7 + token_size
           && CRYPTO_memcmp(credentials + 7, server->admin_token, token_size) == 0;
}

static uint64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t charge_calls(void *arg, size_t calls)
{
    struct work *work = arg;
    struct peer *peer =
        work->socket != NULL ? socket_peer(work->socket) : front_call_peer(work->call);
    return peers_charge(work->server->peers, peer, calls, monotonic_ms());
}

static void make_exchange(struct work *work, struct rpc_ledger *ledger)
{
    struct rpc_server *server = work->server;
    bool may_do_all = work->socket != NULL ? socket_is_authorized(work->socket)
                                           : is_authorized(server, front_call_request(work->call));
    work->pinned = ledger;
    work->exchange = exchange_new(&server->host, &server->limits, ledger, &work->body, may_do_all);
    exchange_set_client(work->exchange, client_is_gone, let_others_answer, work);
    exchange_set_counts(work->exchange, server->counts);
    if (server->limits.calls_per_second_max > 0)
        exchange_set_gate(work->exchange, charge_calls, work);
    exchange_set_hub(work->exchange, server->hub, server->filters, work->socket);
}

/* From here on the connection speaks WebSocket. */
static void upgrade(struct work *work, struct rpc_ledger *ledger)
{
    struct rpc_server *server = work->server;
    const struct http_request *request = front_call_request(work->call);
    struct http_destination destination = *front_call_destination(work->call);
    bool may_do_all = is_authorized(server, request);
    struct front_connection connection;
    struct buffer hello = {0};
    work->pinned = ledger; /* it was asked for only to see that it is here */
    ws_handshake_answer(request, &hello);
    if (front_take_over(work->call, &connection)) {
        buffer_append_bytes(&connection.unsent, buffer_view(&hello));
        sockets_add(server->sockets, &connection, destination.org, may_do_all,
                    buffer_view(&connection.unsent));
        buffer_cleanup(&connection.unsent);
        end_work(work);
    } else {
        answer_error(work, 503, RPC_SERVER_ERROR, "this node is stopping");
    }
    buffer_cleanup(&hello);
}

static void on_acquired(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct work *work = arg;
    assert(ledger != NULL || error != NULL); /* host.h */
    /* Without any organisation, or with a damaged one behind it, `/` still lists and founds. */
    bool is_node_alone = error != NULL && error->code != ERROR_BUSY && work->org == NULL;
    if (ledger == NULL && !is_node_alone) {
        bool is_unknown = error->code == ERROR_NOT_FOUND;
        answer_error(work, is_unknown ? 404 : 503, is_unknown ? RPC_NOT_FOUND : RPC_SERVER_ERROR,
                     error->text);
        return;
    }
    if (work->is_upgrade) {
        upgrade(work, ledger);
        return;
    }
    make_exchange(work, ledger);
    if (ledger == NULL)
        exchange_set_unavailable(work->exchange, error);
    run_at(work, RPC_ANY_WORKER);
}

static void acquire(void *arg)
{
    struct work *work = arg;
    const struct rpc_host *host = &work->server->host;
    host->ops->acquire(host->context, work->org, on_acquired, work);
}

/* ---- Pages ------------------------------------------------------------------------------- */

static void answer_health(struct rpc_server *server, struct front_call *call)
{
    struct buffer body = {0};
    int status = pages_write_health(&server->host, &body);
    front_answer(call, status, JSON_TYPE, NULL, &body);
}

static void answer_metrics(struct rpc_server *server, struct front_call *call)
{
    struct buffer body = {0};
    const struct metrics_sources sources = {
        .host = &server->host,
        .counts = server->counts,
        .front = server->front,
        .sockets = server->sockets,
    };
    metrics_write(&sources, &body);
    front_answer(call, 200, METRICS_CONTENT_TYPE, NULL, &body);
}

static void answer_too_many(struct front_call *call, uint64_t wait_ms)
{
    struct buffer body = {0};
    char header[48];
    buffer_append_text(&body, "too many requests from this address\n");
    front_answer(call, 429, "text/plain; charset=utf-8", retry_after(header, wait_ms), &body);
}

static void answer_page(struct rpc_server *server, struct front_call *call)
{
    const char *org = front_call_destination(call)->org;
    const bool is_here = org[0] == '\0' || pages_is_org(&server->host, org);
    struct buffer body = {0};
    if (is_here)
        buffer_append_bytes(&body, pages_status());
    else
        pages_write_missing(&body, org);
    front_answer(call, is_here ? 200 : 404, "text/html; charset=utf-8",
                 (const char *)server->page_headers.data, &body);
}

static void answer_preflight(struct front_call *call)
{
    struct buffer none = {0};
    front_answer(call, 204, NULL,
                 "Access-Control-Allow-Methods: POST, GET, OPTIONS\r\n"
                 "Access-Control-Allow-Headers: *, content-type, authorization\r\n"
                 "Access-Control-Max-Age: 600\r\n",
                 &none);
}

/* ---- Requests ---------------------------------------------------------------------------- */

/* With the ledger open, as it nearly always is, the request goes on here. */
static void start_work(const struct work *wanted, struct vm *machine)
{
    struct rpc_server *server = wanted->server;
    const struct rpc_host *host = &server->host;
    struct work *work = memory_new(sizeof *work);
    struct ledger_view *view = NULL;
    *work = *wanted;
    struct rpc_ledger *ledger = work->is_upgrade ? NULL : turn_take(host, work->org, &view);
    if (ledger == NULL) {
        atomic_fetch_add(&server->works, 1);
        if (atomic_load(&server->is_stopping)) {
            answer_error(work, 503, RPC_SERVER_ERROR, "this node is stopping");
            return;
        }
        ledger = host->ops->acquire_open(host->context, work->org);
    }
    if (ledger == NULL) {
        let_others_answer(work);
        host->ops->post(host->context, acquire, work);
        return;
    }
    if (work->is_upgrade) {
        upgrade(work, ledger);
        return;
    }
    make_exchange(work, ledger);
    exchange_set_view(work->exchange, view);
    work->here = RPC_ANY_WORKER;
    run_job(machine, work);
}

static const char *org_or_default(const char *org)
{
    return org[0] != '\0' ? org : NULL;
}

static void start_rpc(struct rpc_server *server, struct front_call *call, struct vm *machine)
{
    const struct http_destination *destination = front_call_destination(call);
    const struct work work = {
        .server = server,
        .call = call,
        .is_upgrade = destination->route == HTTP_ROUTE_WEBSOCKET,
        .org = org_or_default(destination->org),
        .body = front_call_take_body(call),
    };
    start_work(&work, machine);
}

static void on_message(void *context, struct socket *socket, struct buffer *message,
                       struct vm *machine)
{
    const struct work work = {
        .server = context,
        .socket = socket,
        .org = org_or_default(socket_org(socket)),
        .body = *message,
        .message_size = message->size,
    };
    *message = (struct buffer){0};
    start_work(&work, machine);
}

static void on_ended(void *context, struct socket *socket)
{
    struct rpc_server *server = context;
    hub_on_ended(server->hub, socket);
}

static void on_request(void *context, struct front_call *call, struct vm *machine)
{
    struct rpc_server *server = context;
    enum http_route route = front_call_destination(call)->route;
    uint64_t wait_ms = 0;
    if (route != HTTP_ROUTE_RPC) /* whose calls are counted */
        wait_ms = peers_charge(server->peers, front_call_peer(call), 1, monotonic_ms());
    if (wait_ms > 0) {
        answer_too_many(call, wait_ms);
        return;
    }
    switch (route) {
    case HTTP_ROUTE_RPC:
    case HTTP_ROUTE_WEBSOCKET: start_rpc(server, call, machine); break;
    case HTTP_ROUTE_HEALTH: answer_health(server, call); break;
    case HTTP_ROUTE_METRICS: answer_metrics(server, call); break;
    case HTTP_ROUTE_PAGE: answer_page(server, call); break;
    case HTTP_ROUTE_PREFLIGHT: answer_preflight(call); break;
    }
}

/* ---- Life -------------------------------------------------------------------------------- */

static bool begin_publishing(void *context)
{
    return begin_one(context);
}

static void end_publishing(void *context)
{
    end_one(context);
}

static void on_head(void *arg, struct rpc_ledger *ledger)
{
    struct rpc_server *server = arg;
    hub_on_head(server->hub, ledger);
}

/* What WebSocket connections and filters need. */
static void start_telling(struct rpc_server *server, struct event_base *loop)
{
    const struct rpc_host *host = &server->host;
    const struct sockets_config sockets = {
        .limits = &server->limits,
        .host = host,
        .peers = server->peers,
        .on_message = on_message,
        .on_ended = on_ended,
        .context = server,
    };
    server->sockets = sockets_new(loop, &sockets);
    const struct hub_config hub = {
        .host = host,
        .limits = &server->limits,
        .account = sockets_account(server->sockets),
        .begin = begin_publishing,
        .end = end_publishing,
        .context = server,
    };
    server->hub = hub_new(&hub);
    server->filters = filters_new(&server->limits);
    server->listener = (struct rpc_listener){on_head, server};
    host->ops->listen(host->context, &server->listener);
}

/* The last request and rpc_server_stop() may both see that all are back. */
static void on_stopped(evutil_socket_t fd, short what, void *arg)
{
    struct rpc_server *server = arg;
    void (*stopped)(void *arg) = server->stopped;
    (void)fd;
    (void)what;
    server->stopped = NULL;
    if (stopped != NULL)
        stopped(server->stopped_arg);
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
    server->counts = rpc_counts_new();
    if (settings->admin_token != NULL)
        server->admin_token = memcpy(memory_new(strlen(settings->admin_token) + 1),
                                     settings->admin_token, strlen(settings->admin_token) + 1);
    server->loop = loop;
    server->peers = peers_new(&server->limits);
    server->stop_event = event_new(loop, -1, 0, on_stopped, server);
    pages_write_status_headers(&server->page_headers);
    buffer_append_u8(&server->page_headers, 0);
    struct front_config config = {
        .bind = settings->bind,
        .port = settings->port,
        .path = settings->socket_path,
        .path_mode = settings->is_group_allowed ? 0660 : 0600,
        .peers = server->peers,
        .limits = &server->limits,
        .guard = &server->guard,
        .host = &server->host,
        .counts = server->counts,
        .on_request = on_request,
        .end_turn = end_turn,
        .context = server,
    };
    start_telling(server, loop);
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

bool rpc_serves_websocket(void)
{
    return WS_IS_SERVED;
}

uint16_t rpc_server_port(const struct rpc_server *server)
{
    return front_port(server->front);
}

void rpc_server_stop(struct rpc_server *server, void (*stopped)(void *arg), void *arg)
{
    server->stopped = stopped;
    server->stopped_arg = arg;
    atomic_store(&server->is_stopping, true);
    front_stop(server->front);
    sockets_stop(server->sockets);
    if (atomic_load(&server->works) == 0)
        event_active(server->stop_event, EV_TIMEOUT, 1);
}

void rpc_server_free(struct rpc_server *server)
{
    if (server == NULL)
        return;
    server->host.ops->listen(server->host.context, NULL);
    front_free(server->front);
    sockets_free(server->sockets);
    peers_free(server->peers);
    filters_free(server->filters); /* before the account of what they keep */
    hub_free(server->hub);
    rpc_counts_free(server->counts);
    event_free(server->stop_event);
    http_guard_cleanup(&server->guard);
    buffer_cleanup(&server->page_headers);
    if (server->admin_token != NULL)
        OPENSSL_cleanse(server->admin_token, strlen(server->admin_token));
    free(server->admin_token);
    free(server);
}
