#include "wallet/amount.h"

#include <criterion/criterion.h>

static void expect_wei(const char *text, const char *digits)
{
    struct error error;
    u256 wei;
    char found[U256_DECIMAL_SIZE];
    cr_assert(amount_parse(&wei, text, &error), "%s: %s", text, error.text);
    u256_format_decimal(found, &wei);
    cr_expect_str_eq(found, digits);
}

Test(amount, reads_whole_coins)
{
    expect_wei("0", "0");
    expect_wei("5", "5000000000000000000");
    expect_wei("0.25", "250000000000000000");
    expect_wei("0.000000000000000001", "1");
    expect_wei("1000.000000000000000001", "1000000000000000000001");
    expect_wei("007", "7000000000000000000");
    expect_wei("115792089237316195423570985008687907853269984665640564039457.584007913129639935",
               "115792089237316195423570985008687907853269984665640564039457584007913129639935");
}

Test(amount, refuses_what_it_cannot_hold_exactly)
{
    static const char *const wrong[] = {
        "",
        ".",
        "5.",
        ".5",
        "-5",
        "+5",
        "1e3",
        "1,5",
        "1_000",
        " 5",
        "5 ",
        "5.5.5",
        "0x5",
        "five",
        "0.0000000000000000001",
        "115792089237316195423570985008687907853269984665640564039457.584007913129639936",
        "1157920892373161954235709850086879078532699846656405640394575",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error = {0};
        u256 wei;
        cr_expect_not(amount_parse(&wei, wrong[i], &error), "%s", wrong[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
    }
}

Test(amount, writes_what_reads_back)
{
    static const char *const texts[] = {
        "0", "5", "0.25", "0.000000000000000001", "12.5", "1000.000000000000000001", "10"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct error error;
        u256 wei;
        char shown[AMOUNT_TEXT_SIZE];
        cr_assert(amount_parse(&wei, texts[i], &error));
        amount_format(shown, &wei);
        cr_expect_str_eq(shown, texts[i]);
    }
}

Test(amount, writes_the_largest)
{
    char shown[AMOUNT_TEXT_SIZE];
    u256 zero = U256_ZERO;
    u256 most = u256_not(&zero);
    amount_format(shown, &most);
    cr_expect_str_eq(
        shown, "115792089237316195423570985008687907853269984665640564039457.584007913129639935");
}
