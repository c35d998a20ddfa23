#include "ledger/levm/t8n.h"

#include "ledger/levm/json_output.h"
#include "vm/base/hex.h"

/* What geth writes where no block is known. */
static const hash256 NO_BLOCK_HASH = {{0}};
static const hash256 LOG_BLOCK_HASH = {{0x13, 0x37}};

static json_t *log_output(const struct t8n_input *input, const struct log *log,
                          const hash256 *transaction, size_t transaction_index, size_t log_index)
{
    json_t *fields = json_object();
    json_t *topics = json_array();
    for (size_t i = 0; i < log->topics_count; i++) {
        char text[OUTPUT_HASH_SIZE];
        output_format(text, log->topics[i].bytes, sizeof log->topics[i].bytes);
        json_array_append_new(topics, json_string(text));
    }
    output_address(fields, "address", &log->account);
    json_object_set_new(fields, "topics", topics);
    output_bytes(fields, "data", log->data);
    output_u64(fields, "blockNumber", input->transition.environment.number);
    output_hash(fields, "transactionHash", transaction);
    output_u64(fields, "transactionIndex", transaction_index);
    output_hash(fields, "blockHash", &LOG_BLOCK_HASH);
    output_u64(fields, "logIndex", log_index);
    json_object_set_new(fields, "removed", json_false());
    return fields;
}

static json_t *receipt_output(const struct t8n_input *input, const struct transition_outcome *out,
                              size_t index, size_t *log_index)
{
    const struct receipt *receipt = &out->receipt;
    json_t *fields = json_object();
    json_t *logs = receipt->logs_count == 0 ? json_null() : json_array();
    for (size_t i = 0; i < receipt->logs_count; i++)
        json_array_append_new(
            logs, log_output(input, &receipt->logs[i], &out->tx->hash, index, (*log_index)++));
    output_u64(fields, "type", receipt->type);
    output_text(fields, "root", "0x");
    output_u64(fields, "status", receipt->is_success ? 1 : 0);
    output_u64(fields, "cumulativeGasUsed", receipt->cumulative_gas_used);
    output_bytes(fields, "logsBloom", bytes_of(receipt->bloom, sizeof receipt->bloom));
    json_object_set_new(fields, "logs", logs);
    output_hash(fields, "transactionHash", &out->tx->hash);
    output_address(fields, "contractAddress", &out->created);
    output_u64(fields, "gasUsed", out->gas_used);
    json_object_set_new(fields, "effectiveGasPrice", json_null());
    output_hash(fields, "blockHash", &NO_BLOCK_HASH);
    output_u64(fields, "transactionIndex", index);
    return fields;
}

static json_t *receipts_output(const struct t8n_input *input,
                               const struct transition_result *result)
{
    json_t *receipts = json_array();
    size_t log_index = 0;
    for (size_t i = 0; i < result->outcomes_count; i++)
        json_array_append_new(receipts, receipt_output(input, &result->outcomes[i], i, &log_index));
    return receipts;
}

static json_t *refusals_output(const struct transition_result *result)
{
    json_t *refusals = json_array();
    for (size_t i = 0; i < result->refusals_count; i++) {
        json_t *fields = json_object();
        json_object_set_new(fields, "index", json_integer((json_int_t)result->refusals[i].index));
        output_text(fields, "error", result->refusals[i].why);
        json_array_append_new(refusals, fields);
    }
    return refusals;
}

/* Each request that there is: its type's byte and its data (EIP-7685). */
static json_t *requests_output(const struct requests *requests)
{
    json_t *list = json_array();
    for (size_t type = 0; type < REQUEST_TYPE_COUNT; type++) {
        struct buffer bytes = {0}, text = {0};
        if (requests->data[type].size == 0)
            continue;
        buffer_append_u8(&bytes, (uint8_t)type);
        buffer_append_bytes(&bytes, requests->data[type]);
        hex_append(&text, buffer_view(&bytes));
        json_array_append_new(list, json_stringn((const char *)text.data, text.size));
        buffer_cleanup(&bytes);
        buffer_cleanup(&text);
    }
    return list;
}

json_t *t8n_result(const struct t8n_input *input, const struct transition_result *result)
{
    const struct block_environment *environment = &input->transition.environment;
    json_t *fields = json_object();
    output_hash(fields, "stateRoot", &result->state_root);
    output_hash(fields, "txRoot", &result->transactions_root);
    output_hash(fields, "receiptsRoot", &result->receipts_root);
    output_hash(fields, "logsHash", &result->logs_hash);
    output_bytes(fields, "logsBloom", bytes_of(result->bloom, sizeof result->bloom));
    json_object_set_new(fields, "receipts", receipts_output(input, result));
    if (result->refusals_count > 0)
        json_object_set_new(fields, "rejected", refusals_output(result));
    json_object_set_new(fields, "currentDifficulty", json_null());
    output_u64(fields, "gasUsed", result->gas_used);
    output_u256(fields, "currentBaseFee", &environment->base_fee);
    output_hash(fields, "withdrawalsRoot", &result->withdrawals_root);
    output_u64(fields, "currentExcessBlobGas", input->excess_blob_gas);
    output_u64(fields, "blobGasUsed", 0);
    if (environment->fork >= VM_FORK_PRAGUE) {
        output_hash(fields, "requestsHash", &result->requests_hash);
        json_object_set_new(fields, "requests", requests_output(&result->requests));
    }
    return fields;
}

json_t *t8n_body(const struct transition_result *result)
{
    struct buffer out = {0}, text = {0};
    size_t list = rlp_open_list(&out);
    for (size_t i = 0; i < result->outcomes_count; i++) {
        const struct transaction *tx = result->outcomes[i].tx;
        if (tx->type == TRANSACTION_LEGACY)
            buffer_append_bytes(&out, tx->encoded);
        else
            rlp_put_string(&out, tx->encoded);
    }
    rlp_close_list(&out, list);
    hex_append(&text, buffer_view(&out));
    json_t *body = json_stringn((const char *)text.data, text.size);
    buffer_cleanup(&out);
    buffer_cleanup(&text);
    return body;
}
