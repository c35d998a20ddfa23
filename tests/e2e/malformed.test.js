// Malformed requests for every method of rpc.discover: missing, extra, of the wrong type, out of
// range, about unknown things. Driven by the table: a method without cases fails.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { unknownObjects } from './lib/cases.js';
import { startNode } from './lib/node.js';
import { call, result } from './lib/rpc.js';

let node;
let methods;
let headers;

before(async () => {
  node = await startNode({ chainId: 77060 });
  methods = (await result(node.url, 'rpc.discover')).methods;
  headers = { authorization: `Bearer ${readFileSync(path.join(node.dataDir, 'admin.token'), 'utf8').trim()}` };
});
after(async () => { if (node) await node.stop(); });

const zeros = '0'.repeat(40);
const text = [7, true, [], {}];
const digits = ['', '0x', '0xzz', 'zz', '12'];
const huge = `0x1${'0'.repeat(64)}`;
// Wrong values by the schema a parameter declares; where `null` is not refused it means "not given".
const wrongValues = {
  address: [...text, ...digits, '0x12', `0x${zeros}00`, `0x${'g'.repeat(40)}`],
  hash32: [...text, ...digits, '0x12', `0x${'0'.repeat(66)}`],
  BlockNumberOrTagOrHash: [7, true, [], {}, ...digits, 'newest', '0x10000000000000000', huge, { blockNumber: 1 }, { blockHash: '0x1' },
    { blockNumber: '0x0', blockHash: `0x${'0'.repeat(64)}` }, { block: '0x0' }],
  BlockNumberOrTag: [7, true, [], {}, ...digits, 'newest', '0x10000000000000000', huge],
  uint: [7, true, [], {}, ...digits, '-1', '0x10000000000000000', huge],
  count: [true, [], {}, ...digits, -1, 1.5, 1e300, '0x10000000000000000'],
  bytesMax32: [7, true, [], {}, 'zz', '0xzz', huge],
  slots: [7, true, {}, '0x0', [7], ['zz'], [huge]],
  bytes: [7, true, [], {}, '12', '0x1', '0xzz'],
  boolean: [7, 'true', [], {}],
  string: [7, true, [], {}],
  GenericTransaction: [7, true, [], '0x', { from: 1 }, { to: '0x12' }, { gas: '-1' }, { value: huge }, { data: '0x1' },
    { accessList: 7 }, { chainId: '0x1' }, { type: '0x3' }, { authorizationList: [{}] }, { data: '0x01', input: '0x02' },
    { gasPrice: '0x1', maxFeePerGas: '0x1' }],
  Filter: [7, true, [], '0x', { foo: 1 }, { address: '0x1' }, { address: [7] }, { topics: 1 }, { topics: ['0x1'] }, { fromBlock: 7 },
    { topics: [null, null, null, null, null] }, { blockHash: `0x${'0'.repeat(64)}`, fromBlock: '0x0' }, { fromBlock: '0x2', toBlock: '0x1' }],
  percentiles: [7, true, {}, '0x', [101], [-1], [50, 10], ['x']],
  OrganisationRequest: [7, true, [], '0x', {}, { foo: 1 }, { name: '' }, { grant: '1.2.3' }, { fork: 'berlin' }],
  StateOverrides: [7, true, [], '0x', { '0x1': {} }, { [`0x${zeros}`]: 7 }, { [`0x${zeros}`]: { foo: 1 } }, { [`0x${zeros}`]: { nonce: 1 } },
    { [`0x${zeros}`]: { state: {}, stateDiff: {} } }, { [`0x${zeros}`]: { state: { '0x0': '0x0' } } }, { [`0x${zeros}`]: { movePrecompileToAddress: `0x${zeros}` } }],
  BlockOverrides: [7, true, [], '0x', { foo: 1 }, { number: 1 }, { time: '0x10000000000000000' }, { feeRecipient: '0x1' }, { baseFeePerGas: huge }],
  EthSimulatePayload: [7, true, [], '0x', {}, { foo: 1 }, { blockStateCalls: [] }, { blockStateCalls: 7 }, { blockStateCalls: [7] }, { blockStateCalls: [{ foo: 1 }] },
    { blockStateCalls: [{ calls: [{ to: 1 }] }] }, { blockStateCalls: [{}], validation: 1 }],
  id: [7, true, [], {}, '', 'zz', '0xzz'],
  subscription: [7, true, [], {}],
  subscriptionOptions: [], // judged by what is subscribed to, over WebSocket
  TraceConfig: [7, true, [], '0x', { tracer: 7 }, { tracer: 'no such tracer' }],
};

