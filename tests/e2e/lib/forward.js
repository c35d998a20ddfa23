// node forward.js HOST PORT HOST PORT: whoever connects to the first is connected to the second, as
// `ssh -L` would. Says `ready` once it listens.
import net from 'node:net';

const [host, port, far_host, far_port] = process.argv.slice(2);
net.createServer((near) => {
  const far = net.connect(Number(far_port), far_host);
  const end = () => { near.destroy(); far.destroy(); };
  near.on('error', end).on('close', end).pipe(far);
  far.on('error', end).on('close', end).pipe(near);
}).listen(Number(port), host, () => console.log('ready'));
