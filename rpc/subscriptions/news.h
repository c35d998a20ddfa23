/* What is new on a ledger and who is told: taken from the hub as it stood at one moment, so that
 * telling needs no lock. Each notification is written once. */
#ifndef RPC_SUBSCRIPTIONS_NEWS_H
#define RPC_SUBSCRIPTIONS_NEWS_H
#include "rpc/subscriptions/hub.h"

struct target {
    struct socket_ref socket;
    struct rpc_id id;
    struct criteria *criteria; /* one holder more; NULL unless logs are wanted */
};

struct targets {
    struct target *list; /* in the news' arena */
    size_t count;
};

/* A transaction that was admitted, as those who subscribed are told. */
struct announced {
    struct payload *hash, *full; /* NULL: nobody wanted it */
};
struct announced announced_new(const struct transaction *tx, bool with_hash, bool with_full,
                               atomic_size_t *account);

/* All zero but for the account: nothing. */
struct news {
    struct arena arena;
    atomic_size_t *account;
    struct targets targets[SUBSCRIPTION_KIND_COUNT];
    struct announced *announced;
    size_t announced_count;
    bool has_blocks;
    uint64_t from, to; /* the blocks to tell of: those who are told were there for all of them */
};

/* True, with the height up to which blocks were told of, if there were blocks to look at.
 * `ledger` may be NULL when there are none. */
bool news_publish(struct news *news, struct ledger *ledger, uint64_t *told);
void news_cleanup(struct news *news);
#endif