function kindOf(schema, name) {
  if (name === 'filter' && schema.$ref?.endsWith('/uint')) return 'id';
  if (name === 'subscription') return schema.enum ? 'subscription' : 'id';
  if (name === 'options') return 'subscriptionOptions';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.type === 'boolean' || schema.type === 'string') return schema.type;
  if (schema.oneOf?.some((one) => one.type === 'integer')) return 'count';
  if (schema.type === 'array' && schema.items.$ref?.endsWith('/bytesMax32')) return 'slots';
  if (schema.type === 'array' && schema.items.type === 'number') return 'percentiles';
  return JSON.stringify(schema);
}
const example = (method) => method.examples[0].params.map((param) => param.value);

async function refused(method, params, words) {
  const { error } = await call(node.url, method.name, params, headers);
  const said = `${method.name} ${JSON.stringify(params).slice(0, 300)}: ${error ? `${error.code} ${error.message}` : 'a result'}`;
  assert.ok(error, said);
  assert.equal(error.code, -32602, said);
  assert.match(error.message, words, said);
}

test('a missing parameter is named', async () => {
  for (const method of methods) {
    const required = method.params.filter((param) => param.required).length;
    for (let count = 0; count < required; count++) {
      await refused(method, example(method).slice(0, count), new RegExp(`missing value for required argument ${count}: ${method.params[count].name}$`));
    }
  }
});

test('a parameter too many is counted', async () => {
  for (const method of methods) {
    const full = method.params.map((_, index) => example(method)[index] ?? null);
    await refused(method, [...full, 1], new RegExp(`too many arguments: ${full.length + 1} given, ${method.name.replace('.', '\\.')} takes at most ${full.length}`));
  }
});

test('parameters by name, or as a single value, are refused', async () => {
  for (const method of methods) {
    const takesObject = method.params.length === 1 && kindOf(method.params[0].schema) === 'OrganisationRequest';
    if (!takesObject) await refused(method, { address: 1 }, /params: found an object; expected a list/);
  }
});

test('a value of the wrong type or out of range is named with its place', async () => {
  for (const method of methods) {
    for (const [index, param] of method.params.entries()) {
      const values = wrongValues[kindOf(param.schema, param.name)];
      assert.ok(values, `${method.name}: no wrong values for ${kindOf(param.schema, param.name)}; add them to this test`);
      for (const value of values) {
        const params = method.params.map((_, at) => example(method)[at] ?? null);
        params[index] = value;
        await refused(method, params, new RegExp(`^(params\\[${index}\\]|invalid block range|cannot specify both)`));
      }
      if (param.required) {
        const params = example(method);
        params[index] = null;
        await refused(method, params, new RegExp(`params\\[${index}\\]`));
      }
    }
  }
});

test('an unknown block, transaction or place gives what the table says', async () => {
  const asksBlock = (param) => /^(Block|hash32)/.test(kindOf(param.schema, param.name));
  for (const method of methods) {
    const place = method.params.findIndex(asksBlock);
    if (place < 0) continue;
    assert.ok(method.name in unknownObjects, `${method.name} has no entry in unknownObjects of lib/cases.js`);
    const kind = kindOf(method.params[place].schema, method.params[place].name);
    const unknown = kind === 'hash32' ? [`0x${'12'.repeat(32)}`] : kind === 'BlockNumberOrTag' ? ['0xffffff'] : ['0xffffff', { blockHash: `0x${'12'.repeat(32)}` }];
    for (const value of unknown) {
      const params = method.params.map((_, at) => example(method)[at] ?? null);
      params[place] = value;
      const answer = await call(node.url, method.name, params, headers);
      const said = `${method.name} ${JSON.stringify(params).slice(0, 200)}: ${JSON.stringify(answer).slice(0, 300)}`;
      const expected = unknownObjects[method.name];
      if (Array.isArray(expected)) {
        assert.equal(answer.error?.code, expected[0], said);
        assert.match(answer.error.message, expected[1], said);
      } else {
        assert.deepEqual(answer.result, expected, said);
      }
    }
  }
});

test('after all that the node is well', async () => {
  assert.equal(await result(node.url, 'eth_blockNumber'), '0x0');
  assert.equal((await result(node.url, 'org_list')).length, 1);
});
