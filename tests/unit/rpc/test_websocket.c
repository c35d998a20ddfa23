/* WebSocket connections over real sockets on loopback, one thread: client and loop take turns. */
#include "rpc/server.h"

#include "rpc/websocket/reader.h"
#include "tests/unit/rpc/loopback.h"
#include "tests/unit/rpc/websocket/frames.h"
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(websocket, .init = loopback_start, .fini = loopback_stop, .timeout = 60);

/* What came, until the server closes or 30 turns bring nothing; a text of static memory. */
static char *hear(int fd, size_t *size)
{
    static char text[1 << 20];
    *size = 0;
    for (int quiet = 0; quiet < 30; quiet++) {
        ssize_t got = recv(fd, text + *size, sizeof text - 1 - *size, 0);
        if (got == 0)
            break;
        if (got > 0) {
            *size += (size_t)got;
            quiet = 0;
        }
        turn();
    }
    text[*size] = '\0';
    return text;
}

#define HANDSHAKE(path, more)                                                         \
    "GET " path " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n" \
    "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"                             \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" more "\r\n"

/* A connection whose handshake is done. */
static int open_socket(const char *handshake)
{
    size_t size;
    int fd = dial();
    say(fd, handshake, strlen(handshake));
    const char *answer = hear(fd, &size);
    cr_assert(strncmp(answer, "HTTP/1.1 101 ", 13) == 0, "%s", answer);
    return fd;
}

static void say_frame(int fd, uint8_t first, const char *content)
{
    struct buffer bytes = {0};
    append_frame(&bytes, first, content);
    say(fd, bytes.data, bytes.size);
    buffer_cleanup(&bytes);
}

/* The frames that came, as text: "T(...) " for texts, "p" and "q" for ping and pong, "close N
 * why" for a close frame, and "end" if the server has closed. */
static const char *hear_frames(int fd)
{
    static char seen[1 << 20];
    size_t size, length = 0;
    const uint8_t *at = (const uint8_t *)hear(fd, &size), *end = at + size;
    while (at < end) {
        uint8_t opcode = at[0] & 0x0f;
        size_t content = at[1], head = 2;
        cr_assert_eq(at[0] & 0xf0, FINAL);
        if (content == 126) {
            content = (size_t)(at[2] << 8 | at[3]);
            head = 4;
        } else if (content == 127) {
            content = (size_t)at[6] << 24 | (size_t)at[7] << 16 | (size_t)at[8] << 8 | at[9];
            head = 10;
        }
        cr_assert_leq(head + content, (size_t)(end - at));
        at += head;
        char *out = seen + length;
        size_t left = sizeof seen - length;
        int word = 0;
        if (opcode == OP_TEXT)
            word = snprintf(out, left, "T(%.*s) ", (int)content, (const char *)at);
        else if (opcode == OP_CLOSE)
            word = snprintf(out, left, "close %u %.*s ",
                            content >= 2 ? (unsigned)(at[0] << 8 | at[1]) : 0,
                            content >= 2 ? (int)content - 2 : 0, (const char *)at + 2);
        else
            word = snprintf(out, left, "%c(%.*s) ", opcode == OP_PING ? 'p' : 'q', (int)content,
                            (const char *)at);
        length += (size_t)word;
        at += content;
    }
    char byte;
    if (recv(fd, &byte, 1, MSG_PEEK) == 0)
        snprintf(seen + length, sizeof seen - length, "end");
    else
        seen[length] = '\0';
    return seen;
}

