#include "rpc/client.h"

#include "vm/base/hex.h"

#include <ctype.h>
#include <errno.h>
#include <http_parser.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOST_SIZE       256
#define PORT_SIZE       6
#define PATH_SIZE       256
#define URL_SIZE        512
#define TOKEN_SIZE      256
#define BODY_SIZE_MAX   (32u * 1024 * 1024)
#define READ_SIZE       16384
#define REVERT_DATA_MAX (1024 * 1024)
#define CONNECT_MS      5000

struct rpc_client {
    char url[URL_SIZE];
    char host[HOST_SIZE];
    char port[PORT_SIZE];
    char path[PATH_SIZE];
    char token[TOKEN_SIZE];
    uint64_t timeout_ms;
    uint64_t next_id;
    int socket; /* -1 when not connected */
};

/* One answer while it is read. */
struct answer {
    struct buffer body;
    bool is_complete;
    bool is_too_large;
    bool is_unusable; /* an interim answer or one with an encoding we did not ask for */
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The URL. */

/* Texts that go into a request head: printable, without space. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isgraph((unsigned char)*text))
            return false;
    return true;
}

static bool read_part(char *out, size_t size, const char *url, const struct http_parser_url *parts,
                      enum http_parser_url_fields field)
{
    uint16_t length = parts->field_data[field].len;
    if (length >= size)
        return false;
    memcpy(out, url + parts->field_data[field].off, length);
    out[length] = '\0';
    return true;
}

static bool read_url(struct rpc_client *client, const char *url, struct error *error)
{
    struct http_parser_url parts;
    http_parser_url_init(&parts);
    unsigned extra = (1u << UF_QUERY) | (1u << UF_FRAGMENT) | (1u << UF_USERINFO);
    size_t length = strlen(url);
    if (strncmp(url, "https://", 8) == 0)
        return error_set(
            error, ERROR_UNSUPPORTED,
            "https is not spoken here; use http to a node on this machine, or a tunnel "
            "to it");
    if (length >= URL_SIZE || !is_plain(url) || strncmp(url, "http://", 7) != 0
        || http_parser_parse_url(url, length, 0, &parts) != 0 || (parts.field_set & extra) != 0
        || !read_part(client->host, HOST_SIZE, url, &parts, UF_HOST)
        || !read_part(client->path, PATH_SIZE, url, &parts, UF_PATH))
        return error_set(error, ERROR_INVALID,
                         "\"%.100s\" is not a node's address; expected one like "
                         "http://127.0.0.1:8545",
                         url);
    snprintf(client->url, URL_SIZE, "%s", url);
    snprintf(client->port, PORT_SIZE, "%u", parts.port == 0 ? 80u : parts.port);
    if (client->path[0] == '\0')
        snprintf(client->path, PATH_SIZE, "/");
    return true;
}

struct rpc_client *rpc_client_new(const char *url, const char *token, uint64_t timeout_ms,
                                  struct error *error)
{
    struct rpc_client *client = memory_new_zeroed(1, sizeof *client);
    client->socket = -1;
    client->timeout_ms = timeout_ms;
    if (!read_url(client, url, error)) {
        rpc_client_free(client);
        return NULL;
    }
    if (token != NULL && (strlen(token) >= TOKEN_SIZE || !is_plain(token))) {
        error_set(error, ERROR_INVALID, "the admin token has a form that no node writes");
        rpc_client_free(client);
        return NULL;
    }
    if (token != NULL)
        snprintf(client->token, TOKEN_SIZE, "%s", token);
    return client;
}

static void disconnect(struct rpc_client *client)
{
    if (client->socket >= 0)
        close(client->socket);
    client->socket = -1;
}

void rpc_client_free(struct rpc_client *client)
{
    if (client == NULL)
        return;
    disconnect(client);
    explicit_bzero(client->token, sizeof client->token);
    free(client);
}

const char *rpc_client_url(const struct rpc_client *client)
{
    return client->url;
}

/* The connection. */

static bool fail(struct rpc_failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool fail(struct rpc_failure *failure, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    failure->is_remote = false;
    vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
    return false;
}

/* Waits until the socket is ready for `events`; false with errno set when time is up. */
static bool wait_for(int socket, short events, uint64_t deadline)
{
    for (;;) {
        uint64_t now = now_ms();
        if (now >= deadline) {
            errno = ETIMEDOUT;
            return false;
        }
        uint64_t left = deadline - now;
        struct pollfd entry = {.fd = socket, .events = events};
        int ready = poll(&entry, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

static int connect_to(const struct addrinfo *target, uint64_t deadline)
{
    int one = 1;
    int pending = 0;
    socklen_t size = sizeof pending;
    int descriptor = socket(target->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return -1;
    if (connect(descriptor, target->ai_addr, target->ai_addrlen) != 0) {
        if (errno != EINPROGRESS || !wait_for(descriptor, POLLOUT, deadline)
            || getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &pending, &size) != 0 || pending != 0) {
            int reason = pending != 0 ? pending : errno;
            close(descriptor);
            errno = reason;
            return -1;
        }
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

/* "[::1]" is written in brackets in a URL and without in a lookup; the parser took them off. */
static bool connect_client(struct rpc_client *client, uint64_t deadline,
                           struct rpc_failure *failure)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *targets = NULL;
    uint64_t limit = now_ms() + CONNECT_MS;
    int reason = getaddrinfo(client->host, client->port, &hints, &targets);
    if (reason != 0)
        return fail(failure, "no node at %s: %s", client->url, gai_strerror(reason));
    for (struct addrinfo *target = targets; target != NULL && client->socket < 0;
         target = target->ai_next)
        client->socket = connect_to(target, limit < deadline ? limit : deadline);
    int refused = errno;
    freeaddrinfo(targets);
    if (client->socket < 0)
        return fail(failure, "no node answers at %s: %s", client->url, strerror(refused));
    return true;
}

/* Requests and answers. */

static bool send_all(struct rpc_client *client, struct bytes bytes, uint64_t deadline)
{
    while (bytes.size > 0) {
        ssize_t sent = send(client->socket, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = bytes_of(bytes.data + sent, bytes.size - (size_t)sent);
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            return false;
        if (!wait_for(client->socket, POLLOUT, deadline))
            return false;
    }
    return true;
}

static int on_headers_complete(http_parser *parser)
{
    struct answer *answer = parser->data;
    if (parser->status_code < 200)
        answer->is_unusable = true;
    bool has_length = (parser->flags & F_CONTENTLENGTH) != 0;
    if (has_length && parser->content_length > BODY_SIZE_MAX)
        answer->is_too_large = true;
    return 0;
}

static int on_body(http_parser *parser, const char *bytes, size_t size)
{
    struct answer *answer = parser->data;
    if (size > BODY_SIZE_MAX - answer->body.size) {
        answer->is_too_large = true;
        return 1;
    }
    buffer_append(&answer->body, bytes, size);
    return 0;
}

static int on_message_complete(http_parser *parser)
{
    struct answer *answer = parser->data;
    answer->is_complete = true;
    http_parser_pause(parser, 1);
    return 0;
}

/* Reads one answer. *heard tells whether any byte came (else the connection was stale). */
static bool read_answer(struct rpc_client *client, http_parser *parser, struct answer *answer,
                        bool *heard, uint64_t deadline, struct rpc_failure *failure)
{
    static const http_parser_settings settings = {.on_headers_complete = on_headers_complete,
                                                  .on_body = on_body,
                                                  .on_message_complete = on_message_complete};
    char chunk[READ_SIZE];
    http_parser_init(parser, HTTP_RESPONSE);
    parser->data = answer;
    while (!answer->is_complete) {
        if (!wait_for(client->socket, POLLIN, deadline))
            return fail(failure, "the node at %s did not answer within %" PRIu64 " s", client->url,
                        client->timeout_ms / 1000);
        ssize_t got = recv(client->socket, chunk, sizeof chunk, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
            continue;
        if (got < 0)
            return fail(failure, "the connection to %s broke: %s", client->url, strerror(errno));
        *heard |= got > 0;
        size_t used = http_parser_execute(parser, &settings, chunk, (size_t)got);
        bool is_broken = !answer->is_complete && (used != (size_t)got || got == 0);
        if (answer->is_too_large)
            return fail(failure, "the node's answer is larger than %u MiB", BODY_SIZE_MAX >> 20);
        if (is_broken || answer->is_unusable)
            return fail(failure,
                        got == 0 ? "the node at %s closed the connection before it answered"
                                 : "what listens at %s does not speak HTTP",
                        client->url);
    }
    return true;
}

static void write_request(const struct rpc_client *client, const char *body, struct buffer *out)
{
    bool is_ipv6 = strchr(client->host, ':') != NULL;
    buffer_append_format(out,
                         "POST %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nContent-Type: application/json\r\n"
                         "Accept: application/json\r\nContent-Length: %zu\r\n",
                         client->path, is_ipv6 ? "[" : "", client->host, is_ipv6 ? "]" : "",
                         client->port, strlen(body));
    if (client->token[0] != '\0')
        buffer_append_format(out, "Authorization: Bearer %s\r\n", client->token);
    buffer_append_text(out, "\r\n");
    buffer_append_text(out, body);
}

/* One exchange. A kept connection that the node has closed meanwhile is opened once more, as
 * long as no byte of an answer was heard. */
static bool exchange(struct rpc_client *client, struct bytes request, struct answer *answer,
                     unsigned *status, struct rpc_failure *failure)
{
    uint64_t deadline = now_ms() + client->timeout_ms;
    for (;;) {
        bool was_kept = client->socket >= 0;
        bool heard = false;
        http_parser parser;
        if (!was_kept && !connect_client(client, deadline, failure))
            return false;
        bool ok =
            send_all(client, request, deadline)
                ? read_answer(client, &parser, answer, &heard, deadline, failure)
                : fail(failure, "the connection to %s broke: %s", client->url, strerror(errno));
        if (ok) {
            *status = parser.status_code;
            if (!http_should_keep_alive(&parser))
                disconnect(client);
            return true;
        }
        disconnect(client);
        if (!was_kept || heard || now_ms() >= deadline)
            return false;
    }
}

/* JSON-RPC over it. */

static void read_revert_data(const json_t *data, struct rpc_failure *failure)
{
    if (json_is_object(data)) /* some nodes nest it */
        data = json_object_get(data, "data");
    if (json_is_string(data) && json_string_length(data) <= 2 * REVERT_DATA_MAX + 2)
        hex_decode_append(&failure->data, json_string_value(data), json_string_length(data));
}

static json_t *read_error(const json_t *report, struct rpc_failure *failure)
{
    const json_t *text = json_object_get(report, "message");
    failure->is_remote = true;
    failure->code = (int)json_integer_value(json_object_get(report, "code"));
    snprintf(failure->text, sizeof failure->text, "%s",
             json_is_string(text) ? json_string_value(text) : "the node refused without a reason");
    read_revert_data(json_object_get(report, "data"), failure);
    return NULL;
}

static json_t *read_reply(struct rpc_client *client, const struct answer *answer, unsigned status,
                          uint64_t id, struct rpc_failure *failure)
{
    json_error_t reason;
    json_t *result = NULL;
    json_t *reply = json_loadb((const char *)answer->body.data, answer->body.size,
                               JSON_REJECT_DUPLICATES, &reason);
    const json_t *report = json_object_get(reply, "error");
    if (json_is_object(report)) {
        read_error(report, failure);
    } else if (status != 200 || !json_is_object(reply)) {
        int shown = answer->body.size > 120 ? 120 : (int)answer->body.size;
        fail(failure, "%s answered with HTTP status %u, which is not JSON-RPC: %.*s", client->url,
             status, shown, answer->body.size == 0 ? "" : (const char *)answer->body.data);
    } else if ((uint64_t)json_integer_value(json_object_get(reply, "id")) != id) {
        fail(failure, "the node at %s answered another request", client->url);
        disconnect(client);
    } else {
        result = json_object_get(reply, "result");
        if (result == NULL)
            fail(failure, "the node's answer holds neither result nor error");
        json_incref(result);
    }
    json_decref(reply);
    return result;
}

json_t *rpc_client_call(struct rpc_client *client, const char *method, json_t *params,
                        struct rpc_failure *failure)
{
    struct buffer request = {0};
    struct answer answer = {0};
    unsigned status = 0;
    json_t *result = NULL;
    uint64_t id = ++client->next_id;
    *failure = (struct rpc_failure){0};
    json_t *call = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id", (json_int_t)id,
                             "method", method, "params", params == NULL ? json_array() : params);
    char *body = call == NULL ? NULL : json_dumps(call, JSON_COMPACT);
    json_decref(call);
    if (body == NULL) {
        fail(failure, "the request %s holds text that is not UTF-8", method);
        return NULL;
    }
    write_request(client, body, &request);
    free(body);
    if (exchange(client, buffer_view(&request), &answer, &status, failure))
        result = read_reply(client, &answer, status, id, failure);
    explicit_bzero(request.data, request.size); /* it holds the token */
    buffer_cleanup(&request);
    buffer_cleanup(&answer.body);
    return result;
}
