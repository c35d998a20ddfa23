/* The loop over instructions. */
#ifndef VM_INTERPRETER_H
#define VM_INTERPRETER_H
#include "vm/frame.h"

/* Runs vm->frame, entered by calls_begin(), and everything it calls, until vm->status says how
 * it ended. Native stack: one call of this function, whatever the depth of messages. */
void interpreter_run(struct vm *vm);
/* The same with vm->tracer, which is not NULL. */
void interpreter_run_traced(struct vm *vm);
#endif
