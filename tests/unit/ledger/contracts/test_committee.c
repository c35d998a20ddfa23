/* The committee contract: what the founder decides becomes the content of a seal, and what is
 * refused says why. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "ledger/chain/seal.h"
#include "ledger/chain/system_calls.h"
#include "ledger/org/committee.h"
#include "ledger/state/memory.h"
#include "vm/crypto/keccak.h"

#define CHAIN_ID    1234
#define GAS_TX_MAX  16777216 /* EIP-7825 */
#define MEMBERS_MAX COMMITTEE_SIZE_MAX
#define NODES       (MEMBERS_MAX + 1)

/* The state behind block 0 and, as each test goes on, a block under way. */
static struct world {
    struct memory_state *memory;
    struct state_reader reader;
    struct arena arena;
    struct execution execution;
    struct genesis genesis;
    struct committee_entry founding[MEMBERS_MAX];
    struct epoch_record record; /* in force */
} world;

static const hash256 LEDGER_ID = {{0x1d, 0x55}};
static bool endpoints_are_long;

static struct secret_key key_of(unsigned kind, unsigned number)
{
    struct secret_key key = {{0}};
    key.bytes[0] = (uint8_t)kind;
    key.bytes[31] = (uint8_t)(number + 1);
    return key;
}

static address account_of(unsigned kind, unsigned number)
{
    const struct secret_key key = key_of(kind, number);
    return secret_key_address(&key);
}

static address founder(void)
{
    return account_of(9, 0);
}

static address operator_of(unsigned number)
{
    return account_of(3, number);
}

static struct committee_entry entry_of(unsigned number)
{
    struct committee_entry entry = {
        .consensus = account_of(1, number),
        .node_key = {2, 7, [32] = (uint8_t)number},
        .payout = operator_of(number),
        .weight = 1,
        .reveal_salt = {{5, [31] = (uint8_t)number}},
        .reveal_commitment = {{6, [31] = (uint8_t)number}},
    };
    snprintf(entry.endpoint, sizeof entry.endpoint, "box%u.example:30800", number);
    if (endpoints_are_long)
        memset(entry.endpoint, 'x', COMMITTEE_ENDPOINT_MAX);
    return entry;
}

static hash256 hash_of_block_0(void *context, uint64_t number)
{
    (void)context;
    return number == 0 ? LEDGER_ID : (hash256){{0}};
}

/* The end of a block; its requests. The next one's number is one higher. */
static struct requests end_block(void)
{
    struct requests requests;
    cr_assert_eq(execution_collect_requests(&world.execution, NULL, 0, NULL, &requests),
                 REQUESTS_OK);
    world.execution.environment.number++;
    return requests;
}

static void start(unsigned size, enum quorum_mode mode)
{
    struct error error;
    world = (struct world){.memory = memory_state_new()};
    for (unsigned i = 0; i < size; i++)
        world.founding[i] = entry_of(i);
    world.genesis = genesis_defaults();
    world.genesis.founder = founder();
    world.genesis.mode = mode;
    world.genesis.committee = world.founding;
    world.genesis.committee_size = size;
    struct state_changes changes = genesis_state(&world.genesis, &world.arena);
    cr_assert(memory_state_apply(world.memory, &changes, &error));
    world.reader = memory_state_reader(world.memory);
    world.record = genesis_epoch_record(&world.genesis, &LEDGER_ID);
    world.execution = (struct execution){
        .vm = vm_new(),
        .state = state_new(&world.reader),
        .arena = &world.arena,
        .environment = {.fork = VM_FORK_PRAGUE,
                        .chain_id = CHAIN_ID,
                        .number = 1,
                        .timestamp = 1000,
                        .gas_limit = 1000000000,
                        .blob_base_fee = U256_ONE},
    };
    state_set_block_hashes(world.execution.state, hash_of_block_0, NULL);
}

static void start_alone(void)
{
    start(1, QUORUM_BFT);
}

static void stop(void)
{
    vm_free(world.execution.vm);
    state_free(world.execution.state);
    memory_state_free(world.memory);
    arena_cleanup(&world.arena);
}

