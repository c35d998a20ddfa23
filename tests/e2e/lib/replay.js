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

// Yields { number, ours, theirs } a block: state root, receipts root and gas used, as the header
// says and as the other EVM computed them.
export async function* replay(genesis_file, blocks) {
  const genesis = JSON.parse(readFileSync(genesis_file, 'utf8'));
  const common = createCommonFromGethGenesis(genesis, { chain: 'ledger', mergeForkIdPostMerge: true });
  const vm = await createVM({ common, stateManager: new MerkleStateManager({ common }) });
  await vm.stateManager.generateCanonicalGenesis(parseGethGenesisState(genesis));
  for (const bytes of blocks) {
    const block = createBlockFromRLP(bytes, { common, setHardfork: true });
    const { number } = block.header;
    if (number === 0n) {
      yield row(block, bytesToHex(await vm.stateManager.getStateRoot()), bytesToHex(block.header.receiptTrie), 0n);
      continue;
    }
    const done = await runBlock(vm, { block, skipHeaderValidation: true, skipBlockValidation: true, generate: true });
    yield row(block, bytesToHex(done.stateRoot), bytesToHex(done.receiptsRoot), done.gasUsed);
  }
}

function row(block, stateRoot, receiptsRoot, gasUsed) {
  const { header } = block;
  return {
    number: header.number,
    transactions: block.transactions.length,
    ours: { stateRoot: bytesToHex(header.stateRoot), receiptsRoot: bytesToHex(header.receiptTrie), gasUsed: header.gasUsed },
    theirs: { stateRoot, receiptsRoot, gasUsed },
  };
}
