#include "node/doctor/judge.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/replica/block_time.h"

#define MEGABYTE         1000000
#define DISK_FREE_LEAST  (1000 * (uint64_t)MEGABYTE) /* the alert DiskNearlyFull's */
#define NAMES_FREE_LEAST 1000                        /* a ledger may have some eighty files */
/* A block is synced three times (consensus.md 2.9); the alert DiskSlow allows a second for it. */
#define SYNC_TOO_SLOW_US 333000
#define SYNC_SLOW_US     50000
#define MEMORY_LEAST     (64 * (uint64_t)MEGABYTE)

/* Three digits that count: "412 MB", "1.25 TB". */
static const char *format_bytes(char out[32], uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t whole = bytes, rest = 0;
    unsigned unit = 0;
    for (; whole >= 1000; unit++) {
        rest = whole % 1000;
        whole /= 1000;
    }
    if (unit > 0 && whole < 10)
        snprintf(out, 32, "%" PRIu64 ".%02" PRIu64 " %s", whole, rest / 10, units[unit]);
    else
        snprintf(out, 32, "%" PRIu64 " %s", whole, units[unit]);
    return out;
}

static const char *format_time(char out[32], uint64_t us)
{
    if (us < 10000)
        snprintf(out, 32, "%" PRIu64 ".%02" PRIu64 " ms", us / 1000, us % 1000 / 10);
    else if (us < 1000000)
        snprintf(out, 32, "%" PRIu64 " ms", us / 1000);
    else
        snprintf(out, 32, "%" PRIu64 ".%" PRIu64 " s", us / 1000000, us % 1000000 / 100000);
    return out;
}

static const char *format_span(char out[48], uint64_t seconds)
{
    if (seconds < 120)
        snprintf(out, 48, "%" PRIu64 " seconds", seconds);
    else if (seconds < 7200)
        snprintf(out, 48, "%" PRIu64 " minutes", seconds / 60);
    else if (seconds < 172800)
        snprintf(out, 48, "%" PRIu64 " hours", seconds / 3600);
    else
        snprintf(out, 48, "%" PRIu64 " days", seconds / 86400);
    return out;
}

/* ---- Disk ---------------------------------------------------------------------------------- */

void judge_disk_room(struct report *report, const char *folder, const struct disk_room *facts)
{
    char left[32], least[32], quoted[QUOTE_SIZE];
    bool is_little = facts->free_bytes < facts->size_bytes / 10;

    format_bytes(left, facts->free_bytes);
    report_quote(quoted, folder);
    if (facts->free_bytes < DISK_FREE_LEAST) {
        struct finding *finding =
            report_add(report, FINDING_TODO, "disk",
                       "only %s are free in %.150s, expected at least %s; a ledger whose disk is "
                       "full stands still",
                       left, folder, format_bytes(least, DISK_FREE_LEAST));
        report_next(finding, "df -h %s", quoted);
    } else if (is_little) {
        struct finding *finding =
            report_add(report, FINDING_NOTE, "disk",
                       "%s are free in %.200s: less than a tenth of the disk", left, folder);
        report_next(finding, "df -h %s", quoted);
    } else {
        report_add(report, FINDING_GOOD, "disk", "%s are free in %.300s", left, folder);
    }
    if (facts->names_free < NAMES_FREE_LEAST) {
        struct finding *finding =
            report_add(report, FINDING_TODO, "disk",
                       "only %" PRIu64 " more files can be made on the disk of %.150s, expected at "
                       "least %d: remove files that nobody needs",
                       facts->names_free, folder, NAMES_FREE_LEAST);
        report_next(finding, "df -i %s", quoted);
    }
}

void judge_disk_sync(struct report *report, const struct disk_sync *facts)
{
    char middle[32], worst[32];

    format_time(middle, facts->median_us);
    format_time(worst, facts->worst_us);
    if (facts->median_us <= SYNC_SLOW_US) {
        report_add(report, FINDING_GOOD, "disk", "writing for good takes %s (worst %s)", middle,
                   worst);
        return;
    }
    const bool is_too_slow = facts->median_us > SYNC_TOO_SLOW_US;
    struct finding *finding =
        report_add(report, is_too_slow ? FINDING_TODO : FINDING_NOTE, "disk",
                   "writing to the disk for good takes %s (worst %s), and a block needs it three "
                   "times: %s",
                   middle, worst,
                   is_too_slow ? "something else keeps the disk busy, or it is worn out"
                               : "a memory card is like that, and blocks take so long");
    report_next(finding, "cat /proc/pressure/io%s", is_too_slow ? "; dmesg | tail" : "");
}

