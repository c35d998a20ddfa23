/* The organisations of this node: which there are, what one is, founding one, the proof that a
 * block is final, and blocks whole. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/methods/org_request.h"
#include "rpc/scope.h"
#include <inttypes.h>

static void write_summary(struct buffer *out, const struct org_summary *org)
{
    write_separator(out);
    write_raw(out, "{");
    write_key_text(out, "label", org->label);
    write_key_text(out, "name", org->name);
    write_key_text(out, "symbol", org->symbol);
    write_key_hash(out, "id", &org->id);
    write_key_quantity(out, "chainId", org->chain_id);
    write_key_address(out, "founder", &org->founder);
    write_key_text(out, "transparency", transparency_name(org->transparency));
    write_key_quantity(out, "height", org->height);
    write_key_quantity(out, "timestamp", org->block_time);
    write_key_bool(out, "isDefault", org->is_default);
    write_key(out, "stopped");
    if (org->stopped[0] != '\0')
        write_text(out, org->stopped);
    else
        write_raw(out, "null");
    write_key(out, "path");
    buffer_append_format(out, "\"/o/%s\"}", org->label);
}

enum call_outcome method_org_list(struct call *call)
{
    size_t count;
    struct org_summary *orgs = call->host->ops->orgs(call->host->context, call->arena, &count);
    write_raw(call->out, "[");
    for (size_t index = 0; index < count; index++)
        write_summary(call->out, &orgs[index]);
    write_raw(call->out, "]");
    return CALL_ANSWERED;
}

/* ---- One organisation -------------------------------------------------------------------- */

