/* The server over real sockets on loopback, one thread: client and loop take turns. */
#include "rpc/server.h"

#include "tests/unit/rpc/loopback.h"
#include "vm/base/hex.h"
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(server, .init = loopback_start, .fini = loopback_stop, .timeout = 60);

/* Reads until `wanted` answers have come or the server closes; the text is static. */
static char *hear(int fd, unsigned wanted)
{
    static char text[1 << 16];
    size_t size = 0;
    unsigned quiet = 0; /* turns without a byte */
    for (int count = 0; count < 500; count++) {
        ssize_t got = recv(fd, text + size, sizeof text - 1 - size, 0);
        if (got == 0)
            break;
        size += got > 0 ? (size_t)got : 0;
        quiet = got > 0 ? 0 : quiet + 1;
        text[size] = '\0';
        unsigned answers = 0;
        for (const char *at = text; (at = strstr(at, "\r\n\r\n")) != NULL; at += 4)
            answers++;
        if (answers >= wanted && quiet >= 3)
            break;
        turn();
    }
    text[size] = '\0';
    return text;
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

#define CHAIN_ID "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"net_listening\"}"

static size_t request(char *out, size_t size, int id)
{
    char body[200];
    int length = snprintf(body, sizeof body, CHAIN_ID, id);
    return (size_t)snprintf(out, size,
                            "POST / HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                            length, body);
}

Test(server, answers_a_request_cut_at_every_byte)
{
    char text[500];
    size_t size = request(text, sizeof text, 7);
    int fd = dial();
    for (size_t cut = 1; cut < size; cut += 3) {
        say(fd, text, cut);
        say(fd, text + cut, size - cut);
        const char *answer = hear(fd, 1);
        cr_expect(strstr(answer, "HTTP/1.1 200 OK") == answer
                      && strstr(answer, "\"id\":7,\"result\":true}") != NULL,
                  "cut %zu: %s", cut, answer);
    }
    close(fd);
}

static void expect_fifty_in_order(void)
{
    char text[20000];
    size_t size = 0;
    for (int id = 0; id < 50; id++)
        size += request(text + size, sizeof text - size, id);
    int fd = dial();
    say(fd, text, size);
    const char *answer = hear(fd, 50);
    cr_expect_eq(count_of(answer, "HTTP/1.1 200 OK"), 50);
    for (int id = 0; id < 50; id++) {
        char part[40];
        snprintf(part, sizeof part, "\"id\":%d,", id);
        answer = strstr(answer, part);
        cr_assert_not_null(answer, "%d", id);
    }
    close(fd);
}

Test(server, pipelined_requests_are_answered_in_order)
{
    expect_fifty_in_order();
}

/* Each turn ends with its first answer; the rest goes on behind what others want. */
Test(server, pipelined_requests_give_the_worker_back)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.slice_ms = 0;
    restart_with(limits);
    expect_fifty_in_order();
}

static size_t request_of(char *out, size_t size, const char *body)
{
    return (size_t)snprintf(out, size,
                            "POST / HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                            strlen(body), body);
}

static size_t ask_height(char *out, size_t size, const char *path, int id)
{
    char body[100];
    snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"eth_blockNumber\"}",
             id);
    return (size_t)snprintf(out, size,
                            "POST %s HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                            path, strlen(body), body);
}

static void expect_height(const char *answers, int id, uint64_t height)
{
    char part[60];
    snprintf(part, sizeof part, "\"id\":%d,\"result\":\"0x%x\"}", id, (unsigned)height);
    cr_expect(strstr(answers, part) != NULL, "%s in %s", part, answers);
}

static void restart_without_slices(void)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.slice_ms = 60000;
    restart_with(limits);
}

Test(server, what_came_together_pins_its_ledger_once)
{
    char text[8000];
    size_t size = 0;
    restart_without_slices();
    const uint64_t height = sample_block(&fake.sample);
    for (int id = 0; id < 30; id++)
        size += ask_height(text + size, sizeof text - size, "/", id);
    int fd = dial();
    say(fd, text, size);
    const char *answers = hear(fd, 30);
    for (int id = 0; id < 30; id++)
        expect_height(answers, id, height);
    cr_expect_eq(fake.pinned, 1);
    cr_expect_eq(fake.pins, 0);
    close(fd);
}

Test(server, each_organisation_asked_for_together_is_pinned_by_itself)
{
    static const char *const paths[] = {"/", "/", "/o/sample", "/o/acme", "/o/acme", "/"};
    char text[3000];
    size_t size = 0;
    restart_without_slices();
    for (int id = 0; id < 6; id++)
        size += ask_height(text + size, sizeof text - size, paths[id], id);
    int fd = dial();
    say(fd, text, size);
    cr_expect_eq(count_of(hear(fd, 6), "200 OK"), 6);
    cr_expect_eq(fake.pinned, 4);
    cr_expect_eq(fake.pins, 0);
    close(fd);
}

/* Of the second request one half came with the first, the other behind a block. */
Test(server, a_request_sees_the_blocks_made_before_it_was_whole)
{
    char text[1000];
    restart_without_slices();
    const uint64_t height = sample_block(&fake.sample);
    size_t first = ask_height(text, sizeof text, "/", 1);
    size_t size = first + ask_height(text + first, sizeof text - first, "/", 2);
    int fd = dial();
    say(fd, text, first + 50);
    expect_height(hear(fd, 1), 1, height);
    sample_block(&fake.sample);
    say(fd, text + first + 50, size - first - 50);
    expect_height(hear(fd, 1), 2, height + 1);
    close(fd);
}

/* The second asks the pool, on the ledger's actor, which comes to it later. */
Test(server, what_goes_elsewhere_takes_its_ledger_along)
{
    char text[2000];
    restart_without_slices();
    size_t size = ask_height(text, sizeof text, "/", 1);
    size += request_of(text + size, sizeof text - size,
                       "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"txpool_status\"}");
    size += ask_height(text + size, sizeof text - size, "/", 3);
    int fd = dial();
    fake.is_silent = true;
    say(fd, text, size);
    cr_expect(strstr(hear(fd, 1), "\"id\":1,") != NULL);
    cr_expect_eq(fake.pinned, 1);
    cr_expect_eq(fake.pins, 1);
    fake.is_silent = false;
    fake_host_let_go(&fake);
    cr_expect_eq(count_of(hear(fd, 2), "200 OK"), 2);
    cr_expect_eq(fake.pinned, 2);
    cr_expect_eq(fake.pins, 0);
    close(fd);
}

/* The second goes to another thread, which takes its time. */
Test(server, an_answer_does_not_wait_for_the_next_request)
{
    char text[2000];
    size_t size = request(text, sizeof text, 1);
    size += request_of(text + size, sizeof text - size,
                       "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"txpool_status\"}");
    size += request(text + size, sizeof text - size, 3);
    fake.is_silent = true;
    int fd = dial();
    say(fd, text, size);
    const char *answer = hear(fd, 1);
    cr_expect(strstr(answer, "\"id\":1,") != NULL && count_of(answer, "HTTP/1.1") == 1, "%s",
              answer);
    fake.is_silent = false;
    fake_host_let_go(&fake);
    answer = hear(fd, 2);
    const char *second = strstr(answer, "\"id\":2,");
    cr_expect(second != NULL && strstr(second, "\"id\":3,") != NULL, "%s", answer);
    close(fd);
}

/* All 60 answers are longer than a socket takes at once, and a request after them is half here. */
Test(server, long_answers_and_half_a_request_come_together)
{
    static char text[30000], heard[1 << 20];
    char last[500];
    size_t size = 0, got = 0, last_size = request(last, sizeof last, 99);
    for (int count = 0; count < 20; count++)
        size += request_of(text + size, sizeof text - size,
                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}");
    for (int count = 0; count < 40; count++)
        size += request(text + size, sizeof text - size, count + 2);
    memcpy(text + size, last, 60);
    int fd = dial();
    say(fd, text, size + 60);
    for (int count = 0; count < 100; count++)
        turn(); /* the client does not read yet */
    bool is_said = false;
    unsigned wanted = 61, answers = 0;
    for (int quiet = 0; quiet < 200 && answers < wanted; quiet++) {
        ssize_t more = recv(fd, heard, sizeof heard - 1, 0);
        got = more > 0 ? (size_t)more : 0;
        heard[got] = '\0';
        quiet = more > 0 ? 0 : quiet;
        answers += count_of(heard, "HTTP/1.1 200 OK");
        if (answers == 60 && !is_said) {
            say(fd, last + 60, last_size - 60);
            is_said = true;
        }
        turn();
    }
    cr_expect_eq(answers, wanted);
    cr_expect(strstr(heard, "\"id\":99,\"result\":true") != NULL, "%s", heard);
    close(fd);
}

/* `printf ... | nc`: the client has said all and waits. */
Test(server, half_closed_clients_get_their_answers)
{
    char text[2000];
    size_t size = request(text, sizeof text, 1);
    size += request(text + size, sizeof text - size, 2);
    int fd = dial();
    say(fd, text, size);
    shutdown(fd, SHUT_WR);
    const char *answer = hear(fd, 100);
    cr_expect(strstr(answer, "\"id\":1,") != NULL && strstr(answer, "\"id\":2,") != NULL, "%s",
              answer);
    close(fd);
}

/* Reads slowly, little by little; how many bytes came, and how often `part` was among them. */
static size_t hear_slowly(int fd, const char *part, unsigned *parts)
{
    static char text[16u << 20];
    size_t size = 0;
    unsigned quiet = 0;
    while (quiet < 200 && size < sizeof text - 1) {
        ssize_t got = recv(fd, text + size, sizeof text - 1 - size, 0);
        if (got == 0)
            break;
        size += got > 0 ? (size_t)got : 0;
        quiet = got > 0 ? 0 : quiet + 1;
        turn();
    }
    text[size] = '\0';
    *parts = count_of(text, part);
    return size;
}

/* All is said at once, the sending side is closed, and the answers do not fit into the socket. */
Test(server, half_closed_clients_that_read_slowly_get_all_of_their_answers)
{
    static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    unsigned parts;
    for (int count = 300; count < 340; count += 13) {
        int fd = dial(), small = 65536;
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        for (int sent = 0; sent < count; sent++)
            say(fd, get, sizeof get - 1);
        shutdown(fd, SHUT_WR);
        for (int settle = 0; settle < 20; settle++)
            turn();
        hear_slowly(fd, "</html>", &parts);
        cr_expect_eq(parts, (unsigned)count, "%u of %d", parts, count);
        close(fd);
    }
}

/* A stop while an answer waits for its reader begins nothing new behind it. */
Test(server, nothing_begins_after_a_stop)
{
    static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char call[500]; /* behind each page, so that one of them is the next */
    size_t size = request(call, sizeof call, 1);
    int fd = dial(), small = 65536;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int sent = 0; sent < 500; sent++) {
        say(fd, get, sizeof get - 1);
        say(fd, call, size);
    }
    for (int settle = 0; settle < 400; settle++)
        turn();
    unsigned before = fake.runs[RPC_ANY_WORKER], parts;
    cr_assert_lt(before, 500u);
    begin_stop();
    hear_slowly(fd, "</html>", &parts);
    cr_expect_eq(fake.runs[RPC_ANY_WORKER], before);
    close(fd);
}

