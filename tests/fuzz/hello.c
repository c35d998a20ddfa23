/* A HELLO that node 1 really signed for node 2, and any edits: what is still believed is that
 * HELLO, byte for byte. The first byte chooses who accepts or dialled. */
#include "node/net/hello.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"

static struct secret_key keys[2];
static struct hello_terms terms[2];
static uint8_t hellos[2][HELLO_SIZE]; /* by role */

static void make_hellos(void)
{
    for (unsigned i = 0; i < 2; i++) {
        keys[i].bytes[31] = (uint8_t)(i + 1);
        terms[i] = (struct hello_terms){.network = 7, .us = node_id_of(&keys[i])};
        terms[i].exporter.bytes[0] = 0x55;
    }
    for (unsigned i = 0; i < 2; i++)
        hello_sign(&terms[i], i == 0 ? HELLO_DIALS : HELLO_ACCEPTS, &terms[1 - i].us, &keys[i],
                   hellos[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct buffer edited = {0};
    struct node_id from;
    if (hellos[0][0] == 0)
        make_hellos();
    const unsigned side = cursor_u8(&in) & 1;
    const struct bytes good = bytes_of(hellos[side], HELLO_SIZE);
    buffer_append_bytes(&edited, good);
    edit(&edited, &in);
    const struct bytes shown = buffer_view(&edited);
    const enum hello_verdict verdict =
        hello_check(&terms[1 - side], side == 0 ? HELLO_DIALS : HELLO_ACCEPTS,
                    side == 0 ? NULL : &terms[side].us, shown, &from);
    must((verdict == HELLO_OK) == bytes_equal(shown, good),
         "a HELLO that nobody signed is believed");
    must(verdict != HELLO_OK || node_id_equal(&from, &terms[side].us),
         "it is said to be another's");
    buffer_cleanup(&edited);
    return 0;
}
