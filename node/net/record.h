/* Where a node says that it is to be found, signed by its node key; whoever has it may pass it on.
 *
 *   version u8 | sequence u64 | node key 33 | endpoints u8 | (size u8 | "host:port") each
 *   | signature 65
 *
 * big-endian, RECORD_SIZE_MAX bytes at most. The signature is over keccak256("ORG1" | 7 | all before
 * it). Of two records of one node the one of the higher sequence counts. Format and test vector:
 * docs/formats.md; design: consensus 5. */
#ifndef NODE_NET_RECORD_H
#define NODE_NET_RECORD_H
#include "node/net/endpoint.h"
#include "node/net/hello.h"

#define RECORD_VERSION       1
#define RECORD_SIZE_MAX      300
#define RECORD_ENDPOINTS_MAX 4

struct node_record {
    uint64_t sequence; /* milliseconds since 1970 when it was made, if the clock was set */
    struct node_id who;
    char endpoints[RECORD_ENDPOINTS_MAX][ENDPOINT_SIZE]; /* each one endpoint_parse() takes */
    unsigned endpoints_count;                            /* 0: it is not to be dialled */
    signature signature;
};

/* Sets `who` and `signature`, and appends the record. False: the endpoints are too long together. */
bool record_sign(struct node_record *record, const struct secret_key *key, struct buffer *out)
    __attribute__((warn_unused_result));
/* Accepts only what record_sign() writes: the signature is checked. */
bool record_decode(struct node_record *record, struct bytes encoded)
    __attribute__((warn_unused_result));
#endif
