/* Two nodes on loopback, and strangers who break the rules of the connection. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <openssl/ssl.h>

#include "node/net/channel.h"
#include "node/net/tls.h"

#define MESSAGE_MAX 100000
#define WAIT_S      20

/* One side of a connection, and all that happened to it. */
struct side {
    struct event_base *loop;
    struct channel *channel;
    unsigned opened, closed, messages;
    struct buffer last;
    struct error why;
    bool frees_at_open, frees_at_message, echoes;
};

static struct secret_key key_of(uint8_t number)
{
    struct secret_key key = {{0}};
    key.bytes[31] = number;
    return key;
}

static void let_go(struct side *side)
{
    channel_free(side->channel);
    side->channel = NULL;
    event_base_loopbreak(side->loop);
}

static void on_open(void *arg, struct channel *channel)
{
    struct side *side = arg;
    side->opened++;
    cr_expect(channel == side->channel);
    if (side->frees_at_open)
        let_go(side);
    event_base_loopbreak(side->loop);
}

static void on_message(void *arg, struct channel *channel, struct bytes message)
{
    struct side *side = arg;
    side->messages++;
    buffer_clear(&side->last);
    buffer_append_bytes(&side->last, message);
    if (side->frees_at_message)
        let_go(side);
    else if (side->echoes)
        channel_send(channel, message);
    event_base_loopbreak(side->loop);
}

static void on_closed(void *arg, struct channel *channel, const struct error *why)
{
    struct side *side = arg;
    cr_expect(channel == side->channel);
    side->closed++;
    side->why = *why;
    let_go(side);
}

static const struct channel_events events = {on_open, on_message, on_closed};

/* Node 2 listens; node 1 dials, or somebody else does. */
struct pair {
    struct event_base *loop;
    struct channels *channels[2];
    struct side sides[2]; /* who dials, who accepts */
    int listener;
    struct sockaddr_in address;
    struct secret_key keys[2];
};

static void set_up_with(struct pair *pair, const struct channels_config *first,
                        uint32_t message_max)
{
    struct error error;
    socklen_t size = sizeof pair->address;
    *pair = (struct pair){.keys = {key_of(1), key_of(2)}};
    signal(SIGPIPE, SIG_IGN); /* as loop_new() does */
    pair->loop = event_base_new();
    for (unsigned i = 0; i < 2; i++) {
        struct channels_config config = {.message_max = message_max, .network = 7};
        if (i == 0 && first != NULL)
            config = *first;
        if (config.node_key == NULL)
            config.node_key = &pair->keys[i];
        config.loop = pair->loop;
        config.greeting_ms = 500;
        config.silent_ms = i == 0 ? 500 : 0; /* who dials is the one to notice */
        pair->channels[i] = channels_new(&config, &error);
        cr_assert_not_null(pair->channels[i], "%s", error.text);
        pair->sides[i].loop = pair->loop;
    }
    pair->listener = socket(AF_INET, SOCK_STREAM, 0);
    pair->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cr_assert_eq(bind(pair->listener, (struct sockaddr *)&pair->address, size), 0);
    cr_assert_eq(listen(pair->listener, 8), 0);
    cr_assert_eq(getsockname(pair->listener, (struct sockaddr *)&pair->address, &size), 0);
}

static void set_up(struct pair *pair, const struct channels_config *first)
{
    set_up_with(pair, first, MESSAGE_MAX);
}

static void tear_down(struct pair *pair)
{
    for (unsigned i = 0; i < 2; i++)
        channel_free(pair->sides[i].channel);
    event_base_loop(pair->loop, EVLOOP_NONBLOCK); /* what libevent put off */
    for (unsigned i = 0; i < 2; i++) {
        buffer_cleanup(&pair->sides[i].last);
        channels_free(pair->channels[i]);
    }
    event_base_free(pair->loop);
    close(pair->listener);
}

static void dial(struct pair *pair, uint8_t whom)
{
    struct error error;
    const struct secret_key key = key_of(whom);
    const struct node_id id = node_id_of(&key);
    pair->sides[0].channel =
        channel_dial(pair->channels[0], (const struct sockaddr *)&pair->address, &id, &events,
                     &pair->sides[0], &error);
    cr_assert_not_null(pair->sides[0].channel, "%s", error.text);
}

