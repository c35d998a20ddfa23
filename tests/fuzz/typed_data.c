/* Typed documents (EIP-712) that ask for a signature: any JSON is read within bounds. What is
 * accepted reads the same twice, and nothing in its lines could move a terminal's cursor. */
#include "ledger/codec/typed_data.h"
#include "tests/fuzz/target.h"

static void check_lines(struct bytes lines)
{
    for (size_t i = 0; i < lines.size; i++)
        must(lines.data[i] == '\n' || (lines.data[i] >= 0x20 && lines.data[i] != 0x7f),
             "a control character is shown");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct error error;
    struct typed_data first, second;
    json_t *document = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (document != NULL && typed_data_read(&first, document, &arena, &error)) {
        must(typed_data_read(&second, document, &arena, &error), "read once, refused twice");
        must(hash256_equal(&first.digest, &second.digest), "two digests of one document");
        must(bytes_equal(first.lines, second.lines), "two readings of one document");
        check_lines(first.lines);
    }
    json_decref(document);
    arena_cleanup(&arena);
    return 0;
}