Test(server, what_is_refused_is_told_and_the_connection_ends)
{
    static const struct {
        const char *text, *status;
    } cases[] = {
        {"GET /health HTTP/1.1\r\nHost: evil\r\n\r\n", "421"},
        {"GET /metrics HTTP/1.1\r\nHost: evil\r\n\r\n", "421"},
        {"GET /metrics HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil\r\n\r\n", "403"},
        {"GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n", "400"},
        {"GET /health HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil\r\n\r\n", "403"},
        {"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"},
        {"PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", "415"},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: 6000000\r\n\r\n",
         "413"},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: magic\r\n\r\n", "417"},
        {"nonsense\r\n\r\n", "400"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        int fd = dial();
        say(fd, cases[index].text, strlen(cases[index].text));
        const char *answer = hear(fd, 100);
        cr_expect(strncmp(answer + 9, cases[index].status, 3) == 0, "%s: %s", cases[index].text,
                  answer);
        cr_expect(strstr(answer, "Connection: close") != NULL);
        close(fd);
    }
}

Test(server, continues_when_asked_and_reads_chunks)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                               "Content-Type: application/json\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    static const char body[] = "1\r\n{\r\n30\r\n\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                               "\"net_listening\"}\r\n0\r\n\r\n";
    int fd = dial();
    say(fd, head, sizeof head - 1);
    cr_expect(strstr(hear(fd, 1), "100 Continue") != NULL);
    say(fd, body, sizeof body - 1);
    const char *answer = hear(fd, 1);
    cr_expect(strstr(answer, "\"result\":true") != NULL, "%s", answer);
    /* Behind the answer to the request before it. */
    char text[1000];
    size_t size = request(text, sizeof text, 5);
    memcpy(text + size, head, sizeof head - 1);
    say(fd, text, size + sizeof head - 1);
    answer = hear(fd, 2);
    const char *first = strstr(answer, "\"id\":5,"), *interim = strstr(answer, "100 Continue");
    cr_expect(first != NULL && interim != NULL && first < interim, "%s", answer);
    close(fd);
}

