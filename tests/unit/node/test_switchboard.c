/* Nodes on loopback with several ledgers between them. */
#include "node/switchboard.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "node/clock.h"
#include "node/consensus/message.h"
#include "node/log.h"
#include "node/net/allowance.h"
#include "node/net/hello.h"
#include "node/pool_message.h"
#include "node/sync/message.h"

#define NODES   3
#define LEDGERS 2
#define WAIT_MS 20000

struct node;

/* One ledger of one node. */
struct end {
    struct node *node;
    struct line *line;
    unsigned ups, downs, messages, refused;
    unsigned from;
    struct buffer last;
    bool says_later;
    struct line_check checks[16]; /* begun and not ended */
    unsigned checks_count;
    bool begins_checks;
    struct line_answer answer;
    bool begins_answers;
    bool closes_at_up;
};

struct node {
    struct secret_key key;
    struct switchboard *board;
    struct end ends[LEDGERS];
};

static struct town {
    struct loop *loop;
    struct workers *workers;
    struct loop_watch *watch;
    struct node nodes[NODES];
    struct committee_entry members[NODES];
} town;

static const hash256 ledgers[LEDGERS] = {{{0xa1}}, {{0xb2}}};

static void on_up(void *arg, unsigned member)
{
    struct end *end = arg;
    end->ups++;
    end->from = member;
    if (end->closes_at_up) {
        line_close(end->line);
        end->line = NULL;
    }
}

static void on_down(void *arg, unsigned member)
{
    struct end *end = arg;
    end->downs++;
    end->from = member;
}

static enum heard on_message(void *arg, unsigned member, struct bytes message)
{
    struct end *end = arg;
    if (end->says_later) {
        end->refused++;
        return HEARD_LATER;
    }
    if (end->begins_checks) {
        if (!line_begin_check(end->line, member, 1, false, &end->checks[end->checks_count])) {
            end->refused++;
            return HEARD_LATER;
        }
        end->checks_count++;
    }
    if (end->begins_answers && message.data[0] == SYNC_GET_RANGE)
        line_begin_answer(end->line, member, &end->answer);
    end->messages++;
    end->from = member;
    buffer_clear(&end->last);
    buffer_append_bytes(&end->last, message);
    return HEARD;
}

static const struct line_events events = {on_up, on_down, on_message};

static void on_results(void *arg)
{
    workers_collect(arg, 64);
}

static void open_node(unsigned number)
{
    struct node *node = &town.nodes[number];
    struct error error;
    node->key.bytes[31] = (uint8_t)(number + 1);
    const struct switchboard_config config = {.loop = town.loop,
                                              .workers = town.workers,
                                              .node_key = &node->key,
                                              .network = 1,
                                              .bind = "127.0.0.1"};
    node->board = switchboard_open(&config, &error);
    cr_assert_not_null(node->board, "%s", error.text);
    const struct node_id id = node_id_of(&node->key);
    struct committee_entry *entry = &town.members[number];
    memcpy(entry->node_key, id.key, sizeof id.key);
    snprintf(entry->endpoint, sizeof entry->endpoint, "127.0.0.1:%u",
             switchboard_port(node->board));
}

static void open_line(unsigned node, unsigned ledger, unsigned members)
{
    struct end *end = &town.nodes[node].ends[ledger];
    end->node = &town.nodes[node];
    end->line = line_open(town.nodes[node].board, &ledgers[ledger], &events, end);
    line_set_committee(end->line, town.members, members);
}

static void start(void)
{
    struct error error;
    log_setup(LOG_ERROR, false);
    town.loop = loop_new(&error);
    town.workers = workers_start(1, 64, &error);
    cr_assert_not_null(town.workers, "%s", error.text);
    town.watch = loop_watch_new(town.loop, workers_fd(town.workers), on_results, town.workers);
    for (unsigned i = 0; i < NODES; i++)
        open_node(i);
}

static void close_end(struct end *end)
{
    line_close(end->line);
    end->line = NULL;
}

