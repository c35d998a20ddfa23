#include "rpc/client.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A node that says what the test wrote down: one text a request; an empty one says nothing. */
struct script {
    const char *answers[4];
    bool closes_after_each;
    int listener;
    uint16_t port;
    pthread_t thread;
    char heard[4096]; /* the last request */
};

static bool read_request(int peer, struct script *script)
{
    size_t size = 0;
    while (size + 1 < sizeof script->heard) {
        ssize_t got = recv(peer, script->heard + size, sizeof script->heard - 1 - size, 0);
        if (got <= 0)
            return false;
        size += (size_t)got;
        script->heard[size] = '\0';
        const char *body = strstr(script->heard, "\r\n\r\n");
        const char *length = strstr(script->heard, "Content-Length: ");
        if (body != NULL && length != NULL
            && strlen(body + 4) == (size_t)strtoul(length + 16, NULL, 10))
            return true;
    }
    return false;
}

static void *run(void *arg)
{
    struct script *script = arg;
    int peer = -1;
    for (size_t i = 0; i < 4 && script->answers[i] != NULL;) {
        if (peer < 0)
            peer = accept(script->listener, NULL, NULL);
        if (!read_request(peer, script)) {
            close(peer);
            peer = -1;
            continue;
        }
        const char *answer = script->answers[i++];
        cr_assert_eq(send(peer, answer, strlen(answer), MSG_NOSIGNAL), (ssize_t)strlen(answer));
        if (script->closes_after_each && *answer != '\0') {
            close(peer);
            peer = -1;
        }
    }
    if (peer >= 0) {
        char rest[64];
        while (recv(peer, rest, sizeof rest, 0) > 0)
            continue;
        close(peer);
    }
    return NULL;
}

static struct rpc_client *start(struct script *script, const char *path, const char *token)
{
    struct error error;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof here;
    char url[128];
    script->listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(script->listener, (struct sockaddr *)&here, sizeof here), 0);
    cr_assert_eq(listen(script->listener, 4), 0);
    cr_assert_eq(getsockname(script->listener, (struct sockaddr *)&here, &size), 0);
    cr_assert_eq(pthread_create(&script->thread, NULL, run, script), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", ntohs(here.sin_port), path);
    struct rpc_client *client = rpc_client_new(url, token, 1000, &error);
    cr_assert_not_null(client, "%s", error.text);
    return client;
}

static void finish(struct script *script, struct rpc_client *client)
{
    rpc_client_free(client);
    pthread_join(script->thread, NULL);
    close(script->listener);
}

#define HEAD(length) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n"

Test(client, asks_and_reads_the_result)
{
    struct rpc_failure failure;
    struct script script = {
        .answers = {HEAD("41") "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1f\"} "}};
    struct rpc_client *client = start(&script, "/o/acme", "secret");
    json_t *result = rpc_client_call(client, "eth_x", json_pack("[s]", "a"), &failure);
    cr_expect_str_eq(json_string_value(result), "0x1f");
    json_decref(result);
    finish(&script, client);
    cr_expect_eq(strncmp(script.heard, "POST /o/acme HTTP/1.1\r\n", 23), 0);
    cr_expect_not_null(strstr(script.heard, "\r\nAuthorization: Bearer secret\r\n"));
    cr_expect_not_null(strstr(script.heard, "\r\nContent-Type: application/json\r\n"));
    cr_expect_not_null(strstr(script.heard, "\"method\":\"eth_x\",\"params\":[\"a\"]}"));
}

Test(client, reads_chunks)
{
    struct rpc_failure failure;
    struct script script = {
        .answers = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "5\r\n{\"id\"\r\na\r\n:1,\"result\r\n6\r\n\":true\r\n1\r\n}\r\n0\r\n\r\n"}};
    struct rpc_client *client = start(&script, "", NULL);
    json_t *result = rpc_client_call(client, "m", NULL, &failure);
    cr_expect(json_is_true(result), "%s", failure.text);
    json_decref(result);
    finish(&script, client);
}

