#include "tests/sim/chain_inside.h"
#include "tests/sim/store_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/chain/seal.h"
#include "ledger/chain/system_calls.h"
#include "ledger/inside.h"
#include "ledger/store/folder.h"
#include "ledger/store/store.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"
#include "vm/vm.h"

#define REVEALS   2048
#define BUDGET_MS 0 /* time is virtual */

static void fail(const char *what, const char *why)
{
    printf("BROKEN: %s: %s\n", what, why);
    exit(1);
}

static struct secret_key key_of_number(uint8_t kind, unsigned number)
{
    struct secret_key key = {{0}};
    key.bytes[0] = kind;
    key.bytes[31] = (uint8_t)(number + 1);
    return key;
}

/* ---- Founding -------------------------------------------------------------------------------- */

static void make_identity(struct identity *identity, unsigned number)
{
    const struct secret_key payout = key_of_number(3, number);
    identity->key = key_of_number(2, number);
    identity->entry = (struct committee_entry){
        .consensus = secret_key_address(&identity->key),
        .node_key = {2, 1, (uint8_t)number},
        .payout = secret_key_address(&payout),
        .weight = 1,
        .reveal_salt = {{(uint8_t)number, 5}},
    };
    identity->reveals = reveal_chain_new(&identity->key, &identity->entry.reveal_salt, REVEALS);
    identity->entry.reveal_commitment = reveal_chain_commitment(identity->reveals);
}

/* The code of the outbox that takes from everybody. */
static struct bytes open_outbox(struct arena *arena)
{
    static const char key[] = "\"deployedBytecode\": \"";
    static char text[65536];
    struct buffer code = {0};
    FILE *file = fopen(LEITHER_SOURCE "/tests/unit/ledger/contracts/OpenOutbox.json", "re");
    if (file == NULL)
        fail("no artifact", LEITHER_SOURCE "/tests/unit/ledger/contracts/OpenOutbox.json");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    const char *hex = strstr(text, key);
    if (hex == NULL)
        fail("no code in the artifact", "OpenOutbox.json");
    hex += sizeof key - 1;
    if (!hex_decode_append(&code, hex, (size_t)(strchr(hex, '"') - hex)))
        fail("the artifact's code is not in hex", "OpenOutbox.json");
    const struct bytes copy = arena_copy(arena, buffer_view(&code));
    buffer_cleanup(&code);
    return copy;
}

/* The genesis's state with that outbox in the place of the one for seals. */
static struct state_changes state_of_block_0(struct chains *chains, struct arena *arena)
{
    struct state_changes state = genesis_state(&chains->genesis, arena);
    const struct bytes code = open_outbox(arena);
    const hash256 hash = keccak256(code.data, code.size);
    for (size_t i = 0; i < state.accounts_count; i++) {
        struct account_change *account = &state.accounts[i];
        if (!address_equal(&account->address, &CONSOLIDATIONS_ADDRESS))
            continue;
        for (size_t j = 0; j < state.codes_count; j++)
            if (hash256_equal(&state.codes[j].hash, &account->after.code_hash))
                state.codes[j] = (struct code_change){hash, code};
        account->after.code_hash = hash;
    }
    return state;
}

static void make_genesis(struct chains *chains, unsigned members, enum quorum_mode mode)
{
    chains->poster = key_of_number(4, 0);
    for (unsigned i = 0; i <= ACCOUNTS; i++) {
        if (i < ACCOUNTS)
            chains->accounts[i] = key_of_number(5, i);
        const struct secret_key *owner = i < ACCOUNTS ? &chains->accounts[i] : &chains->poster;
        chains->coins[i] = (struct genesis_coin){.to = secret_key_address(owner),
                                                 .amount_wei = u256_from_u64(1000000000000000000),
                                                 .reason = "to be moved"};
    }
    for (unsigned i = 0; i < members; i++)
        chains->first[i] = chains->identities[i].entry;
    chains->genesis = genesis_defaults();
    snprintf(chains->genesis.name, sizeof chains->genesis.name, "Simulated");
    snprintf(chains->genesis.symbol, sizeof chains->genesis.symbol, "SIM");
    chains->genesis.founder = chains->coins[ACCOUNTS].to;
    chains->genesis.fork = VM_FORK_PRAGUE;
    chains->genesis.created = CHAIN_TIME_MS / 1000 - 10;
    chains->genesis.mode = mode;
    chains->genesis.committee = chains->first;
    chains->genesis.committee_size = members;
    chains->genesis.coins = chains->coins;
    chains->genesis.coins_count = ACCOUNTS + 1;
    genesis_format(&chains->genesis, &chains->document);
}

