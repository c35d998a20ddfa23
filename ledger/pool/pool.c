#include "ledger/pool/pool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/pool/journal.h"
#include "ledger/pool/queue.h"

#define REPLACEMENT_BUMP_PERCENT 10
/* The journal is emptied when nothing waits and it is this large, and written again when it is
 * larger still and mostly past: a restart reads all of it. */
#define JOURNAL_EMPTY_BYTES   (16 * 1024)
#define JOURNAL_COMPACT_BYTES (1024 * 1024)
#define NANOSECONDS_PER_MS    1000000

struct pool_limits pool_limits_default(void)
{
    return (struct pool_limits){
        .transactions_max = 32768,
        .bytes_max = 64 * 1024 * 1024,
        .per_sender_max = 1024,
        .lifetime_ms = 3 * 3600 * 1000,
        .replace_free_ms = 1000,
    };
}

const char *pool_verdict_text(enum pool_verdict verdict)
{
    switch (verdict) {
    case POOL_OK: return "accepted";
    case POOL_ALREADY_KNOWN: return "already known";
    case POOL_REFUSED: return "invalid transaction";
    case POOL_NONCE_TOO_LOW: return "nonce too low";
    case POOL_NONCE_TOO_HIGH: return "nonce too high";
    case POOL_INSUFFICIENT_FUNDS: return "insufficient funds for gas * price + value";
    case POOL_UNDERPRICED: return "transaction underpriced";
    case POOL_REPLACEMENT_UNDERPRICED: return "replacement transaction underpriced";
    case POOL_GAS_LIMIT: return "exceeds block gas limit";
    case POOL_SENDER_HAS_CODE: return "sender not an eoa";
    case POOL_DELEGATED_GAP: return "gapped-nonce tx from delegated accounts";
    case POOL_DELEGATED_BUSY: return "in-flight transaction limit reached for delegated accounts";
    case POOL_AUTHORITY_BUSY: return "authority already reserved";
    case POOL_SENDER_FULL: return "account limit exceeded";
    case POOL_FULL: return "txpool is full";
    case POOL_JOURNAL_FAILED: return "the pool's journal could not be written";
    case POOL_VERDICT_COUNT: break;
    }
    assert(!"a pool verdict");
    return "";
}

const char *pool_fate_name(enum pool_fate fate)
{
    switch (fate) {
    case POOL_UNKNOWN: return "unknown";
    case POOL_READY: return "ready";
    case POOL_QUEUED: return "queued";
    case POOL_MINED: return "mined";
    case POOL_REPLACED: return "replaced";
    case POOL_EXPIRED: return "expired";
    case POOL_EVICTED: return "evicted";
    case POOL_FATE_COUNT: break;
    }
    assert(!"a fate");
    return "";
}

/* ---- Life ---------------------------------------------------------------------------------- */

struct pool *pool_new(const struct pool_limits *limits)
{
    struct pool *pool = memory_new_zeroed(1, sizeof *pool);
    pool->limits = *limits;
    table_init(&pool->by_hash, sizeof(hash256));
    table_init(&pool->by_sender, sizeof(address));
    authorities_init(&pool->authorities);
    fates_init(&pool->fates);
    pool->counts = &pool->own_counts;
    return pool;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    while (pool->oldest != NULL) {
        struct entry *entry = pool->oldest;
        pool->oldest = entry->newer;
        free(entry);
    }
    for (size_t i = 0; i < pool->heap_count; i++) {
        free(pool->heap[i]->queue);
        free(pool->heap[i]);
    }
    free(pool->heap);
    table_cleanup(&pool->by_hash);
    table_cleanup(&pool->by_sender);
    authorities_cleanup(&pool->authorities);
    fates_cleanup(&pool->fates);
    journal_close(pool->journal);
    free(pool);
}

void pool_set_journal(struct pool *pool, struct journal *journal)
{
    assert(pool->journal == NULL);
    pool->journal = journal;
}

static void show_waiting(struct pool *pool)
{
    tally_set(&pool->counts->ready, pool_ready_count(pool));
    tally_set(&pool->counts->queued, pool_queued_count(pool));
}

void pool_set_counts(struct pool *pool, struct pool_counts *counts)
{
    pool->counts = counts;
    show_waiting(pool);
}

