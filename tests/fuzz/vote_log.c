/* The vote log: the first byte says whether the bytes are a file, which is opened, replayed,
 * appended to and opened again, or what is done with a log: records appended and synced, views that
 * become final, the file cut or changed behind its back, opened again. Then a log that opens
 * shows a prefix of what was appended, nothing else and in order; and what was synced is there
 * unless the file was touched. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/consensus/vote_log.h"
#include "node/files.h"
#include "tests/fuzz/target.h"
#include "vm/base/cursor.h"

#define RECORDS_MAX 256
#define LEDGERS     2
#define EPOCHS      3

static const hash256 new_id = {{0x77}};

struct expected {
    struct vote_record record; /* its view is its own */
    uint64_t number;           /* in the log, since opening */
    bool is_synced;
    bool is_final; /* needed no more: it may come back when the log is opened */
    bool is_shown; /* by the last replay */
};

struct world {
    struct cursor in;
    struct vote_log *log;
    struct expected expected[RECORDS_MAX]; /* in the order they were appended */
    unsigned count, appended;
    bool was_touched;
};

static char path[64];

static void make_folder(void)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/leither-fuzz-XXXXXX", memory);
    must(mkdtemp(path) != NULL, "no folder");
    strcat(path, "/votes");
}

static void remove_file(void)
{
    char beside[sizeof path + 8];
    snprintf(beside, sizeof beside, "%s.new", path);
    unlink(path);
    unlink(beside);
}

static void remove_folder(void)
{
    remove_file();
    *strrchr(path, '/') = 0;
    rmdir(path);
}

/* ---- What it shows -------------------------------------------------------------------------- */

static hash256 ledger_named(unsigned number)
{
    return (hash256){{0xa0, (uint8_t)number}};
}

static struct vote_record record_from(struct cursor *in, unsigned number)
{
    static const uint8_t body[] = "a block, or a certificate";
    const uint8_t shape = cursor_u8(in);
    struct vote_record record = {
        .kind = (enum vote_record_kind)(VOTE_RECORD_VOTE + shape % 5),
        .ledger = ledger_named(shape / 5 % LEDGERS),
        .epoch = shape / 16 % EPOCHS,
        .view = number * 37 % RECORDS_MAX, /* each another, in no order */
    };
    const uint8_t value = cursor_u8(in);
    switch (record.kind) {
    case VOTE_RECORD_VOTE:
        record.vote = (enum consensus_message)(MESSAGE_NOTARIZE + value % 3);
        if (record.vote != MESSAGE_NULLIFY)
            record.proposal.bytes[31] = value;
        break;
    case VOTE_RECORD_PROPOSAL:
        record.parent_view = value;
        record.block.bytes[0] = value;
        break;
    case VOTE_RECORD_CERTIFICATE:
        record.body = bytes_of(body, 1 + value % (sizeof body - 1));
        break;
    case VOTE_RECORD_BOUND: break;
    case VOTE_RECORD_BLOCK:
        record.block.bytes[0] = value;
        record.body = bytes_of(body, 1 + value % (sizeof body - 1));
        break;
    }
    return record;
}

static bool same(const struct vote_record *a, const struct vote_record *b)
{
    return a->kind == b->kind && hash256_equal(&a->ledger, &b->ledger) && a->epoch == b->epoch
           && a->view == b->view && a->vote == b->vote && a->parent_view == b->parent_view
           && hash256_equal(&a->proposal, &b->proposal) && hash256_equal(&a->block, &b->block)
           && bytes_equal(a->body, b->body);
}

static void mark_shown(void *context, const struct vote_record *record)
{
    struct world *w = context;
    unsigned at = 0;
    while (at < w->count && w->expected[at].record.view != record->view)
        at++;
    must(at < w->count, "a record that nobody appended");
    must(same(record, &w->expected[at].record), "another record than was appended");
    for (unsigned i = at; i < w->count; i++)
        must(!w->expected[i].is_shown
                 || !hash256_equal(&w->expected[i].record.ledger, &record->ledger)
                 || w->expected[i].record.epoch != record->epoch,
             "records in another order");
    w->expected[at].is_shown = true;
}

static void replay(struct world *w)
{
    for (unsigned i = 0; i < w->count; i++)
        w->expected[i].is_shown = false;
    for (unsigned i = 0; i < LEDGERS * EPOCHS; i++) {
        const hash256 ledger = ledger_named(i % LEDGERS);
        struct error error;
        must(vote_log_replay(w->log, &ledger, i / LEDGERS, mark_shown, w, &error),
             "what was opened is not replayed");
    }
}

/* Without anything opened: just what is needed. */
static void check_needed(struct world *w)
{
    replay(w);
    for (unsigned i = 0; i < w->count; i++)
        must(w->expected[i].is_shown != w->expected[i].is_final, "not just what is needed");
}

/* After opening: a prefix; and all that was synced unless somebody touched the file. */
static void check_opened(struct world *w)
{
    bool is_missing = false;
    unsigned kept = 0;
    replay(w);
    for (unsigned i = 0; i < w->count; i++) {
        const struct expected *expected = &w->expected[i];
        must(!expected->is_shown || !is_missing, "a record behind one that is gone");
        is_missing |= !expected->is_shown && !expected->is_final;
        must(expected->is_shown || expected->is_final || !expected->is_synced || w->was_touched,
             "what was synced is gone");
        if (expected->is_shown)
            w->expected[kept++] = (struct expected){.record = expected->record, .is_synced = true};
    }
    w->count = kept;
    w->was_touched = false;
}

