#include "rpc/subscriptions/criteria.h"

#include <stdlib.h>

struct criteria {
    atomic_size_t holders;
    atomic_size_t *account;
    size_t size;
    struct log_filter filter;
    uint8_t lists[]; /* topics, then addresses */
};

static size_t lists_size(const struct log_filter *filter)
{
    size_t size = filter->accounts_count * sizeof(address);
    for (size_t position = 0; position < filter->topics_count; position++)
        size += filter->topics[position].count * sizeof(hash256);
    return size;
}

static const void *copy_list(uint8_t **at, const void *list, size_t size)
{
    uint8_t *copy = *at;
    if (size > 0)
        memcpy(copy, list, size);
    *at += size;
    return copy;
}

struct criteria *criteria_new(const struct log_filter *filter, atomic_size_t *account,
                              size_t account_max)
{
    size_t size = sizeof(struct criteria) + lists_size(filter);
    if (atomic_fetch_add(account, size) + size > account_max) {
        atomic_fetch_sub(account, size);
        return NULL;
    }
    struct criteria *criteria = memory_new(size);
    uint8_t *at = criteria->lists;
    atomic_init(&criteria->holders, 1);
    criteria->account = account;
    criteria->size = size;
    criteria->filter = *filter;
    criteria->filter.is_over = NULL;
    for (size_t position = 0; position < filter->topics_count; position++)
        criteria->filter.topics[position].any_of = copy_list(
            &at, filter->topics[position].any_of, filter->topics[position].count * sizeof(hash256));
    criteria->filter.accounts =
        copy_list(&at, filter->accounts, filter->accounts_count * sizeof(address));
    return criteria;
}

struct criteria *criteria_share(struct criteria *criteria)
{
    atomic_fetch_add_explicit(&criteria->holders, 1, memory_order_relaxed);
    return criteria;
}

void criteria_release(struct criteria *criteria)
{
    if (criteria == NULL || atomic_fetch_sub(&criteria->holders, 1) > 1)
        return;
    atomic_fetch_sub(criteria->account, criteria->size);
    free(criteria);
}

const struct log_filter *criteria_filter(const struct criteria *criteria)
{
    return &criteria->filter;
}
