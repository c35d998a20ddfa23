// The checked-in artifacts are what the pinned compiler makes of the sources, byte for byte.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
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
