/* Loaded in front of a program by LD_PRELOAD: its wall clock is ahead, or its disk slow.
 *   SHIM_CLOCK_AHEAD_S   so many seconds
 *   SHIM_SYNC_MS         so long each fdatasync() takes */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += number_of("SHIM_CLOCK_AHEAD_S");
    return (int)result;
}

int fdatasync(int fd)
{
    usleep((useconds_t)number_of("SHIM_SYNC_MS") * 1000);
    return (int)syscall(SYS_fdatasync, fd);
}
