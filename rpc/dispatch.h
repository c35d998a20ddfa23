/* One HTTP body's worth of calls: parsed, run place by place, answered in order.
 *
 *   worker: split, parse, run ... park what must go on elsewhere
 *   actor:  run all that is parked for it, in order (a batch of 100 transactions: one job)
 *   worker: go on behind them
 *
 * Sans I/O: whoever owns the exchange carries it from place to place as exchange_run() says. */
#ifndef RPC_DISPATCH_H
#define RPC_DISPATCH_H
#include "rpc/host.h"
#include "rpc/server.h"

struct exchange;
struct filters;
struct hub;
struct socket;
struct subscription;

enum exchange_step {
    EXCHANGE_DONE,
    EXCHANGE_RUN,     /* call exchange_run() again at `place` */
    EXCHANGE_WAIT,    /* for a few milliseconds; then exchange_waited(), then run on any worker */
    EXCHANGE_ACQUIRE, /* pin `org`, hand it to exchange_acquired(), then run on any worker */
};

struct exchange_next {
    enum exchange_step step;
    enum rpc_place place;
    const char *org; /* borrowed from the exchange */
};

/* Takes the body's memory and leaves *body empty. `pinned` and `limits` stay the caller's and
 * must outlive the exchange. `pinned` is NULL on a node without organisations: then only the
 * methods that need no ledger answer. */
struct exchange *exchange_new(const struct rpc_host *host, const struct rpc_limits *limits,
                              struct rpc_ledger *pinned, struct buffer *body, bool is_authorized);
/* Before the first run: why `pinned` is NULL although the node has organisations. */
void exchange_set_unavailable(struct exchange *exchange, const struct error *error);
void exchange_free(struct exchange *exchange); /* accepts NULL; any thread */

/* Runs what can be run here, for a bounded time. First on any worker. */
struct exchange_next exchange_run(struct exchange *exchange, enum rpc_place here,
                                  struct vm *machine);
/* The answer to EXCHANGE_WAIT. `is_ending`: there will be no more waiting. */
void exchange_waited(struct exchange *exchange, bool is_ending);
/* The answer to EXCHANGE_ACQUIRE: a ledger that stays pinned until the next one is asked for or
 * the exchange ends, or NULL and why. */
void exchange_acquired(struct exchange *exchange, struct rpc_ledger *ledger,
                       const struct error *error);
/* Before the first run: how to learn that nobody waits for the answer any more (then what has not
 * begun is left out, and long calls end), and who is told, may be NULL, before a call that may take
 * long. */
void exchange_set_client(struct exchange *exchange, bool (*is_gone)(const void *client),
                         void (*takes_long)(const void *client), const void *client);

/* Before the first run: who says whether that many calls may run now. Those that may not are
 * answered with an error each, and so many milliseconds are to be waited before the next try. */
void exchange_set_gate(struct exchange *exchange, uint64_t (*wait_ms)(void *gate, size_t calls),
                       void *gate);
uint64_t exchange_wait_ms(const struct exchange *exchange); /* once done; 0: they were let in */

/* Before the first run: where what is subscribed to and what is filtered is kept, and the connection
 * that can be told of it, NULL if it cannot. */
void exchange_set_hub(struct exchange *exchange, struct hub *hub, struct filters *filters,
                      struct socket *socket);
/* The subscriptions that were made, for hub_begin() once the answer is on its way. */
struct subscription *exchange_take_subscriptions(struct exchange *exchange);

/* Before the first run: a view of `pinned`, from now on the exchange's, opened after all of the
 * request had come; NULL: it opens its own. It serves what a single call can do on this worker. */
void exchange_set_view(struct exchange *exchange, struct ledger_view *view);
/* Once done: the view of `pinned` that was read last, now the caller's; NULL: there is none. */
struct ledger_view *exchange_take_view(struct exchange *exchange);

/* Before the first run: where its calls are counted; borrowed. */
struct rpc_counts;
void exchange_set_counts(struct exchange *exchange, struct rpc_counts *counts);

/* Moves the answer out, once done. Empty: there is nothing to say (notifications only). */
struct buffer exchange_take_answer(struct exchange *exchange);

/* A whole answer that is one error without an id: for requests refused before they are read. */
void dispatch_write_error(struct buffer *out, int code, const char *text);
#endif
