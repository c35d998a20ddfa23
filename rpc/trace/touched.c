#include "rpc/trace/touched.h"

void touched_cleanup(struct touched *touched)
{
    index_cleanup(&touched->account_index);
    index_cleanup(&touched->slot_index);
    buffer_cleanup(&touched->accounts);
    buffer_cleanup(&touched->slots);
    *touched = (struct touched){0};
}

size_t touched_accounts_count(const struct touched *touched)
{
    return touched->accounts.size / sizeof(struct touched_account);
}

struct touched_account *touched_account_at(const struct touched *touched, uint32_t number)
{
    return (struct touched_account *)(void *)touched->accounts.data + number;
}

struct touched_slot *touched_slot_at(const struct touched *touched, uint32_t number)
{
    return (struct touched_slot *)(void *)touched->slots.data + number;
}

static uint64_t seed_of(struct touched *touched)
{
    if (touched->seed == 0)
        touched->seed = index_random_seed() | 1;
    return touched->seed;
}

uint32_t touched_find_account(struct touched *touched, const address *account)
{
    const uint32_t hash = index_hash_address(seed_of(touched), account);
    uint32_t number;
    for (size_t probe = 0; index_next(&touched->account_index, hash, &probe, &number);)
        if (address_equal(&touched_account_at(touched, number)->address, account))
            return number;
    return TOUCHED_NONE;
}

uint32_t touched_find_slot(struct touched *touched, uint32_t account, const u256 *key)
{
    const uint32_t hash = index_hash_slot(seed_of(touched), account, key);
    uint32_t number;
    for (size_t probe = 0; index_next(&touched->slot_index, hash, &probe, &number);) {
        const struct touched_slot *slot = touched_slot_at(touched, number);
        if (slot->account == account && u256_equal(&slot->key, key))
            return number;
    }
    return TOUCHED_NONE;
}

uint32_t touched_add_account(struct touched *touched, const address *account)
{
    const uint32_t number = (uint32_t)touched_accounts_count(touched);
    const struct touched_account added = {
        .address = *account, .first_slot = TOUCHED_NONE, .last_slot = TOUCHED_NONE};
    buffer_append(&touched->accounts, &added, sizeof added);
    index_insert(&touched->account_index, index_hash_address(seed_of(touched), account), number);
    return number;
}

uint32_t touched_add_slot(struct touched *touched, uint32_t account, const u256 *key)
{
    const uint32_t number = (uint32_t)(touched->slots.size / sizeof(struct touched_slot));
    const struct touched_slot added = {.key = *key, .account = account, .next = TOUCHED_NONE};
    struct touched_account *owner = touched_account_at(touched, account);
    buffer_append(&touched->slots, &added, sizeof added);
    if (owner->last_slot == TOUCHED_NONE)
        owner->first_slot = number;
    else
        touched_slot_at(touched, owner->last_slot)->next = number;
    owner->last_slot = number;
    index_insert(&touched->slot_index, index_hash_slot(seed_of(touched), account, key), number);
    return number;
}
