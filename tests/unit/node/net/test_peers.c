/* Nodes on loopback that find, lose and turn away each other. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "node/clock.h"
#include "node/log.h"
#include "node/loop.h"
#include "node/net/peers.h"
#include "node/workers.h"

#define NODES_MAX   3
#define WAIT_MS     20000
#define MESSAGE_MAX 65536

struct node {
    struct peers *peers;
    struct secret_key key;
    struct node_id id;
    unsigned ups, downs, messages, asked;
    struct buffer last;
    struct node_id who; /* of the last event */
    bool takes_strangers, hears_little;
};

struct town {
    struct loop *loop;
    struct workers *workers;
    struct loop_watch *watch;
    struct node nodes[NODES_MAX];
};

static bool may_come(void *arg, const struct node_id *who)
{
    struct node *node = arg;
    (void)who;
    node->asked++;
    return node->takes_strangers;
}

static uint32_t size_max(void *arg, const struct node_id *who)
{
    const struct node *node = arg;
    (void)who;
    return node->hears_little ? 2 : MESSAGE_MAX;
}

static void on_up(void *arg, const struct node_id *who)
{
    struct node *node = arg;
    node->ups++;
    node->who = *who;
}

static void on_down(void *arg, const struct node_id *who)
{
    struct node *node = arg;
    node->downs++;
    node->who = *who;
}

static void on_message(void *arg, const struct node_id *who, struct bytes message)
{
    struct node *node = arg;
    node->messages++;
    node->who = *who;
    buffer_clear(&node->last);
    buffer_append_bytes(&node->last, message);
}

static const struct peers_events events = {may_come, size_max, on_up, on_down, on_message};

static void on_results(void *arg)
{
    workers_collect(arg, 64);
}

static void open_node(struct town *town, unsigned number, const char *bind, uint16_t port)
{
    struct node *node = &town->nodes[number];
    struct error error;
    node->key.bytes[31] = (uint8_t)(number + 1);
    node->id = node_id_of(&node->key);
    const struct peers_config config = {.loop = loop_base(town->loop),
                                        .workers = town->workers,
                                        .node_key = &node->key,
                                        .network = 7,
                                        .message_max = MESSAGE_MAX,
                                        .bind = bind,
                                        .port = port,
                                        .seed = number + 1,
                                        .events = &events,
                                        .arg = node};
    node->peers = peers_open(&config, &error);
    cr_assert_not_null(node->peers, "%s", error.text);
}

static void set_up(struct town *town)
{
    struct error error;
    *town = (struct town){0};
    log_setup(LOG_ERROR, false);
    town->loop = loop_new(&error);
    town->workers = workers_start(1, 64, &error);
    cr_assert_not_null(town->workers, "%s", error.text);
    town->watch = loop_watch_new(town->loop, workers_fd(town->workers), on_results, town->workers);
    for (unsigned i = 0; i < NODES_MAX; i++)
        open_node(town, i, "127.0.0.1", 0);
}

static void tear_down(struct town *town)
{
    for (unsigned i = 0; i < NODES_MAX; i++) {
        peers_close(town->nodes[i].peers);
        buffer_cleanup(&town->nodes[i].last);
    }
    event_base_loop(loop_base(town->loop), EVLOOP_NONBLOCK); /* what libevent put off */
    loop_watch_free(town->watch);
    workers_stop(town->workers);
    loop_free(town->loop);
}

static void run_until(struct town *town, const unsigned *count, unsigned value)
{
    const uint64_t end = clock_boot_ms() + WAIT_MS;
    while (*count < value && clock_boot_ms() < end)
        event_base_loop(loop_base(town->loop), EVLOOP_ONCE);
    cr_assert_geq(*count, value);
}

static void run_for(struct town *town, unsigned ms)
{
    const struct timeval time = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};
    event_base_loopexit(loop_base(town->loop), &time);
    event_base_dispatch(loop_base(town->loop));
}

static void want(struct town *town, unsigned who, unsigned whom)
{
    struct endpoint there = {.port = peers_port(town->nodes[whom].peers)};
    snprintf(there.host, sizeof there.host, "localhost");
    peers_want(town->nodes[who].peers, &town->nodes[whom].id, &there, 1);
}

Test(peers, connects_with_who_is_wanted_and_carries_messages)
{
    struct town town;
    set_up(&town);
    struct node *one = &town.nodes[0], *other = &town.nodes[1];
    other->takes_strangers = true;
    want(&town, 0, 1);
    run_until(&town, &one->ups, 1);
    run_until(&town, &other->ups, 1);
    cr_expect(node_id_equal(&other->who, &one->id));
    cr_expect(peers_is_up(one->peers, &other->id));
    cr_expect(peers_send(one->peers, &other->id, bytes_of_text("hello")));
    run_until(&town, &other->messages, 1);
    cr_expect(bytes_equal(buffer_view(&other->last), bytes_of_text("hello")));
    cr_expect(peers_send(other->peers, &one->id, bytes_of_text("and to you")));
    run_until(&town, &one->messages, 1);
    cr_expect_not(peers_send(one->peers, &town.nodes[2].id, bytes_of_text("nobody")));
    tear_down(&town);
}

