/* The load generator: native transfers of many senders, signed beforehand, through JSON-RPC.
 *
 *   load addresses  --seed S --senders N                one address a line
 *   load recovery   --count N                           the machine's yardstick, JSON
 *   load transfers  --port P --chain-id C [options]     runs the load, JSON
 *
 * Each sender's transactions travel over one connection in nonce order. A connection waits for
 * the answer before it sends the next request, as a client does; all request bytes exist before
 * the clock starts, so that the generator costs little beside the server it measures. The clock
 * stops when the last transaction of every sender has a receipt; blocks are counted afterwards.
 * With --wait each answer is the receipt of a final block (eth_sendRawTransactionSync, EIP-7966),
 * so that a connection is a client that waits for each of its transfers. */
#include "ledger/chain/transaction.h"
#include "vm/base/arena.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX  256
#define ANSWER_SIZE_MAX  (64u << 20)
#define POLL_INTERVAL_US 5000
#define FEE_WEI          1000000000 /* what both servers accept: 1 gwei, all of it tip */

struct options {
    const char *seed;
    uint64_t chain_id;
    uint64_t count;
    unsigned senders, connections, batch;
    uint16_t port;
    unsigned timeout_s;
    bool waits; /* for receipts */
    const char *path;
};

struct request {
    size_t begin, size; /* in the connection's `bytes` */
    unsigned items;
};

struct connection {
    int socket;
    struct buffer bytes; /* every request, one behind the other */
    struct request *requests;
    size_t requests_count, next;
    size_t sent;          /* of the request under way */
    double asked_s;       /* when it began */
    double *took_s;       /* each request so far */
    struct buffer answer; /* what came so far of its answer */
    uint64_t accepted, refused;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sender `index` of a seed: keccak(seed, index) is its secret key. */
static void sender_key(const char *seed, unsigned index, struct secret_key *key)
{
    char text[128];
    int size = snprintf(text, sizeof text, "load %s %u", seed, index);
    hash256 digest = keccak256(text, (size_t)size);
    if (!secret_key_load(key, digest.bytes))
        die("this seed makes a key out of range; take another");
}

/* ---- Building ---------------------------------------------------------------------------- */

static void append_call(struct buffer *out, const struct options *options, struct bytes encoded,
                        uint64_t id)
{
    buffer_append_format(out,
                         "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
                         ",\"method\":\"eth_sendRawTransaction%s\",\"params\":[\"",
                         id, options->waits ? "Sync" : "");
    hex_append(out, encoded);
    buffer_append_text(out, options->waits ? "\",20000]}" : "\"]}");
}

static void append_http(struct buffer *out, const struct options *options, struct bytes body)
{
    buffer_append_format(out,
                         "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                         "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                         options->path, options->port, body.size);
    buffer_append_bytes(out, body);
}

static void append_transfer(struct buffer *body, const struct options *options, unsigned sender,
                            uint64_t nonce, uint64_t id, struct arena *arena, hash256 *hash)
{
    struct secret_key key;
    sender_key(options->seed, sender, &key);
    struct transaction tx = {
        .type = TRANSACTION_DYNAMIC_FEE,
        .has_chain_id = true,
        .chain_id = options->chain_id,
        .nonce = nonce,
        .gas_limit = 21000,
        .max_fee = {{FEE_WEI, 0, 0, 0}},
        .max_priority = {{FEE_WEI, 0, 0, 0}},
        .value = {{1 + nonce, 0, 0, 0}},
    };
    /* A receiver of its own for each sender: twice as many accounts as senders. */
    memset(tx.to.bytes, 0x11, sizeof tx.to.bytes);
    tx.to.bytes[18] = (uint8_t)(sender >> 8);
    tx.to.bytes[19] = (uint8_t)sender;
    transaction_sign(&tx, &key, arena);
    secret_key_cleanup(&key);
    append_call(body, options, tx.encoded, id);
    *hash = tx.hash;
}

/* All requests of one connection: its senders take turns, nonce by nonce. `last` gets the hash
 * of each sender's last transaction. */
static void build_requests(struct connection *connection, unsigned index,
                           const struct options *options, hash256 *last)
{
    struct arena arena = {0};
    struct buffer body = {0};
    uint64_t nonces = options->count / options->senders;
    unsigned items = 0;
    size_t own = (options->senders - index + options->connections - 1) / options->connections;
    connection->requests = memory_new_zeroed(own * nonces + 1, sizeof *connection->requests);
    connection->took_s = memory_new_zeroed(own * nonces + 1, sizeof *connection->took_s);

    for (uint64_t nonce = 0; nonce < nonces; nonce++) {
        for (unsigned s = index; s < options->senders; s += options->connections) {
            if (options->batch > 1)
                buffer_append_text(&body, items == 0 ? "[" : ",");
            append_transfer(&body, options, s, nonce, items + 1, &arena, &last[s]);
            arena_reset(&arena);
            items++;
            bool is_last = nonce + 1 == nonces && s + options->connections >= options->senders;
            if (items < options->batch && !is_last)
                continue;
            if (options->batch > 1)
                buffer_append_text(&body, "]");
            struct request *request = &connection->requests[connection->requests_count++];
            request->begin = connection->bytes.size;
            append_http(&connection->bytes, options, buffer_view(&body));
            request->size = connection->bytes.size - request->begin;
            request->items = items;
            buffer_clear(&body);
            items = 0;
        }
    }
    buffer_cleanup(&body);
    arena_cleanup(&arena);
}

/* ---- Speaking HTTP ----------------------------------------------------------------------- */

static int connect_loopback(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to) != 0)
        die("cannot connect to the server on 127.0.0.1");
    int one = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return s;
}

