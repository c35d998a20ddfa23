#include "ledger/levm/trace_lines.h"

#include <inttypes.h>

#include "vm/base/hex.h"
#include "vm/opcodes.h"

#define TRACE_BUFFER_SIZE 65536 /* a line is too little for a system call of its own */

bool trace_choice_read(const struct trace_choice *choice, struct trace_options *options,
                       struct error *error)
{
    *options = (struct trace_options){
        .memory = choice->memory || !choice->no_memory,
        .return_data = choice->return_data || !choice->no_return_data,
        .no_stack = choice->no_stack,
    };
    if (choice->is_on)
        setvbuf(stderr, NULL, _IOFBF, TRACE_BUFFER_SIZE);
    return strcmp(choice->format, "json") == 0
           || error_set(error, ERROR_UNSUPPORTED, "--trace.format: '%.40s' is not 'json'",
                        choice->format);
}

static void put_stack(struct buffer *out, const struct vm_step *step)
{
    char word[U256_HEX_SIZE];
    buffer_append_text(out, "[");
    for (size_t i = 0; i < step->stack_size; i++) {
        u256_format_quantity(word, &step->stack[i]);
        buffer_append_text(out, i == 0 ? "\"" : ",\"");
        buffer_append_text(out, word);
        buffer_append_text(out, "\"");
    }
    buffer_append_text(out, "]");
}

static void put_bytes(struct buffer *out, const char *member, struct bytes bytes)
{
    buffer_append_format(out, "\"%s\":\"", member);
    hex_append(out, bytes);
    buffer_append_text(out, "\",");
}

static void put_opcode_name(struct buffer *out, uint8_t opcode)
{
    const char *name = VM_OPCODE_TRAITS[opcode].name;
    if (name != NULL)
        buffer_append_format(out, "\"opName\":\"%s\"", name);
    else
        buffer_append_format(out, "\"opName\":\"opcode 0x%x not defined\"", opcode);
}

static void print_step(struct trace_lines *lines, uint64_t gas_cost, enum vm_status status)
{
    fwrite(lines->head.data, 1, lines->head.size, lines->out);
    fprintf(lines->out, "\"gasCost\":\"0x%" PRIx64 "\",", gas_cost);
    fwrite(lines->tail.data, 1, lines->tail.size, lines->out);
    if (status != VM_SUCCESS)
        fprintf(lines->out, ",\"error\":\"%s\"", vm_status_name(status));
    fputs("}\n", lines->out);
}

/* geth counts what a call is given as its cost, but not what a create is given. */
static void print_held(struct trace_lines *lines, uint64_t gas_given)
{
    if (lines->is_held)
        print_step(lines, lines->held_cost - gas_given, VM_SUCCESS);
    lines->is_held = false;
}

/* All but the cost, which is known when the step is over. */
static void on_step(void *context, const struct vm_step *step)
{
    struct trace_lines *lines = context;
    struct buffer *tail = &lines->tail;
    print_held(lines, 0);
    buffer_clear(&lines->head);
    buffer_clear(tail);
    lines->opcode = step->opcode;
    buffer_append_format(&lines->head, "{\"pc\":%" PRIu64 ",\"op\":%u,\"gas\":\"0x%" PRIx64 "\",",
                         step->pc, step->opcode, step->gas);
    if (lines->options.memory && step->memory.size > 0)
        put_bytes(tail, "memory", step->memory);
    buffer_append_format(tail, "\"memSize\":%zu,\"stack\":", step->memory.size);
    if (lines->options.no_stack)
        buffer_append_text(tail, "null");
    else
        put_stack(tail, step);
    buffer_append_text(tail, ",");
    if (lines->options.return_data && step->return_data.size > 0)
        put_bytes(tail, "returnData", step->return_data);
    buffer_append_format(tail, "\"depth\":%u,\"refund\":%" PRId64 ",", step->depth, step->refund);
    put_opcode_name(tail, step->opcode);
}

static void on_step_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    struct trace_lines *lines = context;
    uint64_t base_gas = VM_OPCODE_TRAITS[lines->opcode].base_gas;
    bool is_create = lines->opcode == VM_OP_CREATE || lines->opcode == VM_OP_CREATE2;
    if (status != VM_SUCCESS && gas_cost < base_gas)
        gas_cost = base_gas; /* what it would have cost at least, as geth says it */
    if (is_create && status == VM_SUCCESS) {
        lines->is_held = true;
        lines->held_cost = gas_cost;
    } else {
        print_step(lines, gas_cost, status);
    }
}

static void on_enter(void *context, const struct vm_enter *enter)
{
    struct trace_lines *lines = context;
    print_held(lines, enter->gas);
    lines->depth++;
}

static void on_exit_message(void *context, enum vm_status status, uint64_t gas_used,
                            struct bytes output)
{
    struct trace_lines *lines = context;
    print_held(lines, 0);
    if (--lines->depth > 0)
        return;
    struct buffer text = {0};
    hex_append(&text, output);
    fputs("{\"output\":\"", lines->out);
    fwrite(text.data + 2, 1, text.size - 2, lines->out); /* geth's: no 0x here */
    fprintf(lines->out, "\",\"gasUsed\":\"0x%" PRIx64 "\"", gas_used);
    if (status != VM_SUCCESS)
        fprintf(lines->out, ",\"error\":\"%s\"", vm_status_name(status));
    fputs("}\n", lines->out);
    buffer_cleanup(&text);
}

void trace_lines_init(struct trace_lines *lines, const struct trace_options *options, FILE *out)
{
    *lines = (struct trace_lines){
        .tracer = {.context = lines,
                   .on_step = on_step,
                   .on_step_end = on_step_end,
                   .on_enter = on_enter,
                   .on_exit = on_exit_message},
        .options = *options,
        .out = out,
    };
}

void trace_lines_cleanup(struct trace_lines *lines)
{
    buffer_cleanup(&lines->head);
    buffer_cleanup(&lines->tail);
}
