/* Token transfers read from logs: each standard's, and what only looks like one. */
#include "ledger/history/tokens.h"

#include <criterion/criterion.h>

#include "vm/crypto/keccak.h"

static const address ALICE = {{0xa1}}, BOB = {{0xb0}}, OPERATOR = {{0x0b}};

static hash256 topic_of(const char *event)
{
    return keccak256((const uint8_t *)event, strlen(event));
}

static hash256 topic_account(const address *account)
{
    hash256 topic = {{0}};
    memcpy(topic.bytes + 12, account->bytes, sizeof account->bytes);
    return topic;
}

static void put_word(struct buffer *out, uint64_t value)
{
    const u256 word = u256_from_u64(value);
    u256_store_be(buffer_extend(out, 32), &word);
}

static struct log erc20(struct buffer *data)
{
    put_word(data, 77);
    return (struct log){.account = {{0x20}},
                        .topics = {topic_of("Transfer(address,address,uint256)"),
                                   topic_account(&ALICE), topic_account(&BOB)},
                        .topics_count = 3,
                        .data = buffer_view(data)};
}

static struct log erc1155(const char *event, struct buffer *data)
{
    return (struct log){.account = {{0x55}},
                        .topics = {topic_of(event), topic_account(&OPERATOR), topic_account(&ALICE),
                                   topic_account(&BOB)},
                        .topics_count = 4,
                        .data = buffer_view(data)};
}

static void expect_parties(const struct log *log)
{
    address from, to;
    cr_assert(token_parties(log, &from, &to));
    cr_expect(address_equal(&from, &ALICE) && address_equal(&to, &BOB));
}

Test(tokens, erc20_moves_an_amount)
{
    struct buffer data = {0};
    const struct log log = erc20(&data);
    struct token_transfer transfer;
    expect_parties(&log);
    cr_assert(token_transfer_at(&log, 0, &transfer));
    cr_expect_eq(transfer.standard, TOKEN_ERC20);
    cr_expect(address_equal(&transfer.token, &log.account));
    cr_expect_eq(transfer.amount.limbs[0], 77);
    cr_expect_not(token_transfer_at(&log, 1, &transfer));
    buffer_cleanup(&data);
}

Test(tokens, erc721_moves_one_by_its_id)
{
    struct buffer data = {0};
    struct log log = erc20(&data);
    struct token_transfer transfer;
    const u256 id = u256_from_u64(9);
    log.topics[3] = u256_to_hash(&id);
    log.topics_count = 4;
    cr_expect_not(token_transfer_at(&log, 0, &transfer), "data beside four topics");
    log.data = bytes_of(NULL, 0);
    expect_parties(&log);
    cr_assert(token_transfer_at(&log, 0, &transfer));
    cr_expect_eq(transfer.standard, TOKEN_ERC721);
    cr_expect_eq(transfer.id.limbs[0], 9);
    cr_expect_eq(transfer.amount.limbs[0], 1);
    cr_expect_not(token_transfer_at(&log, 1, &transfer));
    buffer_cleanup(&data);
}

Test(tokens, erc1155_moves_one_kind)
{
    struct buffer data = {0};
    struct token_transfer transfer;
    put_word(&data, 5);
    put_word(&data, 600);
    const struct log log =
        erc1155("TransferSingle(address,address,address,uint256,uint256)", &data);
    expect_parties(&log);
    cr_assert(token_transfer_at(&log, 0, &transfer));
    cr_expect_eq(transfer.standard, TOKEN_ERC1155);
    cr_expect_eq(transfer.id.limbs[0], 5);
    cr_expect_eq(transfer.amount.limbs[0], 600);
    cr_expect_not(token_transfer_at(&log, 1, &transfer));
    buffer_cleanup(&data);
}

/* ids and amounts, two each */
static const uint64_t BATCH_WORDS[] = {64, 160, 2, 1, 2, 2, 10, 20};

static struct log batch(struct buffer *data, size_t changed, uint64_t value)
{
    buffer_clear(data);
    for (size_t i = 0; i < sizeof BATCH_WORDS / sizeof *BATCH_WORDS; i++)
        put_word(data, i == changed ? value : BATCH_WORDS[i]);
    return erc1155("TransferBatch(address,address,address,uint256[],uint256[])", data);
}

Test(tokens, erc1155_moves_several_kinds)
{
    struct buffer data = {0};
    const struct log log = batch(&data, SIZE_MAX, 0);
    struct token_transfer transfer;
    expect_parties(&log);
    for (uint64_t i = 0; i < 2; i++) {
        cr_assert(token_transfer_at(&log, i, &transfer));
        cr_expect_eq(transfer.id.limbs[0], i + 1);
        cr_expect_eq(transfer.amount.limbs[0], 10 * (i + 1));
    }
    cr_expect_not(token_transfer_at(&log, 2, &transfer));
    buffer_cleanup(&data);
}

/* Offsets and lengths that lead out of the data, and lists of different length. */
Test(tokens, a_batch_that_does_not_hold_together_is_none)
{
    static const struct {
        size_t word;
        uint64_t value;
    } changes[] = {{0, 256}, {0, UINT64_MAX}, {0, 225},        {1, UINT64_MAX - 31},
                   {2, 1},   {2, 7},          {2, UINT64_MAX}, {5, 3}};
    struct buffer data = {0};
    struct token_transfer transfer;
    address from, to;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const struct log log = batch(&data, changes[i].word, changes[i].value);
        cr_expect_not(token_parties(&log, &from, &to), "%zu", i);
        cr_expect_not(token_transfer_at(&log, 0, &transfer), "%zu", i);
    }
    for (size_t size = 0; size < 8 * 32; size += 8) {
        struct log log = batch(&data, SIZE_MAX, 0);
        log.data.size = size;
        cr_expect_not(token_transfer_at(&log, 0, &transfer), "%zu", size);
    }
    buffer_cleanup(&data);
}

Test(tokens, other_logs_are_no_transfers)
{
    struct buffer data = {0};
    struct token_transfer transfer;
    struct log log = erc20(&data);
    log.topics[0] = topic_of("Approval(address,address,uint256)");
    cr_expect_not(token_transfer_at(&log, 0, &transfer));
    log = erc20(&data);
    log.data.size = 64; /* of two words by now */
    cr_expect_not(token_transfer_at(&log, 0, &transfer));
    log.data.size = 31;
    cr_expect_not(token_transfer_at(&log, 0, &transfer));
    log.data.size = 32;
    log.topics_count = 2;
    cr_expect_not(token_transfer_at(&log, 0, &transfer));
    log.topics_count = 3;
    log.topics[1].bytes[0] = 1; /* no address */
    cr_expect_not(token_transfer_at(&log, 0, &transfer));
    buffer_cleanup(&data);
}
