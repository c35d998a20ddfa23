#include "rpc/http/request.h"

#include "vm/base/hex.h"
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

static const char *const FIELD_NAMES[HTTP_FIELD_COUNT] = {
    [HTTP_FIELD_HOST] = "host",
    [HTTP_FIELD_ORIGIN] = "origin",
    [HTTP_FIELD_AUTHORIZATION] = "authorization",
    [HTTP_FIELD_CONTENT_TYPE] = "content-type",
    [HTTP_FIELD_ACCEPT_ENCODING] = "accept-encoding",
    [HTTP_FIELD_EXPECT] = "expect",
    [HTTP_FIELD_CONTENT_LENGTH] = "content-length",
    [HTTP_FIELD_TRANSFER_ENCODING] = "transfer-encoding",
    [HTTP_FIELD_UPGRADE] = "upgrade",
    [HTTP_FIELD_WEBSOCKET_KEY] = "sec-websocket-key",
    [HTTP_FIELD_WEBSOCKET_VERSION] = "sec-websocket-version",
};

const char *http_status_name(int status)
{
    switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
    }
}

enum http_progress http_refuse(struct http_refusal *refusal, int status, const char *format, ...)
{
    va_list arguments;
    if (refusal->status != 0) /* the first reason stays */
        return HTTP_REFUSED;
    va_start(arguments, format);
    refusal->status = status;
    vsnprintf(refusal->text, sizeof refusal->text, format, arguments);
    va_end(arguments);
    return HTTP_REFUSED;
}

/* ---- The scanner over the head ----------------------------------------------------------- */