/* RFC 6455, 1.3: the sample handshake. */
Test(websocket, the_handshake_is_the_rfcs)
{
    size_t size;
    int fd = dial();
    const char text[] = HANDSHAKE("/", "");
    for (size_t at = 0; at < sizeof text - 1; at++)
        say(fd, text + at, 1);
    const char *answer = hear(fd, &size);
    cr_expect_str_eq(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    close(fd);
}

Test(websocket, who_may_not_have_one_is_told_why)
{
    static const struct {
        const char *text, *status, *part;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
         "426", "Sec-WebSocket-Version: 13\r\n"},
        {"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\n\r\n",
         "400", "Sec-WebSocket-Key"},
        {"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n",
         "400", "Sec-WebSocket-Key"},
        {HANDSHAKE("/health", ""), "404", "no WebSocket here"},
        {HANDSHAKE("/o/nobody", ""), "404", "no organisation"},
        {HANDSHAKE("/", "Origin: http://evil.example\r\n"), "403", "origin"},
        {"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
         "421", "evil.example"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        size_t size;
        int fd = dial();
        say(fd, cases[index].text, strlen(cases[index].text));
        const char *answer = hear(fd, &size);
        cr_expect(strncmp(answer + 9, cases[index].status, 3) == 0
                      && strstr(answer, cases[index].part) != NULL,
                  "%s: %s", cases[index].text, answer);
        close(fd);
    }
}

#define LISTENING(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"net_listening\"}"
#define TRUE(id)      "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"result\":true}"

Test(websocket, requests_are_answered_single_and_batched)
{
    int fd = open_socket(HANDSHAKE("/o/sample", "Origin: http://localhost\r\n"));
    say_frame(fd, FINAL | OP_TEXT, LISTENING(1));
    cr_expect_str_eq(hear_frames(fd), "T(" TRUE(1) ") ");
    say_frame(fd, FINAL | OP_BINARY, "[" LISTENING(2) "," LISTENING(3) "]");
    cr_expect_str_eq(hear_frames(fd), "T([" TRUE(2) "," TRUE(3) "]) ");
    say_frame(fd, FINAL | OP_TEXT, "{\"jsonrpc\":\"2.0\",\"method\":\"net_listening\"}");
    cr_expect_str_eq(hear_frames(fd), "");
    say_frame(fd, FINAL | OP_TEXT, "{nonsense");
    cr_expect(strstr(hear_frames(fd), "-32700") != NULL);
    say_frame(fd, FINAL | OP_TEXT,
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"org_create\",\"params\":[]}");
    cr_expect(strstr(hear_frames(fd), "-32006") != NULL);
    close(fd);
    fd = open_socket(HANDSHAKE("/", "Authorization: Bearer secret\r\n"));
    say_frame(fd, FINAL | OP_TEXT,
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"org_create\",\"params\":[]}");
    cr_expect(strstr(hear_frames(fd), "-32602") != NULL);
    close(fd);
}

/* Frames may come with the handshake, and many at once. */
Test(websocket, what_is_sent_ahead_is_answered_in_turn)
{
    size_t size;
    struct buffer bytes = {0};
    int fd = dial();
    buffer_append_text(&bytes, HANDSHAKE("/", ""));
    append_frame(&bytes, FINAL | OP_TEXT, LISTENING(1));
    append_frame(&bytes, FINAL | OP_PING, "hi");
    for (int count = 0; count < 50; count++)
        append_frame(&bytes, FINAL | OP_TEXT, LISTENING(2));
    append_frame(&bytes, FINAL | OP_TEXT, LISTENING(3));
    say(fd, bytes.data, bytes.size);
    const char *answer = strstr(hear(fd, &size), "\r\n\r\n");
    cr_assert_not_null(answer);
    cr_expect(strncmp(answer + 6, TRUE(1), strlen(TRUE(1))) == 0, "%s", answer);
    cr_expect(strncmp(answer + 6 + strlen(TRUE(1)), "\x8a\x02hi", 4) == 0, "%s", answer);
    unsigned count = 0;
    for (const char *at = answer; (at = strstr(at, TRUE(2))) != NULL; at += strlen(TRUE(2)))
        count++;
    cr_expect_eq(count, 50);
    cr_expect(strstr(answer, TRUE(3)) != NULL);
    buffer_cleanup(&bytes);
    close(fd);
}

/* More than is read in one turn: signs of life, and a message in thousands of empty pieces. */
Test(websocket, many_frames_without_content_are_read_in_turns)
{
    static const uint8_t pong[] = {0x8a, 0x80, 1, 2, 3, 4}, empty[] = {0x00, 0x80, 1, 2, 3, 4},
                         first[] = {0x01, 0x80, 1, 2, 3, 4};
    static uint8_t frames[180000];
    int fd = open_socket(HANDSHAKE("/", ""));
    for (size_t at = 0; at < sizeof frames; at += sizeof pong)
        memcpy(frames + at, pong, sizeof pong);
    say(fd, frames, sizeof frames);
    for (size_t at = 0; at < sizeof frames; at += sizeof empty)
        memcpy(frames + at, at == 0 ? first : empty, sizeof empty);
    say(fd, frames, sizeof frames);
    say_frame(fd, FINAL, LISTENING(7));
    const char *text = hear_frames(fd);
    cr_expect(strstr(text, "\"id\":7,\"result\":true") != NULL, "%s", text);
    close(fd);
}

Test(websocket, a_close_is_answered_and_bad_frames_end_with_their_code)
{
    static const struct {
        uint8_t first;
        const char *content, *seen;
    } cases[] = {
        {FINAL | OP_CLOSE, "", "close 0  end"},
        {FINAL | OP_CLOSE, "\x03\xe9going", "close 1001  end"},
        {FINAL | OP_MORE, "x", "close 1002 there is no message to continue end"},
        {FINAL | 0x40 | OP_TEXT, "x", "close 1002 no extension was agreed: reserved bits set end"},
        {FINAL | OP_TEXT, "\xff", "close 1007 the message is not UTF-8 end"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        int fd = open_socket(HANDSHAKE("/", ""));
        say_frame(fd, cases[index].first, cases[index].content);
        cr_expect_str_eq(hear_frames(fd), cases[index].seen);
        close(fd);
    }
}

Test(websocket, connections_count_with_those_of_http)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connections_max = 2;
    restart_with(limits);
    int first = open_socket(HANDSHAKE("/", "")), second = open_socket(HANDSHAKE("/", ""));
    size_t size;
    int third = dial();
    cr_expect(strstr(hear(third, &size), "503") != NULL);
    close(third);
    close(first);
    turn();
    third = open_socket(HANDSHAKE("/", ""));
    close(third);
    close(second);
}

Test(websocket, a_stopping_node_says_so)
{
    int fd = open_socket(HANDSHAKE("/", ""));
    loopback_stop();
    char text[100];
    ssize_t size = recv(fd, text, sizeof text, 0);
    cr_assert_gt(size, 4);
    cr_expect_arr_eq(text, "\x88\x17\x03\xe9this node is stopping", 6);
    close(fd);
    loopback_start();
}

/* ---- Subscriptions ------------------------------------------------------------------------ */

static void subscribe(int fd, const char *params, char id[40])
{
    char text[1000];
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":%s}", params);
    say_frame(fd, FINAL | OP_TEXT, text);
    const char *seen = hear_frames(fd), *at = strstr(seen, "\"result\":\"0x");
    cr_assert(at != NULL, "%s", seen);
    snprintf(id, 40, "%.34s", at + 10);
}

