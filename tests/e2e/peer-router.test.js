// A node that lets others in asks the router for its peer port, and takes the wish back at its end; one
// that lets in nobody but this machine, or is told to leave the router, does not.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newFolder, program, run } from './lib/node.js';

const user = '0x00000000000000000000000000000000000000aa';
const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
const lib = (name) => path.join(import.meta.dirname, 'lib', name);

// What the node said, and what the router was asked; null where no such network can be made.
async function at_home(flags, seconds) {
  const done = await run('unshare', ['-Urn', 'sh', lib('home-node.sh'), program('lnode'), process.execPath,
    lib('router.js'), path.join(folder, 'two/0'), String(seconds), '--peer-port', '30800', ...flags], { timeout_ms: 300000 })
    .catch(() => null);
  if (done === null || done.code === 77) return null;
  assert.equal(done.code, 0, done.stderr + done.stdout);
  assert.doesNotMatch(done.stdout, /AddressSanitizer|LeakSanitizer|runtime error:/);
  const [log, router] = done.stdout.split('\n--\n');
  return { log, asked: router.split('\n').filter((line) => line.startsWith('asked')) };
}

describe('the peer port and the router', () => {
  before(async () => {
    const made = await run(program('committee_folders'), [path.join(folder, 'two'), user, '200', '127.0.0.1:30800', '127.0.0.1:30801']);
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(readdirSync(path.join(folder, 'two')).sort(), ['0', '1']);
  });

  test('a node that lets others in asks, and takes it back', async (context) => {
    const seen = await at_home(['--peer-bind', '0.0.0.0'], 5);
    if (seen === null) {
      context.skip('no namespaces here');
      return;
    }
    assert.match(seen.log, /asked the router for the peer port, answer: port 30800 at 198\.51\.100\.7 by PCP/);
    assert.equal(seen.asked[0], 'asked 30800 for 1200 s');
    assert.equal(seen.asked.at(-1), 'asked 30800 for 0 s');
  });

  test('a node of this machine alone leaves the router in peace, and so does one that is told to', async (context) => {
    for (const flags of [[], ['--peer-bind', '0.0.0.0', '--peer-router', 'leave']]) {
      const seen = await at_home(flags, 2);
      if (seen === null) {
        context.skip('no namespaces here');
        return;
      }
      assert.match(seen.log, /listens for members/);
      assert.deepEqual(seen.asked, [], `${flags}`);
    }
  });

  test('the setting has two values', async () => {
    const done = await run(program('lnode'), ['--print-config', '--peer-router', 'perhaps']);
    assert.equal(done.code, 3);
    assert.match(done.stderr, /peer-router="perhaps".*expected ask or leave/);
  });
});
