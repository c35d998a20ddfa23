// Four members beside etcd's cluster of three, in turn, on loopback: clients that wait until what
// they wrote is final, or committed, on disks of a majority. Both are asked in JSON over HTTP: etcd
// through its gateway.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { freePort, newFolder, program, run } from '../e2e/lib/node.js';
import { request, sleep } from '../e2e/lib/rpc.js';
import { Members } from '../stories/committee.js';
import { cpu_s, median } from './measure.js';

const MEMBERS = 4;
const ETCD_MEMBERS = 3;
const put = JSON.stringify({ key: Buffer.from('key').toString('base64'), value: Buffer.from('v'.repeat(100)).toString('base64') });

// `clients` over so many servers, as evenly as can be: [3, 3, 2].
const spread = (clients, servers) => Array.from({ length: servers }, (_, i) => Math.floor((clients + i) / servers));
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
const sum = (values) => values.reduce((a, b) => a + b, 0);

async function run_json(file, args) {
  const done = await run(program(file), args, { timeout_ms: 600000 });
  if (done.code !== 0) throw new Error(`${file}: ${done.stdout}${done.stderr}`);
  return JSON.parse(done.stdout);
}

// Runs loads side by side. Returns the rate of all, the slowest p50 and what the clients took.
async function together(servers, begin) {
  const before = sum(servers.map((one) => cpu_s(one)));
  const parts = await begin();
  return {
    per_s: sum(parts.map((one) => one.count)) / Math.max(...parts.map((one) => one.seconds)),
    p50_ms: Math.max(...parts.map((one) => one.p50_ms)),
    p99_ms: Math.max(...parts.map((one) => one.p99_ms)),
    seconds: Math.max(...parts.map((one) => one.seconds)),
    client_cpu_s: sum(parts.map((one) => one.own_cpu_s)),
    server_cpu_s: sum(servers.map((one) => cpu_s(one))) - before,
  };
}

class Etcd {
  async start() {
    this.folder = newFolder();
    this.children = [];
    const ports = [];
    for (let i = 0; i < 2 * ETCD_MEMBERS; i++) ports.push(await freePort());
    this.ports = ports.slice(0, ETCD_MEMBERS);
    const peer = (i) => `http://127.0.0.1:${ports[ETCD_MEMBERS + i]}`;
    const cluster = this.ports.map((_, i) => `n${i}=${peer(i)}`).join(',');
    for (const [i, port] of this.ports.entries()) {
      const url = `http://127.0.0.1:${port}`;
      const child = spawn('etcd', ['--name', `n${i}`, '--data-dir', `${this.folder}/n${i}`, '--listen-client-urls', url,
        '--advertise-client-urls', url, '--listen-peer-urls', peer(i), '--initial-advertise-peer-urls', peer(i),
        '--initial-cluster', cluster, '--initial-cluster-state', 'new', '--log-level', 'error'], { stdio: 'ignore' });
      running.add(child);
      const ended = new Promise((resolve, reject) => {
        child.on('close', () => { running.delete(child); resolve(); });
        child.on('error', reject);
      });
      this.children.push({ child, ended });
    }
    for (let tries = 0; ; tries++) {
      try {
        await this.ask(this.ports[0], '/v3/kv/put', put);
        break;
      } catch (error) {
        if (tries > 200) throw error;
        await sleep(100);
      }
    }
    // One client asks the leader, which answers soonest.
    for (const port of this.ports) {
      const status = await this.ask(port, '/v3/maintenance/status', '{}');
      if (status.leader === status.header.member_id) this.leader = port;
    }
  }

  async ask(port, path, body) {
    const answer = await request(`http://127.0.0.1:${port}`, { path, body });
    if (answer.status !== 200) throw new Error(`etcd: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  async load(clients, seconds) {
    const by = spread(clients, ETCD_MEMBERS);
    const at = clients === 1 ? [[this.leader, 1]] : this.ports.map((port, i) => [port, by[i]]);
    return together(this.children.map(({ child }) => child.pid), () => Promise.all(at.map(async ([port, share]) => {
      const done = await run_json('ask', [String(port), String(share), '1', String(seconds), put, '/v3/kv/put']);
      return { ...done, count: done.answers };
    })));
  }

  async stop() {
    this.children.forEach(({ child }) => child.kill('SIGTERM'));
    await Promise.all(this.children.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

class Committee {
  async start() {
    const endpoints = [];
    for (let i = 0; i < MEMBERS; i++) endpoints.push(`127.0.0.1:${await freePort()}`);
    this.members = new Members(endpoints, { pulse_ms: 0 });
    await this.members.found();
    await this.members.start_all();
    await this.members.send(0);
    await this.members.all_final();
    this.loads = 0;
  }

  // Clients with an account each; `transfers` of each one.
  async load(clients, transfers) {
    const seed = `cluster-${this.loads++}`;
    const by = spread(clients, MEMBERS).map((share, i) => ({ share, seed: `${seed}-${i}`, port: new URL(this.members.nodes[i].tcp).port }))
      .filter(({ share }) => share > 0);
    for (const one of by) {
      const share = String(one.share);
      const made = await run(program('load'), ['addresses', '--seed', one.seed, '--senders', share, '--connections', share, '--count', share]);
      if (made.code !== 0) throw new Error(made.stderr);
      for (const to of made.stdout.trim().split('\n')) await this.members.send(0, { to, value: 50000000000000000n });
    }
    await this.members.all_final();
    return together(this.members.nodes.map(({ child }) => child.pid), () => Promise.all(by.map(async ({ share, seed: own, port }) => {
      const done = await run_json('load', ['transfers', '--seed', own, '--senders', String(share), '--connections', String(share),
        '--count', String(share * transfers), '--port', port, '--chain-id', String(this.members.chainId), '--wait']);
      return { ...done, count: done.accepted, seconds: done.answered_s };
    })));
  }

  async stop() {
    const hurt = await this.members.close();
    if (hurt.length > 0) throw new Error(hurt.join(' '));
  }
}

const of = (turns, which) => median(turns.map(which));

// `turns` of both, in turn. Returns the medians, and what the machine could do at most.
export async function beside_etcd({ turns, clients, transfers, alone, seconds }) {
  const ours = [];
  const theirs = [];
  const cores = cpus().length;
  const { us_per_recovery } = await run_json('load', ['recovery', '--count', '20000']);
  for (let turn = 0; turn < turns; turn++) {
    const etcd = new Etcd();
    await etcd.start();
    theirs.push({ many: await etcd.load(clients, seconds), one: await etcd.load(1, seconds) });
    await etcd.stop();
    const committee = new Committee();
    await committee.start();
    ours.push({ many: await committee.load(clients, transfers), one: await committee.load(1, alone) });
    await committee.stop();
  }
  const row = (list) => ({
    per_s: of(list, ({ many }) => many.per_s),
    p50_ms: of(list, ({ many }) => many.p50_ms),
    p99_ms: of(list, ({ many }) => many.p99_ms),
    alone_p50_ms: of(list, ({ one }) => one.p50_ms),
    alone_p99_ms: of(list, ({ one }) => one.p99_ms),
  });
  // Each of four members recovers each sender once, on the cores that the clients leave.
  const left = of(ours, ({ many }) => cores - many.client_cpu_s / many.seconds);
  return {
    clients, turns, us_per_recovery, cores, cores_left: left,
    most_per_s: left / (MEMBERS * us_per_recovery / 1e6), etcd: row(theirs), lnode: row(ours),
  };
}
