/* The ranges that block sync works on, in order of height: where they stand, and what is not
 * covered yet. Private to block sync. */
#ifndef NODE_SYNC_RANGES_H
#define NODE_SYNC_RANGES_H
#include "node/sync/message.h"
#include "node/sync/peers.h"

#define RANGES_MAX 32

enum range_state {
    RANGE_WANTED, /* not before `due_ms` */
    RANGE_ASKED,  /* of `peer` */
    RANGE_ARRIVED,
    RANGE_VERIFYING,
    RANGE_VERIFIED,
    RANGE_IMPORTING,
};

struct range {
    uint64_t number; /* its name; never used again */
    uint64_t first;
    unsigned count;
    enum range_state state;
    unsigned peer; /* who is or was asked last, or who sent what is here */
    uint64_t asked_ms, due_ms;
    sync_peer_set asked;  /* in this round through the peers */
    bool was_next;        /* when it was last given to be verified */
    bool is_early;        /* judged again when it is next */
    struct buffer answer; /* from ARRIVED on */
    hash256 parent;       /* from VERIFIED on */
    hash256 *hashes;
};

struct range_list {
    struct range *ranges[RANGES_MAX]; /* they do not overlap */
    size_t count;
    uint64_t numbers;
    size_t held_bytes; /* of answers */
};

void range_list_cleanup(struct range_list *list);
/* NULL when the list is full. WANTED, at once. */
struct range *range_list_insert(struct range_list *list, uint64_t first, unsigned count);
void range_list_remove(struct range_list *list, struct range *range);
struct range *range_list_find(const struct range_list *list, uint64_t number); /* NULL: gone */
unsigned range_list_count(const struct range_list *list, enum range_state state);
/* The lowest heights from `from` to `to` that no range covers; false if there are none. */
bool range_list_gap(const struct range_list *list, uint64_t from, uint64_t to, uint64_t *first,
                    uint64_t *count);

/* Asserts that the move is allowed. Back to WANTED the answer is dropped. */
void range_move(struct range_list *list, struct range *range, enum range_state state);
void range_take_answer(struct range_list *list, struct range *range, struct bytes answer);
/* Nobody may take it away: a job works on its bytes. */
bool range_is_busy(const struct range *range);
#endif
