#include "ledger/state/range.h"

#include <stdlib.h>

/* Of a key with more changes than this the rest is passed over by a seek. */
#define STEPS_BEFORE_SEEK 4

struct state_range {
    enum state_range_kind kind;
    uint64_t height;
    size_t key_size;
    struct store_iterator *now;    /* 'a' or 's' */
    struct store_iterator *before; /* 'A' or 'S' */
    uint8_t key[RANGE_KEY_MAX];
    struct buffer value;
};

static uint8_t now_letter(const struct state_range *range)
{
    return range->kind == RANGE_ACCOUNTS ? KEY_ACCOUNT : KEY_SLOT;
}

static uint8_t before_letter(const struct state_range *range)
{
    return range->kind == RANGE_ACCOUNTS ? KEY_ACCOUNT_BEFORE : KEY_SLOT_BEFORE;
}

static struct store_iterator *iterator_at(struct store_at at, uint8_t letter, struct bytes first)
{
    struct store_iterator *iterator = store_iterator_new(at.store, at.snapshot);
    uint8_t key[1 + RANGE_KEY_MAX] = {letter};
    const size_t size = first.size < RANGE_KEY_MAX ? first.size : RANGE_KEY_MAX;
    if (size > 0)
        memcpy(key + 1, first.data, size);
    store_iterator_seek(iterator, bytes_of(key, 1 + size));
    return iterator;
}

struct state_range *state_range_new(struct store_at at, uint64_t height, enum state_range_kind kind,
                                    struct bytes first)
{
    struct state_range *range = memory_new_zeroed(1, sizeof *range);
    range->kind = kind;
    range->height = height;
    range->key_size = kind == RANGE_ACCOUNTS ? sizeof(address) : RANGE_KEY_MAX;
    range->now = iterator_at(at, now_letter(range), first);
    range->before = iterator_at(at, before_letter(range), first);
    return range;
}

void state_range_free(struct state_range *range)
{
    if (range == NULL)
        return;
    store_iterator_free(range->now);
    store_iterator_free(range->before);
    buffer_cleanup(&range->value);
    free(range);
}

/* The key an iterator stands at, without letter and height; NULL behind the last. */
static const uint8_t *key_at(const struct store_iterator *iterator, uint8_t letter, size_t size)
{
    if (!store_iterator_valid(iterator))
        return NULL;
    const struct bytes key = store_iterator_key(iterator);
    return key.size == size && key.data[0] == letter ? key.data + 1 : NULL;
}

static const uint8_t *now_key(const struct state_range *range)
{
    return key_at(range->now, now_letter(range), 1 + range->key_size);
}

static const uint8_t *before_key(const struct state_range *range)
{
    return key_at(range->before, before_letter(range), 1 + range->key_size + sizeof(uint64_t));
}

/* Whether `before` stands at our key with a height below `height`. */
static bool is_before(const struct state_range *range, const uint8_t height[8])
{
    const uint8_t *key = before_key(range);
    return key != NULL && memcmp(key, range->key, range->key_size) == 0
           && memcmp(key + range->key_size, height, sizeof(uint64_t)) < 0;
}

/* Moves `before` to the first record of our key at `height` or above, or behind the key. */
static void pass_below(struct state_range *range, uint64_t height)
{
    uint8_t key[1 + RANGE_KEY_MAX + 8] = {before_letter(range)};
    uint8_t *height_be = key + 1 + range->key_size;
    memcpy(key + 1, range->key, range->key_size);
    for (int i = 7; i >= 0; i--, height >>= 8)
        height_be[i] = (uint8_t)height;
    for (int step = 0; is_before(range, height_be); step++) {
        if (step == STEPS_BEFORE_SEEK) {
            store_iterator_seek(range->before, bytes_of(key, 1 + range->key_size + 8));
            return;
        }
        store_iterator_next(range->before);
    }
}

/* Takes the record of our key as of our height, if there is one, and moves on to the next key. */
static void take_value(struct state_range *range)
{
    const uint8_t *key;
    bool is_taken = false;
    buffer_clear(&range->value);
    pass_below(range, range->height + 1);
    key = before_key(range);
    if (key != NULL && memcmp(key, range->key, range->key_size) == 0) {
        buffer_append_bytes(&range->value, store_iterator_value(range->before));
        is_taken = true;
        pass_below(range, UINT64_MAX);
    }
    key = now_key(range);
    if (key != NULL && memcmp(key, range->key, range->key_size) == 0) {
        if (!is_taken)
            buffer_append_bytes(&range->value, store_iterator_value(range->now));
        store_iterator_next(range->now);
    }
}

/* The lower of the two keys becomes ours; false behind the last. */
static bool choose_key(struct state_range *range)
{
    const uint8_t *now = now_key(range), *before = before_key(range);
    const uint8_t *key = now;
    if (now == NULL || (before != NULL && memcmp(before, now, range->key_size) < 0))
        key = before;
    if (key == NULL)
        return false;
    memcpy(range->key, key, range->key_size);
    return true;
}

static bool decode(struct state_range *range, struct state_entry *entry, bool *exists,
                   struct error *error)
{
    const struct bytes value = buffer_view(&range->value);
    *entry = (struct state_entry){.key = bytes_of(range->key, range->key_size)};
    *exists = false;
    if (value.size == 0) /* no change above our height, and nothing now */
        return true;
    if (range->kind == RANGE_ACCOUNTS)
        return record_decode_account(value, &entry->account, exists, error);
    if (!record_decode_slot(value, &entry->slot, error))
        return false;
    *exists = !u256_is_zero(&entry->slot);
    return true;
}

bool state_range_next(struct state_range *range, struct state_entry *entry, bool *found,
                      struct error *error)
{
    *found = false;
    while (!*found && choose_key(range)) {
        take_value(range);
        if (!decode(range, entry, found, error))
            return false;
    }
    return *found
           || (store_iterator_ok(range->now, error) && store_iterator_ok(range->before, error));
}
