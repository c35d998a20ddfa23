// Code generated from rpc.discover by rpc/clients/generate.mjs. DO NOT EDIT.

// Package leither is Leither's JSON-RPC for Go: one function a method.
package leither

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync/atomic"
)

// AccessList: Access list.
type AccessList = []AccessListEntry

// AccessListEntry: Access list entry.
type AccessListEntry struct {
	Address     Address  `json:"address"`
	StorageKeys []Hash32 `json:"storageKeys"`
}

// AccountProof: Account proof.
type AccountProof struct {
	Address      Address        `json:"address"`
	AccountProof []Bytes        `json:"accountProof"`
	Balance      Uint256        `json:"balance"`
	CodeHash     Hash32         `json:"codeHash"`
	Nonce        Uint64         `json:"nonce"`
	StorageHash  Hash32         `json:"storageHash"`
	StorageProof []StorageProof `json:"storageProof"`
}

// AccountStorage: Storage slots.
type AccountStorage = map[string]Hash32

// Address: hex encoded address.
type Address = string

// Addresses: hex encoded address.
type Addresses = []Address

// AuthorizationList: Authorization list.
type AuthorizationList = []AuthorizationListEntry

// AuthorizationListEntry: Authorization (EIP-7702).
type AuthorizationListEntry struct {
	ChainId Uint    `json:"chainId"`
	Address Address `json:"address"`
	Nonce   Uint    `json:"nonce"`
	YParity Uint    `json:"yParity"`
	R       Uint    `json:"r"`
	S       Uint    `json:"s"`
}

// BlobSchedule: Blob schedule.
type BlobSchedule struct {
	BaseFeeUpdateFraction int64 `json:"baseFeeUpdateFraction"`
	Max                   int64 `json:"max"`
	Target                int64 `json:"target"`
}

// Block: Block object.
type Block struct {
	Hash                  Hash32       `json:"hash"`
	ParentHash            Hash32       `json:"parentHash"`
	Sha3Uncles            Hash32       `json:"sha3Uncles"`
	Miner                 Address      `json:"miner"`
	StateRoot             Hash32       `json:"stateRoot"`
	TransactionsRoot      Hash32       `json:"transactionsRoot"`
	ReceiptsRoot          Hash32       `json:"receiptsRoot"`
	LogsBloom             Bytes256     `json:"logsBloom"`
	Difficulty            *Uint        `json:"difficulty,omitempty"`
	Number                Uint         `json:"number"`
	GasLimit              Uint         `json:"gasLimit"`
	GasUsed               Uint         `json:"gasUsed"`
	Timestamp             Uint         `json:"timestamp"`
	ExtraData             Bytes        `json:"extraData"`
	MixHash               Hash32       `json:"mixHash"`
	Nonce                 Bytes8       `json:"nonce"`
	BaseFeePerGas         *Uint        `json:"baseFeePerGas,omitempty"`
	WithdrawalsRoot       *Hash32      `json:"withdrawalsRoot,omitempty"`
	BlobGasUsed           *Uint        `json:"blobGasUsed,omitempty"`
	ExcessBlobGas         *Uint        `json:"excessBlobGas,omitempty"`
	ParentBeaconBlockRoot *Hash32      `json:"parentBeaconBlockRoot,omitempty"`
	Size                  Uint         `json:"size"`
	Transactions          []any        `json:"transactions"`
	Withdrawals           []Withdrawal `json:"withdrawals,omitempty"`
	Uncles                []Hash32     `json:"uncles"`
	RequestsHash          *Hash32      `json:"requestsHash,omitempty"`
}

// BlockNumberOrTag: Block number or tag.
type BlockNumberOrTag = string

// BlockNumberOrTagForRange: Block number or tag.
type BlockNumberOrTagForRange = string

// BlockNumberOrTagOrHash: Block number, tag, or block hash.
type BlockNumberOrTagOrHash = string

// BlockOverrides: Context fields related to the block being executed.
type BlockOverrides struct {
	Number        *Uint64     `json:"number,omitempty"`
	PrevRandao    *Uint256    `json:"prevRandao,omitempty"`
	Time          *Uint64     `json:"time,omitempty"`
	GasLimit      *Uint64     `json:"gasLimit,omitempty"`
	FeeRecipient  *Address    `json:"feeRecipient,omitempty"`
	BaseFeePerGas *Uint256    `json:"baseFeePerGas,omitempty"`
	Withdrawals   Withdrawals `json:"withdrawals,omitempty"`
	BlobBaseFee   *Uint64     `json:"blobBaseFee,omitempty"`
}

// BlockTag: Block tag.
type BlockTag = string

// BlockTagForRange: Block tag.
type BlockTagForRange = string

// BlockTrace: Traces of a block's transactions.
type BlockTrace = []BlockTraceItem

type BlockTraceItem struct {
	TxHash Hash32 `json:"txHash"`
	Result Trace  `json:"result"`
}

// Byte: hex encoded byte.
type Byte = string

// Bytes: hex encoded bytes.
type Bytes = string

// Bytes256: 256 hex encoded bytes.
type Bytes256 = string

// Bytes32: 32 hex encoded bytes.
type Bytes32 = string

// Bytes4: 4 hex encoded bytes.
type Bytes4 = string

// Bytes8: 8 hex encoded bytes.
type Bytes8 = string

// BytesMax32: 32 hex encoded bytes.
type BytesMax32 = string

// CallResults: Results of eth_simulate within block.
type CallResults = []CallResultsItem

type CallResultsItem struct {
	Status     string                `json:"status"`
	ReturnData Bytes                 `json:"returnData"`
	GasUsed    Uint64                `json:"gasUsed"`
	MaxUsedGas *Uint64               `json:"maxUsedGas,omitempty"`
	Error      *CallResultsItemError `json:"error,omitempty"`
	Logs       []Log                 `json:"logs,omitempty"`
}

type CallResultsItemError struct {
	Code    any     `json:"code,omitempty"`
	Message *string `json:"message,omitempty"`
}

// CallTrace: A message and those it sent (callTracer).
type CallTrace struct {
	Type         string         `json:"type"`
	From         Address        `json:"from"`
	To           *Address       `json:"to,omitempty"`
	Gas          Uint           `json:"gas"`
	GasUsed      Uint           `json:"gasUsed"`
	Value        *Uint256       `json:"value,omitempty"`
	Input        Bytes          `json:"input"`
	Output       *Bytes         `json:"output,omitempty"`
	Error        *string        `json:"error,omitempty"`
	RevertReason *string        `json:"revertReason,omitempty"`
	Calls        []CallTrace    `json:"calls,omitempty"`
	Logs         []CallTraceLog `json:"logs,omitempty"`
}

