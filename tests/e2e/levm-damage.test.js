// Damaged files into levm, systematically: cut anywhere, every member replaced by what it must not
// be, nested without end. Each call ends by itself with an exit code that its command names and, if
// that is not 0, with one line that says why; memory stays bounded.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { levm, newFolder } from './lib/levm.js';
import { program, run } from './lib/node.js';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

const word = (value) => `0x${BigInt(value).toString(16).padStart(64, '0')}`;
const account = (digits) => `0x${digits.padStart(40, '0')}`;
const pre = {
  '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf': { balance: '0xde0b6b3a7640000', nonce: '0x0' }, // of key 1
  [account('1000')]: { balance: '0x0', nonce: '0x1', code: '0x5f54600101805f555f52600760205fa100', storage: { '0x00': '0x05' } },
};
const access_list = [{ address: account('77'), storageKeys: [word(1)] }];
const t8n = {
  alloc: pre,
  env: {
    currentCoinbase: account('c0'), currentGasLimit: '0x1c9c380', currentNumber: '0x1', currentTimestamp: '0x3e8',
    currentRandom: word(9), parentBaseFee: '0x3e8', parentGasUsed: '0x5', parentGasLimit: '0x64',
    parentExcessBlobGas: '0x0', parentBlobGasUsed: '0x0', parentBeaconBlockRoot: word(5),
    withdrawals: [{ index: '0x0', validatorIndex: '0x1', address: account('77'), amount: '0x3' }],
    blockHashes: { 0: word(0xbeef) },
  },
  txs: [{
    type: '0x4', chainId: '0x1', nonce: '0x0', gas: '0x186a0', maxFeePerGas: '0x9000', maxPriorityFeePerGas: '0x1',
    to: account('1000'), value: '0x0', input: '0x', accessList: access_list, v: '0x0', r: '0x0', s: '0x0', secretKey: word(1),
    authorizationList: [{ chainId: '0x0', address: account('1000'), nonce: '0x0', v: '0x0', r: '0x1', s: '0x1' }],
  }, { nonce: '0x1', gas: '0x186a0', gasPrice: '0x9000', to: '', value: '0x1', input: '0x5f', v: '0x1b', r: '0x1', s: '0x1' }],
};
const statetest = { case: {
  env: { currentCoinbase: account('c0'), currentGasLimit: '0x1c9c380', currentNumber: '0x1', currentTimestamp: '0x3e8', currentRandom: word(9), currentBaseFee: '0x7', currentExcessBlobGas: '0x0' },
  pre, config: { chainid: '0x01', blobSchedule: { Cancun: { baseFeeUpdateFraction: '0x32f0ed' } } },
  transaction: { nonce: '0x0', gasPrice: '0x10', gasLimit: ['0x186a0'], to: account('1000'), value: ['0x0'], data: ['0x'], accessLists: [access_list], secretKey: word(1) },
  post: { Cancun: [{ hash: word(0), logs: word(0), indexes: { data: 0, gas: 0, value: 0 } }] },
} };
const workload = { name: 'one', group: 'two', code: '0x5f5ff3', input: '0x', gas: 1000, output: '0x', gasUsed: 4, fork: 'osaka', status: 'success', sender: account('50'), receiver: account('60'), value: 0, prestate: pre };
const genesis = { config: { chainId: 1, shanghaiTime: 0, cancunTime: 0, pragueTime: 5 }, alloc: pre, coinbase: account('5'), timestamp: '0x5', number: '0x1', gasLimit: '0x100000', baseFeePerGas: '0x7', mixHash: word(1) };

// How each file reaches its command, and how that may end.
const inputs = {
  t8n: { document: t8n, codes: [0, 2, 3, 10, 12], args: () => ['t8n', '--input.alloc=stdin', '--input.env=stdin', '--input.txs=stdin', '--output.alloc=', '--output.result=stdout', '--state.fork=Cancun'] },
  statetest: { document: statetest, codes: [0, 1], args: (at) => ['statetest', at] },
  bench: { document: workload, codes: [0, 1], args: (at) => ['bench', '--min-ms=0', at] },
  'run --prestate': { document: genesis, codes: [0, 1], args: (at) => ['run', '--prestate', at, '5f5ff3'] },
};

let serial = 0;
async function feed(name, text) {
  const { codes, args } = inputs[name];
  const at = path.join(folder, `${serial++}.json`);
  writeFileSync(at, text);
  const done = await levm(args(at), { input: name === 't8n' ? text : '' });
  rmSync(at);
  const what = `${name} of ${text.slice(0, 3000)}`;
  assert.equal(done.signal, null, what);
  assert.ok(codes.includes(done.code), `exit code ${done.code}: ${done.stderr.slice(0, 600)} ${what}`);
  if (done.code !== 0) {
    assert.match(done.stderr, /^levm: [^\n]{1,500}\n$/, what);
    assert.equal(done.stdout, '', what);
  }
  return done.code;
}

