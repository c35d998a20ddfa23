/* Damaged bytes into every decoder of the chain: what is accepted encodes to the same bytes,
 * and nothing else happens. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/block.h"
#include "ledger/chain/receipt.h"

#define ROUNDS 20000

static unsigned print_seed(const char *what)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 4);
    printf("%s seed %u\n", what, seed);
    srandom(seed);
    return seed;
}

/* One to three changes: a byte, a cut, a repeated piece. */
static void damage(struct buffer *out, struct bytes original)
{
    buffer_clear(out);
    buffer_append_bytes(out, original);
    for (long changes = 1 + random() % 3; changes > 0 && out->size > 2; changes--) {
        size_t at = (size_t)random() % out->size;
        size_t size = 1 + (size_t)random() % 3;
        if (size > out->size - at)
            size = out->size - at;
        switch (random() % 4) {
        case 0: out->data[at] = (uint8_t)random(); break;
        case 1: out->data[at] = (uint8_t)(out->data[at] + (random() % 2 == 0 ? 1 : -1)); break;
        case 2:
            memmove(out->data + at, out->data + at + size, out->size - at - size);
            out->size -= size;
            break;
        case 3:
            buffer_extend(out, size);
            memmove(out->data + at + size, out->data + at, out->size - at - size);
            break;
        }
    }
}

#define TYPES 4
static const enum transaction_type types[TYPES] = {TRANSACTION_LEGACY, TRANSACTION_ACCESS_LIST,
                                                   TRANSACTION_DYNAMIC_FEE, TRANSACTION_SET_CODE};

/* A transaction of any type with an access list, signed. */
static struct transaction sample_transaction(struct arena *arena, enum transaction_type type)
{
    struct secret_key key;
    uint8_t secret[32] = {3};
    struct transaction tx = {.type = type,
                             .has_chain_id = true,
                             .chain_id = 77,
                             .nonce = 200,
                             .gas_limit = 60000,
                             .max_fee = {{300, 0, 0, 0}},
                             .max_priority = {{300, 0, 0, 0}},
                             .to = {{9}},
                             .data = bytes_of("\1\2\3\4\5\6\7\x80", 8)};
    if (type != TRANSACTION_LEGACY) {
        tx.access_list_count = 2;
        tx.access_list = arena_array(arena, 2, sizeof *tx.access_list);
        tx.access_list[0].keys_count = 2;
        tx.access_list[0].keys = arena_array(arena, 2, sizeof(hash256));
    }
    cr_assert(secret_key_load(&key, secret));
    if (type == TRANSACTION_SET_CODE) {
        tx.authorizations_count = 2;
        tx.authorizations = arena_array(arena, 2, sizeof *tx.authorizations);
        authorization_sign(&tx.authorizations[0], &key);
        authorization_sign(&tx.authorizations[1], &key);
    }
    transaction_sign(&tx, &key, arena);
    return tx;
}

Test(mutations, a_damaged_transaction_is_refused_or_means_what_it_says)
{
    struct arena arena = {0};
    struct arena scratch = {0};
    struct buffer damaged = {0};
    struct buffer again = {0};
    size_t accepted = 0;
    unsigned seed = print_seed("transaction");
    struct transaction samples[TYPES];
    for (int i = 0; i < TYPES; i++)
        samples[i] = sample_transaction(&arena, types[i]);
    for (int round = 0; round < ROUNDS; round++) {
        struct transaction back;
        const struct transaction *tx = &samples[round % TYPES];
        damage(&damaged, tx->encoded);
        arena_reset(&scratch);
        if (transaction_decode(&back, buffer_view(&damaged), &scratch, NULL) != TRANSACTION_OK)
            continue;
        accepted++;
        buffer_clear(&again);
        transaction_encode(&back, &again);
        cr_assert(bytes_equal(buffer_view(&again), buffer_view(&damaged)), "seed %u round %d", seed,
                  round);
    }
    cr_expect_gt(accepted, ROUNDS / 100);
    buffer_cleanup(&damaged);
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    arena_cleanup(&scratch);
}

Test(mutations, a_damaged_block_is_refused_or_means_what_it_says)
{
    struct arena arena = {0};
    struct arena scratch = {0};
    struct buffer encoded = {0};
    struct buffer damaged = {0};
    struct buffer again = {0};
    struct transaction transactions[TYPES];
    struct withdrawal withdrawals[2] = {{1, 2, {{3}}, 4}, {2, 300, {{5}}, 60000}};
    size_t accepted = 0;
    unsigned seed = print_seed("block");
    for (int i = 0; i < TYPES; i++)
        transactions[i] = sample_transaction(&arena, types[i]);
    struct block block = {.header = {.number = 3},
                          .transactions = transactions,
                          .transactions_count = TYPES,
                          .withdrawals = withdrawals,
                          .withdrawals_count = 2};
    extra_data_encode(&(struct extra_data){.view = 4}, &block.header);
    block_container_encode(&block, VM_FORK_CANCUN, &encoded);
    for (int round = 0; round < ROUNDS; round++) {
        struct block back;
        damage(&damaged, buffer_view(&encoded));
        arena_reset(&scratch);
        if (block_container_decode(&back, VM_FORK_CANCUN, buffer_view(&damaged), &scratch)
            != BLOCK_OK)
            continue;
        accepted++;
        buffer_clear(&again);
        block_container_encode(&back, VM_FORK_CANCUN, &again);
        cr_assert(bytes_equal(buffer_view(&again), buffer_view(&damaged)), "seed %u round %d", seed,
                  round);
    }
    cr_expect_gt(accepted, ROUNDS / 100);
    buffer_cleanup(&encoded);
    buffer_cleanup(&damaged);
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    arena_cleanup(&scratch);
}

Test(mutations, a_damaged_receipt_is_refused_or_means_what_it_says)
{
    struct arena scratch = {0};
    struct buffer encoded = {0};
    struct buffer damaged = {0};
    struct buffer again = {0};
    struct log logs[2] = {{.topics_count = 3, .data = bytes_of("abcdef", 6)}, {.topics_count = 0}};
    struct receipt receipt = {.type = TRANSACTION_ACCESS_LIST,
                              .is_success = true,
                              .cumulative_gas_used = 70000,
                              .logs = logs,
                              .logs_count = 2};
    size_t accepted = 0;
    unsigned seed = print_seed("receipt");
    receipt_compute_bloom(&receipt);
    receipt_encode(&receipt, &encoded);
    for (int round = 0; round < ROUNDS; round++) {
        struct receipt back;
        damage(&damaged, buffer_view(&encoded));
        arena_reset(&scratch);
        if (!receipt_decode(&back, buffer_view(&damaged), &scratch))
            continue;
        accepted++;
        buffer_clear(&again);
        receipt_encode(&back, &again);
        cr_assert(bytes_equal(buffer_view(&again), buffer_view(&damaged)), "seed %u round %d", seed,
                  round);
    }
    cr_expect_gt(accepted, ROUNDS / 100);
    buffer_cleanup(&encoded);
    buffer_cleanup(&damaged);
    buffer_cleanup(&again);
    arena_cleanup(&scratch);
}
