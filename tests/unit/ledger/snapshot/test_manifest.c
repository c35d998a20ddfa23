/* Bytes of manifests, chunks and the base: what is written is read, and nothing else is. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "ledger/codec/rlp.h"
#include "ledger/snapshot/base.h"
#include "ledger/snapshot/chunk.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

static struct arena arena;
static struct error error;

static void stop(void)
{
    arena_cleanup(&arena);
}

TestSuite(manifest, .fini = stop);

static struct buffer bytes_of_hex(const char *hex)
{
    struct buffer out = {0};
    const size_t size = strlen(hex) / 2;
    cr_assert(hex_decode(buffer_extend(&out, size), size, hex));
    return out;
}

static struct snapshot_entry entry_of(enum snapshot_kind kind, uint8_t first, unsigned bits)
{
    uint8_t key[SNAPSHOT_KEY_SIZE_MAX] = {first};
    struct snapshot_entry entry = {.range = snapshot_range_of(kind, key, bits)};
    memset(entry.hash.bytes, first + 1, sizeof entry.hash.bytes);
    return entry;
}

/* Two accounts chunks and one of slots besides the base. */
static struct manifest sample(struct snapshot_entry entries[4])
{
    entries[0] = entry_of(SNAPSHOT_BASE, 0, 32);
    entries[1] = entry_of(SNAPSHOT_ACCOUNTS, 0, 1);
    entries[2] = entry_of(SNAPSHOT_ACCOUNTS, 0x80, 1);
    entries[3] = entry_of(SNAPSHOT_SLOTS, 0, 0);
    struct manifest manifest = {.height = 8192, .entries = entries, .entries_count = 4};
    memset(manifest.block_hash.bytes, 0xbb, sizeof manifest.block_hash.bytes);
    return manifest;
}

Test(manifest, is_read_as_it_was_written)
{
    struct snapshot_entry entries[4];
    const struct manifest manifest = sample(entries);
    struct manifest again;
    struct buffer encoded = {0}, twice = {0};
    struct buffer vector = bytes_of_hex(VECTOR_MANIFEST);
    manifest_encode(&manifest, &encoded);
    cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&vector)));
    cr_assert(manifest_decode(&again, buffer_view(&encoded), &arena, &error), "%s", error.text);
    manifest_encode(&again, &twice);
    cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&twice)));
    const hash256 hash = manifest_hash(&manifest);
    char text[65] = {0};
    hex_encode(text, hash.bytes, 32);
    cr_expect_str_eq(text, VECTOR_MANIFEST_HASH);
    buffer_cleanup(&encoded);
    buffer_cleanup(&twice);
    buffer_cleanup(&vector);
}

static void expect_bad(const struct manifest *manifest, const char *word)
{
    struct manifest again;
    struct buffer encoded = {0};
    manifest_encode(manifest, &encoded);
    cr_expect(!manifest_decode(&again, buffer_view(&encoded), &arena, &error), "%s", word);
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, word) != NULL, "%s: %s", word,
              error.text);
    buffer_cleanup(&encoded);
}

