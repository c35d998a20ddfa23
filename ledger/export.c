#include "ledger/export.h"

#include <assert.h>
#include <stdlib.h>

#include <jansson.h>

#include "ledger/inside.h"
#include "vm/base/hex.h"

static void set(json_t *object, const char *key, json_t *value)
{
    const int failed = json_object_set_new(object, key, value);
    assert(!failed);
    (void)failed;
}

static json_t *hex_of(const uint8_t *bytes, size_t size)
{
    struct buffer text = {0};
    hex_append(&text, bytes_of(bytes, size));
    json_t *value = json_stringn((const char *)text.data, text.size);
    buffer_cleanup(&text);
    return value;
}

static json_t *quantity(const u256 *value)
{
    char text[U256_HEX_SIZE];
    u256_format_quantity(text, value);
    return json_string(text);
}

static json_t *quantity_u64(uint64_t value)
{
    const u256 wide = u256_from_u64(value);
    return quantity(&wide);
}

/* The forks that time activates, from Shanghai; EIP-7840: target, maximum and update fraction of
 * blobs, which stand there for tools that ask: there are no blobs. */
static const struct {
    const char *time, *schedule;
    enum vm_fork fork;
    int target, max, update_fraction;
} TIMED_FORKS[] = {
    {"cancunTime", "cancun", VM_FORK_CANCUN, 3, 6, 3338477}, /* EIP-4844 */
    {"pragueTime", "prague", VM_FORK_PRAGUE, 6, 9, 5007716}, /* EIP-7691 */
    {"osakaTime", "osaka", VM_FORK_OSAKA, 6, 9, 5007716},    /* EIP-7607: as before */
};

/* Every fork up to the ledger's from block 0 on. */
static json_t *config_of(uint64_t chain_id, enum vm_fork fork)
{
    static const char *const blocks[] = {
        "homesteadBlock",   "eip150Block",         "eip155Block",     "eip158Block",
        "byzantiumBlock",   "constantinopleBlock", "petersburgBlock", "istanbulBlock",
        "muirGlacierBlock", "berlinBlock",         "londonBlock",     "arrowGlacierBlock",
        "grayGlacierBlock", "mergeNetsplitBlock"};
    json_t *config = json_object();
    set(config, "chainId", json_integer((json_int_t)chain_id));
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        set(config, blocks[i], json_integer(0));
    set(config, "shanghaiTime", json_integer(0));
    set(config, "terminalTotalDifficulty", json_integer(0));
    set(config, "terminalTotalDifficultyPassed", json_true());
    json_t *schedules = json_object();
    for (size_t i = 0; i < sizeof TIMED_FORKS / sizeof *TIMED_FORKS; i++) {
        if (TIMED_FORKS[i].fork > fork)
            continue;
        set(config, TIMED_FORKS[i].time, json_integer(0));
        set(schedules, TIMED_FORKS[i].schedule,
            json_pack("{s:i,s:i,s:i}", "target", TIMED_FORKS[i].target, "max", TIMED_FORKS[i].max,
                      "baseFeeUpdateFraction", TIMED_FORKS[i].update_fraction));
    }
    set(config, "blobSchedule", schedules);
    if (fork >= VM_FORK_PRAGUE) { /* EIP-6110: nobody's, since there is no deposit contract */
        const address nobody = {{0}};
        set(config, "depositContractAddress", hex_of(nobody.bytes, sizeof nobody.bytes));
    }
    return config;
}

static struct bytes code_of(const struct state_changes *state, const hash256 *hash)
{
    for (size_t i = 0; i < state->codes_count; i++)
        if (hash256_equal(&state->codes[i].hash, hash))
            return state->codes[i].code;
    return (struct bytes){0};
}

/* Of an account of block 0: { slot: value }, 32 bytes each. */
static json_t *storage_of(const struct account_change *change)
{
    json_t *storage = json_object();
    for (size_t i = 0; i < change->slots_count; i++) {
        const struct slot_change *slot = &change->slots[i];
        uint8_t word[32];
        char key[2 + 64 + 1] = "0x";
        u256_store_be(word, &slot->key);
        hex_encode(key + 2, word, sizeof word);
        u256_store_be(word, &slot->after);
        set(storage, key, hex_of(word, sizeof word));
    }
    return storage;
}

