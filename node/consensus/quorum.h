/* How many members decide, and how many must be down, lie or remember before it matters.
 *
 * With n members and quorum q a ledger is safe with up to 2q - n - 1 liars, and goes on with up
 * to n - q members down. Table and reasons: consensus 1 and 2.9. */
#ifndef NODE_CONSENSUS_QUORUM_H
#define NODE_CONSENSUS_QUORUM_H

struct thresholds {
    unsigned members;    /* n */
    unsigned quorum;     /* q: exactly so many votes make a certificate */
    unsigned down_max;   /* n - q: with more down the ledger pauses */
    unsigned liars_safe; /* 2q - n - 1: with more, two blocks may become final */
    unsigned liars_live; /* b_live: the smaller of the two above */
    unsigned amplify;    /* b_live + 1 nullifies: at least one is by an honest member */
    unsigned audit;      /* q - 1 answers end the startup audit of a member with its log */
    unsigned remember;   /* |R|: remembering others whose answers end amnesia; all others if q = n.
                            0 in a committee of one, where the operator confirms */
};
/* `members` is at least 1, 2 * `quorum` is more than `members`, `quorum` at most `members`. */
struct thresholds thresholds_of(unsigned members, unsigned quorum);
#endif
