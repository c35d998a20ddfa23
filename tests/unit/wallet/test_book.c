#include "wallet/book.h"

#include "ledger/codec/address_text.h"
#include "ledger/codec/keystore.h"
#include "tests/unit/wallet/home.h"
#include "wallet/config.h"
#include "wallet/files.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>

TestSuite(book, .init = home_new, .fini = home_remove);

#define BOB "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

static void add_account(struct wallet *wallet, const char *name, uint8_t last_byte)
{
    struct error error;
    struct secret_key key = {.bytes = {[31] = last_byte}};
    struct buffer document = {0};
    cr_assert(
        keystore_encrypt(&key, bytes_of_text("pass"), &KEYSTORE_COST_LIGHT, &document, &error));
    cr_assert(book_put_account(wallet, name, buffer_view(&document), &error), "%s", error.text);
    buffer_cleanup(&document);
}

static void set_password(struct wallet *wallet, const char *password)
{
    struct error error;
    const char *path = arena_format(&wallet->arena, "%s/password", home_path());
    cr_assert(files_write(path, bytes_of_text(password), true, &error));
    setenv("LEITHER_PASSWORD_FILE", path, 1);
}

Test(book, a_name_stands_for_an_address)
{
    struct error error;
    struct wallet wallet;
    address bob;
    address found;
    home_wallet(&wallet);
    cr_assert_eq(address_parse(&bob, BOB), ADDRESS_OK);
    cr_assert(book_put_contact(&wallet, "bob", &bob, &error), "%s", error.text);
    add_account(&wallet, "founder", 1);
    cr_expect(book_resolve(&wallet, "bob", &found, &error));
    cr_expect(address_equal(&found, &bob));
    cr_expect(book_resolve(&wallet, BOB, &found, &error));
    cr_expect_str_eq(book_describe(&wallet, &bob), "bob " BOB);
    cr_expect(book_resolve(&wallet, "founder", &found, &error));
    cr_expect_not(book_resolve(&wallet, "bib", &found, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect_not_null(strstr(error.text, "did you mean bob"));
    wallet_cleanup(&wallet);
}

Test(book, a_wrong_checksum_is_refused_with_the_right_one)
{
    struct error error;
    struct wallet wallet;
    address found;
    home_wallet(&wallet);
    cr_expect_not(
        book_resolve(&wallet, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", &found, &error));
    cr_expect_not_null(strstr(error.text, BOB), "%s", error.text);
    wallet_cleanup(&wallet);
}

Test(book, one_name_is_one_thing)
{
    struct error error;
    struct wallet wallet;
    address bob;
    home_wallet(&wallet);
    cr_assert_eq(address_parse(&bob, BOB), ADDRESS_OK);
    cr_assert(book_put_contact(&wallet, "bob", &bob, &error));
    add_account(&wallet, "founder", 1);
    cr_expect_not(book_check_free(&wallet, "bob", &error));
    cr_expect_eq(error.code, ERROR_EXISTS);
    cr_expect_not(book_check_free(&wallet, "founder", &error));
    cr_expect(book_check_free(&wallet, "carol", &error));
    static const char *const wrong[] = {
        "", "0xab", "a/b", "..", "-x", "a b", "a23456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_not(book_check_free(&wallet, wrong[i], &error), "%s", wrong[i]);
    wallet_cleanup(&wallet);
}

Test(book, key_files_are_private_and_never_overwritten)
{
    struct error error;
    struct wallet wallet;
    struct stat status;
    home_wallet(&wallet);
    add_account(&wallet, "founder", 1);
    cr_assert_eq(stat(config_path(&wallet, "accounts/founder.json"), &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    cr_assert_eq(stat(config_path(&wallet, "accounts"), &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0700);
    cr_expect_not(book_put_account(&wallet, "founder", bytes_of_text("{}"), &error));
    cr_expect_eq(error.code, ERROR_EXISTS);
    wallet_cleanup(&wallet);
}

Test(book, the_acting_account_is_the_only_one_or_the_named_one)
{
    struct error error;
    struct wallet wallet;
    struct book_entry entry;
    home_wallet(&wallet);
    cr_expect_not(book_acting_account(&wallet, &entry, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    add_account(&wallet, "one", 1);
    cr_assert(book_acting_account(&wallet, &entry, &error));
    cr_expect_str_eq(entry.name, "one");
    add_account(&wallet, "two", 2);
    cr_expect_not(book_acting_account(&wallet, &entry, &error));
    cr_expect_not_null(strstr(error.text, "one, two"));
    wallet.options.values[OPTION_ACCOUNT] = "two";
    cr_assert(book_acting_account(&wallet, &entry, &error));
    cr_expect_str_eq(entry.name, "two");
    wallet_cleanup(&wallet);
}

Test(book, a_key_opens_with_the_password_file)
{
    struct error error;
    struct wallet wallet;
    struct book_entry entry;
    struct secret_key key;
    home_wallet(&wallet);
    add_account(&wallet, "one", 7);
    cr_assert(book_acting_account(&wallet, &entry, &error));
    set_password(&wallet, "pass\r\n");
    cr_assert(book_unlock(&wallet, &entry, &key, &error), "%s", error.text);
    cr_expect_eq(key.bytes[31], 7);
    set_password(&wallet, "guess-me\n");
    cr_expect_not(book_unlock(&wallet, &entry, &key, &error));
    cr_expect_eq(error.code, ERROR_DENIED);
    cr_expect_null(strstr(error.text, "guess-me"));
    set_password(&wallet, "\n");
    cr_expect_not(book_unlock(&wallet, &entry, &key, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
    wallet_cleanup(&wallet);
}

Test(book, a_damaged_list_of_contacts_is_named)
{
    struct error error = {0};
    struct wallet wallet;
    address found;
    home_wallet(&wallet);
    cr_assert(files_make_dir(wallet.config_dir, &error));
    cr_assert(files_write(config_path(&wallet, "contacts.json"),
                          bytes_of_text("{\"bob\":\"0x12\"}"), true, &error));
    cr_expect_not(book_resolve(&wallet, "bob", &found, &error));
    cr_expect_not_null(strstr(error.text, "contacts.json"));
    wallet_cleanup(&wallet);
}
