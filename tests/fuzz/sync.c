/* What nodes send each other to catch up. */
#include "node/sync/message.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sync_message message;
    struct buffer again = {0};

    if (sync_message_decode(&message, bytes_of(data, size))) {
        sync_message_encode(&message, &again);
        must(bytes_equal(buffer_view(&again), bytes_of(data, size)),
             "what was decoded encodes differently");
    }
    buffer_cleanup(&again);
    return 0;
}
