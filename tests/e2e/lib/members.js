// Nodes as people run them, several of them on this machine: `lnode run` with a peer port of their
// own. Ended by pid, always; an end that nobody asked for is an error, and so is what a sanitizer said.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { program } from './node.js';
import { result, sleep } from './rpc.js';

const sanitizerWords = /LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:|Assertion/;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// Resolves once the node says `ready`; rejects with what it said if it ends instead. `inside`: words
// in front of the program, that say on which machine it runs.
export function startMember(folder, peerPort, { rpcPort = 0, args = [], env = {}, inside = [] } = {}) {
  const words = [...inside, program('lnode'), 'run', '--data-dir', folder, '--rpc-port', String(rpcPort),
    '--peer-port', String(peerPort), ...args];
  const child = spawn(words[0], words.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const node = { child, folder, log: '', up: false };
  node.ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      node.up = false;
      resolve({ code, signal });
    });
  });
  child.stderr.on('data', (text) => { node.log += text; });

  let was_asked = false;
  async function end(signal, expected) {
    if (was_asked) return;
    const was_up = node.up;
    was_asked = true;
    node.up = false;
    child.kill(signal);
    const outcome = await node.ended;
    if (!was_up || !expected(outcome) || sanitizerWords.test(node.log))
      throw new Error(`lnode ended by itself, or badly (${outcome.signal ?? `exit ${outcome.code}`}):\n${node.log}`);
  }
  node.stop = () => end('SIGTERM', ({ code }) => code === 0);
  node.kill = () => end('SIGKILL', ({ signal }) => signal === 'SIGKILL');
  node.result = (method, params) => result(node.url, method, params);

  return new Promise((resolve, reject) => {
    node.ended.then(() => reject(new Error(`lnode ended: ${node.log}`)));
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('ready')) return;
      node.url = line.match(/https?:\/\/[^\s]+/)[0].replace(/\/$/, '');
      node.up = true;
      resolve(node);
    });
  });
}

export async function until(what, is_so, wait_ms = 60000) {
  const end = Date.now() + wait_ms;
  while (!await is_so()) {
    if (Date.now() > end) throw new Error(`not within ${wait_ms / 1000} s: ${what}`);
    await sleep(100);
  }
}
