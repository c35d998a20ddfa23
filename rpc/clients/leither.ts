// Made from rpc.discover by rpc/clients/generate.mjs: do not edit.
// Leither's JSON-RPC for TypeScript: one function a method, named as the method is.

/** Access list. */
export type AccessList = AccessListEntry[];

/** Access list entry. */
export interface AccessListEntry {
  address: Address;
  storageKeys: Hash32[];
}

/** Account proof. */
export interface AccountProof {
  address: Address;
  accountProof: Bytes[];
  balance: Uint256;
  codeHash: Hash32;
  nonce: Uint64;
  storageHash: Hash32;
  storageProof: StorageProof[];
}

/** Storage slots. */
export type AccountStorage = Record<string, Hash32>;

/** hex encoded address. */
export type Address = `0x${string}`;

/** hex encoded address. */
export type Addresses = Address[];

/** Authorization list. */
export type AuthorizationList = AuthorizationListEntry[];

/** Authorization (EIP-7702). */
export interface AuthorizationListEntry {
  chainId: Uint;
  address: Address;
  nonce: Uint;
  yParity: Uint;
  r: Uint;
  s: Uint;
}

/** Blob schedule. */
export interface BlobSchedule {
  baseFeeUpdateFraction: number;
  max: number;
  target: number;
}

/** Block object. */
export interface Block {
  hash: Hash32;
  parentHash: Hash32;
  sha3Uncles: Hash32;
  miner: Address;
  stateRoot: Hash32;
  transactionsRoot: Hash32;
  receiptsRoot: Hash32;
  logsBloom: Bytes256;
  difficulty?: Uint;
  number: Uint;
  gasLimit: Uint;
  gasUsed: Uint;
  timestamp: Uint;
  extraData: Bytes;
  mixHash: Hash32;
  nonce: Bytes8;
  baseFeePerGas?: Uint;
  withdrawalsRoot?: Hash32;
  blobGasUsed?: Uint;
  excessBlobGas?: Uint;
  parentBeaconBlockRoot?: Hash32;
  size: Uint;
  transactions: (Hash32 | TransactionInfo)[];
  withdrawals?: Withdrawal[];
  uncles: Hash32[];
  requestsHash?: Hash32;
}

/** Block number or tag. */
export type BlockNumberOrTag = Uint | BlockTag;

/** Block number or tag. */
export type BlockNumberOrTagForRange = Uint | BlockTagForRange;

/** Block number, tag, or block hash. */
export type BlockNumberOrTagOrHash = Uint | BlockTag | Hash32;

/** Context fields related to the block being executed. */
export interface BlockOverrides {
  number?: Uint64;
  prevRandao?: Uint256;
  time?: Uint64;
  gasLimit?: Uint64;
  feeRecipient?: Address;
  baseFeePerGas?: Uint256;
  withdrawals?: Withdrawals;
  blobBaseFee?: Uint64;
}

/** Block tag. */
export type BlockTag = 'earliest' | 'finalized' | 'safe' | 'latest' | 'pending';

/** Block tag. */
export type BlockTagForRange = 'earliest' | 'finalized' | 'safe' | 'latest';

/** Traces of a block's transactions. */
export type BlockTrace = BlockTraceItem[];

export interface BlockTraceItem {
  txHash: Hash32;
  result: Trace;
}

/** hex encoded byte. */
export type Byte = `0x${string}`;

/** hex encoded bytes. */
export type Bytes = `0x${string}`;

/** 256 hex encoded bytes. */
export type Bytes256 = `0x${string}`;

/** 32 hex encoded bytes. */
export type Bytes32 = `0x${string}`;

/** 4 hex encoded bytes. */
export type Bytes4 = `0x${string}`;

/** 8 hex encoded bytes. */
export type Bytes8 = `0x${string}`;

/** 32 hex encoded bytes. */
export type BytesMax32 = `0x${string}`;

/** Results of eth_simulate within block. */
export type CallResults = CallResultsItem[];

export interface CallResultsItem {
  status: `0x${string}`;
  returnData: Bytes;
  gasUsed: Uint64;
  maxUsedGas?: Uint64;
  error?: CallResultsItemError;
  logs?: Log[];
}

export interface CallResultsItemError {
  code?: unknown;
  message?: string;
}

/** A message and those it sent (callTracer). */
export interface CallTrace {
  type: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL' | 'CREATE' | 'CREATE2' | 'SELFDESTRUCT';
  from: Address;
  to?: Address;
  gas: Uint;
  gasUsed: Uint;
  value?: Uint256;
  input: Bytes;
  output?: Bytes;
  error?: string;
  revertReason?: string;
  calls?: CallTrace[];
  logs?: CallTraceLog[];
}

