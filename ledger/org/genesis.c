#include "ledger/org/genesis.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "ledger/chain/block.h"
#include "ledger/chain/requests.h"
#include "ledger/org/genesis_json.h"
#include "vm/crypto/keccak.h"

/* Bounds of what a founder may choose. */
#define PULSE_MS_MAX       3600000
#define TAIL_MAX           1000
#define BLOCK_SIZE_MIN     (TRANSACTION_SIZE_MAX + 4096) /* the largest transaction fits */
#define BLOCK_SIZE_CEILING BLOCK_RLP_SIZE_MAX            /* consensus 2.16 */

struct genesis genesis_defaults(void)
{
    return (struct genesis){
        .fork = VM_FORK_NEWEST,
        .protocol_version = PROTOCOL_VERSION,
        .mode = QUORUM_BFT,
        .parameters = {.pulse_ms = 1000,
                       .tail = 5,
                       .block_size_max = 256 * 1024,
                       .gas_limit = 60000000},
        .fees = FEES_FREE,
        .transparency = TRANSPARENCY_OPEN,
    };
}

static const char *const TRANSPARENCY_NAMES[] = {"open", "members", "parties", "sealed"};

const char *transparency_name(enum transparency_level level)
{
    assert(level <= TRANSPARENCY_SEALED);
    return TRANSPARENCY_NAMES[level];
}

bool transparency_parse(enum transparency_level *level, const char *name)
{
    for (unsigned i = TRANSPARENCY_OPEN; i <= TRANSPARENCY_SEALED; i++) {
        if (strcmp(TRANSPARENCY_NAMES[i], name) == 0) {
            *level = (enum transparency_level)i;
            return true;
        }
    }
    return false;
}

/* ---- Rules ------------------------------------------------------------------------------- */

