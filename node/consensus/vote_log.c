#include "node/consensus/vote_log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/files.h"

#define FILE_SIZE_MAX      (1U << 30)
#define REWRITE_SIZE_LEAST (4U << 20) /* a smaller file is not worth rewriting */
#define PREALLOCATED       (1U << 20) /* so that most syncs need not write a new file size */

/* A record that is still needed. */
struct entry {
    hash256 ledger;
    uint64_t epoch;
    uint64_t view;
    uint64_t at; /* in the file, or behind its end: in what is queued */
    uint64_t size;
};

struct vote_log {
    char path[PATH_SIZE];
    char new_path[PATH_SIZE];
    int file; /* -1: a sync failed, nothing more is taken */
    struct vote_log_identity identity;
    uint64_t size;         /* bytes that are on the disk */
    uint64_t preallocated; /* up to here the file has room */
    uint64_t records;      /* of this generation, with those queued */
    uint64_t records_synced;
    uint64_t appended; /* since opening: the numbers of vote_log_append() */
    uint64_t synced;
    struct buffer queued;
    struct entry *entries; /* in the order they were appended */
    size_t entries_count, entries_capacity;
};

/* ---- Records that are needed ---------------------------------------------------------------- */

static void add_entry(struct vote_log *log, const struct vote_record *record, uint64_t at,
                      uint64_t size)
{
    if (log->entries_count == log->entries_capacity) {
        log->entries_capacity = log->entries_capacity == 0 ? 16 : 2 * log->entries_capacity;
        log->entries = memory_resize(log->entries, log->entries_capacity * sizeof *log->entries);
    }
    log->entries[log->entries_count++] =
        (struct entry){record->ledger, record->epoch, record->view, at, size};
}

static uint64_t needed_size(const struct vote_log *log)
{
    uint64_t size = 0;
    for (size_t i = 0; i < log->entries_count; i++)
        size += log->entries[i].size;
    return size;
}

void vote_log_on_final(struct vote_log *log, const hash256 *ledger, uint64_t epoch, uint64_t view)
{
    size_t kept = 0;
    for (size_t i = 0; i < log->entries_count; i++) {
        const struct entry *entry = &log->entries[i];
        const bool is_settled =
            hash256_equal(&entry->ledger, ledger)
            && (entry->epoch < epoch || (entry->epoch == epoch && entry->view <= view));
        if (!is_settled)
            log->entries[kept++] = *entry;
    }
    log->entries_count = kept;
}

/* ---- The file ------------------------------------------------------------------------------- */

