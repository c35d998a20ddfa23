#include "tests/sim/store_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/inside.h"
#include "ledger/store/folder.h"

#define PIPE_SIZE (1 << 20) /* more than a batch of a simulated ledger has */
#define FILES_MAX 256

static void fail(const char *what, const char *which)
{
    printf("BROKEN: %s: %s\n", what, which);
    fflush(stdout);
    _Exit(1);
}

/* ---- A log that takes nothing more ------------------------------------------------------------ */

/* The descriptor of the file below `directory` that ends in .log and is written to. */
static int find_log(const char *directory, char *path, size_t size)
{
    struct stat status;
    DIR *open_files = opendir("/proc/self/fd");
    int found = -1;
    if (open_files == NULL)
        fail("no list of open files", "/proc/self/fd");
    for (struct dirent *entry = readdir(open_files); entry != NULL; entry = readdir(open_files)) {
        const int file = atoi(entry->d_name);
        const ssize_t length = readlinkat(dirfd(open_files), entry->d_name, path, size - 1);
        if (length <= 4)
            continue;
        path[length] = 0;
        if (strncmp(path, directory, strlen(directory)) == 0 && path[strlen(directory)] == '/'
            && strcmp(path + length - 4, ".log") == 0 && fstat(file, &status) == 0) {
            found = file;
            break;
        }
    }
    closedir(open_files);
    if (found < 0)
        fail("a store without a log", directory);
    return found;
}

void store_break_log(const char *directory, bool is_full, struct broken_log *broken)
{
    struct stat status;
    int ends[2] = {-1, -1};
    const int log = find_log(directory, broken->path, sizeof broken->path);
    if (fstat(log, &status) != 0)
        fail("the size of a log", broken->path);
    broken->size = (size_t)status.st_size;
    if (is_full)
        ends[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
    else if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0
             || fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE) < 0)
        fail("no pipe for a log", broken->path);
    if (ends[1] < 0 || dup2(ends[1], log) < 0)
        fail("a log was not broken", broken->path);
    close(ends[1]);
    broken->pipe = ends[0];
}

bool store_leave_some(struct broken_log *broken, uint64_t random)
{
    static uint8_t written[PIPE_SIZE];
    size_t size = 0;
    ssize_t more = 1;
    if (broken->pipe < 0)
        return false;
    while (size < sizeof written && more > 0) {
        more = read(broken->pipe, written + size, sizeof written - size);
        size += more > 0 ? (size_t)more : 0;
    }
    close(broken->pipe);
    if (size == sizeof written)
        fail("a batch larger than a pipe", broken->path);
    const size_t kept = random % 3 == 0 ? size : random % 3 == 1 ? 0 : (random / 3) % (size + 1);
    const int log = open(broken->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (log < 0 || write(log, written, kept) != (ssize_t)kept)
        fail("a log was not written", broken->path);
    close(log);
    return size > 0 && kept == size;
}

/* ---- A bit that is not what was written -------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of all that the store reads again: not its lock nor what it writes for people. */
static bool is_read(const char *name)
{
    return name[0] != '.' && strncmp(name, "LOG", 3) != 0 && strcmp(name, "LOCK") != 0;
}

static void flip(const char *path, uint64_t random)
{
    struct stat status;
    uint8_t byte;
    const int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return; /* an open store gave it up meanwhile */
    if (file < 0 || fstat(file, &status) != 0)
        fail("a store's file", path);
    if (status.st_size > 0) {
        const off_t at = (off_t)(random / 8 % (uint64_t)status.st_size);
        if (pread(file, &byte, 1, at) != 1)
            fail("a byte was not read", path);
        byte ^= (uint8_t)(1U << random % 8);
        if (pwrite(file, &byte, 1, at) != 1)
            fail("a byte was not written", path);
    }
    close(file);
}

void store_flip_bit(const char *directory, uint64_t random)
{
    char *names[FILES_MAX];
    size_t count = 0;
    char *store = folder_path(directory, LEDGER_STORE_FOLDER);
    DIR *folder = opendir(store);
    if (folder == NULL)
        fail("no folder of a store", store);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (is_read(entry->d_name) && count < FILES_MAX)
            names[count++] = folder_path(store, entry->d_name);
    closedir(folder);
    if (count == 0)
        fail("an empty store", store);
    qsort(names, count, sizeof *names, by_name);
    flip(names[random % count], random / count);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(store);
}

/* ---- A folder of some time ago ----------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
    static uint8_t bytes[1 << 16];
    ssize_t size = 0;
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (in < 0 || out < 0)
        fail("a file was not copied", from);
    while ((size = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)size) != size)
            fail("a copy was not written", to);
    if (size < 0)
        fail("a file was not read", from);
    close(in);
    close(out);
}

static void copy_folder(const char *from, const char *to)
{
    struct stat status;
    DIR *folder = opendir(from);
    if (folder == NULL || mkdir(to, 0700) != 0)
        fail("a folder was not copied", from);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *source = folder_path(from, entry->d_name), *target = folder_path(to, entry->d_name);
        if (lstat(source, &status) != 0)
            fail("a file is gone", source);
        if (S_ISDIR(status.st_mode))
            copy_folder(source, target);
        else
            copy_file(source, target);
        free(source);
        free(target);
    }
    closedir(folder);
}

void store_copy(const char *from, const char *to)
{
    struct error error;
    if (!folder_remove(to, &error))
        fail("an old copy was not removed", error.text);
    copy_folder(from, to);
}
