#include "tests/sim/member_state.h"

#include <stdlib.h>

void disk_append(struct disk *disk, const struct vote_record *record)
{
    if ((disk->records_count & (disk->records_count - 1)) == 0)
        disk->records =
            memory_resize(disk->records, (2 * disk->records_count + 1) * sizeof *disk->records);
    disk->writes++;
    struct logged *logged = &disk->records[disk->records_count++];
    *logged = (struct logged){.record = *record};
    buffer_append_bytes(&logged->body, record->body);
    logged->record.body = buffer_view(&logged->body);
}

void disk_sync(struct disk *disk, uint64_t records_count)
{
    for (uint64_t i = records_count; i > 0 && !disk->records[i - 1].is_synced; i--)
        disk->records[i - 1].is_synced = true;
}

bool disk_has_vote(const struct disk *disk, const struct vote *vote)
{
    for (size_t i = disk->records_count; i > 0; i--) {
        const struct logged *logged = &disk->records[i - 1];
        const struct vote_record *record = &logged->record;
        if (record->kind == VOTE_RECORD_VOTE && logged->is_synced && record->vote == vote->kind
            && record->epoch == vote->epoch && record->view == vote->view)
            return true;
    }
    return false;
}

void disk_prune(struct disk *disk)
{
    size_t kept = 0, room = 1;
    for (size_t i = 0; i < disk->records_count; i++) {
        struct logged *logged = &disk->records[i];
        if (logged->record.epoch > disk->epoch
            || (logged->record.epoch == disk->epoch && logged->record.view > disk->final_view))
            disk->records[kept++] = *logged;
        else
            buffer_cleanup(&logged->body);
    }
    disk->records_count = kept;
    while (room <= kept) /* as much as disk_append() takes for granted */
        room *= 2;
    disk->records = memory_resize(disk->records, room * sizeof *disk->records);
}

void disk_tear(struct disk *disk, struct sim *sim)
{
    size_t kept = 0;
    while (kept < disk->records_count && (disk->records[kept].is_synced || sim_chance(sim, 50)))
        disk->records[kept++].is_synced = true;
    for (size_t i = kept; i < disk->records_count; i++)
        buffer_cleanup(&disk->records[i].body);
    disk->records_count = kept;
}

void disk_drop_unsynced(struct disk *disk)
{
    while (disk->records_count > 0 && !disk->records[disk->records_count - 1].is_synced)
        buffer_cleanup(&disk->records[--disk->records_count].body);
}

void disk_lose_log(struct disk *disk)
{
    for (size_t i = 0; i < disk->records_count; i++)
        buffer_cleanup(&disk->records[i].body);
    disk->records_count = 0;
    disk->log_is_whole = false;
}

struct certificate disk_copy(const struct certificate *certificate)
{
    struct certificate copy = *certificate;
    const size_t size = copy.signatures_count * sizeof *copy.signatures;
    copy.signatures = memory_new(size);
    memcpy(copy.signatures, certificate->signatures, size);
    return copy;
}

void disk_commit(struct disk *disk, const struct simplex_block *block,
                 const struct certificate *finalization)
{
    /* A seal may be final once more in the epoch after it, proposed again as its first parent. */
    const bool ends_epoch = block->is_seal && block->height > disk->final.height;
    disk->writes++;
    disk->final = *block;
    if (disk->has_certificate)
        free(disk->certificate.signatures);
    disk->has_certificate = !ends_epoch;
    if (ends_epoch) {
        disk->store_is_old =
            disk->store_is_old
            && (!disk->log_is_whole || !audit_is_epoch_new(disk->adopted_until, block->view));
        disk->log_is_whole = !disk->store_is_old;
        disk->adopted_until = 0;
        disk->seals[disk->epoch] = disk_copy(finalization);
        disk->has_seal[disk->epoch] = true;
        disk->epoch++;
        disk->final_view = 0;
        return;
    }
    disk->certificate = disk_copy(finalization);
    disk->final_view = finalization->view;
}

static void cleanup_store(struct disk *disk)
{
    if (disk->has_certificate)
        free(disk->certificate.signatures);
    for (unsigned i = 0; i <= EPOCHS_MAX; i++)
        if (disk->has_seal[i])
            free(disk->seals[i].signatures);
}

void disk_lose_store(struct disk *disk)
{
    disk_cleanup(disk);
    *disk = (struct disk){.epoch = 1, .store_is_old = true};
}

void disk_keep_seal(struct disk *disk, uint64_t epoch, const struct certificate *finalization)
{
    if (disk->has_seal[epoch])
        free(disk->seals[epoch].signatures);
    disk->seals[epoch] = disk_copy(finalization);
    disk->has_seal[epoch] = true;
}

void disk_begin_at(struct disk *disk, const struct simplex_block *block, uint64_t epoch,
                   uint64_t final_view, const struct certificate *finalization)
{
    cleanup_store(disk);
    memset(disk->has_seal, 0, sizeof disk->has_seal);
    disk->writes++;
    disk->final = *block;
    disk->epoch = epoch;
    disk->final_view = final_view;
    disk->has_certificate = finalization != NULL;
    if (finalization != NULL)
        disk->certificate = disk_copy(finalization);
}

struct disk *disk_copy_all(const struct disk *disk)
{
    struct disk *copy = memory_new(sizeof *copy);
    *copy = *disk;
    copy->records = NULL;
    copy->records_count = 0;
    for (size_t i = 0; i < disk->records_count; i++) {
        disk_append(copy, &disk->records[i].record);
        copy->records[i].is_synced = disk->records[i].is_synced;
    }
    if (disk->has_certificate)
        copy->certificate = disk_copy(&disk->certificate);
    for (unsigned i = 0; i <= EPOCHS_MAX; i++)
        if (disk->has_seal[i])
            copy->seals[i] = disk_copy(&disk->seals[i]);
    return copy;
}

void disk_cleanup(struct disk *disk)
{
    disk_lose_log(disk);
    free(disk->records);
    cleanup_store(disk);
}
