/* Filters that clients poll over HTTP, or over anything.
 *
 * A filter of logs or blocks is a place in the chain: what is new is looked up when it is asked
 * for. A filter of transactions is a place in its ledger's ring of the latest ones admitted, which
 * exists while there are such filters; whoever polls too seldom misses the oldest. Filters that
 * nobody asked for their lifetime are gone; their number and the ring are bounded. */
#ifndef RPC_SUBSCRIPTIONS_FILTERS_H
#define RPC_SUBSCRIPTIONS_FILTERS_H
#include "rpc/server.h"
#include "rpc/subscriptions/criteria.h"
#include "rpc/subscriptions/id.h"

#define FILTERS_RING_HASHES 16384

struct filters;

enum filter_kind { FILTER_LOGS, FILTER_BLOCKS, FILTER_PENDING };

/* What a filter is, for its asker. */
struct filter_look {
    enum filter_kind kind;
    struct criteria *criteria; /* one holder more, the asker's to release; NULL without */
    uint64_t next;             /* the first height it was not told of */
};

/* All functions but these two are for any thread; times are in milliseconds on one clock. */
struct filters *filters_new(const struct rpc_limits *limits); /* borrowed */
void filters_free(struct filters *filters);                   /* accepts NULL */

/* Takes `criteria`. `next` is the first height it is to be told of. False: there are too many. */
bool filters_add(struct filters *filters, const struct rpc_ledger *ledger, enum filter_kind kind,
                 struct criteria *criteria, uint64_t next, uint64_t now_ms, struct rpc_id *id);
/* These three: false if the ledger has no such filter (any more). */
bool filters_remove(struct filters *filters, const struct rpc_ledger *ledger,
                    const struct rpc_id *id, uint64_t now_ms);
bool filters_look(struct filters *filters, const struct rpc_ledger *ledger, const struct rpc_id *id,
                  uint64_t now_ms, struct filter_look *look);
/* Of a FILTER_PENDING: appends the hashes it was not told of, and they are told of. */
bool filters_take_pending(struct filters *filters, const struct rpc_ledger *ledger,
                          const struct rpc_id *id, struct buffer *hashes);
/* It was told of all below `next`. */
void filters_advance(struct filters *filters, const struct rpc_ledger *ledger,
                     const struct rpc_id *id, uint64_t next);

/* On the ledger's actor. */
void filters_on_admitted(struct filters *filters, const struct rpc_ledger *ledger,
                         const hash256 *hash, uint64_t now_ms);
size_t filters_count(struct filters *filters);
#endif
