/* In place of reader.c in a static build: Debian has no archive of libwslay. */
#include "rpc/websocket/reader.h"

const bool WS_IS_SERVED = false;

void ws_reader_init(struct ws_reader *reader, size_t message_max)
{
    *reader = (struct ws_reader){.message_max = message_max};
}

void ws_reader_cleanup(struct ws_reader *reader)
{
    buffer_cleanup(&reader->message);
}

bool ws_reader_has_ahead(const struct ws_reader *reader)
{
    (void)reader;
    return false;
}

/* No handshake ends well, so there is nothing to read. */
enum ws_event ws_reader_next(struct ws_reader *reader, ws_pull_fn pull, void *context)
{
    (void)reader;
    (void)pull;
    (void)context;
    return WS_ENDED;
}