TestSuite(committee, .init = start_alone, .fini = stop, .timeout = 60);
TestSuite(committee_large, .fini = stop, .timeout = 60);

/* ---- Calling --------------------------------------------------------------------------------- */

static struct transaction_outcome call_to(const address *to, const address *sender,
                                          struct buffer *input)
{
    const struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                                   .gas_limit = 200000000,
                                   .sender = *sender,
                                   .to = *to,
                                   .data = arena_copy(&world.arena, buffer_view(input))};
    struct transaction_outcome outcome;
    cr_assert_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_OK);
    outcome.output = arena_copy(&world.arena, outcome.output);
    buffer_cleanup(input);
    return outcome;
}

static struct transaction_outcome call(const address *sender, struct buffer *input)
{
    return call_to(&COMMITTEE_ADDRESS, sender, input);
}

/* What a function without arguments answers. */
static struct bytes asked(const char *function)
{
    struct buffer input = {0};
    const hash256 hash = keccak256(function, strlen(function));
    const address anyone = account_of(8, 0);
    buffer_append(&input, hash.bytes, 4);
    const struct transaction_outcome outcome = call(&anyone, &input);
    cr_assert_eq(outcome.status, VM_SUCCESS, "%s", function);
    return outcome.output;
}

static uint64_t asked_number(const char *function)
{
    const struct bytes answer = asked(function);
    cr_assert_eq(answer.size, 32);
    return u256_load_be(answer.data, 32).limbs[0];
}

static void expect_error(const struct transaction_outcome *outcome, const char *error)
{
    const hash256 hash = keccak256(error, strlen(error));
    cr_expect_eq(outcome->status, VM_REVERT, "%s", error);
    cr_expect(outcome->output.size >= 4 && memcmp(outcome->output.data, hash.bytes, 4) == 0, "%s",
              error);
}

static struct committee_ready ready_of(unsigned number)
{
    return (struct committee_ready){.entry = entry_of(number),
                                    .height = world.execution.environment.number - 1,
                                    .protocol_lowest = 1,
                                    .protocol_highest = PROTOCOL_VERSION,
                                    .fork = VM_FORK_NEWEST};
}

static struct signing_domain domain(void)
{
    return signing_domain_of(CHAIN_ID, &LEDGER_ID, &world.record);
}

static struct transaction_outcome say_signed(const struct committee_ready *ready,
                                             const address *sender, const signature *signed_by)
{
    struct buffer input = {0};
    committee_put_ready(ready, signed_by, &input);
    return call(sender, &input);
}

/* By the node's own keys, from its operator's account. */
static struct transaction_outcome say_ready(const struct committee_ready *ready, unsigned number)
{
    const struct signing_domain in_force = domain();
    const address sender = operator_of(number);
    const struct secret_key key = key_of(1, number);
    const hash256 digest = committee_ready_digest(&in_force, &sender, ready);
    signature signed_by;
    secret_key_sign(&key, &digest, &signed_by);
    return say_signed(ready, &sender, &signed_by);
}

static void be_ready(unsigned number)
{
    const struct committee_ready ready = ready_of(number);
    cr_assert_eq(say_ready(&ready, number).status, VM_SUCCESS, "%u", number);
}

struct change {
    unsigned leaving[4], leaving_count, joining[4], joining_count;
    enum quorum_mode mode;
};

static struct transaction_outcome change_by(const address *sender, const struct change *change)
{
    address leaving[4], joining[4];
    struct buffer input = {0};
    for (unsigned i = 0; i < change->leaving_count; i++)
        leaving[i] = account_of(1, change->leaving[i]);
    for (unsigned i = 0; i < change->joining_count; i++)
        joining[i] = account_of(1, change->joining[i]);
    committee_put_change(leaving, change->leaving_count, joining, change->joining_count,
                         change->mode, &input);
    return call(sender, &input);
}

static struct transaction_outcome decide(const struct change *change)
{
    const address sender = founder();
    return change_by(&sender, change);
}

/* Ends the block, whose requests must make it the seal for exactly these members; the next epoch
 * is in force then. */
