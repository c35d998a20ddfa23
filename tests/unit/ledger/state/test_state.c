#include "ledger/state/state.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "vm/crypto/keccak.h"

#define ACCOUNTS 6
#define SLOTS    4

/* Accounts 0 and 1 exist with a balance; account 0 has storage, slot k holding 100 + k. */
static bool read_account(void *context, const address *at, struct account *out)
{
    (void)context;
    *out = EMPTY_ACCOUNT;
    if (at->bytes[0] > 1)
        return false;
    out->balance = u256_from_u64(1000000);
    if (at->bytes[0] == 0)
        out->storage_root.bytes[0] ^= 1;
    return true;
}

static u256 read_slot(void *context, const address *at, const u256 *key)
{
    (void)context;
    return at->bytes[0] == 0 && u256_fits_u64(key) && key->limbs[0] < SLOTS
               ? u256_from_u64(100 + key->limbs[0])
               : U256_ZERO;
}

static struct bytes read_code(void *context, const hash256 *code_hash)
{
    (void)context;
    (void)code_hash;
    return bytes_of(NULL, 0);
}

static bool reader_failed(void *context, struct error *error)
{
    (void)context;
    (void)error;
    return false;
}

static const struct state_reader_ops READER_OPS = {read_account, read_slot, read_code,
                                                   reader_failed};
static const struct state_reader READER = {&READER_OPS, NULL};

/* Account 2 has code that the reader cannot give. */
static bool read_account_of_lost_code(void *context, const address *at, struct account *out)
{
    read_account(context, at, out);
    if (at->bytes[0] == 2)
        out->code_hash.bytes[0] ^= 1;
    return true;
}

static address account_at(size_t index)
{
    return (address){{(uint8_t)index}};
}

static u256 number(uint64_t value)
{
    return u256_from_u64(value);
}

/* Everything a contract can see, and what decides the end of the transaction, as bytes. Reads
 * warm nothing: the host's load_slot is not used. */
static void dump(struct state *state, struct buffer *out)
{
    struct vm_host host = state_host(state);
    buffer_clear(out);
    for (size_t i = 0; i < ACCOUNTS; i++) {
        address at = account_at(i);
        struct account account = state_account(state, &at);
        struct bytes code = state_code(state, &at);
        buffer_append(out, &account.nonce, sizeof account.nonce);
        buffer_append(out, &account.balance, sizeof account.balance);
        buffer_append(out, &account.code_hash, sizeof account.code_hash);
        buffer_append_bytes(out, code);
        for (uint64_t k = 0; k < SLOTS; k++) {
            u256 key = number(k);
            u256 value = state_slot(state, &at, &key);
            u256 transient = host.ops->load_transient(host.context, &at, &key);
            buffer_append(out, &value, sizeof value);
            buffer_append(out, &transient, sizeof transient);
        }
    }
    size_t logs;
    state_logs(state, &logs);
    int64_t refund = state_refund(state);
    u256 destroyed = state_destroyed(state);
    buffer_append(out, &logs, sizeof logs);
    buffer_append(out, &refund, sizeof refund);
    buffer_append(out, &destroyed, sizeof destroyed);
}

static void random_step(struct vm_host *host)
{
    address a = account_at((size_t)random() % ACCOUNTS);
    address b = account_at((size_t)random() % ACCOUNTS);
    u256 key = number((uint64_t)random() % SLOTS);
    u256 value = number((uint64_t)random() % 3);
    u256 balance = host->ops->balance(host->context, &a);
    uint8_t code[3] = {(uint8_t)random(), 1, 2};
    switch (random() % 11) {
    case 0: host->ops->set_nonce(host->context, &a, (uint64_t)random() % 9); break;
    case 1: host->ops->set_code(host->context, &a, bytes_of(code, sizeof code)); break;
    case 2:
        if (!u256_less(&balance, &value))
            host->ops->transfer(host->context, &a, &b, &value);
        break;
    case 3: host->ops->create_account(host->context, &a); break;
    case 4: host->ops->selfdestruct(host->context, &a, &b); break;
    case 5: host->ops->store_slot(host->context, &a, &key, &value); break;
    case 6: host->ops->store_transient(host->context, &a, &key, &value); break;
    case 7: host->ops->access_account(host->context, &a); break;
    case 8: host->ops->load_slot(host->context, &a, &key); break;
    case 9: host->ops->add_refund(host->context, random() % 100); break;
    case 10: host->ops->log(host->context, &a, &key, 1, bytes_of(code, sizeof code)); break;
    }
}

/* Undoing by journal is exact: not only what is seen now, but also what the transaction's end
 * makes of it, compared with a second state that never took the steps undone. */
