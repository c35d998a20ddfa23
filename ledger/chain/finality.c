#include "ledger/chain/finality.h"

#include <assert.h>
#include <strings.h>

#include "vm/base/cursor.h"
#include "vm/crypto/keccak.h"

/* Numbers on disk and in hashes; names may be added behind, never moved. */
static_assert(VM_FORK_CANCUN == 0 && VM_FORK_PRAGUE == 1 && VM_FORK_OSAKA == 2, "stored");
static_assert(QUORUM_BFT == 0 && QUORUM_CRASH == 1 && QUORUM_ALL == 2, "stored");

static const char DOMAIN_TAG[4] = {'O', 'R', 'G', '1'};

/* ---- Quorums ---------------------------------------------------------------------------- */

static const char *const QUORUM_NAMES[] = {"bft", "crash", "all"};

const char *quorum_mode_name(enum quorum_mode mode)
{
    assert(mode <= QUORUM_ALL);
    return QUORUM_NAMES[mode];
}

bool quorum_mode_parse(enum quorum_mode *mode, const char *name)
{
    for (unsigned i = QUORUM_BFT; i <= QUORUM_ALL; i++) {
        if (strcmp(QUORUM_NAMES[i], name) == 0) {
            *mode = (enum quorum_mode)i;
            return true;
        }
    }
    return false;
}

unsigned quorum_size(enum quorum_mode mode, unsigned committee_size)
{
    switch (mode) {
    case QUORUM_BFT: return 2 * committee_size / 3 + 1;
    case QUORUM_CRASH: return committee_size / 2 + 1;
    case QUORUM_ALL: return committee_size;
    }
    assert(!"a quorum mode");
    return 0;
}

/* ---- Committee and epoch record ---------------------------------------------------------- */

void supply_encode(const struct supply *supply, struct buffer *out)
{
    const size_t list = rlp_open_list(out);
    rlp_put_u256(out, &supply->issued);
    rlp_put_u256(out, &supply->reissued);
    rlp_put_u256(out, &supply->burnt);
    rlp_put_u256(out, &supply->retired);
    rlp_put_u256(out, &supply->destroyed);
    rlp_close_list(out, list);
}

struct supply supply_read(struct rlp_reader *in)
{
    struct supply supply;
    struct rlp_reader list = rlp_list(in);
    supply.issued = rlp_u256(&list);
    supply.reissued = rlp_u256(&list);
    supply.burnt = rlp_u256(&list);
    supply.retired = rlp_u256(&list);
    supply.destroyed = rlp_u256(&list);
    rlp_leave(in, &list);
    return supply;
}

void committee_entry_encode(const struct committee_entry *entry, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, COMMITTEE_ENTRY_VERSION);
    rlp_put_address(out, &entry->consensus);
    rlp_put_string(out, bytes_of(entry->node_key, sizeof entry->node_key));
    rlp_put_address(out, &entry->payout);
    rlp_put_u64(out, entry->weight);
    rlp_put_string(out, bytes_of_text(entry->endpoint));
    rlp_put_hash(out, &entry->reveal_salt);
    rlp_put_hash(out, &entry->reveal_commitment);
    rlp_close_list(out, list);
}

static void read_endpoint(struct rlp_reader *in, char endpoint[COMMITTEE_ENDPOINT_MAX + 1])
{
    struct bytes text = rlp_string(in);
    if (text.size > COMMITTEE_ENDPOINT_MAX || (text.size > 0 && memchr(text.data, 0, text.size))) {
        rlp_fail(in, RLP_TOO_LARGE);
        return;
    }
    if (text.size > 0)
        memcpy(endpoint, text.data, text.size);
    endpoint[text.size] = 0;
}

bool committee_entry_decode(struct committee_entry *entry, struct rlp_reader *in)
{
    *entry = (struct committee_entry){0};
    struct rlp_reader list = rlp_list(in);
    uint64_t version = rlp_u64(&list);
    rlp_fixed(&list, entry->consensus.bytes, sizeof entry->consensus.bytes);
    rlp_fixed(&list, entry->node_key, sizeof entry->node_key);
    rlp_fixed(&list, entry->payout.bytes, sizeof entry->payout.bytes);
    entry->weight = rlp_u64(&list);
    read_endpoint(&list, entry->endpoint);
    rlp_fixed(&list, entry->reveal_salt.bytes, sizeof entry->reveal_salt.bytes);
    rlp_fixed(&list, entry->reveal_commitment.bytes, sizeof entry->reveal_commitment.bytes);
    rlp_leave(in, &list);
    return in->verdict == RLP_OK && version == COMMITTEE_ENTRY_VERSION;
}

