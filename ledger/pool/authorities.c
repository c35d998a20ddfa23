#include "ledger/pool/authorities.h"

#include <assert.h>
#include <stdlib.h>

struct authority {
    address account; /* first: the table's key */
    size_t count;
};

void authorities_init(struct authorities *authorities)
{
    table_init(&authorities->counts, sizeof(address));
}

void authorities_cleanup(struct authorities *authorities)
{
    for (size_t i = 0; i < authorities->counts.capacity; i++)
        free(authorities->counts.places[i]);
    table_cleanup(&authorities->counts);
}

static void add_one(struct authorities *authorities, const address *account)
{
    struct authority *authority = table_find(&authorities->counts, account);
    if (authority == NULL) {
        authority = memory_new_zeroed(1, sizeof *authority);
        authority->account = *account;
        table_insert(&authorities->counts, authority);
    }
    authority->count++;
}

static void remove_one(struct authorities *authorities, const address *account)
{
    struct authority *authority = table_find(&authorities->counts, account);
    assert(authority != NULL);
    if (--authority->count > 0)
        return;
    table_remove(&authorities->counts, account);
    free(authority);
}

void authorities_add(struct authorities *authorities, const struct transaction *tx)
{
    for (size_t i = 0; i < tx->authorizations_count; i++)
        if (tx->authorizations[i].has_authority)
            add_one(authorities, &tx->authorizations[i].authority);
}

void authorities_remove(struct authorities *authorities, const struct transaction *tx)
{
    for (size_t i = 0; i < tx->authorizations_count; i++)
        if (tx->authorizations[i].has_authority)
            remove_one(authorities, &tx->authorizations[i].authority);
}

bool authorities_has(const struct authorities *authorities, const address *account)
{
    return table_find(&authorities->counts, account) != NULL;
}
