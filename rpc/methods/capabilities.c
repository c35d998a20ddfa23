/* eth_config (EIP-7910) and eth_capabilities: by which rules the ledger runs, and which of its past
 * this node answers for. */
#include "rpc/methods/methods.h"

#include "ledger/chain/system_calls.h"
#include "ledger/state/past.h"
#include "rpc/http/gzip.h"
#include "rpc/scope.h"

#include <inttypes.h>

/* EIP-7910's names, sorted as it sorts them. */
static const struct {
    const char *name;
    uint16_t low; /* the address's last two bytes; the others are zero */
} PRECOMPILES[] = {
    {"BLAKE2F", 0x09},
    {"BLS12_G1ADD", 0x0b},
    {"BLS12_G1MSM", 0x0c},
    {"BLS12_G2ADD", 0x0d},
    {"BLS12_G2MSM", 0x0e},
    {"BLS12_MAP_FP2_TO_G2", 0x11},
    {"BLS12_MAP_FP_TO_G1", 0x10},
    {"BLS12_PAIRING_CHECK", 0x0f},
    {"BN254_ADD", 0x06},
    {"BN254_MUL", 0x07},
    {"BN254_PAIRING", 0x08},
    {"ECREC", 0x01},
    {"ID", 0x04},
    {"KZG_POINT_EVALUATION", 0x0a},
    {"MODEXP", 0x05},
    {"P256VERIFY", 0x100},
    {"RIPEMD160", 0x03},
    {"SHA256", 0x02},
};

static const struct {
    const char *name;
    const address *at;
    uint8_t first_fork; /* enum vm_fork */
} SYSTEM_CONTRACTS[] = {
    {"BEACON_ROOTS_ADDRESS", &BEACON_ROOTS_ADDRESS, VM_FORK_CANCUN},
    {"CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS", &CONSOLIDATIONS_ADDRESS, VM_FORK_PRAGUE},
    {"HISTORY_STORAGE_ADDRESS", &HISTORY_STORAGE_ADDRESS, VM_FORK_PRAGUE},
    {"WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS", &WITHDRAWALS_ADDRESS, VM_FORK_PRAGUE},
};

static void write_precompiles(struct buffer *out, enum vm_fork fork)
{
    write_key_raw(out, "precompiles", "{");
    for (size_t i = 0; i < sizeof PRECOMPILES / sizeof *PRECOMPILES; i++) {
        const uint16_t low = PRECOMPILES[i].low;
        const address at = {.bytes = {[18] = (uint8_t)(low >> 8), [19] = (uint8_t)low}};
        if (vm_is_precompile(fork, &at))
            write_key_address(out, PRECOMPILES[i].name, &at);
    }
    write_raw(out, "}");
}

static void write_system_contracts(struct buffer *out, enum vm_fork fork)
{
    write_key_raw(out, "systemContracts", "{");
    for (size_t i = 0; i < sizeof SYSTEM_CONTRACTS / sizeof *SYSTEM_CONTRACTS; i++)
        if ((enum vm_fork)SYSTEM_CONTRACTS[i].first_fork <= fork)
            write_key_address(out, SYSTEM_CONTRACTS[i].name, SYSTEM_CONTRACTS[i].at);
    write_raw(out, "}");
}

/* The genesis names one fork for ever, so there is no next one, and the id is the genesis hash's
 * alone (EIP-6122: forks in force at genesis are not part of it). No blob is taken. */
enum call_outcome method_eth_config(struct call *call)
{
    struct buffer *out = call->out;
    const enum vm_fork fork = ledger_genesis(call->ledger)->fork;
    const hash256 *id = ledger_id(call->ledger);
    const uint32_t checksum = gzip_checksum(bytes_of(id->bytes, sizeof id->bytes));
    const uint64_t fraction = fork < VM_FORK_PRAGUE ? 3338477 : 5007716; /* EIP-4844, EIP-7691 */
    write_raw(out, "{");
    write_key_raw(out, "current", "{");
    write_key_decimal(out, "activationTime", 0);
    write_key_raw(out, "blobSchedule", "{");
    write_key_decimal(out, "baseFeeUpdateFraction", fraction);
    write_key_decimal(out, "max", 0);
    write_key_decimal(out, "target", 0);
    write_raw(out, "}");
    write_key_quantity(out, "chainId", ledger_chain_id(call->ledger));
    write_key(out, "forkId");
    buffer_append_format(out, "\"0x%08" PRIx32 "\"", checksum);
    write_precompiles(out, fork);
    write_system_contracts(out, fork);
    write_raw(out, "}");
    write_key_raw(out, "next", "null");
    write_key_raw(out, "last", "null");
    write_raw(out, "}");
    return CALL_ANSWERED;
}

static void write_from(struct buffer *out, const char *resource, uint64_t oldest)
{
    write_key_raw(out, resource, "{");
    write_key_bool(out, "disabled", false);
    write_key_quantity(out, "oldestBlock", oldest);
    write_raw(out, "}");
}

/* Everything is kept from block 0, or the snapshot, on; only proofs end where past tries do. */
enum call_outcome method_eth_capabilities(struct call *call)
{
    struct buffer *out = call->out;
    struct ledger_view *view = call_view(call);
    struct header header;
    hash256 hash;
    struct error error = {0};
    if (view == NULL)
        return CALL_FAILED;
    const uint64_t head = view_head(view), earliest = view_earliest(view);
    const uint64_t proofs = head > PAST_BLOCKS ? head - PAST_BLOCKS : 0;
    if (!view_header(view, head, &header, &hash, &error))
        return call_fail_with(call, &error);
    write_raw(out, "{");
    write_key_raw(out, "head", "{");
    write_key_quantity(out, "number", head);
    write_key_hash(out, "hash", &hash);
    write_raw(out, "}");
    write_from(out, "state", earliest);
    write_from(out, "tx", earliest);
    write_from(out, "logs", earliest);
    write_from(out, "receipts", earliest);
    write_from(out, "blocks", earliest);
    write_key_raw(out, "stateproofs", "{");
    write_key_bool(out, "disabled", false);
    write_key_quantity(out, "oldestBlock", proofs > earliest ? proofs : earliest);
    write_key_raw(out, "deleteStrategy", "{");
    write_key_text(out, "type", "window");
    write_key_quantity(out, "retentionBlocks", PAST_BLOCKS);
    write_raw(out, "}}}");
    return CALL_ANSWERED;
}
