/* Blocks: Ethereum's own, and the container that adds our extras.
 *
 *   container = RLP [version, block, [reveal, blind, requests]]
 *   block     = RLP [header, [transactions], [ommers: none], [withdrawals]]   (geth's form)
 *
 * `reveal` is 32 bytes, `blind` 32 or none; `requests` is the EIP-7685 list as requests.h writes
 * it, the empty list when there are none. A typed transaction stands in the list as a string (EIP-2718).
 *
 * Every part that stands outside the header is checked against it by block_parts_match(): a
 * mismatch is a bad transfer, never a verdict on the hash. */
#ifndef LEDGER_CHAIN_BLOCK_H
#define LEDGER_CHAIN_BLOCK_H
#include "ledger/chain/header.h"
#include "ledger/chain/requests.h"
#include "ledger/chain/transaction.h"

#define BLOCK_CONTAINER_VERSION 1
/* EIP-7934: MAX_RLP_BLOCK_SIZE, in geth's form, from Osaka. A ledger's own bound is never above. */
#define BLOCK_RLP_SIZE_MAX 8388608

struct withdrawal { /* EIP-4895 */
    uint64_t index;
    uint64_t validator_index; /* ours: claim id, 0 for a re-issue */
    address address;
    uint64_t amount_gwei;
};

struct block {
    struct header header;
    hash256 hash;
    struct transaction *transactions; /* decoded, senders not recovered */
    size_t transactions_count;
    struct withdrawal *withdrawals;
    size_t withdrawals_count;
    /* extras */
    hash256 reveal;
    struct bytes blind;       /* 32 bytes, or none on open ledgers */
    struct requests requests; /* none before Prague */
};

enum block_verdict {
    BLOCK_OK,
    BLOCK_BAD_RLP,
    BLOCK_BAD_VERSION,
    BLOCK_BAD_TRANSACTION,
    BLOCK_BAD_TRANSFER, /* a part does not match the header */
    BLOCK_UNKNOWN_PARENT,
    BLOCK_BAD_NUMBER,
    BLOCK_BAD_TIME, /* not after its parent, in milliseconds */
    BLOCK_BAD_EXTRA_DATA,
    BLOCK_BAD_FIXED_FIELD, /* difficulty, nonce, ommers, blob fields */
    BLOCK_BAD_GAS_LIMIT,
    BLOCK_BAD_BASE_FEE,
    BLOCK_BAD_BENEFICIARY,
    BLOCK_BAD_REVEAL,
    BLOCK_BAD_EPOCH_RECORD, /* parentBeaconBlockRoot */
    BLOCK_BAD_WITHDRAWALS,
    BLOCK_TOO_LARGE,
    BLOCK_TRANSACTION_REFUSED,
    BLOCK_BAD_GAS_USED,
    BLOCK_BAD_RECEIPTS_ROOT,
    BLOCK_BAD_BLOOM,
    BLOCK_BAD_STATE_ROOT,
    BLOCK_BAD_REQUESTS,
    BLOCK_SYSTEM_CALL_FAILED, /* system_calls.h: the calls that may not fail */
    BLOCK_VERDICT_COUNT,
};
const char *block_verdict_text(enum block_verdict verdict);

/* RLP of the block in geth's form. */
void block_encode(const struct block *block, enum vm_fork fork, struct buffer *out);
void block_container_encode(const struct block *block, enum vm_fork fork, struct buffer *out);
/* Views borrow from `encoded`; lists live in `arena`. Fills `hash`. block_decode() reads geth's
 * form alone (no extras), as other Ethereum programs write it. */
enum block_verdict block_decode(struct block *block, enum vm_fork fork, struct bytes encoded,
                                struct arena *arena);
enum block_verdict block_container_decode(struct block *block, enum vm_fork fork,
                                          struct bytes encoded, struct arena *arena);
/* Takes the next transaction of a block's list, in its EIP-2718 form. */
struct bytes block_take_transaction(struct rlp_reader *list);
hash256 block_transactions_root(const struct transaction *transactions, size_t count);
hash256 block_withdrawals_root(const struct withdrawal *withdrawals, size_t count);
/* Transactions, withdrawals, requests and blind against the header's commitments. The reveal is
 * checked against the parent: not here. */
enum block_verdict block_parts_match(const struct block *block, enum vm_fork fork);
#endif
