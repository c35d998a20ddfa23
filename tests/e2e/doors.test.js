// Ways in beside plain HTTP on the port: the Unix socket, pages of other origins, gzip, and the
// operator's token.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import zlib from 'node:zlib';
import { newFolder, run, startNode } from './lib/node.js';
import { call, post, request } from './lib/rpc.js';

const question = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}';
const curl = (socket, ...args) => run('curl', ['-s', '--unix-socket', socket, '-H', 'content-type: application/json',
  '-w', '\n%{http_code}', ...args]);
const modeOf = (file) => (statSync(file).mode & 0o777).toString(8);

describe('Unix socket', () => {
  const folder = newFolder();
  const socket = path.join(folder, 'rpc.sock');
  const start = (...args) => startNode({ args: ['--rpc-socket', socket, ...args] });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('curl asks through it; the rule of Host holds; it goes with the node', async () => {
    const node = await start();
    assert.equal(modeOf(socket), '600');
    const answer = await curl(socket, '-d', question, 'http://localhost/');
    assert.equal(answer.stdout, '{"jsonrpc":"2.0","id":1,"result":"0x1092"}\n200');
    const stranger = await curl(socket, '-d', question, 'http://evil.example/');
    assert.match(stranger.stdout, /^host "evil\.example" is not served here.*\n\n421$/s);
    assert.equal((await call(node.url, 'eth_chainId')).result, '0x1092');
    await node.stop();
    assert.ok(!existsSync(socket));
  });

  test('one that a killed node left is replaced; a live one and other files are left alone', async () => {
    const killed = await start();
    await killed.kill();
    assert.ok(existsSync(socket));
    const node = await start('--rpc-socket-access', 'group');
    assert.equal(modeOf(socket), '660');
    await assert.rejects(start(), /another program answers at .*rpc\.sock; stop it, or choose another path with --rpc-socket/);
    assert.match((await curl(socket, '-d', question, 'http://localhost/')).stdout, /0x1092/);
    await node.stop();
    writeFileSync(socket, 'mine');
    await assert.rejects(start(), /rpc\.sock is there and is no socket/);
    assert.equal(readFileSync(socket, 'utf8'), 'mine');
  });
});

describe('pages and packing', () => {
  const origin = 'https://dapp.example';
  let node;
  before(async () => { node = await startNode({ args: ['--rpc-origins', origin] }); });
  after(async () => { if (node) await node.stop(); });

  test('a page of a named origin may ask, after its preflight', async () => {
    const asked = await request(node.url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers['access-control-allow-origin'], origin);
    assert.match(asked.headers['access-control-allow-methods'], /\bPOST\b/);
    assert.match(asked.headers['access-control-allow-headers'], /\bcontent-type\b/);
    assert.equal(asked.headers.vary, 'Origin');
    const answer = await post(node.url, question, { origin });
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.equal(answer.json.result, '0x1092');
  });

  test('pages of other origins may not, nor learn anything', async () => {
    for (const other of ['https://evil.example', 'http://dapp.example', `${origin}.evil.example`, 'null']) {
      for (const method of ['OPTIONS', 'POST']) {
        const answer = await request(node.url, { method, headers: { origin: other }, body: method === 'POST' ? question : '' });
        assert.equal(answer.status, 403, other);
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
        assert.match(answer.text, /rpc\.origins/);
      }
    }
  });

  test('"*" is no origin', async () => {
    await assert.rejects(startNode({ args: ['--rpc-origins', '*'] }), /"\*" is refused/);
  });

  test('long answers come in gzip if asked, and are the same', async () => {
    const discover = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}';
    const plain = await fetch(node.url, { method: 'POST', body: discover, headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' } });
    const packed = await fetch(node.url, { method: 'POST', body: discover, headers: { 'content-type': 'application/json' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(packed.headers.get('vary'), 'Accept-Encoding');
    const text = await plain.text();
    assert.equal(await packed.text(), text);
    assert.ok(Number(packed.headers.get('content-length')) < text.length / 3);
    assert.ok(zlib.gzipSync(text).length * 2 > Number(packed.headers.get('content-length')));
    const short = await fetch(node.url, { method: 'POST', body: question, headers: { 'content-type': 'application/json' } });
    assert.equal(short.headers.get('content-encoding'), null);
  });
});

describe('the operator\'s token', () => {
  test('is in a file of its owner alone; without the file the next start makes another', async () => {
    const dataDir = newFolder();
    const file = path.join(dataDir, 'admin.token');
    const ask = (node, token) => call(node.url, 'org_create', [{}], { authorization: `Bearer ${token}` });
    try {
      let node = await startNode({ dataDir });
      assert.equal(modeOf(file), '600');
      const token = readFileSync(file, 'utf8').trim();
      assert.match(token, /^[0-9a-f]{64}$/);
      assert.equal((await ask(node, token)).error.code, -32602); // let in: the request is wrong
      const refused = (await ask(node, token.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))).error;
      assert.equal(refused.code, -32006);
      assert.match(refused.message, /admin\.token/);
      await node.stop();
      chmodSync(file, 0o644);
      await assert.rejects(startNode({ dataDir }), /admin\.token is open to other users \(mode 644, expected 600\); run: chmod 600/);
      rmSync(file);
      node = await startNode({ dataDir });
      assert.notEqual(readFileSync(file, 'utf8').trim(), token);
      assert.equal((await ask(node, token)).error.code, -32006);
      await node.stop();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
