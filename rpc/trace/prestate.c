/* geth's prestateTracer: the accounts and slots a transaction touches, as they were before it; with
 * diffMode only what it changed, before and after.
 *
 *   {ADDRESS: {"balance","code"?,"codeHash"?,"nonce"?,"storage"?: {SLOT: WORD}}, ..}
 *   {"post": {..}, "pre": {..}}
 *
 * A nonce is a JSON number and stands where it is not 0. Accounts that were empty before are left
 * out unless includeEmpty asks for them. "Touched" is what the opcodes name, not what they reach:
 * a step that fails touches nothing. */
#include "rpc/trace/tracing.h"

#include "rpc/trace/touched.h"
#include "rpc/write.h"
#include "vm/crypto/keccak.h"
#include "vm/delegation.h"
#include "vm/opcodes.h"

#define ACCOUNT_SIZE      300   /* one shown, but its code and slots */
#define SLOT_SIZE         138   /* one shown */
#define INITCODE_SIZE_MAX 49152 /* EIP-3860 */

struct prestate {
    struct touched touched;
    struct buffer init_code;
    /* What the step going on names, to be kept if it does not fail. */
    struct touched_account found[2];
    unsigned found_count;
    bool has_slot;
    u256 slot_key, slot_value;
    bool creates, deletes;
    address account; /* whose step it is */
};

/* ---- Looking ----------------------------------------------------------------------------- */

static struct touched_account account_now(struct tracing *tracing, const address *at)
{
    const struct account account = state_account(tracing->state, at);
    return (struct touched_account){
        .address = *at,
        .nonce = account.nonce,
        .balance = account.balance,
        .code = state_code(tracing->state, at),
        .code_hash = account.code_hash,
    };
}

static uint32_t keep_account(struct tracing *tracing, const struct touched_account *account)
{
    struct prestate *prestate = tracing->own;
    struct touched *touched = &prestate->touched;
    uint32_t number = touched_find_account(touched, &account->address);
    if (number != TOUCHED_NONE)
        return number;
    size_t size = TOUCHED_ACCOUNT_SIZE + 2 * ACCOUNT_SIZE;
    if (!tracing->options->disable_code)
        size += 2 * account->code.size;
    if (!trace_take(tracing, size))
        return TOUCHED_NONE;
    number = touched_add_account(touched, &account->address);
    struct touched_account *kept = touched_account_at(touched, number);
    kept->nonce = account->nonce;
    kept->balance = account->balance;
    kept->code = account->code;
    kept->code_hash = account->code_hash;
    return number;
}

static void keep_slot(struct tracing *tracing, uint32_t account)
{
    struct prestate *prestate = tracing->own;
    struct touched *touched = &prestate->touched;
    if (touched_find_slot(touched, account, &prestate->slot_key) != TOUCHED_NONE
        || !trace_take(tracing, TOUCHED_SLOT_SIZE + 2 * SLOT_SIZE))
        return;
    const uint32_t slot = touched_add_slot(touched, account, &prestate->slot_key);
    touched_slot_at(touched, slot)->value = prestate->slot_value;
}

static void find(struct tracing *tracing, const address *account)
{
    struct prestate *prestate = tracing->own;
    prestate->found[prestate->found_count++] = account_now(tracing, account);
}

/* An account, and whose code it runs (EIP-7702). */
static void find_with_delegate(struct tracing *tracing, const address *account)
{
    struct prestate *prestate = tracing->own;
    address delegate;
    find(tracing, account);
    if (tracing->environment->fork >= VM_FORK_PRAGUE
        && vm_delegation_decode(prestate->found[0].code, &delegate))
        find(tracing, &delegate);
}

static void find_slot(struct tracing *tracing, const u256 *key)
{
    struct prestate *prestate = tracing->own;
    find(tracing, &prestate->account);
    if (tracing->options->disable_storage)
        return;
    prestate->has_slot = true;
    prestate->slot_key = *key;
    prestate->slot_value = state_slot(tracing->state, &prestate->account, key);
}

/* The contract that a CREATE2 would make; its init code may reach beyond the memory there is. */
static bool create2_address(struct prestate *prestate, const struct vm_step *step, address *created)
{
    const u256 *top = &step->stack[step->stack_size - 1], *offset = &top[-1], *size = &top[-2];
    struct buffer *code = &prestate->init_code;
    if (!u256_fits_u64(size) || size->limbs[0] > INITCODE_SIZE_MAX)
        return false;
    const size_t code_size = (size_t)size->limbs[0];
    const size_t start = u256_fits_u64(offset) && offset->limbs[0] < step->memory.size
                             ? (size_t)offset->limbs[0]
                             : step->memory.size;
    const size_t left = step->memory.size - start;
    const size_t present = left < code_size ? left : code_size;
    buffer_clear(code);
    uint8_t *bytes = buffer_extend(code, code_size + 1);
    memset(bytes, 0, code_size);
    if (present > 0)
        memcpy(bytes, step->memory.data + start, present);
    const hash256 hash = keccak256(bytes, code_size), salt = u256_to_hash(&top[-3]);
    *created = vm_create2_address(&step->account, &salt, &hash);
    return true;
}

