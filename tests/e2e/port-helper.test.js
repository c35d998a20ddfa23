// The helper that asks the router for a port, against routers that a test plays over UDP: real
// datagrams, real time, the real sandbox.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { program, run } from './lib/node.js';

const outside = [198, 51, 100, 7];
const port = 30800;

// A router whose `answer` gets each datagram and returns one, or nothing.
async function router(answer) {
  const socket = dgram.createSocket('udp4');
  const heard = [];
  socket.on('message', (datagram, from) => {
    heard.push({ datagram, at: performance.now() });
    const reply = answer(datagram);
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  return { heard, address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

const state_names = ['searching', 'granted', 'none'];
const method_names = ['nothing', 'PCP', 'NAT-PMP'];

function parse(message) {
  return {
    state: state_names[message[1]], method: method_names[message[2]], reason: message[3],
    address: [...message.subarray(4, 8)], port: message.readUInt16BE(8), lifetime: message.readUInt32BE(10),
  };
}

function start(address) {
  const child = spawn(program('lnode'), ['port-helper', String(port), ...(address ? [address] : [])], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = [];
  let rest = Buffer.alloc(0);
  let stderr = '';
  let wake = () => {};
  child.stdin.on('error', () => {});
  child.stderr.on('data', (text) => { stderr += text; });
  child.stdout.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (; rest.length >= 14; rest = rest.subarray(14)) said.push(parse(rest));
    wake();
  });
  const ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal, stderr })); });
  // The message that comes after `count` others.
  const message = async (count, patience_ms = 40000) => {
    const late = performance.now() + patience_ms;
    while (said.length <= count) {
      assert.ok(performance.now() < late, `heard ${JSON.stringify(said)}; ${stderr}`);
      await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 100); });
    }
    return said[count];
  };
  // The end of its input, and what became of it.
  const stop = async () => {
    const began = performance.now();
    child.stdin.end();
    const outcome = await ended;
    assert.deepEqual([outcome.code, outcome.signal], [0, null], outcome.stderr);
    return performance.now() - began;
  };
  return { child, said, message, stop, ended };
}

function pcp_reply(asked, { result = 0, lifetime = asked.readUInt32BE(4), external = 40000 } = {}) {
  const reply = Buffer.from(asked);
  reply[1] |= 0x80;
  reply[3] = result;
  reply.writeUInt32BE(lifetime, 4);
  reply.fill(0, 8, 24);
  reply.writeUInt16BE(external, 42);
  reply.set(outside, 56);
  return reply;
}

function natpmp_reply(asked, { lifetime } = {}) {
  const head = Buffer.from([0, 128 + asked[1], 0, 0, 0, 0, 0, 1]);
  if (asked[1] === 0) return Buffer.concat([head, Buffer.from(outside)]);
  const rest = Buffer.from(asked.subarray(4, 12));
  if (lifetime !== undefined) rest.writeUInt32BE(lifetime, 4);
  return Buffer.concat([head, rest]);
}
const no_pcp = (asked) => (asked[0] === 2 ? Buffer.from([0, 128 + asked[1], 0, 1, 0, 0, 0, 1]) : null);

const waits = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
// A lease that the router still has at the end: those it granted, less those taken back.
const is_removal = ({ datagram }) => (datagram[0] === 2 ? datagram.readUInt32BE(4) === 0
  : datagram.length === 12 && datagram.readUInt32BE(8) === 0);

test('a router with PCP: granted, renewed at half of the lease, taken back', async () => {
  const box = await router((asked) => pcp_reply(asked, asked.readUInt32BE(4) === 0 ? {} : { lifetime: 2 }));
  const helper = start(box.address);
  const granted = await helper.message(0);
  assert.deepEqual(granted, { state: 'granted', method: 'PCP', reason: 0, address: outside, port: 40000, lifetime: 2 });
  assert.deepEqual([...box.heard[0].datagram.subarray(20, 24)], [127, 0, 0, 1], 'its own address');
  await waits(3500);
  assert.ok(box.heard.length >= 3 && box.heard.length <= 5, `${box.heard.length} in 3.5 s`);
  const nonces = new Set(box.heard.map(({ datagram }) => datagram.subarray(24, 36).toString('hex')));
  assert.equal(nonces.size, 1, 'one mapping, one nonce');
  assert.equal(helper.said.length, 1, 'a lease that was renewed is no news');
  assert.ok(await helper.stop() < 3000);
  assert.ok(is_removal(box.heard.at(-1)), 'it was taken back');
  box.close();
});

test('a router with NAT-PMP only', async () => {
  const box = await router((asked) => no_pcp(asked) ?? natpmp_reply(asked));
  const helper = start(box.address);
  assert.deepEqual(await helper.message(0),
    { state: 'granted', method: 'NAT-PMP', reason: 0, address: outside, port, lifetime: 1200 });
  await helper.stop();
  assert.ok(is_removal(box.heard.at(-1)));
  box.close();
});

