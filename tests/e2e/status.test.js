// What `lnode status` makes of a node's answer: a node that is catching up takes too short a time on
// one machine to be watched, so a server in the test's own process answers in its place.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newFolder, program, run } from './lib/node.js';

const folder = newFolder();
let server;
let orgs = [];

before(() => new Promise((resolve) => {
  server = createServer({ allowHalfOpen: true }, (caller) => {
    caller.once('data', () => caller.end(`ok\n${JSON.stringify({
      version: '0', uptimeMs: 1000, pid: 1, rpc: 'http://127.0.0.1:1', problem: '', orgs,
    })}`));
    caller.on('error', () => {});
  });
  server.listen(path.join(folder, 'control.sock'), resolve);
}));
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const member = {
  label: 'acme', chainId: 77110, height: 1200, default: true, stopped: '', members: 4, quorum: 3, membersReachable: 4,
  view: 1300, catchingUp: true, waits: 'catches up with the other members, at block 1200 of 4400',
};
const status = (...args) => run(program('lnode'), ['status', '--data-dir', folder, ...args]);

test('a ledger that is behind shows how far it is, how quickly it goes and what is left', async () => {
  orgs = [{ ...member, syncTarget: 4400, blocksPer1000Seconds: 85000 }];
  const shown = await status();
  assert.equal(shown.code, 2, shown.stdout + shown.stderr);
  assert.match(shown.stdout, /^STALLED acme: catches up with the other members, at block 1200 of 4400\n/);
  assert.match(shown.stdout, /4 of 4 members reachable, 3 needed {2}view 1300 {2}catching up\n {8}\[#####-{15}\] {2}27 % {2}block 1200 of 4400, 85 a second, about 38 s left\n/);
  const { orgs: [told] } = JSON.parse((await status('--json')).stdout);
  assert.equal(told.syncTarget, 4400);
});

test('one that is not, or does not know how far the others are, shows no bar', async () => {
  orgs = [{ ...member, syncTarget: 1200, blocksPer1000Seconds: 0 }];
  assert.doesNotMatch((await status()).stdout, /\[/);
  orgs = [{ ...member, catchingUp: false, waits: '' }];
  const shown = await status();
  assert.doesNotMatch(shown.stdout, /\[|catching up/);
  assert.equal(shown.code, 1, 'the doors do not answer');
});
