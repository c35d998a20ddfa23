#include "ledger/pool/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/base/crc32c.h"
#include "vm/base/cursor.h"

#define MAGIC            "LPJ1"
#define MAGIC_SIZE       4
#define RECORD_HEAD_SIZE 9
#define BODY_SIZE_MAX    (8 + 20 + TRANSACTION_SIZE_MAX)
#define KIND_ACCEPTED    1
#define KIND_GIVEN_UP    2
#define WINDOW_SIZE      (1u << 20)

struct journal {
    int file;
    int old_file; /* while rewriting, else -1 */
    uint64_t size;
    uint64_t old_size;
    bool is_read;    /* so the end is known */
    uint8_t *window; /* of the file, from window_at; NULL: nothing is mapped */
    uint64_t window_at;
    uint64_t window_size;
    char *path;
    char *new_path;
    struct buffer record;
};

static void unmap(struct journal *journal)
{
    if (journal->window != NULL)
        munmap(journal->window, journal->window_size);
    journal->window = NULL;
}

/* Maps what follows the journal's end, with room on the disk set aside: a write to the window
 * cannot fail then. Zero bytes behind the end are no record. */
static bool map_next(struct journal *journal, struct error *error)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    journal->window_at = journal->size - journal->size % page;
    journal->window_size = WINDOW_SIZE;
    unmap(journal);
    errno = posix_fallocate(journal->file, (off_t)journal->window_at, WINDOW_SIZE);
    if (errno == ENOSPC) { /* little will do */
        journal->window_size = page;
        errno = posix_fallocate(journal->file, (off_t)journal->window_at, (off_t)page);
    }
    if (errno != 0)
        return error_set_errno(error, "pool journal %s", journal->path);
    void *window = mmap(NULL, journal->window_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                        journal->file, (off_t)journal->window_at);
    if (window == MAP_FAILED)
        return error_set_errno(error, "pool journal %s", journal->path);
    journal->window = window;
    return true;
}

/* The file ends at `size` again. */
static bool cut(struct journal *journal, uint64_t size)
{
    unmap(journal);
    journal->size = size;
    return ftruncate(journal->file, (off_t)size) == 0;
}

/* Whole or an error; a part that was written is cut off again. */
static bool append(struct journal *journal, struct bytes bytes, struct error *error)
{
    const uint64_t before = journal->size;
    while (bytes.size > 0) {
        uint64_t used = journal->size - journal->window_at;
        if (journal->window == NULL || used == journal->window_size) {
            if (!map_next(journal, error)) {
                (void)cut(journal, before); /* else it is a torn end */
                return false;
            }
            used = journal->size - journal->window_at;
        }
        size_t part = bytes.size;
        if (part > journal->window_size - used)
            part = journal->window_size - used;
        memcpy(journal->window + used, bytes.data, part);
        journal->size += part;
        bytes = bytes_of(bytes.data + part, bytes.size - part);
    }
    return true;
}

static bool read_whole(struct journal *journal, struct buffer *out, struct error *error)
{
    struct stat status;
    if (fstat(journal->file, &status) != 0 || lseek(journal->file, 0, SEEK_SET) < 0)
        return error_set_errno(error, "pool journal %s", journal->path);
    size_t left = (size_t)status.st_size;
    uint8_t *next = buffer_extend(out, left);
    while (left > 0) {
        ssize_t count = read(journal->file, next, left);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return error_set_errno(error, "pool journal %s", journal->path);
        next += count;
        left -= (size_t)count;
    }
    return true;
}

/* A new file has no bytes. After a power cut some file systems show one whose bytes never reached
 * the disk as zeros, or cut within its first bytes. */
static bool check_magic(struct journal *journal, struct error *error)
{
    static const char zeros[MAGIC_SIZE];
    char magic[MAGIC_SIZE];
    ssize_t count = pread(journal->file, magic, sizeof magic, 0);
    if (count < 0)
        return error_set_errno(error, "pool journal %s", journal->path);
    if (count < (ssize_t)sizeof magic || memcmp(magic, zeros, sizeof magic) == 0) {
        if (!cut(journal, 0))
            return error_set_errno(error, "pool journal %s", journal->path);
        return append(journal, bytes_of(MAGIC, MAGIC_SIZE), error);
    }
    if (memcmp(magic, MAGIC, MAGIC_SIZE) == 0)
        return true;
    if (memcmp(magic, MAGIC, MAGIC_SIZE - 1) == 0 && magic[3] > MAGIC[3])
        return error_set(error, ERROR_VERSION,
                         "pool journal %s: version %c, expected %c: needs a newer lnode",
                         journal->path, magic[3], MAGIC[3]);
    return error_set(error, ERROR_CORRUPT,
                     "pool journal %s does not start with %s: damaged; remove it (waiting "
                     "transactions are lost, the ledger is not)",
                     journal->path, MAGIC);
}

