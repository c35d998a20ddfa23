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

void trace_enter(struct vm *vm, const struct vm_enter *enter)
{
    if (vm->tracer->on_enter != NULL)
        vm->tracer->on_enter(vm->tracer->context, enter);
}

static void tell_exit(struct vm *vm, enum vm_status status, uint64_t gas_used, struct bytes output)
{
    if (vm->tracer->on_exit != NULL)
        vm->tracer->on_exit(vm->tracer->context, status, gas_used, output);
}

void trace_exit(struct vm *vm, enum vm_status status)
{
    const struct frame *frame = vm->frame;
    tell_exit(vm, status, frame->gas_given - frame->gas, frame->output);
}

void trace_refused(struct vm *vm, const struct vm_enter *enter, enum vm_status why)
{
    trace_enter(vm, enter);
    tell_exit(vm, why, 0, bytes_of(NULL, 0));
}

void trace_log(struct vm *vm, const u256 *topics, size_t topics_count, struct bytes data)
{
    const struct vm_log log = {vm->frame->recipient, topics, topics_count, data};
    if (vm->tracer->on_log != NULL)
        vm->tracer->on_log(vm->tracer->context, &log);
}

void trace_selfdestruct(struct vm *vm, const address *account, const address *beneficiary,
                        const u256 *balance)
{
    if (vm->tracer->on_selfdestruct != NULL)
        vm->tracer->on_selfdestruct(vm->tracer->context, account, beneficiary, balance);
}