// CallTraceLog: A log, where its message sent it.
type CallTraceLog struct {
	Address  Address   `json:"address"`
	Topics   []Bytes32 `json:"topics"`
	Data     Bytes     `json:"data"`
	Position Uint      `json:"position"`
	Index    Uint      `json:"index"`
}

// ConfigObject: Configuration object.
type ConfigObject struct {
	ActivationTime  float64            `json:"activationTime"`
	BlobSchedule    BlobSchedule       `json:"blobSchedule"`
	ChainId         Uint               `json:"chainId"`
	ForkId          Bytes4             `json:"forkId"`
	Precompiles     map[string]Address `json:"precompiles"`
	SystemContracts map[string]Address `json:"systemContracts"`
}

// ConfigurationResponse: Configuration response.
type ConfigurationResponse struct {
	Current ConfigObject  `json:"current"`
	Next    *ConfigObject `json:"next"`
	Last    *ConfigObject `json:"last"`
}

// EthCapabilities: Effective routing capabilities.
type EthCapabilities struct {
	Head        EthCapabilitiesHead              `json:"head"`
	State       EthCapabilitiesEffectiveResource `json:"state"`
	Tx          EthCapabilitiesEffectiveResource `json:"tx"`
	Logs        EthCapabilitiesEffectiveResource `json:"logs"`
	Receipts    EthCapabilitiesEffectiveResource `json:"receipts"`
	Blocks      EthCapabilitiesEffectiveResource `json:"blocks"`
	Stateproofs EthCapabilitiesEffectiveResource `json:"stateproofs"`
}

// EthCapabilitiesDeleteStrategy: Delete strategy.
type EthCapabilitiesDeleteStrategy struct {
	Type            string `json:"type"`
	RetentionBlocks Uint   `json:"retentionBlocks"`
}

// EthCapabilitiesEffectiveResource: Effective resource capability.
type EthCapabilitiesEffectiveResource struct {
	Disabled       bool                           `json:"disabled"`
	OldestBlock    *Uint                          `json:"oldestBlock,omitempty"`
	DeleteStrategy *EthCapabilitiesDeleteStrategy `json:"deleteStrategy,omitempty"`
}

// EthCapabilitiesHead: Current head block.
type EthCapabilitiesHead struct {
	Number Uint   `json:"number"`
	Hash   Hash32 `json:"hash"`
}

type EthCreateAccessListResult struct {
	AccessList AccessList `json:"accessList"`
	Error      *string    `json:"error,omitempty"`
	GasUsed    Uint       `json:"gasUsed"`
}

// EthSimulateBlockResultSingleSuccess: Result of eth_simulate block-level, with array of calls.
type EthSimulateBlockResultSingleSuccess struct {
	Hash                  Hash32       `json:"hash"`
	ParentHash            Hash32       `json:"parentHash"`
	Sha3Uncles            Hash32       `json:"sha3Uncles"`
	Miner                 Address      `json:"miner"`
	StateRoot             Hash32       `json:"stateRoot"`
	TransactionsRoot      Hash32       `json:"transactionsRoot"`
	ReceiptsRoot          Hash32       `json:"receiptsRoot"`
	LogsBloom             Bytes256     `json:"logsBloom"`
	Difficulty            *Uint        `json:"difficulty,omitempty"`
	Number                Uint         `json:"number"`
	GasLimit              Uint         `json:"gasLimit"`
	GasUsed               Uint         `json:"gasUsed"`
	Timestamp             Uint         `json:"timestamp"`
	ExtraData             Bytes        `json:"extraData"`
	MixHash               Hash32       `json:"mixHash"`
	Nonce                 Bytes8       `json:"nonce"`
	BaseFeePerGas         *Uint        `json:"baseFeePerGas,omitempty"`
	WithdrawalsRoot       *Hash32      `json:"withdrawalsRoot,omitempty"`
	BlobGasUsed           *Uint        `json:"blobGasUsed,omitempty"`
	ExcessBlobGas         *Uint        `json:"excessBlobGas,omitempty"`
	ParentBeaconBlockRoot *Hash32      `json:"parentBeaconBlockRoot,omitempty"`
	Size                  Uint         `json:"size"`
	Transactions          []any        `json:"transactions"`
	Withdrawals           []Withdrawal `json:"withdrawals,omitempty"`
	Uncles                []Hash32     `json:"uncles"`
	RequestsHash          *Hash32      `json:"requestsHash,omitempty"`
	Calls                 CallResults  `json:"calls"`
}

// EthSimulatePayload: What to simulate.
type EthSimulatePayload struct {
	BlockStateCalls        []EthSimulatePayloadBlockStateCallsItem `json:"blockStateCalls"`
	TraceTransfers         *bool                                   `json:"traceTransfers,omitempty"`
	Validation             *bool                                   `json:"validation,omitempty"`
	ReturnFullTransactions *bool                                   `json:"returnFullTransactions,omitempty"`
}

type EthSimulatePayloadBlockStateCallsItem struct {
	BlockOverrides *BlockOverrides      `json:"blockOverrides,omitempty"`
	StateOverrides StateOverrides       `json:"stateOverrides,omitempty"`
	Calls          []GenericTransaction `json:"calls,omitempty"`
}

// EthSimulateResult: Full results of eth_simulate.
type EthSimulateResult = []EthSimulateBlockResultSingleSuccess

// FeeHistory: feeHistoryResults.
type FeeHistory struct {
	OldestBlock       Uint     `json:"oldestBlock"`
	BaseFeePerGas     []Uint   `json:"baseFeePerGas"`
	BaseFeePerBlobGas []Uint   `json:"baseFeePerBlobGas,omitempty"`
	GasUsedRatio      []Ratio  `json:"gasUsedRatio"`
	BlobGasUsedRatio  []Ratio  `json:"blobGasUsedRatio,omitempty"`
	Reward            [][]Uint `json:"reward,omitempty"`
}

// Filter: filter.
type Filter struct {
	FromBlock *BlockNumberOrTagForRange `json:"fromBlock,omitempty"`
	ToBlock   *BlockNumberOrTagForRange `json:"toBlock,omitempty"`
	Address   any                       `json:"address,omitempty"`
	Topics    FilterTopics              `json:"topics,omitempty"`
	BlockHash *Hash32                   `json:"blockHash,omitempty"`
}

// FilterResults: Filter results.
type FilterResults = any

// FilterTopic: Filter Topic List Entry.
type FilterTopic = any

// FilterTopics: Filter Topics.
type FilterTopics = []FilterTopic