static bool check_range(const char *key, uint64_t value, uint64_t min, uint64_t max,
                        struct error *error)
{
    if (value >= min && value <= max)
        return true;
    return error_set(error, ERROR_INVALID, "genesis: %s is %llu, expected %llu to %llu", key,
                     (unsigned long long)value, (unsigned long long)min, (unsigned long long)max);
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool check_text(const char *key, const char *text, size_t size_max, struct error *error)
{
    const size_t size = strnlen(text, size_max + 1);
    if (size == 0 || size > size_max)
        return error_set(error, ERROR_INVALID, "genesis: %s is %s, expected 1 to %zu bytes", key,
                         size == 0 ? "empty" : "too long", size_max);
    if (has_control(text))
        return error_set(error, ERROR_INVALID, "genesis: %s has a control character", key);
    return true;
}

static bool check_symbol(const char *symbol, struct error *error)
{
    if (!check_text("symbol", symbol, GENESIS_SYMBOL_MAX, error))
        return false;
    for (; *symbol; symbol++) {
        const bool plain = (*symbol >= 'A' && *symbol <= 'Z') || (*symbol >= 'a' && *symbol <= 'z')
                           || (*symbol >= '0' && *symbol <= '9');
        if (!plain)
            return error_set(error, ERROR_INVALID,
                             "genesis: symbol has '%c', expected letters and digits", *symbol);
    }
    return true;
}

static bool check_member(const struct committee_entry *entries, unsigned index, struct error *error)
{
    const struct committee_entry *entry = &entries[index];
    if (address_is_zero(&entry->consensus) || address_is_zero(&entry->payout))
        return error_set(error, ERROR_INVALID, "genesis: committee[%u] has a zero address", index);
    if (entry->node_key[0] != 2 && entry->node_key[0] != 3)
        return error_set(error, ERROR_INVALID,
                         "genesis: committee[%u].nodeKey starts with %02x, expected a compressed "
                         "key (02 or 03)",
                         index, entry->node_key[0]);
    if (entry->weight == 0 || entry->weight > GENESIS_CHAIN_ID_MAX)
        return error_set(error, ERROR_INVALID, "genesis: committee[%u].weight is out of range",
                         index);
    if (has_control(entry->endpoint))
        return error_set(error, ERROR_INVALID,
                         "genesis: committee[%u].endpoint has a control character", index);
    for (unsigned i = 0; i < index; i++) {
        const struct committee_entry *other = &entries[i];
        if (address_equal(&entry->consensus, &other->consensus)
            || address_equal(&entry->payout, &other->payout)
            || memcmp(entry->node_key, other->node_key, sizeof entry->node_key) == 0)
            return error_set(error, ERROR_INVALID,
                             "genesis: committee[%u] repeats an address or key of committee[%u]",
                             index, i);
    }
    return true;
}

static bool check_coins(const struct genesis *genesis, struct error *error)
{
    if (genesis->coins_count > GENESIS_COINS_MAX)
        return error_set(error, ERROR_INVALID, "genesis: %zu coins, expected at most %d",
                         genesis->coins_count, GENESIS_COINS_MAX);
    u256 sum = U256_ZERO;
    for (size_t i = 0; i < genesis->coins_count; i++) {
        const struct genesis_coin *coin = &genesis->coins[i];
        char key[48];
        snprintf(key, sizeof key, "coins[%zu].reason", i);
        if (!check_text(key, coin->reason, GENESIS_REASON_MAX, error))
            return false;
        if (u256_is_zero(&coin->amount_wei))
            return error_set(error, ERROR_INVALID, "genesis: coins[%zu].amount is 0", i);
        /* No sum of balances may come near 2^256: half of it is no limit to anyone. */
        if (u256_add_overflows(&sum, &coin->amount_wei, &sum) || u256_bit_length(&sum) > 255)
            return error_set(error, ERROR_INVALID,
                             "genesis: coins add up to more than 2^255 - 1 wei");
    }
    return true;
}

static bool check_fees(const struct genesis *genesis, struct error *error)
{
    if (genesis->fees == FEES_FREE && !u256_is_zero(&genesis->base_fee_floor))
        return error_set(error, ERROR_INVALID,
                         "genesis: baseFeeFloor must be \"0\" where fees are \"free\"");
    if (u256_bit_length(&genesis->base_fee_floor) > 128)
        return error_set(error, ERROR_INVALID, "genesis: baseFeeFloor is over 2^128 - 1");
    return true;
}

static bool check_supported(const struct genesis *genesis, struct error *error)
{
    if (genesis->protocol_version == 0 && genesis->fork >= VM_FORK_PRAGUE)
        return error_set(error, ERROR_UNSUPPORTED,
                         "genesis: protocol version 0, which had no committee contract, is not in "
                         "this version from fork prague on (it runs %d): found the organisation "
                         "anew",
                         PROTOCOL_VERSION);
    if (genesis->protocol_version > PROTOCOL_VERSION)
        return error_set(error, ERROR_UNSUPPORTED,
                         "genesis: protocol version %llu is not in this version (it runs %d): "
                         "needs a newer lnode",
                         (unsigned long long)genesis->protocol_version, PROTOCOL_VERSION);
    if (genesis->transparency != TRANSPARENCY_OPEN)
        return error_set(error, ERROR_UNSUPPORTED,
                         "genesis: transparency \"%s\" is not in this version, expected \"open\"",
                         transparency_name(genesis->transparency));
    return true;
}

bool genesis_check_parameters(const struct consensus_parameters *parameters, struct error *error)
{
    return check_range("pulseMs", parameters->pulse_ms, 0, PULSE_MS_MAX, error)
           && check_range("tail", parameters->tail, 0, TAIL_MAX, error)
           && check_range("blockSizeMax", parameters->block_size_max, BLOCK_SIZE_MIN,
                          BLOCK_SIZE_CEILING, error)
           && check_range("gasLimit", parameters->gas_limit, GENESIS_GAS_LIMIT_MIN,
                          GENESIS_GAS_LIMIT_MAX, error);
}

bool genesis_check_committee(const struct committee_entry *entries, unsigned count,
                             struct error *error)
{
    if (!check_range("committee's size", count, 1, COMMITTEE_SIZE_MAX, error))
        return false;
    for (unsigned i = 0; i < count; i++)
        if (!check_member(entries, i, error))
            return false;
    return true;
}

static bool check_terms(const struct genesis *genesis, struct error *error)
{
    return check_supported(genesis, error)
           && check_text("name", genesis->name, GENESIS_NAME_MAX, error)
           && check_symbol(genesis->symbol, error)
           && check_range("created", genesis->created, 0, GENESIS_CHAIN_ID_MAX / 1000, error)
           && check_range("chainId", genesis->chain_id_fixed, 0, GENESIS_CHAIN_ID_MAX, error)
           && genesis_check_parameters(&genesis->parameters, error) && check_fees(genesis, error)
           && check_coins(genesis, error);
}

bool genesis_check(const struct genesis *genesis, struct error *error)
{
    return check_terms(genesis, error)
           && genesis_check_committee(genesis->committee, genesis->committee_size, error);
}

/* ---- Document ---------------------------------------------------------------------------- */

void genesis_format(const struct genesis *genesis, struct buffer *out)
{
    json_t *document = genesis_to_json(genesis);
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    assert(text != NULL); /* texts were checked to be UTF-8 */
    buffer_append_text(out, text);
    free(text);
    json_decref(document);
}

void genesis_format_terms(const struct genesis *genesis, struct buffer *out)
{
    struct genesis terms = *genesis;
    terms.committee_size = 0;
    genesis_format(&terms, out);
}

static bool check_canonical(const struct genesis *genesis, struct bytes document,
                            struct error *error)
{
    struct buffer again = {0};
    genesis_format(genesis, &again);
    const bool same = bytes_equal(buffer_view(&again), document);
    buffer_cleanup(&again);
    if (!same)
        return error_set(error, ERROR_INVALID,
                         "genesis: not in canonical form (keys sorted, no white space, lower-case "
                         "hex, numbers without leading zeros)");
    return true;
}

static bool read_document(struct genesis *genesis, struct bytes document, struct arena *arena,
                          struct error *error)
{
    *genesis = (struct genesis){0};
    if (document.size > GENESIS_SIZE_MAX)
        return error_set(error, ERROR_INVALID, "genesis: %zu bytes, expected at most %d",
                         document.size, GENESIS_SIZE_MAX);
    json_error_t reason;
    json_t *root =
        json_loadb((const char *)document.data, document.size, JSON_REJECT_DUPLICATES, &reason);
    if (root == NULL)
        return error_set(error, ERROR_INVALID, "genesis: no valid JSON: %s (byte %d)", reason.text,
                         reason.position);
    const bool ok = genesis_from_json(genesis, root, arena, error);
    json_decref(root);
    return ok;
}

bool genesis_parse(struct genesis *genesis, struct bytes document, struct arena *arena,
                   struct error *error)
{
    return read_document(genesis, document, arena, error) && genesis_check(genesis, error)
           && check_canonical(genesis, document, error);
}

bool genesis_parse_terms(struct genesis *genesis, struct bytes document, struct arena *arena,
                         struct error *error)
{
    if (!read_document(genesis, document, arena, error) || !check_terms(genesis, error))
        return false;
    if (genesis->committee_size != 0)
        return error_set(error, ERROR_INVALID,
                         "genesis: the terms of a founding have a committee of %u, expected none "
                         "yet",
                         genesis->committee_size);
    return check_canonical(genesis, document, error);
}

hash256 genesis_document_hash(struct bytes document)
{
    return keccak256(document.data, document.size);
}

uint64_t genesis_chain_id(const struct genesis *genesis, const hash256 *document_hash)
{
    if (genesis->chain_id_fixed != 0)
        return genesis->chain_id_fixed;
    uint64_t id = 0;
    for (int i = 0; i < 6; i++)
        id = id << 8 | document_hash->bytes[i];
    return id == 0 ? 1 : id;
}

/* ---- Block 0 ----------------------------------------------------------------------------- */

static bool no_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                    struct buffer *out)
{
    (void)context, (void)owner, (void)path, (void)path_size, (void)out;
    return false;
}

