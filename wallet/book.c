#include "wallet/book.h"

#include "ledger/codec/address_text.h"
#include "ledger/codec/keystore.h"
#include "wallet/config.h"
#include "wallet/files.h"
#include "wallet/nearest.h"
#include "wallet/password.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define CONTACTS_SIZE_MAX (2u * 1024 * 1024)
#define SUFFIX            ".json"

bool book_check_name(const char *name, struct error *error)
{
    size_t size = strlen(name);
    bool is_good = size >= 1 && size <= BOOK_NAME_MAX && isalnum((unsigned char)name[0])
                   && strncmp(name, "0x", 2) != 0;
    for (size_t i = 0; i < size && is_good; i++)
        is_good = isalnum((unsigned char)name[i]) || strchr("._-", name[i]) != NULL;
    return is_good
           || error_set(
               error, ERROR_INVALID,
               "\"%.60s\" is no name; expected 1 to %d letters, digits, . _ or -, beginning "
               "with a letter or digit",
               name, BOOK_NAME_MAX);
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct book_entry *)a)->name, ((const struct book_entry *)b)->name);
}

static const char *account_path(struct wallet *wallet, const char *name)
{
    return arena_format(&wallet->arena, "%s/accounts/%s" SUFFIX, wallet->config_dir, name);
}

bool book_read_account(struct wallet *wallet, const char *name, struct buffer *document,
                       struct error *error)
{
    return files_read(account_path(wallet, name), KEYSTORE_FILE_MAX, document, error);
}

/* Fills an entry from a file of the accounts' directory; false if it is none of ours. */
static bool entry_of_file(struct wallet *wallet, const char *file, struct book_entry *entry)
{
    struct error ignored;
    struct buffer document = {0};
    size_t size = strlen(file);
    if (size <= strlen(SUFFIX) || strcmp(file + size - strlen(SUFFIX), SUFFIX) != 0)
        return false;
    entry->name = arena_text(&wallet->arena, bytes_of(file, size - strlen(SUFFIX)));
    bool ok = book_check_name(entry->name, &ignored)
              && book_read_account(wallet, entry->name, &document, &ignored)
              && keystore_address(&entry->account, buffer_view(&document), &ignored);
    buffer_cleanup(&document);
    return ok;
}

bool book_accounts(struct wallet *wallet, struct book_entry **entries, size_t *count,
                   struct error *error)
{
    const char *path = config_path(wallet, "accounts");
    struct buffer found = {0};
    *entries = NULL;
    *count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL)
        return errno == ENOENT || error_set_errno(error, "cannot read %s", path);
    for (struct dirent *file = readdir(directory); file != NULL && *count < BOOK_ENTRIES_MAX;
         file = readdir(directory)) {
        struct book_entry entry;
        if (!entry_of_file(wallet, file->d_name, &entry))
            continue;
        buffer_append(&found, &entry, sizeof entry);
        (*count)++;
    }
    closedir(directory);
    *entries = arena_array(&wallet->arena, *count, sizeof **entries);
    if (*count > 0) {
        memcpy(*entries, found.data, found.size);
        qsort(*entries, *count, sizeof **entries, compare_entries);
    }
    buffer_cleanup(&found);
    return true;
}

static json_t *parse_contacts(const char *path, struct bytes text, struct error *error)
{
    json_error_t reason;
    json_t *contacts =
        json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &reason);
    if (contacts == NULL) {
        error_set(error, ERROR_CORRUPT, "%s is not JSON: line %d: %s", path, reason.line,
                  reason.text);
    } else if (!json_is_object(contacts) || json_object_size(contacts) > BOOK_ENTRIES_MAX) {
        json_decref(contacts);
        contacts = NULL;
        error_set(error, ERROR_CORRUPT, "%s: expected one object with at most %d names", path,
                  BOOK_ENTRIES_MAX);
    }
    return contacts;
}

static json_t *load_contacts(struct wallet *wallet, struct error *error)
{
    const char *path = config_path(wallet, "contacts.json");
    struct buffer text = {0};
    json_t *contacts = NULL;
    if (files_read(path, CONTACTS_SIZE_MAX, &text, error))
        contacts = parse_contacts(path, buffer_view(&text), error);
    else if (error->code == ERROR_NOT_FOUND)
        contacts = json_object();
    buffer_cleanup(&text);
    return contacts;
}

