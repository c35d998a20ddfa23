#include "rpc/websocket/payload.h"

#include <stdlib.h>

struct payload {
    atomic_size_t holders;
    atomic_size_t *account;
    size_t size;
    uint8_t bytes[];
};

struct payload *payload_new(struct bytes bytes, atomic_size_t *account)
{
    struct payload *payload = memory_new(sizeof *payload + bytes.size);
    atomic_init(&payload->holders, 1);
    payload->account = account;
    payload->size = bytes.size;
    memcpy(payload->bytes, bytes.data, bytes.size);
    atomic_fetch_add(account, bytes.size);
    return payload;
}

struct payload *payload_share(struct payload *payload)
{
    atomic_fetch_add_explicit(&payload->holders, 1, memory_order_relaxed);
    return payload;
}

void payload_release(struct payload *payload)
{
    if (payload == NULL || atomic_fetch_sub(&payload->holders, 1) > 1)
        return;
    atomic_fetch_sub(payload->account, payload->size);
    free(payload);
}

struct bytes payload_view(const struct payload *payload)
{
    return bytes_of(payload->bytes, payload->size);
}