bool genesis_header(const struct genesis *genesis, const hash256 *document_hash,
                    struct state_changes *state, struct arena *arena, struct trie_changes *out,
                    struct header *header, struct error *error)
{
    const struct trie_source nothing = {no_node, NULL};
    *header = (struct header){
        .ommers_hash = EMPTY_OMMERS_HASH,
        .state_root = EMPTY_TRIE_ROOT,
        .transactions_root = EMPTY_TRIE_ROOT,
        .receipts_root = EMPTY_TRIE_ROOT,
        .withdrawals_root = EMPTY_TRIE_ROOT,
        .gas_limit = genesis->parameters.gas_limit,
        .timestamp = genesis->created,
        .extra_data_size = sizeof document_hash->bytes,
        .base_fee = genesis->base_fee_floor,
    };
    memcpy(header->extra_data, document_hash->bytes, sizeof document_hash->bytes);
    if (genesis->fork >= VM_FORK_PRAGUE)
        header->requests_hash = requests_hash(&(struct requests){0});
    return state_root_update(&nothing, &header->state_root, state, arena, out, error);
}

struct epoch_record genesis_epoch_record(const struct genesis *genesis, const hash256 *block_0)
{
    struct epoch_record record = {
        .epoch = 1,
        .protocol_version = genesis->protocol_version,
        .fork = genesis->fork,
        .first_height = 1,
        .seal = *block_0,
        .mode = genesis->mode,
        .quorum = quorum_size(genesis->mode, genesis->committee_size),
        .parameters = genesis->parameters,
        .committee = genesis->committee,
        .committee_size = genesis->committee_size,
    };
    for (size_t i = 0; i < genesis->coins_count; i++)
        record.supply.issued = u256_add(&record.supply.issued, &genesis->coins[i].amount_wei);
    return record;
}
