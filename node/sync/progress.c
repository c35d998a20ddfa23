#include "node/sync/progress.h"

#include <inttypes.h>
#include <stdio.h>

#define LEAST_MS 1000 /* to say anything */
#define BAR      20   /* characters */

void sync_progress_on(struct sync_progress *progress, bool is_running, uint64_t height,
                      uint64_t target, uint64_t now_ms)
{
    if (!is_running || !progress->is_running)
        *progress = (struct sync_progress){
            .since_ms = {now_ms, now_ms},
            .since_height = {height, height},
        };
    if (now_ms - progress->since_ms[1] >= SYNC_PROGRESS_WINDOW_MS) {
        progress->since_ms[0] = progress->since_ms[1];
        progress->since_height[0] = progress->since_height[1];
        progress->since_ms[1] = now_ms;
        progress->since_height[1] = height;
    }
    progress->is_running = is_running;
    progress->height = height;
    progress->target = target > height ? target : height;
    progress->now_ms = now_ms;
}

uint64_t sync_progress_rate(const struct sync_progress *progress)
{
    const uint64_t passed_ms = progress->now_ms - progress->since_ms[0];
    if (!progress->is_running || passed_ms < LEAST_MS)
        return 0;
    return (progress->height - progress->since_height[0]) * 1000000 / passed_ms;
}

uint64_t sync_progress_left_s(uint64_t height, uint64_t target, uint64_t rate)
{
    const uint64_t blocks = target > height ? target - height : 0;
    if (blocks == 0)
        return 0;
    if (rate == 0 || blocks > UINT64_MAX / 1000 - rate)
        return UINT64_MAX;
    return (blocks * 1000 + rate - 1) / rate;
}

/* 100 only when nothing is left. */
static uint64_t percent_of(uint64_t height, uint64_t target)
{
    if (height >= target)
        return 100;
    const uint64_t percent =
        target > UINT64_MAX / 100 ? height / (target / 100) : height * 100 / target;
    return percent < 99 ? percent : 99;
}

static size_t format_rate(uint64_t rate, char *out, size_t size)
{
    const uint64_t tenths = rate / 100;
    if (rate == 0)
        return 0;
    if (tenths < 100)
        return (size_t)snprintf(out, size, ", %" PRIu64 ".%" PRIu64 " a second", tenths / 10,
                                tenths % 10);
    return (size_t)snprintf(out, size, ", %" PRIu64 " a second", rate / 1000);
}

static void format_left(uint64_t left_s, char *out, size_t size)
{
    if (left_s == 0 || left_s == UINT64_MAX)
        return;
    if (left_s < 120)
        snprintf(out, size, ", about %" PRIu64 " s left", left_s);
    else if (left_s < 7200)
        snprintf(out, size, ", about %" PRIu64 " min left", (left_s + 59) / 60);
    else
        snprintf(out, size, ", about %" PRIu64 " h left", (left_s + 3599) / 3600);
}

void sync_progress_format(uint64_t height, uint64_t target, uint64_t rate,
                          char out[SYNC_PROGRESS_TEXT_SIZE])
{
    char bar[BAR + 1];
    const uint64_t percent = percent_of(height, target);
    for (unsigned i = 0; i < BAR; i++)
        bar[i] = i < percent * BAR / 100 ? '#' : '-';
    bar[BAR] = '\0';
    size_t used = (size_t)snprintf(out, SYNC_PROGRESS_TEXT_SIZE,
                                   "[%s] %3" PRIu64 " %%  block %" PRIu64 " of %" PRIu64, bar,
                                   percent, height, target);
    used += format_rate(rate, out + used, SYNC_PROGRESS_TEXT_SIZE - used);
    format_left(sync_progress_left_s(height, target, rate), out + used,
                SYNC_PROGRESS_TEXT_SIZE - used);
}
