#include "tests/unit/ledger/realm.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/seal.h"
#include "ledger/chain/system_calls.h"
#include "ledger/inside.h"
#include "ledger/store/folder.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

static void fail(const char *why)
{
    fprintf(stderr, "realm: %s\n", why);
    abort();
}

static struct secret_key key_of_number(unsigned number)
{
    struct secret_key key = {{0}};
    key.bytes[0] = 2;
    key.bytes[31] = (uint8_t)number;
    return key;
}

/* ---- Founding -------------------------------------------------------------------------------- */

static void make_member(struct realm_member *member, unsigned number)
{
    const struct secret_key payout = key_of_number(100 + number);
    member->key = key_of_number(1 + number);
    member->entry = (struct committee_entry){
        .consensus = secret_key_address(&member->key),
        .node_key = {2, 1, (uint8_t)number},
        .payout = secret_key_address(&payout),
        .weight = 1,
        .reveal_salt = {{(uint8_t)number, 5}},
    };
    member->reveals = reveal_chain_new(&member->key, &member->entry.reveal_salt, REALM_REVEALS);
    member->entry.reveal_commitment = reveal_chain_commitment(member->reveals);
}

static void make_folder(struct realm *realm)
{
    snprintf(realm->folder, sizeof realm->folder, "/tmp/leither-realm-XXXXXX");
    if (mkdtemp(realm->folder) == NULL)
        fail("no folder");
    snprintf(realm->directory, sizeof realm->directory, "%s/realm", realm->folder);
}

/* The value of "deployedBytecode" in the artifact of the outbox that takes from everybody. */
static struct bytes open_outbox(struct arena *arena)
{
    static const char key[] = "\"deployedBytecode\": \"";
    struct buffer code = {0};
    char text[65536];
    FILE *file = fopen(LEITHER_SOURCE "/tests/unit/ledger/contracts/OpenOutbox.json", "re");
    if (file == NULL)
        fail("no OpenOutbox.json");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    const char *hex = strstr(text, key);
    if (hex == NULL)
        fail("no code in OpenOutbox.json");
    hex += sizeof key - 1;
    if (!hex_decode_append(&code, hex, (size_t)(strchr(hex, '"') - hex)))
        fail("the code is not in hex");
    const struct bytes copy = arena_copy(arena, buffer_view(&code));
    buffer_cleanup(&code);
    return copy;
}

/* The genesis's state with that outbox in the place of the one for seals. */
static struct state_changes open_state(struct realm *realm)
{
    struct state_changes state = genesis_state(&realm->genesis, &realm->arena);
    const struct bytes code = open_outbox(&realm->arena);
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

static void found_and_open(struct realm *realm)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default()};
    struct state_changes state =
        realm->is_open ? open_state(realm) : genesis_state(&realm->genesis, &realm->arena);
    genesis_format(&realm->genesis, &realm->document);
    if (!found_with_state(realm->directory, &realm->genesis, buffer_view(&realm->document), &state,
                          &error))
        fail(error.text);
    realm->ledger = ledger_open(realm->directory, &options, &error);
    if (realm->ledger == NULL)
        fail(error.text);
    realm->vm = vm_new();
    realm->now_ms = REALM_TIME_MS;
}

static void make_genesis(struct realm *realm, unsigned size, enum quorum_mode mode)
{
    realm->poster = key_of_number(200);
    realm->coin = (struct genesis_coin){
        .to = secret_key_address(&realm->poster), .amount_wei = u256_from_u64(1000), .reason = "x"};
    for (unsigned i = 0; i < size; i++)
        realm->first[i] = realm->members[i].entry;
    realm->genesis = genesis_defaults();
    snprintf(realm->genesis.name, sizeof realm->genesis.name, "Realm");
    snprintf(realm->genesis.symbol, sizeof realm->genesis.symbol, "RLM");
    realm->genesis.founder = realm->coin.to;
    realm->genesis.fork = VM_FORK_PRAGUE;
    realm->genesis.created = REALM_TIME_MS / 1000 - 10;
    realm->genesis.mode = mode;
    realm->genesis.committee = realm->first;
    realm->genesis.committee_size = size;
    realm->genesis.coins = &realm->coin;
    realm->genesis.coins_count = 1;
}

