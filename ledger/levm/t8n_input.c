#include "ledger/levm/t8n.h"

#include "ledger/chain/candidate.h"
#include "ledger/levm/alloc.h"
#include "ledger/levm/blob_fee.h"
#include "ledger/levm/files.h"
#include "ledger/levm/json.h"
#include "ledger/levm/transaction_input.h"

#define HASHES_MAX 256 /* what BLOCKHASH can ask for */

static bool has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

enum t8n_exit t8n_read_alloc(struct t8n_input *input, const json_t *alloc, struct error *error)
{
    if (!json_is_object(alloc)) {
        error_set(error, ERROR_INVALID, "alloc: expected an object of accounts");
        return T8N_JSON;
    }
    if (alloc_read(alloc, input->transition.state, error))
        return T8N_DONE;
    error_prefix(error, "alloc");
    return T8N_JSON;
}

/* ---- The environment ----------------------------------------------------------------------- */

/* A member that may be missing: then the value stays. */
static bool optional_u64(const json_t *env, const char *name, uint64_t *out, struct error *error)
{
    return !has(env, name) || input_u64(env, name, out, error);
}

static bool optional_u256(const json_t *env, const char *name, u256 *out, struct error *error)
{
    return !has(env, name) || input_u256(env, name, out, error);
}

static bool read_withdrawal(const json_t *fields, struct withdrawal *withdrawal,
                            struct error *error)
{
    if (!json_is_object(fields))
        return error_set(error, ERROR_INVALID, "'withdrawals' has an entry that is no object");
    return input_u64(fields, "index", &withdrawal->index, error)
           && input_u64(fields, "validatorIndex", &withdrawal->validator_index, error)
           && input_address(fields, "address", &withdrawal->address, error)
           && input_u64(fields, "amount", &withdrawal->amount_gwei, error);
}

static bool read_withdrawals(struct t8n_input *input, const json_t *env, struct error *error)
{
    json_t *list;
    input->has_withdrawals = has(env, "withdrawals");
    if (!input->has_withdrawals)
        return true;
    if (!input_array(env, "withdrawals", &list, error))
        return false;
    size_t count = json_array_size(list);
    struct withdrawal *withdrawals = arena_array(&input->arena, count, sizeof *withdrawals);
    for (size_t i = 0; i < count; i++)
        if (!read_withdrawal(json_array_get(list, i), &withdrawals[i], error))
            return error_prefix(error, "withdrawal %zu", i);
    input->transition.withdrawals = withdrawals;
    input->transition.withdrawals_count = count;
    return true;
}

/* Only those that BLOCKHASH can ask for, and the parent's. */
static bool read_hashes(struct t8n_input *input, const json_t *env, struct error *error)
{
    struct transition *transition = &input->transition;
    uint64_t own_number = transition->environment.number;
    struct transition_hash *hashes = arena_array(&input->arena, HASHES_MAX, sizeof *hashes);
    const char *text;
    json_t *value, *object;
    if (!has(env, "blockHashes"))
        return true;
    if (!input_object(env, "blockHashes", &object, error))
        return false;
    json_object_foreach(object, text, value)
    {
        struct transition_hash entry;
        if (!text_u64(text, "block number", &entry.number, error)
            || !input_hash(object, text, &entry.hash, error))
            return error_prefix(error, "blockHashes");
        bool is_known = entry.number < own_number && own_number - entry.number <= HASHES_MAX;
        if (is_known && transition->hashes_count < HASHES_MAX)
            hashes[transition->hashes_count++] = entry;
        if (is_known && own_number - entry.number == 1)
            transition->environment.parent_hash = entry.hash;
    }
    transition->hashes = hashes;
    return true;
}

/* EIP-1559, where the block's own is not given. */
static enum t8n_exit read_base_fee(struct t8n_input *input, const json_t *env, struct error *error)
{
    struct block_environment *environment = &input->transition.environment;
    struct header parent = {0};
    if (!optional_u256(env, "currentBaseFee", &environment->base_fee, error)
        || !optional_u256(env, "parentBaseFee", &parent.base_fee, error)
        || !optional_u64(env, "parentGasUsed", &parent.gas_used, error)
        || !optional_u64(env, "parentGasLimit", &parent.gas_limit, error))
        return T8N_JSON;
    if (has(env, "currentBaseFee"))
        return T8N_DONE;
    if (!has(env, "parentBaseFee") || environment->number == 0) {
        error_set(error, ERROR_INVALID,
                  "env: expected 'currentBaseFee', or 'parentBaseFee' with 'parentGasUsed' and "
                  "'parentGasLimit'");
        return T8N_CONFIG;
    }
    environment->base_fee = market_base_fee(&parent);
    return T8N_DONE;
}

