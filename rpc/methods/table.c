/* Every method there is: what dispatch calls and what rpc.discover shows. Sorted by name. */
#include "rpc/methods/examples.h"
#include "rpc/methods/methods.h"

#include <stdlib.h>

#define WORKER RPC_ANY_WORKER
#define NODE   RPC_ON_NODE

const struct method METHODS[] = {
#include "rpc/methods/table_debug.inc"
    {
        .name = "eth_accounts",
        .summary = "Empty: the node keeps no keys of users.",
        .result_name = "accounts",
        .result_schema = "{\"$ref\":\"#/components/schemas/addresses\"}",
        .place = WORKER,
        .run = method_eth_accounts,
        .example_params = "[]",
        .example_result = "[]",
    },
    {
        .name = "eth_baseFee",
        .summary = "The base fee of the next block, in wei per gas.",
        .result_name = "baseFee",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_base_fee,
        .example_params = "[]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_blobBaseFee",
        .summary = "The least there is: blob transactions are refused.",
        .result_name = "blobBaseFee",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_blob_base_fee,
        .example_params = "[]",
        .example_result = "\"0x1\"",
    },
    {
        .name = "eth_blockNumber",
        .summary = "The height of the last final block.",
        .result_name = "blockNumber",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_block_number,
        .example_params = "[]",
        .example_result = "\"0x1\"",
    },
    {
        .name = "eth_call",
        .summary = "Runs code without a transaction and returns its output.",
        .params = {{"transaction", PARAM_TRANSACTION, true},
                   {"block", PARAM_BLOCK, false},
                   {"stateOverrides", PARAM_STATE_OVERRIDES, false},
                   {"blockOverrides", PARAM_BLOCK_OVERRIDES, false}},
        .params_count = 4,
        .result_name = "output",
        .result_schema = "{\"$ref\":\"#/components/schemas/bytes\"}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_call,
        .example_params = "[{\"to\":" EXAMPLE_ADDRESS ",\"input\":\"0x70a08231\"},\"latest\"]",
        .example_result = "\"0x0000000000000000000000000000000000000000000000000000000000000000\"",
    },
    {
        .name = "eth_capabilities",
        .summary = "Which of the ledger's past this node answers for: all, and proofs of the last "
                   "blocks.",
        .result_name = "capabilities",
        .result_schema = "{\"$ref\":\"#/components/schemas/EthCapabilities\"}",
        .place = WORKER,
        .run = method_eth_capabilities,
        .example_params = "[]",
        .example_result =
            "{\"head\":{\"number\":\"0x1\",\"hash\":" EXAMPLE_HASH "},"
            "\"state\":{\"disabled\":false,\"oldestBlock\":\"0x0\"},"
            "\"tx\":{\"disabled\":false,\"oldestBlock\":\"0x0\"},"
            "\"logs\":{\"disabled\":false,\"oldestBlock\":\"0x0\"},"
            "\"receipts\":{\"disabled\":false,\"oldestBlock\":\"0x0\"},"
            "\"blocks\":{\"disabled\":false,\"oldestBlock\":\"0x0\"},"
            "\"stateproofs\":{\"disabled\":false,\"oldestBlock\":\"0x0\",\"deleteStrategy\":{"
            "\"type\":\"window\",\"retentionBlocks\":\"0x80\"}}}",
    },
    {
        .name = "eth_chainId",
        .summary = "The chain id of the organisation's ledger.",
        .result_name = "chainId",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_chain_id,
        .example_params = "[]",
        .example_result = "\"0x539\"",
    },
    {
        .name = "eth_coinbase",
        .summary = "Who the next block names as its beneficiary.",
        .result_name = "beneficiary",
        .result_schema = "{\"$ref\":\"#/components/schemas/address\"}",
        .place = WORKER,
        .run = method_eth_coinbase,
        .example_params = "[]",
        .example_result = EXAMPLE_ADDRESS,
    },
    {
        .name = "eth_config",
        .summary = "The rules in force: fork, precompiles, system contracts (EIP-7910).",
        .result_name = "configuration",
        .result_schema = "{\"$ref\":\"#/components/schemas/ConfigurationResponse\"}",
        .place = WORKER,
        .run = method_eth_config,
        .example_params = "[]",
        .example_result =
            "{\"current\":{\"activationTime\":0,\"blobSchedule\":{\"baseFeeUpdateFraction\":"
            "5007716,\"max\":0,\"target\":0},\"chainId\":\"0x539\",\"forkId\":\"0x3ff0e375\","
            "\"precompiles\":{\"ECREC\":\"0x0000000000000000000000000000000000000001\"},"
            "\"systemContracts\":{\"HISTORY_STORAGE_ADDRESS\":"
            "\"0x0000f90827f1c53a10cb7a02335b175320002935\"}},\"next\":null,\"last\":null}",
    },
    {
        .name = "eth_createAccessList",
        .summary = "The access list with which a transaction runs, and the gas it then uses.",
        .params = {{"transaction", PARAM_TRANSACTION, true},
                   {"block", PARAM_BLOCK, false},
                   {"stateOverrides", PARAM_STATE_OVERRIDES, false}},
        .params_count = 3,
        .result_name = "accessList",
        .result_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"required\":["
                         "\"accessList\",\"gasUsed\"],\"properties\":{\"accessList\":{\"$ref\":"
                         "\"#/components/schemas/AccessList\"},\"error\":{\"type\":\"string\"},"
                         "\"gasUsed\":{\"$ref\":\"#/components/schemas/uint\"}}}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_create_access_list,
        .example_params = "[{\"to\":" EXAMPLE_ADDRESS ",\"input\":\"0x70a08231\"},\"latest\"]",
        .example_result = "{\"accessList\":[],\"gasUsed\":\"0x5208\"}",
    },
    {
        .name = "eth_estimateGas",
        .summary = "The least gas with which a transaction succeeds.",
        .params = {{"transaction", PARAM_TRANSACTION, true},
                   {"block", PARAM_BLOCK, false},
                   {"stateOverrides", PARAM_STATE_OVERRIDES, false},
                   {"blockOverrides", PARAM_BLOCK_OVERRIDES, false}},
        .params_count = 4,
        .result_name = "gas",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_estimate_gas,
        .example_params =
            "[{\"from\":" EXAMPLE_ADDRESS ",\"to\":" EXAMPLE_ADDRESS ",\"value\":\"0x1\"}]",
        .example_result = "\"0x5208\"",
    },
    {
        .name = "eth_feeHistory",
        .summary = "Base fees, fill and tips of the latest blocks.",
        .params = {{"blockCount", PARAM_COUNT, true},
                   {"block", PARAM_HEIGHT, true},
                   {"rewardPercentiles", PARAM_PERCENTILES, false}},
        .params_count = 3,
        .result_name = "feeHistory",
        .result_schema = "{\"$ref\":\"#/components/schemas/FeeHistory\"}",
        .place = WORKER,
        .run = method_eth_fee_history,
        .example_params = "[\"0x1\",\"latest\",[50]]",
        .example_result =
            "{\"oldestBlock\":\"0x1\",\"reward\":[[\"0x0\"]],\"baseFeePerGas\":[\"0x0\","
            "\"0x0\"],\"gasUsedRatio\":[0.1],\"baseFeePerBlobGas\":[\"0x1\",\"0x1\"],\"bl"
            "obGasUsedRatio\":[0]}",
    },
    {
        .name = "eth_gasPrice",
        .summary = "A price per gas that gets into the next block.",
        .result_name = "gasPrice",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_gas_price,
        .example_params = "[]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_getBalance",
        .summary = "An account's balance in wei after a block.",
        .params = {{"address", PARAM_ADDRESS, true}, {"block", PARAM_BLOCK, false}},
        .params_count = 2,
        .result_name = "balance",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_get_balance,
        .example_params = "[" EXAMPLE_ADDRESS ",\"latest\"]",
        .example_result = "\"0xde0b6b3a7640000\"",
    },
    {
        .name = "eth_getBlockByHash",
        .summary = "A block by hash.",
        .params = {{"hash", PARAM_HASH, true}, {"hydrated", PARAM_BOOL, false}},
        .params_count = 2,
        .result_name = "block",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/Block\"}]}",
        .place = WORKER,
        .run = method_eth_get_block,
        .example_params = "[" EXAMPLE_HASH ",false]",
        .example_result = EXAMPLE_BLOCK,
    },
    {
        .name = "eth_getBlockByNumber",
        .summary = "A block by height or tag.",
        .params = {{"block", PARAM_HEIGHT, true}, {"hydrated", PARAM_BOOL, false}},
        .params_count = 2,
        .result_name = "block",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/Block\"}]}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_get_block,
        .example_params = "[\"latest\",false]",
        .example_result = EXAMPLE_BLOCK,
    },
    {
        .name = "eth_getBlockReceipts",
        .summary = "All receipts of a block.",
        .params = {{"block", PARAM_BLOCK, true}},
        .params_count = 1,
        .result_name = "receipts",
        .result_schema = "{\"oneOf\":[{\"type\":\"null\"},{\"type\":\"array\",\"items\":{\"$ref\":"
                         "\"#/components/schemas/ReceiptInfo\"}}]}",
        .place = WORKER,
        .run = method_eth_get_block_receipts,
        .example_params = "[\"latest\"]",
        .example_result = "[]",
    },
    {
        .name = "eth_getBlockTransactionCountByHash",
        .summary = "How many transactions a block has, by hash.",
        .params = {{"hash", PARAM_HASH, true}},
        .params_count = 1,
        .result_name = "count",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/uint\"}]}",
        .place = WORKER,
        .run = method_eth_get_block_transaction_count,
        .example_params = "[" EXAMPLE_HASH "]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_getBlockTransactionCountByNumber",
        .summary = "How many transactions a block has, by height or tag.",
        .params = {{"block", PARAM_HEIGHT, true}},
        .params_count = 1,
        .result_name = "count",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/uint\"}]}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_get_block_transaction_count,
        .example_params = "[\"latest\"]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_getCode",
        .summary = "The code at an address after a block.",
        .params = {{"address", PARAM_ADDRESS, true}, {"block", PARAM_BLOCK, false}},
        .params_count = 2,
        .result_name = "code",
        .result_schema = "{\"$ref\":\"#/components/schemas/bytes\"}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_get_code,
        .example_params = "[" EXAMPLE_ADDRESS ",\"latest\"]",
        .example_result = "\"0x\"",
    },
    {
        .name = "eth_getFilterChanges",
        .summary =
            "What is new since a filter was made or polled last: logs, or hashes of blocks or"
            " transactions.",
        .params = {{"filter", PARAM_ID, true}},
        .params_count = 1,
        .result_name = "changes",
        .result_schema = "{\"$ref\":\"#/components/schemas/FilterResults\"}",
        .place = WORKER,
        .run = method_eth_get_filter_changes,
        .example_params = "[" EXAMPLE_ID "]",
        .example_result = EXAMPLE_LOGS,
    },
    {
        .name = "eth_getFilterLogs",
        .summary = "All logs that match a filter of logs, in its own range of blocks.",
        .params = {{"filter", PARAM_ID, true}},
        .params_count = 1,
        .result_name = "logs",
        .result_schema = "{\"$ref\":\"#/components/schemas/FilterResults\"}",
        .place = WORKER,
        .run = method_eth_get_filter_logs,
        .example_params = "[" EXAMPLE_ID "]",
        .example_result = EXAMPLE_LOGS,
    },
    {
        .name = "eth_getLogs",
        .summary = "The logs that match a filter.",
        .params = {{"filter", PARAM_FILTER, true}},
        .params_count = 1,
        .result_name = "logs",
        .result_schema = "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Log\"}}",
        .place = WORKER,
        .run = method_eth_get_logs,
        .example_params =
            "[{\"fromBlock\":\"0x0\",\"toBlock\":\"latest\",\"address\":" EXAMPLE_ADDRESS "}]",
        .example_result = EXAMPLE_LOGS,
    },
    {
        .name = "eth_getProof",
        .summary = "An account and some of its slots with Merkle proofs, in the last 128 blocks.",
        .params = {{"address", PARAM_ADDRESS, true},
                   {"storageKeys", PARAM_SLOTS, true},
                   {"block", PARAM_BLOCK, false}},
        .params_count = 3,
        .result_name = "account",
        .result_schema = "{\"$ref\":\"#/components/schemas/AccountProof\"}",
        .place = WORKER,
        .run = method_eth_get_proof,
        .example_params = "[" EXAMPLE_ADDRESS ",[\"0x0\"],\"latest\"]",
        .example_result =
            "{\"address\":" EXAMPLE_ADDRESS
            ",\"accountProof\":[\"0xc0\"],\"balance\":\"0x1\",\"codeHash\":" EXAMPLE_HASH
            ",\"nonce\":\"0x0\",\"storageHash\":" EXAMPLE_HASH
            ",\"storageProof\":[{\"key\":\"0x0\",\"value\":\"0x0\",\"proof\":[]}]}",
    },
    {
        .name = "eth_getStorageAt",
        .summary = "One storage slot of a contract after a block.",
        .params = {{"address", PARAM_ADDRESS, true},
                   {"slot", PARAM_SLOT, true},
                   {"block", PARAM_BLOCK, false}},
        .params_count = 3,
        .result_name = "value",
        .result_schema = "{\"$ref\":\"#/components/schemas/bytes\"}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_get_storage_at,
        .example_params = "[" EXAMPLE_ADDRESS ",\"0x0\",\"latest\"]",
        .example_result = "\"0x0000000000000000000000000000000000000000000000000000000000000000\"",
    },
    {
        .name = "eth_getTransactionByBlockHashAndIndex",
        .summary = "A transaction by block hash and place.",
        .params = {{"hash", PARAM_HASH, true}, {"index", PARAM_QUANTITY, true}},
        .params_count = 2,
        .result_name = "transaction",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/TransactionInfo\"}]}",
        .place = WORKER,
        .run = method_eth_get_transaction_in_block,
        .example_params = "[" EXAMPLE_HASH ",\"0x0\"]",
        .example_result = EXAMPLE_TRANSACTION,
    },
    {
        .name = "eth_getTransactionByBlockNumberAndIndex",
        .summary = "A transaction by height and place.",
        .params = {{"block", PARAM_HEIGHT, true}, {"index", PARAM_QUANTITY, true}},
        .params_count = 2,
        .result_name = "transaction",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/TransactionInfo\"}]}",
        .place = WORKER,
        .shows_pending = true,
        .run = method_eth_get_transaction_in_block,
        .example_params = "[\"0x1\",\"0x0\"]",
        .example_result = EXAMPLE_TRANSACTION,
    },
    {
        .name = "eth_getTransactionByHash",
        .summary = "A transaction, final or waiting in the pool.",
        .params = {{"hash", PARAM_HASH, true}},
        .params_count = 1,
        .result_name = "transaction",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/TransactionInfo\"}]}",
        .place = WORKER,
        .may_run_early = true,
        .run = method_eth_get_transaction_by_hash,
        .example_params = "[" EXAMPLE_HASH "]",
        .example_result = EXAMPLE_TRANSACTION,
    },
    {
        .name = "eth_getTransactionCount",
        .summary = "An account's nonce after a block; at pending, behind what waits in the pool.",
        .params = {{"address", PARAM_ADDRESS, true}, {"block", PARAM_BLOCK, false}},
        .params_count = 2,
        .result_name = "nonce",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_get_transaction_count,
        .example_params = "[" EXAMPLE_ADDRESS ",\"pending\"]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_getTransactionReceipt",
        .summary = "The receipt of a final transaction.",
        .params = {{"hash", PARAM_HASH, true}},
        .params_count = 1,
        .result_name = "receipt",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/ReceiptInfo\"}]}",
        .place = WORKER,
        .run = method_eth_get_transaction_receipt,
        .example_params = "[" EXAMPLE_HASH "]",
        .example_result =
            "{\"blockHash\":" EXAMPLE_HASH
            ",\"blockNumber\":\"0x1\",\"contractAddress\":null,\"cumulativeGasUsed\":\"0x"
            "5208\",\"effectiveGasPrice\":\"0x0\",\"from\":" EXAMPLE_ADDRESS
            ",\"gasUsed\":\"0x5208\",\"logs\":[],\"logsBloom\":" EXAMPLE_BLOOM
            ",\"status\":\"0x1\",\"to\":" EXAMPLE_ADDRESS ",\"transactionHash\":" EXAMPLE_HASH
            ",\"transactionIndex\":\"0x0\",\"type\":\"0x2\"}",
    },
    {
        .name = "eth_getUncleByBlockHashAndIndex",
        .summary = "Null: no block has uncles.",
        .params = {{"hash", PARAM_HASH, true}, {"index", PARAM_QUANTITY, true}},
        .params_count = 2,
        .result_name = "uncle",
        .result_schema = "{\"type\":\"null\"}",
        .place = WORKER,
        .run = method_eth_get_uncle,
        .example_params = "[" EXAMPLE_HASH ",\"0x0\"]",
        .example_result = "null",
    },
    {
        .name = "eth_getUncleByBlockNumberAndIndex",
        .summary = "Null: no block has uncles.",
        .params = {{"block", PARAM_HEIGHT, true}, {"index", PARAM_QUANTITY, true}},
        .params_count = 2,
        .result_name = "uncle",
        .result_schema = "{\"type\":\"null\"}",
        .place = WORKER,
        .run = method_eth_get_uncle,
        .example_params = "[\"0x1\",\"0x0\"]",
        .example_result = "null",
    },
    {
        .name = "eth_getUncleCountByBlockHash",
        .summary = "0: no block has uncles; null for an unknown block.",
        .params = {{"hash", PARAM_HASH, true}},
        .params_count = 1,
        .result_name = "count",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/uint\"}]}",
        .place = WORKER,
        .run = method_eth_get_uncle_count,
        .example_params = "[" EXAMPLE_HASH "]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_getUncleCountByBlockNumber",
        .summary = "0: no block has uncles; null for an unknown block.",
        .params = {{"block", PARAM_HEIGHT, true}},
        .params_count = 1,
        .result_name = "count",
        .result_schema =
            "{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/uint\"}]}",
        .place = WORKER,
        .run = method_eth_get_uncle_count,
        .example_params = "[\"0x1\"]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_maxPriorityFeePerGas",
        .summary = "A tip per gas that gets into the next block.",
        .result_name = "tip",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_max_priority_fee,
        .example_params = "[]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_newBlockFilter",
        .summary = "A filter to poll for new blocks; gone when it is not polled for 5 minutes.",
        .result_name = "filter",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_new_block_filter,
        .example_params = "[]",
        .example_result = EXAMPLE_ID,
    },
    {
        .name = "eth_newFilter",
        .summary = "A filter to poll for new logs; gone when it is not polled for 5 minutes.",
        .params = {{"filter", PARAM_FILTER, true}},
        .params_count = 1,
        .result_name = "filter",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_new_filter,
        .example_params = "[{\"address\":" EXAMPLE_ADDRESS ",\"topics\":[]}]",
        .example_result = EXAMPLE_ID,
    },
    {
        .name = "eth_newPendingTransactionFilter",
        .summary =
            "A filter to poll for transactions that the pool admitted; gone when it is not polled"
            " for 5 minutes.",
        .result_name = "filter",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_new_pending_transaction_filter,
        .example_params = "[]",
        .example_result = EXAMPLE_ID,
    },
    {
        .name = "eth_protocolVersion",
        .summary = "The version of the ledger's own rules; no node here speaks eth/NN.",
        .result_name = "version",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_protocol_version,
        .example_params = "[]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "eth_sendRawTransaction",
        .summary = "Admits a signed transaction to the pool.",
        .params = {{"transaction", PARAM_DATA, true}},
        .params_count = 1,
        .result_name = "transactionHash",
        .result_schema = "{\"$ref\":\"#/components/schemas/hash32\"}",
        .place = WORKER,
        .may_run_early = true,
        .run = method_eth_send_raw_transaction,
        .example_params =
            "[\"0x02f86c820539808080825208940000000000000000000000000000000000000a11ce018"
            "0c080a01111111111111111111111111111111111111111111111111111111111111111a0111"
            "1111111111111111111111111111111111111111111111111111111111111\"]",
        .example_result = EXAMPLE_HASH,
    },
    {
        .name = "eth_sendRawTransactionSync",
        .summary = "Admits a signed transaction and answers with its receipt, or an error after a "
                   "time (EIP-7966).",
        .params = {{"transaction", PARAM_DATA, true}, {"timeoutMs", PARAM_COUNT, false}},
        .params_count = 2,
        .result_name = "receipt",
        .result_schema = "{\"$ref\":\"#/components/schemas/ReceiptInfo\"}",
        .place = WORKER,
        .run = method_eth_send_raw_transaction_sync,
        .example_params =
            "[\"0x02f86c820539808080825208940000000000000000000000000000000000000a11ce018"
            "0c080a01111111111111111111111111111111111111111111111111111111111111111a0111"
            "1111111111111111111111111111111111111111111111111111111111111\"]",
        .example_result =
            "{\"blockHash\":" EXAMPLE_HASH
            ",\"blockNumber\":\"0x1\",\"contractAddress\":null,\"cumulativeGasUsed\":\"0x"
            "5208\",\"effectiveGasPrice\":\"0x0\",\"from\":" EXAMPLE_ADDRESS
            ",\"gasUsed\":\"0x5208\",\"logs\":[],\"logsBloom\":" EXAMPLE_BLOOM
            ",\"status\":\"0x1\",\"to\":" EXAMPLE_ADDRESS ",\"transactionHash\":" EXAMPLE_HASH
            ",\"transactionIndex\":\"0x0\",\"type\":\"0x2\"}",
    },
    {
        .name = "eth_simulateV1",
        .summary = "Runs calls in blocks that might follow, over overridden state.",
        .params = {{"payload", PARAM_SIMULATION, true}, {"block", PARAM_BLOCK, false}},
        .params_count = 2,
        .result_name = "blocks",
        .result_schema = "{\"$ref\":\"#/components/schemas/EthSimulateResult\"}",
        .place = WORKER,
        .run = method_eth_simulate_v1,
        .example_params =
            "[{\"blockStateCalls\":[{\"calls\":[{\"to\":" EXAMPLE_ADDRESS "}]}]},\"latest\"]",
        .example_result = "[]",
    },
    {
        .name = "eth_subscribe",
        .summary =
            "Over WebSocket: tells of new blocks, logs or admitted transactions as they come, by"
            " eth_subscription.",
        .params = {{"subscription", PARAM_SUBSCRIPTION, true},
                   {"options", PARAM_SUBSCRIPTION_OPTIONS, false}},
        .params_count = 2,
        .result_name = "subscription",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .run = method_eth_subscribe,
        .example_params = "[\"logs\",{\"address\":" EXAMPLE_ADDRESS "}]",
        .example_result = EXAMPLE_ID,
    },
    {
        .name = "eth_syncing",
        .summary = "False: a node shows only blocks it holds whole.",
        .result_name = "syncing",
        .result_schema = "{\"$ref\":\"#/components/schemas/SyncingStatus\"}",
        .place = WORKER,
        .run = method_eth_syncing,
        .example_params = "[]",
        .example_result = "false",
    },
    {
        .name = "eth_uninstallFilter",
        .summary = "Removes a filter; false if there is none.",
        .params = {{"filter", PARAM_ID, true}},
        .params_count = 1,
        .result_name = "isRemoved",
        .result_schema = "{\"type\":\"boolean\"}",
        .place = WORKER,
        .run = method_eth_uninstall_filter,
        .example_params = "[" EXAMPLE_ID "]",
        .example_result = "true",
    },
    {
        .name = "eth_unsubscribe",
        .summary = "Over WebSocket: ends a subscription of this connection.",
        .params = {{"subscription", PARAM_ID, true}},
        .params_count = 1,
        .result_name = "isEnded",
        .result_schema = "{\"type\":\"boolean\"}",
        .place = WORKER,
        .run = method_eth_unsubscribe,
        .example_params = "[" EXAMPLE_ID "]",
        .example_result = "true",
    },
    {
        .name = "net_listening",
        .summary = "True: the node answers.",
        .result_name = "listening",
        .result_schema = "{\"type\":\"boolean\"}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_net_listening,
        .example_params = "[]",
        .example_result = "true",
    },
    {
        .name = "net_peerCount",
        .summary = "How many nodes this one talks to: none, the committee has one member.",
        .result_name = "peers",
        .result_schema = "{\"$ref\":\"#/components/schemas/uint\"}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_net_peer_count,
        .example_params = "[]",
        .example_result = "\"0x0\"",
    },
    {
        .name = "net_version",
        .summary = "The chain id in decimal.",
        .result_name = "networkId",
        .result_schema = "{\"type\":\"string\"}",
        .place = WORKER,
        .run = method_net_version,
        .example_params = "[]",
        .example_result = "\"1337\"",
    },
    {
        .name = "org_create",
        .summary = "Founds an organisation on this node.",
        .params = {{"organisation", PARAM_ORG, true}},
        .params_count = 1,
        .result_name = "organisation",
        .result_schema = "{\"$ref\":\"#/components/schemas/Organisation\"}",
        .visibility = METHOD_TOKEN,
        .place = NODE,
        .needs_no_ledger = true,
        .run = method_org_create,
        .example_params =
            "[{\"name\":\"Acme\",\"symbol\":\"ACM\",\"founder\":" EXAMPLE_ADDRESS
            ",\"transparency\":\"open\",\"grant\":\"1000\",\"reason\":\"seed for the foun"
            "der\"}]",
        .example_result = EXAMPLE_ORG,
    },
    {
        .name = "org_get",
        .summary = "One organisation: charter, committee, epoch, supply. Without a name, that of"
                   " the endpoint.",
        .params = {{"name", PARAM_NAME, false}},
        .params_count = 1,
        .result_name = "organisation",
        .result_schema = "{\"$ref\":\"#/components/schemas/Organisation\"}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_org_get,
        .example_params = "[\"acme\"]",
        .example_result = EXAMPLE_ORG,
    },
    {
        .name = "org_getBlock",
        .summary = "A block whole, as members exchange it, with its certificates: what executing"
                   " the ledger oneself needs.",
        .params = {{"block", PARAM_BLOCK, true}},
        .params_count = 1,
        .result_name = "block",
        .result_schema =
            "{\"type\":\"object\",\"required\":[\"height\",\"hash\",\"container\",\"notarization\","
            "\"finalization\"],\"properties\":{\"height\":{\"$ref\":\"#/components/schemas/uint\"},"
            "\"hash\":{\"$ref\":\"#/components/schemas/hash32\"},\"container\":{\"$ref\":"
            "\"#/components/schemas/bytes\"},\"notarization\":{\"$ref\":\"#/components/schemas/"
            "bytes\"}"
            ",\"finalization\":{\"$ref\":\"#/components/schemas/bytes\"}}}",
        .place = WORKER,
        .run = method_org_get_block,
        .example_params = "[\"0x1\"]",
        .example_result =
            "{\"height\":\"0x1\",\"hash\":" EXAMPLE_HASH
            ",\"container\":\"0xc0\",\"notarization\":\"0x\",\"finalization\":\"0x\"}",
    },
    {
        .name = "org_getFinalityProof",
        .summary = "What proves that a block is final: headers and a certificate of the committe"
                   "e.",
        .params = {{"block", PARAM_BLOCK, true}},
        .params_count = 1,
        .result_name = "proof",
        .result_schema = "{\"$ref\":\"#/components/schemas/FinalityProof\"}",
        .place = WORKER,
        .run = method_org_get_finality_proof,
        .example_params = "[\"0x1\"]",
        .example_result =
            "{\"height\":\"0x1\",\"chainId\":\"0x539\",\"id\":" EXAMPLE_HASH
            ",\"headersCount\":\"0x1\",\"finalization\":{\"kind\":\"finalize\",\"epoch\":"
            "\"0x1\",\"view\":\"0x1\",\"parentView\":\"0x0\",\"blockHash\":" EXAMPLE_HASH
            ",\"signatures\":[]},\"proof\":\"0x\"}",
    },
    {
        .name = "org_getHistory",
        .summary = "What touched an account, the newest first: transactions, token transfers, coin "
                   "that blocks credit.",
        .params = {{"account", PARAM_ADDRESS, true},
                   {"limit", PARAM_COUNT, false},
                   {"next", PARAM_DATA, false}},
        .params_count = 3,
        .result_name = "page",
        .result_schema = "{\"$ref\":\"#/components/schemas/HistoryPage\"}",
        .place = WORKER,
        .run = method_org_get_history,
        .example_params = "[" EXAMPLE_ADDRESS ",10]",
        .example_result = "{\"entries\":[],\"next\":null}",
    },
    {
        .name = "org_list",
        .summary = "The organisations of this node, the default one first.",
        .result_name = "organisations",
        .result_schema = "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
                         "OrganisationSummary\"}}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_org_list,
        .example_params = "[]",
        .example_result =
            "[{\"label\":\"acme\",\"name\":\"Acme\",\"symbol\":\"ACM\",\"id\":" EXAMPLE_HASH
            ",\"chainId\":\"0x539\",\"founder\":" EXAMPLE_ADDRESS
            ",\"transparency\":\"open\",\"height\":\"0x1\",\"timestamp\":\"0x6740a000\","
            "\"isDefault\":true,\"stopped\":null,\"path\":\"/o/acme\"}]",
    },
    {
        .name = "rpc.discover",
        .summary = "This document.",
        .result_name = "document",
        .result_schema = "{\"type\":\"object\"}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_rpc_discover,
        .example_params = "[]",
        .example_result = "{\"openrpc\":\"1.3.2\"}",
    },
    {
        .name = "txpool_content",
        .summary = "All waiting transactions, by sender and nonce.",
        .result_name = "content",
        .result_schema = "{\"$ref\":\"#/components/schemas/TxpoolContent\"}",
        .place = RPC_ON_LEDGER,
        .run = method_txpool_content,
        .example_params = "[]",
        .example_result = "{\"pending\":{},\"queued\":{}}",
    },
    {
        .name = "txpool_contentFrom",
        .summary = "The waiting transactions of one sender, by nonce.",
        .params = {{"address", PARAM_ADDRESS, true}},
        .params_count = 1,
        .result_name = "content",
        .result_schema = "{\"$ref\":\"#/components/schemas/TxpoolContentFromResult\"}",
        .place = RPC_ON_LEDGER,
        .run = method_txpool_content_from,
        .example_params = "[" EXAMPLE_ADDRESS "]",
        .example_result = "{\"pending\":{},\"queued\":{}}",
    },
    {
        .name = "txpool_inspect",
        .summary = "All waiting transactions, a line each.",
        .result_name = "lines",
        .result_schema = "{\"type\":\"object\",\"required\":[\"pending\",\"queued\"]}",
        .place = RPC_ON_LEDGER,
        .run = method_txpool_inspect,
        .example_params = "[]",
        .example_result = "{\"pending\":{},\"queued\":{}}",
    },
    {
        .name = "txpool_status",
        .summary = "How many transactions wait: ready ones, and those above a gap of nonces.",
        .result_name = "status",
        .result_schema = "{\"$ref\":\"#/components/schemas/TxpoolStatus\"}",
        .place = RPC_ON_LEDGER,
        .run = method_txpool_status,
        .example_params = "[]",
        .example_result = "{\"pending\":\"0x1\",\"queued\":\"0x0\"}",
    },
    {
        .name = "web3_clientVersion",
        .summary = "The program and its version.",
        .result_name = "clientVersion",
        .result_schema = "{\"type\":\"string\"}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_web3_client_version,
        .example_params = "[]",
        .example_result = "\"Leither/v0.1.0/linux\"",
    },
    {
        .name = "web3_sha3",
        .summary = "The Keccak-256 of some bytes.",
        .params = {{"data", PARAM_DATA, true}},
        .params_count = 1,
        .result_name = "hash",
        .result_schema = "{\"$ref\":\"#/components/schemas/hash32\"}",
        .place = WORKER,
        .needs_no_ledger = true,
        .run = method_web3_sha3,
        .example_params = "[\"0x\"]",
        .example_result = "\"0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470\"",
    },
};
const size_t METHODS_COUNT = sizeof METHODS / sizeof *METHODS;

static int compare(const void *key, const void *row)
{
    const struct bytes *name = key;
    const char *known = ((const struct method *)row)->name;
    size_t size = strlen(known), least = size < name->size ? size : name->size;
    int order = memcmp(name->data, known, least);
    return order != 0 ? order : (name->size > size) - (name->size < size);
}

const struct method *method_find(struct bytes name)
{
    return bsearch(&name, METHODS, METHODS_COUNT, sizeof *METHODS, compare);
}
