#include "ledger/trie/trie.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "ledger/codec/rlp.h"
#include "ledger/trie/reverse.h"
#include "tests/unit/ledger/proof_check.h"
#include "vm/crypto/keccak.h"

/* A store of nodes by path, as simple as can be: the last change of a path is the node. */
struct node_list {
    struct trie_changes nodes;
    struct arena arena;
    size_t reads;
};

static struct trie_node_change *find(struct node_list *list, const hash256 *owner,
                                     const uint8_t *path, size_t path_size)
{
    for (size_t i = 0; i < list->nodes.count; i++) {
        struct trie_node_change *node = &list->nodes.nodes[i];
        if (hash256_equal(&node->owner, owner) && node->path_size == path_size
            && memcmp(node->path, path, path_size) == 0)
            return node;
    }
    return NULL;
}

static bool read_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                      struct buffer *out)
{
    struct node_list *list = context;
    struct trie_node_change *node = find(list, owner, path, path_size);
    list->reads++;
    if (node == NULL || node->encoded.size == 0)
        return false;
    buffer_append_bytes(out, node->encoded);
    return true;
}

static void store(struct node_list *list, const struct trie_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct trie_node_change *change = &changes->nodes[i];
        struct trie_node_change *node = find(list, &change->owner, change->path, change->path_size);
        if (node == NULL) {
            cr_assert_lt(list->nodes.count, list->nodes.capacity);
            node = &list->nodes.nodes[list->nodes.count++];
        }
        *node = *change;
        node->encoded = arena_copy(&list->arena, change->encoded);
    }
}

static size_t count_stored(const struct node_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->nodes.count; i++)
        count += list->nodes.nodes[i].encoded.size > 0;
    return count;
}

static struct node_list new_list(void)
{
    struct node_list list = {.nodes = {.capacity = 20000}};
    list.nodes.nodes = memory_new_zeroed(list.nodes.capacity, sizeof *list.nodes.nodes);
    return list;
}

static void cleanup(struct node_list *list)
{
    free(list->nodes.nodes);
    arena_cleanup(&list->arena);
}

static hash256 apply(struct node_list *list, hash256 root, const struct trie_leaf *leaves,
                     size_t count)
{
    static const hash256 owner = {{7}};
    struct trie_source source = {read_node, list};
    struct trie_changes changes = {0};
    struct arena arena = {0};
    struct error error = {0};
    cr_assert(trie_update(&source, &owner, &root, leaves, count, &arena, &changes, &error), "%s",
              error.text);
    store(list, &changes);
    arena_cleanup(&arena);
    return root;
}

#define KEYS_MAX 300
struct model {
    hash256 keys[KEYS_MAX];
    uint8_t values[KEYS_MAX][40];
    size_t sizes[KEYS_MAX]; /* 0: absent */
    size_t count;
};

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(hash256));
}

/* Keys that share long prefixes, so that extensions, deep branches and embedded nodes occur. */
static void make_keys(struct model *model, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash256 *key = &model->keys[i];
        memset(key, 0, sizeof *key);
        if (i > 0 && random() % 4 != 0) {
            *key = model->keys[(size_t)random() % i];
            for (long at = random() % 32; at < 32; at++)
                key->bytes[at] = (uint8_t)(random() % 3 == 0 ? random() : key->bytes[at]);
        } else {
            for (int at = 0; at < 32; at++)
                key->bytes[at] = (uint8_t)random();
        }
    }
    qsort(model->keys, count, sizeof model->keys[0], compare_hashes);
    for (size_t i = 0; i < count; i++)
        if (model->count == 0 || !hash256_equal(&model->keys[i], &model->keys[model->count - 1]))
            model->keys[model->count++] = model->keys[i];
}

static hash256 model_root(const struct model *model)
{
    struct trie_pair pairs[KEYS_MAX];
    for (size_t i = 0; i < model->count; i++)
        pairs[i] = (struct trie_pair){bytes_of(model->keys[i].bytes, 32),
                                      bytes_of(model->values[i], model->sizes[i])};
    return trie_root_of(pairs, model->count);
}

