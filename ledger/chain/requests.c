#include "ledger/chain/requests.h"

#include "vm/crypto/digest.h"

/* type ‖ data, appended. */
static void put_request(const struct requests *requests, unsigned type, struct buffer *out)
{
    buffer_append_u8(out, (uint8_t)type);
    buffer_append_bytes(out, requests->data[type]);
}

hash256 requests_hash(const struct requests *requests)
{
    struct buffer hashes = {0}, request = {0};
    for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++) {
        if (requests->data[type].size == 0)
            continue; /* EIP-7685: "requests items with empty request_data are excluded" */
        buffer_clear(&request);
        put_request(requests, type, &request);
        const hash256 hash = sha256(buffer_view(&request));
        buffer_append_bytes(&hashes, bytes_of(hash.bytes, sizeof hash.bytes));
    }
    const hash256 hash = sha256(buffer_view(&hashes));
    buffer_cleanup(&request);
    buffer_cleanup(&hashes);
    return hash;
}

void requests_encode(const struct requests *requests, struct buffer *out)
{
    struct buffer request = {0};
    const size_t list = rlp_open_list(out);
    for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++) {
        if (requests->data[type].size == 0)
            continue;
        buffer_clear(&request);
        put_request(requests, type, &request);
        rlp_put_string(out, buffer_view(&request));
    }
    rlp_close_list(out, list);
    buffer_cleanup(&request);
}

void requests_read(struct rlp_reader *in, struct requests *requests)
{
    *requests = (struct requests){0};
    struct rlp_reader list = rlp_list(in);
    unsigned type_min = 0;
    while (rlp_has_more(&list)) {
        const struct bytes request = rlp_string(&list);
        /* A type alone, an unknown one, or one out of order: our encoder would not write it. */
        if (request.size < 2 || request.data[0] < type_min
            || request.data[0] >= REQUEST_TYPE_COUNT) {
            rlp_fail(&list, RLP_WRONG_SIZE);
            break;
        }
        requests->data[request.data[0]] = bytes_of(request.data + 1, request.size - 1);
        type_min = request.data[0] + 1u;
    }
    rlp_leave(in, &list);
}
