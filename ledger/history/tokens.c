#include "ledger/history/tokens.h"

#define WORD 32

/* keccak256("Transfer(address,address,uint256)"), of ERC-20 and ERC-721 */
static const hash256 TRANSFER = {{0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0,
                                  0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4,
                                  0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef}};
/* keccak256("TransferSingle(address,address,address,uint256,uint256)"), of ERC-1155 */
static const hash256 SINGLE = {{0xc3, 0xd5, 0x81, 0x68, 0xc5, 0xae, 0x73, 0x97, 0x73, 0x1d, 0x06,
                                0x3d, 0x5b, 0xbf, 0x3d, 0x65, 0x78, 0x54, 0x42, 0x73, 0x43, 0xf4,
                                0xc0, 0x83, 0x24, 0x0f, 0x7a, 0xac, 0xaa, 0x2d, 0x0f, 0x62}};
/* keccak256("TransferBatch(address,address,address,uint256[],uint256[])"), of ERC-1155 */
static const hash256 BATCH = {{0x4a, 0x39, 0xdc, 0x06, 0xd4, 0xc0, 0xdb, 0xc6, 0x4b, 0x70, 0xaf,
                               0x90, 0xfd, 0x69, 0x8a, 0x23, 0x3a, 0x51, 0x8a, 0xa5, 0xd0, 0x7e,
                               0x59, 0x5d, 0x98, 0x3b, 0x8c, 0x05, 0x26, 0xc8, 0xf7, 0xfb}};

const char *token_standard_name(enum token_standard standard)
{
    switch (standard) {
    case TOKEN_ERC20: return "ERC-20";
    case TOKEN_ERC721: return "ERC-721";
    case TOKEN_ERC1155: return "ERC-1155";
    }
    return "unknown";
}

static bool topic_address(const hash256 *topic, address *account)
{
    for (size_t i = 0; i < sizeof topic->bytes - sizeof account->bytes; i++)
        if (topic->bytes[i] != 0)
            return false;
    memcpy(account->bytes, topic->bytes + 12, sizeof account->bytes);
    return true;
}

/* An ERC-1155 batch: two offsets, and there two lists of the same length. */
struct batch {
    uint64_t count;
    const uint8_t *ids, *amounts;
};

static bool read_u64(struct bytes data, uint64_t offset, uint64_t *value)
{
    if (data.size < WORD || offset > data.size - WORD)
        return false;
    const u256 word = u256_load_be(data.data + offset, WORD);
    *value = word.limbs[0];
    return u256_fits_u64(&word);
}

static bool read_list(struct bytes data, uint64_t at, uint64_t *count, const uint8_t **words)
{
    uint64_t offset;
    if (!read_u64(data, at, &offset) || !read_u64(data, offset, count))
        return false;
    const uint64_t start = offset + WORD; /* read_u64() found a word before it */
    *words = data.data + start;
    return *count <= (data.size - start) / WORD;
}

static bool read_batch(struct bytes data, struct batch *batch)
{
    uint64_t amounts_count;
    return read_list(data, 0, &batch->count, &batch->ids)
           && read_list(data, WORD, &amounts_count, &batch->amounts)
           && batch->count == amounts_count;
}

/* What kind of transfer the log is by its shape. */
enum shape {
    SHAPE_NONE,
    SHAPE_ERC20,
    SHAPE_ERC721,
    SHAPE_SINGLE,
    SHAPE_BATCH,
};

static enum shape shape_of(const struct log *log)
{
    struct batch batch;
    if (log->topics_count < 3)
        return SHAPE_NONE;
    if (hash256_equal(&log->topics[0], &TRANSFER)) {
        if (log->topics_count == 3)
            return log->data.size == WORD ? SHAPE_ERC20 : SHAPE_NONE;
        return log->data.size == 0 ? SHAPE_ERC721 : SHAPE_NONE;
    }
    if (log->topics_count != 4)
        return SHAPE_NONE;
    if (hash256_equal(&log->topics[0], &SINGLE))
        return log->data.size == 2 * WORD ? SHAPE_SINGLE : SHAPE_NONE;
    if (hash256_equal(&log->topics[0], &BATCH))
        return read_batch(log->data, &batch) ? SHAPE_BATCH : SHAPE_NONE;
    return SHAPE_NONE;
}

/* ERC-1155 has the operator before the two. */
static bool read_parties(const struct log *log, enum shape shape, address *from, address *to)
{
    const size_t first = shape == SHAPE_ERC20 || shape == SHAPE_ERC721 ? 1 : 2;
    return shape != SHAPE_NONE && topic_address(&log->topics[first], from)
           && topic_address(&log->topics[first + 1], to);
}

bool token_parties(const struct log *log, address *from, address *to)
{
    return read_parties(log, shape_of(log), from, to);
}

bool token_transfer_at(const struct log *log, uint64_t index, struct token_transfer *transfer)
{
    const enum shape shape = shape_of(log);
    struct batch batch = {.count = 1};
    *transfer = (struct token_transfer){.token = log->account, .amount = U256_ONE};
    if (!read_parties(log, shape, &transfer->from, &transfer->to))
        return false;
    switch (shape) {
    case SHAPE_NONE: return false;
    case SHAPE_ERC20: transfer->amount = u256_load_be(log->data.data, WORD); break;
    case SHAPE_ERC721:
        transfer->standard = TOKEN_ERC721;
        transfer->id = u256_from_hash(&log->topics[3]);
        break;
    case SHAPE_SINGLE:
        transfer->standard = TOKEN_ERC1155;
        transfer->id = u256_load_be(log->data.data, WORD);
        transfer->amount = u256_load_be(log->data.data + WORD, WORD);
        break;
    case SHAPE_BATCH:
        transfer->standard = TOKEN_ERC1155;
        if (!read_batch(log->data, &batch) || index >= batch.count)
            return false;
        transfer->id = u256_load_be(batch.ids + index * WORD, WORD);
        transfer->amount = u256_load_be(batch.amounts + index * WORD, WORD);
        break;
    }
    return index < batch.count;
}
