#include "ledger/chain/leader.h"

#include <assert.h>

#include "vm/crypto/keccak.h"

static uint64_t draw(const hash256 *seed, unsigned i)
{
    uint8_t input[sizeof seed->bytes + 8] = {0};
    memcpy(input, seed->bytes, sizeof seed->bytes);
    input[sizeof input - 1] = (uint8_t)i;
    hash256 hash = keccak256(input, sizeof input);
    uint64_t number = 0;
    for (int byte = 0; byte < 8; byte++)
        number = number << 8 | hash.bytes[byte];
    return number;
}

void leaders_of_epoch(const hash256 *seal_mix_hash, unsigned committee_size,
                      unsigned leaders[COMMITTEE_SIZE_MAX])
{
    assert(committee_size > 0);
    assert(committee_size <= COMMITTEE_SIZE_MAX);
    static const char tag[6] = {'l', 'e', 'a', 'd', 'e', 'r'};
    struct keccak keccak;
    keccak_init(&keccak);
    keccak_update(&keccak, tag, sizeof tag);
    keccak_update(&keccak, seal_mix_hash->bytes, sizeof seal_mix_hash->bytes);
    const hash256 seed = keccak_finish(&keccak);

    for (unsigned i = 0; i < committee_size; i++)
        leaders[i] = i;
    for (unsigned i = committee_size - 1; i > 0; i--) {
        const unsigned j = (unsigned)(draw(&seed, i) % (i + 1));
        const unsigned moved = leaders[i];
        leaders[i] = leaders[j];
        leaders[j] = moved;
    }
}

unsigned leader_of_view(const hash256 *seal_mix_hash, unsigned committee_size, uint64_t view)
{
    unsigned leaders[COMMITTEE_SIZE_MAX];
    leaders_of_epoch(seal_mix_hash, committee_size, leaders);
    return leaders[view % committee_size];
}
