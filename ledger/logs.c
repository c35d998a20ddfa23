/* Finding logs: headers' blooms first, receipts only of blocks that may have a match. */
#include "ledger/inside.h"

static bool any_in_bloom(const uint8_t bloom[BLOOM_SIZE], const uint8_t *entries, size_t count,
                         size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (bloom_may_contain(bloom, bytes_of(entries + i * size, size)))
            return true;
    return count == 0;
}

bool log_filter_may_match(const struct log_filter *filter, const uint8_t bloom[BLOOM_SIZE])
{
    if (!any_in_bloom(bloom, (const uint8_t *)filter->accounts, filter->accounts_count,
                      sizeof *filter->accounts))
        return false;
    for (size_t i = 0; i < filter->topics_count; i++)
        if (!any_in_bloom(bloom, (const uint8_t *)filter->topics[i].any_of, filter->topics[i].count,
                          sizeof *filter->topics[i].any_of))
            return false;
    return true;
}

static bool is_any_of(const hash256 *topic, const hash256 *any_of, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (hash256_equal(topic, &any_of[i]))
            return true;
    return count == 0;
}

/* A position without alternatives matches any topic, but the topic must be there: as in
 * Ethereum, a filter of two positions finds no log of one topic. */
bool log_filter_matches(const struct log_filter *filter, const struct log *log)
{
    bool is_account = filter->accounts_count == 0;
    for (size_t i = 0; i < filter->accounts_count && !is_account; i++)
        is_account = address_equal(&log->account, &filter->accounts[i]);
    if (!is_account || log->topics_count < filter->topics_count)
        return false;
    for (size_t i = 0; i < filter->topics_count; i++)
        if (!is_any_of(&log->topics[i], filter->topics[i].any_of, filter->topics[i].count))
            return false;
    return true;
}

struct search {
    const struct ledger_view *view;
    const struct log_filter *filter;
    bool (*found)(void *context, const struct found_log *log);
    void *context;
    bool has_stopped;
};

/* Hands out the matches of one receipt; `log_index` counts through the block. */
static void search_receipt(struct search *search, const struct receipt *receipt,
                           const struct found_log *place, uint64_t *log_index)
{
    for (size_t i = 0; i < receipt->logs_count && !search->has_stopped; i++) {
        struct found_log found = *place;
        found.log = &receipt->logs[i];
        found.log_index = (*log_index)++;
        if (log_filter_matches(search->filter, found.log))
            search->has_stopped = !search->found(search->context, &found);
    }
}

static bool search_block(struct search *search, uint64_t height, const struct header_record *header,
                         struct error *error)
{
    struct arena arena = {0};
    struct receipt *receipts;
    size_t count;
    struct block block;
    bool ok = view_receipts(search->view, height, &arena, &receipts, &count, error)
              && view_block(search->view, height, &arena, &block, error);
    if (ok && block.transactions_count != count)
        ok = error_set(error, ERROR_CORRUPT,
                       "store: block %llu has %zu transactions and %zu "
                       "receipts",
                       (unsigned long long)height, block.transactions_count, count);
    uint64_t log_index = 0;
    for (size_t i = 0; ok && i < count && !search->has_stopped; i++) {
        const struct found_log place = {
            .height = height,
            .block_hash = header->hash,
            .block_timestamp = header->header.timestamp,
            .transaction_hash = block.transactions[i].hash,
            .transaction_index = i,
        };
        search_receipt(search, &receipts[i], &place, &log_index);
    }
    arena_cleanup(&arena);
    return ok;
}

/* One walk over consecutive header records. */
static bool search_range(struct search *search, struct store_iterator *headers, uint64_t from,
                         uint64_t to, struct error *error)
{
    const struct store_key first = key_numbered(KEY_HEADER, from);
    store_iterator_seek(headers, key_view(&first));
    for (uint64_t height = from; height <= to && !search->has_stopped; height++) {
        const struct store_key key = key_numbered(KEY_HEADER, height);
        struct header_record record;
        if (search->filter->is_over != NULL && search->filter->is_over(search->context))
            return true;
        if (!store_iterator_valid(headers)
            || !bytes_equal(store_iterator_key(headers), key_view(&key)))
            return store_iterator_ok(headers, error)
                   && error_set(error, ERROR_CORRUPT, "store: block %llu has no header",
                                (unsigned long long)height);
        if (!record_decode_header(store_iterator_value(headers), header_fork(search->view->ledger),
                                  height, &record, error))
            return false;
        if (log_filter_may_match(search->filter, record.header.logs_bloom)
            && record.header.gas_used > 0 && !search_block(search, height, &record, error))
            return false;
        store_iterator_next(headers);
    }
    return true;
}

bool view_find_logs(const struct ledger_view *view, const struct log_filter *filter,
                    bool (*found)(void *context, const struct found_log *log), void *context,
                    struct error *error)
{
    struct search search = {.view = view, .filter = filter, .found = found, .context = context};
    const uint64_t head = view_head(view);
    if (filter->from > head || filter->from > filter->to)
        return true;
    if (filter->from < view_earliest(view))
        return error_set(error, ERROR_NOT_FOUND,
                         "logs from block %llu on are not available: this node has the ledger from "
                         "block %llu on",
                         (unsigned long long)filter->from, (unsigned long long)view_earliest(view));
    struct store_iterator *headers =
        store_iterator_new(view->ledger->store, view->moment->snapshot);
    const bool ok =
        search_range(&search, headers, filter->from, filter->to < head ? filter->to : head, error);
    store_iterator_free(headers);
    return ok;
}