/* ---- What is done with it ------------------------------------------------------------------- */

static void append(struct world *w)
{
    if (w->appended == RECORDS_MAX)
        return;
    struct expected *expected = &w->expected[w->count++];
    *expected = (struct expected){.record = record_from(&w->in, w->appended++)};
    expected->number = vote_log_append(w->log, &expected->record);
}

static void sync_log(struct world *w)
{
    struct error error;
    must(vote_log_sync(w->log, &error), "a sync failed");
    for (unsigned i = 0; i < w->count; i++) {
        must(vote_log_synced(w->log) >= w->expected[i].number, "not all is synced");
        w->expected[i].is_synced = true;
    }
}

static void become_final(struct world *w)
{
    const hash256 ledger = ledger_named(cursor_u8(&w->in) % LEDGERS);
    const uint64_t epoch = cursor_u8(&w->in) % EPOCHS, view = cursor_u8(&w->in);
    vote_log_on_final(w->log, &ledger, epoch, view);
    for (unsigned i = 0; i < w->count; i++) {
        const struct vote_record *record = &w->expected[i].record;
        if (hash256_equal(&record->ledger, &ledger)
            && (record->epoch < epoch || (record->epoch == epoch && record->view <= view)))
            w->expected[i].is_final = true;
    }
}

static void touch(struct world *w)
{
    struct buffer content = {0};
    struct error error;
    const uint16_t at = cursor_u16_be(&w->in);
    const uint8_t value = cursor_u8(&w->in);
    must(file_read(path, 1U << 30, &content, &error), "the file is gone");
    if (value == 0 && content.size > 0)
        content.size = at % content.size;
    else if (content.size > 0)
        content.data[at % content.size] ^= value;
    must(file_write(path, buffer_view(&content), &error), "no room");
    buffer_cleanup(&content);
    w->was_touched = true;
}

/* The file without the room behind the records, which is zero and slow to look through here. */
static void close_log(struct world *w)
{
    if (w->log == NULL)
        return;
    const uint64_t size = vote_log_file_size(w->log);
    vote_log_close(w->log);
    w->log = NULL;
    must(truncate(path, (off_t)size) == 0, "the file is gone");
}

/* False when it is refused, which it may be only when it was touched. */
static bool reopen(struct world *w)
{
    enum vote_log_found found;
    struct error error;
    close_log(w);
    w->log = vote_log_open(path, &new_id, &found, &error);
    if (w->log == NULL) {
        must(w->was_touched, "a sound log is refused");
        must(error.code == ERROR_CORRUPT || error.code == ERROR_VERSION, "refused for no reason");
        return false;
    }
    check_opened(w);
    return true;
}

static void run(struct world *w)
{
    while (w->in.left > 0 && !w->in.failed) {
        switch (cursor_u8(&w->in) % 8) {
        case 0:
        case 1:
        case 2: append(w); break;
        case 3:
        case 4: sync_log(w); break;
        case 5: become_final(w); break;
        case 6: /* as a power cut leaves it, then whatever else */
            close_log(w);
            touch(w);
            if (!reopen(w))
                return;
            break;
        case 7: must(reopen(w), "refused"); break;
        }
    }
    check_needed(w);
}

/* ---- A file of any bytes -------------------------------------------------------------------- */

static void count_records(void *context, const struct vote_record *record)
{
    unsigned *count = context;
    must(record->kind >= VOTE_RECORD_VOTE && record->kind <= VOTE_RECORD_BLOCK, "no such kind");
    ++*count;
}

static unsigned records_of(const struct vote_log *log, const hash256 *ledger)
{
    unsigned count = 0;
    struct error error;
    must(vote_log_replay(log, ledger, 1, count_records, &count, &error), "no replay");
    return count;
}

static void open_any(struct bytes content)
{
    enum vote_log_found found;
    struct error error;
    must(file_write(path, content, &error), "no room");
    struct vote_log *log = vote_log_open(path, &new_id, &found, &error);
    if (log == NULL) {
        must(error.code == ERROR_CORRUPT || error.code == ERROR_VERSION, "refused for no reason");
        return;
    }
    must(found == VOTE_LOG_WHOLE, "it was there");
    const struct vote_record more = {
        .kind = VOTE_RECORD_BOUND, .ledger = ledger_named(0), .epoch = 1, .view = 7};
    const unsigned before = records_of(log, &more.ledger);
    vote_log_append(log, &more);
    must(vote_log_sync(log, &error), "a sync failed");
    vote_log_close(log);
    log = vote_log_open(path, &new_id, &found, &error);
    must(log != NULL, "what it wrote itself is refused");
    must(records_of(log, &more.ledger) == before + 1, "a record is gone");
    vote_log_close(log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    if (path[0] == 0) {
        make_folder();
        atexit(remove_folder);
    }
    remove_file();
    w = (struct world){.in = cursor_over(data, size)};
    if (size > 0 && cursor_u8(&w.in) % 8 == 0) {
        open_any(bytes_of(data + 1, size - 1));
    } else {
        must(reopen(&w), "none is made");
        run(&w);
        vote_log_close(w.log);
    }
    return 0;
}
