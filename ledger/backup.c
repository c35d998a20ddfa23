/* A copy of everything a view shows, key by key, into a store of its own. */
#include <stdlib.h>

#include "ledger/inside.h"
#include "ledger/store/folder.h"

#define COPY_BATCH_BYTES (1024 * 1024)

static bool copy_keys(const struct ledger_view *view, struct store *copy, struct error *error)
{
    struct store_iterator *keys = store_iterator_new(view->ledger->store, view->snapshot);
    struct store_batch *batch = store_batch_new();
    bool ok = true;
    for (store_iterator_seek(keys, (struct bytes){0}); ok && store_iterator_valid(keys);
         store_iterator_next(keys)) {
        store_batch_put(batch, store_iterator_key(keys), store_iterator_value(keys));
        if (store_batch_size(batch) < COPY_BATCH_BYTES)
            continue;
        ok = store_write(copy, batch, error);
        store_batch_clear(batch);
    }
    ok = ok && store_iterator_ok(keys, error) && store_write(copy, batch, error);
    store_batch_free(batch);
    store_iterator_free(keys);
    return ok;
}

bool ledger_backup(const struct ledger_view *view, const char *directory, struct error *error)
{
    char *draft = NULL;
    if (!folder_draft(directory, &draft, error))
        return false;
    char *path = folder_path(draft, LEDGER_STORE_FOLDER);
    struct store *copy = store_open(path, STORE_CREATE, NULL, error);
    bool ok = copy != NULL && copy_keys(view, copy, error);
    store_close(copy);
    ok = ok && folder_publish(draft, directory, error);
    struct error ignored;
    if (!ok && !folder_remove(draft, &ignored))
        error_prefix(error, "%s is left behind", draft);
    free(path);
    free(draft);
    return ok;
}
