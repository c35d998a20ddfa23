#include "node/reach/port_map.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/node/temporary.h"

#define GRANTED "\\001\\001\\002\\000\\306\\063\\144\\007\\170\\120\\000\\000\\004\\260"

/* A node, and a helper that is a shell script. */
struct bench {
    char *folder;
    char program[PATH_SIZE];
    struct loop *loop;
    struct loop_timer *patience;
    struct port_map *map;
    unsigned changes, changes_wanted;
    struct mapping last;
};

static void give_up(void *arg)
{
    loop_stop(arg);
}

static void on_change(void *arg, const struct mapping *mapping)
{
    struct bench *bench = arg;
    bench->last = *mapping;
    if (++bench->changes == bench->changes_wanted)
        loop_stop(bench->loop);
}

static struct bench *bench_new(const char *script)
{
    struct bench *bench = memory_new_zeroed(1, sizeof *bench);
    struct error error;

    bench->folder = temporary_folder();
    cr_assert(path_format(bench->program, &error, "%s/helper", bench->folder));
    FILE *file = fopen(bench->program, "w");
    fprintf(file, "#!/bin/sh\ncd '%s'\necho \"$@\" >>calls\n%s\n", bench->folder, script);
    fclose(file);
    cr_assert_eq(chmod(bench->program, 0700), 0);
    bench->loop = loop_new(&error);
    bench->patience = loop_timer_new(bench->loop, give_up, bench->loop);
    struct port_map_config config = {.loop = bench->loop,
                                     .port = 30800,
                                     .router = "192.0.2.1:5351",
                                     .program = bench->program,
                                     .pause_ms = 50,
                                     .on_change = on_change,
                                     .arg = bench};
    bench->map = port_map_start(&config, &error);
    cr_assert_not_null(bench->map, "%s", error.text);
    return bench;
}

static void run_until(struct bench *bench, unsigned changes, uint64_t patience_ms)
{
    bench->changes_wanted = changes;
    loop_timer_set(bench->patience, patience_ms);
    if (bench->changes < changes)
        loop_run(bench->loop);
}

static void bench_free(struct bench *bench)
{
    port_map_stop(bench->map);
    loop_timer_free(bench->patience);
    loop_free(bench->loop);
    temporary_remove(bench->folder);
    free(bench);
}

static size_t count_lines(const struct bench *bench, const char *name, struct buffer *text)
{
    char path[PATH_SIZE];
    struct error error;
    size_t lines = 0;
    cr_assert(path_format(path, &error, "%s/%s", bench->folder, name));
    buffer_clear(text);
    if (!file_exists(path))
        return 0;
    cr_assert(file_read(path, 4096, text, &error), "%s", error.text);
    for (size_t i = 0; i < text->size; i++)
        lines += text->data[i] == '\n';
    return lines;
}

Test(reach_port_map, hears_what_the_helper_says_and_ends_it_by_the_end_of_its_input, .timeout = 60)
{
    struct bench *bench = bench_new("printf '" GRANTED "'; cat >/dev/null; echo gone >gone");
    struct buffer text = {0};

    cr_expect_eq(port_map_now(bench->map)->state, MAPPING_SEARCHING);
    run_until(bench, 1, 20000);
    cr_assert_eq(bench->changes, 1);
    cr_expect_eq(bench->last.state, MAPPING_GRANTED);
    cr_expect_eq(bench->last.port, 30800);
    cr_expect(mapping_equal(port_map_now(bench->map), &bench->last));
    cr_expect_eq(count_lines(bench, "calls", &text), 1);
    buffer_append_u8(&text, 0);
    cr_expect_str_eq((char *)text.data, "port-helper 30800 192.0.2.1:5351\n");

    port_map_stop(bench->map);
    bench->map = NULL;
    for (int i = 0; i < 200 && count_lines(bench, "gone", &text) == 0; i++)
        usleep(50000);
    cr_expect_eq(count_lines(bench, "gone", &text), 1);
    buffer_cleanup(&text);
    bench_free(bench);
}

Test(reach_port_map, starts_a_helper_again_that_ended, .timeout = 60)
{
    struct bench *bench = bench_new("printf '" GRANTED "'; exit 1");
    struct buffer text = {0};
    run_until(bench, 5, 30000); /* granted, lost, granted, lost, granted */
    cr_expect_eq(bench->changes, 5);
    cr_expect_eq(bench->last.state, MAPPING_GRANTED);
    cr_expect_geq(count_lines(bench, "calls", &text), 3);
    buffer_cleanup(&text);
    bench_free(bench);
}

Test(reach_port_map, ends_a_helper_that_speaks_nonsense, .timeout = 60)
{
    struct bench *bench =
        bench_new("printf '" GRANTED "'; printf 'fourteen bytes'; exec sleep 1000");
    run_until(bench, 2, 20000);
    cr_expect_eq(bench->changes, 2);
    cr_expect_eq(bench->last.state, MAPPING_SEARCHING);
    bench_free(bench);
}

Test(reach_port_map, says_when_there_is_no_program)
{
    struct error error;
    struct loop *loop = loop_new(&error);
    struct port_map_config config = {.loop = loop, .port = 1, .program = "/nowhere/lnode"};
    cr_expect_null(port_map_start(&config, &error));
    cr_expect(strstr(error.text, "could not start the helper") != NULL, "%s", error.text);
    loop_free(loop);
}