/* ---- The heap: whose last entry goes first -------------------------------------------------- */

static const struct entry *last_of(const struct sender *sender)
{
    return sender->queue[sender->count - 1];
}

/* Is its last one above a gap, where no block can take it? */
static bool ends_above_gap(const struct sender *sender)
{
    return sender->ready < sender->count;
}

/* Above a gap first; then the cheapest; ties: the sender with most waiting; ties: the youngest. */
static bool goes_before(const struct sender *a, const struct sender *b)
{
    const struct entry *left = last_of(a), *right = last_of(b);
    if (ends_above_gap(a) != ends_above_gap(b))
        return ends_above_gap(a);
    const int order = u256_compare(&left->tip_floor, &right->tip_floor);
    if (order != 0)
        return order < 0;
    if (a->count != b->count)
        return a->count > b->count;
    return left->sequence > right->sequence;
}

static void heap_set(struct pool *pool, size_t place, struct sender *sender)
{
    pool->heap[place] = sender;
    sender->heap_place = place;
}

static void heap_fix(struct pool *pool, struct sender *sender)
{
    size_t place = sender->heap_place;
    while (place > 0 && goes_before(sender, pool->heap[(place - 1) / 2])) {
        heap_set(pool, place, pool->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= pool->heap_count)
            break;
        if (child + 1 < pool->heap_count && goes_before(pool->heap[child + 1], pool->heap[child]))
            child++;
        if (!goes_before(pool->heap[child], sender))
            break;
        heap_set(pool, place, pool->heap[child]);
        place = child;
    }
    heap_set(pool, place, sender);
}

static void heap_push(struct pool *pool, struct sender *sender)
{
    if (pool->heap_count == pool->heap_capacity) {
        pool->heap_capacity = pool->heap_capacity == 0 ? 16 : 2 * pool->heap_capacity;
        pool->heap = memory_resize(pool->heap, pool->heap_capacity * sizeof(struct sender *));
    }
    heap_set(pool, pool->heap_count++, sender);
    heap_fix(pool, sender);
}

static void heap_remove(struct pool *pool, struct sender *sender)
{
    struct sender *moved = pool->heap[--pool->heap_count];
    if (moved == sender)
        return;
    heap_set(pool, sender->heap_place, moved);
    heap_fix(pool, moved);
}

/* ---- Queues -------------------------------------------------------------------------------- */

size_t sender_find_nonce(const struct sender *sender, uint64_t nonce)
{
    size_t low = 0, high = sender->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sender->queue[middle]->tx.nonce < nonce)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Entries from `place` on have others before them than they had. */
static void refresh_tips(struct sender *sender, size_t place)
{
    for (; place < sender->count; place++) {
        struct entry *entry = sender->queue[place];
        entry->tip_floor = entry->tx.max_priority;
        if (place > 0 && u256_less(&sender->queue[place - 1]->tip_floor, &entry->tip_floor))
            entry->tip_floor = sender->queue[place - 1]->tip_floor;
    }
}

/* Counts anew which entries are ready, given that the first `known` are. */
static void refresh_ready(struct pool *pool, struct sender *sender, size_t known)
{
    size_t ready = known < sender->count ? known : sender->count;
    while (ready < sender->count && sender->queue[ready]->tx.nonce == sender->nonce + ready)
        ready++;
    pool->ready_count = pool->ready_count - sender->ready + ready;
    sender->ready = ready;
}

static void link_newest(struct pool *pool, struct entry *entry)
{
    entry->older = pool->newest;
    entry->newer = NULL;
    if (pool->newest != NULL)
        pool->newest->newer = entry;
    else
        pool->oldest = entry;
    pool->newest = entry;
}

static void unlink_entry(struct pool *pool, struct entry *entry)
{
    if (entry->older != NULL)
        entry->older->newer = entry->newer;
    else
        pool->oldest = entry->newer;
    if (entry->newer != NULL)
        entry->newer->older = entry->older;
    else
        pool->newest = entry->older;
}

static void free_sender(struct pool *pool, struct sender *sender)
{
    heap_remove(pool, sender);
    table_remove(&pool->by_sender, &sender->account);
    free(sender->queue);
    free(sender);
}

