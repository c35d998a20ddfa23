#include "ledger/levm/state_case.h"

#include "ledger/levm/alloc.h"
#include "ledger/levm/blob_fee.h"
#include "ledger/levm/transaction_input.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

#define BASE_FEE_DEFAULT 10 /* go-ethereum's, where a test names none */

static bool has(const json_t *object, const char *name)
{
    return json_object_get(object, name) != NULL;
}

static bool read_environment(struct state_case *test, const json_t *env, struct error *error)
{
    struct block_environment *environment = &test->environment;
    environment->base_fee = u256_from_u64(BASE_FEE_DEFAULT);
    if (!input_address(env, "currentCoinbase", &environment->beneficiary, error)
        || !input_u64(env, "currentGasLimit", &environment->gas_limit, error)
        || !input_u64(env, "currentNumber", &environment->number, error)
        || !input_u64(env, "currentTimestamp", &environment->timestamp, error))
        return false;
    if (has(env, "currentBaseFee")
        && !input_u256(env, "currentBaseFee", &environment->base_fee, error))
        return false;
    u256 random = U256_ZERO; /* written as a quantity by some tests, as a hash by others */
    if (has(env, "currentRandom") && !input_u256(env, "currentRandom", &random, error))
        return false;
    environment->prev_randao = u256_to_hash(&random);
    return !has(env, "currentExcessBlobGas")
           || input_u64(env, "currentExcessBlobGas", &test->excess_blob_gas, error);
}

bool state_case_environment(const struct state_case *test, enum vm_fork fork,
                            struct block_environment *environment, struct error *error)
{
    static const char *const names[VM_FORK_COUNT] = {"Cancun", "Prague", "Osaka"};
    uint64_t fraction = blob_update_fraction(fork);
    const json_t *rules = json_object_get(test->blob_schedule, names[fork]);
    if (rules != NULL && !input_u64(rules, "baseFeeUpdateFraction", &fraction, error))
        return false;
    if (fraction == 0)
        return error_set(error, ERROR_INVALID, "'baseFeeUpdateFraction' is 0");
    *environment = test->environment;
    environment->fork = fork;
    environment->blob_base_fee = blob_base_fee(test->excess_blob_gas, fraction);
    return true;
}

bool state_case_read(struct state_case *test, const json_t *fields, struct error *error)
{
    json_t *env;
    json_t *pre;
    json_t *transaction;
    *test = (struct state_case){.pre = memory_state_new(), .environment.chain_id = 1};
    if (!json_is_object(fields))
        return error_set(error, ERROR_INVALID, "test is not an object");
    const json_t *config = json_object_get(fields, "config");
    if (config != NULL && has(config, "chainid")
        && !input_u64(config, "chainid", &test->environment.chain_id, error))
        return false;
    if (!input_object(fields, "transaction", &transaction, error)
        || !input_object(fields, "env", &env, error) || !input_object(fields, "pre", &pre, error))
        return false;
    test->transaction = transaction;
    test->blob_schedule = json_object_get(config, "blobSchedule");
    return read_environment(test, env, error) && alloc_read(pre, test->pre, error);
}

void state_case_cleanup(struct state_case *test)
{
    memory_state_free(test->pre);
    arena_cleanup(&test->arena);
}

/* The element of list `name` that `indexes` chooses. */
static const json_t *choose(const json_t *transaction, const char *name, const json_t *indexes,
                            const char *index_name, struct error *error)
{
    json_t *list;
    uint64_t index;
    if (!input_array(transaction, name, &list, error)
        || !input_u64(indexes, index_name, &index, error))
        return NULL;
    if (index < json_array_size(list))
        return json_array_get(list, (size_t)index);
    error_set(error, ERROR_INVALID, "index '%s' is beyond the list '%s'", index_name, name);
    return NULL;
}

/* The sender's own key stands in most tests; some name only the account. */
static bool read_sender(const json_t *fields, struct transaction *tx, struct error *error)
{
    hash256 secret;
    struct secret_key key;
    if (!has(fields, "secretKey"))
        return input_address(fields, "sender", &tx->sender, error);
    if (!input_hash(fields, "secretKey", &secret, error))
        return false;
    if (!secret_key_load(&key, secret.bytes))
        return error_set(error, ERROR_INVALID, "'secretKey' is not a key of secp256k1");
    tx->sender = secret_key_address(&key);
    secret_key_cleanup(&key);
    return true;
}

/* As geth does: the signed bytes have to be a transaction of this chain. Whether it may have
 * blobs is execution's to say. */
static bool check_signed_bytes(struct state_case *test, const json_t *post,
                               enum transaction_verdict *verdict, struct error *error)
{
    const json_t *text = json_object_get(post, "txbytes");
    struct transaction tx;
    struct bytes encoded;
    *verdict = TRANSACTION_OK;
    if (text == NULL)
        return true;
    if (!value_bytes(text, "txbytes", &test->arena, &encoded, error))
        return false;
    *verdict =
        transaction_input_signed(&tx, encoded, test->environment.chain_id, &test->arena, NULL);
    return true;
}

bool state_case_transaction(struct state_case *test, const json_t *post, struct transaction *tx,
                            enum transaction_verdict *verdict, struct error *error)
{
    const json_t *fields = test->transaction;
    json_t *indexes;
    *tx = (struct transaction){.type = transaction_input_type(fields),
                               .has_chain_id = true,
                               .chain_id = test->environment.chain_id};
    if (!check_signed_bytes(test, post, verdict, error))
        return false;
    if (*verdict != TRANSACTION_OK || tx->type == TRANSACTION_BLOB)
        return true;
    if (!input_object(post, "indexes", &indexes, error))
        return false;
    const json_t *data = choose(fields, "data", indexes, "data", error);
    const json_t *gas = data == NULL ? NULL : choose(fields, "gasLimit", indexes, "gas", error);
    const json_t *value = gas == NULL ? NULL : choose(fields, "value", indexes, "value", error);
    if (value == NULL || !value_bytes(data, "data", &test->arena, &tx->data, error)
        || !value_u64(gas, "gasLimit", &tx->gas_limit, error)
        || !value_u256(value, "value", &tx->value, error)
        || !input_u64(fields, "nonce", &tx->nonce, error)
        || !transaction_input_fees(fields, tx, error) || !transaction_input_to(fields, tx, error)
        || !read_sender(fields, tx, error))
        return false;
    if (tx->type == TRANSACTION_SET_CODE) {
        if (!transaction_input_authorizations(fields, tx, &test->arena, error))
            return false;
        transaction_recover_authorities(tx);
    }
    if (!has(fields, "accessLists"))
        return true;
    const json_t *list = choose(fields, "accessLists", indexes, "data", error);
    return list != NULL && transaction_input_access_list(list, tx, &test->arena, error);
}
