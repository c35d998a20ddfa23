#include "node/net/endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_SIZE_MAX 63 /* RFC 1035, 2.3.4 */

static bool is_name(const char *host)
{
    size_t label = 0;
    for (const char *at = host; *at != 0; at++) {
        const unsigned char c = (unsigned char)*at;
        if (c == '.' ? label == 0 : !(isalnum(c) || c == '_' || (c == '-' && label > 0)))
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > LABEL_SIZE_MAX)
            return false;
    }
    return label > 0;
}

/* Digits and dots are an address or nothing: no name ends in a number (RFC 1123, 2.1). */
static bool is_host(const char *host, bool has_brackets)
{
    struct in6_addr six;
    struct in_addr four;
    if (has_brackets)
        return inet_pton(AF_INET6, host, &six) == 1;
    if (strspn(host, "0123456789.") == strlen(host))
        return inet_pton(AF_INET, host, &four) == 1;
    return is_name(host);
}

static bool parse_port(const char *text, uint16_t *port)
{
    unsigned value = 0;
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != 0 || text[0] == '0')
        return false;
    for (const char *at = text; *at != 0; at++)
        value = 10 * value + (unsigned)(*at - '0');
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

bool endpoint_parse(struct endpoint *endpoint, const char *text, struct error *error)
{
    const char *colon = strrchr(text, ':');
    const size_t size = colon == NULL ? 0 : (size_t)(colon - text);
    const bool has_brackets = size > 2 && text[0] == '[' && text[size - 1] == ']';
    const size_t skipped = has_brackets ? 1 : 0;
    if (colon == NULL || strlen(text) >= ENDPOINT_SIZE)
        return error_set(
            error, ERROR_INVALID,
            "\"%.64s\" is no endpoint, expected \"host:port\" of at most %d characters", text,
            ENDPOINT_SIZE - 1);
    memcpy(endpoint->host, text + skipped, size - 2 * skipped);
    endpoint->host[size - 2 * skipped] = 0;
    if (!is_host(endpoint->host, has_brackets))
        return error_set(error, ERROR_INVALID,
                         "\"%.64s\": no host, expected a name, an IPv4 address, or an IPv6 address "
                         "in brackets",
                         text);
    if (!parse_port(colon + 1, &endpoint->port))
        return error_set(error, ERROR_INVALID, "\"%.64s\": no port, expected 1 to 65535", text);
    return true;
}
