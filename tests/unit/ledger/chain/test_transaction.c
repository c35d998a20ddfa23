#include "ledger/chain/transaction.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "vm/base/hex.h"

static struct secret_key sample_key(void)
{
    struct secret_key key;
    uint8_t bytes[32];
    memset(bytes, 0x46, sizeof bytes);
    cr_assert(secret_key_load(&key, bytes));
    return key;
}

/* The worked example of EIP-155. */
static struct transaction eip155_example(void)
{
    struct transaction tx = {0};
    tx.has_chain_id = true;
    tx.chain_id = 1;
    tx.nonce = 9;
    tx.max_fee = tx.max_priority = u256_from_u64(20000000000);
    tx.gas_limit = 21000;
    memset(tx.to.bytes, 0x35, sizeof tx.to.bytes);
    tx.value = u256_from_u64(1000000000000000000);
    return tx;
}

Test(transaction, signs_the_example_of_eip_155)
{
    static const char expected[] =
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
        "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f"
        "761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
    struct arena arena = {0};
    struct secret_key key = sample_key();
    struct transaction tx = eip155_example();
    transaction_sign(&tx, &key, &arena);
    char hex[2 * 256] = {0};
    cr_assert_leq(tx.encoded.size, 256);
    hex_encode(hex, tx.encoded.data, tx.encoded.size);
    cr_expect_eq(strncmp(hex, expected, sizeof expected - 1), 0, "%s", hex);
    arena_cleanup(&arena);
}

static void add_authorizations(struct transaction *tx, struct arena *arena, size_t count)
{
    struct secret_key key = sample_key();
    tx->authorizations_count = count;
    tx->authorizations = arena_array(arena, count, sizeof *tx->authorizations);
    for (size_t i = 0; i < count; i++) {
        tx->authorizations[i] =
            (struct authorization){.chain_id = u256_from_u64(tx->chain_id), .nonce = i};
        authorization_sign(&tx->authorizations[i], &key);
    }
}

static struct transaction typed_example(struct arena *arena, enum transaction_type type)
{
    struct transaction tx = eip155_example();
    tx.type = type;
    tx.chain_id = 281474976710655;
    if (type >= TRANSACTION_DYNAMIC_FEE)
        tx.max_priority = u256_from_u64(7);
    tx.data = bytes_of("\0\1\2", 3);
    tx.gas_limit = 100000;
    tx.access_list_count = 2;
    tx.access_list = arena_array(arena, 2, sizeof *tx.access_list);
    tx.access_list[1].keys_count = 3;
    tx.access_list[1].keys = arena_array(arena, 3, sizeof(hash256));
    if (type == TRANSACTION_SET_CODE)
        add_authorizations(&tx, arena, 2);
    return tx;
}

static void expect_round_trip(struct transaction tx, struct arena *arena)
{
    struct secret_key key = sample_key();
    struct transaction back;
    struct buffer again = {0};
    transaction_sign(&tx, &key, arena);
    cr_assert_eq(transaction_decode(&back, tx.encoded, arena, NULL), TRANSACTION_OK);
    cr_assert_eq(transaction_recover(&back), TRANSACTION_OK);
    cr_expect(address_equal(&back.sender, &tx.sender));
    cr_expect(hash256_equal(&back.hash, &tx.hash));
    cr_expect_eq(back.type, tx.type);
    cr_expect_eq(back.is_create, tx.is_create);
    cr_expect_eq(back.chain_id, tx.chain_id);
    cr_expect_eq(back.has_chain_id, tx.has_chain_id);
    cr_expect(u256_equal(&back.max_priority, &tx.max_priority));
    cr_expect_eq(back.access_list_count, tx.access_list_count);
    cr_assert_eq(back.authorizations_count, tx.authorizations_count);
    for (size_t i = 0; i < tx.authorizations_count; i++)
        cr_expect(address_equal(&back.authorizations[i].authority, &tx.sender));
    transaction_encode(&back, &again);
    cr_expect(bytes_equal(buffer_view(&again), tx.encoded));
    buffer_cleanup(&again);
}

Test(transaction, every_type_comes_back_with_its_sender)
{
    struct arena arena = {0};
    struct transaction legacy = eip155_example();
    expect_round_trip(legacy, &arena);
    legacy.has_chain_id = false;
    legacy.chain_id = 0;
    expect_round_trip(legacy, &arena);
    legacy.has_chain_id = true;
    legacy.chain_id = UINT64_MAX; /* v takes more than 64 bits */
    legacy.is_create = true;
    expect_round_trip(legacy, &arena);
    expect_round_trip(typed_example(&arena, TRANSACTION_ACCESS_LIST), &arena);
    expect_round_trip(typed_example(&arena, TRANSACTION_DYNAMIC_FEE), &arena);
    expect_round_trip(typed_example(&arena, TRANSACTION_SET_CODE), &arena);
    arena_cleanup(&arena);
}