/** A log, where its message sent it. */
export interface CallTraceLog {
  address: Address;
  topics: Bytes32[];
  data: Bytes;
  position: Uint;
  index: Uint;
}

/** Configuration object. */
export interface ConfigObject {
  activationTime: number;
  blobSchedule: BlobSchedule;
  chainId: Uint;
  forkId: Bytes4;
  precompiles: Record<string, Address>;
  systemContracts: Record<string, Address>;
}

/** Configuration response. */
export interface ConfigurationResponse {
  current: ConfigObject;
  next: ConfigObject | null;
  last: ConfigObject | null;
}

/** Effective routing capabilities. */
export interface EthCapabilities {
  head: EthCapabilitiesHead;
  state: EthCapabilitiesEffectiveResource;
  tx: EthCapabilitiesEffectiveResource;
  logs: EthCapabilitiesEffectiveResource;
  receipts: EthCapabilitiesEffectiveResource;
  blocks: EthCapabilitiesEffectiveResource;
  stateproofs: EthCapabilitiesEffectiveResource;
}

/** Delete strategy. */
export interface EthCapabilitiesDeleteStrategy {
  type: 'window';
  retentionBlocks: Uint;
}

/** Effective resource capability. */
export interface EthCapabilitiesEffectiveResource {
  disabled: boolean;
  oldestBlock?: Uint;
  deleteStrategy?: EthCapabilitiesDeleteStrategy;
}

/** Current head block. */
export interface EthCapabilitiesHead {
  number: Uint;
  hash: Hash32;
}

export interface EthCreateAccessListResult {
  accessList: AccessList;
  error?: string;
  gasUsed: Uint;
}

/** Result of eth_simulate block-level, with array of calls. */
export interface EthSimulateBlockResultSingleSuccess {
  hash: Hash32;
  parentHash: Hash32;
  sha3Uncles: Hash32;
  miner: Address;
  stateRoot: Hash32;
  transactionsRoot: Hash32;
  receiptsRoot: Hash32;
  logsBloom: Bytes256;
  difficulty?: Uint;
  number: Uint;
  gasLimit: Uint;
  gasUsed: Uint;
  timestamp: Uint;
  extraData: Bytes;
  mixHash: Hash32;
  nonce: Bytes8;
  baseFeePerGas?: Uint;
  withdrawalsRoot?: Hash32;
  blobGasUsed?: Uint;
  excessBlobGas?: Uint;
  parentBeaconBlockRoot?: Hash32;
  size: Uint;
  transactions: (Hash32 | TransactionInfo)[];
  withdrawals?: Withdrawal[];
  uncles: Hash32[];
  requestsHash?: Hash32;
  calls: CallResults;
}

/** What to simulate. */
export interface EthSimulatePayload {
  blockStateCalls: EthSimulatePayloadBlockStateCallsItem[];
  traceTransfers?: boolean;
  validation?: boolean;
  returnFullTransactions?: boolean;
}

export interface EthSimulatePayloadBlockStateCallsItem {
  blockOverrides?: BlockOverrides;
  stateOverrides?: StateOverrides;
  calls?: GenericTransaction[];
}

/** Full results of eth_simulate. */
export type EthSimulateResult = EthSimulateBlockResultSingleSuccess[];

/** feeHistoryResults. */
export interface FeeHistory {
  oldestBlock: Uint;
  baseFeePerGas: Uint[];
  baseFeePerBlobGas?: Uint[];
  gasUsedRatio: Ratio[];
  blobGasUsedRatio?: Ratio[];
  reward?: Uint[][];
}

/** filter. */
export interface Filter {
  fromBlock?: BlockNumberOrTagForRange;
  toBlock?: BlockNumberOrTagForRange;
  address?: null | Address | Addresses;
  topics?: FilterTopics;
  blockHash?: Hash32;
}

/** Filter results. */
export type FilterResults = Hash32[] | Log[];

/** Filter Topic List Entry. */
export type FilterTopic = null | Bytes32 | Bytes32[];

/** Filter Topics. */
export type FilterTopics = null | FilterTopic[];

/** Finality proof. */
export interface FinalityProof {
  height: Uint;
  chainId: Uint;
  id: Hash32;
  headersCount: Uint;
  finalization: Record<string, unknown>;
  proof: Bytes;
}

