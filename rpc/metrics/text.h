/* Prometheus's text format, version 0.0.4: a family's head, then its samples. Label values are of
 * our own making and need no escaping. */
#ifndef RPC_METRICS_TEXT_H
#define RPC_METRICS_TEXT_H
#include "vm/base/bytes.h"
#include "vm/base/tally.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

void text_family(struct buffer *out, const char *name, enum metric_kind kind, const char *help);
/* `labels` is empty or the inside of the braces: org="acme",state="ready". */
void text_sample(struct buffer *out, const char *name, const char *labels, uint64_t value);
/* The same, shown in seconds. */
void text_sample_ns(struct buffer *out, const char *name, const char *labels, uint64_t value_ns);
void text_histogram(struct buffer *out, const char *name, const char *labels,
                    const struct distribution *values);
#endif
