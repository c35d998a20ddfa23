/* An encrypted archive: a stream of named entries in one file, for backup and restore.
 *
 *   file   = "LEITHER-BACKUP" | version u8 | log2 N u8 | r u8 | p u8 | salt 32 | chunk ...
 *   chunk  = size u32, highest bit set in the last one | AES-256-GCM of that many bytes | tag 16
 *   nonce  = chunk number u64 big-endian, then 4 zero bytes; the file's head and the chunk's
 *            size word are authenticated with each chunk
 *   key    = scrypt(password, salt)
 *   stream = entry ... | 0 u16        entry = name size u16 | name | part ... | 0 u32
 *   part   = size u32 | bytes
 *
 * Cut, reordered, changed or padded files are refused, as is a wrong password. One chunk is in
 * memory at a time. */
#ifndef NODE_ARCHIVE_H
#define NODE_ARCHIVE_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define ARCHIVE_NAME_MAX 255
#define ARCHIVE_PART_MAX (64 * 1024 * 1024)

struct archive_writer;
struct archive_reader;

/* Writes beside `path`; the file takes its place in archive_writer_finish(). */
struct archive_writer *archive_writer_new(const char *path, struct bytes password,
                                          struct error *error);
bool archive_writer_entry(struct archive_writer *writer, const char *name, struct error *error)
    __attribute__((warn_unused_result));
/* A part of the entry begun last; empty parts are left out. */
bool archive_writer_part(struct archive_writer *writer, struct bytes part, struct error *error)
    __attribute__((warn_unused_result));
bool archive_writer_finish(struct archive_writer *writer, struct error *error)
    __attribute__((warn_unused_result));
void archive_writer_free(struct archive_writer *writer); /* wipes; unfinished: removed */

struct archive_reader *archive_reader_new(const char *path, struct bytes password,
                                          struct error *error);
/* *found is false at the end of the archive. Unread parts of the entry before are skipped. */
bool archive_reader_entry(struct archive_reader *reader, char name[ARCHIVE_NAME_MAX + 1],
                          bool *found, struct error *error) __attribute__((warn_unused_result));
/* Appends the next part; *found is false at the entry's end. */
bool archive_reader_part(struct archive_reader *reader, struct buffer *part, bool *found,
                         struct error *error) __attribute__((warn_unused_result));
void archive_reader_free(struct archive_reader *reader); /* wipes; accepts NULL */
#endif
