#include "ledger/chain/system_calls.h"

#include <assert.h>

#define SYSTEM_CALL_GAS 30000000 /* EIP-4788, EIP-2935, EIP-7002, EIP-7251 */
#define WEI_PER_GWEI    1000000000

static const address SYSTEM_ADDRESS = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}}; /* EIP-4788 */
const address BEACON_ROOTS_ADDRESS = {{0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80, 0x7e, 0xf1, 0x31,
                                       0x9f, 0xb7, 0xb8, 0xbb, 0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}};
const address HISTORY_STORAGE_ADDRESS = {{0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5,
                                          0x3a, 0x10, 0xcb, 0x7a, 0x02, 0x33, 0x5b,
                                          0x17, 0x53, 0x20, 0x00, 0x29, 0x35}};
const address WITHDRAWALS_ADDRESS = {{0x00, 0x00, 0x09, 0x61, 0xef, 0x48, 0x0e, 0xb5, 0x5e, 0x80,
                                      0xd1, 0x9a, 0xd8, 0x35, 0x79, 0xa6, 0x4c, 0x00, 0x70, 0x02}};
const address CONSOLIDATIONS_ADDRESS = {{0x00, 0x00, 0xbb, 0xdd, 0xc7, 0xce, 0x48,
                                         0x86, 0x42, 0xfb, 0x57, 0x9f, 0x8b, 0x00,
                                         0xf3, 0xa5, 0x90, 0x00, 0x72, 0x51}};
const address MAINNET_DEPOSIT_CONTRACT = {{0x00, 0x00, 0x00, 0x00, 0x21, 0x9a, 0xb5,
                                           0x40, 0x35, 0x6c, 0xbb, 0x83, 0x9c, 0xbe,
                                           0x05, 0x30, 0x3d, 0x77, 0x05, 0xfa}};
/* keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)") */
static const hash256 DEPOSIT_TOPIC = {{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42,
                                       0xaf, 0xea, 0x4e, 0x5c, 0xd8, 0x2d, 0x40, 0x49,
                                       0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0, 0x88, 0x9a,
                                       0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}};

/* A call that no account pays for, in a transaction of its own. The output is valid until the
 * machine's next run. */
static struct vm_result system_call(struct execution *execution, const address *contract,
                                    struct bytes input)
{
    struct vm_environment environment = execution_vm_environment(execution);
    struct vm_host host = state_host(execution->state);
    struct vm_message message = {.kind = VM_CALL,
                                 .gas = SYSTEM_CALL_GAS,
                                 .sender = SYSTEM_ADDRESS,
                                 .recipient = *contract,
                                 .code_address = *contract,
                                 .input = input};
    environment.origin = SYSTEM_ADDRESS;
    state_begin_transaction(execution->state);
    state_warm_account(execution->state, contract);
    const struct vm_result result =
        vm_execute(execution->vm, &environment, &host, &message, execution->tracer);
    state_end_transaction(execution->state);
    return result;
}

static bool has_code(struct execution *execution, const address *contract)
{
    return state_code(execution->state, contract).size > 0;
}

/* ---- A block's start ----------------------------------------------------------------------- */

/* Its end is not looked at. EIP-4788: "if no code exists at BEACON_ROOTS_ADDRESS, the call must
 * fail silently"; EIP-2935 says the same. */
static void tell(struct execution *execution, const address *contract, const hash256 *word)
{
    if (has_code(execution, contract))
        (void)system_call(execution, contract, bytes_of(word->bytes, sizeof word->bytes));
}

void execution_begin_block(struct execution *execution)
{
    const struct block_environment *block = &execution->environment;
    tell(execution, &BEACON_ROOTS_ADDRESS, &block->parent_beacon_block_root);
    if (block->fork >= VM_FORK_PRAGUE)
        tell(execution, &HISTORY_STORAGE_ADDRESS, &block->parent_hash);
}

/* ---- A block's end ------------------------------------------------------------------------- */

void execution_end_block(struct execution *execution, const struct withdrawal *withdrawals,
                         size_t count)
{
    u256 gwei = u256_from_u64(WEI_PER_GWEI);
    state_begin_transaction(execution->state);
    for (size_t i = 0; i < count; i++) {
        u256 amount = u256_from_u64(withdrawals[i].amount_gwei);
        amount = u256_mul(&amount, &gwei);
        state_add_balance(execution->state, &withdrawals[i].address, &amount);
    }
    state_end_transaction(execution->state);
}

