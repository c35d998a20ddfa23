#include "node/net/nearby.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

static const struct secret_key our_key = {{[31] = 1}}, their_key = {{[31] = 2}},
                               strange_key = {{[31] = 3}};

/* One node, virtual time, and the node that it wants. */
struct bench {
    struct nearby nearby;
    struct node_id wanted;
    uint64_t now_ms;
};

static bool is_wanted(void *arg, const struct node_id *who)
{
    const struct bench *bench = arg;
    return node_id_equal(who, &bench->wanted);
}

static struct bench *bench_new(void)
{
    struct bench *bench = memory_new_zeroed(1, sizeof *bench);
    bench->now_ms = 1000;
    bench->wanted = node_id_of(&their_key);
    const struct nearby_config config = {.network = 7,
                                         .us = node_id_of(&our_key),
                                         .asker = {1, 2, 3, 4, 5, 6, 7, 8},
                                         .is_wanted = is_wanted,
                                         .arg = bench};
    nearby_init(&bench->nearby, &config, bench->now_ms);
    return bench;
}

static void make_record(const struct secret_key *key, struct buffer *out)
{
    struct node_record record = {.sequence = 9, .endpoints_count = 1};
    strcpy(record.endpoints[0], "192.168.1.10:30800");
    cr_assert(record_sign(&record, key, out));
}

/* What `key`'s node says of itself. */
static struct buffer tell_of(const struct secret_key *key)
{
    static const uint8_t head[] = {1, 1, 0, 0, 0, 7};
    struct buffer datagram = {0};
    buffer_append(&datagram, head, sizeof head);
    make_record(key, &datagram);
    return datagram;
}

static bool hear(struct bench *bench, struct bytes datagram, struct node_record *found)
{
    return nearby_on_datagram(&bench->nearby, datagram, bench->now_ms, found);
}

static const uint8_t question[] = {1, 0, 0, 0, 0, 7, 8, 7, 6, 5, 4, 3, 2, 1};

static void ask(struct bench *bench)
{
    struct node_record ignored;
    cr_expect_not(hear(bench, bytes_of(question, sizeof question), &ignored));
}

/* What is said now: "", "ask", "tell" or both. */
static const char *said(struct bench *bench)
{
    static char words[64];
    uint8_t datagram[NEARBY_SIZE_MAX];
    words[0] = '\0';
    while (nearby_on_time(&bench->nearby, bench->now_ms, datagram) > 0)
        strcat(words, datagram[1] == 0 ? "ask " : "tell ");
    return words;
}

Test(nearby, is_made_of_the_published_bytes)
{
    struct bench *bench = bench_new();
    uint8_t out[NEARBY_SIZE_MAX];
    char text[2 * NEARBY_SIZE_MAX + 1] = {0};
    struct buffer record = {0};

    nearby_look(&bench->nearby, bench->now_ms);
    size_t size = nearby_on_time(&bench->nearby, bench->now_ms, out);
    hex_encode(text, out, size);
    cr_expect_str_eq(text, "0100000000070102030405060708");
    make_record(&our_key, &record);
    nearby_set_record(&bench->nearby, buffer_view(&record), bench->now_ms);
    size = nearby_on_time(&bench->nearby, bench->now_ms, out);
    cr_assert_eq(size, 6 + record.size);
    cr_expect_arr_eq(out, ((const uint8_t[]){1, 1, 0, 0, 0, 7}), 6);
    cr_expect_arr_eq(out + 6, record.data, record.size);
    buffer_cleanup(&record);
    free(bench);
}

Test(nearby, hears_a_node_that_is_wanted)
{
    struct bench *bench = bench_new();
    struct node_record found;
    struct buffer theirs = tell_of(&their_key), strange = tell_of(&strange_key),
                  ours = tell_of(&our_key);

    cr_assert(hear(bench, buffer_view(&theirs), &found));
    cr_expect(node_id_equal(&found.who, &bench->wanted));
    cr_expect_eq(found.sequence, 9);
    cr_expect_str_eq(found.endpoints[0], "192.168.1.10:30800");
    cr_expect(hear(bench, buffer_view(&theirs), &found), "whoever looks again finds it again");
    cr_expect_not(hear(bench, buffer_view(&strange), &found));
    bench->wanted = node_id_of(&our_key);
    cr_expect_not(hear(bench, buffer_view(&ours), &found), "ourselves");
    buffer_cleanup(&theirs);
    buffer_cleanup(&strange);
    buffer_cleanup(&ours);
    free(bench);
}

Test(nearby, takes_nothing_that_was_changed_or_is_for_others)
{
    struct bench *bench = bench_new();
    struct node_record found;
    struct buffer theirs = tell_of(&their_key);

    for (size_t i = 0; i < theirs.size; i++) {
        bench->now_ms += NEARBY_CHECK_MS;
        theirs.data[i] ^= 1;
        cr_expect_not(hear(bench, buffer_view(&theirs), &found), "byte %zu", i);
        theirs.data[i] ^= 1;
    }
    for (size_t size = 0; size < theirs.size; size++) {
        bench->now_ms += NEARBY_CHECK_MS;
        cr_expect_not(hear(bench, bytes_of(theirs.data, size), &found), "%zu bytes", size);
    }
    bench->now_ms += NEARBY_CHECK_MS;
    cr_expect(hear(bench, buffer_view(&theirs), &found));
    buffer_cleanup(&theirs);
    free(bench);
}

