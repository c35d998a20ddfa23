#include "rpc/http/guard.h"

#include "rpc/websocket/handshake.h"
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

static char *copy_lower(const char *text, size_t size)
{
    char *copy = memory_new(size + 1);
    for (size_t index = 0; index < size; index++)
        copy[index] = (char)tolower((unsigned char)text[index]);
    copy[size] = '\0';
    return copy;
}

/* "name:port", "[v6]:port" or a bare v6 address: the size of the name part. */
static size_t host_name_size(const char *host)
{
    const char *colon = strchr(host, ':');
    if (host[0] == '[') {
        const char *close = strchr(host, ']');
        return close != NULL ? (size_t)(close - host) + 1 : strlen(host);
    }
    if (colon == NULL || strchr(colon + 1, ':') != NULL)
        return strlen(host);
    return (size_t)(colon - host);
}

static bool is_origin(const char *text)
{
    const char *rest = strstr(text, "://");
    return rest != NULL && rest > text && rest[3] != '\0' && strchr(rest + 3, '/') == NULL
           && strpbrk(text, " *,") == NULL;
}

bool http_guard_init(struct http_guard *guard, const char *bind, const char *const *hosts,
                     size_t hosts_count, const char *const *origins, size_t origins_count,
                     struct error *error)
{
    *guard = (struct http_guard){0};
    guard->hosts = memory_new_zeroed(hosts_count + 1, sizeof *guard->hosts);
    guard->origins = memory_new_zeroed(origins_count, sizeof *guard->origins);
    guard->hosts[guard->hosts_count++] = copy_lower(bind, strlen(bind));
    for (size_t index = 0; index < hosts_count; index++) {
        if (strchr(hosts[index], '*') != NULL)
            return error_set(error, ERROR_INVALID,
                             "allowed host \"%s\": \"*\" is refused, since any site could then "
                             "talk to this node; name each host",
                             hosts[index]);
        guard->hosts[guard->hosts_count++] = copy_lower(hosts[index], host_name_size(hosts[index]));
    }
    for (size_t index = 0; index < origins_count; index++) {
        if (!is_origin(origins[index]))
            return error_set(error, ERROR_INVALID,
                             "allowed origin \"%s\": expected scheme://host[:port], each origin "
                             "by name (\"*\" is refused)",
                             origins[index]);
        guard->origins[guard->origins_count++] = copy_lower(origins[index], strlen(origins[index]));
    }
    return true;
}

void http_guard_cleanup(struct http_guard *guard)
{
    for (size_t index = 0; index < guard->hosts_count; index++)
        free(guard->hosts[index]);
    for (size_t index = 0; index < guard->origins_count; index++)
        free(guard->origins[index]);
    free(guard->hosts);
    free(guard->origins);
    *guard = (struct http_guard){0};
}

/* 127.0.0.0/8 in dotted form: four numbers up to 255. */
static bool is_loopback_v4(const char *name, size_t size)
{
    unsigned dots = 0, value = 0, digits = 0;
    if (size < 9 || strncmp(name, "127.", 4) != 0)
        return false;
    for (size_t index = 4; index < size; index++) {
        if (name[index] == '.') {
            if (digits == 0)
                return false;
            dots++;
            value = digits = 0;
        } else if (isdigit((unsigned char)name[index])) {
            value = value * 10 + (unsigned)(name[index] - '0');
            if (++digits > 3 || value > 255)
                return false;
        } else {
            return false;
        }
    }
    return dots == 2 && digits > 0;
}

static bool name_is(const char *name, size_t size, const char *expected)
{
    return strlen(expected) == size && strncasecmp(name, expected, size) == 0;
}

static bool is_known_host(const struct http_guard *guard, const char *host)
{
    size_t size = host_name_size(host);
    if (name_is(host, size, "localhost") || name_is(host, size, "[::1]")
        || is_loopback_v4(host, size))
        return true;
    for (size_t index = 0; index < guard->hosts_count; index++)
        if (name_is(host, size, guard->hosts[index]))
            return true;
    return false;
}

static bool judge_host(const struct http_guard *guard, const struct http_request *request,
                       struct http_refusal *refusal)
{
    const char *host = request->fields[HTTP_FIELD_HOST];
    if (!request->has_field[HTTP_FIELD_HOST] || host[0] == '\0') {
        http_refuse(refusal, 400, "header Host is missing");
        return false;
    }
    if (is_known_host(guard, host))
        return true;
    http_refuse(refusal, 421,
                "host \"%.80s\" is not served here; use localhost, or allow it in the node's "
                "setting rpc.hosts",
                host);
    return false;
}

/* The status page itself: its origin is the (known) host it was loaded from. */
static bool is_own_page(const char *origin, const char *host)
{
    return strncasecmp(origin, "http://", 7) == 0 && strcasecmp(origin + 7, host) == 0;
}

