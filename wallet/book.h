/* Who is who: accounts (keys of ours, one key file each) and contacts (names for addresses).
 *
 *   accounts/NAME.json   Web3 Secret Storage, mode 0600
 *   contacts.json        {"bob": "0x..."}
 *
 * A name is either an account or a contact; wherever an address is taken, a name will do. */
#ifndef WALLET_BOOK_H
#define WALLET_BOOK_H
#include "vm/crypto/secret_key.h"
#include "wallet/wallet.h"

#define BOOK_NAME_MAX    32
#define BOOK_ENTRIES_MAX 10000

struct book_entry {
    const char *name;
    address account;
};

/* Letters, digits, and . _ - behind the first character; not "0x...". */
bool book_check_name(const char *name, struct error *error) __attribute__((warn_unused_result));
/* ERROR_EXISTS if an account or contact has that name. */
bool book_check_free(struct wallet *wallet, const char *name, struct error *error)
    __attribute__((warn_unused_result));

/* All accounts or contacts by name, in the wallet's arena. Key files without a readable address
 * are left out. */
bool book_accounts(struct wallet *wallet, struct book_entry **entries, size_t *count,
                   struct error *error) __attribute__((warn_unused_result));
bool book_contacts(struct wallet *wallet, struct book_entry **entries, size_t *count,
                   struct error *error) __attribute__((warn_unused_result));

bool book_put_contact(struct wallet *wallet, const char *name, const address *account,
                      struct error *error) __attribute__((warn_unused_result));
bool book_put_account(struct wallet *wallet, const char *name, struct bytes document,
                      struct error *error) __attribute__((warn_unused_result));
bool book_read_account(struct wallet *wallet, const char *name, struct buffer *document,
                       struct error *error) __attribute__((warn_unused_result));
bool book_remove_contact(struct wallet *wallet, const char *name, struct error *error)
    __attribute__((warn_unused_result));

/* An account's or contact's name, or 0x... with a right checksum. */
bool book_resolve(struct wallet *wallet, const char *text, address *account, struct error *error)
    __attribute__((warn_unused_result));
/* "bob 0x..." or "0x...", in the wallet's arena. */
const char *book_describe(struct wallet *wallet, const address *account);

/* The account that acts: the setting, or the only one there is. It may be named by address. */
bool book_acting_account(struct wallet *wallet, struct book_entry *entry, struct error *error)
    __attribute__((warn_unused_result));
/* Its key, asking for the password; the caller wipes it with secret_key_cleanup(). */
bool book_unlock(struct wallet *wallet, const struct book_entry *entry, struct secret_key *key,
                 struct error *error) __attribute__((warn_unused_result));
#endif