/** Transaction object for calls. */
export interface GenericTransaction {
  type?: Byte;
  nonce?: Uint;
  from?: Address;
  gas?: Uint;
  value?: Uint;
  input?: Bytes;
  data?: Bytes;
  gasPrice?: Uint;
  maxPriorityFeePerGas?: Uint;
  maxFeePerGas?: Uint;
  accessList?: AccessList;
  authorizationList?: AuthorizationList;
  chainId?: Uint;
  to?: null | Address;
}

/** 32 byte hex value. */
export type Hash32 = `0x${string}`;

/** A transaction, or a block, that touched an account. */
export interface HistoryEntry {
  blockNumber: Uint;
  blockHash: Hash32;
  blockTimestamp: Uint;
  transactionHash?: Hash32;
  transactionIndex?: Uint;
  from?: Address;
  to?: Address | null;
  contractAddress?: Address;
  value?: Uint256;
  status?: Uint;
  fee?: Uint256;
  tokenTransfers?: TokenTransfer[];
  hasMoreTokenTransfers?: boolean;
  coins?: HistoryEntryCoinsItem[];
  roles: ('sent' | 'received' | 'created' | 'tokens' | 'authorized' | 'coin')[];
}

export interface HistoryEntryCoinsItem {
  amount: Uint256;
  reason?: string;
}

/** A page of an account's history. */
export interface HistoryPage {
  entries: HistoryEntry[];
  next: Bytes | null;
}

/** log. */
export interface Log {
  removed?: boolean;
  logIndex?: Uint;
  transactionIndex?: Uint;
  transactionHash: Hash32;
  blockHash?: Hash32;
  blockNumber?: Uint;
  blockTimestamp?: Uint;
  address?: Address;
  data?: Bytes;
  topics?: Bytes32[];
}

/** Opcode transaction trace. */
export interface OpcodeTransactionTrace {
  gas: number;
  failed: boolean;
  returnValue: Bytes;
  structLogs: StructLog[];
}

export interface OrgFoundOfferResult {
  state: 'asked' | 'offered';
  entry: Bytes | null;
  network: Uint;
}

export interface OrgGetBlockResult {
  height: Uint;
  hash: Hash32;
  container: Bytes;
  finalization: Bytes | null;
}

export interface OrgGetSealsResult {
  epoch: Uint;
  links: Uint;
  newest: Uint;
  chain: Bytes;
}

/** Organisation. */
export interface Organisation {
  label: string;
  name: string;
  symbol: string;
  id: Hash32;
  chainId: Uint;
  founder: Address;
  transparency: string;
  height: Uint;
  isDefault: boolean;
  stopped: null | string;
  path: string;
  fees?: 'free' | 'market';
  baseFeeFloor?: Uint;
  created?: Uint;
  fork?: string;
  genesisCoin: OrganisationGenesisCoinItem[];
  supply: OrganisationSupply;
  epoch: Record<string, unknown>;
  committee: Record<string, unknown>[];
  charter: Record<string, unknown>;
}

export interface OrganisationGenesisCoinItem {
  to: Address;
  amount: Uint;
  reason: string;
}

/** What a founder decides. */
export interface OrganisationRequest {
  label?: string;
  name: string;
  symbol: string;
  founder: Address;
  transparency: 'open' | 'members' | 'parties' | 'sealed';
  fees?: 'free' | 'market';
  baseFee?: Uint;
  fork?: 'cancun' | 'prague' | 'osaka';
  chainId?: Uint | number;
  grant?: string;
  reason?: string;
  pulse?: Uint | number;
  makeDefault?: boolean;
}

/** Organisation in brief. */
export interface OrganisationSummary {
  label: string;
  name: string;
  symbol: string;
  id: Hash32;
  chainId: Uint;
  founder: Address;
  transparency: string;
  height: Uint;
  isDefault: boolean;
  stopped: null | string;
  path: string;
  timestamp: Uint;
}

export interface OrganisationSupply {
  issued: Uint;
  reissued: Uint;
  burnt: Uint;
  retired: Uint;
  destroyed: Uint;
  outstanding: Uint;
}

/** Pending transaction information. */
export interface PendingTransactionInfo {
  blockHash?: null;
  blockNumber?: null;
  blockTimestamp?: null;
  from: Address;
  hash: Hash32;
  transactionIndex?: null;
  type: `0x${string}`;
  nonce: Uint;
  to?: Address;
  gas: Uint;
  value: Uint;
  input: Bytes;
  maxPriorityFeePerGas?: Uint;
  maxFeePerGas?: Uint;
  gasPrice?: Uint;
  accessList?: AccessList;
  chainId?: Uint;
  authorizationList?: AuthorizationList;
  yParity?: Byte;
  v?: Byte;
  r: Uint;
  s: Uint;
  maxFeePerBlobGas?: Uint;
  blobVersionedHashes?: Hash32[];
}

