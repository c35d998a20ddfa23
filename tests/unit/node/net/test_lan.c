#include "node/net/lan.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two nodes on the loopback interface, which is a local network too. */
struct box {
    struct secret_key key;
    struct node_id us, wanted;
    struct lan *lan;
    unsigned found;
    struct node_record last;
    struct loop *loop;
};

static bool is_wanted(void *arg, const struct node_id *who)
{
    const struct box *box = arg;
    return node_id_equal(who, &box->wanted);
}

static void on_found(void *arg, const struct node_record *record)
{
    struct box *box = arg;
    box->last = *record;
    box->found++;
    loop_stop(box->loop);
}

static void give_up(void *arg)
{
    loop_stop(arg);
}

/* A port that nobody has: tests run beside each other. */
static uint16_t free_port(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    cr_assert(bind(fd, (struct sockaddr *)&place, size) == 0
              && getsockname(fd, (struct sockaddr *)&place, &size) == 0);
    close(fd);
    return ntohs(place.sin_port);
}

static void open_box(struct box *box, struct loop *loop, uint8_t key, uint8_t wanted, uint16_t port)
{
    const struct secret_key other = {{[31] = wanted}};
    struct error error;
    *box = (struct box){.key = {{[31] = key}}, .wanted = node_id_of(&other), .loop = loop};
    box->us = node_id_of(&box->key);
    const struct lan_config config = {.loop = loop,
                                      .interface = "127.0.0.1",
                                      .port = port,
                                      .network = 7,
                                      .us = box->us,
                                      .is_wanted = is_wanted,
                                      .on_found = on_found,
                                      .arg = box};
    box->lan = lan_open(&config, &error);
    cr_assert_not_null(box->lan, "%s", error.text);
}

static void tell(struct box *box, const char *endpoint)
{
    struct node_record record = {.sequence = 1, .endpoints_count = 1};
    struct buffer encoded = {0};
    strcpy(record.endpoints[0], endpoint);
    cr_assert(record_sign(&record, &box->key, &encoded));
    lan_set_record(box->lan, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

Test(lan, lets_nodes_find_each_other, .timeout = 60)
{
    struct error error;
    struct loop *loop = loop_new(&error);
    struct loop_timer *patience = loop_timer_new(loop, give_up, loop);
    const uint16_t port = free_port();
    struct box alice, bob;

    loop_timer_set(patience, 30000);
    open_box(&alice, loop, 1, 2, port);
    tell(&alice, "127.0.0.1:1001"); /* nobody hears it */
    open_box(&bob, loop, 2, 1, port);
    tell(&bob, "127.0.0.1:1002");
    lan_look(bob.lan);
    while (alice.found == 0 || bob.found == 0) {
        const unsigned before = alice.found + bob.found;
        loop_run(loop);
        cr_assert(alice.found + bob.found > before, "alice found %u, bob %u", alice.found,
                  bob.found);
    }
    cr_expect(node_id_equal(&alice.last.who, &bob.us) && node_id_equal(&bob.last.who, &alice.us));
    cr_expect_str_eq(alice.last.endpoints[0], "127.0.0.1:1002");
    cr_expect_str_eq(bob.last.endpoints[0], "127.0.0.1:1001");
    lan_close(alice.lan);
    lan_close(bob.lan);
    loop_timer_free(patience);
    loop_free(loop);
}

Test(lan, says_what_is_no_interface)
{
    struct error error;
    struct loop *loop = loop_new(&error);
    struct lan_config config = {.loop = loop, .interface = "box.lan", .port = 1};
    cr_expect_null(lan_open(&config, &error));
    cr_expect(strstr(error.text, "box.lan") != NULL, "%s", error.text);
    config.interface = "192.0.2.77";
    cr_expect_null(lan_open(&config, &error));
    cr_expect(strstr(error.text, "could not join") != NULL, "%s", error.text);
    loop_free(loop);
}