Test(server, pages_health_preflight_and_unknown_organisations)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "<!doctype html>"},
        {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "script-src 'sha256-"},
        {"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "\"ok\":true"},
        {"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
         "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"},
        {"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
         "leither_http_answers_total{status=\"200\"} 4\n"},
        {"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: chrome-extension://x\r\n\r\n",
         "Access-Control-Allow-Origin: chrome-extension://x"},
        {"POST /o/nobody HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: 2\r\n\r\n{}",
         "no organisation"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        int fd = dial();
        say(fd, cases[index].text, strlen(cases[index].text));
        const char *answer = hear(fd, 1);
        cr_expect(strstr(answer, cases[index].part) != NULL, "%s: %s", cases[index].text, answer);
        cr_expect(strstr(answer, "Allow-Origin: *") == NULL);
        close(fd);
    }
}

static void expect_page(const char *name, const char *status, const char *part)
{
    char text[300];
    int fd = dial();
    int size = snprintf(text, sizeof text, "GET /o/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", name);
    say(fd, text, (size_t)size);
    const char *answer = hear(fd, 1);
    cr_expect(strncmp(answer + 9, status, 3) == 0 && strstr(answer, part) != NULL, "%s: %s", name,
              answer);
    cr_expect(strstr(answer, "Content-Security-Policy: default-src 'none'") != NULL);
    close(fd);
}