/* Forgets the entry at `place`, which has left the queue's array or is about to. */
static void forget_entry(struct pool *pool, struct entry *entry, enum pool_fate fate)
{
    if (entry->is_mined)
        fate = POOL_MINED;
    fates_add(&pool->fates, &entry->hash, fate);
    tally_add(&pool->counts->left[fate], 1);
    table_remove(&pool->by_hash, &entry->hash);
    authorities_remove(&pool->authorities, &entry->tx);
    unlink_entry(pool, entry);
    pool->bytes -= entry->tx.encoded.size;
    entry->sender->cost_sum = u256_sub(&entry->sender->cost_sum, &entry->cost_max);
    free(entry);
}

/* Takes `count` entries from `place` on out of the queue; frees the sender when none is left. */
static void remove_entries(struct pool *pool, struct sender *sender, size_t place, size_t count,
                           enum pool_fate fate)
{
    if (count == 0)
        return;
    for (size_t i = place; i < place + count; i++)
        forget_entry(pool, sender->queue[i], fate);
    memmove(&sender->queue[place], &sender->queue[place + count],
            (sender->count - place - count) * sizeof(struct entry *));
    sender->count -= count;
    refresh_ready(pool, sender, place < sender->ready ? place : sender->ready);
    if (sender->count == 0) {
        free_sender(pool, sender);
        return;
    }
    refresh_tips(sender, place);
    heap_fix(pool, sender);
}

/* ---- Entries ------------------------------------------------------------------------------- */

static size_t access_list_size(const struct transaction *tx)
{
    size_t size = tx->access_list_count * sizeof *tx->access_list;
    for (size_t i = 0; i < tx->access_list_count; i++)
        size += tx->access_list[i].keys_count * sizeof(hash256);
    return size;
}

static void copy_access_list(struct transaction *copy, const struct transaction *tx, uint8_t *room)
{
    copy->access_list = (struct access_entry *)(void *)room;
    room += tx->access_list_count * sizeof *tx->access_list;
    for (size_t i = 0; i < tx->access_list_count; i++) {
        const struct access_entry *from = &tx->access_list[i];
        const size_t size = from->keys_count * sizeof(hash256);
        copy->access_list[i] = *from;
        copy->access_list[i].keys = (hash256 *)(void *)room;
        if (size > 0)
            memcpy(room, from->keys, size);
        room += size;
    }
}

static size_t authorizations_size(const struct transaction *tx)
{
    return tx->authorizations_count * sizeof *tx->authorizations;
}

/* One block of memory: the entry, its authorizations, its access list, the encoded bytes, and the
 * data again where it does not lie within those. */
static struct entry *entry_new(const struct transaction *tx)
{
    const size_t list_size = access_list_size(tx), authorizations = authorizations_size(tx);
    const uintptr_t data = (uintptr_t)tx->data.data, encoded = (uintptr_t)tx->encoded.data;
    const bool is_inside =
        tx->data.size > 0 && data >= encoded && data + tx->data.size <= encoded + tx->encoded.size;
    const size_t data_size = is_inside ? 0 : tx->data.size;
    struct entry *entry =
        memory_new(sizeof *entry + authorizations + list_size + tx->encoded.size + data_size);
    *entry = (struct entry){.hash = tx->hash, .tx = *tx};
    uint8_t *room = (uint8_t *)(entry + 1);
    entry->tx.authorizations = (struct authorization *)(void *)room;
    if (authorizations > 0)
        memcpy(room, tx->authorizations, authorizations);
    room += authorizations;
    copy_access_list(&entry->tx, tx, room);
    room += list_size;
    memcpy(room, tx->encoded.data, tx->encoded.size);
    entry->tx.encoded.data = room;
    if (is_inside) {
        entry->tx.data.data = room + (data - encoded);
    } else if (data_size > 0) {
        memcpy(room + tx->encoded.size, tx->data.data, data_size);
        entry->tx.data.data = room + tx->encoded.size;
    }
    return entry;
}

/* ---- Admission ----------------------------------------------------------------------------- */