// Every place in a document, as a path of keys.
function places(value, at = []) {
  const here = at.length > 0 ? [at] : [];
  if (value === null || typeof value !== 'object') return here;
  return [...here, ...Object.keys(value).flatMap((key) => places(value[key], [...at, key]))];
}
function replaced(document, at, value) {
  const copy = structuredClone(document);
  const holder = at.slice(0, -1).reduce((inside, key) => inside[key], copy);
  if (value === undefined) delete holder[at.at(-1)];
  else holder[at.at(-1)] = value;
  return JSON.stringify(copy);
}

const wrong_values = [
  undefined, null, true, -1, 1.5, 2 ** 52, '', '0x', 'hello', '0xzz', '0x123', `0x${'f'.repeat(65)}`, '9'.repeat(90),
  word(2n ** 256n - 1n), `0x${'0'.repeat(100)}1`, [], {}, [[]], [{}], { '': null }, ['0x'],
];

for (const name of Object.keys(inputs)) {
  describe(`levm ${name}, damaged`, { concurrency: 2 }, () => {
    const { document } = inputs[name];
    test('as it is, it is read', async () => {
      assert.equal(await feed(name, JSON.stringify(document)), 0);
    });
    test('every member is replaced by what it must not be', async () => {
      const all = places(document);
      for (const [i, at] of all.entries())
        for (const k of [0, 11]) await feed(name, replaced(document, at, wrong_values[(i + k) % wrong_values.length]));
    });
    test('every value stands at the top', async () => {
      for (const value of wrong_values) await feed(name, JSON.stringify(value) ?? '');
    });
    test('it is cut anywhere', async () => {
      const text = JSON.stringify(document);
      const step = Math.max(1, Math.floor(text.length / 40));
      for (let size = 0; size < text.length; size += step) assert.notEqual(await feed(name, text.slice(0, size)), 0);
    });
    test('bytes that are no text, names twice, and nesting without end', async () => {
      for (const text of ['\0', '{"a\0b":1}', '{"a":"\ud800"}', '{"a":1,"a":2}', '[1]x', '1e999999', '9'.repeat(5000)])
        await feed(name, text);
      for (const [open, close] of [['[', ']'], ['{"a":', '}']])
        assert.notEqual(await feed(name, open.repeat(100000) + (open === '[' ? '' : '1') + close.repeat(100000)), 0);
      const deep = `${'['.repeat(2000)}${']'.repeat(2000)}`;
      for (const at of places(document).filter((_, i) => i % 9 === 0))
        await feed(name, replaced(document, at, 'DEEP').replace('"DEEP"', deep));
    });
  });
}

describe('levm, fed without end', () => {
  test('an input of any size is refused within bounded memory', async () => {
    // A shell's limit: 1.5 GB of address space is enough to say no (the sanitizers need more).
    const limit = process.env.LEITHER_BIN?.includes('asan') ? '' : 'ulimit -v 1500000;';
    const sh = (command) => run('sh', ['-c', `${limit} ${command}`], { timeout_ms: 120000 });
    const done = await sh(`${program('levm')} statetest /dev/zero`);
    assert.equal(done.code, 1, done.stderr);
    assert.match(done.stderr, /more than 256 MiB/);
    const piped = await sh(`yes '[' | ${program('levm')} t8n --input.alloc=stdin --input.env=stdin --input.txs=stdin`);
    assert.match(piped.stderr, /more than 256 MiB/);
  });
  test('a line without an end is refused', async () => {
    for (const args of [['rlp', 'decode'], ['rlp', 'encode'], ['tx'], ['trie'], ['statetest']]) {
      const done = await run('sh', ['-c', `${program('levm')} ${args.join(' ')} </dev/zero`]);
      assert.equal(done.code, 1, `${args}: ${done.stderr}`);
      assert.match(done.stderr, /^levm: stdin: line 1 is over 16 MiB\n$/);
    }
  });
  test('lines that are none are answered line by line', async () => {
    const lines = ['', '0x', 'zz', '[', '"0x00', `[${'['.repeat(5000)}`, '5', '{"a":1}', 'x'.repeat(100000), '0xc1'];
    for (const args of [['rlp', 'encode'], ['rlp', 'decode'], ['tx']]) {
      const done = await levm(args, { input: `${lines.join('\n')}\n` });
      assert.deepEqual([done.code, done.signal, done.stderr], [0, null, '']);
      assert.equal(done.stdout.trimEnd().split('\n').length, lines.length);
    }
  });
  test('a folder that holds a loop or a file that is none ends', async () => {
    const at = path.join(folder, 'tests');
    mkdirSync(path.join(at, 'folder.json'), { recursive: true });
    const done = await levm(['statetest', at]);
    assert.deepEqual([done.code, done.stdout.trim()], [0, '[]']);
  });
});