// FinalityProof: Finality proof.
type FinalityProof struct {
	Height       Uint           `json:"height"`
	ChainId      Uint           `json:"chainId"`
	Id           Hash32         `json:"id"`
	HeadersCount Uint           `json:"headersCount"`
	Finalization map[string]any `json:"finalization"`
	Proof        Bytes          `json:"proof"`
}

// GenericTransaction: Transaction object for calls.
type GenericTransaction struct {
	Type                 *Byte             `json:"type,omitempty"`
	Nonce                *Uint             `json:"nonce,omitempty"`
	From                 *Address          `json:"from,omitempty"`
	Gas                  *Uint             `json:"gas,omitempty"`
	Value                *Uint             `json:"value,omitempty"`
	Input                *Bytes            `json:"input,omitempty"`
	Data                 *Bytes            `json:"data,omitempty"`
	GasPrice             *Uint             `json:"gasPrice,omitempty"`
	MaxPriorityFeePerGas *Uint             `json:"maxPriorityFeePerGas,omitempty"`
	MaxFeePerGas         *Uint             `json:"maxFeePerGas,omitempty"`
	AccessList           AccessList        `json:"accessList,omitempty"`
	AuthorizationList    AuthorizationList `json:"authorizationList,omitempty"`
	ChainId              *Uint             `json:"chainId,omitempty"`
	To                   *Address          `json:"to,omitempty"`
}

// Hash32: 32 byte hex value.
type Hash32 = string

// HistoryEntry: A transaction, or a block, that touched an account.
type HistoryEntry struct {
	BlockNumber           Uint                    `json:"blockNumber"`
	BlockHash             Hash32                  `json:"blockHash"`
	BlockTimestamp        Uint                    `json:"blockTimestamp"`
	TransactionHash       *Hash32                 `json:"transactionHash,omitempty"`
	TransactionIndex      *Uint                   `json:"transactionIndex,omitempty"`
	From                  *Address                `json:"from,omitempty"`
	To                    *Address                `json:"to,omitempty"`
	ContractAddress       *Address                `json:"contractAddress,omitempty"`
	Value                 *Uint256                `json:"value,omitempty"`
	Status                *Uint                   `json:"status,omitempty"`
	Fee                   *Uint256                `json:"fee,omitempty"`
	TokenTransfers        []TokenTransfer         `json:"tokenTransfers,omitempty"`
	HasMoreTokenTransfers *bool                   `json:"hasMoreTokenTransfers,omitempty"`
	Coins                 []HistoryEntryCoinsItem `json:"coins,omitempty"`
	Roles                 []string                `json:"roles"`
}

type HistoryEntryCoinsItem struct {
	Amount Uint256 `json:"amount"`
	Reason *string `json:"reason,omitempty"`
}

// HistoryPage: A page of an account's history.
type HistoryPage struct {
	Entries []HistoryEntry `json:"entries"`
	Next    *Bytes         `json:"next"`
}

// Log: log.
type Log struct {
	Removed          *bool     `json:"removed,omitempty"`
	LogIndex         *Uint     `json:"logIndex,omitempty"`
	TransactionIndex *Uint     `json:"transactionIndex,omitempty"`
	TransactionHash  Hash32    `json:"transactionHash"`
	BlockHash        *Hash32   `json:"blockHash,omitempty"`
	BlockNumber      *Uint     `json:"blockNumber,omitempty"`
	BlockTimestamp   *Uint     `json:"blockTimestamp,omitempty"`
	Address          *Address  `json:"address,omitempty"`
	Data             *Bytes    `json:"data,omitempty"`
	Topics           []Bytes32 `json:"topics,omitempty"`
}

// OpcodeTransactionTrace: Opcode transaction trace.
type OpcodeTransactionTrace struct {
	Gas         int64       `json:"gas"`
	Failed      bool        `json:"failed"`
	ReturnValue Bytes       `json:"returnValue"`
	StructLogs  []StructLog `json:"structLogs"`
}

type OrgFoundOfferResult struct {
	State   string `json:"state"`
	Entry   *Bytes `json:"entry"`
	Network Uint   `json:"network"`
}

type OrgGetBlockResult struct {
	Height       Uint   `json:"height"`
	Hash         Hash32 `json:"hash"`
	Container    Bytes  `json:"container"`
	Finalization *Bytes `json:"finalization"`
}

type OrgGetSealsResult struct {
	Epoch  Uint  `json:"epoch"`
	Links  Uint  `json:"links"`
	Newest Uint  `json:"newest"`
	Chain  Bytes `json:"chain"`
}

// Organisation: Organisation.
type Organisation struct {
	Label        string                        `json:"label"`
	Name         string                        `json:"name"`
	Symbol       string                        `json:"symbol"`
	Id           Hash32                        `json:"id"`
	ChainId      Uint                          `json:"chainId"`
	Founder      Address                       `json:"founder"`
	Transparency string                        `json:"transparency"`
	Height       Uint                          `json:"height"`
	IsDefault    bool                          `json:"isDefault"`
	Stopped      *string                       `json:"stopped"`
	Path         string                        `json:"path"`
	Fees         *string                       `json:"fees,omitempty"`
	BaseFeeFloor *Uint                         `json:"baseFeeFloor,omitempty"`
	Created      *Uint                         `json:"created,omitempty"`
	Fork         *string                       `json:"fork,omitempty"`
	GenesisCoin  []OrganisationGenesisCoinItem `json:"genesisCoin"`
	Supply       OrganisationSupply            `json:"supply"`
	Epoch        map[string]any                `json:"epoch"`
	Committee    []map[string]any              `json:"committee"`
	Charter      map[string]any                `json:"charter"`
}

type OrganisationGenesisCoinItem struct {
	To     Address `json:"to"`
	Amount Uint    `json:"amount"`
	Reason string  `json:"reason"`
}

// OrganisationRequest: What a founder decides.
type OrganisationRequest struct {
	Label        *string `json:"label,omitempty"`
	Name         string  `json:"name"`
	Symbol       string  `json:"symbol"`
	Founder      Address `json:"founder"`
	Transparency string  `json:"transparency"`
	Fees         *string `json:"fees,omitempty"`
	BaseFee      *Uint   `json:"baseFee,omitempty"`
	Fork         *string `json:"fork,omitempty"`
	ChainId      any     `json:"chainId,omitempty"`
	Grant        *string `json:"grant,omitempty"`
	Reason       *string `json:"reason,omitempty"`
	Pulse        any     `json:"pulse,omitempty"`
	MakeDefault  *bool   `json:"makeDefault,omitempty"`
}

