// The client for Go 1.19 and later: one file of the standard library only.
import { pascal } from './model.mjs';

const words = new Set(['type', 'func', 'map', 'range', 'var', 'chan', 'go', 'select', 'interface', 'package', 'default',
  'import', 'return', 'switch', 'case', 'const', 'struct', 'ctx']);
const safe = (name) => (words.has(name) ? `${name}_` : name);

// Go has no choice of types: texts stay texts, anything else is left to the caller.
class Types {
  constructor(types) {
    this.byName = new Map(types.map((one) => [one.name, one.type]));
  }

  bare(type) {
    return type.kind === 'name' ? this.bare(this.byName.get(type.name)) : type;
  }

  isNullable(type) {
    const bare = this.bare(type);
    return bare.kind === 'null' || (bare.kind === 'choice' && bare.of.some((one) => this.isNullable(one)));
  }

  text(type) {
    if (type.kind !== 'choice') return this.simple(type);
    const some = type.of.filter((one) => one.kind !== 'null');
    if (some.length === 1) return this.pointer(this.text(some[0]), some[0]);
    if (some.every((one) => this.isText(one))) return some.length < type.of.length ? '*string' : 'string';
    return 'any';
  }

  isText(type) {
    const bare = this.bare(type);
    return bare.kind === 'text' || (bare.kind === 'choice' && bare.of.every((one) => this.isText(one)));
  }

  // What may be absent: a list, a map and `any` can be without a pointer.
  pointer(text, type) {
    const bare = this.bare(type);
    const canBeAbsent = bare.kind !== 'object' && /^([*]|any$|\[\]|map\[)/.test(this.text(bare));
    return canBeAbsent || text.startsWith('*') ? text : `*${text}`;
  }

  simple(type) {
    switch (type.kind) {
      case 'name': return type.name;
      case 'text': return 'string';
      case 'integer': return 'int64';
      case 'number': return 'float64';
      case 'boolean': return 'bool';
      case 'list': return `[]${this.text(type.of)}`;
      case 'map': return `map[string]${this.text(type.of)}`;
      default: return 'any';
    }
  }

  optional(type) {
    return this.pointer(this.text(type), type);
  }
}

// Columns as gofmt has them.
function fieldLines(types, fields) {
  const rows = fields.map(({ name, type, isRequired }) => [pascal(name),
    isRequired ? types.text(type) : types.optional(type), `\`json:"${name}${isRequired ? '' : ',omitempty'}"\``]);
  const width = (column) => Math.max(...rows.map((row) => row[column].length));
  return rows.map(([name, type, tag]) => `\t${name.padEnd(width(0))} ${type.padEnd(width(1))} ${tag}`);
}

function typeLines(types, { name, about, type }) {
  const head = about ? [`// ${name}: ${about}.`] : [];
  if (type.kind !== 'object') return [...head, `type ${name} = ${types.text(type)}`, ''];
  return [...head, `type ${name} struct {`, ...fieldLines(types, type.fields), '}', ''];
}

export const goName = pascal;

function methodLines(types, { name, about, params, result, needsToken }) {
  const list = params.map((param) => `${safe(param.name)} ${param.isRequired ? types.text(param.type) : types.optional(param.type)}`);
  return [`// ${goName(name)}: ${about}${needsToken ? ' Needs the operator\'s token.' : ''}`,
    `func (c *Client) ${goName(name)}(${['ctx context.Context', ...list].join(', ')}) (result ${types.text(result)}, err error) {`,
    `\terr = c.Call(ctx, "${name}", []any{${params.map((param) => safe(param.name)).join(', ')}}, &result)`,
    '\treturn', '}', ''];
}

export function goClient({ types: all, methods }) {
  const types = new Types(all);
  return [
    '// Code generated from rpc.discover by rpc/clients/generate.mjs. DO NOT EDIT.', '',
    '// Package leither is Leither\'s JSON-RPC for Go: one function a method.', 'package leither', '',
    'import (', '\t"bytes"', '\t"context"', '\t"encoding/json"', '\t"fmt"', '\t"io"', '\t"net/http"', '\t"reflect"',
    '\t"sync/atomic"', ')', '',
    ...all.flatMap((one) => typeLines(types, one)),
    `// RPCError: the node refused. Code as in docs/rpc.md, Data of a revert its bytes.
type RPCError struct {
	Code    int             \`json:"code"\`
	Message string          \`json:"message"\`
	Data    json.RawMessage \`json:"data,omitempty"\`
}

func (e *RPCError) Error() string { return e.Message }

// Client: URL is a ledger's, such as http://127.0.0.1:8545/o/acme; Token the operator's, if needed.
type Client struct {
	URL   string
	Token string
	HTTP  http.Client
	id    atomic.Uint64
}

// Of gives the address of a value, for what may be left out.
func Of[T any](value T) *T { return &value }

func isAbsent(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return false
}

// Call calls any method; the error is a *RPCError if the node refuses.
func (c *Client) Call(ctx context.Context, method string, params []any, result any) error {
	for len(params) > 0 && isAbsent(params[len(params)-1]) {
		params = params[:len(params)-1]
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": c.id.Add(1), "method": method, "params": params})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	answer, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: HTTP %d: %s", method, answer.StatusCode, text)
	}
	said := struct {
		Result json.RawMessage \`json:"result"\`
		Error  *RPCError       \`json:"error"\`
	}{}
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	if said.Error != nil {
		return said.Error
	}
	return json.Unmarshal(said.Result, result)
}
`,
    ...methods.flatMap((one) => methodLines(types, one)).slice(0, -1), ''].join('\n');
}
