// Networks for stories: boxes in network namespaces of their own, and between them wires that
// delay, lose and limit what goes through, or are cut. Everything ends with the story.
//
//   box 1 ── switch ── wire ──┐
//   box 2 ── switch ── wire ──┼── hub          delay, loss, rate: the wire (wirefilter of VDE)
//   box 3 ── switch ── wire ──┘                cuts, one way or both: the box (nftables)
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const as_root = (...words) => execFileSync(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] }).toString();

// Starts this program again where it may make networks and whatever it leaves ends with it.
// Returns false there; true in the outer one, when the inner one is done or there is none.
export async function moved_apart() {
  if (process.env.LEITHER_APART) {
    as_root('ip', 'link', 'set', 'lo', 'up');
    return false;
  }
  const who = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];
  if (spawnSync('unshare', [...who, '--net', '--mount', '--pid', '--fork', 'true']).status !== 0) {
    console.log('this machine lets nobody make network namespaces here: 0 run, absent');
    console.log('0 passed, 0 failed, 1 skipped');
    return true;
  }
  const child = spawn('unshare', [...who, '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc',
    process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, LEITHER_APART: '1' } });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  process.exitCode = code ?? 1;
  return true;
}

// What one wire is asked while it works; the answer ends with a line that begins with 10.
function tell_wire(socket, command) {
  return new Promise((resolve, reject) => {
    const line = net.connect(socket);
    let heard = '';
    let asked = false;
    line.setTimeout(5000, () => line.destroy(new Error(`wire: no answer to ${command}`)));
    line.on('error', reject);
    line.on('data', (text) => {
      heard += text;
      if (!asked && heard.includes('$ ')) {
        asked = true;
        heard = '';
        line.write(`${command}\n`);
      } else if (asked && /^1\d\d\d /m.test(heard)) {
        line.end();
        if (/^1000 /m.test(heard)) resolve();
        else reject(new Error(`wire: ${command}: ${heard.trim()}`));
      }
    });
  });
}

export class Network {
  // Boxes 0 to count - 1 at 10.9.0.1 and up; the folder holds what they are switched by.
  constructor(folder, count) {
    this.folder = folder;
    this.count = count;
    this.children = [];
    mkdirSync(folder, { recursive: true });
    as_root('mount', '-t', 'tmpfs', 'none', '/run'); // of this story only
    mkdirSync('/run/netns');
  }

  address(box) { return `10.9.0.${box + 1}`; }

  // The words that run a program in a box.
  static inside(box) { return ['nsenter', `--net=/run/netns/box${box}`]; }

  // It would end with its input.
  spawn_quietly(words) {
    this.children.push(spawn(words[0], words.slice(1), { stdio: ['pipe', 'ignore', 'ignore'] }));
  }

  socket(name) { return path.join(this.folder, name); }

  async up() {
    this.spawn_quietly(['vde_switch', '-s', this.socket('hub'), '-x']);
    for (let box = 0; box < this.count; box++) {
      const inside = Network.inside(box);
      as_root('ip', 'netns', 'add', `box${box}`);
      as_root(...inside, 'ip', 'link', 'set', 'lo', 'up');
      as_root(...inside, 'ip', 'tuntap', 'add', 'dev', 'eth0', 'mode', 'tap');
      as_root(...inside, 'ip', 'addr', 'add', `${this.address(box)}/24`, 'dev', 'eth0');
      as_root(...inside, 'ip', 'link', 'set', 'eth0', 'up');
      as_root(...inside, 'nft', 'add table ip cuts; add chain ip cuts in { type filter hook input priority 0; }; '
        + 'add set ip cuts from { type ipv4_addr; }; add rule ip cuts in ip saddr @from drop');
      this.spawn_quietly([...inside, 'vde_switch', '-s', this.socket(`box${box}`), '-t', 'eth0']);
    }
    await pause(500);
    for (let box = 0; box < this.count; box++) {
      this.spawn_quietly(['wirefilter', '-v', `${this.socket(`box${box}`)}:${this.socket('hub')}`, '-M',
        this.socket(`wire${box}`)]);
    }
    await pause(500);
  }

  // Of one box's wire, both ways: { delay_ms, loss_percent, bytes_per_s }; what is not named is none.
  async set_wire(box, { delay_ms = 0, loss_percent = 0, bytes_per_s = 0 } = {}) {
    const wire = this.socket(`wire${box}`);
    await tell_wire(wire, `delay ${delay_ms}`);
    await tell_wire(wire, `loss ${loss_percent}`);
    await tell_wire(wire, `bandwidth ${bytes_per_s}`);
  }

  async set_wires(settings) {
    for (let box = 0; box < this.count; box++) await this.set_wire(box, settings);
  }

  // From now on `to` hears nothing of `from`.
  cut(from, to) {
    as_root(...Network.inside(to), 'nft', `add element ip cuts from { ${this.address(from)} }`);
  }

  // Boxes of different groups hear nothing of each other.
  part(...groups) {
    for (const group of groups) {
      for (const other of groups.filter((one) => one !== group)) {
        for (const from of group) for (const to of other) this.cut(from, to);
      }
    }
  }

  heal() {
    for (let box = 0; box < this.count; box++) as_root(...Network.inside(box), 'nft', 'flush set ip cuts from');
  }

  // Bytes that went out of a box so far.
  sent(box) {
    const [link] = JSON.parse(as_root(...Network.inside(box), 'ip', '-s', '-j', 'link', 'show', 'eth0'));
    return link.stats64.tx.bytes;
  }

  down() { this.children.forEach((child) => child.kill()); }
}
