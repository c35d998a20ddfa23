/* What a caller of debug_trace* asks for, read from its configuration object.
 *
 * Members are geth's (execution-apis, TraceConfig); members geth does not know either are ignored,
 * as it ignores them, and so is `reexec`: the state before any block is always here. */
#ifndef RPC_TRACE_OPTIONS_H
#define RPC_TRACE_OPTIONS_H
#include "rpc/call.h"

enum trace_kind {
    TRACE_STEPS,     /* no tracer named: geth's struct logger */
    TRACE_CALLS,     /* callTracer */
    TRACE_PRESTATE,  /* prestateTracer */
    TRACE_SELECTORS, /* 4byteTracer */
    TRACE_NOTHING,   /* noopTracer */
    TRACE_KIND_COUNT,
};

struct trace_options {
    enum trace_kind kind;
    bool disable_storage; /* steps and prestate */
    /* steps */
    bool enable_memory, disable_stack, enable_return_data;
    uint64_t steps_max; /* 0: all */
    /* calls */
    bool only_top_call, with_log;
    /* prestate */
    bool diff_mode, disable_code, include_empty;
    bool has_timeout;
    uint64_t timeout_ms;
    /* debug_traceCall: after how many transactions of the block, not after all of it. */
    bool has_index;
    uint64_t index;
};

/* `json` may be NULL. False after call_fail(). */
bool trace_options_read(struct call *call, const char *where, const json_t *json,
                        struct trace_options *options);
#endif