Test(manifest, has_ranges_in_order_that_do_not_overlap)
{
    struct snapshot_entry entries[4];
    struct manifest manifest = sample(entries);
    manifest.entries_count = 0;
    expect_bad(&manifest, "no chunks");
    manifest = sample(entries);
    manifest.entries++;
    manifest.entries_count--;
    expect_bad(&manifest, "entry 0"); /* no base */
    manifest = sample(entries);
    entries[1] = entry_of(SNAPSHOT_ACCOUNTS, 0x80, 1);
    expect_bad(&manifest, "entry 2"); /* twice */
    manifest = sample(entries);
    entries[1] = entry_of(SNAPSHOT_ACCOUNTS, 0xc0, 2);
    expect_bad(&manifest, "entry 2"); /* falls */
    manifest = sample(entries);
    entries[1] = entry_of(SNAPSHOT_ACCOUNTS, 0, 0);
    expect_bad(&manifest, "entry 2"); /* holds the next */
    manifest = sample(entries);
    entries[2] = entry_of(SNAPSHOT_ACCOUNTS, 0, 8);
    expect_bad(&manifest, "entry 2"); /* is held by the one before */
    manifest = sample(entries);
    entries[1] = entry_of(SNAPSHOT_SLOTS, 0, 1);
    expect_bad(&manifest, "entry 2"); /* kinds fall */
    manifest = sample(entries);
    entries[1] = entry_of(SNAPSHOT_BASE, 0, 32);
    expect_bad(&manifest, "entry 1"); /* the first piece again */
    entries[1].range.prefix[3] = 2;
    expect_bad(&manifest, "entry 1"); /* a gap */
    manifest = sample(entries);
    entries[0].range.bits = 31;
    expect_bad(&manifest, "entry 0"); /* half of a number */
    manifest = sample(entries);
    entries[2].range.prefix[0] = 0xc0; /* more than its bits */
    expect_bad(&manifest, "entry 2");
    manifest = sample(entries);
    entries[2].range.bits = 161;
    expect_bad(&manifest, "entry 2"); /* longer than an address */
    manifest = sample(entries);
    entries[3].range.kind = SNAPSHOT_KIND_COUNT;
    expect_bad(&manifest, "entry 3");
}

/* Every cut, every byte behind the end, every flipped bit: refused, or another manifest that is
 * written as it was read. */
Test(manifest, reads_nothing_but_what_it_writes)
{
    struct buffer good = bytes_of_hex(VECTOR_MANIFEST);
    struct manifest again;
    for (size_t size = 0; size < good.size; size++)
        cr_expect(!manifest_decode(&again, bytes_of(good.data, size), &arena, &error), "%zu", size);
    for (size_t bit = 0; bit < 8 * good.size; bit++) {
        struct buffer twice = {0};
        good.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (manifest_decode(&again, buffer_view(&good), &arena, &error)) {
            manifest_encode(&again, &twice);
            cr_expect(bytes_equal(buffer_view(&good), buffer_view(&twice)), "bit %zu", bit);
        }
        good.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        buffer_cleanup(&twice);
    }
    buffer_append_u8(&good, 0);
    cr_expect(!manifest_decode(&again, buffer_view(&good), &arena, &error));
    buffer_cleanup(&good);
}

/* Sizes that claim what is not there cost nothing. */
Test(manifest, believes_no_size_before_it_is_there)
{
    static const char *const hostile[] = {
        "fbffffffff01822000a0", /* a list of 2^32 - 1 bytes */
        "ff7fffffffffffffff01822000a0", "fbffffffff0182200080fbffffffff", "c0", "80", "",
    };
    struct manifest manifest;
    struct chunk chunk;
    struct snapshot_base base;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct buffer bytes = bytes_of_hex(hostile[i]);
        cr_expect(!manifest_decode(&manifest, buffer_view(&bytes), &arena, &error));
        cr_expect(!chunk_decode(&chunk, buffer_view(&bytes), &arena, &error));
        cr_expect(!base_decode(&base, buffer_view(&bytes), &arena, &error));
        buffer_cleanup(&bytes);
    }
    cr_expect(arena.size_bytes < 100000, "%zu", arena.size_bytes);
}