static void stop(void)
{
    workers_stop(town.workers);
    for (unsigned i = 0; i < NODES; i++) {
        for (unsigned j = 0; j < LEDGERS; j++) {
            close_end(&town.nodes[i].ends[j]);
            buffer_cleanup(&town.nodes[i].ends[j].last);
        }
        switchboard_close(town.nodes[i].board);
    }
    event_base_loop(loop_base(town.loop), EVLOOP_NONBLOCK); /* what libevent put off */
    loop_watch_free(town.watch);
    loop_free(town.loop);
}

TestSuite(switchboard, .init = start, .fini = stop, .timeout = 120);

static void run_until(const unsigned *count, unsigned value)
{
    const uint64_t end = clock_boot_ms() + WAIT_MS;
    while (*count < value && clock_boot_ms() < end)
        event_base_loop(loop_base(town.loop), EVLOOP_ONCE);
    cr_assert_geq(*count, value);
}

static void run_for(unsigned ms)
{
    const struct timeval time = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};
    event_base_loopexit(loop_base(town.loop), &time);
    event_base_dispatch(loop_base(town.loop));
}

static struct end *at(unsigned node, unsigned ledger)
{
    return &town.nodes[node].ends[ledger];
}

/* Until each node has so many others, and one connection with each: both sides dial. */
static void meet(unsigned nodes, unsigned ledger, unsigned others)
{
    for (unsigned i = 0; i < nodes; i++)
        run_until(&at(i, ledger)->ups, others);
    run_for(100);
}

/* A committee of two on ledger 0, connected. */
static void connect_two(void)
{
    open_line(0, 0, 2);
    open_line(1, 0, 2);
    meet(2, 0, 1);
}

static void say(unsigned node, unsigned ledger, uint8_t kind, const char *text)
{
    struct buffer message = {0};
    buffer_append_u8(&message, kind);
    buffer_append_text(&message, text);
    line_send(at(node, ledger)->line, LINE_ALL, buffer_view(&message));
    buffer_cleanup(&message);
}

Test(switchboard, brings_each_message_to_its_ledger)
{
    for (unsigned i = 0; i < NODES; i++)
        for (unsigned j = 0; j < LEDGERS; j++)
            open_line(i, j, NODES);
    meet(NODES, 1, NODES - 1);
    say(2, 1, PEER_VOTE, "yes");
    run_until(&at(0, 1)->messages, 1);
    run_until(&at(1, 1)->messages, 1);
    cr_expect_eq(at(0, 1)->from, 2);
    cr_expect(bytes_equal(buffer_view(&at(0, 1)->last), bytes_of_text("\2yes")));
    const uint8_t one[] = {PEER_VOTE};
    line_send(at(0, 0)->line, 1, bytes_of(one, 1));
    run_until(&at(1, 0)->messages, 1);
    run_for(50);
    cr_expect_eq(at(2, 0)->messages, 0);
    cr_expect_eq(at(0, 0)->messages, 0);
    cr_expect_eq(line_up_count(at(0, 0)->line), NODES - 1);
    cr_expect_not(line_is_up(at(0, 0)->line, 0));
}

/* A ledger that is not here, and one whose committee the sender is not in. */
Test(switchboard, passes_over_what_is_not_for_it)
{
    for (unsigned i = 0; i < NODES; i++)
        open_line(i, 0, NODES);
    open_line(1, 1, 2);
    open_line(2, 1, 3);
    meet(NODES, 0, NODES - 1);
    say(2, 1, PEER_VOTE, "to whom?");
    say(2, 0, PEER_VOTE, "to all");
    run_until(&at(0, 0)->messages, 1);
    run_until(&at(1, 0)->messages, 1);
    cr_expect_eq(at(1, 1)->messages, 0);
}

/* Who shares no ledger with us does not come in; who shares none any more has to go. */
Test(switchboard, knows_only_members)
{
    connect_two();
    open_line(2, 0, NODES); /* it thinks that it belongs to us */
    run_for(300);
    cr_expect_eq(at(2, 0)->ups, 0);
    line_set_committee(at(0, 0)->line, town.members, NODES);
    run_until(&at(2, 0)->ups, 1);
    line_set_committee(at(0, 0)->line, &town.members[0], 1);
    close_end(at(1, 0));
    run_until(&at(2, 0)->downs, 1);
}

static void open_to_guests(unsigned node, unsigned ledger, unsigned members)
{
    open_line(node, ledger, members);
    line_take_guests(at(node, ledger)->line, true);
}

