#include "rpc/subscriptions/id.h"

#include "rpc/write.h"
#include "vm/base/hex.h"
#include <assert.h>
#include <sys/random.h>

struct rpc_id rpc_id_new(void)
{
    struct rpc_id id;
    /* getrandom() of up to 256 bytes is whole once the kernel's pool was ready. */
    ssize_t got = getrandom(id.bytes, sizeof id.bytes, 0);
    assert(got == (ssize_t)sizeof id.bytes);
    id.bytes[0] |= 0x80; /* in the public schema an id is a quantity: no leading zero */
    return id;
}

void rpc_id_write(struct buffer *out, const struct rpc_id *id)
{
    write_data(out, bytes_of(id->bytes, sizeof id->bytes));
}

bool rpc_id_parse(struct rpc_id *id, const char *text)
{
    return hex_decode_fixed(id->bytes, sizeof id->bytes, text, strlen(text));
}

bool rpc_id_equal(const struct rpc_id *a, const struct rpc_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
