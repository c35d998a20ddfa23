#include "vm/analysis_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

struct slot {
    struct vm_analysis *_Atomic analysis;
    atomic_bool was_used; /* since the last time somebody looked for a victim here */
};

/* A replaced entry; runs of `epoch` or earlier may still use it. */
struct retired {
    struct retired *next;
    struct vm_analysis *analysis;
    uint64_t epoch;
};

/* What a reader keeps for its run. */
struct kept_analysis {
    struct kept_analysis *next;
    struct vm_analysis *analysis;
};

static struct slot slots[ANALYSIS_CACHE_SETS][ANALYSIS_CACHE_WAYS];
static _Atomic uint64_t current_epoch;

/* Guards everything below, and writing to slots. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct analysis_reader *readers;
static uint64_t seed; /* set with the first reader, constant from then on */
static struct retired *retired_list;
static size_t published_bytes;
static size_t retired_bytes;
static size_t next_set; /* where the search for more room goes on */

void analysis_reader_init(struct analysis_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    atomic_init(&reader->epoch, ANALYSIS_READER_IDLE);
    pthread_mutex_lock(&lock);
    while (seed == 0 && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = 0; /* interrupted by a signal */
    reader->next = readers;
    readers = reader;
    pthread_mutex_unlock(&lock);
}

void analysis_reader_cleanup(struct analysis_reader *reader)
{
    assert(atomic_load(&reader->epoch) == ANALYSIS_READER_IDLE);
    pthread_mutex_lock(&lock);
    struct analysis_reader **link = &readers;
    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
    pthread_mutex_unlock(&lock);
}

/* Why this is safe: a writer first takes an entry out of its slot, then advances the epoch,
 * then looks at the readers; all of it, and the reader's two steps, in one total order. A
 * reader whose epoch the writer did not see stores it later than that look, hence loads slots
 * later than the entry was taken out. A reader that read the advanced epoch did so after the
 * entry was taken out. Only readers seen with an earlier epoch can hold the entry. */
void analysis_reader_enter(struct analysis_reader *reader)
{
    assert(atomic_load_explicit(&reader->epoch, memory_order_relaxed) == ANALYSIS_READER_IDLE);
    atomic_store(&reader->epoch, atomic_load(&current_epoch));
}

static void free_kept(struct analysis_reader *reader)
{
    for (size_t bucket = 0; bucket < ANALYSIS_READER_BUCKETS; bucket++)
        while (reader->kept[bucket] != NULL) {
            struct kept_analysis *kept = reader->kept[bucket];
            reader->kept[bucket] = kept->next;
            vm_analysis_free(kept->analysis);
            free(kept);
        }
    reader->kept_bytes = 0;
}

void analysis_reader_leave(struct analysis_reader *reader)
{
    if (reader->kept_bytes > 0)
        free_kept(reader);
    atomic_store_explicit(&reader->epoch, ANALYSIS_READER_IDLE, memory_order_release);
}

static uint64_t oldest_epoch_in_use(void)
{
    uint64_t oldest = ANALYSIS_READER_IDLE;
    for (struct analysis_reader *reader = readers; reader != NULL; reader = reader->next) {
        uint64_t epoch = atomic_load(&reader->epoch);
        if (epoch < oldest)
            oldest = epoch;
    }
    return oldest;
}

static void free_unused(void)
{
    uint64_t oldest = oldest_epoch_in_use();
    struct retired **link = &retired_list;
    while (*link != NULL) {
        struct retired *entry = *link;
        if (entry->epoch >= oldest) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        retired_bytes -= entry->analysis->size_bytes;
        vm_analysis_free(entry->analysis);
        free(entry);
    }
}

static void take_out(struct slot *slot)
{
    struct vm_analysis *analysis = atomic_exchange(&slot->analysis, NULL);
    if (analysis == NULL)
        return;
    struct retired *entry = memory_new(sizeof *entry);
    entry->analysis = analysis;
    entry->epoch = atomic_fetch_add(&current_epoch, 1);
    entry->next = retired_list;
    retired_list = entry;
    published_bytes -= analysis->size_bytes;
    retired_bytes += analysis->size_bytes;
}

/* So much waits for long runs to end that no more may be taken out. */
static bool is_waiting_full(void)
{
    return retired_bytes > ANALYSIS_CACHE_WAITING_MAX;
}

/* Takes entries out, set by set, until `size` fits. False when it is too large, or when none may be
 * taken out. */
static bool make_room(size_t size)
{
    free_unused();
    if (size > ANALYSIS_CACHE_SIZE_MAX / 4)
        return false;
    for (; published_bytes + size > ANALYSIS_CACHE_SIZE_MAX;
         next_set = (next_set + 1) % ANALYSIS_CACHE_SETS)
        for (size_t way = 0; way < ANALYSIS_CACHE_WAYS; way++) {
            if (is_waiting_full())
                return false;
            take_out(&slots[next_set][way]);
        }
    return true;
}

/* As good as random, and nobody can know it. */
static size_t place_of(const hash256 *hash, size_t places)
{
    uint64_t mixed;
    memcpy(&mixed, hash->bytes, sizeof mixed);
    mixed = (mixed ^ seed) * (seed | 1);
    return (size_t)(mixed >> 48) % places;
}

static struct slot *set_of(const hash256 *hash)
{
    return slots[place_of(hash, ANALYSIS_CACHE_SETS)];
}

static bool is_for(const struct vm_analysis *analysis, const hash256 *hash, enum vm_fork fork)
{
    return analysis != NULL && analysis->fork == fork && hash256_equal(&analysis->code_hash, hash);
}

static const struct vm_analysis *find(struct slot *set, const hash256 *hash, enum vm_fork fork)
{
    for (size_t way = 0; way < ANALYSIS_CACHE_WAYS; way++) {
        const struct vm_analysis *analysis = atomic_load(&set[way].analysis);
        if (!is_for(analysis, hash, fork))
            continue;
        if (!atomic_load_explicit(&set[way].was_used, memory_order_relaxed))
            atomic_store_explicit(&set[way].was_used, true, memory_order_relaxed);
        return analysis;
    }
    return NULL;
}

/* An empty way, else one not used since the last search, else the first after clearing. */
static struct slot *victim_of(struct slot *set)
{
    for (size_t way = 0; way < ANALYSIS_CACHE_WAYS; way++)
        if (atomic_load(&set[way].analysis) == NULL)
            return &set[way];
    struct slot *victim = NULL;
    for (size_t way = 0; way < ANALYSIS_CACHE_WAYS; way++)
        if (!atomic_exchange(&set[way].was_used, false) && victim == NULL)
            victim = &set[way];
    return victim != NULL ? victim : &set[0];
}

static const struct vm_analysis *find_kept(const struct analysis_reader *reader,
                                           const hash256 *hash, enum vm_fork fork)
{
    const struct kept_analysis *kept = reader->kept[place_of(hash, ANALYSIS_READER_BUCKETS)];
    while (kept != NULL && !is_for(kept->analysis, hash, fork))
        kept = kept->next;
    return kept != NULL ? kept->analysis : NULL;
}

/* Whole ones may take half of what a run may keep: there is always room for marked jumps, of
 * thousands of codes. */
static bool keep(struct analysis_reader *reader, struct vm_analysis *analysis)
{
    size_t most =
        vm_analysis_is_whole(analysis) ? ANALYSIS_READER_KEPT_MAX / 2 : ANALYSIS_READER_KEPT_MAX;
    if (reader->kept_bytes + analysis->size_bytes > most)
        return false;
    struct kept_analysis **bucket =
        &reader->kept[place_of(&analysis->code_hash, ANALYSIS_READER_BUCKETS)];
    struct kept_analysis *kept = memory_new(sizeof *kept);
    *kept = (struct kept_analysis){*bucket, analysis};
    *bucket = kept;
    reader->kept_bytes += analysis->size_bytes;
    return true;
}

/* Where `made` goes: in place of `found`, which is what the set has of the same code; else where
 * nothing or the least used is. NULL if that may not be taken out. */
static struct slot *place_in(struct slot *set, const struct vm_analysis *found)
{
    struct slot *slot = NULL;
    for (size_t way = 0; found != NULL && way < ANALYSIS_CACHE_WAYS; way++)
        if (atomic_load(&set[way].analysis) == found)
            slot = &set[way];
    if (slot == NULL)
        slot = victim_of(set);
    return is_waiting_full() && atomic_load(&slot->analysis) != NULL ? NULL : slot;
}

/* For all to find, if there is room: else NULL, and `made` stays the caller's. Frees `made` if
 * another worker was faster; a whole one takes the place of one of jumps. */
static const struct vm_analysis *publish(struct vm_analysis *made)
{
    struct slot *set = set_of(&made->code_hash), *slot;
    const struct vm_analysis *found;
    pthread_mutex_lock(&lock);
    found = find(set, &made->code_hash, made->fork);
    bool is_there = found != NULL && (vm_analysis_is_whole(found) || !vm_analysis_is_whole(made));
    if (!is_there && make_room(made->size_bytes) && (slot = place_in(set, found)) != NULL) {
        take_out(slot);
        published_bytes += made->size_bytes;
        atomic_store_explicit(&slot->was_used, true, memory_order_relaxed);
        atomic_store(&slot->analysis, made);
        found = made;
        free_unused();
    } else if (!is_there) {
        found = NULL;
    }
    pthread_mutex_unlock(&lock);
    if (is_there)
        vm_analysis_free(made);
    return found;
}

uint64_t analysis_cache_heat_missing(const struct vm_analysis *analysis, uint64_t heat_needed)
{
    uint64_t used = atomic_load_explicit(&analysis->gas_used, memory_order_relaxed);
    uint64_t needed = heat_needed * analysis->code_size;
    return used < needed ? needed - used : 0;
}

/* All of an analysis but this is immutable. */
static _Atomic uint64_t *gas_used_of(const struct vm_analysis *analysis)
{
    return &((struct vm_analysis *)analysis)->gas_used;
}

void analysis_cache_add_heat(const struct vm_analysis *analysis, uint64_t gas)
{
    atomic_fetch_add_explicit(gas_used_of(analysis), gas, memory_order_relaxed);
}

const struct vm_analysis *analysis_cache_get(struct analysis_reader *reader,
                                             const struct vm_code *code, enum vm_fork fork,
                                             uint64_t heat_needed, struct vm_analysis **own)
{
    const struct vm_analysis *found = find(set_of(&code->hash), &code->hash, fork);
    *own = NULL;
    if (reader->kept_bytes > 0 && (found == NULL || !vm_analysis_is_whole(found))) {
        const struct vm_analysis *kept = find_kept(reader, &code->hash, fork);
        if (kept != NULL)
            found = kept; /* a whole one, if there is one: it was kept later */
    }
    bool is_hot =
        heat_needed == 0 || (found != NULL && analysis_cache_heat_missing(found, heat_needed) == 0);
    if (found != NULL && (vm_analysis_is_whole(found) || !is_hot))
        return found;

    struct vm_analysis *made =
        is_hot ? vm_analysis_new(code->bytes, fork) : vm_analysis_new_jumps(code->bytes, fork);
    const struct vm_analysis *replaced = found;
    made->code_hash = code->hash;
    found = publish(made);
    if (found != NULL)
        return found;
    if (!keep(reader, made)) {
        *own = made;
        if (replaced != NULL) /* it serves one frame only: the code has to earn the next */
            atomic_store_explicit(gas_used_of(replaced), 0, memory_order_relaxed);
    }
    return made;
}

size_t analysis_cache_size_bytes(void)
{
    pthread_mutex_lock(&lock);
    size_t size = published_bytes + retired_bytes;
    pthread_mutex_unlock(&lock);
    return size;
}

size_t analysis_cache_count(void)
{
    size_t count = 0;
    for (size_t set = 0; set < ANALYSIS_CACHE_SETS; set++)
        for (size_t way = 0; way < ANALYSIS_CACHE_WAYS; way++)
            count += atomic_load(&slots[set][way].analysis) != NULL;
    return count;
}

void analysis_cache_clear(void)
{
    pthread_mutex_lock(&lock);
    for (size_t set = 0; set < ANALYSIS_CACHE_SETS; set++)
        for (size_t way = 0; way < ANALYSIS_CACHE_WAYS; way++)
            take_out(&slots[set][way]);
    free_unused();
    pthread_mutex_unlock(&lock);
}
