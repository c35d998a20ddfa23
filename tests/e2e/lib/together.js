// Nodes with a ledger in common, each a process of its own on free loopback ports. Ended by pid,
// always; what a sanitizer said on the way out is an error.
import { spawn } from 'node:child_process';
import net from 'node:net';
import readline from 'node:readline';
import { program } from './node.js';
import { call } from './rpc.js';

const sanitizerWords = /LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:/;
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// Resolves once the node says `ready`.
export function startPeer(dataDir, peerPort, args = []) {
  const child = spawn(program('lnode'),
    ['run', '--data-dir', dataDir, '--rpc-port', '0', '--peer-port', String(peerPort), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const node = { child, dataDir, peerPort, log: '' };
  node.ended = new Promise((resolve) => {
    child.on('close', () => { running.delete(child); resolve(); });
  });
  node.kill = async () => {
    child.kill('SIGKILL');
    await node.ended;
  };
  node.stop = async () => {
    child.kill('SIGTERM');
    await node.ended;
    if (sanitizerWords.test(node.log)) throw new Error(`sanitizer report:\n${node.log}`);
  };
  node.result = async (method, params = []) => {
    const answer = await call(node.url, method, params);
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  };
  child.stderr.on('data', (text) => { node.log += text; });
  const lines = readline.createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    node.ended.then(() => reject(new Error(`lnode ended: ${node.log}`)));
    lines.on('line', (line) => {
      if (!line.startsWith('ready')) return;
      node.url = line.match(/https?:\/\/[^\s]+/)[0].replace(/\/$/, '');
      resolve(node);
    });
  });
}

export async function until(what, is_so, patience_ms = 60000) {
  const end = Date.now() + patience_ms;
  while (!await is_so()) {
    if (Date.now() > end) throw new Error(`not within ${patience_ms / 1000} s: ${what}`);
    await pause(100);
  }
}