Test(transaction, every_cut_and_every_tail_is_refused)
{
    struct arena arena = {0};
    struct secret_key key = sample_key();
    for (int type = 0; type <= 4; type++) {
        if (type == TRANSACTION_BLOB)
            continue;
        struct transaction back;
        struct transaction tx = typed_example(&arena, (enum transaction_type)type);
        transaction_sign(&tx, &key, &arena);
        struct buffer longer = {0};
        buffer_append_bytes(&longer, tx.encoded);
        buffer_append_u8(&longer, 0);
        for (size_t size = 0; size <= longer.size; size++) {
            bool is_whole = size == tx.encoded.size;
            enum transaction_verdict verdict =
                transaction_decode(&back, bytes_of(longer.data, size), &arena, NULL);
            cr_expect_eq(verdict == TRANSACTION_OK, is_whole, "type %d size %zu", type, size);
        }
        buffer_cleanup(&longer);
    }
    arena_cleanup(&arena);
}

Test(transaction, other_types_are_refused_by_name)
{
    struct arena arena = {0};
    struct transaction tx;
    cr_expect_eq(transaction_decode(&tx, bytes_of("\3\xc0", 2), &arena, NULL),
                 TRANSACTION_TYPE_BLOB);
    cr_expect_eq(transaction_decode(&tx, bytes_of("\5\xc0", 2), &arena, NULL),
                 TRANSACTION_TYPE_UNKNOWN);
    cr_expect_eq(transaction_decode(&tx, bytes_of("\x7f\xc0", 2), &arena, NULL),
                 TRANSACTION_TYPE_UNKNOWN);
    cr_expect_eq(transaction_decode(&tx, bytes_of("", 0), &arena, NULL), TRANSACTION_EMPTY);
    arena_cleanup(&arena);
}

Test(transaction, high_s_and_zero_are_refused)
{
    static const char order[] =
        "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    struct arena arena = {0};
    struct secret_key key = sample_key();
    struct transaction tx = eip155_example();
    u256 group_order;
    transaction_sign(&tx, &key, &arena);
    cr_assert(u256_parse_hex(&group_order, order, sizeof order - 1));
    u256 low = tx.s;
    tx.s = u256_sub(&group_order, &low);
    tx.y_parity ^= 1;
    cr_expect_eq(transaction_recover(&tx), TRANSACTION_HIGH_S);
    tx.s = U256_ZERO;
    cr_expect_eq(transaction_recover(&tx), TRANSACTION_BAD_SIGNATURE);
    tx.s = low;
    tx.r = group_order;
    cr_expect_eq(transaction_recover(&tx), TRANSACTION_BAD_SIGNATURE);
    arena_cleanup(&arena);
}

Test(transaction, intrinsic_gas_counts_bytes_keys_and_initcode_words)
{
    struct arena arena = {0};
    uint64_t gas;
    struct transaction tx = typed_example(&arena, TRANSACTION_ACCESS_LIST);
    cr_assert(transaction_intrinsic_gas(&tx, VM_FORK_CANCUN, &gas));
    cr_expect_eq(gas, 21000 + 4 + 2 * 16 + 2 * 2400 + 3 * 1900);
    uint8_t code[33];
    memset(code, 1, sizeof code);
    tx = eip155_example();
    tx.is_create = true;
    tx.data = bytes_of(code, sizeof code);
    cr_assert(transaction_intrinsic_gas(&tx, VM_FORK_CANCUN, &gas));
    cr_expect_eq(gas, 21000 + 32000 + 33 * 16 + 2 * 2);
    arena_cleanup(&arena);
}

static enum transaction_verdict check(struct transaction tx)
{
    return transaction_check(&tx, VM_FORK_CANCUN, 1);
}

Test(transaction, each_stateless_rule_has_its_verdict)
{
    struct transaction tx = eip155_example();
    cr_expect_eq(check(tx), TRANSACTION_OK);
    tx.has_chain_id = false;
    cr_expect_eq(check(tx), TRANSACTION_NO_CHAIN_ID);
    cr_expect_eq(transaction_check(&tx, VM_FORK_CANCUN, 0), TRANSACTION_OK);
    tx = eip155_example();
    tx.chain_id = 2;
    cr_expect_eq(check(tx), TRANSACTION_WRONG_CHAIN_ID);
    tx = eip155_example();
    tx.nonce = UINT64_MAX;
    cr_expect_eq(check(tx), TRANSACTION_NONCE_MAX);
    tx = eip155_example();
    tx.max_priority = u256_from_u64(20000000001);
    cr_expect_eq(check(tx), TRANSACTION_TIP_ABOVE_FEE);
    tx = eip155_example();
    tx.gas_limit = 20999;
    cr_expect_eq(check(tx), TRANSACTION_GAS_BELOW_INTRINSIC);
    tx = eip155_example();
    tx.max_fee = u256_not(&U256_ZERO);
    cr_expect_eq(check(tx), TRANSACTION_GAS_OVERFLOW);
    uint8_t *code = memory_new_zeroed(49153, 1);
    tx = eip155_example();
    tx.is_create = true;
    tx.gas_limit = 10000000;
    tx.data = bytes_of(code, 49153);
    cr_expect_eq(check(tx), TRANSACTION_INITCODE_TOO_LARGE);
    tx.data.size--;
    cr_expect_eq(check(tx), TRANSACTION_OK);
    tx = eip155_example();
    tx.encoded = bytes_of(code, TRANSACTION_SIZE_MAX + 1);
    cr_expect_eq(check(tx), TRANSACTION_TOO_LARGE);
    free(code);
}

