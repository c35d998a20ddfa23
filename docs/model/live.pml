/* Progress: does a committee ever stop with work undone?
 *
 * Four members of which one, DOWN, is off (SPLIT: it is a liar that leads view 1, shows its proposal
 * to whom it likes, and lets its votes of view 1 reach whom it likes). One member has work; the
 * others sleep. A message is a broadcast; LOSS of them do not reach one member, or any; EARLY timers
 * fire too soon. Everything else is timely: other timers, repetition and STATUS come when nothing
 * else can happen (ASYNC: whenever they like). The only stop allowed is the one in which every member
 * that is up holds a final block (ASYNC: or has left the last view explored).
 *
 * react() is everything that step() does at once, until nothing more follows. */

#define N 4
#define Q 3
#define AMPLIFY 2 /* b_live + 1 */
#ifndef DOWN
#define DOWN 3
#endif
#ifndef VIEWS
#define VIEWS 8
#endif
#define ROOM 10
#ifndef LOSS
#define LOSS 1
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef CAP
#define CAP 16 /* blocks above the final one on which none is built */
#endif
#ifdef SPLIT
#define LEADER(v) (((v) + DOWN - 1) % N) /* DOWN leads view 1 */
#else
#define LEADER(v) (((v) + DOWN) % N) /* DOWN leads view 4 */
#endif
#ifdef ASYNC
#define QUIET true
#else
#define QUIET timeout
#endif

/* Votes of one kind, certificates, as bits of a view. */
#define NOTARIZE 1
#define NULLIFY 2
#define FINALIZE 4
#define PROPOSED 8

typedef seen_in { byte by[5] };       /* who voted, a bit each; index NOTARIZE, NULLIFY, FINALIZE */
typedef member {
    byte view = 1;
    byte final;
    bool armed;
    bool work;
    byte my[ROOM];
    byte out[ROOM];  /* own votes that have not left */
    byte cert[ROOM];
    bool has[ROOM];  /* the proposal, with its block */
    seen_in seen[ROOM];
};
member m[N];
byte base[ROOM];  /* pv of a view's proposal */
byte block[ROOM]; /* the view that made the proposed block; 0: the block before view 1 */
byte height[ROOM];
byte losses, hasty;
bool started;
hidden byte r, v, w, x, tip, kind;
hidden byte changed, pending, fits;

#define BITS(s) (((s) & 1) + (((s) >> 1) & 1) + (((s) >> 2) & 1) + (((s) >> 3) & 1))
#define UP(j) (j != DOWN)
#define IS_DONE(j) (j == DOWN || block[m[j].final] != 0)
#define DONE (IS_DONE(0) && IS_DONE(1) && IS_DONE(2) && IS_DONE(3))
#define DEPTH(j, t) (height[block[t]] - height[block[m[j].final]])

/* ENDLESS: there is always something to include; else one transaction, in the first block. */
#ifdef ENDLESS
#define NEW_WORK(j, t) m[j].work
#else
#define NEW_WORK(j, t) (m[j].work && block[t] == 0)
#endif

#ifdef NULLIFY_OR_NOTARIZE
#define MAY_NULLIFY(j, u) (u <= VIEWS && !(m[j].my[u] & (NULLIFY | FINALIZE | NOTARIZE)))
#else
#define MAY_NULLIFY(j, u) (u <= VIEWS && !(m[j].my[u] & (NULLIFY | FINALIZE)))
#endif

inline cast(j, u, kind)
{
    m[j].my[u] = m[j].my[u] | (kind);
    m[j].out[u] = m[j].out[u] | (kind);
    m[j].seen[u].by[kind] = m[j].seen[u].by[kind] | (1 << j);
    m[j].armed = true;
    changed = true
}

/* tip = the highest view whose block is certified for j; pending = there is work. */
inline look(j)
{
    tip = VIEWS;
    do
    :: tip > m[j].final && !(m[j].cert[tip] & (NOTARIZE | FINALIZE)) -> tip--
    :: else -> break
    od;
    pending = (NEW_WORK(j, tip) || block[tip] != block[m[j].final])
}