static void put_committee(const struct committee_entry *entries, unsigned count, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    for (unsigned i = 0; i < count; i++)
        committee_entry_encode(&entries[i], out);
    rlp_close_list(out, list);
}

hash256 committee_hash(const struct committee_entry *entries, unsigned count)
{
    struct buffer encoded = {0};
    put_committee(entries, count, &encoded);
    hash256 hash = keccak256(encoded.data, encoded.size);
    buffer_cleanup(&encoded);
    return hash;
}

static void put_parameters(const struct consensus_parameters *parameters, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, parameters->pulse_ms);
    rlp_put_u64(out, parameters->tail);
    rlp_put_u64(out, parameters->block_size_max);
    rlp_put_u64(out, parameters->gas_limit);
    rlp_close_list(out, list);
}

void epoch_record_encode(const struct epoch_record *record, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, EPOCH_RECORD_VERSION);
    rlp_put_u64(out, record->epoch);
    rlp_put_u64(out, record->protocol_version);
    rlp_put_u64(out, record->fork);
    rlp_put_u64(out, record->first_height);
    rlp_put_hash(out, &record->previous);
    rlp_put_hash(out, &record->seal);
    rlp_put_u64(out, record->committee_size);
    rlp_put_u64(out, record->quorum);
    rlp_put_u64(out, record->mode);
    put_parameters(&record->parameters, out);
    put_committee(record->committee, record->committee_size, out);
    rlp_put_u256(out, &record->supply.issued);
    rlp_put_u256(out, &record->supply.reissued);
    rlp_put_u256(out, &record->supply.burnt);
    rlp_put_u256(out, &record->supply.retired);
    rlp_put_u256(out, &record->supply.destroyed);
    rlp_close_list(out, list);
}

static struct consensus_parameters read_parameters(struct rlp_reader *in)
{
    struct rlp_reader list = rlp_list(in);
    struct consensus_parameters parameters = {
        .pulse_ms = rlp_u64(&list),
    };
    parameters.tail = rlp_u64(&list);
    parameters.block_size_max = rlp_u64(&list);
    parameters.gas_limit = rlp_u64(&list);
    rlp_leave(in, &list);
    return parameters;
}

/* Exactly `count` entries; false for another number or a bad one. */
static bool read_committee(struct rlp_reader *in, unsigned count, struct committee_entry *entries)
{
    bool ok = true;
    struct rlp_reader list = rlp_list(in);
    for (unsigned i = 0; ok && i < count; i++)
        ok = committee_entry_decode(&entries[i], &list);
    rlp_leave(in, &list);
    return ok && in->verdict == RLP_OK;
}

bool epoch_record_decode(struct epoch_record *record, struct bytes encoded, struct arena *arena)
{
    *record = (struct epoch_record){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader list = rlp_list(&in);
    uint64_t version = rlp_u64(&list);
    record->epoch = rlp_u64(&list);
    record->protocol_version = rlp_u64(&list);
    uint64_t fork = rlp_u64(&list);
    record->first_height = rlp_u64(&list);
    rlp_fixed(&list, record->previous.bytes, sizeof record->previous.bytes);
    rlp_fixed(&list, record->seal.bytes, sizeof record->seal.bytes);
    uint64_t committee_size = rlp_u64(&list);
    uint64_t quorum = rlp_u64(&list);
    uint64_t mode = rlp_u64(&list);
    record->parameters = read_parameters(&list);
    if (list.verdict != RLP_OK || version != EPOCH_RECORD_VERSION || fork >= VM_FORK_COUNT
        || mode > QUORUM_ALL || committee_size == 0 || committee_size > COMMITTEE_SIZE_MAX)
        return false;
    record->fork = (enum vm_fork)fork;
    record->mode = (enum quorum_mode)mode;
    record->committee_size = (unsigned)committee_size;
    record->quorum = quorum_size(record->mode, record->committee_size);
    record->committee = arena_array(arena, record->committee_size, sizeof *record->committee);
    if (quorum != record->quorum
        || !read_committee(&list, record->committee_size, record->committee))
        return false;
    record->supply.issued = rlp_u256(&list);
    record->supply.reissued = rlp_u256(&list);
    record->supply.burnt = rlp_u256(&list);
    record->supply.retired = rlp_u256(&list);
    record->supply.destroyed = rlp_u256(&list);
    rlp_leave(&in, &list);
    return rlp_finished(&in);
}

hash256 epoch_record_hash(const struct epoch_record *record)
{
    struct buffer encoded = {0};
    epoch_record_encode(record, &encoded);
    hash256 hash = keccak256(encoded.data, encoded.size);
    buffer_cleanup(&encoded);
    return hash;
}

/* ---- What is signed ---------------------------------------------------------------------- */

struct signing_domain signing_domain_of(uint64_t chain_id, const hash256 *genesis_hash,
                                        const struct epoch_record *record)
{
    return (struct signing_domain){
        .chain_id = chain_id,
        .genesis_hash = *genesis_hash,
        .epoch = record->epoch,
        .committee = committee_hash(record->committee, record->committee_size),
    };
}

static void store_u64_be(uint8_t out[8], uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)value;
}

