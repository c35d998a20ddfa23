/* The process-wide cache of analyses, by code hash and fork.
 *
 * Many workers read it at once without locks; entries are immutable and published by atomic
 * pointer. An entry that is replaced is kept until no run that might have seen it is going on
 * (epochs): a reader enters before it looks anything up and leaves when its run is over, and
 * between the two every entry it found stays valid. Only inserting takes a lock. The cache
 * is bounded: what does not fit, or would push out more than may wait, is kept by the reader
 * until its run is over. A call of a warm account costs 100 gas, an analysis up to a millisecond:
 * code must not cost time that its gas does not cover. So it is analysed whole only once it has used
 * gas in proportion to its size; till then the cache holds where it can be jumped to, an eighth of
 * its size. For the same reason nobody can choose codes that share a set: which set it is, is
 * random. */
#ifndef VM_ANALYSIS_CACHE_H
#define VM_ANALYSIS_CACHE_H
#include <stdatomic.h>

#include "vm/analysis.h"

#define ANALYSIS_CACHE_SETS     2048
#define ANALYSIS_CACHE_WAYS     4
#define ANALYSIS_CACHE_SIZE_MAX (16u << 20) /* bytes that can be found */
/* Bytes replaced but perhaps in use, from which on nothing more is replaced. */
#define ANALYSIS_CACHE_WAITING_MAX (8u << 20)

/* Gas for each byte: a millisecond for 24 KiB of the worst code is then 10 ns for each gas. */
#define ANALYSIS_HEAT_NEEDED 4

#define ANALYSIS_READER_BUCKETS  1024
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

/* An analysis of `code`, whose keccak256 is `hash`; valid until the reader leaves. It is whole if
 * runs of the code have used at least `heat_needed` gas for each of its bytes. Where there is
 * no room for it anywhere, *own is the analysis, and the caller's to free; else it is NULL. */
const struct vm_analysis *analysis_cache_get(struct analysis_reader *reader,
                                             const struct vm_code *code, enum vm_fork fork,
                                             uint64_t heat_needed, struct vm_analysis **own);

/* A run of this analysis, which was got from the cache, has used so much gas. */
void analysis_cache_add_heat(const struct vm_analysis *analysis, uint64_t gas);
/* How much more it has to use before it is analysed whole. */
uint64_t analysis_cache_heat_missing(const struct vm_analysis *analysis, uint64_t heat_needed);

/* Bytes held, findable or waiting; findable entries; and forgetting all of them. */
size_t analysis_cache_size_bytes(void);
size_t analysis_cache_count(void);
void analysis_cache_clear(void);
#endif
