#include "wallet/quorum.h"

const char *quorum_meaning(enum quorum_mode mode, unsigned members, struct arena *arena)
{
    const unsigned off = members - quorum_size(mode, members); /* that may be */
    const char *trust = mode == QUORUM_CRASH && members > 1
                            ? "; everyone is fully trusted: one member that lies can split it"
                            : "";
    if (members == 1)
        return "its only node off = the ledger pauses";
    if (off == 0)
        return arena_format(arena, "any 1 of %u off = the ledger pauses%s", members, trust);
    return arena_format(arena, "up to %u of %u may be off; %u off = the ledger pauses%s", off,
                        members, off + 1, trust);
}

const char *quorum_advice(enum quorum_mode mode, unsigned members)
{
    if (members == 2)
        return "add a third in crash mode (--mode crash), where everyone is fully trusted, or two "
               "more";
    if (members == 3 && mode != QUORUM_CRASH)
        return "add a fourth, or choose crash mode (lwallet org committee mode crash), where "
               "everyone is fully trusted";
    if (members > 3 && mode == QUORUM_ALL)
        return "choose mode bft (lwallet org committee mode bft), unless everyone has to agree";
    return NULL;
}
