#include "ledger/chain/seal.h"

#include "ledger/org/genesis.h"

/* ---- Reading --------------------------------------------------------------------------------- */

struct plan {
    uint64_t protocol_version, fork, mode, committee_size;
    struct consensus_parameters parameters;
};

/* [version, kind, ...] of the given kind, or `fields` fails. */
static struct rlp_reader open_entry(struct rlp_reader *in, enum seal_entry_kind kind)
{
    struct rlp_reader fields = rlp_list(in);
    const uint64_t version = rlp_u64(&fields);
    if (rlp_u64(&fields) != kind || version != SEAL_ENTRY_VERSION)
        rlp_fail(&fields, RLP_WRONG_SIZE);
    return fields;
}

static bool read_plan(struct bytes entry, struct plan *plan)
{
    struct rlp_reader in = rlp_reader_over(entry);
    struct rlp_reader fields = open_entry(&in, SEAL_ENTRY_EPOCH);
    plan->protocol_version = rlp_u64(&fields);
    plan->fork = rlp_u64(&fields);
    plan->mode = rlp_u64(&fields);
    struct rlp_reader parameters = rlp_list(&fields);
    plan->parameters.pulse_ms = rlp_u64(&parameters);
    plan->parameters.tail = rlp_u64(&parameters);
    plan->parameters.block_size_max = rlp_u64(&parameters);
    plan->parameters.gas_limit = rlp_u64(&parameters);
    rlp_leave(&fields, &parameters);
    plan->committee_size = rlp_u64(&fields);
    rlp_leave(&in, &fields);
    return rlp_finished(&in) && plan->mode <= QUORUM_ALL && plan->committee_size > 0
           && plan->committee_size <= COMMITTEE_SIZE_MAX;
}

/* Appends the members of one entry; false when it is malformed or there are too many. */
static bool read_members(struct bytes entry, struct committee_entry *members, unsigned *count,
                         unsigned count_max)
{
    struct rlp_reader in = rlp_reader_over(entry);
    struct rlp_reader fields = open_entry(&in, SEAL_ENTRY_MEMBERS);
    const unsigned before = *count;
    while (rlp_has_more(&fields)) {
        if (*count == count_max || !committee_entry_decode(&members[(*count)++], &fields))
            return false;
    }
    rlp_leave(&in, &fields);
    return rlp_finished(&in) && *count > before;
}

/* Versions rise; everything else is as a founder might have it. */
static bool is_possible(const struct plan *plan, const struct epoch_record *record,
                        const struct committee_entry *committee)
{
    struct error why;
    return plan->protocol_version >= record->protocol_version && plan->fork >= record->fork
           && genesis_check_parameters(&plan->parameters, &why)
           && genesis_check_committee(committee, (unsigned)plan->committee_size, &why);
}

enum seal_verdict seal_read(struct bytes data, const struct epoch_record *record,
                            struct arena *arena, struct epoch_record *next)
{
    struct plan plan;
    *next = (struct epoch_record){0};
    if (data.size == 0)
        return SEAL_NONE;
    struct rlp_reader in = rlp_reader_over(data);
    struct rlp_reader entries = rlp_list(&in);
    if (!read_plan(rlp_string(&entries), &plan))
        return SEAL_NONE;
    const unsigned size = (unsigned)plan.committee_size;
    struct committee_entry *committee = arena_array(arena, size, sizeof *committee);
    unsigned count = 0;
    while (rlp_has_more(&entries)) {
        if (!read_members(rlp_string(&entries), committee, &count, size))
            return SEAL_NONE;
    }
    rlp_leave(&in, &entries);
    if (!rlp_finished(&in) || count != size || !is_possible(&plan, record, committee))
        return SEAL_NONE;
    if (plan.fork >= VM_FORK_COUNT || plan.protocol_version > PROTOCOL_VERSION)
        return SEAL_UNSUPPORTED;
    next->protocol_version = plan.protocol_version;
    next->fork = (enum vm_fork)plan.fork;
    next->mode = (enum quorum_mode)plan.mode;
    next->quorum = quorum_size(next->mode, size);
    next->parameters = plan.parameters;
    next->committee = committee;
    next->committee_size = size;
    return SEAL_READ;
}

void seal_complete(struct epoch_record *next, const struct epoch_record *record,
                   const struct header *seal, const hash256 *seal_hash, const struct supply *supply)
{
    next->epoch = record->epoch + 1;
    next->first_height = seal->number + 1;
    next->previous = epoch_record_hash(record);
    next->seal = *seal_hash;
    next->supply = *supply;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static size_t begin_entry(struct buffer *entry, enum seal_entry_kind kind)
{
    buffer_clear(entry);
    const size_t list = rlp_open_list(entry);
    rlp_put_u64(entry, SEAL_ENTRY_VERSION);
    rlp_put_u64(entry, kind);
    return list;
}

static void put_plan(const struct epoch_record *next, struct buffer *entry)
{
    const size_t list = begin_entry(entry, SEAL_ENTRY_EPOCH);
    rlp_put_u64(entry, next->protocol_version);
    rlp_put_u64(entry, next->fork);
    rlp_put_u64(entry, next->mode);
    const size_t parameters = rlp_open_list(entry);
    rlp_put_u64(entry, next->parameters.pulse_ms);
    rlp_put_u64(entry, next->parameters.tail);
    rlp_put_u64(entry, next->parameters.block_size_max);
    rlp_put_u64(entry, next->parameters.gas_limit);
    rlp_close_list(entry, parameters);
    rlp_put_u64(entry, next->committee_size);
    rlp_close_list(entry, list);
}

static size_t entry_size(const struct committee_entry *member)
{
    struct buffer encoded = {0};
    committee_entry_encode(member, &encoded);
    const size_t size = encoded.size;
    buffer_cleanup(&encoded);
    return size;
}

void seal_encode(const struct epoch_record *next, struct buffer *out)
{
    static const size_t frame_size = 5; /* list header, version, kind */
    struct buffer entry = {0};
    const size_t entries = rlp_open_list(out);
    put_plan(next, &entry);
    rlp_put_string(out, buffer_view(&entry));
    for (unsigned i = 0; i < next->committee_size;) {
        const size_t list = begin_entry(&entry, SEAL_ENTRY_MEMBERS);
        size_t size = frame_size;
        while (i < next->committee_size
               && size + entry_size(&next->committee[i]) <= SEAL_ENTRY_SIZE_MAX) {
            size += entry_size(&next->committee[i]);
            committee_entry_encode(&next->committee[i++], &entry);
        }
        rlp_close_list(&entry, list);
        rlp_put_string(out, buffer_view(&entry));
    }
    rlp_close_list(out, entries);
    buffer_cleanup(&entry);
}

/* ---- Reveals --------------------------------------------------------------------------------- */

void seal_carry_reveals(const struct epoch_record *record, const struct reveal_progress *before,
                        const struct epoch_record *next, struct reveal_progress *after)
{
    for (unsigned i = 0; i < next->committee_size; i++) {
        const hash256 *chain = &next->committee[i].reveal_commitment;
        after[i] = (struct reveal_progress){.last = *chain};
        for (unsigned j = 0; j < record->committee_size; j++)
            if (hash256_equal(&record->committee[j].reveal_commitment, chain))
                after[i] = before[j];
    }
}