static void write_committee(struct buffer *out, const struct epoch_record *record)
{
    write_key_raw(out, "committee", "[");
    for (unsigned index = 0; index < record->committee_size; index++) {
        const struct committee_entry *entry = &record->committee[index];
        write_separator(out);
        write_raw(out, "{");
        write_key_address(out, "consensus", &entry->consensus);
        write_key_data(out, "nodeKey", bytes_of(entry->node_key, sizeof entry->node_key));
        write_key_address(out, "payout", &entry->payout);
        write_key_quantity(out, "weight", entry->weight);
        write_key_text(out, "endpoint", entry->endpoint);
        write_key_hash(out, "revealSalt", &entry->reveal_salt);
        write_key_hash(out, "revealCommitment", &entry->reveal_commitment);
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

static void write_supply(struct buffer *out, const struct supply *supply)
{
    /* outstanding = issued + re-issued - burnt - retired - destroyed (ledger.md) */
    u256 outstanding = u256_add(&supply->issued, &supply->reissued);
    outstanding = u256_sub(&outstanding, &supply->burnt);
    outstanding = u256_sub(&outstanding, &supply->retired);
    outstanding = u256_sub(&outstanding, &supply->destroyed);
    write_key_raw(out, "supply", "{");
    write_key_u256(out, "issued", &supply->issued);
    write_key_u256(out, "reissued", &supply->reissued);
    write_key_u256(out, "burnt", &supply->burnt);
    write_key_u256(out, "retired", &supply->retired);
    write_key_u256(out, "destroyed", &supply->destroyed);
    write_key_u256(out, "outstanding", &outstanding);
    write_raw(out, "}");
}

/* `parameters` and who may vote: what the signatures of an epoch are bound to. */
static void write_epoch(struct buffer *out, const struct epoch_record *record,
                        const hash256 *committee)
{
    hash256 hash = epoch_record_hash(record);
    struct buffer encoded = {0};
    epoch_record_encode(record, &encoded);
    write_key_raw(out, "epoch", "{");
    write_key_quantity(out, "number", record->epoch);
    write_key_hash(out, "hash", &hash);
    write_key_quantity(out, "protocolVersion", record->protocol_version);
    write_key_text(out, "fork", vm_fork_name(record->fork));
    write_key_quantity(out, "firstHeight", record->first_height);
    write_key_hash(out, "previous", &record->previous);
    write_key_hash(out, "seal", &record->seal);
    write_key_text(out, "mode", quorum_mode_name(record->mode));
    write_key_quantity(out, "quorum", record->quorum);
    write_key_quantity(out, "pulseMs", record->parameters.pulse_ms);
    write_key_quantity(out, "tail", record->parameters.tail);
    write_key_quantity(out, "blockSizeMax", record->parameters.block_size_max);
    write_key_quantity(out, "gasLimit", record->parameters.gas_limit);
    write_key_hash(out, "committeeHash", committee);
    write_key_data(out, "encoded", buffer_view(&encoded));
    write_raw(out, "}");
    buffer_cleanup(&encoded);
}

static void write_genesis_coin(struct buffer *out, const struct genesis *genesis)
{
    write_key_raw(out, "genesisCoin", "[");
    for (size_t index = 0; index < genesis->coins_count; index++) {
        write_separator(out);
        write_raw(out, "{");
        write_key_address(out, "to", &genesis->coins[index].to);
        write_key_u256(out, "amount", &genesis->coins[index].amount_wei);
        write_key_text(out, "reason", genesis->coins[index].reason);
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

static const struct org_summary *find_summary(struct call *call)
{
    size_t count;
    struct org_summary *orgs = call->host->ops->orgs(call->host->context, call->arena, &count);
    for (size_t index = 0; index < count; index++)
        if (hash256_equal(&orgs[index].id, ledger_id(call->ledger)))
            return &orgs[index];
    return NULL;
}

static void write_genesis(struct buffer *out, struct ledger *ledger)
{
    const struct genesis *genesis = ledger_genesis(ledger);
    write_key_text(out, "name", genesis->name);
    write_key_text(out, "symbol", genesis->symbol);
    write_key_hash(out, "id", ledger_id(ledger));
    write_key_quantity(out, "chainId", ledger_chain_id(ledger));
    write_key_address(out, "founder", &genesis->founder);
    write_key_text(out, "transparency", transparency_name(genesis->transparency));
    write_key_text(out, "fees", genesis->fees == FEES_FREE ? "free" : "market");
    write_key_u256(out, "baseFeeFloor", &genesis->base_fee_floor);
    write_key_quantity(out, "created", genesis->created);
    write_key_text(out, "fork", vm_fork_name(genesis->fork));
    write_genesis_coin(out, genesis);
}

enum call_outcome org_show(struct call *call)
{
    struct buffer *out = call->out;
    struct ledger_view *view = call_view(call);
    const struct epoch_record *record;
    struct signing_domain domain;
    struct supply supply;
    struct error error = {0};
    if (view == NULL)
        return CALL_FAILED;
    if (!view_supply(view, view_head(view), &supply, &error)
        || !view_epoch(view, view_head(view) + 1, &record, &domain, &error))
        return call_fail_with(call, &error);
    const struct org_summary *summary = find_summary(call);
    const char *label = call->host->ops->label(call->pinned);
    write_raw(out, "{");
    write_key_text(out, "label", label);
    write_key(out, "path");
    buffer_append_format(out, "\"/o/%s\"", label);
    write_key_bool(out, "isDefault", summary != NULL && summary->is_default);
    write_key_quantity(out, "height", view_head(view));
    write_genesis(out, call->ledger);
    write_supply(out, &supply);
    write_epoch(out, record, &domain.committee);
    write_committee(out, record);
    write_key(out, "stopped");
    if (summary != NULL && summary->stopped[0] != '\0')
        write_text(out, summary->stopped);
    else
        write_raw(out, "null");
    write_key(out, "charter"); /* canonical JSON: as it is */
    buffer_append_bytes(out, ledger_genesis_document(call->ledger));
    write_raw(out, "}");
    return CALL_ANSWERED;
}

enum call_outcome method_org_get(struct call *call)
{
    if (!call->arguments[0].is_given)
        return call->ledger != NULL ? org_show(call) : call_fail_without_ledger(call);
    return call_acquire(call, call->arguments[0].name, org_show);
}

enum call_outcome method_org_create(struct call *call)
{
    struct org_request request;
    struct org_summary *summary = arena_alloc(call->arena, sizeof *summary);
    struct error error = {0};
    if (!org_request_read(call, call->arguments[0].json, &request))
        return CALL_FAILED;
    if (!call->host->ops->create_org(call->host->context, &request, summary, &error))
        return call_fail_with(call, &error);
    return call_acquire(call, summary->label, org_show);
}

/* ---- Finality ---------------------------------------------------------------------------- */

static const char *message_name(enum consensus_message kind)
{
    switch (kind) {
    case MESSAGE_PROPOSAL: return "proposal";
    case MESSAGE_NOTARIZE: return "notarize";
    case MESSAGE_NULLIFY: return "nullify";
    case MESSAGE_FINALIZE: return "finalize";
    case MESSAGE_STATUS: return "status";
    }
    return "unknown";
}

static void write_certificate(struct buffer *out, const struct certificate *certificate)
{
    unsigned signer = 0;
    write_key_raw(out, "finalization", "{");
    write_key_text(out, "kind", message_name(certificate->kind));
    write_key_quantity(out, "epoch", certificate->epoch);
    write_key_quantity(out, "view", certificate->view);
    write_key_quantity(out, "parentView", certificate->parent_view);
    write_key_hash(out, "blockHash", &certificate->block_hash);
    write_key_raw(out, "signatures", "[");
    for (unsigned index = 0; index < certificate->signatures_count; index++, signer++) {
        while (signer < COMMITTEE_SIZE_MAX
               && (certificate->bitmap[signer / 8] >> signer % 8 & 1) == 0)
            signer++;
        write_separator(out);
        write_raw(out, "{");
        write_key_quantity(out, "signer", signer);
        write_key_data(out, "signature",
                       bytes_of(certificate->signatures[index].bytes, SIGNATURE_SIZE));
        write_raw(out, "}");
    }
    write_raw(out, "]}");
}

enum call_outcome method_org_get_finality_proof(struct call *call)
{
    struct ledger_view *view = call_view(call);
    struct finality_proof proof;
    struct error error = {0};
    struct buffer encoded = {0}, *out = call->out;
    uint64_t height;
    if (view == NULL || !call_height(call, &call->arguments[0].block, &height))
        return CALL_FAILED;
    if (height == 0)
        return call_fail(call, RPC_SERVER_ERROR,
                         "block 0 needs no finality proof: its hash is the organisation's id");
    if (!view_finality_proof(view, height, call->arena, &proof, &error))
        return call_fail_with(call, &error);
    finality_proof_encode(&proof, ledger_genesis(call->ledger)->fork, &encoded);
    write_raw(out, "{");
    write_key_quantity(out, "height", height);
    write_key_quantity(out, "chainId", ledger_chain_id(call->ledger));
    write_key_hash(out, "id", ledger_id(call->ledger));
    write_key_quantity(out, "headersCount", proof.headers_count);
    write_certificate(out, &proof.finalization);
    write_key_data(out, "proof", buffer_view(&encoded));
    write_raw(out, "}");
    buffer_cleanup(&encoded);
    return CALL_ANSWERED;
}

/* What leads from the record of one epoch to later ones, for who trusts that record. */
enum call_outcome method_org_get_seals(struct call *call)
{
    struct ledger_view *view = call_view(call);
    const struct epoch_record *newest;
    struct signing_domain domain;
    struct error error = {0};
    struct buffer chain = {0}, *out = call->out;
    const uint64_t first = call->arguments[0].number;
    unsigned links;
    if (view == NULL)
        return CALL_FAILED;
    if (!view_epoch(view, view_head(view) + 1, &newest, &domain, &error)
        || !view_seal_chain(view, first, SEAL_CHAIN_LINKS_MAX, &chain, &links, &error)) {
        buffer_cleanup(&chain);
        return call_fail_with(call, &error);
    }
    write_raw(out, "{");
    write_key_quantity(out, "epoch", first);
    write_key_quantity(out, "links", links);
    write_key_quantity(out, "newest", newest->epoch);
    write_key_data(out, "chain", buffer_view(&chain));
    write_raw(out, "}");
    buffer_cleanup(&chain);
    return CALL_ANSWERED;
}

/* ---- Blocks for whoever keeps the ledger themselves ---------------------------------------- */

static void write_key_encoded(struct buffer *out, const char *key,
                              const struct certificate *certificate)
{
    struct buffer encoded = {0};
    certificate_encode(certificate, &encoded);
    write_key_data(out, key, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

enum call_outcome method_org_get_block(struct call *call)
{
    struct ledger_view *view = call_view(call);
    struct block block;
    struct certificate finalization;
    struct error error = {0};
    struct buffer container = {0}, *out = call->out;
    uint64_t height;
    bool has_own;
    if (view == NULL || !call_height(call, &call->arguments[0].block, &height))
        return CALL_FAILED;
    if (height == 0)
        return call_fail(call, RPC_SERVER_ERROR,
                         "block 0 follows from the charter that org_get shows");
    if (!view_block(view, height, call->arena, &block, &error)
        || !view_finalization(view, height, call->arena, &finalization, &has_own, &error))
        return call_fail_with(call, &error);
    block_container_encode(&block, ledger_genesis(call->ledger)->fork, &container);
    write_raw(out, "{");
    write_key_quantity(out, "height", height);
    write_key_hash(out, "hash", &block.hash);
    write_key_data(out, "container", buffer_view(&container));
    if (has_own)
        write_key_encoded(out, "finalization", &finalization);
    else
        write_key_raw(out, "finalization", "null");
    write_raw(out, "}");
    buffer_cleanup(&container);
    return CALL_ANSWERED;
}
