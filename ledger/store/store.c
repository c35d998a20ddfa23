#include "ledger/store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <leveldb/c.h>

#define WRITE_BUFFER_SIZE (512 * 1024)
#define MAX_OPEN_FILES    74 /* the least LevelDB takes */
#define BLOOM_BITS        10

struct store_shared {
    leveldb_cache_t *cache;
};

struct store {
    leveldb_t *db;
    leveldb_options_t *options;
    leveldb_filterpolicy_t *bloom;
    leveldb_readoptions_t *read_newest;
    leveldb_writeoptions_t *write_synced;
    struct store_shared *own_cache; /* NULL where it is shared */
    struct error broken;            /* code not ERROR_NONE after a failed write */
    char *directory;
};

struct store_snapshot {
    const leveldb_snapshot_t *snapshot;
    leveldb_readoptions_t *read;
};

struct store_iterator {
    leveldb_iterator_t *iterator;
    const struct store *store;
};

struct store_batch {
    leveldb_writebatch_t *batch;
    size_t size;
};

struct store_shared *store_shared_new(size_t cache_size_bytes)
{
    struct store_shared *shared = memory_new_zeroed(1, sizeof *shared);
    shared->cache = leveldb_cache_create_lru(cache_size_bytes);
    return shared;
}

void store_shared_free(struct store_shared *shared)
{
    if (shared == NULL)
        return;
    leveldb_cache_destroy(shared->cache);
    free(shared);
}

/* Takes `reason` from LevelDB and frees it; returns false. The C interface gives texts only:
 * Status::ToString() starts with "Corruption: ", "IO error: ", "NotFound: ", ... */
static bool fail(const struct store *store, char *reason, struct error *error)
{
    const char *directory = store->directory;
    if (strstr(reason, "No space left") != NULL || strstr(reason, "quota exceeded") != NULL)
        error_set(error, ERROR_DISK_FULL,
                  "store %s: the disk is full; free some space, then start again (%s)", directory,
                  reason);
    else if (strncmp(reason, "Corruption", 10) == 0)
        error_set(error, ERROR_CORRUPT,
                  "store %s is damaged (%s); move it aside and restore a backup with lnode restore",
                  directory, reason);
    else if (strncmp(reason, "NotFound", 8) == 0 || strstr(reason, "does not exist") != NULL)
        error_set(error, ERROR_NOT_FOUND, "store %s does not exist", directory);
    else if (strstr(reason, "/LOCK") != NULL)
        error_set(error, ERROR_BUSY, "store %s is in use by another process (%s)", directory,
                  reason);
    else if (strstr(reason, "error_if_exists") != NULL)
        error_set(error, ERROR_EXISTS, "store %s exists already", directory);
    else
        error_set(error, ERROR_IO, "store %s: %s", directory, reason);
    leveldb_free(reason);
    return false;
}

static leveldb_options_t *new_options(enum store_mode mode, leveldb_cache_t *cache,
                                      leveldb_filterpolicy_t *bloom)
{
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, mode == STORE_CREATE);
    leveldb_options_set_error_if_exists(options, mode == STORE_CREATE);
    leveldb_options_set_paranoid_checks(options, 1);
    leveldb_options_set_write_buffer_size(options, WRITE_BUFFER_SIZE);
    leveldb_options_set_max_open_files(options, MAX_OPEN_FILES);
    leveldb_options_set_cache(options, cache);
    leveldb_options_set_filter_policy(options, bloom);
    /* Hashes, signatures and trie nodes hardly shrink: not worth the processor time. */
    leveldb_options_set_compression(options, leveldb_no_compression);
    return options;
}

struct store *store_open(const char *directory, enum store_mode mode, struct store_shared *shared,
                         struct error *error)
{
    struct store *store = memory_new_zeroed(1, sizeof *store);
    const size_t directory_size = strlen(directory) + 1;
    store->directory = memory_new(directory_size);
    memcpy(store->directory, directory, directory_size);
    if (shared == NULL)
        shared = store->own_cache = store_shared_new(STORE_CACHE_SIZE);
    store->bloom = leveldb_filterpolicy_create_bloom(BLOOM_BITS);
    store->options = new_options(mode, shared->cache, store->bloom);
    store->read_newest = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(store->read_newest, 1);
    store->write_synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(store->write_synced, 1);

    char *reason = NULL;
    store->db = leveldb_open(store->options, directory, &reason);
    if (reason == NULL)
        return store;
    fail(store, reason, error);
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->db != NULL)
        leveldb_close(store->db);
    leveldb_writeoptions_destroy(store->write_synced);
    leveldb_readoptions_destroy(store->read_newest);
    leveldb_options_destroy(store->options);
    leveldb_filterpolicy_destroy(store->bloom);
    store_shared_free(store->own_cache);
    free(store->directory);
    free(store);
}

