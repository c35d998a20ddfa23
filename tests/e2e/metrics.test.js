// GET /metrics: who may read it, what it is, and that its values are those of what was done.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Wallet } from './lib/ethers.js';
import { scrape, total } from './lib/metrics.js';
import { startNode } from './lib/node.js';
import { call, post, receipt, request, result } from './lib/rpc.js';

const alice = Wallet.createRandom();
let node;
before(async () => { node = await startNode({ chainId: 4343, fund: [`${alice.address}=100`] }); });
after(() => node.stop());

const get = (headers = {}, method = 'GET') =>
  request(node.url, { method, path: '/metrics', headers: { 'content-type': null, ...headers } });

async function transfer(nonce) {
  const raw = await alice.signTransaction({
    type: 2, chainId: 4343, nonce, to: '0x00000000000000000000000000000000000000aa', value: 1n,
    gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
  });
  return receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [raw]));
}

// Blocks without transactions follow the last transaction: until no more comes.
async function quiet() {
  for (let last = -1, now; ; last = now) {
    now = Number(await result(node.url, 'eth_blockNumber'));
    if (now === last) return now;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
  }
}

test('the text is Prometheus\'s, behind the rules of every other path', async () => {
  const good = await get();
  assert.equal(good.status, 200);
  assert.equal(good.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(good.text, /^leither_build_info\{version="[0-9.]+"\} 1$/m);
  assert.equal((await get({ host: 'evil.example' })).status, 421);
  assert.equal((await get({ origin: 'https://evil.example' })).status, 403);
  assert.equal((await get({ 'content-type': 'application/json' }, 'POST')).status, 405);
  const head = await get({}, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
});

test('values move as much as was done', async () => {
  await transfer(0);
  await quiet();
  const old = await scrape(node.url);
  for (const nonce of [1, 2, 3]) await transfer(nonce);
  await call(node.url, 'eth_getBalance', ['nonsense']);
  await call(node.url, 'eth_noSuchMethod');
  await post(node.url, 'no json');
  await call(node.url, 'eth_sendRawTransaction', [await alice.signTransaction({ chainId: 4343, nonce: 0, gasLimit: 21000, gasPrice: 0, to: alice.address })]);
  const height = await quiet();
  const now = await scrape(node.url);
  const more = (name, labels) => total(now, name, labels) - total(old, name, labels);
  const org = 'dev';
  assert.equal(total(now, 'leither_block_height', { org }), height);
  assert.equal(more('leither_transactions_total', { org }), 3);
  assert.equal(more('leither_gas_used_total', { org }), 63000);
  assert.equal(more('leither_blocks_total', { org }), more('leither_block_height', { org }));
  assert.equal(more('leither_pool_submitted_total', { org, verdict: 'accepted' }), 3);
  assert.equal(more('leither_pool_submitted_total', { org, verdict: 'nonce_too_low' }), 1);
  assert.equal(more('leither_pool_left_total', { org, fate: 'mined' }), 3);
  assert.equal(more('leither_pool_wait_seconds_count', { org }), 3);
  assert.equal(total(now, 'leither_pool_transactions', { org }), 0);
  assert.equal(more('leither_consensus_block_seconds_count', { org }), more('leither_blocks_total', { org }));
  assert.equal(more('leither_consensus_step_seconds_count', { step: 'sign' }), 3 * more('leither_blocks_total', { org }));
  assert.equal(more('leither_consensus_view', { org }), more('leither_blocks_total', { org }));
  assert.ok(more('leither_leveldb_written_bytes_total', { org }) > 1000);
  assert.ok(total(now, 'leither_leveldb_files', { org }) > 0);
  const sends = { method: 'eth_sendRawTransaction' };
  assert.equal(more('leither_rpc_duration_seconds_count', sends), 4);
  assert.equal(more('leither_rpc_duration_seconds_bucket', { ...sends, le: '+Inf' }), 4);
  assert.equal(more('leither_rpc_failures_total', sends), 1);
  assert.equal(more('leither_rpc_failures_total', { method: 'eth_getBalance' }), 1);
  assert.equal(more('leither_rpc_errors_total', { code: '-32602' }), 1);
  assert.equal(more('leither_rpc_errors_total', { code: '-32601' }), 1);
  assert.equal(more('leither_rpc_errors_total', { code: '-32700' }), 1);
  assert.equal(more('leither_rpc_errors_total', { code: '-32000' }), 1);
  assert.ok(more('leither_http_answers_total', { status: '200' }) >= more('leither_rpc_duration_seconds_count'));
  assert.ok(more('process_cpu_seconds_total') > 0);
  assert.ok(more('leither_worker_tasks_total') > 0);
  assert.ok(more('leither_connections_accepted_total') >= 8);
});

test('what clients make up becomes no label', async () => {
  const evil = 'evil"} 1\nup 0\n#';
  await call(node.url, evil);
  await post(`${node.url}/o/evil`, { jsonrpc: '2.0', id: 1, method: 'net_listening' });
  await request(node.url, { method: 'GET', path: '/evil' });
  const { text } = await get();
  assert.doesNotMatch(text, /evil/);
  const methods = (await result(node.url, 'rpc.discover')).methods.map((one) => one.name);
  for (const { samples } of (await scrape(node.url)).values()) {
    for (const { labels } of samples) assert.ok(labels.method === undefined || methods.includes(labels.method), labels.method);
  }
});

// | `name` | type | labels | meaning |, in the order of the table in the program.
test('the page explains each metric as the program does', async () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/operations/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (\w+) \| (.*?) ?\| (.+) \|$/gm)];
  const families = await scrape(node.url);
  assert.deepEqual(rows.map((row) => row[1]), [...families.keys()]);
  for (const [, name, type, words, meaning] of rows) {
    const family = families.get(name);
    assert.equal(type, family.type, name);
    assert.equal(meaning, family.help, name);
    const labels = words === '' ? [] : words.split(', ').map((one) => one.replaceAll('`', ''));
    for (const one of family.samples) {
      assert.deepEqual(Object.keys(one.labels).filter((key) => key !== 'le'), labels, name);
    }
  }
  for (const { labels } of families.get('leither_pool_submitted_total').samples) {
    assert.ok(page.includes(`\`${labels.verdict}\``), `${labels.verdict} is not explained`);
  }
});