static size_t random_batch(struct model *model, struct trie_leaf *leaves)
{
    size_t count = 0;
    long density = 1 + random() % 20;
    long removal = random() % 5;
    for (size_t i = 0; i < model->count; i++) {
        if (random() % density != 0)
            continue;
        model->sizes[i] = random() % 5 < removal ? 0 : 1 + (size_t)random() % 40;
        for (size_t k = 0; k < model->sizes[i]; k++)
            model->values[i][k] = (uint8_t)random();
        leaves[count++] =
            (struct trie_leaf){model->keys[i], bytes_of(model->values[i], model->sizes[i])};
    }
    return count;
}

static void check_batches(unsigned seed)
{
    struct model *model = memory_new_zeroed(1, sizeof *model);
    struct node_list list = new_list();
    struct trie_leaf leaves[KEYS_MAX];
    hash256 root = EMPTY_TRIE_ROOT;
    srandom(seed);
    make_keys(model, 2 + (size_t)random() % (KEYS_MAX - 2));
    for (int round = 0; round < 12; round++) {
        root = apply(&list, root, leaves, random_batch(model, leaves));
        hash256 expected = model_root(model);
        cr_assert(hash256_equal(&root, &expected), "seed %u round %d", seed, round);
    }
    /* Nothing is left behind: the store holds what a trie built at once would hold. */
    size_t count = 0;
    struct node_list fresh = new_list();
    for (size_t i = 0; i < model->count; i++)
        if (model->sizes[i] > 0)
            leaves[count++] =
                (struct trie_leaf){model->keys[i], bytes_of(model->values[i], model->sizes[i])};
    apply(&fresh, EMPTY_TRIE_ROOT, leaves, count);
    cr_assert_eq(count_stored(&list), count_stored(&fresh), "seed %u: %zu nodes, expected %zu",
                 seed, count_stored(&list), count_stored(&fresh));
    for (size_t i = 0; i < model->count; i++)
        leaves[i] = (struct trie_leaf){model->keys[i], bytes_of(NULL, 0)};
    root = apply(&list, root, leaves, model->count);
    cr_assert(hash256_equal(&root, &EMPTY_TRIE_ROOT), "seed %u", seed);
    cr_assert_eq(count_stored(&list), 0, "seed %u", seed);
    cleanup(&fresh);
    cleanup(&list);
    free(model);
}

Test(trie, random_batches_agree_with_a_trie_built_from_scratch)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 1);
    for (unsigned i = 0; i < 60; i++) {
        printf("trie seed %u\n", seed + i);
        check_batches(seed + i);
    }
}

/* One key a batch, as an account at a time would come: the hardest order for collapses. */
Test(trie, single_removals_agree_with_a_trie_built_from_scratch)
{
    struct model *model = memory_new_zeroed(1, sizeof *model);
    struct node_list list = new_list();
    hash256 root = EMPTY_TRIE_ROOT;
    printf("trie seed 77\n");
    srandom(77);
    make_keys(model, 60);
    for (int round = 0; round < 600; round++) {
        size_t i = (size_t)random() % model->count;
        model->sizes[i] = model->sizes[i] == 0 ? 33 : 0;
        struct trie_leaf leaf = {model->keys[i], bytes_of(model->values[i], model->sizes[i])};
        root = apply(&list, root, &leaf, 1);
        hash256 expected = model_root(model);
        cr_assert(hash256_equal(&root, &expected), "round %d", round);
    }
    cleanup(&list);
    free(model);
}

Test(trie, removing_what_is_not_there_changes_nothing)
{
    struct node_list list = new_list();
    struct trie_leaf leaf = {{{1}}, bytes_of("a value of more than thirty-two bytes", 37)};
    hash256 root = apply(&list, EMPTY_TRIE_ROOT, &leaf, 1);
    struct trie_leaf absent = {{{2}}, bytes_of(NULL, 0)};
    hash256 same = apply(&list, root, &absent, 1);
    cr_expect(hash256_equal(&root, &same));
    cleanup(&list);
}