struct store_figures store_figures(struct store *store)
{
    struct store_figures figures = {0};
    /* From the empty key to one behind all: each begins with a letter (keys.h). */
    const char *const first[] = {""}, *const last[] = {"\xff"};
    const size_t first_size[] = {0}, last_size[] = {1};
    leveldb_approximate_sizes(store->db, 1, first, first_size, last, last_size,
                              &figures.size_bytes);
    for (int level = 0; level < STORE_LEVELS; level++) {
        char name[64];
        snprintf(name, sizeof name, "leveldb.num-files-at-level%d", level);
        char *count = leveldb_property_value(store->db, name);
        if (count != NULL)
            figures.files[level] = strtoull(count, NULL, 10);
        leveldb_free(count);
    }
    return figures;
}

/* ---- Reading ----------------------------------------------------------------------------- */

struct store_snapshot *store_snapshot_new(struct store *store)
{
    struct store_snapshot *snapshot = memory_new_zeroed(1, sizeof *snapshot);
    snapshot->snapshot = leveldb_create_snapshot(store->db);
    snapshot->read = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(snapshot->read, 1);
    leveldb_readoptions_set_snapshot(snapshot->read, snapshot->snapshot);
    return snapshot;
}

void store_snapshot_free(struct store *store, struct store_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    leveldb_readoptions_destroy(snapshot->read);
    leveldb_release_snapshot(store->db, snapshot->snapshot);
    free(snapshot);
}

static const leveldb_readoptions_t *read_options(const struct store *store,
                                                 const struct store_snapshot *snapshot)
{
    return snapshot != NULL ? snapshot->read : store->read_newest;
}

bool store_get(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
               struct buffer *out, bool *found, struct error *error)
{
    size_t size = 0;
    char *reason = NULL;
    char *value = leveldb_get(store->db, read_options(store, snapshot), (const char *)key.data,
                              key.size, &size, &reason);
    *found = value != NULL;
    if (reason != NULL)
        return fail(store, reason, error);
    if (value == NULL)
        return true;
    buffer_append(out, value, size);
    leveldb_free(value);
    return true;
}

struct store_iterator *store_iterator_new(struct store *store,
                                          const struct store_snapshot *snapshot)
{
    struct store_iterator *iterator = memory_new(sizeof *iterator);
    iterator->iterator = leveldb_create_iterator(store->db, read_options(store, snapshot));
    iterator->store = store;
    return iterator;
}

void store_iterator_free(struct store_iterator *iterator)
{
    if (iterator == NULL)
        return;
    leveldb_iter_destroy(iterator->iterator);
    free(iterator);
}

void store_iterator_seek(struct store_iterator *iterator, struct bytes key)
{
    leveldb_iter_seek(iterator->iterator, (const char *)key.data, key.size);
}

void store_iterator_next(struct store_iterator *iterator)
{
    leveldb_iter_next(iterator->iterator);
}

bool store_iterator_valid(const struct store_iterator *iterator)
{
    return leveldb_iter_valid(iterator->iterator);
}

struct bytes store_iterator_key(const struct store_iterator *iterator)
{
    size_t size;
    const char *key = leveldb_iter_key(iterator->iterator, &size);
    return bytes_of(key, size);
}

struct bytes store_iterator_value(const struct store_iterator *iterator)
{
    size_t size;
    const char *value = leveldb_iter_value(iterator->iterator, &size);
    return bytes_of(value, size);
}

bool store_iterator_ok(const struct store_iterator *iterator, struct error *error)
{
    char *reason = NULL;
    leveldb_iter_get_error(iterator->iterator, &reason);
    return reason == NULL || fail(iterator->store, reason, error);
}

/* ---- Writing ----------------------------------------------------------------------------- */

struct store_batch *store_batch_new(void)
{
    struct store_batch *batch = memory_new_zeroed(1, sizeof *batch);
    batch->batch = leveldb_writebatch_create();
    return batch;
}

void store_batch_free(struct store_batch *batch)
{
    if (batch == NULL)
        return;
    leveldb_writebatch_destroy(batch->batch);
    free(batch);
}

void store_batch_put(struct store_batch *batch, struct bytes key, struct bytes value)
{
    leveldb_writebatch_put(batch->batch, (const char *)key.data, key.size, (const char *)value.data,
                           value.size);
    batch->size += key.size + value.size;
}

void store_batch_delete(struct store_batch *batch, struct bytes key)
{
    leveldb_writebatch_delete(batch->batch, (const char *)key.data, key.size);
    batch->size += key.size;
}

size_t store_batch_size(const struct store_batch *batch)
{
    return batch->size;
}

bool store_write(struct store *store, struct store_batch *batch, struct error *error)
{
    if (store->broken.code != ERROR_NONE) {
        *error = store->broken;
        return false;
    }
    char *reason = NULL;
    leveldb_write(store->db, store->write_synced, batch->batch, &reason);
    if (reason == NULL)
        return true;
    fail(store, reason, error);
    store->broken = *error;
    return false;
}
