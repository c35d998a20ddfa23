// Prometheus's text format, read strictly: a line that is neither comment nor sample is an error.
import { request } from './rpc.js';

const sample = /^([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|\+Inf|NaN)$/;

// Returns a Map from the family's name to { help, type, samples: [{ name, labels, value }] }.
export function parse(text) {
  const families = new Map();
  let family;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const head = line.match(/^# (HELP|TYPE) ([a-z_]+) (.+)$/);
    if (head?.[1] === 'HELP') {
      family = { help: head[3], samples: [] };
      families.set(head[2], family);
    } else if (head) {
      families.get(head[2]).type = head[3];
    } else {
      const [, name, inside, value] = line.match(sample) ?? (() => { throw new Error(`no sample: ${line}`); })();
      const labels = Object.fromEntries([...(inside ?? '').matchAll(/([a-z_]+)="([^"]*)"(?:,|$)/g)].map((one) => [one[1], one[2]]));
      family.samples.push({ name, labels, value: Number(value) });
    }
  }
  return families;
}

export async function scrape(url) {
  const answer = await request(url, { method: 'GET', path: '/metrics', headers: { 'content-type': null } });
  if (answer.status !== 200) throw new Error(`/metrics: HTTP ${answer.status}: ${answer.text}`);
  return parse(answer.text);
}

// The sum of all samples of that name with these labels among theirs; 0 if there is none.
export function total(families, name, labels = {}) {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
  if (!family) throw new Error(`no metric ${name}`);
  return family.samples
    .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((sum, one) => sum + one.value, 0);
}
