#include "tests/dispatch/dispatch.h"

#include "vm/interpreter.h"

/* The copies of vm/interpreter.c, renamed by their compile definitions. */
void interpreter_run_goto(struct vm *vm);
void interpreter_run_traced_goto(struct vm *vm);
void interpreter_run_switch(struct vm *vm);
void interpreter_run_traced_switch(struct vm *vm);

static enum dispatch chosen = DISPATCH_GOTO;

void dispatch_use(enum dispatch dispatch)
{
    chosen = dispatch;
}

void interpreter_run(struct vm *vm)
{
    switch (chosen) {
    case DISPATCH_GOTO: interpreter_run_goto(vm); break;
    case DISPATCH_SWITCH: interpreter_run_switch(vm); break;
    }
}

void interpreter_run_traced(struct vm *vm)
{
    switch (chosen) {
    case DISPATCH_GOTO: interpreter_run_traced_goto(vm); break;
    case DISPATCH_SWITCH: interpreter_run_traced_switch(vm); break;
    }
}