/* What the node does with a block of its own. */
static void make_block(void)
{
    sample_block(&fake.sample);
    fake.listener->on_head(fake.listener->arg, fake_ledger(&fake));
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

Test(websocket, each_final_block_is_told_once_to_each_subscriber)
{
    char first_id[40], second_id[40], other_id[40];
    int first = open_socket(HANDSHAKE("/", "")), second = open_socket(HANDSHAKE("/", ""));
    make_block(); /* nobody hears of it */
    subscribe(first, "[\"newHeads\"]", first_id);
    subscribe(first, "[\"syncing\"]", other_id);
    subscribe(second, "[\"newHeads\",{}]", second_id);
    make_block();
    sample_block(&fake.sample); /* two at once */
    make_block();
    const char *seen = hear_frames(first);
    cr_expect_eq(count_of(seen, first_id), 3, "%s", seen);
    cr_expect_eq(count_of(seen, other_id), 0);
    cr_expect(strstr(seen, "\"number\":\"0x1\"") == NULL);
    const char *two = strstr(seen, "\"number\":\"0x2\""),
               *four = strstr(seen, "\"number\":\"0x4\"");
    cr_expect(two != NULL && four != NULL && two < four, "%s", seen);
    cr_expect_eq(count_of(hear_frames(second), second_id), 3);
    close(first);
    turn();
    make_block();
    cr_expect_eq(count_of(hear_frames(second), second_id), 1);
    close(second);
}

Test(websocket, who_unsubscribes_is_not_told_any_more)
{
    char id[40], text[200];
    int fd = open_socket(HANDSHAKE("/", "")), other = open_socket(HANDSHAKE("/", ""));
    subscribe(fd, "[\"newHeads\"]", id);
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"eth_unsubscribe\",\"params\":[\"%s\"]}",
             id);
    say_frame(other, FINAL | OP_TEXT, text); /* not its own */
    cr_expect(strstr(hear_frames(other), "subscription not found") != NULL);
    say_frame(fd, FINAL | OP_TEXT, text);
    cr_expect_str_eq(hear_frames(fd), "T(" TRUE(2) ") ");
    say_frame(fd, FINAL | OP_TEXT, text);
    cr_expect(strstr(hear_frames(fd), "-32000,\"message\":\"subscription not found") != NULL);
    make_block();
    cr_expect_str_eq(hear_frames(fd), "");
    close(fd);
    close(other);
}

