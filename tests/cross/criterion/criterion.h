/* As much of Criterion as the unit tests use, for architectures that Debian has no Criterion for.
 * It is there for cross builds alone; on the machine itself the real one judges.
 *
 * Each test runs in a process of its own, one after the other. */
#ifndef TESTS_CROSS_CRITERION_CRITERION_H
#define TESTS_CROSS_CRITERION_CRITERION_H
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct criterion_options {
    void (*init)(void);
    void (*fini)(void);
    double timeout; /* seconds; 0: none was given */
};

struct criterion_test {
    const char *suite, *name;
    void (*run)(void);
    struct criterion_options options;
    struct criterion_test *next;
};

struct criterion_suite {
    const char *name;
    struct criterion_options options;
    struct criterion_suite *next;
};

void criterion_add_test(struct criterion_test *test);
void criterion_add_suite(struct criterion_suite *suite);

/* Counts a failure and prints it; a fatal one ends the test. */
void criterion_check(bool is_good, bool is_fatal, const char *file, int line, const char *what,
                     const char *format, ...) __attribute__((format(printf, 6, 7)));
void criterion_skip(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define Test(suite_, name_, ...)                                                           \
    static void suite_##_##name_##_run(void);                                              \
    static struct criterion_test suite_##_##name_##_test = {.suite = #suite_,              \
                                                            .name = #name_,                \
                                                            .run = suite_##_##name_##_run, \
                                                            .options = {__VA_ARGS__}};     \
    static void __attribute__((constructor)) suite_##_##name_##_add(void)                  \
    {                                                                                      \
        criterion_add_test(&suite_##_##name_##_test);                                      \
    }                                                                                      \
    static void suite_##_##name_##_run(void)

#define TestSuite(suite_, ...)                                                                  \
    static struct criterion_suite suite_##_suite = {.name = #suite_, .options = {__VA_ARGS__}}; \
    static void __attribute__((constructor)) suite_##_suite_add(void)                           \
    {                                                                                           \
        criterion_add_suite(&suite_##_suite);                                                   \
    }                                                                                           \
    static_assert(sizeof #suite_ > 1, "a suite has a name")

/* A message may follow: a format and its arguments. */
#define CRITERION_CHECK(is_good, is_fatal, what, ...) \
    criterion_check((is_good), (is_fatal), __FILE__, __LINE__, (what), " " __VA_ARGS__)

#define cr_assert(good, ...)       CRITERION_CHECK(good, true, #good, __VA_ARGS__)
#define cr_expect(good, ...)       CRITERION_CHECK(good, false, #good, __VA_ARGS__)
#define cr_expect_not(bad, ...)    CRITERION_CHECK(!(bad), false, "not " #bad, __VA_ARGS__)
#define cr_assert_not(bad, ...)    CRITERION_CHECK(!(bad), true, "not " #bad, __VA_ARGS__)
#define cr_assert_null(p, ...)     CRITERION_CHECK((p) == NULL, true, #p, __VA_ARGS__)
#define cr_expect_null(p, ...)     CRITERION_CHECK((p) == NULL, false, #p, __VA_ARGS__)
#define cr_assert_not_null(p, ...) CRITERION_CHECK((p) != NULL, true, #p, __VA_ARGS__)
#define cr_expect_not_null(p, ...) CRITERION_CHECK((p) != NULL, false, #p, __VA_ARGS__)
#define CRITERION_COMPARE(a, op, b, is_fatal, ...) \
    CRITERION_CHECK((a)op(b), is_fatal, #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)        CRITERION_COMPARE(a, ==, b, true, __VA_ARGS__)
#define cr_expect_eq(a, b, ...)        CRITERION_COMPARE(a, ==, b, false, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)       CRITERION_COMPARE(a, !=, b, true, __VA_ARGS__)
#define cr_expect_neq(a, b, ...)       CRITERION_COMPARE(a, !=, b, false, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)        CRITERION_COMPARE(a, <, b, true, __VA_ARGS__)
#define cr_expect_lt(a, b, ...)        CRITERION_COMPARE(a, <, b, false, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)       CRITERION_COMPARE(a, <=, b, true, __VA_ARGS__)
#define cr_expect_leq(a, b, ...)       CRITERION_COMPARE(a, <=, b, false, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)        CRITERION_COMPARE(a, >, b, true, __VA_ARGS__)
#define cr_expect_gt(a, b, ...)        CRITERION_COMPARE(a, >, b, false, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)       CRITERION_COMPARE(a, >=, b, true, __VA_ARGS__)
#define cr_expect_geq(a, b, ...)       CRITERION_COMPARE(a, >=, b, false, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...) CRITERION_CHECK(memcmp(a, b, n) == 0, true, #a, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...) CRITERION_CHECK(memcmp(a, b, n) == 0, false, #a, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)    CRITERION_CHECK(strcmp(a, b) == 0, true, #a, __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)    CRITERION_CHECK(strcmp(a, b) == 0, false, #a, __VA_ARGS__)
#define cr_skip_test(...)              criterion_skip(" " __VA_ARGS__)
#endif
