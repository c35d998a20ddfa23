#include "ledger/org/acceptance.h"

#include "vm/crypto/keccak.h"

hash256 founding_digest(enum founding_step step, const uint8_t session[FOUNDING_SESSION_SIZE],
                        const char *label, struct bytes document)
{
    const uint8_t head[] = {'O', 'R', 'G', '1', MESSAGE_FOUNDING, (uint8_t)step};
    const struct bytes name = bytes_of_text(label);
    const hash256 of_label = keccak256(name.data, name.size);
    const hash256 of_document = keccak256(document.data, document.size);
    struct keccak hash;
    keccak_init(&hash);
    keccak_update(&hash, head, sizeof head);
    keccak_update(&hash, session, FOUNDING_SESSION_SIZE);
    keccak_update(&hash, of_label.bytes, sizeof of_label.bytes);
    keccak_update(&hash, of_document.bytes, sizeof of_document.bytes);
    return keccak_finish(&hash);
}

hash256 acceptance_digest(const struct genesis *genesis, uint64_t chain_id, const hash256 *block_0)
{
    const struct epoch_record record = genesis_epoch_record(genesis, block_0);
    const struct signing_domain domain = signing_domain_of(chain_id, block_0, &record);
    return signing_digest(&domain, (enum consensus_message)MESSAGE_ACCEPTANCE, bytes_of(NULL, 0));
}

bool acceptance_check(const struct genesis *genesis, uint64_t chain_id, const hash256 *block_0,
                      const signature *signatures, size_t count, struct error *error)
{
    const hash256 digest = acceptance_digest(genesis, chain_id, block_0);
    if (count != genesis->committee_size)
        return error_set(error, ERROR_INVALID, "%zu acceptances, expected %u, one of each member",
                         count, genesis->committee_size);
    for (unsigned i = 0; i < genesis->committee_size; i++) {
        address signer;
        if (!signature_is_low_s(&signatures[i])
            || !signature_recover_address(&signatures[i], &digest, &signer)
            || !address_equal(&signer, &genesis->committee[i].consensus))
            return error_set(error, ERROR_INVALID,
                             "acceptance %u is not signed by committee[%u] for this block 0", i, i);
    }
    return true;
}
