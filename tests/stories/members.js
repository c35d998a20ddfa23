// A committee of real processes that share one ledger, and a user whose transfers go through them.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, program, run } from '../e2e/lib/node.js';
import { result, sleep } from '../e2e/lib/rpc.js';
import { type } from './story.js';

const user = new Wallet(`0x${'00'.repeat(31)}2a`);
const friend = new Wallet(`0x${'00'.repeat(31)}2b`).address;
const sanitizerWords = /LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:/;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export async function until(what, wait_ms, is_so) {
  const end = Date.now() + wait_ms;
  while (!await is_so()) {
    if (Date.now() > end) throw new Error(`not within ${wait_ms / 1000} s: ${what}`);
    await sleep(100);
  }
}

export class Members {
  // `endpoints`: where each one's peers reach it. `inside(i)`: the words in front of what runs on
  // its machine, none by default. `args(i)`: further arguments of its node.
  constructor(endpoints, { inside = () => [], args = () => [], pulse_ms = 200 } = {}) {
    this.endpoints = endpoints;
    this.inside = inside;
    this.args = args;
    this.pulse_ms = pulse_ms;
    this.root = newFolder();
    this.nodes = endpoints.map((_, i) => ({ number: i, folder: path.join(this.root, String(i)), up: false }));
    this.nonce = 0;
    this.sent = []; // the transfers' hashes
    this.seen = new Map(); // of those that were seen in a block: which
  }

  async found() {
    const made = await run(program('committee_folders'), [this.root, user.address.toLowerCase(), String(this.pulse_ms), ...this.endpoints]);
    if (made.code !== 0) throw new Error(made.stderr);
    this.chainId = BigInt(made.stdout.trim());
  }

  // Resolves once the node says `ready`.
  start(i, { env = {} } = {}) {
    const node = this.nodes[i];
    node.url = `unix:${path.join(this.root, `rpc${i}`)}`;
    const words = [...this.inside(i), program('lnode'), 'run', '--data-dir', node.folder, '--rpc-port', '0',
      '--rpc-socket', path.join(this.root, `rpc${i}`), '--peer-port', this.endpoints[i].split(':').at(-1), ...this.args(i)];
    node.child = spawn(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    running.add(node.child);
    node.log = '';
    const { child } = node;
    node.ended = new Promise((resolve) => {
      child.on('close', () => { running.delete(child); node.up = false; resolve(); });
    });
    child.stderr.on('data', (text) => { node.log += text; });
    return new Promise((resolve, reject) => {
      node.ended.then(() => reject(new Error(`lnode ended: ${node.log}`)));
      let said = '';
      child.stdout.on('data', (text) => {
        said += text;
        const ready = said.match(/^ready.*?(http:[^\s]+)/m);
        if (!ready || node.up) return;
        node.tcp = ready[1];
        node.up = true;
        resolve(node);
      });
    });
  }

  start_all() { return Promise.all(this.nodes.map((_, i) => this.start(i))); }

  async kill(i) {
    this.nodes[i].up = false;
    this.nodes[i].child.kill('SIGKILL');
    await this.nodes[i].ended;
  }

  async stop(i) {
    const node = this.nodes[i];
    node.up = false;
    node.child.kill('SIGTERM');
    await node.ended;
    if (sanitizerWords.test(node.log)) throw new Error(`sanitizer report:\n${node.log}`);
  }

  sign({ to = friend, value = 1n } = {}) {
    return user.signTransaction({
      chainId: this.chainId, nonce: this.nonce, to, value, gasLimit: 21000n, type: 2, maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
    });
  }

  // A transfer by way of one node, which takes it.
  async send(i, transfer) {
    const hash = await result(this.nodes[i].url, 'eth_sendRawTransaction', [await this.sign(transfer)]);
    this.nonce++;
    this.sent.push(hash);
  }

  // One transfer that these have at the same moment. Returns after how many ms it was final at each.
  async send_to_each(which) {
    const raw = await this.sign();
    const began = performance.now();
    const took = await Promise.all(which.map(async (i) => {
      const receipt = await result(this.nodes[i].url, 'eth_sendRawTransactionSync', [raw, 20000]);
      return { hash: receipt.transactionHash, ms: performance.now() - began };
    }));
    this.nonce++;
    this.sent.push(took[0].hash);
    return took.map(({ ms }) => ms);
  }

  async mined(i) {
    return Number(await result(this.nodes[i].url, 'eth_getTransactionCount', [user.address, 'latest']));
  }

  async height(i) { return Number(await result(this.nodes[i].url, 'eth_blockNumber')); }

  // Until all that was sent is final at these.
  all_final(which = this.nodes.map((_, i) => i), wait_ms = 120000) {
    return until('all transfers are final', wait_ms, async () => {
      for (const i of which) if (await this.mined(i) !== this.nonce) return false;
      return true;
    });
  }

  async place(i, hash) {
    const receipt = await result(this.nodes[i].url, 'eth_getTransactionReceipt', [hash]);
    return receipt === null ? null : `${receipt.blockHash} ${receipt.transactionIndex}`;
  }

  // What this node says of the newest transfers becomes what users were told.
  async look(i, newest = 5) {
    for (const hash of this.sent.slice(-newest)) {
      const place = await this.place(i, hash);
      if (place !== null && !this.seen.has(hash)) this.seen.set(hash, place);
    }
  }

  // Are all transfers in the same places at all nodes, and where users were told?
  async agree() {
    for (const hash of this.sent) {
      const expected = this.seen.get(hash) ?? await this.place(0, hash);
      if (expected === null) return false;
      for (let i = 0; i < this.nodes.length; i++) if (await this.place(i, hash) !== expected) return false;
    }
    return true;
  }

  // lnode COMMAND for a node, on its machine.
  command(i, words, options) {
    const all = [...this.inside(i), program('lnode'), ...words, '--data-dir', this.nodes[i].folder];
    return type(all[0], all.slice(1), { shown: `lnode ${words.join(' ')}`, ...options });
  }

  // Stops all, looks at every store, and removes it. Which numbers are not whole?
  async close() {
    const hurt = [];
    for (const node of this.nodes) if (node.up) await this.stop(node.number);
    for (const node of this.nodes) {
      if (!existsSync(node.folder)) continue;
      const checked = await run(program('lnode'), ['check', '--data-dir', node.folder], { timeout_ms: 300000 });
      if (checked.code !== 0) hurt.push(`${node.number}: ${checked.stdout}${checked.stderr}`);
    }
    rmSync(this.root, { recursive: true, force: true });
    return hurt;
  }
}
