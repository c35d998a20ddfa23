#include "tests/unit/ledger/snapshot/busy.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "ledger/chain/authorization.h"
#include "ledger/inside.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

/* Stores each pair of words of its input: slot, value. */
#define STORE_PAIRS                                            \
    "601a80600b6000396000f3" /* returns the 26 bytes behind */ \
    "60005b3681101560185780602001358135556040016002565b00"

static unsigned draw(struct busy *busy, unsigned below)
{
    return (unsigned)rand_r(&busy->seed) % below;
}

void busy_start(struct busy *busy, unsigned seed)
{
    *busy = (struct busy){.seed = seed};
    sample_init(&busy->sample);
    busy->sample.checkpoint_every = BUSY_EVERY;
    sample_found(&busy->sample);
    sample_open(&busy->sample);
}

void busy_cleanup(struct busy *busy)
{
    sample_cleanup(&busy->sample);
}

static void submit(struct busy *busy, unsigned from, struct transaction tx)
{
    tx.type = TRANSACTION_DYNAMIC_FEE;
    tx.nonce = busy->sample.nonces[from]++;
    tx = sample_sign(&busy->sample, from, tx);
    cr_assert(sample_submit(&busy->sample, &tx) == POOL_OK);
}

static void deploy(struct busy *busy)
{
    uint8_t code[sizeof STORE_PAIRS / 2];
    cr_assert(hex_decode(code, sizeof code, STORE_PAIRS));
    busy->contracts[busy->contracts_count++] =
        vm_create_address(&busy->sample.accounts[0], busy->sample.nonces[0]);
    submit(
        busy, 0,
        (struct transaction){.is_create = true,
                             .gas_limit = 1000000,
                             .data = arena_copy(&busy->sample.arena, bytes_of(code, sizeof code))});
}

/* A dozen slots of a contract: far apart or in a row; one in three is cleared. */
static void store(struct busy *busy, unsigned from)
{
    uint8_t pairs[12 * 64] = {0};
    for (size_t i = 0; i < 12; i++) {
        uint8_t *slot = pairs + 64 * i, *value = slot + 32;
        const uint8_t number = (uint8_t)draw(busy, 100);
        slot[31] = number;
        if (draw(busy, 2) == 0) {
            const hash256 far = keccak256(&number, 1);
            memcpy(slot, far.bytes, 32);
        }
        if (draw(busy, 3) > 0)
            value[31 - draw(busy, 32)] = (uint8_t)(1 + draw(busy, 255));
    }
    submit(busy, from,
           (struct transaction){
               .to = busy->contracts[draw(busy, busy->contracts_count)],
               .gas_limit = 2000000,
               .data = arena_copy(&busy->sample.arena, bytes_of(pairs, sizeof pairs))});
}

static void transfer(struct busy *busy, unsigned from)
{
    const uint8_t number = (uint8_t)draw(busy, 200);
    const hash256 hash = keccak256(&number, 1);
    address to;
    memcpy(to.bytes, hash.bytes, sizeof to.bytes);
    if (number % 5 == 0) { /* neighbours */
        memset(to.bytes, 0xee, sizeof to.bytes);
        to.bytes[19] = number;
    }
    submit(busy, from,
           (struct transaction){
               .to = to, .gas_limit = 21000, .value = u256_from_u64(1 + draw(busy, 100000))});
}

/* Account 7 delegates to one contract after the other (EIP-7702). */
static void delegate(struct busy *busy)
{
    struct sample *sample = &busy->sample;
    struct authorization *list = arena_alloc(&sample->arena, sizeof *list);
    *list = (struct authorization){.chain_id = u256_from_u64(ledger_chain_id(sample->ledger)),
                                   .delegate = busy->contracts[draw(busy, busy->contracts_count)],
                                   .nonce = sample->nonces[7]++};
    authorization_sign(list, &sample->keys[7]);
    struct transaction tx = sample_sign(sample, 1,
                                        (struct transaction){.type = TRANSACTION_SET_CODE,
                                                             .nonce = sample->nonces[1]++,
                                                             .gas_limit = 200000,
                                                             .to = sample->accounts[2],
                                                             .authorizations = list,
                                                             .authorizations_count = 1});
    cr_assert(sample_submit(sample, &tx) == POOL_OK);
}

