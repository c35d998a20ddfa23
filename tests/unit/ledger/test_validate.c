/* Validation: a good block from elsewhere is taken, and each thing wrong has its verdict. */
#include <criterion/criterion.h>

#include "tests/unit/ledger/sample.h"

/* Two nodes with one genesis: `leader` builds, `follower` validates. */
static struct sample leader, follower;

static void start(void)
{
    sample_start(&leader);
    sample_start(&follower);
}

static void stop(void)
{
    sample_cleanup(&leader);
    sample_cleanup(&follower);
}

TestSuite(validate, .init = start, .fini = stop, .timeout = 60);

static struct bytes block_with_transfers(void)
{
    for (unsigned i = 0; i < 3; i++) {
        struct transaction tx = sample_transfer(&leader, i, &leader.accounts[4], 10 + i);
        cr_assert(sample_submit(&leader, &tx) == POOL_OK);
    }
    const hash256 hash = sample_build(&leader);
    return ledger_container(leader.ledger, &hash, &leader.arena);
}

static enum block_verdict verdict_on(struct bytes container)
{
    enum block_verdict verdict;
    struct error error;
    hash256 hash;
    cr_assert(ledger_validate(follower.ledger, follower.vm, container, &verdict, &hash, &error),
              "%s", error.text);
    return verdict;
}

Test(validate, takes_a_good_block_and_commits_it)
{
    const struct bytes container = block_with_transfers();
    cr_expect(verdict_on(container) == BLOCK_OK);
    cr_expect(verdict_on(container) == BLOCK_OK); /* again, for what it is: known */
    struct block block;
    cr_assert(block_container_decode(&block, leader.genesis.fork, container, &follower.arena)
              == BLOCK_OK);
    follower.view = leader.view;
    sample_commit(&follower, &block.hash);
    cr_expect(ledger_head(follower.ledger)->number == 1);
    cr_expect(ledger_head(follower.ledger)->tail_left == 5);
}

/* What one row changes in a decoded block, and the verdict it must bring. */
enum change {
    CHANGE_NUMBER,
    CHANGE_PARENT,
    CHANGE_TIME,
    CHANGE_VERSION,
    CHANGE_VIEW,
    CHANGE_BLIND,
    CHANGE_DIFFICULTY,
    CHANGE_NONCE,
    CHANGE_BLOB,
    CHANGE_GAS_LIMIT,
    CHANGE_BASE_FEE,
    CHANGE_BENEFICIARY,
    CHANGE_MIX,
    CHANGE_REVEAL,
    CHANGE_EPOCH,
    CHANGE_WITHDRAWAL,
    CHANGE_GAS_USED,
    CHANGE_RECEIPTS,
    CHANGE_BLOOM,
    CHANGE_STATE,
    CHANGE_REQUESTS_HASH,
    CHANGE_REQUESTS,
    CHANGE_FORGED_REQUESTS,
    CHANGE_LOST_TRANSACTION,
    CHANGE_ORDER_ROOT,
    CHANGE_COUNT,
};

static void apply(struct block *block, enum change change)
{
    static struct withdrawal withdrawal = {.amount_gwei = 1};
    struct header *header = &block->header;
    switch (change) {
    case CHANGE_NUMBER: header->number++; break;
    case CHANGE_PARENT: header->parent_hash.bytes[0] ^= 1; break;
    case CHANGE_TIME: header->timestamp = follower.genesis.created - 1; break;
    case CHANGE_VERSION: header->extra_data[0]++; break;
    case CHANGE_VIEW: memset(header->extra_data + 1, 0, 5); break;
    case CHANGE_BLIND: header->extra_data[31] = 1; break;
    case CHANGE_DIFFICULTY: header->difficulty = U256_ONE; break;
    case CHANGE_NONCE: header->nonce[7] = 1; break;
    case CHANGE_BLOB: header->blob_gas_used = 1; break;
    case CHANGE_GAS_LIMIT: header->gas_limit++; break;
    case CHANGE_BASE_FEE: header->base_fee = U256_ONE; break;
    case CHANGE_BENEFICIARY: header->beneficiary.bytes[0] ^= 1; break;
    case CHANGE_MIX: header->mix_hash.bytes[0] ^= 1; break;
    case CHANGE_REVEAL: {
        const hash256 zero = {{0}};
        block->reveal.bytes[0] ^= 1;
        header->mix_hash = reveal_mix(&zero, &block->reveal);
        break;
    }
    case CHANGE_EPOCH: header->parent_beacon_block_root.bytes[0] ^= 1; break;
    case CHANGE_WITHDRAWAL:
        block->withdrawals = &withdrawal;
        block->withdrawals_count = 1;
        header->withdrawals_root = block_withdrawals_root(&withdrawal, 1);
        break;
    case CHANGE_GAS_USED: header->gas_used++; break;
    case CHANGE_RECEIPTS: header->receipts_root.bytes[0] ^= 1; break;
    case CHANGE_BLOOM: header->logs_bloom[0] ^= 1; break;
    case CHANGE_STATE: header->state_root.bytes[0] ^= 1; break;
    case CHANGE_REQUESTS_HASH: header->requests_hash.bytes[0] ^= 1; break;
    case CHANGE_FORGED_REQUESTS: /* in block and header alike */
    case CHANGE_REQUESTS:
        block->requests.data[REQUEST_WITHDRAWALS] = bytes_of("\xc2\x01\x02", 3);
        if (change == CHANGE_FORGED_REQUESTS)
            header->requests_hash = requests_hash(&block->requests);
        break;
    case CHANGE_LOST_TRANSACTION: block->transactions_count--; break;
    case CHANGE_ORDER_ROOT: { /* the first one twice: its nonce is used */
        block->transactions[1] = block->transactions[0];
        header->transactions_root =
            block_transactions_root(block->transactions, block->transactions_count);
        break;
    }
    case CHANGE_COUNT: break;
    }
}