static void say(struct error *detail, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct error *detail, const char *format, ...)
{
    if (detail == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    detail->code = ERROR_INVALID;
    vsnprintf(detail->text, sizeof detail->text, format, arguments);
    va_end(arguments);
}

static enum pool_verdict refuse(enum pool_verdict verdict, struct error *detail)
{
    say(detail, "%s", pool_verdict_text(verdict));
    return verdict;
}

static enum pool_verdict check_nonce(const struct pool *pool, const struct transaction *tx,
                                     const struct pool_account *account, struct error *detail)
{
    if (tx->nonce < account->nonce) {
        say(detail, "nonce too low: next nonce %" PRIu64 ", tx nonce %" PRIu64, account->nonce,
            tx->nonce);
        return POOL_NONCE_TOO_LOW;
    }
    if (tx->nonce - account->nonce >= pool->limits.per_sender_max) {
        say(detail,
            "nonce too high: next nonce %" PRIu64 ", tx nonce %" PRIu64
            ", expected less than %zu ahead",
            account->nonce, tx->nonce, pool->limits.per_sender_max);
        return POOL_NONCE_TOO_HIGH;
    }
    return POOL_OK;
}

/* `sender` and `old`, the entry it would replace, may be NULL. */
static enum pool_verdict check_funds(const struct sender *sender, const struct entry *old,
                                     const u256 *cost, const u256 *balance, struct error *detail)
{
    u256 queued = sender != NULL ? sender->cost_sum : U256_ZERO;
    if (old != NULL)
        queued = u256_sub(&queued, &old->cost_max);
    u256 sum;
    const bool overflows = u256_add_overflows(&queued, cost, &sum);
    if (!overflows && !u256_less(balance, &sum))
        return POOL_OK;
    char have[U256_DECIMAL_SIZE], waiting[U256_DECIMAL_SIZE], need[U256_DECIMAL_SIZE];
    u256_format_decimal(have, balance);
    u256_format_decimal(waiting, &queued);
    u256_format_decimal(need, cost);
    if (u256_less(balance, cost))
        say(detail, "insufficient funds for gas * price + value: balance %s, tx cost %s", have,
            need);
    else
        say(detail,
            "insufficient funds for gas * price + value: balance %s, queued cost %s, tx cost %s",
            have, waiting, need);
    return POOL_INSUFFICIENT_FUNDS;
}

/* Is `price` at least `old` and a tenth of it, rounded up? */
static bool is_bumped(const u256 *price, const u256 *old)
{
    const u256 hundred = u256_from_u64(100), ninety_nine = u256_from_u64(99);
    const u256 percent = u256_from_u64(100 + REPLACEMENT_BUMP_PERCENT);
    u256 least;
    if (u256_mul_overflows(old, &percent, &least)
        || u256_add_overflows(&least, &ninety_nine, &least))
        return false;
    least = u256_div(&least, &hundred);
    return !u256_less(price, &least);
}

static enum pool_verdict check_replacement(const struct pool *pool, const struct entry *old,
                                           const struct transaction *tx, uint64_t now_ms,
                                           struct error *detail)
{
    const struct transaction *was = &old->tx;
    const bool is_dearer = u256_less(&was->max_fee, &tx->max_fee)
                           && is_bumped(&tx->max_fee, &was->max_fee)
                           && is_bumped(&tx->max_priority, &was->max_priority);
    const bool is_free = u256_is_zero(&was->max_fee) && u256_is_zero(&tx->max_fee);
    const bool is_due =
        old->replaced_ms == 0 || now_ms - old->replaced_ms >= pool->limits.replace_free_ms;
    if (is_dearer || (is_free && is_due))
        return POOL_OK;
    if (is_free)
        say(detail,
            "replacement transaction underpriced: one of equal price is taken once in %" PRIu64
            " ms",
            pool->limits.replace_free_ms);
    else
        say(detail, "replacement transaction underpriced: both fees must rise by %d%%",
            REPLACEMENT_BUMP_PERCENT);
    return POOL_REPLACEMENT_UNDERPRICED;
}

static const struct entry *find_nonce(const struct sender *sender, uint64_t nonce)
{
    const size_t place = sender_find_nonce(sender, nonce);
    const bool is_there = place < sender->count && sender->queue[place]->tx.nonce == nonce;
    return is_there ? sender->queue[place] : NULL;
}

static size_t count_waiting(const struct pool *pool, const address *account)
{
    const struct sender *sender = table_find(&pool->by_sender, account);
    return sender != NULL ? sender->count : 0;
}

enum pool_verdict pool_check_delegation(const struct pool *pool, const struct transaction *tx,
                                        const struct pool_account *account, struct error *detail)
{
    const struct sender *sender = table_find(&pool->by_sender, &tx->sender);
    if (account->has_code || authorities_has(&pool->authorities, &tx->sender)) {
        if (sender == NULL && tx->nonce != account->nonce)
            return refuse(POOL_DELEGATED_GAP, detail);
        if (sender != NULL && find_nonce(sender, tx->nonce) == NULL)
            return refuse(POOL_DELEGATED_BUSY, detail);
    }
    for (size_t i = 0; i < tx->authorizations_count; i++)
        if (tx->authorizations[i].has_authority
            && count_waiting(pool, &tx->authorizations[i].authority) > 1)
            return refuse(POOL_AUTHORITY_BUSY, detail);
    return POOL_OK;
}

/* Is the last one of `victim` worth less than a newcomer, of a sender with so many waiting? */
static bool is_worth_less(const struct sender *victim, const struct transaction *tx, bool is_ready,
                          size_t waiting)
{
    if (ends_above_gap(victim) == is_ready)
        return is_ready;
    const int order = u256_compare(&last_of(victim)->tip_floor, &tx->max_priority);
    return order < 0 || (order == 0 && victim->count > waiting);
}

/* Would it follow the nonce at the head without a gap? */
static bool would_be_ready(const struct sender *sender, const struct transaction *tx,
                           const struct pool_account *account)
{
    const uint64_t ahead = tx->nonce - account->nonce;
    return ahead == 0 || (sender != NULL && ahead <= sender->ready);
}

/* Whether there is room, or one entry to evict for it: *victim, or NULL if none is needed. */
static bool find_room(const struct pool *pool, const struct sender *sender,
                      const struct transaction *tx, bool is_ready, const struct entry *old,
                      struct sender **victim)
{
    *victim = NULL;
    const size_t bytes = pool->bytes + tx->encoded.size - (old != NULL ? old->tx.encoded.size : 0);
    const size_t count = pool->by_hash.count + (old == NULL);
    if (count <= pool->limits.transactions_max && bytes <= pool->limits.bytes_max)
        return true;
    if (old != NULL || pool->heap_count == 0)
        return false;
    struct sender *first = pool->heap[0];
    const struct entry *last = last_of(first);
    const size_t waiting = sender != NULL ? sender->count + 1 : 1;
    if (first == sender || !is_worth_less(first, tx, is_ready, waiting)
        || bytes - last->tx.encoded.size > pool->limits.bytes_max)
        return false;
    *victim = first;
    return true;
}

static struct sender *sender_new(struct pool *pool, const address *account)
{
    struct sender *sender = memory_new_zeroed(1, sizeof *sender);
    sender->account = *account;
    table_insert(&pool->by_sender, sender);
    return sender;
}

static void give_up(struct pool *pool, struct sender *sender, size_t place, enum pool_fate fate)
{
    if (pool->journal != NULL)
        journal_given_up(pool->journal, &sender->queue[place]->hash);
    remove_entries(pool, sender, place, 1, fate);
}

static void put_entry(struct pool *pool, struct sender *sender, size_t place, struct entry *entry)
{
    if (sender->count == sender->capacity) {
        sender->capacity = sender->capacity == 0 ? 4 : 2 * sender->capacity;
        sender->queue = memory_resize(sender->queue, sender->capacity * sizeof(struct entry *));
    }
    memmove(&sender->queue[place + 1], &sender->queue[place],
            (sender->count - place) * sizeof(struct entry *));
    sender->queue[place] = entry;
    sender->count++;
    entry->sender = sender;
    entry->sequence = pool->sequence++;
    sender->cost_sum = u256_add(&sender->cost_sum, &entry->cost_max);
    pool->bytes += entry->tx.encoded.size;
    table_insert(&pool->by_hash, entry);
    authorities_add(&pool->authorities, &entry->tx);
    link_newest(pool, entry);
    refresh_tips(sender, place);
    refresh_ready(pool, sender, place < sender->ready ? place : sender->ready);
    if (sender->count == 1)
        heap_push(pool, sender);
    else
        heap_fix(pool, sender);
}

/* The old one makes room in its own place: nothing else in the queue moves. */
static void replace_entry(struct pool *pool, struct sender *sender, size_t place,
                          struct entry *entry, uint64_t now_ms)
{
    struct entry *old = sender->queue[place];
    if (u256_equal(&old->tx.max_fee, &entry->tx.max_fee))
        entry->replaced_ms = now_ms;
    forget_entry(pool, old, POOL_REPLACED);
    memmove(&sender->queue[place], &sender->queue[place + 1],
            (sender->count - place - 1) * sizeof(struct entry *));
    sender->count--;
    const size_t ready = sender->ready;
    pool->ready_count -= ready;
    sender->ready = 0;
    if (sender->count == 0) /* put_entry() pushes it again */
        heap_remove(pool, sender);
    put_entry(pool, sender, place, entry);
}

enum pool_verdict pool_insert(struct pool *pool, const struct transaction *tx,
                              const struct pool_account *account, uint64_t now_ms,
                              struct error *detail)
{
    if (table_find(&pool->by_hash, &tx->hash) != NULL)
        return refuse(POOL_ALREADY_KNOWN, detail);
    enum pool_verdict verdict = check_nonce(pool, tx, account, detail);
    if (verdict != POOL_OK)
        return verdict;

    u256 cost;
    if (!transaction_cost_max(tx, &cost))
        return refuse(POOL_REFUSED, detail);
    struct sender *sender = table_find(&pool->by_sender, &tx->sender);
    const size_t place = sender != NULL ? sender_find_nonce(sender, tx->nonce) : 0;
    struct entry *old = NULL;
    if (sender != NULL && place < sender->count && sender->queue[place]->tx.nonce == tx->nonce)
        old = sender->queue[place];
    verdict = check_funds(sender, old, &cost, &account->balance, detail);
    if (verdict == POOL_OK && old != NULL)
        verdict = check_replacement(pool, old, tx, now_ms, detail);
    if (verdict != POOL_OK)
        return verdict;
    if (old == NULL && sender != NULL && sender->count >= pool->limits.per_sender_max)
        return refuse(POOL_SENDER_FULL, detail);
    struct sender *victim;
    if (!find_room(pool, sender, tx, would_be_ready(sender, tx, account), old, &victim))
        return refuse(POOL_FULL, detail);

    struct error failure;
    if (pool->journal != NULL && !journal_accepted(pool->journal, now_ms, tx, &failure)) {
        say(detail, "%s", failure.text);
        return POOL_JOURNAL_FAILED;
    }
    if (victim != NULL)
        give_up(pool, victim, victim->count - 1, POOL_EVICTED);
    struct entry *entry = entry_new(tx);
    entry->cost_max = cost;
    entry->arrived_ms = now_ms;
    if (sender == NULL)
        sender = sender_new(pool, &tx->sender);
    sender->nonce = account->nonce;
    sender->balance = account->balance;
    sender->has_code = account->has_code;
    if (old != NULL)
        replace_entry(pool, sender, place, entry, now_ms);
    else
        put_entry(pool, sender, place, entry);
    show_waiting(pool);
    pool_compact_journal(pool);
    return POOL_OK;
}

/* ---- Departure ----------------------------------------------------------------------------- */

static size_t place_of(const struct entry *entry)
{
    return sender_find_nonce(entry->sender, entry->tx.nonce);
}

void pool_drop(struct pool *pool, const hash256 *hash, enum pool_fate fate)
{
    const struct entry *entry = table_find(&pool->by_hash, hash);
    if (entry == NULL)
        return;
    give_up(pool, entry->sender, place_of(entry), fate);
    show_waiting(pool);
}

/* The clock was ahead when these came: their time starts now. */
static void bring_back_to(struct pool *pool, uint64_t now_ms)
{
    for (struct entry *entry = pool->oldest; entry != NULL; entry = entry->newer)
        if (entry->arrived_ms > now_ms)
            entry->arrived_ms = now_ms;
}

void pool_expire(struct pool *pool, uint64_t now_ms)
{
    if (pool->oldest != NULL && pool->oldest->arrived_ms > now_ms)
        bring_back_to(pool, now_ms);
    while (pool->oldest != NULL && now_ms > pool->oldest->arrived_ms
           && now_ms - pool->oldest->arrived_ms > pool->limits.lifetime_ms)
        give_up(pool, pool->oldest->sender, place_of(pool->oldest), POOL_EXPIRED);
    show_waiting(pool);
}

void pool_on_mined(struct pool *pool, const struct transaction *transactions, size_t count,
                   uint64_t block_time_ms)
{
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = table_find(&pool->by_hash, &transactions[i].hash);
        if (entry == NULL)
            continue;
        entry->is_mined = true;
        uint64_t waited_ms =
            block_time_ms > entry->arrived_ms ? block_time_ms - entry->arrived_ms : 0;
        histogram_add(&pool->counts->wait, waited_ms * NANOSECONDS_PER_MS);
    }
}

