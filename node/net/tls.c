#include "node/net/tls.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

static const unsigned char protocol[] = "\x05org/1"; /* a list of one, each with its length */
#define PROTOCOL_SIZE (sizeof protocol - 1)

static const char exporter_label[] = "EXPORTER-leither-hello";

#define CERTIFICATE_LIST_MAX 4096 /* bytes; ours has 300 */

/* Who is there is for the HELLO to say. */
static int take_any(X509_STORE_CTX *store, void *unused)
{
    (void)store;
    (void)unused;
    return 1;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *offered, unsigned offered_size, void *unused)
{
    (void)ssl;
    (void)unused;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_size, protocol, PROTOCOL_SIZE, offered, offered_size)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* Self-signed, without a name; its dates are read by nobody. */
static bool add_certificate(SSL_CTX *context)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    const bool ok =
        key != NULL && certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1
        && ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1
        && ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z")
        && ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z")
        && X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, key, EVP_sha256()) > 0
        && SSL_CTX_use_certificate(context, certificate) == 1
        && SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return ok;
}

/* An end without a farewell is an end: frames carry their sizes. */
static bool set_up(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                                     | SSL_OP_IGNORE_UNEXPECTED_EOF
                                     | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, CERTIFICATE_LIST_MAX);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, take_any, NULL);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1
           && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1
           && SSL_CTX_set1_groups_list(context, "X25519") == 1
           && SSL_CTX_set_num_tickets(context, 0) == 1
           && SSL_CTX_set_alpn_protos(context, protocol, PROTOCOL_SIZE) == 0 /* good */
           && add_certificate(context);
}

struct ssl_ctx_st *tls_context_new(struct error *error)
{
    char why[128];
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (context != NULL && set_up(context))
        return context;
    tls_error_text(ERR_get_error(), why, sizeof why);
    error_set(error, ERROR_IO, "TLS could not be set up: %s", why);
    SSL_CTX_free(context);
    return NULL;
}

void tls_context_free(struct ssl_ctx_st *context)
{
    SSL_CTX_free(context);
}

struct ssl_st *tls_connection_new(struct ssl_ctx_st *context)
{
    return SSL_new(context);
}

bool tls_exporter(struct ssl_st *connection, hash256 *out)
{
    const unsigned char *agreed;
    unsigned size;
    SSL_get0_alpn_selected(connection, &agreed, &size);
    return size == PROTOCOL_SIZE - 1 && memcmp(agreed, protocol + 1, size) == 0
           && SSL_export_keying_material(connection, out->bytes, sizeof out->bytes, exporter_label,
                                         sizeof exporter_label - 1, NULL, 0, 0)
                  == 1;
}

void tls_error_text(unsigned long number, char *out, size_t size)
{
    const char *reason = number == 0 ? "" : ERR_reason_error_string(number);
    const size_t length = reason == NULL ? 0 : strnlen(reason, size - 1);
    memcpy(out, reason == NULL ? "" : reason, length);
    out[length] = 0;
}
