/* Safety of the voting rules: can two members ever hold different final chains?
 *
 * Honest members are processes. A vote that was sent is a bit that stays, and who reads it, and
 * when, is left open: so every delay, loss, reordering and repetition of messages is covered.
 * Liars are no processes. They lead every view, propose what they like (two proposals of a view
 * are enough to split three honest members) and their votes are always there: a certificate
 * exists as soon as NEED = q - b honest members voted for it.
 *
 * One transition is one call of the engine's step() at one member. What is left out, what the
 * switches do and what a green result means: README.md in this folder. */

#ifndef H
#define H 3 /* honest members */
#endif
#ifndef NEED
#define NEED 2 /* honest votes that the liars can complete to a certificate: q - b */
#endif
#ifndef VIEWS
#define VIEWS 2 /* the last view in which anyone votes */
#endif
#ifndef CAP
#define CAP 99 /* blocks that may lie above a member's final block, 16 in the engine */
#endif

/* Votes of one member, and certificates of one view, as bits; the proposals of a view are 0 and 1. */
#define NOTARIZE(i) (1 << (i))
#define NULLIFY 4
#define FINALIZE(i) (8 << (i))
#define NOTARIZE_ANY 3
#define FINALIZE_ANY 24

/* A proposal, and a block made by it, is 2 * view + i; 0 is the block before view 1. */
#define PROPOSALS (2 * VIEWS + 2)
#define NONE 255
#define INFINITE 99

#ifdef EPOCH
/* Views 1..EPOCH-1 belong to one epoch; EPOCH stands for view 0 of the next, certified by its seal. */
#define VOTING(v) ((v) != EPOCH && (v) <= VIEWS)
#define SAME_EPOCH(v) (((v) < EPOCH) == (FINAL < EPOCH))
#else
#define VOTING(v) ((v) <= VIEWS)
#define SAME_EPOCH(v) true
#endif

typedef member {
    byte final; /* F.view */
    byte my[VIEWS + 1];   /* what it remembers to have voted */
    byte sent[VIEWS + 1]; /* what it ever sent, in its whole life */
};

member m[H];
byte cert[VIEWS + 1];     /* certificates that exist */
byte base[PROPOSALS];     /* the proposal that pv names; NONE: not proposed */
byte block[PROPOSALS];    /* what is proposed */
byte parent[PROPOSALS];   /* of a block made here */
bool is_seal[PROPOSALS];

/* Scratch within one step. */
hidden byte k, w, x, y, at, cast, height, count, bits;

/* R4, with crashes: a member enters the view after any certified one, and a restart, which may lose
 * certificates, puts it back to the one after its final view and lets it enter again. So no
 * view is stored: it may be any that a certificate leads to. */
#define CURRENT(v) (VOTING(v) && SAME_EPOCH(v) && ((v) == 1 || (v) == FINAL + 1 || cert[(v) - 1]))
#define FINAL m[me].final
#define MY(v) m[me].my[v]


#ifdef NO_R0
#define ABOVE_FINAL(v) true
#else
#define ABOVE_FINAL(v) ((v) > FINAL)
#endif

/* The notarization, or the finalization, of proposal p exists. */
#define CERTIFIED(p) ((cert[(p) / 2] & (9 << ((p) % 2))) != 0)
#define NULLIFIED(w, low, high) ((w) > VIEWS || (w) <= (low) || (w) >= (high) || (cert[w] & NULLIFY))

#ifdef NO_ANCESTRY_CERT
#define ANCESTOR_CERTIFIED(p) (base[p] != NONE)
#else
#define ANCESTOR_CERTIFIED(p) CERTIFIED(p)
#endif
#ifdef NO_ANCESTRY_SKIP
#define SKIPPED(low, high) true
#else
#define SKIPPED(low, high) \
    (NULLIFIED(1, low, high) && NULLIFIED(2, low, high) && NULLIFIED(3, low, high) && \
     NULLIFIED(4, low, high) && NULLIFIED(5, low, high))
#endif

