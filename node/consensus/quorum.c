#include "node/consensus/quorum.h"

#include <assert.h>

struct thresholds thresholds_of(unsigned members, unsigned quorum)
{
    assert(members > 0);
    assert(quorum <= members);
    assert(2 * quorum > members);

    struct thresholds of = {.members = members, .quorum = quorum, .audit = quorum - 1};
    of.down_max = members - quorum;
    of.liars_safe = 2 * quorum - members - 1;
    of.liars_live = of.down_max < of.liars_safe ? of.down_max : of.liars_safe;
    of.amplify = of.liars_live + 1;
    of.remember = quorum == members ? members - 1 : members - quorum + of.liars_live + 1;
    assert(of.remember < members);
    return of;
}