static void update_u64_be(struct keccak *keccak, uint64_t value)
{
    uint8_t bytes[8];
    store_u64_be(bytes, value);
    keccak_update(keccak, bytes, sizeof bytes);
}

hash256 signing_digest(const struct signing_domain *domain, enum consensus_message message,
                       struct bytes body)
{
    const uint8_t type = (uint8_t)message;
    uint8_t chain_id[32] = {0};
    store_u64_be(chain_id + 24, domain->chain_id);

    struct keccak keccak;
    keccak_init(&keccak);
    keccak_update(&keccak, DOMAIN_TAG, sizeof DOMAIN_TAG);
    keccak_update(&keccak, &type, sizeof type);
    keccak_update(&keccak, chain_id, sizeof chain_id);
    keccak_update(&keccak, domain->genesis_hash.bytes, sizeof domain->genesis_hash.bytes);
    update_u64_be(&keccak, domain->epoch);
    keccak_update(&keccak, domain->committee.bytes, sizeof domain->committee.bytes);
    keccak_update(&keccak, body.data, body.size);
    return keccak_finish(&keccak);
}

hash256 proposal_digest(uint64_t epoch, uint64_t view, uint64_t parent_view,
                        const hash256 *block_hash)
{
    struct keccak keccak;
    keccak_init(&keccak);
    update_u64_be(&keccak, epoch);
    update_u64_be(&keccak, view);
    update_u64_be(&keccak, parent_view);
    keccak_update(&keccak, block_hash->bytes, sizeof block_hash->bytes);
    return keccak_finish(&keccak);
}

hash256 vote_digest(const struct signing_domain *domain, enum consensus_message kind, uint64_t view,
                    const hash256 *proposal)
{
    uint8_t body[8 + 32];
    store_u64_be(body, view);
    if (kind == MESSAGE_NULLIFY)
        return signing_digest(domain, kind, bytes_of(body, 8));
    memcpy(body + 8, proposal->bytes, sizeof proposal->bytes);
    return signing_digest(domain, kind, bytes_of(body, sizeof body));
}

/* ---- Certificate ------------------------------------------------------------------------- */

static bool has_signer(const struct certificate *certificate, unsigned signer)
{
    return certificate->bitmap[signer / 8] >> (signer % 8) & 1;
}

static unsigned count_signers(const struct certificate *certificate)
{
    unsigned count = 0;
    for (size_t i = 0; i < sizeof certificate->bitmap; i++)
        count += (unsigned)__builtin_popcount(certificate->bitmap[i]);
    return count;
}

/* Bytes up to the last signer's. */
static uint8_t bitmap_size(const struct certificate *certificate)
{
    size_t size = sizeof certificate->bitmap;
    while (size > 0 && certificate->bitmap[size - 1] == 0)
        size--;
    return (uint8_t)size;
}

/* version u8 | kind u8 | epoch u64 | view u64 | parent view u64 | block hash 32
 * | bitmap size u8 | bitmap, its last byte not zero | signatures 65 each; big-endian. */