static void expect_seal(const struct committee_entry *members, unsigned count,
                        enum quorum_mode mode)
{
    struct epoch_record next, expected = world.record;
    struct buffer data = {0};
    expected.mode = mode;
    expected.committee_size = count;
    expected.committee = arena_array(&world.arena, count, sizeof *members);
    memcpy(expected.committee, members, count * sizeof *members);
    seal_encode(&expected, &data);
    const struct requests requests = end_block();
    cr_expect(bytes_equal(requests.data[REQUEST_CONSOLIDATIONS], buffer_view(&data)));
    cr_expect_eq(requests.data[REQUEST_WITHDRAWALS].size, 0);
    cr_assert_eq(
        seal_read(requests.data[REQUEST_CONSOLIDATIONS], &world.record, &world.arena, &next),
        SEAL_READ);
    next.epoch = world.record.epoch + 1;
    world.record = next;
    const hash256 hash = committee_hash(next.committee, next.committee_size);
    cr_expect_eq(asked_number("epoch()"), next.epoch);
    cr_expect_arr_eq(asked("committeeHash()").data, hash.bytes, 32);
    buffer_cleanup(&data);
}

static void expect_no_seal(void)
{
    cr_expect_eq(end_block().data[REQUEST_CONSOLIDATIONS].size, 0);
}

/* ---- Block 0 --------------------------------------------------------------------------------- */

Test(committee_large, stands_in_block_0_with_the_founders_choice)
{
    start(3, QUORUM_CRASH);
    const hash256 hash = committee_hash(world.founding, 3);
    const address decides = founder();
    cr_expect_arr_eq(asked("founder()").data + 12, decides.bytes, 20);
    cr_expect_arr_eq(asked("committeeHash()").data, hash.bytes, 32);
    cr_expect_eq(asked_number("mode()"), QUORUM_CRASH);
    cr_expect_eq(asked_number("epoch()"), 1);
    cr_expect_eq(asked_number("READY_BLOCKS_MAX()"), COMMITTEE_READY_BLOCKS_MAX);
    const struct bytes members = asked("members()");
    cr_expect_eq(u256_load_be(members.data + 32, 32).limbs[0], 3);
    const size_t first = u256_load_be(members.data + 64, 32).limbs[0];
    cr_expect_arr_eq(members.data + 64 + first + 12, world.founding[0].consensus.bytes, 20);
    cr_expect(memmem(members.data, members.size, "box2.example:30800", 18) != NULL);
    expect_no_seal();
}

/* The outbox of seals knows the ledger's id for good, also when block 0 is out of reach. */
Test(committee, the_outbox_remembers_the_ledgers_id)
{
    struct buffer input = {0};
    const hash256 hash = keccak256("ledgerId()", 10);
    const address anyone = account_of(8, 0);
    (void)end_block();
    state_set_block_hashes(world.execution.state, NULL, NULL);
    buffer_append(&input, hash.bytes, 4);
    const struct transaction_outcome outcome = call_to(&CONSOLIDATIONS_ADDRESS, &anyone, &input);
    cr_assert_eq(outcome.output.size, 32);
    cr_expect_arr_eq(outcome.output.data, LEDGER_ID.bytes, 32);
}

/* ---- Changes --------------------------------------------------------------------------------- */

/* 1 -> 2 -> 3 -> 4 and back, in every block one. */
Test(committee, members_join_and_leave)
{
    struct committee_entry members[4] = {entry_of(0), entry_of(1), entry_of(2), entry_of(3)};
    for (unsigned i = 1; i < 4; i++) {
        be_ready(i);
        expect_no_seal();
        cr_assert_eq(decide(&(struct change){.joining = {i}, .joining_count = 1}).status,
                     VM_SUCCESS);
        expect_seal(members, i + 1, QUORUM_BFT);
    }
    cr_assert_eq(decide(&(struct change){.leaving = {1, 3}, .leaving_count = 2}).status,
                 VM_SUCCESS);
    members[1] = members[2];
    expect_seal(members, 2, QUORUM_BFT);
    expect_no_seal();
}