static void check_reverts(unsigned seed)
{
    struct state *state = state_new(&READER);
    struct state *straight = state_new(&READER);
    struct vm_host host = state_host(state);
    struct vm_host straight_host = state_host(straight);
    struct buffer before = {0};
    struct buffer after = {0};
    for (int tx = 0; tx < 8; tx++) {
        state_begin_transaction(state);
        state_begin_transaction(straight);
        for (int round = 0; round < 10; round++) {
            unsigned steps_seed = seed * 1000 + (unsigned)(tx * 10 + round);
            srandom(steps_seed);
            for (int i = 0; i < 5; i++)
                random_step(&host);
            srandom(steps_seed);
            for (int i = 0; i < 5; i++)
                random_step(&straight_host);
            dump(state, &before);
            size_t snapshot = host.ops->snapshot(host.context);
            srandom(steps_seed + 500000);
            for (int i = 0; i < 30; i++)
                random_step(&host);
            host.ops->revert_to(host.context, snapshot);
            dump(state, &after);
            cr_assert(bytes_equal(buffer_view(&before), buffer_view(&after)), "seed %u", seed);
            for (size_t i = 0; i < ACCOUNTS; i++) {
                address at = account_at(i);
                cr_assert_eq(state_warm_account(state, &at), state_warm_account(straight, &at));
                for (uint64_t k = 0; k < SLOTS; k++) {
                    u256 key = number(k);
                    struct vm_slot a = host.ops->load_slot(host.context, &at, &key);
                    struct vm_slot b = straight_host.ops->load_slot(straight, &at, &key);
                    cr_assert(u256_equal(&a.original, &b.original), "seed %u", seed);
                    cr_assert_eq(a.was_warm, b.was_warm, "seed %u", seed);
                }
            }
        }
        state_end_transaction(state);
        state_end_transaction(straight);
        dump(state, &before);
        dump(straight, &after);
        cr_assert(bytes_equal(buffer_view(&before), buffer_view(&after)), "seed %u", seed);
    }
    buffer_cleanup(&before);
    buffer_cleanup(&after);
    state_free(state);
    state_free(straight);
}

Test(state, reverts_restore_exactly)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 1);
    for (unsigned i = 0; i < 50; i++) {
        printf("state seed %u\n", seed + i);
        check_reverts(seed + i);
    }
}

Test(state, a_new_transaction_forgets_warmth_transients_logs_and_refunds)
{
    struct state *state = state_new(&READER);
    struct vm_host host = state_host(state);
    address at = account_at(0);
    u256 key = number(1);
    state_begin_transaction(state);
    cr_expect_not(state_warm_account(state, &at));
    cr_expect(state_warm_account(state, &at));
    cr_expect_not(state_warm_slot(state, &at, &key));
    host.ops->store_transient(state, &at, &key, &key);
    host.ops->store_slot(state, &at, &key, &key);
    host.ops->log(state, &at, &key, 1, bytes_of("x", 1));
    host.ops->add_refund(state, 5);
    struct vm_slot slot = host.ops->load_slot(state, &at, &key);
    cr_expect(slot.was_warm && slot.original.limbs[0] == 101 && slot.current.limbs[0] == 1);
    state_end_transaction(state);
    state_begin_transaction(state);
    size_t logs;
    state_logs(state, &logs);
    slot = host.ops->load_slot(state, &at, &key);
    u256 transient = host.ops->load_transient(state, &at, &key);
    cr_expect_eq(logs, 0);
    cr_expect_eq(state_refund(state), 0);
    cr_expect(u256_is_zero(&transient));
    cr_expect(!slot.was_warm && slot.original.limbs[0] == 1 && slot.current.limbs[0] == 1);
    cr_expect_not(state_warm_account(state, &at));
    state_free(state);
}

Test(state, changes_are_sorted_and_only_what_differs)
{
    struct arena arena = {0};
    struct state *state = state_new(&READER);
    address at[] = {account_at(0), account_at(1), account_at(3)};
    u256 zero = U256_ZERO;
    u256 key = number(2);
    u256 same = number(102);
    u256 high_key = {{0, 0, 0, 1}};
    state_begin_transaction(state);
    state_set_slot(state, &at[0], &high_key, &key);
    state_set_slot(state, &at[0], &key, &zero);
    state_set_code(state, &at[2], bytes_of("code", 4));
    state_add_balance(state, &at[1], &key);
    state_sub_balance(state, &at[1], &key); /* as it was: no change */
    state_end_transaction(state);
    struct state_changes changes = state_changes(state, &arena);
    cr_assert_eq(changes.accounts_count, 2);
    struct account_change *first = &changes.accounts[0];
    cr_expect(first->existed && first->exists && first->slots_count == 2);
    cr_expect(u256_equal(&first->slots[0].key, &key) && u256_is_zero(&first->slots[0].after)
              && u256_equal(&first->slots[0].before, &same));
    cr_expect(u256_equal(&first->slots[1].key, &high_key));
    cr_expect(!changes.accounts[1].existed && changes.accounts[1].exists);
    cr_assert_eq(changes.codes_count, 1);
    cr_expect(bytes_equal(changes.codes[0].code, bytes_of("code", 4)));
    state_begin_transaction(state);
    state_set_slot(state, &at[0], &key, &same);
    state_set_slot(state, &at[0], &high_key, &zero);
    state_end_transaction(state);
    cr_expect_eq(state_changes(state, &arena).accounts_count, 1);
    state_free(state);
    arena_cleanup(&arena);
}