// OrganisationSummary: Organisation in brief.
type OrganisationSummary struct {
	Label        string  `json:"label"`
	Name         string  `json:"name"`
	Symbol       string  `json:"symbol"`
	Id           Hash32  `json:"id"`
	ChainId      Uint    `json:"chainId"`
	Founder      Address `json:"founder"`
	Transparency string  `json:"transparency"`
	Height       Uint    `json:"height"`
	IsDefault    bool    `json:"isDefault"`
	Stopped      *string `json:"stopped"`
	Path         string  `json:"path"`
	Timestamp    Uint    `json:"timestamp"`
}

type OrganisationSupply struct {
	Issued      Uint `json:"issued"`
	Reissued    Uint `json:"reissued"`
	Burnt       Uint `json:"burnt"`
	Retired     Uint `json:"retired"`
	Destroyed   Uint `json:"destroyed"`
	Outstanding Uint `json:"outstanding"`
}

// PendingTransactionInfo: Pending transaction information.
type PendingTransactionInfo struct {
	BlockHash            any               `json:"blockHash,omitempty"`
	BlockNumber          any               `json:"blockNumber,omitempty"`
	BlockTimestamp       any               `json:"blockTimestamp,omitempty"`
	From                 Address           `json:"from"`
	Hash                 Hash32            `json:"hash"`
	TransactionIndex     any               `json:"transactionIndex,omitempty"`
	Type                 string            `json:"type"`
	Nonce                Uint              `json:"nonce"`
	To                   *Address          `json:"to,omitempty"`
	Gas                  Uint              `json:"gas"`
	Value                Uint              `json:"value"`
	Input                Bytes             `json:"input"`
	MaxPriorityFeePerGas *Uint             `json:"maxPriorityFeePerGas,omitempty"`
	MaxFeePerGas         *Uint             `json:"maxFeePerGas,omitempty"`
	GasPrice             *Uint             `json:"gasPrice,omitempty"`
	AccessList           AccessList        `json:"accessList,omitempty"`
	ChainId              *Uint             `json:"chainId,omitempty"`
	AuthorizationList    AuthorizationList `json:"authorizationList,omitempty"`
	YParity              *Byte             `json:"yParity,omitempty"`
	V                    *Byte             `json:"v,omitempty"`
	R                    Uint              `json:"r"`
	S                    Uint              `json:"s"`
	MaxFeePerBlobGas     *Uint             `json:"maxFeePerBlobGas,omitempty"`
	BlobVersionedHashes  []Hash32          `json:"blobVersionedHashes,omitempty"`
}

// PrestateAccount: An account before or after a transaction (prestateTracer).
type PrestateAccount struct {
	Balance  *Uint256           `json:"balance,omitempty"`
	Code     *Bytes             `json:"code,omitempty"`
	CodeHash *Hash32            `json:"codeHash,omitempty"`
	Nonce    *int64             `json:"nonce,omitempty"`
	Storage  map[string]Bytes32 `json:"storage,omitempty"`
}

// PrestateDiff: What changed (prestateTracer, diffMode).
type PrestateDiff struct {
	Post PrestateTrace `json:"post"`
	Pre  PrestateTrace `json:"pre"`
}

// PrestateTrace: Accounts by address (prestateTracer).
type PrestateTrace = map[string]PrestateAccount

// Ratio: normalized ratio.
type Ratio = float64

// ReceiptInfo: Receipt information.
type ReceiptInfo struct {
	Type              *Byte    `json:"type,omitempty"`
	TransactionHash   Hash32   `json:"transactionHash"`
	TransactionIndex  Uint     `json:"transactionIndex"`
	BlockHash         Hash32   `json:"blockHash"`
	BlockNumber       Uint     `json:"blockNumber"`
	From              Address  `json:"from"`
	To                *Address `json:"to,omitempty"`
	CumulativeGasUsed Uint     `json:"cumulativeGasUsed"`
	GasUsed           Uint     `json:"gasUsed"`
	BlobGasUsed       *Uint    `json:"blobGasUsed,omitempty"`
	ContractAddress   *Address `json:"contractAddress,omitempty"`
	Logs              []Log    `json:"logs"`
	LogsBloom         Bytes256 `json:"logsBloom"`
	Root              *Hash32  `json:"root,omitempty"`
	Status            *Uint    `json:"status,omitempty"`
	EffectiveGasPrice Uint     `json:"effectiveGasPrice"`
	BlobGasPrice      *Uint    `json:"blobGasPrice,omitempty"`
}

// SelectorTrace: Calls by selector and size of arguments (4byteTracer); of the noopTracer, none.
type SelectorTrace = map[string]int64

// StateOverrides: Accounts to find in place of the ledger's.
type StateOverrides = map[string]StateOverridesValue

type StateOverridesValue struct {
	Nonce     *Uint64        `json:"nonce,omitempty"`
	Balance   *Uint256       `json:"balance,omitempty"`
	Code      *Bytes         `json:"code,omitempty"`
	State     AccountStorage `json:"state,omitempty"`
	StateDiff AccountStorage `json:"stateDiff,omitempty"`
}

// StorageProof: Storage proof.
type StorageProof struct {
	Key   BytesMax32 `json:"key"`
	Value Uint256    `json:"value"`
	Proof []Bytes    `json:"proof"`
}

// StructLog: Opcode execution log entry.
type StructLog struct {
	Pc         int64              `json:"pc"`
	Op         string             `json:"op"`
	Gas        int64              `json:"gas"`
	GasCost    int64              `json:"gasCost"`
	Depth      int64              `json:"depth"`
	Error      *string            `json:"error,omitempty"`
	Refund     *int64             `json:"refund,omitempty"`
	Stack      []Uint256          `json:"stack,omitempty"`
	Memory     []Bytes32          `json:"memory,omitempty"`
	ReturnData *Bytes             `json:"returnData,omitempty"`
	Storage    map[string]Bytes32 `json:"storage,omitempty"`
}

// SyncingStatus: Syncing status.
type SyncingStatus = any

type SyncingStatusSyncingProgress struct {
	StartingBlock *Uint `json:"startingBlock,omitempty"`
	CurrentBlock  *Uint `json:"currentBlock,omitempty"`
	HighestBlock  *Uint `json:"highestBlock,omitempty"`
}

// TokenTransfer: Tokens moved.
type TokenTransfer struct {
	Standard string   `json:"standard"`
	Token    Address  `json:"token"`
	From     Address  `json:"from"`
	To       Address  `json:"to"`
	TokenId  *Uint256 `json:"tokenId,omitempty"`
	Amount   Uint256  `json:"amount"`
	LogIndex Uint     `json:"logIndex"`
}

// Trace: A trace, by its tracer.
type Trace = any

