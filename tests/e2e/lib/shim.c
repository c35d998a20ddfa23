/* Loaded in front of a program by LD_PRELOAD: its wall clock is ahead, or its disk slow or broken.
 *   SHIM_CLOCK_AHEAD_S   so many seconds
 *   SHIM_SYNC_MS         so long each fdatasync() takes
 *   SHIM_FAIL_WRITE      from this write to a file on, counted from 1, all fail: the disk is full
 *   SHIM_FAIL_SYNC       from this fdatasync() on all fail: the disk is broken */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : atol(text);
}

/* Counts one more of what the setting names; is it one that fails? */
static bool fails_now(const char *name, atomic_long *count)
{
    const long from = number_of(name);
    return from != 0 && atomic_fetch_add(count, 1) + 1 >= from;
}

static bool disk_is_full(int fd)
{
    static atomic_long writes;
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode)
           && fails_now("SHIM_FAIL_WRITE", &writes);
}

static int fail(int reason)
{
    errno = reason;
    return -1;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += number_of("SHIM_CLOCK_AHEAD_S");
    return (int)result;
}

ssize_t write(int fd, const void *data, size_t size)
{
    return disk_is_full(fd) ? fail(ENOSPC) : syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return disk_is_full(fd) ? fail(ENOSPC) : syscall(SYS_pwrite64, fd, data, size, at);
}

int fdatasync(int fd)
{
    static atomic_long syncs;
    usleep((useconds_t)number_of("SHIM_SYNC_MS") * 1000);
    return fails_now("SHIM_FAIL_SYNC", &syncs) ? fail(EIO) : (int)syscall(SYS_fdatasync, fd);
}