/* Whoever names a ledger that takes guests is one, until it goes or is a member; what is for members
 * it does not get. */
Test(switchboard, hears_guests)
{
    open_to_guests(0, 0, 1);
    open_line(1, 0, 1); /* it follows: its committee is node 0 */
    run_until(&at(1, 0)->ups, 1);
    run_for(50);
    cr_expect_eq(at(0, 0)->ups, 0);
    cr_expect_not(line_has_guests(at(0, 0)->line));
    say(1, 0, PEER_GET_CERTIFICATE, "hello");
    run_until(&at(0, 0)->messages, 1);
    cr_expect_eq(at(0, 0)->from, LINE_GUESTS);
    cr_expect_eq(line_up_count(at(0, 0)->line), 0);
    cr_expect(line_is_up(at(0, 0)->line, LINE_GUESTS));
    say(0, 0, PEER_VOTE, "to members");
    const uint8_t news[] = {PEER_CERTIFICATE}, answer[] = {PEER_BLOCK};
    line_send(at(0, 0)->line, LINE_ALL_GUESTS, bytes_of(news, 1));
    line_send(at(0, 0)->line, LINE_GUESTS, bytes_of(answer, 1));
    line_send(at(0, 0)->line, LINE_GUESTS + 1, bytes_of(answer, 1));
    run_until(&at(1, 0)->messages, 2);
    run_for(50);
    cr_expect_eq(at(1, 0)->messages, 2);
    cr_expect(bytes_equal(buffer_view(&at(1, 0)->last), bytes_of(answer, 1)));

    line_set_committee(at(0, 0)->line, town.members, 2); /* it is a member now */
    cr_expect_not(line_has_guests(at(0, 0)->line));
    cr_expect(line_is_up(at(0, 0)->line, 1));
    line_set_committee(at(0, 0)->line, town.members, 1); /* and has to come anew */
    run_until(&at(1, 0)->downs, 1);
    run_until(&at(1, 0)->ups, 2);
    say(1, 0, PEER_GET_CERTIFICATE, "again");
    run_until(&at(0, 0)->messages, 2);
    cr_expect(line_has_guests(at(0, 0)->line));
    const unsigned downs = at(0, 0)->downs;
    close_end(at(1, 0));
    run_until(&at(0, 0)->downs, downs + 1);
    cr_expect_not(line_has_guests(at(0, 0)->line));
}

/* Whoever names no ledger that has a place for it goes soon. */
Test(switchboard, keeps_no_strangers)
{
    open_to_guests(0, 0, 1);
    open_line(1, 1, 1); /* of another ledger */
    run_until(&at(1, 1)->ups, 1);
    say(1, 1, PEER_GET_CERTIFICATE, "hello");
    run_until(&at(1, 1)->downs, 1);
    cr_expect_eq(at(0, 0)->ups, 0);
    cr_expect_eq(at(0, 0)->messages, 0);
}

/* What is handed on goes to two, each time to others. */
Test(switchboard, hands_on_in_turn)
{
    for (unsigned i = 0; i < NODES; i++)
        open_line(i, 0, NODES);
    meet(NODES, 0, NODES - 1);
    const uint8_t message[] = {POOL_TRANSACTIONS};
    for (unsigned i = 0; i < 4; i++)
        line_hand_on(at(0, 0)->line, bytes_of(message, 1));
    run_until(&at(1, 0)->messages, 4); /* there are no more than two others */
    run_until(&at(2, 0)->messages, 4);
}

/* Another committee: its members have other places, and who is there already is told of. */
Test(switchboard, numbers_members_by_the_committee_in_force)
{
    const struct committee_entry other[] = {town.members[1], town.members[0]};
    connect_two();
    cr_expect_eq(at(0, 0)->from, 1);
    line_set_committee(at(0, 0)->line, other, 2);
    cr_expect_eq(at(0, 0)->ups, 2);
    cr_expect_eq(at(0, 0)->from, 0);
    say(1, 0, PEER_VOTE, "yes");
    run_until(&at(0, 0)->messages, 1);
    cr_expect_eq(at(0, 0)->from, 0);
    cr_expect_eq(at(0, 0)->downs, 0);
}

