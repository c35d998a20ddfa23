#include "ledger/org/genesis_json.h"

#include <assert.h>
#include <stdio.h>

#include <jansson.h>

#include "vm/base/hex.h"

/* ---- Writing ----------------------------------------------------------------------------- */

static void set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);
    assert(!failed); /* out of memory ends the process; texts are UTF-8 */
    (void)failed;
}

static void set_hex(json_t *object, const char *key, const uint8_t *bytes, size_t size)
{
    struct buffer text = {0};
    hex_append(&text, bytes_of(bytes, size));
    set(object, key, json_stringn((const char *)text.data, text.size));
    buffer_cleanup(&text);
}

static void set_integer(json_t *object, const char *key, uint64_t value)
{
    set(object, key, json_integer((json_int_t)value));
}

static void set_amount(json_t *object, const char *key, const u256 *amount)
{
    char text[U256_DECIMAL_SIZE];
    u256_format_decimal(text, amount);
    set(object, key, json_string(text));
}

static const char *const FEE_MODE_NAMES[] = {"free", "market"};

static json_t *coin_to_json(const struct genesis_coin *coin)
{
    json_t *object = json_object();
    set_amount(object, "amount", &coin->amount_wei);
    set(object, "reason", json_string(coin->reason));
    set_hex(object, "to", coin->to.bytes, sizeof coin->to.bytes);
    return object;
}

static json_t *member_to_json(const struct committee_entry *entry)
{
    json_t *object = json_object();
    set_hex(object, "consensus", entry->consensus.bytes, sizeof entry->consensus.bytes);
    set(object, "endpoint", json_string(entry->endpoint));
    set_hex(object, "nodeKey", entry->node_key, sizeof entry->node_key);
    set_hex(object, "payout", entry->payout.bytes, sizeof entry->payout.bytes);
    set_hex(object, "revealCommitment", entry->reveal_commitment.bytes,
            sizeof entry->reveal_commitment.bytes);
    set_hex(object, "revealSalt", entry->reveal_salt.bytes, sizeof entry->reveal_salt.bytes);
    set_integer(object, "weight", entry->weight);
    return object;
}

static json_t *parameters_to_json(const struct consensus_parameters *parameters)
{
    json_t *object = json_object();
    set_integer(object, "blockSizeMax", parameters->block_size_max);
    set_integer(object, "gasLimit", parameters->gas_limit);
    set_integer(object, "pulseMs", parameters->pulse_ms);
    set_integer(object, "tail", parameters->tail);
    return object;
}

struct json_t *genesis_to_json(const struct genesis *genesis)
{
    json_t *coins = json_array();
    for (size_t i = 0; i < genesis->coins_count; i++)
        json_array_append_new(coins, coin_to_json(&genesis->coins[i]));
    json_t *committee = json_array();
    for (unsigned i = 0; i < genesis->committee_size; i++)
        json_array_append_new(committee, member_to_json(&genesis->committee[i]));

    json_t *object = json_object();
    set_amount(object, "baseFeeFloor", &genesis->base_fee_floor);
    set_integer(object, "chainId", genesis->chain_id_fixed);
    set(object, "coins", coins);
    set(object, "committee", committee);
    set_integer(object, "created", genesis->created);
    set(object, "fees", json_string(FEE_MODE_NAMES[genesis->fees]));
    set(object, "fork", json_string(vm_fork_name(genesis->fork)));
    set_hex(object, "founder", genesis->founder.bytes, sizeof genesis->founder.bytes);
    set(object, "name", json_string(genesis->name));
    set(object, "parameters", parameters_to_json(&genesis->parameters));
    set_integer(object, "protocolVersion", genesis->protocol_version);
    set(object, "quorumMode", json_string(quorum_mode_name(genesis->mode)));
    set(object, "symbol", json_string(genesis->symbol));
    set(object, "transparency", json_string(transparency_name(genesis->transparency)));
    set_integer(object, "version", GENESIS_DOCUMENT_VERSION);
    return object;
}

/* ---- Reading ----------------------------------------------------------------------------- */

/* Reads one object's keys; the first failure sticks, as with a cursor. `taken` counts the keys
 * asked for, so that a key nobody asked for shows at the end. */
struct object_reader {
    const json_t *object;
    const char *where; /* "" or "committee[0]." */
    size_t taken;
    struct error *error;
    bool failed;
};

static const char *const *keys_of_document(void)
{
    static const char *const keys[] = {
        "baseFeeFloor", "chainId",      "coins",   "committee",  "created",         "fees",
        "fork",         "founder",      "name",    "parameters", "protocolVersion", "quorumMode",
        "symbol",       "transparency", "version", NULL};
    return keys;
}

