/* Opcodes that need more than the stack: the host, memory of any size, hashing. Each takes its
 * operands from frame->sp and its dynamic gas from frame->gas; false: it failed, and
 * vm->failure says why. */
#ifndef VM_INSTRUCTIONS_H
#define VM_INSTRUCTIONS_H
#include "vm/frame.h"

bool instruction_exp(struct vm *vm, struct frame *frame);
bool instruction_keccak256(struct vm *vm, struct frame *frame);
bool instruction_balance(struct vm *vm, struct frame *frame);
bool instruction_calldatacopy(struct vm *vm, struct frame *frame);
bool instruction_codecopy(struct vm *vm, struct frame *frame);
bool instruction_extcodesize(struct vm *vm, struct frame *frame);
bool instruction_extcodecopy(struct vm *vm, struct frame *frame);
bool instruction_extcodehash(struct vm *vm, struct frame *frame);
bool instruction_returndatacopy(struct vm *vm, struct frame *frame);
bool instruction_blockhash(struct vm *vm, struct frame *frame);
bool instruction_selfbalance(struct vm *vm, struct frame *frame);
bool instruction_blobhash(struct vm *vm, struct frame *frame);
bool instruction_sload(struct vm *vm, struct frame *frame);
bool instruction_sstore(struct vm *vm, struct frame *frame);
bool instruction_tload(struct vm *vm, struct frame *frame);
bool instruction_tstore(struct vm *vm, struct frame *frame);
bool instruction_mcopy(struct vm *vm, struct frame *frame);
bool instruction_log(struct vm *vm, struct frame *frame, size_t topics_count);
bool instruction_selfdestruct(struct vm *vm, struct frame *frame);
/* RETURN and REVERT: sets frame->output. */
bool instruction_output(struct vm *vm, struct frame *frame);
#endif
