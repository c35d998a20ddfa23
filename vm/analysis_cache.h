/* The process-wide cache of analyses, by code hash and fork.
 *
 * Many workers read it at once without locks; entries are immutable and published by atomic
 * pointer. An entry that is replaced is kept until no run that might have seen it is going on
 * (epochs): a reader enters before it looks anything up and leaves when its run is over, and
 * between the two every entry it found stays valid. Only inserting takes a lock. The cache
 * is bounded: what does not fit, or would push out more than may wait, is kept by the reader
 * until its run is over. A call of a warm account costs 100 gas, an analysis about a millisecond:
 * a run that calls more codes than fit must not pay with time what it does not pay with gas. For
 * the same reason nobody can choose codes that share a set: which set it is, is random. */
#ifndef VM_ANALYSIS_CACHE_H
#define VM_ANALYSIS_CACHE_H
#include <stdatomic.h>

#include "vm/analysis.h"

#define ANALYSIS_CACHE_SETS     256
#define ANALYSIS_CACHE_WAYS     4
#define ANALYSIS_CACHE_SIZE_MAX (16u << 20) /* bytes that can be found */
/* Bytes replaced but perhaps in use, from which on nothing more is replaced. */
#define ANALYSIS_CACHE_WAITING_MAX (8u << 20)

#define ANALYSIS_READER_BUCKETS  64
#define ANALYSIS_READER_KEPT_MAX (64u << 20) /* bytes, for one run */

/* One per struct vm. */
struct analysis_reader {
    _Atomic uint64_t epoch; /* of the run going on; ANALYSIS_READER_IDLE between runs */
    struct kept_analysis *kept[ANALYSIS_READER_BUCKETS];
    size_t kept_bytes;
    struct analysis_reader *next;
};
#define ANALYSIS_READER_IDLE UINT64_MAX

void analysis_reader_init(struct analysis_reader *reader);
void analysis_reader_cleanup(struct analysis_reader *reader);
void analysis_reader_enter(struct analysis_reader *reader);
void analysis_reader_leave(struct analysis_reader *reader);

/* The analysis of `code`, whose keccak256 is `hash`; valid until the reader leaves. Where there is
 * no room for it anywhere, *own is the analysis, and the caller's to free; else it is NULL. */
const struct vm_analysis *analysis_cache_get(struct analysis_reader *reader,
                                             const struct vm_code *code, enum vm_fork fork,
                                             struct vm_analysis **own);

/* Bytes held, findable or waiting; findable entries; and forgetting all of them. */
size_t analysis_cache_size_bytes(void);
size_t analysis_cache_count(void);
void analysis_cache_clear(void);
#endif
