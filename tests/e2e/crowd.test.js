// Many clients at once, and some that mean harm: slow ones, greedy ones, ones that never end.
// Attackers come from 127.0.0.2; an honest client on 127.0.0.1 is served all the while, over the
// connection it keeps and over new ones.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { JsonRpcProvider } from 'ethers';
import { createPublicClient, http as viemHttp } from 'viem';
import { WebSocket } from 'ws';
import { startNode } from './lib/node.js';
import { sleep } from './lib/rpc.js';

const attacker = '127.0.0.2';
const patience_ms = 2000; // for an honest request while two cores are busy with attackers

const call = (method, params = [], id = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const request = (body) => 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  + `Content-Length: ${body.length}\r\n\r\n${body}`;

// One request. Resolves with { status, headers, text, took_ms }.
function ask(node, body, { agent = false, localAddress, headers = {}, method = 'POST', socketPath } = {}) {
  const began = performance.now();
  const { hostname, port } = new URL(node.url);
  return new Promise((resolve, reject) => {
    const where = socketPath ? { socketPath } : { hostname, port, localAddress };
    const sent = http.request({
      ...where, method, agent, timeout: 20000,
      headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
    }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({
        status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString(),
        took_ms: performance.now() - began,
      }));
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error('no answer in 20 s')));
    sent.end(body);
  });
}

// A raw connection that collects what it hears.
function dial(node, { localAddress = attacker, allowHalfOpen = false } = {}) {
  const socket = net.connect({ host: '127.0.0.1', port: new URL(node.url).port, localAddress, allowHalfOpen });
  socket.heard = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => { if (socket.heard.length < 1 << 20) socket.heard += text; });
  socket.on('error', () => {});
  socket.ended = new Promise((resolve) => { socket.on('close', resolve); });
  return socket;
}

// While `attack` goes on, an honest client asks every 30 ms, in turns on its kept connection and
// on a new one. All answers must be right and in time.
async function whileServing(node, attack) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let goes_on = true;
  let served = 0;
  let worst_ms = 0;
  const honest = (async () => {
    while (goes_on || served < 10) {
      const answer = await ask(node, call('eth_chainId', [], served), { agent: served % 2 ? agent : false });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(JSON.parse(answer.text), { jsonrpc: '2.0', id: served, result: '0x15a42' });
      worst_ms = Math.max(worst_ms, answer.took_ms);
      served += 1;
      await sleep(30);
    }
  })();
  try {
    await Promise.race([attack(), honest.then(() => {})]);
  } finally {
    goes_on = false;
    await honest;
    agent.destroy();
  }
  assert.ok(worst_ms < patience_ms, `an honest request took ${worst_ms} ms`);
  return { served, worst_ms };
}

