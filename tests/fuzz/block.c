/* Blocks: the container that travels, and geth's form within. */
#include "ledger/chain/block.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer again = {0};
    struct block block;
    struct bytes input = bytes_of(data, size);

    if (block_container_decode(&block, VM_FORK_CANCUN, input, &arena) == BLOCK_OK) {
        block_container_encode(&block, VM_FORK_CANCUN, &again);
        must(bytes_equal(buffer_view(&again), input), "a decoded container encodes differently");
        (void)block_parts_match(&block, VM_FORK_CANCUN);
    }
    arena_reset(&arena);
    buffer_clear(&again);
    if (block_decode(&block, VM_FORK_CANCUN, input, &arena) == BLOCK_OK) {
        block_encode(&block, VM_FORK_CANCUN, &again);
        must(bytes_equal(buffer_view(&again), input), "a decoded block encodes differently");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