// TraceConfig: Trace configuration.
type TraceConfig struct {
	Tracer           *string                  `json:"tracer,omitempty"`
	TracerConfig     *TraceConfigTracerConfig `json:"tracerConfig,omitempty"`
	Timeout          *string                  `json:"timeout,omitempty"`
	DisableStorage   *bool                    `json:"disableStorage,omitempty"`
	DisableStack     *bool                    `json:"disableStack,omitempty"`
	EnableMemory     *bool                    `json:"enableMemory,omitempty"`
	EnableReturnData *bool                    `json:"enableReturnData,omitempty"`
	Limit            *int64                   `json:"limit,omitempty"`
	TxIndex          *Uint                    `json:"txIndex,omitempty"`
	StateOverrides   StateOverrides           `json:"stateOverrides,omitempty"`
	BlockOverrides   *BlockOverrides          `json:"blockOverrides,omitempty"`
}

type TraceConfigTracerConfig struct {
	OnlyTopCall    *bool `json:"onlyTopCall,omitempty"`
	WithLog        *bool `json:"withLog,omitempty"`
	DiffMode       *bool `json:"diffMode,omitempty"`
	DisableCode    *bool `json:"disableCode,omitempty"`
	DisableStorage *bool `json:"disableStorage,omitempty"`
	IncludeEmpty   *bool `json:"includeEmpty,omitempty"`
}

// TransactionInfo: Transaction with its place.
type TransactionInfo struct {
	BlockHash            *Hash32           `json:"blockHash,omitempty"`
	BlockNumber          *Uint             `json:"blockNumber,omitempty"`
	TransactionIndex     *Uint             `json:"transactionIndex,omitempty"`
	BlockTimestamp       *Uint             `json:"blockTimestamp,omitempty"`
	Gas                  Uint              `json:"gas"`
	GasPrice             *Uint             `json:"gasPrice,omitempty"`
	MaxFeePerGas         *Uint             `json:"maxFeePerGas,omitempty"`
	MaxPriorityFeePerGas *Uint             `json:"maxPriorityFeePerGas,omitempty"`
	Hash                 Hash32            `json:"hash"`
	Input                Bytes             `json:"input"`
	Nonce                Uint              `json:"nonce"`
	Value                Uint              `json:"value"`
	Type                 Byte              `json:"type"`
	ChainId              *Uint             `json:"chainId,omitempty"`
	V                    Uint              `json:"v"`
	YParity              *Uint             `json:"yParity,omitempty"`
	R                    Uint              `json:"r"`
	S                    Uint              `json:"s"`
	AccessList           AccessList        `json:"accessList,omitempty"`
	AuthorizationList    AuthorizationList `json:"authorizationList,omitempty"`
	From                 Address           `json:"from"`
	To                   *Address          `json:"to"`
}

// TxpoolContent: Transaction pool content.
type TxpoolContent struct {
	Pending TxpoolContentAddressMap `json:"pending"`
	Queued  TxpoolContentAddressMap `json:"queued"`
}

// TxpoolContentAddressMap: Transactions by address.
type TxpoolContentAddressMap = map[string]TxpoolContentByAddress

// TxpoolContentByAddress: Transactions by nonce.
type TxpoolContentByAddress = map[string]PendingTransactionInfo

// TxpoolContentFromResult: Transaction pool content from address.
type TxpoolContentFromResult struct {
	Pending TxpoolContentByAddress `json:"pending"`
	Queued  TxpoolContentByAddress `json:"queued"`
}

// TxpoolStatus: Transaction pool status.
type TxpoolStatus struct {
	Pending Uint `json:"pending"`
	Queued  Uint `json:"queued"`
}

// Uint: hex encoded unsigned integer.
type Uint = string

// Uint256: hex encoded 256 bit unsigned integer.
type Uint256 = string

// Uint64: hex encoded 64 bit unsigned integer.
type Uint64 = string

// Withdrawal: Validator withdrawal.
type Withdrawal struct {
	Index          Uint64  `json:"index"`
	ValidatorIndex Uint64  `json:"validatorIndex"`
	Address        Address `json:"address"`
	Amount         Uint256 `json:"amount"`
}

// Withdrawals: Validator withdrawals list.
type Withdrawals = []Withdrawal

// RPCError: the node refused. Code as in docs/rpc.md, Data of a revert its bytes.
type RPCError struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func (e *RPCError) Error() string { return e.Message }

// Client: URL is a ledger's, such as http://127.0.0.1:8545/o/acme; Token the operator's, if needed.
type Client struct {
	URL   string
	Token string
	HTTP  http.Client
	id    atomic.Uint64
}

// Of gives the address of a value, for what may be left out.
func Of[T any](value T) *T { return &value }

func isAbsent(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return false
}

// Call calls any method; the error is a *RPCError if the node refuses.
func (c *Client) Call(ctx context.Context, method string, params []any, result any) error {
	for len(params) > 0 && isAbsent(params[len(params)-1]) {
		params = params[:len(params)-1]
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": c.id.Add(1), "method": method, "params": params})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	answer, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: HTTP %d: %s", method, answer.StatusCode, text)
	}
	said := struct {
		Result json.RawMessage `json:"result"`
		Error  *RPCError       `json:"error"`
	}{}
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	if said.Error != nil {
		return said.Error
	}
	return json.Unmarshal(said.Result, result)
}

// DebugGetRawBlock: A block's RLP as geth encodes it.
func (c *Client) DebugGetRawBlock(ctx context.Context, block BlockNumberOrTagOrHash) (result Bytes, err error) {
	err = c.Call(ctx, "debug_getRawBlock", []any{block}, &result)
	return
}

// DebugGetRawHeader: A block header's RLP.
func (c *Client) DebugGetRawHeader(ctx context.Context, block BlockNumberOrTagOrHash) (result Bytes, err error) {
	err = c.Call(ctx, "debug_getRawHeader", []any{block}, &result)
	return
}

// DebugGetRawReceipts: A block's receipts in their EIP-2718 form.
func (c *Client) DebugGetRawReceipts(ctx context.Context, block BlockNumberOrTagOrHash) (result []Bytes, err error) {
	err = c.Call(ctx, "debug_getRawReceipts", []any{block}, &result)
	return
}

// DebugGetRawTransaction: A transaction in its EIP-2718 form, final or waiting; nothing if it is not known.
func (c *Client) DebugGetRawTransaction(ctx context.Context, hash Hash32) (result Bytes, err error) {
	err = c.Call(ctx, "debug_getRawTransaction", []any{hash}, &result)
	return
}

// DebugTraceBlockByHash: Carries a block out again and tells every transaction of it.
func (c *Client) DebugTraceBlockByHash(ctx context.Context, block Hash32, config *TraceConfig) (result BlockTrace, err error) {
	err = c.Call(ctx, "debug_traceBlockByHash", []any{block, config}, &result)
	return
}

