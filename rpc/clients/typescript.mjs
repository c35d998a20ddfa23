// The client for TypeScript and JavaScript: one file without dependencies, of types that can be
// stripped, so that node runs it as it is.

export function typeText(type) {
  switch (type.kind) {
    case 'name': return type.name;
    case 'text': return type.values?.map((value) => `'${value}'`).join(' | ') ?? (type.isHex ? '`0x${string}`' : 'string');
    case 'integer': case 'number': return 'number';
    case 'boolean': case 'null': return type.kind;
    case 'list': return /[|`]/.test(typeText(type.of)) ? `(${typeText(type.of)})[]` : `${typeText(type.of)}[]`;
    case 'map': return `Record<string, ${typeText(type.of)}>`;
    case 'choice': return type.of.map(typeText).join(' | ');
    default: return 'unknown';
  }
}

const member = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);

function typeLines({ name, about, type }) {
  const head = about ? [`/** ${about}. */`] : [];
  if (type.kind !== 'object') return [...head, `export type ${name} = ${typeText(type)};`, ''];
  return [...head, `export interface ${name} {`,
    ...type.fields.map((field) => `  ${member(field.name)}${field.isRequired ? '' : '?'}: ${typeText(field.type)};`),
    '}', ''];
}

const functionName = (name) => name.replaceAll('.', '_');

function methodLines({ name, about, params, result, needsToken }) {
  const list = params.map((param) => `${param.name}${param.isRequired ? '' : '?'}: ${typeText(param.type)}`);
  return [`  /** ${about}${needsToken ? ' Needs the operator\'s token.' : ''} */`,
    `  ${functionName(name)}(${list.join(', ')}): Promise<${typeText(result)}> {`,
    `    return this.call('${name}', [${params.map((param) => param.name).join(', ')}]);`, '  }', ''];
}

export function typescriptClient({ types, methods }) {
  return [
    '// Made from rpc.discover by rpc/clients/generate.mjs: do not edit.',
    '// Leither\'s JSON-RPC for TypeScript: one function a method, named as the method is.', '',
    ...types.flatMap(typeLines),
    `/** The node refused: \`code\` as in docs/rpc.md, \`data\` of a revert its bytes. */
export class RpcError extends Error {
  code: number;
  data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

export class Client {
  url: string;
  token: string | undefined;
  #id = 0;

  /** \`url\`: a ledger's, such as http://127.0.0.1:8545/o/acme; \`token\`: the operator's. */
  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  /** Any method; throws RpcError if the node refuses, Error if it does not answer. */
  async call<Result>(method: string, params: unknown[]): Promise<Result> {
    let count = params.length;
    while (count > 0 && params[count - 1] === undefined) count--;
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.token !== undefined) headers.authorization = \`Bearer \${this.token}\`;
    const body = JSON.stringify({
      jsonrpc: '2.0', id: ++this.#id, method, params: params.slice(0, count).map((one) => one ?? null) });
    const answer = await fetch(this.url, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(\`\${method}: HTTP \${answer.status}: \${text}\`);
    const { result, error } = JSON.parse(text);
    if (error) throw new RpcError(error.code, error.message, error.data);
    return result;
  }
`,
    ...methods.flatMap(methodLines).slice(0, -1), '}', ''].join('\n');
}