Test(committee, some_go_others_come_and_the_quorum_changes_in_one_seal)
{
    const struct committee_entry members[] = {entry_of(1), entry_of(2), entry_of(3)};
    for (unsigned i = 1; i < 4; i++)
        be_ready(i);
    cr_assert_eq(decide(&(struct change){.leaving = {0},
                                         .leaving_count = 1,
                                         .joining = {1, 2, 3},
                                         .joining_count = 3,
                                         .mode = QUORUM_CRASH})
                     .status,
                 VM_SUCCESS);
    expect_seal(members, 3, QUORUM_CRASH);
    cr_assert_eq(decide(&(struct change){.mode = QUORUM_ALL}).status, VM_SUCCESS);
    expect_seal(members, 3, QUORUM_ALL);
}

/* A member whose chain of reveals comes to its end goes on with a new one, in its place. */
Test(committee, a_member_goes_on_with_a_new_entry)
{
    be_ready(1);
    cr_assert_eq(decide(&(struct change){.joining = {1}, .joining_count = 1}).status, VM_SUCCESS);
    struct committee_entry members[] = {entry_of(0), entry_of(1)};
    expect_seal(members, 2, QUORUM_BFT);
    struct committee_ready again = ready_of(0);
    again.entry.reveal_commitment.bytes[1] = 0x77;
    again.entry.endpoint[0] = 0;
    cr_assert_eq(say_ready(&again, 0).status, VM_SUCCESS);
    cr_assert_eq(decide(&(struct change){.joining = {0}, .joining_count = 1}).status, VM_SUCCESS);
    members[0] = again.entry;
    expect_seal(members, 2, QUORUM_BFT);
}

Test(committee, only_the_founder_decides)
{
    be_ready(1);
    const struct change joins = {.joining = {1}, .joining_count = 1};
    const address member = operator_of(0);
    const struct transaction_outcome outcome = change_by(&member, &joins);
    expect_error(&outcome, "NotTheFounder(address,address)");
    cr_expect_arr_eq(outcome.output.data + 16, member.bytes, 20);
    expect_no_seal();
}

Test(committee, a_change_that_cannot_be_is_refused)
{
    static const struct {
        struct change change;
        const char *error;
    } rows[] = {
        {{.mode = QUORUM_BFT}, "NothingChanges()"},
        {{.mode = QUORUM_ALL + 1}, "UnknownMode(uint8,uint8)"},
        {{.leaving = {0}, .leaving_count = 1}, "CommitteeSize(uint256,uint256,uint256)"},
        {{.leaving = {2}, .leaving_count = 1}, "NotAMember(address)"},
        {{.leaving = {0, 0}, .leaving_count = 2}, "NotAMember(address)"},
        {{.joining = {2}, .joining_count = 1}, "NotReady(address)"},
        {{.joining = {0}, .joining_count = 1}, "NotReady(address)"},
        {{.joining = {1, 1}, .joining_count = 2}, "NotReady(address)"},
    };
    be_ready(1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct transaction_outcome outcome = decide(&rows[i].change);
        expect_error(&outcome, rows[i].error);
    }
    expect_no_seal();
    cr_expect_eq(asked_number("epoch()"), 1);
}

/* Two contents of a seal in one block would be none. */
Test(committee, there_is_one_change_a_block)
{
    be_ready(1);
    cr_assert_eq(decide(&(struct change){.joining = {1}, .joining_count = 1}).status, VM_SUCCESS);
    const struct transaction_outcome second = decide(&(struct change){.mode = QUORUM_ALL});
    expect_error(&second, "OneChangeABlock(uint256)");
    const struct committee_entry members[] = {entry_of(0), entry_of(1)};
    expect_seal(members, 2, QUORUM_BFT);
    cr_assert_eq(decide(&(struct change){.mode = QUORUM_ALL}).status, VM_SUCCESS);
    expect_seal(members, 2, QUORUM_ALL);
}

/* Calls and estimates of gas run in the head's own number, with the state behind it: what a
 * transaction in the next block may do, they may. */
