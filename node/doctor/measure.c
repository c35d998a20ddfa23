#include "node/doctor/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "node/clock.h"
#include "node/files.h"
#include "node/reach/gateway.h"
#include "node/reach/natpmp.h"

#define SYNCS_MAX        15
#define SYNC_PATIENCE_US 2000000
#define SYNC_SIZE_BYTES  4096
#define ROUTER_TRIES     3
#define ROUTER_WAIT_MS   250 /* RFC 6886, 3.1; doubled each time */

/* ---- Disk ---------------------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static bool time_syncs(struct disk_sync *facts, int fd, const char *folder, struct error *error)
{
    static const uint8_t block[SYNC_SIZE_BYTES];
    uint64_t times[SYNCS_MAX], total = 0;
    size_t count = 0;

    while (count < SYNCS_MAX && total < SYNC_PATIENCE_US) {
        uint64_t began = clock_work_ns();
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0)
            return error_set_errno(error, "could not write in %.200s", folder);
        times[count] = (clock_work_ns() - began) / 1000;
        total += times[count++];
    }
    qsort(times, count, sizeof times[0], compare_times);
    facts->median_us = times[count / 2];
    facts->worst_us = times[count - 1];
    return true;
}

bool measure_disk_room(struct disk_room *facts, const char *folder, struct error *error)
{
    struct statvfs status;

    if (statvfs(folder, &status) != 0)
        return error_set_errno(error, "could not look at the disk of %.200s", folder);
    *facts = (struct disk_room){
        .free_bytes = (uint64_t)status.f_bavail * status.f_frsize,
        .size_bytes = (uint64_t)status.f_blocks * status.f_frsize,
        .names_free = status.f_files == 0 ? UINT64_MAX : status.f_favail,
    };
    return true;
}

bool measure_disk_sync(struct disk_sync *facts, const char *folder, struct error *error)
{
    char path[PATH_SIZE];

    if (!path_format(path, error, "%s/.doctor-XXXXXX", folder))
        return false;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(error, "could not write in %.200s", folder);
    unlink(path);
    bool ok = time_syncs(facts, fd, folder, error);
    close(fd);
    return ok;
}

/* ---- Clock --------------------------------------------------------------------------------- */

enum clock_care measure_clock_care(void)
{
    struct timex state = {0};
    int said = adjtimex(&state);
    if (said < 0)
        return CLOCK_CARE_UNKNOWN;
    return said == TIME_ERROR || (state.status & STA_UNSYNC) != 0 ? CLOCK_LEFT_ALONE : CLOCK_KEPT;
}

/* ---- Descriptors and memory ---------------------------------------------------------------- */

/* The number behind `name` in a file of lines, or `missing`. */
static uint64_t number_in(const char *path, const char *name, uint64_t missing)
{
    char line[256];
    uint64_t number = missing;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return missing;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0
            && sscanf(line + strlen(name), "%" SCNu64, &number) == 1)
            break;
    }
    fclose(file);
    return number;
}

/* "Max open files   SOFT   HARD   files" */
static uint64_t descriptors_of(int pid)
{
    char path[64], line[256], hard[32] = "";
    snprintf(path, sizeof path, "/proc/%d/limits", pid);
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return UINT64_MAX;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Max open files %*31s %31s", hard) == 1)
            break;
    }
    fclose(file);
    return hard[0] >= '0' && hard[0] <= '9' ? strtoull(hard, NULL, 10) : UINT64_MAX;
}

uint64_t measure_descriptors(int pid)
{
    struct rlimit limit;
    if (pid != 0)
        return descriptors_of(pid);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_max;
}

static uint64_t memory_of_group(const char *file, uint64_t missing)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s", file);
    return number_in(path, "", missing); /* "max" is no number */
}

/* The group's own file lies there in a container, and in no other place where it would matter. */
uint64_t measure_memory_limit(void)
{
    return memory_of_group("memory.max", UINT64_MAX);
}

uint64_t measure_memory_available(void)
{
    uint64_t kilobytes = number_in("/proc/meminfo", "MemAvailable:", UINT64_MAX / 1024);
    uint64_t available = kilobytes * 1024, limit = measure_memory_limit();
    uint64_t used = memory_of_group("memory.current", 0);

    if (limit != UINT64_MAX) {
        uint64_t left = limit > used ? limit - used : 0;
        available = left < available ? left : available;
    }
    return available;
}

uint64_t measure_resident(int pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    return number_in(path, "VmRSS:", 0) * 1024;
}

/* ---- Network ------------------------------------------------------------------------------- */

