/* TLS 1.3 between nodes (RFC 8446): encryption and a secret of the connection, nothing more. Each
 * process makes a throw-away certificate and takes any; who is there says the HELLO (hello.h). No
 * tickets, no early data, no resumption; X25519; the application protocol is "org/1" (RFC 7301).
 * The only file, with tls.c, that knows OpenSSL's part for connections. */
#ifndef NODE_NET_TLS_H
#define NODE_NET_TLS_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

struct ssl_ctx_st;
struct ssl_st;

struct ssl_ctx_st *tls_context_new(struct error *error);
void tls_context_free(struct ssl_ctx_st *context); /* accepts NULL */
/* One side of a connection. Whoever gets it frees it (libevent does). */
struct ssl_st *tls_connection_new(struct ssl_ctx_st *context);

/* After the handshake: 32 bytes that both sides have and nobody else; false if they did not agree
 * on the application protocol. */
bool tls_exporter(struct ssl_st *connection, hash256 *out) __attribute__((warn_unused_result));
/* What an error number of OpenSSL's says; "" for 0. */
void tls_error_text(unsigned long number, char *out, size_t size);
#endif