Test(server, a_page_is_of_an_organisation_that_is_here)
{
    char id[67] = "0x";
    hex_encode(id + 2, ledger_id(fake.sample.ledger)->bytes, sizeof(hash256));
    id[66] = '\0';
    expect_page("sample", "200", "<title>Leither</title>");
    expect_page(id, "200", "<title>Leither</title>");
    id[65] = id[65] == '0' ? '1' : '0';
    expect_page(id, "404", id);
    expect_page("nobody", "404", "no organisation \xe2\x80\x9cnobody\xe2\x80\x9d");
    expect_page("nobody", "404", "Expected /o/ and the label or id");
}

Test(server, the_token_opens_what_needs_it)
{
    static const char call[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"org_create\"}";
    static const struct {
        const char *header, *code;
    } cases[] = {
        {"", "-32006"},
        {"Authorization: Bearer wrong!\r\n", "-32006"},
        {"Authorization: Bearer secre\r\n", "-32006"},
        {"Authorization: Bearer \r\n", "-32006"},
        {"Authorization: Bearer secret\r\n", "-32602"}, /* on to the parameters */
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char text[500];
        int size = snprintf(text, sizeof text,
                            "POST / HTTP/1.1\r\nHost: localhost\r\n%s"
                            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                            cases[index].header, sizeof call - 1, call);
        int fd = dial();
        say(fd, text, (size_t)size);
        const char *answer = hear(fd, 1);
        cr_expect(strstr(answer, cases[index].code) != NULL, "%zu: %s", index, answer);
        close(fd);
    }
}

Test(server, says_so_when_the_node_is_busy)
{
    char text[500];
    size_t size = request(text, sizeof text, 1);
    int fd = dial();
    fake.is_closed = true; /* so that it comes by run() */
    fake.is_full = true;
    say(fd, text, size);
    const char *answer = hear(fd, 1);
    cr_expect(strstr(answer, "503") != NULL && strstr(answer, "busy") != NULL, "%s", answer);
    close(fd);
}

/* The client leaves while its call is being worked on: the answer goes nowhere, nothing leaks. */
Test(server, clients_that_leave_cost_nothing)
{
    char text[500];
    size_t size = request(text, sizeof text, 1);
    struct linger reset = {1, 0};
    int fd = dial();
    fake.is_closed = true; /* so that it comes by run() */
    fake.is_silent = true;
    say(fd, text, size);
    for (int count = 0; count < 20 && fake.kept == NULL; count++)
        turn();
    cr_assert_not_null(fake.kept);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    for (int count = 0; count < 10; count++)
        turn();
    fake_host_let_go(&fake);
    for (int count = 0; count < 10; count++)
        turn();
    cr_expect_eq(fake.pins, 0);
}

static void start_impatient(void)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.header_timeout_ms = 60;
    limits.idle_timeout_ms = 1000;
    limits.connections_max = 3;
    limits.connections_per_address_max = 2;
    loopback_start_with(limits);
}