/* A contract that is made only to leave a log of one topic. */
static address leave_log(uint8_t topic)
{
    const uint8_t code[] = {0x60, topic, 0x60, 0, 0x60, 0, 0xa1, 0};
    struct sample *sample = &fake.sample;
    struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                             .nonce = sample->nonces[0]++,
                             .gas_limit = 200000,
                             .is_create = true,
                             .data = arena_copy(&sample->arena, bytes_of(code, sizeof code))};
    tx = sample_sign(sample, 0, tx);
    cr_assert_eq(sample_submit(sample, &tx), POOL_OK);
    return vm_create_address(&sample->accounts[0], tx.nonce);
}

Test(websocket, logs_are_told_to_those_whose_criteria_they_meet)
{
    char all_id[40], topic_id[40], account_id[40], late_id[40], text[300], digits[41] = "";
    address account = vm_create_address(&fake.sample.accounts[0], fake.sample.nonces[0] + 1);
    for (int index = 0; index < 20; index++)
        sprintf(digits + 2 * index, "%02x", account.bytes[index]);
    int fd = open_socket(HANDSHAKE("/", ""));
    subscribe(fd, "[\"logs\"]", all_id);
    subscribe(fd,
              "[\"logs\",{\"topics\":[[\"0x00000000000000000000000000000000000000000000000000000000"
              "00000007\"]]}]",
              topic_id);
    snprintf(text, sizeof text, "[\"logs\",{\"address\":\"0x%s\",\"topics\":[]}]", digits);
    subscribe(fd, text, account_id);
    subscribe(fd, "[\"logs\",{\"fromBlock\":\"0x2\"}]", late_id);
    leave_log(6);
    leave_log(7);
    leave_log(7);
    make_block();
    const char *seen = hear_frames(fd);
    cr_expect_eq(count_of(seen, all_id), 3, "%s", seen);
    cr_expect_eq(count_of(seen, topic_id), 2);
    cr_expect_eq(count_of(seen, account_id), 1);
    cr_expect_eq(count_of(seen, late_id), 0);
    cr_expect_eq(count_of(seen, "\"logIndex\":\"0x2\""), 2);
    make_block();
    cr_expect_str_eq(hear_frames(fd), "");
    leave_log(9);
    make_block();
    seen = hear_frames(fd);
    cr_expect_eq(count_of(seen, all_id), 1);
    cr_expect_eq(count_of(seen, late_id), 1);
    cr_expect_eq(count_of(seen, topic_id), 0);
    close(fd);
}

