/* What a browser or a supervisor asks for: the status page, or why there is none, and the health
 * check. */
#ifndef RPC_PAGES_PAGES_H
#define RPC_PAGES_PAGES_H
#include "rpc/host.h"

/* pages/status.html, part of the program; it fetches its data through JSON-RPC. */
struct bytes pages_status(void);
/* Appends the page's headers: a Content-Security-Policy that admits its own script and style by
 * their hashes and nothing else. */
void pages_write_status_headers(struct buffer *out);
/* Whether the node has an organisation of that label or id. Any thread. */
bool pages_is_org(const struct rpc_host *host, const char *name);
/* Appends the page that stands where there is no such organisation; `name` holds letters, digits
 * and "-" only. */
void pages_write_missing(struct buffer *out, const char *name);
/* Appends {"ok", "version", "uptimeMs", "organisations": [{"label", "height", ...}]} and returns
 * the HTTP status: 200, or 503 when something is wrong. Any thread. */
int pages_write_health(const struct rpc_host *host, struct buffer *out);
#endif
