// Real clients over WebSocket: ws, ethers' WebSocketProvider and viem's webSocket transport.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createPublicClient, webSocket } from 'viem';
import { Contract, ContractFactory, Wallet, WebSocketProvider } from './lib/ethers.js';
import { newFolder, startNode } from './lib/node.js';
import { call, receipt, result, sleep } from './lib/rpc.js';
import { openSocket } from './lib/websocket.js';

const alice = Wallet.createRandom();
const bob = '0x00000000000000000000000000000000000000bb';
let node;
let url;
let nonce = 0;

before(async () => {
  node = await startNode({ chainId: 88010, fund: [`${alice.address}=1000`] });
  url = node.url.replace('http', 'ws');
});
after(async () => {
  await node.stop();
});

async function until(what, good, wait_ms = 20000) {
  const end = Date.now() + wait_ms;
  while (!good()) {
    if (Date.now() > end) throw new Error(`not within ${wait_ms} ms: ${what}`);
    await sleep(20);
  }
}

async function transfer() {
  const raw = await alice.signTransaction({
    type: 2, chainId: 88010, nonce: nonce++, to: bob, value: 1n, gasLimit: 21000,
    maxFeePerGas: 0, maxPriorityFeePerGas: 0,
  });
  return result(node.url, 'eth_sendRawTransaction', [raw]);
}

test('heads arrive in order and once, each as eth_getBlockByNumber shows it', async () => {
  const client = await openSocket(url);
  const id = await client.result('eth_subscribe', ['newHeads']);
  assert.match(id, /^0x[1-9a-f][0-9a-f]{31}$/);
  const first = Number(await result(node.url, 'eth_blockNumber')) + 1;
  await receipt(node.url, await transfer());
  await until('three heads', () => client.told.length >= 3);
  for (const [index, { subscription, result: head }] of client.told.entries()) {
    assert.equal(subscription, id);
    assert.equal(Number(head.number), first + index);
    const block = await result(node.url, 'eth_getBlockByNumber', [head.number, false]);
    for (const [name, value] of Object.entries(head)) assert.deepEqual(value, block[name], name);
  }
  assert.equal(await client.result('eth_unsubscribe', [id]), true);
  client.socket.close(1000);
  await until('the close', () => client.closed);
  assert.equal(client.closed.code, 1000);
});

test('admitted transactions are told before they are final', async () => {
  const client = await openSocket(url);
  await client.result('eth_subscribe', ['newPendingTransactions']);
  const whole = await client.result('eth_subscribe', ['newPendingTransactions', true]);
  const hash = await transfer();
  await until('both', () => client.told.length === 2);
  const full = client.told.find((one) => one.subscription === whole).result;
  assert.ok(client.told.some((one) => one.result === hash));
  assert.equal(full.hash, hash);
  assert.equal(full.blockHash, null);
  await receipt(node.url, hash);
  client.socket.terminate();
});

test('each organisation is told of its own blocks alone', async () => {
  const token = readFileSync(path.join(node.dataDir, 'admin.token'), 'utf8').trim();
  const made = await call(node.url, 'org_create', [{
    label: 'beside', name: 'Beside', symbol: 'BES', founder: alice.address, transparency: 'open',
  }], { authorization: `Bearer ${token}` });
  assert.ok(made.result, JSON.stringify(made.error));
  const client = await openSocket(`${url}/o/beside`);
  const other = await openSocket(url);
  assert.equal(await client.result('eth_chainId'), made.result.chainId);
  await client.result('eth_subscribe', ['newHeads']);
  await other.result('eth_subscribe', ['newHeads']);
  await receipt(node.url, await transfer());
  await until('a head', () => other.told.length > 0);
  assert.equal(client.told.length, 0);
  client.socket.terminate();
  other.socket.terminate();
});

test('ethers: a contract\'s events, blocks and a transaction over WebSocket', async () => {
  const provider = new WebSocketProvider(url);
  const signer = alice.connect(provider);
  // constructor returns a runtime that logs topic 7 with the 32 bytes it is called with
  const runtime = '600035600052600760206000a100';
  const init = `6d${runtime}600052600e6012f3`;
  const factory = new ContractFactory(['event Told(uint256)'], `0x${init}`, signer);
  const contract = await factory.deploy({ nonce: nonce++ });
  await contract.waitForDeployment();
  const blocks = [];
  const logs = [];
  const address = await contract.getAddress();
  await provider.on('block', (number) => blocks.push(number));
  await provider.on({ address, topics: [`0x${'7'.padStart(64, '0')}`] }, (log) => logs.push(log));
  await sleep(100);
  for (const value of [5, 6]) {
    const sent = await signer.sendTransaction({
      to: address, data: `0x${value.toString(16).padStart(64, '0')}`, nonce: nonce++, gasLimit: 100000,
    });
    assert.equal((await sent.wait()).status, 1);
  }
  await until('two logs', () => logs.length === 2);
  assert.deepEqual(logs.map((log) => Number(log.data)), [5, 6]);
  await until('blocks', () => blocks.length >= 2);
  assert.ok(new Contract(address, [], provider));
  await provider.destroy();
});

