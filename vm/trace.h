/* Calling the tracer, for the .c files of the machine. Only with vm->tracer not NULL. */
#ifndef VM_TRACE_H
#define VM_TRACE_H
#include "vm/frame.h"

void trace_step(struct vm *vm, uint64_t pc, uint8_t opcode);
/* Ends the open step, if there is one; `gas` is what the frame has left. */
void trace_step_end(struct vm *vm, uint64_t gas, enum vm_status status);
void trace_enter(struct vm *vm, const struct vm_enter *enter);
void trace_exit(struct vm *vm, enum vm_status status); /* of the running frame */
/* Instead of running: enters and ends at once, with nothing used. */
void trace_refused(struct vm *vm, const struct vm_enter *enter, enum vm_status why);
void trace_log(struct vm *vm, const u256 *topics, size_t topics_count, struct bytes data);
void trace_selfdestruct(struct vm *vm, const address *account, const address *beneficiary,
                        const u256 *balance);
#endif
