/* eth_createAccessList: runs a transaction until the list of what it touches names all that it
 * touches when run with that list. geth's rules: sender, recipient and precompiles are named only
 * for their slots. */
#include "rpc/methods/methods.h"

#include "rpc/methods/revert.h"
#include "rpc/methods/show.h"
#include "rpc/methods/stage.h"
#include "rpc/scope.h"
#include "vm/opcodes.h"
#include "vm/tracer.h"
#include <stdlib.h>

/* An account, or one of its slots. */
struct touch {
    address account;
    bool is_slot;
    hash256 key;
};

struct watch {
    struct stage *stage;
    address recipient;
    struct touch *touches; /* sorted and without repetition between runs */
    size_t count, capacity;
    struct arena arena; /* of the list of one run: a stranger decides how many there are */
};

static int compare_touches(const void *left, const void *right)
{
    const struct touch *a = left, *b = right;
    int order = memcmp(a->account.bytes, b->account.bytes, sizeof a->account.bytes);
    if (order == 0)
        order = (a->is_slot ? 1 : 0) - (b->is_slot ? 1 : 0);
    return order != 0 ? order : memcmp(a->key.bytes, b->key.bytes, sizeof a->key.bytes);
}

static void sort_touches(struct watch *watch)
{
    size_t kept = 0;
    if (watch->count == 0)
        return;
    qsort(watch->touches, watch->count, sizeof *watch->touches, compare_touches);
    for (size_t index = 0; index < watch->count; index++)
        if (kept == 0 || compare_touches(&watch->touches[kept - 1], &watch->touches[index]) != 0)
            watch->touches[kept++] = watch->touches[index];
    watch->count = kept;
}

static void add_touch(struct watch *watch, const struct touch *touch)
{
    if (watch->count > 0 && compare_touches(&watch->touches[watch->count - 1], touch) == 0)
        return;
    if (watch->count == watch->capacity)
        sort_touches(watch); /* what is touched over and over takes no memory */
    if (watch->count >= watch->capacity / 2) {
        watch->capacity = watch->capacity == 0 ? 64 : 2 * watch->capacity;
        watch->touches = memory_resize(watch->touches, watch->capacity * sizeof *watch->touches);
    }
    watch->touches[watch->count++] = *touch;
}

static void add_account(struct watch *watch, const address *account)
{
    const struct stage *stage = watch->stage;
    if (address_equal(account, &stage->object.tx.sender)
        || address_equal(account, &watch->recipient)
        || vm_is_precompile(stage->environment.fork, account))
        return;
    add_touch(watch, &(struct touch){.account = *account});
}

static void on_step(void *context, const struct vm_step *step)
{
    struct watch *watch = context;
    const u256 *top = step->stack + step->stack_size; /* one behind the last */
    address account;
    switch (step->opcode) {
    case VM_OP_SLOAD:
    case VM_OP_SSTORE:
        if (step->stack_size >= 1)
            add_touch(watch, &(struct touch){step->account, true, u256_to_hash(&top[-1])});
        break;
    case VM_OP_BALANCE:
    case VM_OP_EXTCODESIZE:
    case VM_OP_EXTCODECOPY:
    case VM_OP_EXTCODEHASH:
    case VM_OP_SELFDESTRUCT:
        if (step->stack_size < 1)
            break;
        account = u256_to_address(&top[-1]);
        add_account(watch, &account);
        break;
    case VM_OP_CALL:
    case VM_OP_CALLCODE:
    case VM_OP_DELEGATECALL:
    case VM_OP_STATICCALL:
        if (step->stack_size < 5)
            break;
        account = u256_to_address(&top[-2]);
        add_account(watch, &account);
        break;
    default: break;
    }
}

static void add_list(struct watch *watch, const struct transaction *tx)
{
    for (size_t entry = 0; entry < tx->access_list_count; entry++) {
        const struct access_entry *list = &tx->access_list[entry];
        add_account(watch, &list->account);
        for (size_t key = 0; key < list->keys_count; key++)
            add_touch(watch, &(struct touch){list->account, true, list->keys[key]});
    }
}

/* The touches as an access list, in place of the one before; each account's slots follow it. */
static void make_list(struct watch *watch, struct transaction *tx)
{
    struct arena *arena = &watch->arena;
    arena_reset(arena);
    hash256 *keys = arena_array(arena, watch->count, sizeof *keys);
    tx->access_list = arena_array(arena, watch->count, sizeof *tx->access_list);
    tx->access_list_count = 0;
    for (size_t index = 0; index < watch->count; index++) {
        const struct touch *touch = &watch->touches[index];
        struct access_entry *entry =
            tx->access_list_count > 0 ? &tx->access_list[tx->access_list_count - 1] : NULL;
        if (entry == NULL || !address_equal(&entry->account, &touch->account)) {
            entry = &tx->access_list[tx->access_list_count++];
            *entry = (struct access_entry){.account = touch->account, .keys = keys + index};
        }
        /* An account's own touch stands before its slots, so that these lie in a row. */
        if (touch->is_slot) {
            if (entry->keys_count == 0)
                entry->keys = keys + index;
            entry->keys[entry->keys_count++] = touch->key;
        }
    }
}

static const char *failure_of(struct call *call, const struct run *run)
{
    if (run->outcome.status != VM_REVERT)
        return vm_status_name(run->outcome.status);
    const char *reason = revert_reason(run->outcome.output, call->arena);
    return reason == NULL ? "execution reverted"
                          : arena_format(call->arena, "execution reverted: %s", reason);
}

/* Runs until the list does not grow any more; it never shrinks, and each entry costs gas. */
static bool settle(struct watch *watch, struct transaction *tx, uint64_t gas, struct run *run)
{
    struct vm_tracer tracer = {.context = watch, .on_step = on_step};
    size_t before;
    watch->stage->tracer = &tracer;
    do {
        before = watch->count;
        make_list(watch, tx);
        if (!stage_run(watch->stage, tx, gas, run))
            return false;
        sort_touches(watch);
    } while (watch->count != before && run->verdict == TRANSACTION_OK);
    return true;
}

static enum call_outcome answer_list(struct watch *watch)
{
    struct stage *stage = watch->stage;
    struct call *call = stage->call;
    struct transaction tx = stage->object.tx;
    const uint64_t gas = stage_gas(stage);
    struct run run;
    if (tx.type == TRANSACTION_LEGACY)
        tx.type = TRANSACTION_ACCESS_LIST;
    if (tx.is_create) {
        struct state *state = stage_state(stage);
        watch->recipient = vm_create_address(&tx.sender, state_account(state, &tx.sender).nonce);
        state_free(state);
    }
    add_list(watch, &tx);
    sort_touches(watch);
    if (!settle(watch, &tx, gas, &run))
        return CALL_FAILED;
    if (run.verdict != TRANSACTION_OK)
        return run_fail(call, &run, gas);
    write_raw(call->out, "{");
    show_access_list(call->out, &tx);
    if (run.outcome.status != VM_SUCCESS)
        write_key_text(call->out, "error", failure_of(call, &run));
    write_key_quantity(call->out, "gasUsed", run.outcome.gas_used);
    write_raw(call->out, "}");
    return CALL_ANSWERED;
}

static enum call_outcome answer(struct stage *stage)
{
    struct watch watch = {.stage = stage, .recipient = stage->object.tx.to};
    const enum call_outcome outcome = answer_list(&watch);
    free(watch.touches);
    arena_cleanup(&watch.arena);
    return outcome;
}

enum call_outcome method_eth_create_access_list(struct call *call)
{
    return stage_answer(call, answer);
}
