// What a newcomer mistypes, interrupts or leaves out: each gets a sentence that leads on, the right
// exit code, and nothing done that was not meant.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newFolder, program, run, startNode } from './lib/node.js';

const folder = newFolder();
const root = path.resolve(import.meta.dirname, '../..');
const guestbook = path.join(root, 'docs/tour/Guestbook.json');
const env = {
  HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), LEITHER_PASSWORD_FILE: path.join(folder, 'password'),
  LEITHER_ACCOUNT: 'alice',
};
let node;
let org;

async function lwallet(args, { code = 0, ...options } = {}) {
  const done = await run(program('lwallet'), args, { env, ...options });
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/);
  assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}

before(async () => {
  writeFileSync(env.LEITHER_PASSWORD_FILE, 'correct horse\n', { mode: 0o600 });
  const { address } = JSON.parse((await lwallet(['account', 'new', 'alice', '--light', '--json'])).stdout);
  node = await startNode({ chainId: 77061, fund: [`${address}=100`], args: ['--rpc-hosts', '0.0.0.0'] });
  env.LEITHER_RPC = node.url;
  org = JSON.parse((await lwallet(['org', 'show', '--json'])).stdout).organisation;
});
after(async () => {
  if (node) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

// A shell with job control on a terminal of its own: writes `keys` each time its turn's text shows.
function inShell(turns) {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qfec', 'bash --norc --noprofile -i', '/dev/null'], {
      env: { ...env, LEITHER_PASSWORD_FILE: '', PATH: `${path.dirname(program('lwallet'))}:${process.env.PATH}`, PS1: '> ', TERM: 'dumb' },
    });
    let shown = '';
    let seen = 0;
    const late = setTimeout(() => child.kill('SIGKILL'), 60000);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text) => {
      shown += text;
      const at = turns.length > 0 ? shown.indexOf(turns[0][0], seen) : -1;
      if (at < 0) return;
      seen = at + turns[0][0].length;
      const [, keys] = turns.shift();
      setTimeout(() => child.stdin.write(keys), 200); // until echo is off
    });
    child.on('error', reject);
    child.on('close', () => { clearTimeout(late); resolve(shown); });
  });
}

test('a password that is asked for again after Ctrl-Z and fg is not shown', async () => {
  const shown = await inShell([['> ', 'lwallet account new zoe --light\n'], ['New password: ', '\x1a'], ['Stopped', 'fg\n'],
    ['New password: ', 'hunter two\n'], ['The same again: ', 'hunter two\n'], ['new account zoe', 'exit\n']]);
  assert.match(shown, /new account zoe/);
  assert.doesNotMatch(shown, /hunter/);
});

test('Ctrl-C and Ctrl-D while a password is asked leave a terminal that shows what is typed', async () => {
  const shown = await inShell([['> ', 'lwallet account new yan --light\n'], ['New password: ', '\x03'], ['> ', 'stty -a\n'],
    [' echo ', 'lwallet account new yan --light\n'], ['New password: ', '\x04'], ['no password was typed', 'stty -a\n'], [' echo ', 'exit\n']]);
  assert.match(shown, /New password: \r?\nlwallet: no password was typed/);
  assert.doesNotMatch(shown, / -echo /);
});

test('the first word of a group shows what there is', async () => {
  for (const words of [['help', 'account'], ['account', '--help'], ['help', 'org'], ['contract', '-h']]) {
    const { stdout } = await lwallet(words);
    assert.match(stdout, /^ {2}(account new NAME|org create NAME|contract deploy )/, words.join(' '));
    assert.match(stdout, /lwallet help \w+ COMMAND tells more/);
    assert.doesNotMatch(stdout, /transfer AMOUNT/);
  }
  const { commands } = JSON.parse((await lwallet(['help', 'contact', '--json'])).stdout);
  assert.deepEqual(commands.map((one) => one.command), ['contact add', 'contact list', 'contact remove']);
  assert.match((await lwallet(['account'], { code: 2 })).stderr, /account what\? There is: new, import/);
  assert.match((await lwallet(['help', 'help'])).stdout, /transfer AMOUNT/);
  assert.match((await lwallet(['version'])).stdout, /^lwallet \d/);
});

