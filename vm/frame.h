/* The machine's own structs: a frame per message in progress, and the stack of frames.
 * For the .c files of the machine only. */
#ifndef VM_FRAME_H
#define VM_FRAME_H
#include "vm/analysis_cache.h"
#include "vm/gas.h"
#include "vm/tracer.h"

/* A contract's memory: zero where not written, a whole number of words. */
struct vm_memory {
    uint8_t *data;
    uint64_t size;
    size_t capacity;
    uint64_t cost; /* gas paid for `size` so far */
};

/* One message in progress. While it runs, the loop holds ip or pc, sp and gas in registers and
 * writes them back before it asks another file for anything. */
struct frame {
    const struct vm_analysis *analysis;
    /* Init code's, or one there was no room for: freed with the frame; else NULL. */
    struct vm_analysis *own_analysis;
    struct bytes code;
    struct bytes input;
    struct bytes return_data; /* of the last call; lies in the memory of the frame above */
    u256 value;
    address sender;
    address recipient;
    bool is_create;
    bool is_static;
    size_t snapshot;       /* of the host's journal, before the message's first change */
    int64_t refund_before; /* of the tracer's count */
    uint64_t gas_given;

    const struct vm_instruction *ip; /* where the analysis is whole, and else: */
    uint64_t pc;
    uint64_t hot_below; /* gas: with less than this left the code has earned its analysis */
    u256 *sp;           /* the topmost word; stack_start - 1 when empty */
    u256 *stack_start;
    uint64_t gas;
    struct vm_memory memory;

    /* Where the caller wants the output of the call it makes. */
    uint64_t output_offset;
    uint64_t output_size;

    struct bytes output; /* of this message, when it ends */
};

struct vm {
    const struct vm_environment *environment;
    struct vm_host host;
    struct vm_tracer *tracer;
    struct frame *frame;    /* the running one */
    struct frame *frames;   /* CALL_DEPTH_MAX + 1 of them */
    u256 *stack;            /* the words of all frames, one frame's behind the other's */
    unsigned depth_used;    /* the highest frame of this run */
    int64_t refund;         /* for the tracer: the host's journal has the one that counts */
    enum vm_status failure; /* why a function of another file said VM_FAILED or false */
    enum vm_status status;  /* of the outermost message, once it ended */
    struct bytes output;
    uint64_t gas_left;
    bool is_step_open;   /* traced runs: on_step was called, on_step_end was not yet */
    uint64_t step_gas;   /* before the open step */
    uint32_t polls_left; /* jumps back and calls until is_cancelled is asked again */
    struct analysis_reader reader;
    /* Gas for each byte of its code that a contract uses before it is analysed whole; 0: at once. */
    uint64_t heat_needed;
};

static inline unsigned frame_index(const struct vm *vm, const struct frame *frame)
{
    return (unsigned)(frame - vm->frames);
}

/* Always false, for `return vm_fail(vm, why)`. */
static inline bool vm_fail(struct vm *vm, enum vm_status why)
{
    vm->failure = why;
    return false;
}

/* What the loop does after an opcode that another file carried out. */
enum vm_next {
    VM_NEXT,    /* go on with the next instruction */
    VM_ENTERED, /* vm->frame is a new one: run it */
    VM_FAILED,  /* the frame failed with the status in vm->failure */
};
#endif
