#include "rpc/metrics/counts.h"

#include "tests/unit/rpc/fake_host.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

static struct rpc_counts *counts;
static struct arena arena;

static void start(void)
{
    counts = rpc_counts_new();
}

static void stop(void)
{
    rpc_counts_free(counts);
    arena_cleanup(&arena);
}

TestSuite(counts, .init = start, .fini = stop, .timeout = 60);

static size_t index_of(const char *method)
{
    return (size_t)(method_find(bytes_of_text(method)) - METHODS);
}

static uint64_t errors_of(const struct rpc_totals *totals, const char *code)
{
    size_t index = 0;
    while (rpc_code_label(index) != NULL && strcmp(rpc_code_label(index), code) != 0)
        index++;
    cr_assert_not_null(rpc_code_label(index), "%s", code);
    return totals->codes[index];
}

#define CALLS 10000
static void *call_often(void *arg)
{
    const struct method *method = &METHODS[*(const size_t *)arg];
    for (int i = 0; i < CALLS; i++) {
        rpc_counts_call(counts, method, 1000, i % 10 == 0 ? RPC_REVERTED : 0);
        rpc_counts_answer(counts, 200);
    }
    return NULL;
}

/* Nothing is lost between threads that count the same, also while somebody reads. */
Test(counts, are_the_sum_of_all_threads)
{
    size_t method = index_of("eth_call");
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, call_often, &method);
    for (uint64_t before = 0, now; before < 1000; before = now) {
        now = rpc_counts_read(counts, &arena)->methods[method].durations.count;
        cr_assert(now >= before);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    const struct rpc_totals *totals = rpc_counts_read(counts, &arena);
    cr_expect_eq(totals->methods[method].durations.count, 4 * CALLS);
    cr_expect_eq(totals->methods[method].durations.sum_ns, 4000 * CALLS);
    cr_expect_eq(totals->methods[method].failures, 4 * CALLS / 10);
    cr_expect_eq(errors_of(totals, "3"), 4 * CALLS / 10);
    cr_expect_eq(totals->statuses[200], 4 * CALLS);
}

Test(counts, of_two_servers_in_one_thread_stay_apart)
{
    struct rpc_counts *other = rpc_counts_new();
    rpc_counts_answer(counts, 200);
    rpc_counts_answer(other, 404);
    rpc_counts_answer(counts, 200);
    cr_expect_eq(rpc_counts_read(counts, &arena)->statuses[200], 2);
    cr_expect_eq(rpc_counts_read(counts, &arena)->statuses[404], 0);
    cr_expect_eq(rpc_counts_read(other, &arena)->statuses[404], 1);
    rpc_counts_free(other);
}

static void ask(struct fake_host *fake, const char *body)
{
    const struct rpc_limits limits = rpc_limits_default();
    fake->counts = counts;
    free(fake_ask(fake, &limits, false, body));
}

#define CALL(method) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\"}"

/* Each call once, by its method; what names no method of ours by its error alone. */
Test(counts, every_call_of_a_request_once)
{
    struct fake_host fake;
    fake_host_start(&fake, NULL);
    ask(&fake, CALL("net_listening"));
    ask(&fake, "[" CALL("net_listening") "," CALL("eth_call") "," CALL("no_such") ",7]");
    ask(&fake, "nonsense");
    ask(&fake, "{\"jsonrpc\":\"2.0\",\"method\":\"net_listening\"}");
    const struct rpc_totals *totals = rpc_counts_read(counts, &arena);
    uint64_t calls = 0;
    for (size_t i = 0; i < METHODS_COUNT; i++)
        calls += totals->methods[i].durations.count;
    cr_expect_eq(calls, 4);
    cr_expect_eq(totals->methods[index_of("net_listening")].durations.count, 3);
    cr_expect_eq(totals->methods[index_of("net_listening")].failures, 0);
    cr_expect_eq(totals->methods[index_of("eth_call")].failures, 1);
    cr_expect_eq(errors_of(totals, "-32602"), 1);
    cr_expect_eq(errors_of(totals, "-32601"), 1);
    cr_expect_eq(errors_of(totals, "-32600"), 1);
    cr_expect_eq(errors_of(totals, "-32700"), 1);
    cr_expect_eq(errors_of(totals, "other"), 0);
    fake_host_stop(&fake);
}