/** An account before or after a transaction (prestateTracer). */
export interface PrestateAccount {
  balance?: Uint256;
  code?: Bytes;
  codeHash?: Hash32;
  nonce?: number;
  storage?: Record<string, Bytes32>;
}

/** What changed (prestateTracer, diffMode). */
export interface PrestateDiff {
  post: PrestateTrace;
  pre: PrestateTrace;
}

/** Accounts by address (prestateTracer). */
export type PrestateTrace = Record<string, PrestateAccount>;

/** normalized ratio. */
export type Ratio = number;

/** Receipt information. */
export interface ReceiptInfo {
  type?: Byte;
  transactionHash: Hash32;
  transactionIndex: Uint;
  blockHash: Hash32;
  blockNumber: Uint;
  from: Address;
  to?: null | Address;
  cumulativeGasUsed: Uint;
  gasUsed: Uint;
  blobGasUsed?: Uint;
  contractAddress?: Address | null;
  logs: Log[];
  logsBloom: Bytes256;
  root?: Hash32;
  status?: Uint;
  effectiveGasPrice: Uint;
  blobGasPrice?: Uint;
}

/** Calls by selector and size of arguments (4byteTracer); of the noopTracer, none. */
export type SelectorTrace = Record<string, number>;

/** Accounts to find in place of the ledger's. */
export type StateOverrides = Record<string, StateOverridesValue>;

export interface StateOverridesValue {
  nonce?: Uint64;
  balance?: Uint256;
  code?: Bytes;
  state?: AccountStorage;
  stateDiff?: AccountStorage;
}

/** Storage proof. */
export interface StorageProof {
  key: BytesMax32;
  value: Uint256;
  proof: Bytes[];
}

/** Opcode execution log entry. */
export interface StructLog {
  pc: number;
  op: string;
  gas: number;
  gasCost: number;
  depth: number;
  error?: string;
  refund?: number;
  stack?: Uint256[];
  memory?: Bytes32[];
  returnData?: Bytes;
  storage?: Record<string, Bytes32>;
}

/** Syncing status. */
export type SyncingStatus = SyncingStatusSyncingProgress | boolean;

export interface SyncingStatusSyncingProgress {
  startingBlock?: Uint;
  currentBlock?: Uint;
  highestBlock?: Uint;
}

/** Tokens moved. */
export interface TokenTransfer {
  standard: 'ERC-20' | 'ERC-721' | 'ERC-1155';
  token: Address;
  from: Address;
  to: Address;
  tokenId?: Uint256;
  amount: Uint256;
  logIndex: Uint;
}

/** A trace, by its tracer. */
export type Trace = OpcodeTransactionTrace | CallTrace | PrestateTrace | PrestateDiff | SelectorTrace;

/** Trace configuration. */
export interface TraceConfig {
  tracer?: '' | 'callTracer' | 'prestateTracer' | '4byteTracer' | 'noopTracer';
  tracerConfig?: TraceConfigTracerConfig;
  timeout?: string;
  disableStorage?: boolean;
  disableStack?: boolean;
  enableMemory?: boolean;
  enableReturnData?: boolean;
  limit?: number;
  txIndex?: Uint;
  stateOverrides?: StateOverrides;
  blockOverrides?: BlockOverrides;
}

export interface TraceConfigTracerConfig {
  onlyTopCall?: boolean;
  withLog?: boolean;
  diffMode?: boolean;
  disableCode?: boolean;
  disableStorage?: boolean;
  includeEmpty?: boolean;
}

/** Transaction with its place. */
export interface TransactionInfo {
  blockHash?: null | Hash32;
  blockNumber?: null | Uint;
  transactionIndex?: null | Uint;
  blockTimestamp?: null | Uint;
  gas: Uint;
  gasPrice?: Uint;
  maxFeePerGas?: Uint;
  maxPriorityFeePerGas?: Uint;
  hash: Hash32;
  input: Bytes;
  nonce: Uint;
  value: Uint;
  type: Byte;
  chainId?: Uint;
  v: Uint;
  yParity?: Uint;
  r: Uint;
  s: Uint;
  accessList?: AccessList;
  authorizationList?: AuthorizationList;
  from: Address;
  to: null | Address;
}

/** Transaction pool content. */
export interface TxpoolContent {
  pending: TxpoolContentAddressMap;
  queued: TxpoolContentAddressMap;
}