/* Its owner may be done with it by what the first of them brings. */
Test(switchboard, may_be_told_of_a_member_by_which_the_line_ends)
{
    for (unsigned i = 0; i < NODES; i++)
        open_line(i, 0, NODES);
    meet(NODES, 0, NODES - 1);
    at(0, 0)->closes_at_up = true;
    line_set_committee(at(0, 0)->line, town.members, NODES);
    cr_expect_eq(at(0, 0)->ups, NODES, "one more than before");
    cr_expect_null(at(0, 0)->line);
    run_until(&at(1, 0)->downs, 1); /* the others hear of it */
}

/* A few checks at once: the fifth message waits for the first check, and order is kept. */
Test(switchboard, checks_a_few_messages_at_once)
{
    connect_two();
    struct end *end = at(1, 0);
    end->begins_checks = true;
    for (unsigned i = 0; i < ALLOWANCE_CHECKS_MAX + 2; i++) {
        const char text[] = {(char)('a' + i), '\0'};
        say(0, 0, PEER_VOTE, text);
    }
    run_until(&end->refused, 1);
    run_for(30);
    cr_expect_eq(end->messages, ALLOWANCE_CHECKS_MAX);
    line_end_check(end->node->board, &end->checks[0], NULL);
    cr_expect_eq(end->messages, ALLOWANCE_CHECKS_MAX + 1);
    cr_expect(bytes_equal(buffer_view(&end->last), bytes_of_text("\2e")));
    for (unsigned i = 1; i < end->checks_count; i++)
        line_end_check(end->node->board, &end->checks[i], NULL);
    cr_expect_eq(end->messages, ALLOWANCE_CHECKS_MAX + 2);
}

/* Requests for much wait in a queue of their own, and hold up nothing else. */
Test(switchboard, lets_votes_pass_requests_that_wait)
{
    connect_two();
    struct end *end = at(1, 0);
    end->says_later = true;
    say(0, 0, SYNC_GET_RANGE, "many");
    run_until(&end->refused, 1);
    end->says_later = false;
    say(0, 0, PEER_VOTE, "yes");
    run_until(&end->messages, 2); /* the request is looked at again, too */
}

/* A block that takes long to send is asked for again and again. */
Test(switchboard, answers_the_same_request_once)
{
    connect_two();
    struct end *end = at(1, 0);
    end->says_later = true;
    for (unsigned i = 0; i < 10; i++)
        say(0, 0, PEER_GET_BLOCK, i == 4 ? "another block" : "a block");
    say(0, 0, PEER_VOTE, "yes");
    run_until(&end->refused, 2);
    end->says_later = false;
    run_until(&end->messages, 3);
    run_for(50);
    cr_expect_eq(end->messages, 3);
}

static void say_much(unsigned node, unsigned ledger, uint8_t kind, size_t size)
{
    uint8_t *content = memory_new_zeroed(size, 1);
    content[0] = kind;
    line_send(at(node, ledger)->line, LINE_ALL, bytes_of(content, size));
    free(content);
}

/* Whoever asks for much gets it piece by piece: the next request is heard when the answer to the one
 * before it was made, and most of it was read. */
Test(switchboard, makes_one_answer_at_a_time)
{
    connect_two();
    struct end *end = at(1, 0);
    end->begins_answers = true;
    for (unsigned i = 0; i < 4; i++) {
        const char text[] = {(char)('a' + i), '\0'};
        say(0, 0, SYNC_GET_RANGE, text);
    }
    say(0, 0, PEER_VOTE, "yes");
    run_until(&end->messages, 2);
    run_for(50);
    cr_expect_eq(end->messages, 2);
    for (unsigned i = 0; i < 4; i++) {
        say_much(1, 0, SYNC_RANGE, 2000000);
        line_end_answer(end->node->board, &end->answer);
        cr_expect_eq(end->messages, 2 + i);
        run_until(&at(0, 0)->messages, i + 1);
        if (i < 3)
            run_until(&end->messages, 3 + i);
    }
    cr_expect_eq(end->downs + at(0, 0)->downs, 0);
}