static bool read_blob_fee(struct t8n_input *input, const json_t *env, struct error *error)
{
    struct block_environment *environment = &input->transition.environment;
    uint64_t parent_excess = 0, parent_used = 0;
    u256 parent_base_fee = environment->base_fee;
    if (!optional_u64(env, "parentExcessBlobGas", &parent_excess, error)
        || !optional_u64(env, "parentBlobGasUsed", &parent_used, error)
        || !optional_u256(env, "parentBaseFee", &parent_base_fee, error))
        return false;
    input->excess_blob_gas =
        blob_next_excess(environment->fork, parent_excess, parent_used, &parent_base_fee);
    if (!optional_u64(env, "currentExcessBlobGas", &input->excess_blob_gas, error))
        return false;
    environment->blob_base_fee =
        blob_base_fee(input->excess_blob_gas, blob_update_fraction(environment->fork));
    return true;
}

/* What every fork from Cancun on must be told, and what it does not know any more. */
static enum t8n_exit check_env(const struct t8n_input *input, const json_t *env,
                               const u256 *difficulty, struct error *error)
{
    const char *wrong = NULL;
    if (!has(env, "currentRandom"))
        wrong = "'currentRandom' is missing; the fork needs it";
    else if (!u256_is_zero(difficulty))
        wrong = "'currentDifficulty' is not zero; the fork has none";
    else if (!input->has_withdrawals)
        wrong = "'withdrawals' is missing; the fork needs them, if only an empty list";
    else if (!has(env, "parentBeaconBlockRoot"))
        wrong = "'parentBeaconBlockRoot' is missing; the fork needs it";
    else if (json_array_size(json_object_get(env, "ommers")) > 0)
        wrong = "'ommers' is not empty; the fork has none";
    if (wrong == NULL)
        return T8N_DONE;
    error_set(error, ERROR_INVALID, "env: %s", wrong);
    return T8N_CONFIG;
}

static bool read_fields(struct t8n_input *input, const json_t *env, u256 *difficulty,
                        struct error *error)
{
    struct block_environment *environment = &input->transition.environment;
    u256 random = U256_ZERO;
    if (!input_address(env, "currentCoinbase", &environment->beneficiary, error)
        || !input_u64(env, "currentGasLimit", &environment->gas_limit, error)
        || !input_u64(env, "currentNumber", &environment->number, error)
        || !input_u64(env, "currentTimestamp", &environment->timestamp, error)
        || !optional_u256(env, "currentRandom", &random, error)
        || !optional_u256(env, "currentDifficulty", difficulty, error))
        return false;
    environment->prev_randao = u256_to_hash(&random);
    return (!has(env, "parentBeaconBlockRoot")
            || input_hash(env, "parentBeaconBlockRoot", &environment->parent_beacon_block_root,
                          error))
           && read_withdrawals(input, env, error) && read_hashes(input, env, error);
}

enum t8n_exit t8n_read_env(struct t8n_input *input, const json_t *env, struct error *error)
{
    u256 difficulty = U256_ZERO;
    enum t8n_exit code = T8N_JSON;
    if (!json_is_object(env))
        error_set(error, ERROR_INVALID, "expected an object");
    else if (read_fields(input, env, &difficulty, error))
        code = read_base_fee(input, env, error);
    if (code == T8N_DONE && !read_blob_fee(input, env, error))
        code = T8N_JSON;
    if (code == T8N_DONE)
        code = check_env(input, env, &difficulty, error);
    if (code == T8N_JSON)
        error_prefix(error, "env");
    return code;
}

/* ---- Transactions -------------------------------------------------------------------------- */

enum t8n_exit t8n_read_txs(struct t8n_input *input, const json_t *txs, struct error *error)
{
    uint64_t chain_id = input->transition.environment.chain_id;
    if (!json_is_array(txs) && !json_is_null(txs)) {
        error_set(error, ERROR_INVALID, "txs: expected an array of transactions");
        return T8N_JSON;
    }
    size_t count = json_array_size(txs);
    struct transition_transaction *list = arena_array(&input->arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        enum transaction_verdict verdict;
        if (!transaction_input_read(json_array_get(txs, i), chain_id, &list[i].tx, &verdict,
                                    &input->arena, error)) {
            error_prefix(error, "txs: transaction %zu", i);
            return T8N_JSON;
        }
        if (verdict != TRANSACTION_OK)
            list[i].refused = transaction_verdict_text(verdict);
    }
    input->transition.transactions = list;
    input->transition.transactions_count = count;
    return T8N_DONE;
}

static void read_encoded(struct t8n_input *input, struct bytes encoded,
                         struct transition_transaction *out)
{
    enum rlp_verdict rlp = RLP_OK;
    enum transaction_verdict verdict = transaction_input_signed(
        &out->tx, encoded, input->transition.environment.chain_id, &input->arena, &rlp);
    if (verdict == TRANSACTION_BAD_RLP)
        out->refused = rlp_verdict_text(rlp);
    else if (verdict != TRANSACTION_OK)
        out->refused = transaction_verdict_text(verdict);
}

