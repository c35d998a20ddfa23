/* The pool's parts: one sender's queue, its entries, and the pool that holds them. Shared by
 * pool.c (admission and departure) and picker.c (the order of a block); nobody else's. */
#ifndef LEDGER_POOL_QUEUE_H
#define LEDGER_POOL_QUEUE_H
#include "ledger/pool/authorities.h"
#include "ledger/pool/fates.h"
#include "ledger/pool/pool.h"
#include "ledger/pool/table.h"

struct entry {
    hash256 hash; /* first: the table's key */
    struct transaction tx;
    u256 cost_max;  /* gas limit * max fee + value */
    u256 tip_floor; /* the least max tip from the queue's first to this: it cannot be mined
                            before those */
    uint64_t arrived_ms;
    uint64_t replaced_ms; /* when it last replaced one of equal price; 0 never */
    uint64_t sequence;    /* of arrival, also for ties */
    bool is_mined;        /* leaves when its sender's account moves on */
    struct sender *sender;
    struct entry *older, *newer; /* in order of arrival */
    /* encoded bytes and access list behind */
};

struct sender {
    address account; /* first: the table's key */
    uint64_t nonce;  /* at the head */
    u256 balance;
    bool has_code;
    u256 cost_sum;        /* of all that waits */
    struct entry **queue; /* sorted by nonce */
    size_t count;
    size_t capacity;
    size_t ready; /* the first so many follow the nonce without a gap */
    size_t heap_place;
};

struct pool {
    struct pool_limits limits;
    struct table by_hash;   /* struct entry */
    struct table by_sender; /* struct sender; those with nothing waiting are not there */
    struct sender **heap;   /* of all senders: first whose last entry is evicted next */
    size_t heap_count;
    size_t heap_capacity;
    struct entry *oldest, *newest;
    size_t bytes;
    size_t ready_count;
    uint64_t sequence;
    struct authorities authorities; /* of all that waits */
    struct fates fates;
    struct pool_counts *counts; /* its own, or the one it was given */
    struct pool_counts own_counts;
    struct journal *journal; /* may be NULL */
    uint64_t compact_from;   /* the journal's size at which writing it again is next tried */
};

/* The place of the first entry in the queue with at least this nonce. */
size_t sender_find_nonce(const struct sender *sender, uint64_t nonce);
#endif
