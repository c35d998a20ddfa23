// A node that lies: stands before a real one and alters what it answers to the methods named.
// `lies` maps a method to a function of (result, params) that returns the altered result; an
// error thrown by it is answered as an error.
import { createServer } from 'node:http';

export async function startLiar(url) {
  const liar = { lies: {}, asked: [] };
  async function answer(one) {
    liar.asked.push(one.method);
    const truth = await (await fetch(liar.target + liar.path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(one),
    })).json();
    const lie = liar.lies[one.method];
    if (!lie) return truth;
    try {
      return { jsonrpc: '2.0', id: one.id, result: await lie(truth.result, one.params ?? []) };
    } catch (error) {
      return { jsonrpc: '2.0', id: one.id, error: { code: error.code ?? -32000, message: error.message } };
    }
  }
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    liar.path = request.url;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await answer(JSON.parse(body))));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  liar.target = url;
  liar.url = `http://127.0.0.1:${server.address().port}`;
  liar.stop = () => { server.close(); server.closeAllConnections(); };
  return liar;
}

// The same text with one digit of its middle changed.
export function bend(hex, at = Math.floor(hex.length / 2)) {
  return hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1);
}