/* Three leaves under one branch below an extension. */
static hash256 fill(struct node_list *list)
{
    struct trie_leaf leaves[3];
    for (uint8_t i = 0; i < 3; i++)
        leaves[i] = (struct trie_leaf){{{0x12, 0x30, i}},
                                       bytes_of("a value of thirty-two bytes or so", 33)};
    return apply(list, EMPTY_TRIE_ROOT, leaves, 3);
}

static bool update_fails(struct node_list *list, hash256 root, struct error *error)
{
    static const hash256 owner = {{7}};
    struct trie_source source = {read_node, list};
    struct trie_changes changes = {0};
    struct arena arena = {0};
    struct trie_leaf leaf = {{{0x12, 0x30, 1}}, bytes_of("x", 1)};
    bool ok = trie_update(&source, &owner, &root, &leaf, 1, &arena, &changes, error);
    arena_cleanup(&arena);
    return !ok;
}

Test(trie, a_missing_node_is_corrupt)
{
    for (size_t victim = 0;; victim++) {
        struct node_list list = new_list();
        struct error error = {0};
        hash256 root = fill(&list);
        if (victim == list.nodes.count) {
            cr_expect_gt(victim, 3);
            cleanup(&list);
            return;
        }
        bool is_on_the_way =
            list.nodes.nodes[victim].path_size < 6 || list.nodes.nodes[victim].path[5] == 1;
        list.nodes.nodes[victim].encoded.size = 0;
        cr_expect_eq(update_fails(&list, root, &error), is_on_the_way);
        if (is_on_the_way)
            cr_expect_eq(error.code, ERROR_CORRUPT);
        cleanup(&list);
    }
}

