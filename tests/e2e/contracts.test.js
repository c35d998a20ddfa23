// The checked-in artifacts are what the pinned compiler makes of the sources, byte for byte, and
// do in another EVM what the unit tests see them do in ours.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { RLP } from '@ethereumjs/rlp';
import { createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { createVM } from '@ethereumjs/vm';
import { Interface } from 'ethers';
import { compileContracts } from '../../ledger/contracts/compile.mjs';

const root = path.resolve(import.meta.dirname, '../..');

test('the artifacts are those of the sources', () => {
  const compiled = compileContracts();
  for (const [artifact, text] of compiled) {
    assert.equal(readFileSync(path.join(root, artifact), 'utf8'), text,
      `${artifact} is not what its source compiles to; node ledger/contracts/compile.mjs`);
  }
  const kept = readdirSync(path.join(root, 'ledger/contracts/artifacts'));
  for (const file of kept) {
    assert.ok(compiled.has(`ledger/contracts/artifacts/${file}`), `${file} has no source any more`);
  }
  assert.ok(kept.length >= 2);
});

// The same contract in a third-party EVM, its output by a third-party RLP.
test('what is posted is drained alike by @ethereumjs/evm', async () => {
  const { abi, deployedBytecode } = JSON.parse(readFileSync(
    path.join(root, 'tests/unit/ledger/contracts/OpenOutbox.json'), 'utf8'));
  const outbox = new Interface(abi);
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });
  const { evm, stateManager } = await createVM({ common });
  const to = createAddressFromString('0x00000961ef480eb55e80d19ad83579a64c007002');
  const system = createAddressFromString(`0x${'ff'.repeat(19)}fe`);
  await stateManager.putCode(to, hexToBytes(deployedBytecode));
  const call = async (caller, data) => {
    const { execResult } = await evm.runCall({ caller, to, data: hexToBytes(data), gasLimit: 30000000n });
    return execResult;
  };
  const poster = createAddressFromString(`0x${'aa'.repeat(20)}`);
  const entries = Array.from({ length: 70 }, (_, i) => new Uint8Array([2, 31, 32, 55, 56, 255, 256, 1024][i % 8]).fill(i + 1));
  for (const entry of entries) {
    const done = await call(poster, outbox.encodeFunctionData('post', [entry]));
    assert.equal(done.exceptionError, undefined);
  }
  assert.ok((await call(poster, '0x')).exceptionError, 'only the system drains');
  for (let block = 0; block < 2; block++) {
    const done = await call(system, '0x');
    assert.equal(done.exceptionError, undefined);
    assert.deepEqual(done.returnValue, RLP.encode(entries.slice(64 * block, 64 * (block + 1))), `block ${block}`);
  }
  assert.equal((await call(system, '0x')).returnValue.length, 0);
});