/* R1, ancestry: p, in a view below this one, is certified and every view between is nullified. */
#define ANCESTRY(p, v) \
    ((p) / 2 >= FINAL && SAME_EPOCH((p) / 2) && ANCESTOR_CERTIFIED(p) && SKIPPED((p) / 2, v))

/* R1, once: view v is open to a notarize vote of mine. */
#ifdef NO_R1
#define VOTED NULLIFY
#else
#define VOTED (NULLIFY | NOTARIZE_ANY)
#endif
#define OPEN(v) (CURRENT(v) && ABOVE_FINAL(v) && !(MY(v) & VOTED))

/* A seal is extended in the next epoch only: there it is what view 0 certifies. */
#ifdef NO_SEAL
#define EXTENDABLE(p) true
#elif defined(EPOCH)
#define EXTENDABLE(p) ((p) == 2 * EPOCH || !is_seal[block[p]])
#else
#define EXTENDABLE(p) true
#endif

/* Blocks a and b lie on one chain; a block's number is above its parent's. */
inline assert_one_chain(a, b)
{
    x = a;
    y = b;
    do
    :: x > y -> x = parent[x]
    :: y > x -> y = parent[y]
    :: else -> break
    od;
    assert(x == a || x == b)
}

/* A finalization of proposal p now exists: it agrees with every other one. */
inline on_final(p)
{
    w = 2;
    do
    :: w < PROPOSALS ->
        if
        :: cert[w / 2] & FINALIZE(w % 2) -> assert_one_chain(block[w], block[p])
        :: else
        fi;
        w++
    :: else -> break
    od;
#ifdef EPOCH
    /* Nothing but the seal itself is final after a seal, and one seal opens the next epoch. */
    if
    :: (p) / 2 < EPOCH ->
        x = block[p];
        do
        :: x > 0 -> x = parent[x]; assert(!is_seal[x])
        :: else -> break
        od;
        if
        :: is_seal[block[p]] ->
            assert(cert[EPOCH] == 0 || block[2 * EPOCH] == block[p]);
            cert[EPOCH] = NOTARIZE(0) | FINALIZE(0);
            base[2 * EPOCH] = 0;
            block[2 * EPOCH] = block[p]
        :: else
        fi
    :: else
    fi;
#endif
    skip
}

/* The votes of view v that are this mark, in every member's past. */
inline tally()
{
    count = 0;
    k = 0;
    do
    :: k < H ->
        count = count + ((m[k].sent[at] & cast) != 0);
        k++
    :: else -> break
    od;
#if defined(EPOCH) && defined(NO_DOMAIN)
    /* A nullify vote names no proposal: without domains it counts in the same view of any epoch. */
    if
    :: at > EPOCH && cast == NULLIFY ->
        k = 0;
        do
        :: k < H ->
            count = count + (!(m[k].sent[at] & NULLIFY) && (m[k].sent[at - EPOCH] & NULLIFY));
            k++
        :: else -> break
        od
    :: else
    fi;
#endif
    if
    :: count >= NEED && !(cert[at] & cast) ->
        cert[at] = cert[at] | cast;
#ifndef CHAIN_ONLY
        assert((cert[at] & NOTARIZE_ANY) != NOTARIZE_ANY);
        assert(!((cert[at] & NULLIFY) && (cert[at] & FINALIZE_ANY)));
#endif
        if
        :: cast == FINALIZE(0) -> on_final(2 * at)
        :: cast == FINALIZE(1) -> on_final(2 * at + 1)
        :: else
        fi
    :: else
    fi
}

inline vote(voted_view, vote_mark)
{
    at = voted_view;
    cast = vote_mark;
    m[me].my[at] = m[me].my[at] | cast;
    m[me].sent[at] = m[me].sent[at] | cast;
#ifndef CHAIN_ONLY
    /* An honest member never gives evidence against itself: E1, E2, E3. */
    bits = m[me].sent[at];
    assert((bits & NOTARIZE_ANY) != NOTARIZE_ANY);
    assert((bits & FINALIZE_ANY) != FINALIZE_ANY);
    assert(!((bits & NULLIFY) && (bits & FINALIZE_ANY)));
#endif
    tally();
#if defined(EPOCH) && defined(NO_DOMAIN)
    if
    :: at + EPOCH <= VIEWS -> at = at + EPOCH; cast = NULLIFY; tally()
    :: else
    fi;
#endif
    printf("member %d votes %d in view %d; certificates there %d\n", me, cast, at, cert[at])
}

