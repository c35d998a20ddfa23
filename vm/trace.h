/* Calling the tracer, for the .c files of the machine. Only with vm->tracer not NULL. */
#ifndef VM_TRACE_H
#define VM_TRACE_H
#include "vm/frame.h"

void trace_step(struct vm *vm, uint64_t pc, uint8_t opcode);
/* Ends the open step, if there is one; `gas` is what the frame has left. */
void trace_step_end(struct vm *vm, uint64_t gas, enum vm_status status);
void trace_enter(struct vm *vm, uint8_t opcode, const address *code_address);
void trace_exit(struct vm *vm, enum vm_status status);
#endif
