// What strangers send. Each wrong thing has its own clear error (geth's words where clients match
// on them), nothing is admitted, and the node serves on.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Transaction, Wallet, encodeRlp, getBytes, hexlify, keccak256, toBeHex, toQuantity } from 'ethers';
import { startNode } from './lib/node.js';
import { call, post, receipt, request, result } from './lib/rpc.js';

const chainId = 77010;
const block_gas = 12_000_000; // below what Osaka lets one transaction have

describe('bad input', () => {
  const rich = Wallet.createRandom();
  const other = Wallet.createRandom();
  const poor = Wallet.createRandom();
  let node;
  let url;
  let state_before;

  before(async () => {
    node = await startNode({
      chainId, fund: [`${rich.address}=100`, `${other.address}=100`],
      args: ['--gas-limit', String(block_gas)],
    });
    url = node.url;
    state_before = await result(url, 'eth_getBlockByNumber', ['latest', false]);
  });
  after(async () => { if (node) await node.stop(); });

  const base = { type: 2, chainId, nonce: 0, to: poor.address, value: 1n, gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0 };
  const sign = (fields, wallet = rich) => wallet.signTransaction({ ...base, ...fields });
  const send = (raw) => call(url, 'eth_sendRawTransaction', [raw]);

  async function refused(raw, words, code = -32000) {
    const answer = await send(raw);
    assert.equal(answer.result, undefined, `was admitted: ${answer.result}`);
    assert.match(answer.error.message, words);
    if (code !== null) assert.equal(answer.error.code, code, answer.error.message);
  }

  describe('JSON-RPC', () => {
    const bad = async (body, code) => {
      const answer = await post(url, body);
      assert.equal(answer.json?.error?.code, code, answer.text);
      assert.ok(answer.json.error.message.length > 0);
      return answer.json;
    };
    test('malformed JSON is a parse error with id null', async () => {
      for (const body of ['', '{', '{"jsonrpc":"2.0",', 'nonsense', '[1,', `${'['.repeat(100000)}`, '{"a":1}{"b":2}', '\xff\xfe']) {
        const answer = await post(url, body);
        assert.equal(answer.json?.error?.code, -32700, `${body.slice(0, 20)}: ${answer.text}`);
        assert.equal(answer.json.id, null);
      }
    });
    test('what is no request is an invalid request', async () => {
      await bad('1', -32600);
      await bad('"text"', -32600);
      await bad('null', -32600);
      await bad('{}', -32600);
      await bad('[]', -32600);
      await bad({ jsonrpc: '2.0', id: 1, method: 7 }, -32600);
      await bad({ jsonrpc: '1.0', id: 1, method: 'eth_chainId' }, -32600);
      await bad({ jsonrpc: '2.0', id: {}, method: 'eth_chainId' }, -32600);
    });
    test('an unknown method is named', async () => {
      const { error } = await bad({ jsonrpc: '2.0', id: 1, method: 'eth_frobnicate' }, -32601);
      assert.match(error.message, /eth_frobnicate/);
    });
    test('wrong types and counts of parameters are invalid params', async () => {
      const address = rich.address;
      for (const [method, params] of [
        ['eth_getBalance', []], ['eth_getBalance', [address.slice(0, 20)]], ['eth_getBalance', [7]],
        ['eth_getBalance', ['0xzz11111111111111111111111111111111111111', 'latest']],
        ['eth_getBalance', [address, 'yesterday']], ['eth_getBalance', [address, '0x']],
        ['eth_getBalance', [address, '12']],
        ['eth_getBalance', [address, 'latest', 'more']], ['eth_getBalance', { address }],
        ['eth_getBlockByNumber', ['latest', 'yes']], ['eth_getBlockByHash', ['0x1234', false]],
        ['eth_call', [{ to: 12 }, 'latest']], ['eth_call', [{ to: address, data: '0x123' }, 'latest']],
        ['eth_call', [{ to: address, gas: '-1' }, 'latest']], ['eth_call', ['text', 'latest']],
        ['eth_getStorageAt', [address, 'slot', 'latest']], ['eth_sendRawTransaction', [{}]],
        ['eth_getLogs', [{ fromBlock: 1 }]], ['eth_getLogs', [{ topics: 'all' }]],
        ['eth_getLogs', [{ address: '0x12' }]], ['eth_feeHistory', ['many', 'latest', []]],
        ['eth_feeHistory', ['0x1', 'latest', [70, 10]]],
      ]) {
        const answer = await call(url, method, params);
        assert.equal(answer.error?.code, -32602, `${method} ${JSON.stringify(params)}: ${JSON.stringify(answer)}`);
      }
    });
    test('ids of every type come back exactly; notifications stay unanswered', async () => {
      for (const id of ['1', '"one"', 'null', '0.10', '1e2', '-0', '12345678901234567890', '"\\u0041\\n"']) {
        const answer = await post(url, `{"jsonrpc":"2.0","method":"eth_chainId","id":${id}}`);
        assert.ok(answer.text.replaceAll(' ', '').includes(`"id":${id}`), `${id}: ${answer.text}`);
      }
      const silent = await post(url, '{"jsonrpc":"2.0","method":"eth_chainId"}');
      assert.equal(silent.text, '');
    });
    test('a batch answers each item; one bad item does not spoil the others', async () => {
      const answer = await post(url, '[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},7,'
        + '{"jsonrpc":"2.0","id":2,"method":"nope"},{"jsonrpc":"2.0","method":"eth_chainId"}]');
      assert.equal(answer.json.length, 3, answer.text);
      assert.equal(answer.json.find((one) => one.id === 1).result, '0x12cd2');
      assert.equal(answer.json.find((one) => one.id === 2).error.code, -32601);
      assert.equal(answer.json.find((one) => one.id === null).error.code, -32600);
    });
    test('an oversized batch is refused as a whole', async () => {
      const one = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' };
      const answer = await post(url, Array.from({ length: 20000 }, () => one));
      assert.ok(!Array.isArray(answer.json), 'was answered');
      assert.match(answer.json?.error?.message ?? answer.text, /batch/i);
    });
    test('an oversized body is refused before it is read', async () => {
      const answer = await sendRawHead(node.url, 'POST / HTTP/1.1\r\nHost: HOST\r\n'
        + 'Content-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 413 /);
    });
  });

  describe('HTTP', () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    test('a foreign Host is refused, local names are served', async () => {
      for (const host of ['evil.example', `evil.example:${new URL(url).port}`]) {
        const answer = await request(url, { body, headers: { host } });
        assert.ok([403, 421].includes(answer.status), `${host}: ${answer.status}`);
      }
      assert.equal((await request(url, { body, headers: { host: `localhost:${new URL(url).port}` } })).status, 200);
    });
    test('a foreign Origin is refused', async () => {
      for (const origin of ['http://evil.example', 'null', 'https://127.0.0.1.evil.example']) {
        const answer = await request(url, { body, headers: { origin } });
        assert.equal(answer.status, 403, `${origin}: ${answer.text}`);
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      }
    });
    test('only POST with application/json reaches a method', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', null]) {
        assert.equal((await request(url, { body, headers: { 'content-type': type } })).status, 415, String(type));
      }
      assert.equal((await request(url, { body, headers: { 'content-type': 'application/json; charset=utf-8' } })).status, 200);
      assert.equal((await request(url, { method: 'PUT', body })).status, 405);
      assert.equal((await request(url, { method: 'DELETE' })).status, 405);
    });
    test('an unknown path and an unknown organisation are told apart from a method', async () => {
      assert.equal((await request(url, { body, path: '/nowhere' })).status, 404);
      const answer = await request(url, { body, path: '/o/nobody' });
      assert.ok(answer.status === 404 || answer.json?.error, answer.text);
      assert.match(answer.text, /nobody|organisation/);
    });
    test('requests that smuggle or break the rules of HTTP are refused', async () => {
      for (const head of [
        'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
        'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length : 2\r\n\r\n{}',
        'POST / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
        'POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
        `POST / HTTP/1.1\r\nHost: HOST\r\nX-Long: ${'a'.repeat(200000)}\r\n\r\n`,
        'NONSENSE\r\n\r\n',
      ]) {
        const answer = await sendRawHead(url, head);
        assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/, `${head.slice(0, 120)} -> ${answer.slice(0, 80)}`);
      }
    });
    test('admin powers need the token', async () => {
      const answer = await post(url, { jsonrpc: '2.0', id: 1, method: 'org_create', params: [{ label: 'stranger' }] });
      assert.ok(answer.json?.error, answer.text);
      assert.match(answer.json.error.message, /token/i);
    });
  });

  describe('transactions', () => {
    test('bad hex and bad RLP', async () => {
      await refused('0xzz', /hex/i, -32602);
      await refused('12', /hex|0x/i, -32602);
      await refused('0x', /./, null);
      await refused('0xc0', /./, null);
      await refused('0xdeadbeef', /./, null);
      const raw = await sign({});
      await refused(raw.slice(0, -2), /rlp/i, null); // cut
      await refused(`${raw}00`, /rlp/i, null); // padded
      const fields = Transaction.from(raw);
      // A leading zero in a number: not canonical.
      const padded = hexlify(Uint8Array.from([2, ...getBytes(encodeRlp(['0x012cd2', '0x00', '0x', '0x', '0x5208',
        fields.to, '0x01', '0x', [], '0x', fields.signature.r, fields.signature.s]))]));
      await refused(padded, /rlp/i, null);
    });
    test('unknown and blob types are refused by name', async () => {
      await refused('0x03c0', /type|blob/i, null);
      await refused('0x7fc0', /transaction type not supported/i, null);
    });
    test('wrong chain id', async () => refused(await sign({ chainId: 1 }), /invalid chain id/));
    test('legacy without chain id', async () => refused(
      await rich.signTransaction({ type: 0, nonce: 0, to: poor.address, value: 1n, gasLimit: 21000, gasPrice: 0 }),
      /only replay-protected \(EIP-155\) transactions allowed/));
    test('nonce too low', async () => {
      const used = Wallet.createRandom();
      await receipt(url, (await send(await sign({ value: 0n }, used))).result);
      await refused(await sign({ value: 0n, data: '0x00', gasLimit: 30000 }, used), /nonce too low/);
    });
    test('nonce too far ahead', async () => refused(await sign({ nonce: 1_000_000 }, other), /nonce too high/));
    test('too little balance', async () => {
      await refused(await sign({ value: 1n }, poor), /insufficient funds for gas \* price \+ value/);
      await refused(await sign({ value: 0n, maxFeePerGas: 10n }, poor), /insufficient funds/);
      await refused(await sign({ maxFeePerGas: 2n ** 255n, maxPriorityFeePerGas: 0n }), /insufficient funds/);
    });
    test('gas below intrinsic', async () => {
      await refused(await sign({ gasLimit: 20999 }), /intrinsic gas too low/);
      await refused(await sign({ gasLimit: 21015, data: '0x01' }), /intrinsic gas too low/);
      await refused(await sign({ to: null, gasLimit: 52999, data: '0x' }), /intrinsic gas too low/);
    });
    test('gas limit over the block\'s', async () => refused(await sign({ gasLimit: block_gas + 1 }), /exceeds block gas limit/));
    test('gas limit over a transaction\'s (EIP-7825)', async () =>
      refused(await sign({ gasLimit: 2 ** 24 + 1 }), /transaction gas limit too high \(cap: 16777216, tx: 16777217\)/));
    test('tip above fee', async () => {
      // ethers does not sign that, so by hand.
      const fields = [toBeHex(chainId), '0x', '0x02', '0x01', '0x5208', poor.address, '0x', '0x', []];
      const unsigned = Uint8Array.from([2, ...getBytes(encodeRlp(fields))]);
      const { r, s, yParity } = rich.signingKey.sign(keccak256(unsigned));
      const raw = encodeRlp([...fields, yParity ? '0x01' : '0x', hexlify(stripped(r)), hexlify(stripped(s))]);
      await refused(hexlify(Uint8Array.from([2, ...getBytes(raw)])), /max priority fee per gas higher than max fee per gas/);
    });
    test('initcode too large', async () => refused(
      await sign({ to: null, gasLimit: 10_000_000, data: `0x${'00'.repeat(49153)}` }), /max initcode size exceeded/));
    test('oversized transaction', async () => refused(
      await sign({ gasLimit: 11_000_000, data: `0x${'00'.repeat(140000)}` }), /oversized|too large/i, null));
    test('a signature whose s is high, and one that recovers nobody', async () => {
      const tx = Transaction.from(await sign({}));
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const { yParity } = tx.signature;
      const [r, s] = [tx.signature.r, tx.signature.s].map((part) => toBeHex(BigInt(part))); // no leading zeros
      const body = (v, rr, ss) => hexlify(Uint8Array.from([2, ...getBytes(encodeRlp([toBeHex(chainId), '0x', '0x', '0x',
        '0x5208', tx.to, '0x01', '0x', [], v ? '0x01' : '0x', rr, ss]))]));
      await refused(body(1 - yParity, r, toBeHex(order - BigInt(s))), /invalid transaction v, r, s values/, null);
      await refused(body(0, toBeHex(order), s), /invalid transaction v, r, s values/, null);
      await refused(body(0, '0x', s), /invalid transaction v, r, s values/, null);
    });
    test('a replacement that pays too little', async () => {
      const gap = { nonce: 5, maxFeePerGas: 1000n, maxPriorityFeePerGas: 1000n };
      const first = await send(await sign(gap, other));
      assert.ok(first.result, JSON.stringify(first));
      await refused(await sign({ ...gap, value: 2n }, other), /replacement transaction underpriced/);
      await refused(await sign({ ...gap, value: 2n, maxFeePerGas: 1099n, maxPriorityFeePerGas: 1099n }, other),
        /replacement transaction underpriced/);
      const more = await send(await sign({ ...gap, value: 2n, maxFeePerGas: 1100n, maxPriorityFeePerGas: 1100n }, other));
      assert.ok(more.result, JSON.stringify(more));
      await refused(await sign({ ...gap, value: 2n, maxFeePerGas: 1100n, maxPriorityFeePerGas: 1100n }, other), /already known/);
    });
  });

  test('nothing of it was admitted: only the transactions that were meant to be', async () => {
    assert.equal(await result(url, 'eth_getTransactionCount', [rich.address, 'pending']), '0x0');
    assert.equal(await result(url, 'eth_getBalance', [rich.address, 'latest']), toQuantity(100n * 10n ** 18n));
    const again = await result(url, 'eth_getBlockByNumber', [state_before.number, false]);
    assert.deepEqual(again, state_before);
    assert.equal(await result(url, 'eth_getBalance', [poor.address, 'latest']), '0x0');
  });
});

// A number's bytes without leading zeros, as RLP wants them.
function stripped(hex) {
  const bytes = getBytes(hex);
  return bytes.slice(bytes.findIndex((one) => one !== 0));
}

// Sends bytes and returns what came back until the server closed or half a second was silent.
function sendRawHead(url, head) {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(Number(port), hostname, () => socket.write(head.replace('HOST', host)));
    socket.setTimeout(1000, () => { socket.destroy(); resolve(answer); });
    socket.on('data', (part) => { answer += part; });
    socket.on('end', () => { socket.destroy(); resolve(answer); });
    socket.on('error', (error) => { if (answer) resolve(answer); else if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(''); else reject(error); });
  });
}