static bool is_extension(const char *origin)
{
    static const char *const schemes[] = {"chrome-extension://", "moz-extension://",
                                          "safari-web-extension://"};
    for (size_t index = 0; index < sizeof schemes / sizeof *schemes; index++)
        if (strncmp(origin, schemes[index], strlen(schemes[index])) == 0)
            return true;
    return false;
}

static bool judge_origin(const struct http_guard *guard, const struct http_request *request,
                         struct http_destination *destination, struct http_refusal *refusal)
{
    const char *origin = request->fields[HTTP_FIELD_ORIGIN];
    if (!request->has_field[HTTP_FIELD_ORIGIN]
        || is_own_page(origin, request->fields[HTTP_FIELD_HOST]))
        return true;
    destination->shows_origin = is_extension(origin);
    for (size_t index = 0; index < guard->origins_count; index++)
        destination->shows_origin |= strcasecmp(origin, guard->origins[index]) == 0;
    if (destination->shows_origin)
        return true;
    http_refuse(refusal, 403,
                "origin \"%.80s\" may not talk to this node; allow it in the node's setting "
                "rpc.origins",
                origin);
    return false;
}

static bool is_name(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && *text != '-')
            return false;
    return true;
}

/* `/`, `/o/<label or id>`, `/health` and `/metrics`; a query is not looked at. */
static bool judge_path(const char *target, struct http_destination *destination,
                       struct http_refusal *refusal)
{
    size_t size = strcspn(target, "?");
    destination->route = HTTP_ROUTE_RPC;
    if (size == 1 && target[0] == '/')
        return true;
    if (size == 7 && strncmp(target, "/health", 7) == 0) {
        destination->route = HTTP_ROUTE_HEALTH;
        return true;
    }
    if (size == 8 && strncmp(target, "/metrics", 8) == 0) {
        destination->route = HTTP_ROUTE_METRICS;
        return true;
    }
    if (size > 3 && size - 3 <= HTTP_ORG_MAX && strncmp(target, "/o/", 3) == 0) {
        memcpy(destination->org, target + 3, size - 3);
        destination->org[size - 3] = '\0';
        if (is_name(destination->org))
            return true;
    }
    http_refuse(refusal, 404,
                "there is nothing at this path; expected /, /o/<label or id>, "
                "/health or /metrics");
    return false;
}

static bool judge_verb(const struct http_request *request, struct http_destination *destination,
                       struct http_refusal *refusal)
{
    bool is_rpc = destination->route == HTTP_ROUTE_RPC;
    if (request->is_upgrade) {
        destination->route = HTTP_ROUTE_WEBSOCKET;
        if (!is_rpc)
            http_refuse(refusal, 404, "there is no WebSocket here; expected / or /o/<label or id>");
        return is_rpc && ws_handshake_judge(request, refusal);
    }
    switch (request->verb) {
    case HTTP_VERB_GET:
    case HTTP_VERB_HEAD:
        if (is_rpc)
            destination->route = HTTP_ROUTE_PAGE;
        return true;
    case HTTP_VERB_POST:
        if (is_rpc)
            return true;
        break;
    case HTTP_VERB_OPTIONS:
        if (request->has_field[HTTP_FIELD_ORIGIN]) {
            destination->route = HTTP_ROUTE_PREFLIGHT;
            return true;
        }
        break;
    case HTTP_VERB_OTHER: break;
    }
    http_refuse(refusal, 405,
                is_rpc ? "expected POST with a JSON-RPC request, or GET" : "expected GET");
    return false;
}

static bool judge_content_type(const struct http_request *request, struct http_refusal *refusal)
{
    const char *type = request->fields[HTTP_FIELD_CONTENT_TYPE];
    size_t size = strcspn(type, "; \t");
    if (size == 16 && strncasecmp(type, "application/json", size) == 0)
        return true;
    http_refuse(refusal, 415, "content type \"%.80s\" is not accepted; expected application/json",
                type);
    return false;
}

bool http_guard_judge(const struct http_guard *guard, const struct http_request *request,
                      struct http_destination *destination, struct http_refusal *refusal)
{
    *destination = (struct http_destination){0};
    if (!judge_host(guard, request, refusal) || !judge_origin(guard, request, destination, refusal)
        || !judge_path(request->target, destination, refusal)
        || !judge_verb(request, destination, refusal))
        return false;
    if (request->has_field[HTTP_FIELD_EXPECT]
        && strcasecmp(request->fields[HTTP_FIELD_EXPECT], "100-continue") != 0) {
        http_refuse(refusal, 417, "the only expectation understood is 100-continue");
        return false;
    }
    return destination->route != HTTP_ROUTE_RPC || judge_content_type(request, refusal);
}