void certificate_encode(const struct certificate *certificate, struct buffer *out)
{
    assert(certificate->signatures_count == count_signers(certificate));
    const uint8_t bitmap = bitmap_size(certificate);
    buffer_append_u8(out, CERTIFICATE_VERSION);
    buffer_append_u8(out, (uint8_t)certificate->kind);
    buffer_append_u64_be(out, certificate->epoch);
    buffer_append_u64_be(out, certificate->view);
    buffer_append_u64_be(out, certificate->parent_view);
    buffer_append(out, certificate->block_hash.bytes, sizeof certificate->block_hash.bytes);
    buffer_append_u8(out, bitmap);
    buffer_append(out, certificate->bitmap, bitmap);
    for (unsigned i = 0; i < certificate->signatures_count; i++)
        buffer_append(out, certificate->signatures[i].bytes, SIGNATURE_SIZE);
}

static bool is_certificate_kind(enum consensus_message kind)
{
    return kind == MESSAGE_NOTARIZE || kind == MESSAGE_NULLIFY || kind == MESSAGE_FINALIZE;
}

bool certificate_decode(struct certificate *certificate, struct bytes encoded, struct arena *arena)
{
    *certificate = (struct certificate){0};
    struct cursor in = cursor_over(encoded.data, encoded.size);
    uint8_t version = cursor_u8(&in);
    certificate->kind = (enum consensus_message)cursor_u8(&in);
    certificate->epoch = cursor_u64_be(&in);
    certificate->view = cursor_u64_be(&in);
    certificate->parent_view = cursor_u64_be(&in);
    cursor_copy(&in, certificate->block_hash.bytes, sizeof certificate->block_hash.bytes);
    uint8_t bitmap = cursor_u8(&in);
    if (bitmap > sizeof certificate->bitmap)
        return false;
    cursor_copy(&in, certificate->bitmap, bitmap);
    for (unsigned i = COMMITTEE_SIZE_MAX; i < 8 * sizeof certificate->bitmap; i++)
        if (has_signer(certificate, i))
            return false;

    certificate->signatures_count = count_signers(certificate);
    certificate->signatures =
        arena_array(arena, certificate->signatures_count, sizeof *certificate->signatures);
    for (unsigned i = 0; i < certificate->signatures_count; i++)
        cursor_copy(&in, certificate->signatures[i].bytes, SIGNATURE_SIZE);

    const bool names_block =
        certificate->parent_view != 0 || !hash256_is_zero(&certificate->block_hash);
    return cursor_finished(&in) && version == CERTIFICATE_VERSION
           && is_certificate_kind(certificate->kind) && bitmap == bitmap_size(certificate)
           && (certificate->kind != MESSAGE_NULLIFY || !names_block);
}

unsigned certificate_signers_end(const struct certificate *certificate)
{
    unsigned end = 8 * sizeof certificate->bitmap;
    while (end > 0 && !has_signer(certificate, end - 1))
        end--;
    return end;
}

static hash256 certificate_digest(const struct certificate *certificate,
                                  const struct signing_domain *domain)
{
    hash256 proposal = proposal_digest(certificate->epoch, certificate->view,
                                       certificate->parent_view, &certificate->block_hash);
    return vote_digest(domain, certificate->kind, certificate->view, &proposal);
}

enum finality_verdict certificate_check(const struct certificate *certificate,
                                        const struct signing_domain *domain,
                                        const struct epoch_record *record)
{
    if (!is_certificate_kind(certificate->kind))
        return FINALITY_WRONG_KIND;
    if (certificate->epoch != record->epoch || domain->epoch != record->epoch)
        return FINALITY_WRONG_EPOCH;
    for (unsigned i = record->committee_size; i < 8 * sizeof certificate->bitmap; i++)
        if (has_signer(certificate, i))
            return FINALITY_UNKNOWN_SIGNER;
    if (count_signers(certificate) != record->quorum
        || certificate->signatures_count != record->quorum)
        return FINALITY_QUORUM_MISSED;

    const hash256 digest = certificate_digest(certificate, domain);
    unsigned next = 0;
    for (unsigned i = 0; i < record->committee_size; i++) {
        if (!has_signer(certificate, i))
            continue;
        const signature *vote = &certificate->signatures[next++];
        address signer;
        if (!signature_is_low_s(vote) || !signature_recover_address(vote, &digest, &signer)
            || !address_equal(&signer, &record->committee[i].consensus))
            return FINALITY_BAD_SIGNATURE;
    }
    return FINALITY_OK;
}

