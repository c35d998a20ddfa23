/* Reading HTTP/1.1 requests strictly: bytes in, at most one request out at a time.
 *
 * A head is read line by line, each once and where it lies; a line that has come in part waits in
 * a bounded buffer for the rest. Whatever proxies read differently (request smuggling) is refused:
 * a blank before the colon, folded lines, a bare LF or CR, bytes that are no header text, chunks
 * without their line ends, length and transfer coding together, either of them twice, any other
 * transfer coding than chunked, and trailers. No socket here. */
#ifndef RPC_HTTP_REQUEST_H
#define RPC_HTTP_REQUEST_H
#include "vm/base/bytes.h"

#define HTTP_HEAD_MAX       16384
#define HTTP_TARGET_MAX     1024
#define HTTP_FIELD_MAX      512 /* of the few headers we read */
#define HTTP_METHOD_MAX     32  /* longer than any there is */
#define HTTP_CHUNK_LINE_MAX 128

/* The headers that matter here; all others are checked for form and passed over. */
enum http_field {
    HTTP_FIELD_HOST,
    HTTP_FIELD_ORIGIN,
    HTTP_FIELD_AUTHORIZATION,
    HTTP_FIELD_CONTENT_TYPE,
    HTTP_FIELD_ACCEPT_ENCODING, /* the first of them; left out when it is longer */
    HTTP_FIELD_EXPECT,
    HTTP_FIELD_CONTENT_LENGTH,
    HTTP_FIELD_TRANSFER_ENCODING,
    HTTP_FIELD_UPGRADE,
    HTTP_FIELD_WEBSOCKET_KEY,
    HTTP_FIELD_WEBSOCKET_VERSION,
    HTTP_FIELD_COUNT,
    HTTP_FIELD_OTHER = HTTP_FIELD_COUNT,
};

enum http_verb {
    HTTP_VERB_GET,
    HTTP_VERB_HEAD,
    HTTP_VERB_POST,
    HTTP_VERB_OPTIONS,
    HTTP_VERB_OTHER
};

struct http_request {
    enum http_verb verb;
    char target[HTTP_TARGET_MAX + 1];
    bool has_field[HTTP_FIELD_COUNT];
    char fields[HTTP_FIELD_COUNT][HTTP_FIELD_MAX + 1];
    bool keeps_alive;
    bool is_http_1_0;
    bool is_upgrade; /* to a WebSocket: no other upgrade gets this far */
    struct buffer body;
};

/* What is wrong, as an HTTP answer. */
struct http_refusal {
    int status; /* 0: nothing is wrong */
    char text[256];
};

/* Where the scanner stands in a chunked body. */
enum http_chunk {
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_EXTENSION,
    HTTP_CHUNK_SIZE_LF,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_DATA_CR,
    HTTP_CHUNK_DATA_LF,
    HTTP_CHUNK_LAST_CR, /* behind the chunk of size 0 */
    HTTP_CHUNK_LAST_LF,
    HTTP_CHUNK_END,
};

enum http_progress {
    HTTP_MORE,      /* all bytes were taken; more are needed */
    HTTP_HEAD_READ, /* the head is complete: judge it, then go on feeding */
    HTTP_COMPLETE,  /* the request is complete; the rest of the bytes belongs to the next */
    HTTP_REFUSED,   /* see refusal; nothing more can be read */
};

struct http_reader {
    struct http_request request;
    struct http_refusal refusal;
    size_t body_max;
    size_t head_size;
    struct buffer line; /* of the head: as much as has come of one that is not whole */
    bool has_first_line, is_head_done, is_complete;
    bool says_close, says_keep_alive, says_upgrade; /* in header Connection */
    uint64_t body_left;                             /* of what Content-Length announced */
    enum http_chunk chunk;
    uint64_t chunk_left;    /* bytes of its data */
    size_t chunk_line_size; /* of its size and extension */
};

void http_reader_init(struct http_reader *reader, size_t body_max);
void http_reader_cleanup(struct http_reader *reader);
/* For the next request on the same connection. */
void http_reader_next(struct http_reader *reader);

/* Takes up to `size` bytes; *taken says how many. */
enum http_progress http_reader_feed(struct http_reader *reader, const uint8_t *bytes, size_t size,
                                    size_t *taken);
/* Sets the refusal; always returns HTTP_REFUSED. */
enum http_progress http_refuse(struct http_refusal *refusal, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *http_status_name(int status);
#endif
