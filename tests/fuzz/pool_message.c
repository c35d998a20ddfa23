/* What members send each other about waiting transactions. */
#include "node/pool_message.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool_message message;
    struct buffer again = {0};
    struct arena arena = {0};

    if (pool_message_decode(&message, bytes_of(data, size), &arena)) {
        pool_message_encode(&message, &again);
        must(bytes_equal(buffer_view(&again), bytes_of(data, size)),
             "what was decoded encodes differently");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
