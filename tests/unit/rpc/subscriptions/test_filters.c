#include "rpc/subscriptions/filters.h"

#include <criterion/criterion.h>

static struct rpc_limits limits;
static struct filters *filters;
static const struct rpc_ledger *const here = (const struct rpc_ledger *)&limits;
static const struct rpc_ledger *const elsewhere = (const struct rpc_ledger *)&filters;

static void start(void)
{
    limits = rpc_limits_default();
    limits.filters_max = 3;
    filters = filters_new(&limits);
}

static void stop(void)
{
    filters_free(filters);
}

TestSuite(filters, .init = start, .fini = stop);

static struct rpc_id add(enum filter_kind kind, uint64_t now_ms)
{
    struct rpc_id id;
    cr_assert(filters_add(filters, here, kind, NULL, 5, now_ms, &id));
    return id;
}

static bool is_there(const struct rpc_ledger *ledger, const struct rpc_id *id, uint64_t now_ms)
{
    struct filter_look look;
    return filters_look(filters, ledger, id, now_ms, &look);
}

Test(filters, a_filter_is_its_ledgers_alone_until_it_is_removed)
{
    struct rpc_id id = add(FILTER_BLOCKS, 0), other = rpc_id_new();
    cr_expect(is_there(here, &id, 1));
    cr_expect_not(is_there(elsewhere, &id, 1));
    cr_expect_not(is_there(here, &other, 1));
    cr_expect_not(filters_remove(filters, elsewhere, &id, 1));
    cr_expect(filters_remove(filters, here, &id, 1));
    cr_expect_not(filters_remove(filters, here, &id, 1));
    cr_expect_not(is_there(here, &id, 1));
}

Test(filters, who_is_not_asked_for_five_minutes_is_gone)
{
    struct rpc_id asked = add(FILTER_BLOCKS, 1000), left = add(FILTER_PENDING, 1000);
    cr_expect(is_there(here, &asked, 301000));
    cr_expect(is_there(here, &asked, 301001));
    cr_expect_not(is_there(here, &left, 301001));
    cr_expect_eq(filters_count(filters), 1);
    cr_expect(is_there(here, &asked, 601001));
    cr_expect_not(is_there(here, &asked, 901002));
}

Test(filters, their_number_is_bounded_and_expired_ones_make_room)
{
    struct rpc_id id;
    for (int count = 0; count < 3; count++)
        add(FILTER_BLOCKS, 0);
    cr_expect_not(filters_add(filters, here, FILTER_LOGS, NULL, 1, 300000, &id));
    cr_expect(filters_add(filters, here, FILTER_LOGS, NULL, 1, 300001, &id));
    cr_expect_eq(filters_count(filters), 1);
}

Test(filters, a_place_in_the_chain_only_moves_on)
{
    struct rpc_id id = add(FILTER_BLOCKS, 0);
    struct filter_look look;
    filters_advance(filters, here, &id, 9);
    filters_advance(filters, here, &id, 7);
    cr_expect(filters_look(filters, here, &id, 0, &look));
    cr_expect_eq(look.kind, FILTER_BLOCKS);
    cr_expect_eq(look.next, 9);
    cr_expect_null(look.criteria);
}

static hash256 hash_of(uint32_t number)
{
    hash256 hash = {{0}};
    memcpy(hash.bytes, &number, sizeof number);
    return hash;
}

static void admit(uint32_t from, uint32_t to)
{
    for (uint32_t number = from; number < to; number++) {
        hash256 hash = hash_of(number);
        filters_on_admitted(filters, here, &hash, 0);
    }
}

static void expect_taken(const struct rpc_id *id, uint32_t from, uint32_t to)
{
    struct buffer hashes = {0};
    cr_assert(filters_take_pending(filters, here, id, &hashes));
    cr_assert_eq(hashes.size, (size_t)(to - from) * sizeof(hash256), "%zu", hashes.size);
    for (uint32_t number = from; number < to; number++) {
        hash256 hash = hash_of(number);
        cr_expect_arr_eq(hashes.data + (number - from) * sizeof hash, hash.bytes, sizeof hash);
    }
    buffer_cleanup(&hashes);
}

Test(filters, each_filter_of_transactions_is_told_once_of_what_came_after_it)
{
    admit(0, 5);
    struct rpc_id first = add(FILTER_PENDING, 0);
    admit(5, 8);
    struct rpc_id second = add(FILTER_PENDING, 0);
    admit(8, 10);
    expect_taken(&first, 5, 10);
    expect_taken(&first, 10, 10);
    expect_taken(&second, 8, 10);
    cr_expect(filters_remove(filters, here, &first, 0));
    cr_expect(filters_remove(filters, here, &second, 0));
    admit(10, 12);
    struct rpc_id third = add(FILTER_PENDING, 0);
    admit(12, 13);
    expect_taken(&third, 12, 13);
}

Test(filters, who_polls_too_seldom_misses_the_oldest)
{
    struct rpc_id id = add(FILTER_PENDING, 0);
    admit(0, FILTERS_RING_HASHES + 100);
    expect_taken(&id, 100, FILTERS_RING_HASHES + 100);
}

Test(filters, criteria_are_copied_and_bounded)
{
    atomic_size_t account = 0;
    address accounts[2] = {{{1}}, {{2}}};
    hash256 topics[3] = {{{3}}, {{4}}, {{5}}};
    struct log_filter filter = {.from = 1, .to = 9, .accounts = accounts, .accounts_count = 2};
    filter.topics_count = 2;
    filter.topics[1].any_of = topics;
    filter.topics[1].count = 3;
    struct criteria *criteria = criteria_new(&filter, &account, 1000);
    cr_assert_not_null(criteria);
    size_t size = atomic_load(&account);
    cr_expect_null(criteria_new(&filter, &account, 2 * size - 1));
    cr_expect_eq(atomic_load(&account), size);
    memset(accounts, 0, sizeof accounts);
    memset(topics, 0, sizeof topics);
    const struct log_filter *copy = criteria_filter(criteria_share(criteria));
    criteria_release(criteria);
    cr_expect_eq(copy->from, 1);
    cr_expect_eq(copy->accounts[1].bytes[0], 2);
    cr_expect_eq(copy->topics[0].count, 0);
    cr_expect_eq(copy->topics[1].any_of[2].bytes[0], 5);
    criteria_release(criteria);
    cr_expect_eq(atomic_load(&account), 0);
}