Test(committee, calls_at_the_head_are_not_refused)
{
    struct committee_ready ready = ready_of(1);
    const struct change mode = {.mode = QUORUM_ALL};
    world.execution.environment.number = 0;
    state_set_block_hashes(world.execution.state, NULL, NULL);
    const size_t before = asked("members()").size;
    cr_expect_eq(decide(&mode).status, VM_SUCCESS);
    world.execution.environment.number = 1;
    state_set_block_hashes(world.execution.state, hash_of_block_0, NULL);
    expect_seal(world.founding, 1, QUORUM_ALL);
    world.execution.environment.number = 1; /* a call, with the seal as the head */
    ready.height = 1;
    cr_expect_eq(asked("members()").size, before);
    cr_expect_eq(say_ready(&ready, 1).status, VM_SUCCESS);
    cr_expect_eq(decide(&(struct change){.joining = {1}, .joining_count = 1}).status, VM_SUCCESS);
}

/* Members share no account, key or chain of reveals, whether they come together or one is there. */
Test(committee, members_share_nothing)
{
    for (unsigned field = 0; field < 3; field++) {
        for (unsigned other = 0; other < 2; other++) {
            struct committee_ready ready = ready_of(2);
            const struct committee_entry twin = entry_of(other);
            if (field == 0)
                ready.entry.payout = twin.payout;
            else if (field == 1)
                memcpy(ready.entry.node_key, twin.node_key, sizeof twin.node_key);
            else
                ready.entry.reveal_commitment = twin.reveal_commitment;
            be_ready(1);
            cr_assert_eq(say_ready(&ready, 2).status, VM_SUCCESS);
            const struct transaction_outcome outcome =
                decide(&(struct change){.joining = {1, 2}, .joining_count = 2});
            expect_error(&outcome, "Repeated(address,address,string)");
        }
    }
    expect_no_seal();
}

/* ---- READY ----------------------------------------------------------------------------------- */

Test(committee, ready_grows_old)
{
    const struct change joins = {.joining = {1}, .joining_count = 1};
    be_ready(1); /* height 0, in block 1 */
    world.execution.environment.number = COMMITTEE_READY_BLOCKS_MAX + 1;
    const struct transaction_outcome late = decide(&joins);
    expect_error(&late, "ReadyTooOld(address,uint64,uint256)");
    cr_expect_eq(u256_load_be(late.output.data + 4 + 64, 32).limbs[0], 1);
    world.execution.environment.number = COMMITTEE_READY_BLOCKS_MAX;
    cr_expect_eq(decide(&joins).status, VM_SUCCESS);
}

Test(committee, ready_is_neither_from_the_future_nor_old)
{
    struct committee_ready ready = ready_of(1);
    (void)end_block();
    world.execution.environment.number = 10000;
    ready.height = 10001;
    struct transaction_outcome outcome = say_ready(&ready, 1);
    expect_error(&outcome, "ReadyTooNew(uint64,uint256)");
    ready.height = UINT64_MAX;
    outcome = say_ready(&ready, 1);
    expect_error(&outcome, "ReadyTooNew(uint64,uint256)");
    ready.height = 10000 - COMMITTEE_READY_BLOCKS_MAX - 1;
    outcome = say_ready(&ready, 1);
    expect_error(&outcome, "ReadyTooOld(address,uint64,uint256)");
    ready.height++;
    cr_expect_eq(say_ready(&ready, 1).status, VM_SUCCESS);
    ready.height = 9999;
    cr_expect_eq(say_ready(&ready, 1).status, VM_SUCCESS);
    ready.height = 9998; /* what was said before may be sent again by anybody who saw it */
    outcome = say_ready(&ready, 1);
    expect_error(&outcome, "ReadyTooOld(address,uint64,uint256)");
}

Test(committee, ready_knows_the_rules_in_force)
{
    static const struct {
        uint64_t lowest, highest, fork;
    } rows[] = {{PROTOCOL_VERSION + 1, PROTOCOL_VERSION + 2, VM_FORK_NEWEST},
                {0, PROTOCOL_VERSION - 1, VM_FORK_NEWEST},
                {0, PROTOCOL_VERSION, VM_FORK_NEWEST - 1}};
    for (size_t i = 0; i < 3; i++) {
        struct committee_ready ready = ready_of(1);
        ready.protocol_lowest = rows[i].lowest;
        ready.protocol_highest = rows[i].highest;
        ready.fork = rows[i].fork;
        const struct transaction_outcome outcome = say_ready(&ready, 1);
        expect_error(&outcome, "NotSupported(uint64,uint64)");
    }
}