/* EIP-7702: 25000 an authorization, good or not. */
Test(transaction, authorizations_are_paid_for_before_anything_runs)
{
    struct arena arena = {0};
    uint64_t gas;
    struct transaction tx = typed_example(&arena, TRANSACTION_SET_CODE);
    cr_assert(transaction_intrinsic_gas(&tx, VM_FORK_PRAGUE, &gas));
    cr_expect_eq(gas, 21000 + 4 + 2 * 16 + 2 * 2400 + 3 * 1900 + 2 * 25000);
    tx.gas_limit = gas;
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 0), TRANSACTION_OK);
    tx.gas_limit = gas - 1;
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 0), TRANSACTION_GAS_BELOW_INTRINSIC);
    arena_cleanup(&arena);
}

Test(transaction, set_code_needs_its_fork_a_recipient_and_an_authorization)
{
    struct arena arena = {0};
    struct transaction tx = typed_example(&arena, TRANSACTION_SET_CODE);
    cr_expect_eq(transaction_check(&tx, VM_FORK_CANCUN, 0), TRANSACTION_TYPE_UNKNOWN);
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 0), TRANSACTION_OK);
    cr_expect_eq(transaction_check(&tx, VM_FORK_OSAKA, 0), TRANSACTION_OK);
    tx.is_create = true;
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 0), TRANSACTION_SET_CODE_CREATES);
    tx.is_create = false;
    tx.authorizations_count = 0;
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 0), TRANSACTION_NO_AUTHORIZATIONS);
    arena_cleanup(&arena);
}

/* EIP-7623: 10 a token, four tokens a byte that is not zero; what a creation costs beside its
 * calldata is not in it. */
Test(transaction, calldata_has_a_floor_from_prague)
{
    uint8_t data[100] = {0};
    memset(data, 1, 60);
    struct transaction tx = eip155_example();
    tx.data = bytes_of(data, sizeof data);
    const uint64_t floor = 21000 + 10 * (40 + 4 * 60);
    cr_expect_eq(transaction_floor_gas(&tx, VM_FORK_CANCUN), 0);
    cr_expect_eq(transaction_floor_gas(&tx, VM_FORK_PRAGUE), floor);
    cr_expect_eq(transaction_floor_gas(&tx, VM_FORK_OSAKA), floor);
    tx.gas_limit = floor - 1; /* enough for the intrinsic gas */
    cr_expect_eq(transaction_check(&tx, VM_FORK_CANCUN, 1), TRANSACTION_OK);
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 1), TRANSACTION_GAS_BELOW_FLOOR);
    tx.gas_limit = floor;
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 1), TRANSACTION_OK);
    tx.is_create = true;
    cr_expect_eq(transaction_floor_gas(&tx, VM_FORK_PRAGUE), floor);
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 1), TRANSACTION_GAS_BELOW_INTRINSIC);
}

Test(transaction, gas_has_a_cap_in_osaka)
{
    struct transaction tx = eip155_example();
    tx.gas_limit = 16777216;
    cr_expect_eq(transaction_check(&tx, VM_FORK_OSAKA, 1), TRANSACTION_OK);
    tx.gas_limit++;
    cr_expect_eq(transaction_check(&tx, VM_FORK_OSAKA, 1), TRANSACTION_GAS_OVER_CAP);
    cr_expect_eq(transaction_check(&tx, VM_FORK_PRAGUE, 1), TRANSACTION_OK);
}

Test(transaction, the_tip_is_cut_to_what_the_fee_leaves)
{
    struct transaction tx = {.max_fee = u256_from_u64(100), .max_priority = u256_from_u64(7)};
    u256 base = u256_from_u64(95);
    u256 price;
    u256 tip;
    cr_assert(transaction_effective_price(&tx, &base, &price, &tip));
    cr_expect(price.limbs[0] == 100 && tip.limbs[0] == 5);
    base = u256_from_u64(10);
    cr_assert(transaction_effective_price(&tx, &base, &price, &tip));
    cr_expect(price.limbs[0] == 17 && tip.limbs[0] == 7);
    base = u256_from_u64(101);
    cr_expect_not(transaction_effective_price(&tx, &base, &price, &tip));
}
