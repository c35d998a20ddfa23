#include "ledger/org/committee.h"

#include "vm/crypto/keccak.h"

#define WORD_SIZE 32

const address COMMITTEE_ADDRESS = {{0x6f, 0x72, 0x67, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}};

/* ---- Words of the contract ABI --------------------------------------------------------------- */

static void put_number(struct buffer *out, uint64_t value)
{
    static const uint8_t zeros[WORD_SIZE - 8];
    buffer_append(out, zeros, sizeof zeros);
    buffer_append_u64_be(out, value);
}

static void put_address(struct buffer *out, const address *value)
{
    static const uint8_t zeros[WORD_SIZE - 20];
    buffer_append(out, zeros, sizeof zeros);
    buffer_append(out, value->bytes, sizeof value->bytes);
}

/* Behind its size, filled up to whole words. */
static void put_bytes(struct buffer *out, struct bytes value)
{
    static const uint8_t zeros[WORD_SIZE];
    put_number(out, value.size);
    buffer_append_bytes(out, value);
    buffer_append(out, zeros, (WORD_SIZE - value.size % WORD_SIZE) % WORD_SIZE);
}

static void put_addresses(struct buffer *out, const address *values, size_t count)
{
    put_number(out, count);
    for (size_t i = 0; i < count; i++)
        put_address(out, &values[i]);
}

static void put_selector(struct buffer *out, const char *function)
{
    const hash256 hash = keccak256(function, strlen(function));
    buffer_append(out, hash.bytes, 4);
}

/* Entries.sol, Entry. */
#define ENTRY_TYPE  "(address,uint64,address,bytes1,bytes32,bytes32,bytes32,string)"
#define ENTRY_WORDS 8

static void put_entry(struct buffer *out, const struct committee_entry *entry)
{
    static const uint8_t zeros[WORD_SIZE - 1];
    put_address(out, &entry->consensus);
    put_number(out, entry->weight);
    put_address(out, &entry->payout);
    buffer_append_u8(out, entry->node_key[0]);
    buffer_append(out, zeros, sizeof zeros);
    buffer_append(out, entry->node_key + 1, sizeof entry->node_key - 1);
    buffer_append(out, entry->reveal_salt.bytes, sizeof entry->reveal_salt.bytes);
    buffer_append(out, entry->reveal_commitment.bytes, sizeof entry->reveal_commitment.bytes);
    put_number(out, ENTRY_WORDS * WORD_SIZE);
    put_bytes(out, bytes_of_text(entry->endpoint));
}

static size_t entry_size(const struct committee_entry *entry)
{
    const size_t text = (strlen(entry->endpoint) + WORD_SIZE - 1) / WORD_SIZE;
    return (ENTRY_WORDS + 1 + text) * WORD_SIZE;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* constructor(address founder, uint8 mode, Plan plan, Entry[] entries), Plan being
 * (protocolVersion, fork, pulseMs, tail, blockSizeMax, gasLimit). */
void committee_put_constructor(const struct genesis *genesis, struct buffer *out)
{
    static const size_t head_words = 2 + 6 + 1;
    const struct consensus_parameters *parameters = &genesis->parameters;
    put_address(out, &genesis->founder);
    put_number(out, genesis->mode);
    put_number(out, genesis->protocol_version);
    put_number(out, genesis->fork);
    put_number(out, parameters->pulse_ms);
    put_number(out, parameters->tail);
    put_number(out, parameters->block_size_max);
    put_number(out, parameters->gas_limit);
    put_number(out, head_words * WORD_SIZE);

    put_number(out, genesis->committee_size);
    size_t offset = genesis->committee_size * (size_t)WORD_SIZE;
    for (unsigned i = 0; i < genesis->committee_size; i++) {
        put_number(out, offset);
        offset += entry_size(&genesis->committee[i]);
    }
    for (unsigned i = 0; i < genesis->committee_size; i++)
        put_entry(out, &genesis->committee[i]);
}

hash256 committee_ready_digest(const struct signing_domain *domain, const address *operator_account,
                               const struct committee_ready *ready)
{
    struct buffer entry = {0}, body = {0};
    committee_entry_encode(&ready->entry, &entry);
    const hash256 entry_hash = keccak256(entry.data, entry.size);
    buffer_append(&body, operator_account->bytes, sizeof operator_account->bytes);
    buffer_append_u64_be(&body, ready->height);
    buffer_append_u64_be(&body, ready->protocol_lowest);
    buffer_append_u64_be(&body, ready->protocol_highest);
    buffer_append_u64_be(&body, ready->fork);
    buffer_append(&body, entry_hash.bytes, sizeof entry_hash.bytes);
    const hash256 digest =
        signing_digest(domain, (enum consensus_message)MESSAGE_READY, buffer_view(&body));
    buffer_cleanup(&entry);
    buffer_cleanup(&body);
    return digest;
}

void committee_put_ready(const struct committee_ready *ready, const signature *signed_by,
                         struct buffer *out)
{
    static const size_t head_words = 6;
    const size_t head = head_words * WORD_SIZE;
    put_selector(out, "ready(" ENTRY_TYPE ",uint64,uint64,uint64,uint64,bytes)");
    put_number(out, head);
    put_number(out, ready->height);
    put_number(out, ready->protocol_lowest);
    put_number(out, ready->protocol_highest);
    put_number(out, ready->fork);
    put_number(out, head + entry_size(&ready->entry));
    put_entry(out, &ready->entry);
    put_bytes(out, bytes_of(signed_by->bytes, sizeof signed_by->bytes));
}

void committee_put_change(const address *leaving, size_t leaving_count, const address *joining,
                          size_t joining_count, enum quorum_mode mode, struct buffer *out)
{
    static const size_t head_words = 3;
    put_selector(out, "change(address[],address[],uint8)");
    put_number(out, head_words * WORD_SIZE);
    put_number(out, (head_words + 1 + leaving_count) * WORD_SIZE);
    put_number(out, mode);
    put_addresses(out, leaving, leaving_count);
    put_addresses(out, joining, joining_count);
}