/* ---- Clock --------------------------------------------------------------------------------- */

void judge_clock(struct report *report, uint64_t now_ms, enum clock_care care)
{
    struct finding *finding;

    if (!wall_clock_is_set(now_ms)) {
        finding = report_add(report, FINDING_TODO, "clock",
                             "the clock was never set: it is before 2026; this node proposes no "
                             "blocks together with others until it is set");
        report_next(finding, "timedatectl set-ntp true");
        return;
    }
    switch (care) {
    case CLOCK_KEPT:
        report_add(report, FINDING_GOOD, "clock", "the clock is set and kept right");
        return;
    case CLOCK_LEFT_ALONE:
        finding = report_add(report, FINDING_NOTE, "clock",
                             "the clock is set, but the system does not say that anything keeps it "
                             "right; other members put off blocks that are %d seconds ahead",
                             BLOCK_TIME_AHEAD_MS / 1000);
        report_next(finding, "timedatectl set-ntp true");
        return;
    case CLOCK_CARE_UNKNOWN: report_add(report, FINDING_GOOD, "clock", "the clock is set"); return;
    }
}

void judge_block_time(struct report *report, const char *label, uint64_t block_time_s,
                      uint64_t now_ms)
{
    char span[48];

    if (block_time_s <= now_ms / 1000 + BLOCK_TIME_AHEAD_MS / 1000)
        return;
    struct finding *finding =
        report_add(report, FINDING_TODO, "clock",
                   "the clock is %s behind the last block of %.64s: it is wrong now, or was when "
                   "that block was made",
                   format_span(span, block_time_s - now_ms / 1000), label);
    report_next(finding, "date; timedatectl set-ntp true");
}

/* ---- Descriptors and memory ---------------------------------------------------------------- */

void judge_descriptors(struct report *report, uint64_t allowed, uint64_t wanted)
{
    if (allowed >= wanted) {
        report_add(report, FINDING_GOOD, "files",
                   "%" PRIu64 " files and connections may be open at once, %" PRIu64 " are wanted",
                   allowed, wanted);
        return;
    }
    struct finding *finding =
        report_add(report, FINDING_TODO, "files",
                   "only %" PRIu64 " files and connections may be open at once, the settings want "
                   "%" PRIu64 ": clients will be turned away. Allow more, or set "
                   "--rpc-connections and --ledgers-open lower",
                   allowed, wanted);
    report_next(finding,
                "ulimit -n %" PRIu64 " in the shell that starts lnode; a unit of lnode "
                "install has LimitNOFILE",
                wanted);
}

void judge_memory(struct report *report, uint64_t available_bytes, uint64_t limit_bytes,
                  uint64_t resident_bytes)
{
    char left[32], limit[32], held[32], of_limit[64] = "", of_node[64] = "";

    if (limit_bytes != UINT64_MAX)
        snprintf(of_limit, sizeof of_limit, " within a limit of %s",
                 format_bytes(limit, limit_bytes));
    if (resident_bytes > 0)
        snprintf(of_node, sizeof of_node, "; lnode holds %s", format_bytes(held, resident_bytes));
    format_bytes(left, available_bytes);
    if (available_bytes >= MEMORY_LEAST) {
        report_add(report, FINDING_GOOD, "memory", "%s are available%s%s", left, of_limit, of_node);
        return;
    }
    struct finding *finding =
        report_add(report, FINDING_TODO, "memory",
                   "only %s are available%s%s, expected at least %s: end what is not needed, or "
                   "the system will end something",
                   left, of_limit, of_node, format_bytes(limit, MEMORY_LEAST));
    report_next(finding, "ps -eo rss,pid,comm --sort -rss | head");
}