/* RFC 9110, 5.6.2: tchar. */
static bool is_token(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9')
           || (byte != 0 && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static bool scan_byte(struct http_reader *reader, uint8_t byte)
{
    struct http_refusal *refusal = &reader->refusal;
    if ((byte == '\n') != (reader->last == '\r'))
        return http_refuse(refusal, 400, "bad header: a line must end with CR LF") == HTTP_MORE;
    if (byte == '\r' || byte == '\n')
        return true;
    if ((byte < 0x20 && byte != '\t') || byte >= 0x7f)
        return http_refuse(refusal, 400, "bad header: byte 0x%02x is not allowed", byte)
               == HTTP_MORE;
    if (reader->is_line_start && !reader->is_first_line)
        reader->is_in_name = true;
    if (!reader->is_in_name)
        return true;
    if (byte == ':' && !reader->is_line_start)
        reader->is_in_name = false;
    else if (!is_token(byte))
        return http_refuse(refusal, 400,
                           "bad header: a name must be followed by its colon, without blanks")
               == HTTP_MORE;
    return true;
}

/* RFC 9112, 2.3: the request line ends in the protocol's name and two digits, whatever Debian's
 * parser lets through. */
static bool judge_first_line(struct http_reader *reader)
{
    const char *end = reader->line_end;
    if (memcmp(end, "HTTP/", 5) == 0 && end[5] >= '0' && end[5] <= '9' && end[6] == '.'
        && end[7] >= '0' && end[7] <= '9')
        return true;
    return http_refuse(&reader->refusal, 400, "bad request line: expected METHOD PATH HTTP/1.1")
           == HTTP_MORE;
}

/* How many of the bytes belong to the head, and whether it ends there; false after a refusal. */
static bool scan_head(struct http_reader *reader, const uint8_t *bytes, size_t size, size_t *taken,
                      bool *is_end)
{
    *is_end = false;
    for (*taken = 0; *taken < size; (*taken)++) {
        uint8_t byte = bytes[*taken];
        if (++reader->head_size > HTTP_HEAD_MAX) {
            http_refuse(&reader->refusal, 431, "the request's head is longer than %d bytes",
                        HTTP_HEAD_MAX);
            return false;
        }
        if (!scan_byte(reader, byte))
            return false;
        if (byte == '\n') {
            /* Empty lines before a request are tolerated (RFC 9112, 2.2). */
            bool is_empty = reader->is_line_start;
            *is_end = is_empty && !reader->is_first_line;
            if (reader->is_in_name) {
                http_refuse(&reader->refusal, 400, "bad header: a line has no colon");
                return false;
            }
            if (reader->is_first_line && !is_empty && !judge_first_line(reader))
                return false;
            reader->is_line_start = true;
            reader->is_first_line = reader->is_first_line && is_empty;
            reader->last = byte;
            if (*is_end) {
                (*taken)++;
                return true;
            }
            continue;
        }
        if (byte != '\r') {
            reader->is_line_start = false;
            if (reader->is_first_line) {
                memmove(reader->line_end, reader->line_end + 1, sizeof reader->line_end - 1);
                reader->line_end[sizeof reader->line_end - 1] = (char)byte;
            }
        }
        reader->last = byte;
    }
    return true;
}

/* ---- The scanner over chunks ------------------------------------------------------------- */

/* RFC 9112, 7.1: chunk-size, extensions, CR LF. */
static bool scan_chunk_line(struct http_reader *reader, uint8_t byte)
{
    int digit = hex_digit((char)byte);
    if (++reader->chunk_line_size > HTTP_CHUNK_LINE_MAX)
        return false;
    if (byte == '\r' && (reader->chunk == HTTP_CHUNK_EXTENSION || reader->chunk_line_size > 1)) {
        reader->chunk = HTTP_CHUNK_SIZE_LF;
        return true;
    }
    if (reader->chunk == HTTP_CHUNK_EXTENSION)
        return byte >= 0x20 && byte < 0x7f;
    if (byte == ';' && reader->chunk_line_size > 1) {
        reader->chunk = HTTP_CHUNK_EXTENSION;
        return true;
    }
    if (digit < 0 || reader->chunk_left > UINT64_MAX >> 8)
        return false;
    reader->chunk_left = reader->chunk_left * 16 + (uint64_t)digit;
    return true;
}

static bool expect_byte(struct http_reader *reader, uint8_t byte, uint8_t expected,
                        enum http_chunk next)
{
    reader->chunk = next;
    return byte == expected;
}

static bool scan_chunk_byte(struct http_reader *reader, uint8_t byte)
{
    switch (reader->chunk) {
    case HTTP_CHUNK_SIZE:
    case HTTP_CHUNK_EXTENSION: return scan_chunk_line(reader, byte);
    case HTTP_CHUNK_SIZE_LF:
        return expect_byte(reader, byte, '\n',
                           reader->chunk_left > 0 ? HTTP_CHUNK_DATA : HTTP_CHUNK_LAST_CR);
    case HTTP_CHUNK_DATA_CR: return expect_byte(reader, byte, '\r', HTTP_CHUNK_DATA_LF);
    case HTTP_CHUNK_DATA_LF:
        reader->chunk_line_size = 0;
        return expect_byte(reader, byte, '\n', HTTP_CHUNK_SIZE);
    case HTTP_CHUNK_LAST_CR:
        if (byte != '\r')
            http_refuse(&reader->refusal, 400, "trailers are not accepted");
        return expect_byte(reader, byte, '\r', HTTP_CHUNK_LAST_LF);
    case HTTP_CHUNK_LAST_LF: return expect_byte(reader, byte, '\n', HTTP_CHUNK_END);
    case HTTP_CHUNK_DATA:
    case HTTP_CHUNK_END: break;
    }
    return false;
}

/* How many of the bytes belong to the chunked body; false after a refusal. */
static bool scan_chunks(struct http_reader *reader, const uint8_t *bytes, size_t size,
                        size_t *taken)
{
    *taken = 0;
    while (*taken < size && reader->chunk != HTTP_CHUNK_END) {
        if (reader->chunk != HTTP_CHUNK_DATA) {
            if (!scan_chunk_byte(reader, bytes[(*taken)++])) {
                http_refuse(&reader->refusal, 400,
                            "bad chunk: expected its size in hex, CR LF, its bytes, CR LF");
                return false;
            }
            continue;
        }
        uint64_t left = size - *taken;
        uint64_t part = reader->chunk_left < left ? reader->chunk_left : left;
        *taken += (size_t)part;
        reader->chunk_left -= part;
        if (reader->chunk_left == 0)
            reader->chunk = HTTP_CHUNK_DATA_CR;
    }
    return true;
}

/* ---- What the library calls back --------------------------------------------------------- */

static struct http_reader *reader_of(http_parser *parser)
{
    return parser->data;
}

static int on_url(http_parser *parser, const char *at, size_t size)
{
    struct http_reader *reader = reader_of(parser);
    size_t have = strlen(reader->request.target);
    if (size > HTTP_TARGET_MAX - have) {
        http_refuse(&reader->refusal, 414, "the path is longer than %d bytes", HTTP_TARGET_MAX);
        return 1;
    }
    memcpy(reader->request.target + have, at, size);
    reader->request.target[have + size] = '\0';
    return 0;
}

static int on_header_field(http_parser *parser, const char *at, size_t size)
{
    struct http_reader *reader = reader_of(parser);
    if (reader->is_head_done) {
        http_refuse(&reader->refusal, 400, "trailers are not accepted");
        return 1;
    }
    if (reader->field != HTTP_FIELD_COUNT + 1) { /* a new header begins */
        reader->field = HTTP_FIELD_COUNT + 1;
        reader->name_size = 0;
    }
    for (size_t index = 0; index < size; index++, reader->name_size++)
        if (reader->name_size < sizeof reader->name - 1)
            reader->name[reader->name_size] = at[index];
    return 0;
}

/* The name is complete: which header is it? */
static int settle_field(struct http_reader *reader)
{
    struct http_request *request = &reader->request;
    reader->field = HTTP_FIELD_OTHER;
    reader->value_size = 0;
    if (reader->name_size >= sizeof reader->name)
        return 0;
    reader->name[reader->name_size] = '\0';
    for (int field = 0; field < HTTP_FIELD_COUNT; field++)
        if (strcasecmp(reader->name, FIELD_NAMES[field]) == 0)
            reader->field = (enum http_field)field;
    if (reader->field == HTTP_FIELD_OTHER)
        return 0;
    if (request->has_field[reader->field] && reader->field == HTTP_FIELD_ACCEPT_ENCODING) {
        reader->field = HTTP_FIELD_OTHER; /* a list may go on in a second line; one is enough */
        return 0;
    }
    if (request->has_field[reader->field]) {
        http_refuse(&reader->refusal, 400, "header %s is given twice", FIELD_NAMES[reader->field]);
        return 1;
    }
    request->has_field[reader->field] = true;
    request->fields[reader->field][0] = '\0';
    return 0;
}

static int on_header_value(http_parser *parser, const char *at, size_t size)
{
    struct http_reader *reader = reader_of(parser);
    if (reader->field == HTTP_FIELD_COUNT + 1 && settle_field(reader) != 0)
        return 1;
    if (reader->field == HTTP_FIELD_OTHER)
        return 0;
    char *value = reader->request.fields[reader->field];
    if (size > HTTP_FIELD_MAX - reader->value_size && reader->field == HTTP_FIELD_ACCEPT_ENCODING) {
        reader->field = HTTP_FIELD_OTHER;
        value[0] = '\0';
        return 0;
    }
    if (size > HTTP_FIELD_MAX - reader->value_size) {
        http_refuse(&reader->refusal, 431, "header %s is longer than %d bytes",
                    FIELD_NAMES[reader->field], HTTP_FIELD_MAX);
        return 1;
    }
    memcpy(value + reader->value_size, at, size);
    reader->value_size += size;
    value[reader->value_size] = '\0';
    return 0;
}

static enum http_verb verb_of(unsigned method)
{
    switch (method) {
    case HTTP_GET: return HTTP_VERB_GET;
    case HTTP_HEAD: return HTTP_VERB_HEAD;
    case HTTP_POST: return HTTP_VERB_POST;
    case HTTP_OPTIONS: return HTTP_VERB_OPTIONS;
    default: return HTTP_VERB_OTHER;
    }
}

static bool is_websocket(const struct http_reader *reader)
{
    const struct http_request *request = &reader->request;
    return request->verb == HTTP_VERB_GET && !request->is_http_1_0
           && strcasecmp(request->fields[HTTP_FIELD_UPGRADE], "websocket") == 0
           && !request->has_field[HTTP_FIELD_CONTENT_LENGTH]
           && !request->has_field[HTTP_FIELD_TRANSFER_ENCODING];
}

static bool judge_framing(struct http_reader *reader)
{
    struct http_request *request = &reader->request;
    struct http_refusal *refusal = &reader->refusal;
    bool has_length = request->has_field[HTTP_FIELD_CONTENT_LENGTH];
    if (reader->parser.http_major != 1 || reader->parser.http_minor > 1)
        http_refuse(refusal, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    else if (has_length && request->has_field[HTTP_FIELD_TRANSFER_ENCODING])
        http_refuse(refusal, 400, "Content-Length and Transfer-Encoding may not come together");
    else if (request->has_field[HTTP_FIELD_TRANSFER_ENCODING]
             && (strcasecmp(request->fields[HTTP_FIELD_TRANSFER_ENCODING], "chunked") != 0
                 || request->is_http_1_0))
        http_refuse(refusal, 501, "the only transfer coding accepted is chunked, with HTTP/1.1");
    else if (has_length && reader->parser.content_length > reader->body_max)
        http_refuse(refusal, 413, "the body is %llu bytes long; at most %zu are accepted",
                    (unsigned long long)reader->parser.content_length, reader->body_max);
    else if (reader->parser.upgrade && !is_websocket(reader))
        http_refuse(refusal, 501,
                    "the only upgrade accepted is to websocket, by GET without a body");
    return refusal->status == 0;
}

static int on_headers_complete(http_parser *parser)
{
    struct http_reader *reader = reader_of(parser);
    struct http_request *request = &reader->request;
    request->verb = verb_of(parser->method);
    request->is_http_1_0 = parser->http_major == 1 && parser->http_minor == 0;
    request->keeps_alive = http_should_keep_alive(parser) != 0;
    if (request->has_field[HTTP_FIELD_CONTENT_LENGTH])
        reader->body_announced = parser->content_length;
    request->is_upgrade = parser->upgrade;
    reader->is_head_done = true;
    /* 1 would mean "no body follows"; 3 is an error to the library. */
    return judge_framing(reader) ? 0 : 3;
}

static int on_body(http_parser *parser, const char *at, size_t size)
{
    struct http_reader *reader = reader_of(parser);
    if (size > reader->body_max - reader->request.body.size) {
        http_refuse(&reader->refusal, 413, "the body is longer than %zu bytes", reader->body_max);
        return 1;
    }
    buffer_append(&reader->request.body, at, size);
    return 0;
}

static int on_message_complete(http_parser *parser)
{
    struct http_reader *reader = reader_of(parser);
    reader->is_complete = true;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings SETTINGS = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* ---- The reader -------------------------------------------------------------------------- */

void http_reader_next(struct http_reader *reader)
{
    struct buffer body = reader->request.body;
    size_t body_max = reader->body_max;
    buffer_clear(&body);
    memset(reader, 0, offsetof(struct http_reader, request));
    reader->request.target[0] = '\0';
    memset(reader->request.has_field, 0, sizeof reader->request.has_field);
    for (int field = 0; field < HTTP_FIELD_COUNT; field++)
        reader->request.fields[field][0] = '\0';
    reader->request.verb = HTTP_VERB_OTHER;
    reader->request.keeps_alive = reader->request.is_http_1_0 = false;
    reader->request.is_upgrade = false;
    reader->request.body = body;
    memset(&reader->refusal, 0, sizeof *reader - offsetof(struct http_reader, refusal));
    reader->body_max = body_max;
    reader->is_line_start = reader->is_first_line = true;
    reader->field = HTTP_FIELD_OTHER;
    http_parser_init(&reader->parser, HTTP_REQUEST);
    reader->parser.data = reader;
}

void http_reader_init(struct http_reader *reader, size_t body_max)
{
    memset(reader, 0, sizeof *reader);
    reader->body_max = body_max;
    http_reader_next(reader);
}

void http_reader_cleanup(struct http_reader *reader)
{
    buffer_cleanup(&reader->request.body);
}

/* Hands bytes to the library; what it did not like becomes a refusal. */
static bool parse(struct http_reader *reader, const uint8_t *bytes, size_t size, size_t *taken)
{
    *taken = http_parser_execute(&reader->parser, &SETTINGS, (const char *)bytes, size);
    enum http_errno number = HTTP_PARSER_ERRNO(&reader->parser);
    if (number == HPE_OK || (number == HPE_PAUSED && reader->is_complete))
        return true;
    http_refuse(&reader->refusal, number == HPE_INVALID_VERSION ? 505 : 400, "bad request: %s",
                http_errno_description(number));
    return false;
}

static enum http_progress feed_head(struct http_reader *reader, const uint8_t *bytes, size_t size,
                                    size_t *taken)
{
    size_t parsed;
    bool is_end;
    if (!scan_head(reader, bytes, size, taken, &is_end) || !parse(reader, bytes, *taken, &parsed))
        return HTTP_REFUSED;
    if (is_end != reader->is_head_done)
        return http_refuse(&reader->refusal, 400, "bad request line");
    return is_end ? HTTP_HEAD_READ : HTTP_MORE;
}

static enum http_progress feed_body(struct http_reader *reader, const uint8_t *bytes, size_t size,
                                    size_t *taken)
{
    if (reader->request.has_field[HTTP_FIELD_TRANSFER_ENCODING]
        && !scan_chunks(reader, bytes, size, &size))
        return HTTP_REFUSED;
    if (!parse(reader, bytes, size, taken))
        return HTTP_REFUSED;
    if (reader->chunk == HTTP_CHUNK_END && !reader->is_complete)
        return http_refuse(&reader->refusal, 400, "bad chunk: expected the last one");
    return reader->is_complete ? HTTP_COMPLETE : HTTP_MORE;
}

enum http_progress http_reader_feed(struct http_reader *reader, const uint8_t *bytes, size_t size,
                                    size_t *taken)
{
    *taken = 0;
    if (reader->refusal.status != 0)
        return HTTP_REFUSED;
    if (!reader->is_head_done)
        return size > 0 ? feed_head(reader, bytes, size, taken) : HTTP_MORE;
    if (reader->is_complete)
        return HTTP_COMPLETE;
    return size > 0 ? feed_body(reader, bytes, size, taken) : HTTP_MORE;
}