test('a router that loses every other datagram', async () => {
  let count = 0;
  const box = await router((asked) => (count++ % 2 === 0 ? null : no_pcp(asked) ?? natpmp_reply(asked)));
  const helper = start(box.address);
  assert.equal((await helper.message(0)).state, 'granted');
  await helper.stop();
  box.close();
});

test('a router whose owner forbids it', async () => {
  const box = await router((asked) => (asked[0] === 2 ? pcp_reply(asked, { result: 2 })
    : Buffer.from([0, 128 + asked[1], 0, 2, 0, 0, 0, 1])));
  const helper = start(box.address);
  assert.deepEqual(await helper.message(0),
    { state: 'none', method: 'nothing', reason: 3, address: [0, 0, 0, 0], port: 0, lifetime: 0 });
  const asked = box.heard.length;
  await waits(2000);
  assert.equal(box.heard.length, asked, 'it is left in peace');
  await helper.stop();
  box.close();
});

test('a router where nobody listens is left at once', async () => {
  const box = await router(() => null);
  box.close();
  const helper = start(box.address);
  const none = await helper.message(0, 10000);
  assert.deepEqual([none.state, none.reason], ['none', 2]);
  await helper.stop();
});

test('a router that answers with anything harms nobody', async () => {
  let seed = 7;
  const random = () => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed >>> 16; };
  const box = await router((asked) => {
    const reply = random() % 2 ? pcp_reply(Buffer.concat([asked, Buffer.alloc(60)]).subarray(0, 60)) : Buffer.alloc(random() % 1400);
    for (let i = 0; i < reply.length; i += 1 + (random() % 9)) reply[i] = random();
    return reply;
  });
  const helper = start(box.address);
  await waits(2000);
  assert.equal(helper.child.exitCode, null);
  assert.ok(await helper.stop() < 3000);
  box.close();
});

test('it cannot reach files, programs or privileges, and signals do not end it', async (context) => {
  const box = await router((asked) => pcp_reply(asked));
  const helper = start(box.address);
  await helper.message(0);
  const status = readFileSync(`/proc/${helper.child.pid}/status`, 'utf8');
  assert.match(status, /^Seccomp:\s+2$/m);
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  const limits = readFileSync(`/proc/${helper.child.pid}/limits`, 'utf8');
  assert.match(limits, /^Max processes\s+0\s+0/m);
  assert.match(limits, /^Max open files\s+16\s+16/m);
  helper.child.kill('SIGTERM');
  helper.child.kill('SIGINT');
  await waits(300);
  assert.equal(helper.child.exitCode, null);
  await helper.stop();
  assert.ok(is_removal(box.heard.at(-1)), 'all the same it takes the mapping back');
  box.close();
  if (process.arch !== 'x64') context.diagnostic(`sandbox of ${process.arch}`);
});

// A router at the far end of a cable, in a network of its own: the helper finds it by itself.
test('it finds the gateway of the machine, also one that comes later', async (context) => {
  const script = path.join(import.meta.dirname, 'lib/home-network.sh');
  const done = await run('unshare', ['-Urn', 'sh', script, program('lnode'), process.execPath,
    path.join(import.meta.dirname, 'lib/router.js')], { timeout_ms: 400000 }).catch(() => null);
  if (done === null || done.code === 77) {
    context.skip(`no namespaces here: ${done?.stderr ?? 'no unshare'}`);
    return;
  }
  assert.equal(done.code, 0, done.stderr);
  const said = Buffer.from(done.stdout.trim(), 'hex');
  const messages = [];
  for (let at = 0; at + 14 <= said.length; at += 14) messages.push(parse(said.subarray(at, at + 14)));
  assert.deepEqual(messages.map((one) => one.state), ['none', 'searching', 'granted'], JSON.stringify(messages));
  assert.equal(messages[0].reason, 1, 'no router at first');
  assert.deepEqual(messages[2].address, outside);
});

test('wrong usage is refused', async () => {
  for (const args of [[], ['0'], ['65536'], ['80x'], ['1', '2', '3'], ['1', '--frobnicate']]) {
    const done = await run(program('lnode'), ['port-helper', ...args]);
    assert.equal(done.code, 3, `${args}`);
    assert.notEqual(done.stderr, '');
  }
  for (const where of ['box.lan:5351', '127.0.0.1', '::1:5']) {
    const done = await run(program('lnode'), ['port-helper', '1', where]);
    assert.equal(done.code, 1, where);
  }
  assert.doesNotMatch((await run(program('lnode'), ['--help'])).stdout, /port-helper/);
});