struct chains *chains_new(unsigned identities, unsigned members, enum quorum_mode mode)
{
    struct chains *chains = memory_new_zeroed(1, sizeof *chains);
    snprintf(chains->folder, sizeof chains->folder, "%s/leither-sim-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(chains->folder) == NULL)
        fail("no folder for the stores", chains->folder);
    chains->identities_count = identities;
    for (unsigned i = 0; i < identities; i++)
        make_identity(&chains->identities[i], i);
    make_genesis(chains, members, mode);
    chains->shared = store_shared_new(8U << 20);
    chains->pool = pool_limits_default();
    chains->vm = vm_new();
    return chains;
}

void chains_free(struct chains *chains)
{
    struct error error;
    if (chains == NULL)
        return;
    for (unsigned i = 0; i < chains->identities_count; i++)
        reveal_chain_free(chains->identities[i].reveals);
    if (!folder_remove(chains->folder, &error))
        fail("the stores were not removed", error.text);
    buffer_cleanup(&chains->document);
    store_shared_free(chains->shared);
    vm_free(chains->vm);
    free(chains->transactions);
    arena_cleanup(&chains->arena);
    free(chains);
}

void chains_limit_pools(struct chains *chains, unsigned transactions)
{
    chains->pool.transactions_max = transactions;
    chains->pool.per_sender_max = (transactions + 1) / 2;
}

/* ---- Stores ---------------------------------------------------------------------------------- */

void chains_directory(const struct chains *chains, unsigned box, const char *suffix,
                      char directory[96])
{
    snprintf(directory, 96, "%s/%u%s", chains->folder, box, suffix);
}

static void found(struct chains *chains, const char *directory)
{
    struct arena arena = {0};
    struct error error;
    struct state_changes state = state_of_block_0(chains, &arena);
    if (!found_with_state(directory, &chains->genesis, buffer_view(&chains->document), &state,
                          &error))
        fail("founding", error.text);
    arena_cleanup(&arena);
}

static struct ledger_options options_of(const struct chains *chains)
{
    return (struct ledger_options){.shared = chains->shared,
                                   .pool = chains->pool,
                                   .checkpoint_every = chains->checkpoint_every};
}

static void note_block_0(struct chains *chains, struct ledger *ledger)
{
    struct error error;
    hash256 hash;
    struct ledger_view *view = ledger_view_open(ledger, &error);
    if (view == NULL || !view_header(view, 0, &chains->block_0, &hash, &error))
        fail("the header of block 0", error.text);
    ledger_view_close(view);
}

struct chain *chain_open(struct chains *chains, unsigned box)
{
    struct error error;
    const struct ledger_options options = options_of(chains);
    struct chain *chain = memory_new_zeroed(1, sizeof *chain);
    chains_directory(chains, box, "", chain->directory);
    if (access(chain->directory, F_OK) != 0)
        found(chains, chain->directory);
    chain->chains = chains;
    chain->ledger = ledger_open(chain->directory, &options, &error);
    if (chain->ledger == NULL)
        fail("opening a store", error.text);
    if (chains->chain_id == 0)
        note_block_0(chains, chain->ledger);
    chains->chain_id = ledger_chain_id(chain->ledger);
    chain->shelf = snapshot_shelf_new(CHUNK_SIZE);
    chains_learn_epoch(chains, chain->ledger);
    return chain;
}

void chain_close(struct chain *chain)
{
    if (chain == NULL)
        return;
    snapshot_shelf_free(chain->shelf);
    ledger_close(chain->ledger);
    free(chain);
}

struct ledger *chain_ledger(struct chain *chain)
{
    return chain->ledger;
}

void chains_learn_epoch(struct chains *chains, const struct ledger *ledger)
{
    const struct epoch_record *record = ledger_epoch_record(ledger);
    struct buffer encoded = {0};
    if (record->epoch > EPOCHS_MAX + 1 || chains->epochs[record->epoch] != NULL)
        return;
    struct known_epoch *epoch = arena_alloc(&chains->arena, sizeof *epoch);
    epoch_record_encode(record, &encoded);
    if (!epoch_record_decode(&epoch->record, buffer_view(&encoded), &chains->arena))
        fail("an epoch record", "does not decode");
    buffer_cleanup(&encoded);
    epoch->domain = ledger_signing_domain(ledger);
    chains->epochs[record->epoch] = epoch;
}

const struct signing_domain *chains_domain(const struct chains *chains, uint64_t epoch)
{
    const bool is_known = epoch <= EPOCHS_MAX + 1 && chains->epochs[epoch] != NULL;
    return is_known ? &chains->epochs[epoch]->domain : NULL;
}

const struct epoch_record *chains_record(const struct chains *chains, uint64_t epoch)
{
    return &chains->epochs[epoch]->record;
}

void chains_sign(const struct chains *chains, unsigned identity, const hash256 *digest,
                 signature *out)
{
    secret_key_sign(&chains->identities[identity].key, digest, out);
}

unsigned chains_identity_of(const struct chains *chains, const address *consensus)
{
    for (unsigned i = 0; i < chains->identities_count; i++)
        if (address_equal(&chains->identities[i].entry.consensus, consensus))
            return i;
    fail("a committee entry", "of nobody");
    return 0;
}

/* ---- Transactions ---------------------------------------------------------------------------- */

static void add(struct chains *chains, const struct secret_key *key, struct transaction tx)
{
    const size_t count = chains->transactions_count;
    struct transaction *copy = arena_alloc(&chains->arena, sizeof *copy);
    *copy = tx;
    copy->type = TRANSACTION_DYNAMIC_FEE;
    copy->has_chain_id = true;
    copy->chain_id = chains->chain_id;
    transaction_sign(copy, key, &chains->arena);
    if ((count & (count - 1)) == 0)
        chains->transactions =
            memory_resize(chains->transactions, (2 * count + 1) * sizeof *chains->transactions);
    chains->transactions[chains->transactions_count++] = copy;
}

void chains_make_transfer(struct chains *chains)
{
    const size_t next = chains->transfers++;
    add(chains, &chains->accounts[next % ACCOUNTS],
        (struct transaction){.nonce = next / ACCOUNTS,
                             .gas_limit = 21000,
                             .to = chains->coins[(next + 1) % ACCOUNTS].to,
                             .value = u256_from_u64(next + 1)});
}

size_t chains_count(const struct chains *chains)
{
    return chains->transactions_count;
}

const struct transaction *chains_transaction(const struct chains *chains, size_t number)
{
    return chains->transactions[number];
}

bool chains_is_mined(const struct chains *chains, size_t number)
{
    const struct transaction *tx = chains->transactions[number];
    unsigned sender = 0;
    while (sender < ACCOUNTS && !address_equal(&chains->coins[sender].to, &tx->sender))
        sender++;
    return tx->nonce < chains->nonces[sender];
}

/* post(bytes) */
static struct bytes post_call(struct arena *arena, struct bytes entry)
{
    static const char function[] = "post(bytes)";
    const hash256 selector = keccak256(function, sizeof function - 1);
    const u256 words[] = {u256_from_u64(32), u256_from_u64(entry.size)};
    struct buffer input = {0};
    buffer_append(&input, selector.bytes, 4);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t word[32];
        u256_store_be(word, &words[i]);
        buffer_append(&input, word, sizeof word);
    }
    buffer_append_bytes(&input, entry);
    while (input.size % 32 != 4)
        buffer_append_u8(&input, 0);
    const struct bytes copy = arena_copy(arena, buffer_view(&input));
    buffer_cleanup(&input);
    return copy;
}

