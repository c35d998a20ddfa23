/* Founding: block 0 from the genesis document into a new store. */
#include <stdlib.h>
#include <sys/stat.h>

#include "ledger/history/history.h"
#include "ledger/inside.h"
#include "ledger/store/folder.h"

static void put_account(struct store_batch *batch, uint64_t height,
                        const struct account_change *change, struct buffer *value)
{
    struct store_key key = key_account(&change->address);
    buffer_clear(value);
    record_encode_account(&change->after, change->exists, value);
    if (change->exists)
        store_batch_put(batch, key_view(&key), buffer_view(value));
    else
        store_batch_delete(batch, key_view(&key));
    if (height == 0)
        return;
    key = key_account_before(&change->address, height);
    buffer_clear(value);
    record_encode_account(&change->before, change->existed, value);
    store_batch_put(batch, key_view(&key), buffer_view(value));
}

static void put_slot(struct store_batch *batch, uint64_t height, const address *account,
                     const struct slot_change *change, struct buffer *value)
{
    struct store_key key = key_slot(account, &change->key);
    buffer_clear(value);
    record_encode_slot(&change->after, value);
    if (!u256_is_zero(&change->after))
        store_batch_put(batch, key_view(&key), buffer_view(value));
    else
        store_batch_delete(batch, key_view(&key));
    if (height == 0)
        return;
    key = key_slot_before(account, &change->key, height);
    buffer_clear(value);
    record_encode_slot(&change->before, value);
    store_batch_put(batch, key_view(&key), buffer_view(value));
}

void batch_put_changes(struct store_batch *batch, uint64_t height,
                       const struct state_changes *changes, const struct trie_changes *nodes)
{
    struct buffer value = {0};
    for (size_t i = 0; i < changes->accounts_count; i++) {
        const struct account_change *change = &changes->accounts[i];
        put_account(batch, height, change, &value);
        for (size_t j = 0; j < change->slots_count; j++)
            put_slot(batch, height, &change->address, &change->slots[j], &value);
    }
    for (size_t i = 0; i < changes->codes_count; i++) {
        const struct store_key key = key_hashed(KEY_CODE, &changes->codes[i].hash);
        record_put_plain(batch, key_view(&key), changes->codes[i].code);
    }
    node_cache_put(nodes, batch);
    buffer_cleanup(&value);
}

void batch_put_founding(struct store_batch *batch, const struct genesis *genesis,
                        struct bytes document, const struct block *block_0)
{
    struct buffer container = {0};
    const struct epoch_record record = genesis_epoch_record(genesis, &block_0->hash);
    block_container_encode(block_0, genesis->fork, &container);
    record_put_format(batch);
    record_put_genesis(batch, document);
    record_put_epoch(batch, &record);
    record_put_header(batch, genesis->fork,
                      &(struct header_record){block_0->hash, record.supply, block_0->header});
    record_put_block(batch, block_0, buffer_view(&container));
    buffer_cleanup(&container);
}

static void put_block_0(struct store_batch *batch, const struct genesis *genesis,
                        struct bytes document, const struct header *header)
{
    const struct block block = {.header = *header, .hash = header_hash(header, genesis->fork)};
    batch_put_founding(batch, genesis, document, &block);
    history_put(batch, &block, NULL, genesis);

    struct head_record head = {.hash = block.hash, .epoch = 1, .members = genesis->committee_size};
    for (unsigned i = 0; i < genesis->committee_size; i++)
        head.reveals[i].last = genesis->committee[i].reveal_commitment;
    record_put_head(batch, &head);
}

static bool write_store(const char *directory, struct store_batch *batch, struct error *error)
{
    char *path = folder_path(directory, LEDGER_STORE_FOLDER);
    struct store *store = store_open(path, STORE_CREATE, NULL, error);
    const bool ok = store != NULL && store_write(store, batch, error);
    store_close(store);
    free(path);
    return ok;
}

bool found_with_state(const char *directory, const struct genesis *genesis, struct bytes document,
                      struct state_changes *state, struct error *error)
{
    struct arena arena = {0};
    struct header header;
    struct trie_changes nodes = {0};
    struct store_batch *batch = NULL;
    char *draft = NULL;
    bool ok = false;
    const hash256 hash = genesis_document_hash(document);
    if (!genesis_header(genesis, &hash, state, &arena, &nodes, &header, error))
        goto done;
    batch = store_batch_new();
    put_block_0(batch, genesis, document, &header);
    batch_put_changes(batch, 0, state, &nodes);
    if (!folder_draft(directory, &draft, error))
        goto done;
    ok = write_store(draft, batch, error) && folder_publish(draft, directory, error);
    if (!ok) {
        struct error ignored;
        if (!folder_remove(draft, &ignored))
            error_prefix(error, "%s is left behind", draft);
    }
done:
    store_batch_free(batch);
    arena_cleanup(&arena);
    free(draft);
    return ok;
}

bool ledger_found_promises(const char *directory, struct error *error)
{
    const struct promises none = {.state = PROMISES_NONE};
    char *path = folder_path(directory, LEDGER_STORE_FOLDER);
    struct store *store = store_open(path, STORE_OPEN, NULL, error);
    struct store_batch *batch = store_batch_new();
    record_put_promises(batch, &none);
    const bool ok = store != NULL && store_write(store, batch, error);
    store_batch_free(batch);
    store_close(store);
    free(path);
    return ok;
}

bool ledger_found(const char *directory, struct bytes genesis_document, struct error *error)
{
    struct arena arena = {0};
    struct genesis genesis;
    bool ok = genesis_parse(&genesis, genesis_document, &arena, error);
    if (ok) {
        struct state_changes state = genesis_state(&genesis, &arena);
        ok = found_with_state(directory, &genesis, genesis_document, &state, error);
    }
    arena_cleanup(&arena);
    return ok;
}
