// A committee of real processes that share one ledger, and a user whose transfers go through them.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Wallet } from '../e2e/lib/ethers.js';
import { startMember, until } from '../e2e/lib/members.js';
import { newFolder, program, run } from '../e2e/lib/node.js';
import { result } from '../e2e/lib/rpc.js';
import { type } from './story.js';

const user = new Wallet(`0x${'00'.repeat(31)}2a`);
const friend = new Wallet(`0x${'00'.repeat(31)}2b`).address;

export class Members {
  // `endpoints`: where each one's peers reach it. `inside(i)`: the words in front of what runs on
  // its machine, none by default. `args(i)`: further arguments of its node.
  constructor(endpoints, { inside = () => [], args = () => [], pulse_ms = 200 } = {}) {
    this.endpoints = endpoints;
    this.inside = inside;
    this.args = args;
    this.pulse_ms = pulse_ms;
    this.root = newFolder();
    this.nodes = endpoints.map((_, i) => ({ number: i, folder: path.join(this.root, String(i)) }));
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
  async start(i, { env } = {}) {
    const { folder } = this.nodes[i];
    const socket = path.join(this.root, `rpc${i}`); // reached from every network
    const node = await startMember(folder, this.endpoints[i].split(':').at(-1), {
      env, inside: this.inside(i), args: ['--rpc-socket', socket, ...this.args(i)],
    });
    this.nodes[i] = Object.assign(node, { number: i, tcp: node.url, url: `unix:${socket}` });
    return node;
  }

  start_all() { return Promise.all(this.nodes.map((_, i) => this.start(i))); }

  kill(i) { return this.nodes[i].kill(); }
  stop(i) { return this.nodes[i].stop(); }

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
    return until('all transfers are final', async () => {
      for (const i of which) if (await this.mined(i) !== this.nonce) return false;
      return true;
    }, wait_ms);
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
    for (const node of this.nodes) await node.stop();
    for (const node of this.nodes) {
      const checked = await run(program('lnode'), ['check', '--data-dir', node.folder], { timeout_ms: 300000 });
      if (checked.code !== 0) hurt.push(`${node.number}: ${checked.stdout}${checked.stderr}`);
    }
    rmSync(this.root, { recursive: true, force: true });
    return hurt;
  }
}
