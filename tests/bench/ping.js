// How long a question of another connection waits while a batch of 1 MB, of transactions, is
// admitted.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Wallet } from '../e2e/lib/ethers.js';
import { startNode } from '../e2e/lib/node.js';
import { sleep } from '../e2e/lib/rpc.js';

const account = '0x1111111111111111111111111111111111111111';

// One question over a connection that stays open; how long it took.
function ping(url, agent) {
  const target = new URL(url);
  const body = '{"jsonrpc":"2.0","id":1,"method":"net_version","params":[]}';
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const call = http.request({ host: target.hostname, port: target.port, method: 'POST', agent,
      headers: { 'content-type': 'application/json', 'content-length': body.length } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(performance.now() - began));
    });
    call.on('error', reject);
    call.end(body);
  });
}

// The batch is sent by curl: a process of its own, so that writing it does not delay the ping.
export async function measure_ping(folder) {
  const wallet = Wallet.createRandom();
  const node = await startNode({ fund: [`${wallet.address}=100`] });
  const calls = [];
  let size = 0;
  for (let nonce = 0; size < 1_000_000; nonce++) {
    const raw = await wallet.signTransaction({ chainId: node.chainId, nonce, type: 2, gasLimit: 100000,
      maxFeePerGas: 0, maxPriorityFeePerGas: 0, to: account, value: 1, data: `0x${'00'.repeat(400)}` });
    calls.push({ jsonrpc: '2.0', id: nonce, method: 'eth_sendRawTransaction', params: [raw] });
    size += raw.length + 80;
  }
  const file = path.join(folder, 'batch.json');
  writeFileSync(file, JSON.stringify(calls));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 50; i++) await ping(node.url, agent);
  const curl = spawn('curl', ['-sS', '-o', path.join(folder, 'answer.json'), '-H', 'content-type: application/json',
    '-H', 'expect:', '--data-binary', `@${file}`, node.url], { stdio: 'inherit' });
  let is_running = true;
  const code = new Promise((resolve) => { curl.on('close', (exit) => { is_running = false; resolve(exit); }); });
  const waits = [];
  const began = performance.now();
  while (is_running) {
    waits.push(await ping(node.url, agent));
    await sleep(1);
  }
  const batch_ms = performance.now() - began;
  if (await code !== 0) throw new Error('curl failed');
  agent.destroy();
  await node.stop();
  return { worst_ms: Math.max(...waits), pings: waits.length, transactions: calls.length, batch_ms };
}