/* ---- Finality proof ---------------------------------------------------------------------- */

void finality_proof_encode(const struct finality_proof *proof, enum vm_fork fork,
                           struct buffer *out)
{
    struct buffer certificate = {0};
    certificate_encode(&proof->finalization, &certificate);
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, FINALITY_PROOF_VERSION);
    size_t headers = rlp_open_list(out);
    for (unsigned i = 0; i < proof->headers_count; i++)
        header_encode(&proof->headers[i], fork, out);
    rlp_close_list(out, headers);
    rlp_put_string(out, buffer_view(&certificate));
    rlp_close_list(out, list);
    buffer_cleanup(&certificate);
}

bool finality_proof_decode(struct finality_proof *proof, enum vm_fork fork, struct bytes encoded,
                           struct arena *arena)
{
    *proof = (struct finality_proof){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader list = rlp_list(&in);
    uint64_t version = rlp_u64(&list);
    struct rlp_reader headers = rlp_list(&list);
    proof->headers = arena_array(arena, FINALITY_PROOF_HEADERS_MAX, sizeof *proof->headers);
    while (rlp_has_more(&headers)) {
        if (proof->headers_count == FINALITY_PROOF_HEADERS_MAX
            || !header_decode(&proof->headers[proof->headers_count++], fork, &headers))
            return false;
    }
    rlp_leave(&list, &headers);
    struct bytes certificate = rlp_string(&list);
    rlp_leave(&in, &list);
    return rlp_finished(&in) && version == FINALITY_PROOF_VERSION && proof->headers_count > 0
           && certificate_decode(&proof->finalization, certificate, arena);
}

enum finality_verdict finality_proof_check(const struct finality_proof *proof,
                                           const struct signing_domain *domain,
                                           const struct epoch_record *record)
{
    if (proof->headers_count == 0 || proof->headers_count > FINALITY_PROOF_HEADERS_MAX)
        return FINALITY_BAD_ENCODING;
    if (proof->finalization.kind != MESSAGE_FINALIZE)
        return FINALITY_WRONG_KIND;

    const hash256 record_hash = epoch_record_hash(record);
    hash256 hash = {{0}};
    for (unsigned i = 0; i < proof->headers_count; i++) {
        const struct header *header = &proof->headers[i];
        if (i > 0
            && (!hash256_equal(&header->parent_hash, &hash)
                || header->number != proof->headers[i - 1].number + 1))
            return FINALITY_BROKEN_CHAIN;
        if (header->number > 0 && !hash256_equal(&header->parent_beacon_block_root, &record_hash))
            return FINALITY_WRONG_RECORD;
        hash = header_hash(header, record->fork);
    }
    if (!hash256_equal(&hash, &proof->finalization.block_hash))
        return FINALITY_WRONG_BLOCK;
    return certificate_check(&proof->finalization, domain, record);
}

const char *finality_verdict_text(enum finality_verdict verdict)
{
    switch (verdict) {
    case FINALITY_OK: return "final";
    case FINALITY_BAD_ENCODING: return "the proof is not in its canonical form";
    case FINALITY_WRONG_KIND: return "the certificate is of another kind than asked for";
    case FINALITY_WRONG_EPOCH: return "the certificate is of another epoch";
    case FINALITY_WRONG_BLOCK: return "the certificate names another block";
    case FINALITY_BROKEN_CHAIN: return "the headers are not parent and child";
    case FINALITY_WRONG_RECORD: return "a header names another epoch record";
    case FINALITY_QUORUM_MISSED: return "the certificate has not exactly a quorum of signers";
    case FINALITY_UNKNOWN_SIGNER: return "a signer is beyond the committee";
    case FINALITY_BAD_SIGNATURE: return "a signature is not by the member it stands for";
    case FINALITY_WRONG_REQUESTS: return "the requests are not those of the header";
    case FINALITY_NO_SEAL: return "the block is not the seal of its epoch";
    case FINALITY_UNSUPPORTED: return "the next epoch needs a newer program";
    case FINALITY_GAP: return "too many blocks follow each other without a certificate";
    }
    assert(!"a finality verdict");
    return "";
}