static void find_created(struct tracing *tracing, const struct vm_step *step)
{
    struct prestate *prestate = tracing->own;
    address created;
    if (step->opcode == VM_OP_CREATE2) {
        if (!create2_address(prestate, step, &created))
            return;
    } else {
        const uint64_t nonce = state_account(tracing->state, &step->account).nonce;
        created = vm_create_address(&step->account, nonce);
    }
    prestate->creates = true;
    find(tracing, &created);
}

static void on_step(void *context, const struct vm_step *step)
{
    struct tracing *tracing = context;
    struct prestate *prestate = tracing->own;
    const u256 *top = step->stack + step->stack_size - 1;
    prestate->found_count = 0;
    prestate->has_slot = prestate->creates = prestate->deletes = false;
    prestate->account = step->account;
    if (tracing->is_full || step->stack_size < VM_OPCODE_TRAITS[step->opcode].stack_in)
        return;
    address named;
    switch (step->opcode) {
    case VM_OP_SLOAD:
    case VM_OP_SSTORE: find_slot(tracing, top); break;
    case VM_OP_EXTCODECOPY:
    case VM_OP_EXTCODEHASH:
    case VM_OP_EXTCODESIZE:
    case VM_OP_BALANCE:
    case VM_OP_SELFDESTRUCT:
        named = u256_to_address(top);
        prestate->deletes = step->opcode == VM_OP_SELFDESTRUCT;
        find(tracing, &named);
        break;
    case VM_OP_CALL:
    case VM_OP_CALLCODE:
    case VM_OP_DELEGATECALL:
    case VM_OP_STATICCALL:
        named = u256_to_address(&top[-1]);
        find_with_delegate(tracing, &named);
        break;
    case VM_OP_CREATE:
    case VM_OP_CREATE2: find_created(tracing, step); break;
    default: break;
    }
}

static void on_step_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    struct tracing *tracing = context;
    struct prestate *prestate = tracing->own;
    struct touched *touched = &prestate->touched;
    (void)gas_cost;
    if (status != VM_SUCCESS)
        return;
    for (unsigned i = 0; i < prestate->found_count; i++) {
        const uint32_t number = keep_account(tracing, &prestate->found[i]);
        if (number == TOUCHED_NONE)
            return;
        if (i == 0 && prestate->has_slot)
            keep_slot(tracing, number);
        if (i == 0 && prestate->creates)
            touched_account_at(touched, number)->is_created = true;
    }
    /* EIP-6780: only what this transaction created goes. */
    const uint32_t own =
        prestate->deletes ? touched_find_account(touched, &prestate->account) : TOUCHED_NONE;
    if (own != TOUCHED_NONE && touched_account_at(touched, own)->is_created)
        touched_account_at(touched, own)->is_deleted = true;
}

static void look_up(struct tracing *tracing, const address *account)
{
    const struct touched_account found = account_now(tracing, account);
    (void)keep_account(tracing, &found);
}

/* Who is touched by any transaction: sender, recipient with its delegate, beneficiary, and those
 * whose authorizations it carries, before these are applied. */
static void begin(struct tracing *tracing)
{
    const struct transaction *tx = tracing->tx;
    struct prestate *prestate = arena_alloc(&tracing->arena, sizeof *prestate);
    address to = tx->to, delegate;
    tracing->own = prestate;
    tracing->vm.on_step = on_step;
    tracing->vm.on_step_end = on_step_end;
    if (tx->is_create)
        to = vm_create_address(&tx->sender, state_account(tracing->state, &tx->sender).nonce);
    else if (tracing->environment->fork >= VM_FORK_PRAGUE
             && vm_delegation_decode(state_code(tracing->state, &to), &delegate))
        look_up(tracing, &delegate);
    look_up(tracing, &tx->sender);
    look_up(tracing, &to);
    look_up(tracing, &tracing->environment->beneficiary);
    for (size_t i = 0; i < tx->authorizations_count; i++)
        if (tx->authorizations[i].has_authority)
            look_up(tracing, &tx->authorizations[i].authority);
    const uint32_t number = touched_find_account(&prestate->touched, &to);
    if (tx->is_create && number != TOUCHED_NONE)
        touched_account_at(&prestate->touched, number)->is_created = true;
}

/* ---- Writing ----------------------------------------------------------------------------- */

static bool was_empty(const struct touched_account *account)
{
    return account->nonce == 0 && account->code.size == 0 && u256_is_zero(&account->balance);
}

static void write_word(struct buffer *out, const u256 *word)
{
    const hash256 bytes = u256_to_hash(word);
    write_hash(out, &bytes);
}