/** Transactions by address. */
export type TxpoolContentAddressMap = Record<string, TxpoolContentByAddress>;

/** Transactions by nonce. */
export type TxpoolContentByAddress = Record<string, PendingTransactionInfo>;

/** Transaction pool content from address. */
export interface TxpoolContentFromResult {
  pending: TxpoolContentByAddress;
  queued: TxpoolContentByAddress;
}

/** Transaction pool status. */
export interface TxpoolStatus {
  pending: Uint;
  queued: Uint;
}

/** hex encoded unsigned integer. */
export type Uint = `0x${string}`;

/** hex encoded 256 bit unsigned integer. */
export type Uint256 = `0x${string}`;

/** hex encoded 64 bit unsigned integer. */
export type Uint64 = `0x${string}`;

/** Validator withdrawal. */
export interface Withdrawal {
  index: Uint64;
  validatorIndex: Uint64;
  address: Address;
  amount: Uint256;
}

/** Validator withdrawals list. */
export type Withdrawals = Withdrawal[];

/** The node refused: `code` as in docs/rpc.md, `data` of a revert its bytes. */
export class RpcError extends Error {
  code: number;
  data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

export class Client {
  url: string;
  token: string | undefined;
  #id = 0;

  /** `url`: a ledger's, such as http://127.0.0.1:8545/o/acme; `token`: the operator's. */
  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  /** Any method; throws RpcError if the node refuses, Error if it does not answer. */
  async call<Result>(method: string, params: unknown[]): Promise<Result> {
    let count = params.length;
    while (count > 0 && params[count - 1] === undefined) count--;
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.token !== undefined) headers.authorization = `Bearer ${this.token}`;
    const body = JSON.stringify({
      jsonrpc: '2.0', id: ++this.#id, method, params: params.slice(0, count).map((one) => one ?? null) });
    const answer = await fetch(this.url, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method}: HTTP ${answer.status}: ${text}`);
    const { result, error } = JSON.parse(text);
    if (error) throw new RpcError(error.code, error.message, error.data);
    return result;
  }

  /** A block's RLP as geth encodes it. */
  debug_getRawBlock(block: BlockNumberOrTagOrHash): Promise<Bytes> {
    return this.call('debug_getRawBlock', [block]);
  }

  /** A block header's RLP. */
  debug_getRawHeader(block: BlockNumberOrTagOrHash): Promise<Bytes> {
    return this.call('debug_getRawHeader', [block]);
  }

  /** A block's receipts in their EIP-2718 form. */
  debug_getRawReceipts(block: BlockNumberOrTagOrHash): Promise<Bytes[]> {
    return this.call('debug_getRawReceipts', [block]);
  }

  /** A transaction in its EIP-2718 form, final or waiting; nothing if it is not known. */
  debug_getRawTransaction(hash: Hash32): Promise<Bytes> {
    return this.call('debug_getRawTransaction', [hash]);
  }

  /** Carries a block out again and tells every transaction of it. */
  debug_traceBlockByHash(block: Hash32, config?: TraceConfig): Promise<BlockTrace> {
    return this.call('debug_traceBlockByHash', [block, config]);
  }

  /** Carries a block out again and tells every transaction of it. */
  debug_traceBlockByNumber(block: BlockNumberOrTag, config?: TraceConfig): Promise<BlockTrace> {
    return this.call('debug_traceBlockByNumber', [block, config]);
  }

  /** Runs code without a transaction and tells what it did. */
  debug_traceCall(transaction: GenericTransaction, block?: BlockNumberOrTagOrHash, config?: TraceConfig): Promise<Trace> {
    return this.call('debug_traceCall', [transaction, block, config]);
  }

  /** Carries a final transaction out again, as it was, and tells what it did. */
  debug_traceTransaction(transaction: Hash32, config?: TraceConfig): Promise<Trace> {
    return this.call('debug_traceTransaction', [transaction, config]);
  }

  /** Empty: the node keeps no keys of users. */
  eth_accounts(): Promise<Addresses> {
    return this.call('eth_accounts', []);
  }

  /** The base fee of the next block, in wei per gas. */
  eth_baseFee(): Promise<Uint> {
    return this.call('eth_baseFee', []);
  }

  /** The least there is: blob transactions are refused. */
  eth_blobBaseFee(): Promise<Uint> {
    return this.call('eth_blobBaseFee', []);
  }

  /** The height of the last final block. */
  eth_blockNumber(): Promise<Uint> {
    return this.call('eth_blockNumber', []);
  }

  /** Runs code without a transaction and returns its output. */
  eth_call(transaction: GenericTransaction, block?: BlockNumberOrTagOrHash, stateOverrides?: StateOverrides, blockOverrides?: BlockOverrides): Promise<Bytes> {
    return this.call('eth_call', [transaction, block, stateOverrides, blockOverrides]);
  }

  /** Which of the ledger's past this node answers for: all, and proofs of the last blocks. */
  eth_capabilities(): Promise<EthCapabilities> {
    return this.call('eth_capabilities', []);
  }

  /** The chain id of the organisation's ledger. */
  eth_chainId(): Promise<Uint> {
    return this.call('eth_chainId', []);
  }

  /** Who the next block names as its beneficiary. */
  eth_coinbase(): Promise<Address> {
    return this.call('eth_coinbase', []);
  }

  /** The rules in force: fork, precompiles, system contracts (EIP-7910). */
  eth_config(): Promise<ConfigurationResponse> {
    return this.call('eth_config', []);
  }

  /** The access list with which a transaction runs, and the gas it then uses. */
  eth_createAccessList(transaction: GenericTransaction, block?: BlockNumberOrTagOrHash, stateOverrides?: StateOverrides): Promise<EthCreateAccessListResult> {
    return this.call('eth_createAccessList', [transaction, block, stateOverrides]);
  }

  /** The least gas with which a transaction succeeds. */
  eth_estimateGas(transaction: GenericTransaction, block?: BlockNumberOrTagOrHash, stateOverrides?: StateOverrides, blockOverrides?: BlockOverrides): Promise<Uint> {
    return this.call('eth_estimateGas', [transaction, block, stateOverrides, blockOverrides]);
  }

  /** Base fees, fill and tips of the latest blocks. */
  eth_feeHistory(blockCount: Uint | number, block: BlockNumberOrTag, rewardPercentiles?: number[]): Promise<FeeHistory> {
    return this.call('eth_feeHistory', [blockCount, block, rewardPercentiles]);
  }

  /** A price per gas that gets into the next block. */
  eth_gasPrice(): Promise<Uint> {
    return this.call('eth_gasPrice', []);
  }

  /** An account's balance in wei after a block. */
  eth_getBalance(address: Address, block?: BlockNumberOrTagOrHash): Promise<Uint> {
    return this.call('eth_getBalance', [address, block]);
  }

  /** A block by hash. */
  eth_getBlockByHash(hash: Hash32, hydrated?: boolean): Promise<null | Block> {
    return this.call('eth_getBlockByHash', [hash, hydrated]);
  }

  /** A block by height or tag. */
  eth_getBlockByNumber(block: BlockNumberOrTag, hydrated?: boolean): Promise<null | Block> {
    return this.call('eth_getBlockByNumber', [block, hydrated]);
  }

  /** All receipts of a block. */
  eth_getBlockReceipts(block: BlockNumberOrTagOrHash): Promise<null | ReceiptInfo[]> {
    return this.call('eth_getBlockReceipts', [block]);
  }

  /** How many transactions a block has, by hash. */
  eth_getBlockTransactionCountByHash(hash: Hash32): Promise<null | Uint> {
    return this.call('eth_getBlockTransactionCountByHash', [hash]);
  }

  /** How many transactions a block has, by height or tag. */
  eth_getBlockTransactionCountByNumber(block: BlockNumberOrTag): Promise<null | Uint> {
    return this.call('eth_getBlockTransactionCountByNumber', [block]);
  }

  /** The code at an address after a block. */
  eth_getCode(address: Address, block?: BlockNumberOrTagOrHash): Promise<Bytes> {
    return this.call('eth_getCode', [address, block]);
  }

  /** What is new since a filter was made or polled last: logs, or hashes of blocks or transactions. */
  eth_getFilterChanges(filter: Uint): Promise<FilterResults> {
    return this.call('eth_getFilterChanges', [filter]);
  }

  /** All logs that match a filter of logs, in its own range of blocks. */
  eth_getFilterLogs(filter: Uint): Promise<FilterResults> {
    return this.call('eth_getFilterLogs', [filter]);
  }

  /** The logs that match a filter. */
  eth_getLogs(filter: Filter): Promise<Log[]> {
    return this.call('eth_getLogs', [filter]);
  }

  /** An account and some of its slots with Merkle proofs, in the last 128 blocks. */
  eth_getProof(address: Address, storageKeys: BytesMax32[], block?: BlockNumberOrTagOrHash): Promise<AccountProof> {
    return this.call('eth_getProof', [address, storageKeys, block]);
  }

  /** One storage slot of a contract after a block. */
  eth_getStorageAt(address: Address, slot: BytesMax32, block?: BlockNumberOrTagOrHash): Promise<Bytes> {
    return this.call('eth_getStorageAt', [address, slot, block]);
  }

  /** A transaction by block hash and place. */
  eth_getTransactionByBlockHashAndIndex(hash: Hash32, index: Uint): Promise<null | TransactionInfo> {
    return this.call('eth_getTransactionByBlockHashAndIndex', [hash, index]);
  }

  /** A transaction by height and place. */
  eth_getTransactionByBlockNumberAndIndex(block: BlockNumberOrTag, index: Uint): Promise<null | TransactionInfo> {
    return this.call('eth_getTransactionByBlockNumberAndIndex', [block, index]);
  }

  /** A transaction, final or waiting in the pool. */
  eth_getTransactionByHash(hash: Hash32): Promise<null | TransactionInfo> {
    return this.call('eth_getTransactionByHash', [hash]);
  }

  /** An account's nonce after a block; at pending, behind what waits in the pool. */
  eth_getTransactionCount(address: Address, block?: BlockNumberOrTagOrHash): Promise<Uint> {
    return this.call('eth_getTransactionCount', [address, block]);
  }

  /** The receipt of a final transaction. */
  eth_getTransactionReceipt(hash: Hash32): Promise<null | ReceiptInfo> {
    return this.call('eth_getTransactionReceipt', [hash]);
  }

  /** Null: no block has uncles. */
  eth_getUncleByBlockHashAndIndex(hash: Hash32, index: Uint): Promise<null> {
    return this.call('eth_getUncleByBlockHashAndIndex', [hash, index]);
  }

  /** Null: no block has uncles. */
  eth_getUncleByBlockNumberAndIndex(block: BlockNumberOrTag, index: Uint): Promise<null> {
    return this.call('eth_getUncleByBlockNumberAndIndex', [block, index]);
  }

  /** 0: no block has uncles; null for an unknown block. */
  eth_getUncleCountByBlockHash(hash: Hash32): Promise<null | Uint> {
    return this.call('eth_getUncleCountByBlockHash', [hash]);
  }

  /** 0: no block has uncles; null for an unknown block. */
  eth_getUncleCountByBlockNumber(block: BlockNumberOrTag): Promise<null | Uint> {
    return this.call('eth_getUncleCountByBlockNumber', [block]);
  }

  /** A tip per gas that gets into the next block. */
  eth_maxPriorityFeePerGas(): Promise<Uint> {
    return this.call('eth_maxPriorityFeePerGas', []);
  }

  /** A filter to poll for new blocks; gone when it is not polled for 5 minutes. */
  eth_newBlockFilter(): Promise<Uint> {
    return this.call('eth_newBlockFilter', []);
  }

  /** A filter to poll for new logs; gone when it is not polled for 5 minutes. */
  eth_newFilter(filter: Filter): Promise<Uint> {
    return this.call('eth_newFilter', [filter]);
  }

  /** A filter to poll for transactions that the pool admitted; gone when it is not polled for 5 minutes. */
  eth_newPendingTransactionFilter(): Promise<Uint> {
    return this.call('eth_newPendingTransactionFilter', []);
  }

  /** The version of the ledger's own rules; no node here speaks eth/NN. */
  eth_protocolVersion(): Promise<Uint> {
    return this.call('eth_protocolVersion', []);
  }

  /** Admits a signed transaction to the pool. */
  eth_sendRawTransaction(transaction: Bytes): Promise<Hash32> {
    return this.call('eth_sendRawTransaction', [transaction]);
  }

  /** Admits a signed transaction and answers with its receipt, or an error after a time (EIP-7966). */
  eth_sendRawTransactionSync(transaction: Bytes, timeoutMs?: Uint | number): Promise<ReceiptInfo> {
    return this.call('eth_sendRawTransactionSync', [transaction, timeoutMs]);
  }

  /** Runs calls in blocks that might follow, over overridden state. */
  eth_simulateV1(payload: EthSimulatePayload, block?: BlockNumberOrTagOrHash): Promise<EthSimulateResult> {
    return this.call('eth_simulateV1', [payload, block]);
  }

  /** Over WebSocket: tells of new blocks, logs or admitted transactions as they come, by eth_subscription. */
  eth_subscribe(subscription: 'newHeads' | 'logs' | 'newPendingTransactions' | 'syncing', options?: Filter | boolean): Promise<Uint> {
    return this.call('eth_subscribe', [subscription, options]);
  }

  /** False: a node shows only blocks it holds whole. */
  eth_syncing(): Promise<SyncingStatus> {
    return this.call('eth_syncing', []);
  }

  /** Removes a filter; false if there is none. */
  eth_uninstallFilter(filter: Uint): Promise<boolean> {
    return this.call('eth_uninstallFilter', [filter]);
  }

  /** Over WebSocket: ends a subscription of this connection. */
  eth_unsubscribe(subscription: Uint): Promise<boolean> {
    return this.call('eth_unsubscribe', [subscription]);
  }

  /** True: the node answers. */
  net_listening(): Promise<boolean> {
    return this.call('net_listening', []);
  }

  /** How many nodes this one talks to: 0, since members of a committee are not counted. */
  net_peerCount(): Promise<Uint> {
    return this.call('net_peerCount', []);
  }

  /** The chain id in decimal. */
  net_version(): Promise<string> {
    return this.call('net_version', []);
  }

  /** Founds an organisation on this node. Needs the operator's token. */
  org_create(organisation: OrganisationRequest): Promise<Organisation> {
    return this.call('org_create', [organisation]);
  }

  /** Founding together, step 2: founds what the document says beside its place, and returns this member's acceptance, once the founder signed the document. */
  org_foundAccept(session: Bytes, label: string, document: Bytes, signature: Bytes): Promise<Bytes> {
    return this.call('org_foundAccept', [session, label, document, signature]);
  }

  /** Founding together, step 3: with the acceptances of all members, one behind the other in index order, the organisation is there. */
  org_foundComplete(session: Bytes, label: string, document: Bytes, acceptances: Bytes): Promise<Organisation> {
    return this.call('org_foundComplete', [session, label, document, acceptances]);
  }

  /** Founding together, step 1: this node's entry for the committee of an organisation on these terms (a genesis document without committee), signed by its founder; or asked, while the operator has not said yes. */
  org_foundOffer(session: Bytes, label: string, terms: Bytes, signature: Bytes): Promise<OrgFoundOfferResult> {
    return this.call('org_foundOffer', [session, label, terms, signature]);
  }

  /** One organisation: charter, committee, epoch, supply. Without a name, that of the endpoint. */
  org_get(name?: string): Promise<Organisation> {
    return this.call('org_get', [name]);
  }

  /** A block whole, as members exchange it, with the certificate that makes it final (null: that of a later block does): what executing the ledger oneself needs. */
  org_getBlock(block: BlockNumberOrTagOrHash): Promise<OrgGetBlockResult> {
    return this.call('org_getBlock', [block]);
  }

  /** What proves that a block is final: headers and a certificate of the committee. */
  org_getFinalityProof(block: BlockNumberOrTagOrHash): Promise<FinalityProof> {
    return this.call('org_getFinalityProof', [block]);
  }

  /** What touched an account, the newest first: transactions, token transfers, coin that blocks credit. */
  org_getHistory(account: Address, limit?: Uint | number, next?: Bytes): Promise<HistoryPage> {
    return this.call('org_getHistory', [account, limit, next]);
  }

  /** What leads from the committee of one epoch to those of later ones: their seals, each final by the one before. */
  org_getSeals(epoch: Uint): Promise<OrgGetSealsResult> {
    return this.call('org_getSeals', [epoch]);
  }

  /** The organisations of this node, the default one first. */
  org_list(): Promise<OrganisationSummary[]> {
    return this.call('org_list', []);
  }

  /** This document. */
  rpc_discover(): Promise<Record<string, unknown>> {
    return this.call('rpc.discover', []);
  }

  /** All waiting transactions, by sender and nonce. */
  txpool_content(): Promise<TxpoolContent> {
    return this.call('txpool_content', []);
  }

  /** The waiting transactions of one sender, by nonce. */
  txpool_contentFrom(address: Address): Promise<TxpoolContentFromResult> {
    return this.call('txpool_contentFrom', [address]);
  }

  /** All waiting transactions, a line each. */
  txpool_inspect(): Promise<Record<string, unknown>> {
    return this.call('txpool_inspect', []);
  }

  /** How many transactions wait: ready ones, and those above a gap of nonces. */
  txpool_status(): Promise<TxpoolStatus> {
    return this.call('txpool_status', []);
  }

  /** The program and its version. */
  web3_clientVersion(): Promise<string> {
    return this.call('web3_clientVersion', []);
  }

  /** The Keccak-256 of some bytes. */
  web3_sha3(data: Bytes): Promise<Hash32> {
    return this.call('web3_sha3', [data]);
  }
}