static bool store_contacts(struct wallet *wallet, const json_t *contacts, struct error *error)
{
    if (!files_make_dir(wallet->config_dir, error))
        return false;
    char *text = json_dumps(contacts, JSON_INDENT(2) | JSON_SORT_KEYS);
    bool ok = files_write(config_path(wallet, "contacts.json"), bytes_of_text(text), true, error);
    free(text);
    return ok;
}

bool book_contacts(struct wallet *wallet, struct book_entry **entries, size_t *count,
                   struct error *error)
{
    json_t *contacts = load_contacts(wallet, error);
    const char *name;
    json_t *value;
    *entries = arena_array(&wallet->arena, json_object_size(contacts), sizeof **entries);
    *count = 0;
    if (contacts == NULL)
        return false;
    json_object_foreach(contacts, name, value)
    {
        struct book_entry *entry = &(*entries)[*count];
        const char *text = json_string_value(value);
        if (text == NULL || address_parse(&entry->account, text) != ADDRESS_OK) {
            error_set(error, ERROR_CORRUPT,
                      "contacts.json: \"%.60s\" has no address; expected 0x "
                      "and 40 hex digits",
                      name);
            json_decref(contacts);
            return false;
        }
        entry->name = arena_text(&wallet->arena, bytes_of_text(name));
        (*count)++;
    }
    json_decref(contacts);
    if (*count > 0)
        qsort(*entries, *count, sizeof **entries, compare_entries);
    return true;
}

static const struct book_entry *find_name(const struct book_entry *entries, size_t count,
                                          const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

/* Accounts and contacts in one list, accounts first. */
static bool load_all(struct wallet *wallet, struct book_entry **entries, size_t *count,
                     size_t *accounts_count, struct error *error)
{
    struct book_entry *accounts;
    struct book_entry *contacts;
    size_t contacts_count;
    if (!book_accounts(wallet, &accounts, accounts_count, error)
        || !book_contacts(wallet, &contacts, &contacts_count, error))
        return false;
    *count = *accounts_count + contacts_count;
    *entries = arena_array(&wallet->arena, *count, sizeof **entries);
    if (*accounts_count > 0)
        memcpy(*entries, accounts, *accounts_count * sizeof **entries);
    if (contacts_count > 0)
        memcpy(*entries + *accounts_count, contacts, contacts_count * sizeof **entries);
    return true;
}

bool book_check_free(struct wallet *wallet, const char *name, struct error *error)
{
    struct book_entry *entries;
    size_t count;
    size_t accounts_count;
    if (!book_check_name(name, error)
        || !load_all(wallet, &entries, &count, &accounts_count, error))
        return false;
    const struct book_entry *taken = find_name(entries, count, name);
    if (taken == NULL)
        return true;
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, &taken->account);
    bool is_account = (size_t)(taken - entries) < accounts_count;
    return error_set(error, ERROR_EXISTS, "the name %s is taken by %s %s; choose another", name,
                     is_account ? "your account" : "a contact", text);
}

bool book_put_contact(struct wallet *wallet, const char *name, const address *account,
                      struct error *error)
{
    char text[ADDRESS_TEXT_SIZE];
    json_t *contacts = load_contacts(wallet, error);
    if (contacts == NULL)
        return false;
    address_format(text, account);
    json_object_set_new(contacts, name, json_string(text));
    bool ok = store_contacts(wallet, contacts, error);
    json_decref(contacts);
    return ok;
}

bool book_remove_contact(struct wallet *wallet, const char *name, struct error *error)
{
    json_t *contacts = load_contacts(wallet, error);
    if (contacts == NULL)
        return false;
    bool ok = json_object_del(contacts, name) == 0
                  ? store_contacts(wallet, contacts, error)
                  : error_set(error, ERROR_NOT_FOUND, "there is no contact \"%.60s\"", name);
    json_decref(contacts);
    return ok;
}

bool book_put_account(struct wallet *wallet, const char *name, struct bytes document,
                      struct error *error)
{
    return files_make_dir(config_path(wallet, "accounts"), error)
           && files_write(account_path(wallet, name), document, false, error);
}

