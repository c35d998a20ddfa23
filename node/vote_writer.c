#include "node/vote_writer.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "node/clock.h"
#include "node/consensus/vote_log.h"
#include "node/files.h"
#include "node/log.h"

#define STACK_SIZE_BYTES (256 * 1024)
#define LAZY_MAX         1048576 /* bytes that wait for somebody's wait */

enum item_kind { ITEM_RECORD, ITEM_WAIT, ITEM_FINAL, ITEM_REPLAY };

struct item {
    struct item *next;
    enum item_kind kind;
    struct vote_record record; /* FINAL: its ledger, epoch and view */
    struct buffer body;        /* the record's */
    struct vote_wait *wait;
    struct vote_replay *replay;
};

struct item_list {
    struct item *first, *last;
};

struct vote_writer {
    char path[PATH_SIZE];
    struct workers *workers;
    hash256 id; /* written by the writer's thread before its first answer */
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock; /* all up to the next empty line */
    pthread_cond_t wanted;
    struct item_list queue;
    size_t queued_bytes;
    bool is_urgent; /* somebody waits */
    bool is_stopping;

    struct vote_log *log; /* the writer's thread's */
    struct error failure; /* with a code: the log takes nothing more */
};

/* ---- The file ----------------------------------------------------------------------------------- */

static bool draw_id(hash256 *id, struct error *error)
{
    return getrandom(id->bytes, sizeof id->bytes, 0) == (ssize_t)sizeof id->bytes
           || error_set(error, ERROR_IO, "the system gives no random bytes");
}

/* So that somebody may look at it; its name tells when. */
static bool move_aside(const char *path, const struct error *why, struct error *error)
{
    char aside[PATH_SIZE];
    if (!path_format(aside, error, "%s.damaged-%" PRIu64, path, clock_wall_ms()))
        return false;
    if (rename(path, aside) != 0)
        return error_set_errno(error, "could not move %s aside", path);
    log_write(LOG_ERROR, "votes: damaged moved_to=%s reason=\"%s\"", aside, why->text);
    return true;
}

static struct vote_log *open_log(const char *path, struct error *error)
{
    enum vote_log_found found;
    hash256 id;
    if (!draw_id(&id, error))
        return NULL;
    struct vote_log *log = vote_log_open(path, &id, &found, error);
    struct error why = *error;
    if (log == NULL && why.code == ERROR_CORRUPT && move_aside(path, &why, error))
        log = vote_log_open(path, &id, &found, error);
    return log;
}

/* ---- The thread -------------------------------------------------------------------------------- */

static size_t size_of(const struct item *item)
{
    return sizeof *item + item->body.size;
}

static void item_free(struct item *item)
{
    buffer_cleanup(&item->body);
    free(item);
}

/* All that is queued once somebody waits; NULL: it is to stop. */
static struct item *take_all(struct vote_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (!writer->is_urgent && !writer->is_stopping)
        pthread_cond_wait(&writer->wanted, &writer->lock);
    struct item *first = writer->is_stopping ? NULL : writer->queue.first;
    if (first != NULL) {
        writer->queue = (struct item_list){NULL, NULL};
        writer->queued_bytes = 0;
        writer->is_urgent = false;
    }
    pthread_mutex_unlock(&writer->lock);
    return first;
}

static void note_failure(struct vote_writer *writer, const struct error *error)
{
    log_write(LOG_ERROR, "votes: stopped reason=\"%s\"", error->text);
    error_set(&writer->failure, error->code, "the vote log failed: %.200s; %s, then restart lnode",
              error->text, error->code == ERROR_DISK_FULL ? "free disk space" : "look at the disk");
}

static void answer(struct vote_writer *writer, struct vote_wait *wait, bool ok,
                   const struct error *why)
{
    wait->ok = ok;
    if (!ok)
        wait->error = *why;
    workers_post(writer->workers, &wait->message);
}

static void collect(void *context, const struct vote_record *record)
{
    struct vote_replay *replay = context;
    if ((replay->count & (replay->count - 1)) == 0) { /* full at each power of two */
        struct vote_record *more =
            arena_array(&replay->memory, 2 * replay->count + 1, sizeof *more);
        if (replay->count > 0)
            memcpy(more, replay->records, replay->count * sizeof *more);
        replay->records = more;
    }
    struct vote_record *copy = &replay->records[replay->count++];
    *copy = *record;
    copy->body = arena_copy(&replay->memory, record->body);
}

static void replay(struct vote_writer *writer, struct vote_replay *replay)
{
    struct error error = writer->failure;
    const bool ok =
        writer->failure.code == ERROR_NONE
        && vote_log_replay(writer->log, &replay->ledger, replay->epoch, collect, replay, &error);
    answer(writer, &replay->wait, ok, &error);
}

static void carry_out(struct vote_writer *writer, const struct item *item)
{
    const bool has_failed = writer->failure.code != ERROR_NONE;
    switch (item->kind) {
    case ITEM_RECORD:
        if (!has_failed)
            vote_log_append(writer->log, &item->record);
        break;
    case ITEM_FINAL:
        if (!has_failed)
            vote_log_on_final(writer->log, &item->record.ledger, item->record.epoch,
                              item->record.view);
        break;
    case ITEM_REPLAY: replay(writer, item->replay); break;
    case ITEM_WAIT: break; /* after the sync */
    }
}