/* As many entries as may be are read, one more is not. */
Test(manifest, has_a_bounded_number_of_chunks)
{
    struct manifest manifest = {.height = 1}, again;
    struct buffer encoded = {0};
    manifest.entries = arena_array(&arena, SNAPSHOT_CHUNKS_MAX + 1, sizeof *manifest.entries);
    for (uint32_t i = 0; i <= SNAPSHOT_CHUNKS_MAX; i++) {
        const uint8_t number[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
                                   (uint8_t)i};
        manifest.entries[i].range = snapshot_range_of(SNAPSHOT_BASE, number, 32);
    }
    manifest.entries_count = SNAPSHOT_CHUNKS_MAX;
    manifest_encode(&manifest, &encoded);
    cr_expect(manifest_decode(&again, buffer_view(&encoded), &arena, &error), "%s", error.text);
    cr_expect(again.entries_count == SNAPSHOT_CHUNKS_MAX);
    manifest.entries_count++;
    buffer_clear(&encoded);
    manifest_encode(&manifest, &encoded);
    cr_expect(!manifest_decode(&again, buffer_view(&encoded), &arena, &error));
    cr_expect(strstr(error.text, "more than 65536") != NULL, "%s", error.text);
    buffer_clear(&encoded);
    memset(buffer_extend(&encoded, SNAPSHOT_MANIFEST_SIZE_MAX + 1), 0xc0,
           SNAPSHOT_MANIFEST_SIZE_MAX + 1);
    cr_expect(!manifest_decode(&again, buffer_view(&encoded), &arena, &error));
    buffer_cleanup(&encoded);
}

Test(manifest, of_a_newer_program_is_told)
{
    struct buffer newer = bytes_of_hex("c102");
    struct buffer chunk = bytes_of_hex("c20201");
    struct manifest manifest;
    struct chunk decoded;
    cr_expect(!manifest_decode(&manifest, buffer_view(&newer), &arena, &error));
    cr_expect(error.code == ERROR_VERSION && strstr(error.text, "needs a newer lnode") != NULL);
    cr_expect(!chunk_decode(&decoded, buffer_view(&chunk), &arena, &error));
    cr_expect(error.code == ERROR_VERSION, "%s", error.text);
    buffer_cleanup(&newer);
    buffer_cleanup(&chunk);
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

static struct chunk sample_accounts(void)
{
    struct snapshot_account *accounts = arena_array(&arena, 2, sizeof *accounts);
    memset(accounts[0].address.bytes, 0x11, 20);
    memset(accounts[1].address.bytes, 0x22, 20);
    accounts[0].balance = u256_from_u64(1000);
    accounts[1].nonce = 1;
    accounts[1].code = bytes_of("\x60\x00\x60\x00\xf3", 5);
    return (struct chunk){.kind = SNAPSHOT_ACCOUNTS, .accounts = accounts, .count = 2};
}

static struct chunk sample_slots(void)
{
    struct snapshot_slot *slots = arena_array(&arena, 3, sizeof *slots);
    memset(slots[0].address.bytes, 0x22, 20);
    slots[1].address = slots[0].address;
    memset(slots[2].address.bytes, 0x33, 20);
    slots[1].key = u256_from_u64(7);
    slots[0].value = U256_ONE;
    slots[1].value = u256_from_u64(0x1234);
    slots[2].value = slots[1].value;
    return (struct chunk){.kind = SNAPSHOT_SLOTS, .slots = slots, .count = 3};
}

static void expect_vector(const struct chunk *chunk, const char *hex)
{
    struct buffer encoded = {0}, twice = {0}, vector = bytes_of_hex(hex);
    struct chunk again;
    chunk_encode(chunk, &encoded);
    cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&vector)));
    cr_assert(chunk_decode(&again, buffer_view(&encoded), &arena, &error), "%s", error.text);
    chunk_encode(&again, &twice);
    cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&twice)));
    for (size_t size = 0; size < encoded.size; size++)
        cr_expect(!chunk_decode(&again, bytes_of(encoded.data, size), &arena, &error));
    for (size_t bit = 0; bit < 8 * encoded.size; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        buffer_clear(&twice);
        if (chunk_decode(&again, buffer_view(&encoded), &arena, &error)) {
            chunk_encode(&again, &twice);
            cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&twice)), "bit %zu", bit);
        }
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buffer_cleanup(&encoded);
    buffer_cleanup(&twice);
    buffer_cleanup(&vector);
}

