# Made from rpc.discover by rpc/clients/generate.mjs: do not edit.
"""Leither's JSON-RPC for Python: one function a method, named as the method is."""
from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, Dict, List, Literal, NotRequired, Optional, TypedDict, Union

# Access list.
AccessList = List["AccessListEntry"]
# Access list entry.
AccessListEntry = TypedDict(
    "AccessListEntry",
    {
        "address": "Address",
        "storageKeys": List["Hash32"],
    },
)
# Account proof.
AccountProof = TypedDict(
    "AccountProof",
    {
        "address": "Address",
        "accountProof": List["Bytes"],
        "balance": "Uint256",
        "codeHash": "Hash32",
        "nonce": "Uint64",
        "storageHash": "Hash32",
        "storageProof": List["StorageProof"],
    },
)
# Storage slots.
AccountStorage = Dict[str, "Hash32"]
# hex encoded address.
Address = str
# hex encoded address.
Addresses = List["Address"]
# Authorization list.
AuthorizationList = List["AuthorizationListEntry"]
# Authorization (EIP-7702).
AuthorizationListEntry = TypedDict(
    "AuthorizationListEntry",
    {
        "chainId": "Uint",
        "address": "Address",
        "nonce": "Uint",
        "yParity": "Uint",
        "r": "Uint",
        "s": "Uint",
    },
)
# Blob schedule.
BlobSchedule = TypedDict(
    "BlobSchedule",
    {
        "baseFeeUpdateFraction": int,
        "max": int,
        "target": int,
    },
)
# Block object.
Block = TypedDict(
    "Block",
    {
        "hash": "Hash32",
        "parentHash": "Hash32",
        "sha3Uncles": "Hash32",
        "miner": "Address",
        "stateRoot": "Hash32",
        "transactionsRoot": "Hash32",
        "receiptsRoot": "Hash32",
        "logsBloom": "Bytes256",
        "difficulty": NotRequired["Uint"],
        "number": "Uint",
        "gasLimit": "Uint",
        "gasUsed": "Uint",
        "timestamp": "Uint",
        "extraData": "Bytes",
        "mixHash": "Hash32",
        "nonce": "Bytes8",
        "baseFeePerGas": NotRequired["Uint"],
        "withdrawalsRoot": NotRequired["Hash32"],
        "blobGasUsed": NotRequired["Uint"],
        "excessBlobGas": NotRequired["Uint"],
        "parentBeaconBlockRoot": NotRequired["Hash32"],
        "size": "Uint",
        "transactions": List[Union["Hash32", "TransactionInfo"]],
        "withdrawals": NotRequired[List["Withdrawal"]],
        "uncles": List["Hash32"],
        "requestsHash": NotRequired["Hash32"],
    },
)
# Block number or tag.
BlockNumberOrTag = Union["Uint", "BlockTag"]
# Block number or tag.
BlockNumberOrTagForRange = Union["Uint", "BlockTagForRange"]
# Block number, tag, or block hash.
BlockNumberOrTagOrHash = Union["Uint", "BlockTag", "Hash32"]
# Context fields related to the block being executed.
BlockOverrides = TypedDict(
    "BlockOverrides",
    {
        "number": NotRequired["Uint64"],
        "prevRandao": NotRequired["Uint256"],
        "time": NotRequired["Uint64"],
        "gasLimit": NotRequired["Uint64"],
        "feeRecipient": NotRequired["Address"],
        "baseFeePerGas": NotRequired["Uint256"],
        "withdrawals": NotRequired["Withdrawals"],
        "blobBaseFee": NotRequired["Uint64"],
    },
)
# Block tag.
BlockTag = Literal["earliest", "finalized", "safe", "latest", "pending"]
# Block tag.
BlockTagForRange = Literal["earliest", "finalized", "safe", "latest"]
# Traces of a block's transactions.
BlockTrace = List["BlockTraceItem"]
BlockTraceItem = TypedDict(
    "BlockTraceItem",
    {
        "txHash": "Hash32",
        "result": "Trace",
    },
)
# hex encoded byte.
Byte = str
# hex encoded bytes.
Bytes = str
# 256 hex encoded bytes.
Bytes256 = str
# 32 hex encoded bytes.
Bytes32 = str
# 4 hex encoded bytes.
Bytes4 = str
# 8 hex encoded bytes.
Bytes8 = str
# 32 hex encoded bytes.
BytesMax32 = str
# Results of eth_simulate within block.
CallResults = List["CallResultsItem"]
CallResultsItem = TypedDict(
    "CallResultsItem",
    {
        "status": str,
        "returnData": "Bytes",
        "gasUsed": "Uint64",
        "maxUsedGas": NotRequired["Uint64"],
        "error": NotRequired["CallResultsItemError"],
        "logs": NotRequired[List["Log"]],
    },
)
CallResultsItemError = TypedDict(
    "CallResultsItemError",
    {
        "code": NotRequired[Any],
        "message": NotRequired[str],
    },
)
# A message and those it sent (callTracer).
CallTrace = TypedDict(
    "CallTrace",
    {
        "type": Literal["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL", "CREATE", "CREATE2", "SELFDESTRUCT"],
        "from": "Address",
        "to": NotRequired["Address"],
        "gas": "Uint",
        "gasUsed": "Uint",
        "value": NotRequired["Uint256"],
        "input": "Bytes",
        "output": NotRequired["Bytes"],
        "error": NotRequired[str],
        "revertReason": NotRequired[str],
        "calls": NotRequired[List["CallTrace"]],
        "logs": NotRequired[List["CallTraceLog"]],
    },
)
# A log, where its message sent it.
CallTraceLog = TypedDict(
    "CallTraceLog",
    {
        "address": "Address",
        "topics": List["Bytes32"],
        "data": "Bytes",
        "position": "Uint",
        "index": "Uint",
    },
)
# Configuration object.
ConfigObject = TypedDict(
    "ConfigObject",
    {
        "activationTime": float,
        "blobSchedule": "BlobSchedule",
        "chainId": "Uint",
        "forkId": "Bytes4",
        "precompiles": Dict[str, "Address"],
        "systemContracts": Dict[str, "Address"],
    },
)
# Configuration response.
ConfigurationResponse = TypedDict(
    "ConfigurationResponse",
    {
        "current": "ConfigObject",
        "next": Optional["ConfigObject"],
        "last": Optional["ConfigObject"],
    },
)
# Effective routing capabilities.
EthCapabilities = TypedDict(
    "EthCapabilities",
    {
        "head": "EthCapabilitiesHead",
        "state": "EthCapabilitiesEffectiveResource",
        "tx": "EthCapabilitiesEffectiveResource",
        "logs": "EthCapabilitiesEffectiveResource",
        "receipts": "EthCapabilitiesEffectiveResource",
        "blocks": "EthCapabilitiesEffectiveResource",
        "stateproofs": "EthCapabilitiesEffectiveResource",
    },
)
# Delete strategy.
EthCapabilitiesDeleteStrategy = TypedDict(
    "EthCapabilitiesDeleteStrategy",
    {
        "type": Literal["window"],
        "retentionBlocks": "Uint",
    },
)
# Effective resource capability.
EthCapabilitiesEffectiveResource = TypedDict(
    "EthCapabilitiesEffectiveResource",
    {
        "disabled": bool,
        "oldestBlock": NotRequired["Uint"],
        "deleteStrategy": NotRequired["EthCapabilitiesDeleteStrategy"],
    },
)
# Current head block.
EthCapabilitiesHead = TypedDict(
    "EthCapabilitiesHead",
    {
        "number": "Uint",
        "hash": "Hash32",
    },
)
EthCreateAccessListResult = TypedDict(
    "EthCreateAccessListResult",
    {
        "accessList": "AccessList",
        "error": NotRequired[str],
        "gasUsed": "Uint",
    },
)
# Result of eth_simulate block-level, with array of calls.
EthSimulateBlockResultSingleSuccess = TypedDict(
    "EthSimulateBlockResultSingleSuccess",
    {
        "hash": "Hash32",
        "parentHash": "Hash32",
        "sha3Uncles": "Hash32",
        "miner": "Address",
        "stateRoot": "Hash32",
        "transactionsRoot": "Hash32",
        "receiptsRoot": "Hash32",
        "logsBloom": "Bytes256",
        "difficulty": NotRequired["Uint"],
        "number": "Uint",
        "gasLimit": "Uint",
        "gasUsed": "Uint",
        "timestamp": "Uint",
        "extraData": "Bytes",
        "mixHash": "Hash32",
        "nonce": "Bytes8",
        "baseFeePerGas": NotRequired["Uint"],
        "withdrawalsRoot": NotRequired["Hash32"],
        "blobGasUsed": NotRequired["Uint"],
        "excessBlobGas": NotRequired["Uint"],
        "parentBeaconBlockRoot": NotRequired["Hash32"],
        "size": "Uint",
        "transactions": List[Union["Hash32", "TransactionInfo"]],
        "withdrawals": NotRequired[List["Withdrawal"]],
        "uncles": List["Hash32"],
        "requestsHash": NotRequired["Hash32"],
        "calls": "CallResults",
    },
)
# What to simulate.
EthSimulatePayload = TypedDict(
    "EthSimulatePayload",
    {
        "blockStateCalls": List["EthSimulatePayloadBlockStateCallsItem"],
        "traceTransfers": NotRequired[bool],
        "validation": NotRequired[bool],
        "returnFullTransactions": NotRequired[bool],
    },
)
EthSimulatePayloadBlockStateCallsItem = TypedDict(
    "EthSimulatePayloadBlockStateCallsItem",
    {
        "blockOverrides": NotRequired["BlockOverrides"],
        "stateOverrides": NotRequired["StateOverrides"],
        "calls": NotRequired[List["GenericTransaction"]],
    },
)
# Full results of eth_simulate.
EthSimulateResult = List["EthSimulateBlockResultSingleSuccess"]
# feeHistoryResults.
FeeHistory = TypedDict(
    "FeeHistory",
    {
        "oldestBlock": "Uint",
        "baseFeePerGas": List["Uint"],
        "baseFeePerBlobGas": NotRequired[List["Uint"]],
        "gasUsedRatio": List["Ratio"],
        "blobGasUsedRatio": NotRequired[List["Ratio"]],
        "reward": NotRequired[List[List["Uint"]]],
    },
)
# filter.
Filter = TypedDict(
    "Filter",
    {
        "fromBlock": NotRequired["BlockNumberOrTagForRange"],
        "toBlock": NotRequired["BlockNumberOrTagForRange"],
        "address": NotRequired[Union[None, "Address", "Addresses"]],
        "topics": NotRequired["FilterTopics"],
        "blockHash": NotRequired["Hash32"],
    },
)
# Filter results.
FilterResults = Union[List["Hash32"], List["Log"]]
# Filter Topic List Entry.
FilterTopic = Union[None, "Bytes32", List["Bytes32"]]
# Filter Topics.
FilterTopics = Optional[List["FilterTopic"]]
# Finality proof.
FinalityProof = TypedDict(
    "FinalityProof",
    {
        "height": "Uint",
        "chainId": "Uint",
        "id": "Hash32",
        "headersCount": "Uint",
        "finalization": Dict[str, Any],
        "proof": "Bytes",
    },
)
# Transaction object for calls.
GenericTransaction = TypedDict(
    "GenericTransaction",
    {
        "type": NotRequired["Byte"],
        "nonce": NotRequired["Uint"],
        "from": NotRequired["Address"],
        "gas": NotRequired["Uint"],
        "value": NotRequired["Uint"],
        "input": NotRequired["Bytes"],
        "data": NotRequired["Bytes"],
        "gasPrice": NotRequired["Uint"],
        "maxPriorityFeePerGas": NotRequired["Uint"],
        "maxFeePerGas": NotRequired["Uint"],
        "accessList": NotRequired["AccessList"],
        "authorizationList": NotRequired["AuthorizationList"],
        "chainId": NotRequired["Uint"],
        "to": NotRequired[Optional["Address"]],
    },
)
# 32 byte hex value.
Hash32 = str
# A transaction, or a block, that touched an account.
HistoryEntry = TypedDict(
    "HistoryEntry",
    {
        "blockNumber": "Uint",
        "blockHash": "Hash32",
        "blockTimestamp": "Uint",
        "transactionHash": NotRequired["Hash32"],
        "transactionIndex": NotRequired["Uint"],
        "from": NotRequired["Address"],
        "to": NotRequired[Optional["Address"]],
        "contractAddress": NotRequired["Address"],
        "value": NotRequired["Uint256"],
        "status": NotRequired["Uint"],
        "fee": NotRequired["Uint256"],
        "tokenTransfers": NotRequired[List["TokenTransfer"]],
        "hasMoreTokenTransfers": NotRequired[bool],
        "coins": NotRequired[List["HistoryEntryCoinsItem"]],
        "roles": List[Literal["sent", "received", "created", "tokens", "authorized", "coin"]],
    },
)
HistoryEntryCoinsItem = TypedDict(
    "HistoryEntryCoinsItem",
    {
        "amount": "Uint256",
        "reason": NotRequired[str],
    },
)
# A page of an account's history.
HistoryPage = TypedDict(
    "HistoryPage",
    {
        "entries": List["HistoryEntry"],
        "next": Optional["Bytes"],
    },
)
# log.
Log = TypedDict(
    "Log",
    {
        "removed": NotRequired[bool],
        "logIndex": NotRequired["Uint"],
        "transactionIndex": NotRequired["Uint"],
        "transactionHash": "Hash32",
        "blockHash": NotRequired["Hash32"],
        "blockNumber": NotRequired["Uint"],
        "blockTimestamp": NotRequired["Uint"],
        "address": NotRequired["Address"],
        "data": NotRequired["Bytes"],
        "topics": NotRequired[List["Bytes32"]],
    },
)
# Opcode transaction trace.
OpcodeTransactionTrace = TypedDict(
    "OpcodeTransactionTrace",
    {
        "gas": int,
        "failed": bool,
        "returnValue": "Bytes",
        "structLogs": List["StructLog"],
    },
)
OrgFoundOfferResult = TypedDict(
    "OrgFoundOfferResult",
    {
        "state": Literal["asked", "offered"],
        "entry": Optional["Bytes"],
        "network": "Uint",
    },
)
OrgGetBlockResult = TypedDict(
    "OrgGetBlockResult",
    {
        "height": "Uint",
        "hash": "Hash32",
        "container": "Bytes",
        "finalization": Optional["Bytes"],
    },
)
OrgGetSealsResult = TypedDict(
    "OrgGetSealsResult",
    {
        "epoch": "Uint",
        "links": "Uint",
        "newest": "Uint",
        "chain": "Bytes",
    },
)
# Organisation.
Organisation = TypedDict(
    "Organisation",
    {
        "label": str,
        "name": str,
        "symbol": str,
        "id": "Hash32",
        "chainId": "Uint",
        "founder": "Address",
        "transparency": str,
        "height": "Uint",
        "isDefault": bool,
        "stopped": Optional[str],
        "path": str,
        "fees": NotRequired[Literal["free", "market"]],
        "baseFeeFloor": NotRequired["Uint"],
        "created": NotRequired["Uint"],
        "fork": NotRequired[str],
        "genesisCoin": List["OrganisationGenesisCoinItem"],
        "supply": "OrganisationSupply",
        "epoch": Dict[str, Any],
        "committee": List[Dict[str, Any]],
        "charter": Dict[str, Any],
    },
)
OrganisationGenesisCoinItem = TypedDict(
    "OrganisationGenesisCoinItem",
    {
        "to": "Address",
        "amount": "Uint",
        "reason": str,
    },
)
# What a founder decides.
OrganisationRequest = TypedDict(
    "OrganisationRequest",
    {
        "label": NotRequired[str],
        "name": str,
        "symbol": str,
        "founder": "Address",
        "transparency": Literal["open", "members", "parties", "sealed"],
        "fees": NotRequired[Literal["free", "market"]],
        "baseFee": NotRequired["Uint"],
        "fork": NotRequired[Literal["cancun", "prague", "osaka"]],
        "chainId": NotRequired[Union["Uint", int]],
        "grant": NotRequired[str],
        "reason": NotRequired[str],
        "pulse": NotRequired[Union["Uint", int]],
        "makeDefault": NotRequired[bool],
    },
)
# Organisation in brief.
OrganisationSummary = TypedDict(
    "OrganisationSummary",
    {
        "label": str,
        "name": str,
        "symbol": str,
        "id": "Hash32",
        "chainId": "Uint",
        "founder": "Address",
        "transparency": str,
        "height": "Uint",
        "isDefault": bool,
        "stopped": Optional[str],
        "path": str,
        "timestamp": "Uint",
    },
)
OrganisationSupply = TypedDict(
    "OrganisationSupply",
    {
        "issued": "Uint",
        "reissued": "Uint",
        "burnt": "Uint",
        "retired": "Uint",
        "destroyed": "Uint",
        "outstanding": "Uint",
    },
)
# Pending transaction information.
PendingTransactionInfo = TypedDict(
    "PendingTransactionInfo",
    {
        "blockHash": NotRequired[None],
        "blockNumber": NotRequired[None],
        "blockTimestamp": NotRequired[None],
        "from": "Address",
        "hash": "Hash32",
        "transactionIndex": NotRequired[None],
        "type": str,
        "nonce": "Uint",
        "to": NotRequired["Address"],
        "gas": "Uint",
        "value": "Uint",
        "input": "Bytes",
        "maxPriorityFeePerGas": NotRequired["Uint"],
        "maxFeePerGas": NotRequired["Uint"],
        "gasPrice": NotRequired["Uint"],
        "accessList": NotRequired["AccessList"],
        "chainId": NotRequired["Uint"],
        "authorizationList": NotRequired["AuthorizationList"],
        "yParity": NotRequired["Byte"],
        "v": NotRequired["Byte"],
        "r": "Uint",
        "s": "Uint",
        "maxFeePerBlobGas": NotRequired["Uint"],
        "blobVersionedHashes": NotRequired[List["Hash32"]],
    },
)
# An account before or after a transaction (prestateTracer).
PrestateAccount = TypedDict(
    "PrestateAccount",
    {
        "balance": NotRequired["Uint256"],
        "code": NotRequired["Bytes"],
        "codeHash": NotRequired["Hash32"],
        "nonce": NotRequired[int],
        "storage": NotRequired[Dict[str, "Bytes32"]],
    },
)
# What changed (prestateTracer, diffMode).
PrestateDiff = TypedDict(
    "PrestateDiff",
    {
        "post": "PrestateTrace",
        "pre": "PrestateTrace",
    },
)
# Accounts by address (prestateTracer).
PrestateTrace = Dict[str, "PrestateAccount"]
# normalized ratio.
Ratio = float
# Receipt information.
ReceiptInfo = TypedDict(
    "ReceiptInfo",
    {
        "type": NotRequired["Byte"],
        "transactionHash": "Hash32",
        "transactionIndex": "Uint",
        "blockHash": "Hash32",
        "blockNumber": "Uint",
        "from": "Address",
        "to": NotRequired[Optional["Address"]],
        "cumulativeGasUsed": "Uint",
        "gasUsed": "Uint",
        "blobGasUsed": NotRequired["Uint"],
        "contractAddress": NotRequired[Optional["Address"]],
        "logs": List["Log"],
        "logsBloom": "Bytes256",
        "root": NotRequired["Hash32"],
        "status": NotRequired["Uint"],
        "effectiveGasPrice": "Uint",
        "blobGasPrice": NotRequired["Uint"],
    },
)
# Calls by selector and size of arguments (4byteTracer); of the noopTracer, none.
SelectorTrace = Dict[str, int]
# Accounts to find in place of the ledger's.
StateOverrides = Dict[str, "StateOverridesValue"]
StateOverridesValue = TypedDict(
    "StateOverridesValue",
    {
        "nonce": NotRequired["Uint64"],
        "balance": NotRequired["Uint256"],
        "code": NotRequired["Bytes"],
        "state": NotRequired["AccountStorage"],
        "stateDiff": NotRequired["AccountStorage"],
    },
)
# Storage proof.
StorageProof = TypedDict(
    "StorageProof",
    {
        "key": "BytesMax32",
        "value": "Uint256",
        "proof": List["Bytes"],
    },
)
# Opcode execution log entry.
StructLog = TypedDict(
    "StructLog",
    {
        "pc": int,
        "op": str,
        "gas": int,
        "gasCost": int,
        "depth": int,
        "error": NotRequired[str],
        "refund": NotRequired[int],
        "stack": NotRequired[List["Uint256"]],
        "memory": NotRequired[List["Bytes32"]],
        "returnData": NotRequired["Bytes"],
        "storage": NotRequired[Dict[str, "Bytes32"]],
    },
)
# Syncing status.
SyncingStatus = Union["SyncingStatusSyncingProgress", bool]
SyncingStatusSyncingProgress = TypedDict(
    "SyncingStatusSyncingProgress",
    {
        "startingBlock": NotRequired["Uint"],
        "currentBlock": NotRequired["Uint"],
        "highestBlock": NotRequired["Uint"],
    },
)
# Tokens moved.
TokenTransfer = TypedDict(
    "TokenTransfer",
    {
        "standard": Literal["ERC-20", "ERC-721", "ERC-1155"],
        "token": "Address",
        "from": "Address",
        "to": "Address",
        "tokenId": NotRequired["Uint256"],
        "amount": "Uint256",
        "logIndex": "Uint",
    },
)
# A trace, by its tracer.
Trace = Union["OpcodeTransactionTrace", "CallTrace", "PrestateTrace", "PrestateDiff", "SelectorTrace"]
# Trace configuration.
TraceConfig = TypedDict(
    "TraceConfig",
    {
        "tracer": NotRequired[Literal["", "callTracer", "prestateTracer", "4byteTracer", "noopTracer"]],
        "tracerConfig": NotRequired["TraceConfigTracerConfig"],
        "timeout": NotRequired[str],
        "disableStorage": NotRequired[bool],
        "disableStack": NotRequired[bool],
        "enableMemory": NotRequired[bool],
        "enableReturnData": NotRequired[bool],
        "limit": NotRequired[int],
        "txIndex": NotRequired["Uint"],
        "stateOverrides": NotRequired["StateOverrides"],
        "blockOverrides": NotRequired["BlockOverrides"],
    },
)
TraceConfigTracerConfig = TypedDict(
    "TraceConfigTracerConfig",
    {
        "onlyTopCall": NotRequired[bool],
        "withLog": NotRequired[bool],
        "diffMode": NotRequired[bool],
        "disableCode": NotRequired[bool],
        "disableStorage": NotRequired[bool],
        "includeEmpty": NotRequired[bool],
    },
)
# Transaction with its place.
TransactionInfo = TypedDict(
    "TransactionInfo",
    {
        "blockHash": NotRequired[Optional["Hash32"]],
        "blockNumber": NotRequired[Optional["Uint"]],
        "transactionIndex": NotRequired[Optional["Uint"]],
        "blockTimestamp": NotRequired[Optional["Uint"]],
        "gas": "Uint",
        "gasPrice": NotRequired["Uint"],
        "maxFeePerGas": NotRequired["Uint"],
        "maxPriorityFeePerGas": NotRequired["Uint"],
        "hash": "Hash32",
        "input": "Bytes",
        "nonce": "Uint",
        "value": "Uint",
        "type": "Byte",
        "chainId": NotRequired["Uint"],
        "v": "Uint",
        "yParity": NotRequired["Uint"],
        "r": "Uint",
        "s": "Uint",
        "accessList": NotRequired["AccessList"],
        "authorizationList": NotRequired["AuthorizationList"],
        "from": "Address",
        "to": Optional["Address"],
    },
)
# Transaction pool content.
TxpoolContent = TypedDict(
    "TxpoolContent",
    {
        "pending": "TxpoolContentAddressMap",
        "queued": "TxpoolContentAddressMap",
    },
)
# Transactions by address.
TxpoolContentAddressMap = Dict[str, "TxpoolContentByAddress"]
# Transactions by nonce.
TxpoolContentByAddress = Dict[str, "PendingTransactionInfo"]
# Transaction pool content from address.
TxpoolContentFromResult = TypedDict(
    "TxpoolContentFromResult",
    {
        "pending": "TxpoolContentByAddress",
        "queued": "TxpoolContentByAddress",
    },
)
# Transaction pool status.
TxpoolStatus = TypedDict(
    "TxpoolStatus",
    {
        "pending": "Uint",
        "queued": "Uint",
    },
)
# hex encoded unsigned integer.
Uint = str
# hex encoded 256 bit unsigned integer.
Uint256 = str
# hex encoded 64 bit unsigned integer.
Uint64 = str
# Validator withdrawal.
Withdrawal = TypedDict(
    "Withdrawal",
    {
        "index": "Uint64",
        "validatorIndex": "Uint64",
        "address": "Address",
        "amount": "Uint256",
    },
)
# Validator withdrawals list.
Withdrawals = List["Withdrawal"]