// DebugTraceBlockByNumber: Carries a block out again and tells every transaction of it.
func (c *Client) DebugTraceBlockByNumber(ctx context.Context, block BlockNumberOrTag, config *TraceConfig) (result BlockTrace, err error) {
	err = c.Call(ctx, "debug_traceBlockByNumber", []any{block, config}, &result)
	return
}

// DebugTraceCall: Runs code without a transaction and tells what it did.
func (c *Client) DebugTraceCall(ctx context.Context, transaction GenericTransaction, block *BlockNumberOrTagOrHash, config *TraceConfig) (result Trace, err error) {
	err = c.Call(ctx, "debug_traceCall", []any{transaction, block, config}, &result)
	return
}

// DebugTraceTransaction: Carries a final transaction out again, as it was, and tells what it did.
func (c *Client) DebugTraceTransaction(ctx context.Context, transaction Hash32, config *TraceConfig) (result Trace, err error) {
	err = c.Call(ctx, "debug_traceTransaction", []any{transaction, config}, &result)
	return
}

// EthAccounts: Empty: the node keeps no keys of users.
func (c *Client) EthAccounts(ctx context.Context) (result Addresses, err error) {
	err = c.Call(ctx, "eth_accounts", []any{}, &result)
	return
}

// EthBaseFee: The base fee of the next block, in wei per gas.
func (c *Client) EthBaseFee(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_baseFee", []any{}, &result)
	return
}

// EthBlobBaseFee: The least there is: blob transactions are refused.
func (c *Client) EthBlobBaseFee(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_blobBaseFee", []any{}, &result)
	return
}

// EthBlockNumber: The height of the last final block.
func (c *Client) EthBlockNumber(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_blockNumber", []any{}, &result)
	return
}

// EthCall: Runs code without a transaction and returns its output.
func (c *Client) EthCall(ctx context.Context, transaction GenericTransaction, block *BlockNumberOrTagOrHash, stateOverrides StateOverrides, blockOverrides *BlockOverrides) (result Bytes, err error) {
	err = c.Call(ctx, "eth_call", []any{transaction, block, stateOverrides, blockOverrides}, &result)
	return
}

// EthCapabilities: Which of the ledger's past this node answers for: all, and proofs of the last blocks.
func (c *Client) EthCapabilities(ctx context.Context) (result EthCapabilities, err error) {
	err = c.Call(ctx, "eth_capabilities", []any{}, &result)
	return
}

// EthChainId: The chain id of the organisation's ledger.
func (c *Client) EthChainId(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_chainId", []any{}, &result)
	return
}

// EthCoinbase: Who the next block names as its beneficiary.
func (c *Client) EthCoinbase(ctx context.Context) (result Address, err error) {
	err = c.Call(ctx, "eth_coinbase", []any{}, &result)
	return
}

// EthConfig: The rules in force: fork, precompiles, system contracts (EIP-7910).
func (c *Client) EthConfig(ctx context.Context) (result ConfigurationResponse, err error) {
	err = c.Call(ctx, "eth_config", []any{}, &result)
	return
}

// EthCreateAccessList: The access list with which a transaction runs, and the gas it then uses.
func (c *Client) EthCreateAccessList(ctx context.Context, transaction GenericTransaction, block *BlockNumberOrTagOrHash, stateOverrides StateOverrides) (result EthCreateAccessListResult, err error) {
	err = c.Call(ctx, "eth_createAccessList", []any{transaction, block, stateOverrides}, &result)
	return
}

// EthEstimateGas: The least gas with which a transaction succeeds.
func (c *Client) EthEstimateGas(ctx context.Context, transaction GenericTransaction, block *BlockNumberOrTagOrHash, stateOverrides StateOverrides, blockOverrides *BlockOverrides) (result Uint, err error) {
	err = c.Call(ctx, "eth_estimateGas", []any{transaction, block, stateOverrides, blockOverrides}, &result)
	return
}

// EthFeeHistory: Base fees, fill and tips of the latest blocks.
func (c *Client) EthFeeHistory(ctx context.Context, blockCount any, block BlockNumberOrTag, rewardPercentiles []float64) (result FeeHistory, err error) {
	err = c.Call(ctx, "eth_feeHistory", []any{blockCount, block, rewardPercentiles}, &result)
	return
}

// EthGasPrice: A price per gas that gets into the next block.
func (c *Client) EthGasPrice(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_gasPrice", []any{}, &result)
	return
}

// EthGetBalance: An account's balance in wei after a block.
func (c *Client) EthGetBalance(ctx context.Context, address Address, block *BlockNumberOrTagOrHash) (result Uint, err error) {
	err = c.Call(ctx, "eth_getBalance", []any{address, block}, &result)
	return
}

// EthGetBlockByHash: A block by hash.
func (c *Client) EthGetBlockByHash(ctx context.Context, hash Hash32, hydrated *bool) (result *Block, err error) {
	err = c.Call(ctx, "eth_getBlockByHash", []any{hash, hydrated}, &result)
	return
}

// EthGetBlockByNumber: A block by height or tag.
func (c *Client) EthGetBlockByNumber(ctx context.Context, block BlockNumberOrTag, hydrated *bool) (result *Block, err error) {
	err = c.Call(ctx, "eth_getBlockByNumber", []any{block, hydrated}, &result)
	return
}

// EthGetBlockReceipts: All receipts of a block.
func (c *Client) EthGetBlockReceipts(ctx context.Context, block BlockNumberOrTagOrHash) (result []ReceiptInfo, err error) {
	err = c.Call(ctx, "eth_getBlockReceipts", []any{block}, &result)
	return
}

// EthGetBlockTransactionCountByHash: How many transactions a block has, by hash.
func (c *Client) EthGetBlockTransactionCountByHash(ctx context.Context, hash Hash32) (result *Uint, err error) {
	err = c.Call(ctx, "eth_getBlockTransactionCountByHash", []any{hash}, &result)
	return
}

// EthGetBlockTransactionCountByNumber: How many transactions a block has, by height or tag.
func (c *Client) EthGetBlockTransactionCountByNumber(ctx context.Context, block BlockNumberOrTag) (result *Uint, err error) {
	err = c.Call(ctx, "eth_getBlockTransactionCountByNumber", []any{block}, &result)
	return
}

// EthGetCode: The code at an address after a block.
func (c *Client) EthGetCode(ctx context.Context, address Address, block *BlockNumberOrTagOrHash) (result Bytes, err error) {
	err = c.Call(ctx, "eth_getCode", []any{address, block}, &result)
	return
}

// EthGetFilterChanges: What is new since a filter was made or polled last: logs, or hashes of blocks or transactions.
func (c *Client) EthGetFilterChanges(ctx context.Context, filter Uint) (result FilterResults, err error) {
	err = c.Call(ctx, "eth_getFilterChanges", []any{filter}, &result)
	return
}

