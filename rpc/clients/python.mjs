// The client for Python 3.11 and later: one file of the standard library only.

const keywords = new Set(['from', 'in', 'is', 'not', 'or', 'and', 'if', 'else', 'for', 'while', 'class', 'def', 'pass',
  'import', 'as', 'with', 'global', 'lambda', 'return', 'yield', 'None', 'True', 'False', 'type', 'hash', 'filter']);
const safe = (name) => (keywords.has(name) ? `${name}_` : name);

// `quote` for names that may be defined further down.
function typeText(type, quote) {
  const inner = (one) => typeText(one, quote);
  switch (type.kind) {
    case 'name': return quote ? `"${type.name}"` : type.name;
    case 'text': return type.values ? `Literal[${type.values.map((value) => `"${value}"`).join(', ')}]` : 'str';
    case 'integer': return 'int';
    case 'number': return 'float';
    case 'boolean': return 'bool';
    case 'null': return 'None';
    case 'list': return `List[${inner(type.of)}]`;
    case 'map': return `Dict[str, ${inner(type.of)}]`;
    case 'choice': return type.of.some((one) => one.kind === 'null') && type.of.length === 2
      ? `Optional[${inner(type.of.find((one) => one.kind !== 'null'))}]` : `Union[${type.of.map(inner).join(', ')}]`;
    default: return 'Any';
  }
}

function typeLines({ name, about, type }) {
  const head = about ? [`# ${about}.`] : [];
  if (type.kind !== 'object') return [...head, `${name} = ${typeText(type, true)}`];
  return [...head, `${name} = TypedDict(`, `    "${name}",`, '    {',
    ...type.fields.map((field) => {
      const text = typeText(field.type, true);
      return `        "${field.name}": ${field.isRequired ? text : `NotRequired[${text}]`},`;
    }), '    },', ')'];
}

function methodLines({ name, about, params, result, needsToken }) {
  const list = params.map((param) => (param.isRequired ? `${safe(param.name)}: ${typeText(param.type)}`
    : `${safe(param.name)}: Optional[${typeText(param.type)}] = None`));
  return ['', `    def ${name.replaceAll('.', '_')}(${['self', ...list].join(', ')}) -> ${typeText(result)}:`,
    `        """${about}${needsToken ? ' Needs the operator\'s token.' : ''}"""`,
    `        return self.call("${name}", [${params.map((param) => safe(param.name)).join(', ')}])`];
}

export function pythonClient({ types, methods }) {
  return [
    '# Made from rpc.discover by rpc/clients/generate.mjs: do not edit.',
    '"""Leither\'s JSON-RPC for Python: one function a method, named as the method is."""',
    'from __future__ import annotations', '',
    'import json', 'import urllib.error', 'import urllib.request',
    'from typing import Any, Dict, List, Literal, NotRequired, Optional, TypedDict, Union', '',
    ...types.flatMap(typeLines),
    `

class RpcError(Exception):
    """The node refused: \`code\` as in docs/rpc.md, \`data\` of a revert its bytes."""

    def __init__(self, code: int, message: str, data: Any = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Client:
    """\`url\`: a ledger's, such as http://127.0.0.1:8545/o/acme; \`token\`: the operator's."""

    def __init__(self, url: str, token: Optional[str] = None, timeout_s: float = 60):
        self.url = url
        self.token = token
        self.timeout_s = timeout_s
        self._id = 0

    def call(self, method: str, params: List[Any]) -> Any:
        """Any method; raises RpcError if the node refuses, OSError if it does not answer."""
        params = list(params)
        while params and params[-1] is None:
            params.pop()
        self._id += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        request = urllib.request.Request(self.url, body.encode(), {"content-type": "application/json"})
        if self.token is not None:
            request.add_header("authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:
            said = json.load(answer)
        error = said.get("error")
        if error is not None:
            raise RpcError(error["code"], error["message"], error.get("data"))
        return said.get("result")`,
    ...methods.flatMap(methodLines), ''].join('\n');
}