void pool_on_account(struct pool *pool, const address *at, const struct pool_account *account)
{
    struct sender *sender = table_find(&pool->by_sender, at);
    if (sender == NULL)
        return;
    sender->balance = account->balance;
    sender->has_code = account->has_code;
    if (sender->nonce == account->nonce)
        return;
    sender->nonce = account->nonce;
    pool->ready_count -= sender->ready;
    sender->ready = 0;
    const size_t past = sender_find_nonce(sender, account->nonce);
    if (past == 0) {
        refresh_ready(pool, sender, 0);
        heap_fix(pool, sender);
    } else {
        remove_entries(pool, sender, 0, past, POOL_REPLACED);
    }
    show_waiting(pool);
}

void pool_compact_journal(struct pool *pool)
{
    struct error ignored;
    const uint64_t live = pool->bytes + 64 * pool->by_hash.count;
    if (pool->journal == NULL)
        return;
    if (pool->by_hash.count == 0 && journal_size(pool->journal) > JOURNAL_EMPTY_BYTES)
        journal_empty(pool->journal);
    const uint64_t size = journal_size(pool->journal);
    if (size < JOURNAL_COMPACT_BYTES || size < 4 * live || size < pool->compact_from)
        return;
    pool->compact_from = size + JOURNAL_COMPACT_BYTES; /* if it fails */
    if (!journal_rewrite_begin(pool->journal, &ignored))
        return;
    bool ok = true;
    for (const struct entry *entry = pool->oldest; ok && entry != NULL; entry = entry->newer)
        ok = journal_accepted(pool->journal, entry->arrived_ms, &entry->tx, &ignored);
    if (journal_rewrite_end(pool->journal, ok, &ignored))
        pool->compact_from = 0;
}

