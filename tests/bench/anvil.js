// Foundry's anvil as the yardstick of the contract machine: starting it, giving it a workload's
// accounts, and calling it.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { freePort } from '../e2e/lib/node.js';
import { result, sleep } from '../e2e/lib/rpc.js';

const modules = path.resolve(import.meta.dirname, '../e2e/node_modules');
const gas_limit = 100_000_000_000;
const caller = '0x000000000000000000000000000000000000ca11';

// The workloads of a folder: [name, file], sorted by name.
export function workload_files(folder) {
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort()
    .map((file) => [file.slice(0, -'.json'.length), path.join(folder, file)]);
}

// Without its watching of console.log, which costs time at every call; in the fork named. Further
// arguments as anvil takes them.
export async function start_anvil(fork = 'osaka', args = []) {
  const port = await freePort();
  const platform = `anvil-linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
  const program = path.join(modules, '@foundry-rs', platform, 'bin/anvil');
  const child = spawn(program, ['--port', String(port), '--hardfork', fork, '--gas-limit', String(gas_limit),
    '--base-fee', '0', '--accounts', '1', '--no-mining', '--disable-console-log', '--quiet', ...args], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  process.on('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    try { await result(url, 'eth_chainId'); break; } catch (error) {
      if (tries > 200) throw new Error(`anvil does not answer: ${error.message}`);
      await sleep(50);
    }
  }
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  return { url, agent, port, pid: child.pid, stop: async () => { agent.destroy(); child.kill('SIGTERM'); await ended; } };
}

// Processor time of all of anvil's threads so far.
function cpu_ms(server) {
  return readdirSync(`/proc/${server.pid}/task`).reduce((sum, task) => (
    sum + Number(readFileSync(`/proc/${server.pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])), 0) / 1e6;
}

// One call over the connection that stays open; { result or error, ms: what it took on processors }.
function timed(server, method, params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return new Promise((resolve, reject) => {
    const started = cpu_ms(server);
    const call = http.request({
      host: '127.0.0.1', port: server.port, method: 'POST', agent: server.agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        resolve({ ...JSON.parse(Buffer.concat(parts).toString()), ms: cpu_ms(server) - started });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function set_accounts(server, alloc) {
  for (const [account, { code, balance, storage }] of Object.entries(alloc)) {
    if (code) await result(server.url, 'anvil_setCode', [account, code]);
    if (balance) await result(server.url, 'anvil_setBalance', [account, balance]);
    for (const [slot, value] of Object.entries(storage ?? {})) {
      await result(server.url, 'anvil_setStorageAt', [account, `0x${slot.slice(2).padStart(64, '0')}`,
        `0x${value.slice(2).padStart(64, '0')}`]);
    }
  }
}

// Runs a workload once to warm up, then `times` times; its output, and the least time without that of a
// call of nobody with the same input, the least of several. The accounts are as before afterwards.
export async function anvil_call(server, workload, times = 1) {
  const snapshot = await result(server.url, 'evm_snapshot');
  await set_accounts(server, workload.prestate);
  await result(server.url, 'anvil_setCode', [workload.receiver, workload.code]);
  const message = { from: caller, data: workload.input, gas: `0x${workload.gas.toString(16)}` };
  let idle = Infinity;
  for (let i = 0; i < 5; i++) {
    idle = Math.min(idle, (await timed(server, 'eth_call', [{ ...message, to: caller }, 'latest'])).ms);
  }
  const all_ms = [];
  let answer;
  for (let i = 0; i <= times; i++) {
    answer = await timed(server, 'eth_call', [{ ...message, to: workload.receiver }, 'latest']);
    if (answer.error) throw new Error(`anvil: ${answer.error.message}`);
    if (i > 0) all_ms.push(Math.max(answer.ms - idle, 0));
  }
  if (!await result(server.url, 'evm_revert', [snapshot])) throw new Error('anvil: evm_revert failed');
  return { output: answer.result, ms: Math.min(...all_ms), idle_ms: idle };
}
