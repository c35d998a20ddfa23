/* geth's 4byteTracer: which functions were called with how many bytes of arguments, how often.
 *
 *   {"0x27dc297e-128":1, ..}
 *
 * Creates and precompiles do not count. */
#include "rpc/trace/tracing.h"

#include "ledger/state/index.h"
#include "rpc/write.h"
#include "vm/base/hex.h"
#include "vm/opcodes.h"
#include <inttypes.h>

#define SELECTOR_SIZE 4
#define ENTRY_SIZE    128 /* one kept and shown, at most */

struct seen {
    uint8_t selector[SELECTOR_SIZE];
    uint64_t arguments_size;
    uint64_t count;
};

struct selectors {
    uint64_t seed;
    struct index index;
    struct buffer seen; /* of struct seen */
};

static struct seen *seen_at(const struct selectors *selectors, size_t number)
{
    return (struct seen *)(void *)selectors->seen.data + number;
}

static uint32_t hash_of(const struct selectors *selectors, const struct seen *seen)
{
    uint8_t key[SELECTOR_SIZE + sizeof seen->arguments_size];
    memcpy(key, seen->selector, SELECTOR_SIZE);
    memcpy(key + SELECTOR_SIZE, &seen->arguments_size, sizeof seen->arguments_size);
    return index_hash_bytes(selectors->seed, key, sizeof key);
}

static void count(struct tracing *tracing, const struct seen *seen)
{
    struct selectors *selectors = tracing->own;
    const uint32_t hash = hash_of(selectors, seen);
    uint32_t number;
    for (size_t probe = 0; index_next(&selectors->index, hash, &probe, &number);) {
        struct seen *known = seen_at(selectors, number);
        if (memcmp(known->selector, seen->selector, SELECTOR_SIZE) == 0
            && known->arguments_size == seen->arguments_size) {
            known->count++;
            return;
        }
    }
    if (!trace_take(tracing, ENTRY_SIZE))
        return;
    number = (uint32_t)(selectors->seen.size / sizeof *seen);
    buffer_append(&selectors->seen, seen, sizeof *seen);
    index_insert(&selectors->index, hash, number);
}

static void on_enter(void *context, const struct vm_enter *enter)
{
    struct tracing *tracing = context;
    if (enter->opcode == VM_OP_CREATE || enter->opcode == VM_OP_CREATE2
        || enter->input.size < SELECTOR_SIZE
        || vm_is_precompile(tracing->environment->fork, &enter->code_address))
        return;
    struct seen seen = {.arguments_size = enter->input.size - SELECTOR_SIZE, .count = 1};
    memcpy(seen.selector, enter->input.data, SELECTOR_SIZE);
    count(tracing, &seen);
}

static void begin(struct tracing *tracing)
{
    struct selectors *selectors = arena_alloc(&tracing->arena, sizeof *selectors);
    selectors->seed = index_random_seed();
    tracing->own = selectors;
    tracing->vm.on_enter = on_enter;
}

static void end(struct tracing *tracing, const struct transaction_outcome *outcome)
{
    const struct selectors *selectors = tracing->own;
    struct buffer *out = tracing->out;
    (void)outcome;
    write_raw(out, "{");
    for (size_t at = 0; at < selectors->seen.size / sizeof(struct seen); at++) {
        const struct seen *seen = seen_at(selectors, at);
        char digits[2 * SELECTOR_SIZE + 1] = {0};
        hex_encode(digits, seen->selector, SELECTOR_SIZE);
        write_separator(out);
        buffer_append_format(out, "\"0x%s-%" PRIu64 "\":%" PRIu64, digits, seen->arguments_size,
                             seen->count);
    }
    write_raw(out, "}");
}

static void cleanup(struct tracing *tracing)
{
    struct selectors *selectors = tracing->own;
    index_cleanup(&selectors->index);
    buffer_cleanup(&selectors->seen);
}

const struct trace_tracer TRACER_SELECTORS = {begin, end, cleanup};
