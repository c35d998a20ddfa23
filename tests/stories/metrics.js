// An operator's Prometheus (Debian's) watches a node at work: the configuration, the alert rules and
// every query of the Grafana dashboard in docs/operations are tried on it.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { free_port } from '../bench/anvil.js';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, run, startNode } from '../e2e/lib/node.js';
import { call, request, sleep } from '../e2e/lib/rpc.js';
import { say, shows, story } from './story.js';

const programs = process.env.PROMETHEUS_BIN ?? '/usr/bin';
const operations = path.resolve(import.meta.dirname, '../../docs/operations');
const data_ms = 60000; // within which every query must have had data
const window = '15s'; // what Grafana puts for $__rate_interval, at this scrape interval
const chain_id = 88010;

const promtool = (args, options) => run(path.join(programs, 'promtool'), args, options);

// As an operator would: the files beside each other, with this node's port, scraped each second.
function write_config(folder, target) {
  const text = readFileSync(path.join(operations, 'prometheus.yml'), 'utf8');
  writeFileSync(path.join(folder, 'prometheus.yml'), text.replaceAll('15s', '1s').replace('127.0.0.1:8545', target));
  copyFileSync(path.join(operations, 'alerts.yml'), path.join(folder, 'alerts.yml'));
  copyFileSync(path.resolve(import.meta.dirname, 'alerts.test.yml'), path.join(folder, 'alerts.test.yml'));
}

async function check_files(folder, url) {
  const { text } = await request(url, { method: 'GET', path: '/metrics', headers: { 'content-type': null } });
  for (const [args, words, input] of [
    [['check', 'metrics'], 'promtool check metrics finds nothing to say about /metrics', text],
    [['check', 'config', 'prometheus.yml'], 'promtool check config takes the configuration'],
    [['check', 'rules', 'alerts.yml'], 'promtool check rules takes the alert rules'],
    [['test', 'rules', 'alerts.test.yml'], 'each alert fires on figures that call for it, and no other does'],
  ]) {
    const done = await promtool(args, { cwd: folder, input });
    const answer = `${done.stdout}${done.stderr}`.trim();
    say(`$ promtool ${args.join(' ')}${answer ? `\n${answer}` : ''}`);
    shows(done.code === 0 && (input === undefined || answer === ''), words);
  }
  const alerts = read_alerts();
  shows(alerts.length > 0 && alerts.every((one) => one.command), `each of ${alerts.length} alerts carries its command`);
}

// Name and command of each alert; the rest of the file is promtool's business.
function read_alerts() {
  const parts = readFileSync(path.join(operations, 'alerts.yml'), 'utf8').split(/^ +- alert: /m).slice(1);
  return parts.map((part) => ({ name: part.split('\n')[0], command: part.match(/^ +command: (\S.*)$/m)?.[1] }));
}

async function start_prometheus(folder) {
  const port = await free_port();
  const child = spawn(path.join(programs, 'prometheus'), ['--config.file=prometheus.yml', '--storage.tsdb.path=data',
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const prometheus = { child, url: `http://127.0.0.1:${port}`, log: '' };
  process.on('exit', () => child.kill('SIGKILL'));
  child.stderr.on('data', (text) => { prometheus.log += text; });
  for (const until = Date.now() + 30000; ; await sleep(100)) {
    const answer = await get(prometheus, '/-/ready').catch(() => null);
    if (answer?.status === 200) return prometheus;
    if (Date.now() > until || child.exitCode !== null) throw new Error(`prometheus did not start: ${prometheus.log}`);
  }
}

function get(prometheus, where) {
  return new Promise((resolve, reject) => {
    http.get(`${prometheus.url}${where}`, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
    }).on('error', reject);
  });
}

async function api(prometheus, where) {
  const { text } = await get(prometheus, `/api/v1/${where}`);
  const answer = JSON.parse(text);
  if (answer.status !== 'success') throw new Error(`${where}: ${text}`);
  return answer.data;
}

// Transfers, reads, calls that fail, and a subscriber, until it is told to stop.
async function work(url, alice, until) {
  const socket = new WebSocket(url.replace('http', 'ws'));
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
  let nonce = 0;
  while (!until.is_over) {
    const raw = await alice.signTransaction({ type: 2, chainId: chain_id, nonce: nonce++, to: alice.address, value: 1n,
      gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0 });
    await call(url, 'eth_sendRawTransaction', [raw]);
    await call(url, 'eth_getBalance', [alice.address, 'latest']);
    await call(url, 'eth_getBalance', ['nobody']);
    await call(url, 'eth_noSuchMethod');
    await sleep(10);
  }
  socket.close();
  return nonce;
}

function queries_of(dashboard) {
  return dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({
    title: panel.title,
    expr: target.expr.replaceAll('$__rate_interval', window).replaceAll('$instance', '.*').replaceAll('$org', '.*'),
  })));
}

