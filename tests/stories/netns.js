// Faults of networks, machines and disks, one after the other, on committees of four and of seven in
// network namespaces, while transfers go on. After each: nothing that was final is gone or elsewhere,
// and whatever was sent is final at all members within the bound.
import path from 'node:path';
import { rmSync } from 'node:fs';
import { newFolder } from '../e2e/lib/node.js';
import { shim } from '../e2e/lib/shim.js';
import { sleep } from '../e2e/lib/rpc.js';
import { Members } from './committee.js';
import { say, shows, story } from './story.js';
import { Network, moved_apart } from './wires.js';

const PEER_PORT = 30800;
const LAG_MS = 100;     // between two transfers
const BOUND_MS = 75000; // nobody waits longer than 60 s before it dials again, and 10 s for an answer

const others = (count, ...but) => [...Array(count).keys()].filter((i) => !but.includes(i));

// Committee and network of one table.
class Table {
  constructor(count) {
    this.count = count;
    this.folder = newFolder();
    this.network = new Network(path.join(this.folder, 'wires'), count);
    this.members = new Members(others(count).map((i) => `${this.network.address(i)}:${PEER_PORT}`), {
      inside: Network.inside,
      args: (i) => ['--peer-bind', this.network.address(i), '--peer-router', 'leave'],
    });
  }

  async open() {
    await this.network.up();
    await this.members.found();
    await this.members.start_all();
    await this.members.send(0);
    await this.members.all_final();
  }

  // Transfers by way of these, in turn, for so long; users look what became of them.
  async load(at, time_ms) {
    const end = Date.now() + time_ms;
    for (let turn = 0; Date.now() < end; turn++) {
      const i = at[turn % at.length];
      await this.members.send(i);
      await this.members.look(i);
      await sleep(LAG_MS);
    }
  }

  // One row: `fault` happens and is over when it returns. What it returns is said beside it.
  async row(name, fault) {
    const before = this.members.nonce;
    const note = await fault();
    const began = Date.now();
    await this.members.send(0);
    await this.members.all_final(undefined, BOUND_MS);
    const took = ((Date.now() - began) / 1000).toFixed(1);
    await this.members.look(0, this.members.nonce - before);
    shows(true, `${name.padEnd(46)} ${String(this.members.nonce - before).padStart(4)} transfers, all final everywhere ${took.padStart(5)} s later${note ? `; ${note}` : ''}`);
  }

  // How many became final at a member during what happens?
  async meanwhile(i, happens) {
    const before = await this.members.mined(i);
    await happens();
    return await this.members.mined(i) - before;
  }

  async close() {
    shows(await this.members.agree(), `all ${this.members.sent.length} transfers are in the same places at all ${this.count}, and where users had seen them`);
    const hurt = await this.members.close();
    shows(hurt.length === 0, `the store of each member is whole ${hurt.join(' ')}`.trimEnd());
    this.network.down();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Members that must go on, or must wait, while a fault lasts.
const went_on = (count) => {
  if (count === 0) throw new Error('nothing became final, although enough members had each other');
  return `${count} of them meanwhile`;
};
const waited = (count) => {
  if (count !== 0) throw new Error(`${count} became final without enough members`);
  return 'none meanwhile, as it must be';
};

async function networks(table, majority, minority) {
  const { network, members, count } = table;
  const all = others(count);
  const wires = async (name, settings, time_ms) => {
    await table.row(name, async () => {
      await network.set_wires(settings);
      const [took] = await members.send_to_each([0]);
      if (took < 4 * (settings.delay_ms ?? 0)) throw new Error(`final after ${took} ms: the wires are faster than they should be`);
      await table.load(all, time_ms);
      return `one alone was final after ${took.toFixed(0)} ms`;
    });
    await network.set_wires();
  };
  await wires('a good network', {}, 5000);
  await wires('50 ms from each to each', { delay_ms: 25 }, 10000);
  await wires('150 ms, 5 % lost', { delay_ms: 75, loss_percent: 2.5 }, 15000);
  await wires('1 Mbit/s', { delay_ms: 10, bytes_per_s: 125000 }, 10000);

  await table.row(`parted: ${majority.length} and ${minority.length}, enough on one side`, async () => {
    network.part(majority, minority);
    const final = await table.meanwhile(majority[0], () => table.load(majority, 10000));
    network.heal();
    return went_on(final);
  });
  const half = Math.ceil(count / 2);
  await table.row(`parted: ${half} and ${count - half}, enough nowhere`, async () => {
    network.part(all.slice(0, half), all.slice(half));
    await sleep(1000); // what was under way
    const final = await table.meanwhile(0, () => table.load(all, 10000));
    network.heal();
    return waited(final);
  });
  await table.row('one hears nobody, and all hear it', async () => {
    const deaf = count - 1;
    for (const from of others(count, deaf)) network.cut(from, deaf);
    await sleep(1000); // what was under way
    let heard;
    const final = await table.meanwhile(0, async () => {
      heard = await table.meanwhile(deaf, () => table.load(others(count, deaf), 20000));
    });
    network.heal();
    if (heard !== 0) throw new Error('it heard, although it was deaf');
    return went_on(final);
  });
  await table.row('one is cut off and back, every 5 s', async () => {
    const final = await table.meanwhile(0, async () => {
      for (let i = 0; i < 4; i++) {
        network.part(others(count, 1), [1]);
        await table.load(others(count, 1), 5000);
        network.heal();
        await table.load(all, 5000);
      }
    });
    return went_on(final);
  });
  await table.row('killed under load, six times', async () => {
    for (let i = 0; i < 6; i++) {
      const victim = 1 + (i % (count - 1));
      await table.load(all, 1000);
      await members.kill(victim);
      await table.load(others(count, victim), 2000);
      await members.start(victim);
    }
  });
  await table.row('stopped for 30 s, and continued', async () => {
    const { child } = members.nodes[2];
    child.kill('SIGSTOP');
    const final = await table.meanwhile(0, () => table.load(others(count, 2), 30000));
    child.kill('SIGCONT');
    return went_on(final);
  });
}

// A member whose disk fails from its so many-th write or sync on votes no more; the others go on.
async function disks(table) {
  const { members, count, folder } = table;
  const rest = others(count, 3);
  const fails = async (name, env) => {
    await table.row(name, async () => {
      await members.stop(3);
      const node = await members.start(3, { env: await shim(folder, env) }).catch(() => null);
      const final = await table.meanwhile(0, () => table.load(rest, 8000));
      if (node !== null && !/ error (seat|votes): /.test(node.log)) throw new Error(`nothing failed:\n${node.log}`);
      if (node?.up) await node.kill();
      await members.start(3);
      return `${node === null ? 'did not start' : 'stood still'}, ${went_on(final)}`;
    });
  };
  for (const from of [1, 5, 25, 100]) await fails(`its disk is full from write ${from} on`, { SHIM_FAIL_WRITE: String(from) });
  for (const from of [1, 5, 25, 100]) await fails(`its disk fails from sync ${from} on`, { SHIM_FAIL_SYNC: String(from) });
}

async function told(count, majority, minority, more = async () => {}) {
  say(`\n${count} members, each on a box of its own:`);
  const table = new Table(count);
  await table.open();
  await networks(table, majority, minority);
  await more(table);
  await table.close();
}

if (!await moved_apart()) {
  const only = process.argv[2];
  await story('netns', async () => {
    if (only !== '7') await told(4, [0, 1, 2], [3], disks);
    if (only !== '4') await told(7, [0, 1, 2, 3, 4], [5, 6]);
  });
}
