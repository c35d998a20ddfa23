#include "ledger/chain/reveal.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/base/cursor.h"
#include "vm/crypto/digest.h"
#include "vm/crypto/keccak.h"

/* checkpoints[i] is c[i * interval]; the last one is at or below length - 1. */
struct reveal_chain {
    uint64_t length;
    uint64_t interval;
    size_t count;
    hash256 salt;
    hash256 commitment;
    hash256 checkpoints[];
};

static hash256 next_link(const hash256 *link)
{
    return keccak256(link->bytes, sizeof link->bytes);
}

/* The smallest whole number whose square is at least `length`. */
static uint64_t interval_of(uint64_t length)
{
    uint64_t interval = 1;
    while (interval * interval < length)
        interval++;
    return interval;
}

static struct reveal_chain *chain_of_length(uint64_t length)
{
    assert(length > 0);
    assert(length <= REVEAL_LENGTH_MAX);
    const uint64_t interval = interval_of(length);
    const size_t count = (size_t)((length - 1) / interval + 1);
    struct reveal_chain *chain =
        memory_new_zeroed(1, sizeof *chain + count * sizeof chain->checkpoints[0]);
    chain->length = length;
    chain->interval = interval;
    chain->count = count;
    return chain;
}

static hash256 first_link(const struct secret_key *consensus, const hash256 *salt)
{
    static const char tag[6] = {'r', 'e', 'v', 'e', 'a', 'l'};
    uint8_t input[sizeof tag + sizeof salt->bytes];
    memcpy(input, tag, sizeof tag);
    memcpy(input + sizeof tag, salt->bytes, sizeof salt->bytes);
    return hmac_sha256(bytes_of(consensus->bytes, sizeof consensus->bytes),
                       bytes_of(input, sizeof input));
}

struct reveal_chain *reveal_chain_new(const struct secret_key *consensus, const hash256 *salt,
                                      uint64_t length)
{
    struct reveal_chain *chain = chain_of_length(length);
    chain->salt = *salt;
    hash256 link = first_link(consensus, salt);
    for (uint64_t i = 0; i < length; i++) {
        if (i % chain->interval == 0)
            chain->checkpoints[i / chain->interval] = link;
        link = next_link(&link);
    }
    chain->commitment = link;
    return chain;
}

void reveal_chain_free(struct reveal_chain *chain)
{
    if (chain == NULL)
        return;
    explicit_bzero(chain, sizeof *chain + chain->count * sizeof chain->checkpoints[0]);
    free(chain);
}

hash256 reveal_chain_commitment(const struct reveal_chain *chain)
{
    return chain->commitment;
}

bool reveal_chain_at(const struct reveal_chain *chain, uint64_t used, hash256 *reveal,
                     struct error *error)
{
    if (used >= chain->length)
        return error_set(error, ERROR_UNSUPPORTED,
                         "reveal chain is used up after %llu blocks led; renewing it is not in "
                         "this version: found a new ledger",
                         (unsigned long long)chain->length);
    const uint64_t index = chain->length - 1 - used;
    hash256 link = chain->checkpoints[index / chain->interval];
    for (uint64_t i = 0; i < index % chain->interval; i++)
        link = next_link(&link);
    *reveal = link;
    return true;
}

void reveal_chain_encode(const struct reveal_chain *chain, struct buffer *out)
{
    const size_t start = out->size;
    const size_t links_size = chain->count * sizeof chain->checkpoints[0];
    buffer_reserve(out, 1 + 8 + 3 * sizeof(hash256) + links_size); /* moves no secret about later */
    buffer_append_u8(out, REVEAL_CHAIN_VERSION);
    buffer_append_u64_be(out, chain->length);
    buffer_append(out, chain->salt.bytes, sizeof chain->salt.bytes);
    buffer_append(out, chain->commitment.bytes, sizeof chain->commitment.bytes);
    buffer_append(out, chain->checkpoints, links_size);
    const hash256 sum = keccak256(out->data + start, out->size - start);
    buffer_append(out, sum.bytes, sizeof sum.bytes);
}

static bool sum_matches(struct bytes encoded)
{
    if (encoded.size < sizeof(hash256))
        return false;
    const size_t size = encoded.size - sizeof(hash256);
    const hash256 sum = keccak256(encoded.data, size);
    return memcmp(sum.bytes, encoded.data + size, sizeof sum.bytes) == 0;
}

struct reveal_chain *reveal_chain_decode(struct bytes encoded, struct error *error)
{
    struct cursor in = cursor_over(encoded.data, encoded.size);
    const uint8_t version = cursor_u8(&in);
    if (!in.failed && version > REVEAL_CHAIN_VERSION) {
        error_set(error, ERROR_VERSION,
                  "reveal chain: version %u, expected %d: needs a newer lnode", version,
                  REVEAL_CHAIN_VERSION);
        return NULL;
    }
    const uint64_t length = cursor_u64_be(&in);
    if (in.failed || version == 0 || length == 0 || length > REVEAL_LENGTH_MAX
        || !sum_matches(encoded)) {
        error_set(error, ERROR_CORRUPT,
                  "reveal chain: damaged (checksum); make it again from the consensus key");
        return NULL;
    }
    struct reveal_chain *chain = chain_of_length(length);
    hash256 sum;
    cursor_copy(&in, chain->salt.bytes, sizeof chain->salt.bytes);
    cursor_copy(&in, chain->commitment.bytes, sizeof chain->commitment.bytes);
    cursor_copy(&in, chain->checkpoints, chain->count * sizeof chain->checkpoints[0]);
    cursor_copy(&in, sum.bytes, sizeof sum.bytes);
    if (cursor_finished(&in))
        return chain;
    error_set(error, ERROR_CORRUPT, "reveal chain: %zu bytes, not those of %llu links",
              encoded.size, (unsigned long long)length);
    reveal_chain_free(chain);
    return NULL;
}

bool reveal_is_next(const struct reveal_progress *progress, const hash256 *reveal)
{
    const hash256 link = next_link(reveal);
    return hash256_equal(&link, &progress->last);
}

hash256 reveal_mix(const hash256 *parent_mix_hash, const hash256 *reveal)
{
    uint8_t input[64];
    memcpy(input, parent_mix_hash->bytes, 32);
    memcpy(input + 32, reveal->bytes, 32);
    return keccak256(input, sizeof input);
}