// Returns the first finite value, or undefined.
async function ask(prometheus, expr) {
  const { result } = await api(prometheus, `query?query=${encodeURIComponent(expr)}`);
  return result.map((one) => Number(one.value[1])).find(Number.isFinite);
}

async function ask_all(prometheus, queries) {
  let open = queries;
  for (const until = Date.now() + data_ms; open.length > 0 && Date.now() < until; await sleep(1000)) {
    const still = [];
    for (const query of open) {
      query.value = await ask(prometheus, query.expr);
      if (query.value === undefined) still.push(query);
    }
    open = still;
  }
  return open;
}

function check_layout({ panels }) {
  const ids = new Set(panels.map((panel) => panel.id));
  const taken = new Set();
  let overlaps = 0;
  for (const { gridPos: at } of panels) {
    for (let x = at.x; x < at.x + at.w; x++) {
      for (let y = at.y; y < at.y + at.h; y++) {
        if (x >= 24 || taken.has(`${x},${y}`)) overlaps++;
        taken.add(`${x},${y}`);
      }
    }
  }
  shows(ids.size === panels.length && overlaps === 0, `the dashboard's ${panels.length} panels and rows have ids and places of their own`);
}

async function check_dashboard(prometheus) {
  const dashboard = JSON.parse(readFileSync(path.join(operations, 'dashboard.json'), 'utf8'));
  check_layout(dashboard);
  const queries = queries_of(dashboard);
  const open = await ask_all(prometheus, queries);
  for (const { title, expr, value } of queries) say(`  ${title}: ${expr} = ${value === undefined ? 'nothing' : Number(value.toPrecision(4))}`);
  shows(queries.length > 40 && open.length === 0, `${queries.length - open.length} of ${queries.length} queries of the dashboard return data`);
  for (const { name, query } of dashboard.templating.list.filter((one) => one.type === 'query')) {
    const [, metric, label] = query.query.match(/^label_values\((\w+), (\w+)\)$/);
    const values = await api(prometheus, `label/${label}/values?match[]=${metric}`);
    shows(values.length > 0, `its variable $${name} offers ${values.join(', ')}`);
  }
}

const alert_states = async (prometheus) => new Map((await api(prometheus, 'rules')).groups
  .flatMap((group) => group.rules).map((rule) => [rule.name, rule]));

await story('metrics', async () => {
  const folder = newFolder();
  mkdirSync(path.join(folder, 'data'));
  const alice = Wallet.createRandom();
  const node = await startNode({ chainId: chain_id, fund: [`${alice.address}=100`] });
  say(node.readyLine);
  write_config(folder, node.url.replace('http://', ''));
  const until = { is_over: false };
  const working = work(node.url, alice, until);
  await sleep(1000); // what is checked is a node that has done something
  await check_files(folder, node.url);

  say('\nprometheus scrapes the node each second while transfers, reads and failing calls go on:');
  const prometheus = await start_prometheus(folder);
  await check_dashboard(prometheus);
  const rules = await alert_states(prometheus);
  shows([...rules.values()].every((rule) => rule.health === 'ok'), `all ${rules.size} alert rules are evaluated without an error`);
  shows(rules.get('LnodeDown').state === 'inactive' && rules.get('LedgerStopped').state === 'inactive', 'a node that is well raises no alarm');
  until.is_over = true;
  const sent = await working;
  await sleep(2500);
  const mined = await ask(prometheus, 'sum(leither_transactions_total)');
  shows(mined === sent, `${sent} transfers were sent, Prometheus shows ${mined} in blocks`);

  await node.stop();
  let state;
  for (let i = 0; i < 40 && state !== 'pending'; i++, await sleep(250)) state = (await alert_states(prometheus)).get('LnodeDown').state;
  shows(state === 'pending', 'the node is stopped: LnodeDown is pending, to fire after its minute');
  const ended = new Promise((resolve) => { prometheus.child.on('close', resolve); });
  prometheus.child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});
