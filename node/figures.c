#include "node/figures.h"

#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "node/workers.h"

static_assert(WORKERS_MAX == NODE_WORKERS_MAX, "rpc/host.h has room for all workers");

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time = {0};
    if (clock_gettime(clock, &time) != 0)
        return 0;
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void read_processor_time(struct node_figures *figures, pthread_t loop_thread)
{
    clockid_t loop_clock;
    figures->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (pthread_getcpuclockid(loop_thread, &loop_clock) == 0)
        figures->loop_cpu_ns = clock_ns(loop_clock);
}

/* proc(5): the first two numbers of statm are pages. */
static void read_memory(struct node_figures *figures)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    const struct mallinfo2 heap = mallinfo2();
    FILE *file = fopen("/proc/self/statm", "re");
    uint64_t all, resident;
    if (file != NULL && fscanf(file, "%" SCNu64 " %" SCNu64, &all, &resident) == 2) {
        figures->virtual_bytes = all * page_size;
        figures->resident_bytes = resident * page_size;
    }
    if (file != NULL)
        fclose(file);
    figures->heap_used_bytes = heap.uordblks + heap.hblkhd;
    figures->heap_free_bytes = heap.fordblks;
}

static void read_descriptors(struct node_figures *figures)
{
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");
    if (folder != NULL) {
        for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
            figures->descriptors_open += entry->d_name[0] != '.';
        figures->descriptors_open--; /* the folder's own */
        closedir(folder);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        figures->descriptors_max = limit.rlim_cur;
}

static void read_disk(struct node_figures *figures, const char *data_dir)
{
    struct statvfs disk;
    if (statvfs(data_dir, &disk) != 0)
        return;
    figures->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    figures->disk_size_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
}

static void read_workers(struct node_figures *figures, struct workers *workers)
{
    struct workers_figures pool;
    workers_figures(workers, &pool);
    figures->workers = pool.count;
    figures->workers_idle = pool.idle;
    figures->jobs_waiting = pool.waiting;
    figures->jobs_max = pool.waiting_max;
    figures->jobs_refused = pool.refused;
    for (unsigned i = 0; i < pool.count; i++) {
        figures->each_worker[i].tasks = pool.each[i].tasks;
        figures->each_worker[i].cpu_ns = pool.each[i].cpu_ns;
    }
}

void node_figures_read(struct node_figures *figures, struct workers *workers, pthread_t loop_thread,
                       const char *data_dir)
{
    *figures = (struct node_figures){0};
    read_processor_time(figures, loop_thread);
    read_memory(figures);
    read_descriptors(figures);
    read_disk(figures, data_dir);
    read_workers(figures, workers);
}