static void start(struct realm *realm, unsigned size, enum quorum_mode mode, bool is_open)
{
    *realm = (struct realm){.is_open = is_open};
    make_folder(realm);
    for (unsigned i = 0; i < REALM_MEMBERS; i++)
        make_member(&realm->members[i], i);
    make_genesis(realm, size, mode);
    found_and_open(realm);
}

void realm_start(struct realm *realm, unsigned size, enum quorum_mode mode)
{
    start(realm, size, mode, true);
}

void realm_start_founded(struct realm *realm, unsigned size, enum quorum_mode mode)
{
    start(realm, size, mode, false);
}

void realm_start_copy(struct realm *copy, const struct realm *realm)
{
    start(copy, realm->genesis.committee_size, realm->genesis.mode, realm->is_open);
}

bool realm_is_same(struct realm *copy, const struct realm *realm)
{
    struct buffer report = {0};
    struct error error;
    const bool is_sound = ledger_check(copy->ledger, copy->vm, &report, &error);
    if (!is_sound)
        fprintf(stderr, "realm: %.*s\n", (int)report.size, (const char *)report.data);
    buffer_cleanup(&report);
    return is_sound
           && hash256_equal(&ledger_head(copy->ledger)->hash, &ledger_head(realm->ledger)->hash);
}

void realm_reopen(struct realm *realm)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default()};
    ledger_close(realm->ledger);
    realm->ledger = ledger_open(realm->directory, &options, &error);
    if (realm->ledger == NULL)
        fail(error.text);
}

void realm_cleanup(struct realm *realm)
{
    struct error error;
    ledger_close(realm->ledger);
    for (unsigned i = 0; i < REALM_MEMBERS; i++)
        reveal_chain_free(realm->members[i].reveals);
    buffer_cleanup(&realm->document);
    arena_cleanup(&realm->arena);
    vm_free(realm->vm);
    if (!folder_remove(realm->folder, &error))
        fail(error.text);
}

/* ---- Posting --------------------------------------------------------------------------------- */

struct epoch_record realm_next(struct realm *realm, const unsigned *members, unsigned count,
                               enum quorum_mode mode)
{
    const struct epoch_record *record = ledger_epoch_record(realm->ledger);
    struct epoch_record next = {.protocol_version = record->protocol_version,
                                .fork = record->fork,
                                .mode = mode,
                                .quorum = quorum_size(mode, count),
                                .parameters = record->parameters,
                                .committee_size = count};
    next.committee = arena_array(&realm->arena, count, sizeof *next.committee);
    for (unsigned i = 0; i < count; i++)
        next.committee[i] = realm->members[members[i]].entry;
    return next;
}

/* post(bytes) */
static struct bytes post_call(struct realm *realm, struct bytes entry)
{
    static const char function[] = "post(bytes)";
    const hash256 selector = keccak256(function, sizeof function - 1);
    const u256 offset = u256_from_u64(32), size = u256_from_u64(entry.size);
    struct buffer input = {0};
    uint8_t word[32];
    buffer_append(&input, selector.bytes, 4);
    u256_store_be(word, &offset);
    buffer_append(&input, word, sizeof word);
    u256_store_be(word, &size);
    buffer_append(&input, word, sizeof word);
    buffer_append_bytes(&input, entry);
    while (input.size % 32 != 4)
        buffer_append_u8(&input, 0);
    const struct bytes copy = arena_copy(&realm->arena, buffer_view(&input));
    buffer_cleanup(&input);
    return copy;
}

void realm_post_entries(struct realm *realm, struct bytes entries)
{
    struct rlp_reader in = rlp_reader_over(entries);
    struct rlp_reader list = rlp_list(&in);
    while (rlp_has_more(&list)) {
        struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                                 .has_chain_id = true,
                                 .chain_id = ledger_chain_id(realm->ledger),
                                 .nonce = realm->poster_nonce++,
                                 .gas_limit = 2000000,
                                 .to = CONSOLIDATIONS_ADDRESS,
                                 .data = post_call(realm, rlp_string(&list))};
        struct error error = {0};
        transaction_sign(&tx, &realm->poster, &realm->arena);
        if (ledger_submit(realm->ledger, &tx, realm->now_ms, &error) != POOL_OK)
            fail(error.text);
    }
    if (list.verdict != RLP_OK)
        fail("malformed entries");
}

