/* rpc.discover: the OpenRPC document, written from the table that dispatches the calls. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/pages/embedded.h"
#include <assert.h>
#include <stdlib.h>

static void write_params(struct buffer *out, const struct method *method)
{
    write_key_raw(out, "params", "[");
    for (size_t index = 0; index < method->params_count; index++) {
        const struct method_param *param = &method->params[index];
        write_separator(out);
        write_raw(out, "{");
        write_key_text(out, "name", param->name);
        write_key_bool(out, "required", param->is_required);
        write_key_raw(out, "schema", param_kind_schema(param->kind));
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

/* An example names its parameters; the table holds them as a list. */
static void write_example(struct buffer *out, const struct method *method)
{
    json_t *values = json_loads(method->example_params, 0, NULL);
    assert(json_is_array(values)); /* the table's text, checked by tests */
    write_key_raw(out, "examples", "[{");
    write_key_text(out, "name", method->name);
    write_key_raw(out, "params", "[");
    for (size_t index = 0; index < json_array_size(values); index++) {
        char *text = json_dumps(json_array_get(values, index), JSON_ENCODE_ANY | JSON_COMPACT);
        write_separator(out);
        write_raw(out, "{");
        write_key_text(out, "name", method->params[index].name);
        write_key_raw(out, "value", text);
        write_raw(out, "}");
        free(text);
    }
    write_raw(out, "]");
    write_key_raw(out, "result", "{");
    write_key_text(out, "name", method->result_name);
    write_key_raw(out, "value", method->example_result);
    write_raw(out, "}}]");
    json_decref(values);
}

static void write_method(struct buffer *out, const struct method *method)
{
    write_separator(out);
    write_raw(out, "{");
    write_key_text(out, "name", method->name);
    write_key_text(out, "summary", method->summary);
    write_key_raw(out, "paramStructure", "\"by-position\"");
    write_params(out, method);
    write_key_raw(out, "result", "{");
    write_key_text(out, "name", method->result_name);
    write_key_raw(out, "schema", method->result_schema);
    write_raw(out, "}");
    write_example(out, method);
    if (method->visibility == METHOD_TOKEN)
        write_key_bool(out, "x-needs-token", true);
    write_raw(out, "}");
}

enum call_outcome method_rpc_discover(struct call *call)
{
    struct buffer *out = call->out;
    write_raw(out, "{");
    write_key_text(out, "openrpc", "1.3.2");
    write_key_raw(out, "info",
                  "{\"title\":\"Leither JSON-RPC\",\"version\":\"" LEITHER_VERSION "\"}");
    write_key_raw(out, "methods", "[");
    for (size_t index = 0; index < METHODS_COUNT; index++)
        write_method(out, &METHODS[index]);
    write_raw(out, "]");
    write_key_raw(out, "components", "{");
    write_key_raw(out, "schemas", (const char *)embedded_schemas_json);
    write_raw(out, "}}");
    return CALL_ANSWERED;
}
