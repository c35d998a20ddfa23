/* Entering and leaving messages: calls, creates, and the outermost one. */
#ifndef VM_CALLS_H
#define VM_CALLS_H
#include "vm/frame.h"

/* The outermost message. VM_ENTERED: run vm->frame; VM_NEXT: it is over already, without code
 * to run, and vm->status, output and gas_left say how. */
enum vm_next calls_begin(struct vm *vm, const struct vm_message *message);

/* CALL, CALLCODE, DELEGATECALL and STATICCALL; CREATE and CREATE2. ip or pc is past the
 * opcode. */
enum vm_next calls_call(struct vm *vm, struct frame *frame, uint8_t opcode);
enum vm_next calls_create(struct vm *vm, struct frame *frame, uint8_t opcode);

/* The frame's analysis, with its jumps marked, which init code's are not before it jumps. */
const struct vm_analysis *calls_mark_jumps(struct vm *vm, struct frame *frame);
/* Code that runs step by step, at a JUMPDEST, has earned its analysis: the frame goes on with it. */
void calls_analyse_whole(struct vm *vm, struct frame *frame);

/* Ends the running frame, whose output is set: deposits a new contract's code, undoes what a
 * failure undoes, and gives its caller gas, output and verdict. True if there is a caller, now
 * vm->frame; otherwise vm->status, output and gas_left say how the run ended. */
bool calls_end(struct vm *vm, enum vm_status status);
/* Ends all frames with VM_CANCELLED. */
void calls_cancel(struct vm *vm);
#endif
