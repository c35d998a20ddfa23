#include "ledger/chain/header.h"

#include <assert.h>

#include "vm/base/cursor.h"
#include "vm/crypto/keccak.h"

const hash256 EMPTY_OMMERS_HASH = {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a,
                                    0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
                                    0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13,
                                    0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};
const hash256 EMPTY_TRIE_ROOT = {{0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45,
                                  0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c,
                                  0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21}};
const hash256 EMPTY_CODE_HASH = {{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d,
                                  0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82,
                                  0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

void header_encode(const struct header *header, enum vm_fork fork, struct buffer *out)
{
    assert(header->extra_data_size <= sizeof header->extra_data);
    size_t list = rlp_open_list(out);
    rlp_put_hash(out, &header->parent_hash);
    rlp_put_hash(out, &header->ommers_hash);
    rlp_put_address(out, &header->beneficiary);
    rlp_put_hash(out, &header->state_root);
    rlp_put_hash(out, &header->transactions_root);
    rlp_put_hash(out, &header->receipts_root);
    rlp_put_string(out, bytes_of(header->logs_bloom, sizeof header->logs_bloom));
    rlp_put_u256(out, &header->difficulty);
    rlp_put_u64(out, header->number);
    rlp_put_u64(out, header->gas_limit);
    rlp_put_u64(out, header->gas_used);
    rlp_put_u64(out, header->timestamp);
    rlp_put_string(out, bytes_of(header->extra_data, header->extra_data_size));
    rlp_put_hash(out, &header->mix_hash);
    rlp_put_string(out, bytes_of(header->nonce, sizeof header->nonce));
    rlp_put_u256(out, &header->base_fee);
    rlp_put_hash(out, &header->withdrawals_root);
    rlp_put_u64(out, header->blob_gas_used);
    rlp_put_u64(out, header->excess_blob_gas);
    rlp_put_hash(out, &header->parent_beacon_block_root);
    if (fork >= VM_FORK_PRAGUE)
        rlp_put_hash(out, &header->requests_hash); /* EIP-7685 */
    rlp_close_list(out, list);
}

static void read_hash(struct rlp_reader *in, hash256 *hash)
{
    rlp_fixed(in, hash->bytes, sizeof hash->bytes);
}

static void read_extra_data(struct rlp_reader *in, struct header *header)
{
    struct bytes extra = rlp_string(in);
    if (extra.size > sizeof header->extra_data) {
        rlp_fail(in, RLP_WRONG_SIZE);
        return;
    }
    if (extra.size > 0)
        memcpy(header->extra_data, extra.data, extra.size);
    header->extra_data_size = extra.size;
}

bool header_decode(struct header *header, enum vm_fork fork, struct rlp_reader *in)
{
    *header = (struct header){0};
    struct rlp_reader fields = rlp_list(in);
    read_hash(&fields, &header->parent_hash);
    read_hash(&fields, &header->ommers_hash);
    rlp_fixed(&fields, header->beneficiary.bytes, sizeof header->beneficiary.bytes);
    read_hash(&fields, &header->state_root);
    read_hash(&fields, &header->transactions_root);
    read_hash(&fields, &header->receipts_root);
    rlp_fixed(&fields, header->logs_bloom, sizeof header->logs_bloom);
    header->difficulty = rlp_u256(&fields);
    header->number = rlp_u64(&fields);
    header->gas_limit = rlp_u64(&fields);
    header->gas_used = rlp_u64(&fields);
    header->timestamp = rlp_u64(&fields);
    read_extra_data(&fields, header);
    read_hash(&fields, &header->mix_hash);
    rlp_fixed(&fields, header->nonce, sizeof header->nonce);
    header->base_fee = rlp_u256(&fields);
    read_hash(&fields, &header->withdrawals_root);
    header->blob_gas_used = rlp_u64(&fields);
    header->excess_blob_gas = rlp_u64(&fields);
    read_hash(&fields, &header->parent_beacon_block_root);
    if (fork >= VM_FORK_PRAGUE)
        read_hash(&fields, &header->requests_hash);
    rlp_leave(in, &fields);
    return in->verdict == RLP_OK;
}

hash256 header_hash(const struct header *header, enum vm_fork fork)
{
    struct buffer out = {0};
    buffer_reserve(&out, 768);
    header_encode(header, fork, &out);
    hash256 hash = keccak256(out.data, out.size);
    buffer_cleanup(&out);
    return hash;
}

void extra_data_encode(const struct extra_data *extra, struct header *header)
{
    assert(extra->view < (uint64_t)1 << 40);
    assert(extra->milliseconds < 1000);
    uint8_t *out = header->extra_data;
    out[0] = EXTRA_DATA_VERSION;
    for (int i = 0; i < 5; i++)
        out[1 + i] = (uint8_t)(extra->view >> (8 * (4 - i)));
    out[6] = (uint8_t)(extra->milliseconds >> 8);
    out[7] = (uint8_t)extra->milliseconds;
    memcpy(out + 8, extra->blind_commitment, sizeof extra->blind_commitment);
    header->extra_data_size = sizeof header->extra_data;
}

bool extra_data_decode(struct extra_data *extra, const struct header *header)
{
    struct cursor in = cursor_over(header->extra_data, header->extra_data_size);
    uint8_t version = cursor_u8(&in);
    extra->view = (uint64_t)cursor_u8(&in) << 32;
    extra->view |= cursor_u32_be(&in);
    extra->milliseconds = cursor_u16_be(&in);
    cursor_copy(&in, extra->blind_commitment, sizeof extra->blind_commitment);
    return cursor_finished(&in) && version == EXTRA_DATA_VERSION && extra->milliseconds < 1000;
}

uint64_t header_time_ms(const struct header *header)
{
    struct extra_data extra;
    uint64_t seconds_ms;
    if (__builtin_mul_overflow(header->timestamp, (uint64_t)1000, &seconds_ms)
        || seconds_ms > UINT64_MAX - 999)
        return UINT64_MAX; /* no such time; it compares as later than any other */
    /* Block 0's extraData is the genesis document's hash: it stands on a whole second. */
    bool has_milliseconds = header->number > 0 && extra_data_decode(&extra, header);
    return seconds_ms + (has_milliseconds ? extra.milliseconds : 0);
}
