/* What is read from the tries of a block of late: accounts and slots with their Merkle proofs, and
 * the root that changes would lead to. */
#include <inttypes.h>
#include <string.h>

#include "ledger/codec/rlp.h"
#include "ledger/inside.h"
#include "vm/crypto/keccak.h"

struct proving {
    const struct trie_source *source;
    struct arena *arena;
    struct error *error;
};

static bool damaged(const char *what, struct error *error)
{
    return error_set(error, ERROR_CORRUPT, "trie: a leaf does not hold %s; run `lnode check`",
                     what);
}

static bool read_account(struct bytes leaf, struct account *account, struct error *error)
{
    *account = EMPTY_ACCOUNT;
    return leaf.size == 0 || account_decode(account, leaf) || damaged("an account", error);
}

static bool prove_slot(const struct proving *proving, const hash256 *owner,
                       const struct account *account, const u256 *key, struct slot_proof *slot)
{
    uint8_t bytes[32];
    u256_store_be(bytes, key);
    const hash256 place = keccak256(bytes, sizeof bytes);
    if (!trie_prove(proving->source, owner, &account->storage_root, &place, proving->arena,
                    &slot->proof, proving->error))
        return false;
    slot->value = U256_ZERO;
    if (slot->proof.value.size == 0)
        return true;
    struct rlp_reader in = rlp_reader_over(slot->proof.value);
    slot->value = rlp_u256(&in);
    return rlp_finished(&in) || damaged("a number", proving->error);
}

static bool prove_all(const struct proving *proving, const hash256 *state_root,
                      const address *account, const u256 *keys, size_t keys_count,
                      struct account_proof *proof)
{
    static const hash256 account_trie = {{0}};
    const hash256 place = keccak256(account->bytes, sizeof account->bytes);
    if (!trie_prove(proving->source, &account_trie, state_root, &place, proving->arena,
                    &proof->proof, proving->error)
        || !read_account(proof->proof.value, &proof->account, proving->error))
        return false;
    proof->slots = arena_array(proving->arena, keys_count, sizeof *proof->slots);
    for (size_t i = 0; i < keys_count; i++)
        if (!prove_slot(proving, &place, &proof->account, &keys[i], &proof->slots[i]))
            return false;
    return true;
}

/* The tries after the block at `height`, and its state root. NULL with a reason; past_free(). */
static struct past *open_past(const struct ledger_view *view, uint64_t height,
                              bool (*is_over)(void *context), void *context, hash256 *root,
                              struct error *error)
{
    struct header header;
    hash256 hash;
    const uint64_t head = view->moment->head.height;
    if (height > head) {
        error_set(error, ERROR_NOT_FOUND, "block %" PRIu64 " not found: the newest is %" PRIu64,
                  height, head);
        return NULL;
    }
    if (head - height > PAST_BLOCKS) {
        error_set(error, ERROR_NOT_FOUND,
                  "proofs reach %d blocks back: block %" PRIu64 " is too old, expected %" PRIu64
                  " to %" PRIu64,
                  PAST_BLOCKS, height, head - PAST_BLOCKS, head);
        return NULL;
    }
    if (!view_header(view, height, &header, &hash, error))
        return NULL;
    *root = header.state_root;
    return past_new(view_at(view), height, head, is_over, context, error);
}

/* A node that could not be read looks missing: the reason is the reader's. */
static bool close_past(struct past *past, bool ok, struct error *error)
{
    ok = !past_failed(past, error) && ok;
    past_free(past);
    return ok;
}

bool view_prove(const struct ledger_view *view, uint64_t height, const address *account,
                const u256 *keys, size_t keys_count, bool (*is_over)(void *context), void *context,
                struct arena *arena, struct account_proof *proof, struct error *error)
{
    hash256 root;
    struct past *past = open_past(view, height, is_over, context, &root, error);
    if (past == NULL)
        return false;
    const struct trie_source source = past_source(past);
    const struct proving proving = {&source, arena, error};
    return close_past(past, prove_all(&proving, &root, account, keys, keys_count, proof), error);
}

u256 ledger_base_fee_after(const struct ledger *ledger, const struct header *header)
{
    return rules_base_fee(&ledger->genesis, header);
}

bool view_root_after(const struct ledger_view *view, uint64_t height, struct state_changes *changes,
                     bool (*is_over)(void *context), void *context, struct arena *arena,
                     hash256 *root, struct error *error)
{
    struct trie_changes nodes = {0};
    struct past *past = open_past(view, height, is_over, context, root, error);
    if (past == NULL)
        return false;
    const struct trie_source source = past_source(past);
    return close_past(past, state_root_update(&source, root, changes, arena, &nodes, error), error);
}