static void spoil_entry(struct committee_entry *entry, unsigned how)
{
    switch (how) {
    case 0: entry->payout = (address){{0}}; break;
    case 1: entry->weight = 2; break;
    case 2: entry->weight = 0; break;
    case 3: entry->node_key[0] = 4; break;
    case 4: snprintf(entry->endpoint, sizeof entry->endpoint, "box\n:1"); break;
    case 5: snprintf(entry->endpoint, sizeof entry->endpoint, "a box:1"); break;
    default: snprintf(entry->endpoint, sizeof entry->endpoint, "b\xc3\xb6x:1"); break;
    }
}

Test(committee, ready_names_an_entry_that_a_seal_may_have)
{
    for (unsigned how = 0; how < 7; how++) {
        struct committee_ready ready = ready_of(1);
        spoil_entry(&ready.entry, how);
        const struct transaction_outcome outcome = say_ready(&ready, 1);
        expect_error(&outcome, "BadEntry(string,string)");
    }
    /* An endpoint of 256 bytes fits no entry of ours: the longest one, with its size raised. */
    struct committee_ready ready = ready_of(1);
    memset(ready.entry.endpoint, 'x', COMMITTEE_ENDPOINT_MAX);
    ready.entry.endpoint[COMMITTEE_ENDPOINT_MAX] = 0;
    struct buffer input = {0};
    const signature nothing = {{0}};
    const address sender = operator_of(1);
    committee_put_ready(&ready, &nothing, &input);
    uint8_t *size = memmem(input.data, input.size, "xxxx", 4);
    size[-1] = 0, size[-2] = 1;
    struct transaction_outcome outcome = call(&sender, &input);
    expect_error(&outcome, "BadEntry(string,string)");
    outcome = say_ready(&ready, 1); /* 255 are well */
    cr_expect_eq(outcome.status, VM_SUCCESS);
}

/* Signed by another key, for another sender, ledger, chain, epoch, committee or content. */
Test(committee, ready_is_signed_by_the_consensus_key_for_exactly_this)
{
    const struct committee_ready ready = ready_of(1);
    const address sender = operator_of(1), other = operator_of(2);
    const struct secret_key key = key_of(1, 1), other_key = key_of(1, 2);
    struct signing_domain domains[5];
    for (unsigned i = 0; i < 5; i++)
        domains[i] = domain();
    domains[1].chain_id++;
    domains[2].genesis_hash.bytes[0] ^= 1;
    domains[3].epoch++;
    domains[4].committee.bytes[31] ^= 1;
    signature signed_by;
    for (unsigned i = 0; i < 5; i++) {
        const hash256 digest = committee_ready_digest(&domains[i], &sender, &ready);
        secret_key_sign(i == 0 ? &other_key : &key, &digest, &signed_by);
        const struct transaction_outcome outcome = say_signed(&ready, &sender, &signed_by);
        expect_error(&outcome, "WrongSigner(address,address)");
    }
    const hash256 digest = committee_ready_digest(&domains[0], &sender, &ready);
    secret_key_sign(&key, &digest, &signed_by);
    struct transaction_outcome outcome = say_signed(&ready, &other, &signed_by);
    expect_error(&outcome, "WrongSigner(address,address)");
    struct committee_ready higher = ready;
    higher.protocol_highest++;
    outcome = say_signed(&higher, &sender, &signed_by);
    expect_error(&outcome, "WrongSigner(address,address)");
    signature spoilt = signed_by;
    spoilt.bytes[64] = 2;
    outcome = say_signed(&ready, &sender, &spoilt);
    expect_error(&outcome, "WrongSigner(address,address)");
    cr_expect_eq(say_signed(&ready, &sender, &signed_by).status, VM_SUCCESS);
}