Test(client, hands_over_revert_data)
{
    struct rpc_failure failure;
    struct script script = {
        .answers = {HEAD("81") "{\"id\":1,\"error\":{\"code\":3,\"message\":\"execution reverted\","
                               "\"data\":\"0xdeadbeef\"}}      "}};
    struct rpc_client *client = start(&script, "", NULL);
    cr_expect_null(rpc_client_call(client, "m", NULL, &failure));
    cr_expect(failure.is_remote);
    cr_expect_eq(failure.code, 3);
    cr_expect_str_eq(failure.text, "execution reverted");
    cr_expect(bytes_equal(buffer_view(&failure.data), bytes_of("\xde\xad\xbe\xef", 4)));
    buffer_cleanup(&failure.data);
    finish(&script, client);
}

/* A node may close a kept connection at any time between two requests. */
Test(client, connects_again_when_a_kept_connection_was_closed)
{
    struct rpc_failure failure;
    struct script script = {.closes_after_each = true,
                            .answers = {HEAD("20") "{\"id\":1,\"result\":1}  ",
                                        HEAD("20") "{\"id\":2,\"result\":2}  "}};
    struct rpc_client *client = start(&script, "", NULL);
    for (int i = 1; i <= 2; i++) {
        json_t *result = rpc_client_call(client, "m", NULL, &failure);
        cr_expect_eq(json_integer_value(result), i, "%s", failure.text);
        json_decref(result);
        usleep(50000);
    }
    finish(&script, client);
}

static void expect_nonsense(const char *answer, const char *word)
{
    struct rpc_failure failure;
    struct script script = {.closes_after_each = true, .answers = {answer}};
    struct rpc_client *client = start(&script, "", NULL);
    cr_expect_null(rpc_client_call(client, "m", NULL, &failure), "%s", answer);
    cr_expect_not(failure.is_remote, "%s", answer);
    cr_expect_not_null(strstr(failure.text, word), "%s: %s", answer, failure.text);
    buffer_cleanup(&failure.data);
    finish(&script, client);
}

Test(client, names_what_is_wrong_with_an_answer)
{
    expect_nonsense("SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP");
    expect_nonsense(HEAD("99999999999"), "larger than");
    expect_nonsense(HEAD("100") "{\"id\":1", "closed the connection");
    expect_nonsense(HEAD("2") "{}", "answered another request");
    expect_nonsense(HEAD("8") "{\"id\":1}", "neither result nor error");
    expect_nonsense(HEAD("18") "{\"id\":7,\"result\":1}", "not JSON-RPC");
    expect_nonsense(HEAD("19") "{\"id\":7,\"result\":1}", "answered another request");
    expect_nonsense("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops", "502");
}

Test(client, gives_up_on_a_node_that_stalls)
{
    struct rpc_failure failure;
    struct script script = {.answers = {""}};
    struct rpc_client *client = start(&script, "", NULL);
    cr_expect_null(rpc_client_call(client, "m", NULL, &failure));
    cr_expect_not(failure.is_remote);
    cr_expect_not_null(strstr(failure.text, "did not answer"), "%s", failure.text);
    finish(&script, client);
}

Test(client, says_that_nobody_answers)
{
    struct error error;
    struct rpc_failure failure;
    struct rpc_client *client = rpc_client_new("http://127.0.0.1:1", NULL, 1000, &error);
    cr_assert_not_null(client);
    cr_expect_null(rpc_client_call(client, "m", NULL, &failure));
    cr_expect_not(failure.is_remote);
    cr_expect_not_null(strstr(failure.text, "no node answers"));
    rpc_client_free(client);
}

Test(client, refuses_addresses_it_cannot_use)
{
    static const char *const wrong[] = {
        "",
        "127.0.0.1:8545",
        "ftp://127.0.0.1",
        "https://127.0.0.1",
        "http://",
        "http://a b",
        "http://127.0.0.1/x?y=1",
        "http://user:word@127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1/\r\nX: y",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error;
        cr_expect_null(rpc_client_new(wrong[i], NULL, 1000, &error), "%s", wrong[i]);
    }
    struct error error;
    cr_expect_null(rpc_client_new("http://127.0.0.1", "a\r\nb", 1000, &error));
}
