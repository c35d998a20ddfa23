#include "ledger/levm/workload.h"

#include <inttypes.h>

#include "ledger/levm/alloc.h"
#include "ledger/levm/command.h"
#include "ledger/levm/json.h"

static bool read_name(const json_t *fields, const char *member, char out[WORKLOAD_NAME_MAX + 1],
                      struct error *error)
{
    const json_t *value = json_object_get(fields, member);
    size_t size = json_is_string(value) ? json_string_length(value) : 0;
    if (size == 0 || size > WORKLOAD_NAME_MAX)
        return error_set(error, ERROR_INVALID, "'%s' is not a text of 1 to %d bytes", member,
                         WORKLOAD_NAME_MAX);
    memcpy(out, json_string_value(value), size + 1);
    return true;
}

static bool read_status(const json_t *fields, enum vm_status *status, struct error *error)
{
    const json_t *value = json_object_get(fields, "status");
    *status = VM_SUCCESS;
    if (value == NULL)
        return true;
    for (int i = 0; json_is_string(value) && i < VM_STATUS_COUNT; i++) {
        if (strcmp(json_string_value(value), vm_status_name((enum vm_status)i)) == 0) {
            *status = (enum vm_status)i;
            return true;
        }
    }
    return error_set(error, ERROR_INVALID, "'status' is not the name of an end, such as '%s'",
                     vm_status_name(VM_REVERT));
}

static bool read_bytes(struct workload *workload, const json_t *fields, const char *member,
                       bool is_needed, struct bytes *out, struct error *error)
{
    const json_t *value = json_object_get(fields, member);
    *out = bytes_of(NULL, 0);
    if (value == NULL)
        return !is_needed || error_set(error, ERROR_INVALID, "'%s' is missing", member);
    return value_bytes(value, member, &workload->arena, out, error);
}

static bool has(const json_t *fields, const char *member)
{
    return json_object_get(fields, member) != NULL;
}

/* What is given to the machine. */
static bool read_call(struct workload *workload, const json_t *fields, struct error *error)
{
    struct call *call = &workload->call;
    struct bytes code;
    json_t *prestate;
    if (has(fields, "fork")) {
        const char *name = json_string_value(json_object_get(fields, "fork"));
        if (!command_fork(&call->environment.fork, name == NULL ? "" : name, error))
            return false;
    }
    if (has(fields, "prestate")
        && (!input_object(fields, "prestate", &prestate, error)
            || !alloc_read(prestate, call->pre, error)))
        return false;
    return (!has(fields, "sender") || input_address(fields, "sender", &call->sender, error))
           && (!has(fields, "receiver")
               || input_address(fields, "receiver", &call->receiver, error))
           && (!has(fields, "value") || input_u256(fields, "value", &call->value, error))
           && (!has(fields, "gas") || input_u64(fields, "gas", &call->gas, error))
           && read_bytes(workload, fields, "code", true, &code, error)
           && read_bytes(workload, fields, "input", false, &call->input, error)
           && call_set_code(call, &call->receiver, code, error);
}

static bool read_expected(struct workload *workload, const json_t *fields, struct error *error)
{
    workload->has_gas_used = has(fields, "gasUsed");
    return read_bytes(workload, fields, "output", true, &workload->output, error)
           && (!workload->has_gas_used || input_u64(fields, "gasUsed", &workload->gas_used, error))
           && read_status(fields, &workload->status, error);
}

bool workload_read(struct workload *workload, const char *path, struct error *error)
{
    *workload = (struct workload){0};
    call_init(&workload->call);
    json_t *document = input_read(path, error);
    if (document == NULL)
        return false;
    bool ok = json_is_object(document) ? read_name(document, "name", workload->name, error)
                                             && read_name(document, "group", workload->group, error)
                                             && read_call(workload, document, error)
                                             && read_expected(workload, document, error)
                                       : error_set(error, ERROR_INVALID, "not an object");
    json_decref(document);
    return ok || error_prefix(error, "%s", path);
}

void workload_cleanup(struct workload *workload)
{
    call_cleanup(&workload->call);
    arena_cleanup(&workload->arena);
}

bool workload_check(const struct workload *workload, const struct call_outcome *outcome,
                    struct error *error)
{
    if (outcome->status != workload->status)
        return error_set(error, ERROR_CORRUPT, "%s: ended with '%s', expected '%s'", workload->name,
                         vm_status_name(outcome->status), vm_status_name(workload->status));
    if (!bytes_equal(outcome->output, workload->output))
        return error_set(error, ERROR_CORRUPT,
                         "%s: %zu bytes of output differ from the %zu expected", workload->name,
                         outcome->output.size, workload->output.size);
    if (workload->has_gas_used && outcome->gas_used != workload->gas_used)
        return error_set(error, ERROR_CORRUPT, "%s: used %" PRIu64 " gas, expected %" PRIu64,
                         workload->name, outcome->gas_used, workload->gas_used);
    return true;
}