/* How much it may send is asked when it comes, and whenever that may have changed. */
Test(peers, passes_over_what_is_too_large)
{
    struct town town;
    set_up(&town);
    struct node *one = &town.nodes[0], *other = &town.nodes[1];
    other->takes_strangers = other->hears_little = true;
    want(&town, 0, 1);
    run_until(&town, &one->ups, 1);
    run_until(&town, &other->ups, 1);
    peers_send(one->peers, &other->id, bytes_of_text("too much"));
    peers_send(one->peers, &other->id, bytes_of_text("ok"));
    run_until(&town, &other->messages, 1);
    cr_expect(bytes_equal(buffer_view(&other->last), bytes_of_text("ok")));
    other->hears_little = false;
    peers_limit(other->peers);
    peers_send(one->peers, &other->id, bytes_of_text("much"));
    run_until(&town, &other->messages, 2);
    cr_expect(bytes_equal(buffer_view(&other->last), bytes_of_text("much")));
    tear_down(&town);
}

Test(peers, turns_strangers_away)
{
    struct town town;
    set_up(&town);
    want(&town, 0, 1);
    run_until(&town, &town.nodes[1].asked, 1);
    run_for(&town, 200);
    cr_expect_eq(town.nodes[1].ups, 0);
    cr_expect_not(peers_is_up(town.nodes[1].peers, &town.nodes[0].id));
    tear_down(&town);
}

/* Both dial: one connection stays, and nobody outside sees the other one go. */
Test(peers, keeps_one_connection_where_both_dial)
{
    for (unsigned i = 0; i < 10; i++) {
        struct town town;
        set_up(&town);
        want(&town, 0, 1);
        want(&town, 1, 0);
        run_until(&town, &town.nodes[0].ups, 1);
        run_until(&town, &town.nodes[1].ups, 1);
        run_for(&town, 100);
        for (unsigned side = 0; side < 2; side++) {
            cr_expect_eq(town.nodes[side].ups, 1);
            cr_expect_eq(town.nodes[side].downs, 0);
            cr_expect(peers_send(town.nodes[side].peers, &town.nodes[1 - side].id,
                                 bytes_of_text("still here")));
        }
        run_until(&town, &town.nodes[0].messages, 1);
        run_until(&town, &town.nodes[1].messages, 1);
        tear_down(&town);
    }
}

Test(peers, finds_again_who_was_lost)
{
    struct town town;
    set_up(&town);
    town.nodes[1].takes_strangers = true;
    const uint16_t port = peers_port(town.nodes[1].peers);
    want(&town, 0, 1);
    run_until(&town, &town.nodes[0].ups, 1);
    run_until(&town, &town.nodes[1].ups, 1);
    peers_close(town.nodes[1].peers);
    town.nodes[1].peers = NULL;
    run_until(&town, &town.nodes[0].downs, 1);
    open_node(&town, 1, "127.0.0.1", port);
    run_until(&town, &town.nodes[0].ups, 2);
    tear_down(&town);
}

Test(peers, ends_a_connection_on_demand)
{
    struct town town;
    set_up(&town);
    town.nodes[1].takes_strangers = true;
    want(&town, 0, 1);
    run_until(&town, &town.nodes[0].ups, 1);
    run_until(&town, &town.nodes[1].ups, 1);
    peers_forget(town.nodes[0].peers, &town.nodes[1].id);
    cr_expect(peers_is_up(town.nodes[0].peers, &town.nodes[1].id), "forgotten is not dropped");
    peers_drop(town.nodes[1].peers, &town.nodes[0].id, "a test");
    run_until(&town, &town.nodes[1].downs, 1);
    run_until(&town, &town.nodes[0].downs, 1);
    run_for(&town, 1500);
    cr_expect_eq(town.nodes[0].ups, 1, "nor is it dialled any more");
    tear_down(&town);
}

Test(peers, keeps_trying_who_is_away_and_tells_nobody)
{
    struct town town;
    const struct node_id away = {{2, 9}};
    const struct endpoint nowhere = {"127.0.0.1", 1};
    set_up(&town);
    peers_want(town.nodes[0].peers, &away, &nowhere, 1);
    want(&town, 0, 1);
    town.nodes[1].takes_strangers = true;
    run_until(&town, &town.nodes[0].ups, 1);
    run_for(&town, 1500);
    cr_expect_eq(town.nodes[0].ups, 1);
    cr_expect_eq(town.nodes[0].downs, 0);
    tear_down(&town);
}

/* A process without a free descriptor cannot take anybody in; it must when one is free again. */
Test(peers, takes_in_again_after_descriptors_ran_out)
{
    struct town town;
    struct rlimit before, none;
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    set_up(&town);
    there.sin_port = htons(peers_port(town.nodes[1].peers));
    town.nodes[1].takes_strangers = true;
    const int caller = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)caller + 1; /* all below are taken */
    cr_assert_eq(connect(caller, (const struct sockaddr *)&there, sizeof there), 0);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    run_for(&town, 100);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    want(&town, 0, 1);
    run_until(&town, &town.nodes[1].ups, 1);
    close(caller);
    tear_down(&town);
}

Test(peers, says_where_it_cannot_listen)
{
    struct town town;
    struct error error;
    set_up(&town);
    const struct peers_config config = {.loop = loop_base(town.loop),
                                        .workers = town.workers,
                                        .node_key = &town.nodes[0].key,
                                        .bind = "127.0.0.1",
                                        .port = peers_port(town.nodes[0].peers),
                                        .events = &events};
    struct peers_config bad = config;
    cr_expect_null(peers_open(&config, &error));
    cr_expect(strstr(error.text, "127.0.0.1 port") != NULL, "%s", error.text);
    bad.bind = "box.example";
    cr_expect_null(peers_open(&bad, &error));
    cr_expect(strstr(error.text, "no numeric address") != NULL, "%s", error.text);
    tear_down(&town);
}
