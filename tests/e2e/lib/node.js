// Starts and stops a throw-away ledger: `lnode --dev` on a free loopback port with a data
// directory of its own. Ended by pid, always; what a sanitizer said on the way out is an error.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const bin = process.env.LEITHER_BIN ?? path.resolve(import.meta.dirname, '../../../build/bin');
export const program = (name) => path.join(bin, name);
const sanitizerWords = /LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:/;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export function newFolder() {
  return mkdtempSync(path.join(tmpdir(), 'leither-e2e-'));
}

// One that is free now, on loopback.
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

// Runs a program to its end. Returns { code, stdout, stderr }.
export function run(file, args, { input = '', env = {}, cwd, uid, gid, timeout_ms = 60000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, uid, gid, env: { ...process.env, ...env }, timeout: timeout_ms });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8'); // a letter may lie across two pieces
    child.stderr.setEncoding('utf8');
    child.stdout.on('data', (text) => { stdout += text; });
    child.stderr.on('data', (text) => { stderr += text; });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function arguments_of({ chainId, fund, dataDir, port, args }) {
  return ['--dev', '--chain-id', String(chainId),
    ...fund.flatMap((who) => ['--fund', who]),
    '--data-dir', dataDir, '--rpc-port', String(port), ...args];
}

// Options: chainId, fund (["0xaddress=coins"]), dataDir (made and removed if absent), port,
// args, env, kill_after_ms (kill -9 so long after the start, ready or not). Resolves once the node says `ready`; rejects with what it said if it ends instead.
export async function startNode({
  chainId = 4242, fund = [], dataDir, port = 0, args = [], env = {}, ready_ms = 60000,
  kill_after_ms,
} = {}) {
  const folder = dataDir ?? newFolder();
  const child = spawn(program('lnode'), arguments_of({ chainId, fund, dataDir: folder, port, args }),
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  if (kill_after_ms !== undefined) setTimeout(() => child.kill('SIGKILL'), kill_after_ms).unref();
  const node = { child, pid: child.pid, dataDir: folder, chainId, log: '' };
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  child.stderr.on('data', (text) => { node.log += text; });
  const lines = readline.createInterface({ input: child.stdout });

  await new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`lnode was not ready after ${ready_ms} ms: ${node.log}`));
    }, ready_ms);
    child.on('error', (error) => { clearTimeout(late); reject(error); });
    ended.then(({ code, signal }) => {
      clearTimeout(late);
      const error = new Error(`lnode ended before ready (${signal ?? `exit ${code}`}): ${node.log}`);
      reject(Object.assign(error, { code, log: node.log }));
    });
    lines.on('line', (line) => {
      if (!line.startsWith('ready')) {
        node.log += `${line}\n`;
        return;
      }
      clearTimeout(late);
      node.readyLine = line;
      node.url = line.match(/https?:\/\/[^\s]+/)[0].replace(/\/$/, '');
      resolve();
    });
  });

  // SIGTERM; resolves with { code, signal, took_ms }. Throws what sanitizers reported.
  node.stop = async () => {
    const began = performance.now();
    child.kill('SIGTERM');
    const outcome = await ended;
    if (!dataDir) rmSync(folder, { recursive: true, force: true });
    if (sanitizerWords.test(node.log)) throw new Error(`sanitizer report:\n${node.log}`);
    return { ...outcome, took_ms: performance.now() - began };
  };
  node.kill = async () => {
    child.kill('SIGKILL');
    return ended;
  };
  return node;
}