/* One sync for all of it. */
static void write_all(struct vote_writer *writer, struct item *first)
{
    struct error error;
    for (const struct item *item = first; item != NULL; item = item->next)
        carry_out(writer, item);
    if (writer->failure.code == ERROR_NONE && !vote_log_sync(writer->log, &error))
        note_failure(writer, &error);
    while (first != NULL) {
        struct item *item = first;
        first = item->next;
        if (item->kind == ITEM_WAIT)
            answer(writer, item->wait, writer->failure.code == ERROR_NONE, &writer->failure);
        item_free(item);
    }
}

static void *writer_main(void *arg)
{
    struct vote_writer *writer = arg;
    struct item *items;
    struct error error;
    writer->log = open_log(writer->path, &error);
    if (writer->log != NULL)
        writer->id = vote_log_id(writer->log);
    else
        note_failure(writer, &error);
    while ((items = take_all(writer)) != NULL)
        write_all(writer, items);
    return NULL;
}

/* ---- Start and stop ------------------------------------------------------------------------------ */

static bool start_thread(struct vote_writer *writer, struct error *error)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE_BYTES);
    const int failed = pthread_create(&writer->thread, &attributes, writer_main, writer);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    writer->has_thread = failed == 0;
    errno = failed;
    return writer->has_thread || error_set_errno(error, "could not start the vote log's thread");
}

struct vote_writer *vote_writer_start(const char *path, struct workers *workers,
                                      struct error *error)
{
    struct vote_writer *writer = memory_new_zeroed(1, sizeof *writer);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wanted, NULL);
    writer->workers = workers;
    if (path_format(writer->path, error, "%s", path) && start_thread(writer, error))
        return writer;
    vote_writer_stop(writer);
    return NULL;
}

void vote_writer_stop(struct vote_writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->is_stopping = true;
    pthread_cond_signal(&writer->wanted);
    pthread_mutex_unlock(&writer->lock);
    if (writer->has_thread)
        pthread_join(writer->thread, NULL);
    while (writer->queue.first != NULL) {
        struct item *item = writer->queue.first;
        writer->queue.first = item->next;
        item_free(item);
    }
    vote_log_close(writer->log);
    pthread_cond_destroy(&writer->wanted);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

hash256 vote_writer_id(const struct vote_writer *writer)
{
    assert(!hash256_is_zero(&writer->id));
    return writer->id;
}

/* ---- The loop's side ----------------------------------------------------------------------------- */

/* Takes the item. */
static bool queue(struct vote_writer *writer, struct item *item)
{
    const bool is_record = item->kind == ITEM_RECORD;
    pthread_mutex_lock(&writer->lock);
    const bool fits = !is_record || writer->queued_bytes + size_of(item) <= VOTE_WRITER_QUEUE_MAX;
    if (fits) {
        if (writer->queue.last == NULL)
            writer->queue.first = item;
        else
            writer->queue.last->next = item;
        writer->queue.last = item;
        writer->queued_bytes += size_of(item);
        writer->is_urgent = writer->is_urgent || item->kind == ITEM_WAIT
                            || item->kind == ITEM_REPLAY || writer->queued_bytes > LAZY_MAX;
        if (writer->is_urgent)
            pthread_cond_signal(&writer->wanted);
    }
    pthread_mutex_unlock(&writer->lock);
    if (!fits)
        item_free(item);
    return fits;
}

static struct item *item_new(enum item_kind kind)
{
    struct item *item = memory_new_zeroed(1, sizeof *item);
    item->kind = kind;
    return item;
}

bool vote_writer_append(struct vote_writer *writer, const struct vote_record *record)
{
    struct item *item = item_new(ITEM_RECORD);
    item->record = *record;
    buffer_append_bytes(&item->body, record->body);
    item->record.body = buffer_view(&item->body);
    return queue(writer, item);
}

static void prepare(struct vote_wait *wait, work_done_fn done, void *arg)
{
    wait->message = (struct work){.done = done, .arg = arg, .is_borrowed = true};
    wait->ok = false;
    wait->error = (struct error){ERROR_NONE, ""};
}

void vote_writer_wait(struct vote_writer *writer, struct vote_wait *wait, work_done_fn done,
                      void *arg)
{
    struct item *item = item_new(ITEM_WAIT);
    prepare(wait, done, arg);
    item->wait = wait;
    queue(writer, item);
}

void vote_writer_on_final(struct vote_writer *writer, const hash256 *ledger, uint64_t epoch,
                          uint64_t view)
{
    struct item *item = item_new(ITEM_FINAL);
    item->record.ledger = *ledger;
    item->record.epoch = epoch;
    item->record.view = view;
    queue(writer, item);
}

void vote_writer_replay(struct vote_writer *writer, struct vote_replay *replay, work_done_fn done,
                        void *arg)
{
    struct item *item = item_new(ITEM_REPLAY);
    prepare(&replay->wait, done, arg);
    replay->records = NULL;
    replay->count = 0;
    item->replay = replay;
    queue(writer, item);
}
