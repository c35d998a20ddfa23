#include "ledger/levm/genesis_file.h"

#include "ledger/levm/alloc.h"
#include "ledger/levm/json.h"

static bool has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

/* The newest fork whose time is not after the block's; with no times at all, the newest known.
 * A chain older than Cancun is none of ours. */
static bool read_fork(const json_t *config, struct vm_environment *environment, struct error *error)
{
    static const char *const times[VM_FORK_COUNT] = {"cancunTime", "pragueTime", "osakaTime"};
    bool has_times = has(config, "shanghaiTime"), is_reached = false;
    for (int fork = 0; fork < VM_FORK_COUNT; fork++) {
        uint64_t time;
        if (!has(config, times[fork]))
            continue;
        has_times = true;
        if (!input_u64(config, times[fork], &time, error))
            return false;
        if (time <= environment->timestamp) {
            environment->fork = (enum vm_fork)fork;
            is_reached = true;
        }
    }
    return is_reached || !has_times
           || error_set(
               error, ERROR_UNSUPPORTED,
               "'config' names a fork before Cancun; expected a 'cancunTime' that is over");
}

static bool read_config(const json_t *document, struct vm_environment *environment,
                        struct error *error)
{
    json_t *config;
    if (!has(document, "config"))
        return true;
    return input_object(document, "config", &config, error)
           && (!has(config, "chainId")
               || input_u64(config, "chainId", &environment->chain_id, error))
           && read_fork(config, environment, error);
}

static bool read_fields(const json_t *document, struct call *call, struct error *error)
{
    struct vm_environment *environment = &call->environment;
    uint64_t gas_limit = 0;
    if ((has(document, "coinbase")
         && !input_address(document, "coinbase", &environment->coinbase, error))
        || (has(document, "timestamp")
            && !input_u64(document, "timestamp", &environment->timestamp, error))
        || (has(document, "number") && !input_u64(document, "number", &environment->number, error))
        || (has(document, "gasLimit") && !input_u64(document, "gasLimit", &gas_limit, error))
        || (has(document, "baseFeePerGas")
            && !input_u256(document, "baseFeePerGas", &environment->base_fee, error))
        || (has(document, "mixHash")
            && !input_hash(document, "mixHash", &environment->prev_randao, error)))
        return false;
    if (gas_limit != 0)
        call->gas = environment->gas_limit = gas_limit;
    return read_config(document, environment, error);
}

bool genesis_file_read(const char *path, struct call *call, struct error *error)
{
    json_t *alloc;
    json_t *document = input_read(path, error);
    if (document == NULL)
        return false;
    bool ok = json_is_object(document) ? read_fields(document, call, error)
                                             && (!has(document, "alloc")
                                                 || (input_object(document, "alloc", &alloc, error)
                                                     && alloc_read(alloc, call->pre, error)))
                                       : error_set(error, ERROR_INVALID, "not an object");
    json_decref(document);
    return ok || error_prefix(error, "%s", path);
}
