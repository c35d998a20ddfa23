/* Receipts, logs and the bloom filter (yellow paper, 4.3.1; EIP-2718 for typed ones). */
#ifndef LEDGER_CHAIN_RECEIPT_H
#define LEDGER_CHAIN_RECEIPT_H
#include "ledger/chain/header.h"
#include "ledger/chain/transaction.h"

#define LOG_TOPICS_MAX 4

struct log {
    address account;
    hash256 topics[LOG_TOPICS_MAX];
    size_t topics_count;
    struct bytes data;
};

struct receipt {
    enum transaction_type type;
    bool is_success;
    uint64_t cumulative_gas_used;
    uint8_t bloom[BLOOM_SIZE];
    struct log *logs;
    size_t logs_count;
};

void bloom_add(uint8_t bloom[BLOOM_SIZE], struct bytes entry);
bool bloom_may_contain(const uint8_t bloom[BLOOM_SIZE], struct bytes entry);
/* RLP list of logs; its hash is what state tests compare. */
void logs_encode(const struct log *logs, size_t count, struct buffer *out);
void receipt_compute_bloom(struct receipt *receipt);
void receipt_encode(const struct receipt *receipt, struct buffer *out); /* EIP-2718 form */
bool receipt_decode(struct receipt *receipt, struct bytes encoded, struct arena *arena);
#endif
