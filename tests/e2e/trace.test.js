// debug_trace*: the same transactions, signed once, in lnode and in anvil; what both tell of them
// is the same but for what is named here. And the tools that ask for traces.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Interface, Wallet, getCreateAddress, keccak256 } from 'ethers';
import { start_anvil } from '../bench/anvil.js';
import { compile } from './lib/compile.js';
import { run, startNode } from './lib/node.js';
import { call, receipt, result } from './lib/rpc.js';
import { createPublicClient, http } from './lib/viem.js';

const chainId = 31337;
const stranger = '0x00000000000000000000000000000000000b0b0b';
const alice = Wallet.createRandom();
const contract = getCreateAddress({ from: alice.address, nonce: 0 });
const { abi, bytecode } = compile('Tracee');
const face = new Interface(abi);
const ask = (name, ...args) => ({ to: contract, data: face.encodeFunctionData(name, args) });
const transactions = {
  deploy: { data: bytecode, value: 100 },
  store: ask('store', 5),
  everything: { ...ask('everything', stranger), value: 50 },
  explain: ask('explain'),
  refuse: ask('refuse', 9),
  burn: { ...ask('burn'), gasLimit: 60000 },
  transfer: { to: stranger, value: 7 },
};

describe('traces', () => {
  let node;
  let anvil;
  const sent = {};

  before(async () => {
    node = await startNode({ chainId, fund: [`${alice.address}=10`] });
    anvil = await start_anvil('osaka', ['--steps-tracing', '--gas-price', '0']);
    await result(anvil.url, 'anvil_setBalance', [alice.address, '0x8ac7230489e80000']);
    let nonce = 0;
    for (const [name, fields] of Object.entries(transactions)) {
      const raw = await alice.signTransaction({
        type: 2, chainId, nonce: nonce++, gasLimit: 3000000, maxFeePerGas: 0, maxPriorityFeePerGas: 0, ...fields,
      });
      const hash = await result(node.url, 'eth_sendRawTransaction', [raw]);
      assert.equal(await result(anvil.url, 'eth_sendRawTransaction', [raw]), hash);
      await result(anvil.url, 'evm_mine');
      sent[name] = await receipt(node.url, hash);
      assert.equal((await receipt(anvil.url, hash)).gasUsed, sent[name].gasUsed, name);
    }
  });
  after(async () => {
    if (anvil) await anvil.stop();
    if (node) await node.stop();
  });

  const trace = (server, name, config = {}) => (
    result(server.url, 'debug_traceTransaction', [sent[name].transactionHash, config]));

  test('the struct logger tells each step as anvil does', async () => {
    let creates = 0;
    let refunds = 0;
    for (const name of Object.keys(transactions)) {
      const config = { enableMemory: true, enableReturnData: true };
      const ours = await trace(node, name, config);
      const theirs = await trace(anvil, name, config);
      assert.equal(ours.gas, Number(sent[name].gasUsed), name);
      assert.equal(ours.failed, sent[name].status === '0x0', name);
      assert.equal(ours.returnValue, theirs.returnValue, name);
      assert.equal(ours.structLogs.length, theirs.structLogs.length, name);
      ours.structLogs.forEach((step, index) => {
        const other = theirs.structLogs[index];
        const where = `${name}: step ${index} ${step.op}`;
        assert.equal(step.error === undefined, other.error === undefined, where);
        // anvil names errors by its own types, and shows what a step that fails did not write.
        const isFailed = step.error !== undefined;
        if (isFailed) { delete step.error; delete other.error; delete step.storage; delete other.storage; }
        // geth, and so this, has counted an SSTORE's refund at its own step.
        if (step.op === 'SSTORE' && !isFailed) other.refund = theirs.structLogs[index + 1].refund;
        // geth, and so this, leaves out what is empty.
        if (other.memory.length === 0) delete other.memory;
        if (other.returnData === '0x') delete other.returnData;
        if (other.refund === 0) delete other.refund;
        // In geth's figures a create's cost is without what it hands on.
        if (step.op === 'CREATE' || step.op === 'CREATE2') {
          const left = step.gas - step.gasCost;
          step.gasCost += left - Math.floor(left / 64);
          creates++;
        }
        refunds += step.refund > 0 ? 1 : 0;
        assert.deepEqual(step, other, where);
      });
    }
    assert.equal(creates, 2);
    assert.ok(refunds > 0);
  });

  test('the callTracer tells the tree of messages as anvil does', async () => {
    const words = { StateChangeDuringStaticCall: 'write protection', 'out of gas: not enough gas for reentrancy sentry': 'out of gas' };
    const indexes = [];
    const comparable = (frame, isOurs) => {
      (frame.logs ?? []).forEach((log) => {
        if (isOurs) indexes.push(Number(log.index));
        delete log.index; // anvil counts those of failed calls too
      });
      return {
        ...frame,
        error: words[frame.error] ?? frame.error,
        ...(frame.calls ? { calls: frame.calls.map((inner) => comparable(inner, isOurs)) } : {}),
      };
    };
    for (const name of Object.keys(transactions)) {
      const config = { tracer: 'callTracer', tracerConfig: { withLog: true } };
      const found = await trace(node, name, config);
      const ours = comparable(found, true);
      const theirs = comparable(await trace(anvil, name, config), false);
      assert.equal(Number(ours.gas), transactions[name].gasLimit ?? 3000000, name);
      assert.equal(ours.gasUsed, sent[name].gasUsed, name);
      // geth tells the transaction's gas, anvil what was left of it for the code.
      assert.deepEqual({ ...ours, gas: theirs.gas }, theirs, name);
      indexes.sort((a, b) => a - b);
      assert.deepEqual(indexes.splice(0), sent[name].logs.map((log) => Number(log.logIndex)), name);
    }
  });

  test('what failed says why', async () => {
    const reasons = async (name) => {
      const { error, revertReason, output } = await trace(node, name, { tracer: 'callTracer' });
      return { error, revertReason, output };
    };
    assert.deepEqual(await reasons('explain'), {
      error: 'execution reverted', revertReason: 'tracee: not today',
      output: new Interface(['function Error(string)']).encodeFunctionData('Error', ['tracee: not today']),
    });
    assert.deepEqual(await reasons('refuse'), {
      error: 'execution reverted', revertReason: undefined, output: face.encodeErrorResult('Refused', [9]),
    });
    assert.deepEqual(await reasons('burn'), { error: 'out of gas', revertReason: undefined, output: undefined });
    const { calls } = await trace(node, 'everything', { tracer: 'callTracer' });
    assert.deepEqual(calls.map((frame) => frame.error).filter(Boolean), ['execution reverted',
      'invalid opcode: INVALID', 'execution reverted', 'write protection', 'insufficient balance for transfer']);
    assert.deepEqual(calls.map((frame) => frame.revertReason).filter(Boolean),
      ['helper: failed', 'division or modulo by zero']);
  });

  test('the prestateTracer tells what was and what changed as anvil does', async () => {
    const isEmpty = (account) => BigInt(account.balance ?? 0) === 0n && !account.nonce && !account.code;
    const full = (accounts) => Object.fromEntries(Object.entries(accounts).filter(([, account]) => !isEmpty(account)));
    // anvil knows no code hashes.
    const checked = (accounts) => Object.fromEntries(Object.entries(accounts).map(([address, { codeHash, ...account }]) => {
      assert.equal(codeHash, account.code === undefined ? undefined : keccak256(account.code));
      return [address, account];
    }));
    for (const name of Object.keys(transactions)) {
      const whole = { tracer: 'prestateTracer' };
      assert.deepEqual(checked(await trace(node, name, whole)), full(await trace(anvil, name, whole)), name);
      const diff = { ...whole, tracerConfig: { diffMode: true } };
      const ours = await trace(node, name, diff);
      const theirs = await trace(anvil, name, diff);
      assert.deepEqual(checked(ours.pre), full(theirs.pre), name);
      assert.deepEqual(checked(ours.post), theirs.post, name);
    }
  });

  test('the 4byteTracer counts as anvil does, but for precompiles', async () => {
    for (const name of Object.keys(transactions)) {
      const theirs = await trace(anvil, name, { tracer: '4byteTracer' });
      if (name === 'everything') {
        assert.equal(theirs['0x00000000-28'], 1); // sha256(total)
        delete theirs['0x00000000-28'];
      }
      assert.deepEqual(await trace(node, name, { tracer: '4byteTracer' }), theirs, name);
    }
  });

  test('a block is traced transaction by transaction', async () => {
    const config = { tracer: 'callTracer' };
    const { blockHash, blockNumber, transactionHash } = sent.everything;
    const block = await result(node.url, 'debug_traceBlockByNumber', [blockNumber, config]);
    const entry = block.find(({ txHash }) => txHash === transactionHash);
    assert.deepEqual(entry.result, await trace(node, 'everything', config));
    assert.deepEqual(await result(node.url, 'debug_traceBlockByHash', [blockHash, config]), block);
  });

  test('a call is traced over any block', async () => {
    const config = { tracer: 'callTracer' };
    const total = async (block) => {
      const frame = await result(node.url, 'debug_traceCall', [ask('total'), block, config]);
      return Number(frame.output);
    };
    assert.equal(await total(sent.deploy.blockNumber), 1);
    assert.equal(await total(sent.store.blockNumber), 6);
    assert.equal(await total('latest'), 9);
    const theirs = await result(anvil.url, 'debug_traceCall', [{ ...ask('store', 3), from: alice.address }, 'latest', config]);
    const ours = await result(node.url, 'debug_traceCall', [{ ...ask('store', 3), from: alice.address }, 'latest', config]);
    assert.deepEqual({ ...ours, gas: theirs.gas }, theirs);
  });

  test('viem asks for a trace', async () => {
    const client = createPublicClient({ transport: http(node.url) });
    const frame = await client.request({
      method: 'debug_traceTransaction', params: [sent.store.transactionHash, { tracer: 'callTracer' }],
    });
    assert.equal(frame.to, contract.toLowerCase());
    await assert.rejects(client.request({
      method: 'debug_traceTransaction', params: [`0x${'11'.repeat(32)}`, {}],
    }), /transaction not found/);
  });

  test('cast asks for a trace, and replays by itself', async () => {
    const program = path.join(import.meta.dirname, 'node_modules/.bin/cast');
    const cast = (...args) => run(program, [...args, '--rpc-url', node.url], { env: { NO_COLOR: '1' } });
    const hash = sent.everything.transactionHash;
    const asked = await cast('rpc', 'debug_traceTransaction', hash, '{"tracer":"callTracer"}');
    assert.equal(asked.code, 0, asked.stderr);
    assert.deepEqual(JSON.parse(asked.stdout), await trace(node, 'everything', { tracer: 'callTracer' }));
    const replayed = await cast('run', hash);
    assert.equal(replayed.code, 0, replayed.stderr);
    assert.match(replayed.stdout, /Transaction successfully executed/);
    assert.ok(replayed.stdout.includes(`Gas used: ${Number(sent.everything.gasUsed)}`), replayed.stdout);
  });

  test('a trace that is too much says which option to use', async () => {
    const loop = { input: '0x5b600056' };
    const ends = async (config) => (await call(node.url, 'debug_traceCall', [loop, 'latest', config])).error;
    assert.match((await ends({})).message, /^response too large.*disableStack.*callTracer/);
    assert.match((await ends({ limit: 1, timeout: '200ms' })).message, /^execution timeout.*timeout: "20s"/);
    assert.match((await ends({ tracer: 'noopTracer', timeout: '0.2s' })).message, /^execution timeout/);
    assert.equal((await ends({ tracer: 'function(){}' })).code, -32602);
    assert.equal(await result(node.url, 'eth_chainId'), '0x7a69');
  });
});
