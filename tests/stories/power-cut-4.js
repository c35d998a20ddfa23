// Four nodes, four processes, one ledger. Transfers go on while one of them is killed and comes back;
// with two of four gone the ledger pauses, says why, and goes on when one is back. At the end every
// transfer that anybody was told of is in the same block on all four.
import { until } from '../e2e/lib/members.js';
import { freePort } from '../e2e/lib/node.js';
import { sleep } from '../e2e/lib/rpc.js';
import { Members } from './committee.js';
import { say, shows, story } from './story.js';

const MEMBERS = 4;

await story('power-cut-4', async () => {
  const endpoints = [];
  for (let i = 0; i < MEMBERS; i++) endpoints.push(`127.0.0.1:${await freePort()}`);
  const members = new Members(endpoints);
  await members.found();
  await members.start_all();

  say('\nTransfers by way of each of them:');
  for (let i = 0; i < 20; i++) await members.send(i % MEMBERS);
  await members.all_final();
  shows(true, `${members.nonce} transfers are final at all four`);
  shows((await members.command(0, ['status'])).stdout.includes('4 of 4 members reachable, 3 needed'), 'and each sees the other three');

  say('\nOne loses its power, again and again, while transfers go on:');
  for (let round = 0; round < 5; round++) {
    const victim = 1 + (round % 3);
    if (round > 0) await members.send(victim); // perhaps it tells nobody before the end: the others wait
    await members.kill(victim);
    for (let i = 0; i < 10; i++) {
      await members.send(0);
      await sleep(20);
    }
    if (round === 0) await members.all_final([0, 1, 2, 3].filter((i) => i !== victim));
    await members.start(victim);
  }
  await members.all_final();
  shows(true, `${members.nonce} transfers are final at all four, those included that a node took just before it was killed`);

  say('\nTwo of four are gone:');
  await members.kill(2);
  await members.kill(3);
  const before = await members.mined(0);
  await members.send(0);
  await until('status names it', async () => (await members.command(0, ['status'], { quiet: true }))
    .stdout.includes('2 of 4 members reachable, 3 needed'));
  const paused = await members.command(0, ['status']);
  shows(paused.code === 2 && paused.stdout.startsWith('STALLED'), 'lnode status says who is missing, and ends with 2');
  const doctor = await members.command(0, ['doctor'], { quiet: true });
  shows(doctor.code === 1 && doctor.stdout.includes('2 of 4 members reachable'), 'so does lnode doctor');
  await sleep(3000);
  shows(await members.mined(0) === before, 'nothing becomes final');
  await members.start(3);
  await members.all_final([0, 1, 3]);
  shows(true, 'with one of them back it goes on');
  await members.start(2);
  await members.all_final();

  say('\nAll lose their power at once:');
  for (let i = 0; i < 8; i++) await members.send(i % MEMBERS);
  await Promise.all([0, 1, 2, 3].map((i) => members.kill(i)));
  await members.start_all();
  await members.all_final();
  shows(true, 'they go on where they were, and nothing that was taken is lost');
  shows(await members.agree(), `all ${members.sent.length} transfers are in the same places on all four`);

  const hurt = await members.close();
  shows(hurt.length === 0, `lnode check: the store of each node is whole ${hurt.join(' ')}`.trimEnd());
});
