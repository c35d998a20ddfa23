/* What whoever catches up takes from others: ranges of blocks, links of the chain of seals, and
 * what a seal says. The first byte says which. */
#include "ledger/chain/range.h"
#include "ledger/chain/seal.h"
#include "ledger/chain/seal_chain.h"
#include "tests/fuzz/target.h"

#define FORK VM_FORK_PRAGUE

/* Entries may be cut differently: what is read again must be the same epoch. */
static void check_seal(struct bytes input, struct arena *arena)
{
    const struct epoch_record record = {.epoch = 1, .fork = FORK};
    struct epoch_record next, again;
    struct buffer encoded = {0};
    if (seal_read(input, &record, arena, &next) == SEAL_READ) {
        seal_encode(&next, &encoded);
        must(seal_read(buffer_view(&encoded), &record, arena, &again) == SEAL_READ,
             "what was read of a seal is not read again");
        const hash256 first = epoch_record_hash(&next), second = epoch_record_hash(&again);
        must(hash256_equal(&first, &second), "a seal read again says something else");
    }
    buffer_cleanup(&encoded);
}

static bool again_from(uint8_t kind, struct bytes input, struct buffer *again, struct arena *arena)
{
    struct block_range range;
    struct seal_link link;
    bool ok = false;
    if (kind % 2 == 0) {
        if ((ok = block_range_decode(&range, FORK, input, arena)))
            block_range_encode(&range, FORK, again);
        return ok;
    }
    if ((ok = seal_link_decode(&link, FORK, input, arena)))
        seal_link_encode(&link, FORK, again);
    return ok;
}

/* Nobody signed anything: no range holds, whatever its length and order. */
static void check_range(struct bytes input, struct arena *arena)
{
    struct committee_entry member = {.weight = 1};
    const struct epoch_record record = {
        .epoch = 1, .fork = FORK, .quorum = 1, .committee = &member, .committee_size = 1};
    const struct signing_domain domain = {.epoch = 1};
    const hash256 parent = {{0}};
    struct block_range range;
    if (block_range_decode(&range, FORK, input, arena))
        must(block_range_check(&range, FORK, &parent, 0, &domain, &record) != FINALITY_OK,
             "a range that nobody signed is accepted");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer again = {0};

    if (size > 0) {
        struct bytes input = bytes_of(data + 1, size - 1);
        if (data[0] % 3 == 2)
            check_seal(input, &arena);
        else if (again_from(data[0] % 3, input, &again, &arena))
            must(bytes_equal(buffer_view(&again), input), "what was decoded encodes differently");
        if (data[0] % 3 == 0)
            check_range(input, &arena);
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
    return 0;
}
