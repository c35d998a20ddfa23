/* The order in which a block takes what is ready. */
#include "ledger/pool/pool.h"

#include <stdlib.h>

#include "ledger/pool/queue.h"

/* A sender's next transaction. */
struct pick {
    const struct sender *sender;
    size_t place;
    u256 tip;
    uint64_t sequence;
};

struct pool_picker {
    u256 base_fee;
    struct pick *heap; /* best first */
    size_t count;
};

static bool is_better(const struct pick *a, const struct pick *b)
{
    const int order = u256_compare(&a->tip, &b->tip);
    return order != 0 ? order > 0 : a->sequence < b->sequence;
}

static void sift_down(struct pool_picker *picker, size_t place)
{
    const struct pick moved = picker->heap[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= picker->count)
            break;
        if (child + 1 < picker->count && is_better(&picker->heap[child + 1], &picker->heap[child]))
            child++;
        if (!is_better(&picker->heap[child], &moved))
            break;
        picker->heap[place] = picker->heap[child];
        place = child;
    }
    picker->heap[place] = moved;
}

/* False if the sender has nothing ready at `place` that pays the base fee. */
static bool fill_pick(const u256 *base_fee, struct pick *pick, const struct sender *sender,
                      size_t place)
{
    if (place >= sender->ready)
        return false;
    const struct entry *entry = sender->queue[place];
    u256 price;
    *pick = (struct pick){.sender = sender, .place = place, .sequence = entry->sequence};
    return transaction_effective_price(&entry->tx, base_fee, &price, &pick->tip);
}

typedef uint64_t (*nonce_fn)(void *context, const address *sender, uint64_t at_head);

static size_t first_place(const struct sender *sender, nonce_fn nonce, void *context)
{
    const uint64_t next =
        nonce != NULL ? nonce(context, &sender->account, sender->nonce) : sender->nonce;
    return sender_find_nonce(sender, next);
}

bool pool_has_includable(const struct pool *pool, const u256 *base_fee,
                         uint64_t (*nonce)(void *context, const address *sender, uint64_t at_head),
                         void *context)
{
    struct pick pick;
    for (size_t i = 0; i < pool->heap_count; i++)
        if (fill_pick(base_fee, &pick, pool->heap[i], first_place(pool->heap[i], nonce, context)))
            return true;
    return false;
}

struct pool_picker *pool_picker_new(const struct pool *pool, const u256 *base_fee,
                                    uint64_t (*nonce)(void *context, const address *sender,
                                                      uint64_t at_head),
                                    void *context)
{
    struct pool_picker *picker = memory_new_zeroed(1, sizeof *picker);
    picker->base_fee = *base_fee;
    picker->heap = memory_new(pool->heap_count * sizeof *picker->heap);
    for (size_t i = 0; i < pool->heap_count; i++) {
        const struct sender *sender = pool->heap[i];
        const size_t place = first_place(sender, nonce, context);
        if (fill_pick(base_fee, &picker->heap[picker->count], sender, place))
            picker->count++;
    }
    for (size_t i = picker->count / 2; i > 0; i--)
        sift_down(picker, i - 1);
    return picker;
}

void pool_picker_free(struct pool_picker *picker)
{
    if (picker == NULL)
        return;
    free(picker->heap);
    free(picker);
}

const struct transaction *pool_picker_next(struct pool_picker *picker)
{
    if (picker->count == 0)
        return NULL;
    const struct pick *best = &picker->heap[0];
    return &best->sender->queue[best->place]->tx;
}

void pool_picker_skip(struct pool_picker *picker)
{
    picker->heap[0] = picker->heap[--picker->count];
    if (picker->count > 0)
        sift_down(picker, 0);
}

void pool_picker_take(struct pool_picker *picker)
{
    const struct pick taken = picker->heap[0];
    if (fill_pick(&picker->base_fee, &picker->heap[0], taken.sender, taken.place + 1))
        sift_down(picker, 0);
    else
        pool_picker_skip(picker);
}
