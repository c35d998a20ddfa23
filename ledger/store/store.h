/* One ledger's LevelDB: the only place that knows the library (leveldb/c.h).
 *
 * One writer (the ledger's actor), any number of readers through snapshots. A block is one
 * batch, synced: whole or absent. Checksums are verified on every read; a damaged file is
 * ERROR_CORRUPT and is never repaired in place (RepairDB can bring deleted keys back). After a
 * failed write the store refuses further ones until it is opened again, because LevelDB does.
 * Design: consensus.md section 3, feasibility.md 6. */
#ifndef LEDGER_STORE_STORE_H
#define LEDGER_STORE_STORE_H
#include "ledger/store/figures.h"
#include "ledger/store/keys.h"
#include "vm/base/error.h"

/* The block cache that all stores of a process share. */
struct store_shared;
#define STORE_CACHE_SIZE 8388608
struct store_shared *store_shared_new(size_t cache_size_bytes);
void store_shared_free(struct store_shared *shared); /* after all stores; accepts NULL */

struct store;
struct store_snapshot;

enum store_mode {
    STORE_CREATE, /* must not exist */
    STORE_OPEN,   /* must exist */
};
/* `shared` NULL: a cache of its own. ERROR_BUSY when another process or handle has it open. */
struct store *store_open(const char *directory, enum store_mode mode, struct store_shared *shared,
                         struct error *error);
void store_close(struct store *store);                   /* accepts NULL; no snapshot may be left */
struct store_figures store_figures(struct store *store); /* any thread */

/* Reading; any thread. `snapshot` NULL: the newest state. */
struct store_snapshot *store_snapshot_new(struct store *store);
void store_snapshot_free(struct store *store, struct store_snapshot *snapshot);
/* False when the read failed; *found tells whether the key exists. Appends to `out`. */
bool store_get(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
               struct buffer *out, bool *found, struct error *error)
    __attribute__((warn_unused_result));

/* Walks keys in order. Views of key and value live until the iterator moves. */
struct store_iterator;
struct store_iterator *store_iterator_new(struct store *store,
                                          const struct store_snapshot *snapshot);
void store_iterator_free(struct store_iterator *iterator); /* accepts NULL */
void store_iterator_seek(struct store_iterator *iterator, struct bytes key);
void store_iterator_next(struct store_iterator *iterator);
bool store_iterator_valid(const struct store_iterator *iterator);
struct bytes store_iterator_key(const struct store_iterator *iterator);
struct bytes store_iterator_value(const struct store_iterator *iterator);
/* False with the reason when the iterator ended because of damage. */
bool store_iterator_ok(const struct store_iterator *iterator, struct error *error)
    __attribute__((warn_unused_result));

/* Writing; the ledger's actor only. */
struct store_batch;
struct store_batch *store_batch_new(void);
void store_batch_free(struct store_batch *batch); /* accepts NULL */
void store_batch_put(struct store_batch *batch, struct bytes key, struct bytes value);
void store_batch_delete(struct store_batch *batch, struct bytes key);
size_t store_batch_size(const struct store_batch *batch); /* bytes of keys and values */
/* Synced when it returns true. False: no reader sees any of it, though all of it may be there when
 * the store is opened again, and the store takes no more until then. */
bool store_write(struct store *store, struct store_batch *batch, struct error *error)
    __attribute__((warn_unused_result));
#endif
