// A home router with PCP at the far end of a cable: waits for its interface `there`, gives it the
// address 10.99.0.1, says `ready`, grants what is asked,
// and says what that was.
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'ignore'] });

function bring_up() {
  try {
    ip('addr', 'add', '10.99.0.1/24', 'dev', 'there');
    ip('link', 'set', 'there', 'up');
  } catch {
    setTimeout(bring_up, 100);
    return;
  }
  serve();
}

function serve() {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (asked, from) => {
    if (asked.length !== 60) return;
    process.stdout.write(`asked ${asked.readUInt16BE(40)} for ${asked.readUInt32BE(4)} s\n`);
    const reply = Buffer.from(asked);
    reply[1] |= 0x80;
    reply.fill(0, 8, 24);
    reply.set([198, 51, 100, 7], 56);
    socket.send(reply, from.port, from.address);
  });
  socket.bind(5351, '10.99.0.1', () => process.stdout.write('ready\n'));
}
bring_up();