static bool refuse_name(struct wallet *wallet, const struct book_entry *entries, size_t count,
                        const char *text, struct error *error)
{
    const char **names = arena_array(&wallet->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = entries[i].name;
    const char *near = nearest(text, names, count);
    if (near != NULL)
        return error_set(error, ERROR_NOT_FOUND, "nobody is known as \"%.60s\"; did you mean %s?",
                         text, near);
    return error_set(error, ERROR_NOT_FOUND,
                     "nobody is known as \"%.60s\"; expected an account, a contact or 0x...", text);
}

bool book_resolve(struct wallet *wallet, const char *text, address *account, struct error *error)
{
    struct book_entry *entries;
    size_t count;
    size_t accounts_count;
    char expected[ADDRESS_TEXT_SIZE];
    if (strncmp(text, "0x", 2) == 0) {
        switch (address_parse(account, text)) {
        case ADDRESS_OK: return true;
        case ADDRESS_BAD_FORM:
            return error_set(error, ERROR_INVALID,
                             "\"%.60s\" is no address; expected 0x and 40 hex digits", text);
        case ADDRESS_BAD_CHECKSUM:
            address_format(expected, account);
            return error_set(error, ERROR_INVALID,
                             "the checksum of %.60s is wrong, so a digit or a letter's case is "
                             "mistyped; with these digits it would be %s",
                             text, expected);
        }
    }
    if (!load_all(wallet, &entries, &count, &accounts_count, error))
        return false;
    const struct book_entry *found = find_name(entries, count, text);
    if (found == NULL)
        return refuse_name(wallet, entries, count, text, error);
    *account = found->account;
    return true;
}

const char *book_describe(struct wallet *wallet, const address *account)
{
    struct error ignored;
    struct book_entry *entries;
    size_t count = 0;
    size_t accounts_count;
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, account);
    if (load_all(wallet, &entries, &count, &accounts_count, &ignored))
        for (size_t i = 0; i < count; i++)
            if (address_equal(&entries[i].account, account))
                return arena_format(&wallet->arena, "%s %s", entries[i].name, text);
    return arena_format(&wallet->arena, "%s", text);
}

/* The accounts' names for a message, cut after a few. */
static const char *list_names(struct wallet *wallet, const struct book_entry *entries, size_t count)
{
    const char *list = "";
    for (size_t i = 0; i < count && i < 8; i++)
        list = arena_format(&wallet->arena, "%s%s%s", list, i > 0 ? ", " : "", entries[i].name);
    return list;
}

bool book_acting_account(struct wallet *wallet, struct book_entry *entry, struct error *error)
{
    struct book_entry *entries;
    size_t count;
    address account;
    const char *wanted = config_get(wallet, SETTING_ACCOUNT, NULL);
    if (!book_accounts(wallet, &entries, &count, error))
        return false;
    if (count == 0)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no account yet; make one: lwallet account new NAME");
    if (wanted == NULL && count > 1)
        return error_set(
            error, ERROR_NOT_FOUND,
            "which account acts? There are %s; say it with --account NAME, or once and for "
            "all: lwallet config set account NAME",
            list_names(wallet, entries, count));
    bool is_address = wanted != NULL && address_parse(&account, wanted) == ADDRESS_OK;
    for (size_t i = 0; i < count; i++) {
        if (wanted == NULL || strcmp(entries[i].name, wanted) == 0
            || (is_address && address_equal(&entries[i].account, &account))) {
            *entry = entries[i];
            return true;
        }
    }
    return error_set(error, ERROR_NOT_FOUND, "there is no account \"%.60s\"; there are %s", wanted,
                     list_names(wallet, entries, count));
}

bool book_unlock(struct wallet *wallet, const struct book_entry *entry, struct secret_key *key,
                 struct error *error)
{
    struct buffer document = {0};
    struct password password = {0};
    bool ok = book_read_account(wallet, entry->name, &document, error)
              && password_get(wallet, false, &password, error)
              && keystore_decrypt(key, buffer_view(&document),
                                  bytes_of(password.text, password.size), error);
    password_wipe(&password);
    buffer_cleanup(&document);
    return ok || error_prefix(error, "account %s", entry->name);
}