static json_t *alloc_of(const struct genesis *genesis)
{
    struct arena arena = {0};
    const struct state_changes state = genesis_state(genesis, &arena);
    json_t *alloc = json_object();
    for (size_t i = 0; i < state.accounts_count; i++) {
        const struct account_change *change = &state.accounts[i];
        const struct bytes code = code_of(&state, &change->after.code_hash);
        char key[2 + 40 + 1] = "0x";
        hex_encode(key + 2, change->address.bytes, sizeof change->address.bytes);
        json_t *account = json_object();
        set(account, "balance", quantity(&change->after.balance));
        if (change->after.nonce > 0)
            set(account, "nonce", quantity_u64(change->after.nonce));
        if (code.size > 0)
            set(account, "code", hex_of(code.data, code.size));
        if (change->slots_count > 0)
            set(account, "storage", storage_of(change));
        set(alloc, key, account);
    }
    arena_cleanup(&arena);
    return alloc;
}

bool export_genesis(const struct ledger_view *view, struct buffer *out, struct error *error)
{
    struct header header;
    hash256 hash;
    if (!view_header(view, 0, &header, &hash, error))
        return false;
    json_t *genesis = json_object();
    set(genesis, "config",
        config_of(ledger_chain_id(view->ledger), ledger_genesis(view->ledger)->fork));
    set(genesis, "nonce", hex_of(header.nonce, sizeof header.nonce));
    set(genesis, "timestamp", quantity_u64(header.timestamp));
    set(genesis, "extraData", hex_of(header.extra_data, header.extra_data_size));
    set(genesis, "gasLimit", quantity_u64(header.gas_limit));
    set(genesis, "difficulty", quantity(&header.difficulty));
    set(genesis, "mixHash", hex_of(header.mix_hash.bytes, sizeof header.mix_hash.bytes));
    set(genesis, "coinbase", hex_of(header.beneficiary.bytes, sizeof header.beneficiary.bytes));
    set(genesis, "alloc", alloc_of(ledger_genesis(view->ledger)));
    set(genesis, "number", quantity_u64(0));
    set(genesis, "gasUsed", quantity_u64(0));
    set(genesis, "parentHash", hex_of(header.parent_hash.bytes, sizeof header.parent_hash.bytes));
    set(genesis, "baseFeePerGas", quantity(&header.base_fee));
    set(genesis, "excessBlobGas", quantity_u64(0));
    set(genesis, "blobGasUsed", quantity_u64(0));
    if (ledger_genesis(view->ledger)->fork >= VM_FORK_PRAGUE)
        set(genesis, "requestsHash",
            hex_of(header.requests_hash.bytes, sizeof header.requests_hash.bytes));

    char *text = json_dumps(genesis, JSON_INDENT(2));
    assert(text != NULL);
    buffer_append_text(out, text);
    buffer_append_text(out, "\n");
    free(text);
    json_decref(genesis);
    return true;
}

bool export_block(const struct ledger_view *view, uint64_t height, struct buffer *out,
                  struct error *error)
{
    struct arena arena = {0};
    struct block block;
    const bool ok = view_block(view, height, &arena, &block, error);
    if (ok)
        block_encode(&block, header_fork(view->ledger), out);
    arena_cleanup(&arena);
    return ok;
}

bool export_replayable(const struct ledger_view *view, uint64_t *height, struct error *error)
{
    /* Protocol versions 0 and 1 have no precompile of ours and an open ledger no guards: any EVM of
     * the fork executes every block. */
    static_assert(PROTOCOL_VERSION == 1, "does a newer one have any?");
    assert(ledger_genesis(view->ledger)->transparency == TRANSPARENCY_OPEN);
    const uint64_t newest = view->moment->epoch->record.epoch;
    *height = view_head(view);
    for (uint64_t number = 2; number <= newest; number++) {
        const struct epoch *epoch = view_epoch_numbered(view, number, error);
        if (epoch == NULL)
            return false;
        /* Others raise a fork by time, and the seal may be of the same second. */
        if (epoch->record.fork != view->ledger->genesis.fork) {
            *height = epoch->record.first_height - 1;
            break;
        }
    }
    return true;
}
