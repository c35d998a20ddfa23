#include "tests/gas_cut/program.h"

#include <assert.h>

#include "ledger/state/state.h"
#include "vm/opcodes.h"

#define CONTRACTS       6
#define CONTRACT_FIRST  0x40 /* addresses: this and the next ones */
#define ACCOUNTS_BEYOND 3    /* addresses that are called, too, and are empty */
#define SNIPPETS_MAX    24   /* in one contract */

static uint64_t below(struct seeded *random, uint64_t end)
{
    return seeded_u64(random) % end;
}

static void push(struct buffer *code, uint64_t value)
{
    if (value > 0xff) {
        buffer_append_u8(code, VM_OP_PUSH2);
        buffer_append_u16_be(code, (uint16_t)value);
    } else {
        buffer_append_u8(code, VM_OP_PUSH1);
        buffer_append_u8(code, (uint8_t)value);
    }
}

/* A contract, an empty account, or a precompile. */
static void push_account(struct buffer *code, struct seeded *random)
{
    if (below(random, 8) == 0)
        push(code, 1 + below(random, 0x11));
    else
        push(code, CONTRACT_FIRST + below(random, CONTRACTS + ACCOUNTS_BEYOND));
}

/* Offset and size in memory, the size on top or below it as opcodes want it. */
static void push_range(struct buffer *code, struct seeded *random)
{
    push(code, below(random, 70));
    push(code, below(random, 300));
}

static void call(struct buffer *code, struct seeded *random)
{
    static const uint8_t opcodes[] = {VM_OP_CALL,     VM_OP_CALL,         VM_OP_CALL,
                                      VM_OP_CALLCODE, VM_OP_DELEGATECALL, VM_OP_STATICCALL};
    uint8_t opcode = opcodes[below(random, sizeof opcodes)];
    push_range(code, random); /* output */
    push_range(code, random); /* input */
    if (opcode == VM_OP_CALL || opcode == VM_OP_CALLCODE)
        push(code, below(random, 3) == 0 ? below(random, 300) : 0);
    push_account(code, random);
    if (below(random, 2) == 0)
        buffer_append_u8(code, VM_OP_GAS);
    else
        push(code, below(random, 0x10000));
    buffer_append_u8(code, opcode);
}

/* Init code is a piece of the contract's own, or one word that returns some of its memory. */
static void create(struct buffer *code, struct seeded *random)
{
    bool has_salt = below(random, 2) == 0;
    if (below(random, 2) == 0) {
        push(code, below(random, 120));
        push(code, below(random, 60));
        buffer_append_u8(code, VM_OP_PUSH0);
        buffer_append_u8(code, VM_OP_CODECOPY);
    } else {
        /* SSTORE of something, then RETURN of zeros: 7 bytes at the end of a word */
        const uint8_t init[] = {VM_OP_PUSH1 + 6, VM_OP_PUSH0, VM_OP_CALLER,
                                VM_OP_SSTORE,    VM_OP_PUSH1, (uint8_t)below(random, 40),
                                VM_OP_PUSH0,     VM_OP_RETURN};
        buffer_append(code, init, sizeof init);
        buffer_append_u8(code, VM_OP_PUSH0);
        buffer_append_u8(code, VM_OP_MSTORE);
    }
    if (has_salt)
        push(code, below(random, 3));
    push(code, below(random, 64)); /* size */
    push(code, below(random, 2) == 0 ? 25 : below(random, 40));
    push(code, below(random, 20));
    buffer_append_u8(code, has_salt ? VM_OP_CREATE2 : VM_OP_CREATE);
}

/* An opcode over small operands, `in` of them. */
static void operate(struct buffer *code, struct seeded *random)
{
    static const uint8_t opcodes[] = {
        VM_OP_ADD,          VM_OP_MUL,          VM_OP_SUB,         VM_OP_DIV,
        VM_OP_SDIV,         VM_OP_MOD,          VM_OP_ADDMOD,      VM_OP_MULMOD,
        VM_OP_EXP,          VM_OP_SIGNEXTEND,   VM_OP_LT,          VM_OP_SGT,
        VM_OP_BYTE,         VM_OP_SHL,          VM_OP_SAR,         VM_OP_BALANCE,
        VM_OP_EXTCODESIZE,  VM_OP_EXTCODEHASH,  VM_OP_BLOCKHASH,   VM_OP_MLOAD,
        VM_OP_MSTORE,       VM_OP_MSTORE8,      VM_OP_MCOPY,       VM_OP_KECCAK256,
        VM_OP_CALLDATALOAD, VM_OP_CALLDATACOPY, VM_OP_CODECOPY,    VM_OP_RETURNDATACOPY,
        VM_OP_TLOAD,        VM_OP_TSTORE,       VM_OP_LOG0,        VM_OP_LOG1,
        VM_OP_LOG4,         VM_OP_GAS,          VM_OP_SELFBALANCE, VM_OP_RETURNDATASIZE,
        VM_OP_PC,           VM_OP_MSIZE,        VM_OP_CLZ,
    };
    uint8_t opcode = opcodes[below(random, sizeof opcodes)];
    for (size_t i = 0; i < VM_OPCODE_TRAITS[opcode].stack_in; i++)
        push(code, below(random, 4) == 0 ? below(random, 400) : below(random, 40));
    buffer_append_u8(code, opcode);
}

