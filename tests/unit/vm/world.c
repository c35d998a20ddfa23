#include "tests/unit/vm/world.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

address world_address(uint64_t number)
{
    u256 word = u256_from_u64(number);
    return u256_to_address(&word);
}

static struct world_account *find(struct world *world, const address *account)
{
    for (size_t index = 0; index < world->now.accounts_count; index++)
        if (address_equal(&world->now.accounts[index].address, account))
            return &world->now.accounts[index];
    return NULL;
}

/* An entry, which may be of an account that does not exist yet but is warm. */
static struct world_account *entry(struct world *world, const address *account)
{
    struct world_account *found = find(world, account);
    if (found != NULL)
        return found;
    assert(world->now.accounts_count < WORLD_ACCOUNTS_MAX);
    found = &world->now.accounts[world->now.accounts_count++];
    *found = (struct world_account){.address = *account};
    return found;
}

struct world_account *world_account(struct world *world, const address *account)
{
    struct world_account *found = entry(world, account);
    found->exists = true;
    return found;
}

static struct world_slot *slot_of(struct world *world, const address *account, const u256 *key)
{
    for (size_t index = 0; index < world->now.slots_count; index++) {
        struct world_slot *slot = &world->now.slots[index];
        if (address_equal(&slot->account, account) && u256_equal(&slot->key, key))
            return slot;
    }
    assert(world->now.slots_count < WORLD_SLOTS_MAX);
    struct world_slot *slot = &world->now.slots[world->now.slots_count++];
    *slot = (struct world_slot){.account = *account, .key = *key};
    return slot;
}

struct world_slot *world_slot(struct world *world, const address *account, uint64_t key)
{
    u256 word = u256_from_u64(key);
    return slot_of(world, account, &word);
}

static struct bytes keep(struct world *world, struct bytes code)
{
    assert(world->codes_count < sizeof world->codes / sizeof *world->codes);
    void *copy = memory_new(code.size);
    if (code.size > 0)
        memcpy(copy, code.data, code.size);
    world->codes[world->codes_count++] = copy;
    return bytes_of(copy, code.size);
}

void world_set_code_bytes(struct world *world, uint64_t number, struct bytes code)
{
    address account = world_address(number);
    world_account(world, &account)->code = keep(world, code);
}

void world_set_code(struct world *world, uint64_t number, const char *hex)
{
    struct buffer digits = {0}, code = {0};
    buffer_append_text(&digits, "0x");
    for (; *hex != 0; hex++)
        if (!isspace((unsigned char)*hex))
            buffer_append_u8(&digits, (uint8_t)*hex);
    bool is_hex = hex_decode_append(&code, (const char *)digits.data, digits.size);
    assert(is_hex);
    world_set_code_bytes(world, number, buffer_view(&code));
    buffer_cleanup(&digits);
    buffer_cleanup(&code);
}

/* ---- The host's functions ---- */

static bool host_is_empty(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    return found == NULL
           || (found->nonce == 0 && u256_is_zero(&found->balance) && found->code.size == 0);
}

static u256 host_balance(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    return found != NULL ? found->balance : U256_ZERO;
}

static uint64_t host_nonce(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    return found != NULL ? found->nonce : 0;
}

static void host_set_nonce(void *host, const address *account, uint64_t nonce)
{
    world_account(host, account)->nonce = nonce;
}

static hash256 host_code_hash(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    if (found == NULL || !found->exists)
        return (hash256){{0}};
    return keccak256(found->code.data, found->code.size);
}

static uint64_t host_code_size(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    return found != NULL ? found->code.size : 0;
}

static struct vm_code host_code(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    struct bytes code = found != NULL ? found->code : bytes_of(NULL, 0);
    return (struct vm_code){code, keccak256(code.data, code.size)};
}

static void host_set_code(void *host, const address *account, struct bytes code)
{
    world_account(host, account)->code = keep(host, code);
}

static void host_transfer(void *host, const address *from, const address *to, const u256 *value)
{
    u256 amount = *value;
    if (u256_is_zero(&amount))
        return;
    struct world_account *payer = world_account(host, from);
    bool is_short = u256_sub_overflows(&payer->balance, &amount, &payer->balance);
    assert(!is_short);
    struct world_account *payee = world_account(host, to);
    payee->balance = u256_add(&payee->balance, &amount);
}

static bool host_has_collision(void *host, const address *account)
{
    struct world_account *found = find(host, account);
    return found != NULL && (found->nonce != 0 || found->code.size > 0);
}

static void host_create_account(void *host, const address *account)
{
    world_account(host, account)->is_created = true;
}

static void host_selfdestruct(void *host, const address *account, const address *beneficiary)
{
    u256 balance = host_balance(host, account);
    host_transfer(host, account, beneficiary, &balance);
    struct world_account *found = world_account(host, account);
    found->is_destroyed = found->is_created;
}

static struct vm_slot host_load_slot(void *host, const address *account, const u256 *key)
{
    struct world_slot *slot = slot_of(host, account, key);
    struct vm_slot answer = {slot->current, slot->original, slot->is_warm};
    slot->is_warm = true;
    return answer;
}

