// `lnode install`: the unit file is whole and the settings said are in it; nothing is started.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { newFolder, program, run } from './lib/node.js';

const folder = newFolder();
const env = { XDG_CONFIG_HOME: path.join(folder, 'config'), HOME: folder };
const file = path.join(env.XDG_CONFIG_HOME, 'systemd/user/lnode.service');
const lnode = (...args) => run(program('lnode'), args, { env, cwd: folder });
const command = () => readFileSync(file, 'utf8').match(/^ExecStart=(.*)$/m)[1];

after(() => rmSync(folder, { recursive: true, force: true }));

test('the unit starts lnode with the settings that were said', async () => {
  writeFileSync(path.join(folder, 'my node.json'), '{"log": {"level": "debug"}}');
  mkdirSync(path.join(folder, 'da ta%$"x'));
  const done = await lnode('install', '--user', '--data-dir', path.join(folder, 'da ta%$"x'),
    '--rpc-port', '4567', '--config', 'my node.json');
  assert.equal(done.code, 0, done.stderr);
  assert.ok(done.stdout.startsWith(`wrote ${file}\n`), done.stdout);
  assert.match(command(), /^"[^"]*lnode" run /);
  assert.ok(command().includes(`--data-dir "${folder}/da ta%%$$\\"x"`), command());
  assert.ok(command().includes(`--config "${folder}/my node.json"`), command());
  assert.ok(command().includes('--rpc-port "4567"'), command());
});

test('systemd accepts the file', async (context) => {
  await lnode('install', '--user');
  const done = await run('systemd-analyze', ['verify', file]).catch(() => null);
  if (done === null) {
    context.skip('systemd-analyze is not installed');
    return;
  }
  assert.equal(done.code, 0, done.stderr);
  assert.doesNotMatch(done.stderr, /lnode\.service/);
});

test('where systemd does not run, that is said', async (context) => {
  if (existsSync('/run/systemd/system')) {
    context.skip('systemd runs here');
    return;
  }
  const done = await lnode('install', '--user');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /systemd does not run here/);
});

test('a relative folder and an absent file are refused, the unit stays as it was', async () => {
  await lnode('install', '--user');
  const before = readFileSync(file, 'utf8');
  for (const [args, words] of [
    [['--data-dir', 'here'], /--data-dir here: expected a path from \//],
    [['--config', 'absent.json'], /absent\.json/], [['--rpc-port', '70000'], /rpc-port/],
    [['--frobnicate'], /frobnicate/],
  ]) {
    const done = await lnode('install', '--user', ...args);
    assert.equal(done.code, 3, `${args}: ${done.stdout}`);
    assert.match(done.stderr, words);
  }
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('uninstall removes the file and says when there is none', async () => {
  await lnode('install', '--user');
  assert.equal((await lnode('uninstall', '--user')).code, 0);
  assert.ok(!existsSync(file));
  const again = await lnode('uninstall', '--user');
  assert.equal(again.code, 0);
  assert.match(again.stdout, /there is no /);
});

test('lnode --help says each command and what it does, in two columns', async () => {
  const { stdout, code } = await lnode('--help');
  assert.equal(code, 0);
  const lines = stdout.match(/Usage[^]*?\n\n([^]*?)\n\n/)[1].split('\n');
  assert.deepEqual(lines.map((line) => line.split(' ')[3]),
    ['run', 'status', 'doctor', 'accept', 'backup', 'restore', 'check', 'export', 'invite', 'join', 'install', 'uninstall', '--print-config', '--version']);
  for (const line of lines) {
    assert.match(line.slice(0, 53), / {2,}$/, line);
    assert.match(line.slice(53), /^\S/, line);
    assert.ok(line.length <= 100, line);
  }
});
