/* What waits in the pool, as geth's txpool namespace shows it. All of it runs on the ledger's
 * actor; an answer that grows too large stops growing, and dispatch refuses it. */
#include "rpc/methods/methods.h"

#include "ledger/codec/address_text.h"
#include "rpc/methods/show.h"
#include "rpc/scope.h"
#include <inttypes.h>

/* One list being written: all that is ready, or all that waits behind a gap. */
struct listing {
    struct call *call;
    bool wants_ready;
    const address *only; /* NULL: of all senders, grouped */
    void (*show)(struct call *call, const struct transaction *tx);
    const struct transaction *last; /* written */
};

static void write_nonce_key(struct buffer *out, uint64_t nonce)
{
    write_separator(out);
    buffer_append_format(out, "\"%" PRIu64 "\":", nonce);
}

static void begin_sender(struct listing *listing, const address *sender)
{
    struct buffer *out = listing->call->out;
    char name[ADDRESS_TEXT_SIZE];
    if (listing->last != NULL)
        write_raw(out, "}");
    address_format(name, sender);
    write_key_raw(out, name, "{");
}

static void list_one(void *context, const struct transaction *tx, bool is_ready)
{
    struct listing *listing = context;
    struct call *call = listing->call;
    if (is_ready != listing->wants_ready || call->out->size > call->limits->response_size_max
        || (listing->only != NULL && !address_equal(listing->only, &tx->sender)))
        return;
    if (listing->only == NULL
        && (listing->last == NULL || !address_equal(&listing->last->sender, &tx->sender)))
        begin_sender(listing, &tx->sender);
    write_nonce_key(call->out, tx->nonce);
    listing->show(call, tx);
    listing->last = tx;
}

static void write_listing(struct call *call, const char *key, bool wants_ready, const address *only,
                          void (*show)(struct call *call, const struct transaction *tx))
{
    struct listing listing = {.call = call, .wants_ready = wants_ready, .only = only, .show = show};
    write_key_raw(call->out, key, "{");
    pool_visit(ledger_pool(call->ledger), list_one, &listing);
    write_raw(call->out, only == NULL && listing.last != NULL ? "}}" : "}");
}

static enum call_outcome answer_listings(struct call *call, const address *only,
                                         void (*show)(struct call *call,
                                                      const struct transaction *tx))
{
    write_raw(call->out, "{");
    write_listing(call, "pending", true, only, show);
    write_listing(call, "queued", false, only, show);
    write_raw(call->out, "}");
    return CALL_ANSWERED;
}

static void show_whole(struct call *call, const struct transaction *tx)
{
    show_transaction(call->out, tx, NULL);
}

/* geth's one line. */
static void show_line(struct call *call, const struct transaction *tx)
{
    char to[ADDRESS_TEXT_SIZE], value[U256_DECIMAL_SIZE], price[U256_DECIMAL_SIZE];
    address_format(to, &tx->to);
    u256_format_decimal(value, &tx->value);
    u256_format_decimal(price, &tx->max_fee);
    write_text(call->out,
               arena_format(call->arena, "%s: %s wei + %" PRIu64 " gas × %s wei",
                            tx->is_create ? "contract creation" : to, value, tx->gas_limit, price));
}

enum call_outcome method_txpool_content(struct call *call)
{
    return answer_listings(call, NULL, show_whole);
}

enum call_outcome method_txpool_content_from(struct call *call)
{
    return answer_listings(call, &call->arguments[0].account, show_whole);
}

enum call_outcome method_txpool_inspect(struct call *call)
{
    return answer_listings(call, NULL, show_line);
}

enum call_outcome method_txpool_status(struct call *call)
{
    const struct pool *pool = ledger_pool(call->ledger);
    write_raw(call->out, "{");
    write_key_quantity(call->out, "pending", pool_ready_count(pool));
    write_key_quantity(call->out, "queued", pool_queued_count(pool));
    write_raw(call->out, "}");
    return CALL_ANSWERED;
}
