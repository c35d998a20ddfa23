/* Contracts that are part of the rules: one table from address to function. */
#ifndef VM_PRECOMPILES_H
#define VM_PRECOMPILES_H
#include "vm/vm.h"

struct vm_precompile {
    uint16_t address;   /* the low two bytes; the others are zero */
    uint8_t first_fork; /* enum vm_fork */
    const char *name;
    uint64_t (*gas)(struct bytes input); /* UINT64_MAX: more than anyone has */
    /* Appends the output (nothing is an output too); false fails the call and takes its gas. */
    bool (*run)(struct bytes input, struct buffer *output);
};

/* NULL if there is none at this address in this fork. */
const struct vm_precompile *vm_precompile_find(enum vm_fork fork, const address *account);
#endif