/* fits = every view between low and high is nullified, to j's knowledge. */
inline skipped(j, low, high)
{
    fits = true;
    w = low + 1;
    do
    :: w < high -> fits = fits && (m[j].cert[w] & NULLIFY); w++
    :: else -> break
    od
}

#define FORMED(kind) (BITS(m[j].seen[v].by[kind]) >= Q && !(m[j].cert[v] & kind))

inline react(j)
{
    do
    :: true ->
        changed = false;
        v = m[j].final + 1;
        do
        :: v <= VIEWS ->
            if
            :: m[j].has[v] && FORMED(NOTARIZE) -> m[j].cert[v] = m[j].cert[v] | NOTARIZE
            :: else
            fi;
            if
            :: FORMED(NULLIFY) -> m[j].cert[v] = m[j].cert[v] | NULLIFY
            :: else
            fi;
            if
            :: m[j].has[v] && FORMED(FINALIZE) -> m[j].cert[v] = m[j].cert[v] | FINALIZE
            :: else
            fi;
            if
            :: (m[j].cert[v] & NOTARIZE) && !(m[j].my[v] & (NULLIFY | FINALIZE)) -> cast(j, v, FINALIZE)
            :: else
            fi;
            if
            :: m[j].cert[v] & FINALIZE -> m[j].final = v
            :: else
            fi;
            if
            :: m[j].cert[v] && v >= m[j].view -> m[j].view = v + 1; m[j].armed = false; changed = true
            :: else
            fi;
            v++
        :: else -> break
        od;
        look(j);
        if
        :: pending || (m[j].view <= VIEWS && m[j].seen[m[j].view].by[NULLIFY]) -> m[j].armed = true
        :: !pending && m[j].final + 1 == m[j].view && !m[j].seen[m[j].view].by[NULLIFY] -> m[j].armed = false
        :: else
        fi;
        v = m[j].view;
        if
        :: MAY_NULLIFY(j, v) && (BITS(m[j].seen[v].by[NULLIFY]) >= AMPLIFY ||
                (m[j].seen[v].by[NULLIFY] & (1 << LEADER(v)))) ->
            cast(j, v, NULLIFY)
        :: else
        fi;
        if
        :: v <= VIEWS && m[j].has[v] && !(m[j].my[v] & (NOTARIZE | NULLIFY)) ->
            m[j].armed = true;
            skipped(j, base[v], v);
            if
            :: fits && base[v] >= m[j].final &&
                    (base[v] == m[j].final || (m[j].cert[base[v]] & (NOTARIZE | FINALIZE))) &&
                    (block[v] != v || DEPTH(j, base[v]) < CAP) ->
                cast(j, v, NOTARIZE)
            :: else
            fi
        :: else
        fi;
        if
        :: !changed -> break
        :: else
        fi
    od
}

inline arrive(j, k, u)
{
    if
    :: UP(k) && k != j && !(m[k].seen[u].by[kind] & (1 << j)) ->
        m[k].seen[u].by[kind] = m[k].seen[u].by[kind] | (1 << j);
        react(k)
    :: else
    fi
}

#define OUT(j) \
    (m[j].out[1] | m[j].out[2] | m[j].out[3] | m[j].out[4] | m[j].out[5] | m[j].out[6] | m[j].out[7] | \
     m[j].out[8])

/* j's oldest vote that is still here leaves; it does not reach the members of the set lost. */
inline send(j, lost)
{
    d_step {
        !DONE && OUT(j) && (lost == 0 || losses < LOSS) ->
        x = 1;
        do
        :: m[j].out[x] == 0 -> x++
        :: else -> break
        od;
        kind = m[j].out[x] & -m[j].out[x];
        printf("%d sends vote %d of view %d, not to %d\n", j, kind, x, lost);
        m[j].out[x] = m[j].out[x] & ~kind;
        losses = losses + (lost != 0);
        r = 0;
        do
        :: r < N ->
            if
            :: !(lost & (1 << r)) -> arrive(j, r, x)
            :: else
            fi;
            r++
        :: else -> break
        od;
        skip
    }
}

