/* Every method there is: what dispatch calls and what rpc.discover shows. Sorted by name. */
#include "rpc/methods/methods.h"

#include <stdlib.h>

#define WORKER RPC_ANY_WORKER
#define NODE   RPC_ON_NODE

/* For examples: 256 bytes of nothing. */
#define ZEROES_32       "0000000000000000000000000000000000000000000000000000000000000000"
#define ZEROES_256      ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32
#define EXAMPLE_BLOOM   "\"0x" ZEROES_256 "\""
#define EXAMPLE_HASH    "\"0x1111111111111111111111111111111111111111111111111111111111111111\""
#define EXAMPLE_ADDRESS "\"0x00000000000000000000000000000000000a11ce\""

const struct method METHODS[] = {
    {
        .name = "debug_getRawBlock",
        .summary = "A block's RLP as geth encodes it.",
        .params = {{"block", PARAM_BLOCK, true}},
        .params_count = 1,
        .result_name = "block",
        .result_schema = "{\"$ref\":\"#/components/schemas/bytes\"}",
        .place = WORKER,
        .run = method_debug_get_raw_block,
        .example_params = "[\"0x1\"]",
        .example_result = "\"0xc0\"",
    },
    {
        .name = "debug_getRawHeader",
        .summary = "A block header's RLP.",
        .params = {{"block", PARAM_BLOCK, true}},
        .params_count = 1,
        .result_name = "header",
        .result_schema = "{\"$ref\":\"#/components/schemas/bytes\"}",
        .place = WORKER,
        .run = method_debug_get_raw_header,
        .example_params = "[\"0x1\"]",
        .example_result = "\"0xc0\"",
    },
    {
        .name = "debug_getRawReceipts",
        .summary = "A block's receipts in their EIP-2718 form.",
        .params = {{"block", PARAM_BLOCK, true}},
        .params_count = 1,
        .result_name = "receipts",
        .result_schema = "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/bytes\"}}",
        .place = WORKER,
        .run = method_debug_get_raw_receipts,
        .example_params = "[\"0x1\"]",
        .example_result = "[]",
    },
    {
        .name = "debug_getRawTransaction",
        .summary =
            "A transaction in its EIP-2718 form, final or waiting; nothing if it is not known.",
        .params = {{"hash", PARAM_HASH, true}},
        .params_count = 1,
        .result_name = "transaction",
        .result_schema = "{\"$ref\":\"#/components/schemas/bytes\"}",
        .place = WORKER,
        .run = method_debug_get_raw_transaction,
        .example_params = "[" EXAMPLE_HASH "]",
        .example_result = "\"0x\"",
    },
    {
        .name = "debug_traceBlockByHash",
        .summary = "Carries a block out again and tells every transaction of it.",
        .params = {{"block", PARAM_HASH, true}, {"config", PARAM_TRACE, false}},
        .params_count = 2,
        .result_name = "traces",
        .result_schema = "{\"$ref\":\"#/components/schemas/BlockTrace\"}",
        .place = WORKER,
        .run = method_debug_trace_block,
        .example_params = "[" EXAMPLE_HASH "]",
        .example_result =
            "[{\"txHash\":" EXAMPLE_HASH ",\"result\":{\"structLogs\":[],\"gas\":21000,"
            "\"failed\":false,\"returnValue\":\"0x\"}}]",
    },
    {
        .name = "debug_traceBlockByNumber",
        .summary = "Carries a block out again and tells every transaction of it.",
        .params = {{"block", PARAM_HEIGHT, true}, {"config", PARAM_TRACE, false}},
        .params_count = 2,
        .result_name = "traces",
        .result_schema = "{\"$ref\":\"#/components/schemas/BlockTrace\"}",
        .place = WORKER,
        .run = method_debug_trace_block,
        .example_params = "[\"0x1\"]",
        .example_result =
            "[{\"txHash\":" EXAMPLE_HASH ",\"result\":{\"structLogs\":[],\"gas\":21000,"
            "\"failed\":false,\"returnValue\":\"0x\"}}]",
    },
    {
        .name = "debug_traceCall",
        .summary = "Runs code without a transaction and tells what it did.",
        .params = {{"transaction", PARAM_TRANSACTION, true},
                   {"block", PARAM_BLOCK, false},
                   {"config", PARAM_TRACE, false}},
        .params_count = 3,
        .result_name = "trace",
        .result_schema = "{\"$ref\":\"#/components/schemas/Trace\"}",
        .place = WORKER,
        .run = method_debug_trace_call,
        .example_params = "[{\"to\":" EXAMPLE_ADDRESS "},\"latest\",{\"tracer\":\"callTracer\"}]",
        .example_result =
            "{\"from\":" EXAMPLE_ADDRESS ",\"gas\":\"0x2faf080\",\"gasUsed\":\"0x5208\","
            "\"to\":" EXAMPLE_ADDRESS ",\"input\":\"0x\",\"value\":\"0x0\",\"type\":\"CALL\"}",
    },
    {
        .name = "debug_traceTransaction",
        .summary = "Carries a final transaction out again, as it was, and tells what it did.",
        .params = {{"transaction", PARAM_HASH, true}, {"config", PARAM_TRACE, false}},
        .params_count = 2,
        .result_name = "trace",
        .result_schema = "{\"$ref\":\"#/components/schemas/Trace\"}",
        .place = WORKER,
        .run = method_debug_trace_transaction,
        .example_params = "[" EXAMPLE_HASH ",{\"tracer\":\"callTracer\"}]",
        .example_result =
            "{\"from\":" EXAMPLE_ADDRESS ",\"gas\":\"0x5208\",\"gasUsed\":\"0x5208\","
            "\"to\":" EXAMPLE_ADDRESS ",\"input\":\"0x\",\"value\":\"0x1\",\"type\":\"CALL\"}",
    },
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
        .run = method_eth_call,
        .example_params = "[{\"to\":" EXAMPLE_ADDRESS ",\"input\":\"0x70a08231\"},\"latest\"]",
        .example_result = "\"0x0000000000000000000000000000000000000000000000000000000000000000\"",
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
        .example_result =
            "{\"hash\":" EXAMPLE_HASH ",\"parentHash\":" EXAMPLE_HASH
            ",\"sha3Uncles\":" EXAMPLE_HASH ",\"miner\":" EXAMPLE_ADDRESS
            ",\"stateRoot\":" EXAMPLE_HASH ",\"transactionsRoot\":" EXAMPLE_HASH
            ",\"receiptsRoot\":" EXAMPLE_HASH ",\"logsBloom\":" EXAMPLE_BLOOM
            ",\"difficulty\":\"0x0\",\"number\":\"0x1\",\"gasLimit\":\"0x1c9c380\",\"gasU"
            "sed\":\"0x0\",\"timestamp\":\"0x6740a000\",\"extraData\":\"0x\","
            "\"mixHash\":" EXAMPLE_HASH
            ",\"nonce\":\"0x0000000000000000\",\"baseFeePerGas\":\"0x0\",\"withdrawalsRoo"
            "t\":" EXAMPLE_HASH
            ",\"blobGasUsed\":\"0x0\",\"excessBlobGas\":\"0x0\",\"parentBeaconBlockRoot\""
            ":" EXAMPLE_HASH
            ",\"size\":\"0x26d\",\"transactions\":[],\"uncles\":[],\"withdrawals\":[]}",
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
        .run = method_eth_get_block,
        .example_params = "[\"latest\",false]",
        .example_result =
            "{\"hash\":" EXAMPLE_HASH ",\"parentHash\":" EXAMPLE_HASH
            ",\"sha3Uncles\":" EXAMPLE_HASH ",\"miner\":" EXAMPLE_ADDRESS
            ",\"stateRoot\":" EXAMPLE_HASH ",\"transactionsRoot\":" EXAMPLE_HASH
            ",\"receiptsRoot\":" EXAMPLE_HASH ",\"logsBloom\":" EXAMPLE_BLOOM
            ",\"difficulty\":\"0x0\",\"number\":\"0x1\",\"gasLimit\":\"0x1c9c380\",\"gasU"
            "sed\":\"0x0\",\"timestamp\":\"0x6740a000\",\"extraData\":\"0x\","
            "\"mixHash\":" EXAMPLE_HASH
            ",\"nonce\":\"0x0000000000000000\",\"baseFeePerGas\":\"0x0\",\"withdrawalsRoo"
            "t\":" EXAMPLE_HASH
            ",\"blobGasUsed\":\"0x0\",\"excessBlobGas\":\"0x0\",\"parentBeaconBlockRoot\""
            ":" EXAMPLE_HASH
            ",\"size\":\"0x26d\",\"transactions\":[],\"uncles\":[],\"withdrawals\":[]}",
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
        .run = method_eth_get_code,
        .example_params = "[" EXAMPLE_ADDRESS ",\"latest\"]",
        .example_result = "\"0x\"",
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
        .example_result =
            "[{\"address\":" EXAMPLE_ADDRESS ",\"topics\":[],\"data\":\"0x\",\"blockNumber\":"
            "\"0x1\",\"transactionHash\":" EXAMPLE_HASH
            ",\"transactionIndex\":\"0x0\",\"blockHash\":" EXAMPLE_HASH
            ",\"blockTimestamp\":\"0x6740a000\",\"logIndex\":\"0x0\",\"removed\":false}]",
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
        .example_result =
            "{\"blockHash\":" EXAMPLE_HASH
            ",\"blockNumber\":\"0x1\",\"transactionIndex\":\"0x0\",\"blockTimestamp\":\"0"
            "x6740a000\",\"from\":" EXAMPLE_ADDRESS
            ",\"gas\":\"0x5208\",\"gasPrice\":\"0x0\",\"maxFeePerGas\":\"0x0\",\"maxPrior"
            "ityFeePerGas\":\"0x0\",\"hash\":" EXAMPLE_HASH
            ",\"input\":\"0x\",\"nonce\":\"0x0\",\"to\":" EXAMPLE_ADDRESS
            ",\"value\":\"0x1\",\"type\":\"0x2\",\"accessList\":[],\"chainId\":\"0x539\","
            "\"v\":\"0x0\",\"yParity\":\"0x0\",\"r\":\"0x1\",\"s\":\"0x1\"}",
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
        .run = method_eth_get_transaction_in_block,
        .example_params = "[\"0x1\",\"0x0\"]",
        .example_result =
            "{\"blockHash\":" EXAMPLE_HASH
            ",\"blockNumber\":\"0x1\",\"transactionIndex\":\"0x0\",\"blockTimestamp\":\"0"
            "x6740a000\",\"from\":" EXAMPLE_ADDRESS
            ",\"gas\":\"0x5208\",\"gasPrice\":\"0x0\",\"maxFeePerGas\":\"0x0\",\"maxPrior"
            "ityFeePerGas\":\"0x0\",\"hash\":" EXAMPLE_HASH
            ",\"input\":\"0x\",\"nonce\":\"0x0\",\"to\":" EXAMPLE_ADDRESS
            ",\"value\":\"0x1\",\"type\":\"0x2\",\"accessList\":[],\"chainId\":\"0x539\","
            "\"v\":\"0x0\",\"yParity\":\"0x0\",\"r\":\"0x1\",\"s\":\"0x1\"}",
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
        .example_result =
            "{\"blockHash\":" EXAMPLE_HASH
            ",\"blockNumber\":\"0x1\",\"transactionIndex\":\"0x0\",\"blockTimestamp\":\"0"
            "x6740a000\",\"from\":" EXAMPLE_ADDRESS
            ",\"gas\":\"0x5208\",\"gasPrice\":\"0x0\",\"maxFeePerGas\":\"0x0\",\"maxPrior"
            "ityFeePerGas\":\"0x0\",\"hash\":" EXAMPLE_HASH
            ",\"input\":\"0x\",\"nonce\":\"0x0\",\"to\":" EXAMPLE_ADDRESS
            ",\"value\":\"0x1\",\"type\":\"0x2\",\"accessList\":[],\"chainId\":\"0x539\","
            "\"v\":\"0x0\",\"yParity\":\"0x0\",\"r\":\"0x1\",\"s\":\"0x1\"}",
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
        .example_result =
            "{\"label\":\"acme\",\"path\":\"/o/acme\",\"isDefault\":true,\"height\":\"0x1"
            "\",\"name\":\"Acme\",\"symbol\":\"ACM\",\"id\":" EXAMPLE_HASH
            ",\"chainId\":\"0x539\",\"founder\":" EXAMPLE_ADDRESS
            ",\"transparency\":\"open\",\"fees\":\"free\",\"baseFeeFloor\":\"0x0\",\"crea"
            "ted\":\"0x6740a000\",\"fork\":\"osaka\",\"genesisCoin\":[],\"supply\":{\"is"
            "sued\":\"0x0\",\"reissued\":\"0x0\",\"burnt\":\"0x0\",\"retired\":\"0x0\",\""
            "destroyed\":\"0x0\",\"outstanding\":\"0x0\"},\"epoch\":{\"number\":\"0x1\"},"
            "\"committee\":[],\"stopped\":null,\"charter\":{}}",
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
        .example_result =
            "{\"label\":\"acme\",\"path\":\"/o/acme\",\"isDefault\":true,\"height\":\"0x1"
            "\",\"name\":\"Acme\",\"symbol\":\"ACM\",\"id\":" EXAMPLE_HASH
            ",\"chainId\":\"0x539\",\"founder\":" EXAMPLE_ADDRESS
            ",\"transparency\":\"open\",\"fees\":\"free\",\"baseFeeFloor\":\"0x0\",\"crea"
            "ted\":\"0x6740a000\",\"fork\":\"osaka\",\"genesisCoin\":[],\"supply\":{\"is"
            "sued\":\"0x0\",\"reissued\":\"0x0\",\"burnt\":\"0x0\",\"retired\":\"0x0\",\""
            "destroyed\":\"0x0\",\"outstanding\":\"0x0\"},\"epoch\":{\"number\":\"0x1\"},"
            "\"committee\":[],\"stopped\":null,\"charter\":{}}",
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