test('viem: watchBlocks, watchPendingTransactions, watchEvent over WebSocket', async () => {
  const client = createPublicClient({ transport: webSocket(url, { reconnect: false }) });
  const heads = [];
  const hashes = [];
  const errors = [];
  const onError = (error) => errors.push(error.message);
  const stops = [
    client.watchBlocks({ onBlock: (block) => heads.push(block), onError }),
    client.watchPendingTransactions({ onTransactions: (some) => hashes.push(...some), onError }),
    client.watchEvent({ address: bob, onLogs: () => {}, onError }),
  ];
  await sleep(300);
  const hash = await transfer();
  const done = await client.waitForTransactionReceipt({ hash });
  assert.equal(done.status, 'success');
  await until('heads and hashes', () => heads.length >= 1 && hashes.includes(hash));
  assert.equal(typeof heads[0].number, 'bigint');
  assert.deepEqual(errors, []);
  stops.forEach((stop) => stop());
  const socket = await client.transport.getRpcClient();
  socket.close();
});

test('ping is answered, also between fragments; text may come in pieces', async () => {
  const client = await openSocket(url);
  const pong = new Promise((resolve) => { client.socket.on('pong', resolve); });
  const answer = new Promise((resolve) => { client.socket.on('message', resolve); });
  client.socket.send('{"jsonrpc":"2.0","id":99,', { fin: false });
  client.socket.ping('are you there');
  assert.equal((await pong).toString(), 'are you there');
  client.socket.send('"method":"net_listening"}', { fin: true });
  assert.equal((await answer).toString(), '{"jsonrpc":"2.0","id":99,"result":true}');
  client.socket.terminate();
});

test('handshakes of other sites, unknown organisations and old versions are refused', async () => {
  await assert.rejects(openSocket(url, { origin: 'https://evil.example' }), /HTTP 403/);
  await assert.rejects(openSocket(`${url}/o/nobody`), /HTTP 404/);
  await assert.rejects(openSocket(`${url}/health`), /HTTP 404/);
  await assert.rejects(openSocket(url, { headers: { host: 'evil.example' } }), /HTTP 421/);
  await assert.rejects(openSocket(url, { protocolVersion: 8 }), /HTTP 426/);
  const extension = await openSocket(url, { origin: 'chrome-extension://abc' });
  extension.socket.terminate();
});

