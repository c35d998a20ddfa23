#include "tests/gas_cut/run.h"

#include <inttypes.h>

#include "ledger/levm/block_hash.h"
#include "tests/gas_cut/state_marks.h"
#include "vm/analysis_cache.h"
#include "vm/base/hex.h"
#include "vm/frame.h"

struct run run_at(const struct subject *subject, const struct run_mode *mode, struct arena *arena)
{
    struct run run;
    struct transaction tx = subject->tx;
    struct execution execution = {.vm = subject->vm,
                                  .state = state_new(&subject->pre),
                                  .arena = arena,
                                  .environment = subject->environment,
                                  .tracer = mode->tracer};
    tx.gas_limit = mode->gas_limit;
    state_set_block_hashes(execution.state, block_hash_of_digits, &execution.environment.number);
    if (mode->on_state != NULL)
        mode->on_state(mode->context, execution.state);
    dispatch_use(mode->dispatch);
    subject->vm->heat_needed = mode->heat_needed;
    if (mode->heat_needed != RUN_ANALYSED)
        analysis_cache_clear();
    run.outcome = (struct transaction_outcome){0};
    run.verdict = execute_transaction(&execution, &tx, NULL, &run.outcome);
    run.outcome.output = arena_copy(arena, run.outcome.output);
    run.changes = state_changes(execution.state, arena);
    run.marks = state_marks(execution.state);
    state_free(execution.state);
    return run;
}

static const char *difference_of_slots(const struct account_change *left,
                                       const struct account_change *right, struct arena *arena)
{
    if (left->slots_count != right->slots_count)
        return arena_format(arena, "%zu slots changed, not %zu", left->slots_count,
                            right->slots_count);
    for (size_t i = 0; i < left->slots_count; i++)
        if (!u256_equal(&left->slots[i].key, &right->slots[i].key)
            || !u256_equal(&left->slots[i].after, &right->slots[i].after))
            return arena_format(arena, "changed slot %zu differs", i);
    return "";
}

static const char *difference_of_accounts(const struct account_change *left,
                                          const struct account_change *right, struct arena *arena)
{
    const char *what = NULL;
    if (left->exists != right->exists)
        what = left->exists ? "exists" : "does not exist";
    else if (left->after.nonce != right->after.nonce)
        what = "nonce differs";
    else if (!u256_equal(&left->after.balance, &right->after.balance))
        what = "balance differs";
    else if (!hash256_equal(&left->after.code_hash, &right->after.code_hash))
        what = "code differs";
    else
        what = difference_of_slots(left, right, arena);
    if (what[0] == '\0')
        return what;
    char text[2 * sizeof(address) + 1] = "";
    hex_encode(text, left->address.bytes, sizeof left->address.bytes);
    text[2 * sizeof(address)] = '\0';
    return arena_format(arena, "account %s: %s", text, what);
}

const char *changes_difference(const struct state_changes *left, const struct state_changes *right,
                               struct arena *arena)
{
    const char *what = "";
    for (size_t i = 0; i < left->accounts_count && i < right->accounts_count; i++) {
        if (!address_equal(&left->accounts[i].address, &right->accounts[i].address))
            return arena_format(arena, "changed account %zu is another one", i);
        what = difference_of_accounts(&left->accounts[i], &right->accounts[i], arena);
        if (what[0] != '\0')
            return what;
    }
    if (left->accounts_count != right->accounts_count)
        return arena_format(arena, "%zu accounts changed, not %zu", left->accounts_count,
                            right->accounts_count);
    return left->codes_count == right->codes_count ? "" : "new codes differ";
}

static bool is_failure(enum vm_status status)
{
    return status != VM_SUCCESS && status != VM_REVERT;
}

const char *run_difference(const struct run *left, const struct run *right, bool is_reason_free,
                           struct arena *arena)
{
    enum vm_status a = left->outcome.status, b = right->outcome.status;
    if (left->verdict != right->verdict)
        return arena_format(arena, "verdict \"%s\", not \"%s\"",
                            transaction_verdict_text(left->verdict),
                            transaction_verdict_text(right->verdict));
    if (left->verdict != TRANSACTION_OK)
        return "";
    if (a != b && !(is_reason_free && is_failure(a) && is_failure(b)))
        return arena_format(arena, "ended with \"%s\", not \"%s\"", vm_status_name(a),
                            vm_status_name(b));
    if (left->outcome.gas_used != right->outcome.gas_used)
        return arena_format(arena, "used %" PRIu64 " gas, not %" PRIu64, left->outcome.gas_used,
                            right->outcome.gas_used);
    if (!bytes_equal(left->outcome.output, right->outcome.output))
        return "output differs";
    if (left->marks != right->marks)
        return "access lists, transient storage, refund or logs differ";
    return changes_difference(&left->changes, &right->changes, arena);
}
