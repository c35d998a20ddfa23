/* docs/formats.md shows the same vectors that the codecs are tested with. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/ledger/vectors.h"
#include "vm/base/bytes.h"

Test(formats, stand_in_the_documentation)
{
    static const char *const vectors[] = {VECTOR_COMMITTEE_ENTRY,
                                          VECTOR_EPOCH_RECORD,
                                          VECTOR_EPOCH_RECORD_HASH,
                                          VECTOR_COMMITTEE_HASH,
                                          VECTOR_PROPOSAL,
                                          VECTOR_NOTARIZE,
                                          VECTOR_NULLIFY,
                                          VECTOR_READY,
                                          VECTOR_ACCEPTANCE,
                                          VECTOR_FOUNDING_OFFER,
                                          VECTOR_FOUNDING_ACCEPT,
                                          VECTOR_CERTIFICATE,
                                          VECTOR_GENESIS,
                                          VECTOR_GENESIS_HASH,
                                          VECTOR_GENESIS_CHAIN_ID,
                                          VECTOR_BLOCK_0_HASH,
                                          VECTOR_GENESIS_HASH_PRAGUE,
                                          VECTOR_BLOCK_0_HASH_PRAGUE,
                                          VECTOR_GENESIS_HASH_CANCUN,
                                          VECTOR_BLOCK_0_HASH_CANCUN,
                                          VECTOR_REQUESTS,
                                          VECTOR_REQUESTS_HASH,
                                          VECTOR_SEAL,
                                          VECTOR_SEAL_CHAIN_HASH,
                                          VECTOR_SEAL_CHAIN_RECORD_HASH,
                                          VECTOR_RANGE_HASH,
                                          VECTOR_MANIFEST,
                                          VECTOR_MANIFEST_HASH,
                                          VECTOR_CHUNK_BASE,
                                          VECTOR_CHUNK_ACCOUNTS,
                                          VECTOR_CHUNK_SLOTS};
    struct buffer text = {0};
    FILE *file = fopen(LEITHER_SOURCE "/docs/formats.md", "r");
    cr_assert(file != NULL);
    for (int byte = fgetc(file); byte != EOF; byte = fgetc(file))
        buffer_append_u8(&text, (uint8_t)byte);
    fclose(file);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        cr_expect(memmem(text.data, text.size, vectors[i], strlen(vectors[i])) != NULL, "%s",
                  vectors[i]);
    buffer_cleanup(&text);
}
