// levm t8n and @ethereumjs/vm on random transactions with delegating accounts (EIP-7702): the same
// state root and gas. LEITHER_SEED replays one; LEITHER_CASES runs more of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBlock } from '@ethereumjs/block';
import { Common, Mainnet } from '@ethereumjs/common';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createTxFromRLP } from '@ethereumjs/tx';
import { Account, bigIntToBytes, bytesToHex, createAddressFromString, hexToBytes, setLengthLeft } from '@ethereumjs/util';
import { createVM, runTx } from '@ethereumjs/vm';
import { encodeRlp } from 'ethers';
import { levm } from './lib/levm.js';
import { random_transaction } from './lib/random-transaction.js';

const header = { number: 1n, timestamp: 1000n, baseFeePerGas: 7n, gasLimit: 30000000n };
const zero = `0x${'00'.repeat(32)}`;
const hex = (value) => `0x${value.toString(16)}`;

async function theirs({ accounts, coinbase, raw }, fork) {
  const common = new Common({ chain: Mainnet, hardfork: fork });
  const stateManager = new MerkleStateManager({ common });
  const vm = await createVM({ common, stateManager });
  for (const [text, { nonce, balance, code, storage = {} }] of Object.entries(accounts)) {
    const address = createAddressFromString(text);
    await stateManager.putAccount(address, new Account(BigInt(nonce), BigInt(balance)));
    if (code) await stateManager.putCode(address, hexToBytes(code));
    for (const [key, value] of Object.entries(storage)) {
      await stateManager.putStorage(address, setLengthLeft(bigIntToBytes(BigInt(key)), 32), bigIntToBytes(BigInt(value)));
    }
  }
  const block = createBlock({ header: { ...header, coinbase } }, { common, skipConsensusFormatValidation: true });
  const done = await runTx(vm, { tx: createTxFromRLP(hexToBytes(raw), { common }), block, skipHardForkValidation: true });
  return { stateRoot: bytesToHex(await stateManager.getStateRoot()), gasUsed: hex(done.totalGasSpent) };
}

async function ours({ accounts, coinbase, raw }, fork) {
  const env = {
    currentCoinbase: coinbase, currentGasLimit: hex(header.gasLimit), currentNumber: hex(header.number),
    currentTimestamp: hex(header.timestamp), currentBaseFee: hex(header.baseFeePerGas), currentRandom: zero,
    currentExcessBlobGas: '0x0', parentBeaconBlockRoot: zero, blockHashes: { 0: zero }, withdrawals: [],
  };
  const done = await levm(['t8n', '--input.alloc=stdin', '--input.env=stdin', '--input.txs=stdin', '--output.result=stdout',
    '--output.alloc=', '--output.body=', '--state.fork', fork, '--state.chainid', '1', '--state.reward', '0'],
  { input: JSON.stringify({ alloc: accounts, env, txsRlp: encodeRlp([raw]) }) });
  assert.equal(done.code, 0, done.stderr);
  const { result: { stateRoot, gasUsed, rejected } } = JSON.parse(done.stdout);
  assert.equal(rejected, undefined, JSON.stringify(rejected));
  return { stateRoot, gasUsed };
}

for (const fork of ['prague', 'osaka']) {
  test(`random transactions of ${fork} end alike in both machines`, async () => {
    const fixed = process.env.LEITHER_SEED;
    const first = Number(fixed ?? Math.floor(Math.random() * 1e9));
    const cases = fixed === undefined ? Number(process.env.LEITHER_CASES ?? 60) : 1;
    console.log(`seeds ${first} to ${first + cases - 1}`);
    for (let seed = first; seed < first + cases; seed++) {
      const sample = await random_transaction(seed);
      assert.deepEqual(await ours(sample, fork), await theirs(sample, fork), `LEITHER_SEED=${seed}`);
    }
  });
}