/* Members are alike: any order of them is the same state. The key leaves out what rarely differs. */
#define KEY(k) (m[k].final + m[k].sent[1] * 8 + m[k].sent[2] * 256 + m[k].sent[VIEWS] * 8192)
#define SWAP(a, b) a = a ^ b; b = a ^ b; a = a ^ b

inline order(a, b)
{
    if
    :: KEY(a) > KEY(b) ->
        SWAP(m[a].final, m[b].final);
        w = 1;
        do
        :: w <= VIEWS ->
            SWAP(m[a].my[w], m[b].my[w]);
            SWAP(m[a].sent[w], m[b].sent[w]);
            w++
        :: else -> break
        od
    :: else
    fi
}

inline sort()
{
#ifndef NO_SORT
#if H == 3
    order(0, 1);
    order(1, 2);
    order(0, 1);
#elif H == 5
    order(0, 1); order(3, 4); order(2, 4); order(2, 3); order(1, 4);
    order(0, 3); order(0, 2); order(1, 3); order(1, 2);
#endif
#endif
    skip
}

/* How high block b is above my final block. */
inline measure(b)
{
    height = 0;
    x = b;
    y = (FINAL == 0 -> 0 : block[2 * FINAL + ((cert[FINAL] & FINALIZE(1)) != 0)]);
    do
    :: x > y -> x = parent[x]; height++
    :: else -> break
    od
}

/* NOTARIZE in view v for its proposal i, which was made before. */
#define VOTABLE(v, p) \
    (base[p] != NONE && OPEN(v) && !(MY(v) & NOTARIZE((p) % 2)) && ANCESTRY(base[p], v) && \
     (block[p] == block[base[p]] || (EXTENDABLE(base[p]) && parent[block[p]] == block[base[p]])))

inline notarize(v, i)
{
    d_step {
        VOTABLE(v, 2 * v + i) ->
        measure(block[2 * v + i]);
        if
        :: height <= CAP || block[2 * v + i] != 2 * v + i -> vote(v, NOTARIZE(i)); sort()
        :: else /* unknown until my final block rises */
        fi
    }
}

/* A liar proposes on p, a new block (again: p's own block; seal: a new block that is a seal), and I
 * am the first to vote for it. Its second proposal in a view is made after, and unlike, the first. */
#define FREE(v) (2 * v + (base[2 * v] != NONE))

inline propose_and_notarize(v, p, again, seal)
{
    d_step {
        base[FREE(v)] == NONE && OPEN(v) && ANCESTRY(p, v) && (again || EXTENDABLE(p)) &&
            !(again && base[2 * v] == p && block[2 * v] == block[p]) ->
        w = FREE(v);
        if
        :: again -> block[w] = block[p]
        :: else ->
            block[w] = w;
            parent[w] = block[p];
            is_seal[w] = seal
        fi;
        measure(block[w]);
        if
        :: height <= CAP || again ->
            base[w] = p;
            printf("proposal %d on %d of block %d\n", w, p, block[w]);
            if
            :: w == 2 * v -> vote(v, NOTARIZE(0))
            :: else -> vote(v, NOTARIZE(1))
            fi;
            sort()
        :: else ->
            block[w] = 0;
            parent[w] = 0;
            is_seal[w] = false
        fi
    }
}

/* R2. */
#ifdef NO_R2
#define MAY_NULLIFY(v) (!(MY(v) & NULLIFY))
#else
#define MAY_NULLIFY(v) (!(MY(v) & (NULLIFY | FINALIZE_ANY)))
#endif

inline nullify(v)
{
    d_step {
        CURRENT(v) && ABOVE_FINAL(v) && MAY_NULLIFY(v) ->
        vote(v, NULLIFY);
        sort()
    }
}

