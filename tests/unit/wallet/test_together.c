#include "wallet/together.h"

#include "tests/unit/wallet/home.h"
#include "wallet/files.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(together, .init = home_new, .fini = home_remove);

static struct together sample(void)
{
    struct together together = {.label = "acme",
                                .session = {0xab, [15] = 0xcd},
                                .terms = bytes_of_text("{\"name\":\"Acme \\\"Works\\\"\"}"),
                                .nodes_count = 2};
    together.nodes[0] = (struct together_node){
        .url = "http://127.0.0.1:1", .has_entry = true, .network = 7, .entry = {.weight = 1}};
    snprintf(together.nodes[0].entry.endpoint, sizeof together.nodes[0].entry.endpoint,
             "box.example:30800");
    together.nodes[1].url = "http://127.0.0.1:2";
    return together;
}

Test(together, is_kept_as_it_was)
{
    struct wallet wallet;
    struct error error;
    struct together kept = sample(), read;
    bool found;
    home_wallet(&wallet);
    cr_assert(together_load(&wallet, "acme", &read, &found, &error), "%s", error.text);
    cr_expect_not(found);
    cr_assert(together_save(&wallet, &kept, &error), "%s", error.text);
    cr_assert(together_load(&wallet, "acme", &read, &found, &error), "%s", error.text);
    cr_assert(found);
    cr_expect_arr_eq(read.session, kept.session, sizeof kept.session);
    cr_expect(bytes_equal(read.terms, kept.terms));
    cr_expect_eq(read.document.size, 0);
    cr_expect_eq(read.nodes_count, 2);
    cr_expect_str_eq(read.nodes[0].url, kept.nodes[0].url);
    cr_expect(read.nodes[0].has_entry && !read.nodes[1].has_entry);
    cr_expect_eq(read.nodes[0].network, 7);
    cr_expect_str_eq(read.nodes[0].entry.endpoint, "box.example:30800");
    cr_expect_not(together_is_sealed(&read));
    for (unsigned i = 0; i < 2; i++) {
        read.nodes[i].has_acceptance = true;
        read.nodes[i].acceptance.bytes[3] = (uint8_t)i;
    }
    read.document = bytes_of_text("{}");
    read.nodes[1].is_founded = true;
    cr_assert(together_save(&wallet, &read, &error), "%s", error.text);
    cr_assert(together_load(&wallet, "acme", &kept, &found, &error), "%s", error.text);
    cr_expect(together_is_sealed(&kept));
    cr_expect_eq(kept.nodes[1].acceptance.bytes[3], 1);
    cr_expect(kept.nodes[1].is_founded && !kept.nodes[0].is_founded);
    cr_expect(bytes_equal(kept.document, bytes_of_text("{}")));
    cr_assert(together_forget(&wallet, "acme", &error), "%s", error.text);
    cr_assert(together_forget(&wallet, "acme", &error), "%s", error.text);
    cr_assert(together_load(&wallet, "acme", &read, &found, &error));
    cr_expect_not(found);
    wallet_cleanup(&wallet);
}

Test(together, says_when_the_file_is_damaged)
{
    static const char *const texts[] = {"",
                                        "[]",
                                        "{}",
                                        "{\"session\":\"0xab\"}",
                                        "{\"session\":\"0xab0000000000000000000000000000cd\","
                                        "\"terms\":\"{}\",\"nodes\":[]}",
                                        "{\"session\":\"0xab0000000000000000000000000000cd\","
                                        "\"terms\":\"{}\",\"nodes\":[{\"url\":\"a\",\"entry\":"
                                        "\"0xc0\"}]}",
                                        "{\"session\":\"0xab0000000000000000000000000000cd\","
                                        "\"terms\":\"{}\",\"nodes\":[{\"url\":\"a\","
                                        "\"acceptance\":\"0x11\"}]}"};
    struct wallet wallet;
    struct error error;
    struct together read;
    bool found;
    home_wallet(&wallet);
    struct together kept = sample();
    cr_assert(together_save(&wallet, &kept, &error), "%s", error.text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_assert(
            files_write(together_path(&wallet, "acme"), bytes_of_text(texts[i]), true, &error));
        cr_expect_not(together_load(&wallet, "acme", &read, &found, &error), "%s", texts[i]);
        cr_expect_eq(error.code, ERROR_CORRUPT, "%s", error.text);
        cr_expect_not_null(strstr(error.text, "foundings/acme.json"), "%s", error.text);
    }
    wallet_cleanup(&wallet);
}
