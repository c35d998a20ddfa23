/* Answers in gzip (RFC 1952, RFC 9110 section 12.5.3), for those who ask and when they are long.
 *
 * On the worker that made the answer, at zlib's fastest level: an answer is bounded by
 * `response_size_max`, so the time is, too (7 to 10 ms a megabyte: docs/operations/limits.md).
 * Compression tells a listener lengths (BREACH), which matters where an answer holds a secret beside
 * what an attacker chose: no answer of this server holds one, and none is made for a cookie that a
 * browser adds. */
#ifndef RPC_HTTP_GZIP_H
#define RPC_HTTP_GZIP_H
#include "vm/base/bytes.h"

/* Whether a header Accept-Encoding with this value takes gzip. */
bool gzip_is_accepted(const char *accept_encoding);
/* Replaces the bytes by fewer; false if they would not become fewer, and then nothing changed. */
bool gzip_compress(struct buffer *body);
/* RFC 1952's CRC-32, which Ethereum names forks with, too (EIP-2124). */
uint32_t gzip_checksum(struct bytes bytes);
#endif