static enum address_kind kind_of(const struct sockaddr *socket, char text[ADDRESS_TEXT_SIZE])
{
    if (socket->sa_family == AF_INET) {
        struct sockaddr_in place;
        memcpy(&place, socket, sizeof place);
        uint8_t bytes[4];
        memcpy(bytes, &place.sin_addr, sizeof bytes);
        inet_ntop(AF_INET, bytes, text, ADDRESS_TEXT_SIZE);
        return address_kind_ipv4(bytes);
    }
    struct sockaddr_in6 place;
    memcpy(&place, socket, sizeof place);
    inet_ntop(AF_INET6, &place.sin6_addr, text, ADDRESS_TEXT_SIZE);
    return address_kind_ipv6(place.sin6_addr.s6_addr);
}

void measure_network(struct network_facts *facts)
{
    struct ifaddrs *all = NULL;

    *facts = (struct network_facts){0};
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        char text[ADDRESS_TEXT_SIZE];
        if (one->ifa_addr == NULL || (one->ifa_flags & IFF_UP) == 0
            || (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6))
            continue;
        enum address_kind kind = kind_of(one->ifa_addr, text);
        if (facts->count[kind]++ == 0)
            memcpy(facts->example[kind], text, sizeof text);
    }
    freeifaddrs(all);
}

bool measure_gateway(uint8_t gateway[4])
{
    static char text[ROUTES_SIZE_MAX];
    FILE *file = fopen("/proc/net/route", "re");

    if (file == NULL)
        return false;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    return gateway_of_routes(text, gateway);
}

/* RFC 6887, 9: a router that knows PCP only says so in its own version. */
static bool take_answer(struct router_facts *facts, struct bytes datagram)
{
    struct natpmp_reply reply;

    if (datagram.size >= 4 && datagram.data[0] == 2 && (datagram.data[1] & 0x80) != 0) {
        facts->answer = ROUTER_SPEAKS_PCP;
        return true;
    }
    if (!natpmp_decode(&reply, datagram) || reply.kind != NATPMP_ADDRESS)
        return false;
    facts->answer = reply.result == NATPMP_GRANTED ? ROUTER_TOLD : ROUTER_REFUSED;
    memcpy(facts->outside, reply.address, sizeof facts->outside);
    return true;
}

/* True: it answered, or nobody listens there. */
static bool ask_router(struct router_facts *facts, int fd, int wait_ms)
{
    uint8_t asked[NATPMP_ADDRESS_BYTES], datagram[64];
    const uint64_t until_ms = clock_boot_ms() + (uint64_t)wait_ms;
    struct pollfd polled = {.fd = fd, .events = POLLIN};

    natpmp_ask_address(asked);
    if (send(fd, asked, sizeof asked, 0) < 0)
        return true;
    for (uint64_t now_ms = clock_boot_ms(); now_ms < until_ms; now_ms = clock_boot_ms()) {
        if (poll(&polled, 1, (int)(until_ms - now_ms)) <= 0)
            return false;
        ssize_t size = recv(fd, datagram, sizeof datagram, MSG_DONTWAIT);
        if (size < 0 || take_answer(facts, bytes_of(datagram, (size_t)size)))
            return true;
    }
    return false;
}

void measure_router(struct router_facts *facts, const uint8_t gateway[4], uint16_t port)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_over = false;

    *facts = (struct router_facts){.answer = ROUTER_SILENT};
    memcpy(facts->gateway, gateway, sizeof facts->gateway);
    memcpy(&place.sin_addr, gateway, sizeof facts->gateway);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&place, sizeof place) == 0) {
        for (int i = 0; i < ROUTER_TRIES && !is_over; i++)
            is_over = ask_router(facts, fd, ROUTER_WAIT_MS << i);
    }
    if (fd >= 0)
        close(fd);
}

static enum port_state try_to_bind(int fd, const struct sockaddr *place, socklen_t size)
{
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); /* as the server does */
    if (bind(fd, place, size) == 0)
        return PORT_FREE;
    switch (errno) {
    case EADDRINUSE: return PORT_TAKEN;
    case EACCES: return PORT_DENIED;
    case EADDRNOTAVAIL: return PORT_NO_ADDRESS;
    default: return PORT_UNKNOWN;
    }
}

enum port_state measure_port(const char *bind, uint16_t port)
{
    struct sockaddr_in six_not = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_six = inet_pton(AF_INET, bind, &six_not.sin_addr) != 1;

    if (is_six && inet_pton(AF_INET6, bind, &six.sin6_addr) != 1)
        return PORT_UNKNOWN;
    int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return PORT_UNKNOWN;
    enum port_state state = is_six ? try_to_bind(fd, (struct sockaddr *)&six, sizeof six)
                                   : try_to_bind(fd, (struct sockaddr *)&six_not, sizeof six_not);
    close(fd);
    return state;
}