/* The proposal with its justification reaches k. */
inline hand_over(j, k, u)
{
    if
    :: UP(k) && !m[k].has[u] && u > m[k].final ->
        m[k].has[u] = true;
        m[k].has[base[u]] = true;
        m[k].cert[base[u]] = m[k].cert[base[u]] | m[j].cert[base[u]];
        w = base[u] + 1;
        do
        :: w < u -> m[k].cert[w] = m[k].cert[w] | (m[j].cert[w] & NULLIFY); w++
        :: else -> break
        od;
        react(k)
    :: else
    fi
}

/* Re-proposes at the limit, or when there is nothing new to include; else makes a block. */
inline propose(j, lost)
{
    d_step {
        !DONE && m[j].view <= VIEWS && LEADER(m[j].view) == j && !m[j].my[m[j].view] && m[j].armed &&
            (lost == 0 || losses < LOSS) ->
        look(j);
        skipped(j, tip, m[j].view);
        v = m[j].view;
        m[j].my[v] = PROPOSED;
        if
        :: !pending || !fits
#ifdef NO_REPROPOSAL
        :: pending && fits && (!NEW_WORK(j, tip) || DEPTH(j, tip) >= CAP)
#else
        :: pending && fits && (!NEW_WORK(j, tip) || DEPTH(j, tip) >= CAP) ->
            base[v] = tip; block[v] = block[tip]; m[j].has[v] = true
#endif
        :: pending && fits && NEW_WORK(j, tip) && DEPTH(j, tip) < CAP ->
            base[v] = tip; block[v] = v; height[v] = height[block[tip]] + 1; m[j].has[v] = true
        fi;
        if
        :: m[j].has[v] ->
            printf("%d proposes in view %d block %d on view %d, not to %d\n", j, v, block[v], tip, lost);
            losses = losses + (lost != 0);
            x = v;
            r = 0;
            do
            :: r < N ->
                if
                :: r != j && !(lost & (1 << r)) -> hand_over(j, r, x)
                :: else
                fi;
                r++
            :: else -> break
            od;
            react(j)
        :: else
        fi
    }
}

inline fire(j)
{
    printf("%d's timer ends view %d\n", j, m[j].view);
    cast(j, m[j].view, NULLIFY);
    react(j)
}

#define TIMER_RUNS(j) (!DONE && UP(j) && m[j].armed && MAY_NULLIFY(j, m[j].view))

inline early_timer(j)
{
    d_step { hasty < EARLY && TIMER_RUNS(j) -> hasty++; fire(j); skip }
}

inline late_timer(j)
{
    d_step { QUIET && TIMER_RUNS(j) -> fire(j); skip }
}

#define LACKS(j, k, u, kind) \
    ((m[j].my[u] & kind) && !(m[j].out[u] & kind) && !(m[k].seen[u].by[kind] & (1 << j)))
#define LACKS_ANY(j, k, u) \
    (u <= VIEWS && UP(k) && k != j && u > m[k].final && u > m[j].final && \
     (LACKS(j, k, u, NOTARIZE) || LACKS(j, k, u, NULLIFY) || LACKS(j, k, u, FINALIZE)))
#define MISSES(j, k) \
    (LACKS_ANY(j, k, 1) || LACKS_ANY(j, k, 2) || LACKS_ANY(j, k, 3) || LACKS_ANY(j, k, 4) || \
     LACKS_ANY(j, k, 5) || LACKS_ANY(j, k, 6) || LACKS_ANY(j, k, 7) || LACKS_ANY(j, k, 8))

/* t_retry: the own votes above F that k lacks. */
inline resend(j, k)
{
    d_step {
        QUIET && !DONE && m[j].armed && MISSES(j, k) ->
        printf("%d sends its votes again to %d\n", j, k);
        x = 1;
        do
        :: x <= VIEWS ->
            kind = 1;
            do
            :: kind <= FINALIZE ->
                if
                :: LACKS_ANY(j, k, x) && LACKS(j, k, x, kind) ->
                    m[k].seen[x].by[kind] = m[k].seen[x].by[kind] | (1 << j)
                :: else
                fi;
                kind = kind * 2
            :: else -> break
            od;
            x++
        :: else -> break
        od;
        react(k);
        skip
    }
}