/* R3, also after the view was left. */
#ifdef NO_R3_NULLIFY
#define NOT_NULLIFIED(v) true
#else
#define NOT_NULLIFIED(v) (!(MY(v) & NULLIFY))
#endif
#ifdef NO_R3_NOTARIZATION
#define NOTARIZED(v, i) (base[2 * v + i] != NONE)
#else
#define NOTARIZED(v, i) (cert[v] & NOTARIZE(i))
#endif
#ifdef NO_R3_OWN
#define NOT_OTHER(v, i) true
#else
#define NOT_OTHER(v, i) (!(MY(v) & NOTARIZE(1 - i)))
#endif

inline finalize(v, i)
{
    d_step {
        VOTING(v) && SAME_EPOCH(v) && ABOVE_FINAL(v) && NOTARIZED(v, i) &&
            NOT_NULLIFIED(v) && NOT_OTHER(v, i) && !(MY(v) & FINALIZE_ANY) ->
        vote(v, FINALIZE(i));
        sort()
    }
}

/* Takes a finalization: F rises, what was remembered at and below it is dropped. */
inline adopt(v)
{
    d_step {
        VOTING(v) && v > FINAL && SAME_EPOCH(v) && (cert[v] & FINALIZE_ANY) ->
        FINAL = v;
#ifdef EPOCH
        if
        :: v < EPOCH && is_seal[block[2 * v + ((cert[v] & FINALIZE(1)) != 0)]] ->
            FINAL = EPOCH /* the engine of the next epoch: view 1, F.view 0 */
        :: else
        fi;
#endif
        w = 0;
        do
        :: w <= FINAL -> MY(w) = 0; w++
        :: else -> break
        od;
        printf("member %d: final view %d\n", me, FINAL);
        sort()
    }
}

#ifdef NO_WAL
/* A crash after votes that were sent, not logged. */
inline lose_votes()
{
    d_step {
        w = 0;
        do
        :: w <= VIEWS -> MY(w) = 0; w++
        :: else -> break
        od;
        printf("member %d restarts and knows no vote of its own\n", me)
    }
}
#endif


/* New blocks, re-proposals and seals on proposal p, in view v. */
#ifdef EPOCH
#define PROPOSE(v, p) \
    :: propose_and_notarize(v, p, false, false) \
    :: propose_and_notarize(v, p, true, false) \
    :: propose_and_notarize(v, p, false, true)
#else
#define PROPOSE(v, p) \
    :: propose_and_notarize(v, p, false, false) \
    :: propose_and_notarize(v, p, true, false)
#endif
#define VOTE(v) \
    :: notarize(v, 0) \
    :: notarize(v, 1) \
    :: nullify(v) \
    :: finalize(v, 0) \
    :: finalize(v, 1) \
    :: adopt(v)

proctype honest(byte me)
{
end:
    do
    VOTE(1)
    PROPOSE(1, 0)
#if VIEWS > 1
    VOTE(2)
    PROPOSE(2, 0)
    PROPOSE(2, 2)
    PROPOSE(2, 3)
#endif
#if VIEWS > 2
    VOTE(3)
    PROPOSE(3, 0)
    PROPOSE(3, 2)
    PROPOSE(3, 3)
    PROPOSE(3, 4)
    PROPOSE(3, 5)
#endif
#if VIEWS > 3
    VOTE(4)
    PROPOSE(4, 0)
    PROPOSE(4, 2)
    PROPOSE(4, 3)
    PROPOSE(4, 4)
    PROPOSE(4, 5)
    PROPOSE(4, 6)
    PROPOSE(4, 7)
#endif
#ifdef NO_WAL
    :: lose_votes()
#endif
    od
}

init
{
    d_step {
        k = 1;
        do
        :: k < PROPOSALS -> base[k] = NONE; k++
        :: else -> break
        od;
        cert[0] = NOTARIZE(0) | FINALIZE(0)
    }
    atomic {
        run honest(0);
#if H > 1
        run honest(1);
#endif
#if H > 2
        run honest(2);
#endif
#if H > 3
        run honest(3);
        run honest(4)
#endif
    }
}