static void host_store_slot(void *host, const address *account, const u256 *key, const u256 *value)
{
    slot_of(host, account, key)->current = *value;
}

static u256 host_load_transient(void *host, const address *account, const u256 *key)
{
    return slot_of(host, account, key)->transient;
}

static void host_store_transient(void *host, const address *account, const u256 *key,
                                 const u256 *value)
{
    slot_of(host, account, key)->transient = *value;
}

static bool host_access_account(void *host, const address *account)
{
    struct world *world = host;
    if (vm_is_precompile(world->environment.fork, account))
        return true;
    struct world_account *found = entry(host, account);
    bool was_warm = found->is_warm;
    found->is_warm = true;
    return was_warm;
}

static void host_add_refund(void *host, int64_t gas)
{
    struct world *world = host;
    world->now.refund += gas;
}

static void host_log(void *host, const address *account, const u256 *topics, size_t topics_count,
                     struct bytes data)
{
    struct world *world = host;
    size_t index = world->now.logs_count++;
    if (index >= WORLD_LOGS_MAX)
        return;
    struct world_log *log = &world->now.logs[index];
    *log = (struct world_log){
        .account = *account, .topics_count = topics_count, .data_size = data.size};
    memcpy(log->topics, topics, topics_count * sizeof *topics);
    if (data.size > 0)
        memcpy(log->data, data.data, data.size < sizeof log->data ? data.size : sizeof log->data);
}

static hash256 host_block_hash(void *host, uint64_t number)
{
    (void)host;
    u256 word = u256_from_u64(number + 0x1000);
    return u256_to_hash(&word);
}

static size_t host_snapshot(void *host)
{
    struct world *world = host;
    assert(world->snapshots_count < WORLD_SNAPSHOTS_MAX);
    struct world_state *copy = memory_new(sizeof *copy);
    *copy = world->now;
    world->snapshots[world->snapshots_count] = copy;
    return world->snapshots_count++;
}

static void forget_snapshots(struct world *world, size_t kept)
{
    while (world->snapshots_count > kept)
        free(world->snapshots[--world->snapshots_count]);
}

static void host_revert_to(void *host, size_t snapshot)
{
    struct world *world = host;
    assert(snapshot < world->snapshots_count);
    world->now = *world->snapshots[snapshot];
    forget_snapshots(world, snapshot);
}

static const struct vm_host_ops OPS = {
    .is_empty = host_is_empty,
    .balance = host_balance,
    .nonce = host_nonce,
    .set_nonce = host_set_nonce,
    .code_hash = host_code_hash,
    .code_size = host_code_size,
    .code = host_code,
    .set_code = host_set_code,
    .transfer = host_transfer,
    .has_collision = host_has_collision,
    .create_account = host_create_account,
    .selfdestruct = host_selfdestruct,
    .load_slot = host_load_slot,
    .store_slot = host_store_slot,
    .load_transient = host_load_transient,
    .store_transient = host_store_transient,
    .access_account = host_access_account,
    .add_refund = host_add_refund,
    .log = host_log,
    .block_hash = host_block_hash,
    .snapshot = host_snapshot,
    .revert_to = host_revert_to,
};

struct vm_host world_host(struct world *world)
{
    return (struct vm_host){&OPS, world};
}

void world_init(struct world *world)
{
    *world = (struct world){
        .environment = {.fork = VM_FORK_CANCUN,
                        .chain_id = 77,
                        .number = 1000,
                        .timestamp = 1700000000,
                        .gas_limit = 30000000,
                        .coinbase = world_address(0xc01),
                        .base_fee = {{7}},
                        .blob_base_fee = {{1}},
                        .gas_price = {{9}},
                        .origin = world_address(WORLD_SENDER)},
        .vm = vm_new(),
    };
    world->vm->heat_needed = WORLD_ANALYSED;
    address sender = world_address(WORLD_SENDER), contract = world_address(WORLD_CONTRACT);
    world_account(world, &sender)->balance = u256_from_u64(1000000);
    world_account(world, &contract)->balance = u256_from_u64(5000);
    host_access_account(world, &sender);
    host_access_account(world, &contract);
}

void world_cleanup(struct world *world)
{
    forget_snapshots(world, 0);
    for (size_t index = 0; index < world->codes_count; index++)
        free(world->codes[index]);
    vm_free(world->vm);
}

struct vm_result world_call(struct world *world, uint64_t gas, struct bytes input)
{
    address contract = world_address(WORLD_CONTRACT);
    struct vm_message message = {.kind = VM_CALL,
                                 .gas = gas,
                                 .sender = world_address(WORLD_SENDER),
                                 .recipient = contract,
                                 .code_address = contract,
                                 .input = input};
    struct vm_host host = world_host(world);
    return vm_execute(world->vm, &world->environment, &host, &message, world->tracer);
}

struct vm_result world_run(struct world *world, const char *code_hex, uint64_t gas)
{
    world_set_code(world, WORLD_CONTRACT, code_hex);
    return world_call(world, gas, bytes_of(NULL, 0));
}

u256 world_answer(struct vm_result result)
{
    assert(result.output.size == 32);
    return u256_load_be(result.output.data, 32);
}
