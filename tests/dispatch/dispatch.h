/* Both dispatchers of the machine in one program: its loop is compiled once with computed goto
 * and once with the portable switch, and this chooses which of them vm_execute() runs. */
#ifndef TESTS_DISPATCH_DISPATCH_H
#define TESTS_DISPATCH_DISPATCH_H

enum dispatch {
    DISPATCH_GOTO,
    DISPATCH_SWITCH,
};

/* From now on, in this process; computed goto at first. */
void dispatch_use(enum dispatch dispatch);
#endif