TestSuite(server_in_haste, .init = start_impatient, .fini = loopback_stop, .timeout = 60);

Test(server_in_haste, slow_senders_are_cut_off)
{
    int fd = dial(), silent = dial();
    say(fd, "POST / HTTP/1.1\r\nHo", 19);
    const char *answer = hear(fd, 100);
    cr_expect(strstr(answer, "408") != NULL, "%s", answer);
    cr_expect_str_eq(hear(silent, 100), "");
    close(fd);
    close(silent);
}

Test(server_in_haste, connections_are_bounded_by_address)
{
    int first = dial(), second = dial();
    turn();
    int third = dial();
    const char *answer = hear(third, 1);
    cr_expect(strstr(answer, " 429 Too Many Requests\r\n") != NULL
                  && strstr(answer, "too many connections from this address: at most 2") != NULL,
              "%s", answer);
    close(first);
    close(second);
    close(third);
}

static void start_small(void)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connections_max = 3;
    limits.calls_per_second_max = 20;
    limits.transfer_timeout_ms = 300;
    limits.gzip_size_min = 100;
    loopback_start_with(limits);
}

TestSuite(server_small, .init = start_small, .fini = loopback_stop, .timeout = 60);

/* With all places taken by clients who say nothing, the next one is still served. */
Test(server_small, silent_connections_make_way)
{
    char text[500];
    size_t size = request(text, sizeof text, 5);
    int silent[3];
    for (int index = 0; index < 3; index++) {
        silent[index] = dial();
        turn();
        usleep(6000); /* the clock that is looked at ticks every 4 ms */
    }
    int fd = dial();
    say(fd, text, size);
    const char *answer = hear(fd, 1);
    cr_expect(strstr(answer, "\"id\":5,\"result\":true") != NULL, "%s", answer);
    cr_expect_str_eq(hear(silent[0], 1), ""); /* the one that was silent for longest */
    char byte;
    cr_expect(recv(silent[0], &byte, 1, 0) == 0);
    cr_expect(recv(silent[2], &byte, 1, 0) < 0 && errno == EAGAIN);
    for (int index = 0; index < 3; index++)
        close(silent[index]);
    close(fd);
}

