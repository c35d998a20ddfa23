/* A small organisation whose committee changes: members with known keys, an outbox to which
 * anybody may post the next epoch (OpenOutbox.sol, where block 0 of a real ledger has one that
 * only the committee contract may post to), and blocks led and certified as an engine of many
 * would. */
#ifndef TESTS_UNIT_LEDGER_REALM_H
#define TESTS_UNIT_LEDGER_REALM_H
#include "ledger/ledger.h"
#include "vm/crypto/secret_key.h"

#define REALM_MEMBERS 6
#define REALM_REVEALS 256
#define REALM_TIME_MS 1800000000000ULL

struct realm_member {
    struct secret_key key;
    struct reveal_chain *reveals;
    struct committee_entry entry;
};

struct realm {
    char folder[64];
    char directory[96];
    struct realm_member members[REALM_MEMBERS];
    struct committee_entry first[REALM_MEMBERS]; /* the founding committee */
    struct secret_key poster;
    uint64_t poster_nonce;
    struct genesis_coin coin;
    struct genesis genesis;
    struct buffer document;
    struct ledger *ledger;
    struct vm *vm;
    struct arena arena;
    uint64_t now_ms;
    uint64_t view; /* of the last block that was built, in its epoch */
    bool is_open;  /* anybody may post the next epoch */
};

/* Founds and opens, with members 0 to `size` - 1. */
void realm_start(struct realm *realm, unsigned size, enum quorum_mode mode);
/* The same with block 0 as its genesis document makes it: realm_post() and realm_seal() do not work
 * there; the founder, whose key is `poster`, changes the committee by its contract. */
void realm_start_founded(struct realm *realm, unsigned size, enum quorum_mode mode);
/* Another store of the same ledger, at block 0. */
void realm_start_copy(struct realm *copy, const struct realm *realm);
/* Whether the copy has come to the same head, and what it has is sound; what is not is printed. */
bool realm_is_same(struct realm *copy, const struct realm *realm);
void realm_reopen(struct realm *realm);
void realm_cleanup(struct realm *realm);

/* An epoch as it may follow: these members, all else as it is. */
struct epoch_record realm_next(struct realm *realm, const unsigned *members, unsigned count,
                               enum quorum_mode mode);
/* Transactions that post it wait in the pool; of any RLP list of entries. */
void realm_post(struct realm *realm, const struct epoch_record *next);
void realm_post_entries(struct realm *realm, struct bytes entries);

/* In the next view, whose leader's it is. */
struct build_request realm_request(struct realm *realm, const hash256 *parent);
hash256 realm_build(struct realm *realm, const hash256 *parent);
/* Its FINALIZATION in a view, by the first q members of the epoch in force. */
struct certificate realm_certify(struct realm *realm, const hash256 *block, uint64_t view);
void realm_commit(struct realm *realm, const hash256 *block);
/* Builds on the head and commits. */
hash256 realm_block(struct realm *realm);
/* Blocks up to a seal for these members, and commits it; its hash. */
hash256 realm_seal(struct realm *realm, const unsigned *members, unsigned count,
                   enum quorum_mode mode);
#endif
