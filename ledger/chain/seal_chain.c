#include "ledger/chain/seal_chain.h"

#include "ledger/chain/seal.h"

/* ---- Links ----------------------------------------------------------------------------------- */

void seal_link_encode(const struct seal_link *link, enum vm_fork fork, struct buffer *out)
{
    const size_t list = rlp_open_list(out);
    finality_proof_encode(&link->proof, fork, out);
    requests_encode(&link->requests, out);
    supply_encode(&link->supply, out);
    rlp_close_list(out, list);
}

bool seal_link_decode(struct seal_link *link, enum vm_fork fork, struct bytes encoded,
                      struct arena *arena)
{
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader list = rlp_list(&in);
    const struct bytes proof = rlp_item(&list);
    requests_read(&list, &link->requests);
    link->supply = supply_read(&list);
    rlp_leave(&in, &list);
    return rlp_finished(&in) && finality_proof_decode(&link->proof, fork, proof, arena);
}

enum finality_verdict seal_link_check(const struct seal_link *link,
                                      const struct epoch_record *record,
                                      const struct signing_domain *domain, struct arena *arena,
                                      struct epoch_record *next)
{
    if (link->proof.headers_count != 1)
        return FINALITY_NO_SEAL; /* nothing stands on a seal in its epoch */
    const struct header *seal = &link->proof.headers[0];
    const hash256 requests = requests_hash(&link->requests);
    if (!hash256_equal(&requests, &seal->requests_hash))
        return FINALITY_WRONG_REQUESTS;
    switch (seal_read(link->requests.data[REQUEST_CONSOLIDATIONS], record, arena, next)) {
    case SEAL_NONE: return FINALITY_NO_SEAL;
    case SEAL_UNSUPPORTED: return FINALITY_UNSUPPORTED;
    case SEAL_READ: break;
    }
    seal_complete(next, record, seal, &link->proof.finalization.block_hash, &link->supply);
    return seal->number < record->first_height ? FINALITY_WRONG_RECORD
                                               : finality_proof_check(&link->proof, domain, record);
}

/* ---- Following ------------------------------------------------------------------------------- */

static struct epoch_record copy_of(const struct epoch_record *record, struct arena *arena)
{
    struct epoch_record copy = *record;
    copy.committee = arena_array(arena, record->committee_size, sizeof *copy.committee);
    memcpy(copy.committee, record->committee, record->committee_size * sizeof *copy.committee);
    return copy;
}

static struct signing_domain domain_of(const struct seal_chain *chain,
                                       const struct epoch_record *record)
{
    return signing_domain_of(chain->chain_id, &chain->genesis_hash, record);
}

static void set_record(struct seal_chain *chain, const struct epoch_record *record)
{
    struct arena arena = {0};
    const struct epoch_record copy = copy_of(record, &arena);
    arena_cleanup(&chain->arena);
    chain->arena = arena;
    chain->record = copy;
    chain->domain = domain_of(chain, &chain->record);
}

static void confirm_record(struct seal_chain *chain)
{
    struct arena arena = {0};
    const struct epoch_record copy = copy_of(&chain->record, &arena);
    arena_cleanup(&chain->confirmed_arena);
    chain->confirmed_arena = arena;
    chain->confirmed = copy;
    chain->confirmed_size = chain->links.size;
}

void seal_chain_init(struct seal_chain *chain, uint64_t chain_id, const hash256 *genesis_hash,
                     enum vm_fork genesis_fork, const struct epoch_record *trusted)
{
    *chain = (struct seal_chain){
        .chain_id = chain_id, .genesis_hash = *genesis_hash, .fork = genesis_fork};
    set_record(chain, trusted);
    confirm_record(chain);
}

void seal_chain_cleanup(struct seal_chain *chain)
{
    arena_cleanup(&chain->arena);
    arena_cleanup(&chain->confirmed_arena);
    buffer_cleanup(&chain->links);
}

/* Whether the chain came to its record by this very link. */
static bool is_last_link(const struct seal_chain *chain, struct bytes encoded)
{
    const size_t size = chain->links.size - chain->confirmed_size;
    return encoded.size > 0 && encoded.size == size
           && memcmp(encoded.data, chain->links.data + chain->confirmed_size, size) == 0;
}

/* The link that leads on from the record of `epoch`, the chain's or the confirmed one. */
static enum finality_verdict follow_link(struct seal_chain *chain, uint64_t epoch,
                                         struct bytes encoded, struct arena *arena)
{
    struct seal_link link;
    struct epoch_record next;
    const bool confirms = epoch == chain->record.epoch;
    if (!confirms && is_last_link(chain, encoded))
        return FINALITY_OK;
    const struct epoch_record *from = confirms ? &chain->record : &chain->confirmed;
    const struct signing_domain domain = domain_of(chain, from);
    if (!seal_link_decode(&link, chain->fork, encoded, arena))
        return FINALITY_BAD_ENCODING;
    const enum finality_verdict verdict = seal_link_check(&link, from, &domain, arena, &next);
    if (verdict != FINALITY_OK)
        return verdict;
    if (confirms)
        confirm_record(chain);
    chain->links.size = chain->confirmed_size;
    buffer_append_bytes(&chain->links, encoded);
    set_record(chain, &next);
    return FINALITY_OK;
}

static enum finality_verdict follow(struct seal_chain *chain, struct bytes encoded,
                                    uint64_t epoch_max, struct arena *arena)
{
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader list = rlp_list(&in);
    const uint64_t version = rlp_u64(&list);
    uint64_t epoch = rlp_u64(&list);
    struct rlp_reader links = rlp_list(&list);
    if (list.verdict != RLP_OK || version != SEAL_CHAIN_VERSION || epoch == 0)
        return FINALITY_BAD_ENCODING;
    if (epoch > chain->record.epoch)
        return FINALITY_WRONG_EPOCH;
    for (unsigned count = 0; rlp_has_more(&links); count++, epoch++) {
        const struct bytes link = rlp_item(&links);
        if (links.verdict != RLP_OK || count == SEAL_CHAIN_LINKS_MAX)
            return FINALITY_BAD_ENCODING;
        if (epoch < chain->confirmed.epoch || epoch >= epoch_max)
            continue;
        arena_reset(arena);
        const enum finality_verdict verdict = follow_link(chain, epoch, link, arena);
        if (verdict != FINALITY_OK)
            return verdict;
    }
    rlp_leave(&list, &links);
    rlp_leave(&in, &list);
    return rlp_finished(&in) ? FINALITY_OK : FINALITY_BAD_ENCODING;
}

enum finality_verdict seal_chain_follow_to(struct seal_chain *chain, struct bytes encoded,
                                           uint64_t epoch_max)
{
    struct arena arena = {0};
    const enum finality_verdict verdict = follow(chain, encoded, epoch_max, &arena);
    arena_cleanup(&arena);
    return verdict;
}

enum finality_verdict seal_chain_follow(struct seal_chain *chain, struct bytes encoded)
{
    return seal_chain_follow_to(chain, encoded, UINT64_MAX);
}