// EthGetFilterLogs: All logs that match a filter of logs, in its own range of blocks.
func (c *Client) EthGetFilterLogs(ctx context.Context, filter Uint) (result FilterResults, err error) {
	err = c.Call(ctx, "eth_getFilterLogs", []any{filter}, &result)
	return
}

// EthGetLogs: The logs that match a filter.
func (c *Client) EthGetLogs(ctx context.Context, filter Filter) (result []Log, err error) {
	err = c.Call(ctx, "eth_getLogs", []any{filter}, &result)
	return
}

// EthGetProof: An account and some of its slots with Merkle proofs, in the last 128 blocks.
func (c *Client) EthGetProof(ctx context.Context, address Address, storageKeys []BytesMax32, block *BlockNumberOrTagOrHash) (result AccountProof, err error) {
	err = c.Call(ctx, "eth_getProof", []any{address, storageKeys, block}, &result)
	return
}

// EthGetStorageAt: One storage slot of a contract after a block.
func (c *Client) EthGetStorageAt(ctx context.Context, address Address, slot BytesMax32, block *BlockNumberOrTagOrHash) (result Bytes, err error) {
	err = c.Call(ctx, "eth_getStorageAt", []any{address, slot, block}, &result)
	return
}

// EthGetTransactionByBlockHashAndIndex: A transaction by block hash and place.
func (c *Client) EthGetTransactionByBlockHashAndIndex(ctx context.Context, hash Hash32, index Uint) (result *TransactionInfo, err error) {
	err = c.Call(ctx, "eth_getTransactionByBlockHashAndIndex", []any{hash, index}, &result)
	return
}

// EthGetTransactionByBlockNumberAndIndex: A transaction by height and place.
func (c *Client) EthGetTransactionByBlockNumberAndIndex(ctx context.Context, block BlockNumberOrTag, index Uint) (result *TransactionInfo, err error) {
	err = c.Call(ctx, "eth_getTransactionByBlockNumberAndIndex", []any{block, index}, &result)
	return
}

// EthGetTransactionByHash: A transaction, final or waiting in the pool.
func (c *Client) EthGetTransactionByHash(ctx context.Context, hash Hash32) (result *TransactionInfo, err error) {
	err = c.Call(ctx, "eth_getTransactionByHash", []any{hash}, &result)
	return
}

// EthGetTransactionCount: An account's nonce after a block; at pending, behind what waits in the pool.
func (c *Client) EthGetTransactionCount(ctx context.Context, address Address, block *BlockNumberOrTagOrHash) (result Uint, err error) {
	err = c.Call(ctx, "eth_getTransactionCount", []any{address, block}, &result)
	return
}

// EthGetTransactionReceipt: The receipt of a final transaction.
func (c *Client) EthGetTransactionReceipt(ctx context.Context, hash Hash32) (result *ReceiptInfo, err error) {
	err = c.Call(ctx, "eth_getTransactionReceipt", []any{hash}, &result)
	return
}

// EthGetUncleByBlockHashAndIndex: Null: no block has uncles.
func (c *Client) EthGetUncleByBlockHashAndIndex(ctx context.Context, hash Hash32, index Uint) (result any, err error) {
	err = c.Call(ctx, "eth_getUncleByBlockHashAndIndex", []any{hash, index}, &result)
	return
}

// EthGetUncleByBlockNumberAndIndex: Null: no block has uncles.
func (c *Client) EthGetUncleByBlockNumberAndIndex(ctx context.Context, block BlockNumberOrTag, index Uint) (result any, err error) {
	err = c.Call(ctx, "eth_getUncleByBlockNumberAndIndex", []any{block, index}, &result)
	return
}

// EthGetUncleCountByBlockHash: 0: no block has uncles; null for an unknown block.
func (c *Client) EthGetUncleCountByBlockHash(ctx context.Context, hash Hash32) (result *Uint, err error) {
	err = c.Call(ctx, "eth_getUncleCountByBlockHash", []any{hash}, &result)
	return
}

// EthGetUncleCountByBlockNumber: 0: no block has uncles; null for an unknown block.
func (c *Client) EthGetUncleCountByBlockNumber(ctx context.Context, block BlockNumberOrTag) (result *Uint, err error) {
	err = c.Call(ctx, "eth_getUncleCountByBlockNumber", []any{block}, &result)
	return
}

// EthMaxPriorityFeePerGas: A tip per gas that gets into the next block.
func (c *Client) EthMaxPriorityFeePerGas(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_maxPriorityFeePerGas", []any{}, &result)
	return
}

// EthNewBlockFilter: A filter to poll for new blocks; gone when it is not polled for 5 minutes.
func (c *Client) EthNewBlockFilter(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_newBlockFilter", []any{}, &result)
	return
}

// EthNewFilter: A filter to poll for new logs; gone when it is not polled for 5 minutes.
func (c *Client) EthNewFilter(ctx context.Context, filter Filter) (result Uint, err error) {
	err = c.Call(ctx, "eth_newFilter", []any{filter}, &result)
	return
}

// EthNewPendingTransactionFilter: A filter to poll for transactions that the pool admitted; gone when it is not polled for 5 minutes.
func (c *Client) EthNewPendingTransactionFilter(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_newPendingTransactionFilter", []any{}, &result)
	return
}

// EthProtocolVersion: The version of the ledger's own rules; no node here speaks eth/NN.
func (c *Client) EthProtocolVersion(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "eth_protocolVersion", []any{}, &result)
	return
}

// EthSendRawTransaction: Admits a signed transaction to the pool.
func (c *Client) EthSendRawTransaction(ctx context.Context, transaction Bytes) (result Hash32, err error) {
	err = c.Call(ctx, "eth_sendRawTransaction", []any{transaction}, &result)
	return
}

// EthSendRawTransactionSync: Admits a signed transaction and answers with its receipt, or an error after a time (EIP-7966).
func (c *Client) EthSendRawTransactionSync(ctx context.Context, transaction Bytes, timeoutMs any) (result ReceiptInfo, err error) {
	err = c.Call(ctx, "eth_sendRawTransactionSync", []any{transaction, timeoutMs}, &result)
	return
}

// EthSimulateV1: Runs calls in blocks that might follow, over overridden state.
func (c *Client) EthSimulateV1(ctx context.Context, payload EthSimulatePayload, block *BlockNumberOrTagOrHash) (result EthSimulateResult, err error) {
	err = c.Call(ctx, "eth_simulateV1", []any{payload, block}, &result)
	return
}

