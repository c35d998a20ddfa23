#include "ledger/chain/block.h"

#include <criterion/criterion.h>

#include "vm/crypto/keccak.h"

/* A block of a type 0 and a type 2 transaction and two withdrawals whose parts match. */
static struct block sample_block(struct arena *arena)
{
    struct block block = {.header = {.ommers_hash = EMPTY_OMMERS_HASH, .number = 3},
                          .transactions_count = 2,
                          .withdrawals_count = 2,
                          .reveal = {{5}}};
    struct secret_key key;
    uint8_t secret[32] = {1};
    cr_assert(secret_key_load(&key, secret));
    block.transactions = arena_array(arena, 2, sizeof *block.transactions);
    block.transactions[1].type = TRANSACTION_DYNAMIC_FEE;
    for (size_t i = 0; i < 2; i++) {
        block.transactions[i].has_chain_id = true;
        block.transactions[i].chain_id = 5;
        transaction_sign(&block.transactions[i], &key, arena);
    }
    block.withdrawals = arena_array(arena, 2, sizeof *block.withdrawals);
    block.withdrawals[1] = (struct withdrawal){1, 77, {{3}}, 1000000000};
    block.header.transactions_root = block_transactions_root(block.transactions, 2);
    block.header.withdrawals_root = block_withdrawals_root(block.withdrawals, 2);
    extra_data_encode(&(struct extra_data){.view = 4}, &block.header);
    return block;
}

static struct buffer container_of(const struct block *block)
{
    struct buffer out = {0};
    block_container_encode(block, VM_FORK_CANCUN, &out);
    return out;
}

Test(block, container_comes_back_and_its_parts_match)
{
    struct arena arena = {0};
    struct block block = sample_block(&arena);
    struct buffer out = container_of(&block);
    struct block back;
    cr_assert_eq(block_container_decode(&back, VM_FORK_CANCUN, buffer_view(&out), &arena),
                 BLOCK_OK);
    cr_expect_eq(back.transactions_count, 2);
    cr_expect_eq(back.transactions[1].type, TRANSACTION_DYNAMIC_FEE);
    cr_expect_eq(back.withdrawals[1].validator_index, 77);
    hash256 hash = header_hash(&block.header, VM_FORK_CANCUN);
    cr_expect(hash256_equal(&hash, &back.hash));
    cr_expect_eq(block_parts_match(&back, VM_FORK_CANCUN), BLOCK_OK);
    struct buffer again = container_of(&back);
    cr_expect(bytes_equal(buffer_view(&out), buffer_view(&again)));
    buffer_cleanup(&out);
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}

Test(block, every_cut_is_refused)
{
    struct arena arena = {0};
    struct block block = sample_block(&arena);
    struct buffer out = container_of(&block);
    struct block back;
    for (size_t size = 0; size < out.size; size++)
        cr_expect_neq(
            block_container_decode(&back, VM_FORK_CANCUN, bytes_of(out.data, size), &arena),
            BLOCK_OK);
    buffer_append_u8(&out, 0);
    cr_expect_eq(block_container_decode(&back, VM_FORK_CANCUN, buffer_view(&out), &arena),
                 BLOCK_BAD_RLP);
    buffer_cleanup(&out);
    arena_cleanup(&arena);
}

Test(block, a_changed_part_is_a_bad_transfer)
{
    struct arena arena = {0};
    struct block block = sample_block(&arena);
    block.withdrawals[0].amount_gwei++;
    cr_expect_eq(block_parts_match(&block, VM_FORK_CANCUN), BLOCK_BAD_TRANSFER);
    block = sample_block(&arena);
    block.transactions_count--;
    cr_expect_eq(block_parts_match(&block, VM_FORK_CANCUN), BLOCK_BAD_TRANSFER);
    block = sample_block(&arena);
    hash256 blind = {{8}};
    block.blind = bytes_of(blind.bytes, sizeof blind.bytes);
    cr_expect_eq(block_parts_match(&block, VM_FORK_CANCUN), BLOCK_BAD_TRANSFER);
    hash256 hash = keccak256(blind.bytes, sizeof blind.bytes);
    struct extra_data extra = {.view = 4};
    memcpy(extra.blind_commitment, hash.bytes, sizeof extra.blind_commitment);
    extra_data_encode(&extra, &block.header);
    cr_expect_eq(block_parts_match(&block, VM_FORK_CANCUN), BLOCK_OK);
    arena_cleanup(&arena);
}

Test(block, another_version_and_requests_before_prague_are_refused)
{
    struct arena arena = {0};
    struct block block = sample_block(&arena);
    struct block back;
    block.requests.data[REQUEST_WITHDRAWALS] = bytes_of("\x05", 1);
    struct buffer out = container_of(&block);
    cr_expect_eq(block_container_decode(&back, VM_FORK_CANCUN, buffer_view(&out), &arena),
                 BLOCK_BAD_RLP);
    buffer_cleanup(&out);
    out = container_of(&(struct block){0});
    uint8_t *version = memchr(out.data, BLOCK_CONTAINER_VERSION, out.size);
    *version = 2;
    cr_expect_eq(block_container_decode(&back, VM_FORK_CANCUN, buffer_view(&out), &arena),
                 BLOCK_BAD_VERSION);
    buffer_cleanup(&out);
    arena_cleanup(&arena);
}

Test(block, a_blob_transaction_in_a_block_is_a_bad_transaction)
{
    struct arena arena = {0};
    struct block block = sample_block(&arena);
    struct block back;
    block.transactions[1].encoded = bytes_of("\3\xc0", 2);
    struct buffer out = container_of(&block);
    cr_expect_eq(block_container_decode(&back, VM_FORK_CANCUN, buffer_view(&out), &arena),
                 BLOCK_BAD_TRANSACTION);
    buffer_cleanup(&out);
    arena_cleanup(&arena);
}