Test(trie, a_node_that_its_parent_does_not_name_is_corrupt)
{
    struct node_list list = new_list();
    struct error error = {0};
    hash256 root = fill(&list);
    for (size_t i = 0; i < list.nodes.count; i++) {
        uint8_t *last = (uint8_t *)list.nodes.nodes[i].encoded.data;
        last[list.nodes.nodes[i].encoded.size - 1] ^= 1;
    }
    cr_expect(update_fails(&list, root, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_not_null(strstr(error.text, "does not match"), "%s", error.text);
    cleanup(&list);
}

/* From the yellow paper's test set: dog, do, doge, horse. */
Test(trie, the_puppy_trie_has_its_published_root)
{
    static const uint8_t expected[] = {0x59, 0x91, 0xbb, 0x8c, 0x65, 0x14};
    struct trie_pair pairs[] = {
        {bytes_of("do", 2), bytes_of("verb", 4)},
        {bytes_of("horse", 5), bytes_of("stallion", 8)},
        {bytes_of("doge", 4), bytes_of("coin", 4)},
        {bytes_of("dog", 3), bytes_of("puppy", 5)},
    };
    hash256 root = trie_root_of(pairs, 4);
    cr_expect_eq(memcmp(root.bytes, expected, sizeof expected), 0);
}

Test(trie, later_duplicates_win_and_empty_values_remove)
{
    struct trie_pair pairs[] = {
        {bytes_of("key", 3), bytes_of("old", 3)},
        {bytes_of("gone", 4), bytes_of("soon", 4)},
        {bytes_of("key", 3), bytes_of("new", 3)},
        {bytes_of("gone", 4), bytes_of(NULL, 0)},
    };
    hash256 root = trie_root_of(pairs, 4);
    hash256 expected = trie_root_of(pairs + 2, 1);
    cr_expect(hash256_equal(&root, &expected));
    hash256 none = trie_root_of(pairs, 0);
    cr_expect(hash256_equal(&none, &EMPTY_TRIE_ROOT));
}

Test(trie, a_list_has_the_root_of_its_index_keys)
{
    struct bytes values[300];
    struct trie_pair pairs[300];
    uint8_t keys[300][3];
    for (size_t i = 0; i < 300; i++) {
        size_t size = i == 0 || (i > 127 && i < 256) ? (i == 0 ? 1 : 2) : i < 128 ? 1 : 3;
        keys[i][0] = i == 0 ? 0x80 : i < 128 ? (uint8_t)i : i < 256 ? 0x81 : 0x82;
        keys[i][1] = i < 256 ? (uint8_t)i : (uint8_t)(i >> 8);
        keys[i][2] = (uint8_t)i;
        values[i] = bytes_of(keys[i], size);
        pairs[i] = (struct trie_pair){bytes_of(keys[i], size), values[i]};
    }
    for (size_t count = 0; count <= 300; count++) {
        hash256 root = trie_root_of_list(values, count);
        hash256 expected = trie_root_of(pairs, count);
        cr_assert(hash256_equal(&root, &expected), "%zu", count);
    }
}

/* ---- Proofs, now and earlier ------------------------------------------------------------- */

/* A trie's story: after each round its root, its values, and what the round overwrote. */
#define ROUNDS 10
struct story {
    struct node_list list;
    struct model model;
    hash256 roots[ROUNDS + 1];
    uint8_t values[ROUNDS + 1][KEYS_MAX][40];
    size_t sizes[ROUNDS + 1][KEYS_MAX];
    struct buffer reverse[ROUNDS + 1];
};

/* Reads nodes as they were after `round`. */
struct earlier {
    struct story *story;
    int round;
};

static bool read_earlier(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                         struct buffer *out)
{
    const struct earlier *earlier = context;
    struct reverse entries[ROUNDS];
    const struct reverse *found[ROUNDS];
    struct buffer now = {0};
    size_t count = 0;
    for (int round = earlier->round + 1; round <= ROUNDS; round++) {
        struct rlp_reader in = rlp_reader_over(buffer_view(&earlier->story->reverse[round]));
        struct reverse entry;
        while (rlp_has_more(&in) && reverse_decode(&entry, &in)) {
            if (entry.path_size != path_size || memcmp(entry.path, path, path_size) != 0
                || !hash256_equal(&entry.owner, owner))
                continue;
            entries[count] = entry;
            found[count] = &entries[count];
            count++;
        }
        cr_assert_eq(in.verdict, RLP_OK);
    }
    read_node(&earlier->story->list, owner, path, path_size, &now);
    cr_assert(reverse_apply(found, count, buffer_view(&now), out));
    buffer_cleanup(&now);
    return out->size > 0;
}

static void tell(struct story *story, int round)
{
    static const hash256 owner = {{7}};
    struct trie_source source = {read_node, &story->list};
    struct trie_leaf leaves[KEYS_MAX];
    struct trie_changes changes = {0};
    struct arena arena = {0};
    struct error error = {0};
    story->roots[round] = story->roots[round - 1];
    const size_t count = random_batch(&story->model, leaves);
    cr_assert(
        trie_update(&source, &owner, &story->roots[round], leaves, count, &arena, &changes, &error),
        "%s", error.text);
    for (size_t i = 0; i < changes.count; i++) {
        struct trie_node_change *node =
            find(&story->list, &owner, changes.nodes[i].path, changes.nodes[i].path_size);
        const struct bytes stood = node != NULL ? node->encoded : bytes_of(NULL, 0);
        cr_assert(bytes_equal(stood, changes.nodes[i].before), "round %d", round);
        reverse_encode(&changes.nodes[i], &story->reverse[round]);
    }
    store(&story->list, &changes);
    memcpy(story->values[round], story->model.values, sizeof story->model.values);
    memcpy(story->sizes[round], story->model.sizes, sizeof story->model.sizes);
    arena_cleanup(&arena);
}

static void check_round(struct story *story, int round, unsigned seed)
{
    static const hash256 owner = {{7}};
    struct earlier earlier = {story, round};
    const struct trie_source source = {read_earlier, &earlier};
    for (size_t i = 0; i < story->model.count; i += 1 + (size_t)random() % 7) {
        struct arena arena = {0};
        struct trie_proof proof;
        struct error error = {0};
        struct bytes value;
        hash256 key = story->model.keys[i];
        const bool is_beside = random() % 4 == 0; /* a key that never had a value */
        key.bytes[31] ^= (uint8_t)(is_beside ? 0x80 : 0);
        for (size_t k = 0; is_beside && k < story->model.count; k++)
            if (hash256_equal(&key, &story->model.keys[k]))
                key.bytes[30] ^= 0xff;
        cr_assert(trie_prove(&source, &owner, &story->roots[round], &key, &arena, &proof, &error),
                  "seed %u round %d: %s", seed, round, error.text);
        cr_assert(proof_shows(&story->roots[round], &key, &proof, &value),
                  "seed %u round %d key %zu", seed, round, i);
        cr_assert(bytes_equal(value, proof.value));
        struct bytes believed;
        cr_assert_eq(
            trie_proof_check(&story->roots[round], &key, proof.nodes, proof.nodes_count, &believed),
            TRIE_PROOF_OK);
        cr_assert(bytes_equal(believed, value));
        if (!is_beside)
            cr_assert(bytes_equal(value, bytes_of(story->values[round][i], story->sizes[round][i])),
                      "seed %u round %d key %zu", seed, round, i);
        arena_cleanup(&arena);
    }
}

static void check_story(unsigned seed)
{
    struct story *story = memory_new_zeroed(1, sizeof *story);
    srandom(seed);
    story->list = new_list();
    story->roots[0] = EMPTY_TRIE_ROOT;
    make_keys(&story->model, 2 + (size_t)random() % (KEYS_MAX - 2));
    for (int round = 1; round <= ROUNDS; round++)
        tell(story, round);
    for (int round = 0; round <= ROUNDS; round++)
        check_round(story, round, seed);
    for (int round = 0; round <= ROUNDS; round++)
        buffer_cleanup(&story->reverse[round]);
    cleanup(&story->list);
    free(story);
}

/* What each batch overwrote leads back to every earlier trie, node by node. */
Test(trie, proofs_hold_in_every_earlier_version)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 1);
    for (unsigned i = 0; i < 25; i++)
        check_story(seed + i);
}

