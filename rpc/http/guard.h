/* Who may ask at all, judged from a request's head before any body is read, in this order:
 * Host, Origin, path, method, content type.
 *
 * A page on any site can make a browser send requests to a node on the same machine or in the
 * same network (CSRF), and a name that changes its address makes such a page "same origin" (DNS
 * rebinding). So only known names are answered, and only pages of our own or of origins the
 * operator named may talk to us. Browser extensions may too: no page can forge their origin, and
 * wallets are such. */
#ifndef RPC_HTTP_GUARD_H
#define RPC_HTTP_GUARD_H
#include "rpc/http/request.h"
#include "vm/base/error.h"

struct http_guard {
    char **hosts; /* lower case, without port */
    size_t hosts_count;
    char **origins; /* exact */
    size_t origins_count;
};

/* Copies. ERROR_INVALID for "*" and for origins that are no origin. */
bool http_guard_init(struct http_guard *guard, const char *bind, const char *const *hosts,
                     size_t hosts_count, const char *const *origins, size_t origins_count,
                     struct error *error) __attribute__((warn_unused_result));
void http_guard_cleanup(struct http_guard *guard);

/* What a request is for. */
enum http_route {
    HTTP_ROUTE_RPC,
    HTTP_ROUTE_WEBSOCKET,
    HTTP_ROUTE_PAGE,
    HTTP_ROUTE_HEALTH,
    HTTP_ROUTE_METRICS,
    HTTP_ROUTE_PREFLIGHT,
};
#define HTTP_ORG_MAX 80
struct http_destination {
    enum http_route route;
    char org[HTTP_ORG_MAX + 1]; /* label or id; empty: the default one */
    bool shows_origin;          /* answer with Access-Control-Allow-Origin */
};

/* False: the refusal says why. */
bool http_guard_judge(const struct http_guard *guard, const struct http_request *request,
                      struct http_destination *destination, struct http_refusal *refusal);
#endif