static void take_in(struct pair *pair)
{
    const int fd = accept(pair->listener, NULL, NULL);
    cr_assert_geq(fd, 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    pair->sides[1].channel = channel_accept(pair->channels[1], fd, &events, &pair->sides[1]);
}

/* Until so much was counted. */
static void run_until(struct pair *pair, const unsigned *count, unsigned value)
{
    const struct timeval most = {WAIT_S, 0};
    event_base_loopexit(pair->loop, &most);
    while (*count < value && !event_base_got_exit(pair->loop))
        event_base_loop(pair->loop, EVLOOP_ONCE);
    cr_assert_geq(*count, value, "%s / %s", pair->sides[0].why.text, pair->sides[1].why.text);
}

static void open_both(struct pair *pair)
{
    dial(pair, 2);
    take_in(pair);
    run_until(pair, &pair->sides[0].opened, 1);
    run_until(pair, &pair->sides[1].opened, 1);
}

static void expect_reason(const struct side *side, enum error_code code, const char *part)
{
    cr_expect_eq(side->closed, 1);
    cr_expect_eq(side->why.code, code, "%s", side->why.text);
    cr_expect(strstr(side->why.text, part) != NULL, "%s, expected ...%s...", side->why.text, part);
}

Test(channel, tells_both_sides_who_is_there)
{
    struct pair pair;
    set_up(&pair, NULL);
    open_both(&pair);
    for (unsigned i = 0; i < 2; i++) {
        const struct node_id other = node_id_of(&pair.keys[1 - i]);
        cr_expect(node_id_equal(channel_peer(pair.sides[i].channel), &other));
        cr_expect_eq(channel_was_dialled(pair.sides[i].channel), i == 0);
    }
    tear_down(&pair);
}

Test(channel, carries_messages_of_every_size_both_ways)
{
    static uint8_t content[MESSAGE_MAX];
    static const size_t sizes[] = {1, 2, 255, 4096, 65535, 65536, MESSAGE_MAX};
    struct pair pair;
    set_up(&pair, NULL);
    open_both(&pair);
    pair.sides[1].echoes = true;
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 31 >> 3);
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cr_assert(channel_send(pair.sides[0].channel, bytes_of(content, sizes[i])));
        run_until(&pair, &pair.sides[0].messages, i + 1);
        cr_expect(bytes_equal(buffer_view(&pair.sides[0].last), bytes_of(content, sizes[i])));
    }
    const struct channel_traffic one = channel_traffic(pair.sides[0].channel);
    const struct channel_traffic other = channel_traffic(pair.sides[1].channel);
    cr_expect_eq(one.sent, other.received);
    cr_expect_eq(one.received, other.sent);
    tear_down(&pair);
}

Test(channel, keeps_the_order_of_many_messages)
{
    struct pair pair;
    set_up(&pair, NULL);
    open_both(&pair);
    for (uint32_t i = 0; i < 1000; i++)
        cr_assert(channel_send(pair.sides[0].channel, bytes_of(&i, sizeof i)));
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t got;
        run_until(&pair, &pair.sides[1].messages, i + 1);
        if (pair.sides[1].messages == i + 1) {
            memcpy(&got, pair.sides[1].last.data, sizeof got);
            cr_expect_eq(got, i);
        }
    }
    tear_down(&pair);
}

Test(channel, names_the_reason_to_both_when_networks_differ)
{
    const struct channels_config other = {.message_max = MESSAGE_MAX, .network = 8};
    struct pair pair;
    set_up(&pair, &other);
    dial(&pair, 2);
    take_in(&pair);
    run_until(&pair, &pair.sides[0].closed, 1);
    run_until(&pair, &pair.sides[1].closed, 1);
    expect_reason(&pair.sides[0], ERROR_DENIED, "for it this node is of another network");
    expect_reason(&pair.sides[1], ERROR_DENIED, "the other node is of another network");
    tear_down(&pair);
}

Test(channel, refuses_a_node_with_its_own_key)
{
    struct pair pair;
    const struct secret_key same = key_of(2);
    const struct channels_config twin = {
        .message_max = MESSAGE_MAX, .network = 7, .node_key = &same};
    set_up(&pair, &twin);
    dial(&pair, 2);
    take_in(&pair);
    run_until(&pair, &pair.sides[1].closed, 1);
    expect_reason(&pair.sides[1], ERROR_DENIED, "this node's own key");
    tear_down(&pair);
}

Test(channel, does_not_open_to_another_node_than_was_dialled)
{
    struct pair pair;
    set_up(&pair, NULL);
    dial(&pair, 3);
    take_in(&pair);
    run_until(&pair, &pair.sides[0].closed, 1);
    expect_reason(&pair.sides[0], ERROR_DENIED, "for it this node wants another node");
    cr_expect_eq(pair.sides[0].opened + pair.sides[1].opened, 0);
    tear_down(&pair);
}

Test(channel, closes_one_that_sends_more_than_was_agreed)
{
    const struct channels_config larger = {.message_max = 10 * MESSAGE_MAX, .network = 7};
    static uint8_t content[MESSAGE_MAX + 1];
    struct pair pair;
    set_up(&pair, &larger);
    open_both(&pair);
    cr_assert(channel_send(pair.sides[0].channel, bytes_of(content, sizeof content)));
    run_until(&pair, &pair.sides[1].closed, 1);
    expect_reason(&pair.sides[1], ERROR_INVALID, "a frame of 100001 bytes, expected 1 to 100000");
    run_until(&pair, &pair.sides[0].closed, 1);
    tear_down(&pair);
}

