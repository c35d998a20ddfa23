/* What nodes send each other to catch up. */
#include "node/sync/message.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sync_message message;
    struct arena arena = {0};
    struct buffer again = {0};

    if (sync_message_decode(&message, bytes_of(data, size), &arena)) {
        sync_message_encode(&message, &again);
        must(bytes_equal(buffer_view(&again), bytes_of(data, size)),
             "what was decoded encodes differently");
        must(arena.size_bytes <= 16 * 256, "memory beyond the largest list of parts");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