struct journal *journal_open(const char *path, struct error *error)
{
    struct journal *journal = memory_new_zeroed(1, sizeof *journal);
    const size_t size = strlen(path) + sizeof ".new";
    journal->old_file = -1;
    journal->path = memory_new(size);
    journal->new_path = memory_new(size);
    snprintf(journal->path, size, "%s", path);
    snprintf(journal->new_path, size, "%s.new", path);
    journal->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (journal->file < 0)
        error_set_errno(error, "pool journal %s", path);
    else if (check_magic(journal, error))
        return journal;
    journal_close(journal);
    return NULL;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->file >= 0) {
        if (journal->is_read)
            (void)cut(journal, journal->size); /* else zeros stay behind the end */
        close(journal->file);
    }
    if (journal->old_file >= 0)
        close(journal->old_file);
    buffer_cleanup(&journal->record);
    free(journal->path);
    free(journal->new_path);
    free(journal);
}

static void replay_record(const struct journal_replay *replay, uint8_t kind, struct bytes body)
{
    struct cursor in = cursor_over(body.data, body.size);
    if (kind == KIND_ACCEPTED) {
        address sender;
        uint64_t time_ms = cursor_u64_be(&in);
        cursor_copy(&in, sender.bytes, sizeof sender.bytes);
        if (!in.failed)
            replay->accepted(replay->context, time_ms, &sender, bytes_of(in.next, in.left));
    } else if (kind == KIND_GIVEN_UP) {
        hash256 hash;
        cursor_copy(&in, hash.bytes, sizeof hash.bytes);
        if (cursor_finished(&in))
            replay->given_up(replay->context, &hash);
    }
}

/* Takes one whole, undamaged record; false at the end or where the file is torn. */
static bool take_record(struct cursor *in, uint8_t *kind, struct bytes *body)
{
    struct cursor record = *in;
    const uint32_t size = cursor_u32_be(&record);
    const uint32_t crc = cursor_u32_be(&record);
    const uint8_t *checked = record.next;
    *kind = cursor_u8(&record);
    if (record.failed || size > BODY_SIZE_MAX)
        return false;
    *body = cursor_take(&record, size);
    if (record.failed || crc32c(0, bytes_of(checked, size + 1)) != crc)
        return false;
    *in = record;
    return true;
}

bool journal_read(struct journal *journal, const struct journal_replay *replay, struct error *error)
{
    struct buffer whole = {0};
    bool ok = read_whole(journal, &whole, error);
    if (ok) {
        struct cursor in = cursor_over(whole.data, whole.size);
        uint8_t kind;
        struct bytes body;
        cursor_take(&in, MAGIC_SIZE);
        while (in.left > 0 && take_record(&in, &kind, &body))
            replay_record(replay, kind, body);
        journal->is_read = true;
        if (!cut(journal, whole.size - in.left))
            ok = error_set_errno(error, "pool journal %s", journal->path);
    }
    buffer_cleanup(&whole);
    return ok;
}

static struct buffer *begin_record(struct journal *journal, size_t size, uint8_t kind)
{
    buffer_clear(&journal->record);
    buffer_append_u32_be(&journal->record, (uint32_t)size);
    buffer_append_u32_be(&journal->record, 0);
    buffer_append_u8(&journal->record, kind);
    return &journal->record;
}

static bool end_record(struct journal *journal, struct error *error)
{
    struct buffer *record = &journal->record;
    const uint32_t crc = crc32c(
        0, bytes_of(record->data + RECORD_HEAD_SIZE - 1, record->size - RECORD_HEAD_SIZE + 1));
    for (int i = 0; i < 4; i++)
        record->data[4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    return append(journal, buffer_view(record), error);
}

bool journal_accepted(struct journal *journal, uint64_t time_ms, const struct transaction *tx,
                      struct error *error)
{
    struct buffer *record =
        begin_record(journal, 8 + sizeof tx->sender.bytes + tx->encoded.size, KIND_ACCEPTED);
    buffer_append_u64_be(record, time_ms);
    buffer_append(record, tx->sender.bytes, sizeof tx->sender.bytes);
    buffer_append_bytes(record, tx->encoded);
    return end_record(journal, error);
}

void journal_given_up(struct journal *journal, const hash256 *hash)
{
    struct error ignored;
    buffer_append(begin_record(journal, sizeof hash->bytes, KIND_GIVEN_UP), hash->bytes,
                  sizeof hash->bytes);
    if (!end_record(journal, &ignored))
        return;
}

void journal_empty(struct journal *journal)
{
    const uint64_t before = journal->size;
    if (!cut(journal, MAGIC_SIZE))
        journal->size = before;
}

uint64_t journal_size(const struct journal *journal)
{
    return journal->size;
}

bool journal_rewrite_begin(struct journal *journal, struct error *error)
{
    int file = open(journal->new_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return error_set_errno(error, "pool journal %s", journal->new_path);
    unmap(journal);
    journal->old_file = journal->file;
    journal->old_size = journal->size;
    journal->file = file;
    journal->size = 0;
    return append(journal, bytes_of(MAGIC, MAGIC_SIZE), error)
           || journal_rewrite_end(journal, false, error);
}

bool journal_rewrite_end(struct journal *journal, bool keep, struct error *error)
{
    if (keep && rename(journal->new_path, journal->path) == 0) {
        close(journal->old_file);
        journal->old_file = -1;
        return true;
    }
    if (keep)
        error_set_errno(error, "pool journal %s", journal->path);
    unlink(journal->new_path);
    unmap(journal);
    close(journal->file);
    journal->file = journal->old_file;
    journal->size = journal->old_size;
    journal->old_file = -1;
    return false;
}