static void fail(struct object_reader *in, const char *key, const char *expected)
{
    if (!in->failed)
        error_set(in->error, ERROR_INVALID, "genesis: %s%s: expected %s", in->where, key, expected);
    in->failed = true;
}

static struct object_reader reader_over(const json_t *value, const char *where, struct error *error)
{
    struct object_reader in = {.object = value, .where = where, .error = error};
    if (!json_is_object(value))
        fail(&in, "", "an object");
    return in;
}

static const json_t *take(struct object_reader *in, const char *key)
{
    if (in->failed)
        return NULL;
    const json_t *value = json_object_get(in->object, key);
    if (value == NULL)
        fail(in, key, "the key to be there");
    in->taken++;
    return value;
}

static uint64_t take_integer(struct object_reader *in, const char *key)
{
    const json_t *value = take(in, key);
    if (value == NULL)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        fail(in, key, "a whole number from 0");
        return 0;
    }
    return (uint64_t)json_integer_value(value);
}

static struct bytes take_string(struct object_reader *in, const char *key)
{
    const json_t *value = take(in, key);
    const char *text = json_string_value(value);
    if (text == NULL)
        fail(in, key, "a string");
    return bytes_of(text, json_string_length(value));
}

/* A string of at most size - 1 bytes, without zero bytes. */
static void take_text(struct object_reader *in, const char *key, char *out, size_t size)
{
    struct bytes text = take_string(in, key);
    out[0] = 0;
    if (in->failed)
        return;
    if (text.size >= size || memchr(text.data, 0, text.size) != NULL) {
        char expected[48];
        snprintf(expected, sizeof expected, "a string of at most %zu bytes", size - 1);
        fail(in, key, expected);
        return;
    }
    memcpy(out, text.data, text.size);
    out[text.size] = 0;
}

static void take_hex(struct object_reader *in, const char *key, uint8_t *out, size_t size)
{
    struct bytes text = take_string(in, key);
    if (in->failed || hex_decode_fixed(out, size, (const char *)text.data, text.size))
        return;
    char expected[48];
    snprintf(expected, sizeof expected, "0x and %zu hex digits", 2 * size);
    fail(in, key, expected);
}

static u256 take_amount(struct object_reader *in, const char *key)
{
    struct bytes text = take_string(in, key);
    u256 amount = U256_ZERO;
    if (!in->failed && !u256_parse_decimal(&amount, (const char *)text.data, text.size))
        fail(in, key, "a decimal number below 2^256 as a string");
    return amount;
}

/* False, and nothing in `error` but what failed first, if anything is left or was missing. */
static bool finished(struct object_reader *in)
{
    if (!in->failed && in->taken != json_object_size(in->object))
        fail(in, "", "no unknown keys");
    return !in->failed;
}

static void read_fees(struct object_reader *in, struct genesis *genesis)
{
    char name[16];
    take_text(in, "fees", name, sizeof name);
    if (strcmp(name, FEE_MODE_NAMES[FEES_MARKET]) == 0)
        genesis->fees = FEES_MARKET;
    else if (strcmp(name, FEE_MODE_NAMES[FEES_FREE]) != 0)
        fail(in, "fees", "\"free\" or \"market\"");
}

static void read_names(struct object_reader *in, struct genesis *genesis)
{
    char name[16];
    take_text(in, "fork", name, sizeof name);
    if (!vm_fork_parse(&genesis->fork, name))
        fail(in, "fork", "the name of an EVM fork, such as \"cancun\"");
    take_text(in, "quorumMode", name, sizeof name);
    if (!quorum_mode_parse(&genesis->mode, name))
        fail(in, "quorumMode", "\"bft\", \"crash\" or \"all\"");
    take_text(in, "transparency", name, sizeof name);
    if (!transparency_parse(&genesis->transparency, name))
        fail(in, "transparency", "\"open\", \"members\", \"parties\" or \"sealed\"");
}

static void read_parameters(struct object_reader *in, struct genesis *genesis)
{
    const json_t *value = take(in, "parameters");
    if (value == NULL)
        return;
    struct object_reader object = reader_over(value, "parameters.", in->error);
    genesis->parameters.block_size_max = take_integer(&object, "blockSizeMax");
    genesis->parameters.gas_limit = take_integer(&object, "gasLimit");
    genesis->parameters.pulse_ms = take_integer(&object, "pulseMs");
    genesis->parameters.tail = take_integer(&object, "tail");
    in->failed = !finished(&object);
}

static bool read_coin(const json_t *value, size_t index, struct genesis_coin *coin,
                      struct error *error)
{
    char where[48];
    snprintf(where, sizeof where, "coins[%zu].", index);
    struct object_reader in = reader_over(value, where, error);
    coin->amount_wei = take_amount(&in, "amount");
    take_text(&in, "reason", coin->reason, sizeof coin->reason);
    take_hex(&in, "to", coin->to.bytes, sizeof coin->to.bytes);
    return finished(&in);
}