enum t8n_exit t8n_read_rlp(struct t8n_input *input, const json_t *text, struct error *error)
{
    struct bytes encoded;
    size_t count = 0;
    if (!value_bytes(text, "txs", &input->arena, &encoded, error))
        return T8N_JSON;
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader items = rlp_list(&in);
    for (struct rlp_reader counted = items; rlp_has_more(&counted); count++)
        rlp_item(&counted);
    struct transition_transaction *list = arena_array(&input->arena, count, sizeof *list);
    for (size_t i = 0; i < count && rlp_has_more(&items); i++)
        read_encoded(input, block_take_transaction(&items), &list[i]);
    rlp_leave(&in, &items);
    if (!rlp_finished(&in)) {
        error_set(error, ERROR_INVALID, "txs: not the RLP of a list of transactions: %s",
                  rlp_verdict_text(in.verdict));
        return T8N_RLP;
    }
    input->transition.transactions = list;
    input->transition.transactions_count = count;
    return T8N_DONE;
}

/* ---- All three ----------------------------------------------------------------------------- */

static bool is_stdin(const char *path)
{
    return strcmp(path, "stdin") == 0;
}

static bool is_rlp(const char *path)
{
    size_t size = strlen(path);
    return size > 4 && strcmp(path + size - 4, ".rlp") == 0;
}

/* The document of one input: of its file, or the member of what came over stdin. */
static enum t8n_exit take_document(const char *path, const char *what, const json_t *from_stdin,
                                   json_t **document, struct error *error)
{
    struct buffer text = {0};
    enum t8n_exit code = T8N_DONE;
    *document = NULL;
    if (is_stdin(path)) {
        *document = json_incref(json_object_get(from_stdin, what));
        if (*document != NULL)
            return T8N_DONE;
        error_set(error, ERROR_INVALID, "stdin: '%s' is missing", what);
        return T8N_JSON;
    }
    if (!files_load(path, &text, error))
        code = T8N_IO;
    else if ((*document = input_parse(buffer_view(&text), path, error)) == NULL)
        code = T8N_JSON;
    buffer_cleanup(&text);
    return code;
}

static enum t8n_exit read_stdin(const struct t8n_sources *sources, json_t **document,
                                struct error *error)
{
    struct buffer text = {0};
    enum t8n_exit code = T8N_DONE;
    *document = NULL;
    if (!is_stdin(sources->alloc) && !is_stdin(sources->env) && !is_stdin(sources->txs))
        return T8N_DONE;
    if (!files_load("-", &text, error))
        code = T8N_IO;
    else if ((*document = input_parse(buffer_view(&text), "stdin", error)) == NULL)
        code = T8N_JSON;
    else if (!json_is_object(*document)) {
        error_set(error, ERROR_INVALID, "stdin: expected an object with 'alloc', 'env', 'txs'");
        code = T8N_JSON;
    }
    buffer_cleanup(&text);
    return code;
}

static enum t8n_exit read_transactions(struct t8n_input *input, const char *path,
                                       const json_t *from_stdin, struct error *error)
{
    json_t *document;
    bool is_list = is_stdin(path) && json_string_length(json_object_get(from_stdin, "txsRlp")) > 0;
    if (is_list)
        return t8n_read_rlp(input, json_object_get(from_stdin, "txsRlp"), error);
    enum t8n_exit code = take_document(path, "txs", from_stdin, &document, error);
    if (code == T8N_DONE)
        code = is_rlp(path) ? t8n_read_rlp(input, document, error)
                            : t8n_read_txs(input, document, error);
    json_decref(document);
    return code;
}

enum t8n_exit t8n_read(struct t8n_input *input, const struct t8n_sources *sources,
                       struct error *error)
{
    json_t *from_stdin, *document = NULL;
    input->transition.state = memory_state_new();
    enum t8n_exit code = read_stdin(sources, &from_stdin, error);
    if (code == T8N_DONE)
        code = take_document(sources->alloc, "alloc", from_stdin, &document, error);
    if (code == T8N_DONE)
        code = t8n_read_alloc(input, document, error);
    json_decref(document);
    document = NULL;
    if (code == T8N_DONE)
        code = take_document(sources->env, "env", from_stdin, &document, error);
    if (code == T8N_DONE)
        code = t8n_read_env(input, document, error);
    json_decref(document);
    if (code == T8N_DONE)
        code = read_transactions(input, sources->txs, from_stdin, error);
    json_decref(from_stdin);
    return code;
}

void t8n_input_cleanup(struct t8n_input *input)
{
    memory_state_free(input->transition.state);
    arena_cleanup(&input->arena);
}
