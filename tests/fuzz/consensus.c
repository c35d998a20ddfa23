/* What members send each other, and evidence against one: the first byte says which, the second
 * how large the committee is. */
#include "node/consensus/evidence.h"
#include "node/consensus/message.h"
#include "tests/fuzz/target.h"

static bool again_from(uint8_t kind, struct bytes input, unsigned committee_size,
                       struct buffer *again, struct arena *arena)
{
    struct message message;
    struct evidence evidence;

    if (kind % 2 == 0) {
        if (!message_decode(&message, input, committee_size, arena))
            return false;
        message_encode(&message, again);
        return true;
    }
    if (!evidence_decode(&evidence, input, committee_size))
        return false;
    evidence_encode(&evidence, buffer_extend(again, EVIDENCE_SIZE_BYTES));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer again = {0};

    if (size > 1) {
        struct bytes input = bytes_of(data + 2, size - 2);
        const unsigned committee_size = 1 + data[1] % COMMITTEE_SIZE_MAX;
        if (again_from(data[0], input, committee_size, &again, &arena))
            must(bytes_equal(buffer_view(&again), input), "what was decoded encodes differently");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