/* The other half of the signatures: order - s, and the other recovery id. */
Test(committee, ready_has_a_low_s)
{
    static const u256 order = {
        {0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff}};
    const struct committee_ready ready = ready_of(1);
    const address sender = operator_of(1);
    const struct secret_key key = key_of(1, 1);
    const struct signing_domain in_force = domain();
    const hash256 digest = committee_ready_digest(&in_force, &sender, &ready);
    signature high;
    secret_key_sign(&key, &digest, &high);
    const u256 low_s = u256_load_be(high.bytes + 32, 32);
    const u256 high_s = u256_sub(&order, &low_s);
    u256_store_be(high.bytes + 32, &high_s);
    high.bytes[64] ^= 1;
    const struct transaction_outcome outcome = say_signed(&ready, &sender, &high);
    expect_error(&outcome, "WrongSigner(address,address)");
}

/* What was signed in one epoch is void in the next. */
Test(committee, ready_is_of_one_epoch)
{
    const struct committee_ready ready = ready_of(2);
    be_ready(1);
    cr_assert_eq(decide(&(struct change){.joining = {1}, .joining_count = 1}).status, VM_SUCCESS);
    const struct transaction_outcome outcome = say_ready(&ready, 2); /* behind the change */
    expect_error(&outcome, "WrongSigner(address,address)");
    const struct committee_entry members[] = {entry_of(0), entry_of(1)};
    expect_seal(members, 2, QUORUM_BFT);
    cr_expect_eq(say_ready(&ready, 2).status, VM_SUCCESS);
}

/* ---- Gas and size ---------------------------------------------------------------------------- */

/* What a transaction may take does for a full committee whose endpoints are of usual length. */
Test(committee_large, a_hundred_members_fit_into_a_transaction)
{
    start(MEMBERS_MAX - 1, QUORUM_BFT);
    struct committee_entry members[MEMBERS_MAX];
    for (unsigned i = 0; i < MEMBERS_MAX; i++)
        members[i] = entry_of(i);
    const struct committee_ready ready = ready_of(MEMBERS_MAX - 1);
    const struct transaction_outcome said = say_ready(&ready, MEMBERS_MAX - 1);
    cr_assert_eq(said.status, VM_SUCCESS);
    cr_expect_lt(said.gas_used, 300000, "%llu", (unsigned long long)said.gas_used);
    const struct transaction_outcome outcome =
        decide(&(struct change){.joining = {MEMBERS_MAX - 1}, .joining_count = 1});
    cr_assert_eq(outcome.status, VM_SUCCESS);
    cr_expect_lt(outcome.gas_used, GAS_TX_MAX, "%llu", (unsigned long long)outcome.gas_used);
    expect_seal(members, MEMBERS_MAX, QUORUM_BFT);
    be_ready(MEMBERS_MAX);
    const struct transaction_outcome over =
        decide(&(struct change){.joining = {MEMBERS_MAX}, .joining_count = 1});
    expect_error(&over, "CommitteeSize(uint256,uint256,uint256)");
}

Test(committee, a_small_committee_is_cheap)
{
    be_ready(1);
    be_ready(2);
    be_ready(3);
    const struct transaction_outcome outcome =
        decide(&(struct change){.joining = {1, 2, 3}, .joining_count = 3});
    cr_assert_eq(outcome.status, VM_SUCCESS);
    cr_expect_lt(outcome.gas_used, 1500000, "%llu", (unsigned long long)outcome.gas_used);
}

/* The most that twenty entries of the outbox hold is two members each where endpoints are of the
 * greatest length. */
Test(committee_large, what_would_not_fit_is_refused)
{
    const unsigned size = 40;
    endpoints_are_long = true;
    start(size, QUORUM_BFT);
    be_ready(size);
    const struct transaction_outcome over =
        decide(&(struct change){.joining = {size}, .joining_count = 1});
    expect_error(&over, "SealTooLarge(uint256)");
    const struct transaction_outcome outcome = decide(&(struct change){.mode = QUORUM_ALL});
    cr_assert_eq(outcome.status, VM_SUCCESS);
    cr_expect_lt(outcome.gas_used, GAS_TX_MAX, "%llu", (unsigned long long)outcome.gas_used);
    expect_seal(world.founding, size, QUORUM_ALL);
}
