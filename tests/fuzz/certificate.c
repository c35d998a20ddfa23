/* A certificate that a quorum really signed, and any edits: what is still accepted is that
 * certificate, byte for byte. The first byte chooses the kind. */
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"
#include "tests/unit/node/consensus/committee.h"

#define MEMBERS 7

static struct committee committee;
static struct buffer bases[3];

static void make_bases(void)
{
    struct arena arena = {0};
    committee_init(&committee, MEMBERS);
    const hash256 block = block_named(6);
    for (unsigned i = 0; i < 3; i++) {
        const enum consensus_message kind = (enum consensus_message)(MESSAGE_NOTARIZE + i);
        const struct certificate certificate =
            committee_certificate(&committee, i, kind, 6, 5, &block, &arena);
        certificate_encode(&certificate, &bases[i]);
    }
    arena_cleanup(&arena);
}

static void check(struct bytes encoded, struct bytes base)
{
    struct arena arena = {0};
    struct buffer again = {0};
    struct certificate certificate;
    if (certificate_decode(&certificate, encoded, &arena)) {
        certificate_encode(&certificate, &again);
        must(bytes_equal(buffer_view(&again), encoded), "what was decoded encodes differently");
        must(certificate_check(&certificate, &committee.domain, &committee.record) != FINALITY_OK
                 || bytes_equal(encoded, base),
             "a certificate that nobody signed is accepted");
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct buffer edited = {0};
    if (bases[0].size == 0)
        make_bases();
    const struct bytes base = buffer_view(&bases[cursor_u8(&in) % 3]);
    buffer_append_bytes(&edited, base);
    edit(&edited, &in);
    check(buffer_view(&edited), base);
    buffer_cleanup(&edited);
    return 0;
}