/* ---- Questions ----------------------------------------------------------------------------- */

enum pool_fate pool_fate(const struct pool *pool, const hash256 *hash)
{
    const struct entry *entry = table_find(&pool->by_hash, hash);
    if (entry == NULL)
        return fates_find(&pool->fates, hash);
    return place_of(entry) < entry->sender->ready ? POOL_READY : POOL_QUEUED;
}

const struct transaction *pool_find(const struct pool *pool, const hash256 *hash)
{
    const struct entry *entry = table_find(&pool->by_hash, hash);
    return entry != NULL ? &entry->tx : NULL;
}

bool pool_account_of(const struct pool *pool, const address *account, struct pool_account *out)
{
    const struct sender *sender = table_find(&pool->by_sender, account);
    if (sender != NULL)
        *out = (struct pool_account){sender->nonce, sender->balance, sender->has_code};
    return sender != NULL;
}

uint64_t pool_next_nonce(const struct pool *pool, const address *account, uint64_t state_nonce)
{
    const struct sender *sender = table_find(&pool->by_sender, account);
    if (sender == NULL || sender->ready == 0)
        return state_nonce;
    const uint64_t next = sender->nonce + sender->ready;
    return next > state_nonce ? next : state_nonce;
}

size_t pool_ready_count(const struct pool *pool)
{
    return pool->ready_count;
}

size_t pool_queued_count(const struct pool *pool)
{
    return pool->by_hash.count - pool->ready_count;
}

void pool_visit(const struct pool *pool,
                void (*visit)(void *context, const struct transaction *tx, bool is_ready),
                void *context)
{
    for (size_t i = 0; i < pool->heap_count; i++) {
        const struct sender *sender = pool->heap[i];
        for (size_t place = 0; place < sender->count; place++)
            visit(context, &sender->queue[place]->tx, place < sender->ready);
    }
}
