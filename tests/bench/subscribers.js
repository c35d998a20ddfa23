// 1,000 WebSocket subscribers to newHeads: what each costs the node in memory, and how long after
// its commit a block reaches them. The commit's time is the node's own log line, in milliseconds;
// a block has reached a subscriber when its socket has it, by the kernel's note. That the one
// program that plays them all has read it is shown beside.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { Wallet } from '../e2e/lib/ethers.js';
import { program, startNode } from '../e2e/lib/node.js';
import { receipt, result, sleep } from '../e2e/lib/rpc.js';
import { cpu_s, memory_kb } from './measure.js';

const count = 1000;

// The load: { ready, told } are promises, `told` of [height, came, read], both in
// microseconds since 1970.
function start_subscribers(port, number, heads) {
  const child = spawn(program('subscribers'), ['--port', String(port), '--count', String(number),
    '--heads', String(heads)], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const told = [];
  let say_ready;
  let say_told;
  let fail;
  const ready = new Promise((resolve, reject) => { say_ready = resolve; fail = reject; });
  const all = new Promise((resolve, reject) => { say_told = resolve; child.on('close', () => reject(new Error('subscribers ended'))); });
  child.on('close', () => fail(new Error('subscribers ended')));
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready') say_ready();
    else if (told.push(line.split(' ').map(Number)) === number * heads) say_told(told);
  });
  all.catch(() => {});
  return { child, ready, told: all };
}

// When each block was committed, in microseconds since 1970.
function commits_in(log) {
  const found = log.matchAll(/^(\S+Z) debug seat: committed .*height=(\d+)/gm);
  return new Map([...found].map(([, at, height]) => [Number(height), Date.parse(at) * 1000]));
}

export async function measure_subscribers({ heads = 20, say }) {
  const wallet = Wallet.createRandom();
  const node = await startNode({ fund: [`${wallet.address}=100`], args: ['--log-level', 'debug'] });
  let nonce = 0;
  const transfer = async () => {
    const raw = await wallet.signTransaction({
      chainId: node.chainId, nonce: nonce++, type: 2, gasLimit: 21000, maxFeePerGas: 0,
      maxPriorityFeePerGas: 0, to: wallet.address, value: 1,
    });
    return receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [raw]));
  };
  const port = new URL(node.url).port;
  const warm = start_subscribers(port, 10, 3); // what the first of them costs is not theirs
  await warm.ready;
  await transfer();
  await warm.told;
  warm.child.kill('SIGTERM');
  await sleep(3000); // the tail of the last block is over

  const before = memory_kb(node.pid);
  const load = start_subscribers(port, count, heads);
  await load.ready;
  const cpu_before = cpu_s(node.pid);
  let is_over = false;
  load.told.then(() => { is_over = true; }, () => { is_over = true; });
  while (!is_over) {
    await transfer();
    await sleep(200);
  }
  const told = await load.told;
  const cpu_us = ((cpu_s(node.pid) - cpu_before) * 1e6) / told.length;
  const after = memory_kb(node.pid);
  load.child.kill('SIGTERM');
  await node.stop();
  const commits = commits_in(node.log);
  const lateness = (which) => told.map((one) => Math.max(0, (one[which] - commits.get(one[0])) / 1000)).sort((a, b) => a - b);
  const [late, read_late] = [lateness(1), lateness(2)];
  const kb_each = (after.anonymous - before.anonymous) / count;
  const at = (share, list = late) => list[Math.min(list.length - 1, Math.floor(list.length * share))];
  say(`  ${count} subscribers, ${heads} blocks each: ${kb_each.toFixed(2)} kB anonymous memory each (resident `
    + `${((after.rss - before.rss) / count).toFixed(2)} kB), ${cpu_us.toFixed(1)} us CPU a delivery, told after p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)}, `
    + `at most ${at(1).toFixed(1)} ms; read after p50 ${at(0.5, read_late).toFixed(1)}, p99 ${at(0.99, read_late).toFixed(1)} ms`);
  return [
    { what: `memory of each of ${count} subscribers (kB)`, value: kb_each, at_most: 4 },
    { what: `from commit to ${count} subscribers, p99 (ms; p50 ${at(0.5).toFixed(1)})`, value: at(0.99), at_most: 20 },
  ];
}
