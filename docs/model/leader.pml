/* R7: an honest leader never signs two proposals in one view.
 *
 * One leader, in its view, and everything that may happen around the building of a block: the work
 * arrives again and again, the block is built by a worker (or, for a re-proposal, at once), the
 * proposal goes into the log, is synced, leaves, and the process may die between any two of these;
 * what was written and not synced may or may not survive. Every build gives another block. */

#define BUILDS 3
#define NONE 0
#define BUILDING 99

byte prop;    /* my[v].PROP, in memory */
bool voted;   /* my[v] holds a vote, in memory */
bool gone;    /* the view is over */
byte jobs;    /* builds that a worker has under way */
byte built;   /* blocks made so far: the next block's number */
byte written; /* PROP records in the log, as bits by block; not synced */
byte synced;  /* and synced */
bool vote_synced;
byte waiting; /* the proposal that leaves after the sync */
byte sent;    /* proposals that left, as bits: one at most */
byte lives;

#ifdef NO_R7_MARK
#define UNMARKED (prop == NONE || prop == BUILDING)
#else
#define UNMARKED (prop == NONE)
#endif

inline leave(b)
{
    sent = sent | (1 << b);
    printf("proposal of block %d leaves\n", b);
    assert((sent & (sent - 1)) == 0)
}

/* After a restart the log says what was proposed; the highest bit is the last record. */
inline replay()
{
#ifdef NO_R7_LOG
    prop = NONE;
#else
    prop = NONE;
    if
    :: synced & 8 -> prop = 3
    :: else ->
        if
        :: synced & 4 -> prop = 2
        :: else ->
            if
            :: synced & 2 -> prop = 1
            :: else
            fi
        fi
    fi;
#endif
    voted = vote_synced;
    jobs = 0;
    waiting = NONE
}

active proctype leader()
{
end:
    do
    :: d_step { /* try_propose */
        !gone && !voted && UNMARKED && built + jobs < BUILDS ->
        prop = BUILDING;
        jobs++
    }
    :: d_step { /* BUILT */
        jobs > 0 ->
        jobs--;
        built++;
        if
        :: gone || voted -> skip
        :: else ->
            prop = built;
            written = written | (1 << built);
#ifdef NO_R7_SYNC
            leave(built)
#else
            waiting = built
#endif
        fi
    }
    :: d_step { /* the log is synced: what waited leaves */
        waiting != NONE ->
        synced = synced | written;
        written = 0;
        leave(waiting);
        waiting = NONE
    }
    :: d_step { !voted && prop != BUILDING && prop != NONE && waiting == NONE -> voted = true; vote_synced = true } /* notarizes its own */
    :: d_step { !voted && !gone -> voted = true; vote_synced = true } /* nullifies */
    :: d_step { !gone -> gone = true } /* a certificate of the view */
    :: d_step { lives < 2 -> lives++; written = 0; replay(); printf("restart: nothing unsynced survived\n") }
    :: d_step { lives < 2 -> lives++; synced = synced | written; written = 0; replay(); printf("restart: all survived\n") }
    :: d_step { lives > 0 && !gone && prop != NONE && prop != BUILDING && waiting == NONE -> leave(prop) } /* AUDITED */
    od
}