test('each slip has a sentence, its exit code and the next step', async () => {
  const plain = '0x90F79bf6EB2c4f870365E785982E1f101E93b906';
  await lwallet(['contact', 'add', 'carol', plain]);
  mkdirSync(path.join(folder, 'sub'));
  const { contract } = JSON.parse((await lwallet(['contract', 'deploy', guestbook, '--json'])).stdout);
  const cases = [
    [['balance', '-j'], 2, /unknown option -j; options have two dashes/],
    [['config', 'get', 'rpc'], 2, /expected: lwallet config\n/],
    [['transfer', '1', org.symbol, 'nobody'], 4, /nobody is known as "nobody"[^]*try: lwallet contact add/],
    [['transfer', '1', org.symbol.toLowerCase(), 'carol'], 2, new RegExp(`try: lwallet transfer 1 ${org.symbol} carol`)],
    [['transfer', '1', org.symbol, contract], 1, /the contract refused, without saying why/],
    [['balance', '--at', '1000000'], 1, /there is no block 1000000 yet; the last one is \d+/],
    [['history', '--next', 'foo'], 2, /--next "foo": expected what the page before ended with/],
    [['account', 'export', 'alice', path.join(folder, 'none', 'x')], 7, /cannot write .*No such file/],
    [['account', 'export', 'alice', env.LEITHER_PASSWORD_FILE], 7, /is there already and is not overwritten/],
    [['org', 'add', `${node.url}#zz`], 2, /"zz" is no id; expected 0x and 64 hex digits, or six words/],
    [['org', 'add', `${node.url}#one-two-three-four-five-six`], 8, /has another id/],
    [['contract', 'deploy', path.join(root, 'docs/tour/Guestbook.sol')], 2, /source code: compile it first/],
    [['contract', 'deploy', path.join(root, 'README.md')], 2, /neither what solc, Hardhat or Foundry build/],
    [['contract', 'deploy', guestbook, '5'], 2, /constructor takes no arguments; 1 given/],
    [['contract', 'send', 'carol', 'sign(string)', 'hi'], 4, /there is no contract at carol 0x\w+ on this ledger; nothing was sent/],
    [['config', 'set', 'rpc', 'foo'], 2, /"foo" is not a node's address/],
    [['config', 'set', 'org', 'a/b'], 2, /no organisation's label/],
    [['config', 'set', 'account', 'nobody'], 4, /there is no account "nobody"/],
  ];
  for (const [args, code, words] of cases) {
    const done = await run(program('lwallet'), args, { env });
    assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
    assert.match(done.stderr, words);
  }
  await lwallet(['account', 'new', 'bea', '--light']);
  const both = await lwallet(['transfer', '1', org.symbol, 'carol'], { code: 4, env: { ...env, LEITHER_ACCOUNT: '' } });
  assert.match(both.stderr, /There are alice, bea[^]*lwallet config set account NAME/);
});

test('a file that a setting names is found from every folder', async () => {
  await lwallet(['config', 'set', 'password_file', 'password'], { cwd: folder });
  const kept = JSON.parse(readFileSync(path.join(env.XDG_CONFIG_HOME, 'leither/config.json'), 'utf8')).password_file;
  assert.equal(kept, path.join(folder, 'password'));
  await lwallet(['config', 'unset', 'password_file']);
});

test('org show says what the coin, the fees and the committee are', async () => {
  const { stdout } = await lwallet(['org', 'show']);
  assert.match(stdout, new RegExp(`outstanding   ${BigInt(org.supply.outstanding) / 10n ** 18n} ${org.symbol}\\n  fees          free\\n`));
  assert.match(stdout, /committee {5}1 member\n/);
  assert.doesNotMatch(stdout, /stopped/);
});

test('history says when', async () => {
  await lwallet(['transfer', '1', org.symbol, 'carol']);
  const { stdout } = await lwallet(['history', 'carol'], { env: { ...env, TZ: 'UTC' } });
  const [, date] = stdout.match(/^block \d+ {2}(\d{4}-\d\d-\d\d \d\d:\d\d) {2}1 /m);
  const since_ms = Date.now() - Date.parse(`${date.replace(' ', 'T')}Z`);
  assert.ok(since_ms > -1000 && since_ms < 180000, `${date} is not now`);
});

test('org connect shows a QR code where a phone can read it, and gives programs the text', async () => {
  const port = new URL(node.url).port;
  const here = await lwallet(['org', 'connect', '--for', 'metamask']);
  assert.doesNotMatch(here.stdout, /█/);
  assert.match(here.stdout, /no QR code for a phone/);
  const there = await lwallet(['org', 'connect', '--for', 'metamask', '--rpc', `http://0.0.0.0:${port}`]);
  assert.match(there.stdout, /On a phone[^]*█▀▀▀▀▀█/);
  const { snippet, url } = JSON.parse((await lwallet(['org', 'connect', '--for', 'foundry', '--json'])).stdout);
  assert.match(snippet, /\[rpc_endpoints\][^]*--gas-price 0 --priority-gas-price 0/);
  assert.ok(snippet.includes(url));
});
