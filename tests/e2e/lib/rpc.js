// JSON-RPC by hand: what clients never send, and what they hide.
import http from 'node:http';

let next_id = 1;

// One raw HTTP request. Returns { status, headers, text, json } (json: null if it is none).
// "unix:FILE" instead of a URL is a node's socket of that name.
export function request(url, { method = 'POST', headers = {}, body = '', path } = {}) {
  const socketPath = url.startsWith('unix:') ? url.slice('unix:'.length) : undefined;
  const target = new URL(socketPath ? 'http://localhost/' : url);
  return new Promise((resolve, reject) => {
    const wanted = { 'content-type': 'application/json', host: target.host, ...headers };
    for (const name of Object.keys(wanted)) if (wanted[name] === null) delete wanted[name];
    const call = http.request({
      ...(socketPath ? { socketPath } : { host: target.hostname, port: target.port }),
      path: path ?? target.pathname, method, headers: wanted, setHost: false, agent: false, timeout: 30000,
    }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        let json = null;
        try { json = JSON.parse(text); } catch { /* not JSON: the caller looks at text */ }
        resolve({ status: answer.statusCode, headers: answer.headers, text, json });
      });
      answer.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in 30 s')));
    call.on('error', reject);
    call.end(body);
  });
}

export function post(url, body, headers = {}) {
  return request(url, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
}

// The JSON-RPC answer object: { result } or { error }.
export async function call(url, method, params = [], headers = {}) {
  const answer = await post(url, { jsonrpc: '2.0', id: next_id++, method, params }, headers);
  if (answer.json === null) throw new Error(`${method}: HTTP ${answer.status}: ${answer.text}`);
  return answer.json;
}

// The result; throws the error's words.
export async function result(url, method, params = []) {
  const answer = await call(url, method, params);
  if (answer.error) {
    throw Object.assign(new Error(`${method}: ${answer.error.message}`), { rpc: answer.error });
  }
  return answer.result;
}

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Polls until a transaction is in a final block.
export async function receipt(url, hash, wait_ms = 20000) {
  const until = Date.now() + wait_ms;
  for (;;) {
    const found = await result(url, 'eth_getTransactionReceipt', [hash]);
    if (found) return found;
    if (Date.now() > until) throw new Error(`no receipt of ${hash} after ${wait_ms} ms`);
    await sleep(30);
  }
}
