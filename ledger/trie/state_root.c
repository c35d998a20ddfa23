/* From what a block changed to its state root. */
#include "ledger/trie/trie.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "ledger/codec/rlp.h"
#include "vm/crypto/keccak.h"

void account_encode(const struct account *account, struct buffer *out)
{
    size_t fields = rlp_open_list(out);
    rlp_put_u64(out, account->nonce);
    rlp_put_u256(out, &account->balance);
    rlp_put_hash(out, &account->storage_root);
    rlp_put_hash(out, &account->code_hash);
    rlp_close_list(out, fields);
}

bool account_decode(struct account *account, struct bytes encoded)
{
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader fields = rlp_list(&in);
    *account = (struct account){.nonce = rlp_u64(&fields)};
    account->balance = rlp_u256(&fields);
    rlp_fixed(&fields, account->storage_root.bytes, sizeof account->storage_root.bytes);
    rlp_fixed(&fields, account->code_hash.bytes, sizeof account->code_hash.bytes);
    rlp_leave(&in, &fields);
    return rlp_finished(&in);
}

static int compare_leaves(const void *left, const void *right)
{
    const struct trie_leaf *a = left;
    const struct trie_leaf *b = right;
    return memcmp(a->key.bytes, b->key.bytes, sizeof a->key.bytes);
}

/* The value as the storage trie holds it; zero is a removal. */
static struct bytes slot_value(const u256 *value, struct arena *arena, struct buffer *scratch)
{
    if (u256_is_zero(value))
        return bytes_of(NULL, 0);
    buffer_clear(scratch);
    rlp_put_u256(scratch, value);
    return arena_copy(arena, buffer_view(scratch));
}

static bool update_storage(const struct trie_source *source, const hash256 *owner,
                           struct account_change *change, struct arena *arena,
                           struct trie_changes *out, struct buffer *scratch, struct error *error)
{
    struct trie_leaf *leaves = arena_array(arena, change->slots_count, sizeof *leaves);
    for (size_t i = 0; i < change->slots_count; i++) {
        uint8_t key[32];
        u256_store_be(key, &change->slots[i].key);
        leaves[i].key = keccak256(key, sizeof key);
        leaves[i].value = slot_value(&change->slots[i].after, arena, scratch);
    }
    qsort(leaves, change->slots_count, sizeof *leaves, compare_leaves);
    hash256 root = change->existed ? change->before.storage_root : EMPTY_TRIE_ROOT;
    if (!trie_update(source, owner, &root, leaves, change->slots_count, arena, out, error))
        return false;
    /* An account that is no more has no storage, whatever was left of it (EIP-7610). */
    change->after.storage_root = change->exists ? root : EMPTY_TRIE_ROOT;
    return true;
}

bool state_root_update(const struct trie_source *source, hash256 *root,
                       struct state_changes *changes, struct arena *arena, struct trie_changes *out,
                       struct error *error)
{
    static const hash256 account_trie = {{0}};
    struct trie_leaf *leaves = arena_array(arena, changes->accounts_count, sizeof *leaves);
    struct buffer scratch = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < changes->accounts_count; i++) {
        struct account_change *change = &changes->accounts[i];
        hash256 key = keccak256(change->address.bytes, sizeof change->address.bytes);
        ok = update_storage(source, &key, change, arena, out, &scratch, error);
        leaves[i].key = key;
        if (!ok || !change->exists)
            continue;
        buffer_clear(&scratch);
        account_encode(&change->after, &scratch);
        leaves[i].value = arena_copy(arena, buffer_view(&scratch));
    }
    buffer_cleanup(&scratch);
    if (!ok)
        return false;
    qsort(leaves, changes->accounts_count, sizeof *leaves, compare_leaves);
    return trie_update(source, &account_trie, root, leaves, changes->accounts_count, arena, out,
                       error);
}
