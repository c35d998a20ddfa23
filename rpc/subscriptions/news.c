#include "rpc/subscriptions/news.h"

#include "rpc/methods/show.h"
#include <stdlib.h>

static struct payload *payload_of(struct buffer *text, atomic_size_t *account)
{
    struct payload *payload = payload_new(buffer_view(text), account);
    buffer_clear(text);
    return payload;
}

/* ---- Transactions ------------------------------------------------------------------------ */

struct announced announced_new(const struct transaction *tx, bool with_hash, bool with_full,
                               atomic_size_t *account)
{
    struct announced announced = {NULL, NULL};
    struct buffer text = {0};
    if (with_hash) {
        write_hash(&text, &tx->hash);
        announced.hash = payload_of(&text, account);
    }
    if (with_full) {
        show_transaction(&text, tx, NULL);
        announced.full = payload_of(&text, account);
    }
    buffer_cleanup(&text);
    return announced;
}

static void publish_announced(const struct news *news, enum subscription_kind kind)
{
    for (size_t at = 0; at < news->targets[kind].count; at++) {
        const struct target *target = &news->targets[kind].list[at];
        if (!socket_hold(target->socket))
            continue;
        for (size_t index = 0; index < news->announced_count; index++) {
            const struct announced *one = &news->announced[index];
            struct payload *payload = kind == SUBSCRIPTION_PENDING ? one->hash : one->full;
            if (payload != NULL)
                socket_push(target->socket.socket, &target->id, payload);
        }
        socket_let_go(target->socket.socket);
    }
}

/* ---- Heads ------------------------------------------------------------------------------- */

static void publish_head(const struct news *news, const struct header *header, const hash256 *hash,
                         enum vm_fork fork)
{
    const struct targets *targets = &news->targets[SUBSCRIPTION_HEADS];
    struct buffer text = {0};
    if (targets->count == 0)
        return;
    show_head(&text, header, hash, fork);
    struct payload *payload = payload_of(&text, news->account);
    for (size_t at = 0; at < targets->count; at++) {
        const struct target *target = &targets->list[at];
        if (!socket_hold(target->socket))
            continue;
        socket_push(target->socket.socket, &target->id, payload);
        socket_let_go(target->socket.socket);
    }
    payload_release(payload);
    buffer_cleanup(&text);
}

/* ---- Logs -------------------------------------------------------------------------------- */

/* A block's logs; each is written when the first asks for it. */
struct block_logs {
    struct found_log *logs;
    struct payload **payloads;
    size_t count;
};

static bool concerns(const struct target *target, const struct header *header)
{
    const struct log_filter *filter = criteria_filter(target->criteria);
    return header->number >= filter->from && header->number <= filter->to
           && log_filter_may_match(filter, header->logs_bloom);
}

static bool read_logs(const struct ledger_view *view, const struct header *header,
                      const hash256 *hash, struct arena *arena, struct block_logs *out)
{
    struct error error = {0};
    struct block block;
    struct receipt *receipts;
    size_t count;
    *out = (struct block_logs){0};
    if (!view_receipts(view, header->number, arena, &receipts, &count, &error)
        || !view_block(view, header->number, arena, &block, &error)
        || block.transactions_count != count)
        return false;
    for (size_t index = 0; index < count; index++)
        out->count += receipts[index].logs_count;
    out->logs = arena_array(arena, out->count, sizeof *out->logs);
    out->payloads = arena_array(arena, out->count, sizeof(struct payload *));
    for (size_t index = 0, at = 0; index < count; index++)
        for (size_t log = 0; log < receipts[index].logs_count; log++, at++)
            out->logs[at] = (struct found_log){
                .log = &receipts[index].logs[log],
                .height = header->number,
                .block_hash = *hash,
                .block_timestamp = header->timestamp,
                .transaction_hash = block.transactions[index].hash,
                .transaction_index = index,
                .log_index = at,
            };
    return true;
}

static void push_logs(const struct news *news, const struct target *target, struct block_logs *logs,
                      struct buffer *text)
{
    const struct log_filter *filter = criteria_filter(target->criteria);
    bool is_held = false;
    for (size_t at = 0; at < logs->count; at++) {
        if (!log_filter_matches(filter, logs->logs[at].log))
            continue;
        if (logs->payloads[at] == NULL) {
            show_found_log(text, &logs->logs[at]);
            logs->payloads[at] = payload_of(text, news->account);
        }
        if (!is_held && !socket_hold(target->socket))
            return;
        is_held = true;
        socket_push(target->socket.socket, &target->id, logs->payloads[at]);
    }
    if (is_held)
        socket_let_go(target->socket.socket);
}

/* Receipts are read only if the block's bloom says that somebody may be concerned. */
static bool publish_logs(const struct news *news, const struct ledger_view *view,
                         const struct header *header, const hash256 *hash)
{
    const struct targets *targets = &news->targets[SUBSCRIPTION_LOGS];
    struct arena arena = {0};
    struct buffer text = {0};
    struct block_logs logs;
    bool ok = true, has_read = false;
    for (size_t at = 0; ok && at < targets->count; at++) {
        if (!concerns(&targets->list[at], header))
            continue;
        ok = has_read || read_logs(view, header, hash, &arena, &logs);
        has_read = ok;
        if (ok)
            push_logs(news, &targets->list[at], &logs, &text);
    }
    for (size_t at = 0; has_read && at < logs.count; at++)
        payload_release(logs.payloads[at]);
    buffer_cleanup(&text);
    arena_cleanup(&arena);
    return ok;
}

/* ---- All of it --------------------------------------------------------------------------- */

/* What cannot be read is told of with the next block; the ledger itself says what is wrong. */
static bool publish_blocks(const struct news *news, struct ledger *ledger, uint64_t *told)
{
    enum vm_fork fork = ledger_genesis(ledger)->fork;
    struct error error = {0};
    struct ledger_view *view = ledger_view_open(ledger, &error);
    if (view == NULL)
        return false;
    bool ok = true;
    *told = news->from - 1;
    while (ok && *told < news->to) {
        struct header header;
        hash256 hash;
        ok = view_header(view, *told + 1, &header, &hash, &error);
        if (ok)
            publish_head(news, &header, &hash, fork);
        if (ok)
            ok = publish_logs(news, view, &header, &hash);
        if (ok)
            ++*told;
    }
    ledger_view_close(view);
    return true;
}

bool news_publish(struct news *news, struct ledger *ledger, uint64_t *told)
{
    if (news->announced_count > 0) {
        publish_announced(news, SUBSCRIPTION_PENDING);
        publish_announced(news, SUBSCRIPTION_PENDING_FULL);
    }
    return news->has_blocks && publish_blocks(news, ledger, told);
}

void news_cleanup(struct news *news)
{
    for (int kind = 0; kind < SUBSCRIPTION_KIND_COUNT; kind++)
        for (size_t at = 0; at < news->targets[kind].count; at++)
            criteria_release(news->targets[kind].list[at].criteria);
    for (size_t index = 0; index < news->announced_count; index++) {
        payload_release(news->announced[index].hash);
        payload_release(news->announced[index].full);
    }
    free(news->announced);
    arena_cleanup(&news->arena);
}