Test(nearby, looks_three_times_and_is_silent)
{
    struct bench *bench = bench_new();
    uint64_t times[8];
    size_t count = 0;

    cr_expect_eq(nearby_next_ms(&bench->nearby), UINT64_MAX);
    nearby_look(&bench->nearby, bench->now_ms);
    while (nearby_next_ms(&bench->nearby) != UINT64_MAX && count < 8) {
        bench->now_ms = nearby_next_ms(&bench->nearby);
        cr_expect_str_eq(said(bench), "ask ");
        times[count++] = bench->now_ms - 1000;
        nearby_look(&bench->nearby, bench->now_ms);
    }
    cr_assert_eq(count, 3);
    cr_expect(times[0] == 0 && times[1] == 2000 && times[2] == 10000);
    bench->now_ms = 1000 + NEARBY_LOOK_PAUSE_MS - 1;
    nearby_look(&bench->nearby, bench->now_ms);
    cr_expect_eq(nearby_next_ms(&bench->nearby), UINT64_MAX);
    bench->now_ms++;
    nearby_look(&bench->nearby, bench->now_ms);
    cr_expect_str_eq(said(bench), "ask ");
    free(bench);
}

/* However many ask, and in whose name, all together hear it once in ten seconds. */
Test(nearby, tells_all_and_not_too_often)
{
    struct bench *bench = bench_new();
    struct buffer record = {0};
    unsigned tells = 0;

    ask(bench);
    cr_expect_str_eq(said(bench), "", "there is nothing to tell");
    make_record(&our_key, &record);
    nearby_set_record(&bench->nearby, buffer_view(&record), bench->now_ms);
    cr_expect_str_eq(said(bench), "tell ", "a new address is told unasked");
    for (unsigned i = 0; i < 60000; i++) {
        bench->now_ms++;
        ask(bench);
        tells += said(bench)[0] == 't';
    }
    cr_expect_eq(tells, 6);
    bench->now_ms += NEARBY_TELL_PAUSE_MS / 2;
    ask(bench);
    cr_expect_str_eq(said(bench), "");
    bench->now_ms = nearby_next_ms(&bench->nearby);
    cr_expect_str_eq(said(bench), "tell ", "whoever asked meanwhile is answered");
    cr_expect_eq(nearby_next_ms(&bench->nearby), UINT64_MAX);
    ask(bench);
    nearby_set_record(&bench->nearby, bytes_of(NULL, 0), bench->now_ms);
    cr_expect_str_eq(said(bench), "", "it is not to be found any more");
    buffer_cleanup(&record);
    free(bench);
}

Test(nearby, answers_only_questions_of_others_in_its_network)
{
    struct bench *bench = bench_new();
    struct buffer record = {0};
    struct node_record ignored;
    uint8_t asked[sizeof question + 1];

    make_record(&our_key, &record);
    nearby_set_record(&bench->nearby, buffer_view(&record), bench->now_ms);
    cr_expect_str_eq(said(bench), "tell ");
    bench->now_ms += NEARBY_TELL_PAUSE_MS;
    for (size_t i = 0; i < 6; i++) {
        memcpy(asked, question, sizeof question);
        asked[i] ^= 2;
        hear(bench, bytes_of(asked, sizeof question), &ignored);
        cr_expect_str_eq(said(bench), "", "byte %zu", i);
    }
    memcpy(asked, question, sizeof question);
    for (size_t size = 0; size <= sizeof asked; size++) {
        if (size != sizeof question)
            hear(bench, bytes_of(asked, size), &ignored);
        cr_expect_str_eq(said(bench), "", "%zu bytes", size);
    }
    memcpy(asked + 6, bench->nearby.config.asker, NEARBY_ASKER_SIZE);
    hear(bench, bytes_of(asked, sizeof question), &ignored);
    cr_expect_str_eq(said(bench), "", "our own question");
    ask(bench);
    cr_expect_str_eq(said(bench), "tell ");
    buffer_cleanup(&record);
    free(bench);
}

/* Signatures are checked of wanted nodes alone, sixteen at once and two a second. */
Test(nearby, checks_few_signatures)
{
    struct bench *bench = bench_new();
    struct node_record found;
    struct buffer theirs = tell_of(&their_key), strange = tell_of(&strange_key);
    unsigned heard = 0;

    for (unsigned i = 0; i < 1000; i++)
        cr_expect_not(hear(bench, buffer_view(&strange), &found));
    for (unsigned i = 0; i < 100; i++)
        heard += hear(bench, buffer_view(&theirs), &found);
    cr_expect_eq(heard, NEARBY_CHECKS_MAX);
    for (unsigned i = 0; i < 100; i++) {
        bench->now_ms += 100;
        heard += hear(bench, buffer_view(&theirs), &found);
    }
    cr_expect_eq(heard, NEARBY_CHECKS_MAX + 20);
    bench->now_ms += 1000000;
    for (heard = 0; hear(bench, buffer_view(&theirs), &found);)
        heard++;
    cr_expect_eq(heard, NEARBY_CHECKS_MAX);
    buffer_cleanup(&theirs);
    buffer_cleanup(&strange);
    free(bench);
}
