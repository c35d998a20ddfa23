#include "vm/trace.h"

void trace_step(struct vm *vm, uint64_t pc, uint8_t opcode)
{
    const struct frame *frame = vm->frame;
    vm->is_step_open = true;
    vm->step_gas = frame->gas;
    if (vm->tracer->on_step == NULL)
        return;
    struct vm_step step = {
        .pc = pc,
        .opcode = opcode,
        .gas = frame->gas,
        .depth = frame_index(vm, frame) + 1,
        .refund = vm->refund,
        .stack = frame->stack_start,
        .stack_size = (size_t)(frame->sp + 1 - frame->stack_start),
        .memory = bytes_of(frame->memory.data, frame->memory.size),
        .return_data = frame->return_data,
        .account = frame->recipient,
    };
    vm->tracer->on_step(vm->tracer->context, &step);
}

void trace_step_end(struct vm *vm, uint64_t gas, enum vm_status status)
{
    if (!vm->is_step_open)
        return;
    vm->is_step_open = false;
    if (vm->tracer->on_step_end != NULL)
        vm->tracer->on_step_end(vm->tracer->context, vm->step_gas - gas, status);
}

void trace_enter(struct vm *vm, uint8_t opcode, const address *code_address)
{
    const struct frame *frame = vm->frame;
    if (vm->tracer->on_enter == NULL)
        return;
    struct vm_enter enter = {
        .opcode = opcode,
        .depth = frame_index(vm, frame) + 1,
        .sender = frame->sender,
        .recipient = frame->recipient,
        .code_address = *code_address,
        .value = frame->value,
        .gas = frame->gas,
        .input = frame->is_create ? frame->code : frame->input,
    };
    vm->tracer->on_enter(vm->tracer->context, &enter);
}

void trace_exit(struct vm *vm, enum vm_status status)
{
    const struct frame *frame = vm->frame;
    if (vm->tracer->on_exit != NULL)
        vm->tracer->on_exit(vm->tracer->context, status, frame->gas_given - frame->gas,
                            frame->output);
}
