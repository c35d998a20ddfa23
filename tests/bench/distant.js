// Four members on boxes of their own (network namespaces), with wires of 25 ms to the switch between
// them: so 50 ms from each to each. How soon a transfer is final, what a dead leader costs, and what
// an idle ledger sends and writes.
import path from 'node:path';
import { rmSync } from 'node:fs';
import { newFolder } from '../e2e/lib/node.js';
import { sleep } from '../e2e/lib/rpc.js';
import { Members } from '../stories/committee.js';
import { Network } from '../stories/wires.js';
import { median, written_bytes } from './measure.js';

const MEMBERS = 4;
const WIRE_MS = 25;
const PEER_PORT = 30800;
const SETTLED_MS = 3000; // empty blocks follow the last transfer

async function times(members, which, count) {
  const all = [];
  for (let i = 0; i < count; i++) {
    for (let more = i % MEMBERS; more > 0; more--) { // so that the leaders' turns are not in step with ours
      await members.send(0);
      await sleep(8 * WIRE_MS);
    }
    await sleep(SETTLED_MS);
    all.push(median(await members.send_to_each(which)));
  }
  return all.sort((a, b) => a - b);
}

export async function at_a_distance({ transfers, idle_s }) {
  const folder = newFolder();
  const network = new Network(path.join(folder, 'wires'), MEMBERS);
  await network.up();
  await network.set_wires({ delay_ms: WIRE_MS });
  const members = new Members([...Array(MEMBERS).keys()].map((i) => `${network.address(i)}:${PEER_PORT}`), {
    inside: Network.inside, pulse_ms: 0, args: (i) => ['--peer-bind', network.address(i), '--peer-router', 'leave'],
  });
  await members.found();
  await members.start_all();
  await members.send(0);
  await members.all_final();

  const all = await times(members, [0, 1, 2, 3], transfers);
  await sleep(SETTLED_MS);
  const height = await members.height(0);
  const sent = [0, 1, 2, 3].map((i) => network.sent(i));
  const written = members.nodes.map(({ child }) => written_bytes(child.pid));
  await sleep(idle_s * 1000);
  const per_peer = Math.max(...sent.map((before, i) => (network.sent(i) - before) / idle_s / (MEMBERS - 1)));
  const wrote = Math.max(...members.nodes.map(({ child }, i) => written_bytes(child.pid) - written[i]));
  const blocks = await members.height(0) - height;

  // Its box loses its power: the others hear nothing any more, not even that it is gone.
  network.part([0, 1, 2], [3]);
  const without = await times(members, [0, 1, 2], transfers);
  network.heal();
  await members.all_final();
  const hurt = await members.close();
  network.down();
  rmSync(folder, { recursive: true, force: true });
  if (hurt.length > 0) throw new Error(hurt.join(' '));
  return {
    delay_ms: 2 * WIRE_MS, transfers, p50_ms: median(all), most_ms: all.at(-1), dead_leader_ms: without.at(-1) - median(without),
    idle_s, idle_bytes_per_s_per_peer: per_peer, idle_written: wrote, idle_blocks: blocks,
  };
}
