// The generated clients for Python and Go replay every example of rpc.discover: what their typed
// functions return is what the node says. TypeScript: tests/e2e/openrpc.test.js.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { goName } from '../../rpc/clients/go.mjs';
import { examplesOf, quietNode, withoutNothing } from '../e2e/lib/examples.js';
import { newFolder, run } from '../e2e/lib/node.js';

const here = import.meta.dirname;
const clients = path.join(here, '../../rpc/clients');
let node;
let examples;
let folder;

before(async () => {
  folder = newFolder();
  node = await quietNode(77104);
  ({ examples } = await examplesOf(node));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  if (node) await node.stop();
});

// `clean` takes away what the language does not tell apart.
async function replay(file, args, env, nameOf, clean) {
  const input = examples.map(({ name, params }) => `${JSON.stringify([nameOf(name), params])}\n`).join('');
  const done = await run(file, [...args, node.url], { input, env, cwd: folder, timeout_ms: 120000 });
  assert.equal(done.code, 0, `${done.stdout.slice(-300)}${done.stderr}`);
  const said = done.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(said.length, examples.length);
  for (const [index, { name, outcome, isSteady }] of examples.entries()) {
    if (isSteady) assert.deepEqual(clean(said[index]), clean(outcome), name);
    else assert.equal(Boolean(said[index].error), Boolean(outcome.error), name);
  }
}

test('Python', () => replay('python3', [path.join(here, 'replay/replay.py')],
  { PYTHONPATH: clients, PYTHONDONTWRITEBYTECODE: '1' }, (name) => name, (value) => value));

test('Go, formatted as gofmt has it', async () => {
  mkdirSync(path.join(folder, 'leither'));
  cpSync(path.join(clients, 'leither/leither.go'), path.join(folder, 'leither/leither.go'));
  cpSync(path.join(here, 'replay/replay.go'), path.join(folder, 'replay.go'));
  writeFileSync(path.join(folder, 'go.mod'), 'module replay\n\ngo 1.19\n');
  const env = { GOCACHE: path.join(folder, 'cache'), GOPATH: path.join(folder, 'path'), GOPROXY: 'off', GOFLAGS: '-mod=mod' };
  for (const [program, args] of [['gofmt', ['-l', '.']], ['go', ['vet', './...']], ['go', ['build', '-o', 'replay', '.']]]) {
    const done = await run(program, args, { env, cwd: folder, timeout_ms: 300000 });
    assert.equal(`${done.stdout}${done.code === 0 ? '' : done.stderr}`, '', `${program} ${args.join(' ')}`);
  }
  await replay(path.join(folder, 'replay'), [], {}, goName, withoutNothing);
});
