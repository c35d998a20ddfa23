#include "rpc/metrics/text.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND_NS UINT64_C(1000000000)

void text_family(struct buffer *out, const char *name, enum metric_kind kind, const char *help)
{
    static const char *const kinds[] = {
        [METRIC_COUNTER] = "counter",
        [METRIC_GAUGE] = "gauge",
        [METRIC_HISTOGRAM] = "histogram",
    };
    buffer_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kinds[kind]);
}

static void begin(struct buffer *out, const char *name, const char *suffix, const char *labels)
{
    buffer_append_format(out, labels[0] == '\0' ? "%s%s " : "%s%s{%s} ", name, suffix, labels);
}

static void append_seconds(struct buffer *out, uint64_t ns)
{
    char text[40];
    int size =
        snprintf(text, sizeof text, "%" PRIu64 ".%09" PRIu64, ns / SECOND_NS, ns % SECOND_NS);
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    buffer_append(out, text, (size_t)size);
}

void text_sample(struct buffer *out, const char *name, const char *labels, uint64_t value)
{
    begin(out, name, "", labels);
    buffer_append_format(out, "%" PRIu64 "\n", value);
}

void text_sample_ns(struct buffer *out, const char *name, const char *labels, uint64_t value_ns)
{
    begin(out, name, "", labels);
    append_seconds(out, value_ns);
    buffer_append_u8(out, '\n');
}

void text_histogram(struct buffer *out, const char *name, const char *labels,
                    const struct distribution *values)
{
    const char *comma = labels[0] == '\0' ? "" : ",";
    uint64_t up_to = 0;
    for (size_t bucket = 0; bucket < HISTOGRAM_BOUNDS; bucket++) {
        up_to += values->counts[bucket];
        buffer_append_format(out, "%s_bucket{%s%sle=\"", name, labels, comma);
        append_seconds(out, HISTOGRAM_BOUNDS_NS[bucket]);
        buffer_append_format(out, "\"} %" PRIu64 "\n", up_to);
    }
    buffer_append_format(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, comma,
                         values->count);
    begin(out, name, "_sum", labels);
    append_seconds(out, values->sum_ns);
    buffer_append_u8(out, '\n');
    begin(out, name, "_count", labels);
    buffer_append_format(out, "%" PRIu64 "\n", values->count);
}
