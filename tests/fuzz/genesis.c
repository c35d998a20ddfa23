/* Genesis documents: what is accepted is canonical, so formatting it gives the same bytes. */
#include "ledger/org/genesis.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer again = {0};
    struct genesis genesis;
    struct error error;
    struct bytes input = bytes_of(data, size);

    if (genesis_parse(&genesis, input, &arena, &error)) {
        genesis_format(&genesis, &again);
        must(bytes_equal(buffer_view(&again), input), "an accepted document formats differently");
        must(genesis_check(&genesis, &error), "an accepted document fails its own check");
    } else {
        must(error.text[0] != '\0', "refused without a word");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