static void store(struct buffer *code, struct seeded *random)
{
    push(code, below(random, 3)); /* zero now and then: refunds */
    push(code, below(random, 6));
    buffer_append_u8(code, VM_OP_SSTORE);
    if (below(random, 2) == 0) {
        push(code, below(random, 6));
        buffer_append_u8(code, VM_OP_SLOAD);
    }
}

/* Turns around a snippet of one opcode a few times. */
static void loop(struct buffer *code, struct seeded *random)
{
    push(code, 1 + below(random, 5));
    size_t start = code->size;
    buffer_append_u8(code, VM_OP_JUMPDEST);
    store(code, random);
    push(code, 1);
    buffer_append_u8(code, VM_OP_SWAP1);
    buffer_append_u8(code, VM_OP_SUB);
    buffer_append_u8(code, VM_OP_DUP1);
    push(code, start);
    buffer_append_u8(code, VM_OP_JUMPI);
}

static void end(struct buffer *code, struct seeded *random)
{
    static const uint8_t opcodes[] = {VM_OP_RETURN,       VM_OP_RETURN,  VM_OP_REVERT, VM_OP_STOP,
                                      VM_OP_SELFDESTRUCT, VM_OP_INVALID, VM_OP_JUMP};
    uint8_t opcode = opcodes[below(random, sizeof opcodes)];
    if (opcode == VM_OP_SELFDESTRUCT)
        push_account(code, random);
    else
        push_range(code, random);
    buffer_append_u8(code, opcode);
}

static void make_code(struct buffer *code, struct seeded *random)
{
    size_t snippets = 2 + below(random, SNIPPETS_MAX);
    buffer_clear(code);
    for (size_t i = 0; i < snippets; i++) {
        switch (below(random, 16)) {
        case 0:
        case 1:
        case 2: call(code, random); break;
        case 3: create(code, random); break;
        case 4:
        case 5:
        case 6: store(code, random); break;
        case 7: loop(code, random); break;
        case 8: buffer_append_u8(code, (uint8_t)seeded_u64(random)); break;
        default: operate(code, random); break;
        }
    }
    end(code, random);
}

static address account_of(uint64_t number)
{
    u256 word = u256_from_u64(number);
    return u256_to_address(&word);
}

static void make_world(struct memory_state *pre, const address *sender, struct buffer *code,
                       struct seeded *random, struct arena *arena)
{
    struct state_reader reader = memory_state_reader(pre);
    struct state *state = state_new(&reader);
    struct error error;
    u256 wealth = u256_from_u64(UINT64_C(1000000000000));
    state_add_balance(state, sender, &wealth);
    for (size_t i = 0; i < CONTRACTS; i++) {
        address contract = account_of(CONTRACT_FIRST + i);
        u256 balance = u256_from_u64(below(random, 1000));
        make_code(code, random);
        state_add_balance(state, &contract, &balance);
        state_set_nonce(state, &contract, 1);
        state_set_code(state, &contract, buffer_view(code));
        for (uint64_t slot = 0; slot < below(random, 5); slot++) {
            u256 key = u256_from_u64(slot), value = u256_from_u64(1 + below(random, 3));
            state_set_slot(state, &contract, &key, &value);
        }
    }
    struct state_changes changes = state_changes(state, arena);
    bool ok = memory_state_apply(pre, &changes, &error);
    assert(ok);
    state_free(state);
}

void program_make(struct subject *subject, struct memory_state *pre, struct seeded *random,
                  struct arena *arena)
{
    struct buffer code = {0};
    address sender = account_of(0x5e4d);
    make_world(pre, &sender, &code, random, arena);
    subject->pre = memory_state_reader(pre);
    subject->environment = (struct block_environment){
        .fork = (enum vm_fork)below(random, VM_FORK_COUNT),
        .chain_id = 1,
        .number = 1000,
        .timestamp = 1700000000,
        .gas_limit = 30000000,
        .beneficiary = account_of(below(random, 2) == 0 ? 0xc01 : CONTRACT_FIRST),
        .base_fee = {{7}},
        .blob_base_fee = {{1}},
    };
    subject->tx = (struct transaction){
        .type = TRANSACTION_DYNAMIC_FEE,
        .has_chain_id = true,
        .chain_id = 1,
        .gas_limit = 60000 + below(random, 200000),
        .max_fee = {{10}},
        .max_priority = {{below(random, 2) * 2}},
        .to = account_of(CONTRACT_FIRST),
        .value = u256_from_u64(below(random, 2) * 9),
        .sender = sender,
    };
    make_code(&code, random);
    subject->tx.is_create = below(random, 5) == 0;
    subject->tx.data = arena_copy(arena, buffer_view(&code));
    buffer_cleanup(&code);
}
