#include "rpc/websocket/handshake.h"

#include "rpc/websocket/reader.h"
#include <assert.h>
#include <openssl/evp.h>

#define KEY_SIZE        16 /* bytes; in base64 24 characters */
#define KEY_TEXT_SIZE   24
#define SHA1_SIZE       20
#define ACCEPT_SIZE_MAX 29 /* 20 bytes in base64, and a final zero */

static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */

static bool is_key(const char *text)
{
    uint8_t bytes[3 * KEY_TEXT_SIZE / 4];
    return strlen(text) == KEY_TEXT_SIZE && strcmp(text + KEY_TEXT_SIZE - 2, "==") == 0
           && text[KEY_TEXT_SIZE - 3] != '='
           && EVP_DecodeBlock(bytes, (const uint8_t *)text, KEY_TEXT_SIZE) == sizeof bytes;
}

bool ws_handshake_judge(const struct http_request *request, struct http_refusal *refusal)
{
    const char *version = request->fields[HTTP_FIELD_WEBSOCKET_VERSION];
    if (!WS_IS_SERVED)
        http_refuse(refusal, 501, "WebSocket is not in this static build; use HTTP");
    else if (strcmp(version, "13") != 0)
        http_refuse(refusal, 426, "WebSocket version \"%.20s\" is not spoken here; expected 13",
                    version);
    else if (!is_key(request->fields[HTTP_FIELD_WEBSOCKET_KEY]))
        http_refuse(refusal, 400, "Sec-WebSocket-Key: expected %d bytes in base64", KEY_SIZE);
    return refusal->status == 0;
}

void ws_handshake_answer(const struct http_request *request, struct buffer *out)
{
    char text[KEY_TEXT_SIZE + sizeof GUID];
    uint8_t digest[SHA1_SIZE], accept[ACCEPT_SIZE_MAX];
    memcpy(text, request->fields[HTTP_FIELD_WEBSOCKET_KEY], KEY_TEXT_SIZE);
    memcpy(text + KEY_TEXT_SIZE, GUID, sizeof GUID);
    int ok = EVP_Digest(text, strlen(text), digest, NULL, EVP_sha1(), NULL);
    assert(ok == 1);
    EVP_EncodeBlock(accept, digest, sizeof digest);
    buffer_append_format(out,
                         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                         (const char *)accept);
}
