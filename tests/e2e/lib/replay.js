// Re-executes an open ledger's blocks in a third-party EVM (@ethereumjs/vm) from what
// `lnode export --format geth` wrote, and compares roots. Header checks are left out on purpose:
// equal timestamps, base fee and gas limit follow our rules (docs/differences.md).
import { readFileSync } from 'node:fs';
import { createBlockFromRLP } from '@ethereumjs/block';
import { createCommonFromGethGenesis } from '@ethereumjs/common';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createVM, runBlock } from '@ethereumjs/vm';
import { parseGethGenesisState } from '@ethereumjs/common';
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex } from '@ethereumjs/util';

// The blocks of a file of concatenated RLP, as bytes.
export function split_blocks(bytes) {
  const blocks = [];
  for (let rest = bytes; rest.length > 0;) {
    const { remainder } = RLP.decode(rest, true);
    blocks.push(rest.slice(0, rest.length - remainder.length));
    rest = remainder;
  }
  return blocks;
}

// @ethereumjs/vm makes Prague's calls at a block's end outside the block: COINBASE is zero there.
// EIP-7002 and EIP-7251 make them in it, as go-ethereum does, and our outbox counts blocks by
// COINBASE; so calls that name no block get the one being run.
function call_within_block(vm) {
  const runCall = vm.evm.runCall.bind(vm.evm);
  const within = { block: undefined };
  vm.evm.runCall = (options) => runCall({ block: within.block, ...options });
  return within;
}

// Yields { number, ours, theirs } a block: state root, receipts root, gas used and, from Prague,
// requestsHash, as the header says and as the other EVM computed them.
export async function* replay(genesis_file, blocks) {
  const genesis = JSON.parse(readFileSync(genesis_file, 'utf8'));
  const common = createCommonFromGethGenesis(genesis, { chain: 'ledger', mergeForkIdPostMerge: true });
  const hashes = new Map(); // of the blocks before, for BLOCKHASH
  const blockchain = { getBlock: async (number) => ({ hash: () => hashes.get(BigInt(number)) }), shallowCopy: () => blockchain };
  const vm = await createVM({ common, blockchain, stateManager: new MerkleStateManager({ common }) });
  await vm.stateManager.generateCanonicalGenesis(parseGethGenesisState(genesis));
  const within = call_within_block(vm);
  for (const bytes of blocks) {
    const block = createBlockFromRLP(bytes, { common, setHardfork: true });
    const { number } = block.header;
    if (number === 0n) {
      yield row(block, {
        stateRoot: await vm.stateManager.getStateRoot(), receiptsRoot: block.header.receiptTrie, gasUsed: 0n,
        requestsHash: block.header.requestsHash });
      continue;
    }
    within.block = block;
    hashes.set(number - 1n, block.header.parentHash);
    const done = await runBlock(vm, { block, skipHeaderValidation: true, skipBlockValidation: true, generate: true });
    yield row(block, done);
  }
}

function row(block, done) {
  const { header } = block;
  const shown = ({ stateRoot, receiptsRoot, gasUsed, requestsHash }) => ({
    stateRoot: bytesToHex(stateRoot), receiptsRoot: bytesToHex(receiptsRoot), gasUsed,
    requestsHash: requestsHash && bytesToHex(requestsHash) });
  return {
    number: header.number,
    transactions: block.transactions.length,
    ours: shown({ stateRoot: header.stateRoot, receiptsRoot: header.receiptTrie, gasUsed: header.gasUsed, requestsHash: header.requestsHash }),
    theirs: shown(done),
  };
}