static bool read_member(const json_t *value, size_t index, struct committee_entry *entry,
                        struct error *error)
{
    char where[48];
    snprintf(where, sizeof where, "committee[%zu].", index);
    struct object_reader in = reader_over(value, where, error);
    take_hex(&in, "consensus", entry->consensus.bytes, sizeof entry->consensus.bytes);
    take_text(&in, "endpoint", entry->endpoint, sizeof entry->endpoint);
    take_hex(&in, "nodeKey", entry->node_key, sizeof entry->node_key);
    take_hex(&in, "payout", entry->payout.bytes, sizeof entry->payout.bytes);
    take_hex(&in, "revealCommitment", entry->reveal_commitment.bytes,
             sizeof entry->reveal_commitment.bytes);
    take_hex(&in, "revealSalt", entry->reveal_salt.bytes, sizeof entry->reveal_salt.bytes);
    entry->weight = take_integer(&in, "weight");
    return finished(&in);
}

/* An array of at most `count_max`; NULL after a failure. */
static const json_t *take_array(struct object_reader *in, const char *key, size_t count_max)
{
    const json_t *value = take(in, key);
    if (value == NULL)
        return NULL;
    if (!json_is_array(value) || json_array_size(value) > count_max) {
        char expected[48];
        snprintf(expected, sizeof expected, "an array of at most %zu", count_max);
        fail(in, key, expected);
        return NULL;
    }
    return value;
}

static void read_coins(struct object_reader *in, struct genesis *genesis, struct arena *arena)
{
    const json_t *array = take_array(in, "coins", GENESIS_COINS_MAX);
    if (array == NULL)
        return;
    genesis->coins_count = json_array_size(array);
    genesis->coins = arena_array(arena, genesis->coins_count, sizeof *genesis->coins);
    for (size_t i = 0; i < genesis->coins_count && !in->failed; i++)
        in->failed = !read_coin(json_array_get(array, i), i, &genesis->coins[i], in->error);
}

static void read_committee(struct object_reader *in, struct genesis *genesis, struct arena *arena)
{
    const json_t *array = take_array(in, "committee", COMMITTEE_SIZE_MAX);
    if (array == NULL)
        return;
    genesis->committee_size = (unsigned)json_array_size(array);
    genesis->committee = arena_array(arena, genesis->committee_size, sizeof *genesis->committee);
    for (unsigned i = 0; i < genesis->committee_size && !in->failed; i++)
        in->failed = !read_member(json_array_get(array, i), i, &genesis->committee[i], in->error);
}

/* Names a key of the document that this version does not know; NULL if there is none. */
static const char *unknown_key(const json_t *document)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)document, key, value)
    {
        const char *const *known = keys_of_document();
        while (*known != NULL && strcmp(*known, key) != 0)
            known++;
        if (*known == NULL)
            return key;
    }
    return NULL;
}

bool genesis_from_json(struct genesis *genesis, const struct json_t *document, struct arena *arena,
                       struct error *error)
{
    struct object_reader in = reader_over(document, "", error);
    const uint64_t version = take_integer(&in, "version");
    if (!in.failed && version > GENESIS_DOCUMENT_VERSION)
        return error_set(error, ERROR_UNSUPPORTED,
                         "genesis: document version %llu is not in this version (it knows %d): "
                         "needs a newer lnode",
                         (unsigned long long)version, GENESIS_DOCUMENT_VERSION);
    genesis->protocol_version = take_integer(&in, "protocolVersion");
    if (!in.failed && genesis->protocol_version > PROTOCOL_VERSION)
        return error_set(error, ERROR_UNSUPPORTED,
                         "genesis: protocol version %llu is not in this version (it runs %d): "
                         "needs a newer lnode",
                         (unsigned long long)genesis->protocol_version, PROTOCOL_VERSION);
    const char *unknown = json_is_object(document) ? unknown_key(document) : NULL;
    if (!in.failed && unknown != NULL)
        return error_set(error, ERROR_INVALID, "genesis: unknown key \"%.40s\"", unknown);

    genesis->base_fee_floor = take_amount(&in, "baseFeeFloor");
    genesis->chain_id_fixed = take_integer(&in, "chainId");
    genesis->created = take_integer(&in, "created");
    take_hex(&in, "founder", genesis->founder.bytes, sizeof genesis->founder.bytes);
    take_text(&in, "name", genesis->name, sizeof genesis->name);
    take_text(&in, "symbol", genesis->symbol, sizeof genesis->symbol);
    read_fees(&in, genesis);
    read_names(&in, genesis);
    read_parameters(&in, genesis);
    read_coins(&in, genesis, arena);
    read_committee(&in, genesis, arena);
    return finished(&in);
}
