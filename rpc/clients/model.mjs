// What an OpenRPC document says, in the terms that programming languages have.
//
// A type is one of
//   { kind: 'name', name }        one of the document's named types
//   { kind: 'text', values, isHex }   any text, or one of `values`
//   { kind: 'number' | 'integer' | 'boolean' | 'null' | 'any' }
//   { kind: 'list', of }          { kind: 'map', of }, by text
//   { kind: 'choice', of: [...] } at least two types
//   { kind: 'object', fields: [{ name, type, isRequired, about }] }   only as what a name stands for
// A choice of which one is null stands for what may be absent.

export const pascal = (text) => text.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');

const any = { kind: 'any' };

class Reader {
  constructor(schemas) {
    this.schemas = schemas;
    this.types = new Map(); // by name
  }

  resolve(schema) {
    for (; schema.$ref; schema = this.schemas[schema.$ref.split('/').pop()]);
    return schema;
  }

  // The members of an object, also where it is several at once or one of several; undefined for
  // what is no object or may have any members.
  members(schema) {
    const { properties = {}, required = [], allOf = [], oneOf, anyOf, type, additionalProperties } = this.resolve(schema);
    const variants = oneOf ?? anyOf;
    if (type !== undefined && type !== 'object') return undefined;
    if (typeof additionalProperties === 'object') return undefined;
    const found = new Map(Object.entries(properties).map(([name, of]) => [name, { schema: of, isRequired: false }]));
    const parts = allOf.map((part) => this.members(part));
    if (variants) {
      const each = variants.map((variant) => this.members(variant));
      if (each.includes(undefined)) return undefined;
      const merged = new Map();
      for (const variant of each) {
        for (const [name, { schema: of }] of variant) {
          merged.set(name, merged.get(name) ?? {
            schema: of, isRequired: each.every((other) => other.get(name)?.isRequired) });
        }
      }
      parts.push(merged);
    }
    if (parts.includes(undefined)) return undefined;
    for (const part of parts) {
      for (const [name, { schema: of, isRequired }] of part) {
        const before = found.get(name);
        found.set(name, { schema: before?.schema ?? of, isRequired: isRequired || Boolean(before?.isRequired) });
      }
    }
    for (const name of required) if (found.has(name)) found.get(name).isRequired = true;
    return found;
  }

  // `name` is what an object would be called that has none.
  type(schema, name) {
    if (schema.$ref) return this.named(schema.$ref.split('/').pop());
    if (schema.enum) return { kind: 'text', values: schema.enum };
    const members = this.members(schema);
    if (members?.size > 0) return this.define(name, () => this.object(members, name));
    const variants = schema.oneOf ?? schema.anyOf;
    if (variants) return this.choice(variants, name);
    switch (schema.type) {
      case 'string': return { kind: 'text', isHex: /^\^0x/.test(schema.pattern ?? '') };
      case 'array': return { kind: 'list', of: this.type(schema.items ?? {}, `${name}Item`) };
      case 'object': return { kind: 'map', of: this.type(schema.additionalProperties || {}, `${name}Value`) };
      case 'number': case 'integer': case 'boolean': case 'null': return { kind: schema.type };
      default: return any;
    }
  }

  choice(variants, name) {
    const types = variants.map((variant, index) => this.type(variant, variant.title ? name + pascal(variant.title) : `${name}${index + 1}`));
    const seen = new Map(types.map((type) => [JSON.stringify(type), type]));
    return seen.size === 1 ? types[0] : { kind: 'choice', of: [...seen.values()] };
  }

  object(members, name) {
    return {
      kind: 'object',
      fields: [...members].map(([field, { schema, isRequired }]) => ({
        name: field, type: this.type(schema, name + pascal(field)), isRequired, about: schema.title }))
    };
  }

  named(key) {
    const schema = this.schemas[key];
    const name = pascal(key);
    return this.define(name, () => {
      const members = this.members(schema);
      return members?.size > 0 ? this.object(members, name) : this.type(schema, name);
    }, schema.title);
  }

  define(name, make, about) {
    if (!this.types.has(name)) {
      this.types.set(name, undefined); // an object may hold others of its kind
      this.types.set(name, { name, about, type: make() });
    }
    return { kind: 'name', name };
  }
}

// Returns { types: [{ name, about, type }], methods: [{ name, about, params: [{ name, type,
// isRequired }], result, needsToken, example }] }, both in the order of their names.
export function modelOf(document) {
  const reader = new Reader(document.components.schemas);
  const methods = document.methods.map((method) => ({
    name: method.name,
    about: method.summary,
    params: method.params.map(({ name, required, schema }) => ({
      name, isRequired: Boolean(required), type: reader.type(schema, pascal(`${method.name} ${name}`)) })),
    result: reader.type(method.result.schema, pascal(`${method.name} result`)),
    needsToken: Boolean(method['x-needs-token']),
    example: {
      params: method.examples[0].params.map((one) => one.value), result: method.examples[0].result.value },
  }));
  const types = [...reader.types.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { types, methods };
}
