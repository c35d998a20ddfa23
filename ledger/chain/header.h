/* The block header: all fields of the fork, each used as Ethereum defines it (ledger.md gives
 * ours their meaning). The hash is keccak256 of the RLP list. */
#ifndef LEDGER_CHAIN_HEADER_H
#define LEDGER_CHAIN_HEADER_H
#include "ledger/codec/rlp.h"
#include "vm/vm.h"

#define BLOOM_SIZE 256

struct header {
    hash256 parent_hash;
    hash256 ommers_hash;
    address beneficiary;
    hash256 state_root;
    hash256 transactions_root;
    hash256 receipts_root;
    uint8_t logs_bloom[BLOOM_SIZE];
    u256 difficulty;
    uint64_t number;
    uint64_t gas_limit;
    uint64_t gas_used;
    uint64_t timestamp; /* seconds */
    uint8_t extra_data[32];
    size_t extra_data_size; /* at most 32; ours is always 32 */
    hash256 mix_hash;
    uint8_t nonce[8];
    u256 base_fee;
    hash256 withdrawals_root;
    uint64_t blob_gas_used;
    uint64_t excess_blob_gas;
    hash256 parent_beacon_block_root;
    hash256 requests_hash; /* from Prague on */
};

extern const hash256 EMPTY_OMMERS_HASH; /* keccak256(rlp([])) */
extern const hash256 EMPTY_TRIE_ROOT;   /* keccak256(rlp("")) */
extern const hash256 EMPTY_CODE_HASH;   /* keccak256("") */

void header_encode(const struct header *header, enum vm_fork fork, struct buffer *out);
bool header_decode(struct header *header, enum vm_fork fork, struct rlp_reader *in);
hash256 header_hash(const struct header *header, enum vm_fork fork);

/* `extraData` of a block above 0: version u8, view u40, milliseconds u16, blind commitment. */
#define EXTRA_DATA_VERSION 1
struct extra_data {
    uint64_t view;
    uint16_t milliseconds;
    uint8_t blind_commitment[24]; /* zero on open ledgers */
};
void extra_data_encode(const struct extra_data *extra, struct header *header);
bool extra_data_decode(struct extra_data *extra, const struct header *header);
/* Block time in milliseconds since 1970, from timestamp and extraData. */
uint64_t header_time_ms(const struct header *header);
#endif