static void open_account(struct buffer *out, const address *account)
{
    write_separator(out);
    write_address(out, account);
    write_raw(out, ":{");
}

/* Whether this slot stands in `pre` and in `post`. */
static bool is_slot_shown(struct tracing *tracing, const struct touched_account *account,
                          const struct touched_slot *slot, bool is_post, u256 *value)
{
    *value = slot->value;
    if (!tracing->options->diff_mode || account->is_deleted)
        return true;
    const u256 now = state_slot(tracing->state, &account->address, &slot->key);
    if (is_post)
        *value = now;
    return !u256_equal(&slot->value, &now) && !u256_is_zero(value);
}

static void write_storage(struct tracing *tracing, const struct touched_account *account,
                          bool is_post)
{
    struct prestate *prestate = tracing->own;
    struct buffer *out = tracing->out;
    bool is_first = true;
    u256 value;
    for (uint32_t number = account->first_slot; number != TOUCHED_NONE;) {
        const struct touched_slot *slot = touched_slot_at(&prestate->touched, number);
        if (is_slot_shown(tracing, account, slot, is_post, &value)) {
            if (is_first)
                write_key_raw(out, "storage", "{");
            is_first = false;
            write_separator(out);
            write_word(out, &slot->key);
            write_raw(out, ":");
            write_word(out, &value);
        }
        number = slot->next;
    }
    if (!is_first)
        write_raw(out, "}");
}

static void write_pre(struct tracing *tracing, const struct touched_account *account)
{
    struct buffer *out = tracing->out;
    open_account(out, &account->address);
    write_key_u256(out, "balance", &account->balance);
    if (account->code.size > 0) {
        if (!tracing->options->disable_code)
            write_key_data(out, "code", account->code);
        write_key_hash(out, "codeHash", &account->code_hash);
    }
    if (account->nonce > 0)
        write_key_decimal(out, "nonce", account->nonce);
    write_storage(tracing, account, false);
    write_raw(out, "}");
}

static bool has_changed_slot(struct tracing *tracing, const struct touched_account *account)
{
    struct prestate *prestate = tracing->own;
    for (uint32_t number = account->first_slot; number != TOUCHED_NONE;) {
        const struct touched_slot *slot = touched_slot_at(&prestate->touched, number);
        const u256 now = state_slot(tracing->state, &account->address, &slot->key);
        if (!u256_equal(&now, &slot->value))
            return true;
        number = slot->next;
    }
    return false;
}

/* What differs now; code that was taken away shows as none, with a hash of zero. */
static void write_post(struct tracing *tracing, struct touched_account *account)
{
    static const hash256 none = {{0}};
    struct buffer *out = tracing->out;
    const struct touched_account now = account_now(tracing, &account->address);
    const bool has_new_balance = !u256_equal(&now.balance, &account->balance);
    const bool has_new_nonce = now.nonce != account->nonce;
    const bool has_new_code = !bytes_equal(now.code, account->code);
    account->is_unchanged =
        !has_new_balance && !has_new_nonce && !has_new_code && !has_changed_slot(tracing, account);
    if (account->is_unchanged || !trace_take(tracing, has_new_code ? 2 * now.code.size : 0))
        return;
    open_account(out, &account->address);
    if (has_new_balance)
        write_key_u256(out, "balance", &now.balance);
    if (has_new_code && !tracing->options->disable_code)
        write_key_data(out, "code", now.code);
    if (has_new_code)
        write_key_hash(out, "codeHash", now.code.size > 0 ? &now.code_hash : &none);
    if (has_new_nonce)
        write_key_decimal(out, "nonce", now.nonce);
    write_storage(tracing, account, true);
    write_raw(out, "}");
}

static void end(struct tracing *tracing, const struct transaction_outcome *outcome)
{
    struct prestate *prestate = tracing->own;
    struct buffer *out = tracing->out;
    const uint32_t count = (uint32_t)touched_accounts_count(&prestate->touched);
    (void)outcome;
    if (tracing->options->diff_mode) {
        write_raw(out, "{\"post\":{");
        for (uint32_t i = 0; i < count && !tracing->is_full; i++)
            if (!touched_account_at(&prestate->touched, i)->is_deleted)
                write_post(tracing, touched_account_at(&prestate->touched, i));
        write_raw(out, "},\"pre\":");
    }
    write_raw(out, "{");
    for (uint32_t i = 0; i < count && !tracing->is_full; i++) {
        const struct touched_account *account = touched_account_at(&prestate->touched, i);
        if (!account->is_unchanged && (tracing->options->include_empty || !was_empty(account)))
            write_pre(tracing, account);
    }
    write_raw(out, tracing->options->diff_mode ? "}}" : "}");
}

static void cleanup(struct tracing *tracing)
{
    struct prestate *prestate = tracing->own;
    touched_cleanup(&prestate->touched);
    buffer_cleanup(&prestate->init_code);
}

const struct trace_tracer TRACER_PRESTATE = {begin, end, cleanup};