void realm_post(struct realm *realm, const struct epoch_record *next)
{
    struct buffer entries = {0};
    seal_encode(next, &entries);
    realm_post_entries(realm, buffer_view(&entries));
    buffer_cleanup(&entries);
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static const struct realm_member *member_at(const struct realm *realm, unsigned index)
{
    const struct committee_entry *entry = &ledger_epoch_record(realm->ledger)->committee[index];
    for (unsigned i = 0; i < REALM_MEMBERS; i++)
        if (address_equal(&realm->members[i].entry.consensus, &entry->consensus))
            return &realm->members[i];
    fail("a member whom nobody knows");
    return NULL;
}

struct build_request realm_request(struct realm *realm, const hash256 *parent)
{
    const uint64_t view = ++realm->view;
    const unsigned leader = rules_leader(&realm->ledger->epoch->rules, view);
    const struct realm_member *member = member_at(realm, leader);
    struct build_request request = {.parent = *parent,
                                    .view = view,
                                    .now_ms = realm->now_ms += 1000,
                                    .beneficiary = member->entry.payout};
    struct reveal_progress progress;
    struct error error;
    if (!ledger_reveal_progress(realm->ledger, parent, leader, &progress))
        fail("no such parent");
    if (!reveal_chain_at(member->reveals, progress.used, &request.reveal, &error))
        fail(error.text);
    return request;
}

hash256 realm_build(struct realm *realm, const hash256 *parent)
{
    const struct build_request request = realm_request(realm, parent);
    struct error error;
    hash256 hash;
    if (!ledger_build(realm->ledger, realm->vm, &request, &hash, &error))
        fail(error.text);
    return hash;
}

struct certificate realm_certify(struct realm *realm, const hash256 *block, uint64_t view)
{
    const struct epoch_record *record = ledger_epoch_record(realm->ledger);
    const struct signing_domain domain = ledger_signing_domain(realm->ledger);
    struct certificate certificate = {.kind = MESSAGE_FINALIZE,
                                      .epoch = record->epoch,
                                      .view = view,
                                      .parent_view = view - 1,
                                      .block_hash = *block};
    const hash256 proposal = proposal_digest(record->epoch, view, view - 1, block);
    const hash256 digest = vote_digest(&domain, MESSAGE_FINALIZE, view, &proposal);
    certificate.signatures =
        arena_array(&realm->arena, record->quorum, sizeof *certificate.signatures);
    for (unsigned i = 0; i < record->quorum; i++) {
        certificate.bitmap[i / 8] |= (uint8_t)(1 << i % 8);
        secret_key_sign(&member_at(realm, i)->key, &digest, &certificate.signatures[i]);
        certificate.signatures_count++;
    }
    return certificate;
}

void realm_commit(struct realm *realm, const hash256 *block)
{
    const struct certificate finalization = realm_certify(realm, block, realm->view);
    const uint64_t epoch = ledger_epoch_record(realm->ledger)->epoch;
    struct error error;
    if (!ledger_commit(realm->ledger, block, &finalization, &error))
        fail(error.text);
    if (ledger_epoch_record(realm->ledger)->epoch != epoch)
        realm->view = 0;
}

hash256 realm_block(struct realm *realm)
{
    const hash256 hash = realm_build(realm, &ledger_head(realm->ledger)->hash);
    realm_commit(realm, &hash);
    return hash;
}

hash256 realm_seal(struct realm *realm, const unsigned *members, unsigned count,
                   enum quorum_mode mode)
{
    const uint64_t epoch = ledger_epoch_record(realm->ledger)->epoch;
    const struct epoch_record next = realm_next(realm, members, count, mode);
    realm_post(realm, &next);
    const hash256 hash = realm_block(realm);
    if (ledger_epoch_record(realm->ledger)->epoch != epoch + 1)
        fail("the block is no seal");
    return hash;
}
