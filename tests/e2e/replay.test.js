// The same blocks in a third-party EVM give the same state roots, receipts roots and gas used.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { busy_ledger, export_ledger } from './lib/busy.js';
import { newFolder } from './lib/node.js';
import { replay } from './lib/replay.js';

for (const fork of ['cancun', 'prague', 'osaka']) test(`@ethereumjs/vm re-executes every block of ${fork} to our roots`, async () => {
  const folder = newFolder();
  await busy_ledger(`${folder}/data`, { fork });
  const { genesis, blocks, words } = await export_ledger(`${folder}/data`, folder);
  assert.match(words, /replayable to block \d+/);
  let transactions = 0;
  for await (const { number, transactions: included, ours, theirs } of replay(genesis, blocks)) {
    assert.deepEqual(theirs, ours, `block ${number}`);
    transactions += included;
    assert.equal(ours.requestsHash !== undefined, fork !== 'cancun', `block ${number}`);
  }
  assert.ok(transactions >= 40, `${transactions} transactions`);
  rmSync(folder, { recursive: true, force: true });
});
