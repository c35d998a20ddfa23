/* Blocks: the container that travels, and geth's form within. */
#include "ledger/chain/block.h"
#include "tests/fuzz/target.h"

/* Before Prague and from it on headers and requests differ. */
static void decode(struct bytes input, enum vm_fork fork)
{
    struct arena arena = {0};
    struct buffer again = {0};
    struct block block;

    if (block_container_decode(&block, fork, input, &arena) == BLOCK_OK) {
        block_container_encode(&block, fork, &again);
        must(bytes_equal(buffer_view(&again), input), "a decoded container encodes differently");
        (void)block_parts_match(&block, fork);
    }
    arena_reset(&arena);
    buffer_clear(&again);
    if (block_decode(&block, fork, input, &arena) == BLOCK_OK) {
        block_encode(&block, fork, &again);
        must(bytes_equal(buffer_view(&again), input), "a decoded block encodes differently");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode(bytes_of(data, size), VM_FORK_CANCUN);
    decode(bytes_of(data, size), VM_FORK_PRAGUE);
    return 0;
}
