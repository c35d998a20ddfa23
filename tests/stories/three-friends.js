// Three friends, three boxes at home, each behind a router of its own that translates addresses and
// forwards one port. They found an organisation together and pay each other; one box is off and the
// ledger pauses, comes back and it goes on; then they trust each other fully and it goes on without.
//
//   box 192.168.N.2 ── router (192.168.N.1, 203.0.113.N) ──┐
//   box ...         ── router ...                          ├── street
//   box ...         ── router ...                          ┘
//
// Namespaces apart from the machine's own: nothing outside of them changes. Where none can be made the
// story is skipped.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { until } from '../e2e/lib/members.js';
import { newFolder, program } from '../e2e/lib/node.js';
import { sleep } from '../e2e/lib/rpc.js';
import { say, shows, story, type } from './story.js';
import { moved_apart } from './wires.js';

const FRIENDS = ['anna', 'ben', 'carla'];
const RPC_PORT = 8545;
const PEER_PORT = 30800;
const PATIENCE_MS = 90000;
const TUNNEL_PORT = 2222; // where the router forwards to what stands in for sshd
const children = [];
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

// ---- The street ------------------------------------------------------------------------------------

function must(file, ...args) {
  const done = spawnSync(file, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.stderr}`);
}
const ip = (...args) => must('ip', ...args);
const inside = (pid, ...args) => ['-t', String(pid), '-n', ...args];
const at = (pid, ...args) => must('nsenter', ...inside(pid, ...args));

// A network of its own; resolves to the id of the process that holds it.
async function network() {
  const child = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' });
  children.push(child);
  const own = readlinkSync('/proc/self/ns/net');
  for (let i = 0; i < 200; i++) {
    try { if (readlinkSync(`/proc/${child.pid}/ns/net`) !== own) break; } catch { /* not yet */ }
    await sleep(25);
  }
  at(child.pid, 'ip', 'link', 'set', 'lo', 'up');
  return child.pid;
}

// Cable between the street and the router's outside, and between its inside and the box.
async function home(number) {
  const [router, box] = [await network(), await network()];
  ip('link', 'add', `door${number}`, 'type', 'veth', 'peer', 'name', 'outside', 'netns', String(router));
  ip('link', 'set', `door${number}`, 'master', 'street', 'up');
  at(router, 'ip', 'addr', 'add', `203.0.113.${number}/24`, 'dev', 'outside');
  at(router, 'ip', 'link', 'set', 'outside', 'up');
  at(router, 'ip', 'link', 'add', 'inside', 'type', 'veth', 'peer', 'name', 'cable', 'netns', String(box));
  at(router, 'ip', 'addr', 'add', `192.168.${number}.1/24`, 'dev', 'inside');
  at(router, 'ip', 'link', 'set', 'inside', 'up');
  at(box, 'ip', 'addr', 'add', `192.168.${number}.2/24`, 'dev', 'cable');
  at(box, 'ip', 'link', 'set', 'cable', 'up');
  at(box, 'ip', 'route', 'add', 'default', 'via', `192.168.${number}.1`);
  at(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  at(router, 'nft', `table ip home {
    chain in { type nat hook prerouting priority -100;
      iifname "outside" tcp dport { ${PEER_PORT}, ${TUNNEL_PORT} } dnat to 192.168.${number}.2; }
    chain out { type nat hook postrouting priority 100; oifname "outside" masquerade; }
    chain pass { type filter hook forward priority 0; policy drop; ct state established,related accept;
      iifname "inside" accept; ct status dnat accept; }
  }`);
  return { number, router, box };
}

// ---- Boxes -----------------------------------------------------------------------------------------

// Resolves once the program says a line that begins with `ready`.
function start(box, file, args, env) {
  const child = spawn('nsenter', inside(box, file, ...args), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  return new Promise((resolve, reject) => {
    ended.then(() => reject(new Error(`${path.basename(file)} ended: ${log}`)));
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready')) resolve({ child, ended });
    });
  });
}

async function forward(box, ...args) {
  await start(box, process.execPath, [path.resolve(import.meta.dirname, '../e2e/lib/forward.js'), ...args.map(String)]);
}

const folder = process.env.LEITHER_APART ? newFolder() : '';
const data = (friend) => path.join(folder, friend, 'data');
const env = (friend) => ({
  HOME: path.join(folder, friend), XDG_CONFIG_HOME: path.join(folder, friend, 'config'), NO_COLOR: '1',
  XDG_DATA_HOME: path.join(folder, friend, 'share'), LEITHER_PASSWORD_FILE: path.join(folder, friend, 'password'),
  LEITHER_DATA_DIR: data(friend),
});

async function run_node(friend, homes, ...args) {
  const { box, number } = homes[friend];
  return start(box, program('lnode'), ['run', '--rpc-port', String(RPC_PORT), '--peer-bind', '0.0.0.0',
    '--peer-port', String(PEER_PORT), '--peer-router', 'leave', '--peer-address', `203.0.113.${number}:${PEER_PORT}`, ...args], env(friend));
}

// As typed by a friend at the friend's box.
function typed(friend, homes, file, args, options = {}) {
  return type('nsenter', inside(homes[friend].box, program(file), ...args), {
    env: env(friend), shown: `[${friend}] ${file} ${args.map((one) => (/\s/.test(one) ? `"${one}"` : one)).join(' ')}`, ...options,
  });
}

// ---- The story -------------------------------------------------------------------------------------

async function tell() {
  const homes = {};
  ip('link', 'add', 'street', 'type', 'bridge');
  ip('link', 'set', 'street', 'up');
  for (const [i, friend] of FRIENDS.entries()) {
    homes[friend] = await home(i + 1);
    mkdirSync(data(friend), { recursive: true, mode: 0o700 });
    writeFileSync(env(friend).LEITHER_PASSWORD_FILE, `${friend} pays\n`, { mode: 0o600 });
  }
  const quiet = { quiet: true };
  say('Three boxes, each behind its router. Each friend makes an account:');
  for (const friend of FRIENDS) await typed(friend, homes, 'lwallet', ['account', 'new', friend, '--light'], quiet);
  const account = (friend) => `0x${JSON.parse(readFileSync(path.join(env(friend).XDG_CONFIG_HOME, `leither/accounts/${friend}.json`), 'utf8')).address}`;
  for (const friend of ['ben', 'carla']) await typed('anna', homes, 'lwallet', ['contact', 'add', friend, account(friend)], quiet);

  say('\nThe nodes run; Carla founds with Anna without being asked, Ben wants to be asked:');
  const nodes = {};
  nodes.anna = await run_node('anna', homes);
  nodes.ben = await run_node('ben', homes);
  nodes.carla = await run_node('carla', homes, '--founding-allow', account('anna'));
  for (const [i, friend] of ['ben', 'carla'].entries()) {
    const { box, number } = homes[friend];
    await forward(box, `192.168.${number}.2`, TUNNEL_PORT, '127.0.0.1', RPC_PORT);
    await forward(homes.anna.box, '127.0.0.1', RPC_PORT + 1 + i, `203.0.113.${number}`, TUNNEL_PORT);
  }
  const create = ['org', 'create', 'Friends', '--symbol', 'FRD', '--transparency', 'open',
    ...[0, 1, 2].flatMap((i) => ['--node', `http://127.0.0.1:${RPC_PORT + i}`])];
  const waiting = await typed('anna', homes, 'lwallet', [...create, '--timeout', '1']);
  shows(waiting.code === 6 && waiting.stdout.includes('lnode accept friends'), 'Ben is asked, and nothing is founded before he answers');
  const asked = await typed('ben', homes, 'lnode', ['accept']);
  shows(asked.stdout.includes('Friends, coin FRD'), 'he sees what, and by whom');
  await typed('ben', homes, 'lnode', ['accept', 'friends']);
  const founded = await typed('anna', homes, 'lwallet', create);
  shows(founded.code === 0 && founded.stdout.startsWith('founded Friends with 3 nodes'), 'all three have it');

  const pay = (who, ...args) => typed('anna', homes, 'lwallet', ['transfer', '5', 'FRD', who, ...args]);
  const balance = async (friend) => (await typed(friend, homes, 'lwallet', ['balance', account('ben'), '--rpc', `http://127.0.0.1:${RPC_PORT}`, '--org', 'friends'], quiet)).stdout;
  say('\nAnna pays Ben, who sees it on his own node:');
  shows((await pay('ben')).code === 0, 'it is final');
  await until('Ben has it', async () => (await balance('ben')).startsWith('5 FRD'), PATIENCE_MS);
  const own = await balance('ben');
  shows(/^5 FRD/.test(own) && /verified at block \d+ by 3 of 3/.test(own), 'his node shows it, and the members\' signatures prove it');

  say('\nCarla\'s box is switched off:');
  nodes.carla.child.kill('SIGKILL');
  await nodes.carla.ended;
  const paused = await pay('ben', '--timeout', '4');
  shows(paused.code === 6, 'of three all are needed: the ledger pauses, and says so');
  await until('status names it', async () => (await typed('anna', homes, 'lnode', ['status'], quiet)).stdout.includes('2 of 3 members reachable'), PATIENCE_MS);
  shows((await typed('anna', homes, 'lnode', ['status'])).code === 2, 'lnode status says who is missing');
  nodes.carla = await run_node('carla', homes);
  await until('the payment is final', async () => (await balance('ben')).startsWith('10 FRD'), PATIENCE_MS);
  shows(true, 'she is back, and the payment that waited is final');

  say('\nThey trust each other fully, so that any one may be off:');
  const mode = await typed('anna', homes, 'lwallet', ['org', 'committee', 'mode', 'crash', '--yes']);
  shows(mode.code === 0 && mode.stdout.includes('mode crash'), 'two of three decide from now on');
  at(homes.carla.router, 'ip', 'link', 'set', 'outside', 'down');
  say('  (Carla\'s router loses its line)');
  shows((await pay('ben')).code === 0, 'Anna pays, and it is final without Carla');
  at(homes.carla.router, 'ip', 'link', 'set', 'outside', 'up');
  await until('Carla has it', async () => (await balance('carla')).startsWith('15 FRD'), PATIENCE_MS);
  shows(true, 'when the line is back, Carla\'s node has it, too');
  rmSync(folder, { recursive: true, force: true });
}

if (!await moved_apart()) await story('three-friends', tell);
