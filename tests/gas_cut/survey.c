#include "tests/gas_cut/survey.h"

#include <stdlib.h>

#include "tests/gas_cut/state_marks.h"
#include "vm/gas.h"
#include "vm/tracer.h"

/* From 1: a message that is refused is one deeper than any that runs. */
#define DEPTHS (CALL_DEPTH_MAX + 3)

/* Watches the run. */
struct watch {
    struct survey *survey;
    const struct subject *subject;
    struct arena *arena;
    struct state *state;
    struct seeded *random;
    struct survey_share share;
    uint64_t *drawn; /* a fair draw from the steps so far */
    uint64_t given;  /* to the outermost message */
    uint64_t gas;    /* of the running one, before its step; then after it */
    unsigned depth;
    uint64_t held[DEPTHS]; /* by the messages that wait, by depth */
    uint64_t held_sum;
};

static void keep(struct watch *watch, uint64_t spent)
{
    struct survey *survey = watch->survey;
    uint64_t step = survey->steps++;
    if (step < watch->share.all_up_to)
        survey->spent[survey->spent_count++] = spent;
    uint64_t place = step < watch->share.drawn ? step : seeded_u64(watch->random) % (step + 1);
    if (place < watch->share.drawn)
        watch->drawn[place] = spent;
}

/* A call's stipend is gas that nobody gave: the sum may exceed what there was at first. */
static uint64_t spent_with(const struct watch *watch, uint64_t gas)
{
    uint64_t left = watch->held_sum + gas;
    return left < watch->given ? watch->given - left : 0;
}

static void see_step(void *context, const struct vm_step *step)
{
    struct watch *watch = context;
    watch->gas = step->gas;
    keep(watch, spent_with(watch, step->gas));
}

static void see_step_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    struct watch *watch = context;
    (void)status;
    watch->gas -= gas_cost < watch->gas ? gas_cost : watch->gas;
}

static void see_enter(void *context, const struct vm_enter *enter)
{
    struct watch *watch = context;
    struct survey *survey = watch->survey;
    if (enter->depth > 1) {
        watch->held[enter->depth - 1] = watch->gas;
        watch->held_sum += watch->gas;
    } else {
        survey->has_run = true;
        watch->given = enter->gas;
        survey->intrinsic = watch->subject->tx.gas_limit - enter->gas;
        survey->marks = state_marks(watch->state);
        survey->changes = state_changes(watch->state, watch->arena);
        survey->beneficiary = state_account(watch->state, &watch->subject->environment.beneficiary);
        survey->has_beneficiary =
            state_existed(watch->state, &watch->subject->environment.beneficiary);
    }
    watch->depth = enter->depth;
}

static void see_exit(void *context, enum vm_status status, uint64_t gas_used, struct bytes output)
{
    struct watch *watch = context;
    (void)status, (void)output;
    if (--watch->depth > 0)
        watch->held_sum -= watch->held[watch->depth];
    else
        keep(watch, gas_used);
}

static void on_state(void *context, struct state *state)
{
    ((struct watch *)context)->state = state;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void sort_out(struct survey *survey)
{
    size_t count = 0;
    qsort(survey->spent, survey->spent_count, sizeof *survey->spent, compare);
    for (size_t i = 0; i < survey->spent_count; i++)
        if (count == 0 || survey->spent[i] != survey->spent[count - 1])
            survey->spent[count++] = survey->spent[i];
    survey->spent_count = count;
}

struct survey survey_run(const struct subject *subject, struct survey_share share,
                         struct seeded *random, struct arena *arena)
{
    struct survey survey = {.spent = arena_array(arena, share.all_up_to, sizeof(uint64_t))};
    struct watch watch = {.survey = &survey,
                          .subject = subject,
                          .arena = arena,
                          .random = random,
                          .share = share,
                          .drawn = arena_array(arena, share.drawn, sizeof(uint64_t))};
    struct vm_tracer tracer = {.context = &watch,
                               .on_step = see_step,
                               .on_step_end = see_step_end,
                               .on_enter = see_enter,
                               .on_exit = see_exit};
    struct run_mode mode = {.gas_limit = subject->tx.gas_limit,
                            .tracer = &tracer,
                            .on_state = on_state,
                            .context = &watch};
    survey.run = run_at(subject, &mode, arena);
    if (survey.steps > share.all_up_to) {
        survey.spent = watch.drawn;
        survey.spent_count = share.drawn < survey.steps ? share.drawn : (size_t)survey.steps;
    }
    sort_out(&survey);
    return survey;
}

static struct account_change *find_change(struct state_changes *changes, const address *account)
{
    for (size_t i = 0; i < changes->accounts_count; i++)
        if (address_equal(&changes->accounts[i].address, account))
            return &changes->accounts[i];
    return NULL;
}

/* Into the sorted list, which has room. */
static void insert_change(struct state_changes *changes, const struct account_change *change)
{
    size_t i = changes->accounts_count++;
    for (; i > 0
           && memcmp(changes->accounts[i - 1].address.bytes, change->address.bytes,
                     sizeof change->address)
                  > 0;
         i--)
        changes->accounts[i] = changes->accounts[i - 1];
    changes->accounts[i] = *change;
}

static u256 fee_of(uint64_t gas, const u256 *price)
{
    u256 fee = u256_from_u64(gas);
    return u256_mul(&fee, price);
}

static bool is_empty(const struct account *account)
{
    return account->nonce == 0 && u256_is_zero(&account->balance)
           && hash256_equal(&account->code_hash, &EMPTY_ACCOUNT.code_hash);
}

/* The beneficiary is touched even by a tip of nothing, and then goes if it is empty (EIP-161). */
static void pay(struct state_changes *changes, const struct survey *survey,
                const address *beneficiary, const u256 *tip)
{
    struct account_change unlisted = {
        .address = *beneficiary, .existed = survey->has_beneficiary, .after = survey->beneficiary};
    struct account_change *listed = find_change(changes, beneficiary);
    struct account_change *paid = listed != NULL ? listed : &unlisted;
    paid->after.balance = u256_add(&paid->after.balance, tip);
    paid->exists = !is_empty(&paid->after);
    if (listed == NULL && (paid->exists != paid->existed || !u256_is_zero(tip)))
        insert_change(changes, paid);
}

struct state_changes survey_expected(const struct survey *survey, const struct subject *subject,
                                     uint64_t gas_used, struct arena *arena)
{
    struct state_changes expected = survey->changes;
    u256 price = U256_ZERO, tip = U256_ZERO;
    size_t count = expected.accounts_count;
    expected.accounts = arena_array(arena, count + 1, sizeof *expected.accounts);
    memcpy(expected.accounts, survey->changes.accounts, count * sizeof *expected.accounts);
    (void)transaction_effective_price(&subject->tx, &subject->environment.base_fee, &price, &tip);
    struct account_change *payer = find_change(&expected, &subject->tx.sender);
    u256 unused = fee_of(subject->tx.gas_limit - gas_used, &price);
    if (payer != NULL) /* always: its nonce went up */
        payer->after.balance = u256_add(&payer->after.balance, &unused);
    tip = fee_of(gas_used, &tip);
    pay(&expected, survey, &subject->environment.beneficiary, &tip);
    return expected;
}