static void fill_pool(struct busy *busy)
{
    if (busy->contracts_count < BUSY_CONTRACTS)
        deploy(busy);
    for (unsigned from = 1; from < 7; from++) {
        if (draw(busy, 3) == 0)
            store(busy, from);
        else if (draw(busy, 3) > 0)
            transfer(busy, from);
    }
    if (draw(busy, 8) == 0)
        delegate(busy);
}

void busy_go_on(struct busy *busy, uint64_t height)
{
    while (ledger_head(busy->sample.ledger)->number < height) {
        fill_pool(busy);
        sample_block(&busy->sample);
    }
}

void busy_leap(struct busy *busy, unsigned count)
{
    hash256 tip = ledger_head(busy->sample.ledger)->hash;
    for (unsigned i = 0; i < count; i++) {
        struct error error;
        fill_pool(busy);
        const struct build_request request = sample_request(&busy->sample, &tip);
        cr_assert(ledger_build(busy->sample.ledger, busy->sample.vm, &request, &tip, &error), "%s",
                  error.text);
    }
    sample_commit(&busy->sample, &tip);
}

void busy_repeat(struct busy *from, struct ledger *to, uint64_t last)
{
    struct error error;
    struct ledger_view *view = ledger_view_open(from->sample.ledger, &error);
    for (uint64_t height = ledger_head(to)->number + 1; height <= last; height++) {
        struct arena arena = {0};
        struct header header;
        struct certificate finalization;
        enum block_verdict verdict;
        hash256 hash, found;
        bool has_own;
        cr_assert(view_header(view, height, &header, &hash, &error), "%s", error.text);
        const struct bytes container = ledger_container(from->sample.ledger, &hash, &arena);
        cr_assert(ledger_validate(to, from->sample.vm, container, &verdict, &found, &error), "%s",
                  error.text);
        cr_assert(verdict == BLOCK_OK, "block %d: %s", (int)height, block_verdict_text(verdict));
        cr_assert(view_finalization(view, height, &arena, &finalization, &has_own, &error));
        if (has_own)
            cr_assert(ledger_commit(to, &hash, &finalization, &error), "%s", error.text);
        arena_cleanup(&arena);
    }
    ledger_view_close(view);
}

/* ---- Parcels ------------------------------------------------------------------------------- */

void parcel_make(struct parcel *parcel, struct ledger *ledger, uint64_t height, size_t chunk_size)
{
    struct error error;
    *parcel = (struct parcel){0};
    struct ledger_view *view = ledger_view_open(ledger, &error);
    cr_assert(view != NULL, "%s", error.text);
    const struct snapshot snapshot = {view, height, chunk_size};
    cr_assert(snapshot_manifest(&snapshot, NULL, NULL, &parcel->arena, &parcel->manifest, &error),
              "%s", error.text);
    manifest_encode(&parcel->manifest, &parcel->encoded);
    parcel->chunks =
        arena_array(&parcel->arena, parcel->manifest.entries_count, sizeof *parcel->chunks);
    for (size_t i = 0; i < parcel->manifest.entries_count; i++) {
        struct buffer chunk = {0};
        cr_assert(snapshot_chunk(&snapshot, &parcel->manifest, i, &chunk, &error), "%s",
                  error.text);
        parcel->chunks[i] = arena_copy(&parcel->arena, buffer_view(&chunk));
        buffer_cleanup(&chunk);
    }
    ledger_view_close(view);
}

void parcel_cleanup(struct parcel *parcel)
{
    arena_cleanup(&parcel->arena);
    buffer_cleanup(&parcel->encoded);
}

void parcel_sign(struct parcel *parcel)
{
    for (size_t i = 0; i < parcel->manifest.entries_count; i++)
        parcel->manifest.entries[i].hash =
            keccak256(parcel->chunks[i].data, parcel->chunks[i].size);
    buffer_clear(&parcel->encoded);
    manifest_encode(&parcel->manifest, &parcel->encoded);
}

struct snapshot_ground busy_ground(struct busy *busy, uint64_t height, struct arena *arena)
{
    struct snapshot_ground ground = {.genesis_document = buffer_view(&busy->sample.document)};
    struct certificate *finalization = arena_alloc(arena, sizeof *finalization);
    struct error error;
    hash256 hash;
    bool has_own;
    struct ledger_view *view = ledger_view_open(busy->sample.ledger, &error);
    cr_assert(view_header(view, height, &ground.header, &hash, &error)
                  && view_finalization(view, height, arena, finalization, &has_own, &error),
              "%s", error.text);
    ledger_view_close(view);
    ground.finalization = has_own ? finalization : NULL;
    return ground;
}