class RpcError(Exception):
    """The node refused: `code` as in docs/rpc.md, `data` of a revert its bytes."""

    def __init__(self, code: int, message: str, data: Any = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Client:
    """`url`: a ledger's, such as http://127.0.0.1:8545/o/acme; `token`: the operator's."""

    def __init__(self, url: str, token: Optional[str] = None, timeout_s: float = 60):
        self.url = url
        self.token = token
        self.timeout_s = timeout_s
        self._id = 0

    def call(self, method: str, params: List[Any]) -> Any:
        """Any method; raises RpcError if the node refuses, OSError if it does not answer."""
        params = list(params)
        while params and params[-1] is None:
            params.pop()
        self._id += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        request = urllib.request.Request(self.url, body.encode(), {"content-type": "application/json"})
        if self.token is not None:
            request.add_header("authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:
            said = json.load(answer)
        error = said.get("error")
        if error is not None:
            raise RpcError(error["code"], error["message"], error.get("data"))
        return said.get("result")

    def debug_getRawBlock(self, block: BlockNumberOrTagOrHash) -> Bytes:
        """A block's RLP as geth encodes it."""
        return self.call("debug_getRawBlock", [block])

    def debug_getRawHeader(self, block: BlockNumberOrTagOrHash) -> Bytes:
        """A block header's RLP."""
        return self.call("debug_getRawHeader", [block])

    def debug_getRawReceipts(self, block: BlockNumberOrTagOrHash) -> List[Bytes]:
        """A block's receipts in their EIP-2718 form."""
        return self.call("debug_getRawReceipts", [block])

    def debug_getRawTransaction(self, hash_: Hash32) -> Bytes:
        """A transaction in its EIP-2718 form, final or waiting; nothing if it is not known."""
        return self.call("debug_getRawTransaction", [hash_])

    def debug_traceBlockByHash(self, block: Hash32, config: Optional[TraceConfig] = None) -> BlockTrace:
        """Carries a block out again and tells every transaction of it."""
        return self.call("debug_traceBlockByHash", [block, config])

    def debug_traceBlockByNumber(self, block: BlockNumberOrTag, config: Optional[TraceConfig] = None) -> BlockTrace:
        """Carries a block out again and tells every transaction of it."""
        return self.call("debug_traceBlockByNumber", [block, config])

    def debug_traceCall(self, transaction: GenericTransaction, block: Optional[BlockNumberOrTagOrHash] = None, config: Optional[TraceConfig] = None) -> Trace:
        """Runs code without a transaction and tells what it did."""
        return self.call("debug_traceCall", [transaction, block, config])

    def debug_traceTransaction(self, transaction: Hash32, config: Optional[TraceConfig] = None) -> Trace:
        """Carries a final transaction out again, as it was, and tells what it did."""
        return self.call("debug_traceTransaction", [transaction, config])

    def eth_accounts(self) -> Addresses:
        """Empty: the node keeps no keys of users."""
        return self.call("eth_accounts", [])

    def eth_baseFee(self) -> Uint:
        """The base fee of the next block, in wei per gas."""
        return self.call("eth_baseFee", [])

    def eth_blobBaseFee(self) -> Uint:
        """The least there is: blob transactions are refused."""
        return self.call("eth_blobBaseFee", [])

    def eth_blockNumber(self) -> Uint:
        """The height of the last final block."""
        return self.call("eth_blockNumber", [])

    def eth_call(self, transaction: GenericTransaction, block: Optional[BlockNumberOrTagOrHash] = None, stateOverrides: Optional[StateOverrides] = None, blockOverrides: Optional[BlockOverrides] = None) -> Bytes:
        """Runs code without a transaction and returns its output."""
        return self.call("eth_call", [transaction, block, stateOverrides, blockOverrides])

    def eth_capabilities(self) -> EthCapabilities:
        """Which of the ledger's past this node answers for: all, and proofs of the last blocks."""
        return self.call("eth_capabilities", [])

    def eth_chainId(self) -> Uint:
        """The chain id of the organisation's ledger."""
        return self.call("eth_chainId", [])

    def eth_coinbase(self) -> Address:
        """Who the next block names as its beneficiary."""
        return self.call("eth_coinbase", [])

    def eth_config(self) -> ConfigurationResponse:
        """The rules in force: fork, precompiles, system contracts (EIP-7910)."""
        return self.call("eth_config", [])

    def eth_createAccessList(self, transaction: GenericTransaction, block: Optional[BlockNumberOrTagOrHash] = None, stateOverrides: Optional[StateOverrides] = None) -> EthCreateAccessListResult:
        """The access list with which a transaction runs, and the gas it then uses."""
        return self.call("eth_createAccessList", [transaction, block, stateOverrides])

    def eth_estimateGas(self, transaction: GenericTransaction, block: Optional[BlockNumberOrTagOrHash] = None, stateOverrides: Optional[StateOverrides] = None, blockOverrides: Optional[BlockOverrides] = None) -> Uint:
        """The least gas with which a transaction succeeds."""
        return self.call("eth_estimateGas", [transaction, block, stateOverrides, blockOverrides])

    def eth_feeHistory(self, blockCount: Union[Uint, int], block: BlockNumberOrTag, rewardPercentiles: Optional[List[float]] = None) -> FeeHistory:
        """Base fees, fill and tips of the latest blocks."""
        return self.call("eth_feeHistory", [blockCount, block, rewardPercentiles])

    def eth_gasPrice(self) -> Uint:
        """A price per gas that gets into the next block."""
        return self.call("eth_gasPrice", [])

    def eth_getBalance(self, address: Address, block: Optional[BlockNumberOrTagOrHash] = None) -> Uint:
        """An account's balance in wei after a block."""
        return self.call("eth_getBalance", [address, block])

    def eth_getBlockByHash(self, hash_: Hash32, hydrated: Optional[bool] = None) -> Optional[Block]:
        """A block by hash."""
        return self.call("eth_getBlockByHash", [hash_, hydrated])

    def eth_getBlockByNumber(self, block: BlockNumberOrTag, hydrated: Optional[bool] = None) -> Optional[Block]:
        """A block by height or tag."""
        return self.call("eth_getBlockByNumber", [block, hydrated])

    def eth_getBlockReceipts(self, block: BlockNumberOrTagOrHash) -> Optional[List[ReceiptInfo]]:
        """All receipts of a block."""
        return self.call("eth_getBlockReceipts", [block])

    def eth_getBlockTransactionCountByHash(self, hash_: Hash32) -> Optional[Uint]:
        """How many transactions a block has, by hash."""
        return self.call("eth_getBlockTransactionCountByHash", [hash_])

    def eth_getBlockTransactionCountByNumber(self, block: BlockNumberOrTag) -> Optional[Uint]:
        """How many transactions a block has, by height or tag."""
        return self.call("eth_getBlockTransactionCountByNumber", [block])

    def eth_getCode(self, address: Address, block: Optional[BlockNumberOrTagOrHash] = None) -> Bytes:
        """The code at an address after a block."""
        return self.call("eth_getCode", [address, block])

    def eth_getFilterChanges(self, filter_: Uint) -> FilterResults:
        """What is new since a filter was made or polled last: logs, or hashes of blocks or transactions."""
        return self.call("eth_getFilterChanges", [filter_])

    def eth_getFilterLogs(self, filter_: Uint) -> FilterResults:
        """All logs that match a filter of logs, in its own range of blocks."""
        return self.call("eth_getFilterLogs", [filter_])

    def eth_getLogs(self, filter_: Filter) -> List[Log]:
        """The logs that match a filter."""
        return self.call("eth_getLogs", [filter_])

    def eth_getProof(self, address: Address, storageKeys: List[BytesMax32], block: Optional[BlockNumberOrTagOrHash] = None) -> AccountProof:
        """An account and some of its slots with Merkle proofs, in the last 128 blocks."""
        return self.call("eth_getProof", [address, storageKeys, block])

    def eth_getStorageAt(self, address: Address, slot: BytesMax32, block: Optional[BlockNumberOrTagOrHash] = None) -> Bytes:
        """One storage slot of a contract after a block."""
        return self.call("eth_getStorageAt", [address, slot, block])

    def eth_getTransactionByBlockHashAndIndex(self, hash_: Hash32, index: Uint) -> Optional[TransactionInfo]:
        """A transaction by block hash and place."""
        return self.call("eth_getTransactionByBlockHashAndIndex", [hash_, index])

    def eth_getTransactionByBlockNumberAndIndex(self, block: BlockNumberOrTag, index: Uint) -> Optional[TransactionInfo]:
        """A transaction by height and place."""
        return self.call("eth_getTransactionByBlockNumberAndIndex", [block, index])

    def eth_getTransactionByHash(self, hash_: Hash32) -> Optional[TransactionInfo]:
        """A transaction, final or waiting in the pool."""
        return self.call("eth_getTransactionByHash", [hash_])

    def eth_getTransactionCount(self, address: Address, block: Optional[BlockNumberOrTagOrHash] = None) -> Uint:
        """An account's nonce after a block; at pending, behind what waits in the pool."""
        return self.call("eth_getTransactionCount", [address, block])

    def eth_getTransactionReceipt(self, hash_: Hash32) -> Optional[ReceiptInfo]:
        """The receipt of a final transaction."""
        return self.call("eth_getTransactionReceipt", [hash_])

    def eth_getUncleByBlockHashAndIndex(self, hash_: Hash32, index: Uint) -> None:
        """Null: no block has uncles."""
        return self.call("eth_getUncleByBlockHashAndIndex", [hash_, index])

    def eth_getUncleByBlockNumberAndIndex(self, block: BlockNumberOrTag, index: Uint) -> None:
        """Null: no block has uncles."""
        return self.call("eth_getUncleByBlockNumberAndIndex", [block, index])

    def eth_getUncleCountByBlockHash(self, hash_: Hash32) -> Optional[Uint]:
        """0: no block has uncles; null for an unknown block."""
        return self.call("eth_getUncleCountByBlockHash", [hash_])

    def eth_getUncleCountByBlockNumber(self, block: BlockNumberOrTag) -> Optional[Uint]:
        """0: no block has uncles; null for an unknown block."""
        return self.call("eth_getUncleCountByBlockNumber", [block])

    def eth_maxPriorityFeePerGas(self) -> Uint:
        """A tip per gas that gets into the next block."""
        return self.call("eth_maxPriorityFeePerGas", [])

    def eth_newBlockFilter(self) -> Uint:
        """A filter to poll for new blocks; gone when it is not polled for 5 minutes."""
        return self.call("eth_newBlockFilter", [])

    def eth_newFilter(self, filter_: Filter) -> Uint:
        """A filter to poll for new logs; gone when it is not polled for 5 minutes."""
        return self.call("eth_newFilter", [filter_])

    def eth_newPendingTransactionFilter(self) -> Uint:
        """A filter to poll for transactions that the pool admitted; gone when it is not polled for 5 minutes."""
        return self.call("eth_newPendingTransactionFilter", [])

    def eth_protocolVersion(self) -> Uint:
        """The version of the ledger's own rules; no node here speaks eth/NN."""
        return self.call("eth_protocolVersion", [])

    def eth_sendRawTransaction(self, transaction: Bytes) -> Hash32:
        """Admits a signed transaction to the pool."""
        return self.call("eth_sendRawTransaction", [transaction])

    def eth_sendRawTransactionSync(self, transaction: Bytes, timeoutMs: Optional[Union[Uint, int]] = None) -> ReceiptInfo:
        """Admits a signed transaction and answers with its receipt, or an error after a time (EIP-7966)."""
        return self.call("eth_sendRawTransactionSync", [transaction, timeoutMs])

    def eth_simulateV1(self, payload: EthSimulatePayload, block: Optional[BlockNumberOrTagOrHash] = None) -> EthSimulateResult:
        """Runs calls in blocks that might follow, over overridden state."""
        return self.call("eth_simulateV1", [payload, block])

    def eth_subscribe(self, subscription: Literal["newHeads", "logs", "newPendingTransactions", "syncing"], options: Optional[Union[Filter, bool]] = None) -> Uint:
        """Over WebSocket: tells of new blocks, logs or admitted transactions as they come, by eth_subscription."""
        return self.call("eth_subscribe", [subscription, options])

    def eth_syncing(self) -> SyncingStatus:
        """False: a node shows only blocks it holds whole."""
        return self.call("eth_syncing", [])

    def eth_uninstallFilter(self, filter_: Uint) -> bool:
        """Removes a filter; false if there is none."""
        return self.call("eth_uninstallFilter", [filter_])

    def eth_unsubscribe(self, subscription: Uint) -> bool:
        """Over WebSocket: ends a subscription of this connection."""
        return self.call("eth_unsubscribe", [subscription])

    def net_listening(self) -> bool:
        """True: the node answers."""
        return self.call("net_listening", [])

    def net_peerCount(self) -> Uint:
        """How many nodes this one talks to: 0, since members of a committee are not counted."""
        return self.call("net_peerCount", [])

    def net_version(self) -> str:
        """The chain id in decimal."""
        return self.call("net_version", [])

    def org_create(self, organisation: OrganisationRequest) -> Organisation:
        """Founds an organisation on this node. Needs the operator's token."""
        return self.call("org_create", [organisation])

    def org_foundAccept(self, session: Bytes, label: str, document: Bytes, signature: Bytes) -> Bytes:
        """Founding together, step 2: founds what the document says beside its place, and returns this member's acceptance, once the founder signed the document."""
        return self.call("org_foundAccept", [session, label, document, signature])

    def org_foundComplete(self, session: Bytes, label: str, document: Bytes, acceptances: Bytes) -> Organisation:
        """Founding together, step 3: with the acceptances of all members, one behind the other in index order, the organisation is there."""
        return self.call("org_foundComplete", [session, label, document, acceptances])

    def org_foundOffer(self, session: Bytes, label: str, terms: Bytes, signature: Bytes) -> OrgFoundOfferResult:
        """Founding together, step 1: this node's entry for the committee of an organisation on these terms (a genesis document without committee), signed by its founder; or asked, while the operator has not said yes."""
        return self.call("org_foundOffer", [session, label, terms, signature])

    def org_get(self, name: Optional[str] = None) -> Organisation:
        """One organisation: charter, committee, epoch, supply. Without a name, that of the endpoint."""
        return self.call("org_get", [name])

    def org_getBlock(self, block: BlockNumberOrTagOrHash) -> OrgGetBlockResult:
        """A block whole, as members exchange it, with the certificate that makes it final (null: that of a later block does): what executing the ledger oneself needs."""
        return self.call("org_getBlock", [block])

    def org_getFinalityProof(self, block: BlockNumberOrTagOrHash) -> FinalityProof:
        """What proves that a block is final: headers and a certificate of the committee."""
        return self.call("org_getFinalityProof", [block])

    def org_getHistory(self, account: Address, limit: Optional[Union[Uint, int]] = None, next: Optional[Bytes] = None) -> HistoryPage:
        """What touched an account, the newest first: transactions, token transfers, coin that blocks credit."""
        return self.call("org_getHistory", [account, limit, next])

    def org_getSeals(self, epoch: Uint) -> OrgGetSealsResult:
        """What leads from the committee of one epoch to those of later ones: their seals, each final by the one before."""
        return self.call("org_getSeals", [epoch])

    def org_list(self) -> List[OrganisationSummary]:
        """The organisations of this node, the default one first."""
        return self.call("org_list", [])

    def rpc_discover(self) -> Dict[str, Any]:
        """This document."""
        return self.call("rpc.discover", [])

    def txpool_content(self) -> TxpoolContent:
        """All waiting transactions, by sender and nonce."""
        return self.call("txpool_content", [])

    def txpool_contentFrom(self, address: Address) -> TxpoolContentFromResult:
        """The waiting transactions of one sender, by nonce."""
        return self.call("txpool_contentFrom", [address])

    def txpool_inspect(self) -> Dict[str, Any]:
        """All waiting transactions, a line each."""
        return self.call("txpool_inspect", [])

    def txpool_status(self) -> TxpoolStatus:
        """How many transactions wait: ready ones, and those above a gap of nonces."""
        return self.call("txpool_status", [])

    def web3_clientVersion(self) -> str:
        """The program and its version."""
        return self.call("web3_clientVersion", [])

    def web3_sha3(self, data: Bytes) -> Hash32:
        """The Keccak-256 of some bytes."""
        return self.call("web3_sha3", [data])
