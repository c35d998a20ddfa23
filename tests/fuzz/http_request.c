/* The HTTP reader on any bytes: how they are cut into pieces changes nothing, bounds hold, and
 * what is read names no line end (it goes into answers).
 *
 * byte 0: size of the pieces | the bytes a client sends */
#include "rpc/http/guard.h"
#include "tests/fuzz/target.h"
#include "vm/crypto/keccak.h"

#define BODY_MAX     300
#define REQUESTS_MAX 50 /* of one connection */

/* What came of a connection: all of it that a caller can see, as one hash. */
struct outcome {
    unsigned requests;
    int status;
    hash256 seen;
};

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((uint8_t)*text < 0x20 && *text != '\t')
            return false;
    return true;
}

static void look_at(struct keccak *seen, const struct http_reader *reader)
{
    const struct http_request *request = &reader->request;
    must(request->body.size <= BODY_MAX, "a body beyond its bound");
    must(strlen(request->target) <= HTTP_TARGET_MAX && is_plain(request->target), "a bad target");
    must(!(request->has_field[HTTP_FIELD_CONTENT_LENGTH]
           && request->has_field[HTTP_FIELD_TRANSFER_ENCODING]),
         "two framings at once");
    keccak_update(seen, &request->verb, sizeof request->verb);
    keccak_update(seen, &request->keeps_alive, sizeof request->keeps_alive);
    keccak_update(seen, request->target, strlen(request->target));
    for (size_t field = 0; field < HTTP_FIELD_COUNT; field++) {
        must(is_plain(request->fields[field]), "a header with a line end");
        keccak_update(seen, request->fields[field], strlen(request->fields[field]) + 1);
    }
    keccak_update(seen, request->body.data, request->body.size);
}

static void judge(const struct http_request *request)
{
    static struct http_guard guard;
    static const char *const hosts[] = {"node.example"};
    static const char *const origins[] = {"https://app.example"};
    struct error error;
    if (guard.hosts == NULL)
        must(http_guard_init(&guard, "127.0.0.1", hosts, 1, origins, 1, &error), "the guard");
    struct http_destination destination;
    struct http_refusal refusal = {0};
    bool is_good = http_guard_judge(&guard, request, &destination, &refusal);
    must(is_good == (refusal.status == 0), "a verdict and its reason disagree");
}

static struct outcome read_in_pieces(struct bytes bytes, size_t piece)
{
    struct http_reader reader;
    struct keccak seen;
    struct outcome outcome = {0};
    enum http_progress progress = HTTP_MORE;
    http_reader_init(&reader, BODY_MAX);
    keccak_init(&seen);
    while (outcome.requests < REQUESTS_MAX) {
        size_t taken, size = bytes.size < piece ? bytes.size : piece;
        progress = http_reader_feed(&reader, bytes.data, size, &taken);
        must(taken <= size, "more was taken than was given");
        bytes = bytes_of(bytes.data + taken, bytes.size - taken);
        if (progress == HTTP_REFUSED)
            break;
        if (progress == HTTP_HEAD_READ)
            judge(&reader.request);
        if (progress == HTTP_COMPLETE) {
            look_at(&seen, &reader);
            http_reader_next(&reader);
            outcome.requests++;
        } else if (progress == HTTP_MORE) {
            must(taken == size, "bytes were left, but more are wanted");
            if (bytes.size == 0)
                break;
        }
    }
    outcome.status = reader.refusal.status;
    must((outcome.status != 0) == (progress == HTTP_REFUSED), "a refusal without a reason");
    outcome.seen = keccak_finish(&seen);
    http_reader_cleanup(&reader);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct bytes bytes = bytes_of(data + 1, size - 1);
    struct outcome whole = read_in_pieces(bytes, bytes.size + 1);
    struct outcome cut = read_in_pieces(bytes, 1 + data[0] % 40u);
    /* Of two faults, the pieces may decide which one is named. */
    must(whole.requests == cut.requests && (whole.status == 0) == (cut.status == 0)
             && hash256_equal(&whole.seen, &cut.seen),
         "the same bytes in other pieces were read otherwise");
    return 0;
}
