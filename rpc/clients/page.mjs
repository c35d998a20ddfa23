// docs/methods.md: what rpc.discover says, for people.
import { typeText } from './typescript.mjs';

const cell = (text) => text.replaceAll('|', '\\|');
const long = 600; // characters of an example's result that help

function typeLine({ name, type }) {
  const text = type.kind === 'object'
    ? type.fields.map((field) => `${field.name}${field.isRequired ? '' : '?'}: ${typeText(field.type)}`).join(', ')
    : typeText(type);
  return `| <a id="${name}"></a>${name} | ${type.kind === 'object' ? '{ ' : ''}\`${cell(text).replaceAll('`', '')}\`${type.kind === 'object' ? ' }' : ''} |`;
}

function methodLines({ name, about, params, result, needsToken, example }) {
  const shown = JSON.stringify(example.result);
  return [`### ${name}`, '', `${about}${needsToken ? ' Needs the operator\'s token.' : ''}`, '',
    ...params.map((param) => `- \`${param.name}\`${param.isRequired ? '' : ' (may be left out)'}: \`${typeText(param.type).replaceAll('`', '')}\``),
    `- returns \`${typeText(result).replaceAll('`', '')}\``, '',
    '```json', JSON.stringify({ method: name, params: example.params }),
    ...(shown.length <= long ? [shown] : []), '```', ''];
}

export function methodsPage({ types, methods }) {
  return ['# JSON-RPC, method by method', '',
    '<!-- Made from rpc.discover by rpc/clients/generate.mjs: do not edit. -->',
    'What a node says of itself when asked `rpc.discover`. Rules, limits and errors are in [rpc.md](rpc.md); clients for TypeScript, Python and Go with a function a method are in [rpc/clients/](../rpc/clients/README.md).', '',
    '## Methods', '', ...methods.flatMap(methodLines),
    '## Types', '', '| name | what it is |', '| --- | --- |', ...types.map(typeLine), ''].join('\n');
}
