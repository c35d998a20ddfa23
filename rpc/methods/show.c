#include "rpc/methods/show.h"

void show_found_log(struct buffer *out, const struct found_log *found)
{
    write_separator(out);
    write_raw(out, "{");
    write_key_address(out, "address", &found->log->account);
    write_key_raw(out, "topics", "[");
    for (size_t index = 0; index < found->log->topics_count; index++) {
        write_separator(out);
        write_hash(out, &found->log->topics[index]);
    }
    write_raw(out, "]");
    write_key_data(out, "data", found->log->data);
    write_key_quantity(out, "blockNumber", found->height);
    write_key_hash(out, "transactionHash", &found->transaction_hash);
    write_key_quantity(out, "transactionIndex", found->transaction_index);
    write_key_hash(out, "blockHash", &found->block_hash);
    write_key_quantity(out, "blockTimestamp", found->block_timestamp);
    write_key_quantity(out, "logIndex", found->log_index);
    write_key_bool(out, "removed", false);
    write_raw(out, "}");
}

static void show_log(struct buffer *out, const struct log *log, const struct transaction *tx,
                     const struct place *place, uint64_t log_index)
{
    struct found_log found = {
        .log = log,
        .height = place->header->number,
        .block_hash = *place->block_hash,
        .block_timestamp = place->header->timestamp,
        .transaction_hash = tx->hash,
        .transaction_index = place->index,
        .log_index = log_index,
    };
    show_found_log(out, &found);
}

void show_access_list(struct buffer *out, const struct transaction *tx)
{
    write_key_raw(out, "accessList", "[");
    for (size_t entry = 0; entry < tx->access_list_count; entry++) {
        write_separator(out);
        write_raw(out, "{");
        write_key_address(out, "address", &tx->access_list[entry].account);
        write_key_raw(out, "storageKeys", "[");
        for (size_t key = 0; key < tx->access_list[entry].keys_count; key++) {
            write_separator(out);
            write_hash(out, &tx->access_list[entry].keys[key]);
        }
        write_raw(out, "]}");
    }
    write_raw(out, "]");
}