// A connection by hand, for frames that no client sends. Resolves with the close frame.
function raw(frames) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(node.url);
    const socket = net.connect(port, hostname);
    const parts = [];
    let is_open = false;
    socket.on('data', (part) => {
      parts.push(part);
      const all = Buffer.concat(parts);
      const head = all.indexOf('\r\n\r\n');
      if (!is_open && head >= 0) {
        is_open = true;
        socket.write(frames);
      }
    });
    socket.on('end', () => {
      const all = Buffer.concat(parts);
      const frame = all.subarray(all.indexOf('\r\n\r\n') + 4);
      socket.end();
      resolve({ first: frame[0], code: frame.readUInt16BE(2), why: frame.subarray(4).toString() });
    });
    socket.on('error', reject);
    socket.setTimeout(20000, () => reject(new Error('the server did not close')));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
      + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${crypto.randomBytes(16).toString('base64')}\r\n\r\n`);
  });
}

const masked = (first, length, text) => Buffer.concat([
  Buffer.from([first, 0x80 | length, 0, 0, 0, 0]), Buffer.from(text)]);

test('bad frames end the connection with their code and a reason', async () => {
  const huge = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x7b]);
  const cases = [
    ['unmasked', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002, /masked/],
    ['reserved bits', masked(0xc1, 2, '{}'), 1002, /reserved bits/],
    ['unknown opcode', masked(0x83, 2, '{}'), 1002, /opcode/],
    ['nothing to continue', masked(0x80, 2, '{}'), 1002, /continue/],
    ['ping in fragments', masked(0x09, 2, '{}'), 1002, /length/],
    ['not UTF-8', masked(0x81, 2, Buffer.from([0xc0, 0xaf])), 1007, /UTF-8/],
    ['a gigabyte announced', huge, 1009, /too long/],
  ];
  for (const [name, frames, code, why] of cases) {
    const closed = await raw(frames);
    assert.equal(closed.first, 0x88, name);
    assert.equal(closed.code, code, name);
    assert.match(closed.why, why, name);
  }
});

test('filters are polled over HTTP: logs, blocks, transactions; unknown ones are not found', async () => {
  const blocks = await result(node.url, 'eth_newBlockFilter');
  const pending = await result(node.url, 'eth_newPendingTransactionFilter');
  const logs = await result(node.url, 'eth_newFilter', [{}]);
  const head = Number(await result(node.url, 'eth_blockNumber'));
  const hash = await transfer();
  const done = await receipt(node.url, hash);
  const told = await result(node.url, 'eth_getFilterChanges', [blocks]);
  assert.ok(told.includes(done.blockHash));
  assert.ok(told.length >= Number(done.blockNumber) - head);
  assert.deepEqual(await result(node.url, 'eth_getFilterChanges', [pending]), [hash]);
  assert.deepEqual(await result(node.url, 'eth_getFilterChanges', [pending]), []);
  assert.deepEqual(await result(node.url, 'eth_getFilterChanges', [logs]), []);

  const topic = `0x${'2a'.padStart(64, '0')}`;
  const deploy = await alice.signTransaction({
    type: 2, chainId: 88010, nonce: nonce++, data: '0x602a60006000a100', gasLimit: 100000,
    maxFeePerGas: 0, maxPriorityFeePerGas: 0,
  });
  await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [deploy]));
  const found = await result(node.url, 'eth_getFilterChanges', [logs]);
  assert.deepEqual(found.map((log) => log.topics), [[topic]]);
  assert.deepEqual(await result(node.url, 'eth_getFilterChanges', [logs]), []);
  const all = await result(node.url, 'eth_newFilter', [{ fromBlock: 'earliest', topics: [topic] }]);
  assert.deepEqual(await result(node.url, 'eth_getFilterLogs', [all]), found);
  const none = await call(node.url, 'eth_getFilterLogs', [blocks]);
  assert.deepEqual(none.error, { code: -32000, message: 'filter not found' });

  assert.equal(await result(node.url, 'eth_uninstallFilter', [blocks]), true);
  assert.equal(await result(node.url, 'eth_uninstallFilter', [blocks]), false);
  const gone = await call(node.url, 'eth_getFilterChanges', [blocks]);
  assert.deepEqual(gone.error, { code: -32000, message: 'filter not found' });
  const http = await call(node.url, 'eth_subscribe', ['newHeads']);
  assert.equal(http.error.code, -32601);
  assert.match(http.error.message, /^notifications not supported/);
});

test('a subscriber that does not read is dropped; others and the node go on', { timeout: 240000 }, async () => {
  const fast = await openSocket(url);
  const slow = await openSocket(url);
  await fast.result('eth_subscribe', ['logs']);
  await slow.result('eth_subscribe', ['logs']);
  slow.pause();
  // 100 kB of zeros as a log, 200 kB in JSON: in all more than is kept and the sockets hold.
  const rounds = 160;
  for (let round = 0; round < rounds; round++) {
    const raw_bytes = await alice.signTransaction({
      type: 2, chainId: 88010, nonce: nonce++, data: '0x620186a06000a000', gasLimit: 1500000,
      maxFeePerGas: 0, maxPriorityFeePerGas: 0,
    });
    const hash = await result(node.url, 'eth_sendRawTransaction', [raw_bytes]);
    if (round % 10 === 9) await receipt(node.url, hash, 60000);
  }
  await until('all logs', () => fast.told.length === rounds, 60000);
  slow.resume();
  await until('the slow one to be closed', () => slow.closed, 30000);
  assert.equal(slow.closed.code, 1008);
  assert.match(slow.closed.reason, /^too slow/);
  assert.ok(slow.told.length < rounds);
  fast.socket.terminate();
});

test('a node that stops tells its clients', async () => {
  const short = await startNode({ chainId: 88011, dataDir: newFolder() });
  const client = await openSocket(short.url.replace('http', 'ws'));
  await client.result('eth_subscribe', ['newHeads']);
  const outcome = await short.stop();
  assert.equal(outcome.code, 0);
  await until('the close', () => client.closed);
  assert.deepEqual(client.closed, { code: 1001, reason: 'this node is stopping' });
});