#define HELPS(j, k, u) \
    (u <= VIEWS && m[j].cert[u] && \
     (u >= m[k].view || ((m[j].cert[u] & FINALIZE) && u > m[k].final)))

#define BEHIND(j, k) \
    (HELPS(j, k, 1) || HELPS(j, k, 2) || HELPS(j, k, 3) || HELPS(j, k, 4) || \
     HELPS(j, k, 5) || HELPS(j, k, 6) || HELPS(j, k, 7) || HELPS(j, k, 8))

/* STATUS shows that k is behind: j sends the certificates, and k asks for their proposals. */
inline status(j, k)
{
    d_step {
        QUIET && !DONE && UP(j) && UP(k) && j != k && BEHIND(j, k) ->
        printf("%d learns from %d\n", k, j);
        x = m[k].final + 1;
        do
        :: x <= VIEWS ->
            m[k].cert[x] = m[k].cert[x] | m[j].cert[x];
            if
            :: m[j].cert[x] && m[j].has[x] -> m[k].has[x] = true
            :: else
            fi;
            x++
        :: else -> break
        od;
        react(k);
        skip
    }
}

#ifdef SPLIT
bool shown, silent;
/* The liar makes a block in view 1, and shows it, and its votes, to k when it likes. */
inline lie(k)
{
    d_step {
        !DONE && UP(k) && started && !silent && !m[k].has[1] && m[k].final == 0 ->
        shown = true; base[1] = 0; block[1] = 1; height[1] = 1;
        printf("the liar shows its proposal to %d\n", k);
        m[k].has[1] = true;
        react(k);
        skip
    }
}
inline lying_vote(k, kind)
{
    d_step {
        !DONE && UP(k) && shown && !silent && !(m[k].seen[1].by[kind] & (1 << DOWN)) && m[k].final == 0 ->
        printf("the liar's vote %d of view 1 reaches %d\n", kind, k);
        m[k].seen[1].by[kind] = m[k].seen[1].by[kind] | (1 << DOWN);
        react(k);
        skip
    }
}
inline fall_silent()
{
    d_step { started && !silent -> silent = true; printf("the liar says no more\n") }
}
#define LIES(k) :: fall_silent() :: lie(k) :: lying_vote(k, NOTARIZE) :: lying_vote(k, NULLIFY) :: lying_vote(k, FINALIZE)
#endif

inline start(j)
{
    d_step { UP(j) && !started -> started = true; m[j].work = true; printf("%d has work\n", j); react(j); skip }
}

#ifdef ASYNC
#define LEFT(j) (j == DOWN || m[j].view > VIEWS)
#define OVER (DONE || (LEFT(0) && LEFT(1) && LEFT(2) && LEFT(3)))
#else
#define OVER DONE
#endif

#ifdef NO_RESEND
#define RESEND(j, k)
#else
#define RESEND(j, k) :: resend(j, k)
#endif
#ifdef NO_STATUS
#define STATUS(j, k)
#else
#define STATUS(j, k) :: status(j, k)
#endif
#define PAIR(k) RESEND(j, k) STATUS(j, k)

/* No end state but the one of those who are done: Spin reports any other stop. */
proctype up(byte j)
{
    do
    :: propose(j, 0)
    :: propose(j, 15)
    :: propose(j, 1 << ((j + 1) % N))
    :: early_timer(j)
    :: late_timer(j)
    :: send(j, 0)
    :: send(j, 15)
    :: send(j, 1 << ((j + 1) % N))
    PAIR(((j + 1) % N))
    PAIR(((j + 2) % N))
    PAIR(((j + 3) % N))
#ifdef SPLIT
    LIES(j)
#endif
    :: start(j)
    :: OVER -> break
    od
}

init
{
    atomic {
        run up((DOWN + 1) % N);
        run up((DOWN + 2) % N);
        run up((DOWN + 3) % N)
    }
}