static void send_transfer(int fd, char hash[68])
{
    struct transaction tx = sample_transfer(&fake.sample, 1, &fake.sample.accounts[2], 5);
    struct buffer encoded = {0}, text = {0};
    transaction_encode(&tx, &encoded);
    buffer_append_text(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendRawTransaction\","
                              "\"params\":[\"0x");
    for (size_t index = 0; index < encoded.size; index++)
        buffer_append_format(&text, "%02x", encoded.data[index]);
    buffer_append_text(&text, "\"]}");
    buffer_append_u8(&text, 0);
    say_frame(fd, FINAL | OP_TEXT, (const char *)text.data);
    strcpy(hash, "0x");
    for (int index = 0; index < 32; index++)
        sprintf(hash + 2 + 2 * index, "%02x", tx.hash.bytes[index]);
    buffer_cleanup(&encoded);
    buffer_cleanup(&text);
}

Test(websocket, admitted_transactions_are_told_as_hashes_or_whole)
{
    char hashes_id[40], whole_id[40], hash[68], part[120];
    int fd = open_socket(HANDSHAKE("/", "")), sender = open_socket(HANDSHAKE("/", ""));
    subscribe(fd, "[\"newPendingTransactions\"]", hashes_id);
    subscribe(fd, "[\"newPendingTransactions\",true]", whole_id);
    send_transfer(sender, hash);
    cr_expect(strstr(hear_frames(sender), hash) != NULL);
    const char *seen = hear_frames(fd);
    snprintf(part, sizeof part, "%s\",\"result\":\"%s\"", hashes_id, hash);
    cr_expect(strstr(seen, part) != NULL, "%s", seen);
    snprintf(part, sizeof part, "%s\",\"result\":{\"blockHash\":null", whole_id);
    cr_expect(strstr(seen, part) != NULL, "%s", seen);
    cr_expect(strstr(strstr(seen, part), hash) != NULL);
    close(fd);
    close(sender);
}

Test(websocket, wrong_subscriptions_are_refused_with_the_reason)
{
    static const struct {
        const char *params, *code, *words;
    } cases[] = {
        {"[]", "-32602", "missing value for required argument 0"},
        {"[\"newBlocks\"]", "-32601", "no \\\"newBlocks\\\" subscription in eth namespace"},
        {"[7]", "-32602", "is not a name"},
        {"[\"logs\",true]", "-32602", "params[1]: found true"},
        {"[\"logs\",{\"address\":\"0x1\"}]", "-32602", "params[1].address"},
        {"[\"logs\",{\"blockHash\":"
         "\"0x1111111111111111111111111111111111111111111111111111111111111"
         "111\"}]",
         "-32602", "params[1].blockHash"},
        {"[\"newHeads\",7]", "-32602", "params[1]: found a number; expected nothing"},
        {"[\"newPendingTransactions\",{}]", "-32602", "found an object; expected true"},
    };
    int fd = open_socket(HANDSHAKE("/", ""));
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char text[400];
        snprintf(text, sizeof text,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":%s}",
                 cases[index].params);
        say_frame(fd, FINAL | OP_TEXT, text);
        const char *seen = hear_frames(fd);
        cr_expect(strstr(seen, cases[index].code) != NULL
                      && strstr(seen, cases[index].words) != NULL,
                  "%s: %s", cases[index].params, seen);
    }
    close(fd);
}

