// Nodes as people run them, several of them on this machine: `lnode run` with a free RPC port and a
// peer port of their own. Ended by pid, always; what a sanitizer said on the way out is an error.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { program } from './node.js';

const sanitizerWords = /LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:/;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// Resolves once the node says `ready`; rejects with what it said if it ends instead.
export function startMember(folder, peerPort, { rpcPort = 0, args = [], env = {} } = {}) {
  const child = spawn(program('lnode'),
    ['run', '--data-dir', folder, '--rpc-port', String(rpcPort), '--peer-port', String(peerPort), ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const node = { child, folder, log: '' };
  node.ended = new Promise((resolve) => {
    child.on('close', () => { running.delete(child); resolve(); });
  });
  child.stderr.on('data', (text) => { node.log += text; });
  node.kill = async () => {
    child.kill('SIGKILL');
    await node.ended;
  };
  node.stop = async () => {
    child.kill('SIGTERM');
    await node.ended;
    if (sanitizerWords.test(node.log)) throw new Error(`sanitizer report:\n${node.log}`);
  };
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
