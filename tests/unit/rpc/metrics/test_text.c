#include "rpc/metrics/text.h"

#include <criterion/criterion.h>

static void expect(struct buffer *out, const char *text)
{
    buffer_append_u8(out, 0);
    cr_expect_str_eq((const char *)out->data, text);
    buffer_cleanup(out);
}

Test(text, a_family_is_its_help_and_its_type_then_samples)
{
    struct buffer out = {0};
    text_family(&out, "a_total", METRIC_COUNTER, "Things.");
    text_sample(&out, "a_total", "", 0);
    text_sample(&out, "a_total", "kind=\"x\"", UINT64_MAX);
    expect(&out, "# HELP a_total Things.\n# TYPE a_total counter\na_total 0\n"
                 "a_total{kind=\"x\"} 18446744073709551615\n");
}

Test(text, durations_are_seconds_without_needless_zeros)
{
    static const struct {
        uint64_t ns;
        const char *line;
    } cases[] = {
        {0, "t 0\n"},
        {1, "t 0.000000001\n"},
        {1500000000, "t 1.5\n"},
        {20000000000, "t 20\n"},
        {UINT64_MAX, "t 18446744073.709551615\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        text_sample_ns(&out, "t", "", cases[i].ns);
        expect(&out, cases[i].line);
    }
}

/* Buckets are cumulative; the last is all of them. */
Test(text, a_histogram_has_cumulative_buckets_sum_and_count)
{
    struct buffer out = {0};
    struct distribution values = {.count = 6, .sum_ns = 250000000};
    values.counts[0] = 1;
    values.counts[3] = 2;
    values.counts[HISTOGRAM_BOUNDS] = 3;
    text_histogram(&out, "h", "m=\"x\"", &values);
    expect(&out, "h_bucket{m=\"x\",le=\"0.0001\"} 1\nh_bucket{m=\"x\",le=\"0.00025\"} 1\n"
                 "h_bucket{m=\"x\",le=\"0.0005\"} 1\nh_bucket{m=\"x\",le=\"0.001\"} 3\n"
                 "h_bucket{m=\"x\",le=\"0.0025\"} 3\nh_bucket{m=\"x\",le=\"0.005\"} 3\n"
                 "h_bucket{m=\"x\",le=\"0.01\"} 3\nh_bucket{m=\"x\",le=\"0.025\"} 3\n"
                 "h_bucket{m=\"x\",le=\"0.1\"} 3\nh_bucket{m=\"x\",le=\"0.25\"} 3\n"
                 "h_bucket{m=\"x\",le=\"1\"} 3\nh_bucket{m=\"x\",le=\"5\"} 3\n"
                 "h_bucket{m=\"x\",le=\"30\"} 3\nh_bucket{m=\"x\",le=\"+Inf\"} 6\n"
                 "h_sum{m=\"x\"} 0.25\nh_count{m=\"x\"} 6\n");
}

Test(text, a_histogram_without_labels_has_only_its_bounds)
{
    struct buffer out = {0};
    const struct distribution values = {.count = 0};
    text_histogram(&out, "h", "", &values);
    buffer_append_u8(&out, 0);
    cr_expect_not_null(strstr((const char *)out.data, "h_bucket{le=\"0.0001\"} 0\n"));
    cr_expect_not_null(strstr((const char *)out.data, "\nh_sum 0\nh_count 0\n"));
    buffer_cleanup(&out);
}