static void show_authorizations(struct buffer *out, const struct transaction *tx)
{
    write_key_raw(out, "authorizationList", "[");
    for (size_t index = 0; index < tx->authorizations_count; index++) {
        const struct authorization *authorization = &tx->authorizations[index];
        write_separator(out);
        write_raw(out, "{");
        write_key_u256(out, "chainId", &authorization->chain_id);
        write_key_address(out, "address", &authorization->delegate);
        write_key_quantity(out, "nonce", authorization->nonce);
        write_key_quantity(out, "yParity", authorization->y_parity);
        write_key_u256(out, "r", &authorization->r);
        write_key_u256(out, "s", &authorization->s);
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

static void show_place(struct buffer *out, const struct place *place)
{
    if (place == NULL) {
        write_raw(out, "\"blockHash\":null,\"blockNumber\":null,\"transactionIndex\":null,"
                       "\"blockTimestamp\":null");
        return;
    }
    write_key_hash(out, "blockHash", place->block_hash);
    write_key_quantity(out, "blockNumber", place->header->number);
    write_key_quantity(out, "transactionIndex", place->index);
    write_key_quantity(out, "blockTimestamp", place->header->timestamp);
}

static u256 price_paid(const struct transaction *tx, const struct place *place)
{
    u256 price = tx->max_fee, tip;
    if (place != NULL)
        transaction_effective_price(tx, &place->header->base_fee, &price, &tip);
    return price;
}

/* EIP-155: chain id * 2 + 35 + parity; 27 or 28 without chain id. Beyond 64 bits the word
 * would not fit, so it is computed wide. */
static u256 legacy_v(const struct transaction *tx)
{
    u256 parity = u256_from_u64(tx->y_parity), base = u256_from_u64(27);
    if (tx->has_chain_id) {
        u256 chain_id = u256_from_u64(tx->chain_id), offset = u256_from_u64(35);
        base = u256_add(&chain_id, &chain_id);
        base = u256_add(&base, &offset);
    }
    return u256_add(&base, &parity);
}

static void show_signature(struct buffer *out, const struct transaction *tx)
{
    if (tx->type == TRANSACTION_LEGACY) {
        u256 v = legacy_v(tx);
        write_key_u256(out, "v", &v);
    } else {
        write_key_quantity(out, "v", tx->y_parity);
        write_key_quantity(out, "yParity", tx->y_parity);
    }
    write_key_u256(out, "r", &tx->r);
    write_key_u256(out, "s", &tx->s);
}

void show_transaction(struct buffer *out, const struct transaction *tx, const struct place *place)
{
    u256 price = price_paid(tx, place);
    write_separator(out);
    write_raw(out, "{");
    show_place(out, place);
    write_key_address(out, "from", &tx->sender);
    write_key_quantity(out, "gas", tx->gas_limit);
    write_key_u256(out, "gasPrice", &price);
    if (tx->type >= TRANSACTION_DYNAMIC_FEE) {
        write_key_u256(out, "maxFeePerGas", &tx->max_fee);
        write_key_u256(out, "maxPriorityFeePerGas", &tx->max_priority);
    }
    write_key_hash(out, "hash", &tx->hash);
    write_key_data(out, "input", tx->data);
    write_key_quantity(out, "nonce", tx->nonce);
    if (tx->is_create)
        write_key_raw(out, "to", "null");
    else
        write_key_address(out, "to", &tx->to);
    write_key_u256(out, "value", &tx->value);
    write_key_quantity(out, "type", tx->type);
    if (tx->type != TRANSACTION_LEGACY)
        show_access_list(out, tx);
    if (tx->type == TRANSACTION_SET_CODE)
        show_authorizations(out, tx);
    if (tx->has_chain_id)
        write_key_quantity(out, "chainId", tx->chain_id);
    show_signature(out, tx);
    write_raw(out, "}");
}

void show_receipt(struct buffer *out, const struct transaction *tx, const struct place *place,
                  const struct found_receipt *found)
{
    const struct receipt *receipt = &found->receipt;
    u256 price = price_paid(tx, place);
    write_separator(out);
    write_raw(out, "{");
    write_key_hash(out, "blockHash", place->block_hash);
    write_key_quantity(out, "blockNumber", place->header->number);
    if (tx->is_create) {
        address created = vm_create_address(&tx->sender, tx->nonce);
        write_key_address(out, "contractAddress", &created);
    } else {
        write_key_raw(out, "contractAddress", "null");
    }
    write_key_quantity(out, "cumulativeGasUsed", receipt->cumulative_gas_used);
    write_key_u256(out, "effectiveGasPrice", &price);
    write_key_address(out, "from", &tx->sender);
    write_key_quantity(out, "gasUsed", receipt->cumulative_gas_used - found->gas_before);
    write_key_raw(out, "logs", "[");
    for (size_t log = 0; log < receipt->logs_count; log++)
        show_log(out, &receipt->logs[log], tx, place, found->logs_before + log);
    write_raw(out, "]");
    write_key_data(out, "logsBloom", bytes_of(receipt->bloom, BLOOM_SIZE));
    write_key_quantity(out, "status", receipt->is_success ? 1 : 0);
    if (tx->is_create)
        write_key_raw(out, "to", "null");
    else
        write_key_address(out, "to", &tx->to);
    write_key_hash(out, "transactionHash", &tx->hash);
    write_key_quantity(out, "transactionIndex", place->index);
    write_key_quantity(out, "type", tx->type);
    write_raw(out, "}");
}

static void show_withdrawals(struct buffer *out, const struct block *block)
{
    write_key_raw(out, "withdrawals", "[");
    for (size_t index = 0; index < block->withdrawals_count; index++) {
        const struct withdrawal *withdrawal = &block->withdrawals[index];
        write_separator(out);
        write_raw(out, "{");
        write_key_quantity(out, "index", withdrawal->index);
        write_key_quantity(out, "validatorIndex", withdrawal->validator_index);
        write_key_address(out, "address", &withdrawal->address);
        write_key_quantity(out, "amount", withdrawal->amount_gwei);
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

static void show_header(struct buffer *out, const struct header *header, enum vm_fork fork)
{
    write_key_hash(out, "parentHash", &header->parent_hash);
    write_key_hash(out, "sha3Uncles", &header->ommers_hash);
    write_key_address(out, "miner", &header->beneficiary);
    write_key_hash(out, "stateRoot", &header->state_root);
    write_key_hash(out, "transactionsRoot", &header->transactions_root);
    write_key_hash(out, "receiptsRoot", &header->receipts_root);
    write_key_data(out, "logsBloom", bytes_of(header->logs_bloom, BLOOM_SIZE));
    write_key_u256(out, "difficulty", &header->difficulty);
    write_key_quantity(out, "number", header->number);
    write_key_quantity(out, "gasLimit", header->gas_limit);
    write_key_quantity(out, "gasUsed", header->gas_used);
    write_key_quantity(out, "timestamp", header->timestamp);
    write_key_data(out, "extraData", bytes_of(header->extra_data, header->extra_data_size));
    write_key_hash(out, "mixHash", &header->mix_hash);
    write_key_data(out, "nonce", bytes_of(header->nonce, sizeof header->nonce));
    write_key_u256(out, "baseFeePerGas", &header->base_fee);
    write_key_hash(out, "withdrawalsRoot", &header->withdrawals_root);
    write_key_quantity(out, "blobGasUsed", header->blob_gas_used);
    write_key_quantity(out, "excessBlobGas", header->excess_blob_gas);
    write_key_hash(out, "parentBeaconBlockRoot", &header->parent_beacon_block_root);
    if (fork >= VM_FORK_PRAGUE)
        write_key_hash(out, "requestsHash", &header->requests_hash);
}

void show_head(struct buffer *out, const struct header *header, const hash256 *hash,
               enum vm_fork fork)
{
    write_raw(out, "{");
    write_key_hash(out, "hash", hash);
    show_header(out, header, fork);
    write_raw(out, "}");
}

static uint64_t size_of(const struct block *block, enum vm_fork fork)
{
    struct buffer encoded = {0};
    block_encode(block, fork, &encoded);
    uint64_t size = encoded.size;
    buffer_cleanup(&encoded);
    return size;
}

void show_block(struct buffer *out, const struct block *block, enum vm_fork fork,
                bool with_transactions)
{
    write_raw(out, "{");
    write_key_hash(out, "hash", &block->hash);
    show_header(out, &block->header, fork);
    write_key_quantity(out, "size", size_of(block, fork));
    write_key_raw(out, "transactions", "[");
    for (size_t index = 0; index < block->transactions_count; index++) {
        if (with_transactions) {
            struct place place = {&block->header, &block->hash, index};
            show_transaction(out, &block->transactions[index], &place);
        } else {
            write_separator(out);
            write_hash(out, &block->transactions[index].hash);
        }
    }
    write_raw(out, "]");
    write_key_raw(out, "uncles", "[]");
    show_withdrawals(out, block);
    write_raw(out, "}");
}
