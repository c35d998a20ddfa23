// One WebSocket connection: answers by id, and all that subscriptions told, in order.
import { WebSocket } from 'ws';

// { socket, told: [{ subscription, result }], closed: null or { code, reason }, ask, result, pause,
// resume }. Rejects with `HTTP status` when the handshake is refused.
export async function openSocket(url, options = {}) {
  const socket = new WebSocket(url, options);
  const client = { socket, told: [], closed: null };
  const waiting = new Map();
  let id = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.method === 'eth_subscription') client.told.push(message.params);
    else waiting.get(message.id)?.(message);
  });
  socket.on('close', (code, reason) => { client.closed = { code, reason: reason.toString() }; });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
    socket.on('unexpected-response', (_, answer) => reject(new Error(`HTTP ${answer.statusCode}`)));
  });
  client.ask = (method, params = []) => new Promise((resolve) => {
    id += 1;
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  });
  client.result = async (method, params) => {
    const answer = await client.ask(method, params);
    if (answer.error) throw new Error(answer.error.message);
    return answer.result;
  };
  client.pause = () => socket.pause();
  client.resume = () => socket.resume();
  return client;
}
