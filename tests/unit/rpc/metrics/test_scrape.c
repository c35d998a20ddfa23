/* What /metrics shows of a host's figures; over the wire in test_server.c. */
#include "rpc/metrics/scrape.h"

#include "rpc/http/guard.h"
#include "rpc/http/peers.h"
#include "tests/unit/rpc/fake_host.h"
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdlib.h>

static struct fake_host fake;
static struct event_base *loop;
static struct front *front;
static struct peers *peers;
static struct sockets *sockets;
static struct rpc_counts *counts;
static struct buffer out;

static void start(void)
{
    static const struct rpc_limits limits = {.connections_max = 5};
    static const struct http_guard guard;
    struct error error;
    loop = event_base_new();
    counts = rpc_counts_new();
    fake_host_start(&fake, loop);
    peers = peers_new(&limits);
    const struct front_config config = {.bind = "127.0.0.1",
                                        .peers = peers,
                                        .limits = &limits,
                                        .guard = &guard,
                                        .host = &fake.host};
    front = front_start(loop, &config, &error);
    cr_assert_not_null(front, "%s", error.text);
    const struct sockets_config for_sockets = {
        .limits = &limits, .host = &fake.host, .peers = peers};
    sockets = sockets_new(loop, &for_sockets);
}

static void stop(void)
{
    front_free(front);
    sockets_free(sockets);
    peers_free(peers);
    fake_host_stop(&fake);
    rpc_counts_free(counts);
    buffer_cleanup(&out);
    event_base_free(loop);
}

TestSuite(scrape, .init = start, .fini = stop, .timeout = 60);

static const char *scrape(void)
{
    buffer_clear(&out);
    const struct metrics_sources sources = {&fake.host, counts, front, sockets};
    metrics_write(&sources, &out);
    buffer_append_u8(&out, 0);
    return (const char *)out.data;
}

static void expect_line(const char *text, const char *line)
{
    const char *at = text;
    const size_t size = strlen(line);
    while ((at = strstr(at, line)) != NULL && !((at == text || at[-1] == '\n') && at[size] == '\n'))
        at += size;
    cr_expect_not_null(at, "no line %s in\n%s", line, text);
}

Test(scrape, shows_the_numbers_of_each_part)
{
    tally_set(&fake.ledger_counts.gas_used, 42000);
    tally_set(&fake.ledger_counts.pool.left[POOL_EXPIRED], 2);
    tally_set(&fake.ledger_counts.submitted[POOL_NONCE_TOO_LOW], 9);
    tally_set(&fake.consensus_counts.view, 77);
    histogram_add(&fake.consensus_counts.steps[BLOCK_COMMIT], 3000000);
    rpc_counts_call(counts, method_find(bytes_of_text("eth_call")), 2000000000, RPC_REVERTED);
    rpc_counts_answer(counts, 413);
    const char *text = scrape();
    expect_line(text, "process_cpu_seconds_total 1.5");
    expect_line(text, "leither_build_info{version=\"0.1.0\"} 1");
    expect_line(text, "leither_workers{state=\"busy\"} 2");
    expect_line(text, "leither_connections_limit 5");
    expect_line(text, "leither_http_answers_total{status=\"413\"} 1");
    expect_line(text, "leither_rpc_duration_seconds_bucket{method=\"eth_call\",le=\"1\"} 0");
    expect_line(text, "leither_rpc_duration_seconds_bucket{method=\"eth_call\",le=\"5\"} 1");
    expect_line(text, "leither_rpc_duration_seconds_sum{method=\"eth_call\"} 2");
    expect_line(text, "leither_rpc_failures_total{method=\"eth_call\"} 1");
    expect_line(text, "leither_rpc_errors_total{code=\"3\"} 1");
    expect_line(text, "leither_gas_used_total{org=\"sample\"} 42000");
    expect_line(text, "leither_pool_left_total{org=\"sample\",fate=\"expired\"} 2");
    expect_line(text, "leither_pool_submitted_total{org=\"sample\",verdict=\"nonce_too_low\"} 9");
    expect_line(text, "leither_consensus_view{org=\"sample\"} 77");
    expect_line(text, "leither_consensus_step_seconds_sum{org=\"sample\",step=\"commit\"} 0.003");
    expect_line(text, "leither_leveldb_files{org=\"sample\",level=\"0\"} 3");
}

/* Every sample belongs to the family above it, and no family comes twice. */
Test(scrape, samples_stand_under_their_family)
{
    char *text = strdup(scrape()), *rest = NULL, family[100] = "", before[100][100];
    size_t families = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (sscanf(line, "# HELP %99s", family) == 1) {
            for (size_t i = 0; i < families; i++)
                cr_expect_str_neq(before[i], family);
            cr_assert(families < 100);
            memcpy(before[families++], family, sizeof family);
            cr_expect_eq(line[strlen(line) - 1], '.', "help is a sentence: %s", line);
        } else if (line[0] != '#') {
            cr_expect_eq(strncmp(line, family, strlen(family)), 0, "%s: %s", family, line);
        }
    }
    cr_expect(families > 40);
    free(text);
}

/* What was never called, mined or answered has no series: only the dispatch table bounds them. */
Test(scrape, leaves_out_what_never_happened)
{
    const char *text = scrape();
    cr_expect_null(strstr(text, "method="));
    cr_expect_null(strstr(text, "status="));
    cr_expect_null(strstr(text, "step="));
    fake.is_closed = true;
    text = scrape();
    expect_line(text, "leither_ledger_open{org=\"sample\"} 0");
    cr_expect_null(strstr(text, "leither_leveldb_files{"));
    cr_expect_null(strstr(text, "leither_leveldb_size_bytes{"));
}