const char *requests_verdict_text(enum requests_verdict verdict)
{
    switch (verdict) {
    case REQUESTS_OK: return "ok";
    case REQUESTS_NO_CONTRACT: return "no contract stands where the block's end calls one";
    case REQUESTS_CALL_FAILED: return "a system call at the block's end failed";
    case REQUESTS_BAD_DEPOSIT: return "a deposit log is not laid out as EIP-6110 says";
    }
    return "unknown requests verdict";
}

/* EIP-6110, "DepositEvent": the ABI encoding of five byte strings, and so their places and
 * sizes, are fixed. A request is the five behind each other. */
static const struct {
    uint16_t offset, size;
} DEPOSIT_FIELDS[] = {
    {160, 48}, /* public key */
    {256, 32}, /* withdrawal credentials */
    {320, 8},  /* amount */
    {384, 96}, /* signature */
    {512, 8},  /* index */
};
#define DEPOSIT_FIELDS_COUNT (sizeof DEPOSIT_FIELDS / sizeof *DEPOSIT_FIELDS)
#define WORD_SIZE            32
#define DEPOSIT_LOG_SIZE     576

static bool is_word(const uint8_t *word, uint16_t value)
{
    for (size_t i = 0; i < WORD_SIZE - 2; i++)
        if (word[i] != 0)
            return false;
    return word[WORD_SIZE - 2] == value >> 8 && word[WORD_SIZE - 1] == (value & 0xff);
}

static bool read_deposit(struct bytes log, struct buffer *out)
{
    if (log.size != DEPOSIT_LOG_SIZE)
        return false;
    for (size_t i = 0; i < DEPOSIT_FIELDS_COUNT; i++) {
        const uint16_t offset = DEPOSIT_FIELDS[i].offset, size = DEPOSIT_FIELDS[i].size;
        if (!is_word(log.data + i * WORD_SIZE, offset) || !is_word(log.data + offset, size))
            return false;
        buffer_append_bytes(out, bytes_of(log.data + offset + WORD_SIZE, size));
    }
    return true;
}

static bool is_deposit(const struct log *log, const address *contract)
{
    return address_equal(&log->account, contract) && log->topics_count > 0
           && hash256_equal(&log->topics[0], &DEPOSIT_TOPIC);
}

static bool read_deposits(const struct receipt *receipts, size_t count, const address *contract,
                          struct buffer *out)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < receipts[i].logs_count; k++) {
            const struct log *log = &receipts[i].logs[k];
            if (is_deposit(log, contract) && !read_deposit(log->data, out))
                return false;
        }
    return true;
}

/* EIP-7002 and EIP-7251: "if there is no code ... the corresponding block MUST be marked
 * invalid", "if the call ... fails or returns an error, the block MUST be invalidated". */
static enum requests_verdict ask(struct execution *execution, const address *contract,
                                 struct bytes *data)
{
    if (!has_code(execution, contract))
        return REQUESTS_NO_CONTRACT;
    const struct vm_result result = system_call(execution, contract, bytes_of(NULL, 0));
    if (result.status != VM_SUCCESS)
        return REQUESTS_CALL_FAILED;
    *data = arena_copy(execution->arena, result.output);
    return REQUESTS_OK;
}

enum requests_verdict execution_collect_requests(struct execution *execution,
                                                 const struct receipt *receipts, size_t count,
                                                 const address *deposit_contract,
                                                 struct requests *requests)
{
    *requests = (struct requests){0};
    if (execution->environment.fork < VM_FORK_PRAGUE)
        return REQUESTS_OK;
    if (deposit_contract != NULL) {
        struct buffer deposits = {0};
        const bool are_good = read_deposits(receipts, count, deposit_contract, &deposits);
        requests->data[REQUEST_DEPOSITS] = arena_copy(execution->arena, buffer_view(&deposits));
        buffer_cleanup(&deposits);
        if (!are_good)
            return REQUESTS_BAD_DEPOSIT;
    }
    enum requests_verdict verdict =
        ask(execution, &WITHDRAWALS_ADDRESS, &requests->data[REQUEST_WITHDRAWALS]);
    if (verdict == REQUESTS_OK)
        verdict = ask(execution, &CONSOLIDATIONS_ADDRESS, &requests->data[REQUEST_CONSOLIDATIONS]);
    return verdict;
}
