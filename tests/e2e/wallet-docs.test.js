// docs/wallet.md shows what lwallet shows: the tour types its console blocks again.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { run } from './lib/node.js';

test('docs/wallet.md is not stale', { timeout: 240000 }, async () => {
  const tour = path.resolve(import.meta.dirname, '../stories/wallet-tour.js');
  const done = await run(process.execPath, [tour], { timeout_ms: 230000 });
  const wrong = done.stdout.split('\n').filter((line, at, all) => /NOT SO|the page:|now: |first at/.test(line) || at === all.length - 3);
  assert.equal(done.code, 0, wrong.join('\n') + done.stderr);
});
