/* What levm reads: t8n's document with alloc, env and transactions, or a file of state tests. Any
 * bytes are refused with a word, or run; and the state that comes out is one that is read again to
 * the same root. The first byte chooses which. */
#include "ledger/levm/alloc.h"
#include "ledger/levm/alloc_output.h"
#include "ledger/levm/state_case.h"
#include "ledger/levm/t8n.h"
#include "tests/fuzz/target.h"

#define GAS_MAX 1000000 /* a run is to take no time */

static struct vm *machine(void)
{
    static struct vm *vm;
    if (vm == NULL)
        vm = vm_new();
    return vm;
}

static void must_read_again(const struct memory_state *state)
{
    struct error error = {0};
    json_t *written = alloc_output(state);
    struct memory_state *again = memory_state_new();
    must(alloc_read(written, again, &error), "its own alloc is refused");
    json_t *rewritten = alloc_output(again);
    must(json_equal(written, rewritten), "its own alloc is read differently");
    memory_state_free(again);
    json_decref(written);
    json_decref(rewritten);
}

static enum t8n_exit read_t8n(struct t8n_input *input, const json_t *document, struct error *error)
{
    const json_t *rlp = json_object_get(document, "txsRlp");
    enum t8n_exit code = t8n_read_alloc(input, json_object_get(document, "alloc"), error);
    if (code == T8N_DONE)
        code = t8n_read_env(input, json_object_get(document, "env"), error);
    if (code == T8N_DONE)
        code = rlp != NULL ? t8n_read_rlp(input, rlp, error)
                           : t8n_read_txs(input, json_object_get(document, "txs"), error);
    return code;
}

static void run_t8n(const json_t *document, enum vm_fork fork)
{
    struct error error = {0};
    struct arena arena = {0};
    struct transition_result result;
    struct t8n_input input = {.transition.state = memory_state_new()};
    struct block_environment *environment = &input.transition.environment;
    environment->fork = fork;
    environment->chain_id = 1;
    input.transition.has_reward = true;
    enum t8n_exit code = read_t8n(&input, document, &error);
    must(code == T8N_DONE || error.text[0] != '\0', "refused without a word");
    if (code == T8N_DONE) {
        if (environment->gas_limit > GAS_MAX)
            environment->gas_limit = GAS_MAX;
        enum transition_end end =
            transition_run(&input.transition, NULL, machine(), &arena, &result, &error);
        must(end == TRANSITION_DONE || error.text[0] != '\0', "no block, and no word of it");
        if (end == TRANSITION_DONE) {
            json_decref(t8n_result(&input, &result));
            json_decref(t8n_body(&result));
            must_read_again(input.transition.state);
        }
    }
    t8n_input_cleanup(&input);
    arena_cleanup(&arena);
}

static void run_post(struct state_case *test, const json_t *post, enum vm_fork fork)
{
    struct error error = {0};
    struct transaction tx;
    struct transaction_outcome outcome;
    enum transaction_verdict verdict;
    struct arena arena = {0};
    struct state_reader reader = memory_state_reader(test->pre);
    struct execution execution = {.vm = machine(), .arena = &arena};
    if (!state_case_transaction(test, post, &tx, &verdict, &error)
        || !state_case_environment(test, fork, &execution.environment, &error)) {
        must(error.text[0] != '\0', "refused without a word");
        return;
    }
    if (verdict != TRANSACTION_OK)
        return;
    if (execution.environment.gas_limit > GAS_MAX)
        execution.environment.gas_limit = GAS_MAX;
    execution.state = state_new(&reader);
    (void)execute_transaction(&execution, &tx, NULL, &outcome);
    state_free(execution.state);
    arena_cleanup(&arena);
}

static void run_state_test(const json_t *fields, enum vm_fork fork)
{
    struct state_case test;
    struct error error = {0};
    const char *name;
    json_t *posts;
    size_t i;
    if (state_case_read(&test, fields, &error)) {
        json_object_foreach(json_object_get(fields, "post"), name, posts)
        {
            const json_t *post;
            json_array_foreach(posts, i, post) run_post(&test, post, fork);
        }
    } else {
        must(error.text[0] != '\0', "refused without a word");
    }
    state_case_cleanup(&test);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {0};
    const char *name;
    json_t *fields;
    if (size == 0)
        return 0;
    json_t *document = input_parse(bytes_of(data + 1, size - 1), "input", &error);
    enum vm_fork fork = (enum vm_fork)(data[0] / 2 % VM_FORK_COUNT);
    must(document != NULL || error.text[0] != '\0', "refused without a word");
    if (data[0] % 2 == 0)
        run_t8n(document, fork);
    else
        json_object_foreach(document, name, fields) run_state_test(fields, fork);
    json_decref(document);
    return 0;
}