/* ---- Network ------------------------------------------------------------------------------- */

static void judge_ipv4(struct report *report, const struct network_facts *facts)
{
    if (facts->count[ADDRESS_PUBLIC] > 0)
        report_add(report, FINDING_GOOD, "network",
                   "%s is a public address: no router translates for this machine",
                   facts->example[ADDRESS_PUBLIC]);
    else if (facts->count[ADDRESS_SHARED] > 0)
        report_add(report, FINDING_NOTE, "network",
                   "%s is shared among customers of the provider: nobody outside can connect to "
                   "this machine by IPv4, and no port mapping helps; ways out are IPv6, a public "
                   "address from the provider, or a member elsewhere that can be reached",
                   facts->example[ADDRESS_SHARED]);
    else if (facts->count[ADDRESS_PRIVATE] > 0)
        report_add(report, FINDING_NOTE, "network",
                   "%s is a private address: this machine stands behind a router that translates, "
                   "so nodes outside reach it by a port that the router forwards",
                   facts->example[ADDRESS_PRIVATE]);
}

static void judge_ipv6(struct report *report, const struct network_facts *facts)
{
    if (facts->count[ADDRESS_PUBLIC_IPV6] > 0)
        report_add(report, FINDING_GOOD, "network",
                   "%s is a public IPv6 address: nodes with IPv6 reach this machine without "
                   "translation if the router's firewall lets them",
                   facts->example[ADDRESS_PUBLIC_IPV6]);
    else
        report_add(report, FINDING_NOTE, "network", "there is no public IPv6 address");
}

void judge_network(struct report *report, const struct network_facts *facts)
{
    unsigned useful = facts->count[ADDRESS_PRIVATE] + facts->count[ADDRESS_SHARED]
                      + facts->count[ADDRESS_PUBLIC] + facts->count[ADDRESS_PUBLIC_IPV6]
                      + facts->count[ADDRESS_LOCAL_IPV6];
    if (useful == 0) {
        struct finding *finding =
            report_add(report, FINDING_NOTE, "network",
                       "this machine has no network: only programs on it reach the node");
        report_next(finding, "ip address");
        return;
    }
    judge_ipv4(report, facts);
    judge_ipv6(report, facts);
}

static const char *format_ipv4(char out[ADDRESS_TEXT_SIZE], const uint8_t bytes[4])
{
    snprintf(out, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    return out;
}

static void judge_outside(struct report *report, const struct router_facts *facts)
{
    char gateway[ADDRESS_TEXT_SIZE], outside[ADDRESS_TEXT_SIZE];

    format_ipv4(gateway, facts->gateway);
    format_ipv4(outside, facts->outside);
    if (address_kind_ipv4(facts->outside) == ADDRESS_PUBLIC)
        report_add(report, FINDING_GOOD, "network",
                   "the router %s opens ports when it is asked (NAT-PMP); outside it is %s",
                   gateway, outside);
    else
        report_add(report, FINDING_NOTE, "network",
                   "the router %s stands behind another one: outside it is %s, which is no public "
                   "address, so a port that it opens is reached by nobody; ways out are IPv6, a "
                   "public address from the provider, or a member elsewhere that can be reached",
                   gateway, outside);
}

void judge_router(struct report *report, const struct router_facts *facts)
{
    char gateway[ADDRESS_TEXT_SIZE];

    format_ipv4(gateway, facts->gateway);
    switch (facts->answer) {
    case ROUTER_TOLD: judge_outside(report, facts); return;
    case ROUTER_SPEAKS_PCP:
        report_add(report, FINDING_GOOD, "network",
                   "the router %s opens ports when it is asked (PCP)", gateway);
        return;
    case ROUTER_REFUSED:
        report_add(
            report, FINDING_NOTE, "network",
            "the router %s knows NAT-PMP but does not allow it; allow it in its settings, or "
            "let it forward a port",
            gateway);
        return;
    case ROUTER_SILENT:
        report_add(
            report, FINDING_NOTE, "network",
            "the router %s does not answer requests for a port by PCP or NAT-PMP; switch that "
            "on in its settings, or let it forward a port",
            gateway);
        return;
    }
}