Test(manifest, has_chunks_that_are_read_as_they_were_written)
{
    const struct chunk accounts = sample_accounts(), slots = sample_slots();
    const struct chunk piece = {.kind = SNAPSHOT_BASE, .piece = bytes_of("base", 4)};
    expect_vector(&piece, VECTOR_CHUNK_BASE);
    expect_vector(&accounts, VECTOR_CHUNK_ACCOUNTS);
    expect_vector(&slots, VECTOR_CHUNK_SLOTS);
}

static void expect_bad_chunk(const struct chunk *chunk, const char *word)
{
    struct buffer encoded = {0};
    struct chunk again;
    chunk_encode(chunk, &encoded);
    cr_expect(!chunk_decode(&again, buffer_view(&encoded), &arena, &error), "%s", word);
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, word) != NULL, "%s: %s", word,
              error.text);
    buffer_cleanup(&encoded);
}

Test(manifest, has_chunks_in_order)
{
    struct chunk chunk = sample_accounts();
    chunk.accounts[1].address = chunk.accounts[0].address;
    expect_bad_chunk(&chunk, "item 1 does not follow");
    chunk.count = 0;
    expect_bad_chunk(&chunk, "empty");
    chunk = sample_slots();
    chunk.slots[1].key = U256_ZERO;
    expect_bad_chunk(&chunk, "does not follow the slot");
    chunk = sample_slots();
    memset(chunk.slots[2].address.bytes, 0x21, 20);
    expect_bad_chunk(&chunk, "does not follow the address");
    chunk = sample_slots();
    chunk.slots[2].value = U256_ZERO;
    expect_bad_chunk(&chunk, "zero");
    chunk = (struct chunk){.kind = SNAPSHOT_BASE};
    expect_bad_chunk(&chunk, "empty");
}

/* The sizes by which chunks are cut are never below those of the encoding. */
Test(manifest, has_chunks_no_larger_than_their_items)
{
    unsigned seed = 3;
    for (unsigned round = 0; round < 500; round++) {
        const size_t count = (size_t)(1 + rand_r(&seed) % 40);
        struct chunk chunk = {.kind = round % 2 == 0 ? SNAPSHOT_ACCOUNTS : SNAPSHOT_SLOTS,
                              .accounts = arena_array(&arena, count, sizeof *chunk.accounts),
                              .slots = arena_array(&arena, count, sizeof *chunk.slots),
                              .count = count};
        size_t size = CHUNK_OVERHEAD;
        for (size_t i = 0; i < count; i++) {
            struct snapshot_account *account = &chunk.accounts[i];
            struct snapshot_slot *slot = &chunk.slots[i];
            const size_t code_size = (size_t)(rand_r(&seed) % (round % 4 == 0 ? 3 : 25000));
            account->code = bytes_of(arena_alloc(&arena, code_size), code_size);
            account->nonce = (uint64_t)rand_r(&seed) >> rand_r(&seed) % 31;
            account->balance.limbs[rand_r(&seed) % 4] = (uint64_t)rand_r(&seed);
            slot->address.bytes[0] = (uint8_t)(i / 5);
            slot->key.limbs[rand_r(&seed) % 4] = (uint64_t)rand_r(&seed) << rand_r(&seed) % 33;
            slot->value.limbs[rand_r(&seed) % 4] = (uint64_t)rand_r(&seed) << rand_r(&seed) % 33;
            size += chunk.kind == SNAPSHOT_ACCOUNTS ? snapshot_account_size(account)
                                                    : snapshot_slot_size(slot, i > 0 && i % 5 == 0);
        }
        struct buffer encoded = {0};
        chunk_encode(&chunk, &encoded);
        cr_expect(encoded.size <= size, "%zu > %zu", encoded.size, size);
        buffer_cleanup(&encoded);
        arena_reset(&arena);
    }
}
