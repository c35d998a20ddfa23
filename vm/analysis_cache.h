/* The process-wide cache of analyses, by code hash and fork.
 *
 * Many workers read it at once without locks; entries are immutable and published by atomic
 * pointer. An entry that is replaced is kept until no run that might have seen it is going on
 * (epochs): a reader enters before it looks anything up and leaves when its run is over, and
 * between the two every entry it found stays valid. Only inserting takes a lock. The cache
 * is bounded: what does not fit, or would push out more than may wait, is not cached. */
#ifndef VM_ANALYSIS_CACHE_H
#define VM_ANALYSIS_CACHE_H
#include <stdatomic.h>

#include "vm/analysis.h"

#define ANALYSIS_CACHE_SETS     256
#define ANALYSIS_CACHE_WAYS     4
#define ANALYSIS_CACHE_SIZE_MAX (16u << 20) /* bytes that can be found */
/* Bytes replaced but perhaps in use, from which on nothing more is replaced. */
#define ANALYSIS_CACHE_WAITING_MAX (8u << 20)

/* One per struct vm. */
struct analysis_reader {
    _Atomic uint64_t epoch; /* of the run going on; ANALYSIS_READER_IDLE between runs */
    struct analysis_reader *next;
};
#define ANALYSIS_READER_IDLE UINT64_MAX

void analysis_reader_init(struct analysis_reader *reader);
void analysis_reader_cleanup(struct analysis_reader *reader);
void analysis_reader_enter(struct analysis_reader *reader);
void analysis_reader_leave(struct analysis_reader *reader);

/* The analysis of `code`, whose keccak256 is `hash`; valid until the reader leaves. NULL when
 * it is not cached and could not be: then the caller makes its own. */
const struct vm_analysis *analysis_cache_get(const struct vm_code *code, enum vm_fork fork);

/* Bytes held, findable or waiting; findable entries; and forgetting all of them. */
size_t analysis_cache_size_bytes(void);
size_t analysis_cache_count(void);
void analysis_cache_clear(void);
#endif