Test(state, touched_empty_accounts_end_with_the_transaction)
{
    struct arena arena = {0};
    struct state *state = state_new(&READER);
    address old = account_at(1);
    address new = account_at(4);
    u256 all = number(1000000);
    u256 zero = U256_ZERO;
    state_begin_transaction(state);
    state_add_balance(state, &new, &zero);
    state_sub_balance(state, &old, &all);
    state_end_transaction(state);
    struct state_changes changes = state_changes(state, &arena);
    cr_assert_eq(changes.accounts_count, 1);
    cr_expect(changes.accounts[0].existed && !changes.accounts[0].exists);
    state_free(state);
    arena_cleanup(&arena);
}

Test(state, an_account_created_without_a_transaction_stays_though_empty)
{
    struct arena arena = {0};
    struct state *state = state_new(&READER);
    address new = account_at(4);
    state_create_account(state, &new);
    cr_expect_eq(state_changes(state, &arena).accounts_count, 1);
    state_free(state);
    arena_cleanup(&arena);
}

/* EIP-6780: an old contract only loses its balance; one of this transaction goes, with its
 * storage, and what it left to itself or got later is counted as destroyed. */
Test(state, selfdestruct_deletes_only_what_the_transaction_created)
{
    struct state *state = state_new(&READER);
    struct vm_host host = state_host(state);
    address old = account_at(0);
    address new = account_at(3);
    u256 key = number(1);
    u256 ten = number(10);
    state_begin_transaction(state);
    host.ops->selfdestruct(state, &old, &old);
    cr_expect_eq(host.ops->balance(state, &old).limbs[0], 1000000);
    host.ops->create_account(state, &new);
    host.ops->set_nonce(state, &new, 1);
    host.ops->store_slot(state, &new, &key, &key);
    host.ops->transfer(state, &old, &new, &ten);
    host.ops->selfdestruct(state, &new, &new);
    cr_expect_eq(state_destroyed(state).limbs[0], 10);
    host.ops->transfer(state, &old, &new, &ten);
    state_end_transaction(state);
    cr_expect_eq(state_destroyed(state).limbs[0], 20);
    cr_expect_eq(host.ops->nonce(state, &new), 0);
    u256 slot = state_slot(state, &new, &key);
    cr_expect(u256_is_zero(&slot));
    slot = state_slot(state, &old, &key);
    cr_expect_eq(slot.limbs[0], 101);
    state_free(state);
}

Test(state, nonce_code_or_storage_stands_in_the_way_of_a_creation)
{
    struct state *state = state_new(&READER);
    struct vm_host host = state_host(state);
    address with_storage = account_at(0);
    address with_balance = account_at(1);
    state_begin_transaction(state);
    cr_expect(host.ops->has_collision(state, &with_storage));
    cr_expect_not(host.ops->has_collision(state, &with_balance));
    size_t snapshot = host.ops->snapshot(state);
    state_set_nonce(state, &with_balance, 1);
    cr_expect(host.ops->has_collision(state, &with_balance));
    host.ops->revert_to(state, snapshot);
    state_set_code(state, &with_balance, bytes_of("x", 1));
    cr_expect(host.ops->has_collision(state, &with_balance));
    state_free(state);
}

Test(state, a_hundred_thousand_slots_are_found_again)
{
    struct state *state = state_new(&READER);
    address at = account_at(5);
    state_begin_transaction(state);
    for (uint64_t i = 0; i < 100000; i++) {
        u256 key = {{i % 7, 0, 0, i}};
        u256 value = number(i + 1);
        state_set_slot(state, &at, &key, &value);
    }
    for (uint64_t i = 0; i < 100000; i++) {
        u256 key = {{i % 7, 0, 0, i}};
        cr_assert_eq(state_slot(state, &at, &key).limbs[0], i + 1);
    }
    state_free(state);
}

/* The machine keeps analyses by code hash for as long as the process runs: a failed read must not
 * make a contract look empty for good. */
Test(state, code_that_cannot_be_read_goes_by_no_contracts_hash)
{
    const struct state_reader_ops ops = {read_account_of_lost_code, read_slot, read_code,
                                         reader_failed};
    const struct state_reader reader = {&ops, NULL};
    struct state *state = state_new(&reader);
    const struct vm_host host = state_host(state);
    const address contract = account_at(2);
    const struct vm_code code = host.ops->code(host.context, &contract);
    cr_expect(code.bytes.size == 0);
    cr_expect(hash256_equal(&code.hash, &EMPTY_CODE_HASH));
    state_free(state);
}