/* The body of a complete answer; false while bytes are missing. */
static bool answer_body(const struct buffer *answer, struct bytes *body)
{
    const char *text = (const char *)answer->data;
    const char *end = answer->size == 0 ? NULL : memmem(text, answer->size, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    size_t head_size = (size_t)(end - text) + 4;
    size_t length = SIZE_MAX;
    for (const char *line = text; line < end;) {
        const char *next = memmem(line, (size_t)(end - line) + 2, "\r\n", 2);
        if (strncasecmp(line, "content-length:", 15) == 0)
            length = strtoul(line + 15, NULL, 10);
        line = next + 2;
    }
    if (length > ANSWER_SIZE_MAX)
        die("an answer without Content-Length, or a huge one");
    if (answer->size < head_size + length)
        return false;
    *body = bytes_of(answer->data + head_size, length);
    return true;
}

static unsigned count_of(struct bytes body, const char *word)
{
    unsigned count = 0;
    const uint8_t *at = body.data;
    size_t left = body.size;
    const uint8_t *found;
    while (left > 0 && (found = memmem(at, left, word, strlen(word))) != NULL) {
        count++;
        found += strlen(word);
        left -= (size_t)(found - at);
        at = found;
    }
    return count;
}

/* Reads what there is; closes the program when the server hung up. */
static void receive(struct connection *connection)
{
    uint8_t *room = buffer_extend(&connection->answer, 65536);
    ssize_t got = recv(connection->socket, room, 65536, 0);
    connection->answer.size -= 65536 - (size_t)(got > 0 ? got : 0);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        die("the server closed the connection in the middle of an answer");
}

static void on_answer(struct connection *connection, struct bytes body)
{
    const struct request *request = &connection->requests[connection->next];
    unsigned errors = count_of(body, "\"error\"");
    if (errors > 0 && connection->refused == 0)
        fprintf(stderr, "load: refused: %.*s\n", body.size > 300 ? 300 : (int)body.size,
                (const char *)body.data);
    connection->refused += errors;
    connection->accepted += request->items > errors ? request->items - errors : 0;
    connection->took_s[connection->next] = now_s() - connection->asked_s;
    connection->next++;
    connection->sent = 0;
    buffer_clear(&connection->answer);
}

static void send_more(struct connection *connection)
{
    const struct request *request = &connection->requests[connection->next];
    if (connection->sent == 0)
        connection->asked_s = now_s();
    ssize_t sent =
        send(connection->socket, connection->bytes.data + request->begin + connection->sent,
             request->size - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        die("the server closed the connection while a request was sent");
    connection->sent += sent > 0 ? (size_t)sent : 0;
}

static bool is_done(const struct connection *connection)
{
    return connection->next == connection->requests_count;
}

static bool is_sending(const struct connection *connection)
{
    return connection->sent < connection->requests[connection->next].size;
}

/* Sends every request of every connection and waits for every answer. */
static void run_connections(struct connection *connections, unsigned count, double deadline)
{
    for (;;) {
        struct pollfd waits[CONNECTIONS_MAX];
        struct connection *of[CONNECTIONS_MAX];
        nfds_t open = 0;
        for (unsigned i = 0; i < count; i++) {
            if (is_done(&connections[i]))
                continue;
            if (is_sending(&connections[i]))
                send_more(&connections[i]);
            of[open] = &connections[i];
            waits[open].fd = connections[i].socket;
            waits[open].events = (short)(is_sending(&connections[i]) ? POLLOUT | POLLIN : POLLIN);
            open++;
        }
        if (open == 0)
            return;
        if (now_s() > deadline)
            die("time is up: not every request was answered");
        if (poll(waits, open, 1000) < 0 && errno != EINTR)
            die("poll failed");
        for (nfds_t i = 0; i < open; i++) {
            struct bytes body;
            if ((waits[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
                continue;
            receive(of[i]);
            if (answer_body(&of[i]->answer, &body))
                on_answer(of[i], body);
        }
    }
}

/* One question on a connection of its own; the answer's body is valid until the next one. */
static struct bytes ask(struct connection *connection, const struct options *options,
                        const char *question)
{
    struct bytes body;
    buffer_clear(&connection->bytes);
    buffer_clear(&connection->answer);
    append_http(&connection->bytes, options, bytes_of_text(question));
    for (size_t sent = 0; sent < connection->bytes.size;) {
        ssize_t n = send(connection->socket, connection->bytes.data + sent,
                         connection->bytes.size - sent, MSG_NOSIGNAL);
        if (n <= 0)
            die("the server closed the connection");
        sent += (size_t)n;
    }
    while (!answer_body(&connection->answer, &body))
        receive(connection);
    return body;
}

static bool has_receipt(struct connection *connection, const struct options *options,
                        const hash256 *hash)
{
    char question[256];
    char digits[65] = {0};
    hex_encode(digits, hash->bytes, sizeof hash->bytes);
    snprintf(question, sizeof question,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getTransactionReceipt\","
             "\"params\":[\"0x%s\"]}",
             digits);
    return count_of(ask(connection, options, question), "\"blockHash\"") > 0;
}

/* ---- Commands ---------------------------------------------------------------------------- */

static int print_addresses(const struct options *options)
{
    for (unsigned i = 0; i < options->senders; i++) {
        struct secret_key key;
        char digits[41] = {0};
        sender_key(options->seed, i, &key);
        address account = secret_key_address(&key);
        hex_encode(digits, account.bytes, sizeof account.bytes);
        printf("0x%s\n", digits);
    }
    return 0;
}

/* Recovering signers of `count` different signatures on one thread. */
static int measure_recovery(const struct options *options)
{
    size_t count = options->count;
    signature *signatures = memory_new(count * sizeof *signatures);
    hash256 *digests = memory_new(count * sizeof *digests);
    struct secret_key key;
    sender_key(options->seed, 0, &key);
    address expected = secret_key_address(&key);
    for (size_t i = 0; i < count; i++) {
        digests[i] = keccak256(&i, sizeof i);
        secret_key_sign(&key, &digests[i], &signatures[i]);
    }
    double began = now_s();
    for (size_t i = 0; i < count; i++) {
        address signer;
        if (!signature_recover_address(&signatures[i], &digests[i], &signer)
            || !address_equal(&signer, &expected))
            die("recovery gave another signer");
    }
    double seconds = now_s() - began;
    printf("{\"count\":%zu,\"us_per_recovery\":%.2f}\n", count, seconds * 1e6 / (double)count);
    free(signatures);
    free(digests);
    return 0;
}

static int compare_times(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* All answers' times of all connections, sorted. Returns how many. */
static size_t sort_times(const struct connection *connections, unsigned count, double **times)
{
    size_t all = 0, at = 0;
    for (unsigned i = 0; i < count; i++)
        all += connections[i].requests_count;
    *times = memory_new_zeroed(all + 1, sizeof **times);
    for (unsigned i = 0; i < count; i++) {
        memcpy(*times + at, connections[i].took_s, connections[i].requests_count * sizeof **times);
        at += connections[i].requests_count;
    }
    qsort(*times, all, sizeof **times, compare_times);
    return all;
}

static int run_transfers(const struct options *options)
{
    struct connection connections[CONNECTIONS_MAX] = {0};
    struct connection asking = {0};
    hash256 *last = memory_new_zeroed(options->senders, sizeof *last);
    for (unsigned i = 0; i < options->connections; i++)
        build_requests(&connections[i], i, options, last);
    for (unsigned i = 0; i < options->connections; i++)
        connections[i].socket = connect_loopback(options->port);

    const double own_before = (double)clock() / CLOCKS_PER_SEC;
    double began = now_s();
    run_connections(connections, options->connections, began + options->timeout_s);
    double answered = now_s();
    asking.socket = connect_loopback(options->port);
    for (unsigned s = 0; s < options->senders && !options->waits; s++)
        while (!has_receipt(&asking, options, &last[s])) {
            if (now_s() > began + options->timeout_s)
                die("time is up: not every transaction has a receipt");
            usleep(POLL_INTERVAL_US);
        }
    double ended = now_s();

    double *times;
    const size_t answers = sort_times(connections, options->connections, &times);
    const double own_s = (double)clock() / CLOCKS_PER_SEC - own_before;
    uint64_t accepted = 0, refused = 0;
    for (unsigned i = 0; i < options->connections; i++) {
        accepted += connections[i].accepted;
        refused += connections[i].refused;
        close(connections[i].socket);
        buffer_cleanup(&connections[i].bytes);
        buffer_cleanup(&connections[i].answer);
        free(connections[i].requests);
        free(connections[i].took_s);
    }
    close(asking.socket);
    buffer_cleanup(&asking.bytes);
    buffer_cleanup(&asking.answer);
    free(last);
    printf("{\"accepted\":%" PRIu64 ",\"refused\":%" PRIu64
           ",\"answered_s\":%.4f,\"receipts_s\":%.4f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
           "\"most_ms\":%.3f,\"own_cpu_s\":%.3f}\n",
           accepted, refused, answered - began, ended - began, times[answers / 2] * 1e3,
           times[answers * 99 / 100] * 1e3, times[answers - 1] * 1e3, own_s);
    free(times);
    return refused == 0 ? 0 : 1;
}

static uint64_t number_or_die(const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno != 0 || *text == '\0' || *end != '\0' || value > max)
        die("an option's number is out of range");
    return value;
}

static struct options parse_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"seed", required_argument, NULL, 's'},
        {"chain-id", required_argument, NULL, 'c'},
        {"count", required_argument, NULL, 'n'},
        {"senders", required_argument, NULL, 'a'},
        {"port", required_argument, NULL, 'p'},
        {"connections", required_argument, NULL, 'o'},
        {"batch", required_argument, NULL, 'b'},
        {"path", required_argument, NULL, 'u'},
        {"timeout", required_argument, NULL, 't'},
        {"wait", no_argument, NULL, 'w'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.seed = "1",
                              .chain_id = 1,
                              .count = 20000,
                              .senders = 200,
                              .connections = 8,
                              .batch = 1,
                              .timeout_s = 300,
                              .path = "/"};
    for (int which; (which = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (which) {
        case 's': options.seed = optarg; break;
        case 'u': options.path = optarg; break;
        case 'w': options.waits = true; break;
        case 'c': options.chain_id = number_or_die(optarg, UINT64_MAX); break;
        case 'n': options.count = number_or_die(optarg, 10000000); break;
        case 'a': options.senders = (unsigned)number_or_die(optarg, 65536); break;
        case 'p': options.port = (uint16_t)number_or_die(optarg, 65535); break;
        case 'o': options.connections = (unsigned)number_or_die(optarg, CONNECTIONS_MAX); break;
        case 'b': options.batch = (unsigned)number_or_die(optarg, 1000); break;
        case 't': options.timeout_s = (unsigned)number_or_die(optarg, 86400); break;
        default:
            die("options: --seed --chain-id --count --senders --port --connections --batch --wait");
        }
    if (options.senders == 0 || options.connections == 0 || options.batch == 0 || options.count == 0
        || options.connections > options.senders || options.count % options.senders != 0)
        die("expected at least one sender a connection, and a count that senders divide");
    return options;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        die("usage: load addresses|recovery|transfers [options]");
    struct options options = parse_options(argc - 1, argv + 1);
    if (strcmp(argv[1], "addresses") == 0)
        return print_addresses(&options);
    if (strcmp(argv[1], "recovery") == 0)
        return measure_recovery(&options);
    if (strcmp(argv[1], "transfers") == 0)
        return run_transfers(&options);
    die("expected addresses, recovery or transfers");
}
