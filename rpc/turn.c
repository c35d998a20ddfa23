#include "rpc/turn.h"

#include "rpc/http/guard.h"
#include <assert.h>

static _Thread_local struct {
    const struct rpc_host *host; /* NULL: nothing is kept */
    struct rpc_ledger *ledger;
    struct ledger_view *view;
    char org[HTTP_ORG_MAX + 1]; /* empty: the default one */
} kept;

static const char *name_of(const char *org)
{
    return org != NULL ? org : "";
}

struct rpc_ledger *turn_take(const struct rpc_host *host, const char *org,
                             struct ledger_view **view)
{
    if (kept.host != host || strcmp(kept.org, name_of(org)) != 0)
        return NULL;
    kept.host = NULL;
    *view = kept.view;
    return kept.ledger;
}

void turn_keep(const struct rpc_host *host, const char *org, struct rpc_ledger *ledger,
               struct ledger_view *view)
{
    const char *name = name_of(org);
    const size_t size = strlen(name) + 1;
    assert(kept.host == NULL);
    assert(size <= sizeof kept.org);
    memcpy(kept.org, name, size);
    kept.host = host;
    kept.ledger = ledger;
    kept.view = view;
}

bool turn_drop(const struct rpc_host *host)
{
    if (kept.host != host)
        return false;
    kept.host = NULL;
    ledger_view_close(kept.view);
    host->ops->release(host->context, kept.ledger);
    return true;
}