static bool write_at(int file, uint64_t at, struct bytes bytes, struct error *error)
{
    while (bytes.size > 0) {
        const ssize_t written = pwrite(file, bytes.data, bytes.size, (off_t)at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return error_set_errno(error, "could not write the vote log");
        at += (uint64_t)written;
        bytes = bytes_of(bytes.data + written, bytes.size - (size_t)written);
    }
    return true;
}

static bool read_at(int file, uint64_t at, uint8_t *out, size_t size, struct error *error)
{
    while (size > 0) {
        const ssize_t got = pread(file, out, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(error, "could not read the vote log");
        if (got == 0)
            return error_set(error, ERROR_CORRUPT,
                             "the vote log ends at %" PRIu64 " bytes, expected %zu more", at, size);
        at += (uint64_t)got;
        out += got;
        size -= (size_t)got;
    }
    return true;
}

/* Room for `size` bytes in all, so that writing them cannot fail for want of space. */
static bool make_room(int file, uint64_t *preallocated, uint64_t size, struct error *error)
{
    if (size <= *preallocated)
        return true;
    const uint64_t wanted = (size + PREALLOCATED - 1) / PREALLOCATED * PREALLOCATED;
    const int failure = posix_fallocate(file, 0, (off_t)wanted);
    if (failure != 0) {
        errno = failure;
        return error_set_errno(error, "no room for %" PRIu64 " bytes of vote log", wanted);
    }
    *preallocated = wanted;
    return true;
}

/* A record that is needed, from the file or from what is queued; it borrows from `memory`. */
static bool fetch(const struct vote_log *log, const struct entry *entry, struct buffer *memory,
                  struct vote_record *record, struct error *error)
{
    buffer_clear(memory);
    if (entry->at >= log->size)
        buffer_append(memory, log->queued.data + (entry->at - log->size), entry->size);
    else if (!read_at(log->file, entry->at, buffer_extend(memory, entry->size), entry->size, error))
        return false;
    return vote_record_decode(record, &log->identity, buffer_view(memory))
           || error_set(error, ERROR_CORRUPT, "a record of %s changed on the disk", log->path);
}

/* Nobody knows what the disk holds: nothing more is taken until the log is opened again. */
static bool give_up(struct vote_log *log)
{
    if (log->file >= 0)
        close(log->file);
    log->file = -1;
    return false;
}

/* The needed records, those queued too, as a new generation; where each stands goes to `moved`. */
static bool write_out(const struct vote_log *log, const struct vote_log_identity *next,
                      struct entry *moved, struct buffer *content, struct error *error)
{
    struct buffer memory = {0};
    bool ok = true;
    vote_log_header_encode(next, content);
    for (size_t i = 0; ok && i < log->entries_count; i++) {
        struct vote_record record;
        ok = fetch(log, &log->entries[i], &memory, &record, error);
        if (!ok)
            break;
        moved[i] = log->entries[i];
        moved[i].at = content->size;
        vote_record_encode(&record, next, i, 0, content);
        assert(content->size - moved[i].at == moved[i].size);
    }
    buffer_cleanup(&memory);
    return ok;
}

/* A synced file beside the log; -1 on failure. */
static int make_new_file(const struct vote_log *log, struct bytes content, uint64_t *preallocated,
                         struct error *error)
{
    const int file = open(log->new_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        error_set_errno(error, "could not make %s", log->new_path);
        return -1;
    }
    *preallocated = 0;
    if (make_room(file, preallocated, content.size, error) && write_at(file, 0, content, error)
        && (fsync(file) == 0 || error_set_errno(error, "could not sync %s", log->new_path)))
        return file;
    close(file);
    return -1;
}

/* Puts a new generation with the needed records in the place of the file; all that was appended is
 * synced then. Until the new file has taken its place the log stays as it was. */
static bool rewrite(struct vote_log *log, struct error *error)
{
    const struct vote_log_identity next = {log->identity.id, log->identity.generation + 1};
    struct entry *moved = memory_new(log->entries_count * sizeof *moved);
    struct buffer content = {0};
    uint64_t preallocated;
    int file = -1;
    bool ok = false;

    if (!write_out(log, &next, moved, &content, error))
        goto done;
    file = make_new_file(log, buffer_view(&content), &preallocated, error);
    if (file < 0)
        goto done;
    if (rename(log->new_path, log->path) != 0) {
        error_set_errno(error, "could not put %s in its place", log->path);
        goto done;
    }
    give_up(log); /* the old file has no name any more */
    if (!dir_sync_of(log->path, error))
        goto done;
    log->file = file;
    file = -1;
    if (log->entries_count > 0)
        memcpy(log->entries, moved, log->entries_count * sizeof *moved);
    log->identity = next;
    log->size = content.size;
    log->preallocated = preallocated;
    log->records = log->records_synced = log->entries_count;
    log->synced = log->appended;
    buffer_clear(&log->queued);
    ok = true;
done:
    if (file >= 0)
        close(file);
    free(moved);
    buffer_cleanup(&content);
    return ok;
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* Takes over every record of the file; a torn tail is none. */
static bool take_records(struct vote_log *log, struct bytes file, struct error *error)
{
    struct vote_record record;
    enum vote_record_verdict verdict;

    uint8_t version;
    if (!vote_log_header_decode(&log->identity, file, &version))
        return error_set(error, version > VOTE_RECORD_VERSION ? ERROR_VERSION : ERROR_CORRUPT,
                         "%s begins with version %u of a vote log, expected %d, whole", log->path,
                         version, VOTE_RECORD_VERSION);
    struct vote_record_reader reader = vote_record_reader_over(&log->identity, file);
    for (size_t at = reader.at; (verdict = vote_record_read(&reader, &record)) == VOTE_RECORD_FOUND;
         at = reader.at)
        add_entry(log, &record, at, reader.at - at);
    if (verdict == VOTE_RECORD_DAMAGED)
        return error_set(error, ERROR_CORRUPT,
                         "record %" PRIu64 " of %s was on the disk and is damaged", reader.sequence,
                         log->path);
    log->size = reader.at;
    return true;
}

static bool open_old(struct vote_log *log, struct error *error)
{
    struct buffer content = {0};
    bool ok = file_read(log->path, FILE_SIZE_MAX, &content, error)
              && take_records(log, buffer_view(&content), error);
    buffer_cleanup(&content);
    if (!ok)
        return false;
    log->file = open(log->path, O_RDWR | O_CLOEXEC);
    return log->file >= 0 || error_set_errno(error, "could not open %s", log->path);
}

struct vote_log *vote_log_open(const char *path, const hash256 *new_id, enum vote_log_found *found,
                               struct error *error)
{
    struct vote_log *log = memory_new_zeroed(1, sizeof *log);
    bool ok = path_format(log->path, error, "%s", path)
              && path_format(log->new_path, error, "%s.new", path);
    log->file = -1;
    log->identity.id = *new_id;
    *found = file_exists(path) ? VOTE_LOG_WHOLE : VOTE_LOG_MADE;
    if (ok && *found == VOTE_LOG_WHOLE)
        ok = open_old(log, error);
    if (ok && rewrite(log, error))
        return log;
    vote_log_close(log);
    return NULL;
}

void vote_log_close(struct vote_log *log)
{
    if (log == NULL)
        return;
    if (log->file >= 0)
        close(log->file);
    buffer_cleanup(&log->queued);
    free(log->entries);
    free(log);
}

hash256 vote_log_id(const struct vote_log *log)
{
    return log->identity.id;
}

/* ---- Appending and syncing ------------------------------------------------------------------ */

uint64_t vote_log_append(struct vote_log *log, const struct vote_record *record)
{
    const size_t start = log->queued.size;
    vote_record_encode(record, &log->identity, log->records++, log->records_synced, &log->queued);
    add_entry(log, record, log->size + start, log->queued.size - start);
    return ++log->appended;
}

static bool write_queued(struct vote_log *log, struct error *error)
{
    return write_at(log->file, log->size, buffer_view(&log->queued), error)
           && (fdatasync(log->file) == 0 || error_set_errno(error, "could not sync the vote log"));
}

bool vote_log_sync(struct vote_log *log, struct error *error)
{
    if (log->file < 0)
        return error_set(error, ERROR_IO, "the vote log failed before; it must be opened again");
    if (log->queued.size == 0)
        return true;
    const uint64_t size = log->size + log->queued.size;
    if (size > REWRITE_SIZE_LEAST && needed_size(log) < size / 2)
        return rewrite(log, error) || (error->code != ERROR_DISK_FULL && give_up(log));
    if (!make_room(log->file, &log->preallocated, size, error))
        return false;
    if (!write_queued(log, error))
        return give_up(log);
    log->size = size;
    log->records_synced = log->records;
    log->synced = log->appended;
    buffer_clear(&log->queued);
    return true;
}

uint64_t vote_log_synced(const struct vote_log *log)
{
    return log->synced;
}

uint64_t vote_log_file_size(const struct vote_log *log)
{
    return log->size;
}

/* ---- Reading back --------------------------------------------------------------------------- */

bool vote_log_replay(const struct vote_log *log, const hash256 *ledger, uint64_t epoch,
                     vote_log_visit *visit, void *context, struct error *error)
{
    struct buffer memory = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < log->entries_count; i++) {
        const struct entry *entry = &log->entries[i];
        struct vote_record record;
        if (entry->epoch != epoch || !hash256_equal(&entry->ledger, ledger))
            continue;
        ok = fetch(log, entry, &memory, &record, error);
        if (ok)
            visit(context, &record);
    }
    buffer_cleanup(&memory);
    return ok;
}
