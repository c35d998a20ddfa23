/* Members that lost their vote log: do they ever vote again in a view in which they voted?
 *
 * The kinds of votes and the proposals are left out: "voted in view v" is all that counts, and a
 * second vote in a view by one that forgot the first is the fault, whatever it says. As in
 * votes.pml a vote that was sent stays, who reads it is open, and the liars' votes are always
 * there; in an audit they answer at once and claim view 0. A member may vote in view v if v-1 is
 * certified (it is then its current view) or v itself is (a finalize vote after leaving it).
 * Current views are not stored: a restart may put a member back into view 1, and an answer with a
 * lower view is the more dangerous one. F stays 0: whoever has a higher F answers more. */

#ifndef H
#define H 3 /* honest members */
#endif
#ifndef NEED
#define NEED 2 /* honest votes that the liars can complete to a certificate: q - b */
#endif
#ifndef VIEWS
#define VIEWS 4
#endif
#ifndef FORGET
#define FORGET 2 /* how many times a log is lost, all members together */
#endif
/* Honest answers which with the b liars' own are |R| = n - q + b + 1: n - q + 1. */
#ifndef ANSWERS
#define ANSWERS (H - NEED + 1)
#endif
#define AUDIT 99 /* amnesia_until while the audit lasts */

typedef member {
    byte sent;  /* views in which it voted in its whole life, a bit each */
    byte my;    /* those that it remembers */
    byte until; /* amnesia_until */
    byte newest; /* M so far */
    byte heard;  /* honest members that answered */
};
member m[H];
bool cert[VIEWS + 2];
byte forgotten;
hidden byte k, x, count;

#define VOTED(member, v) (((member) >> (v)) & 1)

/* Members are alike: any order of them is the same state. */
#define KEY(k) (m[k].sent + (m[k].my << 6) + (m[k].until << 12) + (m[k].newest << 20))
#define SWAP(a, b) a = a ^ b; b = a ^ b; a = a ^ b

inline order(a, b)
{
    if
    :: KEY(a) > KEY(b) ->
        SWAP(m[a].sent, m[b].sent);
        SWAP(m[a].my, m[b].my);
        SWAP(m[a].until, m[b].until);
        SWAP(m[a].newest, m[b].newest);
        SWAP(m[a].heard, m[b].heard);
        k = 0;
        do
        :: k < H ->
            x = VOTED(m[k].heard, a) ^ VOTED(m[k].heard, b);
            m[k].heard = m[k].heard ^ ((x << a) | (x << b));
            k++
        :: else -> break
        od
    :: else
    fi
}

inline sort()
{
#if H == 3
    order(0, 1); order(1, 2); order(0, 1)
#elif H == 5
    order(0, 1); order(3, 4); order(2, 4); order(2, 3); order(1, 4);
    order(0, 3); order(0, 2); order(1, 3); order(1, 2)
#else
    skip
#endif
}

inline vote(v)
{
    d_step {
        v > m[me].until && !VOTED(m[me].my, v) && (v == 1 || cert[v - 1] || cert[v]) ->
        printf("member %d votes in view %d\n", me, v);
        assert(!VOTED(m[me].sent, v));
        m[me].sent = m[me].sent | (1 << v);
        m[me].my = m[me].my | (1 << v);
        count = 0;
        k = 0;
        do
        :: k < H -> count = count + VOTED(m[k].sent, v); k++
        :: else -> break
        od;
        cert[v] = (count >= NEED);
        sort()
    }
}

/* Loses the vote log and the store. */
inline forget()
{
    d_step {
        forgotten < FORGET && m[me].sent ->
        printf("member %d forgets\n", me);
        forgotten++;
        m[me].my = 0;
        m[me].until = AUDIT;
        m[me].newest = 0;
        m[me].heard = 0;
        sort()
    }
}

/* A crash with the (new) log intact. What the audit found is in the log. */
inline restart()
{
    d_step {
        m[me].until != AUDIT && m[me].until != 0 ->
        printf("member %d restarts\n", me);
#ifdef BOUND_NOT_LOGGED
        m[me].until = 0;
#endif
        sort()
    }
}

#ifdef NO_EXCLUSION
#define REMEMBERS(who) true
#else
#define REMEMBERS(who) (m[who].until != AUDIT)
#endif

/* Member who answers with the newest of its view, its votes, and its own amnesia bound. */
inline answer(who)
{
    d_step {
        m[me].until == AUDIT && me != who && !VOTED(m[me].heard, who) && REMEMBERS(who) ->
        m[me].heard = m[me].heard | (1 << who);
        x = VIEWS;
        do
        :: x > 1 && !VOTED(m[who].my, x) -> x--
        :: else -> break
        od;
#ifndef ANSWER_WITHOUT_BOUND
        if
        :: m[who].until != AUDIT && m[who].until > x -> x = m[who].until
        :: else
        fi;
#endif
        if
        :: x > m[me].newest -> m[me].newest = x
        :: else
        fi;
        count = 0;
        k = 0;
        do
        :: k < H -> count = count + VOTED(m[me].heard, k); k++
        :: else -> break
        od;
        if
        :: count >= ANSWERS ->
#if defined(NO_AMNESIA)
            m[me].until = 0;
#elif defined(NO_PLUS_ONE)
            m[me].until = m[me].newest;
#else
            m[me].until = m[me].newest + 1;
#endif
            m[me].newest = 0;
            m[me].heard = 0;
            printf("member %d audited: silent up to view %d\n", me, m[me].until)
        :: else
        fi;
        sort()
    }
}

active [H] proctype honest()
{
    byte me = _pid;
end:
    do
    :: vote(1)
    :: vote(2)
    :: vote(3)
#if VIEWS > 3
    :: vote(4)
#endif
#if VIEWS > 4
    :: vote(5)
#endif
    :: forget()
    :: restart()
    :: answer(0)
#if H > 1
    :: answer(1)
#endif
#if H > 2
    :: answer(2)
#endif
#if H > 3
    :: answer(3)
    :: answer(4)
#endif
    od
}