/* What can be done without is left out where much waits already; a vote never is. */
Test(switchboard, offers_only_where_little_waits)
{
    static uint8_t content[200000] = {POOL_HAVE};
    const struct bytes much = bytes_of(content, sizeof content), little = bytes_of(content, 1000);
    connect_two();
    struct line *line = at(0, 0)->line;
    cr_expect(line_has_room(line, 1, SYNC_MESSAGE_SIZE_MAX));
    line_offer(line, LINE_ALL, much);
    line_offer(line, 1, much);
    cr_expect_not(line_has_room(line, 1, 1));
    for (unsigned i = 0; i < 20; i++)
        line_offer(line, LINE_ALL, little);
    say(0, 0, PEER_VOTE, "yes");
    run_until(&at(1, 0)->messages, 3);
    cr_expect(bytes_equal(buffer_view(&at(1, 0)->last), bytes_of_text("\2yes")));
    line_offer(line, LINE_ALL, little);
    run_until(&at(1, 0)->messages, 4);
}

/* An answer that is being made has its place: besides it only what is small is offered. */
Test(switchboard, keeps_room_for_an_answer)
{
    connect_two();
    struct end *end = at(1, 0);
    end->begins_answers = true;
    say(0, 0, SYNC_GET_RANGE, "many");
    run_until(&end->messages, 1);
    cr_expect(line_has_room(end->line, 0, 1000));
    cr_expect_not(line_has_room(end->line, 0, 1000000));
    line_end_answer(end->node->board, &end->answer);
    cr_expect(line_has_room(end->line, 0, 1000000));
    cr_expect_not(line_has_room(end->line, 1, 1)); /* itself */
}

/* What is provably wrong ends the connection, and the node is not let in again soon. */
Test(switchboard, turns_away_who_lies)
{
    connect_two();
    struct end *end = at(1, 0);
    end->begins_checks = true;
    say(0, 0, PEER_VOTE, "signed by nobody");
    run_until(&end->messages, 1);
    line_end_check(end->node->board, &end->checks[0], "a vote that nobody signed");
    run_until(&end->downs, 1);
    run_until(&at(0, 0)->downs, 1);
    run_for(1500);
    cr_expect_eq(end->ups, 1);
    cr_expect_eq(at(0, 0)->ups, 1);
}

/* A flood is bounded: what does not fit is dropped, and the connection goes on. */
Test(switchboard, drops_what_does_not_fit_into_a_queue)
{
    connect_two();
    struct end *end = at(1, 0);
    end->says_later = true;
    for (unsigned i = 0; i < 2000; i++)
        say(0, 0, PEER_VOTE, "again and again");
    run_until(&end->refused, 1);
    run_for(100);
    end->says_later = false;
    say(0, 0, PEER_VOTE, "last");
    run_for(200);
    cr_expect(end->messages > 0);
    cr_expect(end->messages < 2000);
    cr_expect_eq(end->downs, 0);
}

/* A guest says nothing larger than transactions, and less of it waits; a member may say more. */
Test(switchboard, keeps_little_of_guests)
{
    open_to_guests(0, 0, 1);
    open_line(1, 0, 1);
    run_until(&at(1, 0)->ups, 1);
    struct end *end = at(0, 0);
    say_much(1, 0, POOL_TRANSACTIONS, POOL_MESSAGE_SIZE_MAX + 1);
    say_much(1, 0, POOL_TRANSACTIONS, POOL_MESSAGE_SIZE_MAX);
    run_until(&end->messages, 1);
    cr_expect_eq(end->last.size, POOL_MESSAGE_SIZE_MAX);
    end->says_later = true;
    for (unsigned i = 0; i < 4; i++)
        say_much(1, 0, POOL_TRANSACTIONS, 400000);
    run_until(&end->refused, 1);
    run_for(200);
    end->says_later = false;
    run_for(200);
    cr_expect_eq(end->messages, 3, "two of them waited");

    line_set_committee(end->line, town.members, 2); /* it is a member now */
    say_much(1, 0, SYNC_RANGE, SYNC_MESSAGE_SIZE_MAX);
    run_until(&end->messages, 4);
    cr_expect_eq(end->last.size, SYNC_MESSAGE_SIZE_MAX);
    cr_expect_eq(at(1, 0)->downs, 0);
}
