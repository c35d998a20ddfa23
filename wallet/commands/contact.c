/* contact add, list, remove. */
#include "ledger/codec/address_text.h"
#include "wallet/book.h"
#include "wallet/commands/commands.h"

COMMAND(contact_add)
{
    struct error error;
    address account;
    char text[ADDRESS_TEXT_SIZE];
    (void)count;
    if (!book_check_free(wallet, arguments[0], &error)
        || !book_resolve(wallet, arguments[1], &account, &error)
        || !book_put_contact(wallet, arguments[0], &account, &error))
        return wallet_fail_error(wallet, &error, NULL);
    address_format(text, &account);
    wallet_say(wallet, "%s is %s", arguments[0], text);
    wallet_put_text(wallet, "name", arguments[0]);
    wallet_put_text(wallet, "address", text);
    return WALLET_OK;
}

COMMAND(contact_list)
{
    struct error error;
    struct book_entry *entries;
    size_t contacts;
    (void)arguments;
    (void)count;
    if (!book_contacts(wallet, &entries, &contacts, &error))
        return wallet_fail_error(wallet, &error, NULL);
    json_t *list = json_array();
    if (contacts == 0)
        wallet_say(wallet, "no contacts yet; add one: lwallet contact add NAME 0x...");
    for (size_t i = 0; i < contacts; i++) {
        char text[ADDRESS_TEXT_SIZE];
        address_format(text, &entries[i].account);
        wallet_say(wallet, "%-16s %s", entries[i].name, text);
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "name", entries[i].name, "address", text));
    }
    wallet_put(wallet, "contacts", list);
    return WALLET_OK;
}

COMMAND(contact_remove)
{
    struct error error;
    (void)count;
    if (!book_remove_contact(wallet, arguments[0], &error))
        return wallet_fail_error(wallet, &error, "lwallet contact list");
    wallet_say(wallet, "%s is forgotten", arguments[0]);
    wallet_put_text(wallet, "name", arguments[0]);
    return WALLET_OK;
}