describe('attacks', () => {
  let node;
  before(async () => {
    node = await startNode({
      chainId: 88642, args: ['--rpc-connections', '64', '--rpc-transfer-timeout', '3'],
    });
  });
  after(async () => { if (node) await node.stop(); });

  test('heads that come a byte at a time end after 5 s', async () => {
    await whileServing(node, async () => {
      const began = Date.now();
      const sockets = Array.from({ length: 40 }, () => dial(node));
      const head = `POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'a'.repeat(1000)}`;
      let at = 0;
      const drip = setInterval(() => {
        sockets.forEach((socket) => { if (socket.writable) socket.write(head[at]); });
        at += 1;
      }, 100);
      await Promise.all(sockets.map((socket) => socket.ended));
      clearInterval(drip);
      const took_ms = Date.now() - began;
      assert.ok(took_ms > 4000 && took_ms < 12000, `${took_ms} ms`);
      assert.ok(sockets.every((socket) => socket.heard.includes(' 408 Request Timeout\r\n')), sockets[0].heard);
    });
  });

  test('bodies that come a byte at a time end when their time is over', async () => {
    await whileServing(node, async () => {
      const began = Date.now();
      const sockets = Array.from({ length: 40 }, () => dial(node));
      sockets.forEach((socket) => socket.write(request('x'.repeat(5000)).slice(0, -5000)));
      const drip = setInterval(() => sockets.forEach((socket) => { if (socket.writable) socket.write('['); }), 100);
      await Promise.all(sockets.map((socket) => socket.ended));
      clearInterval(drip);
      const took_ms = Date.now() - began;
      assert.ok(took_ms > 2500 && took_ms < 10000, `${took_ms} ms`);
      assert.ok(sockets.every((socket) => socket.heard.includes(' 408 ')), sockets[0].heard);
    });
  });

  test('answers that are read a little at a time end when their time is over', async () => {
    const batch = `[${Array.from({ length: 300 }, (_, id) => call('rpc.discover', [], id)).join(',')}]`;
    await whileServing(node, async () => {
      const began = Date.now();
      const sockets = Array.from({ length: 4 }, () => dial(node));
      sockets.forEach((socket) => {
        socket.pause();
        socket.write(request(batch));
      });
      // What the kernel has in its buffers is read in sips, so the connection is never quite still.
      const sip = setInterval(() => sockets.forEach((socket) => { socket.resume(); socket.pause(); }), 250);
      const late = setTimeout(() => { clearInterval(sip); sockets.forEach((socket) => socket.resume()); }, 6000);
      await Promise.all(sockets.map((socket) => socket.ended));
      clearInterval(sip);
      clearTimeout(late);
      assert.ok(Date.now() - began > 2500);
      for (const socket of sockets) {
        const announced = Number(socket.heard.match(/Content-Length: (\d+)/)[1]);
        assert.ok(announced > 8e6, `an answer of ${announced} bytes`);
        assert.ok(socket.bytesRead < announced, 'the whole answer was still sent');
      }
    });
  });

  test('heads without an end are refused at their bound', async () => {
    await whileServing(node, async () => {
      const filler = 'a'.repeat(1 << 20);
      const begins = ['GET /', 'POST / HTTP/1.1\r\nHost: localhost\r\nX-Long: ',
        `POST / HTTP/1.1\r\nHost: localhost\r\n${'X-Many: 1\r\n'.repeat(5000)}`];
      for (const begin of begins) {
        const socket = dial(node);
        socket.write(begin + filler);
        await socket.ended;
        assert.match(socket.heard, /^HTTP\/1\.1 4(14|31) /, begin.slice(0, 20));
      }
    });
  });

  test('ten thousand requests sent ahead are answered in order', async () => {
    await whileServing(node, async () => {
      const socket = dial(node);
      const count = 10000;
      let text = '';
      socket.removeAllListeners('data');
      const done = new Promise((resolve) => {
        socket.on('data', (part) => {
          text += part;
          if (text.endsWith(`"id":${count - 1},"result":"0x15a42"}`)) resolve();
        });
      });
      socket.write(Array.from({ length: count }, (_, id) => request(call('eth_chainId', [], id))).join(''));
      await done;
      const ids = [...text.matchAll(/"id":(\d+),"result":"0x15a42"/g)].map((match) => Number(match[1]));
      assert.equal(ids.length, count);
      assert.ok(ids.every((id, index) => id === index));
      socket.destroy();
    });
  });

  test('requests sent ahead whose answers nobody reads do not pile up', async () => {
    const status = async () => Number((await import('node:fs')).readFileSync(`/proc/${node.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
    await whileServing(node, async () => {
      const before_kb = await status();
      const sockets = Array.from({ length: 8 }, () => dial(node));
      const text = request(call('rpc.discover')).repeat(20000);
      sockets.forEach((socket) => { socket.pause(); socket.write(text); });
      await sleep(2000);
      const grown_kb = await status() - before_kb;
      assert.ok(grown_kb < 65536, `memory grew by ${grown_kb} KiB`);
      sockets.forEach((socket) => socket.destroy());
    });
  });

  test('who closes its side gets its answer; who closes in the middle is forgotten', async () => {
    const whole = dial(node, { allowHalfOpen: true });
    whole.end(request(call('eth_chainId', [], 7)));
    await whole.ended;
    assert.match(whole.heard, /"id":7,"result":"0x15a42"/);
    const part = dial(node, { allowHalfOpen: true });
    part.end(request(call('eth_chainId')).slice(0, -3));
    await part.ended;
    assert.equal(part.heard, '');
  });

  test('with all connections taken by the silent, the next one is served', async () => {
    const sockets = [];
    const { served } = await whileServing(node, async () => {
      for (let round = 0; round < 20; round++) {
        for (let count = 0; count < 20; count++) sockets.push(dial(node));
        await sleep(100);
      }
    });
    assert.ok(served >= 10);
    sockets.forEach((socket) => socket.destroy());
  });
});

describe('limits of an address', () => {
  let node;
  before(async () => {
    node = await startNode({
      chainId: 88642,
      args: ['--rpc-connections-per-address', '150', '--rpc-calls-per-second', '60'],
    });
  });
  after(async () => { if (node) await node.stop(); });

  test('a flood is refused with 429, -32005 and Retry-After, and hinders nobody else', async () => {
    await whileServing(node, async () => {
      const answers = [];
      for (let round = 0; round < 10; round++) {
        const asked = Array.from({ length: 20 }, (_, id) => ask(node, call('eth_chainId', [], id), { localAddress: attacker }));
        answers.push(...await Promise.all(asked));
      }
      const refused = answers.filter((answer) => answer.status === 429);
      assert.ok(refused.length > 80, `${refused.length} of ${answers.length} were refused`);
      for (const { headers, text } of refused) {
        const { error, id } = JSON.parse(text);
        assert.equal(error.code, -32005);
        assert.match(error.message, /^too many calls from this address: at most 60 a second; try again in \d+ ms$/);
        assert.ok(Number.isInteger(id));
        assert.match(headers['retry-after'], /^0\d+$/);
      }
      assert.equal(refused.length + answers.filter((answer) => answer.status === 200).length, answers.length);
    });
  });

  test('connections of an address are bounded; others still come in', async () => {
    await whileServing(node, async () => {
      const sockets = Array.from({ length: 200 }, () => dial(node));
      await sleep(500);
      const refused = sockets.filter((socket) => socket.heard.startsWith('HTTP/1.1 429 '));
      assert.equal(refused.length, 50);
      assert.match(refused[0].heard, /too many connections from this address: at most 150 are accepted/);
      sockets.forEach((socket) => socket.destroy());
    });
  });

  test('WebSocket messages are counted, too, and refused by id', async () => {
    const socket = new WebSocket(node.url.replace('http', 'ws'), { localAddress: '127.0.0.3' });
    await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
    const answers = new Map();
    const done = new Promise((resolve) => {
      socket.on('message', (text) => {
        const answer = JSON.parse(text);
        answers.set(answer.id, answer);
        if (answers.size === 200) resolve();
      });
    });
    for (let id = 0; id < 200; id++) socket.send(call('eth_chainId', [], id));
    await done;
    const refused = [...answers.values()].filter((answer) => answer.error?.code === -32005);
    assert.ok(refused.length > 50 && refused.length <= 141, `${refused.length}`);
    socket.close();
  });

  test('ethers and viem wait and come again until they are served', async () => {
    const provider = new JsonRpcProvider(node.url, 88642, { staticNetwork: true, batchMaxCount: 1 });
    const blocks = await Promise.all(Array.from({ length: 90 }, () => provider.send('eth_blockNumber', [])));
    assert.equal(blocks.length, 90);
    provider.destroy();
    await sleep(1200);
    const client = createPublicClient({ transport: viemHttp(node.url) });
    const numbers = await Promise.all(Array.from({ length: 80 }, () => client.request({ method: 'eth_chainId' }, { dedupe: false })));
    assert.equal(numbers.length, 80);
  });
});
