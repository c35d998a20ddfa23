#include "node/net/gate.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

static void network_of(const struct sockaddr *from, uint8_t out[9])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291, 2.5.5.2 */
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    memset(out, 0, 9);
    if (from->sa_family == AF_INET) {
        memcpy(&four, from, sizeof four);
        out[0] = 4;
        memcpy(out + 1, &four.sin_addr, 3);
        return;
    }
    memcpy(&six, from, sizeof six);
    const bool is_mapped = memcmp(&six.sin6_addr, mapped, sizeof mapped) == 0;
    out[0] = is_mapped ? 4 : 6;
    memcpy(out + 1, six.sin6_addr.s6_addr + (is_mapped ? 12 : 0), is_mapped ? 3 : 8);
}

int gate_enter(struct gate *gate, const struct sockaddr *from)
{
    uint8_t network[9];
    unsigned near = 0;
    int place = -1;
    network_of(from, network);
    for (int i = 0; i < GATE_PLACES; i++) {
        if (!gate->places[i].is_taken)
            place = place < 0 ? i : place;
        else
            near += memcmp(gate->places[i].network, network, sizeof network) == 0;
    }
    if (place < 0 || near >= GATE_NETWORK)
        return -1;
    gate->places[place].is_taken = true;
    memcpy(gate->places[place].network, network, sizeof network);
    return place;
}

void gate_leave(struct gate *gate, int place)
{
    assert(gate->places[place].is_taken);
    gate->places[place].is_taken = false;
}