Test(websocket, subscriptions_of_a_connection_and_their_criteria_are_bounded)
{
    struct rpc_limits limits = rpc_limits_default();
    char id[40];
    limits.subscriptions_max = 3;
    limits.criteria_size_max = 200;
    restart_with(limits);
    int fd = open_socket(HANDSHAKE("/", ""));
    subscribe(fd, "[\"newHeads\"]", id);
    subscribe(fd, "[\"logs\"]", id);
    say_frame(
        fd, FINAL | OP_TEXT,
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"logs\"]},"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]},"
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}]");
    const char *seen = hear_frames(fd);
    cr_expect(strstr(seen, "this node keeps no more addresses and topics") != NULL, "%s", seen);
    cr_expect_eq(count_of(seen, "too many subscriptions: at most 3"), 1, "%s", seen);
    close(fd);
}

/* A log of 20 kB: in JSON twice that. */
static void leave_long_log(void)
{
    static const uint8_t code[] = {0x61, 0x50, 0, 0x60, 0, 0xa0, 0};
    struct sample *sample = &fake.sample;
    struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                             .nonce = sample->nonces[0]++,
                             .gas_limit = 400000,
                             .is_create = true,
                             .data = arena_copy(&sample->arena, bytes_of(code, sizeof code))};
    tx = sample_sign(sample, 0, tx);
    cr_assert_eq(sample_submit(sample, &tx), POOL_OK);
}

/* Its socket is full and the rest beyond the bound: it is told why, and nothing is kept. Who
 * reads loses nothing meanwhile. */
Test(websocket, a_slow_subscriber_is_dropped_with_a_reason)
{
    struct rpc_limits limits = rpc_limits_default();
    char id[40], fast_id[40];
    unsigned told = 0, rounds = 0;
    limits.waiting_max = 200000;
    restart_with(limits);
    int slow = open_socket(HANDSHAKE("/", "")), fast = open_socket(HANDSHAKE("/", ""));
    subscribe(slow, "[\"logs\"]", id);
    subscribe(fast, "[\"logs\"]", fast_id);
    for (; rounds < 60; rounds++) {
        for (int block = 0; block < 4; block++) {
            leave_long_log();
            make_block();
        }
        told += count_of(hear_frames(fast), fast_id);
    }
    cr_expect_eq(told, 4 * rounds);
    /* The socket itself holds megabytes. */
    static const char WORDS[] = "\x03\xf0too slow: more notifications wait";
    size_t size, all = 0;
    bool has_reason = false;
    for (int pause = 0; pause < 100 && !has_reason; pause++) {
        const char *text = hear(slow, &size);
        all += size;
        has_reason = memmem(text, size, WORDS, sizeof WORDS - 1) != NULL;
        pause = size > 0 ? 0 : pause;
    }
    cr_expect(has_reason, "%zu bytes, no reason", all);
    cr_expect_lt(all, 4 * rounds * 40960);
    int operator_fd = dial();
    static const char METRICS[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    say(operator_fd, METRICS, sizeof METRICS - 1);
    const char *metrics = hear(operator_fd, &size);
    static const char DROPPED[] = "\nleither_websocket_dropped_total 1\n";
    cr_expect(memmem(metrics, size, DROPPED, sizeof DROPPED - 1) != NULL);
    close(operator_fd);
    close(slow);
    close(fast);
}

Test(websocket, http_cannot_be_told_but_may_poll)
{
    size_t size;
    const char body[] = "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\","
                        "\"params\":[\"newHeads\"]},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":"
                        "\"eth_unsubscribe\",\"params\":[\"0x1\"]}]";
    char text[600];
    int fd = dial(), length = snprintf(text, sizeof text,
                                       "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                       "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                       sizeof body - 1, body);
    say(fd, text, (size_t)length);
    const char *answer = hear(fd, &size);
    cr_expect(strstr(answer, "-32601,\"message\":\"notifications not supported") != NULL, "%s",
              answer);
    cr_expect(strstr(answer, "subscription not found") != NULL, "%s", answer);
    close(fd);
}
