/* A run told step by step: one line of JSON each (EIP-3155), in go-ethereum's order of members,
 * and a last one {"output", "gasUsed", "error"?} when the outermost message ends.
 *
 *   {"pc":0,"op":96,"gas":"0x5","gasCost":"0x3","memSize":0,"stack":[],"depth":1,"refund":0,
 *    "opName":"PUSH1"}
 *
 * "error" stands behind "opName" in the line of a step that failed. */
#ifndef LEDGER_LEVM_TRACE_LINES_H
#define LEDGER_LEVM_TRACE_LINES_H
#include <stdio.h>

#include "ledger/levm/flags.h"
#include "vm/tracer.h"

struct trace_options {
    bool memory;
    bool return_data;
    bool no_stack; /* "stack" is null */
};

/* The options of the command line for it, under the names geth has had for them; fill in with
 * TRACE_CHOICE_DEFAULT, hand TRACE_FLAGS to flags_parse(), ask trace_choice_read(). */
struct trace_choice {
    bool is_on;
    bool memory, no_memory;
    bool return_data, no_return_data;
    bool no_stack, no_storage;
    const char *format;
};
#define TRACE_CHOICE_DEFAULT \
    ((struct trace_choice){.no_memory = true, .no_return_data = true, .format = "json"})
#define TRACE_FLAGS(choice)                                                                    \
    {.name = "trace", .is_on = &(choice)->is_on}, {.name = "json", .is_on = &(choice)->is_on}, \
        {.name = "debug", .is_on = &(choice)->is_on},                                          \
        {.name = "trace.format", .value = &(choice)->format},                                  \
        {.name = "trace.memory", .is_on = &(choice)->memory},                                  \
        {.name = "trace.nomemory", .is_on = &(choice)->no_memory},                             \
        {.name = "nomemory", .is_on = &(choice)->no_memory},                                   \
        {.name = "trace.nostack", .is_on = &(choice)->no_stack},                               \
        {.name = "nostack", .is_on = &(choice)->no_stack},                                     \
        {.name = "trace.nostorage", .is_on = &(choice)->no_storage},                           \
        {.name = "nostorage", .is_on = &(choice)->no_storage},                                 \
        {.name = "trace.returndata", .is_on = &(choice)->return_data},                         \
        {.name = "trace.noreturndata", .is_on = &(choice)->no_return_data},                    \
    {                                                                                          \
        .name = "noreturndata", .is_on = &(choice)->no_return_data                             \
    }
/* ERROR_UNSUPPORTED for a format that is not "json". With a trace, stderr is buffered from then
 * on. */
bool trace_choice_read(const struct trace_choice *choice, struct trace_options *options,
                       struct error *error) __attribute__((warn_unused_result));

struct trace_lines {
    struct vm_tracer tracer; /* hand this to the machine */
    struct trace_options options;
    FILE *out;
    struct buffer head, tail; /* of the step going on: what stands around its cost */
    uint8_t opcode;
    bool is_held; /* the line of a create, until it is known what gas it gave away */
    uint64_t held_cost;
    unsigned depth;
};

/* `out` stays the caller's. */
void trace_lines_init(struct trace_lines *lines, const struct trace_options *options, FILE *out);
void trace_lines_cleanup(struct trace_lines *lines);
#endif
