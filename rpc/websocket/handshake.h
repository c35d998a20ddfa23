/* From an HTTP request to a WebSocket (RFC 6455, 4.2). Host, Origin and path were judged before. */
#ifndef RPC_WEBSOCKET_HANDSHAKE_H
#define RPC_WEBSOCKET_HANDSHAKE_H
#include "rpc/http/request.h"

/* False: the refusal says why. */
bool ws_handshake_judge(const struct http_request *request, struct http_refusal *refusal);
/* The whole answer to a request that was judged good: 101, and nothing of HTTP after it. */
void ws_handshake_answer(const struct http_request *request, struct buffer *out);
#endif