// EthSubscribe: Over WebSocket: tells of new blocks, logs or admitted transactions as they come, by eth_subscription.
func (c *Client) EthSubscribe(ctx context.Context, subscription string, options any) (result Uint, err error) {
	err = c.Call(ctx, "eth_subscribe", []any{subscription, options}, &result)
	return
}

// EthSyncing: False: a node shows only blocks it holds whole.
func (c *Client) EthSyncing(ctx context.Context) (result SyncingStatus, err error) {
	err = c.Call(ctx, "eth_syncing", []any{}, &result)
	return
}

// EthUninstallFilter: Removes a filter; false if there is none.
func (c *Client) EthUninstallFilter(ctx context.Context, filter Uint) (result bool, err error) {
	err = c.Call(ctx, "eth_uninstallFilter", []any{filter}, &result)
	return
}

// EthUnsubscribe: Over WebSocket: ends a subscription of this connection.
func (c *Client) EthUnsubscribe(ctx context.Context, subscription Uint) (result bool, err error) {
	err = c.Call(ctx, "eth_unsubscribe", []any{subscription}, &result)
	return
}

// NetListening: True: the node answers.
func (c *Client) NetListening(ctx context.Context) (result bool, err error) {
	err = c.Call(ctx, "net_listening", []any{}, &result)
	return
}

// NetPeerCount: How many nodes this one talks to: 0, since members of a committee are not counted.
func (c *Client) NetPeerCount(ctx context.Context) (result Uint, err error) {
	err = c.Call(ctx, "net_peerCount", []any{}, &result)
	return
}

// NetVersion: The chain id in decimal.
func (c *Client) NetVersion(ctx context.Context) (result string, err error) {
	err = c.Call(ctx, "net_version", []any{}, &result)
	return
}

// OrgCreate: Founds an organisation on this node. Needs the operator's token.
func (c *Client) OrgCreate(ctx context.Context, organisation OrganisationRequest) (result Organisation, err error) {
	err = c.Call(ctx, "org_create", []any{organisation}, &result)
	return
}

// OrgFoundAccept: Founding together, step 2: founds what the document says beside its place, and returns this member's acceptance, once the founder signed the document.
func (c *Client) OrgFoundAccept(ctx context.Context, session Bytes, label string, document Bytes, signature Bytes) (result Bytes, err error) {
	err = c.Call(ctx, "org_foundAccept", []any{session, label, document, signature}, &result)
	return
}

// OrgFoundComplete: Founding together, step 3: with the acceptances of all members, one behind the other in index order, the organisation is there.
func (c *Client) OrgFoundComplete(ctx context.Context, session Bytes, label string, document Bytes, acceptances Bytes) (result Organisation, err error) {
	err = c.Call(ctx, "org_foundComplete", []any{session, label, document, acceptances}, &result)
	return
}

// OrgFoundOffer: Founding together, step 1: this node's entry for the committee of an organisation on these terms (a genesis document without committee), signed by its founder; or asked, while the operator has not said yes.
func (c *Client) OrgFoundOffer(ctx context.Context, session Bytes, label string, terms Bytes, signature Bytes) (result OrgFoundOfferResult, err error) {
	err = c.Call(ctx, "org_foundOffer", []any{session, label, terms, signature}, &result)
	return
}

// OrgGet: One organisation: charter, committee, epoch, supply. Without a name, that of the endpoint.
func (c *Client) OrgGet(ctx context.Context, name *string) (result Organisation, err error) {
	err = c.Call(ctx, "org_get", []any{name}, &result)
	return
}

// OrgGetBlock: A block whole, as members exchange it, with the certificate that makes it final (null: that of a later block does): what executing the ledger oneself needs.
func (c *Client) OrgGetBlock(ctx context.Context, block BlockNumberOrTagOrHash) (result OrgGetBlockResult, err error) {
	err = c.Call(ctx, "org_getBlock", []any{block}, &result)
	return
}

// OrgGetFinalityProof: What proves that a block is final: headers and a certificate of the committee.
func (c *Client) OrgGetFinalityProof(ctx context.Context, block BlockNumberOrTagOrHash) (result FinalityProof, err error) {
	err = c.Call(ctx, "org_getFinalityProof", []any{block}, &result)
	return
}

// OrgGetHistory: What touched an account, the newest first: transactions, token transfers, coin that blocks credit.
func (c *Client) OrgGetHistory(ctx context.Context, account Address, limit any, next *Bytes) (result HistoryPage, err error) {
	err = c.Call(ctx, "org_getHistory", []any{account, limit, next}, &result)
	return
}

// OrgGetSeals: What leads from the committee of one epoch to those of later ones: their seals, each final by the one before.
func (c *Client) OrgGetSeals(ctx context.Context, epoch Uint) (result OrgGetSealsResult, err error) {
	err = c.Call(ctx, "org_getSeals", []any{epoch}, &result)
	return
}

// OrgList: The organisations of this node, the default one first.
func (c *Client) OrgList(ctx context.Context) (result []OrganisationSummary, err error) {
	err = c.Call(ctx, "org_list", []any{}, &result)
	return
}

// RpcDiscover: This document.
func (c *Client) RpcDiscover(ctx context.Context) (result map[string]any, err error) {
	err = c.Call(ctx, "rpc.discover", []any{}, &result)
	return
}

// TxpoolContent: All waiting transactions, by sender and nonce.
func (c *Client) TxpoolContent(ctx context.Context) (result TxpoolContent, err error) {
	err = c.Call(ctx, "txpool_content", []any{}, &result)
	return
}

// TxpoolContentFrom: The waiting transactions of one sender, by nonce.
func (c *Client) TxpoolContentFrom(ctx context.Context, address Address) (result TxpoolContentFromResult, err error) {
	err = c.Call(ctx, "txpool_contentFrom", []any{address}, &result)
	return
}

// TxpoolInspect: All waiting transactions, a line each.
func (c *Client) TxpoolInspect(ctx context.Context) (result map[string]any, err error) {
	err = c.Call(ctx, "txpool_inspect", []any{}, &result)
	return
}

// TxpoolStatus: How many transactions wait: ready ones, and those above a gap of nonces.
func (c *Client) TxpoolStatus(ctx context.Context) (result TxpoolStatus, err error) {
	err = c.Call(ctx, "txpool_status", []any{}, &result)
	return
}

// Web3ClientVersion: The program and its version.
func (c *Client) Web3ClientVersion(ctx context.Context) (result string, err error) {
	err = c.Call(ctx, "web3_clientVersion", []any{}, &result)
	return
}

// Web3Sha3: The Keccak-256 of some bytes.
func (c *Client) Web3Sha3(ctx context.Context, data Bytes) (result Hash32, err error) {
	err = c.Call(ctx, "web3_sha3", []any{data}, &result)
	return
}