/* Who may send less goes on after what is too large, whatever part of that is there at once. */
Test(channel, passes_over_what_is_larger_than_its_limit)
{
    static uint8_t content[MESSAGE_MAX];
    struct pair pair;
    set_up(&pair, NULL);
    open_both(&pair);
    channel_limit(pair.sides[1].channel, 1000);
    for (size_t size = 1000; size <= MESSAGE_MAX; size *= 10) {
        channel_send(pair.sides[0].channel, bytes_of(content, size));
        channel_send(pair.sides[0].channel, bytes_of(content, size + 1 - size / MESSAGE_MAX));
    }
    channel_send(pair.sides[0].channel, bytes_of_text("a vote"));
    run_until(&pair, &pair.sides[1].messages, 2);
    cr_expect(bytes_equal(buffer_view(&pair.sides[1].last), bytes_of_text("a vote")));
    cr_expect_eq(channel_traffic(pair.sides[1].channel).received,
                 channel_traffic(pair.sides[0].channel).sent);
    channel_limit(pair.sides[1].channel, MESSAGE_MAX);
    channel_send(pair.sides[0].channel, bytes_of(content, MESSAGE_MAX));
    run_until(&pair, &pair.sides[1].messages, 3);
    cr_expect_eq(pair.sides[1].last.size, MESSAGE_MAX);
    cr_expect_eq(pair.sides[0].closed + pair.sides[1].closed, 0);
    tear_down(&pair);
}

Test(channel, closes_one_that_is_silent)
{
    struct pair pair;
    set_up(&pair, NULL);
    open_both(&pair);
    run_until(&pair, &pair.sides[0].closed, 1);
    expect_reason(&pair.sides[0], ERROR_IO, "silent");
    tear_down(&pair);
}

/* Nobody reads the other end: what waits stays bounded, and the sender is told. */
Test(channel, closes_one_that_does_not_read)
{
    static uint8_t content[MESSAGE_MAX];
    struct pair pair;
    set_up(&pair, NULL);
    open_both(&pair);
    unsigned sent = 0;
    while (channel_send(pair.sides[0].channel, bytes_of(content, sizeof content)))
        cr_assert_leq(++sent, 1 + CHANNEL_QUEUE_MAX / MESSAGE_MAX);
    run_until(&pair, &pair.sides[0].closed, 1);
    expect_reason(&pair.sides[0], ERROR_INVALID, "does not read");
    tear_down(&pair);
}

/* A message that is larger than all that may wait otherwise ends nothing, and others follow it. */
Test(channel, takes_messages_behind_the_largest_one)
{
    const uint32_t message_max = 3 * CHANNEL_QUEUE_MAX;
    const struct channels_config large = {.message_max = message_max, .network = 7};
    uint8_t *content = memory_new_zeroed(message_max, 1);
    struct pair pair;
    set_up_with(&pair, &large, message_max);
    open_both(&pair);
    cr_expect(channel_send(pair.sides[0].channel, bytes_of_text("a vote")));
    cr_expect(channel_send(pair.sides[0].channel, bytes_of(content, message_max)));
    for (unsigned i = 0; i < 1000; i++)
        cr_assert(channel_send(pair.sides[0].channel, bytes_of_text("another vote")));
    run_until(&pair, &pair.sides[1].messages, 1002);
    cr_expect_eq(pair.sides[0].closed + pair.sides[1].closed, 0);
    tear_down(&pair);
    free(content);
}

Test(channel, may_be_freed_in_any_of_its_callbacks)
{
    for (unsigned at = 0; at < 3; at++) {
        struct pair pair;
        set_up(&pair, NULL);
        pair.sides[1].frees_at_open = at == 0;
        pair.sides[1].frees_at_message = at == 1;
        dial(&pair, 2);
        take_in(&pair);
        if (at > 0) { /* else it may never hear that it was welcome */
            run_until(&pair, &pair.sides[0].opened, 1);
            channel_send(pair.sides[0].channel, bytes_of_text("one"));
            channel_send(pair.sides[0].channel, bytes_of_text("two"));
        }
        if (at == 2) {
            run_until(&pair, &pair.sides[1].messages, 2);
            let_go(&pair.sides[0]);
        }
        run_until(&pair, &pair.sides[at == 2 ? 1 : 0].closed, 1);
        cr_expect_eq(pair.sides[1].messages, at);
        tear_down(&pair);
    }
}