Test(trie, refuses_to_prove_over_a_damaged_node)
{
    struct node_list list = new_list();
    struct model *model = memory_new_zeroed(1, sizeof *model);
    static const hash256 owner = {{7}};
    struct trie_source source = {read_node, &list};
    struct trie_leaf leaves[KEYS_MAX];
    struct trie_proof proof;
    struct arena arena = {0};
    struct error error = {0};
    srandom(5);
    make_keys(model, 50);
    for (size_t i = 0; i < model->count; i++)
        leaves[i] = (struct trie_leaf){model->keys[i], bytes_of("a value of some length, so that "
                                                                "nothing is embedded",
                                                                51)};
    const hash256 root = apply(&list, EMPTY_TRIE_ROOT, leaves, model->count);
    cr_assert(trie_prove(&source, &owner, &root, &model->keys[0], &arena, &proof, &error));
    struct trie_node_change *node = find(&list, &owner, (const uint8_t *)"", 0);
    ((uint8_t *)(uintptr_t)node->encoded.data)[20] ^= 1;
    cr_expect(!trie_prove(&source, &owner, &root, &model->keys[0], &arena, &proof, &error));
    cr_expect(error.code == ERROR_CORRUPT && strstr(error.text, "does not match") != NULL, "%s",
              error.text);
    node->encoded = bytes_of(NULL, 0);
    cr_expect(!trie_prove(&source, &owner, &root, &model->keys[0], &arena, &proof, &error));
    cr_expect(strstr(error.text, "is missing") != NULL, "%s", error.text);
    arena_cleanup(&arena);
    cleanup(&list);
    free(model);
}
