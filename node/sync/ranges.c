#include "node/sync/ranges.h"

#include <assert.h>
#include <stdlib.h>

#define TO(state) (1U << (state))
static const unsigned allowed_moves[] = {
    [RANGE_WANTED] = TO(RANGE_ASKED) | TO(RANGE_ARRIVED), /* a late answer */
    [RANGE_ASKED] = TO(RANGE_WANTED) | TO(RANGE_ARRIVED),
    [RANGE_ARRIVED] = TO(RANGE_WANTED) | TO(RANGE_VERIFYING),
    [RANGE_VERIFYING] = TO(RANGE_WANTED) | TO(RANGE_ARRIVED) | TO(RANGE_VERIFIED),
    [RANGE_VERIFIED] = TO(RANGE_WANTED) | TO(RANGE_IMPORTING),
    [RANGE_IMPORTING] = TO(RANGE_WANTED),
};

static void drop_answer(struct range_list *list, struct range *range)
{
    list->held_bytes -= range->answer.size;
    buffer_cleanup(&range->answer);
    free(range->hashes);
    range->hashes = NULL;
}

void range_list_cleanup(struct range_list *list)
{
    while (list->count > 0)
        range_list_remove(list, list->ranges[list->count - 1]);
}

struct range *range_list_insert(struct range_list *list, uint64_t first, unsigned count)
{
    size_t at = list->count;
    if (list->count == RANGES_MAX)
        return NULL;
    for (; at > 0 && list->ranges[at - 1]->first > first; at--)
        list->ranges[at] = list->ranges[at - 1];
    struct range *range = memory_new_zeroed(1, sizeof *range);
    range->number = ++list->numbers;
    range->first = first;
    range->count = count;
    range->peer = SYNC_PEERS_MAX;
    list->ranges[at] = range;
    list->count++;
    return range;
}

void range_list_remove(struct range_list *list, struct range *range)
{
    size_t at = 0;
    while (list->ranges[at] != range)
        at++;
    drop_answer(list, range);
    free(range);
    list->count--;
    memmove(&list->ranges[at], &list->ranges[at + 1], (list->count - at) * sizeof *list->ranges);
}

struct range *range_list_find(const struct range_list *list, uint64_t number)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->ranges[i]->number == number)
            return list->ranges[i];
    return NULL;
}

unsigned range_list_count(const struct range_list *list, enum range_state state)
{
    unsigned count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->ranges[i]->state == state;
    return count;
}

bool range_list_gap(const struct range_list *list, uint64_t from, uint64_t to, uint64_t *first,
                    uint64_t *count)
{
    uint64_t next = from;
    for (size_t i = 0; i < list->count && next <= to; i++) {
        const struct range *range = list->ranges[i];
        if (range->first > next) {
            *first = next;
            *count = (range->first <= to ? range->first : to + 1) - next;
            return true;
        }
        if (range->first + range->count > next)
            next = range->first + range->count;
    }
    *first = next;
    *count = next <= to ? to - next + 1 : 0;
    return next <= to;
}

void range_move(struct range_list *list, struct range *range, enum range_state state)
{
    assert((allowed_moves[range->state] & TO(state)) != 0);
    range->state = state;
    if (state == RANGE_WANTED)
        drop_answer(list, range);
}

void range_take_answer(struct range_list *list, struct range *range, struct bytes answer)
{
    range_move(list, range, RANGE_ARRIVED);
    buffer_append_bytes(&range->answer, answer);
    list->held_bytes += answer.size;
    range->is_early = false;
}

bool range_is_busy(const struct range *range)
{
    return range->state == RANGE_VERIFYING || range->state == RANGE_IMPORTING;
}
