// rpc.discover: its examples hold, and what is made of it is not stale; the TypeScript client
// compiles and says what the node says. Python and Go: tests/clients/generated.test.js.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import Ajv from 'ajv';
import { generated } from '../../rpc/clients/generate.mjs';
import { Client, RpcError } from '../../rpc/clients/leither.ts';
import { examplesOf, quietNode } from './lib/examples.js';
import { run } from './lib/node.js';

const root = path.resolve(import.meta.dirname, '../..');
let node;
let document;
let examples;

before(async () => {
  node = await quietNode(77070);
  ({ document, examples } = await examplesOf(node));
});
after(async () => { if (node) await node.stop(); });

test('the clients and the page of methods are what rpc.discover says', () => {
  for (const [file, text] of generated(document)) {
    const kept = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';
    assert.ok(kept === text, `${file} is stale: start lnode --dev and node rpc/clients/generate.mjs http://127.0.0.1:8545/`);
  }
});

test('every example is of its schema, and so is what the node answers to it', () => {
  const ajv = new Ajv({ strict: false });
  ajv.addSchema({ $id: 'discover', components: document.components });
  const absolute = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"discover#/components'));
  const check = (name, what, schema, value) => {
    const validate = ajv.compile(absolute(schema));
    assert.ok(validate(value), `${name}, ${what}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value).slice(0, 300)}`);
  };
  const methods = new Map(document.methods.map((method) => [method.name, method]));
  for (const { name, params, result, examples: [example] } of document.methods) {
    for (const [place, { value }] of example.params.entries()) {
      check(name, params[place].name, params[place].schema, value);
    }
    check(name, 'the example', result.schema, example.result.value);
  }
  const answered = examples.filter(({ outcome }) => !outcome.error);
  for (const { name, outcome } of answered) check(name, 'the answer', methods.get(name).result.schema, outcome.result);
  for (const { name, outcome: { error } } of examples.filter(({ outcome }) => outcome.error)) {
    assert.ok(![-32602, -32603].includes(error.code), `${name}: ${error.message}`);
  }
  assert.ok(answered.length > examples.length / 2, `${answered.length} of ${examples.length} were answered`);
});

test('the TypeScript client compiles under --strict', async () => {
  const done = await run(process.execPath, [path.join(import.meta.dirname, 'node_modules/typescript/bin/tsc'),
    '--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', path.join(root, 'rpc/clients/leither.ts')]);
  assert.equal(done.code, 0, done.stdout);
});

test('the TypeScript client says what the node says, example by example', async () => {
  const client = new Client(node.url);
  for (const { name, params, outcome, isSteady } of examples) {
    const said = await client[name.replaceAll('.', '_')](...params).then((result) => ({ result }), (error) => {
      assert.ok(error instanceof RpcError, `${name}: ${error}`);
      return { error: { code: error.code, message: error.message } };
    });
    if (isSteady) assert.deepEqual(said, outcome, name);
    else assert.equal(Boolean(said.error), Boolean(outcome.error), name);
  }
  await assert.rejects(client.call('eth_nonsense', []), (error) => error.code === -32601);
  client.url = `${node.url}/nowhere`;
  await assert.rejects(client.eth_chainId(), /HTTP 404/);
});
