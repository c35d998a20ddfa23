// A box burns. Its backup goes onto a new one: the node there has its keys and old blocks, but not
// what it voted since. It follows, waits until it cannot contradict itself, and then is needed again.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../e2e/lib/members.js';
import { freePort } from '../e2e/lib/node.js';
import { sleep } from '../e2e/lib/rpc.js';
import { Members } from './committee.js';
import { say, shows, story } from './story.js';

const MEMBERS = 4;
const BURNT = 3;

await story('restore', async () => {
  const endpoints = [];
  for (let i = 0; i < MEMBERS; i++) endpoints.push(`127.0.0.1:${await freePort()}`);
  const members = new Members(endpoints);
  const password = path.join(members.root, 'password');
  const backup = path.join(members.root, 'backup');
  const folder = members.nodes[BURNT].folder;
  const transfers = async (count, by) => {
    for (let i = 0; i < count; i++) {
      await members.send(by[i % by.length]);
      await sleep(20);
    }
    await members.all_final(by);
  };
  const everybody = [0, 1, 2, BURNT];
  writeFileSync(password, 'correct horse battery staple\n', { mode: 0o600 });

  await members.found();
  await members.start_all();
  await transfers(20, everybody);

  say('\nA backup is made while the node runs, and life goes on:');
  const made = await members.command(BURNT, ['backup', backup, '--password-file', password]);
  shows(made.code === 0, 'the backup is there');
  await transfers(30, everybody);
  shows(true, `${members.nonce} transfers are final at all four`);

  say('\nThe box burns; the others go on:');
  await members.kill(BURNT);
  rmSync(folder, { recursive: true });
  await transfers(10, [0, 1, 2]);
  shows(true, `${members.nonce} transfers are final at the other three`);

  say('\nThe backup on a new box:');
  const restored = await members.command(BURNT, ['restore', backup, '--password-file', password]);
  shows(restored.code === 0, 'is checked, executed and there');
  const restarted = await members.start(BURNT);
  await members.all_final();
  shows(true, 'its node has all that it missed');
  await until('it votes again', async () => {
    await members.send(0);
    await sleep(500);
    return restarted.log.includes('adopted the vote log');
  });
  shows(restarted.log.includes('the vote log is not the one that the store names'), 'it knew that it did not know what it had voted');
  shows(true, 'and votes again where that cannot matter any more');
  await members.all_final();

  say('\nAnother one is gone, so it is needed:');
  await members.kill(1);
  await transfers(10, [0, 2, BURNT]);
  shows(true, 'with its votes the ledger goes on');
  await members.start(1);
  await members.all_final();
  const accused = members.nodes.filter((node) => node.log.includes('contradicts itself'));
  shows(accused.length === 0, 'nobody saw two votes of one member in one view');
  shows(await members.agree(), `all ${members.sent.length} transfers are in the same places on all four`);
  const hurt = await members.close();
  shows(hurt.length === 0, `lnode check: the store of each node is whole ${hurt.join(' ')}`.trimEnd());
});