Test(server_small, calls_beyond_the_rate_are_told_when_to_come_again)
{
    static const char health[] = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char text[30000];
    size_t size = 0;
    for (int id = 0; id < 40; id++)
        size += request(text + size, sizeof text - size, id);
    int fd = dial();
    say(fd, text, size);
    const char *answer = hear(fd, 40);
    unsigned served = count_of(answer, "HTTP/1.1 200 OK");
    unsigned refused = count_of(answer, "HTTP/1.1 429 Too Many Requests");
    cr_expect(served >= 20 && served < 40 && served + refused == 40, "%u served, %u refused",
              served, refused);
    cr_expect_eq(count_of(answer, "Retry-After: 01\r\n"), refused);
    cr_expect_eq(count_of(answer,
                          "\"error\":{\"code\":-32005,\"message\":\"too many calls from this "
                          "address: at most 20 a second; try again in "),
                 refused);
    cr_expect(strstr(answer, "\"id\":39,\"error\"") != NULL, "%s", answer);
    for (int count = 0; count < 40; count++)
        say(fd, health, sizeof health - 1);
    answer = hear(fd, 40);
    cr_expect(strstr(answer, "HTTP/1.1 429") != NULL, "%s", answer);
    close(fd);
}

/* A batch counts as what it holds; each of its calls is answered. */
Test(server_small, a_batch_is_counted_by_its_calls)
{
    char body[8000] = "[", text[9000];
    for (int id = 0; id < 30; id++) {
        char call[100];
        snprintf(call, sizeof call, "%s" CHAIN_ID, id > 0 ? "," : "", id);
        strcat(body, call);
    }
    strcat(body, "]");
    int size = snprintf(text, sizeof text,
                        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        strlen(body), body);
    int fd = dial();
    say(fd, text, (size_t)size);
    cr_expect_eq(count_of(hear(fd, 1), "\"result\":true"), 30);
    say(fd, text, (size_t)size);
    const char *answer = hear(fd, 1);
    cr_expect_eq(count_of(answer, "\"code\":-32005"), 30, "%s", answer);
    close(fd);
}

/* Reading them is work, too. */
Test(server_small, requests_that_are_no_json_are_counted)
{
    char text[500];
    size_t size = request_of(text, sizeof text, "{{");
    int fd = dial();
    for (int count = 0; count < 100; count++) {
        say(fd, text, size);
        if (strstr(hear(fd, 1), "HTTP/1.1 429 ") != NULL) {
            close(fd);
            return;
        }
    }
    cr_expect(false, "100 of them were not too many");
    close(fd);
}

Test(server_small, long_answers_are_compressed_for_those_who_ask)
{
    static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n";
    char text[200];
    int fd = dial();
    int size = snprintf(text, sizeof text, get, "Accept-Encoding: br, gzip\r\n");
    say(fd, text, (size_t)size);
    const char *answer = hear(fd, 1);
    cr_expect(strstr(answer, "\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n") != NULL,
              "%s", answer);
    const char *body = strstr(answer, "\r\n\r\n");
    cr_assert_not_null(body);
    cr_expect(body[4] == '\x1f' && body[5] == '\x8b');
    size = snprintf(text, sizeof text, get, "Accept-Encoding: gzip;q=0\r\n");
    say(fd, text, (size_t)size);
    answer = hear(fd, 1);
    cr_expect(strstr(answer, "Content-Encoding") == NULL && strstr(answer, "<html") != NULL, "%s",
              answer);
    close(fd);
}

Test(server, settings_that_open_too_much_are_refused)
{
    struct error error;
    struct rpc_settings settings = {.bind = "0.0.0.0", .limits = rpc_limits_default()};
    cr_expect_null(rpc_server_start(loop, &fake.host, &settings, &error));
    cr_expect_eq(error.code, ERROR_UNSUPPORTED);
    settings.bind = "127.0.0.1";
    settings.port = rpc_server_port(server);
    cr_expect_null(rpc_server_start(loop, &fake.host, &settings, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    settings.bind = "127.1";
    cr_expect_null(rpc_server_start(loop, &fake.host, &settings, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
}