Test(validate, gives_each_tampering_its_verdict)
{
    static const enum block_verdict expected[CHANGE_COUNT] = {
        [CHANGE_NUMBER] = BLOCK_BAD_NUMBER,
        [CHANGE_PARENT] = BLOCK_UNKNOWN_PARENT,
        [CHANGE_TIME] = BLOCK_BAD_TIME,
        [CHANGE_VERSION] = BLOCK_BAD_EXTRA_DATA,
        [CHANGE_VIEW] = BLOCK_BAD_EXTRA_DATA,
        [CHANGE_BLIND] = BLOCK_BAD_TRANSFER,
        [CHANGE_DIFFICULTY] = BLOCK_BAD_FIXED_FIELD,
        [CHANGE_NONCE] = BLOCK_BAD_FIXED_FIELD,
        [CHANGE_BLOB] = BLOCK_BAD_FIXED_FIELD,
        [CHANGE_GAS_LIMIT] = BLOCK_BAD_GAS_LIMIT,
        [CHANGE_BASE_FEE] = BLOCK_BAD_BASE_FEE,
        [CHANGE_BENEFICIARY] = BLOCK_BAD_BENEFICIARY,
        [CHANGE_MIX] = BLOCK_BAD_TRANSFER,
        [CHANGE_REVEAL] = BLOCK_BAD_REVEAL,
        [CHANGE_EPOCH] = BLOCK_BAD_EPOCH_RECORD,
        [CHANGE_WITHDRAWAL] = BLOCK_BAD_WITHDRAWALS,
        [CHANGE_GAS_USED] = BLOCK_BAD_GAS_USED,
        [CHANGE_RECEIPTS] = BLOCK_BAD_RECEIPTS_ROOT,
        [CHANGE_BLOOM] = BLOCK_BAD_BLOOM,
        [CHANGE_STATE] = BLOCK_BAD_STATE_ROOT,
        [CHANGE_REQUESTS_HASH] = BLOCK_BAD_TRANSFER,
        [CHANGE_REQUESTS] = BLOCK_BAD_TRANSFER,
        [CHANGE_FORGED_REQUESTS] = BLOCK_BAD_REQUESTS,
        [CHANGE_LOST_TRANSACTION] = BLOCK_BAD_TRANSFER,
        [CHANGE_ORDER_ROOT] = BLOCK_TRANSACTION_REFUSED,
    };
    const struct bytes container = block_with_transfers();
    for (unsigned i = 0; i < CHANGE_COUNT; i++) {
        struct block block;
        struct buffer out = {0};
        cr_assert(block_container_decode(&block, leader.genesis.fork, container, &follower.arena)
                  == BLOCK_OK);
        apply(&block, (enum change)i);
        block_container_encode(&block, leader.genesis.fork, &out);
        const enum block_verdict verdict = verdict_on(buffer_view(&out));
        cr_expect(verdict == expected[i], "change %u: %s", i, block_verdict_text(verdict));
        buffer_cleanup(&out);
    }
    cr_expect(verdict_on(container) == BLOCK_OK);
}

/* A cut or padded container is never a block. */
Test(validate, refuses_every_other_length)
{
    const struct bytes container = block_with_transfers();
    for (size_t size = 0; size < container.size; size++)
        cr_expect(verdict_on(bytes_of(container.data, size)) != BLOCK_OK, "%zu", size);
    struct buffer longer = {0};
    buffer_append_bytes(&longer, container);
    buffer_append_u8(&longer, 0);
    cr_expect(verdict_on(buffer_view(&longer)) == BLOCK_BAD_RLP);
    buffer_cleanup(&longer);
}

/* The leader's request is held to the same rules. */
Test(validate, builds_only_what_others_would_take)
{
    struct error error;
    hash256 hash;
    struct build_request good = sample_request(&leader, &ledger_head(leader.ledger)->hash);
    struct build_request bad = good;
    bad.reveal.bytes[0] ^= 1;
    cr_expect(!ledger_build(leader.ledger, leader.vm, &bad, &hash, &error));
    bad = good;
    bad.beneficiary.bytes[0] ^= 1;
    cr_expect(!ledger_build(leader.ledger, leader.vm, &bad, &hash, &error));
    bad = good;
    bad.view = 0;
    cr_expect(!ledger_build(leader.ledger, leader.vm, &bad, &hash, &error));
    bad = good;
    bad.parent.bytes[0] ^= 1;
    cr_expect(!ledger_build(leader.ledger, leader.vm, &bad, &hash, &error));
    cr_expect(error.code == ERROR_NOT_FOUND);
    cr_expect(ledger_build(leader.ledger, leader.vm, &good, &hash, &error), "%s", error.text);
}
