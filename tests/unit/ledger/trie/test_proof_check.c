#include <criterion/criterion.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "ledger/trie/trie.h"
#include "tests/unit/ledger/proof_check.h"
#include "vm/crypto/keccak.h"

#define LEAVES 200

/* A trie as its first batch of changes: every node of it. */
struct forest {
    struct arena arena;
    struct trie_leaf leaves[LEAVES];
    struct trie_changes nodes;
    hash256 root;
};

static const hash256 owner;

static bool read_node(void *context, const hash256 *of, const uint8_t *path, size_t path_size,
                      struct buffer *out)
{
    const struct forest *forest = context;
    (void)of;
    for (size_t i = 0; i < forest->nodes.count; i++) {
        const struct trie_node_change *node = &forest->nodes.nodes[i];
        if (node->path_size == path_size && memcmp(node->path, path, path_size) == 0) {
            buffer_append_bytes(out, node->encoded);
            return true;
        }
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(hash256)); /* the key is the leaf's first member */
}

static struct forest *forest_new(void)
{
    struct forest *forest = memory_new_zeroed(1, sizeof *forest);
    struct trie_source none = {read_node, forest};
    struct error error;
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t name = (uint8_t)i;
        forest->leaves[i].key = keccak256(&name, 1);
        /* Small ones make nodes that stand in their parents. */
        forest->leaves[i].value = arena_copy(
            &forest->arena, bytes_of_text(i % 2 == 0 ? "7"
                                                     : "a value of more than 32 bytes, alone "
                                                       "in its node"));
    }
    qsort(forest->leaves, LEAVES, sizeof *forest->leaves, compare);
    forest->root = EMPTY_TRIE_ROOT;
    cr_assert(trie_update(&none, &owner, &forest->root, forest->leaves, LEAVES, &forest->arena,
                          &forest->nodes, &error),
              "%s", error.text);
    return forest;
}

static void forest_free(struct forest *forest)
{
    arena_cleanup(&forest->arena);
    free(forest);
}

static void prove(struct forest *forest, const hash256 *key, struct trie_proof *proof)
{
    struct trie_source source = {read_node, forest};
    struct error error;
    cr_assert(trie_prove(&source, &owner, &forest->root, key, &forest->arena, proof, &error), "%s",
              error.text);
}

static enum trie_proof_verdict check(const struct forest *forest, const hash256 *key,
                                     const struct trie_proof *proof, struct bytes *value)
{
    return trie_proof_check(&forest->root, key, proof->nodes, proof->nodes_count, value);
}

Test(proof_check, believes_what_is_there_and_what_is_not)
{
    struct forest *forest = forest_new();
    for (size_t i = 0; i < LEAVES; i++) {
        struct trie_proof proof;
        struct bytes value, other;
        hash256 absent = forest->leaves[i].key;
        absent.bytes[31] ^= 1;
        prove(forest, &forest->leaves[i].key, &proof);
        cr_expect_eq(check(forest, &forest->leaves[i].key, &proof, &value), TRIE_PROOF_OK);
        cr_expect(bytes_equal(value, forest->leaves[i].value));
        prove(forest, &absent, &proof);
        cr_expect_eq(check(forest, &absent, &proof, &value), TRIE_PROOF_OK);
        cr_expect_eq(value.size, 0);
        cr_expect(proof_shows(&forest->root, &absent, &proof, &other));
    }
    forest_free(forest);
}

/* Any byte changed, any node left out, put in twice or exchanged: nothing is believed. */
Test(proof_check, believes_nothing_that_was_altered)
{
    struct forest *forest = forest_new();
    const hash256 *key = &forest->leaves[101].key;
    struct trie_proof proof, altered;
    struct bytes value;
    prove(forest, key, &proof);
    cr_assert_gt(proof.nodes_count, 1);
    for (size_t node = 0; node < proof.nodes_count; node++) {
        altered = proof;
        altered.nodes[node] = arena_copy(&forest->arena, proof.nodes[node]);
        for (size_t at = 0; at < proof.nodes[node].size; at++) {
            uint8_t *byte = (uint8_t *)(uintptr_t)&altered.nodes[node].data[at];
            *byte ^= 0x10;
            cr_expect_eq(check(forest, key, &altered, &value), TRIE_PROOF_WRONG_NODE);
            *byte ^= 0x10;
        }
    }
    altered = proof;
    altered.nodes_count--;
    cr_expect_eq(check(forest, key, &altered, &value), TRIE_PROOF_CUT);
    altered = proof;
    altered.nodes[altered.nodes_count++] = proof.nodes[0];
    cr_expect_eq(check(forest, key, &altered, &value), TRIE_PROOF_LEFT_OVER);
    altered = proof;
    altered.nodes[0] = proof.nodes[1];
    cr_expect_eq(check(forest, key, &altered, &value), TRIE_PROOF_WRONG_NODE);
    altered.nodes_count = 0;
    cr_expect_eq(check(forest, key, &altered, &value), TRIE_PROOF_CUT);
    hash256 other_root = {{1}};
    cr_expect_eq(trie_proof_check(&other_root, key, proof.nodes, proof.nodes_count, &value),
                 TRIE_PROOF_WRONG_NODE);
    forest_free(forest);
}

Test(proof_check, an_empty_trie_needs_no_nodes_and_takes_none)
{
    hash256 key = {{5}};
    struct bytes value, node = bytes_of_text("\x80");
    cr_expect_eq(trie_proof_check(&EMPTY_TRIE_ROOT, &key, NULL, 0, &value), TRIE_PROOF_OK);
    cr_expect_eq(value.size, 0);
    cr_expect_eq(trie_proof_check(&EMPTY_TRIE_ROOT, &key, &node, 1, &value), TRIE_PROOF_LEFT_OVER);
}

/* A node with the right hash that is no trie node of ours. */
Test(proof_check, refuses_nodes_that_are_none)
{
    static const char *const texts[] = {"", "\xc0", "\xc1\x80", "\xc2\x20\x80", "nonsense"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hash256 key = {{5}};
        struct bytes value, node = bytes_of_text(texts[i]);
        hash256 root = keccak256(node.data, node.size);
        cr_expect_eq(trie_proof_check(&root, &key, &node, 1, &value), TRIE_PROOF_MALFORMED,
                     "case %zu", i);
    }
}

Test(proof_check, an_account_decodes_from_what_it_encodes_to)
{
    struct account account = {.nonce = 7, .balance = u256_from_u64(1000)}, read;
    struct buffer encoded = {0};
    account.storage_root = EMPTY_TRIE_ROOT;
    account.code_hash = EMPTY_CODE_HASH;
    account_encode(&account, &encoded);
    cr_assert(account_decode(&read, buffer_view(&encoded)));
    cr_expect_eq(read.nonce, 7);
    cr_expect(u256_equal(&read.balance, &account.balance));
    cr_expect(hash256_equal(&read.code_hash, &EMPTY_CODE_HASH));
    for (size_t size = 0; size < encoded.size; size++)
        cr_expect_not(account_decode(&read, bytes_of(encoded.data, size)));
    buffer_append_u8(&encoded, 0);
    cr_expect_not(account_decode(&read, buffer_view(&encoded)));
    buffer_cleanup(&encoded);
}