Test(channel, says_that_nobody_listens)
{
    struct pair pair;
    set_up(&pair, NULL);
    const int unused = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in free_port = {.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof free_port;
    cr_assert_eq(bind(unused, (struct sockaddr *)&free_port, size), 0);
    cr_assert_eq(getsockname(unused, (struct sockaddr *)&free_port, &size), 0);
    close(unused);
    pair.address = free_port;
    dial(&pair, 2);
    run_until(&pair, &pair.sides[0].closed, 1);
    expect_reason(&pair.sides[0], ERROR_IO, "refused");
    tear_down(&pair);
}

/* ---- Strangers ------------------------------------------------------------------------------- */

/* A client of its own on a thread: `act` may say what it likes after TLS. */
struct stranger {
    struct sockaddr_in address;
    int version;       /* of TLS */
    bool has_protocol; /* "org/1" */
    void (*act)(SSL *ssl, int fd);
    pthread_t thread;
};

static void *run_stranger(void *arg)
{
    const struct stranger *stranger = arg;
    struct error error;
    struct ssl_ctx_st *context = tls_context_new(&error);
    if (stranger->version != 0) {
        SSL_CTX_set_min_proto_version(context, stranger->version);
        SSL_CTX_set_max_proto_version(context, stranger->version);
    }
    if (!stranger->has_protocol)
        SSL_CTX_set_alpn_protos(context, NULL, 0);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)&stranger->address, sizeof stranger->address) == 0) {
        SSL *ssl = tls_connection_new(context);
        SSL_set_fd(ssl, fd);
        if (SSL_connect(ssl) == 1 && stranger->act != NULL)
            stranger->act(ssl, fd);
        SSL_free(ssl);
    }
    close(fd);
    tls_context_free(context);
    return NULL;
}

static void meet(struct pair *pair, struct stranger *stranger)
{
    set_up(pair, NULL);
    stranger->address = pair->address;
    cr_assert_eq(pthread_create(&stranger->thread, NULL, run_stranger, stranger), 0);
    take_in(pair);
    run_until(pair, &pair->sides[1].closed, 1);
    cr_expect_eq(pair->sides[1].opened, 0);
    cr_expect_eq(pair->sides[1].messages, 0);
    event_base_loop(pair->loop, EVLOOP_NONBLOCK); /* closes the socket */
    cr_assert_eq(pthread_join(stranger->thread, NULL), 0);
}

static void wait_for_its_end(SSL *ssl)
{
    char byte[256];
    while (SSL_read(ssl, byte, sizeof byte) > 0)
        ;
}

static void send_garbage(SSL *ssl, int fd)
{
    uint8_t frame[4 + HELLO_SIZE] = {[3] = HELLO_SIZE};
    (void)fd;
    SSL_write(ssl, frame, sizeof frame);
    wait_for_its_end(ssl);
}

static void claim_much(SSL *ssl, int fd)
{
    (void)fd;
    SSL_write(ssl, "\xff\xff\xff\xff", 4);
    wait_for_its_end(ssl);
}

static void say_nothing(SSL *ssl, int fd)
{
    (void)fd;
    wait_for_its_end(ssl);
}

static void break_tls(SSL *ssl, int fd)
{
    (void)ssl;
    cr_assert_eq(write(fd, "not a record at all", 19), 19);
    wait_for_its_end(ssl);
}

/* All that a node would say, in one breath: a message must not be read before the HELLO is. */
static void send_message_first(SSL *ssl, int fd)
{
    (void)fd;
    SSL_write(ssl, "\0\0\0\x05hello", 9);
    wait_for_its_end(ssl);
}

Test(channel, names_what_a_stranger_did_wrong)
{
    static const struct {
        struct stranger stranger;
        enum error_code code;
        const char *reason;
    } cases[] = {
        {{.has_protocol = true, .act = send_garbage}, ERROR_DENIED, "another version"},
        {{.has_protocol = true, .act = claim_much}, ERROR_INVALID, "a frame of 4294967295 bytes"},
        {{.has_protocol = true, .act = say_nothing}, ERROR_IO, "did not say in time"},
        {{.has_protocol = true, .act = break_tls}, ERROR_IO, "failed"},
        {{.has_protocol = true, .act = send_message_first}, ERROR_DENIED, "another version"},
        {{.has_protocol = true}, ERROR_IO, "before it said who it is"},
        {{.has_protocol = false, .act = say_nothing}, ERROR_INVALID, "does not speak"},
        {{.has_protocol = true, .version = TLS1_2_VERSION}, ERROR_IO, "failed"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair pair;
        struct stranger stranger = cases[i].stranger;
        meet(&pair, &stranger);
        expect_reason(&pair.sides[1], cases[i].code, cases[i].reason);
        tear_down(&pair);
    }
}
