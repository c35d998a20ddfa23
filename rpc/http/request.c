#include "rpc/http/request.h"

#include "rpc/ascii.h"
#include "vm/base/hex.h"
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#define REQUEST_LINE_MAX (HTTP_METHOD_MAX + HTTP_TARGET_MAX + sizeof "  HTTP/1.1\r\n" - 1)

struct name {
    const char *text;
    size_t size;
};
#define NAME(text)            \
    {                         \
        text, sizeof text - 1 \
    }
static const struct name FIELD_NAMES[HTTP_FIELD_COUNT] = {
    [HTTP_FIELD_HOST] = NAME("host"),
    [HTTP_FIELD_ORIGIN] = NAME("origin"),
    [HTTP_FIELD_AUTHORIZATION] = NAME("authorization"),
    [HTTP_FIELD_CONTENT_TYPE] = NAME("content-type"),
    [HTTP_FIELD_ACCEPT_ENCODING] = NAME("accept-encoding"),
    [HTTP_FIELD_EXPECT] = NAME("expect"),
    [HTTP_FIELD_CONTENT_LENGTH] = NAME("content-length"),
    [HTTP_FIELD_TRANSFER_ENCODING] = NAME("transfer-encoding"),
    [HTTP_FIELD_UPGRADE] = NAME("upgrade"),
    [HTTP_FIELD_WEBSOCKET_KEY] = NAME("sec-websocket-key"),
    [HTTP_FIELD_WEBSOCKET_VERSION] = NAME("sec-websocket-version"),
};
static const struct name CONNECTION = NAME("connection");

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

static bool refused(struct http_reader *reader, int status, const char *text)
{
    http_refuse(&reader->refusal, status, "%s", text);
    return false;
}

/* ---- The lines of the head --------------------------------------------------------------- */

/* RFC 9110, 5.6.2: tchar. */
static const bool IS_TOKEN[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['!'] = true,  ['#'] = true,
    ['$'] = true,         ['%'] = true,         ['&'] = true,         ['\''] = true, ['*'] = true,
    ['+'] = true,         ['-'] = true,         ['.'] = true,         ['^'] = true,  ['_'] = true,
    ['`'] = true,         ['|'] = true,         ['~'] = true,
};

static size_t token_size(struct bytes in)
{
    size_t size = 0;
    while (size < in.size && IS_TOKEN[in.data[size]])
        size++;
    return size;
}

/* RFC 9110, 5.5, without bytes above 0x7f; false after a refusal. */
static bool judge_text(struct http_reader *reader, struct bytes text)
{
    size_t size;
    while ((size = ascii_printable_size(text)) < text.size && text.data[size] == '\t')
        text = bytes_of(text.data + size + 1, text.size - size - 1);
    if (size == text.size)
        return true;
    if (text.data[size] == '\r')
        return refused(reader, 400, "bad header: a line must end with CR LF");
    http_refuse(&reader->refusal, 400, "bad header: byte 0x%02x is not allowed", text.data[size]);
    return false;
}

static enum http_verb verb_of(struct bytes method)
{
    static const struct name verbs[] = {
        [HTTP_VERB_GET] = NAME("GET"),
        [HTTP_VERB_HEAD] = NAME("HEAD"),
        [HTTP_VERB_POST] = NAME("POST"),
        [HTTP_VERB_OPTIONS] = NAME("OPTIONS"),
    };
    for (size_t verb = 0; verb < sizeof verbs / sizeof *verbs; verb++)
        if (bytes_equal(method, bytes_of(verbs[verb].text, verbs[verb].size)))
            return (enum http_verb)verb;
    return HTTP_VERB_OTHER;
}

static bool is_version(struct bytes text)
{
    return text.size == 8 && memcmp(text.data, "HTTP/", 5) == 0 && text.data[5] >= '0'
           && text.data[5] <= '9' && text.data[6] == '.' && text.data[7] >= '0'
           && text.data[7] <= '9';
}