void chains_make_post(struct chains *chains, const unsigned *identities, unsigned count,
                      enum quorum_mode mode)
{
    struct committee_entry committee[IDENTITIES_MAX];
    struct buffer entries = {0};
    const hash256 none = {{0}};
    const struct epoch_record first = genesis_epoch_record(&chains->genesis, &none);
    struct epoch_record next = first;
    for (unsigned i = 0; i < count; i++)
        committee[i] = chains->identities[identities[i]].entry;
    next.mode = mode;
    next.quorum = quorum_size(mode, count);
    next.committee = committee;
    next.committee_size = count;
    seal_encode(&next, &entries);
    struct rlp_reader in = rlp_reader_over(buffer_view(&entries));
    struct rlp_reader list = rlp_list(&in);
    while (rlp_has_more(&list))
        add(chains, &chains->poster,
            (struct transaction){.nonce = chains->poster_nonce++,
                                 .gas_limit = 2000000,
                                 .to = CONSOLIDATIONS_ADDRESS,
                                 .data = post_call(&chains->arena, rlp_string(&list))});
    buffer_cleanup(&entries);
}

enum pool_verdict chain_submit(struct chain *chain, const struct transaction *tx, uint64_t now_ms)
{
    return ledger_submit(chain->ledger, tx, now_ms, NULL);
}