/* RFC 9112, 3: method SP target SP version. */
static bool read_request_line(struct http_reader *reader, struct bytes line)
{
    struct http_request *request = &reader->request;
    const struct bytes method = bytes_of(line.data, token_size(line));
    const uint8_t *target = method.data + method.size + 1, *end = line.data + line.size;
    const uint8_t *blank = target < end ? memchr(target, ' ', (size_t)(end - target)) : NULL;
    if (method.size == 0 || blank == NULL || target[-1] != ' ' || blank == target
        || memchr(target, '\t', (size_t)(blank - target)) != NULL
        || !is_version(bytes_of(blank + 1, (size_t)(end - blank - 1))))
        return refused(reader, 400, "bad request line: expected METHOD PATH HTTP/1.1");
    if (blank[6] != '1' || blank[8] > '1')
        return refused(reader, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    const size_t size = (size_t)(blank - target);
    if (size > HTTP_TARGET_MAX) {
        http_refuse(&reader->refusal, 414, "the path is longer than %d bytes", HTTP_TARGET_MAX);
        return false;
    }
    request->verb = verb_of(method);
    request->is_http_1_0 = blank[8] == '0';
    memcpy(request->target, target, size);
    request->target[size] = '\0';
    reader->has_first_line = true;
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static struct bytes trimmed(struct bytes text)
{
    while (text.size > 0 && is_blank(text.data[0]))
        text = bytes_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

static bool is_name(struct bytes text, const struct name *name)
{
    return text.size == name->size
           && strncasecmp((const char *)text.data, name->text, name->size) == 0;
}

/* RFC 9110, 7.6.1: a list of words; the header may come more than once. */
static void read_connection(struct http_reader *reader, struct bytes value)
{
    static const struct name close = NAME("close"), keep_alive = NAME("keep-alive"),
                             upgrade = NAME("upgrade");
    while (value.size > 0) {
        const uint8_t *comma = memchr(value.data, ',', value.size);
        const size_t size = comma != NULL ? (size_t)(comma - value.data) : value.size;
        const struct bytes word = trimmed(bytes_of(value.data, size));
        reader->says_close |= is_name(word, &close);
        reader->says_keep_alive |= is_name(word, &keep_alive);
        reader->says_upgrade |= is_name(word, &upgrade);
        value = bytes_of(value.data + size, value.size - size);
        if (comma != NULL)
            value = bytes_of(value.data + 1, value.size - 1);
    }
}

static bool keep_field(struct http_reader *reader, enum http_field field, struct bytes value)
{
    struct http_request *request = &reader->request;
    /* A list that goes on in a second line, or is long: answers are plain then. */
    const bool may_be_left_out = field == HTTP_FIELD_ACCEPT_ENCODING;
    if (request->has_field[field] && may_be_left_out)
        return true;
    if (request->has_field[field]) {
        http_refuse(&reader->refusal, 400, "header %s is given twice", FIELD_NAMES[field].text);
        return false;
    }
    request->has_field[field] = true;
    if (value.size > HTTP_FIELD_MAX && may_be_left_out)
        return true;
    if (value.size > HTTP_FIELD_MAX) {
        http_refuse(&reader->refusal, 431, "header %s is longer than %d bytes",
                    FIELD_NAMES[field].text, HTTP_FIELD_MAX);
        return false;
    }
    memcpy(request->fields[field], value.data, value.size);
    request->fields[field][value.size] = '\0';
    return true;
}

/* RFC 9112, 5: name, colon, value; blanks around the value are none of it. */
static bool read_field(struct http_reader *reader, struct bytes line)
{
    const struct bytes name = bytes_of(line.data, token_size(line));
    if (name.size == 0 || name.size == line.size || line.data[name.size] != ':')
        return refused(reader, 400,
                       "bad header: a name must be followed by its colon, without blanks");
    const struct bytes value =
        trimmed(bytes_of(line.data + name.size + 1, line.size - name.size - 1));
    for (int field = 0; field < HTTP_FIELD_COUNT; field++)
        if (is_name(name, &FIELD_NAMES[field]))
            return keep_field(reader, (enum http_field)field, value);
    if (is_name(name, &CONNECTION))
        read_connection(reader, value);
    return true;
}

/* ---- The end of the head ----------------------------------------------------------------- */

/* RFC 9112, 6.3: digits and nothing else. */
static bool read_length(const char *digits, uint64_t *length)
{
    *length = 0;
    if (*digits == '\0')
        return false;
    for (; *digits != '\0'; digits++)
        if (*digits < '0' || *digits > '9' || __builtin_mul_overflow(*length, 10u, length)
            || __builtin_add_overflow(*length, (uint64_t)(*digits - '0'), length))
            return false;
    return true;
}

static bool is_websocket(const struct http_request *request)
{
    return request->verb == HTTP_VERB_GET && !request->is_http_1_0
           && strcasecmp(request->fields[HTTP_FIELD_UPGRADE], "websocket") == 0
           && !request->has_field[HTTP_FIELD_CONTENT_LENGTH]
           && !request->has_field[HTTP_FIELD_TRANSFER_ENCODING];
}

static bool judge_framing(struct http_reader *reader)
{
    struct http_request *request = &reader->request;
    struct http_refusal *refusal = &reader->refusal;
    const bool has_length = request->has_field[HTTP_FIELD_CONTENT_LENGTH];
    if (has_length && request->has_field[HTTP_FIELD_TRANSFER_ENCODING])
        http_refuse(refusal, 400, "Content-Length and Transfer-Encoding may not come together");
    else if (request->has_field[HTTP_FIELD_TRANSFER_ENCODING]
             && (strcasecmp(request->fields[HTTP_FIELD_TRANSFER_ENCODING], "chunked") != 0
                 || request->is_http_1_0))
        http_refuse(refusal, 501, "the only transfer coding accepted is chunked, with HTTP/1.1");
    else if (has_length
             && !read_length(request->fields[HTTP_FIELD_CONTENT_LENGTH], &reader->body_left))
        http_refuse(refusal, 400, "bad header: Content-Length is not a whole number");
    else if (reader->body_left > reader->body_max)
        http_refuse(refusal, 413, "the body is %llu bytes long; at most %zu are accepted",
                    (unsigned long long)reader->body_left, reader->body_max);
    else if (request->is_upgrade && !is_websocket(request))
        http_refuse(refusal, 501,
                    "the only upgrade accepted is to websocket, by GET without a body");
    return refusal->status == 0;
}

static bool end_head(struct http_reader *reader)
{
    struct http_request *request = &reader->request;
    request->keeps_alive =
        !reader->says_close && (!request->is_http_1_0 || reader->says_keep_alive);
    request->is_upgrade = reader->says_upgrade && request->has_field[HTTP_FIELD_UPGRADE];
    reader->is_head_done = true;
    buffer_cleanup(&reader->line);
    if (!judge_framing(reader))
        return false;
    reader->is_complete =
        reader->body_left == 0 && !request->has_field[HTTP_FIELD_TRANSFER_ENCODING];
    return true;
}

/* ---- The head ---------------------------------------------------------------------------- */

/* A whole line, with the LF that ends it. */
static bool read_line(struct http_reader *reader, struct bytes line)
{
    const bool ends_well = line.size >= 2 && line.data[line.size - 2] == '\r';
    const struct bytes text = bytes_of(line.data, line.size - (ends_well ? 2 : 1));
    if (!judge_text(reader, text))
        return false;
    if (!ends_well)
        return refused(reader, 400, "bad header: a line must end with CR LF");
    if (!reader->has_first_line) /* RFC 9112, 2.2: empty lines before it are tolerated */
        return text.size == 0 || read_request_line(reader, text);
    return text.size == 0 ? end_head(reader) : read_field(reader, text);
}

/* The beginning of a line, or more of it: what can be wrong already is not waited for. */
static bool keep_line(struct http_reader *reader, struct bytes piece)
{
    struct buffer *line = &reader->line;
    size_t judged = line->size, size;
    if (judged > 0 && line->data[judged - 1] == '\r')
        judged--; /* an LF was awaited */
    buffer_append_bytes(line, piece);
    size = line->size - judged - (line->data[line->size - 1] == '\r');
    return judge_text(reader, bytes_of(line->data + judged, size));
}

/* A line, or a part of one, in front of which `reader->line` may have come. */
static bool take_piece(struct http_reader *reader, struct bytes piece)
{
    const size_t size = reader->line.size + piece.size;
    reader->head_size += piece.size;
    if (!reader->has_first_line && size > REQUEST_LINE_MAX) {
        http_refuse(&reader->refusal, 414, "the path is longer than %d bytes", HTTP_TARGET_MAX);
        return false;
    }
    if (reader->head_size > HTTP_HEAD_MAX) {
        http_refuse(&reader->refusal, 431, "the request's head is longer than %d bytes",
                    HTTP_HEAD_MAX);
        return false;
    }
    if (piece.data[piece.size - 1] != '\n')
        return keep_line(reader, piece);
    if (reader->line.size == 0)
        return read_line(reader, piece);
    buffer_append_bytes(&reader->line, piece);
    const bool ok = read_line(reader, buffer_view(&reader->line));
    buffer_clear(&reader->line);
    return ok;
}

static enum http_progress feed_head(struct http_reader *reader, const uint8_t *bytes, size_t size,
                                    size_t *taken)
{
    while (*taken < size && !reader->is_head_done) {
        const uint8_t *start = bytes + *taken;
        const uint8_t *end = memchr(start, '\n', size - *taken);
        const size_t piece = end != NULL ? (size_t)(end + 1 - start) : size - *taken;
        *taken += piece;
        if (!take_piece(reader, bytes_of(start, piece)))
            return HTTP_REFUSED;
    }
    return reader->is_head_done ? HTTP_HEAD_READ : HTTP_MORE;
}

/* ---- The body ---------------------------------------------------------------------------- */

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

static bool keep_body(struct http_reader *reader, const uint8_t *bytes, size_t size)
{
    if (size > reader->body_max - reader->request.body.size) {
        http_refuse(&reader->refusal, 413, "the body is longer than %zu bytes", reader->body_max);
        return false;
    }
    buffer_append(&reader->request.body, bytes, size);
    return true;
}

static bool feed_chunks(struct http_reader *reader, const uint8_t *bytes, size_t size,
                        size_t *taken)
{
    while (*taken < size && reader->chunk != HTTP_CHUNK_END) {
        if (reader->chunk != HTTP_CHUNK_DATA) {
            if (!scan_chunk_byte(reader, bytes[(*taken)++]))
                return refused(reader, 400,
                               "bad chunk: expected its size in hex, CR LF, its bytes, CR LF");
            continue;
        }
        const uint64_t left = size - *taken;
        const uint64_t part = reader->chunk_left < left ? reader->chunk_left : left;
        if (!keep_body(reader, bytes + *taken, (size_t)part))
            return false;
        *taken += (size_t)part;
        reader->chunk_left -= part;
        if (reader->chunk_left == 0)
            reader->chunk = HTTP_CHUNK_DATA_CR;
    }
    reader->is_complete = reader->chunk == HTTP_CHUNK_END;
    return true;
}

/* Of the announced length. */
static bool feed_announced(struct http_reader *reader, const uint8_t *bytes, size_t size,
                           size_t *taken)
{
    *taken = reader->body_left < size ? (size_t)reader->body_left : size;
    reader->body_left -= *taken;
    reader->is_complete = reader->body_left == 0;
    return keep_body(reader, bytes, *taken);
}

static enum http_progress feed_body(struct http_reader *reader, const uint8_t *bytes, size_t size,
                                    size_t *taken)
{
    const bool ok = reader->request.has_field[HTTP_FIELD_TRANSFER_ENCODING]
                        ? feed_chunks(reader, bytes, size, taken)
                        : feed_announced(reader, bytes, size, taken);
    if (!ok)
        return HTTP_REFUSED;
    return reader->is_complete ? HTTP_COMPLETE : HTTP_MORE;
}

/* ---- The reader -------------------------------------------------------------------------- */

void http_reader_next(struct http_reader *reader)
{
    struct http_request *request = &reader->request;
    struct buffer body = request->body, line = reader->line;
    const size_t body_max = reader->body_max;
    buffer_clear(&body);
    buffer_clear(&line);
    request->verb = HTTP_VERB_OTHER;
    request->target[0] = '\0';
    for (int field = 0; field < HTTP_FIELD_COUNT; field++)
        request->fields[field][0] = '\0';
    memset(request->has_field, 0, sizeof request->has_field);
    request->keeps_alive = request->is_http_1_0 = request->is_upgrade = false;
    memset(&reader->refusal, 0, sizeof *reader - offsetof(struct http_reader, refusal));
    request->body = body;
    reader->line = line;
    reader->body_max = body_max;
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
    buffer_cleanup(&reader->line);
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