enum work_kind chain_work(struct chain *chain, const hash256 *tip)
{
    if (!ledger_has_work(chain->ledger, tip))
        return WORK_NONE;
    return ledger_has_includable(chain->ledger, tip) ? WORK_TRANSACTIONS : WORK_EMPTY_BLOCK;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static struct simplex_block of_facts(const struct block_facts *facts)
{
    return (struct simplex_block){facts->hash, facts->parent, facts->view, facts->height,
                                  facts->is_seal};
}

bool chain_build(struct chain *chain, unsigned identity, const hash256 *parent, uint64_t view,
                 uint64_t now_ms, struct simplex_block *block, uint64_t *time_ms, enum unbuilt *why)
{
    const struct identity *leader = &chain->chains->identities[identity];
    const struct epoch_record *record = ledger_epoch_record(chain->ledger);
    struct reveal_progress progress;
    struct block_facts facts;
    struct error error;
    hash256 hash;
    unsigned index = 0;
    while (index < record->committee_size
           && !address_equal(&record->committee[index].consensus, &leader->entry.consensus))
        index++;
    struct build_request request = {.parent = *parent,
                                    .view = view,
                                    .now_ms = now_ms,
                                    .beneficiary = leader->entry.payout,
                                    .execution_budget_ms = BUDGET_MS};
    *why = UNBUILT_FAILED;
    if (!ledger_reveal_progress(chain->ledger, parent, index, &progress)
        || !reveal_chain_at(leader->reveals, progress.used, &request.reveal, &error))
        return false;
    if (!ledger_build(chain->ledger, chain->chains->vm, &request, &hash, &error)) {
        if (error.code != ERROR_BUSY && error.code != ERROR_NOT_FOUND)
            fail("building", error.text);
        *why = error.code == ERROR_BUSY ? UNBUILT_NO_ROOM : UNBUILT_FAILED;
        return false;
    }
    if (!ledger_block_facts(chain->ledger, &hash, &facts, &error))
        fail("facts of a block that was built", error.text);
    *block = of_facts(&facts);
    *time_ms = facts.time_ms;
    return true;
}

struct bytes chain_container(struct chain *chain, const hash256 *block, struct arena *arena)
{
    return ledger_container(chain->ledger, block, arena);
}

bool chain_read(struct chain *chain, const hash256 *hash, struct bytes container,
                struct simplex_block *block)
{
    struct block_facts facts;
    const enum block_verdict verdict = ledger_container_facts(chain->ledger, container, &facts);
    if (verdict != BLOCK_OK || !hash256_equal(&facts.hash, hash))
        return false;
    *block = of_facts(&facts);
    return true;
}

static void spoil_header(struct header *header, uint64_t random)
{
    struct extra_data extra;
    switch (random % 7) {
    case 0: header->state_root.bytes[5] ^= 1; break;
    case 1: header->receipts_root.bytes[5] ^= 1; break;
    case 2: header->gas_used++; break;
    case 3: header->timestamp -= 7200; break; /* before its parent */
    case 4: header->timestamp += 7200; break;
    case 5: header->number++; break;
    default:
        extra_data_decode(&extra, header);
        extra.view++;
        extra_data_encode(&extra, header);
    }
}

bool chain_spoil(struct chain *chain, struct bytes *container, uint64_t random, struct arena *arena,
                 struct simplex_block *block, uint64_t *time_ms)
{
    const enum vm_fork fork = chain->chains->genesis.fork;
    const bool is_other = random % 3 != 0;
    struct block decoded;
    struct block_facts facts;
    struct buffer encoded = {0};
    if (block_container_decode(&decoded, fork, *container, arena) != BLOCK_OK)
        fail("spoiling a block", "it does not decode");
    if (is_other)
        spoil_header(&decoded.header, random / 3);
    else if (decoded.transactions_count > 0 && random / 3 % 2 == 0)
        decoded.transactions_count--;
    else
        decoded.reveal.bytes[9] ^= 1;
    block_container_encode(&decoded, fork, &encoded);
    *container = arena_copy(arena, buffer_view(&encoded));
    buffer_cleanup(&encoded);
    if (!is_other)
        return false;
    if (ledger_container_facts(chain->ledger, *container, &facts) != BLOCK_OK)
        fail("spoiling a header", "the parts do not fit it any more");
    *block = of_facts(&facts);
    *time_ms = facts.time_ms;
    return true;
}

enum replica_verdict chain_execute(struct chain *chain, struct bytes container)
{
    enum block_verdict verdict;
    struct error error;
    hash256 hash;
    if (!ledger_validate(chain->ledger, chain->chains->vm, container, &verdict, &hash, &error)) {
        if (error.code != ERROR_BUSY)
            fail("executing", error.text);
        return REPLICA_NOT_YET;
    }
    if (verdict == BLOCK_UNKNOWN_PARENT)
        return REPLICA_NOT_YET; /* on a branch that is not final any more */
    if (verdict == BLOCK_BAD_TRANSFER)
        return REPLICA_BAD_TRANSFER;
    return verdict == BLOCK_OK ? REPLICA_VALID : REPLICA_INVALID;
}

void chain_commit(struct chain *chain, const hash256 *block, const struct certificate *finalization)
{
    struct error error;
    if (!ledger_commit(chain->ledger, block, finalization, &error))
        fail("committing", error.text);
}

bool chain_fail_commit(struct chain *chain, const hash256 *block,
                       const struct certificate *finalization, bool is_full, uint64_t random)
{
    struct broken_log broken;
    struct error error;
    store_break_log(chain->directory, is_full, &broken);
    const bool is_done = ledger_commit(chain->ledger, block, finalization, &error);
    const bool is_there = store_leave_some(&broken, random) || is_done; /* into a new log */
    if (!is_done && error.code != (is_full ? ERROR_DISK_FULL : ERROR_IO))
        fail("a commit that failed is called", error.text);
    if (!is_done && ledger_commit(chain->ledger, block, finalization, &error))
        fail("a store takes blocks after a write failed", chain->directory);
    return is_there;
}

struct vm *chain_machine(struct chain *chain)
{
    return chain->chains->vm;
}

struct certificate chain_finalization(struct chain *chain, uint64_t height, struct arena *arena)
{
    struct error error;
    struct certificate finalization;
    bool has_own = false;
    struct ledger_view *view = ledger_view_open(chain->ledger, &error);
    if (view == NULL || !view_finalization(view, height, arena, &finalization, &has_own, &error)
        || !has_own)
        fail("the head's FINALIZATION", has_own ? error.text : "is not in the store");
    ledger_view_close(view);
    return finalization;
}

uint64_t chain_mined(struct chain *chain)
{
    uint64_t *nonces = chain->chains->nonces;
    struct arena arena = {0};
    struct error error;
    struct state_reader state;
    struct account account;
    uint64_t count = 0;
    struct ledger_view *view = ledger_view_open(chain->ledger, &error);
    if (view == NULL
        || !view_state_at(view, ledger_head(chain->ledger)->number, &arena, &state, &error))
        fail("the head's state", error.text);
    for (unsigned i = 0; i <= ACCOUNTS; i++)
        if (state.ops->account(state.context, &chain->chains->coins[i].to, &account)) {
            count += account.nonce;
            nonces[i] = account.nonce > nonces[i] ? account.nonce : nonces[i];
        }
    ledger_view_close(view);
    arena_cleanup(&arena);
    return count;
}

/* ---- Disks that fail --------------------------------------------------------------------------- */

void chains_lose_store(struct chains *chains, unsigned box)
{
    struct error error;
    char directory[96];
    chains_directory(chains, box, "", directory);
    if (!folder_remove(directory, &error))
        fail("a store was not moved aside", error.text);
}

void chains_copy_store(struct chains *chains, unsigned box)
{
    char directory[96], copy[96];
    chains_directory(chains, box, "", directory);
    chains_directory(chains, box, ".old", copy);
    store_copy(directory, copy);
}

void chains_put_back_store(struct chains *chains, unsigned box)
{
    char directory[96], copy[96];
    chains_directory(chains, box, "", directory);
    chains_directory(chains, box, ".old", copy);
    store_copy(copy, directory);
}

/* Every block is the one that is final, whole, or its damage is named. */
static bool has_good_blocks(struct ledger *ledger, const hash256 *finals, uint64_t height)
{
    struct error error;
    struct arena arena = {0};
    struct block block;
    struct ledger_view *view = ledger_view_open(ledger, &error);
    bool is_good = view != NULL;
    if (view == NULL && error.code != ERROR_CORRUPT)
        fail("damage is called", error.text);
    for (uint64_t i = is_good ? view_earliest(view) : 0; i <= height && is_good; i++) {
        struct header header;
        hash256 hash;
        is_good = view_header(view, i, &header, &hash, &error)
                  && view_block(view, i, &arena, &block, &error);
        if (!is_good && error.code != ERROR_CORRUPT)
            fail("a damaged block is called", error.text);
        if (is_good && !hash256_equal(&hash, &finals[i]))
            fail("a bit turned over, and the store has", "another block");
        arena_reset(&arena);
    }
    ledger_view_close(view);
    arena_cleanup(&arena);
    return is_good;
}

void chains_damage_store(struct chains *chains, unsigned box, uint64_t random,
                         const hash256 *finals, uint64_t height)
{
    struct ledger_options options = options_of(chains);
    options.shared = NULL;
    struct buffer report = {0};
    struct error error;
    char directory[96];
    chains_directory(chains, box, "", directory);
    const bool is_open = random % 2 == 0;
    if (!is_open)
        store_flip_bit(directory, random / 2);
    struct ledger *ledger = ledger_open(directory, &options, &error);
    if (ledger == NULL && (is_open || error.code != ERROR_CORRUPT))
        fail("a damaged store is called", error.text);
    if (ledger != NULL) {
        if (is_open)
            store_flip_bit(directory, random / 2);
        const uint64_t head = ledger_head(ledger)->number;
        if (head > height)
            fail("a bit turned over, and the store has", "more blocks");
        if (has_good_blocks(ledger, finals, head)
            && !ledger_check(ledger, chains->vm, &report, &error) && error.code != ERROR_CORRUPT)
            fail("damage that is checked for is called", error.text);
    }
    buffer_cleanup(&report);
    ledger_close(ledger);
}
